//! What a mix does to a patch: level, place, room and two filters, before the patch is given to the renderer.
//!
//! A patch is an instrument, made to be as loud as its neighbours and heard alone. In a mix it makes room for others. Since a
//! patch is plain data, the mix changes the data, and the renderer has nothing more to do.

use super::{Check, Patch};
use crate::effect::PEAKS;
use crate::error::PatchError;
use serde::Deserialize;

/// Bells that a patch of a file may have; the last of a stem's is the mix's.
pub(crate) const PATCH_PEAKS: usize = PEAKS - 1;

/// How one role stands in a mix. The default changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RoleMix {
    /// Level, dB.
    pub level_db: f32,
    /// Moved to the left (−1) or right (1), added to the patch's own place.
    pub pan: f32,
    /// Factor of the patch's width, 0 mono to 2.
    pub width: f32,
    /// Part sent to the reverb beside the patch's own, 0 to 1.
    pub reverb: f32,
    /// Factor of the reverb's time, 0.25 to 4.
    pub room: f32,
    /// High-pass, where it is higher than the patch's own, Hz.
    pub low_cut_hz: f32,
    /// A bell filter `[Hz, Q, dB]` that makes room for another role.
    pub bell: [f32; 3],
    /// How far the kick pushes the role down, dB; the patch's own where none is given.
    pub duck_db: Option<f32>,
}

impl Default for RoleMix {
    fn default() -> Self {
        Self {
            level_db: 0.0,
            pan: 0.0,
            width: 1.0,
            reverb: 0.0,
            room: 1.0,
            low_cut_hz: 10.0,
            bell: [1000.0, 0.7, 0.0],
            duck_db: None,
        }
    }
}

impl RoleMix {
    /// Checks every range; `file` and `entry` name it in the message.
    ///
    /// # Errors
    /// [`PatchError::Range`] for the first number out of range.
    pub fn check(&self, file: &str, entry: &str) -> Result<(), PatchError> {
        let mut check = Check::default();
        check.range("level_db", self.level_db, -24.0, 12.0);
        check.range("pan", self.pan, -1.0, 1.0);
        check.range("width", self.width, 0.0, 2.0);
        check.range("reverb", self.reverb, 0.0, 1.0);
        check.range("room", self.room, 0.25, 4.0);
        check.range("low_cut_hz", self.low_cut_hz, 10.0, 2000.0);
        check.within("bell", |c| {
            c.range("[0]", self.bell[0], 30.0, 16_000.0);
            c.range("[1]", self.bell[1], 0.2, 12.0);
            c.range("[2]", self.bell[2], -24.0, 18.0);
        });
        check.range("duck_db", self.duck_db.unwrap_or(0.0), 0.0, 24.0);
        match check.finish() {
            None => Ok(()),
            Some(found) => Err(PatchError::Range {
                file: file.to_owned(),
                patch: entry.to_owned(),
                field: found.field,
                value: found.value,
                min: found.min,
                max: found.max,
            }),
        }
    }
}

impl Patch {
    /// The patch as it stands in a mix. Numbers stay within the ranges of [`super::PatchBank`]'s files.
    #[must_use]
    pub fn mixed(mut self, mix: &RoleMix) -> Self {
        self.gain_db = (self.gain_db + mix.level_db).clamp(-60.0, 60.0);
        self.mix_db += mix.level_db;
        let stem = &mut self.stem;
        stem.pan = (stem.pan + mix.pan).clamp(-1.0, 1.0);
        stem.width = (stem.width * mix.width).clamp(0.0, 2.0);
        stem.reverb = (stem.reverb + mix.reverb).clamp(0.0, 1.0);
        stem.reverb_s = (stem.reverb_s * mix.room).clamp(0.1, 12.0);
        stem.low_cut_hz = stem.low_cut_hz.max(mix.low_cut_hz).min(2000.0);
        stem.duck_db = mix.duck_db.unwrap_or(stem.duck_db);
        // The first bell that does nothing, so that no filter runs for nothing.
        if let Some(free) = stem.peaks.iter_mut().find(|[_, _, db]| *db == 0.0)
            && mix.bell[2] != 0.0
        {
            *free = mix.bell;
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PatchBank;

    fn patch() -> Patch {
        let text = include_str!("../../../../assets/patches/chords.toml");
        *PatchBank::from_toml([("chords.toml", text)]).unwrap().get("chords-epiano").unwrap()
    }

    #[test]
    fn a_neutral_mix_changes_nothing_and_another_all_it_names() {
        assert_eq!(patch().mixed(&RoleMix::default()), patch());
        let mix = RoleMix {
            level_db: -3.0,
            pan: 0.25,
            width: 0.5,
            reverb: 0.1,
            room: 2.0,
            low_cut_hz: 200.0,
            bell: [300.0, 1.0, -4.0],
            duck_db: Some(6.0),
        };
        mix.check("mix.toml", "test").unwrap();
        let (plain, mixed) = (patch(), patch().mixed(&mix));
        assert_eq!(mixed.gain_db, plain.gain_db - 3.0);
        assert_eq!(mixed.stem.pan, plain.stem.pan + 0.25);
        assert_eq!(mixed.stem.width, 0.5 * plain.stem.width);
        assert_eq!(mixed.stem.reverb, plain.stem.reverb + 0.1);
        assert_eq!((mixed.stem.low_cut_hz, mixed.stem.duck_db), (200.0, 6.0));
        assert_eq!(mixed.stem.peaks.iter().filter(|peak| **peak == mix.bell).count(), 1);
    }

    #[test]
    fn numbers_out_of_range_are_named() {
        let mix = RoleMix { room: 9.0, ..RoleMix::default() };
        let error = mix.check("mix.toml", "techno, pad").unwrap_err().to_string();
        assert!(
            error.contains("mix.toml") && error.contains("techno, pad") && error.contains("room"),
            "{error}"
        );
        assert!(RoleMix { level_db: f32::NAN, ..RoleMix::default() }.check("", "").is_err());
    }
}
