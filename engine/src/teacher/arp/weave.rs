//! An arp that is the tune in another shape: its core notes in quicker figures, or a second voice in its rhythm.

use super::super::part::Part;
use super::super::sketch::Sketch;
use super::super::style::Weave;
use sceneloop_music::{Dice, Note, Role};

/// Ranks above this are ornaments and doublings, no part of the tune's core.
const CORE: u8 = 80;

/// The arp woven from the tune, `None` where there is none.
pub fn write(
    sketch: &Sketch<'_>,
    weave: Weave,
    rhythm: &'static str,
    centre: i32,
    dice: &mut Dice,
) -> Option<Part> {
    let mut core: Vec<Note> = sketch.grid.clips[Role::Lead]
        .notes
        .iter()
        .copied()
        .filter(|note| note.rank.get() <= CORE && note.duration >= 2)
        .collect();
    core.dedup_by_key(|note| note.onset);
    if core.len() < 3 {
        return None;
    }
    Some(match weave {
        Weave::Parallel(steps) => parallel(sketch, &core, steps),
        _ => heterophony(sketch, &core, rhythm, centre, dice),
    })
}

/// The tune's rhythm so many steps of the scale away; on strong places a tone of the chord.
fn parallel(sketch: &Sketch<'_>, core: &[Note], steps: i32) -> Part {
    let mode = sketch.grid.key.mode;
    let mut part = Part::default();
    for note in core {
        let weight = sketch.frame.weight(note.onset);
        let mut pitch = mode.degree(mode.nearest_degree(note.pitch.into()) + steps);
        let chord = sketch.span(note.onset).2;
        if weight >= 3 && !chord.contains(pitch) {
            pitch =
                [1, -1, 2, -2].into_iter().map(|by| pitch + by).find(|p| chord.contains(*p)).unwrap_or(pitch);
        }
        let rank =
            i32::from(sketch.idioms[Role::Arp].arp_rank) + [30, 18, 9, 4, 0][usize::from(weight.min(4))];
        part.add(note.onset, note.duration, pitch, i32::from(note.velocity) - 12, rank);
    }
    part
}

/// Every stroke of the rhythm plays the core note that sounds, a neighbour of it, or the one to come: the players of
/// one tune who each tell it at the pace of their instrument.
fn heterophony(
    sketch: &Sketch<'_>,
    core: &[Note],
    rhythm: &'static str,
    centre: i32,
    dice: &mut Dice,
) -> Part {
    let mode = sketch.grid.key.mode;
    let tonic = sketch.tonic_key();
    // One way of telling for the whole loop: the note and the next by turns, about the note, or towards the next.
    let way = dice.below(3);
    let turn = *dice.pick(&[1, -1]);
    let idiom = sketch.idioms[Role::Arp];
    let mut part = Part::default();
    let (mut anchor, mut count) = (usize::MAX, 0);
    for hit in sketch.frame.hits(|_| rhythm) {
        let index = core.partition_point(|note| note.onset <= hit.step).saturating_sub(1);
        if index != anchor {
            (anchor, count) = (index, 0);
        }
        let degree = |note: &Note| mode.nearest_degree(note.pitch.into());
        let (here, next) = (degree(&core[index]), degree(&core[(index + 1) % core.len()]));
        let told = match (way, count % 4) {
            (_, 0) => here,
            (0, 1 | 3) => next,
            (0, _) => here,
            (1, 1) => here + turn,
            (1, 3) => here - turn,
            (1, _) => here,
            _ => here + (next - here).signum() * (count % 4),
        };
        count += 1;
        let mut key = tonic + mode.degree(told);
        key += 12 * ((centre - key) as f32 / 12.0).round() as i32;
        let weight = sketch.frame.weight(hit.step);
        let rank = i32::from(idiom.arp_rank) + [32, 18, 9, 4, 0][usize::from(weight.min(4))];
        let length = hit.length.max(if rhythm.contains("xx") { 1 } else { 2 });
        part.add(hit.step, length, key - tonic, 62 + i32::from(weight) * 5 + dice.between(-4, 4), rank);
        if weight >= 3 {
            part.add(hit.step, length, key + 12 - tonic, 56, 88);
        }
    }
    part
}

#[cfg(test)]
mod tests {
    use super::super::super::sketch::tests::empty;
    use super::*;
    use sceneloop_music::{Clip, Rank, Style};

    fn sung() -> Sketch<'static> {
        let mut sketch = empty(Style::Chinese);
        let note =
            |onset, duration, pitch| Note { onset, duration, pitch, velocity: 90, rank: Rank::new(20) };
        sketch.grid.clips[Role::Lead] =
            Clip::new(vec![note(0, 8, 12), note(8, 4, 14), note(12, 4, 16), note(16, 16, 12)]);
        sketch
    }

    #[test]
    fn heterophony_begins_every_long_note_with_the_tune() {
        for seed in 0..20 {
            let mut dice = Dice::new(seed, "weave");
            let part = write(&sung(), Weave::Heterophony, "x.x.x.x.x.x.x.x.", 72, &mut dice).unwrap();
            for (onset, class) in [(0, 0), (8, 2), (12, 4), (16, 0)] {
                assert!(part.0.iter().any(|n| n.onset == onset && n.pitch.rem_euclid(12) == class));
            }
            assert!(part.0.len() > 8);
        }
    }

    #[test]
    fn a_second_voice_has_the_rhythm_of_the_first() {
        let part = write(&sung(), Weave::Parallel(-2), "x...", 72, &mut Dice::new(1, "weave")).unwrap();
        let told: Vec<(u16, i32)> = part.0.iter().map(|note| (note.onset, note.pitch)).collect();
        assert_eq!(told.iter().map(|(onset, _)| *onset).collect::<Vec<_>>(), [0, 8, 12, 16]);
        assert_eq!(told[2].1, 12);
        let alone = empty(Style::Chinese);
        assert!(write(&alone, Weave::Parallel(-2), "x...", 72, &mut Dice::new(1, "weave")).is_none());
    }
}
