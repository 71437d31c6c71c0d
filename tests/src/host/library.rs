//! Where the built plugin lies, and its two classes.

use std::ffi::CString;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use clack_host::prelude::*;

/// The classes in the order in which the plugin exports them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// One stereo output.
    Stereo = 0,
    /// The mix, then one stereo output per role.
    Multi = 1,
}

impl Class {
    /// The name a host shows.
    pub fn name(self) -> &'static str {
        match self {
            Self::Stereo => "Sceneloop",
            Self::Multi => "Sceneloop Multi",
        }
    }
}

/// The plugin to test: the file that `SCENELOOP_CLAP` names, or else the one that cargo built with this very program.
///
/// The `tests` package depends on the plugin, so cargo builds its library, for hosts to load, whenever it builds a
/// test, beside it and from the same sources: nothing to build before, and never an old one.
pub fn plugin_path() -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("SCENELOOP_CLAP") {
        return Ok(path.into());
    }
    let name = format!("{}sceneloop_plugin{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    let program = std::env::current_exe().context("where am I?")?;
    let folder = program.parent().context("a program in no folder")?;
    for candidate in [folder.join(&name), folder.join("deps").join(&name)] {
        if candidate.exists() {
            return Ok(candidate);
        }
    }
    bail!("there is no {name} beside {}; name a plugin file in SCENELOOP_CLAP", program.display())
}

/// Loads the file. It stays loaded for as long as the entry or an instance lives.
pub fn load(path: &Path) -> Result<PluginEntry> {
    // SAFETY: loading runs the library's constructors, which is what is asked for: it is the plugin under test, built
    // from this repository or named by whoever runs this.
    #[allow(unsafe_code)]
    let entry = unsafe { PluginEntry::load(path) };
    entry.map_err(|error| anyhow!("{} does not load: {error}", path.display()))
}

/// Names of all classes of a plugin file, in its order.
pub fn class_names(path: &Path) -> Result<Vec<String>> {
    let entry = load(path)?;
    let factory = entry.get_plugin_factory().context("no CLAP factory")?;
    Ok(factory
        .plugin_descriptors()
        .map(|class| class.name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default())
        .collect())
}

/// The id under which the plugin makes an instance of the class.
pub fn class_id(entry: &PluginEntry, class: Class) -> Result<CString> {
    let factory = entry.get_plugin_factory().context("no CLAP factory")?;
    let descriptor = factory
        .plugin_descriptors()
        .find(|descriptor| descriptor.name().is_some_and(|name| name.to_bytes() == class.name().as_bytes()))
        .with_context(|| format!("no class \"{}\"", class.name()))?;
    Ok(descriptor.id().context("a class without id")?.to_owned())
}
