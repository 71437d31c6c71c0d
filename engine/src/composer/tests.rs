use super::*;
use crate::assets::Assets;
use crate::edits::{Edits, Variation};
use crate::{Controls, Form};
use ahead::LOOPS_AHEAD;
use sceneloop_model::Choice;
use sceneloop_music::{Metre, Role};

/// Longer than any loop takes on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// A composer on its thread, and what a renderer has of it.
struct Desk {
    jobs: Sender<Job>,
    library: Arc<Mutex<Library>>,
    health: Arc<Health>,
    reply: Sender<Message>,
    answers: Receiver<Message>,
}

impl Desk {
    fn new() -> Self {
        Self::of(Author::Network)
    }

    fn of(author: Author) -> Self {
        let assets = Assets::shipped().unwrap();
        let preference = Preference { author, device: Choice::Cpu };
        let (library, health) = (Arc::<Mutex<Library>>::default(), Arc::<Health>::default());
        let composer = Composer::new(library.clone(), &assets.levels, health.clone(), preference, None);
        let ((jobs, inbox), (reply, answers)) = (unbounded(), unbounded());
        std::thread::spawn(move || composer.run(&inbox));
        Self { jobs, library, health, reply, answers }
    }

    /// Asks for a loop of a scene as a renderer does that plays, and gives its key.
    fn ask(&self, scene: &str, index: i64, within: Duration) -> LoopKey {
        self.ask_for(scene, Form::Off, index, within)
    }

    fn ask_for(&self, scene: &str, form: Form, index: i64, within: Duration) -> LoopKey {
        let scene = Arc::new(Assets::shipped().unwrap().scenes.parse(scene).unwrap());
        let controls = Controls { bars: 1, form, ..Controls::default() };
        let key = LoopKey::at_bar(&scene, &controls, Metre::FOUR_FOUR, index);
        let due = Some(Instant::now() + within);
        self.jobs.send(Job::Compose { key, scene, due, reply: self.reply.clone() }).unwrap();
        key
    }

    /// Asks for a loop that is known with something changed by hand.
    fn ask_edited(&self, key: LoopKey, edits: Edits) -> Arc<Composed> {
        let scene = Arc::new(Assets::shipped().unwrap().scenes.parse("techno").unwrap());
        let due = Some(Instant::now() + PATIENCE);
        let key = key.edited(edits);
        self.jobs.send(Job::Compose { key, scene, due, reply: self.reply.clone() }).unwrap();
        let given = self.answer();
        assert_eq!((given.key, given.composer), (key, NETWORK));
        given
    }

    fn answer(&self) -> Arc<Composed> {
        let Ok(Message::Loop(composed)) = self.answers.recv_timeout(PATIENCE) else { panic!("no loop came") };
        composed
    }

    fn author(&self, key: LoopKey) -> Option<&'static str> {
        lock(&self.library).author(&key)
    }

    fn wait_for(&self, key: LoopKey) {
        let begun = Instant::now();
        while self.author(key).is_none() {
            assert!(begun.elapsed() < PATIENCE, "{key:?} was not written");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

#[test]
fn the_next_loops_are_written_before_they_are_asked_for() {
    let desk = Desk::new();
    let key = desk.ask("techno", 7, Duration::ZERO);
    assert_eq!(desk.answer().composer, TEACHER, "nobody waits for a network that is not ready");
    for next in 1..=LOOPS_AHEAD {
        desk.wait_for(key.at_index(7 + next));
        assert_eq!(desk.author(key.at_index(7 + next)), Some(NETWORK));
    }
    let next = desk.ask("techno", 8, Duration::ZERO);
    let given = desk.answer();
    assert_eq!((given.key, given.composer), (next, NETWORK));
    // One more is written now, and no more than that.
    desk.wait_for(key.at_index(8 + LOOPS_AHEAD));
    let wanted = desk.ask("techno", 40, PATIENCE);
    assert_eq!((desk.answer().key, desk.author(wanted)), (wanted, Some(NETWORK)));
    assert_eq!(desk.author(key.at_index(9 + LOOPS_AHEAD)), None);
}

#[test]
fn another_scene_or_place_drops_what_was_to_be_written() {
    let desk = Desk::new();
    // Both before the network is ready.
    let old = desk.ask("techno", 5, Duration::ZERO);
    let new = desk.ask("ambient", 5, Duration::ZERO);
    assert_eq!((desk.answer().key, desk.answer().key), (old, new));
    desk.wait_for(new.at_index(6));
    let wanted = desk.ask("ambient", 30, PATIENCE);
    let given = desk.answer();
    assert_eq!((given.key, given.composer), (wanted, NETWORK));
    desk.wait_for(wanted.at_index(30 + LOOPS_AHEAD));
    assert!((6..=5 + LOOPS_AHEAD).all(|index| desk.author(old.at_index(index)).is_none()));
}

#[test]
fn what_was_written_ahead_is_not_kept_from_another_composer() {
    let desk = Desk::new();
    let key = desk.ask("techno", 7, Duration::ZERO);
    desk.answer();
    desk.wait_for(key.at_index(7 + LOOPS_AHEAD));
    desk.ask("techno", 8, Duration::ZERO);
    assert_eq!(desk.answer().composer, NETWORK);
    desk.jobs.send(Job::Prefer(Preference::TEACHER)).unwrap();
    desk.ask("techno", 8, Duration::ZERO);
    assert_eq!(desk.answer().composer, NETWORK, "it was given out");
    desk.ask("techno", 9, Duration::ZERO);
    assert_eq!(desk.answer().composer, TEACHER);
}

#[test]
fn whoever_asks_again_in_a_hurry_is_answered_once_by_the_teacher() {
    let desk = Desk::new();
    let key = desk.ask("techno", 0, PATIENCE);
    desk.ask("techno", 0, Duration::ZERO);
    let given = desk.answer();
    assert_eq!((given.key, given.composer), (key, TEACHER));
    desk.jobs.send(Job::Played(given)).unwrap();
    // By now the network has written the first as well, and nobody hears it.
    desk.wait_for(key.at_index(LOOPS_AHEAD));
    assert!(desk.answers.try_recv().is_err());
    assert_eq!(desk.author(key), Some(TEACHER));
}

/// The card is one that takes what it is asked for and never answers.
#[test]
fn a_card_that_hangs_is_left_for_the_cpu() {
    let assets = Assets::shipped().unwrap();
    let (library, health) = (Arc::<Mutex<Library>>::default(), Arc::<Health>::default());
    let preference = Preference { author: Author::Network, device: Choice::Gpu };
    let mut composer = Composer::new(library.clone(), &assets.levels, health.clone(), preference, None);
    let (asks, inbox) = unbounded();
    let mut hung = Network::new(asks, library, Arc::new(note::Note::new(None)));
    assert_eq!(hung.hangs_at(), None);
    hung.ready(true);
    composer.sleeps = false;
    composer.network = Some(hung);
    let (reply, answers) = unbounded();
    let scene = Arc::new(assets.scenes.parse("techno").unwrap());
    let controls = Controls { bars: 1, form: Form::Off, ..Controls::default() };
    let key = LoopKey::at_bar(&scene, &controls, Metre::FOUR_FOUR, 0);
    let due = Instant::now() + PATIENCE;
    composer.take(Waiting { key, scene, due, live: false, reply });
    assert_eq!(inbox.try_recv().unwrap().key, key);
    assert!(composer.network.as_ref().unwrap().hangs_at().is_some_and(|at| at > Instant::now()));
    composer.leave_card();
    let (jobs, orders) = unbounded();
    std::thread::spawn(move || composer.run(&orders));
    let Ok(Message::Loop(given)) = answers.recv_timeout(PATIENCE) else { panic!("no loop came") };
    assert_eq!((given.key, given.composer), (key, NETWORK));
    assert!(health.last_error().unwrap().contains("does not answer"));
    drop(jobs);
}

#[test]
fn what_is_withdrawn_is_not_written() {
    let desk = Desk::new();
    let first = desk.ask("techno", 5, PATIENCE);
    let other = desk.ask("ambient", 40, PATIENCE);
    let second = desk.ask("techno", 6, PATIENCE);
    desk.jobs.send(Job::Withdraw { key: other, reply: desk.reply.clone() }).unwrap();
    assert_eq!((desk.answer().key, desk.answer().key), (first, second));
    desk.wait_for(first.at_index(6 + LOOPS_AHEAD));
    assert_eq!((desk.author(other), desk.author(other.at_index(0))), (None, None));
    assert!(desk.answers.try_recv().is_err());
}

/// A chorus that nobody led up to: the network writes its theme after the song's, and the loop of both.
#[test]
fn a_loop_of_a_chorus_is_written_after_the_themes_of_which_it_is_made() {
    let text = "techno [verse:1] [chorus:1] [bridge:1]";
    let scene = Assets::shipped().unwrap().scenes.parse(text).unwrap();
    let desk = Desk::new();
    let key = desk.ask_for(text, Form::Auto, 4, PATIENCE);
    let given = desk.answer();
    assert_eq!((given.key, given.composer), (key, NETWORK));
    assert_eq!(given.place.map(|place| place.section), Some(sceneloop_music::Section::B));
    let themes = key.lineage(&scene);
    assert_eq!(themes.len(), 2);
    let library = lock(&desk.library);
    for key in themes.iter().chain([&key]) {
        assert_eq!((library.author(key), library.follows(key)), (Some(NETWORK), true), "{key:?}");
        assert_eq!(library.get(key).unwrap().validate(), Ok(()));
    }
    let grids: Vec<_> = themes.iter().map(|key| library.get(key).unwrap()).collect();
    assert!(grids[0] != grids[1] && grids[1] != given.grid);
    assert_eq!(grids[0].swing, grids[1].swing);
    drop(library);
    // Another composer writes the same: it follows from the names.
    let other = Desk::new();
    other.ask_for(text, Form::Auto, 4, PATIENCE);
    assert_eq!(other.answer().grid, given.grid);
}

/// Whoever presses play at once hears the teacher's theme; it is what the song goes on with.
#[test]
fn a_theme_that_was_heard_stays_the_theme() {
    let desk = Desk::new();
    let scene = Assets::shipped().unwrap().scenes.parse("techno").unwrap();
    let key = desk.ask_for("techno", Form::Auto, 0, Duration::ZERO);
    let given = desk.answer();
    assert_eq!(given.composer, TEACHER);
    let theme = key.lineage(&scene)[0];
    assert_eq!(desk.author(theme), None);
    desk.jobs.send(Job::Played(given.clone())).unwrap();
    desk.wait_for(key);
    desk.wait_for(theme);
    assert_eq!((desk.author(key), desk.author(theme)), (Some(TEACHER), Some(TEACHER)));
    let stated = lock(&desk.library).get(&theme).unwrap();
    assert_eq!(stated.chords, given.grid.chords);
}

/// The teacher's help is no theme: what follows from the seed is what the network writes.
#[test]
fn a_loop_that_the_teacher_helped_out_with_is_no_theme() {
    let desk = Desk::new();
    let key = desk.ask("techno", 3, Duration::ZERO);
    assert_eq!(desk.answer().composer, TEACHER);
    desk.wait_for(key.at_index(4));
    assert_eq!(desk.author(key.at_index(0)), Some(NETWORK));
}

#[test]
fn what_the_teacher_wrote_and_nobody_heard_is_written_again() {
    let desk = Desk::new();
    let key = desk.ask("techno", 3, Duration::ZERO);
    let taught = desk.answer();
    assert_eq!((taught.composer, desk.author(key)), (TEACHER, None));
    assert_eq!(desk.ask("techno", 3, PATIENCE), key);
    let written = desk.answer();
    assert_eq!((written.composer, desk.author(key)), (NETWORK, Some(NETWORK)));
    // Had the first begun to play, it would have stayed.
    desk.jobs.send(Job::Played(taught.clone())).unwrap();
    desk.ask("techno", 3, PATIENCE);
    let again = desk.answer();
    assert_eq!((again.composer, &again.grid), (TEACHER, &taught.grid));
}

#[test]
fn a_dance_of_which_the_network_is_not_told_is_left_to_the_teacher() {
    let desk = Desk::of(Author::Auto);
    let shown = || desk.health.composer();
    desk.ask("techno", 0, PATIENCE);
    assert_eq!((desk.answer().composer, shown()), (NETWORK, NETWORK));
    let foreign = desk.ask("tango", 0, PATIENCE);
    assert_eq!((desk.answer().composer, shown()), (TEACHER, TEACHER));
    // The heaviest tag decides.
    desk.ask("tango, techno:0.5", 2, PATIENCE);
    assert_eq!((desk.answer().composer, shown()), (TEACHER, TEACHER));
    desk.ask("tango:0.5, techno", 2, PATIENCE);
    assert_eq!((desk.answer().composer, shown()), (NETWORK, NETWORK));
    assert!((1..=LOOPS_AHEAD).all(|index| desk.author(foreign.at_index(index)).is_none()));
    // Who asks for the network gets it.
    desk.jobs.send(Job::Prefer(Preference { author: Author::Network, device: Choice::Cpu })).unwrap();
    desk.ask("tango", 5, PATIENCE);
    assert_eq!((desk.answer().composer, shown()), (NETWORK, NETWORK));
}

#[test]
fn the_network_writes_a_role_again_and_leaves_the_rest() {
    let desk = Desk::new();
    let key = desk.ask_for("techno", Form::Auto, 1, PATIENCE);
    let before = desk.answer();
    assert_eq!(before.composer, NETWORK);
    for role in [Role::Bass, Role::Arp] {
        let takes = [1, 2].map(|number| {
            let after = desk.ask_edited(key, Edits::default().retaken(role, &(0..8), number));
            assert_eq!(after.grid.chords, before.grid.chords);
            for other in Role::ALL.into_iter().filter(|other| *other != role) {
                assert_eq!(after.grid.clips[other], before.grid.clips[other], "{role}: {other}");
            }
            after
        });
        let clips = [&before, &takes[0], &takes[1]].map(|composed| &composed.grid.clips[role]);
        assert!(clips[0] != clips[1] || clips[0] != clips[2], "{role}");
    }
    let far = Edits::default().with_variation(Variation { number: 1, distance: 100 });
    assert_ne!(desk.ask_edited(key, far).grid.clips, before.grid.clips);
    let number = lock(&desk.library).hold(&before.grid);
    let held = desk.ask_edited(key.at_index(3), Edits::default().with_held(Role::Drums, Some(number)));
    assert_eq!(held.grid.clips[Role::Drums], before.grid.clips[Role::Drums]);
}
