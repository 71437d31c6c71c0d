//! What the user has changed of a song by hand: the song varied, bars of a role written again, lines that are held.
//!
//! [`Edits`] are part of a loop's name ([`LoopKey`]), so that what was said of names holds for edited loops as well: any
//! jump, any bounce and any reopened project finds the same notes at the same place, and to undo is to go back to the
//! name before. They act in this order, each on what the one before has left:
//!
//! 1. A **variation** takes the song's themes some distance from what they were; all loops are made of those. A role may have a
//!    variation of its own: it plays what it would in a song that was varied so, on the chords that there are.
//! 2. A **take** is another writing of some bars of a role, around what the other roles play in the varied theme. The takes of
//!    one role know nothing of those of another, so that a role written again leaves all others as they are. Of those that were
//!    written together each was written around those before it, and stays so whatever becomes of them.
//! 3. What is **held** plays on whatever else changes: a role's line, on the chords that come; or the whole loop, chords and all.

use crate::arranger::edit::{fits, fitted, tidy};
use crate::arranger::{LoopKey, Part};
use crate::seed;
use sceneloop_model::generator::composing_key;
use sceneloop_music::{ChordSpan, Clip, Letter, LoopGrid, Note, PerRole, Role, Scene};
use serde::{Deserialize, Serialize};
use std::ops::Range;
use std::sync::Arc;

/// Most bars of a loop.
pub const MAX_BARS: usize = 8;

/// Which writing of a role's bar plays, and the bars that were written with it.
///
/// The number of the writing stands from the seventh bit on, in the lowest six bits the first bar and the last; above the sixteenth, a bit
/// for each role that was written together with it, none where it was written alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Take(u32);

impl Take {
    /// The highest number of a writing.
    pub const MAX: u16 = u16::MAX >> 6;

    /// A writing of bars, counted from 0: `bars` is not empty and ends at [`MAX_BARS`] at the latest. Number 0 is the first writing.
    pub fn new(number: u16, bars: &Range<u8>) -> Self {
        let last = bars.end.saturating_sub(1).min(7);
        Self(u32::from(number.min(Self::MAX)) << 6 | u32::from(bars.start.min(last)) << 3 | u32::from(last))
    }

    /// The number; 0 is what the song was written with.
    pub fn number(self) -> u16 {
        (self.0 as u16) >> 6
    }

    /// The same, written together with others.
    fn together(self, roles: &[Role]) -> Self {
        roles.iter().fold(self, |take, role| Self(take.0 | 1 << (16 + role.index())))
    }

    /// The roles that were written with it, in the order in which they were; it alone where it belongs to `owner` alone.
    fn company(self, owner: Role) -> impl Iterator<Item = Role> {
        let alone = self.0 >> 16 == 0;
        let is_in =
            move |role: &Role| if alone { *role == owner } else { self.0 >> (16 + role.index()) & 1 == 1 };
        Role::ALL.into_iter().filter(is_in)
    }

    /// The bars that were written together.
    pub fn bars(self) -> Range<u8> {
        (self.0 >> 3 & 7) as u8..(self.0 & 7) as u8 + 1
    }
}

/// How far the song's themes have been taken from what they were.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variation {
    /// Names it; of one number what is nearer is contained in what is farther.
    pub number: u16,
    /// 0 (the song as it was) to 100 percent (free of it).
    pub distance: u8,
}

/// All that was changed by hand. The default is a song as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Edits {
    /// How far the song was varied.
    pub variation: Variation,
    /// How far a role was varied by itself; number 0 is with the song.
    own: PerRole<Variation>,
    takes: PerRole<[Take; MAX_BARS]>,
    /// Number of the loop that holds each role's line; 0 where it is free.
    held: PerRole<u64>,
    /// Number of the loop whose chords are held; 0 where they are free.
    held_chords: u64,
}

impl Edits {
    /// Whether the song is as it was written.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// How far a role was varied by itself; nothing where it goes with the song.
    pub fn own_variation(&self, role: Role) -> Option<Variation> {
        Some(self.own[role]).filter(|own| own.number != 0)
    }

    /// Which writing of each bar of a role plays.
    pub fn takes(&self, role: Role) -> &[Take; MAX_BARS] {
        &self.takes[role]
    }

    /// Whether a role's line is held.
    pub fn holds(&self, role: Role) -> bool {
        self.held[role] != 0
    }

    /// Whether the whole loop is held.
    pub fn holds_all(&self) -> bool {
        self.held_chords != 0 && Role::ALL.into_iter().all(|role| self.holds(role))
    }

    /// Numbers of the loops that something is held of.
    pub fn held(&self) -> impl Iterator<Item = u64> {
        self.held.0.into_iter().chain([self.held_chords]).filter(|number| *number != 0)
    }

    /// The highest number of a take or a variation.
    pub(crate) fn highest(&self) -> u16 {
        let takes = self.takes.0.iter().flatten().map(|take| take.number());
        let varied = self.own.0.iter().map(|own| own.number);
        takes.chain(varied).chain([self.variation.number]).max().unwrap_or(0)
    }

    /// The same with another writing of some bars of a role.
    pub(crate) fn retaken(mut self, role: Role, bars: &Range<u8>, number: u16) -> Self {
        let end = usize::from(bars.end).min(MAX_BARS);
        let start = usize::from(bars.start).min(end);
        self.takes[role][start..end].fill(Take::new(number, bars));
        self
    }

    /// The same with another writing of some bars of several roles, each around those before it.
    pub(crate) fn retaken_together(mut self, roles: &[Role], bars: &Range<u8>, number: u16) -> Self {
        let end = usize::from(bars.end).min(MAX_BARS);
        let start = usize::from(bars.start).min(end);
        for role in roles {
            self.takes[*role][start..end].fill(Take::new(number, bars).together(roles));
        }
        self
    }

    /// The same with the song's own writing of a role.
    pub(crate) fn untaken(mut self, role: Role) -> Self {
        self.takes[role] = Default::default();
        self
    }

    /// The same with a role's line held, or free again.
    pub(crate) fn with_held(mut self, role: Role, number: Option<u64>) -> Self {
        self.held[role] = number.unwrap_or(0);
        // Chords are held for the sake of all.
        if number.is_none() {
            self.held_chords = 0;
        }
        self
    }

    /// The same with a whole loop held, or with nothing held.
    pub(crate) fn with_all_held(mut self, number: Option<u64>) -> Self {
        let number = number.unwrap_or(0);
        (self.held, self.held_chords) = (PerRole([number; Role::COUNT]), number);
        self
    }

    /// The same with another variation.
    pub(crate) fn with_variation(self, variation: Variation) -> Self {
        Self { variation, ..self }
    }

    /// The same with a variation of a role's own, or with the role going with the song again.
    pub(crate) fn with_own_variation(mut self, role: Role, variation: Option<Variation>) -> Self {
        self.own[role] = variation.unwrap_or_default();
        self
    }

    pub(crate) fn has_holds(&self) -> bool {
        self.held().next().is_some()
    }

    /// The same with nothing held.
    pub fn without_holds(self) -> Self {
        Self { held: PerRole::default(), held_chords: 0, ..self }
    }

    /// The variation alone.
    pub(crate) fn varied(self) -> Self {
        let variation = if self.variation.distance == 0 { Variation::default() } else { self.variation };
        Self { variation, ..Self::default() }
    }

    fn is_retaken(&self, role: Role) -> bool {
        self.takes[role].iter().any(|take| take.number() != 0)
    }

    fn retaken_roles(&self) -> impl Iterator<Item = Role> {
        let edits = *self;
        Role::ALL.into_iter().filter(move |role| edits.is_retaken(*role))
    }

    /// The variation, and the takes of one role.
    fn of_role(self, role: Role) -> Self {
        let mut takes = PerRole::default();
        takes[role] = self.takes[role];
        Self { takes, ..self.varied() }
    }

    /// The song as it was varied for a role.
    fn of_own(self, role: Role) -> Option<Self> {
        let variation = self.own_variation(role)?;
        Some(Self { variation, ..Self::default() }.varied())
    }
}

/// The loops of which that of an edited name is made directly, in the order in which they can be written; see [`write()`].
pub(crate) fn parents(key: &LoopKey, scene: &Scene) -> Vec<LoopKey> {
    let edits = key.edits;
    if edits.has_holds() {
        return vec![key.edited(edits.without_holds())];
    }
    let varied = edits.varied();
    if edits != varied {
        let base = [key.edited(varied)];
        let own = Role::ALL.into_iter().filter_map(|role| Some(key.edited(edits.of_own(role)?)));
        let theme = key.own_theme(scene);
        let themes = edits.retaken_roles().map(|role| theme.edited(edits.of_role(role)));
        return base.into_iter().chain(own).chain(themes.filter(|_| !key.is_theme())).collect();
    }
    vec![key.edited(Edits::default())]
}

/// Whether a name says more than how to make a loop of its themes.
pub(crate) fn concern(key: &LoopKey) -> bool {
    let varied = key.edits.varied();
    key.edits != varied || !varied.is_none() && key.is_theme()
}

/// How many loops are written at most for that of a name, once those of which it is made are known.
pub(crate) fn writings(key: &LoopKey) -> usize {
    let edits = &key.edits;
    let of =
        |role: Role| edits.takes[role].iter().map(move |take| take.company(role).count()).max().unwrap_or(1);
    if edits.has_holds() { 1 } else { edits.retaken_roles().map(of).sum::<usize>().max(1) }
}

/// Who writes what edits ask for.
pub(crate) trait Hand {
    /// What may go wrong.
    type Error;
    /// The loop of a name of [`parents`].
    fn loop_of(&mut self, key: LoopKey) -> Result<Arc<LoopGrid>, Self::Error>;
    /// A loop with bars of a role written again around all else.
    fn rewritten(
        &mut self,
        key: &LoopKey,
        base: &LoopGrid,
        role: Role,
        bars: Range<u8>,
        seed: u64,
    ) -> Result<LoopGrid, Self::Error>;
    /// A variation of a theme, 0 (the same) to 1 away.
    fn varied(
        &mut self,
        key: &LoopKey,
        theme: &LoopGrid,
        distance: f32,
        seed: u64,
    ) -> Result<LoopGrid, Self::Error>;
    /// The loop of a place of the song that is made of a theme.
    fn developed(&mut self, key: &LoopKey, theme: &LoopGrid) -> Result<LoopGrid, Self::Error>;
    /// A loop that something is held of.
    fn held(&self, number: u64) -> Option<Arc<LoopGrid>>;
}

/// The loop of an edited name of which [`concern`] is true.
pub(crate) fn write<H: Hand>(key: &LoopKey, scene: &Scene, hand: &mut H) -> Result<LoopGrid, H::Error> {
    let edits = key.edits;
    if edits.has_holds() {
        let base = hand.loop_of(key.edited(edits.without_holds()))?;
        return Ok(hold(&base, &edits, |number| hand.held(number)));
    }
    let varied = edits.varied();
    if edits == varied {
        let theme = hand.loop_of(key.edited(Edits::default()))?;
        let Variation { number, distance } = varied.variation;
        let seed = seed::mix(&[key.compose_seed(), number.into(), 0x7661_7279]);
        return hand.varied(key, &theme, f32::from(distance.min(100)) / 100.0, seed);
    }
    let mut grid = (*hand.loop_of(key.edited(varied))?).clone();
    if key.is_theme() {
        rewrite(key, &mut grid, hand)?;
    } else {
        for role in edits.retaken_roles() {
            let theme = hand.loop_of(key.own_theme(scene).edited(edits.of_role(role)))?;
            let made = hand.developed(&key.edited(varied), &theme)?;
            let takes = edits.takes[role].iter().take(grid.bars.into());
            let bars = (0..).zip(takes).filter(|(_, take)| take.number() != 0).map(|(bar, _)| bar);
            splice(&mut grid, &made, role, &bars.collect::<Vec<u8>>());
        }
    }
    // Where there is a take of a role it stands, however far the role was varied.
    for role in Role::ALL {
        let Some(own) = edits.of_own(role) else { continue };
        let made = hand.loop_of(key.edited(own))?;
        let takes = edits.takes[role].iter().take(grid.bars.into());
        let bars = (0..).zip(takes).filter(|(_, take)| take.number() == 0).map(|(bar, _)| bar);
        splice(&mut grid, &made, role, &bars.collect::<Vec<u8>>());
    }
    Ok(grid)
}

/// Writes the takes of a theme: each around the theme as it was, and those that were written together around each other.
fn rewrite<H: Hand>(key: &LoopKey, grid: &mut LoopGrid, hand: &mut H) -> Result<(), H::Error> {
    let base = grid.clone();
    let takes = |role: Role| key.edits.takes[role].into_iter().take(base.bars.into());
    for role in key.edits.retaken_roles() {
        let mut own: Vec<Take> = takes(role).filter(|take| take.number() != 0).collect();
        own.sort_unstable_by_key(|take| take.0);
        own.dedup();
        for take in own {
            let bars = take.bars().start..take.bars().end.min(base.bars);
            let all: Vec<u8> = bars.clone().collect();
            let (mut around, mut made) = (base.clone(), base.clone());
            // Those before it as they were then, also where they have been written again since.
            for one in take.company(role).take_while(|one| one.index() <= role.index()) {
                let seed =
                    seed::mix(&[key.compose_seed(), take.number().into(), one.index() as u64, 0x7461_6b65]);
                made = hand.rewritten(key, &around, one, bars.clone(), seed)?;
                splice(&mut around, &made, one, &all);
            }
            let held = (0..).zip(takes(role)).filter(|(_, other)| *other == take).map(|(bar, _)| bar);
            splice(grid, &made, role, &held.collect::<Vec<u8>>());
        }
    }
    Ok(())
}

/// Puts bars of a role in the place of a loop's own, on its chords.
fn splice(grid: &mut LoopGrid, made: &LoopGrid, role: Role, bars: &[u8]) {
    let bar = grid.metre.steps_per_bar() as u16;
    let is_anew = |note: &Note| bars.contains(&((note.onset / bar) as u8));
    let anew = fitted(grid, made, role).into_iter().filter(is_anew);
    let notes = grid.clips[role].notes.iter().copied().filter(|note| !is_anew(note)).chain(anew).collect();
    grid.clips[role] = tidy(grid, role, notes);
}

/// What varies a theme where no network does: bars of roles are another's, the more the farther it goes and always the same first.
pub(crate) fn mingled(theme: &LoopGrid, other: &LoopGrid, distance: f32, seed: u64) -> LoopGrid {
    let mut grid = theme.clone();
    for role in Role::ALL {
        let threshold = |bar: u8| seed::unit(seed::mix(&[seed, role.index() as u64, bar.into()])) as f32;
        let bars: Vec<u8> = (0..theme.bars).filter(|bar| threshold(*bar) < distance).collect();
        splice(&mut grid, other, role, &bars);
    }
    grid
}

/// A loop with what is held in its place: lines on the chords that there are, or chords and all. What is held in another metre waits.
fn hold(base: &LoopGrid, edits: &Edits, find: impl Fn(u64) -> Option<Arc<LoopGrid>>) -> LoopGrid {
    let mut grid = base.clone();
    let find = |number: u64| {
        let held = find(number).filter(|held| number != 0 && held.metre == base.metre)?;
        Some(lengthened(&held, base.bars))
    };
    if let Some(held) =
        find(edits.held_chords).filter(|held| held.chords.iter().all(|span| fits(base, span.chord)))
    {
        grid.chords = held.chords;
        for role in Role::ALL {
            let notes = fitted(&grid, base, role);
            grid.clips[role] = tidy(&grid, role, notes);
        }
    }
    for role in Role::ALL {
        if let Some(held) = find(edits.held[role]) {
            let notes = fitted(&grid, &held, role);
            grid.clips[role] = tidy(&grid, role, notes);
        }
    }
    grid
}

/// A loop as often after itself as it takes, cut where it is too long.
fn lengthened(held: &LoopGrid, bars: u8) -> LoopGrid {
    if held.bars == bars {
        return held.clone();
    }
    let (own, steps) = (held.steps() as u16, held.metre.steps_per_bar() as u16 * u16::from(bars));
    let starts = || (0..steps).step_by(usize::from(own.max(1)));
    let mut grid = LoopGrid { bars, ..held.clone() };
    let chord =
        |start: u16| held.chords.iter().map(move |span| ChordSpan { step: span.step + start, ..*span });
    grid.chords = starts().flat_map(chord).filter(|span| span.step < steps).collect();
    for (role, clip) in grid.clips.iter_mut() {
        let notes = |start: u16| {
            held.clips[role].notes.iter().map(move |note| Note { onset: note.onset + start, ..*note })
        };
        let fitting = starts().flat_map(notes).filter(|note| note.onset < steps);
        *clip = Clip {
            notes: fitting
                .map(|note| Note { duration: note.duration.min(steps - note.onset), ..note })
                .collect(),
        };
    }
    grid
}

/// A loop to be held, as loops are kept, and its number, which follows from its notes.
pub(crate) fn numbered(grid: &LoopGrid) -> (u64, Arc<LoopGrid>) {
    let grid = LoopGrid { key: composing_key(grid.key.mode), ..grid.clone() };
    let text = serde_json::to_string(&grid).unwrap_or_default(); // numbers and names: they can always be written
    (seed::of_text(&text).max(1), Arc::new(grid))
}

impl LoopKey {
    /// The loop of that name with other edits.
    pub fn edited(self, edits: Edits) -> Self {
        Self { edits, ..self }
    }

    /// The theme of its place, with its own edits but for what is held.
    fn own_theme(&self, scene: &Scene) -> Self {
        let letter = self.place(scene).map_or(Letter::A, |place| place.letter());
        if self.part == Part::Theme { *self } else { self.theme(scene, letter) }
    }
}

#[cfg(test)]
mod tests;
