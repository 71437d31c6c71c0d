//! The demo: the bundled plugin in a host, played as a DAW would play it in a bounce.
//!
//! It loads the CLAP, sets a scene, rolls the transport for so many bars while it draws a rising energy as automation,
//! and writes what came out: `mix.wav`, `stems/`, `notes.mid`, three pictures and `report.md` with what was measured.

mod files;
mod midi;
mod options;
mod performance;
mod picture;
mod report;

use std::process::ExitCode;

use anyhow::Result;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("demo: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let options = options::Options::parse(std::env::args().skip(1))?;
    println!(
        "Playing {} bars of \"{}\" at {} BPM in a host, energy from {:.0} to {:.0} …",
        options.bars,
        options.scene,
        options.bpm,
        performance::ENERGY.0,
        performance::ENERGY.1
    );
    let performance = performance::play(&options)?;
    let exactness = performance::exactness(&options)?;
    let written = files::write(&options, &performance)?;
    let report = report::write(&options, &performance, &exactness, &written)?;
    println!("\n{report}");
    println!("All of it lies in {}", options.out.display());
    Ok(())
}
