//! The presets: a browser with search and favourites, arrows to the next, and the user's own to save and remove.

use super::controls::{self, Setter};
use super::look;
use crate::params::{
    FormChoice, LEVEL_OFF_DB, LoopLength, ModeChoice, SEED_MAX, SceneloopParams, TonicChoice,
};
use egui::accesskit;
use egui::containers::menu::{MenuButton, MenuConfig};
use egui::{Button, PopupCloseBehavior, RichText, TextEdit, Ui};
use sceneloop_engine::Engine;
use sceneloop_engine::presets::{Preset, Shelf, shipped};
use sceneloop_music::{Key, Role};

/// Width of the browser, and height of its list, points.
const WIDTH: f32 = 440.0;
const LIST_HEIGHT: f32 = 340.0;
/// Width of the button with the name.
const NAME_WIDTH: f32 = 150.0;

/// What was typed and chosen. Outlives the window.
pub struct Presets {
    /// Read when the browser is opened first.
    shelf: Option<Shelf>,
    search: String,
    only_favourites: bool,
    /// What was chosen last.
    chosen: Option<String>,
    /// The name to save by.
    name: String,
    /// A sentence on what was done, and whether it went wrong.
    said: Option<(String, bool)>,
    open: fn() -> Shelf,
}

impl Default for Presets {
    fn default() -> Self {
        Self::of(Shelf::open)
    }
}

impl Presets {
    /// Presets of which the user's own come from somewhere.
    pub fn of(open: fn() -> Shelf) -> Self {
        Self {
            shelf: None,
            search: String::new(),
            only_favourites: false,
            chosen: None,
            name: String::new(),
            said: None,
            open,
        }
    }

    /// Draws arrows and name, and the browser behind it; true if another was taken.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        params: &SceneloopParams,
        setter: &Setter<'_>,
        engine: &Engine,
    ) -> bool {
        let mut wanted = None;
        ui.spacing_mut().item_spacing.x = 3.0;
        let arrow = |ui: &mut Ui, letter: &str, name: &str| {
            let response = ui.add(Button::new(letter).min_size(egui::vec2(26.0, 26.0)));
            controls::named(&response, name, accesskit::Role::Button);
            response.on_hover_text(name).clicked()
        };
        if arrow(ui, "<", "Preset before") {
            wanted = self.beside(false);
        }
        let shown = self.chosen.clone().unwrap_or_else(|| "Presets".into());
        let button =
            Button::new(RichText::new(&shown).size(13.0)).truncate().min_size(egui::vec2(NAME_WIDTH, 26.0));
        let config = MenuConfig::new().close_behavior(PopupCloseBehavior::CloseOnClickOutside);
        ui.scope(|ui| {
            ui.set_max_width(NAME_WIDTH);
            let (response, _) = MenuButton::from_button(button).config(config).ui(ui, |ui| {
                if let Some(taken) = self.browser(ui, params, engine) {
                    wanted = Some(taken);
                }
            });
            controls::named(&response, format!("Preset: {shown}"), accesskit::Role::Button);
        });
        if arrow(ui, ">", "Preset after") {
            wanted = self.beside(true);
        }
        let Some(preset) = wanted else { return false };
        apply(&preset, params, setter, engine);
        self.name.clone_from(&preset.name);
        self.chosen = Some(preset.name);
        self.said = None;
        true
    }

    fn shelf(&mut self) -> &mut Shelf {
        let open = self.open;
        self.shelf.get_or_insert_with(open)
    }

    /// All that search and favourites leave, the user's own first.
    fn found(&mut self) -> Vec<(Preset, bool)> {
        let (search, only_favourites) = (self.search.clone(), self.only_favourites);
        let shelf = self.shelf();
        let shipped = shipped().unwrap_or_default().iter().map(|preset| (preset, false));
        let all = shelf.presets().map(|preset| (preset, true)).chain(shipped);
        let is_found = |preset: &Preset| {
            preset.is_found_by(&search) && (!only_favourites || shelf.is_favourite(&preset.name))
        };
        all.filter(|(preset, _)| is_found(preset)).map(|(preset, own)| (preset.clone(), own)).collect()
    }

    /// The next in the list, or the one before, round its ends.
    fn beside(&mut self, forward: bool) -> Option<Preset> {
        let mut found = self.found();
        let count = found.len();
        let at = found.iter().position(|(preset, _)| Some(&preset.name) == self.chosen.as_ref());
        let index = match (at, forward) {
            (Some(at), true) => (at + 1) % count,
            (Some(at), false) => (at + count - 1) % count,
            (None, true) => 0,
            (None, false) => count.checked_sub(1)?,
        };
        (index < count).then(|| found.swap_remove(index).0)
    }

    /// The browser; the preset that was clicked.
    fn browser(&mut self, ui: &mut Ui, params: &SceneloopParams, engine: &Engine) -> Option<Preset> {
        let colours = look::palette(ui);
        ui.set_width(WIDTH);
        ui.horizontal(|ui| {
            let edit = TextEdit::singleline(&mut self.search)
                .hint_text("search: a name, a tag, a scene")
                .align(egui::Align2::LEFT_CENTER)
                .desired_width(WIDTH - 130.0);
            let response = ui.add(edit);
            controls::named(&response, "Search presets", accesskit::Role::TextInput);
            ui.checkbox(&mut self.only_favourites, "Favourites");
        });
        let mut taken = None;
        let mut turned = None;
        let mut removed = None;
        let found = self.found();
        controls::list(LIST_HEIGHT).show(ui, |ui| {
            for (preset, own) in &found {
                ui.horizontal(|ui| {
                    let is_favourite = self.shelf().is_favourite(&preset.name);
                    let colour = if is_favourite { colours.kept } else { colours.weak };
                    let response = ui.add(Button::new("").min_size(egui::vec2(26.0, 24.0)));
                    controls::Face::Star.paint(ui, response.rect, colour);
                    response.widget_info(|| {
                        let name = format!("Favourite: {}", preset.name);
                        egui::WidgetInfo::selected(accesskit::Role::Button, true, is_favourite, name)
                    });
                    if response.on_hover_text("One of my favourites").clicked() {
                        turned = Some((preset.name.clone(), !is_favourite));
                    }
                    let is_chosen = self.chosen.as_ref() == Some(&preset.name);
                    let label = ui.selectable_label(is_chosen, &preset.name);
                    let hint = format!("{}\n{}\n{}", preset.about, preset.scene, preset.tags.join(", "));
                    if label.on_hover_text(hint).clicked() {
                        taken = Some(preset.clone());
                    }
                    let about = if *own { "yours" } else { preset.about.as_str() };
                    ui.add(egui::Label::new(RichText::new(about).size(12.0).color(colours.weak)).truncate());
                    if *own {
                        let response = ui.button("Remove");
                        controls::named(
                            &response,
                            format!("Remove {}", preset.name),
                            accesskit::Role::Button,
                        );
                        if response.clicked() {
                            removed = Some(preset.name.clone());
                        }
                    }
                });
            }
            if found.is_empty() {
                ui.label(RichText::new("Nothing is called so.").color(colours.weak));
            }
        });
        for (path, why) in self.shelf().refused() {
            let sentence = format!("{}: {why}", path.file_name().unwrap_or_default().display());
            ui.label(RichText::new(sentence).size(12.0).color(colours.error));
        }
        ui.separator();
        ui.horizontal(|ui| {
            let edit = TextEdit::singleline(&mut self.name)
                .hint_text("a name for what is set now")
                .align(egui::Align2::LEFT_CENTER)
                .desired_width(WIDTH - 170.0);
            let response = ui.add(edit);
            controls::named(&response, "Name of the preset", accesskit::Role::TextInput);
            if ui
                .add(Button::new("Save").fill(colours.control))
                .on_hover_text("Save what is set now as a preset of yours")
                .clicked()
            {
                self.save(params, engine, false);
            }
            if ui
                .add(Button::new("Replace").fill(colours.control))
                .on_hover_text("Save over a preset of yours with this name")
                .clicked()
            {
                self.save(params, engine, true);
            }
        });
        if let Some((name, is_favourite)) = turned
            && let Err(error) = self.shelf().set_favourite(&name, is_favourite)
        {
            self.said = Some((error.to_string(), true));
        }
        if let Some(name) = removed {
            let result = self.shelf().remove(&name);
            self.said = Some(match result {
                Ok(()) => (format!("\"{name}\" was removed."), false),
                Err(error) => (error.to_string(), true),
            });
        }
        if let Some((sentence, is_wrong)) = &self.said {
            let colour = if *is_wrong { colours.error } else { colours.weak };
            ui.label(RichText::new(sentence).size(12.0).color(colour));
        }
        if let Some(folder) = self.shelf().folder() {
            let text = format!("Yours lie in {}", folder.display());
            ui.add(egui::Label::new(RichText::new(text).size(11.0).color(colours.weak)).truncate());
        }
        taken
    }

    fn save(&mut self, params: &SceneloopParams, engine: &Engine, replace: bool) {
        let preset = capture(self.name.trim(), params, engine);
        self.said = Some(match self.shelf().save(&preset, replace) {
            Ok(()) => {
                self.chosen = Some(preset.name.clone());
                (format!("\"{}\" was saved.", preset.name), false)
            }
            Err(error) => (error.to_string(), true),
        });
    }
}

/// Sets everything that a preset names, and what it does not name to its default.
fn apply(preset: &Preset, params: &SceneloopParams, setter: &Setter<'_>, engine: &Engine) {
    if engine.set_scene(&preset.scene).is_err() {
        return; // it was checked when it was read
    }
    let wanted = preset.controls();
    setter.set_once(&params.energy, preset.energy);
    setter.set_once(&params.seed, preset.seed.min(SEED_MAX as u32) as i32);
    setter.set_once(&params.tonic, TonicChoice(wanted.tonic));
    setter.set_once(&params.mode, ModeChoice(wanted.mode));
    setter.set_once(&params.bars, LoopLength::of(preset.bars));
    setter.set_once(&params.form, if preset.form { FormChoice::Auto } else { FormChoice::Off });
    setter.set_once(&params.tone, preset.tone);
    setter.set_once(&params.humanise, preset.humanise);
    for role in Role::ALL {
        setter.set_once(&params.role(role).level, wanted.levels_db[role]);
        setter.set_once(&params.role(role).mute, wanted.mutes[role]);
        setter.set_once(params.solo.role(role), false);
        let _ = engine.set_patch(role, preset.patches.get(&role).map(String::as_str)); // checked as well
    }
    engine.set_edits(preset.edits);
    setter.touch();
}

/// What is set now.
fn capture(name: &str, params: &SceneloopParams, engine: &Engine) -> Preset {
    let (tonic, mode) = (params.tonic.value().0, params.mode.value().0);
    // A preset names both or neither: what the seed has chosen is taken where one of them is set.
    let now = engine.now_playing().map(|now| now.grid.key);
    let key = match (tonic, mode) {
        (None, None) => None,
        (Some(tonic), Some(mode)) => Some(Key { tonic, mode }),
        (tonic, mode) => {
            now.map(|now| Key { tonic: tonic.unwrap_or(now.tonic), mode: mode.unwrap_or(now.mode) })
        }
    };
    let changed = |role: Role| {
        let level = params.role(role).level.value().max(LEVEL_OFF_DB);
        (level.abs() > 0.05).then(|| (role, (level * 10.0).round() / 10.0))
    };
    Preset {
        name: name.to_owned(),
        about: String::new(),
        tags: Vec::new(),
        scene: engine.scene_text(),
        energy: (params.sounding_energy().get() * 10.0).round() / 10.0,
        seed: params.seed.value().clamp(0, SEED_MAX) as u32,
        key: key.map(|key| key.to_string()),
        bars: params.bars.value().bars(),
        form: params.form.value() == FormChoice::Auto,
        tone: params.tone.value().round(),
        humanise: params.humanise.value().round(),
        levels: Role::ALL.into_iter().filter_map(changed).collect(),
        mutes: Role::ALL.into_iter().filter(|role| params.role(*role).mute.value()).collect(),
        patches: Role::ALL.into_iter().filter_map(|role| Some((role, engine.patch(role)?))).collect(),
        edits: engine.edits().without_holds(),
    }
}
