//! The reader: the only part of the engine on the audio thread.
//!
//! It never waits, allocates, locks or calls the system, except in [`StreamReader::process_offline`], which is for
//! bounces and may wait.
//!
//! Denormal numbers are flushed to zero for as long as a block takes, as the renderer's thread does all the time: whatever the
//! host has set, the same bits come out, and the tails of filters cost no more than their music.
//!
//! The master's limiter looks ahead. The reader feeds it that much ahead of the output, from the ring, so that the
//! output lies exactly on the host's grid and no latency need be reported.

use super::block::{Snapshot, StreamBlock, StreamNote};
use super::flush::flushed;
use super::mixer::StemMixer;
use super::note_table::NoteTable;
use super::tail::Tail;
use super::worker::Message;
use crate::controls::{Controls, PlayMode};
use crate::health::Health;
use crossbeam_channel::{Receiver, Sender};
use ringbuf::HeapCons;
use ringbuf::traits::{Consumer, Observer};
use sceneloop_music::{Cycle, Playhead, Role};
use sceneloop_render::{BLOCK_FRAMES, Master, StemBlock};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// The longest lookahead of a master, frames: a millisecond at 192 kHz and some.
const MAX_LOOKAHEAD: usize = 256;

/// A stream that has strayed from the host by more than this is begun anew at the right place, seconds.
const STRAYED_SECONDS: f64 = 0.001;

/// The fade when the transport stops, seconds.
const STOP_SECONDS: f64 = 0.010;

/// Where the audio goes. All slices have the same length, any length.
pub struct Output<'a> {
    /// Left and right of the mix.
    pub main: [&'a mut [f32]; 2],
    /// Left and right of each role, in the order of [`Role::ALL`].
    pub stems: Option<[[&'a mut [f32]; 2]; Role::COUNT]>,
}

/// A note that starts or ends in the current block.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NoteOut {
    /// Frame of the block.
    pub frame: u32,
    /// Whose note.
    pub role: Role,
    /// MIDI channel from 0, [`Role::midi_channel`].
    pub channel: u8,
    /// MIDI key.
    pub key: u8,
    /// 0 to 1; 0 is the end of the note.
    pub velocity: f32,
}

/// The reading ends of the stream.
pub(crate) struct Ends {
    pub blocks: HeapCons<StreamBlock>,
    pub notes: HeapCons<StreamNote>,
    pub snapshots: triple_buffer::Input<Snapshot>,
    /// For offline requests only.
    pub requests: Sender<Message>,
    pub answers: Receiver<()>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flow {
    /// The transport stands; the renderer has the first blocks ready for where it stands.
    Idle,
    /// The transport rolls, but the block that is due is not there.
    Waiting,
    /// Music.
    Playing,
    /// The transport has stopped; the music fades.
    Stopping,
}

/// Takes ready audio out of the ring. Lives on the audio thread.
pub struct StreamReader {
    ends: Ends,
    health: Arc<Health>,
    scene_generation: Arc<AtomicU32>,
    sample_rate: f64,
    ring_capacity: usize,
    flow: Flow,
    epoch: u32,
    /// Frame of the epoch that is put out next; the master has been fed `lookahead` frames beyond it while playing.
    frame: u64,
    /// The block being fed.
    block: Option<StreamBlock>,
    /// A note taken from the ring that is not due yet.
    next_note: Option<StreamNote>,
    sounding: NoteTable,
    mixer: StemMixer,
    master: Master,
    lookahead: usize,
    /// What the master has been fed but not put out, per stem; as long as the lookahead.
    delay: [Vec<f32>; 2 * Role::COUNT],
    delay_at: usize,
    /// What was still inside when the music was cut.
    tail: Tail,
    /// Gain of the output, for coming in and stopping.
    fade: f32,
    fade_step: f32,
    /// The playhead when the host's stands.
    own: Playhead,
    /// Playhead and controls for which the idle renderer has been set up.
    primed: Option<(Playhead, Controls, u32)>,
    offline: bool,
}

impl StreamReader {
    pub(crate) fn new(
        sample_rate: f64,
        ring_capacity: usize,
        master: Master,
        ends: Ends,
        scene_generation: Arc<AtomicU32>,
        health: Arc<Health>,
    ) -> Self {
        let lookahead = master.latency_frames().min(MAX_LOOKAHEAD);
        Self {
            ends,
            health,
            scene_generation,
            sample_rate,
            ring_capacity,
            flow: Flow::Idle,
            epoch: 0,
            frame: 0,
            block: None,
            next_note: None,
            sounding: NoteTable::default(),
            mixer: StemMixer::new(sample_rate),
            master,
            lookahead,
            delay: std::array::from_fn(|_| vec![0.0; lookahead]),
            delay_at: 0,
            tail: Tail::new(lookahead),
            fade: 1.0,
            fade_step: 0.0,
            own: Playhead::default(),
            primed: None,
            offline: false,
        }
    }

    /// Fills one block of the host in real time. Never waits: what is not there is faded and counted.
    pub fn process(
        &mut self,
        playhead: &Playhead,
        controls: &Controls,
        output: Output<'_>,
        notes: &mut dyn FnMut(NoteOut),
    ) {
        flushed(|| self.run(playhead, controls, output, notes, false));
    }

    /// Fills one block of the host in an offline bounce: waits for composer and renderer, so nothing is ever missing.
    pub fn process_offline(
        &mut self,
        playhead: &Playhead,
        controls: &Controls,
        output: Output<'_>,
        notes: &mut dyn FnMut(NoteOut),
    ) {
        flushed(|| self.run(playhead, controls, output, notes, true));
    }

    /// Forgets what was playing, as after the host's reset: the next block begins as the first one did.
    pub fn reset(&mut self) {
        self.flow = Flow::Idle;
        self.primed = None;
        self.sounding = NoteTable::default();
        self.silence();
    }

    fn run(
        &mut self,
        playhead: &Playhead,
        controls: &Controls,
        mut output: Output<'_>,
        notes: &mut dyn FnMut(NoteOut),
        offline: bool,
    ) {
        let frames = output.main.iter().map(|channel| channel.len()).min().unwrap_or(0);
        if self.offline != offline {
            self.offline = offline;
            self.stop_now(notes);
        }
        self.master.set_tone(controls.tone);
        let now = self.follow(playhead, controls);
        if now.playing {
            match self.flow {
                Flow::Idle => self.start(&now, controls),
                Flow::Stopping => self.jump(&now, notes),
                Flow::Playing | Flow::Waiting if self.has_strayed(&now) => self.jump(&now, notes),
                Flow::Playing | Flow::Waiting => {}
            }
        } else if matches!(self.flow, Flow::Playing | Flow::Waiting) {
            self.flow = Flow::Stopping;
            self.fade_step = -(1.0 / (STOP_SECONDS * self.sample_rate)) as f32;
            self.sounding.end_all(0, notes);
        }
        if matches!(self.flow, Flow::Playing | Flow::Waiting) {
            self.publish(&now, controls);
        }
        // While it fades the music goes on from where it was, wherever the host's playhead has gone.
        let stream = if self.flow == Flow::Stopping { Playhead { playing: true, ..self.own } } else { now };
        let rolling = self.flow != Flow::Idle;
        let mut done = 0;
        while done < frames {
            done += self.advance(&stream, controls, &mut output, done, frames, notes);
        }
        self.drop_old();
        if self.flow == Flow::Idle {
            self.prime(&now, controls);
        }
        let quarters =
            if rolling { frames as f64 * stream.bpm.quarters_per_frame(self.sample_rate) } else { 0.0 };
        self.own = if self.flow == Flow::Idle { now } else { stream.advanced(quarters) };
        let fill = self.ends.blocks.occupied_len() * BLOCK_FRAMES;
        self.health.set_stream((fill as f64 / self.sample_rate * 1e3) as f32, now.position, now.playing);
    }

    /// The host's playhead, or our own where the music plays on while the host's stands.
    fn follow(&self, host: &Playhead, controls: &Controls) -> Playhead {
        if host.playing || controls.play == PlayMode::FollowHost {
            return *host;
        }
        let mut own = Playhead { playing: true, bpm: host.bpm, ..self.own };
        if own.metre != host.metre {
            own = Playhead { metre: host.metre, bar_start: own.position, ..own };
        }
        own
    }

    /// Whether the audio that is due is for another place than the host's.
    fn has_strayed(&self, now: &Playhead) -> bool {
        let here = match (&self.block, self.flow) {
            (Some(block), Flow::Playing) => block.position_at(self.frame),
            _ => self.own.position,
        };
        let most = STRAYED_SECONDS * now.bpm.get() / 60.0;
        // Host and stream need not go back at the same frame: at the end of a cycle one may be there and the other at the beginning.
        let goes_back = |cycle: Cycle| {
            cycle.distance(here, now.position) <= most && (here.max(now.position) - cycle.to()).abs() <= most
        };
        let is_here = (here - now.position).abs() <= most || now.cycle.is_some_and(goes_back);
        // In a bounce, blocks are rendered as the host goes along. Live, what is ready was made for the metre before.
        let metre = self.block.as_ref().filter(|_| !self.offline && self.flow == Flow::Playing);
        !is_here || metre.is_some_and(|block| block.metre != now.metre)
    }

    fn publish(&mut self, now: &Playhead, controls: &Controls) {
        let snapshot = self.snapshot(now, controls);
        self.ends.snapshots.write(snapshot);
    }

    fn snapshot(&self, now: &Playhead, controls: &Controls) -> Snapshot {
        Snapshot {
            epoch: self.epoch,
            frame: self.frame,
            playhead: *now,
            controls: *controls,
            offline: self.offline,
        }
    }

    fn begin_epoch(&mut self) {
        self.epoch = self.epoch.wrapping_add(1).max(1);
        self.frame = 0;
        self.block = None;
        self.next_note = None;
    }

    /// Makes room in the ring: nobody needs what belongs to an older epoch.
    fn drop_old(&mut self) {
        while self.ends.blocks.try_peek().is_some_and(|block| block.epoch != self.epoch) {
            self.ends.blocks.skip(1);
        }
        while self.ends.notes.try_peek().is_some_and(|note| note.epoch != self.epoch) {
            self.ends.notes.skip(1);
        }
    }

    /// While the transport stands: lets the renderer prepare the first blocks for where it stands.
    fn prime(&mut self, now: &Playhead, controls: &Controls) {
        if self.offline {
            return;
        }
        let generation = self.scene_generation.load(Ordering::Relaxed);
        if !self.is_primed_for(now, controls, generation) {
            self.begin_epoch();
            self.primed = Some((*now, *controls, generation));
        }
        self.publish(now, controls);
    }

    fn is_primed_for(&self, now: &Playhead, controls: &Controls, generation: u32) -> bool {
        self.primed.is_some_and(|(playhead, primed, primed_generation)| {
            let same_place = Playhead { playing: now.playing, ..playhead } == *now;
            same_place && primed_generation == generation && primed.same_notes(controls)
        })
    }

    /// From standing to rolling.
    fn start(&mut self, now: &Playhead, controls: &Controls) {
        let generation = self.scene_generation.load(Ordering::Relaxed);
        if self.offline || !self.is_primed_for(now, controls, generation) {
            self.begin_epoch();
        }
        self.primed = None;
        self.silence();
        self.flow = Flow::Waiting;
    }

    /// Rolling, but elsewhere.
    fn jump(&mut self, now: &Playhead, notes: &mut dyn FnMut(NoteOut)) {
        self.sounding.end_all(0, notes);
        self.cut();
        self.begin_epoch();
        self.own = *now;
        self.flow = Flow::Waiting;
    }

    fn stop_now(&mut self, notes: &mut dyn FnMut(NoteOut)) {
        self.sounding.end_all(0, notes);
        self.cut();
        self.primed = None;
        self.flow = Flow::Idle;
        self.begin_epoch();
    }

    /// Takes what is still inside the master as a tail that fades, and leaves nothing in it: what comes sounds as it would anywhere.
    fn cut(&mut self) {
        if self.flow == Flow::Idle {
            return;
        }
        self.tail.begin();
        let mut at = 0;
        while at < self.lookahead {
            let count = BLOCK_FRAMES.min(self.lookahead - at);
            let mut main = [[0.0; BLOCK_FRAMES]; 2];
            let [left, right] = &mut main;
            self.master.process(&mut left[..count], &mut right[..count]);
            for index in 0..count {
                let stems = self.delay.iter().map(|line| line[(self.delay_at + at + index) % self.lookahead]);
                let inside = main.iter().map(|side| side[index]).chain(stems);
                self.tail.add(at + index, inside, self.fade);
            }
            at += count;
        }
        self.master.reset();
        self.delay.iter_mut().for_each(|line| line.fill(0.0));
        self.fade = 1.0;
        self.fade_step = 0.0;
    }

    /// Nothing inside, nothing smoothed: as after construction.
    fn silence(&mut self) {
        self.master.reset();
        self.mixer.reset();
        self.delay.iter_mut().for_each(|line| line.fill(0.0));
        self.delay_at = 0;
        self.tail.end();
        self.fade = 1.0;
        self.fade_step = 0.0;
    }

    /// Puts out some frames, at least one; how many.
    fn advance(
        &mut self,
        now: &Playhead,
        controls: &Controls,
        output: &mut Output<'_>,
        done: usize,
        frames: usize,
        notes: &mut dyn FnMut(NoteOut),
    ) -> usize {
        let left = frames - done;
        match self.flow {
            Flow::Idle => {
                self.put_silence(output, done, left);
                left
            }
            Flow::Waiting => {
                if self.resume(now, controls, done, frames) {
                    return 0;
                }
                self.wait(output, done, left)
            }
            Flow::Playing | Flow::Stopping => {
                let feed = self.frame + self.lookahead as u64;
                if !self.fetch(feed, now, controls, done, frames) {
                    self.cut();
                    self.sounding.end_all(done as u32, notes);
                    if self.flow == Flow::Stopping {
                        self.flow = Flow::Idle;
                        return 0;
                    }
                    self.health.count_underrun();
                    self.flow = Flow::Waiting;
                    // Not at once: it could be taken up for a few frames and be missing again where it is missing now.
                    return self.wait(output, done, left);
                }
                self.play(feed, controls, output, done, left, notes)
            }
        }
    }

    /// The music is not there: a short step of silence, so that it is taken up as soon as it comes.
    fn wait(&mut self, output: &mut Output<'_>, done: usize, left: usize) -> usize {
        let count = left.min(BLOCK_FRAMES);
        self.put_silence(output, done, count);
        self.frame += count as u64;
        count
    }

    /// Feeds from the current block and puts out as many frames as are fed.
    fn play(
        &mut self,
        feed: u64,
        controls: &Controls,
        output: &mut Output<'_>,
        done: usize,
        left: usize,
        notes: &mut dyn FnMut(NoteOut),
    ) -> usize {
        let Some(block) = &self.block else { return left };
        let start = (feed - block.frame) as usize;
        let count = left.min(BLOCK_FRAMES - start);
        let (mut main, mut stems) = ([[0.0; BLOCK_FRAMES]; 2], StemBlock::default());
        self.mixer.mix(&block.stems, start, count, controls, &mut main, &mut stems);
        let [left_channel, right_channel] = &mut main;
        self.master.process(&mut left_channel[..count], &mut right_channel[..count]);
        self.exchange(&mut stems, count);
        let mut fades = [1.0; BLOCK_FRAMES];
        for index in 0..count {
            self.fade = (self.fade + self.fade_step).clamp(0.0, 1.0);
            fades[index] = self.fade;
            output.main[0][done + index] = left_channel[index] * self.fade;
            output.main[1][done + index] = right_channel[index] * self.fade;
        }
        if let Some(outputs) = &mut output.stems {
            for (out, stem) in outputs.iter_mut().flatten().zip(stems.0.iter().flatten()) {
                for ((out, sample), fade) in out[done..done + count].iter_mut().zip(stem).zip(&fades) {
                    *out = sample * fade;
                }
            }
        }
        self.tail.put_out(output, done, count);
        if self.flow == Flow::Playing {
            self.send_notes(self.frame + count as u64, done, controls, notes);
        }
        self.frame += count as u64;
        if self.flow == Flow::Stopping && self.fade == 0.0 {
            self.flow = Flow::Idle;
        }
        count
    }

    /// Frames of all stems into the delay, those from a lookahead ago out of it.
    fn exchange(&mut self, stems: &mut StemBlock, count: usize) {
        let mut done = 0;
        while done < count && self.lookahead > 0 {
            let run = (count - done).min(self.lookahead - self.delay_at);
            let inside = self.delay_at..self.delay_at + run;
            for (line, channel) in self.delay.iter_mut().zip(stems.0.iter_mut().flatten()) {
                line[inside.clone()].swap_with_slice(&mut channel[done..done + run]);
            }
            self.delay_at = (self.delay_at + run) % self.lookahead;
            done += run;
        }
    }

    fn put_silence(&mut self, output: &mut Output<'_>, from: usize, count: usize) {
        let stems = output.stems.iter_mut().flatten().flatten();
        output.main.iter_mut().chain(stems).for_each(|channel| channel[from..from + count].fill(0.0));
        self.tail.put_out(output, from, count);
    }

    /// Takes up the music where it should be now, if it is there: fills the master's lookahead.
    fn resume(&mut self, now: &Playhead, controls: &Controls, done: usize, frames: usize) -> bool {
        let end = self.frame + self.lookahead as u64;
        let mut feed = self.frame;
        // Both blocks that the lookahead may touch must be there before anything is taken.
        if !self.fetch(feed, now, controls, done, frames) {
            return false;
        }
        if !self.offline && self.ends.blocks.occupied_len() < self.lookahead.div_ceil(BLOCK_FRAMES) {
            return false;
        }
        self.mixer.reset();
        while feed < end {
            if !self.fetch(feed, now, controls, done, frames) {
                return false;
            }
            let Some(block) = &self.block else { return false };
            let start = (feed - block.frame) as usize;
            let count = ((end - feed) as usize).min(BLOCK_FRAMES - start);
            let (mut main, mut stems) = ([[0.0; BLOCK_FRAMES]; 2], StemBlock::default());
            self.mixer.mix(&block.stems, start, count, controls, &mut main, &mut stems);
            let [left, right] = &mut main;
            self.master.process(&mut left[..count], &mut right[..count]);
            self.exchange(&mut stems, count);
            feed += count as u64;
        }
        // In the middle of things it fades in; at an epoch's start it begins from silence by itself.
        (self.fade, self.fade_step) =
            if self.frame == 0 { (1.0, 0.0) } else { (0.0, 1.0 / MAX_LOOKAHEAD as f32) };
        self.flow = Flow::Playing;
        true
    }

    /// Makes the block that holds frame `feed` of the epoch the current one; false if it is not there.
    fn fetch(&mut self, feed: u64, now: &Playhead, controls: &Controls, done: usize, frames: usize) -> bool {
        loop {
            if let Some(block) = &self.block
                && block.epoch == self.epoch
                && (block.frame..block.frame + BLOCK_FRAMES as u64).contains(&feed)
            {
                return true;
            }
            // A block of the future stays where it is.
            if let Some(next) = self.ends.blocks.try_peek()
                && next.epoch == self.epoch
                && next.frame > feed
            {
                return false;
            }
            match self.ends.blocks.try_pop() {
                Some(block) => self.block = Some(block),
                None if self.offline => {
                    if !self.request(feed, now, controls, done, frames) {
                        return false;
                    }
                }
                None => return false,
            }
        }
    }

    /// Offline: asks for the blocks that this call of the host needs from `feed` on, and waits for them. False where none came: the
    /// renderer has ended, or failed at them.
    fn request(
        &mut self,
        feed: u64,
        now: &Playhead,
        controls: &Controls,
        done: usize,
        frames: usize,
    ) -> bool {
        // The controls hold for blocks that begin while this call lasts; later ones are asked for by a later call.
        let left = (frames - done).max(1) as u64;
        let last = self.frame + left - 1 + self.lookahead as u64;
        let blocks = (last / BLOCK_FRAMES as u64).saturating_sub(feed / BLOCK_FRAMES as u64) + 1;
        let blocks = (blocks as usize).clamp(1, self.ring_capacity);
        let here = now.advanced(done as f64 * now.bpm.quarters_per_frame(self.sample_rate));
        let snapshot = self.snapshot(&here, controls);
        self.ends.requests.send(Message::Render { snapshot, blocks }).is_ok()
            && self.ends.answers.recv().is_ok()
            && !self.ends.blocks.is_empty()
    }

    /// Notes that are due before frame `end` of the epoch.
    fn send_notes(&mut self, end: u64, done: usize, controls: &Controls, notes: &mut dyn FnMut(NoteOut)) {
        loop {
            let note = match self.next_note.take().or_else(|| self.ends.notes.try_pop()) {
                Some(note) => note,
                None => return,
            };
            if note.epoch != self.epoch {
                // Of an older epoch: gone. Of a newer one: cannot be, the reader makes epochs.
                continue;
            }
            if note.frame >= end {
                self.next_note = Some(note);
                return;
            }
            // What was due while the stream was late comes at once.
            let frame = (done as u64 + note.frame.saturating_sub(self.frame)) as u32;
            let out = NoteOut {
                frame,
                role: note.role,
                channel: note.role.midi_channel(),
                key: note.key,
                velocity: 0.0,
            };
            if note.velocity > 0.0 {
                if controls.role_gain(note.role) > 0.0 {
                    if !self.sounding.start(note.role, note.key) {
                        notes(out);
                    }
                    notes(NoteOut { velocity: note.velocity, ..out });
                }
            } else if self.sounding.end(note.role, note.key) {
                notes(out);
            }
        }
    }
}
