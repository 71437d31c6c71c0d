//! For tests: what a source makes of one held note.

use super::{Source, SourceSpec, Tone, string_frames};
use crate::kernel::oscillator::Wavetables;
use realfft::RealFftPlanner;

pub const RATE: f32 = 48_000.0;
/// Quarter notes a second.
pub const BEATS_HZ: f32 = 2.0;

/// The left channel of a note, cut into blocks where events might lie.
pub fn play(spec: &SourceSpec, hz: f32, velocity: f32, seconds: f32, seed: u64) -> Vec<f32> {
    let tables = Wavetables::shared();
    let tone = Tone { hz, velocity, sway: 0.0, beats_hz: BEATS_HZ, rate: RATE, tables };
    // What the note before has left in the line is not to be heard.
    let mut line = vec![0.3; 2 * string_frames(RATE)];
    let mut source = Source::start(spec, &tone, seed, &mut line);
    let mut out = Vec::new();
    while out.len() < (seconds * RATE) as usize {
        for frames in [64, 37, 27] {
            let (mut left, mut right) = (vec![9.0; frames], vec![9.0; frames]);
            source.render(spec, &tone, &mut line, [&mut left, &mut right]);
            out.extend(left);
        }
    }
    out
}

/// Amplitudes in bins of 48,000 / 16,384 Hz, of the 16,384 frames from `start` on.
pub fn spectrum(samples: &[f32], start: usize) -> Vec<f32> {
    let size = 16_384;
    let fft = RealFftPlanner::<f32>::new().plan_fft_forward(size);
    let mut input: Vec<f32> = (0..size)
        .map(|n| {
            let window = 0.5 - 0.5 * (n as f32 / size as f32 * std::f32::consts::TAU).cos();
            window * samples[start + n]
        })
        .collect();
    let mut output = fft.make_output_vec();
    fft.process(&mut input, &mut output).unwrap();
    output.iter().map(|x| x.norm()).collect()
}

/// Centre of the amplitudes, Hz.
pub fn centroid(samples: &[f32], start: usize) -> f32 {
    let spectrum = spectrum(samples, start);
    let sum: f32 = spectrum.iter().enumerate().map(|(bin, x)| bin as f32 * x).sum();
    sum / spectrum.iter().sum::<f32>() * RATE / 16_384.0
}

/// Frequency of the strongest partial within a semitone of `hz`, between bins by the parabola through its logarithm.
pub fn strongest(samples: &[f32], start: usize, hz: f32) -> f32 {
    let spectrum = spectrum(samples, start);
    let bin = |hz: f32| (hz * 16_384.0 / RATE) as usize;
    let top =
        (bin(0.94 * hz)..=bin(1.06 * hz) + 1).max_by(|a, b| spectrum[*a].total_cmp(&spectrum[*b])).unwrap();
    let [a, b, c] = [spectrum[top - 1], spectrum[top], spectrum[top + 1]].map(|x| x.max(1e-9).ln());
    (top as f32 + 0.5 * (a - c) / (a - 2.0 * b + c)) * RATE / 16_384.0
}

/// How often a second a wave repeats itself, near `hz`, by its correlation with itself eight periods later: for waves whose
/// partials hand energy to and fro, so that no single one keeps its phase.
pub fn repeats(samples: &[f32], start: usize, hz: f32) -> f32 {
    let later = 8.0 * RATE / hz;
    let first = (0.985 * later) as usize;
    let alike: Vec<f64> = (first..=(1.015 * later) as usize + 1)
        .map(|lag| (start..start + 12_288).map(|n| f64::from(samples[n]) * f64::from(samples[n + lag])).sum())
        .collect();
    let top = (1..alike.len() - 1).max_by(|a, b| alike[*a].total_cmp(&alike[*b])).unwrap();
    let [a, b, c] = [alike[top - 1], alike[top], alike[top + 1]];
    8.0 * RATE / ((first + top) as f32 + (0.5 * (a - c) / (a - 2.0 * b + c)) as f32)
}
