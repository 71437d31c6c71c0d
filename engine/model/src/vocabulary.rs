//! What is asked of each step of a loop, and the answers there are.
//!
//! A step is a row of *fields*, each with a small vocabulary of its own: the chord that begins there, a hit on each drum
//! lane, and for each pitched role some *voices*, of which each rests, holds on, or begins a note. Beside every hit and note
//! stand its velocity and its rank, in classes. Sizes and order are frozen: trained weights depend on them.
//!
//! Fields are grouped in *rows*, the harmony and the seven roles. The transformer's position is one row over
//! [`PATCH`] steps, a quarter note: sixteen quarters of eight rows are 128 positions.

use sceneloop_music::{ChordQuality, DrumLane, Note, Rank, Role};

/// Steps that one position of the transformer covers.
pub const PATCH: usize = 4;

/// Answer "nothing": a rest, no hit, no chord change, no velocity because there is no note.
pub const NOTHING: u8 = 0;

/// Answer "the note of this voice sounds on".
pub const HOLD: u8 = 1;

/// The first answer that begins a note; it is the lowest pitch of the role's range.
pub const FIRST_PITCH: u8 = 2;

/// In the place of an answer: to be found. No field has as many answers.
pub const MASK: u8 = u8::MAX;

/// Classes of velocity, of sixteen MIDI velocities each.
pub const VELOCITY_CLASSES: u8 = 8;

/// Classes of rank: 0, 10 … 100.
pub const RANK_CLASSES: u8 = 11;

/// The harmony or a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Row {
    /// The chords.
    Harmony,
    /// The notes of a role.
    Role(Role),
}

impl Row {
    /// How many rows there are.
    pub const COUNT: usize = Role::COUNT + 1;

    /// Fields of each of its voices, lanes or chords: the one that leads and those beside it.
    pub fn fields_per_voice(self) -> usize {
        if self == Self::Role(Role::Drums) { 2 } else { 3 }
    }

    /// Whether its notes have pitches.
    pub fn is_pitched(self) -> bool {
        matches!(self, Self::Role(role) if role.is_pitched())
    }

    /// Whether an answer of a leading field is known to begin a note, a hit or a chord.
    pub fn begins(self, answer: u8) -> bool {
        let first = if self.is_pitched() { FIRST_PITCH } else { 1 };
        answer != MASK && answer >= first
    }

    /// All rows in their frozen order: the harmony, then the roles in theirs.
    pub fn all() -> [Self; Self::COUNT] {
        std::array::from_fn(|index| match index.checked_sub(1).and_then(Role::from_index) {
            Some(role) => Self::Role(role),
            None => Self::Harmony,
        })
    }

    /// Place in [`Self::all`].
    pub fn index(self) -> usize {
        match self {
            Self::Harmony => 0,
            Self::Role(role) => role.index() + 1,
        }
    }
}

/// What a field asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FieldKind {
    /// Whether a chord begins, and on which root, in semitones above the tonic.
    Root,
    /// Its quality.
    Quality,
    /// The note below it, if it is not the root.
    Slash,
    /// Whether a drum lane is struck, and how hard.
    Hit,
    /// What a voice does: rest, hold, or begin a pitch.
    Pitch,
    /// How loud the note is that begins.
    Velocity,
    /// From which energy on it sounds.
    Rank,
}

impl FieldKind {
    /// Whether it is the first of its voice, lane or chord: what is struck, sung or changed. The others only say how.
    pub fn leads(self) -> bool {
        matches!(self, Self::Root | Self::Hit | Self::Pitch)
    }
}

/// One question asked of every step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Whose.
    pub row: Row,
    /// What it asks.
    pub kind: FieldKind,
    /// Lane of the drums, voice of a pitched role, 0 in the harmony.
    pub voice: u8,
    /// Number of answers: 0 to one less.
    pub size: u8,
}

/// Voices of a pitched role: as many notes of it may sound at once.
pub fn voices(role: Role) -> usize {
    match role {
        Role::Drums => 0,
        Role::Bass | Role::Lead => 2,
        Role::Chords => 5,
        Role::Pad => 7,
        Role::Arp => 3,
        Role::Texture => 4,
    }
}

/// The lowest voice that is free at a note's onset, which is busy from then to its end; nothing if none is free. `free_from` has the step
/// from which on each voice is free.
pub fn take_voice(free_from: &mut [u16], note: &Note) -> Option<usize> {
    let voice = free_from.iter().position(|step| *step <= note.onset)?;
    free_from[voice] = note.end();
    Some(voice)
}

/// All fields of a step, row by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vocabulary {
    fields: Vec<Field>,
    /// Where each row begins in `fields`, and the end.
    starts: [usize; Row::COUNT + 1],
}

impl Default for Vocabulary {
    fn default() -> Self {
        Self::new()
    }
}

impl Vocabulary {
    /// The vocabulary; there is but one.
    pub fn new() -> Self {
        let mut fields = Vec::new();
        let mut starts = [0; Row::COUNT + 1];
        for row in Row::all() {
            starts[row.index()] = fields.len();
            let mut add = |kind, voice: usize, size: usize| {
                fields.push(Field { row, kind, voice: voice as u8, size: size as u8 });
            };
            match row {
                Row::Harmony => {
                    add(FieldKind::Root, 0, 1 + 12);
                    add(FieldKind::Quality, 0, 1 + ChordQuality::ALL.len());
                    add(FieldKind::Slash, 0, 1 + 12);
                }
                Row::Role(Role::Drums) => {
                    for lane in 0..DrumLane::COUNT {
                        add(FieldKind::Hit, lane, 1 + usize::from(VELOCITY_CLASSES));
                        add(FieldKind::Rank, lane, 1 + usize::from(RANK_CLASSES));
                    }
                }
                Row::Role(role) => {
                    let (low, high) = role.pitch_range();
                    let pitches = (i32::from(high) - i32::from(low) + 1) as usize;
                    for voice in 0..voices(role) {
                        add(FieldKind::Pitch, voice, usize::from(FIRST_PITCH) + pitches);
                        add(FieldKind::Velocity, voice, 1 + usize::from(VELOCITY_CLASSES));
                        add(FieldKind::Rank, voice, 1 + usize::from(RANK_CLASSES));
                    }
                }
            }
        }
        starts[Row::COUNT] = fields.len();
        Self { fields, starts }
    }

    /// All fields of a step in their frozen order.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// Fields of a step.
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// Never.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Where the fields of a row lie in [`Self::fields`].
    pub fn row(&self, row: Row) -> std::ops::Range<usize> {
        self.starts[row.index()]..self.starts[row.index() + 1]
    }

    /// Answers of all fields of a row: what one step of it takes in a one-hot vector.
    pub fn row_size(&self, row: Row) -> usize {
        self.fields[self.row(row)].iter().map(|field| usize::from(field.size)).sum()
    }

    /// Where the leading fields of a row lie, by voice, lane or chord.
    pub fn leading(&self, row: Row) -> impl Iterator<Item = usize> {
        self.row(row).step_by(row.fields_per_voice())
    }

    /// Where the field of a lane or voice lies: the fields of one voice follow each other.
    pub fn voice(&self, role: Role, voice: usize) -> usize {
        let row = Row::Role(role);
        self.row(row).start + row.fields_per_voice() * voice
    }
}

/// The answer that begins a pitch of a role's range.
pub fn pitch_answer(role: Role, pitch: i8) -> u8 {
    FIRST_PITCH + (i32::from(pitch) - i32::from(role.pitch_range().0)) as u8
}

/// The pitch that an answer begins, at least [`FIRST_PITCH`], of a role with pitches: semitones from the tonic.
pub fn pitch_of(role: Role, answer: u8) -> i8 {
    (i32::from(role.pitch_range().0) + i32::from(answer) - i32::from(FIRST_PITCH)) as i8
}

/// The answer for a MIDI velocity, 1 to 127: its class, counted from 1.
pub fn velocity_answer(velocity: u8) -> u8 {
    1 + velocity.min(127) / (128 / VELOCITY_CLASSES)
}

/// The MIDI velocity of an answer that is not [`NOTHING`]: the middle of its class.
pub fn velocity_of(answer: u8) -> u8 {
    let width = 128 / VELOCITY_CLASSES;
    answer.clamp(1, VELOCITY_CLASSES) * width - width / 2
}

/// The answer for a rank: the nearest class, counted from 1.
pub fn rank_answer(rank: Rank) -> u8 {
    let step = 100 / (RANK_CLASSES - 1);
    1 + (rank.get() + step / 2) / step
}

/// The rank of an answer that is not [`NOTHING`].
pub fn rank_of(answer: u8) -> Rank {
    Rank::new((answer.clamp(1, RANK_CLASSES) - 1) * (100 / (RANK_CLASSES - 1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vocabulary_is_frozen() {
        let vocabulary = Vocabulary::new();
        assert_eq!(vocabulary.len(), 3 + 2 * 16 + 3 * (2 + 5 + 7 + 3 + 2 + 4));
        let sizes = Row::all().map(|row| vocabulary.row_size(row));
        assert_eq!(sizes, [48, 336, 120, 340, 504, 216, 138, 384]);
        assert!(vocabulary.fields().iter().all(|field| field.size > 1 && field.size < MASK));
    }

    #[test]
    fn rows_and_voices_lie_where_they_say() {
        let vocabulary = Vocabulary::new();
        for (index, row) in Row::all().into_iter().enumerate() {
            assert_eq!(row.index(), index);
            assert!(vocabulary.fields()[vocabulary.row(row)].iter().all(|field| field.row == row));
        }
        for role in Role::ALL {
            let count = if role == Role::Drums { DrumLane::COUNT } else { voices(role) };
            for voice in 0..count {
                let field = vocabulary.fields()[vocabulary.voice(role, voice)];
                assert_eq!((field.row, usize::from(field.voice)), (Row::Role(role), voice));
                assert!(matches!(field.kind, FieldKind::Hit | FieldKind::Pitch));
            }
        }
        for row in Row::all() {
            let leads = |field: &usize| vocabulary.fields()[*field].kind.leads();
            assert!(vocabulary.leading(row).eq(vocabulary.row(row).filter(leads)), "{row:?}");
        }
    }

    #[test]
    fn classes_lead_back_to_themselves() {
        for role in Role::ALL.into_iter().filter(|role| role.is_pitched()) {
            let (low, high) = role.pitch_range();
            assert!((low..=high).all(|pitch| pitch_of(role, pitch_answer(role, pitch)) == pitch), "{role:?}");
        }
        for answer in 1..=VELOCITY_CLASSES {
            assert_eq!(velocity_answer(velocity_of(answer)), answer);
        }
        for velocity in 1..=127_u8 {
            let middle = velocity_of(velocity_answer(velocity));
            assert!(velocity.abs_diff(middle) <= 8 && (1..=127).contains(&middle));
        }
        for answer in 1..=RANK_CLASSES {
            assert_eq!(rank_answer(rank_of(answer)), answer);
        }
        for rank in 0..=100 {
            assert!(rank_of(rank_answer(Rank::new(rank))).get().abs_diff(rank) <= 5);
        }
    }
}
