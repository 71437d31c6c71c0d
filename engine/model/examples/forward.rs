//! How long the network takes: `cargo run --release -p sceneloop-model --example forward -- WIDTH LAYERS HEADS`.

use burn::tensor::{Device, Tensor};
use sceneloop_model::features::RowValues;
use sceneloop_model::hints::LoopHints;
use sceneloop_model::network::{LoopInput, RowInput};
use sceneloop_model::{Condition, NetworkConfig, Row, Tokens, Vocabulary};
use std::time::Instant;

fn main() {
    let numbers: Vec<usize> = std::env::args().skip(1).filter_map(|text| text.parse().ok()).collect();
    let &[width, layers, heads] = &numbers[..] else {
        eprintln!("say width, layers and heads, such as 128 4 4");
        return;
    };
    let device = Device::flex();
    let vocabulary = Vocabulary::new();
    let network = NetworkConfig::new(width, layers, heads).init(&device);
    println!("{} parameters", burn::module::Module::num_params(&network));
    for batch in [1, 2, 8] {
        let tokens = Tokens::masked(sceneloop_music::Metre::FOUR_FOUR, 4, &vocabulary);
        let rows = || {
            Row::all()
                .map(|row| {
                    let values = RowValues::of(&vec![(&tokens, None); batch], row, &vocabulary);
                    RowInput::new(row, values, tokens.patches(), &vocabulary, &device)
                })
                .to_vec()
        };
        let mut parts = [0.0; 3];
        let rounds = 20;
        for round in 0..rounds + 3 {
            if round == 3 {
                parts = [0.0; 3];
            }
            let start = Instant::now();
            let rows = rows();
            parts[0] += start.elapsed().as_secs_f64();
            let start = Instant::now();
            let now = network.embed(&rows);
            let whole = LoopHints::of(&vec![(&tokens, None); batch], &vocabulary);
            let whole = LoopInput::new(whole, batch, &device);
            parts[1] += start.elapsed().as_secs_f64();
            let start = Instant::now();
            let condition = Tensor::zeros([batch, Condition::LEN], &device);
            let out = network.forward(now, None, condition, 4, &rows.iter().collect::<Vec<_>>(), &whole);
            let sum: f32 = out.into_iter().map(|row| row.sum().into_scalar::<f32>()).sum();
            assert!(sum.is_finite());
            parts[2] += start.elapsed().as_secs_f64();
        }
        let [inputs, embed, forward] = parts.map(|seconds| 1e3 * seconds / f64::from(rounds));
        println!(
            "batch {batch}: inputs {inputs:.2} ms, embedding {embed:.2} ms, layers and logits {forward:.2} ms"
        );
    }
}
