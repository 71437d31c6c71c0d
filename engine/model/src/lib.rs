//! What the network that composes reads and writes; the network itself comes next.
//!
//! [`vocabulary`] says which questions are asked of a step of a loop and which answers each has; [`tokenizer`] turns a
//! [`sceneloop_music::LoopGrid`] into those answers and back, exactly but for the classes of velocity and rank; [`features`] turns those into numbers for a network, and [`condition`]
//! what is wanted of the loop.
//!
//! # Threads
//! Plain data and pure functions; the composer's thread runs them.

pub mod condition;
pub mod device;
pub mod draw;
pub mod features;
pub mod form;
pub mod generator;
pub mod hints;
pub mod network;
pub mod opening;
pub mod rules;
pub mod sampler;
pub mod score;
mod steer;
pub mod tokenizer;
pub mod vocabulary;
pub mod weights;

pub use condition::Condition;
pub use device::{Choice, DeviceError, Place};
pub use draw::Freedom;
pub use generator::{ComposeError, Generator, Part, Wish, Written};
pub use network::{Network, NetworkConfig};
pub use sampler::{Found, Settings, Task, sample};
pub use score::{Candidate, Score};
pub use tokenizer::{TokenError, Tokens, quantised};
pub use vocabulary::{Field, FieldKind, Row, Vocabulary};
pub use weights::{Card, WeightsError};
