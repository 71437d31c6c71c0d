//! How the stream is doing: numbers the window may read at any time.

use crate::stinger::Refusal;
use sceneloop_music::{Bpm, EventId};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// How much a block counts for the load: at 48 kHz it covers 63 % of a change in a third of a second.
const LOAD_SMOOTHING: f32 = 0.004;

/// Counters of one engine. The audio thread writes only atomics; the text of the last error is written by workers.
#[derive(Debug, Default)]
pub struct Health {
    /// Written by the audio thread, read by anybody: a counter.
    underruns: AtomicU64,
    /// Written by the audio thread: milliseconds ready in the ring, bits of an `f32`.
    ring_fill_ms: AtomicU32,
    /// Written by the audio thread: song position, bits of an `f64`.
    position: AtomicU64,
    /// Written by the audio thread: the host's tempo, bits of an `f64`; 0 before there is one.
    bpm: AtomicU64,
    /// Written by the audio thread.
    playing: AtomicBool,
    /// Written by the renderer.
    blocks: AtomicU64,
    /// Written by the renderer: share of a core that rendering takes, bits of an `f32`.
    load: AtomicU32,
    /// Written by the composer: milliseconds the last loop took, bits of an `f32`.
    compose_ms: AtomicU32,
    /// Written by the workers: restarts after a panic.
    restarts: AtomicU32,
    /// Written by the composer, read by the window: who writes, and where.
    composer: Mutex<Option<(&'static str, String)>>,
    /// Written by the composer, read by the window: a network has been started and has not written yet.
    is_starting: AtomicBool,
    /// Written by the audio thread: the event that lasts, its place and one in the lower half, its bars in the upper; 0 is none.
    event: AtomicU64,
    /// Written by the audio thread: the event that did not begin, its place in the lowest byte, the reason in the next, and
    /// in the upper half how many there have been.
    refused: AtomicU64,
    /// Written by the workers, read by the window; never touched by the audio thread.
    last_error: Mutex<Option<String>>,
}

impl Health {
    /// How often the reader found no audio where it should have been.
    pub fn underruns(&self) -> u64 {
        self.underruns.load(Relaxed)
    }

    /// Audio ready ahead of the reader, milliseconds.
    pub fn ring_fill_ms(&self) -> f32 {
        f32::from_bits(self.ring_fill_ms.load(Relaxed))
    }

    /// Song position at the start of the last block, quarter notes.
    pub fn position_quarters(&self) -> f64 {
        f64::from_bits(self.position.load(Relaxed))
    }

    /// The tempo at the start of the last block; 120 before there is one.
    pub fn bpm(&self) -> Bpm {
        Bpm::new(f64::from_bits(self.bpm.load(Relaxed))).unwrap_or_default()
    }

    /// Whether music is playing.
    pub fn playing(&self) -> bool {
        self.playing.load(Relaxed)
    }

    /// Blocks of 64 frames rendered so far.
    pub fn blocks_rendered(&self) -> u64 {
        self.blocks.load(Relaxed)
    }

    /// The share of a processor core that rendering takes in real time, 0 to 1 and above where it is too slow; of the last third of a
    /// second or so.
    pub fn load(&self) -> f32 {
        f32::from_bits(self.load.load(Relaxed))
    }

    /// How long the last loop took to compose, milliseconds.
    pub fn compose_ms(&self) -> f32 {
        f32::from_bits(self.compose_ms.load(Relaxed))
    }

    /// Workers started again after a panic.
    pub fn restarts(&self) -> u32 {
        self.restarts.load(Relaxed)
    }

    /// Who writes the notes.
    pub fn composer(&self) -> &'static str {
        self.composer_and_device().0
    }

    /// Where whoever writes the notes computes.
    pub fn device(&self) -> String {
        self.composer_and_device().1
    }

    fn composer_and_device(&self) -> (&'static str, String) {
        let known = self.composer.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).clone();
        known.unwrap_or_else(|| (crate::composer::TEACHER, "CPU".into()))
    }

    /// The last thing that went wrong, in one sentence.
    pub fn last_error(&self) -> Option<String> {
        self.last_error.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).clone()
    }

    pub(crate) fn count_underrun(&self) {
        self.underruns.fetch_add(1, Relaxed);
    }

    pub(crate) fn set_stream(&self, fill_ms: f32, position: f64, playing: bool, bpm: Bpm) {
        self.bpm.store(bpm.get().to_bits(), Relaxed);
        self.ring_fill_ms.store(fill_ms.to_bits(), Relaxed);
        self.position.store(position.to_bits(), Relaxed);
        self.playing.store(playing, Relaxed);
    }

    /// The event that sounds or holds, and the bars that it still holds: 0 where it only sounds, or stays.
    pub fn event(&self) -> Option<(EventId, u32)> {
        let both = self.event.load(Relaxed);
        let index = (both as u32).checked_sub(1)?;
        EventId::new(index as usize).map(|event| (event, (both >> 32) as u32))
    }

    /// How many events have not begun.
    pub(crate) fn refused_events(&self) -> u32 {
        (self.refused.load(Relaxed) >> 32) as u32
    }

    /// How many events have not begun, the last of them since one has, and why not.
    pub fn refused_event(&self) -> Option<(u32, EventId, Refusal)> {
        let all = self.refused.load(Relaxed);
        let count = (all >> 32) as u32;
        let refusal = *Refusal::ALL.get((all >> 8) as u8 as usize)?;
        EventId::new(all as u8 as usize).filter(|_| count > 0).map(|event| (count, event, refusal))
    }

    pub(crate) fn set_event(&self, event: Option<(EventId, u32)>) {
        let both = event.map_or(0, |(event, bars)| u64::from(bars) << 32 | (event.index() as u64 + 1));
        self.event.store(both, Relaxed);
    }

    /// By the audio thread alone: one has begun, the last refusal is old.
    pub(crate) fn forget_refusal(&self) {
        let count = self.refused.load(Relaxed) >> 32;
        self.refused.store(count << 32 | 0xff00, Relaxed);
    }

    /// By the audio thread alone.
    pub(crate) fn refuse_event(&self, event: EventId, refusal: Refusal) {
        let count = (self.refused.load(Relaxed) >> 32) as u32;
        let what = (refusal as u64) << 8 | event.index() as u64;
        self.refused.store(u64::from(count.wrapping_add(1)) << 32 | what, Relaxed);
    }

    /// By the renderer alone: a block of `frames` at `sample_rate` took so long.
    pub(crate) fn count_block(&self, took: Duration, frames: usize, sample_rate: f64) {
        self.blocks.fetch_add(1, Relaxed);
        let share = (took.as_secs_f64() * sample_rate / frames as f64) as f32;
        let before = self.load();
        self.load.store((before + LOAD_SMOOTHING * (share - before)).to_bits(), Relaxed);
    }

    pub(crate) fn set_compose_ms(&self, ms: f32) {
        self.compose_ms.store(ms.to_bits(), Relaxed);
    }

    /// Whether a network has been started and is not ready yet.
    pub fn network_is_starting(&self) -> bool {
        self.is_starting.load(Relaxed)
    }

    pub(crate) fn set_network_starting(&self, is_starting: bool) {
        self.is_starting.store(is_starting, Relaxed);
    }

    pub(crate) fn set_composer(&self, name: &'static str, device: &str) {
        let mut composer = self.composer.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        *composer = Some((name, device.into()));
    }

    /// A worker's panic: counted and told. Never called by the audio thread.
    pub(crate) fn worker_restarted(&self, worker: &str) {
        self.restarts.fetch_add(1, Relaxed);
        self.set_error(Some(format!("The {worker} failed and was started again; the music plays on.")));
    }

    pub(crate) fn set_error(&self, error: Option<String>) {
        *self.last_error.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = error;
    }
}
