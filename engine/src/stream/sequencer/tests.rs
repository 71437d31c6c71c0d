use super::*;
use crate::assets::Assets;
use crate::composer::Composed;
use crate::controls::Controls;
use sceneloop_music::{Bpm, Chord, ChordQuality, Clip, LoopGrid, Note, PitchClass, Playhead, Rank};
use sceneloop_render::BLOCK_FRAMES;

const RATE: f64 = 48_000.0;

/// Gives the same notes for every key: a hit on every step of the drums, a pad a bar, one that needs energy 60.
struct Steps;

impl LoopSource for Steps {
    fn get(&mut self, key: LoopKey, scene: &Arc<Scene>) -> Option<Arc<PreparedLoop>> {
        let tonic = Key::new(PitchClass::new(0), key.mode);
        let mut grid = LoopGrid::empty(key.metre, key.bars, tonic, Chord::new(0, ChordQuality::Power));
        let steps = grid.steps() as u16;
        let note = |onset, duration, pitch, rank| Note {
            onset,
            duration,
            pitch,
            velocity: 100,
            rank: Rank::new(rank),
        };
        grid.clips[Role::Drums] = Clip::new((0..steps).map(|step| note(step, 1, 0, 0)).collect());
        let bar = key.metre.steps_per_bar() as u16;
        let pads =
            (0..u16::from(key.bars)).flat_map(|b| [note(b * bar, bar, 0, 0), note(b * bar, bar, 7, 60)]);
        grid.clips[Role::Pad] = Clip::new(pads.collect());
        let scene = scene.clone();
        Some(Arc::new(PreparedLoop::new(Arc::new(Composed {
            key,
            grid: Arc::new(grid),
            scene,
            trim: 1.0,
            composer: "test",
        }))))
    }
    fn any(&self, _: Metre) -> Option<Arc<PreparedLoop>> {
        None
    }
    fn want(&mut self, _: LoopKey, _: &Arc<Scene>, _: f64) {}
}

/// Plays `blocks` blocks at a constant tempo and gives the notes with their frames.
fn play(bpm: f64, metre: &str, blocks: u64, energy: impl Fn(u64) -> f32, sync: SyncPoint) -> Vec<StreamNote> {
    play_loosely(0.0, bpm, metre, blocks, energy, sync)
}

fn play_loosely(
    humanise: f32,
    bpm: f64,
    metre: &str,
    blocks: u64,
    energy: impl Fn(u64) -> f32,
    sync: SyncPoint,
) -> Vec<StreamNote> {
    let scene = Arc::new(Assets::shipped().unwrap().scenes.parse("techno").unwrap());
    let (bpm, metre) = (Bpm::new(bpm).unwrap(), metre.parse().unwrap());
    let quarters_per_frame = bpm.quarters_per_frame(RATE);
    let (mut sequencer, mut events, mut heard) = (Sequencer::new(), BlockEvents::default(), Vec::new());
    for block in 0..blocks {
        let frame = block * BLOCK_FRAMES as u64;
        let playhead = Playhead::at(frame as f64 * quarters_per_frame, bpm, metre, true);
        let controls = Controls {
            humanise,
            sync,
            tonic: Some(PitchClass::new(0)),
            energy: Energy::new(energy(block)),
            ..Controls::default()
        };
        let snapshot = Snapshot { epoch: 1, frame, playhead, controls, offline: true, ..Snapshot::default() };
        let span = Span {
            epoch: 1,
            frame,
            part: (0, BLOCK_FRAMES as u32),
            position: playhead.position,
            end: playhead.position + BLOCK_FRAMES as f64 * quarters_per_frame,
            quarters_per_frame,
            quarters_per_second: bpm.get() / 60.0,
            bar_start: playhead.bar_start,
            bar: playhead.bar,
        };
        events.clear();
        sequencer.block(&span, &snapshot, &scene, &mut Steps, &mut events);
        assert!(events.render.windows(2).all(|pair| pair[0].frame <= pair[1].frame));
        assert!(events.render.iter().all(|event| (event.frame as usize) < BLOCK_FRAMES));
        heard.extend_from_slice(&events.notes);
    }
    heard
}

fn drum_starts(notes: &[StreamNote]) -> Vec<u64> {
    let starts = notes.iter().filter(|note| note.role == Role::Drums && note.velocity > 0.0);
    starts.map(|note| note.frame).collect()
}

#[test]
fn a_thousand_bars_do_not_drift() {
    let frames_per_step = 0.25 * 60.0 * RATE / 123.456;
    let blocks = (1000.0 * 16.0 * frames_per_step / BLOCK_FRAMES as f64) as u64;
    for sync in [SyncPoint::Beat, SyncPoint::Bar, SyncPoint::Loop] {
        let starts = drum_starts(&play(123.456, "4/4", blocks, |_| 70.0, sync));
        assert!(starts.len() >= 15_999, "{}", starts.len());
        for (step, frame) in starts.iter().enumerate() {
            let off = *frame as f64 - step as f64 * frames_per_step;
            assert!(off.abs() <= 0.5 + 1e-3, "step {step} is {off} frames off");
        }
    }
}

#[test]
fn no_step_is_lost_or_doubled_in_odd_metres_and_at_the_edges_of_blocks() {
    // At 120 BPM bars begin exactly where blocks do; the other tempi are crooked.
    for (bpm, metre) in [(120.0, "4/4"), (93.7, "7/8"), (250.0, "5/4"), (960.0, "3/4"), (10.0, "12/8")] {
        let frames_per_step = 0.25 * 60.0 * RATE / bpm;
        let blocks = 3_000.max((40.0 * frames_per_step / 64.0) as u64);
        let starts = drum_starts(&play(bpm, metre, blocks, |_| 70.0, SyncPoint::Beat));
        for (step, frame) in starts.iter().enumerate() {
            assert_eq!(
                *frame,
                (step as f64 * frames_per_step).round() as u64,
                "step {step} at {bpm} in {metre}"
            );
        }
        assert!(starts.len() as f64 >= blocks as f64 * 64.0 / frames_per_step - 2.0);
    }
}

#[test]
fn held_notes_come_and_go_with_the_energy_within_a_block() {
    let pads = |notes: &[StreamNote]| {
        let pads = notes.iter().filter(|note| note.role == Role::Pad && note.key == 67);
        pads.map(|note| (note.frame, note.velocity > 0.0)).collect::<Vec<_>>()
    };
    // A bar is 1500 blocks at 120 BPM; energy rises in block 100 and falls in block 300.
    let notes = play(
        120.0,
        "4/4",
        1_000,
        |block| if (100..300).contains(&block) { 80.0 } else { 20.0 },
        SyncPoint::Bar,
    );
    assert_eq!(pads(&notes), [(100 * 64, true), (300 * 64, false)]);
}

#[test]
fn notes_of_higher_energy_hold_those_of_lower() {
    let starts = |energy: f32| {
        let notes = play(120.0, "4/4", 2_000, |_| energy, SyncPoint::Bar);
        notes.iter().filter(|note| note.velocity > 0.0).map(|note| (note.frame, note.key)).collect::<Vec<_>>()
    };
    let (low, high) = (starts(59.0), starts(60.0));
    assert!(low.iter().all(|note| high.contains(note)) && high.len() > low.len());
}

#[test]
fn loose_players_do_not_cut_their_notes() {
    let lengths = |humanise: f32| {
        let notes = play_loosely(humanise, 128.0, "4/4", 12_000, |_| 100.0, SyncPoint::Bar);
        let mut lengths = Vec::new();
        for (index, note) in notes.iter().enumerate().filter(|(_, note)| note.velocity > 0.0) {
            let same = |other: &&StreamNote| (other.role, other.key) == (note.role, note.key);
            // The next word on the key is this note's end, and comes before the key is struck again.
            if let Some(next) = notes[index + 1..].iter().find(same) {
                assert_eq!(next.velocity, 0.0, "{note:?} does not end before {next:?}");
                lengths.push(next.frame - note.frame);
            }
        }
        assert!(lengths.len() > 150);
        lengths
    };
    let shortest = |lengths: &[u64]| lengths.iter().copied().min().unwrap();
    let exact = shortest(&lengths(0.0));
    for humanise in [0.3, 1.0] {
        let loose = shortest(&lengths(humanise));
        assert!(2 * loose > exact, "a note of {loose} frames, where the shortest has {exact}");
    }
}
