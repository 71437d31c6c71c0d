//! Distorted guitars: metal, punk.

use super::{Idiom, Order, Ornament, Plan, Shade, Tune, Voicing};
use sceneloop_music::DrumLane::*;
use sceneloop_music::Mode;

/// Palm-muted riffs that bass and guitar share, the gallop, double kick, and at the top of the ladder the blast.
pub const METAL: Idiom = Idiom {
    plan: Plan::Dark,
    chords_per_bar: 1.0,
    colour: 0.05,
    progressions: &[
        (Shade::In(&[Mode::Phrygian, Mode::Locrian, Mode::PhrygianDominant]), "1.2."),
        (Shade::In(&[Mode::Phrygian, Mode::PhrygianDominant]), "1213"),
        (Shade::In(&[Mode::Phrygian, Mode::Locrian]), "1172"),
        (Shade::Dark, "1.6."),
        (Shade::Dark, "1167"),
        (Shade::Dark, "1.3.6.7."),
        (Shade::Dark, "1645"),
        (Shade::Dark, "1176"),
        (Shade::Bright, "1145"),
        (Shade::Bright, "1.7."),
        (Shade::Bright, "1647"),
    ],
    grooves: &[
        // The gallop in the feet.
        &[
            (Kick, 12, "X.xxX.xxX.xxX.xx"),
            (Snare, 18, "....X.......X..."),
            (ClosedHat, 24, "X...X...X...X..."),
            (Ride, 52, "x.x.x.x.x.x.x.x."),
            (Crash, 66, "X..............."),
            (TomLow, 78, "..............xx"),
            (OpenHat, 88, "..x...x...x...x."),
        ],
        // Double kick.
        &[
            (Kick, 12, "X.X.X.X.X.X.X.X."),
            (Snare, 18, "....X.......X..."),
            (Crash, 26, "x...x...x...x..."),
            (Kick, 46, ".x.x.x.x.x.x.x.x"),
            (Ride, 64, "x.x.x.x.x.x.x.x."),
            (Snare, 80, ".......o.......o"),
            (TomMid, 90, "............xxxx"),
        ],
        // Half time for the breakdown.
        &[
            (Kick, 12, "X..x..X....x..x."),
            (Snare, 18, "........X......."),
            (Crash, 24, "X.......X......."),
            (OpenHat, 40, "x...x...x...x..."),
            (Kick, 56, "..x..x..x.x..x.x"),
            (TomLow, 72, "............x.xx"),
            (Ride, 86, "x.x.x.x.x.x.x.x."),
        ],
        // The blast: snare on every eighth, the feet between.
        &[
            (Kick, 12, "X...X...X...X..."),
            (Snare, 20, "..X...X...X...X."),
            (Ride, 26, "x.x.x.x.x.x.x.x."),
            (Kick, 44, "..x...x...x...x."),
            (Snare, 60, "x...x...x...x..."),
            (Crash, 70, "X.......X......."),
            (Kick, 82, ".x.x.x.x.x.x.x.x"),
        ],
        &[
            (Kick, 12, "X..XX...X.XX...."),
            (Snare, 18, "....X.......X..."),
            (OpenHat, 26, "x.x.x.x.x.x.x.x."),
            (Kick, 54, "......xx......xx"),
            (Crash, 68, "x...x...x...x..."),
            (TomLow, 82, "..........x...xx"),
        ],
    ],
    answers: &[
        (Kick, 50, ".x.x.x.x.x.x.x.x"),
        (TomLow, 62, "............xxxx"),
        (Crash, 64, "....x...x...x..."),
    ],
    fills: &[
        &[
            (TomHigh, 40, "........xxxx...."),
            (TomLow, 44, "............xxxx"),
            (Kick, 52, "........x.x.x.x."),
        ],
        &[(Snare, 40, "........XXXXXXXX"), (Kick, 58, "........x.x.x.x.")],
        &[(Snare, 40, "....XX......XX.."), (TomMid, 44, "......xx......xx"), (Kick, 50, "........xxxx....")],
        &[(Crash, 42, "........X..X..X."), (Kick, 40, "........X..X..X."), (Snare, 60, "............x..x")],
    ],
    crash: Some(50),
    bass: &[
        "R.RRR.RRR.RRR.RR",
        "RRRRRRRRRRRRRRRR",
        "R.R.R.RRR.R.R.RR",
        "R=..R.RRR=..R.2R",
        "R.RRR.RR8.RR7.5.",
        "R.R.RRR.R.R.3.2.",
        "R==R==R=R.RRR.RR",
    ],
    // Guitar and bass in one: the muted low string and the open chord.
    riffs: &[
        ("R.RRR.RRR.RRR.RR", "X.bbx.bbx.bbx.bb"),
        ("RRR.RRR.RRR.R=R=", "bbbXbbb.bbbXx=x="),
        ("R=..R.RRR=..R.RR", "X=..b.bbX=..b.bb"),
        ("R..R..R.R.RRR.RR", "X..X..X.b.bbb.bb"),
        ("R.R.RRRRR.R.RRRR", "X.b.bbbbX.b.bbbb"),
        ("R=====..R.RR2=3=", "X=====..b.bbx=x="),
    ],
    bass_rank: 6,
    comp: &[
        "X.bbx.bbx.bbx.bb",
        "X=..b.bbX=..b.bb",
        "bbbbbbbbbbbbX=x=",
        "X==X==X=b.bbb.bb",
        "X=======X=======",
        "b.bXb.bXb.bXb.bX",
        "X=====X=x=x=X===",
    ],
    voicing: Voicing::Power,
    comp_rank: 10,
    comp_centre: 54,
    pad_centre: 60,
    arp: &[
        ("xxxxxxxxxxxxxxxx", Order::Pedal),
        ("x.xxx.xxx.xxx.xx", Order::Pedal),
        ("xxxxxxxxxxxxxxxx", Order::Cascade),
        ("x.x.x.x.x.x.x.x.", Order::Arch),
    ],
    ostinati: &[
        ("xxxxxx==xxxxxx==", &[0, 1, 2, 3, 4, 5, 5, 4, 3, 2, 1, 0]),
        ("xxxxxxxxxxxxxxxx", &[0, 3, 0, 4, 0, 5, 0, 4, 0, 3, 0, 4, 0, 2, 0, 3]),
        ("x.xxx.xxx.xxx.xx", &[4, 3, 2, 4, 3, 2, 5, 4, 3, 4, 3, 2]),
    ],
    arp_rank: 52,
    arp_centre: 79,
    tune: Tune {
        cells: &[
            "x=x=x===", "xxxx=x=x", "x===x===", "x=xxx=xx", "x==x==x=", "xxxxxxxx", "x=======", "x=x=xx=x",
        ],
        centre: 71,
        leap: 0.3,
        rest: 0.3,
        grace: 0.25,
    },
    tune_rank: 30,
    hooks: &[
        ("x=xxx=xxx=x=x===", &[0, 0, 1, 2, 2, 3, 2, 1, 0]),
        ("xxxxx===xxxxx===", &[0, 1, 2, 3, 4, 4, 3, 2, 1, 0]),
        ("x==x==x=x==x==x=", &[0, 1, 0, 3, 2, 1]),
        ("x=======x=x=x===", &[4, 3, 2, 1]),
    ],
    ornaments: &[Ornament::Trill, Ornament::Slide, Ornament::Mordent],
    second_voice: 2,
    forms: &["AaBc", "AiAs", "AsBf", "AaBhAaBc", "AB", "As"],
    ..Idiom::BASE
};

/// Fast and short: downstrokes, d-beat, three chords and a tune for a crowd.
pub const PUNK: Idiom = Idiom {
    plan: Plan::Song,
    chords_per_bar: 1.0,
    colour: 0.05,
    progressions: &[
        (Shade::Bright, "1415"),
        (Shade::Bright, "1454"),
        (Shade::Bright, "1564"),
        (Shade::Bright, "1145"),
        (Shade::Bright, "1.4.5.4."),
        (Shade::Bright, "1645"),
        (Shade::Dark, "1637"),
        (Shade::Dark, "1.6.7.7."),
        (Shade::Dark, "1453"),
        (Shade::Dark, "1147"),
    ],
    grooves: &[
        // The d-beat.
        &[
            (Kick, 10, "X.....x...x....."),
            (Snare, 16, "....X.......X..."),
            (OpenHat, 22, "X.x.X.x.X.x.X.x."),
            (Crash, 56, "x..............."),
            (Kick, 68, "..............x."),
            (Snare, 80, "..............xx"),
            (Tambourine, 90, "x.x.x.x.x.x.x.x."),
        ],
        // The polka of the fast ones: kick on the beat, snare on every off-beat.
        &[
            (Kick, 10, "X...X...X...X..."),
            (Snare, 16, "..X...X...X...X."),
            (ClosedHat, 24, "x.x.x.x.x.x.x.x."),
            (Crash, 58, "x.......x......."),
            (OpenHat, 72, "x...x...x...x..."),
            (TomLow, 86, "............x.x."),
        ],
        &[
            (Kick, 10, "X...x.x.X...x.x."),
            (Snare, 16, "....X.......X..."),
            (Crash, 24, "x...x...x...x..."),
            (OpenHat, 50, "x.x.x.x.x.x.x.x."),
            (Snare, 74, "......x.......x."),
            (Kick, 84, "..x.......x....."),
        ],
        // Toms for the verse.
        &[
            (Kick, 10, "X.x...x.X.x...x."),
            (TomLow, 18, "X.x.X.x.X.x.X.x."),
            (Snare, 26, "....X.......X..."),
            (TomMid, 54, "......x.......x."),
            (Crash, 70, "X..............."),
            (Ride, 84, "x.x.x.x.x.x.x.x."),
        ],
    ],
    answers: &[
        (Snare, 54, "............X.X."),
        (Crash, 58, "........x......."),
        (Kick, 60, "..x...x...x...x."),
    ],
    fills: &[
        &[(Snare, 38, "........XXXXXXXX")],
        &[(Snare, 38, "....X.X.X.X.XXXX"), (Kick, 46, "X...............")],
        &[(TomHigh, 40, "........xxxx...."), (TomLow, 42, "............xxxx")],
        &[(Snare, 38, "............X.X."), (Kick, 38, "X.......X......."), (Crash, 52, "X.......X.......")],
    ],
    crash: Some(44),
    bass: &[
        "R.R.R.R.R.R.R.R.",
        "R.R.R.R.R.R.a.a.",
        "R.R.R.R.5.5.R.R.",
        "R.R.R.R.8.8.7.5.",
        "RRRRRRRRRRRRRRRR",
        "R.R.R.R.R.R.RRRR",
        "R..R..R.R..R..R.",
        "R===R.R.R.R.R.R.",
        "R.R.R.R.R===R=b=",
    ],
    bass_rank: 6,
    comp: &[
        "X..x..x.X..x..x.",
        "X.x.X.x.X.x.X.x.",
        "x.x.x.x.x.x.x.x.",
        "X.x.x.x.X.x.xxx.",
        "X===x.x.X===x.x.",
        "x.xxx.xxx.xxx.xx",
        "X=======X=..X=..",
    ],
    voicing: Voicing::Power,
    push: (0.25, 2),
    comp_rank: 8,
    comp_centre: 56,
    pad_centre: 62,
    arp: &[
        ("x.x.x.x.x.x.x.x.", Order::Pedal),
        ("x.x.x.x.x.x.x.x.", Order::Octaves),
        ("x.x.x.x.x.x.x.x.", Order::Arch),
        ("xxxxxxxxxxxxxxxx", Order::Octaves),
    ],
    ostinati: &[
        ("xxxxxxxxxxxxxxxx", &[2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 3, 3, 3, 3]),
        ("x.x.x.x.x.x.x.x.", &[4, 3, 2, 3, 4, 3, 2, 0]),
        ("x.x.x.x.x.x.x.x.", &[2, 2, 4, 4, 3, 3, 2, 2]),
    ],
    arp_rank: 56,
    arp_centre: 80,
    tune: Tune {
        cells: &[
            "x=x=x=x=", "x=x=x===", "..x=x=x=", "x=x=x=..", "x===x=x=", "x=x=....", "x=x===x=", "x=======",
        ],
        centre: 71,
        leap: 0.15,
        rest: 0.25,
        grace: 0.0,
    },
    tune_rank: 20,
    hooks: &[
        ("x=x=x=x=x===....", &[2, 2, 2, 1, 0]),
        ("x=x=x===x=x=x===", &[0, 0, 1, 2, 2, 1]),
        ("..x=x=x=x=x=x===", &[0, 1, 2, 2, 1, 0]),
        ("x===x===x=x=x===", &[4, 3, 2, 1, 0]),
    ],
    ornaments: &[Ornament::Slide],
    second_voice: 2,
    forms: &["AaBc", "AaAc", "AsAc", "AaBhAaBc", "Ac", "Aa"],
    ..Idiom::BASE
};
