//! After the ragas and talas of North India: what a loop can learn from their drone, cycles and tunes. A raga is more than
//! its notes, and its notes are finer than twelve equal steps.

use super::{Idiom, Order, Ornament, Plan, Shade, Tune, Voicing, Weave};
use sceneloop_music::DrumLane::*;

/// A tanpura's drone, tintal on the tabla, a gat that comes round to its first line, and a tihai that says a phrase three times
/// so that its last stroke is the first of the next cycle.
///
/// Its chords are never struck: they are as large as they are so that the tune may rest on many notes of its scale.
///
/// Lanes: kick the open bass of the bayan (ge), snare the rim of the dayan (na, ta), open hat its open head (tin), rim and
/// closed hat the closed strokes (te, ke), bell the manjira. Dha is ge with na, dhin is ge with tin.
pub const RAGA: Idiom = Idiom {
    plan: Plan::Drone,
    chords_per_bar: 0.25,
    colour: 0.85,
    progressions: &[
        (Shade::Any, "1..7"),
        (Shade::Any, "1..."),
        (Shade::Any, "1..2"),
        (Shade::Any, "1..4"),
        (Shade::Any, "1.5."),
        (Shade::Any, "1..6"),
    ],
    grooves: &[
        // Tintal, a matra a quarter: dha dhin dhin dha, dha dhin dhin dha, dha tin tin ta, ta dhin dhin dha. The bayan
        // is silent from the tenth to the thirteenth: the khali.
        &[
            (Snare, 14, "X...........x..."),
            (Kick, 16, "X...x...x...x...X...x...x...x...x...................x...x...x..."),
            (OpenHat, 18, "....x...x......."),
            (Bell, 44, "x...............x...............................x..............."),
            (Rim, 54, "..............-o"),
            (Snare, 64, "......o...o...o."),
            (Rim, 76, "..--..--..--..--"),
            (OpenHat, 86, "...............o"),
        ],
        // The same, a matra an eighth.
        &[
            (Snare, 14, "X.....x.X.....x."),
            (Kick, 16, "X.x.x.x.X.x.x.x.x.........x.x.x."),
            (OpenHat, 18, "..x.x.....x.x..."),
            (Bell, 46, "x.......x...............x......."),
            (Rim, 58, ".......o.......o"),
            (Rim, 74, ".-.-.-.-.-.-.-.-"),
            (Tambourine, 88, "x...o...x...o..."),
        ],
        // Drut, a matra a sixteenth.
        &[
            (Snare, 14, "X..xX..xX..xX..x"),
            (Kick, 16, "XxxxXxxxx....xxx"),
            (OpenHat, 20, ".xx..xx..xx..xx."),
            (Bell, 44, "x...x.......x..."),
            (Tambourine, 72, "x.......o......."),
            (Shaker, 86, "x...x...x...x..."),
        ],
        // Jhaptal of ten, where a bar has five beats: dhi na, dhi dhi na, ti na, dhi dhi na.
        &[
            (Snare, 14, "..x.....X...X.....x."),
            (Kick, 16, "X...X.x.......X.x..."),
            (OpenHat, 20, "x...x.x...x...x.x..."),
            (Bell, 46, "x...x.........x....."),
            (Rim, 60, "...-.....-.-.....-.o"),
            (Tambourine, 84, "x...o...x...o...x..."),
        ],
        // Dadra of six, where it has three: dha dhi na, ta ti na.
        &[
            (Snare, 14, "X...x.x...x."),
            (Kick, 16, "X.x........."),
            (OpenHat, 20, "..x.....x..."),
            (Bell, 48, "x.....o....."),
            (Rim, 62, ".-.-.-.-.-.-"),
            (Tambourine, 84, "x...o...o..."),
        ],
        // Keherwa of eight: dha ge na ti, na ka dhi na.
        &[
            (Snare, 14, "X...x...x.....x."),
            (Kick, 16, "X.x.........x..."),
            (OpenHat, 20, "......x.....x..."),
            (ClosedHat, 28, "..........o....."),
            (Bell, 50, "x.......o......."),
            (Snare, 64, ".......o.......o"),
            (Tambourine, 80, "....x.......x..."),
        ],
    ],
    answers: &[
        (Rim, 60, "..........-oo-oo"),
        (Snare, 62, "........o.oo.ox."),
        (OpenHat, 66, "............xox."),
    ],
    ghosts: &[(Rim, 66, ".-.-...-.-.-...-"), (Rim, 70, "..-..--...-..--.")],
    // Tihais over a bar, three quarters and a half: the third phrase ends on the next first beat.
    fills: &[
        &[(Snare, 40, "xxo.X.xxo.X.xxo."), (Kick, 42, "....X.....X.....")],
        &[(Snare, 40, "....x.X..x.X..x."), (Kick, 42, "......X....X....")],
        &[(Snare, 40, "........x.Xx.Xx."), (Kick, 42, "..........X..X..")],
        &[(OpenHat, 40, "x.x....x.x....x."), (Kick, 42, "..X......X......"), (Rim, 58, ".o......o......o")],
    ],
    crash: None,
    thrown: false,
    bass: &[
        "p=====p=p=======",
        "p===p===....p===",
        "p===============",
        "p=======p=======",
        "p===========5===",
        "p=======......p=",
        "p=====..p=======",
        "p===============................",
    ],
    bass_rank: 10,
    // The tanpura: fifth, upper tonic twice, lower tonic, round and round.
    comp: &[
        "f===T===T===t===",
        "f=T=T=t=f=T=T=t=",
        "f===T===T===t===f===T===T===t===",
        "..f===T===T=t===",
        "f==T==T==t======",
        "f=======T===T===t===============",
    ],
    voicing: Voicing::Bare,
    comp_rank: 4,
    comp_centre: 57,
    pad_centre: 52,
    drone: true,
    // Jhala: a note and the high strings after it.
    arp: &[
        ("xxxxxxxxxxxxxxxx", Order::Pedal),
        ("x.xxx.xxx.xxx.xx", Order::Pedal),
        ("x..x..x.x..x..x.", Order::Alberti),
        ("x.x.x.x.x.x.x.x.", Order::Pedal),
        ("..xx..xx..xx..xx", Order::Octaves),
    ],
    ostinati: &[
        ("x..x..x.x..x..x.", &[0, 3, 1, 3, 2, 3]),
        ("xxxxxxxxxxxxxxxx", &[0, 3, 3, 3, 1, 3, 3, 3, 0, 3, 3, 3, 2, 3, 3, 3]),
        ("x.xxx.xxx.xxx.xx", &[0, 3, 3, 1, 3, 3, 2, 3, 3, 1, 3, 3]),
    ],
    weave: Weave::Own,
    arp_rank: 46,
    arp_centre: 81,
    tune: Tune {
        cells: &[
            "x===x=x=", "x=xxx===", "x==xx=x=", "x=x=x=x=", "x=======", "xxx=x===", "x=====xx", "..x=x=x=",
        ],
        centre: 71,
        leap: 0.15,
        rest: 0.15,
        grace: 0.5,
    },
    tune_rank: 8,
    // Gats begin before the beat they lead to.
    hooks: &[
        ("x=xxx=x=x===x===", &[0, 1, 0, 1, 2, 3, 2]),
        ("x===x=x=x=xxx===", &[2, 1, 0, -1, 0, 1, 0]),
        ("x=x=xxx=x=======", &[0, 1, 2, 3, 2, 1]),
        ("..x=x=x=x===x===", &[-2, -1, 0, 1, 0]),
    ],
    forms: &["AABt", "AsAt", "AaBt", "AABhAABt", "AaBtAsAt", "At", "A", "AsBAt", "AAt"],
    ornaments: &[Ornament::Slide, Ornament::Mordent, Ornament::Turn],
    ..Idiom::BASE
};
