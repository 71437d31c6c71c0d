//! Events as a host hears them: when they begin, where they lead, and that a bounce of them is the same every time.

mod paced;

use sceneloop_engine::export::{EnergyCurve, Take, TakeEvent, TakeRequest};
use sceneloop_engine::{Controls, Cue, Engine, Form, NoteOut, Output, Preference, Refusal, StreamReader};
use sceneloop_music::{Bpm, Energy, EventId, Metre, Playhead, Quantise, Role, Stinger};
use sceneloop_render::Master;

const RATE: f64 = 48_000.0;

/// What a host heard: the roles, the mix, and the notes.
#[derive(Default, PartialEq)]
struct Heard {
    main: [Vec<f32>; 2],
    stems: Vec<[Vec<f32>; 2]>,
    notes: Vec<(u64, Role, u8, f32)>,
}

impl Heard {
    /// The first frame at which any role differs.
    fn first_other(&self, other: &Self) -> Option<usize> {
        let sides = self.stems.iter().flatten().zip(other.stems.iter().flatten());
        let first = |(one, other): (&Vec<f32>, &Vec<f32>)| one.iter().zip(other).position(|(a, b)| a != b);
        sides.filter_map(first).min()
    }
}

/// A host that bounces.
struct Host {
    engine: Engine,
    reader: StreamReader,
    bpm: Bpm,
    metre: Metre,
    heard: Heard,
}

/// An event at a frame of the host's.
type Wanted<'a> = (usize, &'a str, Option<Quantise>);

impl Host {
    fn new(scene: &str, bpm: f64, metre: &str) -> Self {
        let engine = Engine::with(Preference::TEACHER).unwrap();
        engine.set_scene(scene).unwrap();
        let reader = engine.open_stream(RATE).unwrap();
        let stems = (0..Role::COUNT).map(|_| Default::default()).collect();
        let heard = Heard { stems, ..Heard::default() };
        Self { engine, reader, bpm: Bpm::new(bpm).unwrap(), metre: metre.parse().unwrap(), heard }
    }

    fn frames(&self, quarters: f64) -> usize {
        (quarters / self.bpm.quarters_per_frame(RATE)).round() as usize
    }

    /// From the start of the song, in blocks of the given sizes over and over.
    fn play(mut self, frames: usize, sizes: &[usize], controls: &Controls, wanted: &[Wanted<'_>]) -> Heard {
        let (mut done, mut index) = (0, 0);
        while done < frames {
            let count = sizes[index % sizes.len()].min(frames - done);
            for (frame, name, quantise) in wanted {
                if (done..done + count).contains(frame) {
                    let event = self.engine.scene().event(name).unwrap();
                    self.reader.cue(Cue { frame: (frame - done) as u32, event, quantise: *quantise });
                }
            }
            self.block(done, count, controls);
            done += count;
            index += 1;
        }
        self.heard
    }

    fn block(&mut self, at: usize, frames: usize, controls: &Controls) {
        for side in self.heard.main.iter_mut().chain(self.heard.stems.iter_mut().flatten()) {
            side.resize(at + frames, f32::NAN);
        }
        let [left, right] = &mut self.heard.main;
        let mut stems = self.heard.stems.iter_mut();
        let stems = std::array::from_fn(|_| stems.next().unwrap().each_mut().map(|side| &mut side[at..]));
        let output = Output { main: [&mut left[at..], &mut right[at..]], stems: Some(stems) };
        let notes = &mut self.heard.notes;
        let mut take = |note: NoteOut| {
            assert!((note.frame as usize) < frames);
            notes.push((at as u64 + u64::from(note.frame), note.role, note.key, note.velocity));
        };
        let position = at as f64 * self.bpm.quarters_per_frame(RATE);
        let playhead = Playhead::at(position, self.bpm, self.metre, true);
        self.reader.process_offline(&playhead, controls, output, &mut take);
    }
}

fn exact() -> Controls {
    Controls { humanise: 0.0, form: Form::Off, ..Controls::default() }
}

fn lookahead() -> usize {
    Master::new(RATE).unwrap().latency_frames()
}

/// Gains move in lines of so many frames; an oscillator begins with a zero.
const ONSET: usize = 12;

#[test]
fn an_event_is_heard_at_once() {
    let plain = Host::new("techno", 128.0, "4/4").play(40_000, &[512], &exact(), &[]);
    for (sizes, frame) in
        [(&[64][..], 20_011), (&[512], 20_480), (&[512], 20_991), (&[8_192], 17_003), (&[7, 300], 9_999)]
    {
        for name in ["victory", "death", "cheer"] {
            let wanted = (frame, name, Some(Quantise::Now));
            let heard = Host::new("techno", 128.0, "4/4").play(40_000, sizes, &exact(), &[wanted]);
            let first = heard.first_other(&plain).unwrap();
            let earliest = frame + lookahead();
            assert!((earliest..earliest + ONSET).contains(&first), "{name} at {frame}: {first}");
            // In the mix the limiter, which looks ahead, may make room a little sooner, but not before the event.
            let main =
                heard.main[0].iter().zip(&plain.main[0]).position(|(one, other)| one != other).unwrap();
            assert!((frame..earliest + ONSET).contains(&main), "{name} at {frame}: {main} in the mix");
        }
    }
}

#[test]
fn a_quantised_event_begins_on_its_grid_point() {
    for (bpm, metre, frame) in [(123.4, "4/4", 30_000), (174.0, "7/8", 51_234), (95.0, "6/8", 12_345)] {
        let frames = 110_000;
        let plain = Host::new("techno", bpm, metre).play(frames, &[500], &exact(), &[]);
        for grid in [Quantise::Sixteenth, Quantise::Beat, Quantise::Bar] {
            let host = Host::new("techno", bpm, metre);
            let at = frame as f64 * host.bpm.quarters_per_frame(RATE);
            let bar = host.metre.quarters_per_bar();
            let mut points: Vec<f64> = (0..400).map(|step| f64::from(step) / 4.0).collect();
            if grid != Quantise::Sixteenth {
                let mut beat = 0.0;
                points.clear();
                for length in (0..20).flat_map(|_| host.metre.beats()) {
                    points.push(beat);
                    beat += f64::from(length) / 4.0;
                }
            }
            if grid == Quantise::Bar {
                points.retain(|point| (point / bar).fract() == 0.0);
            }
            let point = host.frames(points.into_iter().find(|point| *point > at).unwrap());
            let heard = host.play(frames, &[64, 999], &exact(), &[(frame, "death", Some(grid))]);
            let first = heard.first_other(&plain).unwrap();
            assert!((point..point + ONSET).contains(&first), "{grid:?} in {metre}: {first}, not {point}");
        }
    }
}

#[test]
fn an_event_on_the_first_frame_begins_with_the_music() {
    let plain = Host::new("techno", 128.0, "4/4").play(4_000, &[512], &exact(), &[]);
    for sizes in [&[1][..], &[512], &[4_000]] {
        let wanted = (0, "boss", None);
        let heard = Host::new("techno", 128.0, "4/4").play(4_000, sizes, &exact(), &[wanted]);
        assert!(heard.first_other(&plain).unwrap() < ONSET);
    }
}

#[test]
fn a_bounce_with_events_is_the_same_whatever_the_block_size() {
    // Bars of 28,800 frames: one event returns, one is interrupted, one stays.
    let wanted = [
        (10_001, "victory", Some(Quantise::Bar)),
        (150_000, "drop", Some(Quantise::Now)),
        (160_007, "boss", None),
        (200_123, "death", Some(Quantise::Sixteenth)),
    ];
    let bounce = |sizes: &[usize]| {
        Host::new("techno", 200.0, "2/4").play(240_000, sizes, &Controls::default(), &wanted)
    };
    let reference = bounce(&[512]);
    for sizes in [&[64][..], &[1_024], &[8_192], &[3, 61, 64, 300, 84, 512], &[43]] {
        let other = bounce(sizes);
        assert!(other.notes == reference.notes, "notes differ with blocks of {sizes:?}");
        assert_eq!(other.first_other(&reference), None, "blocks of {sizes:?}");
        assert!(other == reference, "audio differs with blocks of {sizes:?}");
    }
}

fn take(scene: &str, events: &[&str], bars: u32, controls: Controls) -> Take {
    let engine = Engine::with(Preference::TEACHER).unwrap();
    engine.set_scene(scene).unwrap();
    let request = TakeRequest {
        bpm: Bpm::new(140.0).unwrap(),
        metre: Metre::FOUR_FOUR,
        bars,
        curve: EnergyCurve::level(controls.energy),
        controls,
        sample_rate: 22_050,
        tail_seconds: 0.0,
        stems: false,
    };
    let read = |text: &&str| TakeEvent::parse(text, &engine.scene(), Metre::FOUR_FOUR, bars).unwrap();
    let events = events.iter().map(read).collect();
    Take::render_with(&engine, request, events, |_| ()).unwrap()
}

#[test]
fn an_event_leads_to_its_scene_and_returns_on_the_bar_line() {
    use sceneloop_engine::SyncPoint;
    for sync in [SyncPoint::Beat, SyncPoint::Bar, SyncPoint::Loop] {
        let controls = Controls { sync, bars: 2, ..exact() };
        let take = take("forest", &["3:victory"], 10, controls);
        let began: Vec<(u32, bool)> = take
            .loops
            .iter()
            .map(|played| (played.bar, played.playing.scene.text.starts_with("victory")))
            .collect();
        let victory: Vec<u32> = began.iter().filter(|(_, is)| *is).map(|(bar, _)| *bar).collect();
        let forest: Vec<u32> = began.iter().filter(|(_, is)| !is).map(|(bar, _)| *bar).collect();
        assert_eq!(victory, [2, 4], "{sync:?}: {began:?}");
        assert_eq!(forest, [0, 6, 8], "{sync:?}: {began:?}");
    }
}

#[test]
fn energy_follows_the_event_and_returns_to_the_frame() {
    // A scene whose event changes the energy alone; drums sound at high energy only.
    let low = Controls { energy: Energy::new(3.0), bars: 2, ..exact() };
    let plain = take("techno", &[], 12, low);
    let event = take("techno", &["2:drop"], 12, low);
    let bar = event.request.body_frames() as u64 / 12;
    let starts = |take: &Take, bars: std::ops::Range<u64>| {
        let is_in = |start: u64| (bars.start * bar..bars.end * bar).contains(&(start + 2));
        take.notes.iter().filter(|note| is_in(note.start)).count()
    };
    assert_eq!(starts(&plain, 0..1), starts(&event, 0..1));
    assert!(starts(&event, 3..9) > 3 * starts(&plain, 3..9).max(1));
    // Eight bars from the second on: the tenth is as if nothing had been.
    let of = |take: &Take| -> Vec<(u64, Role, u8)> {
        let late = take.notes.iter().filter(|note| note.start + 2 >= 9 * bar);
        late.map(|note| (note.start, note.role, note.key)).collect()
    };
    assert_eq!(of(&plain), of(&event));
}

#[test]
fn notes_of_a_stinger_go_out_on_their_channels_in_order_and_end() {
    for stinger in Stinger::ALL {
        let wanted = [(1_000, stinger.name(), Some(Quantise::Now))];
        let silent = Controls { energy: Energy::new(0.0), ..exact() };
        let heard = Host::new("rain", 120.0, "4/4").play(400_000, &[512], &silent, &wanted);
        let plain = Host::new("rain", 120.0, "4/4").play(400_000, &[512], &silent, &[]);
        assert!(heard.notes.len() > plain.notes.len() + 4, "{stinger}");
        assert!(heard.notes.windows(2).all(|pair| pair[0].0 <= pair[1].0), "{stinger}: out of order");
        let mut sounding = std::collections::HashSet::new();
        for (_, role, key, velocity) in heard.notes {
            if velocity > 0.0 {
                assert!(sounding.insert((role, key)), "{stinger}: {role} {key} twice");
            } else {
                assert!(sounding.remove(&(role, key)), "{stinger}: {role} {key} does not sound");
            }
        }
    }
}

#[test]
fn a_muted_role_is_silent_in_a_stinger_too() {
    let mutes = sceneloop_music::PerRole::from_fn(|role| role != Role::Texture);
    let controls = Controls { mutes, ..exact() };
    let wanted = [(1_000, "boss", Some(Quantise::Now))];
    let heard = Host::new("techno", 128.0, "4/4").play(40_000, &[512], &controls, &wanted);
    for role in Role::ALL.into_iter().filter(|role| *role != Role::Texture) {
        assert!(heard.stems[role.index()].iter().flatten().all(|sample| *sample == 0.0), "{role}");
    }
    assert!(heard.notes.iter().all(|note| note.1 == Role::Texture));
}

#[test]
fn an_event_of_another_name_is_told_in_one_sentence() {
    let engine = Engine::with(Preference::TEACHER).unwrap();
    engine.set_scene("forest").unwrap();
    let sentence = engine.trigger("vctory", None).unwrap_err().to_string();
    assert!(sentence.starts_with("\"vctory\" is not an event of this scene; its events are victory, defeat"));
    engine.trigger("combat", Some(Quantise::Bar)).unwrap();
}

#[test]
fn what_does_not_begin_is_told_with_its_reason() {
    let mut host = Host::new("forest", 120.0, "4/4");
    let event = |host: &Host, name: &str| host.engine.scene().event(name).unwrap();
    host.block(0, 512, &exact());
    assert_eq!(host.engine.health().event(), None);
    host.engine.trigger("death", Some(Quantise::Now)).unwrap();
    host.block(512, 512, &exact());
    let death = event(&host, "death");
    assert_eq!(host.engine.health().event().map(|(event, _)| event), Some(death));
    host.engine.trigger("cheer", Some(Quantise::Now)).unwrap();
    host.block(1_024, 512, &exact());
    let refused = host.engine.health().refused_event().map(|(_, event, refusal)| (event, refusal));
    assert_eq!(refused, Some((Stinger::Cheer.into(), Refusal::Outranked)));
    host.engine.trigger("death", Some(Quantise::Now)).unwrap();
    host.block(1_536, 512, &exact());
    let refused = host.engine.health().refused_event().map(|(_, event, refusal)| (event, refusal));
    assert_eq!(refused, Some((death, Refusal::Cooling)));
    assert!(EventId::new(EventId::COUNT).is_none());
}

#[test]
fn a_jump_ends_what_an_event_led_to() {
    let mut host = Host::new("forest", 120.0, "4/4");
    let frames = 512;
    host.block(0, frames, &exact());
    host.engine.trigger("boss", Some(Quantise::Now)).unwrap();
    host.block(frames, frames, &exact());
    assert!(host.engine.health().event().is_some());
    // Far away; `block` counts positions from the frames that were heard.
    for side in host.heard.main.iter_mut().chain(host.heard.stems.iter_mut().flatten()) {
        side.resize(1_000_000, 0.0);
    }
    host.block(1_000_000, frames, &exact());
    assert_eq!(host.engine.health().event(), None);
}

#[test]
fn in_real_time_the_same_notes_come_as_in_a_bounce() {
    let mut host = paced::Host::standing("techno");
    host.playhead.playing = true;
    let first = host.left.len();
    // A bar is 1.875 s: what is wanted after 0.6 s begins 1.275 s later, and is known to the renderer by then.
    host.play(60);
    host.engine.trigger("victory", Some(Quantise::Bar)).unwrap();
    host.play(840);
    assert_eq!(host.engine.health().underruns(), 0, "the machine was too busy to say");
    let mut bounce = paced::Bounce::new("techno", 0.0);
    for block in 0..900 {
        if block == 60 {
            bounce.engine.trigger("victory", Some(Quantise::Bar)).unwrap();
        }
        bounce.block(&host.controls);
    }
    let place = |start: &paced::Start, first: usize| {
        let frame = start.frame.checked_sub(first as u64)?;
        Some((frame, start.channel, start.key))
    };
    let live: Vec<_> = host.starts.iter().filter_map(|start| place(start, first)).collect();
    let bounced: Vec<_> = bounce.starts.iter().filter_map(|start| place(start, 0)).collect();
    assert!(bounced.len() > 100);
    assert_eq!(live, bounced);
    assert!(host.left[first..].iter().zip(&bounce.left).all(|(live, bounced)| live == bounced));
}
