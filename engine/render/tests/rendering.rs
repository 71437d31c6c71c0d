//! The shipped patches and the whole rack: loudness, rates, pitch, repeatability, no allocation, the master's promise.

mod support;

use assert_no_alloc::{AllocDisabler, assert_no_alloc};
use ebur128::{EbuR128, Mode};
use realfft::RealFftPlanner;
use sceneloop_music::{DrumLane, Energy, PerRole, Role};
use sceneloop_render::{BLOCK_FRAMES, EventKind, Fittings, Master, NoteId, RenderEvent, Renderer, StemBlock};
use support::{BPM, PartNote, bank, events, first_patches, patches_with, play, play_stem, typical_part};

#[global_allocator]
static ALLOCATOR: AllocDisabler = AllocDisabler;

const RATES: [f64; 4] = [22_050.0, 44_100.0, 96_000.0, 192_000.0];

fn every_patch(mut check: impl FnMut(&str, Role)) {
    let bank = bank();
    let mut count = 0;
    for role in Role::ALL {
        for id in bank.ids(role) {
            check(id, role);
            count += 1;
        }
    }
    assert!(count >= 60, "only {count} patches");
}

fn rms(channels: &[Vec<f32>; 2]) -> f64 {
    let power: f64 = channels.iter().flatten().map(|x| f64::from(*x).powi(2)).sum();
    (power / (2 * channels[0].len()) as f64).sqrt()
}

#[test]
fn every_patch_is_as_loud_as_its_role_wants() {
    let bank = bank();
    let mut faults = Vec::new();
    every_patch(|id, role| {
        let off = support::loudness(&bank, id) - support::target_lufs(role);
        if off.abs() > 1.5 {
            faults.push(format!("{id} is {off:+.1} dB off"));
        }
    });
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn every_patch_sounds_alike_at_every_rate() {
    let bank = bank();
    let mut faults = Vec::new();
    every_patch(|id, role| {
        let patches = patches_with(&bank, id);
        let at = |rate: f64| {
            let mut renderer = Renderer::new(rate, &patches, 1).unwrap();
            play_stem(&mut renderer, &typical_part(role), rate, 4.0, role)
        };
        let wanted = rms(&at(48_000.0));
        for rate in RATES {
            let heard = at(rate);
            if heard.iter().flatten().any(|x| !x.is_finite() || x.abs() > 4.0) {
                faults.push(format!("{id} at {rate} Hz: not finite or far too loud"));
            }
            let off = 20.0 * (rms(&heard) / wanted).log10();
            // Half the rate has half the treble: that much may be missing.
            if off.abs() > if rate < 44_100.0 { 5.0 } else { 2.0 } {
                faults.push(format!("{id} at {rate} Hz: {off:+.1} dB"));
            }
        }
    });
    assert!(faults.is_empty(), "{faults:#?}");
}

/// Power of a sound's spectrum, 65,536 frames with a Hann window.
fn spectrum(samples: &[f32]) -> Vec<f32> {
    let size = 65_536;
    let mut planner = RealFftPlanner::<f32>::new();
    let fft = planner.plan_fft_forward(size);
    let mut input: Vec<f32> = (0..size)
        .map(|n| {
            let window = 0.5 - 0.5 * (n as f32 / size as f32 * std::f32::consts::TAU).cos();
            window * samples.get(n).copied().unwrap_or(0.0)
        })
        .collect();
    let mut output = fft.make_output_vec();
    fft.process(&mut input, &mut output).unwrap();
    output.iter().map(|x| x.norm_sqr()).collect()
}

#[test]
fn every_pitched_patch_plays_the_note_it_is_given() {
    let bank = bank();
    let mut faults = Vec::new();
    every_patch(|id, role| {
        if matches!(role, Role::Drums | Role::Texture) {
            return;
        }
        let pitch = if role == Role::Bass { 45 } else { 69 };
        let note_hz = 440.0 * 2f32.powf((f32::from(pitch) - 69.0) / 12.0);
        let mut renderer = Renderer::new(48_000.0, &patches_with(&bank, id), 1).unwrap();
        let note = PartNote { role, start: 0.0, length: 2.5, pitch, velocity: 0.8 };
        let [left, right] = play_stem(&mut renderer, &[note], 48_000.0, 1.4, role);
        let mono: Vec<f32> = left.iter().zip(&right).map(|(l, r)| l + r).collect();
        let power = spectrum(&mono);
        // How much of the sound lies within a third of a semitone of a multiple of the note's frequency or its octaves
        // below; by chance it would be a fifth.
        let (mut on, mut all) = (0.0, 0.0);
        for (bin, power) in power.iter().enumerate().skip(30) {
            let hz = bin as f32 * 48_000.0 / 65_536.0;
            let ratio = 2.0 * hz / note_hz;
            let nearest = ratio.round().max(1.0);
            all += power;
            if (12.0 * (ratio / nearest).log2()).abs() < 0.33 {
                on += power;
            }
        }
        if on < 0.7 * all {
            faults.push(format!("{id}: {:.0} % in tune", 100.0 * on / all));
        }
    });
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn the_same_events_give_the_same_bits_and_another_seed_others() {
    let bank = bank();
    let notes: Vec<PartNote> = Role::ALL.into_iter().flat_map(typical_part).collect();
    let events = events(&notes, 48_000.0, BPM);
    let run = |renderer: &mut Renderer| {
        let mut heard = Vec::new();
        play(renderer, &events, 96_000, |block| heard.extend(block.0.iter().flatten().flatten().copied()));
        heard
    };
    let mut first = Renderer::new(48_000.0, &first_patches(&bank), 1).unwrap();
    let one = run(&mut first);
    first.reset();
    assert_eq!(one, run(&mut first), "after a reset it sounds different");
    assert_eq!(one, run(&mut Renderer::new(48_000.0, &first_patches(&bank), 1).unwrap()));
    assert_ne!(one, run(&mut Renderer::new(48_000.0, &first_patches(&bank), 2).unwrap()));
}

#[test]
fn nothing_is_allocated_after_construction() {
    let bank = bank();
    let mut renderer = Renderer::new(48_000.0, &first_patches(&bank), 1).unwrap();
    let notes: Vec<PartNote> = Role::ALL.into_iter().flat_map(typical_part).collect();
    let events = events(&notes, 48_000.0, BPM);
    let mut master = Master::new(48_000.0).unwrap();
    let mut block = StemBlock::default();
    every_patch(|id, role| {
        let patch = bank.get(id).unwrap();
        let mut next = 0;
        // Notes in their order, a few a block, so that voices are stolen as well.
        for _ in 0..events.len().div_ceil(6) {
            let end = (next + 6).min(events.len());
            let mut now = [events[0].1; 6];
            for (place, (_, event)) in now.iter_mut().zip(&events[next..end]) {
                *place = *event;
            }
            let count = end - next;
            next = end;
            assert_no_alloc(|| {
                renderer.set_patch(role, patch);
                renderer.set_energy(Energy::new(count as f32 * 16.0));
                renderer.render(&now[..count], &mut block);
                let [mut left, mut right] = block.0[role.index()];
                master.process(&mut left, &mut right);
            });
        }
        assert_no_alloc(|| renderer.reset());
    });
}

#[test]
fn a_kick_makes_room_in_the_pad() {
    let bank = bank();
    let id = bank.ids(Role::Pad).find(|id| *id == "pad-space").unwrap();
    let pad = PartNote { role: Role::Pad, start: 0.0, length: 16.0, pitch: 57, velocity: 0.8 };
    let kick = PartNote {
        role: Role::Drums,
        start: 6.0,
        length: 0.25,
        pitch: DrumLane::Kick.index() as u8,
        velocity: 1.0,
    };
    let heard = |notes: &[PartNote]| {
        let mut renderer = Renderer::new(48_000.0, &patches_with(&bank, id), 1).unwrap();
        play_stem(&mut renderer, notes, 48_000.0, 4.0, Role::Pad)
    };
    let (alone, ducked) = (heard(&[pad]), heard(&[pad, kick]));
    let part =
        |x: &[Vec<f32>; 2], from: usize| rms(&x.each_ref().map(|side| side[from..from + 2400].to_vec()));
    let strike = 3 * 48_000;
    assert_eq!(alone[0][..strike], ducked[0][..strike], "it ducks before the kick");
    let fall = 20.0 * (part(&ducked, strike + 480) / part(&alone, strike + 480)).log10();
    assert!((-12.0..-2.0).contains(&fall), "the kick lowers the pad by {fall} dB");
    let after = 20.0 * (part(&ducked, strike + 40_000) / part(&alone, strike + 40_000)).log10();
    assert!(after.abs() < 0.5, "the pad stays {after} dB lower");
}

#[test]
fn odd_events_do_no_harm_and_silence_returns() {
    let bank = bank();
    let mut renderer = Renderer::new(48_000.0, &first_patches(&bank), 1).unwrap();
    let mut block = StemBlock::default();
    let odd: Vec<RenderEvent> = Role::ALL
        .into_iter()
        .flat_map(|role| {
            let on = |velocity, pitch| EventKind::NoteOn { note: NoteId(7), pitch, velocity };
            [on(f32::NAN, 60), on(1e9, 255), on(-1.0, 0), EventKind::NoteOff { note: NoteId(99) }]
                .map(|kind| RenderEvent { frame: u32::MAX, role, kind })
        })
        .collect();
    renderer.render(&odd, &mut block);
    let off: Vec<RenderEvent> = Role::ALL
        .map(|role| RenderEvent { frame: 0, role, kind: EventKind::NoteOff { note: NoteId(7) } })
        .to_vec();
    renderer.render(&off, &mut block);
    let mut blocks = 0;
    while !renderer.is_silent() {
        renderer.render(&[], &mut block);
        assert!(block.0.iter().flatten().flatten().all(|x| x.is_finite() && x.abs() < 4.0));
        blocks += 1;
        assert!(blocks < 60 * 750, "it still sounds after a minute");
    }
    renderer.render(&[], &mut block);
    assert!(block.0.iter().flatten().flatten().all(|x| x.abs() < 1e-4));
}

#[test]
fn no_true_peak_leaves_the_master() {
    for rate in [22_050_u32, 44_100, 48_000, 96_000, 192_000] {
        let mut master = Master::new(f64::from(rate)).unwrap();
        let (mut noise, mut before) = (1_u32, 0.0);
        let mut sides = [0_usize, 1].map(|side| {
            (0..rate as usize * 2)
                .map(|n| {
                    noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    let fresh = noise as i32 as f32 / 2_147_483_648.0;
                    // No sound of ours reaches half the rate, where any meter of peaks guesses.
                    let hiss = 0.5 * (fresh + before);
                    before = fresh;
                    // A quarter of the rate at 45 degrees has its peaks between the samples.
                    let tone = (n as f32 * std::f32::consts::FRAC_PI_2 + std::f32::consts::FRAC_PI_4).sin();
                    let burst = if (n / 3000) % 3 == side { 6.0 } else { 0.05 };
                    burst * (tone + 0.5 * hiss)
                })
                .collect::<Vec<f32>>()
        });
        let [left, right] = &mut sides;
        for (l, r) in left.chunks_mut(BLOCK_FRAMES).zip(right.chunks_mut(BLOCK_FRAMES)) {
            master.process(l, r);
        }
        let mut meter = EbuR128::new(2, rate, Mode::TRUE_PEAK).unwrap();
        meter.add_frames_planar_f32(&[left, right]).unwrap();
        let peak = meter.true_peak(0).unwrap().max(meter.true_peak(1).unwrap());
        assert!(20.0 * peak.log10() <= -1.0, "{rate} Hz: {:.2} dBTP", 20.0 * peak.log10());
        assert!(peak > 0.5, "{rate} Hz: it limits far too much, {peak}");
    }
}

#[test]
fn the_master_keeps_soft_sounds_and_is_late_by_what_it_says() {
    for rate in [22_050.0, 48_000.0, 192_000.0] {
        let mut master = Master::new(rate).unwrap();
        let late = master.latency_frames();
        let (mut left, mut right) = (vec![0.0; 4096], vec![0.0; 4096]);
        (left[100], right[100]) = (0.1, -0.05);
        master.process(&mut left, &mut right);
        assert!((left[100 + late] - 0.1).abs() < 1e-3 && (right[100 + late] + 0.05).abs() < 1e-3, "{rate}");
        assert!(left[..100 + late].iter().all(|x| x.abs() < 1e-6));
        let mut bad = vec![f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e30, 0.0];
        bad.resize(2048, 0.0);
        let mut other = bad.clone();
        master.process(&mut bad, &mut other);
        assert!(bad.iter().chain(&other).all(|x| x.is_finite() && x.abs() <= 1.0));
    }
    assert!(Master::new(8_000.0).is_err() && Master::new(f64::NAN).is_err());
}

/// A rack with no more than its patches need plays them to the bit as a full one does, and leaves alone what it lacks the lines for.
#[test]
fn a_fitted_rack_plays_its_patches_to_the_bit_and_no_others() {
    let bank = bank();
    let none = PerRole::from_fn(|_| Fittings::default());
    for id in ["lead-saw", "lead-violin", "arp-harp", "pad-strings", "chords-epiano", "bass-upright"] {
        let patches = patches_with(&bank, id);
        let role = patches.iter().find(|(_, patch)| patch.id() == id).unwrap().0;
        let part = events(&support::typical_part(role), 48_000.0, BPM);
        let run = |mut renderer: Renderer| {
            let mut heard = Vec::new();
            play(&mut renderer, &part, 96_000, |block| heard.extend_from_slice(&block.0[role.index()][0]));
            heard
        };
        let full = run(Renderer::new(48_000.0, &patches, 1).unwrap());
        assert!(full == run(Renderer::fitted(48_000.0, &patches, &none, 1).unwrap()), "{id}");
        assert!(full.iter().any(|x| x.abs() > 1e-3), "{id} is silent");
    }
    // A bare lead is given a violin, which needs a string: it stays what it is.
    let (saw, violin) = (patches_with(&bank, "lead-chip"), patches_with(&bank, "lead-violin"));
    assert!(!Fittings::of(&saw[Role::Lead]).suffice_for(Fittings::of(&violin[Role::Lead])));
    let part = events(&support::typical_part(Role::Lead), 48_000.0, BPM);
    let run = |change: bool| {
        let mut renderer = Renderer::fitted(48_000.0, &saw, &none, 1).unwrap();
        if change {
            renderer.set_patch(Role::Lead, &violin[Role::Lead]);
        }
        let mut heard = Vec::new();
        play(&mut renderer, &part, 48_000, |block| heard.extend_from_slice(&block.0[Role::Lead.index()][0]));
        heard
    };
    assert!(run(true) == run(false));
}
