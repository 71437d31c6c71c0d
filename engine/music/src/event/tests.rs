use super::*;
use std::collections::BTreeMap;

fn scene(events: &[(&str, EventAction)]) -> Scene {
    let events: BTreeMap<String, EventAction> =
        events.iter().map(|(name, action)| ((*name).into(), action.clone())).collect();
    Scene {
        text: "test:1".into(),
        tags: Vec::new(),
        styles: Vec::new(),
        wanted: crate::Descriptor::default(),
        modes: Vec::new(),
        tempo: (60.0, 120.0),
        metre: None,
        dance: None,
        roles: crate::PerRole::default(),
        patches: crate::PerRole::from_fn(|_| String::new()),
        human: 0.0,
        form: Vec::new(),
        events,
    }
}

#[test]
fn names_are_those_of_the_files_and_lead_back() {
    for (index, stinger) in Stinger::ALL.into_iter().enumerate() {
        assert_eq!(stinger.index(), index);
        assert_eq!(serde_json::to_string(&stinger).unwrap(), format!("\"{stinger}\""));
        assert_eq!(EventId::from(stinger).index(), index);
    }
    for grid in Quantise::ALL {
        assert_eq!(serde_json::to_string(&grid).unwrap(), format!("\"{}\"", grid.name()));
        assert_eq!(grid.name().parse(), Ok(grid));
    }
    assert!("loop".parse::<Quantise>().unwrap_err().to_string().contains("sixteenth"));
}

#[test]
fn every_scene_has_the_nine_and_its_own_behind_them() {
    let lead = |energy| EventAction { energy: Some(energy), ..EventAction::default() };
    let scene = scene(&[("raid", lead(95.0)), ("boss", lead(92.0)), ("break", lead(25.0))]);
    let names: Vec<&str> = scene.event_names().collect();
    assert_eq!(names[..9], Stinger::ALL.map(Stinger::name));
    assert_eq!(names[9..], ["break", "raid"]);
    assert_eq!(scene.event(" Raid ").unwrap().index(), 10);
    assert_eq!(scene.event_name(EventId::new(9).unwrap()), Some("break"));
    assert_eq!(scene.event_name(EventId::new(11).unwrap()), None);
    let error = scene.event("vctory").unwrap_err().to_string();
    assert!(error.contains("\"vctory\"") && error.ends_with("cheer, break, raid"), "{error}");
    let table = scene.event_table();
    let plan = |index: usize| table.plan(EventId::new(index).unwrap()).copied();
    assert_eq!(plan(3).unwrap().energy, Some(Energy::new(92.0)));
    assert_eq!(plan(3).unwrap().quantise, Quantise::Beat);
    assert_eq!((plan(9).unwrap().stinger, plan(10).unwrap().stinger), (Stinger::Calm, Stinger::Cheer));
    assert_eq!(plan(0).unwrap().energy, None);
    assert_eq!(plan(11), None);
}

#[test]
fn what_a_file_says_goes_before_what_is_usual() {
    let text = "energy = 50\nquantise = \"bar\"\npriority = 3\ncooldown_bars = 9\nduck_db = -3\nstinger = \"death\"\nbars = 2";
    let action: EventAction = toml::from_str(text).unwrap();
    assert_eq!(action.problem(), None);
    let plan = *scene(&[("fall", action)]).event_table().plan(EventId::new(9).unwrap()).unwrap();
    let expected = EventPlan {
        stinger: Stinger::Death,
        energy: Some(Energy::new(50.0)),
        has_scene: false,
        bars: 2,
        quantise: Quantise::Bar,
        priority: 3,
        cooldown_bars: 9,
        duck_db: -3.0,
    };
    assert_eq!(plan, expected);
}

#[test]
fn numbers_out_of_range_are_refused_with_a_reason() {
    let problem = |text: &str| toml::from_str::<EventAction>(text).unwrap().problem().unwrap_or_default();
    assert!(problem("energy = 101").contains("0 to 100"));
    assert!(problem("energy = 1\npriority = 101").contains("priority"));
    assert!(problem("energy = 1\nduck_db = 3").contains("duck_db"));
    assert!(problem("bars = 3").contains("changes nothing"));
}

#[test]
fn no_scene_has_more_events_than_places() {
    let many: Vec<(String, EventAction)> = (0..20)
        .map(|index| (format!("own {index:02}"), EventAction { energy: Some(1.0), ..EventAction::default() }))
        .collect();
    let many: Vec<(&str, EventAction)> =
        many.iter().map(|(name, action)| (name.as_str(), action.clone())).collect();
    let scene = scene(&many);
    assert_eq!(scene.event_names().count(), EventId::COUNT);
    assert!(scene.event_table().0.iter().all(Option::is_some));
}
