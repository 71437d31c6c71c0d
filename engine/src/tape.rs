//! The tape: what was heard lately, so that it can be kept after it was liked. It runs while somebody wants it to, in the memory only.
//!
//! ```text
//!  reader (audio thread) ──TapePiece, TapeNote──▶ renderer's thread ──▶ Tape ◀── window
//!                          ringbuf; nobody waits          a lock that these two share, and nobody else
//! ```
//!
//! The mix is kept as it was heard, to the bit. Stems take a sixteenth of a second at a time 16 bits a sample, of which the loudest
//! has all: what that adds lies 96 dB below it. Roles that are silent take nothing.

use crate::export::PlayedNote;
use crate::export::take::NoteCollector;
use crate::stream::{NoteOut, Output};
use ringbuf::traits::{Consumer, Observer, Producer, Split};
use ringbuf::{HeapCons, HeapProd, HeapRb};
use sceneloop_music::{Bpm, Energy, Metre, PerRole, Playhead, Role};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};

/// Frames of a piece, at most.
const PIECE: usize = 64;
/// Pieces that may wait: a third of a second at 48 kHz, of hosts with blocks of 16 frames a twelfth; they are looked for every two
/// milliseconds. Every instance has room for them, so they are not more.
const PIECES: usize = 256;
/// Notes that may wait.
const NOTES: usize = 4096;
/// The longest block of a host that is taped, frames.
const LONGEST_BLOCK: usize = 4096;
/// Left and right of each role.
const STEMS: usize = 2 * Role::COUNT;
/// Frames of a cell, in which stems are packed.
const CELL: usize = 3072;
/// How much is kept: 64 seconds at 48 kHz. The mix takes 25 MB, the stems up to 86 MB.
const MOST_FRAMES: usize = 64 * 48_000;
/// Positions that differ by less are the same, quarter notes, and bars that do are as long.
const SAME_PLACE: f64 = 1e-3;
const SAME_BAR: f64 = 0.02;
/// What rounding may make of a place, frames.
const EDGE: f64 = 1e-3;

/// Some frames as they went to the host.
#[derive(Clone, Copy)]
struct TapePiece {
    /// Frames taped before it; one that does not follow the one before says that something is missing.
    at: u64,
    frames: usize,
    /// Where its first frame lies in the song, while the music rolls.
    playhead: Option<Playhead>,
    energy: Energy,
    /// Left and right of the mix, and of each role.
    channels: [[f32; PIECE]; 2 + STEMS],
}

/// A note that started or ended.
#[derive(Clone, Copy)]
struct TapeNote {
    at: u64,
    role: Role,
    key: u8,
    /// 0 is its end.
    velocity: f32,
}

/// The writing end, on the audio thread: it allocates nothing and never waits. What finds no room is missing, and the tape begins anew.
pub(crate) struct TapeWriter {
    /// Written by the window's thread.
    is_on: Arc<AtomicBool>,
    pieces: HeapProd<TapePiece>,
    notes: HeapProd<TapeNote>,
    at: u64,
    was_on: bool,
    /// Stems, where the host takes none.
    spare: [Vec<f32>; STEMS],
}

impl TapeWriter {
    /// Whether a block is to be taped.
    pub fn wants(&mut self, frames: usize) -> bool {
        let is_on = self.is_on.load(Ordering::Relaxed) && frames <= LONGEST_BLOCK;
        if is_on && !self.was_on {
            self.at += 1 << 32; // something is missing in between
        }
        self.was_on = is_on;
        is_on
    }

    /// Has a block made with its stems, and tapes it. `playhead` says where it lies in the song if it does.
    pub fn record(
        &mut self,
        output: Output<'_>,
        playhead: Option<(Playhead, f64)>,
        energy: Energy,
        notes: &mut dyn FnMut(NoteOut),
        make: impl FnOnce(Output<'_>, &mut dyn FnMut(NoteOut)),
    ) {
        let Output { main: [left, right], stems } = output;
        let frames = left.len().min(right.len());
        let Self { pieces, notes: noted, at, spare, .. } = self;
        let mut stems = stems.unwrap_or_else(|| {
            let mut sides = spare.iter_mut().map(|side| side.get_mut(..frames).unwrap_or_default());
            std::array::from_fn(|_| std::array::from_fn(|_| sides.next().unwrap_or_default()))
        });
        let mut note = |note: NoteOut| {
            let NoteOut { frame, role, key, velocity, .. } = note;
            let _ = noted.try_push(TapeNote { at: *at + u64::from(frame), role, key, velocity });
            notes(note);
        };
        let lent = stems.each_mut().map(|stem| stem.each_mut().map(|side| &mut **side));
        make(Output { main: [&mut *left, &mut *right], stems: Some(lent) }, &mut note);
        let channels = || [&*left, &*right].into_iter().chain(stems.iter().flatten().map(|side| &**side));
        for start in (0..frames).step_by(PIECE) {
            let count = PIECE.min(frames - start);
            let mut piece = TapePiece {
                at: *at,
                frames: count,
                playhead: playhead.map(|(playhead, per_frame)| playhead.advanced(start as f64 * per_frame)),
                energy,
                channels: [[0.0; PIECE]; 2 + STEMS],
            };
            for (kept, channel) in piece.channels.iter_mut().zip(channels()) {
                let from = channel.get(start..start + count).unwrap_or_default();
                kept[..from.len()].copy_from_slice(from);
            }
            let _ = pieces.try_push(piece); // the next one says that it is missing
            *at += count as u64;
        }
    }
}

/// The reading end, on the renderer's thread.
pub(crate) struct TapeReader {
    is_on: Arc<AtomicBool>,
    pieces: HeapCons<TapePiece>,
    notes: HeapCons<TapeNote>,
    tape: Arc<Mutex<Tape>>,
    sample_rate: f64,
    is_clear: bool,
}

impl TapeReader {
    /// Winds on what has come, and throws everything away when nobody wants it.
    pub fn wind(&mut self) {
        if !self.is_on.load(Ordering::Relaxed) {
            if !std::mem::replace(&mut self.is_clear, true) {
                *lock(&self.tape) = Tape::default();
            }
            self.pieces.clear();
            self.notes.clear();
            return;
        }
        self.is_clear = false;
        if self.pieces.is_empty() {
            return;
        }
        // Whoever reads it may have been sent to sleep: the pieces can wait, the music cannot.
        let mut tape = match self.tape.try_lock() {
            Ok(tape) => tape,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return,
        };
        tape.sample_rate = self.sample_rate;
        while let Some(piece) = self.pieces.try_pop() {
            tape.add(&piece);
        }
        // The notes of a piece are pushed before it.
        while self.notes.try_peek().is_some_and(|note| note.at < tape.end) {
            tape.notes.extend(self.notes.try_pop());
        }
    }
}

/// Both ends of the way to a tape.
pub(crate) fn ends(
    is_on: Arc<AtomicBool>,
    tape: Arc<Mutex<Tape>>,
    sample_rate: f64,
) -> (TapeWriter, TapeReader) {
    let (piece_in, piece_out) = HeapRb::new(PIECES).split();
    let (note_in, note_out) = HeapRb::new(NOTES).split();
    let writer = TapeWriter {
        is_on: is_on.clone(),
        pieces: piece_in,
        notes: note_in,
        at: 0,
        was_on: false,
        spare: std::array::from_fn(|_| vec![0.0; LONGEST_BLOCK]),
    };
    let reader = TapeReader { is_on, pieces: piece_out, notes: note_out, tape, sample_rate, is_clear: true };
    (writer, reader)
}

/// A bar line that was passed.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Line {
    /// Its frame.
    at: u64,
    /// Song position, quarter notes.
    position: f64,
    bar: i64,
    metre: Metre,
    energy: Energy,
}

/// A sixteenth of a second at 48 kHz.
struct Cell {
    mix: [Vec<f32>; 2],
    stems: [Option<Packed>; STEMS],
}

/// Samples in 16 bits of the loudest.
struct Packed {
    scale: f32,
    samples: Vec<i16>,
}

impl Packed {
    /// Nothing, where there is only silence.
    fn of(samples: &[f32]) -> Option<Self> {
        let peak = samples.iter().fold(0.0f32, |peak, sample| peak.max(sample.abs()));
        let scale = peak / f32::from(i16::MAX);
        // What is not a number is not kept.
        (scale > 0.0 && scale.is_finite()).then(|| Self {
            scale,
            samples: samples.iter().map(|sample| (sample / scale).round() as i16).collect(),
        })
    }

    fn samples(&self) -> impl Iterator<Item = f32> {
        self.samples.iter().map(|sample| f32::from(*sample) * self.scale)
    }
}

/// What was heard lately. Written by the renderer's thread, read by the window's.
#[derive(Default)]
pub(crate) struct Tape {
    /// Hz.
    sample_rate: f64,
    /// The frame of the first cell.
    start: u64,
    /// The frame behind the last one.
    end: u64,
    cells: VecDeque<Arc<Cell>>,
    /// What does not fill a cell yet.
    open: [Vec<f32>; 2 + STEMS],
    notes: VecDeque<TapeNote>,
    /// The bar lines since the music plays without a break.
    lines: VecDeque<Line>,
    /// Where the music goes on, if it rolls on.
    expected: Option<f64>,
    /// Quarter notes since the last bar line.
    since: f64,
}

impl Tape {
    fn add(&mut self, piece: &TapePiece) {
        // Where the music stands the tape does: what was heard stays until it begins again.
        if piece.playhead.is_none() && !self.lines.is_empty() {
            self.expected = None;
            return;
        }
        if piece.at != self.end {
            let sample_rate = self.sample_rate;
            *self = Self { sample_rate, start: piece.at, end: piece.at, ..Self::default() };
        }
        self.rule(piece);
        let mut done = 0;
        while done < piece.frames {
            let count = (CELL - self.open[0].len()).min(piece.frames - done);
            for (open, channel) in self.open.iter_mut().zip(&piece.channels) {
                open.extend_from_slice(&channel[done..done + count]);
            }
            done += count;
            if self.open[0].len() == CELL {
                let [left, right, stems @ ..] = &mut self.open;
                let stems = stems.each_mut().map(|side| Packed::of(&std::mem::take(side)));
                let mix = [std::mem::take(left), std::mem::take(right)];
                self.cells.push_back(Arc::new(Cell { mix, stems }));
            }
        }
        self.end += piece.frames as u64;
        while self.cells.len() * CELL > MOST_FRAMES {
            self.cells.pop_front();
            self.start += CELL as u64;
            while self.notes.front().is_some_and(|note| note.at < self.start) {
                self.notes.pop_front();
            }
            while self.lines.front().is_some_and(|line| line.at < self.start) {
                self.lines.pop_front();
            }
        }
    }

    /// Finds the bar line in a piece, if there is one; bars of before a jump, a stop or another metre are bars of another take.
    fn rule(&mut self, piece: &TapePiece) {
        let Some(playhead) = piece.playhead else {
            self.expected = None;
            return;
        };
        let goes_on = self.expected.is_some_and(|place| (place - playhead.position).abs() < SAME_PLACE);
        if !goes_on || self.lines.back().is_some_and(|line| line.metre != playhead.metre) {
            self.lines.clear();
        }
        let per_frame = playhead.bpm.quarters_per_frame(self.sample_rate);
        let (into, bar) = (playhead.position - playhead.bar_start, playhead.metre.quarters_per_bar());
        let (here, length) = (self.since, piece.frames as f64 * per_frame);
        self.since += length;
        self.expected = Some(playhead.advanced(length).position);
        // To the nearest frame, and a place that lies on the edge of two pieces, but for rounding, in the later one.
        let to_line = if into < (0.5 + EDGE) * per_frame { -into } else { bar - into };
        let frame = (to_line / per_frame - 0.5 + EDGE).ceil().max(0.0);
        if frame >= piece.frames as f64 - EDGE {
            return;
        }
        let passed = here + to_line;
        if let Some(last) = self.lines.back() {
            if passed < 0.5 * bar && piece.at + frame as u64 - last.at <= 2 {
                return; // it was passed before
            }
            // The host's cycle is no whole number of bars: what lies before it is another take.
            if (passed - bar).abs() > SAME_BAR {
                self.lines.clear();
            }
        }
        let line = playhead.advanced(to_line + 0.5 * bar);
        self.lines.push_back(Line {
            at: piece.at + frame as u64,
            position: line.bar_start,
            bar: line.bar,
            metre: playhead.metre,
            energy: piece.energy,
        });
        self.since = length - to_line;
    }

    /// How many whole bars can be kept.
    pub fn bars(&self) -> u32 {
        self.lines.len().saturating_sub(1) as u32
    }
}

/// Some bars as they were heard.
#[derive(Debug, Clone)]
pub struct Heard {
    /// Hz.
    pub sample_rate: u32,
    /// Metre of all bars.
    pub metre: Metre,
    /// Tempo, by the time that the bars took.
    pub bpm: Bpm,
    /// Number of the first bar in the song, from 0.
    pub first_bar: i64,
    /// Song position of each bar, quarter notes: where the host goes round they do not only rise.
    pub positions: Vec<f64>,
    /// Energy at the start of each bar.
    pub energies: Vec<Energy>,
    /// Left and right of the mix.
    pub main: [Vec<f32>; 2],
    /// Left and right of each role, before the master.
    pub stems: PerRole<[Vec<f32>; 2]>,
    /// All notes by start, in frames from the first bar line.
    pub notes: Vec<PlayedNote>,
}

/// The last bars on a tape, at most so many; nothing where there is not a whole bar since the music began, jumped or stopped.
pub(crate) fn heard(tape: &Mutex<Tape>, bars: u32) -> Option<Heard> {
    // What is copied while it is held is little: the cells are shared.
    let (lines, notes, cells, open, start, sample_rate) = {
        let tape = lock(tape);
        let from = tape.lines.len().checked_sub(bars.min(tape.bars()).max(1) as usize + 1)?;
        let lines: Vec<Line> = tape.lines.range(from..).copied().collect();
        let notes: Vec<TapeNote> = tape.notes.iter().copied().collect();
        let cells: Vec<Arc<Cell>> = tape.cells.iter().cloned().collect();
        (lines, notes, cells, tape.open.clone(), tape.start, tape.sample_rate)
    };
    let (first, last) = (*lines.first()?, *lines.last()?);
    let (from, frames) = ((first.at - start) as usize, (last.at - first.at) as usize);
    let mut channels: [Vec<f32>; 2 + STEMS] = std::array::from_fn(|_| Vec::with_capacity(frames + 2 * CELL));
    // From the cell in which the first bar line lies.
    for cell in &cells[(from / CELL).min(cells.len())..] {
        for (index, channel) in channels.iter_mut().enumerate() {
            match index.checked_sub(2).map(|index| &cell.stems[index]) {
                None => channel.extend_from_slice(&cell.mix[index]),
                Some(Some(packed)) => channel.extend(packed.samples()),
                Some(None) => channel.resize(channel.len() + CELL, 0.0),
            }
        }
    }
    for (channel, open) in channels.iter_mut().zip(&open) {
        channel.extend_from_slice(open);
        channel.drain(..(from % CELL).min(channel.len()));
        channel.truncate(frames);
    }
    let mut sides = channels.into_iter();
    let mut stereo = || std::array::from_fn(|_| sides.next().unwrap_or_default());
    let (main, stems) = (stereo(), PerRole::from_fn(|_| stereo()));
    let mut collected = NoteCollector::default();
    for note in notes.into_iter().filter(|note| (first.at..last.at).contains(&note.at)) {
        let TapeNote { at, role, key, velocity } = note;
        collected
            .take(at - first.at, NoteOut { frame: 0, role, channel: role.midi_channel(), key, velocity });
    }
    let quarters = (lines.len() - 1) as f64 * first.metre.quarters_per_bar();
    let minutes = frames as f64 / sample_rate / 60.0;
    Some(Heard {
        sample_rate: sample_rate.round() as u32,
        metre: first.metre,
        bpm: Bpm::new(quarters / minutes).ok()?,
        first_bar: first.bar,
        positions: lines.iter().rev().skip(1).rev().map(|line| line.position).collect(),
        energies: lines.iter().rev().skip(1).rev().map(|line| line.energy).collect(),
        main,
        stems,
        notes: collected.finish(frames as u64),
    })
}

pub(crate) fn lock(tape: &Mutex<Tape>) -> MutexGuard<'_, Tape> {
    tape.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The frames of the bar lines of bars at a tempo and a rate, with positions that are a little off.
    fn lines(bpm: f64, sample_rate: f64, block: usize, bars: u32) -> Vec<u64> {
        let bpm = Bpm::new(bpm).unwrap();
        let per_frame = bpm.quarters_per_frame(sample_rate);
        let mut tape = Tape { sample_rate, ..Tape::default() };
        let (mut at, mut found) = (0u64, Vec::new());
        while (at as f64) * per_frame < 4.0 * f64::from(bars) + 0.5 {
            let noise = [0.0, 1e-12, -1e-12, 3e-12][at as usize / block % 4];
            let position = (at as f64 * per_frame + noise).max(0.0);
            let playhead = Some(Playhead::at(position, bpm, Metre::FOUR_FOUR, true));
            let channels = [[0.0; PIECE]; 2 + STEMS];
            let energy = Energy::default();
            tape.rule(&TapePiece { at, frames: block, playhead, energy, channels });
            at += block as u64;
            for line in &tape.lines {
                if found.last().is_none_or(|last| line.at > *last) {
                    found.push(line.at);
                }
            }
        }
        assert_eq!(tape.bars(), bars, "{bpm:?} {sample_rate} {block}");
        found
    }

    #[test]
    fn every_bar_has_one_line_also_where_it_is_half_a_frame_longer() {
        for (bpm, sample_rate) in [(128.0, 44_100.0), (120.0, 48_000.0), (131.0, 48_000.0), (97.3, 44_100.0)]
        {
            for block in [64, 60, 1] {
                let bar = 240.0 / bpm * sample_rate;
                let bars = if block == 1 { 4 } else { 130 };
                for (number, at) in lines(bpm, sample_rate, block, bars).into_iter().enumerate() {
                    let there = number as f64 * bar;
                    assert!((at as f64 - there).abs() <= 0.51, "{bpm} {block}: {at} for {there}");
                }
            }
        }
    }

    #[test]
    fn silence_is_not_packed_and_sound_is_kept_within_16_bits() {
        assert!(Packed::of(&[0.0; 8]).is_none());
        let samples: Vec<f32> = (0..CELL).map(|frame| 0.3 * (frame as f32 * 0.1).sin()).collect();
        let packed = Packed::of(&samples).unwrap();
        let most = samples.iter().zip(packed.samples()).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(most <= 0.3 / 32_767.0 * 0.51, "{most}");
    }
}
