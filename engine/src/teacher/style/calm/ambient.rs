//! Ambient: chords that hang, notes that fall into them in cycles of uneven length, almost no beat.

use crate::teacher::style::{Fill, Idiom, Order, Ornament, Plan, Shade, Tune, Voicing};
use sceneloop_music::DrumLane::*;

pub const AMBIENT: Idiom = Idiom {
    plan: Plan::Vamp,
    chords_per_bar: 0.5,
    colour: 0.7,
    swing: (0.0, false),
    progressions: &[
        (Shade::Bright, "1.4."),
        (Shade::Bright, "1.2."),
        (Shade::Bright, "4.1."),
        (Shade::Bright, "1.6."),
        (Shade::Bright, "4.63"),
        (Shade::Dark, "1.6."),
        (Shade::Dark, "1.7."),
        (Shade::Dark, "6.1."),
        (Shade::Dark, "1.4."),
        (Shade::Dark, "1.37"),
    ],
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
        // Drops of water in threes.
        &[
            (Bell, 58, "o..o..-..o......"),
            (Kick, 68, "o..............."),
            (Rim, 76, "..........-....................-"),
            (Shaker, 84, "-.-.-.-.-.-.-.-."),
            (Ride, 92, "........o......."),
        ],
        // A slow low drum.
        &[
            (TomLow, 60, "o..............................."),
            (TomMid, 70, "....................o..........."),
            (Shaker, 78, "....o.......o..."),
            (Bell, 84, "..........o....................."),
            (ClosedHat, 92, "..-...-...-...-."),
        ],
    ],
    answers: &[
        (Bell, 68, "......o........."),
        (Shaker, 66, "..-...-...-...-."),
        (Ride, 72, "o..............."),
    ],
    ghosts: &[
        (Rim, 72, "...-......-....."),
        (Shaker, 70, ".-...-.....-...."),
        (Kick, 76, "..........-....."),
    ],
    fills: &[
        &[(Bell, 70, "............o.-.")],
        &[(Shaker, 70, "........--.-.-oo")],
        &[(Ride, 72, "........-.-.-.o.")],
        &[(TomLow, 72, "..............o.")],
    ],
    fill: Fill::None,
    crash: None,
    bass: &[
        "R===============",
        "R==============.",
        "R=======........",
        "R===============R=======5=======",
        "R===========5===",
        "p===============",
        "R===============........8=======",
    ],
    bass_rank: 6,
    comp: &[
        "x===============",
        "....x===========",
        "x=======....x===",
        "1===2===3===4===",
        "x===============........u=======",
        "..1=....3=....2=",
        "x=======u=======",
    ],
    voicing: Voicing::Spread,
    comp_rank: 26,
    comp_centre: 63,
    pad_centre: 60,
    arp: &[
        ("x.....x.....x...", Order::Riff),
        ("x...x...x...x...", Order::Arch),
        ("..x..x....x..x..", Order::Riff),
        ("x.x.x.x.x.x.x.x.", Order::Arch),
        ("x....x....x.....", Order::Rolling),
        ("x..x..x..x..x..x", Order::Rolling),
    ],
    ostinati: &[
        ("x.....x.....x...", &[0, 2, 4]),
        ("..x..x..x..x....", &[1, 3, 2, 4]),
        ("x.x.x...........", &[2, 3, 5]),
        ("x..x....x..x....", &[4, 2, 3, 1]),
    ],
    arp_rank: 22,
    arp_centre: 77,
    tune: Tune {
        cells: &[
            "x=======", "....x===", "x=====..", "..x=====", "x===x===", "x=====x=", "==x=====", "x=====..",
        ],
        centre: 74,
        leap: 0.45,
        rest: 0.55,
        grace: 0.1,
    },
    tune_rank: 30,
    hooks: &[
        ("x=======x=======", &[0, 2]),
        ("..x=====x=======", &[4, 2]),
        ("x===x===x=======", &[0, 1, 4]),
        ("x=======....x===", &[2, -1]),
    ],
    forms: &["A-a-", "A-c-", "A--c", "A-a-B-c-", "A--aB--c", "A-s---c-"],
    ornaments: &[Ornament::Echo, Ornament::Grace],
    ..Idiom::BASE
};
