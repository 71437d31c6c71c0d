//! The network as composer, as a bounce and a user meet it.

use sceneloop_engine::composer::{NETWORK, TEACHER};
use sceneloop_engine::export::{EnergyCurve, Take, TakeRequest};
use sceneloop_engine::{Author, Choice, Controls, Engine, NowPlaying, Output, Preference, StreamReader};
use sceneloop_music::{Bpm, Energy, Metre, Playhead};
use std::sync::Arc;
use std::time::{Duration, Instant};

const ON_THE_CPU: Preference = Preference { author: Author::Network, device: Choice::Cpu };

fn take(preference: Preference, scene: &str, seed: u32) -> (Take, Engine) {
    take_with(Engine::with_notes(preference, None).unwrap(), scene, seed)
}

fn take_with(engine: Engine, scene: &str, seed: u32) -> (Take, Engine) {
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

fn wait_for(condition: impl Fn() -> bool) {
    let begun = Instant::now();
    while !condition() {
        assert!(begun.elapsed().as_secs() < 60, "it never came");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn authors(take: &Take) -> Vec<&'static str> {
    take.loops.iter().map(|played| played.playing.composer).collect()
}

#[test]
fn a_bounce_is_written_by_the_network_and_is_the_same_each_time() {
    let (one, engine) = take(ON_THE_CPU, "techno", 3);
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
    let (two, _) = take(ON_THE_CPU, "techno", 3);
    assert_eq!(one.notes, two.notes);
    let (other, _) = take(ON_THE_CPU, "techno", 4);
    assert_ne!(one.notes, other.notes);
}

#[test]
fn without_a_graphics_card_the_network_runs_on_the_cpu_and_says_so() {
    let (taken, engine) = take(Preference { author: Author::Auto, device: Choice::Gpu }, "jazz", 1);
    assert_eq!(authors(&taken), [NETWORK; 3]);
    // The card is tried beside the music; its answer may come after it.
    let answered = || {
        let told = engine.health().last_error();
        engine.health().device() != "CPU" || told.is_some_and(|sentence| sentence.contains("runs on the CPU"))
    };
    wait_for(answered);
}

#[test]
fn after_a_crash_the_network_runs_on_the_cpu_and_says_so() {
    let notes = tempfile::tempdir().unwrap();
    let note = notes.path().join("gpu-attempt");
    std::fs::write(&note, "GPU attempt begun\n").unwrap();
    let engine = |device| {
        let preference = Preference { author: Author::Network, device };
        Engine::with_notes(preference, Some(notes.path().to_owned())).unwrap()
    };
    let (taken, left) = take_with(engine(Choice::Auto), "techno", 3);
    assert_eq!(authors(&taken), [NETWORK; 3]);
    assert_eq!(left.health().device(), "CPU");
    let sentence = left.health().last_error().unwrap();
    assert!(sentence.contains("graphics card") && sentence.contains("on the CPU"), "{sentence}");
    assert!(note.exists(), "the next program is to know as well");
    drop(left);
    // Asked for, it is tried again; either way that attempt ends.
    let (_, again) = take_with(engine(Choice::Gpu), "techno", 3);
    wait_for(|| !note.exists());
    drop(again);
}

#[test]
fn the_teacher_writes_where_nobody_asks_for_the_network() {
    let (taken, engine) = take(Preference::TEACHER, "techno", 3);
    assert_eq!(authors(&taken), [TEACHER; 3]);
    assert_eq!(engine.health().composer(), TEACHER);
}

/// Bounces bars of one loop each: what played in each of them.
fn bounce(
    engine: &Engine,
    reader: &mut StreamReader,
    bars: std::ops::Range<i32>,
    controls: &Controls,
) -> Vec<Arc<NowPlaying>> {
    const RATE: f64 = 22_050.0;
    const BLOCK: usize = 441;
    let bpm = Bpm::new(150.0).unwrap();
    let blocks_per_bar = (1.6 * RATE / BLOCK as f64) as usize;
    let (mut left, mut right) = ([0.0; BLOCK], [0.0; BLOCK]);
    let mut bar = |bar: i32| {
        for block in 0..blocks_per_bar {
            let position = 4.0 * f64::from(bar) + (block * BLOCK) as f64 * bpm.quarters_per_frame(RATE);
            let playhead = Playhead::at(position, bpm, Metre::FOUR_FOUR, true);
            let output = Output { main: [&mut left, &mut right], stems: None };
            reader.process_offline(&playhead, controls, output, &mut |_| ());
            if block == blocks_per_bar / 2 {
                let now = engine.now_playing().unwrap();
                assert_eq!(now.loop_index, i64::from(bar));
                return now;
            }
        }
        unreachable!("half of the blocks come before all of them")
    };
    bars.map(&mut bar).collect()
}

fn names(played: &[Arc<NowPlaying>]) -> Vec<&'static str> {
    played.iter().map(|now| now.composer).collect()
}

#[test]
fn another_composer_writes_from_the_next_new_loop_on() {
    let engine = Engine::with(Preference::TEACHER).unwrap();
    let controls = Controls { bars: 1, seed: 3, ..Controls::default() };
    let mut reader = engine.open_stream(22_050.0).unwrap();
    // The loop after the one that plays has been asked for already.
    let mut first = bounce(&engine, &mut reader, 0..2, &controls);
    engine.set_preference(ON_THE_CPU);
    assert_eq!(engine.preference(), ON_THE_CPU);
    first.extend(bounce(&engine, &mut reader, 2..5, &controls));
    assert_eq!(engine.health().composer(), NETWORK);
    assert_eq!(engine.health().last_error(), None);
    engine.set_preference(Preference::TEACHER);
    first.extend(bounce(&engine, &mut reader, 5..8, &controls));
    // The sixth was asked of the network, which may or may not have been done with it.
    assert_eq!(names(&first)[..5], [TEACHER, TEACHER, TEACHER, NETWORK, NETWORK]);
    assert_eq!(names(&first)[6..], [TEACHER; 2]);
    assert_eq!(engine.health().composer(), TEACHER);
    // A renderer that knows nothing yet is given the same loops.
    let mut reader = engine.open_stream(22_050.0).unwrap();
    let again = bounce(&engine, &mut reader, 0..8, &controls);
    assert_eq!(names(&again), names(&first));
    for (again, first) in again.iter().zip(&first) {
        assert_eq!(again.grid, first.grid);
    }
}

/// Plays live at the pace of a sound card, until something is true of the loop that plays.
fn play_until(
    engine: &Engine,
    reader: &mut StreamReader,
    playing: bool,
    done: impl Fn(Option<&NowPlaying>) -> bool,
) -> Vec<Arc<NowPlaying>> {
    const RATE: f64 = 22_050.0;
    const BLOCK: usize = 441;
    let bpm = Bpm::new(150.0).unwrap();
    let controls = Controls { bars: 1, seed: 3, ..Controls::default() };
    let (mut left, mut right) = ([0.0; BLOCK], [0.0; BLOCK]);
    let (mut heard, begun): (Vec<Arc<NowPlaying>>, _) = (Vec::new(), Instant::now());
    for block in 0.. {
        let position = if playing { (block * BLOCK) as f64 * bpm.quarters_per_frame(RATE) } else { 0.0 };
        let playhead = Playhead::at(position, bpm, Metre::FOUR_FOUR, playing);
        let output = Output { main: [&mut left, &mut right], stems: None };
        reader.process(&playhead, &controls, output, &mut |_| ());
        let now = engine.now_playing();
        if done(now.as_deref()) {
            break;
        }
        heard.extend(now.filter(|now| heard.last().is_none_or(|last| last.began != now.began)));
        assert!(begun.elapsed().as_secs() < 100, "it never came");
        let due = Duration::from_secs_f64(f64::from(block as u32 + 1) * BLOCK as f64 / RATE);
        std::thread::sleep(due.saturating_sub(begun.elapsed()));
    }
    heard
}

#[test]
fn while_the_transport_stands_the_network_takes_its_time_and_writes_what_a_bounce_has() {
    let controls = Controls { bars: 1, seed: 3, ..Controls::default() };
    let engine = Engine::with_notes(ON_THE_CPU, None).unwrap();
    let mut reader = engine.open_stream(22_050.0).unwrap();
    play_until(&engine, &mut reader, false, |_| engine.state().loops.len() > 2);
    let live = play_until(&engine, &mut reader, true, |now| now.is_some_and(|now| now.loop_index == 2));
    assert_eq!(names(&live), [NETWORK; 2]);

    let other = Engine::with_notes(ON_THE_CPU, None).unwrap();
    let mut reader = other.open_stream(22_050.0).unwrap();
    let bounced = bounce(&other, &mut reader, 0..2, &controls);
    for (live, bounced) in live.iter().zip(&bounced) {
        assert_eq!(live.grid, bounced.grid);
    }
}

#[test]
fn whoever_presses_play_at_once_hears_the_teacher_and_bounces_what_was_heard() {
    let controls = Controls { bars: 1, seed: 3, ..Controls::default() };
    let engine = Engine::with_notes(ON_THE_CPU, None).unwrap();
    let mut reader = engine.open_stream(22_050.0).unwrap();
    let by_network = |now: &NowPlaying| now.composer == NETWORK && now.loop_index > 0;
    let heard = play_until(&engine, &mut reader, true, |now| now.is_some_and(by_network));
    assert_eq!(heard[0].composer, TEACHER, "nobody waits for a network that is not ready");
    let last = heard.last().unwrap().loop_index as i32;
    let bounced = bounce(&engine, &mut reader, 0..last + 1, &controls);
    for heard in &heard {
        let again = bounced.iter().find(|again| again.key == heard.key).unwrap();
        assert_eq!((&again.grid, again.composer), (&heard.grid, heard.composer));
    }

    // The project has it all, whoever would write what is missing.
    let state = engine.state();
    assert!(state.loops.len() > last as usize, "{} loops saved", state.loops.len());
    let reopened = Engine::with(Preference::TEACHER).unwrap();
    reopened.set_state(state).unwrap();
    let mut reader = reopened.open_stream(22_050.0).unwrap();
    for (again, before) in bounce(&reopened, &mut reader, 0..last + 1, &controls).iter().zip(&bounced) {
        assert_eq!(again.grid, before.grid);
    }
}

#[test]
fn controls_choose_the_composer_before_the_first_loop() {
    let engine = Engine::with(Preference::TEACHER).unwrap();
    let mut controls = Controls { bars: 1, preference: Some(ON_THE_CPU), ..Controls::default() };
    let mut reader = engine.open_stream(22_050.0).unwrap();
    assert_eq!(names(&bounce(&engine, &mut reader, 0..2, &controls)), [NETWORK; 2]);
    assert_eq!(engine.preference(), ON_THE_CPU);
    controls.preference = Some(Preference::TEACHER);
    assert_eq!(names(&bounce(&engine, &mut reader, 20..22, &controls)), [TEACHER; 2]);
    assert_eq!(engine.preference(), Preference::TEACHER);
}
