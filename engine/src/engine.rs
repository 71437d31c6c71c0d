//! The engine's handle: what main thread, editor and command line hold.

use crate::arranger::LoopKey;
use crate::assets::Assets;
use crate::board::{Board, NowPlaying};
use crate::composer::{self, Author, Composed, Composer, Job, Library, Preference, Switch};
use crate::edits::{Edits, MAX_BARS, Take, Variation};
use crate::error::EngineError;
use crate::fault::{Fault, Victim};
use crate::health::Health;
use crate::soundfont::{FontChoice, FontInUse, Fonts, LoadedFont, Player};
use crate::state::{EngineState, PinnedLoop};
use crate::stinger::mailbox::Mailbox;
use crate::stinger::plans::{Plans, event_scenes};
use crate::stinger::sounds::Sounds;
use crate::stream::{self, Message, SceneChange, StreamReader, Worker};
use crate::tape::{self, Heard, Tape};
use crossbeam_channel::{Sender, unbounded};
use sceneloop_music::{Letter, LoopGrid, PerRole, Quantise, Role, Scene, SceneTable};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::JoinHandle;

/// The scene of a new project.
const FIRST_SCENE: &str = "cyberpunk city:1, rain:0.5";

/// A running engine. Clones are handles to the same one; its threads end with the last of them.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

struct Inner {
    assets: &'static Assets,
    health: Arc<Health>,
    /// Written by the composer, read by the main thread.
    library: Arc<Mutex<Library>>,
    /// Written by the renderer, read by main thread and window.
    board: Arc<Mutex<Board>>,
    /// Written by the main thread, copied into a stream when it opens.
    scene: Mutex<SceneChange>,
    /// Written by the main thread, copied into a stream when it opens: what was changed by hand.
    edits: Mutex<Edits>,
    /// Counts takes and variations, so that none is given out twice, also where one was undone.
    takes: AtomicU16,
    /// Written by the main thread, copied into a stream when it opens: the patches that were chosen in the place of the scene's.
    patches: Mutex<PerRole<Option<String>>>,
    /// Counted by the main thread, read by the audio thread: what was changed last about what plays.
    changes: Arc<AtomicU32>,
    /// What a loaded project brought along.
    pins: Mutex<Vec<PinnedLoop>>,
    /// And what of it is not known here.
    unknown: Mutex<serde_json::Map<String, serde_json::Value>>,
    /// Written by the main thread and by those of the window that read files; never held while a file is read or a player made.
    fonts: Mutex<Fonts>,
    switch: Arc<Switch>,
    /// Written by any thread, emptied by the audio thread: events.
    mailbox: Arc<Mailbox>,
    jobs: Sender<Job>,
    composer: Mutex<Option<JoinHandle<()>>>,
    stream: Mutex<Option<Stream>>,
    /// Written by the window's thread, read by audio and renderer's: whether what is heard is kept.
    is_taping: Arc<AtomicBool>,
    /// Written by the renderer, read by the window.
    tape: Arc<Mutex<Tape>>,
}

struct Stream {
    messages: Sender<Message>,
    /// The scene's events, for the audio thread.
    plans: triple_buffer::Input<Plans>,
    /// Hz.
    sample_rate: f64,
    thread: JoinHandle<()>,
}

impl Engine {
    /// Starts the composer's thread, with the scene of a new project. The network writes where it can, the teacher where it would be late.
    ///
    /// # Errors
    /// Damaged assets, or no thread.
    pub fn new() -> Result<Self, EngineError> {
        Self::with(Preference::default())
    }

    /// The same with somebody else to write.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn with(preference: Preference) -> Result<Self, EngineError> {
        Self::with_notes(preference, composer::note::folder())
    }

    /// The same with another folder for the note that a graphics card is being tried, or with none. A card whose
    /// attempt ended the program is not tried again there, unless [`Choice::Gpu`](crate::Choice::Gpu) asks for it.
    ///
    /// # Errors
    /// As [`Self::new`]; never for the folder.
    pub fn with_notes(preference: Preference, notes: Option<PathBuf>) -> Result<Self, EngineError> {
        let assets = Assets::shipped()?;
        let scene =
            assets.scenes.parse(FIRST_SCENE).map_err(|error| EngineError::Scene(error.to_string()))?;
        let (health, library) = (Arc::new(Health::default()), Arc::new(Mutex::new(Library::default())));
        let (jobs, inbox) = unbounded();
        let thread = {
            let (health, library) = (health.clone(), library.clone());
            let composer = Composer::new(library, &assets.levels, health, preference, notes);
            spawn("sceneloop composer", move || composer.run(&inbox))?
        };
        let inner = Inner {
            assets,
            health,
            library,
            board: Arc::default(),
            scene: Mutex::new(change(scene, 0, &assets.scenes)),
            edits: Mutex::default(),
            takes: AtomicU16::new(0),
            patches: Mutex::default(),
            changes: Arc::default(),
            pins: Mutex::default(),
            unknown: Mutex::default(),
            fonts: Mutex::default(),
            switch: Arc::new(Switch::new(preference, jobs.clone())),
            mailbox: Arc::default(),
            jobs,
            composer: Mutex::new(Some(thread)),
            stream: Mutex::new(None),
            is_taping: Arc::default(),
            tape: Arc::default(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Starts a renderer's thread and gives the end of the stream for the audio thread. A stream opened before is
    /// closed: its reader plays out what is in the ring.
    ///
    /// # Errors
    /// A sample rate outside of 22,050 to 192,000 Hz, or no thread.
    pub fn open_stream(&self, sample_rate: f64) -> Result<StreamReader, EngineError> {
        self.close_stream();
        let inner = &self.inner;
        let (messages, inbox) = unbounded();
        let sounds = Sounds::shipped(inner.assets)?;
        let mut slot = lock(&inner.stream);
        let scene = lock(&inner.scene).clone();
        let (plans, plans_out) = triple_buffer::triple_buffer(&Plans::of(&scene.scene, scene.generation));
        inner.mailbox.take(|_, _| ()); // nobody heard it
        let (writer, reader) = stream::stream(
            sample_rate,
            messages.clone(),
            inner.changes.clone(),
            inner.health.clone(),
            (plans_out, inner.mailbox.clone()),
            sounds,
            tape::ends(inner.is_taping.clone(), inner.tape.clone(), sample_rate),
        )
        .map_err(|error| EngineError::Render(error.to_string()))?;
        let edits = *lock(&inner.edits);
        let patches = lock(&inner.patches).clone();
        let mut worker = Worker::new(
            writer,
            (scene, edits, patches),
            inner.assets,
            inner.health.clone(),
            inner.board.clone(),
            inner.jobs.clone(),
            inner.switch.clone(),
            inbox,
            messages.clone(),
        )?;
        let thread = spawn("sceneloop renderer", move || worker.run())?;
        *slot = Some(Stream { messages, plans, sample_rate, thread });
        drop(slot);
        Role::ALL.into_iter().for_each(|role| inner.make_player(role));
        Ok(reader)
    }

    /// Ends the renderer's thread, if there is one.
    pub fn close_stream(&self) {
        self.inner.close_stream();
    }

    /// Changes the scene; it is heard from the next sync point on.
    ///
    /// # Errors
    /// [`EngineError::Scene`] with one sentence that says what is wrong; nothing has changed then.
    pub fn set_scene(&self, text: &str) -> Result<(), EngineError> {
        let scene =
            self.inner.assets.scenes.parse(text).map_err(|error| EngineError::Scene(error.to_string()))?;
        self.inner.take_scene(scene);
        Ok(())
    }

    /// Has an event of the scene happen, by its name: "victory". It is heard within one block of the audio thread and its
    /// wait for the grid, that of the scene where `quantise` is `None`. While the music stands nothing happens.
    /// May be called on any thread; [`Health::refused_event`](crate::Health::refused_event) says what came of it.
    ///
    /// # Errors
    /// [`EngineError::Event`] where the scene has no such event, with those that it has.
    pub fn trigger(&self, event: &str, quantise: Option<Quantise>) -> Result<(), EngineError> {
        let event = self.scene().event(event)?;
        self.inner.mailbox.put(event, quantise);
        Ok(())
    }

    /// Lets a SoundFont play a role in its patch's place, through the patch's effects and at its level; `None` gives the role back to
    /// its patch. Reads the file and waits for that: never on a thread of the sound.
    ///
    /// # Errors
    /// [`EngineError::SoundFont`]: a file or preset that is not there or cannot be played, or a project that was loaded, or something else
    /// chosen for the role, before the file was read; nothing has changed then.
    pub fn set_soundfont(&self, role: Role, choice: Option<FontChoice>) -> Result<(), EngineError> {
        let inner = &self.inner;
        let (turn, known) = {
            let mut fonts = lock(&inner.fonts);
            (fonts.begin(role), fonts.all().to_vec())
        };
        let rate = inner.font_rate();
        // A project is opened from another folder than the one in which it was made.
        let absolute = |choice: FontChoice| FontChoice {
            path: std::path::absolute(&choice.path).unwrap_or(choice.path),
            preset: choice.preset,
        };
        let (font, player) = match choice {
            Some(choice) => {
                choice.check()?; // before an empty path becomes that of the folder
                let (font, player) = LoadedFont::read(role, absolute(choice), rate, &known)?;
                (Some(font), Some(player))
            }
            None => (None, None),
        };
        if !lock(&inner.fonts).put(role, turn, font) {
            return Err(EngineError::SoundFont(format!(
                "something else was chosen for the {role} before the file was read; that stays"
            )));
        }
        inner.send_player(role, rate, player);
        Ok(())
    }

    /// The SoundFont that was chosen for a role.
    pub fn soundfont(&self, role: Role) -> Option<FontInUse> {
        lock(&self.inner.fonts).get(role).map(LoadedFont::in_use)
    }

    /// Who writes from the next new loop on, and where. Loops given out stay what they are.
    pub fn set_preference(&self, preference: Preference) {
        self.inner.switch.set(preference);
    }

    /// Who is to write, and where: what was set last, here or by [`Controls`](crate::Controls).
    pub fn preference(&self) -> Preference {
        self.inner.switch.get()
    }

    /// The scene in canonical text.
    pub fn scene_text(&self) -> String {
        lock(&self.inner.scene).scene.text.clone()
    }

    /// The scene.
    pub fn scene(&self) -> Arc<Scene> {
        lock(&self.inner.scene).scene.clone()
    }

    /// All tags, for completion and lists.
    pub fn scene_table(&self) -> &'static SceneTable {
        &self.inner.assets.scenes
    }

    /// Counters of the stream.
    pub fn health(&self) -> &Health {
        &self.inner.health
    }

    /// The loop that plays, if one has begun.
    pub fn now_playing(&self) -> Option<Arc<NowPlaying>> {
        lock(&self.inner.board).now.clone()
    }

    /// The loop that comes after the one that plays if nothing is changed, once it has been written.
    pub fn next_loop(&self) -> Option<Arc<Composed>> {
        let board = lock(&self.inner.board);
        let after = board.now.as_ref()?.loop_index.checked_add(1)?;
        board.next.clone().filter(|next| next.key.index == after)
    }

    /// The last 64 loops that have played, the newest first: that is the one that plays.
    pub fn history(&self) -> Vec<Arc<NowPlaying>> {
        lock(&self.inner.board).history()
    }

    /// Keeps what is heard from now on in memory, so that [`Self::heard`] has it, or stops that and forgets it.
    pub fn keep_heard(&self, wanted: bool) {
        let was_wanted = self.inner.is_taping.swap(wanted, Ordering::Relaxed);
        if was_wanted && !wanted {
            *tape::lock(&self.inner.tape) = Tape::default(); // there may be no renderer to do it
        }
    }

    /// How many whole bars [`Self::heard`] could give now: those since the music began last, jumped or came into another metre, of the
    /// last 64 seconds (at 48 kHz). They are there until it begins again.
    pub fn bars_heard(&self) -> u32 {
        tape::lock(&self.inner.tape).bars()
    }

    /// The last bars as they were heard, at most so many, up to the last bar line; nothing where there is not a whole one.
    pub fn heard(&self, bars: u32) -> Option<Heard> {
        tape::heard(&self.inner.tape, bars)
    }

    /// What was changed of the song by hand.
    pub fn edits(&self) -> Edits {
        *lock(&self.inner.edits)
    }

    /// Goes back, or forward, to what was changed by hand before; [`Self::edits`] gave it. It is heard from the next sync point on.
    pub fn set_edits(&self, edits: Edits) {
        self.inner.take_edits(edits);
    }

    /// Has bars of a role written again, or all of them, while everything else plays on as it is; they are heard from a sync
    /// point on, once they have been written. Bars are counted from 0 in the loop.
    ///
    /// # Errors
    /// [`EngineError::Edit`] where the role's line is held, or for bars that no loop has; nothing has changed then.
    pub fn regenerate(&self, role: Role, bars: Option<Range<u8>>) -> Result<(), EngineError> {
        let edits = self.edits();
        if edits.holds(role) {
            return Err(EngineError::Edit(format!(
                "the {role} is locked; unlock it to have it written again"
            )));
        }
        let bars = checked(bars)?;
        let number = self.inner.next_take(&edits);
        self.inner.take_edits(edits.retaken(role, &bars, number));
        Ok(())
    }

    /// The same of all roles whose line is not held, together: each is written around those that were written before it.
    ///
    /// # Errors
    /// As [`Self::regenerate`]; also where all lines are held.
    pub fn regenerate_all(&self, bars: Option<Range<u8>>) -> Result<(), EngineError> {
        let edits = self.edits();
        let bars = checked(bars)?;
        let free: Vec<Role> = Role::ALL.into_iter().filter(|role| !edits.holds(*role)).collect();
        if free.is_empty() {
            return Err(EngineError::Edit(
                "all roles are locked; unlock one to have it written again".into(),
            ));
        }
        let number = self.inner.next_take(&edits);
        self.inner.take_edits(edits.retaken_together(&free, &bars, number));
        Ok(())
    }

    /// Gives a role back what the song was written with.
    pub fn restore(&self, role: Role) {
        self.inner.take_edits(self.edits().untaken(role).with_own_variation(role, None));
    }

    /// Takes a role alone some distance from what it was, 0 to 100 percent, whatever the song's distance; bars that were written again
    /// stay as they are. `None`: it goes with the song again. What is nearer is contained in what is farther.
    pub fn vary_role(&self, role: Role, distance: Option<u8>) {
        let edits = self.edits();
        let known = edits.own_variation(role).unwrap_or(edits.variation).number;
        let number = if known == 0 { self.inner.next_take(&edits) } else { known };
        let variation = distance.map(|distance| Variation { number, distance: distance.min(100) });
        self.inner.take_edits(edits.with_own_variation(role, variation));
    }

    /// Takes the song some distance from what it was, 0 to 100 percent; roles whose line is held stay. What is nearer is contained in
    /// what is farther, until [`Self::vary_anew`].
    pub fn vary(&self, distance: u8) {
        let edits = self.edits();
        let number = match edits.variation.number {
            0 => self.inner.next_take(&edits),
            number => number,
        };
        let variation = Variation { number, distance: distance.min(100) };
        self.inner.take_edits(edits.with_variation(variation));
    }

    /// Another variation at the same distance.
    pub fn vary_anew(&self) {
        let edits = self.edits();
        let variation = Variation { number: self.inner.next_take(&edits), ..edits.variation };
        self.inner.take_edits(edits.with_variation(variation));
    }

    /// Holds the line that a role plays in a loop that has played, or lets it go: it plays on whatever else changes, on the chords that come.
    pub fn lock_role(&self, role: Role, of: Option<&NowPlaying>) {
        let number = self.inner.hold(of);
        self.inner.take_edits(self.edits().with_held(role, number));
    }

    /// Holds a whole loop that has played, chords and all, or lets everything go that is held.
    pub fn lock_loop(&self, of: Option<&NowPlaying>) {
        let number = self.inner.hold(of);
        self.inner.take_edits(self.edits().with_all_held(number));
    }

    /// Lets another patch play a role than the scene's, or the scene's again.
    ///
    /// # Errors
    /// [`EngineError::Patch`] where the role has no such patch; nothing has changed then.
    pub fn set_patch(&self, role: Role, patch: Option<&str>) -> Result<(), EngineError> {
        if let Some(id) = patch.filter(|id| self.inner.assets.patch(role, id).is_none()) {
            return Err(EngineError::Patch(format!("the {role} has no patch \"{id}\"")));
        }
        lock(&self.inner.patches)[role] = patch.map(str::to_owned);
        self.inner.tell(Message::Patch(role, patch.map(str::to_owned)));
        Ok(())
    }

    /// The patch that was chosen for a role in the place of the scene's.
    pub fn patch(&self, role: Role) -> Option<String> {
        lock(&self.inner.patches)[role].clone()
    }

    /// All patches of a role: what they are called in files, and in words.
    pub fn patches(&self, role: Role) -> impl Iterator<Item = (&'static str, &'static str)> + use<> {
        let bank = &self.inner.assets.patches;
        bank.ids(role).filter_map(move |id| Some((id, bank.get(id)?.name())))
    }

    /// Has a thread fail, to test what that costs.
    #[doc(hidden)]
    pub fn inject(&self, victim: Victim, fault: Fault) {
        match victim {
            Victim::Renderer => self.inner.tell(Message::Fault(fault)),
            Victim::Composer => drop(self.inner.jobs.send(Job::Fault(fault))), // one that has ended fails no more
        }
    }

    /// What a project is to remember: the scene, the notes that play, and what was heard of the song they belong to.
    pub fn state(&self) -> EngineState {
        let scene = self.scene();
        let playing = self.now_playing().filter(|now| now.key.is_of(&scene));
        let loops = playing.map_or_else(|| lock(&self.inner.pins).clone(), |now| self.song(&now));
        let unknown = lock(&self.inner.unknown).clone();
        let fonts = lock(&self.inner.fonts);
        let soundfonts = fonts.all().iter().map(|font| (font.role(), font.choice().clone())).collect();
        drop(fonts);
        let edits = self.edits();
        let held = {
            let library = lock(&self.inner.library);
            let mut numbers: Vec<u64> = edits.held().collect();
            numbers.sort_unstable();
            numbers.dedup();
            numbers.into_iter().filter_map(|number| Some((*library.held(number)?).clone())).collect()
        };
        let chosen = lock(&self.inner.patches);
        let patches = chosen.iter().filter_map(|(role, patch)| Some((role, patch.clone()?))).collect();
        drop(chosen);
        let (version, scene) = (EngineState::VERSION, scene.text.clone());
        EngineState { version, scene, loops, edits, held, patches, soundfonts, unknown }
    }

    /// As many loops as a state holds. Of the song that plays the themes of which the others are made, the one that plays, then those that are known, the
    /// nearest first; of other songs what would not be written again as it was.
    fn song(&self, now: &NowPlaying) -> Vec<PinnedLoop> {
        let by_teacher = self.preference().author == Author::Teacher;
        let here = [now.key, now.key.at_index(now.loop_index.saturating_add(1))];
        let mut always: Vec<LoopKey> =
            here.iter().flat_map(|key| key.lineage(&now.scene)).chain(here).collect();
        always.push(now.key.theme(&now.scene, Letter::A));
        if by_teacher {
            // The next one may not have been asked for yet: what is saved must not depend on that. The network would be waited for.
            for key in &always {
                let _ = composer::taught(*key, &now.scene, &self.inner.library);
            }
        }
        let library = lock(&self.inner.library);
        let (themes, others): (Vec<_>, Vec<_>) =
            library.song(&now.key, &now.scene).into_iter().partition(|(key, _)| key.is_theme());
        let song: Vec<_> = themes.into_iter().chain(others).collect();
        let strangers = library.strangers(&now.key, &now.scene, by_teacher);
        // The teacher's too, as far as there is room: they follow from their names, but only until the next version of him.
        let is_taught = |key: &LoopKey| {
            by_teacher && !always.contains(key) && library.author(key) == Some(composer::TEACHER)
        };
        let others = song.iter().filter(|(key, _)| !is_taught(key)).count() + strangers.len();
        let mut room = EngineState::MAX_LOOPS.saturating_sub(others);
        let fits = |(key, _): &(LoopKey, Arc<LoopGrid>)| {
            let fits = !is_taught(key) || room > 0;
            room -= usize::from(fits && is_taught(key));
            fits
        };
        let pin = |(key, grid): (LoopKey, Arc<LoopGrid>)| PinnedLoop { key, grid: (*grid).clone() };
        let all = song.into_iter().filter(fits).chain(strangers);
        all.take(EngineState::MAX_LOOPS).map(pin).collect()
    }

    /// Takes over a saved state.
    ///
    /// # Errors
    /// A state from a newer version, a scene that is not understood, a loop that is not valid; nothing has changed then.
    pub fn set_state(&self, state: EngineState) -> Result<(), EngineError> {
        state.check()?;
        let parsed = self.inner.assets.scenes.parse(&state.scene);
        let scene = parsed.map_err(|error| EngineError::Scene(error.to_string()))?;
        // First what takes its time: then all changes at once.
        let rate = self.inner.font_rate();
        let mut fonts = lock(&self.inner.fonts).all().to_vec();
        let known = fonts.len();
        let mut players = PerRole::<Option<Player>>::from_fn(|_| None);
        for (role, choice) in state.soundfonts {
            let (font, player) = LoadedFont::remembered(role, choice, rate, &fonts);
            fonts.push(font);
            players[role] = player;
        }
        {
            let mut library = lock(&self.inner.library);
            library.clear();
            for pinned in &state.loops {
                library.insert(pinned.key, Arc::new(pinned.grid.clone()), composer::SAVED, false);
            }
            for grid in &state.held {
                library.hold(grid);
            }
        }
        *lock(&self.inner.edits) = state.edits;
        let mut patches = state.patches;
        let chosen = PerRole::from_fn(|role| patches.remove(&role));
        *lock(&self.inner.patches) = chosen.clone();
        *lock(&self.inner.pins) = state.loops;
        *lock(&self.inner.unknown) = state.unknown;
        lock(&self.inner.fonts).replace(fonts.split_off(known));
        *lock(&self.inner.board) = Board::default();
        self.inner.tell(Message::Forget);
        self.inner.tell(Message::Edits(Box::new(state.edits)));
        for (role, patch) in Role::ALL.into_iter().zip(chosen.0) {
            self.inner.tell(Message::Patch(role, patch));
        }
        for (role, player) in Role::ALL.into_iter().zip(players.0) {
            self.inner.send_player(role, rate, player);
        }
        self.inner.take_scene(scene);
        Ok(())
    }
}

impl Inner {
    fn take_scene(&self, scene: Scene) {
        let change = {
            let mut current = lock(&self.scene);
            *current = change(scene, current.generation.wrapping_add(1), &self.assets.scenes);
            current.clone()
        };
        self.tell(Message::Scene(change.clone()));
        if let Some(stream) = lock(&self.stream).as_mut() {
            stream.plans.write(Plans::of(&change.scene, change.generation));
        }
        self.count_change();
    }

    /// Keeps a loop that something is to be held of.
    fn hold(&self, of: Option<&NowPlaying>) -> Option<u64> {
        of.map(|of| lock(&self.library).hold(&of.grid))
    }

    fn take_edits(&self, edits: Edits) {
        let before = std::mem::replace(&mut *lock(&self.edits), edits);
        if before != edits {
            self.tell(Message::Edits(Box::new(edits)));
            self.count_change();
        }
    }

    /// After the renderer has been told, so that whoever sees the number gets the change.
    fn count_change(&self) {
        self.changes.fetch_add(1, Ordering::Release);
    }

    /// A number that no take or variation has had, until there are none left.
    fn next_take(&self, edits: &Edits) -> u16 {
        let after = |last: u16| {
            Some(if last.max(edits.highest()) >= Take::MAX { 1 } else { last.max(edits.highest()) + 1 })
        };
        let before = self.takes.fetch_update(Ordering::Relaxed, Ordering::Relaxed, after);
        before.ok().and_then(after).unwrap_or(1)
    }

    /// Makes a player of a role's SoundFont, if it has one, for the stream, if there is one.
    fn make_player(&self, role: Role) {
        let Some(rate) = lock(&self.stream).as_ref().map(|stream| stream.sample_rate) else { return };
        let (turn, font) = {
            let fonts = lock(&self.fonts);
            (fonts.turn(role), fonts.get(role).cloned())
        };
        let Some(mut font) = font else { return };
        let player = font.player(rate);
        // Where something else was chosen meanwhile, that sends its own.
        if lock(&self.fonts).put(role, turn, Some(font)) {
            self.send_player(role, rate, player);
        }
    }

    /// Gives the stream, if there is one, what plays a role in its patch's place, or takes it away. A stream of another rate than the
    /// player's was opened meanwhile; it gets one of its own.
    fn send_player(&self, role: Role, rate: f64, player: Option<Player>) {
        let Some((now, messages)) = lock(&self.stream).as_ref().map(|s| (s.sample_rate, s.messages.clone()))
        else {
            return;
        };
        if player.is_some() && now != rate {
            return self.make_player(role);
        }
        let _ = messages.send(Message::SoundFont(role, player)); // a renderer that has ended needs no word
    }

    /// The rate that SoundFonts are tried at, Hz.
    fn font_rate(&self) -> f64 {
        lock(&self.stream).as_ref().map_or(48_000.0, |stream| stream.sample_rate)
    }

    fn tell(&self, message: Message) {
        if let Some(stream) = lock(&self.stream).as_ref() {
            let _ = stream.messages.send(message); // a renderer that has ended needs no word
        }
    }

    fn close_stream(&self) {
        if let Some(Stream { messages, thread, .. }) = lock(&self.stream).take() {
            let _ = messages.send(Message::Stop);
            let _ = thread.join();
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.close_stream();
        let _ = self.jobs.send(Job::Stop);
        if let Some(thread) = lock(&self.composer).take() {
            let _ = thread.join();
        }
    }
}

/// Bars that a loop may have, from 0; all of them where nobody says which.
fn checked(bars: Option<Range<u8>>) -> Result<Range<u8>, EngineError> {
    let bars = bars.unwrap_or(0..MAX_BARS as u8);
    if bars.is_empty() || usize::from(bars.end) > MAX_BARS {
        let (first, last) = (u32::from(bars.start) + 1, bars.end);
        return Err(EngineError::Edit(format!("a loop has no bars {first} to {last}; it has 1 to 8 bars")));
    }
    Ok(bars)
}

/// A scene with the scenes that its events lead to.
fn change(scene: Scene, generation: u32, table: &SceneTable) -> SceneChange {
    let events = Arc::new(event_scenes(&scene, table));
    SceneChange { scene: Arc::new(scene), generation, events }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, EngineError> {
    std::thread::Builder::new()
        .name(name.into())
        .spawn(run)
        .map_err(|error| EngineError::Thread(error.to_string()))
}
