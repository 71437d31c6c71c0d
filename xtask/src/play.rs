//! `bundle`, `demo`, `listen` and `play`: what lets one hear it.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::project::{Project, cargo, run};
use crate::system;

const PLUGIN: &str = "sceneloop-plugin";

/// The bundles for a DAW, in release.
pub fn bundle() -> Result<()> {
    let project = Project::enter()?;
    system::ensure(&[system::BUILD])?;
    let clap = release_bundle(&project)?;
    println!("The bundles lie in {}", clap.parent().unwrap_or(&project.target).display());
    Ok(())
}

/// Plays the built plugin in a host, as a DAW would, and keeps what comes out.
pub fn demo(options: &[String]) -> Result<()> {
    let project = Project::enter()?;
    system::ensure(&[system::BUILD])?;
    let clap = release_bundle(&project)?;
    // The bundled plugin and this host share their dependencies' build, so the second build is small.
    let mut host = cargo();
    host.args([
        "run",
        "--quiet",
        "--release",
        "-p",
        "sceneloop-tests",
        "--bin",
        "demo-host",
        "--",
        "--plugin",
    ])
    .arg(&clap);
    run("demo", with_out(&mut host, &project, "demo", options))
}

/// Plays the built plugin for hours of a host's time, in everything that hosts do.
pub fn soak(options: &[String]) -> Result<()> {
    let project = Project::enter()?;
    system::ensure(&[system::BUILD])?;
    let clap = release_bundle(&project)?;
    let mut soak = cargo();
    soak.args(["run", "--quiet", "--release", "-p", "sceneloop-tests", "--bin", "soak", "--", "--plugin"])
        .arg(&clap);
    run("soak", with_out(&mut soak, &project, "soak", options))
}

/// Teacher and network side by side on a page.
pub fn listen(options: &[String]) -> Result<()> {
    let project = Project::enter()?;
    system::ensure(&[system::BUILD])?;
    let mut page = cargo();
    page.args(["run", "--quiet", "--release", "-p", "sceneloop-engine", "--", "listen"]);
    run("the listening page", with_out(&mut page, &project, "listen", options))
}

/// Adds the options, and `out/<name>` where they name no folder.
fn with_out<'a>(
    command: &'a mut Command,
    project: &Project,
    name: &str,
    options: &[String],
) -> &'a mut Command {
    if !options.iter().any(|option| option == "--out" || option.starts_with("--out=")) {
        command.arg("--out").arg(project.root.join("out").join(name));
    }
    command.args(options)
}

/// The standalone program.
pub fn play(options: &[String]) -> Result<()> {
    Project::enter()?;
    system::ensure(&[system::BUILD, system::PLAY, system::WINDOW])?;
    run(
        "the standalone program",
        cargo()
            .args([
                "run",
                "--quiet",
                "--release",
                "-p",
                PLUGIN,
                "--features",
                "standalone",
                "--bin",
                "sceneloop-standalone",
            ])
            .arg("--")
            .args(options),
    )
}

/// Builds the plugin alone, so that no other package's features leak into it, and wraps it for each format.
fn release_bundle(project: &Project) -> Result<PathBuf> {
    let packages = [PLUGIN.to_owned()];
    let args = ["--lib", "--release"].map(str::to_owned);
    eprintln!("==> building the plugin in release (some minutes, the first time)");
    nice_plug_xtask::build(&packages, &args)?;
    nice_plug_xtask::bundle(&project.target, PLUGIN, &args, false)?;
    Ok(project.target.join("bundled").join("Sceneloop.clap"))
}
