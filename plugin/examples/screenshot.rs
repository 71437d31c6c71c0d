//! Draws the window into a PNG, without a display, a graphics card or a host: `cargo run -p sceneloop-plugin
//! --example screenshot -- editor.png ["scene text" [width height [scale]]]`.
//!
//! A stream plays for some bars, so that a real loop is shown; egui's triangles are then filled on the CPU.

#[path = "screenshot/raster.rs"]
mod raster;

use egui::{Event, Pos2, RawInput, Rect, Vec2};
use raster::Raster;
use sceneloop_engine::{Controls, Engine, EngineError, Output};
use sceneloop_music::{Bpm, Metre, Playhead};
use sceneloop_plugin::editor::{Setter, View, apply_look};
use sceneloop_plugin::host_guard::HostLink;
use sceneloop_plugin::params::SceneloopParams;
use sceneloop_plugin::state::{EngineSlot, WindowSize};
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

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
    let scene = arguments.next().unwrap_or_else(|| "cyberpunk city, rain:0.5".into());
    let number = |text: Option<String>, default: f32| text.map_or(Ok(default), |text| text.parse());
    let width = number(arguments.next(), WindowSize::DEFAULT.0 as f32)?;
    let height = number(arguments.next(), WindowSize::DEFAULT.1 as f32)?;
    let scale = number(arguments.next(), 1.5)?;

    let engine = Engine::new()?;
    engine.set_scene(&scene)?;
    let params = Arc::new(SceneloopParams::new(EngineSlot::new(Ok(engine.clone()))));
    play(&engine, &params.controls(None))?;
    draw(View::new(params, HostLink::current(), Arc::default()), Vec2::new(width, height), scale)?
        .save(&path)?;
    println!("{path}");
    Ok(())
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

/// Draws a view at a size in points, with `scale` pixels a point.
fn draw(mut view: View, size: Vec2, scale: f32) -> Result<Raster, Box<dyn Error>> {
    let context = egui::Context::default();
    apply_look(&context, egui::Theme::Dark);
    context.set_pixels_per_point(scale);
    let (width, height) = ((size.x * scale) as u32, (size.y * scale) as u32);
    let mut raster = Raster::new(width, height)?;
    // The first passes load fonts and find out how large everything is.
    for pass in 0..4 {
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, size)),
            time: Some(f64::from(pass)),
            events: vec![Event::PointerGone],
            ..RawInput::default()
        };
        let mut output = context.run_ui(input, |ui| {
            egui::CentralPanel::no_frame().show(ui, |ui| view.show(ui, &Setter::new(None)));
        });
        raster.take_textures(&output.textures_delta);
        output.textures_delta.clear();
        raster.clear();
        raster.draw(&context.tessellate(output.shapes, output.pixels_per_point), scale);
    }
    Ok(raster)
}
