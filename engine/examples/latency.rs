//! How soon a control is heard: live, at the pace of a sound card, median and worst of many trials.
//! `cargo xtask measure latency [TRIALS] [FRAMES ...]`
//!
//! Engines play side by side, of which one is changed: what differs is what the change did. Seeds, places and moments
//! come from one seeded generator.

use sceneloop_engine::{Controls, Engine, NoteOut, Output, Preference, StreamReader, SyncPoint};
use sceneloop_music::{Bpm, Dice, Energy, Metre, Playhead};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

const RATE: f64 = 48_000.0;
/// Dense music, so that there is much to change.
const SCENE: &str = "drum and bass";
const BPM: f64 = 174.0;
/// The energies between which the slider is moved.
const LOW: f32 = 20.0;
const HIGH: f32 = 90.0;

/// A note that started: frame of the trial, channel, key.
type Start = (u64, u8, u8);

/// One engine and what it has played in this trial.
struct Player {
    engine: Engine,
    reader: StreamReader,
    controls: Controls,
    mix: Vec<f32>,
    starts: BTreeSet<Start>,
}

impl Player {
    fn new() -> anyhow::Result<Self> {
        // The teacher, so that all have the same notes: whether the network is done in time is chance.
        let engine = Engine::with(Preference::TEACHER)?;
        engine.set_scene(SCENE)?;
        let reader = engine.open_stream(RATE)?;
        let controls = Controls { bars: 1, sync: SyncPoint::Beat, ..Controls::default() };
        Ok(Self { engine, reader, controls, mix: Vec::new(), starts: BTreeSet::new() })
    }

    fn block(&mut self, playhead: &Playhead, frames: usize) {
        let at = self.mix.len();
        self.mix.resize(at + frames, 0.0);
        let mut right = vec![0.0; frames];
        let starts = &mut self.starts;
        let mut take = |note: NoteOut| {
            if note.velocity > 0.0 {
                starts.insert((at as u64 + u64::from(note.frame), note.channel, note.key));
            }
        };
        let output = Output { main: [&mut self.mix[at..], &mut right], stems: None };
        self.reader.process(playhead, &self.controls, output, &mut take);
    }

    fn forget(&mut self) {
        self.mix.clear();
        self.starts.clear();
    }
}

/// The players, one transport, and a clock that is kept.
struct Stage {
    players: Vec<Player>,
    playhead: Playhead,
    frames: usize,
    due: Instant,
}

impl Stage {
    /// So many players who stand at the start of the song and are ready.
    fn new(players: usize, frames: usize) -> anyhow::Result<Self> {
        let players = (0..players).map(|_| Player::new()).collect::<anyhow::Result<Vec<_>>>()?;
        let playhead = Playhead::at(0.0, Bpm::new(BPM)?, Metre::FOUR_FOUR, false);
        let mut stage = Self { players, playhead, frames, due: Instant::now() };
        stage.play(3.0);
        Ok(stage)
    }

    /// Plays or stands for so long, in whole blocks.
    fn play(&mut self, seconds: f64) {
        for _ in 0..(seconds * RATE / self.frames as f64).ceil() as usize {
            std::thread::sleep(self.due.saturating_duration_since(Instant::now()));
            self.due += Duration::from_secs_f64(self.frames as f64 / RATE);
            for player in &mut self.players {
                player.block(&self.playhead, self.frames);
            }
            if self.playhead.playing {
                let quarters = self.frames as f64 * self.playhead.bpm.quarters_per_frame(RATE);
                self.playhead = self.playhead.advanced(quarters);
            }
        }
    }

    /// Stands at a bar line, then rolls from there for so long.
    fn start_at(&mut self, bar: i64, seconds: f64) {
        self.playhead = Playhead::at(bar as f64 * 4.0, self.playhead.bpm, self.playhead.metre, false);
        self.play(0.1);
        self.players.iter_mut().for_each(Player::forget);
        self.playhead.playing = true;
        self.play(seconds);
    }

    fn underruns(&self) -> u64 {
        self.players.iter().map(|player| player.engine.health().underruns()).sum()
    }

    /// Frames played in this trial.
    fn played(&self) -> usize {
        self.players[0].mix.len()
    }
}

/// Milliseconds of many trials.
#[derive(Default)]
struct Row(Vec<f64>);

impl Row {
    fn add(&mut self, frames: f64) {
        self.0.push(frames / RATE * 1e3);
    }

    fn print(&mut self, frames: usize, name: &str) {
        self.0.sort_by(f64::total_cmp);
        let (Some(worst), count) = (self.0.last(), self.0.len()) else { return };
        let at = |part: f64| self.0[((count - 1) as f64 * part) as usize];
        println!("| {frames} | {name} | {:.1} | {:.1} | {worst:.1} | {count} |", at(0.5), at(0.99));
    }
}

/// The first frame from which on two differ.
fn parted(one: &[f32], other: &[f32], from: usize) -> Option<usize> {
    (from..one.len().min(other.len())).find(|frame| one[*frame] != other[*frame])
}

/// Three play: low, high, and one that goes from low to high.
fn energy(trials: usize, frames: usize, dice: &mut Dice) -> anyhow::Result<()> {
    let mut stage = Stage::new(3, frames)?;
    let (mut sample, mut new, mut old) = (Row::default(), Row::default(), Row::default());
    let mut spoilt = 0;
    for _ in 0..trials {
        for (player, energy) in stage.players.iter_mut().zip([LOW, HIGH, LOW]) {
            player.controls.energy = Energy::new(energy);
        }
        stage.start_at(dice.between(0, 31).into(), 0.15 + 0.2 * f64::from(dice.unit()));
        let moved = stage.played();
        let before = stage.underruns();
        stage.players[2].controls.energy = Energy::new(HIGH);
        stage.play(0.3);
        let late = stage.underruns() > before;
        let [low, high, changed] = &stage.players[..] else { anyhow::bail!("three play") };
        // Where one is silent there is nothing to compare.
        let plays = |player: &Player| player.mix[..moved].iter().rev().take(480).any(|sample| *sample != 0.0);
        if late
            || !stage.players.iter().all(plays)
            || parted(&low.mix, &changed.mix, 0).is_none_or(|frame| frame < moved)
        {
            spoilt += 1; // the machine was late: the players were not the same before
            continue;
        }
        if let Some(frame) = parted(&low.mix, &changed.mix, moved) {
            sample.add((frame - moved) as f64);
        }
        let after = |start: &&Start| start.0 >= moved as u64;
        if let Some(first) = changed.starts.difference(&low.starts).find(after) {
            new.add(first.0 as f64 - moved as f64);
        }
        let last = changed.starts.symmetric_difference(&high.starts).filter(after).last();
        old.add(last.map_or(0.0, |last| last.0 as f64 + 1.0 - moved as f64));
    }
    sample.print(frames, "energy moved: first sample that differs");
    new.print(frames, "energy moved: first note of the new energy, where the music has one");
    old.print(frames, "energy moved: last note of the old energy");
    eprintln!("{spoilt} of {trials} trials were spoilt by a late machine");
    Ok(())
}

/// One plays from standing and then jumps.
fn start(trials: usize, frames: usize, dice: &mut Dice) -> anyhow::Result<()> {
    let mut stage = Stage::new(1, frames)?;
    stage.players[0].controls.energy = Energy::new(HIGH);
    let (mut started, mut jumped) = (Row::default(), Row::default());
    let sounds = |sample: &f32| *sample != 0.0;
    for _ in 0..trials {
        stage.start_at(dice.between(0, 1 << 16).into(), 0.15);
        if let Some(frame) = stage.players[0].mix.iter().position(sounds) {
            started.add(frame as f64);
        }
        let bar = dice.between(0, 1 << 16);
        stage.playhead = Playhead::at(f64::from(bar) * 4.0, stage.playhead.bpm, stage.playhead.metre, true);
        let from = stage.played();
        stage.play(0.15);
        // The old music fades for a millisecond; then it is silent until the new one comes.
        let after = &stage.players[0].mix[from..];
        let silent = after.split(sounds).map(<[f32]>::len).max().unwrap_or(0);
        let gap = after.windows(silent.max(1)).position(|run| !run.iter().any(sounds)).unwrap_or(0);
        jumped.add((gap + silent) as f64);
    }
    started.print(frames, "playback started where one stood: first sound");
    jumped.print(frames, "jumped elsewhere: the music is back");
    Ok(())
}

/// Two play, and one gets another scene shortly before a beat: whether that beat has it.
fn scene(trials: usize, frames: usize, dice: &mut Dice) -> anyhow::Result<()> {
    let scenes = ["techno", "ambient", "jazz", "orchestral", "lo-fi", "forest", "metal", "cyberpunk city"];
    let mut stage = Stage::new(2, frames)?;
    let beat = 1.0 / stage.playhead.bpm.quarters_per_frame(RATE);
    // How long before the beat that first had the new scene it was asked for; and before those that came too soon.
    let (mut heard, mut missed) = (Row::default(), Row::default());
    let mut spoilt = 0;
    for trial in 0..trials {
        for player in &mut stage.players {
            player.engine.set_scene(SCENE)?;
            // So that nothing of it is known.
            player.controls.seed = trial as u32 + 1;
        }
        stage.start_at(0, 0.3 + 0.4 * f64::from(dice.unit()));
        let asked = stage.played();
        stage.players[1].engine.set_scene(dice.pick::<&str>(&scenes))?;
        stage.play(0.9);
        let [before, after] = &stage.players[..] else { anyhow::bail!("two play") };
        let Some(frame) = parted(&before.mix, &after.mix, 0).filter(|frame| *frame >= asked) else {
            spoilt += 1;
            continue;
        };
        // The scene's own level begins with the block that its first note lies in.
        let landed = (frame as f64 / beat).round() * beat;
        heard.add(landed - asked as f64);
        let sooner = landed - beat - asked as f64;
        if sooner > 0.0 {
            missed.add(sooner);
        }
    }
    heard.print(frames, "scene changed: the beat that has it");
    missed.print(frames, "scene changed: how far off a beat was that missed it");
    eprintln!("{spoilt} of {trials} trials were spoilt by a late machine");
    Ok(())
}

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let trials: usize = arguments.next().map_or(Ok(1_000), |text| text.parse())?;
    let mut sizes = arguments.map(|text| text.parse()).collect::<Result<Vec<usize>, _>>()?;
    if sizes.is_empty() {
        sizes = vec![64, 256, 1_024];
    }
    println!("| frames in a block | what | median, ms | 99th of a hundred | worst | trials |");
    println!("| --- | --- | --- | --- | --- | --- |");
    for frames in sizes {
        let mut dice = Dice::new(7, "latency");
        energy(trials, frames, &mut dice)?;
        start(trials, frames, &mut dice)?;
        scene(trials, frames, &mut dice)?;
    }
    Ok(())
}
