//! A host that plays an engine at the pace of a sound card.

#![allow(dead_code)] // each test takes what it needs

use sceneloop_engine::{Controls, Engine, NoteOut, Output, Preference, StreamReader};
use sceneloop_music::{Bpm, Energy, Metre, Playhead, Role};
use std::collections::HashSet;
use std::ops::Range;
use std::time::{Duration, Instant};

/// Frames in a second.
pub const RATE: f64 = 48_000.0;
/// Frames of a block: 10 ms.
pub const BLOCK: usize = 480;
/// Blocks of a second.
pub const SECOND: usize = 100;

/// A note that started.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Start {
    /// Frames since the host began.
    pub frame: u64,
    /// Song position of that frame, as the host has it.
    pub position: f64,
    /// The host's tempo there.
    pub seconds_per_quarter: f64,
    pub channel: u8,
    pub key: u8,
}

impl Start {
    /// A note in a block that begins at a frame of the host's and at a place of the song.
    fn of(note: &NoteOut, begin: u64, playhead: &Playhead) -> Self {
        let quarters = f64::from(note.frame) * playhead.bpm.quarters_per_frame(RATE);
        Self {
            frame: begin + u64::from(note.frame),
            position: playhead.advanced(quarters).position,
            seconds_per_quarter: 60.0 / playhead.bpm.get(),
            channel: note.channel,
            key: note.key,
        }
    }
}

/// A bounce in the same blocks, as fast as it goes.
pub struct Bounce {
    pub engine: Engine,
    pub playhead: Playhead,
    reader: StreamReader,
    /// Left channel of all that came out.
    pub left: Vec<f32>,
    pub starts: Vec<Start>,
}

impl Bounce {
    /// From a position on, at 128 BPM in 4/4.
    pub fn new(scene: &str, position: f64) -> Self {
        let engine = Engine::with(Preference::TEACHER).unwrap();
        engine.set_scene(scene).unwrap();
        let reader = engine.open_stream(RATE).unwrap();
        let playhead = Playhead::at(position, Bpm::new(128.0).unwrap(), Metre::FOUR_FOUR, true);
        Self { engine, playhead, reader, left: Vec::new(), starts: Vec::new() }
    }

    pub fn block(&mut self, controls: &Controls) {
        let (mut left, mut right) = ([f32::NAN; BLOCK], [f32::NAN; BLOCK]);
        let (playhead, begin, starts) = (self.playhead, self.left.len() as u64, &mut self.starts);
        let mut take = |note: NoteOut| {
            if note.velocity > 0.0 {
                starts.push(Start::of(&note, begin, &playhead));
            }
        };
        let output = Output { main: [&mut left, &mut right], stems: None };
        self.reader.process_offline(&playhead, controls, output, &mut take);
        self.left.extend(left);
        self.playhead = playhead.advanced(BLOCK as f64 * playhead.bpm.quarters_per_frame(RATE));
    }
}

/// What a producer's host does, in blocks of 10 ms.
pub struct Host {
    pub engine: Engine,
    pub playhead: Playhead,
    pub controls: Controls,
    reader: StreamReader,
    due: Instant,
    /// Left channel of all that was heard.
    pub left: Vec<f32>,
    /// The same of each role.
    pub stems: [Vec<f32>; Role::COUNT],
    pub starts: Vec<Start>,
    /// Channel and key of notes that have started and not ended.
    pub sounding: HashSet<(u8, u8)>,
}

impl Host {
    /// One that has stood still until the first blocks were ready.
    pub fn standing(scene: &str) -> Self {
        let engine = Engine::with(Preference::TEACHER).unwrap();
        engine.set_scene(scene).unwrap();
        let reader = engine.open_stream(RATE).unwrap();
        let controls = Controls {
            humanise: 0.0,
            energy: Energy::new(80.0),
            ring_ms: 120.0,
            bars: 1,
            ..Controls::default()
        };
        let playhead = Playhead::at(0.0, Bpm::new(128.0).unwrap(), Metre::FOUR_FOUR, false);
        let (due, sounding) = (Instant::now(), HashSet::new());
        let (left, stems, starts) = (Vec::new(), std::array::from_fn(|_| Vec::new()), Vec::new());
        let mut host = Self { engine, playhead, controls, reader, due, left, stems, starts, sounding };
        while host.engine.health().blocks_rendered() < 20 {
            host.block();
        }
        host
    }

    /// The same, and it has played for two seconds.
    pub fn playing(scene: &str) -> Self {
        let mut host = Self::standing(scene);
        host.playhead.playing = true;
        host.play(2 * SECOND);
        host
    }

    /// So many blocks of 10 ms, each not before its time.
    pub fn play(&mut self, blocks: usize) {
        (0..blocks).for_each(|_| self.block());
    }

    /// Goes elsewhere in the song.
    pub fn locate(&mut self, position: f64) {
        let Playhead { bpm, metre, playing, cycle, .. } = self.playhead;
        self.playhead = Playhead { cycle, ..Playhead::at(position, bpm, metre, playing) };
    }

    fn block(&mut self) {
        std::thread::sleep(self.due.saturating_duration_since(Instant::now()));
        self.due += Duration::from_secs_f64(BLOCK as f64 / RATE);
        let (mut left, mut right) = ([f32::NAN; BLOCK], [f32::NAN; BLOCK]);
        let quarters = self.playhead.bpm.quarters_per_frame(RATE);
        let (playhead, begin) = (self.playhead, self.left.len() as u64);
        let (sounding, starts) = (&mut self.sounding, &mut self.starts);
        let mut take = |note: NoteOut| {
            let name = (note.channel, note.key);
            if note.velocity == 0.0 {
                assert!(sounding.remove(&name), "{note:?} does not sound");
                return;
            }
            assert!(sounding.insert(name), "{note:?} sounds already");
            starts.push(Start::of(&note, begin, &playhead));
        };
        let mut stems = [[[f32::NAN; BLOCK]; 2]; Role::COUNT];
        let sides = stems.each_mut().map(|stem| stem.each_mut().map(|side| &mut side[..]));
        let output = Output { main: [&mut left, &mut right], stems: Some(sides) };
        self.reader.process(&playhead, &self.controls, output, &mut take);
        self.left.extend(left);
        for (all, [left, _]) in self.stems.iter_mut().zip(stems) {
            all.extend(left);
        }
        if playhead.playing {
            self.playhead = playhead.advanced(BLOCK as f64 * quarters);
        }
    }

    /// The loudest sample of the last so many blocks.
    pub fn peak_of_last(&self, blocks: usize) -> f32 {
        let last = &self.left[self.left.len() - blocks * BLOCK..];
        last.iter().fold(0.0, |peak, sample| peak.max(sample.abs()))
    }

    /// The widest step from a sample to the next, in the mix or a role.
    pub fn widest_step(&self, frames: Range<usize>) -> f32 {
        let all = self.stems.iter().chain([&self.left]);
        let steps =
            all.flat_map(|side| side[frames.clone()].windows(2).map(|pair| (pair[1] - pair[0]).abs()));
        steps.fold(0.0, f32::max)
    }

    /// Notes that started within some frames, but those that were held and sounded again because the music had been cut: place in
    /// sixteenths, channel, key.
    pub fn notes_in(&self, frames: Range<usize>) -> Vec<(i64, u8, u8)> {
        let on_grid = |start: &&Start| {
            let steps = start.position * 4.0;
            frames.contains(&(start.frame as usize)) && (-0.01..0.34).contains(&(steps - steps.round()))
        };
        let starts = self.starts.iter().filter(on_grid);
        starts.map(|start| ((start.position * 4.0).round() as i64, start.channel, start.key)).collect()
    }

    /// The longest run of exact silence, frames.
    pub fn longest_silence(&self, frames: Range<usize>) -> usize {
        self.left[frames].split(|sample| *sample != 0.0).map(<[f32]>::len).max().unwrap_or(0)
    }
}
