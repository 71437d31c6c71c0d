//! Trained weights as two files: a card that says what they are, and the numbers in half precision.

use crate::condition::Condition;
use crate::network::{Network, NetworkConfig};
use crate::vocabulary::Vocabulary;
use burn::module::{Module, ModuleMapper, Param};
use burn::store::ModuleRecord;
use burn::tensor::{Bytes, Device, FloatDType, Tensor};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The format that this version writes and reads.
pub const FORMAT: u32 = 2;

/// What stands beside the weights.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Card {
    /// [`FORMAT`].
    pub format: u32,
    /// [`vocabulary_mark`] of the vocabulary they were trained with.
    pub vocabulary: String,
    /// Numbers at each position.
    pub width: usize,
    /// Layers.
    pub layers: usize,
    /// Heads of attention.
    pub heads: usize,
    /// Steps of training.
    pub steps: u64,
}

/// Why weights are refused. Each is one sentence for the user.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WeightsError {
    /// There is no such file, or it cannot be read.
    #[error("{0}: {1}")]
    File(String, String),
    /// The card is no card.
    #[error("the card of the weights cannot be read ({0})")]
    Card(String),
    /// From another version.
    #[error("the weights are of format {0}, this version reads format {FORMAT}")]
    Format(u32),
    /// Trained with another vocabulary.
    #[error("the weights were trained with another vocabulary ({0}) than this version has ({1})")]
    Vocabulary(String, String),
    /// No network has these sizes.
    #[error("the card of the weights names a network that cannot be: width {0}, {1} layers, {2} heads")]
    Sizes(usize, usize, usize),
    /// The numbers do not fit the card, or are broken.
    #[error("the weights do not fit their card, or are damaged ({0})")]
    Numbers(String),
}

/// A mark that differs where weights do not fit: sizes of all fields and of the condition (FNV-1a, 64 bit).
pub fn vocabulary_mark() -> String {
    let sizes = Vocabulary::new().fields().iter().map(|field| u64::from(field.size)).collect::<Vec<_>>();
    let hash = sizes
        .into_iter()
        .chain([Condition::LEN as u64])
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, size| (hash ^ size).wrapping_mul(0x0100_0000_01b3));
    format!("{hash:016x}")
}

impl Card {
    /// The card of a network.
    pub fn new(config: &NetworkConfig, steps: u64) -> Self {
        Self {
            format: FORMAT,
            vocabulary: vocabulary_mark(),
            width: config.width,
            layers: config.layers,
            heads: config.heads,
            steps,
        }
    }

    /// Reads a card and checks that this version can use what it speaks of.
    ///
    /// # Errors
    /// [`WeightsError`].
    pub fn read(text: &str) -> Result<Self, WeightsError> {
        let card: Self = serde_json::from_str(text).map_err(|error| WeightsError::Card(error.to_string()))?;
        let Self { format, width, layers, heads, .. } = card;
        if format != FORMAT {
            return Err(WeightsError::Format(format));
        }
        if card.vocabulary != vocabulary_mark() {
            return Err(WeightsError::Vocabulary(card.vocabulary, vocabulary_mark()));
        }
        let fits = (2..=1024).contains(&width) && width % 2 == 0 && (1..=64).contains(&layers);
        if !fits || heads == 0 || width % heads != 0 {
            return Err(WeightsError::Sizes(width, layers, heads));
        }
        Ok(card)
    }

    /// The text of the card.
    ///
    /// # Panics
    /// Never: a card can always be written.
    pub fn write(&self) -> String {
        serde_json::to_string_pretty(self).expect("a card can be written") + "\n"
    }
}

/// Casts to half precision.
struct Half;

impl ModuleMapper for Half {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let (id, tensor, mapper) = param.consume();
        Param::from_mapped_value(id, tensor.cast(FloatDType::F16), mapper)
    }
}

/// The numbers of a network in half precision.
///
/// # Errors
/// [`WeightsError::Numbers`] if the device does not give them.
pub fn save(network: &Network) -> Result<Vec<u8>, WeightsError> {
    let record = network.clone().map(&mut Half).into_record();
    record.into_bytes().map(|bytes| bytes.to_vec()).map_err(|error| WeightsError::Numbers(error.to_string()))
}

/// The card in a folder of weights.
pub const CARD_FILE: &str = "composer.json";
/// The numbers in a folder of weights.
pub const NUMBERS_FILE: &str = "composer.bpk";

/// The network in a folder of weights, on a device.
///
/// # Errors
/// [`WeightsError`].
pub fn open(folder: &Path, device: &Device) -> Result<Network, WeightsError> {
    let read = |name: &str| {
        let path = folder.join(name);
        std::fs::read(&path)
            .map_err(|error| WeightsError::File(path.display().to_string(), error.to_string()))
    };
    let card = Card::read(&String::from_utf8_lossy(&read(CARD_FILE)?))?;
    load(&card, &read(NUMBERS_FILE)?, device)
}

/// The network of a card and its numbers, on a device.
///
/// # Errors
/// [`WeightsError::Numbers`] if they do not fit.
pub fn load(card: &Card, numbers: &[u8], device: &Device) -> Result<Network, WeightsError> {
    let broken = |error: &dyn std::fmt::Display| WeightsError::Numbers(error.to_string());
    let record =
        ModuleRecord::from_bytes(Bytes::from_bytes_vec(numbers.to_vec())).map_err(|error| broken(&error))?;
    let network = NetworkConfig::new(card.width, card.layers, card.heads).init(device);
    network.try_load_record(record.cast_to_module_dtype()).map_err(|error| broken(&error))
}

#[cfg(test)]
mod tests {
    use super::*;
    fn small() -> (Card, Network) {
        let config = NetworkConfig::new(16, 1, 2);
        let device = Device::flex();
        device.seed(3);
        (Card::new(&config, 7), config.init(&device))
    }

    fn sum(network: &Network) -> f32 {
        struct Sum(f32);
        impl burn::module::ModuleVisitor for Sum {
            fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
                self.0 += param.val().abs().sum().into_scalar::<f32>();
            }
        }
        let mut sum = Sum(0.0);
        network.visit(&mut sum);
        sum.0
    }

    #[test]
    fn weights_come_back_to_half_precision() {
        let (card, network) = small();
        assert_eq!(Card::read(&card.write()), Ok(card.clone()));
        let numbers = save(&network).unwrap();
        let again = load(&card, &numbers, &Device::flex()).unwrap();
        assert!((sum(&again) / sum(&network) - 1.0).abs() < 1e-3);
        assert!(numbers.len() < 2 * burn::module::Module::num_params(&network) + 40_000);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let (card, network) = small();
        let numbers = save(&network).unwrap();
        let other = Card { width: 32, ..card.clone() };
        assert!(matches!(load(&other, &numbers, &Device::flex()), Err(WeightsError::Numbers(_))));
        assert!(load(&card, &numbers[..numbers.len() / 2], &Device::flex()).is_err());
        assert!(load(&card, b"nothing", &Device::flex()).is_err());
        let refused = |card: Card| Card::read(&card.write()).unwrap_err();
        assert_eq!(refused(Card { format: 1, ..card.clone() }), WeightsError::Format(1));
        assert!(matches!(
            refused(Card { vocabulary: "0".into(), ..card.clone() }),
            WeightsError::Vocabulary(..)
        ));
        assert_eq!(refused(Card { heads: 3, ..card.clone() }), WeightsError::Sizes(16, 1, 3));
        assert!(matches!(Card::read("{}"), Err(WeightsError::Card(_))));
    }
}
