//! `sceneloop scenes`: all tags.

use crate::Failure;
use crate::options::print;
use sceneloop_engine::assets::Assets;
use sceneloop_music::Stinger;
use std::io::Write;

/// Whether an event is a scene's own, not one of those that every scene has.
fn is_own(event: &str) -> bool {
    Stinger::ALL.iter().all(|known| known.name() != event)
}

pub fn run(json: bool) -> Result<(), Failure> {
    let tags = Assets::shipped().map_err(Failure::work)?.scenes.tags();
    print(|out| {
        if json {
            return writeln!(out, "{}", serde_json::to_string_pretty(tags)?);
        }
        tags.iter().try_for_each(|tag| {
            let family = format!("{:?}", tag.family).to_lowercase();
            write!(out, "{:<11} {:<22} {}  {}", family, tag.id, tag.zh, tag.aliases.join(", "))?;
            let own: Vec<&str> = tag.events.keys().map(String::as_str).filter(|name| is_own(name)).collect();
            match own.is_empty() {
                true => writeln!(out),
                false => writeln!(out, "  (events: {})", own.join(", ")),
            }
        })
    })
}
