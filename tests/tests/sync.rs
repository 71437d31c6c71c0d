//! Position, tempo and metre as they change under the music.

use sceneloop_music::Role;
use sceneloop_tests::host::{Class, Recording, Transport};
use sceneloop_tests::listen;
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

/// Two tempi and two places, each change within a block, told by an event there.
#[test]
fn time_that_goes_otherwise_within_a_block_is_followed_from_that_frame() {
    let take = Take { class: Class::Stereo, block: 1_024, ..Take::straight(120.0) };
    // Frames of the changes, and what they are.
    type Change = (usize, fn(&mut Transport));
    let changes: [Change; 4] = [
        (12_345, |transport| transport.set_bpm(173.0)),
        (30_001, |transport| transport.locate(64.0)),
        (48_700, |transport| transport.locate(3.25)),
        (49_900, |transport| transport.set_metre(3, 4)),
    ];
    let play = |cuts_at_changes: bool| {
        let mut host = take.host().unwrap();
        let mut transport = take.transport.clone();
        let mut done = 0;
        while done < 96_000 {
            let end = (done + 1_024).min(96_000);
            let here: Vec<_> = changes.iter().filter(|(frame, _)| (done..end).contains(frame)).collect();
            if cuts_at_changes {
                let mut from = done;
                for (frame, change) in here {
                    host.block(frame - from, &mut transport).unwrap();
                    change(&mut transport);
                    from = *frame;
                }
                host.block(end - from, &mut transport).unwrap();
            } else {
                let first = transport.event();
                let mut from = done;
                for (frame, change) in here {
                    transport.advance(frame - from, take.rate);
                    change(&mut transport);
                    host.send(&transport.event_at((frame - done) as u32));
                    from = *frame;
                }
                host.block_with(end - done, &first).unwrap();
                transport.advance(end - from, take.rate);
            }
            done = end;
        }
        host.take()
    };
    let (wanted, told) = (play(true), play(false));
    assert!(wanted.starts(None).count() > 20);
    assert_eq!(told.notes, wanted.notes);
    assert_eq!(listen::difference(told.stereo(0)[0], wanted.stereo(0)[0]), None);
}

#[test]
fn blocks_longer_than_announced_are_cut() {
    let take = Take { class: Class::Stereo, ..Take::straight(133.7) }.set("Humanise", 0.5);
    let wanted = take.record(8.0).unwrap();
    let mut host = take.host().unwrap();
    let mut transport = take.transport.clone();
    let mut left = take.frames(8.0);
    while left > 0 {
        let block = left.min(take.block * 5 + 77);
        host.block(block, &mut transport).unwrap();
        left -= block;
    }
    assert_eq!(host.take().difference(&wanted), None);
}
