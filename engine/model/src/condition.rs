//! What the network is told of the loop it is to write, as one vector.

use sceneloop_music::{Descriptor, Dimension, Metre, Mode, PerRole, Role, Scene, Style};

/// What is wanted. What is not given is left to the network.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// Wanted numbers, and which of them are given.
    pub wanted: Descriptor,
    /// Which of the wanted numbers count.
    pub given: [bool; Descriptor::LEN],
    /// How much each role is wanted: 0 (it does not play) to 1 (from the lowest energies on), as in [`Scene::roles`].
    pub roles: PerRole<f32>,
    /// Style families with weights that add up to 1; none if unknown.
    pub styles: Vec<(Style, f32)>,
    /// The mode, if it is known.
    pub mode: Option<Mode>,
    /// Metre of every bar.
    pub metre: Metre,
    /// 1 to 8.
    pub bars: u8,
}

/// Metres are told by numerator, denominator and steps, so that one not seen in training is near those that were.
const METRE_NUMBERS: usize = 5;

/// Mean and standard deviation of a dimension over loops, so that a wish for one as narrow as the register is heard as well as one for
/// the share of the drums. Measured over the teacher's loops for scenes drawn at random (`evaluate --only generated`, its table of
/// control); what no loop decides is taken as even from 0 to 1.
pub fn usual(dimension: Dimension) -> (f32, f32) {
    match dimension {
        Dimension::ModeBrightness => (0.545, 0.260),
        Dimension::HarmonicRhythm => (0.431, 0.097),
        Dimension::HarmonicComplexity => (0.371, 0.189),
        Dimension::Dissonance => (0.235, 0.070),
        Dimension::OnsetDensity => (0.730, 0.082),
        Dimension::Syncopation => (0.358, 0.116),
        Dimension::MetricEvenness => (0.969, 0.038),
        Dimension::Subdivision => (0.188, 0.100),
        Dimension::Polyphony => (0.652, 0.043),
        Dimension::DrumShare => (0.374, 0.147),
        Dimension::BassShare => (0.079, 0.033),
        Dimension::ChordShare => (0.239, 0.098),
        Dimension::LeadShare => (0.133, 0.059),
        Dimension::ArpShare => (0.176, 0.079),
        Dimension::Register => (0.553, 0.044),
        Dimension::PitchRange => (0.838, 0.056),
        Dimension::StepwiseMotion => (0.539, 0.190),
        _ => (0.5, 0.25),
    }
}

/// Wishes farther from the usual than this many deviations are heard as this far.
const FARTHEST: f32 = 4.0;

impl Condition {
    /// Length of [`Self::vector`].
    pub const LEN: usize = 2 * Descriptor::LEN
        + 2 * Role::COUNT
        + Style::ALL.len()
        + 1
        + Mode::ALL.len()
        + 1
        + METRE_NUMBERS
        + 1;

    /// What a scene asks for.
    pub fn of_scene(scene: &Scene, mode: Mode, metre: Metre, bars: u8) -> Self {
        Self {
            wanted: scene.wanted,
            // The tonic is the host's: loops are composed relative to it.
            given: std::array::from_fn(|index| {
                ![Dimension::TonicCos.index(), Dimension::TonicSin.index()].contains(&index)
            }),
            roles: scene.roles,
            styles: scene.styles.clone(),
            mode: Some(mode),
            metre,
            bars,
        }
    }

    /// Nothing wanted but a loop of some length in which every role may play.
    pub fn open(mode: Option<Mode>, metre: Metre, bars: u8) -> Self {
        Self {
            wanted: Descriptor::default(),
            given: [false; Descriptor::LEN],
            roles: PerRole::from_fn(|_| 0.75),
            styles: Vec::new(),
            mode,
            metre,
            bars,
        }
    }

    /// The same loop with nothing said of its style or its numbers: what guidance leads away from.
    pub fn unguided(&self) -> Self {
        Self { given: [false; Descriptor::LEN], styles: Vec::new(), ..self.clone() }
    }

    /// The numbers for the network, each about -1 to 1: wanted numbers from what is usual, in double deviations (0 where not given) and whether
    /// they are given; whether each role plays, and how much it is wanted; styles and whether they are known; the mode and whether it is known; metre; bars.
    pub fn vector(&self) -> [f32; Self::LEN] {
        let mut out = [0.0; Self::LEN];
        let mut at = 0;
        let mut push = |value: f32| {
            out[at] = value;
            at += 1;
        };
        for ((dimension, wanted), given) in Dimension::ALL.into_iter().zip(self.wanted.0).zip(self.given) {
            let (mean, deviation) = usual(dimension);
            let apart = ((wanted - mean) / deviation).clamp(-FARTHEST, FARTHEST) / 2.0;
            push(if given { apart } else { 0.0 });
        }
        self.given.iter().for_each(|given| push(f32::from(*given)));
        for (_, presence) in self.roles.iter() {
            push(f32::from(*presence > 0.0));
            push(*presence);
        }
        for style in Style::ALL {
            push(self.styles.iter().filter(|(known, _)| known == style).map(|(_, weight)| weight).sum());
        }
        push(f32::from(!self.styles.is_empty()));
        for mode in Mode::ALL {
            push(f32::from(self.mode == Some(mode)));
        }
        push(f32::from(self.mode.is_some()));
        let steps = self.metre.steps_per_bar() as f32;
        let beats = self.metre.beats();
        push(steps / 16.0 - 1.0);
        push(beats.len() as f32 / 4.0 - 1.0);
        // Felt beats of two, of three and of four steps: their shares tell compound and odd metres from common time.
        let share = |length: u32| {
            beats.iter().filter(|beat| **beat == length).count() as f32 / beats.len().max(1) as f32
        };
        [4, 6, 2].into_iter().for_each(|length| push(share(length)));
        push(f32::from(self.bars) / 4.0 - 1.0);
        debug_assert_eq!(at, Self::LEN);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn condition(metre: &str) -> Condition {
        Condition {
            wanted: Descriptor([0.25; Descriptor::LEN]),
            given: [true; Descriptor::LEN],
            roles: PerRole::from_fn(|role| if role == Role::Bass { 0.5 } else { 0.0 }),
            styles: vec![(Style::Techno, 0.75), (Style::Jazz, 0.25)],
            mode: Some(Mode::Dorian),
            metre: metre.parse().unwrap(),
            bars: 4,
        }
    }

    #[test]
    fn the_vector_tells_everything_apart() {
        let one = condition("4/4");
        let vector = one.vector();
        let tempo = Dimension::Tempo.index();
        assert_eq!(vector[tempo], -0.5);
        assert!((vector[Dimension::DrumShare.index()] - (0.25 - 0.374) / 0.294).abs() < 1e-6);
        assert_eq!(vector[Dimension::PitchRange.index()], -FARTHEST / 2.0);
        assert_eq!(vector[Descriptor::LEN], 1.0);
        assert!(vector.iter().all(|x| x.is_finite() && x.abs() <= FARTHEST / 2.0));
        let others = [
            condition("3/4"),
            condition("6/8"),
            condition("12/8"),
            condition("7/8"),
            Condition { bars: 8, ..one.clone() },
            Condition { mode: None, ..one.clone() },
            Condition { mode: Some(Mode::Aeolian), ..one.clone() },
            Condition { styles: vec![(Style::Jazz, 1.0)], ..one.clone() },
            Condition { roles: PerRole::from_fn(|_| 0.5), ..one.clone() },
            Condition {
                roles: PerRole::from_fn(|role| if role == Role::Bass { 0.9 } else { 0.0 }),
                ..one.clone()
            },
            one.unguided(),
        ];
        for (index, other) in others.iter().enumerate() {
            assert_ne!(other.vector(), vector, "{index}");
            assert!(others[index + 1..].iter().all(|third| third.vector() != other.vector()));
        }
    }
}
