//! The parameters that are a choice from a list.

use nice_plug::prelude::Enum;
use sceneloop_engine::{Author, Choice, Form, PlayMode, SyncPoint};
use sceneloop_music::{EventId, Mode, PitchClass, Quantise};

/// Whether the music needs a rolling transport.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum PlayChoice {
    /// Plays while the host plays.
    #[id = "host"]
    #[name = "Follow Host"]
    FollowHost,
    /// Plays on while the host is stopped.
    #[id = "always"]
    #[name = "Always"]
    Always,
}

impl From<PlayChoice> for PlayMode {
    fn from(choice: PlayChoice) -> Self {
        match choice {
            PlayChoice::FollowHost => Self::FollowHost,
            PlayChoice::Always => Self::Always,
        }
    }
}

/// Where a change may land.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum SyncChoice {
    /// At the next beat.
    #[id = "beat"]
    Beat,
    /// At the next bar line.
    #[id = "bar"]
    Bar,
    /// When the loop comes round.
    #[id = "loop"]
    Loop,
}

impl From<SyncChoice> for SyncPoint {
    fn from(choice: SyncChoice) -> Self {
        match choice {
            SyncChoice::Beat => Self::Beat,
            SyncChoice::Bar => Self::Bar,
            SyncChoice::Loop => Self::Loop,
        }
    }
}

/// Bars in a loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum LoopLength {
    /// One bar.
    #[id = "1"]
    #[name = "1 Bar"]
    One,
    /// Two bars.
    #[id = "2"]
    #[name = "2 Bars"]
    Two,
    /// Four bars.
    #[id = "4"]
    #[name = "4 Bars"]
    Four,
    /// Eight bars.
    #[id = "8"]
    #[name = "8 Bars"]
    Eight,
}

impl LoopLength {
    /// 1, 2, 4 or 8.
    pub fn bars(self) -> u8 {
        match self {
            Self::One => 1,
            Self::Two => 2,
            Self::Four => 4,
            Self::Eight => 8,
        }
    }

    /// The shortest that has so many bars.
    pub fn of(bars: u8) -> Self {
        match bars {
            0..=1 => Self::One,
            2 => Self::Two,
            3..=4 => Self::Four,
            _ => Self::Eight,
        }
    }
}

/// Who writes the notes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum AuthorChoice {
    /// The arranger of rules.
    #[id = "teacher"]
    Teacher,
    /// The network; the teacher where it would be late.
    #[id = "network"]
    Network,
    /// The network where it can be had, else the teacher.
    #[id = "auto"]
    Auto,
}

impl From<AuthorChoice> for Author {
    fn from(choice: AuthorChoice) -> Self {
        match choice {
            AuthorChoice::Teacher => Self::Teacher,
            AuthorChoice::Network => Self::Network,
            AuthorChoice::Auto => Self::Auto,
        }
    }
}

/// Where the network runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum DeviceChoice {
    /// On the graphics card if there is one, else on the CPU.
    #[id = "auto"]
    Auto,
    /// On the graphics card.
    #[id = "gpu"]
    #[name = "GPU"]
    Gpu,
    /// On the CPU.
    #[id = "cpu"]
    #[name = "CPU"]
    Cpu,
}

impl From<DeviceChoice> for Choice {
    fn from(choice: DeviceChoice) -> Self {
        match choice {
            DeviceChoice::Auto => Self::Auto,
            DeviceChoice::Gpu => Self::Gpu,
            DeviceChoice::Cpu => Self::Cpu,
        }
    }
}

/// Whether the loops make up a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum FormChoice {
    /// Sections: those that the scene asks for, or those of its style.
    #[id = "auto"]
    Auto,
    /// The same kind of loop for ever.
    #[id = "off"]
    Off,
}

impl From<FormChoice> for Form {
    fn from(choice: FormChoice) -> Self {
        match choice {
            FormChoice::Auto => Self::Auto,
            FormChoice::Off => Self::Off,
        }
    }
}

/// A tonic, or none: the seed chooses one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TonicChoice(pub Option<PitchClass>);

const TONICS: [&str; 13] = ["Auto", "C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"];

impl Enum for TonicChoice {
    fn variants() -> &'static [&'static str] {
        &TONICS
    }

    fn ids() -> Option<&'static [&'static str]> {
        Some(&TONICS)
    }

    fn to_index(self) -> usize {
        self.0.map_or(0, |tonic| usize::from(tonic.get()) + 1)
    }

    fn from_index(index: usize) -> Self {
        Self((1..TONICS.len()).contains(&index).then(|| PitchClass::new(index as i32 - 1)))
    }
}

/// A mode, or none: the scene chooses one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ModeChoice(pub Option<Mode>);

/// The choices of the first release. A host remembers a choice as its share of the list, so that one more would move all that were
/// automated: modes that came later are reached through scenes.
const MODES: [&str; 19] = [
    "Auto",
    "Major",
    "Dorian",
    "Phrygian",
    "Lydian",
    "Mixolydian",
    "Minor",
    "Locrian",
    "Harmonic Minor",
    "Major Pentatonic",
    "Minor Pentatonic",
    "Blues",
    "Whole Tone",
    "Phrygian Dominant",
    "Gong",
    "Shang",
    "Jue",
    "Zhi",
    "Yu",
];

impl Enum for ModeChoice {
    fn variants() -> &'static [&'static str] {
        &MODES
    }

    fn ids() -> Option<&'static [&'static str]> {
        Some(&MODES)
    }

    fn to_index(self) -> usize {
        self.0.and_then(|mode| offered().iter().position(|other| *other == mode)).map_or(0, |index| index + 1)
    }

    fn from_index(index: usize) -> Self {
        Self(index.checked_sub(1).and_then(|index| offered().get(index)).copied())
    }
}

/// The modes of [`MODES`].
fn offered() -> &'static [Mode] {
    &Mode::ALL[..MODES.len() - 1]
}

/// An event, or none. The nine that every scene has, then places for those of a scene's own, in alphabetical order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EventChoice(pub Option<EventId>);

const EVENTS: [&str; 18] = [
    "None",
    "Victory",
    "Defeat",
    "Death",
    "Boss",
    "Danger",
    "Calm",
    "Discovery",
    "Countdown",
    "Cheer",
    "Own 1",
    "Own 2",
    "Own 3",
    "Own 4",
    "Own 5",
    "Own 6",
    "Own 7",
    "Own 8",
];

impl Enum for EventChoice {
    fn variants() -> &'static [&'static str] {
        &EVENTS
    }

    fn ids() -> Option<&'static [&'static str]> {
        Some(&EVENTS)
    }

    fn to_index(self) -> usize {
        self.0.map_or(0, |event| event.index() + 1)
    }

    fn from_index(index: usize) -> Self {
        Self(index.checked_sub(1).and_then(EventId::new))
    }
}

/// The grid that events wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum GridChoice {
    /// Each event's own.
    #[id = "auto"]
    Auto,
    /// None.
    #[id = "now"]
    Now,
    /// The next sixteenth.
    #[id = "16th"]
    #[name = "1/16"]
    Sixteenth,
    /// The next beat.
    #[id = "beat"]
    Beat,
    /// The next bar line.
    #[id = "bar"]
    Bar,
}

impl From<GridChoice> for Option<Quantise> {
    fn from(choice: GridChoice) -> Self {
        match choice {
            GridChoice::Auto => None,
            GridChoice::Now => Some(Quantise::Now),
            GridChoice::Sixteenth => Some(Quantise::Sixteenth),
            GridChoice::Beat => Some(Quantise::Beat),
            GridChoice::Bar => Some(Quantise::Bar),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_music() {
        for (index, name) in MODES.iter().enumerate().skip(1) {
            let mode: Mode = name.parse().unwrap();
            assert_eq!(ModeChoice::from_index(index), ModeChoice(Some(mode)));
            assert_eq!(ModeChoice(Some(mode)).to_index(), index);
        }
        for (index, name) in TONICS.iter().enumerate().skip(1) {
            let tonic = TonicChoice::from_index(index);
            assert_eq!(tonic.0.unwrap().to_string(), *name);
            assert_eq!(tonic.to_index(), index);
        }
        // Later modes change nothing that a host remembers.
        assert_eq!(MODES.len(), 19);
        for mode in &Mode::ALL[18..] {
            assert_eq!(ModeChoice(Some(*mode)).to_index(), 0);
        }
    }

    #[test]
    fn events_are_those_of_the_music() {
        assert_eq!(EVENTS.len(), EventId::COUNT + 1);
        for (index, stinger) in sceneloop_music::Stinger::ALL.into_iter().enumerate() {
            assert_eq!(EVENTS[index + 1].to_lowercase(), stinger.name());
            assert_eq!(EventChoice::from_index(index + 1).0, Some(stinger.into()));
        }
        for index in 0..EVENTS.len() {
            assert_eq!(EventChoice::from_index(index).to_index(), index);
        }
        for index in [0, 18, 1000] {
            assert_eq!(EventChoice::from_index(index).0, None);
        }
        assert_eq!(GridChoice::ids(), Some(&["auto", "now", "16th", "beat", "bar"][..]));
    }

    #[test]
    fn the_first_and_whatever_is_out_of_range_is_automatic() {
        for index in [0, 19, 1000] {
            assert_eq!(ModeChoice::from_index(index).0, None);
            assert_eq!(TonicChoice::from_index(index).0, None);
        }
        assert_eq!((ModeChoice(None).to_index(), TonicChoice(None).to_index()), (0, 0));
    }
}
