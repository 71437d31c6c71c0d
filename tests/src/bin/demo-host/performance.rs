//! Playing, and what can be said of it afterwards.

use std::time::{Duration, Instant};

use anyhow::Result;
use sceneloop_tests::host::{Class, Host, Mode, Outputs, Recording, Transport};
use sceneloop_tests::take::set_scene;

use crate::options::{HIGHEST_SEED, Options};

/// Energy at the start and at the end.
pub const ENERGY: (f64, f64) = (15.0, 95.0);

/// Frames in a block.
const BLOCK: usize = 512;

/// What was played.
pub struct Performance {
    /// The mix, the stems and the notes.
    pub recording: Recording,
    /// Frames while the transport rolled; the fade after its stop comes behind them.
    pub rolling: usize,
    /// How long the playing took.
    pub took: Duration,
}

/// Plays the bars with a rising energy, stops, and listens for half a second more.
pub fn play(options: &Options) -> Result<Performance> {
    let mut host = open(options, &options.scene)?;
    let mut transport = Transport::rolling(options.bpm);
    let rolling = frames(options, options.bars);
    let start = Instant::now();
    let mut played = 0;
    while played < rolling {
        let block = BLOCK.min(rolling - played);
        host.set_share("Energy", energy(played, rolling) / 100.0)?;
        host.block(block, &mut transport)?;
        played += block;
    }
    let took = start.elapsed();
    transport.set_playing(false);
    host.play(options.rate as usize / 2, &mut transport)?;
    Ok(Performance { recording: host.take(), rolling, took })
}

/// Energy at a frame: an even rise.
pub fn energy(frame: usize, of: usize) -> f64 {
    ENERGY.0 + (ENERGY.1 - ENERGY.0) * frame as f64 / of as f64
}

/// How exactly notes start on the host's grid where nothing is meant to be loose: the eighths in eight bars of techno
/// without humanising (the sixteenths between them swing). In frames.
pub struct Exactness {
    /// Notes that were measured.
    pub notes: usize,
    /// The mean distance from the nearest eighth.
    pub mean: f64,
    /// The largest.
    pub most: f64,
}

/// Measures it.
pub fn exactness(options: &Options) -> Result<Exactness> {
    let mut host = open(options, "techno")?;
    host.set_share("Humanise", 0.0)?;
    host.play(frames(options, 8), &mut Transport::rolling(options.bpm))?;
    let recording = host.take();
    let is_eighth = |frame: u64| (recording.position(frame) * 4.0).round() as i64 % 2 == 0;
    let off: Vec<f64> = recording
        .starts(None)
        .filter(|note| is_eighth(note.frame))
        .map(|note| recording.off_grid(note.frame, 0.5).abs())
        .collect();
    Ok(Exactness {
        notes: off.len(),
        mean: off.iter().sum::<f64>() / off.len().max(1) as f64,
        most: off.iter().copied().fold(0.0, f64::max),
    })
}

fn open(options: &Options, scene: &str) -> Result<Host> {
    let mut host = Host::open_file(&options.plugin, Class::Multi)?;
    set_scene(&mut host, scene)?;
    host.activate(options.rate, BLOCK as u32, Mode::Offline, Outputs::All)?;
    host.set_share("Seed", f64::from(options.seed) / f64::from(HIGHEST_SEED))?;
    Ok(host)
}

fn frames(options: &Options, bars: u32) -> usize {
    (f64::from(bars) * 4.0 * 60.0 * options.rate / options.bpm).round() as usize
}
