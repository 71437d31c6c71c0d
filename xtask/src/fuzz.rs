//! `fuzz`: input that nobody means, for as long as one likes. Each target is a few lines in `tests/fuzz/targets`.

use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::project::{Project, cargo, run};
use crate::system;

/// Name of each target, and whether it plays the plugin.
const TARGETS: [(&str, bool); 6] = [
    ("scene", false),
    ("midi_file", false),
    ("state", true),
    ("transport", true),
    ("midi_input", true),
    ("storm", true),
];
/// Of each target, if nothing else is asked for.
const SECONDS: u32 = 60;

/// One target or all of them, one after another. An input that fails is kept in `tests/fuzz/artifacts`, and named.
///
/// The plugin is loaded as a host loads it, and the fuzzer does not see into it. `--inside` builds it into the fuzzer, which
/// then follows what an input does there, and watches its memory; the network's library makes that a long build.
pub fn fuzz(options: &[String]) -> Result<()> {
    let (mut wanted, mut seconds, mut inside) = (None, SECONDS, false);
    let mut rest = options.iter();
    while let Some(option) = rest.next() {
        match option.as_str() {
            "--seconds" => {
                seconds =
                    rest.next().and_then(|text| text.parse().ok()).context("--seconds wants a number")?;
            }
            "--inside" => inside = true,
            name if TARGETS.iter().any(|(target, _)| *target == name) => wanted = Some(name.to_owned()),
            other => {
                let names: Vec<&str> = TARGETS.iter().map(|(name, _)| *name).collect();
                bail!("there is no target '{other}'; there are {}", names.join(", "));
            }
        }
    }
    let project = Project::enter()?;
    system::ensure(&[system::BUILD])?;
    ensure_tools()?;
    let is_wanted = |target: &str| wanted.as_deref().is_none_or(|wanted| wanted == target);
    if !inside && TARGETS.iter().any(|(target, plays)| *plays && is_wanted(target)) {
        run("the plugin", cargo().args(["build", "--package", "sceneloop-plugin", "--lib"]))?;
    }
    let (prefix, suffix) = (std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    let plugin = project.target.join("debug").join(format!("{prefix}sceneloop_plugin{suffix}"));
    for (target, plays) in TARGETS {
        if !is_wanted(target) {
            continue;
        }
        let mut command = nightly();
        command.args(["fuzz", "run", "--fuzz-dir", "tests/fuzz"]).env("SCENELOOP_CLAP", &plugin);
        if plays && inside {
            command.args(["--features", "plugin"]);
        }
        command.arg(target);
        if target == "state" {
            // It begins with the projects that are kept; what it finds goes into the first folder.
            let found = "tests/fuzz/corpus/state";
            std::fs::create_dir_all(found).with_context(|| format!("cannot make {found}"))?;
            command.args([found, "tests/states"]);
        }
        command.args(["--", "-timeout=60", "-rss_limit_mb=4096", "-print_final_stats=1"]);
        command.arg(format!("-max_total_time={seconds}"));
        run(&format!("fuzzing: {target}"), &mut command)?;
    }
    Ok(())
}

/// Fuzzers are built by the nightly compiler only.
fn nightly() -> Command {
    let mut command = Command::new("rustup");
    command.args(["run", "nightly", "cargo"]);
    // What started us would be taken for the one to use.
    for name in ["CARGO", "RUSTC", "RUSTUP_TOOLCHAIN"] {
        command.env_remove(name);
    }
    command
}

fn ensure_tools() -> Result<()> {
    let works = |command: &mut Command| command.output().is_ok_and(|output| output.status.success());
    if !works(nightly().arg("--version")) {
        let mut install = Command::new("rustup");
        run(
            "the nightly toolchain",
            install.args(["toolchain", "install", "nightly", "--profile", "minimal"]),
        )?;
    }
    if !works(cargo().args(["fuzz", "--version"])) {
        run("cargo-fuzz", cargo().args(["install", "cargo-fuzz", "--locked"]))?;
    }
    Ok(())
}
