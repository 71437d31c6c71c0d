use super::*;
use crate::arranger::form_identity;
use crate::assets::Assets;
use crate::composer::{Library, taught};
use crate::{Controls, Form};
use sceneloop_music::Metre;
use std::sync::Mutex;

const SCENES: [&str; 6] = ["techno", "jazz", "forest", "cyberpunk city, rain:0.5", "orchestral", "funk"];

fn scene(text: &str) -> Scene {
    Assets::shipped().unwrap().scenes.parse(text).unwrap()
}

fn key(scene: &Scene, form: Form, index: i64) -> LoopKey {
    LoopKey::at_bar(scene, &Controls { form, ..Controls::default() }, Metre::FOUR_FOUR, 4 * index)
}

fn written(key: LoopKey, scene: &Scene) -> LoopGrid {
    (*taught(key, scene, &Mutex::default()).unwrap()).clone()
}

/// Places of the song that are made in different ways.
fn places(scene: &Scene) -> Vec<LoopKey> {
    let mut places: Vec<LoopKey> = [0, 1, 2, 5, 9, 14].map(|index| key(scene, Form::Auto, index)).to_vec();
    places.extend([0, 3].map(|index| key(scene, Form::Off, index)));
    places
}

fn bars(grid: &LoopGrid, role: Role, bars: Range<u8>) -> Vec<Note> {
    let bar = grid.metre.steps_per_bar() as u16;
    let (from, to) = (u16::from(bars.start) * bar, u16::from(bars.end) * bar);
    grid.clips[role].notes.iter().filter(|note| (from..to).contains(&note.onset)).copied().collect()
}

#[test]
fn a_take_tells_its_number_and_bars() {
    for number in [0, 1, 7, Take::MAX] {
        for (from, to) in [(0, 8), (0, 1), (7, 8), (2, 5)] {
            let take = Take::new(number, &(from..to));
            assert_eq!((take.number(), take.bars()), (number, from..to));
        }
    }
}

#[test]
fn a_role_written_again_leaves_all_others_as_they_are() {
    let (mut changed, mut all) = (0, 0);
    for text in SCENES {
        let scene = scene(text);
        for key in places(&scene) {
            let before = written(key, &scene);
            for role in Role::ALL {
                let edits = Edits::default().retaken(role, &(0..8), 1);
                let after = written(key.edited(edits), &scene);
                assert_eq!(after.chords, before.chords);
                for other in Role::ALL.into_iter().filter(|other| *other != role) {
                    assert_eq!(after.clips[other], before.clips[other], "{text} {key:?} {role} {other}");
                }
                if !before.clips[role].notes.is_empty() && role != Role::Texture {
                    all += 1;
                    changed += usize::from(after.clips[role] != before.clips[role]);
                }
                assert_eq!(after, written(key.edited(edits), &scene), "the same name, the same notes");
            }
        }
    }
    assert!(changed * 10 > all * 8, "{changed} of {all} are another");
}

#[test]
fn marked_bars_are_written_again_and_no_others() {
    let mut changed = 0;
    for text in SCENES {
        let scene = scene(text);
        for key in places(&scene) {
            let before = written(key, &scene);
            let after = written(key.edited(Edits::default().retaken(Role::Bass, &(1..3), 4)), &scene);
            for kept in [0..1, 3..4] {
                let starts = |grid: &LoopGrid| -> Vec<(u16, i8)> {
                    bars(grid, Role::Bass, kept.clone()).iter().map(|note| (note.onset, note.pitch)).collect()
                };
                assert_eq!(starts(&after), starts(&before), "{text} {key:?}");
            }
            changed += usize::from(bars(&after, Role::Bass, 1..3) != bars(&before, Role::Bass, 1..3));
        }
    }
    assert!(changed > 24, "{changed}");
}

#[test]
fn takes_of_one_role_do_not_hear_those_of_another_and_the_last_one_counts() {
    let scene = scene("techno");
    for key in places(&scene) {
        let bass = Edits::default().retaken(Role::Bass, &(0..8), 1);
        let both = bass.retaken(Role::Lead, &(0..8), 2);
        let (alone, beside) = (written(key.edited(bass), &scene), written(key.edited(both), &scene));
        assert_eq!(alone.clips[Role::Bass], beside.clips[Role::Bass]);
        // A part of a take that was written over leaves the rest of it.
        let over = bass.retaken(Role::Bass, &(2..4), 3);
        let over = written(key.edited(over), &scene);
        let onsets = |grid: &LoopGrid| -> Vec<_> {
            bars(grid, Role::Bass, 0..2).iter().map(|note| (note.onset, note.pitch)).collect()
        };
        assert_eq!(onsets(&over), onsets(&alone));
        assert_eq!(
            written(key.edited(both.untaken(Role::Bass).untaken(Role::Lead)), &scene),
            written(key, &scene)
        );
    }
}

#[test]
fn what_is_nearer_is_contained_in_what_is_farther() {
    for text in SCENES {
        let scene = scene(text);
        let key = key(&scene, Form::Off, 0);
        let at = |distance: u8| {
            written(key.edited(Edits::default().with_variation(Variation { number: 1, distance })), &scene)
        };
        let theme = written(key, &scene);
        assert_eq!(at(0), theme);
        let changes = |grid: &LoopGrid| {
            let cells = Role::ALL.into_iter().flat_map(|role| (0..4).map(move |bar| (role, bar)));
            // Ranks are made even anew.
            let told = |grid: &LoopGrid, role, bar: u8| -> Vec<_> {
                bars(grid, role, bar..bar + 1).iter().map(|note| (note.onset, note.pitch)).collect()
            };
            cells
                .filter(|(role, bar)| told(grid, *role, *bar) != told(&theme, *role, *bar))
                .collect::<Vec<_>>()
        };
        let (near, far) = (changes(&at(30)), changes(&at(80)));
        assert!(near.iter().all(|cell| far.contains(cell)), "{text}: {near:?} {far:?}");
        assert!(near.len() < far.len(), "{text}: {near:?} {far:?}");
        assert_eq!(at(100).chords, theme.chords);
    }
    // The loops of the song are made of the varied theme.
    let scene = scene("techno");
    let far = Edits::default().with_variation(Variation { number: 1, distance: 90 });
    for index in [1, 5] {
        let key = key(&scene, Form::Auto, index);
        assert_ne!(written(key.edited(far), &scene), written(key, &scene));
    }
}

#[test]
fn a_held_line_plays_on_over_other_loops_and_scenes() {
    let library = Mutex::<Library>::default();
    let first = scene("techno");
    let origin = taught(key(&first, Form::Auto, 3), &first, &library).unwrap();
    let number = library.lock().unwrap().hold(&origin);
    for text in SCENES {
        let scene = scene(text);
        for key in places(&scene) {
            for role in [Role::Drums, Role::Bass, Role::Lead] {
                let free = taught(key, &scene, &library).unwrap();
                let held =
                    taught(key.edited(Edits::default().with_held(role, Some(number))), &scene, &library);
                let held = held.unwrap();
                let rhythm = |grid: &LoopGrid| -> Vec<u16> {
                    let mut onsets: Vec<u16> = grid.clips[role].notes.iter().map(|note| note.onset).collect();
                    onsets.dedup();
                    onsets
                };
                assert_eq!(rhythm(&held), rhythm(&origin), "{text} {role}");
                if held.chords == origin.chords && held.key.mode == origin.key.mode {
                    assert_eq!(held.clips[role], origin.clips[role]);
                }
                for other in Role::ALL.into_iter().filter(|other| *other != role) {
                    assert_eq!(held.clips[other], free.clips[other]);
                }
            }
        }
    }
}

#[test]
fn a_held_loop_is_the_same_everywhere_in_its_mode() {
    let library = Mutex::<Library>::default();
    let scene = scene("cyberpunk city");
    let origin = taught(key(&scene, Form::Auto, 2), &scene, &library).unwrap();
    let number = library.lock().unwrap().hold(&origin);
    let edits = Edits::default().with_all_held(Some(number));
    assert!(edits.holds_all());
    for index in [-3, 0, 1, 7, 30] {
        let held = taught(key(&scene, Form::Auto, index).edited(edits), &scene, &library).unwrap();
        assert_eq!((&held.chords, &held.clips), (&origin.chords, &origin.clips));
    }
    // In loops of another length it goes round.
    let controls = |bars| Controls { bars, ..Controls::default() };
    for bars in [1, 3, 8] {
        let key = LoopKey::at_bar(&scene, &controls(bars), Metre::FOUR_FOUR, 0);
        let held = taught(key.edited(edits), &scene, &library).unwrap();
        for bar in 0..bars {
            let of = |grid: &LoopGrid, bar: u8| -> Vec<(u16, i8)> {
                let notes = self::bars(grid, Role::Drums, bar..bar + 1);
                notes.iter().map(|note| (note.onset % 16, note.pitch)).collect()
            };
            assert_eq!(of(&held, bar), of(&origin, bar % 4), "bar {bar} of {bars}");
        }
    }
    // In another metre it waits.
    let waltz = LoopKey::at_bar(&scene, &Controls::default(), Metre::THREE_FOUR, 0);
    let (held, free) = (waltz.edited(edits), waltz);
    assert_eq!(taught(held, &scene, &library).unwrap(), taught(free, &scene, &library).unwrap());
}

#[test]
fn every_loop_comes_after_those_it_is_made_of() {
    let scene = scene("techno");
    let edits = Edits::default()
        .with_variation(Variation { number: 3, distance: 40 })
        .retaken(Role::Bass, &(0..4), 1)
        .retaken(Role::Lead, &(2..4), 2)
        .with_held(Role::Drums, Some(17));
    for key in places(&scene) {
        let lineage = key.edited(edits).lineage(&scene);
        for (place, one) in lineage.iter().enumerate() {
            for parent in one.lineage(&scene) {
                assert!(lineage[..place].contains(&parent), "{parent:?}");
            }
        }
    }
}

#[test]
fn names_without_edits_are_written_as_they_always_were() {
    let scene = scene("techno");
    let plain = key(&scene, Form::Auto, 3);
    assert_eq!(plain.scene, form_identity(&scene));
    let json = serde_json::to_value(plain).unwrap();
    assert_eq!(json.get("edits"), None);
    assert_eq!(serde_json::from_value::<LoopKey>(json).unwrap(), plain);
    let edited =
        plain.edited(Edits::default().retaken(Role::Pad, &(0..2), 9).with_held(Role::Bass, Some(u64::MAX)));
    assert_eq!(serde_json::from_value::<LoopKey>(serde_json::to_value(edited).unwrap()).unwrap(), edited);
}

#[test]
fn a_role_is_varied_by_itself() {
    for text in ["techno", "jazz", "forest"] {
        let scene = scene(text);
        let own = |role, distance| {
            Edits::default().with_own_variation(role, Some(Variation { number: 3, distance }))
        };
        for key in places(&scene) {
            let before = written(key, &scene);
            let far = written(key.edited(own(Role::Lead, 100)), &scene);
            for role in Role::ALL.into_iter().filter(|role| *role != Role::Lead) {
                assert_eq!(far.clips[role], before.clips[role], "{text} {key:?} {role}");
            }
            assert_eq!(far.chords, before.chords);
            // At no distance it is as it was written, also where the song goes away.
            let song = Edits::default().with_variation(Variation { number: 3, distance: 100 });
            let stays = song.with_own_variation(Role::Lead, Some(Variation { number: 3, distance: 0 }));
            let (gone, stayed) = (written(key.edited(song), &scene), written(key.edited(stays), &scene));
            let onsets = |grid: &LoopGrid| {
                grid.clips[Role::Lead].notes.iter().map(|note| note.onset).collect::<Vec<_>>()
            };
            assert_eq!(onsets(&stayed), onsets(&before), "{text} {key:?}");
            assert_eq!(stayed.clips[Role::Bass], gone.clips[Role::Bass]);
            // And with the song it is what the song is.
            assert_eq!(
                onsets(&written(key.edited(own(Role::Lead, 100)), &scene)),
                onsets(&gone),
                "{text} {key:?}"
            );
        }
    }
}

#[test]
fn roles_that_are_written_again_together_leave_each_other_as_they_are_afterwards() {
    for text in ["jazz", "techno"] {
        let scene = scene(text);
        let onsets = |grid: &LoopGrid, role| -> Vec<(u16, i8)> {
            bars(grid, role, 0..8).iter().map(|note| (note.onset, note.pitch)).collect()
        };
        for key in places(&scene) {
            let three = [Role::Drums, Role::Bass, Role::Lead];
            let together = Edits::default().retaken_together(&three, &(0..8), 5);
            let (before, all) = (written(key, &scene), written(key.edited(together), &scene));
            for role in Role::ALL.into_iter().filter(|role| !three.contains(role)) {
                assert_eq!(all.clips[role], before.clips[role], "{text} {key:?} {role}");
            }
            // The first of them is what it would be alone.
            let drums = written(key.edited(Edits::default().retaken(Role::Drums, &(0..8), 5)), &scene);
            assert_eq!(onsets(&all, Role::Drums), onsets(&drums, Role::Drums), "{text} {key:?}");
            for edits in [together.retaken(Role::Drums, &(0..8), 6), together.untaken(Role::Drums)] {
                let after = written(key.edited(edits), &scene);
                for role in Role::ALL.into_iter().filter(|role| *role != Role::Drums) {
                    assert_eq!(after.clips[role], all.clips[role], "{text} {key:?} {role}");
                }
            }
        }
    }
}

/// Writes a single note of its own for a role, and remembers around what.
struct Scribe {
    theme: Arc<LoopGrid>,
    asked: Vec<(Role, LoopGrid)>,
}

impl Hand for Scribe {
    type Error = std::convert::Infallible;
    fn loop_of(&mut self, _: LoopKey) -> Result<Arc<LoopGrid>, Self::Error> {
        Ok(self.theme.clone())
    }
    fn rewritten(
        &mut self,
        _: &LoopKey,
        base: &LoopGrid,
        role: Role,
        _: Range<u8>,
        _: u64,
    ) -> Result<LoopGrid, Self::Error> {
        self.asked.push((role, base.clone()));
        let mut made = base.clone();
        made.clips[role].notes.truncate(1);
        Ok(made)
    }
    fn varied(&mut self, _: &LoopKey, _: &LoopGrid, _: f32, _: u64) -> Result<LoopGrid, Self::Error> {
        unreachable!()
    }
    fn developed(&mut self, _: &LoopKey, _: &LoopGrid) -> Result<LoopGrid, Self::Error> {
        unreachable!()
    }
    fn held(&self, _: u64) -> Option<Arc<LoopGrid>> {
        None
    }
}

#[test]
fn each_of_those_written_together_hears_those_before_it() {
    let scene = scene("techno");
    let key = key(&scene, Form::Off, 0);
    let theme = Arc::new(written(key, &scene));
    let count = |grid: &LoopGrid, role| grid.clips[role].notes.len();
    let few = |grid: &LoopGrid, role| count(grid, role) == 1;
    assert!(!few(&theme, Role::Drums) && !few(&theme, Role::Bass) && !few(&theme, Role::Arp));
    let asked = |edits: Edits| {
        let mut scribe = Scribe { theme: theme.clone(), asked: Vec::new() };
        let grid = write(&key.edited(edits), &scene, &mut scribe).unwrap();
        (grid, scribe.asked)
    };
    let three = [Role::Drums, Role::Bass, Role::Arp];
    let (grid, order) = asked(Edits::default().retaken_together(&three, &(0..8), 7));
    assert!(three.iter().all(|role| few(&grid, *role)));
    // What the last was written around, as that was when all were.
    let (last, around) = order.last().unwrap();
    assert!(*last == Role::Arp && few(around, Role::Drums) && few(around, Role::Bass));
    assert!(
        order.iter().filter(|(role, _)| *role == Role::Drums).all(|(_, around)| !few(around, Role::Bass))
    );
    // Those of different numbers know nothing of each other.
    let apart = Edits::default().retaken(Role::Drums, &(0..8), 7).retaken(Role::Bass, &(0..8), 8);
    let (grid, order) = asked(apart);
    assert!(!few(&order[1].1, Role::Drums) && few(&grid, Role::Drums) && few(&grid, Role::Bass));
}
