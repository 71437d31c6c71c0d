use super::super::tone::Harmony;
use super::*;
use sceneloop_music::{Chord, ChordQuality, Key, Mode, PitchClass};

fn setting(metre: &str, bpm: f64, into_bar: f64, seed: u64) -> Setting {
    let (metre, bpm) = (metre.parse().unwrap(), Bpm::new(bpm).unwrap());
    Setting { metre, bpm, into_bar, energy: Energy::new(70.0), seed }
}

fn every_setting(mut each: impl FnMut(Stinger, &Setting, &Score)) {
    for stinger in Stinger::ALL {
        for metre in ["4/4", "3/4", "6/8", "7/8", "5/4", "2/16", "1/8", "32/8", "1/1", "12/8"] {
            for bpm in [10.0, 70.0, 120.0, 174.0, 960.0] {
                for (seed, into) in [(0, 0.0), (1, 0.3), (2, 0.99)] {
                    let metre_quarters = metre.parse::<Metre>().unwrap().quarters_per_bar();
                    let setting = setting(metre, bpm, into * metre_quarters, seed);
                    each(stinger, &setting, &Score::of(stinger, &setting));
                }
            }
        }
    }
}

/// Chords on each degree of the scale, thirds above it, as the mode has them, and the root alone where it has none.
fn harmonies() -> impl Iterator<Item = Harmony> {
    Mode::ALL.into_iter().flat_map(|mode| {
        let fits = move |chord: &Chord| chord.pitch_classes().all(|class| mode.harmony().contains(&class));
        let chords = mode
            .harmony()
            .iter()
            .flat_map(|&root| ChordQuality::ALL.map(|quality| Chord::new(i32::from(root), quality)));
        chords
            .filter(fits)
            .map(move |chord| Harmony { key: Key::new(PitchClass::new(7), mode), chord })
            .collect::<Vec<_>>()
    })
}

#[test]
fn something_sounds_at_once_and_all_of_it_ends() {
    every_setting(|stinger, setting, score| {
        let notes = score.notes();
        assert!((5..MAX_NOTES).contains(&notes.len()), "{stinger}: {}", notes.len());
        assert_eq!(notes[0].at, 0.0, "{stinger} in {}", setting.metre);
        assert!(notes.windows(2).all(|pair| pair[0].at <= pair[1].at));
        assert!(notes.iter().all(|note| note.length > 0.0 && note.velocity > 0.0 && note.velocity <= 1.0));
        if stinger != Stinger::Countdown {
            assert!(score.quarters() <= 10.0);
        }
    });
}

#[test]
fn every_note_is_in_the_key_or_the_chord_that_sounds() {
    let harmonies: Vec<Harmony> = harmonies().collect();
    assert!(harmonies.len() > 500);
    every_setting(|stinger, setting, score| {
        if setting.bpm.get() != 120.0 {
            return;
        }
        for harmony in &harmonies {
            for note in score.notes().iter().filter(|note| note.role != Role::Drums) {
                let key = note.tone.pitch(*harmony);
                let above = i32::from(key) - i32::from(harmony.key.tonic.get());
                let fits = harmony.key.mode.contains(above) || harmony.chord.contains(above);
                assert!(fits, "{stinger}: {key} in {} over {:?}", harmony.key, harmony.chord);
                assert!((21..=108).contains(&key), "{stinger}: {key}");
            }
        }
    });
}

#[test]
fn a_victory_rises_to_the_tonic_and_a_defeat_falls() {
    for harmony in harmonies().filter(|harmony| harmony.chord.contains(0)) {
        for seed in 0..3 {
            let line = |stinger| -> Vec<u8> {
                let score = Score::of(stinger, &setting("4/4", 120.0, 0.0, seed));
                let lead = score.notes().iter().filter(|note| note.role == Role::Lead);
                lead.map(|note| note.tone.pitch(harmony)).collect()
            };
            let rising = line(Stinger::Victory);
            assert!(rising.windows(2).all(|pair| pair[0] <= pair[1]), "{rising:?} in {harmony:?}");
            assert_eq!(rising.last().unwrap() % 12, harmony.key.tonic.get());
            let falling = line(Stinger::Defeat);
            assert!(falling.windows(2).all(|pair| pair[0] > pair[1]), "{falling:?} in {harmony:?}");
        }
    }
}

#[test]
fn a_countdown_goes_on_a_bar_line_after_three_beats() {
    every_setting(|stinger, setting, score| {
        if stinger != Stinger::Countdown {
            return;
        }
        let of = |lane| {
            let is = move |note: &&Struck| note.tone == Tone::Drum(lane);
            score.notes().iter().filter(is).map(|note| note.at).collect::<Vec<_>>()
        };
        let (go, mut ticks) = (of(DrumLane::Crash)[0], of(DrumLane::Rim));
        let bar = setting.metre.quarters_per_bar();
        let bars = (go + setting.into_bar) / bar;
        assert!((bars - bars.round()).abs() < 1e-9, "{} in {}", bars, setting.metre);
        let ticks = ticks.split_off(ticks.len() - 3);
        let starts: Vec<f64> = grid::beats(setting.metre).collect();
        for tick in ticks {
            let into = (tick + setting.into_bar + 1e-9).rem_euclid(bar) - 1e-9;
            assert!(starts.iter().any(|beat| (beat - into).abs() < 1e-6), "{into} in {}", setting.metre);
            assert!(tick < go);
        }
    });
    let four = Score::of(Stinger::Countdown, &setting("4/4", 120.0, 0.0, 0));
    let ticks = four.notes().iter().filter(|note| note.tone == Tone::Drum(DrumLane::Rim));
    assert_eq!(ticks.map(|note| note.at).collect::<Vec<_>>(), [0.0, 1.0, 2.0, 3.0]);
}

#[test]
fn more_energy_strikes_harder_and_leaves_no_note_out() {
    for stinger in Stinger::ALL {
        let at = |energy: f32| {
            let energy = Energy::new(energy);
            Score::of(stinger, &Setting { energy, ..setting("4/4", 120.0, 0.0, 1) })
        };
        let (soft, hard) = (at(5.0), at(95.0));
        assert_eq!(soft.notes().len(), hard.notes().len());
        for (soft, hard) in soft.notes().iter().zip(hard.notes()) {
            assert_eq!((soft.at, soft.tone), (hard.at, hard.tone));
            assert!(soft.velocity < hard.velocity);
        }
    }
}

#[test]
fn seeds_choose_between_figures() {
    for stinger in [Stinger::Victory, Stinger::Defeat, Stinger::Boss, Stinger::Calm, Stinger::Discovery] {
        let of = |seed| Score::of(stinger, &setting("4/4", 120.0, 0.0, seed));
        assert_eq!(of(1).notes(), of(1).notes());
        assert_ne!(of(0).notes(), of(1).notes());
    }
}
