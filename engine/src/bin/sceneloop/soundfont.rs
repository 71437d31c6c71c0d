//! `sceneloop soundfont`: what is in a SoundFont file.

use crate::Failure;
use clap::Args;
use sceneloop_engine::soundfont;
use std::fmt::Write;
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
    if args.json {
        let list: Vec<_> = presets
            .iter()
            .map(|p| serde_json::json!({ "bank": p.bank, "program": p.program, "name": p.name }))
            .collect();
        println!("{}", serde_json::to_string_pretty(&list).map_err(Failure::work)?);
        return Ok(());
    }
    let mut text = String::new();
    for preset in presets {
        let _ = writeln!(text, "{:>3}:{:<3}  {}", preset.bank, preset.program, preset.name);
    }
    print!("{text}");
    Ok(())
}
