//! Sounds between two parts of a song: risers, falls, blows. They belong to no patch and are added to the texture's stem
//! behind its effects, so that they sound alike whatever texture is loaded.

mod recipe;
mod voice;

use crate::event::{BLOCK_FRAMES, EventKind, RenderEvent, Stereo};
use crate::voice::Context;
use voice::TransitionVoice;

/// Most sounds at once; the oldest gives way.
const VOICES: usize = 6;
/// Places in which those that gave way fade.
const FADING: usize = 2;

/// The sounding ones.
pub(crate) struct Transitions {
    voices: Vec<Option<TransitionVoice>>,
    /// Sounds begun since the last reset: it seeds their noise.
    count: u64,
}

impl Transitions {
    pub fn new() -> Self {
        Self { voices: vec![None; VOICES + FADING], count: 0 }
    }

    pub fn reset(&mut self) {
        self.voices.fill(None);
        self.count = 0;
    }

    pub fn is_silent(&self) -> bool {
        self.voices.iter().all(Option::is_none)
    }

    /// Adds a block; of `events`, those of all roles, it takes its own.
    pub fn render(&mut self, events: &[RenderEvent], seed: u64, context: &Context, io: &mut Stereo) {
        let mut at = 0;
        for event in events {
            let EventKind::Effect { effect, frames, gain } = event.kind else { continue };
            let frame = (event.frame as usize).min(BLOCK_FRAMES - 1).max(at);
            self.add(context, io, at..frame);
            at = frame;
            let gain = if gain.is_finite() { gain.clamp(0.0, 2.0) } else { 0.0 };
            self.count += 1;
            // Odd multipliers spread the count over the seed (that of SplitMix64) and keep it apart from notes.
            let seed = !seed ^ self.count.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            if let Some(voice) = TransitionVoice::new(effect, frames, gain, seed, self.count, context.rate) {
                self.begin(voice, context.rate);
            }
        }
        self.add(context, io, at..BLOCK_FRAMES);
    }

    fn begin(&mut self, voice: TransitionVoice, rate: f32) {
        let whole = |voice: &&mut TransitionVoice| !voice.is_choked();
        if self.voices.iter_mut().flatten().filter(whole).count() >= VOICES
            && let Some(oldest) = self.voices.iter_mut().flatten().filter(whole).min_by_key(|v| v.age)
        {
            oldest.choke(0.01, rate);
        }
        // More than two begun within a hundredth of a second where all sound already: the third is not heard.
        if let Some(place) = self.voices.iter_mut().find(|place| place.is_none()) {
            *place = Some(voice);
        }
    }

    fn add(&mut self, context: &Context, io: &mut Stereo, range: std::ops::Range<usize>) {
        let [left, right] = io;
        for place in &mut self.voices {
            if let Some(voice) = place
                && !voice.add(context, &mut left[range.clone()], &mut right[range.clone()])
            {
                *place = None;
            }
        }
    }
}
