//! All tags by family, to search and to pick from.

use super::{controls, look};
use egui::accesskit;
use egui::containers::menu::{MenuButton, MenuConfig};
use egui::{Align2, Button, PopupCloseBehavior, RichText, TextEdit, Ui};
use sceneloop_music::scene::{Family, Tag};
use sceneloop_music::{Scene, SceneTable};

/// Size of what unfolds, points.
const WIDTH: f32 = 520.0;
const LIST_HEIGHT: f32 = 360.0;
/// Weight of a tag that is added to others.
const ADDED_WEIGHT: f32 = 0.5;

/// What was typed to search by.
#[derive(Default)]
pub struct Palette {
    search: String,
    /// Whether a tag is added to the scene and does not replace it.
    adds: bool,
}

impl Palette {
    /// Draws the button, and the palette behind it; the text of another scene, if one was picked.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        scene: &Scene,
        table: &SceneTable,
        chinese: bool,
        size: egui::Vec2,
    ) -> Option<String> {
        let config = MenuConfig::new().close_behavior(PopupCloseBehavior::CloseOnClickOutside);
        let button = Button::new("All scenes").min_size(size);
        let (response, inner) = MenuButton::from_button(button).config(config).ui(ui, |ui| {
            ui.set_width(WIDTH);
            let mut picked = None;
            ui.horizontal(|ui| {
                search(ui, &mut self.search, "Search scenes");
                ui.checkbox(&mut self.adds, "Add to the scene")
                    .on_hover_text("On: the tag comes to those there are. Off: it takes their place");
            });
            if let Some(tag) = list(ui, table, &self.search, chinese, LIST_HEIGHT) {
                picked = Some(if self.adds { added(scene, tag) } else { replaced(scene, tag) });
                if !self.adds {
                    ui.close();
                }
            }
            picked
        });
        response.on_hover_text(format!("All {} tags by family, with search", table.tags().len()));
        inner.and_then(|inner| inner.inner)
    }
}

/// A line to search by.
pub fn search(ui: &mut Ui, text: &mut String, name: &str) {
    let edit = TextEdit::singleline(text).hint_text("search").desired_width(220.0).align(Align2::LEFT_CENTER);
    controls::named(&ui.add(edit), name, accesskit::Role::TextInput);
}

/// The tags that a search leaves, by family; the one that was picked.
pub fn list<'a>(
    ui: &mut Ui,
    table: &'a SceneTable,
    search: &str,
    chinese: bool,
    height: f32,
) -> Option<&'a Tag> {
    let colours = look::palette(ui);
    let mut picked = None;
    let found: Vec<&Tag> = table.tags().iter().filter(|tag| is_found(tag, search)).collect();
    controls::list(height).show(ui, |ui| {
        for family in Family::ALL {
            let mut tags = found.iter().filter(|tag| tag.family == family).peekable();
            if tags.peek().is_none() {
                continue;
            }
            ui.label(RichText::new(format!("{family:?}")).size(12.0).color(colours.weak));
            ui.horizontal_wrapped(|ui| {
                ui.spacing_mut().item_spacing = egui::vec2(4.0, 4.0);
                for tag in tags {
                    let name = if chinese { format!("{}  {}", tag.id, tag.zh) } else { tag.id.clone() };
                    let response = ui.add(Button::new(RichText::new(name).size(12.0)).fill(colours.control));
                    controls::named(&response, format!("Pick {}", tag.id), accesskit::Role::Button);
                    if response.clicked() {
                        picked = Some(*tag);
                    }
                }
            });
            ui.add_space(4.0);
        }
        if found.is_empty() {
            ui.label(RichText::new("No tag is called so.").color(colours.weak));
        }
    });
    picked
}

/// Whether a search leaves a tag: all its words must lie in one of the tag's names, or be its family.
fn is_found(tag: &Tag, search: &str) -> bool {
    let search = search.to_lowercase();
    let family = format!("{:?}", tag.family).to_lowercase();
    search
        .split_whitespace()
        .all(|word| family == word || tag.names().any(|name| name.to_lowercase().contains(word)))
}

/// A tag alone; sections stay.
fn replaced(scene: &Scene, tag: &Tag) -> String {
    format!("{}:1{}", tag.id, sections(scene))
}

/// A tag beside those there are; one that is there already stays as it is.
fn added(scene: &Scene, tag: &Tag) -> String {
    if scene.tags.iter().any(|(known, _)| *known == tag.id) {
        return scene.text.clone();
    }
    format!("{}, {}:{ADDED_WEIGHT}{}", scene.tags_text(), tag.id, sections(scene))
}

/// What a scene's text says of sections.
pub fn sections(scene: &Scene) -> &str {
    scene.text.get(scene.tags_text().len()..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use sceneloop_engine::Engine;

    #[test]
    fn tags_are_found_by_every_name_and_by_family() {
        let engine = Engine::new().unwrap();
        let table = engine.scene_table();
        let found = |search: &str| table.tags().iter().filter(|tag| is_found(tag, search)).count();
        assert_eq!(found(""), table.tags().len());
        assert!(found("cyber") >= 1 && found("赛博") >= 1 && found("no such tag") == 0);
        let weather = table.tags().iter().filter(|tag| tag.family == Family::Weather).count();
        assert_eq!(found("Weather"), weather);
        assert!((1..weather).contains(&found("weather rain")));
    }

    #[test]
    fn what_is_picked_is_a_scene_and_sections_stay() {
        let engine = Engine::new().unwrap();
        let table = engine.scene_table();
        let scene = table.parse("forest [intro:8] [verse]").unwrap();
        let tag = |id: &str| table.tags().iter().find(|tag| tag.id == id).unwrap();
        let alone = table.parse(&replaced(&scene, tag("rain"))).unwrap();
        assert_eq!((alone.tags.len(), alone.tags[0].0.as_str(), alone.form.len()), (1, "rain", 2));
        let both = table.parse(&added(&scene, tag("rain"))).unwrap();
        assert_eq!((both.tags.len(), both.form.len()), (2, 2));
        assert_eq!(added(&both, tag("rain")), both.text);
    }
}
