//! The network that composes: a masked transformer over the whole loop.
//!
//! [`vocabulary`] says which questions are asked of a step of a loop and which answers each has; [`tokenizer`] turns a
//! [`sceneloop_music::LoopGrid`] into those answers and back, exactly but for the classes of velocity and rank.
//!
//! # Threads
//! Plain data and pure functions; the composer's thread runs them.

pub mod tokenizer;
pub mod vocabulary;

pub use tokenizer::{TokenError, Tokens, quantised};
pub use vocabulary::{Field, FieldKind, Row, Vocabulary};
