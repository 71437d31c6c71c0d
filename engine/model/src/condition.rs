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

/// The styles that the first weights learned, in the order in which they are told. Those that came later are told as their [`kin`] and,
/// behind everything else, by their own name: weights that learn them begin with what they know of the kin.
pub const FIRST_STYLES: [Style; 21] = [
    Style::Techno,
    Style::House,
    Style::DrumAndBass,
    Style::Synthwave,
    Style::Cyberpunk,
    Style::LoFi,
    Style::HipHop,
    Style::Pop,
    Style::Rock,
    Style::Blues,
    Style::Jazz,
    Style::Latin,
    Style::Folk,
    Style::OrchestralAction,
    Style::OrchestralCalm,
    Style::Horror,
    Style::Ambient,
    Style::Chiptune,
    Style::Tavern,
    Style::Chinese,
    Style::Classical,
];

/// The modes that the first weights learned, in the order in which they are told; the others as with [`FIRST_STYLES`].
pub const FIRST_MODES: [Mode; 18] = [
    Mode::Ionian,
    Mode::Dorian,
    Mode::Phrygian,
    Mode::Lydian,
    Mode::Mixolydian,
    Mode::Aeolian,
    Mode::Locrian,
    Mode::HarmonicMinor,
    Mode::MajorPentatonic,
    Mode::MinorPentatonic,
    Mode::Blues,
    Mode::WholeTone,
    Mode::PhrygianDominant,
    Mode::Gong,
    Mode::Shang,
    Mode::Jue,
    Mode::Zhi,
    Mode::Yu,
];

/// The styles told by their own name behind everything else.
fn later_styles() -> impl Iterator<Item = Style> {
    Style::ALL.iter().copied().filter(|style| !FIRST_STYLES.contains(style))
}

/// The modes told by their own name behind everything else.
fn later_modes() -> impl Iterator<Item = Mode> {
    Mode::ALL.iter().copied().filter(|mode| !FIRST_MODES.contains(mode))
}

/// Which of [`FIRST_STYLES`] a style is told as: itself, or the nearest in rhythm and harmony.
pub fn kin(style: Style) -> Style {
    match style {
        Style::Trance => Style::Techno,
        Style::Dubstep => Style::DrumAndBass,
        Style::Trap => Style::HipHop,
        Style::Funk | Style::Disco => Style::House,
        Style::Metal | Style::Punk => Style::Rock,
        Style::Reggae => Style::Latin,
        Style::Ballad => Style::Pop,
        Style::Space => Style::Ambient,
        Style::Celtic | Style::Raga | Style::Maqam => Style::Tavern,
        Style::Gamelan => Style::Chinese,
        Style::Waltz => Style::Classical,
        Style::March => Style::OrchestralAction,
        first => first,
    }
}

/// Which of [`FIRST_MODES`] a mode is told as: itself, or the one that shares most of its notes. What may be written is bound by the mode
/// itself.
pub fn kin_mode(mode: Mode) -> Mode {
    match mode {
        Mode::DoubleHarmonic => Mode::PhrygianDominant,
        Mode::HungarianMinor => Mode::HarmonicMinor,
        Mode::Nikriz => Mode::Dorian,
        Mode::Todi | Mode::Pelog => Mode::Phrygian,
        first => first,
    }
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
    /// Length of the part of [`Self::vector`] that the first weights were told.
    pub const FIRST: usize = 2 * Descriptor::LEN
        + 2 * Role::COUNT
        + FIRST_STYLES.len()
        + 1
        + FIRST_MODES.len()
        + 1
        + METRE_NUMBERS
        + 1;
    /// Length of what came later: names of styles and modes.
    pub const LATER: usize = Style::ALL.len() - FIRST_STYLES.len() + Mode::ALL.len() - FIRST_MODES.len();
    /// Length of [`Self::vector`].
    pub const LEN: usize = Self::FIRST + Self::LATER;

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

    /// What lies between two wishes; weight 0 is this one, 1 the other. Numbers that both give, roles and styles go over evenly;
    /// what only one gives, and mode, metre and bars, are those of the nearer, in the middle of this one.
    pub fn blend(&self, other: &Self, weight: f32) -> Self {
        let nearer = nearer(self, other, weight);
        let weight = weight.clamp(0.0, 1.0);
        let mut blend = nearer.clone();
        for index in (0..Descriptor::LEN).filter(|index| self.given[*index] && other.given[*index]) {
            blend.wanted.0[index] = between(self.wanted.0[index], other.wanted.0[index], weight);
        }
        blend.roles = PerRole::from_fn(|role| between(self.roles[role], other.roles[role], weight));
        if !self.styles.is_empty() && !other.styles.is_empty() {
            blend.styles = mixed(&self.styles, &other.styles, weight);
        }
        blend
    }

    /// The numbers for the network, each about -1 to 1: wanted numbers from what is usual, in double deviations (0 where not given) and whether
    /// they are given; whether each role plays, and how much it is wanted; styles and whether they are known; the mode and whether it is known; metre; bars;
    /// then [`Self::LATER`]: the later styles and modes by their own names.
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
        let weight = |is: &dyn Fn(Style) -> bool| -> f32 {
            self.styles.iter().filter(|(style, _)| is(*style)).map(|(_, weight)| weight).sum()
        };
        for style in FIRST_STYLES {
            push(weight(&|told| kin(told) == style));
        }
        push(f32::from(!self.styles.is_empty()));
        for mode in FIRST_MODES {
            push(f32::from(self.mode.map(kin_mode) == Some(mode)));
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
        for style in later_styles() {
            push(weight(&|told| told == style));
        }
        for mode in later_modes() {
            push(f32::from(self.mode == Some(mode)));
        }
        debug_assert_eq!(at, Self::LEN);
        out
    }
}

/// The one of two that a weight from 0 to 1 lies nearer to.
pub(crate) fn nearer<'a, T>(one: &'a T, other: &'a T, weight: f32) -> &'a T {
    if weight > 0.5 { other } else { one }
}

/// From one number to another, exact at both ends.
pub(crate) fn between(one: f32, other: f32, weight: f32) -> f32 {
    (1.0 - weight) * one + weight * other
}

/// Both lists of styles with their weights shared, heaviest first.
fn mixed(one: &[(Style, f32)], other: &[(Style, f32)], weight: f32) -> Vec<(Style, f32)> {
    let share = |styles: &[(Style, f32)], wanted: Style| -> f32 {
        styles.iter().filter(|(style, _)| *style == wanted).map(|(_, weight)| weight).sum()
    };
    let both = |style: Style| (style, between(share(one, style), share(other, style), weight));
    let mut styles: Vec<(Style, f32)> =
        Style::ALL.iter().copied().map(both).filter(|(_, weight)| *weight > 0.0).collect();
    styles.sort_by(|a, b| b.1.total_cmp(&a.1));
    styles
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

    #[test]
    fn what_came_later_is_told_as_its_kin_and_by_its_own_name() {
        // The numbers of the shipped weights stand in this order for ever.
        assert_eq!(Condition::FIRST, 2 * 23 + 2 * 7 + 21 + 1 + 18 + 1 + 5 + 1);
        assert_eq!(FIRST_STYLES[..], Style::ALL[..FIRST_STYLES.len()]);
        assert_eq!(FIRST_MODES[..], Mode::ALL[..FIRST_MODES.len()]);
        let told = |condition: &Condition| {
            let vector = condition.vector();
            let (first, later) = vector.split_at(Condition::FIRST);
            (first.to_vec(), later.to_vec())
        };
        let of_style = |style| told(&Condition { styles: vec![(style, 1.0)], ..condition("4/4") });
        let of_mode = |mode| told(&Condition { mode: Some(mode), ..condition("4/4") });
        let mut names = Vec::new();
        for style in Style::ALL {
            assert!(FIRST_STYLES.contains(&kin(*style)), "{style}");
            assert_eq!(kin(*style) == *style, FIRST_STYLES.contains(style), "{style}");
            assert_eq!(of_style(*style).0, of_style(kin(*style)).0, "{style}");
            names.push(of_style(*style).1);
        }
        for mode in Mode::ALL {
            assert!(FIRST_MODES.contains(&kin_mode(mode)), "{mode}");
            assert_eq!(kin_mode(mode) == mode, FIRST_MODES.contains(&mode), "{mode}");
            assert_eq!(of_mode(mode).0, of_mode(kin_mode(mode)).0, "{mode}");
            names.push(of_mode(mode).1);
        }
        // Nothing for what was there from the first; else one place, and no two the same.
        let mut places: Vec<usize> =
            names.iter().filter_map(|name| name.iter().position(|told| *told == 1.0)).collect();
        assert!(names.iter().all(|name| name.iter().sum::<f32>() <= 1.0));
        places.sort_unstable();
        assert_eq!(places, (0..Condition::LATER).collect::<Vec<_>>());
        let mixed =
            Condition { styles: vec![(Style::Trance, 0.75), (Style::Jazz, 0.25)], ..condition("4/4") };
        assert_eq!(told(&mixed).0, told(&condition("4/4")).0);
        let twice = Condition {
            styles: vec![(Style::Trance, 0.5), (Style::Techno, 0.25), (Style::Jazz, 0.25)],
            ..mixed
        };
        assert_eq!(told(&twice).0, told(&condition("4/4")).0);
        assert_eq!(told(&twice).1.iter().sum::<f32>(), 0.5);
    }

    #[test]
    fn a_blend_goes_from_one_wish_to_the_other() {
        let one = condition("4/4");
        let other = Condition {
            wanted: Descriptor([0.75; Descriptor::LEN]),
            given: std::array::from_fn(|index| index != 3),
            roles: PerRole::from_fn(|role| if role == Role::Lead { 1.0 } else { 0.0 }),
            styles: vec![(Style::Jazz, 0.75), (Style::Ambient, 0.25)],
            mode: Some(Mode::Lydian),
            metre: "3/4".parse().unwrap(),
            bars: 2,
        };
        assert_eq!(one.blend(&other, 0.0), one);
        assert_eq!(one.blend(&other, -1.0), one);
        assert_eq!(one.blend(&other, 1.0), other);
        assert_eq!(one.blend(&other, 2.0), other);

        let middle = one.blend(&other, 0.5);
        let last = one.blend(&other, 0.75);
        for (blend, wanted, only_one) in [(&middle, 0.5, 0.25), (&last, 0.625, 0.75)] {
            assert_eq!((blend.wanted.0[0], blend.wanted.0[3]), (wanted, only_one));
            assert!((blend.styles.iter().map(|(_, weight)| weight).sum::<f32>() - 1.0).abs() < 1e-6);
        }
        assert_eq!((middle.roles[Role::Bass], middle.roles[Role::Lead]), (0.25, 0.5));
        assert_eq!(middle.styles, [(Style::Jazz, 0.5), (Style::Techno, 0.375), (Style::Ambient, 0.125)]);
        assert_eq!((middle.mode, middle.metre, middle.bars), (one.mode, one.metre, one.bars));
        assert_eq!((last.mode, last.metre, last.bars), (other.mode, other.metre, other.bars));
        assert!(middle.given[3] && !last.given[3]);
        let unknown = Condition { styles: Vec::new(), ..other };
        assert_eq!(one.blend(&unknown, 0.5).styles, one.styles);
        assert_eq!(one.blend(&unknown, 0.75).styles, []);
    }
}
