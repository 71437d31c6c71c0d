//! Prints what each shipped patch costs at 48 kHz: as nanoseconds a frame with the typical part of its role, and, for the pitched
//! ones, as multiples of real time with one held note and with eight; then how dear the dearest is against the median. Patches are
//! chosen by their ids or by what these begin with.
//!
//! `cargo run --release -p sceneloop-render --example speed [-- PATCH... | kit tex]`

#[path = "../tests/support/mod.rs"]
mod support;

use sceneloop_music::{PerRole, Role};
use sceneloop_render::{EventKind, NoteId, PatchBank, RenderEvent, Renderer};
use std::time::Instant;

/// Seconds of a measurement.
const SECONDS: f64 = 8.0;

fn main() {
    let bank = support::bank();
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    println!("{:24} {:>12} {:>12} {:>12}", "patch", "ns a frame", "one note", "eight notes");
    let mut eights = Vec::new();
    for role in Role::ALL {
        let part = support::events(&support::typical_part(role), 48_000.0, support::BPM);
        for id in
            bank.ids(role).filter(|id| wanted.is_empty() || wanted.iter().any(|w| id.starts_with(w.as_str())))
        {
            let mut renderer = Renderer::new(48_000.0, &support::patches_with(&bank, id), 1).unwrap();
            let typical = best(&mut renderer, &part) / (SECONDS * 48_000.0) * 1e9;
            if matches!(role, Role::Drums | Role::Texture) {
                println!("{id:24} {typical:12.1}");
                continue;
            }
            let [one, eight] = [1, 8].map(|voices| best(&mut renderer, &held(role, voices)));
            println!("{id:24} {typical:12.1} {:11.0}x {:11.0}x", SECONDS / one, SECONDS / eight);
            eights.push((eight, id.to_owned()));
        }
    }
    racks(&bank);
    eights.sort_by(|a, b| a.0.total_cmp(&b.0));
    if let (Some((dearest, id)), Some((median, _))) = (eights.last(), eights.get(eights.len() / 2)) {
        println!(
            "dearest with eight notes: {id}, {:.1} times the median of the pitched ones",
            dearest / median
        );
    }
}

/// What whole racks cost: the dearest that a scene is likely to ask for among them.
fn racks(bank: &PatchBank) {
    let racks = [
        ("synthwave", ["kit-808", "bass-saw", "chords-stab", "pad-warm", "arp-saw", "lead-saw", "tex-city"]),
        (
            "acoustic",
            [
                "kit-acoustic",
                "bass-upright",
                "chords-piano",
                "pad-strings",
                "arp-harp",
                "lead-flute",
                "tex-rain",
            ],
        ),
        (
            "trance",
            [
                "kit-909",
                "bass-wobble",
                "chords-supersaw",
                "pad-supersaw",
                "arp-trance",
                "lead-supersaw",
                "tex-city",
            ],
        ),
        (
            "orchestra",
            [
                "kit-acoustic",
                "bass-tremolo-strings",
                "chords-brass-section",
                "pad-strings",
                "arp-pizzicato",
                "lead-violin",
                "tex-rain",
            ],
        ),
    ];
    let notes: Vec<support::PartNote> = Role::ALL.into_iter().flat_map(support::typical_part).collect();
    let events = support::events(&notes, 48_000.0, support::BPM);
    for (name, ids) in racks {
        let patches = PerRole(ids.map(|id| *bank.get(id).unwrap()));
        let mut renderer = Renderer::new(48_000.0, &patches, 1).unwrap();
        println!("rack {name:19} {:.0} times real time", SECONDS / best(&mut renderer, &events));
    }
}

/// Notes that are struck anew every two seconds, so that what dies away still costs something.
fn held(role: Role, voices: u8) -> Vec<(u64, RenderEvent)> {
    let (low, high) = role.pitch_range();
    let middle = (60 + (i32::from(low) + i32::from(high)) / 2) as u8;
    let mut events = Vec::new();
    for strike in 0..4_u64 {
        for voice in 0..voices {
            let note = NoteId(1 + strike * 8 + u64::from(voice));
            let pitch = middle - 8 + 2 * voice;
            let on = EventKind::NoteOn { note, pitch, velocity: 0.75 };
            let at = |seconds: f64, kind| ((seconds * 48_000.0) as u64, RenderEvent { frame: 0, role, kind });
            events.push(at(2.0 * strike as f64, on));
            events.push(at(2.0 * strike as f64 + 1.95, EventKind::NoteOff { note }));
        }
    }
    events.sort_by_key(|(frame, _)| *frame);
    events
}

/// Seconds that this thread has had a processor, where the system tells; else of the clock.
fn now(since: Instant) -> f64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat");
    let spent = told.ok().and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
    spent.map_or_else(|| since.elapsed().as_secs_f64(), |nanoseconds| nanoseconds * 1e-9)
}

/// Seconds that a part takes; the best of some runs: what else the machine does only ever adds time.
fn best(renderer: &mut Renderer, events: &[(u64, RenderEvent)]) -> f64 {
    (0..3)
        .map(|_| {
            renderer.reset();
            let clock = Instant::now();
            let start = now(clock);
            support::play(renderer, events, (SECONDS * 48_000.0) as u64, |_| ());
            now(clock) - start
        })
        .fold(f64::INFINITY, f64::min)
}
