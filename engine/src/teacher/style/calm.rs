//! Without haste: slow orchestra and ambient.

use super::{Fill, Idiom, Order, Plan, Tune};
use sceneloop_music::DrumLane::*;

pub const ORCHESTRAL_CALM: Idiom = Idiom {
    plan: Plan::Cadence,
    chords_per_bar: 1.0,
    colour: 0.42,
    swing: (0.0, false),
    grooves: &[
        &[
            (TomLow, 50, "o..............."),
            (Bell, 62, "........o......."),
            (Ride, 72, "..............o."),
            (TomLow, 82, "........o...-.o."),
            (Tambourine, 90, "....o.......o..."),
            (Crash, 95, "o..............."),
        ],
        &[
            (Bell, 48, "o..............................."),
            (TomLow, 60, "o.......-......."),
            (Shaker, 74, "o.-.o.-.o.-.o.-."),
            (TomMid, 86, "............-.o."),
            (Crash, 94, "o..............."),
        ],
    ],
    fill: Fill::None,
    bass: &[
        "R===============",
        "R=======5=======",
        "R===========a===",
        "R=======3=======",
        "R=====..5=====..",
    ],
    bass_rank: 4,
    comp: &[
        "x===============",
        "x=======x=======",
        "1.2.3.4.3.2.....",
        "....x===....x===",
        "x=====..x=====..",
    ],
    comp_rank: 14,
    comp_centre: 60,
    arp: &[
        ("x.x.x.x.x.x.x.x.", Order::Arch),
        ("x.x.x.x.x.......", Order::Up),
        ("xxxxxxxx........", Order::Up),
        ("x...x...x...x...", Order::Arch),
    ],
    arp_rank: 30,
    arp_centre: 72,
    tune: Tune {
        cells: &["x=======", "x=====x=", "x===x===", "x===x=x=", "x=x=x===", "x==xx==="],
        centre: 73,
        leap: 0.3,
        rest: 0.25,
        grace: 0.1,
    },
    tune_rank: 16,
    ..Idiom::BASE
};

pub const AMBIENT: Idiom = Idiom {
    plan: Plan::Vamp,
    chords_per_bar: 0.5,
    colour: 0.7,
    swing: (0.0, false),
    grooves: &[
        &[
            (Shaker, 56, "..o.......o....."),
            (Kick, 64, "o..............."),
            (Bell, 70, "............o..................."),
            (Rim, 78, "......-.......-."),
            (Shaker, 86, "o...o...o...o..."),
            (Ride, 93, "o.......o......."),
        ],
        &[
            (Kick, 58, "o.........-....."),
            (ClosedHat, 68, "....-.......-..."),
            (Shaker, 78, "..o...o...o...o."),
            (Bell, 85, "......o........."),
            (Ride, 92, "o...o...o...o..."),
        ],
    ],
    fill: Fill::None,
    bass: &["R===============", "R==============.", "R=======........", "R===============R=======5======="],
    bass_rank: 6,
    comp: &["x===============", "....x===========", "x=======....x===", "1===2===3===4==="],
    comp_rank: 26,
    comp_centre: 62,
    arp: &[
        ("x.....x.....x...", Order::Riff),
        ("x...x...x...x...", Order::Arch),
        ("..x..x....x..x..", Order::Riff),
        ("x.x.x.x.x.x.x.x.", Order::Arch),
    ],
    arp_rank: 22,
    arp_centre: 77,
    tune: Tune {
        cells: &["x=======", "....x===", "x=====..", "..x=====", "x===x==="],
        centre: 74,
        leap: 0.45,
        rest: 0.55,
        grace: 0.0,
    },
    tune_rank: 30,
    ..Idiom::BASE
};
