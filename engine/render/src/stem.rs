//! One role: its voices and what its stem does to their sum.

use crate::drum::DrumPool;
use crate::effect::chorus::Chorus;
use crate::effect::delay::Delay;
use crate::effect::drive::Drive;
use crate::effect::equaliser::Equaliser;
use crate::effect::reverb::Reverb;
use crate::effect::shutter::Shutter;
use crate::effect::sweep::Sweeps;
use crate::effect::{Glide, StemSpec};
use crate::event::{BLOCK_FRAMES, EventKind, RAMP, RenderEvent, Stereo};
use crate::fittings::Fittings;
use crate::kernel::svf::{FilterKind, Svf, SvfCoefficients, chain_stereo};
use crate::math::{db_to_gain, one_pole, peak, phase_step, sine};
use crate::patch::Patch;
use crate::pool::Pool;
use crate::soundfont::SoundFontPlayer;
use crate::texture::TexturePool;
use sceneloop_music::{Bpm, Role};

/// Below this a tail is over: -100 dB.
const SILENCE: f32 = 1e-5;
/// Time in which the numbers of a new patch are reached, seconds.
const GLIDE_S: f32 = 0.03;

/// The machine of a role.
pub(crate) enum Machine {
    Drums(DrumPool),
    Pitched(Pool),
    Texture(Box<TexturePool>),
}

/// One role's machine and effects.
pub(crate) struct Stem {
    pub patch: Patch,
    pub machine: Machine,
    fittings: Fittings,
    /// Plays the notes in the machine's place while it is there.
    pub player: Option<Box<SoundFontPlayer>>,
    /// The last frames of a player that was taken away, and whether they are still to be heard.
    farewell: Stereo,
    leaving: bool,
    equaliser: Equaliser,
    drives: [Drive; 2],
    cabinet: [Svf; 2],
    bright_db: f32,
    chorus: Chorus,
    /// Only where the stem was fitted with one.
    delay: Option<Delay>,
    reverb: Reverb,
    tremolo_phase: u32,
    drive: Glide,
    drive_before: Glide,
    drive_after: Glide,
    chorus_part: Glide,
    delay_part: Glide,
    reverb_part: Glide,
    duck: Glide,
    tremolo: Glide,
    sides: [Glide; 2],
    width: Glide,
    sweep: Sweeps,
    shutter: Shutter,
    /// Blocks that the tails have been silent; they are skipped once it is longer than any of them can hide sound.
    quiet_frames: usize,
    /// Frames for which something may still come out of the delay and the reverb.
    delay_left: usize,
    reverb_left: usize,
    bpm: f64,
}

impl Stem {
    /// A stem with at least what its patch needs.
    pub fn new(patch: Patch, fittings: Fittings, rate: f32) -> Self {
        let fittings = fittings.and(Fittings::of(&patch));
        let machine = match patch.role {
            Role::Drums => Machine::Drums(DrumPool::new()),
            Role::Texture => Machine::Texture(Box::new(TexturePool::new())),
            _ => Machine::Pitched(Pool::new(rate, fittings.strings)),
        };
        let mut stem = Self {
            patch,
            machine,
            fittings,
            player: None,
            farewell: [[0.0; BLOCK_FRAMES]; 2],
            leaving: false,
            equaliser: Equaliser::new(),
            drives: [Drive::default(); 2],
            cabinet: [Svf::default(); 2],
            bright_db: 0.0,
            chorus: Chorus::new(rate),
            delay: fittings.delay.then(|| Delay::new(rate)),
            reverb: Reverb::new(rate),
            tremolo_phase: 0,
            drive: Glide::default(),
            drive_before: Glide::default(),
            drive_after: Glide::default(),
            chorus_part: Glide::default(),
            delay_part: Glide::default(),
            reverb_part: Glide::default(),
            duck: Glide::default(),
            tremolo: Glide::default(),
            sides: [Glide::default(); 2],
            width: Glide::default(),
            sweep: Sweeps::default(),
            shutter: Shutter::default(),
            quiet_frames: usize::MAX / 2,
            delay_left: 0,
            reverb_left: 0,
            bpm: Bpm::default().get(),
        };
        stem.settle(rate);
        stem
    }

    /// Everything at once to where the patch wants it.
    fn settle(&mut self, rate: f32) {
        let spec = self.patch.stem;
        self.equaliser.reset(&spec, self.bright_db);
        self.drive.now = f32::from(u8::from(spec.drive_db > 0.0));
        [self.drive_before.now, self.drive_after.now] = drive_gains(&self.patch);
        self.chorus_part.now = spec.chorus;
        self.delay_part.now = spec.delay;
        self.reverb_part.now = spec.reverb;
        self.duck.now = duck_depth(&spec);
        self.tremolo.now = spec.tremolo;
        self.width.now = spec.width;
        for (glide, side) in self.sides.iter_mut().zip(sides(&spec)) {
            glide.now = side;
        }
        self.reverb.set(spec.reverb_s, spec.reverb_damp_hz, rate);
        self.set_tempo(self.bpm, rate);
    }

    /// Silence, with everything where it is wanted; `bright_db` is what the energy adds to the highs.
    pub fn reset(&mut self, bright_db: f32, rate: f32) {
        self.bright_db = bright_db;
        match &mut self.machine {
            Machine::Drums(pool) => pool.reset(),
            Machine::Pitched(pool) => pool.reset(),
            Machine::Texture(pool) => pool.reset(),
        }
        if let Some(player) = &mut self.player {
            player.reset();
        }
        self.leaving = false;
        self.drives.iter_mut().for_each(Drive::reset);
        self.cabinet.iter_mut().for_each(Svf::reset);
        self.chorus.reset();
        self.tremolo_phase = 0;
        self.settle(rate);
        if let Some(delay) = &mut self.delay {
            delay.reset();
        }
        self.reverb.reset();
        self.sweep.reset();
        self.shutter.reset();
        self.delay_left = 0;
        self.reverb_left = 0;
        self.quiet_frames = usize::MAX / 2;
    }

    /// Takes a patch, unless it needs what the stem was not fitted with.
    pub fn set_patch(&mut self, patch: &Patch, rate: f32) {
        if !self.fittings.suffice_for(Fittings::of(patch)) {
            return;
        }
        self.patch = *patch;
        self.set_tempo(self.bpm, rate);
    }

    pub fn set_tempo(&mut self, bpm: f64, rate: f32) {
        self.bpm = bpm;
        if let Some(delay) = &mut self.delay {
            delay.set_seconds((f64::from(self.patch.stem.delay_beats) * 60.0 / bpm) as f32, rate);
        }
    }

    /// Gives the notes to a player, or back to the machine; returns the player before, whose last notes fade in the next
    /// block.
    pub fn set_player(&mut self, player: Option<Box<SoundFontPlayer>>) -> Option<Box<SoundFontPlayer>> {
        let mut before = std::mem::replace(&mut self.player, player);
        if let Some(before) = &mut before {
            self.farewell = [[0.0; BLOCK_FRAMES]; 2];
            let [left, right] = &mut self.farewell;
            self.leaving = before.render(db_to_gain(self.patch.mix_db), left, right);
            for (n, gain) in RAMP.iter().map(|n| 1.0 - n / BLOCK_FRAMES as f32).enumerate() {
                left[n] *= gain;
                right[n] *= gain;
            }
        }
        before
    }

    /// Adds what a player that was taken away still had to say; says whether there was any.
    pub fn take_leave(&mut self, io: &mut Stereo) -> bool {
        let leaving = std::mem::take(&mut self.leaving);
        if leaving {
            for (x, y) in io.as_flattened_mut().iter_mut().zip(self.farewell.as_flattened()) {
                *x += y;
            }
        }
        leaving
    }

    /// Whether tails are still to be heard after `sounding` voices or none.
    pub fn is_silent(&self) -> bool {
        self.quiet_frames > self.delay.as_ref().map_or(0, Delay::frames) + BLOCK_FRAMES * 256
    }

    /// Turns the sum of the voices in `io` into the stem. `bright_db` is what the energy adds to the highs.
    #[inline(never)]
    pub fn finish(
        &mut self,
        sounding: bool,
        duck: Option<&[f32; BLOCK_FRAMES]>,
        bright_db: f32,
        rate: f32,
        io: &mut Stereo,
    ) {
        if sounding {
            self.quiet_frames = 0;
        } else if self.is_silent() {
            return;
        }
        let spec = self.patch.stem;
        let way = one_pole(GLIDE_S, rate / BLOCK_FRAMES as f32);
        let [left, right] = io;
        self.bright_db = bright_db;
        self.equaliser.process(&spec, bright_db, way, rate, left, right);
        self.saturate(&spec, way, rate, left, right);
        self.place(&spec, way, rate, left, right);
        let (part, slope) = self.chorus_part.block(spec.chorus, way, BLOCK_FRAMES);
        if part > 0.0 || slope != 0.0 {
            self.chorus.process(part, slope, rate, left, right);
        }
        let tails = self.add_tails(&spec, way, rate, io);
        let [left, right] = io;
        let (depth, slope) = self.duck.block(duck_depth(&spec), way, BLOCK_FRAMES);
        if let Some(shape) = duck {
            for n in 0..BLOCK_FRAMES {
                let gain = 1.0 - (depth + slope * RAMP[n]) * shape[n];
                left[n] *= gain;
                right[n] *= gain;
            }
        }
        for x in io.as_flattened_mut() {
            // A number that is none cannot come from checked patches; were there one, it must not leave.
            *x = if x.is_finite() { *x } else { 0.0 };
        }
        if tails.max(peak(io.as_flattened())) > SILENCE {
            self.quiet_frames = 0;
        } else if !sounding {
            self.quiet_frames += BLOCK_FRAMES;
        }
    }

    /// Sweeps and cuts of the finished stem; `events` are those of its role.
    pub fn shape<'a>(
        &mut self,
        events: impl Iterator<Item = &'a RenderEvent>,
        rate: f32,
        [left, right]: &mut Stereo,
    ) {
        let mut at = 0;
        for event in events.filter(|e| matches!(e.kind, EventKind::Sweep { .. } | EventKind::Cut { .. })) {
            let frame = (event.frame as usize).min(BLOCK_FRAMES - 1).max(at);
            self.sweep.process(&mut left[at..frame], &mut right[at..frame]);
            self.shutter.process(&mut left[at..frame], &mut right[at..frame]);
            at = frame;
            match event.kind {
                EventKind::Sweep { kind, frames, from_hz, to_hz } => {
                    self.sweep.start(kind, frames, [from_hz, to_hz], rate);
                }
                EventKind::Cut { frames } => self.shutter.close(frames, rate),
                _ => {}
            }
        }
        self.sweep.process(&mut left[at..], &mut right[at..]);
        self.shutter.process(&mut left[at..], &mut right[at..]);
    }

    fn saturate(&mut self, spec: &StemSpec, way: f32, rate: f32, left: &mut [f32], right: &mut [f32]) {
        let [before, after] = drive_gains(&self.patch);
        let on = self.drive.block(f32::from(u8::from(spec.drive_db > 0.0)), way, BLOCK_FRAMES);
        let (gain, slope) = self.drive_before.block(before, way, BLOCK_FRAMES);
        let after = self.drive_after.block(after, way, BLOCK_FRAMES);
        if on.0 > 0.0 || on.1 != 0.0 {
            let mut dry: Stereo = [[0.0; BLOCK_FRAMES]; 2];
            dry[0].copy_from_slice(left);
            dry[1].copy_from_slice(right);
            self.drives[0].process(gain, slope, after, left);
            self.drives[1].process(gain, slope, after, right);
            // A wave that is not alike above and below comes out of the saturation with a mean: that is taken out with the highs.
            let speaker = [(FilterKind::Low, spec.cabinet_hz, 0.8), (FilterKind::High, 14.0, 0.707)]
                .map(|(kind, hz, q)| SvfCoefficients::new(kind, hz, q, rate));
            chain_stereo(&mut self.cabinet, &speaker, left, right);
            if on != (1.0, 0.0) {
                // Between a patch with drive and one without: a crossfade.
                for n in 0..BLOCK_FRAMES {
                    let part = on.0 + on.1 * RAMP[n];
                    left[n] = dry[0][n] + part * (left[n] - dry[0][n]);
                    right[n] = dry[1][n] + part * (right[n] - dry[1][n]);
                }
            }
        }
    }

    #[inline(never)]
    fn place(&mut self, spec: &StemSpec, way: f32, rate: f32, left: &mut [f32], right: &mut [f32]) {
        let step = phase_step(spec.tremolo_hz, rate);
        let other = if spec.tremolo_stereo { 1 << 31 } else { 0 };
        let (depth, slope) = self.tremolo.block(spec.tremolo, way, BLOCK_FRAMES);
        if depth > 0.0 || slope != 0.0 {
            for n in 0..BLOCK_FRAMES {
                let depth = 0.5 * (depth + slope * RAMP[n]);
                let phase = self.tremolo_phase.wrapping_add(step.wrapping_mul(n as u32));
                left[n] *= 1.0 - depth + depth * sine(phase);
                right[n] *= 1.0 - depth + depth * sine(phase.wrapping_add(other));
            }
        }
        self.tremolo_phase = self.tremolo_phase.wrapping_add(step.wrapping_mul(BLOCK_FRAMES as u32));
        let (width, width_slope) = self.width.block(spec.width, way, BLOCK_FRAMES);
        let goal = sides(spec);
        let (l_gain, l_slope) = self.sides[0].block(goal[0], way, BLOCK_FRAMES);
        let (r_gain, r_slope) = self.sides[1].block(goal[1], way, BLOCK_FRAMES);
        for n in 0..BLOCK_FRAMES {
            let t = RAMP[n];
            let mid = 0.5 * (left[n] + right[n]);
            let side = 0.5 * (left[n] - right[n]) * (width + width_slope * t);
            left[n] = (l_gain + l_slope * t) * (mid + side);
            right[n] = (r_gain + r_slope * t) * (mid - side);
        }
    }

    /// Delay and reverb; says how loud they were. Either is skipped while nothing goes in and nothing is left in it.
    #[inline(never)]
    fn add_tails(&mut self, spec: &StemSpec, way: f32, rate: f32, io: &mut Stereo) -> f32 {
        let mut peak = 0.0_f32;
        let (part, slope) = self.delay_part.block(spec.delay, way, BLOCK_FRAMES);
        if let Some(delay) = &mut self.delay {
            let full = delay.frames() + BLOCK_FRAMES;
            if part > 0.0 || slope != 0.0 {
                self.delay_left = full;
            }
            if self.delay_left > 0 {
                let dry = *io;
                let [left, right] = &mut *io;
                let input = [&dry[0][..], &dry[1][..]];
                let heard = delay.process((part, slope), spec.delay_feedback, rate, input, [left, right]);
                peak = peak.max(heard);
                self.delay_left =
                    if heard > SILENCE { full } else { self.delay_left.saturating_sub(BLOCK_FRAMES) };
            }
        }
        let (part, slope) = self.reverb_part.block(spec.reverb, way, BLOCK_FRAMES);
        // The longest way through the reverb is that of its longest line and its all-passes.
        let full = (0.1 * rate) as usize + BLOCK_FRAMES;
        if part > 0.0 || slope != 0.0 {
            self.reverb_left = full;
        }
        if self.reverb_left > 0 {
            self.reverb.set(spec.reverb_s, spec.reverb_damp_hz, rate);
            let mut send: Stereo = [[0.0; BLOCK_FRAMES]; 2];
            for n in 0..BLOCK_FRAMES {
                let part = part + slope * RAMP[n];
                send[0][n] = part * io[0][n];
                send[1][n] = part * io[1][n];
            }
            let heard = self.reverb.process(&mut send, io);
            peak = peak.max(heard);
            self.reverb_left =
                if heard > SILENCE { full } else { self.reverb_left.saturating_sub(BLOCK_FRAMES) };
        }
        peak
    }
}

/// Gains before and behind the saturation. The level of the patch is taken out before it and put back behind, so that
/// it changes how loud the patch is and not how it distorts; half the drive is made up for.
fn drive_gains(patch: &Patch) -> [f32; 2] {
    let drive_db = patch.stem.drive_db;
    [db_to_gain(drive_db - patch.gain_db), db_to_gain(patch.gain_db - 0.5 * drive_db)]
}

fn duck_depth(spec: &StemSpec) -> f32 {
    1.0 - db_to_gain(-spec.duck_db)
}

/// Balance: the far side is turned down.
fn sides(spec: &StemSpec) -> [f32; 2] {
    [(1.0 - spec.pan).min(1.0), (1.0 + spec.pan).min(1.0)]
}
