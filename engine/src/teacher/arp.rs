//! Broken chords and ostinati: the chord's tones over an octave and a half in an order that stays, or the tune's own
//! notes at another pace.

mod weave;

use super::part::Part;
use super::sketch::Sketch;
use super::style::{Figure, Order, Weave};
use sceneloop_music::{Dice, Role};

/// The arp of a loop; the lead is written before it.
pub fn write(sketch: &Sketch<'_>) -> Part {
    let idiom = sketch.idioms[Role::Arp];
    let mut dice = sketch.dice("arp");
    let rhythms: Vec<&'static str> = idiom.arp.iter().map(|(rhythm, _)| *rhythm).collect();
    let chosen = sketch.choose(Role::Arp, &rhythms, &mut dice);
    let figure = ostinato(sketch, idiom.ostinati, &mut dice);
    let rhythm = figure.map_or(chosen, |(rhythm, _)| rhythm);
    let orders: Vec<Order> =
        idiom.arp.iter().filter(|(known, _)| *known == chosen).map(|(_, order)| *order).collect();
    let order = *dice.pick(&orders);
    let riff: Vec<usize> = (0..8).map(|index| if index == 0 { 0 } else { dice.below(5) }).collect();
    let centre = centre(sketch);
    if figure.is_none()
        && idiom.weave != Weave::Own
        && let Some(part) = weave::write(sketch, idiom.weave, rhythm, centre, &mut dice)
    {
        return part;
    }
    let hits = sketch.frame.hits(|_| rhythm);
    let strongest = hits.iter().map(|hit| sketch.frame.weight(hit.step)).max().unwrap_or(4);
    let tonic = sketch.tonic_key();
    let mut part = Part::default();
    let (mut bar, mut count, mut anchor) = (usize::MAX, 0, None);
    for hit in &hits {
        let (start, end, chord) = sketch.span(hit.step);
        // The figure starts anew in every bar and with every chord, unless it is one that rolls on.
        let anew = sketch.frame.bar_of(hit.step) != bar || anchor != Some(start);
        if anew && (figure.is_some() || order != Order::Rolling) {
            (bar, count, anchor) = (sketch.frame.bar_of(hit.step), 0, Some(start));
        }
        let pool: Vec<i32> = (centre - 6..=centre + 11).filter(|key| chord.contains(key - tonic)).collect();
        let Some(last) = pool.len().checked_sub(1) else { continue };
        let place = |index: usize| (pool[index % pool.len()], (index / pool.len()) as i32);
        let (tone, octave) = match order {
            _ if figure.is_some_and(|(_, numbers)| !numbers.is_empty()) => {
                let numbers = figure.map_or(&[][..], |(_, numbers)| numbers);
                let number = numbers[count % numbers.len()];
                let size = chord.quality.intervals().len().min(pool.len()) as i32;
                let low = pool[number.rem_euclid(size) as usize];
                (low, number.div_euclid(size))
            }
            Order::Rolling => place([0, 1, 2][count % 3].min(last)),
            Order::Cascade => place((count / 3 + [0, 1, 2][count % 3]) % (pool.len() + 2)),
            Order::Skip => place([0, 2, 1, 3, 2, 4][count % 6] % (pool.len() + 1)),
            Order::Converge => {
                let from_below = count / 2 % pool.len();
                place(if count % 2 == 0 { from_below } else { last - from_below })
            }
            Order::Octaves => (pool[count / 2 % 3 % pool.len()], (count % 2) as i32),
            Order::Up => place(count % pool.len()),
            Order::Down => place(last - count % pool.len()),
            Order::Arch => {
                let round = (2 * last).max(1);
                let at = count % round;
                place(if at <= last { at } else { round - at })
            }
            Order::Alberti => place([0, 2, 1, 2][count % 4].min(last)),
            Order::Pedal if count % 2 == 0 => place(0),
            Order::Pedal => place((1 + count / 2 % last.max(1)).min(last)),
            Order::Riff => place(riff[count % riff.len()] % pool.len()),
        };
        let key = tone + 12 * octave;
        count += 1;
        let weight = sketch.frame.weight(hit.step);
        let behind = usize::from(strongest.saturating_sub(weight)).min(4);
        let rank = i32::from(idiom.arp_rank) + [0, 4, 9, 18, 32][behind];
        let length = hit.length.max(if rhythm.contains("xx") { 1 } else { 2 }).min(end - hit.step);
        let velocity = 64 + i32::from(weight) * 5 + dice.between(-4, 4);
        part.add(hit.step, length, key - tonic, velocity, rank);
        if weight >= 2 && key + 12 - tonic <= 36 {
            part.add(hit.step, length, key + 12 - tonic, velocity - 18, if weight >= 3 { 87 } else { 95 });
        }
    }
    give_way(sketch, &mut part);
    part
}

/// One of the style's figures, for half of the loops; a variation keeps to that of the loop before.
fn ostinato(sketch: &Sketch<'_>, figures: &'static [Figure], dice: &mut Dice) -> Option<Figure> {
    let throw = dice.chance(0.5);
    let any = if figures.is_empty() { None } else { Some(*dice.pick(figures)) };
    let rhythms: Vec<&'static str> = figures.iter().map(|(rhythm, _)| *rhythm).collect();
    match sketch.likest(Role::Arp, &rhythms) {
        Some((likeness, rhythm)) if likeness > 0.8 => any
            .filter(|(known, _)| *known == rhythm)
            .or_else(|| figures.iter().copied().find(|f| f.0 == rhythm)),
        _ => any.filter(|_| throw),
    }
}

/// MIDI key about which the arp lies: out of the way of the tune.
fn centre(sketch: &Sketch<'_>) -> i32 {
    let wanted = sketch.idioms[Role::Arp].arp_centre + sketch.lift(5.0);
    let tune = sketch.idioms[Role::Lead].tune.centre + sketch.lift(4.0);
    if sketch.present[Role::Lead] && (wanted - tune).abs() < 5 {
        if wanted >= tune { tune + 7 } else { tune - 8 }
    } else {
        wanted
    }
}

/// Where the tune moves on a weak place the arp is softer and later; in the tune's rests it answers.
fn give_way(sketch: &Sketch<'_>, part: &mut Part) {
    let lead = &sketch.grid.clips[Role::Lead].notes;
    if lead.is_empty() {
        return;
    }
    for note in &mut part.0 {
        let struck = lead.iter().any(|tune| tune.onset == note.onset);
        let sung = lead.iter().any(|tune| (tune.onset..tune.end()).contains(&note.onset));
        if struck && sketch.frame.weight(note.onset) <= 1 {
            note.velocity -= 8;
            note.rank += 5;
        } else if !sung {
            note.velocity += 8;
        }
    }
}
