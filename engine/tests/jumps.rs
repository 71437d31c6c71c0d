//! In real time: what is heard where the host jumps, goes round, or changes its tempo.

mod paced;

use paced::{BLOCK, Bounce, Host, RATE, SECOND};
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
    let mut bounce = Bounce::new("cyberpunk city, rain:0.5", 0.0);
    let engine = bounce.engine.clone();
    let mut play = |position: f64, energy: f32, seed: u32| {
        let controls = Controls { energy: Energy::new(energy), seed, ..Controls::default() };
        bounce.playhead = Playhead::at(position, bounce.playhead.bpm, Metre::FOUR_FOUR, true);
        (0..150).for_each(|_| bounce.block(&controls));
        std::mem::take(&mut bounce.left)
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

/// What a bounce plays at a place of the song, as far as both sound.
fn bounced_notes(host: &Host, position: f64, blocks: usize) -> Vec<(i64, u8, u8)> {
    let Playhead { bpm, metre, .. } = host.playhead;
    let mut bounce = Bounce::new(&host.engine.scene_text(), position);
    bounce.playhead = Playhead::at(position, bpm, metre, true);
    (0..blocks).for_each(|_| bounce.block(&host.controls));
    let starts = bounce.starts.iter();
    starts.map(|start| ((start.position * 4.0).round() as i64, start.channel, start.key)).collect()
}

/// Silent frames from a jump until the music is back, for jumps to places of the song never heard before and back again; and
/// what is back are the notes of that place.
#[test]
fn after_a_jump_the_music_is_back_within_20_ms() {
    let mut host = Host::playing("techno");
    let mut jumps = Vec::new();
    for target in [64.0, 3.3, 128.75, 0.0, 1001.25, 17.0, 64.0, -4.0, 2.5, 333.0] {
        let begin = host.left.len();
        host.locate(target);
        host.play(SECOND);
        jumps.push((target, begin..host.left.len()));
    }
    let silent = |(_, frames): &(f64, std::ops::Range<usize>)| host.longest_silence(frames.clone());
    let mut gaps: Vec<f64> = jumps.iter().map(|jump| silent(jump) as f64 / RATE * 1e3).collect();
    println!("silent for {gaps:.1?} ms");
    gaps.sort_by(f64::total_cmp);
    assert!(gaps[gaps.len() - 1] <= 20.0, "{gaps:?} ms");
    for (target, frames) in jumps {
        // From a quarter note on, where nothing is left of the jump.
        let first = ((target + 1.0) * 4.0).ceil() as i64;
        let late = |notes: Vec<(i64, u8, u8)>| -> Vec<_> {
            notes.into_iter().filter(|(step, ..)| *step >= first).collect()
        };
        let (heard, wanted) = (late(host.notes_in(frames)), late(bounced_notes(&host, target, SECOND)));
        assert!(!heard.is_empty() && heard.iter().all(|note| wanted.contains(note)), "{heard:?}, {wanted:?}");
    }
}

/// The host's loop is switched on when the ring already holds what lies behind its end.
#[test]
fn a_cycle_that_is_switched_on_just_before_its_end_is_gone_round() {
    let mut host = Host::standing("techno");
    host.playhead.playing = true;
    while host.playhead.position < BAR.1 - 0.1 {
        host.play(1);
    }
    host.playhead.cycle = Cycle::new(BAR.0, BAR.1);
    let begin = host.left.len();
    host.play(4 * SECOND);
    let steps = host.notes_in(begin + 1_200..usize::MAX);
    assert!(steps.len() > 20 && steps.iter().all(|(step, ..)| (16..32).contains(step)), "{steps:?}");
    assert!(host.longest_silence(begin..host.left.len()) <= 1_200);
    assert!(host.sounding.len() < 24, "notes hang: {:?}", host.sounding);
}

/// Hosts bounce in real time past the end of a loop that is switched on.
#[test]
fn a_host_that_does_not_go_round_is_followed() {
    let mut host = Host::standing("techno");
    host.playhead.playing = true;
    host.playhead.cycle = Cycle::new(BAR.0, BAR.1);
    while host.playhead.position < BAR.1 - 0.2 {
        host.play(1);
    }
    // As the plugin reads such a host: from the end on it has no loop.
    let at = host.playhead.position + 0.2;
    while host.playhead.position > BAR.0 + 1.0 {
        host.play(1);
    }
    host.playhead.cycle = None;
    host.locate(at.max(BAR.1));
    let begin = host.left.len();
    host.play(2 * SECOND);
    let steps = host.notes_in(begin + 1_200..usize::MAX);
    assert!(steps.len() > 10 && steps.iter().all(|(step, ..)| *step >= 32), "{steps:?}");
}

/// A tempo that moves all the time, in a loop.
#[test]
fn a_tempo_ramp_in_a_cycle_is_followed() {
    let mut host = Host::playing("techno");
    host.playhead.cycle = Cycle::new(BAR.0, BAR.1);
    host.locate(BAR.0);
    let begin = host.left.len();
    let (mut rounds, mut before) = (0, host.playhead.position);
    for block in 0..12 * SECOND {
        let phase = block as f64 / (3.7 * SECOND as f64);
        host.playhead.bpm = Bpm::new(120.0 + 60.0 * (phase * std::f64::consts::TAU).sin()).unwrap();
        host.play(1);
        rounds += usize::from(host.playhead.position < before);
        before = host.playhead.position;
    }
    let drums: Vec<_> =
        host.notes_in(begin + 4_800..usize::MAX).into_iter().filter(|note| note.1 == 9).collect();
    let wanted = bounced_notes(&host, BAR.0, 2 * SECOND);
    let in_a_round = wanted.iter().filter(|(step, channel, _)| *channel == 9 && *step < 32).count();
    println!("{} drums in {rounds} rounds of {in_a_round}", drums.len());
    assert!(rounds >= 5 && in_a_round > 3);
    // Of the first and the last round a part is missing.
    let (least, most) = ((rounds - 2) * in_a_round, (rounds + 1) * in_a_round);
    assert!((least..=most).contains(&drums.len()), "{} drums", drums.len());
}

/// 4/4, 7/8 and 3/4 at bar lines: the ring holds what was made for the metre before.
#[test]
fn metres_change_at_bar_lines_in_real_time() {
    let mut host = Host::playing("techno");
    host.playhead.bpm = Bpm::new(120.0).unwrap(); // 50 blocks of 10 ms a beat
    host.locate(0.0);
    for (metre, bars) in [("4/4", 2), ("7/8", 4), ("3/4", 3), ("4/4", 2)] {
        let metre: Metre = metre.parse().unwrap();
        // The host's bar lines begin anew with the metre.
        let line = (host.playhead.position * 2.0).round() / 2.0;
        host.playhead = Playhead {
            metre,
            position: line,
            bar_start: line,
            bar: (line / metre.quarters_per_bar()).ceil() as i64,
            ..host.playhead
        };
        let (begin, underruns) = (host.left.len(), host.engine.health().underruns());
        host.play((metre.quarters_per_bar() * 50.0) as usize * bars);
        assert_eq!(host.engine.health().underruns(), underruns);
        assert!(host.longest_silence(begin..host.left.len()) <= 960, "more than 20 ms");
        // From the second bar on a drum begins with each.
        for bar in 1..bars {
            let place = line + bar as f64 * metre.quarters_per_bar();
            let is_there = |start: &paced::Start| start.channel == 9 && (start.position - place).abs() < 0.01;
            assert!(host.starts.iter().any(is_there), "no drum with bar {bar} of {metre} at {place}");
        }
        let playing = host.engine.now_playing().unwrap();
        assert_eq!(playing.grid.metre, metre);
    }
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
        |start: &paced::Start| steps.iter().any(|step| (*step..step + 1_200).contains(&start.frame));
    let farthest = |frames: std::ops::Range<u64>| {
        let starts = host.starts.iter().filter(|start| frames.contains(&start.frame) && !held_again(start));
        let off: Vec<f64> = starts
            .map(|start| (start.position * 2.0, start.seconds_per_quarter))
            .filter(|(eighth, _)| ((eighth * 2.0).round() as i64) % 2 == 0) // the others may swing
            .map(|(eighth, seconds)| (eighth - eighth.round()).abs() / 2.0 * seconds * 1e3)
            .collect();
        (off.iter().copied().fold(0.0, f64::max), off.len())
    };
    let ((on_ramp, heard), (on_steps, more)) = (farthest(begin + 4_800..ramp), farthest(ramp..u64::MAX));
    println!("ramp: {on_ramp:.3} ms at most of {heard} notes; steps: {on_steps:.3} of {more}");
    assert!(heard > 100 && more > 30);
    assert!(on_ramp <= 1.0 && on_steps <= 1.0, "{on_ramp}, {on_steps} ms");
}
