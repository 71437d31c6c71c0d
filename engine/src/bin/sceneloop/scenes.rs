//! `sceneloop scenes`: all tags.

use crate::Failure;
use sceneloop_engine::assets::Assets;
use std::io::Write;

pub fn run(json: bool) -> Result<(), Failure> {
    let tags = Assets::shipped().map_err(Failure::work)?.scenes.tags();
    let mut out = std::io::stdout().lock();
    let written = if json {
        serde_json::to_string_pretty(tags)
            .map_err(std::io::Error::from)
            .and_then(|text| writeln!(out, "{text}"))
    } else {
        tags.iter().try_for_each(|tag| {
            let family = format!("{:?}", tag.family).to_lowercase();
            writeln!(out, "{:<11} {:<22} {}  {}", family, tag.id, tag.zh, tag.aliases.join(", "))
        })
    };
    match written {
        // A reader that has seen enough, such as `head`, is no error.
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(Failure::work(error)),
        _ => Ok(()),
    }
}
