//! The words that every part of Sceneloop shares: time, key, chord, role, energy, the [`LoopGrid`],
//! its [`Descriptor`], the [`Scene`], the [`Playhead`], and MIDI files.
//!
//! # Threads
//! None. Everything here is plain data and pure functions; any thread may use it. Types that the
//! audio thread reads ([`Playhead`], [`Energy`], [`Metre`], [`Bpm`]) are `Copy` and never allocate.
//!
//! # What does not live here
//! No audio, no neural network, no threads, no files. Assets are embedded by the crates that use them.

pub mod chord;
pub mod descriptor;
pub mod dice;
pub mod drum;
pub mod energy;
pub mod event;
pub mod grid;
pub mod key;
pub mod midi;
pub mod playhead;
pub mod role;
pub mod scene;
pub mod section;
pub mod style;
pub mod time;

pub use chord::{Chord, ChordError, ChordQuality, ChordSpan};
pub use descriptor::{Descriptor, Dimension};
pub use dice::Dice;
pub use drum::DrumLane;
pub use energy::{Energy, Rank};
pub use event::{EventAction, EventError, EventId, EventPlan, EventTable, Quantise, QuantiseError, Stinger};
pub use grid::{Clip, GridError, LoopGrid, Note, Swing};
pub use key::{Key, KeyError, Mode, PitchClass};
pub use midi::{LineError, MidiFileError, MidiNote, MidiSong};
pub use playhead::{Cycle, Playhead};
pub use role::{PerRole, Role};
pub use scene::{Scene, SceneError, SceneTable};
pub use section::{AskedSection, Letter, Section};
pub use style::Style;
pub use time::{Bpm, Metre, STEPS_PER_QUARTER, TimeError};
