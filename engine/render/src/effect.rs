//! What a stem does to the sum of its voices, and the settings of it.

pub mod chorus;
pub mod delay;
pub mod drive;
pub mod duck;
pub mod equaliser;
pub mod reverb;
pub mod shutter;
pub mod sweep;

use crate::patch::Check;
use serde::Deserialize;

/// Bell filters of a stem.
pub(crate) const PEAKS: usize = 3;

/// How a stem is treated.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct StemSpec {
    /// High-pass that keeps the low end for bass and kick, Hz.
    pub low_cut_hz: f32,
    /// Bell filters `[Hz, Q, dB]`: bodies of instruments, rooms in the mix.
    #[serde(deserialize_with = "read_peaks")]
    pub peaks: [[f32; 3]; PEAKS],
    /// Level before the saturation, dB; 0 switches it off.
    pub drive_db: f32,
    /// Low-pass after the saturation, the loudspeaker of an amplifier, Hz; only with drive.
    pub cabinet_hz: f32,
    /// Place, -1 left to 1 right.
    pub pan: f32,
    /// Width, 0 mono, 1 as it is, up to 2.
    pub width: f32,
    /// Depth of the tremolo, 0 to 1.
    pub tremolo: f32,
    /// Speed of the tremolo, Hz.
    pub tremolo_hz: f32,
    /// Whether the tremolo swings from side to side, as electric pianos do.
    pub tremolo_stereo: bool,
    /// Part of the chorus, 0 to 1.
    pub chorus: f32,
    /// Part sent to the delay, 0 to 1.
    pub delay: f32,
    /// Time of the delay, quarter notes.
    pub delay_beats: f32,
    /// Part of the delay that comes again.
    pub delay_feedback: f32,
    /// Part sent to the reverb, 0 to 1.
    pub reverb: f32,
    /// Time of the reverb to fall by 60 dB, seconds.
    pub reverb_s: f32,
    /// Above this the reverb falls faster, Hz.
    pub reverb_damp_hz: f32,
    /// How far the kick pushes the stem down, dB.
    pub duck_db: f32,
}

impl Default for StemSpec {
    fn default() -> Self {
        Self {
            low_cut_hz: 20.0,
            peaks: [[1000.0, 0.7, 0.0]; PEAKS],
            drive_db: 0.0,
            cabinet_hz: 20_000.0,
            pan: 0.0,
            width: 1.0,
            tremolo: 0.0,
            tremolo_hz: 5.0,
            tremolo_stereo: false,
            chorus: 0.0,
            delay: 0.0,
            delay_beats: 0.75,
            delay_feedback: 0.35,
            reverb: 0.0,
            reverb_s: 1.5,
            reverb_damp_hz: 5000.0,
            duck_db: 0.0,
        }
    }
}

fn read_peaks<'de, D: serde::Deserializer<'de>>(from: D) -> Result<[[f32; 3]; PEAKS], D::Error> {
    let list = Vec::<[f32; 3]>::deserialize(from)?;
    if list.len() > PEAKS {
        return Err(serde::de::Error::custom(format!(
            "it must hold at most {PEAKS} peaks, not {}",
            list.len()
        )));
    }
    let mut peaks = [[1000.0, 0.7, 0.0]; PEAKS];
    peaks[..list.len()].copy_from_slice(&list);
    Ok(peaks)
}

impl StemSpec {
    /// Checks every range.
    pub fn check(&self, check: &mut Check) {
        check.range("low_cut_hz", self.low_cut_hz, 10.0, 2000.0);
        for (k, [hz, q, db]) in self.peaks.into_iter().enumerate() {
            check.within(&format!("peaks[{k}]"), |c| {
                c.range("[0]", hz, 30.0, 16_000.0);
                c.range("[1]", q, 0.2, 12.0);
                c.range("[2]", db, -24.0, 18.0);
            });
        }
        check.range("drive_db", self.drive_db, 0.0, 40.0);
        check.range("cabinet_hz", self.cabinet_hz, 500.0, 20_000.0);
        check.range("pan", self.pan, -1.0, 1.0);
        check.range("width", self.width, 0.0, 2.0);
        check.range("tremolo", self.tremolo, 0.0, 1.0);
        check.range("tremolo_hz", self.tremolo_hz, 0.1, 15.0);
        check.range("chorus", self.chorus, 0.0, 1.0);
        check.range("delay", self.delay, 0.0, 1.0);
        check.range("delay_beats", self.delay_beats, 0.125, 4.0);
        check.range("delay_feedback", self.delay_feedback, 0.0, 0.85);
        check.range("reverb", self.reverb, 0.0, 1.0);
        check.range("reverb_s", self.reverb_s, 0.1, 12.0);
        check.range("reverb_damp_hz", self.reverb_damp_hz, 500.0, 18_000.0);
        check.range("duck_db", self.duck_db, 0.0, 24.0);
    }
}

/// A number that glides to where it is sent, so that a change of patch is no click.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Glide {
    pub now: f32,
}

impl Glide {
    /// Moves towards `goal` for a block and returns the value before it and the step a frame.
    #[inline]
    pub fn block(&mut self, goal: f32, way: f32, frames: usize) -> (f32, f32) {
        let from = self.now;
        self.now += way * (goal - from);
        if (self.now - goal).abs() < 1e-5 {
            self.now = goal;
        }
        (from, (self.now - from) / frames as f32)
    }
}
