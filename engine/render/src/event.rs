//! What goes into the renderer, events, and what comes out, a block of stems.

use sceneloop_music::Role;

/// Frames in one block. Every call of [`crate::Renderer::render`] makes exactly this many.
pub const BLOCK_FRAMES: usize = 64;

/// 0, 1, 2 … for what changes along a straight line within a block; conversions would keep such loops from vectorising.
pub(crate) const RAMP: Channel = {
    let mut ramp = [0.0; BLOCK_FRAMES];
    let mut n = 0;
    while n < BLOCK_FRAMES {
        ramp[n] = n as f32;
        n += 1;
    }
    ramp
};

/// One channel of one block.
pub(crate) type Channel = [f32; BLOCK_FRAMES];
/// Left and right of one block.
pub(crate) type Stereo = [Channel; 2];

/// One block of audio of all stems: `[role][channel][frame]`, roles in the order of [`Role::ALL`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StemBlock(pub [[[f32; BLOCK_FRAMES]; 2]; Role::COUNT]);

impl Default for StemBlock {
    /// Silence.
    fn default() -> Self {
        Self([[[0.0; BLOCK_FRAMES]; 2]; Role::COUNT])
    }
}

/// Names one sounding note, from its on to its off. The caller chooses it; it also seeds the note's noise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NoteId(pub u64);

/// What happens.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum EventKind {
    /// A note begins.
    NoteOn {
        /// Its name, for the note-off.
        note: NoteId,
        /// MIDI key, 60 is middle C; for drums the index of the [`sceneloop_music::DrumLane`].
        pitch: u8,
        /// How hard, 0 to 1; brought into range.
        velocity: f32,
    },
    /// A note ends. Drums ignore it; an unknown note does nothing.
    NoteOff {
        /// The name its note-on gave.
        note: NoteId,
    },
}

/// Something that happens at one frame of a block.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RenderEvent {
    /// Frame in the block, 0 to 63; larger numbers count as 63.
    pub frame: u32,
    /// Whose event it is.
    pub role: Role,
    /// What happens.
    pub kind: EventKind,
}
