//! What was still inside when the music was cut: faded out over whatever comes next, in the main output and in every stem.

use super::reader::Output;
use sceneloop_music::Role;

/// Channels of the main output and of all stems.
pub(super) const CHANNELS: usize = 2 + 2 * Role::COUNT;

/// Some samples of each channel, of which a part has been put out. Made once, for the audio thread.
pub(super) struct Tail {
    lines: [Vec<f32>; CHANNELS],
    /// Frames that have been put out.
    at: usize,
}

impl Tail {
    /// A tail of so many frames, all put out.
    pub fn new(frames: usize) -> Self {
        Self { lines: std::array::from_fn(|_| vec![0.0; frames]), at: frames }
    }

    /// Frames from the cut to the end.
    fn frames(&self) -> usize {
        self.lines[0].len()
    }

    /// Nothing is left to put out.
    pub fn end(&mut self) {
        self.at = self.frames();
    }

    /// A new cut: what is left of the one before goes on in it.
    pub fn begin(&mut self) {
        let left = self.frames() - self.at;
        for line in &mut self.lines {
            line.copy_within(self.at.., 0);
            line[left..].fill(0.0);
        }
        self.at = 0;
    }

    /// Adds a frame of all channels that lies so many frames behind the cut, at a gain that falls to nothing at the tail's end.
    pub fn add(&mut self, behind: usize, inside: impl Iterator<Item = f32>, gain: f32) {
        let fade = 1.0 - (behind + 1) as f32 / (self.frames() + 1) as f32;
        for (line, sample) in self.lines.iter_mut().zip(inside) {
            line[behind] += sample * gain * fade;
        }
    }

    /// Lays the next `count` frames, as far as there are some, over the output from a frame on.
    pub fn put_out(&mut self, output: &mut Output<'_>, from: usize, count: usize) {
        let count = count.min(self.frames() - self.at);
        let stems = output.stems.iter_mut().flatten().flatten();
        for (line, channel) in self.lines.iter().zip(output.main.iter_mut().chain(stems)) {
            let tail = &line[self.at..self.at + count];
            for (sample, tail) in channel[from..from + count].iter_mut().zip(tail) {
                *sample += tail;
            }
        }
        self.at += count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What both main channels get of the next `count` frames.
    fn next(tail: &mut Tail, count: usize) -> Vec<f32> {
        let (mut left, mut right) = (vec![1.0; count], vec![1.0; count]);
        tail.put_out(&mut Output { main: [&mut left, &mut right], stems: None }, 0, count);
        assert_eq!(left, right);
        left.iter().map(|sample| sample - 1.0).collect()
    }

    #[test]
    fn a_tail_falls_to_nothing_however_it_is_taken() {
        let mut tail = Tail::new(3);
        assert_eq!(next(&mut tail, 2), [0.0, 0.0]);
        tail.begin();
        (0..3).for_each(|frame| tail.add(frame, [4.0; CHANNELS].into_iter(), 1.0));
        assert_eq!(next(&mut tail, 1), [3.0]);
        assert_eq!(next(&mut tail, 4), [2.0, 1.0, 0.0, 0.0]);
    }

    #[test]
    fn a_tail_that_is_cut_goes_on() {
        let mut tail = Tail::new(3);
        for _ in 0..2 {
            tail.begin();
            (0..3).for_each(|frame| tail.add(frame, [4.0; CHANNELS].into_iter(), 1.0));
            assert!(next(&mut tail, 1)[0] >= 3.0);
        }
        // 2 and 1 are left of the second, and of the first 1 beside that 2.
        assert_eq!(next(&mut tail, 2), [3.0, 1.0]);
        tail.end();
        assert_eq!(next(&mut tail, 1), [0.0]);
    }
}
