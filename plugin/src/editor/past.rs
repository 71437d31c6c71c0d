//! The loops that have played, as small pictures, the newest first, and those that were starred: a click plays one again.

use super::controls::{self, Face, Setter};
use super::look::{self, Palette};
use crate::params::{LoopLength, ModeChoice, SceneloopParams, TonicChoice};
use egui::accesskit;
use egui::{
    Align2, CornerRadius, Mesh, Painter, Rect, RichText, ScrollArea, Sense, Stroke, StrokeKind, Ui,
    WidgetInfo,
};
use sceneloop_engine::{Engine, NowPlaying};
use sceneloop_music::Role;

/// Size of a picture, points.
const SIZE: egui::Vec2 = egui::vec2(92.0, 44.0);
/// Height of the strip, with the room of a scroll bar.
pub const HEIGHT: f32 = SIZE.y + 10.0;

/// Side of a star, points.
const STAR: f32 = 20.0;

/// What of the past is shown.
#[derive(Default)]
pub struct Past {
    only_favourites: bool,
}

impl Past {
    /// Draws the strip; true if another loop was called back, or one was starred.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        params: &SceneloopParams,
        setter: &Setter<'_>,
        engine: &Engine,
    ) -> bool {
        let favourites = &params.favourites;
        let (mut called, mut turned) = (None, None);
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = 5.0;
            let colours = look::palette(ui);
            let (place, _) = ui.allocate_exact_size(egui::vec2(26.0, SIZE.y), Sense::hover());
            let hint = "Show the loops that are starred, which the project keeps, and not the last 64";
            let (on, lit) = (self.only_favourites, colours.kept);
            if controls::lamp(ui, place, on, Face::Star, lit, "Favourite loops", hint) {
                self.only_favourites = !on;
            }
            let shown = if self.only_favourites { favourites.loops(engine) } else { engine.history() };
            let now = engine.now_playing();
            if shown.is_empty() {
                let text = match self.only_favourites {
                    true => "No loop is starred yet: show the history and click the star of one.",
                    false => "The loops that have played will lie here.",
                };
                ui.add_sized(
                    egui::vec2(ui.available_width(), SIZE.y),
                    egui::Label::new(RichText::new(text).size(12.0).color(colours.weak)),
                );
            }
            ScrollArea::horizontal().id_salt("past").auto_shrink([false, true]).show(ui, |ui| {
                ui.horizontal(|ui| {
                    ui.spacing_mut().item_spacing.x = 5.0;
                    for (index, one) in shown.iter().enumerate() {
                        let (rect, response) = ui.allocate_exact_size(SIZE, Sense::click());
                        let is_now = now.as_ref().is_some_and(|now| now.is_same_loop(one));
                        let is_favourite = favourites.holds(one);
                        let name = title(one);
                        if ui.is_rect_visible(rect) {
                            picture(ui.painter(), colours, rect, one, is_now, response.hovered());
                            controls::focus(ui, rect, &response);
                        }
                        controls::named(&response, format!("Play again: {name}"), accesskit::Role::Button);
                        if response.clicked() {
                            called = Some(one.clone());
                        }
                        let way = if is_now { "plays now" } else { "played before" };
                        response.on_hover_text(format!(
                            "{name}, by {}, {way}. Click to hold it: it plays until you let it go.",
                            one.composer
                        ));
                        let place = Rect::from_min_size(
                            egui::pos2(rect.right() - STAR - 1.0, rect.top() + 1.0),
                            egui::vec2(STAR, STAR),
                        );
                        if star(ui, place, index, is_favourite, &name) {
                            turned = Some(one.clone());
                        }
                    }
                });
            });
        });
        if let Some(one) = &turned {
            favourites.turn(one);
        }
        let Some(one) = called else { return turned.is_some() };
        // As it was: its scene's sounds, its length, its key.
        let _ = engine.set_scene(&one.scene.text); // it was taken before
        engine.lock_loop(Some(&one));
        setter.set_once(&params.bars, LoopLength::of(one.grid.bars));
        setter.set_once(&params.mode, ModeChoice(Some(one.grid.key.mode)));
        setter.set_once(&params.tonic, TonicChoice(Some(one.grid.key.tonic)));
        setter.touch();
        true
    }
}

/// The star of a loop; true if it was clicked.
fn star(ui: &mut Ui, place: Rect, index: usize, on: bool, name: &str) -> bool {
    let colours = look::palette(ui);
    let response = ui.interact(place, ui.scope_id().with(("star", index)), Sense::click());
    let colour = match (on, response.hovered() || response.has_focus()) {
        (true, _) => colours.kept,
        (false, true) => colours.text,
        (false, false) => colours.weak,
    };
    Face::Star.paint(ui, place, colour);
    controls::focus(ui, place, &response);
    response.widget_info(|| {
        WidgetInfo::selected(accesskit::Role::Button, true, on, format!("Favourite: {name}"))
    });
    response.on_hover_text("Star it: the project keeps it").clicked()
}

/// What a loop is called.
fn title(one: &NowPlaying) -> String {
    let section = one.place.map_or_else(String::new, |place| format!(", {}", place.section));
    format!("loop {}{section}, {}, {}", one.loop_index + 1, one.grid.key, one.scene.text)
}

/// All notes of a loop in its role's colours, and what it is.
fn picture(painter: &Painter, colours: &Palette, rect: Rect, one: &NowPlaying, is_now: bool, hovered: bool) {
    let painter = painter.with_clip_rect(rect.intersect(painter.clip_rect()));
    painter.rect_filled(rect, CornerRadius::same(4), if hovered { colours.control } else { colours.panel });
    let inner = rect.shrink2(egui::vec2(3.0, 3.0));
    let notes = Rect::from_min_max(inner.min + egui::vec2(0.0, 13.0), inner.max);
    let steps = one.grid.steps().max(1) as f32;
    let mut mesh = Mesh::default();
    for (role, clip) in one.grid.clips.iter() {
        for note in &clip.notes {
            // Some five octaves about the middle, drums at the bottom.
            let height = if role.is_pitched() { (f32::from(note.pitch) + 30.0) / 66.0 } else { 0.02 };
            let x = |step: u16| egui::lerp(notes.x_range(), f32::from(step) / steps);
            let y = egui::lerp(notes.bottom()..=notes.top() + 1.0, height.clamp(0.0, 1.0));
            let end = if role == Role::Drums { x(note.onset) + 1.0 } else { x(note.end()) };
            let line = Rect::from_min_max(egui::pos2(x(note.onset), y - 1.0), egui::pos2(end, y));
            mesh.add_colored_rect(line, colours.role(role).gamma_multiply(0.8));
        }
    }
    painter.add(mesh);
    let name = one.place.map_or_else(
        || format!("{}", one.loop_index + 1),
        |place| format!("{} {}", one.loop_index + 1, place.section),
    );
    let colour = if is_now { colours.text } else { colours.weak };
    painter.text(inner.left_top(), Align2::LEFT_TOP, name, look::font(11.0), colour);
    let line = Stroke::new(1.0, if is_now { colours.accent } else { colours.line });
    painter.rect_stroke(rect, CornerRadius::same(4), line, StrokeKind::Inside);
}
