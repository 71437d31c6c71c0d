//! What the arranger knows of each style: an [`Idiom`] of plain data for every [`Style`].
//!
//! Ranks in the data are for a role the scene wants by three quarters; the scene then moves whole roles earlier or later.

mod band;
mod beat;
mod calm;
mod club;
mod feel;
mod gamelan;
mod groove;
mod heritage;
mod loud;
mod modal;
mod parade;
mod raga;
mod rave;
mod screen;
mod slow;
mod street;
mod vocabulary;

pub use feel::Feel;
use sceneloop_music::Style;
pub use vocabulary::{Figure, Fill, Line, Order, Ornament, Plan, Shade, Voicing, Weave};

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
    /// Chance that a long note is decorated, by a grace note if the style has no ornaments of its own.
    pub grace: f32,
}

impl Tune {
    /// A plain tune, from which idioms say how theirs differs.
    pub const BASE: Self = Self {
        cells: &["x=x=x===", "x===x=x=", "x=x=x=x=", "x==x===="],
        centre: 72,
        leap: 0.3,
        rest: 0.3,
        grace: 0.0,
    };
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
    /// Progressions of its own, a digit a chord and `.` for one that stays, 4 or 8 long. Where a mode has none of
    /// them the plan's are used.
    pub progressions: &'static [(Shade, &'static str)],
    /// Grooves to choose from.
    pub grooves: &'static [&'static [Line]],
    /// Lines of which one joins in the second half of a phrase of four bars or more.
    pub answers: &'static [Line],
    /// Lines of ghost strokes, of which the seed keeps one or two.
    pub ghosts: &'static [Line],
    /// Fills of its own: the last bar of the phrase, silent up to where the fill begins. From there on what the
    /// groove would add later than the fill keeps out of its way.
    pub fills: &'static [&'static [Line]],
    /// The end of the loop where it has none.
    pub fill: Fill,
    /// Rank of the crash on the first beat.
    pub crash: Option<u8>,
    /// Whether the seed throws ghosts and pushed kicks of its own: not where each stroke has its name.
    pub thrown: bool,
    /// Which strokes of the drums lean.
    pub feel: Feel,
    /// Bass patterns. `R` root, `5` fifth, `8` octave, `3` third, `7` seventh or sixth, `2`, `4` and `6` steps of the
    /// scale above the root, `m` the step below it, `d` the fifth below, `a` step into the next chord, `b` that step
    /// from below, `t` from above, `A` the next root ahead of time, `w` walk, `p` tonic pedal, `g` ghost.
    pub bass: &'static [&'static str],
    /// Bass and chord patterns that belong together; half of the loops take one.
    pub riffs: &'static [(&'static str, &'static str)],
    /// Rank of the bass's first notes.
    pub bass_rank: u8,
    /// Chord patterns. `x` all, `X` with force, `u` the upper notes softly, `b` the lowest, `1` to `4` single voices
    /// from below, `t` the tonic as a drone, `f` its fifth, `T` its octave.
    pub comp: &'static [&'static str],
    /// How its chords are spread.
    pub voicing: Voicing,
    /// Chance that a loop's chords come before the beat of the change, and by how many steps.
    pub push: (f32, u16),
    /// Rank of the chords' first strokes.
    pub comp_rank: u8,
    /// MIDI key about which chords lie.
    pub comp_centre: i32,
    /// MIDI key about which the pad lies.
    pub pad_centre: i32,
    /// Whether the pad holds the tonic and its fifth, whatever the chords.
    pub drone: bool,
    /// Rhythms and orders of the broken chords.
    pub arp: &'static [(&'static str, Order)],
    /// Ostinati, of which half of the loops take one.
    pub ostinati: &'static [Figure],
    /// What the arp does beside the tune.
    pub weave: Weave,
    /// Rank of the arp's first notes.
    pub arp_rank: u8,
    /// MIDI key about which the arp lies.
    pub arp_centre: i32,
    /// The tune.
    pub tune: Tune,
    /// Rank of the tune's skeleton.
    pub tune_rank: u8,
    /// Figures from which half of the tunes begin.
    pub hooks: &'static [Figure],
    /// Forms of the tune, a letter a bar (see [`super::lead`]); those of the loop's length are used.
    pub forms: &'static [&'static str],
    /// How its long notes are decorated.
    pub ornaments: &'static [Ornament],
    /// The second voice of the tune at the highest energies, in steps of the scale; 0 is the octave.
    pub second_voice: i32,
}

impl Idiom {
    /// A style without habits, from which idioms say how theirs differ: `Idiom { …, ..Idiom::BASE }`.
    pub const BASE: Self = Self {
        plan: Plan::Song,
        chords_per_bar: 1.0,
        colour: 0.4,
        swing: (0.0, false),
        progressions: &[],
        grooves: &[],
        answers: &[],
        ghosts: &[],
        fills: &[],
        fill: Fill::None,
        crash: Some(76),
        thrown: true,
        feel: Feel::EVEN,
        bass: &[],
        riffs: &[],
        bass_rank: 10,
        comp: &[],
        voicing: Voicing::Free,
        push: (0.0, 2),
        comp_rank: 18,
        comp_centre: 61,
        pad_centre: 61,
        drone: false,
        arp: &[],
        ostinati: &[],
        weave: Weave::Own,
        arp_rank: 36,
        arp_centre: 74,
        tune: Tune::BASE,
        tune_rank: 24,
        hooks: &[],
        forms: &[],
        ornaments: &[],
        second_voice: 0,
    };
}

/// The dances of the styles that have several, each with habits of its own.
pub const DANCES: [(Style, &str, &Idiom); 4] = [
    (Style::Latin, "bossa nova", &street::BOSSA),
    (Style::Latin, "samba", &street::SAMBA),
    (Style::Latin, "tango", &street::TANGO),
    (Style::Latin, "flamenco", &street::FLAMENCO),
];

/// The idiom of a style, or of one of its dances.
pub fn idiom_of(style: Style, dance: Option<&str>) -> &'static Idiom {
    let known = DANCES.iter().find(|(of, name, _)| *of == style && dance == Some(name));
    known.map_or_else(|| idiom(style), |(.., idiom)| idiom)
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
        Style::Trance => &rave::TRANCE,
        Style::Dubstep => &rave::DUBSTEP,
        Style::Trap => &beat::TRAP,
        Style::Funk => &groove::FUNK,
        Style::Disco => &groove::DISCO,
        Style::Metal => &loud::METAL,
        Style::Punk => &loud::PUNK,
        Style::Reggae => &beat::REGGAE,
        Style::Ballad => &slow::BALLAD,
        Style::Space => &slow::SPACE,
        Style::Celtic => &modal::CELTIC,
        Style::Gamelan => &gamelan::GAMELAN,
        Style::Raga => &raga::RAGA,
        Style::Maqam => &modal::MAQAM,
        Style::Waltz => &parade::WALTZ,
        Style::March => &parade::MARCH,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_whole_bars_and_ranks_are_energies() {
        let styles = Style::ALL.iter().map(|style| (*style, style.name(), idiom(*style)));
        for (_, style, idiom) in styles.chain(DANCES) {
            let bars = |text: &str| {
                assert!(
                    matches!(text.len(), 12 | 16 | 20 | 24 | 32 | 64),
                    "{style}: \"{text}\" has {}",
                    text.len()
                );
            };
            let known = |text: &str, letters: &[u8]| {
                bars(text);
                assert!(text.bytes().all(|symbol| letters.contains(&symbol)), "{style}: {text}");
            };
            let bass = |text: &str| known(text, b"R5837246mdabtAwpg=.");
            let comp = |text: &str| known(text, b"xXub1234tfT=.");
            idiom.bass.iter().for_each(|text| bass(text));
            idiom.comp.iter().for_each(|text| comp(text));
            idiom.riffs.iter().for_each(|(low, high)| {
                bass(low);
                comp(high);
            });
            idiom.arp.iter().for_each(|(text, _)| known(text, b"x=."));
            let lines = idiom.grooves.iter().chain(idiom.fills).copied().flatten();
            for (_, rank, text) in lines.chain(idiom.answers).chain(idiom.ghosts) {
                known(text, b"Xxo-.");
                assert!(*rank <= 100);
            }
            for fill in idiom.fills.iter().copied().flatten() {
                assert!(matches!(fill.2.len(), 12 | 16), "{style}: {}", fill.2);
            }
            for (rhythm, numbers) in idiom.hooks.iter().chain(idiom.ostinati) {
                known(rhythm, b"x=.");
                assert!(matches!(rhythm.len(), 12 | 16), "{style}: {rhythm}");
                assert_eq!(rhythm.matches('x').count(), numbers.len(), "{style}: {rhythm}");
            }
            for (_, degrees) in idiom.progressions {
                assert!(
                    matches!(degrees.len(), 4 | 8) && degrees.as_bytes()[0] != b'.',
                    "{style}: {degrees}"
                );
                assert!(degrees.bytes().all(|digit| b"1234567.".contains(&digit)), "{style}: {degrees}");
            }
            for form in idiom.forms {
                assert!(
                    form.len() <= 8 && form.bytes().all(|letter| b"AaBsdifhct-".contains(&letter)),
                    "{form}"
                );
            }
            idiom.tune.cells.iter().for_each(|cell| assert_eq!(cell.len(), 8, "{style}: {cell}"));
            assert!(idiom.tune.cells.len() >= 4 && idiom.bass.len() >= 2 && idiom.comp.len() >= 2, "{style}");
        }
    }

    /// Every tag that names a dance has one, every dance has a tag, and no two play the same grooves.
    #[test]
    fn dances_and_tags_find_each_other() {
        let tags = crate::assets::Assets::shipped().unwrap().scenes.tags();
        for tag in tags.iter().filter(|tag| tag.dance.is_some()) {
            let found = DANCES
                .iter()
                .any(|(style, name, _)| *style == tag.style && tag.dance.as_deref() == Some(*name));
            assert!(found, "{}", tag.id);
        }
        for (index, (style, name, dance)) in DANCES.iter().enumerate() {
            assert!(tags.iter().any(|tag| tag.dance.as_deref() == Some(*name)), "{name}");
            assert_ne!(dance.grooves, idiom(*style).grooves, "{name}");
            assert!(DANCES[..index].iter().all(|(.., other)| other.grooves != dance.grooves), "{name}");
            assert_eq!(idiom_of(*style, Some(name)).grooves, dance.grooves);
        }
        assert_eq!(idiom_of(Style::Latin, None).grooves, idiom(Style::Latin).grooves);
    }
}
