//! The network as composer, as a bounce and a user meet it.

use sceneloop_engine::composer::{NETWORK, TEACHER};
use sceneloop_engine::export::{EnergyCurve, Take, TakeRequest};
use sceneloop_engine::{Author, Choice, Controls, Engine, Preference};
use sceneloop_music::{Bpm, Energy, Metre};

fn take(preference: Preference, scene: &str, seed: u32) -> (Take, Engine) {
    let engine = Engine::with(preference).unwrap();
    engine.set_scene(scene).unwrap();
    let request = TakeRequest {
        bpm: Bpm::new(140.0).unwrap(),
        metre: Metre::FOUR_FOUR,
        bars: 6,
        curve: EnergyCurve::level(Energy::new(70.0)),
        controls: Controls { seed, bars: 2, ..Controls::default() },
        sample_rate: 22_050,
        tail_seconds: 0.0,
        stems: false,
    };
    (Take::render(&engine, request, |_| ()).unwrap(), engine)
}

fn authors(take: &Take) -> Vec<&'static str> {
    take.loops.iter().map(|played| played.playing.composer).collect()
}

#[test]
fn a_bounce_is_written_by_the_network_and_is_the_same_each_time() {
    let preference = Preference { author: Author::Network, device: Choice::Cpu };
    let (one, engine) = take(preference, "techno", 3);
    assert_eq!(authors(&one), [NETWORK; 3]);
    assert_eq!(engine.health().composer(), NETWORK);
    assert_eq!(engine.health().device(), "CPU");
    for played in &one.loops {
        assert_eq!(played.playing.grid.validate(), Ok(()));
    }
    assert_ne!(
        one.loops[0].playing.grid.clips, one.loops[1].playing.grid.clips,
        "the second loop is a variation"
    );
    let (two, _) = take(preference, "techno", 3);
    assert_eq!(one.notes, two.notes);
    let (other, _) = take(preference, "techno", 4);
    assert_ne!(one.notes, other.notes);
}

#[test]
fn without_a_graphics_card_the_network_runs_on_the_cpu_and_says_so() {
    let (taken, engine) = take(Preference { author: Author::Auto, device: Choice::Gpu }, "jazz", 1);
    assert_eq!(authors(&taken), [NETWORK; 3]);
    // The card is tried beside the music; its answer may come after it.
    let begun = std::time::Instant::now();
    let answered = || {
        let told = engine.health().last_error();
        engine.health().device() != "CPU" || told.is_some_and(|sentence| sentence.contains("runs on the CPU"))
    };
    while !answered() && begun.elapsed().as_secs() < 30 {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    assert!(answered());
}

#[test]
fn the_teacher_writes_where_nobody_asks_for_the_network() {
    let (taken, engine) = take(Preference::default(), "techno", 3);
    assert_eq!(authors(&taken), [TEACHER; 3]);
    assert_eq!(engine.health().composer(), TEACHER);
}
