//! Presets: what a user sets to have one kind of music, as a readable file. Forty and some ship with the program, each of a user's own is
//! a TOML file in a folder of theirs.
//!
//! ```toml
//! name = "Neon Rain"
//! about = "A wet street at night, bass first."
//! tags = ["city", "dark"]
//! scene = "cyberpunk city, rain:0.5"
//! energy = 55
//! key = "F# minor"      # without it scene and seed choose
//! [levels]              # decibels, −60 (off) to 6
//! lead = -6
//! [patches]             # in the place of the scene's
//! pad = "pad-glass"
//! ```
//!
//! A preset names the music and holds no notes: the same preset plays the same piece as long as its composer is the same. Locks and
//! SoundFonts belong to the project.

use crate::assets::Assets;
use crate::controls::{Controls, Form};
use crate::edits::Edits;
use include_dir::{Dir, include_dir};
use sceneloop_music::{Energy, Key, PerRole, Role};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

static SHIPPED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../assets/presets");

/// Longest name, characters.
const LONGEST_NAME: usize = 60;
/// A file that is larger is none of ours, bytes.
const LARGEST: u64 = 256 * 1024;
/// The extension of the files.
const EXTENSION: &str = "toml";
/// The file with the names of those that the user likes best, one a line.
const FAVOURITES: &str = "favourites.txt";

/// What was set for one kind of music.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preset {
    /// What it is called.
    pub name: String,
    /// A sentence on it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub about: String,
    /// What it may be searched by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// The scene, as it is typed.
    pub scene: String,
    /// 0 to 100.
    #[serde(default = "default_energy")]
    pub energy: f32,
    /// 0 to 9999.
    #[serde(default = "default_seed")]
    pub seed: u32,
    /// Tonic and mode, as "F# minor"; without it scene and seed choose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Bars of a loop: 1, 2, 4 or 8.
    #[serde(default = "default_bars")]
    pub bars: u8,
    /// Whether the loops make up a form.
    #[serde(default = "yes")]
    pub form: bool,
    /// −100 (dark) to 100 (bright), percent.
    #[serde(default)]
    pub tone: f32,
    /// 0 (machine) to 100 (loose hands), percent.
    #[serde(default = "default_humanise")]
    pub humanise: f32,
    /// Decibels, −60 (off) to 6; what is not named is at 0.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub levels: BTreeMap<Role, f32>,
    /// Roles that are silent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mutes: Vec<Role>,
    /// Patches in the place of the scene's.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub patches: BTreeMap<Role, String>,
    /// What was written again or varied by hand; nothing in it is held.
    #[serde(default, skip_serializing_if = "Edits::is_none")]
    pub edits: Edits,
}

fn default_energy() -> f32 {
    70.0
}

fn default_seed() -> u32 {
    1
}

fn default_bars() -> u8 {
    4
}

fn default_humanise() -> f32 {
    30.0
}

fn yes() -> bool {
    true
}

/// Why a preset cannot be used, in one sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct PresetError(String);

fn refuse<T>(sentence: impl Into<String>) -> Result<T, PresetError> {
    Err(PresetError(sentence.into()))
}

impl Preset {
    /// Reads a preset and checks it.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn from_toml(text: &str) -> Result<Self, PresetError> {
        let preset: Self = match toml::from_str(text) {
            Ok(preset) => preset,
            Err(error) => {
                let line = error.span().map(|span| text[..span.start].lines().count().max(1));
                let place = line.map_or_else(String::new, |line| format!("line {line}: "));
                return refuse(format!("{place}{}", error.message()));
            }
        };
        preset.check()?;
        Ok(preset)
    }

    /// The text of its file.
    ///
    /// # Errors
    /// What [`Self::check`] says.
    pub fn to_toml(&self) -> Result<String, PresetError> {
        self.check()?;
        toml::to_string_pretty(self).map_err(|error| PresetError(error.to_string()))
    }

    /// Whether all of it can be had here.
    ///
    /// # Errors
    /// The first thing that cannot.
    pub fn check(&self) -> Result<(), PresetError> {
        let assets = Assets::shipped().map_err(|error| PresetError(error.to_string()))?;
        let name = self.name.trim();
        if name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
            return refuse(format!("the name must have 1 to {LONGEST_NAME} characters on one line"));
        }
        assets.scenes.parse(&self.scene).map_err(|error| PresetError(error.to_string()))?;
        let within = |what: &str, value: f32, low: f32, high: f32| match (low..=high).contains(&value) {
            true => Ok(()),
            false => refuse(format!("{what} must be {low} to {high}, not {value}")),
        };
        within("the energy", self.energy, 0.0, 100.0)?;
        within("the seed", self.seed as f32, 0.0, 9999.0)?;
        within("the tone", self.tone, -100.0, 100.0)?;
        within("humanise", self.humanise, 0.0, 100.0)?;
        for (role, level) in &self.levels {
            within(&format!("the level of the {role}"), *level, -60.0, 6.0)?;
        }
        if ![1, 2, 4, 8].contains(&self.bars) {
            return refuse(format!("a loop has 1, 2, 4 or 8 bars, not {}", self.bars));
        }
        if let Some(key) = &self.key {
            key.parse::<Key>().map_err(|error| PresetError(error.to_string()))?;
        }
        for (role, patch) in &self.patches {
            if assets.patch(*role, patch).is_none() {
                return refuse(format!("the {role} has no patch \"{patch}\""));
            }
        }
        if self.edits.held().next().is_some() {
            return refuse("a preset holds no line; that belongs to the project");
        }
        Ok(())
    }

    /// What the host's parameters say where all of it is set and nothing else.
    pub fn controls(&self) -> Controls {
        let key = self.key.as_ref().and_then(|key| key.parse::<Key>().ok());
        Controls {
            energy: Energy::new(self.energy),
            seed: self.seed,
            tonic: key.map(|key| key.tonic),
            mode: key.map(|key| key.mode),
            bars: self.bars,
            form: if self.form { Form::Auto } else { Form::Off },
            levels_db: PerRole::from_fn(|role| self.levels.get(&role).copied().unwrap_or(0.0)),
            mutes: PerRole::from_fn(|role| self.mutes.contains(&role)),
            tone: self.tone / 100.0,
            humanise: self.humanise / 100.0,
            ..Controls::default()
        }
    }

    /// Whether words that are typed lead to it: each in its name, tags, scene or sentence.
    pub fn is_found_by(&self, words: &str) -> bool {
        let all =
            [&self.name, &self.about, &self.scene, &self.tags.join(" ")].map(|text| text.to_lowercase());
        words.to_lowercase().split_whitespace().all(|word| all.iter().any(|text| text.contains(word)))
    }
}

/// Those that ship, by name.
///
/// # Errors
/// The first that is broken, which a test excludes for every release.
pub fn shipped() -> Result<&'static [Preset], PresetError> {
    static READ: OnceLock<Result<Vec<Preset>, PresetError>> = OnceLock::new();
    let read = || {
        let texts = SHIPPED.files().filter_map(|file| Some((file.path(), file.contents_utf8()?)));
        let mut all = texts
            .map(|(path, text)| {
                Preset::from_toml(text).map_err(|error| PresetError(format!("{}: {error}", path.display())))
            })
            .collect::<Result<Vec<Preset>, PresetError>>()?;
        all.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(all)
    };
    READ.get_or_init(read).as_deref().map_err(Clone::clone)
}

/// A user's own, and which of all they like best. Files are read and written at once: not for threads of the sound.
#[derive(Debug, Clone)]
pub struct Shelf {
    folder: Option<PathBuf>,
    /// By name; a file that cannot be used is there with the reason.
    presets: Vec<(PathBuf, Result<Preset, String>)>,
    favourites: Vec<String>,
}

impl Shelf {
    /// The shelf in the folder for data of ours.
    pub fn open() -> Self {
        use etcetera::BaseStrategy;
        let strategy = etcetera::base_strategy::choose_native_strategy().ok();
        Self::of(strategy.map(|strategy| strategy.data_dir().join("sceneloop").join("presets")))
    }

    /// A shelf in another folder, or one on which nothing can be put.
    pub fn of(folder: Option<PathBuf>) -> Self {
        let mut shelf = Self { folder, presets: Vec::new(), favourites: Vec::new() };
        shelf.read();
        shelf
    }

    /// The folder.
    pub fn folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }

    /// Those that can be used, by name.
    pub fn presets(&self) -> impl Iterator<Item = &Preset> {
        self.presets.iter().filter_map(|(_, preset)| preset.as_ref().ok())
    }

    /// Files that cannot be used, and why.
    pub fn refused(&self) -> impl Iterator<Item = (&Path, &str)> {
        self.presets
            .iter()
            .filter_map(|(path, preset)| Some((path.as_path(), preset.as_ref().err()?.as_str())))
    }

    /// Reads the folder again.
    pub fn read(&mut self) {
        self.presets.clear();
        let Some(folder) = &self.folder else { return };
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
        let ours = entries.filter(|path| path.extension().is_some_and(|extension| extension == EXTENSION));
        for path in ours {
            let preset = read(&path);
            self.presets.push((path, preset));
        }
        let name = |(path, preset): &(PathBuf, Result<Preset, String>)| {
            preset.as_ref().map_or_else(|_| path.display().to_string(), |preset| preset.name.clone())
        };
        self.presets.sort_by_key(name);
        let favourites = std::fs::read_to_string(folder.join(FAVOURITES)).unwrap_or_default();
        self.favourites =
            favourites.lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect();
    }

    /// Puts a preset on the shelf. One of the same name is replaced if `replace` says so.
    ///
    /// # Errors
    /// A preset that is not valid, a name that is taken, or a file that cannot be written; nothing has changed then.
    pub fn save(&mut self, preset: &Preset, replace: bool) -> Result<(), PresetError> {
        let text = preset.to_toml()?;
        let folder = self.folder_to_write()?;
        if shipped()?.iter().any(|known| known.name == preset.name) {
            return refuse(format!("\"{}\" is the name of a preset that ships; take another", preset.name));
        }
        let known = self.own(&preset.name);
        if known.is_some() && !replace {
            return refuse(format!("there is a preset \"{}\" already", preset.name));
        }
        let path = known.map_or_else(|| free_path(folder, &preset.name), Path::to_path_buf);
        write(folder, &path, text.as_bytes())?;
        self.read();
        Ok(())
    }

    /// Takes a preset of the user's from the shelf.
    ///
    /// # Errors
    /// None of that name, or a file that cannot be removed.
    pub fn remove(&mut self, name: &str) -> Result<(), PresetError> {
        let Some(path) = self.own(name) else {
            return refuse(format!("there is no preset \"{name}\" of yours"));
        };
        std::fs::remove_file(path)
            .map_err(|error| PresetError(format!("{} cannot be removed: {error}", path.display())))?;
        self.read();
        Ok(())
    }

    /// The file of a preset of the user's.
    fn own(&self, name: &str) -> Option<&Path> {
        let is_it = |preset: &Result<Preset, String>| preset.as_ref().is_ok_and(|preset| preset.name == name);
        self.presets.iter().find(|(_, preset)| is_it(preset)).map(|(path, _)| path.as_path())
    }

    fn folder_to_write(&self) -> Result<&Path, PresetError> {
        self.folder().ok_or_else(|| PresetError("there is no folder for presets on this system".into()))
    }

    /// Whether a preset is one of the best liked.
    pub fn is_favourite(&self, name: &str) -> bool {
        self.favourites.iter().any(|favourite| favourite == name)
    }

    /// Makes a preset one of the best liked, or not any more.
    ///
    /// # Errors
    /// A file that cannot be written; it is as it was then.
    pub fn set_favourite(&mut self, name: &str, is_favourite: bool) -> Result<(), PresetError> {
        let folder = self.folder_to_write()?;
        let mut favourites = self.favourites.clone();
        favourites.retain(|favourite| favourite != name);
        if is_favourite {
            favourites.push(name.to_owned());
        }
        let text: String = favourites.iter().map(|name| format!("{name}\n")).collect();
        write(folder, &folder.join(FAVOURITES), text.as_bytes())?;
        self.favourites = favourites;
        Ok(())
    }
}

fn read(path: &Path) -> Result<Preset, String> {
    let size = std::fs::metadata(path).map_err(|error| error.to_string())?.len();
    if size > LARGEST {
        return Err(format!("it has {size} bytes, which no preset has"));
    }
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    Preset::from_toml(&text).map_err(|error| error.to_string())
}

/// A file for a name that no other has.
fn free_path(folder: &Path, name: &str) -> PathBuf {
    let letters: String =
        name.trim().chars().map(|letter| if letter.is_alphanumeric() { letter } else { '-' }).collect();
    let stem = letters.to_lowercase();
    let numbered = |number: u32| match number {
        0 => folder.join(format!("{stem}.{EXTENSION}")),
        _ => folder.join(format!("{stem}-{number}.{EXTENSION}")),
    };
    (0..).map(numbered).find(|path| !path.exists()).unwrap_or_else(|| folder.join(EXTENSION))
}

/// Writes a file as a whole or not at all.
fn write(folder: &Path, path: &Path, bytes: &[u8]) -> Result<(), PresetError> {
    let write = || -> std::io::Result<()> {
        std::fs::create_dir_all(folder)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(bytes)?;
        file.persist(path)?;
        Ok(())
    };
    write().map_err(|error| PresetError(format!("{} cannot be written: {error}", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "name = \"Mine\"\nscene = \"rain, forest:0.5\"\nkey = \"D dorian\"\ntags = [\"wet\"]\n\
                        [levels]\nlead = -6\n";

    #[test]
    fn every_preset_that_ships_can_be_used() {
        let all = shipped().unwrap();
        assert!(all.len() >= 40, "{}", all.len());
        for preset in all {
            assert!(!preset.about.is_empty() && preset.tags.len() >= 2, "{}", preset.name);
            assert_eq!(&Preset::from_toml(&preset.to_toml().unwrap()).unwrap(), preset);
        }
        let mut names: Vec<&str> = all.iter().map(|preset| preset.name.as_str()).collect();
        names.dedup();
        assert_eq!(names.len(), all.len());
    }

    #[test]
    fn what_is_wrong_is_said() {
        let of = |more: &str| Preset::from_toml(&format!("{more}\n{TEXT}")).unwrap_err().to_string();
        assert!(of("energy = 101").contains("energy"));
        assert!(of("bars = 3").contains("bars"));
        assert!(of("colour = 3").contains("colour"));
        assert!(of("seed = 10000").contains("seed"));
        let patch = Preset::from_toml(&format!("{TEXT}[patches]\nbass = \"kit-909\"\n")).unwrap_err();
        assert!(patch.to_string().contains("kit-909"));
        let scene = Preset::from_toml("name = \"x\"\nscene = \"xyzzy\"").unwrap_err();
        assert!(scene.to_string().contains("xyzzy"));
        assert!(Preset::from_toml("name = \"x\"\nscene = ").unwrap_err().to_string().contains("line 2"));
    }

    #[test]
    fn it_is_found_by_its_words() {
        let preset = Preset::from_toml(TEXT).unwrap();
        assert!(preset.is_found_by("mine") && preset.is_found_by("WET rain") && preset.is_found_by(""));
        assert!(!preset.is_found_by("wet desert"));
    }

    #[test]
    fn a_shelf_keeps_what_is_put_on_it_and_shows_what_is_broken() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("presets");
        let mut shelf = Shelf::of(Some(folder.clone()));
        assert_eq!(shelf.presets().count(), 0);
        let mut preset = Preset::from_toml(TEXT).unwrap();
        shelf.save(&preset, false).unwrap();
        preset.energy = 12.0;
        assert!(shelf.save(&preset, false).unwrap_err().to_string().contains("already"));
        shelf.save(&preset, true).unwrap();
        // Two names that make the same file name.
        shelf.save(&Preset { name: "mine!".into(), ..preset.clone() }, false).unwrap();
        shelf.save(&Preset { name: "mine?".into(), ..preset.clone() }, false).unwrap();
        std::fs::write(folder.join("broken.toml"), "name = 3").unwrap();
        shelf.set_favourite("Mine", true).unwrap();
        let again = Shelf::of(Some(folder));
        assert_eq!(
            again.presets().map(|preset| preset.name.as_str()).collect::<Vec<_>>(),
            ["Mine", "mine!", "mine?"]
        );
        assert_eq!(again.presets().next(), Some(&preset));
        let broken: Vec<_> = again.refused().collect();
        assert!(broken.len() == 1 && broken[0].0.ends_with("broken.toml") && broken[0].1.contains("line 1"));
        assert!(again.is_favourite("Mine") && !again.is_favourite("mine!"));
        shelf.remove("Mine").unwrap();
        assert_eq!(shelf.presets().count(), 2);
        assert!(shelf.remove("Mine").is_err());
        let taken = Preset { name: shipped().unwrap()[0].name.clone(), ..preset };
        assert!(shelf.save(&taken, true).unwrap_err().to_string().contains("ships"));
    }
}
