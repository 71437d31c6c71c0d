use super::*;
use proptest::prelude::*;
use sceneloop_music::{Mode, PerRole, PitchClass, Rank};

/// Some note of some role, as numbers that are brought into range.
type Wish = (usize, u16, u16, u16, u8, u8);

/// A valid loop of what can be kept of the wishes.
fn loop_of(metre: Metre, bars: u8, mode: Mode, chords: &[(u16, u8, usize)], wishes: &[Wish]) -> LoopGrid {
    let key = Key::new(PitchClass::new(0), mode);
    let harmony = mode.harmony();
    let fits = |chord: &Chord| chord.pitch_classes().all(|class| harmony.contains(&class));
    let all: Vec<Chord> = (0..12)
        .flat_map(|root| ChordQuality::ALL.map(|quality| Chord::new(root, quality)))
        .filter(fits)
        .collect();
    let mut grid = LoopGrid::empty(metre, bars, key, all[0]);
    let steps = grid.steps() as u16;
    for (step, bass, choice) in chords {
        let bass = Some(harmony[usize::from(*bass) % harmony.len()]).filter(|_| choice % 2 == 0);
        let span = ChordSpan { step: step % steps, chord: Chord { bass, ..all[choice % all.len()] } };
        grid.chords.retain(|known| known.step != span.step);
        grid.chords.push(span);
    }
    grid.chords.sort_by_key(|span| span.step);
    let scale = mode.scale();
    let mut notes: PerRole<Vec<Note>> = PerRole::default();
    for (role, onset, duration, pitch, velocity, rank) in wishes {
        let role = Role::ALL[role % Role::COUNT];
        let (low, high) = role.pitch_range();
        let pitches: Vec<i8> = (low..=high)
            .filter(|pitch| role == Role::Drums || scale.contains(&(i32::from(*pitch).rem_euclid(12) as u8)))
            .collect();
        let onset = onset % steps;
        let note = Note {
            onset,
            duration: if role == Role::Drums { 1 } else { 1 + duration % (steps - onset) },
            pitch: pitches[usize::from(*pitch) % pitches.len()],
            velocity: 1 + velocity % 127,
            rank: Rank::new(rank % 101),
        };
        let clash = |other: &Note| other.onset < note.end() && note.onset < other.end();
        let beside = notes[role].iter().filter(|other| clash(other));
        // As many beside it as there are voices could not all be told apart.
        let room = role == Role::Drums || beside.clone().count() < voices(role);
        if room && beside.clone().all(|other| other.pitch != note.pitch) {
            notes[role].push(note);
        }
    }
    grid.clips = PerRole::from_fn(|role| Clip::new(std::mem::take(&mut notes[role])));
    grid
}

fn a_loop() -> impl Strategy<Value = LoopGrid> {
    let metres = prop::sample::select(vec!["4/4", "3/4", "6/8", "12/8", "5/4", "7/8", "2/4", "9/8"]);
    let wish = (any::<usize>(), any::<u16>(), any::<u16>(), any::<u16>(), any::<u8>(), any::<u8>());
    let chord = (any::<u16>(), any::<u8>(), any::<usize>());
    (
        metres,
        1..=8_u8,
        prop::sample::select(Mode::ALL.to_vec()),
        prop::collection::vec(chord, 0..9),
        prop::collection::vec(wish, 0..300),
    )
        .prop_map(|(metre, bars, mode, chords, wishes)| {
            loop_of(metre.parse().unwrap(), bars, mode, &chords, &wishes)
        })
}

proptest! {
    #[test]
    fn a_loop_comes_back_from_its_tokens(grid in a_loop()) {
        let vocabulary = Vocabulary::new();
        prop_assert_eq!(grid.validate(), Ok(()));
        let tokens = Tokens::of(&grid, &vocabulary).unwrap();
        prop_assert_eq!(tokens.cells.len(), grid.steps() as usize * vocabulary.len());
        let back = tokens.to_grid(grid.key, grid.swing, &vocabulary).unwrap();
        prop_assert_eq!(&back, &quantised(&grid));
        prop_assert_eq!(Tokens::of(&back, &vocabulary).unwrap(), tokens);
    }

    #[test]
    fn patches_cover_every_step_once_and_keep_bar_lines(grid in a_loop()) {
        let tokens = Tokens::masked(grid.metre, grid.bars, &Vocabulary::new());
        let steps: Vec<usize> = (0..tokens.patches()).flat_map(|patch| tokens.patch(patch)).collect();
        prop_assert_eq!(steps, (0..grid.steps() as usize).collect::<Vec<_>>());
        let bar = grid.metre.steps_per_bar() as usize;
        for patch in 0..tokens.patches() {
            let steps = tokens.patch(patch);
            prop_assert_eq!(steps.start / bar, (steps.end - 1) / bar);
        }
    }

    #[test]
    fn no_answers_make_a_panic_or_a_loop_that_is_not_valid(
        seed in any::<u64>(),
        wild in prop::collection::vec((any::<usize>(), any::<u8>()), 0..40),
        grid in a_loop(),
    ) {
        let vocabulary = Vocabulary::new();
        let mut tokens = Tokens::of(&grid, &vocabulary).unwrap();
        for (place, answer) in wild {
            let place = place.wrapping_add(seed as usize) % tokens.cells.len();
            tokens.cells[place] = answer;
        }
        if let Ok(back) = tokens.to_grid(grid.key, grid.swing, &vocabulary) {
            prop_assert_eq!(back.validate(), Ok(()));
        }
    }
}

#[test]
fn what_does_not_fit_is_said() {
    let vocabulary = Vocabulary::new();
    let note = |pitch| Note { onset: 3, duration: 2, pitch, velocity: 80, rank: Rank::ALWAYS };
    let key = Key::new(PitchClass::new(0), Mode::Ionian);
    let mut grid = LoopGrid::empty(Metre::FOUR_FOUR, 1, key, Chord::new(0, ChordQuality::Major));
    grid.clips[Role::Bass] = Clip::new([-24, -20, -17].map(note).to_vec());
    assert_eq!(
        Tokens::of(&grid, &vocabulary),
        Err(TokenError::Voices { role: Role::Bass, step: 3, most: 2 })
    );
    grid.clips[Role::Bass].notes.pop();
    let whole = Tokens::of(&grid, &vocabulary).unwrap();
    let with = |step: usize, field: usize, answer: u8| {
        let mut tokens = whole.clone();
        tokens.set(step, field, answer, &vocabulary);
        tokens.to_grid(key, Swing::default(), &vocabulary)
    };
    let bass = vocabulary.voice(Role::Bass, 0);
    assert_eq!(with(4, bass, MASK), Err(TokenError::Answer { step: 4, field: bass }));
    assert_eq!(with(9, bass, HOLD), Err(TokenError::Hold { step: 9, field: bass }));
    // C# is not in C major.
    let answer = with(9, bass, crate::vocabulary::FIRST_PITCH + 13);
    assert!(matches!(answer, Err(TokenError::Grid(GridError::NotInKey { .. }))), "{answer:?}");
}
