//! Virtual environments of Python, each with versions pinned in a file of requirements.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::project::{Project, run};

/// What an environment is for.
pub struct Environment {
    /// Folder under cargo's target folder.
    folder: &'static str,
    /// Pinned versions, in the checkout.
    requirements: &'static str,
    /// Pinned packages of which we use a file, in the checkout: what they would pull in is left out.
    alone: Option<&'static str>,
    /// What is installed, in words.
    what: &'static str,
}

/// The third-party hosts of the tests.
pub const HOSTS: Environment = Environment {
    folder: "venv",
    requirements: "tests/python/requirements.txt",
    alone: None,
    what: "the Python hosts",
};

/// What measures rendered sound.
pub const JUDGE: Environment = Environment {
    folder: "venv-judge",
    requirements: "tests/python/judge/requirements.txt",
    alone: Some("tests/python/judge/alone.txt"),
    what: "what measures sound in Python",
};

/// Makes the environment, or takes the one that was made from the same requirements. Returns its Python.
pub fn ensure(project: &Project, environment: &Environment) -> Result<PathBuf> {
    let files: Vec<PathBuf> = [Some(environment.requirements), environment.alone]
        .into_iter()
        .flatten()
        .map(|file| project.root.join(file))
        .collect();
    let mut wanted = String::new();
    for file in &files {
        wanted += &fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    }
    let venv = project.target.join(environment.folder);
    let python = venv.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    // Written last, so that an install that broke off is done again.
    let stamp = venv.join("requirements.installed");
    if python.exists() && fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    let system = if cfg!(windows) { "python" } else { "python3" };
    run("making a Python environment", Command::new(system).args(["-m", "venv", "--clear"]).arg(&venv))?;
    for (file, more) in files.iter().zip([&[][..], &["--no-deps"]]) {
        let mut install = Command::new(&python);
        install.args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--only-binary=:all:",
        ]);
        run(&format!("installing {}", environment.what), install.args(more).arg("-r").arg(file))?;
    }
    fs::write(&stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))?;
    Ok(python)
}
