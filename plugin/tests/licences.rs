//! The list of the software of others is as `Cargo.lock` is, with all of its texts, and the note on the training data as the network's card.

#[path = "../../xtask/src/lock.rs"]
mod lock;

use sceneloop_plugin::licences;
use std::collections::BTreeSet;

#[test]
fn all_that_is_built_in_is_listed() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.lock");
    let lock = std::fs::read_to_string(path).unwrap();
    let needed = lock::reachable(&lock, "sceneloop-plugin");
    let needed: BTreeSet<String> =
        needed.into_iter().map(|(name, version)| format!("{name} {version}")).collect();
    let shipped = licences::packages().map(|package| package.name.to_owned());
    // It comes with the compiler, not by the lock.
    let shipped = shipped.filter(|name| !name.starts_with("Rust standard library "));
    let listed: BTreeSet<String> = shipped.chain(licences::left_out().map(str::to_owned)).collect();
    let missing: Vec<&String> = needed.difference(&listed).collect();
    let gone: Vec<&String> = listed.difference(&needed).collect();
    assert!(
        missing.is_empty() && gone.is_empty(),
        "run `cargo xtask licences` and keep what it writes: not listed are {missing:?}, listed and gone are {gone:?}"
    );
}

#[test]
fn every_package_has_all_of_its_texts() {
    let texts = licences::Texts::read().unwrap();
    let mut count = 0;
    for package in licences::packages() {
        let found: Vec<&str> = texts.of(&package).collect();
        assert_eq!(found.len(), package.texts.len(), "{}", package.name);
        // Every licence says so; what only points to one does not.
        let is_whole = |text: &&str| {
            let text = text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
            text.contains("as is") || text.contains("as-is")
        };
        assert!(found.iter().any(is_whole), "{}", package.name);
        assert!(package.source.starts_with("http") && !package.licence.is_empty(), "{}", package.name);
        count += 1;
    }
    assert!(count > 400, "{count}");
}

#[test]
fn the_note_names_what_the_network_s_card_names() {
    let card = include_str!("../../assets/model/MODEL.md").split_whitespace().collect::<Vec<_>>().join(" ");
    for collection in &licences::COLLECTIONS {
        assert!(card.contains(collection.name), "{}", collection.name);
    }
    assert!(card.contains("38,026 windows of four bars") && card.contains("2.57 million weights"));
}
