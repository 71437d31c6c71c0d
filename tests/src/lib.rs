//! What the host tests, the demo and the soak share: a CLAP host, takes played in it, ears, and something to draw on.

pub mod canvas;
pub mod host;
pub mod listen;
pub mod soak;
pub mod take;
