//! The network that composes: what it reads and writes, what it is made of, where it runs, and what it can be asked for.
//!
//! [`vocabulary`] says which questions are asked of a step of a loop and which answers each has; [`tokenizer`] turns a
//! [`sceneloop_music::LoopGrid`] into those answers and back, exactly but for the classes of velocity and rank; [`features`] turns those into numbers for a network, and [`condition`]
//! what is wanted of the loop. [`network`] is the network on `burn`, [`weights`] what was trained, [`device`] where it
//! computes. [`sampler`] finds what is masked, [`generator`] says it in loops (from nothing, around what is there, following, varied, blended),
//! and [`score`] chooses among several.
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
