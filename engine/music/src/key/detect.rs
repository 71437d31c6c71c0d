//! The key that notes lie in.

use super::{Key, Mode, PitchClass};

/// How well each pitch class above the tonic fits a major and a minor key, as listeners judge it: Krumhansl & Kessler 1982,
/// "Tracing the dynamic changes in perceived tonal organization in a spatial representation of musical keys".
const MAJOR: [f32; 12] = [6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88];
const MINOR: [f32; 12] = [6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17];

impl Key {
    /// The key that holds all pitch classes with a weight above 0 and fits their weights best. `weights` go from C to B,
    /// in any unit, such as how long each class sounds. Major and minor come first; another mode is only taken where neither
    /// holds all notes. `None` if no mode does, or if there are no notes.
    pub fn detect(weights: &[f32; 12]) -> Option<Self> {
        if weights.iter().all(|weight| *weight <= 0.0) {
            return None;
        }
        best(weights, &[Mode::Ionian, Mode::Aeolian]).or_else(|| best(weights, &Mode::ALL))
    }

    /// Whether the scale holds all pitch classes with a weight above 0; `weights` as in [`Self::detect`].
    pub fn holds(self, weights: &[f32; 12]) -> bool {
        (0..12).all(|above| weights[self.class(above)] <= 0.0 || self.mode.contains(above as i32))
    }

    /// The pitch class so many semitones above the tonic.
    fn class(self, above: usize) -> usize {
        (usize::from(self.tonic.get()) + above) % 12
    }

    /// How well weights fit the key: their correlation with what listeners expect.
    fn fit(self, weights: &[f32; 12]) -> f32 {
        let expected = if self.mode.is_minor() { MINOR } else { MAJOR };
        let heard: [f32; 12] = std::array::from_fn(|above| weights[self.class(above)]);
        correlation(&heard, &expected)
    }
}

fn best(weights: &[f32; 12], modes: &[Mode]) -> Option<Key> {
    let keys =
        modes.iter().flat_map(|mode| (0..12).map(move |tonic| Key::new(PitchClass::new(tonic), *mode)));
    // Of equals the first: `max_by` would take the last.
    keys.filter(|key| key.holds(weights)).rev().max_by(|a, b| a.fit(weights).total_cmp(&b.fit(weights)))
}

fn correlation(a: &[f32; 12], b: &[f32; 12]) -> f32 {
    let centred = |values: &[f32; 12]| values.map(|value| value - values.iter().sum::<f32>() / 12.0);
    let (a, b) = (centred(a), centred(b));
    let product = |a: &[f32; 12], b: &[f32; 12]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    product(&a, &b) / (product(&a, &a) * product(&b, &b)).sqrt().max(f32::MIN_POSITIVE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weights(notes: &[(usize, f32)]) -> [f32; 12] {
        let mut weights = [0.0; 12];
        notes.iter().for_each(|(class, weight)| weights[*class] += weight);
        weights
    }

    #[test]
    fn the_tonic_is_what_is_heard_most() {
        let white = [(0, 1.0), (2, 1.0), (4, 1.0), (5, 1.0), (7, 1.0), (9, 1.0), (11, 1.0)];
        let key = |more: &[(usize, f32)]| Key::detect(&weights(&[&white[..], more].concat()));
        assert_eq!(key(&[(0, 3.0), (7, 2.0), (4, 1.0)]), "C major".parse().ok());
        assert_eq!(key(&[(9, 3.0), (4, 2.0), (0, 1.0)]), "A minor".parse().ok());
    }

    #[test]
    fn every_major_and_minor_triad_with_its_scale_is_found() {
        for tonic in 0..12 {
            for mode in [Mode::Ionian, Mode::Aeolian] {
                let key = Key::new(PitchClass::new(tonic), mode);
                let weight = |above: usize| match above {
                    0 => 4.0,
                    3 | 4 | 7 => 2.0,
                    _ => 1.0,
                };
                let scale = mode.scale().iter().map(|note| usize::from(*note));
                let notes: Vec<_> = scale.map(|above| (key.class(above), weight(above))).collect();
                assert_eq!(Key::detect(&weights(&notes)), Some(key));
            }
        }
    }

    #[test]
    fn another_mode_is_taken_only_where_major_and_minor_lack_a_note() {
        let harmonic = [(9, 3.0), (11, 1.0), (0, 2.0), (2, 1.0), (4, 2.0), (5, 1.0), (8, 1.0)];
        assert_eq!(Key::detect(&weights(&harmonic)), "A harmonic minor".parse().ok());
        assert_eq!(Key::detect(&[1.0; 12]), None);
        assert_eq!(Key::detect(&[0.0; 12]), None);
    }
}
