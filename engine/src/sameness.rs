//! How much a song repeats itself: bars compared with bars.
//!
//! A bar is what is played of it at one energy. Two bars are as like as their pitch classes, their rhythm and their players
//! are, each measured by the cosine of the angle between two vectors (for self-similarity of music see Foote 1999,
//! "Visualizing music and audio using self-similarity"). Apart from that they are the same if every note is.

use crate::arranger::{LoopKey, SectionPlace};
use crate::composer::{self, Library};
use crate::controls::Controls;
use crate::error::EngineError;
use sceneloop_music::{Energy, LoopGrid, Metre, Role, Scene, Section};
use std::collections::HashMap;
use std::sync::Mutex;

/// Bars of a stretch whose exact repetition is looked for.
pub const STRETCH_BARS: usize = 8;

/// What is taken of pitch classes, rhythm and players.
const SHARES: [f32; 3] = [0.45, 0.4, 0.15];

/// A bar as it is heard.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    /// How long each pitch class sounds, relative to the tonic; unit length or all 0.
    chroma: [f32; 12],
    /// Strokes of each role at each step, one row after the other; unit length or all 0.
    onsets: Vec<f32>,
    /// Notes of each role; unit length or all 0.
    players: [f32; Role::COUNT],
    /// Every note: role, step within the bar, length, pitch.
    notes: Vec<(Role, u16, u16, i8)>,
    /// Where it lies in the form.
    pub place: Option<SectionPlace>,
}

fn unit(vector: &mut [f32]) {
    let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
    if length > 0.0 {
        vector.iter_mut().for_each(|value| *value /= length);
    }
}

/// The cosine between two unit vectors; two silent ones are alike.
fn cosine(one: &[f32], other: &[f32]) -> f32 {
    let silent = |vector: &[f32]| vector.iter().all(|value| *value == 0.0);
    match (silent(one), silent(other)) {
        (true, true) => 1.0,
        (true, false) | (false, true) => 0.0,
        (false, false) => one.iter().zip(other).map(|(a, b)| a * b).sum(),
    }
}

impl Bar {
    /// The bars of a loop at an energy.
    pub fn of_loop(grid: &LoopGrid, place: Option<SectionPlace>, energy: Energy) -> Vec<Self> {
        let steps = grid.metre.steps_per_bar() as u16;
        let empty = || Self {
            chroma: [0.0; 12],
            onsets: vec![0.0; Role::COUNT * usize::from(steps)],
            players: [0.0; Role::COUNT],
            notes: Vec::new(),
            place,
        };
        let mut bars: Vec<Self> = (0..grid.bars).map(|_| empty()).collect();
        for (role, clip) in grid.clips.iter() {
            for note in clip.sounding(energy) {
                let first = note.onset / steps;
                let bar = &mut bars[usize::from(first)];
                let step = note.onset % steps;
                bar.onsets[role.index() * usize::from(steps) + usize::from(step)] += 1.0;
                bar.players[role.index()] += 1.0;
                bar.notes.push((role, step, note.duration, note.pitch));
                if !role.is_pitched() {
                    continue;
                }
                for index in first..=(note.end() - 1) / steps {
                    let (begin, end) = (index * steps, (index + 1) * steps);
                    let heard = note.end().min(end) - note.onset.max(begin);
                    bars[usize::from(index)].chroma[note.pitch.rem_euclid(12) as usize] += f32::from(heard);
                }
            }
        }
        for bar in &mut bars {
            unit(&mut bar.chroma);
            unit(&mut bar.onsets);
            unit(&mut bar.players);
            bar.notes.sort_unstable();
        }
        bars
    }

    /// How alike two bars of one metre are, 0 to 1.
    pub fn likeness(&self, other: &Self) -> f32 {
        let alike = [
            cosine(&self.chroma, &other.chroma),
            cosine(&self.onsets, &other.onsets),
            cosine(&self.players, &other.players),
        ];
        alike.into_iter().zip(SHARES).map(|(alike, share)| alike * share).sum()
    }
}

/// The bars of a song by the teacher, from its first one on.
///
/// # Errors
/// [`EngineError::Loop`], which would be a fault of the rules.
pub fn bars(
    scene: &Scene,
    controls: &Controls,
    metre: Metre,
    energy: Energy,
    count: usize,
) -> Result<Vec<Bar>, EngineError> {
    let library = Mutex::new(Library::default());
    let mut bars = Vec::with_capacity(count + 8);
    while bars.len() < count {
        let key = LoopKey::at_bar(scene, controls, metre, bars.len() as i64);
        // Kept: the themes are.
        let grid = composer::taught(key, scene, &library)?;
        bars.extend(Bar::of_loop(&grid, key.place(scene), energy));
    }
    bars.truncate(count);
    Ok(bars)
}

/// The shortest distance, in bars, between the beginnings of two stretches of [`STRETCH_BARS`] bars with the same notes, and where the
/// first of them begins; nothing if no stretch comes again.
pub fn nearest_repeat(bars: &[Bar]) -> Option<(usize, usize)> {
    let mut numbers: HashMap<&[(Role, u16, u16, i8)], usize> = HashMap::new();
    let mut named = Vec::with_capacity(bars.len());
    for bar in bars {
        let next = numbers.len();
        named.push(*numbers.entry(&bar.notes).or_insert(next));
    }
    let mut last: HashMap<&[usize], usize> = HashMap::new();
    let mut nearest: Option<(usize, usize)> = None;
    for (at, stretch) in named.windows(STRETCH_BARS).enumerate() {
        if let Some(before) = last.insert(stretch, at)
            && nearest.is_none_or(|(distance, _)| at - before < distance)
        {
            nearest = Some((at - before, before));
        }
    }
    nearest
}

/// The likeness of a bar to the one so many bars later, on average over the song: for each distance up to `most`.
pub fn by_distance(bars: &[Bar], most: usize) -> Vec<f32> {
    let mean = |distance: usize| {
        let pairs = bars.iter().zip(&bars[distance.min(bars.len())..]);
        let (sum, count) =
            pairs.fold((0.0, 0), |(sum, count), (one, other)| (sum + one.likeness(other), count + 1));
        if count == 0 { 0.0 } else { sum / count as f32 }
    };
    (0..=most.min(bars.len().saturating_sub(1))).map(mean).collect()
}

/// How alike the beginnings of the verses are, on average: what one knows a song again by. Nothing if there is but one.
pub fn kinship_of_returns(bars: &[Bar], length: usize) -> Option<f32> {
    let begins = |index: &usize| {
        let place = |bar: &Bar| bar.place.map(|place| (place.section, place.visit));
        let here = place(&bars[*index]);
        here.is_some_and(|(section, _)| section == Section::A)
            && (*index == 0 || place(&bars[index - 1]) != here)
            && index + length <= bars.len()
    };
    let returns: Vec<usize> = (0..bars.len()).filter(begins).collect();
    let (first, others) = returns.split_first()?;
    let alike = |at: &usize| (0..length).map(|bar| bars[first + bar].likeness(&bars[at + bar])).sum::<f32>();
    let sum: f32 = others.iter().map(alike).sum();
    (!others.is_empty()).then(|| sum / (others.len() * length) as f32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assets::Assets;
    use crate::controls::Form;

    fn scene(text: &str) -> Scene {
        Assets::shipped().unwrap().scenes.parse(text).unwrap()
    }

    fn song(text: &str, controls: &Controls, count: usize) -> Vec<Bar> {
        bars(&scene(text), controls, Metre::FOUR_FOUR, Energy::new(70.0), count).unwrap()
    }

    #[test]
    fn a_song_that_goes_round_is_found_out() {
        let two = song("pop", &Controls { form: Form::Off, ..Controls::default() }, 8);
        let round: Vec<Bar> = two.iter().cycle().take(40).cloned().collect();
        assert_eq!(nearest_repeat(&round), Some((8, 0)));
        assert!(round.iter().all(|bar| (bar.likeness(bar) - 1.0).abs() < 1e-5));
        let curve = by_distance(&round, 16);
        assert!((curve[8] - 1.0).abs() < 1e-5 && curve[1] < 0.999, "{curve:?}");
    }

    /// Distances in bars of 4/4; five minutes at the scene's fastest tempo.
    #[test]
    fn no_eight_bars_come_again_within_five_minutes_and_verses_are_known_again() {
        let table = &Assets::shipped().unwrap().scenes;
        let mut worst: Vec<String> = Vec::new();
        for text in [
            "techno",
            "cyberpunk city, rain",
            "pop",
            "jazz",
            "ambient",
            "horror",
            "武侠",
            "boss battle",
            "lo-fi",
            "study with me",
        ] {
            let scene = table.parse(text).unwrap();
            for seed in 1..=3 {
                for loop_bars in [2, 4, 8] {
                    let controls = Controls { seed, bars: loop_bars, ..Controls::default() };
                    let bars = song(text, &controls, 512);
                    let minutes = |bars: usize| 4.0 * bars as f64 / scene.tempo.1;
                    if let Some((distance, at)) =
                        nearest_repeat(&bars).filter(|(bars, _)| minutes(*bars) < 5.0)
                    {
                        worst.push(format!("{text} {seed} {loop_bars}: bar {at} again after {distance}"));
                    }
                    let kinship = kinship_of_returns(&bars, 4).unwrap();
                    if !(0.55..0.99).contains(&kinship) {
                        worst.push(format!("{text} {seed} {loop_bars}: verses are alike by {kinship}"));
                    }
                }
            }
        }
        assert!(worst.is_empty(), "{}", worst.join("\n"));
    }
}
