//! One answer out of a field's logits: temperature, the nucleus, and seeded chance.

use sceneloop_music::Dice;

/// How freely answers are drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Freedom {
    /// Divides logits: below 1 the likely becomes likelier, 0 takes the likeliest.
    pub temperature: f32,
    /// Only the likeliest answers that together have this probability are drawn (A. Holtzman and others, *The curious case
    /// of neural text degeneration*, 2020); 1 leaves all.
    pub top_p: f32,
}

/// Probabilities of the answers that are allowed; the others have 0.
///
/// # Panics
/// If none is allowed.
pub fn probabilities(logits: &[f32], allowed: &[bool], temperature: f32, out: &mut Vec<f32>) {
    out.clear();
    let best = logits.iter().zip(allowed).filter(|(_, may)| **may).map(|(x, _)| *x).fold(f32::MIN, f32::max);
    assert!(allowed.contains(&true), "some answer is always allowed");
    let scale = 1.0 / temperature.max(1e-3);
    out.extend(
        logits.iter().zip(allowed).map(|(x, may)| if *may { ((x - best) * scale).exp() } else { 0.0 }),
    );
    let sum: f32 = out.iter().sum();
    out.iter_mut().for_each(|x| *x /= sum);
}

/// Shannon entropy in nats.
pub fn entropy(probabilities: &[f32]) -> f32 {
    probabilities.iter().filter(|p| **p > 0.0).map(|p| -p * p.ln()).sum()
}

/// Draws an answer: the greatest of the log-probabilities with Gumbel noise, so that like probabilities and the same dice give the same
/// answer (the "Gumbel-max trick", E. Gumbel, 1954).
pub fn draw(probabilities: &[f32], freedom: Freedom, dice: &mut Dice) -> usize {
    let mut order: Vec<usize> =
        (0..probabilities.len()).filter(|index| probabilities[*index] > 0.0).collect();
    order.sort_by(|a, b| probabilities[*b].total_cmp(&probabilities[*a]));
    let (mut nucleus, mut sum) = (0, 0.0);
    while nucleus < order.len() && (nucleus == 0 || sum < freedom.top_p) {
        sum += probabilities[order[nucleus]];
        nucleus += 1;
    }
    // One throw for each answer, drawn or not, so that an answer's throw is always its own.
    let throws: Vec<f32> = probabilities.iter().map(|_| dice.unit()).collect();
    let noise = |index: usize| -(-(throws[index] + 1e-7).ln()).max(1e-7).ln();
    let value = |index: &usize| probabilities[*index].ln() + noise(*index);
    order[..nucleus].iter().copied().max_by(|a, b| value(a).total_cmp(&value(b))).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_come_as_often_as_they_are_likely() {
        let logits = [1.0f32, 0.0, 2.0, 9.0];
        let allowed = [true, true, true, false];
        let mut p = Vec::new();
        probabilities(&logits, &allowed, 1.0, &mut p);
        let mut dice = Dice::new(1, "test");
        let mut counts = [0; 4];
        for _ in 0..20_000 {
            counts[draw(&p, Freedom { temperature: 1.0, top_p: 1.0 }, &mut dice)] += 1;
        }
        for (count, p) in counts.iter().zip(&p) {
            assert!((*count as f32 / 20_000.0 - p).abs() < 0.02);
        }
        assert_eq!(counts[3], 0);
    }

    #[test]
    fn cold_and_narrow_take_the_likeliest() {
        let mut p = Vec::new();
        probabilities(&[1.0, 3.0, 2.0], &[true; 3], 0.0, &mut p);
        assert!((p[1] - 1.0).abs() < 1e-6 && entropy(&p) < 1e-6);
        probabilities(&[1.0, 3.0, 2.0], &[true; 3], 1.0, &mut p);
        let mut dice = Dice::new(1, "test");
        let narrow = Freedom { temperature: 1.0, top_p: 0.5 };
        assert!((0..100).all(|_| draw(&p, narrow, &mut dice) == 1));
    }
}
