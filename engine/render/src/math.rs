//! Small functions of the inner loops: decibels, pitch, and fast sine and exponential.

/// Amplitude of a level in decibels.
pub fn db_to_gain(db: f32) -> f32 {
    (db * (std::f32::consts::LN_10 / 20.0)).exp()
}

/// Frequency in Hz of a MIDI key, equal temperament, key 69 = 440 Hz.
pub fn pitch_hz(key: f32) -> f32 {
    440.0 * ((key - 69.0) / 12.0).exp2()
}

/// Ratio of a number of cents.
pub fn cents(cents: f32) -> f32 {
    (cents / 1200.0).exp2()
}

/// Coefficient of a one-pole that covers 1 - 1/e of its way in `seconds`.
pub fn one_pole(seconds: f32, rate: f32) -> f32 {
    if seconds <= 0.0 { 1.0 } else { 1.0 - (-1.0 / (seconds * rate)).exp() }
}

/// Gain per frame of a decay by 60 dB in `seconds`.
pub fn decay_60(seconds: f32, rate: f32) -> f32 {
    (-6.907_755 / (seconds.max(1e-4) * rate)).exp()
}

/// Fills `out` with a level that falls by `factor` a frame, and leaves it where the next frame takes it up. In lanes, so
/// that no frame waits for the one before.
#[inline(always)]
pub fn fill_decay(level: &mut f32, factor: f32, out: &mut [f32]) {
    let mut lanes = [*level; 8];
    for k in 1..8 {
        lanes[k] = lanes[k - 1] * factor;
    }
    let (parts, rest) = out.as_chunks_mut::<8>();
    let stride = (factor * factor) * (factor * factor);
    let stride = stride * stride;
    for part in parts {
        *part = lanes;
        lanes = lanes.map(|lane| lane * stride);
    }
    *level = lanes[rest.len()];
    rest.copy_from_slice(&lanes[..rest.len()]);
}

/// Sine of a phase counted in whole turns of 2^32, so that it wraps by itself and keeps its precision for ever.
///
/// With h in half turns, sin(πh) is u Q(|u|) where u = h (1 - |h|): a parabola that has the sine's symmetries, so that
/// nothing is to be folded, and a function without singularities, here a cubic fitted for the least greatest error,
/// 5e-8 before rounding. No branch, so loops over it vectorise.
#[inline(always)]
pub fn sine(phase: u32) -> f32 {
    let half = phase as i32 as f32 * (1.0 / 2_147_483_648.0); // -1..1, in half turns
    let u = half * (1.0 - half.abs());
    let v = u.abs();
    u * (3.141_586 + v * (3.141_848_9 + v * (1.112_395_7 + v * 0.219_315_73)))
}

/// Phase step of a frequency for [`sine`], in 2^-32 turns a frame. Frequencies are kept below half the rate.
#[inline]
pub fn phase_step(hz: f32, rate: f32) -> u32 {
    let turns = f64::from(hz.clamp(0.0, 0.499 * rate)) / f64::from(rate);
    (turns * 4_294_967_296.0) as u32
}

/// Saturation that is straight near 0 and never leaves -1..1: x (27 + x²) / (27 + 9 x²), held outside ±3
/// (the third Padé approximant of the hyperbolic tangent).
#[inline(always)]
pub fn soft_clip(x: f32) -> f32 {
    let x = x.clamp(-3.0, 3.0);
    let x2 = x * x;
    x * (27.0 + x2) / (27.0 + 9.0 * x2)
}

/// Greatest amplitude; a number that is none counts as nothing. In lanes, because a maximum that waits for the one before
/// takes longer than all that made the samples.
pub fn peak(samples: &[f32]) -> f32 {
    let louder = |peak: f32, x: f32| if x.abs() > peak { x.abs() } else { peak };
    let (parts, rest) = samples.as_chunks::<8>();
    let mut lanes = [0.0; 8];
    for part in parts {
        for (lane, x) in lanes.iter_mut().zip(part) {
            *lane = louder(*lane, *x);
        }
    }
    lanes.iter().chain(rest).fold(0.0, |peak, x| louder(peak, *x))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sine_is_a_sine_all_the_way_round() {
        for k in 0..100_000_u32 {
            let phase = k.wrapping_mul(42_949);
            let wanted = (f64::from(phase) / 4_294_967_296.0 * std::f64::consts::TAU).sin();
            assert!((f64::from(sine(phase)) - wanted).abs() < 3e-7, "{phase}");
        }
    }

    #[test]
    fn decibels_and_pitches_are_the_known_ones() {
        assert!((db_to_gain(-6.0206) - 0.5).abs() < 1e-5);

        assert!((pitch_hz(60.0) - 261.6256).abs() < 1e-2);
        assert!((decay_60(1.0, 1000.0).powi(1000) - 1e-3).abs() < 1e-5);
    }

    #[test]
    fn a_filled_decay_is_the_decay_frame_by_frame() {
        let (mut level, mut alone) = (0.7, 0.7_f32);
        for frames in [64, 5, 8, 31, 1, 0, 64] {
            let mut out = vec![0.0; frames];
            fill_decay(&mut level, 0.99, &mut out);
            for x in out {
                assert!((x / alone - 1.0).abs() < 1e-4);
                alone *= 0.99;
            }
        }
        assert!((level / alone - 1.0).abs() < 1e-4);
    }

    #[test]
    fn the_peak_is_found_wherever_it_lies() {
        let mut samples = [0.25_f32; 29];
        assert_eq!(peak(&samples[..0]), 0.0);
        for place in 0..29 {
            samples[place] = -0.5;
            assert_eq!(peak(&samples), 0.5);
            samples[place] = f32::NAN;
            assert_eq!(peak(&samples), 0.25);
            samples[place] = 0.25;
        }
    }

    #[test]
    fn soft_clip_stays_inside_and_rises() {
        let mut last = -1.1;
        for k in -1000..=1000 {
            let y = soft_clip(k as f32 * 0.01);
            assert!(y >= last - 1e-6 && y.abs() <= 1.0 + 1e-6);
            last = y;
        }
        assert!((soft_clip(0.01) - 0.01).abs() < 1e-5);
    }
}
