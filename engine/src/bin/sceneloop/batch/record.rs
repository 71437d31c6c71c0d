//! The record of one piece: what was asked for, what was played, what it measures.

use super::plan::Job;
use super::{BatchArgs, RATE, file};
use sceneloop_engine::export::Take;
use sceneloop_engine::export::measure::{MixMeasures, loudness, stem_residual_db};
use sceneloop_music::{Key, Role};
use serde::Serialize;
use std::collections::BTreeMap;

/// What is the same where nothing has to be rendered again.
#[derive(Serialize, PartialEq)]
struct Wish {
    build: String,
    scene: String,
    energy: f32,
    seed: u32,
    bpm: f64,
    metre: String,
    bars: u32,
    composer: String,
    stems: bool,
    audio: bool,
    events: bool,
}

/// One chord: when it begins, its symbol, its pitch classes counted from C.
#[derive(Serialize)]
struct ChordRecord {
    seconds: f64,
    symbol: String,
    classes: Vec<u8>,
}

/// A frame at which something changes, and what: where a click would lie.
#[derive(Serialize)]
struct Seam {
    frame: u64,
    kind: &'static str,
}

#[derive(Serialize)]
struct RoleRecord {
    patch: String,
    notes: usize,
    /// Before the master, where roles were measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    lufs: Option<f64>,
}

/// All of it, as `<name>.json`.
#[derive(Serialize)]
pub struct Record {
    name: String,
    wish: Wish,
    asked: String,
    family: Option<String>,
    style: String,
    sample_rate: u32,
    frames: usize,
    key: String,
    /// Pitch classes counted from C: of the scale, and of all that chords may be made of.
    scale: Vec<u8>,
    harmony: Vec<u8>,
    chords: Vec<ChordRecord>,
    seams: Vec<Seam>,
    composers: Vec<&'static str>,
    roles: BTreeMap<Role, RoleRecord>,
    /// Role, first frame, frame of the end, MIDI key, velocity (0 to 127).
    notes: Vec<(usize, u64, u64, u8, u8)>,
    mix: MixMeasures,
    /// Largest difference between the mix and the master over the roles' sum, decibels of full scale, where roles were measured.
    stem_residual_db: Option<f64>,
    /// Names the samples, so that what was measured of them need not be measured again.
    samples: String,
    seconds: f64,
    times_real_time: f64,
}

impl Record {
    /// Whether an earlier call has made just this.
    pub fn is_there(args: &BatchArgs, build: &str, job: &Job) -> bool {
        let Ok(text) = std::fs::read_to_string(file(&args.out, job, "json")) else { return false };
        let there = serde_json::from_str::<serde_json::Value>(&text).is_ok_and(|record| {
            serde_json::to_value(Wish::of(build, args, job)).is_ok_and(|wish| record["wish"] == wish)
        });
        there && (args.no_audio || ["wav", "png"].iter().all(|ending| file(&args.out, job, ending).exists()))
    }

    pub fn new(build: &str, args: &BatchArgs, job: &Job, take: &Take, seconds: f64) -> anyhow::Result<Self> {
        let first = &take.loops[0].playing;
        let key = first.grid.key;
        let quarter_seconds = 60.0 / job.bpm.get();
        let chord = |(at, key, chord): (f64, Key, sceneloop_music::Chord)| ChordRecord {
            seconds: at * quarter_seconds,
            symbol: chord.symbol(key),
            classes: from_c(key, chord.pitch_classes()),
        };
        let mut roles = BTreeMap::new();
        for role in Role::ALL {
            let notes = take.notes.iter().filter(|note| note.role == role).count();
            let lufs = match &take.stems[role] {
                [left, right] if args.stems => Some(loudness([left, right], RATE)?),
                _ => None,
            };
            if notes > 0 {
                roles.insert(role, RoleRecord { patch: first.scene.patches[role].clone(), notes, lufs });
            }
        }
        let mut composers: Vec<&str> = take.loops.iter().map(|played| played.playing.composer).collect();
        composers.dedup();
        let stem_residual =
            args.stems.then(|| stem_residual_db(&take.main, &take.stems, RATE)).transpose()?;
        let frames = take.main[0].len();
        Ok(Self {
            name: job.name.clone(),
            wish: Wish::of(build, args, job),
            asked: job.asked.clone(),
            family: job.family.clone(),
            style: job.style.to_string(),
            sample_rate: RATE,
            frames,
            key: key.to_string(),
            scale: from_c(key, key.mode.scale().iter().copied()),
            harmony: from_c(key, key.mode.harmony().iter().copied()),
            chords: take.harmony().into_iter().map(chord).collect(),
            seams: seams(take),
            composers,
            roles,
            notes: take
                .notes
                .iter()
                .map(|note| {
                    let velocity = (127.0 * note.velocity).round() as u8;
                    (note.role.index(), note.start, note.end, note.key, velocity)
                })
                .collect(),
            mix: MixMeasures::of(&take.main, RATE)?,
            stem_residual_db: stem_residual,
            samples: samples_hash(&take.main),
            seconds,
            times_real_time: frames as f64 / f64::from(RATE) / seconds.max(1e-9),
        })
    }
}

impl Wish {
    fn of(build: &str, args: &BatchArgs, job: &Job) -> Self {
        Self {
            build: build.into(),
            scene: job.scene.clone(),
            energy: job.energy,
            seed: job.seed,
            bpm: job.bpm.get(),
            metre: job.metre.to_string(),
            bars: job.bars,
            composer: format!("{:?}", args.composer).to_lowercase(),
            stems: args.stems,
            audio: !args.no_audio,
            events: args.events,
        }
    }
}

/// Where sections and loops begin, every other bar line, and events.
fn seams(take: &Take) -> Vec<Seam> {
    let request = &take.request;
    let bar_quarters = request.metre.quarters_per_bar();
    let quarters_per_frame = request.bpm.quarters_per_frame(f64::from(request.sample_rate));
    let frame = |quarters: f64| (quarters / quarters_per_frame).round() as u64;
    let sections = take.sections();
    let bars = (1..request.bars).map(|bar| {
        let kind = if sections.iter().any(|section| section.bar == bar) {
            "section"
        } else if take.loops.iter().any(|played| played.bar == bar) {
            "loop"
        } else {
            "bar"
        };
        Seam { frame: frame(f64::from(bar) * bar_quarters), kind }
    });
    let events = take.events.iter().map(|event| event.position(request.metre));
    bars.chain(events.map(|at| Seam { frame: frame(at), kind: "event" })).collect()
}

/// Pitch classes above the tonic as those above C, rising.
fn from_c(key: Key, classes: impl Iterator<Item = u8>) -> Vec<u8> {
    let mut classes: Vec<u8> = classes.map(|class| (key.tonic.get() + class) % 12).collect();
    classes.sort_unstable();
    classes.dedup();
    classes
}

/// FNV-1a (Fowler, Noll & Vo) over words of eight bytes.
pub fn hash(bytes: &[u8]) -> u64 {
    bytes.chunks(8).fold(0xcbf2_9ce4_8422_2325, |hash, word| {
        let word = word.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
        (hash ^ word).wrapping_mul(0x0100_0000_01b3)
    })
}

fn samples_hash(channels: &[Vec<f32>; 2]) -> String {
    let hash = channels.iter().flatten().fold(0xcbf2_9ce4_8422_2325_u64, |hash, sample| {
        (hash ^ u64::from(sample.to_bits())).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}
