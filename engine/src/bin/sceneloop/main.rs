//! The command line of Sceneloop.

mod batch;
mod compose;
mod listen;
mod options;
mod render;
mod sameness;
mod scenes;
mod soundfont;

use clap::error::ErrorKind;
use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Composes and plays endless loops for a scene.
#[derive(Parser)]
#[command(name = "sceneloop", version, about = "Composes and plays endless loops for a scene.")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Render some bars of a scene to files.
    Render(Box<render::RenderArgs>),
    /// Write several loops for one wish as MIDI files, the best first.
    Compose(Box<compose::ComposeArgs>),
    /// Write a page on which teacher and network can be heard side by side.
    Listen(listen::ListenArgs),
    /// Measure how much an hour of a scene repeats itself; notes only.
    Sameness(sameness::SamenessArgs),
    /// Render many pieces for measuring: scenes, energies and seeds in all combinations, several at once.
    Batch(batch::BatchArgs),
    /// List the instruments of a SoundFont file, which can play a role: render --soundfont.
    Soundfont(soundfont::SoundFontArgs),
    /// List the tags that scenes are made of.
    Scenes {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
}

/// Exit status for input that cannot be used.
const BAD_INPUT: u8 = 2;

/// Why a command did not do its work.
enum Failure {
    /// What was asked for cannot be done; nothing was changed.
    Input(anyhow::Error),
    /// It went wrong on the way.
    Work(anyhow::Error),
}

impl Failure {
    fn work(error: impl Into<anyhow::Error>) -> Self {
        Self::Work(error.into())
    }
}

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) if error.use_stderr() => {
            let text = error.to_string();
            // One line: what is wrong. How it should be is in --help.
            let wrong: Vec<&str> =
                text.lines().take_while(|line| !line.trim().is_empty()).map(str::trim).collect();
            match error.kind() {
                ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
                    eprintln!(
                        "error: render, compose, listen, batch, sameness, soundfont or scenes? See sceneloop --help"
                    );
                }
                _ => eprintln!("{}", wrong.join(" ")),
            }
            return ExitCode::from(BAD_INPUT);
        }
        Err(help) => {
            print!("{help}");
            return ExitCode::SUCCESS;
        }
    };
    let done = match cli.command {
        Command::Render(args) => render::run(&args),
        Command::Compose(args) => compose::run(&args),
        Command::Listen(args) => listen::run(&args),
        Command::Sameness(args) => sameness::run(&args),
        Command::Batch(args) => batch::run(&args),
        Command::Soundfont(args) => soundfont::run(&args),
        Command::Scenes { json } => scenes::run(json),
    };
    let (error, status) = match done {
        Ok(()) => return ExitCode::SUCCESS,
        Err(Failure::Input(error)) => (error, BAD_INPUT),
        Err(Failure::Work(error)) => (error, 1),
    };
    eprintln!("error: {error:#}");
    ExitCode::from(status)
}
