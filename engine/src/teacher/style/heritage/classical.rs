//! Classical: tonic, subdominant, dominant; Alberti basses and scales, periods that ask and answer, few drums.

use crate::teacher::style::{Fill, Idiom, Order, Ornament, Plan, Shade, Tune, Voicing};
use sceneloop_music::DrumLane::*;

pub const CLASSICAL: Idiom = Idiom {
    plan: Plan::Cadence,
    chords_per_bar: 1.0,
    colour: 0.32,
    swing: (0.0, false),
    progressions: &[
        (Shade::Bright, "1425"),
        (Shade::Bright, "1.5."),
        (Shade::Bright, "1645"),
        (Shade::Bright, "15.1"),
        (Shade::Bright, "15634145"),
        (Shade::Bright, "1.5.1.45"),
        (Shade::Bright, "1.6.2.5."),
        (Shade::Dark, "1425"),
        (Shade::Dark, "1.5."),
        (Shade::Dark, "1465"),
        (Shade::Dark, "14736251"),
        (Shade::Dark, "1.5.1.45"),
    ],
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
        // Timpani on tonic and dominant with the trumpets.
        &[
            (TomLow, 50, "x..x....x......."),
            (TomMid, 60, "........x...x..."),
            (TomLow, 72, "............xxxx"),
            (Snare, 86, "x...x...x...x..."),
            (Crash, 94, "x..............."),
        ],
        // A minuet's or contredanse's lightness: triangle and tambourine.
        &[
            (Bell, 52, "x...o...x...o..."),
            (TomLow, 62, "x..............."),
            (Tambourine, 72, "....o.o.....o.o."),
            (TomMid, 84, "........o......."),
            (Snare, 92, "..............oo"),
        ],
    ],
    answers: &[
        (TomLow, 60, "x.......x......."),
        (Bell, 62, "x...x...x...x..."),
        (Snare, 70, "........x.xxx..."),
    ],
    ghosts: &[
        (TomLow, 66, "..............--"),
        (Snare, 72, "..............--"),
        (Bell, 70, "..-...-...-...-."),
    ],
    fills: &[
        &[(TomLow, 60, "........o.o.oxxx")],
        &[(TomLow, 60, "............xxxx"), (Snare, 70, "............xxxx")],
        &[(TomMid, 62, "........x..x...."), (TomLow, 62, "............x.x.")],
        &[(Snare, 64, "........-.-.oooo"), (Crash, 76, "..............x.")],
    ],
    fill: Fill::Thunder,
    crash: Some(90),
    bass: &[
        "R===....5===....",
        "R======.........",
        "R=..R=..5=..R=..",
        "R=======3=======",
        "R===3===5===a===",
        "R=R=R=R=R=R=R=R=",
        "R===....d===....",
        "R=..3=..5=..t=b=",
        "R=======5===a===",
    ],
    bass_rank: 6,
    comp: &[
        "1.3.2.3.1.3.2.3.",
        "1.2.3.2.1.2.3.2.",
        "....x=......x=..",
        "1323132313231323",
        "x=..x=..x=..x=..",
        "b=u=u=u=b=u=u=u=",
        "..x.x.x...x.x.x.",
        "x.x.x.x.x.x.x.x.",
        "x=======x===x===",
    ],
    voicing: Voicing::Close,
    comp_rank: 12,
    comp_centre: 60,
    arp: &[
        ("xxxxxxxxxxxxxxxx", Order::Alberti),
        ("x.x.x.x.x.x.x.x.", Order::Arch),
        ("xxxxxxxxxxxxxxxx", Order::Arch),
        ("xxx.xxx.xxx.xxx.", Order::Cascade),
        ("x.x.x.x.x.x.x.x.", Order::Skip),
    ],
    ostinati: &[
        ("xxxxxxxxxxxxxxxx", &[0, 1, 2, 3, 4, 3, 2, 1, 0, 1, 2, 3, 4, 3, 2, 1]),
        ("x.xxx.xxx.xxx.xx", &[4, 3, 2, 3, 2, 1, 2, 1, 0, 1, 2, 3]),
        ("xxx.xxx.xxx.x...", &[0, 1, 2, 1, 2, 3, 2, 3, 4, 3]),
    ],
    arp_rank: 44,
    arp_centre: 67,
    tune: Tune {
        cells: &[
            "x===x=x=", "x=x=x=x=", "x=====x=", "x==xx=x=", "x=x=x===", "x===x===", "x=xxx=x=", "xxxxx===",
            "x=x=xxxx", "x===..x=",
        ],
        centre: 75,
        leap: 0.3,
        rest: 0.12,
        grace: 0.3,
    },
    tune_rank: 14,
    hooks: &[
        ("x===x=x=x===x===", &[0, 2, 4, 4, 2]),
        ("x=x=x=x=x===....", &[0, 1, 2, 3, 4]),
        ("x=====x=x=x=x===", &[4, 3, 2, 1, 0]),
        ("x==xx=x=xxxxx===", &[0, 0, 2, 1, 0, 1, 2, 3, 4]),
        ("x=xxx=x=x=x=x===", &[2, 1, 2, 3, 2, 1, 0, 0]),
        ("x===x===x=x=x===", &[0, 4, 3, 2, 1]),
    ],
    // Period: question, answer. Sentence: idea, idea again, drive, close.
    forms: &["AhAc", "ABAc", "Asfc", "ABAhABBc", "AsffAsfc", "AsBhAsBc"],
    ornaments: &[Ornament::Turn, Ornament::Trill, Ornament::Mordent, Ornament::Grace],
    second_voice: -2,
    ..Idiom::BASE
};
