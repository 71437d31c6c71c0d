//! From the ring to the output: fetching blocks, feeding the master, putting out what comes.

use super::events::Starting;
use super::{Flow, MAX_LOOKAHEAD, NoteOut, Output, StreamReader};
use crate::controls::Controls;
use crate::stream::worker::Message;
use ringbuf::traits::{Consumer, Observer};
use sceneloop_music::Playhead;
use sceneloop_render::{BLOCK_FRAMES, StemBlock};

impl StreamReader {
    /// Puts out some frames, at least one; how many.
    pub(super) fn advance(
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
                if !self.fetch(feed, now, done, frames) {
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
        let count = left.min(BLOCK_FRAMES - (feed - block.frame) as usize);
        let (mut main, mut stems) = ([[0.0; BLOCK_FRAMES]; 2], StemBlock::default());
        self.feed(feed, count, controls, &mut main, &mut stems);
        let mut fades = [1.0; BLOCK_FRAMES];
        for index in 0..count {
            self.fade = (self.fade + self.fade_step).clamp(0.0, 1.0);
            fades[index] = self.fade;
            output.main[0][done + index] = main[0][index] * self.fade;
            output.main[1][done + index] = main[1][index] * self.fade;
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

    /// Mixes frames of the current block and of a stinger, and exchanges them for what the master and the delay give out.
    fn feed(
        &mut self,
        feed: u64,
        count: usize,
        controls: &Controls,
        main: &mut [[f32; BLOCK_FRAMES]; 2],
        stems: &mut StemBlock,
    ) {
        let Some(block) = &self.block else { return };
        let start = (feed - block.frame) as usize;
        if let Some(Starting { begin, score, gain }) = self.starting.take() {
            self.rack.begin(begin.stinger, begin.palette, &score, gain, block, start);
        }
        let sounds = self.rack.is_on();
        if sounds {
            self.rack.render(block);
        }
        let laid = sounds.then_some(&self.rack);
        self.mixer.mix(&block.stems, laid, start, count, controls, &mut self.duck, main, stems);
        let [left, right] = main;
        self.master.process(&mut left[..count], &mut right[..count]);
        self.exchange(stems, count);
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

    pub(super) fn put_silence(&mut self, output: &mut Output<'_>, from: usize, count: usize) {
        let stems = output.stems.iter_mut().flatten().flatten();
        output.main.iter_mut().chain(stems).for_each(|channel| channel[from..from + count].fill(0.0));
        self.tail.put_out(output, from, count);
    }

    /// Takes up the music where it should be now, if it is there: fills the master's lookahead.
    fn resume(&mut self, now: &Playhead, controls: &Controls, done: usize, frames: usize) -> bool {
        let end = self.frame + self.lookahead as u64;
        let mut feed = self.frame;
        // Both blocks that the lookahead may touch must be there before anything is taken.
        if !self.fetch(feed, now, done, frames) {
            return false;
        }
        if !self.offline && self.ends.blocks.occupied_len() < self.lookahead.div_ceil(BLOCK_FRAMES) {
            return false;
        }
        self.mixer.reset();
        while feed < end {
            if !self.fetch(feed, now, done, frames) {
                return false;
            }
            let Some(block) = &self.block else { return false };
            let count = ((end - feed) as usize).min(BLOCK_FRAMES - (feed - block.frame) as usize);
            let (mut main, mut stems) = ([[0.0; BLOCK_FRAMES]; 2], StemBlock::default());
            self.feed(feed, count, controls, &mut main, &mut stems);
            feed += count as u64;
        }
        // In the middle of things it fades in; at an epoch's start it begins from silence by itself.
        (self.fade, self.fade_step) =
            if self.frame == 0 { (1.0, 0.0) } else { (0.0, 1.0 / MAX_LOOKAHEAD as f32) };
        self.flow = Flow::Playing;
        true
    }

    /// Makes the block that holds frame `feed` of the epoch the current one; false if it is not there.
    fn fetch(&mut self, feed: u64, now: &Playhead, done: usize, frames: usize) -> bool {
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
                    if !self.request(feed, now, done, frames) {
                        return false;
                    }
                }
                None => return false,
            }
        }
    }

    /// Offline: asks for the blocks that this call of the host needs from `feed` on, and waits for them. False where none came: the
    /// renderer has ended, or failed at them.
    fn request(&mut self, feed: u64, now: &Playhead, done: usize, frames: usize) -> bool {
        // The controls hold for blocks that begin while this call lasts; later ones are asked for by a later call.
        let left = (frames - done).max(1) as u64;
        let last = self.frame + left - 1 + self.lookahead as u64;
        let blocks = (last / BLOCK_FRAMES as u64).saturating_sub(feed / BLOCK_FRAMES as u64) + 1;
        let blocks = (blocks as usize).clamp(1, self.ring_capacity);
        let here = now.advanced(done as f64 * now.bpm.quarters_per_frame(self.sample_rate));
        let snapshot = Box::new(self.snapshot(&here));
        self.ends.requests.send(Message::Render { snapshot, blocks }).is_ok()
            && self.ends.answers.recv().is_ok()
            && !self.ends.blocks.is_empty()
    }
}
