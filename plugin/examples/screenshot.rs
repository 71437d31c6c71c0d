//! Draws the window into PNGs, without a display, a graphics card or a host: `cargo run -p sceneloop-plugin --example screenshot --
//! editor.png ["scene text" [width height [scale]]]` one, `… -- --all FOLDER` every state of it.
//!
//! A stream plays for some bars, so that a real loop is shown; egui's triangles are then filled on the CPU. With `--time` it says
//! instead what drawing costs without the filling: layout and triangles.

#[path = "screenshot/raster.rs"]
mod raster;

use egui::{Event, Key, Modifiers, PointerButton, Pos2, RawInput, Rect, Theme, Vec2};
use raster::Raster;
use sceneloop_engine::{Controls, Engine, EngineError, Output};
use sceneloop_music::{Bpm, Energy, Metre, Playhead, Role};
use sceneloop_plugin::editor::{Setter, View, apply_look};
use sceneloop_plugin::host_guard::HostLink;
use sceneloop_plugin::params::SceneloopParams;
use sceneloop_plugin::state::{EngineSlot, WindowSize};
use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The tempo at which music is bounced, BPM.
const TEMPO: f64 = 112.0;
/// How much is bounced first, quarter notes: into the third loop, a little before a bar line.
const QUARTERS: f64 = 36.8;
/// How much is then played in real time, so that the ring is as full as it is in use, quarter notes.
const LIVE: f64 = 0.5;
/// Frames of a block.
const BLOCK: usize = 256;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("say where to put the picture: screenshot FILE.png")?;
    if path == "--all" {
        let folder = arguments.next().ok_or("say where to put the pictures: screenshot --all FOLDER")?;
        return all(Path::new(&folder));
    }
    if path == "--time" {
        return time();
    }
    let scene = arguments.next().unwrap_or_else(|| SCENE.into());
    let number = |text: Option<String>, default: f32| text.map_or(Ok(default), |text| text.parse());
    let width = number(arguments.next(), SIZE.x)?;
    let height = number(arguments.next(), SIZE.y)?;
    let scale = number(arguments.next(), 1.5)?;
    let desk = Desk::playing(&scene, 70.0)?;
    desk.window(Vec2::new(width, height), scale, Theme::Dark)?.picture(&[])?.save(Path::new(&path))?;
    println!("{path}");
    Ok(())
}

const SCENE: &str = "cyberpunk city, rain:0.5";
const SIZE: Vec2 = Vec2::new(WindowSize::DEFAULT.0 as f32, WindowSize::DEFAULT.1 as f32);
const SMALLEST: Vec2 = Vec2::new(WindowSize::MIN.0 as f32, WindowSize::MIN.1 as f32);

/// Every state that is worth a look.
fn all(folder: &Path) -> Result<(), Box<dyn Error>> {
    std::fs::create_dir_all(folder)?;
    let save = |name: &str, raster: Raster| -> Result<(), Box<dyn Error>> {
        let path = folder.join(format!("{name}.png"));
        raster.save(&path)?;
        println!("{}", path.display());
        Ok(())
    };
    let text = Pos2::new(300.0, 57.0); // in the line where the scene is typed
    let type_over = |words: &str| {
        let mut events = click(text);
        events.push(press(Modifiers::COMMAND, Key::A));
        events.push(Event::Text(words.into()));
        events
    };
    save("empty", Desk::new(SCENE)?.window(SIZE, 1.0, Theme::Dark)?.picture(&[])?)?;
    save("typing", Desk::new(SCENE)?.window(SIZE, 1.0, Theme::Dark)?.picture(&[type_over("dun")])?)?;
    let refused = [type_over("dungeonn"), vec![press(Modifiers::NONE, Key::Enter)]];
    save("unknown-scene", Desk::new(SCENE)?.window(SIZE, 1.0, Theme::Dark)?.picture(&refused)?)?;
    let broken = EngineSlot::new(Err(EngineError::Thread("the system gave none".into())));
    let params = Arc::new(SceneloopParams::new(broken));
    save("no-engine", Window::new(params, SIZE, 1.0, Theme::Dark)?.picture(&[])?)?;
    for energy in [20.0, 90.0] {
        let desk = Desk::playing("forest", energy)?;
        save(&format!("energy-{energy}"), desk.window(SIZE, 1.0, Theme::Dark)?.picture(&[])?)?;
    }
    let desk = Desk::playing(SCENE, 70.0)?;
    for (name, theme) in [("dark", Theme::Dark), ("light", Theme::Light)] {
        save(&format!("{name}-1x"), desk.window(SIZE, 1.0, theme)?.picture(&[])?)?;
        save(&format!("{name}-2x"), desk.window(SIZE, 2.0, theme)?.picture(&[])?)?;
        save(&format!("{name}-smallest"), desk.window(SMALLEST, 1.0, theme)?.picture(&[])?)?;
    }
    for (name, button) in
        [("palette", "All scenes"), ("blend", "Blend"), ("export", "Export"), ("presets", "Preset: Presets")]
    {
        for (suffix, theme) in [("", Theme::Dark), ("-light", Theme::Light)] {
            let mut window = desk.window(SIZE, 1.0, theme)?;
            let at = window.find(button)?;
            save(&format!("{name}{suffix}"), window.picture(&[click(at)])?)?;
        }
    }
    for one in desk.engine.history().iter().skip(1) {
        desk.params.favourites.turn(one);
    }
    desk.engine.vary_role(Role::Lead, Some(60));
    let controller = &desk.params.controller;
    controller.begin_learning();
    save("learning", desk.window(SIZE, 1.0, Theme::Dark)?.picture(&[])?)?;
    controller.begin_learning(); // a window that is closed cancels
    controller.learn(74);
    for (name, theme, energy) in [("ridden-low", Theme::Dark, 24.0), ("ridden-high", Theme::Light, 91.0)] {
        controller.say(Some(Energy::new(energy)));
        save(name, desk.window(SMALLEST, 1.0, theme)?.picture(&[])?)?;
    }
    controller.say(None);
    save("learned", desk.window(SIZE, 1.0, Theme::Light)?.picture(&[])?)?;
    controller.forget();
    let now = desk.engine.now_playing();
    desk.engine.lock_role(Role::Drums, now.as_deref());
    desk.engine.lock_role(Role::Bass, now.as_deref());
    desk.engine.regenerate(Role::Chords, None)?;
    desk.engine.vary(35);
    let mark = [drag(Pos2::new(760.0, 300.0), Pos2::new(840.0, 330.0))];
    save("locked-and-marked", desk.window(SIZE, 1.0, Theme::Dark)?.picture(&mark)?)?;
    save("locked-light", desk.window(SIZE, 1.0, Theme::Light)?.picture(&mark)?)?;
    for (name, size, theme) in
        [("dark", SIZE, Theme::Dark), ("light", SIZE, Theme::Light), ("smallest", SMALLEST, Theme::Dark)]
    {
        // The button at the lower right, then the parts at the top of the sheet by the keyboard, which is brought to the first of them.
        let open = click(Pos2::new(size.x - 36.0, size.y - 22.0));
        let next = vec![press(Modifiers::NONE, Key::Tab), press(Modifiers::NONE, Key::Enter)];
        for (part, steps) in ["licence", "training", "software"].into_iter().zip(1..) {
            let steps: Vec<Vec<Event>> =
                std::iter::once(open.clone()).chain(std::iter::repeat_n(next.clone(), steps - 1)).collect();
            save(&format!("about-{part}-{name}"), desk.window(size, 1.0, theme)?.picture(&steps)?)?;
        }
    }
    Ok(())
}

/// What one drawing costs at 1280 by 800: the middle of many.
fn time() -> Result<(), Box<dyn Error>> {
    let desk = Desk::playing(SCENE, 70.0)?;
    let mut window = desk.window(Vec2::new(1280.0, 800.0), 1.0, Theme::Dark)?;
    let mut times: Vec<Duration> = Vec::new();
    for _ in 0..300 {
        let started = Instant::now();
        let output = window.pass(Vec::new());
        let primitives = window.context.tessellate(output.shapes, output.pixels_per_point);
        times.push(started.elapsed());
        std::hint::black_box(primitives);
    }
    times.sort_unstable();
    let ms = |share: usize| times[times.len() * share / 100].as_secs_f64() * 1e3;
    println!("layout and triangles at 1280 by 800: {:.2} ms, 95 % below {:.2} ms", ms(50), ms(95));
    Ok(())
}

/// An engine and what plays.
struct Desk {
    engine: Engine,
    params: Arc<SceneloopParams>,
}

impl Desk {
    fn new(scene: &str) -> Result<Self, EngineError> {
        let engine = Engine::new()?;
        engine.set_scene(scene)?;
        let params = Arc::new(SceneloopParams::new(EngineSlot::new(Ok(engine.clone()))));
        Ok(Self { engine, params })
    }

    fn playing(scene: &str, energy: f32) -> Result<Self, EngineError> {
        let mut desk = Self::new(scene)?;
        // As a host would have set it.
        let params = Arc::get_mut(&mut desk.params);
        if let Some(params) = params {
            params.energy = nice_plug::prelude::FloatParam::new(
                "Energy",
                energy,
                nice_plug::prelude::FloatRange::Linear { min: 0.0, max: 100.0 },
            );
        }
        play(&desk.engine, &Controls { energy: Energy::new(energy), ..desk.params.controls(None) })?;
        Ok(desk)
    }

    fn window(&self, size: Vec2, scale: f32, theme: Theme) -> Result<Window, Box<dyn Error>> {
        Window::new(self.params.clone(), size, scale, theme)
    }
}

/// Plays some bars, as a host would: most of them in an offline bounce, the end in real time.
fn play(engine: &Engine, controls: &Controls) -> Result<(), EngineError> {
    let rate = 48_000.0;
    let mut reader = engine.open_stream(rate)?;
    let bpm = Bpm::new(TEMPO).unwrap_or_default();
    let step = BLOCK as f64 * bpm.quarters_per_frame(rate);
    let mut playhead = Playhead::at(0.0, bpm, Metre::FOUR_FOUR, true);
    let (mut left, mut right) = ([0.0; BLOCK], [0.0; BLOCK]);
    while playhead.position < QUARTERS + LIVE {
        let output = Output { main: [&mut left, &mut right], stems: None };
        if playhead.position < QUARTERS {
            reader.process_offline(&playhead, controls, output, &mut |_| ());
        } else {
            reader.process(&playhead, controls, output, &mut |_| ());
            std::thread::sleep(Duration::from_secs_f64(BLOCK as f64 / rate));
        }
        playhead = playhead.advanced(step);
    }
    Ok(())
}

/// A window of a size in points, with `scale` pixels a point.
struct Window {
    context: egui::Context,
    view: View,
    size: Vec2,
    scale: f32,
    raster: Raster,
    passes: u32,
}

impl Window {
    fn new(
        params: Arc<SceneloopParams>,
        size: Vec2,
        scale: f32,
        theme: Theme,
    ) -> Result<Self, Box<dyn Error>> {
        let context = egui::Context::default();
        params.is_light.put(theme == Theme::Light);
        apply_look(&context, theme);
        context.set_pixels_per_point(scale);
        let raster = Raster::new((size.x * scale) as u32, (size.y * scale) as u32)?;
        let view = View::new(params, HostLink::current(), Arc::default());
        Ok(Self { context, view, size, scale, raster, passes: 0 })
    }

    fn pass(&mut self, events: Vec<Event>) -> egui::FullOutput {
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, self.size)),
            time: Some(f64::from(self.passes) * 0.3),
            events,
            ..RawInput::default()
        };
        self.passes += 1;
        let view = &mut self.view;
        let mut output = self.context.run_ui(input, |ui| {
            ui.painter().rect_filled(ui.max_rect(), 0, view.background());
            egui::CentralPanel::no_frame().show(ui, |ui| view.show(ui, &Setter::new(None)));
        });
        self.raster.take_textures(&output.textures_delta);
        output.textures_delta.clear();
        output
    }

    /// The middle of what a screen reader would call so.
    fn find(&mut self, name: &str) -> Result<Pos2, Box<dyn Error>> {
        self.context.enable_accesskit();
        // The first passes find out how large everything is.
        (0..3).for_each(|_| drop(self.pass(Vec::new())));
        let update = self.pass(Vec::new()).platform_output.accesskit_update;
        let nodes = update.into_iter().flat_map(|update| update.nodes);
        let mut found = nodes.map(|(_, node)| node).filter(|node| node.label() == Some(name));
        let bounds =
            found.find_map(|node| node.bounds()).ok_or_else(|| format!("nothing is called {name}"))?;
        Ok(Pos2::new((bounds.x0 + bounds.x1) as f32 / 2.0, (bounds.y0 + bounds.y1) as f32 / 2.0))
    }

    /// The window after what happened in it, each of the steps in a drawing of its own.
    fn picture(mut self, steps: &[Vec<Event>]) -> Result<Raster, Box<dyn Error>> {
        // The first passes load fonts and find out how large everything is.
        let mut happens: Vec<Vec<Event>> = vec![vec![Event::PointerGone]; 3];
        for step in steps {
            // A pointer is down in one drawing and up in another.
            happens.extend(step.iter().map(|event| vec![event.clone()]));
        }
        happens.extend(vec![Vec::new(); 3]);
        for events in happens {
            let output = self.pass(events);
            self.raster.clear();
            self.raster.draw(&self.context.tessellate(output.shapes, output.pixels_per_point), self.scale);
        }
        Ok(self.raster)
    }
}

fn press(modifiers: Modifiers, key: Key) -> Event {
    Event::Key { key, physical_key: None, pressed: true, repeat: false, modifiers }
}

fn button(pos: Pos2, pressed: bool) -> Event {
    Event::PointerButton { pos, button: PointerButton::Primary, pressed, modifiers: Modifiers::NONE }
}

fn click(at: Pos2) -> Vec<Event> {
    vec![Event::PointerMoved(at), button(at, true), button(at, false)]
}

fn drag(from: Pos2, to: Pos2) -> Vec<Event> {
    let half = from.lerp(to, 0.5);
    vec![
        Event::PointerMoved(from),
        button(from, true),
        Event::PointerMoved(half),
        Event::PointerMoved(to),
        button(to, false),
        Event::PointerGone,
    ]
}
