//! Several loops for one wish, the best first: notes only, written at once where they are asked for.

use super::network::{levelled, wish};
use super::workbench::Workbench;
use super::{Author, NETWORK, Preference, TEACHER, request};
use crate::arranger::{LoopKey, Part, identity};
use crate::edits::Edits;
use crate::error::EngineError;
use crate::teacher;
use sceneloop_model::generator::composing_key;
use sceneloop_model::score::{CANDIDATES, ranked};
use sceneloop_model::{Candidate, Choice, ComposeError, Condition, Generator, Score, Wish, Written};
use sceneloop_music::{ChordSpan, Clip, Key, LoopGrid, Metre, Role, Scene};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// How much a role is wanted whose line is given, at least.
const PRESENCE_OF_LINE: f32 = 0.75;

/// What stays as it is in every alternative.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Given {
    /// Nothing.
    #[default]
    Nothing,
    /// The line of a role, relative to the key's tonic.
    Line(Role, Clip),
    /// The chords, relative to the key's tonic.
    Chords(Vec<ChordSpan>),
}

/// What is to be written.
#[derive(Debug, Clone)]
pub struct Order<'a> {
    /// The scene.
    pub scene: &'a Scene,
    /// Key of all alternatives.
    pub key: Key,
    /// Metre of every bar.
    pub metre: Metre,
    /// 1 to 8.
    pub bars: u8,
    /// Seed of the first alternative that is written; the others have the seeds after it.
    pub seed: u32,
    /// How many alternatives.
    pub count: usize,
    /// What they have in common. The teacher writes from nothing only.
    pub given: Given,
}

/// One of several loops.
#[derive(Debug, Clone)]
pub struct Alternative {
    /// The loop. With nothing given it is the theme of a song with this seed, scene, key, metre and length, which begins with it.
    pub grid: LoopGrid,
    /// The seed that names it.
    pub seed: u32,
    /// Its judgement. The teacher's loops have no likelihood (it is 0) and are measured by the scene's own numbers.
    pub score: Score,
}

/// Loops for one wish.
#[derive(Debug, Clone)]
pub struct Alternatives {
    /// The best first.
    pub loops: Vec<Alternative>,
    /// Who wrote them: [`TEACHER`] or [`NETWORK`].
    pub composer: &'static str,
    /// Where whoever wrote them computed.
    pub device: String,
    /// A sentence for the user if it was not done as preferred.
    pub note: Option<String>,
}

/// Writes alternatives on the caller's thread, which waits for them. With [`Author::Auto`] the teacher writes where the network cannot run or has not
/// learned the scene's dance, unless something is given.
///
/// # Errors
/// [`EngineError::Compose`] if something is given that the network cannot keep, or that only the network could and it cannot run.
pub fn alternatives(order: &Order<'_>, preference: Preference) -> Result<Alternatives, EngineError> {
    let needs_network = order.given != Given::Nothing;
    let failed = match preference.author {
        Author::Teacher if needs_network => "only the network writes around what is given".to_owned(),
        Author::Teacher => return taught(order, None),
        Author::Auto if !needs_network && preference.leaves_to_teacher(order.scene) => {
            let dance = order.scene.dance.as_deref().unwrap_or_default();
            return taught(
                order,
                Some(format!("The teacher wrote: the network has not learned the {dance}.")),
            );
        }
        Author::Auto | Author::Network => match Workbench::open(preference.device) {
            Ok((bench, note)) => return composed(order, bench, note),
            Err(reason) => reason,
        },
    };
    if needs_network || preference.author == Author::Network {
        return Err(EngineError::Compose(failed));
    }
    taught(order, Some(format!("The teacher wrote: {failed}.")))
}

impl Order<'_> {
    /// The names of the alternatives, in the order of their seeds.
    fn keys(&self) -> Vec<LoopKey> {
        let key = |index: usize| LoopKey {
            scene: identity(self.scene),
            seed: self.seed.wrapping_add(index as u32),
            mode: self.key.mode,
            metre: self.metre,
            bars: self.bars,
            index: 0,
            part: Part::Plain,
            edits: Edits::default(),
        };
        (0..self.count).map(key).collect()
    }

    fn finish(
        &self,
        written: Vec<Written>,
        wishes: &[Wish],
        keys: &[LoopKey],
    ) -> Result<Vec<Alternative>, EngineError> {
        let seed = |candidate: &Candidate| {
            keys.iter().find(|key| key.compose_seed() == candidate.seed).map_or(self.seed, |key| key.seed)
        };
        let finish = |candidate: Candidate| {
            let seed = seed(&candidate);
            let grid = levelled(candidate.grid).map_err(|error| EngineError::Compose(error.to_string()))?;
            Ok(Alternative { grid: LoopGrid { key: self.key, ..grid }, seed, score: candidate.score })
        };
        ranked(written, wishes).into_iter().map(finish).collect()
    }
}

fn taught(order: &Order<'_>, note: Option<String>) -> Result<Alternatives, EngineError> {
    let keys = order.keys();
    let write = |key: &LoopKey| {
        let grid = teacher::compose(&request(key, order.scene, None));
        let condition = Condition::of_scene(order.scene, key.mode, key.metre, key.bars);
        let wish =
            Wish { condition, key: composing_key(key.mode), swing: grid.swing, seed: key.compose_seed() };
        (Written { grid, log_likelihood: 0.0 }, wish)
    };
    let (written, wishes): (Vec<_>, Vec<_>) = keys.iter().map(write).unzip();
    let loops = order.finish(written, &wishes, &keys)?;
    Ok(Alternatives { loops, composer: TEACHER, device: "CPU".into(), note })
}

fn composed(order: &Order<'_>, bench: Workbench, note: Option<String>) -> Result<Alternatives, EngineError> {
    let keys = order.keys();
    let mut wishes: Vec<Wish> = keys.iter().map(|key| wish(*key, order.scene)).collect();
    if let Given::Line(role, _) = order.given {
        for wish in &mut wishes {
            let presence = &mut wish.condition.roles[role];
            *presence = presence.max(PRESENCE_OF_LINE);
        }
    }
    let written = bench.run(|generator| write(generator, &order.given, &wishes));
    let (device, is_gpu) = (bench.name(), bench.is_gpu());
    // After a failure the card may fail at this as well; there is nothing left to save.
    let _ = catch_unwind(AssertUnwindSafe(|| drop(bench)));
    let written = match written {
        Some(written) => written.map_err(|error| EngineError::Compose(error.to_string()))?,
        None if is_gpu => {
            let (cpu, _) = Workbench::open(Choice::Cpu).map_err(EngineError::Compose)?;
            return composed(
                order,
                cpu,
                Some("The graphics card failed; the network ran on the CPU.".into()),
            );
        }
        None => return Err(EngineError::Compose("the network failed".into())),
    };
    let loops = order.finish(written, &wishes, &keys)?;
    Ok(Alternatives { loops, composer: NETWORK, device, note })
}

fn write(generator: &Generator, given: &Given, wishes: &[Wish]) -> Result<Vec<Written>, ComposeError> {
    match given {
        Given::Nothing => wishes.iter().map(|wish| generator.best(wish, CANDIDATES)).collect(),
        Given::Line(role, line) => wishes.iter().map(|wish| generator.around(*role, line, wish)).collect(),
        Given::Chords(chords) => wishes.iter().map(|wish| generator.on_chords(chords, wish)).collect(),
    }
}
