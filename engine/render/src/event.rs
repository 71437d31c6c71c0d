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

/// A sound between two parts of a song.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Noise and a tone that rise and grow; they end with the last of the frames.
    Riser,
    /// Noise and a tone that fall and fade over the frames.
    Downlifter,
    /// A cymbal played backwards: it swells and ends with the last of the frames.
    Reverse,
    /// A low blow with a tail of its own, whatever the frames.
    Impact,
    /// A low tone that sinks below hearing over the frames.
    SubDrop,
}

impl Effect {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Riser, Self::Downlifter, Self::Reverse, Self::Impact, Self::SubDrop];
}

/// What a sweep lets through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SweepKind {
    /// What lies below the corner.
    #[default]
    LowPass,
    /// What lies above it.
    HighPass,
}

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
    /// A sound between two parts begins. It plays in the stem of the texture, whatever the event's role.
    Effect {
        /// Which.
        effect: Effect,
        /// How long it takes. Nothing begins where it is 0, but for an impact.
        frames: u32,
        /// How loud, 0 to 2; 1 sits in a full mix.
        gain: f32,
    },
    /// A filter closes or opens over the role's whole stem, tails and effects included, and is gone afterwards. It takes
    /// the place of one that still moves. 0 frames end that one.
    Sweep {
        /// What passes.
        kind: SweepKind,
        /// How long it takes.
        frames: u32,
        /// Corner at the start, Hz; brought into 20 to 20,000.
        from_hz: f32,
        /// Corner at the end, Hz.
        to_hz: f32,
    },
    /// The role's whole stem is silent for so many frames, tails and effects included: it fades out at their start and is
    /// back when they are over. What is played meanwhile goes on unheard.
    Cut {
        /// How long. 0 frames end a cut.
        frames: u32,
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
