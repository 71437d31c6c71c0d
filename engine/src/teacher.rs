//! The teacher: an arranger of rules that writes a whole loop from a scene, a key, a metre and a seed.
//!
//! It makes sound before any network does, is the baseline the network must beat, and plays when the network cannot.
//! What a style does by habit is data (`style`); chords come first (`harmony`), then drums, a bass that knows
//! chord and kick, the tune, and what gives way to it. Every energy is in the one loop: each note carries the
//! [`sceneloop_music::Rank`] from which it sounds, and `rank` sees that the ladder has no missing rung.
//!
//! # Threads
//! A pure function for the composer thread; it allocates, but finishes within a few milliseconds.

mod arp;
mod bass;
mod comping;
mod drums;
mod frame;
mod harmony;
mod lead;
mod motif;
mod part;
mod progressions;
mod rank;
mod sketch;
mod style;
mod voicing;

#[cfg(test)]
mod tests;

use frame::Frame;
use harmony::Wish;
use part::Part;
pub(crate) use rank::level;
use sceneloop_music::{ChordSpan, Dice, Dimension, Key, LoopGrid, Metre, PerRole, Role, Scene, Style, Swing};
use sketch::{Sketch, Taste, wanted_of};
use style::{Idiom, Plan, idiom, idiom_of};

/// What a loop is to be written for.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// Styles, roles and the wanted descriptor.
    pub scene: &'a Scene,
    /// Tonic and mode of the loop.
    pub key: Key,
    /// Metre of every bar.
    pub metre: Metre,
    /// 1 to 8; other numbers are brought into that range.
    pub bars: u8,
    /// Names the loop: the same request gives the same notes.
    pub seed: u64,
    /// The loop before, of which this one is to be a variation.
    pub previous: Option<&'a LoopGrid>,
}

/// Writes the part of one role.
type Writer = fn(&Sketch<'_>) -> Part;

/// Writes a loop. It is valid by [`LoopGrid::validate`] whatever the request, and the same for the same request.
pub fn compose(request: &Request<'_>) -> LoopGrid {
    compose_on(request, None)
}

/// The same on chords that are given: those of a valid loop of the request's mode, metre and length.
pub(crate) fn compose_on(request: &Request<'_>, chords: Option<&[ChordSpan]>) -> LoopGrid {
    let Request { scene, key, metre, previous, .. } = *request;
    let main = idiom_of(scene.style(), scene.dance.as_deref());
    let frame = Frame::new(metre, request.bars);
    let previous = previous.filter(|before| before.metre == metre && !before.chords.is_empty());
    let harmonise = || {
        let mut dice = Dice::new(seed_of(request), "harmony");
        harmony::harmonise(&frame, key.mode, wish(scene, main), previous, &mut dice)
    };
    let chords = chords.map_or_else(harmonise, <[ChordSpan]>::to_vec);
    let mut grid = LoopGrid::empty(metre, frame.bars as u8, key, chords[0].chord);
    grid.chords = chords;
    grid.swing = swing(scene, main, &frame);
    let mut sketch = sketch(request, grid, previous);
    for (role, write) in WRITERS {
        sketch.write(role, write, scene);
    }
    rank::level(&mut sketch.grid);
    sketch.grid
}

/// A loop with another part of one role, written to what the others play. The request is one for the loop as it is.
pub(crate) fn rewrite(request: &Request<'_>, base: &LoopGrid, role: Role) -> LoopGrid {
    let mut grid = base.clone();
    grid.clips[role].notes.clear();
    let mut sketch = sketch(request, grid, None);
    for (_, write) in WRITERS.into_iter().filter(|(writer, _)| *writer == role) {
        sketch.write(role, write, request.scene);
    }
    sketch.grid
}

/// The order matters: the bass hears the drums, the arp the tune.
const WRITERS: [(Role, Writer); Role::COUNT] = [
    (Role::Drums, drums::write),
    (Role::Bass, bass::write),
    (Role::Lead, lead::write),
    (Role::Chords, comping::chords),
    (Role::Pad, comping::pad),
    (Role::Arp, arp::write),
    (Role::Texture, comping::texture),
];

/// One seed is another piece in another style, not the same throws in other clothes.
fn seed_of(request: &Request<'_>) -> u64 {
    request.seed ^ (request.scene.style() as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// A sketch of a loop, of which the chords are there, and perhaps some parts.
fn sketch<'a>(request: &Request<'a>, grid: LoopGrid, previous: Option<&'a LoopGrid>) -> Sketch<'a> {
    let Request { scene, metre, .. } = *request;
    let seed = seed_of(request);
    let main = idiom_of(scene.style(), scene.dance.as_deref());
    let players = players(scene, seed);
    Sketch {
        frame: Frame::new(metre, grid.bars),
        grid,
        idioms: PerRole::from_fn(|role| match players[role] == scene.style() {
            true => main,
            false => idiom(players[role]),
        }),
        as_one: players[Role::Bass] == players[Role::Chords],
        present: PerRole::from_fn(|role| scene.roles[role] > 0.0),
        taste: Taste::new(&scene.wanted),
        previous,
        seed,
    }
}

impl Sketch<'_> {
    /// Has a role's part written, if the scene has the role.
    fn write(&mut self, role: Role, write: Writer, scene: &Scene) {
        if self.present[role] {
            let mut part = write(self);
            let Taste { density, arousal, .. } = self.taste;
            rank::place(&mut part, scene.roles[role].clamp(0.0, 1.0), density, arousal);
            self.grid.clips[role] = part.finish(role, &self.grid);
        }
    }
}

/// The energy from which a scene's drummer has a crash at all; none if he has none.
pub(crate) fn crash_rank(scene: &Scene) -> Option<u8> {
    idiom_of(scene.style(), scene.dance.as_deref()).crash
}

/// Half the style's habit, half what the scene asks for.
fn wish(scene: &Scene, main: &Idiom) -> Wish {
    let wanted = |dimension| wanted_of(&scene.wanted, dimension);
    let colour = if main.plan == Plan::Blues || main.colour < 0.15 {
        main.colour
    } else {
        0.6 * main.colour + 0.4 * wanted(Dimension::HarmonicComplexity)
    };
    // The descriptor's curve has one chord a bar of common time at a half: x / (x + 1).
    let busy = wanted(Dimension::HarmonicRhythm).clamp(0.1, 0.9);
    let asked = (busy / (1.0 - busy)).log2();
    let per_bar = match main.plan {
        Plan::Drone => main.chords_per_bar,
        _ => ((main.chords_per_bar.log2() + asked) / 2.0 + 0.01).round().exp2().clamp(0.25, 2.0),
    };
    Wish { plan: main.plan, own: main.progressions, per_bar, colour }
}

/// The style's swing, leaning to the wanted one; compound time rolls already and does not swing.
fn swing(scene: &Scene, main: &Idiom, frame: &Frame) -> Swing {
    let (habit, eighths) = main.swing;
    if frame.compound() {
        return Swing::default();
    }
    let wanted = wanted_of(&scene.wanted, Dimension::Swing);
    // Straight styles stay straight unless much swing is asked for.
    let amount = if habit < 0.1 { ((wanted - 0.6) * 1.5).max(habit) } else { 0.7 * habit + 0.3 * wanted };
    Swing { amount: amount.clamp(0.0, 1.0), eighths }
}

/// Whose habits each role follows: the heaviest style's, but another style of the scene may lend its player. Drums
/// and bass come as a pair, since they play as one.
fn players(scene: &Scene, seed: u64) -> PerRole<Style> {
    let mut dice = Dice::new(seed, "styles");
    let main = scene.style();
    let mut guest = || {
        let throw = dice.unit();
        let mut sum = 0.0;
        for (style, weight) in scene.styles.iter().skip(1) {
            sum += weight.max(0.0) * 0.8;
            if throw < sum {
                return *style;
            }
        }
        main
    };
    let rhythm = guest();
    PerRole::from_fn(|role| if matches!(role, Role::Drums | Role::Bass) { rhythm } else { guest() })
}
