//! How the notes of the tune are decorated: what the traditions do with a long or a strong note. Decorations come late
//! on the ladder of energy, except that a note broken up from its start on is so at every energy: its rest must not
//! be missing.

use super::super::part::{Draft, Part};
use super::super::sketch::Sketch;
use super::super::style::{Idiom, Ornament};
use sceneloop_music::Dice;

/// Decorates the long notes of a part that sings one voice.
pub fn decorate(sketch: &Sketch<'_>, idiom: &Idiom, part: &mut Part, dice: &mut Dice) {
    let plain: &[Ornament] = &[Ornament::Grace];
    let ornaments = if idiom.ornaments.is_empty() { plain } else { idiom.ornaments };
    let notes = part.0.clone();
    for (index, note) in notes.iter().enumerate() {
        let until = notes.get(index + 1).map_or(sketch.frame.steps(), |next| next.onset);
        let free = index > 0 && notes[index - 1].onset + 1 < note.onset;
        if note.duration < 3 || !dice.chance(idiom.tune.grace) {
            continue;
        }
        apply(sketch, *dice.pick(ornaments), note, (free, until), part, dice);
    }
    part.single_voice();
}

/// One decoration of one note. `free` says whether the step before it is no onset, `until` when the next note begins.
fn apply(
    sketch: &Sketch<'_>,
    ornament: Ornament,
    note: &Draft,
    (free, until): (bool, u16),
    part: &mut Part,
    dice: &mut Dice,
) {
    let mode = sketch.grid.key.mode;
    let degree = mode.nearest_degree(note.pitch);
    let rank = 64 + dice.between(0, 20);
    let before = |by: i32, velocity: i32, part: &mut Part| {
        if free && note.onset > 0 {
            part.add(note.onset - 1, 1, mode.degree(degree + by), velocity, rank);
        }
    };
    // A note broken up: steps of the scale above it, one a sixteenth from a place on; its rest goes on behind.
    let broken = |from: u16, steps: &[i32], part: &mut Part| {
        let fits = from + steps.len() as u16 <= note.duration;
        for (index, by) in steps.iter().enumerate().filter(|_| fits) {
            let at = note.onset + from + index as u16;
            let last = index + 1 == steps.len();
            let length = if last { note.onset + note.duration - at } else { 1 };
            let pitch = if *by == 0 { note.pitch } else { mode.degree(degree + by) };
            part.add(at, length, pitch, note.velocity - 14, if from < 3 { note.rank } else { rank });
        }
    };
    match ornament {
        Ornament::Grace => before(*dice.pick(&[1, -1, 1]), 68, part),
        Ornament::Cut => before(3, 62, part),
        Ornament::Slide => before(-1, 74, part),
        Ornament::Roll => broken(1, &[1, 0, -1, 0][..usize::from(note.duration - 1).min(4)], part),
        Ornament::Turn => broken(note.duration.saturating_sub(4).max(1), &[1, 0, -1], part),
        Ornament::Trill => {
            let steps: Vec<i32> =
                (0..i32::from(note.duration.min(8)) - 1).map(|index| (index + 1) % 2).collect();
            broken(1, &steps, part);
        }
        Ornament::Mordent => broken(1, &[1, 0], part),
        Ornament::Tremolo => {
            let steps = vec![0; usize::from(note.duration.min(12)) - 1];
            broken(1, &steps, part);
        }
        Ornament::Fall => broken(note.duration - 2, &[-1, -2], part),
        Ornament::Echo => {
            // Three sixteenths and six behind the onset, as a delay in dotted eighths has it, where there is room.
            for (times, behind) in [(1, 3), (2, 6)] {
                let at = note.onset + note.duration.max(2) + behind - 3;
                if at < until {
                    part.add(at, 2.min(until - at), note.pitch, note.velocity - 22 * times, rank + 6 * times);
                }
            }
        }
    }
}
