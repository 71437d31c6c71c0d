//! Scene in, sound out: the engine of Sceneloop, without host, window or GPU.
//!
//! # Data flow
//! A [`Scene`](sceneloop_music::Scene) and [`Controls`] name a loop ([`arranger::LoopKey`]); the composer writes its
//! notes ([`teacher`]); the renderer's sequencer plays those whose rank is at most the energy, at the song position
//! that the host's [`Playhead`](sceneloop_music::Playhead) gives; `sceneloop-render` makes audio of them; the
//! [`StreamReader`] takes it out of the ring.
//!
//! # Threads
//! | thread | runs | may wait? |
//! | --- | --- | --- |
//! | audio (the host's) | [`StreamReader::process`]: reading end of the ring, stingers, stem gains, master, notes out | never; only [`StreamReader::process_offline`] may |
//! | renderer (ours) | `stream::worker`: sequencer, voices, effects, writing end of the ring | for space in the ring |
//! | composer (ours) | [`composer`]: the teacher, the library of loops | for work |
//! | network, graphics (ours) | `composer::network`, `composer::graphics`: inference; the attempt to use a card | for work, and for the driver |
//! | main (the host's) | [`Engine`]: scene, state, [`soundfont`]s | for files, never for a composition |
//!
//! The audio thread and the workers share no lock: snapshots go by `triple_buffer`, blocks and notes by `ringbuf`.
//! Everything that travels to the audio thread is `Copy`, so nothing is ever dropped there.

pub mod arranger;
pub mod assets;
mod board;
pub mod composer;
pub mod controls;
pub mod edits;
pub mod engine;
pub mod error;
pub mod export;
#[doc(hidden)]
pub mod fault;
pub mod health;
pub mod loudness;
pub mod mix;
pub mod presets;
pub mod sameness;
pub mod seed;
pub mod soundfont;
pub mod state;
pub mod stinger;
pub mod stream;
mod tape;
pub mod teacher;

pub use board::NowPlaying;
pub use composer::{Author, Preference};
pub use controls::{Controls, Form, PlayMode, SyncPoint};
pub use edits::Edits;
pub use engine::Engine;
pub use error::EngineError;
pub use health::Health;
pub use sceneloop_model::Choice;
pub use soundfont::{FontChoice, FontInUse, FontPreset};
pub use state::EngineState;
pub use stinger::{Cue, Refusal};
pub use stream::{NoteOut, Output, StreamReader};
pub use tape::Heard;
