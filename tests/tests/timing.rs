//! Beats fall where the host says.

use sceneloop_music::Role;
use sceneloop_tests::host::{Class, Host, Recording, Transport};
use sceneloop_tests::listen;
use sceneloop_tests::take::Take;

/// A sixteenth, in quarter notes.
const STEP: f64 = 0.25;

fn drums() -> Option<u8> {
    Some(Role::Drums.midi_channel())
}

/// Every note starts within a sample of a sixteenth, and a drum on every beat.
fn assert_on_grid(recording: &Recording, beats: std::ops::Range<usize>, what: &str) {
    assert_no_note_off_grid(recording, 1.0, what);
    for beat in beats {
        let on_beat = |frame: u64| {
            let position = recording.position(frame);
            (position - beat as f64).abs() < 0.01
        };
        assert!(recording.starts(drums()).any(|note| on_beat(note.frame)), "{what}: no drum on beat {beat}");
    }
}

/// Every note lies on an eighth, or behind the sixteenth between two by the one swing that all of them share.
fn assert_no_note_off_grid(recording: &Recording, most: f64, what: &str) {
    assert!(recording.starts(None).count() > 0, "{what}: no notes");
    let mut swing: Option<f64> = None;
    for note in recording.starts(None) {
        // Where the song starts or jumps into the middle of a held note, that sounds at once.
        if recording.jumps_at(note.frame) {
            continue;
        }
        let position = recording.position(note.frame);
        let mut off = recording.off_grid(note.frame, STEP);
        if (position / STEP).round() as i64 % 2 != 0 {
            // In quarter notes, so that it is the same at every tempo; at most a triplet.
            let late = position - (position / STEP).round() * STEP;
            assert!((-0.001..STEP / 3.0).contains(&late), "{what}: {note:?} swings by {late} quarter notes");
            let frames_per_quarter = off / if late == 0.0 { 1.0 } else { late };
            off = (late - *swing.get_or_insert(late)) * frames_per_quarter / 2.0;
        }
        assert!(off.abs() <= most, "{what}: {note:?} is {off} frames off, at {position}");
    }
}

#[test]
fn notes_start_on_the_hosts_grid() {
    for (bpm, rate) in
        [(90.0, 44_100.0), (123.456, 48_000.0), (128.0, 48_000.0), (174.0, 96_000.0), (60.0, 22_050.0)]
    {
        let take = Take { class: Class::Stereo, rate, ..Take::straight(bpm) };
        let recording = take.record(16.0).unwrap();
        assert_on_grid(&recording, 0..16, &format!("{bpm} BPM at {rate} Hz"));
    }
}

#[test]
fn an_hour_does_not_drift() {
    // The rate is low and the music thin to be quick; time is counted the same way.
    let take = Take { class: Class::Stereo, rate: 22_050.0, block: 441, ..Take::straight(123.456) };
    let take = take.set("Energy", 0.2).set("Loop Length", 1.0);
    let mut host = take.host().unwrap();
    let mut transport = take.transport.clone();
    let mut checked = 0;
    for chunk in 0..186 {
        host.play(take.frames(40.0), &mut transport).unwrap();
        let recording = host.take();
        assert_no_note_off_grid(&recording, 1.0, &format!("bars {} to {}", chunk * 10, chunk * 10 + 10));
        checked += recording.starts(None).count();
    }
    let seconds = transport.position() * 60.0 / transport.bpm();
    assert!(seconds >= 3_600.0, "only {seconds} seconds were played");
    assert!(checked >= 8_000, "only {checked} notes in an hour");
}

/// The same by ear: the sound of a drum alone, where the notes say nothing.
#[test]
fn the_drums_sound_on_the_hosts_grid() {
    let bpm = 123.456;
    // One lane remains at low energy in one-bar loops, so the same sound comes again and again.
    let take = Take::straight(bpm).set("Energy", 0.12).set("Loop Length", 0.0);
    let recording = take.record(64.0).unwrap();
    let [left, _] = recording.stereo(1 + Role::Drums.index());
    let frames_per_beat = 60.0 * take.rate / bpm;
    // Beats on which one drum sounds that has sounded there before, alone for a tenth of a second.
    let starts: Vec<_> = recording.starts(drums()).collect();
    let alone = |index: usize| {
        let frame = starts[index].frame;
        starts.iter().enumerate().all(|(other, note)| other == index || note.frame.abs_diff(frame) > 4_800)
    };
    let (length, reach) = (2_400, 24);
    let candidates: Vec<_> = (0..starts.len())
        .filter(|&index| alone(index) && starts[index].frame as usize > reach)
        .map(|index| starts[index])
        .filter(|note| note.frame as usize + length + reach < left.len())
        .collect();
    let first = candidates.first().expect("no drum sounds alone");
    let same: Vec<_> = candidates.iter().filter(|note| note.key == first.key).collect();
    assert!(same.len() >= 32, "only {} of {} drums sound alone", same.len(), starts.len());
    // Each stroke sounds a little different, so what counts is where it rises, after its attack's few samples.
    let mut rises = Vec::new();
    for note in same {
        // Where the grid has it, not where the note was reported.
        let beat = (note.frame as f64 / frames_per_beat * 4.0).round() / 4.0;
        let ideal = (beat * frames_per_beat).round() as usize;
        // Differences, so that the deep tail of an earlier stroke does not count.
        let steps: Vec<f32> =
            left[ideal - reach - 1..ideal + length].windows(2).map(|pair| pair[1] - pair[0]).collect();
        let rise = listen::first_rise(&steps, 0.3).expect("a silent stroke");
        rises.push((rise as isize - reach as isize, beat));
    }
    rises.sort_unstable_by_key(|(rise, _)| *rise);
    let (median, _) = rises[rises.len() / 2];
    assert!((0..96).contains(&median), "drums sound {median} frames behind the grid");
    for (rise, beat) in &rises {
        assert!(
            (rise - median).abs() <= 24,
            "beat {beat}: {rise} frames behind the grid, the others {median}"
        );
    }
}

#[test]
fn a_song_may_start_anywhere() {
    for start in [0.5, 3.1, 17.37, 1001.25] {
        let mut take = Take { class: Class::Stereo, ..Take::straight(128.0) };
        take.transport.locate(start);
        let recording = take.record(12.0).unwrap();
        let first = start.ceil() as usize;
        assert_on_grid(&recording, first..first + 11, &format!("from {start}"));
    }
}

/// What is played at a place of the song does not depend on where playing began.
#[test]
fn the_same_place_has_the_same_notes() {
    let take = Take { class: Class::Stereo, ..Take::straight(120.0) };
    let notes_from = |start: f64, end: f64| {
        let mut take = take.clone();
        take.transport.locate(start);
        let recording = take.record(end - start).unwrap();
        let mut notes: Vec<(i64, u8, u8)> = recording
            .starts(None)
            .map(|note| ((recording.position(note.frame) / STEP).round() as i64, note.channel, note.key))
            .filter(|(step, ..)| (80..112).contains(step))
            .collect();
        notes.sort_unstable();
        notes
    };
    let whole = notes_from(0.0, 28.0);
    assert!(whole.len() > 20, "{whole:?}");
    assert_eq!(notes_from(17.5, 28.0), whole);
}

#[test]
fn jumps_are_followed() {
    let take = Take { class: Class::Stereo, ..Take::straight(128.0) };
    let mut host = take.host().unwrap();
    let mut transport = take.transport.clone();
    for target in [64.0, 3.3, 128.75, 0.0] {
        host.play(take.frames(3.7), &mut transport).unwrap();
        transport.locate(target);
    }
    host.play(take.frames(3.7), &mut transport).unwrap();
    let recording = host.take();
    assert_no_note_off_grid(&recording, 1.0, "jumps");
    for start in [64, 4, 129, 0] {
        let found = recording
            .starts(drums())
            .any(|note| (recording.position(note.frame) - f64::from(start)).abs() < 0.01);
        assert!(found, "no drum on beat {start} after a jump");
    }
}

#[test]
fn the_hosts_loop_is_followed() {
    let take = Take { class: Class::Stereo, block: 480, ..Take::straight(125.0) };
    let mut host = take.host().unwrap();
    let mut transport = take.transport.clone();
    transport.set_cycle(4.0, 8.0);
    host.play(take.frames(24.0), &mut transport).unwrap();
    let recording = host.take();
    assert_no_note_off_grid(&recording, 1.0, "loop");
    assert!(transport.position() < 8.0);
    let passes = recording.starts(drums()).filter(|note| (recording.position(note.frame) - 4.0).abs() < 0.01);
    let passes: std::collections::BTreeSet<u64> = passes.map(|note| note.frame).collect();
    assert!(passes.len() >= 4, "beat 4 came {} times", passes.len());
}

#[test]
fn tempo_changes_are_followed() {
    let take = Take { class: Class::Stereo, block: 256, ..Take::straight(100.0) };
    let mut host = take.host().unwrap();
    let mut transport = take.transport.clone();
    // A step, then a ramp of a few hundredths of a BPM a block.
    for _ in 0..400 {
        host.block(take.block, &mut transport).unwrap();
    }
    transport.set_bpm(140.0);
    for _ in 0..400 {
        host.block(take.block, &mut transport).unwrap();
    }
    for _ in 0..1_000 {
        transport.set_bpm(transport.bpm() - 0.05);
        host.block(take.block, &mut transport).unwrap();
    }
    transport.set_bpm(90.0);
    for _ in 0..800 {
        host.block(take.block, &mut transport).unwrap();
    }
    let recording = host.take();
    // Sound that was made before a change was known lies at most a ring's length ahead (see `Buffer`): a hundredth of a
    // sixteenth at these changes. Where the tempo stands again, the engine lets a millisecond be, not to cut the music.
    let late = recording.frames() as u64 - 400 * take.block as u64;
    for note in recording.starts(None) {
        if (recording.position(note.frame) / STEP).round() as i64 % 2 != 0 {
            continue; // it may swing
        }
        let off = recording.off_grid(note.frame, STEP).abs();
        let most = if note.frame < 100_000 {
            1.0
        } else if note.frame > late {
            48.0
        } else {
            240.0
        };
        assert!(off <= most, "{note:?} is {off} frames off at {}", recording.position(note.frame));
    }
    assert!(recording.starts(drums()).filter(|note| note.frame > late).count() > 4);
}

#[test]
fn metres_have_their_bar_lines() {
    for (beats, unit) in [(3, 4), (6, 8), (12, 8), (5, 4), (7, 8)] {
        let mut take = Take { class: Class::Stereo, ..Take::straight(120.0) };
        take.transport = take.transport.in_metre(beats, unit);
        let bar = 4.0 * f64::from(beats) / f64::from(unit);
        let recording = take.record(8.0 * bar).unwrap();
        assert_no_note_off_grid(&recording, 1.0, &format!("{beats}/{unit}"));
        for line in 0..8 {
            let start = f64::from(line) * bar;
            let found =
                recording.starts(None).any(|note| (recording.position(note.frame) - start).abs() < 0.01);
            assert!(found, "{beats}/{unit}: nothing starts with bar {line}");
        }
    }
}

#[test]
fn a_change_of_metre_is_followed() {
    let take = Take { class: Class::Stereo, ..Take::straight(120.0) };
    let mut host = take.host().unwrap();
    let mut transport = take.transport.clone();
    // 24,000 frames a beat at 120 BPM: blocks of 480 end on every bar line.
    for (beats, unit, bars) in [(4, 4, 2), (3, 4, 4), (7, 8, 4), (4, 4, 2)] {
        if transport.position() > 0.0 {
            transport.set_metre(beats, unit);
        }
        let frames = 24_000 * 4 * usize::from(beats) / usize::from(unit) * bars;
        for _ in 0..frames / 480 {
            host.block(480, &mut transport).unwrap();
        }
    }
    let recording = host.take();
    assert_no_note_off_grid(&recording, 1.0, "changes of metre");
    let lines = [0.0, 4.0, 8.0, 11.0, 14.0, 17.0, 20.0, 23.5, 27.0, 30.5, 34.0, 38.0];
    for line in lines {
        let found = recording.starts(None).any(|note| (recording.position(note.frame) - line).abs() < 0.01);
        assert!(found, "nothing starts with the bar at {line}");
    }
}

fn levels(host: &mut Host, transport: &mut Transport, blocks: usize) -> Vec<f64> {
    (0..blocks)
        .map(|_| {
            host.block(480, transport).unwrap();
            listen::rms(host.take().stereo(0))
        })
        .collect()
}

/// With a short fade: no click, and silence soon, tails of rooms included.
#[test]
fn it_stops_with_the_host_and_starts_with_it() {
    let take = Take { class: Class::Stereo, ..Take::straight(128.0) };
    let mut host = take.host().unwrap();
    let mut transport = take.transport.clone();
    let playing = levels(&mut host, &mut transport, 200);
    assert!(playing.iter().any(|level| *level > 0.02), "silence while playing");
    transport.set_playing(false);
    host.block(48, &mut transport).unwrap();
    let fade = host.take();
    assert!(fade.starts(None).count() == 0, "a note starts after the host has stopped");
    let after = levels(&mut host, &mut transport, 50);
    assert!(
        after[10..].iter().all(|level| *level == 0.0),
        "not silent a tenth of a second after the stop: {after:?}"
    );
    transport.set_playing(true);
    let again = levels(&mut host, &mut transport, 200);
    assert!(again.iter().any(|level| *level > 0.02), "silence after the second start");
}

/// No sample of the stop steps further than the music itself does.
#[test]
fn stopping_does_not_click() {
    let take = Take { class: Class::Stereo, ..Take::straight(128.0) };
    let mut host = take.host().unwrap();
    let mut transport = take.transport.clone();
    host.play(96_000, &mut transport).unwrap();
    let playing = host.take();
    transport.set_playing(false);
    host.play(9_600, &mut transport).unwrap();
    let stopped = host.take();
    let steps =
        |signal: &[f32]| signal.windows(2).fold(0.0_f32, |most, pair| most.max((pair[1] - pair[0]).abs()));
    let (music, last) = (playing.stereo(0)[0], stopped.stereo(0)[0]);
    let seam = (last[0] - music[music.len() - 1]).abs();
    assert!(steps(last).max(seam) <= steps(music) * 1.05, "{} after {}", steps(last).max(seam), steps(music));
}

#[test]
fn always_means_while_the_host_stands_still() {
    let take = Take::new(Transport::stopped(120.0)).scene("techno").set("Humanise", 0.0);
    let follow = take.clone().set("Play", 0.0).record(8.0).unwrap();
    assert_eq!(listen::peak(follow.stereo(0)), 0.0, "it plays although the host stands still");
    assert_eq!(follow.notes, []);
    let always = take.set("Play", 1.0).record(8.0).unwrap();
    assert!(listen::rms(always.stereo(0)) > 0.01, "silence");
    // Its own clock has the host's tempo: 24,000 frames a beat.
    let starts: Vec<u64> = always.starts(drums()).map(|note| note.frame).collect();
    for beat in 1..8 {
        assert!(starts.contains(&(beat * 24_000)), "no drum on beat {beat}: {starts:?}");
    }
}
