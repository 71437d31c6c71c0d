//! What no player can hold still: a slow random movement.
//!
//! White noise, once a block, through two one-poles: a Gauss-Markov process of second order, smooth enough to move a pitch.

use super::noise::Noise;
use crate::math::one_pole;

/// The movement; its root mean square is about 1.
#[derive(Debug, Clone, Copy, Default)]
pub struct Drift {
    first: f32,
    value: f32,
}

impl Drift {
    /// Somewhere in the movement.
    pub fn new(noise: &mut Noise) -> Self {
        let start = noise.white();
        Self { first: start, value: start }
    }

    /// The value after a number of frames; `hz` is about how often a second it turns.
    pub fn advance(&mut self, noise: &mut Noise, hz: f32, frames: usize, rate: f32) -> f32 {
        let way = one_pole(1.0 / (std::f32::consts::TAU * hz.max(0.01)), rate / frames.max(1) as f32);
        // Variance of white noise in -1..1 through both poles is way / 12 for a small way: that is given back.
        let goal = noise.white() * (12.0 / way).sqrt();
        self.first += way * (goal - self.first);
        self.value += way * (self.first - self.value);
        self.value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_moves_about_as_far_at_every_rate_and_turns_as_often_as_asked() {
        for rate in [22_050.0, 48_000.0, 192_000.0] {
            let mut noise = Noise::new(3);
            let mut drift = Drift::new(&mut noise);
            let blocks = (rate * 60.0 / 64.0) as usize;
            let values: Vec<f32> = (0..blocks).map(|_| drift.advance(&mut noise, 5.0, 64, rate)).collect();
            let rms = (values.iter().map(|x| x * x).sum::<f32>() / blocks as f32).sqrt();
            assert!((0.75..1.3).contains(&rms), "{rate}: {rms}");
            let step = values.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max);
            assert!(step < 30.0 * 64.0 * 5.0 / rate, "{rate}: a step of {step}");
            let crossings = values.windows(2).filter(|pair| pair[0] * pair[1] < 0.0).count();
            assert!((120..900).contains(&crossings), "{rate}: {crossings} crossings in a minute");
        }
    }
}
