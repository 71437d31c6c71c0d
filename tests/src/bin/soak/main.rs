//! The soak: hours of a host's time, bounced as fast as it goes, while everything that can change does.
//!
//! Jumps, cycles, tempo, metre, stops, automation of every parameter, scenes, saved and loaded states, new activations:
//! all from one seed. It ends with an error at the first silence, the first sample that is no number, or where memory has grown, and
//! draws the memory over the time.

mod chart;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};

use sceneloop_tests::host::plugin_path;
use sceneloop_tests::memory::resident_bytes;
use sceneloop_tests::soak::Storm;

/// What to play, and where the picture goes.
struct Options {
    plugin: Option<PathBuf>,
    hours: f64,
    seed: u64,
    out: PathBuf,
}

impl Options {
    fn parse(mut args: impl Iterator<Item = String>) -> Result<Self> {
        let mut options = Self { plugin: None, hours: 1.0, seed: 1, out: "out/soak".into() };
        while let Some(name) = args.next() {
            let value = args.next().with_context(|| format!("{name} needs a value"))?;
            let wrong = || format!("{name}: \"{value}\" is not a number");
            match name.as_str() {
                "--plugin" => options.plugin = Some(value.into()),
                "--hours" => options.hours = value.parse().with_context(wrong)?,
                "--seed" => options.seed = value.parse().with_context(wrong)?,
                "--out" => options.out = value.into(),
                _ => bail!("there is no option {name}; there are --hours --seed --out --plugin"),
            }
        }
        ensure!(options.hours > 0.0 && options.hours <= 1e4, "--hours lies above 0 and up to 10,000");
        Ok(options)
    }
}

/// What a minute of the host's time left behind.
struct Minute {
    /// Hours of the host's time so far.
    hours: f64,
    /// Memory that the program has in use, MB.
    resident_mb: f64,
}

fn main() -> ExitCode {
    match Options::parse(std::env::args().skip(1)).and_then(|options| run(&options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("soak: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<()> {
    let clock = Instant::now();
    let plugin = options.plugin.clone().map_or_else(plugin_path, Ok)?;
    let mut storm = Storm::new(&plugin, options.seed)?;
    let mut minutes = Vec::new();
    while storm.seconds() < options.hours * 3600.0 {
        let until = storm.seconds() + 60.0;
        while storm.seconds() < until {
            storm.step().with_context(|| format!("after {:.1} s of the host's time", storm.seconds()))?;
        }
        minutes.push(Minute { hours: storm.seconds() / 3600.0, resident_mb: resident_mb() });
        if minutes.len() % 10 == 0 {
            eprintln!("{:.2} h played, {:.0} MB", storm.seconds() / 3600.0, resident_mb());
        }
    }
    std::fs::create_dir_all(&options.out)?;
    let picture = options.out.join("memory.png");
    chart::memory(&minutes)?.save(&picture)?;
    let (played, took) = (storm.seconds(), clock.elapsed().as_secs_f64());
    println!(
        "played {:.2} h of a host's time in {:.0} s ({:.1} times as fast), seed {}",
        played / 3600.0,
        took,
        played / took,
        options.seed
    );
    println!("{}", storm.summary());
    let (early, late) = halves(&minutes);
    println!("memory: {early:.1} MB in the second quarter, {late:.1} MB in the last; {}", picture.display());
    // It goes up and down by some megabytes with what is being composed.
    ensure!(late <= early * 1.15 + 5.0, "memory has grown by {:.1} MB", late - early);
    Ok(())
}

/// Mean memory of the second quarter, when everything has been loaded, and of the last, MB.
fn halves(minutes: &[Minute]) -> (f64, f64) {
    let quarter = minutes.len() / 4;
    let mean = |part: &[Minute]| {
        part.iter().map(|minute| minute.resident_mb).sum::<f64>() / part.len().max(1) as f64
    };
    (
        mean(&minutes[quarter..(2 * quarter).max(quarter + 1).min(minutes.len())]),
        mean(&minutes[minutes.len() - quarter.max(1)..]),
    )
}

/// Resident memory of this program, MB; 0 where the system does not tell.
fn resident_mb() -> f64 {
    resident_bytes().unwrap_or(0) as f64 / 1e6
}
