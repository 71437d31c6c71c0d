//! Every tag that ships, rendered: it sounds, it is in key, it does not clip, it is as loud as it should be, and energy
//! only ever adds.

use ebur128::{EbuR128, Mode};
use sceneloop_engine::export::{EnergyCurve, Take, TakeRequest, report};
use sceneloop_engine::{Controls, Engine, Preference};
use sceneloop_music::{Chord, Energy, Metre, Role};
use std::collections::BTreeSet;

const RATE: u32 = 48_000;

fn take(sample_rate: u32, engine: &Engine, energy: f32, bars: u32, stems: bool) -> Take {
    let request = TakeRequest {
        bpm: report::default_bpm(engine.scene().tempo),
        metre: Metre::FOUR_FOUR,
        bars,
        curve: EnergyCurve::level(Energy::new(energy)),
        controls: Controls { seed: 11, humanise: 0.0, ..Controls::default() },
        sample_rate,
        tail_seconds: 0.0,
        stems,
    };
    Take::render(engine, request, |_| {}).unwrap()
}

/// Tags of one part of `parts`, so that the parts run beside each other.
fn tags(part: usize, parts: usize) -> Vec<String> {
    let engine = Engine::with(Preference::TEACHER).unwrap();
    let tags: Vec<String> = engine.scene_table().tags().iter().map(|tag| tag.id.clone()).collect();
    assert!(tags.len() >= 64);
    tags.into_iter().skip(part).step_by(parts).collect()
}

/// All that is said of single renders; what is wrong is collected, so that one run shows everything.
fn check_renders(half: usize, energy: f32, lowest_lufs: f64, highest_lufs: f64) {
    let engine = Engine::with(Preference::TEACHER).unwrap();
    let mut faults = Vec::new();
    for tag in tags(half, 2) {
        engine.set_scene(&tag).unwrap();
        let take = take(RATE, &engine, energy, 8, true);
        let audio = report::measure_audio(&take.main, RATE).unwrap();
        let mut fault = |text: String| faults.push(format!("{tag} at energy {energy}: {text}"));
        if !(lowest_lufs..=highest_lufs).contains(&audio.loudness_lufs) {
            fault(format!("{:.1} LUFS", audio.loudness_lufs));
        }
        if audio.true_peak_dbtp > -1.0 {
            fault(format!("true peak {:.2} dBTP", audio.true_peak_dbtp));
        }
        if audio.dc.abs() > 1e-3 {
            fault(format!("direct current {}", audio.dc));
        }
        if take.main.iter().chain(take.stems.0.iter().flatten()).flatten().any(|sample| !sample.is_finite()) {
            fault("a sample is not finite".into());
        }
        if let Some(bar) = silent_bar(&take) {
            fault(format!("bar {bar} is silent"));
        }
        for text in out_of_key(&take).into_iter().take(2) {
            fault(text);
        }
        if let Some(text) = seam_click(&take) {
            fault(text);
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

/// The first bar whose loudest sample is below −60 dBFS.
fn silent_bar(take: &Take) -> Option<usize> {
    let length = take.main[0].len() / take.request.bars as usize;
    (0..take.request.bars as usize).find(|bar| {
        let frames = bar * length..(bar + 1) * length;
        take.main.iter().all(|side| side[frames.clone()].iter().all(|sample| sample.abs() < 1e-3))
    })
}

/// Pitches that are neither in the scale nor in the chord that sounds.
fn out_of_key(take: &Take) -> Vec<String> {
    let frames_per_step = 0.25 / take.request.bpm.quarters_per_frame(f64::from(RATE));
    let mut odd = Vec::new();
    for note in take.notes.iter().filter(|note| note.role != Role::Drums) {
        let step = (note.start as f64 / frames_per_step + 0.01) as u32;
        let bar = step / take.request.metre.steps_per_bar();
        let Some(played) = take.loops.iter().rev().find(|played| played.bar <= bar) else { continue };
        let grid = &played.playing.grid;
        let pitch = i32::from(note.key) - i32::from(grid.key.tonic.get());
        let chord: Option<Chord> = grid.chord_at((step % grid.steps()) as u16);
        if !grid.key.mode.contains(pitch) && !chord.is_some_and(|chord| chord.contains(pitch)) {
            odd.push(format!("{} {} at step {step} is not in {}", note.role, note.key, grid.key));
        }
    }
    odd
}

/// A jump of the held roles where one loop follows the other that is larger than any jump within the loops.
fn seam_click(take: &Take) -> Option<String> {
    let seam = take.main[0].len() / 2; // eight bars, loops of four
    let step = |side: &[f32], at: usize| (side[at] - side[at - 1]).abs();
    for role in [Role::Pad, Role::Texture] {
        for side in &take.stems[role] {
            let here = (seam - 3..seam + 3).map(|at| step(side, at)).fold(0.0, f32::max);
            let elsewhere =
                (1..seam - 64).chain(seam + 64..side.len()).map(|at| step(side, at)).fold(0.0, f32::max);
            if here > elsewhere.max(1e-4) * 1.5 {
                return Some(format!("{role} clicks at the seam: {here} against {elsewhere}"));
            }
        }
    }
    None
}

#[test]
fn every_tag_of_one_half_at_energy_20() {
    check_renders(0, 20.0, -45.0, -14.0);
}

#[test]
fn every_tag_of_the_other_half_at_energy_20() {
    check_renders(1, 20.0, -45.0, -14.0);
}

#[test]
fn every_tag_of_one_half_at_energy_70() {
    check_renders(0, 70.0, -18.0, -14.0);
}

#[test]
fn every_tag_of_the_other_half_at_energy_70() {
    check_renders(1, 70.0, -18.0, -14.0);
}

#[test]
fn every_tag_of_one_half_at_energy_100() {
    check_renders(0, 100.0, -18.0, -10.0);
}

#[test]
fn every_tag_of_the_other_half_at_energy_100() {
    check_renders(1, 100.0, -18.0, -10.0);
}

/// Energy 0 to 100 in steps of 10: notes only come, each level holds the one below, loudness rises. At half the rate,
/// because what is compared are levels of one tag, and there are 1,562 renders.
fn check_ladder(part: usize) {
    let engine = Engine::with(Preference::TEACHER).unwrap();
    let mut faults = Vec::new();
    for tag in tags(part, 4) {
        engine.set_scene(&tag).unwrap();
        let mut loudness = Vec::new();
        let mut below: BTreeSet<(u64, Role, u8)> = BTreeSet::new();
        for level in 0..=10 {
            let take = take(RATE / 2, &engine, level as f32 * 10.0, 4, false);
            let notes: BTreeSet<_> =
                take.notes.iter().map(|note| (note.start, note.role, note.key)).collect();
            if !below.is_subset(&notes) {
                faults.push(format!("{tag}: energy {} lacks notes of the level below", level * 10));
            }
            if notes.is_empty() {
                faults.push(format!("{tag}: no note at energy {}", level * 10));
            }
            below = notes;
            let mut meter = EbuR128::new(2, RATE / 2, Mode::I).unwrap();
            meter.add_frames_planar_f32(&[&take.main[0], &take.main[1]]).unwrap();
            loudness.push(meter.loudness_global().unwrap());
        }
        let rises = spearman_with_index(&loudness);
        if rises < 0.95 {
            faults.push(format!("{tag}: loudness over energy has Spearman {rises:.3}: {loudness:.1?}"));
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn energy_only_adds_in_the_first_quarter_of_the_tags() {
    check_ladder(0);
}

#[test]
fn energy_only_adds_in_the_second_quarter_of_the_tags() {
    check_ladder(1);
}

#[test]
fn energy_only_adds_in_the_third_quarter_of_the_tags() {
    check_ladder(2);
}

#[test]
fn energy_only_adds_in_the_fourth_quarter_of_the_tags() {
    check_ladder(3);
}

/// Spearman's rank correlation of a series with its index; equal values share their mean rank.
fn spearman_with_index(values: &[f64]) -> f64 {
    let rank = |value: f64| {
        let below = values.iter().filter(|other| **other < value).count() as f64;
        let equal = values.iter().filter(|other| **other == value).count() as f64;
        below + (equal - 1.0) / 2.0
    };
    let ranks: Vec<f64> = values.iter().map(|value| rank(*value)).collect();
    let mean = (values.len() as f64 - 1.0) / 2.0;
    let (mut both, mut own, mut index_own) = (0.0, 0.0, 0.0);
    for (index, rank) in ranks.iter().enumerate() {
        let (a, b) = (index as f64 - mean, rank - mean);
        both += a * b;
        index_own += a * a;
        own += b * b;
    }
    if own == 0.0 { 0.0 } else { both / (own * index_own).sqrt() }
}

#[test]
fn the_rank_correlation_is_that_of_the_textbook() {
    assert_eq!(spearman_with_index(&[1.0, 2.0, 5.0, 9.0]), 1.0);
    assert_eq!(spearman_with_index(&[9.0, 5.0, 2.0, 1.0]), -1.0);
    assert!((spearman_with_index(&[1.0, 3.0, 2.0, 4.0, 5.0]) - 0.9).abs() < 1e-12);
}

#[test]
fn a_seed_names_the_same_bytes_twice_and_another_seed_others() {
    let engine = Engine::with(Preference::TEACHER).unwrap();
    engine.set_scene("cyberpunk city, rain").unwrap();
    let (first, second) = (take(RATE, &engine, 70.0, 4, false), take(RATE, &engine, 70.0, 4, false));
    assert_eq!(first.main, second.main);
    assert_eq!(first.midi().to_bytes(), second.midi().to_bytes());
    let mut other = first.request.clone();
    other.controls.seed += 1;
    let other = Take::render(&engine, other, |_| {}).unwrap();
    assert_ne!(first.notes, other.notes);
}
