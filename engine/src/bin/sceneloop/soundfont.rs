//! `sceneloop soundfont`: what is in a SoundFont file.

use crate::Failure;
use clap::Args;
use sceneloop_engine::soundfont;
use std::io::Write;
use std::path::PathBuf;

#[derive(Args)]
pub struct SoundFontArgs {
    /// The file (.sf2).
    file: PathBuf,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

pub fn run(args: &SoundFontArgs) -> Result<(), Failure> {
    let font = soundfont::read(&args.file).map_err(|error| Failure::Input(error.into()))?;
    let mut presets = font.presets();
    presets.sort_by_key(|preset| (preset.bank, preset.program));
    if presets.is_empty() {
        let why = format!("{} has no instruments", args.file.display());
        return Err(Failure::Input(anyhow::anyhow!(why)));
    }
    let mut out = std::io::stdout().lock();
    let written = if args.json {
        let list: Vec<_> = presets
            .iter()
            .map(|p| serde_json::json!({ "bank": p.bank, "program": p.program, "name": p.name }))
            .collect();
        serde_json::to_string_pretty(&list)
            .map_err(std::io::Error::from)
            .and_then(|text| writeln!(out, "{text}"))
    } else {
        presets.iter().try_for_each(|p| writeln!(out, "{:>3}:{:<3}  {}", p.bank, p.program, p.name))
    };
    match written {
        // A reader that has seen enough, such as `head`, is no error.
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(Failure::work(error)),
        _ => Ok(()),
    }
}
