//! What shapes the loop: how far it is varied, what is written again, and whether it is held.

use super::controls::{self, Setter};
use super::look;
use egui::accesskit;
use egui::{Align2, Button, CornerRadius, Rect, RichText, Sense, Ui, WidgetInfo};
use sceneloop_engine::{Edits, Engine, NowPlaying};
use std::ops::Range;

/// Size of the knob for the distance, points.
const KNOB: egui::Vec2 = egui::vec2(116.0, 28.0);

/// What the hand is at.
#[derive(Default)]
pub struct Shape {
    /// Where the knob is being drawn to, 0 to 1; it is set when it is let go.
    distance: Option<f32>,
}

impl Shape {
    /// Draws the row, with something more at its end that is as high as the rest; true if something was changed.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        setter: &Setter<'_>,
        engine: &Engine,
        now: Option<&NowPlaying>,
        marked: Option<Range<u8>>,
        more: impl FnOnce(&mut Ui, f32),
    ) -> bool {
        let before = engine.edits();
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = egui::vec2(6.0, 6.0);
            self.knob(ui, engine, &before);
            let button = |text: &str| Button::new(RichText::new(text).size(13.0)).min_size(egui::vec2(0.0, KNOB.y));
            if ui.add(button("New variation")).on_hover_text("Another variation, as far away").clicked() {
                if before.variation.distance == 0 {
                    engine.vary(30);
                }
                engine.vary_anew();
            }
            let text = match &marked {
                Some(bars) if bars.len() == 1 => format!("Rewrite bar {}", bars.start + 1),
                Some(bars) => format!("Rewrite bars {}–{}", bars.start + 1, bars.end),
                None => "Rewrite all".into(),
            };
            let hint = "Write all roles again that are not locked, each around the others. Mark bars in the piano roll to have only those written again";
            if ui.add(button(&text)).on_hover_text(hint).clicked() {
                let _ = engine.regenerate_all(marked.clone()); // the bars are those of a loop; where all is locked nothing happens
            }
            let holds = before.holds_all();
            let colours = look::palette(ui);
            let (fill, colour) = if holds { (colours.kept, colours.on_lit) } else { (colours.control, colours.text) };
            let hold = Button::new(RichText::new("Hold loop").size(13.0).color(colour)).fill(fill);
            let hold = ui.add_enabled(holds || now.is_some(), hold.min_size(egui::vec2(0.0, KNOB.y)));
            hold.widget_info(|| WidgetInfo::selected(accesskit::Role::Button, true, holds, "Hold loop"));
            if hold.on_hover_text("Play this loop until it is let go, whatever scene, form or seed say").clicked() {
                engine.lock_loop(now.filter(|_| !holds));
            }
            if !before.is_none() && ui.add(button("As written")).on_hover_text("Undo all that was changed by hand: takes, variations, locks").clicked() {
                engine.set_edits(Edits::default());
            }
            more(ui, KNOB.y);
        });
        let changed = engine.edits() != before;
        if changed {
            setter.touch();
        }
        changed
    }

    /// How far from the song as it was written.
    fn knob(&mut self, ui: &mut Ui, engine: &Engine, edits: &Edits) {
        let colours = look::palette(ui);
        let (rect, response) = ui.allocate_exact_size(KNOB, Sense::click_and_drag());
        let set = f32::from(edits.variation.distance) / 100.0;
        if response.clicked() || response.drag_started() {
            response.request_focus();
        }
        if response.double_clicked() {
            engine.vary(0);
        } else if let Some(pointer) = response.interact_pointer_pos() {
            let unit = ((pointer.x - rect.left()) / rect.width()).clamp(0.0, 1.0);
            if response.dragged() || response.drag_stopped() {
                self.distance = Some(unit);
            } else if response.clicked() {
                engine.vary(percent(unit));
            }
        }
        if response.drag_stopped()
            && let Some(unit) = self.distance.take()
        {
            engine.vary(percent(unit));
        }
        if response.has_focus()
            && let Some(unit) = controls::keys(ui, &response, set, 0.0)
        {
            engine.vary(percent(unit));
        }
        let unit = self.distance.unwrap_or(set);
        let painter = ui.painter();
        painter.rect_filled(rect, CornerRadius::same(5), colours.control);
        let filled = Rect::from_min_size(rect.min, egui::vec2(rect.width() * unit, rect.height()));
        painter.rect_filled(
            filled,
            CornerRadius::same(5),
            colours.control.lerp_to_gamma(colours.accent, 0.4),
        );
        let text =
            if unit == 0.0 { "Variation: off".into() } else { format!("Variation {} %", percent(unit)) };
        painter.text(rect.center(), Align2::CENTER_CENTER, &text, look::font(12.0), colours.text);
        controls::focus(ui, rect, &response);
        response.widget_info(|| WidgetInfo::slider(true, f64::from(unit), "Variation distance"));
        response.on_hover_text(
            "How far the song is varied, 0 to 100 %. What is nearer is contained in what is farther. Drag or use the arrow keys; \
             double-click for the song as it was written",
        );
    }
}

fn percent(unit: f32) -> u8 {
    (unit.clamp(0.0, 1.0) * 100.0).round() as u8
}
