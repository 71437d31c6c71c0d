//! What each of the sounds is made of.

use crate::event::Effect;

/// One sound. What is a pair moves from the first number to the second while the sound lasts: frequencies by equal
/// ratios, levels by equal decibels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Recipe {
    /// High-pass of noise and metal, Hz.
    pub low_hz: [f32; 2],
    /// Low-pass of noise and metal, Hz.
    pub high_hz: [f32; 2],
    /// Q of both.
    pub q: f32,
    /// Level of the noise, dB.
    pub noise_db: [f32; 2],
    /// Level of the cluster of squares, dB, and its lowest, Hz.
    pub metal_db: [f32; 2],
    pub metal_hz: f32,
    /// Pitch of the tone, Hz, its level, dB, and its harmonics, each weaker than the last.
    pub tone_hz: [f32; 2],
    pub tone_db: [f32; 2],
    pub harmonics: u32,
    /// How the way lies in time: 1 straight, more is late, less is early.
    pub bend: f32,
    /// Level of a blow at the start, dB.
    pub click_db: f32,
    /// Rise at the start and fall at the end, seconds; the fall at most so much of the whole.
    pub rise_s: f32,
    pub fall_s: f32,
    /// Length where the sound has one of its own, seconds.
    pub own_s: Option<f32>,
}

/// A level that is not to be heard.
const NONE: [f32; 2] = [-120.0; 2];

const RISER: Recipe = Recipe {
    low_hz: [150.0, 2500.0],
    high_hz: [500.0, 15_000.0],
    q: 1.1,
    noise_db: [-36.0, -9.0],
    metal_db: NONE,
    metal_hz: 300.0,
    tone_hz: [82.4, 659.3],
    tone_db: [-42.0, -21.0],
    harmonics: 6,
    bend: 1.0,
    click_db: -120.0,
    rise_s: 0.05,
    fall_s: 0.004,
    own_s: None,
};

const DOWNLIFTER: Recipe = Recipe {
    low_hz: [1200.0, 60.0],
    high_hz: [14_000.0, 260.0],
    q: 1.0,
    noise_db: [-9.0, -26.0],
    metal_db: NONE,
    metal_hz: 300.0,
    tone_hz: [659.3, 55.0],
    tone_db: [-22.0, -40.0],
    harmonics: 5,
    bend: 0.8,
    click_db: -120.0,
    rise_s: 0.004,
    fall_s: 60.0,
    own_s: None,
};

const REVERSE: Recipe = Recipe {
    low_hz: [900.0, 2600.0],
    high_hz: [2500.0, 16_000.0],
    q: 0.707,
    noise_db: [-62.0, -10.0],
    metal_db: [-66.0, -14.0],
    metal_hz: 420.0,
    tone_hz: [100.0; 2],
    tone_db: NONE,
    harmonics: 1,
    bend: 0.85,
    click_db: -120.0,
    rise_s: 0.02,
    fall_s: 0.003,
    own_s: None,
};

const IMPACT: Recipe = Recipe {
    low_hz: [140.0, 50.0],
    high_hz: [7000.0, 180.0],
    q: 0.707,
    noise_db: [-12.0, -69.0],
    metal_db: [-26.0, -84.0],
    metal_hz: 180.0,
    tone_hz: [92.0, 30.0],
    tone_db: [-6.5, -66.0],
    harmonics: 2,
    bend: 0.75,
    click_db: -15.0,
    rise_s: 0.0012,
    fall_s: 0.5,
    own_s: Some(3.2),
};

const SUB_DROP: Recipe = Recipe {
    low_hz: [100.0; 2],
    high_hz: [200.0; 2],
    q: 0.707,
    noise_db: NONE,
    metal_db: NONE,
    metal_hz: 300.0,
    tone_hz: [98.0, 24.0],
    tone_db: [-9.0, -14.0],
    harmonics: 3,
    bend: 0.7,
    click_db: -120.0,
    rise_s: 0.006,
    fall_s: 1.5,
    own_s: None,
};

pub(super) fn recipe(effect: Effect) -> &'static Recipe {
    match effect {
        Effect::Riser => &RISER,
        Effect::Downlifter => &DOWNLIFTER,
        Effect::Reverse => &REVERSE,
        Effect::Impact => &IMPACT,
        Effect::SubDrop => &SUB_DROP,
    }
}
