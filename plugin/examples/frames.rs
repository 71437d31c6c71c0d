//! What one drawing of the window costs, stage by stage, while music plays: `cargo run --release -p sceneloop-plugin --example frames --
//! [SECONDS ["scene text"]]`.
//!
//! A window of 1280 by 800 points is opened on the stack that the plugin's has: baseview, OpenGL, egui_glow. nice-plug's own window tells no
//! times, so this one takes the same steps in the same order, and waits for OpenGL before it looks at the clock: the work of a
//! rasteriser in software falls into the stage that asked for it. Without a display: `cargo xtask window`.

#[path = "frames/screen.rs"]
mod screen;

use nice_plug_egui::baseview::dpi::LogicalSize;
use nice_plug_egui::baseview::gl::GlConfig;
use nice_plug_egui::baseview::{Window, WindowSettings};
use sceneloop_engine::{Controls, Engine, Output, PlayMode, StreamReader};
use sceneloop_music::{Bpm, Metre, Playhead};
use sceneloop_plugin::params::SceneloopParams;
use sceneloop_plugin::state::EngineSlot;
use screen::{Frame, Screen, Seen, Stage};
use std::error::Error;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

const SCENE: &str = "cyberpunk city, rain:0.5";
const SECONDS: f64 = 15.0;
/// The tempo of the music, BPM.
const TEMPO: f64 = 112.0;
/// Frames of a block, and of a second.
const BLOCK: usize = 256;
const RATE: f64 = 48_000.0;
/// What a drawing should cost at most, milliseconds.
const WANTED: f64 = 4.0;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let seconds = arguments.next().map_or(Ok(SECONDS), |text| text.parse())?;
    let scene = arguments.next().unwrap_or_else(|| SCENE.into());
    let engine = Engine::new()?;
    engine.set_scene(&scene)?;
    let params = Arc::new(SceneloopParams::new(EngineSlot::new(Ok(engine.clone()))));
    let stop = Arc::new(AtomicBool::new(false));
    let music = {
        let (reader, stop) = (engine.open_stream(RATE)?, stop.clone());
        std::thread::spawn(move || play(reader, &stop))
    };
    let seen = Arc::new(Mutex::new(Seen::default()));
    let settings = WindowSettings::new()
        .with_title("Sceneloop frames")
        .with_size(LogicalSize::new(1280.0, 800.0))
        .with_gl_config(Some(GlConfig::default()));
    let window = {
        let (seen, length) = (seen.clone(), Duration::from_secs_f64(seconds));
        Window::create(settings, move |window| Screen::new(window, params, length, seen))?
    };
    let shown = window.run_until_closed();
    stop.store(true, Ordering::Relaxed);
    music.join().map_err(|_| "the music broke off")?;
    shown?;
    report(&seen.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Plays in real time until told to stop, as a host would.
fn play(mut reader: StreamReader, stop: &AtomicBool) {
    let bpm = Bpm::new(TEMPO).unwrap_or_default();
    let controls = Controls { play: PlayMode::Always, ..Controls::default() };
    let mut playhead = Playhead::at(0.0, bpm, Metre::FOUR_FOUR, true);
    let (mut left, mut right) = ([0.0f32; BLOCK], [0.0f32; BLOCK]);
    let block = Duration::from_secs_f64(BLOCK as f64 / RATE);
    let mut due = Instant::now();
    while !stop.load(Ordering::Relaxed) {
        let output = Output { main: [&mut left, &mut right], stems: None };
        reader.process(&playhead, &controls, output, &mut |_| ());
        playhead = playhead.advanced(BLOCK as f64 * bpm.quarters_per_frame(RATE));
        due += block;
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
    }
}

fn report(seen: &Seen) -> Result<(), Box<dyn Error>> {
    let [width, height] = seen.pixels;
    let frames = &seen.frames;
    if frames.len() < 10 {
        return Err("fewer than ten drawings: was the window shown, and did music play?".into());
    }
    println!(
        "{width} by {height} pixels on {}; {} drawings of the window, one every {:.0} ms, while music plays",
        seen.renderer,
        frames.len(),
        seen.apart.as_secs_f64() * 1e3
    );
    println!("milliseconds                       median     95 %     most     work");
    for stage in Stage::ALL {
        let stage_of = |frame: &Frame| (frame.stages[stage as usize], frame.work[stage as usize]);
        row(stage.words(), frames.iter().map(stage_of).collect());
    }
    let whole = row("all of it", frames.iter().map(Frame::whole).collect());
    row("an empty drawing: cleared, shown", seen.empty.iter().map(Frame::whole).collect());
    let last = &frames[frames.len() - 1];
    println!("{} triangles in {} draws fill the window {:.1} times", last.triangles, last.draws, last.fills);
    let said = if whole <= WANTED { "is within" } else { "is above" };
    println!("work: of the window's own thread; LP_NUM_THREADS=0 has Mesa's rasteriser work on it too");
    println!("the median {said} the {WANTED:.0} ms that are wanted");
    Ok(())
}

/// One line of the table, of times and of how much of each the window's thread was at work; the median time in milliseconds.
fn row(name: &str, times: Vec<(Duration, Duration)>) -> f64 {
    let (mut times, mut work): (Vec<Duration>, Vec<Duration>) = times.into_iter().unzip();
    let ms = |times: &mut Vec<Duration>, share: usize| {
        times.sort_unstable();
        let at = (times.len() * share / 100).min(times.len().saturating_sub(1));
        times.get(at).map_or(0.0, |time| time.as_secs_f64() * 1e3)
    };
    let median = ms(&mut times, 50);
    let (high, most, work) = (ms(&mut times, 95), ms(&mut times, 100), ms(&mut work, 50));
    println!("{name:<34} {median:>6.2}   {high:>6.2}   {most:>6.2}   {work:>6.2}");
    median
}
