//! The seven roles and a small map over them.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::{Index, IndexMut};
use std::str::FromStr;

/// What a part does in the loop. The order is the order of stems, buses, MIDI channels and tracks, and is frozen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Unpitched rhythm; pitches of its notes are [`crate::DrumLane`]s.
    Drums,
    /// The lowest voice.
    Bass,
    /// Harmony in rhythm.
    Chords,
    /// Held harmony.
    Pad,
    /// Broken chords and ostinati.
    Arp,
    /// The tune.
    Lead,
    /// Atmosphere: noise, nature, machines, drones.
    Texture,
}

impl Role {
    /// How many roles there are.
    pub const COUNT: usize = 7;
    /// All roles in their frozen order.
    pub const ALL: [Self; Self::COUNT] =
        [Self::Drums, Self::Bass, Self::Chords, Self::Pad, Self::Arp, Self::Lead, Self::Texture];

    /// Position in [`Self::ALL`], 0 to 6.
    pub fn index(self) -> usize {
        self as usize
    }

    /// The role at a position of [`Self::ALL`].
    pub fn from_index(index: usize) -> Option<Self> {
        Self::ALL.get(index).copied()
    }

    /// Lower-case name as it stands in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Drums => "drums",
            Self::Bass => "bass",
            Self::Chords => "chords",
            Self::Pad => "pad",
            Self::Arp => "arp",
            Self::Lead => "lead",
            Self::Texture => "texture",
        }
    }

    /// MIDI channel, counted from 0: the drums on 9 as General MIDI has it, the others on 0 to 5 in order.
    pub fn midi_channel(self) -> u8 {
        match self {
            Self::Drums => 9,
            role => role.index() as u8 - 1,
        }
    }

    /// Whether pitches are notes of the scale (all but the drums).
    pub fn is_pitched(self) -> bool {
        self != Self::Drums
    }

    /// Colour for piano rolls and meters, red, green, blue.
    pub fn colour(self) -> [u8; 3] {
        match self {
            Self::Drums => [0xe0, 0x6c, 0x5a],
            Self::Bass => [0xe5, 0xa0, 0x3c],
            Self::Chords => [0x6f, 0xb8, 0x5c],
            Self::Pad => [0x4f, 0xa8, 0xa0],
            Self::Arp => [0x5b, 0x8f, 0xd9],
            Self::Lead => [0xd4, 0x7f, 0xc4],
            Self::Texture => [0x9a, 0x93, 0xa6],
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Not the name of a role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a role; roles are drums, bass, chords, pad, arp, lead and texture")]
pub struct RoleError(pub String);

impl FromStr for Role {
    type Err = RoleError;
    fn from_str(text: &str) -> Result<Self, RoleError> {
        let wanted = text.trim().to_lowercase();
        Self::ALL.into_iter().find(|role| role.name() == wanted).ok_or_else(|| RoleError(text.into()))
    }
}

/// One value for each role, indexed by [`Role`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PerRole<T>(pub [T; Role::COUNT]);

impl<T> PerRole<T> {
    /// Makes the value of each role.
    pub fn from_fn(mut value: impl FnMut(Role) -> T) -> Self {
        Self(Role::ALL.map(&mut value))
    }

    /// Roles with their values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (Role, &T)> {
        Role::ALL.into_iter().zip(&self.0)
    }

    /// Roles with their values to change, in order.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (Role, &mut T)> {
        Role::ALL.into_iter().zip(&mut self.0)
    }
}

impl<T> Index<Role> for PerRole<T> {
    type Output = T;
    fn index(&self, role: Role) -> &T {
        &self.0[role.index()]
    }
}

impl<T> IndexMut<Role> for PerRole<T> {
    fn index_mut(&mut self, role: Role) -> &mut T {
        &mut self.0[role.index()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_indices_lead_back() {
        for (index, role) in Role::ALL.into_iter().enumerate() {
            assert_eq!(role.index(), index);
            assert_eq!(Role::from_index(index), Some(role));
            assert_eq!(role.name().parse::<Role>(), Ok(role));
        }
        assert_eq!(Role::from_index(7), None);
        assert!("melody".parse::<Role>().is_err());
    }

    #[test]
    fn no_two_roles_share_a_channel() {
        let mut channels: Vec<u8> = Role::ALL.into_iter().map(Role::midi_channel).collect();
        channels.sort_unstable();
        channels.dedup();
        assert_eq!(channels.len(), Role::COUNT);
    }
}
