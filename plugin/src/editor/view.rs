//! The whole window, top to bottom: title, scene, energy, events, roles beside the piano roll, settings, health.

use super::controls::{self, Setter, captioned};
use super::scene_box::SceneBox;
use super::soundfonts::SoundFonts;
use super::{events, health_line, look, roles, roll};
use crate::host_guard::HostLink;
use crate::params::{SEED_MAX, SceneloopParams};
use egui::{
    Align, Align2, CentralPanel, Color32, CornerRadius, Frame, Layout, Margin, Panel, Rect, RichText, Ui,
};
use nice_plug::prelude::Param;
use sceneloop_engine::{Engine, NowPlaying};
use std::sync::{Arc, Mutex, PoisonError};

/// What one window shows and what was typed into it.
pub struct View {
    params: Arc<SceneloopParams>,
    link: Arc<HostLink>,
    scene: SceneBox,
    soundfonts: Arc<Mutex<SoundFonts>>,
}

impl View {
    /// A view of one instance. `soundfonts` is what an earlier window has left.
    pub fn new(
        params: Arc<SceneloopParams>,
        link: Arc<HostLink>,
        soundfonts: Arc<Mutex<SoundFonts>>,
    ) -> Self {
        Self { params, link, scene: SceneBox::default(), soundfonts }
    }

    /// Remembers the size of the window, logical pixels.
    pub fn resized(&self, size: (u32, u32)) {
        self.params.window.put(size);
    }

    /// Draws everything.
    pub fn show(&mut self, ui: &mut Ui, setter: &Setter<'_>) {
        ui.painter().rect_filled(ui.max_rect(), 0, look::BACKGROUND);
        let params = self.params.clone();
        let Some(engine) = params.engine.engine() else {
            let reason = params.engine.refusal().unwrap_or_default();
            ui.centered_and_justified(|ui| ui.label(RichText::new(reason).color(look::ERROR)));
            return;
        };
        let now = engine.now_playing();
        let area = |top, bottom| {
            let inner_margin = Margin { left: 12, right: 12, top, bottom };
            Frame::new().inner_margin(inner_margin)
        };
        Panel::top("title")
            .frame(area(8, 4))
            .show_separator_line(false)
            .show(ui, |ui| title(ui, now.as_deref()));
        Panel::top("scene").frame(area(4, 6)).show_separator_line(false).show(ui, |ui| {
            if self.scene.show(ui, engine) {
                self.link.mark_dirty();
            }
            if let Some(refusal) = params.engine.refusal() {
                ui.label(RichText::new(refusal).color(look::ERROR).size(12.0));
            }
        });
        Panel::top("energy")
            .frame(area(2, 8))
            .show_separator_line(false)
            .show(ui, |ui| energy(ui, &params, setter));
        Panel::top("events")
            .frame(area(0, 6))
            .show_separator_line(false)
            .show(ui, |ui| events::show(ui, &params, setter, engine));
        Panel::bottom("health")
            .frame(area(5, 8).fill(look::PANEL))
            .show_separator_line(false)
            .show(ui, |ui| health_line::show(ui, &params, setter, engine.health(), now.as_deref()));
        Panel::bottom("settings")
            .frame(area(8, 8).fill(look::PANEL))
            .show_separator_line(false)
            .show(ui, |ui| settings(ui, &params, setter));
        Panel::left("roles")
            .frame(area(4, 10))
            .show_separator_line(false)
            .resizable(false)
            .exact_size(286.0)
            .show(ui, |ui| {
                // Only windows lock it, and there is one at a time.
                let mut soundfonts = self.soundfonts.lock().unwrap_or_else(PoisonError::into_inner);
                if roles::show(ui, &params, setter, engine, &mut soundfonts) {
                    self.link.mark_dirty();
                }
            });
        CentralPanel::default()
            .frame(Frame::new().inner_margin(Margin { left: 0, right: 12, top: 4, bottom: 10 }))
            .show(ui, |ui| self.roll(ui, engine, now.as_deref()));
    }

    fn roll(&self, ui: &mut Ui, engine: &Engine, now: Option<&NowPlaying>) {
        let muted = |role| self.params.role(role).mute.value();
        let energy = sceneloop_music::Energy::new(self.params.energy.value());
        roll::show(ui, now, engine.health(), energy, muted);
    }
}

fn title(ui: &mut Ui, now: Option<&NowPlaying>) {
    ui.horizontal(|ui| {
        ui.label(RichText::new("Sceneloop").size(22.0).strong());
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let Some(now) = now else { return };
            let grid = &now.grid;
            let bars = if grid.bars == 1 { "1 bar".into() } else { format!("{} bars", grid.bars) };
            let text = format!("{}  ·  {}  ·  {bars}  ·  loop {}", grid.key, grid.metre, now.loop_index + 1);
            ui.label(RichText::new(text).color(look::WEAK));
        });
    });
}

/// The one big control: a bar from cool to hot.
fn energy(ui: &mut Ui, params: &SceneloopParams, setter: &Setter<'_>) {
    let size = egui::vec2(ui.available_width(), 44.0);
    let (rect, response) = controls::drag(ui, &params.energy, setter, size);
    let unit = params.energy.unmodulated_normalized_value();
    let painter = ui.painter_at(rect);
    painter.rect_filled(rect, CornerRadius::same(8), look::CONTROL);
    // Narrow slices make the gradient; the last one ends at the value.
    let slices = 120;
    for slice in 0..slices {
        let (from, to) = (slice as f32 / slices as f32, (slice + 1) as f32 / slices as f32);
        if from >= unit {
            break;
        }
        let x = |unit: f32| egui::lerp(rect.left()..=rect.right(), unit);
        let part = Rect::from_x_y_ranges(x(from)..=x(to.min(unit)), rect.y_range());
        let first = CornerRadius { nw: 8, sw: 8, ..CornerRadius::ZERO };
        let radius = if slice == 0 { first } else { CornerRadius::ZERO };
        let glow = if response.hovered() || response.dragged() { 0.9 } else { 0.75 };
        painter.rect_filled(part, radius, look::energy(from).gamma_multiply(glow));
    }
    let text = |at, align, text: String, size, colour: Color32| {
        painter.text(at, align, text, look::font(size), colour);
    };
    text(
        rect.left_center() + egui::vec2(14.0, 0.0),
        Align2::LEFT_CENTER,
        "ENERGY".into(),
        13.0,
        Color32::WHITE,
    );
    let value = format!("{:.0}", params.energy.unmodulated_plain_value());
    text(rect.right_center() - egui::vec2(14.0, 0.0), Align2::RIGHT_CENTER, value, 24.0, Color32::WHITE);
    response.on_hover_text("How much is going on: drag, double-click for 70");
}

fn settings(ui: &mut Ui, params: &SceneloopParams, setter: &Setter<'_>) {
    let plain = |ui: &mut Ui, param: &nice_plug::prelude::FloatParam| {
        controls::bar(ui, param, setter, look::ACCENT, egui::vec2(74.0, 26.0));
    };
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        captioned(ui, "Key", |ui| controls::choice(ui, &params.tonic, setter, 58.0));
        captioned(ui, "Mode", |ui| controls::choice(ui, &params.mode, setter, 112.0));
        captioned(ui, "Seed", |ui| seed(ui, params, setter));
        captioned(ui, "Change at", |ui| controls::choice(ui, &params.sync, setter, 62.0));
        captioned(ui, "Loop", |ui| controls::choice(ui, &params.bars, setter, 70.0));
        captioned(ui, "Form", |ui| controls::choice(ui, &params.form, setter, 58.0));
        captioned(ui, "Play", |ui| controls::choice(ui, &params.play, setter, 98.0));
        captioned(ui, "Tone", |ui| plain(ui, &params.tone));
        captioned(ui, "Humanise", |ui| plain(ui, &params.humanise));
        captioned(ui, "Buffer", |ui| plain(ui, &params.buffer));
    });
}

fn seed(ui: &mut Ui, params: &SceneloopParams, setter: &Setter<'_>) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        let mut seed = params.seed.unmodulated_plain_value();
        if ui.add(egui::DragValue::new(&mut seed).range(0..=SEED_MAX)).changed() {
            setter.set_once(&params.seed, seed);
        }
        if ui.button("New").on_hover_text("Another piece for this scene").clicked() {
            setter.set_once(&params.seed, next_seed(seed));
        }
    });
}

/// Another seed, as if drawn from a bag of all of them: a full-period congruential generator (Hull and Dobell 1962:
/// the factor minus one is a multiple of 2, 5 and 4, the summand has no factor in common with 10,000).
fn next_seed(seed: i32) -> i32 {
    (seed * 7921 + 1237).rem_euclid(SEED_MAX + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_seeds_come_round_only_after_all_of_them() {
        let mut seen = vec![false; SEED_MAX as usize + 1];
        let mut seed = 1;
        for _ in 0..seen.len() {
            seed = next_seed(seed);
            assert!(!std::mem::replace(&mut seen[seed as usize], true));
        }
        assert_eq!(seed, 1);
    }
}
