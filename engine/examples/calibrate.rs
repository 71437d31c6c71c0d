//! Measures how loud each tag's mix is at energy 70 and prints `assets/levels.toml` as it should be.
//!
//! `cargo run --release -p sceneloop-engine --example calibrate > levels.toml`, then move the file to `assets/`. The new trims start from
//! the shipped ones, so a second run comes nearer; each is the mean over three seeds. What is measured goes to
//! standard error: loudness before, spread over the seeds.

use sceneloop_engine::assets::Assets;
use sceneloop_engine::export::{EnergyCurve, Take, TakeRequest, report};
use sceneloop_engine::loudness::TARGET_LUFS;
use sceneloop_engine::{Controls, Engine, Preference};
use sceneloop_music::{Energy, Metre};

fn main() -> anyhow::Result<()> {
    let assets = Assets::shipped()?;
    let tags: Vec<&str> = assets.scenes.tags().iter().map(|tag| tag.id.as_str()).collect();
    let half = tags.len().div_ceil(2);
    let measured: Vec<_> = std::thread::scope(|scope| {
        let workers: Vec<_> = tags.chunks(half).map(|tags| scope.spawn(move || measure(tags))).collect();
        workers.into_iter().map(|worker| worker.join()).collect()
    });
    println!(
        "# Decibels by which each tag's mix is raised so that it lies at {TARGET_LUFS} LUFS at energy 70."
    );
    println!("# Written by: cargo run --release -p sceneloop-engine --example calibrate");
    println!("[trim_db]");
    for half in measured {
        let Ok(half) = half else { anyhow::bail!("a measurement failed") };
        for (tag, levels) in half? {
            let mean = levels.iter().sum::<f64>() / levels.len() as f64;
            let trim = f64::from(assets.levels.tag_db(&tag)) + TARGET_LUFS - mean;
            let spread = levels.iter().fold(0.0f64, |spread, level| spread.max((level - mean).abs()));
            eprintln!("{tag:<22} {mean:7.2} LUFS, seeds within {spread:.2} dB");
            println!("\"{tag}\" = {trim:.1}");
        }
    }
    Ok(())
}

fn measure(tags: &[&str]) -> anyhow::Result<Vec<(String, Vec<f64>)>> {
    let engine = Engine::with(Preference::TEACHER)?;
    let mut all = Vec::new();
    for tag in tags {
        engine.set_scene(tag)?;
        let bpm = report::default_bpm(engine.scene().tempo);
        let mut levels = Vec::new();
        for seed in [101, 202, 303] {
            let request = TakeRequest {
                bpm,
                metre: Metre::FOUR_FOUR,
                bars: 8,
                curve: EnergyCurve::level(Energy::new(70.0)),
                controls: Controls { seed, ..Controls::default() },
                sample_rate: 48_000,
                tail_seconds: 0.0,
                stems: false,
            };
            let take = Take::render(&engine, request, |_| {})?;
            levels.push(report::measure_audio(&take.main, 48_000)?.loudness_lufs);
        }
        all.push(((*tag).to_string(), levels));
    }
    Ok(all)
}
