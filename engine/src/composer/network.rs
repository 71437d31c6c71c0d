//! The network's thread: it loads the weights, finds a place to run, and writes one loop after the other.
//!
//! It begins on the CPU, so that it is ready soon. A graphics card is tried meanwhile and takes over once it has written
//! a loop.

use super::graphics::Graphics;
use super::note::Note;
use super::workbench::Workbench;
use crate::arranger::LoopKey;
use crate::seed;
use crate::teacher;
use crossbeam_channel::{Receiver, Sender, select_biased, unbounded};
use sceneloop_model::generator::composing_key;
use sceneloop_model::vocabulary::{take_voice, voices};
use sceneloop_model::{Choice, ComposeError, Condition, Generator, Place, Wish};
use sceneloop_music::{Bpm, Descriptor, Energy, LoopGrid, Role, Scene};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A graphics card that nobody needs is given back after so long: an idle one costs thousands of wake-ups a second.
const IDLE: Duration = Duration::from_secs(30);

/// How much longer than the last loops took the next may take and still be thought in time.
const MARGIN: f32 = 2.0;

/// Seconds that a loop is thought to take before the first was timed.
const FIRST_GUESS: f32 = 1.0;

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
    /// Something for the user to know; it writes on.
    Trouble { sentence: String },
    /// It will never write.
    Failed { sentence: String },
}

/// The composer's end of the network's thread. The thread ends when this is dropped.
pub(super) struct Network {
    asks: Sender<Ask>,
    /// Closed with this end, so that a program that ends in order leaves none.
    note: Arc<Note>,
    is_ready: bool,
    /// What was asked and is not written yet.
    queue: Vec<LoopKey>,
    /// Seconds the slowest of the last loops took, falling off slowly.
    seconds: f32,
}

impl Network {
    /// Starts the thread. Nothing if the system gives none.
    pub fn start(choice: Choice, words: Sender<Word>, notes: Option<&Path>) -> Option<Self> {
        let (asks, inbox) = unbounded();
        let note = Arc::new(Note::new(notes));
        let shared = note.clone();
        let run = move || {
            let failed = catch_unwind(AssertUnwindSafe(|| run(choice, shared, &inbox, &words)));
            let sentence = match failed {
                Ok(Ok(())) => return,
                Ok(Err(sentence)) => sentence,
                Err(_) => "The network failed; the teacher writes on.".to_owned(),
            };
            let _ = words.send(Word::Failed { sentence });
        };
        let thread = std::thread::Builder::new().name("sceneloop network".into()).spawn(run);
        thread.ok().map(|_| Self { asks, note, is_ready: false, queue: Vec::new(), seconds: FIRST_GUESS })
    }

    /// Asks for a loop, unless it is being written.
    pub fn ask(&mut self, ask: Ask) {
        if !self.queue.contains(&ask.key) {
            self.queue.push(ask.key);
            // A thread that has ended says so with its last word.
            let _ = self.asks.send(ask);
        }
    }

    pub fn ready(&mut self) {
        self.is_ready = true;
    }

    /// Whether it has nothing to do.
    pub fn is_idle(&self) -> bool {
        self.is_ready && self.queue.is_empty()
    }

    pub fn wrote(&mut self, key: &LoopKey, seconds: f32) {
        self.queue.retain(|asked| asked != key);
        self.seconds = seconds.max(0.8 * self.seconds);
    }

    /// Whether a loop asked for now would be there by then, behind what was asked before.
    pub fn is_in_time(&self, key: &LoopKey, due: Instant) -> bool {
        let before = self.queue.iter().position(|asked| asked == key).unwrap_or(self.queue.len());
        let needed = Duration::from_secs_f32((MARGIN * self.seconds * (1 + before) as f32).clamp(0.0, 60.0));
        self.is_ready && Instant::now() + needed < due
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        self.note.close();
    }
}

fn run(choice: Choice, note: Arc<Note>, asks: &Receiver<Ask>, words: &Sender<Word>) -> Result<(), String> {
    let cpu =
        Workbench::new(Place::cpu()).map_err(|reason| format!("The teacher writes alone: {reason}."))?;
    let tell = |word: Word| drop(words.send(word)); // a composer that has ended hears nothing
    let ready = |place: String| tell(Word::Ready { place });
    let (mut graphics, refused) = Graphics::new(choice, note);
    refused.into_iter().for_each(|sentence| tell(Word::Trouble { sentence }));
    graphics.seek();
    ready(cpu.name());
    // The last first loop of a song: the others vary it, and may be asked for before the library has it.
    let mut theme: Option<(LoopKey, Arc<LoopGrid>)> = None;
    loop {
        let news = graphics.news();
        let mut ask = select_biased! {
            recv(news) -> found => {
                match graphics.arrive(found) {
                    Ok(place) => ready(place),
                    Err(sentence) => sentence.into_iter().for_each(|sentence| tell(Word::Trouble { sentence })),
                }
                continue;
            }
            recv(asks) -> ask => match ask {
                Ok(ask) => ask,
                Err(_) => break,
            },
            default(IDLE) => {
                if graphics.rest() {
                    ready(cpu.name());
                }
                continue;
            }
        };
        graphics.seek();
        if ask.theme.is_none() {
            ask.theme =
                theme.as_ref().filter(|(key, _)| *key == ask.key.at_index(0)).map(|(_, grid)| grid.clone());
        }
        let started = Instant::now();
        let grid = graphics.write(&ask).and_then(|written| {
            written
                .map_err(|sentence| {
                    tell(Word::Trouble { sentence });
                    ready(cpu.name());
                })
                .ok()
        });
        let grid = grid.map_or_else(|| cpu.write(&ask), Ok).map(Arc::new);
        let seconds = started.elapsed().as_secs_f32();
        if let (0, Ok(grid)) = (ask.key.index, &grid) {
            theme = Some((ask.key, grid.clone()));
        }
        if words.send(Word::Written { key: ask.key, grid, seconds }).is_err() {
            break;
        }
    }
    graphics.rest();
    Ok(())
}

/// Loops written for the first of a song, of which the best is played.
pub(super) const CANDIDATES: usize = 4;

/// Writes the loop of a key. The first of the song is the best of some written from nothing; every other is a variation of it, nearer or farther as its
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
        Some(theme) => told(theme),
        None => levelled(generator.best(&wish(key.at_index(0), scene), CANDIDATES)?.grid)?,
    };
    if key.index == 0 {
        return Ok(theme);
    }
    let distance = 0.25 + 0.35 * seed::unit(seed::mix(&[key.compose_seed(), 0x0066_6172])) as f32;
    levelled(generator.vary(&theme, distance, &wish(key, scene))?.grid)
}

/// A loop without the notes for which the network has no voice: the teacher may lay more of them over each other.
fn told(theme: &LoopGrid) -> LoopGrid {
    let mut told = theme.clone();
    for (role, clip) in told.clips.iter_mut().filter(|(role, _)| *role != Role::Drums) {
        let mut free_from = vec![0; voices(role)];
        clip.notes.retain(|note| take_voice(&mut free_from, note).is_some());
    }
    told
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assets::Assets;
    use sceneloop_model::{Tokens, Vocabulary};

    #[test]
    fn whatever_the_teacher_wrote_can_be_varied() {
        let (assets, vocabulary) = (Assets::shipped().unwrap(), Vocabulary::new());
        let (mut too_many, mut kept, mut all) = (0, 0, 0);
        let texts = ["cyberpunk city, rain:0.5", "techno", "ambient", "forest", "jazz", "horror", "武侠"];
        for (seed, text) in (0..28).zip(texts.into_iter().cycle()) {
            let scene = assets.scenes.parse(text).unwrap();
            let controls = crate::Controls { seed, bars: 1 << (seed % 3), ..crate::Controls::default() };
            let key = LoopKey::at_bar(&scene, &controls, sceneloop_music::Metre::FOUR_FOUR, 0);
            let taught = teacher::compose(&super::super::request(&key, &scene, None));
            let told = told(&taught);
            assert!(Tokens::of(&told, &vocabulary).is_ok(), "{text}");
            too_many += usize::from(Tokens::of(&taught, &vocabulary).is_err());
            let notes = |grid: &LoopGrid| grid.clips.iter().map(|(_, clip)| clip.notes.len()).sum::<usize>();
            (kept, all) = (kept + notes(&told), all + notes(&taught));
        }
        assert!(
            too_many > 0 && kept * 10 > all * 9,
            "{too_many} with too many voices, {kept} of {all} notes kept"
        );
    }
}
