//! What playing costs: plays all roles at energy 100 in real time for some seconds and prints the share of the block that
//! `StreamReader::process` took, and on Linux the share of a core that the engine's threads took.
//! `cargo xtask measure cost [SECONDS] [FRAMES] [SCENE]`

use sceneloop_engine::{Controls, Engine, Output};
use sceneloop_music::{Bpm, Energy, Metre, Playhead};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

const RATE: f64 = 48_000.0;

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let seconds: f64 = arguments.next().map_or(Ok(10.0), |text| text.parse())?;
    let frames: usize = arguments.next().map_or(Ok(64), |text| text.parse())?;
    let scene = arguments.next().unwrap_or_else(|| "cyberpunk city, rain".into());
    let engine = Engine::new()?;
    engine.set_scene(&scene)?;
    let mut reader = engine.open_stream(RATE)?;
    let bpm = Bpm::new(128.0)?;
    let block = Duration::from_secs_f64(frames as f64 / RATE);
    let controls = Controls { energy: Energy::new(100.0), ..Controls::default() };
    let mut main: [Vec<f32>; 2] = std::array::from_fn(|_| vec![0.0; frames]);
    let mut stems: [[Vec<f32>; 2]; 7] = std::array::from_fn(|_| main.clone());
    let blocks = (seconds * RATE / frames as f64) as usize;
    let mut times = Vec::with_capacity(blocks);
    let start = Instant::now();
    let mut at_start = (start, BTreeMap::new());
    // The transport stands for the first half second, as in a host.
    let standing = (0.5 * RATE / frames as f64) as usize;
    for index in 0..blocks + standing {
        let due = start + block.mul_f64(index as f64);
        if let Some(wait) = due.checked_duration_since(Instant::now()) {
            std::thread::sleep(wait);
        }
        let playing = index >= standing;
        let frame = index.saturating_sub(standing) * frames;
        let playhead =
            Playhead::at(frame as f64 * bpm.quarters_per_frame(RATE), bpm, Metre::FOUR_FOUR, playing);
        let before = Instant::now();
        let [left, right] = &mut main;
        let stems = stems.each_mut().map(|stem| stem.each_mut().map(|side| &mut side[..]));
        let output = Output { main: [left, right], stems: Some(stems) };
        reader.process(&playhead, &controls, output, &mut |_| {});
        if playing {
            times.push(before.elapsed());
        }
        if index == standing {
            at_start = (Instant::now(), threads());
        }
    }
    let played = at_start.0.elapsed().as_secs_f64();
    let at_end = threads();
    times.sort();
    let share = |time: Duration| 100.0 * time.as_secs_f64() / block.as_secs_f64();
    let at = |part: f64| times[((times.len() - 1) as f64 * part) as usize];
    let mean = times.iter().sum::<Duration>() / times.len() as u32;
    println!("{blocks} blocks of {frames} frames at {RATE} Hz, {} underruns", engine.health().underruns());
    for (name, time) in
        [("mean", mean), ("p50", at(0.5)), ("p99", at(0.99)), ("p99.9", at(0.999)), ("worst", at(1.0))]
    {
        println!("{name:<6} {:8.2} us {:6.2} % of the block", time.as_secs_f64() * 1e6, share(time));
    }
    println!("\n\"{scene}\", share of a core in {played:.1} s:");
    for (name, seconds) in &at_end {
        let before = at_start.1.get(name).copied().unwrap_or(0.0);
        println!("{name:<20} {:6.2} %", 100.0 * (seconds - before) / played);
    }
    Ok(())
}

/// Seconds of a core that the threads of each name have taken; empty where the system does not tell.
fn threads() -> BTreeMap<String, f64> {
    let mut seconds = BTreeMap::new();
    for task in std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten() {
        let read = |file: &str| std::fs::read_to_string(task.path().join(file)).unwrap_or_default();
        // Nanoseconds on a core, first of three numbers.
        let ran = read("schedstat").split_whitespace().next().and_then(|text| text.parse::<f64>().ok());
        *seconds.entry(read("comm").trim().to_owned()).or_insert(0.0) += ran.unwrap_or(0.0) * 1e-9;
    }
    seconds
}
