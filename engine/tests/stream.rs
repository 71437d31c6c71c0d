//! The stream as a host sees it: where notes lie, what jumps and stops do, and that a bounce is the same every time.

use sceneloop_engine::{Controls, Engine, NoteOut, Output, PlayMode, Preference, StreamReader, SyncPoint};
use sceneloop_music::{Bpm, Energy, Metre, Playhead, Role};

const RATE: f64 = 48_000.0;

/// What a host heard.
#[derive(Default, PartialEq)]
struct Heard {
    main: [Vec<f32>; 2],
    stems: Vec<[Vec<f32>; 2]>,
    notes: Vec<(u64, Role, u8, f32)>,
}

impl Heard {
    fn new() -> Self {
        Self { stems: (0..Role::COUNT).map(|_| Default::default()).collect(), ..Self::default() }
    }

    fn starts(&self) -> impl Iterator<Item = &(u64, Role, u8, f32)> {
        self.notes.iter().filter(|note| note.3 > 0.0)
    }

    fn peak(&self, frames: std::ops::Range<usize>) -> f32 {
        self.main
            .iter()
            .flat_map(|side| &side[frames.clone()])
            .fold(0.0, |peak, sample| peak.max(sample.abs()))
    }
}

/// A host that only bounces.
struct Host {
    engine: Engine,
    reader: StreamReader,
    heard: Heard,
    bpm: Bpm,
    metre: Metre,
    rate: f64,
}

impl Host {
    fn new(scene: &str, bpm: f64) -> Self {
        Self::at_rate(scene, bpm, RATE)
    }

    fn at_rate(scene: &str, bpm: f64, rate: f64) -> Self {
        let engine = Engine::with(Preference::TEACHER).unwrap();
        engine.set_scene(scene).unwrap();
        let reader = engine.open_stream(rate).unwrap();
        Self {
            engine,
            reader,
            heard: Heard::new(),
            bpm: Bpm::new(bpm).unwrap(),
            metre: Metre::FOUR_FOUR,
            rate,
        }
    }

    /// One block at a song position.
    fn block(&mut self, position: f64, playing: bool, frames: usize, controls: &Controls) {
        let at = self.heard.main[0].len();
        for side in self.heard.main.iter_mut().chain(self.heard.stems.iter_mut().flatten()) {
            side.resize(at + frames, f32::NAN); // whatever is not written is found
        }
        let [left, right] = &mut self.heard.main;
        let mut stems = self.heard.stems.iter_mut();
        let stems = std::array::from_fn(|_| stems.next().unwrap().each_mut().map(|side| &mut side[at..]));
        let output = Output { main: [&mut left[at..], &mut right[at..]], stems: Some(stems) };
        let notes = &mut self.heard.notes;
        let mut take = |note: NoteOut| {
            assert!((note.frame as usize) < frames);
            notes.push((at as u64 + u64::from(note.frame), note.role, note.key, note.velocity));
        };
        let playhead = Playhead::at(position, self.bpm, self.metre, playing);
        self.reader.process_offline(&playhead, controls, output, &mut take);
    }

    /// Plays from `position` on in blocks of the given sizes, over and over, with controls that depend on the frame.
    fn play(&mut self, position: f64, frames: usize, sizes: &[usize], controls: impl Fn(usize) -> Controls) {
        let (mut done, mut index) = (0, 0);
        while done < frames {
            let count = sizes[index % sizes.len()].min(frames - done);
            let here = position + done as f64 * self.bpm.quarters_per_frame(self.rate);
            self.block(here, true, count, &controls(done));
            done += count;
            index += 1;
        }
    }
}

fn exact() -> Controls {
    Controls { humanise: 0.0, energy: Energy::new(100.0), ..Controls::default() }
}

#[test]
fn a_bounce_is_the_same_whatever_the_block_size() {
    let bounce = |sizes: &[usize]| {
        let mut host = Host::new("techno", 128.0);
        // Energy steps where all block sizes have an edge.
        host.play(0.0, 40_960, sizes, |frame| Controls {
            energy: Energy::new(if frame < 8_192 { 30.0 } else { 90.0 }),
            ..Controls::default()
        });
        host.heard
    };
    let reference = bounce(&[64]);
    assert!(reference.starts().count() > 5 && reference.peak(0..40_960) > 0.01);
    for sizes in [&[1][..], &[512], &[1_024], &[8_192], &[3, 61, 64, 300, 84, 512]] {
        let other = bounce(sizes);
        assert!(other.notes == reference.notes, "notes differ with blocks of {sizes:?}");
        assert!(other == reference, "audio differs with blocks of {sizes:?}");
    }
}

#[test]
fn notes_begin_on_the_frame_nearest_to_their_step() {
    for (bpm, metre, rate) in [(123.456, "4/4", 48_000.0), (174.0, "7/8", 44_100.0), (61.7, "5/4", 96_000.0)]
    {
        let mut host = Host::at_rate("techno", bpm, rate);
        host.metre = metre.parse().unwrap();
        let frames = (rate * 6.0) as usize;
        host.play(0.0, 500, &[500], |_| exact());
        let grid = host.engine.now_playing().unwrap().grid.clone();
        host.play(500.0 * host.bpm.quarters_per_frame(rate), frames, &[500], |_| exact());
        let frames_per_step = 0.25 / host.bpm.quarters_per_frame(rate);
        let mut checked = 0;
        for (frame, role, key, _) in host.heard.starts() {
            // Where the grid has a note of this key, as near as it gets.
            let nearest = grid.clips[*role]
                .notes
                .iter()
                .filter(|note| {
                    let midi = match role {
                        Role::Drums => {
                            sceneloop_music::DrumLane::from_pitch(note.pitch).map(|lane| lane.midi_key())
                        }
                        _ => grid.key.midi_key(note.pitch),
                    };
                    midi == Some(*key)
                })
                .map(|note| {
                    (grid.swing.warp(f64::from(note.onset), grid.metre) * frames_per_step - *frame as f64)
                        .abs()
                })
                .fold(f64::INFINITY, f64::min);
            if (*frame as f64) < f64::from(grid.steps()) * frames_per_step - 1.0 {
                assert!(nearest <= 0.501, "{role} {key} at frame {frame} is {nearest} frames off");
                checked += 1;
            }
        }
        assert!(checked > 20, "only {checked} notes at {bpm} BPM in {metre}");
    }
}

#[test]
fn audio_begins_with_the_note_and_not_before() {
    let mut host = Host::new("techno", 120.0);
    host.play(0.0, 48_000, &[256], |_| exact());
    let first = host.heard.starts().find(|note| note.1 == Role::Drums).unwrap().0 as usize;
    let drums = &host.heard.stems[Role::Drums.index()];
    let sounding = drums[0].iter().zip(&drums[1]).position(|(l, r)| l.abs().max(r.abs()) > 1e-7).unwrap();
    assert!(sounding >= first && sounding <= first + 4, "note at {first}, sound at {sounding}");
}

#[test]
fn every_start_has_its_end_and_stopping_fades_to_silence() {
    let mut host = Host::new("pop", 100.0);
    host.play(0.0, 96_000, &[512], |_| exact());
    for _ in 0..8 {
        host.block(4.0, false, 512, &exact());
    }
    let total = host.heard.main[0].len();
    assert!(host.heard.peak(total - 3_000..total) == 0.0, "silent after the fade");
    let step = (96_000..total)
        .map(|i| (host.heard.main[0][i] - host.heard.main[0][i - 1]).abs())
        .fold(0.0, f32::max);
    assert!(step < 0.2, "no click at the stop: {step}");
    let mut open = std::collections::HashMap::new();
    for (_, role, key, velocity) in &host.heard.notes {
        *open.entry((*role, *key)).or_insert(0) += if *velocity > 0.0 { 1 } else { -1 };
    }
    assert!(open.values().all(|count| *count == 0), "{open:?}");
}

#[test]
fn a_jump_finds_the_notes_of_its_place() {
    let mut straight = Host::new("synthwave", 120.0);
    straight.play(32.0, 48_000, &[512], |_| exact());
    let mut jumped = Host::new("synthwave", 120.0);
    jumped.play(5.3, 30_000, &[512], |_| exact());
    let before = jumped.heard.notes.len();
    jumped.play(32.0, 48_000, &[512], |_| exact());
    let starts = |notes: &[(u64, Role, u8, f32)], origin: u64| {
        let starts = notes.iter().filter(|note| note.3 > 0.0);
        starts.map(|note| (note.0 - origin, note.1, note.2)).collect::<Vec<_>>()
    };
    assert_eq!(starts(&jumped.heard.notes[before..], 30_000), starts(&straight.heard.notes, 0));
    assert!(!starts(&straight.heard.notes, 0).is_empty());
}

#[test]
fn starting_within_a_bar_joins_held_notes_and_stays_on_the_grid() {
    let mut host = Host::new("ambient", 90.0);
    host.play(2.6, 24_000, &[480], |_| exact());
    assert!(host.heard.starts().any(|note| note.0 == 0), "a held note is joined at once");
    assert!(host.heard.main.iter().flatten().all(|sample| sample.is_finite()));
}

#[test]
fn a_new_scene_begins_at_the_next_bar() {
    let mut host = Host::new("techno", 120.0);
    host.play(0.0, 30_000, &[500], |_| exact());
    let before = host.engine.now_playing().unwrap();
    host.engine.set_scene("ambient").unwrap();
    host.play(30_000.0 / 24_000.0, 60_000, &[500], |_| exact());
    assert_eq!(host.engine.now_playing().unwrap().scene.text, before.scene.text, "until the bar line");
    host.play(90_000.0 / 24_000.0, 10_000, &[500], |_| exact());
    assert_eq!(host.engine.now_playing().unwrap().scene.text, host.engine.scene_text());
}

#[test]
fn sync_at_the_beat_is_sooner_and_at_the_loop_later() {
    let heard_at = |sync| {
        let mut host = Host::new("techno", 120.0);
        let controls = Controls { sync, ..exact() };
        host.play(0.0, 10_000, &[500], |_| controls);
        host.engine.set_scene("ambient").unwrap();
        for block in 0..1000 {
            host.play((10_000.0 + 500.0 * f64::from(block)) / 24_000.0, 500, &[500], |_| controls);
            if host.engine.now_playing().unwrap().scene.text == host.engine.scene_text() {
                return (10_000.0 + 500.0 * f64::from(block)) / 24_000.0;
            }
        }
        panic!("never heard");
    };
    assert!((heard_at(SyncPoint::Beat) - 1.0).abs() < 0.05);
    assert!((heard_at(SyncPoint::Bar) - 4.0).abs() < 0.05);
    assert!((heard_at(SyncPoint::Loop) - 16.0).abs() < 0.05);
}

#[test]
fn bad_scenes_and_states_change_nothing() {
    let engine = Engine::with(Preference::TEACHER).unwrap();
    engine.set_scene("rain:0.5, techno").unwrap();
    let (text, state) = (engine.scene_text(), engine.state());
    assert!(engine.set_scene("no such place").unwrap_err().to_string().contains("no such place"));
    let mut future = state.clone();
    future.version += 1;
    assert!(engine.set_state(future).unwrap_err().to_string().contains("newer"));
    let mut odd = state.clone();
    odd.scene = "nowhere at all".into();
    assert!(engine.set_state(odd).is_err());
    assert_eq!((engine.scene_text(), engine.state()), (text, state));
    assert!(engine.open_stream(8_000.0).is_err());
}

#[test]
fn a_reopened_project_plays_its_own_notes() {
    let mut first = Host::new("pop", 120.0);
    first.play(0.0, 48_000, &[512], |_| exact());
    let mut state = first.engine.state();
    assert!(!state.loops.is_empty());
    // Notes that no composer would write prove that the saved ones play.
    for pinned in &mut state.loops {
        pinned.grid.clips.0.iter_mut().for_each(|clip| clip.notes.clear());
        pinned.grid.clips[Role::Bass].notes.push(sceneloop_music::Note {
            onset: 3,
            duration: 2,
            pitch: -24,
            velocity: 99,
            rank: sceneloop_music::Rank::ALWAYS,
        });
    }
    let text = serde_json::to_string(&state).unwrap();
    let mut second = Host::new("techno", 120.0);
    second.engine.set_state(serde_json::from_str(&text).unwrap()).unwrap();
    second.play(0.0, 90_000, &[512], |_| exact());
    let starts: Vec<_> = second.heard.starts().map(|note| (note.0, note.1)).collect();
    assert_eq!(starts, [(18_000, Role::Bass)]);
    assert_eq!(second.engine.state(), state);
}

#[test]
fn in_real_time_the_music_plays_and_always_mode_needs_no_transport() {
    let engine = Engine::with(Preference::TEACHER).unwrap();
    let mut reader = engine.open_stream(RATE).unwrap();
    let controls = Controls { play: PlayMode::Always, ..Controls::default() };
    let (mut left, mut right) = (vec![0.0; 480], vec![0.0; 480]);
    let (mut energy, mut starts) = (0.0f64, 0);
    for _ in 0..150 {
        let output = Output { main: [&mut left, &mut right], stems: None };
        reader.process(&Playhead::default(), &controls, output, &mut |note| {
            starts += usize::from(note.velocity > 0.0)
        });
        assert!(left.iter().chain(&right).all(|sample| sample.is_finite()));
        energy += left.iter().map(|sample| f64::from(sample * sample)).sum::<f64>();
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let health = engine.health();
    assert!(
        energy > 0.01,
        "heard {energy}, {starts} notes, {} blocks rendered, {} underruns, ring {} ms, composed in {} ms, {} restarts, {:?}",
        health.blocks_rendered(),
        health.underruns(),
        health.ring_fill_ms(),
        health.compose_ms(),
        health.restarts(),
        health.last_error()
    );
    assert!(starts > 3);
    assert!(engine.health().playing() && engine.health().position_quarters() > 2.0);
}

#[test]
fn a_primed_start_loses_nothing_of_the_first_beat() {
    let engine = Engine::with(Preference::TEACHER).unwrap();
    engine.set_scene("techno").unwrap();
    let mut reader = engine.open_stream(RATE).unwrap();
    let (mut left, mut right) = (vec![0.0; 256], vec![0.0; 256]);
    let mut run = |playing: bool, position: f64| {
        let mut first = None;
        let output = Output { main: [&mut left, &mut right], stems: None };
        let playhead = Playhead::at(position, Bpm::default(), Metre::FOUR_FOUR, playing);
        reader.process(&playhead, &exact(), output, &mut |note| {
            first.get_or_insert(note.frame);
        });
        first
    };
    for _ in 0..200 {
        assert_eq!(run(false, 0.0), None);
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    assert_eq!(run(true, 0.0), Some(0), "the first note comes with the first frame");
}
