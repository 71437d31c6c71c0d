//! What a judge wants to know of a mix: how loud over time, how bright, what is left of it in mono, and whether its stems
//! add up to it.

use super::report::{AudioReport, measure_audio};
use ebur128::{EbuR128, Mode};
use realfft::RealFftPlanner;
use sceneloop_music::PerRole;
use sceneloop_render::{Master, RenderError};
use serde::Serialize;

/// Frames of one spectrum, and from one to the next.
const WINDOW: usize = 2048;
const HOP: usize = 1024;

/// Momentary loudness is read this often a second; each value looks back over 400 ms.
const READINGS_PER_SECOND: u32 = 4;

/// Nothing at all, in decibels.
const SILENCE_DB: f64 = -200.0;
/// The quietest that loudness is told, LUFS.
const SILENCE_LUFS: f64 = -70.0;

/// Measures of a mix beyond those of its report.
#[derive(Debug, Clone, Serialize)]
pub struct MixMeasures {
    /// Loudness, true peak, direct current.
    #[serde(flatten)]
    pub audio: AudioReport,
    /// Integrated loudness with (L + R) / 2 in both channels, LUFS.
    pub mono_lufs: f64,
    /// Centre of gravity of the long-term magnitude spectrum, Hz; 0 for silence.
    pub centroid_hz: f64,
    /// Momentary loudness, four times a second, LUFS.
    pub momentary_lufs: Vec<f64>,
}

impl MixMeasures {
    /// Measures two channels.
    ///
    /// # Errors
    /// What the meter says about rate or memory.
    pub fn of(channels: &[Vec<f32>; 2], sample_rate: u32) -> Result<Self, ebur128::Error> {
        let [left, right] = channels;
        let mono: Vec<f32> = left.iter().zip(right).map(|(left, right)| 0.5 * (left + right)).collect();
        Ok(Self {
            audio: measure_audio(channels, sample_rate)?,
            mono_lufs: loudness([&mono, &mono], sample_rate)?,
            centroid_hz: centroid_hz(channels, sample_rate),
            momentary_lufs: momentary(channels, sample_rate)?,
        })
    }
}

/// Integrated loudness of two channels (EBU R 128), LUFS; −70 for silence.
///
/// # Errors
/// What the meter says about rate or memory.
pub fn loudness(channels: [&[f32]; 2], sample_rate: u32) -> Result<f64, ebur128::Error> {
    let mut meter = EbuR128::new(2, sample_rate, Mode::I)?;
    meter.add_frames_planar_f32(&channels)?;
    Ok(meter.loudness_global()?.max(SILENCE_LUFS))
}

fn momentary(channels: &[Vec<f32>; 2], sample_rate: u32) -> Result<Vec<f64>, ebur128::Error> {
    let mut meter = EbuR128::new(2, sample_rate, Mode::M)?;
    let step = (sample_rate / READINGS_PER_SECOND) as usize;
    let reading = |(left, right): (&[f32], &[f32])| {
        meter.add_frames_planar_f32(&[left, right])?;
        Ok((10.0 * meter.loudness_momentary()?.max(SILENCE_LUFS)).round() / 10.0)
    };
    channels[0].chunks_exact(step).zip(channels[1].chunks_exact(step)).map(reading).collect()
}

/// The centroid of the sum of all spectra's magnitudes, so that loud moments count for more and rests for nothing.
fn centroid_hz(channels: &[Vec<f32>; 2], sample_rate: u32) -> f64 {
    let transform = RealFftPlanner::<f32>::new().plan_fft_forward(WINDOW);
    let (mut input, mut spectrum) = (transform.make_input_vec(), transform.make_output_vec());
    let turn = std::f32::consts::TAU / WINDOW as f32;
    let hann: Vec<f32> = (0..WINDOW).map(|n| 0.5 - 0.5 * (turn * n as f32).cos()).collect();
    let mut magnitudes = vec![0.0_f64; spectrum.len()];
    for window in channels.iter().flat_map(|channel| channel.windows(WINDOW).step_by(HOP)) {
        for ((input, sample), weight) in input.iter_mut().zip(window).zip(&hann) {
            *input = sample * weight;
        }
        // Lengths that do not fit are its only errors.
        if transform.process(&mut input, &mut spectrum).is_ok() {
            for (sum, bin) in magnitudes.iter_mut().zip(&spectrum) {
                *sum += f64::from(bin.norm());
            }
        }
    }
    let bin_hz = f64::from(sample_rate) / WINDOW as f64;
    let moment: f64 = magnitudes.iter().enumerate().map(|(bin, sum)| bin as f64 * bin_hz * sum).sum();
    let total: f64 = magnitudes.iter().sum();
    if total > 0.0 { moment / total } else { 0.0 }
}

/// The sum of a take's stems: the mix before the master.
pub fn sum_of_stems(stems: &PerRole<[Vec<f32>; 2]>) -> [Vec<f32>; 2] {
    [0, 1].map(|side| {
        let mut sum = vec![0.0; stems.0[0][side].len()];
        for (_, stem) in stems.iter() {
            sum.iter_mut().zip(&stem[side]).for_each(|(sum, sample)| *sum += sample);
        }
        sum
    })
}

/// The largest difference between a mix and the master over the sum of its stems, decibels of full scale: what the mix
/// holds that the stems do not, or the other way round. −200 where they agree to the bit.
///
/// # Errors
/// [`RenderError::SampleRate`] for a rate out of range.
pub fn stem_residual_db(
    main: &[Vec<f32>; 2],
    stems: &PerRole<[Vec<f32>; 2]>,
    sample_rate: u32,
) -> Result<f64, RenderError> {
    let mut master = Master::new(f64::from(sample_rate))?;
    let latency = master.latency_frames();
    let mut sum = sum_of_stems(stems);
    // The master is late: silence behind brings out the rest of what went in.
    sum.iter_mut().zip(main).for_each(|(sum, main)| sum.resize(main.len() + latency, 0.0));
    let [left, right] = &mut sum;
    master.process(left, right);
    // The last frames were limited with what comes after the take in view, which is not known here.
    let known = main[0].len().saturating_sub(latency);
    let difference = sum.iter().zip(main).flat_map(|(sum, main)| {
        sum[latency..].iter().zip(&main[..known]).map(|(sum, main)| f64::from((sum - main).abs()))
    });
    let largest = difference.fold(0.0, f64::max);
    Ok((20.0 * largest.log10()).max(SILENCE_DB))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sceneloop_music::Role;

    const RATE: u32 = 48_000;

    fn sine(hz: f32, gain: f32) -> Vec<f32> {
        (0..3 * RATE).map(|n| gain * (std::f32::consts::TAU * hz * n as f32 / RATE as f32).sin()).collect()
    }

    #[test]
    fn a_tone_lies_at_its_pitch_and_silence_nowhere() {
        for hz in [500.0, 4000.0] {
            let measured = MixMeasures::of(&[sine(hz, 0.1), sine(hz, 0.1)], RATE).unwrap();
            // The skirts of the window reach up further than down.
            assert!((measured.centroid_hz / f64::from(hz) - 1.0).abs() < 0.04, "{measured:?}");
            assert!((measured.audio.loudness_lufs - measured.mono_lufs).abs() < 0.01);
            assert_eq!(measured.momentary_lufs.len(), 12);
        }
        let silence = MixMeasures::of(&[vec![0.0; 96_000], vec![0.0; 96_000]], RATE).unwrap();
        assert_eq!((silence.centroid_hz, silence.mono_lufs), (0.0, -70.0));
    }

    #[test]
    fn mono_loses_what_the_sides_have_against_each_other() {
        let tone = sine(1000.0, 0.1);
        let other: Vec<f32> = tone.iter().map(|sample| -sample).collect();
        let against = MixMeasures::of(&[tone.clone(), other], RATE).unwrap();
        assert_eq!(against.mono_lufs, -70.0);
        // Two tones, one on each side: 3 dB, as with anything that has nothing in common.
        let apart = MixMeasures::of(&[tone, sine(1300.0, 0.1)], RATE).unwrap();
        let lost = apart.audio.loudness_lufs - apart.mono_lufs;
        assert!((lost - 3.01).abs() < 0.05, "{lost}");
    }

    #[test]
    fn what_is_missing_among_the_stems_is_found() {
        let mut stems: PerRole<[Vec<f32>; 2]> = PerRole::from_fn(|_| [0, 1].map(|_| vec![0.0; 3 * 48_000]));
        stems[Role::Bass] = [sine(80.0, 0.2), sine(80.0, 0.2)];
        stems[Role::Lead] = [sine(800.0, 0.1), sine(800.0, 0.05)];
        let mut mix = [0, 1].map(|side: usize| -> Vec<f32> {
            stems[Role::Bass][side].iter().zip(&stems[Role::Lead][side]).map(|(a, b)| a + b).collect()
        });
        let mut master = Master::new(48_000.0).unwrap();
        let latency = master.latency_frames();
        let [left, right] = &mut mix;
        left.extend(vec![0.0; latency]);
        right.extend(vec![0.0; latency]);
        master.process(left, right);
        let main = mix.map(|side| side[latency..].to_vec());
        assert_eq!(stem_residual_db(&main, &stems, RATE).unwrap(), SILENCE_DB);
        stems[Role::Lead][0][70_000] += 0.001;
        let found = stem_residual_db(&main, &stems, RATE).unwrap();
        assert!((-62.0..-55.0).contains(&found), "{found}");
    }
}
