//! One seed from several numbers, so that every random thing has a name.

/// Mixes numbers into one seed. Order matters; a change of any bit changes the result.
///
/// The finaliser of SplitMix64 (Steele, Lea & Flood 2014, "Fast splittable pseudorandom number generators").
pub fn mix(parts: &[u64]) -> u64 {
    parts.iter().fold(0x9e37_79b9_7f4a_7c15, |state, part| {
        let mut z = (state ^ part).wrapping_add(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    })
}

/// A number for a text, the same on every machine (FNV-1a, 64 bit).
pub fn of_text(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// A seed as a number from 0 up to but not including 1.
pub fn unit(seed: u64) -> f64 {
    (seed >> 11) as f64 / (1u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_spread_evenly_and_do_not_collide() {
        let mut seen: Vec<u64> = (0..10_000).map(|i| mix(&[7, i])).collect();
        let mean = seen.iter().map(|seed| unit(*seed)).sum::<f64>() / seen.len() as f64;
        assert!((mean - 0.5).abs() < 0.02, "{mean}");
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 10_000);
        assert_ne!(mix(&[1, 2]), mix(&[2, 1]));
        assert_ne!(of_text("rain"), of_text("rani"));
    }
}
