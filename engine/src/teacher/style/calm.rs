//! Without haste: slow orchestra and ambient.

mod ambient;
mod orchestral_calm;

pub use ambient::AMBIENT;
pub use orchestral_calm::ORCHESTRAL_CALM;
