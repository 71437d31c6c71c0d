//! How the roles of each style stand in the mix: `assets/mix.toml`, and what was measured for it in `assets/levels.toml`.
//!
//! The table says for each role how loud it is to be beside the whole, where it stands, in what room, and where it makes
//! room for others. What level that takes depends on the notes a style writes, so it is measured
//! (`cargo run --release -p sceneloop-engine --example calibrate`) and kept with the levels.

use crate::error::EngineError;
use crate::loudness::Levels;
use sceneloop_music::{PerRole, Role, Style};
use sceneloop_render::RoleMix;
use serde::Deserialize;

/// Name of the file in messages.
const FILE: &str = "mix.toml";

/// A role's place in the mix of one style.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub struct Place {
    /// How loud the role is to be at energy 70, LU beside the whole mix before the master.
    pub loud: f32,
    /// Everything else; its level is 0 in the file, and measured.
    #[serde(flatten)]
    pub mix: RoleMix,
}

/// The mixes of all styles.
#[derive(Debug, Clone, PartialEq)]
pub struct MixTable {
    styles: Vec<PerRole<Place>>,
}

impl MixTable {
    /// Reads the table: `[default.<role>]` for all roles, `[style.<name>.<role>]` for what a style has otherwise.
    ///
    /// # Errors
    /// [`EngineError::Assets`] with the first thing wrong.
    pub fn from_toml(text: &str) -> Result<Self, EngineError> {
        let broken = |problem: String| EngineError::Assets(format!("{FILE}: {problem}"));
        let file: toml::Table = text.parse().map_err(|error| broken(format!("{error}")))?;
        let part = |name: &str| match file.get(name) {
            Some(toml::Value::Table(table)) => Ok(table.clone()),
            _ => Err(broken(format!("it needs a table [{name}]"))),
        };
        let (default, styles) = (part("default")?, part("style")?);
        if let Some(other) = file.keys().find(|key| !["default", "style"].contains(&key.as_str())) {
            return Err(broken(format!("`{other}` is neither default nor style")));
        }
        if let Some(other) = styles.keys().find(|key| Style::ALL.iter().all(|style| style.name() != *key)) {
            return Err(broken(format!("\"{other}\" is not a style")));
        }
        let mut table = Vec::with_capacity(Style::ALL.len());
        for style in Style::ALL {
            let own = match styles.get(style.name()) {
                Some(toml::Value::Table(own)) => own.clone(),
                Some(_) => return Err(broken(format!("{style} must be a table of roles"))),
                None => toml::Table::new(),
            };
            let known = |key: &String| Role::ALL.iter().any(|role| role.name() == key);
            if let Some(other) = own.keys().chain(default.keys()).find(|key| !known(key)) {
                return Err(broken(format!("\"{other}\" is not a role")));
            }
            let place = |role: Role| -> Result<Place, EngineError> {
                let mut fields = toml::Table::new();
                for source in [&default, &own] {
                    if let Some(toml::Value::Table(more)) = source.get(role.name()) {
                        fields.extend(more.clone());
                    }
                }
                let entry = format!("{style}, {role}");
                if let Some(field) = fields.keys().find(|field| !FIELDS.contains(&field.as_str())) {
                    return Err(broken(format!("{entry}: `{field}` is not known")));
                }
                let place: Place = fields
                    .try_into()
                    .map_err(|e: toml::de::Error| broken(format!("{entry}: {}", e.message())))?;
                place.mix.check(FILE, &entry).map_err(|error| EngineError::Assets(error.to_string()))?;
                if !(-40.0..=0.0).contains(&place.loud) {
                    return Err(broken(format!("{entry}: loud must be −40 to 0 LU, not {}", place.loud)));
                }
                Ok(place)
            };
            let mut places = Vec::with_capacity(Role::COUNT);
            for role in Role::ALL {
                places.push(place(role)?);
            }
            table.push(PerRole::from_fn(|role| places[role.index()]));
        }
        Ok(Self { styles: table })
    }

    /// Where the roles of a style stand.
    pub fn of(&self, style: Style) -> &PerRole<Place> {
        &self.styles[style as usize]
    }

    /// The mix of a role in a style, with its measured level.
    pub fn role(&self, style: Style, role: Role, levels: &Levels) -> RoleMix {
        RoleMix { level_db: levels.role_db(style)[role], ..self.of(style)[role].mix }
    }
}

/// What may stand in an entry. (`flatten` takes what it does not know without a word.)
const FIELDS: [&str; 8] = ["loud", "pan", "width", "reverb", "room", "low_cut_hz", "bell", "duck_db"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assets::Assets;

    const DEFAULT: &str = "[default]\ndrums = { loud = -4.0 }\nbass = { loud = -7.0 }\nchords = { loud = -9.0 }\n\
        pad = { loud = -12.0, reverb = 0.1 }\narp = { loud = -11.0 }\nlead = { loud = -7.0 }\ntexture = { loud = -20.0 }\n";

    #[test]
    fn a_style_says_only_what_it_has_otherwise() {
        let text = format!("{DEFAULT}[style.techno]\npad = {{ loud = -15.0, pan = 0.2 }}\n");
        let table = MixTable::from_toml(&text).unwrap();
        let pad = table.of(Style::Techno)[Role::Pad];
        assert_eq!((pad.loud, pad.mix.pan, pad.mix.reverb), (-15.0, 0.2, 0.1));
        assert_eq!(table.of(Style::House)[Role::Pad].loud, -12.0);
    }

    #[test]
    fn what_is_wrong_is_said_in_one_sentence() {
        for (more, word) in [
            ("[style.tekno]\n", "tekno"),
            ("[style.techno]\nflute = { loud = -3.0 }\n", "flute"),
            ("[style.techno]\npad = { loud = 3.0 }\n", "loud"),
            ("[style.techno]\npad = { level_db = 3.0 }\n", "level_db"),
            ("[style.techno]\npad = { room = 30.0 }\n", "room"),
            ("[other]\n", "other"),
        ] {
            let style = if more.contains("[style") { "" } else { "[style]\n" };
            let error = MixTable::from_toml(&format!("{DEFAULT}{style}{more}")).unwrap_err().to_string();
            assert!(error.contains(word) && !error.contains('\n'), "{more}: {error}");
        }
        assert!(MixTable::from_toml("[default]\n[style]\n").is_err(), "roles are missing");
    }

    #[test]
    fn the_shipped_mix_has_a_place_for_every_role_of_every_style() {
        let assets = Assets::shipped().unwrap();
        for style in Style::ALL {
            let places = assets.mixes.of(*style);
            // Power of all roles at their levels: together they make about the whole.
            let sum: f32 = places.iter().map(|(_, place)| 10f32.powf(place.loud / 10.0)).sum();
            assert!((0.5..2.0).contains(&sum), "{style}: the roles add up to {sum} of the mix");
            for (role, place) in places.iter() {
                assert!(place.mix.pan.abs() <= 0.6, "{style} {role}");
                assert!(assets.levels.role_db(*style)[role].abs() <= 9.0, "{style} {role}");
            }
            assert_eq!((places[Role::Bass].mix.pan, places[Role::Drums].mix.pan), (0.0, 0.0), "{style}");
        }
    }
}
