//! Which notes sound on a stream's MIDI output, so that each can be ended.

use super::reader::NoteOut;
use sceneloop_music::Role;

/// One bit for each role and key. Lives on the audio thread: fixed size, no allocation.
#[derive(Debug, Default)]
pub(crate) struct NoteTable {
    sounding: [u128; Role::COUNT],
}

impl NoteTable {
    /// Notes a start; false where that note sounds already, which the caller then ends first.
    pub fn start(&mut self, role: Role, key: u8) -> bool {
        let bit = 1u128 << (key & 127);
        let fresh = self.sounding[role.index()] & bit == 0;
        self.sounding[role.index()] |= bit;
        fresh
    }

    /// Notes an end; false where that note does not sound.
    pub fn end(&mut self, role: Role, key: u8) -> bool {
        let bit = 1u128 << (key & 127);
        let sounding = self.sounding[role.index()] & bit != 0;
        self.sounding[role.index()] &= !bit;
        sounding
    }

    /// Ends every note at `frame` of the current block.
    pub fn end_all(&mut self, frame: u32, notes: &mut dyn FnMut(NoteOut)) {
        for role in Role::ALL {
            let mut keys = std::mem::take(&mut self.sounding[role.index()]);
            while keys != 0 {
                let key = keys.trailing_zeros() as u8;
                keys &= keys - 1;
                notes(NoteOut { frame, role, channel: role.midi_channel(), key, velocity: 0.0 });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_started_note_is_ended_once() {
        let mut table = NoteTable::default();
        assert!(table.start(Role::Lead, 60) && table.start(Role::Drums, 127) && table.start(Role::Bass, 0));
        assert!(!table.start(Role::Lead, 60));
        assert!(table.end(Role::Bass, 0) && !table.end(Role::Bass, 0));
        let mut ended = Vec::new();
        table.end_all(5, &mut |note| ended.push((note.role, note.key, note.frame, note.velocity)));
        assert_eq!(ended, [(Role::Drums, 127, 5, 0.0), (Role::Lead, 60, 5, 0.0)]);
        table.end_all(5, &mut |_| panic!("nothing sounds any more"));
    }
}
