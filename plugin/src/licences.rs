//! Under which licences all of this is: Sceneloop itself, the music that its network was trained on, and the software of others that is
//! built in. The window shows it. Nothing is read before it is asked for.

use std::collections::HashMap;
use std::io;

/// A text of our own repository, as it is there.
macro_rules! text {
    ($path:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../", $path))
    };
}

/// What Sceneloop itself may be had under, as one likes.
pub const OWN: [(&str, &str); 2] = [("MIT", text!("LICENSE-MIT")), ("Apache-2.0", text!("LICENSE-APACHE"))];

/// What Sceneloop itself may be had under, in short.
pub const SHORT: &str = "\
An instrument that composes and plays endless loops for a scene.

Sceneloop is yours under the MIT licence or the Apache licence 2.0, as you like: use it, change it, pass it on. Both texts are in the list \
beside.

The second page says what its network was trained on, the third names the software of others that is built in, each with its licence.";

/// Whose names are used.
pub const TRADEMARKS: &str = "\
VST is a registered trademark of Steinberg Media Technologies GmbH. Sceneloop speaks VST3 by the vst3 package and CLAP by the clap-sys \
package, both under MIT or Apache-2.0; their texts stand under third-party software.

All other names belong to those who made what they name, and are used only to name it.";

/// What the network was trained on, in short.
pub const TRAINING: &str = "\
The network that composes was trained by the makers of Sceneloop on two kinds of loops, half of each:

Loops by the teacher, Sceneloop's own arranger of rules.

Openly licensed music: 38,026 windows of four bars out of the ten collections in the list beside. For that it was changed: cut into windows \
and set on Sceneloop's grid and roles.

What is shipped are 2.57 million numbers that were learned, not the music. Of the two-bar phrases in the tunes that the network writes, \
2 in a thousand stand in a piece of that music; of those in its bass lines, none.

Nothing that you play, type or save is sent anywhere.";

/// A collection of music that the network was trained on.
pub struct Collection {
    /// What it is called.
    pub name: &'static str,
    /// What it is and who made it.
    pub by: &'static str,
    /// In short.
    pub licence: &'static str,
    /// As it came with the music.
    pub texts: &'static [&'static str],
}

/// All of them, by licence.
pub const COLLECTIONS: [Collection; 10] = [
    Collection {
        name: "OpenScore Lieder",
        by: "The OpenScore Lieder Corpus, songs engraved by the OpenScore community.",
        licence: "CC0-1.0",
        texts: &[text!("assets/model/licences/lieder.CC0.txt")],
    },
    Collection {
        name: "McGill Billboard",
        by: "Chords of songs from the Billboard charts: John Ashley Burgoyne, Jonathan Wild and Ichiro Fujinaga, McGill University.",
        licence: "CC0-1.0",
        texts: &[],
    },
    Collection {
        name: "Groove MIDI",
        by: "The Groove MIDI Dataset by Google LLC: Jon Gillick, Adam Roberts, Jesse Engel, Douglas Eck and David Bamman, Learning to Groove with Inverse Sequence Transformations, 2019.",
        licence: "CC-BY-4.0",
        texts: &[text!("assets/model/licences/groove.CC-BY-4.0.txt")],
    },
    Collection {
        name: "Rock corpus",
        by: "A Corpus Study of Rock Music, by Trevor de Clercq and David Temperley. https://creativecommons.org/licenses/by/4.0/",
        licence: "CC-BY-4.0",
        texts: &[text!("assets/model/licences/rock-corpus.CC-BY.README.md")],
    },
    Collection {
        name: "OpenEWLD",
        by: "Lead sheets of works in the public domain, gathered by Federico Simonetta.",
        licence: "MIT",
        texts: &[
            text!("assets/model/licences/openewld.MIT.txt"),
            text!("assets/model/licences/openewld.README.md"),
        ],
    },
    Collection {
        name: "free-midi-chords",
        by: "Chord progressions by Ludovic Drolez.",
        licence: "MIT",
        texts: &[text!("assets/model/licences/free-midi-chords.MIT.txt")],
    },
    Collection {
        name: "GB Studio",
        by: "Music from GB Studio, by Chris Maltby.",
        licence: "MIT",
        texts: &[text!("assets/model/licences/gbstudio.MIT.txt")],
    },
    Collection {
        name: "Freedoom",
        by: "Music of the Freedoom project, by those who are named below.",
        licence: "BSD-3-Clause",
        texts: &[
            text!("assets/model/licences/freedoom.BSD.txt"),
            text!("assets/model/licences/freedoom.CREDITS-MUSIC.txt"),
        ],
    },
    Collection {
        name: "Simutrans",
        by: "Music of the game Simutrans.",
        licence: "Artistic-1.0",
        texts: &[text!("assets/model/licences/simutrans-data.debian-copyright.txt")],
    },
    Collection {
        name: "LMMS demos",
        by: "Songs that come with the program LMMS; only those under Artistic-2.0 and BSD-2-Clause.",
        licence: "Artistic-2.0, BSD-2-Clause",
        texts: &[text!("assets/model/licences/lmms-common.debian-copyright.txt")],
    },
];

static LIST: &str = text!("assets/licences/third-party.txt");
static TEXTS: &[u8] = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../assets/licences/texts.zst"));

/// Software of others that is built in.
#[derive(Debug)]
pub struct Package {
    /// Name and version, with a blank between.
    pub name: &'static str,
    /// As an SPDX expression.
    pub licence: &'static str,
    /// Where its source is.
    pub source: &'static str,
    /// The names of its texts.
    pub texts: Vec<&'static str>,
}

/// All of it, by name.
pub fn packages() -> impl Iterator<Item = Package> {
    lines().filter_map(|line| {
        let mut parts = line.split(" | ");
        let (name, licence, source) = (parts.next()?, parts.next()?, parts.next()?);
        Some(Package { name, licence, source, texts: parts.next()?.split(' ').collect() })
    })
}

/// Name and version of what is needed only to build and to test.
pub fn left_out() -> impl Iterator<Item = &'static str> {
    lines().filter_map(|line| line.strip_prefix("- "))
}

fn lines() -> impl Iterator<Item = &'static str> {
    LIST.lines().filter(|line| !line.starts_with('#'))
}

/// The texts of all licences: 34 KB that become 800, so whoever has read them should let them go.
pub struct Texts {
    by_id: HashMap<String, String>,
}

impl Texts {
    /// Unpacks them.
    pub fn read() -> io::Result<Self> {
        let text = String::from_utf8(zstd::decode_all(TEXTS)?)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        let parts = text.split('\u{1e}').filter_map(|part| part.split_once('\n'));
        Ok(Self { by_id: parts.map(|(id, text)| (id.to_owned(), text.to_owned())).collect() })
    }

    /// Those of a package.
    pub fn of(&self, package: &Package) -> impl Iterator<Item = &str> {
        package.texts.iter().filter_map(|id| self.by_id.get(*id)).map(String::as_str)
    }
}
