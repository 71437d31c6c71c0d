//! Events: what is to happen within a block of the host, and the parts that it is taken in.

use super::{Flow, StreamReader};
use crate::controls::Controls;
use crate::health::Health;
use crate::seed;
use crate::stinger::director::{Begin, Leads};
use crate::stinger::score::{Score, Setting};
use crate::stinger::{Cue, Refusal};
use crate::stream::mixer::energy_db;
use sceneloop_music::{Energy, Playhead};

/// Most events within one block of the host; further ones are lost.
pub(super) const CUES: usize = 16;

/// Level of a stinger against a scene's music, decibels.
const LEVEL_DB: f32 = 0.0;

/// How much of the music's loudness by energy a stinger goes along with.
const ENERGY_SHARE: f32 = 0.6;

/// For how much of its length the music stays back.
const HOLD_SHARE: f64 = 0.75;

/// A stinger that begins with the next frame that is fed.
pub(super) struct Starting {
    pub begin: Begin,
    pub score: Score,
    pub gain: f32,
}

/// A part of a block of the host throughout which the same holds.
pub(super) struct Part {
    /// The frame of the block behind it.
    pub end: usize,
    /// What is heard: the host's controls where events have led.
    pub controls: Controls,
    /// The playhead of the feed at its beginning, and the frame of the epoch, while the music rolls.
    feed: Option<(Playhead, u64)>,
}

impl StreamReader {
    /// An event for the coming block: it is heard within the block and its own wait for the grid.
    pub fn cue(&mut self, cue: Cue) {
        put(&mut self.cues, cue, &self.health);
    }

    /// Takes the scene's events, and what other threads want to happen.
    pub(super) fn open_mail(&mut self) {
        if self.ends.plans.update() {
            self.director.set_plans(*self.ends.plans.output_buffer());
        }
        let (cues, health) = (&mut self.cues, &self.health);
        self.ends.mailbox.take(|event, quantise| put(cues, Cue { frame: 0, event, quantise }, health));
    }

    /// Lets happen what is due at a frame of the host's block, and says for how long nothing else is.
    pub(super) fn direct(&mut self, now: &Playhead, done: usize, frames: usize) -> Part {
        if !matches!(self.flow, Flow::Playing | Flow::Waiting) {
            self.refuse_cues(frames);
            return Part { end: frames, controls: self.controls, feed: None };
        }
        let quarters_per_frame = now.bpm.quarters_per_frame(self.sample_rate);
        let here = if done == 0 { *now } else { now.advanced(done as f64 * quarters_per_frame) };
        let gap = self.gap();
        self.take_cues(done, &here, gap, quarters_per_frame);
        let feed = here.advanced(gap as f64 * quarters_per_frame);
        let user = self.controls.energy;
        if let Some(begin) = self.director.turn(&feed, quarters_per_frame, user) {
            self.begin(begin, &feed, quarters_per_frame);
        }
        self.leads = self.director.leads(self.frame + gap, &feed, quarters_per_frame, user);
        self.health.set_event(self.director.shown());
        self.publish(&here);
        let due = self.director.due(&feed, quarters_per_frame).map(|due| done + (due as usize).max(1));
        let cues = self.cues.iter().flatten().map(|cue| cue.frame as usize).filter(|frame| *frame > done);
        let end = cues.chain(due).fold(frames, usize::min);
        let energy = self.leads.now.energy.unwrap_or(user);
        let controls = Controls { energy, ..self.controls };
        Part { end, controls, feed: Some((feed, self.frame + gap)) }
    }

    /// The part has been put out.
    pub(super) fn pass(&mut self, part: &Part) {
        if let Some((feed, from)) = &part.feed {
            let passed = (self.frame + self.gap()).saturating_sub(*from);
            self.director.pass(passed, feed, feed.bpm.quarters_per_frame(self.sample_rate));
        }
    }

    /// What was for a later block is for the next.
    pub(super) fn keep_cues(&mut self, frames: usize) {
        for place in &mut self.cues {
            *place = place.and_then(|cue| Some(Cue { frame: cue.frame.checked_sub(frames as u32)?, ..cue }));
        }
    }

    /// The host stops or goes elsewhere: what events led to is over.
    pub(super) fn end_events(&mut self) {
        self.director.stop();
        self.leads = Leads::default();
        self.health.set_event(None);
    }

    /// No stinger sounds, and the music is where it was.
    pub(super) fn cut_stinger(&mut self) {
        self.rack.cut();
        self.duck.end();
        self.starting = None;
        self.director.silence();
    }

    /// Frames by which the feed is ahead of the output.
    fn gap(&self) -> u64 {
        if self.flow == Flow::Waiting { 0 } else { self.lookahead as u64 }
    }

    fn take_cues(&mut self, done: usize, here: &Playhead, gap: u64, quarters_per_frame: f64) {
        for index in 0..CUES {
            let Some(cue) = self.cues[index].take_if(|cue| cue.frame as usize <= done) else { continue };
            let accepted = self.director.accept(cue.event, cue.quantise, here, gap, quarters_per_frame);
            match accepted {
                Ok(None) => {}
                Ok(Some(waited)) => self.health.refuse_event(waited, Refusal::Outranked),
                Err(refusal) => self.health.refuse_event(cue.event, refusal),
            }
        }
    }

    fn refuse_cues(&mut self, frames: usize) {
        for place in &mut self.cues {
            if let Some(cue) = place.take_if(|cue| (cue.frame as usize) < frames) {
                self.health.refuse_event(cue.event, Refusal::Stopped);
            }
        }
    }

    /// A stinger begins with the next frame that is fed, and the music steps back for it.
    fn begin(&mut self, begin: Begin, feed: &Playhead, quarters_per_frame: f64) {
        let sixteenth = (feed.position * 4.0).round() as i64;
        let chance = [u64::from(self.controls.seed), begin.event.index() as u64, sixteenth as u64];
        let setting = Setting {
            metre: feed.metre,
            bpm: feed.bpm,
            into_bar: into_bar(feed, quarters_per_frame),
            energy: begin.energy,
            seed: seed::mix(&chance),
        };
        let score = Score::of(begin.stinger, &setting);
        self.director.sounds_for(score.quarters(), &begin);
        self.health.forget_refusal();
        let hold = HOLD_SHARE * score.quarters() / quarters_per_frame;
        self.duck.strike(begin.duck_db, hold as u64, self.sample_rate);
        self.starting = Some(Starting { begin, score, gain: level(begin.energy) });
    }
}

/// Keeps an event until it is due.
fn put(cues: &mut [Option<Cue>; CUES], cue: Cue, health: &Health) {
    match cues.iter_mut().find(|place| place.is_none()) {
        Some(place) => *place = Some(cue),
        None => health.refuse_event(cue.event, Refusal::Cooling),
    }
}

/// Quarter notes from the bar line to a playhead; 0 where the line is less than half a frame away.
fn into_bar(playhead: &Playhead, quarters_per_frame: f64) -> f64 {
    let bar = playhead.metre.quarters_per_bar();
    let into = (playhead.position - playhead.bar_start).rem_euclid(bar);
    let slack = 0.501 * quarters_per_frame;
    if into < slack || bar - into < slack { 0.0 } else { into }
}

/// Gain of a stinger at an energy.
fn level(energy: Energy) -> f32 {
    10f32.powf((LEVEL_DB + ENERGY_SHARE * energy_db(energy)) / 20.0)
}
