//! Which loop belongs where in the song, and what its place makes of it.
//!
//! The song is cut into loops of equal length from its first bar on. Which notes a loop holds follows from its
//! [`LoopKey`] alone, never from what was played before, so that any jump, any bounce and any reopened project finds
//! the same notes at the same place.
//!
//! A song has a form ([`form`]): each loop belongs to a section, and each section plays one of three themes. The author
//! writes the themes, and a variation for every loop but the first; out of both the loop is made here:
//!
//! ```text
//!  theme ──epoch's chords──▶ ┐
//!                            ├─▶ development ──▶ layers of the section ──▶ transition to the next ──▶ loop
//!  author's variation ─────▶ ┘
//! ```
//!
//! All of it is pure: grids in, grid out, the same for the same key and scene. Where the user wants plain loops
//! ([`Form::Off`]) none of it is done.

mod develop;
mod drift;
pub(crate) mod edit;
pub mod form;
mod layers;
mod transition;

pub(crate) use develop::is_statement;
pub use form::SectionPlace;
pub(crate) use transition::corners;
pub use transition::{Gesture, PlacedGesture};

use crate::composer::request;
use crate::controls::{Controls, Form};
use crate::edits::{self, Edits};
use crate::seed;
use crate::teacher;
use form::{Kind, Song, kind};
use sceneloop_music::{
    Dice, Dimension, Key, Letter, LoopGrid, Metre, Mode, Note, PitchClass, Rank, Role, Scene,
};
use serde::{Deserialize, Serialize};

/// What a loop is of its song.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// One of the endless loops that know no sections, as all were before there were any. The first of them is the song's
    /// theme.
    #[default]
    Plain,
    /// The theme of a chorus (index 1) or of a bridge (index 2). Nobody hears it as it is.
    Theme,
    /// A loop of a section.
    Section,
}

impl Part {
    fn is_plain(&self) -> bool {
        *self == Self::Plain
    }
}

/// Names the notes of one loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoopKey {
    /// The scene's number: [`identity`], or [`form_identity`] for a loop of a section.
    pub scene: u64,
    /// The user's seed.
    pub seed: u32,
    /// The mode after the scene has chosen where the user did not.
    pub mode: Mode,
    /// The host's metre.
    pub metre: Metre,
    /// Bars of the loop, 1 to 8.
    pub bars: u8,
    /// Place in the song: bars `index * bars` to `(index + 1) * bars`, negative before the song's start.
    pub index: i64,
    /// What it is of the song. Projects from before there were sections do not say.
    #[serde(default, skip_serializing_if = "Part::is_plain")]
    pub part: Part,
    /// What was changed of the song by hand.
    #[serde(default, skip_serializing_if = "Edits::is_none")]
    pub edits: Edits,
}

impl LoopKey {
    /// The key of the loop in which bar `bar` lies.
    pub fn at_bar(scene: &Scene, controls: &Controls, metre: Metre, bar: i64) -> Self {
        let bars = controls.bars.clamp(1, 8);
        let (scene_number, part) = match controls.form {
            Form::Auto => (form_identity(scene), Part::Section),
            Form::Off => (identity(scene), Part::Plain),
        };
        Self {
            scene: scene_number,
            seed: controls.seed,
            mode: controls.mode.unwrap_or_else(|| choose_mode(scene, identity(scene), controls.seed)),
            metre,
            bars,
            index: bar.div_euclid(i64::from(bars)),
            part,
            edits: Edits::default(),
        }
    }

    /// The same music at another place of the song.
    pub fn at_index(self, index: i64) -> Self {
        Self { index, ..self }
    }

    /// The seed of this loop's own choices.
    pub fn compose_seed(&self) -> u64 {
        let seed = seed::mix(&[self.scene, u64::from(self.seed), self.index as u64]);
        if self.part == Part::Theme { seed::mix(&[seed, 0x0074_6865_6d65]) } else { seed }
    }

    /// Whether it names a loop of a scene.
    pub fn is_of(&self, scene: &Scene) -> bool {
        self.scene == if self.part == Part::Section { form_identity(scene) } else { identity(scene) }
    }

    /// Where it lies in the song's form; nowhere if it is no loop of a section. `scene` is its own.
    pub fn place(&self, scene: &Scene) -> Option<SectionPlace> {
        (self.part == Part::Section).then(|| Song::new(scene, self.seed, self.bars).place(self.index))
    }

    /// Whether nothing need be known to write it.
    pub(crate) fn is_root(&self) -> bool {
        self.part == Part::Plain && self.index == 0 && self.edits.is_none()
    }

    /// Whether others are made of it.
    pub(crate) fn is_theme(&self) -> bool {
        self.part == Part::Plain && self.index == 0 || self.part == Part::Theme
    }

    /// The plain loop at its place, of the song as it was varied.
    fn plain(&self, scene: &Scene) -> Self {
        Self { scene: identity(scene), part: Part::Plain, edits: self.edits.varied(), ..*self }
    }

    /// The theme of a letter of its song.
    pub(crate) fn theme(&self, scene: &Scene, letter: Letter) -> Self {
        let plain = self.plain(scene);
        match letter {
            Letter::A => plain.at_index(0),
            Letter::B => Self { part: Part::Theme, index: 1, ..plain },
            Letter::C => Self { part: Part::Theme, index: 2, ..plain },
        }
    }

    /// The loops of which it is made, each of which is made of the ones before it.
    pub(crate) fn lineage(&self, scene: &Scene) -> Vec<Self> {
        let parents = match self.place(scene).map(|place| place.letter()) {
            _ if edits::concern(self) => edits::parents(self, scene),
            Some(letter) => vec![self.theme(scene, letter)],
            None if self.is_root() => Vec::new(),
            None => vec![self.theme(scene, Letter::A)],
        };
        let mut all = Vec::new();
        for parent in parents {
            for key in parent.lineage(scene).into_iter().chain([parent]) {
                if !all.contains(&key) {
                    all.push(key);
                }
            }
        }
        all
    }

    /// Whether another loop belongs to the same song: a theme of it, or a loop of the same kind.
    pub(crate) fn is_song_of(&self, scene: &Scene, other: &Self) -> bool {
        *other == self.at_index(other.index)
            || other.is_theme()
                && *other == Self { part: other.part, ..self.plain(scene) }.at_index(other.index)
    }
}

/// The number of a scene: the same tags give the same number on every machine, whatever sections are asked for.
pub fn identity(scene: &Scene) -> u64 {
    seed::of_text(&scene.tags_text())
}

/// The number of a scene with the sections that it asks for. Where there are none it is [`identity`].
pub fn form_identity(scene: &Scene) -> u64 {
    seed::of_text(&scene.text)
}

/// A scene as the theme of a letter wants it: a chorus is fuller and higher, a bridge leads away.
pub(crate) fn contrasted(scene: &Scene, key: &LoopKey) -> Scene {
    let mut contrasted = scene.clone();
    let mut wish = |dimension: Dimension, by: f32| {
        let value = &mut contrasted.wanted[dimension];
        *value = (*value + by).clamp(0.0, 1.0);
    };
    if key.index == 1 {
        wish(Dimension::OnsetDensity, 0.10);
        wish(Dimension::Register, 0.12);
        wish(Dimension::Arousal, 0.10);
        wish(Dimension::StepwiseMotion, -0.12);
    } else {
        wish(Dimension::OnsetDensity, -0.12);
        wish(Dimension::Register, -0.10);
        wish(Dimension::HarmonicComplexity, 0.15);
        wish(Dimension::Syncopation, -0.10);
    }
    contrasted
}

/// How alike the chords and the tunes of two loops are, 0 to 1: a theme that answers another is to be neither.
pub(crate) fn kinship(one: &LoopGrid, other: &LoopGrid) -> f32 {
    fn shared<T: PartialEq>(one: &[T], other: &[T]) -> f32 {
        let both = one.iter().filter(|thing| other.contains(thing)).count();
        2.0 * both as f32 / (one.len() + other.len()).max(1) as f32
    }
    let roots =
        |grid: &LoopGrid| -> Vec<_> { grid.chords.iter().map(|span| (span.step, span.chord.root)).collect() };
    let tune = |grid: &LoopGrid| -> Vec<_> {
        grid.clips[Role::Lead].notes.iter().map(|note| (note.onset, note.pitch)).collect()
    };
    0.6 * shared(&roots(one), &roots(other)) + 0.4 * shared(&tune(one), &tune(other))
}

/// A loop of a section that is being made.
pub(crate) struct Arrangement<'a> {
    key: LoopKey,
    scene: &'a Scene,
    place: SectionPlace,
    kind: Kind,
    /// On the chords that it has here.
    theme: LoopGrid,
    /// Of the song.
    seed: u64,
}

impl<'a> Arrangement<'a> {
    /// The loop of a key, made of its theme. Nothing if the key is none of a section.
    pub fn new(key: LoopKey, scene: &'a Scene, theme: &LoopGrid) -> Option<Self> {
        let place = key.place(scene)?;
        let seed = song_seed(&key, scene);
        let kind = kind(scene.style());
        // No chord leaves a drone.
        let epoch = if kind == Kind::Cycle { 0 } else { drift::epoch(first_bar(&key)) };
        let theme = develop::drifted_theme(theme, seed ^ place.letter() as u64, epoch);
        Some(Self { key, scene, place, kind, theme, seed })
    }

    /// The theme as it is known here.
    pub fn theme(&self) -> &LoopGrid {
        &self.theme
    }

    /// What the author is to write a variation for, and the loop that names it; nothing where the theme is stated as it is.
    pub fn wanted(&self) -> Option<(LoopKey, Scene)> {
        let scene = || drift::drifted(self.scene, self.seed, first_bar(&self.key));
        (!develop::is_statement(&self.place)).then(|| (self.key.plain(self.scene), scene()))
    }

    /// The loop.
    pub fn finish(self, variation: Option<&LoopGrid>) -> LoopGrid {
        let Self { key, scene, place, kind, theme, seed } = self;
        let own = key.plain(scene).compose_seed();
        let layered = |mut grid: LoopGrid| {
            layers::apply(&mut grid, &place, kind, &mut Dice::new(own, "section"));
            grid
        };
        let mut grid = theme;
        if let Some(variation) = variation {
            let theme = grid;
            grid = develop::developed(&theme, variation, &place, own);
            teacher::level(&mut grid);
            stray(&mut grid, seed, first_bar(&key));
            // What was changed may be just what does not play in this section.
            let mut dice = Dice::new(own, "breath");
            develop::until_it_differs(&layered(theme), &mut grid, &mut dice, &layered);
        }
        grid = layered(grid);
        let fill: Vec<Note> = if place.is_last_loop() {
            // Every style's loops end with its fill.
            teacher::compose(&request(&key.plain(scene), scene, None)).clips[Role::Drums].notes.clone()
        } else {
            Vec::new()
        };
        let crash = teacher::crash_rank(scene);
        transition::write(&mut grid, &place, kind, seed, &transition::Drummer { fill: &fill, crash });
        grid
    }
}

/// The sounds that lead into a loop and out of it.
pub(crate) fn gestures(key: &LoopKey, scene: &Scene) -> Vec<PlacedGesture> {
    let Some(place) = key.place(scene) else { return Vec::new() };
    let bar = key.metre.quarters_per_bar();
    transition::gestures(&place, kind(scene.style()), song_seed(key, scene), bar * f64::from(key.bars), bar)
}

fn song_seed(key: &LoopKey, scene: &Scene) -> u64 {
    seed::mix(&[identity(scene), u64::from(key.seed), 0x736f_6e67])
}

fn first_bar(key: &LoopKey) -> i64 {
    key.index.saturating_mul(i64::from(key.bars))
}

/// How far the ladder of a role strays with the hours, at most.
const FURTHEST_RANK: f32 = 9.0;

/// Lets the layers stray: some enter a little sooner for a while, others later.
fn stray(grid: &mut LoopGrid, seed: u64, bar: i64) {
    for role in [Role::Chords, Role::Pad, Role::Arp, Role::Lead, Role::Texture] {
        let by = (FURTHEST_RANK * drift::walk(seed, 16 + role.index() as u64, bar)).round();
        for note in &mut grid.clips[role].notes {
            note.rank = Rank::new((f32::from(note.rank.get()) + by).clamp(0.0, 100.0) as u8);
        }
    }
}

/// A rank so much lower.
fn earlier(rank: Rank, by: u8) -> Rank {
    Rank::new(rank.get().saturating_sub(by))
}

/// A rank brought into what lies above an energy, in its order.
fn later(rank: Rank, from: u8) -> Rank {
    let (rank, from) = (u32::from(rank.get()), u32::from(from.min(100)));
    Rank::new((from + rank * (100 - from) / 100) as u8)
}

#[cfg(test)]
pub(crate) fn taught(scene: &Scene, seed: u64, bars: u8) -> LoopGrid {
    taught_in(scene, seed, bars, Metre::FOUR_FOUR)
}

/// A loop by the teacher, in the scene's first mode.
#[cfg(test)]
pub(crate) fn taught_in(scene: &Scene, seed: u64, bars: u8, metre: Metre) -> LoopGrid {
    let key = Key::new(PitchClass::new(0), scene.modes[0].0);
    teacher::compose(&teacher::Request { scene, key, metre, bars, seed, previous: None })
}

/// The tonic where the user leaves it open. It follows from the seed alone, so that a change of scene stays where it is.
pub fn choose_tonic(seed: u32) -> PitchClass {
    let number = seed::mix(&[u64::from(seed), 0x0074_6f6e_6963]);
    PitchClass::new((number % 12) as i32)
}

/// The key that plays: what the user set, and what scene and seed choose for the rest.
pub fn resolve_key(scene: &Scene, controls: &Controls) -> Key {
    Key {
        tonic: controls.tonic.unwrap_or_else(|| choose_tonic(controls.seed)),
        mode: controls.mode.unwrap_or_else(|| choose_mode(scene, identity(scene), controls.seed)),
    }
}

fn choose_mode(scene: &Scene, scene_number: u64, seed: u32) -> Mode {
    let total: f32 = scene.modes.iter().map(|(_, weight)| weight).sum();
    let mut point = seed::unit(seed::mix(&[scene_number, u64::from(seed), 0x6d6f_6465])) as f32 * total;
    for (mode, weight) in &scene.modes {
        point -= weight;
        if point < 0.0 {
            return *mode;
        }
    }
    scene.modes.first().map_or(Mode::Ionian, |(mode, _)| *mode)
}
