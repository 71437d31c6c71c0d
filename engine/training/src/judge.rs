//! What is said of the network, beside what simpler things reach: the teacher, a Markov chain, a table of how often.

pub mod generated;
pub mod infill;
pub mod markov;
pub mod masked;
pub mod overlap;
pub mod table;

use sceneloop_model::{Tokens, Vocabulary};

/// So many of some things, evenly spread.
pub fn spread<T: Clone>(all: &[T], count: usize) -> Vec<T> {
    let step = (all.len() as f64 / count.max(1) as f64).max(1.0);
    (0..all.len().min(count)).map(|index| all[(index as f64 * step) as usize].clone()).collect()
}

/// The answers of a field over time.
pub fn line(tokens: &Tokens, field: usize, vocabulary: &Vocabulary) -> Vec<u8> {
    (0..tokens.steps()).map(|step| tokens.at(step, field, vocabulary)).collect()
}
