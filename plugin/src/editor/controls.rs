//! Controls that change a parameter as a host wants it: begin, set, end. All of them can be worked with the keyboard alone, and say
//! what they are to a screen reader.

use super::look;
use egui::{
    Align2, Color32, ComboBox, CornerRadius, EventFilter, Key, Modifiers, Rect, Response, ScrollArea, Sense,
    Stroke, StrokeKind, Ui, Vec2, WidgetInfo,
};
use nice_plug::context::gui::GuiContext;
use nice_plug::prelude::{BoolParam, Enum, EnumParam, Param};
use std::cell::{Cell, RefCell};

/// How much slower a value moves while shift is held.
const FINE: f32 = 0.1;
/// How far an arrow key and a page key move a value, of the whole range.
const KEY_STEP: f32 = 0.01;
const PAGE_STEP: f32 = 0.1;
/// How far a knob is dragged from one end to the other, points.
const KNOB_TRAVEL: f32 = 160.0;

/// The way to the host's parameters. Without a host nothing changes, as in a picture of the window.
pub struct Setter<'a> {
    host: Option<&'a GuiContext>,
    /// Names of the parameters that were changed by hand.
    params: RefCell<Vec<String>>,
    /// The value that was set last, 0 to 1.
    last: Cell<Option<f32>>,
    /// Whether something was changed by hand, and whether a hand is still at it.
    touched: Cell<bool>,
    holding: Cell<bool>,
}

impl<'a> Setter<'a> {
    /// A setter for a host, or for none.
    pub fn new(host: Option<&'a GuiContext>) -> Self {
        let (touched, holding, last) = Default::default();
        Self { host, params: RefCell::default(), last, touched, holding }
    }

    /// Begins a gesture.
    pub fn begin<P: Param>(&self, param: &P) {
        if let Some(host) = self.host {
            host.param_setter().begin_set_parameter(param);
        }
    }

    /// Sets a value within a gesture.
    pub fn set<P: Param>(&self, param: &P, value: P::Plain) {
        self.set_normalised(param, param.preview_normalized(value));
    }

    /// The same with a value of 0 to 1.
    fn set_normalised<P: Param>(&self, param: &P, unit: f32) {
        self.touched.set(true);
        self.params.borrow_mut().push(param.name().to_owned());
        self.last.set(Some(unit));
        if let Some(host) = self.host {
            host.param_setter().set_parameter_normalized(param, unit);
        }
    }

    /// A whole gesture with a value of 0 to 1.
    pub fn set_once_normalised<P: Param>(&self, param: &P, unit: f32) {
        self.begin(param);
        self.set_normalised(param, unit);
        self.end(param);
    }

    /// Ends a gesture.
    pub fn end<P: Param>(&self, param: &P) {
        if let Some(host) = self.host {
            host.param_setter().end_set_parameter(param);
        }
    }

    /// A whole gesture.
    pub fn set_once<P: Param>(&self, param: &P, value: P::Plain) {
        self.set_once_normalised(param, param.preview_normalized(value));
    }

    /// Something that is no parameter was changed by hand.
    pub fn touch(&self) {
        self.touched.set(true);
    }

    /// A hand is at a control that it has not let go of.
    fn hold(&self) {
        self.holding.set(true);
    }

    /// Whether something was changed by hand.
    pub fn is_touched(&self) -> bool {
        self.touched.get()
    }

    /// What was changed so far was not changed by hand.
    pub fn forget(&self) {
        self.touched.set(false);
    }

    /// Whether a hand is at a control that it has not let go of.
    pub fn is_held(&self) -> bool {
        self.holding.get()
    }

    /// The value of 0 to 1 that was set last, if one was since the last call.
    pub fn take_last(&self) -> Option<f32> {
        self.last.take()
    }

    /// Names of the parameters that were changed by hand.
    pub fn changed(&self) -> Vec<String> {
        self.params.take()
    }
}

/// A bar that fills from the left, or from the middle where that is the default.
pub fn bar<P: Param>(ui: &mut Ui, param: &P, setter: &Setter<'_>, colour: Color32, size: Vec2) -> Response {
    let (rect, response) = drag(ui, param, setter, size);
    let colours = look::palette(ui);
    let unit = param.unmodulated_normalized_value();
    let painter = ui.painter_at(rect);
    let radius = CornerRadius::same(5);
    painter.rect_filled(rect, radius, colours.control);
    let origin = if param.default_normalized_value() == 0.5 { 0.5 } else { 0.0 };
    let x = |unit: f32| egui::lerp(rect.x_range(), unit);
    let filled = Rect::from_x_y_ranges(x(unit.min(origin))..=x(unit.max(origin)), rect.y_range());
    // Words stand on it.
    let strength = if response.hovered() { 0.45 } else { 0.35 };
    painter.rect_filled(filled, radius, colours.control.lerp_to_gamma(colour, strength));
    focus(ui, rect, &response);
    let value = param.normalized_value_to_string(unit, true);
    painter.text(rect.center(), Align2::CENTER_CENTER, value, look::font(12.0), colours.text);
    response.on_hover_text(hint(param))
}

/// What a parameter is, its range and unit, and how it is changed.
pub fn hint<P: Param>(param: &P) -> String {
    let shown = |unit: f32| param.normalized_value_to_string(unit, true);
    format!(
        "{}, {} to {}. Drag or use the arrow keys, with shift for fine steps; double-click for {}.",
        param.name(),
        shown(0.0),
        shown(1.0),
        shown(param.default_normalized_value())
    )
}

/// A frame about a control of our own while the keyboard is on it.
pub fn focus(ui: &Ui, rect: Rect, response: &Response) {
    if response.has_focus() {
        let line = Stroke::new(2.0, look::palette(ui).accent);
        ui.painter().rect_stroke(rect.expand(1.0), CornerRadius::same(6), line, StrokeKind::Outside);
    }
}

/// The room of a bar, and what pointer and keyboard do in it: drag or click to set, with shift slowly, double-click or delete for
/// the default, arrows and page keys in steps.
pub fn drag<P: Param>(ui: &mut Ui, param: &P, setter: &Setter<'_>, size: Vec2) -> (Rect, Response) {
    let (rect, response) = ui.allocate_exact_size(size, Sense::click_and_drag());
    let unit = param.unmodulated_normalized_value();
    let is_fine = ui.input(|input| input.modifiers.shift);
    if response.drag_started() || response.clicked() {
        response.request_focus();
    }
    if response.double_clicked() {
        setter.set_once(param, param.default_plain_value());
    } else if let Some(pointer) = response.interact_pointer_pos() {
        if response.drag_started() {
            setter.begin(param);
        }
        let there = (pointer.x - rect.left()) / rect.width();
        let moved = unit + FINE * response.drag_delta().x / rect.width();
        let to = if is_fine { moved } else { there };
        let value = param.preview_plain(to.clamp(0.0, 1.0));
        // The last moves may come with the letting go.
        if response.dragged() || response.drag_stopped() {
            setter.hold();
            setter.set(param, value);
        } else if response.clicked() {
            setter.set_once(param, value);
        }
    }
    if response.drag_stopped() {
        setter.end(param);
        setter.touch();
    }
    if response.has_focus()
        && let Some(to) = keys(ui, &response, unit, param.default_normalized_value())
    {
        setter.set_once(param, param.preview_plain(to));
    }
    response.widget_info(|| WidgetInfo::slider(true, f64::from(unit), param.name()));
    (rect, response)
}

/// Where the keys that are pressed move a value of 0 to 1.
pub fn keys(ui: &Ui, response: &Response, unit: f32, default: f32) -> Option<f32> {
    let filter = EventFilter { horizontal_arrows: true, vertical_arrows: true, ..EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
    let mut by = 0.0;
    let mut to = None;
    ui.input_mut(|input| {
        for (modifiers, factor) in [(Modifiers::SHIFT, FINE), (Modifiers::NONE, 1.0)] {
            for (key, step) in [
                (Key::ArrowRight, KEY_STEP),
                (Key::ArrowUp, KEY_STEP),
                (Key::ArrowLeft, -KEY_STEP),
                (Key::ArrowDown, -KEY_STEP),
                (Key::PageUp, PAGE_STEP),
                (Key::PageDown, -PAGE_STEP),
            ] {
                by += input.count_and_consume_key(modifiers, key) as f32 * step * factor;
            }
        }
        for (key, place) in
            [(Key::Home, 0.0), (Key::End, 1.0), (Key::Delete, default), (Key::Backspace, default)]
        {
            if input.consume_key(Modifiers::NONE, key) {
                to = Some(place);
            }
        }
    });
    to.or((by != 0.0).then(|| (unit + by).clamp(0.0, 1.0)))
}

/// What a hand has done to a knob.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Turned {
    /// It was set to a value of 0 to 1, and let go.
    To(f32),
    /// It was double-clicked, or the delete key was pressed.
    Reset,
}

/// A round knob of a value of 0 to 1 that is set where it is let go: for what takes its time. Drag up and down or to the side, with shift
/// slowly. While it is dragged it shows where it will be.
pub fn knob(ui: &mut Ui, place: Rect, set: f32, colour: Color32, name: &str, hint: &str) -> Option<Turned> {
    let response = ui.interact(place, ui.scope_id().with(("knob", name)), Sense::click_and_drag());
    let held = response.id.with("held");
    let mut turned = None;
    if response.double_clicked() {
        turned = Some(Turned::Reset);
    } else if response.dragged() {
        let moved = response.drag_delta();
        let speed = if ui.input(|input| input.modifiers.shift) { FINE } else { 1.0 };
        let before = ui.data(|data| data.get_temp(held)).unwrap_or(set);
        let unit: f32 = before + speed * (moved.x - moved.y) / KNOB_TRAVEL;
        ui.data_mut(|data| data.insert_temp(held, unit.clamp(0.0, 1.0)));
    }
    let unit = ui.data(|data| data.get_temp::<f32>(held));
    if response.drag_stopped() {
        ui.data_mut(|data| data.remove::<f32>(held));
        turned = unit.map(Turned::To);
    }
    if response.clicked() || response.drag_started() {
        response.request_focus();
    }
    if response.has_focus() {
        let is_deleted = ui.input_mut(|input| {
            input.consume_key(Modifiers::NONE, Key::Delete)
                || input.consume_key(Modifiers::NONE, Key::Backspace)
        });
        turned = if is_deleted { Some(Turned::Reset) } else { keys(ui, &response, set, 0.0).map(Turned::To) }
            .or(turned);
    }
    let unit = unit.unwrap_or(set);
    let (painter, colours) = (ui.painter(), look::palette(ui));
    let radius = place.width().min(place.height()) / 2.0 - 3.0;
    let lit = if response.hovered() || response.dragged() { colours.text } else { colour };
    let arc = |from: f32, to: f32, line: Stroke| {
        // From seven o'clock round to five.
        let angle = |unit: f32| std::f32::consts::PI * (0.75 + 1.5 * unit);
        let point = |step: u8| {
            place.center() + radius * Vec2::angled(angle(egui::lerp(from..=to, f32::from(step) / 20.0)))
        };
        painter.line((0..=20).map(point).collect(), line);
    };
    arc(0.0, 1.0, Stroke::new(3.0, colours.line));
    if unit > 0.0 {
        arc(0.0, unit, Stroke::new(3.0, lit));
    }
    let text = format!("{:.0}", 100.0 * unit);
    painter.text(place.center(), Align2::CENTER_CENTER, text, look::font(11.0), colours.text);
    focus(ui, place, &response);
    response.widget_info(|| WidgetInfo::slider(true, f64::from(unit), name));
    response.on_hover_text(hint);
    turned
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
    let list = ComboBox::from_id_salt(param.name()).width(width).height(420.0).selected_text(name).show_ui(
        ui,
        |ui| {
            for (index, name) in variants.iter().enumerate() {
                if ui.selectable_label(index == chosen, *name).clicked() {
                    setter.set_once(param, T::from_index(index));
                }
            }
        },
    );
    named(&list.response, format!("{}: {name}", param.name()), egui::accesskit::Role::ComboBox);
    list.response.on_hover_text(param.name());
}

/// A list that scrolls in something that unfolds. It is always as high: what unfolds never grows again once a search has made it small.
pub fn list(height: f32) -> ScrollArea {
    ScrollArea::vertical().max_height(height).min_scrolled_height(height).auto_shrink([false, false])
}

/// Says what a widget is, where its own text does not.
pub fn named(response: &Response, name: impl ToString, role: egui::accesskit::Role) {
    response.widget_info(|| WidgetInfo::labeled(role, true, name.to_string()));
}

/// A small square at a place of its own that is lit while something is on; true when it is clicked.
pub fn lamp(
    ui: &mut Ui,
    place: Rect,
    on: bool,
    face: Face<'_>,
    lit: Color32,
    name: &str,
    hint: &str,
) -> bool {
    let colours = look::palette(ui);
    let (fill, text) = if on { (lit, colours.on_lit) } else { (colours.control, colours.weak) };
    let mut ui = ui.new_child(egui::UiBuilder::new().max_rect(place).id_salt(name));
    let button = egui::Button::new("").fill(fill).min_size(place.size());
    let response = ui.add(button);
    face.paint(&ui, place, text);
    response.widget_info(|| WidgetInfo::selected(egui::accesskit::Role::Button, true, on, name));
    response.on_hover_text(hint).clicked()
}

/// What stands on a small square.
#[derive(Clone, Copy)]
pub enum Face<'a> {
    /// Letters.
    Letter(&'a str),
    /// A padlock, shut or open.
    Lock(bool),
    /// An arrow that goes round.
    Again,
    /// A star.
    Star,
}

impl Face<'_> {
    /// Draws it.
    pub fn paint(self, ui: &Ui, place: Rect, colour: Color32) {
        let (painter, line) = (ui.painter(), Stroke::new(1.5, colour));
        let at = |x: f32, y: f32| place.center() + egui::vec2(x, y);
        let arc = |centre: egui::Pos2, radius: f32, from: f32, to: f32| {
            let point = |step: u8| {
                let angle = egui::lerp(from..=to, f32::from(step) / 16.0);
                centre + radius * Vec2::angled(angle)
            };
            painter.line((0..=16).map(point).collect(), line);
        };
        use std::f32::consts::{PI, TAU};
        match self {
            Self::Letter(letter) => {
                painter.text(place.center(), Align2::CENTER_CENTER, letter, look::font(12.0), colour);
            }
            Self::Lock(is_shut) => {
                painter.rect_filled(
                    Rect::from_min_max(at(-5.0, -1.0), at(5.0, 6.0)),
                    CornerRadius::same(1),
                    colour,
                );
                let bow = if is_shut { at(0.0, -2.5) } else { at(3.0, -2.5) };
                arc(bow, 3.0, PI, TAU);
                painter.line_segment([bow - egui::vec2(3.0, 0.0), bow + egui::vec2(-3.0, 2.0)], line);
                if is_shut {
                    painter.line_segment([bow + egui::vec2(3.0, 0.0), bow + egui::vec2(3.0, 2.0)], line);
                }
            }
            Self::Star => {
                // Its inner corners make a pentagon; on each side of that stands a point.
                let corner = |radius: f32, turn: f32| {
                    at(0.0, 0.5) + radius * Vec2::angled(turn * TAU / 10.0 - PI / 2.0)
                };
                let inner: Vec<egui::Pos2> =
                    (0..5u8).map(|side| corner(2.8, f32::from(2 * side + 1))).collect();
                for side in 0..5u8 {
                    let [before, after] = [(side + 4) % 5, side].map(|index| inner[usize::from(index)]);
                    let points = vec![before, corner(7.0, f32::from(2 * side)), after];
                    painter.add(egui::Shape::convex_polygon(points, colour, Stroke::NONE));
                }
                painter.add(egui::Shape::convex_polygon(inner, colour, Stroke::NONE));
            }
            Self::Again => {
                arc(at(0.0, 0.5), 5.0, -0.25 * PI, 1.35 * PI);
                let tip = at(0.0, 0.5) + 5.0 * Vec2::angled(-0.25 * PI);
                painter.line(
                    vec![
                        tip + egui::vec2(-4.0, -0.5),
                        tip + egui::vec2(0.5, 0.5),
                        tip + egui::vec2(1.0, -4.0),
                    ],
                    line,
                );
            }
        }
    }
}

/// The same for a parameter.
pub fn toggle(ui: &mut Ui, place: Rect, param: &BoolParam, setter: &Setter<'_>, letter: &str, lit: Color32) {
    let on = param.unmodulated_plain_value();
    let name = param.name();
    if lamp(ui, place, on, Face::Letter(letter), lit, name, name) {
        setter.set_once(param, !on);
    }
}

/// A caption over a control.
pub fn captioned<R>(ui: &mut Ui, caption: &str, add: impl FnOnce(&mut Ui) -> R) -> R {
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = 3.0;
        let weak = look::palette(ui).weak;
        ui.label(egui::RichText::new(caption).size(11.0).color(weak));
        add(ui)
    })
    .inner
}
