//! Measures how loud each tag's mix is at energy 70, and each role in the mix of its style, and prints `assets/levels.toml` as it
//! should be.
//!
//! `cargo run --release -p sceneloop-engine --example calibrate > levels.toml`, then move the file to `assets/`. The new numbers start
//! from the shipped ones, so a second run comes nearer; the roles move first, so that the tags are measured with them in a second run.
//! Each is the mean over three seeds. What is measured goes to standard error. `-- roles` or `-- tags` measures one of the two and
//! keeps the other as it is shipped; names behind it, such as `-- tags samba jig`, measure those alone.

use sceneloop_engine::assets::Assets;
use sceneloop_engine::export::measure::{loudness, sum_of_stems};
use sceneloop_engine::export::{EnergyCurve, Take, TakeRequest, report};
use sceneloop_engine::loudness::TARGET_LUFS;
use sceneloop_engine::{Controls, Engine, Preference};
use sceneloop_music::{Energy, Metre, PerRole, Role, Style};

const RATE: u32 = 48_000;
const SEEDS: [u32; 3] = [101, 202, 303];
/// Most that a role's level moves in a run, dB, and as a whole: beyond that a patch is wrong, not its level.
const STEP_DB: f64 = 4.0;
const FURTHEST_DB: f64 = 9.0;
/// A role so much quieter than the mix plays too little to be measured, LU.
const ABSENT_LU: f64 = -38.0;

fn main() -> anyhow::Result<()> {
    let only = std::env::args().nth(1);
    let named: Vec<String> = std::env::args().skip(2).collect();
    let is_meant = |name: &str| named.is_empty() || named.iter().any(|known| known == name);
    let assets = Assets::shipped()?;
    let roles = match only.as_deref() {
        None | Some("roles") => both(Style::ALL, |engine, style| match is_meant(style.name()) {
            true => measure_style(engine, style),
            false => Ok(assets.levels.role_db(*style)),
        })?,
        _ => Style::ALL.iter().map(|style| (*style, assets.levels.role_db(*style))).collect(),
    };
    let tags: Vec<String> = assets.scenes.tags().iter().map(|tag| tag.id.clone()).collect();
    let trims = match only.as_deref() {
        None | Some("tags") => both(&tags, |engine, tag| match is_meant(tag) {
            true => measure_tag(engine, tag),
            false => Ok(assets.levels.tag_db(tag)),
        })?,
        _ => tags.iter().map(|tag| (tag.clone(), assets.levels.tag_db(tag))).collect(),
    };
    println!(
        "# Decibels by which each tag's mix is raised so that it lies at {TARGET_LUFS} LUFS at energy 70, and by which each role of a"
    );
    println!(
        "# style is raised so that it stands where mix.toml wants it (drums, bass, chords, pad, arp, lead, texture)."
    );
    println!("# Written by: cargo run --release -p sceneloop-engine --example calibrate");
    println!("[trim_db]");
    for (tag, trim) in trims {
        println!("\"{tag}\" = {trim:.1}");
    }
    println!("\n[role_db]");
    for (style, levels) in roles {
        let levels: Vec<String> = levels.0.iter().map(|level| format!("{level:.1}")).collect();
        println!("{style} = [{}]", levels.join(", "));
    }
    Ok(())
}

/// Measures a list on two threads, in its order.
fn both<T: Sync + Clone + Send, R: Send>(
    list: &[T],
    measure: impl Fn(&Engine, &T) -> anyhow::Result<R> + Copy + Send + Sync,
) -> anyhow::Result<Vec<(T, R)>> {
    let half = list.len().div_ceil(2).max(1);
    let parts: Vec<anyhow::Result<Vec<(T, R)>>> = std::thread::scope(|scope| {
        let work = |part: &[T]| {
            let engine = Engine::with(Preference::TEACHER)?;
            part.iter().map(|item| Ok((item.clone(), measure(&engine, item)?))).collect()
        };
        let workers: Vec<_> = list.chunks(half).map(|part| scope.spawn(move || work(part))).collect();
        workers
            .into_iter()
            .map(|worker| worker.join().unwrap_or_else(|_| anyhow::bail!("a measurement failed")))
            .collect()
    });
    let mut all = Vec::with_capacity(list.len());
    for part in parts {
        all.extend(part?);
    }
    Ok(all)
}

fn take(engine: &Engine, seed: u32, stems: bool) -> anyhow::Result<Take> {
    let request = TakeRequest {
        bpm: report::default_bpm(engine.scene().tempo),
        metre: Metre::FOUR_FOUR,
        bars: 8,
        curve: EnergyCurve::level(Energy::new(70.0)),
        controls: Controls { seed, ..Controls::default() },
        sample_rate: RATE,
        tail_seconds: 0.0,
        stems,
    };
    Ok(Take::render(engine, request, |_| {})?)
}

/// What a tag's mix is to be raised by.
fn measure_tag(engine: &Engine, tag: &String) -> anyhow::Result<f32> {
    engine.set_scene(tag)?;
    let mut levels = Vec::new();
    for seed in SEEDS {
        let [left, right] = &take(engine, seed, false)?.main;
        levels.push(loudness([left, right], RATE)?);
    }
    let mean = levels.iter().sum::<f64>() / levels.len() as f64;
    let spread = levels.iter().fold(0.0f64, |spread, level| spread.max((level - mean).abs()));
    eprintln!("{tag:<22} {mean:7.2} LUFS, seeds within {spread:.2} dB");
    Ok((f64::from(Assets::shipped()?.levels.tag_db(tag)) + TARGET_LUFS - mean) as f32)
}

/// What the roles of a style are to be raised by, over the tags that stand on it, three at most.
fn measure_style(engine: &Engine, style: &Style) -> anyhow::Result<PerRole<f32>> {
    let assets = Assets::shipped()?;
    let all = assets.scenes.tags().iter();
    let own = all.filter(|tag| tag.style == *style && tag.style_weight >= 1.0);
    let tags: Vec<&str> = own.take(3).map(|tag| tag.id.as_str()).collect();
    let mut found: PerRole<Vec<f64>> = PerRole::default();
    for tag in &tags {
        engine.set_scene(tag)?;
        for seed in SEEDS {
            let take = take(engine, seed, true)?;
            let [left, right] = &sum_of_stems(&take.stems);
            let whole = loudness([left, right], RATE)?;
            for role in Role::ALL {
                let [left, right] = &take.stems[role];
                let beside = loudness([left, right], RATE)? - whole;
                if beside > ABSENT_LU {
                    found[role].push(beside);
                }
            }
        }
    }
    let before = assets.levels.role_db(*style);
    let wanted = assets.mixes.of(*style);
    eprint!("{style:<20}");
    let levels = PerRole::from_fn(|role| {
        if found[role].is_empty() {
            eprint!("      –      ");
            return before[role];
        }
        let mean = found[role].iter().sum::<f64>() / found[role].len() as f64;
        eprint!(" {mean:6.1}({:5.1})", wanted[role].loud);
        let step = (f64::from(wanted[role].loud) - mean).clamp(-STEP_DB, STEP_DB);
        (f64::from(before[role]) + step).clamp(-FURTHEST_DB, FURTHEST_DB) as f32
    });
    eprintln!();
    Ok(levels)
}
