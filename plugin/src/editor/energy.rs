//! The one big control: a bar from cool to hot, marked where the roles of the loop come in, and words on what it does. It shows the energy
//! that sounds; where a controller rides it, a line marks the parameter's own.

use super::controls::{self, Setter};
use super::roles::title_case;
use super::{look, ride};
use crate::params::SceneloopParams;
use egui::{Align2, Color32, CornerRadius, Mesh, Rect, Stroke, Ui};
use nice_plug::prelude::Param;
use sceneloop_engine::NowPlaying;
use sceneloop_music::{Energy, LoopGrid, Role};

/// Height of the bar, also where there is little room, and of the names above it, points.
const HEIGHT: f32 = 44.0;
const LOW_HEIGHT: f32 = 30.0;
const NAMES: f32 = 15.0;
/// How round the bar's corners are, points, and of how many lines they and its colours are made.
const CORNER: f32 = 8.0;
const CORNER_STEPS: u32 = 6;
const SLICES: u32 = 40;
/// Between the bar and the buttons beside it, points.
const GAP: f32 = 10.0;
/// Room of the dot before a name, points.
const DOT: f32 = 8.0;
/// Two values of the parameter that are one, of 0 to 1: its steps are ten times as large.
const SAME: f32 = 1e-4;

/// Draws it; true if there is something new for the project to remember besides the parameter.
pub fn show(
    ui: &mut Ui,
    params: &SceneloopParams,
    setter: &Setter<'_>,
    now: Option<&NowPlaying>,
    is_low: bool,
) -> bool {
    let colours = look::palette(ui);
    let height = if is_low { LOW_HEIGHT } else { HEIGHT };
    ui.add_space(NAMES);
    let size = egui::vec2(ui.available_width() - ride::WIDTH - GAP, height);
    let own = params.energy.unmodulated_normalized_value();
    setter.take_last();
    let (rect, response) = controls::drag(ui, &params.energy, setter, size);
    // A parameter that stays as it is tells nobody of the hand.
    if setter.take_last().is_some_and(|to| (to - own).abs() < SAME) {
        params.controller.let_go();
    }
    let ridden = params.controller.ridden();
    let own = params.energy.unmodulated_normalized_value();
    let unit = ridden.map_or(own, Energy::unit);
    let place = Rect::from_min_max(
        egui::pos2(rect.right() + GAP, rect.top() - NAMES),
        egui::pos2(rect.right() + GAP + ride::WIDTH, rect.bottom()),
    );
    let changed = ride::show(ui, place, params);
    let painter = ui.painter();
    let x = |unit: f32| egui::lerp(rect.left()..=rect.right(), unit);
    painter.rect_filled(rect, CornerRadius::same(8), colours.control);
    painter.add(gradient(rect, unit));
    let mut free_from = f32::MIN;
    for (role, rank) in now.map(|now| entrances(&now.grid)).unwrap_or_default() {
        let at = x(f32::from(rank) / 100.0).clamp(rect.left() + 1.0, rect.right() - 1.0);
        let colour = colours.role(role);
        painter.vline(at, rect.top() - 3.0..=rect.top() + 7.0, Stroke::new(2.0, colour));
        let place = egui::pos2(at.max(free_from), rect.top() - 3.0);
        let name = painter.layout_no_wrap(title_case(role.name()), look::font(11.0), colours.text);
        let (width, height) = (name.size().x + DOT, name.size().y);
        if place.x + width <= rect.right() {
            // Names give way to each other; the colour says which mark is whose.
            let dot = egui::pos2(place.x, place.y - height / 2.0 - 2.5);
            painter.rect_filled(
                Rect::from_min_size(dot, egui::vec2(5.0, 5.0)),
                CornerRadius::same(1),
                colour,
            );
            painter.galley(place + egui::vec2(DOT, -height), name, colours.text);
            free_from = place.x + width + 8.0;
        }
    }
    // White stands on the colours of the energy, the theme's own colour on what it does not reach.
    let over = |at: f32| if at < x(unit) { Color32::WHITE } else { colours.text };
    let controller = ridden.and_then(|_| params.controller.learned());
    if controller.is_some() {
        let at = x(own).clamp(rect.left() + 1.0, rect.right() - 1.0);
        painter.vline(at, rect.y_range(), Stroke::new(1.5, over(at)));
    }
    let left = rect.left() + 14.0;
    let name = painter.text(
        egui::pos2(left, rect.center().y),
        Align2::LEFT_CENTER,
        controller.map_or_else(|| "ENERGY".into(), |number| format!("ENERGY BY CC {number}")),
        look::font(13.0),
        over(left + 60.0),
    );
    let value = format!("{:.0}", 100.0 * unit);
    let right = rect.right() - 14.0;
    painter.text(
        egui::pos2(right, rect.center().y),
        Align2::RIGHT_CENTER,
        value,
        look::font(24.0),
        over(right),
    );
    if let Some(now) = now {
        let text = says(&now.grid, params.sounding_energy().get());
        let at = egui::pos2(name.right() + 16.0, rect.center().y);
        let galley = painter.layout_no_wrap(text, look::font(12.0), Color32::PLACEHOLDER);
        let area = Rect::from_min_size(at - egui::vec2(0.0, galley.size().y / 2.0), galley.size());
        // In two parts, each readable on what lies behind it.
        for (from, to, colour) in
            [(rect.left(), x(unit), Color32::WHITE), (x(unit), rect.right() - 60.0, colours.text)]
        {
            let clip = Rect::from_x_y_ranges(from..=to.max(from), rect.y_range());
            painter.with_clip_rect(clip.intersect(ui.clip_rect())).galley(area.min, galley.clone(), colour);
        }
    }
    controls::focus(ui, rect, &response);
    let mut hint = controls::hint(&params.energy);
    if let Some(number) = controller {
        hint += &format!(
            " CC {number} has moved it to {:.0}; the thin line is where automation and your hand have left it, {:.0}, and that \
             holds again as soon as one of them moves it.",
            100.0 * unit,
            100.0 * own
        );
    }
    response.on_hover_text(hint);
    changed
}

/// The part of a bar up to a value of 0 to 1, in the colours of the energies on the way, its left corners cut.
fn gradient(rect: Rect, unit: f32) -> Mesh {
    let mut mesh = Mesh::default();
    let end = rect.left() + unit * rect.width();
    let mut edge = |x: f32, inset: f32| {
        let colour = look::energy((x - rect.left()) / rect.width());
        for y in [rect.top() + inset, rect.bottom() - inset] {
            mesh.colored_vertex(egui::pos2(x, y), colour);
        }
    };
    let mut edges = 0u32;
    // A quarter of a circle, and then straight on.
    let corner = (0..=CORNER_STEPS).map(|step| {
        let angle = std::f32::consts::FRAC_PI_2 * step as f32 / CORNER_STEPS as f32;
        (rect.left() + CORNER * (1.0 - angle.cos()), CORNER * (1.0 - angle.sin()))
    });
    let straight = (1..=SLICES).map(|slice| {
        let from = rect.left() + CORNER;
        (egui::lerp(from..=rect.right(), slice as f32 / SLICES as f32), 0.0)
    });
    for (x, inset) in corner.chain(straight) {
        edge(x.min(end), inset);
        edges += 1;
        if x >= end {
            break;
        }
    }
    for first in (0..edges.saturating_sub(1)).map(|edge| 2 * edge) {
        mesh.add_triangle(first, first + 1, first + 2);
        mesh.add_triangle(first + 1, first + 2, first + 3);
    }
    mesh
}

/// The energy at which each role's first note comes in, the lowest first.
fn entrances(grid: &LoopGrid) -> Vec<(Role, u8)> {
    let first = |role: Role| Some((role, grid.clips[role].notes.iter().map(|note| note.rank.get()).min()?));
    let mut all: Vec<(Role, u8)> = Role::ALL.into_iter().filter_map(first).collect();
    all.sort_by_key(|(role, rank)| (*rank, role.index()));
    all
}

/// What an energy does with a loop, in words.
fn says(grid: &LoopGrid, energy: f32) -> String {
    let (here, waiting): (Vec<_>, Vec<_>) =
        entrances(grid).into_iter().partition(|(_, rank)| f32::from(*rank) <= energy);
    let list =
        |roles: &[(Role, u8)]| roles.iter().map(|(role, _)| role.name()).collect::<Vec<_>>().join(", ");
    let mut text = if here.is_empty() { "silent".to_owned() } else { list(&here) };
    if let Some((role, rank)) = waiting.first() {
        text += &format!("  ·  {role} from {rank}");
    } else {
        let full = grid
            .clips
            .iter()
            .flat_map(|(_, clip)| &clip.notes)
            .map(|note| note.rank.get())
            .max()
            .unwrap_or(0);
        if f32::from(full) > energy {
            text += &format!("  ·  denser up to {full}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use sceneloop_music::{Chord, ChordQuality, Clip, Key, Metre, Note, Rank};

    #[test]
    fn words_say_what_comes_in_where() {
        let chord = Chord::new(0, ChordQuality::Major);
        let mut grid = LoopGrid::empty(Metre::FOUR_FOUR, 1, Key::default(), chord);
        let note = |rank| Note { onset: 0, duration: 1, pitch: 0, velocity: 90, rank: Rank::new(rank) };
        assert_eq!(says(&grid, 50.0), "silent");
        grid.clips[Role::Bass] = Clip::new(vec![note(10)]);
        grid.clips[Role::Lead] = Clip::new(vec![note(60), Note { onset: 4, ..note(90) }]);
        assert_eq!(says(&grid, 5.0), "silent  ·  bass from 10");
        assert_eq!(says(&grid, 59.9), "bass  ·  lead from 60");
        assert_eq!(says(&grid, 60.0), "bass, lead  ·  denser up to 90");
        assert_eq!(says(&grid, 100.0), "bass, lead");
    }
}
