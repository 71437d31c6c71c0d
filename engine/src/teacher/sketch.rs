//! What all writers of parts look at: time, key, chords, taste, and the loop before.

use super::frame::Frame;
use super::style::Idiom;
use sceneloop_music::{Chord, Descriptor, Dice, Dimension, LoopGrid, PerRole, Role};

/// The wanted descriptor in the arranger's words, each 0 to 1.
#[derive(Debug, Clone, Copy)]
pub struct Taste {
    /// How soon ornaments join.
    pub density: f32,
    /// Off-beat patterns rather than square ones.
    pub syncopation: f32,
    /// Low or high.
    pub register: f32,
    /// How much may sound at once.
    pub polyphony: f32,
    /// Steps rather than leaps.
    pub stepwise: f32,
    /// Calm or excited.
    pub arousal: f32,
}

impl Taste {
    /// Reads what concerns the writers of parts from a descriptor.
    pub fn new(wanted: &Descriptor) -> Self {
        let read = |dimension| wanted_of(wanted, dimension);
        Self {
            density: read(Dimension::OnsetDensity),
            syncopation: read(Dimension::Syncopation),
            register: read(Dimension::Register),
            polyphony: read(Dimension::Polyphony),
            stepwise: read(Dimension::StepwiseMotion),
            arousal: read(Dimension::Arousal),
        }
    }
}

/// One wanted number, 0 to 1 whatever the scene says.
pub fn wanted_of(wanted: &Descriptor, dimension: Dimension) -> f32 {
    let value = wanted[dimension];
    if value.is_finite() { value.clamp(0.0, 1.0) } else { 0.5 }
}

/// The loop as far as it is written, and what it is written for.
#[derive(Debug)]
pub struct Sketch<'a> {
    /// Its time.
    pub frame: Frame,
    /// Key, chords and the clips already written.
    pub grid: LoopGrid,
    /// Whose habits each role follows.
    pub idioms: PerRole<&'static Idiom>,
    /// Whether bass and chords follow one style, so that they can play a riff together.
    pub as_one: bool,
    /// Which roles the scene has.
    pub present: PerRole<bool>,
    /// What is wanted.
    pub taste: Taste,
    /// The loop before, if it has the same metre.
    pub previous: Option<&'a LoopGrid>,
    /// Names the loop.
    pub seed: u64,
}

impl Sketch<'_> {
    /// MIDI key of pitch 0.
    pub fn tonic_key(&self) -> i32 {
        60 + self.grid.key.tonic.offset_from_middle_c()
    }

    /// Semitones by which a register wish moves a part that may move by `most`.
    pub fn lift(&self, most: f32) -> i32 {
        ((self.taste.register - 0.5) * 2.0 * most).round() as i32
    }

    /// Dice for one purpose.
    pub fn dice(&self, purpose: &str) -> Dice {
        Dice::new(self.seed, purpose)
    }

    /// Start, end and chord of the span in which a step lies.
    pub fn span(&self, step: u16) -> (u16, u16, Chord) {
        let index = self.grid.chords.partition_point(|span| span.step <= step).saturating_sub(1);
        let span = self.grid.chords[index];
        let end = self.grid.chords.get(index + 1).map_or(self.frame.steps(), |next| next.step);
        (span.step, end, span.chord)
    }

    /// Steps and chords of all spans.
    pub fn spans(&self) -> impl Iterator<Item = (u16, u16, Chord)> {
        self.grid.chords.iter().map(|span| self.span(span.step))
    }

    /// A bass and a chord pattern that belong together: the pair most like the loop before, or by chance.
    pub fn riff(&self) -> Option<(&'static str, &'static str)> {
        let riffs = self.idioms[Role::Bass].riffs;
        if riffs.is_empty() || !self.as_one {
            return None;
        }
        let mut dice = self.dice("riff");
        let lows: Vec<&'static str> = riffs.iter().map(|(low, _)| *low).collect();
        let known = self.likest(Role::Bass, &lows).filter(|(likeness, _)| *likeness > 0.6);
        if let Some((_, low)) = known {
            return riffs.iter().copied().find(|riff| riff.0 == low);
        }
        let chance = if self.previous.is_some() { 0.2 } else { 0.5 };
        dice.chance(chance).then(|| *dice.pick(riffs))
    }

    /// The pattern most like what a role played in the loop before, and how like it is.
    pub fn likest(&self, role: Role, patterns: &[&'static str]) -> Option<(f32, &'static str)> {
        let before = self.previous?;
        let old: Vec<u16> = onsets(&before.clips[role].notes.iter().map(|n| n.onset).collect::<Vec<_>>());
        let likeness = |pattern: &str| {
            let new: Vec<u16> = self.frame.hits(|_| pattern).iter().map(|hit| hit.step).collect();
            kinship(&new, &old)
        };
        patterns.iter().map(|pattern| (likeness(pattern), *pattern)).max_by(|a, b| a.0.total_cmp(&b.0))
    }

    /// Chooses a pattern: the one most like the loop before where there is one, else by chance with a leaning to
    /// the wanted syncopation.
    pub fn choose(&self, role: Role, patterns: &[&'static str], dice: &mut Dice) -> &'static str {
        let throw = dice.unit();
        let stay = !dice.chance(0.12);
        if let Some((_, pattern)) =
            self.likest(role, patterns).filter(|(likeness, _)| stay && *likeness > 0.5)
        {
            return pattern;
        }
        // Patterns usually have half of their strokes off the beat, and a stroke on every third step.
        let suits = |wish: f32, has: f32, usual: f32| (-12.0 * (wish - 0.5) * (usual - has)).exp2();
        let weights: Vec<f32> = patterns
            .iter()
            .map(|pattern| {
                suits(self.taste.syncopation, off_beat(pattern), 0.5)
                    * suits(self.taste.density, fullness(pattern), 0.33)
            })
            .collect();
        let mut left = throw * weights.iter().sum::<f32>();
        for (pattern, weight) in patterns.iter().zip(&weights) {
            left -= weight;
            if left < 0.0 {
                return pattern;
            }
        }
        patterns[patterns.len() - 1]
    }
}

/// Sorted, without doubles.
fn onsets(steps: &[u16]) -> Vec<u16> {
    let mut sorted = steps.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    sorted
}

/// How alike two sorted sets are, 0 to 1 (Dice's coefficient).
pub fn kinship<T: Ord>(one: &[T], other: &[T]) -> f32 {
    let shared = one.iter().filter(|item| other.binary_search(item).is_ok()).count();
    2.0 * shared as f32 / (one.len() + other.len()).max(1) as f32
}

/// Strokes a step.
fn fullness(pattern: &str) -> f32 {
    let strokes = pattern.bytes().filter(|symbol| !matches!(symbol, b'.' | b'=')).count();
    strokes as f32 / pattern.len().max(1) as f32
}

/// Share of a pattern's strokes that lie off the quarters.
pub fn off_beat(pattern: &str) -> f32 {
    let strokes = |wanted: fn(usize) -> bool| {
        pattern.bytes().enumerate().filter(|(i, symbol)| !matches!(symbol, b'.' | b'=') && wanted(*i)).count()
            as f32
    };
    strokes(|index| index % 4 != 0) / strokes(|_| true).max(1.0)
}

#[cfg(test)]
pub mod tests {
    use super::super::style::idiom;
    use super::*;
    use sceneloop_music::{ChordQuality, Key, Metre, Mode, PitchClass, Style};

    /// An empty loop of one style in four bars of C major, on the tonic's chord.
    pub fn empty(style: Style) -> Sketch<'static> {
        let key = Key::new(PitchClass::new(0), Mode::Ionian);
        Sketch {
            frame: Frame::new(Metre::FOUR_FOUR, 4),
            grid: LoopGrid::empty(Metre::FOUR_FOUR, 4, key, Chord::new(0, ChordQuality::Major)),
            idioms: PerRole::from_fn(|_| idiom(style)),
            as_one: true,
            present: PerRole::from_fn(|_| true),
            taste: Taste::new(&Descriptor::default()),
            previous: None,
            seed: 1,
        }
    }

    #[test]
    fn riffs_join_bass_and_chords_of_one_style_only() {
        let mut sketch = empty(Style::Rock);
        let riffs = (0..40).filter(|seed| {
            sketch.seed = *seed;
            sketch.riff().is_some_and(|riff| idiom(Style::Rock).riffs.contains(&riff))
        });
        assert!((10..30).contains(&riffs.count()));
        sketch.as_one = false;
        assert!((0..40).all(|seed| {
            sketch.seed = seed;
            sketch.riff().is_none()
        }));
    }
}
