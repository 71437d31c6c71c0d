//! Glue compressor: 2:1 above -18 dB, slow, on the power of both channels together.
//!
//! Feed-forward with the gain computed in decibels, as in Giannoulis, Massberg and Reiss, *Digital Dynamic Range
//! Compressor Design*, 2012. The power is averaged over 25 ms, so that the sum is held together and hits pass.

use crate::math::one_pole;

/// Level above which it works, dB of power.
const THRESHOLD_DB: f32 = -18.0;
/// Part of the excess that is taken away: 0.5 is 2:1.
const SLOPE: f32 = 0.5;
/// Width of the soft knee, dB.
const KNEE_DB: f32 = 8.0;
/// Averaging of the power, seconds.
const POWER_S: f32 = 0.025;
/// Attack and release of the gain, seconds.
const ATTACK_S: f32 = 0.020;
const RELEASE_S: f32 = 0.180;
/// Most it takes away, dB: glue, not a limiter.
const MOST_DB: f32 = 9.0;
/// Frames between two computations of the gain; it glides between them.
const STEP: u32 = 16;

/// The compressor of both channels.
pub(crate) struct Compressor {
    power: f32,
    power_way: f32,
    attack: f32,
    release: f32,
    reduction_db: f32,
    gain: f32,
    slope: f32,
    count: u32,
}

impl Compressor {
    pub fn new(rate: f32) -> Self {
        let steps = rate / STEP as f32;
        Self {
            power: 0.0,
            power_way: one_pole(POWER_S, rate),
            attack: one_pole(ATTACK_S, steps),
            release: one_pole(RELEASE_S, steps),
            reduction_db: 0.0,
            gain: 1.0,
            slope: 0.0,
            count: 0,
        }
    }

    pub fn reset(&mut self) {
        (self.power, self.reduction_db, self.gain, self.slope, self.count) = (0.0, 0.0, 1.0, 0.0, 0);
    }

    /// One frame.
    #[inline(always)]
    pub fn tick(&mut self, input: [f32; 2]) -> [f32; 2] {
        // The tiny constant, -250 dB, keeps squares of almost nothing from becoming denormal.
        let power = 0.5 * (input[0] * input[0] + input[1] * input[1]) + 1e-25;
        self.power += self.power_way * (power - self.power);
        if self.count == 0 {
            self.count = STEP;
            self.update();
        }
        self.count -= 1;
        self.gain += self.slope;
        input.map(|x| x * self.gain)
    }

    #[inline(never)]
    fn update(&mut self) {
        let level_db = 10.0 * self.power.max(1e-12).log10();
        let wanted = reduction_db(level_db);
        let way = if wanted > self.reduction_db { self.attack } else { self.release };
        self.reduction_db += way * (wanted - self.reduction_db);
        let goal = (-self.reduction_db * (std::f32::consts::LN_10 / 20.0)).exp();
        self.slope = (goal - self.gain) / STEP as f32;
    }
}

/// How much a steady level is lowered, dB.
fn reduction_db(level_db: f32) -> f32 {
    let over = level_db - THRESHOLD_DB;
    let reduction = if over <= -0.5 * KNEE_DB {
        0.0
    } else if over < 0.5 * KNEE_DB {
        SLOPE * (over + 0.5 * KNEE_DB).powi(2) / (2.0 * KNEE_DB)
    } else {
        SLOPE * over
    };
    reduction.min(MOST_DB)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curve_is_two_to_one_with_a_soft_knee() {
        assert_eq!(reduction_db(-30.0), 0.0);
        assert!((reduction_db(-18.0) - 0.5).abs() < 1e-6);
        assert!((reduction_db(-8.0) - 5.0).abs() < 1e-6);
        assert_eq!(reduction_db(20.0), MOST_DB);
        let below = reduction_db(-14.001);
        assert!((below - reduction_db(-13.999)).abs() < 0.01);
    }

    #[test]
    fn a_steady_tone_settles_on_the_curve() {
        for rate in [22_050.0_f32, 48_000.0, 192_000.0] {
            let mut compressor = Compressor::new(rate);
            let amplitude = 0.5 * std::f32::consts::SQRT_2;
            let mut power = 0.0;
            let frames = rate as usize;
            for n in 0..frames {
                let x = amplitude * (n as f32 / rate * 1000.0 * std::f32::consts::TAU).sin();
                let [y, _] = compressor.tick([x, x]);
                if n > frames / 2 {
                    power += y * y / (frames as f32 / 2.0);
                }
            }
            let level = 10.0 * power.log10();
            // In: -6 dB. Out: less half of the 12 dB above the threshold.
            assert!((level + 12.0).abs() < 0.15, "{rate}: {level}");
        }
    }
}
