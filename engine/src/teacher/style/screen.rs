//! Games and films with a pulse: cyberpunk, orchestral action, horror, chiptune.

mod chiptune;
mod cyberpunk;
mod horror;
mod orchestral_action;

pub use chiptune::CHIPTUNE;
pub use cyberpunk::CYBERPUNK;
pub use horror::HORROR;
pub use orchestral_action::ORCHESTRAL_ACTION;
