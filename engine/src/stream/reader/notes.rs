//! Notes out: those of the music and those of stingers, in the order of their frames.

use super::{NoteOut, StreamReader};
use crate::controls::Controls;
use crate::stream::StreamNote;
use ringbuf::traits::Consumer;

impl StreamReader {
    /// Notes that are due before frame `end` of the epoch.
    pub(super) fn send_notes(
        &mut self,
        end: u64,
        done: usize,
        controls: &Controls,
        notes: &mut dyn FnMut(NoteOut),
    ) {
        while let Some(note) = self.next_note_before(end) {
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

    /// The next note that is due before a frame of the epoch, of the music or of a stinger.
    fn next_note_before(&mut self, end: u64) -> Option<StreamNote> {
        // Of an older epoch: gone. Of a newer one: cannot be, the reader makes epochs.
        while self.next_note.is_none_or(|note| note.epoch != self.epoch) {
            self.next_note = self.ends.notes.try_pop();
            if self.next_note.is_none() {
                break;
            }
        }
        let music = self.next_note.filter(|note| note.frame < end);
        let stinger = self.rack.due(end);
        if let Some(note) = stinger
            && music.is_none_or(|music| note.frame < music.frame)
        {
            self.rack.take(note);
            return stinger;
        }
        music.inspect(|_| self.next_note = None)
    }
}
