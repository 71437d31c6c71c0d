//! What rendering costs, by patch and by style, as JSON: seconds of music in one second on one core.
//!
//! `cargo run --release -p sceneloop-engine --example cost`. A patch plays the typical part of its role with the other
//! roles silent; a style plays those of all seven roles with the patches of its baseline. The best of some runs counts; where
//! the system tells it (Linux), what counts is the time the core was ours, so that a busy machine does little harm.

#[path = "../render/tests/support/mod.rs"]
mod support;

use sceneloop_engine::assets::Assets;
use sceneloop_music::{PerRole, Role, Style};
use sceneloop_render::{Patch, Renderer};
use serde_json::json;
use std::hint::black_box;
use std::time::Instant;
use support::{BPM, PartNote, QUARTERS, events, patches_with, play, typical_part};

const RATE: f64 = 48_000.0;
const RUNS: usize = 3;

fn main() -> anyhow::Result<()> {
    let assets = Assets::shipped()?;
    let mut patches = Vec::new();
    for role in Role::ALL {
        for id in assets.patches.ids(role) {
            let speed = times_real_time(&patches_with(&assets.patches, id), &typical_part(role))?;
            patches.push((speed, json!({ "patch": id, "times real time": speed })));
        }
    }
    let everything: Vec<PartNote> = Role::ALL.into_iter().flat_map(typical_part).collect();
    let mut styles = Vec::new();
    for style in Style::ALL {
        let baseline = assets.scenes.baseline(*style);
        let patch = |role| baseline.patches.get(&role).and_then(|id| assets.patches.get(id)).copied();
        let Some(rack) = Role::ALL.into_iter().map(patch).collect::<Option<Vec<Patch>>>() else {
            anyhow::bail!("{style} names a patch that does not exist");
        };
        let speed = times_real_time(&PerRole::from_fn(|role| rack[role.index()]), &everything)?;
        styles.push((speed, json!({ "style": style.name(), "times real time": speed })));
    }
    let slowest_first = |mut rows: Vec<(f64, serde_json::Value)>| -> Vec<serde_json::Value> {
        rows.sort_by(|a, b| a.0.total_cmp(&b.0));
        rows.into_iter().map(|(_, row)| row).collect()
    };
    let report = json!({
        "Cost by style, all roles, one core": slowest_first(styles),
        "Cost by patch, alone, one core": slowest_first(patches),
    });
    println!("{}", serde_json::to_string_pretty(&report)?);
    Ok(())
}

fn times_real_time(patches: &PerRole<Patch>, notes: &[PartNote]) -> anyhow::Result<f64> {
    let events = events(notes, RATE, BPM);
    let seconds = QUARTERS * 60.0 / BPM;
    let mut renderer = Renderer::new(RATE, patches, 1)?;
    let mut best = f64::INFINITY;
    for _ in 0..RUNS {
        renderer.reset();
        let (started, used) = (Instant::now(), core_seconds());
        play(&mut renderer, &events, (seconds * RATE) as u64, |block| {
            black_box(block);
        });
        let elapsed = started.elapsed().as_secs_f64();
        best = best.min(used.zip(core_seconds()).map_or(elapsed, |(before, after)| after - before));
    }
    Ok((10.0 * seconds / best).round() / 10.0)
}

/// Seconds that this thread has had a core, where the system tells.
fn core_seconds() -> Option<f64> {
    let times = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds: u64 = times.split_whitespace().next()?.parse().ok()?;
    Some(nanoseconds as f64 * 1e-9)
}
