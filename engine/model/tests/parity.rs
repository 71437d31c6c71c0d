//! CPU and GPU write the same loop. A software adapter stands in for the card; without any the test fails, so that nobody thinks it
//! was compared.

use burn::tensor::{Device, Tensor, TensorData};
use sceneloop_model::features::RowValues;
use sceneloop_model::generator::composing_key;
use sceneloop_model::hints::LoopHints;
use sceneloop_model::network::{LoopInput, RowInput};
use sceneloop_model::{
    Condition, Generator, Network, NetworkConfig, Place, Row, Tokens, Vocabulary, Wish, weights,
};
use sceneloop_music::{Descriptor, Metre, Mode, Swing};

/// How far logits of the two may be apart.
const TOLERANCE: f32 = 1e-4;

/// The same weights on both devices.
fn networks(gpu: &Device) -> (Network, Network) {
    let (cpu, config) = (Device::flex(), NetworkConfig::new(32, 2, 4));
    cpu.seed(5);
    let network = config.init(&cpu);
    let card = weights::Card::new(&config, 0);
    let numbers = weights::save(&network).unwrap();
    (weights::load(&card, &numbers, &cpu).unwrap(), weights::load(&card, &numbers, gpu).unwrap())
}

fn logits(network: &Network, device: &Device) -> Vec<f32> {
    let vocabulary = Vocabulary::new();
    let tokens = Tokens::masked(Metre::FOUR_FOUR, 1, &vocabulary);
    let row = |row| {
        let values = RowValues::of(&[(&tokens, None)], row, &vocabulary);
        RowInput::new(row, values, tokens.patches(), &vocabulary, device)
    };
    let rows = Row::all().map(row);
    let now = network.embed(&rows);
    let whole = LoopInput::new(LoopHints::of(&[(&tokens, None)], &vocabulary), 1, device);
    let told: Vec<f32> = (0..Condition::LEN).map(|index| (index as f32).sin()).collect();
    let condition = Tensor::from_data(TensorData::new(told, [1, Condition::LEN]), device);
    let out = network.forward(now, None, condition, tokens.patches(), &rows.each_ref(), &whole);
    out.into_iter().flat_map(|row| row.into_data().try_to_vec::<f32>().unwrap()).collect()
}

#[test]
fn cpu_and_gpu_write_the_same_loop() {
    let place =
        Place::gpu(true).expect("a Vulkan adapter, if only in software: `cargo xtask setup` installs one");
    let (cpu, gpu) = networks(place.device());
    let pairs = logits(&cpu, &Device::flex()).into_iter().zip(logits(&gpu, place.device()));
    let most = pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(most < TOLERANCE, "logits differ by {most}");

    let condition = Condition {
        given: [true; Descriptor::LEN],
        ..Condition::open(Some(Mode::Dorian), Metre::FOUR_FOUR, 1)
    };
    let wish = |seed| Wish {
        condition: condition.clone(),
        key: composing_key(Mode::Dorian),
        swing: Swing::default(),
        seed,
    };
    let on_cpu = Generator::new(cpu, Device::flex());
    let on_gpu = Generator::new(gpu, place.device().clone());
    for seed in [1, 2] {
        let (a, b) = (on_cpu.generate(&wish(seed)).unwrap(), on_gpu.generate(&wish(seed)).unwrap());
        assert_eq!(a.grid, b.grid, "seed {seed}");
    }
    // It is another's as well, who goes on when this one has given it back.
    let sum = |place: &Place| Tensor::<1>::ones([8], place.device()).sum().into_scalar::<f32>();
    let other = Place::gpu(true).expect("the same adapter");
    assert_eq!(sum(&other), 8.0);
    drop(on_gpu);
    drop(place);
    assert_eq!(sum(&other), 8.0);
    drop(other);
    // Given back by all and taken again.
    let again = Place::gpu(true).expect("the same adapter");
    assert_eq!(sum(&again), 8.0);
}
