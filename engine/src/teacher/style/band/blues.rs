//! Blues: a shuffle, dominant sevenths on the first, fourth and fifth degree, boogie below, a voice that calls and waits.

use crate::teacher::style::{Feel, Fill, Idiom, Order, Ornament, Plan, Shade, Tune, Voicing};
use sceneloop_music::DrumLane::*;

pub const BLUES: Idiom = Idiom {
    plan: Plan::Blues,
    chords_per_bar: 1.0,
    colour: 0.6,
    swing: (0.9, true),
    progressions: &[
        // Quick change, slow change, and the eight-bar blues.
        (Shade::Any, "1415"),
        (Shade::Any, "1.45"),
        (Shade::Any, "1.54"),
        (Shade::Any, "1..4"),
        (Shade::Any, "1.4.1.54"),
        (Shade::Any, "14..1.54"),
        (Shade::Any, "154.1515"),
        (Shade::Any, "4.1.54.5"),
    ],
    grooves: &[
        &[
            (Kick, 16, "X.......X......."),
            (Snare, 26, "....X.......X..."),
            (Ride, 34, "x.x.x.x.x.x.x.x."),
            (ClosedHat, 50, "....x.......x..."),
            (Kick, 60, "......x.......x."),
            (Snare, 70, "..-...-...-...-."),
            (Tambourine, 82, "..o...o...o...o."),
            (OpenHat, 91, "..............x."),
        ],
        &[
            (Kick, 16, "X...x...X...x..."),
            (ClosedHat, 26, "x.x.x.x.x.x.x.x."),
            (Snare, 32, "....X.......X.o."),
            (Ride, 58, "x...x.x.x...x.x."),
            (Rim, 70, "..o...o...o....."),
            (Tambourine, 80, "....x.......x..."),
            (Crash, 93, "X..............."),
        ],
        // Texas: hats only on the shuffle's ends, a hard backbeat.
        &[
            (Kick, 16, "X.....x.X.....x."),
            (Snare, 24, "....X.......X..."),
            (ClosedHat, 34, "x.o.x.o.x.o.x.o."),
            (Snare, 54, "..o...o...o...o."),
            (Ride, 66, "x...x...x...x..."),
            (Tambourine, 78, "....x.......x..."),
            (Crash, 92, "X..............."),
        ],
        // Slow: side stick, a ride that breathes.
        &[
            (Kick, 16, "X.....o.x......."),
            (Rim, 26, "....X.......X..."),
            (Ride, 34, "x.o.x.o.x.o.x.o."),
            (Snare, 58, "..............-."),
            (ClosedHat, 66, "....o.......o..."),
            (TomLow, 80, "..............o."),
        ],
        // Jump: a swinging ride and a kick on every beat.
        &[
            (Kick, 16, "x...x...x...x..."),
            (Ride, 26, "x...x.x.x...x.x."),
            (Snare, 34, "....X.......X..."),
            (ClosedHat, 48, "....x.......x..."),
            (Rim, 62, "......o.......o."),
            (Clap, 76, "....x.......x..."),
            (Snare, 84, "......-.......o."),
        ],
    ],
    answers: &[
        (Ride, 52, "x...x.x.x...x.x."),
        (Tambourine, 54, "....x.......x..."),
        (Snare, 58, "..............o."),
        (Kick, 58, "......x.......x."),
    ],
    ghosts: &[
        (Snare, 54, "..-...-...-...-."),
        (Snare, 58, "......-...-....."),
        (Rim, 62, "..-.......-....."),
        (Kick, 62, "..............-."),
    ],
    fills: &[
        &[(Snare, 56, "........x.o.x.x.")],
        &[(Snare, 56, "............x.x."), (TomLow, 58, "..............x.")],
        &[(TomHigh, 58, "........x.x....."), (TomLow, 60, "............x.x.")],
        &[(Snare, 58, "....x.o.x.o.x.x."), (Crash, 70, "..............x.")],
    ],
    fill: Fill::Toms,
    feel: Feel::SHUFFLE,
    bass: &[
        "R.R.3.3.5.5.7.5.",
        "R=..3=..5=..7=..",
        "R.R.5.5.7.7.5.5.",
        "R=R.3=3.5=5.a=a.",
        "R=..8=7.5=..3=a.",
        "R.R.3.5.6.7.6.5.",
        "R=..5=..6=..5=a.",
        "R=..R=..3=..t=a.",
        "R=R.5=5.6=6.5=5.",
    ],
    riffs: &[("R.R.5.5.6.6.5.5.", "x.x.x.x.x.x.x.x."), ("R=....7.8=....5.", "x=......x=......")],
    bass_rank: 8,
    comp: &[
        "..x=......x=....",
        "x=..x.x...x.....",
        "x.x.x.x.x.x.x.x.",
        "x===..x=....x=..",
        "......x=......x=",
        "....x=......x=..",
        "x=....u=..x=....",
        "b.x.b.x.b.x.b.x.",
    ],
    voicing: Voicing::Shell,
    push: (0.2, 2),
    comp_rank: 16,
    comp_centre: 60,
    arp: &[
        ("x.x.x.x.x.x.x.x.", Order::Arch),
        ("x...x.x.x...x.x.", Order::Up),
        ("..x.x.....x.x...", Order::Down),
        ("x.x.x.x.........", Order::Skip),
    ],
    ostinati: &[
        ("x.x.x.x.x.x.x.x.", &[0, 0, 2, 2, 3, 3, 2, 2]),
        ("..x.x.x...x.x.x.", &[1, 2, 3, 3, 2, 1]),
        ("x...x.x.x.......", &[0, 2, 3, 2]),
    ],
    arp_rank: 54,
    arp_centre: 70,
    tune: Tune {
        cells: &[
            "x.x.x===", "..x.x.x=", "x===..x=", "x.x.x=x=", "x=x=....", "x=....x=", "x.x=....", "..x=x===",
            "x.x.x.x=",
        ],
        centre: 70,
        leap: 0.3,
        rest: 0.45,
        grace: 0.45,
    },
    tune_rank: 24,
    hooks: &[
        ("..x.x.x=x===....", &[0, 1, 2, 0]),
        ("x.x.x===x.x.x===", &[2, 1, 0, 0, 1, -1]),
        ("x=..x.x.x=......", &[0, 2, 1, 0]),
        ("..x=x===..x.x===", &[3, 2, 1, 0]),
        ("x.x.x.x=x=......", &[4, 3, 2, 1, 0]),
    ],
    // Call, call again, answer.
    forms: &["A-Ac", "AaBc", "A-a-", "A-A-B-c-", "AhAhBhcc", "AaAaB-c-", "A-a-AhBc"],
    ornaments: &[Ornament::Slide, Ornament::Slide, Ornament::Grace, Ornament::Fall],
    ..Idiom::BASE
};
