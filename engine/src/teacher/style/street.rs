//! Clubs and corners: lo-fi, hip-hop, jazz, latin.

mod hip_hop;
mod jazz;
mod latin;
mod lo_fi;

pub use hip_hop::HIP_HOP;
pub use jazz::JAZZ;
pub use latin::{BOSSA, FLAMENCO, LATIN, SAMBA, TANGO};
pub use lo_fi::LO_FI;
