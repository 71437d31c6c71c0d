//! Chords: a grammar of progressions by plan and mode, coloured by how rich the harmony should be.

mod degrees;

use super::frame::Frame;
use super::style::{Plan, Shade};
use sceneloop_music::{Chord, ChordQuality, ChordSpan, Dice, LoopGrid, Mode};

/// What the harmony of a loop is to be like.
#[derive(Debug, Clone, Copy)]
pub struct Wish {
    /// How chords move.
    pub plan: Plan,
    /// Progressions that the style has of its own.
    pub own: &'static [(Shade, &'static str)],
    /// Chords a bar, 0.25 to 2.
    pub per_bar: f32,
    /// 0 bare fifths to 1 ninths.
    pub colour: f32,
}

/// Semitones above the tonic of the first to seventh degree of a mode; modes with other than seven notes give the
/// note nearest to the degree's usual place.
pub fn degree_root(mode: Mode, degree: u8) -> u8 {
    const PLACES: [i32; 7] = [0, 2, 4, 5, 7, 9, 11];
    let harmony = match mode {
        // The blues' chords stand on the degrees of Mixolydian.
        Mode::Blues => Mode::Mixolydian.scale(),
        mode => mode.harmony(),
    };
    let index = usize::from(degree.clamp(1, 7)) - 1;
    if harmony.len() == 7 {
        return harmony[index];
    }
    harmony.iter().copied().min_by_key(|note| (i32::from(*note) - PLACES[index]).abs()).unwrap_or(0)
}

/// Whether all notes of a chord lie in the harmony of a mode.
pub fn fits(mode: Mode, chord: Chord) -> bool {
    chord.pitch_classes().all(|class| mode.harmony().contains(&class))
}

/// The chord on a root, of the size asked for, that the mode has.
pub fn chord_on(mode: Mode, root: u8, colour: f32, plan: Plan, dice: &mut Dice) -> Chord {
    use ChordQuality as Q;
    const TRIADS: &[Q] = &[Q::Major, Q::Minor, Q::Diminished, Q::Augmented];
    const BARE: &[Q] = &[Q::Power, Q::Sus4, Q::Sus2];
    const ADDED: &[Q] = &[Q::Add9, Q::MinorAdd9, Q::Sixth];
    const SEVENTHS: &[Q] =
        &[Q::Major7, Q::Minor7, Q::Dominant7, Q::HalfDiminished7, Q::Diminished7, Q::MinorMajor7];
    const NINTHS: &[Q] = &[Q::Major9, Q::Minor9, Q::Dominant9];
    const OPEN: &[Q] =
        &[Q::Sus2, Q::Sus4, Q::Dominant7Sus4, Q::Power, Q::Sixth, Q::Minor7, Q::Major, Q::Minor];
    let first =
        |qualities: &[Q]| qualities.iter().map(|q| Chord::new(root.into(), *q)).find(|c| fits(mode, *c));
    if mode == Mode::Blues {
        // Dominant sevenths on I, IV and V are the sound of the blues itself.
        let rich: &[Q] = if colour < 0.2 {
            &[Q::Power]
        } else if colour > 0.75 {
            &[Q::Dominant9, Q::Dominant7]
        } else {
            &[Q::Dominant7]
        };
        return first(rich)
            .or_else(|| first(TRIADS))
            .or_else(|| first(BARE))
            .unwrap_or(Chord::new(0, Q::Power));
    }
    let triads = matches!(plan, Plan::Cadence | Plan::Jazz) || (plan == Plan::Song && colour > 0.15);
    let size = (colour + 0.16 * (dice.unit() - 0.5)).max(if triads { 0.2 } else { 0.0 });
    let five_notes = mode.harmony().len() == 5;
    // A suspended chord is a colour on the way, not a home.
    let open = dice.chance(0.2) && root != 0 && plan != Plan::Cadence && plan != Plan::Jazz;
    let orders: [&[Q]; 3] = if five_notes {
        let start = dice.below(3);
        return first(if colour < 0.2 { BARE } else { &OPEN[start..] })
            .or_else(|| first(OPEN))
            .unwrap_or_else(|| over(mode, root));
    } else if size < 0.2 {
        [BARE, TRIADS, SEVENTHS]
    } else if size < 0.42 {
        [
            if open && size > 0.3 { BARE.split_first().map_or(BARE, |(_, rest)| rest) } else { TRIADS },
            TRIADS,
            BARE,
        ]
    } else if size < 0.55 {
        [ADDED, TRIADS, SEVENTHS]
    } else if size < 0.78 {
        [SEVENTHS, TRIADS, ADDED]
    } else {
        [NINTHS, SEVENTHS, TRIADS]
    };
    orders.iter().find_map(|order| first(order)).or_else(|| first(BARE)).unwrap_or_else(|| over(mode, root))
}

/// A chord of another root that holds this note, with this note in the bass: what stands on a note without a fifth,
/// such as the tonic of 角 (jue).
fn over(mode: Mode, bass: u8) -> Chord {
    use ChordQuality::{Augmented, Major, Minor, Power, Sus2, Sus4};
    [Sus4, Minor, Sus2, Major, Power, Augmented]
        .into_iter()
        .flat_map(|quality| mode.harmony().iter().map(move |root| Chord::new((*root).into(), quality)))
        .find(|chord| fits(mode, *chord) && chord.contains(bass.into()))
        .map_or(Chord::new(bass.into(), Power), |chord| Chord { bass: Some(bass), ..chord })
}

/// Steps at which chords begin: whole bars, or the middle of a bar where there are two.
fn places(frame: &Frame, per_bar: f32) -> Vec<u16> {
    let starts = frame.beat_starts();
    let middle = starts[starts.len().div_ceil(2).min(starts.len() - 1)];
    let mut places = Vec::new();
    for bar in 0..frame.bars {
        let start = bar as u16 * frame.bar_steps;
        let every = if per_bar < 0.4 {
            4
        } else if per_bar < 0.75 {
            2
        } else {
            1
        };
        // A loop shorter than a chord would last still moves once.
        let every = every.min((frame.bars / 2).max(1));
        if bar % every == 0 {
            places.push(start);
        }
        if per_bar > 1.5 && middle > 0 {
            places.push(start + middle);
        }
    }
    places
}

/// The chords of a loop.
pub fn harmonise(
    frame: &Frame,
    mode: Mode,
    wish: Wish,
    previous: Option<&LoopGrid>,
    dice: &mut Dice,
) -> Vec<ChordSpan> {
    let places = places(frame, wish.per_bar);
    if let Some(kept) = previous.and_then(|before| keep(frame, mode, wish, before, &places, dice)) {
        return kept;
    }
    let mut degrees = degrees::degrees(places.len(), mode, wish, dice);
    if let Some(before) = previous.filter(|before| before.key.mode == mode) {
        // An answer begins where the question began.
        let root = before.chords[0].chord.root;
        if let Some(same) = (1..=7).find(|degree| degree_root(mode, *degree) == root) {
            degrees[0] = same;
        }
    }
    let mut known: Vec<(u8, Chord)> = Vec::new();
    let mut spans: Vec<ChordSpan> = Vec::new();
    for (step, degree) in places.into_iter().zip(degrees) {
        // One degree keeps its chord through the loop.
        let chord = match known.iter().find(|(known, _)| *known == degree) {
            Some((_, chord)) => *chord,
            None => {
                let chord = chord_on(mode, degree_root(mode, degree), wish.colour, wish.plan, dice);
                known.push((degree, chord));
                chord
            }
        };
        if spans.last().is_none_or(|span| span.chord != chord) {
            spans.push(ChordSpan { step, chord });
        }
    }
    if wish.plan == Plan::Cadence {
        invert_between(&mut spans);
    }
    spans
}

/// The chords of the loop before, with perhaps one changed, if they suit this loop.
fn keep(
    frame: &Frame,
    mode: Mode,
    wish: Wish,
    before: &LoopGrid,
    places: &[u16],
    dice: &mut Dice,
) -> Option<Vec<ChordSpan>> {
    let same_ground = before.key.mode == mode
        && before.metre == frame.metre
        && usize::from(before.bars) == frame.bars
        && before.validate().is_ok();
    // A drone is no song: chords are kept only where they move about as often as this style wants.
    let alike = before.chords.len().abs_diff(places.len()) <= places.len() / 2;
    if !same_ground || !alike || !dice.chance(0.6) {
        return None;
    }
    let mut spans = before.chords.clone();
    if spans.len() >= 3 && dice.chance(0.4) {
        // Another chord before the last: the answer takes another road home.
        let index = spans.len() - 2;
        let degree = *dice.pick(&[2, 4, 6]);
        let chord = chord_on(mode, degree_root(mode, degree), wish.colour, wish.plan, dice);
        if chord != spans[index - 1].chord && chord != spans[index + 1].chord {
            spans[index].chord = chord;
        }
    }
    Some(spans)
}

/// Puts the third in the bass where that makes the bass move by step between its neighbours.
fn invert_between(spans: &mut [ChordSpan]) {
    for index in 1..spans.len().saturating_sub(1) {
        let [before, here, after] = [index - 1, index, index + 1].map(|i| spans[i].chord);
        let near = |a: u8, b: u8| {
            let distance = (i32::from(a) - i32::from(b)).rem_euclid(12);
            distance.min(12 - distance) <= 2
        };
        // Only a true triad is known again when its third is lowest.
        if !matches!(here.quality, ChordQuality::Major | ChordQuality::Minor | ChordQuality::Dominant7) {
            continue;
        }
        let Some(third) = here.pitch_classes().nth(1) else { continue };
        let smooth = near(third, before.bass_class()) && near(third, after.root);
        let already = near(here.root, before.bass_class()) && near(here.root, after.root);
        if smooth && !already && third != before.bass_class() {
            spans[index].chord.bass = Some(third);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sceneloop_music::Metre;

    const PLANS: [Plan; 7] =
        [Plan::Drone, Plan::Vamp, Plan::Song, Plan::Cadence, Plan::Blues, Plan::Jazz, Plan::Dark];

    #[test]
    fn every_chord_lies_in_the_harmony_of_its_mode() {
        for mode in Mode::ALL {
            for plan in PLANS {
                for seed in 0..20 {
                    let mut dice = Dice::new(seed, "harmony");
                    let colour = seed as f32 / 20.0;
                    for degree in 1..=7 {
                        let chord = chord_on(mode, degree_root(mode, degree), colour, plan, &mut dice);
                        assert!(fits(mode, chord), "{mode} {degree} {chord:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn the_degrees_of_major_are_the_chords_everyone_knows() {
        let mut dice = Dice::new(1, "harmony");
        let mut quality = |degree, colour| {
            chord_on(Mode::Ionian, degree_root(Mode::Ionian, degree), colour, Plan::Cadence, &mut dice)
                .quality
        };
        use ChordQuality::*;
        assert_eq!(
            [1, 2, 3, 4, 5, 6, 7].map(|d| quality(d, 0.3)),
            [Major, Minor, Minor, Major, Major, Minor, Diminished]
        );
        assert_eq!([1, 2, 5, 7].map(|d| quality(d, 0.66)), [Major7, Minor7, Dominant7, HalfDiminished7]);
    }

    #[test]
    fn progressions_of_many_chords_start_at_home_and_end_on_the_way_there() {
        let frame = Frame::new(Metre::FOUR_FOUR, 4);
        for mode in [Mode::Ionian, Mode::Aeolian, Mode::HarmonicMinor, Mode::Dorian] {
            for seed in 0..40 {
                let wish = Wish { plan: Plan::Cadence, own: &[], per_bar: 1.0, colour: 0.3 };
                let spans = harmonise(&frame, mode, wish, None, &mut Dice::new(seed, "harmony"));
                assert_eq!(spans[0].chord.root, 0);
                assert_ne!(spans.last().unwrap().chord.root, 0, "{mode} {seed}");
                assert!(spans.len() >= 3);
            }
        }
    }
}
