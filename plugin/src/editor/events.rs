//! A button for each event of the scene, and the grid that they wait for.

use super::controls::{self, Setter};
use super::look;
use super::roles::title_case;
use crate::midi::EVENT_KEYS;
use crate::params::SceneloopParams;
use egui::{Button, RichText, Ui};
use sceneloop_engine::{Engine, Health};
use sceneloop_music::{EventId, Scene, Stinger};

/// Height of a button, points.
const HEIGHT: f32 = 24.0;

/// Draws the row; more rows where there is no room.
pub fn show(ui: &mut Ui, params: &SceneloopParams, setter: &Setter<'_>, engine: &Engine) {
    let (scene, lasting) = (engine.scene(), engine.health().event());
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = egui::vec2(5.0, 5.0);
        for (index, name) in scene.event_names().enumerate() {
            let Some(event) = EventId::new(index) else { break };
            let lit = lasting.filter(|(lasting, _)| *lasting == event);
            let (fill, text) = if lit.is_some() {
                (look::palette(ui).accent, look::palette(ui).on_lit)
            } else {
                (look::palette(ui).control, look::palette(ui).text)
            };
            let label = match lit {
                Some((_, bars)) if bars > 0 => format!("{} {bars}", title_case(name)),
                _ => title_case(name),
            };
            let button = Button::new(RichText::new(label).size(12.0).color(text)).fill(fill);
            let button = ui.add(button.min_size(egui::vec2(0.0, HEIGHT)));
            if button.on_hover_text(hint(&scene, event, name)).clicked() {
                // The name is the scene's own; were the scene changed meanwhile, nothing would happen.
                let _ = engine.trigger(name, params.quantise());
            }
        }
        let caption =
            |ui: &mut Ui, text: &str| ui.label(RichText::new(text).size(11.0).color(look::palette(ui).weak));
        caption(ui, "at").on_hover_text("The grid that events wait for");
        controls::choice(ui, &params.event_grid, setter, 52.0);
        if let Some(refusal) = refusal(engine.health(), &scene) {
            ui.label(RichText::new(refusal).color(look::palette(ui).weak).size(11.0));
        }
    });
}

/// What an event does, and the key that does the same.
fn hint(scene: &Scene, event: EventId, name: &str) -> String {
    let sounds = match Stinger::ALL.get(event.index()) {
        Some(Stinger::Victory) => "a fanfare",
        Some(Stinger::Defeat) => "a falling line",
        Some(Stinger::Death) => "a bell and a fall",
        Some(Stinger::Boss) => "low brass and drums",
        Some(Stinger::Danger) => "a tremolo",
        Some(Stinger::Calm) => "soft bells",
        Some(Stinger::Discovery) => "a bright arpeggio",
        Some(Stinger::Countdown) => "three, two, one, go on the bar line",
        Some(Stinger::Cheer) => "a crowd and a chord",
        None => "an event of this scene",
    };
    let mut text = format!("{}: {sounds}", title_case(name));
    if let Some(action) = scene.event_action(event) {
        if let Some(energy) = action.energy {
            text += &format!(", then energy {energy:.0}");
        }
        if let Some(scene) = &action.scene {
            text += &format!(", then \"{scene}\"");
        }
        if action.bars > 0 {
            text += &format!(", for {} bars", action.bars);
        }
    }
    let key = EVENT_KEYS.start() + event.index() as u8;
    if EVENT_KEYS.contains(&key) {
        text += &format!(". MIDI key {key}");
    }
    text
}

/// Why the last event that was called did not begin.
fn refusal(health: &Health, scene: &Scene) -> Option<String> {
    let (_, event, refusal) = health.refused_event()?;
    let name = scene.event_name(event).unwrap_or("it");
    Some(format!("{} {}", title_case(name), refusal.text()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hints_say_what_happens() {
        let engine = Engine::new().unwrap();
        engine.set_scene("forest").unwrap();
        let scene = engine.scene();
        let of = |name: &str| hint(&scene, scene.event(name).unwrap(), name);
        assert!(of("victory").starts_with("Victory: a fanfare, then energy"));
        assert!(of("victory").ends_with(". MIDI key 12"), "{}", of("victory"));
        assert!(of("countdown").contains("three, two, one"));
    }
}
