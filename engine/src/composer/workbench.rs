//! A network with the place where it runs.

use super::network::{Ask, compose};
use crate::assets;
use sceneloop_model::generator::composing_key;
use sceneloop_model::{Card, Condition, Generator, Place, Wish, device, weights};
use sceneloop_music::{LoopGrid, Metre, Mode, Swing};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A network with the place where it runs.
pub(super) struct Workbench {
    place: Place,
    generator: Generator,
    /// Where the CPU computes.
    threads: rayon::ThreadPool,
}

impl Workbench {
    /// A workbench that has written its first loop.
    pub fn new(place: Place) -> Result<Self, String> {
        let (card, numbers) = assets::weights();
        let sentence = |error: &dyn std::fmt::Display| {
            format!("The network cannot be loaded: {error}; the teacher writes on.")
        };
        let card = Card::read(card).map_err(|error| sentence(&error))?;
        let network = weights::load(&card, numbers, place.device()).map_err(|error| sentence(&error))?;
        let generator = Generator::new(network, place.device().clone());
        let threads = device::quiet_threads().map_err(|error| sentence(&error))?;
        let bench = Self { place, generator, threads };
        // Shaders are compiled and tables filled by writing one loop that nobody hears.
        let first = bench.threads.install(|| bench.generator.generate(&first_wish()));
        first.map(|_| bench).map_err(|error| sentence(&error))
    }

    /// A loop, or the sentence that says why there is none.
    pub fn write(&self, ask: &Ask) -> Result<LoopGrid, String> {
        let written = catch_unwind(AssertUnwindSafe(|| {
            self.threads.install(|| compose(&self.generator, ask.key, &ask.scene, ask.theme.as_deref()))
        }));
        match written {
            Ok(Ok(grid)) => Ok(grid),
            Ok(Err(error)) => Err(format!("The network wrote no loop ({error}); the teacher did.")),
            Err(_) => Err("The network failed at a loop; the teacher wrote it.".into()),
        }
    }

    /// Where it stands.
    pub fn name(&self) -> String {
        self.place.name().to_owned()
    }

    /// Gives the device back.
    pub fn close(self) {
        let Self { place, generator, .. } = self;
        drop(generator);
        place.shut_down();
    }
}

fn first_wish() -> Wish {
    let condition = Condition::open(Some(Mode::Ionian), Metre::FOUR_FOUR, 4);
    Wish { condition, key: composing_key(Mode::Ionian), swing: Swing::default(), seed: 1 }
}
