//! What is said of the network, beside what simpler things reach: the teacher, a Markov chain, a table of how often.

pub mod generated;
pub mod infill;
pub mod markov;
pub mod masked;
pub mod overlap;
pub mod table;

use crate::material::Material;
use sceneloop_model::{FieldKind, Row, Tokens, Vocabulary};

/// The first field of each voice, lane or chord of a row: what is struck, sung or changed.
pub fn leading(row: Row, vocabulary: &Vocabulary) -> Vec<usize> {
    let leads = |field: &usize| {
        matches!(vocabulary.fields()[*field].kind, FieldKind::Root | FieldKind::Hit | FieldKind::Pitch)
    };
    vocabulary.row(row).filter(leads).collect()
}

/// Whether a row of a material can be judged: it plays, and what is known of it is sure.
pub fn judged(material: &Material, row: Row) -> bool {
    match row {
        Row::Harmony => material.harmony == crate::material::Trust::Sure,
        Row::Role(role) => material.present[role],
    }
}

/// The answers of a field over time.
pub fn line(tokens: &Tokens, field: usize, vocabulary: &Vocabulary) -> Vec<u8> {
    (0..tokens.steps()).map(|step| tokens.at(step, field, vocabulary)).collect()
}
