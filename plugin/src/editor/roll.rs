//! The piano roll of the loop that plays: chords above, pitched roles in the middle, drums below, the next loop beside it. Notes that
//! the energy leaves out and those of muted roles are faint. Bars can be marked.

use super::controls;
use super::look::{self, Palette};
use egui::{
    Align2, Color32, CornerRadius, EventFilter, Key, Mesh, Modifiers, Painter, Rect, Response, Sense, Stroke,
    StrokeKind, Ui,
};
use sceneloop_engine::{Engine, NowPlaying};
use sceneloop_music::{Energy, LoopGrid, Note, PerRole, Role, STEPS_PER_QUARTER};
use std::ops::Range;

/// Height of the line of chords.
const CHORDS: f32 = 24.0;
/// Height of a drum lane, and how much of the room all of them take at most.
const LANE: f32 = 9.0;
const LANES_SHARE: f32 = 0.36;
/// How much of the room the next loop takes, and the least room in which it is shown, points.
const NEXT_SHARE: f32 = 0.22;
const FEWEST_FOR_NEXT: f32 = 380.0;
/// The fewest semitones shown, so that a loop of few pitches does not look coarse.
const FEWEST_SEMITONES: i32 = 30;

/// What a roll is drawn with.
pub struct Roll<'a> {
    pub engine: &'a Engine,
    pub now: Option<&'a NowPlaying>,
    pub energy: Energy,
    pub silent: PerRole<bool>,
}

/// The bars that are marked: what is written again if a role is.
#[derive(Debug, Default, Clone)]
pub struct Marked {
    /// The bar at which the pointer went down, and the one at which it is.
    ends: Option<(u8, u8)>,
}

impl Marked {
    /// The bars from the first to before the last, of a loop of so many.
    pub fn bars(&self, bars: u8) -> Option<Range<u8>> {
        let (one, other) = self.ends?;
        let (first, last) = (one.min(other), one.max(other));
        (first < bars).then(|| first..(last + 1).min(bars))
    }
}

/// Draws the roll into all the room there is: the loop that plays, and beside it the next.
pub fn show(ui: &mut Ui, roll: &Roll<'_>, marked: &mut Marked) {
    let (whole, response) = ui.allocate_exact_size(ui.available_size(), Sense::click_and_drag());
    let colours = look::palette(ui);
    let painter = ui.painter_at(whole);
    let health = roll.engine.health();
    painter.rect_filled(whole, CornerRadius::same(6), colours.panel);
    let Some(now) = roll.now else {
        let text = if health.playing() {
            "composing the first loop"
        } else {
            "press play in the host, or set Play to Always"
        };
        painter.text(whole.center(), Align2::CENTER_CENTER, text, look::font(15.0), colours.weak);
        controls::named(&response, format!("Piano roll: {text}"), egui::accesskit::Role::Image);
        return;
    };
    let mut rect = whole;
    if whole.width() > FEWEST_FOR_NEXT {
        rect.set_right(whole.right() - (whole.width() * NEXT_SHARE).round());
        let side = Rect::from_min_max(egui::pos2(rect.right(), whole.top()), whole.max);
        painter.vline(side.left(), whole.y_range(), Stroke::new(1.0, colours.line));
        let next = roll.engine.next_loop();
        let caption = match &next {
            Some(next) => {
                next.place.map_or_else(|| "next".into(), |place| format!("next: {}", place.section))
            }
            None => "next: being written".into(),
        };
        let at = side.left_top() + egui::vec2(6.0, 7.0);
        painter.with_clip_rect(side).text(at, Align2::LEFT_TOP, caption, look::font(12.0), colours.weak);
        if let Some(next) = &next {
            let inner = Rect::from_min_max(side.min + egui::vec2(6.0, 6.0), side.max - egui::vec2(6.0, 6.0));
            roll.notes(&painter, colours, &Plan::new(inner, &next.grid), &next.grid, None, 0.6);
        }
    }
    let grid = &*now.grid;
    let plan = Plan::new(rect.shrink2(egui::vec2(8.0, 6.0)), grid);
    marked.follow(ui, &response, &plan, grid);
    if let Some(bars) = marked.bars(grid.bars) {
        let step = |bar: u8| plan.x(f32::from(bar) * grid.metre.steps_per_bar() as f32);
        let area = Rect::from_x_y_ranges(step(bars.start)..=step(bars.end), plan.all.y_range());
        painter.rect_filled(area, CornerRadius::ZERO, colours.accent.gamma_multiply(0.16));
        painter.rect_stroke(area, CornerRadius::ZERO, Stroke::new(1.0, colours.accent), StrokeKind::Inside);
    }
    let within = health.position_quarters() - now.loop_index as f64 * grid.quarters();
    let at = within.rem_euclid(grid.quarters()) * f64::from(STEPS_PER_QUARTER);
    let playhead = health.playing().then_some(at as f32);
    plan.lines(&painter, colours, grid);
    plan.chords(&painter, colours, grid, playhead);
    roll.notes(&painter, colours, &plan, grid, playhead, 1.0);
    if let Some(step) = playhead {
        painter.vline(plan.x(step), plan.all.y_range(), Stroke::new(1.5, colours.text));
    }
    controls::focus(ui, whole.shrink(2.0), &response);
    let name = match marked.bars(grid.bars) {
        Some(bars) => format!("Piano roll, bars {} to {} marked", bars.start + 1, bars.end),
        None => "Piano roll".into(),
    };
    controls::named(&response, name, egui::accesskit::Role::Canvas);
    response.on_hover_text_at_pointer(
        "Bright notes sound, dim ones wait for more energy. Drag over bars to mark them: what is written again is then only they; \
         click to mark none. Arrow keys mark bars too.",
    );
}

impl Marked {
    fn follow(&mut self, ui: &Ui, response: &Response, plan: &Plan, grid: &LoopGrid) {
        let bar_at = |x: f32| {
            let step = (x - plan.all.left()) / plan.all.width() * plan.steps;
            (step / grid.metre.steps_per_bar() as f32).clamp(0.0, f32::from(grid.bars) - 0.5) as u8
        };
        if response.clicked() {
            self.ends = None;
            response.request_focus();
        }
        if let Some(pointer) = response.interact_pointer_pos() {
            let bar = bar_at(pointer.x);
            if response.drag_started() {
                let from = ui.input(|input| input.pointer.press_origin()).unwrap_or(pointer);
                self.ends = Some((bar_at(from.x), bar));
            } else if let Some(ends) = self.ends.as_mut().filter(|_| response.dragged()) {
                ends.1 = bar;
            }
        }
        if response.has_focus() {
            let filter = EventFilter { horizontal_arrows: true, escape: true, ..EventFilter::default() };
            ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
            ui.input_mut(|input| {
                for (key, by) in [(Key::ArrowLeft, -1), (Key::ArrowRight, 1)] {
                    if input.consume_key(Modifiers::SHIFT, key) {
                        let (from, to) = self.ends.unwrap_or_default();
                        self.ends = Some((from, moved(to, by, grid.bars)));
                    } else if input.consume_key(Modifiers::NONE, key) {
                        let to = self.ends.map_or(0, |(_, to)| moved(to, by, grid.bars));
                        self.ends = Some((to, to));
                    }
                }
                if input.consume_key(Modifiers::NONE, Key::Escape) {
                    self.ends = None;
                }
            });
        }
    }
}

fn moved(bar: u8, by: i8, bars: u8) -> u8 {
    bar.saturating_add_signed(by).min(bars.saturating_sub(1))
}

impl Roll<'_> {
    fn notes(
        &self,
        painter: &Painter,
        colours: &Palette,
        plan: &Plan,
        grid: &LoopGrid,
        playhead: Option<f32>,
        strength: f32,
    ) {
        // Held sounds first: they lie behind the others and would cover them.
        let mut mesh = Mesh::default();
        let (held, struck): (Vec<Role>, Vec<Role>) = Role::ALL.into_iter().partition(|role| is_held(*role));
        for role in held.into_iter().chain(struck) {
            let colour = colours.role(role);
            for note in &grid.clips[role].notes {
                let heard = note.rank.sounds_at(self.energy) && !self.silent[role];
                plan.note(&mut mesh, role, note, heard, playhead, (colour, strength));
            }
        }
        // All at once, and with plain edges: hundreds of smooth ones are what a drawing costs most for.
        painter.add(mesh);
    }
}

fn is_held(role: Role) -> bool {
    matches!(role, Role::Pad | Role::Texture)
}

/// Where everything lies.
struct Plan {
    all: Rect,
    pitched: Rect,
    drums: Rect,
    steps: f32,
    lowest: i32,
    semitones: i32,
    /// The row of each drum lane that is used.
    lanes: Vec<i8>,
    /// Height of one of them.
    lane: f32,
}

impl Plan {
    fn new(all: Rect, grid: &LoopGrid) -> Self {
        let mut lanes: Vec<i8> = grid.clips[Role::Drums].notes.iter().map(|note| note.pitch).collect();
        lanes.sort_unstable();
        lanes.dedup();
        let pitches = || {
            let pitched = Role::ALL.into_iter().filter(|role| role.is_pitched());
            pitched.flat_map(|role| grid.clips[role].notes.iter().map(|note| i32::from(note.pitch)))
        };
        let (low, high) = (pitches().min().unwrap_or(-12), pitches().max().unwrap_or(12));
        let missing = (FEWEST_SEMITONES - (high - low + 3)).max(0);
        let lowest = low - 1 - missing / 2;
        let semitones = high - low + 3 + missing;
        let lane = LANE.min(LANES_SHARE * all.height() / lanes.len().max(1) as f32);
        let drum_height = lanes.len() as f32 * lane;
        let top = all.top() + CHORDS;
        let drums =
            Rect::from_x_y_ranges(all.x_range(), (all.bottom() - drum_height).max(top)..=all.bottom());
        let gap = if lanes.is_empty() { 0.0 } else { 8.0 };
        let pitched = Rect::from_x_y_ranges(all.x_range(), top..=(drums.top() - gap).max(top));
        Self { all, pitched, drums, steps: grid.steps().max(1) as f32, lowest, semitones, lanes, lane }
    }

    fn x(&self, step: f32) -> f32 {
        egui::lerp(self.all.left()..=self.all.right(), step / self.steps)
    }

    /// Top and bottom of a note.
    fn y(&self, role: Role, pitch: i8) -> (f32, f32) {
        if role.is_pitched() {
            let row = self.pitched.height() / self.semitones as f32;
            let bottom = self.pitched.bottom() - (i32::from(pitch) - self.lowest) as f32 * row;
            (bottom - row, bottom)
        } else {
            let lane = self.lanes.iter().position(|lane| *lane == pitch).unwrap_or(0);
            let bottom = self.drums.bottom() - lane as f32 * self.lane;
            (bottom - self.lane, bottom)
        }
    }

    fn lines(&self, painter: &Painter, colours: &Palette, grid: &LoopGrid) {
        // The octaves of the tonic.
        for pitch in self.lowest..self.lowest + self.semitones {
            if pitch % 12 == 0 {
                let (_, bottom) = self.y(Role::Lead, pitch as i8);
                painter.hline(
                    self.pitched.x_range(),
                    bottom,
                    Stroke::new(1.0, colours.line.gamma_multiply(0.6)),
                );
            }
        }
        for bar in 0..u32::from(grid.bars) {
            let start = bar * grid.metre.steps_per_bar();
            let mut beat = start;
            for length in grid.metre.beats() {
                let weight = if beat == start { 1.0 } else { 0.35 };
                painter.vline(
                    self.x(beat as f32),
                    self.all.y_range(),
                    Stroke::new(1.0, colours.line.gamma_multiply(weight)),
                );
                beat += length;
            }
        }
        if !self.lanes.is_empty() {
            painter.hline(self.all.x_range(), self.drums.top() - 4.0, Stroke::new(1.0, colours.line));
        }
    }

    fn chords(&self, painter: &Painter, colours: &Palette, grid: &LoopGrid, playhead: Option<f32>) {
        let mut free_from = f32::MIN;
        for (index, span) in grid.chords.iter().enumerate() {
            let end = grid.chords.get(index + 1).map_or(self.steps, |next| f32::from(next.step));
            let holds = playhead.is_some_and(|step| step >= f32::from(span.step) && step < end);
            let colour = if holds { colours.text } else { colours.weak };
            let place = egui::pos2(self.x(f32::from(span.step)) + 4.0, self.all.top() + 2.0);
            if place.x < free_from {
                continue; // no room: the one before is still being spelled
            }
            let text = span.chord.symbol(grid.key);
            free_from = painter.text(place, Align2::LEFT_TOP, text, look::font(13.0), colour).right() + 6.0;
        }
    }

    fn note(
        &self,
        mesh: &mut Mesh,
        role: Role,
        note: &Note,
        heard: bool,
        playhead: Option<f32>,
        (colour, most): (Color32, f32),
    ) {
        let (top, bottom) = self.y(role, note.pitch);
        let (start, end) = (f32::from(note.onset), f32::from(note.end()));
        // A drum is struck: how long its note is means nothing.
        let end = if role.is_pitched() { end } else { start + 0.8 };
        let gap = if bottom - top > 4.0 { 0.5 } else { 0.0 };
        let rect = Rect::from_min_max(
            egui::pos2(self.x(start) + 0.5, top + gap),
            egui::pos2((self.x(end) - 0.5).max(self.x(start) + 1.5), bottom - gap),
        );
        let sounds = heard && playhead.is_some_and(|step| step >= start && step < end);
        let strength = if heard { 0.5 + 0.5 * f32::from(note.velocity) / 127.0 } else { 0.22 };
        let (strength, glow) = if is_held(role) && heard { (strength * 0.55, 0.15) } else { (strength, 0.5) };
        let colour = colour.gamma_multiply(strength * most);
        let colour = if sounds { colour.lerp_to_gamma(Color32::WHITE, glow) } else { colour };
        mesh.add_colored_rect(rect, colour);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sceneloop_music::{Chord, ChordQuality, Clip, DrumLane, Key, Metre, Rank};

    #[test]
    fn every_note_lies_within_the_roll_and_high_is_up() {
        let chord = Chord::new(0, ChordQuality::Major);
        let mut grid = LoopGrid::empty(Metre::FOUR_FOUR, 2, Key::default(), chord);
        let note = |onset, pitch| Note { onset, duration: 2, pitch, velocity: 90, rank: Rank::ALWAYS };
        grid.clips[Role::Bass] = Clip::new(vec![note(0, -24), note(30, -12)]);
        grid.clips[Role::Lead] = Clip::new(vec![note(4, 33)]);
        grid.clips[Role::Drums] =
            Clip::new(vec![note(0, DrumLane::Kick.pitch()), note(8, DrumLane::Bell.pitch())]);
        let plan = Plan::new(Rect::from_min_size(egui::pos2(10.0, 20.0), egui::vec2(600.0, 300.0)), &grid);
        for (role, clip) in grid.clips.iter() {
            for note in &clip.notes {
                let (top, bottom) = plan.y(role, note.pitch);
                let area = if role.is_pitched() { plan.pitched } else { plan.drums };
                assert!(
                    top < bottom && top >= area.top() - 0.01 && bottom <= area.bottom() + 0.01,
                    "{role} {note:?}"
                );
                assert!(plan.x(f32::from(note.onset)) >= 10.0 && plan.x(f32::from(note.end())) <= 610.0);
            }
        }
        assert!(plan.y(Role::Lead, 33).0 < plan.y(Role::Bass, -24).0);
        assert!(
            plan.y(Role::Drums, DrumLane::Bell.pitch()).0 < plan.y(Role::Drums, DrumLane::Kick.pitch()).0
        );
    }

    #[test]
    fn marked_bars_lie_in_the_loop() {
        let marked = |one, other| Marked { ends: Some((one, other)) };
        assert_eq!(Marked::default().bars(4), None);
        assert_eq!(marked(2, 1).bars(4), Some(1..3));
        assert_eq!(marked(1, 7).bars(4), Some(1..4));
        assert_eq!(marked(5, 7).bars(4), None, "the loop has become shorter");
        assert_eq!((moved(0, -1, 4), moved(3, 1, 4), moved(1, 1, 4)), (0, 3, 2));
    }
}
