//! What the arranger knows of each style: an [`Idiom`] of plain data for every [`Style`].
//!
//! Ranks in the data are for a role the scene wants by three quarters; the scene then moves whole roles earlier or later.

mod band;
mod calm;
mod club;
mod heritage;
mod screen;
mod street;

use sceneloop_music::{DrumLane, Style};

/// How the chords of a style move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plan {
    /// One chord, or a breath of a second one at the end.
    Drone,
    /// Two chords to and fro.
    Vamp,
    /// The four-chord loops of popular music.
    Song,
    /// Tonic, predominant, dominant: phrases with cadences.
    Cadence,
    /// I, IV and V as the twelve bars have them.
    Blues,
    /// Twos and fives, turnarounds.
    Jazz,
    /// Steps and thirds beside the tonic, without dominants.
    Dark,
}

/// One line of a groove: drum, rank of its accents, pattern (see [`super::frame`]).
pub type Line = (DrumLane, u8, &'static str);

/// How the end of a loop is announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fill {
    /// None.
    None,
    /// Sixteenths on the snare, growing.
    Roll,
    /// Down the toms.
    Toms,
    /// Hand drums or blocks.
    Hands,
    /// A few strokes of the brush.
    Brush,
    /// Low drums, growing.
    Thunder,
}

/// In which order a broken chord is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Rising.
    Up,
    /// Rising and falling.
    Arch,
    /// Low, high, middle, high.
    Alberti,
    /// Every second note the lowest.
    Pedal,
    /// A fixed figure thrown once and then kept.
    Riff,
    /// Falling.
    Down,
}

/// How a style sings.
#[derive(Debug, Clone, Copy)]
pub struct Tune {
    /// Half-bar rhythms of eight characters, two of which make a motif.
    pub cells: &'static [&'static str],
    /// MIDI key about which it moves.
    pub centre: i32,
    /// 0 (all steps) to 1 (leaps everywhere).
    pub leap: f32,
    /// 0 (sings on) to 1 (mostly silent).
    pub rest: f32,
    /// Chance of a grace note before a long one.
    pub grace: f32,
}

/// Everything a style does by habit.
#[derive(Debug, Clone, Copy)]
pub struct Idiom {
    /// How its chords move.
    pub plan: Plan,
    /// Chords a bar: 0.25, 0.5, 1 or 2.
    pub chords_per_bar: f32,
    /// Size of its chords: 0 bare fifths, 0.3 triads, 0.6 sevenths, 0.9 ninths.
    pub colour: f32,
    /// Swing 0 to 1, and whether eighths swing.
    pub swing: (f32, bool),
    /// Grooves to choose from.
    pub grooves: &'static [&'static [Line]],
    /// The end of the loop.
    pub fill: Fill,
    /// Bass patterns. `R` root, `5` fifth, `8` octave, `3` third, `7` seventh or sixth, `a` step into the next chord,
    /// `A` its root ahead of time, `w` walk, `p` tonic pedal, `g` ghost.
    pub bass: &'static [&'static str],
    /// Rank of the bass's first notes.
    pub bass_rank: u8,
    /// Chord patterns. `x` all, `u` the upper notes softly, `b` the lowest, `1` to `4` single voices from below.
    pub comp: &'static [&'static str],
    /// Rank of the chords' first strokes.
    pub comp_rank: u8,
    /// MIDI key about which chords lie.
    pub comp_centre: i32,
    /// Rhythms and orders of the broken chords.
    pub arp: &'static [(&'static str, Order)],
    /// Rank of the arp's first notes.
    pub arp_rank: u8,
    /// MIDI key about which the arp lies.
    pub arp_centre: i32,
    /// The tune.
    pub tune: Tune,
    /// Rank of the tune's skeleton.
    pub tune_rank: u8,
}

/// The idiom of a style.
pub fn idiom(style: Style) -> &'static Idiom {
    match style {
        Style::Techno => &club::TECHNO,
        Style::House => &club::HOUSE,
        Style::DrumAndBass => &club::DRUM_AND_BASS,
        Style::Synthwave => &club::SYNTHWAVE,
        Style::Cyberpunk => &screen::CYBERPUNK,
        Style::LoFi => &street::LO_FI,
        Style::HipHop => &street::HIP_HOP,
        Style::Pop => &band::POP,
        Style::Rock => &band::ROCK,
        Style::Blues => &band::BLUES,
        Style::Jazz => &street::JAZZ,
        Style::Latin => &street::LATIN,
        Style::Folk => &band::FOLK,
        Style::OrchestralAction => &screen::ORCHESTRAL_ACTION,
        Style::OrchestralCalm => &calm::ORCHESTRAL_CALM,
        Style::Horror => &screen::HORROR,
        Style::Ambient => &calm::AMBIENT,
        Style::Chiptune => &screen::CHIPTUNE,
        Style::Tavern => &heritage::TAVERN,
        Style::Chinese => &heritage::CHINESE,
        Style::Classical => &heritage::CLASSICAL,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_whole_bars_and_ranks_are_energies() {
        for style in Style::ALL {
            let idiom = idiom(*style);
            let bars =
                |text: &str| assert!(matches!(text.len(), 16 | 32), "{style}: \"{text}\" has {}", text.len());
            idiom.bass.iter().chain(idiom.comp).for_each(|text| bars(text));
            idiom.arp.iter().for_each(|(text, _)| bars(text));
            for (_, rank, text) in idiom.grooves.iter().copied().flatten() {
                bars(text);
                assert!(*rank <= 100);
                assert!(text.bytes().all(|symbol| b"Xxo-.".contains(&symbol)), "{style}: {text}");
            }
            idiom.tune.cells.iter().for_each(|cell| assert_eq!(cell.len(), 8, "{style}: {cell}"));
            assert!(idiom.tune.cells.len() >= 4 && idiom.bass.len() >= 2 && idiom.comp.len() >= 2, "{style}");
        }
    }
}
