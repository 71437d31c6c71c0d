//! Windows of real music: the lines of a file such as `windows.jsonl.zst`, each some bars of one piece.

use crate::material::{Material, Trust};
use sceneloop_music::{
    Bpm, Chord, ChordQuality, ChordSpan, Clip, Dice, DrumLane, Key, LoopGrid, Metre, Mode, Note, PerRole,
    PitchClass, Rank, Role, Style,
};
use serde::Deserialize;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

/// One line as it stands in the file. A step is a sixteenth.
#[derive(Debug, Clone, Deserialize)]
pub struct Window {
    /// Name of the collection.
    pub source: String,
    /// Name of the piece within it.
    pub piece: String,
    /// First bar, counted from 0.
    pub bar0: u32,
    /// How many bars.
    pub bars: u8,
    /// `train` or `valid`; other words name parts that are kept for judging.
    #[serde(default)]
    pub split: String,
    /// Time signature.
    pub meter: String,
    /// Beats a minute, 0 where unknown.
    pub tempo: f64,
    /// `C:maj`, `C:min`, `C:` or nothing.
    pub key: String,
    /// `annot`, `est` or `none`.
    pub chords_src: String,
    /// Where each chord begins.
    pub chord_step: Vec<u16>,
    /// Harte-like names, C. Harte and others, "Symbolic representation of musical chords", ISMIR 2005.
    pub chord_label: Vec<String>,
    /// What each track does.
    pub roles: Vec<String>,
    /// Onset, duration, MIDI key and velocity of each note of each track, flat.
    pub notes: Vec<Vec<i32>>,
    /// `genre:` and other words.
    #[serde(default)]
    pub labels: Vec<String>,
}

/// Sources that were written down in a notation program: their velocities and tempi are its defaults.
const NOTATED: [&str; 2] = ["lieder", "openewld"];

/// Reads windows, plain or compressed with zstd.
///
/// # Errors
/// A sentence with the number of the line that cannot be read.
pub fn read(path: &Path) -> anyhow::Result<Vec<Window>> {
    let open = || std::fs::File::open(path).map_err(|error| anyhow::anyhow!("{}: {error}", path.display()));
    let mut head = [0; 4];
    let compressed = open()?.read_exact(&mut head).is_ok() && head == [0x28, 0xb5, 0x2f, 0xfd];
    let lines: Box<dyn BufRead> = if compressed {
        Box::new(BufReader::new(zstd::Decoder::new(open()?)?))
    } else {
        Box::new(BufReader::new(open()?))
    };
    let mut windows = Vec::new();
    for (index, line) in lines.lines().enumerate() {
        let place = |error: &dyn std::fmt::Display| {
            anyhow::anyhow!("{}, line {}: {error}", path.display(), index + 1)
        };
        let line = line.map_err(|error| place(&error))?;
        if !line.trim().is_empty() {
            windows.push(serde_json::from_str(&line).map_err(|error| place(&error))?);
        }
    }
    Ok(windows)
}

impl Window {
    /// The metre, if it is one of ours.
    pub fn metre(&self) -> Option<Metre> {
        self.meter.parse().ok().filter(|_| (1..=8).contains(&self.bars))
    }

    /// The tonic, where the window says it.
    fn tonic(&self) -> Option<PitchClass> {
        note_name(self.key.split(':').next()?).map(|(class, _)| PitchClass::new(class))
    }

    /// The window as material. Where no key is known it is moved to any: `dice` says which.
    ///
    /// Nothing if the metre is none of ours.
    pub fn material(&self, dice: &mut Dice) -> Option<Material> {
        let metre = self.metre()?;
        let tonic = self.tonic();
        let mode = tonic.and_then(|_| match self.key.split(':').nth(1) {
            Some("maj") => Some(Mode::Ionian),
            Some("min") => Some(Mode::Aeolian),
            _ => None,
        });
        // Pitches are relative to the tonic; the key of what remains is on C.
        let key = Key::new(tonic.unwrap_or(PitchClass::new(dice.below(12) as i32)), mode.unwrap_or_default());
        let mut grid = LoopGrid::empty(
            metre,
            self.bars,
            Key::new(PitchClass::new(0), key.mode),
            Chord::new(0, ChordQuality::Power),
        );
        let (chords, complete) = self.chords(key.tonic);
        let harmony = match self.chords_src.as_str() {
            "annot" if complete => Trust::Sure,
            "annot" | "est" if !chords.is_empty() => Trust::Guessed,
            _ => Trust::Unknown,
        };
        grid.chords = chords;
        for (name, flat) in self.roles.iter().zip(&self.notes) {
            let Some(role) = role_named(name) else { continue };
            let notes = flat.chunks_exact(4).map(|note| [note[0], note[1], note[2], note[3]]);
            if role == Role::Drums {
                let source = self.source.as_str();
                grid.clips[role].notes.extend(notes.filter_map(|note| drum_note(source, note)));
            } else {
                grid.clips[role].notes.extend(notes.filter_map(|note| pitched_note(role, key, note)));
            }
        }
        let steps = grid.steps() as u16;
        for (role, clip) in grid.clips.iter_mut() {
            *clip = playable(role, std::mem::take(&mut clip.notes), steps);
        }
        let present = PerRole::from_fn(|role| !grid.clips[role].notes.is_empty());
        let played = !NOTATED.contains(&self.source.as_str());
        Some(Material {
            grid,
            present,
            // Middling: real music has no ranks, so nothing is learned from it.
            presence: PerRole::from_fn(|_| 0.75),
            harmony,
            mode,
            styles: self.styles(),
            tempo: if played && self.tempo > 0.0 { Bpm::new(self.tempo).ok() } else { None },
            velocities: played,
            ranks: false,
            swing: false,
        })
    }

    /// Chords relative to a tonic, and whether they hold for all of the window.
    fn chords(&self, tonic: PitchClass) -> (Vec<ChordSpan>, bool) {
        let mut complete = self.chord_step.first() == Some(&0);
        let mut spans: Vec<ChordSpan> = Vec::new();
        for (step, label) in self.chord_step.iter().zip(&self.chord_label) {
            match chord(label, tonic) {
                Some(chord) if spans.last().is_none_or(|last| last.chord != chord) => {
                    spans.push(ChordSpan { step: *step, chord });
                }
                Some(_) => {}
                None => complete = false,
            }
        }
        (spans, complete)
    }

    /// The families that the labels name.
    fn styles(&self) -> Vec<(Style, f32)> {
        let mut found: Vec<Style> = Vec::new();
        for label in &self.labels {
            if let Some(style) = style_of(label)
                && !found.contains(&style)
            {
                found.push(style);
            }
        }
        let weight = 1.0 / found.len().max(1) as f32;
        found.into_iter().map(|style| (style, weight)).collect()
    }
}

/// The role that plays what the window's does. A counter-melody goes to the arp: in songs it is the broken
/// accompaniment.
fn role_named(name: &str) -> Option<Role> {
    Some(match name {
        "drums" => Role::Drums,
        "bass" => Role::Bass,
        "chords" => Role::Chords,
        "pad" => Role::Pad,
        "arp" | "counter" => Role::Arp,
        "melody" => Role::Lead,
        "fx" => Role::Texture,
        _ => return None,
    })
}

/// The style family of a label; those whose idiom none of ours has have none.
fn style_of(label: &str) -> Option<Style> {
    Some(match label {
        "genre:art-song" => Style::Classical,
        "genre:rock" | "style:rockabilly" => Style::Rock,
        "genre:punk" => Style::Punk,
        "genre:funk" | "style:funk" => Style::Funk,
        "genre:reggae" => Style::Reggae,
        "style:march" => Style::March,
        "genre:pop-rock" | "genre:pop" | "genre:soul" | "genre:popular-pd" | "style:motown" => Style::Pop,
        "genre:jazz" | "style:swing" | "genre:neworleans" => Style::Jazz,
        "genre:latin" | "genre:afrocuban" | "style:brazilian-bossa" | "style:brazilian-samba" => Style::Latin,
        "genre:hiphop" => Style::HipHop,
        "genre:blues" => Style::Blues,
        "genre:country" | "style:folk" => Style::Folk,
        "genre:dance" => Style::House,
        "style:disco" => Style::Disco,
        "genre:chiptune" => Style::Chiptune,
        "style:breakbeat" => Style::DrumAndBass,
        _ => return None,
    })
}

/// Semitones above C of a name such as `Eb`, and how many characters it took.
fn note_name(text: &str) -> Option<(i32, usize)> {
    let mut letters = text.chars();
    let (mut class, mut length) = (PitchClass::semitones_of_letter(letters.next()?)?, 1);
    for letter in letters {
        match letter {
            '#' => class += 1,
            'b' => class -= 1,
            _ => break,
        }
        length += 1;
    }
    Some((class, length))
}

/// A chord relative to a tonic. Nothing for `N` and what is no chord's name.
fn chord(label: &str, tonic: PitchClass) -> Option<Chord> {
    let (root, length) = note_name(label)?;
    let rest = &label[length..];
    let (quality, bass) = match rest.split_once('/') {
        Some((quality, bass)) => (quality, Some(bass)),
        None => (rest, None),
    };
    let quality = quality_of(quality.trim_start_matches(':'));
    let mut chord = Chord::new(root - i32::from(tonic.get()), quality);
    let below =
        bass.and_then(degree).map(|interval| ((i32::from(chord.root) + interval).rem_euclid(12)) as u8);
    chord.bass = below.filter(|class| *class != chord.root);
    Some(chord)
}

/// Our nearest quality of a Harte shorthand.
fn quality_of(text: &str) -> ChordQuality {
    use ChordQuality as Q;
    let base = text.split('(').next().unwrap_or_default();
    match (base, text) {
        (_, "sus4(b7)" | "sus4(b7,9)" | "sus4(b7,9,13)") => Q::Dominant7Sus4,
        (_, "maj(9)") => Q::Add9,
        (_, "min(9)") => Q::MinorAdd9,
        ("min", _) => Q::Minor,
        ("dim", _) => Q::Diminished,
        ("aug" | "aug7", _) => Q::Augmented,
        ("sus2", _) => Q::Sus2,
        ("sus4", _) => Q::Sus4,
        ("5" | "1", _) => Q::Power,
        ("maj6", _) => Q::Sixth,
        ("min6", _) => Q::MinorSixth,
        ("maj7" | "maj13", _) => Q::Major7,
        ("min7", _) => Q::Minor7,
        ("7", _) => Q::Dominant7,
        ("minmaj7", _) => Q::MinorMajor7,
        ("hdim7", _) => Q::HalfDiminished7,
        ("dim7", _) => Q::Diminished7,
        ("11", _) => Q::Dominant7Sus4,
        ("maj9", _) => Q::Major9,
        ("min9" | "min11" | "min13", _) => Q::Minor9,
        ("9" | "13", _) => Q::Dominant9,
        _ => Q::Major,
    }
}

/// Semitones of a degree of the major scale such as `b7`.
fn degree(text: &str) -> Option<i32> {
    let digits = text.trim_start_matches(['b', '#']);
    let shift: i32 = text[..text.len() - digits.len()].chars().map(|c| if c == '#' { 1 } else { -1 }).sum();
    let number: usize = digits.parse().ok()?;
    let scale = [0, 2, 4, 5, 7, 9, 11];
    Some(scale[number.checked_sub(1)? % 7] + shift)
}

/// A hit, unless its key is none of a kit's.
fn drum_note(source: &str, [onset, _, key, velocity]: [i32; 4]) -> Option<Note> {
    use DrumLane as Lane;
    let lane = match key {
        35 | 36 => Lane::Kick,
        38 | 40 => Lane::Snare,
        37 | 75 | 76 | 77 => Lane::Rim,
        39 => Lane::Clap,
        22 | 42 | 44 => Lane::ClosedHat,
        // Groove was played on a kit whose hi-hat edge, open, is key 26, and whose third tom's rim is 58.
        26 | 46 => Lane::OpenHat,
        51 | 53 | 59 => Lane::Ride,
        49 | 52 | 55 | 57 => Lane::Crash,
        58 if source == "groove" => Lane::TomLow,
        41 | 43 => Lane::TomLow,
        45 | 47 => Lane::TomMid,
        48 | 50 => Lane::TomHigh,
        69 | 70 | 73 | 74 | 82 => Lane::Shaker,
        54 => Lane::Tambourine,
        61 | 64 | 66 => Lane::HandLow,
        60 | 62 | 63 | 65 => Lane::HandHigh,
        56 | 67 | 68 | 80 | 81 => Lane::Bell,
        _ => return None,
    };
    Some(Note {
        onset: u16::try_from(onset).ok()?,
        duration: 1,
        pitch: lane.pitch(),
        velocity: velocity.clamp(1, 127) as u8,
        rank: Rank::ALWAYS,
    })
}

/// A note relative to the key, moved by octaves into its role's range.
fn pitched_note(role: Role, key: Key, [onset, duration, midi_key, velocity]: [i32; 4]) -> Option<Note> {
    let (low, high) = role.pitch_range();
    let mut pitch = i32::from(key.pitch(u8::try_from(midi_key).ok()?));
    while pitch < i32::from(low) {
        pitch += 12;
    }
    while pitch > i32::from(high) {
        pitch -= 12;
    }
    Some(Note {
        onset: u16::try_from(onset).ok()?,
        duration: duration.clamp(1, 512) as u16,
        pitch: pitch as i8,
        velocity: velocity.clamp(1, 127) as u8,
        rank: Rank::ALWAYS,
    })
}

/// A clip that the vocabulary can tell: within the loop, one note of a pitch at a time, no more at once than the role
/// has voices.
fn playable(role: Role, mut notes: Vec<Note>, steps: u16) -> Clip {
    notes.retain(|note| note.onset < steps);
    notes.sort_by_key(|note| (note.onset, note.pitch, std::cmp::Reverse((note.velocity, note.duration))));
    notes.dedup_by_key(|note| (note.onset, note.pitch));
    let mut kept: Vec<Note> = Vec::new();
    for mut note in notes {
        note.duration = note.duration.min(steps - note.onset);
        for before in kept.iter_mut().filter(|before| before.pitch == note.pitch && before.end() > note.onset)
        {
            before.duration = note.onset - before.onset;
        }
        let sounding = kept.iter().filter(|before| before.end() > note.onset).count();
        if role == Role::Drums || sounding < sceneloop_model::vocabulary::voices(role) {
            kept.push(note);
        }
    }
    Clip::new(kept)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sceneloop_model::{Tokens, Vocabulary};

    const LINE: &str = r#"{"id":"x","source":"x","piece":"p","split":"train","bar0":0,"bars":1,"tempo":100.0,
        "meter":"4/4","key":"Eb:min","chords_src":"annot","chord_step":[0,8],"chord_label":["Eb:min7/b3","Bb:7"],
        "roles":["melody","drums","bass"],"programs":[0,0,0],
        "notes":[[0,4,75,90,2,6,75,80,4,40,78,70],[0,1,36,100,0,1,35,60,4,1,27,90],[0,16,15,80]],"labels":["genre:rock"]}"#;

    fn window(text: &str) -> Window {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_line_becomes_material_on_its_tonic() {
        let material = window(LINE).material(&mut Dice::new(1, "test")).unwrap();
        assert_eq!((material.mode, material.harmony), (Some(Mode::Aeolian), Trust::Sure));
        assert_eq!(material.styles, [(Style::Rock, 1.0)]);
        let names: Vec<_> =
            material.grid.chords.iter().map(|span| (span.step, span.chord.root, span.chord.bass)).collect();
        assert_eq!(names, [(0, 0, Some(3)), (8, 7, None)]);
        // Eb above middle C is the tonic nearest to it; a note of one pitch ends where the next begins.
        let lead: Vec<_> = material.grid.clips[Role::Lead]
            .notes
            .iter()
            .map(|note| (note.onset, note.duration, note.pitch))
            .collect();
        assert_eq!(lead, [(0, 2, 12), (2, 6, 12), (4, 12, 15)]);
        let drums = &material.grid.clips[Role::Drums].notes;
        assert_eq!(
            drums.iter().map(|hit| (hit.onset, hit.pitch, hit.velocity)).collect::<Vec<_>>(),
            [(0, 0, 100)]
        );
        assert_eq!(material.grid.clips[Role::Bass].notes[0].pitch, -36);
        assert!(material.present[Role::Bass] && !material.present[Role::Pad]);
        let vocabulary = Vocabulary::new();
        assert!(Tokens::of_material(&material.grid, &vocabulary).is_ok());
    }

    #[test]
    fn chords_are_read_as_they_are_written() {
        let c = PitchClass::new(0);
        assert_eq!(chord("N", c), None);
        assert_eq!(chord("F#:hdim7", c), Some(Chord::new(6, ChordQuality::HalfDiminished7)));
        assert_eq!(chord("C:maj/5", c).unwrap().bass, Some(7));
        assert_eq!(chord("G:sus4(b7)", c), Some(Chord::new(7, ChordQuality::Dominant7Sus4)));
        assert_eq!(chord("Bb", PitchClass::new(10)), Some(Chord::new(0, ChordQuality::Major)));
    }

    #[test]
    fn no_key_is_any_key_and_a_strange_metre_is_none() {
        let free = LINE.replace("Eb:min", "");
        let pitches: std::collections::BTreeSet<i8> = (0..64)
            .map(|seed| {
                window(&free).material(&mut Dice::new(seed, "test")).unwrap().grid.clips[Role::Lead].notes[0]
                    .pitch
            })
            .collect();
        assert_eq!(pitches.len(), 12);
        assert!(window(&LINE.replace("4/4", "4/3")).material(&mut Dice::new(1, "test")).is_none());
    }

    #[test]
    fn the_line_that_is_wrong_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("windows.jsonl");
        let line = LINE.replace('\n', " ");
        std::fs::write(&path, format!("{line}\n{{\"id\":3}}\n")).unwrap();
        assert!(read(&path).unwrap_err().to_string().contains("line 2"));
        std::fs::write(&path, zstd::encode_all(line.as_bytes(), 3).unwrap()).unwrap();
        assert_eq!(read(&path).unwrap().len(), 1);
    }
}
