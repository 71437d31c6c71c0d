//! `render.json`: everything that went in, and what came out, measured.

use super::event::TakeEvent;
use super::take::Take;
use ebur128::{EbuR128, Mode};
use sceneloop_music::{Bpm, Descriptor, Dimension, Metre, Role, Scene};
use serde::Serialize;
use std::collections::BTreeMap;

/// The report of one take.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Version of the program.
    pub version: &'static str,
    /// Scene in canonical text.
    pub scene: String,
    /// Tags with weights.
    pub tags: Vec<(String, f32)>,
    /// Style families with weights.
    pub styles: Vec<(String, f32)>,
    /// Points of the energy curve: bar and energy.
    pub energy: Vec<(f64, f32)>,
    /// Quarter notes a minute.
    pub bpm: f64,
    /// Metre.
    pub metre: String,
    /// Key of the first loop.
    pub key: String,
    /// Bars rendered.
    pub bars: u32,
    /// Bars of a loop.
    pub loop_bars: u8,
    /// The user's seed.
    pub seed: u32,
    /// How loose the players are, 0 to 100.
    pub humanise: f32,
    /// Hz.
    pub sample_rate: u32,
    /// Chords of each bar.
    pub chords_per_bar: Vec<Vec<String>>,
    /// Notes played and patch of each role.
    pub roles: BTreeMap<String, RoleReport>,
    /// Wanted and measured numbers of the first loop by name.
    pub descriptor: BTreeMap<String, DescriptorReport>,
    /// Notes of the first loop by rank: 0–9, 10–19 … 90–99, 100.
    pub rank_histogram: [usize; 11],
    /// Sections played; none of plain loops.
    pub sections: Vec<SectionReport>,
    /// Loops played: first bar, name, composer.
    pub loops: Vec<LoopReport>,
    /// Events, where they were asked for.
    pub events: Vec<TakeEvent>,
    /// Who wrote the notes.
    pub composer: String,
    /// Where whoever wrote them computed.
    pub device: String,
    /// Loudness and peaks, where audio was rendered.
    pub audio: Option<AudioReport>,
    /// Seconds it took.
    pub seconds: f64,
    /// Seconds of music for each second it took.
    pub times_real_time: f64,
}

/// One role of a take.
#[derive(Debug, Serialize)]
pub struct RoleReport {
    /// Patch id.
    pub patch: String,
    /// The SoundFont that played in its place: file, bank and program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub soundfont: Option<String>,
    /// Notes played.
    pub notes: usize,
}

/// One number of the descriptor.
#[derive(Debug, Serialize)]
pub struct DescriptorReport {
    /// What the scene asks for, 0 to 1.
    pub wanted: f32,
    /// What the first loop's sounding notes measure at the energy of the take's end, 0 to 1.
    pub measured: f32,
}

/// One section of a take.
#[derive(Debug, Serialize)]
pub struct SectionReport {
    /// First bar, from 0.
    pub bar: u32,
    /// Bars that were played of it.
    pub bars: u32,
    /// Its name, as in a scene text.
    pub section: String,
}

/// One loop of a take.
#[derive(Debug, Serialize)]
pub struct LoopReport {
    /// First bar, from 0.
    pub bar: u32,
    /// Place in the song, counted in loops.
    pub index: i64,
    /// Who wrote it.
    pub composer: String,
}

/// Measures of the mix (ITU-R BS.1770-4).
#[derive(Debug, Clone, Copy, Serialize)]
pub struct AudioReport {
    /// Integrated loudness, LUFS; −70 for silence.
    pub loudness_lufs: f64,
    /// True peak, dBTP; −120 for silence.
    pub true_peak_dbtp: f64,
    /// Mean of all samples (direct current), −1 to 1.
    pub dc: f64,
    /// Seconds of audio.
    pub seconds: f64,
}

/// Measures two channels.
///
/// # Errors
/// What the meter says about rate or memory.
pub fn measure_audio(channels: &[Vec<f32>; 2], sample_rate: u32) -> Result<AudioReport, ebur128::Error> {
    let mut meter = EbuR128::new(2, sample_rate, Mode::I | Mode::TRUE_PEAK)?;
    meter.add_frames_planar_f32(&[&channels[0], &channels[1]])?;
    let loudness = meter.loudness_global()?;
    let peak = meter.true_peak(0)?.max(meter.true_peak(1)?);
    let count = (2 * channels[0].len()).max(1) as f64;
    let dc = channels.iter().flatten().map(|sample| f64::from(*sample)).sum::<f64>() / count;
    Ok(AudioReport {
        loudness_lufs: loudness.max(-70.0),
        true_peak_dbtp: (20.0 * peak.log10()).max(-120.0),
        dc,
        seconds: channels[0].len() as f64 / f64::from(sample_rate),
    })
}

impl Report {
    /// The report of a take. `audio` is measured by [`measure_audio`] where there is any.
    pub fn new(take: &Take, audio: Option<AudioReport>, device: &str, seconds: f64) -> Self {
        let request = &take.request;
        let first = take.loops.first().map(|played| played.playing.clone());
        let scene = first.as_ref().map(|now| now.scene.clone());
        let energy = request.curve.at(f64::from(request.bars));
        let music_seconds = request.body_frames() as f64 / f64::from(request.sample_rate);
        Self {
            version: env!("CARGO_PKG_VERSION"),
            scene: scene.as_ref().map_or(String::new(), |scene| scene.text.clone()),
            tags: scene.as_ref().map_or(Vec::new(), |scene| scene.tags.clone()),
            styles: scene.as_ref().map_or(Vec::new(), |scene| {
                scene.styles.iter().map(|(style, weight)| (style.to_string(), *weight)).collect()
            }),
            energy: request.curve.points().to_vec(),
            bpm: request.bpm.get(),
            metre: request.metre.to_string(),
            key: first.as_ref().map_or(String::new(), |now| now.grid.key.to_string()),
            bars: request.bars,
            loop_bars: request.controls.bars,
            seed: request.controls.seed,
            humanise: (1000.0 * request.controls.humanise).round() / 10.0,
            sample_rate: request.sample_rate,
            chords_per_bar: chords_per_bar(take),
            roles: Role::ALL
                .into_iter()
                .map(|role| {
                    let patch = scene.as_ref().map_or(String::new(), |scene| scene.patches[role].clone());
                    let notes = take.notes.iter().filter(|note| note.role == role).count();
                    let soundfont = take.soundfonts.get(&role).cloned();
                    (role.to_string(), RoleReport { patch, soundfont, notes })
                })
                .filter(|(_, report)| report.notes > 0)
                .collect(),
            descriptor: first.as_ref().map_or_else(BTreeMap::new, |now| {
                descriptor_report(&now.scene.wanted, &Descriptor::measure(&now.grid, request.bpm, energy))
            }),
            rank_histogram: first.as_ref().map_or([0; 11], |now| {
                let mut histogram = [0; 11];
                for note in now.grid.clips.0.iter().flat_map(|clip| &clip.notes) {
                    histogram[usize::from(note.rank.get() / 10)] += 1;
                }
                histogram
            }),
            sections: take
                .sections()
                .iter()
                .map(|played| SectionReport {
                    bar: played.bar,
                    bars: played.bars,
                    section: played.section.to_string(),
                })
                .collect(),
            events: take.events.clone(),
            loops: take
                .loops
                .iter()
                .map(|played| LoopReport {
                    bar: played.bar,
                    index: played.playing.loop_index,
                    composer: played.playing.composer.into(),
                })
                .collect(),
            composer: authors(take),
            device: device.into(),
            audio,
            seconds,
            times_real_time: music_seconds / seconds.max(1e-9),
        }
    }
}

/// Who wrote the loops: a name, or "mixed".
fn authors(take: &Take) -> String {
    let mut names = take.loops.iter().map(|played| played.playing.composer);
    let first = names.next().unwrap_or_default();
    if names.all(|name| name == first) { first.into() } else { "mixed".into() }
}

fn descriptor_report(wanted: &Descriptor, measured: &Descriptor) -> BTreeMap<String, DescriptorReport> {
    let entry = |dimension: Dimension| {
        let report = DescriptorReport { wanted: wanted[dimension], measured: measured[dimension] };
        (dimension.name().to_string(), report)
    };
    Dimension::ALL.into_iter().map(entry).collect()
}

/// Symbols of the chords in each bar; in a bar without a new one that of the bar before.
pub fn chords_per_bar(take: &Take) -> Vec<Vec<String>> {
    let bar = take.request.metre.quarters_per_bar();
    let mut bars: Vec<Vec<String>> = vec![Vec::new(); take.request.bars as usize];
    let mut last = None;
    let mut chords = take.chords().into_iter().peekable();
    for (index, names) in bars.iter_mut().enumerate() {
        let start = index as f64 * bar;
        if chords.peek().is_none_or(|(at, _)| *at > start + 1e-9) {
            names.extend(last.clone());
        }
        while let Some((_, symbol)) = chords.next_if(|(at, _)| *at < start + bar - 1e-9) {
            last = Some(symbol.clone());
            names.push(symbol);
        }
    }
    bars
}

/// Metre a scene is rendered in where nobody says: its own, of a jig 6/8, and of a waltz 3/4; all else is in four.
pub fn default_metre(scene: &Scene) -> Metre {
    scene.metre.unwrap_or(Metre::FOUR_FOUR)
}

/// Tempo a scene is rendered at where nobody says: the middle of what it likes.
pub fn default_bpm(tempo: (f64, f64)) -> Bpm {
    Bpm::new(((tempo.0 + tempo.1) / 2.0).round()).unwrap_or_default()
}
