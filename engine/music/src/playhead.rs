//! What the host says about time.

use crate::time::{Bpm, Metre};

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
}

impl Playhead {
    /// A playhead in a song of one metre, its first bar at position 0.
    pub fn at(position: f64, bpm: Bpm, metre: Metre, playing: bool) -> Self {
        let quarters = metre.quarters_per_bar();
        let bar = (position / quarters).floor();
        Self { playing, bpm, metre, position, bar_start: bar * quarters, bar: bar as i64 }
    }

    /// The same playhead `quarters` later, tempo and metre unchanged.
    pub fn advanced(mut self, quarters: f64) -> Self {
        self.position += quarters;
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
}
