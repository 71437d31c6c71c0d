//! One drum hit.

use super::{DrumSpec, MetalSpec, NoiseSpec};
use crate::event::{BLOCK_FRAMES, Channel};
use crate::kernel::modes::{Modes, ring};
use crate::kernel::noise::Noise;
use crate::kernel::oscillator::{Oscillator, Wavetables};
use crate::kernel::svf::{FilterKind, Svf, SvfCoefficients, chain};
use crate::math::{db_to_gain, decay_60, phase_step, sine, soft_clip};

/// Frequencies of the six oscillators of the TR-808's cymbal, as multiples of the lowest.
const METAL: [f32; 6] = [1.0, 1.4826, 1.8002, 2.5460, 2.6303, 3.8966];
/// A hit is over when all its parts have fallen this far: -74 dB, which the next hits hide.
const END: f32 = 2e-4;

/// A sounding hit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DrumVoice {
    spec: DrumSpec,
    pub lane: u8,
    pub age: u64,
    gains: [f32; 2],
    dull: f32,
    frame: u32,
    skin_phase: u32,
    skin: f32,
    sweep: f32,
    rings: [Modes; 1],
    ringing: bool,
    noise: Noise,
    noise_level: f32,
    noise_filters: [Svf; 2],
    metal: [Oscillator; 6],
    metal_level: f32,
    metal_filter: Svf,
    fade: f32,
    fade_step: f32,
}

/// How a hit begins.
pub(crate) struct Hit {
    pub lane: u8,
    pub velocity: f32,
    pub gain: f32,
    pub age: u64,
    pub seed: u64,
}

impl DrumVoice {
    pub fn start(spec: &DrumSpec, hit: &Hit, rate: f32) -> Self {
        let velocity = hit.velocity.clamp(0.0, 1.0);
        let level = hit.gain * db_to_gain(spec.gain_db - spec.velocity_db * (1.0 - velocity));
        let mut noise = Noise::new(hit.seed);
        let mut rings = [Modes::default()];
        let mut ringing = false;
        for (lane, [hz, amount, decay_ms]) in spec.rings.into_iter().enumerate() {
            if amount != 0.0 && hz < 0.45 * rate {
                rings[0].strike(lane, hz, amount, decay_ms * 1e-3, rate);
                ringing = true;
            }
        }
        Self {
            spec: *spec,
            lane: hit.lane,
            age: hit.age,
            gains: [level * (1.0 - spec.pan).min(1.0), level * (1.0 + spec.pan).min(1.0)],
            dull: 1.0 - velocity,
            frame: 0,
            skin_phase: 0,
            skin: if spec.skin.is_some() { 1.0 } else { 0.0 },
            sweep: 1.0,
            rings,
            ringing,
            metal: std::array::from_fn(|_| Oscillator { phase: noise.bits() }),
            noise,
            noise_level: if spec.noise.is_some() { 1.0 } else { 0.0 },
            noise_filters: [Svf::default(); 2],
            metal_level: if spec.metal.is_some() { 1.0 } else { 0.0 },
            metal_filter: Svf::default(),
            fade: 1.0,
            fade_step: 0.0,
        }
    }

    /// Ends the hit within `seconds`.
    pub fn choke(&mut self, seconds: f32, rate: f32) {
        let step = 1.0 / (seconds * rate);
        self.fade_step = self.fade_step.max(step);
    }

    pub fn is_choked(&self) -> bool {
        self.fade_step > 0.0
    }

    /// How loud it is about now.
    pub fn loudness(&self) -> f32 {
        self.gains[0].max(self.gains[1]) * self.skin.max(self.noise_level).max(self.metal_level) * self.fade
    }

    /// Adds the coming frames to the stem; `false` once it is over.
    pub fn render(&mut self, tables: &Wavetables, rate: f32, left: &mut [f32], right: &mut [f32]) -> bool {
        let frames = left.len();
        let mut buffer: Channel = [0.0; BLOCK_FRAMES];
        let mono = &mut buffer[..frames];
        self.add_skin(rate, mono);
        if self.ringing {
            self.ringing = ring(&mut self.rings, mono) > END * END;
        }
        if let Some(noise) = self.spec.noise {
            self.add_noise(&noise, rate, mono);
        }
        if let Some(metal) = self.spec.metal {
            self.add_metal(&metal, tables, rate, mono);
        }
        if self.spec.drive > 0.0 {
            let gain = 1.0 + 5.0 * self.spec.drive;
            let back = 1.0 / gain.sqrt();
            for x in &mut *mono {
                *x = soft_clip(*x * gain) * back;
            }
        }
        // The first frames rise, so that a hit which starts with a step does not tick.
        let rise = 2500.0 / rate;
        if (self.frame as f32) * rise < 1.0 {
            for (n, x) in mono.iter_mut().enumerate() {
                *x *= ((self.frame + n as u32) as f32 * rise).min(1.0);
            }
        }
        if self.fade_step > 0.0 {
            for x in &mut *mono {
                self.fade = (self.fade - self.fade_step).max(0.0);
                *x *= self.fade;
            }
        }
        self.frame += frames as u32;
        for ((l, r), x) in left.iter_mut().zip(right).zip(&*mono) {
            *l += self.gains[0] * *x;
            *r += self.gains[1] * *x;
        }
        self.fade > 0.0
            && (self.ringing || self.skin > END || self.noise_level > END || self.metal_level > END)
    }

    fn add_skin(&mut self, rate: f32, out: &mut [f32]) {
        let Some(spec) = self.spec.skin else { return };
        if self.skin <= END {
            self.skin = 0.0;
            return;
        }
        let decay = decay_60(spec.decay_ms * 1e-3, rate);
        let fall = decay_60(spec.sweep_ms * 1e-3, rate);
        let rest = spec.hz * (4_294_967_296.0 / rate);
        // The sweep is straight in pitch near the start and settles: the frequency is rest × 2^(sweep × s), which for
        // the small steps of a frame is taken through its line in s.
        let top = spec.sweep.exp2() - 1.0;
        let click_fall = decay_60(0.006, rate);
        let mut click =
            spec.click * (1.0 - 0.6 * self.dull) * click_fall.powi(self.frame.min(1 << 20) as i32);
        for x in out {
            *x += self.skin * spec.level * sine(self.skin_phase);
            if click > 1e-4 {
                *x += click * self.noise.white();
                click *= click_fall;
            }
            let step = rest * (1.0 + top * self.sweep * self.sweep);
            self.skin_phase = self.skin_phase.wrapping_add(step.min(2.0e9) as u32);
            self.sweep *= fall;
            self.skin *= decay;
        }
        if self.sweep < 1e-9 {
            self.sweep = 0.0;
        }
    }

    fn add_noise(&mut self, spec: &NoiseSpec, rate: f32, out: &mut [f32]) {
        if self.noise_level <= END {
            self.noise_level = 0.0;
            return;
        }
        let mut buffer: Channel = [0.0; BLOCK_FRAMES];
        let air = &mut buffer[..out.len()];
        self.noise.fill(air);
        // A soft hit is darker by up to an octave and a half.
        let high = spec.high_hz * (-1.5 * self.dull).exp2();
        let low_pass = SvfCoefficients::new(FilterKind::Low, high, spec.q, rate);
        let high_pass = SvfCoefficients::new(FilterKind::High, spec.low_hz, spec.q, rate);
        chain(&mut self.noise_filters, &[low_pass, high_pass], air);
        let decay = decay_60(spec.decay_ms * 1e-3, rate);
        let attack = spec.attack_ms * 1e-3 * rate;
        let burst = spec.burst_ms * 1e-3 * rate;
        let burst_end = burst * f32::from(spec.bursts);
        // Noise has its power in the whole band: at higher rates less of it falls into the filter.
        let gain = spec.level * (rate / 48_000.0).sqrt();
        if self.frame as f32 >= burst_end.max(attack) {
            for (x, a) in out.iter_mut().zip(air) {
                self.noise_level *= decay;
                *x += gain * self.noise_level * *a;
            }
            return;
        }
        for (n, (x, a)) in out.iter_mut().zip(air).enumerate() {
            let frame = self.frame as f32 + n as f32;
            let level = if frame < burst_end {
                // A saw-tooth of short bursts, each over by 30 dB when the next begins.
                (-3.5 * (frame % burst) / burst).exp()
            } else if frame < attack {
                frame / attack
            } else {
                self.noise_level *= decay;
                self.noise_level
            };
            *x += gain * level * *a;
        }
    }

    fn add_metal(&mut self, spec: &MetalSpec, tables: &Wavetables, rate: f32, out: &mut [f32]) {
        if self.metal_level <= END {
            self.metal_level = 0.0;
            return;
        }
        let mut buffer: Channel = [0.0; BLOCK_FRAMES];
        let ring = &mut buffer[..out.len()];
        let steps = METAL.map(|ratio| phase_step(spec.hz * ratio, rate));
        Oscillator::add_squares(&mut self.metal, tables, steps, 0.3, ring);
        let c = SvfCoefficients::new(FilterKind::High, spec.low_hz * (-0.5 * self.dull).exp2(), 0.9, rate);
        self.metal_filter.process_mono(&c, ring);
        let decay = decay_60(spec.decay_ms * 1e-3, rate);
        for (x, m) in out.iter_mut().zip(ring) {
            *x += spec.level * self.metal_level * *m;
            self.metal_level *= decay;
        }
    }
}
