//! Notes to samples: seven roles, each an instrument of polyphonic voices with its own effects, to seven stereo
//! stems; and the master that the audio thread runs over their sum.
//!
//! # Threads
//! None of its own. [`Renderer`] is owned by the engine's renderer thread, [`Master`] by the audio thread. Both
//! allocate in `new` alone; `render`, `set_patch`, `set_soundfont`, `reset` and `process` neither allocate, lock, wait nor
//! panic.
//!
//! # Data flow
//! events → voice pool (voice: source → filter → amplifier) → stem (equaliser, drive, tremolo, chorus, delay, reverb,
//! ducking) → sweep and cut → [`StemBlock`]. Every stem has effects of its own, so that stems add up to the mix. The
//! sounds of transitions are added to the texture's stem before its sweep.
//!
//! # Building blocks
//! The kernels are ours where `fundsp` has the block but not the shape we need: its graphs fix patches at compile time
//! or box them, and its reverbs take their time and size when they are built, so that a patch could not be changed
//! without allocation. Each kernel names the source of its formula.

#![deny(missing_docs)]
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used))]
// Several channels and states move through one frame together; an index says so plainly.
#![allow(clippy::needless_range_loop)]

mod drum;
mod effect;
mod error;
mod event;
mod fittings;
mod kernel;
mod master;
mod math;
mod patch;
mod pool;
mod renderer;
mod soundfont;
mod source;
mod stem;
mod texture;
mod transition;
mod voice;

pub use error::{PatchError, RenderError};
pub use event::{BLOCK_FRAMES, Effect, EventKind, NoteId, RenderEvent, StemBlock, SweepKind};
pub use fittings::Fittings;
pub use master::Master;
pub use patch::{Patch, PatchBank, RoleMix};
pub use renderer::Renderer;
pub use soundfont::{SoundFont, SoundFontError, SoundFontPlayer, SoundFontPreset};
