//! Style families: the idioms in which the composer writes.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! styles {
    ($($(#[$doc:meta])* $name:ident => $text:literal),+ $(,)?) => {
        /// A family of styles. The order is frozen.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Style { $($(#[$doc])* $name),+ }

        impl Style {
            /// All families in their frozen order.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// Name as it stands in files.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => $text),+ }
            }
        }
    };
}

styles! {
    /// Four on the floor, machine drums, one riff.
    Techno => "techno",
    /// Four on the floor, off-beat hats, piano and organ stabs.
    House => "house",
    /// Broken beats at 160 to 180, deep bass.
    DrumAndBass => "drum-and-bass",
    /// Eighties drums, pumping eighth-note bass, wide pads.
    Synthwave => "synthwave",
    /// Cyberpunk and industrial: hard drums, distorted ostinati, Phrygian dark.
    Cyberpunk => "cyberpunk",
    /// Slow swung beats, jazz chords, dust.
    LoFi => "lo-fi",
    /// Boom bap.
    HipHop => "hip-hop",
    /// Song harmony, backbeat, a tune to sing.
    Pop => "pop",
    /// Guitars, riffs, backbeat.
    Rock => "rock",
    /// Twelve-bar harmony, shuffle.
    Blues => "blues",
    /// Swing, walking bass, extended chords.
    Jazz => "jazz",
    /// Bossa nova, samba and son: clave, tumbao, montuno.
    Latin => "latin",
    /// Country and folk: boom-chuck, strummed and picked strings.
    Folk => "folk",
    /// Ostinato strings, low brass, great drums.
    OrchestralAction => "orchestral-action",
    /// Slow strings, harp, woodwind.
    OrchestralCalm => "orchestral-calm",
    /// Clusters, drones, silence.
    Horror => "horror",
    /// Slow pads without pulse.
    Ambient => "ambient",
    /// Square waves, fast arpeggios.
    Chiptune => "chiptune",
    /// Medieval dance: drone, lute, frame drum, whistle.
    Tavern => "tavern",
    /// Chinese traditional: pentatonic tunes, zither, bamboo flute.
    Chinese => "chinese",
    /// Classical: Alberti bass, cadences, period phrases.
    Classical => "classical",
    /// Rolling off-beat bass, gated saws, long builds at 130 to 142.
    Trance => "trance",
    /// Half-time: the snare on the third beat, a bass that wobbles.
    Dubstep => "dubstep",
    /// Long 808 notes, hats in bursts, half-time claps.
    Trap => "trap",
    /// The one, sixteenth notes, ghost strokes, horn stabs.
    Funk => "funk",
    /// Four on the floor with open hats between, octave bass, strings.
    Disco => "disco",
    /// Palm-muted riffs, gallop and double kick.
    Metal => "metal",
    /// Fast eighths, power chords, shouted tunes.
    Punk => "punk",
    /// One drop and steppers, skank off the beat, a bass that sings.
    Reggae => "reggae",
    /// Slow song: broken piano chords, strings, long lines.
    Ballad => "ballad",
    /// Drones and wide pads without a floor, sparse bells.
    Space => "space",
    /// Jigs and reels over a drone.
    Celtic => "celtic",
    /// Informed by the gamelans of Java and Bali: gongs mark a cycle, the parts move in layers of doubling density.
    Gamelan => "gamelan",
    /// Informed by the ragas of North India: a drone, a cycle of sixteen beats, a gat and its tihai.
    Raga => "raga",
    /// Informed by the maqamat of the Arab world: an iqa' on the drum, one tune told by many.
    Maqam => "maqam",
    /// Bass on one, chords on two and three.
    Waltz => "waltz",
    /// Bass on the beat, chords off it, snare rudiments, a brass tune.
    March => "march",
}

impl fmt::Display for Style {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_files() {
        for style in Style::ALL {
            assert_eq!(serde_json::to_string(style).unwrap(), format!("\"{}\"", style.name()));
        }
    }
}
