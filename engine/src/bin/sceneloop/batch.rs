//! `sceneloop batch`: many pieces in one go, for those who measure them.
//!
//! Scenes, energies and seeds in all combinations. Each piece becomes a WAV file, a piano roll and a record of what was
//! asked for, what was played and what it measures; `batch.json` names the records. What an earlier call of the same
//! program made for the same wish is left as it is, so a call that was broken off goes on where it was.

mod plan;
mod record;

use crate::Failure;
use crate::options::{Composer, DeviceArgs, check_folder, make_folder, write_file};
use anyhow::{Context, anyhow, bail};
use clap::Args;
pub use plan::family_tags;
use plan::{Job, Plan};
use record::Record;
use sceneloop_engine::export::{EnergyCurve, Take, TakeEvent, TakeRequest, picture, wav};
use sceneloop_engine::{Controls, Engine};
use sceneloop_music::{Energy, Stinger};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::time::Instant;

/// Hz of all sound.
const RATE: u32 = 48_000;

#[derive(Args)]
pub struct BatchArgs {
    /// A scene, such as "rain" or "techno:1, night:0.5"; may be given several times. Without it every tag of the scene table.
    #[arg(long)]
    scene: Vec<String>,
    /// One scene for each family of styles instead: the tag that stands for it.
    #[arg(long, conflicts_with = "scene")]
    families: bool,
    /// No more than so many of the scenes, spread evenly.
    #[arg(long)]
    sample: Option<usize>,
    /// Energies, 0 to 100, with commas between.
    #[arg(long, value_delimiter = ',', default_value = "70", allow_hyphen_values = true)]
    energy: Vec<f32>,
    /// Seeds of each scene, 1 to 99. They follow from its name, so that nobody chooses them.
    #[arg(long, default_value_t = 1)]
    seeds: u32,
    /// Seconds of each piece at least, 1 to 600; it ends with a bar.
    #[arg(long, default_value_t = 30.0, allow_hyphen_values = true)]
    seconds: f64,
    /// Have an event happen on every other bar from the second on: one after the other of the nine.
    #[arg(long)]
    events: bool,
    /// Measure only: write no sound and no pictures.
    #[arg(long)]
    no_audio: bool,
    /// Measure each role too, and whether the roles add up to the mix.
    #[arg(long)]
    stems: bool,
    /// Pieces rendered at once, 1 to 64.
    #[arg(long, default_value_t = 2)]
    jobs: usize,
    /// Who writes the notes, as with render.
    #[arg(long, value_enum, default_value_t = Composer::Auto)]
    composer: Composer,
    #[command(flatten)]
    place: DeviceArgs,
    /// Folder for the files; made if it is not there. Files of the same name are replaced.
    #[arg(long)]
    out: PathBuf,
}

/// What all pieces of a call share.
struct Shared<'a> {
    args: &'a BatchArgs,
    /// Names this very program: what another one rendered may sound different.
    build: String,
    done: AtomicUsize,
    kept: AtomicUsize,
    /// One worker has failed: the others end too.
    failed: AtomicBool,
}

pub fn run(args: &BatchArgs) -> Result<(), Failure> {
    let plan = read(args).map_err(Failure::Input)?;
    render_all(args, &plan).map_err(Failure::Work)
}

/// Checks every argument and makes the folder.
fn read(args: &BatchArgs) -> anyhow::Result<Plan> {
    if !(1.0..=600.0).contains(&args.seconds) {
        bail!("seconds are 1 to 600, not {}", args.seconds);
    }
    if !(1..=99).contains(&args.seeds) {
        bail!("seeds are 1 to 99, not {}", args.seeds);
    }
    if !(1..=64).contains(&args.jobs) {
        bail!("jobs are 1 to 64, not {}", args.jobs);
    }
    if args.sample == Some(0) {
        bail!("a sample has 1 scene at least");
    }
    if let Some(energy) = args.energy.iter().find(|energy| !(0.0..=100.0).contains(*energy)) {
        bail!("energy is 0 to 100, not {energy}");
    }
    check_folder(&args.out)?;
    let plan = Plan::of(args)?;
    make_folder(&args.out)?;
    Ok(plan)
}

fn render_all(args: &BatchArgs, plan: &Plan) -> anyhow::Result<()> {
    let started = Instant::now();
    let program = std::env::current_exe().and_then(std::fs::read).context("cannot read this program")?;
    let shared = Shared {
        args,
        build: format!("{:016x}", record::hash(&program)),
        done: AtomicUsize::new(0),
        kept: AtomicUsize::new(0),
        failed: AtomicBool::new(false),
    };
    drop(program);
    let next = AtomicUsize::new(0);
    let trouble = Mutex::new(None);
    std::thread::scope(|scope| {
        for _ in 0..args.jobs.min(plan.groups.len()) {
            scope.spawn(|| {
                if let Err(error) = work(&shared, plan, &next) {
                    shared.failed.store(true, Relaxed);
                    *trouble.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = Some(error);
                }
            });
        }
    });
    if let Some(error) = trouble.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner()) {
        return Err(error);
    }
    let names: Vec<&str> = plan.jobs().map(|job| job.name.as_str()).collect();
    write_file(&args.out.join("batch.json"), serde_json::to_string_pretty(&names)? + "\n")?;
    eprintln!(
        "{} pieces in {:.0} s, {} of them there before",
        names.len(),
        started.elapsed().as_secs_f64(),
        shared.kept.load(Relaxed)
    );
    Ok(())
}

/// Takes one scene after another, with an engine of its own: an engine plays one stream, and its loops serve all energies.
fn work(shared: &Shared<'_>, plan: &Plan, next: &AtomicUsize) -> anyhow::Result<()> {
    let mut engine = None;
    let count = plan.jobs().count();
    while let Some(group) = plan.groups.get(next.fetch_add(1, Relaxed)) {
        for job in group {
            if shared.failed.load(Relaxed) {
                return Ok(());
            }
            if Record::is_there(shared.args, &shared.build, job) {
                shared.kept.fetch_add(1, Relaxed);
            } else {
                let engine = match &mut engine {
                    Some(engine) => engine,
                    none => none.insert(Engine::with(shared.args.place.preference(shared.args.composer))?),
                };
                piece(shared, engine, job).with_context(|| job.name.clone())?;
            }
            let done = shared.done.fetch_add(1, Relaxed) + 1;
            if done.is_multiple_of(20) || done == count {
                eprintln!("{done}/{count} {}", job.name);
            }
        }
    }
    Ok(())
}

/// An event on every other bar, beginning with another one in each piece.
fn events(engine: &Engine, job: &Job) -> anyhow::Result<Vec<TakeEvent>> {
    let scene = engine.scene();
    let first = job.seed as usize;
    let read = |(index, bar): (usize, u32)| {
        let name = Stinger::ALL[(first + index) % Stinger::COUNT];
        Ok(TakeEvent::parse(&format!("{bar}:{name}"), &scene, job.metre, job.bars)?)
    };
    (2..=job.bars).step_by(2).enumerate().map(read).collect()
}

/// Renders one piece. Its record is written last, so that whatever has one is whole.
fn piece(shared: &Shared<'_>, engine: &Engine, job: &Job) -> anyhow::Result<()> {
    let args = shared.args;
    let path = |ending: &str| file(&args.out, job, ending);
    engine.set_scene(&job.scene)?;
    let started = Instant::now();
    let request = TakeRequest {
        bpm: job.bpm,
        metre: job.metre,
        bars: job.bars,
        curve: EnergyCurve::level(Energy::new(job.energy)),
        controls: Controls { seed: job.seed, ..Controls::default() },
        sample_rate: RATE,
        tail_seconds: 0.0,
        stems: args.stems,
    };
    let events = if args.events { events(engine, job)? } else { Vec::new() };
    let take = Take::render_with(engine, request, events, |_| ())?;
    let seconds = started.elapsed().as_secs_f64();
    if let (Some(error), Composer::Network) = (engine.health().last_error(), args.composer) {
        bail!(error);
    }
    if take.loops.is_empty() {
        return Err(anyhow!("nothing was played"));
    }
    if !args.no_audio {
        wav::write(&path("wav"), &take.main, RATE, wav::Depth::Int24)?;
        write_file(&path("png"), picture::piano_roll(&take))?;
    }
    let record = Record::new(&shared.build, args, job, &take, seconds)?;
    let (whole, partial) = (path("json"), path("json.part"));
    write_file(&partial, serde_json::to_string(&record)? + "\n")?;
    std::fs::rename(&partial, &whole).with_context(|| whole.display().to_string())
}

/// A file of a piece.
fn file(folder: &Path, job: &Job, ending: &str) -> PathBuf {
    folder.join(format!("{}.{ending}", job.name))
}
