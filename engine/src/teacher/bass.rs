//! The bass: roots where the chords change, the style's figure between, steps into the next chord, with the kick.

use super::frame::Hit;
use super::part::Part;
use super::sketch::Sketch;
use sceneloop_music::{Chord, Dice, DrumLane, Role};

/// Lowest and highest MIDI keys of roots.
const ROOTS: (i32, i32) = (29, 45);

/// The bass of a loop; drums are written before it.
pub fn write(sketch: &Sketch<'_>) -> Part {
    let idiom = sketch.idioms[Role::Bass];
    let mut dice = sketch.dice("bass");
    let riff = sketch.riff();
    let chosen = sketch.choose(Role::Bass, idiom.bass, &mut dice);
    let main = riff.map_or(chosen, |(low, _)| low);
    let other = *dice.pick(idiom.bass);
    let walking = main.contains('w');
    // The last bar of a phrase may turn to another figure, if both are of one kind.
    let turn = dice.chance(0.5)
        && sketch.frame.bars >= 2
        && other.contains('w') == walking
        && (riff.is_none() || sketch.frame.bars >= 4);
    let last = sketch.frame.bars - 1;
    // So may the fourth of eight, where a phrase ends halfway.
    let ends = |bar: usize| bar == last || (sketch.frame.bars == 8 && bar == 3);
    let hits = sketch.frame.hits(|bar| if turn && ends(bar) { other } else { main });
    let roots = roots(sketch);
    let mut part = Part::default();
    let mut before = roots.first().map_or(36, |(_, root)| *root);
    for (index, hit) in hits.iter().enumerate() {
        let until = hits.get(index + 1).map_or(sketch.frame.steps(), |next| next.step);
        let (start, end, chord) = sketch.span(hit.step);
        let root = roots[roots.partition_point(|(step, _)| *step <= hit.step).saturating_sub(1)].1;
        let next_root = roots[roots.partition_point(|(step, _)| *step <= hit.step) % roots.len()].1;
        // Whatever the figure says, a chord begins on its root.
        let symbol = if hit.step == start && !matches!(hit.symbol, b'p' | b'A') { b'R' } else { hit.symbol };
        let place = Place { root, next_root, before, chord, last: until >= end };
        let key = pitch(sketch, symbol, place, &mut dice);
        before = key;
        let weight = i32::from(sketch.frame.weight(hit.step));
        let mut length = if hit.length == 1 { (until - hit.step).min(2) } else { hit.length };
        // Held notes stop where the chord does, unless they announce the next one.
        if symbol != b'A' && symbol != b'p' {
            length = length.min(end - hit.step);
        }
        let rank = i32::from(idiom.bass_rank) + later(hit, weight, hit.step == start);
        let ghost = symbol == b'g';
        let velocity = if ghost { 50 } else { 84 + weight * 5 + if symbol == b'8' { 4 } else { 0 } };
        part.add(hit.step, length, key - sketch.tonic_key(), velocity + dice.between(-3, 3), rank);
    }
    with_kick(sketch, &roots, &mut part, &mut dice, walking);
    part.single_voice();
    double(sketch, &mut part);
    part
}

/// How much later than the first root a note joins.
fn later(hit: &Hit, weight: i32, new_chord: bool) -> i32 {
    let place = match weight {
        _ if new_chord => 0,
        4 => 3,
        3 => 8,
        2 => 16,
        1 => 28,
        _ => 44,
    };
    match hit.symbol {
        b'R' | b'p' | b'w' => place,
        b'a' | b'b' | b't' | b'g' => place + 14,
        _ => place + 5,
    }
}

/// MIDI keys of the roots (or inverted basses) of all chords, each near the one before.
fn roots(sketch: &Sketch<'_>) -> Vec<(u16, i32)> {
    let tonic = sketch.tonic_key();
    let mut before = 36;
    sketch
        .grid
        .chords
        .iter()
        .map(|span| {
            let class = (tonic + i32::from(span.chord.bass_class())).rem_euclid(12);
            let root = (ROOTS.0..=ROOTS.1)
                .filter(|key| key.rem_euclid(12) == class)
                .min_by_key(|key| ((key - before).abs() * 2 + (key - 35).abs(), *key))
                .unwrap_or(36);
            before = root;
            (span.step, root)
        })
        .collect()
}

/// Where a note of the bass stands.
struct Place {
    root: i32,
    next_root: i32,
    before: i32,
    chord: Chord,
    last: bool,
}

/// The MIDI key of a pattern's character.
fn pitch(sketch: &Sketch<'_>, symbol: u8, place: Place, dice: &mut Dice) -> i32 {
    let Place { root, next_root, before, chord, last } = place;
    let tonic = sketch.tonic_key();
    let tone = |index: usize| {
        let class = chord.pitch_classes().nth(index).unwrap_or(chord.root);
        root + (i32::from(class) - i32::from(chord.bass_class())).rem_euclid(12)
    };
    let fifth = chord.pitch_classes().position(|class| (6..=8).contains(&((class + 12 - chord.root) % 12)));
    match symbol {
        b'5' => {
            let above = fifth.map_or(root + 12, tone);
            if root > 38 && above - 12 >= 28 { above - 12 } else { above }
        }
        b'd' => {
            let below = fifth.map_or(root - 5, tone) - 12;
            if below < 26 { below + 12 } else { below }
        }
        b'8' => root + 12,
        b'2' => scale_step(sketch, root, 1),
        b'4' => scale_step(sketch, root, 3),
        b'6' => scale_step(sketch, root, 5),
        b'm' => scale_step(sketch, root, -1),
        b'b' => scale_step(sketch, next_root, -1),
        b't' => scale_step(sketch, next_root, 1),
        b'3' => tone(1),
        b'7' => {
            let seventh = tone(3.min(chord.quality.intervals().len() - 1));
            if seventh > root + 10 && dice.chance(0.5) { seventh - 12 } else { seventh }
        }
        b'A' => next_root,
        b'p' => {
            let key = tonic.rem_euclid(12) + 24;
            if key < ROOTS.0 { key + 12 } else { key }
        }
        b'a' => step_towards(sketch, before, next_root, true),
        b'w' if last => step_towards(sketch, before, next_root, true),
        b'w' => {
            if dice.chance(0.35) {
                let tones: Vec<i32> = (1..chord.quality.intervals().len().min(4)).map(tone).collect();
                *tones.iter().min_by_key(|key| (*key - before).abs() + dice.between(0, 3)).unwrap_or(&root)
            } else {
                step_towards(sketch, before, next_root, false)
            }
        }
        _ => root,
    }
}

/// So many steps of a seven-note scale from a key; scales of five notes have fewer of them to the octave.
fn scale_step(sketch: &Sketch<'_>, from: i32, steps: i32) -> i32 {
    let (mode, tonic) = (sketch.grid.key.mode, sketch.tonic_key());
    let size = mode.scale().len() as i32;
    let own = if size >= 7 { steps } else { (steps * size + 3 * steps.signum()) / 7 };
    let own = if own == 0 { steps.signum() } else { own };
    tonic + mode.degree(mode.nearest_degree(from - tonic) + own)
}

/// The next note of the scale on the way to a goal, or (`beside`) the one beside the goal on the side we come from.
fn step_towards(sketch: &Sketch<'_>, before: i32, goal: i32, beside: bool) -> i32 {
    let (mode, tonic) = (sketch.grid.key.mode, sketch.tonic_key());
    let up = goal > before || (goal == before && before < 36);
    let from = if beside { goal } else { before };
    let degree = mode.nearest_degree(from - tonic);
    let forward = if up { 1 } else { -1 };
    tonic + mode.degree(if beside { degree - forward } else { degree + forward })
}

/// Accents where the kick falls, and joins a kick that would stand alone.
fn with_kick(sketch: &Sketch<'_>, roots: &[(u16, i32)], part: &mut Part, dice: &mut Dice, walking: bool) {
    let kicks: Vec<(u16, i32)> = sketch.grid.clips[Role::Drums]
        .notes
        .iter()
        .filter(|note| note.pitch == DrumLane::Kick.pitch() && note.velocity > 80)
        .map(|note| (note.onset, i32::from(note.rank.get())))
        .collect();
    for note in &mut part.0 {
        if kicks.iter().any(|(step, _)| *step == note.onset) {
            note.velocity += 7;
        }
    }
    let on_beat = part.0.iter().any(|note| note.onset == 0);
    if walking || !on_beat || kicks.len() >= 4 * sketch.frame.bars {
        return;
    }
    let bar_throw: Vec<bool> = (0..sketch.frame.bar_steps).map(|_| dice.chance(0.75)).collect();
    for (step, rank) in kicks {
        let sounding = part.0.iter().any(|note| (note.onset..note.onset + note.duration).contains(&step));
        if !sounding && bar_throw[usize::from(step % sketch.frame.bar_steps)] {
            let root = roots[roots.partition_point(|(start, _)| *start <= step).saturating_sub(1)].1;
            part.add(step, 1, root - sketch.tonic_key(), 82, rank.max(50) + 4);
        }
    }
}

/// At the highest energies the first notes of each bar sound in octaves.
fn double(sketch: &Sketch<'_>, part: &mut Part) {
    let strong: Vec<_> = part.0.iter().copied().filter(|note| sketch.frame.weight(note.onset) >= 3).collect();
    for note in strong {
        if note.pitch + 12 <= 0 {
            let rank = if sketch.frame.weight(note.onset) == 4 { 82 } else { 92 };
            part.add(note.onset, note.duration, note.pitch + 12, note.velocity - 14, rank);
        }
    }
}
