//! The energy ladder: roles enter as the scene wants them, and every ten points of energy add something.

use super::part::Part;
use sceneloop_music::{DrumLane, LoopGrid, Note, Rank, Role};

/// Moves a part's ranks to where the scene wants the role: `presence` 0.75 leaves them, 1 brings its first notes to
/// 0, less lets it in later. A low `density` delays all but the first notes; a low `arousal` plays more softly.
pub fn place(part: &mut Part, presence: f32, density: f32, arousal: f32) {
    let Some(first) = part.0.iter().map(|note| note.rank.clamp(0, 100)).min() else { return };
    let first = first as f32;
    // A curve through both ends: notes between them come later where little is wanted.
    let bend = ((density - 0.5) * 1.8).exp2();
    let span = (100.0 - first).max(1.0);
    for note in &mut part.0 {
        let mut rank =
            first + span * ((note.rank.clamp(0, 100) as f32 - first) / span).clamp(0.0, 1.0).powf(bend);
        if presence > 0.75 {
            let share = ((presence - 0.75) / 0.25).min(1.0);
            rank -= first * share * (100.0 - rank).max(0.0) / (100.0 - first).max(1.0);
        } else {
            let shift = (0.75 - presence) * 105.0;
            rank = shift + rank * (100.0 - shift) / 100.0;
        }
        note.velocity = (note.velocity as f32 * (0.9 + 0.2 * arousal)).round() as i32;
        note.rank = rank.round().clamp(0.0, 100.0) as i32;
    }
}

/// Where a note is on the ladder of a loop.
struct Rung {
    role: Role,
    index: usize,
    rank: u8,
    /// Order within one rank: strong places first.
    order: (u8, u16),
    /// About how much it adds to the loudness.
    weight: f32,
}

/// About how much power a note adds: velocity squared, and how long it lasts or how big the drum is.
fn weight(role: Role, note: &Note) -> f32 {
    use DrumLane::{Clap, Crash, Kick, OpenHat, Ride, Snare, TomHigh, TomLow, TomMid};
    let body = match role {
        Role::Drums => match DrumLane::from_pitch(note.pitch) {
            Some(Kick | TomLow | Crash) => 6.0,
            Some(Snare | Clap | TomMid | TomHigh) => 4.0,
            Some(OpenHat | Ride) => 1.5,
            _ => 1.0,
        },
        Role::Texture => 0.3 * f32::from(note.duration).sqrt(),
        Role::Pad => f32::from(note.duration).sqrt(),
        Role::Bass => 2.0 * f32::from(note.duration).sqrt(),
        _ => f32::from(note.duration.min(16)).sqrt(),
    };
    (f32::from(note.velocity) / 127.0).powi(2) * body
}

/// Sees to it that something sounds at energy 0 and that every ten points add notes one hears: a step without takes
/// the first ones of the steps above it, or the last ones of those below. Notes keep their order on the ladder.
pub fn level(grid: &mut LoopGrid) {
    let mut rungs: Vec<Rung> = Vec::new();
    for (role, clip) in grid.clips.iter() {
        for (index, note) in clip.notes.iter().enumerate() {
            let order = (4 - grid.metre.weight(note.onset.into()).min(4), note.onset);
            rungs.push(Rung { role, index, rank: note.rank.get(), order, weight: weight(role, note) });
        }
    }
    rungs.sort_by_key(|rung| (rung.rank, rung.order, rung.role, rung.index));
    let total = rungs.len();
    if total == 0 {
        return;
    }
    let mut sums = vec![0.0f32];
    for rung in &rungs {
        sums.push(sums[sums.len() - 1] + rung.weight);
    }
    let floor = usize::from(grid.bars).min(total.div_ceil(8));
    let count = (total / 36).max(1);
    let enough = |step: usize, from: usize, to: usize| {
        let share = if step == 0 { 0.05 } else { 0.036 };
        to >= from + if step == 0 { floor.max(count) } else { count }
            && sums[to] - sums[from] >= share * sums[total]
    };
    // Step 0 is energy 0 itself; step k holds the ranks above 10(k - 1) up to 10k. Each border is how many notes
    // sound up to its step.
    let step_of = |rank: u8| usize::from(rank.div_ceil(10));
    let mut borders: [usize; 11] =
        std::array::from_fn(|step| rungs.partition_point(|rung| step_of(rung.rank) <= step));
    for step in 0..11 {
        let from = if step == 0 { 0 } else { borders[step - 1] };
        borders[step] = borders[step].max(from);
        while borders[step] < total && !enough(step, from, borders[step]) {
            borders[step] += 1;
        }
    }
    for step in (1..11).rev() {
        while borders[step - 1] > floor && !enough(step, borders[step - 1], borders[step]) {
            borders[step - 1] -= 1;
        }
        for below in 0..step {
            borders[below] = borders[below].min(borders[step - 1]);
        }
    }
    let mut from = 0;
    for (step, to) in borders.into_iter().enumerate() {
        for rung in &mut rungs[from..to] {
            if step_of(rung.rank) != step {
                rung.rank = if step == 0 { 0 } else { (step * 10 - 4) as u8 };
            }
        }
        from = to;
    }
    for rung in rungs {
        grid.clips[rung.role].notes[rung.index].rank = Rank::new(rung.rank);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sceneloop_music::{Chord, ChordQuality, Clip, Key, Metre};

    #[test]
    fn presence_moves_a_role_and_keeps_its_order() {
        let ranks = |presence: f32| {
            let mut part = Part::default();
            [20, 30, 55, 90].into_iter().for_each(|rank| part.add(0, 1, rank, 100, rank));
            place(&mut part, presence, 0.5, 0.5);
            part.0.iter().map(|note| note.rank).collect::<Vec<_>>()
        };
        assert_eq!(ranks(0.75), [20, 30, 55, 90]);
        assert_eq!(ranks(1.0)[0], 0);
        for pair in [0.05, 0.3, 0.6, 0.75, 0.9, 1.0].windows(2) {
            let (less, more) = (ranks(pair[0]), ranks(pair[1]));
            assert!(less.iter().zip(&more).all(|(late, early)| late >= early));
            assert!(more.is_sorted() && more[3] <= 100);
        }
    }

    #[test]
    fn a_bare_ladder_is_filled_in_order() {
        let mut grid =
            LoopGrid::empty(Metre::FOUR_FOUR, 2, Key::default(), Chord::new(0, ChordQuality::Major));
        let note = |index: u16| Note {
            onset: index % 32,
            duration: 1,
            pitch: (index / 32 * 12) as i8,
            velocity: 100,
            rank: Rank::new(if index < 40 { 50 } else { 52 }),
        };
        grid.clips[Role::Lead] = Clip::new((0..60).map(note).collect());
        let before: Vec<_> = grid.clips[Role::Lead].notes.iter().map(|note| note.rank).collect();
        level(&mut grid);
        let notes = &grid.clips[Role::Lead].notes;
        for step in 0..=10u8 {
            let inside = |rank: u8| rank.div_ceil(10) == step;
            assert!(notes.iter().any(|note| inside(note.rank.get())), "nothing in step {step}");
        }
        for (one, old) in notes.iter().zip(&before) {
            for (other, older) in notes.iter().zip(&before) {
                assert!(old >= older || one.rank <= other.rank);
            }
        }
    }
}
