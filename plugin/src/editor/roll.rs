//! The piano roll of the loop that plays: chords above, pitched roles in the middle, drums below. Notes that the
//! energy leaves out and those of muted roles are faint.

use super::look;
use egui::{Align2, Color32, CornerRadius, Painter, Rect, Sense, Stroke, Ui};
use sceneloop_engine::{Health, NowPlaying};
use sceneloop_music::{Energy, LoopGrid, Note, Role, STEPS_PER_QUARTER};

/// Height of the line of chords.
const CHORDS: f32 = 24.0;
/// Height of a drum lane.
const LANE: f32 = 9.0;
/// The fewest semitones shown, so that a loop of few pitches does not look coarse.
const FEWEST_SEMITONES: i32 = 30;

/// Draws the roll into all the room there is.
pub fn show(
    ui: &mut Ui,
    now: Option<&NowPlaying>,
    health: &Health,
    energy: Energy,
    muted: impl Fn(Role) -> bool,
) {
    let (rect, _) = ui.allocate_exact_size(ui.available_size(), Sense::hover());
    let painter = ui.painter_at(rect);
    painter.rect_filled(rect, CornerRadius::same(6), look::PANEL);
    let Some(now) = now else {
        let text = if health.playing() {
            "composing the first loop"
        } else {
            "press play in the host, or set Play to Always"
        };
        painter.text(rect.center(), Align2::CENTER_CENTER, text, look::font(15.0), look::WEAK);
        return;
    };
    let grid = &*now.grid;
    let within = health.position_quarters() - now.loop_index as f64 * grid.quarters();
    let at = within.rem_euclid(grid.quarters()) * f64::from(STEPS_PER_QUARTER);
    let playhead = health.playing().then_some(at as f32);
    let plan = Plan::new(rect.shrink2(egui::vec2(8.0, 6.0)), grid);
    plan.lines(&painter, grid);
    plan.chords(&painter, grid, playhead);
    // Held sounds first: they lie behind the others and would cover them.
    let (held, struck): (Vec<Role>, Vec<Role>) = Role::ALL.into_iter().partition(|role| is_held(*role));
    for role in held.into_iter().chain(struck) {
        for note in &grid.clips[role].notes {
            let heard = note.rank.sounds_at(energy) && !muted(role);
            plan.note(&painter, role, note, heard, playhead);
        }
    }
    if let Some(step) = playhead {
        let line = Stroke::new(1.5, Color32::from_white_alpha(210));
        painter.vline(plan.x(step), plan.all.y_range(), line);
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
        let drum_height = lanes.len() as f32 * LANE;
        let top = all.top() + CHORDS;
        let drums =
            Rect::from_x_y_ranges(all.x_range(), (all.bottom() - drum_height).max(top)..=all.bottom());
        let gap = if lanes.is_empty() { 0.0 } else { 8.0 };
        let pitched = Rect::from_x_y_ranges(all.x_range(), top..=(drums.top() - gap).max(top));
        Self { all, pitched, drums, steps: grid.steps().max(1) as f32, lowest, semitones, lanes }
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
            let bottom = self.drums.bottom() - lane as f32 * LANE;
            (bottom - LANE, bottom)
        }
    }

    fn lines(&self, painter: &Painter, grid: &LoopGrid) {
        // The octaves of the tonic.
        for pitch in self.lowest..self.lowest + self.semitones {
            if pitch % 12 == 0 {
                let (_, bottom) = self.y(Role::Lead, pitch as i8);
                painter.hline(
                    self.pitched.x_range(),
                    bottom,
                    Stroke::new(1.0, look::LINE.gamma_multiply(0.6)),
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
                    Stroke::new(1.0, look::LINE.gamma_multiply(weight)),
                );
                beat += length;
            }
        }
        if !self.lanes.is_empty() {
            painter.hline(self.all.x_range(), self.drums.top() - 4.0, Stroke::new(1.0, look::LINE));
        }
    }

    fn chords(&self, painter: &Painter, grid: &LoopGrid, playhead: Option<f32>) {
        let mut free_from = f32::MIN;
        for (index, span) in grid.chords.iter().enumerate() {
            let end = grid.chords.get(index + 1).map_or(self.steps, |next| f32::from(next.step));
            let holds = playhead.is_some_and(|step| step >= f32::from(span.step) && step < end);
            let colour = if holds { look::TEXT } else { look::WEAK };
            let place = egui::pos2(self.x(f32::from(span.step)) + 4.0, self.all.top() + 2.0);
            if place.x < free_from {
                continue; // no room: the one before is still being spelled
            }
            let text = span.chord.symbol(grid.key);
            free_from = painter.text(place, Align2::LEFT_TOP, text, look::font(13.0), colour).right() + 6.0;
        }
    }

    fn note(&self, painter: &Painter, role: Role, note: &Note, heard: bool, playhead: Option<f32>) {
        let (top, bottom) = self.y(role, note.pitch);
        let (start, end) = (f32::from(note.onset), f32::from(note.end()));
        // A drum is struck: how long its note is means nothing.
        let end = if role.is_pitched() { end } else { start + 0.8 };
        let gap = if bottom - top > 4.0 { 0.5 } else { 0.0 };
        let rect = Rect::from_min_max(
            egui::pos2(self.x(start) + 0.5, top + gap),
            egui::pos2(self.x(end) - 0.5, bottom - gap),
        );
        let sounds = heard && playhead.is_some_and(|step| step >= start && step < end);
        let strength = if heard { 0.5 + 0.5 * f32::from(note.velocity) / 127.0 } else { 0.14 };
        let (strength, glow) = if is_held(role) && heard { (strength * 0.55, 0.15) } else { (strength, 0.5) };
        let colour = look::role(role).gamma_multiply(strength);
        let colour = if sounds { colour.lerp_to_gamma(Color32::WHITE, glow) } else { colour };
        painter.rect_filled(rect, CornerRadius::same(2), colour);
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
}
