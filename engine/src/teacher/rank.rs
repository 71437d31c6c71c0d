//! The energy ladder: roles enter as the scene wants them, and every ten points of energy add something.

use super::part::Part;
use sceneloop_music::{LoopGrid, Rank};

/// Moves a part's ranks to where the scene wants the role: `presence` 0.75 leaves them, 1 brings its first notes to
/// 0, less lets it in later. A low `density` delays all but the first notes.
pub fn place(part: &mut Part, presence: f32, density: f32) {
    let Some(first) = part.0.iter().map(|note| note.rank.clamp(0, 100)).min() else { return };
    let first = first as f32;
    let spread = 1.0 + (0.5 - density) * 0.5;
    for note in &mut part.0 {
        let mut rank = first + (note.rank.clamp(0, 100) as f32 - first) * spread;
        if presence > 0.75 {
            let share = ((presence - 0.75) / 0.25).min(1.0);
            rank -= first * share * (100.0 - rank).max(0.0) / (100.0 - first).max(1.0);
        } else {
            let shift = (0.75 - presence) * 65.0;
            rank = shift + rank * (100.0 - shift) / 100.0;
        }
        note.rank = rank.round().clamp(0.0, 100.0) as i32;
    }
}

/// Where a note is on the ladder of a loop.
struct Rung {
    role: usize,
    index: usize,
    rank: u8,
    /// Order within one rank: strong places first.
    order: (u8, u16),
}

/// Sees to it that something sounds at energy 0 and that every ten points add notes: a step without any takes the
/// first ones of the steps above it, or the last ones of those below.
pub fn level(grid: &mut LoopGrid) {
    let mut rungs: Vec<Rung> = Vec::new();
    for (role, clip) in grid.clips.iter() {
        for (index, note) in clip.notes.iter().enumerate() {
            let order = (4 - grid.metre.weight(note.onset.into()).min(4), note.onset);
            rungs.push(Rung { role: role.index(), index, rank: note.rank.get(), order });
        }
    }
    if rungs.is_empty() {
        return;
    }
    rungs.sort_by_key(|rung| (rung.rank, rung.order, rung.role, rung.index));
    let total = rungs.len();
    let need = (total / 36).max(1);
    // Step 0 is energy 0 itself; step k holds the ranks above 10(k - 1) up to 10k.
    let step_of = |rank: u8| usize::from(rank.div_ceil(10));
    let mut counts = [0usize; 11];
    rungs.iter().for_each(|rung| counts[step_of(rung.rank)] += 1);
    let mut needs = [need; 11];
    needs[0] = 1;
    // Upwards: borrow from above. The rungs stay in order, so only borders between steps move.
    for step in 0..11 {
        let mut missing = needs[step].saturating_sub(counts[step]);
        for above in step + 1..11 {
            let spare = if above == 10 { counts[above] } else { counts[above].saturating_sub(needs[above]) };
            let taken = missing.min(spare);
            // What is taken passes through the steps between, whose notes move up in turn: counts stay as wanted.
            counts[above] -= taken;
            counts[step] += taken;
            missing -= taken;
        }
    }
    // Downwards: the top must not be bare either.
    for step in (1..11).rev() {
        let mut missing = needs[step].saturating_sub(counts[step]);
        for below in (0..step).rev() {
            let spare = counts[below].saturating_sub(needs[below]);
            let taken = missing.min(spare);
            counts[below] -= taken;
            counts[step] += taken;
            missing -= taken;
        }
    }
    let mut border = 0;
    for (step, count) in counts.into_iter().enumerate() {
        for rung in &mut rungs[border..border + count] {
            if step_of(rung.rank) != step {
                rung.rank = if step == 0 { 0 } else { (step * 10 - 4) as u8 };
            }
        }
        border += count;
    }
    for rung in rungs {
        grid.clips.0[rung.role].notes[rung.index].rank = Rank::new(rung.rank);
    }
}
