//! Which pieces a batch renders.

use super::BatchArgs;
use sceneloop_engine::assets::Assets;
use sceneloop_engine::export::report;
use sceneloop_engine::seed;
use sceneloop_music::{Bpm, Metre, SceneTable, Style};
use std::collections::BTreeSet;

/// The plugin's seeds go from 0 to one less.
const SEEDS: u64 = 10_000;

/// One piece.
pub struct Job {
    /// Of its files, without ending.
    pub name: String,
    /// Scene in canonical text.
    pub scene: String,
    /// As it was asked for: the tag's id, or the text.
    pub asked: String,
    /// What the scene table files it under, where it is one tag: "place", "style".
    pub family: Option<String>,
    /// The style that it stands on.
    pub style: Style,
    pub energy: f32,
    pub seed: u32,
    pub bpm: Bpm,
    pub metre: Metre,
    pub bars: u32,
}

/// All pieces, those of one scene together.
pub struct Plan {
    pub groups: Vec<Vec<Job>>,
}

impl Plan {
    pub fn of(args: &BatchArgs) -> anyhow::Result<Self> {
        let table = &Assets::shipped()?.scenes;
        let texts = if args.families {
            family_tags(table)
        } else if args.scene.is_empty() {
            table.tags().iter().map(|tag| tag.id.clone()).collect()
        } else {
            args.scene.clone()
        };
        let texts = spread(texts, args.sample);
        let groups = texts.iter().map(|text| group(args, table, text)).collect::<anyhow::Result<Vec<_>>>()?;
        let plan = Self { groups };
        let names: BTreeSet<&str> = plan.jobs().map(|job| job.name.as_str()).collect();
        if names.len() < plan.jobs().count() {
            anyhow::bail!("a scene or an energy is asked for twice");
        }
        Ok(plan)
    }

    pub fn jobs(&self) -> impl Iterator<Item = &Job> {
        self.groups.iter().flatten()
    }
}

/// As many of some texts, evenly spread; all of them where there are no more.
fn spread(texts: Vec<String>, sample: Option<usize>) -> Vec<String> {
    let count = sample.unwrap_or(texts.len()).min(texts.len());
    (0..count).map(|index| texts[index * texts.len() / count].clone()).collect()
}

/// The tag of each family of styles.
pub fn family_tags(table: &SceneTable) -> Vec<String> {
    Style::ALL.iter().filter_map(|style| own_tag(table, *style)).collect()
}

/// The tag that stands for a family of styles: the one of its name, else the first of the list of styles that stands on it,
/// else the first of any list.
fn own_tag(table: &SceneTable, style: Style) -> Option<String> {
    let plain = |name: &str| name.replace(['-', ' '], "");
    let on_it = || table.tags().iter().filter(|tag| tag.style == style);
    on_it()
        .find(|tag| plain(&tag.id) == plain(style.name()))
        .or_else(|| on_it().find(|tag| tag.family == sceneloop_music::scene::Family::Style))
        .or_else(|| on_it().next())
        .map(|tag| tag.id.clone())
}

fn group(args: &BatchArgs, table: &SceneTable, text: &str) -> anyhow::Result<Vec<Job>> {
    let scene = table.parse(text)?;
    let (bpm, metre) = (report::default_bpm(scene.tempo), report::default_metre(&scene));
    let bar_seconds = metre.quarters_per_bar() * 60.0 / bpm.get();
    let tag = table.find(text);
    let mut jobs = Vec::new();
    for index in 0..args.seeds {
        let seed = seed_of(&scene.text, index);
        for &energy in &args.energy {
            jobs.push(Job {
                name: format!("{}-s{seed:04}-e{}", slug(text), plain_number(energy)),
                scene: scene.text.clone(),
                asked: text.into(),
                family: tag.map(|tag| format!("{:?}", tag.family).to_lowercase()),
                style: scene.style(),
                energy,
                seed,
                bpm,
                metre,
                bars: (args.seconds / bar_seconds).ceil().max(1.0) as u32,
            });
        }
    }
    Ok(jobs)
}

/// A seed that nobody has chosen.
fn seed_of(scene: &str, index: u32) -> u32 {
    (seed::mix(&[seed::of_text(scene), index.into()]) % SEEDS) as u32
}

/// Three digits, with a fraction where there is one.
fn plain_number(energy: f32) -> String {
    if energy.fract() == 0.0 { format!("{energy:03}") } else { format!("{energy:05.1}") }
}

/// A text as part of a file's name.
fn slug(text: &str) -> String {
    let letters = text.chars().map(|letter| if letter.is_alphanumeric() { letter } else { '-' });
    letters.take(40).collect::<String>().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_family_has_a_tag_of_its_own() {
        let table = &Assets::shipped().unwrap().scenes;
        let own: Vec<String> = Style::ALL.iter().filter_map(|style| own_tag(table, *style)).collect();
        assert_eq!(own.len(), Style::ALL.len());
        assert_eq!(own.iter().collect::<BTreeSet<_>>().len(), own.len());
        for (tag, style) in own.iter().zip(Style::ALL) {
            assert_eq!(table.parse(tag).unwrap().style(), *style, "{tag}");
        }
    }

    #[test]
    fn a_sample_is_spread_over_all() {
        let texts: Vec<String> = (0..10).map(|n| n.to_string()).collect();
        assert_eq!(spread(texts.clone(), Some(3)), ["0", "3", "6"]);
        assert_eq!(spread(texts.clone(), Some(99)), texts);
        assert_eq!(spread(texts.clone(), None), texts);
    }

    #[test]
    fn names_hold_what_differs() {
        assert_eq!((slug("Drum & bass:1"), slug("雨")), ("drum---bass-1".into(), "雨".into()));
        assert_eq!((plain_number(5.0), plain_number(2.5)), ("005".into(), "002.5".into()));
        assert_ne!(seed_of("rain:1", 0), seed_of("rain:1", 1));
    }
}
