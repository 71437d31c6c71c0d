//! Latin: son and cha-cha, bossa nova, samba, tango and flamenco. Clave in the rim, surdo and tumbao below, chords that dance between the beats.

use crate::teacher::style::{Feel, Fill, Idiom, Line, Order, Ornament, Plan, Shade, Tune, Voicing};
use sceneloop_music::DrumLane::*;
use sceneloop_music::Mode;

/// Son clave three and two, cascara, tumbao of the congas.
const SON: &[Line] = &[
    (HandLow, 16, "......oo......xx"),
    (Rim, 24, "x..x..x...x.x..."),
    (HandHigh, 30, "o-x-o-..o-x-o-.."),
    (Shaker, 40, "x.x.x.x.x.x.x.x."),
    (Bell, 52, "x...x.x.x...x.x."),
    (Kick, 58, "......x.......x."),
    (TomHigh, 70, "x.x.xx.xx.x.xx.x"),
    (TomMid, 84, "...........o.oo."),
    (Crash, 93, "x..............."),
];

/// Bossa nova.
const BOSSA_ONE: &[Line] = &[
    (Kick, 16, "X..ox..oX..ox..o"),
    (Rim, 26, "x..x..x...x..x.."),
    (ClosedHat, 32, "x.x.x.x.x.x.x.x."),
    (Shaker, 56, "xoxoxoxoxoxoxoxo"),
    (HandHigh, 66, "..x...x...x...x."),
    (HandLow, 74, "......oo......oo"),
    (Bell, 86, "x..x...x..x...x."),
];

/// Samba.
const SAMBA_ONE: &[Line] = &[
    (Kick, 16, "o..xX..xo..xX..x"),
    (Shaker, 24, "x-oxx-oxx-oxx-ox"),
    (Tambourine, 44, "x.xx.x.xx.x.xx.x"),
    (Snare, 56, "o-xo-xo-x-oxo-x-"),
    (Bell, 64, "x.x.xx.x.x.xx.x."),
    (HandHigh, 78, "..xx..x...xx..x."),
    (TomLow, 88, "....x.......x.xx"),
];

/// Bossa clave over two bars, brushes beneath.
const BOSSA_TWO: &[Line] = &[
    (Kick, 16, "X..oX..oX..oX..o"),
    (Rim, 24, "x..x..x...x..x....x..x....x..x.."),
    (ClosedHat, 34, "xoxoxoxoxoxoxoxo"),
    (Snare, 48, "--o---o---o---o-"),
    (HandHigh, 62, "..x..x....x..x.."),
    (HandLow, 70, "...o..oo...o..oo"),
    (Shaker, 82, "x-x-x-x-x-x-x-x-"),
];

/// Partido alto: the tambourine carries the syncopation.
const PARTIDO: &[Line] = &[
    (Kick, 16, "o...X...o...X..."),
    (Tambourine, 26, "x.x..x.x..x.x.x."),
    (Shaker, 34, "x-oxx-oxx-oxx-ox"),
    (HandHigh, 50, "..x..x.x..x..x.."),
    (Rim, 60, "x.x..x.x..x.x..."),
    (HandLow, 72, "...o...o......oo"),
    (Bell, 84, "x..x..x..x..x..."),
];

/// Cha-cha: bell on the beat, guiro, congas open before one.
const CHA_CHA: &[Line] = &[
    (Bell, 18, "X...x...x...x..."),
    (Kick, 24, "x.....o.x.....o."),
    (Shaker, 34, "x-xxx-xxx-xxx-xx"),
    (HandHigh, 44, "o.x.o...o.x.o..."),
    (HandLow, 50, "............x.x."),
    (Rim, 66, "..x...x.......x."),
    (TomHigh, 80, "..............xx"),
];

pub const LATIN: Idiom = Idiom {
    plan: Plan::Cadence,
    chords_per_bar: 1.0,
    colour: 0.65,
    swing: (0.0, false),
    progressions: &[
        (Shade::Bright, "1.25"),
        (Shade::Bright, "1625"),
        (Shade::Bright, "1454"),
        (Shade::Bright, "4.36"),
        (Shade::Bright, "1.2.2.5."),
        (Shade::Bright, "2.5.3625"),
        (Shade::Dark, "1.45"),
        (Shade::Dark, "1765"),
        (Shade::Dark, "4125"),
        (Shade::Dark, "1.4.7.3."),
        (Shade::Dark, "1415"),
    ],
    grooves: &[SON, SAMBA_ONE, PARTIDO, CHA_CHA],
    answers: &[
        (Bell, 54, "x.x.xx.x.x.xx.x."),
        (HandHigh, 56, "x.x..x.xx.x..x.x"),
        (Tambourine, 56, "x.xxx.xxx.xxx.xx"),
        (TomHigh, 60, "......x.......xx"),
        (Rim, 58, "x..x..x...x.x..."),
    ],
    ghosts: &[
        (HandHigh, 54, "-.-..-.-.-.-.-.-"),
        (HandLow, 58, "..-..-....-..-.."),
        (Snare, 60, ".-.-..-..-.-..-."),
        (Shaker, 60, ".-.-.-.-.-.-.-.-"),
    ],
    fills: &[
        &[(HandHigh, 56, "........xx.xx.x."), (HandLow, 58, "..........x..x.x")],
        &[
            (TomHigh, 58, "........x..x...."),
            (TomMid, 60, "..........x..x.."),
            (TomLow, 62, "............x.xx"),
        ],
        &[(TomHigh, 56, "............xxx."), (Bell, 60, "..............xx")],
        &[(Snare, 58, "........o-xo-xxx"), (Tambourine, 66, "............x.x.")],
        &[(HandHigh, 56, "......x.x.x.xxxx"), (HandLow, 64, "...............x")],
    ],
    fill: Fill::Hands,
    crash: Some(86),
    feel: Feel { time: [2, -8, -2, 4, 2, -8, -2, 4, 2, -8, -2, 4, 2, -8, -2, 4], ..Feel::EVEN },
    bass: &[
        "R=....5=....A===",
        "......5=....A===",
        "R====.5=5====.R=",
        "R==.5=5.R==.5=a.",
        "R=....8=....5=A=",
        "R==R5==5R==R5==5",
        "R====.d=d====.R=",
        "R=.R..5=..5=A===",
        "R==.5==.d==.5=b.",
    ],
    bass_rank: 10,
    comp: &[
        "x.3.x3.x.3.x3.x.",
        "1.x.13.x.x13.x.3",
        "x..x..x...x..x..",
        "x==.x=..x=.x=...",
        "..x=.x=..x=.x=..",
        "x=.x=.x=..x=.x=.",
        "x..x..x...x..x....x..x....x..x..",
        ".x.x..x..x.x..x.",
        "b.x..x.b..x..x..",
    ],
    voicing: Voicing::DropTwo,
    push: (0.5, 1),
    comp_rank: 20,
    comp_centre: 64,
    arp: &[
        ("x.x.x..xx.x.x..x", Order::Arch),
        ("x..x..x.x..x..x.", Order::Up),
        ("x.xx.xx.x.xx.xx.", Order::Octaves),
        ("..x.x.x...x.x.x.", Order::Skip),
    ],
    // Montunos.
    ostinati: &[
        ("x.xx.xx.xx.xx.x.", &[0, 2, 3, 1, 2, 3, 0, 2, 3, 1]),
        ("x.x.x..x.x.xx.x.", &[0, 3, 1, 2, 3, 1, 2, 3]),
        (".x.xx.x..x.xx.x.", &[3, 1, 2, 3, 3, 1, 2, 4]),
    ],
    arp_rank: 50,
    arp_centre: 76,
    tune: Tune {
        cells: &[
            "x..x..x=", "x=x=.x==", "..x=x==x", "x==x==x=", "x=.x=.x=", "==.x=x=.", "x=x=x===", ".x=x=x==",
            "x===.x=.",
        ],
        centre: 73,
        leap: 0.35,
        rest: 0.3,
        grace: 0.08,
    },
    tune_rank: 28,
    hooks: &[
        ("x..x..x=.x=x====", &[0, 1, 2, 1, 0]),
        ("..x=x==x==x=x===", &[4, 3, 2, 1, 2]),
        ("x=.x=.x=x=.x=...", &[0, 0, 2, 1, 0]),
        ("x==x==x=....x=x=", &[2, 1, 0, 1, 2]),
        (".x=x=x==.x=x=x==", &[0, 1, 2, 1, 0, -1]),
    ],
    forms: &["AsAc", "AdBc", "AaBc", "AsAhBdBc", "AaAhBsAc", "AdsBAdBc"],
    ornaments: &[Ornament::Grace, Ornament::Mordent, Ornament::Fall],
    second_voice: -2,
    ..Idiom::BASE
};

/// Bossa nova: a bar is two of its own, so that the clave and both strokes of the surdo lie in it; brushes, a guitar that leans on the clave.
pub const BOSSA: Idiom = Idiom {
    grooves: &[BOSSA_ONE, BOSSA_TWO],
    bass: &[
        "R==R5==5R==R5==5",
        "R==55==RR==55==a",
        "R==.5==5R==.5==a",
        "R======5R======5",
        "R==R5==5R==R5==A",
    ],
    comp: &[
        "x..x..x...x..x..",
        "x..x..x...x..x....x..x....x..x..",
        "b.x..x.b..x..x..",
        "..x..x....x..x..",
        "x=.x=.x...x=.x..",
    ],
    ..LATIN
};

/// Samba: surdo, ganza, tamborim; a bar is two of its own.
pub const SAMBA: Idiom = Idiom {
    grooves: &[SAMBA_ONE, PARTIDO],
    bass: &["R==.5=5=R==.5=a.", "R==R5==5R==R5==5", "R==.5=5.R==.5=A=", "..R=5===..R=5==="],
    ..LATIN
};

/// Tango: no clave but the walking marcato, the sincopa and the milonga's threes, with the drag into the beat.
pub const TANGO: Idiom = Idiom {
    progressions: &[
        (Shade::Dark, "1.5."),
        (Shade::Dark, "1451"),
        (Shade::Dark, "1..5"),
        (Shade::Dark, "1.4.5.1."),
        (Shade::Dark, "1625"),
        (Shade::Bright, "1.5."),
        (Shade::Bright, "1625"),
    ],
    grooves: &[
        // Marcato in four.
        &[
            (Kick, 18, "x...o...x...o..."),
            (Snare, 32, "..............-x"),
            (Rim, 48, "x...x...x...x..."),
            (TomLow, 76, "..............xx"),
        ],
        // Sincopa.
        &[
            (Kick, 18, "x.x...x.x...x..."),
            (Snare, 36, "..-...-.......-x"),
            (Rim, 52, "x.x...x.x.x...x."),
            (TomLow, 76, "..............xx"),
        ],
        // Milonga: three, three and two.
        &[
            (Kick, 18, "x..x..x.x..x..x."),
            (Rim, 32, "x..x..x.x..x..x."),
            (Snare, 50, "....-..-....-.--"),
            (HandLow, 72, "......o.......o."),
        ],
        // Habanera.
        &[
            (Kick, 18, "x..xx.x.x..xx.x."),
            (Rim, 34, "...xx.x....xx.x."),
            (Snare, 52, "..-.....-.....--"),
            (HandLow, 74, "x.......x......."),
        ],
    ],
    answers: &[
        (Rim, 56, "x.x...x.x.x...x."),
        (Snare, 58, "....-.......-.--"),
        (TomLow, 62, "............x.x."),
    ],
    ghosts: &[(Snare, 60, ".-...-...-...-.-"), (Rim, 66, "..-...-...-...-.")],
    fills: &[
        &[(Snare, 50, "............xxxX")],
        &[(Snare, 50, "........x.x.xxxx")],
        &[(Snare, 54, "............--xX"), (TomLow, 60, "........x...x...")],
    ],
    crash: None,
    feel: Feel::EVEN,
    bass: &[
        "R===R===5===R===",
        "R===5===R===5===",
        "R==.R==.5==.a==.",
        "R=.R==5=R===5===",
        "R==R5=5=R==R5=5=",
        "R==R==5=R==R==5=",
    ],
    comp: &[
        "x...x...x...x...",
        "x==.x==.x==.x==.",
        "x.x...x.x...x...",
        "x..x..x.x..x..x.",
        "b.x.b.x.b.x.b.x.",
    ],
    push: (0.0, 0),
    ..LATIN
};

/// Flamenco in four, tangos and rumba: clapping hands, a box, and the cadence that goes down to the tonic.
pub const FLAMENCO: Idiom = Idiom {
    progressions: &[
        (Shade::In(&[Mode::Phrygian, Mode::PhrygianDominant]), "1432"),
        (Shade::In(&[Mode::Phrygian, Mode::PhrygianDominant]), "1.2."),
        (Shade::In(&[Mode::Phrygian, Mode::PhrygianDominant]), "1.32"),
        (Shade::In(&[Mode::Phrygian, Mode::PhrygianDominant]), "1212"),
        (Shade::In(&[Mode::Phrygian, Mode::PhrygianDominant]), "4321"),
    ],
    grooves: &[
        // Tangos: nothing on one, palms on two, three and four.
        &[
            (Kick, 16, "..x...x.x......."),
            (Clap, 22, "....X...X...X..."),
            (HandHigh, 40, "....x..x..x.x.x."),
            (Rim, 56, "..x...x...x...x."),
            (HandLow, 68, "..............oo"),
            (Tambourine, 84, "....x...x...x..."),
        ],
        // Rumba: three, three and two.
        &[
            (Kick, 16, "x..x..x.x..x..x."),
            (HandHigh, 26, "..x..x.x..x..x.x"),
            (Clap, 38, "x..x..x.x..x..x."),
            (Rim, 58, "..x.x..x..x.x..x"),
            (HandLow, 70, "x.......x......."),
            (Tambourine, 86, "....x.......x..."),
        ],
        // Tangos, the palms between the beats as well.
        &[
            (Clap, 18, "....X.x.X.x.X.x."),
            (Kick, 24, "x.....x.x....x.."),
            (HandHigh, 44, "..xx..x...xx..x."),
            (Rim, 62, "x.x.x.x.x.x.x.x."),
            (HandLow, 74, "........x.....oo"),
        ],
    ],
    answers: &[
        (Clap, 56, "..x...x...x...x."),
        (HandHigh, 58, "..xxx.x...xxx.x."),
        (Rim, 60, "x.xxx.xxx.xxx.xx"),
    ],
    crash: None,
    feel: Feel::EVEN,
    bass: &[
        "R=......R=..5=..",
        "R==R==5=R==R==5=",
        "..R=..5=R=......",
        "R===....R=..a=..",
        "R==R==R=R==R==a=",
    ],
    comp: &[
        "..x.x.x.x.u.x.u.",
        "x..x..x.x..x..x.",
        "x.uxx.uxx.uxx.ux",
        "....x=..x=..x=uu",
        "x==ux=u.x==ux=u.",
    ],
    push: (0.0, 0),
    ..LATIN
};
