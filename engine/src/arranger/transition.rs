//! Transitions: how one section becomes the next. What is done follows from the pair, the kind of the style and the seed.
//!
//! Some of it is notes (a fill, a held chord, the dominant, a beat of silence), some of it is sound ([`Gesture`]), which the
//! sequencer plays beside the notes. A gesture that has begun before a jump's target is not played there: a riser without
//! its beginning is a bump.

use super::earlier;
use super::edit::{HARMONY, change, fits, reharmonise, tidy};
use super::form::{Kind, SectionPlace};
use sceneloop_music::{Chord, ChordQuality, Dice, DrumLane, LoopGrid, Note, Rank, Role, Section};

/// A sound that leads from one section to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Gesture {
    /// Noise and a tone that rise; ends with the section.
    Riser,
    /// Noise and a tone that fall from the beginning of the section.
    Downlifter,
    /// A cymbal backwards; ends with the section.
    Reverse,
    /// A blow at the beginning of the section.
    Impact,
    /// A sinking low tone from there.
    SubDrop,
    /// A filter that takes the low away from chords, pad and arp before a drop.
    HighPass,
    /// A filter that closes over the same towards a calmer section.
    LowPass,
    /// Silence of every role but the texture.
    Cut,
}

/// A gesture with its place in a loop.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlacedGesture {
    /// Which.
    pub gesture: Gesture,
    /// From the start of the loop, quarter notes.
    pub at: f64,
    /// Quarter notes.
    pub length: f64,
    /// How loud, 0 to 1.
    pub gain: f32,
    /// The energy from which it is heard.
    pub rank: Rank,
}

/// What is done at the end of a section.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Leaving {
    /// Share of the last bar that is a fill.
    fill: f32,
    /// The last bar is one held chord, without drums.
    held: bool,
    /// Its second half stands on the dominant.
    dominant: bool,
    /// The last beat is silent.
    cut: bool,
    /// Bars that it rises over.
    riser: f64,
    reverse: bool,
    sweep: Option<Gesture>,
}

fn leaving(place: &SectionPlace, kind: Kind, dice: &mut Dice) -> Leaving {
    use Section::{Break, Build, Drop, Outro};
    let none = Leaving::default();
    if !place.is_last_loop() {
        return none;
    }
    let throws: [f32; 5] = std::array::from_fn(|_| dice.unit());
    let [one, two, three, four, five] = throws;
    let fill = if four < 0.5 { 0.5 } else { 1.0 };
    let dominant = one < if place.next == Section::B { 0.7 } else { 0.4 };
    let song = Leaving { fill, dominant, held: five < 0.12, ..none };
    match (kind, place.section, place.next) {
        (Kind::Cycle, ..) => none,
        (_, Outro, _) => Leaving { held: true, ..none },
        (Kind::Calm, _, _) => Leaving {
            held: one < 0.4,
            dominant: one >= 0.4 && two < 0.4,
            reverse: three < 0.3,
            sweep: (four < 0.35).then_some(Gesture::LowPass),
            ..none
        },
        (Kind::Room, ..) => song,
        (_, _, Drop) => Leaving {
            cut: one < 0.6,
            riser: if two < 0.7 { 2.0 } else { 1.0 },
            reverse: three < 0.5,
            sweep: (four < 0.6).then_some(Gesture::HighPass),
            fill: if place.section == Build { 0.0 } else { 0.5 },
            ..none
        },
        (_, _, Break | Outro) => Leaving {
            fill: if one < 0.6 { 0.5 } else { 0.0 },
            held: one >= 0.8,
            sweep: (two < 0.4).then_some(Gesture::LowPass),
            reverse: three < 0.3,
            ..none
        },
        (_, _, Build) => Leaving { fill: 0.5, reverse: one < 0.5, ..none },
        (Kind::Club, _, _) => Leaving {
            fill,
            reverse: one < 0.5,
            riser: if two < 0.35 { 1.0 } else { 0.0 },
            cut: three < 0.25,
            sweep: (five < 0.2).then_some(Gesture::HighPass),
            ..none
        },
        (Kind::Screen, _, _) => Leaving {
            fill,
            dominant: one < 0.5,
            reverse: two < 0.5,
            riser: if three < 0.4 { 1.0 } else { 0.0 },
            ..none
        },
        (Kind::Song, ..) => Leaving { reverse: two < 0.2, cut: three < 0.12, ..song },
    }
}

/// What is done at the beginning of a section: gestures and the rank of a crash.
fn arriving(place: &SectionPlace, kind: Kind, dice: &mut Dice) -> (Vec<(Gesture, f64, f32)>, Option<u8>) {
    use Section::{Break, Drop, Intro, Outro};
    let begins_song = place.is_first && place.section == Section::A && place.visit == 0;
    let is_even = matches!(kind, Kind::Calm | Kind::Cycle);
    if place.loop_in_section != 0 || begins_song || is_even || place.section == Intro {
        return (Vec::new(), None);
    }
    let (one, two) = (dice.unit(), dice.unit());
    let mut gestures = Vec::new();
    match (kind, place.section) {
        (Kind::Room, _) => {}
        (_, Drop) => {
            gestures.push((Gesture::Impact, 4.0, 1.0));
            if one < 0.7 {
                gestures.push((Gesture::SubDrop, 4.0, 0.8));
            }
        }
        (Kind::Club | Kind::Screen, Break | Outro) => gestures.push((Gesture::Downlifter, 8.0, 0.7)),
        (Kind::Screen, _) if one < 0.4 => gestures.push((Gesture::Impact, 4.0, 0.6)),
        (Kind::Club, _) if two < 0.3 => gestures.push((Gesture::Downlifter, 4.0, 0.5)),
        _ => {}
    }
    let crash = match place.section {
        Drop => Some(20),
        Section::B => Some(35),
        Break | Outro => None,
        _ => Some(50),
    };
    (gestures, crash)
}

/// The throws of a place: the same for notes and gestures.
fn dice_of(place: &SectionPlace, seed: u64, purpose: &str) -> Dice {
    Dice::new(seed ^ (place.visit as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15), purpose)
}

/// What the drummer of a style does between its sections.
pub(super) struct Drummer<'a> {
    /// The drums of a loop of the style, of which the end is its fill.
    pub fill: &'a [Note],
    /// Rank at which the style has a crash; none if it has none.
    pub crash: Option<u8>,
}

/// Writes the notes of the transitions into a loop.
pub(super) fn write(grid: &mut LoopGrid, place: &SectionPlace, kind: Kind, seed: u64, drummer: &Drummer<'_>) {
    let leaving = leaving(place, kind, &mut dice_of(place, seed, "leaving"));
    let (_, crash) = arriving(place, kind, &mut dice_of(place, seed, "arriving"));
    let (steps, bar) = (grid.steps() as u16, grid.metre.steps_per_bar() as u16);
    let last = steps - bar;
    // A section has its crash sooner than a loop; where a band is sparing with it, not so soon.
    let crash = crash.zip(drummer.crash);
    let crash =
        crash.map(|(rank, own)| if kind == Kind::Room { rank.max(own.saturating_sub(30)) } else { rank });
    if let Some(rank) = crash.filter(|_| !grid.clips[Role::Drums].notes.is_empty()) {
        let pitch = DrumLane::Crash.pitch();
        let note = Note { onset: 0, duration: 4.min(steps), pitch, velocity: 112, rank: Rank::new(rank) };
        change(grid, Role::Drums, |notes| notes.push(note));
    }
    if leaving.held {
        // A song takes a breath, it does not stop.
        let breathes = matches!(kind, Kind::Song | Kind::Room) && place.section != Section::Outro;
        hold(grid, if breathes { steps - middle(grid) } else { last });
    } else if leaving.fill > 0.0 && !grid.clips[Role::Drums].notes.is_empty() {
        let from = steps - ((f32::from(bar) * leaving.fill) as u16).max(1);
        play_fill(grid, from, drummer.fill);
    }
    if leaving.dominant {
        prepare(grid, steps - middle(grid));
    }
    if leaving.cut {
        let beat = grid.metre.beats().last().map_or(4, |beat| *beat as u16).min(bar / 2);
        silence(grid, steps - beat.max(1));
    }
}

/// The gestures of a loop.
pub(super) fn gestures(
    place: &SectionPlace,
    kind: Kind,
    seed: u64,
    loop_quarters: f64,
    bar: f64,
) -> Vec<PlacedGesture> {
    let leaving = leaving(place, kind, &mut dice_of(place, seed, "leaving"));
    let (arriving, _) = arriving(place, kind, &mut dice_of(place, seed, "arriving"));
    let mut gestures: Vec<PlacedGesture> = Vec::new();
    let mut add = |gesture, at: f64, length: f64, gain, rank| {
        let length = length.min(loop_quarters - at);
        gestures.push(PlacedGesture { gesture, at, length, gain, rank: Rank::new(rank) });
    };
    for (gesture, length, gain) in arriving {
        add(gesture, 0.0, length, gain, 45);
    }
    let ending = |length: f64| (loop_quarters - length).max(0.0);
    if leaving.riser > 0.0 {
        let length = leaving.riser * bar;
        add(Gesture::Riser, ending(length), length, 0.7, 50);
    }
    if leaving.reverse {
        add(Gesture::Reverse, ending(bar / 2.0), bar / 2.0, 0.6, 40);
    }
    if let Some(sweep) = leaving.sweep {
        add(sweep, ending(2.0 * bar), 2.0 * bar, 1.0, 0);
    }
    if leaving.cut {
        add(Gesture::Cut, ending(1.0f64.min(bar / 2.0)), 1.0f64.min(bar / 2.0), 1.0, 0);
    }
    gestures.sort_by(|a, b| a.at.total_cmp(&b.at));
    gestures
}

/// Steps of the second half of a bar, whole beats.
fn middle(grid: &LoopGrid) -> u16 {
    let beats = grid.metre.beats();
    let behind: u32 = beats[beats.len().div_ceil(2).min(beats.len() - 1)..].iter().sum();
    behind as u16
}

/// The style's own fill in place of the groove; it is heard before the groove's ornaments are.
fn play_fill(grid: &mut LoopGrid, from: u16, fill: &[Note]) {
    change(grid, Role::Drums, |notes| {
        let filled = fill
            .iter()
            .filter(|note| note.onset >= from)
            .map(|note| Note { rank: earlier(note.rank, 18), ..*note });
        notes.retain(|note| note.onset < from);
        notes.extend(filled);
    });
}

/// Chords and pad hold what they have from a step on, the other roles stop.
fn hold(grid: &mut LoopGrid, from: u16) {
    let steps = grid.steps() as u16;
    for role in [Role::Drums, Role::Arp, Role::Lead] {
        change(grid, role, |notes| {
            notes.retain(|note| note.onset <= from);
            for note in notes.iter_mut().filter(|note| note.onset < from) {
                note.duration = note.duration.min(from - note.onset);
            }
        });
    }
    for role in [Role::Bass, Role::Chords, Role::Pad] {
        let shape = grid.clone();
        change(grid, role, |notes| {
            let Some(onset) = notes.iter().map(|note| note.onset).find(|onset| *onset >= from) else {
                return;
            };
            notes.retain(|note| note.onset <= onset);
            let end = shape.chords.iter().map(|span| span.step).find(|step| *step > onset).unwrap_or(steps);
            for note in notes.iter_mut().filter(|note| note.onset == onset) {
                note.duration = end - onset;
            }
        });
    }
}

/// Puts the dominant, or what leads home in a mode that has none, under the end of a loop.
fn prepare(grid: &mut LoopGrid, from: u16) {
    use ChordQuality::{Dominant7, Dominant7Sus4, Major, Minor, Minor7, Sus4};
    let roads = [
        (7, Dominant7),
        (7, Major),
        (10, Major),
        (7, Dominant7Sus4),
        (7, Sus4),
        (7, Minor7),
        (7, Minor),
        (5, Minor),
        (5, Major),
    ];
    let chord =
        roads.into_iter().map(|(root, quality)| Chord::new(root, quality)).find(|chord| fits(grid, *chord));
    if let Some(chord) = chord.filter(|chord| grid.chord_at(from).is_none_or(|here| here.root != chord.root))
    {
        reharmonise(grid, from..grid.steps() as u16, chord);
    }
}

/// Nothing but the texture sounds from a step on.
fn silence(grid: &mut LoopGrid, from: u16) {
    for role in HARMONY.into_iter().chain([Role::Drums, Role::Lead]) {
        let notes = grid.clips[role].notes.iter().filter(|note| note.onset < from);
        let cut =
            notes.map(|note| Note { duration: note.duration.min(from - note.onset), ..*note }).collect();
        grid.clips[role] = tidy(grid, role, cut);
    }
}

/// The frequencies between which a gesture's filter moves, Hz; none for what is no filter.
pub(crate) fn corners(gesture: Gesture) -> Option<(f32, f32)> {
    match gesture {
        Gesture::HighPass => Some((30.0, 1_200.0)),
        Gesture::LowPass => Some((18_000.0, 700.0)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arranger::taught;
    use crate::assets::Assets;
    use sceneloop_music::Metre;

    fn pairs() -> impl Iterator<Item = (Section, Section)> {
        Section::ALL.into_iter().flat_map(|from| Section::ALL.map(|to| (from, to)))
    }

    fn last_loop(section: Section, next: Section, visit: i64) -> SectionPlace {
        let before = Section::A;
        SectionPlace { section, loop_in_section: 1, loops: 2, before, next, visit, is_first: false }
    }

    #[test]
    fn every_pair_leaves_a_valid_loop_in_every_metre() {
        let scene = Assets::shipped().unwrap().scenes.parse("techno, pop").unwrap();
        for (metre, bars) in [("4/4", 4), ("7/8", 1), ("3/4", 2), ("1/8", 3), ("12/8", 8)] {
            let metre: Metre = metre.parse().unwrap();
            let theme = crate::arranger::taught_in(&scene, 3, bars, metre);
            for (from, to) in pairs() {
                let drummer = Drummer { fill: &theme.clips[Role::Drums].notes, crash: Some(84) };
                for kind in [Kind::Club, Kind::Song, Kind::Room, Kind::Screen, Kind::Calm, Kind::Cycle] {
                    for visit in 0..12 {
                        let place = last_loop(from, to, visit);
                        let mut grid = theme.clone();
                        write(&mut grid, &place, kind, 9, &drummer);
                        assert_eq!(grid.validate(), Ok(()), "{from} to {to} in {metre}");
                        let quarters = grid.quarters();
                        for placed in gestures(&place, kind, 9, quarters, metre.quarters_per_bar()) {
                            assert!(placed.at >= 0.0 && placed.length > 0.0, "{placed:?}");
                            assert!(placed.at + placed.length <= quarters + 1e-9, "{placed:?}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn only_the_ends_of_sections_are_touched() {
        let scene = Assets::shipped().unwrap().scenes.parse("house").unwrap();
        let theme = taught(&scene, 3, 4);
        for (from, to) in pairs().filter(|(from, to)| from != to) {
            let middle = SectionPlace { loop_in_section: 1, loops: 3, ..last_loop(from, to, 5) };
            let mut grid = theme.clone();
            let drummer = Drummer { fill: &theme.clips[Role::Drums].notes, crash: Some(84) };
            write(&mut grid, &middle, Kind::Club, 9, &drummer);
            assert_eq!(grid, theme);
            assert!(gestures(&middle, Kind::Club, 9, 16.0, 4.0).is_empty());
            let mut grid = theme.clone();
            write(&mut grid, &last_loop(from, to, 5), Kind::Club, 9, &drummer);
            for (role, clip) in grid.clips.iter() {
                let early = |clip: &sceneloop_music::Clip| {
                    clip.notes.iter().filter(|note| note.end() < 48).copied().collect::<Vec<_>>()
                };
                assert_eq!(early(clip), early(&theme.clips[role]), "{from} to {to}: {role}");
            }
        }
    }

    #[test]
    fn each_style_has_its_ways_and_a_drop_is_prepared() {
        use std::collections::BTreeSet;
        let ways = |kind, from, to| -> BTreeSet<String> {
            let all = (0..40).flat_map(|visit| gestures(&last_loop(from, to, visit), kind, 1, 16.0, 4.0));
            all.map(|placed| format!("{:?}", placed.gesture)).collect()
        };
        let to_drop = ways(Kind::Club, Section::Build, Section::Drop);
        for way in ["Riser", "Reverse", "HighPass", "Cut"] {
            assert!(to_drop.contains(way), "{to_drop:?}");
        }
        let calm = ways(Kind::Calm, Section::A, Section::B);
        assert!(calm.contains("LowPass") && !calm.contains("Riser") && !calm.contains("Cut"), "{calm:?}");
        let first = SectionPlace { loop_in_section: 0, ..last_loop(Section::Drop, Section::A, 4) };
        let blow = gestures(&first, Kind::Club, 1, 16.0, 4.0);
        assert!(blow.iter().any(|placed| placed.gesture == Gesture::Impact && placed.at == 0.0));
    }

    #[test]
    fn the_dominant_is_heard_before_what_it_leads_to() {
        let scene = Assets::shipped().unwrap().scenes.parse("pop").unwrap();
        let mut grid = taught(&scene, 3, 4);
        prepare(&mut grid, 56);
        let chord = grid.chord_at(60).unwrap();
        assert!([7, 10, 5].contains(&chord.root), "{chord:?}");
        for note in grid.clips[Role::Chords].notes.iter().filter(|note| note.onset >= 56) {
            assert!(chord.contains(note.pitch.into()) || grid.key.mode.contains(note.pitch.into()));
        }
        assert!(grid.clips[Role::Bass].notes.iter().all(|note| note.onset >= 56 || note.end() <= 56));
    }
}
