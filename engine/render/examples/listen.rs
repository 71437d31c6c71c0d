//! Writes what there is to hear as WAV files (48 kHz, 16 bits, stereo): of each kit every lane soft and hard and then its
//! typical part, of each texture twenty seconds, of all others the typical part, and the sounds of transitions.
//!
//! `cargo run --release -p sceneloop-render --example listen -- FOLDER [PATCH... | kit tex effect]`

#[path = "../tests/support/mod.rs"]
mod support;

use sceneloop_music::{DrumLane, Role};
use sceneloop_render::{BLOCK_FRAMES, Effect, EventKind, RenderEvent, Renderer};
use support::{BPM, PartNote, QUARTERS, bank, events, first_patches, patches_with, play, typical_part};

const RATE: f64 = 48_000.0;

fn write(path: &str, [left, right]: &[Vec<f32>; 2]) -> std::io::Result<()> {
    let bytes = 4 * left.len() as u32;
    let mut wav = Vec::with_capacity(44 + bytes as usize);
    wav.extend(b"RIFF");
    wav.extend((36 + bytes).to_le_bytes());
    wav.extend(b"WAVEfmt ");
    wav.extend(16_u32.to_le_bytes());
    for word in [1_u16, 2, 48_000, 0, 0xee00, 2, 4, 16] {
        wav.extend(word.to_le_bytes());
    }
    wav.extend(b"data");
    wav.extend(bytes.to_le_bytes());
    for (l, r) in left.iter().zip(right) {
        for x in [l, r] {
            wav.extend(((x.clamp(-1.0, 1.0) * 32_767.0) as i16).to_le_bytes());
        }
    }
    std::fs::write(path, wav)
}

/// A kit's lanes, each soft and hard, one a second, and then four bars.
fn kit_notes() -> Vec<PartNote> {
    let stroke = |second: f64, lane: DrumLane, velocity: f32| PartNote {
        role: Role::Drums,
        start: second * BPM / 60.0,
        length: 0.1,
        pitch: lane.index() as u8,
        velocity,
    };
    let lanes = DrumLane::ALL.into_iter().enumerate();
    let mut notes: Vec<PartNote> = lanes
        .flat_map(|(k, lane)| [stroke(k as f64, lane, 0.4), stroke(k as f64 + 0.5, lane, 1.0)])
        .collect();
    notes.extend(
        typical_part(Role::Drums).into_iter().map(|note| PartNote { start: note.start + 36.0, ..note }),
    );
    notes
}

fn stem(renderer: &mut Renderer, events: &[(u64, RenderEvent)], seconds: f64, role: Role) -> [Vec<f32>; 2] {
    let mut out = [Vec::new(), Vec::new()];
    play(renderer, events, (seconds * RATE) as u64, |block| {
        for (channel, part) in out.iter_mut().zip(&block.0[role.index()]) {
            channel.extend_from_slice(part);
        }
    });
    out
}

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let Some(folder) = arguments.next() else {
        eprintln!("Name a folder for the files.");
        std::process::exit(2);
    };
    std::fs::create_dir_all(&folder)?;
    let wanted: Vec<String> = arguments.collect();
    let chosen = |id: &str| wanted.is_empty() || wanted.iter().any(|w| id.starts_with(w.as_str()));
    let bank = bank();
    for role in Role::ALL {
        for id in bank.ids(role).filter(|id| chosen(id)) {
            let (notes, seconds) = match role {
                Role::Drums => (kit_notes(), 27.0),
                Role::Texture => {
                    let note = PartNote { role, start: 0.0, length: 39.0, pitch: 57, velocity: 0.8 };
                    (vec![note], 20.0)
                }
                _ => (typical_part(role), QUARTERS * 60.0 / BPM + 1.0),
            };
            let mut renderer = Renderer::new(RATE, &patches_with(&bank, id), 1).unwrap();
            write(
                &format!("{folder}/{id}.wav"),
                &stem(&mut renderer, &events(&notes, RATE, BPM), seconds, role),
            )?;
        }
    }
    for effect in Effect::ALL {
        let name = format!("effect-{effect:?}").to_lowercase();
        if chosen(&name) {
            let mut renderer = Renderer::new(RATE, &first_patches(&bank), 1).unwrap();
            let frame = 64 * (BLOCK_FRAMES as u64);
            let kind = EventKind::Effect { effect, frames: 192_000, gain: 1.0 };
            let event = (frame, RenderEvent { frame: 0, role: Role::Texture, kind });
            write(&format!("{folder}/{name}.wav"), &stem(&mut renderer, &[event], 5.0, Role::Texture))?;
        }
    }
    Ok(())
}
