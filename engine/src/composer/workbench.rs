//! A network with the place where it runs.

use super::graphics;
use super::network::{Ask, compose};
use super::note::Note;
use crate::assets;
use sceneloop_model::generator::composing_key;
use sceneloop_model::{Card, Choice, Condition, Generator, Place, Wish, device, weights};
use sceneloop_music::{LoopGrid, Metre, Mode, Swing};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, Weak};

/// The network on the CPU, weights and tables, as long as an instance of the process has it: loaded by the first, shared by the others. Locked
/// while it is loaded, by threads of the network only.
static ON_CPU: Mutex<Weak<Generator>> = Mutex::new(Weak::new());

/// A network with the place where it runs.
pub(super) struct Workbench {
    // Before the place where it lies: fields are dropped in this order.
    generator: Arc<Generator>,
    place: Place,
    /// Where the CPU computes.
    threads: rayon::ThreadPool,
}

impl Workbench {
    /// A workbench that has written its first loop, or the reason, without a full stop, why there is none.
    pub fn new(place: Place) -> Result<Self, String> {
        if !place.is_gpu() {
            return Self::on_cpu(|| true);
        }
        let threads = threads()?;
        let generator = Arc::new(load(&place, &threads)?);
        Ok(Self { place, generator, threads })
    }

    /// The same on the CPU, unless nobody wants it any more when its turn comes: of many instances that come and go at once each would load
    /// the network for nobody.
    pub fn on_cpu(is_wanted: impl FnOnce() -> bool) -> Result<Self, String> {
        let mut shared = ON_CPU.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if !is_wanted() {
            return Err("nobody wants it any more".into());
        }
        let (place, threads) = (Place::cpu(), threads()?);
        let generator = match shared.upgrade() {
            Some(generator) => generator,
            None => Arc::new(load(&place, &threads)?),
        };
        *shared = Arc::downgrade(&generator);
        Ok(Self { place, generator, threads })
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

fn threads() -> Result<rayon::ThreadPool, String> {
    device::quiet_threads().map_err(|error| sentence(&error))
}

/// The network at a place, after its first loop.
fn load(place: &Place, threads: &rayon::ThreadPool) -> Result<Generator, String> {
    let (card, numbers) = assets::weights();
    let card = Card::read(card).map_err(|error| sentence(&error))?;
    let network = weights::load(&card, numbers, place.device()).map_err(|error| sentence(&error))?;
    let generator = Generator::new(network, place.device().clone());
    // Shaders are compiled and tables filled by writing one loop that nobody hears.
    let first = threads.install(|| generator.generate(&first_wish()));
    first.map(|_| generator).map_err(|error| sentence(&error))
}

fn sentence(error: &dyn std::fmt::Display) -> String {
    format!("the network cannot be loaded ({error})")
}

fn first_wish() -> Wish {
    let condition = Condition::open(Some(Mode::Ionian), Metre::FOUR_FOUR, 4);
    Wish { condition, key: composing_key(Mode::Ionian), swing: Swing::default(), seed: 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instances_share_one_network_and_the_last_gives_it_back() {
        let benches = [(); 3].map(|()| Workbench::new(Place::cpu()).unwrap());
        for bench in &benches {
            assert!(Arc::ptr_eq(&bench.generator, &benches[0].generator));
        }
        let network = Arc::downgrade(&benches[0].generator);
        // Other tests may run in this process under another runner than ours, so not how many: that these let go.
        let before = network.strong_count();
        drop(benches);
        assert_eq!(network.strong_count() + 3, before);
    }
}
