//! Stem gains on the audio thread: level, mute and energy act within the block.

use crate::controls::Controls;
use crate::stinger::duck::Duck;
use crate::stinger::rack::Rack;
use sceneloop_music::{Energy, Role};
use sceneloop_render::{BLOCK_FRAMES, StemBlock};

/// Gains move in straight lines of this many frames; the controls are read at the start of each. At 48 kHz a sixth of
/// a millisecond: with the master's lookahead still less than one block of 64.
const GAIN_FRAMES: usize = 8;

/// Seconds in which a gain covers 63% of a change: no click, yet at once to the ear.
const GAIN_SECONDS: f64 = 0.004;

/// Loudness that energy adds or takes, decibels: −12 at 0, 0 at 70, +2 at 100, straight between.
///
/// The notes that energy adds make the mix louder by themselves; this is the rest of the way.
pub(crate) fn energy_db(energy: Energy) -> f32 {
    let energy = energy.get();
    if energy < 70.0 { -12.0 * (1.0 - energy / 70.0) } else { 2.0 * (energy - 70.0) / 30.0 }
}

/// Smoothed gains of the seven roles.
pub(crate) struct StemMixer {
    /// Gains of the music at the start of the line.
    from: [f32; Role::COUNT],
    /// Gains of the music at its end.
    to: [f32; Role::COUNT],
    /// Gains of what is laid over the music at the start of the line: level and mute, and not the energy.
    laid_from: [f32; Role::COUNT],
    /// Gains of what is laid over it at the line's end.
    laid_to: [f32; Role::COUNT],
    /// Frames of the line that are done, 0 to `GAIN_FRAMES`; at the end the controls are read again.
    done: usize,
    smoothing: f32,
    /// The next line starts at its target, after silence.
    snap: bool,
}

impl StemMixer {
    pub fn new(sample_rate: f64) -> Self {
        let smoothing = 1.0 - (-(GAIN_FRAMES as f64) / (GAIN_SECONDS * sample_rate)).exp();
        let none = [0.0; Role::COUNT];
        Self {
            from: none,
            to: none,
            laid_from: none,
            laid_to: none,
            done: GAIN_FRAMES,
            smoothing: smoothing as f32,
            snap: true,
        }
    }

    /// Forgets where the gains were: the next frame has the gains of its controls.
    pub fn reset(&mut self) {
        self.done = GAIN_FRAMES;
        self.snap = true;
    }

    /// Applies the gains to `count` frames of a block from `start`, with what is laid over it: each stem into `stems`,
    /// their sum into `main`.
    ///
    /// Controls are read at fixed frames of the stream, not of the host's blocks, so that the host's block size
    /// changes nothing.
    #[expect(clippy::too_many_arguments, reason = "two sources, two gains and two outputs of one mix")]
    pub fn mix(
        &mut self,
        block: &StemBlock,
        laid: Option<&Rack>,
        start: usize,
        count: usize,
        controls: &Controls,
        duck: &mut Duck,
        main: &mut [[f32; BLOCK_FRAMES]; 2],
        stems: &mut StemBlock,
    ) {
        let mut done = 0;
        while done < count {
            if self.done == GAIN_FRAMES {
                self.aim(controls, duck.next(GAIN_FRAMES as u64));
            }
            let run = (GAIN_FRAMES - self.done).min(count - done);
            self.mix_line((block, laid), start + done, done, run, main, stems);
            self.done += run;
            done += run;
        }
    }

    fn aim(&mut self, controls: &Controls, duck: f32) {
        let energy = 10f32.powf(energy_db(controls.energy) / 20.0);
        let (snap, smoothing) = (self.snap, self.smoothing);
        let line = |from: &mut f32, to: &mut f32, target: f32| {
            let next = *to + (target - *to) * smoothing;
            // A gain on its way to nothing arrives there.
            let next = if snap || (next < 1e-5 && target == 0.0) { target } else { next };
            *from = if snap { target } else { *to };
            *to = next;
        };
        for role in Role::ALL {
            let (index, gain) = (role.index(), controls.role_gain(role));
            line(&mut self.from[index], &mut self.to[index], gain * energy * duck);
            line(&mut self.laid_from[index], &mut self.laid_to[index], gain);
        }
        self.snap = false;
        self.done = 0;
    }

    fn mix_line(
        &self,
        (block, laid): (&StemBlock, Option<&Rack>),
        from: usize,
        to: usize,
        run: usize,
        main: &mut [[f32; BLOCK_FRAMES]; 2],
        stems: &mut StemBlock,
    ) {
        for channel in main.iter_mut() {
            channel[to..to + run].fill(0.0);
        }
        for index in 0..Role::COUNT {
            let gains = self.gains(self.from[index], self.to[index]);
            let laid_gains = self.gains(self.laid_from[index], self.laid_to[index]);
            for (side, sum) in main.iter_mut().enumerate() {
                let source = &block.0[index][side][from..from + run];
                let stem = &mut stems.0[index][side][to..to + run];
                for ((source, stem), gain) in source.iter().zip(&mut *stem).zip(&gains) {
                    *stem = source * gain;
                }
                for over in laid.into_iter().flat_map(Rack::sounding) {
                    let over = &over.0[index][side][from..from + run];
                    for ((over, stem), gain) in over.iter().zip(&mut *stem).zip(&laid_gains) {
                        *stem += over * gain;
                    }
                }
                for (stem, sum) in stem.iter().zip(&mut sum[to..to + run]) {
                    *sum += stem;
                }
            }
        }
    }

    /// The gains of the rest of a line.
    fn gains(&self, from: f32, to: f32) -> [f32; GAIN_FRAMES] {
        let slope = (to - from) / GAIN_FRAMES as f32;
        std::array::from_fn(|offset| from + slope * (self.done + offset) as f32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sceneloop_music::PerRole;

    fn flat() -> StemBlock {
        StemBlock([[[0.1; BLOCK_FRAMES]; 2]; Role::COUNT])
    }

    fn run(cuts: &[usize], change_at: usize) -> Vec<f32> {
        let (mut mixer, mut duck) = (StemMixer::new(48_000.0), Duck::default());
        let (mut main, mut stems, mut heard) = ([[0.0; BLOCK_FRAMES]; 2], StemBlock::default(), Vec::new());
        let loud = Controls { energy: Energy::new(90.0), ..Controls::default() };
        let mut at = 0;
        while heard.len() < 512 {
            for cut in cuts {
                let count = (*cut).min(BLOCK_FRAMES - at % BLOCK_FRAMES);
                let controls = if at >= change_at { loud } else { Controls::default() };
                mixer.mix(
                    &flat(),
                    None,
                    at % BLOCK_FRAMES,
                    count,
                    &controls,
                    &mut duck,
                    &mut main,
                    &mut stems,
                );
                heard.extend_from_slice(&main[0][..count]);
                at += count;
            }
        }
        heard.truncate(512);
        heard
    }

    #[test]
    fn cutting_the_stream_differently_changes_nothing() {
        assert_eq!(run(&[64], 64), run(&[1], 64));
        assert_eq!(run(&[64], 64), run(&[7, 13, 64, 5, 39], 64));
    }

    #[test]
    fn energy_is_heard_within_the_line_and_rises_without_a_step() {
        let heard = run(&[64], 64);
        assert!((heard[0] - 0.7).abs() < 1e-5 && (heard[63] - 0.7).abs() < 1e-5);
        assert!(heard[66] > heard[63], "moved within {GAIN_FRAMES} frames");
        assert!(heard.windows(2).all(|pair| pair[1] >= pair[0] - 1e-6 && pair[1] - pair[0] < 0.005));
    }

    #[test]
    fn a_muted_role_leaves_the_sum_and_a_level_scales_it() {
        let (mut mixer, mut duck) = (StemMixer::new(48_000.0), Duck::default());
        let mutes = PerRole::from_fn(|role| role != Role::Lead);
        let mut controls = Controls { mutes, ..Controls::default() };
        controls.levels_db[Role::Lead] = 6.0;
        let (mut main, mut stems) = ([[0.0; BLOCK_FRAMES]; 2], StemBlock::default());
        mixer.mix(&flat(), None, 0, 64, &controls, &mut duck, &mut main, &mut stems);
        let expected = 0.1 * 10f32.powf(0.3);
        assert!((main[1][63] - expected).abs() < 1e-6);
        assert_eq!(stems.0[Role::Bass.index()][0][63], 0.0);
        assert_eq!(stems.0[Role::Lead.index()][0][63], main[0][63]);
    }

    #[test]
    fn the_music_steps_back_without_a_click_and_comes_back() {
        let (mut mixer, mut duck) = (StemMixer::new(48_000.0), Duck::default());
        let (mut main, mut stems, mut heard) = ([[0.0; BLOCK_FRAMES]; 2], StemBlock::default(), Vec::new());
        for block in 0..800 {
            if block == 10 {
                duck.strike(-14.0, 4_800, 48_000.0);
            }
            mixer.mix(&flat(), None, 0, 64, &Controls::default(), &mut duck, &mut main, &mut stems);
            heard.extend_from_slice(&main[0]);
        }
        assert!(heard[..640].iter().all(|sample| (sample - 0.7).abs() < 1e-5));
        assert!(heard[640 + GAIN_FRAMES] < 0.7 - 1e-3, "within the line");
        let deepest = heard.iter().copied().fold(1.0, f32::min);
        assert!((deepest - 0.7 * 10f32.powf(-0.7)).abs() < 1e-3, "{deepest}");
        assert!((heard.last().unwrap() - 0.7).abs() < 1e-4);
        let widest = heard.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max);
        assert!(widest < 0.004, "a step of {widest} in a tone of 0.7");
    }

    #[test]
    fn stems_add_up_with_what_is_laid_over_them() {
        use crate::stinger::sounds::{Palette, Sounds};
        use crate::stream::StreamBlock;
        let sounds = Sounds::shipped(crate::assets::Assets::shipped().unwrap()).unwrap();
        let mut rack = Rack::new(48_000.0, sounds).unwrap();
        let (mut mixer, mut duck) = (StemMixer::new(48_000.0), Duck::default());
        let score = crate::stinger::score::Score::of(
            sceneloop_music::Stinger::Cheer,
            &crate::stinger::score::Setting {
                metre: sceneloop_music::Metre::FOUR_FOUR,
                bpm: sceneloop_music::Bpm::default(),
                into_bar: 0.0,
                energy: Energy::default(),
                seed: 1,
            },
        );
        let (mut main, mut stems) = ([[0.0; BLOCK_FRAMES]; 2], StemBlock::default());
        let mut loudest = 0.0f32;
        for index in 0..200 {
            let block = StreamBlock::silent(index * BLOCK_FRAMES as u64);
            if index == 3 {
                rack.begin(sceneloop_music::Stinger::Cheer, Palette::Chip, &score, 1.0, &block, 20);
            }
            rack.render(&block);
            mixer.mix(
                &block.stems,
                Some(&rack),
                0,
                64,
                &Controls::default(),
                &mut duck,
                &mut main,
                &mut stems,
            );
            for (side, channel) in main.iter().enumerate() {
                for (frame, sample) in channel.iter().enumerate() {
                    let sum: f32 = stems.0.iter().map(|stem| stem[side][frame]).sum();
                    assert!((sum - sample).abs() < 1e-6);
                    let is_before = index < 3 || index == 3 && frame < 20;
                    assert!(!is_before || *sample == 0.0, "before it began: {index}, {frame}");
                    loudest = loudest.max(sample.abs());
                }
            }
        }
        assert!(loudest > 0.05, "{loudest}");
    }

    #[test]
    fn energy_never_makes_it_quieter() {
        let curve: Vec<f32> = (0..=100).map(|energy| energy_db(Energy::new(energy as f32))).collect();
        assert!(curve.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!((curve[0], curve[70], curve[100]), (-12.0, 0.0, 2.0));
    }
}
