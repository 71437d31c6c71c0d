//! A loop to learn from, and what is known of it.

use sceneloop_model::{Condition, Row};
use sceneloop_music::{Bpm, Clip, Descriptor, Dimension, Energy, LoopGrid, Mode, PerRole, Role, Style};

/// How far the chords of a loop can be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// Written down by people, or by the teacher.
    Sure,
    /// Estimated from the notes: heard as a hint, never asked for.
    Guessed,
    /// There are none.
    Unknown,
}

/// A loop to learn from. It need not be valid: real music has notes outside its key.
#[derive(Debug, Clone)]
pub struct Material {
    /// Notes on the tonic C, and chords.
    pub grid: LoopGrid,
    /// Which roles play. Nothing is learned of the others' silence.
    pub present: PerRole<bool>,
    /// How much each role is wanted, 0 to 1, where it plays. Says from which energy on it does.
    pub presence: PerRole<f32>,
    /// Whether the chords can be believed.
    pub harmony: Trust,
    /// The mode, where it is known.
    pub mode: Option<Mode>,
    /// Style families with weights that add up to 1; none where unknown.
    pub styles: Vec<(Style, f32)>,
    /// The tempo, where it is known.
    pub tempo: Option<Bpm>,
    /// Whether velocities were played or composed, and not filled in.
    pub velocities: bool,
    /// Whether notes have ranks.
    pub ranks: bool,
    /// Whether the swing is known.
    pub swing: bool,
}

impl Material {
    /// Whether a row can be learned from and judged by: it plays, or its chords are sure.
    pub fn teaches(&self, row: Row) -> bool {
        match row {
            Row::Harmony => self.harmony == Trust::Sure,
            Row::Role(role) => self.present[role],
        }
    }

    /// Takes a role away.
    pub fn silence(&mut self, role: Role) {
        self.grid.clips[role] = Clip::default();
        self.present[role] = false;
    }

    /// What the network would be told to get this loop: what the loop measures with all its notes, as far as it can be known.
    pub fn condition(&self) -> Condition {
        let mut given = [true; Descriptor::LEN];
        let mut unknown = |dimensions: &[Dimension]| {
            dimensions.iter().for_each(|dimension| given[dimension.index()] = false);
        };
        unknown(&[Dimension::TonicCos, Dimension::TonicSin]);
        if self.mode.is_none() {
            unknown(&[Dimension::ModeBrightness]);
        }
        if self.harmony != Trust::Sure {
            unknown(&[Dimension::HarmonicRhythm, Dimension::HarmonicComplexity]);
        }
        if !self.swing {
            unknown(&[Dimension::Swing]);
        }
        // Both are made of the tempo and of how loud notes are.
        if self.tempo.is_none() || !self.velocities || self.mode.is_none() {
            unknown(&[Dimension::Valence, Dimension::Arousal]);
        }
        if self.tempo.is_none() {
            unknown(&[Dimension::Tempo]);
        }
        if Role::ALL.iter().all(|role| !self.present[*role]) {
            given = [false; Descriptor::LEN];
            given[Dimension::HarmonicRhythm.index()] = self.harmony == Trust::Sure;
            given[Dimension::HarmonicComplexity.index()] = self.harmony == Trust::Sure;
        }
        Condition {
            wanted: Descriptor::measure(&self.grid, self.tempo.unwrap_or_default(), Energy::new(100.0)),
            given,
            roles: PerRole::from_fn(
                |role| if self.present[role] { self.presence[role].max(0.01) } else { 0.0 },
            ),
            styles: self.styles.clone(),
            mode: self.mode,
            metre: self.grid.metre,
            bars: self.grid.bars,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::teaching;
    use sceneloop_music::{Dice, Metre};

    #[test]
    fn what_is_not_known_is_not_given() {
        let mut material = teaching::lesson(Metre::FOUR_FOUR, 4, &mut Dice::new(5, "test")).now;
        let told = material.condition();
        assert_eq!(told.given.iter().filter(|given| **given).count(), Descriptor::LEN - 2);
        assert_eq!(told.mode, material.mode);
        material.tempo = None;
        material.harmony = Trust::Guessed;
        let told = material.condition();
        assert!(!told.given[Dimension::Tempo.index()] && !told.given[Dimension::HarmonicRhythm.index()]);
        assert!(told.given[Dimension::OnsetDensity.index()]);
        let share = told.wanted[Dimension::DrumShare];
        if material.present[Role::Drums] {
            assert!(share > 0.0);
        }
        material.silence(Role::Drums);
        assert_eq!(material.condition().wanted[Dimension::DrumShare], 0.0);
    }
}
