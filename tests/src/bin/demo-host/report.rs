//! What was measured, in a page.

use std::fmt::Write;
use std::fs;

use anyhow::{Context, Result};
use sceneloop_music::Role;
use sceneloop_tests::listen;

use crate::options::Options;
use crate::performance::{ENERGY, Exactness, Performance};
use crate::picture;

/// Writes `report.md` and returns its text.
pub fn write(
    options: &Options,
    performance: &Performance,
    exactness: &Exactness,
    files: &[(String, &'static str)],
) -> Result<String> {
    let recording = &performance.recording;
    let [left, right] = recording.stereo(0);
    let mix = [&left[..performance.rolling], &right[..performance.rolling]];
    let loudness = listen::loudness(mix, options.rate)?;
    let seconds = performance.rolling as f64 / options.rate;
    let took = performance.took.as_secs_f64();
    let bars = picture::bar_loudness(options, performance)?;
    let strength = listen::OnsetStrength::of(recording.stereo(1 + Role::Drums.index()), options.rate);
    let tail = [&left[performance.rolling..], &right[performance.rolling..]];

    let mut text = String::new();
    writeln!(text, "# Sceneloop: what the demo played\n")?;
    writeln!(
        text,
        "Scene \"{}\", seed {}, {} bars of 4/4 at {} BPM, {} Hz, energy rising from {:.0} to {:.0}, in a CLAP host.\n",
        options.scene, options.seed, options.bars, options.bpm, options.rate, ENERGY.0, ENERGY.1
    )?;
    writeln!(text, "| what | measured |")?;
    writeln!(text, "| --- | --- |")?;
    match strength.tempo(options.bpm) {
        Some(found) => {
            writeln!(text, "| tempo heard in the drums | {found:.2} BPM, asked for {} |", options.bpm)?
        }
        None => writeln!(text, "| tempo heard in the drums | this scene has none, or nearly none |")?,
    }
    writeln!(
        text,
        "| start of notes against the host's grid (the eighths in 8 bars of techno, not humanised) | {} notes, {:.3} samples off in the mean, {:.3} at most |",
        exactness.notes, exactness.mean, exactness.most
    )?;
    writeln!(text, "| loudness of the whole | {:.1} LUFS |", loudness.integrated_lufs)?;
    if let [first, .., last] = bars[..] {
        writeln!(text, "| loudness of the first and the last bar | {first:.1} and {last:.1} LUFS |")?;
    }
    writeln!(text, "| true peak | {:.1} dBTP |", loudness.true_peak_db)?;
    writeln!(
        text,
        "| half a second after the stop | peak of {:.1e} |",
        f64::from(listen::peak([&tail[0][tail[0].len() / 2..], &tail[1][tail[1].len() / 2..]]))
    )?;
    let counts =
        Role::ALL.map(|role| format!("{role} {}", recording.starts(Some(role.midi_channel())).count()));
    writeln!(text, "| notes | {} |", counts.join(", "))?;
    writeln!(
        text,
        "| time taken | {took:.2} s for {seconds:.1} s of music: {:.0} times as fast as it is heard |",
        seconds / took.max(1e-9)
    )?;
    writeln!(text, "\n## Files\n")?;
    for (file, what) in files {
        writeln!(text, "- `{file}`: {what}")?;
    }
    fs::write(options.out.join("report.md"), &text).context("cannot write report.md")?;
    Ok(text)
}
