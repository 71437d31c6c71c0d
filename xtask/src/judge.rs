//! `judge`: renders every scene and measures what comes out, by roads that know nothing of how it was made.
//!
//! Rendering is the engine's (`sceneloop batch`, the example `cost`), measuring is Python's (`tests/python/judge`). Both
//! leave alone what is there already, so a call that broke off goes on where it was.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::project::{Project, cargo, run};
use crate::{system, venv};

pub const HELP: &str = "\
cargo xtask judge [options]

Renders every scene, measures it, and writes report.json, report.md and index.html (the listening page) to out/judge/.

  --part NAME     only this: show (30 s of every scene at three energies: tempo, pitch, peaks, clicks, stems),
                  events (one on every other bar: clicks), ladder (eleven energies), families (are they told apart),
                  cost, sameness, or page (measure and write anew what is there). Several times; without it all of them
  --scene TEXT    only this scene; several times (not for families)
  --seeds N       seeds of each family for the classifier, 2 to 99 (6)
  --quick         a sample of twelve scenes, shorter families: some minutes
  --light         the page plays Ogg Vorbis beside the WAV files: a tenth of the size
  --jobs N        so many at once (2)
  --composer WHO  auto, network or teacher (auto)
  --out DIR       the folder (out/judge)
  --self-test     only judge the judge, on sound of which the truth is known

It is no part of `cargo xtask test`: its Python packages are some hundred megabytes. What of it the tests do cover is the
batch renderer.";

/// What there is to be made, in the order in which it is.
const PARTS: [&str; 7] = ["show", "events", "ladder", "families", "cost", "sameness", "page"];
/// Scenes of a quick look.
const SAMPLE: &str = "12";
/// Scenes of which an hour is looked at, as unlike one another as they come.
const HOURS: [&str; 8] = [
    "cyberpunk city, rain",
    "ambient",
    "techno",
    "lo-fi",
    "jazz",
    "orchestral",
    "dungeon",
    "chinese traditional",
];

struct Options {
    parts: Vec<String>,
    scenes: Vec<String>,
    seeds: Option<u32>,
    is_quick: bool,
    is_light: bool,
    jobs: u32,
    composer: String,
    out: PathBuf,
}

pub fn judge(options: &[String]) -> Result<()> {
    if options.iter().any(|option| matches!(option.as_str(), "--help" | "-h")) {
        println!("{HELP}");
        return Ok(());
    }
    let project = Project::enter()?;
    if options.iter().any(|option| option == "--self-test") {
        system::ensure(&[system::PYTHON])?;
        return run("judging the judge", python(&project)?.args(["-m", "unittest", "judge.selftest"]));
    }
    let options = read(&project, options)?;
    system::ensure(&[system::BUILD, system::PYTHON])?;
    std::fs::create_dir_all(&options.out)
        .with_context(|| format!("cannot make {}", options.out.display()))?;
    for part in PARTS {
        if options.parts.is_empty() || options.parts.iter().any(|wanted| wanted == part) {
            make(&options, part)?;
        }
    }
    let mut measure = python(&project)?;
    measure.args(["-m", "judge"]).arg(&options.out).arg("--jobs").arg(options.jobs.to_string());
    if options.is_light {
        measure.arg("--light");
    }
    run("measuring", &mut measure)
}

fn read(project: &Project, options: &[String]) -> Result<Options> {
    let mut read = Options {
        parts: Vec::new(),
        scenes: Vec::new(),
        seeds: None,
        is_quick: false,
        is_light: false,
        jobs: 2,
        composer: "auto".into(),
        out: project.root.join("out/judge"),
    };
    let mut rest = options.iter();
    while let Some(option) = rest.next() {
        let mut value = || rest.next().cloned().with_context(|| format!("{option} wants a value"));
        match option.as_str() {
            "--part" => {
                let part = value()?;
                if !PARTS.contains(&part.as_str()) {
                    bail!("there is no part '{part}'; there are {}", PARTS.join(", "));
                }
                read.parts.push(part);
            }
            "--scene" => read.scenes.push(value()?),
            "--seeds" => {
                let seeds = value()?.parse().ok().filter(|seeds| (2..=99).contains(seeds));
                read.seeds = Some(seeds.context("--seeds wants a number from 2 to 99")?);
            }
            "--quick" => read.is_quick = true,
            "--light" => read.is_light = true,
            "--jobs" => {
                let jobs = value()?.parse().ok().filter(|jobs| (1..=64).contains(jobs));
                read.jobs = jobs.context("--jobs wants a number from 1 to 64")?;
            }
            "--composer" => read.composer = value()?,
            "--out" => read.out = std::path::absolute(value()?)?,
            other => bail!("judge has no option '{other}'\n\n{HELP}"),
        }
    }
    Ok(read)
}

/// Renders one part.
fn make(options: &Options, part: &str) -> Result<()> {
    match part {
        "show" => {
            // Three energies to hear, and the one that loudness is held to, measured only.
            batch(options, "show", &["--energy", "20,50,80", "--stems"])?;
            batch(options, "seventy", &["--energy", "70", "--stems", "--no-audio"])
        }
        "events" => batch(options, "events", &["--energy", "60", "--events"]),
        "ladder" => {
            let energies = "0,10,20,30,40,50,60,70,80,90,100";
            batch(options, "ladder", &["--energy", energies, "--seconds", "12", "--no-audio"])
        }
        "families" => {
            let seeds = options.seeds.unwrap_or(if options.is_quick { 3 } else { 6 }).to_string();
            let seconds = if options.is_quick { "10" } else { "20" };
            batch(
                options,
                "families",
                &["--families", "--energy", "70", "--seeds", &seeds, "--seconds", seconds],
            )
        }
        "cost" => {
            let mut measure = cargo();
            measure.args(["run", "--quiet", "--release", "-p", "sceneloop-engine", "--example", "cost"]);
            let path = options.out.join("cost.json");
            let file = std::fs::File::create(&path).with_context(|| path.display().to_string())?;
            run("what rendering costs", measure.stdout(file))
        }
        "sameness" => sameness(options),
        _ => Ok(()), // the page is written with every report
    }
}

/// One batch of pieces into its folder.
fn batch(options: &Options, folder: &str, more: &[&str]) -> Result<()> {
    let mut render = sceneloop("batch");
    render.args(more).args(["--composer", &options.composer, "--jobs"]).arg(options.jobs.to_string());
    if folder != "families" {
        for scene in &options.scenes {
            render.args(["--scene", scene]);
        }
        if options.is_quick {
            render.args(["--sample", SAMPLE]);
        }
    }
    run(&format!("rendering: {folder}"), render.arg("--out").arg(options.out.join(folder)))
}

/// An hour of some scenes, each held against itself.
fn sameness(options: &Options) -> Result<()> {
    let quiet = |mut command: Command| command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    let mut help = sceneloop("sameness");
    help.arg("--help");
    if !quiet(help).is_ok_and(|status| status.success()) {
        eprintln!("==> sameness: sceneloop has no such command; left out");
        return Ok(());
    }
    let count = if options.is_quick { 2 } else { HOURS.len() };
    let usual = || HOURS[..count].iter().map(|scene| (*scene).to_owned()).collect();
    let scenes: Vec<String> = if options.scenes.is_empty() { usual() } else { options.scenes.clone() };
    for (index, scene) in scenes.iter().enumerate() {
        let out = options.out.join("sameness").join(format!("{:02}", index + 1));
        run(
            &format!("an hour of {scene}"),
            sceneloop("sameness").args(["--scene", scene]).arg("--out").arg(out),
        )?;
    }
    Ok(())
}

fn sceneloop(command: &str) -> Command {
    let mut program = cargo();
    program.args(["run", "--quiet", "--release", "-p", "sceneloop-engine", "--bin", "sceneloop", "--"]);
    program.arg(command);
    program
}

/// Python with what measures sound, where it finds the judge.
fn python(project: &Project) -> Result<Command> {
    let mut python = Command::new(venv::ensure(project, &venv::JUDGE)?);
    let sources: &Path = &project.root.join("tests/python");
    // As many processes as jobs, each with one thread.
    python
        .env("PYTHONPATH", sources)
        .envs(["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"].map(|name| (name, "1")));
    Ok(python)
}
