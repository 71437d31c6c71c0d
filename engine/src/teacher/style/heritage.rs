//! Old music: tavern, Chinese, classical.

use super::{Fill, Idiom, Order, Plan, Tune};
use sceneloop_music::DrumLane::*;

pub const TAVERN: Idiom = Idiom {
    plan: Plan::Vamp,
    chords_per_bar: 1.0,
    colour: 0.18,
    swing: (0.15, false),
    grooves: &[
        &[
            (HandLow, 18, "X..o..x.X..o..x."),
            (Tambourine, 32, "....x.......x..."),
            (HandHigh, 46, "..o..o.o..o..o.o"),
            (Clap, 60, "....x.......x..."),
            (Kick, 68, "X.......X......."),
            (Tambourine, 78, "x.x.x.x.x.x.x.x."),
            (TomLow, 86, "X..x..x.X..x..xx"),
            (Bell, 93, "x...x...x...x..."),
        ],
        &[
            (HandLow, 18, "X...o.o.X...o.o."),
            (HandHigh, 34, "....x..x....x.xx"),
            (Tambourine, 48, "..x...x...x...x."),
            (Kick, 62, "x.......x......."),
            (Clap, 72, "....o.......o..."),
            (Shaker, 82, "xoxoxoxoxoxoxoxo"),
            (TomMid, 90, "......x...x...x."),
        ],
    ],
    fill: Fill::Hands,
    bass: &[
        "R===5===R===5===",
        "p=======p=======",
        "R=..5=..R=..5=..",
        "p===....p=..5=..",
        "R=R=5=..R=R=5=a=",
    ],
    bass_rank: 6,
    comp: &[
        "b.x.b.x.b.x.b.x.",
        "x...x.u.x...x.u.",
        "1.3.2.3.1.3.2.3.",
        "x.uxx.uxx.uxx.ux",
        "b.xub.xub.xub.xu",
    ],
    comp_rank: 14,
    comp_centre: 62,
    arp: &[
        ("x.xxx.xxx.xxx.xx", Order::Arch),
        ("x.x.x.x.x.x.x.x.", Order::Pedal),
        ("x.xxx.x.x.xxx.x.", Order::Riff),
    ],
    arp_rank: 36,
    arp_centre: 71,
    tune: Tune {
        cells: &["x=xxx=x=", "x=x=x=xx", "x==xx=x=", "x=x=x===", "xxx=x=x=", "x===x=x="],
        centre: 75,
        leap: 0.2,
        rest: 0.1,
        grace: 0.35,
    },
    tune_rank: 16,
    ..Idiom::BASE
};

pub const CHINESE: Idiom = Idiom {
    plan: Plan::Vamp,
    chords_per_bar: 0.5,
    colour: 0.3,
    swing: (0.0, false),
    grooves: &[
        &[
            (HandLow, 30, "X.......o......."),
            (Rim, 40, "....o.......o..."),
            (HandHigh, 54, "......o.o.....oo"),
            (Bell, 64, "x..............................."),
            (HandLow, 72, "...o..x....o..x."),
            (Rim, 80, "x.x.x.x.x.x.x.x."),
            (TomLow, 86, "X.......X......."),
            (Crash, 92, "X..............................."),
        ],
        &[
            (Rim, 30, "x.......o......."),
            (HandLow, 42, "X.....x.x......."),
            (HandHigh, 56, "...o..o....o.oo."),
            (Tambourine, 68, "....o.......o..."),
            (TomLow, 78, "X.....o.X...o.o."),
            (Bell, 86, "x.......x......."),
            (Crash, 93, "........X......."),
        ],
    ],
    fill: Fill::Hands,
    bass: &["R=======5=......", "R===....5=......", "R===========5===", "R=......R=..5=.."],
    bass_rank: 14,
    comp: &[
        "x=======........",
        "1.2.3.4=........",
        "x===....u=......",
        "x=......1.2.3===",
        "..x=......x=....",
    ],
    comp_rank: 16,
    comp_centre: 64,
    arp: &[
        ("xxxxx...........", Order::Down),
        ("x.xxx.x.x.xxx.x.", Order::Arch),
        ("x.x.x.x.x...x...", Order::Up),
        ("xxxxxxxx........x.x.x.x.x.......", Order::Up),
    ],
    arp_rank: 26,
    arp_centre: 76,
    tune: Tune {
        cells: &["x=====x=", "x=x=x===", "x==xx===", "x===xxx=", "x=x=xx==", "x======="],
        centre: 74,
        leap: 0.25,
        rest: 0.25,
        grace: 0.4,
    },
    tune_rank: 10,
    ..Idiom::BASE
};

pub const CLASSICAL: Idiom = Idiom {
    plan: Plan::Cadence,
    chords_per_bar: 1.0,
    colour: 0.32,
    swing: (0.0, false),
    grooves: &[
        &[
            (TomLow, 52, "o...............o.......o......."),
            (TomLow, 66, "........o......."),
            (Tambourine, 76, "....o.......o..."),
            (Snare, 84, "o..oo.o.o..oo.o."),
            (Crash, 92, "x..............."),
        ],
        &[
            (TomLow, 54, "x.......o......."),
            (Bell, 68, "....o.......o..."),
            (TomMid, 80, "......o...o...oo"),
            (Crash, 90, "x..............................."),
            (Snare, 94, "..............oo"),
        ],
    ],
    fill: Fill::Thunder,
    bass: &[
        "R===....5===....",
        "R======.........",
        "R=..R=..5=..R=..",
        "R=======3=======",
        "R===3===5===a===",
    ],
    bass_rank: 6,
    comp: &[
        "1.3.2.3.1.3.2.3.",
        "1.2.3.2.1.2.3.2.",
        "....x=......x=..",
        "1.3.2.3.1.3.2.3.",
        "x=..x=..x=..x=..",
    ],
    comp_rank: 12,
    comp_centre: 60,
    arp: &[
        ("xxxxxxxxxxxxxxxx", Order::Alberti),
        ("x.x.x.x.x.x.x.x.", Order::Arch),
        ("xxxxxxxxxxxxxxxx", Order::Arch),
    ],
    arp_rank: 44,
    arp_centre: 74,
    tune: Tune {
        cells: &["x===x=x=", "x=x=x=x=", "x=====x=", "x==xx=x=", "x=x=x===", "x===x===", "x=xxx=x="],
        centre: 75,
        leap: 0.3,
        rest: 0.12,
        grace: 0.15,
    },
    tune_rank: 14,
    ..Idiom::BASE
};
