//! What the rooms may not know of each other, and what the repository may not hold.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// No file of the repository is larger, in bytes: larger ones are data that a command should make.
const LARGEST_FILE: u64 = 8 << 20;
/// What we ship as data altogether stays below this, in bytes.
const ALL_ASSETS: u64 = 40 << 20;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

fn stdout(command: &mut Command) -> String {
    let output = command.current_dir(root()).output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Names of all crates that `package` is built from, itself included, test-only ones left out.
fn crates_of(package: &str) -> BTreeSet<String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let tree = stdout(Command::new(cargo).args([
        "tree", "--quiet", "--edges", "normal", "--prefix", "none", "--format", "{p}", "-p", package,
    ]));
    let crates: BTreeSet<String> =
        tree.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect();
    assert!(crates.contains(package), "cargo tree has no {package}: {tree}");
    crates
}

fn assert_free_of(package: &str, forbidden: &[&str]) {
    let crates = crates_of(package);
    for name in forbidden {
        assert!(!crates.contains(*name), "{package} must not depend on {name}");
    }
}

/// Paths of all files under version control, relative to the root.
fn tracked_files() -> Vec<PathBuf> {
    stdout(Command::new("git").args(["ls-files", "-z"])).split_terminator('\0').map(PathBuf::from).collect()
}

#[test]
fn music_knows_words_only() {
    assert_free_of(
        "sceneloop-music",
        &[
            "sceneloop-render",
            "sceneloop-engine",
            "fundsp",
            "hound",
            "ringbuf",
            "crossbeam-channel",
            "rayon",
            "burn",
            "nice-plug",
            "egui",
        ],
    );
}

#[test]
fn render_knows_music_only() {
    assert_free_of(
        "sceneloop-render",
        &[
            "sceneloop-engine",
            "hound",
            "ringbuf",
            "crossbeam-channel",
            "rayon",
            "burn",
            "nice-plug",
            "egui",
            "include_dir",
        ],
    );
}

/// burn's training half is for the `training` package only; it would make the plugin large.
#[test]
fn the_plugin_cannot_train() {
    assert_free_of("sceneloop-plugin", &["burn-train", "burn-autodiff", "sceneloop-tests", "xtask"]);
    assert_free_of(
        "sceneloop-engine",
        &["burn-train", "burn-autodiff", "nice-plug", "egui", "sceneloop-plugin"],
    );
}

/// By name a crate cannot be seen to open a file, so the source is read.
#[test]
fn music_and_render_touch_no_file_and_no_thread() {
    let mut read = 0;
    for file in tracked_files() {
        let in_room = ["engine/music/src", "engine/render/src"].iter().any(|room| file.starts_with(room));
        // Tests may do what the code may not: they read assets, for one.
        let is_code =
            file.extension().is_some_and(|extension| extension == "rs") && !file.ends_with("tests.rs");
        if !in_room || !is_code {
            continue;
        }
        // A file that was removed but not yet committed as such is not there to read.
        let Ok(text) = std::fs::read_to_string(root().join(&file)) else { continue };
        let code = text.split("#[cfg(test)]").next().unwrap();
        for word in ["std::fs", "std::thread", "std::net", "std::process", "File::open"] {
            assert!(!code.contains(word), "{} uses {word}", file.display());
        }
        read += 1;
    }
    assert!(read > 10, "only {read} files were read");
}

#[test]
fn no_file_is_large_and_assets_stay_small() {
    let mut assets = 0;
    for file in tracked_files() {
        let Ok(size) = std::fs::metadata(root().join(&file)).map(|data| data.len()) else { continue };
        assert!(size <= LARGEST_FILE, "{} has {size} bytes", file.display());
        if file.starts_with("assets") {
            assets += size;
        }
    }
    assert!(assets < ALL_ASSETS, "assets have {assets} bytes");
}
