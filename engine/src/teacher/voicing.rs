//! Voice leading: the chord's notes placed so that every voice moves as little as it can.

use super::style::Voicing;
use sceneloop_music::{Chord, Key};

/// Where the voices of a part lie.
#[derive(Debug, Clone, Copy)]
pub struct Space {
    /// Lowest MIDI key.
    pub low: i32,
    /// Highest MIDI key.
    pub high: i32,
    /// How many voices.
    pub voices: usize,
    /// How they are spread.
    pub voicing: Voicing,
}

/// The chord's tones worth playing with so many voices: the fifth goes first, then the root, which the bass has.
fn tones(chord: Chord, voices: usize) -> Vec<u8> {
    let mut tones: Vec<u8> = chord.pitch_classes().collect();
    if tones.len() > voices && tones.len() >= 4 {
        tones.remove(2);
    }
    if tones.len() > voices && tones.len() >= 4 {
        tones.remove(0);
    }
    tones.truncate(voices.max(2));
    tones
}

/// How muddy, harsh or far from its place a voicing is; `before` is where the voices were.
fn cost(voices: &[i32], before: &[i32], space: Space) -> i32 {
    let near =
        |pitch: i32, others: &[i32]| others.iter().map(|other| (other - pitch).abs()).min().unwrap_or(0);
    let motion: i32 = voices.iter().map(|pitch| near(*pitch, before)).sum::<i32>()
        + before.iter().map(|pitch| near(*pitch, voices)).sum::<i32>();
    let mud: i32 =
        voices.windows(2).map(|pair| if pair[0] < 52 && pair[1] - pair[0] < 5 { 12 } else { 0 }).sum();
    let clash: i32 = voices.windows(2).map(|pair| if pair[1] - pair[0] == 1 { 3 } else { 0 }).sum();
    let gap: i32 = voices.windows(2).map(|pair| (pair[1] - pair[0] - 9).max(0) * 2).sum();
    let centre = (space.low + space.high) / 2;
    let mean = voices.iter().sum::<i32>() / voices.len().max(1) as i32;
    let outside: i32 = voices.iter().map(|p| (space.low - p).max(0) * 6 + (p - space.high).max(0) * 6).sum();
    let top = match (voices.last(), before.last()) {
        (Some(now), Some(then)) => (now - then).abs(),
        _ => 0,
    };
    motion + top + mud + clash + gap + outside + (mean - centre).abs() / 2
}

/// Semitones above the root that a way of spreading asks for instead of the chord's own tones, `None` where it takes
/// these. All lie in the scale or in the chord.
fn built(chord: Chord, key: Key, space: Space) -> Option<Vec<i32>> {
    let mode = key.mode;
    let intervals: Vec<i32> = chord.quality.intervals().iter().map(|i| i32::from(*i)).collect();
    let fifth = intervals.iter().copied().find(|interval| (6..=8).contains(interval));
    let steps = |each: &[i32]| {
        let root = i32::from(chord.root);
        let degree = mode.nearest_degree(root);
        (mode.degree(degree) == root)
            .then(|| each.iter().map(|step| mode.degree(degree + step) - root).collect::<Vec<i32>>())
    };
    match space.voicing {
        Voicing::Power | Voicing::Bare => Some(match fifth {
            Some(fifth) if space.voicing == Voicing::Power => vec![0, fifth, 12],
            Some(fifth) => vec![0, fifth, 12, 12 + fifth],
            None => vec![0, 12],
        }),
        Voicing::Octaves => Some(vec![0, 12]),
        // Fourths are three steps apart in scales of seven notes and two in those of five.
        Voicing::Quartal => steps(if mode.scale().len() >= 7 { &[0, 3, 6, 9] } else { &[0, 2, 4, 6] }),
        Voicing::Cluster => steps(&[0, 1, 2]),
        Voicing::Shell if intervals.len() >= 4 => {
            let mut shell = vec![intervals[1], intervals[3]];
            shell.push(intervals.get(4).copied().unwrap_or(intervals[2] + 12));
            Some(shell)
        }
        _ => None,
    }
}

/// The ways in which a close position may be spread.
fn spread(close: Vec<i32>, voicing: Voicing) -> Vec<Vec<i32>> {
    let dropped = |places: &[usize]| {
        let mut voices = close.clone();
        for place in places {
            if let Some(index) = voices.len().checked_sub(*place) {
                voices[index] -= 12;
            }
        }
        voices.sort_unstable();
        voices.dedup();
        voices
    };
    let open = if close.len() >= 3 { dropped(&[2]) } else { close.clone() };
    match voicing {
        Voicing::Close => vec![close],
        Voicing::DropTwo => vec![open],
        Voicing::Spread if close.len() >= 4 => vec![dropped(&[2, 4]), open],
        Voicing::Spread => vec![open],
        _ => vec![close, open],
    }
}

/// The voices of a chord as MIDI keys from low to high, led from the voices before (empty at the start).
pub fn voice(chord: Chord, key: Key, before: &[i32], space: Space) -> Vec<i32> {
    let tonic = 60 + key.tonic.offset_from_middle_c();
    let mut shapes: Vec<Vec<i32>> = Vec::new();
    if let Some(shape) = built(chord, key, space) {
        let root = (tonic + i32::from(chord.root)).rem_euclid(12);
        let shape: Vec<i32> = shape.into_iter().map(|interval| root + interval).collect();
        if space.voicing == Voicing::Shell {
            // The third above the seventh as well as below it.
            let mut turned =
                vec![shape[1], shape[0] + 12, shape[2] + if shape[2] < shape[0] + 12 { 12 } else { 0 }];
            turned.sort_unstable();
            shapes.push(turned);
        }
        shapes.push(shape);
    } else {
        let mut classes: Vec<i32> =
            tones(chord, space.voices).iter().map(|tone| (tonic + i32::from(*tone)).rem_euclid(12)).collect();
        classes.sort_unstable();
        classes.dedup();
        for turn in 0..classes.len() {
            let mut close: Vec<i32> = Vec::with_capacity(space.voices);
            for index in 0..space.voices.max(classes.len()) {
                let class = classes[(turn + index) % classes.len()];
                let floor = close.last().map_or(0, |last| last + 1);
                close.push(floor + (class - floor).rem_euclid(12));
            }
            shapes.extend(spread(close, space.voicing));
        }
    }
    let mut best: Option<(i32, Vec<i32>)> = None;
    for shape in shapes {
        for octave in 1..7 {
            let voices: Vec<i32> = shape.iter().map(|pitch| pitch + 12 * octave).collect();
            let price = cost(&voices, before, space);
            if best.as_ref().is_none_or(|(least, _)| price < *least) {
                best = Some((price, voices));
            }
        }
    }
    best.map_or_else(Vec::new, |(_, voices)| voices)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sceneloop_music::{ChordQuality, Mode, PitchClass};

    const SPACE: Space = Space { low: 52, high: 74, voices: 4, voicing: Voicing::Free };

    #[test]
    fn common_tones_stay_and_others_step() {
        let key = Key::new(PitchClass::new(0), Mode::Ionian);
        let c = voice(Chord::new(0, ChordQuality::Major), key, &[], SPACE);
        let am = voice(Chord::new(9, ChordQuality::Minor), key, &c, SPACE);
        let moved: i32 = am.iter().map(|pitch| c.iter().map(|old| (old - pitch).abs()).min().unwrap()).sum();
        assert!(moved <= 4, "{c:?} {am:?}");
    }

    #[test]
    fn voices_hold_all_tones_stay_in_their_space_and_are_not_muddy() {
        for tonic in 0..12 {
            let key = Key::new(PitchClass::new(tonic), Mode::Ionian);
            let mut before = Vec::new();
            for quality in ChordQuality::ALL {
                for root in 0..12 {
                    let chord = Chord::new(root, quality);
                    let voices = voice(chord, key, &before, SPACE);
                    assert!(voices.len() >= 3, "{voices:?}");
                    assert!(voices.windows(2).all(|pair| pair[0] < pair[1]));
                    assert!(voices.iter().all(|pitch| (46..=80).contains(pitch)), "{voices:?}");
                    let relative = |pitch: &i32| pitch - 60 - key.tonic.offset_from_middle_c();
                    assert!(voices.iter().all(|pitch| chord.contains(relative(pitch))));
                    assert!(
                        !voices.windows(2).any(|pair| pair[0] < 50 && pair[1] - pair[0] < 5),
                        "{voices:?}"
                    );
                    before = voices;
                }
            }
        }
    }

    #[test]
    fn each_way_of_spreading_is_heard_in_the_intervals() {
        let key = Key::new(PitchClass::new(2), Mode::Dorian);
        for root in [0, 2, 5, 7, 10] {
            for quality in [ChordQuality::Minor7, ChordQuality::Minor, ChordQuality::Major] {
                let chord = Chord::new(root, quality);
                let shape = |voicing| {
                    let voices = voice(chord, key, &[], Space { voicing, ..SPACE });
                    voices.windows(2).map(|pair| pair[1] - pair[0]).collect::<Vec<_>>()
                };
                assert_eq!(shape(Voicing::Power), [7, 5]);
                assert_eq!(shape(Voicing::Bare), [7, 5, 7]);
                assert_eq!(shape(Voicing::Octaves), [12]);
                assert!(shape(Voicing::Close).iter().sum::<i32>() <= 12);
                assert!(shape(Voicing::Quartal).iter().all(|gap| (5..=6).contains(gap)));
                assert!(shape(Voicing::Cluster).iter().all(|gap| (1..=2).contains(gap)));
                let wide = shape(Voicing::Spread);
                assert!(wide.iter().sum::<i32>() > 12, "{wide:?}");
                let shell = voice(chord, key, &[], Space { voicing: Voicing::Shell, ..SPACE });
                let has_root = shell.iter().any(|pitch| (pitch - 62 - root).rem_euclid(12) == 0);
                assert_eq!(has_root, quality != ChordQuality::Minor7, "{shell:?}");
            }
        }
    }
}
