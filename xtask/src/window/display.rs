//! A display in memory, a program whose window is on it, and a hand that works the window.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

/// How long a window may take to open: the program first reads its network.
const OPENING: Duration = Duration::from_secs(60);
/// A little larger than the largest window, so that the pointer can leave it.
const SCREEN: &str = "2640x1680x24";

/// A process of ours, ended with us whatever happens.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to do.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// An X server without a screen.
pub struct Display {
    name: String,
    /// Holds the homes of all programs that are started here.
    homes: PathBuf,
    _server: Process,
}

impl Drop for Display {
    fn drop(&mut self) {
        // It lies where the system throws things away.
        let _ = fs::remove_dir_all(&self.homes);
    }
}

impl Display {
    /// Starts one under a number that is free; what it complains of goes into a file.
    pub fn start(log: &Path) -> Result<Self> {
        let mut command = Command::new("Xvfb");
        // It writes its number where it is told to: into its standard output.
        command.args(["-displayfd", "1", "-screen", "0", SCREEN, "-nolisten", "tcp", "-noreset"]);
        let mut server = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(file(log)?)
            .spawn()
            .map(Process)
            .context("cannot start Xvfb (package xvfb)")?;
        let output = server.0.stdout.take().context("Xvfb says nothing")?;
        let mut number = String::new();
        BufReader::new(output).read_line(&mut number).context("Xvfb cannot be heard")?;
        let number = number.trim();
        ensure!(!number.is_empty(), "Xvfb did not come up; {} says why", log.display());
        let homes = std::env::temp_dir().join(format!("sceneloop-display-{}", std::process::id()));
        fs::create_dir_all(&homes).with_context(|| format!("cannot make {}", homes.display()))?;
        Ok(Self { name: format!(":{number}"), homes, _server: server })
    }

    /// A command whose windows open here, with so many pixels a point, in a home of its own that holds nothing yet.
    pub fn command(&self, program: &Path, scale: u32) -> Result<Command> {
        let earlier =
            fs::read_dir(&self.homes).with_context(|| format!("cannot read {}", self.homes.display()))?;
        let home = self.homes.join(earlier.count().to_string());
        fs::create_dir(&home).with_context(|| format!("cannot make {}", home.display()))?;
        // What a desktop says of its screen, in the way that X has had before there were desktops.
        let resources = home.join("resources");
        fs::write(&resources, format!("Xft.dpi: {}\n", 96 * scale)).context("cannot write X resources")?;
        let mut command = Command::new(program);
        command
            .env("DISPLAY", &self.name)
            .env_remove("WAYLAND_DISPLAY")
            .env("LIBGL_ALWAYS_SOFTWARE", "1")
            .env("XENVIRONMENT", &resources)
            .env("HOME", &home)
            .env("XDG_CONFIG_HOME", home.join("config"))
            .env("XDG_DATA_HOME", home.join("data"))
            .env("XDG_CACHE_HOME", home.join("cache"))
            .stdin(Stdio::null());
        Ok(command)
    }

    /// Runs a program for its output.
    pub fn ask(&self, program: &str, args: &[&str]) -> Result<Vec<u8>> {
        let output = Command::new(program)
            .args(args)
            .env("DISPLAY", &self.name)
            .stdin(Stdio::null())
            .output()
            .with_context(|| format!("cannot start {program}"))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            bail!("{program} {} ended with {}: {}", args.join(" "), output.status, said.trim());
        }
        Ok(output.stdout)
    }
}

/// A program that runs on a display.
pub struct Program(Process);

impl Program {
    /// Starts it; what it says goes into a file.
    pub fn start(mut command: Command, log: &Path) -> Result<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        let child = command
            .stdout(file(log)?)
            .stderr(file(&log.with_extension("errors.log"))?)
            .spawn()
            .with_context(|| format!("cannot start {name}"))?;
        Ok(Self(Process(child)))
    }
}

/// A window, worked with xdotool. All places are pixels of it.
pub struct Window<'a> {
    display: &'a Display,
    id: String,
}

impl<'a> Window<'a> {
    /// Waits for a window of that title. There is no window manager, so it also gets the keyboard here.
    pub fn find(display: &'a Display, title: &str, program: &mut Program) -> Result<Self> {
        let start = Instant::now();
        let id = loop {
            if let Some(status) = program.0.0.try_wait()? {
                bail!("the program ended with {status} before it had a window; program.errors.log says why");
            }
            // It fails as long as there is none.
            let found = display.ask("xdotool", &["search", "--onlyvisible", "--name", &format!("^{title}$")]);
            let found = found.map(|ids| String::from_utf8_lossy(&ids).into_owned()).unwrap_or_default();
            if let Some(id) = found.lines().next() {
                break id.to_owned();
            }
            ensure!(start.elapsed() < OPENING, "no window opened in {} seconds", OPENING.as_secs());
            std::thread::sleep(Duration::from_millis(100));
        };
        let window = Self { display, id };
        window.tell(&["windowfocus", "--sync", &window.id])?;
        Ok(window)
    }

    pub fn id(&self) -> &str {
        &self.id
    }

    pub fn display(&self) -> &Display {
        self.display
    }

    pub fn resize(&self, width: u32, height: u32) -> Result<()> {
        self.tell(&["windowsize", "--sync", &self.id, &width.to_string(), &height.to_string()])
    }

    pub fn click(&self, x: u32, y: u32) -> Result<()> {
        self.move_to(x, y)?;
        self.tell(&["mousedown", "1", "sleep", "0.1", "mouseup", "1", "sleep", "0.1"])
    }

    pub fn drag(&self, from: (u32, u32), to: (u32, u32)) -> Result<()> {
        self.move_to(from.0, from.1)?;
        self.tell(&["mousedown", "1", "sleep", "0.1"])?;
        for part in 1..=4 {
            let between = |from: u32, to: u32| (from * (4 - part) + to * part) / 4;
            self.move_to(between(from.0, to.0), between(from.1, to.1))?;
        }
        // A window that draws slowly is to see where the pointer came to before it is let go.
        self.tell(&["sleep", "0.5", "mouseup", "1", "sleep", "0.1"])
    }

    /// Takes the pointer out of the window, so that no hint and no lit button is in a picture.
    pub fn leave(&self) -> Result<()> {
        self.tell(&["mousemove", "2635", "1675"])
    }

    /// Presses a key, named as in X.
    pub fn key(&self, name: &str) -> Result<()> {
        self.tell(&["key", name, "sleep", "0.1"])
    }

    /// Types letters.
    pub fn write(&self, text: &str) -> Result<()> {
        self.tell(&["type", "--delay", "40", text])
    }

    fn move_to(&self, x: u32, y: u32) -> Result<()> {
        self.tell(&["mousemove", "--window", &self.id, &x.to_string(), &y.to_string(), "sleep", "0.1"])
    }

    fn tell(&self, args: &[&str]) -> Result<()> {
        self.display.ask("xdotool", args).map(drop)
    }
}

fn file(path: &Path) -> Result<File> {
    File::create(path).with_context(|| format!("cannot write {}", path.display()))
}
