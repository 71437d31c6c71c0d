//! Options that several commands share.

use crate::Failure;
use anyhow::{Context, bail};
use clap::Args;
use sceneloop_engine::export::report;
use sceneloop_engine::{Author, Choice, Preference};
use sceneloop_music::{Bpm, Key, Metre, Scene, SceneTable};
use std::io::{ErrorKind, StdoutLock};
use std::path::{Path, PathBuf};

/// What music is wanted, and where its files go.
#[derive(Args)]
pub struct MusicArgs {
    /// Weighted tags in English or Chinese, such as "cyberpunk city:1, rain:0.5".
    #[arg(long)]
    pub scene: String,
    /// Quarter notes a minute; without it the middle of what the scene likes.
    #[arg(long, allow_negative_numbers = true)]
    bpm: Option<f64>,
    /// Metre, such as 4/4, 6/8 or 7/8; without it that of what is given, else that of the scene: 3/4 for a waltz, 6/8 for a jig, 4/4 for others.
    #[arg(long)]
    metre: Option<String>,
    /// Key, such as "A minor" or "D 羽"; without it that of what is given, else scene and seed choose.
    #[arg(long)]
    key: Option<String>,
    /// Bars of a loop: 1, 2, 4 or 8.
    #[arg(long, default_value_t = 4, allow_negative_numbers = true)]
    pub loop_bars: u8,
    /// Names the music: the same seed gives the same notes. The plugin's go from 0 to 9999.
    #[arg(long, default_value_t = 1, allow_negative_numbers = true)]
    pub seed: u32,
    #[command(flatten)]
    pub place: DeviceArgs,
    /// Folder for the files; made if it is not there. Files of the same name are replaced.
    #[arg(long)]
    pub out: PathBuf,
    /// Who writes the notes: auto is the network where it can be had, else the teacher, an arranger of rules; with network it is an error where it cannot.
    #[arg(long, value_enum, default_value_t = Composer::Auto)]
    pub composer: Composer,
}

/// [`sceneloop_engine::Form`] on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Form {
    /// Sections: those that the scene asks for, or those of its style.
    Auto,
    /// The same kind of loop for ever.
    Off,
}

impl From<Form> for sceneloop_engine::Form {
    fn from(form: Form) -> Self {
        match form {
            Form::Auto => Self::Auto,
            Form::Off => Self::Off,
        }
    }
}

/// Where the network runs.
#[derive(Args)]
pub struct DeviceArgs {
    /// Where the network runs: auto is the CPU, so that what it writes is the same on every machine.
    #[arg(long, value_enum, default_value_t = Device::Auto)]
    device: Device,
}

/// [`Author`] on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Composer {
    Auto,
    Network,
    Teacher,
}

/// [`Choice`] on the command line.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Device {
    Auto,
    Gpu,
    Cpu,
}

/// [`MusicArgs`], understood.
pub struct Music {
    pub scene: Scene,
    pub bpm: Bpm,
    pub metre: Option<Metre>,
    pub key: Option<Key>,
}

impl MusicArgs {
    /// Checks the options; the folder is not made yet.
    pub fn read(&self, scenes: &SceneTable) -> anyhow::Result<Music> {
        let scene = scenes.parse(&self.scene)?;
        if !matches!(self.loop_bars, 1 | 2 | 4 | 8) {
            bail!("a loop has 1, 2, 4 or 8 bars, not {}", self.loop_bars);
        }
        check_folder(&self.out)?;
        let bpm = self.bpm.map_or_else(|| Ok(report::default_bpm(scene.tempo)), Bpm::new)?;
        Ok(Music {
            bpm,
            metre: self.metre.as_deref().map(str::parse).transpose()?,
            key: self.key.as_deref().map(str::parse).transpose()?,
            scene,
        })
    }
}

impl DeviceArgs {
    /// Somebody who writes, at the place that is asked for.
    pub fn preference(&self, composer: Composer) -> Preference {
        let author = match composer {
            Composer::Auto => Author::Auto,
            Composer::Network => Author::Network,
            Composer::Teacher => Author::Teacher,
        };
        let device = match self.device {
            Device::Gpu => Choice::Gpu,
            Device::Auto | Device::Cpu => Choice::Cpu,
        };
        Preference { author, device }
    }
}

/// Whether files can go to a path: nothing is there, or a folder.
pub fn check_folder(path: &Path) -> anyhow::Result<()> {
    if path.exists() && !path.is_dir() {
        bail!("{} is not a folder", path.display());
    }
    Ok(())
}

/// Makes a folder and those above it.
pub fn make_folder(path: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(path).with_context(|| format!("cannot make {}", path.display()))
}

/// Writes to standard output.
pub fn print(write: impl FnOnce(&mut StdoutLock<'_>) -> std::io::Result<()>) -> Result<(), Failure> {
    match write(&mut std::io::stdout().lock()) {
        // A reader that has seen enough, such as `head`, is no error.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::work(error)),
        _ => Ok(()),
    }
}

/// Writes a file, or says which one cannot be written.
pub fn write_file(path: &Path, contents: impl AsRef<[u8]>) -> anyhow::Result<()> {
    std::fs::write(path, contents).with_context(|| path.display().to_string())
}

/// Removes a file that an earlier call may have left.
pub fn remove_if_there(path: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
