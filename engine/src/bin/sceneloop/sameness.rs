//! `sceneloop sameness`: how much an hour of a scene repeats itself, from its notes alone.

use crate::Failure;
use crate::options::{Form, check_folder, make_folder, write_file};
use anyhow::bail;
use clap::Args;
use sceneloop_engine::Controls;
use sceneloop_engine::assets::Assets;
use sceneloop_engine::export::report::{default_bpm, default_metre};
use sceneloop_engine::export::sameness::{SamenessReport, picture};
use sceneloop_engine::sameness::bars;
use sceneloop_music::{Bpm, Energy, Metre, Scene};
use std::io::IsTerminal;
use std::path::PathBuf;

/// Longest stretch of music that is compared with itself.
const MOST_HOURS: f64 = 12.0;

#[derive(Args)]
pub struct SamenessArgs {
    /// Weighted tags in English or Chinese, with the sections of the form in brackets if any.
    #[arg(long)]
    scene: String,
    /// Hours of music, up to 12.
    #[arg(long, default_value_t = 1.0, allow_negative_numbers = true)]
    hours: f64,
    /// Quarter notes a minute; without it the middle of what the scene likes.
    #[arg(long, allow_negative_numbers = true)]
    bpm: Option<f64>,
    /// Metre, such as 4/4 or 7/8; without it that of the scene: 3/4 for a waltz, 6/8 for a jig, 4/4 for others.
    #[arg(long)]
    metre: Option<String>,
    /// Bars of a loop, 1 to 8.
    #[arg(long, default_value_t = 4, allow_negative_numbers = true)]
    loop_bars: u8,
    /// Names the music.
    #[arg(long, default_value_t = 1, allow_negative_numbers = true)]
    seed: u32,
    /// The energy at which it is heard, 0 to 100.
    #[arg(long, default_value_t = 70.0, allow_negative_numbers = true)]
    energy: f32,
    /// Whether the loops make up a form.
    #[arg(long, value_enum, default_value_t = Form::Auto)]
    form: Form,
    /// Folder for sameness.json and sameness.png; made if it is not there.
    #[arg(long)]
    out: PathBuf,
}

/// The arguments, understood.
struct Wanted {
    scene: Scene,
    bpm: Bpm,
    metre: Metre,
    controls: Controls,
    energy: Energy,
    bars: usize,
}

pub fn run(args: &SamenessArgs) -> Result<(), Failure> {
    let wanted = read(args).map_err(Failure::Input)?;
    measure(args, &wanted).map_err(Failure::Work)
}

fn read(args: &SamenessArgs) -> anyhow::Result<Wanted> {
    let scene = Assets::shipped()?.scenes.parse(&args.scene)?;
    if !(args.hours > 0.0 && args.hours <= MOST_HOURS) {
        bail!("hours are above 0 and at most {MOST_HOURS}, not {}", args.hours);
    }
    if !(1..=8).contains(&args.loop_bars) {
        bail!("a loop has 1 to 8 bars, not {}", args.loop_bars);
    }
    if !(0.0..=100.0).contains(&args.energy) {
        bail!("energy is 0 to 100, not {}", args.energy);
    }
    check_folder(&args.out)?;
    let bpm = args.bpm.map_or_else(|| Ok(default_bpm(scene.tempo)), Bpm::new)?;
    let metre: Metre = args.metre.as_deref().map_or_else(|| Ok(default_metre(&scene)), str::parse)?;
    let quarters = args.hours * 60.0 * bpm.get();
    let bars = (quarters / metre.quarters_per_bar()).ceil() as usize;
    make_folder(&args.out)?;
    let controls =
        Controls { seed: args.seed, bars: args.loop_bars, form: args.form.into(), ..Controls::default() };
    Ok(Wanted { scene, bpm, metre, controls, energy: Energy::new(args.energy), bars })
}

fn measure(args: &SamenessArgs, wanted: &Wanted) -> anyhow::Result<()> {
    let Wanted { scene, bpm, metre, controls, energy, bars: count } = wanted;
    let bars = bars(scene, controls, *metre, *energy, *count)?;
    let report = SamenessReport {
        scene: scene.text.clone(),
        seed: args.seed,
        metre: metre.to_string(),
        loop_bars: args.loop_bars,
        energy: energy.get(),
        ..SamenessReport::new(&bars, *bpm, metre.quarters_per_bar())
    };
    write_file(&args.out.join("sameness.json"), serde_json::to_string_pretty(&report)? + "\n")?;
    write_file(&args.out.join("sameness.png"), picture(&bars, &report))?;
    if std::io::stdout().is_terminal() {
        println!("{} bars of {} in {}", report.bars, report.scene, args.out.display());
    }
    Ok(())
}
