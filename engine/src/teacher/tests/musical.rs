//! Whether the loops are music: motifs, voice leading, bass, cadences, variation, and styles that differ.

use super::*;
use sceneloop_music::{DrumLane, Note};

const FOUR: &str = "4/4";

/// A mode in which a style is at home.
pub(super) fn home(style: Style) -> Mode {
    match style {
        Style::Chinese => Mode::Yu,
        Style::Blues => Mode::Blues,
        Style::Jazz | Style::LoFi | Style::Tavern => Mode::Dorian,
        Style::Pop | Style::Classical | Style::Folk | Style::Latin => Mode::Ionian,
        Style::Cyberpunk | Style::Horror | Style::Dubstep | Style::Metal => Mode::Phrygian,
        Style::Punk | Style::Ballad | Style::Waltz | Style::March => Mode::Ionian,
        Style::Funk | Style::Celtic => Mode::Dorian,
        Style::Space | Style::Raga => Mode::Lydian,
        Style::Gamelan => Mode::Pelog,
        Style::Maqam => Mode::PhrygianDominant,
        _ => Mode::Aeolian,
    }
}

pub(super) fn loops(style: Style, bars: u8, seeds: std::ops::Range<u64>) -> Vec<LoopGrid> {
    let scene = scene(style);
    seeds.map(|seed| request(&scene, home(style), FOUR, bars, seed)).collect()
}

/// Onsets of a role by bar.
pub(super) fn bars_of(grid: &LoopGrid, role: Role) -> Vec<Vec<u16>> {
    let bar = grid.metre.steps_per_bar() as u16;
    (0..u16::from(grid.bars))
        .map(|index| {
            let mut steps: Vec<u16> = grid.clips[role]
                .notes
                .iter()
                .filter(|note| note.onset / bar == index)
                .map(|note| note.onset % bar)
                .collect();
            steps.dedup();
            steps
        })
        .collect()
}

/// How like the likest bar before it each bar is; bars of silence say nothing.
fn best_likeness(bars: &[Vec<u16>], others: &[Vec<u16>]) -> f32 {
    let pairs = bars.iter().enumerate().skip(1).filter(|(_, bar)| !bar.is_empty());
    let count = pairs.clone().count().max(1);
    let likeness = pairs.map(|(index, bar)| {
        let known = &others[..index.min(others.len())];
        known.iter().map(|other| sketch::kinship(bar, other)).fold(0.0, f32::max)
    });
    likeness.sum::<f32>() / count as f32
}

#[test]
fn the_lead_comes_back_to_its_motif() {
    for style in Style::ALL {
        let loops = loops(*style, 8, 0..12);
        let bars: Vec<_> = loops.iter().map(|grid| bars_of(grid, Role::Lead)).collect();
        let (mut own, mut foreign) = (0.0, 0.0);
        for index in 0..bars.len() {
            own += best_likeness(&bars[index], &bars[index]);
            foreign += best_likeness(&bars[index], &bars[(index + 1) % bars.len()]);
        }
        // The baseline is the lead of another seed: the same style and rhythms, another motif.
        assert!(own > foreign * 1.08, "{style}: {own} against {foreign}");
        assert!(own / bars.len() as f32 > 0.5, "{style}: {own}");
    }
}

#[test]
fn the_lead_sings_in_steps_and_lands_on_chord_tones() {
    let (mut small, mut all, mut good, mut strong) = (0, 0, 0, 0);
    for style in Style::ALL {
        for grid in loops(*style, 4, 0..8) {
            let notes: Vec<&Note> =
                grid.clips[Role::Lead].notes.iter().filter(|note| note.rank.get() < 80).collect();
            for pair in notes.windows(2).filter(|pair| pair[0].onset < pair[1].onset) {
                all += 1;
                small += usize::from((pair[1].pitch - pair[0].pitch).abs() <= 4);
            }
            // Over a drone the tune is bound on the downbeat alone.
            let idiom = idiom(*style);
            let bound = if idiom.drone && idiom.plan == Plan::Drone { 4 } else { 3 };
            for note in notes.iter().filter(|note| grid.metre.weight(note.onset.into()) >= bound) {
                strong += 1;
                good += usize::from(grid.chord_at(note.onset).unwrap().contains(note.pitch.into()));
            }
        }
    }
    assert!(small * 100 > all * 70, "{small} of {all} melodic steps are at most a third");
    assert!(good * 100 > strong * 93, "{good} of {strong} strong notes are chord tones");
}

#[test]
fn pads_move_little_from_chord_to_chord() {
    let (mut motion, mut voices) = (0, 0);
    for style in Style::ALL {
        for grid in loops(*style, 4, 0..8) {
            let sounding = |step: u16| -> Vec<i32> {
                let held = |note: &&Note| (note.onset..note.end()).contains(&step) && note.rank.get() < 40;
                grid.clips[Role::Pad].notes.iter().filter(held).map(|note| note.pitch.into()).collect()
            };
            for pair in grid.chords.windows(2) {
                let (before, after) = (sounding(pair[0].step), sounding(pair[1].step));
                for pitch in &after {
                    motion += before.iter().map(|old| (old - pitch).abs()).min().unwrap_or(0);
                    voices += 1;
                }
            }
        }
    }
    let mean = motion as f32 / voices as f32;
    assert!(voices > 500 && mean < 2.0, "{mean} semitones a voice and change");
}

#[test]
fn the_bass_begins_chords_on_their_root() {
    let (mut roots, mut begins) = (0, 0);
    for style in Style::ALL {
        for grid in loops(*style, 4, 0..8) {
            for span in &grid.chords {
                let at = grid.clips[Role::Bass].notes.iter().filter(|note| note.onset == span.step);
                if let Some(note) = at.min_by_key(|note| note.rank) {
                    begins += 1;
                    roots += usize::from(note.pitch.rem_euclid(12) as u8 == span.chord.bass_class());
                }
            }
        }
    }
    // What remains are pedals and basses that came early.
    assert!(begins > 300 && roots * 100 > begins * 85, "{roots} of {begins}");
}

#[test]
fn songs_leave_their_last_chord_for_home() {
    for style in
        [Style::Pop, Style::Rock, Style::Jazz, Style::Classical, Style::Folk, Style::Latin, Style::Blues]
    {
        for grid in loops(style, 4, 0..20) {
            let last = grid.chords.last().unwrap().chord;
            assert_ne!(last.root, grid.chords[0].chord.root, "{style}");
            assert!([2, 5, 7, 9, 10, 8, 3].contains(&last.root), "{style}: {last:?}");
        }
    }
}

#[test]
fn roles_keep_their_registers() {
    for style in Style::ALL {
        let loops = loops(*style, 4, 0..6);
        let mean = |role: Role| {
            // Without the octaves that the top of the ladder adds.
            let notes =
                || loops.iter().flat_map(|grid| &grid.clips[role].notes).filter(|note| note.rank.get() <= 80);
            notes().map(|note| f32::from(note.pitch)).sum::<f32>() / notes().count().max(1) as f32
        };
        assert!(mean(Role::Bass) + 10.0 < mean(Role::Chords), "{style}");
        assert!(mean(Role::Chords) + 4.0 < mean(Role::Lead), "{style}");
        let apart = (mean(Role::Arp) - mean(Role::Lead)).abs();
        assert!(apart > 2.5, "{style}: arp and lead are {apart} semitones apart");
    }
}

/// Chords by root, drums and bass by place, lead by rhythm: how much two loops share, 0 to 1 each.
fn shared(one: &LoopGrid, other: &LoopGrid) -> [f32; 4] {
    let strokes = |grid: &LoopGrid, role: Role| {
        let mut strokes: Vec<(u16, i8)> = grid.clips[role]
            .notes
            .iter()
            .map(|note| (note.onset, if role == Role::Drums { note.pitch } else { 0 }))
            .collect();
        strokes.sort_unstable();
        strokes.dedup();
        strokes
    };
    let chords = |grid: &LoopGrid| {
        let mut roots: Vec<(u16, u8)> = grid.chords.iter().map(|span| (span.step, span.chord.root)).collect();
        roots.sort_unstable();
        roots
    };
    let role = |role| sketch::kinship(&strokes(one, role), &strokes(other, role));
    [sketch::kinship(&chords(one), &chords(other)), role(Role::Drums), role(Role::Bass), role(Role::Lead)]
}

#[test]
fn a_variation_shares_more_with_the_loop_before_than_another_seed_does() {
    let mut sums = [[0.0f32; 4]; 2];
    for style in Style::ALL {
        let scene = scene(*style);
        for seed in 0..10 {
            let first = request(&scene, home(*style), FOUR, 4, seed);
            let other = compose(&Request { previous: None, ..again(&scene, &first, seed + 100) });
            let varied = compose(&Request { previous: Some(&first), ..again(&scene, &first, seed + 100) });
            assert_ne!(varied, first);
            for (sum, loops) in sums.iter_mut().zip([varied, other]) {
                shared(&first, &loops)
                    .iter()
                    .zip(sum.iter_mut())
                    .for_each(|(likeness, sum)| *sum += likeness);
            }
        }
    }
    let count = (Style::ALL.len() * 10) as f32;
    let [varied, other] = sums.map(|sum| sum.map(|likeness| likeness / count));
    for (varied, other) in varied.iter().zip(&other) {
        assert!(*varied > other + 0.05, "{varied} against {other}");
    }
}

fn again<'a>(scene: &'a Scene, grid: &LoopGrid, seed: u64) -> Request<'a> {
    Request { scene, key: grid.key, metre: grid.metre, bars: grid.bars, seed, previous: None }
}

#[test]
fn a_chain_of_variations_does_not_wear_out() {
    for style in [Style::Pop, Style::Techno, Style::Ambient, Style::Chinese] {
        let scene = scene(style);
        let mut grid = request(&scene, home(style), FOUR, 4, 1);
        let start = grid.clips[Role::Lead].notes.len();
        for seed in 2..80 {
            grid = compose(&Request { previous: Some(&grid), ..again(&scene, &grid, seed) });
            assert_eq!(grid.validate(), Ok(()));
            assert!(grid.clips[Role::Lead].notes.len() >= 4.min(start), "{style} {seed}");
        }
    }
}

/// What one hears first: where drums, bass and chords strike, how the chords are built, how fast things move.
fn features(style: Style) -> Vec<f32> {
    let mut features = vec![0.0; 16 * 4 + DrumLane::COUNT + 12];
    let loops = loops(style, 4, 0..12);
    for grid in &loops {
        for (index, role) in [Role::Bass, Role::Chords, Role::Arp, Role::Lead].into_iter().enumerate() {
            for bar in bars_of(grid, role) {
                bar.iter().for_each(|step| features[index * 16 + usize::from(*step)] += 0.25);
            }
        }
        let drums = &grid.clips[Role::Drums].notes;
        for note in drums.iter().filter(|note| note.velocity > 60) {
            features[64 + note.pitch as usize] += 1.0 / 32.0;
        }
        for span in &grid.chords {
            span.chord.quality.intervals().iter().for_each(|i| features[80 + usize::from(i % 12)] += 0.25);
        }
    }
    features.iter().map(|value| value / loops.len() as f32).collect()
}

#[test]
fn all_families_differ_in_pairs() {
    let features: Vec<_> = Style::ALL.iter().map(|style| (*style, features(*style))).collect();
    for (index, (one, a)) in features.iter().enumerate() {
        for (other, b) in &features[index + 1..] {
            let distance = a.iter().zip(b).map(|(x, y)| (x - y).powi(2)).sum::<f32>().sqrt();
            // Two halves of one style's seeds lie at about 0.8.
            assert!(distance > 1.2, "{one} and {other} are {distance} apart");
        }
    }
}
