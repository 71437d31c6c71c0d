//! Trains and judges the network that composes for Sceneloop.
//!
//! # Data flow
//! [`windows`] of real music and the teacher's [`teaching`] become [`material`]; a [`pool`] draws from both;
//! [`example`] hides answers in a loop; [`batch`] makes arrays of loops of one shape, [`loss`] compares them with what the network
//! says, and [`run`] learns from it; [`plot`] draws how. [`judge`] says what came of it.
//!
//! # Threads
//! One makes batches, the caller's learns from them; nothing else here depends on threads. A step's batch follows from the
//! run's seed and the number of the step.

pub mod batch;
pub mod example;
pub mod judge;
pub mod loss;
pub mod material;
pub mod plot;
pub mod pool;
pub mod run;
pub mod teaching;
pub mod windows;
