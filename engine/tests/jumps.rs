//! In real time: what is heard where the host jumps, goes round, or changes its tempo.

mod paced;

use paced::{BLOCK, Host, RATE, SECOND};
use sceneloop_engine::{Controls, Engine, NoteOut, Output, Preference};
use sceneloop_music::{Bpm, Cycle, Energy, Metre, Playhead};

/// A bar that begins and ends within blocks, so that every round ends within one.
const BAR: (f64, f64) = (4.0, 8.0);

/// Not one silent frame, no click, and each round has the notes of the first.
#[test]
fn a_hosts_cycle_is_gone_round_without_a_gap() {
    let mut host = Host::playing("techno");
    let music = host.left.len();
    host.playhead.cycle = Cycle::new(BAR.0, BAR.1);
    let rounds = 5;
    let frames = rounds as f64 * 4.0 / host.playhead.bpm.quarters_per_frame(RATE);
    host.play(frames as usize / BLOCK);
    assert_eq!(host.engine.health().underruns(), 0);
    assert!(host.longest_silence(music..host.left.len()) < 8);

    // Rounds begin where the position goes back.
    let mut heard: Vec<Vec<(i64, u8, u8)>> = vec![Vec::new()];
    let mut before = f64::NEG_INFINITY;
    for start in host.starts.iter().filter(|start| start.frame >= music as u64) {
        if start.position < before - 1.0 {
            heard.push(Vec::new());
        }
        before = start.position;
        let steps = start.position * 4.0;
        // Techno swings a little: what is off the grid is so by less than a third of a step.
        assert!((steps - steps.round()).abs() < 0.34, "{start:?}");
        heard.last_mut().unwrap().push((steps.round() as i64, start.channel, start.key));
    }
    heard.iter_mut().for_each(|notes| notes.sort_unstable());
    assert!(heard.len() >= 4 && heard[1].len() > 10, "{} rounds", heard.len());
    for round in &heard[2..heard.len() - 1] {
        assert_eq!(*round, heard[1]);
    }
}

/// The same in a bounce, where the rounds are told block by block: whatever the size of blocks.
#[test]
fn the_size_of_blocks_is_not_heard_in_a_cycle() {
    let bounce = |sizes: &[usize]| {
        let engine = Engine::with(Preference::TEACHER).unwrap();
        let mut reader = engine.open_stream(RATE).unwrap();
        let bpm = Bpm::new(133.7).unwrap();
        let mut playhead = Playhead::at(5.0, bpm, Metre::FOUR_FOUR, true);
        playhead.cycle = Cycle::new(BAR.0, BAR.1 + 0.333);
        let controls = Controls { energy: Energy::new(80.0), bars: 2, ..Default::default() };
        let (mut audio, mut notes) = (Vec::new(), Vec::new());
        let mut sizes = sizes.iter().cycle();
        while audio.len() < 300_000 {
            let count = (*sizes.next().unwrap()).min(300_000 - audio.len());
            let (mut left, mut right) = (vec![f32::NAN; count], vec![f32::NAN; count]);
            let at = audio.len() as u64;
            let mut take = |note: NoteOut| {
                notes.push((at + u64::from(note.frame), note.channel, note.key, note.velocity))
            };
            let output = Output { main: [&mut left, &mut right], stems: None };
            reader.process_offline(&playhead, &controls, output, &mut take);
            audio.extend(left);
            playhead = playhead.advanced(count as f64 * bpm.quarters_per_frame(RATE));
        }
        (audio, notes)
    };
    let wanted = bounce(&[512]);
    assert!(wanted.1.len() > 100 && wanted.0.iter().all(|sample| sample.is_finite()));
    for sizes in [&[1][..], &[64], &[441], &[8_192], &[1, 64, 441, 8_192, 3]] {
        let other = bounce(sizes);
        assert!(other.1 == wanted.1, "notes differ in blocks of {sizes:?}");
        assert!(other.0 == wanted.0, "audio differs in blocks of {sizes:?}");
    }
}

/// Whatever was played before, a place of the song sounds the same, to the bit, once the tail of the jump is over.
#[test]
fn what_was_played_before_is_not_heard_after_a_jump() {
    let engine = Engine::with(Preference::TEACHER).unwrap();
    let mut reader = engine.open_stream(RATE).unwrap();
    let bpm = Bpm::new(128.0).unwrap();
    let mut play = |position: f64, energy: f32, seed: u32| {
        let controls = Controls { energy: Energy::new(energy), seed, ..Controls::default() };
        let mut playhead = Playhead::at(position, bpm, Metre::FOUR_FOUR, true);
        let mut audio = Vec::new();
        for _ in 0..150 {
            let (mut left, mut right) = ([f32::NAN; BLOCK], [f32::NAN; BLOCK]);
            let output = Output { main: [&mut left, &mut right], stems: None };
            reader.process_offline(&playhead, &controls, output, &mut |_| {});
            audio.extend(left);
            playhead = playhead.advanced(BLOCK as f64 * bpm.quarters_per_frame(RATE));
        }
        audio
    };
    let wanted = play(16.0, 60.0, 1);
    for (scene, energy, seed) in [("", 20.0, 1), ("", 100.0, 1), ("", 60.0, 9), ("metal", 90.0, 2)] {
        let first = engine.scene_text();
        engine.set_scene(if scene.is_empty() { &first } else { scene }).unwrap();
        play(64.0, energy, seed);
        engine.set_scene(&first).unwrap();
        let again = play(16.0, 60.0, 1);
        let differs = again.iter().zip(&wanted).rposition(|(one, other)| one != other);
        assert!(
            differs.is_none_or(|frame| frame < 64),
            "{scene} at {energy}, seed {seed}: frame {differs:?}"
        );
    }
}

/// Silent frames from a jump until the music is back, for jumps to places of the song never heard before and back again.
#[test]
fn after_a_jump_the_music_is_back_within_20_ms() {
    let mut host = Host::playing("techno");
    let mut gaps = Vec::new();
    for target in [64.0, 3.3, 128.75, 0.0, 1001.25, 17.0, 64.0, -4.0, 2.5, 333.0] {
        let at = host.left.len();
        host.locate(target);
        host.play(SECOND / 2);
        gaps.push(host.longest_silence(at..host.left.len()) as f64 / RATE * 1e3);
    }
    println!("silent for {gaps:.1?} ms");
    // A machine under load may be late with some.
    gaps.sort_by(f64::total_cmp);
    assert!(gaps[gaps.len() / 2] <= 20.0, "{gaps:?} ms");
}

/// Where nothing is struck, a click would stand out.
#[test]
fn jumps_and_cycles_do_not_click() {
    let mut host = Host::playing("ambient");
    host.controls.energy = Energy::new(20.0);
    host.play(2 * SECOND);
    let quiet = host.left.len();
    host.play(8 * SECOND);
    let music = host.left.len();
    host.playhead.cycle = Cycle::new(host.playhead.position.ceil(), host.playhead.position.ceil() + 1.7);
    host.play(3 * SECOND);
    host.playhead.cycle = None;
    let rounds = host.left.len();
    for target in [64.0, 3.3, 128.75, 0.0, 17.0, 8.5] {
        host.locate(target);
        host.play(SECOND / 2);
    }
    let steps = [quiet..music, music..rounds, rounds..host.left.len()].map(|part| host.widest_step(part));
    println!(
        "widest steps: playing on {:.4}, going round {:.4}, jumping {:.4}",
        steps[0], steps[1], steps[2]
    );
    assert!(steps[0] > 1e-4 && steps[1..].iter().all(|step| *step <= 1.5 * steps[0]), "{steps:?}");
}

/// From 60 to 180 BPM and back over 16 bars, and steps; what is in the ring was made for the tempo before.
#[test]
fn a_tempo_that_changes_is_followed_to_the_millisecond() {
    let mut host = Host::playing("techno");
    let begin = host.left.len() as u64;
    host.locate(0.0);
    while host.playhead.position < 64.0 {
        let half = (host.playhead.position / 32.0 - 1.0).abs();
        host.playhead.bpm = Bpm::new(180.0 - 120.0 * half).unwrap();
        host.play(1);
    }
    let ramp = host.left.len() as u64;
    let mut steps = Vec::new();
    for bpm in [100.0, 180.0, 60.0, 173.3, 120.0] {
        steps.push(host.left.len() as u64);
        host.playhead.bpm = Bpm::new(bpm).unwrap();
        host.play(3 * SECOND / 2);
    }
    // A step cuts what was made for the other tempo; what was held sounds again as soon as the music is back.
    let held_again =
        |start: &&paced::Start| steps.iter().any(|step| (*step..step + 1_200).contains(&start.frame));
    let farthest = |frames: std::ops::Range<u64>| {
        let starts = host.starts.iter().filter(|start| frames.contains(&start.frame) && !held_again(start));
        let eighths = starts.map(|start| start.position * 2.0).filter(|eighth| {
            ((eighth * 2.0).round() as i64) % 2 == 0 // the others may swing
        });
        let off: Vec<f64> = eighths.map(|eighth| (eighth - eighth.round()).abs() / 2.0).collect();
        (off.iter().copied().fold(0.0, f64::max), off.len())
    };
    let ((on_ramp, heard), (on_steps, more)) = (farthest(begin + 4_800..ramp), farthest(ramp..u64::MAX));
    println!("ramp: {on_ramp:.5} quarters of {heard} notes; steps: {on_steps:.5} of {more}");
    println!("underruns {}", host.engine.health().underruns());
    assert!(heard > 100 && more > 30);
    // A millisecond at 180 BPM.
    assert!(on_ramp <= 0.003 && on_steps <= 0.003, "{on_ramp}, {on_steps} quarters");
}
