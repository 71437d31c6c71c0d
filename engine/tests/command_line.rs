//! The command line as a user meets it: files, sentences, exit status.

use sceneloop_music::{MidiNote, MidiSong, PerRole, Role};
use std::path::Path;
use std::process::{Command, Output};

fn sceneloop(command: &str, out: &Path, options: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sceneloop"))
        .args([command, "--out", out.to_str().unwrap()])
        .args(options)
        .output()
        .unwrap()
}

fn compose(out: &Path, options: &[&str]) -> serde_json::Value {
    let output = sceneloop("compose", out, options);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&std::fs::read(out.join("compose.json")).unwrap()).unwrap()
}

/// The sentence of a refusal, which leaves nothing behind.
fn refused(command: &str, options: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let output = sceneloop(command, &out, options);
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(!out.exists(), "{text}");
    text
}

fn song(path: &Path) -> MidiSong {
    MidiSong::from_bytes(&std::fs::read(path).unwrap()).unwrap()
}

fn file_of(path: &Path, role: Role, keys: &[u8]) {
    let mut tracks = PerRole::default();
    let note =
        |(index, key): (usize, &u8)| MidiNote { start: index as f64, length: 1.0, key: *key, velocity: 90 };
    tracks[role] = keys.iter().enumerate().map(note).collect::<Vec<_>>();
    let song = MidiSong { tracks, length: keys.len() as f64, ..MidiSong::default() };
    std::fs::write(path, song.to_bytes()).unwrap();
}

#[test]
fn compose_writes_what_its_report_names_with_the_best_first() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("new");
    let options =
        ["--scene", "techno", "--count", "3", "--key", "F minor", "--loop-bars", "2", "--seed", "7"];
    let report = compose(&out, &options);
    assert_eq!(report["composer"], "network");
    assert_eq!(
        (&report["key"], &report["metre"], &report["bars"]),
        (&"F minor".into(), &"4/4".into(), &2.into())
    );
    let alternatives = report["alternatives"].as_array().unwrap();
    let totals: Vec<f64> = alternatives.iter().map(|one| one["score"]["total"].as_f64().unwrap()).collect();
    assert_eq!(totals.len(), 3);
    assert!(totals.windows(2).all(|pair| pair[0] >= pair[1]), "{totals:?}");
    let mut seeds: Vec<u64> = alternatives.iter().map(|one| one["seed"].as_u64().unwrap()).collect();
    seeds.sort_unstable();
    assert_eq!(seeds, [7, 8, 9]);
    for one in alternatives {
        assert!(one["score"]["likelihood"].is_number());
        let song = song(&out.join(one["midi"].as_str().unwrap()));
        assert_eq!((song.key, song.length), ("F minor".parse().ok(), 8.0));
        let notes: usize = song.tracks.iter().map(|(_, notes)| notes.len()).sum();
        assert_eq!(one["notes"], notes);
        let picture = std::fs::read(out.join(one["picture"].as_str().unwrap())).unwrap();
        assert!(picture.starts_with(b"\x89PNG"));
    }
    assert_eq!(compose(&folder.path().join("again"), &options), report);
    // Fewer loops in the same folder: what there was beyond them is gone.
    compose(&out, &["--scene", "techno", "--count", "1"]);
    assert!(out.join("01.mid").exists() && !out.join("02.mid").exists() && !out.join("03.png").exists());
}

/// Two roads: a seed on its own, and the first loop that `render` plays with it.
#[test]
fn a_seed_of_compose_is_the_seed_of_render() {
    let folder = tempfile::tempdir().unwrap();
    for composer in ["teacher", "network"] {
        let options = [
            "--scene",
            "lo-fi",
            "--key",
            "D minor",
            "--loop-bars",
            "1",
            "--composer",
            composer,
            "--device",
            "cpu",
            "--bpm",
            "80",
        ];
        let report = compose(folder.path(), &[&options[..], &["--count", "2", "--seed", "4"]].concat());
        assert_eq!(report["composer"], composer);
        assert_eq!(report["alternatives"][0]["score"]["likelihood"].is_null(), composer == "teacher");
        for one in report["alternatives"].as_array().unwrap() {
            let seed = one["seed"].to_string();
            let rendered = folder.path().join(&seed);
            let more = ["--seed", &seed, "--bars", "1", "--energy", "100", "--humanise", "0", "--no-audio"];
            assert!(sceneloop("render", &rendered, &[&options[..], &more].concat()).status.success());
            let notes = |path: &Path| {
                let song = song(path);
                song.tracks.0.map(|notes| {
                    let place = |note: &MidiNote| ((96.0 * note.start).round() as i64, note.key);
                    let mut places: Vec<_> = notes.iter().map(place).collect();
                    places.sort_unstable();
                    places
                })
            };
            let composed = folder.path().join(one["midi"].as_str().unwrap());
            assert_eq!(notes(&composed), notes(&rendered.join("loop.mid")), "{composer} {seed}");
        }
    }
}

#[test]
fn a_tune_a_bass_and_chords_are_kept_by_the_network() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path();
    let (tune, bass) = (out.join("tune.mid"), out.join("bass.mid"));
    let keys = [69, 72, 76, 74, 71, 69, 68, 69];
    file_of(&tune, Role::Chords, &keys);
    file_of(&bass, Role::Bass, &[33, 33, 40, 33]);
    let common = ["--scene", "ballad", "--count", "2", "--loop-bars", "2", "--device", "cpu"];
    let with = |option: &str, value: &str| compose(out, &[&common[..], &[option, value]].concat());
    let heard = |role: Role| -> Vec<(f64, u8)> {
        song(&out.join("02.mid")).tracks[role].iter().map(|note| (note.start, note.key)).collect()
    };

    let report = with("--melody", tune.to_str().unwrap());
    assert_eq!((&report["key"], &report["composer"]), (&"A harmonic minor".into(), &"network".into()));
    let placed: Vec<(f64, u8)> = keys.iter().enumerate().map(|(at, key)| (at as f64, *key)).collect();
    assert_eq!(heard(Role::Lead), placed);

    let report = with("--bass", bass.to_str().unwrap());
    assert_eq!(report["given"], "bass");
    assert_eq!(heard(Role::Bass), [(0.0, 33), (1.0, 33), (2.0, 40), (3.0, 33)]);

    let report = with("--chords", "Am F/A");
    assert_eq!(report["key"], "A minor");
    for one in report["alternatives"].as_array().unwrap() {
        assert_eq!(one["chords_per_bar"], serde_json::json!([["Am"], ["F/A"]]));
    }
}

#[test]
fn what_cannot_be_composed_is_refused_in_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    file_of(&path("drums.mid"), Role::Drums, &[36, 38]);
    file_of(&path("tune.mid"), Role::Lead, &[60, 61]);
    std::fs::write(path("text.mid"), "no music").unwrap();
    let [drums, tune, text, none] =
        ["drums.mid", "tune.mid", "text.mid", "none.mid"].map(|name| path(name).display().to_string());
    for (options, sentence) in [
        (&["--count", "0"][..], "count is 1 to 99"),
        (&["--count", "100"], "count is 1 to 99"),
        (&["--loop-bars", "3"], "1, 2, 4 or 8"),
        (&["--metre", "4/5"], "metre"),
        (&["--key", "H"], "not a key"),
        (&["--composer", "nobody"], "nobody"),
        (&["--chords", "Am", "--composer", "teacher"], "need the network"),
        (&["--chords", "Am", "--melody", &tune], "cannot be used with"),
        (&["--chords", "Am H"], "\"H\" is not a chord"),
        (&["--chords", "Am F G"], "3 chords do not fill 4 bars"),
        (&["--chords", ""], "0 chords"),
        (&["--chords", "C F#m"], "no scale"),
        (&["--chords", "C D", "--key", "C"], "the chord D is not in C major"),
        (&["--melody", &none], "none.mid"),
        (&["--melody", &text], "not a MIDI file"),
        (&["--melody", &tune, "--key", "C"], "Db"),
        (&["--bass", &drums], "no notes but drums"),
    ] {
        let told = refused("compose", &[&["--scene", "techno"], options].concat());
        assert!(told.contains(sentence), "{told}");
    }
    assert!(refused("compose", &["--scene", "nowhere at all"]).contains("nowhere at all"));
}

#[test]
fn the_listening_page_links_to_its_sound_and_pictures_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("page");
    let output = sceneloop("listen", &out, &["--scene", "techno", "--bars", "1", "--device", "cpu"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let page = std::fs::read_to_string(out.join("index.html")).unwrap();
    let mut linked: Vec<&str> = ["src=\"", "href=\""]
        .into_iter()
        .flat_map(|link| page.split(link).skip(1).map(|rest| rest.split('"').next().unwrap()))
        .collect();
    linked.push("index.html");
    linked.sort_unstable();
    linked.dedup();
    let mut files: Vec<String> = std::fs::read_dir(&out)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort_unstable();
    assert_eq!(files, linked);
    assert_eq!(files, ["01-network.png", "01-network.wav", "01-teacher.png", "01-teacher.wav", "index.html"]);
    for said in ["techno:1", "<b>teacher</b> on CPU", "<b>network</b> on CPU", "BPM", "LUFS", "seed 1"] {
        assert!(page.contains(said), "{said}");
    }
    let wav = hound::WavReader::open(out.join("01-network.wav")).unwrap();
    assert!(wav.duration() > 48_000);

    assert!(refused("listen", &["--bars", "0"]).contains("bars are 1 to 64"));
    assert!(refused("listen", &["--scene", "nowhere at all"]).contains("nowhere at all"));
}

#[test]
fn render_takes_events_and_refuses_those_that_cannot_be_in_a_sentence() {
    let wanted = |event| ["--scene", "forest", "--bars", "4", "--composer", "teacher", "--event", event];
    assert!(refused("render", &wanted("2:vctory")).contains("its events are victory, defeat, death"));
    assert!(refused("render", &wanted("victory")).contains("such as 4:victory"));
    assert!(
        refused("render", &wanted("5:victory")).contains("outside of the 4 bars, which are counted from 1")
    );
    assert!(refused("render", &wanted("2.9:victory")).contains("its beats are 1 to 4"));
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let options = ["--no-audio", "--rate", "22050", "--event", "3.2:Boss", "--event", "3:victory"];
    let output = sceneloop("render", &out, &[&wanted("2:victory")[..], &options].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    // The one that comes too soon is not passed over in silence.
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("note: victory in bar 3 was a moment ago"), "{told}");
    assert!(!told.contains("bar 2"), "{told}");
    let report: serde_json::Value =
        serde_json::from_slice(&std::fs::read(out.join("render.json")).unwrap()).unwrap();
    let expected = serde_json::json!([
        { "bar": 2, "beat": 1, "event": "victory" },
        { "bar": 3, "beat": 1, "event": "victory", "refused": "cooling" },
        { "bar": 3, "beat": 2, "event": "boss" },
    ]);
    assert_eq!(report["events"], expected);
}
