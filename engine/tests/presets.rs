//! Every preset that ships, played.

use ebur128::{EbuR128, Mode};
use sceneloop_engine::presets::{Preset, shipped};
use sceneloop_engine::{Engine, Output, Preference};
use sceneloop_music::{Bpm, Metre, Playhead, Role};

const RATE: f64 = 48_000.0;
const BLOCK: usize = 512;

/// Some bars of a preset, interleaved, at the scene's own tempo and metre, from the second loop on: songs may begin with an intro.
fn bounce(preset: &Preset, bars: f64) -> Vec<f32> {
    let engine = Engine::with_notes(Preference::TEACHER, None).unwrap();
    engine.set_scene(&preset.scene).unwrap();
    for (role, patch) in &preset.patches {
        engine.set_patch(*role, Some(patch)).unwrap();
    }
    engine.set_edits(preset.edits);
    let scene = engine.scene();
    let metre = scene.metre.unwrap_or(Metre::FOUR_FOUR);
    let bpm = Bpm::new((scene.tempo.0 * scene.tempo.1).sqrt()).unwrap();
    let mut reader = engine.open_stream(RATE).unwrap();
    let start = f64::from(preset.bars) * metre.quarters_per_bar();
    let mut playhead = Playhead::at(start, bpm, metre, true);
    let frames = bars * metre.quarters_per_bar() / bpm.quarters_per_frame(RATE);
    let (mut left, mut right) = ([0.0; BLOCK], [0.0; BLOCK]);
    let mut audio = Vec::new();
    for _ in 0..(frames / BLOCK as f64) as usize {
        let output = Output { main: [&mut left, &mut right], stems: None };
        reader.process_offline(&playhead, &preset.controls(), output, &mut |_| ());
        audio.extend(left.iter().zip(&right).flat_map(|(left, right)| [*left, *right]));
        playhead = playhead.advanced(BLOCK as f64 * bpm.quarters_per_frame(RATE));
    }
    let now = engine.now_playing().unwrap();
    let key = preset.controls();
    assert!(key.mode.is_none_or(|mode| mode == now.grid.key.mode), "{}", preset.name);
    assert!(key.tonic.is_none_or(|tonic| tonic == now.grid.key.tonic), "{}", preset.name);
    assert!(Role::ALL.into_iter().any(|role| !now.grid.clips[role].notes.is_empty()));
    audio
}

#[test]
fn every_preset_sounds_and_none_is_clipped() {
    for preset in shipped().unwrap() {
        let audio = bounce(preset, 2.0);
        let peak = audio.iter().fold(0.0f32, |most, sample| most.max(sample.abs()));
        let mut meter = EbuR128::new(2, RATE as u32, Mode::I).unwrap();
        meter.add_frames_f32(&audio).unwrap();
        let loud = meter.loudness_global().unwrap();
        assert!(
            peak < 1.0 && (-40.0..-9.0).contains(&loud),
            "{}: {loud:.1} LUFS, peak {peak:.3}",
            preset.name
        );
    }
}

#[test]
fn the_same_preset_is_the_same_music() {
    let preset = shipped().unwrap().iter().find(|preset| !preset.patches.is_empty()).unwrap();
    assert!(bounce(preset, 1.0) == bounce(preset, 1.0));
}
