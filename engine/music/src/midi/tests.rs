//! There and back, by hand, and with bytes that no program wrote.

use super::write::{key_of_signature, signature};
use super::*;
use crate::chord::{Chord, ChordQuality};
use crate::{Clip, DrumLane, Energy, LoopGrid, Mode, Note, PitchClass, Rank, Role, Swing};
use proptest::prelude::*;

fn note(start: f64, length: f64, key: u8, velocity: u8) -> MidiNote {
    MidiNote { start, length, key, velocity }
}

/// A file of a header and tracks, made by hand.
fn file(format: u8, division: u16, tracks: &[&[u8]]) -> Vec<u8> {
    let mut bytes = b"MThd\0\0\0\x06\0".to_vec();
    bytes.push(format);
    bytes.extend((tracks.len() as u16).to_be_bytes());
    bytes.extend(division.to_be_bytes());
    for track in tracks {
        bytes.extend(b"MTrk");
        bytes.extend((track.len() as u32).to_be_bytes());
        bytes.extend(*track);
    }
    bytes
}

const END: &[u8] = &[0, 0xff, 0x2f, 0];

#[test]
fn a_small_song_has_exactly_the_bytes_of_the_standard() {
    let mut song = MidiSong {
        tempo: vec![(0.0, Bpm::new(120.0).unwrap())],
        metres: vec![(0.0, "6/8".parse().unwrap())],
        key: Some("D dorian".parse().unwrap()),
        markers: vec![(1.0, "A".into())],
        ..MidiSong::default()
    };
    // Two notes of one key that touch: the end comes before the start at tick 480.
    song.tracks[Role::Bass] = vec![note(0.0, 0.5, 36, 100), note(0.5, 0.5, 36, 90)];
    let name = |name: &str| [&[0, 0xff, 0x03, name.len() as u8], name.as_bytes()].concat();
    let conductor = [
        name("Sceneloop"),
        vec![0, 0xff, 0x59, 2, 0xff, 1], // one flat, minor
        [&[0, 0xff, 0x01, 13], b"Key: D dorian".as_slice()].concat(),
        vec![0, 0xff, 0x58, 4, 6, 3, 36, 8], // 6/8, a click each dotted quarter
        vec![0, 0xff, 0x51, 3, 0x07, 0xa1, 0x20], // 500,000 microseconds
        vec![0x87, 0x40, 0xff, 0x06, 1, b'A'], // 960 ticks on
        END.to_vec(),
    ]
    .concat();
    let bass = [
        name("bass"),
        vec![0, 0x90, 36, 100],         // channel 1
        vec![0x83, 0x60, 0x80, 36, 64], // 480 ticks on
        vec![0, 0x90, 36, 90],
        vec![0x83, 0x60, 0x80, 36, 64],
        END.to_vec(),
    ]
    .concat();
    let empty: Vec<Vec<u8>> =
        Role::ALL.iter().map(|role| [name(role.name()), END.to_vec()].concat()).collect();
    let mut tracks: Vec<&[u8]> = vec![&conductor];
    tracks.extend(
        Role::ALL
            .iter()
            .zip(&empty)
            .map(|(role, empty)| if *role == Role::Bass { &bass } else { empty }.as_slice()),
    );
    assert_eq!(song.to_bytes(), file(1, TICKS_PER_QUARTER, &tracks));
}

#[test]
fn a_format_0_file_with_running_status_is_read_by_hand() {
    let track: &[u8] = &[
        0, 0xff, 0x51, 3, 0x09, 0x27, 0xc0, // 600,000 microseconds: 100 BPM
        0, 0xc2, 33, // channel 3: finger bass
        0, 0x92, 40, 100, // on
        0, 47, 80, // running status: on
        48, 40, 0, // running status: velocity 0 ends the first after half a quarter
        0, 0x99, 36, 127, // channel 10: bass drum
        48, 0x89, 36, 0, //
        0, 0xb0, 7, 100, // a controller, passed over
        0, 0xf0, 2, 1, 0xf7, // a system message, passed over
        0, 0xff, 0x2f, 0, // the second note has no end: it lasts until here
    ];
    let song = MidiSong::from_bytes(&file(0, 96, &[track])).unwrap();
    assert_eq!(song.tempo, [(0.0, Bpm::new(100.0).unwrap())]);
    assert_eq!(song.tracks[Role::Bass], [note(0.0, 0.5, 40, 100), note(0.0, 1.0, 47, 80)]);
    assert_eq!(song.tracks[Role::Drums], [note(0.5, 0.5, 36, 127)]);
    assert_eq!(song.key, None);
}

#[test]
fn parts_find_their_roles() {
    let part = |name: &str, channel: u8, program: Option<u8>, keys: &[u8]| {
        let mut track = vec![0, 0xff, 0x03, name.len() as u8];
        track.extend(name.as_bytes());
        track.extend(program.into_iter().flat_map(|program| [0, 0xc0 | channel, program]));
        track.extend(keys.iter().flat_map(|key| [0, 0x90 | channel, *key, 64]));
        track.extend(keys.iter().flat_map(|key| [96, 0x80 | channel, *key, 0]));
        track.extend(END);
        let song = MidiSong::from_bytes(&file(1, 96, &[&track])).unwrap();
        let mut roles = song.tracks.iter().filter(|(_, notes)| !notes.is_empty()).map(|(role, _)| role);
        let role = roles.next().unwrap();
        assert_eq!(roles.next(), None);
        role
    };
    assert_eq!(part("Lead", 9, None, &[40]), Role::Drums);
    assert_eq!(part("Slap Bass", 0, Some(80), &[60]), Role::Bass);
    assert_eq!(part("Grand Piano", 5, None, &[60]), Role::Chords);
    assert_eq!(part("旋律", 0, None, &[60]), Role::Lead);
    assert_eq!(part("Track 3", 0, Some(91), &[60]), Role::Pad);
    assert_eq!(part("", 4, None, &[60]), Role::Lead);
    assert_eq!(part("", 12, None, &[36]), Role::Bass);
    assert_eq!(part("", 12, None, &[60, 64, 67]), Role::Chords);
    assert_eq!(part("", 12, None, &[72]), Role::Lead);
}

#[test]
fn time_code_is_read_at_120() {
    // 25 frames of 40: a tick is a millisecond, a quarter 500.
    let track: &[u8] = &[0, 0x90, 60, 64, 0x87, 0x68, 0x80, 60, 0, 0, 0xff, 0x2f, 0];
    let song = MidiSong::from_bytes(&file(1, 0xe728, &[track])).unwrap();
    assert_eq!(song.tracks[Role::Bass], [note(0.0, 2.0, 60, 64)]);
    assert_eq!(song.tempo, [(0.0, Bpm::new(120.0).unwrap())]);
}

#[test]
fn faults_are_told_in_one_sentence() {
    let fault = |bytes: &[u8]| MidiSong::from_bytes(bytes).unwrap_err();
    assert_eq!(fault(b""), MidiFileError::NotMidi);
    assert_eq!(fault(b"RIFF and nothing else"), MidiFileError::NotMidi);
    assert_eq!(fault(b"MThd\0\0\0\x06\0\x01"), MidiFileError::NotMidi);
    assert_eq!(fault(&file(1, 0, &[END])), MidiFileError::Timing);
    assert_eq!(fault(&file(1, 0x8001, &[END])), MidiFileError::Timing);
    assert_eq!(fault(&file(1, 0xe700, &[END])), MidiFileError::Timing);
    assert_eq!(fault(&file(2, 96, &[END])), MidiFileError::Sequential);
    assert_eq!(fault(&file(1, 96, &[END, &[0, 0x90, 60]])), MidiFileError::Damaged(2));
    assert_eq!(fault(&file(1, 96, &[END, &[0, 0x90, 60, 64]])), MidiFileError::Damaged(2));
    assert_eq!(fault(&file(1, 1, &[&[0xff, 0xff, 0xff, 0x7f, 0xff, 0x2f, 0]])), MidiFileError::Long);
    assert_eq!(fault(&vec![0; MAX_FILE_BYTES + 1]), MidiFileError::Large(MAX_FILE_BYTES + 1));
    let mut missing = file(1, 96, &[END]);
    missing[11] = 3;
    assert_eq!(fault(&missing), MidiFileError::Damaged(2));
    // A wrapper before the header does no harm.
    assert!(
        MidiSong::from_bytes(&[b"RIFF....RMIDdata....".as_slice(), &file(1, 96, &[END])].concat()).is_ok()
    );
    // Metres that a loop cannot have are passed over.
    let odd = [&[0, 0xff, 0x58, 4, 4, 9, 24, 8, 0, 0xff, 0x58, 4, 3, 2, 24, 8], END].concat();
    assert_eq!(MidiSong::from_bytes(&file(1, 96, &[&odd])).unwrap().metres, [(0.0, Metre::THREE_FOUR)]);
}

#[test]
fn signatures_are_the_conventional_ones() {
    for (key, expected) in [
        ("C", (0, false)),
        ("A minor", (0, true)),
        ("D dorian", (-1, true)),
        ("Eb", (-3, false)),
        ("F#", (6, false)),
        ("Ab", (-4, false)),
        ("C# minor", (4, true)),
        ("E phrygian", (1, true)),
        ("F lydian", (-1, false)),
        ("G gong", (1, false)),
        ("E yu", (1, true)),
        ("E phrygian dominant", (4, false)),
    ] {
        assert_eq!(signature(key.parse().unwrap()), expected, "{key}");
    }
    for tonic in 0..12 {
        for mode in Mode::ALL {
            let key = Key::new(PitchClass::new(tonic), mode);
            let (accidentals, minor) = signature(key);
            assert!((-6..=6).contains(&accidentals), "{key}: {accidentals}");
            assert_eq!(key_of_signature(accidentals, minor).unwrap().tonic, key.tonic, "{key}");
            let song = MidiSong { key: Some(key), ..MidiSong::default() };
            assert_eq!(MidiSong::from_bytes(&song.to_bytes()).unwrap().key, Some(key));
        }
    }
}

#[test]
fn a_loop_becomes_a_song_as_it_is_played() {
    let key: Key = "A minor".parse().unwrap();
    let mut grid = LoopGrid::empty(Metre::FOUR_FOUR, 1, key, Chord::new(0, ChordQuality::Minor));
    grid.swing = Swing { amount: 1.0, eighths: true };
    let note_of =
        |onset, duration, pitch, rank| Note { onset, duration, pitch, velocity: 99, rank: Rank::new(rank) };
    grid.clips[Role::Drums] = Clip::new(vec![note_of(0, 2, DrumLane::Snare.pitch(), 0)]);
    grid.clips[Role::Lead] = Clip::new(vec![note_of(2, 2, 12, 50), note_of(4, 4, 0, 51)]);
    grid.validate().unwrap();
    let song = MidiSong::of_loop(&grid, Energy::new(50.0), Bpm::new(96.0).unwrap(), 2);
    let (third, two_thirds) = (1.0 / 3.0, 2.0 / 3.0);
    assert_eq!(song.tracks[Role::Drums], [note(0.0, two_thirds, 38, 99), note(4.0, two_thirds, 38, 99)]);
    // A of the tonic nearest to middle C is 57; the off-beat eighth falls on the third triplet; rank 51 is silent.
    let lead: Vec<u8> = song.tracks[Role::Lead].iter().map(|note| note.key).collect();
    assert_eq!(lead, [69, 69]);
    let first = song.tracks[Role::Lead][0];
    assert!((first.start - two_thirds).abs() < 1e-12 && (first.length - third).abs() < 1e-12);
    assert_eq!(song.markers, [(0.0, "Am".to_string()), (4.0, "Am".to_string())]);
    assert_eq!(song.metres, [(0.0, Metre::FOUR_FOUR)]);
}

#[test]
fn overlaps_and_wild_numbers_are_brought_into_range() {
    let mut song = MidiSong::default();
    song.tracks[Role::Lead] = vec![
        note(0.0, 4.0, 60, 200),
        note(1.0, 0.0, 60, 0),
        note(f64::NAN, -1.0, 200, 1),
        note(1e30, 1e30, 61, 64),
    ];
    let back = MidiSong::from_bytes(&song.to_bytes()).unwrap();
    let tick = 1.0 / f64::from(TICKS_PER_QUARTER);
    assert_eq!(
        back.tracks[Role::Lead],
        [note(0.0, 1.0, 60, 127), note(0.0, tick, 127, 1), note(1.0, tick, 60, 1)]
            .into_iter()
            .chain([note(MAX_QUARTERS - tick, tick, 61, 64)])
            .collect::<Vec<_>>()
    );
}

/// Songs whose positions lie on ticks, notes of one key one after the other.
fn any_song() -> impl Strategy<Value = MidiSong> {
    let at = |ticks: u32| f64::from(ticks) / f64::from(TICKS_PER_QUARTER);
    let notes = prop::collection::vec((0usize..7, 0u8..128, 0u32..4000, 1u32..4000, 1u8..128), 0..60);
    let tempo = prop::collection::vec((0u32..100_000, 62_500u32..=6_000_000), 0..5);
    let metres = prop::collection::vec((0u32..100_000, 1u8..=32, 0u8..5), 0..5);
    let markers = prop::collection::vec((0u32..100_000, "[a-z#/中文]{0,12}"), 0..5);
    let key = prop::option::of((0u8..12, 0usize..18));
    (notes, tempo, metres, markers, key, 0u32..5000).prop_map(
        move |(notes, tempo, metres, markers, key, rest)| {
            let mut song = MidiSong {
                tempo: tempo
                    .into_iter()
                    .map(|(t, us)| (at(t), Bpm::new(60e6 / f64::from(us)).unwrap()))
                    .collect(),
                metres: metres
                    .into_iter()
                    .filter_map(|(t, n, power)| Metre::new(n, 1 << power).ok().map(|metre| (at(t), metre)))
                    .collect(),
                key: key.map(|(tonic, mode)| Key::new(tonic.into(), Mode::ALL[mode])),
                markers: markers.into_iter().map(|(t, name)| (at(t), name)).collect(),
                ..MidiSong::default()
            };
            song.tempo.sort_by(|a, b| a.0.total_cmp(&b.0));
            song.metres.sort_by(|a, b| a.0.total_cmp(&b.0));
            song.markers.sort_by(|a, b| a.0.total_cmp(&b.0));
            let mut free = [[0u32; 128]; 7];
            for (role, key, gap, length, velocity) in notes {
                let start = free[role][usize::from(key)] + gap;
                free[role][usize::from(key)] = start + length;
                song.tracks[Role::ALL[role]].push(note(at(start), at(length), key, velocity));
            }
            for (_, notes) in song.tracks.iter_mut() {
                notes.sort_by(|a, b| a.start.total_cmp(&b.start).then(a.key.cmp(&b.key)));
            }
            let ends = song.tracks.0.iter().flatten().map(|note| note.start + note.length);
            let places = song.tempo.iter().map(|(t, _)| *t).chain(song.metres.iter().map(|(t, _)| *t));
            let markers = song.markers.iter().map(|(t, _)| *t);
            let last = ends.chain(places).chain(markers).fold(0.0, f64::max);
            song.length = at((last * f64::from(TICKS_PER_QUARTER)).round() as u32 + rest);
            song
        },
    )
}

#[test]
fn every_track_is_as_long_as_the_song() {
    let mut song = MidiSong { length: 8.0, ..MidiSong::default() };
    song.tracks[Role::Bass] = vec![note(0.0, 0.5, 36, 100)];
    let bytes = song.to_bytes();
    let smf = midly::Smf::parse(&bytes).unwrap();
    assert_eq!(smf.tracks.len(), 1 + Role::COUNT);
    for track in &smf.tracks {
        let ticks: u32 = track.iter().map(|event| event.delta.as_int()).sum();
        assert_eq!(ticks, 8 * u32::from(TICKS_PER_QUARTER));
    }
}

proptest! {
    #[test]
    fn a_song_comes_back_exactly(song in any_song()) {
        prop_assert_eq!(MidiSong::from_bytes(&song.to_bytes()), Ok(song));
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = MidiSong::from_bytes(&bytes);
        let _ = MidiSong::from_bytes(&file(1, 96, &[&bytes]));
    }

    #[test]
    fn no_damage_to_a_file_panics(
        song in any_song(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = song.to_bytes();
        for (place, value) in damage {
            let place = place.index(bytes.len());
            bytes[place] = value;
        }
        let _ = MidiSong::from_bytes(&bytes);
        let _ = MidiSong::from_bytes(&bytes[..cut.index(bytes.len())]);
        // What a damaged file does yield can be written and read again.
        if let Ok(read) = MidiSong::from_bytes(&bytes) {
            prop_assert!(MidiSong::from_bytes(&read.to_bytes()).is_ok());
        }
    }
}
