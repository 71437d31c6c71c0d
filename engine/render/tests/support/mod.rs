//! What the tests, the bench and the level tool share: the shipped patches, a typical part for each role, and a player.
#![allow(dead_code, missing_docs)]

use sceneloop_music::{PerRole, Role};
use sceneloop_render::{BLOCK_FRAMES, EventKind, NoteId, Patch, PatchBank, RenderEvent, Renderer, StemBlock};

/// Tempo of the parts, quarter notes a minute.
pub const BPM: f64 = 120.0;
/// Length of the parts, quarter notes: four bars.
pub const QUARTERS: f64 = 16.0;

/// All shipped patches.
pub fn bank() -> PatchBank {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../assets/patches");
    let texts: Vec<(String, String)> = Role::ALL
        .into_iter()
        .map(|role| {
            let path = format!("{folder}/{role}.toml");
            let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
            (format!("{role}.toml"), text)
        })
        .collect();
    match PatchBank::from_toml(texts.iter().map(|(name, text)| (name.as_str(), text.as_str()))) {
        Ok(bank) => bank,
        Err(error) => panic!("{error}"),
    }
}

/// The first patch of each role.
pub fn first_patches(bank: &PatchBank) -> PerRole<Patch> {
    PerRole::from_fn(|role| *bank.get(bank.ids(role).next().unwrap()).unwrap())
}

/// The first patches with one of them exchanged.
pub fn patches_with(bank: &PatchBank, id: &str) -> PerRole<Patch> {
    let mut patches = first_patches(bank);
    let patch = *bank.get(id).unwrap();
    patches[patch.role()] = patch;
    patches
}

/// A note in quarters.
#[derive(Clone, Copy, Debug)]
pub struct PartNote {
    pub role: Role,
    pub start: f64,
    pub length: f64,
    pub pitch: u8,
    pub velocity: f32,
}

/// What a role typically plays, four bars.
pub fn typical_part(role: Role) -> Vec<PartNote> {
    let mut notes = Vec::new();
    let mut add = |start: f64, length: f64, pitch: u8, velocity: f32| {
        notes.push(PartNote { role, start, length, pitch, velocity });
    };
    // A minor, F, C, G.
    let roots = [57_u8, 53, 48, 55];
    let triads = [[57_u8, 60, 64, 69], [57, 60, 65, 69], [55, 60, 64, 67], [55, 59, 62, 67]];
    for bar in 0..4 {
        let at = 4.0 * bar as f64;
        let chord = triads[bar];
        match role {
            Role::Drums => {
                for (beat, velocity) in [(0.0, 0.95), (1.75, 0.7), (2.0, 0.9), (3.5, 0.7)] {
                    add(at + beat, 0.25, 0, velocity);
                }
                add(at + 1.0, 0.25, 1, 0.9);
                add(at + 3.0, 0.25, 1, 0.92);
                for eighth in 0..8 {
                    let lane = if eighth == 7 { 5 } else { 4 };
                    add(at + 0.5 * eighth as f64, 0.25, lane, if eighth % 2 == 0 { 0.75 } else { 0.55 });
                }
                if bar == 0 {
                    add(at, 0.25, 7, 0.8);
                }
                if bar == 3 {
                    for (k, lane) in [10, 10, 9, 8].into_iter().enumerate() {
                        add(at + 3.0 + 0.25 * k as f64, 0.25, lane, 0.8);
                    }
                }
            }
            Role::Bass => {
                for eighth in 0..8 {
                    let pitch = roots[bar] - 24 + if eighth % 4 == 3 { 12 } else { 0 };
                    add(at + 0.5 * eighth as f64, 0.45, pitch.max(28), 0.8);
                }
            }
            Role::Chords => {
                for (beat, length) in [(0.0, 1.4), (1.5, 0.9), (2.5, 1.3)] {
                    for pitch in chord {
                        add(at + beat, length, pitch, 0.75);
                    }
                }
            }
            Role::Pad => {
                for pitch in chord {
                    add(at, 3.95, pitch, 0.7);
                }
            }
            Role::Arp => {
                for sixteenth in 0..16 {
                    let pitch = chord[[0, 1, 2, 3, 2, 1, 3, 2][sixteenth % 8]] + 12;
                    add(
                        at + 0.25 * sixteenth as f64,
                        0.22,
                        pitch,
                        if sixteenth % 4 == 0 { 0.85 } else { 0.65 },
                    );
                }
            }
            Role::Lead => {
                let tune = [(0.0, 0.95, 2), (1.0, 0.45, 3), (1.5, 0.95, 1), (2.5, 0.45, 2), (3.0, 0.9, 0)];
                for (beat, length, degree) in tune {
                    add(at + beat, length, chord[degree] + 12, 0.8);
                }
            }
            Role::Texture => {
                if bar == 0 {
                    add(0.0, QUARTERS, 57, 0.8);
                }
            }
        }
    }
    notes
}

/// Notes as events with absolute frames, in order; offs before ons at one frame.
pub fn events(notes: &[PartNote], rate: f64, bpm: f64) -> Vec<(u64, RenderEvent)> {
    let frame = |quarters: f64| (quarters * 60.0 / bpm * rate).round() as u64;
    let mut all = Vec::new();
    for (index, note) in notes.iter().enumerate() {
        let id = NoteId(index as u64 + 1);
        let on = EventKind::NoteOn { note: id, pitch: note.pitch, velocity: note.velocity };
        let event = |frame: u64, kind| {
            (frame, RenderEvent { frame: (frame % BLOCK_FRAMES as u64) as u32, role: note.role, kind })
        };
        all.push(event(frame(note.start), on));
        all.push(event(frame(note.start + note.length), EventKind::NoteOff { note: id }));
    }
    all.sort_by_key(|(frame, event)| (*frame, matches!(event.kind, EventKind::NoteOn { .. })));
    all
}

/// Plays events for a number of frames (rounded up to blocks) and hands every block over.
pub fn play(
    renderer: &mut Renderer,
    events: &[(u64, RenderEvent)],
    frames: u64,
    mut each: impl FnMut(&StemBlock),
) {
    let mut block = StemBlock::default();
    let mut next = 0;
    let mut now = Vec::with_capacity(64);
    for start in (0..frames).step_by(BLOCK_FRAMES) {
        now.clear();
        while next < events.len() && events[next].0 < start + BLOCK_FRAMES as u64 {
            now.push(events[next].1);
            next += 1;
        }
        renderer.render(&now, &mut block);
        each(&block);
    }
}

/// The stem of one role as two channels.
pub fn play_stem(
    renderer: &mut Renderer,
    notes: &[PartNote],
    rate: f64,
    seconds: f64,
    role: Role,
) -> [Vec<f32>; 2] {
    let mut out = [Vec::new(), Vec::new()];
    play(renderer, &events(notes, rate, BPM), (seconds * rate) as u64, |block| {
        for (channel, part) in out.iter_mut().zip(&block.0[role.index()]) {
            channel.extend_from_slice(part);
        }
    });
    out
}

/// Integrated loudness in LUFS of a patch that plays the typical part of its role alone, at 48 kHz.
pub fn loudness(bank: &PatchBank, id: &str) -> f64 {
    let patch = *bank.get(id).unwrap();
    let mut renderer = Renderer::new(48_000.0, &patches_with(bank, id), 1).unwrap();
    let seconds = QUARTERS * 60.0 / BPM;
    let [left, right] =
        play_stem(&mut renderer, &typical_part(patch.role()), 48_000.0, seconds, patch.role());
    let mut meter = ebur128::EbuR128::new(2, 48_000, ebur128::Mode::I).unwrap();
    meter.add_frames_planar_f32(&[&left, &right]).unwrap();
    meter.loudness_global().unwrap()
}

/// Loudness that a role's patches are brought to, LUFS, alone and before the master.
pub fn target_lufs(role: Role) -> f64 {
    match role {
        Role::Drums => -20.0,
        Role::Bass => -21.0,
        Role::Chords => -24.0,
        Role::Pad => -27.0,
        Role::Arp => -26.0,
        Role::Lead => -23.0,
        Role::Texture => -34.0,
    }
}
