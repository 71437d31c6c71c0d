//! The text of a scene: `cyberpunk city:1, rain:0.5`, in either language.

use super::table::SceneTable;
use super::{SceneError, Tag};

/// Most tags in one scene.
pub const MAX_TAGS: usize = 8;
/// Largest weight of a tag.
pub const MAX_WEIGHT: f32 = 10.0;
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
pub(super) fn folded(name: &str) -> String {
    let spaced = name.to_lowercase().replace(['-', '_', '\u{3000}'], " ");
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a name could be typed in a scene text and read back.
pub(super) fn is_writable(name: &str) -> bool {
    !folded(name).is_empty() && !name.chars().any(|c| is_separator(c) || matches!(c, ':' | '：' | '{' | '}'))
}

fn shown(name: &str) -> String {
    if name.chars().count() > SHOWN_CHARS {
        name.chars().take(SHOWN_CHARS).chain(['…']).collect()
    } else {
        name.into()
    }
}

/// Tags with their weights, heaviest first, those of one weight in the order of the text.
pub(super) fn weighted<'t>(table: &'t SceneTable, text: &str) -> Result<Vec<(&'t Tag, f32)>, SceneError> {
    let length = text.chars().count();
    if length > MAX_CHARS {
        return Err(SceneError::Long(length));
    }
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

/// The tags whose names are most like `name`, each in both languages.
fn nearest(table: &SceneTable, name: &str) -> String {
    let wanted: String = folded(name).chars().take(SHOWN_CHARS).collect();
    let likeness = |known: &str| {
        let known = folded(known);
        let likeness = strsim::jaro_winkler(&wanted, &known)
            .max(strsim::normalized_damerau_levenshtein(&wanted, &known));
        // A name within the other is nearer than any misspelling of another one.
        let within = !wanted.is_empty() && (known.contains(&wanted) || wanted.contains(&known));
        if within { likeness + 1.0 } else { likeness }
    };
    let mut tags: Vec<(f64, &Tag)> =
        table.tags().iter().map(|tag| (tag.names().map(likeness).fold(0.0, f64::max), tag)).collect();
    tags.sort_by(|a, b| b.0.total_cmp(&a.0));
    // What is far less like it than the best is no suggestion.
    let best = tags.first().map_or(0.0, |(likeness, _)| *likeness);
    tags.retain(|(likeness, _)| *likeness > best - UNLIKE);
    let names: Vec<String> =
        tags.iter().take(SUGGESTIONS).map(|(_, tag)| format!("\"{}\" ({})", tag.id, tag.zh)).collect();
    names.join(", ")
}
