//! What leaves the engine as files: a take rendered offline, as WAV, MIDI, picture and report.

pub mod canvas;
pub mod curve;
pub mod event;
pub mod folder;
pub mod heard;
pub mod keep;
pub mod measure;
pub mod picture;
pub mod report;
pub mod sameness;
pub mod take;
pub mod wav;

pub use curve::{CurveError, EnergyCurve};
pub use event::{TakeEvent, TakeEventError};
pub use folder::Parts;
pub use heard::HeardOrder;
pub use keep::LoopOrder;
pub use take::{PlayedLoop, PlayedNote, PlayedSection, Take, TakeRequest};
