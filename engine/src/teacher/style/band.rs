//! Bands: pop, rock, blues, folk and country.

mod blues;
mod folk;
mod pop;
mod rock;

pub use blues::BLUES;
pub use folk::FOLK;
pub use pop::POP;
pub use rock::ROCK;
