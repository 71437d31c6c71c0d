//! Dance floors: techno, house, drum and bass, synthwave.

mod drum_and_bass;
mod house;
mod synthwave;
mod techno;

pub use drum_and_bass::DRUM_AND_BASS;
pub use house::HOUSE;
pub use synthwave::SYNTHWAVE;
pub use techno::TECHNO;
