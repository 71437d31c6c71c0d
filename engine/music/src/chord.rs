//! Chords, relative to the tonic of the key.

use crate::key::{Key, PitchClass};
use serde::{Deserialize, Serialize};

/// The intervals of a chord above its root.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChordQuality {
    /// Root and fifth.
    Power,
    /// Major triad.
    Major,
    /// Minor triad.
    Minor,
    /// Diminished triad.
    Diminished,
    /// Augmented triad.
    Augmented,
    /// Second instead of the third.
    Sus2,
    /// Fourth instead of the third.
    Sus4,
    /// Major triad and sixth.
    Sixth,
    /// Minor triad and major sixth.
    MinorSixth,
    /// Major triad and ninth.
    Add9,
    /// Minor triad and ninth.
    MinorAdd9,
    /// Major triad and major seventh.
    Major7,
    /// Minor triad and minor seventh.
    Minor7,
    /// Major triad and minor seventh.
    Dominant7,
    /// Minor triad and major seventh.
    MinorMajor7,
    /// Diminished triad and minor seventh.
    HalfDiminished7,
    /// Diminished triad and diminished seventh.
    Diminished7,
    /// Fourth, fifth and minor seventh.
    Dominant7Sus4,
    /// Major seventh and ninth.
    Major9,
    /// Minor seventh and ninth.
    Minor9,
    /// Dominant seventh and ninth.
    Dominant9,
}

impl ChordQuality {
    /// All qualities in their frozen order.
    pub const ALL: [Self; 21] = [
        Self::Power,
        Self::Major,
        Self::Minor,
        Self::Diminished,
        Self::Augmented,
        Self::Sus2,
        Self::Sus4,
        Self::Sixth,
        Self::MinorSixth,
        Self::Add9,
        Self::MinorAdd9,
        Self::Major7,
        Self::Minor7,
        Self::Dominant7,
        Self::MinorMajor7,
        Self::HalfDiminished7,
        Self::Diminished7,
        Self::Dominant7Sus4,
        Self::Major9,
        Self::Minor9,
        Self::Dominant9,
    ];

    /// Semitones above the root, rising from 0; the ninth is 14.
    pub fn intervals(self) -> &'static [u8] {
        match self {
            Self::Power => &[0, 7],
            Self::Major => &[0, 4, 7],
            Self::Minor => &[0, 3, 7],
            Self::Diminished => &[0, 3, 6],
            Self::Augmented => &[0, 4, 8],
            Self::Sus2 => &[0, 2, 7],
            Self::Sus4 => &[0, 5, 7],
            Self::Sixth => &[0, 4, 7, 9],
            Self::MinorSixth => &[0, 3, 7, 9],
            Self::Add9 => &[0, 4, 7, 14],
            Self::MinorAdd9 => &[0, 3, 7, 14],
            Self::Major7 => &[0, 4, 7, 11],
            Self::Minor7 => &[0, 3, 7, 10],
            Self::Dominant7 => &[0, 4, 7, 10],
            Self::MinorMajor7 => &[0, 3, 7, 11],
            Self::HalfDiminished7 => &[0, 3, 6, 10],
            Self::Diminished7 => &[0, 3, 6, 9],
            Self::Dominant7Sus4 => &[0, 5, 7, 10],
            Self::Major9 => &[0, 4, 7, 11, 14],
            Self::Minor9 => &[0, 3, 7, 10, 14],
            Self::Dominant9 => &[0, 4, 7, 10, 14],
        }
    }

    /// What stands behind the root in a chord symbol: "", "m", "maj7" …
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Power => "5",
            Self::Major => "",
            Self::Minor => "m",
            Self::Diminished => "dim",
            Self::Augmented => "aug",
            Self::Sus2 => "sus2",
            Self::Sus4 => "sus4",
            Self::Sixth => "6",
            Self::MinorSixth => "m6",
            Self::Add9 => "add9",
            Self::MinorAdd9 => "m(add9)",
            Self::Major7 => "maj7",
            Self::Minor7 => "m7",
            Self::Dominant7 => "7",
            Self::MinorMajor7 => "m(maj7)",
            Self::HalfDiminished7 => "m7b5",
            Self::Diminished7 => "dim7",
            Self::Dominant7Sus4 => "7sus4",
            Self::Major9 => "maj9",
            Self::Minor9 => "m9",
            Self::Dominant9 => "9",
        }
    }

    /// Other ways to write [`Self::symbol`].
    fn aliases(self) -> &'static [&'static str] {
        match self {
            Self::Major => &["maj", "M"],
            Self::Minor => &["min", "mi", "-"],
            Self::Diminished => &["°", "o"],
            Self::Augmented => &["+"],
            Self::Sus4 => &["sus"],
            Self::MinorSixth => &["min6", "-6"],
            Self::Add9 => &["(add9)"],
            Self::MinorAdd9 => &["madd9"],
            Self::Major7 => &["M7", "Δ", "Δ7"],
            Self::Minor7 => &["min7", "mi7", "-7"],
            Self::MinorMajor7 => &["mM7", "mmaj7"],
            Self::HalfDiminished7 => &["ø", "ø7", "m7(b5)", "min7b5"],
            Self::Diminished7 => &["°7", "o7"],
            Self::Major9 => &["M9"],
            Self::Minor9 => &["min9", "-9"],
            _ => &[],
        }
    }

    fn of_symbol(symbol: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|quality| quality.symbol() == symbol || quality.aliases().contains(&symbol))
    }
}

/// Not a chord symbol.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{0}\" is not a chord; write a note from A to G with # or b and a quality, such as Am7, F/C or Ebmaj7; qualities are {qualities}",
    qualities = ChordQuality::ALL.map(|quality| if quality == ChordQuality::Major { "major (nothing)" } else { quality.symbol() }).join(", ")
)]
pub struct ChordError(pub String);

/// A chord relative to the tonic of the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chord {
    /// Semitones of the root above the tonic, 0 to 11.
    pub root: u8,
    /// Its intervals.
    pub quality: ChordQuality,
    /// Semitones of the bass note above the tonic, 0 to 11, where it is not the root.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bass: Option<u8>,
}

impl Chord {
    /// A chord in root position; `root` is folded into one octave above the tonic.
    pub fn new(root: i32, quality: ChordQuality) -> Self {
        Self { root: root.rem_euclid(12) as u8, quality, bass: None }
    }

    /// Reads a symbol such as "Am7" or "F/C", relative to a tonic: the other way round than [`Self::symbol`].
    ///
    /// # Errors
    /// [`ChordError`] where the text does not begin with a note, or the quality is not known.
    pub fn parse(symbol: &str, tonic: PitchClass) -> Result<Self, ChordError> {
        let bad = || ChordError(symbol.into());
        let (chord, bass) = match symbol.split_once('/') {
            Some((chord, bass)) => (chord, Some(bass)),
            None => (symbol, None),
        };
        let (root, quality) = PitchClass::split(chord).ok_or_else(bad)?;
        let quality = ChordQuality::of_symbol(quality).ok_or_else(bad)?;
        let bass = match bass.map(PitchClass::split) {
            None => None,
            Some(Some((bass, ""))) => Some(bass.above(tonic)),
            Some(_) => return Err(bad()),
        };
        let root = root.above(tonic);
        Ok(Self { root, quality, bass: bass.filter(|bass| *bass != root) })
    }

    /// Pitch classes above the tonic, 0 to 11, root first.
    pub fn pitch_classes(self) -> impl Iterator<Item = u8> {
        self.quality.intervals().iter().map(move |interval| (self.root + interval) % 12)
    }

    /// Whether a pitch in semitones above the tonic belongs to the chord.
    pub fn contains(self, pitch: i32) -> bool {
        let class = pitch.rem_euclid(12) as u8;
        self.pitch_classes().any(|tone| tone == class)
    }

    /// Pitch class of the lowest note above the tonic, 0 to 11.
    pub fn bass_class(self) -> u8 {
        self.bass.unwrap_or(self.root)
    }

    /// Chord symbol in a key: "Am7", "F/C".
    pub fn symbol(self, key: Key) -> String {
        let mut symbol = format!("{}{}", key.spell(self.root), self.quality.symbol());
        if let Some(bass) = self.bass.filter(|bass| *bass != self.root) {
            symbol += &format!("/{}", key.spell(bass));
        }
        symbol
    }
}

/// A chord and the step of the loop from which it holds, until the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChordSpan {
    /// Step from the start of the loop.
    pub step: u16,
    /// The chord from there on.
    pub chord: Chord,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::Mode;

    #[test]
    fn symbols_follow_the_key() {
        let key = Key::new(PitchClass::new(9), Mode::Aeolian);
        assert_eq!(Chord::new(0, ChordQuality::Minor7).symbol(key), "Am7");
        assert_eq!(Chord::new(-4, ChordQuality::Major).symbol(key), "F");
        assert_eq!(Chord { bass: Some(3), ..Chord::new(8, ChordQuality::Major) }.symbol(key), "F/C");
        // The flat second of F is a G: the same key of the piano as F#, and another name.
        let key = Key::new(PitchClass::new(5), Mode::Phrygian);
        assert_eq!(Chord::new(1, ChordQuality::Major).symbol(key), "Gb");
    }

    #[test]
    fn every_symbol_is_read_back_in_every_key() {
        for tonic in (0..12).map(PitchClass::new) {
            let key = Key::new(tonic, Mode::Aeolian);
            for quality in ChordQuality::ALL {
                for root in 0..12 {
                    let plain = Chord::new(root, quality);
                    let slash = Chord { bass: Some((plain.root + 5) % 12), ..plain };
                    for chord in [plain, slash] {
                        assert_eq!(Chord::parse(&chord.symbol(key), tonic), Ok(chord));
                    }
                }
            }
        }
    }

    #[test]
    fn chords_are_read_as_people_write_them() {
        let c = PitchClass::new(0);
        for (text, root, quality) in [
            ("bb", 10, ChordQuality::Major),
            ("F♯min7", 6, ChordQuality::Minor7),
            ("EM7", 4, ChordQuality::Major7),
            ("G+", 7, ChordQuality::Augmented),
            ("C/C", 0, ChordQuality::Major),
        ] {
            assert_eq!(Chord::parse(text, c), Ok(Chord::new(root, quality)), "{text}");
        }
        for text in ["", "H", "Cx", "C/", "C/Gm", "/C", "C7#5b9"] {
            assert_eq!(Chord::parse(text, c), Err(ChordError(text.into())));
        }
    }

    #[test]
    fn no_symbol_means_two_qualities() {
        let all: Vec<&str> = ChordQuality::ALL
            .into_iter()
            .flat_map(|quality| quality.aliases().iter().copied().chain([quality.symbol()]))
            .collect();
        let known: std::collections::BTreeSet<&str> = all.iter().copied().collect();
        assert_eq!(known.len(), all.len());
    }

    #[test]
    fn intervals_rise_from_the_root_and_differ() {
        for (index, quality) in ChordQuality::ALL.into_iter().enumerate() {
            let intervals = quality.intervals();
            assert_eq!(intervals[0], 0);
            assert!(intervals.windows(2).all(|pair| pair[0] < pair[1]));
            for other in &ChordQuality::ALL[index + 1..] {
                assert_ne!(intervals, other.intervals());
                assert_ne!(quality.symbol(), other.symbol());
            }
        }
    }
}
