//! Where the frames of an epoch lie in the song: a straight line from what the host said last, round its cycle if it has one.
//!
//! The renderer works ahead of the host. What the host says may move the line a little under what has been rendered, or
//! much, where the cycle is switched on or moved; [`Timeline::next`] says how the next block goes on from where the last one
//! really ended.

use sceneloop_music::Cycle;

/// Positions that differ by less than this many frames are the same: rounding in hosts, not a change of tempo.
const SAME_POSITION_FRAMES: f64 = 0.05;

/// A block that begins so much before the end of the last one, quarter notes, is elsewhere and not a matter of rounding.
const ELSEWHERE: f64 = 0.125;

/// How one block lies in the song.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Course {
    /// Song position of its first frame.
    pub position: f64,
    /// Where the song is before its first frame, if that is elsewhere: notes begin from this position on.
    pub begins: Option<f64>,
    /// Where the cycle goes back to its beginning within it.
    pub back: Option<Back>,
}

/// A cycle that goes back to its beginning within a block.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Back {
    /// The first frame of the next round.
    pub at: u32,
    /// Song position where the round before ends.
    pub end: f64,
    /// Song position from which the notes of the next round begin.
    pub begins: f64,
    /// Song position that the block's first frame would have if the whole block were in the next round.
    pub position: f64,
}

/// The line.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timeline {
    /// A frame, and its position.
    anchor: (u64, f64),
    quarters_per_frame: f64,
    cycle: Option<Cycle>,
    /// Song position behind the last block of the epoch.
    reached: Option<f64>,
}

impl Timeline {
    /// A line through a position at a frame.
    pub fn new(frame: u64, position: f64, quarters_per_frame: f64, cycle: Option<Cycle>) -> Self {
        Self { anchor: (frame, position), quarters_per_frame, cycle, reached: None }
    }

    pub fn quarters_per_frame(&self) -> f64 {
        self.quarters_per_frame
    }

    /// What the host says now of a frame: the line is moved where it says otherwise.
    pub fn follow(&mut self, frame: u64, position: f64, quarters_per_frame: f64, cycle: Option<Cycle>) {
        let expected = self.position_at(frame);
        let off = cycle.map_or((expected - position).abs(), |cycle| cycle.distance(expected, position));
        let is_new = quarters_per_frame != self.quarters_per_frame || cycle != self.cycle;
        if is_new || off > SAME_POSITION_FRAMES * self.quarters_per_frame {
            *self = Self { reached: self.reached, ..Self::new(frame, position, quarters_per_frame, cycle) };
        }
    }

    /// Song position of a frame.
    pub fn position_at(&self, frame: u64) -> f64 {
        let start = self.anchor.1;
        let position = start + (frame as f64 - self.anchor.0 as f64) * self.quarters_per_frame;
        self.cycle.map_or(position, |cycle| cycle.fold(start, position))
    }

    /// How a block of so many frames lies that is rendered next, from `frame` on.
    pub fn next(&mut self, frame: u64, frames: u32) -> Course {
        let begins = self.join(frame);
        let position = self.position_at(frame);
        let (back, end) = self.back(frame, frames).map_or_else(
            || (None, position + f64::from(frames) * self.quarters_per_frame),
            |(at, cycle)| {
                let position =
                    self.position_at(frame + u64::from(at)) - f64::from(at) * self.quarters_per_frame;
                let back = Back { at, end: cycle.to(), begins: cycle.from(), position };
                (Some(back), position + f64::from(frames) * self.quarters_per_frame)
            },
        );
        self.reached = Some(end);
        Course { position, begins, back }
    }

    /// Makes the line go on from where the last block ended. Where it cannot, since the song is elsewhere: from where notes begin.
    fn join(&mut self, frame: u64) -> Option<f64> {
        let reached = self.reached?;
        let position = self.position_at(frame);
        if let Some(cycle) = self.cycle {
            let near = cycle.distance(position, reached) < ELSEWHERE;
            if near && position - reached > ELSEWHERE {
                // It has gone back already, a little before the host would.
                self.anchor = (frame, position - cycle.quarters());
                return None;
            }
            if near && reached - position > ELSEWHERE {
                return Some(cycle.from().min(position));
            }
        }
        (reached - position > ELSEWHERE).then_some(position)
    }

    /// The first frame behind the first one of a block from which the cycle goes back to its beginning.
    fn back(&self, frame: u64, frames: u32) -> Option<(u32, Cycle)> {
        let cycle = self.cycle?;
        let at = |ahead: u32| self.position_at(frame + u64::from(ahead));
        // A cycle is longer than a block: almost always it need not be looked for.
        if at(frames - 1) >= at(0) {
            return None;
        }
        (1..frames).find(|ahead| at(*ahead) < at(ahead - 1)).map(|ahead| (ahead, cycle))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sceneloop_music::Dice;

    const FRAMES: u32 = 64;

    /// A host that goes round, and a line that is rendered so many frames ahead of it. `tempo` gives the quarters of a frame, `said` what
    /// the host says for its position. Lengths of the rounds as they were rendered.
    fn rounds(
        cycle: Cycle,
        ahead: u64,
        tempo: impl Fn(u64) -> f64,
        mut said: impl FnMut(f64) -> f64,
    ) -> Vec<f64> {
        let (mut host, mut frame, mut rendered) = (cycle.from(), 0_u64, 0_u64);
        let mut line = Timeline::new(0, host, tempo(0), Some(cycle));
        let (mut rounds, mut round) = (Vec::new(), 0.0);
        let (mut before, mut is_first) = (cycle.from(), true);
        while rounds.len() < 40 {
            let rate = tempo(frame);
            if !is_first {
                line.follow(frame, said(host), rate, Some(cycle));
            }
            is_first = false;
            while rendered < frame + ahead {
                let course = line.next(rendered, FRAMES);
                let whole = f64::from(FRAMES) * line.quarters_per_frame();
                if let Some(begins) = course.begins {
                    assert!((begins - cycle.from()).abs() < 0.05, "begins at {begins}");
                    rounds.push(std::mem::take(&mut round));
                } else {
                    assert!((course.position - before).abs() < 0.05, "{} after {before}", course.position);
                }
                before = course.position + whole;
                match course.back {
                    Some(Back { at, end, begins, position }) => {
                        round += (end - course.position).max(0.0);
                        assert_eq!((end, begins), (cycle.to(), cycle.from()));
                        assert!((position + f64::from(at) * line.quarters_per_frame() - begins).abs() < 0.05);
                        rounds.push(std::mem::take(&mut round));
                        before = position + whole;
                        round += before - begins;
                    }
                    None => round += whole,
                }
                rendered += u64::from(FRAMES);
            }
            host = cycle.fold(host, host + 480.0 * rate);
            frame += 480;
        }
        rounds.drain(1..).collect()
    }

    fn assert_rounds(rounds: &[f64], cycle: Cycle, most: f64) {
        for round in rounds {
            assert!((round - cycle.quarters()).abs() < most, "a round of {round} of {}", cycle.quarters());
        }
        // None is missed, none is taken twice.
        let mean = rounds.iter().sum::<f64>() / rounds.len() as f64;
        assert!((mean - cycle.quarters()).abs() < 0.02, "rounds of {mean} of {}", cycle.quarters());
    }

    #[test]
    fn every_round_is_as_long_as_the_cycle() {
        let cycle = Cycle::new(4.0, 6.37).unwrap();
        let steady = |_| 128.0 / 60.0 / 48_000.0;
        assert_rounds(&rounds(cycle, 3_840, steady, |position| position), cycle, 1e-3);
        // A host whose positions are off by up to half a frame.
        let mut dice = Dice::new(1, "jitter");
        let off = |position| position + (f64::from(dice.unit()) - 0.5) * steady(0);
        assert_rounds(&rounds(cycle, 3_840, steady, off), cycle, 1e-3);
    }

    #[test]
    fn tempo_may_change_anywhere_in_a_cycle() {
        let cycle = Cycle::new(4.0, 6.37).unwrap();
        for (ahead, seconds) in [(3_840, 3.0), (5_760, 7.7), (2_880, 1.3)] {
            let ramp = |frame: u64| {
                let phase = frame as f64 / 48_000.0 / seconds;
                (120.0 + 60.0 * (phase * std::f64::consts::TAU).sin()) / 60.0 / 48_000.0
            };
            // What has been rendered ahead was rendered in the tempo of then.
            assert_rounds(&rounds(cycle, ahead, ramp, |position| position), cycle, 0.3);
        }
    }

    #[test]
    fn a_cycle_that_is_switched_on_near_its_end_begins_elsewhere() {
        let rate = 120.0 / 60.0 / 48_000.0;
        let mut line = Timeline::new(0, 7.9, rate, None);
        for block in 0..60 {
            line.next(block * 64, FRAMES); // to 8.06
        }
        line.follow(480, 7.92, rate, Cycle::new(4.0, 8.0));
        let course = line.next(60 * 64, FRAMES);
        assert_eq!(course.begins, Some(4.0));
        assert!((course.position - 4.06).abs() < 1e-6, "{course:?}");
    }

    #[test]
    fn rounding_moves_nothing() {
        let rate = 123.4 / 60.0 / 44_100.0;
        let mut line = Timeline::new(0, 3.0, rate, None);
        line.follow(512, 3.0 + 512.0 * rate + 0.04 * rate, rate, None);
        assert_eq!(line.position_at(1_000), 3.0 + 1_000.0 * rate);
        line.follow(512, 3.0 + 512.0 * rate + 0.06 * rate, rate, None);
        assert!(line.position_at(1_000) > 3.0 + 1_000.0 * rate);
    }
}
