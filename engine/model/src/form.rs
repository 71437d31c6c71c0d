//! Which bars of a row are thought of together: the form of a loop.
//!
//! Answers that are drawn at once do not know of each other, and bars that were drawn so would share a character but no note. Here bars
//! of one letter share their chance instead: the same question in both is answered by the same throw, so that they come out alike as far as the
//! network finds the same answers likely in them, and apart where it does not (over another chord, before a fill). Each answer
//! taken by itself keeps its probability. The forms are those of periods and sentences (W. Caplin, *Classical Form*, 1998).

use crate::vocabulary::Row;
use sceneloop_music::{Dice, Role};

/// Bars in which a form is thought.
const PHRASE: usize = 4;

/// The letters of a phrase and how often they are chosen.
type Forms = [([u8; PHRASE], f32)];

const GROOVE: &Forms = &[([0, 0, 0, 0], 0.4), ([0, 0, 0, 1], 0.4), ([0, 1, 0, 1], 0.2)];
const PATTERN: &Forms =
    &[([0, 0, 0, 0], 0.35), ([0, 0, 0, 1], 0.25), ([0, 1, 0, 1], 0.3), ([0, 1, 0, 2], 0.1)];
const TUNE: &Forms = &[
    ([0, 1, 0, 2], 0.4),
    ([0, 1, 0, 1], 0.2),
    ([0, 0, 1, 2], 0.15),
    ([0, 0, 0, 1], 0.15),
    ([0, 1, 2, 0], 0.1),
];
const COURSE: &Forms = &[([0, 1, 2, 3], 1.0)];

/// A letter for each bar of each row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    letters: Vec<Vec<u8>>,
}

impl Form {
    /// The form of a loop of so many bars, as a seed says. A second phrase goes as the first and ends in a bar of its own.
    pub fn new(seed: u64, bars: u8) -> Self {
        let mut dice = Dice::new(seed, "form");
        let letters = Row::all().map(|row| {
            let forms = match row {
                Row::Harmony => COURSE,
                Row::Role(Role::Drums) => GROOVE,
                Row::Role(Role::Lead) => TUNE,
                Row::Role(_) => PATTERN,
            };
            let (phrase, _) = forms[dice.weighted(forms.iter().map(|(_, share)| *share))];
            let bars = usize::from(bars);
            let last = bars - 1;
            (0..bars)
                .map(|bar| {
                    let returns = bar == last && last >= PHRASE && phrase != [0; PHRASE];
                    if returns { PHRASE as u8 } else { phrase[bar % PHRASE] }
                })
                .collect()
        });
        Self { letters: letters.to_vec() }
    }

    /// Whether a bar has the letter of one before it: it is written after that, and keeps closer to it.
    pub fn returns(&self, row: Row, bar: usize) -> bool {
        self.letters[row.index()][..bar].contains(&self.letter(row, bar))
    }

    /// The letter of a bar.
    pub fn letter(&self, row: Row, bar: usize) -> u8 {
        self.letters[row.index()][bar]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_come_as_often_as_they_should_and_the_chords_go_on() {
        let mut fills = 0;
        for seed in 0..1000 {
            let form = Form::new(seed, 4);
            let letters = |row| (0..4).map(|bar| form.letter(row, bar)).collect::<Vec<_>>();
            assert_eq!(letters(Row::Harmony), [0, 1, 2, 3]);
            fills += usize::from(letters(Row::Role(Role::Drums)) == [0, 0, 0, 1]);
            assert_eq!(form, Form::new(seed, 4));
            let returns = |row| (0..4).map(|bar| form.returns(row, bar)).collect::<Vec<_>>();
            assert_eq!(returns(Row::Harmony), [false; 4]);
            assert_eq!(
                returns(Row::Role(Role::Drums))[..3],
                [false, letters(Row::Role(Role::Drums))[1] == 0, true]
            );
        }
        assert!((350..450).contains(&fills), "{fills}");
    }

    #[test]
    fn eight_bars_are_two_phrases_of_which_the_second_ends_otherwise() {
        for seed in 0..50 {
            let form = Form::new(seed, 8);
            for row in Row::all() {
                assert!((0..3).all(|bar| form.letter(row, bar) == form.letter(row, bar + 4)));
            }
            assert_ne!(form.letter(Row::Role(Role::Lead), 3), form.letter(Row::Role(Role::Lead), 7));
        }
        assert_eq!(Form::new(1, 1).letter(Row::Harmony, 0), 0);
    }
}
