//! Textures: rain, wind, cities and machines from seeded noise, grains and hum. They sound while their note is held.

mod bed;
mod grains;
mod hum;

use crate::event::{BLOCK_FRAMES, NoteId, Stereo};
use crate::kernel::envelope::{Envelope, EnvelopeSpec};
use crate::math::{db_to_gain, pitch_hz};
use crate::patch::Check;
use bed::{Bed, BedSpec};
use grains::{GrainSpec, Grains};
use hum::{Hum, HumSpec};
use serde::Deserialize;

/// Two beds, two clouds of grains and a hum make any of the textures.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TextureSpec {
    /// Fade in, milliseconds.
    #[serde(default = "default_fade")]
    pub attack_ms: f32,
    /// Fade out by 60 dB, milliseconds.
    #[serde(default = "default_fade")]
    pub release_ms: f32,
    /// Noise.
    pub bed: Option<BedSpec>,
    /// More noise.
    pub second_bed: Option<BedSpec>,
    /// Drops, crackles, chirps.
    pub grains: Option<GrainSpec>,
    /// More of them.
    pub second_grains: Option<GrainSpec>,
    /// Tones that stand.
    pub hum: Option<HumSpec>,
}

fn default_fade() -> f32 {
    600.0
}

impl TextureSpec {
    pub fn check(&self, check: &mut Check) {
        check.range("attack_ms", self.attack_ms, 5.0, 10_000.0);
        check.range("release_ms", self.release_ms, 20.0, 10_000.0);
        for (name, bed) in [("bed", &self.bed), ("second_bed", &self.second_bed)] {
            if let Some(bed) = bed {
                check.within(name, |c| bed.check(c));
            }
        }
        for (name, grains) in [("grains", &self.grains), ("second_grains", &self.second_grains)] {
            if let Some(grains) = grains {
                check.within(name, |c| grains.check(c));
            }
        }
        if let Some(hum) = &self.hum {
            check.within("hum", |c| hum.check(c));
        }
    }
}

/// Textures at once: two notes and what fades.
const VOICES: usize = 4;

#[derive(Clone, Copy)]
struct TextureVoice {
    note: NoteId,
    age: u64,
    spec: TextureSpec,
    gain: f32,
    hz: f32,
    envelope: Envelope,
    beds: [Bed; 2],
    grains: [Grains; 2],
    hum: Hum,
}

/// The sounding textures.
pub(crate) struct TexturePool {
    voices: [Option<TextureVoice>; VOICES],
    count: u64,
}

impl TexturePool {
    pub fn new() -> Self {
        Self { voices: [None; VOICES], count: 0 }
    }

    pub fn reset(&mut self) {
        *self = Self::new();
    }

    /// Begins a texture; at most two are held at once, the older one is let go.
    pub fn note_on(
        &mut self,
        spec: &TextureSpec,
        note: NoteId,
        pitch: u8,
        level: (f32, f32),
        seed: u64,
        rate: f32,
    ) {
        self.count += 1;
        let (gain, velocity) = level;
        let held = |voice: &&mut TextureVoice| !voice.envelope.is_released();
        if self.voices.iter_mut().flatten().filter(held).count() >= 2
            && let Some(oldest) = self.voices.iter_mut().flatten().filter(held).min_by_key(|voice| voice.age)
        {
            oldest.envelope.release();
        }
        let place = match self.voices.iter_mut().find(|place| place.is_none()) {
            Some(place) => place,
            // All four fade or sound: the quietest gives way. Textures fade slowly, so this is rare and soft.
            None => {
                let value = |voice: &Option<TextureVoice>| voice.map_or(0.0, |v| v.envelope.value());
                match self.voices.iter_mut().min_by(|a, b| value(a).total_cmp(&value(b))) {
                    Some(place) => place,
                    None => return,
                }
            }
        };
        let envelope = EnvelopeSpec {
            attack_ms: spec.attack_ms,
            decay_ms: 1.0,
            sustain: 1.0,
            release_ms: spec.release_ms,
        };
        *place = Some(TextureVoice {
            note,
            age: self.count,
            spec: *spec,
            gain: gain * db_to_gain(-12.0 * (1.0 - velocity.clamp(0.0, 1.0))),
            hz: pitch_hz(f32::from(pitch.min(127))),
            envelope: Envelope::start(&envelope, rate),
            beds: [Bed::new(seed ^ 1), Bed::new(seed ^ 2)],
            grains: [Grains::new(seed ^ 3), Grains::new(seed ^ 4)],
            hum: Hum::new(seed ^ 5),
        });
    }

    pub fn note_off(&mut self, note: NoteId) {
        for voice in self.voices.iter_mut().flatten().filter(|voice| voice.note == note) {
            voice.envelope.release();
        }
    }

    /// Adds the coming frames; says whether anything sounded.
    pub fn render(&mut self, rate: f32, left: &mut [f32], right: &mut [f32]) -> bool {
        let frames = left.len();
        let mut any = false;
        for place in &mut self.voices {
            let Some(voice) = place else { continue };
            any = true;
            let mut buffer: Stereo = [[0.0; BLOCK_FRAMES]; 2];
            let [l, r] = &mut buffer;
            let (l, r) = (&mut l[..frames], &mut r[..frames]);
            let spec = voice.spec;
            for (bed, spec) in voice.beds.iter_mut().zip([spec.bed, spec.second_bed]) {
                if let Some(spec) = spec {
                    bed.add(&spec, rate, l, r);
                }
            }
            for (grains, spec) in voice.grains.iter_mut().zip([spec.grains, spec.second_grains]) {
                if let Some(spec) = spec {
                    grains.add(&spec, rate, l, r);
                }
            }
            if let Some(spec) = &spec.hum {
                voice.hum.add(spec, voice.hz, rate, l, r);
            }
            let mut level = [0.0; BLOCK_FRAMES];
            voice.envelope.fill(&mut level[..frames]);
            for n in 0..frames {
                let gain = voice.gain * level[n];
                left[n] += gain * l[n];
                right[n] += gain * r[n];
            }
            if voice.envelope.is_over() {
                *place = None;
            }
        }
        any
    }
}
