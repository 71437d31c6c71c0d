//! A take: some bars of music rendered offline, as a host would bounce them.

use super::curve::EnergyCurve;
use super::event::TakeEvent;
use crate::arranger::LoopKey;
use crate::board::NowPlaying;
use crate::controls::Controls;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::soundfont::FontChoice;
use crate::stinger::Cue;
use crate::stream::{NoteOut, Output, StreamReader};
use sceneloop_music::midi::{MidiNote, MidiSong};
use sceneloop_music::{Bpm, Chord, Energy, Key, Metre, PerRole, Playhead, Quantise, Role, Section};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Frames that are asked for at once; the energy curve is read as often.
const CHUNK: usize = 512;

/// How much earlier than it is to begin an event is told, frames: more than the master looks ahead, less than the shortest
/// sixteenth.
const EARLY: usize = 256;

/// What is to be rendered.
#[derive(Debug, Clone)]
pub struct TakeRequest {
    /// Quarter notes a minute.
    pub bpm: Bpm,
    /// Metre of all bars.
    pub metre: Metre,
    /// How many bars.
    pub bars: u32,
    /// Energy over the bars; that of `controls` is not used.
    pub curve: EnergyCurve,
    /// Everything else.
    pub controls: Controls,
    /// Hz, 22,050 to 192,000.
    pub sample_rate: u32,
    /// Seconds after the last bar in which effects may ring; the music has stopped there.
    pub tail_seconds: f64,
    /// Whether the roles are kept one by one, which takes eight times the memory.
    pub stems: bool,
}

/// A note that was played.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlayedNote {
    /// Whose.
    pub role: Role,
    /// First frame.
    pub start: u64,
    /// Frame of its end.
    pub end: u64,
    /// MIDI key; General MIDI percussion for the drums.
    pub key: u8,
    /// 0 to 1.
    pub velocity: f32,
}

/// A loop that was played.
#[derive(Debug, Clone)]
pub struct PlayedLoop {
    /// Bar in which it began to play.
    pub bar: u32,
    /// The loop.
    pub playing: Arc<NowPlaying>,
}

/// What was played.
#[derive(Debug)]
pub struct Take {
    /// What was asked for.
    pub request: TakeRequest,
    /// Left and right of the mix.
    pub main: [Vec<f32>; 2],
    /// Left and right of each role, before the master; empty if the request did not ask for them.
    pub stems: PerRole<[Vec<f32>; 2]>,
    /// All notes by start.
    pub notes: Vec<PlayedNote>,
    /// The bar of the song that it begins with.
    pub first_bar: i64,
    /// All loops in order.
    pub loops: Vec<PlayedLoop>,
    /// The events that were to happen.
    pub events: Vec<TakeEvent>,
    /// The SoundFonts that played roles in the place of their patches: file, bank and program.
    pub soundfonts: BTreeMap<Role, String>,
}

impl Take {
    /// Renders a take on a stream of its own. `progress` is told the frames done.
    ///
    /// # Errors
    /// A sample rate that cannot be, or no thread.
    pub fn render(
        engine: &Engine,
        request: TakeRequest,
        progress: impl FnMut(usize),
    ) -> Result<Self, EngineError> {
        Self::render_with(engine, request, Vec::new(), progress)
    }

    /// The same with events, each on its beat.
    ///
    /// # Errors
    /// As [`Self::render`].
    pub fn render_with(
        engine: &Engine,
        request: TakeRequest,
        mut events: Vec<TakeEvent>,
        mut progress: impl FnMut(usize),
    ) -> Result<Self, EngineError> {
        let mut reader = engine.open_stream(f64::from(request.sample_rate))?;
        let quarters_per_frame = request.bpm.quarters_per_frame(f64::from(request.sample_rate));
        let body = request.body_frames();
        let total = body + (request.tail_seconds * f64::from(request.sample_rate)) as usize;
        let mut main: [Vec<f32>; 2] = std::array::from_fn(|_| vec![0.0; total]);
        let mut stems: PerRole<[Vec<f32>; 2]> =
            PerRole::from_fn(|_| std::array::from_fn(|_| vec![0.0; if request.stems { total } else { 0 }]));
        let (mut notes, mut loops) = (NoteCollector::default(), Vec::<PlayedLoop>::new());
        // Told in the order in which they happen, so that what is refused is the last of its name so far.
        events.sort_by_key(|event| (event.bar, event.beat));
        let mut done = 0;
        while done < total {
            // The music ends with the last bar, to the frame.
            let end = if done < body { body } else { total };
            let count = CHUNK.min(end - done);
            let position = done as f64 * quarters_per_frame;
            let playhead = Playhead::at(position, request.bpm, request.metre, done < body);
            let energy = request.curve.at(position / request.metre.quarters_per_bar());
            let controls = Controls { energy, ..request.controls };
            request.cue(&events, &mut reader, done..done + count);
            let refusals = engine.health().refused_events();
            let [left, right] = &mut main;
            let output = Output {
                main: [&mut left[done..done + count], &mut right[done..done + count]],
                stems: request.stems.then(|| {
                    stems.0.each_mut().map(|stem| stem.each_mut().map(|side| &mut side[done..done + count]))
                }),
            };
            reader.process_offline(&playhead, &controls, output, &mut |note| notes.take(done as u64, note));
            if engine.health().refused_events() != refusals
                && let Some((_, event, why)) = engine.health().refused_event()
            {
                let is_told = |asked: &TakeEvent| asked.id == event && request.told(asked) < done + count;
                if let Some(asked) = events.iter_mut().rev().find(|asked| is_told(asked)) {
                    asked.refused = Some(why);
                }
            }
            if let Some(playing) = engine.now_playing()
                && loops.last().is_none_or(|last| !Arc::ptr_eq(&last.playing, &playing))
            {
                // Half a frame lies between a bar line and the block that holds it.
                let bar = ((playing.began + 1e-3) / request.metre.quarters_per_bar()).max(0.0) as u32;
                // The renderer looks ahead: what begins with the end is not heard.
                if bar < request.bars {
                    loops.push(PlayedLoop { bar, playing });
                }
            }
            done += count;
            progress(done);
        }
        engine.close_stream();
        let font = |role| {
            let font = engine.soundfont(role)?;
            let preset = font.preset.ok()?;
            let played = FontChoice { preset: Some((&preset).into()), ..font.choice };
            Some((role, played.to_string()))
        };
        let soundfonts = Role::ALL.into_iter().filter_map(font).collect();
        let notes = notes.finish(body as u64);
        Ok(Self { main, stems, notes, first_bar: 0, loops, events, soundfonts, request })
    }

    /// One loop played once at full energy, without audio: for its MIDI and its picture.
    pub fn of_loop(playing: Arc<NowPlaying>, bpm: Bpm) -> Self {
        let LoopKey { metre, bars, seed, .. } = playing.key;
        let energy = Energy::new(100.0);
        let request = TakeRequest {
            bpm,
            metre,
            bars: bars.into(),
            curve: EnergyCurve::level(energy),
            controls: Controls { energy, seed, bars, ..Controls::default() },
            sample_rate: 48_000,
            tail_seconds: 0.0,
            stems: false,
        };
        let frame = |quarters: f64| (quarters / bpm.quarters_per_frame(48_000.0)).round() as u64;
        let song = MidiSong::of_loop(&playing.grid, energy, bpm, 1);
        let played = |role: Role, note: &MidiNote| PlayedNote {
            role,
            start: frame(note.start),
            end: frame(note.start + note.length),
            key: note.key,
            velocity: f32::from(note.velocity) / 127.0,
        };
        let mut notes: Vec<PlayedNote> = Vec::new();
        for (role, track) in song.tracks.iter() {
            notes.extend(track.iter().map(|note| played(role, note)));
        }
        notes.sort_by_key(|note| (note.start, note.role, note.key));
        let loops = vec![PlayedLoop { bar: 0, playing }];
        Self {
            request,
            main: Default::default(),
            stems: PerRole::default(),
            notes,
            first_bar: 0,
            loops,
            events: Vec::new(),
            soundfonts: BTreeMap::new(),
        }
    }

    /// The notes as a MIDI file's content, with sections, loops and chords as markers.
    pub fn midi(&self) -> MidiSong {
        let quarters = self.request.bpm.quarters_per_frame(f64::from(self.request.sample_rate));
        let mut tracks: PerRole<Vec<MidiNote>> = PerRole::default();
        for note in &self.notes {
            tracks[note.role].push(MidiNote {
                start: note.start as f64 * quarters,
                length: (note.end - note.start) as f64 * quarters,
                key: note.key,
                velocity: (note.velocity * 127.0).round().clamp(1.0, 127.0) as u8,
            });
        }
        let bar = self.request.metre.quarters_per_bar();
        let marker = |played: &PlayedLoop| (f64::from(played.bar) * bar, played.label());
        let mut markers: Vec<(f64, String)> = self.loops.iter().map(marker).chain(self.chords()).collect();
        let section = |played: &PlayedSection| (f64::from(played.bar) * bar, format!("[{}]", played.section));
        markers.extend(self.sections().iter().map(section));
        markers.sort_by(|a, b| a.0.total_cmp(&b.0));
        MidiSong {
            tempo: vec![(0.0, self.request.bpm)],
            metres: vec![(0.0, self.request.metre)],
            key: self.loops.first().map(|played| played.playing.grid.key),
            markers,
            tracks,
            length: f64::from(self.request.bars) * bar,
        }
    }
}

impl TakeRequest {
    /// Frames in which the music plays.
    pub fn body_frames(&self) -> usize {
        let quarters = f64::from(self.bars) * self.metre.quarters_per_bar();
        (quarters / self.bpm.quarters_per_frame(f64::from(self.sample_rate))).round() as usize
    }

    /// The frame at which a reader is told of an event: a little before it begins.
    fn told(&self, event: &TakeEvent) -> usize {
        let quarters_per_frame = self.bpm.quarters_per_frame(f64::from(self.sample_rate));
        let begins = (event.position(self.metre) / quarters_per_frame).round() as usize;
        begins.saturating_sub(EARLY)
    }

    /// Tells a reader of the events that begin a little behind some frames.
    fn cue(&self, events: &[TakeEvent], reader: &mut StreamReader, frames: std::ops::Range<usize>) {
        for event in events {
            let told = self.told(event);
            if frames.contains(&told) {
                let frame = (told - frames.start) as u32;
                reader.cue(Cue { frame, event: event.id, quantise: Some(Quantise::Sixteenth) });
            }
        }
    }
}

impl PlayedLoop {
    /// Scene and place: "rain:1, loop 3".
    pub fn label(&self) -> String {
        format!("{}, loop {}", self.playing.scene.text, self.playing.loop_index + 1)
    }
}

/// A section that was played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlayedSection {
    /// First bar.
    pub bar: u32,
    /// Bars that were played of it.
    pub bars: u32,
    /// Which.
    pub section: Section,
}

/// Pairs starts with ends.
#[derive(Default)]
pub(crate) struct NoteCollector {
    open: Vec<PlayedNote>,
    done: Vec<PlayedNote>,
}

impl NoteCollector {
    pub fn take(&mut self, block_start: u64, note: NoteOut) {
        let frame = block_start + u64::from(note.frame);
        if let Some(index) = self.open.iter().position(|open| open.role == note.role && open.key == note.key)
        {
            let open = self.open.swap_remove(index);
            self.done.push(PlayedNote { end: frame.max(open.start + 1), ..open });
        }
        if note.velocity > 0.0 {
            let NoteOut { role, key, velocity, .. } = note;
            self.open.push(PlayedNote { role, start: frame, end: frame, key, velocity });
        }
    }

    pub fn finish(mut self, end: u64) -> Vec<PlayedNote> {
        self.done.extend(self.open.drain(..).map(|open| PlayedNote { end: end.max(open.start + 1), ..open }));
        self.done.sort_by_key(|note| (note.start, note.role, note.key));
        self.done
    }
}

impl Take {
    /// The sections that were played, in order; none of plain loops.
    pub fn sections(&self) -> Vec<PlayedSection> {
        let mut sections: Vec<(i64, PlayedSection)> = Vec::new();
        for (index, played) in self.loops.iter().enumerate() {
            let Some(place) = played.playing.place else { continue };
            let end = self.loops.get(index + 1).map_or(self.request.bars, |next| next.bar);
            let bars = end.saturating_sub(played.bar);
            match sections.last_mut().filter(|(visit, last)| {
                *visit == place.visit && last.section == place.section && last.bar + last.bars == played.bar
            }) {
                Some((_, last)) => last.bars += bars,
                None => {
                    let section = PlayedSection { bar: played.bar, bars, section: place.section };
                    sections.push((place.visit, section));
                }
            }
        }
        sections.into_iter().map(|(_, section)| section).collect()
    }

    /// Song position in quarter notes and symbol of each chord that was played.
    pub fn chords(&self) -> Vec<(f64, String)> {
        self.harmony().into_iter().map(|(at, key, chord)| (at, chord.symbol(key))).collect()
    }

    /// Song position in quarter notes of each chord that was played, the key it stands in, and the chord.
    pub fn harmony(&self) -> Vec<(f64, Key, Chord)> {
        let bar = self.request.metre.quarters_per_bar();
        let end = f64::from(self.request.bars) * bar;
        let mut chords: Vec<(f64, Key, Chord)> = Vec::new();
        for (index, played) in self.loops.iter().enumerate() {
            let grid = &played.playing.grid;
            let begins = f64::from(played.bar) * bar;
            let ends = self.loops.get(index + 1).map_or(end, |next| f64::from(next.bar) * bar);
            let origin = played.playing.loop_index as f64 * grid.quarters() - self.first_bar as f64 * bar;
            for span in &grid.chords {
                let at = origin + f64::from(span.step) / 4.0;
                if (begins..ends).contains(&at) {
                    chords.push((at, grid.key, span.chord));
                }
            }
        }
        chords
    }
}
