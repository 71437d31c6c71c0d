//! What a player may expect of every pitched patch: touch, no two notes alike, tune, range, no clicks, an end, mono.

mod support;

use realfft::RealFftPlanner;
use sceneloop_music::Role;
use sceneloop_render::{BLOCK_FRAMES, EventKind, NoteId, PatchBank, RenderEvent, Renderer, StemBlock};
use support::{BPM, QUARTERS, bank, events, first_patches, play_stem, typical_part};

const RATE: f64 = 48_000.0;
/// Machines: their notes may be alike to the last bit.
const MACHINES: [&str; 40] = [
    "bass-sub",
    "bass-saw",
    "bass-reese",
    "bass-fm",
    "bass-chip",
    "bass-acid",
    "bass-wobble",
    "bass-808",
    "bass-growl",
    "bass-dub",
    "bass-drone",
    "bass-moog",
    "chords-stab",
    "chords-chip",
    "chords-supersaw",
    "chords-organ",
    "pad-warm",
    "pad-glass",
    "pad-dark",
    "pad-space",
    "pad-supersaw",
    "pad-wavetable",
    "pad-organ",
    "pad-shimmer",
    "pad-sweep",
    "arp-pluck",
    "arp-saw",
    "arp-chip",
    "arp-wavetable",
    "arp-trance",
    "arp-glass",
    "arp-fm",
    "lead-saw",
    "lead-square",
    "lead-fm",
    "lead-chip",
    "lead-supersaw",
    "lead-hook",
    "lead-theremin",
    "chords-bubble-organ",
];
/// Metal instruments of the gamelan, whose pairs are tuned apart so that they beat.
const BEATING: [&str; 4] = ["chords-saron", "lead-saron", "arp-gender", "pad-gongs"];

fn every_pitched(mut check: impl FnMut(&PatchBank, &str, Role) -> Option<String>) {
    let bank = bank();
    let (mut count, mut faults) = (0, Vec::new());
    for role in Role::ALL.into_iter().filter(|role| !matches!(role, Role::Drums | Role::Texture)) {
        for id in bank.ids(role) {
            faults.extend(check(&bank, id, role).map(|fault| format!("{id}: {fault}")));
            count += 1;
        }
    }
    assert!(count >= 110, "only {count} patches");
    assert!(faults.is_empty(), "{faults:#?}");
}

/// A rack in which one role after the other gets its patches.
struct Bench {
    renderer: Renderer,
    notes: u64,
}

/// A note: key, velocity, seconds held.
type Played = (u8, f32, f64);

impl Bench {
    fn new() -> Self {
        Self { renderer: Renderer::new(RATE, &first_patches(&bank()), 1).unwrap(), notes: 0 }
    }

    fn take(&mut self, bank: &PatchBank, id: &str) {
        let patch = bank.get(id).unwrap();
        self.renderer.set_patch(patch.role(), patch);
        self.renderer.reset();
    }

    /// Plays notes, each at its second, and gives the stem's channels. Every note ever played has another name, so another
    /// seed.
    fn play(&mut self, role: Role, notes: &[(f64, Played)], seconds: f64) -> [Vec<f32>; 2] {
        let mut all = Vec::new();
        for (start, (pitch, velocity, held)) in notes {
            self.notes += 1;
            let note = NoteId(self.notes);
            all.push(((start * RATE) as u64, EventKind::NoteOn { note, pitch: *pitch, velocity: *velocity }));
            all.push((((start + held) * RATE) as u64, EventKind::NoteOff { note }));
        }
        all.sort_by_key(|(frame, _)| *frame);
        let mut block = StemBlock::default();
        let mut out = [Vec::new(), Vec::new()];
        let (mut next, mut now) = (0, Vec::new());
        for start in (0..(seconds * RATE) as u64).step_by(BLOCK_FRAMES) {
            now.clear();
            while next < all.len() && all[next].0 < start + BLOCK_FRAMES as u64 {
                let (frame, kind) = all[next];
                now.push(RenderEvent { frame: (frame - start.min(frame)) as u32, role, kind });
                next += 1;
            }
            self.renderer.render(&now, &mut block);
            for (out, channel) in out.iter_mut().zip(&block.0[role.index()]) {
                out.extend_from_slice(channel);
            }
        }
        out
    }

    fn mono(&mut self, role: Role, played: Played, seconds: f64) -> Vec<f32> {
        let [left, right] = self.play(role, &[(0.0, played)], seconds);
        left.iter().zip(&right).map(|(l, r)| 0.5 * (l + r)).collect()
    }
}

fn rms(samples: &[f32]) -> f64 {
    (samples.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>() / samples.len().max(1) as f64).sqrt()
}

fn db(ratio: f64) -> f64 {
    20.0 * ratio.max(1e-12).log10()
}

/// Middle of a role's range, and its ends for the lowest and the highest tonic.
fn keys(role: Role) -> [u8; 5] {
    let (low, high) = role.pitch_range();
    let (low, high) = (55 + i32::from(low), 66 + i32::from(high));
    [0, 1, 2, 3, 4].map(|k| (low + (high - low) * k / 4) as u8)
}

/// Where the spectrum's weight lies, Hz, by amplitude.
fn centroid(samples: &[f32]) -> f64 {
    let size = 32_768.min(samples.len());
    let fft = RealFftPlanner::<f32>::new().plan_fft_forward(size);
    let mut input: Vec<f32> = (0..size)
        .map(|n| samples[n] * (0.5 - 0.5 * (n as f32 / size as f32 * std::f32::consts::TAU).cos()))
        .collect();
    let mut output = fft.make_output_vec();
    fft.process(&mut input, &mut output).unwrap();
    let (mut sum, mut all) = (0.0, 0.0);
    for (bin, x) in output.iter().enumerate() {
        let hz = bin as f64 * RATE / size as f64;
        if (30.0..14_000.0).contains(&hz) {
            sum += hz * f64::from(x.norm());
            all += f64::from(x.norm());
        }
    }
    sum / all
}

#[test]
fn a_harder_note_is_another_timbre() {
    let mut bench = Bench::new();
    every_pitched(|bank, id, role| {
        bench.take(bank, id);
        let mut at = |velocity: f32| {
            // Three notes, because chance is in each.
            (0..3)
                .map(|_| {
                    bench.renderer.reset();
                    centroid(&bench.mono(role, (keys(role)[2], velocity / 127.0, 0.7), 0.8))
                })
                .sum::<f64>()
                / 3.0
        };
        let (soft, hard) = (at(40.0), at(120.0));
        (hard < 1.08 * soft).then(|| format!("its centroid goes from {soft:.0} to {hard:.0} Hz"))
    });
}

#[test]
fn no_two_notes_of_a_player_are_alike() {
    let mut bench = Bench::new();
    every_pitched(|bank, id, role| {
        if MACHINES.contains(&id) {
            return None;
        }
        bench.take(bank, id);
        let played = (keys(role)[2], 0.7, 1.2);
        let mut next = || {
            bench.renderer.reset();
            bench.mono(role, played, 1.4)
        };
        let (first, second, third) = (next(), next(), next());
        let apart: Vec<f32> = first.iter().zip(&second).map(|(a, b)| a - b).collect();
        let unlike = db(rms(&apart) / rms(&first));
        // A steady hand: of three notes two are as loud as each other, however the voices of a section beat in one.
        let louder = [(&first, &second), (&second, &third), (&third, &first)]
            .map(|(one, other)| db(rms(other) / rms(one)).abs())
            .into_iter()
            .fold(f64::INFINITY, f64::min);
        (unlike < -36.0 || louder > 1.5).then(|| {
            format!("the second note differs by {unlike:.1} dB; any two are {louder:.1} dB apart at least")
        })
    });
}

/// How far a sound lies from the pitch `hz`, cents, by how fast the phases of its first harmonics turn against those of that
/// pitch. `None` where it is too short to say.
fn off_pitch(samples: &[f32], hz: f64, harmonics: usize) -> Option<f64> {
    // A hop in which a semitone off is less than half a turn, and a window that keeps harmonics apart.
    let hop = (7.0 / hz * RATE) as usize;
    let window = (10.0 / hz * RATE) as usize;
    let (mut sum, mut weight) = (0.0, 0.0);
    for k in 1..=harmonics {
        let step = std::f64::consts::TAU * hz * k as f64 / RATE;
        let at = |start: usize| {
            let (mut re, mut im) = (0.0, 0.0);
            for (n, x) in samples[start..start + window].iter().enumerate() {
                let shape = 0.5 - 0.5 * (n as f64 / window as f64 * std::f64::consts::TAU).cos();
                let (sin, cos) = (step * (start + n) as f64).sin_cos();
                re += f64::from(*x) * shape * cos;
                im -= f64::from(*x) * shape * sin;
            }
            (re, im)
        };
        let mut last = None;
        let (mut re, mut im) = (0.0, 0.0);
        let mut start = 0;
        while start + window <= samples.len() {
            let now = at(start);
            if let Some((a, b)) = last {
                re += now.0 * a + now.1 * b;
                im += now.1 * a - now.0 * b;
            }
            last = Some(now);
            // Higher harmonics turn faster: a shorter hop for them.
            start += hop / k;
        }
        let turned = im.atan2(re) / (std::f64::consts::TAU * (hop / k) as f64 / RATE);
        let power = re.hypot(im);
        sum += power * 1200.0 * ((hz * k as f64 + turned) / (hz * k as f64)).log2();
        weight += power;
    }
    (weight > 1e-7).then(|| sum / weight)
}

#[test]
fn every_patch_is_in_tune_over_its_range() {
    let mut bench = Bench::new();
    every_pitched(|bank, id, role| {
        bench.take(bank, id);
        let mut worst: Option<(u8, f64)> = None;
        for key in keys(role) {
            let hz = 440.0 * ((f64::from(key) - 69.0) / 12.0).exp2();
            let mut turns = Vec::new();
            for _ in 0..2 {
                bench.renderer.reset();
                let heard = bench.mono(role, (key, 0.8, 2.0), 2.0);
                let harmonics = if BEATING.contains(&id) { 1 } else { 4 };
                // Late, when scoops are over; what has died by then is heard from its start.
                let late = &heard[(0.35 * RATE) as usize..];
                let off = off_pitch(late, hz, harmonics)
                    .or_else(|| off_pitch(&heard[(0.05 * RATE) as usize..], hz, harmonics));
                turns.extend(off);
            }
            if turns.is_empty() {
                return Some(format!("nothing to be heard at key {key}"));
            }
            let off = turns.iter().sum::<f64>() / turns.len() as f64;
            if worst.is_none_or(|(_, most)| off.abs() > most.abs()) {
                worst = Some((key, off));
            }
        }
        let (key, off) = worst?;
        let limit = if BEATING.contains(&id) { 12.0 } else { 6.0 };
        (off.abs() > limit).then(|| format!("key {key} is {off:+.1} cents off"))
    });
}

#[test]
fn every_patch_carries_over_its_range() {
    let mut bench = Bench::new();
    every_pitched(|bank, id, role| {
        bench.take(bank, id);
        let mut level = |key: u8| {
            bench.renderer.reset();
            let heard = bench.mono(role, (key, 0.75, 0.5), 0.6);
            // The loudest tenth of a second.
            heard.chunks(4800).map(rms).fold(0.0, f64::max)
        };
        let levels = keys(role).map(|key| db(level(key)));
        let (low, high) = levels.iter().fold((0.0_f64, -200.0_f64), |(l, h), x| (l.min(*x), h.max(*x)));
        (high - low > 20.0 || low < -60.0).then(|| format!("levels over the range are {levels:.0?} dB"))
    });
}

/// Greatest second difference, which a click has and a wave does not.
fn sharpest(samples: &[f32]) -> f32 {
    samples.windows(3).map(|x| (x[0] - 2.0 * x[1] + x[2]).abs()).fold(0.0, f32::max)
}

#[test]
fn nothing_clicks_at_start_end_or_theft() {
    let mut bench = Bench::new();
    every_pitched(|bank, id, role| {
        bench.take(bank, id);
        let key = keys(role)[1];
        let at = |seconds: f64| (seconds * RATE) as usize;
        // Longer than any attack, an odd time for the end.
        let heard = bench.mono(role, (key, 0.8, 1.5037), 1.7);
        let start = sharpest(&heard[..12]);
        let loudest = sharpest(&heard[12..at(0.4)]);
        if start > 1.3 * loudest + 1e-4 {
            return Some(format!("its start is sharper ({start}) than its sound ({loudest})"));
        }
        let (before, end) = (sharpest(&heard[at(1.2)..at(1.5)]), sharpest(&heard[at(1.5037)..at(1.53)]));
        if end > 2.0 * before + 4e-4 {
            return Some(format!("its end is sharper ({end}) than its sound ({before})"));
        }
        // Nine notes on eight voices, the last of them soft, so that what is heard is the theft; it may be as sharp as that note
        // is by itself.
        let last = (key + 12, 0.02, 1.0);
        bench.renderer.reset();
        let alone = (0..3).map(|_| {
            bench.renderer.reset();
            sharpest(&bench.mono(role, last, 0.02))
        });
        let alone = alone.fold(0.0, f32::max);
        bench.renderer.reset();
        let mut notes: Vec<(f64, Played)> = (0..8).map(|k| (0.01 * f64::from(k), (key, 0.8, 4.0))).collect();
        notes.push((1.2, last));
        let [left, right] = bench.play(role, &notes, 1.4);
        let heard: Vec<f32> = left.iter().zip(&right).map(|(l, r)| 0.5 * (l + r)).collect();
        let (before, theft) = (sharpest(&heard[at(0.9)..at(1.2)]), sharpest(&heard[at(1.2)..at(1.21)]));
        (theft > 2.0 * (before + alone) + 4e-4)
            .then(|| format!("a theft is sharper ({theft}) than the sound ({before}) and the note ({alone})"))
    });
}

#[test]
fn every_tail_ends() {
    let mut bench = Bench::new();
    every_pitched(|bank, id, role| {
        bench.take(bank, id);
        let notes: Vec<(f64, Played)> = keys(role).map(|key| (0.0, (key, 1.0, 0.3))).to_vec();
        bench.play(role, &notes, 0.5);
        for second in 0..32 {
            if bench.renderer.is_silent() {
                return None;
            }
            let heard = bench.play(role, &[], 1.0);
            if let Some(x) = heard.iter().flatten().find(|x| !(x.is_finite() && x.abs() < 2.0)) {
                return Some(format!("{x} after {second} s"));
            }
        }
        Some("it still sounds after 32 s".to_owned())
    });
}

#[test]
fn every_patch_survives_mono() {
    let mut bench = Bench::new();
    every_pitched(|bank, id, role| {
        bench.take(bank, id);
        let part = typical_part(role);
        assert!(!events(&part, RATE, BPM).is_empty());
        let [left, right] = play_stem(&mut bench.renderer, &part, RATE, QUARTERS * 60.0 / BPM, role);
        let loudness = |left: &[f32], right: &[f32]| {
            let mut meter = ebur128::EbuR128::new(2, 48_000, ebur128::Mode::I).unwrap();
            meter.add_frames_planar_f32(&[left, right]).unwrap();
            meter.loudness_global().unwrap()
        };
        let mono: Vec<f32> = left.iter().zip(&right).map(|(l, r)| 0.5 * (l + r)).collect();
        let loss = loudness(&left, &right) - loudness(&mono, &mono);
        (loss > 3.0).then(|| format!("mono takes {loss:.1} dB"))
    });
}
