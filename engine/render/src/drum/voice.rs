//! One drum hit.

use super::air::Air;
use super::metal::Metal;
use super::skin::Skin;
use super::{DrumSpec, RINGS};
use crate::event::{BLOCK_FRAMES, Channel};
use crate::kernel::abreast::Chain;
use crate::kernel::modes::{LANES, Modes, ring};
use crate::kernel::noise::Noise;
use crate::kernel::oscillator::Wavetables;
use crate::math::{db_to_gain, soft_clip};

/// A part is over when it has fallen this far: -74 dB, which the next hits hide.
pub(super) const END: f32 = 2e-4;
/// A click is over below this.
pub(super) const CLICK_END: f32 = 1e-4;
/// What the highest modes of a softest hit lack, dB for each octave above the lowest, and at most.
const SOFT_DB: f32 = 6.0;
const SOFTEST_DB: f32 = 20.0;

/// How a hit is struck, as its parts see it.
pub(super) struct Touch {
    /// 0 the hardest to 1 the softest.
    pub dull: f32,
    /// By what pitches and times differ from those of the patch.
    pub tune: f32,
    pub decay: f32,
}

/// How far a level has fallen, 0 to 1 at 60 dB.
pub(super) fn fallen(level: f32) -> f32 {
    (-level.max(1e-6).log10() * (1.0 / 3.0)).clamp(0.0, 1.0)
}

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
    rings: Option<[Modes; RINGS / LANES]>,
    /// How many groups of the modes are in use.
    groups: usize,
    air: Option<Air>,
    metal: Option<Metal>,
    crush: Crush,
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
        let mut noise = Noise::new(hit.seed);
        let vary = spec.vary;
        let touch = Touch {
            dull,
            tune: 1.0 + 0.008 * vary * noise.white(),
            decay: 1.0 + 0.06 * vary * noise.white(),
        };
        let level_db = spec.gain_db - spec.velocity_db * dull + 0.5 * vary * noise.white();
        let level = hit.gain * db_to_gain(level_db);
        let (rings, groups) = strike(spec, &touch, &mut noise, rate);
        Self {
            lane: hit.lane,
            age: hit.age,
            gains: [level * (1.0 - spec.pan).min(1.0), level * (1.0 + spec.pan).min(1.0)],
            // What is struck softly is not driven far.
            drive: spec.drive * (1.0 - 0.6 * dull),
            rise: 2500.0 * (-2.0 * dull).exp2() / rate,
            frame: 0,
            skin: spec.skin.map(|spec| Skin::start(&spec, &touch, rate)),
            rings,
            groups,
            metal: spec.metal.map(|spec| Metal::start(&spec, &touch, &mut noise, rate)),
            air: spec.noise.map(|spec| Air::start(&spec, &touch, &mut noise, rate)),
            noise,
            crush: Crush { step: spec.crush_hz / rate, left: 0.0, held: 0.0 },
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
    pub fn sound(&mut self, tables: &Wavetables, frames: usize, rate: f32) {
        let sum = &mut self.sum[..frames];
        sum.fill(0.0);
        if let Some(skin) = &mut self.skin {
            skin.add(&mut self.noise, sum);
            if skin.is_over() {
                self.skin = None;
            }
        }
        if let Some(rings) = &mut self.rings
            && ring(&mut rings[..self.groups], sum) <= END * END
        {
            self.rings = None;
        }
        if let Some(air) = &mut self.air {
            air.sound(&mut self.noise, frames, rate);
        }
        if let Some(metal) = &mut self.metal {
            metal.sound(tables, frames, rate);
        }
    }

    /// The filters of the noise, which are to be run between [`Self::sound`] and [`Self::finish`], if there is any.
    pub fn air_chain(&mut self) -> Option<&mut Chain<2>> {
        self.air.as_mut().map(|air| &mut air.chain)
    }

    /// Those of the squares.
    pub fn metal_chain(&mut self) -> Option<&mut Chain<2>> {
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
        if self.crush.step > 0.0 {
            self.crush.process(sum);
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

/// The modes of a hit and how many groups of them there are. Where it is struck differs from hit to hit, and with it how
/// strong each mode is; a soft one has less of the high ones.
fn strike(
    spec: &DrumSpec,
    touch: &Touch,
    noise: &mut Noise,
    rate: f32,
) -> (Option<[Modes; RINGS / LANES]>, usize) {
    let lowest =
        spec.rings.iter().filter(|ring| ring[1] != 0.0).fold(f32::INFINITY, |low, ring| low.min(ring[0]));
    let lowest = spec.skin.map_or(lowest, |skin| lowest.min(skin.hz));
    let mut rings = None;
    let mut groups = 0;
    for (place, [hz, amount, decay_ms]) in spec.rings.into_iter().enumerate() {
        let hz = hz * touch.tune;
        if amount != 0.0 && hz < 0.45 * rate {
            let modes = rings.get_or_insert_with(|| [Modes::default(); RINGS / LANES]);
            let soft_db = (SOFT_DB * (hz / lowest).log2().max(0.0)).min(SOFTEST_DB) * touch.dull;
            let amount = amount * (1.0 + 0.15 * spec.vary * noise.white()) * db_to_gain(-soft_db);
            modes[place / LANES].strike(place % LANES, hz, amount, decay_ms * 1e-3 * touch.decay, rate);
            groups = place / LANES + 1;
        }
    }
    (rings, groups)
}

/// Sample and hold at a rate of its own.
#[derive(Debug, Clone, Copy)]
struct Crush {
    step: f32,
    left: f32,
    held: f32,
}

impl Crush {
    fn process(&mut self, samples: &mut [f32]) {
        for x in samples {
            self.left -= self.step;
            if self.left <= 0.0 {
                // At rates above that of the frames every frame is taken.
                self.left = (self.left + 1.0).max(0.0);
                self.held = *x;
            }
            *x = self.held;
        }
    }
}
