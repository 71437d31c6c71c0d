//! Drums: a groove of the style, a few strokes of the seed's own, fills before the loop turns.

use super::frame::Frame;
use super::part::Part;
use super::sketch::{Sketch, kinship};
use super::style::{Fill, Line};
use sceneloop_music::{Dice, DrumLane, Role};

/// Velocity and later rank of a pattern's character.
fn stroke(symbol: u8) -> (i32, i32) {
    match symbol {
        b'X' => (116, 0),
        b'x' => (98, 3),
        b'o' => (74, 9),
        _ => (46, 18),
    }
}

/// The drums of a loop.
pub fn write(sketch: &Sketch<'_>) -> Part {
    let idiom = sketch.idioms[Role::Drums];
    let mut dice = sketch.dice("drums");
    let mut part = Part::default();
    let groove = choose(sketch, idiom.grooves, &mut dice);
    for (index, (lane, rank, pattern)) in groove.iter().copied().enumerate() {
        // Colours come and go with the seed; the skeleton stays.
        if index >= 4 && rank < 90 && dice.chance(0.15) {
            continue;
        }
        for hit in sketch.frame.hits(|_| pattern) {
            let (velocity, later) = stroke(hit.symbol);
            let weight = i32::from(sketch.frame.weight(hit.step));
            let sway = dice.between(-4, 4);
            part.add(
                hit.step,
                1,
                lane.pitch().into(),
                velocity + weight * 2 + sway,
                i32::from(rank) + later + (4 - weight) / 2,
            );
        }
    }
    if idiom.thrown {
        own_strokes(sketch, groove, &mut part, &mut dice);
    }
    if idiom.fill != Fill::None {
        fills(&sketch.frame, idiom.fill, &mut part, &mut dice);
        part.add(0, 4, DrumLane::Crash.pitch().into(), 108, 76);
        if sketch.frame.bars > 4 {
            part.add(4 * sketch.frame.bar_steps, 4, DrumLane::Crash.pitch().into(), 100, 86);
        }
    }
    part
}

/// The groove most like the loop before, or any.
fn choose(sketch: &Sketch<'_>, grooves: &'static [&'static [Line]], dice: &mut Dice) -> &'static [Line] {
    let any = *dice.pick(grooves);
    let Some(before) = sketch.previous else { return any };
    let mut old: Vec<(u16, i8)> =
        before.clips[Role::Drums].notes.iter().map(|n| (n.onset, n.pitch)).collect();
    old.sort_unstable();
    let likeness = |groove: &[Line]| {
        let mut new = Vec::new();
        for (lane, _, pattern) in groove {
            new.extend(sketch.frame.hits(|_| pattern).iter().map(|hit| (hit.step, lane.pitch())));
        }
        kinship(&new, &old)
    };
    let best = grooves.iter().map(|groove| (likeness(groove), *groove)).max_by(|a, b| a.0.total_cmp(&b.0));
    best.filter(|(likeness, _)| *likeness > 0.4).map_or(any, |(_, groove)| groove)
}

/// Ghost strokes and pushed kicks that this seed alone has, the same in every second bar.
fn own_strokes(sketch: &Sketch<'_>, groove: &[Line], part: &mut Part, dice: &mut Dice) {
    let frame = &sketch.frame;
    let has = |lane| groove.iter().any(|(known, _, _)| *known == lane);
    let lanes: Vec<(DrumLane, i32, i32)> = [
        (DrumLane::Kick, 80, 62),
        (DrumLane::Snare, 48, 68),
        (DrumLane::HandHigh, 62, 72),
        (DrumLane::Rim, 52, 74),
        (DrumLane::TomMid, 58, 80),
    ]
    .into_iter()
    .filter(|(lane, ..)| has(*lane))
    .collect();
    if lanes.is_empty() {
        return;
    }
    let strokes = (sketch.taste.syncopation * 5.0 + sketch.taste.density * 2.0) as usize;
    let pair = usize::from(frame.bar_steps) * 2.min(frame.bars);
    for _ in 0..strokes {
        let (lane, velocity, rank) = *dice.pick(&lanes);
        let step = dice.below(pair) as u16;
        // Strong places belong to the groove.
        if frame.weight(step) >= 2 {
            continue;
        }
        for turn in (0..frame.steps()).step_by(pair) {
            if turn + step < frame.steps() {
                part.add(turn + step, 1, lane.pitch().into(), velocity, rank + dice.between(0, 12));
            }
        }
    }
}

/// A fill in the last beats of the loop, and a smaller one in the middle of a long loop.
fn fills(frame: &Frame, fill: Fill, part: &mut Part, dice: &mut Dice) {
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
