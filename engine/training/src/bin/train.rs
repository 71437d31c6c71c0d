//! `train`: trains the network, from nothing or from where it was cut off.

use anyhow::Context;
use burn::tensor::Device;
use clap::Parser;
use sceneloop_model::{Card, NetworkConfig, weights};
use sceneloop_training::plot::plot;
use sceneloop_training::pool::Pool;
use sceneloop_training::run::{LOG, Plan, Run, Sizes, Until};
use sceneloop_training::windows;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

/// Large tensors come and go; the system's allocator hands their pages back and asks for them anew each time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Trains the network that composes.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Folder of the run: checkpoint and log. What is there is taken up again.
    folder: PathBuf,
    /// Windows of real music (`.jsonl` or `.jsonl.zst`); without them the teacher alone teaches.
    #[arg(long)]
    data: Option<PathBuf>,
    /// Begin with the numbers in this file (`composer.bpk`, or a checkpoint's `network.bpk`); what it lacks begins at chance.
    #[arg(long)]
    numbers: Option<PathBuf>,
    /// Numbers at each position.
    #[arg(long, default_value_t = 128)]
    width: usize,
    /// Layers.
    #[arg(long, default_value_t = 4)]
    layers: usize,
    /// Heads of attention.
    #[arg(long, default_value_t = 4)]
    heads: usize,
    /// Loops of four bars in a batch.
    #[arg(long, default_value_t = 16)]
    batch: usize,
    /// Batches in a step, each on a thread of its own.
    #[arg(long, default_value_t = 2)]
    parts: usize,
    /// Learning rate.
    #[arg(long, default_value_t = 1e-3)]
    rate: f64,
    /// Seed of all chance.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Steps to go on.
    #[arg(long, default_value_t = 1_000_000)]
    steps: u64,
    /// Minutes to go on at most.
    #[arg(long, default_value_t = 1e6)]
    minutes: f64,
    /// Let the learning rate fall to nothing over these steps: the last part, best done on a copy of the folder.
    #[arg(long)]
    decay: bool,
    /// Do not train: write the weights of the checkpoint, in half precision, to this folder.
    #[arg(long)]
    export: Option<PathBuf>,
    /// Do not train: draw the losses in the log over the steps, as PNG, to this file.
    #[arg(long, conflicts_with = "export")]
    plot: Option<PathBuf>,
    /// Steps between lines of the log.
    #[arg(long, default_value_t = 100)]
    log_every: u64,
    /// Steps between checkpoints.
    #[arg(long, default_value_t = 500)]
    save_every: u64,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // A log that cannot be drawn is bad input; a run that breaks off is not.
    let (done, status) = match &arguments.plot {
        Some(file) => (plot_log(&arguments.folder, file), 2),
        None => (train(&arguments), 1),
    };
    if let Err(error) = done {
        eprintln!("error: {error:#}");
        return ExitCode::from(status);
    }
    ExitCode::SUCCESS
}

fn train(arguments: &Arguments) -> anyhow::Result<()> {
    let device = Device::flex();
    if let Some(folder) = &arguments.export {
        let run = Run::open(&arguments.folder, Run::plan_of(&arguments.folder)?, &device)?;
        return export(&run, folder);
    }
    let plan = Plan {
        network: Sizes { width: arguments.width, layers: arguments.layers, heads: arguments.heads },
        batch: arguments.batch,
        parts: arguments.parts,
        rate: arguments.rate,
        warm_up: 500,
        seed: arguments.seed,
    };
    let windows = match &arguments.data {
        Some(path) => windows::read(path)?,
        None => Vec::new(),
    };
    let pool = Pool::new(windows.into_iter().filter(|window| window.split == "train").collect());
    println!("{} windows of real music", pool.len());
    let mut run = Run::open_from(&arguments.folder, plan, arguments.numbers.as_deref(), &device)
        .context("cannot begin")?;
    println!("{} parameters, from step {}", burn::module::Module::num_params(&run.network()), run.step());
    let until = Until {
        steps: arguments.steps,
        time: Duration::from_secs_f64(60.0 * arguments.minutes),
        decay: arguments.decay,
        log_every: arguments.log_every,
        save_every: arguments.save_every,
    };
    run.train(&pool, until, |line| println!("{line}"))
}

fn plot_log(folder: &Path, file: &Path) -> anyhow::Result<()> {
    let log = folder.join(LOG);
    let name = |path: &Path| path.display().to_string();
    let text = std::fs::read_to_string(&log).with_context(|| name(&log))?;
    let picture = plot(&text).with_context(|| name(&log))?;
    std::fs::write(file, picture).with_context(|| name(file))
}

fn export(run: &Run, folder: &Path) -> anyhow::Result<()> {
    let card = Card::new(&NetworkConfig::from(run.plan().network), run.steps_in_all());
    let numbers = weights::save(&run.network())?;
    std::fs::create_dir_all(folder)?;
    std::fs::write(folder.join(weights::CARD_FILE), card.write())?;
    std::fs::write(folder.join(weights::NUMBERS_FILE), &numbers)?;
    println!("{} bytes after {} steps", numbers.len(), run.steps_in_all());
    Ok(())
}
