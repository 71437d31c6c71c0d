//! The piano roll: all notes of a take, roles in colour, the energy above, the chords between.

use super::canvas::{Canvas, GROUND, INK, LINE};
use super::take::Take;
use sceneloop_music::{DrumLane, Role, STEPS_PER_QUARTER};

const ENERGY: [u8; 3] = [0xff, 0xc8, 0x57];

/// Height of one semitone, and of one drum lane, pixels.
const ROW: f32 = 7.0;
const LANE: f32 = 9.0;
const LEFT: f32 = 92.0;
const RIGHT: f32 = 16.0;
const TOP: f32 = 34.0;
const CURVE_HEIGHT: f32 = 56.0;
const CHORD_HEIGHT: f32 = 22.0;
const GAP: f32 = 12.0;

/// The picture as PNG; empty if the take is too long for one picture (thousands of bars).
pub fn piano_roll(take: &Take) -> Vec<u8> {
    let layout = Layout::of(take);
    let Some(mut canvas) = Canvas::new(layout.width as u32, layout.height as u32, GROUND) else {
        return Vec::new();
    };
    heading(&mut canvas, take);
    grid(&mut canvas, &layout, take);
    energy(&mut canvas, &layout, take);
    chords(&mut canvas, &layout, take);
    notes(&mut canvas, &layout, take);
    canvas.to_png()
}

struct Layout {
    width: f32,
    height: f32,
    per_quarter: f32,
    bars: u32,
    bar_quarters: f64,
    quarters_per_frame: f64,
    highest: u8,
    roll_top: f32,
    roll_bottom: f32,
    drums_top: f32,
}

impl Layout {
    fn of(take: &Take) -> Self {
        let request = &take.request;
        let bar_quarters = request.metre.quarters_per_bar();
        let quarters = bar_quarters * f64::from(request.bars);
        let per_quarter = (1800.0 / quarters as f32).clamp(6.0, 64.0);
        let keys = || take.notes.iter().filter(|note| note.role.is_pitched()).map(|note| note.key);
        let (lowest, highest) = (keys().min().unwrap_or(48), keys().max().unwrap_or(72));
        let roll_top = TOP + CURVE_HEIGHT + CHORD_HEIGHT + 2.0 * GAP;
        let roll_bottom = roll_top + f32::from(highest - lowest + 1) * ROW;
        let drums_top = roll_bottom + GAP;
        Self {
            width: (LEFT + RIGHT + per_quarter * quarters as f32)
                .max(legend_left(&title(take)) + legend_width()),
            height: drums_top + DrumLane::COUNT as f32 * LANE + GAP,
            per_quarter,
            bars: request.bars,
            bar_quarters,
            quarters_per_frame: request.bpm.quarters_per_frame(f64::from(request.sample_rate)),
            highest,
            roll_top,
            roll_bottom,
            drums_top,
        }
    }

    fn x(&self, quarters: f64) -> f32 {
        LEFT + quarters as f32 * self.per_quarter
    }

    fn drums_bottom(&self) -> f32 {
        self.drums_top + DrumLane::COUNT as f32 * LANE
    }
}

/// Scene, tempo, metre, key and seed in one line.
fn title(take: &Take) -> String {
    let request = &take.request;
    let first = take.loops.first();
    let scene: String = first.map_or(String::new(), |played| {
        let tags = &played.playing.scene.tags;
        tags.iter().map(|(tag, weight)| format!("{tag} {weight}")).collect::<Vec<_>>().join(" + ")
    });
    let key = first.map_or(String::new(), |played| played.playing.grid.key.to_string());
    format!(
        "{scene}   {} BPM   {}   {key}   seed {}",
        request.bpm.get(),
        request.metre,
        request.controls.seed
    )
}

/// Where the legend begins behind the title.
fn legend_left(title: &str) -> f32 {
    Canvas::text_width(title) + 40.0
}

/// From the square before one role's name to that before the next.
fn legend_step(role: Role) -> f32 {
    Canvas::text_width(role.name()) + 28.0
}

fn legend_width() -> f32 {
    Role::ALL.into_iter().map(legend_step).sum()
}

fn heading(canvas: &mut Canvas, take: &Take) {
    let title = title(take);
    canvas.text(12.0, 12.0, &title, (INK, 1.0));
    let mut x = legend_left(&title);
    for role in Role::ALL {
        canvas.rectangle(x, 12.0, 8.0, 8.0, (role.colour(), 1.0));
        canvas.text(x + 12.0, 12.0, role.name(), (INK, 0.8));
        x += legend_step(role);
    }
}

fn grid(canvas: &mut Canvas, layout: &Layout, take: &Take) {
    for key in (0..=layout.highest).rev() {
        let y = layout.roll_top + f32::from(layout.highest - key) * ROW;
        if y + ROW > layout.roll_bottom + 0.5 {
            break;
        }
        if matches!(key % 12, 1 | 3 | 6 | 8 | 10) {
            canvas.rectangle(LEFT, y, layout.width - LEFT - RIGHT, ROW, (LINE, 0.25));
        }
        if key % 12 == 0 {
            canvas.text(LEFT - 28.0, y, &format!("C{}", i32::from(key) / 12 - 1), (INK, 0.7));
        }
    }
    for lane in DrumLane::ALL {
        let y = layout.drums_top + lane.index() as f32 * LANE;
        let name = lane.name();
        canvas.text(LEFT - Canvas::text_width(name) - 4.0, y, name, (INK, 0.55));
        canvas.rectangle(LEFT, y + LANE - 1.0, layout.width - LEFT - RIGHT, 0.5, (LINE, 0.5));
    }
    for bar in 0..=layout.bars {
        let x = layout.x(f64::from(bar) * layout.bar_quarters);
        canvas.rectangle(x - 0.5, TOP, 1.0, layout.drums_bottom() - TOP, (LINE, 1.0));
        if bar == layout.bars {
            break;
        }
        if layout.per_quarter * layout.bar_quarters as f32 >= 24.0 || bar % 4 == 0 {
            canvas.text(x + 3.0, TOP, &(bar + 1).to_string(), (INK, 0.6));
        }
        let mut step = 0;
        for beat in take.request.metre.beats() {
            let x = layout
                .x(f64::from(bar) * layout.bar_quarters + f64::from(step) / f64::from(STEPS_PER_QUARTER));
            canvas.rectangle(x, layout.roll_top, 0.5, layout.drums_bottom() - layout.roll_top, (LINE, 0.6));
            step += beat;
        }
    }
}

fn energy(canvas: &mut Canvas, layout: &Layout, take: &Take) {
    let top = TOP + GAP;
    canvas.text(12.0, top + CURVE_HEIGHT / 2.0, "energy", (ENERGY, 0.9));
    canvas.text(LEFT - 30.0, top, "100", (INK, 0.5));
    canvas.text(LEFT - 14.0, top + CURVE_HEIGHT - 8.0, "0", (INK, 0.5));
    let points: Vec<(f32, f32)> = (0..=layout.bars * 16)
        .map(|sixteenth| {
            let bar = f64::from(sixteenth) / 16.0;
            let height = take.request.curve.at(bar).unit() * CURVE_HEIGHT;
            (layout.x(bar * layout.bar_quarters), top + CURVE_HEIGHT - height)
        })
        .collect();
    canvas.line(&points, 2.0, (ENERGY, 1.0));
}

fn chords(canvas: &mut Canvas, layout: &Layout, take: &Take) {
    let y = TOP + CURVE_HEIGHT + GAP + 8.0;
    canvas.text(12.0, y, "chords", (INK, 0.7));
    let mut free_from = 0.0;
    for (start, symbol) in take.chords() {
        let x = layout.x(start);
        canvas.rectangle(x, y - 4.0, 1.0, 14.0, (INK, 0.4));
        if x >= free_from {
            canvas.text(x + 3.0, y, &symbol, (INK, 0.95));
            free_from = x + Canvas::text_width(&symbol) + 6.0;
        }
    }
}

fn notes(canvas: &mut Canvas, layout: &Layout, take: &Take) {
    for note in &take.notes {
        let start = layout.x(note.start as f64 * layout.quarters_per_frame);
        let end = layout.x(note.end as f64 * layout.quarters_per_frame);
        let ink = (note.role.colour(), 0.35 + 0.65 * note.velocity);
        if note.role == Role::Drums {
            let Some(lane) = DrumLane::from_midi_key(note.key) else { continue };
            let y = layout.drums_top + lane.index() as f32 * LANE;
            canvas.rectangle(
                start,
                y + 1.0,
                (layout.per_quarter / 4.0 - 1.0).clamp(2.0, 7.0),
                LANE - 3.0,
                ink,
            );
        } else {
            let y = layout.roll_top + f32::from(layout.highest - note.key) * ROW;
            canvas.rectangle(start, y + 1.0, (end - start - 1.0).max(1.5), ROW - 2.0, ink);
        }
    }
}
