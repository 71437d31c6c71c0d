//! Many instances in one process, as in a set with a plugin on every track.

use sceneloop_engine::{Author, Choice, Controls, Engine, Output, Preference, StreamReader};
use sceneloop_music::{Bpm, Metre, Playhead};
use std::time::{Duration, Instant};

const INSTANCES: usize = 8;
const RATE: f64 = 48_000.0;
const BLOCK: usize = 128;
const SCENES: [&str; INSTANCES] =
    ["techno", "cyberpunk city, rain:0.5", "drum and bass", "jazz", "ambient", "horror", "lo-fi", "forest"];

/// An instance, and how far it has come.
struct Track {
    engine: Engine,
    reader: StreamReader,
    controls: Controls,
    bpm: Bpm,
    frames: u64,
    loudest: f32,
}

impl Track {
    fn new(index: usize) -> Self {
        let preference = Preference { author: Author::Auto, device: Choice::Cpu };
        let engine = Engine::with_notes(preference, None).unwrap();
        engine.set_scene(SCENES[index]).unwrap();
        let reader = engine.open_stream(RATE).unwrap();
        let controls = Controls { seed: index as u32, ..Controls::default() };
        let bpm = Bpm::new(100.0 + 10.0 * index as f64).unwrap();
        Self { engine, reader, controls, bpm, frames: 0, loudest: 0.0 }
    }

    fn block(&mut self, playing: bool) {
        let (mut left, mut right) = ([0.0; BLOCK], [0.0; BLOCK]);
        let position = self.frames as f64 * self.bpm.quarters_per_frame(RATE);
        let playhead = Playhead::at(position, self.bpm, Metre::FOUR_FOUR, playing);
        let output = Output { main: [&mut left, &mut right], stems: None };
        self.reader.process(&playhead, &self.controls, output, &mut |_| ());
        self.frames += if playing { BLOCK as u64 } else { 0 };
        self.loudest =
            left.into_iter().chain(right).fold(self.loudest, |most, sample| most.max(sample.abs()));
    }
}

/// Pulls a block of every track when it is due, for so many seconds. How often the machine was so late with that itself that a sound card
/// would have had nothing either; the clock starts anew then.
fn pull(tracks: &mut [Track], seconds: f64, playing: bool) -> usize {
    let mut due = Instant::now();
    let mut stalls = 0;
    for _ in 0..(seconds * RATE) as usize / BLOCK {
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        if due.elapsed() > Duration::from_millis(40) {
            (due, stalls) = (Instant::now(), stalls + 1);
        }
        tracks.iter_mut().for_each(|track| track.block(playing));
        due += Duration::from_secs_f64(BLOCK as f64 / RATE);
    }
    stalls
}

#[test]
fn eight_instances_play_without_an_underrun() {
    let mut tracks: Vec<Track> = (0..INSTANCES).map(Track::new).collect();
    // As in a DAW: the project is open for a while before it is played, and the first seconds load the networks.
    pull(&mut tracks, 1.0, false);
    pull(&mut tracks, 8.0, true);
    let underruns =
        |tracks: &[Track]| tracks.iter().map(|track| track.engine.health().underruns()).sum::<u64>();
    let before = underruns(&tracks);
    tracks.iter_mut().for_each(|track| track.loudest = 0.0);
    let stalls = pull(&mut tracks, 12.0, true);
    let after = underruns(&tracks);
    println!(
        "{before} underruns while warming up, {} in 12 seconds after that, {stalls} stalls",
        after - before
    );
    for (track, scene) in tracks.iter().zip(SCENES) {
        let health = track.engine.health();
        println!(
            "{scene}: {} writes, loudest {:.2}, {} underruns",
            health.composer(),
            track.loudest,
            health.underruns()
        );
        assert!(track.loudest > 0.01, "{scene} is silent");
    }
    assert_eq!(after, before);
}

#[test]
fn instances_share_their_tables() {
    let engines = [(); 2].map(|()| Engine::with_notes(Preference::default(), None).unwrap());
    assert!(std::ptr::eq(engines[0].scene_table(), engines[1].scene_table()));
}
