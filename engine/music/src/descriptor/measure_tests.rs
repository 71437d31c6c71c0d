//! Notes written against notes measured: each number by hand, and how it moves.

use crate::chord::{Chord, ChordQuality, ChordSpan};
use crate::{
    Bpm, Clip, Descriptor, Dimension, Energy, Key, LoopGrid, Metre, Mode, Note, PitchClass, Rank, Role, Swing,
};
use proptest::prelude::*;

fn note(onset: u16, duration: u16, pitch: i8) -> Note {
    Note { onset, duration, pitch, velocity: 127, rank: Rank::ALWAYS }
}

/// One bar of 4/4 on the major triad of C.
fn bar(clips: &[(Role, &[Note])]) -> LoopGrid {
    let mut grid = LoopGrid::empty(Metre::FOUR_FOUR, 1, Key::default(), Chord::new(0, ChordQuality::Major));
    for (role, notes) in clips {
        grid.clips[*role] = Clip::new(notes.to_vec());
    }
    grid
}

fn measured(grid: &LoopGrid) -> Descriptor {
    Descriptor::measure(grid, Bpm::new(130.0).unwrap(), Energy::new(100.0))
}

#[track_caller]
fn is(grid: &LoopGrid, dimension: Dimension, expected: f32) {
    let value = measured(grid)[dimension];
    assert!((value - expected).abs() < 1e-4, "{}: {value}, not {expected}", dimension.name());
}

fn kicks(steps: &[u16]) -> Vec<Note> {
    steps.iter().map(|step| note(*step, 1, 0)).collect()
}

fn tune(pitches: &[i8]) -> Vec<Note> {
    pitches.iter().enumerate().map(|(index, pitch)| note(2 * index as u16, 2, *pitch)).collect()
}

#[test]
fn tonic_walks_round_the_circle_of_fifths() {
    // C at 0, A three fifths on at a quarter turn, E flat opposite A at three.
    for (tonic, cos, sin) in [(0, 1.0, 0.5), (9, 0.5, 1.0), (6, 0.0, 0.5), (3, 0.5, 0.0)] {
        let mut grid = bar(&[]);
        grid.key.tonic = PitchClass::new(tonic);
        is(&grid, Dimension::TonicCos, cos);
        is(&grid, Dimension::TonicSin, sin);
    }
}

#[test]
fn mode_tempo_and_swing_are_read_off() {
    let mut grid = bar(&[]);
    grid.key.mode = Mode::Aeolian;
    grid.swing = Swing { amount: 0.4, eighths: true };
    is(&grid, Dimension::ModeBrightness, 2.0 / 6.0);
    is(&grid, Dimension::Swing, 0.4);
    is(&grid, Dimension::Tempo, 0.5);
}

#[test]
fn harmony_is_counted_round_the_loop() {
    let mut grid = bar(&[]);
    is(&grid, Dimension::HarmonicRhythm, 0.0);
    // A triad: 0.7 × 1/3.
    is(&grid, Dimension::HarmonicComplexity, 0.2333);
    // C | G7 in one bar: two changes in four quarters, 0.5 / 0.75.
    grid.chords.push(ChordSpan { step: 8, chord: Chord::new(7, ChordQuality::Dominant7) });
    is(&grid, Dimension::HarmonicRhythm, 0.6667);
    // The half with G7 has 0.7 × 2/3 + 0.15 for its tritone.
    is(&grid, Dimension::HarmonicComplexity, (0.2333 + 0.6167) / 2.0);
    // The same chord again is no change.
    grid.chords[1].chord = grid.chords[0].chord;
    is(&grid, Dimension::HarmonicRhythm, 0.0);
    // A power chord over another bass.
    grid.chords =
        vec![ChordSpan { step: 0, chord: Chord { bass: Some(2), ..Chord::new(0, ChordQuality::Power) } }];
    is(&grid, Dimension::HarmonicComplexity, 0.05);
    grid.key.mode = Mode::Yu;
    grid.chords[0].chord = Chord::new(0, ChordQuality::Major);
    is(&grid, Dimension::HarmonicComplexity, 0.3333);
}

#[test]
fn dissonance_of_known_intervals() {
    let pair = |upper| bar(&[(Role::Pad, &[note(0, 16, 0), note(0, 16, upper)])]);
    for (interval, expected) in [(7, 0.0), (4, 0.48), (3, 0.363), (1, 1.0), (2, 1.0), (6, 0.9525), (12, 0.0)]
    {
        is(&pair(interval), Dimension::Dissonance, expected);
    }
    // A ninth is 14 semitones: the roughness of a second times 12/14.
    is(&pair(14), Dimension::Dissonance, 0.683 * 12.0 / 14.0 * 1.5);
    // Notes one after the other make no interval; half the time with a fifth, half with a third is the mean.
    is(&bar(&[(Role::Lead, &[note(0, 4, 0), note(4, 4, 1)])]), Dimension::Dissonance, 0.0);
    let halves = bar(&[(Role::Pad, &[note(0, 16, 0)]), (Role::Lead, &[note(0, 8, 7), note(8, 8, 4)])]);
    is(&halves, Dimension::Dissonance, 0.24);
    // Drum lanes are no pitches.
    is(&bar(&[(Role::Drums, &[note(0, 4, 0), note(0, 4, 1)])]), Dimension::Dissonance, 0.0);
}

#[test]
fn density_and_subdivision_count_onsets() {
    let grid = bar(&[(Role::Drums, &kicks(&[0, 1, 4, 8]))]);
    is(&grid, Dimension::OnsetDensity, 4.0 / 4.0 / 7.0);
    is(&grid, Dimension::Subdivision, 0.25);
}

#[test]
fn syncopation_of_known_rhythms() {
    let of = |steps: &[u16]| measured(&bar(&[(Role::Drums, &kicks(steps))]))[Dimension::Syncopation];
    assert_eq!(of(&[0, 4, 8, 12]), 0.0);
    assert_eq!(of(&[0, 2, 4, 6, 8, 10, 12, 14]), 0.0);
    // Off-beats alone pass beats of weight 2, 3, 2 and 4 from weight 1: (1 + 2 + 1 + 3) / 4 = 1.75.
    assert!((of(&[2, 6, 10, 14]) - 0.7).abs() < 1e-6);
    // The tresillo 3+3+2 passes beats 2 and 3 (from 3 over 4: 2 − 0; from 6 nothing: the next is 8).
    let tresillo = of(&[0, 3, 6, 8, 11, 14]);
    assert!(tresillo > 0.3, "{tresillo}");
    // A lane's silence is its own: hats on the beat do not fill the kick's gap.
    let hats: Vec<Note> = [0, 4, 8, 12].iter().map(|step| note(*step, 1, 4)).collect();
    let both = bar(&[(Role::Drums, &[kicks(&[2, 6, 10, 14]), hats].concat())]);
    is(&both, Dimension::Syncopation, 0.875 / 1.625);
}

#[test]
fn notes_put_off_the_beat_raise_syncopation() {
    let rhythms: [&[u16]; 4] = [&[0, 4, 8, 12], &[0, 4, 8, 14 - 3], &[0, 4, 7, 11], &[0, 3, 7, 11]];
    let values =
        rhythms.map(|steps| measured(&bar(&[(Role::Bass, &pitched(steps))]))[Dimension::Syncopation]);
    assert!(values.windows(2).all(|pair| pair[0] < pair[1]), "{values:?}");
    // And one added in a gap.
    let (sparse, more) = (pitched(&[0]), pitched(&[0, 6]));
    assert!(
        measured(&bar(&[(Role::Bass, &more)]))[Dimension::Syncopation]
            > measured(&bar(&[(Role::Bass, &sparse)]))[Dimension::Syncopation]
    );
}

fn pitched(steps: &[u16]) -> Vec<Note> {
    steps.iter().map(|step| note(*step, 1, -12)).collect()
}

#[test]
fn evenness_of_full_and_lopsided_bars() {
    is(&bar(&[(Role::Drums, &kicks(&[0, 4, 8, 12]))]), Dimension::MetricEvenness, 1.0);
    is(&bar(&[(Role::Drums, &kicks(&[0, 1, 2]))]), Dimension::MetricEvenness, 0.0);
    is(&bar(&[(Role::Drums, &kicks(&[0, 8]))]), Dimension::MetricEvenness, 0.5);
    // Every sixteenth of 7/8 = 4 + 4 + 6 is even although the last beat has more of them.
    let mut odd = bar(&[(Role::Drums, &kicks(&(0..14).collect::<Vec<u16>>()))]);
    odd.metre = "7/8".parse().unwrap();
    is(&odd, Dimension::MetricEvenness, 1.0);
}

#[test]
fn polyphony_is_the_mean_where_anything_sounds() {
    // Three notes for four steps, one for four more, silence: (12 + 4) / 8 = 2 of 8 + 2.
    let chord = [note(0, 4, 0), note(0, 4, 4), note(0, 4, 7), note(4, 4, 0)];
    is(&bar(&[(Role::Chords, &chord)]), Dimension::Polyphony, 0.2);
    is(&bar(&[(Role::Drums, &kicks(&[0, 4]))]), Dimension::Polyphony, 0.0);
}

#[test]
fn shares_are_of_all_onsets() {
    let grid = bar(&[
        (Role::Drums, &kicks(&[0, 4, 8, 12])),
        (Role::Bass, &pitched(&[0])),
        (Role::Chords, &[note(0, 4, 0)]),
        (Role::Pad, &[note(0, 16, 4)]),
        (Role::Arp, &[note(0, 2, 7)]),
        (Role::Lead, &[note(0, 2, 12)]),
        (Role::Texture, &[note(0, 16, 0)]),
    ]);
    for (dimension, tenths) in [
        (Dimension::DrumShare, 4.0),
        (Dimension::BassShare, 1.0),
        (Dimension::ChordShare, 2.0),
        (Dimension::LeadShare, 1.0),
        (Dimension::ArpShare, 2.0),
    ] {
        is(&grid, dimension, tenths / 10.0);
    }
}

#[test]
fn register_and_range_come_from_pitches() {
    // (−12 × 3 + 12 × 1) / 4 = −6: (24 − 6) / 48.
    let grid = bar(&[(Role::Bass, &[note(0, 12, -12)]), (Role::Lead, &[note(12, 4, 12)])]);
    is(&grid, Dimension::Register, 0.375);
    is(&grid, Dimension::PitchRange, 24.0 / 72.0);
}

#[test]
fn stepwise_motion_is_that_of_the_tune() {
    // +2, +2, 0, −4: three of four are steps; the leaping bass does not matter.
    let leaps = [note(0, 2, -12), note(4, 2, -24)];
    let grid = bar(&[(Role::Lead, &tune(&[0, 2, 4, 4, 0])), (Role::Bass, &leaps)]);
    is(&grid, Dimension::StepwiseMotion, 0.75);
    is(&bar(&[(Role::Bass, &leaps)]), Dimension::StepwiseMotion, 0.0);
    // Of a chord the highest note counts.
    let dyads = [note(0, 2, 0), note(0, 2, 7), note(4, 2, -5), note(4, 2, 9)];
    is(&bar(&[(Role::Lead, &dyads)]), Dimension::StepwiseMotion, 1.0);
}

#[test]
fn affect_by_hand_and_in_the_right_direction() {
    let grid = bar(&[(Role::Lead, &tune(&[0, 2, 4, 5]))]);
    // Brightness 5/6, tempo 0.5, dissonance 0, register (24 + 2.75) / 48.
    let sum = 0.45 * 5.0 / 6.0 + 0.1 + 0.2 + 0.15 * 26.75 / 48.0;
    is(&grid, Dimension::Valence, 1.0 / (1.0 + (-10.0f32 * (sum - 0.52)).exp()));
    // One onset a quarter, 130/60 a second, loudness 1.
    let rate = 130.0f32 / 60.0;
    let sum = 0.15 + 0.45 * rate / (rate + 8.0) + 0.15;
    is(&grid, Dimension::Arousal, 1.0 / (1.0 + (-10.0f32 * (sum - 0.52)).exp()));

    let mut dark = grid.clone();
    dark.key.mode = Mode::Phrygian;
    assert!(measured(&dark)[Dimension::Valence] < measured(&grid)[Dimension::Valence]);
    let at = |bpm| Descriptor::measure(&grid, Bpm::new(bpm).unwrap(), Energy::new(100.0));
    assert!(at(170.0)[Dimension::Arousal] > at(70.0)[Dimension::Arousal]);
    assert!(at(170.0)[Dimension::Valence] > at(70.0)[Dimension::Valence]);
    let fuller = bar(&[(Role::Lead, &tune(&[0, 2, 4, 5])), (Role::Drums, &kicks(&[0, 2, 4, 6, 8, 10]))]);
    assert!(measured(&fuller)[Dimension::Arousal] > measured(&grid)[Dimension::Arousal]);
}

#[test]
fn only_what_sounds_is_measured() {
    let mut grid = bar(&[(Role::Lead, &tune(&[0, 2]))]);
    let quiet = measured(&grid);
    let mut late = note(8, 4, 11);
    late.rank = Rank::new(60);
    grid.clips[Role::Lead].notes.push(late);
    let at = |energy| Descriptor::measure(&grid, Bpm::new(130.0).unwrap(), Energy::new(energy));
    assert_eq!(at(59.0), quiet);
    assert!(at(60.0)[Dimension::OnsetDensity] > quiet[Dimension::OnsetDensity]);
}

#[test]
fn silence_is_well_defined() {
    let silence = measured(&bar(&[]));
    for (dimension, expected) in [
        (Dimension::Dissonance, 0.0),
        (Dimension::OnsetDensity, 0.0),
        (Dimension::Syncopation, 0.0),
        (Dimension::MetricEvenness, 0.0),
        (Dimension::Polyphony, 0.0),
        (Dimension::DrumShare, 0.0),
        (Dimension::Register, 0.5),
        (Dimension::PitchRange, 0.0),
        (Dimension::StepwiseMotion, 0.5),
    ] {
        assert_eq!(silence[dimension], expected, "{}", dimension.name());
    }
    assert!(silence.0.iter().all(|value| value.is_finite()));
}

/// Any valid loop: notes laid one after the other on each pitch, in the scale.
fn any_grid() -> impl Strategy<Value = LoopGrid> {
    let metres =
        ["4/4", "3/4", "6/8", "12/8", "5/4", "7/8", "7/16", "1/8"].map(|text| text.parse::<Metre>().unwrap());
    let notes = prop::collection::vec((0usize..7, 0u16..512, 1u16..32, 0i8..72, 1u8..=127, 0u8..=100), 0..80);
    let chords = prop::collection::vec(0usize..252, 1..5);
    (
        prop::sample::select(metres.to_vec()),
        1u8..=8,
        0u8..12,
        0usize..Mode::ALL.len(),
        0f32..=1.0,
        chords,
        notes,
    )
        .prop_map(|(metre, bars, tonic, mode, amount, chords, notes)| {
            let key = Key::new(tonic.into(), Mode::ALL[mode]);
            // All chords of the mode; the drawn numbers choose among them, one a step from the first step on.
            let harmony = key.mode.harmony();
            let fitting: Vec<Chord> = (0..12)
                .flat_map(|root| ChordQuality::ALL.map(|quality| Chord::new(root, quality)))
                .filter(|chord| chord.pitch_classes().all(|class| harmony.contains(&class)))
                .collect();
            let mut grid = LoopGrid::empty(metre, bars, key, fitting[0]);
            grid.swing.amount = amount;
            let steps = grid.steps() as u16;
            grid.chords = (0..steps)
                .zip(chords)
                .map(|(step, index)| ChordSpan { step, chord: fitting[index % fitting.len()] })
                .collect();
            for (role, onset, duration, pitch, velocity, rank) in notes {
                let role = Role::ALL[role];
                let (low, high) = role.pitch_range();
                let mut note = note(onset % steps, duration, low + pitch % (high - low + 1));
                (note.velocity, note.rank) = (velocity, Rank::new(rank));
                note.duration = note.duration.min(steps - note.onset);
                let mut clip = grid.clips[role].clone();
                clip.notes.push(note);
                let mut trial = grid.clone();
                trial.clips[role] = Clip::new(clip.notes);
                if trial.validate().is_ok() {
                    grid = trial;
                }
            }
            grid
        })
}

proptest! {
    #[test]
    fn every_number_of_every_valid_loop_is_0_to_1(grid in any_grid(), bpm in 10f64..960.0, energy in 0f32..=100.0) {
        prop_assert_eq!(grid.validate(), Ok(()));
        let d = Descriptor::measure(&grid, Bpm::new(bpm).unwrap(), Energy::new(energy));
        for dimension in Dimension::ALL {
            prop_assert!((0.0..=1.0).contains(&d[dimension]), "{}: {}", dimension.name(), d[dimension]);
        }
    }

    #[test]
    fn a_transposition_changes_the_tonic_and_nothing_else(grid in any_grid(), tonic in 0u8..12) {
        let mut moved = grid.clone();
        moved.key.tonic = tonic.into();
        let (before, after) = (measured(&grid), measured(&moved));
        for dimension in Dimension::ALL {
            if !matches!(dimension, Dimension::TonicCos | Dimension::TonicSin) {
                prop_assert_eq!(before[dimension], after[dimension]);
            }
        }
    }
}
