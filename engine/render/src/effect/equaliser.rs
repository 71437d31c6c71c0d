//! The equaliser of a stem: high-pass, bells, and the shelf by which the energy brightens, in one pass.

use super::{PEAKS, StemSpec};
use crate::kernel::svf::{FilterKind, Svf, SvfCoefficients, chain_stereo};

/// Where the energy's brightness turns, Hz.
const ENERGY_HZ: f32 = 2500.0;
/// High-pass, bells, shelf.
const FILTERS: usize = PEAKS + 2;

/// Filters in a row over both channels. All run in one loop: while one waits for its own last frame, the others work.
pub(crate) struct Equaliser {
    filters: [Svf; FILTERS],
    coefficients: [SvfCoefficients; FILTERS],
    /// What the coefficients were made from: they are made anew only while something moves.
    from: Option<([f32; FILTERS], [[f32; 2]; PEAKS])>,
    now: [f32; FILTERS],
}

impl Equaliser {
    pub fn new() -> Self {
        let flat = SvfCoefficients::bell(1000.0, 0.7, 0.0, 48_000.0);
        Self {
            filters: [Svf::default(); FILTERS],
            coefficients: [flat; FILTERS],
            from: None,
            now: [0.0; FILTERS],
        }
    }

    /// Silence inside, and every number at once where it is wanted.
    pub fn reset(&mut self, spec: &StemSpec, bright_db: f32) {
        self.filters = [Svf::default(); FILTERS];
        self.now = wanted(spec, bright_db);
        self.from = None;
    }

    /// Filters a block in place; `way` is the part of the way that moving numbers go in a block.
    #[inline(never)]
    pub fn process(
        &mut self,
        spec: &StemSpec,
        bright_db: f32,
        way: f32,
        rate: f32,
        left: &mut [f32],
        right: &mut [f32],
    ) {
        for (now, goal) in self.now.iter_mut().zip(wanted(spec, bright_db)) {
            *now += way * (goal - *now);
            if (*now - goal).abs() < 1e-3 {
                *now = goal;
            }
        }
        let shape = spec.peaks.map(|[hz, q, _]| [hz, q]);
        if self.from != Some((self.now, shape)) {
            self.from = Some((self.now, shape));
            self.coefficients[0] = SvfCoefficients::new(FilterKind::High, self.now[0], 0.707, rate);
            for (k, [hz, q]) in shape.into_iter().enumerate() {
                self.coefficients[1 + k] = SvfCoefficients::bell(hz, q, self.now[1 + k], rate);
            }
            self.coefficients[FILTERS - 1] =
                SvfCoefficients::high_shelf(ENERGY_HZ, self.now[FILTERS - 1], rate);
        }
        // Most patches use few bells: as many of the filters as are needed.
        let bells = (0..PEAKS).rev().find(|k| self.now[1 + k] != 0.0).map_or(0, |k| k + 1);
        match bells {
            0 => self.run::<2>([0, FILTERS - 1], left, right),
            1 => self.run::<3>([0, 1, FILTERS - 1], left, right),
            2 => self.run::<4>([0, 1, 2, FILTERS - 1], left, right),
            3 => self.run::<5>([0, 1, 2, 3, FILTERS - 1], left, right),
            4 => self.run::<6>([0, 1, 2, 3, 4, FILTERS - 1], left, right),
            5 => self.run::<7>([0, 1, 2, 3, 4, 5, FILTERS - 1], left, right),
            _ => self.run::<FILTERS>([0, 1, 2, 3, 4, 5, 6, FILTERS - 1], left, right),
        }
    }

    #[inline(never)]
    fn run<const N: usize>(&mut self, which: [usize; N], left: &mut [f32], right: &mut [f32]) {
        let mut filters = which.map(|k| self.filters[k]);
        let coefficients = which.map(|k| self.coefficients[k]);
        chain_stereo(&mut filters, &coefficients, left, right);
        for (k, filter) in which.into_iter().zip(filters) {
            self.filters[k] = filter;
        }
    }
}

/// Cutoff, the bells' dB and the shelf's dB.
fn wanted(spec: &StemSpec, bright_db: f32) -> [f32; FILTERS] {
    let [a, b, c, d, e, f] = spec.peaks.map(|[_, _, db]| db);
    [spec.low_cut_hz, a, b, c, d, e, f, bright_db]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::response::level_db;

    #[test]
    fn every_band_does_what_the_patch_says() {
        let mut peaks = StemSpec::default().peaks;
        peaks[..4].copy_from_slice(&[
            [300.0, 2.0, 4.0],
            [1000.0, 3.0, -6.0],
            [4000.0, 3.0, 3.0],
            [150.0, 4.0, -5.0],
        ]);
        let spec = StemSpec { low_cut_hz: 60.0, peaks, ..StemSpec::default() };
        for rate in [22_050.0_f32, 48_000.0, 192_000.0] {
            let level = |hz: f32, bright: f32| {
                let mut equaliser = Equaliser::new();
                equaliser.reset(&spec, bright);
                level_db(hz, rate, |x| {
                    let mut right = x.to_vec();
                    equaliser.process(&spec, bright, 1.0, rate, x, &mut right);
                })
            };
            for (hz, db) in [(60.0, -3.0), (150.0, -5.0), (300.0, 4.0), (1000.0, -6.0), (4000.0, 3.0)] {
                assert!((level(hz, 0.0) - db).abs() < 0.7, "{rate} {hz}: {}", level(hz, 0.0));
            }
            assert!(level(20.0, 0.0) < -17.0);
            assert!((level(9000.0, 3.0) - level(9000.0, 0.0) - 3.0).abs() < 0.4);
        }
    }
}
