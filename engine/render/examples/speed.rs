//! Prints the processor time of each role with each shipped patch, alone, as nanoseconds a frame at 48 kHz and as a share
//! of real time: where the time goes. Patches are chosen by their ids or by what these begin with.
//!
//! `cargo run --release -p sceneloop-render --example speed [-- PATCH... | kit tex]`

#[path = "../tests/support/mod.rs"]
mod support;

use sceneloop_music::Role;
use sceneloop_render::Renderer;
use std::time::Instant;

fn main() {
    let bank = support::bank();
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let frames = (support::QUARTERS * 60.0 / support::BPM * 48_000.0) as u64;
    for role in Role::ALL {
        let events = support::events(&support::typical_part(role), 48_000.0, support::BPM);
        let chosen = |id: &&str| wanted.is_empty() || wanted.iter().any(|w| id.starts_with(w.as_str()));
        for id in bank.ids(role).filter(chosen) {
            let mut renderer = Renderer::new(48_000.0, &support::patches_with(&bank, id), 1).unwrap();
            // The best of some runs: what else the machine does only ever adds time.
            let best = (0..4)
                .map(|_| {
                    renderer.reset();
                    let start = Instant::now();
                    support::play(&mut renderer, &events, frames, |_| ());
                    start.elapsed().as_secs_f64()
                })
                .fold(f64::INFINITY, f64::min);
            let frame = best / frames as f64;
            println!(
                "{id:22} {:7.1} ns a frame {:7.2} % of real time",
                frame * 1e9,
                frame * 48_000.0 * 100.0
            );
        }
    }
}
