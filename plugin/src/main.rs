//! Sceneloop as a program of its own, with JACK, ALSA or a silent dummy; `--help` lists the options.

use std::process::ExitCode;

fn main() -> ExitCode {
    let done = nice_plug::wrapper::standalone::nice_export_standalone::<sceneloop_plugin::Sceneloop>();
    if done { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
