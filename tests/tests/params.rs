//! What a CLAP host keeps of our parameters: projects and automation lanes hold ids and plain values, in this order.
//!
//! The names and texts behind them are frozen in `plugin/src/params/tests.rs`; this is the same seen through the plugin
//! itself, after nice-plug has hashed the ids and made its own ranges.

use sceneloop_tests::host::{Class, Host};

/// Id, name, highest plain value (the lowest is 0 everywhere), default, and whether it can be automated.
const FROZEN: [(u32, &str, f64, f64, bool); 36] = [
    (848_769_672, "Energy", 1.0, 0.7, true),
    (3_443_508, "Play", 1.0, 0.0, true),
    (110_544_301, "Key", 12.0, 0.0, true),
    (3_357_091, "Mode", 18.0, 0.0, true),
    (3_526_257, "Seed", 9999.0, 1.0, true),
    (3_545_755, "Change At", 2.0, 1.0, true),
    (3_016_384, "Loop Length", 3.0, 2.0, true),
    (3_565_938, "Tone", 1.0, 0.5, true),
    (99_639_597, "Humanise", 1.0, 0.3, true),
    (769_365_056, "Buffer", 1.0, 1.0 / 3.0, false),
    (823_650_545, "Drums Level", 1.0, 60.0 / 66.0, true),
    (823_651_483, "Drums Mute", 1.0, 0.0, true),
    (750_692_386, "Bass Level", 1.0, 60.0 / 66.0, true),
    (750_693_324, "Bass Mute", 1.0, 0.0, true),
    (785_786_184, "Chords Level", 1.0, 60.0 / 66.0, true),
    (785_787_122, "Chords Mute", 1.0, 0.0, true),
    (1_151_500_500, "Pad Level", 1.0, 60.0 / 66.0, true),
    (1_151_501_438, "Pad Mute", 1.0, 0.0, true),
    (737_763_092, "Arp Level", 1.0, 60.0 / 66.0, true),
    (737_764_030, "Arp Mute", 1.0, 0.0, true),
    (1_040_677_980, "Lead Level", 1.0, 60.0 / 66.0, true),
    (1_040_678_918, "Lead Mute", 1.0, 0.0, true),
    (1_269_711_188, "Texture Level", 1.0, 60.0 / 66.0, true),
    (1_269_712_126, "Texture Mute", 1.0, 0.0, true),
    (741_155_211, "Composer", 2.0, 2.0, false),
    (812_326_486, "Device", 2.0, 0.0, false),
    (96_891_546, "Event", 17.0, 0.0, true),
    (100_832, "Event At", 4.0, 0.0, true),
    (3_148_996, "Form", 1.0, 0.0, true),
    (109_606_225, "Drums Solo", 1.0, 0.0, true),
    (109_606_146, "Bass Solo", 1.0, 0.0, true),
    (109_606_184, "Chords Solo", 1.0, 0.0, true),
    (109_606_580, "Pad Solo", 1.0, 0.0, true),
    (109_606_132, "Arp Solo", 1.0, 0.0, true),
    (109_606_460, "Lead Solo", 1.0, 0.0, true),
    (109_606_708, "Texture Solo", 1.0, 0.0, true),
];

#[test]
fn what_clap_hosts_remember_does_not_move() {
    for class in [Class::Stereo, Class::Multi] {
        let host = Host::open(class).unwrap();
        assert_eq!(host.params().len(), FROZEN.len());
        for (param, (id, name, max, default, is_automatable)) in host.params().iter().zip(FROZEN) {
            let found = (param.id, param.name.as_str(), param.min, param.max, param.is_automatable);
            assert_eq!(found, (id, name, 0.0, max, is_automatable));
            // They pass through 32 bits.
            assert!((param.default - default).abs() < 1e-6 * max, "{name}: {}", param.default);
        }
    }
}

#[test]
fn there_is_no_parameter_after_the_last() {
    let mut host = Host::open(Class::Stereo).unwrap();
    let count = FROZEN.len() as u32;
    let described = [0, count - 1, count, count + 1, u32::MAX].map(|index| host.describes(index).unwrap());
    assert_eq!(described, [true, true, false, false, false]);
}

/// The values that hosts keep mean what they meant: the state says them in words of our own.
#[test]
fn plain_values_mean_what_they_meant() {
    use sceneloop_tests::host::{Mode, Outputs, Transport};
    use sceneloop_tests::take::State;
    let mut host = Host::open(Class::Stereo).unwrap();
    host.activate(48_000.0, 64, Mode::Offline, Outputs::All).unwrap();
    for (name, value) in [
        ("Energy", 0.25),
        ("Tone", 0.25),
        ("Bass Level", 0.5),
        ("Seed", 4711.0),
        ("Mode", 3.0),
        ("Key", 10.0),
    ] {
        host.set(name, value).unwrap();
    }
    host.set("Composer", 0.0).unwrap();
    host.block(64, &mut Transport::stopped(120.0)).unwrap();
    let state = State::read(&host.save().unwrap()).unwrap();
    let said = |id: &str| state.json["params"][id].to_string();
    let wanted = [
        ("energy", r#"{"f32":25.0}"#),
        ("tone", r#"{"f32":-50.0}"#),
        ("ba_lvl", r#"{"f32":-27.0}"#),
        ("seed", r#"{"i32":4711}"#),
        ("mode", r#"{"string":"Phrygian"}"#),
        ("tonic", r#"{"string":"A"}"#),
        ("author", r#"{"string":"teacher"}"#),
    ];
    for (id, value) in wanted {
        assert_eq!(said(id), value, "{id}");
    }
}
