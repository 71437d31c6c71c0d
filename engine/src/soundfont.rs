//! SoundFonts that play roles: which file and preset, as the user chose and a project remembers, and what is left of it where the
//! file is gone.
//!
//! Whoever chooses one reads the file and makes the player, on the main thread or one of the window's, and hands it to the renderer
//! whole: never a thread of the sound.

use crate::error::EngineError;
use sceneloop_music::{PerRole, Role};
use sceneloop_render::{SoundFont, SoundFontPlayer, SoundFontPreset};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::fs::Metadata;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::SystemTime;

/// Bank of the drum kits.
const DRUM_BANK: u16 = 128;
/// Largest file, bytes: places in it are counted with 31 bits.
const LARGEST: u64 = i32::MAX as u64;
/// Longest path, bytes.
const LONGEST_PATH: usize = 4096;

/// A SoundFont that is to play a role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FontChoice {
    /// The file.
    pub path: PathBuf,
    /// The preset; without one the first that suits the role: for drums the first kit, for others the first that is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preset: Option<FontPreset>,
}

/// A preset by its numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FontPreset {
    /// Bank, 0 to 128; drum kits are in 128.
    pub bank: u16,
    /// Program, 0 to 127.
    pub program: u8,
}

impl From<&SoundFontPreset> for FontPreset {
    fn from(preset: &SoundFontPreset) -> Self {
        Self { bank: preset.bank, program: preset.program }
    }
}

impl FromStr for FontChoice {
    type Err = EngineError;

    /// Reads `piano.sf2` or `orchestra.sf2@0:40`: a file, and a preset by bank and program.
    fn from_str(text: &str) -> Result<Self, EngineError> {
        let text = text.trim();
        let preset = |numbers: &str| {
            let (bank, program) = numbers.split_once(':')?;
            Some(FontPreset { bank: bank.parse().ok()?, program: program.parse().ok()? })
        };
        let parts = text.rsplit_once('@').map(|(path, numbers)| (path, numbers, preset(numbers)));
        let (path, preset) = match parts {
            Some((path, _, Some(preset))) => (path, Some(preset)),
            Some((path, numbers, None)) if path.to_ascii_lowercase().ends_with(".sf2") => {
                return Err(EngineError::SoundFont(format!(
                    "behind the @ stand bank and program, such as {path}@0:40, not \"{numbers}\""
                )));
            }
            _ => (text, None),
        };
        let choice = Self { path: PathBuf::from(path), preset };
        choice.check()?;
        Ok(choice)
    }
}

impl fmt::Display for FontChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        match self.preset {
            Some(FontPreset { bank, program }) => write!(f, "@{bank}:{program}"),
            None => Ok(()),
        }
    }
}

impl FontChoice {
    /// Checks what can be checked without the file.
    ///
    /// # Errors
    /// [`EngineError::SoundFont`] for a path that is empty, too long or not Unicode, or numbers out of range.
    pub fn check(&self) -> Result<(), EngineError> {
        let refuse = |why: &str| Err(EngineError::SoundFont(why.into()));
        match self.path.to_str() {
            None => return refuse("the path of a SoundFont must be Unicode, so that a project can hold it"),
            Some("") => return refuse("give the path of an .sf2 file"),
            Some(path) if path.len() > LONGEST_PATH => return refuse("the path is longer than 4096 bytes"),
            Some(_) => {}
        }
        match self.preset {
            Some(FontPreset { bank, program }) if bank > DRUM_BANK || program > 127 => {
                Err(EngineError::SoundFont(format!(
                    "a preset has a bank from 0 to 128 and a program from 0 to 127, not {bank}:{program}"
                )))
            }
            _ => Ok(()),
        }
    }
}

/// Reads a SoundFont 2 file.
///
/// # Errors
/// [`EngineError::SoundFont`]: one sentence with the file's name.
pub fn read(path: &Path) -> Result<SoundFont, EngineError> {
    stamped(path).and_then(|(_, metadata)| read_bytes(path, &metadata))
}

/// What tells whether a file is still the same.
type Stamp = (u64, Option<SystemTime>);

fn stamped(path: &Path) -> Result<(Stamp, Metadata), EngineError> {
    let name = path.display();
    let metadata = std::fs::metadata(path)
        .map_err(|error| EngineError::SoundFont(format!("cannot read {name}: {error}")))?;
    // What is no file, such as a pipe, might be read for ever.
    if !metadata.is_file() {
        return Err(EngineError::SoundFont(format!("cannot read {name}: it is not a file")));
    }
    if metadata.len() > LARGEST {
        return Err(EngineError::SoundFont(format!("cannot read {name}: it is larger than 2 GiB")));
    }
    Ok(((metadata.len(), metadata.modified().ok()), metadata))
}

fn read_bytes(path: &Path, metadata: &Metadata) -> Result<SoundFont, EngineError> {
    let name = path.display();
    let mut bytes = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(metadata.len()).read_to_end(&mut bytes))
        .map_err(|error| EngineError::SoundFont(format!("cannot read {name}: {error}")))?;
    SoundFont::read(&bytes).map_err(|error| EngineError::SoundFont(format!("{name}: {error}")))
}

/// What plays a role in its patch's place, or why nothing does.
#[derive(Debug, Clone)]
pub struct FontInUse {
    /// What was chosen.
    pub choice: FontChoice,
    /// The preset that plays; where none does, the sentence that says why. The role's patch plays then.
    pub preset: Result<SoundFontPreset, String>,
    /// The instruments of the file, by bank and program.
    pub presets: Arc<[SoundFontPreset]>,
}

/// A file that was read.
#[derive(Debug, Clone)]
struct File {
    font: SoundFont,
    stamp: Stamp,
    presets: Arc<[SoundFontPreset]>,
}

/// A choice with its file, as far as there is one. Copies share the samples.
#[derive(Debug, Clone)]
pub(crate) struct LoadedFont {
    role: Role,
    choice: FontChoice,
    file: Result<(File, SoundFontPreset), String>,
    /// Why it cannot be played at the rate of the stream.
    problem: Option<String>,
}

/// A player, ready for the renderer.
pub(crate) type Player = Box<SoundFontPlayer>;

impl LoadedFont {
    /// Reads the file, unless one of `others` has it, and makes a player for a rate, Hz.
    pub fn read(
        role: Role,
        choice: FontChoice,
        sample_rate: f64,
        others: &[Self],
    ) -> Result<(Self, Player), EngineError> {
        choice.check()?;
        let broken = |reason: String| {
            let name = choice.path.display();
            EngineError::SoundFont(format!("{name}: {reason}"))
        };
        let (stamp, metadata) = stamped(&choice.path)?;
        let same = |other: &&Self| other.choice.path == choice.path;
        let files = others.iter().filter(same).filter_map(|other| other.file.as_ref().ok());
        let file = match files.map(|(file, _)| file).find(|file| file.stamp == stamp) {
            Some(known) => known.clone(),
            None => {
                let font = read_bytes(&choice.path, &metadata)?;
                let presets = font.presets().into();
                File { font, stamp, presets }
            }
        };
        let preset = choose(&file.presets, role, choice.preset).map_err(broken)?;
        let player = SoundFontPlayer::new(&file.font, preset.bank, preset.program, role, sample_rate)
            .map_err(|error| broken(error.to_string()))?;
        Ok((Self { role, choice: choice.clone(), file: Ok((file, preset)), problem: None }, Box::new(player)))
    }

    /// The same of a project, which opens also where the file is gone: then the choice is kept with the reason.
    pub fn remembered(
        role: Role,
        choice: FontChoice,
        sample_rate: f64,
        others: &[Self],
    ) -> (Self, Option<Player>) {
        match Self::read(role, choice.clone(), sample_rate, others) {
            Ok((font, player)) => (font, Some(player)),
            Err(error) => (Self { role, choice, file: Err(error.to_string()), problem: None }, None),
        }
    }

    /// A player of it for another rate; none where the file is gone, or cannot be played at that rate, which is remembered as the
    /// reason.
    pub fn player(&mut self, sample_rate: f64) -> Option<Player> {
        let (file, preset) = self.file.as_ref().ok()?;
        let player = SoundFontPlayer::new(&file.font, preset.bank, preset.program, self.role, sample_rate);
        self.problem = player.as_ref().err().map(|error| format!("{}: {error}", self.choice.path.display()));
        player.ok().map(Box::new)
    }

    pub fn role(&self) -> Role {
        self.role
    }

    pub fn choice(&self) -> &FontChoice {
        &self.choice
    }

    pub fn in_use(&self) -> FontInUse {
        FontInUse {
            choice: self.choice.clone(),
            preset: match (&self.file, &self.problem) {
                (Err(why), _) | (_, Some(why)) => Err(why.clone()),
                (Ok((_, preset)), None) => Ok(preset.clone()),
            },
            presets: self.file.as_ref().map(|(file, _)| file.presets.clone()).unwrap_or_default(),
        }
    }
}

/// The SoundFonts of all roles. Reading takes its time, so what has been read is taken only if nothing else was chosen meanwhile.
#[derive(Debug, Default)]
pub(crate) struct Fonts {
    all: Vec<LoadedFont>,
    /// Counts what was chosen for each role.
    turns: PerRole<u64>,
}

impl Fonts {
    pub fn get(&self, role: Role) -> Option<&LoadedFont> {
        self.all.iter().find(|font| font.role == role)
    }

    /// Those whose files need not be read again.
    pub fn all(&self) -> &[LoadedFont] {
        &self.all
    }

    /// Something is being chosen for a role: the number with which to come back.
    pub fn begin(&mut self, role: Role) -> u64 {
        self.turns[role] += 1;
        self.turns[role]
    }

    /// What was chosen for a role last.
    pub fn turn(&self, role: Role) -> u64 {
        self.turns[role]
    }

    /// Takes what was chosen; false if something else was meanwhile.
    pub fn put(&mut self, role: Role, turn: u64, font: Option<LoadedFont>) -> bool {
        let in_time = self.turns[role] == turn;
        if in_time {
            self.all.retain(|known| known.role != role);
            self.all.extend(font);
        }
        in_time
    }

    /// Takes those of a project.
    pub fn replace(&mut self, fonts: Vec<LoadedFont>) {
        self.all = fonts;
        self.turns.0.iter_mut().for_each(|turn| *turn += 1);
    }
}

/// The preset that was asked for, or the one that suits the role.
fn choose(
    presets: &[SoundFontPreset],
    role: Role,
    wanted: Option<FontPreset>,
) -> Result<SoundFontPreset, String> {
    let found = match wanted {
        Some(wanted) => presets.iter().find(|preset| FontPreset::from(*preset) == wanted),
        None => presets
            .iter()
            .find(|preset| (preset.bank == DRUM_BANK) == (role == Role::Drums))
            .or(presets.first()),
    };
    found.cloned().ok_or_else(|| match wanted {
        Some(FontPreset { bank, program }) => {
            let some: Vec<String> =
                presets.iter().take(8).map(|p| format!("{}:{} {}", p.bank, p.program, p.name)).collect();
            format!("it has no preset {bank}:{program}; it has {}", some.join(", "))
        }
        None => "it has no presets".into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_too_late_is_not_taken() {
        let font = |name: &str| LoadedFont {
            role: Role::Pad,
            choice: FontChoice { path: name.into(), preset: None },
            file: Err("gone".into()),
            problem: None,
        };
        let mut fonts = Fonts::default();
        let (first, second) = (fonts.begin(Role::Pad), fonts.begin(Role::Pad));
        assert!(fonts.put(Role::Pad, second, Some(font("second"))));
        assert!(!fonts.put(Role::Pad, first, Some(font("first"))));
        assert_eq!(fonts.get(Role::Pad).unwrap().choice().path, Path::new("second"));
        let late = fonts.begin(Role::Pad);
        fonts.replace(Vec::new());
        assert!(!fonts.put(Role::Pad, late, Some(font("late"))));
        assert!(fonts.get(Role::Pad).is_none());
    }
}
