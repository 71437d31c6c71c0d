//! The form of a song: which section each of its loops belongs to.
//!
//! A form is a row of sections that goes round for ever, before the song's first bar as well as after it. Where the scene
//! text asks for sections it is those, in their order; behind the last one, an outro too, the first one comes again. Where
//! it asks for none the style has rows of its own, which take turns; they begin with the theme at once, without an intro.
//! Sections begin and end where loops do.

use crate::seed;
use sceneloop_music::{AskedSection, Letter, Scene, Section, Style};
use serde::Serialize;

/// Bars that an automatic row counts in.
const UNIT_BARS: f32 = 8.0;

/// More sections than any row has: numbers of visits are counted in it.
const MOST_RUNS: i64 = 64;

/// What kind of form a style has, and which gestures lead from one section to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Grooves that break down, build up and drop.
    Club,
    /// Verse, chorus and bridge.
    Song,
    /// The same, by people in a room: nothing that only a studio can do.
    Room,
    /// Music for pictures: it rises to something.
    Screen,
    /// Long stretches that drift.
    Calm,
    /// The same over a cycle that gong, tabla or riq must close, and over a drone that no chord may leave.
    Cycle,
}

/// The kind of a style.
pub(crate) fn kind(style: Style) -> Kind {
    use Style::*;
    match style {
        Techno | House | DrumAndBass | Synthwave | Cyberpunk | Trance | Dubstep | Trap | Disco => Kind::Club,
        OrchestralAction | Chiptune | Metal => Kind::Screen,
        Ambient | OrchestralCalm | Horror | LoFi | Space => Kind::Calm,
        Gamelan | Raga | Maqam => Kind::Cycle,
        HipHop | Pop | Rock | Funk | Punk | Reggae | Ballad => Kind::Song,
        Blues | Jazz | Latin | Folk | Tavern | Chinese | Classical | Celtic | Waltz | March => Kind::Room,
    }
}

/// Rows of eight units: `A` and `P` verse and variation, `B` chorus, `C` bridge, `K` break, `U` build, `D` drop. All of one
/// kind are equally long, so that the row of any loop is found by a division.
fn rows(kind: Kind) -> &'static [&'static str; 3] {
    match kind {
        Kind::Club => &["AAPPKUDD", "APBBKUDD", "AAKUDDPP"],
        Kind::Song | Kind::Room => &["APBAPBCB", "AABBAPCB", "APBBCPBB"],
        Kind::Screen => &["AAPBKUDD", "APBCAPUD", "AABBKPUD"],
        Kind::Calm | Kind::Cycle => &["AAPPBBPP", "AAPPCBBP", "APPCCPBB"],
    }
}

fn section_of(letter: u8) -> Section {
    match letter {
        b'A' => Section::A,
        b'P' => Section::APrime,
        b'B' => Section::B,
        b'C' => Section::C,
        b'K' => Section::Break,
        b'U' => Section::Build,
        _ => Section::Drop,
    }
}

/// Where a loop lies in the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct SectionPlace {
    /// The section it belongs to.
    pub section: Section,
    /// Its place in the section, counted from 0.
    pub loop_in_section: u32,
    /// How many loops the section has.
    pub loops: u32,
    /// The section before.
    pub before: Section,
    /// The section that comes next.
    pub next: Section,
    /// Names this visit to the section: rising through the song, negative before its first bar.
    pub visit: i64,
    /// Whether the song states this section's theme for the first time.
    pub is_first: bool,
}

impl SectionPlace {
    /// Whose theme plays.
    pub fn letter(&self) -> Letter {
        self.section.letter()
    }

    /// Whether the section ends with this loop.
    pub fn is_last_loop(&self) -> bool {
        self.loop_in_section + 1 == self.loops
    }

    /// The share of the section that has passed at a share of this loop, 0 to 1.
    pub fn progress(&self, of_loop: f32) -> f32 {
        (self.loop_in_section as f32 + of_loop) / self.loops as f32
    }
}

/// Sections of one kind in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Run {
    section: Section,
    loops: u32,
}

/// The endless row of sections of a song.
#[derive(Debug, Clone)]
pub(crate) struct Song {
    /// What plays in turn; all equally long.
    rows: Vec<Vec<Run>>,
    /// Which of them is the first.
    first: i64,
    /// Loops of each.
    length: i64,
}

impl Song {
    /// The form of a scene's song with loops of so many bars.
    pub fn new(scene: &Scene, seed: u32, loop_bars: u8) -> Self {
        let loop_bars = loop_bars.clamp(1, 8);
        let rows: Vec<Vec<Run>> = if scene.form.is_empty() {
            let unit = (UNIT_BARS / f32::from(loop_bars)).round().max(1.0) as u32;
            rows(kind(scene.style())).iter().map(|row| automatic(row, unit)).collect()
        } else {
            vec![asked(&scene.form, loop_bars)]
        };
        let length = rows[0].iter().map(|run| i64::from(run.loops)).sum();
        let first = seed::mix(&[u64::from(seed), 0x0066_6f72_6d00]) % rows.len() as u64;
        Self { rows, first: first as i64, length }
    }

    fn row(&self, round: i64) -> &[Run] {
        &self.rows[round.wrapping_add(self.first).rem_euclid(self.rows.len() as i64) as usize]
    }

    /// Where a loop lies.
    pub fn place(&self, index: i64) -> SectionPlace {
        let round = index.div_euclid(self.length);
        let mut within = index.rem_euclid(self.length) as u32;
        let row = self.row(round);
        let mut position = 0;
        while within >= row[position].loops {
            within -= row[position].loops;
            position += 1;
        }
        let Run { section, loops } = row[position];
        let before = match position.checked_sub(1) {
            Some(position) => row[position],
            None => *self.row(round.wrapping_sub(1)).last().unwrap_or(&row[0]),
        };
        let next = row.get(position + 1).unwrap_or_else(|| &self.row(round.wrapping_add(1))[0]);
        let letter = section.letter();
        let is_first = round == 0 && row[..position].iter().all(|run| run.section.letter() != letter);
        SectionPlace {
            section,
            loop_in_section: within,
            loops,
            before: before.section,
            next: next.section,
            visit: round.wrapping_mul(MOST_RUNS).wrapping_add(position as i64),
            is_first,
        }
    }
}

/// The runs of an automatic row whose letters are units of so many loops.
fn automatic(row: &str, unit: u32) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for section in row.bytes().map(section_of) {
        match runs.last_mut() {
            Some(run) if run.section == section => run.loops += unit,
            _ => runs.push(Run { section, loops: unit }),
        }
    }
    runs
}

/// The runs that a scene text asks for.
fn asked(form: &[AskedSection], loop_bars: u8) -> Vec<Run> {
    let run = |asked: &AskedSection| {
        let loops = u32::from(asked.bars).div_ceil(u32::from(loop_bars)).max(1);
        Run { section: asked.section, loops }
    };
    form.iter().map(run).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assets::Assets;

    fn scene(text: &str) -> Scene {
        Assets::shipped().unwrap().scenes.parse(text).unwrap()
    }

    fn sections(song: &Song, indices: std::ops::Range<i64>) -> Vec<Section> {
        indices.map(|index| song.place(index).section).collect()
    }

    #[test]
    fn every_loop_has_a_place_however_far() {
        for text in
            ["techno", "pop", "ambient", "boss battle", "rain [intro] [verse:3] [chorus:1] [outro:64]"]
        {
            let scene = scene(text);
            for bars in 1..=8 {
                let song = Song::new(&scene, 7, bars);
                for index in (-2000..2000).chain([i64::MIN, i64::MIN + 1, i64::MAX - 1, i64::MAX]) {
                    let place = song.place(index);
                    assert!(place.loop_in_section < place.loops, "{text} {bars} {index}");
                }
                for index in -2000..2000 {
                    let (here, then) = (song.place(index), song.place(index + 1));
                    if here.is_last_loop() {
                        assert_eq!((then.section, then.before), (here.next, here.section));
                        assert!(then.loop_in_section == 0 && then.visit > here.visit);
                    } else {
                        assert_eq!(then, SectionPlace { loop_in_section: here.loop_in_section + 1, ..here });
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_asked_for_comes_in_its_order_and_again_behind_the_outro() {
        use Section::{A, B, C, Intro, Outro};
        let song = Song::new(&scene("rain [intro:4] [verse:8] [chorus:6] [bridge:1] [outro]"), 1, 4);
        let row = [Intro, A, A, B, B, C, Outro, Outro];
        assert_eq!(sections(&song, 0..16), [row, row].concat());
        assert_eq!(sections(&song, -8..0), row);
        assert!(song.place(1).before == Intro && song.place(7).next == Intro);
    }

    #[test]
    fn without_a_word_a_song_begins_with_its_theme_and_is_another_each_time_round() {
        for text in ["techno", "pop", "ambient", "boss battle", "jazz"] {
            for seed in 0..20 {
                let song = Song::new(&scene(text), seed, 4);
                let place = song.place(0);
                assert!(place.section == Section::A && place.is_first && place.loop_in_section == 0);
                let rounds: Vec<_> =
                    (0..4).map(|round| sections(&song, round * 16..round * 16 + 16)).collect();
                assert!(rounds.windows(2).all(|pair| pair[0] != pair[1]), "{text} {seed}");
                let all = rounds.concat();
                assert!(!all.contains(&Section::Intro) && !all.contains(&Section::Outro));
                // A theme is stated for the first time once.
                for letter in [Letter::A, Letter::B, Letter::C] {
                    let first: Vec<_> = (-64..256)
                        .map(|i| song.place(i))
                        .filter(|p| p.is_first && p.letter() == letter)
                        .collect();
                    let one = first
                        .windows(2)
                        .all(|pair| pair[0].visit == pair[1].visit || pair[0].section != pair[1].section);
                    assert!(one, "{text} {seed} {letter:?}");
                }
            }
        }
    }
}
