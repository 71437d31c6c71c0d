//! State variable filter in two channels.

use crate::math::sine;
use wide::f32x4;

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

/// Coefficients of [`Svf`]; made once a block, they glide within it. The default lets nothing through.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
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

/// tan(π hz / rate), the cutoff of the bilinear transform, for `hz` brought into 5 Hz..0.47 of the rate. From the fast sine,
/// within 2e-5 of its value: every voice wants one in every block.
fn warped(hz: f32, rate: f32) -> f32 {
    let turns = 0.5 * (hz / rate).clamp(5.0 / rate, 0.47);
    let phase = (turns * 4_294_967_296.0) as u32;
    sine(phase) / sine(phase + (1 << 30))
}

impl SvfCoefficients {
    /// `hz` is brought into 5 Hz..0.47 of the rate; `q` is 0.5 (no peak) or more, brought into 0.3..50.
    pub fn new(kind: FilterKind, hz: f32, q: f32, rate: f32) -> Self {
        let g = warped(hz, rate);
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
        let g = warped(hz, rate);
        let k = 1.0 / (q.clamp(0.1, 50.0) * amp);
        Self::from_mix(g, k, [1.0, k * (amp * amp - 1.0), 0.0])
    }

    /// Everything above `hz` changed by `db`, a high shelf with Q 0.7.
    pub fn high_shelf(hz: f32, db: f32, rate: f32) -> Self {
        let amp = (db * (std::f32::consts::LN_10 / 40.0)).exp();
        let g = warped(hz, rate) * amp.sqrt();
        let k = std::f32::consts::SQRT_2;
        Self::from_mix(g, k, [amp * amp, k * (1.0 - amp) * amp, 1.0 - amp * amp])
    }

    /// The output as parts of the input and of both integrators before the frame, which is what is cheapest to sum.
    fn outputs(&self) -> [f32; 3] {
        let Self { loss, pass, take, mix: [input, band, low] } = *self;
        // Band and low are means of old and new state.
        let (band, low) = (0.5 * band, 0.5 * low);
        [input + band * pass + low * take, band * (2.0 - loss) + low * pass, low * (2.0 - take) - band * pass]
    }
}

/// The same coefficients in every lane, made once for a run of frames.
#[derive(Debug, Clone, Copy, Default)]
pub struct WideCoefficients {
    loss: f32x4,
    pass: f32x4,
    take: f32x4,
    out: [f32x4; 3],
}

impl From<&SvfCoefficients> for WideCoefficients {
    fn from(c: &SvfCoefficients) -> Self {
        let [loss, pass, take] = [c.loss, c.pass, c.take].map(f32x4::splat);
        Self { loss, pass, take, out: c.outputs().map(f32x4::splat) }
    }
}

impl WideCoefficients {
    /// One filter in the first two lanes, another in the last two: two filters of a stereo signal in one [`Svf`].
    pub fn pair(a: &SvfCoefficients, b: &SvfCoefficients) -> Self {
        Self::lanes([a, a, b, b])
    }

    /// Another filter in every lane.
    pub fn lanes(filters: [&SvfCoefficients; 4]) -> Self {
        let outputs = filters.map(SvfCoefficients::outputs);
        let lanes = |number: fn(&SvfCoefficients) -> f32| f32x4::new(filters.map(number));
        Self {
            loss: lanes(|c| c.loss),
            pass: lanes(|c| c.pass),
            take: lanes(|c| c.take),
            out: std::array::from_fn(|k| f32x4::new(outputs.map(|out| out[k]))),
        }
    }

    /// What is to be added in each of some frames to arrive at another set.
    pub fn step_to(&self, to: &Self, frames: usize) -> Self {
        let part = f32x4::splat(1.0 / frames.max(1) as f32);
        Self {
            loss: (to.loss - self.loss) * part,
            pass: (to.pass - self.pass) * part,
            take: (to.take - self.take) * part,
            out: std::array::from_fn(|k| (to.out[k] - self.out[k]) * part),
        }
    }

    /// Adds such a step.
    #[inline(always)]
    pub fn advance(&mut self, step: &Self) {
        self.loss += step.loss;
        self.pass += step.pass;
        self.take += step.take;
        for (out, step) in self.out.iter_mut().zip(step.out) {
            *out += step;
        }
    }
}

/// Two-pole state variable filter, trapezoidal integration, stable under fast modulation.
///
/// Andrew Simper (Cytomic), *Linear Trapezoidal Integrated State Variable Filter*, 2013 and 2016 (the mixes).
/// Written so that the new state depends on the old one by two multiplications and three additions: waiting for the
/// last frame is what such a filter spends its time on.
/// Left and right are the first lanes of one vector, so that stereo costs what mono costs.
#[derive(Debug, Clone, Copy, Default)]
pub struct Svf {
    ic1: f32x4,
    ic2: f32x4,
}

impl Svf {
    /// Silence inside.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// One frame of all lanes.
    #[inline(always)]
    pub fn tick(&mut self, c: &WideCoefficients, v0: f32x4) -> f32x4 {
        let (s1, s2) = (self.ic1, self.ic2);
        let over = v0 - s2;
        self.ic1 = (s1 - c.loss * s1) + c.pass * over;
        self.ic2 = (s2 + c.pass * s1) + c.take * over;
        c.out[0] * v0 + (c.out[1] * s1 + c.out[2] * s2)
    }

    /// A filter whose lanes come from those of four.
    pub fn gathered(lanes: [(&Self, usize); 4]) -> Self {
        let gather =
            |state: fn(&Self) -> f32x4| f32x4::new(lanes.map(|(svf, lane)| state(svf).to_array()[lane]));
        Self { ic1: gather(|svf| svf.ic1), ic2: gather(|svf| svf.ic2) }
    }

    /// A filter whose first lanes are two of another's.
    pub fn picked(&self, lanes: [usize; 2]) -> Self {
        let pick = |state: f32x4| {
            let state = state.to_array();
            f32x4::new([state[lanes[0]], state[lanes[1]], 0.0, 0.0])
        };
        Self { ic1: pick(self.ic1), ic2: pick(self.ic2) }
    }

    /// The same, with nothing for what has faded below -300 dB: left alone it would become denormal, and then every
    /// operation takes a hundred times as long.
    pub fn settled(self) -> Self {
        let settle = |s: f32x4| f32x4::new(s.to_array().map(|x| if x.abs() < 1e-15 { 0.0 } else { x }));
        Self { ic1: settle(self.ic1), ic2: settle(self.ic2) }
    }

    /// Filters both channels in place with one set of coefficients.
    pub fn process(&mut self, c: &SvfCoefficients, left: &mut [f32], right: &mut [f32]) {
        chain_stereo(std::array::from_mut(self), std::array::from_ref(c), left, right);
    }

    /// Filters both channels in place while the coefficients glide from one set to another.
    pub fn process_glide(
        &mut self,
        from: &SvfCoefficients,
        to: &SvfCoefficients,
        left: &mut [f32],
        right: &mut [f32],
    ) {
        let to = WideCoefficients::from(to);
        let mut c = WideCoefficients::from(from);
        let step = c.step_to(&to, left.len());
        let mut state = *self;
        for (l, r) in left.iter_mut().zip(right) {
            c.advance(&step);
            [*l, *r, _, _] = state.tick(&c, f32x4::new([*l, *r, 0.0, 0.0])).to_array();
        }
        *self = state.settled();
    }
}

/// Filters both channels with several filters in a row, in one pass: while one filter waits for its own last frame, the
/// others work.
#[inline(always)]
pub fn chain_stereo<const N: usize>(
    filters: &mut [Svf; N],
    coefficients: &[SvfCoefficients; N],
    left: &mut [f32],
    right: &mut [f32],
) {
    let mut state = *filters;
    let wide: [WideCoefficients; N] = std::array::from_fn(|k| (&coefficients[k]).into());
    for (l, r) in left.iter_mut().zip(right) {
        let mut x = f32x4::new([*l, *r, 0.0, 0.0]);
        for (filter, c) in state.iter_mut().zip(&wide) {
            x = filter.tick(c, x);
        }
        [*l, *r, _, _] = x.to_array();
    }
    *filters = state.map(Svf::settled);
}

/// [`chain_stereo`] with one channel.
pub fn chain<const N: usize>(
    filters: &mut [Svf; N],
    coefficients: &[SvfCoefficients; N],
    samples: &mut [f32],
) {
    let mut state = *filters;
    let wide: [WideCoefficients; N] = std::array::from_fn(|k| (&coefficients[k]).into());
    for x in samples {
        let mut v = f32x4::new([*x, 0.0, 0.0, 0.0]);
        for (filter, c) in state.iter_mut().zip(&wide) {
            v = filter.tick(c, v);
        }
        [*x, ..] = v.to_array();
    }
    *filters = state.map(Svf::settled);
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
    fn what_has_faded_is_nothing() {
        let c = SvfCoefficients::new(FilterKind::High, 60.0, 0.7, 48_000.0);
        let mut filters = [Svf::default(); 2];
        for block in 0..2000 {
            let (mut left, mut right) = ([0.0; 64], [0.0; 64]);
            left[0] = if block == 0 { 1.0 } else { 0.0 };
            right[0] = left[0];
            chain_stereo(&mut filters, &[c, c], &mut left, &mut right);
            assert!(left.iter().chain(&right).all(|x| *x == 0.0 || x.is_normal()), "block {block}");
        }
        assert_eq!(filters[1].ic2.to_array(), [0.0; 4]);
    }

    #[test]
    fn cutoffs_are_warped_as_the_bilinear_transform_does() {
        for rate in [22_050.0_f32, 48_000.0, 192_000.0] {
            for k in 0..1000 {
                let hz = 5.0 * (0.47 * rate / 5.0).powf(k as f32 / 999.0);
                let wanted = (std::f64::consts::PI * f64::from(hz) / f64::from(rate)).tan();
                let off = f64::from(warped(hz, rate)) / wanted - 1.0;
                assert!(off.abs() < 2e-5, "{hz} Hz at {rate}: {off}");
            }
        }
    }

    #[test]
    fn stable_at_any_cutoff() {
        for hz in [-10.0, 0.0, 1e6, 23_999.0] {
            let c = SvfCoefficients::new(FilterKind::Low, hz, 50.0, 48_000.0);
            let mut x = vec![1.0; 48_000];
            chain(&mut [Svf::default()], &[c], &mut x);
            assert!(x.iter().all(|x| x.is_finite() && x.abs() < 100.0), "{hz}");
        }
    }
}
