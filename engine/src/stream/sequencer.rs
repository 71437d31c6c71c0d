//! Decides, block by block, which notes start and end: the loops in their order, the energy, the sync points.
//!
//! Times are song positions in quarter notes. A frame belongs to the block whose half-open span of positions, shifted
//! by half a frame, holds the note; so each note starts on the frame nearest to its time, and none is played twice.
//! A block in which the host's cycle goes back to its beginning is two spans.

mod gestures;

use super::block::{Snapshot, StreamNote};
use super::prepared::{PreparedLoop, PreparedNote, latest_quarters};
use crate::arranger::{LoopKey, resolve_key};
use crate::controls::SyncPoint;
use crate::edits::Edits;
use crate::stinger::tone::Harmony;
use sceneloop_music::{Energy, Key, Metre, Role, STEPS_PER_QUARTER, Scene};
use sceneloop_render::{EventKind, NoteId, RenderEvent};
use std::sync::Arc;

/// Most notes that sound at once; more than the renderer has voices for.
const MAX_SOUNDING: usize = 256;

/// By how much less energy a layer is held to the end of the bar in which it was heard.
const LAYER_HOLD: f32 = 4.0;

/// Song positions that differ by less are the same, quarter notes.
const SAME_QUARTERS: f64 = 1e-6;

/// More than a block at the fastest tempo and lowest rate is long.
const MAX_GAP_QUARTERS: f64 = 0.25;

/// Where a block, or a part of one, lies in the song.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    pub epoch: u32,
    /// Frames from the start of the epoch to the start of the block.
    pub frame: u64,
    /// The frames of the block that are meant: the first, and the one behind the last.
    pub part: (u32, u32),
    /// Song position of the block's first frame, as it would be if the whole block were like the part.
    pub position: f64,
    /// Song position behind the part: where the next block begins, or where the host's cycle goes back.
    pub end: f64,
    pub quarters_per_frame: f64,
    pub quarters_per_second: f64,
    /// The host's bar lines: start of some bar, and its number.
    pub bar_start: f64,
    pub bar: i64,
}

/// The loop that plays.
struct Playing {
    prepared: Arc<PreparedLoop>,
    /// Song position of its first step.
    start: f64,
    key: Key,
    looseness: f32,
    late: f64,
}

impl Playing {
    /// Whether both are the same loop at the same place, but for what was changed by hand.
    fn is_other_hand_of(&self, other: &Self) -> bool {
        let name = |playing: &Self| playing.prepared.composed.key.edited(Edits::default());
        let is_same = |one: f64, other: f64| (one - other).abs() < SAME_QUARTERS;
        let same_time = is_same(self.start, other.start) && is_same(self.late, other.late);
        name(self) == name(other) && self.key == other.key && same_time
    }

    /// Whether a note of the loop is the one that sounds.
    fn is(&self, note: &PreparedNote, sounding: &Sounding) -> bool {
        note.role == sounding.role
            && note.rank == sounding.rank
            && (self.end_of(note) - sounding.end).abs() < SAME_QUARTERS
            && note.midi_key(self.key) == Some(sounding.midi_key)
    }

    /// Whether the loop has the note that sounds, begun before a song position.
    fn holds(&self, sounding: &Sounding, position: f64) -> bool {
        let begun = self.prepared.between(f64::NEG_INFINITY, position - self.start);
        begun.iter().any(|note| self.is(note, sounding))
    }

    /// Song position of a note's end.
    fn end_of(&self, note: &PreparedNote) -> f64 {
        self.start + note.end + self.late * f64::from(note.late)
    }
}

struct Sounding {
    note: NoteId,
    role: Role,
    midi_key: u8,
    /// Song position of its end.
    end: f64,
    rank: sceneloop_music::Rank,
    follows_energy: bool,
}

/// Where loops come from. The renderer's thread answers from its store and asks the composer for what is missing.
pub(crate) trait LoopSource {
    /// The loop, if it is there. May wait for the composer where the stream is offline.
    fn get(&mut self, key: LoopKey, scene: &Arc<Scene>) -> Option<Arc<PreparedLoop>>;
    /// Whatever is at hand in this metre, where the wanted loop does not come: never silent.
    fn any(&self, metre: Metre) -> Option<Arc<PreparedLoop>>;
    /// Asks for a loop that will be wanted in so many seconds.
    fn want(&mut self, key: LoopKey, scene: &Arc<Scene>, seconds: f64);
}

/// What one block starts and ends.
#[derive(Default)]
pub(crate) struct BlockEvents {
    pub render: Vec<RenderEvent>,
    pub notes: Vec<StreamNote>,
    /// The loop that began to play within this block, in which key and at which song position.
    pub began: Option<(Arc<PreparedLoop>, Key, f64)>,
}

impl BlockEvents {
    pub fn clear(&mut self) {
        self.render.clear();
        self.notes.clear();
        self.began = None;
    }

    /// Brings the end of an earlier note of the same key forward to a frame: a note that came late may end late, behind
    /// the start of the next one, and would end that instead.
    fn end_no_later(&mut self, role: Role, key: u8, frame: u64) {
        let same = |note: &&mut StreamNote| note.role == role && note.key == key && note.velocity == 0.0;
        for note in self.notes.iter_mut().filter(same) {
            note.frame = note.frame.min(frame);
        }
    }
}

/// The state between blocks.
pub(crate) struct Sequencer {
    playing: Option<Playing>,
    sounding: Vec<Sounding>,
    /// Everything before this song position has been played.
    cursor: Option<f64>,
    /// Boundaries up to this song position have been looked at.
    looked: f64,
    next_note: u64,
    /// What the controls say.
    energy: Energy,
    /// The highest that they have said since the last bar line.
    highest: Energy,
    /// Song position at which the last filter or silence that was begun ends by itself.
    filtered_until: f64,
}

impl Sequencer {
    pub fn new() -> Self {
        Self {
            playing: None,
            sounding: Vec::with_capacity(MAX_SOUNDING),
            cursor: None,
            looked: 0.0,
            next_note: 0,
            energy: Energy::default(),
            highest: Energy::default(),
            filtered_until: f64::NEG_INFINITY,
        }
    }

    /// The energy that decides what sounds. What has entered stays to the bar line where the energy dips by less than [`LAYER_HOLD`]:
    /// an energy that trembles about a layer's rank does not tear it to pieces.
    fn held_energy(&self) -> Energy {
        Energy::new(self.energy.get().max(self.highest.get().min(self.energy.get() + LAYER_HOLD)))
    }

    /// The name of the loop that plays.
    pub fn playing(&self) -> Option<LoopKey> {
        self.playing.as_ref().map(|playing| playing.prepared.composed.key)
    }

    /// Whether a loop plays.
    pub fn is_playing(&self) -> bool {
        self.playing.is_some()
    }

    /// Begins anew, as after a jump: no note sounds, and the same song position gives the same notes again.
    pub fn reset(&mut self) {
        self.playing = None;
        self.sounding.clear();
        self.cursor = None;
        self.next_note = 0;
        self.filtered_until = f64::NEG_INFINITY; // the renderer begins anew as well
    }

    /// The trim gain of the loop that plays, linear.
    pub fn trim(&self) -> f32 {
        self.playing.as_ref().map_or(1.0, |playing| playing.prepared.composed.trim)
    }

    /// Key and chord at a song position in the loop that plays, and the position from which on they sound.
    pub fn harmony(&self, position: f64) -> Option<(Harmony, f64)> {
        const NEAR: f64 = 1e-3;
        let playing = self.playing.as_ref()?;
        let at = |step: u16| playing.start + f64::from(step) / f64::from(STEPS_PER_QUARTER);
        let chords = &playing.prepared.composed.grid.chords;
        let span = chords.iter().rev().find(|span| at(span.step) <= position + NEAR).or(chords.first())?;
        Some((Harmony { key: playing.key, chord: span.chord }, at(span.step)))
    }

    /// Writes what starts and ends within one block.
    pub fn block(
        &mut self,
        span: &Span,
        snapshot: &Snapshot,
        scene: &Arc<Scene>,
        source: &mut dyn LoopSource,
        events: &mut BlockEvents,
    ) {
        let half = 0.5 * span.quarters_per_frame;
        let start = span.start();
        let end = span.end - half;
        // A gap that no tempo explains is a jump: what lies in it is not played in one burst.
        let cursor = self.cursor.filter(|cursor| start - cursor < MAX_GAP_QUARTERS);
        let mut from = cursor.unwrap_or(start - half);
        if cursor.is_none() {
            (self.energy, self.highest) = (snapshot.controls.energy, snapshot.controls.energy);
        }
        if cursor.is_none() || self.playing.is_none() {
            self.looked = from + half;
            self.begin(from + half, span, snapshot, scene, source, events);
        }
        let held = self.held_energy();
        self.energy = snapshot.controls.energy;
        if self.energy > self.highest {
            self.highest = self.energy;
        }
        self.follow_energy(held, from, span, events);
        while from < end {
            let boundary = self.next_boundary(self.looked, span, snapshot) - half;
            let to = boundary.clamp(from, end);
            self.end_notes(to, span, events);
            self.start_notes(from, to, half, span, events);
            self.start_gestures(from, to, span, events);
            from = to;
            if boundary < end {
                self.looked = boundary + half;
                if span.is_bar_line(boundary + half, snapshot.playhead.metre) {
                    let held = self.held_energy();
                    self.highest = self.energy;
                    self.follow_energy(held, boundary + half, span, events);
                }
                self.begin(boundary + half, span, snapshot, scene, source, events);
            }
        }
        self.cursor = Some(from.max(end));
        events.render.sort_by_key(|event| event.frame); // stable: ends stay before starts
        events.notes.sort_by_key(|note| note.frame);
    }

    /// Goes elsewhere within the stream, to where the span begins or less than a frame before: what sounds ends, and rings on.
    pub fn locate(&mut self, position: f64, span: &Span, events: &mut BlockEvents) {
        for sounding in self.sounding.drain(..) {
            end_note(&sounding, position, span, events);
        }
        self.end_gestures(position, span, events);
        self.playing = None;
        self.cursor = Some(position - 0.5 * span.quarters_per_frame);
    }

    /// Seconds from a block until another loop may begin; none if nothing plays yet.
    pub fn seconds_to_change(&self, span: &Span, snapshot: &Snapshot) -> f64 {
        let Some(playing) = &self.playing else { return 0.0 };
        let same_metre = playing.prepared.composed.key.metre == snapshot.playhead.metre;
        let place = if snapshot.controls.sync == SyncPoint::Loop && same_metre {
            playing.start + playing.prepared.quarters
        } else {
            self.next_boundary(span.position, span, snapshot)
        };
        (place - span.position).max(0.0) / span.quarters_per_second
    }

    /// The next place after `position` where another loop may or must begin.
    fn next_boundary(&self, position: f64, span: &Span, snapshot: &Snapshot) -> f64 {
        const NEAR: f64 = 1e-6;
        let metre = snapshot.playhead.metre;
        let bar = metre.quarters_per_bar();
        let bars = ((position + NEAR - span.bar_start) / bar).floor();
        let bar_start = span.bar_start + bars * bar;
        let loop_end =
            self.playing.as_ref().map_or(f64::INFINITY, |playing| playing.start + playing.prepared.quarters);
        let sync = match snapshot.controls.sync {
            SyncPoint::Loop => bar_start + bar, // looked at there, and passed unless a loop ends
            SyncPoint::Bar => bar_start + bar,
            SyncPoint::Beat => {
                let mut beat = bar_start;
                for steps in metre.beats() {
                    beat += f64::from(steps) / f64::from(STEPS_PER_QUARTER);
                    if beat > position + NEAR {
                        break;
                    }
                }
                beat
            }
        };
        if loop_end > position + NEAR { sync.min(loop_end) } else { sync }
    }

    /// At a boundary: goes on with the loop that plays, or begins the one that belongs here.
    fn begin(
        &mut self,
        position: f64,
        span: &Span,
        snapshot: &Snapshot,
        scene: &Arc<Scene>,
        source: &mut dyn LoopSource,
        events: &mut BlockEvents,
    ) {
        const NEAR: f64 = 1e-6;
        let metre = snapshot.playhead.metre;
        let quarters = metre.quarters_per_bar();
        let bars_on = ((position + NEAR - span.bar_start) / quarters).floor();
        let bar = span.bar + bars_on as i64;
        let wanted = snapshot.key_at(scene, metre, bar);
        let key = resolve_key(scene, &snapshot.controls);
        let bar_in_loop = bar.rem_euclid(i64::from(wanted.bars));
        let start = span.bar_start + (bars_on - bar_in_loop as f64) * quarters;
        let ended = self
            .playing
            .as_ref()
            .is_none_or(|playing| position + NEAR >= playing.start + playing.prepared.quarters);
        let same_place = self.playing.as_ref().is_some_and(|playing| {
            let metre_kept = playing.prepared.composed.key.metre == metre;
            metre_kept
                && playing.prepared.composed.key == wanted
                && playing.key == key
                && !ended
                && (playing.start - start).abs() < NEAR
        });
        if same_place {
            return;
        }
        let metre_changed =
            self.playing.as_ref().is_some_and(|playing| playing.prepared.composed.key.metre != metre);
        if snapshot.controls.sync == SyncPoint::Loop && !ended && !metre_changed {
            let end =
                self.playing.as_ref().map_or(position, |playing| playing.start + playing.prepared.quarters);
            let bars_on = ((end + NEAR - span.bar_start) / quarters).floor();
            let then = snapshot.key_at(scene, metre, span.bar + bars_on as i64);
            source.want(then, scene, (end - position) / span.quarters_per_second);
            return;
        }
        if let Some(prepared) = source.get(wanted, scene) {
            self.switch(prepared, start, key, position, span, snapshot, events);
            let rest = start + quarters * f64::from(wanted.bars) - position;
            source.want(wanted.at_index(wanted.index + 1), scene, rest / span.quarters_per_second);
        } else if ended && let Some(playing) = self.playing.take() {
            // Never silent: what is there plays again until the wanted loop comes.
            let again = playing.start + playing.prepared.quarters;
            self.switch(playing.prepared, again.min(position), playing.key, position, span, snapshot, events);
        } else if self.playing.is_none()
            && let Some(prepared) = source.any(metre)
        {
            // As far into it as its bars allow, on the host's bar lines.
            let bars = i64::from(prepared.composed.key.bars).max(1);
            let start = span.bar_start + (bars_on - bar.rem_euclid(bars) as f64) * quarters;
            self.switch(prepared, start, key, position, span, snapshot, events);
        }
    }

    #[expect(clippy::too_many_arguments, reason = "what a switch is made of is known to its callers alone")]
    fn switch(
        &mut self,
        prepared: Arc<PreparedLoop>,
        start: f64,
        key: Key,
        position: f64,
        span: &Span,
        snapshot: &Snapshot,
        events: &mut BlockEvents,
    ) {
        let looseness =
            snapshot.controls.humanise.clamp(0.0, 1.0) * prepared.composed.scene.human.clamp(0.0, 1.0);
        let late = latest_quarters(span.quarters_per_second, looseness);
        let playing = Playing { prepared: prepared.clone(), start, key, looseness, late };
        let by_hand = self.playing.as_ref().is_some_and(|before| before.is_other_hand_of(&playing));
        for sounding in std::mem::take(&mut self.sounding) {
            if by_hand && playing.holds(&sounding, position) {
                self.sounding.push(sounding);
            } else {
                end_note(&sounding, position, span, events);
            }
        }
        if !by_hand {
            // Those of a loop that has ended have ended with it.
            self.end_gestures(position, span, events);
        }
        // Whoever comes in the middle of a held note hears the rest of it.
        for note in &prepared.notes {
            if note.at + start >= position - 0.5 * span.quarters_per_frame {
                break;
            }
            let sounds = note.rank.sounds_at(self.held_energy());
            let is_kept = self.sounding.iter().any(|kept| playing.is(note, kept));
            if note.can_be_joined() && note.end + start > position + 0.25 && sounds && !is_kept {
                self.start_note(note, &playing, position, span, events);
            }
        }
        events.began = Some((prepared, key, position));
        self.playing = Some(playing);
    }

    fn start_notes(&mut self, from: f64, to: f64, half: f64, span: &Span, events: &mut BlockEvents) {
        let Some(playing) = self.playing.take() else { return };
        let energy = self.held_energy();
        let prepared = playing.prepared.clone();
        for note in prepared.between(from - playing.start - playing.late - half, to - playing.start + half) {
            let time = playing.start + note.at + playing.late * f64::from(note.late);
            if (from..to).contains(&time) && note.rank.sounds_at(energy) {
                self.start_note(note, &playing, time, span, events);
            }
        }
        self.playing = Some(playing);
    }

    fn start_note(
        &mut self,
        note: &PreparedNote,
        playing: &Playing,
        time: f64,
        span: &Span,
        events: &mut BlockEvents,
    ) {
        let (Some(pitch), Some(midi_key)) = (note.render_pitch(playing.key), note.midi_key(playing.key))
        else {
            return;
        };
        if self.sounding.len() == MAX_SOUNDING {
            return;
        }
        // A note of the same key that still sounds ends here, so that every start has its end.
        if let Some(index) = self.sounding.iter().position(|s| s.role == note.role && s.midi_key == midi_key)
        {
            let old = self.sounding.swap_remove(index);
            end_note(&old, time, span, events);
        } else {
            events.end_no_later(note.role, midi_key, span.frame + u64::from(span.frame_of(time)));
        }
        let id = NoteId(self.next_note);
        self.next_note += 1;
        let velocity = note.played_velocity(playing.looseness);
        let frame = span.frame_of(time);
        events.render.push(RenderEvent {
            frame,
            role: note.role,
            kind: EventKind::NoteOn { note: id, pitch, velocity },
        });
        events.notes.push(StreamNote {
            epoch: span.epoch,
            frame: span.frame + u64::from(frame),
            role: note.role,
            key: midi_key,
            velocity,
        });
        self.sounding.push(Sounding {
            note: id,
            role: note.role,
            midi_key,
            end: playing.end_of(note),
            rank: note.rank,
            follows_energy: note.follows_energy(),
        });
    }

    fn end_notes(&mut self, to: f64, span: &Span, events: &mut BlockEvents) {
        let mut index = 0;
        while index < self.sounding.len() {
            if self.sounding[index].end < to {
                let ended = self.sounding.swap_remove(index);
                end_note(&ended, ended.end, span, events);
            } else {
                index += 1;
            }
        }
    }

    /// Long notes do not wait for their next onset: they come and go with the energy while it moves.
    fn follow_energy(&mut self, before: Energy, position: f64, span: &Span, events: &mut BlockEvents) {
        let now = self.held_energy();
        if before == now {
            return;
        }
        let mut index = 0;
        while index < self.sounding.len() {
            let sounding = &self.sounding[index];
            if sounding.follows_energy && !sounding.rank.sounds_at(now) {
                let ended = self.sounding.swap_remove(index);
                end_note(&ended, position, span, events);
            } else {
                index += 1;
            }
        }
        let Some(playing) = self.playing.take() else { return };
        let prepared = playing.prepared.clone();
        for note in prepared.between(f64::NEG_INFINITY, position - playing.start) {
            let grown = !note.rank.sounds_at(before) && note.rank.sounds_at(now);
            let begun = playing.start + note.at + playing.late * f64::from(note.late) < position;
            if grown && begun && note.follows_energy() && playing.start + note.end > position + 0.25 {
                self.start_note(note, &playing, position, span, events);
            }
        }
        self.playing = Some(playing);
    }
}

impl Span {
    /// Song position of the first frame of the part.
    fn start(&self) -> f64 {
        self.position + f64::from(self.part.0) * self.quarters_per_frame
    }

    /// Whether one of the host's bar lines lies at a song position.
    fn is_bar_line(&self, position: f64, metre: Metre) -> bool {
        const NEAR: f64 = 1e-6;
        let bars = (position - self.bar_start) / metre.quarters_per_bar();
        (bars - bars.round()).abs() < NEAR
    }

    /// The frame of the part nearest to a song position.
    fn frame_of(&self, position: f64) -> u32 {
        let frame = ((position - self.position) / self.quarters_per_frame).round();
        frame.clamp(f64::from(self.part.0), f64::from(self.part.1 - 1)) as u32
    }
}

fn end_note(sounding: &Sounding, time: f64, span: &Span, events: &mut BlockEvents) {
    let frame = span.frame_of(time);
    events.render.push(RenderEvent {
        frame,
        role: sounding.role,
        kind: EventKind::NoteOff { note: sounding.note },
    });
    events.notes.push(StreamNote {
        epoch: span.epoch,
        frame: span.frame + u64::from(frame),
        role: sounding.role,
        key: sounding.midi_key,
        velocity: 0.0,
    });
}

#[cfg(test)]
mod tests;
