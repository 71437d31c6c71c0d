//! Controls that change a parameter as a host wants it: begin, set, end.

use super::look;
use egui::{Align2, Color32, ComboBox, CornerRadius, Rect, Response, Sense, Ui, Vec2};
use nice_plug::prelude::{BoolParam, Enum, EnumParam, Param, ParamSetter};

/// The way to the host's parameters. Without a host nothing changes, as in a picture of the window.
pub struct Setter<'a>(Option<ParamSetter<'a>>);

impl<'a> Setter<'a> {
    /// A setter for a host, or for none.
    pub fn new(host: Option<ParamSetter<'a>>) -> Self {
        Self(host)
    }

    /// Begins a gesture.
    pub fn begin<P: Param>(&self, param: &P) {
        if let Some(host) = &self.0 {
            host.begin_set_parameter(param);
        }
    }

    /// Sets a value within a gesture.
    pub fn set<P: Param>(&self, param: &P, value: P::Plain) {
        if let Some(host) = &self.0 {
            host.set_parameter(param, value);
        }
    }

    /// Ends a gesture.
    pub fn end<P: Param>(&self, param: &P) {
        if let Some(host) = &self.0 {
            host.end_set_parameter(param);
        }
    }

    /// A whole gesture.
    pub fn set_once<P: Param>(&self, param: &P, value: P::Plain) {
        self.begin(param);
        self.set(param, value);
        self.end(param);
    }
}

/// A bar that fills from the left, or from the middle where that is the default: drag or click to set, double-click
/// for the default.
pub fn bar<P: Param>(ui: &mut Ui, param: &P, setter: &Setter<'_>, colour: Color32, size: Vec2) -> Response {
    let (rect, response) = drag(ui, param, setter, size);
    let unit = param.unmodulated_normalized_value();
    let painter = ui.painter_at(rect);
    let radius = CornerRadius::same(5);
    painter.rect_filled(rect, radius, look::CONTROL);
    let origin = if param.default_normalized_value() == 0.5 { 0.5 } else { 0.0 };
    let x = |unit: f32| egui::lerp(rect.x_range(), unit);
    let filled = Rect::from_x_y_ranges(x(unit.min(origin))..=x(unit.max(origin)), rect.y_range());
    painter.rect_filled(filled, radius, colour.gamma_multiply(if response.hovered() { 0.75 } else { 0.6 }));
    let value = param.normalized_value_to_string(unit, true);
    painter.text(rect.center(), Align2::CENTER_CENTER, value, look::font(12.0), look::TEXT);
    response.on_hover_text(format!("{}: drag, double-click for the default", param.name()))
}

/// The room of a bar, and what the pointer does in it.
pub fn drag<P: Param>(ui: &mut Ui, param: &P, setter: &Setter<'_>, size: Vec2) -> (Rect, Response) {
    let (rect, response) = ui.allocate_exact_size(size, Sense::click_and_drag());
    let pointed = response.interact_pointer_pos().map(|pointer| {
        let unit = ((pointer.x - rect.left()) / rect.width()).clamp(0.0, 1.0);
        param.preview_plain(unit)
    });
    if response.double_clicked() {
        setter.set_once(param, param.default_plain_value());
    } else if let Some(value) = pointed {
        if response.drag_started() {
            setter.begin(param);
        }
        if response.dragged() {
            setter.set(param, value);
        } else if response.clicked() {
            setter.set_once(param, value);
        }
    }
    if response.drag_stopped() {
        setter.end(param);
    }
    (rect, response)
}

/// A list to choose from.
pub fn choice<T: Enum + PartialEq + 'static>(
    ui: &mut Ui,
    param: &EnumParam<T>,
    setter: &Setter<'_>,
    width: f32,
) {
    let variants = T::variants();
    let chosen = param.unmodulated_plain_value().to_index();
    let name = variants.get(chosen).copied().unwrap_or_default();
    ComboBox::from_id_salt(param.name()).width(width).height(420.0).selected_text(name).show_ui(ui, |ui| {
        for (index, name) in variants.iter().enumerate() {
            if ui.selectable_label(index == chosen, *name).clicked() {
                setter.set_once(param, T::from_index(index));
            }
        }
    });
}

/// A small square at a place of its own that is lit while its parameter is on.
pub fn toggle(ui: &mut Ui, place: Rect, param: &BoolParam, setter: &Setter<'_>, letter: &str, lit: Color32) {
    let on = param.unmodulated_plain_value();
    let (fill, text) = if on { (lit, look::BACKGROUND) } else { (look::CONTROL, look::WEAK) };
    let button = egui::Button::new(egui::RichText::new(letter).size(12.0).color(text)).fill(fill);
    if ui.put(place, button).on_hover_text(param.name()).clicked() {
        setter.set_once(param, !on);
    }
}

/// A caption over a control.
pub fn captioned<R>(ui: &mut Ui, caption: &str, add: impl FnOnce(&mut Ui) -> R) -> R {
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = 3.0;
        ui.label(egui::RichText::new(caption).size(11.0).color(look::WEAK));
        add(ui)
    })
    .inner
}
