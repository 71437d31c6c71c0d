//! The table of scene tags and of the styles they stand on, read from `assets/scenes`.
//!
//! A [`Baseline`] says everything about one style. A [`Tag`] names a style and says only what is different, so that
//! a file of tags stays short and a change of a style reaches all its scenes.

use super::text::{folded, is_writable, sections, weighted};
use super::{EventAction, Scene, SceneError};
use crate::descriptor::Dimension;
use crate::key::Mode;
use crate::role::{PerRole, Role};
use crate::style::Style;
use crate::time::{Bpm, Metre};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What a tag speaks of. The order is the order in which lists show them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Family {
    /// Where it plays: "dungeon", "space station".
    Place,
    /// What happens: "chase", "shop".
    Situation,
    /// What a streamer does: "just chatting".
    Stream,
    /// An idiom: "jazz".
    Style,
    /// A feeling: "sad".
    Mood,
    /// Weather, season and time of day: "rain", "night".
    Weather,
}

impl Family {
    /// All families in the order of lists.
    pub const ALL: [Self; 6] =
        [Self::Place, Self::Situation, Self::Stream, Self::Style, Self::Mood, Self::Weather];
}

/// Everything about one style: what a scene is before its tags say otherwise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    /// Whose baseline.
    pub style: Style,
    /// Tempo range it likes, BPM.
    pub tempo: (f64, f64),
    /// Metre it is played in where nobody says, if that is not 4/4.
    #[serde(default)]
    pub metre: Option<Metre>,
    /// Modes with weights above 0, in any unit.
    pub modes: BTreeMap<Mode, f32>,
    /// How much each role is wanted, 0 to 1; all seven.
    pub roles: BTreeMap<Role, f32>,
    /// Patch of each role; all seven.
    pub patches: BTreeMap<Role, String>,
    /// 0 (machine) to 1 (loose hands).
    pub human: f32,
    /// What a loop should measure, 0 to 1. Tonic, mode brightness and tempo follow from key, modes and tempo instead.
    pub wanted: BTreeMap<Dimension, f32>,
}

/// One tag: its names, the style it stands on, and what it changes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tag {
    /// English name, also the one in saved texts.
    pub id: String,
    /// Chinese name.
    pub zh: String,
    /// Other names in either language.
    pub aliases: Vec<String>,
    /// What it speaks of.
    pub family: Family,
    /// The style it stands on.
    pub style: Style,
    /// How much it pulls a mix to that style, above 0 and at most 1: small for weather and moods, which colour the
    /// other tags and stand on their own style only when alone.
    pub style_weight: f32,
    /// Modes with weights in any unit, where they differ from the style's.
    pub modes: BTreeMap<Mode, f32>,
    /// Tempo range in BPM, where it differs.
    pub tempo: Option<(f64, f64)>,
    /// Metre it is played in where nobody says, if that is not its style's.
    pub metre: Option<Metre>,
    /// Which of its style's dances it is.
    pub dance: Option<String>,
    /// Presence of the roles that differ.
    pub roles: BTreeMap<Role, f32>,
    /// Patches of the roles that differ.
    pub patches: BTreeMap<Role, String>,
    /// Looseness, where it differs.
    pub human: Option<f32>,
    /// What a loop should measure, where it differs.
    pub wanted: BTreeMap<Dimension, f32>,
    /// What its events do.
    pub events: BTreeMap<String, EventAction>,
}

impl Tag {
    /// All its names: English, Chinese, then the aliases.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        [self.id.as_str(), self.zh.as_str()].into_iter().chain(self.aliases.iter().map(String::as_str))
    }
}

/// One file of the table.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// Family of the tags in it.
    family: Option<Family>,
    /// Events that each tag has unless it says otherwise; `{tag}` stands for its id.
    #[serde(default)]
    events: BTreeMap<String, EventAction>,
    #[serde(default)]
    tag: Vec<TagRecord>,
    #[serde(default)]
    style: Vec<Baseline>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TagRecord {
    id: String,
    zh: String,
    #[serde(default)]
    aliases: Vec<String>,
    style: Style,
    #[serde(default = "one")]
    style_weight: f32,
    #[serde(default)]
    modes: BTreeMap<Mode, f32>,
    #[serde(default)]
    tempo: Option<(f64, f64)>,
    #[serde(default)]
    metre: Option<Metre>,
    #[serde(default)]
    dance: Option<String>,
    #[serde(default)]
    roles: BTreeMap<Role, f32>,
    #[serde(default)]
    patches: BTreeMap<Role, String>,
    #[serde(default)]
    human: Option<f32>,
    #[serde(default)]
    wanted: BTreeMap<Dimension, f32>,
    #[serde(default)]
    events: BTreeMap<String, EventAction>,
}

fn one() -> f32 {
    1.0
}

impl TagRecord {
    fn into_tag(self, family: Family, common: &BTreeMap<String, EventAction>) -> Tag {
        let mut events = common.clone();
        events.extend(self.events);
        for action in events.values_mut() {
            action.scene = action.scene.take().map(|scene| scene.replace("{tag}", &self.id));
        }
        Tag {
            id: self.id,
            zh: self.zh,
            aliases: self.aliases,
            family,
            style: self.style,
            style_weight: self.style_weight,
            modes: self.modes,
            tempo: self.tempo,
            metre: self.metre,
            dance: self.dance,
            roles: self.roles,
            patches: self.patches,
            human: self.human,
            wanted: self.wanted,
            events,
        }
    }
}

/// All tags, and the baseline of every style. Everything in it has been checked.
#[derive(Debug, Clone)]
pub struct SceneTable {
    tags: Vec<Tag>,
    /// In the order of [`Style::ALL`].
    baselines: Vec<Baseline>,
    /// Folded name to position in `tags`.
    names: BTreeMap<String, usize>,
}

impl SceneTable {
    /// Reads the table from the texts of its files, in any order; the names are used in errors.
    ///
    /// # Errors
    /// [`SceneError::File`] where a text is not TOML of the right shape, [`SceneError::Record`] where a record breaks
    /// a rule: a number out of range, a style without a baseline, a name given twice, an event whose scene is unknown.
    pub fn from_toml<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, SceneError> {
        let mut tags = Vec::new();
        let mut baselines: BTreeMap<Style, Baseline> = BTreeMap::new();
        for (name, text) in files {
            let fault = |problem: String| SceneError::File { file: name.into(), problem };
            let file: File = toml::from_str(text).map_err(|error| fault(error.to_string().trim().into()))?;
            for baseline in file.style {
                check_baseline(&baseline)?;
                let style = baseline.style;
                if baselines.insert(style, baseline).is_some() {
                    return Err(record(style.name(), "this style has two baselines"));
                }
            }
            let family = file.family;
            for tag in file.tag {
                let family = family.ok_or_else(|| fault("a file with tags needs a family".into()))?;
                tags.push(tag.into_tag(family, &file.events));
            }
        }
        if let Some(style) = Style::ALL.iter().find(|style| !baselines.contains_key(style)) {
            return Err(record(style.name(), "this style has no baseline"));
        }
        tags.sort_by_key(|tag| tag.family);
        let mut table = Self { tags, baselines: baselines.into_values().collect(), names: BTreeMap::new() };
        table.index_names()?;
        for tag in &table.tags {
            check_tag(tag)?;
            for (event, action) in &tag.events {
                if let Some(Err(error)) = action.scene.as_deref().map(|scene| table.parse(scene)) {
                    return Err(record(&tag.id, &format!("event \"{event}\": {error}")));
                }
            }
        }
        Ok(table)
    }

    fn index_names(&mut self) -> Result<(), SceneError> {
        for (index, tag) in self.tags.iter().enumerate() {
            for name in tag.names() {
                if !is_writable(name) {
                    return Err(record(&tag.id, &format!("\"{name}\" is empty or has a separator in it")));
                }
                if self.names.insert(folded(name), index).is_some() {
                    return Err(record(&tag.id, &format!("the name \"{name}\" is given twice")));
                }
            }
        }
        Ok(())
    }

    /// All tags, family by family.
    pub fn tags(&self) -> &[Tag] {
        &self.tags
    }

    /// The tag of a name in either language, or of an alias; case, hyphens and extra spaces do not matter.
    pub fn find(&self, name: &str) -> Option<&Tag> {
        self.names.get(&folded(name)).map(|&index| &self.tags[index])
    }

    /// The baseline of a style.
    pub fn baseline(&self, style: Style) -> &Baseline {
        // The constructor makes sure that there is one for each style, in order.
        &self.baselines[style as usize]
    }

    /// The scene of a text such as `cyberpunk city:1, rain:0.5` or `赛博朋克城市，雨:0.5`.
    ///
    /// Tags are parted by `,` `;` `、` or a line end, Chinese or not; the weight stands after a colon, 1 if there is
    /// none; a tag named twice has the sum of its weights. Sections of the form stand in brackets anywhere in the text, with
    /// their bars after a colon: `[intro] [verse:16]`, `【前奏】`.
    ///
    /// # Errors
    /// [`SceneError`], one sentence for the user.
    pub fn parse(&self, text: &str) -> Result<Scene, SceneError> {
        let (tags, form) = sections(text)?;
        let mut scene = self.mix(&weighted(self, &tags)?);
        for asked in &form {
            scene.text += &format!(" {asked}");
        }
        Ok(Scene { form, ..scene })
    }

    /// Checks that every patch the table names is one of `known`.
    ///
    /// # Errors
    /// [`SceneError::Record`] with the first tag or style that names another.
    pub fn check_patches<'a>(&self, known: impl IntoIterator<Item = &'a str>) -> Result<(), SceneError> {
        let known: BTreeSet<&str> = known.into_iter().collect();
        let check = |name: &str, patches: &BTreeMap<Role, String>| match patches
            .values()
            .find(|patch| !known.contains(patch.as_str()))
        {
            Some(patch) => Err(record(name, &format!("there is no patch \"{patch}\""))),
            None => Ok(()),
        };
        self.baselines.iter().try_for_each(|baseline| check(baseline.style.name(), &baseline.patches))?;
        self.tags.iter().try_for_each(|tag| check(&tag.id, &tag.patches))
    }
}

fn record(record: &str, problem: &str) -> SceneError {
    SceneError::Record { record: record.into(), problem: problem.into() }
}

/// What the ids of a role's patches begin with.
fn patch_prefix(role: Role) -> &'static str {
    PerRole(["kit-", "bass-", "chords-", "pad-", "arp-", "lead-", "tex-"])[role]
}

fn check_baseline(baseline: &Baseline) -> Result<(), SceneError> {
    let name = baseline.style.name();
    if baseline.roles.len() != Role::COUNT
        || baseline.patches.len() != Role::COUNT
        || baseline.modes.is_empty()
    {
        return Err(record(name, "a baseline has modes, and all seven roles and patches"));
    }
    check_values(
        name,
        Some(baseline.tempo),
        &baseline.modes,
        &baseline.roles,
        &baseline.patches,
        &baseline.wanted,
    )?;
    check_unit(name, "human", baseline.human)
}

fn check_tag(tag: &Tag) -> Result<(), SceneError> {
    check_values(&tag.id, tag.tempo, &tag.modes, &tag.roles, &tag.patches, &tag.wanted)?;
    check_unit(&tag.id, "human", tag.human.unwrap_or(0.0))?;
    check_unit(&tag.id, "style_weight", tag.style_weight)?;
    if tag.style_weight <= 0.0 {
        return Err(record(&tag.id, "style_weight must be above 0"));
    }
    for (event, action) in &tag.events {
        if let Some(problem) = action.problem() {
            return Err(record(&tag.id, &format!("event \"{event}\": {problem}")));
        }
    }
    Ok(())
}

fn check_unit(name: &str, what: &str, value: f32) -> Result<(), SceneError> {
    if (0.0..=1.0).contains(&value) {
        Ok(())
    } else {
        Err(record(name, &format!("{what} is 0 to 1, not {value}")))
    }
}

fn check_values(
    name: &str,
    tempo: Option<(f64, f64)>,
    modes: &BTreeMap<Mode, f32>,
    roles: &BTreeMap<Role, f32>,
    patches: &BTreeMap<Role, String>,
    wanted: &BTreeMap<Dimension, f32>,
) -> Result<(), SceneError> {
    if tempo.is_some_and(|(low, high)| low > high || Bpm::new(low).is_err() || Bpm::new(high).is_err()) {
        return Err(record(name, "tempo is a range in BPM, the lower one first"));
    }
    if modes.values().any(|weight| !weight.is_finite() || *weight <= 0.0) {
        return Err(record(name, "the weight of a mode is above 0"));
    }
    roles.iter().try_for_each(|(role, presence)| check_unit(name, role.name(), *presence))?;
    wanted.iter().try_for_each(|(dimension, value)| check_unit(name, dimension.name(), *value))?;
    let derived = [Dimension::TonicCos, Dimension::TonicSin, Dimension::ModeBrightness, Dimension::Tempo];
    if let Some(dimension) = derived.into_iter().find(|dimension| wanted.contains_key(dimension)) {
        return Err(record(name, &format!("{} follows from key, modes and tempo", dimension.name())));
    }
    match patches.iter().find(|(role, patch)| !patch.starts_with(patch_prefix(**role))) {
        Some((role, patch)) => Err(record(name, &format!("\"{patch}\" is not a patch for the {role}"))),
        None => Ok(()),
    }
}
