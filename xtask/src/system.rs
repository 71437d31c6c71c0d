//! What must stand on the machine before cargo can do its work, and how it gets there.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// A Debian package and the command that tells that its content is there, installed that way or another.
pub struct Need {
    package: &'static str,
    probe: Probe,
}

enum Probe {
    /// A program on the path.
    Program(&'static str),
    /// The same for one that cannot be asked for its version, or not without a display.
    OnPath(&'static str),
    /// A library that pkg-config knows.
    PkgConfig(&'static str),
    /// A Python module.
    Python(&'static str),
    /// Only the package manager can tell.
    Package,
}

/// To build the plugin. Its window's libraries are opened when a window opens, so none is needed here.
pub const BUILD: &[Need] = &[
    Need { package: "build-essential", probe: Probe::Program("cc") },
    Need { package: "pkg-config", probe: Probe::Program("pkg-config") },
];

/// To run the tests: the Python host has a virtual environment, and links OpenGL although it opens no window; a graphics card in
/// software stands in for a real one.
pub const TEST: &[Need] = &[
    Need { package: "python3", probe: Probe::Program("python3") },
    Need { package: "python3-venv", probe: Probe::Python("ensurepip") },
    Need { package: "libgl1", probe: Probe::Package },
    Need { package: "libvulkan1", probe: Probe::Package },
    Need { package: "mesa-vulkan-drivers", probe: Probe::Package },
];

/// To measure sound in Python.
pub const PYTHON: &[Need] = &[
    Need { package: "python3", probe: Probe::Program("python3") },
    Need { package: "python3-venv", probe: Probe::Python("ensurepip") },
];

/// To build the standalone program, which talks to ALSA and JACK.
pub const PLAY: &[Need] = &[
    Need { package: "libasound2-dev", probe: Probe::PkgConfig("alsa") },
    Need { package: "libjack-jackd2-dev", probe: Probe::PkgConfig("jack") },
];

/// What the standalone program's window opens at run time.
pub const WINDOW: &[Need] = &[
    Need { package: "libx11-6", probe: Probe::Package },
    Need { package: "libx11-xcb1", probe: Probe::Package },
    Need { package: "libxcb1", probe: Probe::Package },
    Need { package: "libxcursor1", probe: Probe::Package },
    Need { package: "libxkbcommon0", probe: Probe::Package },
    Need { package: "libxkbcommon-x11-0", probe: Probe::Package },
    Need { package: "libgl1", probe: Probe::Package },
];

/// To open that window where there is no display, work it and take its picture.
pub const DISPLAY: &[Need] = &[
    Need { package: "xvfb", probe: Probe::OnPath("Xvfb") },
    Need { package: "libgl1-mesa-dri", probe: Probe::Package },
    Need { package: "xdotool", probe: Probe::OnPath("xdotool") },
    Need { package: "imagemagick", probe: Probe::OnPath("import") },
];

/// Sees to it that all of `sets` is there, or says what to do and fails.
pub fn ensure(sets: &[&[Need]]) -> Result<()> {
    if !cfg!(target_os = "linux") {
        // macOS and Windows bring these with their compilers.
        return Ok(());
    }
    let debian = succeeds("dpkg-query", &["--version"]);
    let mut missing: Vec<&str> = sets
        .iter()
        .flat_map(|set| set.iter())
        .filter(|need| !need.met(debian))
        .map(|need| need.package)
        .collect();
    missing.dedup();
    if missing.is_empty() {
        return Ok(());
    }
    install(&missing, debian)
}

impl Need {
    fn met(&self, debian: bool) -> bool {
        match self.probe {
            Probe::Program(program) => succeeds(program, &["--version"]),
            Probe::OnPath(program) => on_path(program),
            Probe::PkgConfig(library) => succeeds("pkg-config", &["--exists", library]),
            Probe::Python(module) => succeeds("python3", &["-c", &format!("import venv, {module}")]),
            // Elsewhere the loader will say what it misses, in better words than a guess of ours.
            Probe::Package => !debian || installed(self.package),
        }
    }
}

fn on_path(program: &str) -> bool {
    std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(program).is_file()))
}

fn installed(package: &str) -> bool {
    Command::new("dpkg-query")
        .args(["--show", "--showformat=${db:Status-Status}\n", package])
        .stderr(Stdio::null())
        .output()
        .is_ok_and(|output| String::from_utf8_lossy(&output.stdout).lines().any(|line| line == "installed"))
}

fn install(packages: &[&str], debian: bool) -> Result<()> {
    let root = output("id", &["-u"]).is_some_and(|id| id.trim() == "0");
    let prefix = if root { "" } else { "sudo " };
    let command = format!("{prefix}apt-get install -y {}", packages.join(" "));
    let can_become_root = root || succeeds("sudo", &["--version"]);
    if !debian || !succeeds("apt-get", &["--version"]) {
        bail!(
            "this machine lacks what these Debian packages hold: {}\n  on Debian or Ubuntu: {command}\n  elsewhere, install the packages of your system that hold the same, then run this again",
            packages.join(" ")
        );
    }
    if !can_become_root {
        bail!(
            "missing system packages, and there is no sudo to install them with. As root, run:\n  apt-get install -y {}",
            packages.join(" ")
        );
    }
    eprintln!("==> installing system packages: {}", packages.join(" "));
    // A list of packages too old to be of use is the usual reason for a failed install.
    apt(root, &["update", "-qq"])?;
    let mut args = vec!["install", "-y", "-qq", "--no-install-recommends"];
    args.extend(packages);
    apt(root, &args).with_context(|| format!("could not install; by hand: {command}"))
}

fn apt(root: bool, args: &[&str]) -> Result<()> {
    let mut command = Command::new(if root { "env" } else { "sudo" });
    command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get"]).args(args).stdout(Stdio::null());
    let status = command.status().context("cannot start apt-get")?;
    if !status.success() {
        bail!("apt-get {} ended with {status}", args.join(" "));
    }
    Ok(())
}

fn succeeds(program: &str, args: &[&str]) -> bool {
    Command::new(program)
        .args(args)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn output(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}
