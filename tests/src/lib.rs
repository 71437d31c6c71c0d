//! What the host tests, the demo and the soak share: a CLAP host and a VST3 host, takes played in them, ears, and something to
//! draw on.

pub mod canvas;
pub mod host;
pub mod hostile;
pub mod listen;
pub mod memory;
pub mod notes;
pub mod soak;
pub mod take;
pub mod vst3_host;
