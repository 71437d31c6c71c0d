//! `sceneloop compose`: several loops for one wish, notes only, the best first.

use crate::Failure;
use crate::options::{Composer, Music, MusicArgs, make_folder, remove_if_there, write_file};
use anyhow::{Context, bail};
use clap::Args;
use sceneloop_engine::arranger::{LoopKey, Part, identity, resolve_key};
use sceneloop_engine::assets::Assets;
use sceneloop_engine::composer::{Alternative, Alternatives, Given, Order, alternatives};
use sceneloop_engine::export::{Take, picture, report};
use sceneloop_engine::{Controls, Edits, NowPlaying};
use sceneloop_music::{
    Bpm, Chord, ChordSpan, Energy, Key, LineError, LoopGrid, Metre, MidiSong, PitchClass, Role, Scene,
};
use serde::Serialize;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What stands in each file.
const REPORT: &str = "compose.json";

/// Most alternatives: names of files have two digits.
const MOST: u8 = 99;

#[derive(Args)]
pub struct ComposeArgs {
    #[command(flatten)]
    music: MusicArgs,
    /// How many loops, 1 to 99; their seeds are --seed and those after it.
    #[arg(long, default_value_t = 4, allow_negative_numbers = true)]
    count: u8,
    #[command(flatten)]
    given: GivenArgs,
}

/// What every loop is to hold; at most one of them. Only the network writes around them.
#[derive(Args)]
#[group(multiple = false)]
struct GivenArgs {
    /// MIDI file whose lead, or first track with pitches, is the tune of every loop.
    #[arg(long)]
    melody: Option<PathBuf>,
    /// MIDI file whose bass, or first track with pitches, is the bass of every loop.
    #[arg(long)]
    bass: Option<PathBuf>,
    /// Chords of every loop, one a bar, such as "Cm Ab Eb Bb/D" or "Cm | Ab"; fewer than the bars are repeated.
    #[arg(long)]
    chords: Option<String>,
}

/// What is given, read but not yet brought into a key.
enum Source {
    Nothing,
    File(Role, Box<MidiSong>),
    /// Relative to C.
    Chords(Vec<Chord>),
}

/// Everything that was asked for, understood.
struct Plan {
    scene: Scene,
    bpm: Bpm,
    metre: Metre,
    key: Key,
    given: Given,
    composer: Composer,
}

pub fn run(args: &ComposeArgs) -> Result<(), Failure> {
    let assets = Assets::shipped().map_err(Failure::work)?;
    let music = args.music.read(&assets.scenes).map_err(Failure::Input)?;
    let plan = read_plan(args, music).map_err(Failure::Input)?;
    let order = Order {
        scene: &plan.scene,
        key: plan.key,
        metre: plan.metre,
        bars: args.music.loop_bars,
        seed: args.music.seed,
        count: args.count.into(),
        given: plan.given.clone(),
    };
    let written = alternatives(&order, args.music.place.preference(plan.composer)).map_err(Failure::work)?;
    if let Some(note) = &written.note {
        eprintln!("note: {note}");
    }
    write_all(&args.music.out, &plan, args, &written)
        .with_context(|| format!("cannot write to {}", args.music.out.display()))
        .map_err(Failure::Work)
}

/// Checks every argument, and that the folder can be made, before anything is written.
fn read_plan(args: &ComposeArgs, music: Music) -> anyhow::Result<Plan> {
    if !(1..=MOST).contains(&args.count) {
        bail!("count is 1 to {MOST}, not {}", args.count);
    }
    let bars = args.music.loop_bars;
    let source = args.given.read(bars)?;
    let composer = args.music.composer;
    if composer == Composer::Teacher && !matches!(source, Source::Nothing) {
        bail!("--melody, --bass and --chords need the network; leave out --composer teacher");
    }
    let metre = music.metre.or_else(|| source.metre()).unwrap_or_else(|| report::default_metre(&music.scene));
    let key = match (music.key, &source) {
        (Some(key), _) => key,
        (None, Source::Nothing) => {
            resolve_key(&music.scene, &Controls { seed: args.music.seed, ..Controls::default() })
        }
        (None, source) => {
            source.key(metre, bars).context("no scale holds all notes of what is given; a loop keeps to one scale, so choose one with --key or change the notes")?
        }
    };
    let given = source.given(key, metre, bars)?;
    make_folder(&args.music.out)?;
    Ok(Plan { scene: music.scene, bpm: music.bpm, metre, key, given, composer })
}

impl GivenArgs {
    /// Reads what is given for a loop of so many bars.
    fn read(&self, bars: u8) -> anyhow::Result<Source> {
        if let Some(path) = &self.melody {
            return Ok(Source::File(Role::Lead, read_song(path, Role::Lead)?));
        }
        if let Some(path) = &self.bass {
            return Ok(Source::File(Role::Bass, read_song(path, Role::Bass)?));
        }
        let Some(text) = &self.chords else { return Ok(Source::Nothing) };
        let chords = text
            .split(|separator: char| separator.is_whitespace() || separator == '|')
            .filter(|symbol| !symbol.is_empty())
            .map(|symbol| Chord::parse(symbol, PitchClass::new(0)));
        let chords = chords.collect::<Result<Vec<_>, _>>()?;
        if chords.is_empty() || !usize::from(bars).is_multiple_of(chords.len()) {
            let count = chords.len();
            bail!(
                "{count} chords do not fill {bars} bars: each is for one bar, over and over, so their number must divide the bars"
            );
        }
        Ok(Source::Chords(chords))
    }
}

fn read_song(path: &Path, role: Role) -> anyhow::Result<Box<MidiSong>> {
    let name = || path.display().to_string();
    let song = MidiSong::from_bytes(&std::fs::read(path).with_context(name)?).with_context(name)?;
    if song.voice(role).is_empty() {
        return Err(LineError::Empty).with_context(name);
    }
    Ok(Box::new(song))
}

impl Source {
    fn metre(&self) -> Option<Metre> {
        match self {
            Self::File(_, song) => song.metres.first().map(|(_, metre)| *metre),
            _ => None,
        }
    }

    fn key(&self, metre: Metre, bars: u8) -> Option<Key> {
        match self {
            Self::Nothing => None,
            Self::File(role, song) => song.key_of_line(*role, metre, bars),
            Self::Chords(chords) => key_of_chords(chords),
        }
    }

    fn given(self, key: Key, metre: Metre, bars: u8) -> anyhow::Result<Given> {
        Ok(match self {
            Self::Nothing => Given::Nothing,
            Self::File(role, song) => Given::Line(role, song.line(role, key, metre, bars)?),
            Self::Chords(chords) => Given::Chords(one_a_bar(&chords, key, metre, bars)?),
        })
    }
}

/// The key of chords relative to C; roots count twice, and that of the first chord more.
fn key_of_chords(chords: &[Chord]) -> Option<Key> {
    let mut weights = [0.0; 12];
    for class in chords.iter().flat_map(|chord| chord.pitch_classes().chain(chord.bass)) {
        weights[usize::from(class)] += 1.0;
    }
    for chord in chords.iter().chain(chords.first()) {
        weights[usize::from(chord.root)] += 1.0;
    }
    Key::detect(&weights)
}

/// Chords relative to C, over and over, one at the start of each bar, relative to the key's tonic.
fn one_a_bar(chords: &[Chord], key: Key, metre: Metre, bars: u8) -> anyhow::Result<Vec<ChordSpan>> {
    let above = |class: u8| PitchClass::from(class).above(key.tonic);
    let span = |(bar, chord): (u16, &Chord)| {
        let chord = Chord { root: above(chord.root), bass: chord.bass.map(above), ..*chord };
        let mut classes = chord.pitch_classes().chain(chord.bass);
        if !classes.all(|class| key.mode.harmony().contains(&class)) {
            bail!("the chord {} is not in {key}", chord.symbol(key));
        }
        Ok(ChordSpan { step: bar * metre.steps_per_bar() as u16, chord })
    };
    (0..u16::from(bars)).zip(chords.iter().cycle()).map(span).collect()
}

/// `compose.json`: what was asked for, and what stands in each file.
#[derive(Serialize)]
struct Report {
    version: &'static str,
    scene: String,
    key: String,
    metre: String,
    /// Bars of each loop.
    bars: u8,
    bpm: f64,
    /// What every loop holds: "lead", "bass", "chords", or nothing.
    given: Option<&'static str>,
    composer: &'static str,
    device: String,
    /// The best first.
    alternatives: Vec<AlternativeReport>,
}

#[derive(Serialize)]
struct AlternativeReport {
    midi: String,
    picture: String,
    seed: u32,
    notes: usize,
    chords_per_bar: Vec<Vec<String>>,
    score: ScoreReport,
}

/// [`sceneloop_model::Score`] with its sum; more is better in `total` and `likelihood`, less in the others.
#[derive(Serialize)]
struct ScoreReport {
    total: f32,
    /// Nats a draw; only the network knows it.
    likelihood: Option<f32>,
    distance: f32,
    leaps: f32,
    sameness: f32,
}

fn write_all(out: &Path, plan: &Plan, args: &ComposeArgs, written: &Alternatives) -> anyhow::Result<()> {
    let scene = Arc::new(plan.scene.clone());
    let mut reports = Vec::new();
    let before = files_of(&out.join(REPORT));
    for (index, alternative) in written.loops.iter().enumerate() {
        let name = |ending: &str| format!("{:02}.{ending}", index + 1);
        let take = take_of(alternative, &scene, plan.bpm, written.composer);
        let song = MidiSong::of_loop(&alternative.grid, Energy::new(100.0), plan.bpm, 1);
        write_file(&out.join(name("mid")), song.to_bytes())?;
        write_file(&out.join(name("png")), picture::piano_roll(&take))?;
        let score = &alternative.score;
        reports.push(AlternativeReport {
            midi: name("mid"),
            picture: name("png"),
            seed: alternative.seed,
            notes: take.notes.len(),
            chords_per_bar: report::chords_per_bar(&take),
            score: ScoreReport {
                total: score.total(),
                likelihood: (written.composer == sceneloop_engine::composer::NETWORK)
                    .then_some(score.likelihood),
                distance: score.distance,
                leaps: score.leaps,
                sameness: score.sameness,
            },
        });
    }
    let report = Report {
        version: env!("CARGO_PKG_VERSION"),
        scene: plan.scene.text.clone(),
        key: plan.key.to_string(),
        metre: plan.metre.to_string(),
        bars: args.music.loop_bars,
        bpm: plan.bpm.get(),
        given: match &plan.given {
            Given::Nothing => None,
            Given::Line(role, _) => Some(role.name()),
            Given::Chords(_) => Some("chords"),
        },
        composer: written.composer,
        device: written.device.clone(),
        alternatives: reports,
    };
    write_file(&out.join(REPORT), serde_json::to_string_pretty(&report)? + "\n")?;
    // What an earlier call wrote beyond these does not belong to the rest.
    let files = |report: &AlternativeReport| [report.midi.clone(), report.picture.clone()];
    let now: Vec<String> = report.alternatives.iter().flat_map(files).collect();
    for old in before.iter().filter(|old| !now.contains(old)) {
        remove_if_there(&out.join(old))?;
    }
    if std::io::stdout().is_terminal() {
        println!("{} loops of {} in {}", written.loops.len(), report.scene, out.display());
    }
    Ok(())
}

/// The files that a report names, or none: what is no report of ours says nothing of the files beside it.
fn files_of(report: &Path) -> Vec<String> {
    let read = || serde_json::from_str::<serde_json::Value>(&std::fs::read_to_string(report).ok()?).ok();
    let report = read().unwrap_or_default();
    let alternatives = report["alternatives"].as_array().into_iter().flatten();
    let files = alternatives.flat_map(|one| [&one["midi"], &one["picture"]]).filter_map(|file| file.as_str());
    let is_ours = |file: &&str| {
        let number = file.strip_suffix(".mid").or_else(|| file.strip_suffix(".png"));
        number.is_some_and(|number| number.len() == 2 && number.bytes().all(|digit| digit.is_ascii_digit()))
    };
    files.filter(is_ours).map(str::to_owned).collect()
}

fn take_of(alternative: &Alternative, scene: &Arc<Scene>, bpm: Bpm, composer: &'static str) -> Take {
    let LoopGrid { key, metre, bars, .. } = alternative.grid;
    let name = LoopKey {
        scene: identity(scene),
        seed: alternative.seed,
        mode: key.mode,
        metre,
        bars,
        index: 0,
        part: Part::Plain,
        edits: Edits::default(),
    };
    let playing = NowPlaying {
        grid: Arc::new(alternative.grid.clone()),
        scene: scene.clone(),
        key: name,
        loop_index: 0,
        place: None,
        began: 0.0,
        composer,
    };
    Take::of_loop(Arc::new(playing), bpm)
}
