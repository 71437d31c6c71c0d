//! `evaluate`: what the network reaches, beside the teacher, a Markov chain and a table.

use anyhow::Context;
use burn::tensor::Device;
use clap::Parser;
use sceneloop_model::score::CANDIDATES;
use sceneloop_model::{Generator, Settings, Tokens, Vocabulary, weights};
use sceneloop_music::Dice;
use sceneloop_training::judge::markov::Chains;
use sceneloop_training::judge::overlap::Known;
use sceneloop_training::judge::table::Table;
use sceneloop_training::judge::{generated, infill, masked, spread};
use sceneloop_training::material::Material;
use sceneloop_training::windows::{self, Window};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Where the windows lie that the shipped weights were trained on, from the project's folder.
const TRAINED_ON: &str = "../shared/data/loops/windows.jsonl.zst";

/// Large tensors come and go.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Judges the network on windows of real music that it was not trained on, and on loops that it writes.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Windows to judge by; those marked `train` are left out.
    #[arg(long)]
    data: PathBuf,
    /// Windows from which the Markov chain and the table learn and in which phrases are looked for: those marked `train`. If not given those of the same file, or where it has none, of the file that the shipped weights were trained on if it lies beside the project.
    #[arg(long)]
    train: Option<PathBuf>,
    /// Folder of the weights.
    #[arg(long, default_value = "assets/model")]
    weights: PathBuf,
    /// Windows to judge by at most, evenly spread.
    #[arg(long, default_value_t = 1500)]
    windows: usize,
    /// Infills of each role at most.
    #[arg(long, default_value_t = 120)]
    infills: usize,
    /// Loops to write from nothing.
    #[arg(long, default_value_t = 400)]
    loops: usize,
    /// Candidates for each of them, of which the best is kept, as the plugin does.
    #[arg(long, default_value_t = CANDIDATES)]
    candidates: usize,
    /// Show these tables alone.
    #[arg(long, value_delimiter = ',')]
    only: Vec<What>,
    /// Temperature of the infills and of what is written from nothing, where it is not to be the usual one.
    #[arg(long)]
    temperature: Option<f32>,
    /// The same for the nucleus.
    #[arg(long)]
    top_p: Option<f32>,
    /// The same for the guidance.
    #[arg(long)]
    guidance: Option<f32>,
    /// The same for the steering.
    #[arg(long)]
    steering: Option<f32>,
    /// The same for the forwards of the stages.
    #[arg(long, value_delimiter = ',', num_args = 4)]
    forwards: Option<Vec<usize>>,
    /// Seed of all chance.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Also write the tables as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
}

/// Groups of tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum What {
    Masked,
    Infill,
    Chords,
    Generated,
}

impl Arguments {
    fn shows(&self, what: What) -> bool {
        self.only.is_empty() || self.only.contains(&what)
    }

    /// Settings with what the arguments change.
    fn changed(&self, mut settings: Settings) -> Settings {
        settings.notes.temperature = self.temperature.unwrap_or(settings.notes.temperature);
        settings.notes.top_p = self.top_p.unwrap_or(settings.notes.top_p);
        settings.guidance = self.guidance.unwrap_or(settings.guidance);
        settings.steering = self.steering.unwrap_or(settings.steering);
        if let Some(&[a, b, c, d]) = self.forwards.as_deref() {
            settings.forwards = [a, b, c, d];
        }
        settings
    }
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let device = Device::flex();
    let network = weights::open(&arguments.weights, &device)?;
    let data = windows::read(&arguments.data)?;
    let is_train = |window: &Window| window.split == "train";
    let usual = Path::new(TRAINED_ON);
    let train = match arguments.train.as_deref() {
        Some(path) => windows::read(path)?,
        None if !data.iter().any(is_train) && usual.is_file() => windows::read(usual)?,
        None => data.clone(),
    };
    let train: Vec<Window> = train.into_iter().filter(is_train).collect();
    let held: Vec<Window> = data.into_iter().filter(|window| !is_train(window)).collect();
    anyhow::ensure!(!held.is_empty(), "{}: no window to judge by", arguments.data.display());
    let mut dice = Dice::new(arguments.seed, "evaluate");
    let loops = materials(&spread(&held, arguments.windows), &mut dice);
    println!("{} windows to judge by, {} to learn the baselines from\n", loops.len(), train.len());
    let (chains, known) = if train.is_empty() {
        println!(
            "Without windows marked `train` (see --train) there is no Markov chain, no table and no overlap.\n"
        );
        (None, None)
    } else {
        let (chains, known) = baselines(&train, &mut dice);
        (Some(chains), Some(known))
    };
    let mut tables = Vec::new();
    let mut show = |table: Table| {
        println!("{}", table.markdown());
        tables.push(table);
    };
    for ratio in [0.15, 0.5, 0.9].into_iter().filter(|_| arguments.shows(What::Masked)) {
        show(masked::masked(&network, &device, &loops, chains.as_ref(), ratio, arguments.seed));
    }
    let judge = infill::Judge {
        network: &network,
        device: &device,
        settings: arguments.changed(infill::settings()),
        chains: chains.as_ref(),
        count: arguments.infills,
        seed: arguments.seed,
    };
    if arguments.shows(What::Infill) {
        show(judge.infill(&loops));
    }
    if arguments.shows(What::Chords) {
        show(judge.chords(&loops));
    }
    if arguments.shows(What::Generated) {
        let mut generator = Generator::new(network, device);
        generator.settings = arguments.changed(generator.settings);
        let written = generated::write(&generator, arguments.loops, arguments.candidates, arguments.seed);
        show(generated::control(&written));
        show(generated::character(&written, known.as_ref()));
    }
    if let Some(path) = &arguments.json {
        std::fs::write(path, serde_json::to_vec_pretty(&tables)?)
            .with_context(|| path.display().to_string())?;
    }
    Ok(())
}

fn materials(windows: &[Window], dice: &mut Dice) -> Vec<Material> {
    windows.iter().filter_map(|window| window.material(dice)).collect()
}

fn baselines(train: &[Window], dice: &mut Dice) -> (Chains, Known) {
    let vocabulary = Vocabulary::new();
    let loops: Vec<(Material, Tokens)> = train
        .iter()
        .filter_map(|window| window.material(dice))
        .filter_map(|material| {
            Some((material.clone(), Tokens::of_material(&material.grid, &vocabulary).ok()?))
        })
        .collect();
    let chains = Chains::learn(loops.iter().map(|(material, tokens)| (material, tokens)), &vocabulary);
    let mut known = Known::default();
    let mut numbers: HashMap<(&str, &str), usize> = HashMap::new();
    for window in train {
        let next = numbers.len();
        let piece = *numbers.entry((&window.source, &window.piece)).or_insert(next);
        if let Some(material) = window.material(dice) {
            known.learn(piece, &material.grid);
        }
    }
    (chains, known)
}
