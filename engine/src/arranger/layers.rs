//! What a section does to the loop that is written for it: which roles enter when, and what it leaves out.
//!
//! Ranks move, so that at every energy more of it still only adds. What a section leaves out it leaves out at every energy.

use super::edit::change;
use super::form::{Kind, SectionPlace};
use super::{earlier, later};
use sceneloop_music::{Dice, DrumLane, LoopGrid, Note, Rank, Role, Section};

/// In which order layers enter; they leave in the opposite one.
const ENTRY: [Role; Role::COUNT] =
    [Role::Texture, Role::Pad, Role::Chords, Role::Arp, Role::Bass, Role::Drums, Role::Lead];

/// Layers that are there from an intro's first bar on, and to an outro's last.
const STANDING: usize = 2;

/// Applies a section to a loop.
pub(super) fn apply(grid: &mut LoopGrid, place: &SectionPlace, kind: Kind, dice: &mut Dice) {
    match place.section {
        Section::A => {}
        Section::APrime => sooner(grid, &[(Role::Arp, 10), (Role::Pad, 5)]),
        Section::B => {
            sooner(grid, &[(Role::Lead, 10), (Role::Chords, 8), (Role::Drums, 6), (Role::Arp, 6)]);
        }
        Section::C => {
            sooner(grid, &[(Role::Pad, 15), (Role::Arp, 10)]);
            put_off(grid, Role::Bass, 10);
            thin_drums(grid, 15, 45);
        }
        Section::Break => {
            sooner(grid, &[(Role::Pad, 25), (Role::Lead, 20), (Role::Texture, 15), (Role::Chords, 8)]);
            put_off(grid, Role::Bass, 55);
            thin_drums(grid, 45, 80);
        }
        Section::Build => build(grid, place, kind, dice),
        Section::Drop => {
            let all =
                [(Role::Drums, 14), (Role::Bass, 12), (Role::Chords, 10), (Role::Arp, 12), (Role::Lead, 14)];
            sooner(grid, &all);
        }
        Section::Intro => enter(grid, place),
        Section::Outro => leave(grid, place),
    }
    ground(grid);
}

/// Brings roles in at lower energies.
fn sooner(grid: &mut LoopGrid, by: &[(Role, u8)]) {
    for (role, by) in by {
        for note in &mut grid.clips[*role].notes {
            note.rank = earlier(note.rank, *by);
        }
    }
}

/// Lets a role in from an energy on.
fn put_off(grid: &mut LoopGrid, role: Role, from: u8) {
    for note in &mut grid.clips[role].notes {
        note.rank = later(note.rank, from);
    }
}

/// The drums that carry the beat.
fn is_beat(note: &Note) -> bool {
    use DrumLane::{Clap, Kick, Snare, TomLow};
    matches!(DrumLane::from_pitch(note.pitch), Some(Kick | Snare | Clap | TomLow))
}

/// Lets light drums in from one energy on, those that carry the beat from another.
fn thin_drums(grid: &mut LoopGrid, light: u8, beat: u8) {
    for note in &mut grid.clips[Role::Drums].notes {
        note.rank = later(note.rank, if is_beat(note) { beat } else { light });
    }
}

/// Something sounds at energy 0 in every loop: of the role that is heard first its first notes, where nothing else does.
fn ground(grid: &mut LoopGrid) {
    let lowest = |role: Role| grid.clips[role].notes.iter().map(|note| note.rank).min();
    let first = Role::ALL.into_iter().filter_map(|role| Some((lowest(role)?, role))).min();
    if let Some((rank, role)) = first.filter(|(rank, _)| *rank > Rank::ALWAYS) {
        let border = rank.get().saturating_add(4);
        for note in grid.clips[role].notes.iter_mut().filter(|note| note.rank.get() <= border) {
            note.rank = Rank::ALWAYS;
        }
    }
}

/// Where in the section, 0 to 1, a step of the loop lies.
fn progress(grid: &LoopGrid, place: &SectionPlace, step: u16) -> f32 {
    place.progress(f32::from(step) / grid.steps() as f32)
}

/// The layers that a loop has, in the order in which they enter.
fn layers(grid: &LoopGrid) -> Vec<Role> {
    ENTRY.into_iter().filter(|role| !grid.clips[*role].notes.is_empty()).collect()
}

/// The share of the section in bars that has passed before a step's bar.
fn bars_passed(grid: &LoopGrid, place: &SectionPlace, step: u16) -> f32 {
    let bar = grid.metre.steps_per_bar() as u16;
    progress(grid, place, step / bar * bar)
}

/// An intro: bar by bar one layer after the other.
fn enter(grid: &mut LoopGrid, place: &SectionPlace) {
    let layers = layers(grid);
    let moving = layers.len().saturating_sub(STANDING);
    for (turn, role) in layers.into_iter().enumerate().skip(STANDING) {
        let from = (turn + 1 - STANDING) as f32 / (moving + 1) as f32;
        let shape = grid.clone();
        change(grid, role, |notes| {
            notes.retain(|note| bars_passed(&shape, place, note.onset) >= from - 1e-4)
        });
    }
    for role in ENTRY.into_iter().take(STANDING) {
        sooner(grid, &[(role, 20)]);
    }
}

/// An outro: bar by bar one layer less.
fn leave(grid: &mut LoopGrid, place: &SectionPlace) {
    let layers = layers(grid);
    let moving = layers.len().saturating_sub(STANDING);
    for (turn, role) in layers.into_iter().enumerate().skip(STANDING) {
        let until = 1.0 - (turn + 1 - STANDING) as f32 / (moving + 1) as f32;
        let shape = grid.clone();
        change(grid, role, |notes| {
            notes.retain(|note| bars_passed(&shape, place, note.onset) <= until + 1e-4)
        });
    }
    for role in ENTRY.into_iter().take(STANDING) {
        sooner(grid, &[(role, 20)]);
    }
}

/// A build: the snare (or what answers the kick) rolls ever faster, the kick thins and stops, on a dance floor for the last quarter at
/// any energy, the bass waits.
fn build(grid: &mut LoopGrid, place: &SectionPlace, kind: Kind, dice: &mut Dice) {
    let steps = grid.steps() as u16;
    let bar = grid.metre.steps_per_bar() as u16;
    let last_bar = if place.is_last_loop() { steps - bar } else { steps };
    sooner(grid, &[(Role::Arp, 12), (Role::Pad, 8)]);
    let shape = grid.clone();
    change(grid, Role::Bass, |notes| {
        notes.retain(|note| note.onset < last_bar);
        for note in notes.iter_mut() {
            note.duration = note.duration.min(last_bar - note.onset);
            note.rank = later(note.rank, 25);
        }
    });
    if shape.clips[Role::Drums].notes.is_empty() || matches!(kind, Kind::Calm | Kind::Cycle) {
        return;
    }
    let lane = roll_lane(&shape);
    change(grid, Role::Drums, |notes| {
        let floor_stops = |note: &Note| {
            kind == Kind::Club
                && note.pitch == DrumLane::Kick.pitch()
                && progress(&shape, place, note.onset) >= 0.75
        };
        notes.retain(|note| !(floor_stops(note) || note.onset >= last_bar && is_beat(note)));
        for note in notes.iter_mut().filter(|note| is_beat(note)) {
            if progress(&shape, place, note.onset) >= 0.5 {
                note.rank = later(note.rank, 60);
            }
        }
        for step in 0..steps {
            let grown = progress(&shape, place, step);
            let every = match grown {
                ..0.5 => 4,
                ..0.75 => 2,
                _ => 1,
            };
            if step % every != 0 {
                continue;
            }
            let accent = 4 * i32::from(shape.metre.weight(step.into()));
            let velocity = (44.0 + 62.0 * grown) as i32 + accent + dice.between(-3, 3);
            let rank = Rank::new(if step % 4 == 0 {
                30
            } else if step % 2 == 0 {
                42
            } else {
                54
            });
            let velocity = velocity.clamp(1, 127) as u8;
            notes.push(Note { onset: step, duration: 1, pitch: lane.pitch(), velocity, rank });
        }
    });
}

/// The drum that rolls: that of the loop's which answers the kick.
fn roll_lane(grid: &LoopGrid) -> DrumLane {
    use DrumLane::{Clap, HandHigh, Snare, TomLow, TomMid};
    let count = |lane: DrumLane| {
        grid.clips[Role::Drums].notes.iter().filter(|note| note.pitch == lane.pitch()).count()
    };
    // Claps do not roll, and who claps has a snare.
    let lanes = [
        (Snare, count(Snare) + count(Clap)),
        (TomLow, count(TomLow)),
        (HandHigh, count(HandHigh)),
        (TomMid, count(TomMid)),
    ];
    let most = lanes.iter().map(|(_, count)| *count).max().unwrap_or(0);
    lanes.into_iter().find(|(_, count)| *count == most).map_or(Snare, |(lane, _)| lane)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arranger::form::kind;
    use crate::arranger::taught;
    use crate::assets::Assets;
    use sceneloop_music::Energy;

    fn place(section: Section, loop_in_section: u32, loops: u32) -> SectionPlace {
        let (before, next) = (Section::A, Section::A);
        SectionPlace { section, loop_in_section, loops, before, next, visit: 3, is_first: false }
    }

    /// Power that sounds at energy 70, about.
    fn weight(grid: &LoopGrid) -> f32 {
        let notes = grid.clips.iter().flat_map(|(_, clip)| clip.sounding(Energy::new(70.0)));
        notes.map(|note| (f32::from(note.velocity) / 127.0).powi(2)).sum()
    }

    #[test]
    fn every_section_of_every_tag_is_valid_sounds_at_once_and_keeps_its_measure() {
        let table = &Assets::shipped().unwrap().scenes;
        for (seed, tag) in (0..).zip(table.tags()) {
            let scene = table.parse(&tag.id).unwrap();
            let kind = kind(scene.style());
            for bars in [1, 4] {
                let theme = taught(&scene, seed, bars);
                for section in Section::ALL {
                    for turn in 0..3 {
                        let place = place(section, turn, 3);
                        let mut grid = theme.clone();
                        apply(&mut grid, &place, kind, &mut Dice::new(seed, "section"));
                        let what = format!("{} {section} {turn} of {bars} bars", tag.id);
                        assert_eq!(grid.validate(), Ok(()), "{what}");
                        let heard =
                            grid.clips.iter().any(|(_, clip)| clip.sounding(Energy::new(0.0)).count() > 0);
                        assert!(heard, "{what} is silent");
                        let mut again = theme.clone();
                        apply(&mut again, &place, kind, &mut Dice::new(seed, "section"));
                        assert_eq!(again, grid);
                    }
                }
            }
        }
    }

    #[test]
    fn a_break_is_less_than_a_verse_and_a_drop_is_more() {
        let table = &Assets::shipped().unwrap().scenes;
        for text in ["techno", "house", "cyberpunk city", "boss battle", "synthwave"] {
            let scene = table.parse(text).unwrap();
            let mut sums = [0.0; 3];
            for seed in 0..10 {
                let theme = taught(&scene, seed, 4);
                for (sum, section) in sums.iter_mut().zip([Section::Break, Section::A, Section::Drop]) {
                    let mut grid = theme.clone();
                    apply(
                        &mut grid,
                        &place(section, 0, 2),
                        kind(scene.style()),
                        &mut Dice::new(seed, "section"),
                    );
                    *sum += weight(&grid);
                }
            }
            let [less, middle, more] = sums;
            assert!(less < 0.8 * middle && less > 0.08 * middle && more > 1.03 * middle, "{text}: {sums:?}");
        }
    }

    #[test]
    fn an_intro_grows_from_bar_to_bar_and_an_outro_shrinks() {
        let scene = Assets::shipped().unwrap().scenes.parse("pop").unwrap();
        let roles = |section, turn, bar: u16| {
            let mut grid = taught(&scene, 3, 4);
            apply(&mut grid, &place(section, turn, 2), Kind::Song, &mut Dice::new(3, "section"));
            let sounds = |clip: &sceneloop_music::Clip| clip.notes.iter().any(|note| note.onset / 16 == bar);
            grid.clips.iter().filter(|(_, clip)| sounds(clip)).count()
        };
        assert!(roles(Section::Intro, 0, 0) <= 2 && roles(Section::Intro, 1, 3) >= 5);
        assert!(roles(Section::Outro, 0, 0) >= 5 && roles(Section::Outro, 1, 3) <= 2);
    }
}
