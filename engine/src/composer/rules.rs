//! Loops by the teacher: each made of those that it stands on.

use super::{Library, TEACHER, lock};
use crate::arranger::{Arrangement, LoopKey, Part, contrasted, kinship};
use crate::edits::{self, Hand};
use crate::teacher;
use sceneloop_model::generator::composing_key;
use sceneloop_music::{GridError, LoopGrid, Role, Scene};
use std::ops::Range;
use std::sync::{Arc, Mutex};

/// What the teacher is asked for the loop of a key. Loops are composed on C and transposed where they are played.
pub(crate) fn request<'a>(
    key: &LoopKey,
    scene: &'a Scene,
    previous: Option<&'a LoopGrid>,
) -> teacher::Request<'a> {
    teacher::Request {
        scene,
        key: composing_key(key.mode),
        metre: key.metre,
        bars: key.bars,
        seed: key.compose_seed(),
        previous,
    }
}

/// How many themes of a chorus or a bridge the teacher writes, to keep the one that is least like the song's first.
const ANSWERS: u64 = 4;

/// The loop of a key: from the library, or by the teacher. Every loop but the first of the song is made of that one, or of another
/// theme that is, so that a jump to any place needs four compositions at most.
pub(super) fn by_rules(
    key: LoopKey,
    scene: &Scene,
    library: &Mutex<Library>,
) -> Result<Arc<LoopGrid>, sceneloop_music::GridError> {
    if let Some((grid, _)) = lock(library).find(&key) {
        return Ok(grid);
    }
    let grid = if edits::concern(&key) {
        edits::write(&key, scene, &mut Rewriter { scene, library })?
    } else {
        let theme = key.lineage(scene).last().map(|theme| by_rules(*theme, scene, library)).transpose()?;
        made_of(key, scene, theme.as_deref())
    };
    grid.validate()?;
    Ok(Arc::new(grid))
}

/// The loop of a key, made of its theme; without one the song's first theme itself.
fn made_of(key: LoopKey, scene: &Scene, theme: Option<&LoopGrid>) -> LoopGrid {
    match (key.part, theme) {
        (Part::Section, Some(theme)) => by_form(key, scene, theme),
        (Part::Theme, Some(theme)) => answer(key, scene, theme),
        _ => teacher::compose(&request(&key, scene, theme)),
    }
}

/// The teacher where something was changed by hand.
struct Rewriter<'a> {
    scene: &'a Scene,
    library: &'a Mutex<Library>,
}

impl Hand for Rewriter<'_> {
    type Error = GridError;

    fn loop_of(&mut self, key: LoopKey) -> Result<Arc<LoopGrid>, GridError> {
        by_rules(key, self.scene, self.library)
    }

    fn rewritten(
        &mut self,
        key: &LoopKey,
        base: &LoopGrid,
        role: Role,
        _bars: Range<u8>,
        seed: u64,
    ) -> Result<LoopGrid, GridError> {
        // He writes a whole part; of it the bars are taken.
        Ok(teacher::rewrite(&teacher::Request { seed, ..request(key, self.scene, None) }, base, role))
    }

    fn varied(
        &mut self,
        key: &LoopKey,
        theme: &LoopGrid,
        distance: f32,
        seed: u64,
    ) -> Result<LoopGrid, GridError> {
        let other = teacher::Request { seed, ..request(key, self.scene, None) };
        let mut grid =
            edits::mingled(theme, &teacher::compose_on(&other, Some(&theme.chords)), distance, seed);
        teacher::level(&mut grid);
        Ok(grid)
    }

    fn developed(&mut self, key: &LoopKey, theme: &LoopGrid) -> Result<LoopGrid, GridError> {
        Ok(made_of(*key, self.scene, Some(theme)))
    }

    fn held(&self, number: u64) -> Option<Arc<LoopGrid>> {
        lock(self.library).held(number)
    }
}

/// A loop of a section by the teacher.
fn by_form(key: LoopKey, scene: &Scene, theme: &LoopGrid) -> LoopGrid {
    let Some(arrangement) = Arrangement::new(key, scene, theme) else { return theme.clone() };
    let vary = |(name, scene): (LoopKey, Scene)| {
        let theme = arrangement.theme();
        teacher::compose_on(&request(&name, &scene, Some(theme)), Some(&theme.chords))
    };
    let variation = arrangement.wanted().map(vary);
    arrangement.finish(variation.as_ref())
}

/// The theme of a chorus or a bridge by the teacher.
fn answer(key: LoopKey, scene: &Scene, theme: &LoopGrid) -> LoopGrid {
    let scene = contrasted(scene, &key);
    let write = |turn: u64| {
        let seed = key.compose_seed().wrapping_add(turn);
        let grid = teacher::compose(&teacher::Request { seed, ..request(&key, &scene, None) });
        // One song has one swing.
        LoopGrid { swing: theme.swing, ..grid }
    };
    let least = |one: &LoopGrid, other: &LoopGrid| kinship(one, theme).total_cmp(&kinship(other, theme));
    (1..ANSWERS)
        .map(write)
        .fold(write(0), |best, other| if least(&other, &best).is_lt() { other } else { best })
}

/// The same, kept from now on with what it is made of.
pub(crate) fn taught(
    key: LoopKey,
    scene: &Scene,
    library: &Mutex<Library>,
) -> Result<Arc<LoopGrid>, sceneloop_music::GridError> {
    for theme in key.lineage(scene) {
        taught(theme, scene, library)?;
    }
    let grid = by_rules(key, scene, library)?;
    let mut library = lock(library);
    if library.get(&key).is_none() {
        library.insert(key, grid.clone(), TEACHER, false);
    }
    Ok(grid)
}
