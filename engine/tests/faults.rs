//! What it costs when a thread stands still or panics: never the music.

mod paced;

use paced::{BLOCK, Bounce, Host, RATE, SECOND};
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
    let (before, music) = (host.engine.health().underruns(), host.left.len());
    host.engine.inject(Victim::Renderer, Fault::Panic);
    host.play(2 * SECOND);
    assert!(host.peak_of_last(SECOND) > 0.01);
    assert_eq!(host.engine.health().restarts(), 1);
    assert!(host.engine.health().underruns() > before, "the block that failed is missing, and counted");
    assert!(host.engine.health().last_error().unwrap().contains("renderer"));
    let (known, after) = (host.widest_step(0..music), host.widest_step(music..host.left.len()));
    assert!(after <= 1.2 * known, "a step of {after}, in the music before of {known}");
    // No note hangs: once the transport stands, none sounds.
    host.playhead.playing = false;
    host.play(SECOND / 2);
    assert!(host.sounding.is_empty(), "{:?}", host.sounding);
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

/// What a bounce plays while things fail at some of its blocks of 10 ms: the loudest sample of its second half, and underruns.
fn bounced(scene: &str, blocks: usize, fail: impl Fn(&Engine, usize)) -> (f32, u64) {
    let mut bounce = Bounce::new(scene, 0.0);
    for block in 0..blocks {
        fail(&bounce.engine, block);
        bounce.block(&Controls { bars: 1, ..Controls::default() });
    }
    assert!(bounce.left.iter().all(|sample| sample.is_finite()));
    let second_half = &bounce.left[blocks / 2 * BLOCK..];
    let peak = second_half.iter().fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
    (peak, bounce.engine.health().underruns())
}

#[test]
fn a_bounce_ends_whatever_panics() {
    let (peak, _) = bounced("techno", 400, |engine, block| match block {
        100 => engine.inject(Victim::Renderer, Fault::Panic),
        200 => engine.inject(Victim::Composer, Fault::Panic),
        _ => {}
    });
    assert!(peak > 0.01, "silence");
}

/// The loop that was being written is lost with it, and asked for again.
#[test]
fn a_composer_that_panics_while_it_writes_costs_a_bounce_nothing() {
    let clock = std::time::Instant::now();
    let (peak, underruns) = bounced("jazz", 800, |engine, block| {
        if block % 150 == 100 {
            engine.inject(Victim::Composer, Fault::PanicWriting);
        }
    });
    assert!(peak > 0.01 && underruns == 0, "{peak}, {underruns} underruns");
    // Whoever is not asked again is waited for much longer than that.
    assert!(clock.elapsed() < Duration::from_secs(40));
}

/// What a live panic leaves behind is not heard in the bounce after it.
#[test]
fn a_bounce_after_a_panic_is_the_same_as_without() {
    let play = |panics: bool| {
        let engine = Engine::with(Preference::TEACHER).unwrap();
        engine.set_scene("techno").unwrap();
        let mut reader = engine.open_stream(RATE).unwrap();
        let bpm = Bpm::new(128.0).unwrap();
        let mut playhead = Playhead::at(0.0, bpm, Metre::FOUR_FOUR, true);
        let mut audio = Vec::new();
        for block in 0..300 {
            if panics && block == 50 {
                engine.inject(Victim::Renderer, Fault::Panic);
            }
            let (mut left, mut right) = ([f32::NAN; BLOCK], [f32::NAN; BLOCK]);
            let output = Output { main: [&mut left, &mut right], stems: None };
            if block < 100 {
                reader.process(&playhead, &Controls::default(), output, &mut |_| {});
                std::thread::sleep(Duration::from_millis(10));
            } else {
                reader.process_offline(&playhead, &Controls::default(), output, &mut |_| {});
                audio.extend(left);
            }
            playhead = playhead.advanced(BLOCK as f64 * bpm.quarters_per_frame(RATE));
        }
        assert_eq!(engine.health().restarts(), u32::from(panics));
        audio
    };
    let (wanted, after) = (play(false), play(true));
    // The tail of what was live is another.
    assert!(wanted[64..].iter().any(|sample| sample.abs() > 0.01));
    assert!(after[64..] == wanted[64..]);
}
