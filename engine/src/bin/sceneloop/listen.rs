//! `sceneloop listen`: teacher and network side by side on a page with sound and pictures.

use crate::Failure;
use crate::batch::family_tags;
use crate::options::{Composer, DeviceArgs, check_folder, make_folder, remove_if_there, write_file};
use anyhow::{Context, bail};
use clap::Args;
use sceneloop_engine::assets::Assets;
use sceneloop_engine::export::{EnergyCurve, Take, TakeRequest, picture, report, wav};
use sceneloop_engine::{Controls, Engine};
use sceneloop_music::{Bpm, Energy, SceneTable};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Scenes on the page where none are given, spread over the scene table.
const SCENES: usize = 10;
/// Hz of all sound.
const RATE: u32 = 48_000;
/// Energy of all pieces.
const ENERGY: f32 = 70.0;

#[derive(Args)]
pub struct ListenArgs {
    /// A scene, such as "rain" or "techno:1, night:0.5"; may be given several times. Without it ten tags of the scene table.
    #[arg(long)]
    scene: Vec<String>,
    /// One scene for each family of styles instead: the tag that stands for it.
    #[arg(long, conflicts_with = "scene")]
    families: bool,
    /// Bars of each piece in 4/4, 1 to 64.
    #[arg(long, default_value_t = 8, allow_negative_numbers = true)]
    bars: u32,
    /// Seed of all pieces.
    #[arg(long, default_value_t = 1, allow_negative_numbers = true)]
    seed: u32,
    #[command(flatten)]
    place: DeviceArgs,
    /// Folder for the page, its sound and its pictures; made if it is not there. Files of the same name are replaced.
    #[arg(long)]
    out: PathBuf,
}

pub fn run(args: &ListenArgs) -> Result<(), Failure> {
    let assets = Assets::shipped().map_err(Failure::work)?;
    let scenes = read(args, &assets.scenes).map_err(Failure::Input)?;
    let engine = |composer| Engine::with(args.place.preference(composer)).map_err(Failure::work);
    let engines = [engine(Composer::Teacher)?, engine(Composer::Network)?];
    write_page(args, &scenes, &engines).map_err(Failure::Work)
}

/// Checks every argument and makes the folder. Gives the text and tempo of each scene.
fn read(args: &ListenArgs, table: &SceneTable) -> anyhow::Result<Vec<(String, Bpm)>> {
    if !(1..=64).contains(&args.bars) {
        bail!("bars are 1 to 64, not {}", args.bars);
    }
    check_folder(&args.out)?;
    let tags = table.tags();
    let texts = if args.families {
        family_tags(table)
    } else if args.scene.is_empty() {
        (0..SCENES).map(|index| tags[index * tags.len() / SCENES].id.clone()).collect()
    } else {
        args.scene.clone()
    };
    let scene = |text: &String| {
        let scene = table.parse(text)?;
        Ok((scene.text.clone(), report::default_bpm(scene.tempo)))
    };
    let scenes = texts.iter().map(scene).collect::<anyhow::Result<_>>()?;
    make_folder(&args.out)?;
    Ok(scenes)
}

fn write_page(args: &ListenArgs, scenes: &[(String, Bpm)], engines: &[Engine; 2]) -> anyhow::Result<()> {
    let mut sections = String::new();
    for (index, (scene, bpm)) in scenes.iter().enumerate() {
        writeln!(sections, "<h2>{}</h2>\n<div>", escape(scene))?;
        for (engine, side) in engines.iter().zip(["teacher", "network"]) {
            eprintln!("{scene}: {side}");
            engine.set_scene(scene)?;
            let name = format!("{:02}-{side}", index + 1);
            let piece = render(args, engine, *bpm, &name)?;
            if piece.composer != side {
                // The page is of use without it.
                let reason = engine.health().last_error().unwrap_or_default();
                let sentence = format!("The {side} did not write all of it: {reason}");
                eprintln!("note: {scene}: {sentence}");
                for ending in ["wav", "png"] {
                    remove_if_there(&args.out.join(format!("{name}.{ending}")))?;
                }
                writeln!(sections, "<p>{}</p>", escape(&sentence))?;
                continue;
            }
            sections += &figure(&piece, &name)?;
        }
        sections += "</div>\n";
    }
    write_file(&args.out.join("index.html"), format!("{HEAD}{sections}</html>\n"))?;
    println!("{}", args.out.join("index.html").display());
    Ok(())
}

/// Renders one piece to `name.wav` and `name.png`.
fn render(args: &ListenArgs, engine: &Engine, bpm: Bpm, name: &str) -> anyhow::Result<report::Report> {
    let started = Instant::now();
    let request = TakeRequest {
        bpm,
        metre: report::default_metre(&engine.scene()),
        bars: args.bars,
        curve: EnergyCurve::level(Energy::new(ENERGY)),
        controls: Controls { seed: args.seed, ..Controls::default() },
        sample_rate: RATE,
        tail_seconds: 0.0,
        stems: false,
    };
    let take = Take::render(engine, request, |_| ())?;
    let file = |ending: &str| -> PathBuf { Path::new(&args.out).join(format!("{name}.{ending}")) };
    let place = || format!("cannot write to {}", args.out.display());
    wav::write(&file("wav"), &take.main, RATE, wav::Depth::Int24).with_context(place)?;
    write_file(&file("png"), picture::piano_roll(&take))?;
    let audio = report::measure_audio(&take.main, RATE)?;
    let seconds = started.elapsed().as_secs_f64();
    Ok(report::Report::new(&take, Some(audio), &engine.health().device(), seconds))
}

const HEAD: &str = "<!doctype html>
<html lang=\"en\">
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width\">
<title>Sceneloop: teacher and network</title>
<style>
body { background: #16171d; color: #d8dae2; font: 15px/1.5 sans-serif; margin: 2em; }
div { display: grid; grid-template-columns: 1fr 1fr; gap: 1.5em; }
figure { margin: 0; }
audio, img { display: block; width: 100%; margin-top: 0.5em; }
</style>
<h1>Teacher and network</h1>
";

/// A piece on the page: who wrote it, tempo, key, loudness, sound and picture.
fn figure(piece: &report::Report, name: &str) -> Result<String, std::fmt::Error> {
    let mut text = String::new();
    writeln!(text, "<figure>\n<figcaption><b>{}</b> on {}:", piece.composer, escape(&piece.device))?;
    write!(text, "{} BPM, {}, {}, seed {}", piece.bpm, piece.metre, escape(&piece.key), piece.seed)?;
    if let Some(audio) = piece.audio {
        write!(text, ", {:.1} LUFS, {:.1} dBTP", audio.loudness_lufs, audio.true_peak_dbtp)?;
    }
    writeln!(text, "</figcaption>")?;
    writeln!(text, "<audio controls preload=\"none\" src=\"{name}.wav\"></audio>")?;
    writeln!(text, "<a href=\"{name}.png\"><img alt=\"piano roll\" src=\"{name}.png\"></a>\n</figure>")?;
    Ok(text)
}

/// Text for a page of HTML.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
