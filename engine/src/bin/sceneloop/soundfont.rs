//! `sceneloop soundfont`: what is in a SoundFont file.

use crate::Failure;
use crate::options::print;
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
    let presets = font.presets();
    if presets.is_empty() {
        let why = format!("{} has no instruments", args.file.display());
        return Err(Failure::Input(anyhow::anyhow!(why)));
    }
    print(|out| {
        if args.json {
            let list: Vec<_> = presets
                .iter()
                .map(|p| serde_json::json!({ "bank": p.bank, "program": p.program, "name": p.name }))
                .collect();
            return writeln!(out, "{}", serde_json::to_string_pretty(&list)?);
        }
        presets.iter().try_for_each(|p| writeln!(out, "{:>3}:{:<3}  {}", p.bank, p.program, p.name))
    })
}
