//! Keeps the loop that plays, or the last bars as they were heard, as files. They are made on a thread of their own; the window shows how far it is.

use super::{controls, look, roles};
use crate::params::SceneloopParams;
use egui::accesskit;
use egui::containers::menu::{MenuButton, MenuConfig};
use egui::{Button, DragValue, PopupCloseBehavior, ProgressBar, RichText, TextEdit, Ui};
use sceneloop_engine::export::{HeardOrder, LoopOrder, Parts};
use sceneloop_engine::{Controls, Engine, EngineError, NowPlaying};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::thread::JoinHandle;

/// Width of what unfolds, points.
const WIDTH: f32 = 400.0;
/// Rate of the files, Hz.
const SAMPLE_RATE: u32 = 48_000;
/// Bars that are kept of what was heard, if nobody says how many.
const BARS: u32 = 8;

/// Where files go, and those that are being made. Outlives the window.
pub struct Keeper {
    /// As it was typed.
    folder: String,
    what: What,
    parts: Parts,
    /// How many bars of what was heard.
    bars: u32,
    work: Option<Work>,
    /// The folder of the files that were made last, or why there are none.
    made: Option<Result<PathBuf, String>>,
}

/// What is kept.
#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Loop,
    Heard,
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
        let folder = folder.display().to_string();
        Self { folder, what: What::Loop, parts: Parts::All, bars: BARS, work: None, made: None }
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
            Some(work) if work.share() > 0.0 => format!("Exporting {:.0} %", 100.0 * work.share()),
            Some(_) => "Exporting".into(),
            None => "Export".into(),
        };
        let button = Button::new(RichText::new(text).size(13.0)).min_size(egui::vec2(0.0, height));
        let config = MenuConfig::new().close_behavior(PopupCloseBehavior::CloseOnClickOutside);
        let (response, _) =
            MenuButton::from_button(button).config(config).ui(ui, |ui| self.menu(ui, params, engine, now));
        response
            .on_hover_text("Keep the loop that plays, or the last bars as you heard them: mix and stems as WAV with loop points, MIDI, picture");
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
        let bars = engine.bars_heard();
        ui.horizontal(|ui| {
            let heard = match bars {
                0 => "Last bars, as heard".into(),
                1 => "Last bar, as heard".into(),
                _ => format!("Last {} bars, as heard", self.bars.clamp(1, bars)),
            };
            ui.selectable_value(&mut self.what, What::Loop, "Loop that plays");
            ui.selectable_value(&mut self.what, What::Heard, heard);
            if self.what == What::Heard && bars > 1 {
                let mut wanted = self.bars.clamp(1, bars);
                let value = ui.add(DragValue::new(&mut wanted).range(1..=bars).suffix(" bars"));
                controls::named(&value, "Bars to keep", accesskit::Role::SpinButton);
                if value.on_hover_text(format!("How many of the {bars} whole bars that were heard")).changed()
                {
                    self.bars = wanted;
                }
            }
        });
        ui.horizontal(|ui| {
            for parts in Parts::ALL {
                ui.selectable_value(&mut self.parts, parts, roles::title_case(parts.name()));
            }
        });
        let small = |text: &str| RichText::new(text).size(12.0).color(colours.weak);
        ui.label(small(match self.what {
            What::Loop => {
                "Rendered at this energy and tempo, to go round without a seam: mix and seven stems as WAV with loop points, MIDI, \
                 a picture."
            }
            What::Heard => {
                "What you heard, from bar line to bar line, with every move and event: the mix to the bit, stems within 96 dB. The last \
                 minute that plays while this window is open is remembered."
            }
        }));
        let response = ui.add(
            TextEdit::singleline(&mut self.folder)
                .align(egui::Align2::LEFT_CENTER)
                .hint_text("a folder")
                .desired_width(WIDTH - 16.0),
        );
        controls::named(&response, "Folder for exports", accesskit::Role::TextInput);
        ui.horizontal(|ui| {
            let (text, is_there, missing) = match self.what {
                What::Loop => ("Export loop", now.is_some(), "Something must play first"),
                What::Heard => ("Export bars", bars > 0, "A whole bar must have been heard first"),
            };
            let is_named = !self.folder.trim().is_empty();
            let button = ui.add_enabled(
                is_there && is_named && self.work.is_none(),
                Button::new(text).fill(colours.control),
            );
            let why = match (is_there, is_named) {
                (false, _) => missing,
                (_, false) => "It needs a folder",
                _ => "One export is made at a time",
            };
            if button.on_disabled_hover_text(why).clicked() {
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
                    if ui.add(Button::new("Copy path").fill(colours.control)).clicked() {
                        ui.ctx().copy_text(folder.display().to_string());
                    }
                    if ui
                        .add(Button::new("Reveal").fill(colours.control))
                        .on_hover_text("Show the folder in the file manager")
                        .clicked()
                    {
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

    fn start(&mut self, params: &SceneloopParams, engine: &Engine, now: Option<&Arc<NowPlaying>>) {
        let folder: PathBuf = self.folder.trim().trim_matches('"').into();
        let controls = Controls { energy: params.sounding_energy(), ..params.controls(None) };
        let parts = self.parts;
        let done = Arc::<AtomicU32>::default();
        let told = done.clone();
        let work: Box<dyn FnOnce() -> Result<PathBuf, EngineError> + Send> = match self.what {
            What::Loop => {
                let Some(playing) = now.cloned() else { return };
                let (state, bpm) = (engine.state(), engine.health().bpm());
                let order =
                    LoopOrder { state, playing, bpm, controls, sample_rate: SAMPLE_RATE, folder, parts };
                Box::new(move || order.write(|share: f32| told.store(share.to_bits(), Relaxed)))
            }
            What::Heard => {
                // It is unpacked there and not here: it may be a hundred megabytes.
                let (engine, bars, loops) = (engine.clone(), self.bars, engine.history());
                let missing = || EngineError::Export("there is no whole bar any more that was heard".into());
                Box::new(move || {
                    let heard = engine.heard(bars).ok_or_else(missing)?;
                    HeardOrder { heard, loops, controls, folder, parts }.write()
                })
            }
        };
        self.made = None;
        let work = move || work().map_err(|error| error.to_string());
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
