//! The coming bars: which roles sound in each at the present energy, and which sections they belong to.
//!
//! Of the loop that plays and of the next one the notes are known; of those behind them only the section.

use super::{controls, look};
use egui::{Align2, CornerRadius, Rect, Sense, Stroke, Ui};
use sceneloop_engine::arranger::LoopKey;
use sceneloop_engine::{Controls, Engine, NowPlaying};
use sceneloop_music::{Energy, LoopGrid, PerRole, Role, Section};
use std::sync::Arc;

/// Bars that are shown at least.
const BARS: u32 = 16;
/// Height of the names of sections, and of the row of one role, points.
const NAMES: f32 = 14.0;
const ROW: f32 = 3.0;
/// Height of all of it.
pub const HEIGHT: f32 = NAMES + ROW * Role::COUNT as f32 + 2.0;
/// So many notes in a bar are shown as brightly as can be.
const MANY: f32 = 8.0;

/// What it is drawn with.
pub struct Ahead<'a> {
    pub engine: &'a Engine,
    pub now: Option<&'a NowPlaying>,
    pub controls: Controls,
    pub energy: Energy,
    pub silent: PerRole<bool>,
}

/// One loop to come.
struct Coming {
    section: Option<Section>,
    grid: Option<Arc<LoopGrid>>,
}

/// Draws it as wide as there is room.
pub fn show(ui: &mut Ui, ahead: &Ahead<'_>) {
    let size = egui::vec2(ui.available_width(), HEIGHT);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    let colours = look::palette(ui);
    let painter = ui.painter_at(rect);
    let Some(now) = ahead.now else {
        controls::named(&response, "Coming bars: nothing plays", egui::accesskit::Role::Image);
        return;
    };
    let loops = ahead.loops(now);
    let (bars, count) = (u32::from(now.grid.bars), loops.len() as u32);
    let width = rect.width() / (bars * count) as f32;
    let x = |bar: f32| rect.left() + bar * width;
    let rows = Rect::from_min_max(rect.min + egui::vec2(0.0, NAMES), rect.max - egui::vec2(0.0, 2.0));
    painter.rect_filled(rows, CornerRadius::same(3), colours.panel);
    for (number, coming) in (0u32..).zip(&loops) {
        let first = (number * bars) as f32;
        let before = number.checked_sub(1).and_then(|before| loops[before as usize].section);
        if let Some(section) = coming.section.filter(|section| number == 0 || before != Some(*section)) {
            let at = egui::pos2(x(first) + 2.0, rect.top());
            painter.text(at, Align2::LEFT_TOP, section.to_string(), look::font(11.0), colours.weak);
            painter.vline(x(first), rect.y_range(), Stroke::new(1.0, colours.weak));
        } else {
            painter.vline(x(first), rows.y_range(), Stroke::new(1.0, colours.line));
        }
        let Some(grid) = &coming.grid else {
            // Said once for all of them.
            if number.checked_sub(1).is_none_or(|before| loops[before as usize].grid.is_some()) {
                let at = egui::pos2(x(first) + 8.0, rows.center().y);
                painter.text(at, Align2::LEFT_CENTER, "not written yet", look::font(11.0), colours.weak);
            }
            continue;
        };
        for bar in 0..now.grid.bars.min(grid.bars) {
            for role in Role::ALL.into_iter().filter(|role| !ahead.silent[*role]) {
                let notes = sounding(grid, role, bar, ahead.energy);
                if notes == 0 {
                    continue;
                }
                let strength = 0.35 + 0.65 * (notes as f32 / MANY).min(1.0);
                let top = rows.top() + ROW * role.index() as f32;
                let left = x(first + f32::from(bar)) + 0.5;
                let place = Rect::from_min_size(egui::pos2(left, top), egui::vec2(width - 1.0, ROW - 0.5));
                let colour = colours.panel.lerp_to_gamma(colours.role(role), strength);
                painter.rect_filled(place, CornerRadius::ZERO, colour);
            }
        }
    }
    let health = ahead.engine.health();
    let within = health.position_quarters() - now.loop_index as f64 * now.grid.quarters();
    let playhead = within.rem_euclid(now.grid.quarters()) / now.grid.metre.quarters_per_bar();
    if health.playing() {
        painter.vline(x(playhead as f32), rows.y_range(), Stroke::new(1.5, colours.text));
    }
    let name = format!("Coming bars: {}", spoken(&loops, bars, playhead as u32));
    controls::named(&response, &name, egui::accesskit::Role::Image);
    if response.hovered() {
        let pointer = ui.input(|input| input.pointer.latest_pos()).unwrap_or(rect.min);
        let bar = ((pointer.x - rect.left()) / width) as u32;
        let there = ahead.says(&loops, bars, bar.min(bars * count - 1));
        response.on_hover_text_at_pointer(format!("{there}\n{name}"));
    }
}

impl Ahead<'_> {
    /// The loop that plays and those behind it.
    fn loops(&self, now: &NowPlaying) -> Vec<Coming> {
        let count = BARS.div_ceil(u32::from(now.grid.bars)).max(2);
        let next = self.engine.next_loop();
        let is_held = self.engine.edits().holds_all();
        let (scene, bars) = (self.engine.scene(), i64::from(now.grid.bars));
        let coming = |number: u32| {
            let index = now.loop_index.saturating_add(number.into());
            let key = LoopKey::at_bar(&scene, &self.controls, now.grid.metre, index.saturating_mul(bars));
            match (number, &next) {
                (0, _) => {
                    Coming { section: now.place.map(|place| place.section), grid: Some(now.grid.clone()) }
                }
                (_, _) if is_held => Coming { section: None, grid: Some(now.grid.clone()) },
                (1, Some(next)) => {
                    Coming { section: next.place.map(|place| place.section), grid: Some(next.grid.clone()) }
                }
                _ => Coming { section: key.place(&scene).map(|place| place.section), grid: None },
            }
        };
        (0..count).map(coming).collect()
    }

    /// A bar in words.
    fn says(&self, loops: &[Coming], bars: u32, bar: u32) -> String {
        let Some(coming) = loops.get((bar / bars) as usize) else { return String::new() };
        let section = coming.section.map_or_else(String::new, |section| format!(" ({section})"));
        let Some(grid) = &coming.grid else { return format!("Bar {}{section}: not written yet", bar + 1) };
        let sounds =
            |role: &Role| !self.silent[*role] && sounding(grid, *role, (bar % bars) as u8, self.energy) > 0;
        let roles: Vec<&str> = Role::ALL.into_iter().filter(sounds).map(Role::name).collect();
        let roles = if roles.is_empty() { "silent".into() } else { roles.join(", ") };
        format!("Bar {}{section}: {roles}", bar + 1)
    }
}

/// How many notes of a role sound in a bar at an energy.
fn sounding(grid: &LoopGrid, role: Role, bar: u8, energy: Energy) -> usize {
    let length = grid.metre.steps_per_bar();
    let bar = u32::from(bar) * length..(u32::from(bar) + 1) * length;
    let sounds = |note: &&sceneloop_music::Note| {
        note.rank.sounds_at(energy) && u32::from(note.onset) < bar.end && u32::from(note.end()) > bar.start
    };
    grid.clips[role].notes.iter().filter(sounds).count()
}

/// The sections in words, from a bar of the first loop on: "A now, Break in 8 bars".
fn spoken(loops: &[Coming], bars: u32, passed: u32) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut last = None;
    for (number, coming) in (0u32..).zip(loops) {
        let Some(section) = coming.section.filter(|section| last != Some(*section)) else { continue };
        words.push(match number {
            0 => format!("{section} now"),
            _ => match (number * bars).saturating_sub(passed) {
                0 | 1 => format!("{section} in the next bar"),
                left => format!("{section} in {left} bars"),
            },
        });
        last = Some(section);
    }
    if words.is_empty() { "the same kind of loop goes on".into() } else { words.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sceneloop_music::{Chord, ChordQuality, Clip, Key, Metre, Note, Rank};

    #[test]
    fn a_bar_shows_what_sounds_in_it_at_the_energy() {
        let chord = Chord::new(0, ChordQuality::Major);
        let mut grid = LoopGrid::empty(Metre::FOUR_FOUR, 2, Key::default(), chord);
        let note =
            |onset, duration, rank| Note { onset, duration, pitch: 0, velocity: 90, rank: Rank::new(rank) };
        // One that holds over the bar line, and one of the second bar that waits for energy.
        grid.clips[Role::Bass] = Clip::new(vec![note(12, 8, 10), note(24, 2, 60)]);
        let count = |bar, energy| sounding(&grid, Role::Bass, bar, Energy::new(energy));
        assert_eq!((count(0, 5.0), count(0, 10.0), count(1, 10.0), count(1, 60.0)), (0, 1, 1, 2));
        assert_eq!(sounding(&grid, Role::Lead, 0, Energy::new(100.0)), 0);
    }

    #[test]
    fn sections_are_said_where_they_change() {
        let of = |section| Coming { section, grid: None };
        let loops = [Section::A, Section::A, Section::Break, Section::Drop].map(|section| of(Some(section)));
        assert_eq!(
            spoken(&loops, 4, 0),
            format!("{} now, {} in 8 bars, {} in 12 bars", Section::A, Section::Break, Section::Drop)
        );
        assert_eq!(spoken(&[of(None), of(None)], 4, 0), "the same kind of loop goes on");
    }
}
