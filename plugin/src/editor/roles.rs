//! The seven roles: name, level, mute, and the SoundFont that plays them if one does.

use super::controls::{self, Setter};
use super::look;
use super::soundfonts::SoundFonts;
use crate::params::SceneloopParams;
use egui::{Align2, CornerRadius, Rect, Sense, Ui, UiBuilder};
use sceneloop_engine::Engine;
use sceneloop_music::Role;

/// Draws one row a role, together as high as there is room; true if another SoundFont plays one now.
pub fn show(
    ui: &mut Ui,
    params: &SceneloopParams,
    setter: &Setter<'_>,
    engine: &Engine,
    soundfonts: &mut SoundFonts,
) -> bool {
    let mut changed = false;
    let gap = 5.0;
    ui.spacing_mut().item_spacing.y = gap;
    let count = Role::COUNT as f32;
    let height = ((ui.available_height() - gap * (count - 1.0)) / count).clamp(30.0, 58.0);
    for role in Role::ALL {
        let (rect, _) = ui.allocate_exact_size(egui::vec2(ui.available_width(), height), Sense::hover());
        row(ui, rect, role, params, setter);
        let font =
            Rect::from_center_size(egui::pos2(rect.right() - 50.0, rect.center().y), egui::vec2(26.0, 26.0));
        changed |= soundfonts.show(ui, font, role, engine);
    }
    changed
}

fn row(ui: &mut Ui, rect: Rect, role: Role, params: &SceneloopParams, setter: &Setter<'_>) {
    let (colour, param) = (look::role(role), params.role(role));
    let muted = param.mute.value();
    let lit = if muted { look::WEAK } else { colour };
    let painter = ui.painter_at(rect);
    painter.rect_filled(rect, CornerRadius::same(6), look::PANEL);
    let stripe = Rect::from_min_size(rect.min, egui::vec2(4.0, rect.height()));
    painter.rect_filled(stripe, CornerRadius { nw: 6, sw: 6, ne: 0, se: 0 }, lit);
    let name = title_case(role.name());
    let text = if muted { look::WEAK } else { look::TEXT };
    painter.text(
        rect.left_center() + egui::vec2(14.0, 0.0),
        Align2::LEFT_CENTER,
        name,
        look::font(14.0),
        text,
    );
    let line = Rect::from_center_size(rect.center(), egui::vec2(rect.width(), 26.0));
    let mute = Rect::from_min_max(
        egui::pos2(rect.right() - 34.0, line.top()),
        egui::pos2(rect.right() - 8.0, line.bottom()),
    );
    let level = Rect::from_min_max(
        egui::pos2(rect.left() + 84.0, line.top()),
        egui::pos2(mute.left() - 36.0, line.bottom()),
    );
    let mut ui = ui.new_child(UiBuilder::new().max_rect(level));
    controls::bar(&mut ui, &param.level, setter, lit, level.size());
    controls::toggle(&mut ui, mute, &param.mute, setter, "M", look::ENERGY[1]);
}

/// "drums" as "Drums".
pub fn title_case(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
