//! What the host tests and the demo share: a CLAP host, takes played in it, and ears.

pub mod host;
pub mod listen;
pub mod take;
