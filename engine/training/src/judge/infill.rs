//! Infill: one role of real music taken out and written anew beside the others.

use super::markov::{Chain, Chains};
use super::spread;
use super::table::Table;
use crate::material::{Material, Trust};
use burn::tensor::Device;
use sceneloop_engine::assets::Assets;
use sceneloop_engine::teacher;
use sceneloop_model::draw::Freedom;
use sceneloop_model::generator::composing_key;
use sceneloop_model::vocabulary::{HOLD, NOTHING};
use sceneloop_model::{Network, Row, Settings, Task, Tokens, Vocabulary, sample};
use sceneloop_music::{Dice, LoopGrid, Role, Scene, Style};
use std::collections::BTreeSet;

/// True and false finds.
#[derive(Debug, Clone, Copy, Default)]
struct Finds {
    both: f64,
    wanted: f64,
    found: f64,
}

impl Finds {
    fn add<T: Ord>(&mut self, wanted: &BTreeSet<T>, found: &BTreeSet<T>) {
        self.both += wanted.intersection(found).count() as f64;
        self.wanted += wanted.len() as f64;
        self.found += found.len() as f64;
    }

    /// F1, the harmonic mean of precision and recall.
    fn f1(&self) -> Option<f64> {
        (self.wanted > 0.0).then(|| 2.0 * self.both / (self.wanted + self.found))
    }
}

/// How freely infills are drawn here: a little less than where something new is wanted.
pub fn settings() -> Settings {
    Settings { notes: Freedom { temperature: 0.8, top_p: 0.95 }, ..Settings::default() }
}

/// Who writes, and how much.
#[derive(Debug)]
pub struct Judge<'a> {
    /// The network.
    pub network: &'a Network,
    /// Where it lies.
    pub device: &'a Device,
    /// How it draws.
    pub settings: Settings,
    /// The baselines that learned, if they did.
    pub chains: Option<&'a Chains>,
    /// Loops of each kind at most.
    pub count: usize,
    /// Seed of all chance.
    pub seed: u64,
}

impl Judge<'_> {
    /// Writes each role of some loops anew, all others given, by the network, the teacher, the chain and the table, and compares onsets
    /// and notes with what was there. None of them is told anything of the loop but its style, metre and who plays.
    pub fn infill(&self, loops: &[Material]) -> Table {
        let Self { chains, count, seed, .. } = *self;
        let columns = [
            "notes: network",
            "teacher",
            "Markov",
            "table",
            "onsets: network",
            "teacher",
            "Markov",
            "table",
            "loops",
        ];
        let mut table = Table::new("Infill: F1 of a role written beside the others", &columns);
        for role in Role::ALL {
            // A role alone has nothing to be written beside.
            let fits = |material: &&Material| {
                let others = Role::ALL.iter().any(|other| *other != role && material.present[*other]);
                material.present[role] && (others || material.harmony == Trust::Sure)
            };
            let there: Vec<&Material> = loops.iter().filter(fits).collect();
            let chosen: Vec<&Material> = spread(&there, count);
            if chosen.is_empty() {
                continue;
            }
            let mut finds = [[Finds::default(); 4]; 2];
            for (index, material) in chosen.iter().enumerate() {
                let wanted = &material.grid;
                let seed = seed + index as u64;
                let written = [
                    self.network_writes(material, Row::Role(role), seed),
                    Some(teacher_writes(material, seed)),
                    chains.map(|chains| chain_writes(chains, material, role, false, seed)),
                    chains.map(|chains| chain_writes(chains, material, role, true, seed)),
                ];
                for (who, grid) in written.iter().enumerate() {
                    let Some(grid) = grid else { continue };
                    finds[0][who].add(&notes(wanted, role), &notes(grid, role));
                    finds[1][who].add(&onsets(wanted, role), &onsets(grid, role));
                }
            }
            let mut figures: Vec<Option<f64>> = finds.iter().flatten().map(Finds::f1).collect();
            figures.push(Some(chosen.len() as f64));
            table.add(role.name(), figures);
        }
        table
    }

    /// Chords found anew beside the notes, on loops whose chords are sure: share of steps on which root, and root and quality, are right.
    pub fn chords(&self, loops: &[Material]) -> Table {
        let Self { chains, count, seed, .. } = *self;
        let columns = ["root: network", "teacher", "Markov", "chord: network", "teacher", "loops"];
        let mut table = Table::new("Chords found beside the notes: share of steps", &columns);
        for (name, with_notes) in [("beside notes", true), ("from nothing", false)] {
            let fits = |material: &&Material| {
                material.harmony == Trust::Sure
                    && with_notes == Role::ALL.iter().any(|role| material.present[*role])
            };
            let there: Vec<&Material> = loops.iter().filter(fits).collect();
            let chosen = spread(&there, count);
            let (mut steps, mut right) = (0.0, [0.0; 5]);
            for (index, material) in chosen.iter().enumerate() {
                let seed = seed + index as u64;
                let by_network = self.network_writes(material, Row::Harmony, seed);
                let by_teacher = teacher_writes(material, seed);
                let by_chain = chains.map(|chains| chain_roots(chains, material, seed));
                for step in 0..material.grid.steps() as u16 {
                    let Some(wanted) = material.grid.chord_at(step) else { continue };
                    steps += 1.0;
                    for (place, grid) in [(0, by_network.as_ref()), (1, Some(&by_teacher))] {
                        let Some(found) = grid.and_then(|grid| grid.chord_at(step)) else { continue };
                        let root = found.root == wanted.root;
                        right[place] += f64::from(u8::from(root));
                        right[place + 3] += f64::from(u8::from(root && found.quality == wanted.quality));
                    }
                    if let Some(roots) = &by_chain {
                        right[2] += f64::from(u8::from(roots[usize::from(step)] == Some(wanted.root)));
                    }
                }
            }
            let share = |x: f64| (steps > 0.0).then(|| x / steps);
            let mut figures: Vec<Option<f64>> = right.into_iter().map(share).collect();
            if chains.is_none() {
                figures[2] = None;
            }
            figures.push(Some(chosen.len() as f64));
            table.add(name, figures);
        }
        table
    }

    fn network_writes(&self, material: &Material, row: Row, seed: u64) -> Option<LoopGrid> {
        let vocabulary = Vocabulary::new();
        let hide = |tokens: &Tokens| {
            let mut hidden = vec![false; tokens.cells.len()];
            for step in 0..tokens.steps() {
                for field in vocabulary.row(row) {
                    hidden[step * vocabulary.len() + field] = true;
                }
            }
            hidden
        };
        let told = material.condition();
        let condition = sceneloop_model::Condition { styles: told.styles.clone(), ..told.unguided() };
        let example =
            crate::example::Example::new(material, condition.clone(), None, &vocabulary, hide).ok()?;
        let mut seen = example.seen;
        // Chords that nobody knows are not asked for either.
        if row != Row::Harmony && material.harmony == Trust::Unknown {
            for step in 0..seen.steps() {
                for field in vocabulary.row(Row::Harmony) {
                    seen.cells[step * vocabulary.len() + field] = NOTHING;
                }
            }
        }
        // Roles that do not play stay silent; velocities and ranks that are unknown are filled in and not looked at.
        let task = Task { tokens: seen, before: None, condition, mode: None, seed };
        let found = sample(self.network, self.device, &[task], &self.settings).remove(0);
        found.tokens.to_material(&vocabulary).ok()
    }
}

/// A scene of the material's style, or of pop where it has none.
fn scene_of(material: &Material) -> Option<Scene> {
    let style = material.styles.first().map_or(Style::Pop, |(style, _)| *style);
    let table = &Assets::shipped().ok()?.scenes;
    let tag = table.tags().iter().find(|tag| tag.style == style)?;
    let mut scene = table.parse(&tag.id).ok()?;
    for role in Role::ALL {
        scene.roles[role] = if material.present[role] { scene.roles[role].max(0.75) } else { 0.0 };
    }
    Some(scene)
}

fn teacher_writes(material: &Material, seed: u64) -> LoopGrid {
    let Some(scene) = scene_of(material) else { return material.grid.clone() };
    teacher::compose(&teacher::Request {
        scene: &scene,
        key: composing_key(material.mode.unwrap_or_default()),
        metre: material.grid.metre,
        bars: material.grid.bars,
        seed,
        previous: None,
    })
}

fn chain_writes(chains: &Chains, material: &Material, role: Role, table: bool, seed: u64) -> LoopGrid {
    let vocabulary = Vocabulary::new();
    let mut dice = Dice::new(seed, "chain");
    let (metre, bars) = (material.grid.metre, material.grid.bars);
    let mut tokens = Tokens::masked(metre, bars, &vocabulary);
    tokens.cells.fill(NOTHING);
    for field in vocabulary.leading(Row::Role(role)) {
        let none = Chain::new(usize::from(vocabulary.fields()[field].size));
        let chain = chains.of(field).unwrap_or(&none);
        let bar = metre.steps_per_bar() as usize;
        let line = if table {
            chain.draw_table(tokens.steps(), bar, &mut dice)
        } else {
            chain.draw(tokens.steps(), &mut dice)
        };
        let mut sounds = false;
        for (step, answer) in line.into_iter().enumerate() {
            // Only what begins is looked at; a hold of nothing is silence.
            let holds = role.is_pitched() && answer == HOLD;
            sounds = if holds { sounds } else { answer != NOTHING };
            tokens.cells[step * vocabulary.len() + field] = if holds && !sounds { NOTHING } else { answer };
            if Row::Role(role).begins(answer) {
                let cell = step * vocabulary.len() + field;
                tokens.cells[cell + 1..cell + Row::Role(role).fields_per_voice()].fill(1);
            }
        }
    }
    tokens.to_material(&vocabulary).unwrap_or_else(|_| material.grid.clone())
}

/// The root at each step, drawn from the chain of roots.
fn chain_roots(chains: &Chains, material: &Material, seed: u64) -> Vec<Option<u8>> {
    let vocabulary = Vocabulary::new();
    let field = vocabulary.row(Row::Harmony).start;
    let Some(chain) = chains.of(field) else { return vec![None; material.grid.steps() as usize] };
    let mut holds = None;
    let line = chain.draw(material.grid.steps() as usize, &mut Dice::new(seed, "chain"));
    line.into_iter()
        .map(|answer| {
            holds = answer.checked_sub(1).or(holds);
            holds
        })
        .collect()
}

fn notes(grid: &LoopGrid, role: Role) -> BTreeSet<(u16, i8)> {
    grid.clips[role].notes.iter().map(|note| (note.onset, note.pitch)).collect()
}

/// Steps on which something begins; in the drums, on each lane.
fn onsets(grid: &LoopGrid, role: Role) -> BTreeSet<(u16, i8)> {
    let lane = |pitch| if role.is_pitched() { 0 } else { pitch };
    grid.clips[role].notes.iter().map(|note| (note.onset, lane(note.pitch))).collect()
}
