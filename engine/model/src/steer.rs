//! How many notes, hits and chord changes are wanted, how syncopated and how high, and how the network is led there.
//!
//! A network that is told what is wanted comes near it; what it draws at once does not know of each other, and adds up to something
//! else. So before answers are drawn, what is to be expected of all that is open is reckoned from the network's chances, and the odds are
//! moved until the expectation is what a [`Descriptor`](sceneloop_music::Descriptor) wants:
//!
//! - the odds that something begins by one factor for all rows that a share counts together, so that the onsets are as many as are wanted;
//! - those of high pitches against low ones, so that the notes lie as high on the mean;
//! - those that a note sounds on against a rest, so that as many sound at once;
//! - in the tune those of pitches a step or less from the note before and the note after, so that it moves as much by step.
//!
//! What syncopation to expect cannot be told from chances of single steps. There the odds of weak steps are moved against those of strong ones by
//! as much as more of it is wanted than is usual.
//!
//! Where something begins, and what, is still the network's choice.

use crate::condition::{Condition, usual};
use crate::hints::sounding;
use crate::tokenizer::Tokens;
use crate::vocabulary::{MASK, Row, Vocabulary};
use sceneloop_music::{Dimension, Role};

/// Rows whose onsets a dimension counts together.
const SHARES: [(&[Row], Dimension); 5] = [
    (&[Row::Role(Role::Drums)], Dimension::DrumShare),
    (&[Row::Role(Role::Bass)], Dimension::BassShare),
    (&[Row::Role(Role::Chords), Row::Role(Role::Pad)], Dimension::ChordShare),
    (&[Row::Role(Role::Lead)], Dimension::LeadShare),
    (&[Row::Role(Role::Arp), Row::Role(Role::Texture)], Dimension::ArpShare),
];

/// Rounding of what the odds are moved by, as a share of the most they are: coarse enough that two devices, whose sums differ in the last
/// places, come to the same.
const GRAIN: f32 = 1.0 / 32.0;

/// The most by which a pitch is preferred to the one a semitone below, as a share of the steering.
const MOST_HIGH: f32 = 0.1;

/// The most by which the odds that a note sounds on are moved, as a share of the steering.
const MOST_LONG: f32 = 0.75;

/// By how much a step is preferred to one that is a rank stronger for each deviation of syncopation above what is usual, as a share of the steering.
const WEAK: f32 = 0.06;

/// More deviations than this count as this many.
const FARTHEST: f32 = 2.5;

/// Some rows, and how many onsets are wanted of them together.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Onsets {
    rows: &'static [Row],
    count: f32,
}

/// What is wanted of a loop, where the condition says it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Goals {
    onsets: Vec<Onsets>,
    /// By how much a step is preferred to one that is a rank stronger, nats.
    weak: f32,
    /// Mean pitch, semitones from the tonic.
    pitch: Option<f32>,
    /// Notes at once, where there are any.
    voices: Option<f32>,
    /// Share of steps in the tune.
    pub stepwise: Option<f32>,
    /// The most by which odds are moved, nats.
    most: f32,
}

/// What the network would do with an open place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Odds {
    pub step: usize,
    /// Chance that something begins.
    pub begins: f32,
    /// Chance that something sounds.
    pub sounds: f32,
    /// Mean and variance of the pitch that begins, semitones.
    pub mean: f32,
    pub variance: f32,
}

/// By how much odds are moved, nats.
#[derive(Debug, Clone, Default)]
pub(crate) struct Steering {
    /// That something begins, in each row.
    pub biases: [f32; Row::COUNT],
    /// The part of it that each step of a bar makes, without the chords, which keep their places.
    pub steps: Vec<f32>,
    /// For each semitone up.
    pub high: f32,
    /// That a note sounds on where none begins.
    pub long: f32,
}

impl Goals {
    /// What a condition wants, with odds moved by at most so many nats; with 0 nothing is steered.
    pub fn new(condition: &Condition, most: f32) -> Self {
        if most <= 0.0 {
            return Self::default();
        }
        let says = |dimension: Dimension| condition.given[dimension.index()];
        let quarters = (condition.metre.quarters_per_bar() * f64::from(condition.bars)) as f32;
        let wanted = &condition.wanted;
        let (mean, deviation) = usual(Dimension::Syncopation);
        let syncopation = ((wanted[Dimension::Syncopation] - mean) / deviation).clamp(-FARTHEST, FARTHEST);
        let mut onsets = Vec::new();
        if says(Dimension::HarmonicRhythm) {
            // A loop on one chord has no change, but a chord.
            let count = (wanted.chord_changes_per_quarter() * quarters).max(1.0);
            onsets.push(Onsets { rows: &[Row::Harmony], count });
        }
        if says(Dimension::OnsetDensity) {
            let all = wanted.onsets_per_quarter() * quarters;
            let of = |(rows, share): (&'static [Row], Dimension)| Onsets { rows, count: all * wanted[share] };
            onsets.extend(SHARES.into_iter().filter(|(_, share)| says(*share)).map(of));
        }
        Self {
            onsets,
            weak: if says(Dimension::Syncopation) { most * WEAK * syncopation } else { 0.0 },
            pitch: says(Dimension::Register).then(|| wanted.mean_pitch()),
            voices: says(Dimension::Polyphony).then(|| wanted.notes_at_once()),
            stepwise: says(Dimension::StepwiseMotion).then(|| wanted[Dimension::StepwiseMotion]),
            most,
        }
    }

    /// Whether it matters what all roles sound like together.
    pub fn lead_sound(&self) -> bool {
        self.pitch.is_some() || self.voices.is_some()
    }

    /// Rows that are counted together with a row, itself among them.
    pub fn counted_with(&self, row: Row) -> &'static [Row] {
        self.onsets.iter().find(|onsets| onsets.rows.contains(&row)).map_or(&[], |onsets| onsets.rows)
    }

    /// By how much odds must be moved for what is open, of which the odds are given for each row, together with what is there.
    pub fn steer(
        &self,
        tokens: &Tokens,
        odds: &[Vec<Odds>; Row::COUNT],
        vocabulary: &Vocabulary,
    ) -> Steering {
        let weight = |step: usize| f32::from(tokens.metre.weight(step as u32));
        let steps = (0..tokens.bar_steps()).map(|step| self.weak * (weight(0) - weight(step))).collect();
        let mut steering = Steering { steps, ..Steering::default() };
        for onsets in &self.onsets {
            let open =
                onsets.rows.iter().flat_map(|row| odds[row.index()].iter().map(move |odds| (*row, odds)));
            let open = open.map(|(row, odds)| moved(odds.begins, steering.on_step(row, odds.step)));
            let missing = onsets.count - begun(tokens, onsets.rows, vocabulary) as f32;
            let bias = bias(&open.collect::<Vec<f32>>(), missing, self.most);
            onsets.rows.iter().for_each(|row| steering.biases[row.index()] = bias);
        }
        if let Some(wanted) = self.voices {
            steering.long = steering.lengthen(tokens, odds, wanted, vocabulary, self.most * MOST_LONG);
        }
        if let Some(wanted) = self.pitch {
            let most = self.most * MOST_HIGH;
            let tilt = steering.tilt(tokens, odds, wanted, vocabulary);
            steering.high = rounded(tilt, most).clamp(-most, most);
        }
        steering
    }
}

impl Steering {
    /// By how much the odds that something begins are moved at a step, nats.
    pub fn begins(&self, row: Row, step: usize) -> f32 {
        self.biases[row.index()] + self.on_step(row, step)
    }

    /// By how much the odds that notes sound on must be moved, so that as many sound at once as are wanted, where any do. Not at all while of
    /// some role nothing is known.
    fn lengthen(
        &self,
        tokens: &Tokens,
        odds: &[Vec<Odds>; Row::COUNT],
        wanted: f32,
        vocabulary: &Vocabulary,
        most: f32,
    ) -> f32 {
        // For each step how many notes are known to sound, and of the open places the chances that a note begins and that it else sounds on.
        let mut known = vec![0.0; tokens.steps()];
        let mut open: Vec<Vec<(f32, f32)>> = vec![Vec::new(); tokens.steps()];
        for role in Role::ALL.into_iter().filter(|role| role.is_pitched()) {
            let row = Row::Role(role);
            if !is_known(tokens, row, &odds[row.index()], vocabulary) {
                return 0.0;
            }
            for (known, pitches) in known.iter_mut().zip(sounding(tokens, role, vocabulary)) {
                *known += pitches.len() as f32;
            }
            for odds in &odds[row.index()] {
                open[odds.step].push(self.chances(row, odds));
            }
        }
        solve(most, |long| {
            let (mut held, mut busy) = (0.0, 0.0);
            for (known, open) in known.iter().zip(&open) {
                let mut silent = if *known > 0.0 { 0.0 } else { 1.0 };
                held += known;
                for (begins, holds) in open {
                    let sounds = sounds(*begins, *holds, long);
                    held += sounds;
                    silent *= 1.0 - sounds;
                }
                busy += 1.0 - silent;
            }
            held >= wanted * busy
        })
    }

    /// By how much the odds of each semitone up must be moved, so that the mean pitch of all that sounds is what is wanted: a little moves a
    /// mean by as much times its variance. Not at all while of some role nothing is known.
    fn tilt(
        &self,
        tokens: &Tokens,
        odds: &[Vec<Odds>; Row::COUNT],
        wanted: f32,
        vocabulary: &Vocabulary,
    ) -> f32 {
        let (mut missing, mut gives) = (0.0, 0.0);
        for role in Role::ALL.into_iter().filter(|role| role.is_pitched()) {
            let row = Row::Role(role);
            let odds = &odds[row.index()];
            if !is_known(tokens, row, odds, vocabulary) {
                return 0.0;
            }
            let known = sounding(tokens, role, vocabulary).into_iter().flatten();
            missing += known.map(|pitch| wanted - pitch as f32).sum::<f32>();
            // What is held on began somewhere: it has the pitch of what begins in the row on the mean.
            let (mut all, mut begun, mut sum, mut spread) = (0.0, 0.0, 0.0, 0.0);
            for odds in odds {
                let (begins, holds) = self.chances(row, odds);
                all += sounds(begins, holds, self.long);
                begun += begins;
                sum += begins * odds.mean;
                spread += begins * odds.variance;
            }
            if begun > 0.0 {
                missing += all * (wanted - sum / begun);
                gives += all * spread / begun;
            }
        }
        if gives > 0.0 { missing / gives } else { 0.0 }
    }

    /// The chances that at an open place something begins, and that, where nothing does, a note sounds on that is not made longer.
    fn chances(&self, row: Row, odds: &Odds) -> (f32, f32) {
        let holds = (odds.sounds - odds.begins) / (1.0 - odds.begins).max(1e-6);
        (moved(odds.begins, self.begins(row, odds.step)), holds.clamp(0.0, 1.0))
    }

    /// The part of it that the step makes.
    fn on_step(&self, row: Row, step: usize) -> f32 {
        if row == Row::Harmony || self.steps.is_empty() { 0.0 } else { self.steps[step % self.steps.len()] }
    }
}

/// The chance that something sounds where it may begin or else sound on, the odds of the latter moved by so many nats.
fn sounds(begins: f32, holds: f32, long: f32) -> f32 {
    begins + (1.0 - begins) * moved(holds, long)
}

/// A chance with its odds moved by so many nats.
fn moved(chance: f32, nats: f32) -> f32 {
    let factor = nats.exp();
    chance * factor / (1.0 - chance + chance * factor).max(1e-9)
}

/// The nearest of some steps that divide the most.
fn rounded(value: f32, most: f32) -> f32 {
    let grain = most * GRAIN;
    (value / grain).round() * grain
}

/// The least value from `-most` to `most` at which something is enough, which it is above as well.
fn solve(most: f32, is_enough: impl Fn(f32) -> bool) -> f32 {
    let (mut low, mut high) = (-most, most);
    while high - low > most * GRAIN / 4.0 {
        let middle = 0.5 * (low + high);
        if is_enough(middle) { high = middle } else { low = middle }
    }
    rounded(0.5 * (low + high), most)
}

/// By how much the odds of beginning something are moved, so that chances add up to what is missing.
fn bias(chances: &[f32], missing: f32, most: f32) -> f32 {
    solve(most, |bias| chances.iter().map(|chance| moved(*chance, bias)).sum::<f32>() >= missing)
}

/// How many notes, hits or chords some rows have.
fn begun(tokens: &Tokens, rows: &[Row], vocabulary: &Vocabulary) -> usize {
    let fields = || rows.iter().flat_map(|row| vocabulary.leading(*row).map(move |field| (*row, field)));
    let steps = tokens.cells.chunks_exact(vocabulary.len());
    steps.map(|step| fields().filter(|(row, field)| row.begins(step[*field])).count()).sum()
}

/// Whether all of a row is there or its odds are known.
fn is_known(tokens: &Tokens, row: Row, odds: &[Odds], vocabulary: &Vocabulary) -> bool {
    !odds.is_empty()
        || vocabulary
            .leading(row)
            .all(|field| (0..tokens.steps()).all(|step| tokens.at(step, field, vocabulary) != MASK))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sceneloop_music::{Descriptor, Metre};

    fn condition() -> Condition {
        Condition {
            given: [true; Descriptor::LEN],
            wanted: Descriptor([0.0; Descriptor::LEN]),
            ..Condition::open(None, Metre::FOUR_FOUR, 4)
        }
    }

    #[test]
    fn what_is_wanted_is_what_would_be_measured() {
        let mut condition = condition();
        // 16 quarters of 8 onsets: a half for the drums, a quarter each for bass, chords and pad.
        condition.wanted[Dimension::OnsetDensity] = 8.0 / (8.0 + 6.0);
        condition.wanted[Dimension::DrumShare] = 0.5;
        condition.wanted[Dimension::BassShare] = 0.25;
        condition.wanted[Dimension::ChordShare] = 0.25;
        condition.wanted[Dimension::HarmonicRhythm] = 0.5;
        let goals = Goals::new(&condition, 2.0);
        let found: Vec<f32> = goals.onsets.iter().map(|onsets| onsets.count.round()).collect();
        assert_eq!(found, [4.0, 64.0, 32.0, 32.0, 0.0, 0.0]);
        assert_eq!(goals.pitch, Some(-24.0));
        assert_eq!(goals.counted_with(Row::Role(Role::Pad)).len(), 2);
        assert_eq!(Goals::new(&condition, 0.0), Goals::default());
        let open = Goals::new(&Condition { given: [false; Descriptor::LEN], ..condition }, 2.0);
        assert_eq!((open.onsets.len(), open.weak, open.pitch, open.stepwise), (0, 0.0, None, None));
    }

    #[test]
    fn the_chances_add_up_to_what_is_missing() {
        let chances: Vec<f32> = (1..100).map(|k| k as f32 / 200.0).collect();
        let sum: f32 = chances.iter().sum();
        assert_eq!(bias(&chances, sum, 2.0), 0.0);
        for missing in [0.6 * sum, 1.3 * sum] {
            let nats = bias(&chances, missing, 2.0);
            let found: f32 = chances.iter().map(|chance| moved(*chance, nats)).sum();
            assert!((found - missing).abs() < 0.05 * missing, "{found} for {missing}");
        }
        assert_eq!((bias(&chances, 0.0, 2.0), bias(&chances, 99.0, 2.0)), (-2.0, 2.0));
    }

    /// Two roads: what is reckoned of notes that are certain, and what a descriptor measures of them.
    #[test]
    fn the_mean_pitch_is_the_one_that_is_measured() {
        use sceneloop_music::{Bpm, Chord, ChordQuality, Clip, Energy, Key, LoopGrid, Note, Rank};
        let vocabulary = Vocabulary::new();
        let chord = Chord::new(0, ChordQuality::Power);
        let mut grid = LoopGrid::empty(Metre::FOUR_FOUR, 2, Key::default(), chord);
        let note = |onset, pitch, duration| Note { onset, duration, pitch, velocity: 90, rank: Rank::new(0) };
        grid.clips[Role::Lead] =
            Clip::new(vec![note(2, 4, 3), note(7, 5, 2), note(14, 7, 6), note(21, 9, 1), note(28, 7, 4)]);
        grid.clips[Role::Bass] = Clip::new(vec![note(0, -17, 6), note(6, -12, 10), note(19, -17, 9)]);
        grid.clips[Role::Drums] =
            Clip::new(vec![note(0, 0, 1), note(3, 1, 1), note(10, 0, 1), note(27, 1, 1)]);
        let tokens = Tokens::of(&grid, &vocabulary).unwrap();
        let measured = Descriptor::measure(&grid, Bpm::default(), Energy::new(100.0));
        let open: [Vec<Odds>; Row::COUNT] = Default::default();
        // Nothing is open, so nothing can be moved; the mean pitch is the one that is measured.
        let odds = Odds { step: 1, begins: 1.0, sounds: 1.0, mean: 0.0, variance: 2.0 };
        let mut open = open;
        let lead = Row::Role(Role::Lead).index();
        open[lead].push(Odds { mean: measured.mean_pitch(), ..odds });
        assert!(Steering::default().tilt(&tokens, &open, measured.mean_pitch(), &vocabulary).abs() < 1e-3);
        open[lead][0].mean -= 1.0;
        assert!(
            (Steering::default().tilt(&tokens, &open, measured.mean_pitch(), &vocabulary) - 0.5).abs() < 1e-3
        );
    }

    /// Two roads: notes at once as they are reckoned where all is certain, and as a descriptor measures them.
    #[test]
    fn notes_are_as_long_as_the_polyphony_wants_them() {
        use sceneloop_music::{Bpm, Chord, ChordQuality, Clip, Energy, Key, LoopGrid, Note, Rank};
        let vocabulary = Vocabulary::new();
        let mut grid =
            LoopGrid::empty(Metre::FOUR_FOUR, 1, Key::default(), Chord::new(0, ChordQuality::Power));
        let note = |onset, pitch, duration| Note { onset, duration, pitch, velocity: 90, rank: Rank::new(0) };
        grid.clips[Role::Pad] = Clip::new(vec![note(0, 0, 8), note(0, 7, 8)]);
        grid.clips[Role::Bass] = Clip::new(vec![note(4, -12, 2), note(10, -12, 1)]);
        let tokens = Tokens::of(&grid, &vocabulary).unwrap();
        let measured = Descriptor::measure(&grid, Bpm::default(), Energy::new(100.0)).notes_at_once();
        let mut odds: [Vec<Odds>; Row::COUNT] = Default::default();
        let steering = Steering::default();
        let long = |odds: &_, wanted: f32| steering.lengthen(&tokens, odds, wanted, &vocabulary, 2.0);
        // With nothing open it is only said whether there are enough.
        assert_eq!((long(&odds, measured - 0.01), long(&odds, measured + 0.01)), (-2.0, 2.0));
        // One more may sound on where two do: half of the time if a quarter more is wanted there.
        odds[Row::Role(Role::Lead).index()] =
            (0..8).map(|step| Odds { step, begins: 0.0, sounds: 0.3, mean: 0.0, variance: 1.0 }).collect();
        let nats = long(&odds, measured + 8.0 * 0.5 / 9.0);
        assert!((moved(0.3, nats) - 0.5).abs() < 0.02, "{nats}");
        assert!(long(&odds, measured + 8.0 * 0.1 / 9.0) < 0.0);
        // While nothing is known of another role, lengths are left alone.
        let silent = Tokens::masked(Metre::FOUR_FOUR, 1, &vocabulary);
        assert_eq!(steering.lengthen(&silent, &odds, 9.0, &vocabulary, 2.0), 0.0);
    }

    #[test]
    fn more_syncopation_is_looked_for_on_weak_steps_and_a_higher_register_above() {
        let vocabulary = Vocabulary::new();
        let mut tokens = Tokens::masked(Metre::FOUR_FOUR, 4, &vocabulary);
        tokens.cells.fill(crate::vocabulary::NOTHING);
        let mut odds: [Vec<Odds>; Row::COUNT] = Default::default();
        odds[Row::Role(Role::Lead).index()] =
            (0..64).map(|step| Odds { step, begins: 0.3, sounds: 0.6, mean: 5.0, variance: 9.0 }).collect();
        let steer = |change: &dyn Fn(&mut Condition)| {
            let mut condition = condition();
            condition.wanted[Dimension::OnsetDensity] = 1.2 / (1.2 + 6.0);
            condition.wanted[Dimension::LeadShare] = 1.0;
            change(&mut condition);
            Goals::new(&condition, 2.0).steer(&tokens, &odds, &vocabulary)
        };
        let of = |syncopation: f32, register: f32| {
            steer(&|condition: &mut Condition| {
                condition.wanted[Dimension::Syncopation] = syncopation;
                condition.wanted[Dimension::Register] = register;
            })
        };
        let (even, off) = (of(0.1, 0.5), of(0.9, 0.7));
        assert!(even.steps[1] < 0.0 && off.steps[1] > 0.0, "{even:?} {off:?}");
        assert!(even.high < 0.0 && off.high > 0.0, "{even:?} {off:?}");
        // Of the tune all is open; while nothing is known of another role, the pitch is left alone.
        let silent = Tokens::masked(Metre::FOUR_FOUR, 4, &vocabulary);
        assert_eq!(Steering::default().tilt(&silent, &odds, 12.0, &vocabulary), 0.0);
        assert!(Steering::default().tilt(&tokens, &odds, 12.0, &vocabulary) > 0.0);
        // Where weak steps are preferred, all must come less to be as many.
        let lead = Row::Role(Role::Lead).index();
        assert!(off.biases[lead] < even.biases[lead]);
    }
}
