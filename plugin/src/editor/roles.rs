//! The seven roles, one row each: name, patch, level, mute, solo, lock, how far it is varied, write again, and the SoundFont that plays
//! it if one does.

use super::controls::{self, Face, Setter, Turned};
use super::look;
use super::soundfonts::SoundFonts;
use crate::params::SceneloopParams;
use egui::accesskit;
use egui::{Align2, ComboBox, CornerRadius, Rect, RichText, Sense, Ui, UiBuilder};
use sceneloop_engine::{Engine, NowPlaying};
use sceneloop_music::{PerRole, Role};
use std::ops::Range;

/// Width of the rows, points.
pub const WIDTH: f32 = 452.0;
/// Height of the controls within a row, and width of the square ones.
const CONTROL: f32 = 26.0;
const SQUARE: f32 = 25.0;
const GAP: f32 = 4.0;
/// Less room than this is little, points.
const LOW: f32 = 260.0;
const NAME: f32 = 62.0;
const PATCH: f32 = 112.0;

/// What the rows are drawn with.
pub struct Rows<'a> {
    pub params: &'a SceneloopParams,
    pub setter: &'a Setter<'a>,
    pub engine: &'a Engine,
    pub now: Option<&'a NowPlaying>,
    pub silent: PerRole<bool>,
    /// The bars that are marked in the piano roll.
    pub marked: Option<Range<u8>>,
}

/// Draws one row a role, together as high as there is room; true if something changed that is no parameter.
pub fn show(ui: &mut Ui, rows: &Rows<'_>, soundfonts: &mut SoundFonts) -> bool {
    let mut changed = false;
    let gap = if ui.available_height() < LOW { 3.0 } else { 5.0 };
    ui.spacing_mut().item_spacing.y = gap;
    let count = Role::COUNT as f32;
    let height = ((ui.available_height() - gap * (count - 1.0)) / count).clamp(28.0, 54.0);
    for role in Role::ALL {
        let (rect, _) = ui.allocate_exact_size(egui::vec2(ui.available_width(), height), Sense::hover());
        changed |= rows.row(ui, rect, role, soundfonts);
    }
    changed
}

impl Rows<'_> {
    fn row(&self, ui: &mut Ui, rect: Rect, role: Role, soundfonts: &mut SoundFonts) -> bool {
        let Self { params, setter, engine, .. } = self;
        let colours = look::palette(ui);
        let param = params.role(role);
        let is_silent = self.silent[role];
        let lit = if is_silent { colours.weak } else { colours.role(role) };
        let painter = ui.painter_at(rect);
        painter.rect_filled(rect, CornerRadius::same(6), colours.panel);
        let stripe = Rect::from_min_size(rect.min, egui::vec2(4.0, rect.height()));
        painter.rect_filled(stripe, CornerRadius { nw: 6, sw: 6, ne: 0, se: 0 }, lit);
        let text = if is_silent { colours.weak } else { colours.text };
        let name = title_case(role.name());
        let at = rect.left_center() + egui::vec2(12.0, 0.0);
        painter.text(at, Align2::LEFT_CENTER, &name, look::font(14.0), text);
        // From the right: the squares, and between them and the patch the level.
        let mut right = rect.right() - 6.0;
        let line = |from: f32, to: f32| {
            let y = rect.center().y;
            Rect::from_min_max(egui::pos2(from, y - CONTROL / 2.0), egui::pos2(to, y + CONTROL / 2.0))
        };
        let mut square = || {
            let place = line(right - SQUARE, right);
            right -= SQUARE + GAP;
            place
        };
        let [font, again, vary, lock, solo, mute] = std::array::from_fn(|_| square());
        let patch = line(rect.left() + 12.0 + NAME, rect.left() + 12.0 + NAME + PATCH);
        let level = line(patch.right() + GAP + 2.0, right);
        let mut changed = self.patch(ui, patch, role);
        let mut inner = ui.new_child(UiBuilder::new().max_rect(level).id_salt(("level", role)));
        controls::bar(&mut inner, &param.level, setter, lit, level.size());
        controls::toggle(ui, mute, &param.mute, setter, "M", colours.warn);
        controls::toggle(ui, solo, params.solo.role(role), setter, "S", colours.accent);
        changed |= self.lock(ui, lock, role, &name);
        changed |= self.vary(ui, vary, role, &name);
        changed |= self.again(ui, again, role, &name);
        changed |= soundfonts.show(ui, font, role, engine);
        changed
    }

    /// The list of patches; true if another was chosen.
    fn patch(&self, ui: &mut Ui, place: Rect, role: Role) -> bool {
        let engine = self.engine;
        let chosen = engine.patch(role);
        let scene = engine.scene();
        let name_of = |id: &str| {
            engine
                .patches(role)
                .find(|(known, _)| *known == id)
                .map_or_else(|| id.to_owned(), |(_, name)| name.to_owned())
        };
        let own = name_of(&scene.patches[role]);
        let text = chosen.as_deref().map_or_else(|| own.clone(), name_of);
        let colours = look::palette(ui);
        let colour = if chosen.is_some() { colours.accent } else { colours.text };
        let mut wanted = None;
        let mut inner = ui.new_child(UiBuilder::new().max_rect(place).id_salt(("patch", role)));
        let list = ComboBox::from_id_salt(("patches", role))
            .width(place.width())
            .truncate()
            .height(420.0)
            .selected_text(RichText::new(&text).size(12.0).color(colour))
            .show_ui(&mut inner, |ui| {
                if ui.selectable_label(chosen.is_none(), format!("The scene's: {own}")).clicked() {
                    wanted = Some(None);
                }
                for (id, name) in engine.patches(role) {
                    if ui.selectable_label(chosen.as_deref() == Some(id), name).clicked() {
                        wanted = Some(Some(id));
                    }
                }
            });
        let name = format!("Patch of the {role}: {text}");
        controls::named(&list.response, &name, accesskit::Role::ComboBox);
        list.response.on_hover_text(name);
        wanted.is_some_and(|wanted| self.done(engine.set_patch(role, wanted).is_ok()))
    }

    /// The lock; true if it was turned.
    fn lock(&self, ui: &mut Ui, place: Rect, role: Role, name: &str) -> bool {
        let is_locked = self.engine.edits().holds(role);
        let hint = match (is_locked, self.now) {
            (true, _) => format!("{name}: let go of the line that is held"),
            (false, Some(_)) => format!("{name}: hold the line that plays, whatever else changes"),
            (false, None) => format!("{name}: hold its line, once something plays"),
        };
        let face = Face::Lock(is_locked);
        let kept = look::palette(ui).kept;
        if !controls::lamp(ui, place, is_locked, face, kept, &format!("Lock {name}"), &hint) {
            return false;
        }
        if is_locked {
            self.engine.lock_role(role, None);
        } else if self.now.is_some() {
            self.engine.lock_role(role, self.now);
        }
        self.done(true)
    }

    /// The knob for how far a role is varied; true if it was turned.
    fn vary(&self, ui: &mut Ui, place: Rect, role: Role, name: &str) -> bool {
        let edits = self.engine.edits();
        let own = edits.own_variation(role);
        let distance = own.unwrap_or(edits.variation).distance;
        let colours = look::palette(ui);
        let colour = if own.is_some() { colours.accent } else { colours.weak };
        let hint = format!(
            "{name}: how far it is varied, 0 to 100 %, {}. Drag or use the arrow keys, with shift for fine steps; double-click to go with \
             the song's variation",
            if own.is_some() { "by itself" } else { "now with the song" }
        );
        let name = format!("Variation of the {role}");
        let turned = controls::knob(ui, place, f32::from(distance) / 100.0, colour, &name, &hint);
        match turned {
            Some(Turned::To(unit)) => self.engine.vary_role(role, Some((100.0 * unit).round() as u8)),
            Some(Turned::Reset) => self.engine.vary_role(role, None),
            None => return false,
        }
        self.done(self.engine.edits() != edits)
    }

    /// The button that has a role written again; true if it will be.
    fn again(&self, ui: &mut Ui, place: Rect, role: Role, name: &str) -> bool {
        let edits = self.engine.edits();
        let is_locked = edits.holds(role);
        let is_other = edits.takes(role).iter().any(|take| take.number() != 0);
        let what = match &self.marked {
            Some(bars) if bars.len() == 1 => format!("bar {}", bars.start + 1),
            Some(bars) => format!("bars {} to {}", bars.start + 1, bars.end),
            None => "all its bars".into(),
        };
        let mut hint = format!("{name}: write {what} again while the rest plays on");
        if is_locked {
            hint = format!("{name} is locked; unlock it to have it written again");
        } else if is_other {
            hint += ". Right-click for what the song was written with";
        }
        let colours = look::palette(ui);
        let colour = if is_locked {
            colours.weak
        } else if is_other {
            colours.accent
        } else {
            colours.text
        };
        let mut inner = ui.new_child(UiBuilder::new().max_rect(place).id_salt(("again", role)));
        let button = egui::Button::new("").fill(colours.control).min_size(place.size());
        let response = inner.add_enabled(!is_locked, button);
        Face::Again.paint(&inner, place, colour);
        controls::named(&response, format!("Regenerate {name}"), accesskit::Role::Button);
        let mut changed = false;
        if response.clicked() {
            changed = self.engine.regenerate(role, self.marked.clone()).is_ok();
        }
        if is_other {
            response.context_menu(|ui| {
                if ui.button("Back to what the song was written with").clicked() {
                    self.engine.restore(role);
                    changed = true;
                    ui.close();
                }
            });
        }
        response.on_hover_text(&hint).on_disabled_hover_text(&hint);
        self.done(changed)
    }

    fn done(&self, changed: bool) -> bool {
        if changed {
            self.setter.touch();
        }
        changed
    }
}

/// "drums" as "Drums".
pub fn title_case(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
