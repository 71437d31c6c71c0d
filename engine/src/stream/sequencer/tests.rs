use super::*;
use crate::arranger::PlacedGesture;
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
        Some(Arc::new(PreparedLoop::new(Arc::new(Composed::new(key, Arc::new(grid), scene, 1.0, "test")))))
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

/// A bar is 1500 blocks at 120 BPM; the pad of rank 60 is key 67.
#[test]
fn a_layer_that_has_entered_stays_to_the_bar_line_where_the_energy_dips_a_little() {
    let pads = |energy: &dyn Fn(u64) -> f32| {
        let notes = play(120.0, "4/4", 3_200, energy, SyncPoint::Beat);
        let pads = notes.into_iter().filter(|note| note.role == Role::Pad && note.key == 67);
        pads.map(|note| (note.frame / 64, note.velocity > 0.0)).collect::<Vec<_>>()
    };
    // Just below its rank for a while: it goes on, and is struck again with the next bar as it would be anyway.
    let trembling = pads(&|block| if block % 50 < 25 { 61.0 } else { 58.0 });
    assert_eq!(trembling, [(0, true), (1_500, false), (1_500, true), (3_000, false), (3_000, true)]);
    // It has dipped for good: exact again from the bar line on.
    assert_eq!(pads(&|block| if block < 700 { 61.0 } else { 58.0 }), [(0, true), (1_500, false)]);
    // More than a little is heard at once.
    assert_eq!(pads(&|block| if block < 700 { 61.0 } else { 50.0 }), [(0, true), (700, false)]);
    // What has not entered in this bar does not come of it.
    assert!(pads(&|_| 58.0).is_empty());
    assert_eq!(
        pads(&|block| if block < 1_499 { 58.0 } else { 60.0 }),
        [(1_500, true), (3_000, false), (3_000, true)]
    );
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

/// One loop for ever, with gestures in it.
struct Gestures(Vec<PlacedGesture>);

impl LoopSource for Gestures {
    fn get(&mut self, key: LoopKey, scene: &Arc<Scene>) -> Option<Arc<PreparedLoop>> {
        let grid = Arc::new(crate::composer::plain(&key));
        let mut composed = Composed::new(key, grid, scene.clone(), 1.0, "test");
        composed.gestures = self.0.clone();
        Some(Arc::new(PreparedLoop::new(Arc::new(composed))))
    }
    fn any(&self, _: Metre) -> Option<Arc<PreparedLoop>> {
        None
    }
    fn want(&mut self, _: LoopKey, _: &Arc<Scene>, _: f64) {}
}

/// What is not a note, with its frame in the song; 120 BPM, from a song position on.
fn sounds(energy: f32, from: f64, blocks: u64, place: impl Fn(u64) -> f64) -> Vec<(u64, Role, EventKind)> {
    let riser = |at: f64, rank: u8| PlacedGesture {
        gesture: crate::arranger::Gesture::Riser,
        at,
        length: 4.0,
        gain: 1.0,
        rank: Rank::new(rank),
    };
    let cut = PlacedGesture { gesture: crate::arranger::Gesture::Cut, length: 1.0, ..riser(15.0, 0) };
    let mut source = Gestures(vec![riser(4.0, 0), riser(8.0, 60), cut]);
    let scene = Arc::new(Assets::shipped().unwrap().scenes.parse("techno").unwrap());
    let (bpm, metre) = (Bpm::new(120.0).unwrap(), Metre::FOUR_FOUR);
    let quarters_per_frame = bpm.quarters_per_frame(RATE);
    let (mut sequencer, mut events, mut heard) = (Sequencer::new(), BlockEvents::default(), Vec::new());
    for block in 0..blocks {
        let frame = block * BLOCK_FRAMES as u64;
        let position = from + place(frame) * quarters_per_frame;
        let playhead = Playhead::at(position, bpm, metre, true);
        let controls = Controls { energy: Energy::new(energy), ..Controls::default() };
        let snapshot = Snapshot {
            epoch: 1,
            frame,
            playhead,
            controls,
            offline: true,
            leads: Default::default(),
            edits: Default::default(),
        };
        let span = Span {
            epoch: 1,
            frame,
            part: (0, BLOCK_FRAMES as u32),
            position,
            end: position + BLOCK_FRAMES as f64 * quarters_per_frame,
            quarters_per_frame,
            quarters_per_second: 2.0,
            bar_start: playhead.bar_start,
            bar: playhead.bar,
        };
        events.clear();
        if block > 0 && (place(frame) - place(frame - 64) - 64.0).abs() > 1.0 {
            sequencer.locate(position, &span, &mut events);
        }
        sequencer.block(&span, &snapshot, &scene, &mut source, &mut events);
        let others = events
            .render
            .iter()
            .filter(|event| !matches!(event.kind, EventKind::NoteOn { .. } | EventKind::NoteOff { .. }));
        heard.extend(others.map(|event| (frame + u64::from(event.frame), event.role, event.kind)));
    }
    heard
}

#[test]
fn gestures_begin_on_their_frame_and_take_as_long_as_they_are() {
    use sceneloop_render::Effect;
    let heard = sounds(100.0, 0.0, 6_001, |frame| frame as f64);
    let effects: Vec<_> = heard
        .iter()
        .filter_map(|(frame, role, kind)| match kind {
            EventKind::Effect { effect, frames, .. } => Some((*frame, *role, *effect, *frames)),
            _ => None,
        })
        .collect();
    let riser = |quarter: u64| (quarter * 24_000, Role::Texture, Effect::Riser, 96_000);
    assert_eq!(effects, [riser(4), riser(8)]);
    let cuts: Vec<_> = heard
        .iter()
        .filter(|(.., kind)| matches!(kind, EventKind::Cut { .. }))
        .map(|(frame, role, kind)| (*frame, *role, *kind))
        .collect();
    assert!(
        cuts.iter().all(|cut| cut.0 == 360_000 && cut.2 == EventKind::Cut { frames: 24_000 }),
        "{cuts:?}"
    );
    assert_eq!(cuts.len(), 6, "all roles but the texture, and nothing is left to be ended at the seam");
    // Below its energy one is not played; softer at lower ones.
    let low = sounds(50.0, 0.0, 4_000, |frame| frame as f64);
    assert!(
        matches!(low[..], [(96_000, _, EventKind::Effect { gain, .. })] if (gain - 0.7).abs() < 1e-6),
        "{low:?}"
    );
}

#[test]
fn a_jump_into_a_gesture_does_not_play_it_and_one_out_of_a_cut_ends_it() {
    let into = sounds(100.0, 5.0, 200, |frame| frame as f64);
    assert!(into.is_empty(), "{into:?}");
    // From the middle of the cut to the loop's beginning.
    let out = sounds(100.0, 14.9, 200, |frame| {
        if frame < 64 * 100 { frame as f64 } else { frame as f64 - 14.9 * 24_000.0 - 6_400.0 }
    });
    let ends = out.iter().filter(|(frame, _, kind)| *frame == 6_400 && *kind == EventKind::Cut { frames: 0 });
    assert_eq!(ends.count(), Role::COUNT, "{out:?}");
}
