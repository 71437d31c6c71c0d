//! Drums: a groove of the style, ghosts and answers, a few strokes of the seed's own, fills before the loop turns.

mod fills;

use super::part::Part;
use super::sketch::{Sketch, kinship};
use super::style::{Feel, Fill, Line};
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
        line(sketch, (lane, rank, pattern), 0, &mut part, &mut dice);
    }
    colour(sketch, groove, &mut part, &mut dice);
    if idiom.thrown {
        own_strokes(sketch, groove, &mut part, &mut dice);
    }
    if idiom.fill != Fill::None || !idiom.fills.is_empty() {
        fills::write(sketch, &mut part, &mut dice);
        if let Some(rank) = idiom.crash {
            part.add(0, 4, DrumLane::Crash.pitch().into(), 108, rank.into());
            if sketch.frame.bars > 4 {
                let rank = i32::from(rank) + 10;
                part.add(4 * sketch.frame.bar_steps, 4, DrumLane::Crash.pitch().into(), 100, rank);
            }
        }
    }
    part
}

/// The strokes of one line from a bar on.
fn line(sketch: &Sketch<'_>, (lane, rank, pattern): Line, from: usize, part: &mut Part, dice: &mut Dice) {
    for hit in sketch.frame.hits(|_| pattern) {
        if sketch.frame.bar_of(hit.step) < from {
            continue;
        }
        let (velocity, later) = stroke(hit.symbol);
        let weight = i32::from(sketch.frame.weight(hit.step));
        // A ghost on the beat is a ghost still.
        let lift = if hit.symbol == b'-' { 0 } else { weight * 2 };
        let feel = &sketch.idioms[Role::Drums].feel;
        let leans = if hit.symbol == b'-' { 0 } else { lean(feel, lane, hit.step, sketch.frame.bar_steps) };
        part.add(
            hit.step,
            1,
            lane.pitch().into(),
            velocity + lift + leans + dice.between(-4, 4),
            i32::from(rank) + later + (4 - weight) / 2,
        );
    }
}

/// What the style's feel adds to a stroke of a lane.
fn lean(feel: &Feel, lane: DrumLane, step: u16, bar: u16) -> i32 {
    use DrumLane::{Clap, Kick, Rim, Snare, TomHigh, TomLow, TomMid};
    let curve = match lane {
        Kick | TomLow | TomMid | TomHigh => &feel.low,
        Snare | Rim | Clap => &feel.back,
        _ => &feel.time,
    };
    // Bars of another length are stretched over the sixteen places.
    let place = if bar == 16 { step % bar } else { (step % bar) * 16 / bar };
    i32::from(curve[usize::from(place) % 16])
}

/// One or two lines of ghosts throughout, and a line that joins where the phrase answers itself.
fn colour(sketch: &Sketch<'_>, groove: &[Line], part: &mut Part, dice: &mut Dice) {
    let idiom = sketch.idioms[Role::Drums];
    if !idiom.ghosts.is_empty() {
        let first = dice.below(idiom.ghosts.len());
        line(sketch, idiom.ghosts[first], 0, part, dice);
        let second = dice.below(idiom.ghosts.len());
        if second != first && dice.chance(0.3 + 0.6 * sketch.taste.syncopation) {
            line(sketch, idiom.ghosts[second], 0, part, dice);
        }
    }
    if !idiom.answers.is_empty() {
        // What the groove has already would be no answer.
        let sounds = |(lane, _, pattern): &Line, other: DrumLane, place: usize| {
            *lane == other && pattern.as_bytes()[place % pattern.len()] != b'.'
        };
        let missing = |(lane, _, pattern): &&Line| {
            let strokes = pattern.bytes().enumerate().filter(|(_, symbol)| *symbol != b'.');
            strokes.clone().any(|(place, _)| !groove.iter().any(|line| sounds(line, *lane, place)))
        };
        let new: Vec<Line> = idiom.answers.iter().filter(missing).copied().collect();
        let answer = *dice.pick(if new.is_empty() { idiom.answers } else { &new });
        if sketch.frame.bars >= 4 {
            line(sketch, answer, sketch.frame.bars / 2, part, dice);
        }
    }
}

/// The groove most like the loop before, or any. Grooves written for the bar's number of beats come first.
fn choose(sketch: &Sketch<'_>, all: &'static [&'static [Line]], dice: &mut Dice) -> &'static [Line] {
    let written = |groove: &&&[Line]| groove.iter().any(|line| sketch.frame.is_written_for(line.2));
    let mut grooves: Vec<&'static [Line]> = all.iter().filter(written).copied().collect();
    if grooves.is_empty() {
        // Four beats bend into any bar better than a cycle of five.
        grooves = all.iter().filter(|groove| groove[0].2.len() != 20).copied().collect();
    }
    let any = *dice.pick(&grooves);
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
    // Four to the floor stay four.
    let floor = groove.iter().any(|(lane, _, pattern)| {
        let on = |beat: usize| {
            pattern.as_bytes().get(beat * 4).is_some_and(|symbol| matches!(symbol, b'X' | b'x'))
        };
        *lane == DrumLane::Kick && (0..4).all(on)
    });
    let has = |lane| groove.iter().any(|(known, _, _)| *known == lane) && !(floor && lane == DrumLane::Kick);
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
    // A style with ghosts of its own needs fewer thrown ones.
    let own = if sketch.idioms[Role::Drums].ghosts.is_empty() { 1.0 } else { 0.5 };
    let strokes = ((sketch.taste.syncopation * 5.0 + sketch.taste.density * 2.0) * own) as usize;
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
