//! `sceneloop scenes`: all tags.

use crate::Failure;
use crate::options::print;
use sceneloop_engine::assets::Assets;
use std::io::Write;

pub fn run(json: bool) -> Result<(), Failure> {
    let tags = Assets::shipped().map_err(Failure::work)?.scenes.tags();
    print(|out| {
        if json {
            return writeln!(out, "{}", serde_json::to_string_pretty(tags)?);
        }
        tags.iter().try_for_each(|tag| {
            let family = format!("{:?}", tag.family).to_lowercase();
            writeln!(out, "{:<11} {:<22} {}  {}", family, tag.id, tag.zh, tag.aliases.join(", "))
        })
    })
}
