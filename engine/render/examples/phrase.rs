//! Writes a phrase of each named patch (or of all pitched ones) as a WAV file, to be looked at: five keys over the role's range, each
//! at three velocities, then a chord.
//!
//! `cargo run --release -p sceneloop-render --example phrase -- FOLDER [PATCH...]`

#[path = "../tests/support/mod.rs"]
mod support;

use sceneloop_music::Role;
use sceneloop_render::Renderer;
use std::io::Write;
use support::PartNote;

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let Some(folder) = arguments.next() else {
        eprintln!("name a folder, and patches if not all are wanted");
        std::process::exit(2);
    };
    let wanted: Vec<String> = arguments.collect();
    std::fs::create_dir_all(&folder)?;
    let bank = support::bank();
    for role in Role::ALL.into_iter().filter(|role| !matches!(role, Role::Drums | Role::Texture)) {
        for id in bank.ids(role).filter(|id| wanted.is_empty() || wanted.iter().any(|w| w == id)) {
            let notes = phrase(role);
            let mut renderer = Renderer::new(48_000.0, &support::patches_with(&bank, id), 1).unwrap();
            let sides = support::play_stem(&mut renderer, &notes, 48_000.0, 14.0, role);
            write(&format!("{folder}/{id}.wav"), &sides)?;
        }
    }
    Ok(())
}

/// Fifteen notes of 0.7 s and a chord of 2 s, at 120 quarters a minute.
fn phrase(role: Role) -> Vec<PartNote> {
    let (low, high) = role.pitch_range();
    let (low, high) = (60 + i32::from(low), 60 + i32::from(high));
    let mut notes = Vec::new();
    for step in 0..15 {
        let pitch = (low + (high - low) * (step / 3) / 4) as u8;
        let velocity = [0.3, 0.65, 1.0][step as usize % 3];
        notes.push(PartNote { role, start: 1.4 * f64::from(step), length: 1.1, pitch, velocity });
    }
    let middle = ((low + high) / 2) as u8;
    let chord: &[u8] = if role == Role::Bass { &[0] } else { &[0, 4, 7, 12] };
    for above in chord {
        notes.push(PartNote { role, start: 21.4, length: 4.0, pitch: middle + above, velocity: 0.75 });
    }
    notes
}

/// A WAV file of two channels of 32-bit floats.
fn write(path: &str, [left, right]: &[Vec<f32>; 2]) -> std::io::Result<()> {
    let bytes = (left.len() * 8) as u32;
    let mut file = std::io::BufWriter::new(std::fs::File::create(path)?);
    file.write_all(b"RIFF")?;
    file.write_all(&(36 + bytes).to_le_bytes())?;
    file.write_all(b"WAVEfmt ")?;
    // Size of the format, float samples, channels, rate, bytes a second, bytes a frame, bits.
    file.write_all(&16_u32.to_le_bytes())?;
    file.write_all(&3_u16.to_le_bytes())?;
    file.write_all(&2_u16.to_le_bytes())?;
    file.write_all(&48_000_u32.to_le_bytes())?;
    file.write_all(&384_000_u32.to_le_bytes())?;
    file.write_all(&8_u16.to_le_bytes())?;
    file.write_all(&32_u16.to_le_bytes())?;
    file.write_all(b"data")?;
    file.write_all(&bytes.to_le_bytes())?;
    for (l, r) in left.iter().zip(right) {
        file.write_all(&l.to_le_bytes())?;
        file.write_all(&r.to_le_bytes())?;
    }
    file.flush()
}
