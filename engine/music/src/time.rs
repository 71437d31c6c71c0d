//! Musical time: tempo, metre, and the step, a sixteenth note.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Steps in a quarter note: one step is a sixteenth.
pub const STEPS_PER_QUARTER: u32 = 4;

/// What can be wrong with a tempo or a metre.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TimeError {
    /// Outside [`Bpm::MIN`]..=[`Bpm::MAX`], or not a number.
    #[error("a tempo lies between {min} and {max} BPM; {0} does not", min = Bpm::MIN, max = Bpm::MAX)]
    Tempo(f64),
    /// The bar is not a whole number of sixteenths, or too short or long.
    #[error(
        "a metre is 1 to 32 beats of 1, 2, 4, 8 or 16 with a bar of 2 to 64 sixteenths, such as 4/4, 6/8 or 7/8; {0} is not"
    )]
    Metre(String),
}

/// Tempo in quarter notes a minute, always finite and within [`Bpm::MIN`]..=[`Bpm::MAX`].
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Bpm(f64);

impl Bpm {
    /// The slowest tempo, quarter notes a minute.
    pub const MIN: f64 = 10.0;
    /// The fastest tempo, quarter notes a minute.
    pub const MAX: f64 = 960.0;

    /// A checked tempo.
    ///
    /// # Errors
    /// [`TimeError::Tempo`] where `bpm` is not finite or out of range.
    pub fn new(bpm: f64) -> Result<Self, TimeError> {
        if bpm.is_finite() && (Self::MIN..=Self::MAX).contains(&bpm) {
            Ok(Self(bpm))
        } else {
            Err(TimeError::Tempo(bpm))
        }
    }

    /// Quarter notes a minute.
    pub fn get(self) -> f64 {
        self.0
    }

    /// Quarter notes that pass in one frame at `sample_rate` Hz.
    pub fn quarters_per_frame(self, sample_rate: f64) -> f64 {
        self.0 / (60.0 * sample_rate)
    }

    /// Seconds in one sixteenth.
    pub fn step_seconds(self) -> f64 {
        60.0 / self.0 / f64::from(STEPS_PER_QUARTER)
    }
}

impl Default for Bpm {
    fn default() -> Self {
        Self(120.0)
    }
}

impl TryFrom<f64> for Bpm {
    type Error = TimeError;
    fn try_from(bpm: f64) -> Result<Self, TimeError> {
        Self::new(bpm)
    }
}

impl From<Bpm> for f64 {
    fn from(bpm: Bpm) -> f64 {
        bpm.0
    }
}

/// A time signature whose bar is a whole number of sixteenths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Metre {
    numerator: u8,
    denominator: u8,
}

impl Metre {
    /// 4/4.
    pub const FOUR_FOUR: Self = Self { numerator: 4, denominator: 4 };
    /// 3/4.
    pub const THREE_FOUR: Self = Self { numerator: 3, denominator: 4 };

    /// A checked metre.
    ///
    /// # Errors
    /// [`TimeError::Metre`] unless the beats are 1 to 32 of 1, 2, 4, 8 or 16 and the bar is 2 to 64 sixteenths.
    pub fn new(numerator: u8, denominator: u8) -> Result<Self, TimeError> {
        let fits = (1..=32).contains(&numerator)
            && matches!(denominator, 1 | 2 | 4 | 8 | 16)
            && (2..=64).contains(&(u32::from(numerator) * 16 / u32::from(denominator)));
        if fits {
            Ok(Self { numerator, denominator })
        } else {
            Err(TimeError::Metre(format!("{numerator}/{denominator}")))
        }
    }

    /// The upper number.
    pub fn numerator(self) -> u8 {
        self.numerator
    }

    /// The lower number.
    pub fn denominator(self) -> u8 {
        self.denominator
    }

    /// Sixteenths in a bar.
    pub fn steps_per_bar(self) -> u32 {
        u32::from(self.numerator) * 16 / u32::from(self.denominator)
    }

    /// Quarter notes in a bar.
    pub fn quarters_per_bar(self) -> f64 {
        f64::from(self.steps_per_bar()) / f64::from(STEPS_PER_QUARTER)
    }

    /// The felt beats of the bar, each as a length in steps; they add up to [`Self::steps_per_bar`].
    ///
    /// Compound metres (6/8, 9/8, 12/8) have beats of six steps; other metres in eighths are twos with one three
    /// (or two) at the end (7/8 = 2+2+3); metres in sixteenths likewise with half the lengths; all others have one
    /// beat a lower number.
    pub fn beats(self) -> Vec<u32> {
        let steps = self.steps_per_bar();
        let unit = 16 / u32::from(self.denominator);
        if unit >= 4 {
            return vec![unit; usize::from(self.numerator)];
        }
        let n = u32::from(self.numerator);
        if n % 3 == 0 {
            return vec![3 * unit; (n / 3) as usize];
        }
        let mut beats = vec![2 * unit; (n / 2) as usize];
        if n % 2 == 1 {
            match beats.last_mut() {
                Some(last) => *last += unit,
                None => beats.push(unit),
            }
        }
        debug_assert_eq!(beats.iter().sum::<u32>(), steps);
        beats
    }

    /// How strong a step of the bar is, 0 (weakest) to 4 (the downbeat): 3 for the beat that halves the bar,
    /// 2 for the other beats, 1 for the eighths between, 0 for the rest.
    pub fn weight(self, step: u32) -> u8 {
        let step = step % self.steps_per_bar();
        if step == 0 {
            return 4;
        }
        let beats = self.beats();
        let mut start = 0;
        for (index, length) in beats.iter().enumerate() {
            if step == start {
                let halves = beats.len().is_multiple_of(2) && index == beats.len() / 2;
                return if halves { 3 } else { 2 };
            }
            start += length;
        }
        if step.is_multiple_of(2) { 1 } else { 0 }
    }
}

impl Default for Metre {
    fn default() -> Self {
        Self::FOUR_FOUR
    }
}

impl fmt::Display for Metre {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.numerator, self.denominator)
    }
}

impl FromStr for Metre {
    type Err = TimeError;
    fn from_str(text: &str) -> Result<Self, TimeError> {
        let bad = || TimeError::Metre(format!("\"{text}\""));
        let (numerator, denominator) = text.trim().split_once('/').ok_or_else(bad)?;
        let numerator = numerator.trim().parse().map_err(|_| bad())?;
        let denominator = denominator.trim().parse().map_err(|_| bad())?;
        Self::new(numerator, denominator)
    }
}

impl TryFrom<String> for Metre {
    type Error = TimeError;
    fn try_from(text: String) -> Result<Self, TimeError> {
        text.parse()
    }
}

impl From<Metre> for String {
    fn from(metre: Metre) -> String {
        metre.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn named_metres_have_the_beats_a_player_counts() {
        let cases: &[(&str, u32, &[u32])] = &[
            ("4/4", 16, &[4, 4, 4, 4]),
            ("3/4", 12, &[4, 4, 4]),
            ("6/8", 12, &[6, 6]),
            ("12/8", 24, &[6, 6, 6, 6]),
            ("5/4", 20, &[4, 4, 4, 4, 4]),
            ("7/8", 14, &[4, 4, 6]),
            ("5/8", 10, &[4, 6]),
            ("2/2", 16, &[8, 8]),
            ("1/8", 2, &[2]),
            ("7/16", 7, &[2, 2, 3]),
        ];
        for (text, steps, beats) in cases {
            let metre: Metre = text.parse().unwrap();
            assert_eq!(metre.steps_per_bar(), *steps, "{text}");
            assert_eq!(metre.beats(), *beats, "{text}");
            assert_eq!(metre.to_string(), *text);
            assert_eq!(metre.weight(0), 4);
        }
    }

    #[test]
    fn weights_of_common_time() {
        let weights: Vec<u8> = (0..16).map(|step| Metre::FOUR_FOUR.weight(step)).collect();
        assert_eq!(weights, [4, 0, 1, 0, 2, 0, 1, 0, 3, 0, 1, 0, 2, 0, 1, 0]);
    }

    #[test]
    fn every_metre_is_covered_by_its_beats() {
        for numerator in 1..=32 {
            for denominator in [1, 2, 4, 8, 16] {
                if let Ok(metre) = Metre::new(numerator, denominator) {
                    assert_eq!(metre.beats().iter().sum::<u32>(), metre.steps_per_bar(), "{metre}");
                }
            }
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for text in ["", "4", "0/4", "4/0", "4/3", "33/4", "1/16", "17/1", "a/b", "-4/4", "4/32"] {
            assert!(text.parse::<Metre>().is_err(), "{text}");
        }
        for bpm in [f64::NAN, f64::INFINITY, 0.0, -120.0, 9.9, 960.1] {
            assert!(Bpm::new(bpm).is_err(), "{bpm}");
        }
    }
}
