//! What it costs when a thread stands still or panics: never the music.

mod paced;

use paced::{BLOCK, Host, RATE, SECOND};
use sceneloop_engine::fault::{Fault, Victim};
use sceneloop_engine::{Controls, Engine, Output, Preference};
use sceneloop_music::{Bpm, Metre, Playhead};
use std::time::Duration;

#[test]
fn a_renderer_that_stands_still_is_an_underrun_with_a_fade() {
    let mut host = Host::playing("techno");
    let before = host.engine.health().underruns();
    let music = host.left.len();
    host.engine.inject(Victim::Renderer, Fault::Stall(Duration::from_secs(1)));
    host.play(SECOND);
    assert!(host.engine.health().underruns() > before);
    assert_eq!(host.peak_of_last(SECOND / 4), 0.0, "the ring holds an eighth of a second");
    assert!(host.sounding.is_empty(), "notes hang: {:?}", host.sounding);
    host.play(2 * SECOND);
    assert!(host.peak_of_last(SECOND) > 0.01, "it did not come back");
    // Two seconds of music hold its widest steps; a click would be wider.
    let (known, after) = (host.widest_step(0..music), host.widest_step(music..host.left.len()));
    assert!(after <= 1.2 * known, "a step of {after}, in the music before of {known}");
    assert_eq!(host.engine.health().restarts(), 0);
}

#[test]
fn a_renderer_that_panics_goes_on_and_it_is_told() {
    let mut host = Host::playing("techno");
    host.engine.inject(Victim::Renderer, Fault::Panic);
    host.play(2 * SECOND);
    assert!(host.peak_of_last(SECOND) > 0.01);
    assert_eq!(host.engine.health().restarts(), 1);
    assert!(host.engine.health().last_error().unwrap().contains("renderer"));
}

/// The loop that plays goes on; a scene that was asked for meanwhile comes when the composer does.
fn without_composer(seconds: usize) {
    let mut host = Host::playing("techno");
    let before = host.engine.health().underruns();
    host.engine.inject(Victim::Composer, Fault::Stall(Duration::from_secs(seconds as u64)));
    host.engine.set_scene("ambient").unwrap();
    for half in 0..2 * seconds {
        host.play(SECOND / 2);
        assert!(host.peak_of_last(SECOND / 2) > 0.001, "silent {half} halves of a second after");
    }
    assert_eq!(host.engine.health().underruns(), before);
    host.play(5 * SECOND);
    assert!(host.engine.now_playing().unwrap().scene.text.starts_with("ambient"));
}

#[test]
fn a_composer_that_stands_still_costs_no_sound() {
    without_composer(4);
}

#[test]
#[ignore = "takes most of a minute"]
fn a_composer_that_stands_still_for_half_a_minute_costs_no_sound() {
    without_composer(30);
}

#[test]
fn a_composer_that_panics_goes_on_and_it_is_told() {
    let mut host = Host::playing("techno");
    host.engine.inject(Victim::Composer, Fault::Panic);
    host.engine.set_scene("ambient").unwrap();
    host.play(5 * SECOND);
    assert!(host.engine.now_playing().unwrap().scene.text.starts_with("ambient"));
    assert_eq!(host.engine.health().restarts(), 1);
    assert!(host.engine.health().last_error().unwrap().contains("composer"));
}

#[test]
fn a_bounce_ends_whatever_panics() {
    let engine = Engine::with(Preference::TEACHER).unwrap();
    let mut reader = engine.open_stream(RATE).unwrap();
    let bpm = Bpm::new(128.0).unwrap();
    let mut peak = 0.0f32;
    for block in 0..400 {
        match block {
            100 => engine.inject(Victim::Renderer, Fault::Panic),
            200 => engine.inject(Victim::Composer, Fault::Panic),
            _ => {}
        }
        let (mut left, mut right) = ([f32::NAN; BLOCK], [f32::NAN; BLOCK]);
        let position = (block * BLOCK) as f64 * bpm.quarters_per_frame(RATE);
        let playhead = Playhead::at(position, bpm, Metre::FOUR_FOUR, true);
        let output = Output { main: [&mut left, &mut right], stems: None };
        reader.process_offline(&playhead, &Controls::default(), output, &mut |_| ());
        assert!(left.iter().all(|sample| sample.is_finite()));
        if block >= 300 {
            peak = left.iter().fold(peak, |peak, sample| peak.max(sample.abs()));
        }
    }
    assert_eq!(engine.health().restarts(), 2);
    assert!(peak > 0.01, "silence after the failures");
}
