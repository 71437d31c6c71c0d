//! A bounce is the same every time, and a project opens to the same notes.

use sceneloop_tests::host::{Class, Host, Mode, Outputs};
use sceneloop_tests::listen;
use sceneloop_tests::take::{Move, State, Take, play_moved, set_scene};

#[test]
fn two_bounces_are_the_same_bit_by_bit() {
    let take = Take::straight(128.0).scene("cyberpunk city, rain").set("Humanise", 0.5).set("Energy", 0.8);
    let (one, two) = (take.record(32.0).unwrap(), take.record(32.0).unwrap());
    assert!(listen::rms(one.stereo(0)) > 0.01, "silence");
    assert_eq!(one.difference(&two), None);
}

#[test]
fn a_bounce_after_playing_is_the_same_as_one_before() {
    let take = Take::straight(128.0).set("Humanise", 0.5);
    let wanted = take.record(16.0).unwrap();
    let mut host = take.host().unwrap();
    host.play(50_000, &mut take.transport.clone()).unwrap();
    host.activate(take.rate, 512, Mode::Offline, Outputs::All).unwrap();
    host.take();
    host.play(take.frames(16.0), &mut take.transport.clone()).unwrap();
    assert_eq!(host.take().difference(&wanted), None);
}

/// As it comes out of the box: the network writes.
#[test]
fn a_bounce_by_the_network_is_the_same_bit_by_bit_and_reopens() {
    let take = Take { shares: Vec::new(), ..Take::straight(128.0) }.set("Seed", 0.3);
    let mut host = take.host().unwrap();
    host.play(take.frames(24.0), &mut take.transport.clone()).unwrap();
    let (one, state) = (host.take(), host.save().unwrap());
    assert!(listen::rms(one.stereo(0)) > 0.01, "silence");
    assert_eq!(one.difference(&take.record(24.0).unwrap()), None);
    let taught = take.clone().set("Composer", 0.0).record(24.0).unwrap();
    assert_ne!(one.notes, taught.notes, "the teacher wrote it");

    // Reopened, nothing is written anew, whoever would write it.
    let mut reopened = Host::open(take.class).unwrap();
    reopened.load(&state).unwrap();
    reopened.set_share("Composer", 0.0).unwrap();
    reopened.activate(take.rate, 512, Mode::Offline, Outputs::All).unwrap();
    reopened.play(take.frames(24.0), &mut take.transport.clone()).unwrap();
    assert_eq!(reopened.take().difference(&one), None);
}

#[test]
fn seeds_differ() {
    let take = Take::straight(128.0);
    let notes = [0.0, 0.2, 0.9].map(|share| take.clone().set("Seed", share).record(16.0).unwrap().notes);
    assert!(notes[0] != notes[1] && notes[1] != notes[2] && notes[0] != notes[2], "two seeds, one piece");
}

#[test]
fn the_size_of_blocks_is_not_heard() {
    let whole = Take { class: Class::Stereo, ..Take::straight(133.7) };
    let whole = whole.set("Humanise", 0.5);
    let wanted = whole.record(8.0).unwrap();
    for block in [1, 7, 64, 441, 1_024, 8_192] {
        let recording = Take { block, ..whole.clone() }.record(8.0).unwrap();
        assert_eq!(recording.difference(&wanted), None, "blocks of {block}");
    }
}

/// A bounce with the energy, the levels and the tone moved at frames that lie anywhere in the blocks.
fn automated(sizes: &[usize]) -> sceneloop_tests::host::Recording {
    const FRAMES: usize = 200_000;
    let take = Take { block: 8_192, ..Take::straight(133.7) }.set("Humanise", 0.5);
    let moves: Vec<Move> = (1..60)
        .map(|k| {
            let param = ["Energy", "Bass Level", "Tone"][k % 3];
            Move { frame: k * 3_331, param, share: (k * 37 % 100) as f64 / 100.0 }
        })
        .collect();
    let mut host = take.host().unwrap();
    play_moved(&mut host, FRAMES, sizes, &moves, &mut take.transport.clone()).unwrap()
}

/// Told while it plays, as some hosts tell it; another activation is not waited for.
#[test]
fn a_bounce_begins_with_the_word() {
    let take = Take { block: 8_192, ..Take::straight(133.7) }.set("Humanise", 0.5);
    let wanted = take.record(8.0).unwrap();
    let mut host = Take { mode: Mode::Realtime, ..take.clone() }.host().unwrap();
    host.play(16_384, &mut take.transport.clone()).unwrap();
    let live = host.take();
    assert!(
        live.difference(&wanted).is_some(),
        "the control: live, blocks of this length are not waited for"
    );
    host.set_mode(Mode::Offline).unwrap();
    host.play(take.frames(8.0), &mut take.transport.clone()).unwrap();
    assert_eq!(host.take().difference(&wanted), None);
}

#[test]
fn an_automated_bounce_is_the_same_three_times_in_any_blocks() {
    let wanted = automated(&[512]);
    assert!(listen::rms(wanted.stereo(0)) > 0.01, "silence");
    assert_eq!(automated(&[512]).difference(&wanted), None);
    for sizes in [&[1][..], &[64], &[441], &[1_024], &[8_192], &[1, 64, 441, 8_192, 3, 1_024, 500]] {
        assert_eq!(automated(sizes).difference(&wanted), None, "blocks of {sizes:?}");
    }
}

/// A project reopened plays what it played, from the first frame on.
#[test]
fn a_reloaded_project_plays_the_same_at_once() {
    let take = Take::straight(128.0).scene("forest:1, rain:0.5").set("Seed", 0.42).set("Energy", 0.9);
    let mut host = take.host().unwrap();
    host.play(take.frames(16.0), &mut take.transport.clone()).unwrap();
    let (wanted, state) = (host.take(), host.save().unwrap());
    drop(host);

    let mut reopened = Host::open(take.class).unwrap();
    reopened.load(&state).unwrap();
    reopened.activate(take.rate, 512, Mode::Offline, Outputs::All).unwrap();
    reopened.play(take.frames(16.0), &mut take.transport.clone()).unwrap();
    assert_eq!(reopened.take().difference(&wanted), None);
    assert!(reopened.save().unwrap() == state, "saved again, it is another project");
}

/// Such a project does not name its composer: the teacher wrote everything.
#[test]
fn a_project_saved_before_there_was_a_choice_of_composer_plays_as_it_did() {
    let take = Take::straight(128.0).scene("forest").set("Seed", 0.42);
    let mut host = take.host().unwrap();
    host.play(take.frames(8.0), &mut take.transport.clone()).unwrap();
    let wanted = host.take();
    let mut old = State::read(&host.save().unwrap()).unwrap();
    // Without the loops themselves, so that they must be written again.
    old.json["fields"]["engine"] = r#"{"version":1,"scene":"forest","loops":[]}"#.into();
    for id in ["author", "device"] {
        assert!(old.json["params"].as_object_mut().unwrap().remove(id).is_some(), "{id} is not saved");
    }

    let mut reopened = Host::open(take.class).unwrap();
    reopened.set("Composer", 1.0).unwrap();
    reopened.activate(take.rate, 512, Mode::Offline, Outputs::All).unwrap();
    reopened.play(take.frames(1.0), &mut take.transport.clone()).unwrap();
    assert_eq!(reopened.value("Composer").unwrap(), 1.0);
    reopened.load(&old.write()).unwrap();
    reopened.activate(take.rate, 512, Mode::Offline, Outputs::All).unwrap();
    reopened.take();
    reopened.play(take.frames(8.0), &mut take.transport.clone()).unwrap();
    assert_eq!(reopened.value("Composer").unwrap(), 0.0);
    assert_eq!(reopened.take().difference(&wanted), None);
}

#[test]
fn a_scene_is_part_of_the_state() {
    let mut host = Host::open(Class::Stereo).unwrap();
    set_scene(&mut host, "赛博朋克城市，雨:0.5").unwrap();
    let engine = State::read(&host.save().unwrap()).unwrap().engine().unwrap();
    let mut other = Host::open(Class::Multi).unwrap();
    other.load(&host.save().unwrap()).unwrap();
    assert_eq!(State::read(&other.save().unwrap()).unwrap().engine().unwrap(), engine);
    assert!(engine.contains("赛博朋克城市") || engine.contains("cyberpunk"), "{engine}");
}

/// A damaged state is refused or passed over, and the plugin plays on as it was.
#[test]
fn a_damaged_state_changes_nothing() {
    let take = Take { class: Class::Stereo, ..Take::straight(128.0) };
    let wanted = take.record(8.0).unwrap();
    let mut host = take.host().unwrap();
    let good = host.save().unwrap();
    let mut newer = State::read(&good).unwrap();
    newer.json["fields"]["engine"] = r#"{"version":4000000,"scene":"forest","loops":[]}"#.into();
    let mut unknown = State::read(&good).unwrap();
    unknown.json["fields"]["engine"] = r#"{"version":1,"scene":"no such scene anywhere","loops":[]}"#.into();
    let damaged: [&[u8]; 4] = [&[], &good[..good.len() / 2], &newer.write(), &unknown.write()];
    for state in damaged {
        // Whether the host is told or not: what counts is what one hears.
        let _ = host.load(state);
    }
    host.play(take.frames(8.0), &mut take.transport.clone()).unwrap();
    assert_eq!(host.take().difference(&wanted), None);
}

/// Live, the plugin does not wait; given time as a sound card gives it, it plays the same notes.
#[test]
fn live_and_bounced_notes_are_the_same() {
    let take = Take { class: Class::Stereo, block: 480, ..Take::straight(120.0) };
    let bounced = take.record(8.0).unwrap();
    let live = Take { mode: Mode::Realtime, ..take.clone() };
    let mut host = live.host().unwrap();
    let mut transport = live.transport.clone();
    // Standing still first, as in a DAW: the composer and the renderer get ready.
    transport.set_playing(false);
    let clock = std::time::Instant::now();
    let mut played = 0_u32;
    let mut play = |host: &mut Host, transport: &mut sceneloop_tests::host::Transport, blocks: u32| {
        for _ in 0..blocks {
            host.block(480, transport).unwrap();
            played += 1;
            // One block every ten milliseconds.
            let due = std::time::Duration::from_millis(u64::from(played) * 10);
            std::thread::sleep(due.saturating_sub(clock.elapsed()));
        }
    };
    play(&mut host, &mut transport, 100);
    host.take();
    transport.set_playing(true);
    play(&mut host, &mut transport, 400);
    let live = host.take();
    assert!(listen::rms(live.stereo(0)) > 0.01, "silence");
    let place = |notes: &sceneloop_tests::host::Recording| -> Vec<(i64, u8, u8)> {
        let mut notes: Vec<_> = notes
            .starts(None)
            .map(|note| ((notes.position(note.frame) * 4.0).round() as i64, note.channel, note.key))
            .filter(|(step, ..)| (16..31).contains(step))
            .collect();
        notes.sort_unstable();
        notes
    };
    // A machine under load may be late with some; none may be another.
    let (live, bounced) = (place(&live), place(&bounced));
    assert!(live.iter().all(|note| bounced.contains(note)), "live {live:?}, bounced {bounced:?}");
    assert!(live.len() * 4 >= bounced.len(), "{} of {} notes were played live", live.len(), bounced.len());
}
