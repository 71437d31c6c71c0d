//! Which of several loops is the best: how likely the network found it, how near it is to what was wanted, how smoothly its voices
//! lead, and whether it repeats itself as music does.

use crate::condition::{Condition, usual};
use crate::generator::{ComposeError, Generator, Wish, Written};
use sceneloop_music::{Bpm, Descriptor, Dimension, Energy, LoopGrid, Note, Role};

/// Loops written for the first of a song, of which the best is played.
pub const CANDIDATES: usize = 8;

/// What each part counts. Likelihoods of loops for one wish differ by some hundredths of a nat, distances by some tenths of a deviation:
/// what was wanted comes first.
const DISTANCE: f32 = 1.0;
const LEAPS: f32 = 0.3;
const SAMENESS: f32 = 0.2;

/// Dimensions that no note decides: the tonic and tempo are the host's, the swing is the loop's, the mode is given.
const OUTSIDE: [Dimension; 5] =
    [Dimension::TonicCos, Dimension::TonicSin, Dimension::Tempo, Dimension::Swing, Dimension::ModeBrightness];

/// Dimensions that count twice: what a listener is told by name, and notes alone can only be led near.
const HEEDED: [Dimension; 3] = [Dimension::Register, Dimension::Syncopation, Dimension::StepwiseMotion];

/// The parts of a judgement; all but the first are the better the smaller.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score {
    /// Mean log-probability of what was drawn, in nats.
    pub likelihood: f32,
    /// Mean distance of the measured numbers from the wanted ones, in deviations ([`usual`]); register, syncopation and steps of the tune count twice.
    pub distance: f32,
    /// Semitones beyond a fifth that the tune leaps, and beyond a third that the nearest voices of the chords move, a step, in octaves.
    pub leaps: f32,
    /// How far the share of bars that repeat another is from what loops have: 1 where all are alike or none is.
    pub sameness: f32,
}

impl Score {
    /// Judges a loop.
    pub fn of(written: &Written, condition: &Condition) -> Self {
        Self {
            likelihood: written.log_likelihood,
            distance: distance(&written.grid, condition),
            leaps: (tune_leaps(&written.grid) + chord_moves(&written.grid)) / 12.0,
            sameness: sameness(&written.grid),
        }
    }

    /// All parts as one number; more is better.
    pub fn total(&self) -> f32 {
        self.likelihood - DISTANCE * self.distance - LEAPS * self.leaps - SAMENESS * self.sameness
    }
}

/// A loop and what is thought of it.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// The loop.
    pub grid: LoopGrid,
    /// Its judgement.
    pub score: Score,
    /// The seed that names it.
    pub seed: u64,
}

impl Generator {
    /// The best of so many loops for one wish.
    ///
    /// # Errors
    /// As [`Generator::generate_all`].
    pub fn best(&self, wish: &Wish, count: usize) -> Result<Written, ComposeError> {
        let best = self.candidates(wish, count.max(1), None)?.swap_remove(0);
        Ok(Written { grid: best.grid, log_likelihood: best.score.likelihood })
    }

    /// So many loops for one wish, the best first: the others are alternatives for the user. Seeds are that of the wish and those after it.
    ///
    /// # Errors
    /// As [`Generator::generate_all`].
    pub fn candidates(
        &self,
        wish: &Wish,
        count: usize,
        before: Option<&LoopGrid>,
    ) -> Result<Vec<Candidate>, ComposeError> {
        let wishes: Vec<Wish> =
            (0..count as u64).map(|index| wish.with_seed(wish.seed.wrapping_add(index))).collect();
        Ok(ranked(self.generate_all(&wishes, before)?, &wishes))
    }
}

/// Loops with their judgements, the best first. Each is judged by the wish at its place.
pub fn ranked(written: Vec<Written>, wishes: &[Wish]) -> Vec<Candidate> {
    let judged = written.into_iter().zip(wishes).map(|(written, wish)| {
        let score = Score::of(&written, &wish.condition);
        Candidate { grid: written.grid, score, seed: wish.seed }
    });
    let mut candidates: Vec<Candidate> = judged.collect();
    candidates.sort_by(|a, b| b.score.total().total_cmp(&a.score.total()));
    candidates
}

fn distance(grid: &LoopGrid, condition: &Condition) -> f32 {
    let bpm = Bpm::new(40.0 + 180.0 * f64::from(condition.wanted[Dimension::Tempo])).unwrap_or_default();
    let measured = Descriptor::measure(grid, bpm, Energy::new(100.0));
    let counted = |dimension: &Dimension| condition.given[dimension.index()] && !OUTSIDE.contains(dimension);
    let (mut apart, mut weights) = (0.0, 0.0);
    for dimension in Dimension::ALL.into_iter().filter(counted) {
        let weight = if HEEDED.contains(&dimension) { 2.0 } else { 1.0 };
        apart += weight * (measured[dimension] - condition.wanted[dimension]).abs() / usual(dimension).1;
        weights += weight;
    }
    if weights > 0.0 { apart / weights } else { 0.0 }
}

/// Mean semitones beyond a fifth from one note of the tune to the next.
fn tune_leaps(grid: &LoopGrid) -> f32 {
    let notes = &grid.clips[Role::Lead].notes;
    let leaps = notes.windows(2).map(|pair| (i32::from(pair[1].pitch) - i32::from(pair[0].pitch)).abs() - 7);
    mean(leaps.map(|leap| leap.max(0) as f32))
}

/// Mean semitones beyond a third from each note of a chord to the nearest of the chord before it.
fn chord_moves(grid: &LoopGrid) -> f32 {
    let notes = &grid.clips[Role::Chords].notes;
    let chords: Vec<&[Note]> = notes.chunk_by(|a, b| a.onset == b.onset).collect();
    mean(chords.windows(2).flat_map(|pair| {
        let nearest = |note: &Note| {
            let apart = pair[0].iter().map(|old| (i32::from(old.pitch) - i32::from(note.pitch)).abs());
            apart.min().unwrap_or(0)
        };
        pair[1].iter().map(move |note| (nearest(note) - 4).max(0) as f32).collect::<Vec<_>>()
    }))
}

/// 0 where half of the bars of the tune, or of the bass without one, repeat another; 1 where all or none do. Loops of one bar are 0.
fn sameness(grid: &LoopGrid) -> f32 {
    let role = if grid.clips[Role::Lead].notes.is_empty() { Role::Bass } else { Role::Lead };
    let (again, all) = repeated_bars(grid, role);
    if all < 2 { 0.0 } else { (2.0 * again as f32 / all as f32 - 1.0).abs() }
}

/// How many bars of a role have the onsets and pitches of another of its bars, and how many have notes at all.
pub fn repeated_bars(grid: &LoopGrid, role: Role) -> (usize, usize) {
    let bar = grid.metre.steps_per_bar() as u16;
    let bars: Vec<Vec<(u16, i8)>> = (0..u16::from(grid.bars))
        .map(|index| {
            let inside = grid.clips[role].notes.iter().filter(|note| note.onset / bar == index);
            inside.map(|note| (note.onset % bar, note.pitch)).collect()
        })
        .filter(|notes: &Vec<_>| !notes.is_empty())
        .collect();
    let again = bars.iter().filter(|bar| bars.iter().filter(|other| other == bar).count() > 1).count();
    (again, bars.len())
}

fn mean(values: impl Iterator<Item = f32>) -> f32 {
    let (sum, count) = values.fold((0.0, 0), |(sum, count), value| (sum + value, count + 1));
    if count == 0 { 0.0 } else { sum / count as f32 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sceneloop_music::{Chord, ChordQuality, Clip, Key, Metre, Rank};

    fn tune(pitches: &[i8]) -> Written {
        let mut grid =
            LoopGrid::empty(Metre::FOUR_FOUR, 4, Key::default(), Chord::new(0, ChordQuality::Major));
        let note = |(index, pitch): (usize, &i8)| Note {
            onset: 4 * index as u16,
            duration: 4,
            pitch: *pitch,
            velocity: 90,
            rank: Rank::ALWAYS,
        };
        grid.clips[Role::Lead] = Clip::new(pitches.iter().enumerate().map(note).collect());
        Written { grid, log_likelihood: -1.0 }
    }

    fn condition() -> Condition {
        Condition::open(None, Metre::FOUR_FOUR, 4)
    }

    #[test]
    fn smooth_tunes_with_some_repetition_are_better() {
        let good = [0, 2, 4, 5, 7, 5, 4, 2, 0, 2, 4, 5, 7, 4, 2, 0];
        let wild = [0, 24, -12, 12, 0, 24, -12, 12, 0, 24, -12, 12, 0, 24, -12, 12];
        let [good, wild] = [&good, &wild].map(|pitches| Score::of(&tune(pitches), &condition()));
        assert_eq!((good.sameness, wild.sameness), (0.0, 1.0));
        assert!(good.leaps == 0.0 && wild.leaps > 1.0);
        assert!(good.total() > wild.total());
    }

    #[test]
    fn what_is_nearer_to_the_wish_is_better() {
        let written = tune(&[0, 2, 4, 5, 7, 5, 4, 2, 0, 2, 4, 5, 7, 4, 2, 0]);
        let near = Descriptor::measure(&written.grid, Bpm::default(), Energy::new(100.0));
        let mut wanted = Condition { wanted: near, given: [true; Descriptor::LEN], ..condition() };
        wanted.wanted[Dimension::Arousal] = near[Dimension::Arousal];
        let close = Score::of(&written, &wanted);
        assert!(close.distance < 0.05, "{}", close.distance);
        wanted.wanted[Dimension::OnsetDensity] = 1.0;
        assert!(Score::of(&written, &wanted).total() < close.total());
        assert_eq!(Score::of(&written, &condition()).distance, 0.0, "nothing was wanted");
    }
}
