//! `bundle`, `demo` and `play`: what lets one hear it.

use std::path::PathBuf;

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
    if !options.iter().any(|option| option == "--out") {
        host.arg("--out").arg(project.root.join("out").join("demo"));
    }
    run("demo", host.args(options))
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
