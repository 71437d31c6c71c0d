//! One player of stingers: a renderer of its own, from the notes of a [`Score`] to a block of stems.
//!
//! Blocks lie where those of the stream do, so that every note meets the harmony of its own frame.

use super::grid::frames;
use super::score::Score;
use crate::stream::{StreamBlock, StreamNote};
use sceneloop_music::{PerRole, Role};
use sceneloop_render::{
    BLOCK_FRAMES, EventKind, Fittings, NoteId, Patch, RenderError, RenderEvent, Renderer, StemBlock,
};

/// Most notes that are held at once.
const HELD: usize = 24;
/// Most starts and ends within one block; more come with the next.
const EVENTS: usize = 48;
/// How much louder each role is than in a loop, decibels: a single voice stands out from music that has stepped back.
const LEVELS_DB: PerRole<f32> = PerRole([-1.0, 0.0, 5.0, 4.0, 9.0, 5.0, 10.0]);
/// In how many blocks a player fades whose place is taken.
pub(crate) const FADE_BLOCKS: u32 = 40;

#[derive(Debug, Clone, Copy)]
struct Held {
    note: NoteId,
    role: Role,
    midi_key: u8,
    /// Quarter notes from the beginning of the score.
    end: f64,
}

/// Plays one stinger at a time. Lives on the audio thread; allocates in `new` alone.
pub(crate) struct Player {
    renderer: Renderer,
    score: Score,
    /// The first note that has not been struck.
    next: usize,
    held: [Option<Held>; HELD],
    /// Quarter notes from the beginning of the score to the first frame of the next block.
    elapsed: f64,
    /// Gain of each role.
    gains: PerRole<f32>,
    /// Blocks until it has faded; `None`: it does not fade.
    fade: Option<u32>,
    is_on: bool,
    /// Whether something may be left inside that a new stinger must not meet.
    is_stale: bool,
    /// The block of the stream for which `stems` was rendered.
    block: Option<u64>,
    stems: StemBlock,
}

impl Player {
    /// # Errors
    /// As [`Renderer::fitted`].
    pub fn new(
        sample_rate: f64,
        patches: &PerRole<Patch>,
        fittings: &PerRole<Fittings>,
    ) -> Result<Self, RenderError> {
        let mut renderer = Renderer::fitted(sample_rate, patches, fittings, 2)?;
        renderer.reset(); // touches all memory, so that the audio thread is not the first to do so
        Ok(Self {
            renderer,
            score: Score::EMPTY,
            next: 0,
            held: [None; HELD],
            elapsed: 0.0,
            gains: PerRole::default(),
            fade: None,
            is_on: false,
            is_stale: false,
            block: None,
            stems: StemBlock::default(),
        })
    }

    /// Whether anything sounds.
    pub fn is_on(&self) -> bool {
        self.is_on
    }

    /// What was rendered last.
    pub fn stems(&self) -> &StemBlock {
        &self.stems
    }

    /// Begins a stinger on a frame of a block.
    pub fn begin(
        &mut self,
        score: &Score,
        patches: &PerRole<&'static Patch>,
        gain: f32,
        block: &StreamBlock,
        at: usize,
    ) {
        if self.is_on || self.is_stale {
            self.renderer.reset();
        }
        for (role, patch) in patches.iter() {
            self.renderer.set_patch(role, patch);
        }
        (self.score, self.next, self.held) = (*score, 0, [None; HELD]);
        self.elapsed = -(at as f64) * block.quarters_per_frame;
        self.gains = PerRole::from_fn(|role| gain * 10f32.powf(LEVELS_DB[role] / 20.0));
        (self.fade, self.is_on, self.is_stale) = (None, true, false);
        self.block = None;
    }

    /// Another player takes over: notes end, and what rings fades.
    pub fn retire(&mut self) {
        self.next = self.score.notes().len();
        for held in self.held.iter_mut().flatten() {
            held.end = f64::NEG_INFINITY;
        }
        self.fade.get_or_insert(FADE_BLOCKS);
    }

    /// Silence at once.
    pub fn cut(&mut self) {
        self.is_stale |= self.is_on;
        self.is_on = false;
    }

    /// Makes what belongs to a block of the stream, if that has not been done. Notes that start and end go to `out`.
    pub fn render(&mut self, block: &StreamBlock, out: &mut dyn FnMut(StreamNote)) {
        if !self.is_on || self.block == Some(block.frame) {
            return;
        }
        self.block = Some(block.frame);
        let mut events =
            [RenderEvent { frame: 0, role: Role::Drums, kind: EventKind::NoteOff { note: NoteId(0) } };
                EVENTS];
        let count = self.sequence(block, &mut events, out);
        // Ends before starts where both are on one frame.
        events[..count].sort_unstable_by_key(|event| {
            (event.frame, matches!(event.kind, EventKind::NoteOn { .. }), note_of(event))
        });
        self.renderer.set_tempo(block.bpm);
        self.renderer.render(&events[..count], &mut self.stems);
        self.apply_gain();
        self.elapsed += BLOCK_FRAMES as f64 * block.quarters_per_frame;
        let is_over = self.next == self.score.notes().len() && self.held.iter().all(Option::is_none);
        if is_over && self.renderer.is_silent() {
            self.is_on = false;
        } else if self.fade == Some(0) {
            self.cut();
        }
    }

    fn apply_gain(&mut self) {
        let from = self.fade.map_or(1.0, |left| left as f32 / FADE_BLOCKS as f32);
        self.fade = self.fade.map(|left| left.saturating_sub(1));
        let to = self.fade.map_or(1.0, |left| left as f32 / FADE_BLOCKS as f32);
        let slope = (to - from) / BLOCK_FRAMES as f32;
        for (stem, gain) in self.stems.0.iter_mut().zip(&self.gains.0) {
            for channel in stem {
                for (index, sample) in channel.iter_mut().enumerate() {
                    *sample *= gain * (from + slope * index as f32);
                }
            }
        }
    }

    /// Starts and ends within a block; how many.
    fn sequence(
        &mut self,
        block: &StreamBlock,
        events: &mut [RenderEvent; EVENTS],
        out: &mut dyn FnMut(StreamNote),
    ) -> usize {
        let mut count = 0;
        let frame_of = |quarters: f64| frames(quarters - self.elapsed, block.quarters_per_frame);
        for place in &mut self.held {
            let Some(held) = *place else { continue };
            let frame = frame_of(held.end);
            if frame < BLOCK_FRAMES as u64 && count < EVENTS {
                let kind = EventKind::NoteOff { note: held.note };
                events[count] = RenderEvent { frame: frame as u32, role: held.role, kind };
                count += 1;
                out(note(block, frame, held.role, held.midi_key, 0.0));
                *place = None;
            }
        }
        while let Some(struck) = self.score.notes().get(self.next).copied() {
            let frame = frame_of(struck.at);
            if frame >= BLOCK_FRAMES as u64 || count == EVENTS {
                break;
            }
            let id = NoteId(self.next as u64);
            self.next += 1;
            let harmony = block.harmony_at(frame as u32);
            let kind =
                EventKind::NoteOn { note: id, pitch: struck.tone.pitch(harmony), velocity: struck.velocity };
            events[count] = RenderEvent { frame: frame as u32, role: struck.role, kind };
            count += 1;
            let midi_key = struck.tone.midi_key(harmony);
            out(note(block, frame, struck.role, midi_key, struck.velocity));
            if let Some(place) = self.held.iter_mut().find(|place| place.is_none()) {
                let end = struck.at + struck.length;
                *place = Some(Held { note: id, role: struck.role, midi_key, end });
            }
        }
        count
    }
}

fn note(block: &StreamBlock, frame: u64, role: Role, key: u8, velocity: f32) -> StreamNote {
    StreamNote { epoch: block.epoch, frame: block.frame + frame, role, key, velocity }
}

fn note_of(event: &RenderEvent) -> u64 {
    match event.kind {
        EventKind::NoteOn { note, .. } | EventKind::NoteOff { note } => note.0,
        // Stingers are notes alone.
        EventKind::Effect { .. } | EventKind::Sweep { .. } | EventKind::Cut { .. } => u64::MAX,
    }
}
