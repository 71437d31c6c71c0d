//! What one knows a family by, over many seeds: where its bass, chords and drums fall.

use super::*;
use sceneloop_music::{ChordQuality, DrumLane, Note};

const SEEDS: u64 = 16;

/// Loops of a style at home in its heaviest mode.
fn loops(style: Style, metre: &str, bars: u8) -> Vec<LoopGrid> {
    let modes = &table().baseline(style).modes;
    let (mode, _) = modes.iter().max_by(|a, b| a.1.total_cmp(b.1)).unwrap();
    (0..SEEDS).map(|seed| request(&scene(style), *mode, metre, bars, seed)).collect()
}

/// The notes of a role that join up to a rank.
fn early(grid: &LoopGrid, role: Role, rank: u8) -> impl Iterator<Item = &Note> {
    grid.clips[role].notes.iter().filter(move |note| note.rank.get() <= rank)
}

/// Places within the bar of a drum's loud strokes, in all bars but the last, where fills are.
fn places(grid: &LoopGrid, lanes: &[DrumLane]) -> Vec<(u16, u16)> {
    let bar = grid.metre.steps_per_bar() as u16;
    let last = u16::from(grid.bars) - 1;
    let strokes = grid.clips[Role::Drums].notes.iter();
    let loud =
        strokes.filter(|note| note.velocity >= 88 && lanes.iter().any(|lane| lane.pitch() == note.pitch));
    loud.map(|note| (note.onset / bar, note.onset % bar)).filter(|(index, _)| *index < last).collect()
}

fn only(places: &[(u16, u16)], allowed: &[u16]) -> bool {
    !places.is_empty() && places.iter().all(|(_, step)| allowed.contains(step))
}

/// Notes of a role in a bar, on average.
fn notes_a_bar(grids: &[LoopGrid], role: Role, rank: u8) -> f32 {
    let notes: usize = grids.iter().map(|grid| early(grid, role, rank).count()).sum();
    notes as f32 / grids.iter().map(|grid| f32::from(grid.bars)).sum::<f32>()
}

#[test]
fn the_bass_of_trance_lies_off_the_beat_and_the_kick_on_it() {
    for grid in loops(Style::Trance, "4/4", 4) {
        assert!(early(&grid, Role::Bass, 100).all(|note| note.onset % 4 != 0));
        for bar in 0..3 {
            let kicks = places(&grid, &[DrumLane::Kick]);
            assert!([0, 4, 8, 12].iter().all(|step| kicks.contains(&(bar, *step))), "{kicks:?}");
        }
    }
}

#[test]
fn half_time_has_its_backbeat_on_three_alone() {
    for style in [Style::Dubstep, Style::Trap] {
        for grid in loops(style, "4/4", 4) {
            let backbeat = places(&grid, &[DrumLane::Snare, DrumLane::Clap]);
            assert!(only(&backbeat, &[8]), "{style}: {backbeat:?}");
            assert!((0..3).all(|bar| backbeat.contains(&(bar, 8))));
        }
    }
    // Most of the time the 808 is in a note that holds.
    let trap = loops(Style::Trap, "4/4", 4);
    let steps = |least: u16| -> u16 {
        let notes = trap.iter().flat_map(|grid| early(grid, Role::Bass, 60));
        notes.map(|note| note.duration).filter(|steps| *steps >= least).sum()
    };
    assert!(steps(5) * 2 > steps(1), "{} of {}", steps(5), steps(1));
    let bursts = |grid: &LoopGrid| {
        let mut hats: Vec<u16> = early(grid, Role::Drums, 100)
            .filter(|note| note.pitch == DrumLane::ClosedHat.pitch())
            .map(|note| note.onset)
            .collect();
        hats.dedup();
        hats.windows(3).any(|three| three[2] - three[0] == 2)
    };
    assert!(trap.iter().all(bursts));
}

#[test]
fn funk_meets_on_the_one_and_whispers_between() {
    for grid in loops(Style::Funk, "4/4", 4) {
        let on_the_one = |role: Role, bar: u16| early(&grid, role, 40).any(|note| note.onset == 16 * bar);
        assert!((0..3).all(|bar| on_the_one(Role::Bass, bar) && on_the_one(Role::Drums, bar)));
        let snares = early(&grid, Role::Drums, 100).filter(|note| note.pitch == DrumLane::Snare.pitch());
        let ghosts = snares.filter(|note| note.velocity < 64 && note.onset % 2 == 1).count();
        assert!(ghosts >= 4, "{ghosts}");
    }
}

#[test]
fn disco_opens_the_hat_between_the_beats_and_the_bass_leaps_octaves() {
    let (mut octaves, mut all) = (0, 0);
    for grid in loops(Style::Disco, "4/4", 4) {
        let hats = places(&grid, &[DrumLane::OpenHat, DrumLane::ClosedHat]);
        let between = |bar| [2, 6, 10, 14].iter().all(|step| hats.contains(&(bar, *step)));
        assert!((0..3).all(between), "{hats:?}");
        let low: Vec<&Note> = early(&grid, Role::Bass, 80).collect();
        all += low.len() - 1;
        octaves += low.windows(2).filter(|pair| (pair[0].pitch - pair[1].pitch).abs() == 12).count();
    }
    assert!(octaves * 2 > all, "{octaves} of {all}");
}

#[test]
fn distorted_guitars_play_fifths_and_drive() {
    for (style, least) in [(Style::Metal, 9.0), (Style::Punk, 7.0)] {
        let grids = loops(style, "4/4", 4);
        let third = |quality: ChordQuality| quality.intervals().iter().any(|i| matches!(i, 3 | 4));
        let bare =
            grids.iter().flat_map(|grid| &grid.chords).filter(|span| !third(span.chord.quality)).count();
        let chords: usize = grids.iter().map(|grid| grid.chords.len()).sum();
        assert!(bare * 10 >= chords * 7, "{style}: {bare} of {chords}");
        let driven = notes_a_bar(&grids, Role::Bass, 80);
        assert!(driven >= least, "{style}: {driven} notes of the bass in a bar");
    }
}

#[test]
fn reggae_skanks_off_the_beat_and_a_one_drop_has_no_kick_on_one() {
    let mut drops = 0;
    for grid in loops(Style::Reggae, "4/4", 4) {
        assert!(early(&grid, Role::Chords, 100).all(|note| note.onset % 4 != 0));
        let kicks = places(&grid, &[DrumLane::Kick]);
        // A kick on one is that of the steppers, who have it on every beat.
        if kicks.iter().any(|(_, step)| *step == 0) {
            assert!((0..3).all(|bar| [0, 4, 8, 12].iter().all(|step| kicks.contains(&(bar, *step)))));
        } else {
            drops += 1;
            assert!((0..3).all(|bar| kicks.contains(&(bar, 4)) && kicks.contains(&(bar, 12))), "{kicks:?}");
        }
    }
    assert!(drops >= SEEDS / 2, "{drops}");
}

#[test]
fn a_ballad_sings_long_notes_over_broken_chords() {
    let ballads = loops(Style::Ballad, "4/4", 4);
    let long = |grids: &[LoopGrid]| {
        let lengths: Vec<f32> = grids
            .iter()
            .flat_map(|grid| early(grid, Role::Lead, 60))
            .map(|note| f32::from(note.duration))
            .collect();
        lengths.iter().sum::<f32>() / lengths.len() as f32
    };
    let pop = long(&loops(Style::Pop, "4/4", 4));
    assert!(long(&ballads) > 1.15 * pop, "{} against {pop}", long(&ballads));
    let spread = |grid: &LoopGrid| {
        let mut onsets: Vec<u16> = early(grid, Role::Chords, 80).map(|note| note.onset).collect();
        let notes = onsets.len();
        onsets.dedup();
        notes as f32 / onsets.len() as f32
    };
    // Notes struck one by one rather than together.
    assert!(ballads.iter().filter(|grid| spread(grid) < 2.0).count() * 2 >= ballads.len());
}

#[test]
fn space_has_hardly_anything_but_what_is_held() {
    let (space, pop) = (loops(Style::Space, "4/4", 4), loops(Style::Pop, "4/4", 4));
    for role in [Role::Drums, Role::Bass, Role::Arp, Role::Lead] {
        let (few, many) = (notes_a_bar(&space, role, 100), notes_a_bar(&pop, role, 100));
        assert!(few * 1.6 < many, "{role}: {few} against {many}");
    }
    assert!(space.iter().all(|grid| grid.chords.len() <= 3));
}

#[test]
fn a_jig_rolls_in_three_and_a_reel_runs_over_a_drone() {
    let jigs = loops(Style::Celtic, "6/8", 4);
    let thirds = jigs.iter().flat_map(|grid| early(grid, Role::Lead, 60)).filter(|note| note.onset % 2 == 0);
    let notes: usize = jigs.iter().map(|grid| early(grid, Role::Lead, 60).count()).sum();
    assert!(thirds.count() * 10 >= notes * 6);
    let reels = loops(Style::Celtic, "4/4", 4);
    let runs = notes_a_bar(&reels, Role::Lead, 60);
    assert!(runs > 7.0, "{runs} notes of the tune in a bar");
    for grid in reels {
        let classes: Vec<i32> =
            early(&grid, Role::Pad, 30).map(|note| i32::from(note.pitch).rem_euclid(12)).collect();
        assert!(!classes.is_empty() && classes.iter().all(|class| [0, 7].contains(class)), "{classes:?}");
    }
}

#[test]
fn the_gong_closes_the_cycle_and_its_layers_double() {
    for bars in [1, 2, 4, 8] {
        for grid in loops(Style::Gamelan, "4/4", bars) {
            let steps = grid.steps() as u16;
            // A loop shorter than the cycle has its gong from a fill, which comes later on the ladder.
            let gongs: Vec<u16> = early(&grid, Role::Drums, if bars < 4 { 60 } else { 30 })
                .filter(|note| note.pitch == DrumLane::Crash.pitch())
                .map(|note| note.onset)
                .collect();
            assert!(gongs.iter().any(|onset| *onset >= steps - 4), "{bars}: {gongs:?}");
            // Never elsewhere than on the last beat of its bar.
            assert!(gongs.iter().all(|onset| onset % 16 >= 12), "{bars}: {gongs:?}");
        }
    }
    let grids = loops(Style::Gamelan, "4/4", 4);
    let density = |role| {
        let strokes = |grid: &LoopGrid| {
            let mut onsets: Vec<u16> = early(grid, role, 80).map(|note| note.onset).collect();
            onsets.dedup();
            onsets.len() as f32 / f32::from(grid.bars)
        };
        grids.iter().map(strokes).sum::<f32>() / grids.len() as f32
    };
    let layers = [Role::Bass, Role::Lead, Role::Chords, Role::Arp].map(density);
    assert!(layers.windows(2).all(|pair| pair[1] > 1.25 * pair[0]), "{layers:?}");
}

#[test]
fn the_theka_of_tintal_lets_the_bayan_rest_in_its_khali() {
    let mut tintals = 0;
    for grid in loops(Style::Raga, "4/4", 8) {
        let bayan = places(&grid, &[DrumLane::Kick]);
        let at = |step: u16| bayan.contains(&(step / 16, step % 16));
        // A matra is a quarter, an eighth or a sixteenth; of sixteen the tenth to the thirteenth are without bass.
        let theka = |matra: u16| (0..16).all(|k| at(k * matra) != (9..13).contains(&k));
        if [4, 2, 1].into_iter().any(theka) {
            tintals += 1;
        } else {
            // Keherwa: dha, ge and dhi.
            assert!(
                (0..7).all(|bar| at(16 * bar) && at(16 * bar + 2) && at(16 * bar + 12) && !at(16 * bar + 8)),
                "{bayan:?}"
            );
        }
    }
    assert!(tintals >= SEEDS / 2, "{tintals}");
}

#[test]
fn a_tihai_leads_to_the_first_beat_of_the_next_cycle() {
    let mut sung = 0;
    for grid in loops(Style::Raga, "4/4", 4) {
        let last: Vec<u16> = early(&grid, Role::Lead, 80)
            .filter(|note| note.onset >= 48)
            .map(|note| note.onset - 48)
            .collect();
        // Three phrases six steps apart, each four steps long: the last note of the third is the next bar's.
        let mut phrase = last.clone();
        phrase.dedup();
        sung += usize::from([0, 2, 4, 6, 8, 10, 12, 14].iter().all(|step| phrase.contains(step)));
        let drums = early(&grid, Role::Drums, 60).filter(|note| note.onset >= 48 && note.onset % 16 != 0);
        let said: Vec<u16> = drums.map(|note| note.onset - 48).collect();
        assert!(said.contains(&14) || said.contains(&13), "{said:?}");
    }
    assert!(sung * 4 >= SEEDS as usize, "{sung} tunes end in a tihai");
}

#[test]
fn metres_of_five_and_three_have_cycles_of_their_own() {
    for grid in loops(Style::Maqam, "10/8", 3) {
        let dums = places(&grid, &[DrumLane::Kick]);
        assert!(only(&dums, &[0, 10, 12]), "sama'i has its dums on one, six and seven: {dums:?}");
    }
    for grid in loops(Style::Raga, "5/4", 3) {
        let bayan = places(&grid, &[DrumLane::Kick]);
        assert!(only(&bayan, &[0, 4, 6, 14, 16]), "jhaptal is two, three, two, three: {bayan:?}");
    }
    for grid in loops(Style::Raga, "3/4", 3) {
        assert!(only(&places(&grid, &[DrumLane::Kick]), &[0, 2]), "dadra");
    }
}

#[test]
fn an_iqa_has_its_dums_and_taks_where_they_belong() {
    // Dums and taks of maqsum, baladi, sa'idi, malfuf and wahda, in steps.
    let known: [(&[u16], &[u16]); 5] = [
        (&[0, 8], &[2, 6, 12]),
        (&[0, 2, 8], &[6, 12]),
        (&[0, 6, 8], &[2, 12]),
        (&[0, 8], &[3, 6, 11, 14]),
        (&[0], &[6, 10, 12]),
    ];
    let mut met = std::collections::BTreeSet::new();
    for grid in loops(Style::Maqam, "4/4", 4) {
        let steps = |lane| {
            let mut steps: Vec<u16> = places(&grid, &[lane]).iter().map(|(_, step)| *step).collect();
            steps.sort_unstable();
            steps.dedup();
            steps
        };
        let (dums, taks) = (steps(DrumLane::Kick), steps(DrumLane::Snare));
        let iqa =
            known.iter().position(|(low, high)| dums == *low && high.iter().all(|tak| taks.contains(tak)));
        met.insert(iqa.unwrap_or_else(|| panic!("dums {dums:?}, taks {taks:?}")));
    }
    assert!(met.len() >= 3, "{met:?}");
    let (mut small, mut all) = (0, 0);
    for grid in loops(Style::Maqam, "4/4", 4) {
        let tune: Vec<&Note> = early(&grid, Role::Lead, 60).collect();
        all += tune.len().saturating_sub(1);
        small += tune.windows(2).filter(|pair| (pair[0].pitch - pair[1].pitch).abs() <= 3).count();
    }
    assert!(small * 10 >= all * 8, "{small} of {all} steps of the tune are small");
}

#[test]
fn a_waltz_has_its_bass_on_one_and_chords_on_two_and_three() {
    for grid in loops(Style::Waltz, "3/4", 4) {
        for bar in 0..4 {
            assert!(early(&grid, Role::Bass, 40).any(|note| note.onset == 12 * bar));
        }
        let chords: Vec<u16> = early(&grid, Role::Chords, 100).map(|note| note.onset % 12).collect();
        // The second beat may come early, but the first is the bass's.
        assert!(!chords.is_empty() && chords.iter().all(|step| *step >= 3), "{chords:?}");
    }
    for grid in loops(Style::Waltz, "4/4", 4) {
        assert!(early(&grid, Role::Bass, 40).any(|note| note.onset == 0));
        assert!(early(&grid, Role::Chords, 60).all(|note| note.onset % 16 >= 3));
    }
}

#[test]
fn a_march_alternates_bass_and_chords() {
    for metre in ["4/4", "2/4", "2/2"] {
        for grid in loops(Style::March, metre, 4) {
            assert!(early(&grid, Role::Bass, 70).all(|note| note.onset % 4 == 0), "{metre}");
            assert!(early(&grid, Role::Chords, 70).all(|note| note.onset % 4 != 0), "{metre}");
            let beats = early(&grid, Role::Bass, 70).count();
            let bars = usize::from(grid.bars) * grid.metre.steps_per_bar() as usize / 16;
            assert!(beats >= 2 * bars, "{metre}: {beats}");
        }
    }
}
