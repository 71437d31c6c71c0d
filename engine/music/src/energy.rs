//! Energy, the one big control, and rank, the energy at which a note starts to sound.

use serde::{Deserialize, Serialize};

/// How much is going on, 0 to 100. Always finite and in range.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(from = "f32", into = "f32")]
pub struct Energy(f32);

impl Energy {
    /// Brings any number into 0..=100; what is not a number becomes 0.
    pub fn new(value: f32) -> Self {
        Self(if value.is_nan() { 0.0 } else { value.clamp(0.0, 100.0) })
    }

    /// 0 to 100.
    pub fn get(self) -> f32 {
        self.0
    }

    /// 0 to 1.
    pub fn unit(self) -> f32 {
        self.0 / 100.0
    }
}

impl Default for Energy {
    fn default() -> Self {
        Self(70.0)
    }
}

impl From<f32> for Energy {
    fn from(value: f32) -> Self {
        Self::new(value)
    }
}

impl From<Energy> for f32 {
    fn from(energy: Energy) -> f32 {
        energy.0
    }
}

/// The lowest energy at which a note sounds, 0 to 100. The notes of an energy are those whose rank is at most that
/// energy, so each level holds every level below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Rank(u8);

impl Rank {
    /// Sounds at every energy.
    pub const ALWAYS: Self = Self(0);

    /// A rank, brought into 0..=100.
    pub fn new(energy: u8) -> Self {
        Self(energy.min(100))
    }

    /// 0 to 100.
    pub fn get(self) -> u8 {
        self.0
    }

    /// Whether a note of this rank sounds at `energy`.
    pub fn sounds_at(self, energy: Energy) -> bool {
        f32::from(self.0) <= energy.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn energy_takes_any_number() {
        assert_eq!(Energy::new(f32::NAN).get(), 0.0);
        assert_eq!(Energy::new(f32::INFINITY).get(), 100.0);
        assert_eq!(Energy::new(-3.0).get(), 0.0);
        assert_eq!(Energy::new(42.5).unit(), 0.425);
    }

    #[test]
    fn higher_energy_never_silences_a_note() {
        for rank in 0..=100 {
            let heard: Vec<bool> =
                (0..=100).map(|e| Rank::new(rank).sounds_at(Energy::new(e as f32))).collect();
            assert!(heard.windows(2).all(|pair| pair[0] <= pair[1]));
            assert!(heard[100]);
        }
    }
}
