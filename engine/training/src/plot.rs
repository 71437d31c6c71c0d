//! The losses of a run as a picture: what `log.csv` says, over the steps.

use anyhow::{Context, bail};
use sceneloop_engine::export::canvas::{Canvas, GROUND, INK, LINE};
use sceneloop_model::{Row, Vocabulary};
use std::collections::BTreeMap;

const WIDTH: f32 = 1200.0;
const HEIGHT: f32 = 700.0;
const LEFT: f32 = 70.0;
const RIGHT: f32 = 190.0;
const TOP: f32 = 40.0;
const BOTTOM: f32 = 50.0;
const TOTAL: [u8; 3] = [0xff, 0xff, 0xff];
const HARMONY: [u8; 3] = [0xff, 0xc8, 0x57];
/// The lowest loss that is drawn, in nats: the axis is logarithmic, and the log has four places.
const LOWEST: f64 = 1e-4;

/// What a line of the log says.
#[derive(Debug, Clone, PartialEq)]
struct Line {
    loss: f64,
    groups: BTreeMap<String, f64>,
}

/// Draws the loss and those of the leading questions of each row over the steps, as PNG. Where a run was cut off and went on from an
/// earlier step, the later line counts.
///
/// # Errors
/// A sentence with the number of the line if one is damaged, or if there are fewer than two.
pub fn plot(log: &str) -> anyhow::Result<Vec<u8>> {
    let mut lines = BTreeMap::new();
    for (index, text) in log.lines().enumerate() {
        let (step, line) = read(text).with_context(|| format!("line {} of the log is damaged", index + 1))?;
        lines.insert(step, line);
    }
    let (Some((first, _)), Some((last, _))) = (lines.first_key_value(), lines.last_key_value()) else {
        bail!("the log is empty");
    };
    if first == last {
        bail!("the log has one line; a plot needs two");
    }
    let curves = curves(&lines);
    let axes = Axes::new((*first, *last), &curves);
    let mut canvas = Canvas::new(WIDTH as u32, HEIGHT as u32, GROUND).context("the picture is too large")?;
    axes.draw(&mut canvas);
    for (index, curve) in curves.iter().enumerate() {
        axes.draw_curve(&mut canvas, curve, index);
    }
    Ok(canvas.to_png())
}

/// Reads `step,rate,seconds,examples,loss,group=mean…`.
fn read(text: &str) -> anyhow::Result<(u64, Line)> {
    let mut fields = text.split(',');
    let step = fields.next().unwrap_or_default();
    let step = step.parse().with_context(|| format!("\"{step}\" is no step"))?;
    let loss = fields.nth(3).context("it has no loss")?;
    let groups = fields.map(|field| {
        let (name, mean) = field.split_once('=').with_context(|| format!("\"{field}\" is no loss"))?;
        Ok((name.to_owned(), number(mean)?))
    });
    let line = Line { loss: number(loss)?, groups: groups.collect::<anyhow::Result<_>>()? };
    if !line.loss.is_finite() {
        bail!("the loss is {}", line.loss);
    }
    Ok((step, line))
}

fn number(text: &str) -> anyhow::Result<f64> {
    text.parse().with_context(|| format!("\"{text}\" is no number"))
}

/// One line of the picture.
struct Curve {
    name: String,
    colour: [u8; 3],
    points: Vec<(u64, f64)>,
}

/// The total, then the leading question of each row that the log has.
fn curves(lines: &BTreeMap<u64, Line>) -> Vec<Curve> {
    let points = |value: &dyn Fn(&Line) -> Option<f64>| -> Vec<(u64, f64)> {
        let all = lines.iter().filter_map(|(step, line)| Some((*step, value(line)?)));
        // A group that no batch asked for has no mean.
        all.filter(|(_, value)| value.is_finite()).map(|(step, value)| (step, value.max(LOWEST))).collect()
    };
    let total = Curve { name: "all".into(), colour: TOTAL, points: points(&|line| Some(line.loss)) };
    let vocabulary = Vocabulary::new();
    let leading = Row::all().map(|row| {
        let kind = vocabulary.fields()[vocabulary.row(row).start].kind;
        let group = crate::run::group_name(row, kind);
        let (name, colour) = match row {
            Row::Harmony => ("harmony", HARMONY),
            Row::Role(role) => (role.name(), role.colour()),
        };
        let points = points(&|line| line.groups.get(&group).copied());
        Curve { name: format!("{name} {kind:?}").to_lowercase(), colour, points }
    });
    std::iter::once(total).chain(leading).filter(|curve| !curve.points.is_empty()).collect()
}

/// Steps from left to right, losses on a logarithmic scale from bottom to top.
struct Axes {
    steps: (u64, u64),
    losses: (f64, f64),
}

impl Axes {
    fn new(steps: (u64, u64), curves: &[Curve]) -> Self {
        let losses = || curves.iter().flat_map(|curve| &curve.points).map(|(_, loss)| *loss);
        let lowest = losses().fold(f64::INFINITY, f64::min);
        let highest = losses().fold(LOWEST, f64::max);
        Self { steps, losses: (lowest / 1.1, highest * 1.1) }
    }

    fn x(&self, step: u64) -> f32 {
        let (first, last) = self.steps;
        LEFT + (WIDTH - LEFT - RIGHT) * ((step - first) as f64 / (last - first) as f64) as f32
    }

    fn y(&self, loss: f64) -> f32 {
        let (lowest, highest) = self.losses;
        let share = (loss / lowest).ln() / (highest / lowest).ln();
        HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share as f32
    }

    fn draw(&self, canvas: &mut Canvas) {
        let (right, bottom) = (WIDTH - RIGHT, HEIGHT - BOTTOM);
        canvas.text(LEFT, 14.0, "loss in nats (logarithmic) over steps", (INK, 1.0));
        for step in step_marks(self.steps) {
            let (x, label) = (self.x(step), step.to_string());
            canvas.line(&[(x, TOP), (x, bottom)], 1.0, (LINE, 1.0));
            canvas.text(x - Canvas::text_width(&label) / 2.0, bottom + 10.0, &label, (INK, 0.8));
        }
        for loss in loss_marks(self.losses) {
            let (y, label) = (self.y(loss), loss.to_string());
            canvas.line(&[(LEFT, y), (right, y)], 1.0, (LINE, 1.0));
            canvas.text(LEFT - 8.0 - Canvas::text_width(&label), y - 4.0, &label, (INK, 0.8));
        }
        canvas.line(&[(LEFT, TOP), (LEFT, bottom), (right, bottom)], 1.0, (INK, 0.8));
    }

    /// The curve, and its name with its last value at the right.
    fn draw_curve(&self, canvas: &mut Canvas, curve: &Curve, index: usize) {
        let points: Vec<(f32, f32)> =
            curve.points.iter().map(|(step, loss)| (self.x(*step), self.y(*loss))).collect();
        canvas.line(&points, if index == 0 { 2.5 } else { 1.2 }, (curve.colour, 1.0));
        let last = curve.points.last().map_or(0.0, |(_, loss)| *loss);
        let y = TOP + 18.0 * index as f32;
        canvas.rectangle(WIDTH - RIGHT + 14.0, y, 8.0, 8.0, (curve.colour, 1.0));
        let label = format!("{:<14}{last:.3}", curve.name);
        canvas.text(WIDTH - RIGHT + 28.0, y, &label, (INK, 0.9));
    }
}

/// Round numbers of steps within a range, ten at most.
fn step_marks((first, last): (u64, u64)) -> Vec<u64> {
    let apart = (0..).flat_map(|power| [1, 2, 5].map(|digit| digit * 10u64.pow(power)));
    let apart = apart.into_iter().find(|apart| (last - first) / apart < 10).unwrap_or(1);
    (first.div_ceil(apart)..=last / apart).map(|index| index * apart).collect()
}

/// 1, 2 and 5 times powers of ten within a range.
fn loss_marks((lowest, highest): (f64, f64)) -> Vec<f64> {
    let marks = (-4..=4).flat_map(|power| [1.0, 2.0, 5.0].map(|digit| (digit, power)));
    marks
        // Division keeps 0.02 from being written as 0.020000000000000004.
        .map(|(digit, power)| if power < 0 { digit / 10f64.powi(-power) } else { digit * 10f64.powi(power) })
        .filter(|mark| (lowest..=highest).contains(mark))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tiny_skia::Pixmap;

    const LOG: &str =
        "100,1.5e-4,62,2001,1.4929,Harmony Quality=1.2226,Harmony Root=0.0688,Role(Bass) Pitch=0.5574
200,3.0e-4,115,1965,1.3901,Harmony Quality=1.1991,Harmony Root=NaN,Role(Bass) Pitch=0.5366\n";

    fn has(picture: &Pixmap, colour: [u8; 3]) -> bool {
        let same =
            |pixel: &tiny_skia::PremultipliedColorU8| [pixel.red(), pixel.green(), pixel.blue()] == colour;
        picture.pixels().iter().any(same)
    }

    #[test]
    fn two_lines_make_a_picture_with_a_curve_for_the_total_and_each_leading_group() {
        let picture = Pixmap::decode_png(&plot(LOG).unwrap()).unwrap();
        assert_eq!((picture.width(), picture.height()), (WIDTH as u32, HEIGHT as u32));
        for colour in [GROUND, TOTAL, HARMONY, sceneloop_music::Role::Bass.colour()] {
            assert!(has(&picture, colour), "{colour:?}");
        }
        assert!(!has(&picture, sceneloop_music::Role::Lead.colour()), "nothing is said of it");
    }

    #[test]
    fn a_run_that_went_back_counts_its_later_line() {
        let again = LOG.replace("1.3901", "9.9") + LOG.lines().nth(1).unwrap();
        assert_eq!(plot(&again).unwrap(), plot(LOG).unwrap());
    }

    #[test]
    fn a_damaged_line_is_refused_in_a_sentence() {
        for (from, to, told) in [
            ("1.3901", "inf", "the loss is inf"),
            ("1.3901", "1.39O1", "\"1.39O1\" is no number"),
            ("200,", "two,", "\"two\" is no step"),
            ("=0.5366", "", "\"Role(Bass) Pitch\" is no loss"),
            (
                ",1965,1.3901,Harmony Quality=1.1991,Harmony Root=NaN,Role(Bass) Pitch=0.5366",
                "",
                "it has no loss",
            ),
        ] {
            let sentence = format!("{:#}", plot(&LOG.replace(from, to)).unwrap_err());
            assert!(
                sentence.starts_with("line 2 of the log is damaged: ") && sentence.contains(told),
                "{sentence}"
            );
        }
        assert_eq!(plot("").unwrap_err().to_string(), "the log is empty");
        assert!(plot(LOG.lines().next().unwrap()).unwrap_err().to_string().contains("needs two"));
    }

    #[test]
    fn marks_are_round_and_few() {
        assert_eq!(step_marks((50, 1250)), [200, 400, 600, 800, 1000, 1200]);
        assert_eq!(step_marks((1, 3)), [1, 2, 3]);
        assert_eq!(loss_marks((0.015, 1.2)), [0.02, 0.05, 0.1, 0.2, 0.5, 1.0]);
    }
}
