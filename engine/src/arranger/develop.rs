//! Development: how a theme comes again. Its tune is told on, moved, turned over, pushed or lifted; its chords are laid
//! otherwise; some of its players play what the author wrote anew. What was not touched is what one knows it again by.

use super::edit::{HARMONY, change, fits, fitted, nearest, reharmonise};
use super::form::SectionPlace;
use sceneloop_music::{Chord, ChordQuality, Clip, Dice, Energy, LoopGrid, Note, Role, Section};

/// Of a role that plays anew, the players: never the tune, which is told on in ways of its own.
const PLAYERS: [Role; 6] = [Role::Drums, Role::Bass, Role::Chords, Role::Pad, Role::Arp, Role::Texture];

/// What becomes of a tune.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Telling {
    /// It begins as it was and ends in another way.
    Answer,
    /// The whole of it some steps of the scale up or down.
    Sequence(i32),
    /// Upside down.
    Inversion,
    /// So many steps late.
    Displacement(u16),
    /// An octave up or down.
    Octave(i8),
    /// Its weak notes come later on the ladder.
    Thinning,
}

/// The theme on the chords of its epoch: the song's harmony drifts.
pub(crate) fn drifted_theme(theme: &LoopGrid, seed: u64, epoch: i64) -> LoopGrid {
    let mut grid = theme.clone();
    if epoch == 0 || theme.chords.len() < 2 {
        return grid;
    }
    let mut dice = Dice::new(seed ^ (epoch as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15), "epoch");
    let changes = 1 + usize::from(theme.chords.len() > 4 && dice.chance(0.5));
    for _ in 0..changes {
        // Never the first: that is where it is known again.
        let index = 1 + dice.below(theme.chords.len() - 1);
        let span = theme.chords[index];
        let end = theme.chords.get(index + 1).map_or(theme.steps() as u16, |next| next.step);
        let kin = kin(theme, span.chord);
        if !kin.is_empty() {
            let chord = *dice.pick(&kin);
            reharmonise(&mut grid, span.step..end, chord);
        }
    }
    grid
}

/// The triads of the mode that share two notes with a chord.
fn kin(grid: &LoopGrid, chord: Chord) -> Vec<Chord> {
    let shared = |other: Chord| other.pitch_classes().filter(|class| chord.contains((*class).into())).count();
    let near = |other: &Chord| other.root != chord.root && fits(grid, *other) && shared(*other) >= 2;
    let triads = (0..12)
        .flat_map(|root| [ChordQuality::Major, ChordQuality::Minor].map(|quality| Chord::new(root, quality)));
    triads.filter(near).collect()
}

/// Whether a loop states the theme as it is, so that nothing need be written for it.
pub(crate) fn is_statement(place: &SectionPlace) -> bool {
    place.is_first && place.loop_in_section == 0 && place.section != Section::APrime
}

/// The theme told again. `variation` is what the author wrote anew.
pub(crate) fn developed(theme: &LoopGrid, variation: &LoopGrid, place: &SectionPlace, seed: u64) -> LoopGrid {
    let mut dice = Dice::new(seed, "development");
    let mut grid = theme.clone();
    // The first time round it stays near; later it may wander.
    let near = place.is_first || (0..16).contains(&place.visit) && place.section == Section::A;
    let anew = if near { 1 + dice.below(2) } else { 2 + dice.below(2) + usize::from(dice.chance(0.5)) };
    let mut players: Vec<Role> =
        PLAYERS.into_iter().filter(|role| !is_empty(theme, variation, *role)).collect();
    for count in 0..anew.min(players.len()) {
        // The first of them is one that is heard early.
        let choice =
            if count == 0 { earliest(variation, &players, &mut dice) } else { dice.below(players.len()) };
        let role = players.swap_remove(choice);
        let notes = fitted(&grid, variation, role);
        let half = (near && role == Role::Drums).then_some(grid.steps() as u16 / 2);
        change(&mut grid, role, |own| splice(own, notes, half.unwrap_or(0)));
    }
    for role in players.into_iter().filter(|role| matches!(role, Role::Chords | Role::Pad)) {
        if dice.chance(if near { 0.3 } else { 0.6 }) {
            revoice(&mut grid, role, &mut dice);
        }
    }
    let telling = choose(place, near, &mut dice);
    tell(&mut grid, telling, variation);
    until_it_differs(theme, &mut grid, &mut dice, &|grid| grid);
    grid
}

/// Where little is played little has changed: held notes breathe elsewhere each time. `heard` makes of a loop what is compared with what
/// is `known`.
pub(crate) fn until_it_differs(
    known: &LoopGrid,
    grid: &mut LoopGrid,
    dice: &mut Dice,
    heard: &dyn Fn(LoopGrid) -> LoopGrid,
) {
    breathe_until(grid, dice, |grid| early_changes(known, &heard(grid.clone())) >= LEAST_CHANGES);
    // Of little there are few variations, and authors come to the same ones: each loop takes a breath of its own.
    let before = heard(grid.clone());
    if before.sounding_count(middle()) < FEW {
        breathe_until(grid, dice, |grid| early_changes(&before, &heard(grid.clone())) > 0);
    }
}

/// Notes that are heard at middle energies and that a loop does not share with its theme, at least.
const LEAST_CHANGES: usize = 6;
/// Tries to come to so many.
const MOST_BREATHS: usize = 24;
/// With fewer notes than this at middle energies a loop is sparse.
const FEW: usize = 72;

/// The energy at which loops are compared.
fn middle() -> Energy {
    Energy::new(60.0)
}

/// Notes heard there that its theme does not have: another velocity makes no other note.
fn early_changes(theme: &LoopGrid, grid: &LoopGrid) -> usize {
    let of = |note: &Note| (note.onset, note.duration, note.pitch);
    let is_new = |role: Role, note: &Note| theme.clips[role].notes.iter().all(|known| of(known) != of(note));
    let changes =
        |(role, clip): (Role, &Clip)| clip.sounding(middle()).filter(|note| is_new(role, note)).count();
    grid.clips.iter().map(changes).sum()
}

/// Breathes until it is enough; not every try finds a note that is held there.
fn breathe_until(grid: &mut LoopGrid, dice: &mut Dice, is_enough: impl Fn(&LoopGrid) -> bool) {
    for _ in 0..MOST_BREATHS {
        if is_enough(grid) {
            break;
        }
        breathe(grid, dice);
    }
}

/// Strikes the held notes of a role again at some beat, softer.
fn breathe(grid: &mut LoopGrid, dice: &mut Dice) {
    let role = *dice.pick(&[Role::Pad, Role::Pad, Role::Bass, Role::Chords, Role::Texture]);
    let steps = grid.steps() as u16;
    let at = (dice.below(usize::from(steps / 2)) * 2) as u16;
    change(grid, role, |notes| {
        let mut struck = Vec::new();
        for note in notes.iter_mut().filter(|note| note.onset + 1 < at && at + 1 < note.end()) {
            struck.push(Note {
                onset: at,
                duration: note.end() - at,
                velocity: (note.velocity / 8 * 7).max(1),
                ..*note
            });
            note.duration = at - note.onset;
        }
        notes.extend(struck);
    });
}

fn is_empty(theme: &LoopGrid, variation: &LoopGrid, role: Role) -> bool {
    theme.clips[role].notes.is_empty() || variation.clips[role].notes.is_empty()
}

/// One of the two players with most notes that sound at middle energies.
fn earliest(grid: &LoopGrid, players: &[Role], dice: &mut Dice) -> usize {
    let mut order: Vec<usize> = (0..players.len()).collect();
    order.sort_by_key(|index| std::cmp::Reverse(grid.clips[players[*index]].sounding(middle()).count()));
    order[dice.below(2.min(order.len()))]
}

/// Own notes up to a step, those of another from there on.
fn splice(own: &mut Vec<Note>, other: Vec<Note>, from: u16) {
    own.retain(|note| note.onset < from);
    for note in own.iter_mut() {
        note.duration = note.duration.min(from - note.onset);
    }
    own.extend(other.into_iter().filter(|note| note.onset >= from));
}

fn choose(place: &SectionPlace, near: bool, dice: &mut Dice) -> Telling {
    let sequence = *dice.pick(&[1, -1, 2, -2]);
    let late = *dice.pick(&[2, 4]);
    let octave = if dice.chance(0.7) { 12 } else { -12 };
    // In the order of the list below.
    let weights: [f32; 6] = match (place.section, near) {
        (Section::A | Section::Intro | Section::B, true) => [5.0, 2.0, 0.0, 0.5, 0.0, 0.0],
        (Section::Drop, _) => [3.0, 1.0, 0.5, 1.0, 2.0, 0.0],
        (Section::Break | Section::Outro, _) => [2.0, 1.0, 1.0, 0.5, 0.5, 4.0],
        _ => [2.5, 2.5, 2.0, 1.5, 1.5, 1.0],
    };
    let tellings = [
        Telling::Answer,
        Telling::Sequence(sequence),
        Telling::Inversion,
        Telling::Displacement(late),
        Telling::Octave(octave),
        Telling::Thinning,
    ];
    tellings[dice.weighted(weights.into_iter())]
}

fn tell(grid: &mut LoopGrid, telling: Telling, variation: &LoopGrid) {
    let steps = grid.steps() as u16;
    let mode = grid.key.mode;
    let metre = grid.metre;
    match telling {
        Telling::Answer => {
            let notes = fitted(grid, variation, Role::Lead);
            if !notes.is_empty() {
                change(grid, Role::Lead, |own| splice(own, notes, steps / 2));
            }
        }
        Telling::Sequence(degrees) => {
            let shifted = |pitch: i32| mode.degree(mode.nearest_degree(pitch) + degrees);
            bend(grid, shifted);
        }
        Telling::Inversion => {
            let notes = &grid.clips[Role::Lead].notes;
            let Some(first) = notes.first().map(|note| mode.nearest_degree(note.pitch.into())) else {
                return;
            };
            let (low, high) = Role::Lead.pitch_range();
            bend(grid, move |pitch: i32| {
                let turned = mode.degree(2 * first - mode.nearest_degree(pitch));
                // What would leave the range turns within its octave.
                if turned < low.into() {
                    turned + 12
                } else if turned > high.into() {
                    turned - 12
                } else {
                    turned
                }
            });
        }
        Telling::Displacement(late) => change(grid, Role::Lead, |notes| {
            notes.retain(|note| note.onset + late < steps);
            notes.iter_mut().for_each(|note| note.onset += late);
        }),
        Telling::Octave(octave) => {
            let (low, high) = Role::Lead.pitch_range();
            let notes = &grid.clips[Role::Lead].notes;
            let fits = |by: i8| notes.iter().all(|note| (low..=high).contains(&(note.pitch + by)));
            let by = [octave, -octave].into_iter().find(|by| fits(*by)).unwrap_or(0);
            change(grid, Role::Lead, |notes| notes.iter_mut().for_each(|note| note.pitch += by));
        }
        Telling::Thinning => change(grid, Role::Lead, |notes| {
            for note in notes.iter_mut().filter(|note| metre.weight(note.onset.into()) < 2) {
                note.rank = super::later(note.rank, 70);
            }
        }),
    }
}

/// Moves the tune's pitches; what is strong or long goes on to the nearest chord tone.
fn bend(grid: &mut LoopGrid, to: impl Fn(i32) -> i32) {
    let before = grid.clone();
    change(grid, Role::Lead, |notes| {
        for note in notes.iter_mut() {
            let pitch = to(note.pitch.into());
            let chord = before.chord_at(note.onset);
            let is_strong = before.metre.weight(note.onset.into()) >= 3 || note.duration >= 4;
            let wish = |pitch: i32| !is_strong || chord.is_none_or(|chord| chord.contains(pitch));
            if let Some(pitch) = nearest(&before, Role::Lead, note.onset, pitch, wish) {
                note.pitch = pitch;
            }
        }
    });
}

/// Lays chords otherwise: the lowest note of each an octave up, or the highest down.
fn revoice(grid: &mut LoopGrid, role: Role, dice: &mut Dice) {
    debug_assert!(HARMONY.contains(&role));
    let (low, high) = role.pitch_range();
    let up = dice.chance(0.5);
    change(grid, role, |notes| {
        let mut from = 0;
        while from < notes.len() {
            let onset = notes[from].onset;
            let end = from + notes[from..].iter().take_while(|note| note.onset == onset).count();
            // Notes of one onset are in order of pitch.
            let index = if up { from } else { end - 1 };
            let by: i8 = if up { 12 } else { -12 };
            if end - from > 1 && (low..=high).contains(&(notes[index].pitch + by)) {
                notes[index].pitch += by;
            }
            from = end;
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arranger::taught;
    use crate::assets::Assets;

    fn themes() -> impl Iterator<Item = (LoopGrid, LoopGrid)> {
        let table = &Assets::shipped().unwrap().scenes;
        ["techno", "pop", "jazz", "ambient", "武侠", "horror"].into_iter().flat_map(move |text| {
            let scene = table.parse(text).unwrap();
            (0..8).map(move |seed| (taught(&scene, seed, 4), taught(&scene, seed + 100, 4)))
        })
    }

    #[test]
    fn every_telling_leaves_a_valid_loop_and_most_change_the_tune() {
        let tellings = [
            Telling::Answer,
            Telling::Sequence(2),
            Telling::Inversion,
            Telling::Displacement(2),
            Telling::Octave(12),
            Telling::Thinning,
        ];
        for telling in tellings {
            let (mut changed, mut all) = (0, 0);
            for (theme, variation) in themes() {
                let mut grid = theme.clone();
                tell(&mut grid, telling, &variation);
                assert_eq!(grid.validate(), Ok(()), "{telling:?}");
                for (role, clip) in grid.clips.iter().filter(|(role, _)| *role != Role::Lead) {
                    assert_eq!(clip, &theme.clips[role]);
                }
                all += usize::from(!theme.clips[Role::Lead].notes.is_empty());
                changed += usize::from(grid.clips[Role::Lead] != theme.clips[Role::Lead]);
            }
            assert!(changed * 4 >= all * 3 && all > 20, "{telling:?}: {changed} of {all}");
        }
    }

    #[test]
    fn a_theme_keeps_its_first_chord_through_all_epochs() {
        let mut others = 0;
        for (theme, _) in themes() {
            assert_eq!(drifted_theme(&theme, 5, 0), theme);
            for epoch in [-3, 1, 2, 40] {
                let grid = drifted_theme(&theme, 5, epoch);
                assert_eq!(grid.validate(), Ok(()));
                assert_eq!(grid.chords[0], theme.chords[0]);
                others += usize::from(grid.chords != theme.chords);
            }
        }
        assert!(others > 40, "{others}");
    }
}
