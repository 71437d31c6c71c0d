//! The network's thread: it loads the weights, finds a place to run, and writes one loop after the other.
//!
//! It begins on the CPU, so that it is ready soon. When music is to be played live a graphics card is tried meanwhile, and takes over
//! once it has written a loop. What a bounce finds missing is written on one device, so that it is the same each time: on the CPU,
//! unless the card was asked for.

use super::graphics::Graphics;
use super::note::Note;
use super::workbench::Workbench;
use super::{Library, lock};
use crate::arranger::{Arrangement, LoopKey, Part, contrasted};
use crate::edits::{self, Hand};
use crate::seed;
use crate::teacher;
use crossbeam_channel::{Receiver, Sender, select_biased, unbounded};
use sceneloop_model::generator::{Part as Bars, composing_key};
use sceneloop_model::score::CANDIDATES;
use sceneloop_model::vocabulary::{take_voice, voices};
use sceneloop_model::{Choice, ComposeError, Condition, Generator, Wish};
use sceneloop_music::{Bpm, Descriptor, Energy, Letter, LoopGrid, Role, Scene};
use std::cell::Cell;
use std::collections::VecDeque;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// A graphics card that nobody needs is given back after so long: an idle one costs thousands of wake-ups a second.
const IDLE: Duration = Duration::from_secs(120);

/// How much longer than the last loops took the next may take and still be thought in time.
const MARGIN: f32 = 2.0;

/// Seconds that a loop is thought to take before the first was timed.
const FIRST_GUESS: f32 = 1.0;

/// Seconds that weights and tables are thought to need before the first loop.
const START_GUESS: f32 = 5.0;

/// How long a bounce waits for a graphics card that was asked for: not as long as for a loop, so that the CPU has time left.
const CARD_PATIENCE: Duration = Duration::from_secs(20);

/// What is said then.
const SLOW_CARD: &str = "The graphics card is not ready yet; the network writes on the CPU.";

/// A graphics card that has not written after so long hangs: the first loop of a new shape takes it some seconds.
const HANG: Duration = Duration::from_secs(60);

/// A loop is wanted.
pub(super) struct Ask {
    pub key: LoopKey,
    pub scene: Arc<Scene>,
    /// The loops of which it is made, where they are known when the writing begins; see [`LoopKey::lineage`].
    pub lineage: Vec<(LoopKey, Option<Arc<LoopGrid>>)>,
    /// The loops that something is held of in it, by their numbers.
    held: Vec<(u64, Arc<LoopGrid>)>,
    /// How many are written for the first loop of the song, of which the best is kept.
    pub candidates: usize,
    /// Whether it is for a bounce.
    pub offline: bool,
    /// Whether it would be written again as it is: with all candidates, and after a first loop of which that is so.
    follows: bool,
}

impl Ask {
    pub fn new(key: LoopKey, scene: Arc<Scene>, candidates: usize, offline: bool) -> Self {
        let lineage = key.lineage(&scene).into_iter().map(|key| (key, None)).collect();
        Self { key, scene, lineage, held: Vec::new(), candidates, offline, follows: candidates == CANDIDATES }
    }

    /// One of the loops of which it is made, the one before it being known.
    fn of_lineage(&self, place: usize) -> Self {
        let (key, lineage) = (self.lineage[place].0, self.lineage[..place].to_vec());
        Self { key, scene: self.scene.clone(), lineage, held: Vec::new(), ..*self }
    }

    /// One of the loops of which it is made.
    fn known(&self, key: &LoopKey) -> Option<&Arc<LoopGrid>> {
        self.lineage.iter().find(|(known, _)| known == key)?.1.as_ref()
    }

    /// The loop of which it is made directly, where nothing was changed by hand.
    fn theme(&self) -> Option<&LoopGrid> {
        self.lineage.last()?.1.as_deref()
    }

    /// Fills in what is known by now.
    fn look_up(&mut self, library: &Library) {
        for (key, grid) in &mut self.lineage {
            *grid = library.get(key);
        }
        let held = |number| Some((number, library.held(number)?));
        self.held = self.key.edits.held().filter_map(held).collect();
        let known = || self.lineage.iter().filter(|(_, grid)| grid.is_some());
        // Only a first theme is chosen from candidates.
        let has_root = known().any(|(key, _)| key.is_root());
        self.follows =
            (has_root || self.candidates == CANDIDATES) && known().all(|(key, _)| library.follows(key));
    }

    /// How many loops are written for it: for the song's first theme all candidates, for any other loop one, after those of
    /// which it is made that are not known.
    fn loops(&self) -> usize {
        let cost = |key: &LoopKey| if key.is_root() { self.candidates } else { 1 };
        let missing = self.lineage.iter().filter(|(_, grid)| grid.is_none());
        let before: usize = missing.map(|(key, _)| cost(key)).sum();
        // The theme as it is stated is not written again; that it is cannot take longer. Nor can what is held.
        before + cost(&self.key) * edits::writings(&self.key)
    }
}

/// What the network has to say.
pub(super) enum Word {
    /// It has written its first loop there.
    Ready { place: String, is_card: bool },
    /// A loop, or a sentence why there is none. For one that depends on the first of the song that comes before, unless it is known.
    Written {
        key: Box<LoopKey>,
        grid: Result<Arc<LoopGrid>, String>,
        seconds: f32,
        loops: usize,
        follows: bool,
    },
    /// Something for the user to know; it writes on.
    Trouble { sentence: String },
    /// It will never write.
    Failed { sentence: String },
}

/// The composer's end of the network's thread. The thread ends when this is dropped.
pub(super) struct Network {
    asks: Sender<Ask>,
    library: Arc<Mutex<Library>>,
    /// Closed with this end, so that a program that ends in order leaves none.
    note: Arc<Note>,
    is_ready: bool,
    /// Whether it writes on a graphics card.
    is_on_card: bool,
    begun: Instant,
    /// What is being written, and how many loops are written for it.
    busy: Option<(LoopKey, usize)>,
    /// Since when.
    busy_since: Instant,
    /// What is to be written after that.
    queue: VecDeque<Ask>,
    /// Seconds that one loop took where the last ones were slowest, falling off slowly.
    seconds: f32,
}

impl Network {
    /// Starts the thread. Nothing if the system gives none.
    pub fn start(
        choice: Choice,
        words: Sender<Word>,
        notes: Option<&Path>,
        library: Arc<Mutex<Library>>,
    ) -> Option<Self> {
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
        thread.ok().map(|_| Self::new(asks, library, note))
    }

    /// This end for whoever takes the asks.
    pub(super) fn new(asks: Sender<Ask>, library: Arc<Mutex<Library>>, note: Arc<Note>) -> Self {
        Self {
            asks,
            library,
            note,
            is_ready: false,
            is_on_card: false,
            begun: Instant::now(),
            busy: None,
            busy_since: Instant::now(),
            queue: VecDeque::new(),
            seconds: FIRST_GUESS,
        }
    }

    /// Asks for a loop, unless it was asked for before.
    pub fn ask(&mut self, ask: Ask) {
        if self.ahead_of(&ask.key).is_none() {
            self.queue.push_back(ask);
            self.go_on();
        }
    }

    /// Forgets a loop that was asked for, unless it is being written.
    pub fn withdraw(&mut self, key: &LoopKey) {
        self.queue.retain(|ask| ask.key != *key);
    }

    /// Has the next loop written, if none is.
    fn go_on(&mut self) {
        if self.busy.is_none()
            && let Some(mut ask) = self.queue.pop_front()
        {
            ask.look_up(&lock(&self.library));
            self.busy = Some((ask.key, ask.loops()));
            self.busy_since = Instant::now();
            // A thread that has ended says so with its last word.
            let _ = self.asks.send(ask);
        }
    }

    pub fn ready(&mut self, is_card: bool) {
        self.is_ready = true;
        self.is_on_card = is_card;
        self.busy_since = Instant::now(); // what came before is not to be held against the place
    }

    /// When a card that is writing now would hang.
    pub fn hangs_at(&self) -> Option<Instant> {
        (self.is_on_card && self.busy.is_some()).then(|| self.busy_since + HANG)
    }

    /// Whether it has nothing to do.
    pub fn is_idle(&self) -> bool {
        self.is_ready && self.busy.is_none()
    }

    pub fn wrote(&mut self, key: &LoopKey, seconds: f32, loops: usize) {
        self.seconds = (seconds / loops.max(1) as f32).max(0.8 * self.seconds);
        self.queue.retain(|ask| ask.key != *key);
        if self.busy.is_some_and(|(busy, _)| busy == *key) {
            self.busy = None;
        }
        self.go_on();
    }

    /// What is being written and what comes after that, with the number of loops that are written for each.
    fn asked(&self) -> impl Iterator<Item = (LoopKey, usize)> {
        let queue = self.queue.iter().map(|ask| (ask.key, self.loops(ask.key, &ask.scene, ask.candidates)));
        self.busy.into_iter().chain(queue)
    }

    /// How many loops are written for one as far as is known now.
    fn loops(&self, key: LoopKey, scene: &Arc<Scene>, candidates: usize) -> usize {
        let mut ask = Ask::new(key, scene.clone(), candidates, false);
        ask.look_up(&lock(&self.library));
        ask.loops()
    }

    /// How many loops are written until one is that was asked for, itself among them.
    fn ahead_of(&self, key: &LoopKey) -> Option<usize> {
        let mut loops = 0;
        self.asked().find_map(|(asked, own)| {
            loops += own;
            (asked == *key).then_some(loops)
        })
    }

    /// How many candidates for the first loop of its song there is time for, if a loop that is asked for now would be there by then, behind
    /// what was asked before.
    pub fn in_time(&self, key: &LoopKey, scene: &Arc<Scene>, due: Instant) -> Option<usize> {
        let before: usize = self.asked().map(|(_, loops)| loops).sum();
        let ahead = self.ahead_of(key);
        let start = if self.is_ready { 0.0 } else { START_GUESS - self.begun.elapsed().as_secs_f32() };
        let is_in_time = |candidates: &usize| {
            let loops = ahead.unwrap_or_else(|| before + self.loops(*key, scene, *candidates));
            let needed = start.max(0.0) + MARGIN * self.seconds * loops as f32;
            Instant::now() + Duration::from_secs_f32(needed.clamp(0.0, 60.0)) < due
        };
        [CANDIDATES, 1].into_iter().find(is_in_time)
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        self.note.close();
    }
}

fn run(choice: Choice, note: Arc<Note>, asks: &Receiver<Ask>, words: &Sender<Word>) -> Result<(), String> {
    // The composer's end holds the note as well.
    let is_wanted = || Arc::strong_count(&note) > 1;
    let cpu =
        Workbench::on_cpu(is_wanted).map_err(|reason| format!("The teacher writes alone: {reason}."))?;
    let is_heard = Cell::new(true); // a composer that has ended, or asks another, hears nothing
    let tell = |word: Word| is_heard.set(words.send(word).is_ok());
    let ready = |place: String, is_card: bool| tell(Word::Ready { place, is_card });
    let (mut graphics, refused) = Graphics::new(choice, note);
    refused.into_iter().for_each(|sentence| tell(Word::Trouble { sentence }));
    if choice == Choice::Gpu {
        graphics.seek();
    }
    ready(cpu.name(), false);
    let arrive = |graphics: &mut Graphics, found| match graphics.arrive(found) {
        Ok(place) => ready(place, true),
        Err(sentence) => sentence.into_iter().for_each(|sentence| tell(Word::Trouble { sentence })),
    };
    while is_heard.get() {
        let news = graphics.news();
        let mut ask = select_biased! {
            recv(news) -> found => {
                arrive(&mut graphics, found);
                continue;
            }
            recv(asks) -> ask => match ask {
                Ok(ask) => ask,
                Err(_) => break,
            },
            default(IDLE) => {
                if graphics.rest() {
                    ready(cpu.name(), false);
                }
                continue;
            }
        };
        let may_use_card = !ask.offline || choice == Choice::Gpu;
        if may_use_card {
            graphics.seek();
        }
        if ask.offline && graphics.is_coming() {
            match graphics.news().recv_timeout(CARD_PATIENCE) {
                Ok(found) => arrive(&mut graphics, Ok(found)),
                // It may come yet, for what is written after this.
                Err(_) => tell(Word::Trouble { sentence: SLOW_CARD.to_owned() }),
            }
        }
        let mut write = |ask: &Ask| {
            let started = Instant::now();
            let on_card = may_use_card.then(|| graphics.write(ask)).flatten();
            let on_card = on_card.and_then(|written| {
                let fall_back = |sentence| {
                    tell(Word::Trouble { sentence });
                    ready(cpu.name(), false);
                };
                written.map_err(fall_back).ok()
            });
            let grid = on_card.map_or_else(|| cpu.write(ask), Ok).map(Arc::new);
            let seconds = started.elapsed().as_secs_f32();
            tell(Word::Written {
                key: Box::new(ask.key),
                grid: grid.clone(),
                seconds,
                loops: ask.loops(),
                follows: ask.follows,
            });
            grid.ok()
        };
        for place in 0..ask.lineage.len() {
            if ask.lineage[place].1.is_none() {
                ask.lineage[place].1 = write(&ask.of_lineage(place));
            }
        }
        write(&ask);
    }
    graphics.rest();
    Ok(())
}

/// Writes the loop that is asked for. The first theme of the song is the best of some written from nothing; those of chorus and
/// bridge follow it; every other loop is made of a theme and a variation of it, nearer or farther as its place says.
///
/// # Errors
/// The model's, which would be a fault of its rules.
pub(super) fn compose(generator: &Generator, ask: &Ask) -> Result<LoopGrid, ComposeError> {
    let Ask { key, scene, .. } = ask;
    if edits::concern(key) {
        let grid = edits::write(key, scene, &mut Rewriter { generator, ask })?;
        grid.validate()?;
        return Ok(grid);
    }
    if key.is_root() {
        return levelled(generator.best(&wish(*key, scene), ask.candidates)?.grid);
    }
    // What could not be written is missing: then this one stands on what the song begins with.
    match ask.theme() {
        Some(theme) => made_of(generator, key, scene, theme),
        None => {
            let first = wish(key.theme(scene, Letter::A), scene);
            made_of(generator, key, scene, &levelled(generator.best(&first, ask.candidates)?.grid)?)
        }
    }
}

/// Every loop but the song's first theme, made of a theme.
fn made_of(
    generator: &Generator,
    key: &LoopKey,
    scene: &Scene,
    theme: &LoopGrid,
) -> Result<LoopGrid, ComposeError> {
    if key.part == Part::Theme {
        let answer = generator.follow(&told(theme), &wish(*key, &contrasted(scene, key)))?.grid;
        // One song has one swing.
        return levelled(LoopGrid { swing: theme.swing, ..answer });
    }
    let distance = 0.25 + 0.35 * seed::unit(seed::mix(&[key.compose_seed(), 0x0066_6172])) as f32;
    let Some(arrangement) = Arrangement::new(*key, scene, theme) else {
        return levelled(generator.vary(&told(theme), distance, &wish(*key, scene))?.grid);
    };
    let vary = |(name, scene): (LoopKey, Scene)| {
        generator.vary(&told(arrangement.theme()), distance, &wish(name, &scene)).map(|written| written.grid)
    };
    let variation = arrangement.wanted().map(vary).transpose()?;
    let grid = arrangement.finish(variation.as_ref());
    grid.validate()?;
    Ok(grid)
}

/// The network where something was changed by hand.
struct Rewriter<'a> {
    generator: &'a Generator,
    ask: &'a Ask,
}

impl Hand for Rewriter<'_> {
    type Error = ComposeError;

    fn loop_of(&mut self, key: LoopKey) -> Result<Arc<LoopGrid>, ComposeError> {
        if let Some(known) = self.ask.known(&key) {
            return Ok(known.clone());
        }
        // It could not be written, or this is written on its own.
        let known = |key: LoopKey| (key, self.ask.known(&key).cloned());
        let lineage = key.lineage(&self.ask.scene).into_iter().map(known).collect();
        let (scene, held) = (self.ask.scene.clone(), self.ask.held.clone());
        let ask = Ask { key, scene, lineage, held, ..*self.ask };
        Ok(Arc::new(compose(self.generator, &ask)?))
    }

    fn rewritten(
        &mut self,
        key: &LoopKey,
        base: &LoopGrid,
        role: Role,
        bars: Range<u8>,
        seed: u64,
    ) -> Result<LoopGrid, ComposeError> {
        let part = Bars { bars, ..Bars::role(role, base.bars) };
        let wish = wish(*key, &self.ask.scene).with_seed(seed);
        Ok(self.generator.infill(&told(base), &part, &wish)?.grid)
    }

    fn varied(
        &mut self,
        key: &LoopKey,
        theme: &LoopGrid,
        distance: f32,
        seed: u64,
    ) -> Result<LoopGrid, ComposeError> {
        let wish = wish(*key, &self.ask.scene).with_seed(seed);
        levelled(self.generator.vary(&told(theme), distance, &wish)?.grid)
    }

    fn developed(&mut self, key: &LoopKey, theme: &LoopGrid) -> Result<LoopGrid, ComposeError> {
        made_of(self.generator, key, &self.ask.scene, theme)
    }

    fn held(&self, number: u64) -> Option<Arc<LoopGrid>> {
        self.ask.held.iter().find(|(held, _)| *held == number).map(|(_, grid)| grid.clone())
    }
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
    fn a_hurry_costs_candidates_and_a_greater_one_the_network() {
        let scene = Arc::new(Assets::shipped().unwrap().scenes.parse("techno").unwrap());
        let key = |index| {
            let controls = crate::Controls { bars: 1, form: crate::Form::Off, ..crate::Controls::default() };
            LoopKey::at_bar(&scene, &controls, sceneloop_music::Metre::FOUR_FOUR, index)
        };
        let (asks, _inbox) = unbounded();
        let mut network = Network::new(asks, Arc::default(), Arc::new(Note::new(None)));
        network.ready(false);
        let within = |network: &Network, index, seconds: f32| {
            network.in_time(&key(index), &scene, Instant::now() + Duration::from_secs_f32(seconds))
        };
        // Twice the time is allowed for; a loop that is not the first is written after it.
        let all = CANDIDATES as f32;
        for (index, loops) in [(0, [all, 1.0]), (3, [all + 1.0, 2.0])] {
            assert_eq!(within(&network, index, 2.0 * loops[0] + 0.5), Some(CANDIDATES));
            assert_eq!(within(&network, index, 2.0 * loops[0] - 0.5), Some(1));
            assert_eq!(within(&network, index, 2.0 * loops[1] + 0.5), Some(1));
            assert_eq!(within(&network, index, 2.0 * loops[1] - 0.5), None);
        }
        let ask = |index| Ask::new(key(index), scene.clone(), 1, false);
        network.ask(ask(3));
        network.ask(ask(4));
        assert_eq!(within(&network, 3, 4.5), Some(CANDIDATES), "it is being written");
        assert_eq!((within(&network, 4, 7.5), within(&network, 4, 8.5)), (None, Some(CANDIDATES)));
        assert_eq!((within(&network, 0, 9.5), within(&network, 0, 10.5)), (None, Some(1)));
        network.withdraw(&key(4));
        assert_eq!(within(&network, 0, 6.5), Some(1));
        network.wrote(&key(3), 1.0, 2);
        assert!(network.is_idle());
        assert_eq!(within(&network, 0, 1.7), Some(1), "loops take less time now");
    }

    #[test]
    fn what_comes_from_a_hurried_loop_would_not_be_written_again() {
        let assets = Assets::shipped().unwrap();
        let scene = Arc::new(assets.scenes.parse("techno").unwrap());
        let controls = crate::Controls { bars: 1, form: crate::Form::Off, ..crate::Controls::default() };
        let key = LoopKey::at_bar(&scene, &controls, sceneloop_music::Metre::FOUR_FOUR, 3);
        for (follows, candidates, expected) in [(true, 1, true), (false, CANDIDATES, false)] {
            let (asks, inbox) = unbounded();
            let mut network = Network::new(asks, Arc::default(), Arc::new(Note::new(None)));
            network.ready(false);
            let theme = Arc::new(super::super::plain(&key.at_index(0)));
            lock(&network.library).insert(key.at_index(0), theme, super::super::NETWORK, follows);
            network.ask(Ask::new(key, scene.clone(), candidates, false));
            assert_eq!(inbox.try_recv().unwrap().follows, expected);
        }
        assert!(Ask::new(key, scene.clone(), CANDIDATES, true).follows);
        assert!(!Ask::new(key, scene, 1, false).follows);
    }

    #[test]
    fn whatever_the_teacher_wrote_can_be_varied() {
        let (assets, vocabulary) = (Assets::shipped().unwrap(), Vocabulary::new());
        let (mut too_many, mut kept, mut all) = (0, 0, 0);
        let texts = ["cyberpunk city, rain:0.5", "techno", "ambient", "forest", "jazz", "horror", "武侠"];
        for (seed, text) in (0..28).zip(texts.into_iter().cycle()) {
            let scene = assets.scenes.parse(text).unwrap();
            let controls = crate::Controls {
                seed,
                bars: 1 << (seed % 3),
                form: crate::Form::Off,
                ..crate::Controls::default()
            };
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
