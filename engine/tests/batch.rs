//! The batch renderer as a judge meets it: records that agree with the sound, and nothing rendered twice.

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};
use std::time::SystemTime;

fn batch(out: &Path, options: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sceneloop"))
        .args(["batch", "--composer", "teacher", "--out", out.to_str().unwrap()])
        .args(options)
        .output()
        .unwrap()
}

fn records(out: &Path) -> Vec<Value> {
    let read = |path: &Path| serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let names: Vec<String> = serde_json::from_value(read(&out.join("batch.json"))).unwrap();
    names.iter().map(|name| read(&out.join(format!("{name}.json")))).collect()
}

fn changed(out: &Path) -> Vec<(String, SystemTime)> {
    let mut files: Vec<_> = std::fs::read_dir(out)
        .unwrap()
        .map(Result::unwrap)
        .filter(|entry| entry.file_name() != "batch.json")
        .map(|entry| {
            (entry.file_name().into_string().unwrap(), entry.metadata().unwrap().modified().unwrap())
        })
        .collect();
    files.sort();
    files
}

#[test]
fn a_batch_is_all_combinations_each_with_a_record_that_agrees_with_its_sound() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("batch");
    let options = ["--scene", "techno", "--scene", "rain", "--energy", "20,80", "--seconds", "5", "--stems"];
    let output = batch(&out, &options);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let made = records(&out);
    let wishes: Vec<_> = made
        .iter()
        .map(|record| (record["asked"].as_str().unwrap(), record["wish"]["energy"].as_f64().unwrap()))
        .collect();
    assert_eq!(wishes, [("techno", 20.0), ("techno", 80.0), ("rain", 20.0), ("rain", 80.0)]);
    for record in &made {
        let name = record["name"].as_str().unwrap();
        let wav = hound::WavReader::open(out.join(format!("{name}.wav"))).unwrap();
        assert_eq!(u64::from(wav.duration()), record["frames"].as_u64().unwrap());
        assert!(wav.duration() >= 5 * 48_000);
        assert!(std::fs::read(out.join(format!("{name}.png"))).unwrap().starts_with(b"\x89PNG"));
        assert!(record["stem_residual_db"].as_f64().unwrap() <= -90.0, "{name}");
        assert!(record["mix"]["loudness_lufs"].as_f64().unwrap() > -50.0, "{name}");
        assert!(record["mix"]["centroid_hz"].as_f64().unwrap() > 50.0, "{name}");
        assert_eq!(record["composers"], serde_json::json!(["teacher"]));
        // The notes of pitched roles that play keep to what the record says is allowed.
        let tones = |value: &Value| -> Vec<u64> {
            value.as_array().unwrap().iter().map(|tone| tone.as_u64().unwrap()).collect()
        };
        let mut allowed = tones(&record["harmony"]);
        record["chords"]
            .as_array()
            .unwrap()
            .iter()
            .for_each(|chord| allowed.extend(tones(&chord["classes"])));
        for note in record["notes"].as_array().unwrap() {
            let (role, key) = (note[0].as_u64().unwrap(), note[3].as_u64().unwrap());
            assert!(role == 0 || allowed.contains(&(key % 12)), "{name}: {note}");
        }
    }
    // Loop seams lie where loops begin: each four bars.
    let kinds: Vec<&str> =
        made[1]["seams"].as_array().unwrap().iter().map(|seam| seam["kind"].as_str().unwrap()).collect();
    assert!(kinds.iter().enumerate().all(|(index, kind)| (*kind == "loop") == (index % 4 == 3)), "{kinds:?}");
    // The same seed at two energies, so that they are one piece.
    assert_eq!(made[0]["wish"]["seed"], made[1]["wish"]["seed"]);
    assert_ne!(made[0]["wish"]["seed"], made[2]["wish"]["seed"]);
    assert_ne!(made[0]["samples"], made[1]["samples"]);

    // What is there stays; what is asked for otherwise is made anew, and its sound is the same where its notes are.
    let before = changed(&out);
    assert!(batch(&out, &options).status.success());
    assert_eq!(changed(&out), before);
    let name = made[3]["name"].as_str().unwrap();
    std::fs::remove_file(out.join(format!("{name}.wav"))).unwrap();
    assert!(batch(&out, &options).status.success());
    assert_eq!(records(&out)[3]["samples"], made[3]["samples"]);
    assert_eq!(changed(&out).iter().zip(&before).filter(|(now, then)| now != then).count(), 3);
}

#[test]
fn what_cannot_be_rendered_is_refused_in_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    for (options, sentence) in [
        (&["--seconds", "0"][..], "seconds are 1 to 600"),
        (&["--seeds", "0"], "seeds are 1 to 99"),
        (&["--jobs", "0"], "jobs are 1 to 64"),
        (&["--sample", "0"], "1 scene at least"),
        (&["--energy", "20,101"], "energy is 0 to 100, not 101"),
        (&["--energy", "20,20"], "asked for twice"),
        (&["--scene", "nowhere at all"], "nowhere at all"),
        (&["--families", "--scene", "rain"], "cannot be used with"),
    ] {
        let out = folder.path().join("out");
        let output = batch(&out, options);
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert!(text.contains(sentence) && text.lines().count() == 1, "{text}");
        assert!(!out.exists(), "{text}");
    }
}
