//! The built VST3 in real third-party hosts, DawDreamer and pedalboard; `tests/python/vst3_hosts.py` says what for.

use std::path::{Path, PathBuf};
use std::process::Command;

use sceneloop_tests::host::plugin_path;

/// Python with the hosts installed: `cargo xtask test` makes it and names it.
fn python() -> PathBuf {
    std::env::var_os("SCENELOOP_PYTHON").map(PathBuf::from).expect(
        "SCENELOOP_PYTHON does not name a Python with tests/python/requirements.txt installed; `cargo xtask test` makes one",
    )
}

/// A VST3 is a folder that holds the library in a folder for its platform.
fn bundle(folder: &Path) -> PathBuf {
    let architecture = std::env::consts::ARCH;
    let (platform, name) = match std::env::consts::OS {
        "linux" => (format!("{architecture}-linux"), "Sceneloop.so"),
        "macos" => ("MacOS".to_owned(), "Sceneloop"),
        "windows" => (format!("{architecture}-win"), "Sceneloop.vst3"),
        other => panic!("VST3 has no folder for {other}"),
    };
    let bundle = folder.join("Sceneloop.vst3");
    let binaries = bundle.join("Contents").join(platform);
    std::fs::create_dir_all(&binaries).unwrap();
    std::fs::copy(plugin_path().unwrap(), binaries.join(name)).unwrap();
    bundle
}

fn check(name: &str) {
    let folder = tempfile::tempdir().unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("python/vst3_hosts.py");
    let output = Command::new(python())
        .arg("-B")
        .arg(script)
        .arg(name)
        .arg(bundle(folder.path()))
        .output()
        .expect("Python does not start");
    let (said, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    println!("{said}{errors}");
    assert!(output.status.success(), "{name}: {}\n{said}{errors}", output.status);
}

#[test]
fn beats_follow_the_tempo() {
    check("beats_follow_the_tempo");
}

#[test]
fn two_renders_are_identical() {
    check("two_renders_are_identical");
}

#[test]
fn block_size_is_not_heard() {
    check("block_size_is_not_heard");
}

#[test]
fn automation_is_the_same_in_any_blocks() {
    check("automation_is_the_same_in_any_blocks");
}

#[test]
fn energy_is_heard() {
    check("energy_is_heard");
}

#[test]
fn the_simple_host_hears_it() {
    check("the_simple_host_hears_it");
}
