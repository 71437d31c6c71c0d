//! Slow: ballad, space.

use super::{Idiom, Order, Ornament, Plan, Shade, Tune, Voicing, Weave};
use sceneloop_music::DrumLane::*;

/// The piano breaks its chords, the drummer has brushes or a rim, the tune holds long notes over the bar. Dominants
/// of other degrees than the first are left out where the mode does not hold their notes.
pub const BALLAD: Idiom = Idiom {
    plan: Plan::Cadence,
    chords_per_bar: 1.0,
    colour: 0.45,
    progressions: &[
        (Shade::Bright, "1564"),
        (Shade::Bright, "1645"),
        (Shade::Bright, "1345"),
        (Shade::Bright, "15634145"),
        (Shade::Bright, "16251645"),
        (Shade::Bright, "4365"),
        (Shade::Bright, "1265"),
        (Shade::Dark, "1637"),
        (Shade::Dark, "6734"),
        (Shade::Dark, "1475"),
        (Shade::Dark, "16371465"),
        (Shade::Dark, "1465"),
    ],
    grooves: &[
        // Rim and brushed eighths.
        &[
            (Kick, 26, "x.......x.o....."),
            (Rim, 34, "....x.......x..."),
            (ClosedHat, 44, "o.-.o.-.o.-.o.-."),
            (Ride, 62, "x...o...x...o..."),
            (Snare, 72, "....o.......o..-"),
            (Shaker, 82, "o-o-o-o-o-o-o-o-"),
            (Crash, 92, "o..............."),
        ],
        // The chorus: a full snare.
        &[
            (Kick, 24, "x.....o.x......."),
            (Snare, 36, "....x.......x..."),
            (ClosedHat, 46, "x.o.x.o.x.o.x.o."),
            (Kick, 60, "..........x....."),
            (Tambourine, 70, "....o.......o..."),
            (Ride, 82, "x.x.x.x.x.x.x.x."),
            (TomLow, 90, "..............oo"),
        ],
        // Half time, felt in two.
        &[
            (Kick, 26, "x..............."),
            (Rim, 36, "........x......."),
            (Shaker, 46, "o...o...o...o..."),
            (ClosedHat, 58, "..o...o...o...o."),
            (Kick, 68, "......o...o....."),
            (Snare, 78, "........x......."),
            (Bell, 90, "....o.......o..."),
        ],
        // Brushes that stir.
        &[
            (Snare, 28, "o---o---o---o---"),
            (Kick, 36, "x.......x......."),
            (Rim, 48, "....o.......o..."),
            (ClosedHat, 60, "....x.......x..."),
            (Ride, 74, "x...x.o.x...x.o."),
            (TomLow, 88, "............-.oo"),
        ],
    ],
    answers: &[
        (Rim, 64, "..............o."),
        (Snare, 66, "..........-.-.oo"),
        (Ride, 60, "..o...o...o...o."),
    ],
    fills: &[
        &[(TomMid, 52, "........x..x...."), (TomLow, 54, "............x.x.")],
        &[(Snare, 52, "..........-o-oxx")],
        &[
            (TomHigh, 52, "........o.o....."),
            (TomMid, 54, "............x..."),
            (TomLow, 56, "..............x."),
        ],
        &[(Ride, 50, "............oxxX"), (Kick, 54, "..............x.")],
    ],
    crash: Some(82),
    bass: &[
        "R===============",
        "R=======5=======",
        "R=====R=5=====a=",
        "R=======3===5===",
        "R===========a===",
        "R=======....5=a=",
        "R===5===8===5===",
    ],
    bass_rank: 8,
    comp: &[
        "1.2.3.4.3.2.3.2.",
        "1.3.4.3.2.3.4.3.",
        "x===3.4.x===3.4.",
        "b.3.4.u.b.3.4.u.",
        "x=======x===x===",
        "1.2.3.2.4.2.3.2.",
        "1.2.4.3.2.3.4.3.",
    ],
    voicing: Voicing::Spread,
    comp_rank: 6,
    comp_centre: 61,
    pad_centre: 64,
    arp: &[
        ("x.x.x.x.x.x.x.x.", Order::Arch),
        ("xxxxxxxx........", Order::Arch),
        ("....x.x.....x.x.", Order::Up),
        ("x.x.x.x.x.......", Order::Cascade),
        ("..x...x...x...x.", Order::Converge),
    ],
    ostinati: &[
        ("x=====x=x=====x=", &[4, 3, 2, 3]),
        ("x.x.x.x.x.x.x.x.", &[0, 2, 4, 5, 4, 2, 4, 2]),
        ("..x.x.x...x.x.x.", &[2, 3, 4, 2, 4, 5]),
    ],
    weave: Weave::Own,
    arp_rank: 36,
    arp_centre: 78,
    tune: Tune {
        cells: &[
            "x=======", "x=====x=", "x===x===", "x=======", "..x=x===", "x===x===", "x===x=x=", "....x===",
            "x==x====",
        ],
        centre: 72,
        leap: 0.35,
        rest: 0.25,
        grace: 0.12,
    },
    tune_rank: 14,
    hooks: &[
        ("x===x=x=x=======", &[0, 2, 4, 3]),
        ("..x=x=x=x=======", &[0, 1, 2, 4]),
        ("x=====x=x===x===", &[4, 3, 2, 1]),
        ("x==x====x=x=x===", &[0, 2, 1, 0, -1]),
    ],
    forms: &["AsAc", "AaBc", "ABAc", "AsBhAsic", "AaBhAaBc", "Ac", "As"],
    ornaments: &[Ornament::Slide, Ornament::Turn],
    second_voice: -2,
    ..Idiom::BASE
};

/// Nothing that stands: one chord, a floor of drones, bells far apart, figures that drift against the bar.
pub const SPACE: Idiom = Idiom {
    plan: Plan::Drone,
    chords_per_bar: 0.25,
    colour: 0.75,
    progressions: &[
        (Shade::Bright, "1..."),
        (Shade::Bright, "1.2."),
        (Shade::Bright, "1..3"),
        (Shade::Bright, "1..5"),
        (Shade::Dark, "1..."),
        (Shade::Dark, "1.6."),
        (Shade::Dark, "1..4"),
        (Shade::Dark, "1..3"),
    ],
    grooves: &[
        &[
            (Bell, 52, "x..............................."),
            (Kick, 62, "o..............."),
            (Shaker, 72, "....-.......-..."),
            (Ride, 82, "..........-....."),
            (TomLow, 90, "......................o...-....."),
        ],
        &[
            (Kick, 54, "o.............................-."),
            (Bell, 64, "............o..................."),
            (Rim, 76, "......-......-.."),
            (Ride, 84, "o..............."),
            (Shaker, 92, "..-...-...-...-."),
        ],
        &[
            (TomLow, 54, "o.......................-......."),
            (Ride, 66, "........-......."),
            (Bell, 74, "......o...................o....."),
            (ClosedHat, 86, "-..-..-..-..-..-"),
        ],
        &[
            (Kick, 56, "o...-..........."),
            (Bell, 66, "....................o......-...."),
            (ClosedHat, 78, "....-......-...."),
            (Crash, 88, "-..............................."),
        ],
    ],
    fills: &[
        &[(Bell, 66, "........o..o..o.")],
        &[(TomLow, 66, "............-.oo")],
        &[(Ride, 68, "........--oooxx.")],
        &[(Kick, 64, "..........o.....")],
    ],
    crash: None,
    bass: &[
        "R===============================",
        "R===============",
        "p===============================",
        "R=======================5=======",
        "R===========....",
        "p===============................",
    ],
    bass_rank: 4,
    comp: &[
        "x===============",
        "........x=======",
        "x===============................",
        "1=====2=====3===4=====3=====2===",
        "....x===========",
        "t=======T=======",
        "x=======================u=======",
    ],
    voicing: Voicing::Quartal,
    comp_rank: 30,
    comp_centre: 64,
    pad_centre: 58,
    drone: true,
    // Figures of three and five against the bar.
    arp: &[
        ("x.....x.....x...", Order::Rolling),
        ("x....x....x....x....x....x....x.", Order::Skip),
        ("x..x..x..x..x..x..x..x..x..x..x.", Order::Rolling),
        ("....x.........x.", Order::Converge),
        ("x.......x.....x.", Order::Octaves),
    ],
    ostinati: &[
        ("x.....x...x.....", &[0, 4, 2]),
        ("x....x....x....x", &[5, 3, 4, 1]),
        ("..x.....x.....x.", &[7, 4, 5]),
    ],
    arp_rank: 24,
    arp_centre: 80,
    tune: Tune {
        cells: &[
            "x=======", "....x===", "x=====..", "..x=====", "x===x===", "x==x====", "......x=", "x=x=====",
        ],
        centre: 73,
        leap: 0.55,
        rest: 0.65,
        grace: 0.1,
    },
    tune_rank: 34,
    hooks: &[
        ("x===========....", &[0]),
        ("x=======x=======", &[0, 4]),
        ("....x===x=======", &[4, 3]),
        ("x=====x=x=======", &[0, 4, 2]),
    ],
    forms: &["A-a-", "A---", "A-s-", "A-a-A-B-", "A---a---", "A-h-s---", "A-", "A"],
    ornaments: &[Ornament::Echo],
    second_voice: 4,
    ..Idiom::BASE
};
