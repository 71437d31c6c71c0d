//! Slow drift: over the hour a song wanders within the bounds of its scene.
//!
//! A walk is a sum of smooth seeded noises of some minutes and less, so that any bar's value is found without those before it.

use crate::seed;
use sceneloop_music::{Dimension, Scene};

/// Bars between the throws of the slow and of the quick wave.
const WAVES: [(i64, f32); 2] = [(96, 0.65), (28, 0.35)];

/// Bars after which the walk may be as far from the scene as it ever gets: a song begins at home.
const AWAY_BARS: f32 = 64.0;

/// How far a wanted number strays at most, of its whole range.
const FURTHEST: f32 = 0.16;

/// Bars of one epoch of the harmony.
const EPOCH_BARS: i64 = 64;

/// What strays, with a number that names its walk.
const STRAYS: [(Dimension, u64); 6] = [
    (Dimension::OnsetDensity, 1),
    (Dimension::Register, 2),
    (Dimension::Syncopation, 3),
    (Dimension::HarmonicComplexity, 4),
    (Dimension::Polyphony, 5),
    (Dimension::StepwiseMotion, 6),
];

/// One walk at a bar, −1 to 1.
pub(crate) fn walk(seed: u64, which: u64, bar: i64) -> f32 {
    let wave = |(period, weight): (i64, f32)| {
        let (before, within) = (bar.div_euclid(period), bar.rem_euclid(period) as f32 / period as f32);
        let throw = |at: i64| {
            let point = seed::mix(&[seed, which, period as u64, at as u64]);
            seed::unit(point) as f32 * 2.0 - 1.0
        };
        let eased = within * within * (3.0 - 2.0 * within);
        let (one, other) = (throw(before), throw(before.wrapping_add(1)));
        weight * (one + (other - one) * eased)
    };
    let away = (bar.unsigned_abs() as f32 / AWAY_BARS).min(1.0);
    away * WAVES.into_iter().map(wave).sum::<f32>()
}

/// The scene as it is wanted at a bar.
pub(crate) fn drifted(scene: &Scene, seed: u64, bar: i64) -> Scene {
    let mut drifted = scene.clone();
    for (dimension, which) in STRAYS {
        let value = &mut drifted.wanted[dimension];
        *value = (*value + FURTHEST * walk(seed, which, bar)).clamp(0.0, 1.0);
    }
    drifted
}

/// The epoch of the harmony at a bar; 0 is that of the song's beginning.
pub(crate) fn epoch(bar: i64) -> i64 {
    bar.div_euclid(EPOCH_BARS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_walk_begins_at_home_goes_slowly_and_stays_within_bounds() {
        let (mut lowest, mut highest) = (0.0f32, 0.0f32);
        for seed in 0..40 {
            assert_eq!(walk(seed, 1, 0), 0.0);
            let values: Vec<f32> = (-200..2000).map(|bar| walk(seed, 1, bar)).collect();
            for pair in values.windows(2) {
                assert!((pair[1] - pair[0]).abs() < 0.08, "{pair:?}");
            }
            lowest = values.iter().fold(lowest, |low, value| low.min(*value));
            highest = values.iter().fold(highest, |high, value| high.max(*value));
        }
        assert!((-1.0..-0.6).contains(&lowest) && highest > 0.6 && highest <= 1.0, "{lowest} {highest}");
        assert!(walk(1, 1, i64::MAX).is_finite() && walk(1, 1, i64::MIN).is_finite());
        assert_ne!(walk(1, 1, 500), walk(1, 2, 500));
    }
}
