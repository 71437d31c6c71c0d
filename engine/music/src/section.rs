//! Sections: what the form of a song is made of, and how they are asked for in a scene text.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A part of a song's form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Section {
    /// The layers enter one after the other.
    Intro,
    /// The verse: the theme.
    A,
    /// The verse again, told in another way.
    APrime,
    /// The chorus, or the hook of a club track.
    B,
    /// The bridge: other ground.
    C,
    /// Drums and bass step back.
    Break,
    /// It grows towards what comes.
    Build,
    /// Everything at once.
    Drop,
    /// The layers leave.
    Outro,
}

/// The theme that a section plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Letter {
    /// The song's first theme.
    A,
    /// The one that answers it.
    B,
    /// The one that leads away.
    C,
}

impl Section {
    /// All sections in the order in which lists show them.
    pub const ALL: [Self; 9] = [
        Self::Intro,
        Self::A,
        Self::APrime,
        Self::B,
        Self::C,
        Self::Break,
        Self::Build,
        Self::Drop,
        Self::Outro,
    ];

    /// Its name in scene texts, in reports and as a marker.
    pub fn name(self) -> &'static str {
        self.names()[0]
    }

    /// Its Chinese name.
    pub fn zh(self) -> &'static str {
        match self {
            Self::Intro => "前奏",
            Self::A => "主歌",
            Self::APrime => "变奏",
            Self::B => "副歌",
            Self::C => "桥段",
            Self::Break => "间奏",
            Self::Build => "铺垫",
            Self::Drop => "高潮",
            Self::Outro => "尾奏",
        }
    }

    /// All names in both languages, in lower case; the first is the one that is kept.
    pub fn names(self) -> &'static [&'static str] {
        match self {
            Self::Intro => &["intro", "introduction", "前奏", "引子"],
            Self::A => &["verse", "a", "theme", "主歌", "主题"],
            Self::APrime => &["variation", "a'", "a′", "a2", "second verse", "变奏", "主歌二"],
            Self::B => &["chorus", "b", "hook", "refrain", "副歌"],
            Self::C => &["bridge", "c", "middle eight", "桥段", "过渡"],
            Self::Break => &["break", "breakdown", "interlude", "间奏", "间歇"],
            Self::Build => {
                &["build", "buildup", "build up", "riser", "prechorus", "pre chorus", "铺垫", "推进"]
            }
            Self::Drop => &["drop", "高潮", "爆发"],
            Self::Outro => &["outro", "ending", "end", "coda", "尾奏", "尾声"],
        }
    }

    /// The section of a name in either language; case, hyphens and extra spaces do not matter.
    pub fn find(name: &str) -> Option<Self> {
        let wanted = crate::scene::folded(name);
        Self::ALL.into_iter().find(|section| section.names().contains(&wanted.as_str()))
    }

    /// Whose theme it plays.
    pub fn letter(self) -> Letter {
        match self {
            Self::Intro | Self::A | Self::APrime | Self::Outro => Letter::A,
            Self::B | Self::Break | Self::Build | Self::Drop => Letter::B,
            Self::C => Letter::C,
        }
    }
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A section that is asked for, with its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AskedSection {
    /// Which.
    pub section: Section,
    /// Bars it lasts, 1 to [`Self::MAX_BARS`]; it ends where a loop does, so that it may last some bars more.
    pub bars: u8,
}

impl AskedSection {
    /// The longest section, bars.
    pub const MAX_BARS: u8 = 64;
    /// The length of a section where none is said, bars.
    pub const USUAL_BARS: u8 = 8;
}

/// As it stands in a scene text: `[verse:8]`.
impl fmt::Display for AskedSection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}:{}]", self.section, self.bars)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_name_leads_to_one_section() {
        let mut seen = BTreeSet::new();
        for section in Section::ALL {
            assert_eq!(Section::find(section.name()), Some(section));
            assert_eq!(Section::find(section.zh()), Some(section));
            for name in section.names() {
                assert!(seen.insert(*name), "{name} is given twice");
                assert_eq!(Section::find(&name.to_uppercase()), Some(section), "{name}");
                assert_eq!(*name, crate::scene::folded(name), "names are compared in lower case");
            }
        }
        assert_eq!(Section::find("Build-Up"), Some(Section::Build));
        assert_eq!(Section::find("solo"), None);
    }
}
