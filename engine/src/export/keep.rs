//! The loop that plays, as files that go round without a gap: mix and stems as WAV with loop points, MIDI, picture.
//!
//! It is rendered twice in a row on an engine of its own, and the second time is kept: so what rings over the end of the loop
//! rings into its beginning, as it does where it is played round and round.

use super::curve::EnergyCurve;
use super::folder::{self, Parts};
use super::take::{Take, TakeRequest};
use super::wav::Depth;
use crate::board::NowPlaying;
use crate::composer::Preference;
use crate::controls::{Controls, Form, PlayMode};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::state::EngineState;
use sceneloop_music::Bpm;
use sceneloop_music::midi::MidiSong;
use std::path::PathBuf;
use std::sync::Arc;

/// How often the loop is played; the last time is kept.
const PASSES: u32 = 2;

/// What is to be kept.
#[derive(Debug, Clone)]
pub struct LoopOrder {
    /// The engine's state, for patches and SoundFonts.
    pub state: EngineState,
    /// The loop.
    pub playing: Arc<NowPlaying>,
    /// Tempo of the files.
    pub bpm: Bpm,
    /// Energy, levels, mutes, tone and looseness are these; key and length are the loop's.
    pub controls: Controls,
    /// Hz, 22,050 to 192,000.
    pub sample_rate: u32,
    /// Where the files go: into a folder of their own in this one, named after scene and loop.
    pub folder: PathBuf,
    /// Which files.
    pub parts: Parts,
}

impl LoopOrder {
    /// Renders and writes; `progress` is told how much is done, 0 to 1. The folder with the files.
    ///
    /// # Errors
    /// [`EngineError::Export`] with what the file system says, and whatever keeps an engine from running. A folder that was begun is
    /// removed.
    pub fn write(&self, mut progress: impl FnMut(f32)) -> Result<PathBuf, EngineError> {
        let pictured = Take::of_loop(self.playing.clone(), self.bpm);
        // Notes need no sound.
        let take = match self.parts {
            Parts::Midi => Take::of_loop(self.playing.clone(), self.bpm),
            Parts::All | Parts::Mix | Parts::Stems => self.render(|done| progress(0.95 * done))?,
        };
        let words = folder::words(&self.playing.scene.tags_text());
        let name = format!("{words}-loop-{}", self.playing.loop_index + 1);
        let midi = || MidiSong::of_loop(&self.playing.grid, self.controls.energy, self.bpm, 1);
        let made = folder::make(&self.folder, &name, |folder| {
            folder::fill(folder, &take, (self.first_frame(), Depth::Int24), self.parts, midi, &pictured)
        })?;
        progress(1.0);
        Ok(made)
    }

    /// Frames of the loop.
    pub fn frames(&self) -> usize {
        let request = self.request();
        request.body_frames() - self.first_frame()
    }

    /// The first frame of the pass that is kept.
    fn first_frame(&self) -> usize {
        TakeRequest { bars: u32::from(self.playing.grid.bars) * (PASSES - 1), ..self.request() }.body_frames()
    }

    fn request(&self) -> TakeRequest {
        let grid = &self.playing.grid;
        let controls = Controls {
            seed: self.playing.key.seed,
            tonic: Some(grid.key.tonic),
            mode: Some(grid.key.mode),
            bars: grid.bars,
            form: Form::Off,
            play: PlayMode::FollowHost,
            preference: None,
            ..self.controls
        };
        TakeRequest {
            bpm: self.bpm,
            metre: grid.metre,
            bars: u32::from(grid.bars) * PASSES,
            curve: EnergyCurve::level(self.controls.energy),
            controls,
            sample_rate: self.sample_rate,
            tail_seconds: 0.0,
            stems: true,
        }
    }

    fn render(&self, mut progress: impl FnMut(f32)) -> Result<Take, EngineError> {
        let engine = Engine::with_notes(Preference::TEACHER, None)?;
        let state =
            EngineState { loops: Vec::new(), scene: self.playing.scene.text.clone(), ..self.state.clone() };
        engine.set_state(state)?;
        engine.lock_loop(Some(&self.playing));
        let request = self.request();
        let total = request.body_frames().max(1) as f32;
        Take::render(&engine, request, |done| progress(done as f32 / total))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::Output;
    use sceneloop_music::{Energy, Metre, Playhead, Role};
    use std::path::Path;

    fn order(folder: &Path) -> LoopOrder {
        let engine = Engine::with_notes(Preference::TEACHER, None).unwrap();
        engine.set_scene("techno").unwrap();
        let controls = Controls { bars: 2, energy: Energy::new(80.0), ..Controls::default() };
        let mut reader = engine.open_stream(48_000.0).unwrap();
        let bpm = Bpm::new(131.0).unwrap();
        let mut playhead = Playhead::at(0.0, bpm, Metre::FOUR_FOUR, true);
        let (mut left, mut right) = ([0.0; 512], [0.0; 512]);
        for _ in 0..40 {
            let output = Output { main: [&mut left, &mut right], stems: None };
            reader.process_offline(&playhead, &controls, output, &mut |_| ());
            playhead = playhead.advanced(512.0 * bpm.quarters_per_frame(48_000.0));
        }
        let (state, playing) = (engine.state(), engine.now_playing().unwrap());
        let parts = Parts::All;
        LoopOrder { state, playing, bpm, controls, sample_rate: 48_000, folder: folder.to_owned(), parts }
    }

    #[test]
    fn the_loop_is_kept_whole_and_goes_round_without_a_click() {
        let folder = tempfile::tempdir().unwrap();
        let order = order(folder.path());
        let mut told = 0.0;
        let made = order.write(|done| {
            assert!(done >= told);
            told = done;
        });
        let made = made.unwrap();
        assert!(told == 1.0 && made.ends_with("techno-1-loop-1"), "{}", made.display());
        let frames = (8.0 * 60.0 / 131.0 * 48_000.0f64).round() as usize;
        assert_eq!(order.frames(), frames);
        let mut reader = hound::WavReader::open(made.join("mix.wav")).unwrap();
        let samples: Vec<i32> = reader.samples().map(Result::unwrap).collect();
        assert_eq!(samples.len(), 2 * frames);
        let left: Vec<f64> =
            samples.iter().step_by(2).map(|sample| f64::from(*sample) / 8_388_607.0).collect();
        assert!(left.iter().any(|sample| sample.abs() > 0.1));
        // From the last frame to the first it goes no further than anywhere else.
        let most = left.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f64::max);
        assert!((left[0] - left[frames - 1]).abs() <= most, "{} of {most}", left[0] - left[frames - 1]);
        for role in Role::ALL {
            let stem = hound::WavReader::open(made.join(format!("stems/{role}.wav"))).unwrap();
            assert_eq!(stem.duration() as usize, frames);
        }
        assert!(std::fs::read(made.join("loop.mid")).unwrap().starts_with(b"MThd"));
        assert!(std::fs::read(made.join("roll.png")).unwrap().starts_with(b"\x89PNG"));
        // Another time it is another folder with the same bytes.
        let again = order.write(|_| ()).unwrap();
        assert_ne!(again, made);
        for file in ["mix.wav", "stems/bass.wav", "loop.mid"] {
            assert!(
                std::fs::read(made.join(file)).unwrap() == std::fs::read(again.join(file)).unwrap(),
                "{file}"
            );
        }
        let midi = LoopOrder { parts: Parts::Midi, ..order.clone() }.write(|_| ()).unwrap();
        let names: Vec<_> = std::fs::read_dir(&midi).unwrap().map(|file| file.unwrap().file_name()).collect();
        assert_eq!(names, ["loop.mid"]);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 3, "nothing half made is left");
    }

    #[test]
    fn a_folder_that_cannot_be_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "no folder").unwrap();
        let order = LoopOrder { folder: file, ..order(folder.path()) };
        assert!(order.write(|_| ()).unwrap_err().to_string().contains("cannot be written"));
    }
}
