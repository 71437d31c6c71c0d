//! Beats between machine and hand: trap, reggae.

use super::{Feel, Idiom, Order, Ornament, Plan, Shade, Tune, Voicing, Weave};
use sceneloop_music::DrumLane::*;
use sceneloop_music::Mode;

/// Written at double tempo, so that the bursts of the hats are sixteenths: the clap falls on three, the 808 holds and
/// slides, and one sad figure repeats above it.
pub const TRAP: Idiom = Idiom {
    plan: Plan::Dark,
    chords_per_bar: 0.5,
    colour: 0.3,
    progressions: &[
        (Shade::Dark, "1.6."),
        (Shade::Dark, "1.4."),
        (Shade::Dark, "1..6"),
        (Shade::Dark, "1.6.4.5."),
        (Shade::Dark, "6.1."),
        (Shade::In(&[Mode::Phrygian, Mode::PhrygianDominant, Mode::Locrian]), "1.2."),
        (Shade::In(&[Mode::HarmonicMinor]), "1.6.1.5."),
        (Shade::Bright, "1.6."),
        (Shade::Bright, "1.4."),
        (Shade::Bright, "4.1."),
    ],
    grooves: &[
        &[
            (Kick, 12, "X.....x...x....."),
            (Clap, 18, "........X......."),
            (ClosedHat, 24, "x.x.x.x.x.x.xxxx"),
            (Snare, 48, "........x......."),
            (OpenHat, 60, "..............x."),
            (Rim, 70, "...o..o......o.."),
            (ClosedHat, 80, ".......o.o......"),
            (Bell, 90, "x.......x......."),
        ],
        &[
            (Kick, 12, "X......x..x....."),
            (Clap, 18, "........X......."),
            (ClosedHat, 26, "x.x.xxx.x.x.x.x.x.x.x.x.xxxxx.x."),
            (OpenHat, 56, "......x........."),
            (Rim, 66, "..........x..x.."),
            (Snare, 76, "..............-o"),
            (Shaker, 86, "x.o.x.o.x.o.x.o."),
        ],
        &[
            (Kick, 12, "X.........x...x.X.....x..x......"),
            (Snare, 18, "........X......."),
            (ClosedHat, 24, "xxx.x.x.x.x.xxx."),
            (Clap, 44, "........x......."),
            (HandHigh, 64, "...x..x....x..x."),
            (OpenHat, 72, "..x............."),
            (TomLow, 84, "............o.oo"),
        ],
        &[
            (Kick, 12, "X..x......x..x.."),
            (Clap, 18, "........X......."),
            (ClosedHat, 28, "x.xxx.x.x.xxxxxx"),
            (Rim, 52, "....x.......x..."),
            (Snare, 68, "........x......o"),
            (Bell, 78, "..x.....x.x....."),
            (OpenHat, 88, "......x.......x."),
        ],
    ],
    answers: &[
        (ClosedHat, 56, "........xxxxxxxx"),
        (Rim, 60, "............xxxx"),
        (OpenHat, 64, "..........x....."),
    ],
    fills: &[
        &[(Snare, 44, "........X.ooxxXX"), (ClosedHat, 50, "xxxxxxxx........")],
        &[(Kick, 40, "X..............."), (Clap, 44, "........X..x..x.")],
        &[(Snare, 46, "........X...xxxx"), (TomLow, 60, "..........x..x..")],
        &[(ClosedHat, 40, "........xxxxxxxx"), (Clap, 46, "........X.....x.")],
    ],
    crash: Some(86),
    bass: &[
        "R=========R=====",
        "R=====R===......",
        "R=======..R===m=",
        "R=====8=..R=====",
        "R==========R==b=",
        "R======R==R=====R=========5===t=",
        "R=.....R=..R====",
    ],
    bass_rank: 6,
    comp: &[
        "x===============",
        "x=======x=======",
        "1.2.3.2.1.2.3.2.",
        "x=....x=....x===",
        "..1=2=3=....3=2=",
        "x=====x=========",
        "1==2==3=1==2==3=",
    ],
    voicing: Voicing::Close,
    comp_rank: 24,
    comp_centre: 62,
    pad_centre: 60,
    arp: &[
        ("x..x..x.x..x..x.", Order::Riff),
        ("x.x.x...x.x.x...", Order::Arch),
        ("x.xxx.x.x.xxx.x.", Order::Riff),
        ("..x..x..x...x...", Order::Down),
        ("x...x..x..x..x..", Order::Skip),
    ],
    ostinati: &[
        ("x..x..x.x..x..x.", &[0, 2, 1, 3, 2, 1]),
        ("x.x.x..xx.x.x...", &[4, 3, 2, 3, 4, 3, 1]),
        ("x.....x.x...x.x.", &[2, 4, 3, 2, 0]),
        ("x.x.x.x.x.x.x.x.", &[0, 2, 4, 2, 0, 2, 5, 2]),
    ],
    arp_rank: 20,
    arp_centre: 76,
    tune: Tune {
        cells: &[
            "x==x==x=", "x=x=x=..", "x.x.x===", "..x=x=x=", "x=....x=", "x=x===..", "x==x====", ".xx=x=x=",
        ],
        centre: 71,
        leap: 0.25,
        rest: 0.4,
        grace: 0.2,
    },
    tune_rank: 30,
    hooks: &[
        ("x=x=x=..x=x=x=..", &[0, 0, 1, 0, 0, -1]),
        ("x==x==x=x=......", &[2, 1, 0, -1]),
        ("x.x.x===x.x.x===", &[0, 1, 2, 2, 1, 0]),
        ("..x=x=x=..x=x=x=", &[0, 1, 0, 2, 1, -1]),
    ],
    ornaments: &[Ornament::Slide, Ornament::Grace],
    ..Idiom::BASE
};

/// Counted slowly: the skank lies between the beats, the drop on two and four, and beat one of a one-drop is empty.
/// The bass sings what the tune leaves.
pub const REGGAE: Idiom = Idiom {
    plan: Plan::Vamp,
    chords_per_bar: 1.0,
    colour: 0.3,
    swing: (0.2, false),
    progressions: &[
        (Shade::Dark, "1.4."),
        (Shade::Dark, "1.7."),
        (Shade::Dark, "1716"),
        (Shade::Dark, "1147"),
        (Shade::In(&[Mode::Dorian]), "1414"),
        (Shade::Bright, "1.4."),
        (Shade::Bright, "1415"),
        (Shade::Bright, "1145"),
        (Shade::Bright, "1625"),
        (Shade::Bright, "1.2.4.5."),
    ],
    grooves: &[
        // One drop.
        &[
            (Kick, 12, "....X.......X..."),
            (Rim, 18, "....X.......X..."),
            (ClosedHat, 26, "x.o.x.o.x.o.x.oo"),
            (HandHigh, 58, "..o..o....o..oo."),
            (OpenHat, 68, "..............x."),
            (Snare, 76, ".......o......o."),
            (HandLow, 84, "x.....x.x......."),
            (Shaker, 92, "oxoxoxoxoxoxoxox"),
        ],
        // One drop, the rim answering in threes.
        &[
            (Kick, 12, "....X.......X..."),
            (Rim, 20, "....x..x..x.x..."),
            (ClosedHat, 28, "x.x.x.x.x.x.x.x."),
            (Shaker, 54, "..x...x...x...x."),
            (HandLow, 66, "......oo......oo"),
            (TomHigh, 78, "..............xx"),
            (Bell, 88, "x..x..x...x.x..."),
        ],
        // Steppers: the kick on every beat.
        &[
            (Kick, 12, "X...X...X...X..."),
            (Rim, 22, "....X.......X..."),
            (ClosedHat, 30, "..x...x...x...x."),
            (Snare, 56, "....x.......x..o"),
            (HandHigh, 68, "...o..o....o..o."),
            (Tambourine, 80, "x.x.x.x.x.x.x.x."),
            (TomMid, 88, ".............xx."),
        ],
        // Rockers: a kick before and after the drop.
        &[
            (Kick, 14, "....X.x.....X.x."),
            (Snare, 20, "....X.......X..."),
            (ClosedHat, 28, "xoxoxoxoxoxoxoxo"),
            (Rim, 60, "..x.......x..x.."),
            (OpenHat, 72, "......x........."),
            (HandLow, 82, "x..x..x.x..x..x."),
        ],
    ],
    answers: &[
        (Rim, 62, "..........x..x.x"),
        (TomHigh, 66, "............oxx."),
        (HandHigh, 64, ".........oo.o..."),
    ],
    ghosts: &[(Snare, 70, ".-...-.-.-...-.-"), (Rim, 72, "..-....-..-....-")],
    fills: &[
        &[(TomHigh, 44, "........xxx....."), (TomLow, 48, "............x.x.")],
        &[(Snare, 44, "......x..x..X..x"), (TomMid, 60, "..............xx")],
        &[
            (TomHigh, 42, "....xx.........."),
            (TomMid, 46, "........x.x....."),
            (TomLow, 50, "............x..x"),
        ],
        &[(Rim, 44, "......xx.x.x.xx."), (Kick, 60, "............X...")],
    ],
    crash: None,
    feel: Feel { low: [0; 16], back: [0; 16], time: [4, 0, -8, 0, 8, 0, -8, 0, 4, 0, -8, 0, 8, 0, -8, 0] },
    bass: &[
        "R=..R=3=5=......",
        "..R=R=..5=3=R=..",
        "R==R==..5==3==..",
        "R=R=....d=d=R=..",
        "..R=3=5=..5=3=R=",
        "R=..8=..6=5=3=..",
        "R===..R=5=..6=5=",
    ],
    bass_rank: 6,
    comp: &[
        "..x...x...x...x.",
        "..X...x...X...x.",
        "..xu..xu..xu..xu",
        "..x...xx..x...xx",
        "..x..ux...x..ux.",
        "..x...x...x..ux.",
    ],
    voicing: Voicing::Close,
    comp_rank: 10,
    comp_centre: 65,
    pad_centre: 58,
    // The organ's bubble: left hand between the skanks, right hand on them.
    arp: &[
        (".xxx.xxx.xxx.xxx", Order::Alberti),
        (".xx..xx..xx..xx.", Order::Alberti),
        ("x.xx..xx..xx..xx", Order::Octaves),
        ("..x..x....x..x..", Order::Arch),
    ],
    ostinati: &[
        (".xxx.xxx.xxx.xxx", &[0, 3, 0, 0, 3, 0, 0, 3, 0, 0, 3, 0]),
        ("..x.xx....x.xx..", &[2, 1, 0, 2, 3, 2]),
    ],
    weave: Weave::Own,
    arp_rank: 34,
    arp_centre: 70,
    tune: Tune {
        cells: &[
            "x=x=x===", "..x=x=x=", "x==x==x=", "x=x=....", "..x.x=x=", "x===x=x=", ".xx=x=..", "x=..x=x=",
        ],
        centre: 74,
        leap: 0.25,
        rest: 0.4,
        grace: 0.15,
    },
    tune_rank: 26,
    hooks: &[
        ("..x=x=x=x===....", &[0, 1, 2, 1]),
        ("x=x=x===..x=x===", &[2, 2, 1, 0, -1]),
        ("x==x==x=x=......", &[0, 2, 1, 0]),
        ("..x=..x=..x=x===", &[4, 3, 2, 0]),
    ],
    ornaments: &[Ornament::Echo, Ornament::Slide],
    ..Idiom::BASE
};
