//! Scenes: weighted tags and what follows from them.

mod mix;
mod table;
#[cfg(test)]
mod tests;
mod text;

use crate::descriptor::Descriptor;
use crate::event::EventAction;
use crate::key::Mode;
use crate::role::PerRole;
use crate::section::AskedSection;
use crate::style::Style;
use crate::time::Metre;
use serde::Serialize;
use std::collections::BTreeMap;

pub use table::{Baseline, Family, SceneTable, Tag};
pub(crate) use text::folded;
pub use text::{MAX_SECTIONS, MAX_TAGS, MAX_WEIGHT};

/// What a scene's tags add up to: everything the composer and the renderer need to know of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Scene {
    /// The scene in canonical text: `cyberpunk city:1, rain:0.5 [intro:8] [verse:16]`.
    pub text: String,
    /// Ids of the tags with their weights, heaviest first.
    pub tags: Vec<(String, f32)>,
    /// Style families with their weights, heaviest first; they add up to 1.
    pub styles: Vec<(Style, f32)>,
    /// What the loop should measure. Dimensions nobody asked for stand at their style's value.
    pub wanted: Descriptor,
    /// Modes with their weights, heaviest first; they add up to 1.
    pub modes: Vec<(Mode, f32)>,
    /// Tempo range it likes, BPM.
    pub tempo: (f64, f64),
    /// Metre it is played in where nobody says, if that is not 4/4.
    pub metre: Option<Metre>,
    /// Which of its style's dances it is, where the style has several: only their grooves are played.
    pub dance: Option<String>,
    /// How much each role is wanted: 0 (never) to 1 (from the lowest energies on).
    pub roles: PerRole<f32>,
    /// Patch of each role.
    pub patches: PerRole<String>,
    /// 0 (machine) to 1 (loose hands): how far timing may stray when humanised.
    pub human: f32,
    /// What its events do.
    pub events: BTreeMap<String, EventAction>,
    /// The sections that are asked for; none: the form follows from style and seed.
    pub form: Vec<AskedSection>,
}

impl Scene {
    /// The tags in canonical text, without the sections: what the music is, whatever its form.
    pub fn tags_text(&self) -> String {
        let tags: Vec<String> = self.tags.iter().map(|(tag, weight)| format!("{tag}:{weight}")).collect();
        tags.join(", ")
    }

    /// The heaviest style.
    pub fn style(&self) -> Style {
        self.styles.first().map_or(Style::Ambient, |(style, _)| *style)
    }
}

/// Why a scene text, or a file of the scene table, is refused. Each is one sentence for the user.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SceneError {
    /// No tag in the text.
    #[error("a scene needs at least one tag, such as \"cyberpunk city, rain:0.5\"")]
    Empty,
    /// More characters than any scene needs.
    #[error("a scene text has at most {max} characters, not {0}", max = text::MAX_CHARS)]
    Long(usize),
    /// A name that no tag has.
    #[error("\"{name}\" is not a scene tag; the nearest are {nearest}")]
    Unknown {
        /// As it was typed, shortened if long.
        name: String,
        /// The nearest tags in both languages.
        nearest: String,
    },
    /// A tag and a number without the colon between them.
    #[error("the weight of a tag stands behind a colon: \"{name}:{weight}\"")]
    Colon {
        /// The tag as it was typed.
        name: String,
        /// The number behind it.
        weight: String,
    },
    /// What stands behind the colon is no weight, or the weights of a tag add up to too much.
    #[error("the weight of \"{name}\" must be a number above 0 and at most {max}, not \"{weight}\"", max = MAX_WEIGHT)]
    Weight {
        /// The tag as it was typed, shortened if long.
        name: String,
        /// What was typed for its weight, or what the weights add up to.
        weight: String,
    },
    /// More tags than can be told apart in one piece of music.
    #[error("a scene mixes at most {max} tags, not {0}", max = MAX_TAGS)]
    TooMany(usize),
    /// A section that there is not.
    #[error("\"{name}\" is not a section; the nearest are {nearest}")]
    Section {
        /// As it was typed, shortened if long.
        name: String,
        /// The nearest sections in both languages.
        nearest: String,
    },
    /// What stands behind the colon of a section is no number of bars.
    #[error("the section \"{name}\" lasts 1 to {max} bars, not \"{bars}\"", max = AskedSection::MAX_BARS)]
    SectionBars {
        /// The section.
        name: String,
        /// What was typed for its bars, shortened if long.
        bars: String,
    },
    /// A bracket without its other half.
    #[error("a section stands between brackets: \"[chorus]\"; one bracket has no other half")]
    Bracket,
    /// More sections than a form needs.
    #[error("a scene asks for at most {max} sections, not {0}", max = MAX_SECTIONS)]
    TooManySections(usize),
    /// A file of the table is not TOML of the right shape.
    #[error("{file}: {problem}")]
    File {
        /// Name of the file.
        file: String,
        /// What the parser says.
        problem: String,
    },
    /// A record of the table breaks a rule.
    #[error("scene table, \"{record}\": {problem}")]
    Record {
        /// The tag or style.
        record: String,
        /// Which rule.
        problem: String,
    },
}
