//! The time of a loop, and how a pattern written for four beats of four sixteenths is laid into any metre.
//!
//! A pattern is text of 16 characters a bar, four a beat: `X` accent, `x` stroke, `o` soft, `-` ghost, `=` still
//! sounding, `.` rest, and for pitched parts letters and digits. Other metres take the beats they need (a waltz the
//! first, second and last), and stretch each over the length the beat is felt to have. Bars of one or two beats share
//! a pattern between them, so that a half-time snare is not lost in 6/8. A pattern of 12 characters a bar is one of
//! three beats, one of 20 of five; other metres repeat or cut it.

use sceneloop_music::Metre;

/// One felt beat of a bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Beat {
    length: u16,
    /// Which beat of the pattern it plays, 0 to 3.
    source: usize,
    /// Three units rather than two: it rolls.
    compound: bool,
}

/// One stroke of a pattern in the loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    /// Step from the start of the loop.
    pub step: u16,
    /// Steps until it stops, its `=` included.
    pub length: u16,
    /// The pattern's character.
    pub symbol: u8,
}

/// The bars and beats of a loop.
#[derive(Debug, Clone)]
pub struct Frame {
    /// Metre of every bar.
    pub metre: Metre,
    /// 1 to 8.
    pub bars: usize,
    /// Steps in a bar.
    pub bar_steps: u16,
    beats: Vec<Beat>,
}

/// Which character of a four-step beat each step of a longer or shorter beat takes; `None` goes on with the last.
fn stretch(beat: Beat, rolling: bool) -> Vec<Option<usize>> {
    match (beat.length, beat.compound) {
        (4, _) => vec![Some(0), Some(1), Some(2), Some(3)],
        (6, true) if rolling => vec![Some(0), None, Some(2), None, Some(2), None],
        (6, true) => vec![Some(0), None, Some(1), None, Some(2), Some(3)],
        (3, true) if rolling => vec![Some(0), Some(2), Some(2)],
        (3, true) => vec![Some(0), Some(1), Some(2)],
        (6, false) => [0, 1, 2, 3, 2, 3].map(Some).to_vec(),
        (2, _) => vec![Some(0), Some(2)],
        (3, false) => vec![Some(0), Some(2), Some(2)],
        (length, _) => (0..length).map(|step| Some(usize::from(step * 4 / length))).collect(),
    }
}

/// Characters that a bar of a pattern has: four a beat.
fn width(pattern: &str) -> usize {
    [16, 12, 20].into_iter().find(|width| pattern.len().is_multiple_of(*width)).unwrap_or(16)
}

impl Frame {
    /// The time of a loop of 1 to 8 bars.
    pub fn new(metre: Metre, bars: u8) -> Self {
        let felt = metre.beats();
        let compound = felt.iter().all(|length| length % 3 == 0);
        let mut lengths = Vec::new();
        for length in felt {
            // A half or whole note as the beat still moves in quarters.
            if length > 6 {
                lengths.extend(std::iter::repeat_n(4, length as usize / 4));
            } else {
                lengths.push(length as u16);
            }
        }
        let sources = sources(lengths.len(), metre.beats().windows(2).any(|pair| pair[0] != pair[1]));
        let beats = lengths
            .into_iter()
            .zip(sources)
            .map(|(length, source)| Beat { length, source, compound: compound && length % 3 == 0 })
            .collect();
        let bars = usize::from(bars.clamp(1, 8));
        Self { metre, bars, bar_steps: metre.steps_per_bar() as u16, beats }
    }

    /// The same metre for one bar.
    pub fn one_bar(&self) -> Self {
        Self { bars: 1, ..self.clone() }
    }

    /// Steps in the loop.
    pub fn steps(&self) -> u16 {
        self.bar_steps * self.bars as u16
    }

    /// Whether its beats are of three.
    pub fn compound(&self) -> bool {
        self.beats.iter().all(|beat| beat.compound)
    }

    /// The bar a step lies in.
    pub fn bar_of(&self, step: u16) -> usize {
        usize::from(step / self.bar_steps)
    }

    /// How strong a step is, 0 to 4, as in [`Metre::weight`].
    pub fn weight(&self, step: u16) -> u8 {
        self.metre.weight(u32::from(step))
    }

    /// Where the felt beats of a bar begin, in steps from its start.
    pub fn beat_starts(&self) -> Vec<u16> {
        let mut start = 0;
        let mut starts = Vec::with_capacity(self.beats.len());
        for beat in &self.beats {
            starts.push(start);
            start += beat.length;
        }
        starts
    }

    /// Length of the last felt beat of the bar, in steps.
    pub fn last_beat(&self) -> u16 {
        self.beats.last().map_or(1, |beat| beat.length)
    }

    /// Whether a pattern is written for as many beats as the bar has.
    pub fn is_written_for(&self, pattern: &str) -> bool {
        width(pattern) == 4 * self.beats.len()
    }

    /// One bar of a pattern, a character a step. Two-bar patterns take turns.
    fn row(&self, pattern: &str, bar: usize) -> Vec<u8> {
        let text = pattern.as_bytes();
        let width = width(pattern);
        let (threes, fives) = (width == 12, width == 20);
        let pages = (text.len() / width).max(1);
        // How many bars one page of the pattern lasts, and which beat this bar begins with.
        let (lasts, first) = match self.beats.len() {
            1 if threes => (3, bar % 3),
            _ if threes || fives => (1, 0),
            1 => (4, bar % 4),
            2 => (2, bar % 2 * 2),
            _ => (1, 0),
        };
        let page = (bar / lasts % pages) * width;
        let cell_of = |source: usize| -> [u8; 4] {
            std::array::from_fn(|i| *text.get(page + source * 4 + i).unwrap_or(&b'.'))
        };
        let waltz = width == 16 && self.beats.len() == 3 && self.beats.iter().all(|beat| beat.source != 2);
        let mut row = Vec::with_capacity(usize::from(self.bar_steps));
        for (index, beat) in self.beats.iter().enumerate() {
            let source = match (threes, self.beats.len()) {
                (false, _) if fives => index % 5,
                (false, _) => beat.source + first,
                (true, 1) => first,
                (true, 2) => index * 2,
                (true, 4) => [0, 1, 0, 2][index],
                (true, _) => index % 3,
            };
            let mut cell = cell_of(source);
            // A waltz leaves the third beat out; it stands in for a fourth that is silent.
            if waltz && beat.source == 3 && cell == *b"...." {
                cell = cell_of(2);
            }
            let onset = |index: usize| !matches!(cell[index], b'.' | b'=');
            // Even eighths become even triplets; everything else keeps its long and short.
            let rolling = beat.compound && onset(0) && onset(2) && !onset(1) && !onset(3);
            for place in stretch(*beat, rolling) {
                row.push(match place {
                    Some(index) => cell[index],
                    None => match row.last() {
                        Some(b'.') | None => b'.',
                        _ => b'=',
                    },
                });
            }
        }
        row
    }

    /// All strokes of a loop whose bars play the given patterns.
    pub fn hits<'p>(&self, pattern_of_bar: impl Fn(usize) -> &'p str) -> Vec<Hit> {
        let mut hits: Vec<Hit> = Vec::new();
        let mut open = false;
        for bar in 0..self.bars {
            for (index, symbol) in self.row(pattern_of_bar(bar), bar).into_iter().enumerate() {
                match symbol {
                    b'.' => open = false,
                    b'=' => {
                        if let Some(last) = hits.last_mut().filter(|_| open) {
                            last.length += 1;
                        }
                    }
                    symbol => {
                        hits.push(Hit {
                            step: bar as u16 * self.bar_steps + index as u16,
                            length: 1,
                            symbol,
                        });
                        open = true;
                    }
                }
            }
        }
        hits
    }
}

/// Which beat of a four-beat pattern each of `count` beats plays: groups of four, the rest in twos and threes. A
/// waltz answers its first beat twice; a limping bar (2+2+3) once, on its long beat.
fn sources(count: usize, limping: bool) -> Vec<usize> {
    let mut rest = count;
    let mut order = Vec::with_capacity(count);
    while rest > 0 {
        let group: &[usize] = match rest {
            1 => &[0],
            2 => &[0, 1],
            3 if limping => &[0, 2, 3],
            3 => &[0, 1, 3],
            5 => &[0, 1, 3, 2, 3],
            6 => &[0, 1, 2, 3, 2, 3],
            _ => &[0, 1, 2, 3],
        };
        order.extend_from_slice(group);
        rest -= group.len();
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(metre: &str, pattern: &str) -> Vec<u16> {
        Frame::new(metre.parse().unwrap(), 1).hits(|_| pattern).iter().map(|hit| hit.step).collect()
    }

    #[test]
    fn a_backbeat_finds_its_place_in_every_metre() {
        let snare = "....x.......x...";
        assert_eq!(steps("4/4", snare), [4, 12]);
        assert_eq!(steps("3/4", snare), [4, 8]);
        assert_eq!(steps("6/8", snare), [6]);
        assert_eq!(steps("12/8", snare), [6, 18]);
        assert_eq!(steps("5/4", snare), [4, 8, 16]);
        assert_eq!(steps("7/8", snare), [8]);
        let half_time = "........x.......";
        assert_eq!(steps("3/4", half_time), [8]);
        assert_eq!(steps("7/8", half_time), [4]);
        let two = Frame::new("6/8".parse().unwrap(), 2).hits(|_| half_time);
        assert_eq!(two[0].step, 12);
    }

    #[test]
    fn even_eighths_roll_in_compound_time_and_shuffles_lilt() {
        assert_eq!(steps("6/8", "x.x.x.x.x.x.x.x."), [0, 2, 4, 6, 8, 10]);
        assert_eq!(steps("6/8", "x..xx..x........"), [0, 5, 6, 11]);
        assert_eq!(steps("7/8", "x.x.x.x.x.x.x.x."), [0, 2, 4, 6, 8, 10, 12]);
    }

    #[test]
    fn patterns_of_three_beats_are_played_as_they_stand_in_three() {
        let waltz = "x...o.o.o..-";
        assert_eq!(steps("3/4", waltz), [0, 4, 6, 8, 11]);
        assert_eq!(steps("4/4", waltz), [0, 4, 6, 8, 12, 15]);
        assert_eq!(steps("6/4", "x...........").len(), 2);
        let samai = "X.....x...X.X.x.....";
        assert_eq!(steps("10/8", samai), [0, 6, 10, 12, 14]);
        assert_eq!(steps("5/4", samai), [0, 6, 10, 12, 14]);
    }

    #[test]
    fn rows_fill_the_bar_and_held_strokes_last() {
        for numerator in 1..=32 {
            for denominator in [1, 2, 4, 8, 16] {
                let Ok(metre) = Metre::new(numerator, denominator) else { continue };
                let frame = Frame::new(metre, 3);
                let hits = frame.hits(|_| "x===============");
                assert_eq!(hits[0].step, 0);
                let covered: u16 = hits.iter().map(|hit| hit.length).sum();
                assert_eq!(covered, frame.steps(), "{metre}");
            }
        }
    }
}
