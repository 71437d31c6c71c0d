//! What travels between renderer and reader. All of it is `Copy`: nothing is owned, nothing is dropped.

use crate::arranger::LoopKey;
use crate::controls::Controls;
use crate::edits::Edits;
use crate::stinger::director::Leads;
use crate::stinger::tone::Harmony;
use sceneloop_music::{Bpm, Metre, Playhead, Role, Scene};
use sceneloop_render::StemBlock;

/// 64 frames of all stems with their place in the song.
#[derive(Clone, Copy)]
pub(crate) struct StreamBlock {
    /// The epoch it belongs to.
    pub epoch: u32,
    /// Frames from the start of the epoch to its first frame; a multiple of the block's length.
    pub frame: u64,
    /// Song position of its first frame, quarter notes.
    pub position: f64,
    /// Where the host's cycle goes back to its beginning within the block: the frame, and the song position of a block that would
    /// have got there without going back.
    pub wrap: Option<(u32, f64)>,
    /// Quarter notes that pass in one of its frames.
    pub quarters_per_frame: f64,
    /// The metre that it was rendered in.
    pub metre: Metre,
    /// The tempo that it was rendered in.
    pub bpm: Bpm,
    /// Key and chord of its first frame.
    pub harmony: Harmony,
    /// The frame from which on others sound, and what they are.
    pub next_harmony: Option<(u32, Harmony)>,
    /// The audio.
    pub stems: StemBlock,
}

impl StreamBlock {
    /// Song position at a frame of the epoch, also one before or behind the block.
    pub fn position_at(&self, frame: u64) -> f64 {
        let into = frame as f64 - self.frame as f64;
        let start =
            self.wrap.filter(|(at, _)| into >= f64::from(*at)).map_or(self.position, |(_, start)| start);
        start + into * self.quarters_per_frame
    }

    /// One without audio, at 120 BPM in C.
    #[cfg(test)]
    pub fn silent(frame: u64) -> Self {
        let quarters_per_frame = Bpm::default().quarters_per_frame(48_000.0);
        Self {
            epoch: 1,
            frame,
            position: frame as f64 * quarters_per_frame,
            wrap: None,
            quarters_per_frame,
            metre: Metre::FOUR_FOUR,
            bpm: Bpm::default(),
            harmony: Harmony::default(),
            next_harmony: None,
            stems: StemBlock::default(),
        }
    }

    /// Key and chord at one of its frames.
    pub fn harmony_at(&self, frame: u32) -> Harmony {
        self.next_harmony.filter(|(at, _)| frame >= *at).map_or(self.harmony, |(_, harmony)| harmony)
    }
}

/// A note that starts or ends, with its place in the epoch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct StreamNote {
    pub epoch: u32,
    pub frame: u64,
    pub role: Role,
    /// MIDI key; General MIDI percussion for the drums.
    pub key: u8,
    /// 0 to 1; 0 is the end of the note.
    pub velocity: f32,
}

/// What the reader tells the renderer, at least once a block.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Snapshot {
    /// 0: nothing is to be rendered yet.
    pub epoch: u32,
    /// Frames of the epoch that have been taken when `playhead` was read.
    pub frame: u64,
    /// The host's transport at that frame.
    pub playhead: Playhead,
    /// The controls at that frame.
    pub controls: Controls,
    /// Where events have led and will lead.
    pub leads: Leads,
    /// Whether blocks are rendered on request only (an offline bounce).
    pub offline: bool,
    /// What was changed of the song by hand. The reader does not know; the renderer fills it in.
    pub edits: Edits,
}

impl Snapshot {
    /// The name of the loop in which a bar lies.
    pub fn key_at(&self, scene: &Scene, metre: Metre, bar: i64) -> LoopKey {
        LoopKey::at_bar(scene, &self.controls, metre, bar).edited(self.edits)
    }
}
