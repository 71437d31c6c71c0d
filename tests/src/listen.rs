//! Ears: what can be told of a recording by its samples alone.

use anyhow::{Context, Result};
use ebur128::{EbuR128, Mode};

/// Loudness of a stretch of stereo sound.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Loudness {
    /// Integrated loudness in LUFS (ITU-R BS.1770); negative infinity for silence.
    pub integrated_lufs: f64,
    /// The higher channel's true peak in dBTP; negative infinity for silence.
    pub true_peak_db: f64,
}

/// Measures by EBU R 128.
pub fn loudness([left, right]: [&[f32]; 2], rate: f64) -> Result<Loudness> {
    let mut meter = EbuR128::new(2, rate as u32, Mode::I | Mode::TRUE_PEAK)?;
    meter.add_frames_planar_f32(&[left, right])?;
    let peak = meter.true_peak(0)?.max(meter.true_peak(1)?);
    Ok(Loudness { integrated_lufs: meter.loudness_global()?, true_peak_db: decibels(peak) })
}

/// An amplitude in dB below full scale.
pub fn decibels(amplitude: f64) -> f64 {
    20.0 * amplitude.log10()
}

/// Highest absolute sample of both channels.
pub fn peak([left, right]: [&[f32]; 2]) -> f32 {
    left.iter().chain(right).fold(0.0, |highest, sample| highest.max(sample.abs()))
}

/// Root mean square of both channels.
pub fn rms([left, right]: [&[f32]; 2]) -> f64 {
    let count = (left.len() + right.len()).max(1);
    let sum: f64 = left.iter().chain(right).map(|sample| f64::from(*sample).powi(2)).sum();
    (sum / count as f64).sqrt()
}

/// Whether every sample is a number.
pub fn is_finite(channels: [&[f32]; 2]) -> bool {
    channels.into_iter().flatten().all(|sample| sample.is_finite())
}

/// The first frame at which two channels differ in any bit or one of them ends, `None` if they are the same.
pub fn difference(one: &[f32], other: &[f32]) -> Option<usize> {
    let same = |(a, b): (&f32, &f32)| a.to_bits() == b.to_bits();
    let common = one.iter().zip(other).take_while(|pair| same(*pair)).count();
    (common < one.len().max(other.len())).then_some(common)
}

/// Where the same sound stands in `signal`, relative to where it stands in `template`: the lag in frames, at most
/// `reach` either way, at which the two agree best (normalised cross-correlation), and how well, at most 1.
///
/// `signal` holds `reach` frames more than `template` at each end.
pub fn lag(template: &[f32], signal: &[f32], reach: usize) -> Result<(isize, f64)> {
    anyhow::ensure!(
        signal.len() == template.len() + 2 * reach,
        "the signal is not {reach} longer at each end"
    );
    let energy = |frames: &[f32]| frames.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>();
    let own = energy(template);
    (0..=2 * reach)
        .map(|shift| {
            let there = &signal[shift..shift + template.len()];
            let common: f64 = template.iter().zip(there).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
            (shift as isize - reach as isize, common / (own * energy(there)).sqrt().max(1e-12))
        })
        .max_by(|(_, a), (_, b)| a.total_cmp(b))
        .context("nothing to compare")
}

/// The first frame at which a signal rises above a share of its peak.
pub fn first_rise(signal: &[f32], share: f32) -> Option<usize> {
    let highest = signal.iter().fold(0.0_f32, |highest, sample| highest.max(sample.abs()));
    signal.iter().position(|sample| highest > 0.0 && sample.abs() >= share * highest)
}

/// How much louder each short stretch of a sound is than the one before.
#[derive(Debug, Clone)]
pub struct OnsetStrength {
    /// In nepers, never negative.
    values: Vec<f64>,
    /// From one value to the next.
    hop_seconds: f64,
}

impl OnsetStrength {
    /// Measures a stereo sound.
    pub fn of([left, right]: [&[f32]; 2], rate: f64) -> Self {
        const HOP: usize = 128;
        let energy = |frames: std::ops::Range<usize>| -> f64 {
            frames.map(|frame| f64::from(left[frame] + right[frame]).powi(2)).sum()
        };
        let energies: Vec<f64> =
            (0..left.len() / HOP).map(|hop| energy(hop * HOP..(hop + 1) * HOP)).collect();
        let floor = 1e-4 * energies.iter().copied().fold(0.0, f64::max) + 1e-12;
        let values =
            energies.windows(2).map(|pair| ((pair[1] + floor) / (pair[0] + floor)).ln().max(0.0)).collect();
        Self { values, hop_seconds: HOP as f64 / rate }
    }

    /// The tempo within 6 % of a guess at which onsets come most regularly, in BPM: the highest point of a Fourier
    /// tempogram (Grosche and Müller, 2011). `None` if nothing was heard.
    pub fn tempo(&self, near: f64) -> Option<f64> {
        let mean = self.values.iter().sum::<f64>() / self.values.len().max(1) as f64;
        let strength = |bpm: f64| {
            let (mut real, mut imaginary) = (0.0, 0.0);
            for (index, value) in self.values.iter().enumerate() {
                // A Hann window: where the sound begins and ends must not pull at the peak.
                let window = (std::f64::consts::PI * index as f64 / self.values.len() as f64).sin().powi(2);
                let phase = std::f64::consts::TAU * bpm / 60.0 * index as f64 * self.hop_seconds;
                real += window * (value - mean) * phase.cos();
                imaginary += window * (value - mean) * phase.sin();
            }
            f64::hypot(real, imaginary)
        };
        let steps = (0.12 * near / 0.02) as usize;
        (mean > 1e-3)
            .then(|| (0..=steps).map(|step| 0.94 * near + 0.02 * step as f64))
            .and_then(|tempi| tempi.map(|bpm| (strength(bpm), bpm)).max_by(|a, b| a.0.total_cmp(&b.0)))
            .map(|(_, bpm)| bpm)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shifted_sound_is_found_where_it_was_put() {
        let sound: Vec<f32> = (0..400).map(|n| (n as f32 * 0.05).sin() * (-n as f32 / 80.0).exp()).collect();
        for shift in [-7_isize, 0, 1, 7] {
            let mut signal = vec![0.0; 416];
            let start = (8 + shift) as usize;
            signal[start..start + 400].copy_from_slice(&sound);
            let (found, likeness) = lag(&sound, &signal, 8).unwrap();
            assert_eq!(found, shift);
            assert!(likeness > 0.999, "{likeness}");
        }
    }

    #[test]
    fn clicks_have_the_tempo_they_were_made_with() {
        for bpm in [90.0, 127.5, 174.0] {
            let period = 60.0 * 48_000.0 / bpm;
            let clicks: Vec<f32> =
                (0..960_000).map(|n| if f64::from(n) % period < 200.0 { 0.5 } else { 0.0 }).collect();
            let found = OnsetStrength::of([&clicks, &clicks], 48_000.0).tempo(bpm * 1.02).unwrap();
            assert!((found / bpm - 1.0).abs() < 1e-3, "{found} for {bpm}");
        }
        assert_eq!(OnsetStrength::of([&[0.0; 9_600], &[0.0; 9_600]], 48_000.0).tempo(120.0), None);
    }

    #[test]
    fn a_full_scale_sine_is_as_loud_as_the_norm_says() {
        // BS.1770: 997 Hz at full scale in one channel reads -3.01 LUFS, so in both 0.0.
        let sine: Vec<f32> =
            (0..480_000).map(|n| (n as f32 * 997.0 / 48_000.0 * std::f32::consts::TAU).sin()).collect();
        let loudness = loudness([&sine, &sine], 48_000.0).unwrap();
        assert!(loudness.integrated_lufs.abs() < 0.1, "{loudness:?}");
        assert!(loudness.true_peak_db.abs() < 0.1, "{loudness:?}");
        assert!((rms([&sine, &sine]) - std::f64::consts::FRAC_1_SQRT_2).abs() < 1e-3);
    }
}
