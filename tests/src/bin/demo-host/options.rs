//! The command line.

use std::path::PathBuf;
use std::str::FromStr;

use anyhow::{Context, Result, bail, ensure};

/// What to play and where to put it.
#[derive(Debug, Clone)]
pub struct Options {
    /// The plugin file.
    pub plugin: PathBuf,
    /// Folder to write to.
    pub out: PathBuf,
    /// Scene text.
    pub scene: String,
    /// Tempo in quarter notes a minute.
    pub bpm: f64,
    /// Bars of 4/4.
    pub bars: u32,
    /// Names the music.
    pub seed: u32,
    /// Sample rate in hertz.
    pub rate: f64,
}

/// The highest seed the plugin takes.
pub const HIGHEST_SEED: u32 = 9_999;

impl Options {
    /// Reads `--name value` pairs.
    pub fn parse(mut args: impl Iterator<Item = String>) -> Result<Self> {
        let mut options = Self {
            plugin: PathBuf::new(),
            out: PathBuf::from("out/demo"),
            scene: "cyberpunk city, rain".to_owned(),
            bpm: 128.0,
            bars: 32,
            seed: 1,
            rate: 48_000.0,
        };
        while let Some(name) = args.next() {
            let value = args.next().with_context(|| format!("{name} needs a value"))?;
            match name.as_str() {
                "--plugin" => options.plugin = value.into(),
                "--out" => options.out = value.into(),
                "--scene" => options.scene = value,
                "--bpm" => options.bpm = number(&name, &value, 20.0, 400.0)?,
                "--bars" => options.bars = number(&name, &value, 1, 512)?,
                "--seed" => options.seed = number(&name, &value, 0, HIGHEST_SEED)?,
                "--rate" => options.rate = number(&name, &value, 22_050.0, 192_000.0)?,
                _ => bail!(
                    "there is no option {name}; there are --scene --bpm --bars --seed --rate --out --plugin"
                ),
            }
        }
        ensure!(options.plugin.exists(), "--plugin names no file: \"{}\"", options.plugin.display());
        Ok(options)
    }
}

fn number<T: FromStr + PartialOrd + std::fmt::Display>(
    name: &str,
    text: &str,
    least: T,
    most: T,
) -> Result<T> {
    match text.parse::<T>() {
        Ok(value) if value >= least && value <= most => Ok(value),
        _ => bail!("{name} must be a number from {least} to {most}, not \"{text}\""),
    }
}
