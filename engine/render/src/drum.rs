//! Drum synthesis: one voice model that, with the settings of a kit, is any of the sixteen lanes.
//!
//! A drum is a swept tone with the overtones of a membrane (the skin), ringing modes (shell, bell, gong), filtered noise
//! (wires, claps, shakers) and a cluster of square waves (cymbals and hats, as in the TR-808), each with a decay of its
//! own. A harder hit is brighter and quicker to rise, and no hit is quite the one before it.

mod air;
mod kit;
mod metal;
mod skin;
mod voice;

pub(crate) use kit::DrumPool;
pub(crate) use voice::Hit;

use crate::patch::Check;
use serde::Deserialize;

/// Ringing modes of one drum.
pub(crate) const RINGS: usize = 16;
/// Overtones of a skin.
pub(crate) const OVERTONES: usize = 4;

/// One instrument of a kit.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DrumSpec {
    /// Level, dB.
    #[serde(default)]
    pub gain_db: f32,
    /// Place, -1 left to 1 right.
    #[serde(default)]
    pub pan: f32,
    /// Difference in level between the softest and the hardest hit, dB.
    #[serde(default = "default_velocity_db")]
    pub velocity_db: f32,
    /// The skin.
    pub skin: Option<SkinSpec>,
    /// Modes `[Hz, level, decay by 60 dB in ms]`.
    #[serde(default, deserialize_with = "read_rings")]
    pub rings: [[f32; 3]; RINGS],
    /// The noise.
    pub noise: Option<NoiseSpec>,
    /// The cluster of squares.
    pub metal: Option<MetalSpec>,
    /// Saturation of the whole, 0 to 1.
    #[serde(default)]
    pub drive: f32,
    /// How much one hit differs from the next: at 1 by half a decibel, 0.8 % of pitch and 6 % of decay to either side.
    #[serde(default = "full")]
    pub vary: f32,
    /// Rate at which the whole is sampled and held, Hz; 0 leaves it smooth.
    #[serde(default)]
    pub crush_hz: f32,
}

/// A tone that falls.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SkinSpec {
    /// Where the pitch comes to rest, Hz.
    pub hz: f32,
    /// Octaves above, where it starts.
    #[serde(default)]
    pub sweep: f32,
    /// Time in which the way down is covered to a thousandth, milliseconds.
    #[serde(default = "default_sweep_ms")]
    pub sweep_ms: f32,
    /// Decay by 60 dB, milliseconds.
    pub decay_ms: f32,
    /// Level.
    #[serde(default = "full")]
    pub level: f32,
    /// Level of the click at the start.
    #[serde(default)]
    pub click: f32,
    /// Overtones `[ratio, level]`, which follow the pitch and fall twice as fast.
    #[serde(default, deserialize_with = "read_overtones")]
    pub overtones: [[f32; 2]; OVERTONES],
}

/// Filtered noise.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoiseSpec {
    /// High-pass, Hz.
    pub low_hz: f32,
    /// Low-pass, Hz.
    #[serde(default = "default_high_hz")]
    pub high_hz: f32,
    /// Q of both; more than 0.7 gives it a pitch.
    #[serde(default = "default_q")]
    pub q: f32,
    /// Rise, milliseconds.
    #[serde(default)]
    pub attack_ms: f32,
    /// Decay by 60 dB, milliseconds.
    pub decay_ms: f32,
    /// Level.
    #[serde(default = "full")]
    pub level: f32,
    /// How many hands: short bursts before the decay.
    #[serde(default)]
    pub bursts: u8,
    /// Distance of the bursts, milliseconds; each comes a little early or late.
    #[serde(default = "default_burst_ms")]
    pub burst_ms: f32,
    /// Octaves that the low-pass sinks while the noise falls by 60 dB.
    #[serde(default)]
    pub fall: f32,
    /// How much more of it than of the rest a soft hit lacks, dB: wires that a soft stroke leaves at rest.
    #[serde(default)]
    pub soft_db: f32,
    /// Depth of a slow movement in level and colour, 0 to 1: brushes that are stirred.
    #[serde(default)]
    pub swirl: f32,
    /// Its speed, Hz.
    #[serde(default = "default_swirl_hz")]
    pub swirl_hz: f32,
}

/// Six square waves at the distances of the TR-808's hat.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MetalSpec {
    /// The lowest square, Hz.
    pub hz: f32,
    /// High-pass, Hz.
    pub low_hz: f32,
    /// Low-pass, Hz.
    #[serde(default = "default_metal_hz")]
    pub high_hz: f32,
    /// Octaves that the low-pass sinks while the metal falls by 60 dB, as it does in a cymbal.
    #[serde(default)]
    pub fall: f32,
    /// From the bare sum of the squares, 0, to the product of two halves, 1, whose many partials are those of a cymbal.
    #[serde(default)]
    pub dense: f32,
    /// Decay by 60 dB, milliseconds.
    pub decay_ms: f32,
    /// Level.
    #[serde(default = "full")]
    pub level: f32,
}

fn default_velocity_db() -> f32 {
    24.0
}
fn default_sweep_ms() -> f32 {
    60.0
}
fn full() -> f32 {
    1.0
}
fn default_high_hz() -> f32 {
    16_000.0
}
fn default_q() -> f32 {
    0.707
}
fn default_burst_ms() -> f32 {
    10.0
}
fn default_swirl_hz() -> f32 {
    5.0
}
fn default_metal_hz() -> f32 {
    20_000.0
}

fn read_overtones<'de, D: serde::Deserializer<'de>>(from: D) -> Result<[[f32; 2]; OVERTONES], D::Error> {
    let list = Vec::<[f32; 2]>::deserialize(from)?;
    if list.len() > OVERTONES {
        return Err(serde::de::Error::custom(format!(
            "it must hold at most {OVERTONES} overtones, not {}",
            list.len()
        )));
    }
    let mut overtones = [[1.0, 0.0]; OVERTONES];
    overtones[..list.len()].copy_from_slice(&list);
    Ok(overtones)
}

fn read_rings<'de, D: serde::Deserializer<'de>>(from: D) -> Result<[[f32; 3]; RINGS], D::Error> {
    let list = Vec::<[f32; 3]>::deserialize(from)?;
    if list.len() > RINGS {
        return Err(serde::de::Error::custom(format!(
            "it must hold at most {RINGS} modes, not {}",
            list.len()
        )));
    }
    let mut rings = [[100.0, 0.0, 10.0]; RINGS];
    rings[..list.len()].copy_from_slice(&list);
    Ok(rings)
}

impl DrumSpec {
    /// Checks every range.
    pub fn check(&self, check: &mut Check) {
        check.range("gain_db", self.gain_db, -40.0, 20.0);
        check.range("pan", self.pan, -1.0, 1.0);
        check.range("velocity_db", self.velocity_db, 0.0, 48.0);
        check.range("drive", self.drive, 0.0, 1.0);
        check.range("vary", self.vary, 0.05, 2.0);
        check.range("crush_hz", self.crush_hz, 0.0, 20_000.0);
        if let Some(skin) = &self.skin {
            check.within("skin", |c| {
                c.range("hz", skin.hz, 20.0, 4000.0);
                c.range("sweep", skin.sweep, -2.0, 6.0);
                c.range("sweep_ms", skin.sweep_ms, 1.0, 1000.0);
                c.range("decay_ms", skin.decay_ms, 5.0, 8000.0);
                c.range("level", skin.level, 0.0, 2.0);
                c.range("click", skin.click, 0.0, 2.0);
                for (k, [ratio, level]) in skin.overtones.into_iter().enumerate() {
                    if level != 0.0 {
                        c.range(&format!("overtones[{k}][0]"), ratio, 0.2, 12.0);
                        c.range(&format!("overtones[{k}][1]"), level, -2.0, 2.0);
                    }
                }
            });
        }
        for (k, [hz, level, decay_ms]) in self.rings.into_iter().enumerate() {
            if level != 0.0 {
                check.within(&format!("rings[{k}]"), |c| {
                    c.range("[0]", hz, 20.0, 16_000.0);
                    c.range("[1]", level, -2.0, 2.0);
                    c.range("[2]", decay_ms, 5.0, 20_000.0);
                });
            }
        }
        if let Some(noise) = &self.noise {
            check.within("noise", |c| {
                c.range("low_hz", noise.low_hz, 20.0, 12_000.0);
                c.range("high_hz", noise.high_hz, 100.0, 20_000.0);
                c.range("q", noise.q, 0.5, 10.0);
                c.range("attack_ms", noise.attack_ms, 0.0, 500.0);
                c.range("decay_ms", noise.decay_ms, 5.0, 10_000.0);
                c.range("level", noise.level, 0.0, 4.0);
                c.range("bursts", f32::from(noise.bursts), 0.0, 8.0);
                c.range("burst_ms", noise.burst_ms, 2.0, 60.0);
                c.range("fall", noise.fall, -4.0, 6.0);
                c.range("soft_db", noise.soft_db, -24.0, 24.0);
                c.range("swirl", noise.swirl, 0.0, 1.0);
                c.range("swirl_hz", noise.swirl_hz, 0.1, 40.0);
            });
        }
        if let Some(metal) = &self.metal {
            check.within("metal", |c| {
                c.range("hz", metal.hz, 60.0, 2000.0);
                c.range("low_hz", metal.low_hz, 100.0, 12_000.0);
                c.range("high_hz", metal.high_hz, 500.0, 20_000.0);
                c.range("fall", metal.fall, 0.0, 6.0);
                c.range("dense", metal.dense, 0.0, 1.0);
                c.range("decay_ms", metal.decay_ms, 5.0, 10_000.0);
                c.range("level", metal.level, 0.0, 4.0);
            });
        }
    }
}
