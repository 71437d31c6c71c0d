//! SoundFonts: a small one, written here, is played in tune and as loud as its role's patches; broken ones are refused.

#[path = "support/sf2.rs"]
mod sf2;
mod support;

use assert_no_alloc::{AllocDisabler, assert_no_alloc};
use sceneloop_music::{PerRole, Role};
use sceneloop_render::{
    EventKind, NoteId, Patch, RenderEvent, Renderer, RoleMix, SoundFont, SoundFontPlayer, StemBlock,
};
use sf2::file;
use support::{BPM, PartNote, QUARTERS, bank, first_patches, play_stem, typical_part};

#[global_allocator]
static ALLOCATOR: AllocDisabler = AllocDisabler;

const RATE: f64 = 48_000.0;

fn player(role: Role, rate: f64) -> Box<SoundFontPlayer> {
    let font = SoundFont::read(&file()).unwrap_or_else(|error| panic!("{error}"));
    let bank = if role == Role::Drums { 128 } else { 0 };
    Box::new(SoundFontPlayer::new(&font, bank, 0, role, rate).unwrap_or_else(|error| panic!("{error}")))
}

fn renderer(role: Role, rate: f64) -> Renderer {
    let mut renderer = Renderer::new(rate, &first_patches(&bank()), 1).unwrap();
    assert!(renderer.set_soundfont(role, Some(player(role, rate))).is_none());
    renderer
}

#[test]
fn every_role_is_played_as_loud_as_by_its_patches() {
    for role in Role::ALL {
        let seconds = QUARTERS * 60.0 / BPM;
        let [left, right] = play_stem(&mut renderer(role, RATE), &typical_part(role), RATE, seconds, role);
        let mut meter = ebur128::EbuR128::new(2, 48_000, ebur128::Mode::I).unwrap();
        meter.add_frames_planar_f32(&[&left, &right]).unwrap();
        let off = meter.loudness_global().unwrap() - support::target_lufs(role);
        assert!(off.abs() < 4.0, "{role} is {off:+.1} dB off");
    }
}

#[test]
fn it_is_in_tune_at_every_rate_and_the_same_after_a_reset() {
    for rate in [44_100.0, 48_000.0, 96_000.0] {
        let mut renderer = renderer(Role::Lead, rate);
        let note = PartNote { role: Role::Lead, start: 0.0, length: 4.0, pitch: 76, velocity: 0.8 };
        let mut run = || play_stem(&mut renderer, &[note], rate, 1.5, Role::Lead);
        let first = run();
        let part = &first[0][(0.2 * rate) as usize..(1.2 * rate) as usize];
        let rising = part.windows(2).filter(|pair| pair[0] < 0.0 && pair[1] >= 0.0).count();
        assert!((657..=661).contains(&rising), "{rate}: {rising} Hz for an E of 659.3");
        renderer.reset();
        let again = play_stem(&mut renderer, &[note], rate, 1.5, Role::Lead);
        assert!(first == again, "{rate}: after a reset it sounds different");
    }
}

#[test]
fn players_come_and_go_without_allocation_or_click_and_are_handed_back() {
    let mut renderer = Renderer::new(RATE, &first_patches(&bank()), 1).unwrap();
    let (one, other) = (player(Role::Pad, RATE), player(Role::Pad, RATE));
    let lead = player(Role::Lead, RATE);
    let slow = player(Role::Pad, 44_100.0);
    let mut block = StemBlock::default();
    let mut heard = Vec::with_capacity(64 * 1000);
    let on = |pitch: u8| RenderEvent {
        frame: 9,
        role: Role::Pad,
        kind: EventKind::NoteOn { note: NoteId(u64::from(pitch)), pitch, velocity: 0.9 },
    };
    let back = assert_no_alloc(|| {
        assert!(renderer.set_soundfont(Role::Pad, Some(one)).is_none());
        for count in 0..300 {
            let events = [on(57), on(64)];
            renderer.render(if count == 0 { &events } else { &[] }, &mut block);
            heard.extend_from_slice(&block.0[Role::Pad.index()][0]);
        }
        let first = renderer.set_soundfont(Role::Pad, Some(other));
        for _ in 0..300 {
            renderer.render(&[], &mut block);
            heard.extend_from_slice(&block.0[Role::Pad.index()][0]);
        }
        let refused =
            [renderer.set_soundfont(Role::Pad, Some(lead)), renderer.set_soundfont(Role::Pad, Some(slow))];
        (first, refused, renderer.set_soundfont(Role::Pad, None))
    });
    assert!(back.0.is_some_and(|player| player.role() == Role::Pad));
    assert!(back.1[0].as_ref().is_some_and(|player| player.role() == Role::Lead));
    assert!(back.1[1].as_ref().is_some_and(|player| player.sample_rate() == 44_100.0));
    assert!(back.2.is_some());
    let step = |range: std::ops::Range<usize>| {
        heard[range].windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0_f32, f32::max)
    };
    let usual = step(10_000..19_000);
    assert!(
        usual > 1e-4 && step(19_100..19_400) <= 1.5 * usual,
        "{} and usually {usual}",
        step(19_100..19_400)
    );
}

#[test]
fn the_mix_sets_its_level_as_that_of_the_patch() {
    let heard = |level_db: f32| {
        let mut patches = first_patches(&bank());
        patches[Role::Lead] = patches[Role::Lead].mixed(&RoleMix { level_db, ..RoleMix::default() });
        let mut renderer = Renderer::new(RATE, &patches, 1).unwrap();
        renderer.set_soundfont(Role::Lead, Some(player(Role::Lead, RATE)));
        let [left, right] = play_stem(&mut renderer, &typical_part(Role::Lead), RATE, 4.0, Role::Lead);
        let power: f32 = left.iter().chain(&right).map(|x| x * x).sum();
        10.0 * power.log10()
    };
    let softer = heard(-12.0) - heard(0.0);
    assert!((softer + 12.0).abs() < 0.5, "{softer} dB for -12");
}

/// Reads and, where that goes well, plays; whatever comes, it ends and is finite.
fn survives(bytes: &[u8], patches: &PerRole<Patch>) -> bool {
    let font = match SoundFont::read(bytes) {
        Ok(font) => font,
        Err(error) => {
            let text = error.to_string();
            assert!(!text.contains('\n') && text.starts_with("the SoundFont"), "{text}");
            return false;
        }
    };
    for preset in font.presets().into_iter().take(3) {
        match SoundFontPlayer::new(&font, preset.bank, preset.program, Role::Lead, RATE) {
            Ok(player) => {
                let mut renderer = Renderer::new(RATE, patches, 1).unwrap();
                renderer.set_soundfont(Role::Lead, Some(Box::new(player)));
                let notes = [0, 40, 60, 90, 127].map(|pitch| PartNote {
                    role: Role::Lead,
                    start: 0.0,
                    length: 0.1,
                    pitch,
                    velocity: 1.0,
                });
                let heard = play_stem(&mut renderer, &notes, RATE, 0.2, Role::Lead);
                assert!(heard.iter().flatten().all(|x| x.is_finite() && x.abs() < 50.0));
            }
            Err(error) => assert!(!error.to_string().contains('\n')),
        }
    }
    true
}

#[test]
fn broken_files_are_refused_or_played_without_harm() {
    // What the reader says when it panics is caught, and here not wanted on the screen.
    std::panic::set_hook(Box::new(|_| {}));
    let whole = file();
    let patches = first_patches(&bank());
    assert!(survives(&whole, &patches));
    for length in (0..whole.len()).step_by(97).chain(whole.len() - 60..whole.len()) {
        assert!(!survives(&whole[..length], &patches), "{length} bytes of it were taken for a whole file");
    }
    let tables = whole.len() - 700;
    let mut state = 7_u64;
    let mut next = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize
    };
    let (mut taken, mut refused) = (0, 0);
    for round in 0..600 {
        let mut bytes = whole.clone();
        for _ in 0..1 + next() % 4 {
            // The tables and the first bytes, not the samples, which may be anything.
            let place = if round % 5 == 0 { next() % 100 } else { tables + next() % 700 };
            bytes[place] = match next() % 3 {
                0 => 0xff,
                1 => 0,
                _ => next() as u8,
            };
        }
        if survives(&bytes, &patches) { taken += 1 } else { refused += 1 }
    }
    let _ = std::panic::take_hook();
    assert!(taken > 50 && refused > 50, "{taken} taken, {refused} refused");
}

#[test]
fn what_is_not_there_is_said_in_one_sentence() {
    let font = SoundFont::read(&file()).unwrap();
    let names: Vec<String> = font.presets().into_iter().map(|preset| preset.name).collect();
    assert_eq!(names, ["Tone", "Noise"]);
    let error = |bank, program, rate| {
        SoundFontPlayer::new(&font, bank, program, Role::Lead, rate).unwrap_err().to_string()
    };
    assert_eq!(error(0, 5, RATE), "the SoundFont has no preset 5 in bank 0");
    assert_eq!(error(0, 0, 8000.0), "a SoundFont is played at 22050 to 192000 Hz; 8000 is none of these");
    let text = SoundFont::read(b"RIFF").unwrap_err().to_string();
    assert_eq!(text, "the SoundFont cannot be read: it does not begin as a SoundFont 2 file does");
}
