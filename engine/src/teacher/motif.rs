//! A motif: a bar of rhythm and contour that the tune states, repeats, moves, turns and answers.

use super::frame::Frame;
use super::sketch::{Taste, off_beat};
use super::style::{Figure, Tune};
use sceneloop_music::{Dice, LoopGrid, Role};

/// One note of a motif.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tone {
    /// Step from the start of the bar.
    pub step: u16,
    /// Length in steps.
    pub length: u16,
    /// Steps of the scale above the first note.
    pub degree: i32,
}

/// A bar of tune without its place in the scale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Motif(pub Vec<Tone>);

impl Motif {
    /// Throws a motif from the rhythms of a style: mostly steps, a leap now and then that a step takes back.
    pub fn throw(frame: &Frame, tune: &Tune, taste: Taste, dice: &mut Dice) -> Self {
        // Something must be there to develop: three notes at least, where the style has so many.
        let mut rhythm = || {
            let mut text = String::new();
            for _ in 0..4 {
                text = format!("{}{}", dice.pick(tune.cells), dice.pick(tune.cells));
                if text.bytes().filter(|symbol| *symbol == b'x').count() >= 3 {
                    break;
                }
            }
            text
        };
        // Of two rhythms the one that leans to the wanted side, the more surely the further out the wish lies.
        let (one, other) = (rhythm(), rhythm());
        let lean = (taste.syncopation - 0.5) * 2.0;
        let off = off_beat(&other) > off_beat(&one);
        let text = if dice.chance(lean.abs()) && off == (lean > 0.0) { other } else { one };
        let bar = frame.one_bar();
        let leap = (tune.leap * (1.6 - 1.2 * taste.stepwise)).clamp(0.05, 0.7);
        let bias = *dice.pick(&[1, -1, 0]);
        let (mut degree, mut owed) = (0, 0);
        let hits = bar.hits(|_| &text);
        let count = hits.len();
        let tones = hits
            .into_iter()
            .enumerate()
            .map(|(index, hit)| {
                if index > 0 {
                    let step = if owed != 0 {
                        std::mem::take(&mut owed)
                    } else if dice.chance(leap) {
                        let jump: i32 = *dice.pick(&[2, 2, 3, 4]) * if dice.chance(0.5) { 1 } else { -1 };
                        owed = -jump.signum();
                        jump
                    } else if dice.chance(0.14) {
                        0
                    } else {
                        // An arch, a dip or a wave: the bias turns in the middle.
                        let half = if index * 2 < count { bias } else { -bias };
                        if dice.chance(0.5 + 0.25 * half as f32) { 1 } else { -1 }
                    };
                    degree = (degree + step).clamp(-5, 6);
                }
                Tone { step: hit.step, length: hit.length, degree }
            })
            .collect();
        Self(tones)
    }

    /// The motif of a style's figure.
    pub fn of_figure(frame: &Frame, (rhythm, degrees): Figure) -> Self {
        let hits = frame.one_bar().hits(|_| rhythm);
        let tones = hits
            .into_iter()
            .enumerate()
            // Where a metre splits a stroke in two the last number stays.
            .filter_map(|(index, hit)| {
                let degree = *degrees.get(index.min(degrees.len().saturating_sub(1)))?;
                Some(Tone { step: hit.step, length: hit.length, degree })
            })
            .collect();
        Self(tones)
    }

    /// The motif of a loop: the first bar of its lead that has something to say.
    pub fn recall(before: &LoopGrid, frame: &Frame) -> Option<Self> {
        let mode = before.key.mode;
        (0..usize::from(before.bars).min(2)).find_map(|bar| {
            let start = bar as u16 * frame.bar_steps;
            let mut tones: Vec<Tone> = Vec::new();
            let mut first = None;
            for note in &before.clips[Role::Lead].notes {
                // Ornaments and doublings come late on the ladder and are no part of the motif.
                if frame.bar_of(note.onset) != bar || note.rank.get() > 80 {
                    continue;
                }
                let step = note.onset - start;
                if tones.last().is_some_and(|tone| tone.step == step) {
                    continue;
                }
                let degree = mode.nearest_degree(note.pitch.into());
                let base = *first.get_or_insert(degree);
                let length = note.duration.min(frame.bar_steps - step);
                tones.push(Tone { step, length, degree: (degree - base).clamp(-6, 7) });
            }
            (tones.len() >= 3).then_some(Self(tones))
        })
    }

    /// The contour upside down.
    pub fn inverted(&self) -> Self {
        Self(self.0.iter().map(|tone| Tone { degree: -tone.degree, ..*tone }).collect())
    }

    /// Its first half twice, the second time one step away.
    pub fn fragmented(&self, middle: u16, bar: u16, direction: i32) -> Self {
        let half: Vec<Tone> = self.0.iter().copied().filter(|tone| tone.step < middle).collect();
        let mut tones: Vec<Tone> =
            half.iter().map(|tone| Tone { length: tone.length.min(middle - tone.step), ..*tone }).collect();
        tones.extend(half.iter().filter(|tone| tone.step + middle < bar).map(|tone| Tone {
            step: tone.step + middle,
            length: tone.length.min(bar - middle - tone.step),
            degree: tone.degree + direction,
        }));
        Self(tones)
    }

    /// Its beginning, then one long note: how a phrase ends. The rest of the bar is breath.
    pub fn closed(&self, middle: u16, breath: u16) -> Self {
        let mut tones: Vec<Tone> = self.0.iter().copied().filter(|tone| tone.step < middle).collect();
        let degree = tones.last().map_or(0, |tone| tone.degree);
        for tone in &mut tones {
            tone.length = tone.length.min(middle - tone.step);
        }
        let length = breath.saturating_sub(middle).max(1);
        tones.push(Tone { step: middle, length, degree: degree - degree.signum() });
        Self(tones)
    }

    /// A tihai: its first notes as a short phrase three times, placed so that the last note of the third would be the first
    /// of the next bar. Where a bar is too short for that, the motif itself.
    pub fn tihai(&self, bar: u16) -> Self {
        // From one phrase to the next, and from the start of a phrase to its last note: twice the one and once the
        // other fill the bar.
        let apart = (bar * 3).div_ceil(8);
        let ends = bar.saturating_sub(2 * apart);
        if ends < 2 || self.0.len() < 2 {
            return self.clone();
        }
        let middle = (ends / 2).max(1);
        let rise = self.0[1].degree.clamp(-2, 2);
        let phrase = [(0, middle, 0), (middle, ends - middle, rise), (ends, apart - ends, rise + 1)];
        let all = (0..3)
            .flat_map(|turn| phrase.map(|(step, length, degree)| (turn * apart + step, length, degree)));
        Self(
            all.filter(|(step, ..)| *step < bar)
                .map(|(step, length, degree)| Tone { step, length, degree })
                .collect(),
        )
    }

    /// The same with a few notes bent: a variation that is still known again.
    pub fn varied(&self, dice: &mut Dice) -> Self {
        let mut tones = self.0.clone();
        let last = tones.len().saturating_sub(1);
        for (index, tone) in tones.iter_mut().enumerate() {
            if index > 0 && (index == last || dice.chance(0.2)) {
                tone.degree += *dice.pick(&[-1, 1, 1, -2]);
            }
        }
        if tones.len() > 3 && dice.chance(0.4) {
            let index = 1 + dice.below(tones.len() - 2);
            let gone = tones.remove(index);
            tones[index - 1].length += gone.length;
        }
        Self(tones)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sceneloop_music::Metre;

    const TUNE: Tune =
        Tune { cells: &["x=x=x===", "x==x==x="], centre: 72, leap: 0.3, rest: 0.2, grace: 0.0 };

    fn motif(seed: u64) -> Motif {
        Motif::throw(
            &Frame::new(Metre::FOUR_FOUR, 4),
            &TUNE,
            Taste::new(&Default::default()),
            &mut Dice::new(seed, "motif"),
        )
    }

    #[test]
    fn contours_are_mostly_steps_and_turn_over() {
        let (mut steps, mut all) = (0, 0);
        for seed in 0..200 {
            let motif = motif(seed);
            assert!(motif.0.len() >= 5);
            assert_eq!(motif.inverted().inverted(), motif);
            for pair in motif.0.windows(2) {
                all += 1;
                steps += usize::from((pair[1].degree - pair[0].degree).abs() <= 1);
            }
        }
        assert!(steps * 10 > all * 6, "{steps} of {all}");
    }

    #[test]
    fn a_tihai_says_a_phrase_three_times_and_lands_on_the_next_bar() {
        for (bar, starts) in [(16, [0, 6, 12]), (12, [0, 5, 10]), (20, [0, 8, 16]), (14, [0, 6, 12])] {
            let steps: Vec<u16> = motif(1).tihai(bar).0.iter().map(|tone| tone.step).collect();
            let ends = bar - starts[2];
            let wanted = starts.iter().flat_map(|start| [*start, start + ends / 2, start + ends]);
            assert_eq!(steps, wanted.filter(|step| *step < bar).collect::<Vec<_>>());
            assert_eq!(steps.len(), 8);
        }
        assert_eq!(motif(1).tihai(4), motif(1));
    }

    #[test]
    fn closes_breathe_and_fragments_say_the_beginning_twice() {
        for seed in 0..50 {
            let motif = motif(seed);
            let closed = motif.closed(8, 12);
            assert!(closed.0.iter().all(|tone| tone.step + tone.length <= 12));
            let fragment = motif.fragmented(8, 16, 1);
            let (first, second): (Vec<Tone>, Vec<Tone>) =
                fragment.0.iter().copied().partition(|tone| tone.step < 8);
            assert_eq!(first.len(), second.len());
            assert!(first.iter().zip(&second).all(|(a, b)| a.step + 8 == b.step && a.degree + 1 == b.degree));
        }
    }
}
