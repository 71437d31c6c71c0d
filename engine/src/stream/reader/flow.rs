//! Standing, rolling, jumping: epochs, and what is left of the music where it is cut.

use super::{Flow, NoteOut, StreamReader};
use crate::controls::Controls;
use ringbuf::traits::Consumer;
use sceneloop_music::Playhead;
use sceneloop_render::BLOCK_FRAMES;
use std::sync::atomic::Ordering;

impl StreamReader {
    pub(super) fn begin_epoch(&mut self) {
        self.epoch = self.epoch.wrapping_add(1).max(1);
        self.frame = 0;
        self.block = None;
        self.next_note = None;
    }

    /// Makes room in the ring: nobody needs what belongs to an older epoch.
    pub(super) fn drop_old(&mut self) {
        while self.ends.blocks.try_peek().is_some_and(|block| block.epoch != self.epoch) {
            self.ends.blocks.skip(1);
        }
        while self.ends.notes.try_peek().is_some_and(|note| note.epoch != self.epoch) {
            self.ends.notes.skip(1);
        }
    }

    /// While the transport stands: lets the renderer prepare the first blocks for where it stands.
    pub(super) fn prime(&mut self, now: &Playhead, controls: &Controls) {
        if self.offline {
            return;
        }
        let generation = self.scene_generation.load(Ordering::Relaxed);
        if !self.is_primed_for(now, controls, generation) {
            self.begin_epoch();
            self.primed = Some((*now, *controls, generation));
        }
        self.publish(now);
    }

    fn is_primed_for(&self, now: &Playhead, controls: &Controls, generation: u32) -> bool {
        self.primed.is_some_and(|(playhead, primed, primed_generation)| {
            let same_place = Playhead { playing: now.playing, ..playhead } == *now;
            same_place && primed_generation == generation && primed.same_notes(controls)
        })
    }

    /// From standing to rolling.
    pub(super) fn start(&mut self, now: &Playhead, controls: &Controls) {
        let generation = self.scene_generation.load(Ordering::Relaxed);
        if self.offline || !self.is_primed_for(now, controls, generation) {
            self.begin_epoch();
        }
        self.primed = None;
        self.silence();
        self.flow = Flow::Waiting;
    }

    /// Rolling, but elsewhere.
    pub(super) fn jump(&mut self, now: &Playhead, notes: &mut dyn FnMut(NoteOut)) {
        self.sounding.end_all(0, notes);
        self.cut();
        self.begin_epoch();
        self.own = *now;
        self.flow = Flow::Waiting;
    }

    pub(super) fn stop_now(&mut self, notes: &mut dyn FnMut(NoteOut)) {
        self.sounding.end_all(0, notes);
        self.cut();
        self.primed = None;
        self.flow = Flow::Idle;
        self.begin_epoch();
    }

    /// Takes what is still inside the master as a tail that fades, and leaves nothing in it: what comes sounds as it would anywhere.
    pub(super) fn cut(&mut self) {
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
        self.cut_stinger();
        self.fade = 1.0;
        self.fade_step = 0.0;
    }

    /// Nothing inside, nothing smoothed: as after construction.
    pub(super) fn silence(&mut self) {
        self.master.reset();
        self.mixer.reset();
        self.cut_stinger();
        self.delay.iter_mut().for_each(|line| line.fill(0.0));
        self.delay_at = 0;
        self.tail.end();
        self.fade = 1.0;
        self.fade_step = 0.0;
    }
}
