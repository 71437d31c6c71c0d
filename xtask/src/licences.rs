//! `licences`: the list of the software that is built into the plugin, and the texts of its licences. The window shows both, so they
//! travel with every copy, as those licences want it.

mod files;
mod toolchain;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use anyhow::{Context, Result, bail};
use cargo_metadata::{CargoOpt, MetadataCommand, Package};

use crate::lock::{self, Named};
use crate::project::{Project, cargo};

const PLUGIN: &str = "sceneloop-plugin";
/// The program of its own shows the same window, so its packages stand in the list as well.
const FEATURES: &str = "standalone";
/// What we write for. A package that only one of them needs is listed too.
const TARGETS: [&str; 5] = [
    "x86_64-unknown-linux-gnu",
    "aarch64-unknown-linux-gnu",
    "x86_64-apple-darwin",
    "aarch64-apple-darwin",
    "x86_64-pc-windows-msvc",
];
/// Where list and texts lie, below the root.
const LIST: &str = "assets/licences/third-party.txt";
const TEXTS: &str = "assets/licences/texts.zst";
/// The command runs once in a while and its file is loaded for ever.
const COMPRESSION: i32 = 19;

const HEAD: &str = "\
# The software of others that is built into Sceneloop. Made by `cargo xtask licences`; changes by hand are lost.
# Name and version | licence | where its source is | its texts in texts.zst
";
const LEFT_OUT: &str = "# Only for building and testing; no part of the plugin:\n";

/// Writes list and texts.
pub fn licences() -> Result<()> {
    let project = Project::enter()?;
    let lock = std::fs::read_to_string("Cargo.lock").context("Cargo.lock")?;
    let mut packages: BTreeMap<Named, Package> = BTreeMap::new();
    let mut shipped = BTreeSet::new();
    for target in TARGETS {
        eprintln!("==> what is built for {target}");
        shipped.extend(tree(target)?);
        for package in known(target)? {
            packages.insert((package.name.to_string(), package.version.to_string()), package);
        }
    }
    let needed = lock::reachable(&lock, PLUGIN);
    shipped.retain(|package| needed.contains(package)); // our own are not in there
    let packages: Vec<&Package> = shipped
        .iter()
        .map(|named| packages.get(named).with_context(|| format!("cargo does not tell of {named:?}")))
        .collect::<Result<_>>()?;

    let mut texts = Texts::default();
    let mut list = String::from(HEAD);
    let (version, notices) = toolchain::notices()?;
    let ids = notices.iter().map(|text| texts.add(text)).collect::<Result<Vec<_>>>()?;
    line(
        &mut list,
        &format!("Rust standard library {version}"),
        "Apache-2.0 OR MIT",
        "https://github.com/rust-lang/rust",
        &ids,
    );
    for (package, found) in packages.iter().zip(files::of_all(&project.root, &packages)?) {
        let ids = found.iter().map(|text| texts.add(text)).collect::<Result<Vec<_>>>()?;
        let licence = expression(package)?;
        let source = match &package.repository {
            Some(repository) => repository.clone(),
            None => format!("https://crates.io/crates/{}", package.name),
        };
        line(&mut list, &format!("{} {}", package.name, package.version), &licence, &source, &ids);
    }
    list.push_str(LEFT_OUT);
    for (name, version) in needed.difference(&shipped) {
        writeln!(list, "- {name} {version}")?;
    }

    let plain = texts.joined();
    let small = zstd::encode_all(plain.as_bytes(), COMPRESSION)?;
    std::fs::create_dir_all(project.root.join("assets/licences"))?;
    std::fs::write(LIST, &list)?;
    std::fs::write(TEXTS, &small)?;
    println!("{LIST}: {} packages, {} bytes", shipped.len(), list.len());
    println!("{TEXTS}: {} texts of {} bytes in {}", texts.by_id.len(), plain.len(), small.len());
    Ok(())
}

fn line(list: &mut String, name: &str, licence: &str, source: &str, ids: &[String]) {
    let mut ids = ids.to_vec();
    ids.dedup();
    let _ = writeln!(list, "{name} | {licence} | {source} | {}", ids.join(" ")); // a String takes everything
}

/// Names and versions of what is built for a target: macros too, as parts of them are copied into what they are used in.
fn tree(target: &str) -> Result<Vec<Named>> {
    let output = cargo()
        .args(["tree", "--locked", "-p", PLUGIN, "--features", FEATURES, "-e", "normal"])
        .args(["--target", target, "--prefix", "none", "--format", "{p}"])
        .output()
        .context("cargo tree")?;
    if !output.status.success() {
        bail!("cargo tree: {}", String::from_utf8_lossy(&output.stderr));
    }
    let text = String::from_utf8(output.stdout)?;
    Ok(text
        .lines()
        .filter_map(|line| {
            let mut words = line.split(' ');
            Some((words.next()?.to_owned(), words.next()?.strip_prefix('v')?.to_owned()))
        })
        .collect())
}

/// What cargo knows of all packages of the workspace for a target.
fn known(target: &str) -> Result<Vec<Package>> {
    let options = ["--locked", "--filter-platform", target].map(str::to_owned);
    let mut command = MetadataCommand::new();
    let metadata = command.features(CargoOpt::AllFeatures).other_options(options).exec();
    Ok(metadata.with_context(|| format!("cargo metadata for {target}"))?.packages)
}

/// The licence as one writes it today, alternatives in one order: a slash was once an "or".
fn expression(package: &Package) -> Result<String> {
    let licence = package.license.as_deref().with_context(|| format!("{} names no licence", package.name))?;
    let licence = licence.replace('/', " OR ").split_whitespace().collect::<Vec<_>>().join(" ");
    if licence.contains(['(', ')']) || licence.contains(" AND ") {
        return Ok(licence);
    }
    let mut choices: Vec<&str> = licence.split(" OR ").collect();
    choices.sort_unstable();
    Ok(choices.join(" OR "))
}

/// Texts by a name that follows from the text, so that one more changes no other.
#[derive(Default)]
struct Texts {
    by_id: BTreeMap<String, String>,
}

impl Texts {
    fn add(&mut self, text: &str) -> Result<String> {
        let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
        let text = lines.join("\n").trim_matches('\n').to_owned();
        let id = format!("{:08x}", fnv(text.as_bytes()));
        let kept = self.by_id.entry(id.clone()).or_insert_with(|| text.clone());
        if *kept != text || text.contains('\u{1e}') {
            bail!("two texts are both called {id}, or one of them has a mark that parts texts");
        }
        Ok(id)
    }

    /// All of them, each behind a mark and its name.
    fn joined(&self) -> String {
        self.by_id.iter().map(|(id, text)| format!("\u{1e}{id}\n{text}\n")).collect()
    }
}

/// The hash of Fowler, Noll and Vo, 32 bits, variant 1a.
fn fnv(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}
