//! Keeps the loop that plays as files. They are made on a thread of their own; the window shows how far it is.

use super::{controls, look};
use crate::params::SceneloopParams;
use egui::accesskit;
use egui::containers::menu::{MenuButton, MenuConfig};
use egui::{Button, PopupCloseBehavior, ProgressBar, RichText, TextEdit, Ui};
use sceneloop_engine::export::LoopOrder;
use sceneloop_engine::{Controls, Engine, NowPlaying};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::thread::JoinHandle;

/// Width of what unfolds, points.
const WIDTH: f32 = 400.0;
/// Rate of the files, Hz.
const SAMPLE_RATE: u32 = 48_000;

/// Where files go, and those that are being made. Outlives the window.
pub struct Keeper {
    /// As it was typed.
    folder: String,
    work: Option<Work>,
    /// The folder of the files that were made last, or why there are none.
    made: Option<Result<PathBuf, String>>,
}

struct Work {
    /// Written by the thread: how much is done, bits of an `f32` of 0 to 1.
    done: Arc<AtomicU32>,
    thread: JoinHandle<Result<PathBuf, String>>,
}

impl Default for Keeper {
    fn default() -> Self {
        Self::into_folder(std::env::home_dir().unwrap_or_default().join("Sceneloop"))
    }
}

impl Keeper {
    /// A keeper that puts files into a folder, until another is typed.
    pub fn into_folder(folder: PathBuf) -> Self {
        Self { folder: folder.display().to_string(), work: None, made: None }
    }

    /// Draws the button, and what unfolds.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        params: &SceneloopParams,
        engine: &Engine,
        now: Option<&Arc<NowPlaying>>,
        height: f32,
    ) {
        self.follow();
        let text = match &self.work {
            Some(work) => format!("Exporting {:.0} %", 100.0 * work.share()),
            None => "Export".into(),
        };
        let button = Button::new(RichText::new(text).size(13.0)).min_size(egui::vec2(0.0, height));
        let config = MenuConfig::new().close_behavior(PopupCloseBehavior::CloseOnClickOutside);
        let (response, _) =
            MenuButton::from_button(button).config(config).ui(ui, |ui| self.menu(ui, params, engine, now));
        response
            .on_hover_text("Keep the loop that plays: mix and stems as WAV with loop points, MIDI, picture");
    }

    /// Takes over what the thread has made.
    fn follow(&mut self) {
        if let Some(work) = self.work.take_if(|work| work.thread.is_finished()) {
            let failed = || Err("the files could not be made".into());
            self.made = Some(work.thread.join().unwrap_or_else(|_| failed()));
        }
    }

    fn menu(
        &mut self,
        ui: &mut Ui,
        params: &SceneloopParams,
        engine: &Engine,
        now: Option<&Arc<NowPlaying>>,
    ) {
        let colours = look::palette(ui);
        ui.set_width(WIDTH);
        ui.label(RichText::new("Export the loop that plays").strong());
        let small = |text: &str| RichText::new(text).size(12.0).color(colours.weak);
        ui.label(small("Mix and seven stems as WAV with loop points, MIDI and a picture, at this energy and tempo, ready to go round."));
        let response =
            ui.add(TextEdit::singleline(&mut self.folder).hint_text("a folder").desired_width(WIDTH - 16.0));
        controls::named(&response, "Folder for exports", accesskit::Role::TextInput);
        ui.horizontal(|ui| {
            let can = now.is_some() && self.work.is_none() && !self.folder.trim().is_empty();
            let button = ui.add_enabled(can, Button::new("Export loop"));
            if button
                .on_disabled_hover_text("Something must play, and one export is made at a time")
                .clicked()
                && let Some(now) = now
            {
                self.start(params, engine, now);
            }
            if let Some(work) = &self.work {
                ui.add(ProgressBar::new(work.share()).desired_width(180.0).show_percentage());
            }
        });
        match &self.made {
            Some(Ok(folder)) => {
                ui.label(RichText::new(format!("Made: {}", folder.display())).size(12.0).color(colours.well));
                ui.horizontal(|ui| {
                    if ui.button("Copy path").clicked() {
                        ui.ctx().copy_text(folder.display().to_string());
                    }
                    if ui.button("Reveal").on_hover_text("Show the folder in the file manager").clicked() {
                        reveal(folder);
                    }
                });
            }
            Some(Err(why)) => {
                ui.label(RichText::new(why).size(12.0).color(colours.error));
            }
            None => {}
        }
    }

    fn start(&mut self, params: &SceneloopParams, engine: &Engine, now: &Arc<NowPlaying>) {
        let order = LoopOrder {
            state: engine.state(),
            playing: now.clone(),
            bpm: engine.health().bpm(),
            controls: Controls { energy: params.sounding_energy(), ..params.controls(None) },
            sample_rate: SAMPLE_RATE,
            folder: self.folder.trim().trim_matches('"').into(),
        };
        self.made = None;
        let done = Arc::<AtomicU32>::default();
        let told = done.clone();
        let work = move || {
            let tell = |share: f32| told.store(share.to_bits(), Relaxed);
            order.write(tell).map_err(|error| error.to_string())
        };
        match std::thread::Builder::new().name("sceneloop export".into()).spawn(work) {
            Ok(thread) => self.work = Some(Work { done, thread }),
            Err(error) => self.made = Some(Err(format!("The files cannot be made now: {error}"))),
        }
    }
}

impl Work {
    fn share(&self) -> f32 {
        f32::from_bits(self.done.load(Relaxed))
    }
}

/// Shows a folder in the system's file manager. Nothing happens where there is none.
fn reveal(folder: &Path) {
    let program = if cfg!(target_os = "macos") {
        "open"
    } else if cfg!(windows) {
        "explorer"
    } else {
        "xdg-open"
    };
    if let Ok(mut child) = std::process::Command::new(program).arg(folder).spawn() {
        // Somebody must wait for it, and it must not be the window.
        let _ = std::thread::Builder::new().name("sceneloop reveal".into()).spawn(move || child.wait());
    }
}
