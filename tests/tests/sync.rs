//! Position, tempo and metre as they change under the music.

use sceneloop_music::Role;
use sceneloop_tests::host::{Class, Recording};
use sceneloop_tests::take::Take;

/// The farthest that a note starts from an eighth, in milliseconds, and how many were looked at.
fn farthest_ms(recording: &Recording, rate: f64) -> (f64, usize) {
    let mut starts = 0;
    let farthest = recording
        .starts(None)
        .filter(|note| {
            let step = recording.position(note.frame) / 0.25;
            step.round() as i64 % 2 == 0 // the others may swing
        })
        .inspect(|_| starts += 1)
        .map(|note| recording.off_grid(note.frame, 0.5).abs() / rate * 1e3)
        .fold(0.0, f64::max);
    (farthest, starts)
}

/// From 60 to 180 BPM and back over 16 bars, a little with each block.
#[test]
fn a_tempo_ramp_is_followed_to_the_millisecond() {
    for block in [64, 256, 1024] {
        let take = Take { class: Class::Stereo, block, ..Take::straight(60.0) };
        let mut host = take.host().unwrap();
        let mut transport = take.transport.clone();
        while transport.position() < 64.0 {
            let half = (transport.position() / 32.0 - 1.0).abs();
            transport.set_bpm(180.0 - 120.0 * half);
            host.block(block, &mut transport).unwrap();
        }
        let recording = host.take();
        let (farthest, starts) = farthest_ms(&recording, take.rate);
        println!("blocks of {block}: {starts} notes, the farthest {farthest:.3} ms off");
        assert!(starts > 100);
        assert!(farthest <= 1.0, "blocks of {block}: {farthest} ms");
    }
}

#[test]
fn steps_of_tempo_are_followed_to_the_millisecond() {
    let take = Take { class: Class::Stereo, block: 256, ..Take::straight(100.0) };
    let mut host = take.host().unwrap();
    let mut transport = take.transport.clone();
    for bpm in [100.0, 180.0, 60.0, 173.3, 20.0, 300.0, 120.0] {
        transport.set_bpm(bpm);
        for _ in 0..300 {
            host.block(256, &mut transport).unwrap();
        }
    }
    let (farthest, starts) = farthest_ms(&host.take(), take.rate);
    println!("{starts} notes, the farthest {farthest:.3} ms off");
    assert!(starts > 40 && farthest <= 1.0, "{farthest} ms");
}

/// 4/4, 7/8 and 3/4 at bar lines: something starts with every bar.
#[test]
fn metres_change_at_bar_lines() {
    let take = Take { class: Class::Stereo, block: 480, ..Take::straight(120.0) };
    let mut host = take.host().unwrap();
    let mut transport = take.transport.clone();
    let mut lines = Vec::new();
    // 24,000 frames a beat at 120 BPM: blocks of 480 end on every bar line.
    for (beats, unit, bars) in [(4, 4, 3), (7, 8, 5), (3, 4, 3), (4, 4, 2)] {
        transport.set_metre(beats, unit);
        for _ in 0..bars {
            lines.push(transport.position());
            let frames = 24_000 * 4 * usize::from(beats) / usize::from(unit);
            (0..frames / 480).for_each(|_| host.block(480, &mut transport).unwrap());
        }
    }
    let recording = host.take();
    let drums = Some(Role::Drums.midi_channel());
    for line in lines {
        let found = recording.starts(drums).any(|note| (recording.position(note.frame) - line).abs() < 1e-3);
        assert!(found, "no drum starts with the bar at {line}");
    }
}
