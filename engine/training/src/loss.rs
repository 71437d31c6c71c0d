//! How far the network's answers are from the right ones.

use crate::batch::Batch;
use burn::tensor::activation::log_softmax;
use burn::tensor::{Device, Int, Tensor, TensorData};
use sceneloop_model::features::{Group, RowValues, groups};
use sceneloop_model::network::{LoopInput, RowInput};
use sceneloop_model::{Condition, FieldKind, Network, Row, Vocabulary};

/// Weighted cross-entropies in nats, one for each group that is asked anything, and how much was asked of it.
#[derive(Debug, Clone)]
pub struct Losses {
    /// Row and kind of the group, its summed loss, and its summed weights.
    pub groups: Vec<(Row, FieldKind, Tensor<1>, f32)>,
    /// Rows of steps in which something was asked.
    pub units: usize,
}

impl Losses {
    /// Mean loss of a row of a step in which something is asked, all its voices together.
    ///
    /// # Panics
    /// If nothing is asked.
    pub fn mean(&self) -> Tensor<1> {
        let sum = self.groups.iter().map(|(_, _, loss, _)| loss.clone()).reduce(|a, b| a + b);
        sum.expect("something is asked") / self.units.max(1) as f64
    }
}

/// Logits of all rows of which something is asked, and what they lose.
pub fn losses(network: &Network, batch: &Batch, device: &Device) -> Losses {
    let vocabulary = Vocabulary::new();
    let all = groups(&vocabulary);
    let asked: Vec<Row> = Row::all()
        .into_iter()
        .filter(|row| all.iter().zip(&batch.questions).any(|(group, asked)| group.row == *row && asked.any()))
        .collect();
    let logits = logits(network, batch, &asked, &vocabulary, device);
    let mut out = Losses { groups: Vec::new(), units: batch.units };
    for (row, logits) in asked.into_iter().zip(logits) {
        for (group, questions) in all.iter().zip(&batch.questions).filter(|(group, _)| group.row == row) {
            let [size, steps, _] = logits.dims();
            let own = logits.clone().slice([0..size, 0..steps, group.start..group.start + group.width()]);
            if questions.any() {
                let loss = cross_entropy(own, group, questions, device);
                out.groups.push((row, group.kind, loss, questions.weights.iter().sum()));
            }
        }
    }
    out
}

/// Logits of some rows.
pub fn logits(
    network: &Network,
    batch: &Batch,
    asked: &[Row],
    vocabulary: &Vocabulary,
    device: &Device,
) -> Vec<Tensor<3>> {
    let rows = |values: &[RowValues]| -> Vec<RowInput> {
        let row = |(row, values): (Row, &RowValues)| {
            RowInput::new(row, values.clone(), batch.patches, vocabulary, device)
        };
        Row::all().into_iter().zip(values).map(row).collect()
    };
    let now = rows(&batch.now);
    let inputs: Vec<&RowInput> = asked.iter().map(|row| &now[row.index()]).collect();
    let before = batch.before.as_ref().map(|before| network.embed(&rows(before)));
    let condition = TensorData::new(batch.condition.clone(), [batch.size, Condition::LEN]);
    let condition = Tensor::from_data(condition, device);
    let whole = LoopInput::new(batch.whole.clone(), batch.size, device);
    network.forward(network.embed(&now), before, condition, batch.patches_per_bar, &inputs, &whole)
}

fn cross_entropy(
    logits: Tensor<3>,
    group: &Group,
    questions: &crate::batch::Questions,
    device: &Device,
) -> Tensor<1> {
    let count = questions.answers.len();
    let logits = logits.reshape([count, group.size]);
    let answers = Tensor::<2, Int>::from_data(TensorData::new(questions.answers.clone(), [count, 1]), device);
    let weights = Tensor::<2>::from_data(TensorData::new(questions.weights.clone(), [count, 1]), device);
    -(log_softmax(logits, 1).gather(1, answers) * weights).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::training_batch;
    use crate::pool::Pool;
    use sceneloop_model::NetworkConfig;

    #[test]
    fn a_network_that_knows_nothing_loses_what_chance_loses() {
        let device = Device::flex();
        device.seed(1);
        let network = NetworkConfig::new(16, 1, 2).init(&device);
        let vocabulary = Vocabulary::new();
        let batch = training_batch(&Pool::default(), 1, 1, 1, &vocabulary);
        let sizes = groups(&vocabulary);
        for (row, kind, loss, weight) in losses(&network, &batch, &device).groups {
            let size = sizes.iter().find(|group| (group.row, group.kind) == (row, kind)).unwrap().size;
            let (loss, chance) = (loss.into_scalar::<f32>() / weight, (size as f32).ln());
            assert!((loss - chance).abs() < 0.1, "{row:?} {kind:?}: {loss} for {chance}");
        }
    }
}
