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
//!
//! Where an event begins, or what it led to ends, a block of the host is taken in parts: the output is the same as if
//! the host had cut its blocks there.

mod audio;
mod events;
mod flow;
mod notes;

use super::block::{Snapshot, StreamBlock, StreamNote};
use super::flush::flushed;
use super::mixer::StemMixer;
use super::note_table::NoteTable;
use super::tail::Tail;
use super::worker::Message;
use crate::controls::{Controls, PlayMode};
use crate::edits::Edits;
use crate::health::Health;
use crate::stinger::Cue;
use crate::stinger::director::{Director, Leads};
use crate::stinger::duck::Duck;
use crate::stinger::mailbox::Mailbox;
use crate::stinger::plans::Plans;
use crate::stinger::rack::Rack;
use crate::tape::TapeWriter;
use crossbeam_channel::{Receiver, Sender};
use events::{CUES, Starting};
use ringbuf::HeapCons;
use ringbuf::traits::Observer;
use sceneloop_music::{Cycle, Playhead, Role};
use sceneloop_render::{BLOCK_FRAMES, Master};
use std::sync::Arc;
use std::sync::atomic::AtomicU32;

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
    /// The events of the scene.
    pub plans: triple_buffer::Output<Plans>,
    /// Events from elsewhere than the host's block.
    pub mailbox: Arc<Mailbox>,
    /// What was heard, for who wants it. Out of its place only while a block is made.
    pub tape: Option<TapeWriter>,
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
    /// What the host's parameters say, as they are passed on.
    controls: Controls,
    director: Director,
    /// Where events have led, as it is passed on.
    leads: Leads,
    /// What is to happen in the coming block.
    cues: [Option<Cue>; CUES],
    rack: Rack,
    /// What begins with the next frame that is fed.
    starting: Option<Starting>,
    duck: Duck,
}

impl StreamReader {
    pub(crate) fn new(
        sample_rate: f64,
        ring_capacity: usize,
        master: Master,
        rack: Rack,
        mut ends: Ends,
        scene_generation: Arc<AtomicU32>,
        health: Arc<Health>,
    ) -> Self {
        let lookahead = master.latency_frames().min(MAX_LOOKAHEAD);
        let director = Director::new(*ends.plans.read());
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
            controls: Controls::default(),
            director,
            leads: Leads::default(),
            cues: [None; CUES],
            rack,
            starting: None,
            duck: Duck::default(),
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
        flushed(|| self.run_taped(playhead, controls, output, notes, false));
    }

    /// Fills one block of the host in an offline bounce: waits for composer and renderer, so nothing is ever missing.
    pub fn process_offline(
        &mut self,
        playhead: &Playhead,
        controls: &Controls,
        output: Output<'_>,
        notes: &mut dyn FnMut(NoteOut),
    ) {
        flushed(|| self.run_taped(playhead, controls, output, notes, true));
    }

    /// Forgets what was playing, as after the host's reset: the next block begins as the first one did.
    pub fn reset(&mut self) {
        self.flow = Flow::Idle;
        self.primed = None;
        self.sounding = NoteTable::default();
        self.silence();
        self.end_events();
    }

    /// The same, kept on the tape where that runs.
    fn run_taped(
        &mut self,
        playhead: &Playhead,
        controls: &Controls,
        output: Output<'_>,
        notes: &mut dyn FnMut(NoteOut),
        offline: bool,
    ) {
        let frames = output.main[0].len();
        let Some(mut tape) = self.ends.tape.take_if(|tape| tape.wants(frames)) else {
            return self.run(playhead, controls, output, notes, offline);
        };
        let now = self.follow(playhead, controls);
        let place = now.playing.then(|| (now, now.bpm.quarters_per_frame(self.sample_rate)));
        tape.record(output, place, controls.energy, notes, |output, notes| {
            self.run(playhead, controls, output, notes, offline);
        });
        self.ends.tape = Some(tape);
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
            self.end_events();
        }
        self.master.set_tone(controls.tone);
        self.controls = *controls;
        self.open_mail();
        let now = self.follow(playhead, controls);
        if now.playing {
            match self.flow {
                Flow::Idle => self.start(&now, controls),
                Flow::Stopping => self.jump(&now, notes),
                Flow::Playing | Flow::Waiting if self.has_strayed(&now) => {
                    self.end_events();
                    self.jump(&now, notes);
                }
                // What is ready was made for the metre before.
                Flow::Playing if self.has_other_metre(&now) => self.jump(&now, notes),
                Flow::Playing | Flow::Waiting => {}
            }
        } else if matches!(self.flow, Flow::Playing | Flow::Waiting) {
            self.flow = Flow::Stopping;
            self.fade_step = -(1.0 / (STOP_SECONDS * self.sample_rate)) as f32;
            self.sounding.end_all(0, notes);
            self.end_events();
        }
        // While it fades the music goes on from where it was, wherever the host's playhead has gone.
        let stream = if self.flow == Flow::Stopping { Playhead { playing: true, ..self.own } } else { now };
        let rolling = self.flow != Flow::Idle;
        let mut done = 0;
        while done < frames {
            let part = self.direct(&stream, done, frames);
            while done < part.end {
                done += self.advance(&stream, &part.controls, &mut output, done, part.end, notes);
            }
            self.pass(&part);
        }
        self.keep_cues(frames);
        self.drop_old();
        if self.flow == Flow::Idle {
            self.prime(&now, controls);
        }
        let quarters =
            if rolling { frames as f64 * stream.bpm.quarters_per_frame(self.sample_rate) } else { 0.0 };
        self.own = if self.flow == Flow::Idle { now } else { stream.advanced(quarters) };
        let fill = self.ends.blocks.occupied_len() * BLOCK_FRAMES;
        let fill_ms = (fill as f64 / self.sample_rate * 1e3) as f32;
        self.health.set_stream(fill_ms, now.position, now.playing, now.bpm);
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
        !is_here
    }

    /// Whether the audio that is due is for another metre than the host's. In a bounce, blocks are rendered as the host goes along.
    fn has_other_metre(&self, now: &Playhead) -> bool {
        !self.offline && self.block.as_ref().is_some_and(|block| block.metre != now.metre)
    }

    fn publish(&mut self, now: &Playhead) {
        let snapshot = self.snapshot(now);
        self.ends.snapshots.write(snapshot);
    }

    fn snapshot(&self, now: &Playhead) -> Snapshot {
        Snapshot {
            epoch: self.epoch,
            frame: self.frame,
            playhead: *now,
            controls: self.controls,
            leads: self.leads,
            offline: self.offline,
            edits: Edits::default(),
        }
    }
}
