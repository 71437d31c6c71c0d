//! The cut: a stem that is shut for a time.

/// Time in which a stem fades out and comes back, seconds.
const FADE_S: f32 = 0.004;

/// A gain that goes down at the start of a cut and is up again when the cut is over, so that what begins then is whole.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shutter {
    gain: f32,
    step: f32,
    /// Frames until the cut is over.
    left: u32,
    /// How many of the last ones it takes to come back.
    back: u32,
}

impl Default for Shutter {
    fn default() -> Self {
        Self { gain: 1.0, step: 1.0, left: 0, back: 0 }
    }
}

impl Shutter {
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// Shuts the stem for so many frames from now, whatever was said before.
    pub fn close(&mut self, frames: u32, rate: f32) {
        self.step = 1.0 / (FADE_S * rate);
        self.back = (FADE_S * rate).ceil() as u32;
        self.left = frames;
    }

    pub fn process(&mut self, left: &mut [f32], right: &mut [f32]) {
        if self.left == 0 && self.gain >= 1.0 {
            return;
        }
        for (l, r) in left.iter_mut().zip(right) {
            let step = if self.left > self.back { -self.step } else { self.step };
            self.left = self.left.saturating_sub(1);
            self.gain = (self.gain + step).clamp(0.0, 1.0);
            *l *= self.gain;
            *r *= self.gain;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_silent_between_and_whole_when_it_is_over() {
        let mut cut = Shutter::default();
        let mut out = [vec![1.0_f32; 8000], vec![1.0; 8000]];
        let [left, right] = &mut out;
        let (before, after) = left.split_at_mut(100);
        cut.process(before, &mut right[..100]);
        cut.close(4800, 48_000.0);
        cut.process(after, &mut right[100..]);
        let left = &out[0];
        assert!(left[..100].iter().all(|x| *x == 1.0));
        assert!(left[100 + 193..100 + 4800 - 193].iter().all(|x| *x == 0.0));
        assert!(left[100 + 4800..].iter().all(|x| *x == 1.0));
        assert!(left.windows(2).all(|pair| (pair[1] - pair[0]).abs() < 0.006));
    }

    #[test]
    fn a_cut_shorter_than_its_fades_and_one_called_off_leave_no_step() {
        for (frames, then) in [(1, 1), (100, 100), (4000, 0), (4000, 9000)] {
            let mut cut = Shutter::default();
            let mut out = [vec![1.0_f32; 20_000], vec![1.0; 20_000]];
            let [left, right] = &mut out;
            cut.close(frames, 48_000.0);
            cut.process(&mut left[..2000], &mut right[..2000]);
            cut.close(then, 48_000.0);
            cut.process(&mut left[2000..], &mut right[2000..]);
            assert!(out[0].windows(2).all(|pair| (pair[1] - pair[0]).abs() < 0.006), "{frames} {then}");
            assert_eq!(out[0][19_999], 1.0);
        }
    }
}
