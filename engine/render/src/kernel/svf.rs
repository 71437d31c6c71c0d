//! State variable filter in two channels.

use std::f32::consts::PI;

/// What a filter lets through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FilterKind {
    /// Below the cutoff, 12 dB an octave.
    #[default]
    Low,
    /// Around the cutoff, with unit gain there.
    Band,
    /// Above the cutoff, 12 dB an octave.
    High,
}

/// Coefficients of [`Svf`]; made once a block, they glide within it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SvfCoefficients {
    /// 2 g (g + k) / (1 + g (g + k)): what the first integrator loses in a frame.
    loss: f32,
    /// 2 g / (1 + g (g + k)): what passes between the integrators.
    pass: f32,
    /// 2 g² / (1 + g (g + k)): what the second integrator takes from the input.
    take: f32,
    /// Parts of input, band and low output in the result.
    mix: [f32; 3],
}

impl SvfCoefficients {
    /// `hz` is brought into 5 Hz..0.47 of the rate; `q` is 0.5 (no peak) or more, brought into 0.3..50.
    pub fn new(kind: FilterKind, hz: f32, q: f32, rate: f32) -> Self {
        let g = (PI * (hz / rate).clamp(5.0 / rate, 0.47)).tan();
        let k = 1.0 / q.clamp(0.3, 50.0);
        let mix = match kind {
            FilterKind::Low => [0.0, 0.0, 1.0],
            FilterKind::Band => [0.0, k, 0.0],
            FilterKind::High => [1.0, -k, -1.0],
        };
        Self::from_mix(g, k, mix)
    }

    /// From the tangent of the cutoff, the damping and the parts of the outputs.
    fn from_mix(g: f32, k: f32, mix: [f32; 3]) -> Self {
        let a = 2.0 / (1.0 + g * (g + k));
        Self { loss: g * (g + k) * a, pass: g * a, take: g * g * a, mix }
    }

    /// A peak of `db` at `hz`, a bell filter.
    pub fn bell(hz: f32, q: f32, db: f32, rate: f32) -> Self {
        let amp = (db * (std::f32::consts::LN_10 / 40.0)).exp();
        let g = (PI * (hz / rate).clamp(5.0 / rate, 0.47)).tan();
        let k = 1.0 / (q.clamp(0.1, 50.0) * amp);
        Self::from_mix(g, k, [1.0, k * (amp * amp - 1.0), 0.0])
    }

    /// Everything above `hz` changed by `db`, a high shelf with Q 0.7.
    pub fn high_shelf(hz: f32, db: f32, rate: f32) -> Self {
        let amp = (db * (std::f32::consts::LN_10 / 40.0)).exp();
        let g = (PI * (hz / rate).clamp(5.0 / rate, 0.47)).tan() * amp.sqrt();
        let k = std::f32::consts::SQRT_2;
        Self::from_mix(g, k, [amp * amp, k * (1.0 - amp) * amp, 1.0 - amp * amp])
    }
}

/// Lanes of the vector in which left and right lie; with a whole vector the compiler has nothing to shuffle.
const WIDE: usize = 4;

/// Two-pole state variable filter, trapezoidal integration, stable under fast modulation.
///
/// Andrew Simper (Cytomic), *Linear Trapezoidal Integrated State Variable Filter*, 2013 and 2016 (the mixes).
/// The formula is written as what each integrator gains in a frame, which is the same sum in another order: the way from
/// one frame to the next is three operations instead of five, and low cutoffs at high rates keep their precision.
/// Left and right are lanes of one vector, so that stereo costs what mono costs.
#[derive(Debug, Clone, Copy, Default)]
pub struct Svf {
    ic1: [f32; WIDE],
    ic2: [f32; WIDE],
}

impl Svf {
    /// Silence inside.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// One frame of both channels.
    #[inline(always)]
    pub fn tick(&mut self, c: &SvfCoefficients, input: [f32; 2]) -> [f32; 2] {
        let input = [input[0], input[1], 0.0, 0.0];
        let mut out = [0.0; WIDE];
        for lane in 0..WIDE {
            let (v0, s1, s2) = (input[lane], self.ic1[lane], self.ic2[lane]);
            let new1 = (s1 - c.loss * s1) + (c.pass * v0 - c.pass * s2);
            let new2 = (s2 - c.take * s2) + (c.take * v0 + c.pass * s1);
            let (v1, v2) = (0.5 * (s1 + new1), 0.5 * (s2 + new2));
            self.ic1[lane] = new1;
            self.ic2[lane] = new2;
            out[lane] = c.mix[0] * v0 + c.mix[1] * v1 + c.mix[2] * v2;
        }
        [out[0], out[1]]
    }

    /// Filters both channels in place with one set of coefficients.
    pub fn process(&mut self, c: &SvfCoefficients, left: &mut [f32], right: &mut [f32]) {
        let mut state = *self;
        for (l, r) in left.iter_mut().zip(right) {
            [*l, *r] = state.tick(c, [*l, *r]);
        }
        *self = state;
    }

    /// Filters both channels in place while the coefficients glide from one set to another.
    pub fn process_glide(
        &mut self,
        from: &SvfCoefficients,
        to: &SvfCoefficients,
        left: &mut [f32],
        right: &mut [f32],
    ) {
        let step = 1.0 / left.len().max(1) as f32;
        let (d1, d2, d3) =
            ((to.loss - from.loss) * step, (to.pass - from.pass) * step, (to.take - from.take) * step);
        let mut c = SvfCoefficients { mix: to.mix, ..*from };
        let mut state = *self;
        for (l, r) in left.iter_mut().zip(right) {
            c.loss += d1;
            c.pass += d2;
            c.take += d3;
            [*l, *r] = state.tick(&c, [*l, *r]);
        }
        *self = state;
    }

    /// Filters one channel in place.
    pub fn process_mono(&mut self, c: &SvfCoefficients, samples: &mut [f32]) {
        let mut state = *self;
        for x in samples {
            *x = state.tick(c, [*x, 0.0])[0];
        }
        *self = state;
    }
}

/// Voices whose filters run side by side.
pub const ABREAST: usize = 4;
const LANES: usize = 2 * ABREAST;

/// One of the filters that run side by side.
pub struct Job<'a> {
    /// The filter.
    pub filter: &'a mut Svf,
    /// Coefficients at the start and at the end of the block.
    pub glide: [SvfCoefficients; 2],
    /// Its channels, all of one length.
    pub channels: [&'a mut [f32]; 2],
}

/// Does what [`Svf::process_glide`] does for up to [`ABREAST`] filters at once, which takes little longer than one:
/// a filter spends its time waiting for its last frame.
pub fn process_abreast(jobs: &mut [Job<'_>]) {
    let frames = jobs.first().map_or(0, |job| job.channels[0].len());
    let mut wave = [[0.0_f32; LANES]; crate::BLOCK_FRAMES];
    let wave = &mut wave[..frames];
    let [mut s1, mut s2] = [[0.0_f32; LANES]; 2];
    // Coefficients of each lane, and their change a frame.
    let [mut loss, mut pass, mut take] = [[0.0_f32; LANES]; 3];
    let [mut loss_step, mut pass_step, mut take_step] = [[0.0_f32; LANES]; 3];
    let mut mix = [[0.0_f32; LANES]; 3];
    let part = 1.0 / frames.max(1) as f32;
    for (k, job) in jobs.iter().take(ABREAST).enumerate() {
        let [from, to] = job.glide;
        for side in 0..2 {
            let lane = 2 * k + side;
            (s1[lane], s2[lane]) = (job.filter.ic1[side], job.filter.ic2[side]);
            (loss[lane], loss_step[lane]) = (from.loss, (to.loss - from.loss) * part);
            (pass[lane], pass_step[lane]) = (from.pass, (to.pass - from.pass) * part);
            (take[lane], take_step[lane]) = (from.take, (to.take - from.take) * part);
            for (row, amount) in mix.iter_mut().zip(to.mix) {
                row[lane] = amount;
            }
            for (frame, x) in wave.iter_mut().zip(&*job.channels[side]) {
                frame[lane] = *x;
            }
        }
    }
    for frame in &mut *wave {
        for lane in 0..LANES {
            loss[lane] += loss_step[lane];
            pass[lane] += pass_step[lane];
            take[lane] += take_step[lane];
            let (v0, one, two) = (frame[lane], s1[lane], s2[lane]);
            s1[lane] = (one - loss[lane] * one) + (pass[lane] * v0 - pass[lane] * two);
            s2[lane] = (two - take[lane] * two) + (take[lane] * v0 + pass[lane] * one);
            let (v1, v2) = (0.5 * (one + s1[lane]), 0.5 * (two + s2[lane]));
            frame[lane] = mix[0][lane] * v0 + mix[1][lane] * v1 + mix[2][lane] * v2;
        }
    }
    for (k, job) in jobs.iter_mut().take(ABREAST).enumerate() {
        for side in 0..2 {
            let lane = 2 * k + side;
            (job.filter.ic1[side], job.filter.ic2[side]) = (s1[lane], s2[lane]);
            for (frame, x) in wave.iter().zip(&mut *job.channels[side]) {
                *x = frame[lane];
            }
        }
    }
}

/// Filters one channel with several filters in a row, in one pass: while one filter waits for its own last frame, the
/// others work.
pub fn chain<const N: usize>(
    filters: &mut [Svf; N],
    coefficients: &[SvfCoefficients; N],
    samples: &mut [f32],
) {
    let mut state = *filters;
    for x in samples {
        for (filter, c) in state.iter_mut().zip(coefficients) {
            *x = filter.tick(c, [*x, 0.0])[0];
        }
    }
    *filters = state;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::response::level_db;

    fn response(c: SvfCoefficients, hz: f32, rate: f32) -> f32 {
        level_db(hz, rate, |x| {
            let mut right = x.to_vec();
            Svf::default().process(&c, x, &mut right);
        })
    }

    #[test]
    fn low_band_and_high_have_their_slopes() {
        for rate in [22_050.0, 48_000.0, 192_000.0] {
            let q = std::f32::consts::FRAC_1_SQRT_2;
            let low = SvfCoefficients::new(FilterKind::Low, 1000.0, q, rate);
            assert!((response(low, 1000.0, rate) + 3.01).abs() < 0.1);
            assert!(response(low, 100.0, rate).abs() < 0.1);
            let octave = response(low, 2000.0, rate) - response(low, 4000.0, rate);
            assert!((11.0..17.0).contains(&octave), "{rate}: {octave}");
            let high = SvfCoefficients::new(FilterKind::High, 1000.0, q, rate);
            assert!((response(high, 1000.0, rate) + 3.01).abs() < 0.1);
            assert!((response(high, 250.0, rate) - response(high, 125.0, rate) - 12.0).abs() < 0.5);
            let band = SvfCoefficients::new(FilterKind::Band, 1000.0, 5.0, rate);
            assert!(response(band, 1000.0, rate).abs() < 0.1);
            assert!(response(band, 250.0, rate) < -20.0);
        }
    }

    #[test]
    fn resonance_bell_and_shelf_have_their_gains() {
        let low = SvfCoefficients::new(FilterKind::Low, 1000.0, 10.0, 48_000.0);
        assert!((response(low, 1000.0, 48_000.0) - 20.0).abs() < 0.2);
        let bell = SvfCoefficients::bell(1000.0, 2.0, 9.0, 48_000.0);
        assert!((response(bell, 1000.0, 48_000.0) - 9.0).abs() < 0.1);
        assert!(response(bell, 100.0, 48_000.0).abs() < 0.2);
        let shelf = SvfCoefficients::high_shelf(1000.0, -6.0, 48_000.0);
        assert!((response(shelf, 12_000.0, 48_000.0) + 6.0).abs() < 0.2);
        assert!((response(shelf, 1000.0, 48_000.0) + 3.0).abs() < 0.2);
        assert!(response(shelf, 50.0, 48_000.0).abs() < 0.1);
    }

    #[test]
    fn a_glide_ends_where_it_should_and_equals_a_still_filter_when_still() {
        let c = SvfCoefficients::new(FilterKind::Low, 800.0, 2.0, 48_000.0);
        let input: Vec<f32> = (0..64).map(|n| (n as f32 * 0.3).sin()).collect();
        let (mut l, mut r) = (input.clone(), input.clone());
        Svf::default().process(&c, &mut l, &mut r);
        let (mut gl, mut gr) = (input.clone(), input);
        Svf::default().process_glide(&c, &c, &mut gl, &mut gr);
        assert_eq!(l, gl);
        assert_eq!(l, r);
        assert_eq!(gl, gr);
    }

    #[test]
    fn filters_abreast_give_what_each_gives_alone() {
        let set = |kind, hz, q| SvfCoefficients::new(kind, hz, q, 48_000.0);
        let glides = [
            [set(FilterKind::Low, 500.0, 2.0), set(FilterKind::Low, 900.0, 2.0)],
            [set(FilterKind::High, 100.0, 0.7), set(FilterKind::High, 100.0, 0.7)],
            [set(FilterKind::Band, 3000.0, 5.0), set(FilterKind::Band, 2000.0, 5.0)],
        ];
        let input = |k: usize| -> Vec<f32> { (0..64).map(|n| ((n * (k + 3)) as f32 * 0.21).sin()).collect() };
        let mut alone: Vec<Vec<f32>> = (0..6).map(input).collect();
        let mut abreast = alone.clone();
        let mut filters = [Svf::default(); 3];
        let mut others = filters;
        for _ in 0..3 {
            for ((pair, glide), filter) in alone.chunks_mut(2).zip(&glides).zip(&mut filters) {
                let (left, right) = pair.split_at_mut(1);
                filter.process_glide(&glide[0], &glide[1], &mut left[0], &mut right[0]);
            }
            let mut jobs = Vec::new();
            for ((pair, glide), filter) in abreast.chunks_mut(2).zip(glides).zip(&mut others) {
                let (left, right) = pair.split_at_mut(1);
                jobs.push(Job { filter, glide, channels: [&mut left[0], &mut right[0]] });
            }
            process_abreast(&mut jobs);
        }
        for (a, b) in alone.iter().flatten().zip(abreast.iter().flatten()) {
            assert!((a - b).abs() < 1e-6);
        }
    }

    #[test]
    fn stable_at_any_cutoff() {
        for hz in [-10.0, 0.0, 1e6, 23_999.0] {
            let c = SvfCoefficients::new(FilterKind::Low, hz, 50.0, 48_000.0);
            let mut x = vec![1.0; 48_000];
            Svf::default().process_mono(&c, &mut x);
            assert!(x.iter().all(|x| x.is_finite() && x.abs() < 100.0), "{hz}");
        }
    }
}
