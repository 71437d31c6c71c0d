//! `sceneloop render`: some bars of a scene as audio, MIDI, picture and report.

use crate::Failure;
use crate::options::{Composer, Form, MusicArgs, make_folder, remove_if_there, write_file};
use anyhow::{Context, bail};
use clap::Args;
use sceneloop_engine::composer::NETWORK;
use sceneloop_engine::export::{EnergyCurve, Take, TakeEvent, TakeRequest, picture, report, wav};
use sceneloop_engine::{Controls, Engine};
use sceneloop_music::{Energy, Role};
use std::io::IsTerminal;
use std::path::Path;
use std::time::Instant;

/// Samples a take may hold in memory: 4 GiB of them, which is also less than a WAV file can.
const MOST_SAMPLES: u64 = 1 << 30;

#[derive(Args)]
pub struct RenderArgs {
    #[command(flatten)]
    music: MusicArgs,
    /// Energy, 0 to 100.
    #[arg(long, default_value_t = 70.0, allow_negative_numbers = true)]
    energy: f32,
    /// Energy over the bars, such as "0:20,8:90": after so many bars so much, straight lines between. Goes before --energy.
    #[arg(long, allow_hyphen_values = true)]
    energy_curve: Option<String>,
    /// An event on a bar or on a beat of it, both counted from 1 as in music software: "4:victory", "4.3:boss". May be given
    /// more than once; victory, defeat, death, boss, danger, calm, discovery, countdown, cheer, and those of the scene.
    #[arg(long = "event", value_name = "BAR[.BEAT]:NAME", allow_hyphen_values = true)]
    events: Vec<String>,
    /// A SoundFont that plays a role in its patch's place: "lead=flute.sf2", or with bank and program "drums=kit.sf2@128:0". May be given
    /// more than once; `sceneloop soundfont FILE` lists the instruments of a file.
    #[arg(long = "soundfont", value_name = "ROLE=FILE[@BANK:PROGRAM]")]
    soundfonts: Vec<String>,
    /// Bars to render, 1 to 4096.
    #[arg(long, default_value_t = 16, allow_negative_numbers = true)]
    bars: u32,
    /// Sample rate in Hz, 22050 to 192000.
    #[arg(long, default_value_t = 48_000, allow_negative_numbers = true)]
    rate: u32,
    /// How loose the players are, 0 (exact) to 100.
    #[arg(long, default_value_t = 30.0, allow_negative_numbers = true)]
    humanise: f32,
    /// Whether the loops make up a form: auto plays the sections that the scene asks for (`rain [intro] [verse:8]`) or those of its style, off the same kind of loop for ever.
    #[arg(long, value_enum, default_value_t = Form::Auto)]
    form: Form,
    /// Write each role's audio as well, before the master; in 32-bit float, because a stem may be louder than full scale.
    #[arg(long)]
    stems: bool,
    /// Write no audio: MIDI, picture and report only.
    #[arg(long, conflicts_with = "stems")]
    no_audio: bool,
}

pub fn run(args: &RenderArgs) -> Result<(), Failure> {
    let composer = args.music.composer;
    let engine = Engine::with(args.music.place.preference(composer)).map_err(Failure::work)?;
    let (request, events) = read_request(args, &engine).map_err(Failure::Input)?;
    render_and_write(args, composer, &engine, request, events).map_err(Failure::Work)
}

/// Checks every argument, and that the folder can be made, before anything is rendered.
fn read_request(args: &RenderArgs, engine: &Engine) -> anyhow::Result<(TakeRequest, Vec<TakeEvent>)> {
    let music = args.music.read(engine.scene_table())?;
    engine.set_scene(&args.music.scene)?;
    if !(0.0..=100.0).contains(&args.energy) {
        bail!("energy is 0 to 100, not {}", args.energy);
    }
    if !(0.0..=100.0).contains(&args.humanise) {
        bail!("humanise is 0 to 100, not {}", args.humanise);
    }
    let curve = match &args.energy_curve {
        Some(text) => text.parse()?,
        None => EnergyCurve::level(Energy::new(args.energy)),
    };
    if !(1..=4096).contains(&args.bars) {
        bail!("bars are 1 to 4096, not {}", args.bars);
    }
    if !(22_050..=192_000).contains(&args.rate) {
        bail!("the sample rate is 22050 to 192000 Hz, not {}", args.rate);
    }
    let controls = Controls {
        seed: args.music.seed,
        tonic: music.key.map(|key| key.tonic),
        mode: music.key.map(|key| key.mode),
        bars: args.music.loop_bars,
        form: args.form.into(),
        humanise: args.humanise / 100.0,
        ..Controls::default()
    };
    let request = TakeRequest {
        bpm: music.bpm,
        metre: music.metre.unwrap_or_else(|| report::default_metre(&music.scene)),
        bars: args.bars,
        curve,
        controls,
        sample_rate: args.rate,
        tail_seconds: 0.0,
        stems: args.stems,
    };
    let samples = request.body_frames() as u64 * if args.stems { 16 } else { 2 };
    if samples > MOST_SAMPLES {
        let hours = request.body_frames() as f64 / f64::from(args.rate) / 3600.0;
        bail!(
            "{hours:.1} hours at {} Hz are too long to hold; render fewer bars, or without --stems",
            args.rate
        );
    }
    let read = |text: &String| TakeEvent::parse(text, &engine.scene(), request.metre, request.bars);
    let events = args.events.iter().map(read).collect::<Result<_, _>>()?;
    for text in &args.soundfonts {
        let (role, choice) = text
            .split_once('=')
            .with_context(|| format!("\"{text}\" is not a role and a file, such as lead=flute.sf2"))?;
        engine.set_soundfont(role.trim().parse()?, Some(choice.parse()?))?;
    }
    make_folder(&args.music.out)?;
    Ok((request, events))
}

fn render_and_write(
    args: &RenderArgs,
    composer: Composer,
    engine: &Engine,
    request: TakeRequest,
    events: Vec<TakeEvent>,
) -> anyhow::Result<()> {
    let started = Instant::now();
    let bar = if std::io::stderr().is_terminal() {
        indicatif::ProgressBar::new(request.body_frames() as u64)
    } else {
        indicatif::ProgressBar::hidden()
    };
    let take = Take::render_with(engine, request, events, |done| bar.set_position(done as u64))?;
    bar.finish_and_clear();
    if let Some(error) = engine.health().last_error() {
        // With the teacher something is wrong; with the network the music goes on without what is missing.
        match composer {
            Composer::Teacher => bail!(error),
            Composer::Network if !is_by_network(&take) => bail!(error),
            Composer::Auto | Composer::Network => eprintln!("note: {error}"),
        }
    }
    for event in &take.events {
        if let Some(why) = event.refused {
            eprintln!("note: {} in bar {} {}", event.event, event.bar, why.text());
        }
    }
    let fonts = Role::ALL.into_iter().filter_map(|role| engine.soundfont(role));
    if let Some(why) = fonts.filter_map(|font| font.preset.err()).next() {
        bail!(why); // it can be played, but not at this rate
    }
    let seconds = started.elapsed().as_secs_f64();
    let audio = if args.no_audio { None } else { Some(report::measure_audio(&take.main, args.rate)?) };
    write_all(args, &take, &report::Report::new(&take, audio, &engine.health().device(), seconds))
        .with_context(|| format!("cannot write to {}", args.music.out.display()))
}

fn is_by_network(take: &Take) -> bool {
    take.loops.iter().all(|played| played.playing.composer == NETWORK)
}

/// Writes a WAV file, or removes what an earlier render left in its place: that would not belong to the rest.
fn write_or_remove(
    path: &Path,
    channels: Option<&[Vec<f32>; 2]>,
    rate: u32,
    depth: wav::Depth,
) -> anyhow::Result<()> {
    match channels {
        Some(channels) => wav::write(path, channels, rate, depth)?,
        None => remove_if_there(path)?,
    }
    Ok(())
}

fn write_all(args: &RenderArgs, take: &Take, report: &report::Report) -> anyhow::Result<()> {
    let out: &Path = &args.music.out;
    write_or_remove(
        &out.join("mix.wav"),
        (!args.no_audio).then_some(&take.main),
        args.rate,
        wav::Depth::Int24,
    )?;
    if args.stems {
        std::fs::create_dir_all(out.join("stems"))?;
    }
    for role in Role::ALL {
        let path = out.join(format!("stems/{role}.wav"));
        write_or_remove(&path, args.stems.then_some(&take.stems[role]), args.rate, wav::Depth::Float32)?;
    }
    write_file(&out.join("loop.mid"), take.midi().to_bytes())?;
    write_file(&out.join("roll.png"), picture::piano_roll(take))?;
    write_file(&out.join("render.json"), serde_json::to_string_pretty(report)? + "\n")?;
    if std::io::stdout().is_terminal() {
        println!("{} bars of {} in {}", report.bars, report.scene, out.display());
    }
    Ok(())
}
