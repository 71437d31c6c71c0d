//! What the generator promises whatever the network says: here it says nothing sensible at all.

use burn::tensor::Device;
use sceneloop_model::generator::composing_key;
use sceneloop_model::{ComposeError, Condition, Generator, NetworkConfig, Part, Wish};
use sceneloop_music::{
    Chord, ChordQuality, ChordSpan, Clip, Descriptor, Energy, GridError, LoopGrid, Mode, Note, Rank, Role,
    Swing,
};

fn generator() -> Generator {
    let device = Device::flex();
    device.seed(1);
    Generator::new(NetworkConfig::new(16, 1, 2).init(&device), device)
}

fn wish(metre: &str, bars: u8, mode: Mode, seed: u64) -> Wish {
    let condition = Condition {
        given: [true; Descriptor::LEN],
        ..Condition::open(Some(mode), metre.parse().unwrap(), bars)
    };
    Wish { condition, key: composing_key(mode), swing: Swing { amount: 0.3, eighths: false }, seed }
}

fn notes(grid: &LoopGrid) -> usize {
    grid.clips.iter().map(|(_, clip)| clip.notes.len()).sum()
}

#[test]
fn every_loop_is_valid_in_every_mode_and_metre() {
    let generator = generator();
    for (index, mode) in Mode::ALL.into_iter().enumerate() {
        let metre = ["4/4", "3/4", "6/8", "7/8", "5/4", "2/4"][index % 6];
        let wish = wish(metre, 1 + (index % 3) as u8, mode, index as u64);
        let loops = generator.generate_all(&[wish.clone(), wish.with_seed(99)], None).unwrap();
        for written in &loops {
            assert_eq!(written.grid.validate(), Ok(()));
            assert!(notes(&written.grid) > 0);
            assert_eq!((written.grid.key, written.grid.swing), (wish.key, wish.swing));
        }
        assert_ne!(loops[0].grid, loops[1].grid);
    }
}

#[test]
fn a_seed_names_a_loop_alone_and_in_company() {
    let generator = generator();
    let wish = wish("4/4", 2, Mode::Dorian, 5);
    let alone = generator.generate(&wish).unwrap().grid;
    assert_eq!(generator.generate(&wish).unwrap().grid, alone);
    let together = generator.generate_all(&[wish.with_seed(6), wish.clone()], None).unwrap();
    assert_eq!(together[1].grid, alone);
}

#[test]
fn roles_that_are_not_wanted_are_silent() {
    let generator = generator();
    let mut wish = wish("4/4", 1, Mode::Aeolian, 5);
    wish.condition.roles[Role::Drums] = 0.0;
    wish.condition.roles[Role::Pad] = 0.0;
    let grid = generator.generate(&wish).unwrap().grid;
    assert!(grid.clips[Role::Drums].notes.is_empty() && grid.clips[Role::Pad].notes.is_empty());
    assert!(!grid.clips[Role::Lead].notes.is_empty());
}

#[test]
fn an_infill_touches_only_its_part() {
    let generator = generator();
    let wish = wish("4/4", 4, Mode::Ionian, 5);
    let mut grid = generator.generate(&wish).unwrap().grid;
    // Velocities and ranks that are in the middle of no class must come back as they are.
    for (_, clip) in grid.clips.iter_mut() {
        for note in &mut clip.notes {
            note.velocity = (note.velocity + 3).min(127);
            note.rank = Rank::new((note.rank.get() + 3).min(100));
        }
    }
    for role in Role::ALL {
        let filled = generator.infill(&grid, &Part::role(role, 4), &wish.with_seed(8)).unwrap().grid;
        assert_eq!(filled.chords, grid.chords);
        for other in Role::ALL.into_iter().filter(|other| *other != role) {
            assert_eq!(filled.clips[other], grid.clips[other], "{role} changed {other}");
        }
        assert_ne!(filled.clips[role], grid.clips[role], "{role}");
    }
    let filled = generator.infill(&grid, &Part::bars(1..3), &wish.with_seed(9)).unwrap().grid;
    for role in Role::ALL {
        let outside = |grid: &LoopGrid| -> Vec<Note> {
            grid.clips[role].notes.iter().filter(|note| !(16..48).contains(&note.onset)).copied().collect()
        };
        assert_eq!(outside(&filled), outside(&grid), "{role}");
    }
    let chords = |grid: &LoopGrid| {
        grid.chords.iter().filter(|span| !(16..48).contains(&span.step)).copied().collect::<Vec<_>>()
    };
    assert_eq!(chords(&filled), chords(&grid));
    assert_ne!(filled, grid);
    let beyond = generator.infill(&grid, &Part::bars(3..5), &wish);
    assert_eq!(beyond.unwrap_err(), ComposeError::Bars(3, 5));
}

#[test]
fn a_variation_goes_as_far_as_it_is_told() {
    let generator = generator();
    let wish = wish("4/4", 2, Mode::Lydian, 5);
    let grid = generator.generate(&wish).unwrap().grid;
    assert_eq!(generator.vary(&grid, 0.0, &wish.with_seed(3)).unwrap().grid, grid);
    let kept = |distance: f32| {
        let varied = generator.vary(&grid, distance, &wish.with_seed(3)).unwrap().grid;
        assert_eq!(varied.validate(), Ok(()));
        let same = |(role, clip): (Role, &Clip)| {
            clip.notes.iter().filter(|note| varied.clips[role].notes.contains(note)).count()
        };
        grid.clips.iter().map(same).sum::<usize>() as f32 / notes(&grid) as f32
    };
    let shares = [0.0, 0.25, 0.5, 0.75, 1.0].map(kept);
    assert!(shares.windows(2).all(|pair| pair[1] < pair[0]), "{shares:?}");
    assert!(shares[4] < 0.5, "{shares:?}");
}

#[test]
fn climbing_only_adds() {
    let generator = generator();
    let wish = wish("4/4", 2, Mode::Mixolydian, 5);
    let grid = generator.generate(&wish).unwrap().grid;
    for energy in [0.0, 30.0, 70.0] {
        let energy = Energy::new(energy);
        let higher = generator.climb(&grid, energy, &wish.with_seed(4)).unwrap().grid;
        assert_eq!(higher.validate(), Ok(()));
        for role in Role::ALL {
            let heard = |grid: &LoopGrid| grid.clips[role].sounding(energy).copied().collect::<Vec<_>>();
            assert_eq!(heard(&higher), heard(&grid), "{role} at {energy:?}");
        }
        assert!(notes(&higher) > grid.sounding_count(energy));
    }
}

#[test]
fn given_chords_and_lines_are_kept() {
    let generator = generator();
    let wish = wish("4/4", 2, Mode::Ionian, 5);
    let chord = |step, root, quality| ChordSpan { step, chord: Chord::new(root, quality) };
    let chords = [
        chord(0, 0, ChordQuality::Major7),
        chord(10, 7, ChordQuality::Dominant7),
        chord(16, 9, ChordQuality::Minor),
    ];
    assert_eq!(generator.on_chords(&chords, &wish).unwrap().grid.chords, chords);
    let strange = [chord(0, 1, ChordQuality::Major)];
    assert!(matches!(generator.on_chords(&strange, &wish), Err(ComposeError::Grid(GridError::ChordKey(0)))));

    let note = |onset, duration, pitch| Note { onset, duration, pitch, velocity: 101, rank: Rank::new(13) };
    let line = Clip::new(vec![note(0, 3, 7), note(3, 5, 9), note(8, 8, 12), note(20, 12, 4)]);
    let around = generator.around(Role::Lead, &line, &wish).unwrap().grid;
    assert_eq!(around.clips[Role::Lead], line);
    assert!(!around.clips[Role::Bass].notes.is_empty());
    let odd = Clip::new(vec![note(0, 3, 6)]);
    assert!(matches!(
        generator.around(Role::Lead, &odd, &wish),
        Err(ComposeError::Grid(GridError::NotInKey { .. }))
    ));
}

#[test]
fn a_transition_is_one_bar_and_what_follows_may_be_longer() {
    let generator = generator();
    let (one, two) = (wish("3/4", 4, Mode::Dorian, 5), wish("3/4", 2, Mode::Phrygian, 6));
    let (from, to) = (generator.generate(&one).unwrap().grid, generator.generate(&two).unwrap().grid);
    let bar = generator.transition(&from, &to, &two.with_seed(7)).unwrap().grid;
    assert_eq!((bar.bars, bar.metre, bar.key), (1, to.metre, to.key));
    assert!(notes(&bar) > 0);
    let next = generator.follow(&from, &two).unwrap().grid;
    assert_eq!(next.bars, 2);
    assert_ne!(next, generator.generate(&two).unwrap().grid, "the loop before is heard");
    let other = wish("4/4", 2, Mode::Dorian, 5);
    assert_eq!(generator.follow(&from, &other).unwrap_err(), ComposeError::Metre);
}

#[test]
fn a_blend_leads_from_one_loop_to_the_other() {
    let generator = generator();
    let mut one = wish("4/4", 2, Mode::Ionian, 5);
    let mut other = wish("3/4", 1, Mode::Dorian, 6);
    one.condition.roles[Role::Drums] = 0.0;
    other.condition.roles[Role::Lead] = 0.0;
    other.swing = Swing { amount: 0.7, eighths: true };
    let at = |weight| generator.blend(&one, &other, weight).unwrap().grid;
    assert_eq!(at(0.0), generator.generate(&one).unwrap().grid);
    assert_eq!(at(1.0), generator.generate(&other).unwrap().grid);
    let middle = at(0.5);
    assert_eq!((middle.metre, middle.bars, middle.key), (one.condition.metre, 2, one.key));
    assert!((middle.swing.amount - 0.5).abs() < 1e-6 && !middle.swing.eighths);
    assert!(!middle.clips[Role::Drums].notes.is_empty() && !middle.clips[Role::Lead].notes.is_empty());
    assert_eq!(middle.validate(), Ok(()));
}
