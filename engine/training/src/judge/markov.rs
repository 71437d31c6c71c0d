//! The baselines: how often each answer stands at each step, and a Markov chain of order two.

use sceneloop_model::{Tokens, Vocabulary};
use sceneloop_music::Dice;
use std::collections::HashMap;

/// Answer before the first step.
const START: u8 = 254;
/// Answers that are followed up at a hidden step; the others keep their share of the table's.
const FOLLOWED: usize = 12;
/// Share of the table in the chain's answers, for what is not followed up.
const LEFT: f32 = 0.02;
/// Places in the bar that the table tells apart.
const PLACES: usize = 16;

/// How often each answer stands at each place of the bar, and after which two.
///
/// Smoothed after Witten and Bell (1991): a context weighs as much as it was seen, against as many shorter ones as it had kinds of
/// followers.
#[derive(Debug, Clone)]
pub struct Chain {
    size: usize,
    places: Vec<Counts>,
    all: Counts,
    after_one: HashMap<u8, Counts>,
    after_two: HashMap<(u8, u8), Counts>,
}

#[derive(Debug, Clone, Default)]
struct Counts {
    of: HashMap<u8, f32>,
    sum: f32,
}

impl Counts {
    fn add(&mut self, answer: u8) {
        *self.of.entry(answer).or_default() += 1.0;
        self.sum += 1.0;
    }

    /// Witten and Bell's mixture with a shorter context's chances.
    fn mixed(&self, shorter: &[f32]) -> Vec<f32> {
        let kinds = self.of.len() as f32;
        let mut out: Vec<f32> = shorter.iter().map(|p| p * kinds).collect();
        self.of.iter().for_each(|(answer, count)| out[usize::from(*answer)] += count);
        out.iter_mut().for_each(|p| *p /= (self.sum + kinds).max(1e-9));
        out
    }
}

impl Chain {
    /// A chain that has seen nothing, for a field with so many answers.
    pub fn new(size: usize) -> Self {
        Self {
            size,
            places: vec![Counts::default(); PLACES],
            all: Counts::default(),
            after_one: HashMap::new(),
            after_two: HashMap::new(),
        }
    }

    /// Sees a line.
    pub fn learn(&mut self, line: &[u8], steps_per_bar: usize) {
        let (mut a, mut b) = (START, START);
        for (step, answer) in line.iter().enumerate() {
            self.places[step % steps_per_bar % PLACES].add(*answer);
            self.all.add(*answer);
            self.after_one.entry(b).or_default().add(*answer);
            self.after_two.entry((a, b)).or_default().add(*answer);
            (a, b) = (b, *answer);
        }
    }

    /// Chances of the answers at a place of the bar, of nothing else known: the table.
    pub fn table(&self, step: usize, steps_per_bar: usize) -> Vec<f32> {
        self.places[step % steps_per_bar % PLACES].mixed(&self.any())
    }

    fn any(&self) -> Vec<f32> {
        let even = vec![1.0 / self.size as f32; self.size];
        if self.all.sum == 0.0 { even } else { self.all.mixed(&even) }
    }

    /// Chances of the answer after two others.
    pub fn after(&self, a: u8, b: u8) -> Vec<f32> {
        let one = match self.after_one.get(&b) {
            Some(counts) => counts.mixed(&self.any()),
            None => self.any(),
        };
        match self.after_two.get(&(a, b)) {
            Some(counts) => counts.mixed(&one),
            None => one,
        }
    }

    /// Chances of the answer at each hidden step, from all that is seen before and after it: the forward-backward algorithm over the
    /// likeliest answers of each step (L. Rabiner, 1989).
    pub fn hidden(&self, seen: &[Option<u8>], steps_per_bar: usize) -> Vec<Option<Vec<f32>>> {
        let mut known: HashMap<(u8, u8), Vec<f32>> = HashMap::new();
        let mut after = |a: u8, b: u8| known.entry((a, b)).or_insert_with(|| self.after(a, b)).clone();
        // Of each step the answers that are followed up, and the chances of each pair with the step before.
        let mut answers: Vec<Vec<u8>> = Vec::new();
        let mut forward: Vec<Vec<Vec<f32>>> = Vec::new();
        for step in 0..seen.len() {
            let before = step.checked_sub(1).map_or(vec![START], |step| answers[step].clone());
            let earlier = step.checked_sub(2).map_or(vec![START], |step| answers[step].clone());
            let mut pairs = vec![vec![0.0; self.size]; before.len()];
            for (i, a) in earlier.iter().enumerate() {
                for (j, b) in before.iter().enumerate() {
                    let weight = step
                        .checked_sub(1)
                        .map_or(1.0, |step| forward[step][i.min(forward[step].len() - 1)][j]);
                    if weight > 0.0 {
                        after(*a, *b).iter().zip(&mut pairs[j]).for_each(|(p, out)| *out += weight * p);
                    }
                }
            }
            let chosen = match seen[step] {
                Some(answer) => vec![answer],
                None => likeliest(&pairs, seen.get(step + 1).copied().flatten(), |answer, next| {
                    self.after_one
                        .get(&answer)
                        .map_or(0.0, |counts| counts.of.get(&next).copied().unwrap_or(0.0) / counts.sum)
                }),
            };
            let mut kept: Vec<Vec<f32>> = pairs
                .iter()
                .map(|row| chosen.iter().map(|answer| row[usize::from(*answer)]).collect())
                .collect();
            let sum: f32 = kept.iter().flatten().sum();
            kept.iter_mut().flatten().for_each(|p| *p /= sum.max(1e-30));
            answers.push(chosen);
            forward.push(kept);
        }
        let mut backward: Vec<Vec<f32>> = Vec::new();
        let mut out: Vec<Option<Vec<f32>>> = vec![None; seen.len()];
        for step in (0..seen.len()).rev() {
            let before = step.checked_sub(1).map_or(vec![START], |step| answers[step].clone());
            // What follows from each pair (before, here).
            let mut now = vec![vec![1.0_f32; answers[step].len()]; before.len()];
            if step + 1 < seen.len() {
                for (j, b) in before.iter().enumerate() {
                    for (k, c) in answers[step].iter().enumerate() {
                        let next = after(*b, *c);
                        now[j][k] = answers[step + 1]
                            .iter()
                            .enumerate()
                            .map(|(l, d)| next[usize::from(*d)] * backward[k][l])
                            .sum();
                    }
                }
                let most = now.iter().flatten().fold(0.0f32, |a, b| a.max(*b)).max(1e-30);
                now.iter_mut().flatten().for_each(|p| *p /= most);
            }
            if seen[step].is_none() {
                let mut chances = vec![0.0; self.size];
                for (row, after) in forward[step].iter().zip(&now) {
                    for ((answer, alpha), beta) in answers[step].iter().zip(row).zip(after) {
                        chances[usize::from(*answer)] += alpha * beta;
                    }
                }
                let sum = chances.iter().sum::<f32>().max(1e-30);
                let table = self.table(step, steps_per_bar);
                let mixed = chances.iter().zip(table).map(|(p, rest)| (1.0 - LEFT) * p / sum + LEFT * rest);
                out[step] = Some(mixed.collect());
            }
            backward = now;
        }
        out
    }

    /// A line drawn from the chain.
    pub fn draw(&self, steps: usize, dice: &mut Dice) -> Vec<u8> {
        let (mut a, mut b) = (START, START);
        (0..steps)
            .map(|_| {
                let answer = pick(&self.after(a, b), dice);
                (a, b) = (b, answer);
                answer
            })
            .collect()
    }

    /// A line drawn from the table.
    pub fn draw_table(&self, steps: usize, steps_per_bar: usize, dice: &mut Dice) -> Vec<u8> {
        (0..steps).map(|step| pick(&self.table(step, steps_per_bar), dice)).collect()
    }
}

fn pick(chances: &[f32], dice: &mut Dice) -> u8 {
    dice.weighted(chances.iter().copied()) as u8
}

/// The answers worth following: the likeliest so far, and those that what comes next may follow.
fn likeliest(pairs: &[Vec<f32>], next: Option<u8>, leads: impl Fn(u8, u8) -> f32) -> Vec<u8> {
    let size = pairs[0].len();
    let mut chances: Vec<(f32, u8)> =
        (0..size).map(|answer| (pairs.iter().map(|row| row[answer]).sum(), answer as u8)).collect();
    let mut chosen = Vec::new();
    let mut take = |chances: &mut Vec<(f32, u8)>| {
        chances.sort_by(|a, b| b.0.total_cmp(&a.0));
        for (_, answer) in chances.iter().take(FOLLOWED) {
            if !chosen.contains(answer) {
                chosen.push(*answer);
            }
        }
    };
    take(&mut chances);
    if let Some(next) = next {
        chances.iter_mut().for_each(|(p, answer)| *p = (*p + 1e-6) * leads(*answer, next));
        take(&mut chances);
    }
    chosen
}

/// A chain for each leading field.
#[derive(Debug)]
pub struct Chains {
    chains: HashMap<usize, Chain>,
}

impl Chains {
    /// Chains that have seen some loops, of each the rows that can be judged.
    pub fn learn<'a>(
        loops: impl Iterator<Item = (&'a crate::material::Material, &'a Tokens)>,
        vocabulary: &Vocabulary,
    ) -> Self {
        let mut chains: HashMap<usize, Chain> = HashMap::new();
        for (material, tokens) in loops {
            for row in sceneloop_model::Row::all().into_iter().filter(|row| material.teaches(*row)) {
                for field in vocabulary.leading(row) {
                    let size = usize::from(vocabulary.fields()[field].size);
                    let chain = chains.entry(field).or_insert_with(|| Chain::new(size));
                    chain.learn(
                        &super::line(tokens, field, vocabulary),
                        tokens.metre.steps_per_bar() as usize,
                    );
                }
            }
        }
        Self { chains }
    }

    /// The chain of a field, if it has seen any.
    pub fn of(&self, field: usize) -> Option<&Chain> {
        self.chains.get(&field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain() -> Chain {
        let mut chain = Chain::new(4);
        let mut dice = Dice::new(1, "test");
        let mut line = vec![0u8, 1];
        for _ in 0..4000 {
            let last = line[line.len() - 1];
            // Mostly one up, now and then anything.
            line.push(if dice.chance(0.8) { (last + 1) % 4 } else { dice.below(4) as u8 });
        }
        chain.learn(&line, 16);
        chain
    }

    #[test]
    fn chances_add_up_and_follow_what_was_seen() {
        let chain = chain();
        for chances in [chain.after(0, 1), chain.after(9, 9), chain.table(3, 16), Chain::new(5).after(0, 0)] {
            assert!((chances.iter().sum::<f32>() - 1.0).abs() < 1e-4);
        }
        assert!((chain.after(0, 1)[2] - 0.85).abs() < 0.06);
    }

    /// Two roads: forward and backward, or all lines that could be hidden one by one.
    #[test]
    fn hidden_steps_are_found_as_by_trying_all() {
        let chain = chain();
        let seen = [Some(0), Some(1), None, None, Some(0), None];
        let mut sums = vec![vec![0.0f64; 4]; 6];
        let mut total = 0.0;
        for code in 0..64u32 {
            let line = [0, 1, code % 4, code / 4 % 4, 0, code / 16].map(|x| x as u8);
            let (mut a, mut b, mut p) = (START, START, 1.0f64);
            for answer in line {
                p *= f64::from(chain.after(a, b)[usize::from(answer)]);
                (a, b) = (b, answer);
            }
            total += p;
            line.iter().zip(&mut sums).for_each(|(answer, sum)| sum[usize::from(*answer)] += p);
        }
        let found = chain.hidden(&seen, 16);
        for (step, chances) in found.iter().enumerate() {
            assert_eq!(chances.is_some(), seen[step].is_none());
            let Some(chances) = chances else { continue };
            let table = chain.table(step, 16);
            for answer in 0..4 {
                let exact = (1.0 - LEFT) * (sums[step][answer] / total) as f32 + LEFT * table[answer];
                assert!(
                    (chances[answer] - exact).abs() < 1e-3,
                    "{step} {answer}: {} {exact}",
                    chances[answer]
                );
            }
        }
    }
}
