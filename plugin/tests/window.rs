//! The window, driven by the names that a screen reader hears, with a host that does what it is told.

use egui::accesskit::{Role as Kind, Toggled};
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use nice_plug::context::PluginApi;
use nice_plug::context::gui::{GuiContext, GuiContextInner};
use nice_plug::params::internals::ParamPtr;
use nice_plug::prelude::{Param, PluginState};
use sceneloop_engine::presets::{Shelf, shipped};
use sceneloop_engine::{Engine, Output, Preference};
use sceneloop_music::{Bpm, Energy, Metre, Playhead, Role};
use sceneloop_plugin::editor::{Keeper, Lasting, Presets, Setter, View, apply_look};
use sceneloop_plugin::host_guard::HostLink;
use sceneloop_plugin::params::SceneloopParams;
use sceneloop_plugin::state::{EngineSlot, WindowSize};
use std::sync::{Arc, Mutex};

/// A host that hands every value back at once.
struct Host;

#[expect(unsafe_code, reason = "nice-plug's trait is unsafe to implement")]
impl GuiContextInner for Host {
    fn plugin_api(&self) -> PluginApi {
        PluginApi::Clap
    }
    unsafe fn raw_begin_set_parameter(&self, _: ParamPtr) {}
    unsafe fn raw_set_parameter_normalized(&self, param: ParamPtr, unit: f32) {
        // SAFETY: all of it happens on the test's thread, and the parameters outlive the window.
        unsafe { param._internal_set_normalized_value(unit) };
    }
    unsafe fn raw_end_set_parameter(&self, _: ParamPtr) {}
    fn get_state(&self) -> PluginState {
        unreachable!("the window does not ask for it")
    }
    fn set_state(&self, _: PluginState) {
        unreachable!("the window does not ask for it")
    }
    fn request_restart(&self) {}
}

struct Desk {
    engine: Engine,
    params: Arc<SceneloopParams>,
    window: Harness<'static>,
}

impl Desk {
    /// A window over an engine by the teacher that has played so many bars.
    fn new(scene: &str, bars: u32) -> Self {
        let engine = Engine::with_notes(Preference::TEACHER, None).unwrap();
        engine.set_scene(scene).unwrap();
        let params = Arc::new(SceneloopParams::new(EngineSlot::new(Ok(engine.clone()))));
        play(&engine, &params, bars);
        let lasting = Lasting::with(Presets::of(shelf), Keeper::into_folder(shelf_folder()));
        let mut view = View::new(params.clone(), HostLink::current(), Arc::new(Mutex::new(lasting)));
        let host = GuiContext::new(Arc::new(Host));
        let (width, height) = WindowSize::DEFAULT;
        let mut dressed = false;
        let show = move |ui: &mut egui::Ui| {
            if !std::mem::replace(&mut dressed, true) {
                apply_look(ui.ctx(), egui::Theme::Dark);
            }
            view.show(ui, &Setter::new(Some(&host)));
        };
        let window = Harness::builder().with_size(egui::vec2(width as f32, height as f32)).build_ui(show);
        let mut desk = Self { engine, params, window };
        desk.draw();
        desk
    }

    /// Some drawings: what was done is seen in the second.
    fn draw(&mut self) {
        for _ in 0..4 {
            self.window.step();
        }
    }

    fn click(&mut self, name: &str) {
        self.window.get_by_label(name).click();
        self.draw();
    }

    fn key(&mut self, modifiers: Modifiers, key: Key) {
        self.window.key_press_modifiers(modifiers, key);
        self.draw();
    }

    /// Whether words stand anywhere, once or often.
    fn reads(&self, words: &str) -> bool {
        self.window.query_all_by_label_contains(words).next().is_some()
    }

    fn shows(&self, words: &str) -> bool {
        self.window.query_by_label_contains(words).is_some()
    }
}

/// A shelf for presets of this test alone.
fn shelf() -> Shelf {
    Shelf::of(Some(shelf_folder()))
}

fn shelf_folder() -> std::path::PathBuf {
    std::env::temp_dir().join(format!("sceneloop-window-{}", std::process::id()))
}

/// Bounces bars at 120 BPM from the song's beginning.
fn play(engine: &Engine, params: &SceneloopParams, bars: u32) {
    play_from(engine, params, 0, bars);
}

/// The same from another bar on.
fn play_from(engine: &Engine, params: &SceneloopParams, from: u32, bars: u32) {
    const BLOCK: usize = 480;
    let mut reader = engine.open_stream(48_000.0).unwrap();
    let begin = 4.0 * f64::from(from);
    let mut playhead = Playhead::at(begin, Bpm::new(120.0).unwrap(), Metre::FOUR_FOUR, true);
    let (mut left, mut right) = ([0.0; BLOCK], [0.0; BLOCK]);
    for _ in 0..bars as usize * 96_000 / BLOCK {
        let controls = sceneloop_engine::Controls { preference: None, ..params.controls(None) };
        let output = Output { main: [&mut left, &mut right], stems: None };
        reader.process_offline(&playhead, &controls, output, &mut |_| ());
        playhead = playhead.advanced(BLOCK as f64 * playhead.bpm.quarters_per_frame(48_000.0));
    }
}

#[test]
fn everything_that_can_be_worked_has_a_name() {
    for bars in [0, 5] {
        let desk = Desk::new("techno", bars);
        let mut names = 0;
        for node in desk.window.root().children_recursive() {
            let node = node.accesskit_node();
            let works = matches!(
                node.role(),
                Kind::Button
                    | Kind::Slider
                    | Kind::ComboBox
                    | Kind::RadioButton
                    | Kind::CheckBox
                    | Kind::SpinButton
            );
            if works {
                let name = node.label().or(node.value()).unwrap_or_default();
                assert!(!name.trim().is_empty(), "{:?} at {:?}", node.role(), node.bounding_box());
                names += 1;
            }
        }
        assert!(names > 60, "{names}");
    }
}

#[test]
fn a_role_is_locked_and_written_again_and_both_are_taken_back() {
    let mut desk = Desk::new("techno", 5);
    desk.click("Lock Drums");
    assert!(desk.engine.edits().holds(Role::Drums));
    let lock = desk.window.get_by_label("Lock Drums");
    assert_eq!(lock.accesskit_node().toggled(), Some(Toggled::True));
    let locked = desk.engine.edits();
    desk.click("Regenerate Drums");
    assert_eq!(desk.engine.edits(), locked, "it is locked");
    desk.click("Regenerate Bass");
    let both = desk.engine.edits();
    assert_ne!(both, locked);
    desk.click("Undo");
    assert_eq!(desk.engine.edits(), locked);
    desk.key(Modifiers::COMMAND, Key::Z);
    assert!(desk.engine.edits().is_none());
    desk.key(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    desk.click("Redo");
    assert_eq!(desk.engine.edits(), both);
    desk.click("As written");
    assert!(desk.engine.edits().is_none());
}

#[test]
fn sliders_follow_the_keyboard_and_undo_knows_them() {
    let mut desk = Desk::new("techno", 0);
    desk.window.get_by_label("Energy").focus();
    desk.draw();
    desk.key(Modifiers::NONE, Key::ArrowRight);
    assert!((desk.params.energy.value() - 71.0).abs() < 0.01, "{}", desk.params.energy.value());
    desk.key(Modifiers::SHIFT, Key::ArrowLeft);
    assert!((desk.params.energy.value() - 70.9).abs() < 0.01, "{}", desk.params.energy.value());
    desk.key(Modifiers::NONE, Key::Home);
    assert_eq!(desk.params.energy.value(), 0.0);
    desk.key(Modifiers::NONE, Key::Delete);
    assert_eq!(desk.params.energy.value(), 70.0);
    desk.key(Modifiers::COMMAND, Key::Z); // with the keyboard still on the energy
    assert_eq!(desk.params.energy.value(), 0.0);
    desk.click("Undo");
    desk.click("Undo");
    desk.click("Undo");
    assert_eq!(desk.params.energy.value(), 70.0);
    assert!(desk.window.get_by_label("Undo").accesskit_node().is_disabled());
}

#[test]
fn mute_and_solo_are_parameters_of_the_host() {
    let mut desk = Desk::new("techno", 0);
    desk.click("Lead Mute");
    desk.click("Bass Solo");
    let controls = desk.params.controls(None);
    assert_eq!(controls.mutes.0, [true, false, true, true, true, true, true]);
    desk.click("Bass Solo");
    assert_eq!(desk.params.controls(None).mutes.0, [false, false, false, false, false, true, false]);
}

#[test]
fn two_versions_are_compared() {
    let mut desk = Desk::new("techno", 5);
    desk.click("Version B");
    desk.click("Regenerate Lead");
    desk.click("Pad Mute");
    let b = desk.engine.edits();
    desk.click("Version A");
    assert!(desk.engine.edits().is_none(), "the notes know it in time");
    assert!(desk.params.pad.mute.value(), "what is heard at once waits for the bar line");
    play_from(&desk.engine, &desk.params, 5, 1);
    desk.draw();
    assert!(!desk.params.pad.mute.value());
    desk.click("Version B");
    assert!(desk.engine.edits() == b && !desk.params.pad.mute.value());
    // A hand at something does not wait.
    desk.click("Lead Mute");
    assert!(desk.params.pad.mute.value() && desk.params.lead.mute.value());
    desk.click("Undo");
    assert!(desk.params.pad.mute.value() && !desk.params.lead.mute.value());
    // There and back within a bar: what is heard has not moved.
    desk.click("Version A");
    assert!(desk.engine.edits().is_none() && desk.params.pad.mute.value());
    desk.click("Version B");
    assert!(desk.engine.edits() == b && desk.params.pad.mute.value());
    play_from(&desk.engine, &desk.params, 9, 1);
    desk.draw();
    assert!(desk.engine.edits() == b && desk.params.pad.mute.value());
    // Each has its own steps: what is taken back in one is there in the other.
    desk.click("Version A");
    play_from(&desk.engine, &desk.params, 12, 1);
    desk.draw();
    assert!(desk.window.get_by_label("Undo").accesskit_node().is_disabled());
    assert!(desk.engine.edits().is_none() && !desk.params.pad.mute.value());
    desk.click("Version B");
    play_from(&desk.engine, &desk.params, 15, 1);
    desk.draw();
    assert!(desk.engine.edits() == b && desk.params.pad.mute.value());
    desk.click("Undo");
    assert!(!desk.params.pad.mute.value());
}

#[test]
fn bars_are_marked_with_the_keyboard_and_written_again() {
    let mut desk = Desk::new("techno", 5);
    desk.window.get_by_label("Piano roll").focus();
    desk.draw();
    desk.key(Modifiers::NONE, Key::ArrowRight);
    desk.key(Modifiers::NONE, Key::ArrowRight);
    desk.key(Modifiers::SHIFT, Key::ArrowRight);
    assert!(desk.shows("bars 2 to 3 marked"));
    desk.click("Rewrite bars 2–3");
    let edits = desk.engine.edits();
    for role in Role::ALL {
        let numbers: Vec<bool> = edits.takes(role).iter().map(|take| take.number() != 0).collect();
        assert_eq!(numbers, [false, true, true, false, false, false, false, false]);
    }
}

#[test]
fn the_song_is_varied_and_comes_back() {
    let mut desk = Desk::new("techno", 5);
    desk.window.get_by_label("Variation distance").focus();
    desk.draw();
    desk.key(Modifiers::NONE, Key::PageUp);
    desk.key(Modifiers::NONE, Key::ArrowUp);
    assert_eq!(desk.engine.edits().variation.distance, 11);
    let number = desk.engine.edits().variation.number;
    desk.click("New variation");
    assert!(desk.engine.edits().variation.number > number && desk.engine.edits().variation.distance == 11);
    desk.window.get_by_label("Variation distance").focus();
    desk.draw();
    desk.key(Modifiers::NONE, Key::Delete);
    assert_eq!(desk.engine.edits().variation.distance, 0);
}

#[test]
fn a_loop_that_has_played_is_called_back() {
    let mut desk = Desk::new("techno", 13);
    let first = desk.engine.history().last().unwrap().clone();
    assert_eq!(desk.engine.history().len(), 4);
    desk.window.get_by_label_contains("Play again: loop 1,").click();
    desk.draw();
    assert!(desk.engine.edits().holds_all());
    play(&desk.engine, &desk.params, 6);
    let now = desk.engine.now_playing().unwrap();
    assert_eq!(now.grid.clips, first.grid.clips);
    assert_eq!(now.grid.key, first.grid.key);
    desk.draw();
    desk.click("Hold loop");
    assert!(desk.engine.edits().is_none());
}

#[test]
fn a_scene_that_is_not_known_is_said_and_changes_nothing() {
    let mut desk = Desk::new("techno", 0);
    let box_ = desk.window.get_by_role(Kind::TextInput);
    box_.focus();
    desk.draw();
    desk.window.get_by_role(Kind::TextInput).type_text("xyzzy ");
    desk.draw();
    desk.click("Apply");
    assert!(desk.engine.scene_text().starts_with("techno"));
    assert!(desk.shows("xyzzy"));
}

#[test]
fn the_window_turns_light_and_the_project_remembers() {
    let mut desk = Desk::new("techno", 5);
    assert!(!desk.params.is_light.get());
    desk.click("Light");
    assert!(desk.params.is_light.get());
    desk.draw();
    desk.click("Dark");
    assert!(!desk.params.is_light.get());
    assert_eq!(desk.params.energy.value(), desk.params.energy.default_plain_value());
}

#[test]
fn presets_are_gone_through_and_taken_back() {
    let mut desk = Desk::new("techno", 0);
    let all = shipped().unwrap();
    for preset in all {
        desk.click("Preset after");
        assert!(desk.shows(&format!("Preset: {}", preset.name)));
        let controls = sceneloop_engine::Controls { preference: None, ..desk.params.controls(None) };
        let wanted = preset.controls();
        assert!((controls.energy.get() - wanted.energy.get()).abs() < 0.06);
        assert_eq!(
            (controls.seed, controls.tonic, controls.mode, controls.bars, controls.form),
            (wanted.seed, wanted.tonic, wanted.mode, wanted.bars, wanted.form),
            "{}",
            preset.name
        );
        for (role, patch) in &preset.patches {
            assert_eq!(desk.engine.patch(*role).as_ref(), Some(patch));
        }
    }
    desk.click("Preset after");
    assert!(desk.shows(&format!("Preset: {}", all[0].name)), "round the end");
    desk.click("Undo");
    let last = all.last().unwrap();
    assert_eq!(desk.params.seed.value(), last.seed as i32);
    desk.click("Preset before");
    assert!(desk.shows(&format!("Preset: {}", last.name)));
}

#[test]
fn a_preset_of_ones_own_is_saved_found_and_removed() {
    let mut desk = Desk::new("forest, rain:0.5", 0);
    desk.click("Lead Mute");
    desk.engine.set_patch(Role::Pad, Some("pad-glass")).unwrap();
    desk.click("Preset: Presets");
    desk.window.get_by_label("Name of the preset").focus();
    desk.draw();
    desk.window.get_by_label("Name of the preset").type_text("My wood");
    desk.draw();
    desk.click("Save");
    assert!(desk.shows("was saved"));
    desk.click("Save");
    assert!(desk.shows("already"));
    desk.click("Favourite: My wood");
    let kept = shelf();
    assert!(kept.is_favourite("My wood"));
    let mine = kept.presets().next().unwrap().clone();
    assert!(
        mine.scene.starts_with("forest")
            && mine.mutes == [Role::Lead]
            && mine.patches[&Role::Pad] == "pad-glass"
    );
    desk.window.get_by_label("Search presets").focus();
    desk.draw();
    desk.window.get_by_label("Search presets").type_text("wood");
    desk.draw();
    assert!(desk.window.query_by_label("Favourite: Warehouse").is_none());
    desk.click("Remove My wood");
    assert!(desk.shows("was removed") && shelf().presets().next().is_none());
    std::fs::remove_dir_all(shelf_folder()).unwrap();
}

#[test]
fn the_loop_is_exported_and_the_window_goes_on() {
    let mut desk = Desk::new("techno", 5);
    desk.click("Export");
    desk.click("Export loop");
    let begun = std::time::Instant::now();
    while !desk.shows("Made:") {
        assert!(begun.elapsed().as_secs() < 120);
        std::thread::sleep(std::time::Duration::from_millis(20));
        desk.draw();
    }
    let made = std::fs::read_dir(shelf_folder()).unwrap().next().unwrap().unwrap().path();
    for file in ["mix.wav", "stems/drums.wav", "stems/texture.wav", "loop.mid", "roll.png"] {
        assert!(made.join(file).is_file(), "{file}");
    }
    assert!(
        desk.window.query_by_label("Copy path").is_some() && desk.window.query_by_label("Reveal").is_some()
    );
    std::fs::remove_dir_all(shelf_folder()).unwrap();
}

#[test]
fn tags_are_left_out_and_scenes_come_back() {
    let mut desk = Desk::new("forest, rain:0.5", 0);
    assert!(desk.window.query_by_label("Weight of rain").is_some());
    desk.click("Remove rain");
    assert_eq!(desk.engine.scene_text(), "forest:1");
    assert!(desk.window.query_by_label("Remove forest").is_none(), "the last one stays");
    desk.click("Random");
    let random = desk.engine.scene_text();
    assert_ne!(random, "forest:1");
    desk.click("Recent scenes");
    desk.click("forest:1, rain:0.5");
    assert_eq!(desk.engine.scene_text(), "forest:1, rain:0.5");
    desk.click("Undo");
    assert_eq!(desk.engine.scene_text(), random);
}

#[test]
fn scenes_are_searched_and_added_from_the_palette() {
    let mut desk = Desk::new("forest", 0);
    desk.click("All scenes");
    desk.window.get_by_label("Search scenes").focus();
    desk.draw();
    desk.window.get_by_label("Search scenes").type_text("dungeon");
    desk.draw();
    assert!(desk.window.query_by_label("Pick rain").is_none());
    desk.click("Pick dungeon");
    assert_eq!(desk.engine.scene_text(), "dungeon:1");
    desk.click("All scenes");
    desk.click("Add to the scene");
    desk.window.get_by_label("Search scenes").focus();
    desk.draw();
    desk.key(Modifiers::COMMAND, Key::A);
    desk.window.get_by_label("Search scenes").type_text("rain");
    desk.draw();
    desk.click("Pick rain");
    assert_eq!(desk.engine.scene_text(), "dungeon:1, rain:0.5");
}

#[test]
fn four_scenes_are_blended_with_the_arrow_keys() {
    let mut desk = Desk::new("forest", 0);
    desk.click("Blend");
    desk.window.get_by_label_contains("Blend of forest").focus();
    desk.draw();
    desk.key(Modifiers::NONE, Key::ArrowRight);
    assert_eq!(desk.engine.scene_text(), "forest:0.95, cyberpunk city:0.05");
    desk.key(Modifiers::NONE, Key::ArrowDown);
    desk.key(Modifiers::NONE, Key::ArrowDown);
    assert!(desk.engine.scene_text().contains("dungeon:0.09"), "{}", desk.engine.scene_text());
    desk.window.get_by_label_contains("Corner top right").click();
    desk.draw();
    desk.window.get_by_label("Search for a corner").focus();
    desk.draw();
    desk.window.get_by_label("Search for a corner").type_text("jazz");
    desk.draw();
    desk.click("Pick jazz");
    assert!(desk.engine.scene_text().contains("jazz:"), "{}", desk.engine.scene_text());
    desk.click("Undo");
    assert!(!desk.engine.scene_text().contains("jazz:"));
}

#[test]
fn loops_are_starred_and_found_again() {
    let mut desk = Desk::new("techno", 9);
    desk.window.get_by_label_contains("Favourite: loop 1,").click();
    desk.draw();
    assert!(desk.params.favourites.holds(desk.engine.history().last().unwrap()));
    assert!(desk.window.query_by_label_contains("Play again: loop 2,").is_some());
    desk.click("Favourite loops");
    assert!(desk.window.query_by_label_contains("Play again: loop 2,").is_none());
    desk.window.get_by_label_contains("Play again: loop 1,").click();
    desk.draw();
    assert!(desk.engine.edits().holds_all());
    desk.window.get_by_label_contains("Favourite: loop 1,").click();
    desk.draw();
    assert!(desk.shows("No loop is starred yet"));
}

#[test]
fn a_role_is_varied_by_itself_and_goes_with_the_song_again() {
    let mut desk = Desk::new("techno", 5);
    let own = |desk: &Desk| desk.engine.edits().own_variation(Role::Lead).map(|own| own.distance);
    desk.window.get_by_label("Variation of the lead").focus();
    desk.draw();
    desk.key(Modifiers::NONE, Key::PageUp);
    desk.key(Modifiers::NONE, Key::ArrowUp);
    assert_eq!(own(&desk), Some(11));
    desk.key(Modifiers::NONE, Key::Delete);
    assert_eq!(own(&desk), None);
    desk.click("Undo");
    assert_eq!(own(&desk), Some(11));
}

#[test]
fn the_last_bars_are_kept_as_they_were_heard() {
    let mut desk = Desk::new("techno", 0);
    play(&desk.engine, &desk.params, 5);
    let begun = std::time::Instant::now();
    while desk.engine.bars_heard() != 4 {
        assert!(begun.elapsed().as_secs() < 60, "{} bars", desk.engine.bars_heard());
        std::thread::yield_now();
    }
    desk.draw();
    assert!(desk.shows("Coming bars"));
    desk.click("Export");
    desk.click("Last 4 bars, as heard");
    desk.click("Mix");
    desk.click("Export bars");
    while !desk.shows("Made:") {
        assert!(begun.elapsed().as_secs() < 120);
        std::thread::sleep(std::time::Duration::from_millis(20));
        desk.draw();
    }
    let folder = shelf_folder().join("techno-1-bars-1-to-4");
    assert!(folder.join("mix.wav").is_file() && !folder.join("stems").exists());
    std::fs::remove_dir_all(shelf_folder()).unwrap();
}

#[test]
fn a_controller_is_learned_shown_and_forgotten() {
    const LEARN: &str = "MIDI: learn a controller for the energy";
    const MOVE: &str = "Move a controller, or press to cancel";
    const LEARNED: &str = "CC 74: learn another MIDI controller";
    let mut desk = Desk::new("techno", 5);
    desk.click(LEARN);
    assert!(desk.params.controller.is_learning());
    desk.click(MOVE);
    assert!(!desk.params.controller.is_learning(), "pressed again it is cancelled");
    // With the keyboard alone, right behind the energy.
    desk.window.get_by_label("Energy").focus();
    desk.draw();
    desk.key(Modifiers::NONE, Key::Tab);
    desk.key(Modifiers::NONE, Key::Enter);
    assert!(desk.shows(MOVE));
    assert!(desk.params.controller.learn(74), "as the audio thread does");
    desk.draw();
    assert!(desk.shows(LEARNED) && !desk.shows(MOVE));
    desk.click(LEARNED);
    assert!(desk.params.controller.is_learning() && desk.params.controller.learned() == Some(74));
    desk.click(MOVE);
    desk.click("Forget CC 74 for the energy");
    assert!(desk.shows(LEARN) && desk.params.controller.learned().is_none());
    assert!(desk.window.query_by_label("Forget CC 74 for the energy").is_none());
    // The second way.
    desk.params.controller.begin_learning();
    assert!(desk.params.controller.learn(74));
    desk.draw();
    desk.window.get_by_label(LEARNED).click_secondary();
    desk.draw();
    desk.click("Forget CC 74");
    assert!(desk.params.controller.learned().is_none());
    assert!(desk.window.get_by_label("Undo").accesskit_node().is_disabled(), "it is no change of the music");
}

#[test]
fn a_window_that_is_closed_learns_nothing() {
    let mut desk = Desk::new("techno", 0);
    desk.click("MIDI: learn a controller for the energy");
    let params = desk.params.clone();
    drop(desk);
    assert!(!params.controller.is_learning());
}

/// The controller is no hand: it moves no parameter, or the host would record it a second time.
#[test]
fn the_energy_that_is_ridden_is_shown_and_the_hand_takes_it_back() {
    let mut desk = Desk::new("techno", 5);
    desk.params.controller.begin_learning();
    assert!(desk.params.controller.learn(74));
    desk.params.controller.say(Some(Energy::new(20.0)));
    desk.draw();
    assert_eq!((desk.params.sounding_energy().get(), desk.params.energy.value()), (20.0, 70.0));
    // To the default, where the parameter stands already: the audio thread would see no move.
    desk.window.get_by_label("Energy").focus();
    desk.draw();
    desk.key(Modifiers::NONE, Key::Delete);
    assert!(desk.params.controller.was_let_go());
    assert_eq!(desk.params.sounding_energy().get(), 70.0);
    // Elsewhere the parameter moves, which the audio thread sees.
    desk.params.controller.say(Some(Energy::new(20.0)));
    desk.key(Modifiers::NONE, Key::ArrowRight);
    assert!((desk.params.energy.value() - 71.0).abs() < 0.01 && !desk.params.controller.was_let_go());
}

#[test]
fn licences_and_the_training_data_are_one_click_away() {
    let mut desk = Desk::new("techno", 0);
    desk.click("About");
    assert!(
        desk.reads(env!("CARGO_PKG_VERSION"))
            && desk.reads("under the MIT licence or the Apache licence 2.0")
    );
    desk.click("Apache-2.0");
    assert!(desk.reads("TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION"));
    desk.click("Training data");
    assert!(desk.reads("38,026 windows of four bars"));
    desk.click("Groove MIDI");
    assert!(desk.reads("Google LLC") && desk.reads("Creative Commons Attribution 4.0"));
    desk.click("Third-party software");
    desk.window.get_by_label("Search software").focus();
    desk.draw();
    desk.window.get_by_label("Search software").type_text("nice-plug 0");
    desk.draw();
    assert!(!desk.reads("egui 0."), "it was not asked for");
    desk.window.get_by_label_contains("nice-plug 0.").click();
    desk.draw();
    assert!(
        desk.reads("https://codeberg.org/RustAudio/nice-plug")
            && desk.reads("Permission to use, copy, modify")
    );
    desk.window.get_by_label("Copy").click();
    let copied = (0..4).find_map(|_| {
        desk.window.step();
        desk.window.output().platform_output.commands.iter().find_map(|command| match command {
            egui::OutputCommand::CopyText(text) => Some(text.clone()),
            _ => None,
        })
    });
    let copied = copied.unwrap();
    assert!(copied.starts_with("nice-plug 0.") && copied.contains("Permission to use, copy, modify"));
    desk.key(Modifiers::NONE, Key::Escape);
    assert!(!desk.reads("Permission to use, copy, modify"));
    assert!(desk.window.get_by_label("About").is_focused(), "the keyboard is where it was");
}
