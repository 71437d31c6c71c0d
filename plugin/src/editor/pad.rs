//! A pad with a scene in each corner: where the point lies says how much there is of each.

use super::{controls, look, palette};
use egui::accesskit;
use egui::containers::menu::{MenuButton, MenuConfig};
use egui::{
    Align2, Button, CornerRadius, EventFilter, Key, Modifiers, PopupCloseBehavior, Pos2, Rect, RichText,
    Sense, Stroke, StrokeKind, Ui, UiBuilder, WidgetInfo,
};
use sceneloop_music::{Scene, SceneTable};
use std::sync::LazyLock;

/// Side of the pad, and of the list beside it, points.
const SIDE: f32 = 260.0;
const LIST: f32 = 330.0;
/// Weights below this are left out: a scene of four is often one of two.
const LEAST: f32 = 0.04;
/// How far an arrow key moves the point, and with shift.
const STEP: f32 = 0.05;
const FINE: f32 = 0.01;
/// What stands in a corner that nobody has filled: four that differ much.
const FIRST: [&str; 4] = ["forest", "cyberpunk city", "dungeon", "space station"];
static ID: LazyLock<egui::Id> = LazyLock::new(|| egui::Id::unique("sceneloop blend"));
const CORNERS: [&str; 4] = ["top left", "top right", "bottom left", "bottom right"];

/// The corners, and where the point lies.
pub struct Pad {
    /// Tags, in the order of [`CORNERS`].
    corners: [String; 4],
    /// From the top left, 0 to 1.
    at: (f32, f32),
    /// The scene that `corners` and `at` were taken from, or that came of them.
    of: String,
    /// The corner that the list fills.
    chosen: usize,
    search: String,
    is_moving: bool,
}

impl Default for Pad {
    fn default() -> Self {
        let (of, search) = Default::default();
        Self { corners: FIRST.map(String::from), at: (0.0, 0.0), of, chosen: 0, search, is_moving: false }
    }
}

impl Pad {
    /// Draws the button, and the pad behind it; the text of another scene once the point is let go.
    pub fn show(&mut self, ui: &mut Ui, scene: &Scene, table: &SceneTable, chinese: bool) -> Option<String> {
        let config = MenuConfig::new().close_behavior(PopupCloseBehavior::CloseOnClickOutside);
        let button = Button::new(RichText::new("Blend").size(12.0));
        // The tags before it come and go while it is open.
        let scope = UiBuilder::new().scope_id(*ID);
        let menu = |ui: &mut Ui| {
            if !self.is_moving && self.of != scene.text {
                self.follow(scene);
            }
            let mut wanted = None;
            ui.horizontal_top(|ui| {
                ui.vertical(|ui| {
                    ui.set_width(SIDE);
                    wanted = self.pad(ui, scene);
                    let text = weighed(&self.corners, self.at);
                    ui.add(egui::Label::new(RichText::new(text).size(12.0)).wrap());
                });
                ui.vertical(|ui| {
                    ui.set_width(LIST);
                    let text = format!("In the corner {}:", CORNERS[self.chosen]);
                    ui.label(RichText::new(text).size(12.0).color(look::palette(ui).weak));
                    palette::search(ui, &mut self.search, "Search for a corner");
                    if let Some(tag) = palette::list(ui, table, &self.search, chinese, SIDE) {
                        self.corners[self.chosen].clone_from(&tag.id);
                        wanted = Some(self.text(scene));
                    }
                });
            });
            wanted
        };
        let unfold = |ui: &mut Ui| MenuButton::from_button(button).config(config).ui(ui, menu);
        let (response, inner) = ui.scope_builder(scope, unfold).inner;
        response.on_hover_text("Blend four scenes: drag the point between the corners");
        let wanted = inner.and_then(|inner| inner.inner)?;
        self.of.clone_from(&wanted);
        // As it will be spelled.
        if let Ok(scene) = table.parse(&wanted) {
            self.of = scene.text;
        }
        Some(wanted)
    }

    /// Takes the corners from a scene that came from elsewhere: its heaviest tags, and what was there in the others.
    fn follow(&mut self, scene: &Scene) {
        self.of.clone_from(&scene.text);
        let weight =
            |tag: &str| scene.tags.iter().find(|(known, _)| known == tag).map_or(0.0, |(_, weight)| *weight);
        if scene.tags.iter().take(4).any(|(tag, _)| !self.corners.contains(tag)) {
            let mut corners: Vec<String> = scene.tags.iter().take(4).map(|(tag, _)| tag.clone()).collect();
            let others = self.corners.iter().map(String::as_str).chain(FIRST);
            for other in others {
                if corners.len() < 4 && !corners.iter().any(|corner| corner == other) {
                    corners.push(other.to_owned());
                }
            }
            if let Ok(corners) = corners.try_into() {
                self.corners = corners;
            }
        }
        let [top_left, top_right, bottom_left, bottom_right] = self.corners.each_ref().map(|tag| weight(tag));
        let sum = (top_left + top_right + bottom_left + bottom_right).max(f32::EPSILON);
        self.at = ((top_right + bottom_right) / sum, (bottom_left + bottom_right) / sum);
    }

    /// The scene's text where the point lies; sections stay.
    fn text(&self, scene: &Scene) -> String {
        weighed(&self.corners, self.at) + palette::sections(scene)
    }

    fn pad(&mut self, ui: &mut Ui, scene: &Scene) -> Option<String> {
        let colours = look::palette(ui);
        let mut wanted = None;
        let corners = |ui: &mut Ui, which: [usize; 2], chosen: &mut usize| {
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = 4.0;
                for index in which {
                    let is_chosen = *chosen == index;
                    let (fill, colour) = if is_chosen {
                        (colours.accent, colours.on_lit)
                    } else {
                        (colours.control, colours.text)
                    };
                    let text = RichText::new(&self.corners[index]).size(12.0).color(colour);
                    let size = egui::vec2((SIDE - 4.0) / 2.0, 22.0);
                    let button = Button::new(text).fill(fill).truncate();
                    let response = ui.add_sized(size, button);
                    response.widget_info(|| {
                        let name = format!("Corner {}: {}", CORNERS[index], self.corners[index]);
                        WidgetInfo::selected(accesskit::Role::RadioButton, true, is_chosen, name)
                    });
                    if response.on_hover_text("Choose what stands in this corner").clicked() {
                        *chosen = index;
                    }
                }
            });
        };
        corners(ui, [0, 1], &mut self.chosen);
        let (rect, response) = ui.allocate_exact_size(egui::vec2(SIDE, SIDE - 60.0), Sense::click_and_drag());
        corners(ui, [2, 3], &mut self.chosen);
        if let Some(pointer) = response.interact_pointer_pos() {
            let unit = |at: f32, from: f32, length: f32| ((at - from) / length).clamp(0.0, 1.0);
            self.at =
                (unit(pointer.x, rect.left(), rect.width()), unit(pointer.y, rect.top(), rect.height()));
            self.is_moving = response.dragged();
        }
        // Another scene is another piece: it is asked for once the hand is off.
        if response.clicked() || response.drag_stopped() {
            self.is_moving = false;
            response.request_focus();
            wanted = Some(self.text(scene));
        }
        if response.has_focus() && self.keys(ui, &response) {
            wanted = Some(self.text(scene));
        }
        let painter = ui.painter();
        painter.rect_filled(rect, CornerRadius::same(6), colours.control);
        painter.rect_stroke(rect, CornerRadius::same(6), Stroke::new(1.0, colours.line), StrokeKind::Inside);
        let point = Pos2::new(egui::lerp(rect.x_range(), self.at.0), egui::lerp(rect.y_range(), self.at.1));
        let shares = shares(self.at);
        for (corner, share) in
            [rect.left_top(), rect.right_top(), rect.left_bottom(), rect.right_bottom()].iter().zip(shares)
        {
            painter.line_segment(
                [*corner, point],
                Stroke::new(1.0 + 4.0 * share, colours.accent.gamma_multiply(0.3)),
            );
        }
        painter.hline(rect.x_range(), point.y, Stroke::new(1.0, colours.line));
        painter.vline(point.x, rect.y_range(), Stroke::new(1.0, colours.line));
        painter.circle(point, 7.0, colours.accent, Stroke::new(2.0, colours.text));
        for (align, share) in [Align2::LEFT_TOP, Align2::RIGHT_TOP, Align2::LEFT_BOTTOM, Align2::RIGHT_BOTTOM]
            .into_iter()
            .zip(shares)
        {
            let at = align
                .pos_in_rect(&Rect::from_center_size(rect.center(), rect.size() - egui::vec2(16.0, 12.0)));
            painter.text(at, align, format!("{:.0} %", 100.0 * share), look::font(12.0), colours.text);
        }
        controls::focus(ui, rect, &response);
        let name = format!("Blend of {}", weighed(&self.corners, self.at));
        controls::named(&response, name, accesskit::Role::Canvas);
        response.on_hover_text("Drag, or use the arrow keys, with shift for fine steps");
        wanted
    }

    /// Moves the point by the keys that are pressed; true if it went somewhere.
    fn keys(&mut self, ui: &Ui, response: &egui::Response) -> bool {
        let filter = EventFilter { horizontal_arrows: true, vertical_arrows: true, ..EventFilter::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
        let before = self.at;
        ui.input_mut(|input| {
            for (modifiers, step) in [(Modifiers::SHIFT, FINE), (Modifiers::NONE, STEP)] {
                for (key, x, y) in [
                    (Key::ArrowLeft, -step, 0.0),
                    (Key::ArrowRight, step, 0.0),
                    (Key::ArrowUp, 0.0, -step),
                    (Key::ArrowDown, 0.0, step),
                ] {
                    if input.consume_key(modifiers, key) {
                        self.at = ((self.at.0 + x).clamp(0.0, 1.0), (self.at.1 + y).clamp(0.0, 1.0));
                    }
                }
            }
        });
        self.at != before
    }
}

/// How much there is of each corner, together 1: bilinear interpolation.
fn shares((x, y): (f32, f32)) -> [f32; 4] {
    [(1.0 - x) * (1.0 - y), x * (1.0 - y), (1.0 - x) * y, x * y]
}

/// The tags of the corners by their shares; a tag that stands in two has both.
fn weighed(corners: &[String; 4], at: (f32, f32)) -> String {
    let mut weights: Vec<(&str, f32)> = Vec::new();
    for (corner, share) in corners.iter().zip(shares(at)) {
        match weights.iter_mut().find(|(known, _)| known == corner) {
            Some((_, weight)) => *weight += share,
            None => weights.push((corner, share)),
        }
    }
    // Four shares make 1, so one of them is large enough.
    weights.retain(|(_, weight)| *weight >= LEAST);
    let text: Vec<String> = weights.iter().map(|(tag, weight)| format!("{tag}:{weight:.2}")).collect();
    text.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use sceneloop_engine::Engine;

    #[test]
    fn a_corner_is_its_scene_and_the_middle_all_four() {
        let corners = FIRST.map(String::from);
        assert_eq!(weighed(&corners, (0.0, 0.0)), "forest:1.00");
        assert_eq!(weighed(&corners, (1.0, 0.0)), "cyberpunk city:1.00");
        assert_eq!(
            weighed(&corners, (0.5, 0.5)),
            "forest:0.25, cyberpunk city:0.25, dungeon:0.25, space station:0.25"
        );
        assert_eq!(weighed(&corners, (0.0, 0.98)), "dungeon:0.98");
        let same = ["forest", "rain", "forest", "rain"].map(String::from);
        assert_eq!(weighed(&same, (0.25, 0.7)), "forest:0.75, rain:0.25");
    }

    #[test]
    fn the_pad_finds_its_scene_again() {
        let engine = Engine::new().unwrap();
        let table = engine.scene_table();
        for tag in FIRST {
            assert!(table.find(tag).is_some(), "{tag}");
        }
        let mut pad = Pad { at: (0.3, 0.6), ..Pad::default() };
        let scene = table.parse(&weighed(&pad.corners, pad.at)).unwrap();
        pad.at = (0.0, 0.0);
        pad.follow(&scene);
        assert!((pad.at.0 - 0.3).abs() < 0.02 && (pad.at.1 - 0.6).abs() < 0.02, "{:?}", pad.at);
        // Another scene brings its own tags.
        pad.follow(&table.parse("jazz, rain:0.5").unwrap());
        assert_eq!(&pad.corners[..2], ["jazz", "rain"]);
        assert!(pad.corners.iter().all(|corner| table.find(corner).is_some()));
        assert!((pad.at.0 - 1.0 / 3.0).abs() < 0.01 && pad.at.1 == 0.0);
    }
}
