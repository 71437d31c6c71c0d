//! The network: a masked transformer over a whole loop.
//!
//! Huiwen Chang and others, *MaskGIT: Masked Generative Image Transformer*, 2022, for the method; William Peebles and
//! Saining Xie, *Scalable Diffusion Models with Transformers*, 2023, for the way in which a condition scales and shifts
//! what goes into each layer (adaLN); David So and others, *Primer*, 2021, for the squared ReLU, which on a CPU costs a
//! tenth of a GELU.
//!
//! A position is one row (the harmony or a role) over one patch of four steps. Each step goes in by a small table of its row and
//! comes out by another, so that a note is one thing wherever in the patch it lies. Every position attends to every other:
//! nothing is causal, so any part can be found from any other.
//!
//! What is plain to see goes around the layers, straight to the logits ([`crate::hints`]): what other bars have at the same place, by
//! as much as the layers say (a pointer as in A. See and others, *Get To The Point*, 2017), what stands some steps beside, who else plays
//! there, and the chord. So the layers need not learn to carry an answer from one place to another unchanged.

use crate::condition::Condition;
use crate::features::{Group, RowValues, groups, input_width};
use crate::hints::{self, COMPANY, ECHOES, LoopHints, NEIGHBOURS, PROFILE};
use crate::vocabulary::{PATCH, Row, Vocabulary};
use burn::config::Config;
use burn::module::{Module, Param};
use burn::nn::{Initializer, Linear, LinearConfig};
use burn::tensor::activation::{relu, softmax};
use burn::tensor::{Device, Int, Tensor, TensorData};

/// Patches of a bar that have a place of their own; longer bars begin again, which the bar lines of real metres never see.
const PATCHES_OF_A_BAR: usize = 12;
/// Bars that have a place of their own.
const BARS: usize = 8;

/// Sizes of a network.
#[derive(Config, Debug, PartialEq, Eq)]
pub struct NetworkConfig {
    /// Numbers at each position.
    pub width: usize,
    /// Layers.
    pub layers: usize,
    /// Heads of attention in each layer; they share the width.
    pub heads: usize,
}

/// One layer: attention and a two-layer perceptron, each behind a normalisation that the condition scales and shifts.
#[derive(Module, Debug)]
struct Layer {
    modulation: Linear,
    query_key_value: Linear,
    mixed: Linear,
    wide: Linear,
    narrow: Linear,
    heads: usize,
}

/// A row's way in: tables for the answers of a step and for their echo, then four steps become one position.
#[derive(Module, Debug)]
struct WayIn {
    step: Linear,
    echo: Linear,
    patch: Linear,
}

/// A row's way out: a position becomes four steps, then logits of each; to them comes what goes around the layers.
#[derive(Module, Debug)]
struct WayOut {
    patch: Linear,
    step: Linear,
    /// How much each echo counts for each group.
    gates: Linear,
    /// What follows from the answers of [`NEIGHBOURS`], from who plays at the step, and from its chord: for the leading fields.
    beside: Vec<Param<Tensor<2>>>,
    company: Linear,
    chord: Option<Param<Tensor<2>>>,
    /// What the notes say of the chord: in the harmony.
    profile: Option<Linear>,
}

/// The whole network.
#[derive(Module, Debug)]
pub struct Network {
    inputs: Vec<WayIn>,
    outputs: Vec<WayOut>,
    row_places: Param<Tensor<2>>,
    patch_places: Param<Tensor<2>>,
    bar_places: Param<Tensor<2>>,
    before: Linear,
    condition_in: Linear,
    /// What the first weights were not told yet: it does nothing until it is learned.
    condition_later: Linear,
    condition_out: Linear,
    layers: Vec<Layer>,
    last_modulation: Linear,
}

/// A row as it goes in.
#[derive(Debug, Clone)]
pub struct RowInput {
    row: Row,
    /// `[batch, patches, input_width]`
    cells: Tensor<3>,
    /// `[batch, patches * PATCH, ECHOES, row_size]`
    echoes: Tensor<4>,
    /// Of each of [`NEIGHBOURS`] `[batch * patches * PATCH * voices]`.
    beside: Vec<Tensor<1, Int>>,
}

/// What every row is told of the whole loop.
#[derive(Debug, Clone)]
pub struct LoopInput {
    /// `[batch, patches * PATCH, COMPANY]`
    company: Tensor<3>,
    /// `[batch * patches * PATCH]`
    chords: Tensor<1, Int>,
    /// `[batch, patches * PATCH, PROFILE]`
    profile: Tensor<3>,
}

fn codes(codes: Vec<i32>, device: &Device) -> Tensor<1, Int> {
    let count = codes.len();
    Tensor::from_data(TensorData::new(codes, [count]), device)
}

impl RowInput {
    /// Brings the values of a row to a device.
    ///
    /// # Panics
    /// If they are not of so many patches.
    pub fn new(
        row: Row,
        values: RowValues,
        patches: usize,
        vocabulary: &Vocabulary,
        device: &Device,
    ) -> Self {
        let (width, size) = (input_width(vocabulary, row), vocabulary.row_size(row));
        let batch = values.cells.len() / (patches * width);
        let echoes = TensorData::new(values.hints.echoes, [batch, patches * PATCH, ECHOES, size]);
        Self {
            row,
            cells: Tensor::from_data(TensorData::new(values.cells, [batch, patches, width]), device),
            echoes: Tensor::from_data(echoes, device),
            beside: values.hints.beside.into_iter().map(|one| codes(one, device)).collect(),
        }
    }

    /// The shares of one kind of echo, `[batch, patches * PATCH, row_size]`.
    fn echo(&self, kind: usize) -> Tensor<3> {
        let [batch, steps, _, size] = self.echoes.dims();
        self.echoes.clone().slice([0..batch, 0..steps, kind..kind + 1, 0..size]).reshape([batch, steps, size])
    }
}

impl LoopInput {
    /// Brings what is told of so many loops to a device.
    pub fn new(hints: LoopHints, batch: usize, device: &Device) -> Self {
        let steps = hints.chords.len() / batch.max(1);
        Self {
            company: Tensor::from_data(TensorData::new(hints.company, [batch, steps, COMPANY]), device),
            chords: codes(hints.chords, device),
            profile: Tensor::from_data(TensorData::new(hints.profile, [batch, steps, PROFILE]), device),
        }
    }
}

impl NetworkConfig {
    /// A network with random weights, drawn from the device's generator.
    pub fn init(&self, device: &Device) -> Network {
        let vocabulary = Vocabulary::new();
        let small = Initializer::Normal { mean: 0.0, std: 0.02 };
        let linear = |from: usize, to: usize| {
            LinearConfig::new(from, to).with_initializer(Initializer::Normal { mean: 0.0, std: 0.02 })
        };
        let fan = |from: usize, to: usize| {
            LinearConfig::new(from, to)
                .with_initializer(Initializer::Normal { mean: 0.0, std: (from as f64).sqrt().recip() })
        };
        // A modulation that does nothing at first lets the layers find their feet before the condition moves them.
        let still = |from: usize, to: usize| LinearConfig::new(from, to).with_initializer(Initializer::Zeros);
        let width = self.width;
        let layer = || Layer {
            modulation: still(width, 4 * width).init(device),
            query_key_value: linear(width, 3 * width).init(device),
            mixed: linear(width, width).init(device),
            wide: linear(width, 4 * width).init(device),
            narrow: linear(4 * width, width).init(device),
            heads: self.heads,
        };
        let step = width / 2;
        let way_in = |row| WayIn {
            step: LinearConfig::new(input_width(&vocabulary, row) / PATCH, step)
                .with_initializer(Initializer::Normal { mean: 0.0, std: 0.2 })
                .init(device),
            echo: still(vocabulary.row_size(row), step).with_bias(false).init(device),
            patch: fan(PATCH * step, width).init(device),
        };
        let way_out = |row| {
            let own: Vec<Group> = groups(&vocabulary).into_iter().filter(|group| group.row == row).collect();
            let leading = own[0].size;
            let table = |codes: usize| Initializer::Zeros.init([codes, leading], device);
            let is_pitched = row.is_pitched();
            WayOut {
                patch: fan(width, PATCH * step).init(device),
                step: linear(step, vocabulary.row_size(row)).init(device),
                gates: still(step, own.len() * ECHOES).init(device),
                beside: (0..NEIGHBOURS).map(|_| table(hints::codes_beside(leading))).collect(),
                company: still(COMPANY, own[0].width()).with_bias(false).init(device),
                chord: is_pitched.then(|| table(hints::CHORD_CODES)),
                profile: (row == Row::Harmony)
                    .then(|| still(PROFILE, vocabulary.row_size(row)).with_bias(false).init(device)),
            }
        };
        Network {
            inputs: Row::all().map(way_in).to_vec(),
            outputs: Row::all().map(way_out).to_vec(),
            row_places: small.init([Row::COUNT, width], device),
            patch_places: small.init([PATCHES_OF_A_BAR, width], device),
            bar_places: small.init([BARS, width], device),
            before: linear(width, width).with_bias(false).init(device),
            condition_in: linear(Condition::FIRST, width).init(device),
            condition_later: still(Condition::LATER, width).with_bias(false).init(device),
            condition_out: linear(width, width).init(device),
            layers: (0..self.layers).map(|_| layer()).collect(),
            last_modulation: still(width, 2 * width).init(device),
        }
    }
}

impl Network {
    /// One row as what the layers see of it, before places and condition: whoever changes few rows need not embed the others again.
    ///
    /// # Shapes
    /// - result: `[batch, patches, width]`
    pub fn embed_row(&self, input: &RowInput) -> Tensor<3> {
        self.inputs[input.row.index()].forward(input)
    }

    /// All rows of [`Self::embed_row`], one after the other: `[batch, Row::COUNT * patches, width]`.
    pub fn embed(&self, rows: &[RowInput]) -> Tensor<3> {
        Tensor::cat(rows.iter().map(|row| self.embed_row(row)).collect(), 1)
    }

    /// Logits of the rows asked for.
    ///
    /// # Shapes
    /// - `now`: [`Self::embed`] of the loop that is written, `[batch, Row::COUNT * patches, width]`
    /// - `before`: the same of the loop before it, if there is one
    /// - `condition`: `[batch, Condition::LEN]`
    /// - `asked`: the rows as they went in, and `whole`: what was told of the loop
    /// - result: for each asked row `[batch, patches * PATCH, Vocabulary::row_size]`, the groups of the row in order, of each `[voice][answer]`
    pub fn forward(
        &self,
        now: Tensor<3>,
        before: Option<Tensor<3>>,
        condition: Tensor<2>,
        patches_per_bar: usize,
        asked: &[&RowInput],
        whole: &LoopInput,
    ) -> Vec<Tensor<3>> {
        let [_, positions, width] = now.dims();
        let patches = positions / Row::COUNT;
        let first = condition.clone().narrow(1, 0, Condition::FIRST);
        let later = condition.narrow(1, Condition::FIRST, Condition::LATER);
        let condition = self.condition_in.forward(first) + self.condition_later.forward(later);
        let condition = squared(self.condition_out.forward(squared(condition)));
        let mut x = now + self.places(patches, patches_per_bar).unsqueeze::<3>();
        if let Some(before) = before {
            x = x + self.before.forward(before);
        }
        for layer in &self.layers {
            x = layer.forward(x, &condition);
        }
        let [scale, shift] = parts(self.last_modulation.forward(condition));
        let x = modulated(x, scale, shift);
        let groups = groups(&Vocabulary::new());
        asked
            .iter()
            .map(|input| {
                let start = input.row.index() * patches;
                let own = x.clone().slice([0..x.dims()[0], start..start + patches, 0..width]);
                let groups: Vec<&Group> = groups.iter().filter(|group| group.row == input.row).collect();
                self.outputs[input.row.index()].forward(own, input, whole, &groups)
            })
            .collect()
    }

    /// Row, place in the bar and bar of every position, `[Row::COUNT * patches, width]`.
    fn places(&self, patches: usize, patches_per_bar: usize) -> Tensor<2> {
        let device = self.row_places.val().device();
        let pick = |table: &Param<Tensor<2>>, index: &dyn Fn(usize, usize) -> usize| {
            let indices: Vec<i64> = (0..Row::COUNT * patches)
                .map(|position| index(position / patches, position % patches) as i64)
                .collect();
            let count = indices.len();
            let indices = Tensor::<1, Int>::from_data(TensorData::new(indices, [count]), &device);
            table.val().select(0, indices)
        };
        pick(&self.row_places, &|row, _| row)
            + pick(&self.patch_places, &|_, patch| patch % patches_per_bar % PATCHES_OF_A_BAR)
            + pick(&self.bar_places, &|_, patch| patch / patches_per_bar % BARS)
    }
}

impl WayIn {
    /// # Shapes
    /// - result: `[batch, patches, width]`
    fn forward(&self, input: &RowInput) -> Tensor<3> {
        let [batch, patches, width] = input.cells.dims();
        let cells = input.cells.clone().reshape([batch, patches * PATCH, width / PATCH]);
        let steps = relu(self.step.forward(cells) + self.echo.forward(input.echo(0)));
        let step = steps.dims()[2];
        self.patch.forward(steps.reshape([batch, patches, PATCH * step]))
    }
}

impl WayOut {
    /// # Shapes
    /// - `x`: `[batch, patches, width]`
    /// - `groups`: those of the row
    /// - result: `[batch, patches * PATCH, Vocabulary::row_size]`
    fn forward(&self, x: Tensor<3>, input: &RowInput, whole: &LoopInput, groups: &[&Group]) -> Tensor<3> {
        let [batch, patches, _] = x.dims();
        let hidden = relu(self.patch.forward(x));
        let (steps, width) = (patches * PATCH, hidden.dims()[2] / PATCH);
        let hidden = hidden.reshape([batch, steps, width]);
        let mut logits = self.step.forward(hidden.clone());
        if let Some(profile) = &self.profile {
            logits = logits + profile.forward(whole.profile.clone());
        }
        let gates = self.gates.forward(hidden);
        let echoes: [Tensor<3>; ECHOES] = std::array::from_fn(|kind| input.echo(kind));
        let part = |tensor: &Tensor<3>, start: usize, width: usize| {
            tensor.clone().slice([0..batch, 0..steps, start..start + width])
        };
        let of_group = |(index, group): (usize, &&Group)| {
            let mut sum = part(&logits, group.start, group.width());
            for (kind, echo) in echoes.iter().enumerate() {
                let gate = part(&gates, index * ECHOES + kind, 1);
                sum = sum + gate * part(echo, group.start, group.width());
            }
            if index == 0 { sum + self.leading(input, whole, group) } else { sum }
        };
        Tensor::cat(groups.iter().enumerate().map(of_group).collect(), 2)
    }

    /// What the leading fields get from beside, from the others and from the chord, `[batch, patches * PATCH, Group::width]`.
    fn leading(&self, input: &RowInput, whole: &LoopInput, group: &Group) -> Tensor<3> {
        let [batch, steps, _] = whole.company.dims();
        let mut sum = self.company.forward(whole.company.clone());
        for (table, codes) in self.beside.iter().zip(&input.beside) {
            sum = sum + table.val().select(0, codes.clone()).reshape([batch, steps, group.width()]);
        }
        let Some(chord) = &self.chord else { return sum };
        let chord = chord.val().select(0, whole.chords.clone()).reshape([batch, steps, 1, group.size]);
        let voices = sum.reshape([batch, steps, group.fields.len(), group.size]);
        (voices + chord).reshape([batch, steps, group.width()])
    }
}

impl Layer {
    /// # Shapes
    /// - `x` and result: `[batch, positions, width]`
    /// - `condition`: `[batch, width]`
    fn forward(&self, x: Tensor<3>, condition: &Tensor<2>) -> Tensor<3> {
        let [scale_a, shift_a, scale_b, shift_b] = parts(self.modulation.forward(condition.clone()));
        let x = x.clone() + self.attend(modulated(x, scale_a, shift_a));
        x.clone() + self.narrow.forward(squared(self.wide.forward(modulated(x, scale_b, shift_b))))
    }

    fn attend(&self, x: Tensor<3>) -> Tensor<3> {
        let [batch, positions, width] = x.dims();
        let head = width / self.heads;
        let [query, key, value] = {
            let all = self.query_key_value.forward(x).reshape([batch, positions, 3, self.heads, head]);
            [0, 1, 2].map(|part| {
                let one = all.clone().slice([0..batch, 0..positions, part..part + 1, 0..self.heads, 0..head]);
                one.reshape([batch, positions, self.heads, head]).swap_dims(1, 2)
            })
        };
        let weights = softmax(query.matmul(key.swap_dims(2, 3)) / (head as f64).sqrt(), 3);
        let mixed = weights.matmul(value).swap_dims(1, 2).reshape([batch, positions, width]);
        self.mixed.forward(mixed)
    }
}

/// max(x, 0)²
fn squared<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    let x = relu(x);
    x.clone() * x
}

/// Equal parts of the last dimension, each ready to be spread over positions.
fn parts<const N: usize>(x: Tensor<2>) -> [Tensor<3>; N] {
    let [batch, width] = x.dims();
    let part = width / N;
    std::array::from_fn(|k| x.clone().slice([0..batch, k * part..(k + 1) * part]).reshape([batch, 1, part]))
}

/// Brought to mean 0 and variance 1 at each position, then scaled and shifted.
fn modulated(x: Tensor<3>, scale: Tensor<3>, shift: Tensor<3>) -> Tensor<3> {
    let mean = x.clone().mean_dim(2);
    let centred = x - mean;
    let variance = (centred.clone() * centred.clone()).mean_dim(2);
    centred / (variance + 1e-5).sqrt() * (scale + 1.0) + shift
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tokenizer::Tokens;
    use sceneloop_music::{Descriptor, Metre};

    const SMALL: fn() -> NetworkConfig = || NetworkConfig::new(32, 2, 4);

    fn condition(metre: Metre, bars: u8) -> Condition {
        Condition { given: [true; Descriptor::LEN], ..Condition::open(None, metre, bars) }
    }

    fn rows(loops: &[Tokens], device: &Device) -> Vec<RowInput> {
        let vocabulary = Vocabulary::new();
        let loops: Vec<_> = loops.iter().map(|tokens| (tokens, None)).collect();
        let row = |row: Row| {
            let values = RowValues::of(&loops, row, &vocabulary);
            RowInput::new(row, values, loops[0].0.patches(), &vocabulary, device)
        };
        Row::all().map(row).to_vec()
    }

    fn logits(network: &Network, loops: &[Tokens], device: &Device) -> Vec<Vec<f32>> {
        let rows = rows(loops, device);
        let now = network.embed(&rows);
        let seen: Vec<_> = loops.iter().map(|tokens| (tokens, None)).collect();
        let whole = LoopInput::new(LoopHints::of(&seen, &Vocabulary::new()), loops.len(), device);
        let vector = condition(loops[0].metre, loops[0].bars).vector();
        let all: Vec<f32> = loops.iter().flat_map(|_| vector).collect();
        let condition = Tensor::from_data(TensorData::new(all, [loops.len(), Condition::LEN]), device);
        let per_bar = loops[0].patches() / usize::from(loops[0].bars);
        let out = network.forward(now, None, condition, per_bar, &rows.iter().collect::<Vec<_>>(), &whole);
        out.into_iter().map(|row| row.into_data().try_to_vec().unwrap()).collect()
    }

    /// Two loops that differ in one answer.
    fn two_loops(metre: &str, bars: u8) -> [Tokens; 2] {
        let vocabulary = Vocabulary::new();
        let one = Tokens::masked(metre.parse().unwrap(), bars, &vocabulary);
        let mut other = one.clone();
        other.cells[vocabulary.len() + 5] = 1;
        [one, other]
    }

    #[test]
    fn shapes_are_those_of_the_vocabulary() {
        let device = Device::flex();
        let network = SMALL().init(&device);
        for (metre, bars) in [("4/4", 4), ("7/8", 2), ("12/8", 8)] {
            let loops = two_loops(metre, bars);
            let vocabulary = Vocabulary::new();
            for (row, values) in Row::all().into_iter().zip(logits(&network, &loops, &device)) {
                let width = crate::vocabulary::PATCH * vocabulary.row_size(row);
                assert_eq!(values.len(), 2 * loops[0].patches() * width, "{metre} {row:?}");
                assert!(values.iter().all(|x| x.is_finite()));
            }
        }
    }

    #[test]
    fn a_loop_in_a_batch_gets_what_it_gets_alone() {
        let device = Device::flex();
        device.seed(7);
        let network = SMALL().init(&device);
        let loops = two_loops("4/4", 4);
        let together = logits(&network, &loops, &device);
        for (k, tokens) in loops.iter().enumerate() {
            let alone = logits(&network, std::slice::from_ref(tokens), &device);
            for (batch, one) in together.iter().zip(&alone) {
                let part = &batch[k * one.len()..(k + 1) * one.len()];
                assert!(part.iter().zip(one).all(|(a, b)| (a - b).abs() < 1e-5));
            }
        }
        let half = together[0].len() / 2;
        assert_ne!(
            together[0][..half],
            together[0][half..],
            "one answer of the drums is felt in the harmony"
        );
    }

    #[test]
    fn the_sizes_of_the_shipped_kind_are_known() {
        let count = |config: NetworkConfig| config.init(&Device::flex()).num_params();
        // Width d, n layers, i answers and masks of a step, o logits of a step: a table in and one out of half the width,
        // tables of places, the condition, then 16 d² + 13 d for each layer.
        let (d, n, inputs, outputs, condition) = (32, 2, 2190, 2086, Condition::LEN);
        let step = d / 2;
        let ways_in = inputs * step + Row::COUNT * (step + PATCH * step * d + d);
        let ways_out = outputs * (step + 1) + Row::COUNT * (d * PATCH * step + PATCH * step);
        // Echoes in and their gates; for the leading fields what stands beside, who plays, and the chord; for the chords the notes.
        let all = groups(&Vocabulary::new());
        let echoes = outputs * step + all.len() * ECHOES * (step + 1);
        let leading = all.iter().filter(|group| group.kind.leads());
        let around: usize = leading
            .map(|group| {
                let chords = if group.kind == crate::FieldKind::Pitch { hints::CHORD_CODES } else { 0 };
                (NEIGHBOURS * hints::codes_beside(group.size) + chords) * group.size + COMPANY * group.width()
            })
            .sum();
        let around = around + PROFILE * Vocabulary::new().row_size(Row::Harmony);
        let tables = (Row::COUNT + PATCHES_OF_A_BAR + BARS) * d + d * d;
        let conditions = (condition + 1) * d + (d + 1) * d + (d + 1) * 2 * d;
        let layers = n * (16 * d * d + 13 * d);
        assert_eq!(count(SMALL()), ways_in + ways_out + echoes + around + tables + conditions + layers);
    }
}
