//! The words in which an idiom says what a style does: kinds of harmony, fills, orders, voicings, ornaments.

use sceneloop_music::{DrumLane, Mode};

/// How the chords of a style move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plan {
    /// One chord, or a breath of a second one at the end.
    Drone,
    /// Two chords to and fro.
    Vamp,
    /// The four-chord loops of popular music.
    Song,
    /// Tonic, predominant, dominant: phrases with cadences.
    Cadence,
    /// I, IV and V as the twelve bars have them.
    Blues,
    /// Twos and fives, turnarounds.
    Jazz,
    /// Steps and thirds beside the tonic, without dominants.
    Dark,
}

/// In which modes a style uses one of its own progressions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shade {
    /// In all of them.
    Any,
    /// Where the third above the tonic is major.
    Bright,
    /// Where it is minor, or where there is no third.
    Dark,
    /// In these.
    In(&'static [Mode]),
}

impl Shade {
    /// Whether a mode is one of these.
    pub fn has(self, mode: Mode) -> bool {
        match self {
            Self::Any => true,
            Self::Bright => mode.contains(4),
            Self::Dark => !mode.contains(4),
            Self::In(modes) => modes.contains(&mode),
        }
    }
}

/// One line of a groove: drum, rank of its accents, pattern (see [`super::super::frame`]).
pub type Line = (DrumLane, u8, &'static str);

/// A figure: a bar's rhythm and, for each of its strokes, a number. In a tune the number counts steps of the scale
/// above the first note (which lies on a chord tone); in an ostinato it counts chord tones above the lowest.
pub type Figure = (&'static str, &'static [i32]);

/// How the end of a loop is announced where a style has no fills of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fill {
    /// None.
    None,
    /// Sixteenths on the snare, growing.
    Roll,
    /// Down the toms.
    Toms,
    /// Hand drums or blocks.
    Hands,
    /// A few strokes of the brush.
    Brush,
    /// Low drums, growing.
    Thunder,
}

/// In which order a broken chord is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Rising.
    Up,
    /// Rising and falling.
    Arch,
    /// Low, high, middle, high.
    Alberti,
    /// Every second note the lowest.
    Pedal,
    /// A fixed figure thrown once and then kept.
    Riff,
    /// Falling.
    Down,
    /// Three tones round and round, over the bar line: the accent wanders.
    Rolling,
    /// Three up, back one, three up.
    Cascade,
    /// Up by skips: first, third, second, fourth.
    Skip,
    /// From the outside inwards: lowest, highest, next to lowest, next to highest.
    Converge,
    /// One tone and its octave, the next and its octave.
    Octaves,
}

/// How the notes of a chord are spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Voicing {
    /// Close or open, whichever leads better.
    Free,
    /// Within an octave.
    Close,
    /// The second voice from above an octave lower.
    DropTwo,
    /// Over two octaves, wide below.
    Spread,
    /// Third and seventh, with a ninth or a fifth above: the bass has the root.
    Shell,
    /// Root, fifth and octave, low.
    Power,
    /// Fourths of the scale.
    Quartal,
    /// Neighbours of the scale side by side.
    Cluster,
    /// Root and its octaves.
    Octaves,
    /// Root and fifth without a third.
    Bare,
}

/// How a long or strong note of the tune is decorated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ornament {
    /// One short note above, or now and then below, before it.
    Grace,
    /// A short note three steps above before it: the cut of pipe and fiddle.
    Cut,
    /// A long note broken into three by the notes above and below: the roll.
    Roll,
    /// The step below leads in: a slide or bend as far as a keyboard has one.
    Slide,
    /// Above, itself, below, itself at its end.
    Turn,
    /// To and fro with the note above.
    Trill,
    /// Itself, above, itself at once.
    Mordent,
    /// Struck again and again: plucked tremolo.
    Tremolo,
    /// Two or three steps fall away at its end.
    Fall,
    /// Comes again softly in the rest after it, as from a delay.
    Echo,
}

/// What the arp does beside the tune.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weave {
    /// Broken chords and ostinati.
    Own,
    /// The tune's own core notes in quicker figures about them.
    Heterophony,
    /// The tune's rhythm so many steps of the scale away.
    Parallel(i32),
}
