//! A network with the place where it runs.

use super::graphics;
use super::network::{Ask, compose};
use super::note::Note;
use crate::assets;
use sceneloop_model::generator::composing_key;
use sceneloop_model::{Card, Choice, Condition, Generator, Place, Wish, device, weights};
use sceneloop_music::{LoopGrid, Metre, Mode, Swing};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A network with the place where it runs.
pub(super) struct Workbench {
    // Before the place where it lies: fields are dropped in this order.
    generator: Generator,
    place: Place,
    /// Where the CPU computes.
    threads: rayon::ThreadPool,
}

impl Workbench {
    /// A workbench that has written its first loop, or the reason, without a full stop, why there is none.
    pub fn new(place: Place) -> Result<Self, String> {
        let (card, numbers) = assets::weights();
        let sentence = |error: &dyn std::fmt::Display| format!("the network cannot be loaded ({error})");
        let card = Card::read(card).map_err(|error| sentence(&error))?;
        let network = weights::load(&card, numbers, place.device()).map_err(|error| sentence(&error))?;
        let generator = Generator::new(network, place.device().clone());
        let threads = device::quiet_threads().map_err(|error| sentence(&error))?;
        let bench = Self { place, generator, threads };
        // Shaders are compiled and tables filled by writing one loop that nobody hears.
        let first = bench.threads.install(|| bench.generator.generate(&first_wish()));
        first.map(|_| bench).map_err(|error| sentence(&error))
    }

    /// A workbench where the user wants it, else on the CPU, with a sentence for the user where one is due.
    ///
    /// # Errors
    /// As [`Self::new`] if there is none on the CPU either.
    pub fn open(choice: Choice) -> Result<(Self, Option<String>), String> {
        let mut told = None;
        if choice != Choice::Cpu {
            match graphics::open(choice, &Note::new(None), graphics::card) {
                Ok(bench) => return Ok((bench, None)),
                Err(sentence) => told = sentence,
            }
        }
        Ok((Self::new(Place::cpu())?, told))
    }

    /// Lets the generator work where it computes. `None` if it panics.
    pub fn run<T: Send>(&self, work: impl FnOnce(&Generator) -> T + Send) -> Option<T> {
        catch_unwind(AssertUnwindSafe(|| self.threads.install(|| work(&self.generator)))).ok()
    }

    /// A loop, or the sentence that says why there is none.
    pub fn write(&self, ask: &Ask) -> Result<LoopGrid, String> {
        match self.run(|generator| compose(generator, ask)) {
            Some(Ok(grid)) => Ok(grid),
            Some(Err(error)) => Err(format!("The network wrote no loop ({error}); the teacher did.")),
            None => Err("The network failed at a loop; the teacher wrote it.".into()),
        }
    }

    /// Whether it stands on a graphics card.
    pub fn is_gpu(&self) -> bool {
        self.place.is_gpu()
    }

    /// Where it stands.
    pub fn name(&self) -> String {
        self.place.name().to_owned()
    }
}

fn first_wish() -> Wish {
    let condition = Condition::open(Some(Mode::Ionian), Metre::FOUR_FOUR, 4);
    Wish { condition, key: composing_key(Mode::Ionian), swing: Swing::default(), seed: 1 }
}
