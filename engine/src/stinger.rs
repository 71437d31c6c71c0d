//! Stingers: short figures over the music that answer an event at once.
//!
//! The ring holds 60 to 120 milliseconds of audio that was rendered before the event was known, so a stinger cannot
//! come from there. It is played on the audio thread itself, by a small rack of its own inside the stream reader:
//! bounded voices, made when the stream is opened, run only while a stinger sounds. What it plays is added to the
//! stems of its roles, before the sum and the master.
//!
//! ```text
//!  MIDI, parameter ──Cue──▶ director ──begins──▶ score ──tones──▶ rack ──▶ stems
//!  window, program ─mailbox─▶   │  └──────────▶ duck ──▶ gain of the music
//!                               └── Lead (energy, scene) ──Snapshot──▶ renderer
//! ```
//!
//! The director decides whether and when an event begins, and where it leads; the score says what it plays, in steps
//! of chord and scale; tones are made into keys in the harmony that sounds at each note; plans are what the main
//! thread sends along with a scene.

pub(crate) mod director;
pub(crate) mod duck;
pub(crate) mod grid;
pub(crate) mod mailbox;
pub(crate) mod plans;
pub(crate) mod player;
pub(crate) mod rack;
pub(crate) mod score;
pub(crate) mod sounds;
pub(crate) mod tone;

pub use director::{Cue, Refusal};
