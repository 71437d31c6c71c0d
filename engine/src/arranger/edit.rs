//! Changes to loops that leave them valid.

use sceneloop_music::{Chord, ChordSpan, Clip, Key, LoopGrid, Note, Role};

/// The part of a loop from one step to before another.
pub(super) type Steps = std::ops::Range<u16>;

/// Roles whose notes are chords, or stand on them.
pub(super) const HARMONY: [Role; 4] = [Role::Bass, Role::Chords, Role::Pad, Role::Arp];

/// Whether a pitched note may begin at a step on a chord, as [`LoopGrid::validate`] has it.
fn is_allowed(key: Key, role: Role, chord: Option<Chord>, pitch: i32) -> bool {
    let (low, high) = role.pitch_range();
    (i32::from(low)..=i32::from(high)).contains(&pitch)
        && (key.mode.contains(pitch) || chord.is_some_and(|chord| chord.contains(pitch)))
        && key.midi_key(pitch as i8).is_some()
}

/// The pitch nearest to one that meets a wish and may stand there.
pub(super) fn nearest(
    grid: &LoopGrid,
    role: Role,
    step: u16,
    pitch: i32,
    wish: impl Fn(i32) -> bool,
) -> Option<i8> {
    let chord = grid.chord_at(step);
    (0..13)
        .flat_map(|distance| [pitch - distance, pitch + distance])
        .find(|pitch| is_allowed(grid.key, role, chord, *pitch) && wish(*pitch))
        .map(|pitch| pitch as i8)
}

/// Puts a clip in order: of two notes at one place the first on the ladder stays, a note ends where the next of its pitch begins,
/// and what does not fit loop, range, chord and scale is moved there or left out.
pub(crate) fn tidy(grid: &LoopGrid, role: Role, notes: Vec<Note>) -> Clip {
    let steps = grid.steps() as u16;
    let mut tidied: Vec<Note> = Vec::with_capacity(notes.len());
    for mut note in notes {
        if note.onset >= steps || note.duration == 0 {
            continue;
        }
        note.duration = note.duration.min(steps - note.onset);
        note.velocity = note.velocity.clamp(1, 127);
        if role.is_pitched() {
            match nearest(grid, role, note.onset, note.pitch.into(), |_| true) {
                Some(pitch) => note.pitch = pitch,
                None => continue,
            }
        }
        tidied.push(note);
    }
    tidied.sort_by_key(|note| (note.onset, note.pitch, note.rank));
    tidied.dedup_by_key(|note| (note.onset, note.pitch));
    let mut last: [Option<usize>; 256] = [None; 256];
    for index in 0..tidied.len() {
        let lane = usize::from(tidied[index].pitch as u8);
        if let Some(before) = last[lane] {
            let room = tidied[index].onset - tidied[before].onset;
            tidied[before].duration = tidied[before].duration.min(room);
        }
        last[lane] = Some(index);
    }
    Clip { notes: tidied }
}

/// Changes the notes of a role, and tidies them.
pub(super) fn change(grid: &mut LoopGrid, role: Role, change: impl FnOnce(&mut Vec<Note>)) {
    let mut notes = std::mem::take(&mut grid.clips[role].notes);
    change(&mut notes);
    grid.clips[role] = tidy(grid, role, notes);
}

/// The notes of a role of another loop, fitted to this one's chords: chord tones become chord tones.
pub(crate) fn fitted(grid: &LoopGrid, other: &LoopGrid, role: Role) -> Vec<Note> {
    let mut notes = other.clips[role].notes.clone();
    if role.is_pitched() && grid.chords != other.chords {
        for note in &mut notes {
            let (theirs, ours) = (other.chord_at(note.onset), grid.chord_at(note.onset));
            note.pitch = moved(grid, role, *note, theirs, ours);
        }
    }
    notes
}

/// The pitch that a note has on another chord.
fn moved(grid: &LoopGrid, role: Role, note: Note, from: Option<Chord>, to: Option<Chord>) -> i8 {
    let pitch = i32::from(note.pitch);
    let (Some(from), Some(to)) = (from, to) else { return note.pitch };
    if from == to || to.contains(pitch) || !from.contains(pitch) {
        return note.pitch;
    }
    // The bass stays the bass: a root becomes a root.
    let class = |pitch: i32| pitch.rem_euclid(12) as u8;
    if role == Role::Bass && class(pitch) == from.bass_class() {
        let root = nearest(grid, role, note.onset, pitch, |pitch| class(pitch) == to.bass_class());
        if let Some(root) = root {
            return root;
        }
    }
    nearest(grid, role, note.onset, pitch, |pitch| to.contains(pitch)).unwrap_or(note.pitch)
}

/// Puts another chord under a part of a loop, and its notes on it. What is held across the seam is struck again there.
pub(super) fn reharmonise(grid: &mut LoopGrid, part: Steps, chord: Chord) {
    let steps = grid.steps() as u16;
    let part = part.start..part.end.min(steps);
    if part.is_empty() {
        return;
    }
    let before = grid.clone();
    let behind = grid.chord_at(part.end.min(steps - 1));
    grid.chords.retain(|span| !part.contains(&span.step));
    if let Some(behind) = behind
        && part.end < steps
        && grid.chords.iter().all(|span| span.step != part.end)
    {
        grid.chords.push(ChordSpan { step: part.end, chord: behind });
    }
    grid.chords.push(ChordSpan { step: part.start, chord });
    grid.chords.sort_by_key(|span| span.step);
    grid.chords.dedup_by(|later, earlier| later.chord == earlier.chord);
    for role in HARMONY.into_iter().chain([Role::Lead]) {
        let mut notes = Vec::with_capacity(before.clips[role].notes.len());
        for note in &before.clips[role].notes {
            let mut pieces = vec![*note];
            if role != Role::Lead {
                for edge in [part.start, part.end] {
                    if let Some(last) = pieces.last_mut()
                        && last.onset < edge
                        && edge < last.end()
                    {
                        let end = last.end();
                        last.duration = edge - last.onset;
                        pieces.push(Note { onset: edge, duration: end - edge, ..*note });
                    }
                }
            }
            for piece in &mut pieces {
                let (from, to) = (before.chord_at(piece.onset), grid.chord_at(piece.onset));
                piece.pitch = moved(grid, role, *piece, from, to);
            }
            notes.extend(pieces);
        }
        grid.clips[role] = tidy(grid, role, notes);
    }
    // Notes out of the scale may have stood on a chord that is gone.
    let texture = std::mem::take(&mut grid.clips[Role::Texture].notes);
    grid.clips[Role::Texture] = tidy(grid, Role::Texture, texture);
}

/// Whether all of a chord lies in a mode's harmony.
pub(crate) fn fits(grid: &LoopGrid, chord: Chord) -> bool {
    let harmony = grid.key.mode.harmony();
    chord.pitch_classes().chain(chord.bass).all(|class| harmony.contains(&class))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arranger::taught;
    use crate::assets::Assets;
    use sceneloop_music::ChordQuality;

    #[test]
    fn another_chord_moves_the_notes_onto_it_and_nothing_else() {
        let scene = Assets::shipped().unwrap().scenes.parse("pop").unwrap();
        for seed in 0..30 {
            let before = taught(&scene, seed, 4);
            for quality in [ChordQuality::Major, ChordQuality::Minor, ChordQuality::Power] {
                for root in 0..12 {
                    let chord = Chord::new(root, quality);
                    if !fits(&before, chord) {
                        continue;
                    }
                    let mut grid = before.clone();
                    reharmonise(&mut grid, 20..36, chord);
                    assert_eq!(grid.validate(), Ok(()));
                    assert_eq!(grid.chord_at(20), Some(chord));
                    assert_eq!(
                        (grid.chord_at(36), grid.chord_at(19)),
                        (before.chord_at(36), before.chord_at(19))
                    );
                    assert_eq!(grid.clips[Role::Drums], before.clips[Role::Drums]);
                    for note in &grid.clips[Role::Chords].notes {
                        let was = before.clips[Role::Chords].notes.contains(note);
                        let inside = (20..36).contains(&note.onset);
                        assert!(was || inside || note.end() == 20 || note.onset == 36, "{note:?}");
                    }
                }
            }
        }
    }
}
