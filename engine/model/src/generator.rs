//! What the network can do with a loop: write one, fill a hole in one, go on from one, vary one, add to one.
//!
//! Whatever is given stays as it is, note for note, with its own velocities and ranks; only what is asked for is found.

use crate::condition::{Condition, between, nearer};
use crate::network::Network;
use crate::opening::{self, Opening};
use crate::sampler::{Found, Settings, Task, sample};
use crate::tokenizer::{TokenError, Tokens};
use crate::vocabulary::{PATCH, Vocabulary};
use burn::tensor::Device;
use sceneloop_music::{
    ChordSpan, Clip, Energy, GridError, Key, LoopGrid, Mode, Note, PerRole, PitchClass, Rank, Role, Swing,
};
use std::ops::Range;

/// Why a loop cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ComposeError {
    /// What is given has no tokens, or what was found is no loop.
    #[error(transparent)]
    Tokens(#[from] TokenError),
    /// What is given is no valid loop.
    #[error(transparent)]
    Grid(#[from] GridError),
    /// Loops of unlike metre were to be joined.
    #[error("both loops must be in one metre")]
    Metre,
    /// Bars outside the loop.
    #[error("bars {0} to {1} do not lie in the loop")]
    Bars(u8, u8),
}

/// A part of a loop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Which roles.
    pub roles: PerRole<bool>,
    /// Whether the chords belong to it.
    pub harmony: bool,
    /// Which bars, counted from 0.
    pub bars: Range<u8>,
}

impl Part {
    /// One role, all bars.
    pub fn role(role: Role, bars: u8) -> Self {
        Self { roles: PerRole::from_fn(|other| other == role), harmony: false, bars: 0..bars }
    }

    /// All roles and the chords, some bars.
    pub fn bars(bars: Range<u8>) -> Self {
        Self { roles: PerRole::from_fn(|_| true), harmony: true, bars }
    }
}

/// What is asked of the generator, whatever it does.
#[derive(Debug, Clone)]
pub struct Wish {
    /// What is wanted.
    pub condition: Condition,
    /// Tonic and mode.
    pub key: Key,
    /// The swing of the loop.
    pub swing: Swing,
    /// Names the result.
    pub seed: u64,
}

impl Wish {
    /// The same with another seed.
    pub fn with_seed(&self, seed: u64) -> Self {
        Self { seed, ..self.clone() }
    }

    /// What lies between two wishes, as [`Condition::blend`]; key, seed, and which notes swing are those of the nearer.
    pub fn blend(&self, other: &Self, weight: f32) -> Self {
        let nearer = nearer(self, other, weight);
        let amount = between(self.swing.amount, other.swing.amount, weight.clamp(0.0, 1.0));
        Self {
            condition: self.condition.blend(&other.condition, weight),
            swing: Swing { amount, ..nearer.swing },
            ..nearer.clone()
        }
    }
}

/// A loop and how likely the network found it, as [`Found::log_likelihood`].
#[derive(Debug, Clone)]
pub struct Written {
    /// The loop.
    pub grid: LoopGrid,
    /// In nats a draw.
    pub log_likelihood: f32,
}

/// The network at work.
#[derive(Debug)]
pub struct Generator {
    network: Network,
    device: Device,
    vocabulary: Vocabulary,
    /// How freely it draws.
    pub settings: Settings,
}

impl Generator {
    /// A generator on the device on which the network lies.
    pub fn new(network: Network, device: Device) -> Self {
        Self { network, device, vocabulary: Vocabulary::new(), settings: Settings::default() }
    }

    /// A loop from nothing.
    ///
    /// # Errors
    /// [`ComposeError`], which would be a fault of the rules.
    pub fn generate(&self, wish: &Wish) -> Result<Written, ComposeError> {
        self.one(self.opening_of_nothing(wish, None), wish)
    }

    /// Loops from nothing, one for each wish, found together. `before` is a loop that all of them follow.
    ///
    /// # Errors
    /// As [`Self::generate`].
    ///
    /// # Panics
    /// If the wishes are of unlike metre or bars.
    pub fn generate_all(
        &self,
        wishes: &[Wish],
        before: Option<&LoopGrid>,
    ) -> Result<Vec<Written>, ComposeError> {
        let tasks: Vec<Opening> = wishes.iter().map(|wish| self.opening_of_nothing(wish, before)).collect();
        self.all(tasks, wishes)
    }

    /// A loop for what lies between two wishes: with weight 0 that of [`Self::generate`] for the one, with 1 for the other.
    ///
    /// # Errors
    /// As [`Self::generate`].
    pub fn blend(&self, one: &Wish, other: &Wish, weight: f32) -> Result<Written, ComposeError> {
        self.generate(&one.blend(other, weight))
    }

    /// A loop that follows another.
    ///
    /// # Errors
    /// [`ComposeError::Metre`] if the one before is in another metre.
    pub fn follow(&self, before: &LoopGrid, wish: &Wish) -> Result<Written, ComposeError> {
        if before.metre != wish.condition.metre {
            return Err(ComposeError::Metre);
        }
        before.validate()?;
        self.one(self.opening_of_nothing(wish, Some(before)), wish)
    }

    /// A part of a loop found anew; all else stays.
    ///
    /// # Errors
    /// [`ComposeError::Bars`] for bars that the loop does not have, [`ComposeError::Tokens`] for a loop that the vocabulary
    /// cannot tell.
    pub fn infill(&self, grid: &LoopGrid, part: &Part, wish: &Wish) -> Result<Written, ComposeError> {
        grid.validate()?;
        if part.bars.end > grid.bars || part.bars.is_empty() {
            return Err(ComposeError::Bars(part.bars.start, part.bars.end));
        }
        self.one(opening::part(grid, part, &self.vocabulary)?, &of_loop(wish, grid))
    }

    /// A variation of a loop: distance 0 is the same loop, 1 is free of it, and what lies between changes as much more as it is
    /// greater, always the same notes first.
    ///
    /// # Errors
    /// As [`Self::infill`].
    pub fn vary(&self, grid: &LoopGrid, distance: f32, wish: &Wish) -> Result<Written, ComposeError> {
        grid.validate()?;
        let opening = opening::distance(grid, distance, wish.seed, &self.vocabulary)?;
        self.one(opening, &of_loop(wish, grid))
    }

    /// Takes the notes that sound at an energy and adds others that enter above it.
    ///
    /// # Errors
    /// As [`Self::infill`].
    pub fn climb(&self, grid: &LoopGrid, energy: Energy, wish: &Wish) -> Result<Written, ComposeError> {
        grid.validate()?;
        let opening = opening::above(grid, energy, &self.vocabulary)?;
        let mut written = self.one(opening, &of_loop(wish, grid))?;
        let first = Rank::new((energy.get().floor() as u8).saturating_add(1).min(100));
        for (role, clip) in written.grid.clips.iter_mut() {
            let kept: Vec<Note> = grid.clips[role].sounding(energy).copied().collect();
            for note in clip.notes.iter_mut().filter(|note| !kept.contains(note)) {
                note.rank = note.rank.max(first);
            }
        }
        Ok(written)
    }

    /// A loop on given chords.
    ///
    /// # Errors
    /// [`ComposeError::Grid`] if the chords are none of the key, or do not lie in the loop.
    pub fn on_chords(&self, chords: &[ChordSpan], wish: &Wish) -> Result<Written, ComposeError> {
        let mut grid = self.blank(wish);
        grid.chords = chords.to_vec();
        grid.validate()?;
        let part = Part { harmony: false, ..Part::bars(0..grid.bars) };
        self.one(opening::part(&grid, &part, &self.vocabulary)?, wish)
    }

    /// A loop around a line that is given: a tune, a bass.
    ///
    /// # Errors
    /// [`ComposeError::Grid`] if the line does not fit the loop, its role or the scale.
    pub fn around(&self, role: Role, line: &Clip, wish: &Wish) -> Result<Written, ComposeError> {
        let mut grid = self.blank(wish);
        grid.clips[role] = line.clone();
        grid.validate()?;
        if let Some(note) =
            line.notes.iter().find(|note| role.is_pitched() && !grid.key.mode.contains(i32::from(note.pitch)))
        {
            return Err(GridError::NotInKey { role, onset: note.onset, pitch: note.pitch }.into());
        }
        let mut part = Part::bars(0..grid.bars);
        part.roles[role] = false;
        self.one(opening::part(&grid, &part, &self.vocabulary)?, wish)
    }

    /// One bar that leads from the end of a loop to the beginning of another.
    ///
    /// # Errors
    /// [`ComposeError::Metre`] if they are of unlike metre.
    pub fn transition(&self, from: &LoopGrid, to: &LoopGrid, wish: &Wish) -> Result<Written, ComposeError> {
        if from.metre != to.metre {
            return Err(ComposeError::Metre);
        }
        let joined = opening::joined(from, to);
        let opening = opening::part(&joined, &Part::bars(1..2), &self.vocabulary)?;
        let task = self.task(&opening, &of_loop(wish, &joined));
        let found = sample(&self.network, &self.device, &[task], &self.settings).remove(0);
        let grid = opening::middle(&found.tokens, to, &self.vocabulary);
        grid.validate()?;
        Ok(Written { grid, log_likelihood: found.log_likelihood })
    }

    fn blank(&self, wish: &Wish) -> LoopGrid {
        let Condition { metre, bars, .. } = wish.condition;
        let mut grid = LoopGrid::empty(metre, bars, wish.key, tonic_chord(wish.key.mode));
        grid.swing = wish.swing;
        grid
    }

    fn opening_of_nothing(&self, wish: &Wish, before: Option<&LoopGrid>) -> Opening {
        let grid = self.blank(wish);
        let tokens = Tokens::masked(grid.metre, grid.bars, &self.vocabulary);
        let before = before.and_then(|before| opening::before(before, &grid, &self.vocabulary));
        Opening { kept: LoopGrid { chords: Vec::new(), ..grid }, tokens, before }
    }

    fn task(&self, opening: &Opening, wish: &Wish) -> Task {
        let mut tokens = opening.tokens.clone();
        opening::silence_absent(&mut tokens, &wish.condition.roles, &self.vocabulary);
        Task {
            tokens,
            before: opening.before.clone(),
            condition: wish.condition.clone(),
            mode: Some(wish.key.mode),
            seed: wish.seed,
        }
    }

    fn one(&self, opening: Opening, wish: &Wish) -> Result<Written, ComposeError> {
        Ok(self.all(vec![opening], std::slice::from_ref(wish))?.remove(0))
    }

    fn all(&self, openings: Vec<Opening>, wishes: &[Wish]) -> Result<Vec<Written>, ComposeError> {
        let tasks: Vec<Task> =
            openings.iter().zip(wishes).map(|(opening, wish)| self.task(opening, wish)).collect();
        // A larger batch is no quicker and takes more memory.
        let patches = tasks.first().map_or(1, |task| task.tokens.patches());
        let found = tasks
            .chunks((MOST_PATCHES / patches).max(1))
            .flat_map(|tasks| sample(&self.network, &self.device, tasks, &self.settings));
        openings
            .into_iter()
            .zip(found)
            .zip(wishes)
            .map(|((opening, found), wish)| self.written(&opening, &found, wish))
            .collect()
    }

    fn written(&self, opening: &Opening, found: &Found, wish: &Wish) -> Result<Written, ComposeError> {
        let grid = opening.join(&found.tokens, wish.key, wish.swing, &self.vocabulary)?;
        grid.validate()?;
        Ok(Written { grid, log_likelihood: found.log_likelihood })
    }
}

/// Patches ([`PATCH`] steps each) of all loops that are written together: eight loops of four bars.
const MOST_PATCHES: usize = 8 * 4 * 16 / PATCH;

/// The wish for a loop that is there: its own metre, length, key and swing.
fn of_loop(wish: &Wish, grid: &LoopGrid) -> Wish {
    let condition = Condition { metre: grid.metre, bars: grid.bars, ..wish.condition.clone() };
    Wish { condition, key: grid.key, swing: grid.swing, seed: wish.seed }
}

/// A chord of the mode that holds the tonic: on the tonic if the mode has one there (the 角 mode has none).
pub fn tonic_chord(mode: Mode) -> sceneloop_music::Chord {
    use sceneloop_music::{Chord, ChordQuality};
    let rules = crate::rules::Rules::new(Some(mode));
    (0..12)
        .flat_map(|root| ChordQuality::ALL.map(|quality| Chord::new(root, quality)))
        .find(|chord| chord.contains(0) && rules.allows_chord(*chord))
        .unwrap_or(Chord::new(0, ChordQuality::Power))
}

/// The key of loops as they are composed: they are transposed where they are played.
pub fn composing_key(mode: Mode) -> Key {
    Key::new(PitchClass::new(0), mode)
}
