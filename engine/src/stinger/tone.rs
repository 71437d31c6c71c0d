//! Tones of a stinger: steps of the chord and the scale that sound, made into keys when the note is due.

use sceneloop_music::{Chord, ChordQuality, DrumLane, Key};

/// Key and chord that sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Harmony {
    pub key: Key,
    pub chord: Chord,
}

impl Default for Harmony {
    fn default() -> Self {
        Self { key: Key::default(), chord: Chord::new(0, ChordQuality::Power) }
    }
}

/// What a note is, before it is known in which harmony it will be struck. Numbers of steps may be negative; they are
/// counted from the first such tone at or above a floor, a MIDI key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// A drum.
    Drum(DrumLane),
    /// Tones of the chord.
    Chord { floor: u8, step: i8 },
    /// Notes of the scale.
    Scale { floor: u8, step: i8 },
    /// The tonic where the chord has it, else the chord's own root: where a figure comes to rest.
    Home { floor: u8 },
    /// The root of the chord.
    Root { floor: u8 },
    /// The note that rubs on the root of the chord: a semitone above it, else a tritone, else the next note of the scale.
    Rub { floor: u8 },
    /// A fifth above the root where chord or scale has it, else an octave: what is bare.
    Bare { floor: u8 },
    /// The raised fourth where the scale has it beside a fifth, else the ninth, else a tone of the chord: what is bright.
    Bright { floor: u8 },
}

impl Tone {
    /// What the renderer is given as pitch: a MIDI key, or the number of a drum lane.
    pub fn pitch(self, harmony: Harmony) -> u8 {
        match self {
            Self::Drum(lane) => lane.index() as u8,
            tone => tone.key(harmony),
        }
    }

    /// What goes out as MIDI.
    pub fn midi_key(self, harmony: Harmony) -> u8 {
        match self {
            Self::Drum(lane) => lane.midi_key(),
            tone => tone.key(harmony),
        }
    }

    fn key(self, harmony: Harmony) -> u8 {
        let Harmony { key, chord } = harmony;
        let tonic = i32::from(key.tonic.get());
        let above_tonic = |midi: i32| midi - tonic;
        let in_chord = |midi: i32| chord.contains(above_tonic(midi));
        let in_scale = |midi: i32| key.mode.contains(above_tonic(midi));
        let class = |wanted: i32| move |midi: i32| (midi - tonic - wanted).rem_euclid(12) == 0;
        let root = i32::from(chord.root);
        match self {
            Self::Drum(lane) => lane.midi_key(),
            Self::Chord { floor, step } => nth(floor, step, in_chord),
            Self::Scale { floor, step } => nth(floor, step, in_scale),
            Self::Home { floor } if chord.contains(0) => nth(floor, 0, class(0)),
            Self::Home { floor } | Self::Root { floor } => nth(floor, 0, class(root)),
            Self::Rub { floor } => {
                let base = nth(floor, 0, class(root));
                let rubs = [1, 6, 2, 3].into_iter().find(|up| in_scale(i32::from(base) + up));
                (i32::from(base) + rubs.unwrap_or(12)).clamp(0, 127) as u8
            }
            Self::Bare { floor } => {
                let base = i32::from(nth(floor, 0, class(root)));
                let up = if in_chord(base + 7) || in_scale(base + 7) { 7 } else { 12 };
                (base + up).clamp(0, 127) as u8
            }
            Self::Bright { floor } => {
                let lydian = key.mode.contains(6) && key.mode.contains(7) && key.mode.contains(4);
                match (lydian, key.mode.contains(2)) {
                    (true, _) => nth(floor, 0, class(6)),
                    (false, true) => nth(floor, 0, class(2)),
                    (false, false) => nth(floor, 0, in_chord),
                }
            }
        }
    }
}

/// The `step`-th key that fits, counted from the first at or above a floor; the nearest to it within 0 to 127.
fn nth(floor: u8, step: i8, fits: impl Fn(i32) -> bool) -> u8 {
    let first = (i32::from(floor)..128).find(|midi| fits(*midi)).unwrap_or(i32::from(floor));
    let (mut at, mut left) = (first, i32::from(step).abs());
    let way = i32::from(step.signum());
    let mut midi = first;
    while left > 0 && (0..128).contains(&(midi + way)) {
        midi += way;
        if fits(midi) {
            (at, left) = (midi, left - 1);
        }
    }
    at.clamp(0, 127) as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use sceneloop_music::{Mode, PitchClass};

    fn every_harmony(mut each: impl FnMut(Harmony)) {
        for tonic in 0..12 {
            for mode in Mode::ALL {
                for &root in mode.harmony() {
                    for quality in ChordQuality::ALL {
                        let chord = Chord::new(i32::from(root), quality);
                        each(Harmony { key: Key::new(PitchClass::new(tonic), mode), chord });
                    }
                }
            }
        }
    }

    #[test]
    fn tones_are_what_they_say_in_every_harmony() {
        every_harmony(|harmony| {
            let Harmony { key, chord } = harmony;
            let above = |tone: Tone| i32::from(tone.pitch(harmony)) - i32::from(key.tonic.get());
            for step in -6..=6 {
                assert!(chord.contains(above(Tone::Chord { floor: 60, step })));
                assert!(key.mode.contains(above(Tone::Scale { floor: 60, step })));
            }
            let home = above(Tone::Home { floor: 48 });
            assert_eq!(home.rem_euclid(12), if chord.contains(0) { 0 } else { i32::from(chord.root) });
            assert_eq!(above(Tone::Root { floor: 30 }).rem_euclid(12), i32::from(chord.root));
            let rub = above(Tone::Rub { floor: 40 });
            assert!(key.mode.contains(rub) || (rub - i32::from(chord.root)).rem_euclid(12) == 0);
            let bare = (above(Tone::Bare { floor: 40 }) - i32::from(chord.root)).rem_euclid(12);
            assert!(bare == 7 || bare == 0);
            let bright = above(Tone::Bright { floor: 72 });
            assert!(key.mode.contains(bright) || chord.contains(bright));
        });
    }

    #[test]
    fn steps_rise_and_fall_from_the_floor() {
        let key = Key::new(PitchClass::new(0), Mode::Ionian);
        let harmony = Harmony { key, chord: Chord::new(7, ChordQuality::Major) };
        let chord = |step| Tone::Chord { floor: 60, step }.pitch(harmony);
        assert_eq!([chord(0), chord(1), chord(2), chord(3), chord(-1)], [62, 67, 71, 74, 59]);
        let scale = |step| Tone::Scale { floor: 60, step }.pitch(harmony);
        assert_eq!([scale(0), scale(1), scale(7), scale(-1)], [60, 62, 72, 59]);
        assert_eq!(Tone::Home { floor: 60 }.pitch(harmony), 67, "no C over a G");
        assert_eq!(Tone::Drum(DrumLane::Crash).midi_key(harmony), 49);
        assert_eq!(Tone::Drum(DrumLane::Crash).pitch(harmony), 7);
    }

    #[test]
    fn what_is_bright_is_lydian_where_the_mode_is() {
        let chord = Chord::new(0, ChordQuality::Major);
        let bright = |mode| {
            let key = Key::new(PitchClass::new(0), mode);
            Tone::Bright { floor: 72 }.pitch(Harmony { key, chord }) % 12
        };
        assert_eq!(bright(Mode::Lydian), 6);
        assert_eq!(bright(Mode::Ionian), 2);
        assert_eq!(bright(Mode::Phrygian), 0);
    }
}
