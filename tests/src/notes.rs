//! The notes of a recording as text, for files that say what a project must play.

use std::collections::BTreeMap;
use std::fmt::Write;

use sceneloop_music::Role;

use crate::host::Recording;

/// Steps in a quarter note.
const STEPS: f64 = 4.0;

/// Every note that begins within so many bars of 4/4, to the nearest sixteenth, so that swing and loose hands say nothing:
/// a line for each bar and role, `step:key*velocity` for each note.
pub fn written(recording: &Recording, bars: i64) -> String {
    // Notes as they are written, by bar and role.
    let mut lines = BTreeMap::<(i64, usize), Vec<_>>::new();
    for note in recording.starts(None) {
        let step = (recording.position(note.frame) * STEPS).round() as i64;
        let role = Role::ALL.into_iter().position(|role| role.midi_channel() == note.channel);
        let velocity = (note.velocity.unwrap_or_default() * 127.0).round() as u8;
        lines.entry((step.div_euclid(16), role.unwrap_or(Role::COUNT))).or_default().push((
            step.rem_euclid(16),
            note.key,
            velocity,
        ));
    }
    let mut text = String::new();
    for ((bar, role), mut notes) in lines.into_iter().filter(|((bar, _), _)| (0..bars).contains(bar)) {
        notes.sort_unstable();
        let role = Role::ALL.get(role).map_or("elsewhere", |role| role.name());
        let _ = write!(text, "{bar} {role}");
        for (step, key, velocity) in notes {
            let _ = write!(text, " {step}:{key}*{velocity}");
        }
        text.push('\n');
    }
    text
}
