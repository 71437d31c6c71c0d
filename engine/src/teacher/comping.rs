//! Chords in rhythm and held pads: voices led from chord to chord, struck as the style strikes them.

use super::frame::Hit;
use super::part::Part;
use super::sketch::Sketch;
use super::style::{Plan, Voicing};
use super::voicing::{Space, voice};
use sceneloop_music::{Rank, Role};

/// How much later a stroke joins than the strongest one, by how much weaker its place is.
const LATER: [i32; 5] = [0, 5, 11, 20, 34];

/// Voices as MIDI keys of every chord, and the step each begins at.
fn voicings(sketch: &Sketch<'_>, space: Space) -> Vec<(u16, Vec<i32>)> {
    let mut led: Vec<(u16, Vec<i32>)> = Vec::with_capacity(sketch.grid.chords.len());
    for span in &sketch.grid.chords {
        let before = led.last().map_or(&[][..], |(_, voices)| voices);
        let voices = voice(span.chord, sketch.grid.key, before, space);
        led.push((span.step, voices));
    }
    led
}

/// The chords of a loop.
pub fn chords(sketch: &Sketch<'_>) -> Part {
    let idiom = sketch.idioms[Role::Chords];
    let mut dice = sketch.dice("chords");
    let centre = idiom.comp_centre + sketch.lift(3.0);
    let bare =
        idiom.colour < 0.15 || matches!(idiom.voicing, Voicing::Power | Voicing::Bare | Voicing::Octaves);
    let voices = if bare { 3 } else { 3 + usize::from(sketch.taste.polyphony > 0.35 || idiom.colour > 0.5) };
    let space = Space { low: centre - 9, high: centre + 11, voices, voicing: idiom.voicing };
    let led = voicings(sketch, space);
    let riff = sketch.riff();
    let chosen = sketch.choose(Role::Chords, idiom.comp, &mut dice);
    let main = riff.map_or(chosen, |(_, high)| high);
    let other = *dice.pick(idiom.comp);
    let turn = dice.chance(0.35) && sketch.frame.bars >= 2 && riff.is_none();
    let last = sketch.frame.bars - 1;
    let hits = sketch.frame.hits(|bar| if turn && bar == last { other } else { main });
    let strongest = hits.iter().map(|hit| sketch.frame.weight(hit.step)).max().unwrap_or(4);
    let mut hits: Vec<(Hit, u8)> = hits.into_iter().map(|hit| (hit, sketch.frame.weight(hit.step))).collect();
    if dice.chance(idiom.push.0) {
        push(sketch, idiom.push.1, &mut hits);
    }
    let tonic = sketch.tonic_key();
    let fifth = sketch.grid.key.mode.degree(sketch.grid.key.mode.nearest_degree(7));
    // The drone's tonic lies at the lower end of the chords.
    let ground = centre - 9 + (tonic - centre + 9).rem_euclid(12);
    let mut part = Part::default();
    // A stroke just before the change that is held over it already belongs to the next chord.
    let is_early = |hit: &Hit| {
        let (_, end, _) = sketch.span(hit.step);
        hit.step + hit.length > end && end - hit.step <= 2
    };
    for (place, (hit, weight)) in hits.iter().copied().enumerate() {
        let (_, end, _) = sketch.span(hit.step);
        let index = led.partition_point(|(step, _)| *step <= hit.step).saturating_sub(1);
        let early = is_early(&hit);
        // Two chords never sound at once.
        let end = hits
            .get(place + 1)
            .filter(|(next, _)| is_early(next))
            .map_or(end, |(next, _)| end.min(next.step));
        let voices = &led[if early { (index + 1) % led.len() } else { index }].1;
        let length = match hit.length {
            _ if early => hit.length,
            1 => 2.min(end - hit.step),
            length => length.min(end - hit.step),
        };
        let base = i32::from(idiom.comp_rank) + LATER[usize::from(strongest.saturating_sub(weight)).min(4)];
        let velocity =
            70 + i32::from(weight) * 4 + dice.between(-4, 4) + if hit.symbol == b'X' { 12 } else { 0 };
        let count = voices.len();
        let mut add =
            |key: i32, velocity: i32, rank: i32| part.add(hit.step, length, key - tonic, velocity, rank);
        match hit.symbol {
            b'1'..=b'4' => {
                let key = voices[usize::from(hit.symbol - b'1') % count];
                add(key, velocity, base);
            }
            b'b' => add(voices[0], velocity + 4, base),
            b't' => add(ground, velocity, base),
            b'f' => add(
                if fifth + ground > centre + 2 { ground + fifth - 12 } else { ground + fifth },
                velocity - 4,
                base,
            ),
            b'T' => add(ground + 12, velocity - 2, base),
            b'u' => {
                voices[count.saturating_sub(2)..].iter().for_each(|key| add(*key, velocity - 14, base + 10))
            }
            _ => {
                for (index, key) in voices.iter().enumerate() {
                    add(*key, velocity - 3 * (index == 1) as i32, base + if index >= 3 { 10 } else { 0 });
                }
                if weight + 1 >= strongest {
                    // The top voice an octave higher opens the sound near the end of the ladder.
                    add(voices[count - 1] + 12, velocity - 16, if weight >= strongest { 84 } else { 93 });
                }
            }
        }
    }
    part
}

/// Moves the strokes on a change of chord before it; what was struck in between gives way.
fn push(sketch: &Sketch<'_>, by: u16, hits: &mut Vec<(Hit, u8)>) {
    let changes: Vec<u16> = sketch.spans().map(|(start, ..)| start).filter(|start| *start > by).collect();
    for change in changes {
        if !hits.iter().any(|(hit, _)| hit.step == change) {
            continue;
        }
        hits.retain(|(hit, _)| hit.step >= change || hit.step + by < change);
        for (hit, _) in hits.iter_mut() {
            if hit.step == change {
                // Held over the change, so that it is known to belong to the chord to come.
                hit.step = change - by;
                hit.length = hit.length.max(1) + by;
            } else if hit.step < change && hit.step + hit.length > change - by {
                hit.length = change - by - hit.step;
            }
        }
    }
}

/// What a held chord makes of the style's way to spread a struck one.
fn held(voicing: Voicing) -> Voicing {
    match voicing {
        Voicing::Shell | Voicing::Power | Voicing::Octaves => Voicing::Free,
        voicing => voicing,
    }
}

/// The pad of a loop: held chords, tied where a voice does not move.
pub fn pad(sketch: &Sketch<'_>) -> Part {
    let idiom = sketch.idioms[Role::Pad];
    let lift = sketch.lift(4.0);
    let voices = if idiom.colour < 0.2 { 3 } else { 4 };
    let centre = idiom.pad_centre + lift;
    let tonic = sketch.tonic_key();
    let space = Space { low: centre - 11, high: centre + 11, voices, voicing: held(idiom.voicing) };
    let mut led = voicings(sketch, space);
    if idiom.drone {
        let mode = sketch.grid.key.mode;
        let ground = centre - 11 + (tonic - centre + 11).rem_euclid(12);
        let drone = vec![ground, ground + mode.degree(mode.nearest_degree(7)), ground + 12];
        led.iter_mut().for_each(|(_, keys)| keys.clone_from(&drone));
    }
    let longest = sketch.frame.bar_steps * 4;
    let mut part = Part::default();
    // The outer voices first, then the inner ones.
    let order = |index: usize, count: usize| match index {
        0 => 0,
        i if i + 1 == count => 6,
        1 => 14,
        _ => 26,
    };
    for (start, end, _) in sketch.spans() {
        let index = led.partition_point(|(step, _)| *step <= start).saturating_sub(1);
        let keys = &led[index].1;
        for (place, key) in keys.iter().enumerate() {
            let rank = order(place, keys.len());
            let velocity = 66 + if place + 1 == keys.len() { 4 } else { 0 };
            let pitch = key - tonic;
            let tied = part.0.iter_mut().rev().find(|note| note.pitch == pitch && note.rank < 60);
            match tied {
                Some(note) if note.onset + note.duration == start && end - note.onset <= longest => {
                    note.duration += end - start;
                    note.rank = note.rank.min(rank);
                }
                _ => part.add(start, end - start, pitch, velocity, rank),
            }
        }
        if let Some(top) = keys.last() {
            part.add(start, end - start, top + 12 - tonic, 54, 68);
            // A drone thickens to a cluster, other harmony opens at the octave.
            let root = keys[0] + 12 - tonic;
            let degree = sketch.grid.key.mode.nearest_degree(root);
            let inner =
                if idiom.plan == Plan::Drone { sketch.grid.key.mode.degree(degree + 1) } else { root };
            part.add(start, end - start, inner, 56, 40);
        }
        if keys.len() > 2 {
            part.add(start, end - start, keys[keys.len() - 2] + 12 - tonic, 50, 86);
        }
    }
    part
}

/// The texture of a loop: the tonic held through it, its fifth and octave as energy grows.
pub fn texture(sketch: &Sketch<'_>) -> Part {
    let mut dice = sketch.dice("texture");
    let steps = sketch.frame.steps();
    let half = (sketch.frame.bars.div_ceil(2) as u16 * sketch.frame.bar_steps).min(steps);
    let tonic = 50 - sketch.tonic_key();
    let root = tonic.div_euclid(12) * 12;
    let mode = sketch.grid.key.mode;
    let fifth = mode.degree(mode.nearest_degree(7));
    let mut part = Part::default();
    part.add(0, steps, root, 74, i32::from(Rank::ALWAYS.get()));
    part.add(if dice.chance(0.5) { 0 } else { half % steps }, steps, root + fifth, 60, 36);
    part.add(0, half, root + 12, 56, 58);
    part.add(half % steps, steps, root + 12 + if half == steps { fifth } else { 0 }, 56, 74);
    part.add(0, steps, root - 12, 60, 90);
    part
}
