//! Ducking: the shape by which a kick pushes the other stems down.

/// How quickly stems go down, seconds.
const DOWN_S: f32 = 0.004;
/// How long they stay, seconds.
const HOLD_S: f32 = 0.030;
/// How quickly they come back, time constant in seconds.
const UP_S: f32 = 0.090;

/// One shape for all stems, 0 (no kick) to 1 (fully down); each stem has its own depth.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Duck {
    value: f32,
    goal: f32,
    hold: f32,
}

impl Duck {
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// A kick of this velocity begins.
    pub fn strike(&mut self, velocity: f32, rate: f32) {
        self.goal = velocity.clamp(0.0, 1.0).max(self.value);
        self.hold = HOLD_S * rate;
    }

    /// Fills the shape of the coming frames; says whether any of it is above 0.
    pub fn fill(&mut self, rate: f32, out: &mut [f32]) -> bool {
        if self.value == 0.0 && self.hold <= 0.0 {
            out.fill(0.0);
            return false;
        }
        let down = 1.0 / (DOWN_S * rate);
        let up = (-1.0 / (UP_S * rate)).exp();
        for x in out {
            if self.hold > 0.0 {
                self.hold -= 1.0;
                self.value = (self.value + down).min(self.goal);
            } else {
                self.value *= up;
            }
            *x = self.value;
        }
        if self.value < 1e-5 {
            self.value = 0.0;
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_goes_down_fast_and_comes_back_slowly() {
        let mut duck = Duck::default();
        let mut out = vec![0.0; 48_000];
        assert!(!duck.fill(48_000.0, &mut out));
        duck.strike(1.0, 48_000.0);
        assert!(duck.fill(48_000.0, &mut out));
        assert!(out[96] < 0.6 && out[200] == 1.0 && out[1400] == 1.0);
        assert!((out[1440 + 4320] - (-1.0_f32).exp()).abs() < 0.01);
        assert!(out[47_999] < 1e-4);
        assert!(out.windows(2).all(|pair| (pair[1] - pair[0]).abs() < 0.006));
    }
}
