//! One line on how the stream is doing.

use super::about::About;
use super::controls::{self, Setter};
use super::look;
use crate::params::SceneloopParams;
use egui::{Align, CornerRadius, Layout, Rect, RichText, Sense, Ui};
use sceneloop_engine::{Health, NowPlaying};

/// Draws the line: who is to write and where, who does, and what became of it in `now`, the loop that plays. At the end is
/// the way to what all of this is.
pub fn show(
    ui: &mut Ui,
    params: &SceneloopParams,
    setter: &Setter<'_>,
    health: &Health,
    now: Option<&NowPlaying>,
    about: &mut About,
) {
    let error = health.last_error();
    ui.horizontal(|ui| {
        let (dot, _) = ui.allocate_exact_size(egui::vec2(10.0, 10.0), Sense::hover());
        let colour = if error.is_some() { look::palette(ui).error } else { look::palette(ui).well };
        ui.painter().circle_filled(dot.center(), 4.0, colour);
        let weak = |ui: &mut Ui, text: String| {
            ui.label(RichText::new(text).color(look::palette(ui).weak).size(12.0))
        };
        weak(ui, "Composer".into());
        controls::choice(ui, &params.author, setter, 72.0);
        weak(ui, "on".into());
        controls::choice(ui, &params.device, setter, 52.0);
        let mut author = format!("{} on {}", health.composer(), health.device());
        if health.compose_ms() > 0.0 {
            author += &format!(", last loop {:.0} ms", health.compose_ms());
        }
        weak(ui, if health.network_is_starting() { "network is getting ready".into() } else { author });
        ui.add_space(10.0);
        weak(ui, "buffer".into());
        fill(ui, health.ring_fill_ms(), params.buffer.value());
        weak(ui, format!("{:.0} ms", health.ring_fill_ms()));
        ui.add_space(10.0);
        weak(ui, format!("underruns: {}", health.underruns()));
        ui.add_space(10.0);
        weak(
            ui,
            if health.playing() { format!("CPU {:.0} %", 100.0 * health.load()) } else { "CPU idle".into() },
        )
        .on_hover_text("How much of one processor core the rendering takes");
        ui.add_space(10.0);
        weak(ui, if health.playing() { playing(now) } else { "stopped".into() });
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            about.show(ui);
            if let Some(error) = error {
                let label = RichText::new(&error).color(look::palette(ui).error).size(12.0);
                ui.add(egui::Label::new(label).truncate()).on_hover_text(error);
            }
        });
    });
}

/// What plays, and who wrote it.
fn playing(now: Option<&NowPlaying>) -> String {
    let author = |composer: &'static str| if composer == "saved" { "the project" } else { composer };
    now.map_or_else(|| "playing".into(), |now| format!("playing: {}", author(now.composer)))
}

/// A small bar, full where all the audio that is wanted is ready.
fn fill(ui: &mut Ui, ready_ms: f32, wanted_ms: f32) {
    let (rect, _) = ui.allocate_exact_size(egui::vec2(70.0, 6.0), Sense::hover());
    let unit = (ready_ms / wanted_ms.max(1.0)).clamp(0.0, 1.0);
    let radius = CornerRadius::same(3);
    ui.painter().rect_filled(rect, radius, look::palette(ui).line);
    let filled = Rect::from_min_size(rect.min, egui::vec2(rect.width() * unit, rect.height()));
    ui.painter().rect_filled(
        filled,
        radius,
        if unit < 0.3 { look::palette(ui).warn } else { look::palette(ui).well },
    );
}
