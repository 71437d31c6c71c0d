//! What the host tests and the demo share: a CLAP host, a song it plays, and ears.

pub mod host;
