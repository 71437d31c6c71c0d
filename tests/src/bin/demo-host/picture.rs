//! What was played, to look at: the curve of energy and loudness, a spectrogram, a piano roll.

use anyhow::Result;
use realfft::RealFftPlanner;
use sceneloop_music::Role;
use sceneloop_tests::canvas::{Canvas, GREY, Plot, WHITE};
use sceneloop_tests::listen;

use crate::options::Options;
use crate::performance::{Performance, energy as energy_at};

const SIZE: (u32, u32) = (1600, 600);
const ENERGY_COLOUR: [u8; 3] = [0xe5, 0xa0, 0x3c];
const LOUDNESS_COLOUR: [u8; 3] = [0x5b, 0x8f, 0xd9];

/// A plot whose width is the song in bars, with a line and a number for every fourth bar.
fn in_bars(options: &Options, title: &str) -> Result<(Canvas, Plot)> {
    let mut canvas = Canvas::new(SIZE)?;
    let plot = Plot::inside(SIZE);
    canvas.text(plot.left, 14.0, 2.0, WHITE, title);
    for bar in (0..=options.bars).step_by(4) {
        let x = plot.x(f64::from(bar) / f64::from(options.bars));
        canvas.line((x, plot.top), (x, plot.bottom), GREY, 1.0);
        canvas.text(x - 6.0, plot.bottom + 10.0, 1.5, WHITE, &format!("{}", bar + 1));
    }
    canvas.text(plot.left, plot.bottom + 32.0, 1.5, WHITE, "bar");
    Ok((canvas, plot))
}

/// Energy that was asked for (0 to 100) over loudness in stretches of a bar (-60 to 0 LUFS).
pub fn energy(options: &Options, performance: &Performance) -> Result<Canvas> {
    let (mut canvas, plot) = in_bars(options, "Energy asked for, and loudness of each bar")?;
    for tenth in (0..=10).step_by(2) {
        let y = plot.y(f64::from(tenth) / 10.0);
        canvas.line((plot.left, y), (plot.right, y), GREY, 1.0);
        canvas.text(8.0, y - 6.0, 1.5, ENERGY_COLOUR, &format!("{}", tenth * 10));
        let lufs = tenth * 6 - 60;
        canvas.text(plot.right + 8.0, y - 6.0, 1.5, LOUDNESS_COLOUR, &format!("{lufs} LUFS"));
    }
    let whole = performance.rolling;
    let rise: Vec<_> = [0, whole]
        .map(|frame| (plot.x(frame as f64 / whole as f64), plot.y(energy_at(frame, whole) / 100.0)))
        .into();
    canvas.curve(&rise, ENERGY_COLOUR, 3.0);
    let curve: Vec<_> = bar_loudness(options, performance)?
        .into_iter()
        .enumerate()
        .filter(|(_, lufs)| lufs.is_finite())
        .map(|(bar, lufs)| {
            let x = plot.x((bar as f64 + 0.5) / f64::from(options.bars));
            (x, plot.y(((lufs + 60.0) / 60.0).clamp(0.0, 1.0)))
        })
        .collect();
    canvas.curve(&curve, LOUDNESS_COLOUR, 3.0);
    Ok(canvas)
}

/// Integrated loudness of each bar, LUFS.
pub fn bar_loudness(options: &Options, performance: &Performance) -> Result<Vec<f64>> {
    let [left, right] = performance.recording.stereo(0);
    let edge = |bar: u32| performance.rolling * bar as usize / options.bars as usize;
    (0..options.bars)
        .map(|bar| {
            let range = edge(bar)..edge(bar + 1);
            Ok(listen::loudness([&left[range.clone()], &right[range]], options.rate)?.integrated_lufs)
        })
        .collect()
}

/// The mix: time to the right, pitch upwards in octaves from 30 Hz to 15 kHz, brighter where louder.
pub fn spectrogram(options: &Options, performance: &Performance) -> Result<Canvas> {
    const LENGTH: usize = 4096;
    const LOWEST_HZ: f64 = 30.0;
    const OCTAVES: f64 = 9.0;
    const RANGE_DB: f32 = 84.0;
    let (mut canvas, plot) = in_bars(options, "Spectrogram of the mix")?;
    let [left, right] = performance.recording.stereo(0);
    let transform = RealFftPlanner::<f32>::new().plan_fft_forward(LENGTH);
    let (mut input, mut output) = (transform.make_input_vec(), transform.make_output_vec());
    let hann = |n: usize| 0.5 - 0.5 * (n as f32 / LENGTH as f32 * std::f32::consts::TAU).cos();
    let (columns, rows) = ((plot.right - plot.left) as usize, (plot.bottom - plot.top) as usize);
    for column in 0..columns {
        let start = (performance.rolling.saturating_sub(LENGTH)) * column / columns;
        for (n, sample) in input.iter_mut().enumerate() {
            let at = start + n;
            *sample = hann(n) * (left.get(at).unwrap_or(&0.0) + right.get(at).unwrap_or(&0.0));
        }
        transform.process(&mut input, &mut output)?;
        let bin = |row: f64| {
            let hertz = LOWEST_HZ * (OCTAVES * row / rows as f64).exp2();
            ((hertz * LENGTH as f64 / options.rate) as usize).min(output.len() - 1)
        };
        for row in 0..rows {
            let (from, to) = (bin(row as f64), bin(row as f64 + 1.0));
            let loudest = output[from..=to].iter().map(|value| value.norm()).fold(0.0, f32::max);
            // A full-scale sine in both channels has the magnitude LENGTH / 2.
            let db = 20.0 * (loudest / (LENGTH as f32 / 2.0)).max(1e-9).log10();
            let shade = ((db + RANGE_DB) / RANGE_DB).clamp(0.0, 1.0);
            canvas.dot(plot.left as usize + column, plot.bottom as usize - 1 - row, heat(shade));
        }
    }
    for (hertz, name) in [(100.0_f64, "100 Hz"), (1_000.0, "1 kHz"), (10_000.0, "10 kHz")] {
        let y = plot.y((hertz / LOWEST_HZ).log2() / OCTAVES);
        canvas.text(plot.right + 8.0, y - 6.0, 1.5, WHITE, name);
    }
    Ok(canvas)
}

/// Black, violet, orange, white.
fn heat(shade: f32) -> [u8; 3] {
    let channel = |from: f32, to: f32| (((shade - from) / (to - from)).clamp(0.0, 1.0) * 255.0) as u8;
    [channel(0.1, 0.7), channel(0.45, 1.0), (channel(0.0, 0.4) / 2).max(channel(0.8, 1.0))]
}

/// Notes: time to the right, key upwards, drums in a band of their own below.
pub fn roll(options: &Options, performance: &Performance) -> Result<Canvas> {
    const DRUM_BAND: f64 = 0.2;
    let (mut canvas, plot) = in_bars(options, "Notes that the plugin sent")?;
    let recording = &performance.recording;
    let keys = |drums: bool| {
        let drum_channel = Role::Drums.midi_channel();
        let mut keys: Vec<u8> = recording
            .starts(None)
            .filter(|note| (note.channel == drum_channel) == drums)
            .map(|note| note.key)
            .collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    };
    let (drum_keys, pitches) = (keys(true), keys(false));
    let (lowest, highest) = (*pitches.first().unwrap_or(&36), *pitches.last().unwrap_or(&84));
    let step = (1.0 - DRUM_BAND - 0.02) / f64::from(highest - lowest + 1);
    for (index, note) in recording.notes.iter().enumerate() {
        let (Some(velocity), Some(role)) = (note.velocity, role_of(note.channel)) else { continue };
        let same = |other: &&sceneloop_tests::host::Note| {
            other.velocity.is_none() && (other.channel, other.key) == (note.channel, note.key)
        };
        let end = recording.notes[index..].iter().find(same).map_or(note.frame, |end| end.frame);
        let x = |frame: u64| plot.x((frame as f64 / performance.rolling as f64).min(1.0));
        let (bottom, height) = if role == Role::Drums {
            let lane = drum_keys.iter().position(|key| *key == note.key).unwrap_or(0);
            (DRUM_BAND * lane as f64 / drum_keys.len() as f64, DRUM_BAND / drum_keys.len() as f64)
        } else {
            (DRUM_BAND + 0.02 + step * f64::from(note.key - lowest), step)
        };
        let bright = 0.45 + 0.55 * velocity;
        let colour = role.colour().map(|channel| (f64::from(channel) * bright) as u8);
        let (left, right) = (x(note.frame), x(end).max(x(note.frame) + 2.0));
        canvas.rectangle((left, plot.y(bottom + height * 0.95)), (right, plot.y(bottom)), colour);
    }
    for role in Role::ALL {
        let y = plot.top + 26.0 * role.index() as f32;
        canvas.rectangle((plot.right + 8.0, y), (plot.right + 20.0, y + 12.0), role.colour());
        canvas.text(plot.right + 26.0, y, 1.5, WHITE, role.name());
    }
    Ok(canvas)
}

fn role_of(channel: u8) -> Option<Role> {
    Role::ALL.into_iter().find(|role| role.midi_channel() == channel)
}
