//! One drum hit.

use super::{DrumSpec, MetalSpec, NoiseSpec, SkinSpec};
use crate::event::{BLOCK_FRAMES, Channel};
use crate::kernel::abreast::Chain;
use crate::kernel::modes::{Modes, ring};
use crate::kernel::noise::Noise;
use crate::kernel::oscillator::{Oscillator, Wavetables};
use crate::kernel::svf::{FilterKind, SvfCoefficients};
use crate::math::{db_to_gain, decay_60, fill_decay, phase_step, sine, soft_clip};

/// Frequencies of the six oscillators of the TR-808's cymbal, as multiples of the lowest.
const METAL: [f32; 6] = [1.0, 1.4826, 1.8002, 2.5460, 2.6303, 3.8966];
/// A part is over when it has fallen this far: -74 dB, which the next hits hide.
const END: f32 = 2e-4;
/// A click is over below this.
const CLICK_END: f32 = 1e-4;

/// A sounding hit; its parts go when they are over.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DrumVoice {
    pub lane: u8,
    pub age: u64,
    gains: [f32; 2],
    drive: f32,
    /// How fast the first frames rise, so that a hit which starts with a step does not tick; and frames played.
    rise: f32,
    frame: u32,
    noise: Noise,
    skin: Option<Skin>,
    rings: Option<Modes>,
    air: Option<Air>,
    metal: Option<Metal>,
    fade: f32,
    fade_step: f32,
    sum: Channel,
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
        let dull = 1.0 - velocity;
        let level = hit.gain * db_to_gain(spec.gain_db - spec.velocity_db * dull);
        let mut noise = Noise::new(hit.seed);
        let mut rings = None;
        for (lane, [hz, amount, decay_ms]) in spec.rings.into_iter().enumerate() {
            if amount != 0.0 && hz < 0.45 * rate {
                let modes = rings.get_or_insert_with(Modes::default);
                modes.strike(lane, hz, amount, decay_ms * 1e-3, rate);
            }
        }
        Self {
            lane: hit.lane,
            age: hit.age,
            gains: [level * (1.0 - spec.pan).min(1.0), level * (1.0 + spec.pan).min(1.0)],
            drive: spec.drive,
            rise: 2500.0 / rate,
            frame: 0,
            skin: spec.skin.map(|spec| Skin::start(&spec, dull, rate)),
            rings,
            metal: spec.metal.map(|spec| Metal::start(&spec, dull, &mut noise, rate)),
            air: spec.noise.map(|spec| Air::start(&spec, dull, rate)),
            noise,
            fade: 1.0,
            fade_step: 0.0,
            sum: [0.0; BLOCK_FRAMES],
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
        let skin = self.skin.as_ref().map_or(0.0, |skin| skin.level);
        let air = self.air.as_ref().map_or(0.0, |air| air.level);
        let metal = self.metal.as_ref().map_or(0.0, |metal| metal.level);
        self.gains[0].max(self.gains[1]) * skin.max(air).max(metal) * self.fade
    }

    /// Makes the coming frames of the parts, at most a block, as far as they need no filter.
    pub fn sound(&mut self, tables: &Wavetables, frames: usize) {
        let sum = &mut self.sum[..frames];
        sum.fill(0.0);
        if let Some(skin) = &mut self.skin {
            skin.add(&mut self.noise, sum);
            if skin.level <= END && skin.click <= CLICK_END {
                self.skin = None;
            }
        }
        if let Some(rings) = &mut self.rings
            && ring(std::slice::from_mut(rings), sum) <= END * END
        {
            self.rings = None;
        }
        if let Some(air) = &mut self.air {
            self.noise.fill(&mut air.chain.samples[..frames]);
        }
        if let Some(metal) = &mut self.metal {
            let samples = &mut metal.chain.samples[..frames];
            samples.fill(0.0);
            Oscillator::add_squares(&mut metal.oscillators, tables, metal.steps, metal.gain, samples);
        }
    }

    /// The filters of the noise, which are to be run between [`Self::sound`] and [`Self::finish`], if there is any.
    pub fn air_chain(&mut self) -> Option<&mut Chain<2>> {
        self.air.as_mut().map(|air| &mut air.chain)
    }

    /// That of the squares.
    pub fn metal_chain(&mut self) -> Option<&mut Chain<1>> {
        self.metal.as_mut().map(|metal| &mut metal.chain)
    }

    /// Adds what was made to the stem; `false` once the hit is over.
    pub fn finish(&mut self, left: &mut [f32], right: &mut [f32]) -> bool {
        let frames = left.len();
        let sum = &mut self.sum[..frames];
        if let Some(air) = &mut self.air {
            air.add(self.frame, sum);
            if air.level <= END {
                self.air = None;
            }
        }
        if let Some(metal) = &mut self.metal {
            metal.add(sum);
            if metal.level <= END {
                self.metal = None;
            }
        }
        if self.drive > 0.0 {
            let gain = 1.0 + 5.0 * self.drive;
            let back = 1.0 / gain.sqrt();
            for x in &mut *sum {
                *x = soft_clip(*x * gain) * back;
            }
        }
        if (self.frame as f32) * self.rise < 1.0 {
            for (n, x) in sum.iter_mut().enumerate() {
                *x *= ((self.frame + n as u32) as f32 * self.rise).min(1.0);
            }
        }
        if self.fade_step > 0.0 {
            for x in &mut *sum {
                self.fade = (self.fade - self.fade_step).max(0.0);
                *x *= self.fade;
            }
        }
        self.frame += frames as u32;
        for ((l, r), x) in left.iter_mut().zip(right).zip(&*sum) {
            *l += self.gains[0] * *x;
            *r += self.gains[1] * *x;
        }
        let sounds =
            self.skin.is_some() || self.rings.is_some() || self.air.is_some() || self.metal.is_some();
        self.fade > 0.0 && sounds
    }
}

/// The skin: a sine whose pitch falls, and the click of the stick.
#[derive(Debug, Clone, Copy)]
struct Skin {
    phase: u32,
    gain: f32,
    level: f32,
    decay: f32,
    /// Phase step at rest, and by how much more the sweep's start is.
    rest: f32,
    top: f32,
    sweep: f32,
    fall: f32,
    click: f32,
    click_fall: f32,
}

impl Skin {
    fn start(spec: &SkinSpec, dull: f32, rate: f32) -> Self {
        Self {
            phase: 0,
            gain: spec.level,
            level: 1.0,
            decay: decay_60(spec.decay_ms * 1e-3, rate),
            rest: spec.hz * (4_294_967_296.0 / rate),
            // The frequency is rest × (1 + top s²), where s falls from 1 to 0: 2^sweep times the rest at the start.
            top: spec.sweep.exp2() - 1.0,
            sweep: 1.0,
            fall: decay_60(spec.sweep_ms * 1e-3, rate),
            click: spec.click * (1.0 - 0.6 * dull),
            click_fall: decay_60(0.006, rate),
        }
    }

    fn add(&mut self, noise: &mut Noise, out: &mut [f32]) {
        let frames = out.len();
        let mut phases = [0; BLOCK_FRAMES];
        let mut numbers: Channel = [0.0; BLOCK_FRAMES];
        if self.sweep > 0.0 {
            fill_decay(&mut self.sweep, self.fall, &mut numbers[..frames]);
            for (phase, sweep) in phases[..frames].iter_mut().zip(numbers) {
                *phase = self.phase;
                let step = self.rest * (1.0 + self.top * sweep * sweep);
                self.phase = self.phase.wrapping_add(step.min(2.0e9) as u32);
            }
            // What is left changes the pitch by less than a float can hold.
            if self.sweep < 1e-4 {
                self.sweep = 0.0;
            }
        } else {
            let step = self.rest.min(2.0e9) as u32;
            for (n, phase) in phases[..frames].iter_mut().enumerate() {
                *phase = self.phase.wrapping_add(step.wrapping_mul(n as u32));
            }
            self.phase = self.phase.wrapping_add(step.wrapping_mul(frames as u32));
        }
        fill_decay(&mut self.level, self.decay, &mut numbers[..frames]);
        for ((x, level), phase) in out.iter_mut().zip(numbers).zip(phases) {
            *x += self.gain * level * sine(phase);
        }
        if self.click > CLICK_END {
            fill_decay(&mut self.click, self.click_fall, &mut numbers[..frames]);
            let mut clicks: Channel = [0.0; BLOCK_FRAMES];
            noise.fill(&mut clicks[..frames]);
            for ((x, level), click) in out.iter_mut().zip(numbers).zip(clicks) {
                *x += level * click;
            }
        }
    }
}

/// The noise: wires, claps, shakers.
#[derive(Debug, Clone, Copy)]
struct Air {
    chain: Chain<2>,
    gain: f32,
    level: f32,
    decay: f32,
    /// Frames of the rise, of a burst, and of all bursts.
    attack: f32,
    burst: f32,
    bursts: f32,
}

impl Air {
    fn start(spec: &NoiseSpec, dull: f32, rate: f32) -> Self {
        // A soft hit is darker by up to an octave and a half.
        let high = spec.high_hz * (-1.5 * dull).exp2();
        let burst = spec.burst_ms * 1e-3 * rate;
        Self {
            chain: Chain::new([
                SvfCoefficients::new(FilterKind::Low, high, spec.q, rate),
                SvfCoefficients::new(FilterKind::High, spec.low_hz, spec.q, rate),
            ]),
            // Noise has its power in the whole band: at higher rates less of it falls into the filter.
            gain: spec.level * (rate / 48_000.0).sqrt(),
            level: 1.0,
            decay: decay_60(spec.decay_ms * 1e-3, rate),
            attack: spec.attack_ms * 1e-3 * rate,
            burst,
            bursts: burst * f32::from(spec.bursts),
        }
    }

    /// Adds the filtered samples; `frame` is the first one's place in the hit.
    fn add(&mut self, frame: u32, out: &mut [f32]) {
        let mut levels: Channel = [0.0; BLOCK_FRAMES];
        let levels = &mut levels[..out.len()];
        let mut rest = 0;
        for (n, level) in levels.iter_mut().enumerate() {
            let at = frame as f32 + n as f32;
            if at < self.bursts {
                // A saw-tooth of short bursts, each over by 30 dB when the next begins.
                *level = (-3.5 * (at % self.burst) / self.burst).exp();
            } else if at < self.attack {
                *level = at / self.attack;
            } else {
                break;
            }
            rest = n + 1;
        }
        fill_decay(&mut self.level, self.decay, &mut levels[rest..]);
        for ((x, level), sample) in out.iter_mut().zip(levels).zip(&self.chain.samples) {
            *x += self.gain * *level * sample;
        }
    }
}

/// The squares: cymbals and hats.
#[derive(Debug, Clone, Copy)]
struct Metal {
    oscillators: [Oscillator; METAL.len()],
    steps: [u32; METAL.len()],
    chain: Chain<1>,
    gain: f32,
    level: f32,
    decay: f32,
}

impl Metal {
    fn start(spec: &MetalSpec, dull: f32, noise: &mut Noise, rate: f32) -> Self {
        let low = spec.low_hz * (-0.5 * dull).exp2();
        Self {
            oscillators: std::array::from_fn(|_| Oscillator { phase: noise.bits() }),
            steps: METAL.map(|ratio| phase_step(spec.hz * ratio, rate)),
            chain: Chain::new([SvfCoefficients::new(FilterKind::High, low, 0.9, rate)]),
            gain: 0.3 * spec.level,
            level: 1.0,
            decay: decay_60(spec.decay_ms * 1e-3, rate),
        }
    }

    fn add(&mut self, out: &mut [f32]) {
        let mut levels: Channel = [0.0; BLOCK_FRAMES];
        let levels = &mut levels[..out.len()];
        fill_decay(&mut self.level, self.decay, levels);
        for ((x, level), sample) in out.iter_mut().zip(levels).zip(&self.chain.samples) {
            *x += *level * sample;
        }
    }
}
