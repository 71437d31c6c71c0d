//! `cargo xtask`: one door to everything that takes more than one command.
//!
//! Thin on purpose. It starts cargo and programs, sees to what must stand on the machine before them, and holds
//! no line of the engine.

mod checks;
mod fuzz;
mod judge;
mod licences;
mod lock;
mod play;
mod project;
mod system;
mod venv;
mod window;

use std::process::ExitCode;

use anyhow::Result;

const USAGE: &str = "\
cargo xtask <command> [options]

  demo [options]     bundle the plugin, play 32 bars in a host, write sound, MIDI, pictures and a report to out/demo/
                     (--scene TEXT --bpm N --bars N --seed N --rate N --out DIR)
  bundle             build the CLAP and VST3 bundles for a DAW, in release: target/bundled/
  listen [options]   ten scenes by teacher and network, side by side on a page with sound: out/listen/index.html
                     (--scene TEXT, several times; --bars N --seed N --device auto|gpu|cpu --out DIR)
  judge [options]    every scene rendered and measured: tempo, pitch, loudness, clicks, families, cost; a report and a
                     listening page in out/judge/ (judge --help lists the options; --quick is a sample)
  soak [options]     hours of a host's time, bounced, with jumps, automation, scenes, states: no silence, no growth;
                     draws the memory to out/soak/memory.png (--hours N --seed N --out DIR)
  play [options]     the standalone program (options are passed on; --help lists them)
  window [options]   the standalone program's window on a display in memory, worked with pointer and keys: pictures of its
                     states and what a drawing costs, in out/window/ (--out DIR --seconds N of measuring, 0 for none
                     --dev for the build that tests use, whose times are not the product's)
  test [options]     every test: unit, documentation, the built plugin in hosts (options are passed on to nextest)
  check              formatting, clippy and documentation, with warnings as errors
  licences           the list of what others wrote and is built in, and its licences, for the window: assets/licences/
                     (after a change of Cargo.lock; fetches the packages of all systems)
  fuzz [target]      input that nobody means, made by fuzzers: all of them, or scene, midi_file, state, transport,
                     midi_input or storm (--seconds N of each; 60 if not said; --inside builds the plugin into the fuzzer)
  bench [options]    the benchmarks (options are passed on)
  measure WHAT       live: cost [SECONDS] [FRAMES] [SCENE], the share of a block and of a core that playing takes;
                     latency [TRIALS] [FRAMES ...], how soon controls are heard

What the system lacks is installed with apt-get on Debian and Ubuntu; elsewhere the command to run is printed.";

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let command = args.next().unwrap_or_default();
    let rest: Vec<String> = args.collect();
    match dispatch(&command, &rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(command: &str, rest: &[String]) -> Result<()> {
    match command {
        "demo" => play::demo(rest),
        "bundle" => play::bundle(),
        "soak" => play::soak(rest),
        "listen" => play::listen(rest),
        "judge" => judge::judge(rest),
        "play" => play::play(rest),
        "window" => window::window(rest),
        "test" => checks::test(rest),
        "check" => checks::check(),
        "licences" => licences::licences(),
        "fuzz" => fuzz::fuzz(rest),
        "bench" => checks::bench(rest),
        "measure" => checks::measure(rest),
        "" | "help" | "-h" | "--help" => {
            println!("{USAGE}");
            Ok(())
        }
        other => anyhow::bail!("there is no command '{other}'\n\n{USAGE}"),
    }
}
