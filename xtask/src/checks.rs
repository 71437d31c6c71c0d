//! `check`, `test` and `bench`.

use std::process::Command;

use anyhow::Result;

use crate::project::{Project, cargo, run};
use crate::{system, venv};

/// Formatting, clippy and documentation: the cheapest first.
pub fn check() -> Result<()> {
    Project::enter()?;
    run("formatting", cargo().args(["fmt", "--all", "--check"]))?;
    system::ensure(&[system::BUILD])?;
    run("clippy", cargo().args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))?;
    run(
        "documentation",
        cargo()
            .args(["doc", "--workspace", "--no-deps", "--document-private-items"])
            .env("RUSTDOCFLAGS", "-D warnings"),
    )
}

/// Every test there is. nextest comes last, so that its summary is what one sees.
///
/// One build serves all: the host tests load the plugin that cargo built beside them (see the `tests` package).
/// The xtask itself is left out: it has no tests, and its dependencies' features would be built twice.
pub fn test(options: &[String]) -> Result<()> {
    let project = Project::enter()?;
    system::ensure(&[system::BUILD, system::TEST])?;
    let python = venv::ensure(&project, &venv::HOSTS)?;
    if options.is_empty() {
        run(
            "documentation examples",
            cargo().args(["test", "--quiet", "--workspace", "--exclude", "xtask", "--doc"]),
        )?;
    }
    let mut tests = cargo();
    if has_nextest() {
        tests.args(["nextest", "run", "--profile", "ci"]);
    } else {
        eprintln!("cargo-nextest is not installed: cargo test takes its place");
        tests.args(["test", "--no-fail-fast", "--lib", "--bins", "--tests"]);
    }
    tests.args(["--workspace", "--exclude", "xtask"]).args(options).env("SCENELOOP_PYTHON", python);
    run("tests", &mut tests)
}

/// The benchmarks, as they are: criterion writes its own report.
pub fn bench(options: &[String]) -> Result<()> {
    Project::enter()?;
    system::ensure(&[system::BUILD])?;
    run("benchmarks", cargo().args(["bench", "--workspace", "--exclude", "xtask"]).args(options))
}

/// What is measured live, at the pace of a sound card: `cost` or `latency`, with their own arguments.
pub fn measure(options: &[String]) -> Result<()> {
    Project::enter()?;
    system::ensure(&[system::BUILD])?;
    let example = match options.first().map(String::as_str) {
        Some("cost") => "audio_thread",
        Some("latency") => "latency",
        _ => anyhow::bail!(
            "measure what? There are cost [SECONDS] [FRAMES] [SCENE] and latency [TRIALS] [FRAMES ...]"
        ),
    };
    let mut command = cargo();
    command.args(["run", "--quiet", "--release", "-p", "sceneloop-engine", "--example", example, "--"]);
    run("measuring", command.args(&options[1..]))
}

fn has_nextest() -> bool {
    let mut probe: Command = cargo();
    probe.args(["nextest", "--version"]).output().is_ok_and(|output| output.status.success())
}
