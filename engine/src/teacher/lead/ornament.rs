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

#[cfg(test)]
mod tests {
    use super::super::super::sketch::tests::empty;
    use super::*;
    use sceneloop_music::Style;

    const ALL: [Ornament; 10] = [
        Ornament::Grace,
        Ornament::Cut,
        Ornament::Roll,
        Ornament::Slide,
        Ornament::Turn,
        Ornament::Trill,
        Ornament::Mordent,
        Ornament::Tremolo,
        Ornament::Fall,
        Ornament::Echo,
    ];

    /// Three notes of which the middle one is decorated; before it there is a rest.
    fn decorated(ornament: Ornament, duration: u16) -> Vec<Draft> {
        let sketch = empty(Style::Pop);
        let mut part = Part::default();
        part.add(0, 4, 0, 90, 20);
        part.add(8, duration, 4, 90, 20);
        part.add(24, 4, 7, 90, 20);
        let note = part.0[1];
        apply(&sketch, ornament, &note, (true, 24), &mut part, &mut Dice::new(3, "ornament"));
        part.single_voice();
        part.0
    }

    #[test]
    fn every_ornament_adds_notes_and_leaves_the_tune_where_it_is() {
        for ornament in ALL {
            for duration in 3..=16 {
                let notes = decorated(ornament, duration);
                for (onset, pitch) in [(0, 0), (8, 4), (24, 7)] {
                    let here = notes.iter().find(|note| note.onset == onset).unwrap();
                    assert_eq!(here.pitch, pitch, "{ornament:?}");
                    assert_eq!(here.rank, 20, "{ornament:?}");
                }
                // A turn or a roll needs more room than the shortest notes have.
                if duration >= 6 && (ornament != Ornament::Echo || duration <= 12) {
                    assert!(notes.len() > 3, "{ornament:?} {duration}");
                }
                assert!(notes.windows(2).all(|pair| pair[0].onset + pair[0].duration <= pair[1].onset));
                assert!(notes.iter().all(|note| note.velocity <= 90));
            }
        }
    }

    #[test]
    fn rolls_go_about_the_note_and_tremolos_stay_on_it() {
        let pitches = |ornament| -> Vec<i32> {
            decorated(ornament, 8).iter().filter(|n| (8..24).contains(&n.onset)).map(|n| n.pitch).collect()
        };
        assert_eq!(pitches(Ornament::Roll), [4, 5, 4, 2, 4]);
        assert_eq!(pitches(Ornament::Mordent), [4, 5, 4]);
        assert_eq!(pitches(Ornament::Fall), [4, 2, 0]);
        assert_eq!(pitches(Ornament::Tremolo), [4; 8]);
        assert_eq!(pitches(Ornament::Trill), [4, 5, 4, 5, 4, 5, 4, 5]);
        assert!(pitches(Ornament::Echo).len() >= 2);
    }
}
