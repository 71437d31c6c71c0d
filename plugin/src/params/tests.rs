use super::*;
use sceneloop_engine::{Author, Choice, Engine, PlayMode, SyncPoint};
use sceneloop_music::Mode;

fn params() -> SceneloopParams {
    SceneloopParams::new(EngineSlot::new(Engine::new()))
}

/// Id, group, name, first and last value as the host shows them, default. Hosts remember all but the names.
const FROZEN: [(&str, &str, &str, &str, &str, &str); 36] = [
    ("energy", "", "Energy", "0", "100", "70"),
    ("play", "", "Play", "Follow Host", "Always", "Follow Host"),
    ("tonic", "", "Key", "Auto", "B", "Auto"),
    ("mode", "", "Mode", "Auto", "Yu", "Auto"),
    ("seed", "", "Seed", "0", "9999", "1"),
    ("sync", "", "Change At", "Beat", "Loop", "Bar"),
    ("bars", "", "Loop Length", "1 Bar", "8 Bars", "4 Bars"),
    ("tone", "", "Tone", "-100 %", "100 %", "0 %"),
    ("human", "", "Humanise", "0 %", "100 %", "30 %"),
    ("buffer", "", "Buffer", "60 ms", "120 ms", "80 ms"),
    ("dr_lvl", "Drums", "Drums Level", "off", "6.0 dB", "0.0 dB"),
    ("dr_mut", "Drums", "Drums Mute", "Off", "On", "Off"),
    ("ba_lvl", "Bass", "Bass Level", "off", "6.0 dB", "0.0 dB"),
    ("ba_mut", "Bass", "Bass Mute", "Off", "On", "Off"),
    ("ch_lvl", "Chords", "Chords Level", "off", "6.0 dB", "0.0 dB"),
    ("ch_mut", "Chords", "Chords Mute", "Off", "On", "Off"),
    ("pa_lvl", "Pad", "Pad Level", "off", "6.0 dB", "0.0 dB"),
    ("pa_mut", "Pad", "Pad Mute", "Off", "On", "Off"),
    ("ar_lvl", "Arp", "Arp Level", "off", "6.0 dB", "0.0 dB"),
    ("ar_mut", "Arp", "Arp Mute", "Off", "On", "Off"),
    ("le_lvl", "Lead", "Lead Level", "off", "6.0 dB", "0.0 dB"),
    ("le_mut", "Lead", "Lead Mute", "Off", "On", "Off"),
    ("te_lvl", "Texture", "Texture Level", "off", "6.0 dB", "0.0 dB"),
    ("te_mut", "Texture", "Texture Mute", "Off", "On", "Off"),
    ("author", "", "Composer", "Teacher", "Auto", "Auto"),
    ("device", "", "Device", "Auto", "CPU", "Auto"),
    ("event", "", "Event", "None", "Own 8", "None"),
    ("evq", "", "Event At", "Auto", "Bar", "Auto"),
    ("form", "", "Form", "Auto", "Off", "Auto"),
    ("so_dr", "Solo", "Drums Solo", "Off", "On", "Off"),
    ("so_ba", "Solo", "Bass Solo", "Off", "On", "Off"),
    ("so_ch", "Solo", "Chords Solo", "Off", "On", "Off"),
    ("so_pa", "Solo", "Pad Solo", "Off", "On", "Off"),
    ("so_ar", "Solo", "Arp Solo", "Off", "On", "Off"),
    ("so_le", "Solo", "Lead Solo", "Off", "On", "Off"),
    ("so_te", "Solo", "Texture Solo", "Off", "On", "Off"),
];

/// What a host shows of a parameter, found by its id, at a normalised value.
fn shown(params: &SceneloopParams, id: &str, normalised: Option<f32>) -> (String, String) {
    fn of(param: &impl Param, normalised: Option<f32>) -> (String, String) {
        let normalised = normalised.unwrap_or(param.default_normalized_value());
        (param.name().into(), param.normalized_value_to_string(normalised, true))
    }
    match id {
        "energy" => of(&params.energy, normalised),
        "play" => of(&params.play, normalised),
        "tonic" => of(&params.tonic, normalised),
        "mode" => of(&params.mode, normalised),
        "seed" => of(&params.seed, normalised),
        "sync" => of(&params.sync, normalised),
        "bars" => of(&params.bars, normalised),
        "tone" => of(&params.tone, normalised),
        "human" => of(&params.humanise, normalised),
        "buffer" => of(&params.buffer, normalised),
        "author" => of(&params.author, normalised),
        "device" => of(&params.device, normalised),
        "event" => of(&params.event, normalised),
        "evq" => of(&params.event_grid, normalised),
        "form" => of(&params.form, normalised),
        _ if id.starts_with("so_") => {
            let role = Role::ALL.into_iter().find(|role| role.name().starts_with(&id[3..])).unwrap();
            of(params.solo.role(role), normalised)
        }
        _ => {
            let prefix = ["dr", "ba", "ch", "pa", "ar", "le", "te"];
            let index = prefix.iter().position(|prefix| id.starts_with(prefix)).unwrap();
            let role = params.role(Role::from_index(index).unwrap());
            if id.ends_with("lvl") { of(&role.level, normalised) } else { of(&role.mute, normalised) }
        }
    }
}

#[test]
fn what_hosts_remember_does_not_move() {
    let params = params();
    let map = params.param_map();
    assert_eq!(map.len(), FROZEN.len());
    for ((id, _, group), frozen) in map.iter().zip(FROZEN) {
        let (name, first) = shown(&params, id, Some(0.0));
        let (_, last) = shown(&params, id, Some(1.0));
        let (_, default) = shown(&params, id, None);
        let found =
            (id.as_str(), group.as_str(), name.as_str(), first.as_str(), last.as_str(), default.as_str());
        assert_eq!(found, frozen);
        assert!(id.len() <= 6, "{id}: longer ids may collide once hashed");
    }
}

#[test]
fn defaults_reach_the_engine() {
    let controls = params().controls(None);
    assert_eq!(controls.energy.get(), 70.0);
    assert_eq!((controls.tonic, controls.mode, controls.seed, controls.bars), (None, None, 1, 4));
    assert_eq!((controls.play, controls.sync), (PlayMode::FollowHost, SyncPoint::Bar));
    assert_eq!((controls.tone, controls.humanise, controls.ring_ms), (0.0, 0.3, 80.0));
    assert!(
        controls.levels_db.iter().all(|(_, db)| *db == 0.0) && controls.mutes.iter().all(|(_, mute)| !mute)
    );
}

#[test]
fn composer_and_device_reach_the_engine_and_cannot_be_automated() {
    let mut params = params();
    assert_eq!(params.preference(), Preference::default());
    for param in [params.author.flags(), params.device.flags()] {
        assert!(param.contains(ParamFlags::NON_AUTOMATABLE));
    }
    params.author = EnumParam::new("Composer", AuthorChoice::Network);
    params.device = EnumParam::new("Device", DeviceChoice::Cpu);
    let wanted = Preference { author: Author::Network, device: Choice::Cpu };
    assert_eq!(params.controls(None).preference, Some(wanted));
}

#[test]
fn ids_of_choices_do_not_move() {
    assert_eq!(AuthorChoice::ids(), Some(&["teacher", "network", "auto"][..]));
    assert_eq!(DeviceChoice::ids(), Some(&["auto", "gpu", "cpu"][..]));
    assert_eq!(FormChoice::ids(), Some(&["auto", "off"][..]));
}

#[test]
fn a_played_note_goes_before_the_key() {
    let mut params = params();
    params.tonic = EnumParam::new("Key", TonicChoice(Some(PitchClass::new(2))));
    params.mode = EnumParam::new("Mode", ModeChoice(Some(Mode::Dorian)));
    assert_eq!(params.controls(None).tonic, Some(PitchClass::new(2)));
    assert_eq!(params.controls(Some(PitchClass::new(9))).tonic, Some(PitchClass::new(9)));
    assert_eq!(params.controls(None).mode, Some(Mode::Dorian));
}

#[test]
fn levels_are_read_as_they_are_shown() {
    for db in [-60.0, -59.9, -12.3, 0.0, 6.0] {
        assert_eq!(level_from_text(&level_text(db)), Some(db));
    }
    assert_eq!(level_from_text("-3"), Some(-3.0));
    assert_eq!(level_from_text("loud"), None);
    assert_eq!(level_from_text("nan"), None);
}

#[test]
fn one_that_is_heard_alone_silences_the_others() {
    let mut params = params();
    params.solo.bass = BoolParam::new("Bass Solo", true);
    params.solo.lead = BoolParam::new("Lead Solo", true);
    params.lead.mute = BoolParam::new("Lead Mute", true);
    let mutes = params.controls(None).mutes;
    assert_eq!(mutes.0, [true, false, true, true, true, true, true]);
}

#[test]
fn a_visitor_sees_every_parameter_once() {
    struct Names(Vec<String>);
    impl Visitor for Names {
        fn visit<P: Param>(&mut self, param: &P) {
            self.0.push(param.name().to_owned());
        }
    }
    let params = params();
    let mut seen = Names(Vec::new());
    params.visit(&mut seen);
    seen.0.sort_unstable();
    seen.0.dedup();
    assert_eq!(seen.0.len(), params.param_map().len());
}
