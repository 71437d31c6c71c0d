//! Horror: long silences, clusters, a heartbeat, single notes far up, steps one does not expect.

use crate::teacher::style::{Fill, Idiom, Order, Ornament, Plan, Shade, Tune, Voicing};
use sceneloop_music::DrumLane::*;

pub const HORROR: Idiom = Idiom {
    plan: Plan::Drone,
    chords_per_bar: 0.5,
    colour: 0.5,
    swing: (0.0, false),
    progressions: &[
        (Shade::Any, "1..."),
        (Shade::Any, "1112"),
        (Shade::Any, "1.2."),
        (Shade::Dark, "1..6"),
        (Shade::Dark, "1.21"),
        (Shade::Dark, "11.3"),
        (Shade::Bright, "1..2"),
        (Shade::Any, "1......2"),
    ],
    grooves: &[
        // A heartbeat.
        &[
            (Kick, 26, "X.o............."),
            (TomLow, 44, "................x..............."),
            (Bell, 54, "..............................o."),
            (Kick, 64, "........x.-....."),
            (Rim, 74, "..-..-......-.o."),
            (TomMid, 84, "............x.x."),
            (Crash, 90, "x..............."),
            (Snare, 95, "..............ox"),
        ],
        &[
            (TomLow, 28, "X..............."),
            (Bell, 46, "......o...................o....."),
            (Kick, 58, "X.......x......."),
            (Rim, 68, "...-.....-.-...."),
            (TomLow, 78, "..........x..x.."),
            (Ride, 86, "x.......x......."),
            (Crash, 92, "x..............."),
        ],
        // A clock.
        &[
            (Rim, 28, "o.......-......."),
            (TomLow, 44, "X..............................."),
            (Bell, 56, "....................o..........."),
            (Rim, 66, "....-.......-..."),
            (Kick, 76, "X.o............."),
            (Shaker, 84, "..-...-...-...-."),
            (Crash, 93, "..............................x."),
        ],
        // Something upstairs.
        &[
            (Kick, 28, "x.........................o....."),
            (TomMid, 46, "...........o..o................."),
            (HandLow, 56, ".....................-..-.-....."),
            (Rim, 68, "-.--.........-.."),
            (TomLow, 78, "X.......o......."),
            (Ride, 88, "........o......."),
        ],
        // Pursuit: low drums in fives.
        &[
            (TomLow, 28, "X....x....x....."),
            (Kick, 42, "X.o.....X.o....."),
            (TomMid, 56, "..o....o....o..o"),
            (Rim, 66, "x.xx.x.xx.xx.x.x"),
            (Snare, 80, "............--ox"),
            (Crash, 92, "x..............."),
        ],
    ],
    answers: &[
        (TomLow, 60, "..........x....."),
        (Rim, 62, "-..-.....-......"),
        (Bell, 64, "...........o...."),
        (Kick, 60, "X.o............."),
    ],
    ghosts: &[
        (Rim, 64, "..-......-......"),
        (HandLow, 66, ".....-..-......."),
        (TomMid, 68, "...........-..-."),
    ],
    fills: &[
        &[(TomLow, 64, "........--oooxxX")],
        &[(Snare, 66, "------ooooooxxxx")],
        &[(Crash, 68, "..............X.")],
        &[(Rim, 64, "........x..x.x.x"), (Kick, 70, "..............X.")],
        &[(TomMid, 66, "............x.x."), (TomLow, 66, ".............x.x")],
    ],
    fill: Fill::Thunder,
    crash: Some(90),
    bass: &[
        "p===============",
        "p===....p=......",
        "R===============",
        "p==.............p=....a==.......",
        "R===============........2=======",
        "p=======........",
        "R=====..........R=..........2===",
        "p=.p=...........",
    ],
    bass_rank: 6,
    comp: &[
        "x===............................",
        "........x=......",
        "x=......................x===....",
        "......u.......u.",
        "x===============........x=......",
        "..............x=................",
        "1=....2=........3===............",
        "xxxxxxxx........................",
    ],
    voicing: Voicing::Cluster,
    comp_rank: 40,
    comp_centre: 60,
    pad_centre: 58,
    arp: &[
        ("x.....x.....x...", Order::Riff),
        ("x...x...x...x...", Order::Pedal),
        ("..x....x...x....", Order::Riff),
        ("x....x....x....x", Order::Rolling),
        ("xxxx............", Order::Converge),
    ],
    // The broken toy: small wheels of a music box.
    ostinati: &[
        ("x.x.x...x.x.x...", &[3, 2, 4, 3, 2, 1]),
        ("x...x.x.x.......", &[4, 3, 4, 2]),
        ("x.....x.......x.", &[2, 3, 0]),
        ("xxxxxxxx........", &[0, 1, 0, 1, 0, 1, 0, 1]),
    ],
    arp_rank: 36,
    arp_centre: 80,
    tune: Tune {
        cells: &[
            "x=======", "....x===", "x===....", "........", "x=.x====", "..x=====", "x=......", "x=x=====",
        ],
        centre: 74,
        leap: 0.6,
        rest: 0.6,
        grace: 0.3,
    },
    tune_rank: 30,
    hooks: &[
        ("x=======x=======", &[0, 1]),
        ("x===....x===....", &[0, -1]),
        ("..x=x===========", &[0, 1]),
        ("x=x=x===........", &[4, 5, 1]),
        ("x=.x=.x=........", &[0, 1, 0]),
    ],
    forms: &["A-a-", "A--c", "-A-a", "A---a---", "A--B---c", "-A--a-i-"],
    ornaments: &[Ornament::Slide, Ornament::Trill, Ornament::Tremolo, Ornament::Fall],
    second_voice: 1,
    ..Idiom::BASE
};
