//! The network as composer in a live set: scenes and energies that change at any moment, and what is heard of them.
//!
//! Blocks are pulled at the pace of a sound card. The long run is as strict as one: what is not rendered by then is an underrun. The short one,
//! which runs beside other tests, waits for the renderer; the composer knows only the real clock in both.

use sceneloop_engine::composer::{NETWORK, TEACHER};
use sceneloop_engine::{Author, Choice, Controls, Engine, NowPlaying, Output, Preference, StreamReader};
use sceneloop_music::{Bpm, DrumLane, Energy, Metre, Playhead, Role};
use std::sync::Arc;
use std::time::{Duration, Instant};

const RATE: f64 = 22_050.0;
/// Frames of a block: 20 ms.
const BLOCK: usize = 441;
/// More than the reader takes from the ring beyond a block, frames.
const BEYOND: u64 = 384;
const BAR: f64 = 4.0;
/// How far the energy may dip within a bar before what has entered stops.
const LAYER_HOLD: f32 = 4.0;
const SCENES: [&str; 6] =
    ["techno", "cyberpunk city, rain:0.5", "drum and bass", "jazz", "ambient", "horror"];

/// A linear congruential generator (Knuth's MMIX): the same moments each time.
struct Dice(u64);

impl Dice {
    /// 0 to 1.
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 40) as f64 / (1u64 << 24) as f64
    }
}

/// A drum that was heard.
struct Hit {
    position: f64,
    key: u8,
}

struct Set {
    engine: Engine,
    reader: StreamReader,
    controls: Controls,
    bpm: Bpm,
    pulled: u64,
    next_block: Instant,
    /// Whether a block is pulled when it is due, rendered or not.
    is_strict: bool,
    hits: Vec<Hit>,
    /// Every loop that began.
    loops: Vec<Arc<NowPlaying>>,
    /// Song position from which an energy may be heard, and from which the one before may not be.
    energies: Vec<(f64, f64, Energy)>,
}

impl Set {
    fn new(is_strict: bool) -> Self {
        let preference = Preference { author: Author::Network, device: Choice::Cpu };
        let engine = Engine::with_notes(preference, None).unwrap();
        engine.set_scene(SCENES[0]).unwrap();
        let reader = engine.open_stream(RATE).unwrap();
        let controls = Controls { humanise: 0.0, ring_ms: 120.0, bars: 2, ..Controls::default() };
        let mut set = Self {
            engine,
            reader,
            controls,
            bpm: Bpm::new(174.0).unwrap(),
            pulled: 0,
            next_block: Instant::now(),
            is_strict,
            hits: Vec::new(),
            loops: Vec::new(),
            energies: vec![(f64::NEG_INFINITY, f64::NEG_INFINITY, controls.energy)],
        };
        // As in a DAW: until the network is ready, and the first blocks are.
        while set.engine.health().composer() != NETWORK || set.engine.health().ring_fill_ms() < 60.0 {
            set.process(false);
            std::thread::sleep(Duration::from_millis(5));
        }
        set
    }

    fn quarters(&self, frames: u64) -> f64 {
        frames as f64 * self.bpm.quarters_per_frame(RATE)
    }

    /// Song position of the next block.
    fn position(&self) -> f64 {
        self.quarters(self.pulled)
    }

    /// Song position up to which it is rendered.
    fn rendered(&self) -> f64 {
        self.quarters(64 * self.engine.health().blocks_rendered())
    }

    fn process(&mut self, playing: bool) {
        let (mut left, mut right) = ([0.0; BLOCK], [0.0; BLOCK]);
        let position = self.position();
        let per_frame = self.bpm.quarters_per_frame(RATE);
        let playhead = Playhead::at(position, self.bpm, Metre::FOUR_FOUR, playing);
        let output = Output { main: [&mut left, &mut right], stems: None };
        let hits = &mut self.hits;
        self.reader.process(&playhead, &self.controls, output, &mut |note| {
            if note.role == Role::Drums && note.velocity > 0.0 {
                hits.push(Hit { position: position + f64::from(note.frame) * per_frame, key: note.key });
            }
        });
    }

    /// One block of the set, when it is due and, unless that is strict, rendered.
    fn block(&mut self) {
        let begun = Instant::now();
        while !self.is_strict
            && 64 * self.engine.health().blocks_rendered() < self.pulled + BLOCK as u64 + BEYOND
        {
            assert!(begun.elapsed() < Duration::from_secs(60), "the renderer stands still");
            std::thread::sleep(Duration::from_millis(1));
        }
        let now = Instant::now();
        std::thread::sleep(self.next_block.saturating_duration_since(now));
        let due = if self.is_strict { self.next_block } else { self.next_block.max(now) };
        self.next_block = due + Duration::from_secs_f64(BLOCK as f64 / RATE);
        self.process(true);
        self.pulled += BLOCK as u64;
        if let Some(now) = self.engine.now_playing()
            && self.loops.last().is_none_or(|last| last.began != now.began)
        {
            self.loops.push(now);
        }
    }

    fn play_until(&mut self, position: f64) {
        while self.position() < position {
            self.block();
        }
    }

    /// Changes the scene now, and waits until it plays: by how much too late, bars.
    fn change_scene(&mut self, text: &str) -> f64 {
        self.engine.set_scene(text).unwrap();
        let wanted = self.engine.scene_text();
        // A block that is being rendered now may still hold the bar line.
        let due = ((self.rendered() + self.quarters(64)) / BAR).ceil() * BAR;
        while self.loops.last().unwrap().scene.text != wanted {
            assert!(self.position() < due + 64.0 * BAR, "{text} never came");
            self.block();
        }
        let began = self.loops.last().unwrap().began;
        assert!((began / BAR).fract().abs() < 1e-6, "{text} began at {began}, which is no bar line");
        ((began - due) / BAR).max(0.0)
    }

    /// Changes the energy now.
    fn change_energy(&mut self, energy: f32) {
        let from = self.rendered() - self.quarters(64);
        self.controls.energy = Energy::new(energy);
        self.block();
        // The renderer looks at it between two of its blocks.
        self.block();
        self.energies.push((from, self.rendered(), self.controls.energy));
    }

    /// Whether a drum may sound where it was heard: in the loop that played, at an energy that held.
    fn is_right(&self, hit: &Hit) -> bool {
        let near = self.quarters(2);
        let Some(now) = self.loops.iter().rev().find(|now| now.began <= hit.position + near) else {
            return false;
        };
        let length = BAR * f64::from(now.grid.bars);
        let step = |onset: u16| now.grid.swing.warp(f64::from(onset), now.grid.metre) / 4.0;
        let mut notes = now.grid.clips[Role::Drums].notes.iter().filter(|note| {
            let lane = DrumLane::from_pitch(note.pitch).map(|lane| lane.midi_key());
            let off = (step(note.onset) - hit.position.rem_euclid(length)).abs();
            lane == Some(hit.key) && off.min(length - off) < near
        });
        let until = |index: usize| self.energies.get(index + 1).map_or(f64::INFINITY, |next| next.1);
        let holds =
            |index: usize| (self.energies[index].0 - near..until(index) + near).contains(&hit.position);
        // What has entered stays to the bar line where the energy dips by less than this.
        let bar = (hit.position / BAR + 1e-3).floor() * BAR;
        let in_bar =
            |index: &usize| self.energies[*index].0 - near <= hit.position && until(*index) + near > bar;
        let energies = 0..self.energies.len();
        let highest =
            energies.clone().filter(in_bar).map(|index| self.energies[index].2.get()).fold(0.0, f32::max);
        let held = |energy: Energy| Energy::new(energy.get().max(highest.min(energy.get() + LAYER_HOLD)));
        notes.any(|note| {
            energies.clone().any(|index| holds(index) && note.rank.sounds_at(held(self.energies[index].2)))
        })
    }
}

fn play(changes: usize, is_strict: bool) {
    let mut set = Set::new(is_strict);
    set.next_block = Instant::now();
    let mut dice = Dice(11);
    let (mut scenes, mut late) = (0u32, Vec::new());
    set.play_until(2.0 * BAR);
    for _ in 0..changes {
        set.play_until(set.position() + BAR * (0.05 + 1.1 * dice.unit()));
        if dice.unit() < 0.5 {
            set.change_energy((100.0 * dice.unit()) as f32);
        } else {
            // Another weight is another scene: nothing of it is known yet.
            let text = SCENES[(dice.unit() * SCENES.len() as f64) as usize];
            let weight = 0.5 + f64::from(scenes) / 100.0;
            scenes += 1;
            let bars = set.change_scene(&format!("{text}, night:{weight:.2}"));
            late.extend((bars > 0.0).then_some(bars));
        }
    }
    set.play_until(set.position() + 2.0 * BAR);
    let by = |name| set.loops.iter().filter(|now| now.composer == name).count();
    let wrong: Vec<f64> = set.hits.iter().filter(|hit| !set.is_right(hit)).map(|hit| hit.position).collect();
    println!(
        "{changes} changes, {scenes} of scene, {} late {late:?}; {} loops: network {}, teacher {}; {} drums, wrong at {wrong:?}; \
         {} underruns; a loop took {:.0} ms last",
        late.len(),
        set.loops.len(),
        by(NETWORK),
        by(TEACHER),
        set.hits.len(),
        set.engine.health().underruns(),
        set.engine.health().compose_ms(),
    );
    assert_eq!(set.engine.health().underruns(), 0);
    assert!(late.is_empty() && wrong.is_empty());
    assert!(scenes as usize > changes / 4 && set.hits.len() > changes);
    assert_eq!(by(NETWORK) + by(TEACHER), set.loops.len());
    assert!(by(NETWORK) > 0, "the network wrote nothing");
}

#[test]
fn every_change_is_heard_at_its_sync_point() {
    play(20, false);
}

/// Some five minutes: `cargo nextest run --workspace --exclude xtask --run-ignored all -E 'test(two_hundred)'`.
#[test]
#[ignore = "takes minutes"]
fn two_hundred_changes_are_heard_at_their_sync_points() {
    play(200, true);
}
