//! The network's thread: it loads the weights, finds a place to run, and writes one loop after the other.
//!
//! It begins on the CPU, so that it is ready soon. A graphics card is tried meanwhile on a thread of its own, where a driver may hang
//! without anybody waiting for it, and takes over once it has written a loop there.

use crate::arranger::LoopKey;
use crate::assets;
use crate::health::Health;
use crate::seed;
use crate::teacher;
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded, unbounded};
use sceneloop_model::generator::composing_key;
use sceneloop_model::{Card, Choice, ComposeError, Condition, Generator, Place, Wish, device, weights};
use sceneloop_music::{Bpm, Descriptor, Energy, LoopGrid, Metre, Mode, Scene};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A graphics card that nobody needs is given back after so long: an idle one costs thousands of wake-ups a second.
const IDLE: Duration = Duration::from_secs(30);

/// How much longer than the last loops took the next may take and still be thought in time.
const MARGIN: f32 = 2.0;

/// Seconds that a loop is thought to take before the first was timed.
const FIRST_GUESS: f32 = 0.4;

/// A loop is wanted.
pub(super) struct Ask {
    pub key: LoopKey,
    pub scene: Arc<Scene>,
    /// The first loop of the song, where it is known.
    pub theme: Option<Arc<LoopGrid>>,
}

/// What the network has to say.
pub(super) enum Word {
    /// It has written its first loop there.
    Ready { place: String },
    /// A loop, or a sentence why there is none.
    Written { key: LoopKey, grid: Result<Arc<LoopGrid>, String>, seconds: f32 },
    /// It will never write.
    Failed { sentence: String },
}

/// The composer's end of the network's thread. The thread ends when this is dropped.
pub(super) struct Network {
    asks: Sender<Ask>,
    is_ready: bool,
    /// Seconds the slowest of the last loops took, falling off slowly.
    seconds: f32,
}

impl Network {
    /// Starts the thread. Nothing if the system gives none.
    pub fn start(choice: Choice, words: Sender<Word>, health: &Arc<Health>) -> Option<Self> {
        let (asks, inbox) = unbounded();
        let health = health.clone();
        let run = move || {
            let failed = catch_unwind(AssertUnwindSafe(|| run(choice, &inbox, &words, &health)));
            let sentence = match failed {
                Ok(Ok(())) => return,
                Ok(Err(sentence)) => sentence,
                Err(_) => "The network failed; the teacher writes on.".to_owned(),
            };
            let _ = words.send(Word::Failed { sentence });
        };
        let thread = std::thread::Builder::new().name("sceneloop network".into()).spawn(run);
        thread.ok().map(|_| Self { asks, is_ready: false, seconds: FIRST_GUESS })
    }

    pub fn ask(&self, ask: Ask) {
        // A thread that has ended says so with its last word.
        let _ = self.asks.send(ask);
    }

    pub fn ready(&mut self) {
        self.is_ready = true;
    }

    pub fn took(&mut self, seconds: f32) {
        self.seconds = seconds.max(0.8 * self.seconds);
    }

    /// Whether a loop asked for now would be there by then. Behind others in the queue it would not be.
    pub fn is_in_time(&self, due: Instant) -> bool {
        let loops = 1.0 + self.asks.len() as f32;
        let needed = Duration::from_secs_f32((MARGIN * self.seconds * loops).clamp(0.0, 60.0));
        self.is_ready && Instant::now() + needed < due
    }
}

/// A generator with the place where it runs.
pub(super) struct Workbench {
    place: Place,
    generator: Generator,
    /// Where the CPU computes.
    threads: rayon::ThreadPool,
}

impl Workbench {
    /// A workbench that has written its first loop.
    fn new(place: Place) -> Result<Self, String> {
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
    /// A sentence without its full stop if there is none on the CPU either.
    pub fn open(choice: Choice) -> Result<(Self, Option<String>), String> {
        let mut told = None;
        if choice != Choice::Cpu {
            match Self::on_gpu(choice == Choice::Gpu) {
                Ok(bench) => return Ok((bench, None)),
                Err(sentence) => told = sentence,
            }
        }
        Ok((Self::new(Place::cpu())?, told))
    }

    /// A workbench on the graphics card, or a sentence for the user; none where nobody asked for the card and there is none.
    fn on_gpu(asked_for: bool) -> Result<Self, Option<String>> {
        match catch_unwind(|| Place::gpu(false).map_err(|error| error.to_string()).and_then(Self::new)) {
            Ok(Ok(bench)) => Ok(bench),
            Ok(Err(reason)) => Err(asked_for.then(|| format!("The network runs on the CPU: {reason}."))),
            Err(_) => Err(Some("The graphics driver failed; the network runs on the CPU.".into())),
        }
    }

    /// Lets the generator work where it computes. `None` if it panics.
    pub fn run<T: Send>(&self, work: impl FnOnce(&Generator) -> T + Send) -> Option<T> {
        catch_unwind(AssertUnwindSafe(|| self.threads.install(|| work(&self.generator)))).ok()
    }

    fn write(&self, ask: &Ask) -> Result<LoopGrid, String> {
        match self.run(|generator| compose(generator, ask.key, &ask.scene, ask.theme.as_deref())) {
            Some(Ok(grid)) => Ok(grid),
            Some(Err(error)) => Err(format!("The network wrote no loop ({error}); the teacher did.")),
            None => Err("The network failed at a loop; the teacher wrote it.".into()),
        }
    }

    /// Name of the device.
    pub fn name(&self) -> String {
        self.place.name().to_owned()
    }

    /// Whether that is a graphics card.
    pub fn is_gpu(&self) -> bool {
        self.place.is_gpu()
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
    Wish { condition, key: composing_key(Mode::Ionian), swing: sceneloop_music::Swing::default(), seed: 1 }
}

fn run(
    choice: Choice,
    asks: &Receiver<Ask>,
    words: &Sender<Word>,
    health: &Arc<Health>,
) -> Result<(), String> {
    let cpu =
        Workbench::new(Place::cpu()).map_err(|reason| format!("The teacher writes alone: {reason}."))?;
    let mut gpu: Option<Workbench> = None;
    let mut coming = (choice != Choice::Cpu).then(|| try_gpu(choice, health));
    let tell = |place: String| {
        let _ = words.send(Word::Ready { place });
    };
    tell(cpu.name());
    // The last first loop of a song: the others vary it, and may be asked for before the library has it.
    let mut theme: Option<(LoopKey, Arc<LoopGrid>)> = None;
    loop {
        if let Some(found) = coming.as_ref().and_then(|coming| coming.try_recv().ok()) {
            coming = None;
            gpu = found;
            if let Some(bench) = &gpu {
                tell(bench.name());
            }
        }
        let mut ask = match asks.recv_timeout(IDLE) {
            Ok(ask) => ask,
            Err(RecvTimeoutError::Timeout) => {
                if let Some(bench) = gpu.take() {
                    bench.close();
                    tell(cpu.name());
                }
                continue;
            }
            Err(RecvTimeoutError::Disconnected) => break,
        };
        if gpu.is_none() && coming.is_none() && choice != Choice::Cpu && health.gpu_is_wanted() {
            coming = Some(try_gpu(choice, health));
        }
        if ask.theme.is_none() {
            ask.theme =
                theme.as_ref().filter(|(key, _)| *key == ask.key.at_index(0)).map(|(_, grid)| grid.clone());
        }
        let started = Instant::now();
        let mut grid = gpu.as_ref().map(|bench| bench.write(&ask));
        if let Some(Err(_)) = grid {
            // A card that failed once is not trusted again.
            health.give_up_gpu(Some("The graphics card failed; the network goes on on the CPU.".into()));
            if let Some(bench) = gpu.take() {
                let _ = catch_unwind(AssertUnwindSafe(|| bench.close()));
            }
            tell(cpu.name());
            grid = None;
        }
        let grid = grid.unwrap_or_else(|| cpu.write(&ask)).map(Arc::new);
        let seconds = started.elapsed().as_secs_f32();
        if let (0, Ok(grid)) = (ask.key.index, &grid) {
            theme = Some((ask.key, grid.clone()));
        }
        if words.send(Word::Written { key: ask.key, grid, seconds }).is_err() {
            break;
        }
    }
    if let Some(bench) = gpu {
        bench.close();
    }
    Ok(())
}

/// Tries the graphics card on a thread of its own: a workbench on it, or nothing.
fn try_gpu(choice: Choice, health: &Arc<Health>) -> Receiver<Option<Workbench>> {
    let (send, coming) = bounded(1);
    let asked_for = choice == Choice::Gpu;
    let health = health.clone();
    let attempt = move || {
        let bench = match Workbench::on_gpu(asked_for) {
            Ok(bench) => Some(bench),
            Err(sentence) => {
                health.give_up_gpu(sentence);
                None
            }
        };
        // Whoever asked may be gone; then the card is given back at once.
        if let Err(crossbeam_channel::SendError(Some(bench))) = send.send(bench) {
            bench.close();
        }
    };
    let _ = std::thread::Builder::new().name("sceneloop graphics".into()).spawn(attempt);
    coming
}

/// Writes the loop of a key. The first of the song is written from nothing; every other is a variation of it, nearer or farther as its
/// place says.
///
/// # Errors
/// The model's, which would be a fault of its rules.
pub(crate) fn compose(
    generator: &Generator,
    key: LoopKey,
    scene: &Scene,
    theme: Option<&LoopGrid>,
) -> Result<LoopGrid, ComposeError> {
    let theme = match theme {
        Some(theme) => theme.clone(),
        None => levelled(generator.generate(&wish(key.at_index(0), scene))?.grid)?,
    };
    if key.index == 0 {
        return Ok(theme);
    }
    let distance = 0.25 + 0.35 * seed::unit(seed::mix(&[key.compose_seed(), 0x0066_6172])) as f32;
    levelled(generator.vary(&theme, distance, &wish(key, scene))?.grid)
}

/// A loop with its energy ladder made even.
pub(super) fn levelled(mut grid: LoopGrid) -> Result<LoopGrid, ComposeError> {
    teacher::level(&mut grid);
    grid.validate()?;
    Ok(grid)
}

/// What the network is told. A scene's numbers are wishes that no music may meet; what the teacher's loop of the same name measures can
/// be met, and is what the network was trained on.
pub(super) fn wish(key: LoopKey, scene: &Scene) -> Wish {
    let mut condition = Condition::of_scene(scene, key.mode, key.metre, key.bars);
    let taught = teacher::compose(&super::request(&key, scene, None));
    let (slow, fast) = scene.tempo;
    let tempo = Bpm::new((slow * fast).sqrt()).unwrap_or_default();
    condition.wanted = Descriptor::measure(&taught, tempo, Energy::new(100.0));
    Wish { condition, key: composing_key(key.mode), swing: taught.swing, seed: key.compose_seed() }
}
