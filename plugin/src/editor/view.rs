//! The whole window, top to bottom: title, scene, energy, events, roles beside the piano roll, what shapes the loop, the loops that have
//! played, settings, health.

use super::about::About;
use super::ahead::{self, Ahead};
use super::chips::Recent;
use super::controls::{self, Setter, captioned};
use super::keep::Keeper;
use super::memory::{Desk, Memory};
use super::past::Past;
use super::presets::Presets;
use super::roll::{Marked, Roll};
use super::scene_box::SceneBox;
use super::soundfonts::SoundFonts;
use super::{energy, events, health_line, look, past, roles, roll, shape};
use crate::host_guard::HostLink;
use crate::params::{SEED_MAX, SceneloopParams};
use egui::{Align, CentralPanel, Color32, Frame, Key, Layout, Margin, Modifiers, Panel, RichText, Theme, Ui};
use nice_plug::prelude::Param;
use sceneloop_engine::{Engine, NowPlaying};
use std::sync::{Arc, Mutex, PoisonError};

/// Windows that are less high have a smaller bar for the energy, points.
const LOW: f32 = 720.0;

/// What outlives a window: files that are being read, and what can be taken back.
#[derive(Default)]
pub struct Lasting {
    soundfonts: SoundFonts,
    memory: Memory,
    presets: Presets,
    keeper: Keeper,
    recent: Recent,
}

impl Lasting {
    /// With presets from elsewhere, and files that go elsewhere.
    pub fn with(presets: Presets, keeper: Keeper) -> Self {
        Self { presets, keeper, ..Self::default() }
    }
}

/// What one window shows and what was typed into it.
pub struct View {
    params: Arc<SceneloopParams>,
    link: Arc<HostLink>,
    scene: SceneBox,
    marked: Marked,
    shape: shape::Shape,
    past: Past,
    about: About,
    lasting: Arc<Mutex<Lasting>>,
}

impl View {
    /// A view of one instance. `lasting` is what an earlier window has left.
    pub fn new(params: Arc<SceneloopParams>, link: Arc<HostLink>, lasting: Arc<Mutex<Lasting>>) -> Self {
        let (scene, marked, shape, past, about) = Default::default();
        Self { params, link, scene, marked, shape, past, about, lasting }
    }

    /// Remembers the size of the window, logical pixels.
    pub fn resized(&self, size: (u32, u32)) {
        self.params.window.put(size);
    }

    /// The theme that is to be shown.
    pub fn theme(&self) -> Theme {
        if self.params.is_light.get() { Theme::Light } else { Theme::Dark }
    }

    /// The window is closed: nothing waits any more.
    pub fn finish(&mut self, setter: &Setter<'_>) {
        if let Some(engine) = self.params.engine.engine() {
            let mut lasting = self.lasting.lock().unwrap_or_else(PoisonError::into_inner);
            let Lasting { memory, soundfonts, .. } = &mut *lasting;
            memory.arrive_now(&mut Desk { params: &self.params, engine, setter, fonts: soundfonts });
        }
    }

    /// What the window is to be cleared with before it is drawn.
    pub fn background(&self) -> Color32 {
        look::background(self.theme())
    }

    /// Draws everything but the background.
    pub fn show(&mut self, ui: &mut Ui, setter: &Setter<'_>) {
        let theme = self.theme();
        if ui.ctx().theme() != theme {
            ui.ctx().set_theme(theme);
        }
        let colours = look::palette(ui);
        let params = self.params.clone();
        let Some(engine) = params.engine.engine() else {
            let reason = params.engine.refusal().unwrap_or_default();
            ui.centered_and_justified(|ui| ui.label(RichText::new(reason).color(colours.error)));
            return;
        };
        engine.keep_heard(true);
        // Only windows lock it, and there is one at a time.
        let lasting = self.lasting.clone();
        let mut lasting = lasting.lock().unwrap_or_else(PoisonError::into_inner);
        let playing = engine.now_playing();
        let now = playing.as_deref();
        let area = |top, bottom| {
            let inner_margin = Margin { left: 12, right: 12, top, bottom };
            Frame::new().inner_margin(inner_margin)
        };
        let silent = params.silent();
        let marked = now.and_then(|now| self.marked.bars(now.grid.bars));
        let mut changed = false;
        let panel =
            |panel: Panel, frame: Frame| panel.frame(frame).show_separator_line(false).resizable(false);
        panel(Panel::top("title"), area(8, 4))
            .show(ui, |ui| changed |= title(ui, now, &params, engine, setter, &mut lasting));
        panel(Panel::top("scene"), area(4, 6)).show(ui, |ui| {
            if self.scene.show(ui, engine, &mut lasting.recent) {
                setter.touch();
                changed = true;
            }
            if let Some(refusal) = params.engine.refusal() {
                ui.label(RichText::new(refusal).color(colours.error).size(12.0));
            }
        });
        let energy = params.sounding_energy();
        let is_low = ui.max_rect().height() < LOW;
        panel(Panel::top("energy"), area(2, 6)).show(ui, |ui| {
            changed |= energy::show(ui, &params, setter, now, is_low);
            let controls = params.controls(None);
            ahead::show(ui, &Ahead { engine, now, controls, energy, silent });
        });
        panel(Panel::top("events"), area(0, 6)).show(ui, |ui| events::show(ui, &params, setter, engine));
        panel(Panel::bottom("health"), area(5, 8).fill(colours.panel))
            .show(ui, |ui| health_line::show(ui, &params, setter, engine.health(), now, &mut self.about));
        panel(Panel::bottom("settings"), area(8, 8).fill(colours.panel))
            .show(ui, |ui| settings(ui, &params, setter));
        panel(Panel::bottom("past"), area(0, 2))
            .exact_size(past::HEIGHT)
            .show(ui, |ui| changed |= self.past.show(ui, &params, setter, engine));
        panel(
            Panel::left("roles"),
            Frame::new().inner_margin(Margin { left: 12, right: 10, top: 4, bottom: 8 }),
        )
        .exact_size(roles::WIDTH)
        .show(ui, |ui| {
            let marked = marked.clone();
            let rows = roles::Rows { params: &params, setter, engine, now, silent, marked };
            changed |= roles::show(ui, &rows, &mut lasting.soundfonts);
        });
        CentralPanel::default()
            .frame(Frame::new().inner_margin(Margin { left: 0, right: 12, top: 4, bottom: 8 }))
            .show(ui, |ui| {
                panel(
                    Panel::bottom("shape"),
                    Frame::new().inner_margin(Margin { left: 0, right: 0, top: 6, bottom: 0 }),
                )
                .show(ui, |ui| {
                    let keeper = &mut lasting.keeper;
                    changed |= self.shape.show(ui, setter, engine, now, marked, |ui, height| {
                        keeper.show(ui, &params, engine, playing.as_ref(), height);
                    });
                });
                roll::show(ui, &Roll { engine, now, energy, silent }, &mut self.marked);
            });
        let Lasting { memory, soundfonts, .. } = &mut *lasting;
        memory.arrive(&mut Desk { params: &params, engine, setter, fonts: soundfonts });
        memory.follow(&params, engine, setter);
        if changed {
            self.link.mark_dirty();
        }
    }
}

impl Drop for View {
    /// A window that is closed learns no controller that moves an hour later, and remembers nothing that is heard.
    fn drop(&mut self) {
        self.params.controller.cancel();
        if let Some(engine) = self.params.engine.engine() {
            engine.keep_heard(false);
        }
    }
}

/// What it is, what it plays, and what was done; true if something was taken back.
fn title(
    ui: &mut Ui,
    now: Option<&NowPlaying>,
    params: &SceneloopParams,
    engine: &Engine,
    setter: &Setter<'_>,
    lasting: &mut Lasting,
) -> bool {
    let colours = look::palette(ui);
    let Lasting { soundfonts, memory, presets, .. } = lasting;
    let mut desk = Desk { params, engine, setter, fonts: soundfonts };
    let mut changed = false;
    // Not while words are typed: there these keys take back letters.
    let (mut undo, mut redo) = (false, false);
    if !ui.ctx().text_edit_focused() {
        ui.input_mut(|input| {
            let shift = Modifiers::COMMAND | Modifiers::SHIFT;
            redo = input.consume_key(shift, Key::Z) || input.consume_key(Modifiers::COMMAND, Key::Y);
            undo = input.consume_key(Modifiers::COMMAND, Key::Z);
        });
    }
    ui.horizontal(|ui| {
        ui.label(RichText::new("Sceneloop").size(22.0).strong());
        ui.add_space(10.0);
        let undo_button = ui.add_enabled(memory.can_undo(), egui::Button::new("Undo"));
        let redo_button = ui.add_enabled(memory.can_redo(), egui::Button::new("Redo"));
        undo |= undo_button.on_hover_text("Take the last change back (Ctrl+Z)").clicked();
        redo |= redo_button.on_hover_text("Take it again (Ctrl+Shift+Z)").clicked();
        ui.add_space(6.0);
        for (is_b, name) in [(false, "A"), (true, "B")] {
            let chosen = memory.is_b() == is_b;
            let text = RichText::new(name).color(if chosen { colours.on_lit } else { colours.weak });
            let fill = if chosen { colours.accent } else { colours.control };
            let button = ui.add(egui::Button::new(text).fill(fill).min_size(egui::vec2(26.0, 26.0)));
            button.widget_info(|| {
                let role = egui::accesskit::Role::RadioButton;
                egui::WidgetInfo::selected(role, true, chosen, format!("Version {name}"))
            });
            let hint = "Two versions to compare. The first time the other is a copy; all of it changes where changes land, at the next bar line as a rule";
            if button.on_hover_text(hint).clicked() && !chosen {
                memory.swap(&mut desk);
                changed = true;
            }
        }
        ui.add_space(10.0);
        changed |= ui.horizontal(|ui| presets.show(ui, params, setter, engine)).inner;
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let (is_light, hint) = (params.is_light.get(), "Dark or light window");
            if ui.button(if is_light { "Dark" } else { "Light" }).on_hover_text(hint).clicked() {
                params.is_light.put(!is_light);
                changed = true;
            }
            let Some(now) = now else { return };
            let grid = &now.grid;
            let bars = if grid.bars == 1 { "1 bar".into() } else { format!("{} bars", grid.bars) };
            let section = now.place.map_or_else(String::new, |place| format!("{}  ·  ", place.section));
            let text = format!("{}  ·  {}  ·  {bars}  ·  {section}loop {}", grid.key, grid.metre, now.loop_index + 1);
            ui.add_space(8.0);
            ui.label(RichText::new(text).color(colours.weak));
        });
    });
    if undo {
        memory.undo(&mut desk);
    }
    if redo {
        memory.redo(&mut desk);
    }
    changed || undo || redo
}

fn settings(ui: &mut Ui, params: &SceneloopParams, setter: &Setter<'_>) {
    let plain = |ui: &mut Ui, param: &nice_plug::prelude::FloatParam| {
        let accent = look::palette(ui).accent;
        controls::bar(ui, param, setter, accent, egui::vec2(74.0, 26.0));
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
        let value = ui.add(egui::DragValue::new(&mut seed).range(0..=SEED_MAX));
        controls::named(&value, "Seed", egui::accesskit::Role::SpinButton);
        if value.on_hover_text("Names the piece, 0 to 9999: the same seed gives the same music").changed() {
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
