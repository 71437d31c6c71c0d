//! `window`: the standalone program on a display that exists in memory only, drawn by Mesa in software. It is worked with a pointer and
//! keys as a person would, its pictures are kept, and what a drawing costs is measured.
//!
//! Every picture is made by an act that must change a certain part of the window, which stands still before: a window that draws nothing, or
//! does not hear, fails the command. Whether it looks well is for eyes.

mod display;
mod picture;

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::project::{Project, cargo, run};
use crate::system;
use display::{Display, Program, Window};
use picture::{Area, Picture};

/// Size of the window, points.
const SIZE: (u32, u32) = (1280, 800);
/// How long a change may take to be seen, and the first loop to be heard.
const PATIENCE: Duration = Duration::from_secs(10);
const COMPOSED: Duration = Duration::from_secs(60);
/// How many controls there may be before the one that the keyboard is to come to.
const MOST_TABS: u32 = 30;
/// How long a change is given to come to rest.
const REST: Duration = Duration::from_millis(600);

// Where things are at that size, points.
const TEXT: Area = Area::new(12, 43, 1040, 28);
const SUGGESTIONS: Area = Area::new(12, 76, 200, 60);
const CHIPS: Area = Area::new(12, 80, 240, 28);
const ENERGY: Area = Area::new(12, 129, 1124, 44);
const ENERGY_NUMBER: Area = Area::new(1078, 129, 56, 44);
/// Where a ring shows that the keyboard is on the energy.
const ENERGY_END: Area = Area::new(1072, 125, 70, 52);
const DRUMS_LOCK: Area = Area::new(326, 271, 24, 24);
const ROLL: Area = Area::new(460, 264, 600, 330);
const REWRITE: Area = Area::new(682, 618, 64, 20);
const THEME: Area = Area::new(1220, 8, 48, 26);

/// The command.
pub fn window(options: &[String]) -> Result<()> {
    let Options { out, seconds, profile } = Options::parse(options)?;
    ensure!(cfg!(target_os = "linux"), "this needs Xvfb, which is there on Linux only");
    let project = Project::enter()?;
    system::ensure(&[system::BUILD, system::PLAY, system::WINDOW, system::DISPLAY])?;
    run(
        "building the program, and the example that takes the time (some minutes, the first time)",
        cargo().args(["build", "--quiet", "--profile", profile, "-p", "sceneloop-plugin"]).args([
            "--features",
            "standalone",
            "--bin",
            "sceneloop-standalone",
            "--example",
            "frames",
        ]),
    )?;
    let built = project.target.join(if profile == "dev" { "debug" } else { profile });
    let out = out.unwrap_or_else(|| project.root.join("out").join("window"));
    fs::create_dir_all(&out).with_context(|| format!("cannot make the folder {}", out.display()))?;
    let display = Display::start(&out.join("display.log"))?;
    let mut seen = HashSet::new();
    for scale in [1, 2] {
        Tour::start(&display, &built.join("sceneloop-standalone"), &out, scale, &mut seen)?.walk()?;
    }
    if seconds > 0 {
        measure(&display, &built.join("examples").join("frames"), &out, seconds)?;
    }
    println!("{} pictures lie in {}", seen.len(), out.display());
    Ok(())
}

struct Options {
    out: Option<PathBuf>,
    seconds: u32,
    /// Cargo's profile.
    profile: &'static str,
}

impl Options {
    fn parse(options: &[String]) -> Result<Self> {
        let mut parsed = Self { out: None, seconds: 30, profile: "release" };
        let mut options = options.iter();
        while let Some(option) = options.next() {
            let mut value = || options.next().with_context(|| format!("{option} needs a value"));
            match option.as_str() {
                "--out" => parsed.out = Some(std::path::absolute(value()?)?),
                "--seconds" => {
                    parsed.seconds = value()?.parse().context("--seconds takes a whole number")?;
                }
                "--dev" => parsed.profile = "dev",
                other => {
                    bail!("window knows no option '{other}'; there are --out DIR, --seconds N and --dev")
                }
            }
        }
        Ok(parsed)
    }
}

/// One opening of the program, and the way through its states.
struct Tour<'a> {
    window: Window<'a>,
    _program: Program,
    out: &'a Path,
    scale: u32,
    is_light: bool,
    /// All pictures that were kept, of all tours.
    seen: &'a mut HashSet<Vec<u8>>,
}

impl<'a> Tour<'a> {
    fn start(
        display: &'a Display,
        program: &Path,
        out: &'a Path,
        scale: u32,
        seen: &'a mut HashSet<Vec<u8>>,
    ) -> Result<Self> {
        eprintln!("==> the window with {scale} pixels a point");
        let mut command = display.command(program, scale)?;
        // No sound card: the dummy calls at the pace of one.
        command.args(["--backend", "dummy", "--tempo", "112"]);
        let mut program = Program::start(command, &out.join("program.log"))?;
        let window = Window::find(display, "Sceneloop", &mut program)?;
        window.resize(SIZE.0 * scale, SIZE.1 * scale)?;
        Ok(Self { window, _program: program, out, scale, is_light: false, seen })
    }

    /// All states that are worth a look.
    fn walk(mut self) -> Result<()> {
        self.wait(PATIENCE, "the window stays empty", |picture, _| picture.colours() > 50)?;
        self.keep("first")?;
        // While nothing plays the roll holds one sentence.
        let many = |picture: &Picture, tour: &Self| picture.cut(ROLL, tour.scale).colours() > 200;
        self.wait(COMPOSED, "no loop came to be shown", many)?;
        self.keep("playing")?;
        self.after("typing", SUGGESTIONS, |tour| tour.type_over("dun"))?;
        self.after("scene", CHIPS, |tour| {
            tour.type_over("dungeon:1, rain:0.4")?;
            tour.window.key("Return")
        })?;
        // Before the energy is dragged, which takes the keyboard there.
        self.after("tab-key", ENERGY_END, |tour| tour.tab_to(ENERGY_END))?;
        self.after("arrow-keys", ENERGY_NUMBER, |tour| (0..4).try_for_each(|_| tour.window.key("Left")))?;
        for (from, to) in [(60, 20), (20, 90)] {
            let name = format!("energy-{to}");
            self.after(&name, ENERGY_NUMBER, |tour| tour.drag(tour.energy_at(from), tour.energy_at(to)))?;
            ensure!(self.is_energy(to)?, "{name} shows another energy");
        }
        self.after("locked", DRUMS_LOCK, |tour| tour.click(DRUMS_LOCK))?;
        self.after("marked", REWRITE, |tour| tour.drag((560, 400), (700, 430)))?;
        self.after("unknown-scene", CHIPS, |tour| {
            tour.type_over("dungeonn")?;
            tour.window.key("Return")
        })?;
        self.after("put-right", CHIPS, |tour| {
            tour.type_over("tavern:1, night:0.5")?;
            tour.window.key("Return")
        })?;
        self.is_light = true;
        self.after("light", THEME, |tour| tour.click(THEME))
    }

    /// Where the energy has a value of 0 to 100.
    fn energy_at(&self, value: u32) -> (u32, u32) {
        (ENERGY.x + ENERGY.width * value / 100, ENERGY.middle().1)
    }

    /// Whether the bar is filled to there: what is left of it has one colour.
    fn is_energy(&self, value: u32) -> Result<bool> {
        let picture = self.picture()?;
        let low = ENERGY.y + ENERGY.height - 6; // below all words
        let dot = |value: u32| picture.cut(Area::new(self.energy_at(value).0, low, 1, 1), self.scale);
        Ok(dot(value - 2) != dot(98) && dot(value + 2) == dot(98))
    }

    fn click(&self, area: Area) -> Result<()> {
        let (x, y) = area.middle();
        self.window.click(x * self.scale, y * self.scale)
    }

    fn drag(&self, from: (u32, u32), to: (u32, u32)) -> Result<()> {
        let pixels = |(x, y): (u32, u32)| (x * self.scale, y * self.scale);
        self.window.drag(pixels(from), pixels(to))
    }

    /// Types into the line of the scene, in place of all that stands there.
    fn type_over(&self, words: &str) -> Result<()> {
        self.click(TEXT)?;
        self.window.key("ctrl+a")?;
        self.window.write(words)
    }

    /// Presses the tabulator until an area shows that the keyboard has come to it.
    fn tab_to(&self, area: Area) -> Result<()> {
        let before = self.picture()?.cut(area, self.scale);
        for _ in 0..MOST_TABS {
            self.window.key("Tab")?;
            // A slow drawing must not have the next step go past it.
            std::thread::sleep(REST);
            if self.picture()?.cut(area, self.scale) != before {
                return Ok(());
            }
        }
        bail!("the keyboard did not come there in {MOST_TABS} steps")
    }

    /// Does something that must change an area of the window, and keeps a picture of what became of it.
    fn after(&mut self, name: &str, area: Area, act: impl Fn(&Self) -> Result<()>) -> Result<()> {
        let before = self.at_rest(name, area)?;
        act(self).with_context(|| format!("working the window for '{name}'"))?;
        self.window.leave()?;
        let sentence = format!("'{name}' changed nothing where it should have");
        self.wait(PATIENCE, &sentence, |picture, tour| picture.cut(area, tour.scale) != before)?;
        let kept = self.keep(name)?;
        ensure!(kept.cut(area, self.scale) != before, "what '{name}' changed went back by itself");
        Ok(())
    }

    /// The area, once it no longer moves: what changes it then is what is done.
    fn at_rest(&self, name: &str, area: Area) -> Result<Picture> {
        let start = Instant::now();
        let mut last = self.picture()?.cut(area, self.scale);
        while start.elapsed() < PATIENCE {
            std::thread::sleep(REST);
            let now = self.picture()?.cut(area, self.scale);
            if now == last {
                return Ok(now);
            }
            last = now;
        }
        bail!("what '{name}' is to change moves by itself")
    }

    fn wait(
        &self,
        patience: Duration,
        sentence: &str,
        enough: impl Fn(&Picture, &Self) -> bool,
    ) -> Result<()> {
        let start = Instant::now();
        while !enough(&self.picture()?, self) {
            ensure!(start.elapsed() < patience, "{sentence}, in {} seconds", patience.as_secs());
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(())
    }

    /// Keeps the window as it is in a moment, if it looks like one and like none before.
    fn keep(&mut self, name: &str) -> Result<Picture> {
        std::thread::sleep(REST);
        let picture = self.picture()?;
        let name = if self.scale == 1 { name.to_owned() } else { format!("{name}-{}x", self.scale) };
        let path = self.out.join(format!("{name}.png"));
        picture.save(&path)?;
        ensure!(picture.colours() > 50, "{} shows hardly anything", path.display());
        let is_light = picture.brightness() > 0.5;
        ensure!(is_light == self.is_light, "{} is of the wrong theme", path.display());
        ensure!(self.seen.insert(picture.bytes().to_vec()), "{} is the same as one before", path.display());
        println!("{}", path.display());
        Ok(picture)
    }

    fn picture(&self) -> Result<Picture> {
        Picture::of(&self.window, SIZE.0 * self.scale, SIZE.1 * self.scale)
    }
}

/// What a drawing costs, told and kept beside the pictures.
fn measure(display: &Display, example: &Path, out: &Path, seconds: u32) -> Result<()> {
    eprintln!("==> what a drawing costs ({seconds} s of drawings)");
    let mut command: Command = display.command(example, 1)?;
    let output = command
        .arg(seconds.to_string())
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("cannot start {}", example.display()))?;
    let said = String::from_utf8_lossy(&output.stdout);
    print!("{said}");
    ensure!(output.status.success(), "{} ended with {}", example.display(), output.status);
    fs::write(out.join("frames.txt"), said.as_bytes()).context("cannot keep what was measured")
}
