//! The renderer's thread: keeps the ring full in real time, answers requests in an offline bounce.

mod led;

use super::StreamWriter;
use super::block::{Snapshot, StreamBlock};
use super::flush::flushed;
use super::sequencer::{BlockEvents, LoopSource, Sequencer, Span};
use super::store::Store;
use super::timeline::{Back, Timeline};
use crate::arranger::LoopKey;
use crate::assets::Assets;
use crate::board::{Board, NowPlaying};
use crate::composer::{Composed, Job, Switch};
use crate::edits::Edits;
use crate::error::EngineError;
use crate::fault::Fault;
use crate::health::Health;
use crate::stinger::director::Lead;
use crate::stinger::plans::EventScenes;
use crossbeam_channel::{Receiver, Sender};
use ringbuf::traits::{Observer, Producer};
use sceneloop_music::{PerRole, Role, Scene};
use sceneloop_render::{BLOCK_FRAMES, Renderer, SoundFontPlayer, StemBlock};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

/// How long the thread sleeps when the ring is full: short against the ring, long against a context switch.
const PAUSE: Duration = Duration::from_millis(2);

/// How long the first loop of an epoch is waited for in real time before whatever is at hand plays.
const LOOP_PATIENCE: Duration = Duration::from_millis(50);

/// Moments that differ by less are the same.
const SAME_MOMENT_SECONDS: f64 = 0.001;

/// A new scene, counted so that the audio thread can see that there is one.
#[derive(Debug, Clone)]
pub(crate) struct SceneChange {
    pub scene: Arc<Scene>,
    pub generation: u32,
    /// Where its events lead.
    pub events: Arc<EventScenes>,
}

impl SceneChange {
    /// The scene that holds where events have led.
    fn led(&self, lead: Lead) -> &Arc<Scene> {
        let event = lead.scene.filter(|_| lead.generation == self.generation);
        event.and_then(|event| self.events[event.index()].as_ref()).unwrap_or(&self.scene)
    }
}

/// What the renderer's thread is told.
pub(crate) enum Message {
    /// From the main thread: another scene.
    Scene(SceneChange),
    /// From the composer: a loop.
    Loop(Arc<Composed>),
    /// From the main thread: what was changed of the song by hand.
    Edits(Box<Edits>),
    /// From the main thread: a patch that plays a role in the place of the scene's.
    Patch(Role, Option<String>),
    /// From the main thread: loops known before are to be asked for again.
    Forget,
    /// From the reader in an offline bounce: render that many blocks, then answer.
    Render { snapshot: Box<Snapshot>, blocks: usize },
    /// From whoever chose a SoundFont: what plays a role in its patch's place.
    SoundFont(Role, Option<Box<SoundFontPlayer>>),
    /// Fail, for a test.
    Fault(Fault),
    /// End the thread.
    Stop,
}

/// What the renderer's thread owns.
pub(crate) struct Worker {
    writer: StreamWriter,
    store: Store,
    renderer: Renderer,
    sequencer: Sequencer,
    events: BlockEvents,
    scene: SceneChange,
    /// What was changed of the song by hand.
    edits: Edits,
    /// The patches that were chosen in the place of the scene's.
    chosen: PerRole<Option<String>>,
    assets: &'static Assets,
    health: Arc<Health>,
    board: Arc<Mutex<Board>>,
    switch: Arc<Switch>,
    snapshot: Snapshot,
    /// Frames of the epoch rendered so far.
    frame: u64,
    /// Whether there is a block of this epoch.
    has_begun: bool,
    /// Where the epoch's frames lie in the song.
    timeline: Timeline,
    /// Whether somebody waits for the answer to a request.
    is_asked: bool,
    /// Since when music is to sound: since the epoch began, or since the transport rolls.
    wanted_since: Instant,
    trim: f32,
    /// Patches that the renderer has now belong to this scene.
    patched: Option<Arc<Scene>>,
    /// Where events had led when notes were written last.
    lead: Lead,
}

impl Worker {
    #[expect(
        clippy::too_many_arguments,
        reason = "each is another end of a thread that is wired up in one place"
    )]
    pub fn new(
        writer: StreamWriter,
        (scene, edits, chosen): (SceneChange, Edits, PerRole<Option<String>>),
        assets: &'static Assets,
        health: Arc<Health>,
        board: Arc<Mutex<Board>>,
        jobs: Sender<Job>,
        switch: Arc<Switch>,
        inbox: Receiver<Message>,
        reply: Sender<Message>,
    ) -> Result<Self, EngineError> {
        let patches = assets.patches_of(&scene.scene, &chosen)?;
        let renderer = Renderer::new(writer.sample_rate, &patches, 1)
            .map_err(|error| EngineError::Render(error.to_string()))?;
        let store = Store::new(jobs, inbox, reply, health.clone());
        Ok(Self {
            writer,
            store,
            renderer,
            sequencer: Sequencer::new(),
            events: BlockEvents::default(),
            patched: Some(scene.scene.clone()),
            scene,
            edits,
            chosen,
            assets,
            health,
            board,
            switch,
            snapshot: Snapshot::default(),
            frame: 0,
            has_begun: false,
            timeline: Timeline::new(0, 0.0, 1.0, None),
            is_asked: false,
            wanted_since: Instant::now(),
            trim: 1.0,
            lead: Lead::default(),
        })
    }

    /// Runs until told to stop. A panic costs the epoch, not the thread.
    pub fn run(&mut self) {
        loop {
            match catch_unwind(AssertUnwindSafe(|| flushed(|| self.work()))) {
                Ok(()) => return,
                Err(_) => {
                    self.health.worker_restarted("renderer");
                    self.renderer.reset();
                    self.sequencer.reset();
                    self.events.clear();
                    // The block that failed is left out: the reader fades, ends its notes and counts it, and does not fail there again.
                    self.frame += BLOCK_FRAMES as u64;
                    if std::mem::take(&mut self.is_asked) {
                        let _ = self.writer.answers.send(());
                    }
                }
            }
        }
    }

    fn work(&mut self) {
        loop {
            self.writer.tape.wind();
            while !self.store.postponed.is_empty() {
                let message = self.store.postponed.remove(0);
                if !self.take(message) {
                    return;
                }
            }
            // Where there is work, it only looks: to wait, even for no time, is to give the processor away, and on a
            // busy machine it comes back too late.
            let is_busy = self.is_busy();
            // The inbox cannot be cut off: the store holds an end of it for the composer's replies.
            let inbox = &self.store.inbox;
            let message = if is_busy { inbox.try_recv().ok() } else { inbox.recv_timeout(PAUSE).ok() };
            if let Some(message) = message {
                if !self.take(message) {
                    return;
                }
                continue;
            }
            let snapshot = *self.writer.snapshots.read();
            if snapshot.epoch != 0 && !snapshot.offline {
                self.store.waits = false;
                self.follow(snapshot);
                if self.has_room() && !self.holds_for_loop() {
                    self.render_block();
                }
            }
        }
    }

    /// Whether there is work to do in real time.
    fn is_busy(&mut self) -> bool {
        let snapshot = *self.writer.snapshots.read();
        let stale = snapshot.epoch != self.snapshot.epoch;
        snapshot.epoch != 0 && !snapshot.offline && (stale || self.has_room() && !self.holds_for_loop())
    }

    /// At the start of an epoch the first loop is waited for: it begins with its first note or not at all. While the transport
    /// stands as long as it takes, else a little.
    fn holds_for_loop(&self) -> bool {
        let Snapshot { playhead, .. } = self.snapshot;
        let is_late = playhead.playing && self.wanted_since.elapsed() > LOOP_PATIENCE;
        if self.sequencer.is_playing() || is_late {
            return false;
        }
        let scene = self.scene.led(self.snapshot.leads.at(self.frame));
        self.store.find(self.snapshot.key_at(scene, playhead.metre, playhead.bar)).is_none()
    }

    fn has_room(&self) -> bool {
        let ahead = self.frame.saturating_sub(self.snapshot.frame) as f64;
        let wanted = f64::from(self.snapshot.controls.ring_ms).clamp(10.0, super::MAX_RING_MS) / 1000.0;
        ahead < wanted * self.writer.sample_rate && self.writer.blocks.vacant_len() > 0
    }

    /// False when the thread is to end.
    fn take(&mut self, message: Message) -> bool {
        match message {
            Message::Stop => return false,
            Message::Fault(fault) => fault.happen(),
            Message::Scene(change) => self.scene = change,
            Message::Edits(edits) => (self.edits, self.snapshot.edits) = (*edits, *edits),
            Message::Patch(role, patch) => {
                self.chosen[role] = patch;
                if let Some(scene) = self.patched.clone() {
                    self.dress(role, &scene);
                }
            }
            Message::Loop(composed) => self.store.insert(composed),
            Message::Forget => self.store.forget(),
            Message::SoundFont(role, player) => {
                if let Some(before) = self.renderer.set_soundfont(role, player) {
                    let _ = self.store.jobs.send(Job::Discard(before)); // a composer that has ended drops it here
                }
            }
            Message::Render { snapshot, blocks } => {
                self.store.waits = true;
                self.is_asked = true;
                self.follow(*snapshot);
                for _ in 0..blocks {
                    self.render_block();
                }
                self.is_asked = false;
                let _ = self.writer.answers.send(());
            }
        }
        true
    }

    /// Takes over what the reader says of time and controls.
    fn follow(&mut self, snapshot: Snapshot) {
        let preference = snapshot.controls.preference;
        if let Some(wanted) = preference.filter(|_| preference != self.snapshot.controls.preference) {
            self.switch.set(wanted); // before any loop is asked for
        }
        let playhead = snapshot.playhead;
        let quarters_per_frame = playhead.bpm.quarters_per_frame(self.writer.sample_rate);
        if snapshot.epoch != self.snapshot.epoch {
            self.sequencer.reset();
            let energy = snapshot.leads.now.energy.unwrap_or(snapshot.controls.energy);
            self.renderer.set_energy(energy); // where it begins, and not where it is to go
            self.renderer.reset();
            self.frame = 0;
            self.has_begun = false;
            self.wanted_since = Instant::now();
            self.trim = 0.0; // the first block sets it without a ramp
            self.timeline =
                Timeline::new(snapshot.frame, playhead.position, quarters_per_frame, playhead.cycle);
            if snapshot.frame > 0 {
                // The reader is ahead already: begin where it is, on a block's edge.
                let blocks = snapshot.frame / BLOCK_FRAMES as u64;
                self.frame = blocks * BLOCK_FRAMES as u64;
            }
        } else {
            if playhead.playing && !self.snapshot.playhead.playing {
                self.wanted_since = Instant::now();
            }
            self.timeline.follow(snapshot.frame, playhead.position, quarters_per_frame, playhead.cycle);
        }
        self.snapshot = Snapshot { edits: self.edits, ..snapshot };
        self.ask_ahead();
    }

    /// Asks for the loops of here and next as soon as scene or controls name others, so that they are there at the
    /// next sync point.
    fn ask_ahead(&mut self) {
        let Snapshot { playhead, leads, .. } = self.snapshot;
        let scene = self.scene.led(leads.at(self.frame)).clone();
        let here = self.snapshot.key_at(&scene, playhead.metre, playhead.bar);
        let next = here.at_index(here.index + 1);
        self.announce_next(next);
        // Where the host goes back to, if it does.
        let back = playhead.cycle.filter(|cycle| playhead.position < cycle.to()).map(|cycle| {
            let bar = playhead.advanced(cycle.to() - playhead.position).bar;
            (self.snapshot.key_at(&scene, playhead.metre, bar), cycle)
        });
        self.store.stand(!playhead.playing);
        if leads.next.iter().all(Option::is_none) {
            self.store.follow(here, back.map(|(key, _)| key));
        } else {
            self.ask_for_led();
        }
        // Almost always all are there; then no time need be reckoned.
        if [here, next]
            .iter()
            .chain(back.as_ref().map(|(key, _)| key))
            .all(|key| self.store.find(*key).is_some())
        {
            return;
        }
        let span = self.span();
        let soon = self.sequencer.seconds_to_change(&span, &self.snapshot);
        let loop_end = playhead.metre.quarters_per_bar()
            * (here.bars as f64 - (playhead.bar.rem_euclid(i64::from(here.bars))) as f64)
            + playhead.bar_start;
        let later = (loop_end - span.position) / span.quarters_per_second;
        // What could begin only where the next one does is not wanted any more.
        if soon < later - SAME_MOMENT_SECONDS {
            // What was changed by hand is worth waiting for: until then the loop plays on as it is.
            let by_hand = self.sequencer.playing().is_some_and(|playing| playing.edited(self.edits) == here);
            self.store.want(here, &scene, if by_hand { later } else { soon });
        }
        self.store.want(next, &scene, later);
        if let Some((key, cycle)) = back {
            self.store.want(key, &scene, (cycle.to() - span.position) / span.quarters_per_second);
        }
    }

    /// Where the next block lies in the song.
    fn span(&self) -> Span {
        let playhead = self.snapshot.playhead;
        let (position, quarters_per_frame) =
            (self.timeline.position_at(self.frame), self.timeline.quarters_per_frame());
        Span {
            epoch: self.snapshot.epoch,
            frame: self.frame,
            part: (0, BLOCK_FRAMES as u32),
            position,
            end: position + BLOCK_FRAMES as f64 * quarters_per_frame,
            quarters_per_frame,
            quarters_per_second: quarters_per_frame * self.writer.sample_rate,
            bar_start: playhead.bar_start,
            bar: playhead.bar,
        }
    }

    fn render_block(&mut self) {
        let begun = Instant::now();
        let course = self.timeline.next(self.frame, BLOCK_FRAMES as u32);
        let span = self.span();
        self.events.clear();
        let before = self.sequencer.harmony(span.position);
        let energy = self.led_controls(self.snapshot.leads.at(self.frame)).energy;
        if let Some(begins) = course.begins {
            self.sequencer.locate(begins, &span, &mut self.events);
        }
        if let Some(Back { at, end, begins, position }) = course.back {
            self.sequence(&Span { part: (0, at), end, ..span });
            let end = position + BLOCK_FRAMES as f64 * span.quarters_per_frame;
            let rest = Span { part: (at, span.part.1), position, end, ..span };
            self.sequencer.locate(begins, &rest, &mut self.events);
            self.sequence(&rest);
        } else {
            self.sequence(&span);
        }
        let (harmony, next_harmony) = self.harmony(before.map(|(harmony, _)| harmony), &span, course.back);
        self.announce();
        self.renderer.set_tempo(self.snapshot.playhead.bpm);
        self.renderer.set_energy(energy);
        let mut stems = StemBlock::default();
        self.renderer.render(&self.events.render, &mut stems);
        self.apply_trim(&mut stems);
        let block = StreamBlock {
            epoch: self.snapshot.epoch,
            frame: self.frame,
            position: span.position,
            wrap: course.back.map(|back| (back.at, back.position)),
            quarters_per_frame: span.quarters_per_frame,
            metre: self.snapshot.playhead.metre,
            bpm: self.snapshot.playhead.bpm,
            harmony,
            next_harmony,
            stems,
        };
        for note in &self.events.notes {
            let _ = self.writer.notes.try_push(*note); // full only if nobody reads: then nobody misses it
        }
        let _ = self.writer.blocks.try_push(block);
        self.frame += BLOCK_FRAMES as u64;
        self.has_begun = true;
        self.health.count_block(begun.elapsed(), BLOCK_FRAMES, self.writer.sample_rate);
    }

    /// A loop began: its scene's patches, and word to the window.
    fn announce(&mut self) {
        let Some((prepared, key, began)) = self.events.began.take() else { return };
        let composed = &prepared.composed;
        let _ = self.store.jobs.send(Job::Played(composed.clone())); // a composer that has ended keeps nothing
        if self.patched.as_ref().is_none_or(|scene| !Arc::ptr_eq(scene, &composed.scene)) {
            if let Ok(patches) = self.assets.patches_of(&composed.scene, &self.chosen) {
                for (role, patch) in patches.iter() {
                    self.renderer.set_patch(role, patch);
                }
                if !self.has_begun {
                    self.renderer.reset(); // a scene that begins does not glide there from another
                }
            }
            self.patched = Some(composed.scene.clone());
        }
        let mut grid = (*composed.grid).clone();
        grid.key = key;
        let now = NowPlaying {
            grid: Arc::new(grid),
            scene: composed.scene.clone(),
            key: composed.key,
            loop_index: composed.key.index,
            place: composed.place,
            began,
            composer: composed.composer,
        };
        lock(&self.board).begin(Arc::new(now));
    }

    /// Word to the window of the loop that comes next.
    fn announce_next(&self, key: LoopKey) {
        if let Some(next) = self.store.find(key) {
            let mut board = lock(&self.board);
            if board.next.as_ref().is_none_or(|known| !Arc::ptr_eq(known, &next.composed)) {
                board.next = Some(next.composed.clone());
            }
        }
    }

    /// Has a role played by the patch that was chosen, or by the scene's.
    fn dress(&mut self, role: Role, scene: &Scene) {
        if let Ok(patches) = self.assets.patches_of(scene, &self.chosen) {
            self.renderer.set_patch(role, &patches[role]);
        }
    }

    /// Loudness of the scene, in a straight line over the block where it changes.
    fn apply_trim(&mut self, stems: &mut StemBlock) {
        let target = self.sequencer.trim();
        let from = if self.trim == 0.0 { target } else { self.trim };
        let slope = (target - from) / BLOCK_FRAMES as f32;
        let gains: [f32; BLOCK_FRAMES] = std::array::from_fn(|frame| from + slope * frame as f32);
        for channel in stems.0.iter_mut().flatten() {
            for (sample, gain) in channel.iter_mut().zip(&gains) {
                *sample *= gain;
            }
        }
        self.trim = target;
    }
}

fn lock(board: &Mutex<Board>) -> MutexGuard<'_, Board> {
    board.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}
