//! The texts of licences in the sources of packages, and what stands in where a package brings none.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail};
use cargo_metadata::Package;

/// How the names of files with licences and notices begin.
const NAMES: [&str; 8] = ["license", "licence", "copying", "copyright", "notice", "unlicense", "ofl", "ufl"];
/// No text that one reads has these ends.
const CODE: [&str; 7] = [".rs", ".py", ".toml", ".yml", ".c", ".h", ".ttf"];
/// Folders of which nothing is built in.
const ASIDE: [&str; 6] = ["tests", "test", "examples", "benches", "docs", "target"];
/// A text of one line that says where another file is: it was a link before it was packed.
const LINK: &str = "../";
/// Two packages may also be had under a licence of this beginning; we take the other.
const NOT_TAKEN: &str = "GNU GENERAL PUBLIC LICENSE";
/// Where licences lie that name nobody: the licence, a package that brings exactly that text, and the file.
const SAME_FOR_ALL: [(&str, &str, &str); 3] = [
    ("MPL-2.0", "triple_buffer", "LICENSE"),
    ("BSL-1.0", "xxhash-rust", "LICENSE"),
    ("Unlicense", "memchr", "UNLICENSE"),
];

/// The texts of each package.
pub fn of_all(root: &Path, packages: &[&Package]) -> Result<Vec<Vec<String>>> {
    let mut found = Vec::new();
    let mut has_own = Vec::new();
    for package in packages {
        let folder = package.manifest_path.parent().context("a manifest lies in a folder")?;
        let mut texts = BTreeMap::new();
        search(folder.as_std_path(), &mut texts)?;
        if let Some(file) = package.license_file() {
            let text = read(file.as_std_path())?;
            texts.insert(file.into_string(), text);
        }
        texts.retain(|_, text| ![NOT_TAKEN, LINK].iter().any(|begin| text.trim_start().starts_with(begin)));
        // What lies deeper is of a part only.
        has_own.push(
            texts
                .iter()
                .any(|(path, text)| Path::new(path).parent() == Some(folder.as_std_path()) && is_whole(text)),
        );
        found.push(texts.into_values().collect::<Vec<_>>());
    }
    let of_repository: BTreeMap<String, Vec<String>> = packages
        .iter()
        .zip(&found)
        .zip(&has_own)
        .filter(|(_, has_own)| **has_own)
        .filter_map(|((package, texts), _)| Some((repository(package)?, texts.clone())))
        .collect();
    for ((package, texts), has_own) in packages.iter().zip(&mut found).zip(has_own) {
        if !has_own {
            let beside = repository(package).and_then(|name| of_repository.get(&name).cloned());
            texts.extend(match beside {
                Some(texts) => texts,
                None => vec![stand_in(root, package, packages)?],
            });
        }
    }
    Ok(found)
}

/// Whether a text is a licence and not the way to one: every licence says that there is no warranty.
fn is_whole(text: &str) -> bool {
    let text = text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
    text.contains("as is") || text.contains("as-is")
}

/// All texts in a folder and below, by path.
fn search(folder: &Path, texts: &mut BTreeMap<String, String>) -> Result<()> {
    for entry in std::fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        if path.is_dir() {
            if !ASIDE.contains(&name.as_str()) {
                search(&path, texts)?;
            }
            continue;
        }
        let is_named = NAMES.iter().any(|begin| name.starts_with(begin)) || name.contains("-license");
        // A font's licence lies beside it, under its name.
        let is_of_font = name.ends_with(".txt") && path.with_extension("ttf").is_file();
        if (is_named || is_of_font) && !CODE.iter().any(|end| name.ends_with(end)) {
            texts.insert(path.to_string_lossy().into_owned(), read(&path)?);
        }
    }
    Ok(())
}

fn read(path: &Path) -> Result<String> {
    let bytes = std::fs::read(path).with_context(|| path.display().to_string())?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The repository without the place inside it: packages of one share their licence files.
fn repository(package: &Package) -> Option<String> {
    let url = package.repository.as_deref()?;
    let url = url.split("/tree/").next()?.trim_end_matches('/').trim_end_matches(".git");
    Some(url.to_lowercase())
}

/// The text that a package means which brings none: where the licence names somebody, its authors.
fn stand_in(root: &Path, package: &Package, packages: &[&Package]) -> Result<String> {
    let licence = package.license.as_deref().unwrap_or_default();
    if licence.contains("MIT") {
        let authors = if package.authors.is_empty() {
            format!("The developers of {}", package.name)
        } else {
            package.authors.join(", ")
        };
        let own = std::fs::read_to_string(root.join("LICENSE-MIT")).context("LICENSE-MIT")?;
        let lines = own.lines().map(|line| match line.strip_prefix("Copyright (c) ") {
            Some(_) => format!("Copyright (c) {authors}"),
            None => line.to_owned(),
        });
        return Ok(lines.collect::<Vec<_>>().join("\n"));
    }
    if licence == "Apache-2.0" {
        return std::fs::read_to_string(root.join("LICENSE-APACHE")).context("LICENSE-APACHE");
    }
    for (name, of, file) in SAME_FOR_ALL {
        if name == licence {
            let other = packages.iter().find(|package| package.name.as_str() == of);
            let folder = other.and_then(|package| package.manifest_path.parent());
            return read(folder.with_context(|| format!("{of} is gone"))?.join(file).as_std_path());
        }
    }
    bail!("{} brings no text of its licence, {licence}, and none stands in", package.name)
}
