//! The music steps back for a stinger: down at once, back up on a curve without corners.

/// How long the way back takes, seconds.
const RECOVERY_SECONDS: f64 = 0.7;

/// The gain of the music over time. The mixer smooths what it is told, so that a new depth is no click.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Duck {
    depth_db: f32,
    /// Frames until the way back begins.
    hold: u64,
    /// Frames of the way back that are done, and of all of it.
    back: (u64, u64),
}

impl Duck {
    /// Down by so many decibels for so many frames, then back.
    pub fn strike(&mut self, depth_db: f32, hold: u64, sample_rate: f64) {
        *self = Self { depth_db, hold, back: (0, (RECOVERY_SECONDS * sample_rate) as u64) };
    }

    /// The music is where it was.
    pub fn end(&mut self) {
        *self = Self::default();
    }

    /// The gain now; then so many frames pass.
    pub fn next(&mut self, frames: u64) -> f32 {
        let (done, all) = self.back;
        if self.hold == 0 && done >= all {
            return 1.0;
        }
        let way = done as f32 / all.max(1) as f32;
        let db = self.depth_db * 0.5 * (1.0 + (std::f32::consts::PI * way).cos());
        let held = frames.min(self.hold);
        self.hold -= held;
        self.back.0 += frames - held;
        10f32.powf(db / 20.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_holds_its_depth_and_comes_back_without_a_corner() {
        let mut duck = Duck::default();
        assert_eq!(duck.next(8), 1.0);
        duck.strike(-12.0, 800, 8_000.0);
        let gains: Vec<f32> = (0..1000).map(|_| duck.next(8)).collect();
        let deep = 10f32.powf(-0.6);
        assert!(gains[..100].iter().all(|gain| (gain - deep).abs() < 1e-6));
        let back = &gains[100..];
        assert!(back.windows(2).all(|pair| pair[1] >= pair[0] && pair[1] - pair[0] < 2e-3));
        assert!((back[350] - 10f32.powf(-0.3)).abs() < 0.01, "half of the way back in decibels");
        assert_eq!(back[750], 1.0);
        duck.strike(-12.0, 800, 8_000.0);
        duck.end();
        assert_eq!(duck.next(8), 1.0);
    }
}
