//! One preset of a SoundFont, ready to play a role.

use super::{SoundFont, SoundFontError, guard};
use crate::effect::Glide;
use crate::event::{BLOCK_FRAMES, NoteId, Stereo};
use crate::math::{db_to_gain, one_pole};
use rustysynth::{Synthesizer, SynthesizerSettings};
use sceneloop_music::{DrumLane, Role};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Samples that sound at once.
const VOICES: usize = 64;
/// Frames that the synthesizer makes at a time: a note begins at most so much late.
const GRAIN: usize = 16;
/// The channel that plays, and the one for presets of bank 128.
const CHANNELS: [i32; 2] = [0, 9];
/// Bank of the drum kits.
const DRUM_BANK: u16 = 128;
/// Velocity and seconds of the notes that the level is measured with.
const MEASURE: (i32, f64) = (102, 1.6);
/// Time in which the level of the mix is followed, seconds.
const LEVEL_S: f32 = 0.03;

/// A preset that plays one role: made off the sound's threads, level-matched, then handed to
/// [`crate::Renderer::set_soundfont`].
#[derive(Debug)]
pub struct SoundFontPlayer {
    synth: Synthesizer,
    rate: i32,
    role: Role,
    bank: u16,
    program: u8,
    channel: i32,
    playable: [bool; 128],
    /// The note that holds each key.
    held: [Option<NoteId>; 128],
    gain: f32,
    /// What the mix makes of it now; `None` before the first block, which has it at once.
    level: Option<Glide>,
    /// Frames since something was heard; it starts as if all was over.
    quiet: usize,
    /// Set where the synthesizer gave up, which the guard should have kept from happening. It is silent from then on.
    broken: bool,
}

impl SoundFontPlayer {
    /// Makes a preset ready for a role. `sample_rate` is that of the renderer.
    ///
    /// # Errors
    /// One sentence: the preset is not there, cannot be played, or the rate is out of range.
    pub fn new(
        font: &SoundFont,
        bank: u16,
        program: u8,
        role: Role,
        sample_rate: f64,
    ) -> Result<Self, SoundFontError> {
        if !(22_050.0..=192_000.0).contains(&sample_rate) {
            return Err(SoundFontError::SampleRate(sample_rate.to_string()));
        }
        let unplayable = |reason| SoundFontError::Unplayable { bank, program, reason };
        let named = font.font.get_presets().iter().find(|preset| {
            preset.get_bank_number() == i32::from(bank) && preset.get_patch_number() == i32::from(program)
        });
        let preset = named.filter(|_| bank <= DRUM_BANK && program < 128);
        let preset = preset.ok_or(SoundFontError::Preset { bank, program })?;
        let rate = sample_rate.round() as i32;
        let playable = guard::playable_keys(&font.font, preset, rate).map_err(unplayable)?;
        let mut settings = SynthesizerSettings::new(rate);
        settings.block_size = GRAIN;
        settings.maximum_polyphony = VOICES;
        // The stem has a chorus and a reverb of its own.
        settings.enable_reverb_and_chorus = false;
        let synth = Synthesizer::new(&font.font, &settings)
            .map_err(|_| SoundFontError::SampleRate(sample_rate.to_string()))?;
        let channel = CHANNELS[usize::from(bank == DRUM_BANK)];
        let mut player = Self {
            synth,
            rate,
            role,
            bank,
            program,
            channel,
            playable,
            held: [None; 128],
            gain: 1.0,
            level: None,
            quiet: usize::MAX / 2,
            broken: false,
        };
        player.reset();
        player.gain = player.measured_gain().ok_or_else(|| unplayable("it makes no sound"))?;
        player.reset();
        if player.broken { Err(unplayable("it breaks off")) } else { Ok(player) }
    }

    /// The role it was made for.
    pub fn role(&self) -> Role {
        self.role
    }

    /// The rate it was made for, Hz.
    pub fn sample_rate(&self) -> f64 {
        f64::from(self.rate)
    }

    /// Silence.
    pub fn reset(&mut self) {
        self.synth.reset();
        let bank = if self.bank == DRUM_BANK { 0 } else { i32::from(self.bank) };
        self.synth.process_midi_message(self.channel, 0xb0, 0, bank);
        self.synth.process_midi_message(self.channel, 0xc0, i32::from(self.program), 0);
        self.held = [None; 128];
        self.quiet = usize::MAX / 2;
        self.level = None;
    }

    /// Whether nothing is held and nothing was heard for a while.
    pub(crate) fn is_silent(&self) -> bool {
        self.quiet > self.rate as usize
    }

    /// The key that plays a pitch: for drums that of the lane, and where that key cannot be played one an octave nearer
    /// to the middle.
    fn key(&self, pitch: u8) -> Option<usize> {
        let wanted = match self.role {
            Role::Drums if self.bank == DRUM_BANK => {
                DrumLane::from_pitch(i8::try_from(pitch).ok()?)?.midi_key()
            }
            _ => pitch.min(127),
        };
        let octaves = (0..=10).map(|k| i32::from(wanted) + if wanted > 60 { -12 * k } else { 12 * k });
        octaves.filter_map(|key| usize::try_from(key).ok()).find(|key| self.playable.get(*key) == Some(&true))
    }

    pub(crate) fn note_on(&mut self, note: NoteId, pitch: u8, velocity: f32) {
        let Some(key) = self.key(pitch).filter(|_| !self.broken) else { return };
        let velocity = (velocity.clamp(0.0, 1.0) * 127.0).round().max(1.0) as i32;
        let (synth, channel) = (&mut self.synth, self.channel);
        let played = catch_unwind(AssertUnwindSafe(|| {
            synth.note_off(channel, key as i32);
            synth.note_on(channel, key as i32, velocity);
        }));
        self.broken |= played.is_err();
        self.held[key] = Some(note);
        self.quiet = 0;
    }

    pub(crate) fn note_off(&mut self, note: NoteId) {
        for (key, held) in self.held.iter_mut().enumerate() {
            if *held == Some(note) {
                *held = None;
                self.synth.note_off(self.channel, key as i32);
            }
        }
    }

    /// Adds the coming frames, at most a block; says whether anything sounded. `level` is the gain that the mix wants, to which
    /// it glides.
    pub(crate) fn render(&mut self, level: f32, left: &mut [f32], right: &mut [f32]) -> bool {
        if self.broken || self.is_silent() {
            self.level = None;
            return false;
        }
        let frames = left.len();
        let way = one_pole(LEVEL_S, self.rate as f32 / frames as f32);
        let (from, slope) = self.level.get_or_insert(Glide { now: level }).block(level, way, frames);
        let mut buffer: Stereo = [[0.0; BLOCK_FRAMES]; 2];
        let [l, r] = &mut buffer;
        let (l, r) = (&mut l[..frames], &mut r[..frames]);
        let synth = &mut self.synth;
        self.broken = catch_unwind(AssertUnwindSafe(|| synth.render(l, r))).is_err();
        let mut heard = false;
        for (out, made) in [(left, l), (right, r)] {
            for (n, (x, y)) in out.iter_mut().zip(made).enumerate() {
                // A filter that a file has set beyond reason may give anything.
                let y = if y.is_finite() && !self.broken { (self.gain * *y).clamp(-4.0, 4.0) } else { 0.0 };
                let y = y * (from + slope * n as f32);
                heard |= y.abs() > 1e-5;
                *x += y;
            }
        }
        let held = self.held.iter().any(Option::is_some);
        self.quiet = if heard || held { 0 } else { self.quiet.saturating_add(frames) };
        true
    }

    /// The gain that brings it to the level of its role's patches, from how loud its own typical notes are.
    fn measured_gain(&mut self) -> Option<f32> {
        let (pitches, wanted_db): (&[u8], f32) = match self.role {
            // Hats on every stroke, a kick on every other, a snare between them.
            Role::Drums => (&[4, 0, 4, 1], -21.5),
            Role::Bass => (&[33], -18.0),
            Role::Chords => (&[57, 60, 64, 69], -23.0),
            Role::Pad => (&[57, 60, 64], -26.0),
            Role::Arp => (&[69], -25.5),
            Role::Lead => (&[72], -22.5),
            Role::Texture => (&[57], -33.0),
        };
        let blocks = (MEASURE.1 * f64::from(self.rate)) as usize / BLOCK_FRAMES;
        let (mut power, mut frames) = (0.0_f64, 0_usize);
        for block in 0..blocks {
            // Strokes as a part has them: of a drum kit one lane or two on every eighth, of others all notes four times.
            let drums = self.role == Role::Drums;
            let strokes = if drums { 6 } else { 4 };
            if block.is_multiple_of((blocks / strokes).max(1)) {
                let stroke = block / (blocks / strokes).max(1);
                for (k, pitch) in pitches.iter().enumerate() {
                    if !drums || *pitch == 4 || (k / 2) % 2 == stroke % 2 {
                        self.note_on(NoteId(k as u64), *pitch, MEASURE.0 as f32 / 127.0);
                    }
                }
            }
            let mut io: Stereo = [[0.0; BLOCK_FRAMES]; 2];
            let [left, right] = &mut io;
            self.render(1.0, left, right);
            power += io.as_flattened().iter().map(|x| f64::from(*x).powi(2)).sum::<f64>();
            frames += 2 * BLOCK_FRAMES;
        }
        let rms = (power / frames.max(1) as f64).sqrt() as f32;
        (rms > 1e-6).then(|| (db_to_gain(wanted_db) / rms).min(1000.0))
    }
}
