//! The window: the scene, energy, the roles, the loop that plays, and how the stream is doing.
//!
//! Threads: all of it runs on the window's thread, but for the reading of SoundFonts and the making of files, each on one of its own. It reads atomics and snapshots of the engine, and changes
//! parameters through the host and the scene through the engine; the audio thread never waits for it.

mod about;
mod ahead;
mod chips;
mod controls;
mod energy;
mod events;
mod health_line;
mod keep;
mod look;
mod memory;
mod pad;
mod palette;
mod past;
mod presets;
mod ride;
mod roles;
mod roll;
mod scene_box;
mod shape;
mod soundfonts;
mod view;

pub use controls::Setter;
pub use keep::Keeper;
pub use look::apply as apply_look;
pub use presets::Presets;
pub use view::{Lasting, View};

use crate::host_guard::HostLink;
use crate::params::SceneloopParams;
use crate::state::WindowSize;
use nice_plug::context::gui::GuiContext;
use nice_plug::editor::dpi::{LogicalSize, NativeSize};
use nice_plug::editor::{HostMethods, SizeConstraints, SpawnedEditor};
use nice_plug::prelude::{Editor, ParentWindowHandle, ResizeHint};
use nice_plug_egui::baseview::{self, HandlerError};
use nice_plug_egui::resizable_window::ResizableWindow;
use nice_plug_egui::{
    EguiEditor, EguiEditorHandle, EguiEditorState, EguiNiceSettings, GraphicsConfig, NiceEguiApp,
    RepaintNotifier, create_egui_editor,
};
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How often the window is drawn while it is open: the playhead moves.
const FRAME: Duration = Duration::from_millis(33);

/// What the host opens windows with. Between nice-plug's egui editor and the host only for the window's size, which
/// nice-plug does not save.
pub struct SceneloopEditor {
    params: Arc<SceneloopParams>,
    link: Arc<HostLink>,
    /// What is being read, and what can be taken back, outlives the window.
    lasting: Arc<Mutex<Lasting>>,
    /// Of the window that is open, or was last.
    state: Mutex<Arc<EguiEditorState>>,
    repaint: RepaintNotifier,
}

impl SceneloopEditor {
    /// An editor for the instance that these belong to.
    pub fn new(params: Arc<SceneloopParams>, link: Arc<HostLink>) -> Self {
        let state = Mutex::new(saved_size(&params));
        Self { params, link, lasting: Arc::default(), state, repaint: RepaintNotifier::new() }
    }

    /// The state of the open window, or a new one of the saved size.
    fn state(&self) -> Arc<EguiEditorState> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if !state.is_open() {
            *state = saved_size(&self.params);
        }
        state.clone()
    }

    fn editor(&self) -> Option<EguiEditor<Window>> {
        let window = Window {
            view: View::new(self.params.clone(), self.link.clone(), self.lasting.clone()),
            host: None,
        };
        let hint = self.resize_hint();
        let settings = EguiNiceSettings::new()
            .with_tile("Sceneloop")
            .with_resize_hint(hint)
            .with_graphics_config(GraphicsConfig { dithering: false, ..GraphicsConfig::default() });
        create_egui_editor(self.state(), self.repaint.clone(), settings, window)
    }
}

fn saved_size(params: &SceneloopParams) -> Arc<EguiEditorState> {
    let (width, height) = params.window.get();
    EguiEditorState::from_size(LogicalSize::new(f64::from(width), f64::from(height)), 1.0)
}

impl Editor for SceneloopEditor {
    type Handle = EguiEditorHandle;

    fn spawn(
        &self,
        parent: Option<ParentWindowHandle>,
        wait_for_parent: bool,
        fallback_scale_factor: Option<f64>,
        context: GuiContext,
        host: Option<HostMethods>,
    ) -> Result<SpawnedEditor<Self::Handle>, Box<dyn Error>> {
        let editor = self.editor().ok_or("no window could be made")?;
        editor.spawn(parent, wait_for_parent, fallback_scale_factor, context, host)
    }

    fn size(&self) -> NativeSize<u32> {
        let state = self.state();
        let logical = state.logical_size();
        let logical = LogicalSize::new(f64::from(logical.width), f64::from(logical.height));
        NativeSize::from_logical_or_physical(logical, state.physical_size())
    }

    fn resize_hint(&self) -> ResizeHint {
        let size = |(width, height): (u32, u32)| Some(LogicalSize::new(width as f32, height as f32));
        let (min_size, max_size) = (size(WindowSize::MIN), size(WindowSize::MAX));
        ResizeHint {
            size_constraints: SizeConstraints::Logical { min_size, max_size },
            ..ResizeHint::RESIZABLE
        }
    }
}

/// One open window.
struct Window {
    view: View,
    host: Option<GuiContext>,
}

impl NiceEguiApp for Window {
    fn build(
        &mut self,
        context: egui::Context,
        host: GuiContext,
        frame: &mut nice_plug_egui::Frame,
    ) -> Result<(), HandlerError> {
        look::apply(&context, self.view.theme());
        frame.set_clear_color(self.view.background().into());
        self.host = Some(host);
        Ok(())
    }

    fn ui(&mut self, ui: &mut egui::Ui, frame: &mut nice_plug_egui::Frame) {
        frame.set_clear_color(self.view.background().into());
        let setter = Setter::new(self.host.as_ref());
        let (width, height) = WindowSize::MIN;
        ResizableWindow::new("window")
            .min_size(egui::vec2(width as f32, height as f32))
            .show(ui, |ui| self.view.show(ui, &setter));
        ui.ctx().request_repaint_after(FRAME);
    }

    fn resized(&mut self, size: baseview::WindowSize) {
        self.view.resized((size.logical.width as u32, size.logical.height as u32));
    }

    fn editor_closed(&mut self) {
        self.view.finish(&Setter::new(self.host.as_ref()));
        self.host = None;
    }
}
