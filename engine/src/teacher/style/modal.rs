//! One tune told by many: maqam, Celtic.

use super::{Idiom, Order, Ornament, Plan, Shade, Tune, Voicing, Weave};
use sceneloop_music::DrumLane::*;

/// An iqa' on the darbuka, a riqq between, and a tune in small steps about the degrees of its jins, which oud and ney tell at
/// once, each in its own way. There are no chords to speak of: those it
/// names are large so that the tune may rest on many notes of its scale.
///
/// Lanes: kick the dum, snare the tak, rim the ka, tambourine the riqq, low hand a bendir.
pub const MAQAM: Idiom = Idiom {
    plan: Plan::Drone,
    chords_per_bar: 0.5,
    colour: 0.85,
    progressions: &[
        (Shade::Any, "1..6"),
        (Shade::Any, "1..."),
        (Shade::Any, "1..2"),
        (Shade::Any, "1.4."),
        (Shade::Any, "1..7"),
        (Shade::Any, "1.5."),
    ],
    grooves: &[
        // Maqsum: dum tak, tak dum, tak.
        &[
            (Kick, 14, "X.......X......."),
            (Snare, 18, "..X...X.....X..."),
            (Tambourine, 38, "x.o.o.x.x.o.x.o."),
            (Rim, 50, "....oo....oo..oo"),
            (HandLow, 66, "x.......x......."),
            (Snare, 78, "...........o...."),
            (Clap, 90, "..x...x.....x..."),
        ],
        // Baladi: its second stroke is another dum.
        &[
            (Kick, 14, "X.X.....X......."),
            (Snare, 18, "......X.....X..."),
            (Rim, 42, "....oo....oo..oo"),
            (Tambourine, 52, "x.x...x.x...x..."),
            (HandLow, 68, "x.x.....x......."),
            (Snare, 80, "...o.....o...o.."),
        ],
        // Sa'idi: two dums in the middle.
        &[
            (Kick, 14, "X.....X.X......."),
            (Snare, 18, "..X.........X..."),
            (Rim, 44, "....o.....oo..oo"),
            (Tambourine, 50, "x.x.o.x.x.o.x.o."),
            (HandLow, 64, "x.....x.x......."),
            (Clap, 84, "..x.........x..."),
        ],
        // Malfuf: one dum and two taks, in threes.
        &[
            (Kick, 14, "X.......X......."),
            (Snare, 18, "...X..X....X..X."),
            (Tambourine, 40, "x..o..x.x..o..x."),
            (Rim, 54, ".o..o....o..o..o"),
            (HandLow, 70, "x.......x......."),
            (Kick, 84, "..............o."),
        ],
        // Sama'i thaqil, in ten eighths.
        &[
            (Kick, 14, "X.........X.X......."),
            (Snare, 18, "......X.......X....."),
            (Rim, 42, "..o.o...o.........oo"),
            (Tambourine, 50, "x.o.o.x.o.x.x.x.o.o."),
            (HandLow, 66, "x.........x........."),
            (Rim, 80, ".-.-.-.-.-.-.-.-.-.-"),
        ],
        // Wahda: one dum and room after it.
        &[
            (Kick, 14, "X..............."),
            (Snare, 18, "......X...X.X..."),
            (Rim, 40, "...o.oo.o..o..oo"),
            (Tambourine, 54, "x...o...x...o..."),
            (HandLow, 68, "x..............."),
            (Snare, 82, "..o...........o."),
        ],
    ],
    answers: &[
        (Rim, 58, "........oo.oo.oo"),
        (Snare, 60, "..........x.xoxo"),
        (Tambourine, 62, "oooooooooooooooo"),
    ],
    ghosts: &[(Rim, 64, ".-.-.-.-.-.-.-.-"), (Rim, 68, "...--..--..--..-")],
    fills: &[
        &[(Snare, 44, "........xoxoxoxo"), (Kick, 46, "............X...")],
        &[(Snare, 44, "....x.xxx.xxx.xx"), (Kick, 50, "....X...X...X...")],
        &[(Snare, 44, "........x..x..x."), (Kick, 46, "........X..X..X.")],
        &[(Tambourine, 46, "........xxxxxxxx"), (Kick, 44, "............X.X.")],
    ],
    crash: None,
    thrown: false,
    bass: &[
        "R=..R=....R=....",
        "R=..R===R=......",
        "p=======p===....",
        "R===....R=..5=..",
        "R=......5=......",
        "R=====R=R=..5=..",
        "p=..p=..p=......",
        "R===4===2===R===",
    ],
    bass_rank: 12,
    comp: &[
        "t.....t.t.......",
        "t=......f=......",
        "t.f.T.f.t.f.T.f.",
        "x=......x=......",
        "t.tt..t.t.t.t...",
        "t=..f=..T=..f=..",
        "..T...T.....T...",
    ],
    voicing: Voicing::Bare,
    comp_rank: 26,
    comp_centre: 57,
    pad_centre: 55,
    drone: true,
    arp: &[
        ("x.xxx.xxx.xxx.xx", Order::Arch),
        ("xxxxxxxxxxxxxxxx", Order::Pedal),
        ("x.x.x.xxx.x.x.xx", Order::Riff),
        ("x=x=xxx=x=x=xxx=", Order::Up),
        ("x.xx..x.x.xx..x.", Order::Down),
    ],
    ostinati: &[
        ("x.x.xxx.x.x.xxx.", &[0, 0, 1, 2, 1, 0, 0, 1, 2, 1]),
        ("x.xx..x.x.xx..x.", &[0, 0, 1, 2, 0, 0, 1, 0]),
        ("x..x..x.x.x.x...", &[0, 2, 1, 0, 1, 2]),
    ],
    weave: Weave::Heterophony,
    arp_rank: 22,
    arp_centre: 63,
    tune: Tune {
        cells: &[
            "x=xxx=x=", "x==xx=x=", "x=x=x===", "x===xxxx", "..x=x=x=", "x=x=xxx=", "x=====x=", "xxx=x=x=",
        ],
        centre: 73,
        leap: 0.08,
        rest: 0.2,
        grace: 0.45,
    },
    tune_rank: 8,
    // Up into the jins, about its upper note, and back to the tonic.
    hooks: &[
        ("x=x=x=xxx===x===", &[0, 1, 2, 3, 2, 1, 0]),
        ("..x=x=x=x==xx===", &[0, 1, 2, 1, 0, -1]),
        ("x==xx=x=x=x=x===", &[3, 4, 3, 2, 1, 2, 0]),
        ("x=xxx=xxx=x=x===", &[2, 3, 2, 1, 2, 1, 0, 1, 0]),
    ],
    forms: &["AaBc", "AdBc", "ABAc", "AABhAdBc", "AaBhAdsc", "Ac", "AdAc"],
    ornaments: &[Ornament::Mordent, Ornament::Trill, Ornament::Turn, Ornament::Slide],
    ..Idiom::BASE
};

/// Reels in four and jigs in compound metres, in which the same eighths roll: a bodhran, a drone, a tune of two parts, each
/// said twice, with cuts and rolls.
pub const CELTIC: Idiom = Idiom {
    plan: Plan::Vamp,
    chords_per_bar: 1.0,
    colour: 0.3,
    swing: (0.14, false),
    progressions: &[
        (Shade::Bright, "1145"),
        (Shade::Bright, "1.4.1.5."),
        (Shade::Bright, "1745"),
        (Shade::Bright, "1.7."),
        (Shade::Bright, "1647"),
        (Shade::Dark, "1.7."),
        (Shade::Dark, "1177"),
        (Shade::Dark, "1.7.1.4."),
        (Shade::Dark, "1347"),
        (Shade::Dark, "1747"),
    ],
    grooves: &[
        &[
            (HandLow, 14, "X...o...X...o..."),
            (HandHigh, 24, "..x.x.x...x.x.xx"),
            (HandLow, 44, "..o...o...o...o."),
            (Shaker, 58, "x.o.x.o.x.o.x.o."),
            (Kick, 66, "X.......X......."),
            (Rim, 76, ".o.o.o.o.o.o.o.o"),
            (Tambourine, 88, "....x.......x..."),
        ],
        &[
            (HandLow, 14, "X.o.X.o.X.o.X.o."),
            (HandHigh, 30, "....x..o....x.oo"),
            (Tambourine, 46, "..x...x...x...x."),
            (Kick, 62, "x...x...x...x..."),
            (Rim, 74, "..o...o...o...oo"),
            (Clap, 86, "....x.......x..."),
        ],
        &[
            (HandLow, 14, "X..oX..oX..oX.oo"),
            (Rim, 28, "..x...x...x...x."),
            (HandHigh, 48, ".o...o...o...o.o"),
            (Shaker, 60, "xoxoxoxoxoxoxoxo"),
            (Kick, 70, "X.......X...x..."),
            (Tambourine, 84, "x...x...x...x..."),
        ],
        // Bones and a foot.
        &[
            (Kick, 16, "X...X...X...X..."),
            (ClosedHat, 22, "x.xxx.xxx.xxx.xx"),
            (HandLow, 40, "X.....x.X.....x."),
            (Clap, 62, "....x.......x..."),
            (HandHigh, 72, "..o.oo....o.oo.."),
            (Shaker, 86, "x.o.x.o.x.o.x.o."),
        ],
    ],
    answers: &[
        (HandHigh, 56, "........xoxoxoxo"),
        (Rim, 60, "..........x.x.xx"),
        (HandLow, 64, "............x.xx"),
    ],
    ghosts: &[(HandHigh, 62, ".-.-.-.-.-.-.-.-"), (Rim, 68, "..--..--..--..--")],
    fills: &[
        &[(HandLow, 44, "........x.o.xoxo"), (HandHigh, 56, ".........o.o....")],
        &[(HandHigh, 44, "........xoxoxxXX")],
        &[(HandLow, 44, "............XxXx"), (Rim, 54, "........x.x.....")],
        &[(HandLow, 44, "........X..X..X."), (HandHigh, 54, ".........oo.oo.o")],
    ],
    crash: None,
    bass: &[
        "R=R=5===R=R=5===",
        "R=====5=R===5===",
        "R=======R=======",
        "R===5===R===5===",
        "p===============",
        "p=======5=======",
        "R=..R=..5=..R=..",
        "R===....R===d===",
        "p===p===R===R===",
    ],
    bass_rank: 12,
    // The guitar's back-beat strum, in open fifths.
    comp: &[
        "x.uxx.uxx.uxx.ux",
        "b.x.b.x.b.x.b.x.",
        "x...xuxux...xuxu",
        "b.xub.xub.xub.xu",
        "..x...x...x...x.",
        "x==ux=u.x==ux=u.",
        "x.u.x.u.x.u.xuxu",
    ],
    voicing: Voicing::Bare,
    comp_rank: 20,
    comp_centre: 58,
    pad_centre: 55,
    drone: true,
    arp: &[
        ("x.x.x.x.x.x.x.x.", Order::Rolling),
        ("x.xxx.xxx.xxx.xx", Order::Pedal),
        ("xxxxxxxxxxxxxxxx", Order::Rolling),
        ("x.x.xxx.x.x.xxx.", Order::Arch),
        ("x=xxx=xxx=xxx=xx", Order::Skip),
    ],
    ostinati: &[
        ("xxxxxxxxxxxxxxxx", &[0, 2, 3, 2, 1, 2, 3, 2, 0, 2, 3, 2, 1, 3, 2, 1]),
        ("x.xxx.xxx.xxx.xx", &[0, 2, 3, 1, 2, 3, 0, 2, 3, 1, 3, 2]),
        ("x.x.x.x.x.x.x.x.", &[0, 2, 1, 2, 3, 2, 1, 2]),
    ],
    weave: Weave::Heterophony,
    arp_rank: 36,
    arp_centre: 67,
    tune: Tune {
        cells: &[
            "x=xxx=x=", "xxx=x=xx", "x=x=x=xx", "xxxxx=x=", "x=xxxxxx", "x=x=xxx=", "x=xxx=xx", "x=x=x===",
        ],
        centre: 75,
        leap: 0.22,
        rest: 0.02,
        grace: 0.5,
    },
    tune_rank: 6,
    hooks: &[
        ("x=xxx=xxx=xxx=x=", &[0, 2, 1, 0, 2, 1, 2, 3, 2, 1, 0]),
        ("x=xxxxx=x=xxx=x=", &[2, 0, 2, 3, 2, 1, 0, 1, 2, 1, 0]),
        ("xxx=x=xxx=x=x===", &[0, 1, 2, 4, 2, 1, 0, -1, 0]),
        ("x=x=x=xxx=x=xxx=", &[0, 4, 3, 2, 1, 2, 0, 1, 2, 0]),
    ],
    forms: &["AABc", "AaBc", "ABAc", "AABcAABc", "AaBhAaBc", "AABhsBsc", "Ac", "AB", "AABBc"],
    ornaments: &[Ornament::Cut, Ornament::Roll, Ornament::Cut, Ornament::Grace],
    ..Idiom::BASE
};
