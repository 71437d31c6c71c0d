//! Every lane of every kit and every texture: what a stroke's strength does, that no stroke is the one before, and that
//! nothing clicks, hums on, leans to one side or is lost in mono.

mod support;

use realfft::RealFftPlanner;
use sceneloop_music::{DrumLane, Role};
use sceneloop_render::{PatchBank, Renderer};
use support::{PartNote, bank, patches_with, play_stem};

const RATE: f64 = 48_000.0;
/// Quarters in a second at the tempo of the parts.
const SECOND: f64 = support::BPM / 60.0;

/// Plays strokes `(second, lane, velocity)` on a kit.
fn strokes(bank: &PatchBank, kit: &str, strokes: &[(f64, DrumLane, f32)], seconds: f64) -> [Vec<f32>; 2] {
    let notes: Vec<PartNote> = strokes
        .iter()
        .map(|(at, lane, velocity)| PartNote {
            role: Role::Drums,
            start: at * SECOND,
            length: 0.1,
            pitch: lane.index() as u8,
            velocity: *velocity,
        })
        .collect();
    let mut renderer = Renderer::new(RATE, &patches_with(bank, kit), 1).unwrap();
    play_stem(&mut renderer, &notes, RATE, seconds, Role::Drums)
}

fn every_lane(mut check: impl FnMut(&PatchBank, &str, DrumLane)) {
    let bank = bank();
    let kits: Vec<&str> = bank.ids(Role::Drums).collect();
    assert!(kits.len() >= 22, "{kits:?}");
    for kit in kits {
        for lane in DrumLane::ALL {
            check(&bank, kit, lane);
        }
    }
}

fn every_texture(mut check: impl FnMut(&str, &[Vec<f32>; 2])) {
    let bank = bank();
    let ids: Vec<&str> = bank.ids(Role::Texture).collect();
    assert!(ids.len() >= 19, "{ids:?}");
    for id in ids {
        let mut renderer = Renderer::new(RATE, &patches_with(&bank, id), 1).unwrap();
        let note =
            PartNote { role: Role::Texture, start: 0.0, length: 24.0 * SECOND, pitch: 57, velocity: 0.8 };
        let heard = play_stem(&mut renderer, &[note], RATE, 24.0, Role::Texture);
        check(id, &heard);
    }
}

fn mono(sides: &[Vec<f32>; 2]) -> Vec<f32> {
    sides[0].iter().zip(&sides[1]).map(|(l, r)| 0.5 * (l + r)).collect()
}

fn rms(samples: &[f32]) -> f32 {
    (samples.iter().map(|x| x * x).sum::<f32>() / samples.len() as f32).sqrt()
}

fn db(ratio: f32) -> f32 {
    20.0 * ratio.max(1e-9).log10()
}

/// Power spectrum of the first 16,384 frames.
fn spectrum(samples: &[f32]) -> Vec<f32> {
    let fft = RealFftPlanner::<f32>::new().plan_fft_forward(16_384);
    let mut input = vec![0.0; 16_384];
    let count = samples.len().min(16_384);
    input[..count].copy_from_slice(&samples[..count]);
    let mut output = fft.make_output_vec();
    fft.process(&mut input, &mut output).unwrap();
    output.iter().map(|x| x.norm_sqr()).collect()
}

/// Mean of the logarithm of the frequency, in octaves above 1 Hz, weighed by amplitude: what is high and soft counts.
fn brightness(samples: &[f32]) -> f32 {
    let (mut sum, mut all) = (0.0, 0.0);
    for (bin, power) in spectrum(samples).into_iter().enumerate().skip(4) {
        // A bin is as narrow in low octaves as in high ones: each octave's bins count for one.
        let amount = (power / bin as f32).sqrt();
        sum += amount * (bin as f32 * RATE as f32 / 16_384.0).log2();
        all += amount;
    }
    sum / all
}

#[test]
fn a_harder_stroke_is_louder_and_brighter() {
    let mut faults = Vec::new();
    every_lane(|bank, kit, lane| {
        let stroke = |velocity| mono(&strokes(bank, kit, &[(0.0, lane, velocity)], 0.5));
        let (soft, hard) = (stroke(0.3), stroke(1.0));
        let louder = db(rms(&hard) / rms(&soft));
        let brighter = brightness(&hard) - brightness(&soft);
        if !(6.0..30.0).contains(&louder) || brighter < 0.02 {
            faults.push(format!("{kit} {lane:?}: {louder:.1} dB louder, {brighter:+.3} octaves brighter"));
        }
    });
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn no_stroke_is_the_one_before_but_they_are_kin() {
    let mut faults = Vec::new();
    every_lane(|bank, kit, lane| {
        // Far enough from each other that the tails of a gong are gone.
        let heard = strokes(bank, kit, &[(0.0, lane, 0.8), (14.0, lane, 0.8), (28.0, lane, 0.8)], 29.0);
        let part = |from: usize| &heard[0][from * 48_000..from * 48_000 + 9600];
        let parts = [part(0), part(14), part(28)];
        for (a, b) in [(0, 1), (1, 2), (0, 2)] {
            let off = db(rms(parts[a]) / rms(parts[b]));
            let rest: Vec<f32> = parts[a].iter().zip(parts[b]).map(|(x, y)| x - y).collect();
            let unlike = db(rms(&rest) / rms(parts[a]));
            if off.abs() > 2.0 || unlike < -45.0 {
                faults.push(format!("{kit} {lane:?}: {off:+.2} dB, differ by {unlike:.0} dB"));
            }
        }
    });
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn the_closed_hat_ends_the_open_one() {
    let bank = bank();
    for kit in bank.ids(Role::Drums) {
        let open = strokes(&bank, kit, &[(0.0, DrumLane::OpenHat, 1.0)], 0.6);
        let closed = strokes(&bank, kit, &[(0.05, DrumLane::ClosedHat, 0.01)], 0.6);
        let both =
            strokes(&bank, kit, &[(0.0, DrumLane::OpenHat, 1.0), (0.05, DrumLane::ClosedHat, 0.01)], 0.6);
        let late = |x: &[Vec<f32>; 2]| rms(&x[0][4800..9600]);
        assert!(late(&both) < 0.7 * late(&open).max(late(&closed)), "{kit}");
        assert_eq!(open[0][..2368], both[0][..2368], "{kit}");
    }
}

#[test]
fn strokes_begin_without_a_step_end_and_leave_no_offset_or_hole_in_mono() {
    let mut faults = Vec::new();
    every_lane(|bank, kit, lane| {
        let heard = strokes(bank, kit, &[(0.01, lane, 1.0)], 16.0);
        let middle = mono(&heard);
        let peak = middle.iter().fold(0.0_f32, |peak, x| peak.max(x.abs()));
        if !(0.02..1.5).contains(&peak) {
            faults.push(format!("{kit} {lane:?}: a peak of {peak}"));
        }
        let first = heard[0].iter().position(|x| *x != 0.0).unwrap();
        // What is sampled and held has steps; that is what it is for.
        let most = if kit == "kit-glitch" { 0.3 } else { 0.1 };
        if heard[0][first].abs() > most * peak {
            faults.push(format!("{kit} {lane:?}: begins with {}", heard[0][first] / peak));
        }
        // Where a part is taken away or the tail is skipped, nothing jumps by more than what is there anyway.
        let jump = middle[24_000..].windows(2).map(|p| (p[1] - p[0]).abs()).fold(0.0_f32, f32::max);
        let around = middle[24_000..].iter().fold(0.0_f32, |peak, x| peak.max(x.abs()));
        if jump > 2.0 * around + 1e-5 {
            faults.push(format!("{kit} {lane:?}: a step of {jump} in the tail"));
        }
        let rest = middle[15 * 48_000..].iter().fold(0.0_f32, |peak, x| peak.max(x.abs()));
        if rest > 1e-4 * peak {
            faults.push(format!("{kit} {lane:?}: {:.0} dB are left after 15 seconds", db(rest / peak)));
        }
        let mean = middle[..48_000].iter().sum::<f32>() / 48_000.0;
        if mean.abs() > 1e-3 * peak {
            faults.push(format!("{kit} {lane:?}: an offset of {}", mean / peak));
        }
        let whole = (0.5 * (rms(&heard[0]).powi(2) + rms(&heard[1]).powi(2))).sqrt();
        let lost = db(rms(&middle) / whole);
        if lost < -3.0 {
            faults.push(format!("{kit} {lane:?}: {lost:.1} dB in mono"));
        }
    });
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn the_lanes_of_a_kit_are_of_one_loudness_and_none_is_another() {
    let bank = bank();
    let mut faults = Vec::new();
    for kit in bank.ids(Role::Drums) {
        let lanes = DrumLane::ALL.map(|lane| mono(&strokes(&bank, kit, &[(0.0, lane, 0.9)], 1.0)));
        let peaks = lanes.each_ref().map(|lane| db(lane.iter().fold(0.0_f32, |p, x| p.max(x.abs()))));
        for (lane, peak) in DrumLane::ALL.iter().zip(peaks) {
            // Bells and shakers are softer than a kick, but not lost beside it.
            if peak < peaks[0] - 26.0 || peak > peaks[0] + 8.0 {
                faults.push(format!("{kit} {lane:?} lies {:+.1} dB from the kick", peak - peaks[0]));
            }
        }
        for a in 0..lanes.len() {
            for b in 0..a {
                if lanes[a] == lanes[b] {
                    faults.push(format!("{kit}: lanes {a} and {b} are the same"));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn textures_never_repeat_and_keep_in_mono() {
    let mut faults = Vec::new();
    every_texture(|id, heard| {
        let middle = mono(heard);
        let whole = (0.5 * (rms(&heard[0]).powi(2) + rms(&heard[1]).powi(2))).sqrt();
        let lost = db(rms(&middle) / whole);
        if lost < -3.0 {
            faults.push(format!("{id}: {lost:.1} dB in mono"));
        }
        let mean = middle.iter().sum::<f32>() / middle.len() as f32;
        if mean.abs() > 0.02 * rms(&middle) {
            faults.push(format!("{id}: an offset of {}", mean / rms(&middle)));
        }
        // Levels of 50 ms over 20 seconds: no shift of them by a second or more looks like themselves.
        let levels: Vec<f32> = middle[96_000..].chunks_exact(2400).map(|part| db(rms(part) + 1e-6)).collect();
        let mean = levels.iter().sum::<f32>() / levels.len() as f32;
        let levels: Vec<f32> = levels.iter().map(|x| x - mean).collect();
        let power = levels.iter().map(|x| x * x).sum::<f32>() / levels.len() as f32;
        for lag in 20..levels.len() / 2 {
            let count = (levels.len() - lag) as f32;
            let alike = levels.iter().zip(&levels[lag..]).map(|(a, b)| a * b).sum::<f32>() / count / power;
            if alike > 0.85 {
                faults.push(format!("{id}: repeats after {} s, {alike:.2}", lag as f32 * 0.05));
            }
        }
        let quiet = levels.iter().fold(f32::INFINITY, |low, x| low.min(*x));
        let loud = levels.iter().fold(f32::NEG_INFINITY, |high, x| high.max(*x));
        if loud - quiet < 0.3 {
            faults.push(format!("{id}: does not move, {:.2} dB", loud - quiet));
        }
    });
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn textures_are_what_they_are_called() {
    every_texture(|id, heard| {
        let middle = mono(heard);
        let mut levels: Vec<f32> =
            middle[96_000..].chunks_exact(9600).map(|part| db(rms(part) + 1e-6)).collect();
        levels.sort_by(f32::total_cmp);
        let range = levels[levels.len() - 3] - levels[2];
        let band = |from: f32, to: f32| -> f32 {
            (2..20)
                .map(|second| {
                    let power = spectrum(&middle[second * 48_000..]);
                    let bin = |hz: f32| (hz / RATE as f32 * 16_384.0) as usize;
                    power[bin(from)..bin(to)].iter().sum::<f32>() / power[4..].iter().sum::<f32>()
                })
                .sum::<f32>()
                / 18.0
        };
        match id {
            // A broad, even patter.
            "tex-rain" => assert!(range < 5.0 && band(900.0, 9000.0) > 0.5, "{id} {range}"),
            // Surges.
            "tex-stadium" => assert!(range > 5.0 && band(250.0, 4000.0) > 0.7, "{id} {range}"),
            // Birds above leaves.
            "tex-forest" => assert!(range > 4.0 && band(1800.0, 8000.0) > 0.3, "{id} {range}"),
            "tex-cave" => assert!(range > 3.0 && band(20.0, 600.0) > 0.3, "{id} {range}"),
            "tex-space" => assert!(band(20.0, 700.0) > 0.5, "{id} {}", band(20.0, 700.0)),
            "tex-tape" => assert!(range < 4.0 && band(2000.0, 12_000.0) > 0.3, "{id} {range}"),
            "tex-market" => assert!(range > 1.5 && band(200.0, 3000.0) > 0.7, "{id} {range}"),
            "tex-glitch" => assert!(range > 6.0, "{id} {range}"),
            "tex-crackle" => {
                let peak = middle.iter().fold(0.0_f32, |peak, x| peak.max(x.abs()));
                assert!(db(peak / rms(&middle)) > 18.0, "{id} has a crest of {} dB", db(peak / rms(&middle)));
            }
            _ => {}
        }
    });
}
