//! How weighted tags become one scene.
//!
//! Every number is a weighted mean. What a tag says itself counts with the tag's weight `w`; where it says nothing, its
//! style speaks for it with `w × style_weight`. So one tag alone gives exactly its own values over its style's,
//! and "cyberpunk city, rain" stays cyberpunk although rain alone would be ambient.

use super::table::{SceneTable, Tag};
use super::{EventAction, Scene};
use crate::descriptor::{Descriptor, Dimension};
use crate::key::Mode;
use crate::role::{PerRole, Role};
use crate::style::Style;
use std::collections::BTreeMap;

impl SceneTable {
    /// Mixes tags, heaviest first, with weights above 0. Sums are made in `f64`, in the order given, so that the same
    /// tags always give the same bits.
    pub(super) fn mix(&self, tags: &[(&Tag, f32)]) -> Scene {
        let modes = self.mixed_modes(tags);
        let tempo = (
            self.mean(
                tags,
                |tag| tag.tempo.map(|(low, _)| low.ln()),
                |style| self.baseline(style).tempo.0.ln(),
            )
            .exp(),
            self.mean(
                tags,
                |tag| tag.tempo.map(|(_, high)| high.ln()),
                |style| self.baseline(style).tempo.1.ln(),
            )
            .exp(),
        );
        // Whole BPM: a range is a taste, not a measurement.
        let tempo = (tempo.0.round(), tempo.1.round());
        let mut wanted = Descriptor::default();
        for dimension in Dimension::ALL {
            let own = |tag: &Tag| tag.wanted.get(&dimension).map(|value| f64::from(*value));
            let base =
                |style| self.baseline(style).wanted.get(&dimension).map_or(0.5, |value| f64::from(*value));
            wanted[dimension] = self.mean(tags, own, base) as f32;
        }
        wanted[Dimension::ModeBrightness] =
            modes.iter().map(|(mode, weight)| mode.brightness() * weight).sum();
        wanted[Dimension::Tempo] = crate::descriptor::tempo_unit((tempo.0 * tempo.1).sqrt());
        let roles = PerRole::from_fn(|role| {
            let own = |tag: &Tag| tag.roles.get(&role).map(|value| f64::from(*value));
            self.mean(tags, own, |style| f64::from(self.baseline(style).roles[&role])) as f32
        });
        let human =
            self.mean(tags, |tag| tag.human.map(f64::from), |style| f64::from(self.baseline(style).human));
        let styles = shares(tags.iter().map(|(tag, weight)| (tag.style, style_vote(tag, *weight))));
        // The scene is the dance of the tag that pulls most to its style, in its metre.
        let leading = by_vote(tags).first().map(|(tag, _)| *tag);
        let of_style = || styles.first().and_then(|(style, _)| self.baseline(*style).metre);
        let mut scene = Scene {
            text: String::new(),
            tags: tags.iter().map(|(tag, weight)| (tag.id.clone(), *weight)).collect(),
            wanted,
            modes,
            tempo,
            metre: leading.and_then(|tag| tag.metre).or_else(of_style),
            dance: leading.and_then(|tag| tag.dance.clone()),
            styles,
            roles,
            patches: PerRole::from_fn(|role| self.patch(tags, role)),
            human: human as f32,
            events: events(tags),
            form: Vec::new(),
        };
        scene.text = scene.tags_text();
        scene
    }

    /// The weighted mean of what tags say themselves (`own`) or their styles say for them (`base`).
    fn mean(
        &self,
        tags: &[(&Tag, f32)],
        own: impl Fn(&Tag) -> Option<f64>,
        base: impl Fn(Style) -> f64,
    ) -> f64 {
        let (mut sum, mut total) = (0.0, 0.0);
        for (tag, weight) in tags {
            let (value, weight) = match own(tag) {
                Some(value) => (value, f64::from(*weight)),
                None => (base(tag.style), style_vote(tag, *weight)),
            };
            sum += value * weight;
            total += weight;
        }
        sum / total
    }

    fn mixed_modes(&self, tags: &[(&Tag, f32)]) -> Vec<(Mode, f32)> {
        shares(tags.iter().flat_map(|(tag, weight)| {
            let (modes, vote) = match tag.modes.is_empty() {
                true => (&self.baseline(tag.style).modes, style_vote(tag, *weight)),
                false => (&tag.modes, f64::from(*weight)),
            };
            let total: f64 = modes.values().map(|weight| f64::from(*weight)).sum();
            modes.iter().map(move |(mode, weight)| (*mode, vote * f64::from(*weight) / total))
        }))
    }

    /// The patch with most votes. A patch that a tag names itself counts `weight / style_weight`: tags that colour
    /// others (rain, sad) speak of few roles and are there to be heard in just those.
    fn patch(&self, tags: &[(&Tag, f32)], role: Role) -> String {
        let mut votes: Vec<(&str, f64)> = Vec::new();
        for (tag, weight) in tags {
            let (patch, vote) = match tag.patches.get(&role) {
                Some(patch) => (patch.as_str(), f64::from(*weight) / f64::from(tag.style_weight)),
                None => (self.baseline(tag.style).patches[&role].as_str(), style_vote(tag, *weight)),
            };
            match votes.iter_mut().find(|(known, _)| *known == patch) {
                Some((_, sum)) => *sum += vote,
                None => votes.push((patch, vote)),
            }
        }
        votes.sort_by(|a, b| b.1.total_cmp(&a.1));
        votes.first().map(|(patch, _)| (*patch).into()).unwrap_or_default()
    }
}

/// How much a tag pulls to its style.
fn style_vote(tag: &Tag, weight: f32) -> f64 {
    f64::from(weight) * f64::from(tag.style_weight)
}

/// Adds up votes and scales them to 1, heaviest first, those of one weight in the order of their kind.
fn shares<T: Ord + Copy>(votes: impl Iterator<Item = (T, f64)>) -> Vec<(T, f32)> {
    let mut sums: BTreeMap<T, f64> = BTreeMap::new();
    for (what, vote) in votes {
        *sums.entry(what).or_default() += vote;
    }
    let total: f64 = sums.values().sum();
    let mut shares: Vec<(T, f32)> =
        sums.into_iter().map(|(what, vote)| (what, (vote / total) as f32)).collect();
    shares.sort_by(|a, b| b.1.total_cmp(&a.1));
    shares
}

/// Those that pull most to their style first, those that pull alike in their order.
fn by_vote<'a, 't>(tags: &'a [(&'t Tag, f32)]) -> Vec<&'a (&'t Tag, f32)> {
    let mut by_vote: Vec<_> = tags.iter().collect();
    by_vote.sort_by(|a, b| style_vote(b.0, b.1).total_cmp(&style_vote(a.0, a.1)));
    by_vote
}

/// Each event from the tag that pulls most to its style among those that have it.
fn events(tags: &[(&Tag, f32)]) -> BTreeMap<String, EventAction> {
    let mut events = BTreeMap::new();
    for (tag, _) in by_vote(tags) {
        for (name, action) in &tag.events {
            events.entry(name.clone()).or_insert_with(|| action.clone());
        }
    }
    events
}
