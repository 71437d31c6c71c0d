//! Changes by hand, through the stream: what changes, what does not, and when.

use sceneloop_engine::{Controls, Engine, NoteOut, Output, Preference, StreamReader};
use sceneloop_music::{Bpm, Metre, Playhead, Role};

const RATE: f64 = 48_000.0;
const BLOCK: usize = 480;

/// A host that bounces on and on, and what came out.
struct Host {
    engine: Engine,
    reader: StreamReader,
    controls: Controls,
    playhead: Playhead,
}

/// Notes that began, with the frame from the start of the bounce, and the audio.
#[derive(Default, PartialEq, Clone, Debug)]
struct Heard {
    notes: Vec<(i64, Role, u8)>,
    audio: Vec<f32>,
}

impl Heard {
    fn of(&self, role: Role) -> Vec<(i64, u8)> {
        self.notes.iter().filter(|(_, of, _)| *of == role).map(|(at, _, key)| (*at, *key)).collect()
    }
}

impl Host {
    fn new(scene: &str) -> Self {
        let engine = Engine::with_notes(Preference::TEACHER, None).unwrap();
        engine.set_scene(scene).unwrap();
        Self::of(engine)
    }

    fn of(engine: Engine) -> Self {
        let reader = engine.open_stream(RATE).unwrap();
        let playhead = Playhead::at(0.0, Bpm::new(120.0).unwrap(), Metre::FOUR_FOUR, true);
        let controls = Controls { humanise: 0.0, ..Controls::default() };
        Self { engine, reader, controls, playhead }
    }

    /// Bars at 120 BPM; the first block of another bar is another block.
    fn bars(&mut self, bars: u32) -> Heard {
        let mut heard = Heard::default();
        let blocks = bars as usize * 96_000 / BLOCK;
        let (mut left, mut right) = ([0.0; BLOCK], [0.0; BLOCK]);
        for block in 0..blocks {
            let notes = &mut heard.notes;
            let mut take = |note: NoteOut| {
                if note.velocity > 0.0 {
                    notes.push(((block * BLOCK) as i64 + i64::from(note.frame), note.role, note.key));
                }
            };
            let output = Output { main: [&mut left, &mut right], stems: None };
            self.reader.process_offline(&self.playhead, &self.controls, output, &mut take);
            heard.audio.extend(left.iter().chain(&right));
            self.playhead = self.playhead.advanced(BLOCK as f64 * self.playhead.bpm.quarters_per_frame(RATE));
        }
        heard.notes.sort_unstable();
        heard
    }
}

#[test]
fn a_role_is_regenerated_while_the_rest_plays() {
    let scene = "techno";
    let (mut plain, mut edited) = (Host::new(scene), Host::new(scene));
    assert_eq!(plain.bars(5), edited.bars(5));
    edited.engine.regenerate(Role::Bass, None).unwrap();
    let (plain, edited) = (plain.bars(7), edited.bars(7));
    assert_ne!(plain.of(Role::Bass), edited.of(Role::Bass), "another bass");
    for role in Role::ALL.into_iter().filter(|role| *role != Role::Bass) {
        assert_eq!(plain.of(role), edited.of(role), "{role}");
    }
}

#[test]
fn what_is_undone_plays_as_if_nothing_had_been() {
    let scene = "jazz";
    let (mut plain, mut edited) = (Host::new(scene), Host::new(scene));
    let before = edited.engine.edits();
    edited.engine.regenerate(Role::Lead, Some(0..2)).unwrap();
    edited.engine.vary(60);
    plain.bars(4);
    edited.bars(4);
    edited.engine.set_edits(before);
    // From the next bar on; notes that were held ring out.
    plain.bars(2);
    edited.bars(2);
    let (plain, edited) = (plain.bars(6), edited.bars(6));
    assert_eq!(plain.notes, edited.notes);
}

#[test]
fn a_locked_role_stays_and_cannot_be_written_again() {
    let mut host = Host::new("techno");
    let before = host.bars(4);
    let now = host.engine.now_playing().unwrap();
    host.engine.lock_role(Role::Drums, Some(&now));
    assert!(host.engine.regenerate(Role::Drums, None).unwrap_err().to_string().contains("locked"));
    host.bars(4);
    let after = host.bars(4);
    assert_eq!(before.of(Role::Drums), after.of(Role::Drums));
    // A whole loop, in another scene as well.
    let now = host.engine.now_playing().unwrap();
    host.engine.lock_loop(Some(&now));
    let mut host_controls = host.controls;
    host_controls.mode = Some(now.key.mode);
    host.controls = host_controls;
    host.engine.set_scene("forest").unwrap();
    host.bars(4);
    let playing = host.engine.now_playing().unwrap();
    assert_eq!((&playing.grid.clips, &playing.grid.chords), (&now.grid.clips, &now.grid.chords));
    assert!(playing.scene.text.starts_with("forest"));
    host.engine.lock_loop(None);
    host.bars(4);
    assert_ne!(host.engine.now_playing().unwrap().grid.clips, now.grid.clips);
    assert!(host.engine.history().len() >= 4);
}

#[test]
fn a_project_opens_with_what_was_changed() {
    let mut host = Host::new("jazz");
    host.bars(4);
    let now = host.engine.now_playing().unwrap();
    host.engine.lock_role(Role::Bass, Some(&now));
    host.engine.regenerate(Role::Chords, None).unwrap();
    host.engine.vary(40);
    let patch = host.engine.patches(Role::Lead).map(|(id, _)| id).last().unwrap();
    host.engine.set_patch(Role::Lead, Some(patch)).unwrap();
    host.bars(4);
    let state = host.engine.state();
    let json = serde_json::to_value(&state).unwrap();
    let state = sceneloop_engine::EngineState::from_json(json).unwrap();
    let bounce = |state: sceneloop_engine::EngineState| {
        let engine = Engine::with_notes(Preference::TEACHER, None).unwrap();
        engine.set_state(state).unwrap();
        let mut host = Host::of(engine);
        let heard = host.bars(12);
        (heard, host.engine.edits(), host.engine.patch(Role::Lead))
    };
    let (one, edits, lead) = bounce(state.clone());
    assert_eq!((edits, lead.as_deref()), (host.engine.edits(), Some(patch)));
    let other = bounce(state.clone()).0;
    assert!(one == other, "bit for bit");
    // What is held must be there.
    let mut broken = state;
    broken.held.clear();
    let engine = Engine::with_notes(Preference::TEACHER, None).unwrap();
    assert!(engine.set_state(broken).unwrap_err().to_string().contains("held"));
    assert!(engine.edits().is_none());
}

#[test]
fn another_patch_is_heard_and_a_wrong_one_refused() {
    let (mut plain, mut other) = (Host::new("techno"), Host::new("techno"));
    let sentence = other.engine.set_patch(Role::Bass, Some("kit-909")).unwrap_err().to_string();
    assert!(sentence.contains("kit-909"), "{sentence}");
    let patch = other.engine.patches(Role::Bass).map(|(id, _)| id).last().unwrap();
    other.engine.set_patch(Role::Bass, Some(patch)).unwrap();
    let (plain, other) = (plain.bars(2), other.bars(2));
    assert_eq!(plain.notes, other.notes);
    assert!(plain.audio != other.audio);
}

#[test]
fn the_next_loop_is_known_before_it_plays() {
    let mut host = Host::new("techno");
    host.bars(3);
    let next = host.engine.next_loop().expect("it has been asked for");
    host.bars(2);
    let now = host.engine.now_playing().unwrap();
    assert_eq!(now.key, next.key);
    assert_eq!(now.grid.clips, next.grid.clips);
}
