//! Sounds between parts, sweeps and cuts, as they are heard in the stems.

mod support;

use assert_no_alloc::{AllocDisabler, assert_no_alloc};
use realfft::RealFftPlanner;
use sceneloop_music::Role;
use sceneloop_render::{
    BLOCK_FRAMES, Effect, EventKind, NoteId, RenderEvent, Renderer, StemBlock, SweepKind,
};
use support::{bank, first_patches, patches_with, play};

#[global_allocator]
static ALLOCATOR: AllocDisabler = AllocDisabler;

const RATE: f64 = 48_000.0;

fn at(frame: u64, role: Role, kind: EventKind) -> (u64, RenderEvent) {
    (frame, RenderEvent { frame: (frame % BLOCK_FRAMES as u64) as u32, role, kind })
}

fn effect(frame: u64, effect: Effect, frames: u32) -> (u64, RenderEvent) {
    at(frame, Role::Texture, EventKind::Effect { effect, frames, gain: 1.0 })
}

/// One role's stem.
fn stem(renderer: &mut Renderer, events: &[(u64, RenderEvent)], frames: u64, role: Role) -> [Vec<f32>; 2] {
    let mut out = [Vec::new(), Vec::new()];
    play(renderer, events, frames, |block| {
        for (channel, part) in out.iter_mut().zip(&block.0[role.index()]) {
            channel.extend_from_slice(part);
        }
    });
    out
}

fn renderer(rate: f64) -> Renderer {
    Renderer::new(rate, &first_patches(&bank()), 1).unwrap()
}

fn rms(samples: &[f32]) -> f32 {
    (samples.iter().map(|x| x * x).sum::<f32>() / samples.len() as f32).sqrt()
}

fn db(ratio: f32) -> f32 {
    20.0 * ratio.max(1e-9).log10()
}

/// Mean frequency of the power of 4096 frames, Hz.
fn centroid(samples: &[f32]) -> f32 {
    let size = 4096;
    let fft = RealFftPlanner::<f32>::new().plan_fft_forward(size);
    let window = |n: usize| 0.5 - 0.5 * (n as f32 / size as f32 * std::f32::consts::TAU).cos();
    let mut input: Vec<f32> = (0..size).map(|n| window(n) * samples[n]).collect();
    let mut output = fft.make_output_vec();
    fft.process(&mut input, &mut output).unwrap();
    let (mut sum, mut all) = (0.0, 0.0);
    for (bin, x) in output.iter().enumerate() {
        sum += x.norm_sqr() * bin as f32 * RATE as f32 / size as f32;
        all += x.norm_sqr();
    }
    sum / all
}

/// First and last frame that is heard.
fn heard(samples: &[f32]) -> (usize, usize) {
    let loud = |x: &f32| x.abs() > 1e-4;
    (samples.iter().position(loud).unwrap(), samples.iter().rposition(loud).unwrap())
}

#[test]
fn risers_and_reversed_cymbals_grow_brighter_and_end_with_their_last_frame() {
    for kind in [Effect::Riser, Effect::Reverse] {
        for rate in [44_100.0, 48_000.0, 96_000.0] {
            let (start, frames) = (1000_u64, (3.0 * rate) as u32);
            let end = start as usize + frames as usize;
            let [left, _] =
                stem(&mut renderer(rate), &[effect(start, kind, frames)], 4 * rate as u64, Role::Texture);
            let (first, last) = heard(&left);
            assert!(first >= start as usize && last < end && last + 60 > end, "{kind:?}: {first} to {last}");
            assert!(left[end..].iter().all(|x| *x == 0.0));
            let part = |seconds: f64| &left[start as usize + (seconds * rate) as usize..][..4096];
            let levels = [0.6, 1.2, 1.8, 2.4, 2.85].map(|s| rms(part(s)));
            assert!(levels.windows(2).all(|pair| pair[1] > 1.2 * pair[0]), "{kind:?}: {levels:?}");
            if rate == RATE {
                let hz = [0.6, 1.2, 1.8, 2.4, 2.85].map(|s| centroid(part(s)));
                assert!(hz.windows(2).all(|pair| pair[1] > 1.1 * pair[0]), "{kind:?}: {hz:?}");
            }
        }
    }
}

#[test]
fn falls_grow_darker_and_are_over_with_their_frames() {
    for kind in [Effect::Downlifter, Effect::SubDrop] {
        let (start, frames) = (777_u64, 96_000_u32);
        let [left, _] = stem(&mut renderer(RATE), &[effect(start, kind, frames)], 120_000, Role::Texture);
        let (first, last) = heard(&left);
        assert!(first < 777 + 200 && last < 777 + 96_000, "{kind:?}: {first} to {last}");
        assert!(left[777 + 96_000..].iter().all(|x| *x == 0.0));
        let hz = [0.1, 0.6, 1.2].map(|s| centroid(&left[777 + (s * RATE) as usize..]));
        assert!(hz.windows(2).all(|pair| pair[1] < 0.9 * pair[0]), "{kind:?}: {hz:?}");
        assert!(rms(&left[777 + 86_400..777 + 91_200]) < 0.5 * rms(&left[5577..10_377]), "{kind:?}");
    }
}

#[test]
fn an_impact_is_low_and_has_a_tail_whatever_its_frames() {
    let play = |frames| {
        let events = [effect(640, Effect::Impact, frames)];
        stem(&mut renderer(RATE), &events, 6 * 48_000, Role::Texture)
    };
    let [left, right] = play(0);
    assert_eq!([left.clone(), right], play(99_999));
    let early = rms(&left[640..640 + 4800]);
    assert!(db(early) > -24.0, "{}", db(early));
    let tail = db(rms(&left[640 + 48_000..640 + 52_800]) / early);
    assert!((-30.0..-8.0).contains(&tail), "the tail is at {tail} dB after a second");
    assert!(centroid(&left[640 + 9600..]) < 300.0);
    assert!(left[5 * 48_000..].iter().all(|x| *x == 0.0));
}

#[test]
fn they_sit_in_the_mix_keep_in_mono_and_do_not_click() {
    for kind in Effect::ALL {
        let sides = stem(&mut renderer(RATE), &[effect(100, kind, 96_000)], 150_000, Role::Texture);
        let [left, right] = &sides;
        let peak = left.iter().chain(right).fold(0.0_f32, |peak, x| peak.max(x.abs()));
        assert!((-14.0..-1.0).contains(&db(peak)), "{kind:?} has a peak of {} dB", db(peak));
        let mono: Vec<f32> = left.iter().zip(right).map(|(l, r)| 0.5 * (l + r)).collect();
        let whole = (0.5 * (rms(left).powi(2) + rms(right).powi(2))).sqrt();
        assert!(db(rms(&mono) / whole) > -1.5, "{kind:?}: {} dB in mono", db(rms(&mono) / whole));
        let mean = left.iter().sum::<f32>() / left.len() as f32;
        assert!(mean.abs() < 1e-3 * peak.max(0.1), "{kind:?}: {mean}");
        // Neither where it begins nor where it ends is a step that stands out of the sound.
        let (first, last) = heard(left);
        let step = |range: std::ops::Range<usize>| {
            left[range].windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0_f32, f32::max)
        };
        let within = step(first + 500..last - 500);
        assert!(step(first.saturating_sub(10)..first + 20) <= within, "{kind:?}");
        assert!(step(last - 20..last + 10) <= 0.5 * within, "{kind:?}");
    }
}

#[test]
fn the_place_in_the_block_and_the_texture_do_not_matter_and_the_seed_does() {
    let bank = bank();
    for kind in Effect::ALL {
        let play = |start: u64, patch: &str, seed: u64| {
            let mut renderer = Renderer::new(RATE, &patches_with(&bank, patch), seed).unwrap();
            let [left, _] = stem(&mut renderer, &[effect(start, kind, 20_000)], 48_000, Role::Texture);
            left[start as usize..start as usize + 30_000].to_vec()
        };
        let one = play(64, "tex-rain", 1);
        assert_eq!(one, play(101, "tex-rain", 1), "{kind:?} depends on where the block begins");
        assert_eq!(one, play(64, "tex-machine", 1), "{kind:?} depends on the texture");
        assert!(kind == Effect::SubDrop || one != play(64, "tex-rain", 2), "{kind:?} has no seed");
    }
    let mut renderer = renderer(RATE);
    let events = [effect(10, Effect::Riser, 30_000), effect(200, Effect::Riser, 30_000)];
    let first = stem(&mut renderer, &events, 9600, Role::Texture);
    assert_ne!(first[0][1000..1064], first[0][1190..1254], "two risers are the same");
    renderer.reset();
    assert!(renderer.is_silent());
    assert_eq!(first, stem(&mut renderer, &events, 9600, Role::Texture));
}

#[test]
fn more_than_there_is_room_for_do_no_harm_and_nothing_is_allocated() {
    let mut renderer = renderer(RATE);
    let mut block = StemBlock::default();
    for round in 0..400_u32 {
        let mut events = [effect(0, Effect::ALL[round as usize % 5], 40_000).1; 6];
        let odd = [f32::NAN, f32::INFINITY, -1.0, 0.1, 0.1, 9.0];
        for (k, (event, odd)) in events.iter_mut().zip(odd).enumerate() {
            event.frame = round * 7 + k as u32 * 11;
            event.role = Role::ALL[k];
            event.kind = match (round + k as u32) % 3 {
                0 => EventKind::Sweep {
                    kind: if round % 2 == 0 { SweepKind::LowPass } else { SweepKind::HighPass },
                    frames: [0, 1, 31, 5000, u32::MAX, 200][k],
                    from_hz: odd,
                    to_hz: odd * 1000.0,
                },
                1 => EventKind::Cut { frames: [0, 1, 150, 2000, 3, u32::MAX][k] },
                _ => EventKind::Effect { effect: Effect::ALL[round as usize % 5], frames: 40_000, gain: odd },
            };
        }
        assert_no_alloc(|| renderer.render(&events, &mut block));
        assert!(block.0.iter().flatten().flatten().all(|x| x.is_finite() && x.abs() < 4.0));
    }
    renderer.reset();
    renderer.render(&[], &mut block);
    assert!(renderer.is_silent() && block.0.iter().flatten().flatten().all(|x| *x == 0.0));
}

/// A held pad, with other events.
fn pad(extra: &[(u64, RenderEvent)]) -> [Vec<f32>; 2] {
    let bank = bank();
    let mut renderer =
        Renderer::new(RATE, &patches_with(&bank, "pad-strings"), 1).unwrap_or_else(|error| panic!("{error}"));
    let note = |pitch: u8| {
        let on = EventKind::NoteOn { note: NoteId(u64::from(pitch)), pitch, velocity: 0.8 };
        at(0, Role::Pad, on)
    };
    let mut events = vec![note(45), note(57), note(64)];
    events.extend_from_slice(extra);
    stem(&mut renderer, &events, 5 * 48_000, Role::Pad)
}

#[test]
fn a_cut_is_silent_and_comes_back_as_if_nothing_had_been() {
    let start = 2 * 48_000 + 13;
    let whole = pad(&[]);
    let cut = pad(&[at(start, Role::Pad, EventKind::Cut { frames: 24_000 })]);
    let (from, to) = (start as usize, start as usize + 24_000);
    for (whole, cut) in whole.iter().zip(&cut) {
        assert_eq!(whole[..from], cut[..from]);
        assert!(cut[from + 200..to - 200].iter().all(|x| *x == 0.0));
        assert_eq!(whole[to..], cut[to..]);
        let step = |x: &[f32]| x.windows(2).map(|p| (p[1] - p[0]).abs()).fold(0.0_f32, f32::max);
        assert!(step(&cut[from - 300..from + 300]) <= 1.1 * step(&whole[from - 3000..from + 3000]));
        assert!(step(&cut[to - 300..to + 300]) <= 1.1 * step(&whole[to - 3000..to + 3000]));
    }
    assert_eq!(whole, pad(&[at(start, Role::Lead, EventKind::Cut { frames: 24_000 })]), "another role's cut");
}

#[test]
fn a_sweep_darkens_its_stem_alone_and_is_gone() {
    let start = 48_000_u64 + 29;
    let sweep = |kind, from_hz, to_hz| EventKind::Sweep { kind, frames: 96_000, from_hz, to_hz };
    let whole = pad(&[]);
    let low = pad(&[at(start, Role::Pad, sweep(SweepKind::LowPass, 150.0, 18_000.0))]);
    let high = pad(&[at(start, Role::Pad, sweep(SweepKind::HighPass, 20.0, 4000.0))]);
    let from = start as usize;
    let part = |x: &[Vec<f32>; 2], at: usize| x[0][at..at + 4096].to_vec();
    let loss = |x: &[Vec<f32>; 2], at: usize| db(rms(&part(x, at)) / rms(&part(&whole, at)));
    assert!(centroid(&part(&low, from + 4800)) < 0.5 * centroid(&part(&whole, from + 4800)));
    assert!(loss(&low, from + 4800) < -1.0 && loss(&low, from + 90_000).abs() < 0.5);
    assert!(loss(&high, from + 1000).abs() < 1.0 && loss(&high, from + 91_000) < -15.0);
    for swept in [&low, &high] {
        assert_eq!(swept[0][..from], whole[0][..from]);
        assert_eq!(swept[0][from + 96_000 + 200..], whole[0][from + 96_000 + 200..]);
    }
    let step = |x: &[f32]| x.windows(2).map(|p| (p[1] - p[0]).abs()).fold(0.0_f32, f32::max);
    assert!(step(&low[0]) <= 1.3 * step(&whole[0]), "{} {}", step(&low[0]), step(&whole[0]));
}
