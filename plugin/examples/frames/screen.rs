//! A window that draws Sceneloop's view as nice-plug's does, and keeps what each stage of a drawing took.

// OpenGL is unsafe to call; nothing else here is.
#![allow(unsafe_code)]

use egui::{Context, Pos2, RawInput, Rect, Theme, Vec2};
use egui_glow::Painter;
use egui_glow::glow::{self, HasContext};
use nice_plug_egui::baseview::gl::GlContext;
use nice_plug_egui::baseview::{Event, EventStatus, HandlerError, WindowContext, WindowHandler, WindowSize};
use nice_plug_egui::resizable_window::ResizableWindow;
use sceneloop_plugin::editor::{Setter, View, apply_look};
use sceneloop_plugin::host_guard::HostLink;
use sceneloop_plugin::params::SceneloopParams;
use std::cell::RefCell;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How often the plugin's window is drawn.
const APART: Duration = Duration::from_millis(33);
/// The first drawings make textures and compile shaders: they are not counted.
const FIRST: usize = 20;
/// How many empty drawings follow at the end.
const EMPTY: usize = 60;

/// What a drawing is made of, in order.
#[derive(Clone, Copy)]
pub enum Stage {
    Layout,
    Triangles,
    Textures,
    Painting,
    Showing,
}

impl Stage {
    pub const ALL: [Self; 5] = [Self::Layout, Self::Triangles, Self::Textures, Self::Painting, Self::Showing];

    pub fn words(self) -> &'static str {
        match self {
            Self::Layout => "layout (egui's run of the view)",
            Self::Triangles => "triangles (tessellation)",
            Self::Textures => "textures handed over",
            Self::Painting => "painting (OpenGL, to its end)",
            Self::Showing => "showing (swap of the buffers)",
        }
    }
}

/// What one drawing took, and how much was drawn.
#[derive(Default)]
pub struct Frame {
    pub stages: [Duration; Stage::ALL.len()],
    /// How much of that the window's own thread was at work. With LP_NUM_THREADS=0 Mesa's rasteriser works on it too: then this is what
    /// a drawing costs a core, whatever else the machine does.
    pub work: [Duration; Stage::ALL.len()],
    pub triangles: usize,
    pub draws: usize,
    /// Area of all triangles, in windows.
    pub fills: f32,
}

impl Frame {
    /// Time and work of all stages.
    pub fn whole(&self) -> (Duration, Duration) {
        (self.stages.iter().sum(), self.work.iter().sum())
    }
}

/// What there is to tell when the window has closed. The window's thread writes it, the main thread reads it afterwards.
#[derive(Default)]
pub struct Seen {
    pub pixels: [u32; 2],
    pub renderer: String,
    pub apart: Duration,
    pub frames: Vec<Frame>,
    pub empty: Vec<Frame>,
}

/// One open window. Its handler is told everything by reference and on one thread.
pub struct Screen(RefCell<Inner>);

struct Inner {
    window: WindowContext,
    context: GlContext,
    gl: Arc<glow::Context>,
    painter: Painter,
    egui: Context,
    view: View,
    params: Arc<SceneloopParams>,
    opened: Instant,
    /// How long drawings are counted, and since when they are.
    length: Duration,
    counting: Option<Instant>,
    drawn: usize,
    seen: Arc<Mutex<Seen>>,
}

impl Screen {
    pub fn new(
        window: WindowContext,
        params: Arc<SceneloopParams>,
        length: Duration,
        seen: Arc<Mutex<Seen>>,
    ) -> Result<Self, HandlerError> {
        let context = window.gl_context().ok_or_else(|| HandlerError::from_boxed("no OpenGL".into()))?;
        // SAFETY: no other context is current on this thread, which was made for this window.
        unsafe { context.make_current()? };
        // SAFETY: the context is current while its functions are looked up, and outlives them in `Inner`.
        let gl = unsafe { glow::Context::from_loader_function_cstr(|name| context.get_proc_address(name)) };
        let gl = Arc::new(gl);
        let painter = Painter::new(gl.clone(), "", None, false)?;
        // SAFETY: the context is current.
        let renderer = unsafe { gl.get_parameter_string(glow::RENDERER) };
        // SAFETY: made current above, on this thread.
        unsafe { context.make_not_current()? };
        *lock(&seen) = Seen { renderer, apart: APART, ..Seen::default() };
        let egui = Context::default();
        apply_look(&egui, Theme::Dark);
        let view = View::new(params.clone(), HostLink::current(), Arc::default());
        let (opened, counting, drawn) = (Instant::now(), None, 0);
        let inner =
            Inner { window, context, gl, painter, egui, view, params, opened, length, counting, drawn, seen };
        Ok(Self(RefCell::new(inner)))
    }
}

impl WindowHandler for Screen {
    fn draw(&self) -> Result<(), HandlerError> {
        let mut inner = self.0.borrow_mut();
        inner.draw()?;
        inner.window.request_redraw_after(APART);
        Ok(())
    }

    fn resized(&self, _size: WindowSize) -> Result<(), HandlerError> {
        Ok(())
    }

    fn on_event(&self, _event: Event) -> EventStatus {
        EventStatus::Ignored
    }
}

impl Inner {
    /// Draws, and counts it once a loop plays; empty drawings follow, then the window closes.
    fn draw(&mut self) -> Result<(), HandlerError> {
        let size = self.window.size();
        let pixels = [size.physical.width, size.physical.height];
        if self.counting.is_some_and(|since| since.elapsed() > self.length) {
            let frame = self.empty_frame()?;
            let mut seen = lock(&self.seen);
            seen.empty.push(frame);
            if seen.empty.len() >= EMPTY {
                self.window.request_close();
            }
            return Ok(());
        }
        let frame = self.frame(pixels, size.scale_factor as f32)?;
        let engine = self.params.engine.engine();
        let plays = engine.is_some_and(|engine| engine.now_playing().is_some());
        self.drawn += usize::from(plays);
        if self.drawn > FIRST {
            self.counting.get_or_insert_with(Instant::now);
            let mut seen = lock(&self.seen);
            seen.pixels = pixels;
            seen.frames.push(frame);
        }
        Ok(())
    }

    /// The steps of `egui_baseview`'s window, each of them timed.
    fn frame(&mut self, pixels: [u32; 2], scale: f32) -> Result<Frame, HandlerError> {
        let mut clock = Clock::start();
        let size = Vec2::new(pixels[0] as f32, pixels[1] as f32) / scale;
        let mut input = RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, size)),
            time: Some(self.opened.elapsed().as_secs_f64()),
            max_texture_side: Some(self.painter.max_texture_side()),
            ..RawInput::default()
        };
        input.viewports.entry(egui::ViewportId::ROOT).or_default().native_pixels_per_point = Some(scale);
        let view = &mut self.view;
        let mut output = self.egui.run_ui(input, |ui| {
            ResizableWindow::new("window").show(ui, |ui| view.show(ui, &Setter::new(None)));
        });
        clock.stage(Stage::Layout);
        let primitives = self.egui.tessellate(std::mem::take(&mut output.shapes), output.pixels_per_point);
        clock.stage(Stage::Triangles);
        // SAFETY: of this window and this thread; made not current at the end of the drawing.
        unsafe { self.context.make_current()? };
        for (id, deltas) in std::mem::take(&mut output.textures_delta.set) {
            deltas.iter().for_each(|delta| self.painter.set_texture(id, delta));
        }
        self.finish();
        clock.stage(Stage::Textures);
        self.clear();
        self.painter.paint_primitives(pixels, output.pixels_per_point, &primitives);
        self.finish();
        clock.stage(Stage::Painting);
        for id in std::mem::take(&mut output.textures_delta.free) {
            self.painter.free_texture(id);
        }
        self.show()?;
        clock.stage(Stage::Showing);
        let mut frame = Frame { draws: primitives.len(), ..clock.frame() };
        for primitive in &primitives {
            let egui::epaint::Primitive::Mesh(mesh) = &primitive.primitive else { continue };
            frame.triangles += mesh.indices.len() / 3;
            for corners in mesh.indices.chunks_exact(3) {
                let [a, b, c] = [0, 1, 2].map(|corner| mesh.vertices[corners[corner] as usize].pos);
                let (one, other) = (b - a, c - a);
                frame.fills += (one.x * other.y - one.y * other.x).abs() / 2.0 / (size.x * size.y);
            }
        }
        Ok(frame)
    }

    /// Only what no drawing can do without.
    fn empty_frame(&self) -> Result<Frame, HandlerError> {
        let mut clock = Clock::start();
        // SAFETY: as in `frame`.
        unsafe { self.context.make_current()? };
        self.clear();
        self.finish();
        clock.stage(Stage::Painting);
        self.show()?;
        clock.stage(Stage::Showing);
        Ok(clock.frame())
    }

    fn clear(&self) {
        // SAFETY: called while the context is current.
        unsafe {
            self.gl.clear_color(0.0, 0.0, 0.0, 1.0);
            self.gl.clear(glow::COLOR_BUFFER_BIT);
        }
    }

    /// Waits until all that was asked of OpenGL is done.
    fn finish(&self) {
        // SAFETY: called while the context is current.
        unsafe { self.gl.finish() };
    }

    fn show(&self) -> Result<(), HandlerError> {
        self.context.swap_buffers()?;
        // SAFETY: was made current on this thread by the caller.
        unsafe { self.context.make_not_current()? };
        Ok(())
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.0.borrow_mut().painter.destroy();
    }
}

struct Clock {
    since: (Instant, Duration),
    frame: Frame,
}

impl Clock {
    fn start() -> Self {
        Self { since: (Instant::now(), worked()), frame: Frame::default() }
    }

    /// A stage has ended.
    fn stage(&mut self, stage: Stage) {
        let now = (Instant::now(), worked());
        self.frame.stages[stage as usize] = now.0 - self.since.0;
        self.frame.work[stage as usize] = now.1.saturating_sub(self.since.1);
        self.since = now;
    }

    fn frame(self) -> Frame {
        self.frame
    }
}

/// How long this thread has been at work since it began; nothing where that cannot be asked.
fn worked() -> Duration {
    #[cfg(target_os = "linux")]
    {
        let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        // SAFETY: the structure is there to be written into.
        if unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) } == 0 {
            return Duration::new(time.tv_sec as u64, time.tv_nsec as u32);
        }
    }
    Duration::ZERO
}

/// Locks what only one thread at a time looks at.
fn lock(seen: &Mutex<Seen>) -> std::sync::MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}
