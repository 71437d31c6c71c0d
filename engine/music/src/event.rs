//! Events: what happens in a game or on a stream, and what the music does about it.
//!
//! An event is a short **stinger** laid over the music, and where it leads: another energy, another scene, for some
//! bars or until something else happens. Nine events exist in every scene; a scene may name more of its own.
//!
//! All that the audio thread needs of a scene's events is an [`EventTable`], which is `Copy`.

use crate::energy::Energy;
use crate::scene::Scene;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// How a stinger sounds. The order is frozen: parameters and keys count it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stinger {
    /// A fanfare that rises to the tonic.
    Victory,
    /// A line that falls and comes to rest low.
    Defeat,
    /// A bell, a fall, and a bare octave.
    Death,
    /// Low brass and drums.
    Boss,
    /// A tremolo on two notes that rub.
    Danger,
    /// Bells, softly, downwards.
    Calm,
    /// A bright arpeggio upwards.
    Discovery,
    /// Three, two, one, go: on the beats before a bar line.
    Countdown,
    /// A crowd, and a chord.
    Cheer,
}

impl Stinger {
    /// How many there are.
    pub const COUNT: usize = 9;
    /// All in their frozen order.
    pub const ALL: [Self; Self::COUNT] = [
        Self::Victory,
        Self::Defeat,
        Self::Death,
        Self::Boss,
        Self::Danger,
        Self::Calm,
        Self::Discovery,
        Self::Countdown,
        Self::Cheer,
    ];

    /// Position in [`Self::ALL`].
    pub fn index(self) -> usize {
        self as usize
    }

    /// Lower-case name: that of the event, as it stands in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Victory => "victory",
            Self::Defeat => "defeat",
            Self::Death => "death",
            Self::Boss => "boss",
            Self::Danger => "danger",
            Self::Calm => "calm",
            Self::Discovery => "discovery",
            Self::Countdown => "countdown",
            Self::Cheer => "cheer",
        }
    }

    /// When it begins, how much it matters, how soon it may come again and how far the music steps back for it, where
    /// a scene does not say otherwise.
    fn usual(self) -> EventPlan {
        let (quantise, priority, cooldown_bars, duck_db) = match self {
            Self::Victory => (Quantise::Beat, 70, 2, -9.0),
            Self::Defeat => (Quantise::Beat, 70, 2, -9.0),
            Self::Death => (Quantise::Sixteenth, 90, 2, -14.0),
            Self::Boss => (Quantise::Beat, 80, 2, -8.0),
            Self::Danger => (Quantise::Sixteenth, 50, 1, -7.0),
            Self::Calm => (Quantise::Beat, 20, 1, -5.0),
            Self::Discovery => (Quantise::Sixteenth, 40, 1, -7.0),
            Self::Countdown => (Quantise::Beat, 60, 2, -5.0),
            Self::Cheer => (Quantise::Sixteenth, 30, 1, -6.0),
        };
        let (energy, has_scene, bars) = (None, false, 0);
        EventPlan { stinger: self, energy, has_scene, bars, quantise, priority, cooldown_bars, duck_db }
    }

    /// How an event of a scene's own sounds that does not say it: by what is usually meant, else by where it leads.
    fn of_own(name: &str, energy: Option<f32>) -> Self {
        match name {
            "combat" | "drop" => Self::Boss,
            "chase" | "storm" => Self::Danger,
            "raid" => Self::Cheer,
            "break" => Self::Calm,
            _ if energy.is_some_and(|energy| energy < 40.0) => Self::Calm,
            _ => Self::Discovery,
        }
    }
}

impl fmt::Display for Stinger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The grid that an event waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Quantise {
    /// None: it begins at once.
    Now,
    /// The next sixteenth.
    Sixteenth,
    /// The next felt beat.
    Beat,
    /// The next bar line.
    Bar,
}

impl Quantise {
    /// All, the shortest wait first.
    pub const ALL: [Self; 4] = [Self::Now, Self::Sixteenth, Self::Beat, Self::Bar];

    /// Lower-case name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Now => "now",
            Self::Sixteenth => "sixteenth",
            Self::Beat => "beat",
            Self::Bar => "bar",
        }
    }
}

/// Not the name of a grid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no grid that an event could wait for; they are now, sixteenth, beat and bar")]
pub struct QuantiseError(pub String);

impl FromStr for Quantise {
    type Err = QuantiseError;
    fn from_str(text: &str) -> Result<Self, QuantiseError> {
        let wanted = text.trim().to_lowercase();
        Self::ALL.into_iter().find(|grid| grid.name() == wanted).ok_or_else(|| QuantiseError(text.into()))
    }
}

/// What an event ("boss", "victory") does to a scene, as a file says it. What is left out is as usual for its stinger.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventAction {
    /// Energy from then on, 0 to 100, where it changes.
    #[serde(default)]
    pub energy: Option<f32>,
    /// Scene text from then on, where it changes.
    #[serde(default)]
    pub scene: Option<String>,
    /// Bars until the scene returns; 0 = it stays.
    #[serde(default)]
    pub bars: u8,
    /// How it sounds; only an event of a scene's own needs to say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stinger: Option<Stinger>,
    /// The grid that it waits for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantise: Option<Quantise>,
    /// 0 to 100: one that still lasts is not interrupted by a lower one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<u8>,
    /// Bars from its beginning in which it does not begin again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cooldown_bars: Option<u8>,
    /// How far the music steps back for the stinger, decibels, −24 to 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duck_db: Option<f32>,
}

impl EventAction {
    /// What is wrong with its numbers, if anything is.
    pub(crate) fn problem(&self) -> Option<&'static str> {
        if self.energy.is_some_and(|energy| Energy::new(energy).get() != energy) {
            Some("energy is 0 to 100")
        } else if self.energy.is_none() && self.scene.is_none() && self.stinger.is_none() {
            Some("it changes nothing")
        } else if self.priority.is_some_and(|priority| priority > 100) {
            Some("priority is 0 to 100")
        } else if self.duck_db.is_some_and(|db| !(-24.0..=0.0).contains(&db)) {
            Some("duck_db is -24 to 0")
        } else {
            None
        }
    }
}

/// [`EventAction`] with nothing left out, and without text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EventPlan {
    /// How it sounds.
    pub stinger: Stinger,
    /// Energy from then on, where it changes.
    pub energy: Option<Energy>,
    /// Whether it leads to another scene.
    pub has_scene: bool,
    /// Bars until the scene returns; 0 = it stays.
    pub bars: u8,
    /// The grid that it waits for.
    pub quantise: Quantise,
    /// 0 to 100.
    pub priority: u8,
    /// Bars from its beginning in which it does not begin again.
    pub cooldown_bars: u8,
    /// How far the music steps back, decibels, −24 to 0.
    pub duck_db: f32,
}

/// An event's place in every scene's list: first the nine that all scenes have, in the order of [`Stinger::ALL`], then
/// those of the scene's own in alphabetical order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EventId(u8);

impl EventId {
    /// How many events a scene may have beside the nine; further ones cannot be called.
    pub const OWN: usize = 8;
    /// How many places there are.
    pub const COUNT: usize = Stinger::COUNT + Self::OWN;

    /// The event at a place below [`Self::COUNT`].
    pub fn new(index: usize) -> Option<Self> {
        (index < Self::COUNT).then_some(Self(index as u8))
    }

    /// Its place.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

impl From<Stinger> for EventId {
    fn from(stinger: Stinger) -> Self {
        Self(stinger as u8)
    }
}

/// The plans of a scene's events.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EventTable(pub [Option<EventPlan>; EventId::COUNT]);

impl EventTable {
    /// The plan of an event, if the scene has it.
    pub fn plan(&self, event: EventId) -> Option<&EventPlan> {
        self.0[event.index()].as_ref()
    }
}

impl Default for EventTable {
    /// The nine with nowhere to lead.
    fn default() -> Self {
        Self(std::array::from_fn(|index| Stinger::ALL.get(index).map(|stinger| stinger.usual())))
    }
}

/// No event of a scene has that name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{name}\" is not an event of this scene; its events are {known}")]
pub struct EventError {
    /// As it was asked for, shortened if long.
    pub name: String,
    /// All that there are.
    pub known: String,
}

impl Scene {
    /// Names of its events in the order of their places.
    pub fn event_names(&self) -> impl Iterator<Item = &str> {
        let is_own = |name: &&str| Stinger::ALL.iter().all(|stinger| stinger.name() != *name);
        let own = self.events.keys().map(String::as_str).filter(is_own).take(EventId::OWN);
        let nine = Stinger::ALL.into_iter().map(|stinger| -> &str { stinger.name() });
        nine.chain(own)
    }

    /// The event of a name; case and spaces around it do not matter.
    ///
    /// # Errors
    /// [`EventError`] with the names that there are.
    pub fn event(&self, name: &str) -> Result<EventId, EventError> {
        let wanted = name.trim().to_lowercase();
        let index = self.event_names().position(|known| known.to_lowercase() == wanted);
        index.and_then(EventId::new).ok_or_else(|| EventError {
            name: name.trim().chars().take(40).collect(),
            known: self.event_names().collect::<Vec<_>>().join(", "),
        })
    }

    /// The name of an event, if the scene has it.
    pub fn event_name(&self, event: EventId) -> Option<&str> {
        self.event_names().nth(event.index())
    }

    /// What an event of a name does.
    pub fn event_action(&self, event: EventId) -> Option<&EventAction> {
        self.event_name(event).and_then(|name| self.events.get(name))
    }

    /// All its events, for the audio thread.
    pub fn event_table(&self) -> EventTable {
        let mut table = EventTable::default();
        for (index, name) in self.event_names().enumerate() {
            let Some(action) = self.events.get(name) else { continue };
            let named = Stinger::ALL.get(index).copied();
            let stinger = action.stinger.or(named).unwrap_or_else(|| Stinger::of_own(name, action.energy));
            let usual = stinger.usual();
            table.0[index] = Some(EventPlan {
                stinger,
                energy: action.energy.map(Energy::new),
                has_scene: action.scene.is_some(),
                bars: action.bars,
                quantise: action.quantise.unwrap_or(usual.quantise),
                priority: action.priority.unwrap_or(usual.priority),
                cooldown_bars: action.cooldown_bars.unwrap_or(usual.cooldown_bars),
                duck_db: action.duck_db.unwrap_or(usual.duck_db),
            });
        }
        table
    }
}

#[cfg(test)]
mod tests;
