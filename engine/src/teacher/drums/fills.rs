//! Fills: what the drums say before a phrase turns.

use super::super::frame::{Frame, Hit};
use super::super::part::Part;
use super::super::sketch::Sketch;
use super::super::style::{Fill, Line};
use sceneloop_music::{Dice, DrumLane, Role};

/// One of the style's own fills at the end of the loop and a later one in the middle of a long loop, or general ones.
pub fn write(sketch: &Sketch<'_>, part: &mut Part, dice: &mut Dice) {
    let idiom = sketch.idioms[Role::Drums];
    let frame = &sketch.frame;
    if idiom.fills.is_empty() {
        general(frame, idiom.fill, part, dice);
        return;
    }
    let mut ends = vec![(frame.bars - 1, 0)];
    if frame.bars >= 8 {
        ends.push((3, 12));
    }
    for (bar, later) in ends {
        let lines = *dice.pick(idiom.fills);
        // Short loops do without a fill at medium energies every second time, or one would wait for it.
        let later = later + if frame.bars < 4 && dice.chance(0.5) { 14 } else { 0 };
        if !own(sketch, lines, bar, later, part, dice) && idiom.fill != Fill::None {
            let to = (bar as u16 + 1) * frame.bar_steps;
            fill_between(idiom.fill, to - frame.last_beat(), to, later, part, dice);
        }
    }
}

/// Puts a fill into a bar, growing a little, and takes what the groove would add after it out of its way. Says
/// whether there was anything: a bar of few beats may hold only the silent part.
fn own(
    sketch: &Sketch<'_>,
    lines: &[Line],
    bar: usize,
    later: i32,
    part: &mut Part,
    dice: &mut Dice,
) -> bool {
    let frame = &sketch.frame;
    let silent = "................";
    let strokes: Vec<(DrumLane, u8, Hit)> = lines
        .iter()
        .flat_map(|(lane, rank, pattern)| {
            let hits = frame.hits(|index| if index == bar { pattern } else { silent });
            hits.into_iter().map(|hit| (*lane, *rank, hit)).collect::<Vec<_>>()
        })
        .collect();
    let Some(from) = strokes.iter().map(|(.., hit)| hit.step).min() else { return false };
    let to = (bar as u16 + 1) * frame.bar_steps;
    let first = strokes.iter().map(|(_, rank, _)| i32::from(*rank)).min().unwrap_or(0) + later;
    part.0.retain(|note| !(from..to).contains(&note.onset) || note.rank <= first);
    let length = i32::from((to - from).max(1));
    for (lane, rank, hit) in strokes {
        let (velocity, behind) = super::stroke(hit.symbol);
        let grown = i32::from(hit.step - from) * 12 / length;
        let rank = i32::from(rank) + later + behind / 2;
        part.add(hit.step, 1, lane.pitch().into(), velocity - 6 + grown + dice.between(-3, 3), rank);
    }
    true
}

/// A general fill in the last beats of the loop, and a smaller one in the middle of a long loop.
fn general(frame: &Frame, fill: Fill, part: &mut Part, dice: &mut Dice) {
    let beats = if frame.bars >= 4 && dice.chance(0.6) { 2 } else { 1 };
    let mut ends = vec![(frame.bars, beats, 0)];
    if frame.bars >= 8 {
        ends.push((4, 1, 12));
    }
    for (bar, beats, later) in ends {
        let starts = frame.beat_starts();
        let first = starts[starts.len().saturating_sub(beats)];
        let from = (bar as u16 - 1) * frame.bar_steps + first;
        let to = bar as u16 * frame.bar_steps;
        fill_between(fill, from, to, later, part, dice);
    }
}

/// Strokes from one step to another that grow louder; eighths come before the sixteenths between them.
fn fill_between(fill: Fill, from: u16, to: u16, later: i32, part: &mut Part, dice: &mut Dice) {
    use DrumLane::{HandHigh, HandLow, Kick, Rim, Snare, TomHigh, TomLow, TomMid};
    let length = (to - from).max(1);
    for step in from..to {
        let at = step - from;
        let grown = i32::from(at * 44 / length);
        let even = at.is_multiple_of(2);
        let rank = later + if even { 58 } else { 72 };
        let third = usize::from(at * 3 / length).min(2);
        let (lane, velocity) = match fill {
            Fill::None => return,
            Fill::Roll => (Snare, 66 + grown),
            Fill::Toms => ([TomHigh, TomMid, TomLow][third], 78 + grown),
            Fill::Hands => ([HandHigh, HandLow, HandHigh][third], 66 + grown),
            Fill::Brush => (if even { Snare } else { Rim }, 46 + grown),
            Fill::Thunder => ([TomLow, TomMid, TomLow][third], 70 + grown),
        };
        // A fill breathes: now and then a stroke is left out.
        if !even && dice.chance(0.25) {
            continue;
        }
        part.add(step, 1, lane.pitch().into(), velocity, rank + dice.between(0, 6));
        if matches!(fill, Fill::Roll | Fill::Thunder) && step + 1 == to {
            part.add(step, 1, Kick.pitch().into(), 96, later + 82);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fills_grow_and_their_eighths_come_first() {
        let mut part = Part::default();
        fill_between(Fill::Roll, 56, 64, 0, &mut part, &mut Dice::new(1, "fill"));
        let snares: Vec<_> =
            part.0.iter().filter(|note| note.pitch == i32::from(DrumLane::Snare.pitch())).collect();
        assert!(snares.len() >= 5);
        assert!(snares.windows(2).all(|pair| pair[0].velocity < pair[1].velocity));
        for note in &snares {
            assert_eq!(note.onset.is_multiple_of(2), note.rank < 70, "{note:?}");
        }
    }
}
