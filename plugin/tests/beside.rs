//! An open window beside the audio thread: whatever is drawn and clicked, the audio thread allocates nothing, and what a host bounces
//! is the same to the bit.

use assert_no_alloc::{AllocDisabler, assert_no_alloc};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use sceneloop_engine::{Controls, Engine, Output, PlayMode, Preference, StreamReader};
use sceneloop_music::{Bpm, Metre, Playhead};
use sceneloop_plugin::editor::{Setter, View, apply_look};
use sceneloop_plugin::host_guard::HostLink;
use sceneloop_plugin::params::SceneloopParams;
use sceneloop_plugin::state::EngineSlot;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

#[global_allocator]
static GUARD: AllocDisabler = AllocDisabler;

const BLOCK: usize = 256;
const RATE: f64 = 48_000.0;

fn engine() -> Engine {
    let engine = Engine::with_notes(Preference::TEACHER, None).unwrap();
    engine.set_scene("techno").unwrap();
    engine
}

fn window(engine: &Engine) -> Harness<'static> {
    let params = Arc::new(SceneloopParams::new(EngineSlot::new(Ok(engine.clone()))));
    let mut view = View::new(params, HostLink::current(), Arc::default());
    let mut dressed = false;
    let show = move |ui: &mut egui::Ui| {
        if !std::mem::replace(&mut dressed, true) {
            apply_look(ui.ctx(), egui::Theme::Dark);
        }
        view.show(ui, &Setter::new(None));
    };
    Harness::builder().with_size(egui::vec2(1280.0, 800.0)).build_ui(show)
}

/// Plays in real time until told to stop; the loudest sample.
fn live(mut reader: StreamReader, stop: &AtomicBool) -> f32 {
    let bpm = Bpm::new(140.0).unwrap();
    let controls = Controls { play: PlayMode::Always, preference: None, ..Controls::default() };
    let mut playhead = Playhead::at(0.0, bpm, Metre::FOUR_FOUR, true);
    let (mut left, mut right) = ([0.0f32; BLOCK], [0.0f32; BLOCK]);
    let mut heard = 0.0f32;
    while !stop.load(Ordering::Relaxed) {
        assert_no_alloc(|| {
            let output = Output { main: [&mut left, &mut right], stems: None };
            reader.process(&playhead, &controls, output, &mut |_| ());
        });
        heard = left.iter().fold(heard, |peak, sample| peak.max(sample.abs()));
        playhead = playhead.advanced(BLOCK as f64 * bpm.quarters_per_frame(RATE));
        std::thread::sleep(Duration::from_secs_f64(BLOCK as f64 / RATE));
    }
    heard
}

struct StopAtEnd<'a>(&'a AtomicBool);

impl Drop for StopAtEnd<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn an_open_window_costs_the_audio_thread_nothing() {
    let engine = engine();
    let reader = engine.open_stream(RATE).unwrap();
    let stop = AtomicBool::new(false);
    let heard = std::thread::scope(|scope| {
        let audio = scope.spawn(|| live(reader, &stop));
        let _stop = StopAtEnd(&stop); // also where something below fails
        let mut window = window(&engine);
        let names = [
            "Regenerate Bass",
            "Lock Drums",
            "New variation",
            "Hold loop",
            "Version B",
            "Boss",
            "Regenerate Lead",
        ];
        for round in 0..140 {
            window.step();
            if round % 10 == 9 {
                let name = names[round / 10 % names.len()];
                window.get_all_by_label_contains(name).next().expect(name).click();
            }
            if round % 30 == 29 {
                let patches: Vec<_> = engine.patches(sceneloop_music::Role::Bass).collect();
                engine.set_patch(sceneloop_music::Role::Bass, Some(patches[round / 30].0)).unwrap();
            }
            std::thread::sleep(Duration::from_millis(16));
        }
        stop.store(true, Ordering::Relaxed);
        audio.join().expect("the audio thread allocated")
    });
    assert!(heard > 0.01, "it did play");
    assert!(!engine.edits().is_none(), "the window did change something");
}

#[test]
fn what_is_bounced_does_not_depend_on_the_window() {
    let bounce = |looks: bool| {
        let engine = engine();
        let mut window = looks.then(|| window(&engine));
        let mut reader = engine.open_stream(RATE).unwrap();
        let bpm = Bpm::new(140.0).unwrap();
        let mut playhead = Playhead::at(0.0, bpm, Metre::FOUR_FOUR, true);
        let (mut left, mut right) = ([0.0f32; BLOCK], [0.0f32; BLOCK]);
        let mut audio = Vec::new();
        for block in 0..900 {
            let output = Output { main: [&mut left, &mut right], stems: None };
            let controls = Controls { preference: None, ..Controls::default() };
            reader.process_offline(&playhead, &controls, output, &mut |_| ());
            audio.extend_from_slice(&left);
            playhead = playhead.advanced(BLOCK as f64 * bpm.quarters_per_frame(RATE));
            if let Some(window) = window.as_mut().filter(|_| block % 60 == 0) {
                window.step();
            }
        }
        audio
    };
    assert!(bounce(true) == bounce(false));
}
