//! Sections as they are heard: in a bounce, behind a jump, in a file, in a project.

use sceneloop_engine::arranger::Part;
use sceneloop_engine::export::report::Report;
use sceneloop_engine::export::{EnergyCurve, PlayedNote, Take, TakeRequest};
use sceneloop_engine::{Controls, Engine, EngineState, Form, Preference};
use sceneloop_music::{Bpm, DrumLane, Energy, Metre, Role, Section};

const RATE: u32 = 22_050;
const SCENE: &str = "techno [verse:2] [build:2] [drop:2] [outro:2]";

fn engine(scene: &str) -> Engine {
    let engine = Engine::with(Preference::TEACHER).unwrap();
    engine.set_scene(scene).unwrap();
    engine
}

fn request(bars: u32, form: Form, energy: f32) -> TakeRequest {
    TakeRequest {
        bpm: Bpm::new(150.0).unwrap(),
        metre: Metre::FOUR_FOUR,
        bars,
        curve: EnergyCurve::level(Energy::new(energy)),
        controls: Controls { seed: 5, bars: 2, form, ..Controls::default() },
        sample_rate: RATE,
        tail_seconds: 0.0,
        stems: false,
    }
}

fn take(scene: &str, bars: u32, form: Form, energy: f32) -> Take {
    Take::render(&engine(scene), request(bars, form, energy), |_| ()).unwrap()
}

#[test]
fn sections_that_are_asked_for_are_heard_in_their_order_and_stand_in_the_files() {
    let taken = take(SCENE, 10, Form::Auto, 70.0);
    let sections: Vec<_> =
        taken.sections().iter().map(|played| (played.bar, played.bars, played.section)).collect();
    use Section::{A, Build, Drop, Outro};
    assert_eq!(sections, [(0, 2, A), (2, 2, Build), (4, 2, Drop), (6, 2, Outro), (8, 2, A)]);
    let markers: Vec<_> =
        taken.midi().markers.into_iter().filter(|(_, text)| text.starts_with('[')).collect();
    assert_eq!(markers[2], (16.0, "[drop]".to_owned()));
    assert_eq!(markers.len(), 5);
    let report = Report::new(&taken, None, "CPU", 1.0);
    assert_eq!(report.sections[1].section, "build");
    assert_eq!(report.scene, "techno:1 [verse:2] [build:2] [drop:2] [outro:2]");
    // The bar before the drop rolls and has no bass; the drop has all of it back.
    let bar_frames = 4.0 * 60.0 / 150.0 * f64::from(RATE);
    let count = |bar: u32, role: Role, key: Option<u8>| {
        let inside = |frame: u64| (frame as f64 / bar_frames + 0.01) as u32 == bar;
        let wanted = |note: &&PlayedNote| note.role == role && key.is_none_or(|key| note.key == key);
        taken.notes.iter().filter(wanted).filter(|note| inside(note.start)).count()
    };
    assert_eq!(count(3, Role::Bass, None), 0);
    let snare = Some(DrumLane::Snare.midi_key());
    assert!(count(3, Role::Drums, snare) >= 8, "{} strokes", count(3, Role::Drums, snare));
    assert!(count(4, Role::Bass, None) > 0);
}

#[test]
fn a_bounce_with_sections_is_the_same_every_time() {
    let (one, two) = (take(SCENE, 8, Form::Auto, 80.0), take(SCENE, 8, Form::Auto, 80.0));
    assert_eq!(one.notes, two.notes);
    assert!(one.main == two.main && one.main[0].iter().any(|sample| sample.abs() > 0.01));
}

#[test]
fn more_energy_takes_no_note_away_in_any_section() {
    for (scene, bars) in [(SCENE, 8), ("pop [intro:2] [chorus:2] [bridge:2] [break:2]", 8)] {
        let starts = |energy: f32| {
            let taken = take(scene, bars, Form::Auto, energy);
            taken.notes.iter().map(|note| (note.start, note.role, note.key)).collect::<Vec<_>>()
        };
        let levels = [0.0, 35.0, 70.0, 100.0].map(starts);
        for pair in levels.windows(2) {
            assert!(pair[0].iter().all(|note| pair[1].contains(note)), "{scene}");
            assert!(pair[0].len() < pair[1].len());
        }
        assert!(!levels[0].is_empty());
    }
}

#[test]
fn without_a_form_loops_are_plain_and_sections_change_nothing() {
    let (plain, asked) = (take("techno", 4, Form::Off, 70.0), take(SCENE, 4, Form::Off, 70.0));
    assert_eq!(plain.notes, asked.notes);
    assert!(asked.sections().is_empty());
    assert!(asked.loops.iter().all(|played| played.playing.key.part == Part::Plain));
    // The song begins with its theme either way.
    let song = take("techno", 2, Form::Auto, 70.0);
    let first: Vec<_> =
        plain.notes.iter().filter(|note| note.start < 2 * 35_280).map(|n| (n.start, n.key)).collect();
    let begun: Vec<_> = song.notes.iter().map(|note| (note.start, note.key)).collect();
    assert_eq!(begun, first);
}

/// A project of the first format knows plain loops only, and plays them where it is played as such.
#[test]
fn a_project_from_before_there_were_sections_plays_its_notes() {
    let engine = engine("pop");
    let taken = Take::render(&engine, request(6, Form::Off, 70.0), |_| ()).unwrap();
    let mut saved = serde_json::to_value(engine.state()).unwrap();
    assert_eq!(saved["version"], 4);
    assert!(!saved.to_string().contains("\"part\""), "plain loops are written as they were");
    saved["version"] = 1.into();
    // Notes that nobody would write prove that the saved ones play.
    for pinned in saved["loops"].as_array_mut().unwrap() {
        pinned["grid"]["clips"][Role::Drums.index()] = serde_json::json!([]);
    }
    let reopened = Engine::with(Preference::TEACHER).unwrap();
    reopened.set_state(EngineState::from_json(saved).unwrap()).unwrap();
    let again = Take::render(&reopened, request(2, Form::Off, 70.0), |_| ()).unwrap();
    assert!(!again.notes.is_empty() && again.notes.iter().all(|note| note.role != Role::Drums));
    let pitched = taken.notes.iter().filter(|note| note.role != Role::Drums && note.start < 2 * 35_280);
    assert_eq!(again.notes.len(), pitched.count());
}

#[test]
fn a_project_in_the_middle_of_its_form_opens_to_what_it_played() {
    let scene = "pop [verse:2] [chorus:4]";
    let engine = engine(scene);
    let taken = Take::render(&engine, request(4, Form::Auto, 70.0), |_| ()).unwrap();
    let state = engine.state();
    let parts: Vec<_> = state.loops.iter().map(|pinned| (pinned.key.part, pinned.key.index)).collect();
    let here = engine.now_playing().unwrap().loop_index;
    for part in [(Part::Plain, 0), (Part::Theme, 1), (Part::Section, here), (Part::Section, here + 1)] {
        assert!(parts.contains(&part), "{parts:?}");
    }
    let text = serde_json::to_string(&state).unwrap();
    let reopened = Engine::with(Preference::TEACHER).unwrap();
    reopened.set_state(EngineState::from_json(serde_json::from_str(&text).unwrap()).unwrap()).unwrap();
    assert_eq!(reopened.scene_text(), "pop:1 [verse:2] [chorus:4]");
    let again = Take::render(&reopened, request(4, Form::Auto, 70.0), |_| ()).unwrap();
    assert_eq!(again.notes, taken.notes);
    assert_eq!(reopened.state(), state);
}
