//! What a listener knows a genre by, asserted on the written loops over many seeds.

use super::musical::{bars_of, loops};
use super::*;
use crate::teacher::style::{Ornament, idiom};
use sceneloop_music::{DrumLane, Note};

const SEEDS: std::ops::Range<u64> = 0..24;

/// Steps of a lane in a loop at an energy, strokes from a velocity on.
fn strokes(grid: &LoopGrid, lane: DrumLane, energy: f32, least: u8) -> Vec<u16> {
    let notes = grid.clips[Role::Drums].sounding(Energy::new(energy));
    notes.filter(|note| note.pitch == lane.pitch() && note.velocity >= least).map(|note| note.onset).collect()
}

/// How many of a style's loops a fact holds for.
fn held(style: Style, bars: u8, fact: impl Fn(&LoopGrid) -> bool) -> usize {
    loops(style, bars, SEEDS).iter().filter(|grid| fact(grid)).count()
}

/// Whether every bar has strokes of one of these lanes on all these steps of the bar.
fn on_all(grid: &LoopGrid, lanes: &[DrumLane], steps: &[u16], energy: f32) -> bool {
    let struck: Vec<u16> = lanes.iter().flat_map(|lane| strokes(grid, *lane, energy, 60)).collect();
    (0..u16::from(grid.bars)).all(|bar| steps.iter().all(|step| struck.contains(&(bar * 16 + step))))
}

#[test]
fn club_floors_have_four_kicks_a_bar_and_hats_between_them() {
    for style in [Style::Techno, Style::House] {
        assert_eq!(
            held(style, 4, |grid| on_all(grid, &[DrumLane::Kick], &[0, 4, 8, 12], 60.0)),
            24,
            "{style}"
        );
        let off_beat = held(style, 4, |grid| {
            let hats = [DrumLane::OpenHat, DrumLane::ClosedHat];
            let hits: usize = hats
                .iter()
                .map(|lane| strokes(grid, *lane, 70.0, 40).iter().filter(|step| *step % 4 == 2).count())
                .sum();
            // The fill may take the last ones.
            hits >= 12
        });
        assert!(off_beat >= 22, "{style}: {off_beat}");
    }
}

#[test]
fn a_backbeat_lies_on_two_and_four() {
    for style in [
        Style::Pop,
        Style::Rock,
        Style::HipHop,
        Style::Synthwave,
        Style::DrumAndBass,
        Style::Blues,
        Style::Chiptune,
    ] {
        let back = held(style, 4, |grid| {
            let answers = [DrumLane::Snare, DrumLane::Clap, DrumLane::Rim];
            on_all(grid, &answers, &[4, 12], 70.0)
        });
        // The others are the style's half-time grooves and those that break the beat up.
        let usual = if style == Style::DrumAndBass { 10 } else { 16 };
        assert!(back >= usual, "{style}: {back}");
    }
}

#[test]
fn half_time_is_one_snare_a_bar_where_a_style_knows_it() {
    for style in [Style::DrumAndBass, Style::Cyberpunk, Style::Synthwave, Style::Pop] {
        let half = held(style, 4, |grid| {
            let snare = strokes(grid, DrumLane::Snare, 50.0, 90);
            snare.contains(&8) && !snare.contains(&4) && !snare.contains(&12)
        });
        assert!((1..16).contains(&half), "{style}: {half}");
    }
}

#[test]
fn jazz_rides_walks_in_quarters_and_swings() {
    let rides = held(Style::Jazz, 4, |grid| on_all(grid, &[DrumLane::Ride], &[0, 4], 60.0));
    assert!(rides >= 20, "{rides}");
    let walks = held(Style::Jazz, 4, |grid| {
        let onsets: Vec<u16> =
            grid.clips[Role::Bass].sounding(Energy::new(75.0)).map(|note| note.onset).collect();
        (0..64).step_by(4).filter(|step| onsets.contains(step)).count() >= 15
    });
    assert!(walks >= 14, "{walks}");
    for grid in loops(Style::Jazz, 4, 0..4) {
        assert!(grid.swing.amount > 0.6 && grid.swing.eighths);
    }
}

#[test]
fn walking_basses_move_by_step_or_chord_tone_and_lead_into_the_next_chord() {
    let (mut near, mut all) = (0, 0);
    for grid in loops(Style::Jazz, 8, SEEDS) {
        let notes: Vec<&Note> =
            grid.clips[Role::Bass].notes.iter().filter(|note| note.rank.get() < 80).collect();
        for span in &grid.chords[1..] {
            let next = notes.iter().find(|note| note.onset == span.step);
            let before =
                notes.iter().rev().find(|note| note.onset < span.step && note.onset + 4 >= span.step);
            if let (Some(next), Some(before)) = (next, before) {
                all += 1;
                near += usize::from((next.pitch - before.pitch).abs() <= 5);
            }
        }
    }
    assert!(all > 100 && near * 100 > all * 70, "{near} of {all}");
}

#[test]
fn swing_is_where_the_genre_has_it() {
    let amount = |style| loops(style, 2, 0..1)[0].swing.amount;
    for straight in
        [Style::Techno, Style::Rock, Style::Synthwave, Style::Cyberpunk, Style::Classical, Style::Chinese]
    {
        assert!(amount(straight) < 0.15, "{straight}");
    }
    for swung in [Style::Jazz, Style::Blues, Style::LoFi] {
        assert!(amount(swung) > 0.4, "{swung}");
    }
    assert!((0.2..0.5).contains(&amount(Style::HipHop)));
}

#[test]
fn rock_plays_power_chords_and_crashes_at_the_joints() {
    let power = held(Style::Rock, 4, |grid| {
        let notes = &grid.clips[Role::Chords].notes;
        let first: Vec<i8> = notes
            .iter()
            .filter(|n| n.onset == notes[0].onset && n.rank.get() < 60)
            .map(|n| n.pitch)
            .collect();
        first.len() >= 3 && first.windows(2).all(|pair| matches!(pair[1] - pair[0], 5 | 7))
    });
    assert!(power >= 20, "{power}");
    let crash = held(Style::Rock, 4, |grid| strokes(grid, DrumLane::Crash, 75.0, 80).contains(&0));
    assert!(crash >= 22, "{crash}");
}

#[test]
fn chiptunes_run_through_their_chords_in_sixteenths() {
    let runs = held(Style::Chiptune, 4, |grid| {
        let onsets: Vec<u16> =
            grid.clips[Role::Arp].sounding(Energy::new(80.0)).map(|note| note.onset).collect();
        (0..64).filter(|step| onsets.contains(step)).count() >= 44
    });
    assert!(runs >= 20, "{runs}");
}

#[test]
fn horror_is_sparse_and_has_clusters() {
    let notes = |style| -> usize {
        let loops = loops(style, 8, 0..8);
        loops.iter().map(|grid| grid.clips[Role::Lead].sounding(Energy::new(60.0)).count()).sum()
    };
    assert!(notes(Style::Horror) * 2 < notes(Style::Pop));
    let clusters = held(Style::Horror, 8, |grid| {
        let pad = &grid.clips[Role::Pad].notes;
        pad.iter().any(|a| pad.iter().any(|b| a.onset == b.onset && matches!(b.pitch - a.pitch, 1 | 2)))
    });
    assert!(clusters >= 20, "{clusters}");
}

#[test]
fn chinese_tunes_stay_in_five_notes_and_the_arp_tells_them_too() {
    let mut told = 0;
    for grid in loops(Style::Chinese, 4, SEEDS) {
        let scale = grid.key.mode.scale();
        let lead = &grid.clips[Role::Lead].notes;
        assert!(lead.iter().all(|note| scale.contains(&(note.pitch.rem_euclid(12) as u8))));
        // On the tune's long notes the arp plays them or their octave.
        let long: Vec<&Note> =
            lead.iter().filter(|note| note.duration >= 3 && note.rank.get() < 60).collect();
        let together = |note: &&&Note| {
            let arp = &grid.clips[Role::Arp].notes;
            arp.iter().any(|other| other.onset == note.onset && (other.pitch - note.pitch) % 12 == 0)
        };
        told += usize::from(!long.is_empty() && long.iter().filter(together).count() * 2 >= long.len());
    }
    assert!(told >= 8, "{told}");
}

#[test]
fn ghosts_are_softer_than_the_strokes_they_surround() {
    for style in [Style::HipHop, Style::DrumAndBass, Style::House, Style::Jazz, Style::Pop, Style::Rock] {
        let (mut strong, mut weak) = (Vec::new(), Vec::new());
        for grid in loops(style, 4, SEEDS) {
            for note in grid.clips[Role::Drums].notes.iter().filter(|n| n.pitch == DrumLane::Snare.pitch()) {
                match note.onset % 16 {
                    4 | 12 => strong.push(f32::from(note.velocity)),
                    // Fills lie in the last bar.
                    at if at % 2 == 1 && note.onset < 48 => weak.push(f32::from(note.velocity)),
                    _ => (),
                }
            }
        }
        let mean = |velocities: &[f32]| velocities.iter().sum::<f32>() / velocities.len().max(1) as f32;
        if style != Style::Jazz {
            assert!(
                weak.len() > 10 && mean(&weak) + 25.0 < mean(&strong),
                "{style}: {} {}",
                mean(&weak),
                mean(&strong)
            );
        }
    }
}

#[test]
fn kick_and_bass_agree() {
    for style in [Style::HipHop, Style::Pop, Style::Rock, Style::DrumAndBass] {
        let (mut met, mut all) = (0, 0);
        for grid in loops(style, 4, SEEDS) {
            let bass: Vec<(u16, u16)> =
                grid.clips[Role::Bass].notes.iter().map(|note| (note.onset, note.end())).collect();
            for step in strokes(&grid, DrumLane::Kick, 55.0, 80) {
                all += 1;
                met += usize::from(bass.iter().any(|(from, to)| (*from..*to).contains(&step)));
            }
        }
        assert!(met * 100 > all * 80, "{style}: {met} of {all} kicks have a bass note");
    }
}

#[test]
fn every_style_has_a_vocabulary() {
    for style in Style::ALL {
        let known = idiom(*style);
        // Distinct drums, basses and chords by where they strike, over the seeds.
        let distinct = |role: Role, least: usize| {
            let mut seen: Vec<Vec<Vec<u16>>> =
                loops(*style, 4, SEEDS).iter().map(|grid| bars_of(grid, role)).collect();
            seen.sort();
            seen.dedup();
            assert!(seen.len() >= least, "{style} {role}: {} in 24 seeds", seen.len());
        };
        let mut skeletons: Vec<Vec<(u16, i8)>> = loops(*style, 4, SEEDS)
            .iter()
            .map(|grid| {
                let notes = grid.clips[Role::Drums].notes.iter();
                let early =
                    notes.filter(|note| note.onset < 32 && note.velocity > 60 && note.rank.get() < 60);
                early.map(|note| (note.onset, note.pitch)).collect()
            })
            .collect();
        skeletons.sort();
        skeletons.dedup();
        assert!(skeletons.len() >= known.grooves.len().min(4), "{style}: {} grooves", skeletons.len());
        if known.fills.is_empty() {
            continue;
        }
        distinct(Role::Bass, 6);
        distinct(Role::Chords, 6);
        let mut arps: Vec<Vec<(u16, i8)>> = loops(*style, 4, SEEDS)
            .iter()
            .map(|grid| grid.clips[Role::Arp].notes.iter().map(|note| (note.onset, note.pitch)).collect())
            .collect();
        arps.sort();
        arps.dedup();
        assert!(arps.len() >= 18, "{style}: {} arps", arps.len());
        distinct(Role::Lead, 16);
        assert!(known.grooves.len() >= 4 && known.fills.len() >= 4, "{style}");
        assert!(known.bass.len() + known.riffs.len() >= 6 && known.comp.len() >= 6, "{style}");
        assert!(known.arp.len() >= 4 && known.ostinati.len() >= 3, "{style}");
        assert!(known.tune.cells.len() >= 8 && known.hooks.len() >= 4, "{style}");
        assert!(known.progressions.len() >= 6 && known.forms.len() >= 4, "{style}");
    }
}

#[test]
fn the_second_half_of_a_phrase_is_not_the_first_again() {
    for style in Style::ALL.iter().filter(|style| !idiom(**style).answers.is_empty()) {
        let loops = loops(*style, 8, 0..12);
        let differ = loops.iter().filter(|grid| {
            let half = |from: u16| -> Vec<(u16, i8)> {
                let notes = grid.clips[Role::Drums].notes.iter();
                // Without fills and crashes.
                notes
                    .filter(|note| {
                        (from..from + 48).contains(&note.onset)
                            && (note.pitch != DrumLane::Crash.pitch() || note.onset % 64 > 0)
                    })
                    .map(|note| (note.onset - from, note.pitch))
                    .collect()
            };
            half(0) != half(64)
        });
        let differ = differ.count();
        assert!(differ >= 8, "{style}: {differ}");
    }
}

#[test]
fn echoes_repeat_the_note_before_them_softly() {
    assert!(idiom(Style::Chiptune).ornaments.contains(&Ornament::Echo));
    let echoes = held(Style::Chiptune, 8, |grid| {
        let lead = &grid.clips[Role::Lead].notes;
        lead.iter().any(|note| {
            lead.iter().any(|after| {
                after.pitch == note.pitch
                    && after.onset == note.end()
                    && i32::from(after.velocity) + 15 < i32::from(note.velocity)
                    && after.duration <= 2
            })
        })
    });
    assert!(echoes >= 6, "{echoes}");
}

#[test]
fn fills_end_the_phrase_and_leave_the_kick_alone() {
    for style in Style::ALL.iter().filter(|style| !idiom(**style).fills.is_empty()) {
        let loops = loops(*style, 4, SEEDS);
        let more = loops.iter().filter(|grid| {
            let pitches = |bar: u16| -> Vec<(u16, i8)> {
                let notes = grid.clips[Role::Drums].notes.iter();
                notes
                    .filter(|note| note.onset / 16 == bar)
                    .map(|note| (note.onset % 16, note.pitch))
                    .collect()
            };
            pitches(3) != pitches(2)
        });
        assert!(more.count() >= 22, "{style}");
    }
}

#[test]
fn tunes_are_highest_after_the_middle_breathe_and_end_on_stable_tones() {
    let (mut late, mut stable, mut breath, mut all) = (0, 0, 0, 0);
    let singing =
        [Style::Pop, Style::Folk, Style::Classical, Style::OrchestralCalm, Style::Synthwave, Style::Rock];
    for grid in singing.into_iter().flat_map(|style| loops(style, 8, SEEDS)) {
        let notes: Vec<&Note> =
            grid.clips[Role::Lead].notes.iter().filter(|note| note.rank.get() < 64).collect();
        let top = |from: u16| notes.iter().filter(|n| n.onset / 64 == from).map(|n| n.pitch).max();
        let Some(last) = notes.last() else { continue };
        let chord = grid.chord_at(last.onset).unwrap();
        all += 1;
        late += usize::from(top(1) >= top(0));
        stable +=
            usize::from(chord.pitch_classes().take(3).any(|class| class == last.pitch.rem_euclid(12) as u8));
        breath += usize::from(notes.windows(2).any(|pair| pair[1].onset >= pair[0].end() + 2));
    }
    assert!(all > 120 && late * 100 > all * 60, "{late} of {all} are highest late");
    assert!(stable * 100 > all * 85, "{stable} of {all} end on a stable tone");
    assert!(breath * 100 > all * 80, "{breath} of {all} breathe");
}
