//! The text of a scene: `cyberpunk city:1, rain:0.5 [verse:8] [chorus]`, in either language.

use super::table::SceneTable;
use super::{SceneError, Tag};
use crate::section::{AskedSection, Section};

/// Most tags in one scene.
pub const MAX_TAGS: usize = 8;
/// Largest weight of a tag.
pub const MAX_WEIGHT: f32 = 10.0;
/// Most sections that a scene asks for.
pub const MAX_SECTIONS: usize = 32;
/// Most characters in a scene text: eight long names with weights fit several times over.
pub(super) const MAX_CHARS: usize = 1000;
/// How much of a name that is not known is repeated in the error.
const SHOWN_CHARS: usize = 40;
/// How many near tags an error names.
const SUGGESTIONS: usize = 3;
/// How much less like the name than the nearest a tag may be to be named beside it.
const UNLIKE: f64 = 0.3;

/// What parts tags: commas, semicolons, the Chinese ones, and line ends.
fn is_separator(c: char) -> bool {
    matches!(c, ',' | '，' | ';' | '；' | '、' | '\n')
}

/// Lower case, with hyphens, underscores and runs of space as one space: how names are compared.
pub(crate) fn folded(name: &str) -> String {
    let spaced = name.to_lowercase().replace(['-', '_', '\u{3000}'], " ");
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a name could be typed in a scene text and read back.
pub(super) fn is_writable(name: &str) -> bool {
    !folded(name).is_empty()
        && !name.chars().any(|c| is_separator(c) || matches!(c, ':' | '：' | '{' | '}') || is_bracket(c))
}

/// What stands around sections.
fn is_bracket(c: char) -> bool {
    matches!(c, '[' | ']' | '［' | '］' | '【' | '】')
}

fn shown(name: &str) -> String {
    if name.chars().count() > SHOWN_CHARS {
        name.chars().take(SHOWN_CHARS).chain(['…']).collect()
    } else {
        name.into()
    }
}

/// Parts a text into its tags and the sections that stand in brackets between them.
pub(super) fn sections(text: &str) -> Result<(String, Vec<AskedSection>), SceneError> {
    let length = text.chars().count();
    if length > MAX_CHARS {
        return Err(SceneError::Long(length));
    }
    let (mut tags, mut form, mut rest) = (String::new(), Vec::new(), text);
    while let Some((before, behind)) = rest.split_once(is_bracket) {
        let closing = match rest[before.len()..].chars().next() {
            Some('[') => ']',
            Some('［') => '］',
            Some('【') => '】',
            _ => return Err(SceneError::Bracket),
        };
        let (inside, behind) = behind.split_once(closing).ok_or(SceneError::Bracket)?;
        if inside.contains(is_bracket) {
            return Err(SceneError::Bracket);
        }
        for part in inside.split(is_separator) {
            form.push(section(part.trim())?);
        }
        tags += before;
        tags.push('\n'); // a bracket parts tags as well
        rest = behind;
    }
    tags += rest;
    match form.len() {
        0..=MAX_SECTIONS => Ok((tags, form)),
        count => Err(SceneError::TooManySections(count)),
    }
}

/// `verse:8`.
fn section(text: &str) -> Result<AskedSection, SceneError> {
    let (name, bars) = match text.split_once([':', '：']) {
        Some((name, bars)) => (name.trim(), Some(bars.trim())),
        None => (text, None),
    };
    let section = Section::find(name)
        .ok_or_else(|| SceneError::Section { name: shown(name), nearest: nearest_sections(name) })?;
    let fits = |bars: &u8| (1..=AskedSection::MAX_BARS).contains(bars);
    let bad = |bars: &str| SceneError::SectionBars { name: section.name().into(), bars: shown(bars) };
    let bars = match bars {
        None => AskedSection::USUAL_BARS,
        Some(text) => text.parse().ok().filter(fits).ok_or_else(|| bad(text))?,
    };
    Ok(AskedSection { section, bars })
}

/// Tags with their weights, heaviest first, those of one weight in the order of the text.
pub(super) fn weighted<'t>(table: &'t SceneTable, text: &str) -> Result<Vec<(&'t Tag, f32)>, SceneError> {
    let mut tags: Vec<(&Tag, f32)> = Vec::new();
    for part in text.split(is_separator).map(str::trim).filter(|part| !part.is_empty()) {
        let (name, weight) = match part.split_once([':', '：']) {
            Some((name, weight)) => (name.trim(), Some(weight.trim())),
            None => (part, None),
        };
        let tag = table.find(name).ok_or_else(|| unknown(table, name))?;
        let bad = |weight: String| SceneError::Weight { name: shown(name), weight: shown(&weight) };
        let fits = |weight: f32| weight.is_finite() && weight > 0.0 && weight <= MAX_WEIGHT;
        let weight = match weight {
            None => 1.0,
            Some(text) => text.parse().ok().filter(|weight| fits(*weight)).ok_or_else(|| bad(text.into()))?,
        };
        match tags.iter_mut().find(|(known, _)| known.id == tag.id) {
            Some((_, sum)) => {
                *sum += weight;
                if !fits(*sum) {
                    return Err(bad(sum.to_string()));
                }
            }
            None => tags.push((tag, weight)),
        }
    }
    match tags.len() {
        0 => Err(SceneError::Empty),
        1..=MAX_TAGS => {
            tags.sort_by(|a, b| b.1.total_cmp(&a.1));
            Ok(tags)
        }
        count => Err(SceneError::TooMany(count)),
    }
}

/// What is wrong with a name that no tag has.
fn unknown(table: &SceneTable, name: &str) -> SceneError {
    if let Some((tag, weight)) = name.rsplit_once(char::is_whitespace)
        && weight.parse::<f32>().is_ok()
        && table.find(tag).is_some()
    {
        return SceneError::Colon { name: tag.trim().into(), weight: weight.into() };
    }
    SceneError::Unknown { name: shown(name), nearest: nearest(table, name) }
}

/// How like a name is to what was typed (`wanted`, folded).
fn likeness(wanted: &str, known: &str) -> f64 {
    let known = folded(known);
    let likeness =
        strsim::jaro_winkler(wanted, &known).max(strsim::normalized_damerau_levenshtein(wanted, &known));
    // A name within the other is nearer than any misspelling of another one.
    let within = !wanted.is_empty() && (known.contains(wanted) || wanted.contains(&known));
    if within { likeness + 1.0 } else { likeness }
}

/// The things most like what was typed, the likest first.
fn likest<T>(mut things: Vec<(f64, T)>) -> impl Iterator<Item = T> {
    things.sort_by(|a, b| b.0.total_cmp(&a.0));
    // What is far less like it than the best is no suggestion.
    let best = things.first().map_or(0.0, |(likeness, _)| *likeness);
    things.retain(|(likeness, _)| *likeness > best - UNLIKE);
    things.into_iter().take(SUGGESTIONS).map(|(_, thing)| thing)
}

/// The tags whose names are most like `name`, each in both languages.
fn nearest(table: &SceneTable, name: &str) -> String {
    let wanted: String = folded(name).chars().take(SHOWN_CHARS).collect();
    let like = |tag: &Tag| tag.names().map(|known| likeness(&wanted, known)).fold(0.0, f64::max);
    let tags = table.tags().iter().map(|tag| (like(tag), tag)).collect();
    let names: Vec<String> = likest(tags).map(|tag: &Tag| format!("\"{}\" ({})", tag.id, tag.zh)).collect();
    names.join(", ")
}

/// The same of sections. One letter is within many names, so that what is shorter than a word counts as it is.
fn nearest_sections(name: &str) -> String {
    let wanted: String = folded(name).chars().take(SHOWN_CHARS).collect();
    let long = |known: &&&str| known.chars().count() > 1 || !known.is_ascii();
    let like = |section: Section| {
        let names = section.names().iter().filter(long);
        names.map(|known| likeness(&wanted, known)).fold(0.0, f64::max)
    };
    let sections = Section::ALL.into_iter().map(|section| (like(section), section)).collect();
    let names: Vec<String> =
        likest(sections).map(|section| format!("\"{section}\" ({})", section.zh())).collect();
    names.join(", ")
}
