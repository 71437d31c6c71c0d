//! Energy over bars, as the command line writes it: `0:20,8:90`.

use sceneloop_music::Energy;
use std::str::FromStr;

/// Straight lines between points of bar and energy; level before the first and after the last.
#[derive(Debug, Clone, PartialEq)]
pub struct EnergyCurve {
    /// Bar (from 0, may lie within a bar) and energy, by bar.
    points: Vec<(f64, f32)>,
}

/// Why a text is not an energy curve.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{0}\" is not an energy curve; write bar:energy pairs with rising bars and energies from 0 to 100, such as \"0:20,8:90\""
)]
pub struct CurveError(String);

impl EnergyCurve {
    /// The same energy everywhere.
    pub fn level(energy: Energy) -> Self {
        Self { points: vec![(0.0, energy.get())] }
    }

    /// An energy for each bar, reached at its first beat.
    pub fn of_bars(energies: &[Energy]) -> Self {
        Self { points: (0u32..).map(f64::from).zip(energies.iter().map(|energy| energy.get())).collect() }
    }

    /// Energy at a bar, counted from 0.
    pub fn at(&self, bar: f64) -> Energy {
        let after = self.points.partition_point(|(place, _)| *place <= bar);
        let energy = match (after.checked_sub(1).map(|index| self.points[index]), self.points.get(after)) {
            (Some((from, low)), Some(&(to, high))) => {
                low + (high - low) * ((bar - from) / (to - from)) as f32
            }
            (Some((_, energy)), None) | (None, Some(&(_, energy))) => energy,
            (None, None) => 0.0,
        };
        Energy::new(energy)
    }

    /// The points of the curve: bar and energy.
    pub fn points(&self) -> &[(f64, f32)] {
        &self.points
    }
}

impl FromStr for EnergyCurve {
    type Err = CurveError;
    fn from_str(text: &str) -> Result<Self, CurveError> {
        let bad = || CurveError(text.into());
        let mut points: Vec<(f64, f32)> = Vec::new();
        for pair in text.split(',') {
            let (bar, energy) = pair.split_once(':').ok_or_else(bad)?;
            let bar: f64 = bar.trim().parse().map_err(|_| bad())?;
            let energy: f32 = energy.trim().parse().map_err(|_| bad())?;
            let rises = points.last().is_none_or(|(before, _)| *before < bar);
            if !(bar.is_finite() && bar >= 0.0 && rises && (0.0..=100.0).contains(&energy)) {
                return Err(bad());
            }
            points.push((bar, energy));
        }
        Ok(Self { points })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_run_between_the_points() {
        let curve: EnergyCurve = "0:20, 8:90".parse().unwrap();
        for (bar, energy) in [(-1.0, 20.0), (0.0, 20.0), (4.0, 55.0), (8.0, 90.0), (100.0, 90.0)] {
            assert!((curve.at(bar).get() - energy).abs() < 1e-4, "bar {bar}");
        }
        assert_eq!(EnergyCurve::level(Energy::new(33.0)).at(7.5).get(), 33.0);
    }

    #[test]
    fn nonsense_is_refused() {
        for text in
            ["", "5", "0:101", "0:-1", "4:20,4:30", "8:1,2:3", "NaN:3", "0:NaN", "-1:20", "0:20,", "a:b"]
        {
            assert!(text.parse::<EnergyCurve>().is_err(), "{text}");
        }
    }
}
