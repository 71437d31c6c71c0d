//! The audio thread allocates nothing, whatever happens around it, and knows no denormal numbers.

use assert_no_alloc::{AllocDisabler, assert_no_alloc};
use sceneloop_engine::{Controls, Cue, Engine, Output, PlayMode, Preference, SyncPoint};
use sceneloop_music::{Bpm, Energy, EventId, Metre, PerRole, Playhead, Quantise, Stinger};
use std::time::Duration;

#[global_allocator]
static GUARD: AllocDisabler = AllocDisabler;

#[test]
fn process_never_allocates_or_frees() {
    let engine = Engine::new().unwrap();
    let mut reader = engine.open_stream(48_000.0).unwrap();
    let mut main: [Vec<f32>; 2] = std::array::from_fn(|_| vec![0.0; 700]);
    let mut stems: [[Vec<f32>; 2]; 7] = std::array::from_fn(|_| main.clone());
    let scenes = ["techno", "jazz, rain", "horror", "chiptune:2, night"];
    let (mut position, mut notes, mut heard, mut events) = (0.0, 0, 0.0f32, 0);
    for round in 0..600usize {
        if round % 100 == 50 {
            engine.set_scene(scenes[round / 100 % scenes.len()]).unwrap();
        }
        let frames = [64, 1, 700, 256, 333][round % 5];
        if round % 70 == 0 {
            position = (round % 9) as f64 * 3.3; // jumps
        }
        let bpm = Bpm::new(60.0 + round as f64 / 5.0).unwrap();
        let metre = Metre::new([4, 3, 7][round / 200], [4, 4, 8][round / 200]).unwrap();
        let playing = round % 90 > 10;
        let playhead = Playhead::at(position, bpm, metre, playing);
        let controls = Controls {
            energy: Energy::new((round % 101) as f32),
            play: if round > 400 { PlayMode::Always } else { PlayMode::FollowHost },
            sync: [SyncPoint::Beat, SyncPoint::Bar, SyncPoint::Loop][round % 3],
            tone: (round as f32 / 10.0).sin(),
            mutes: PerRole::from_fn(|role| round % 7 == role.index()),
            ..Controls::default()
        };
        // Events of every kind, in every way, also while others sound.
        if round % 13 == 0 {
            let quantise = (round % 2 == 0).then_some(Quantise::ALL[round % 4]);
            engine.trigger(Stinger::ALL[round % 9].name(), quantise).unwrap();
        }
        let event = EventId::new(round % EventId::COUNT).unwrap();
        assert_no_alloc(|| {
            if round % 5 == 0 {
                reader.cue(Cue { frame: round as u32 % 80, event, quantise: Some(Quantise::Now) });
            }
            let stems = stems.each_mut().map(|stem| stem.each_mut().map(|side| &mut side[..frames]));
            let main = main.each_mut().map(|side| &mut side[..frames]);
            reader.process(&playhead, &controls, Output { main, stems: Some(stems) }, &mut |_| notes += 1);
        });
        events += usize::from(engine.health().event().is_some());
        position += if playing { frames as f64 * bpm.quarters_per_frame(48_000.0) } else { 0.0 };
        heard = main[0][..frames].iter().fold(heard, |peak, sample| peak.max(sample.abs()));
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(notes > 20 && heard > 0.01, "it did play: {notes} notes, peak {heard}");
    assert!(events > 60, "events did happen, in {events} blocks");
}

/// Seen from within, by whoever takes the notes; the host has its own way of counting back afterwards.
#[test]
fn denormal_numbers_are_flushed_while_a_block_lasts() {
    let half_of_the_least = || std::hint::black_box(f32::MIN_POSITIVE) * std::hint::black_box(0.5);
    let engine = Engine::with(Preference::TEACHER).unwrap();
    engine.set_scene("techno").unwrap();
    let mut reader = engine.open_stream(48_000.0).unwrap();
    let (bpm, mut within) = (Bpm::new(120.0).unwrap(), Vec::new());
    for block in 0..200 {
        let mut main = [[0.0; 512]; 2];
        let position = f64::from(block) * 512.0 * bpm.quarters_per_frame(48_000.0);
        let playhead = Playhead::at(position, bpm, Metre::FOUR_FOUR, true);
        let output = Output { main: main.each_mut().map(|side| &mut side[..]), stems: None };
        reader.process_offline(&playhead, &Controls::default(), output, &mut |_| {
            within.push(half_of_the_least())
        });
        assert!(half_of_the_least() > 0.0, "the host's numbers have changed");
        assert!(main.iter().flatten().all(|sample| !sample.is_subnormal()));
    }
    assert!(within.len() > 10 && within.iter().all(|product| *product == 0.0));
}
