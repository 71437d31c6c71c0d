//! Masked answers: how well hidden steps of real music are found.

use super::line;
use super::markov::Chains;
use super::table::Table;
use crate::batch::Batch;
use crate::example::Example;
use crate::loss::logits;
use crate::material::Material;
use burn::tensor::Device;
use sceneloop_model::features::{groups, places};
use sceneloop_model::{Network, Row, Tokens, Vocabulary};
use sceneloop_music::Dice;

/// Sums of one row and ratio.
#[derive(Debug, Clone, Copy, Default)]
struct Score {
    network: f64,
    chain: f64,
    table: f64,
    right: f64,
    chain_right: f64,
    cells: f64,
    steps: f64,
}

/// Hides whole steps of every row with a probability and asks for what is struck, sung or changed there. The network is told metre,
/// mode and roles, and nothing of style or numbers, which would give away part of the answer.
///
/// Losses are nats a step, all voices together; accuracies are shares of the cells whose likeliest answer was right.
pub fn masked(
    network: &Network,
    device: &Device,
    loops: &[Material],
    chains: Option<&Chains>,
    ratio: f32,
    seed: u64,
) -> Table {
    let vocabulary = Vocabulary::new();
    let mut scores = [Score::default(); Row::COUNT];
    let mut sorted: Vec<&Material> = loops.iter().collect();
    sorted.sort_by_key(|material| (material.grid.metre, material.grid.bars));
    let mut dice = Dice::new(seed, "masked");
    for same in sorted.chunk_by(|a, b| (a.grid.metre, a.grid.bars) == (b.grid.metre, b.grid.bars)) {
        for part in same.chunks(16) {
            let examples: Vec<(&Material, Example)> = part
                .iter()
                .filter_map(|material| Some((*material, hidden(material, ratio, &vocabulary, &mut dice)?)))
                .collect();
            if !examples.is_empty() {
                score(network, device, &examples, chains, &vocabulary, &mut scores);
            }
        }
    }
    let columns =
        ["network", "Markov", "table", "network / Markov", "accuracy", "Markov's accuracy", "steps"];
    let mut table = Table::new(
        &format!("Loss in nats a step where {:.0} % of the steps are hidden", 100.0 * ratio),
        &columns,
    );
    for (row, score) in Row::all().into_iter().zip(scores).filter(|(_, score)| score.steps > 0.0) {
        let name = match row {
            Row::Harmony => "chord roots".to_owned(),
            Row::Role(role) => role.name().to_owned(),
        };
        let each = |x: f64| Some(x / score.steps);
        let with_chain = |x: Option<f64>| x.filter(|_| chains.is_some());
        table.add(
            name,
            vec![
                each(score.network),
                with_chain(each(score.chain)),
                with_chain(each(score.table)),
                with_chain(Some(score.network / score.chain)),
                Some(score.right / score.cells),
                with_chain(Some(score.chain_right / score.cells)),
                Some(score.steps),
            ],
        );
    }
    table
}

fn hidden(material: &Material, ratio: f32, vocabulary: &Vocabulary, dice: &mut Dice) -> Option<Example> {
    let hide = |tokens: &Tokens| {
        let mut hidden = vec![false; tokens.cells.len()];
        for step in 0..tokens.steps() {
            for row in Row::all() {
                let hides = dice.chance(ratio);
                for field in vocabulary.row(row) {
                    hidden[step * vocabulary.len() + field] = hides;
                }
            }
        }
        hidden
    };
    Example::new(material, material.condition().unguided(), None, vocabulary, hide).ok()
}

fn score(
    network: &Network,
    device: &Device,
    examples: &[(&Material, Example)],
    chains: Option<&Chains>,
    vocabulary: &Vocabulary,
    scores: &mut [Score; Row::COUNT],
) {
    let only: Vec<Example> = examples.iter().map(|(_, example)| example.clone()).collect();
    let batch = Batch::of(&only, vocabulary);
    let out = logits(network, &batch, &Row::all(), vocabulary, device);
    for (row, logits) in Row::all().into_iter().zip(out) {
        let [_, steps, width] = logits.dims();
        let values: Vec<f32> = logits.into_data().try_to_vec().unwrap_or_default();
        for group in groups(vocabulary).iter().filter(|group| group.row == row && group.kind.leads()) {
            for (index, (_, example)) in examples.iter().enumerate() {
                for place in places(&example.seen, group, vocabulary) {
                    if example.weights[place.cell] > 0.0 {
                        let (step, voice) =
                            (place.logits / group.fields.len(), place.logits % group.fields.len());
                        let start = (index * steps + step) * width + group.start + voice * group.size;
                        let answer = usize::from(example.answers[place.cell]);
                        let own = &values[start..start + group.size];
                        scores[row.index()].add(own, answer, voice == 0);
                    }
                }
            }
        }
        let Some(chains) = chains else { continue };
        for (material, example) in examples.iter().filter(|(material, _)| material.teaches(row)) {
            for field in vocabulary.leading(row) {
                scores[row.index()].add_chain(chains, material, example, field, vocabulary);
            }
        }
    }
}

impl Score {
    fn add(&mut self, logits: &[f32], answer: usize, first_voice: bool) {
        let most = logits.iter().copied().fold(f32::MIN, f32::max);
        let sum: f32 = logits.iter().map(|x| (x - most).exp()).sum();
        self.network -= f64::from(logits[answer] - most - sum.ln());
        self.right += f64::from(u8::from(logits[answer] == most));
        self.cells += 1.0;
        self.steps += f64::from(u8::from(first_voice));
    }

    fn add_chain(
        &mut self,
        chains: &Chains,
        material: &Material,
        example: &Example,
        field: usize,
        vocabulary: &Vocabulary,
    ) {
        let bar = material.grid.metre.steps_per_bar() as usize;
        let truth = Tokens { cells: example.answers.clone(), ..example.seen.clone() };
        let truth = line(&truth, field, vocabulary);
        let asked = |step: usize| example.weights[step * vocabulary.len() + field] > 0.0;
        let seen: Vec<Option<u8>> =
            truth.iter().enumerate().map(|(step, answer)| (!asked(step)).then_some(*answer)).collect();
        let size = usize::from(vocabulary.fields()[field].size);
        let none = super::markov::Chain::new(size);
        let chain = chains.of(field).unwrap_or(&none);
        for (step, chances) in chain.hidden(&seen, bar).into_iter().enumerate() {
            let Some(chances) = chances else { continue };
            let answer = usize::from(truth[step]);
            self.chain -= f64::from(chances[answer].max(1e-9)).ln();
            self.table -= f64::from(chain.table(step, bar)[answer].max(1e-9)).ln();
            let most = chances.iter().copied().fold(0.0, f32::max);
            self.chain_right += f64::from(u8::from(chances[answer] == most));
        }
    }
}
