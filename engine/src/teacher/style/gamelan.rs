//! After the gamelans of Java and Bali: what a loop can learn from their cycles and layers. The tradition does far more than a
//! loop on twelve equal steps can, and its tunings are its own.

use super::{Idiom, Order, Ornament, Plan, Shade, Tune, Voicing, Weave};
use sceneloop_music::DrumLane::*;
use sceneloop_music::Mode;

/// Layers, each denser than the one below: the great gong closes the phrase, kenong and kempul divide it, ketuk and
/// kempyang divide those; the balungan walks in quarters, the bonang is ahead of it in eighths, the gender plays
/// around it in sixteenths. As in a gatra the last beat of four is the strong one.
///
/// Lanes: crash the gong, low tom the kempul, high tom the kenong, rim the ketuk, bell the kempyang, hands the kendang.
pub const GAMELAN: Idiom = Idiom {
    plan: Plan::Drone,
    chords_per_bar: 0.5,
    colour: 0.3,
    progressions: &[
        (Shade::Any, "1..."),
        (Shade::Any, "1..2"),
        (Shade::Any, "1.5."),
        (Shade::Any, "1..6"),
        (Shade::Any, "1.2."),
        (Shade::In(&[Mode::Pelog]), "1.6."),
    ],
    grooves: &[
        // Lancaran: kenong on every fourth beat, kempul on the second of all but the first four.
        &[
            (Crash, 6, "............................................................X..."),
            (TomHigh, 14, "............X..."),
            (Rim, 24, "x.......x......."),
            (TomLow, 18, "....................X...............X...............X..........."),
            (HandLow, 46, "..........o.x..."),
            (HandHigh, 54, "..o...o.......o."),
            (Bell, 66, "..x...x...x...x."),
            (HandHigh, 80, ".o.o...o...o.o.o"),
        ],
        // Ladrang, twice as fast: kempyang and ketuk before each stroke of kenong and kempul.
        &[
            (Crash, 6, "..............................................................X."),
            (TomHigh, 14, "..............X."),
            (Rim, 24, "..x.......x....."),
            (TomLow, 18, "......................X...............X...............X........."),
            (Bell, 36, "x...x...x...x..."),
            (HandLow, 52, "............o.x."),
            (HandHigh, 60, "...o.o.....o.o.."),
            (HandLow, 78, "o.....o.o......."),
        ],
        // Ketawang: room for the gongs to ring.
        &[
            (Crash, 6, "............................................................X..."),
            (TomHigh, 14, "............................X..................................."),
            (TomLow, 18, "............................................X..................."),
            (Rim, 26, "....x..........."),
            (Bell, 40, "x.......x......."),
            (HandLow, 54, "............o..."),
            (HandHigh, 66, "......o...o....."),
            (Rim, 84, "..-...-...-...-."),
        ],
        // Srepegan: kenong on every beat, kempul on every second.
        &[
            (TomHigh, 14, "X...X...X...X..."),
            (TomLow, 18, "....X.......X..."),
            (Rim, 24, "..x...x...x...x."),
            (Crash, 8, "............................X..."),
            (HandLow, 42, "x.....o.x.....oo"),
            (HandHigh, 50, "..oo.o....oo.o.."),
            (Bell, 68, "oxoxoxoxoxoxoxox"),
        ],
    ],
    answers: &[
        (HandHigh, 60, "........oo.o.oxo"),
        (HandLow, 62, "..........o.o.x."),
        (Bell, 66, ".x.x.x.x.x.x.x.x"),
    ],
    // However short the loop, the gong ends it; the kendang leads there.
    fills: &[
        &[(Crash, 30, "............X..."), (HandLow, 58, "........o.o.x.oo")],
        &[(Crash, 30, "............X..."), (HandHigh, 56, "....o.oo.oo.x...")],
        &[
            (Crash, 30, "............X..."),
            (TomLow, 20, "............x..."),
            (HandLow, 60, "........x..x...."),
        ],
        &[(Crash, 30, "............X..."), (HandHigh, 58, "........oxo.x.ox"), (Rim, 60, "........x.x.....")],
    ],
    crash: None,
    thrown: false,
    bass: &[
        "R=======R===R===",
        "R===R===========",
        "R===========R===",
        "R=======5=======",
        "R===========5===",
        "R===============",
        "R=======2===R===",
        "p===========R===",
    ],
    bass_rank: 8,
    // The bonang: a note and its octave in turn, ahead of the balungan or between its notes.
    comp: &[
        "1...2...1.2.1...",
        "1.2.1.2.1.2.1.2.",
        "..x...x...x...x.",
        "1.2.1...1.2.1...",
        "..1.2.1...1.2.1.",
        "1.2.3.2.1.2.3.2.",
        "..x.x.....x.x...",
        "1.1.2.1.1.1.2.1.",
    ],
    voicing: Voicing::Octaves,
    comp_rank: 24,
    comp_centre: 64,
    pad_centre: 52,
    drone: true,
    arp: &[
        ("xxxxxxxxxxxxxxxx", Order::Alberti),
        ("xxx.xxx.xxx.xxx.", Order::Arch),
        ("x.xxx.xxx.xxx.xx", Order::Skip),
        (".xxx.xxx.xxx.xxx", Order::Cascade),
        ("xxxxxxxxxxxxxxx.", Order::Converge),
    ],
    ostinati: &[
        ("xxx.xxx.xxx.xxx.", &[0, 1, 2, 0, 1, 2, 1, 2, 3, 2, 1, 0]),
        ("xxxxxxxxxxxxxxxx", &[0, 2, 1, 2, 0, 2, 1, 2, 3, 2, 1, 2, 0, 2, 1, 0]),
        // Imbal: two players' notes interlock.
        ("xxxxxxxxxxxxxxxx", &[1, 3, 2, 4, 1, 3, 2, 4, 1, 3, 2, 4, 2, 3, 1, 2]),
    ],
    weave: Weave::Heterophony,
    arp_rank: 30,
    arp_centre: 82,
    // The balungan.
    tune: Tune {
        cells: &[
            "x===x===", "x===x=x=", "....x===", "x=======", "x=x=x===", "x===....", "x=====x=", "..x=x===",
            "x==xx===",
        ],
        centre: 71,
        leap: 0.25,
        rest: 0.1,
        grace: 0.0,
    },
    tune_rank: 12,
    hooks: &[
        ("x===x===x===x===", &[0, 1, 0, -1]),
        ("....x=======x===", &[2, 1]),
        ("x===x===x=x=x===", &[0, 2, 1, 0, 1]),
        ("x=======x===x===", &[2, 3, 1]),
        ("..x=x===x===x===", &[0, 1, 2, 0]),
    ],
    forms: &["AaBc", "AaAc", "ABAc", "AaBhAaBc", "AAsc", "Ac", "As"],
    ornaments: &[Ornament::Mordent],
    ..Idiom::BASE
};
