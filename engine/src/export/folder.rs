//! A folder of files that is there whole or not at all, and what is wanted in it.

use super::take::Take;
use super::{picture, wav};
use crate::error::EngineError;
use sceneloop_music::Role;
use sceneloop_music::midi::MidiSong;
use std::error::Error;
use std::path::{Path, PathBuf};

/// Which files are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Parts {
    /// Mix, stems, MIDI and picture.
    #[default]
    All,
    /// The mix.
    Mix,
    /// A file for each role.
    Stems,
    /// The notes.
    Midi,
}

impl Parts {
    /// All choices.
    pub const ALL: [Self; 4] = [Self::All, Self::Mix, Self::Stems, Self::Midi];

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::All => "everything",
            Self::Mix => "mix",
            Self::Stems => "stems",
            Self::Midi => "MIDI",
        }
    }

    fn has(self, part: Self) -> bool {
        self == Self::All || self == part
    }
}

/// Makes a folder that is not there yet in another one, which is made where it is missing; `fill` writes the files.
///
/// # Errors
/// [`EngineError::Export`] with what the file system says; a folder that was begun is removed.
pub(super) fn make(
    parent: &Path,
    name: &str,
    fill: impl FnOnce(&Path) -> Result<(), Box<dyn Error>>,
) -> Result<PathBuf, EngineError> {
    let failed = |path: &Path, error: &dyn std::fmt::Display| {
        EngineError::Export(format!("{} cannot be written: {error}", path.display()))
    };
    std::fs::create_dir_all(parent).map_err(|error| failed(parent, &error))?;
    let folder = free(parent, name);
    // All of it or nothing: the files are made beside, and moved when they are there.
    let making = tempfile::Builder::new().prefix(".sceneloop-").tempdir_in(parent);
    let making = making.map_err(|error| failed(parent, &error))?;
    fill(making.path()).map_err(|error| failed(&folder, &error))?;
    let made = making.keep();
    if let Err(error) = std::fs::rename(&made, &folder) {
        let _ = std::fs::remove_dir_all(&made); // nothing better can be done about it
        return Err(failed(&folder, &error));
    }
    Ok(folder)
}

/// Writes what is wanted of a take, from a frame on: the sound with loop points about the whole of it, the mix at a depth.
pub(super) fn fill(
    folder: &Path,
    take: &Take,
    (first_frame, depth): (usize, wav::Depth),
    parts: Parts,
    midi: impl FnOnce() -> MidiSong,
    pictured: &Take,
) -> Result<(), Box<dyn Error>> {
    let rate = take.request.sample_rate;
    let write = |path: PathBuf, channels: &[Vec<f32>; 2], depth| -> Result<(), Box<dyn Error>> {
        let kept = channels.each_ref().map(|side| side[first_frame..].to_vec());
        wav::write(&path, &kept, rate, depth)?;
        wav::mark_loop(&path, rate, kept[0].len() as u32)?;
        Ok(())
    };
    if parts.has(Parts::Mix) {
        write(folder.join("mix.wav"), &take.main, depth)?;
    }
    if parts.has(Parts::Stems) {
        std::fs::create_dir(folder.join("stems"))?;
        for role in Role::ALL {
            write(folder.join(format!("stems/{role}.wav")), &take.stems[role], wav::Depth::Float32)?;
        }
    }
    if parts.has(Parts::Midi) {
        std::fs::write(folder.join("loop.mid"), midi().to_bytes())?;
    }
    if parts == Parts::All {
        std::fs::write(folder.join("roll.png"), picture::piano_roll(pictured))?;
    }
    Ok(())
}

/// A scene's tags as part of a file's name.
pub(super) fn words(tags: &str) -> String {
    let letter = |letter: char| if letter.is_alphanumeric() { letter } else { '-' };
    let scene: String = tags.chars().take(40).map(letter).collect();
    scene.split('-').filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-")
}

/// A folder that is not there yet.
fn free(parent: &Path, name: &str) -> PathBuf {
    let numbered = |number: u32| match number {
        1 => parent.join(name),
        _ => parent.join(format!("{name}-{number}")),
    };
    (1..).map(numbered).find(|path| !path.exists()).unwrap_or_else(|| parent.join(name))
}
