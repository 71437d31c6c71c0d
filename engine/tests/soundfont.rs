//! SoundFonts in the engine: a file plays a role and nothing else changes; projects remember it, open without it, and refuse what is
//! none.

#[path = "../render/tests/support/sf2.rs"]
mod sf2;

use sceneloop_engine::export::measure::loudness;
use sceneloop_engine::export::{EnergyCurve, Take, TakeRequest};
use sceneloop_engine::{Controls, Engine, EngineState, FontChoice, FontPreset, Form, Preference};
use sceneloop_music::{Bpm, Energy, Metre, Role};
use std::path::{Path, PathBuf};

const SCENE: &str = "forest";

fn engine() -> Engine {
    let engine = Engine::with(Preference::TEACHER).unwrap();
    engine.set_scene(SCENE).unwrap();
    engine
}

fn take(engine: &Engine) -> Take {
    take_at(engine, 48_000)
}

fn take_at(engine: &Engine, sample_rate: u32) -> Take {
    let request = TakeRequest {
        bpm: Bpm::new(120.0).unwrap(),
        metre: Metre::FOUR_FOUR,
        bars: 4,
        curve: EnergyCurve::level(Energy::new(90.0)),
        controls: Controls { form: Form::Off, ..Controls::default() },
        sample_rate,
        tail_seconds: 0.0,
        stems: true,
    };
    Take::render(engine, request, |_| ()).unwrap()
}

fn written(folder: &Path) -> PathBuf {
    let path = folder.join("small one.sf2");
    std::fs::write(&path, sf2::file()).unwrap();
    path
}

/// Loudness of a role's stem, LUFS.
fn lufs([left, right]: &[Vec<f32>; 2]) -> f64 {
    loudness([left, right], 48_000).unwrap()
}

fn choice(path: &Path) -> FontChoice {
    path.to_str().unwrap().parse().unwrap()
}

#[test]
fn a_soundfont_plays_its_role_and_no_other_and_goes_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = written(folder.path());
    let engine = engine();
    let before = take(&engine);
    for role in [Role::Lead, Role::Drums] {
        engine.set_soundfont(role, Some(choice(&path))).unwrap();
        let name = engine.soundfont(role).unwrap().preset.unwrap().name;
        assert_eq!(name, if role == Role::Drums { "Noise" } else { "Tone" });
        let with = take(&engine);
        for other in Role::ALL {
            // The kick ducks others alike, whoever plays it.
            assert_eq!(with.stems[other] == before.stems[other], other != role, "{role}: {other}");
        }
        let off = lufs(&with.stems[role]) - lufs(&before.stems[role]);
        assert!(off.abs() < 7.0, "{role} is {off:+.1} dB louder than its patch");
        assert!(with.main.iter().flatten().all(|x| x.abs() < 1.0));
        assert_eq!(with.main, take(&engine).main, "{role}: a second take sounds different");
        engine.set_soundfont(role, None).unwrap();
        assert!(engine.soundfont(role).is_none());
    }
    assert_eq!(take(&engine).main, before.main);
}

#[test]
fn projects_remember_it_and_open_without_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = written(folder.path());
    let first = engine();
    let plain = take(&first);
    first.set_soundfont(Role::Pad, Some(choice(&path))).unwrap();
    let heard = take(&first);
    assert_ne!(heard.main, plain.main);
    let saved = serde_json::to_value(first.state()).unwrap();
    assert_eq!(saved["soundfonts"]["pad"]["path"], path.to_str().unwrap());

    let open = || {
        let engine = Engine::with(Preference::TEACHER).unwrap();
        engine.set_state(EngineState::from_json(saved.clone()).unwrap()).unwrap();
        engine
    };
    assert_eq!(take(&open()).main, heard.main);
    std::fs::remove_file(&path).unwrap();
    let without = open();
    assert_eq!(take(&without).main, plain.main, "its patch plays");
    let why = without.soundfont(Role::Pad).unwrap().preset.unwrap_err();
    assert!(why.contains("small one.sf2") && why.contains("cannot read"), "{why}");
    // It is not lost by a save.
    assert_eq!(serde_json::to_value(without.state()).unwrap()["soundfonts"], saved["soundfonts"]);
    // What is wrong in itself is refused whole.
    let mut bad = saved;
    bad["soundfonts"]["pad"]["preset"] = serde_json::json!({ "bank": 700, "program": 3 });
    assert!(EngineState::from_json(bad).unwrap_err().to_string().contains("700:3"));
}

#[test]
fn what_is_no_soundfont_is_refused_in_a_sentence_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = written(folder.path());
    let engine = engine();
    engine.set_soundfont(Role::Lead, Some(choice(&path))).unwrap();
    let broken = folder.path().join("broken.sf2");
    let mut bytes = sf2::file();
    bytes.truncate(bytes.len() / 2);
    std::fs::write(&broken, bytes).unwrap();
    let text = folder.path().join("notes.txt");
    std::fs::write(&text, "not music at all").unwrap();
    let missing = FontChoice { preset: Some(FontPreset { bank: 0, program: 99 }), ..choice(&path) };
    let cases =
        [choice(&broken), choice(&text), choice(folder.path()), choice(Path::new("/nowhere.sf2")), missing];
    for bad in cases {
        let why = engine.set_soundfont(Role::Lead, Some(bad.clone())).unwrap_err().to_string();
        assert!(!why.contains('\n') && why.len() > 20, "{bad}: {why}");
        assert_eq!(engine.soundfont(Role::Lead).unwrap().choice, choice(&path), "{bad}");
    }
    for text in ["", "  ", "a.sf2@500:1", "a.sf2@0:200"] {
        assert!(text.parse::<FontChoice>().is_err(), "{text}");
    }
    for text in ["a.sf2", "a@b.sf2", "a.sf2@128:0"] {
        assert_eq!(text.parse::<FontChoice>().unwrap().to_string(), text);
    }
}

/// A file that was read too late: a project was loaded meanwhile, and that stays. And a stream of another rate gets a player of its own.
#[test]
fn rates_change_and_a_project_that_is_loaded_wins() {
    let folder = tempfile::tempdir().unwrap();
    let path = written(folder.path());
    let engine = engine();
    let plain = |rate| take_at(&engine, rate);
    let before = [plain(44_100), plain(96_000)];
    engine.set_soundfont(Role::Lead, Some(choice(&path))).unwrap();
    for (rate, before) in [44_100, 96_000].into_iter().zip(&before) {
        let with = take_at(&engine, rate);
        assert!(with.stems[Role::Lead] != before.stems[Role::Lead], "{rate}: the patch plays");
        assert_eq!(with.soundfonts[&Role::Lead], format!("{}@0:0", path.display()));
    }
    let state = serde_json::to_value(engine.state()).unwrap();
    let mut other = state.clone();
    other["soundfonts"] = serde_json::json!({ "bass": { "path": path } });
    let reading: Vec<_> = (0..8)
        .map(|_| {
            let (engine, choice) = (engine.clone(), choice(&path));
            std::thread::spawn(move || engine.set_soundfont(Role::Lead, Some(choice)))
        })
        .collect();
    engine.set_state(EngineState::from_json(other.clone()).unwrap()).unwrap();
    for thread in reading {
        if let Err(error) = thread.join().unwrap() {
            assert!(error.to_string().contains("lead"), "{error}");
        }
    }
    // Whoever began before the project was loaded has not changed it; who began after it may have.
    assert!(engine.soundfont(Role::Bass).unwrap().preset.is_ok());
    engine.set_state(EngineState::from_json(other).unwrap()).unwrap();
    assert!(engine.soundfont(Role::Lead).is_none() && engine.soundfont(Role::Bass).is_some());
}
