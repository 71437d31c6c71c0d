//! Seeded chance. Every role throws dice of its own, so that a change in one part leaves the others as they were.

use rand_pcg::Pcg64Mcg;
use rand_pcg::rand_core::{Rng, SeedableRng};

/// A stream of chance, named by a seed and a word.
#[derive(Debug, Clone)]
pub struct Dice(Pcg64Mcg);

impl Dice {
    /// Dice for one purpose. Equal seed and purpose give equal throws on every machine.
    pub fn new(seed: u64, purpose: &str) -> Self {
        // FNV-1a: http://www.isthe.com/chongo/tech/comp/fnv/
        let hash = purpose.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
        });
        Self(Pcg64Mcg::seed_from_u64(seed ^ hash))
    }

    /// 0 to below 1.
    pub fn unit(&mut self) -> f32 {
        (self.0.next_u64() >> 40) as f32 / (1u64 << 24) as f32
    }

    /// True with the given probability.
    pub fn chance(&mut self, probability: f32) -> bool {
        self.unit() < probability
    }

    /// 0 to below `count`; 0 where there is nothing to choose.
    pub fn below(&mut self, count: usize) -> usize {
        if count == 0 { 0 } else { ((self.0.next_u64() >> 32) as usize * count) >> 32 }
    }

    /// A whole number from `low` to `high`, both included.
    pub fn between(&mut self, low: i32, high: i32) -> i32 {
        low + self.below((high - low + 1).max(1) as usize) as i32
    }

    /// The index of one of some weights, the more often the greater it is; 0 where all are 0.
    pub fn weighted(&mut self, weights: impl Iterator<Item = f32> + Clone) -> usize {
        let mut throw = self.unit() * weights.clone().sum::<f32>();
        let passed = |weight| {
            throw -= weight;
            throw < 0.0
        };
        weights.map(passed).position(|passed| passed).unwrap_or(0)
    }

    /// One of some things, which must not be empty.
    pub fn pick<'a, T>(&mut self, things: &'a [T]) -> &'a T {
        &things[self.below(things.len())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_names_throw_alike_and_others_do_not() {
        let throws = |seed, purpose| {
            let mut dice = Dice::new(seed, purpose);
            (0..32).map(|_| dice.below(1000)).collect::<Vec<_>>()
        };
        assert_eq!(throws(1, "bass"), throws(1, "bass"));
        assert_ne!(throws(1, "bass"), throws(2, "bass"));
        assert_ne!(throws(1, "bass"), throws(1, "lead"));
    }

    #[test]
    fn throws_cover_their_range() {
        let mut dice = Dice::new(7, "test");
        let mut seen = [0; 5];
        for _ in 0..1000 {
            seen[(dice.between(-2, 2) + 2) as usize] += 1;
        }
        assert!(seen.iter().all(|count| *count > 120), "{seen:?}");
        assert_eq!(dice.below(0), 0);
    }

    #[test]
    fn weights_are_met_as_often_as_they_weigh() {
        let (mut dice, weights) = (Dice::new(7, "test"), [0.0, 3.0, 1.0, 0.0]);
        let mut seen = [0; 4];
        (0..4000).for_each(|_| seen[dice.weighted(weights.into_iter())] += 1);
        assert!((2900..3100).contains(&seen[1]) && seen[1] + seen[2] == 4000, "{seen:?}");
        assert_eq!(dice.weighted([0.0; 3].into_iter()), 0);
    }
}
