//! What the host says about time.

use crate::time::{Bpm, Metre};

/// What rounding may take from a position, quarter notes: far less than a frame.
const ROUNDING: f64 = 1e-9;

/// The part of the song that the host repeats. Positions in quarter notes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cycle {
    from: f64,
    to: f64,
}

impl Cycle {
    /// Shorter ones are taken for a host's mistake: a sixteenth, in quarter notes.
    pub const SHORTEST: f64 = 0.25;

    /// From a position to a later one, which itself is not played; none where they are no numbers, or too close.
    pub fn new(from: f64, to: f64) -> Option<Self> {
        (from.is_finite() && to.is_finite() && to - from >= Self::SHORTEST).then_some(Self { from, to })
    }

    /// Where it begins.
    pub fn from(self) -> f64 {
        self.from
    }

    /// Where it goes back to its beginning.
    pub fn to(self) -> f64 {
        self.to
    }

    /// How long it is.
    pub fn quarters(self) -> f64 {
        self.to - self.from
    }

    /// Where one comes to be that rolls from `start` to `position`: whoever starts at the end or behind it never goes back.
    pub fn fold(self, start: f64, position: f64) -> f64 {
        if start >= self.to - ROUNDING || position < self.to - ROUNDING {
            return position;
        }
        self.from + (position - self.to).max(0.0).rem_euclid(self.quarters())
    }

    /// How far apart two positions are for one who goes round.
    pub fn distance(self, one: f64, other: f64) -> f64 {
        let apart = (one - other).abs();
        apart.min((apart - self.quarters()).abs())
    }
}

/// The host's transport at the first frame of a block. Positions count quarter notes from the start of the song.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Playhead {
    /// Whether the transport rolls.
    pub playing: bool,
    /// Tempo at this frame.
    pub bpm: Bpm,
    /// Metre of the bar this frame lies in.
    pub metre: Metre,
    /// Song position in quarter notes; may be negative before the song's start (count-in).
    pub position: f64,
    /// Position of the start of the current bar in quarter notes, at most `position`.
    pub bar_start: f64,
    /// Number of the current bar, counted from 0.
    pub bar: i64,
    /// What the host repeats, if it says so.
    pub cycle: Option<Cycle>,
}

impl Playhead {
    /// A playhead in a song of one metre, its first bar at position 0.
    pub fn at(position: f64, bpm: Bpm, metre: Metre, playing: bool) -> Self {
        let quarters = metre.quarters_per_bar();
        let bar = (position / quarters).floor();
        Self { playing, bpm, metre, position, bar_start: bar * quarters, bar: bar as i64, cycle: None }
    }

    /// The same playhead `quarters` later, tempo and metre unchanged, and the host's cycle gone round as often as need be.
    pub fn advanced(mut self, quarters: f64) -> Self {
        let position = self.position + quarters;
        self.position = self.cycle.map_or(position, |cycle| cycle.fold(self.position, position));
        let bar = self.metre.quarters_per_bar();
        let bars = ((self.position - self.bar_start) / bar).floor();
        self.bar_start += bars * bar;
        self.bar += bars as i64;
        self
    }
}

impl Default for Playhead {
    fn default() -> Self {
        Self::at(0.0, Bpm::default(), Metre::default(), false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advancing_and_placing_agree() {
        for metre in ["4/4", "7/8", "12/8", "5/4"] {
            let metre: Metre = metre.parse().unwrap();
            let start = Playhead::at(0.0, Bpm::default(), metre, true);
            for step in 0..200 {
                let position = f64::from(step) * 0.25;
                let (placed, moved) =
                    (Playhead::at(position, Bpm::default(), metre, true), start.advanced(position));
                assert_eq!(placed, moved, "{metre} at {position}");
            }
        }
        assert_eq!(Playhead::at(-1.0, Bpm::default(), Metre::FOUR_FOUR, true).bar, -1);
    }

    #[test]
    fn a_cycle_is_gone_round() {
        let metre: Metre = "7/8".parse().unwrap();
        let start =
            Playhead { cycle: Cycle::new(7.0, 17.5), ..Playhead::at(14.0, Bpm::default(), metre, true) };
        assert_eq!(start.advanced(3.0).position, 17.0);
        for rounds in 0..5 {
            let moved = start.advanced(3.5 + 10.5 * f64::from(rounds));
            assert_eq!((moved.position, moved.bar_start, moved.bar), (7.0, 7.0, 2));
        }
        let behind = Playhead { position: 17.5, ..start };
        assert_eq!(behind.advanced(20.0).position, 37.5, "who starts behind the end rolls on");
        // Hosts round: a hair before the end is the end.
        assert_eq!(start.advanced(3.5 - 1e-10).position, 7.0);
    }

    #[test]
    fn what_is_no_cycle_is_none() {
        for (from, to) in [(4.0, 4.0), (8.0, 4.0), (0.0, 0.2), (f64::NAN, 4.0), (0.0, f64::INFINITY)] {
            assert_eq!(Cycle::new(from, to), None);
        }
        let cycle = Cycle::new(4.0, 8.0).unwrap();
        assert_eq!(
            (cycle.distance(4.0, 8.0), cycle.distance(7.75, 4.25), cycle.distance(4.0, 5.0)),
            (0.0, 0.5, 1.0)
        );
    }
}
