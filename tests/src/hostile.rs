//! Input that nobody means: what any bytes lead to, and what must hold whatever they are.
//!
//! Each function takes bytes, makes input of them and fails where the product does. The fuzzers of `tests/fuzz` and the
//! short runs of `tests/tests/hostile.rs` call the same ones, so that what a fuzzer finds can be tried in a test.

mod moment;
mod tamper;

use std::path::Path;
use std::sync::LazyLock;

use arbitrary::{Arbitrary, Result as Made, Unstructured};
use clack_host::prelude::PluginEntry;
use sceneloop_music::{Metre, MidiSong, Role, SceneTable};

use crate::host::{Class, GARBAGE, Host, Mode, Outputs, Transport};
use crate::listen;
pub use moment::Moment;
use moment::{MAX_BLOCK, Sent};

const RATE: f64 = 48_000.0;
/// Blocks in one input. More of them find no more, and a fuzzer wants many inputs.
const MOST_BLOCKS: usize = 24;
/// What is played once it is over, in quarter notes at 120 BPM.
const AFTERWARDS: usize = 2;

static SCENES: LazyLock<SceneTable> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets/scenes");
    let files = std::fs::read_dir(folder).expect("the scenes are part of the project");
    let texts: Vec<(String, String)> = files
        .map(|file| file.expect("a folder can be read").path())
        .map(|path| (path.display().to_string(), std::fs::read_to_string(&path).expect("a file can be read")))
        .collect();
    let texts = texts.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    SceneTable::from_toml(texts).expect("the scenes are tested elsewhere")
});

/// A piece of a scene text.
#[derive(Debug, Arbitrary)]
enum Piece<'a> {
    /// A name that there is, in one language or the other.
    Tag(u16, bool),
    Weight(f32),
    Sign(u8),
    Text(&'a str),
}

/// Any text for a scene: read or refused with a sentence, and what is read reads back from its own text.
pub fn scene(bytes: &[u8]) {
    check_scene(&String::from_utf8_lossy(bytes));
    let mut source = Unstructured::new(bytes);
    let pieces: Made<Vec<Piece<'_>>> = source.arbitrary_iter().and_then(Iterator::collect);
    let tags = SCENES.tags();
    let text = pieces.unwrap_or_default().into_iter().take(64).map(|piece| match piece {
        Piece::Tag(index, chinese) => {
            let tag = &tags[usize::from(index) % tags.len()];
            if chinese { tag.zh.clone() } else { tag.id.clone() }
        }
        Piece::Weight(weight) => format!(":{weight}"),
        Piece::Sign(sign) => {
            [",", "，", "：", ":", ";", "、", "\n", " ", "-", "_"][usize::from(sign) % 10].into()
        }
        Piece::Text(text) => text.into(),
    });
    check_scene(&text.collect::<String>());
}

fn check_scene(text: &str) {
    match SCENES.parse(text) {
        Ok(scene) => {
            assert_eq!(
                SCENES.parse(&scene.text).as_ref(),
                Ok(&scene),
                "{text:?} reads back as another scene"
            );
            assert!(scene.wanted.0.iter().all(|value| (0.0..=1.0).contains(value)), "{text:?}: {scene:?}");
        }
        Err(error) => {
            let sentence = error.to_string();
            assert!((10..1000).contains(&sentence.chars().count()), "{text:?}: {sentence:?}");
        }
    }
}

/// Any file of MIDI: a song or a sentence, and a song can be written, read again and looked through for lines.
pub fn midi_file(bytes: &[u8]) {
    check_midi(bytes);
    // Most bytes are no file at all; these are one with anything in its track.
    let chunk = |name: &[u8], data: &[u8]| [name, &(data.len() as u32).to_be_bytes(), data].concat();
    let header = chunk(b"MThd", &[0, 1, 0, 1, 0, 96]);
    check_midi(&[&header[..], &chunk(b"MTrk", bytes)].concat());
    check_midi(&[&header[..], &chunk(b"MTrk", &[bytes, &[0, 0xff, 0x2f, 0]].concat())].concat());
}

fn check_midi(bytes: &[u8]) {
    let Ok(song) = MidiSong::from_bytes(bytes) else { return };
    for (_, notes) in song.tracks.iter() {
        assert!(
            notes.iter().all(|note| note.start >= 0.0 && note.length > 0.0 && note.velocity > 0),
            "{notes:?}"
        );
    }
    let written = song.to_bytes();
    assert!(MidiSong::from_bytes(&written).is_ok(), "what was written cannot be read");
    for role in [Role::Lead, Role::Bass] {
        for (metre, bars) in [(Metre::FOUR_FOUR, 4), (Metre::FOUR_FOUR, 1)] {
            if let Some(key) = song.key_of_line(role, metre, bars) {
                let _ = song.line(role, key, metre, bars);
            }
        }
    }
}

/// Any project: loaded or refused, and the plugin plays on either way. What was loaded is saved and loads again.
pub fn state(plugin: &PluginEntry, bytes: &[u8]) {
    let (mut host, good) = instance(plugin, Class::Stereo);
    for state in tamper::states(&good, bytes) {
        let was_taken = host.load(&state).is_ok();
        let saved = host.save().expect("it can be saved whatever was loaded");
        if was_taken {
            host.load(&saved).expect("what it saved it loads");
            assert!(host.save().expect("a state") == saved, "loaded and saved, it is another project");
        }
        host.activate(RATE, MAX_BLOCK, Mode::Offline, Outputs::All).expect("it can be activated");
        host.set_share("Composer", 0.0).expect("there is a composer"); // the state may have another
        host.play(2 * MAX_BLOCK as usize, &mut Transport::rolling(120.0)).expect("blocks are played");
        check_audio(&mut host);
    }
    play_on(&mut host, &good);
}

/// Any transport: nothing else is sent.
pub fn transport(plugin: &PluginEntry, bytes: &[u8]) {
    hosted(plugin, bytes, |moment| {
        moment.moves_all = false;
        moment.events.clear();
    });
}

/// Any notes and MIDI bytes at any time, to a host that counts as it should.
pub fn midi_input(plugin: &PluginEntry, bytes: &[u8]) {
    hosted(plugin, bytes, |moment| {
        moment.told = None;
        moment.moves_all = false;
        moment.events.retain(Sent::is_played);
    });
}

/// Everything at once: any transport, any event, every parameter in every block.
pub fn storm(plugin: &PluginEntry, bytes: &[u8]) {
    hosted(plugin, bytes, |moment| moment.moves_all = true);
}

/// An instance for which the teacher composes, and a project that says so: a bounce by the network takes seconds.
fn instance(plugin: &PluginEntry, class: Class) -> (Host, Vec<u8>) {
    let mut host = Host::of(plugin, class).expect("an instance");
    host.activate(RATE, MAX_BLOCK, Mode::Offline, Outputs::All).expect("it can be activated");
    host.set_share("Composer", 0.0).expect("there is a composer");
    host.block(1, &mut Transport::stopped(120.0)).expect("a block is played");
    let good = host.save().expect("a state");
    (host, good)
}

fn hosted(plugin: &PluginEntry, bytes: &[u8], mut only: impl FnMut(&mut Moment)) {
    let (mut host, good) = instance(plugin, Class::Multi);
    play(&mut host, bytes, &mut only);
    play_on(&mut host, &good);
}

/// Plays what the bytes say, in a bounce: there everything waits for everything, so that each run is the same. The composer
/// is the teacher throughout, whatever the bytes say.
pub fn play(host: &mut Host, bytes: &[u8], mut only: impl FnMut(&mut Moment)) {
    host.activate(RATE, MAX_BLOCK, Mode::Offline, Outputs::All).expect("it can be activated");
    host.set_share("Composer", 0.0).expect("there is a composer");
    let mut source = Unstructured::new(bytes);
    let mut song = Transport::rolling(120.0);
    for _ in 0..MOST_BLOCKS {
        if source.is_empty() {
            break;
        }
        let Ok(mut moment) = Moment::arbitrary(&mut source) else { break };
        only(&mut moment);
        moment.play(host, &mut song).expect("a block is played");
    }
    check_audio(host);
}

/// All that came out is a number, and all that was asked for came out.
fn check_audio(host: &mut Host) {
    let heard = host.take();
    for (port, channels) in heard.audio.iter().enumerate() {
        for channel in channels {
            let bad = channel.iter().position(|sample| !sample.is_finite() || sample.abs() >= GARBAGE);
            assert_eq!(bad.map(|frame| (frame, channel[frame])), None, "output {port}");
        }
    }
}

/// Whatever was before: with a project as it should be it plays as if nothing had been.
fn play_on(host: &mut Host, good: &[u8]) {
    check_audio(host);
    host.load(good).expect("a good state is loaded");
    host.activate(RATE, MAX_BLOCK, Mode::Offline, Outputs::All).expect("it can be activated");
    host.play(AFTERWARDS * 24_000, &mut Transport::rolling(120.0)).expect("blocks are played");
    let heard = host.take();
    for (port, channels) in heard.audio.iter().enumerate() {
        assert!(channels.iter().flatten().all(|sample| sample.is_finite()), "output {port} afterwards");
    }
    assert!(listen::rms(heard.stereo(0)) > 0.001, "it is silent afterwards");
    assert!(heard.starts(None).count() > 0, "it plays no notes afterwards");
}
