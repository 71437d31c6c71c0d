//! One question to learn from: a loop with answers hidden, and how much each hidden answer counts.

use crate::material::{Material, Trust};
use sceneloop_model::vocabulary::{HOLD, MASK, NOTHING};
use sceneloop_model::{Condition, FieldKind, Row, TokenError, Tokens, Vocabulary};
use sceneloop_music::{Descriptor, Dice, LoopGrid, PerRole, Role};

/// A loop with answers hidden.
#[derive(Debug, Clone)]
pub struct Example {
    /// What the network sees.
    pub seen: Tokens,
    /// What it is to find, for every cell.
    pub answers: Vec<u8>,
    /// How much it counts to find it, for every cell; 0 where it is seen or not known.
    pub weights: Vec<f32>,
    /// The loop before, if there is one.
    pub before: Option<Tokens>,
    /// What it is told.
    pub condition: Condition,
    /// Questions of a row and a step that were hidden and count.
    pub units: usize,
}

/// What a hit, a pitch or a chord counts; velocities and ranks are matters of taste and count less.
fn importance(kind: FieldKind) -> f32 {
    match kind {
        FieldKind::Root | FieldKind::Pitch | FieldKind::Hit => 1.0,
        FieldKind::Quality => 0.7,
        FieldKind::Slash | FieldKind::Velocity => 0.3,
        FieldKind::Rank => 0.25,
    }
}

/// Which cells are hidden.
pub type Hidden = Vec<bool>;

impl Example {
    /// Hides what `hidden` says of a material's cells. What the material does not know is never seen: ranks of real
    /// music, velocities that a program filled in.
    ///
    /// # Errors
    /// If the material has no tokens.
    pub fn new(
        material: &Material,
        condition: Condition,
        before: Option<&LoopGrid>,
        vocabulary: &Vocabulary,
        hide: impl FnOnce(&Tokens) -> Hidden,
    ) -> Result<Self, TokenError> {
        let whole = Tokens::of_material(&material.grid, vocabulary)?;
        let hidden = hide(&whole);
        let mut seen = whole.clone();
        let mut weights = vec![0.0; whole.cells.len()];
        let mut units = 0;
        for step in 0..whole.steps() {
            for row in Row::all() {
                let mut asked = false;
                for field in vocabulary.row(row) {
                    let cell = step * vocabulary.len() + field;
                    let kind = vocabulary.fields()[field].kind;
                    let known = known(material, row, kind);
                    let there = whole.cells[cell] != NOTHING;
                    if hidden[cell] || (there && !known) {
                        seen.cells[cell] = MASK;
                    }
                    // Where there is no note its velocity and rank are no question, and where there is no chord its kind.
                    let is_question = match kind {
                        FieldKind::Root | FieldKind::Pitch | FieldKind::Hit => true,
                        FieldKind::Quality | FieldKind::Slash => {
                            whole.at(step, vocabulary.row(row).start, vocabulary) != NOTHING
                        }
                        FieldKind::Velocity | FieldKind::Rank => there,
                    };
                    if hidden[cell] && known && is_question && material.teaches(row) {
                        weights[cell] = importance(kind);
                        asked = true;
                    }
                }
                units += usize::from(asked);
            }
        }
        let before = before.map(|grid| Tokens::of_material(grid, vocabulary)).transpose()?;
        Ok(Self { seen, answers: whole.cells, weights, before, condition, units })
    }
}

/// Whether answers of this kind are known at all.
fn known(material: &Material, row: Row, kind: FieldKind) -> bool {
    match (row, kind) {
        (Row::Harmony, _) => material.harmony != Trust::Unknown,
        (_, FieldKind::Velocity) => material.velocities,
        (_, FieldKind::Rank) => material.ranks,
        _ => true,
    }
}

/// The size of the pieces in which a row is hidden.
#[derive(Debug, Clone, Copy)]
enum Grain {
    /// One voice or lane at one step.
    Voice,
    /// All of a step.
    Step,
    /// Some steps in a row.
    Span(usize),
}

/// How the loop is hidden.
#[derive(Debug, Clone, Copy)]
enum Plan {
    /// Some rows wholly, some not, some in part: the order in which a loop is written.
    Rows,
    /// Everything equally.
    Even,
    /// Whole bars of all rows or of some.
    Bars,
    /// Everything that an energy does not hear: the ladder climbed.
    Climb,
    /// Velocities and ranks alone.
    Touch,
}

/// Hides a part of a loop as the dice say: rows, bars, an even share, or what is above an energy.
///
/// The shares follow the cosine of a uniform throw, as in MaskGIT (H. Chang and others, 2022): much hidden more often than little.
pub fn hide(material: &Material, tokens: &Tokens, vocabulary: &Vocabulary, dice: &mut Dice) -> Hidden {
    let plan = match dice.below(100) {
        0..45 => Plan::Rows,
        45..70 => Plan::Even,
        70..84 => Plan::Bars,
        84..92 if material.ranks => Plan::Climb,
        84..96 => Plan::Touch,
        _ => Plan::Even,
    };
    match plan {
        Plan::Climb => above(material, tokens, vocabulary, 20 + 10 * dice.below(7) as u8),
        Plan::Touch => touch(tokens, vocabulary, dice),
        _ => pieces(plan, tokens, vocabulary, dice),
    }
}

/// How much to hide, 0 to 1.
fn share(dice: &mut Dice) -> f32 {
    (dice.unit() * std::f32::consts::FRAC_PI_2).cos()
}

fn pieces(plan: Plan, tokens: &Tokens, vocabulary: &Vocabulary, dice: &mut Dice) -> Hidden {
    let mut hidden = vec![false; tokens.cells.len()];
    let bar = tokens.metre.steps_per_bar() as usize;
    let even = share(dice);
    // Of the bars a run is hidden, as when a user marks it; it may go round the end.
    let (first, count) =
        (dice.below(tokens.bars.into()), 1 + dice.below(usize::from(tokens.bars).max(2) - 1));
    let some_rows = dice.chance(0.3);
    let known = dice.unit();
    for row in Row::all() {
        let state = dice.unit();
        let grain = [Grain::Voice, Grain::Voice, Grain::Step, Grain::Span(bar / 2)][dice.below(4)];
        let ratio = match plan {
            Plan::Rows if state < 0.6 * known => 0.0,
            Plan::Rows if state < 0.6 * known + 0.35 * (1.0 - known) => 1.0,
            Plan::Rows => share(dice),
            Plan::Bars if some_rows && state < 0.5 => 0.0,
            Plan::Bars => 1.0,
            _ => even,
        };
        let in_bars = |step: usize| {
            let after = (step / bar + usize::from(tokens.bars) - first) % usize::from(tokens.bars);
            after < count
        };
        let mut span = (0, false);
        for step in 0..tokens.steps() {
            if matches!(plan, Plan::Bars) && !in_bars(step) {
                continue;
            }
            let whole = match grain {
                Grain::Voice => None,
                Grain::Step => Some(dice.chance(ratio)),
                Grain::Span(length) => {
                    if span.0 == 0 {
                        span = (1 + dice.below(length.max(1)), dice.chance(ratio));
                    }
                    span.0 -= 1;
                    Some(span.1)
                }
            };
            let mut of_voice = false;
            for field in vocabulary.row(row) {
                if vocabulary.fields()[field].kind.leads() {
                    of_voice = whole.unwrap_or_else(|| dice.chance(ratio));
                }
                hidden[step * vocabulary.len() + field] = of_voice;
            }
        }
    }
    hidden
}

/// Hides all notes above an energy, and all silence, where they could be.
fn above(material: &Material, tokens: &Tokens, vocabulary: &Vocabulary, energy: u8) -> Hidden {
    let mut hidden = vec![false; tokens.cells.len()];
    for role in Role::ALL.into_iter().filter(|role| material.present[*role]) {
        let per_voice = Row::Role(role).fields_per_voice();
        for field in vocabulary.leading(Row::Role(role)) {
            // A note is heard from its onset to the last of its holds, or not at all.
            let mut heard = false;
            for step in 0..tokens.steps() {
                let cell = step * vocabulary.len() + field;
                let answer = tokens.cells[cell];
                let begins = Row::Role(role).begins(answer);
                if begins {
                    let rank = tokens.cells[cell + per_voice - 1];
                    heard = sceneloop_model::vocabulary::rank_of(rank).get() <= energy;
                }
                let keeps = heard && (begins || (role != Role::Drums && answer == HOLD));
                hidden[cell..cell + per_voice].fill(!keeps);
            }
        }
    }
    hidden
}

/// Hides velocities and ranks: of all rows that are there, all or a part.
fn touch(tokens: &Tokens, vocabulary: &Vocabulary, dice: &mut Dice) -> Hidden {
    let mut hidden = vec![false; tokens.cells.len()];
    let rows: PerRole<f32> = PerRole::from_fn(|_| if dice.chance(0.5) { 1.0 } else { dice.unit() });
    for step in 0..tokens.steps() {
        for (field, what) in vocabulary.fields().iter().enumerate() {
            if let (Row::Role(role), FieldKind::Velocity | FieldKind::Rank) = (what.row, what.kind) {
                hidden[step * vocabulary.len() + field] = dice.chance(rows[role]);
            }
        }
    }
    hidden
}

/// Leaves out some of what the network is told, so that it can do without.
pub fn tell_less(condition: &mut Condition, dice: &mut Dice) {
    if dice.chance(0.1) {
        *condition = condition.unguided();
    }
    let keep = [1.0, 1.0, 0.5, 0.2][dice.below(4)];
    for index in 0..Descriptor::LEN {
        condition.given[index] &= dice.chance(keep);
    }
    if dice.chance(0.15) {
        condition.styles.clear();
    }
    if dice.chance(0.1) {
        condition.mode = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::teaching::lesson;
    use sceneloop_music::Metre;

    fn example(seed: u64) -> (Material, Example) {
        let vocabulary = Vocabulary::new();
        let mut dice = Dice::new(seed, "test");
        let material = lesson(Metre::FOUR_FOUR, 2, &mut dice).now;
        let hiding = |tokens: &Tokens| hide(&material, tokens, &vocabulary, &mut dice);
        let example = Example::new(&material, material.condition(), None, &vocabulary, hiding).unwrap();
        (material, example)
    }

    #[test]
    fn what_counts_is_hidden_and_what_is_seen_is_true() {
        let vocabulary = Vocabulary::new();
        let (mut hidden, mut all) = (0, 0);
        for seed in 0..60 {
            let (material, example) = example(seed);
            for (cell, weight) in example.weights.iter().enumerate() {
                let seen = example.seen.cells[cell];
                if *weight > 0.0 {
                    assert_eq!(seen, MASK);
                    let field = vocabulary.fields()[cell % vocabulary.len()];
                    assert!(
                        matches!(field.row, Row::Harmony)
                            || matches!(field.row, Row::Role(role) if material.present[role])
                    );
                }
                assert!(seen == MASK || seen == example.answers[cell]);
                hidden += usize::from(seen == MASK);
                all += 1;
            }
            assert!(example.units <= example.seen.steps() * Row::COUNT);
        }
        let share = hidden as f32 / all as f32;
        assert!((0.35..0.8).contains(&share), "{share}");
    }

    #[test]
    fn nothing_unknown_is_seen_or_asked() {
        let vocabulary = Vocabulary::new();
        let (mut material, _) = example(3);
        material.ranks = false;
        material.velocities = false;
        material.harmony = Trust::Guessed;
        let example = Example::new(&material, material.condition(), None, &vocabulary, |tokens| {
            vec![false; tokens.cells.len()]
        })
        .unwrap();
        assert_eq!(example.units, 0);
        let all = Example::new(&material, material.condition(), None, &vocabulary, |tokens| {
            vec![true; tokens.cells.len()]
        })
        .unwrap();
        for (cell, weight) in all.weights.iter().enumerate() {
            let field = vocabulary.fields()[cell % vocabulary.len()];
            if matches!(field.kind, FieldKind::Velocity | FieldKind::Rank) {
                assert!([NOTHING, MASK].contains(&example.seen.cells[cell]));
                assert_eq!(*weight, 0.0);
            }
            assert!(field.row != Row::Harmony || *weight == 0.0);
        }
    }

    #[test]
    fn climbing_shows_just_what_an_energy_hears() {
        let vocabulary = Vocabulary::new();
        let (material, _) = example(11);
        let whole = Tokens::of(&material.grid, &vocabulary).unwrap();
        for energy in [0, 40, 100] {
            let hidden = above(&material, &whole, &vocabulary, energy);
            let mut onsets = 0;
            for (cell, answer) in whole.cells.iter().enumerate().filter(|(cell, _)| !hidden[*cell]) {
                let field = vocabulary.fields()[cell % vocabulary.len()];
                let plays = matches!(field.kind, FieldKind::Hit | FieldKind::Pitch);
                onsets += usize::from(plays && field.row.begins(*answer));
            }
            let classes = material.grid.clips.iter().flat_map(|(_, clip)| &clip.notes);
            let heard = classes
                .filter(|note| {
                    let class = sceneloop_model::vocabulary::rank_answer(note.rank);
                    sceneloop_model::vocabulary::rank_of(class).get() <= energy
                })
                .count();
            assert_eq!(onsets, heard, "energy {energy}");
        }
    }
}
