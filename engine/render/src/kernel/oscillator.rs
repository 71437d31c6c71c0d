//! Band-limited oscillators from mip-mapped wavetables.
//!
//! Each shape is a stack of single-cycle tables made by additive synthesis, three to the octave, each with only the
//! harmonics that stay below half the rate at the pitches it serves (the classic mip-map of Burrus and Massie; see
//! also Välimäki and Huovilainen, *Antialiasing Oscillators in Subtractive Synthesis*, 2007). So nothing aliases but
//! the images of linear interpolation, below -75 dB. `fundsp` has the same idea with cubic interpolation; measured, it
//! takes more than twice the time for one voice, and its pulse wave cannot change its duty within a patch that is data.

use super::morph::MorphTables;
use crate::event::{BLOCK_FRAMES, Channel};
use crate::math::sine;
use std::sync::OnceLock;
use wide::{f32x4, i32x4, u32x4, u64x2};

/// Points in one cycle of the richest table; the others have fewer, see [`bits_of`].
const SIZE: usize = 2048;
/// Harmonics of the richest table.
const HARMONICS: usize = 512;
/// Tables in a stack: 9 octaves, three each, and the bare sine.
const LEVELS: usize = 28;

/// A wave shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shape {
    /// All harmonics, 1/n.
    #[default]
    Saw,
    /// Difference of two saws; its duty can be chosen.
    Pulse,
    /// Odd harmonics, 1/n².
    Triangle,
    /// The fundamental alone.
    Sine,
    /// A pulse with a duty of a half, from a table of its own.
    Square,
    /// A triangle in sixteen steps, as eight-bit consoles played it.
    Stepped,
}

/// Points of a cycle, each with its distance to the next, so that one reading gives both ends of a line. Of a poorer
/// cycle only the first part is used: what is not touched takes no room in the processor's cache.
type Cycle = [u64; SIZE];

/// The tables of all shapes; one set in the process, made on first use, which is in `Renderer::new`.
pub struct Wavetables {
    saw: Vec<Cycle>,
    triangle: Vec<Cycle>,
    stepped: Vec<Cycle>,
    square: Vec<Cycle>,
    /// The rows of cycles whose spectrum moves.
    pub morph: MorphTables,
    /// Greatest phase step at which each level does not alias.
    limits: [u32; LEVELS],
    /// [`bits_of`] each level.
    bits: [u32; LEVELS],
}

fn harmonics_of(level: usize) -> usize {
    ((HARMONICS as f32) * (-(level as f32) / 3.0).exp2()).round().max(1.0) as usize
}

/// Points of a cycle as a power of two: at least four to the highest harmonic, and at least 64 √h, which keeps the images
/// of linear interpolation, (n / N)² of harmonic n of N points with an amplitude of 1/n, below -75 dB.
fn bits_of(level: usize) -> u32 {
    let harmonics = harmonics_of(level) as f32;
    (4.0 * harmonics).max(64.0 * harmonics.sqrt()).log2().ceil() as u32
}

fn stack(sine: &[f64], amplitude: impl Fn(usize) -> f64) -> Vec<Cycle> {
    let mut tables = vec![[0; SIZE]; LEVELS];
    for (level, table) in tables.iter_mut().enumerate() {
        let size = 1 << bits_of(level);
        let mut sum = vec![0.0_f64; size];
        for harmonic in 1..=harmonics_of(level) {
            // A line between points takes from a harmonic what a triangular window does: that is given back here.
            let angle = std::f64::consts::PI * harmonic as f64 / size as f64;
            let amount = amplitude(harmonic) * (angle / angle.sin()).powi(2);
            if amount != 0.0 {
                for (n, point) in sum.iter_mut().enumerate() {
                    // Phase in whole points keeps it exact for any harmonic.
                    *point += amount * sine[(n * harmonic) % size * (SIZE / size)];
                }
            }
        }
        for (n, point) in table[..size].iter_mut().enumerate() {
            *point = bytemuck::cast([sum[n] as f32, (sum[(n + 1) % size] - sum[n]) as f32]);
        }
    }
    tables
}

/// Sine coefficient of a triangle in sixteen levels with 32 steps a cycle, whose phase is that of a sine.
fn stepped_amplitude(harmonic: usize) -> f64 {
    let mut sum = 0.0;
    for step in 0..32 {
        // 32 levels that climb and fall, started a quarter cycle in so that the wave is odd.
        let position = (step + 8) % 32;
        let level = if position < 16 { position } else { 31 - position };
        let value = f64::from(level) / 7.5 - 1.0;
        let from = f64::from(step) / 32.0 * std::f64::consts::TAU;
        let to = f64::from(step + 1) / 32.0 * std::f64::consts::TAU;
        let h = harmonic as f64;
        sum += value * ((h * from).cos() - (h * to).cos()) / h;
    }
    sum / std::f64::consts::PI
}

impl Wavetables {
    /// The tables, made now if nobody asked before (some tens of milliseconds).
    pub fn shared() -> &'static Self {
        static TABLES: OnceLock<Wavetables> = OnceLock::new();
        TABLES.get_or_init(|| {
            let turn = |n: usize| (n as f64 / SIZE as f64 * std::f64::consts::TAU).sin();
            let sine: Vec<f64> = (0..SIZE).map(turn).collect();
            Self {
                saw: stack(&sine, |h| 2.0 / (std::f64::consts::PI * h as f64)),
                triangle: stack(&sine, |h| match h % 4 {
                    1 => 8.0 / (std::f64::consts::PI * h as f64).powi(2),
                    3 => -8.0 / (std::f64::consts::PI * h as f64).powi(2),
                    _ => 0.0,
                }),
                stepped: stack(&sine, stepped_amplitude),
                square: stack(
                    &sine,
                    |h| if h % 2 == 1 { 4.0 / (std::f64::consts::PI * h as f64) } else { 0.0 },
                ),
                morph: MorphTables::new(),
                limits: std::array::from_fn(|level| (1_u32 << 31) / harmonics_of(level) as u32),
                bits: std::array::from_fn(bits_of),
            }
        })
    }

    /// The richest table whose harmonics all stay below half the rate at this phase step.
    fn level(&self, step: u32) -> usize {
        self.limits.partition_point(|limit| *limit < step).min(LEVELS - 1)
    }
}

/// Four points of a cycle, by linear interpolation.
#[inline(always)]
fn read(cycle: &Cycle, bits: u32, phases: u32x4) -> f32x4 {
    let index = (phases >> (32 - bits)).to_array().map(|index| index as usize & (SIZE - 1));
    let [a, b, c, d] = index.map(|index| cycle[index]);
    let (ab, cd): (f32x4, f32x4) = (bytemuck::cast(u64x2::new([a, b])), bytemuck::cast(u64x2::new([c, d])));
    let (ac, bd) = (ab.unpack_lo(cd), ab.unpack_hi(cd));
    let (here, way) = (ac.unpack_lo(bd), ac.unpack_hi(bd));
    let fraction = ((phases << bits) >> 8_u32).to_array().map(|fraction| fraction as i32);
    let fraction = i32x4::new(fraction).round_float() * f32x4::splat(1.0 / 16_777_216.0);
    here + way * fraction
}

/// Phases of four frames.
#[inline(always)]
fn four(phase: u32, step: u32) -> u32x4 {
    u32x4::new([0, 1, 2, 3].map(|n| phase.wrapping_add(step.wrapping_mul(n))))
}

/// One oscillator: a phase that runs for ever.
#[derive(Debug, Clone, Copy, Default)]
pub struct Oscillator {
    /// Phase in 2^-32 turns.
    pub phase: u32,
}

impl Oscillator {
    /// Adds the wave to `out`, at most a block, `gain` at its peak. `step` is from [`crate::math::phase_step`]; `duty` is
    /// that of [`Shape::Pulse`], 0 to 1.
    pub fn add(
        &mut self,
        tables: &Wavetables,
        shape: Shape,
        step: u32,
        duty: f32,
        gain: f32,
        out: &mut [f32],
    ) {
        let wave = self.wave(tables, shape, step, duty, out.len());
        for (x, y) in out.iter_mut().zip(&wave) {
            *x += gain * y;
        }
    }

    /// Adds the wave to two channels with a gain each, which costs one reading of the table.
    pub fn add_stereo(
        &mut self,
        tables: &Wavetables,
        shape: Shape,
        step: u32,
        duty: f32,
        gains: [f32; 2],
        [left, right]: [&mut [f32]; 2],
    ) {
        let wave = self.wave(tables, shape, step, duty, left.len());
        for ((l, r), y) in left.iter_mut().zip(right).zip(&wave) {
            *l += gains[0] * y;
            *r += gains[1] * y;
        }
    }

    /// Adds several square waves, all with one gain, in one pass over `out`, at most a block.
    pub fn add_squares<const N: usize>(
        oscillators: &mut [Self; N],
        tables: &Wavetables,
        steps: [u32; N],
        gain: f32,
        out: &mut [f32],
    ) {
        let levels = steps.map(|step| tables.level(step));
        let cycles = levels.map(|level| (&tables.square[level], tables.bits[level]));
        let mut phases: [u32x4; N] = std::array::from_fn(|k| four(oscillators[k].phase, steps[k]));
        let strides = steps.map(|step| u32x4::splat(step.wrapping_mul(4)));
        for part in out.chunks_mut(4) {
            let mut sum = f32x4::ZERO;
            for k in 0..N {
                sum += read(cycles[k].0, cycles[k].1, phases[k]);
                phases[k] += strides[k];
            }
            for (x, y) in part.iter_mut().zip(sum.to_array()) {
                *x += gain * y;
            }
        }
        for (oscillator, step) in oscillators.iter_mut().zip(steps) {
            oscillator.phase = oscillator.phase.wrapping_add(step.wrapping_mul(out.len() as u32));
        }
    }

    /// The coming frames of the wave; what lies behind them is not to be heard.
    #[inline(always)]
    fn wave(&mut self, tables: &Wavetables, shape: Shape, step: u32, duty: f32, frames: usize) -> Channel {
        let mut wave: Channel = [0.0; BLOCK_FRAMES];
        let frames = frames.min(BLOCK_FRAMES);
        let level = tables.level(step);
        let bits = tables.bits[level];
        let mut phases = four(self.phase, step);
        let stride = u32x4::splat(step.wrapping_mul(4));
        let parts = wave[..frames.next_multiple_of(4)].as_chunks_mut().0;
        match shape {
            Shape::Sine => {
                for (n, x) in wave[..frames].iter_mut().enumerate() {
                    *x = sine(self.phase.wrapping_add(step.wrapping_mul(n as u32)));
                }
            }
            Shape::Pulse => {
                let cycle = &tables.saw[level];
                let offset = u32x4::splat((f64::from(duty.clamp(0.01, 0.99)) * 4_294_967_296.0) as u32);
                for part in parts {
                    *part = (read(cycle, bits, phases) - read(cycle, bits, phases + offset)).to_array();
                    phases += stride;
                }
            }
            Shape::Saw | Shape::Triangle | Shape::Stepped | Shape::Square => {
                let cycle = match shape {
                    Shape::Triangle => &tables.triangle[level],
                    Shape::Stepped => &tables.stepped[level],
                    Shape::Square => &tables.square[level],
                    _ => &tables.saw[level],
                };
                for part in parts {
                    *part = read(cycle, bits, phases).to_array();
                    phases += stride;
                }
            }
        }
        self.phase = self.phase.wrapping_add(step.wrapping_mul(frames as u32));
        wave
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::phase_step;
    use realfft::RealFftPlanner;

    const RATE: f32 = 48_000.0;

    /// Decibels of a tenth of a second in 10 Hz bins, 0 dB for a full sine.
    fn levels(shape: Shape, hz: f32, duty: f32) -> Vec<f32> {
        let mut samples = vec![0.0; 4800];
        let mut oscillator = Oscillator::default();
        for block in samples.chunks_mut(64) {
            oscillator.add(Wavetables::shared(), shape, phase_step(hz, RATE), duty, 1.0, block);
        }
        let fft = RealFftPlanner::<f32>::new().plan_fft_forward(4800);
        let mut output = fft.make_output_vec();
        fft.process(&mut samples, &mut output).unwrap();
        output.iter().map(|x| 20.0 * (x.norm() / 2400.0).max(1e-9).log10()).collect()
    }

    #[test]
    fn no_shape_aliases() {
        for shape in [Shape::Saw, Shape::Pulse, Shape::Triangle, Shape::Square, Shape::Stepped, Shape::Sine] {
            for hz in [50.0, 440.0, 1870.0, 5230.0, 9010.0] {
                for (bin, db) in levels(shape, hz, 0.3).into_iter().enumerate() {
                    let apart = (10 * bin) as f32 / hz;
                    let harmonic = (apart - apart.round()).abs() * hz < 5.0;
                    // Bins beside a harmonic hold what its phase step is rounded by.
                    assert!(harmonic || db < -66.0, "{shape:?} at {hz} Hz has {db:.1} dB at {} Hz", 10 * bin);
                }
            }
        }
    }

    #[test]
    fn harmonics_are_those_of_the_shape() {
        let at = |levels: &[f32], harmonic: usize| levels[harmonic * 10];
        let saw = levels(Shape::Saw, 100.0, 0.5);
        let square = levels(Shape::Square, 100.0, 0.5);
        let triangle = levels(Shape::Triangle, 100.0, 0.5);
        for harmonic in 2..20 {
            let wanted = -20.0 * (harmonic as f32).log10();
            assert!((at(&saw, harmonic) - at(&saw, 1) - wanted).abs() < 0.1, "saw {harmonic}");
            if harmonic % 2 == 1 {
                assert!((at(&square, harmonic) - at(&square, 1) - wanted).abs() < 0.1, "square {harmonic}");
                assert!((at(&triangle, harmonic) - at(&triangle, 1) - 2.0 * wanted).abs() < 0.1);
            } else {
                assert!(at(&square, harmonic) < -66.0 && at(&triangle, harmonic) < -66.0);
            }
        }
        // A pulse of a third has no third harmonic.
        assert!(at(&levels(Shape::Pulse, 100.0, 1.0 / 3.0), 3) < -60.0);
    }

    #[test]
    fn several_at_once_are_the_sum_of_each() {
        let tables = Wavetables::shared();
        let steps = [300.0, 455.5, 2100.0].map(|hz| phase_step(hz, RATE));
        let mut together = [Oscillator { phase: 77 }; 3];
        let mut alone = together;
        let (mut one, mut other) = ([0.0; 64], [0.0; 64]);
        for _ in 0..10 {
            (one, other) = ([0.0; 64], [0.0; 64]);
            Oscillator::add_squares(&mut together, tables, steps, 0.3, &mut one);
            for (oscillator, step) in alone.iter_mut().zip(steps) {
                oscillator.add(tables, Shape::Square, step, 0.5, 0.3, &mut other);
            }
        }
        assert!(one.iter().zip(&other).all(|(a, b)| (a - b).abs() < 1e-5));
        let (mut left, mut right) = ([0.0; 64], [0.0; 64]);
        let mut stereo = Oscillator::default();
        stereo.add_stereo(tables, Shape::Saw, steps[0], 0.5, [0.5, 0.25], [&mut left, &mut right]);
        assert!(left.iter().zip(&right).all(|(l, r)| (l - 2.0 * r).abs() < 1e-6));
    }
}
