//! From what the host says about time to a [`Playhead`].
//!
//! Hosts leave out what they do not know and sometimes send nonsense. The rules:
//!
//! | what is missing or bad | what holds |
//! | --- | --- |
//! | no tempo | 120 BPM |
//! | tempo that is no number or absurd | the last good one |
//! | metre whose bar is not a whole number of sixteenths, or none | the last good one, at first 4/4 |
//! | no position, or one that is no number | our own clock, which goes on from the last position |
//! | no bar line, or one that does not belong to the position | counted on from what was known, or from the song's start |
//! | nothing at all (a host without a transport) | our own clock, rolling |
//! | a loop that is no loop, or shorter than a sixteenth | no loop |
//!
//! Lives on the audio thread: no allocation, nothing that waits.

use nice_plug::prelude::Transport;
use sceneloop_music::{Bpm, Cycle, Metre, Playhead};

/// A position beyond this many quarter notes (about 17 years at 120 BPM) is nonsense.
const FARTHEST: f64 = 1e9;
/// A block that begins within this many quarter notes of where the last one ended follows on from it.
const FOLLOWS_ON: f64 = 0.05;
/// Two bar lines this close, in quarter notes, are one.
const SAME_LINE: f64 = 1e-3;
/// What rounding may take from a position, quarter notes; a thousandth of a frame at the most.
const ROUNDING: f64 = 1e-8;

/// Keeps what was last known about time.
#[derive(Debug, Clone, Copy)]
pub struct TransportReader {
    sample_rate: f64,
    /// Where the block after the last one begins, if nobody jumps.
    expected: Playhead,
    /// The host's block, and where it said that it begins.
    block: (u64, f64),
}

impl TransportReader {
    /// A reader whose own clock stands at the start of the song.
    pub fn new(sample_rate: f64) -> Self {
        Self { sample_rate, expected: Playhead::default(), block: (0, 0.0) }
    }

    /// Puts our own clock back to the start of the song.
    pub fn reset(&mut self) {
        self.expected = Playhead::default();
    }

    /// The playhead at the first frame of `frames`, which are the host's block of that number or a part of it. `foresees`: whether the
    /// host's loop is gone round before the host says so.
    pub fn read(&mut self, host: &Transport, frames: usize, block: u64, foresees: bool) -> Playhead {
        let bpm = match host.tempo {
            Some(tempo) => Bpm::new(tempo).unwrap_or(self.expected.bpm),
            None => Bpm::default(),
        };
        let metre = metre(host).unwrap_or(self.expected.metre);
        let told = host.pos_beats().filter(|position| position.abs() < FARTHEST);
        if let Some(told) = told
            && (block == 0 || block != self.block.0)
        {
            self.block = (block, told);
        }
        let cycle = cycle(host).filter(|_| foresees);
        // Positions of a block's parts are reckoned from its beginning, as if no loop were there.
        let position = told.map(|told| cycle.map_or(told, |cycle| cycle.fold(self.block.1, told)));
        // A host that is behind the end of its loop does not go round it.
        let cycle = cycle.filter(|cycle| position.is_none_or(|position| position < cycle.to()));
        let playing = host.playing || has_no_transport(host);
        let playhead = match position {
            Some(position) => {
                let bar_start = self.bar_start(host, position, metre);
                let bar = ((bar_start + SAME_LINE) / metre.quarters_per_bar()).floor() as i64;
                Playhead { playing, bpm, metre, position, bar_start, bar, cycle: None }
            }
            None if metre == self.expected.metre => Playhead { playing, bpm, ..self.expected },
            None => Playhead::at(self.expected.position, bpm, metre, playing),
        };
        let playhead = Playhead { cycle, ..playhead };
        let quarters = if playing { frames as f64 * bpm.quarters_per_frame(self.sample_rate) } else { 0.0 };
        self.expected = playhead.advanced(quarters);
        playhead
    }

    /// The bar line at or before `position`.
    ///
    /// Where nice-plug splits a block at a parameter change it does not pass on the host's bar line but reckons one
    /// from the song's start, which is wrong after a change of metre. Such a line is only believed where nothing
    /// better is known.
    fn bar_start(&self, host: &Transport, position: f64, metre: Metre) -> f64 {
        let bar = metre.quarters_per_bar();
        let reckoned = (position / bar).floor() * bar;
        // The last line at or before the position, among those a whole number of bars away from `line`. Lines are not
        // moved to meet the position: the next ones are counted from them, so that any shift would stay.
        let nearest = |line: f64| line + ((position - line + ROUNDING) / bar).floor() * bar;
        let given = host.bar_start_pos_beats.filter(|line| line.abs() < FARTHEST);
        if let Some(line) =
            given.filter(|line| (line - reckoned).abs() > SAME_LINE && *line <= position + SAME_LINE)
        {
            return nearest(line);
        }
        let follows = (position - self.expected.position).abs() < FOLLOWS_ON && metre == self.expected.metre;
        if follows { nearest(self.expected.bar_start) } else { nearest(reckoned) }
    }
}

/// The host's loop. Only a host that says where it is says where it goes back.
fn cycle(host: &Transport) -> Option<Cycle> {
    let (from, to) = host.loop_range_beats?;
    host.pos_beats?;
    Cycle::new(from, to).filter(|cycle| cycle.from().abs() < FARTHEST && cycle.to().abs() < FARTHEST)
}

/// Whether the host has no transport, rather than one that is stopped.
fn has_no_transport(host: &Transport) -> bool {
    !host.playing
        && host.tempo.is_none()
        && host.pos_beats.is_none()
        && host.pos_seconds.is_none()
        && host.pos_samples.is_none()
        && host.bar_start_pos_beats.is_none()
}

fn metre(host: &Transport) -> Option<Metre> {
    let numerator = u8::try_from(host.time_sig_numerator?).ok()?;
    let denominator = u8::try_from(host.time_sig_denominator?).ok()?;
    Metre::new(numerator, denominator).ok()
}

#[cfg(test)]
mod tests;
