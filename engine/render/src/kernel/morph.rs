//! Wavetables whose spectrum moves: rows of cycles from dark to bright, between which an oscillator reads.
//!
//! The idea is Wolfgang Palm's (PPG Wave, 1981); against aliases each cycle is a mip-map, as those of
//! [`super::oscillator`] are, two levels to the octave. All cycles are computed from their harmonics, and all have the same
//! power, so that a movement changes the timbre and not the level.

use crate::event::{BLOCK_FRAMES, Channel};
use std::f64::consts::{PI, TAU};
use wide::{f32x4, i32x4, u32x4, u64x2};

/// Cycles in a row.
pub const CYCLES: usize = 8;
/// Rows.
const ROWS: usize = 13;
/// Points of the richest cycle, and its harmonics.
const SIZE: usize = 1024;
const HARMONICS: usize = 256;
/// Two to the octave, down to the bare sine.
const LEVELS: usize = 17;
/// Root mean square of every cycle: that of a saw of about the amplitude 0.7.
const LOUDNESS: f64 = 0.4;

/// A row of cycles. The first is the darkest of each, the last the brightest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Row {
    /// Sine, triangle, saw, square, narrow pulse: an analogue synthesiser's panel from left to right.
    Classic,
    /// A saw that is started anew by another of a lower pitch, 1 to 5.5 times as fast.
    Sync,
    /// A sine whose phase is moved by two others, further and further.
    Growl,
    /// The vowels u, o, a, e, i.
    Vowel,
    /// A saw through a low-pass filter that rings, from its fundamental to its 40th harmonic.
    Resonance,
    /// Few harmonics far apart, as of glass and bells.
    Glass,
    /// A pipe that is blown at an edge.
    Flute,
    /// A single reed on a cylinder: odd harmonics.
    Reed,
    /// A double reed on a cone: all harmonics, and few of the lowest.
    DoubleReed,
    /// Lips on a horn: soft, nearly a sine; loud, dozens of harmonics.
    Brass,
    /// A metal tongue that swings through its frame.
    FreeReed,
    /// A string under a bow, whose corner is rounder the lighter the bow lies on it (Cremer).
    Bow,
    /// The tongue of a reed pipe with all nine feet of a full organ above it.
    Pipes,
}

impl Row {
    /// All rows, in the order in which their points lie.
    const ALL: [Self; ROWS] = [
        Self::Classic,
        Self::Sync,
        Self::Growl,
        Self::Vowel,
        Self::Resonance,
        Self::Glass,
        Self::Flute,
        Self::Reed,
        Self::DoubleReed,
        Self::Brass,
        Self::FreeReed,
        Self::Bow,
        Self::Pipes,
    ];
}

/// The points of all cycles; part of [`super::oscillator::Wavetables`].
pub struct MorphTables {
    points: Vec<f32>,
    /// Where each level of a cycle starts, and how many bits count its points.
    starts: [usize; LEVELS],
    bits: [u32; LEVELS],
    limits: [u32; LEVELS],
    /// Points of all levels of a cycle.
    stride: usize,
}

fn harmonics_of(level: usize) -> usize {
    (HARMONICS as f64 * (-(level as f64) / 2.0).exp2()).round() as usize
}

fn bits_of(level: usize) -> u32 {
    let harmonics = harmonics_of(level) as f64;
    (4.0 * harmonics).max(64.0 * harmonics.sqrt()).log2().ceil() as u32
}

/// Sine and cosine part of each harmonic, the fundamental first.
type Spectrum = Vec<[f64; 2]>;

/// A spectrum of sines from a rule for the amplitude of harmonic n.
fn sines(amplitude: impl Fn(f64) -> f64) -> Spectrum {
    (1..=HARMONICS).map(|n| [amplitude(n as f64), 0.0]).collect()
}

/// The spectrum of a wave, given over the phase 0 to 1.
fn measured(sine: &[f64], wave: impl Fn(f64) -> f64) -> Spectrum {
    let points = 2 * SIZE;
    let wave: Vec<f64> = (0..points).map(|k| wave((k as f64 + 0.5) / points as f64)).collect();
    (1..=HARMONICS)
        .map(|n| {
            let (mut s, mut c) = (0.0, 0.0);
            for (k, x) in wave.iter().enumerate() {
                // Points lie between those of the table of the sine by half a step of it: of no account here.
                let at = (n * k / 2) % SIZE;
                s += x * sine[at];
                c += x * sine[(at + SIZE / 4) % SIZE];
            }
            [s / SIZE as f64, c / SIZE as f64]
        })
        .collect()
}

/// Gain of a resonance at `centre` for harmonic n, 1 at its top.
fn peak(n: f64, centre: f64, width: f64) -> f64 {
    1.0 / (1.0 + ((n - centre) / (0.5 * width)).powi(2)).sqrt()
}

/// The cycle at `t`, 0 darkest to 1 brightest, of a row.
fn spectrum(row: Row, t: f64, sine: &[f64]) -> Spectrum {
    match row {
        Row::Classic => match (t * 7.0).round() as u32 {
            0 => sines(|n| if n == 1.0 { 1.0 } else { 0.0 }),
            1 => sines(|n| n.powi(-2) * ((n * PI / 2.0).sin())),
            2 => sines(|n| n.powf(-1.6)),
            3 => sines(|n| 1.0 / n),
            4 => sines(|n| if n % 2.0 == 1.0 { 1.0 / n } else { 0.4 / n }),
            5 => sines(|n| if n % 2.0 == 1.0 { 1.0 / n } else { 0.0 }),
            6 => sines(|n| (n * PI * 0.28).sin() / n),
            _ => sines(|n| (n * PI * 0.1).sin() / n),
        },
        Row::Sync => {
            let ratio = 5.5_f64.powf(t);
            measured(sine, |x| 2.0 * (x * ratio).fract() - 1.0)
        }
        Row::Growl => {
            let index = 4.5 * t;
            measured(sine, |x| {
                let x = x * TAU;
                (x + index * x.sin() + 0.4 * index * (3.0 * x).sin()).sin()
            })
        }
        Row::Vowel => {
            // First three formants of a tenor for u, o, a, e, i (those of `source::choir`), for a string of 110 Hz.
            const FORMANTS: [[f64; 3]; 5] = [
                [350.0, 600.0, 2700.0],
                [400.0, 800.0, 2600.0],
                [650.0, 1080.0, 2650.0],
                [400.0, 1700.0, 2600.0],
                [290.0, 1870.0, 2800.0],
            ];
            let place = 4.0 * t;
            let low = (place as usize).min(3);
            let part = place - low as f64;
            sines(|n| {
                let voice: f64 = (0..3)
                    .map(|k| {
                        let hz = FORMANTS[low][k] + part * (FORMANTS[low + 1][k] - FORMANTS[low][k]);
                        [1.0, 0.5 + 0.3 * t, 0.06 + 0.44 * t][k] * peak(110.0 * n, hz, 160.0)
                    })
                    .sum();
                (voice + 0.01) * n.powf(-0.3)
            })
        }
        Row::Resonance => {
            let corner = 40_f64.powf(t);
            sines(|n| {
                let over = n / corner;
                1.0 / (n * ((1.0 - over * over).powi(2) + (over / 5.0).powi(2)).sqrt())
            })
        }
        Row::Glass => sines(|n| {
            const PARTIALS: [f64; 9] = [1.0, 2.0, 4.0, 5.0, 8.0, 11.0, 14.0, 19.0, 26.0];
            let place = PARTIALS.iter().position(|partial| *partial == n);
            place.map_or(0.0, |j| (-(j as f64) * (2.4 - 2.05 * t)).exp())
        }),
        Row::Flute => sines(|n| {
            let even = if n == 2.0 { 0.7 + 0.9 * t } else { 1.0 };
            even * (-(n - 1.0) * (2.6 - 1.75 * t)).exp()
        }),
        Row::Reed => sines(|n| {
            // The bore's cutoff lets even harmonics in from about the sixth on.
            let even = if n % 2.0 == 0.0 { (0.02 + 0.05 * n).min(0.6) } else { 1.0 };
            even * n.powf(-1.9 + 1.1 * t) * (-n / (5.0 + 15.0 * t)).exp()
        }),
        Row::DoubleReed => sines(|n| {
            let lowest = 1.0 - (0.35 + 0.3 * t) * (-(n - 1.0) / 1.3).exp();
            lowest * n.powf(-1.1 + 0.8 * t) * (-n / (4.0 + 16.0 * t)).exp()
        }),
        Row::Brass => {
            sines(|n| (-(n - 1.0) / (0.45 + 8.5 * t.powf(1.6))).exp() * (1.0 - 0.45 * t * (2.0 - n).max(0.0)))
        }
        Row::FreeReed => sines(|n| {
            let odd = if n % 2.0 == 1.0 { 1.0 } else { 0.75 };
            odd * n.powf(-1.3 + 0.85 * t) * (-n / (9.0 + 26.0 * t)).exp()
        }),
        Row::Bow => sines(|n| {
            // The bow at a ninth of the string takes something from every ninth harmonic.
            let nulls = 0.45 + 0.55 * (n * PI / 9.0).sin().abs();
            nulls / n * (-n / (3.0 + 45.0 * t * t)).exp()
        }),
        Row::Pipes => sines(|n| {
            let octave = if (n as u32).is_power_of_two() { 1.0 } else { 0.25 + 0.35 * t };
            octave * n.powf(-1.3 + 0.75 * t) * (-n / (6.0 + 30.0 * t)).exp()
        }),
    }
}

impl MorphTables {
    /// Computes everything, once in a process.
    pub fn new() -> Self {
        let sine: Vec<f64> = (0..SIZE).map(|n| (n as f64 / SIZE as f64 * TAU).sin()).collect();
        let bits: [u32; LEVELS] = std::array::from_fn(bits_of);
        let mut starts = [0; LEVELS];
        for level in 1..LEVELS {
            starts[level] = starts[level - 1] + (1 << bits[level - 1]) + 1;
        }
        let stride = starts[LEVELS - 1] + (1 << bits[LEVELS - 1]) + 1;
        let mut points = vec![0.0; ROWS * CYCLES * stride];
        for row in Row::ALL {
            for cycle in 0..CYCLES {
                let spectrum = spectrum(row, cycle as f64 / (CYCLES - 1) as f64, &sine);
                let start = (row as usize * CYCLES + cycle) * stride;
                fill(&spectrum, &sine, &starts, &bits, &mut points[start..start + stride]);
            }
        }
        let limits = std::array::from_fn(|level| (1_u32 << 31) / harmonics_of(level) as u32);
        Self { points, starts, bits, limits, stride }
    }

    /// The points of a level, and the first once more.
    fn cycle(&self, row: Row, cycle: usize, level: usize) -> &[f32] {
        let start = (row as usize * CYCLES + cycle) * self.stride + self.starts[level];
        &self.points[start..start + (1 << self.bits[level]) + 1]
    }
}

/// Writes all levels of a cycle. They are summed up from the poorest to the richest, each a part of the next, so that every
/// harmonic is computed once; what a level has fewer points is left out of the sum, which has no harmonics between them.
fn fill(spectrum: &Spectrum, sine: &[f64], starts: &[usize], bits: &[u32], out: &mut [f32]) {
    let power: f64 = spectrum.iter().flatten().map(|x| 0.5 * x * x).sum();
    let scale = LOUDNESS / power.sqrt().max(1e-9);
    let mut sum = vec![0.0_f64; SIZE];
    let mut done = 0;
    for level in (0..LEVELS).rev() {
        for (k, [s, c]) in spectrum.iter().enumerate().take(harmonics_of(level)).skip(done) {
            if s.abs() + c.abs() > 1e-7 {
                for (n, point) in sum.iter_mut().enumerate() {
                    // Phase in whole points keeps it exact for any harmonic.
                    let at = (n * (k + 1)) % SIZE;
                    *point += scale * (s * sine[at] + c * sine[(at + SIZE / 4) % SIZE]);
                }
            }
        }
        done = harmonics_of(level);
        let size = 1 << bits[level];
        let apart = SIZE / size;
        for n in 0..=size {
            out[starts[level] + n] = sum[n % size * apart] as f32;
        }
    }
}

/// Where in a row a voice reads during a block: between which cycles, and how far at the block's start and end.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    row: Row,
    cycle: usize,
    from: f32,
    to: f32,
}

/// The place that moves: it never passes a cycle within a block, so that there is no corner in what is heard.
#[derive(Debug, Clone, Copy)]
pub struct Position {
    at: f32,
}

impl Position {
    /// At a place, 0 to 1.
    pub fn new(position: f32) -> Self {
        Self { at: position.clamp(0.0, 1.0) * (CYCLES - 1) as f32 }
    }

    /// Moves towards a place, 0 to 1, for a block.
    pub fn advance(&mut self, row: Row, position: f32) -> Place {
        let goal = position.clamp(0.0, 1.0) * (CYCLES - 1) as f32;
        let from = self.at;
        let mut cycle = (from as usize).min(CYCLES - 2);
        if goal < cycle as f32 {
            cycle = if from > cycle as f32 { cycle } else { cycle.saturating_sub(1) };
        }
        let low = cycle as f32;
        self.at = goal.clamp(low, low + 1.0);
        Place { row, cycle, from: from - low, to: self.at - low }
    }
}

/// An oscillator over a row.
#[derive(Debug, Clone, Copy, Default)]
pub struct MorphOscillator {
    /// Phase in 2^-32 turns.
    pub phase: u32,
}

impl MorphOscillator {
    /// The coming frames, at most a block; what lies behind them is not to be heard.
    #[inline(always)]
    pub fn wave(&mut self, tables: &MorphTables, place: &Place, step: u32, frames: usize) -> Channel {
        let mut wave: Channel = [0.0; BLOCK_FRAMES];
        let frames = frames.min(BLOCK_FRAMES);
        let level = tables.limits.partition_point(|limit| *limit < step).min(LEVELS - 1);
        let bits = tables.bits[level];
        let dark = tables.cycle(place.row, place.cycle, level);
        let bright = tables.cycle(place.row, place.cycle + 1, level);
        let mut phases = u32x4::new([0, 1, 2, 3].map(|n| self.phase.wrapping_add(step.wrapping_mul(n))));
        let stride = u32x4::splat(step.wrapping_mul(4));
        let slope = (place.to - place.from) / frames.max(1) as f32;
        let mut part = f32x4::new([0.0, 1.0, 2.0, 3.0]) * f32x4::splat(slope) + f32x4::splat(place.from);
        let advance = f32x4::splat(4.0 * slope);
        for four in wave[..frames.next_multiple_of(4)].as_chunks_mut::<4>().0 {
            let index = (phases >> (32 - bits)).to_array().map(|index| index as usize);
            let fraction = ((phases << bits) >> 8_u32).to_array().map(|fraction| fraction as i32);
            let fraction = i32x4::new(fraction).round_float() * f32x4::splat(1.0 / 16_777_216.0);
            let (a, b) = (read(dark, index, fraction), read(bright, index, fraction));
            *four = (a + part * (b - a)).to_array();
            phases += stride;
            part += advance;
        }
        self.phase = self.phase.wrapping_add(step.wrapping_mul(frames as u32));
        wave
    }
}

/// Four points of a cycle, by linear interpolation.
#[inline(always)]
fn read(cycle: &[f32], index: [usize; 4], fraction: f32x4) -> f32x4 {
    // Two neighbours lie together, so that one reading gives both ends of a line.
    let last = cycle.len() - 2;
    let [a, b, c, d] = index.map(|index| {
        let at = index.min(last);
        bytemuck::cast::<[f32; 2], u64>([cycle[at], cycle[at + 1]])
    });
    let (ab, cd): (f32x4, f32x4) = (bytemuck::cast(u64x2::new([a, b])), bytemuck::cast(u64x2::new([c, d])));
    let (ac, bd) = (ab.unpack_lo(cd), ab.unpack_hi(cd));
    let (here, next) = (ac.unpack_lo(bd), ac.unpack_hi(bd));
    here + (next - here) * fraction
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::oscillator::Wavetables;
    use crate::math::phase_step;
    use realfft::RealFftPlanner;

    const RATE: f32 = 48_000.0;

    fn samples(row: Row, position: f32, hz: f32) -> Vec<f32> {
        let tables = &Wavetables::shared().morph;
        let mut oscillator = MorphOscillator::default();
        let mut place = Position::new(position);
        let step = phase_step(hz, RATE);
        (0..75).flat_map(|_| oscillator.wave(tables, &place.advance(row, position), step, 64)).collect()
    }

    /// Decibels of a tenth of a second in 10 Hz bins, 0 dB for a full sine.
    fn levels(row: Row, position: f32, hz: f32) -> Vec<f32> {
        let mut samples = samples(row, position, hz);
        let fft = RealFftPlanner::<f32>::new().plan_fft_forward(4800);
        let mut output = fft.make_output_vec();
        fft.process(&mut samples, &mut output).unwrap();
        output.iter().map(|x| 20.0 * (x.norm() / 2400.0).max(1e-9).log10()).collect()
    }

    #[test]
    fn no_row_aliases() {
        for row in Row::ALL {
            for (position, hz) in [(0.0, 110.0), (0.4, 440.0), (1.0, 1870.0), (0.7, 5230.0)] {
                for (bin, db) in levels(row, position, hz).into_iter().enumerate() {
                    let apart = (10 * bin) as f32 / hz;
                    let harmonic = (apart - apart.round()).abs() * hz < 5.0;
                    assert!(
                        harmonic || db < -60.0,
                        "{row:?} {position} at {hz} Hz: {db:.1} dB at {} Hz",
                        10 * bin
                    );
                }
            }
        }
    }

    #[test]
    fn every_cycle_is_as_loud_and_rows_grow_brighter() {
        let centroid = |levels: &[f32]| {
            let (mut sum, mut all) = (0.0, 0.0);
            for (bin, db) in levels.iter().enumerate().skip(1) {
                let amplitude = 10_f32.powf(db / 20.0);
                sum += amplitude * (10 * bin) as f32;
                all += amplitude;
            }
            sum / all
        };
        for row in Row::ALL {
            for k in 0..CYCLES {
                let x = samples(row, k as f32 / 7.0, 100.0);
                let rms = (x.iter().map(|x| x * x).sum::<f32>() / x.len() as f32).sqrt();
                assert!((rms - LOUDNESS as f32).abs() < 0.015, "{row:?} {k}: {rms}");
            }
            let (dark, bright) = (centroid(&levels(row, 0.0, 100.0)), centroid(&levels(row, 1.0, 100.0)));
            assert!(bright > 1.2 * dark, "{row:?}: {dark} Hz to {bright} Hz");
        }
    }

    #[test]
    fn a_place_moves_without_a_jump_and_arrives() {
        let mut position = Position::new(0.0);
        let mut last = 0.0;
        for block in 0..40 {
            let goal = if block < 20 { 0.93 } else { 0.11 };
            let place = position.advance(Row::Classic, goal);
            let (from, to) = (place.cycle as f32 + place.from, place.cycle as f32 + place.to);
            assert_eq!(from, last, "block {block}");
            assert!((0.0..=1.0).contains(&place.from) && (0.0..=1.0).contains(&place.to));
            last = to;
            if block % 20 == 19 {
                assert!((to - 7.0 * goal).abs() < 1e-5);
            }
        }
    }
}
