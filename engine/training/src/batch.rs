//! Examples of one shape as the arrays that a network learns from.

use crate::example::{Example, hide, tell_less};
use crate::pool::{Pool, Shape};
use sceneloop_engine::seed;
use sceneloop_model::features::{Group, RowValues, groups, places};
use sceneloop_model::hints::{LoopHints, Seen};
use sceneloop_model::vocabulary::PATCH;
use sceneloop_model::{Row, Tokens, Vocabulary};
use sceneloop_music::Dice;

/// Positions of the transformer that a batch fills at most, for each loop that a batch of four bars of common time has.
const POSITIONS: usize = 16 * Row::COUNT;

/// What is asked of one group of fields of a batch.
#[derive(Debug, Clone, Default)]
pub struct Questions {
    /// The right answer at each place, `[example][patch][step][voice]`.
    pub answers: Vec<i32>,
    /// How much each counts, 0 where nothing is asked.
    pub weights: Vec<f32>,
}

impl Questions {
    /// Whether anything is asked.
    pub fn any(&self) -> bool {
        self.weights.iter().any(|weight| *weight > 0.0)
    }
}

/// Examples of one shape.
#[derive(Debug, Clone)]
pub struct Batch {
    /// Number of examples.
    pub size: usize,
    /// Positions of one row.
    pub patches: usize,
    /// Positions of one bar of a row.
    pub patches_per_bar: usize,
    /// Each row.
    pub now: Vec<RowValues>,
    /// What is told of the loops as wholes.
    pub whole: LoopHints,
    /// Each row of the loops before; none if this batch has none.
    pub before: Option<Vec<RowValues>>,
    /// `[example][Condition::LEN]`
    pub condition: Vec<f32>,
    /// For each group of [`groups`].
    pub questions: Vec<Questions>,
    /// Rows of steps in which something is asked.
    pub units: usize,
}

impl Batch {
    /// Examples of one shape. All or none have a loop before.
    ///
    /// # Panics
    /// If the shapes differ, or there are none.
    pub fn of(examples: &[Example], vocabulary: &Vocabulary) -> Self {
        let first = &examples[0].seen;
        let (patches, bars) = (first.patches(), usize::from(first.bars));
        assert!(examples.iter().all(|one| (one.seen.metre, one.seen.bars) == (first.metre, first.bars)));
        let rows = |loops: &[Seen]| Row::all().map(|row| RowValues::of(loops, row, vocabulary)).to_vec();
        let now: Vec<_> = examples.iter().map(|one| (&one.seen, one.before.as_ref())).collect();
        let before: Option<Vec<_>> = now.iter().map(|(_, before)| Some(((*before)?, None))).collect();
        Self {
            size: examples.len(),
            patches,
            patches_per_bar: patches / bars,
            now: rows(&now),
            whole: LoopHints::of(&now, vocabulary),
            before: before.map(|loops| rows(&loops)),
            condition: examples.iter().flat_map(|one| one.condition.vector()).collect(),
            questions: groups(vocabulary)
                .iter()
                .map(|group| questions(examples, group, vocabulary))
                .collect(),
            units: examples.iter().map(|one| one.units).sum(),
        }
    }
}

fn questions(examples: &[Example], group: &Group, vocabulary: &Vocabulary) -> Questions {
    let each = examples[0].seen.patches() * PATCH * group.fields.len();
    let mut out =
        Questions { answers: vec![0; examples.len() * each], weights: vec![0.0; examples.len() * each] };
    for (index, one) in examples.iter().enumerate() {
        for place in places(&one.seen, group, vocabulary) {
            out.answers[index * each + place.logits] = i32::from(one.answers[place.cell]);
            out.weights[index * each + place.logits] = one.weights[place.cell];
        }
    }
    out
}

/// How many loops of a shape go into a batch that has room for `room` loops of four bars of common time.
fn size_of((metre, bars): Shape, room: usize) -> usize {
    let patches = (metre.steps_per_bar() as usize).div_ceil(PATCH) * usize::from(bars);
    (room * POSITIONS / (patches * Row::COUNT)).clamp(1, 4 * room)
}

/// The batch of a step of training: it follows from the seed and the number of the step alone, so that training that
/// was cut off goes on as if it had not been.
///
/// # Panics
/// Never: what cannot be told in tokens is drawn again.
pub fn training_batch(pool: &Pool, room: usize, run_seed: u64, step: u64, vocabulary: &Vocabulary) -> Batch {
    let mut dice = Dice::new(seed::mix(&[run_seed, step]), "batch");
    let shape = pool.shape(&mut dice);
    let follows = dice.chance(0.35);
    let mut examples = Vec::new();
    while examples.len() < size_of(shape, room) {
        let (mut material, before) = pool.draw(shape, &mut dice);
        drop_roles(&mut material, &mut dice);
        let mut condition = material.condition();
        tell_less(&mut condition, &mut dice);
        // Not every loop of a batch that follows has one before it; its silence is then the loop before.
        let silence = sceneloop_music::LoopGrid {
            clips: Default::default(),
            chords: Vec::new(),
            ..material.grid.clone()
        };
        let before = follows.then(|| before.unwrap_or(silence));
        let hiding = |tokens: &Tokens| hide(&material, tokens, vocabulary, &mut dice);
        if let Ok(example) = Example::new(&material, condition, before.as_ref(), vocabulary, hiding) {
            examples.push(example);
        }
    }
    Batch::of(&examples, vocabulary)
}

/// Takes roles away from a third of the loops, so that every part is learned without every other.
fn drop_roles(material: &mut crate::material::Material, dice: &mut Dice) {
    if !dice.chance(0.35) {
        return;
    }
    for role in sceneloop_music::Role::ALL {
        let others = material.present.iter().filter(|(_, plays)| **plays).count();
        if others > 1 && dice.chance(0.3) {
            material.silence(role);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sceneloop_model::Condition;
    use sceneloop_model::features::input_width;

    #[test]
    fn a_batch_is_named_by_its_step() {
        let vocabulary = Vocabulary::new();
        let pool = Pool::default();
        let batch = |step| training_batch(&pool, 2, 1, step, &vocabulary);
        let one = batch(3);
        assert_eq!(one.now, batch(3).now);
        assert_ne!(one.now, batch(4).now);
        assert!(one.units > 0 && one.questions.iter().any(Questions::any));
        for (row, now) in Row::all().into_iter().zip(&one.now) {
            assert_eq!(now.cells.len(), one.size * one.patches * input_width(&vocabulary, row));
        }
        assert_eq!(one.condition.len(), one.size * Condition::LEN);
    }

    #[test]
    fn batches_of_long_loops_hold_fewer() {
        assert_eq!(size_of(("4/4".parse().unwrap(), 4), 16), 16);
        assert_eq!(size_of(("4/4".parse().unwrap(), 8), 16), 8);
        assert_eq!(size_of(("7/8".parse().unwrap(), 4), 16), 16);
        assert_eq!(size_of(("4/4".parse().unwrap(), 1), 16), 64);
    }
}
