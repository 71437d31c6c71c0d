//! SoundFonts that play roles: which file and preset, as the user chose and a project remembers, and what is left of it where the
//! file is gone.
//!
//! Files are read on the main thread; players are made there as well, and handed to the renderer whole.

use crate::error::EngineError;
use sceneloop_music::Role;
use sceneloop_render::{SoundFont, SoundFontPlayer, SoundFontPreset};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

/// Bank of the drum kits.
const DRUM_BANK: u16 = 128;
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

impl FromStr for FontChoice {
    type Err = EngineError;

    /// Reads `piano.sf2` or `orchestra.sf2@0:40`: a file, and a preset by bank and program.
    fn from_str(text: &str) -> Result<Self, EngineError> {
        let text = text.trim();
        let preset = text.rsplit_once('@').and_then(|(path, numbers)| {
            let (bank, program) = numbers.split_once(':')?;
            Some((path, FontPreset { bank: bank.parse().ok()?, program: program.parse().ok()? }))
        });
        let (path, preset) = preset.map_or((text, None), |(path, preset)| (path, Some(preset)));
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
    /// [`EngineError::SoundFont`] for no path, one too long, or numbers out of range.
    pub fn check(&self) -> Result<(), EngineError> {
        let length = self.path.as_os_str().len();
        if length == 0 || length > LONGEST_PATH {
            return Err(EngineError::SoundFont("a SoundFont is named by its file".into()));
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
    let name = path.display();
    let bytes = std::fs::read(path)
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

/// A choice with its file, as far as there is one.
#[derive(Debug, Clone)]
pub(crate) struct LoadedFont {
    role: Role,
    choice: FontChoice,
    font: Result<(SoundFont, SoundFontPreset), String>,
    presets: Arc<[SoundFontPreset]>,
    /// Why it cannot be played at the rate of the stream.
    problem: Option<String>,
}

impl LoadedFont {
    /// Reads the file and makes sure that the preset can be played at a rate, Hz.
    pub fn read(role: Role, choice: FontChoice, sample_rate: f64) -> Result<Self, EngineError> {
        choice.check()?;
        let font = read(&choice.path)?;
        let broken = |reason: String| {
            let name = choice.path.display();
            EngineError::SoundFont(format!("{name}: {reason}"))
        };
        let mut presets = font.presets();
        presets.sort_by_key(|preset| (preset.bank, preset.program));
        let preset = choose(&presets, role, choice.preset).map_err(broken)?;
        SoundFontPlayer::new(&font, preset.bank, preset.program, role, sample_rate)
            .map_err(|error| broken(error.to_string()))?;
        Ok(Self {
            role,
            choice: choice.clone(),
            presets: presets.into(),
            font: Ok((font, preset)),
            problem: None,
        })
    }

    /// The same of a project, which opens also where the file is gone: then the choice is kept with the reason.
    pub fn remembered(role: Role, choice: FontChoice, sample_rate: f64) -> Self {
        Self::read(role, choice.clone(), sample_rate).unwrap_or_else(|error| Self {
            role,
            choice,
            font: Err(error.to_string()),
            presets: Arc::default(),
            problem: None,
        })
    }

    /// A player of it; none where the file is gone, or cannot be played at that rate, which is remembered as the reason.
    pub fn player(&mut self, sample_rate: f64) -> Option<Box<SoundFontPlayer>> {
        let (font, preset) = self.font.as_ref().ok()?;
        let player = SoundFontPlayer::new(font, preset.bank, preset.program, self.role, sample_rate);
        self.problem = player.as_ref().err().map(|error| format!("{}: {error}", self.choice.path.display()));
        player.ok().map(Box::new)
    }

    pub fn choice(&self) -> &FontChoice {
        &self.choice
    }

    pub fn in_use(&self) -> FontInUse {
        FontInUse {
            choice: self.choice.clone(),
            preset: match (&self.font, &self.problem) {
                (Err(why), _) | (_, Some(why)) => Err(why.clone()),
                (Ok((_, preset)), None) => Ok(preset.clone()),
            },
            presets: self.presets.clone(),
        }
    }
}

/// The preset that was asked for, or the one that suits the role.
fn choose(
    presets: &[SoundFontPreset],
    role: Role,
    wanted: Option<FontPreset>,
) -> Result<SoundFontPreset, String> {
    let found = match wanted {
        Some(FontPreset { bank, program }) => {
            presets.iter().find(|preset| (preset.bank, preset.program) == (bank, program))
        }
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
