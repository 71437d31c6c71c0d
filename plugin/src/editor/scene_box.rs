//! Where the scene is typed: a line of text with suggestions in both languages, a list of all scenes, and the
//! sentence that says what is wrong.

use super::chips::{Chips, Recent};
use super::look;
use super::palette::Palette;
use egui::text_edit::{CompletionPopup, Suggestion};
use egui::{Key, RectAlign, RichText, TextEdit, Ui};
use sceneloop_engine::Engine;
use sceneloop_music::SceneTable;
use sceneloop_music::scene::Tag;
use std::sync::LazyLock;

/// How many suggestions are shown at once.
const SUGGESTIONS: usize = 8;
/// Size of the two buttons beside the text, points.
const BUTTON_WIDTH: f32 = 96.0;
const BUTTON_HEIGHT: f32 = 32.0;
/// Height of the row of tags, or of the sentence in its place, points.
const CHIPS_HEIGHT: f32 = 24.0;

static ID: LazyLock<egui::Id> = LazyLock::new(|| egui::Id::unique("sceneloop scene text"));

/// What was typed and not yet applied.
#[derive(Default)]
pub struct SceneBox {
    text: String,
    /// The engine's scene when `text` was taken from it; another one there means that a project was loaded.
    applied: String,
    error: Option<String>,
    chips: Chips,
    palette: Palette,
}

impl SceneBox {
    /// Draws the box; true if the scene was changed.
    pub fn show(&mut self, ui: &mut Ui, engine: &Engine, recent: &mut Recent) -> bool {
        let current = engine.scene_text();
        if current != self.applied {
            (self.text, self.applied, self.error) = (current.clone(), current, None);
        }
        let chinese = look::has_chinese(ui);
        let mut apply = false;
        ui.horizontal(|ui| {
            let table = engine.scene_table();
            let width = ui.available_width() - 2.0 * (BUTTON_WIDTH + ui.spacing().item_spacing.x);
            let edit = TextEdit::singleline(&mut self.text)
                .hint_text("a scene, such as: cyberpunk city, rain:0.5")
                .font(look::font(16.0))
                .margin(egui::vec2(10.0, 6.0))
                .desired_width(width);
            let typed = CompletionPopup::new(*ID)
                .word_boundary(is_boundary)
                .align(RectAlign::BOTTOM_START)
                .show(ui, edit, |query| suggestions(table, query.word, chinese));
            let entered = ui.input(|input| input.key_pressed(Key::Enter));
            if typed.text_edit.response.response.changed() {
                self.error = None;
            }
            apply |= typed.text_edit.response.response.lost_focus() && entered && typed.accepted.is_none();
            let changed = self.text != self.applied;
            let colours = look::palette(ui);
            let (fill, text) =
                if changed { (colours.accent, colours.on_lit) } else { (colours.control, colours.text) };
            let button = egui::Button::new(RichText::new("Apply").color(text)).fill(fill);
            apply |= ui.add(button.min_size(egui::vec2(BUTTON_WIDTH, BUTTON_HEIGHT))).clicked();
            let size = egui::vec2(BUTTON_WIDTH, BUTTON_HEIGHT);
            if let Some(chosen) = self.palette.show(ui, &engine.scene(), table, chinese, size) {
                self.text = chosen;
                apply = true;
            }
        });
        // In one place, so that nothing below moves.
        if let Some(error) = &self.error {
            let error = if chinese { error.clone() } else { without_chinese(error) };
            ui.horizontal(|ui| {
                ui.set_min_height(CHIPS_HEIGHT);
                let sentence = RichText::new(&error).color(look::palette(ui).error).size(12.0);
                ui.add(egui::Label::new(sentence).truncate()).on_hover_text(&error);
            });
        } else {
            ui.scope(|ui| {
                ui.set_min_height(CHIPS_HEIGHT);
                if let Some(text) = self.chips.show(ui, engine, chinese, recent) {
                    self.text = text;
                    apply = true;
                }
            });
        }
        apply && self.apply(engine)
    }

    /// Gives the text to the engine; true if it was taken.
    fn apply(&mut self, engine: &Engine) -> bool {
        match engine.set_scene(&self.text) {
            Ok(()) => {
                self.applied.clear(); // take the canonical text at the next drawing
                self.error = None;
                true
            }
            Err(error) => {
                self.error = Some(error.to_string());
                false
            }
        }
    }
}

/// A sentence without the names in brackets that cannot be shown here.
fn without_chinese(sentence: &str) -> String {
    let mut shown = String::new();
    for part in sentence.split_inclusive(')') {
        match part.rsplit_once(" (") {
            Some((before, name)) if !name.is_ascii() => shown += before,
            _ => shown += part,
        }
    }
    shown
}

/// What separates a tag from the next and from its weight.
fn is_boundary(letter: char) -> bool {
    matches!(letter, ',' | '，' | '、' | ';' | '；' | ':' | '：')
}

/// The tags that a half-written word may become: names that begin with it first, then names that hold it.
fn suggestions(table: &SceneTable, word: &str, chinese: bool) -> Vec<Suggestion> {
    let wanted = word.trim().to_lowercase();
    if wanted.is_empty() || wanted.parse::<f32>().is_ok() || table.find(&wanted).is_some() {
        return Vec::new();
    }
    let rank = |tag: &Tag| {
        let names = || tag.names().map(str::to_lowercase);
        if names().any(|name| name.starts_with(&wanted)) {
            Some(0)
        } else {
            names().any(|name| name.contains(&wanted)).then_some(1)
        }
    };
    let mut found: Vec<(i32, &Tag)> = table.tags().iter().filter_map(|tag| Some((rank(tag)?, tag))).collect();
    found.sort_by_key(|(rank, _)| *rank);
    let space = if word.starts_with(' ') { " " } else { "" };
    let in_chinese = !wanted.is_ascii();
    let suggest = |(_, tag): (i32, &Tag)| {
        let name = if in_chinese { &tag.zh } else { &tag.id };
        let suggestion = Suggestion::new(format!("{space}{name}"));
        if chinese {
            suggestion.content(tag.id.clone()).description(tag.zh.clone())
        } else {
            suggestion.content(tag.id.clone())
        }
    };
    found.into_iter().take(SUGGESTIONS).map(suggest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inserts(word: &str) -> Vec<String> {
        let engine = Engine::new().unwrap();
        suggestions(engine.scene_table(), word, true)
            .into_iter()
            .map(|suggestion| suggestion.insert)
            .collect()
    }

    #[test]
    fn half_a_word_is_completed_in_its_language() {
        assert!(inserts("cyberp").contains(&"cyberpunk city".to_string()));
        assert!(inserts(" dung").contains(&" dungeon".to_string()));
        assert!(inserts("赛博").iter().any(|name| name.starts_with("赛博")));
        assert!(inserts("berpun").contains(&"cyberpunk city".to_string()));
        assert!(inserts("").is_empty() && inserts(" 0.5").is_empty() && inserts("cyberpunk city").is_empty());
        assert!(inserts("e").len() <= SUGGESTIONS);
    }

    #[test]
    fn names_that_cannot_be_shown_are_left_out() {
        let sentence = "\"x\" is no tag (a word); the nearest are \"swamp\" (沼泽), \"rain\" (雨)";
        assert_eq!(
            without_chinese(sentence),
            "\"x\" is no tag (a word); the nearest are \"swamp\", \"rain\""
        );
        assert_eq!(without_chinese("nothing"), "nothing");
    }

    #[test]
    fn a_scene_that_is_not_known_changes_nothing() {
        let engine = Engine::new().unwrap();
        let before = engine.scene_text();
        let mut scene = SceneBox { text: "cyberpnk citty".into(), ..SceneBox::default() };
        assert!(!scene.apply(&engine));
        assert!(scene.error.is_some());
        assert_eq!(engine.scene_text(), before);
        scene.text = "forest".into();
        assert!(scene.apply(&engine) && scene.error.is_none());
        assert!(engine.scene_text().starts_with("forest"));
    }
}
