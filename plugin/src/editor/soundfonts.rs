//! The button of a role behind which a SoundFont is chosen to play it. Files are read on threads that end with the reading; what has
//! become of them is seen at the next drawing, by this window or the next one.

use super::{controls, look};
use egui::containers::menu::{MenuButton, MenuConfig};
use egui::{Button, Key, PopupCloseBehavior, Rect, RichText, ScrollArea, TextEdit, Ui, UiBuilder};
use sceneloop_engine::{Engine, FontChoice, FontInUse};
use sceneloop_music::{PerRole, Role};
use std::thread::JoinHandle;

/// Size of what unfolds, points.
const WIDTH: f32 = 360.0;
const LIST_HEIGHT: f32 = 220.0;

/// What was typed for each role, and the files that are being read. Outlives the window.
#[derive(Default)]
pub struct SoundFonts {
    roles: PerRole<FontBox>,
}

#[derive(Default)]
struct FontBox {
    path: String,
    /// What was in use when `path` was taken from it; something else means that a project was loaded.
    shown: Option<FontChoice>,
    error: Option<String>,
    /// Reads the file: a large one takes its time, and the window goes on.
    reading: Option<JoinHandle<Result<(), String>>>,
}

impl SoundFonts {
    /// Draws the button of a role; true if another SoundFont plays it now.
    pub fn show(&mut self, ui: &mut Ui, rect: Rect, role: Role, engine: &Engine) -> bool {
        let font = engine.soundfont(role);
        let mine = &mut self.roles[role];
        let changed = mine.follow(font.as_ref());
        let (colour, hint) = match font.as_ref().map(|font| &font.preset) {
            None => (look::palette(ui).weak, format!("Let a SoundFont (.sf2) play the {role}")),
            Some(Ok(preset)) => (look::palette(ui).accent, format!("SoundFont: {}", preset.name)),
            Some(Err(why)) => (look::palette(ui).error, format!("The {role}'s patch plays: {why}")),
        };
        let button = Button::new("").fill(look::palette(ui).control);
        let mut ui = ui.new_child(UiBuilder::new().max_rect(rect).id_salt(("soundfont", role)));
        let config = MenuConfig::new().close_behavior(PopupCloseBehavior::CloseOnClickOutside);
        let (response, _) = MenuButton::from_button(button.min_size(rect.size()))
            .config(config)
            .ui(&mut ui, |ui| mine.menu(ui, role, engine, font.as_ref()));
        controls::Face::Letter("SF").paint(&ui, rect, colour);
        controls::named(&response, format!("SoundFont of the {role}"), egui::accesskit::Role::Button);
        response.on_hover_text(hint);
        changed
    }
}

impl SoundFonts {
    /// Has another file, or none, play a role.
    pub fn choose(&mut self, role: Role, engine: &Engine, choice: Option<FontChoice>) {
        self.roles[role].start(role, engine, choice);
    }
}

impl FontBox {
    /// Takes over what has become of the reading, and what a project brought along; true if a file was read and plays.
    fn follow(&mut self, font: Option<&FontInUse>) -> bool {
        let done = self
            .reading
            .take_if(|thread| thread.is_finished())
            .map(|thread| thread.join().unwrap_or_else(|_| Err("the SoundFont could not be read".into())));
        let changed = matches!(done, Some(Ok(())));
        if let Some(result) = done {
            self.error = result.err();
        }
        let choice = font.map(|font| &font.choice);
        // A file that was refused changes no choice: then what was typed stays, and why.
        if self.reading.is_none() && choice != self.shown.as_ref() {
            self.error = None;
            self.shown = choice.cloned();
            self.path = choice.map(|choice| choice.path.display().to_string()).unwrap_or_default();
        }
        changed
    }

    fn menu(&mut self, ui: &mut Ui, role: Role, engine: &Engine, font: Option<&FontInUse>) {
        ui.set_width(WIDTH);
        ui.label(RichText::new(format!("A SoundFont for the {role}")).strong());
        ui.horizontal(|ui| {
            let edit = TextEdit::singleline(&mut self.path)
                .hint_text("path of an .sf2 file")
                .desired_width(WIDTH - 70.0);
            let typed = ui.add(edit);
            let entered = typed.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
            if ui.button("Load").clicked() || entered {
                self.read(role, engine);
            }
        });
        if self.reading.is_some() {
            ui.label(RichText::new("Reading…").color(look::palette(ui).weak).size(12.0));
        }
        let why = font.and_then(|font| font.preset.as_ref().err());
        if let Some(error) = self.error.as_ref().or(why) {
            ui.label(RichText::new(error).color(look::palette(ui).error).size(12.0));
        }
        let Some(font) = font else { return };
        let playing = font.preset.as_ref().ok();
        let mut chosen = None;
        ScrollArea::vertical().max_height(LIST_HEIGHT).show(ui, |ui| {
            ui.set_width(WIDTH);
            for preset in font.presets.iter() {
                let name = format!("{}:{}  {}", preset.bank, preset.program, preset.name);
                if ui.selectable_label(playing == Some(preset), name).clicked() {
                    chosen = Some(FontChoice { path: font.choice.path.clone(), preset: Some(preset.into()) });
                }
            }
        });
        if chosen.is_some() {
            self.start(role, engine, chosen);
        }
        if ui.button(format!("Back to the {role}'s patch")).clicked() {
            self.start(role, engine, None);
        }
    }

    fn read(&mut self, role: Role, engine: &Engine) {
        let path = self.path.trim().trim_matches('"'); // as file managers copy it
        if path.is_empty() {
            self.error = Some("Type or paste the path of an .sf2 file.".into());
            return;
        }
        let choice = FontChoice { path: path.into(), preset: None };
        self.start(role, engine, Some(choice));
    }

    fn start(&mut self, role: Role, engine: &Engine, choice: Option<FontChoice>) {
        if self.reading.is_some() {
            return;
        }
        self.error = None;
        let engine = engine.clone();
        let work = move || engine.set_soundfont(role, choice).map_err(|error| error.to_string());
        match std::thread::Builder::new().name("sceneloop soundfont".into()).spawn(work) {
            Ok(thread) => self.reading = Some(thread),
            Err(error) => self.error = Some(format!("The file cannot be read now: {error}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_none_is_said_and_nothing_changes() {
        let engine = Engine::new().unwrap();
        let mut mine = FontBox { path: " \"/nowhere/piano.sf2\" ".into(), ..FontBox::default() };
        mine.read(Role::Lead, &engine);
        while mine.reading.is_some() {
            assert!(!mine.follow(None));
            std::thread::yield_now();
        }
        assert!(mine.error.as_ref().unwrap().contains("/nowhere/piano.sf2"), "{:?}", mine.error);
        assert!(engine.soundfont(Role::Lead).is_none());
        mine.path.clear();
        mine.read(Role::Lead, &engine);
        assert!(mine.reading.is_none() && mine.error.is_some());
    }
}
