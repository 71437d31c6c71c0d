//! Reads patch files: TOML with a list `[[patch]]`, each entry one instrument.

use super::{Check, Label, Patch, Sound, VoiceSpec};
use crate::drum::DrumSpec;
use crate::effect::StemSpec;
use crate::error::PatchError;
use crate::texture::TextureSpec;
use sceneloop_music::{DrumLane, Role};
use serde::Deserialize;

/// All patches, in the order of the files.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PatchBank {
    patches: Vec<Patch>,
}

/// A patch as it stands in a file. Exactly one of `voice`, `kit` and `texture` says how it sounds.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    name: String,
    role: Role,
    gain_db: f32,
    voice: Option<VoiceSpec>,
    kit: Option<Kit>,
    texture: Option<TextureSpec>,
    #[serde(default)]
    stem: StemSpec,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Kit {
    kick: DrumSpec,
    snare: DrumSpec,
    rim: DrumSpec,
    clap: DrumSpec,
    closed_hat: DrumSpec,
    open_hat: DrumSpec,
    ride: DrumSpec,
    crash: DrumSpec,
    tom_low: DrumSpec,
    tom_mid: DrumSpec,
    tom_high: DrumSpec,
    shaker: DrumSpec,
    tambourine: DrumSpec,
    hand_low: DrumSpec,
    hand_high: DrumSpec,
    bell: DrumSpec,
}

impl Kit {
    fn lanes(self) -> [DrumSpec; DrumLane::COUNT] {
        [
            self.kick,
            self.snare,
            self.rim,
            self.clap,
            self.closed_hat,
            self.open_hat,
            self.ride,
            self.crash,
            self.tom_low,
            self.tom_mid,
            self.tom_high,
            self.shaker,
            self.tambourine,
            self.hand_low,
            self.hand_high,
            self.bell,
        ]
    }
}

impl PatchBank {
    /// Reads files, each given by its name (for messages) and its text.
    ///
    /// # Errors
    /// The first thing wrong, as one sentence that names file, patch and field.
    pub fn from_toml<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, PatchError> {
        let mut bank = Self::default();
        for (file, text) in files {
            let broken = |reason: String| PatchError::File { file: file.to_owned(), reason };
            let table: toml::Table = text.parse().map_err(|e: toml::de::Error| broken(one_line(&e)))?;
            if let Some(other) = table.keys().find(|key| *key != "patch") {
                return Err(broken(format!("`{other}` is not `patch`")));
            }
            let Some(toml::Value::Array(entries)) = table.get("patch") else {
                return Err(broken("it holds no list `[[patch]]`".to_owned()));
            };
            for (index, entry) in entries.iter().enumerate() {
                let patch = read(file, index, entry)?;
                if bank.get(patch.id()).is_some() {
                    return Err(PatchError::Twice { file: file.to_owned(), patch: patch.id().to_owned() });
                }
                bank.patches.push(patch);
            }
        }
        Ok(bank)
    }

    /// The patch of an id.
    pub fn get(&self, id: &str) -> Option<&Patch> {
        self.patches.iter().find(|patch| patch.id() == id)
    }

    /// The ids of a role's patches, in the order of the files.
    pub fn ids(&self, role: Role) -> impl Iterator<Item = &str> {
        self.patches.iter().filter(move |patch| patch.role == role).map(Patch::id)
    }
}

/// One patch; `index` names it where it has no id.
fn read(file: &str, index: usize, value: &toml::Value) -> Result<Patch, PatchError> {
    let patch = value
        .get("id")
        .and_then(toml::Value::as_str)
        .map_or_else(|| format!("number {} of the file", index + 1), str::to_owned);
    let wrong = |field: &str, reason: String| PatchError::Field {
        file: file.to_owned(),
        patch: patch.clone(),
        field: field.to_owned(),
        reason,
    };
    let entry: Entry = serde_path_to_error::deserialize(value.clone())
        .map_err(|e| wrong(&e.path().to_string(), one_line(e.inner())))?;
    let id = Label::new(&entry.id).ok_or_else(|| wrong("id", "it must have 1 to 31 bytes".to_owned()))?;
    let name =
        Label::new(&entry.name).ok_or_else(|| wrong("name", "it must have 1 to 31 bytes".to_owned()))?;
    let mut check = Check::default();
    check.range("gain_db", entry.gain_db, -60.0, 60.0);
    let sound = match (entry.role, entry.voice, entry.kit, entry.texture) {
        (Role::Drums, None, Some(kit), None) => {
            let lanes = kit.lanes();
            check.within("kit", |c| {
                for (lane, spec) in DrumLane::ALL.iter().zip(&lanes) {
                    c.within(&lane_name(*lane), |c| spec.check(c));
                }
            });
            Sound::Kit(lanes)
        }
        (Role::Texture, None, None, Some(texture)) => {
            check.within("texture", |c| texture.check(c));
            Sound::Texture(texture)
        }
        (role, Some(voice), None, None) if role != Role::Drums && role != Role::Texture => {
            check.within("voice", |c| voice.check(c));
            Sound::Pitched(voice)
        }
        _ => {
            let reason =
                "drums need exactly a `kit`, a texture exactly a `texture`, all others exactly a `voice`";
            return Err(wrong("role", reason.to_owned()));
        }
    };
    check.within("stem", |c| entry.stem.check(c));
    if let Some(found) = check.finish() {
        let (field, value, min, max) = (found.field, found.value, found.min, found.max);
        return Err(PatchError::Range { file: file.to_owned(), patch, field, value, min, max });
    }
    Ok(Patch { id, name, role: entry.role, gain_db: entry.gain_db, mix_db: 0.0, sound, stem: entry.stem })
}

fn lane_name(lane: DrumLane) -> String {
    let mut name = String::new();
    for letter in format!("{lane:?}").chars() {
        if letter.is_uppercase() && !name.is_empty() {
            name.push('-');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}

fn one_line(error: &toml::de::Error) -> String {
    error.message().lines().collect::<Vec<_>>().join(" ")
}
