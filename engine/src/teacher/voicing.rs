//! Voice leading: the chord's notes placed so that every voice moves as little as it can.

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

/// The voices of a chord as MIDI keys from low to high, led from the voices before (empty at the start).
pub fn voice(chord: Chord, key: Key, before: &[i32], space: Space) -> Vec<i32> {
    let tonic = 60 + key.tonic.offset_from_middle_c();
    let mut classes: Vec<i32> =
        tones(chord, space.voices).iter().map(|tone| (tonic + i32::from(*tone)).rem_euclid(12)).collect();
    classes.sort_unstable();
    classes.dedup();
    let mut best: Option<(i32, Vec<i32>)> = None;
    for turn in 0..classes.len() {
        let mut close: Vec<i32> = Vec::with_capacity(space.voices);
        for index in 0..space.voices.max(classes.len()) {
            let class = classes[(turn + index) % classes.len()];
            let floor = close.last().map_or(0, |last| last + 1);
            close.push(floor + (class - floor).rem_euclid(12));
        }
        // Beside the close position the open one, its second voice from above an octave down.
        let mut open = close.clone();
        if open.len() >= 3 {
            let second = open.len() - 2;
            open[second] -= 12;
            open.sort_unstable();
        }
        for shape in [close, open] {
            for octave in 2..7 {
                let voices: Vec<i32> = shape.iter().map(|pitch| pitch + 12 * octave).collect();
                let price = cost(&voices, before, space);
                if best.as_ref().is_none_or(|(least, _)| price < *least) {
                    best = Some((price, voices));
                }
            }
        }
    }
    best.map_or_else(Vec::new, |(_, voices)| voices)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sceneloop_music::{ChordQuality, Mode, PitchClass};

    const SPACE: Space = Space { low: 52, high: 74, voices: 4 };

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
}
