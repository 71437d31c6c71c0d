use super::*;
use crate::assets::Assets;
use sceneloop_music::{Bpm, EventAction, EventTable, Metre, Scene};

/// Quarter notes of a frame: a quarter is 24,000.
const FRAME: f64 = 1.0 / 24_000.0;
const BAR: u64 = 96_000;

fn scene(events: &[(&str, &str)]) -> Scene {
    let mut scene = Assets::shipped().unwrap().scenes.parse("forest").unwrap();
    let action = |text: &str| toml::from_str::<EventAction>(text).unwrap();
    scene.events = events.iter().map(|(name, text)| ((*name).into(), action(text))).collect();
    scene
}

/// A director with a clock of its own.
struct Clock {
    director: Director,
    scene: Scene,
    frame: u64,
    user: Energy,
    /// Frame and event of all that began.
    begun: Vec<(u64, Stinger)>,
}

impl Clock {
    fn new(events: &[(&str, &str)]) -> Self {
        let scene = scene(events);
        let director = Director::new(Plans::of(&scene, 1));
        Self { director, scene, frame: 0, user: Energy::new(50.0), begun: Vec::new() }
    }

    fn playhead(&self) -> Playhead {
        Playhead::at(self.frame as f64 * FRAME, Bpm::default(), Metre::FOUR_FOUR, true)
    }

    fn want(&mut self, name: &str, quantise: Option<Quantise>) -> Result<(), Refusal> {
        let playhead = self.playhead();
        self.director.accept(self.scene.event(name).unwrap(), quantise, &playhead, 0, FRAME).map(drop)
    }

    /// On to a frame, in parts as the reader takes them, none longer than `most`.
    fn run_in(&mut self, to: u64, most: u64) {
        loop {
            let playhead = self.playhead();
            if let Some(begin) = self.director.turn(&playhead, FRAME, self.user) {
                self.director.sounds_for(1.0, &begin);
                self.begun.push((self.frame, begin.stinger));
            }
            if self.frame == to {
                return;
            }
            let due = self.director.due(&playhead, FRAME).unwrap_or(most).max(1);
            let part = due.min(most).min(to - self.frame);
            self.director.pass(part, &playhead, FRAME);
            self.frame += part;
        }
    }

    fn run(&mut self, to: u64) {
        self.run_in(to, 512);
    }

    fn energy(&self) -> Option<f32> {
        self.director.lead().energy.map(Energy::get)
    }

    fn leads_to(&self) -> Option<&str> {
        self.director.lead().scene.and_then(|event| self.scene.event_name(event))
    }
}

#[test]
fn an_event_begins_on_its_grid_point() {
    for (quantise, begins) in
        [(Quantise::Now, 1_000), (Quantise::Sixteenth, 6_000), (Quantise::Beat, 24_000), (Quantise::Bar, BAR)]
    {
        for most in [1, 64, 8_192] {
            let mut clock = Clock::new(&[]);
            clock.run_in(1_000, most);
            clock.want("victory", Some(quantise)).unwrap();
            clock.run_in(BAR + 10, most);
            assert_eq!(clock.begun, [(begins, Stinger::Victory)], "{quantise:?} in parts of {most}");
        }
    }
}

#[test]
fn it_returns_on_the_bar_line_after_its_bars() {
    let event = [("victory", "energy = 90\nscene = \"victory\"\nbars = 2")];
    for (wanted, returns) in [(BAR, 3 * BAR), (BAR + 1_000, 4 * BAR)] {
        for most in [63, 512, 100_000] {
            let mut clock = Clock::new(&event);
            clock.run_in(wanted, most);
            clock.want("victory", Some(Quantise::Now)).unwrap();
            clock.run_in(wanted, most);
            assert_eq!((clock.energy(), clock.leads_to()), (Some(90.0), Some("victory")));
            clock.run_in(returns - 1, most);
            assert_eq!((clock.energy(), clock.leads_to()), (Some(90.0), Some("victory")));
            clock.run_in(returns, most);
            assert_eq!((clock.energy(), clock.leads_to()), (None, None));
        }
    }
}

#[test]
fn what_is_to_come_is_known_ahead() {
    let mut clock = Clock::new(&[("victory", "energy = 90\nbars = 2")]);
    clock.run(1_000);
    clock.want("victory", Some(Quantise::Bar)).unwrap();
    let leads = |clock: &Clock| clock.director.leads(clock.frame, &clock.playhead(), FRAME, clock.user);
    let energy = |lead: Lead| lead.energy.map(Energy::get);
    let known = leads(&clock);
    assert_eq!((energy(known.now), known.next[1]), (None, None));
    assert_eq!(known.next[0].map(|(at, lead)| (at, energy(lead))), Some((BAR, Some(90.0))));
    assert_eq!((energy(known.at(BAR - 1)), energy(known.at(BAR))), (None, Some(90.0)));
    assert_eq!((known.within(BAR - 10..BAR + 10), known.within(BAR..BAR + 10)), (Some(BAR), None));
    for frame in [BAR, BAR + 5_000, 3 * BAR - 1] {
        clock.run(frame);
        let next = leads(&clock).next[0];
        assert_eq!(next.map(|(at, lead)| (at, energy(lead))), Some((3 * BAR, None)), "at {frame}");
    }
}

#[test]
fn a_lower_one_does_not_interrupt_a_higher_one_that_lasts() {
    let events = [
        ("boss", "energy = 95\npriority = 80"),
        ("cheer", "energy = 80\npriority = 30\nbars = 1"),
        ("victory", "energy = 90\npriority = 70\nbars = 4"),
    ];
    let mut clock = Clock::new(&events);
    clock.want("cheer", Some(Quantise::Now)).unwrap();
    clock.run(10_000);
    clock.want("victory", Some(Quantise::Now)).unwrap();
    clock.run(20_000);
    assert_eq!(clock.begun.len(), 2);
    assert_eq!(clock.want("cheer", Some(Quantise::Now)), Err(Refusal::Cooling));
    clock.run(2 * BAR);
    assert_eq!(clock.want("cheer", Some(Quantise::Now)), Err(Refusal::Outranked), "four bars are not over");
    clock.run(5 * BAR);
    clock.want("cheer", Some(Quantise::Now)).unwrap();
    clock.run(7 * BAR);
    // What stays matters while its stinger sounds.
    clock.want("boss", Some(Quantise::Now)).unwrap();
    clock.run(7 * BAR + 12_000);
    assert_eq!(clock.want("victory", Some(Quantise::Now)), Err(Refusal::Outranked));
    clock.run(8 * BAR);
    clock.want("victory", Some(Quantise::Now)).unwrap();
}

#[test]
fn an_event_does_not_come_again_within_its_cooldown() {
    let mut clock = Clock::new(&[("cheer", "energy = 80\nbars = 1\ncooldown_bars = 2")]);
    clock.want("cheer", Some(Quantise::Now)).unwrap();
    assert_eq!(clock.want("cheer", None), Err(Refusal::Cooling), "it has not begun yet");
    clock.run(2 * BAR - 512);
    assert_eq!(clock.want("cheer", Some(Quantise::Now)), Err(Refusal::Cooling));
    clock.run(2 * BAR + 512);
    clock.want("cheer", Some(Quantise::Now)).unwrap();
    clock.run(2 * BAR + 1_024);
    assert_eq!(clock.begun.len(), 2);
    // The host goes elsewhere: all of that is over.
    clock.director.stop();
    clock.want("cheer", Some(Quantise::Now)).unwrap();
}

#[test]
fn one_that_passes_is_laid_over_one_that_stays_and_one_with_a_scene_ends_it() {
    let events = [
        ("boss", "energy = 95\nscene = \"boss fight\""),
        ("cheer", "energy = 80\nbars = 1\npriority = 90"),
        ("victory", "energy = 85\nscene = \"victory\"\nbars = 2\npriority = 95"),
    ];
    let mut clock = Clock::new(&events);
    clock.want("boss", Some(Quantise::Now)).unwrap();
    clock.run(BAR);
    clock.want("cheer", Some(Quantise::Now)).unwrap();
    clock.run(BAR + 100);
    assert_eq!((clock.energy(), clock.leads_to()), (Some(80.0), Some("boss")));
    clock.run(2 * BAR);
    assert_eq!((clock.energy(), clock.leads_to()), (Some(95.0), Some("boss")));
    clock.want("victory", Some(Quantise::Now)).unwrap();
    clock.run(3 * BAR);
    assert_eq!((clock.energy(), clock.leads_to()), (Some(85.0), Some("victory")));
    clock.run(4 * BAR);
    assert_eq!((clock.energy(), clock.leads_to()), (None, None), "the fight is over");
}

#[test]
fn an_energy_that_stays_gives_way_to_the_hand_on_the_slider() {
    let mut clock = Clock::new(&[("calm", "energy = 20"), ("boss", "energy = 95\nscene = \"boss fight\"")]);
    clock.want("calm", Some(Quantise::Now)).unwrap();
    clock.run(BAR);
    assert_eq!(clock.energy(), Some(20.0));
    clock.user = Energy::new(50.3);
    clock.run(BAR + 512);
    assert_eq!(clock.energy(), Some(20.0), "a trembling hand is none");
    clock.user = Energy::new(60.0);
    clock.run(BAR + 1_024);
    assert_eq!(clock.energy(), None);
    clock.want("boss", Some(Quantise::Now)).unwrap();
    clock.run(2 * BAR);
    clock.user = Energy::new(70.0);
    clock.run(2 * BAR + 512);
    assert_eq!((clock.energy(), clock.leads_to()), (None, Some("boss")), "the scene stays");
}

#[test]
fn another_scene_ends_what_the_old_one_led_to() {
    let mut clock = Clock::new(&[("boss", "energy = 95"), ("raid", "energy = 90")]);
    clock.want("boss", Some(Quantise::Now)).unwrap();
    clock.run(BAR);
    clock.want("raid", Some(Quantise::Bar)).unwrap();
    let table = EventTable::default();
    clock.director.set_plans(Plans { generation: 2, table, palette: Palette::Chip });
    clock.run(3 * BAR);
    assert_eq!((clock.begun.len(), clock.energy()), (1, None));
    let own = EventId::new(9).unwrap();
    let playhead = clock.playhead();
    assert_eq!(clock.director.accept(own, None, &playhead, 0, FRAME), Err(Refusal::Unknown));
}

#[test]
fn stingers_are_far_enough_apart_for_one_to_fade() {
    let mut clock = Clock::new(&[]);
    for name in ["cheer", "danger", "victory", "boss", "death"] {
        clock.want(name, Some(Quantise::Now)).unwrap();
        clock.run(clock.frame + 64);
    }
    clock.run(BAR);
    assert!(clock.begun.windows(2).all(|pair| pair[1].0 - pair[0].0 >= APART), "{:?}", clock.begun);
    assert_eq!(clock.begun.last().unwrap().1, Stinger::Death);
}
