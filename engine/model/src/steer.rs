//! How many notes, hits and chord changes are wanted, and how the network is led to write about so many.
//!
//! A network that is told what is wanted comes near it; what it draws at once does not know of each other, and adds up to more or
//! less. What a [`Descriptor`](sceneloop_music::Descriptor) says of density and shares is a number of onsets for each role. Before answers
//! are drawn, the chances of all that is open are added up; if more or fewer onsets would come of them than are wanted, the odds of
//! each are raised or lowered by one factor, the same everywhere, so that where something begins is still the network's choice.

use crate::condition::Condition;
use crate::vocabulary::Row;
use sceneloop_music::{Dimension, Role};

/// Rows whose onsets a dimension counts together.
const SHARES: [(&[Row], Dimension); 5] = [
    (&[Row::Role(Role::Drums)], Dimension::DrumShare),
    (&[Row::Role(Role::Bass)], Dimension::BassShare),
    (&[Row::Role(Role::Chords), Row::Role(Role::Pad)], Dimension::ChordShare),
    (&[Row::Role(Role::Lead)], Dimension::LeadShare),
    (&[Row::Role(Role::Arp), Row::Role(Role::Texture)], Dimension::ArpShare),
];

/// Rounding of a factor, nats: coarse enough that two devices, whose sums differ in the last places, come to the same.
const GRAIN: f32 = 1.0 / 16.0;

/// Some rows, and how many onsets are wanted of them together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Wanted {
    pub rows: &'static [Row],
    pub onsets: f32,
}

/// What is wanted of the rows of a loop, where the condition says it.
pub(crate) fn wanted(condition: &Condition) -> Vec<Wanted> {
    let says = |dimension: Dimension| condition.given[dimension.index()];
    let quarters = (condition.metre.quarters_per_bar() * f64::from(condition.bars)) as f32;
    let mut all = Vec::new();
    if says(Dimension::HarmonicRhythm) {
        // A loop on one chord has no change, but a chord.
        let onsets = (condition.wanted.chord_changes_per_quarter() * quarters).max(1.0);
        all.push(Wanted { rows: &[Row::Harmony], onsets });
    }
    if says(Dimension::OnsetDensity) {
        let onsets = condition.wanted.onsets_per_quarter() * quarters;
        let of = |(rows, share): (&'static [Row], Dimension)| Wanted {
            rows,
            onsets: onsets * condition.wanted[share],
        };
        all.extend(SHARES.into_iter().filter(|(_, share)| says(*share)).map(of));
    }
    all
}

/// The factor for the odds of beginning something, as its logarithm, from `-most` to `most`: with it the chances of what is open, each the
/// chance that something begins, add up to what is `missing`.
pub(crate) fn bias(chances: &[f32], missing: f32, most: f32) -> f32 {
    let expected = |bias: f32| -> f32 {
        let factor = bias.exp();
        chances.iter().map(|chance| chance * factor / (1.0 - chance + chance * factor).max(1e-9)).sum()
    };
    let (mut low, mut high) = (-most, most);
    // The sum rises with the factor.
    while high - low > GRAIN / 4.0 {
        let middle = 0.5 * (low + high);
        if expected(middle) < missing { low = middle } else { high = middle }
    }
    (0.5 * (low + high) / GRAIN).round() * GRAIN
}

#[cfg(test)]
mod tests {
    use super::*;
    use sceneloop_music::{Descriptor, Metre};

    #[test]
    fn what_is_wanted_is_what_would_be_measured() {
        let mut condition = Condition::open(None, Metre::FOUR_FOUR, 4);
        assert_eq!(wanted(&condition), []);
        condition.given = [true; Descriptor::LEN];
        condition.wanted = Descriptor([0.0; Descriptor::LEN]);
        // 16 quarters of 8 onsets: a half for the drums, a quarter each for bass, chords and pad.
        condition.wanted[Dimension::OnsetDensity] = 8.0 / (8.0 + 6.0);
        condition.wanted[Dimension::DrumShare] = 0.5;
        condition.wanted[Dimension::BassShare] = 0.25;
        condition.wanted[Dimension::ChordShare] = 0.25;
        condition.wanted[Dimension::HarmonicRhythm] = 0.5;
        let found: Vec<f32> = wanted(&condition).iter().map(|wanted| wanted.onsets.round()).collect();
        assert_eq!(found, [4.0, 64.0, 32.0, 32.0, 0.0, 0.0]);
    }

    #[test]
    fn the_chances_add_up_to_what_is_missing() {
        let chances: Vec<f32> = (1..100).map(|k| k as f32 / 200.0).collect();
        let sum: f32 = chances.iter().sum();
        assert_eq!(bias(&chances, sum, 2.0), 0.0);
        for missing in [0.6 * sum, 1.3 * sum] {
            let factor = bias(&chances, missing, 2.0).exp();
            let found: f32 = chances.iter().map(|p| p * factor / (1.0 - p + p * factor)).sum();
            assert!((found - missing).abs() < 0.05 * missing, "{found} for {missing}");
        }
        assert_eq!((bias(&chances, 0.0, 2.0), bias(&chances, 99.0, 2.0)), (-2.0, 2.0));
        assert_eq!((bias(&[], 3.0, 1.5), bias(&chances, 3.0, 0.0)), (1.5, 0.0));
    }
}
