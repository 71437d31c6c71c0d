//! Everything but the report.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use sceneloop_music::Role;

use crate::options::Options;
use crate::performance::Performance;
use crate::{midi, picture};

/// Writes sound, MIDI and pictures, and returns the files with a word on each.
pub fn write(options: &Options, performance: &Performance) -> Result<Vec<(String, &'static str)>> {
    let out = &options.out;
    fs::create_dir_all(out.join("stems")).with_context(|| format!("cannot make {}", out.display()))?;
    let recording = &performance.recording;
    let mut files = vec![("mix.wav".to_owned(), "what the plugin's main output played")];
    wav(&out.join("mix.wav"), recording.stereo(0), options.rate)?;
    for role in Role::ALL {
        let name = format!("stems/{role}.wav");
        wav(&out.join(&name), recording.stereo(1 + role.index()), options.rate)?;
        files.push((name, "the output of one role"));
    }
    fs::write(out.join("notes.mid"), midi::file(recording, options.bpm)?)
        .context("cannot write notes.mid")?;
    files.push(("notes.mid".to_owned(), "the plugin's note output, one track a role"));
    for (name, what, picture) in [
        (
            "energy.png",
            "the energy that was asked for, and how loud it was",
            picture::energy(options, performance)?,
        ),
        ("spectrogram.png", "the mix", picture::spectrogram(options, performance)?),
        ("roll.png", "the notes, roles in colour", picture::roll(options, performance)?),
    ] {
        picture.save(&out.join(name))?;
        files.push((name.to_owned(), what));
    }
    Ok(files)
}

/// 32-bit float: a stem may be louder than full scale, and nothing is to be lost.
fn wav(path: &Path, [left, right]: [&[f32]; 2], rate: f64) -> Result<()> {
    let spec = hound::WavSpec {
        channels: 2,
        sample_rate: rate as u32,
        bits_per_sample: 32,
        sample_format: hound::SampleFormat::Float,
    };
    let mut writer =
        hound::WavWriter::create(path, spec).with_context(|| format!("cannot write {}", path.display()))?;
    for (left, right) in left.iter().zip(right) {
        for sample in [left, right] {
            writer.write_sample(*sample)?;
        }
    }
    Ok(writer.finalize()?)
}
