//! `sameness.json` and `sameness.png`: how much an hour of a scene repeats itself.

use super::canvas::{Canvas, GROUND, INK, LINE};
use crate::sameness::{Bar, STRETCH_BARS, by_distance, kinship_of_returns, nearest_repeat};
use sceneloop_music::{Bpm, Section};
use serde::Serialize;

/// Points of the curve are this many at most.
const CURVE_BARS: usize = 256;
/// Side of the matrix in the picture, pixels.
const SIDE: f32 = 900.0;
const MARGIN: f32 = 56.0;
const CURVE_HEIGHT: f32 = 160.0;
/// Bars of a verse by which it is known again.
const VERSE_BARS: usize = 4;

/// What was measured, and of what.
#[derive(Debug, Serialize)]
pub struct SamenessReport {
    /// Scene in canonical text.
    pub scene: String,
    /// The user's seed.
    pub seed: u32,
    /// Quarter notes a minute.
    pub bpm: f64,
    /// Metre.
    pub metre: String,
    /// Bars of a loop.
    pub loop_bars: u8,
    /// Energy at which it was heard.
    pub energy: f32,
    /// Bars measured.
    pub bars: usize,
    /// Minutes they last.
    pub minutes: f64,
    /// Bars of a stretch that is looked for again.
    pub stretch_bars: usize,
    /// Shortest distance between two stretches with the same notes, in bars; null if there are none.
    pub nearest_repeat_bars: Option<usize>,
    /// The same in seconds.
    pub nearest_repeat_seconds: Option<f64>,
    /// The bar at which the first of those two begins.
    pub nearest_repeat_at: Option<usize>,
    /// How alike the beginnings of the verses are to that of the first one, 0 to 1; null if there is but one.
    pub kinship_of_returns: Option<f32>,
    /// How alike two bars are on average, whatever their distance.
    pub mean_likeness: f32,
    /// How alike two bars are on average by their distance, from 0 bars on.
    pub likeness_by_distance: Vec<f32>,
    /// Bar and name of each section.
    pub sections: Vec<(usize, String)>,
}

impl SamenessReport {
    /// Measures bars. What they are of is filled in by the caller.
    pub fn new(bars: &[Bar], bpm: Bpm, quarters_per_bar: f64) -> Self {
        let seconds = |bars: usize| bars as f64 * quarters_per_bar * 60.0 / bpm.get();
        let repeat = nearest_repeat(bars);
        let curve = by_distance(bars, CURVE_BARS);
        let mut sections: Vec<(usize, Section, i64)> = Vec::new();
        for (index, place) in bars.iter().enumerate().filter_map(|(index, bar)| Some((index, bar.place?))) {
            if sections
                .last()
                .is_none_or(|(_, section, visit)| (*section, *visit) != (place.section, place.visit))
            {
                sections.push((index, place.section, place.visit));
            }
        }
        Self {
            scene: String::new(),
            seed: 0,
            bpm: bpm.get(),
            metre: String::new(),
            loop_bars: 0,
            energy: 0.0,
            bars: bars.len(),
            minutes: seconds(bars.len()) / 60.0,
            stretch_bars: STRETCH_BARS,
            nearest_repeat_bars: repeat.map(|(distance, _)| distance),
            nearest_repeat_seconds: repeat.map(|(distance, _)| seconds(distance)),
            nearest_repeat_at: repeat.map(|(_, at)| at),
            kinship_of_returns: kinship_of_returns(bars, VERSE_BARS),
            mean_likeness: curve.iter().skip(1).sum::<f32>() / (curve.len().max(2) - 1) as f32,
            likeness_by_distance: curve,
            sections: sections.into_iter().map(|(bar, section, _)| (bar, section.to_string())).collect(),
        }
    }
}

/// The matrix of all bars against all (bright is alike), the sections along it, and the curve below. Empty if there are no bars.
pub fn picture(bars: &[Bar], report: &SamenessReport) -> Vec<u8> {
    let (width, height) = (SIDE + 2.0 * MARGIN, SIDE + CURVE_HEIGHT + 4.0 * MARGIN);
    let Some(mut canvas) = Canvas::new(width as u32, height as u32, GROUND).filter(|_| !bars.is_empty())
    else {
        return Vec::new();
    };
    let title =
        format!("{} seed {}: {} bars, {:.0} minutes", report.scene, report.seed, report.bars, report.minutes);
    canvas.text(MARGIN, 16.0, &title, (INK, 1.0));
    let repeat = match report.nearest_repeat_seconds {
        Some(seconds) => format!("eight bars come again after {seconds:.0} s"),
        None => "no eight bars come again".to_owned(),
    };
    canvas.text(MARGIN, 32.0, &repeat, (INK, 0.8));
    matrix(&mut canvas, bars);
    marks(&mut canvas, bars.len(), report);
    curve(&mut canvas, report);
    canvas.to_png()
}

fn matrix(canvas: &mut Canvas, bars: &[Bar]) {
    // Of long songs a cell stands for some bars, a whole number of fours where they are many.
    let per_cell = match bars.len().div_ceil(SIDE as usize / 2) {
        few @ ..=2 => few,
        many => many.next_multiple_of(4),
    };
    let groups: Vec<&[Bar]> = bars.chunks(per_cell).collect();
    let cell = SIDE / groups.len() as f32;
    let likeness = |one: &[Bar], other: &[Bar]| {
        let sum: f32 = one.iter().zip(other).map(|(one, other)| one.likeness(other)).sum();
        sum / one.len().min(other.len()) as f32
    };
    for (row, one) in groups.iter().enumerate() {
        for (column, other) in groups.iter().enumerate() {
            let alike = likeness(one, other);
            // What is less alike than half tells nothing.
            let shade = ((alike - 0.4) / 0.6).clamp(0.0, 1.0).powi(2);
            let colour =
                [0x20 + (shade * 223.0) as u8, 0x24 + (shade * 160.0) as u8, 0x40 + (shade * 40.0) as u8];
            let (x, y) = (MARGIN + column as f32 * cell, MARGIN + row as f32 * cell);
            canvas.rectangle(x, y, cell + 0.5, cell + 0.5, (colour, 1.0));
        }
    }
}

fn marks(canvas: &mut Canvas, bars: usize, report: &SamenessReport) {
    let colour = |name: &str| match name {
        "verse" | "variation" => [0x5b, 0x8f, 0xd9],
        "chorus" | "drop" => [0xe0, 0x6c, 0x5a],
        "bridge" => [0x6f, 0xb8, 0x5c],
        "build" => [0xe5, 0xa0, 0x3c],
        _ => [0x9a, 0x93, 0xa6],
    };
    let ends = report.sections.iter().skip(1).map(|(bar, _)| *bar).chain([bars]);
    for ((bar, name), end) in report.sections.iter().zip(ends) {
        let place = |bar: usize| bar as f32 / bars as f32 * SIDE;
        let (from, length) = (place(*bar), place(end) - place(*bar) - 1.0);
        canvas.rectangle(MARGIN + from, MARGIN - 8.0, length, 5.0, (colour(name), 1.0));
        canvas.rectangle(MARGIN - 8.0, MARGIN + from, 5.0, length, (colour(name), 1.0));
    }
    let mut x = MARGIN;
    for name in ["verse", "chorus", "bridge", "break", "build"] {
        canvas.rectangle(x, MARGIN + SIDE + 10.0, 8.0, 8.0, (colour(name), 1.0));
        canvas.text(x + 12.0, MARGIN + SIDE + 10.0, name, (INK, 0.8));
        x += Canvas::text_width(name) + 32.0;
    }
}

fn curve(canvas: &mut Canvas, report: &SamenessReport) {
    let top = SIDE + 2.0 * MARGIN;
    canvas.text(MARGIN, top - 20.0, "likeness of two bars by their distance in bars", (INK, 0.9));
    for (share, label) in [(0.0, "1.0"), (0.5, "0.5"), (1.0, "0.0")] {
        canvas.rectangle(MARGIN, top + share * CURVE_HEIGHT, SIDE, 1.0, (LINE, 1.0));
        canvas.text(MARGIN - 30.0, top + share * CURVE_HEIGHT - 4.0, label, (INK, 0.7));
    }
    let last = report.likeness_by_distance.len().max(2) - 1;
    for mark in (0..=last).step_by(32) {
        let x = MARGIN + mark as f32 / last as f32 * SIDE;
        canvas.text(x, top + CURVE_HEIGHT + 8.0, &mark.to_string(), (INK, 0.7));
    }
    let points = report.likeness_by_distance.iter().enumerate().map(|(distance, alike)| {
        (MARGIN + distance as f32 / last as f32 * SIDE, top + (1.0 - alike.clamp(0.0, 1.0)) * CURVE_HEIGHT)
    });
    canvas.line(&points.collect::<Vec<_>>(), 1.5, ([0xff, 0xc8, 0x57], 1.0));
}
