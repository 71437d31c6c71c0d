//! The tags of the scene, each with its weight to move and a cross to be rid of it; a scene at random, and those before.

use super::pad::Pad;
use super::{controls, look, palette};
use egui::accesskit;
use egui::containers::menu::MenuButton;
use egui::{Button, DragValue, Frame, Margin, RichText, Ui};
use sceneloop_engine::Engine;
use sceneloop_music::scene::{Family, MAX_WEIGHT, Tag};
use sceneloop_music::{Dice, Scene, SceneTable};

/// How many scenes are remembered.
const MOST: usize = 16;
/// The least weight that can be moved to.
const LEAST_WEIGHT: f32 = 0.05;

/// The scenes of this instance, the newest first. Outlives the window.
#[derive(Default)]
pub struct Recent(Vec<String>);

impl Recent {
    /// A scene is played.
    fn remember(&mut self, text: &str) {
        if self.0.first().is_some_and(|newest| newest == text) {
            return;
        }
        self.0.retain(|known| known != text);
        self.0.insert(0, text.to_owned());
        self.0.truncate(MOST);
    }
}

/// Weights that are being moved.
#[derive(Default)]
pub struct Chips {
    moving: Option<(String, f32)>,
    pad: Pad,
}

impl Chips {
    /// Draws the row; the text of another scene, if one is wanted.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        engine: &Engine,
        chinese: bool,
        recent: &mut Recent,
    ) -> Option<String> {
        let (scene, table) = (engine.scene(), engine.scene_table());
        recent.remember(&scene.text);
        let mut wanted = None;
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = egui::vec2(6.0, 4.0);
            for (index, (tag, weight)) in scene.tags.iter().enumerate() {
                let chip = self.chip(ui, &scene, table, (tag, *weight), chinese);
                match chip {
                    Some(Change::Weight(weight)) => wanted = Some(reweighed(&scene, index, Some(weight))),
                    Some(Change::Remove) => wanted = Some(reweighed(&scene, index, None)),
                    None => {}
                }
            }
            let random = ui.add(Button::new(RichText::new("Random").size(12.0)));
            if random
                .on_hover_text("A scene at random: a place, a style or a situation, and a mood or a weather")
                .clicked()
            {
                let now =
                    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
                wanted = Some(random_scene(table, now.as_nanos() as u64));
            }
            if let Some(blended) = self.pad.show(ui, &scene, table, chinese) {
                wanted = Some(blended);
            }
            let button = Button::new(RichText::new("Recent").size(12.0));
            let (response, _) = MenuButton::from_button(button).ui(ui, |ui| {
                for text in recent.0.iter().skip(1) {
                    if ui.button(text).clicked() {
                        wanted = Some(text.clone());
                        ui.close();
                    }
                }
                if recent.0.len() < 2 {
                    ui.label("No other scene yet");
                }
            });
            controls::named(&response, "Recent scenes", accesskit::Role::Button);
        });
        wanted
    }

    fn chip(
        &mut self,
        ui: &mut Ui,
        scene: &Scene,
        table: &SceneTable,
        (tag, set): (&str, f32),
        chinese: bool,
    ) -> Option<Change> {
        let colours = look::palette(ui);
        let mut change = None;
        Frame::new().fill(colours.panel).corner_radius(12).inner_margin(Margin::symmetric(8, 1)).show(
            ui,
            |ui| {
                ui.spacing_mut().item_spacing.x = 4.0;
                ui.spacing_mut().interact_size.y = 20.0;
                ui.spacing_mut().button_padding = egui::vec2(4.0, 1.0);
                let known = table.tags().iter().find(|known| known.id == tag);
                let name = match known.filter(|_| chinese) {
                    Some(known) => format!("{tag}  {}", known.zh),
                    None => tag.to_owned(),
                };
                ui.label(RichText::new(name).size(12.0));
                let moving =
                    self.moving.as_ref().filter(|(moving, _)| moving == tag).map(|(_, weight)| *weight);
                let mut weight = moving.unwrap_or(set);
                let range = LEAST_WEIGHT..=MAX_WEIGHT;
                let drag = ui.add(DragValue::new(&mut weight).range(range).speed(0.01).max_decimals(2));
                controls::named(&drag, format!("Weight of {tag}"), accesskit::Role::SpinButton);
                if drag.changed() {
                    self.moving = Some((tag.to_owned(), weight));
                }
                // Another scene is another piece: it is asked for once the hand is off.
                let is_at_it = drag.dragged() || drag.has_focus();
                if !is_at_it && let Some((_, weight)) = self.moving.take_if(|(moving, _)| moving == tag) {
                    change = Some(Change::Weight((weight * 100.0).round() / 100.0));
                }
                drag.on_hover_text(format!(
                    "How much of it there is, {LEAST_WEIGHT} to {MAX_WEIGHT}. Drag, or click to type"
                ));
                if scene.tags.len() > 1 {
                    let cross =
                        ui.add(Button::new(RichText::new("×").size(12.0).color(colours.weak)).frame(false));
                    controls::named(&cross, format!("Remove {tag}"), accesskit::Role::Button);
                    if cross.on_hover_text(format!("Leave {tag} out")).clicked() {
                        change = Some(Change::Remove);
                    }
                }
            },
        );
        change
    }
}

enum Change {
    Weight(f32),
    Remove,
}

/// A scene's text with another weight of one of its tags, or without it. Sections stay.
fn reweighed(scene: &Scene, index: usize, weight: Option<f32>) -> String {
    let sections = palette::sections(scene);
    let mut tags: Vec<String> = Vec::new();
    for (at, (tag, own)) in scene.tags.iter().enumerate() {
        match weight {
            Some(weight) if at == index => tags.push(format!("{tag}:{weight}")),
            None if at == index => {}
            _ => tags.push(format!("{tag}:{own}")),
        }
    }
    tags.join(", ") + sections
}

/// What takes place, where or how, and often a mood or a weather beside it.
fn random_scene(table: &SceneTable, seed: u64) -> String {
    let mut dice = Dice::new(seed, "random scene");
    let is_ground =
        |tag: &&Tag| matches!(tag.family, Family::Place | Family::Style | Family::Situation | Family::Stream);
    let (ground, colour): (Vec<&Tag>, Vec<&Tag>) = table.tags().iter().partition(is_ground);
    let mut text = format!("{}:1", ground[dice.below(ground.len())].id);
    if !colour.is_empty() && dice.chance(0.7) {
        let weight = 0.2 + 0.1 * dice.below(5) as f32;
        text += &format!(", {}:{weight:.1}", colour[dice.below(colour.len())].id);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_scenes_are_scenes_and_many() {
        let engine = Engine::new().unwrap();
        let mut seen: Vec<String> = (0..200).map(|seed| random_scene(engine.scene_table(), seed)).collect();
        for text in &seen {
            assert!(engine.scene_table().parse(text).is_ok(), "{text}");
        }
        seen.sort_unstable();
        seen.dedup();
        assert!(seen.len() > 150, "{}", seen.len());
    }

    #[test]
    fn another_weight_leaves_all_else() {
        let engine = Engine::new().unwrap();
        let scene = engine.scene_table().parse("rain:0.5, forest [intro:8] [verse]").unwrap();
        assert!(scene.text.starts_with("forest:1, rain:0.5"));
        let lighter = reweighed(&scene, 1, Some(0.25));
        assert!(lighter.starts_with("forest:1, rain:0.25") && lighter.contains("[intro:8]"), "{lighter}");
        let alone = engine.scene_table().parse(&reweighed(&scene, 0, None)).unwrap();
        assert_eq!((alone.tags.len(), alone.form.len()), (1, 2));
    }

    #[test]
    fn scenes_are_remembered_once() {
        let mut recent = Recent::default();
        for text in ["a", "b", "b", "a", "c"] {
            recent.remember(text);
        }
        assert_eq!(recent.0, ["c", "a", "b"]);
        (0..40).for_each(|number| recent.remember(&number.to_string()));
        assert_eq!(recent.0.len(), MOST);
    }
}
