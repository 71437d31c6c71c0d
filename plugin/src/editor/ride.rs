//! Beside the energy: the button that learns a MIDI controller for it, and the one that forgets it.

use super::{controls, look};
use crate::params::SceneloopParams;
use crate::state::EnergyController;
use egui::accesskit::Role;
use egui::{Button, Direction, Id, Layout, Rect, Response, RichText, Ui, UiBuilder};

/// Width of both, points.
pub const WIDTH: f32 = 122.0;
/// Height of the one that forgets, and the gap above it, points.
const FORGET: f32 = 22.0;
const GAP: f32 = 4.0;

/// Draws them at a place; true if a controller has been learned or forgotten, which the project is to remember.
pub fn show(ui: &mut Ui, place: Rect, params: &SceneloopParams) -> bool {
    let colours = look::palette(ui);
    let controller = &params.controller;
    let mut changed = learned_meanwhile(ui, controller);
    let (learned, is_learning) = (controller.learned(), controller.is_learning());
    let forgettable = learned.filter(|_| !is_learning);
    let split = place.bottom() - if forgettable.is_some() { FORGET + GAP } else { 0.0 };
    let upper = Rect::from_min_max(place.min, egui::pos2(place.right(), split));
    let (text, name) = match learned {
        _ if is_learning => {
            ("Move a controller...".to_owned(), "Move a controller, or press to cancel".to_owned())
        }
        Some(number) => (format!("CC {number}"), format!("CC {number}: learn another MIDI controller")),
        None => ("MIDI learn".to_owned(), "MIDI: learn a controller for the energy".to_owned()),
    };
    let (fill, colour) =
        if is_learning { (colours.accent, colours.on_lit) } else { (colours.control, colours.text) };
    let button = Button::new(RichText::new(text).size(12.0).color(colour)).fill(fill);
    let response = put(ui, upper, button, "learn", &name);
    let mut clicked = response.clicked();
    response.context_menu(|ui| {
        if let Some(number) = learned
            && ui.button(format!("Forget CC {number}")).clicked()
        {
            controller.forget();
            changed = true;
            ui.close();
        }
    });
    response.on_hover_text(hint(learned));
    if let Some(number) = forgettable {
        let lower = Rect::from_min_max(egui::pos2(place.left(), place.bottom() - FORGET), place.max);
        let button =
            Button::new(RichText::new("Forget").size(11.0).color(colours.weak)).fill(colours.control);
        let response = put(ui, lower, button, "forget", &format!("Forget CC {number} for the energy"));
        if response.on_hover_text("The controller moves the energy no longer").clicked() {
            controller.forget();
            (changed, clicked) = (true, false);
        }
    }
    if clicked {
        if is_learning { controller.cancel() } else { controller.begin_learning() }
    }
    changed
}

/// What is learned, in words.
fn hint(learned: Option<u8>) -> String {
    let what = match learned {
        Some(number) => format!(
            "CC {number} moves the energy. Press and move another controller to learn that one instead."
        ),
        None => "Press, then move a knob, fader or wheel: from then on it moves the energy.".into(),
    };
    format!(
        "{what} Any controller from CC 0 to 119 will do, on any channel; its 0 to 127 are the energy 0 to 100. \
         Whoever moved last holds: the controller, automation, or your hand. The project remembers it."
    )
}

/// Whether the audio thread has learned one since the last drawing: it cannot tell the host itself.
fn learned_meanwhile(ui: &Ui, controller: &EnergyController) -> bool {
    let before: Option<Option<u8>> = controller.is_learning().then(|| controller.learned());
    let id = Id::unique("controller before it is learned");
    let before = ui.data_mut(|data| std::mem::replace(data.get_temp_mut_or_default(id), before));
    before.is_some_and(|before| !controller.is_learning() && controller.learned() != before)
}

/// A button that fills a place. `salt` stays while its name changes, and with it the keyboard's focus.
fn put(ui: &mut Ui, place: Rect, button: Button<'_>, salt: &str, name: &str) -> Response {
    let layout = Layout::centered_and_justified(Direction::TopDown);
    let mut ui = ui.new_child(UiBuilder::new().max_rect(place).id_salt(salt).layout(layout));
    ui.spacing_mut().button_padding = egui::Vec2::ZERO;
    let response = ui.add(button.min_size(place.size()));
    controls::named(&response, name, Role::Button);
    response
}
