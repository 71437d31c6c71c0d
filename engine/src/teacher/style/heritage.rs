//! Old music: tavern, Chinese, classical.

mod chinese;
mod classical;
mod tavern;

pub use chinese::CHINESE;
pub use classical::CLASSICAL;
pub use tavern::TAVERN;
