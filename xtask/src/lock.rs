//! What `Cargo.lock` says of a package: everything it may need, for building and testing as well. A test of the plugin reads this file too.

use std::collections::{BTreeMap, BTreeSet};

/// Name and version of a package from a registry.
pub type Named = (String, String);

/// All packages from registries that `root` may need, by the text of a `Cargo.lock`.
pub fn reachable(lock: &str, root: &str) -> BTreeSet<Named> {
    let mut by_name: BTreeMap<&str, Vec<Entry<'_>>> = BTreeMap::new();
    for block in lock.split("[[package]]").skip(1) {
        let entry = Entry::of(block);
        by_name.entry(entry.name).or_default().push(entry);
    }
    let mut seen = BTreeSet::new();
    let mut to_see = vec![(root, None)];
    while let Some((name, version)) = to_see.pop() {
        for entry in by_name.get(name).into_iter().flatten() {
            let is_meant = version.is_none_or(|version| version == entry.version);
            if is_meant && seen.insert((entry.name, entry.version, entry.is_foreign)) {
                to_see.extend(&entry.needs);
            }
        }
    }
    let foreign = seen.into_iter().filter(|(_, _, is_foreign)| *is_foreign);
    foreign.map(|(name, version, _)| (name.to_owned(), version.to_owned())).collect()
}

struct Entry<'a> {
    name: &'a str,
    version: &'a str,
    /// Whether it comes from elsewhere.
    is_foreign: bool,
    /// The version is said where there are several.
    needs: Vec<(&'a str, Option<&'a str>)>,
}

impl<'a> Entry<'a> {
    fn of(block: &'a str) -> Self {
        let mut entry = Self { name: "", version: "", is_foreign: false, needs: Vec::new() };
        for line in block.lines() {
            let line = line.trim().trim_end_matches(',');
            match line.split_once(" = ") {
                Some(("name", name)) => entry.name = name.trim_matches('"'),
                Some(("version", version)) => entry.version = version.trim_matches('"'),
                Some(("source", _)) => entry.is_foreign = true,
                None if line.starts_with('"') => {
                    let mut words = line.trim_matches('"').split(' ');
                    entry.needs.extend(words.next().map(|name| (name, words.next())));
                }
                _ => {}
            }
        }
        entry
    }
}
