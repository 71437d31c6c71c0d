//! The command line of Sceneloop.

use anyhow::{Context, bail};
use clap::error::ErrorKind;
use clap::{Args, Parser, Subcommand};
use sceneloop_engine::export::{EnergyCurve, Take, TakeRequest, picture, report, wav};
use sceneloop_engine::{Author, Choice, Controls, Engine, Preference};
use sceneloop_music::{Bpm, Energy, Key, Metre, Role};
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

/// Composes and plays endless loops for a scene.
#[derive(Parser)]
#[command(name = "sceneloop", version, about = "Composes and plays endless loops for a scene.")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Render some bars of a scene to files.
    Render(Box<RenderArgs>),
    /// List the tags that scenes are made of.
    Scenes {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Args)]
struct RenderArgs {
    /// Weighted tags in English or Chinese, such as "cyberpunk city:1, rain:0.5".
    #[arg(long)]
    scene: String,
    /// Energy, 0 to 100.
    #[arg(long, default_value_t = 70.0, allow_negative_numbers = true)]
    energy: f32,
    /// Energy over the bars, such as "0:20,8:90"; straight lines between. Goes before --energy.
    #[arg(long, allow_hyphen_values = true)]
    energy_curve: Option<String>,
    /// Quarter notes a minute; without it the middle of what the scene likes.
    #[arg(long, allow_negative_numbers = true)]
    bpm: Option<f64>,
    /// Metre, such as 4/4, 6/8 or 7/8.
    #[arg(long, default_value = "4/4")]
    metre: String,
    /// Key, such as "A minor" or "D 羽"; without it scene and seed choose.
    #[arg(long)]
    key: Option<String>,
    /// Bars to render, 1 to 4096.
    #[arg(long, default_value_t = 16, allow_negative_numbers = true)]
    bars: u32,
    /// Bars of a loop: 1, 2, 4 or 8.
    #[arg(long, default_value_t = 4, allow_negative_numbers = true)]
    loop_bars: u8,
    /// Names the music: the same seed gives the same notes. The plugin's go from 0 to 9999.
    #[arg(long, default_value_t = 1, allow_negative_numbers = true)]
    seed: u32,
    /// Sample rate in Hz, 22050 to 192000.
    #[arg(long, default_value_t = 48_000, allow_negative_numbers = true)]
    rate: u32,
    /// How loose the players are, 0 (exact) to 100.
    #[arg(long, default_value_t = 30.0, allow_negative_numbers = true)]
    humanise: f32,
    /// Who writes the notes: the network falls back on the teacher where it cannot run; auto is the network where it can be had.
    #[arg(long, value_enum, default_value_t = Composer::Teacher)]
    composer: Composer,
    /// Where the network runs: auto takes a graphics card where there is one.
    #[arg(long, value_enum, default_value_t = Device::Auto)]
    device: Device,
    /// Folder for the files; made if it is not there. Files of an earlier render are replaced.
    #[arg(long)]
    out: PathBuf,
    /// Write each role's audio as well, before the master; in 32-bit float, because a stem may be louder than full scale.
    #[arg(long)]
    stems: bool,
    /// Write no audio: MIDI, picture and report only.
    #[arg(long, conflicts_with = "stems")]
    no_audio: bool,
}

/// [`Author`] on the command line.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Composer {
    Auto,
    Network,
    Teacher,
}

/// [`Choice`] on the command line.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Device {
    Auto,
    Gpu,
    Cpu,
}

impl RenderArgs {
    fn preference(&self) -> Preference {
        let author = match self.composer {
            Composer::Auto => Author::Auto,
            Composer::Network => Author::Network,
            Composer::Teacher => Author::Teacher,
        };
        let device = match self.device {
            Device::Auto => Choice::Auto,
            Device::Gpu => Choice::Gpu,
            Device::Cpu => Choice::Cpu,
        };
        Preference { author, device }
    }
}

/// Exit status for input that cannot be used.
const BAD_INPUT: u8 = 2;
/// Samples a take may hold in memory: 4 GiB of them, which is also less than a WAV file can.
const MOST_SAMPLES: u64 = 1 << 30;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) if error.use_stderr() => {
            let text = error.to_string();
            // One line: what is wrong. How it should be is in --help.
            let wrong: Vec<&str> =
                text.lines().take_while(|line| !line.trim().is_empty()).map(str::trim).collect();
            match error.kind() {
                ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
                    eprintln!("error: render or scenes? See sceneloop --help");
                }
                _ => eprintln!("{}", wrong.join(" ")),
            }
            return ExitCode::from(BAD_INPUT);
        }
        Err(help) => {
            print!("{help}");
            return ExitCode::SUCCESS;
        }
    };
    match cli.command {
        Command::Scenes { json } => scenes(json),
        Command::Render(args) => render(&args),
    }
}

fn fail(error: &anyhow::Error, status: u8) -> ExitCode {
    eprintln!("error: {error:#}");
    ExitCode::from(status)
}

fn scenes(json: bool) -> ExitCode {
    let engine = match Engine::new() {
        Ok(engine) => engine,
        Err(error) => return fail(&error.into(), 1),
    };
    let tags = engine.scene_table().tags();
    let mut out = std::io::stdout().lock();
    let written = if json {
        serde_json::to_string_pretty(tags)
            .map_err(std::io::Error::from)
            .and_then(|text| writeln!(out, "{text}"))
    } else {
        tags.iter().try_for_each(|tag| {
            let family = format!("{:?}", tag.family).to_lowercase();
            writeln!(out, "{:<11} {:<22} {}  {}", family, tag.id, tag.zh, tag.aliases.join(", "))
        })
    };
    match written {
        Ok(()) => ExitCode::SUCCESS,
        // A reader that has seen enough, such as `head`, is no error.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => fail(&error.into(), 1),
    }
}

fn render(args: &RenderArgs) -> ExitCode {
    let engine = match Engine::with(args.preference()) {
        Ok(engine) => engine,
        Err(error) => return fail(&error.into(), 1),
    };
    let request = match read_request(args, &engine) {
        Ok(request) => request,
        Err(error) => return fail(&error, BAD_INPUT),
    };
    match render_and_write(args, &engine, request) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error, 1),
    }
}

/// Checks every argument, and that the folder can be made, before anything is rendered.
fn read_request(args: &RenderArgs, engine: &Engine) -> anyhow::Result<TakeRequest> {
    engine.set_scene(&args.scene)?;
    let bpm = match args.bpm {
        Some(bpm) => Bpm::new(bpm)?,
        None => report::default_bpm(engine.scene().tempo),
    };
    let metre: Metre = args.metre.parse()?;
    let key: Option<Key> = args.key.as_deref().map(str::parse).transpose()?;
    if !(0.0..=100.0).contains(&args.energy) {
        bail!("energy is 0 to 100, not {}", args.energy);
    }
    if !(0.0..=100.0).contains(&args.humanise) {
        bail!("humanise is 0 to 100, not {}", args.humanise);
    }
    let curve = match &args.energy_curve {
        Some(text) => text.parse()?,
        None => EnergyCurve::level(Energy::new(args.energy)),
    };
    if !(1..=4096).contains(&args.bars) {
        bail!("bars are 1 to 4096, not {}", args.bars);
    }
    if !matches!(args.loop_bars, 1 | 2 | 4 | 8) {
        bail!("a loop has 1, 2, 4 or 8 bars, not {}", args.loop_bars);
    }
    if !(22_050..=192_000).contains(&args.rate) {
        bail!("the sample rate is 22050 to 192000 Hz, not {}", args.rate);
    }
    if args.out.exists() && !args.out.is_dir() {
        bail!("{} is not a folder", args.out.display());
    }
    let controls = Controls {
        seed: args.seed,
        tonic: key.map(|key| key.tonic),
        mode: key.map(|key| key.mode),
        bars: args.loop_bars,
        humanise: args.humanise / 100.0,
        ..Controls::default()
    };
    let request = TakeRequest {
        bpm,
        metre,
        bars: args.bars,
        curve,
        controls,
        sample_rate: args.rate,
        tail_seconds: 0.0,
        stems: args.stems,
    };
    let samples = request.body_frames() as u64 * if args.stems { 16 } else { 2 };
    if samples > MOST_SAMPLES {
        let hours = request.body_frames() as f64 / f64::from(args.rate) / 3600.0;
        bail!(
            "{hours:.1} hours at {} Hz are too long to hold; render fewer bars, or without --stems",
            args.rate
        );
    }
    std::fs::create_dir_all(&args.out).with_context(|| format!("cannot make {}", args.out.display()))?;
    Ok(request)
}

fn render_and_write(args: &RenderArgs, engine: &Engine, request: TakeRequest) -> anyhow::Result<()> {
    let started = Instant::now();
    let bar = if std::io::stderr().is_terminal() {
        indicatif::ProgressBar::new(request.body_frames() as u64)
    } else {
        indicatif::ProgressBar::hidden()
    };
    let take = Take::render(engine, request, |done| bar.set_position(done as u64))?;
    bar.finish_and_clear();
    if let Some(error) = engine.health().last_error() {
        // With the teacher something is wrong; with the network the music goes on without what is missing.
        match args.composer {
            Composer::Teacher => bail!(error),
            Composer::Auto | Composer::Network => eprintln!("note: {error}"),
        }
    }
    let seconds = started.elapsed().as_secs_f64();
    let audio = if args.no_audio { None } else { Some(report::measure_audio(&take.main, args.rate)?) };
    write_all(args, &take, &report::Report::new(&take, audio, &engine.health().device(), seconds))
        .with_context(|| format!("cannot write to {}", args.out.display()))
}

/// Writes a WAV file, or removes what an earlier render left in its place: that would not belong to the rest.
fn write_or_remove(
    path: &Path,
    channels: Option<&[Vec<f32>; 2]>,
    rate: u32,
    depth: wav::Depth,
) -> anyhow::Result<()> {
    match channels {
        Some(channels) => wav::write(path, channels, rate, depth)?,
        None => match std::fs::remove_file(path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        },
    }
    Ok(())
}

fn write_all(args: &RenderArgs, take: &Take, report: &report::Report) -> anyhow::Result<()> {
    let out: &Path = &args.out;
    write_or_remove(
        &out.join("mix.wav"),
        (!args.no_audio).then_some(&take.main),
        args.rate,
        wav::Depth::Int24,
    )?;
    if args.stems {
        std::fs::create_dir_all(out.join("stems"))?;
    }
    for role in Role::ALL {
        let path = out.join(format!("stems/{role}.wav"));
        write_or_remove(&path, args.stems.then_some(&take.stems[role]), args.rate, wav::Depth::Float32)?;
    }
    std::fs::write(out.join("loop.mid"), take.midi().to_bytes())?;
    std::fs::write(out.join("roll.png"), picture::piano_roll(take))?;
    std::fs::write(out.join("render.json"), serde_json::to_string_pretty(report)? + "\n")?;
    if std::io::stdout().is_terminal() {
        println!("{} bars of {} in {}", report.bars, report.scene, out.display());
    }
    Ok(())
}
