//! Where the project lies, and how its programs are started.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail};

/// Folders of this checkout.
pub struct Project {
    /// The folder with the workspace's `Cargo.toml`.
    pub root: PathBuf,
    /// Cargo's target folder, wherever the environment or a configuration file put it.
    pub target: PathBuf,
}

impl Project {
    /// Finds the checkout this program was built from and makes its root the working directory.
    pub fn enter() -> Result<Self> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = here.parent().context("xtask lies in no workspace")?.to_path_buf();
        std::env::set_current_dir(&root).with_context(|| format!("cannot enter {}", root.display()))?;
        let metadata =
            cargo_metadata::MetadataCommand::new().no_deps().exec().context("cargo metadata failed")?;
        Ok(Self { root, target: metadata.target_directory.into_std_path_buf() })
    }
}

/// The cargo that started us, so that a `+toolchain` is kept.
pub fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // Cargo told us of our own package; a cargo we start must not take that for its own.
    for (name, _) in std::env::vars_os() {
        let named = name.to_string_lossy();
        if named.starts_with("CARGO_PKG_") || named.starts_with("CARGO_MANIFEST_") {
            cargo.env_remove(&name);
        }
    }
    cargo
}

/// Runs a program, saying what it is and how long it took; an exit status other than 0 is an error.
pub fn run(what: &str, command: &mut Command) -> Result<()> {
    eprintln!("==> {what}");
    let start = Instant::now();
    let program = command.get_program().to_string_lossy().into_owned();
    let status = command.status().with_context(|| format!("cannot start {program}"))?;
    if !status.success() {
        bail!("{what}: {program} ended with {status}");
    }
    eprintln!("    {what}: {:.1} s", start.elapsed().as_secs_f64());
    Ok(())
}
