//! The last bars, as files, as they were heard: nothing is rendered again.

use super::curve::EnergyCurve;
use super::folder::{self, Parts};
use super::take::{PlayedLoop, Take, TakeRequest};
use super::wav::Depth;
use crate::board::NowPlaying;
use crate::controls::Controls;
use crate::error::EngineError;
use crate::tape::Heard;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// What is to be kept of what was heard.
#[derive(Debug, Clone)]
pub struct HeardOrder {
    /// The bars.
    pub heard: Heard,
    /// The loops that have played, the newest first: what of them lies in the bars stands in MIDI and picture.
    pub loops: Vec<Arc<NowPlaying>>,
    /// The controls, for the picture's heading.
    pub controls: Controls,
    /// Where the files go: into a folder of their own in this one, named after scene and bars.
    pub folder: PathBuf,
    /// Which files.
    pub parts: Parts,
}

impl HeardOrder {
    /// Writes the files; the folder with them.
    ///
    /// # Errors
    /// [`EngineError::Export`] with what the file system says. A folder that was begun is removed.
    pub fn write(self) -> Result<PathBuf, EngineError> {
        let (folder, parts) = (self.folder.clone(), self.parts);
        let take = self.take();
        let scene = take.loops.last().map(|last| folder::words(&last.playing.scene.tags_text()));
        let (first, last) = (take.first_bar + 1, take.first_bar + i64::from(take.request.bars));
        let name = format!("{}-bars-{first}-to-{last}", scene.unwrap_or_else(|| "heard".into()));
        folder::make(&folder, &name, |folder| {
            folder::fill(folder, &take, (0, Depth::Float32), parts, || take.midi(), &take)
        })
    }

    fn take(self) -> Take {
        let Heard { sample_rate, metre, bpm, first_bar, positions, energies, main, stems, notes } =
            self.heard;
        let bar = metre.quarters_per_bar();
        let mut loops: Vec<PlayedLoop> = Vec::new();
        for (number, position) in (0u32..).zip(&positions) {
            // Half a block lies between a bar line and the loop that begins there; where the host goes round, the youngest counts.
            let holds = |one: &&Arc<NowPlaying>| {
                one.began < position + 0.5 * bar && one.began + one.grid.quarters() > position + 0.5 * bar
            };
            // Of those that began at one place, where the host goes round, the first is the newest.
            let playing = self.loops.iter().filter(holds).min_by(|a, b| b.began.total_cmp(&a.began));
            if let Some(playing) = playing
                && loops.last().is_none_or(|last| !Arc::ptr_eq(&last.playing, playing))
            {
                loops.push(PlayedLoop { bar: number, playing: playing.clone() });
            }
        }
        let request = TakeRequest {
            bpm,
            metre,
            bars: positions.len() as u32,
            curve: EnergyCurve::of_bars(&energies),
            controls: self.controls,
            sample_rate,
            tail_seconds: 0.0,
            stems: true,
        };
        Take {
            request,
            main,
            stems,
            notes,
            first_bar,
            loops,
            events: Vec::new(),
            soundfonts: BTreeMap::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::composer::Preference;
    use crate::engine::Engine;
    use crate::stream::Output;
    use sceneloop_music::{Bpm, Energy, Metre, Playhead, Role};

    /// What is heard in blocks of all sizes, left, and the engine once all of it is on the tape.
    fn listened(quarters: f64, jump_at: Option<f64>, bars: u32) -> (Vec<f32>, Engine) {
        let engine = Engine::with_notes(Preference::TEACHER, None).unwrap();
        engine.set_scene("techno").unwrap();
        engine.keep_heard(true);
        let mut reader = engine.open_stream(48_000.0).unwrap();
        let bpm = Bpm::new(131.0).unwrap();
        let mut playhead = Playhead::at(0.0, bpm, Metre::FOUR_FOUR, true);
        let mut heard = Vec::new();
        let (mut left, mut right) = ([0.0; 480], [0.0; 480]);
        let mut jump_at = jump_at;
        for frames in [480, 64, 333, 1].into_iter().cycle() {
            let energy = Energy::new(50.0 + playhead.position as f32);
            let output = Output { main: [&mut left[..frames], &mut right[..frames]], stems: None };
            reader.process_offline(
                &playhead,
                &Controls { energy, ..Controls::default() },
                output,
                &mut |_| (),
            );
            heard.extend_from_slice(&left[..frames]);
            playhead = playhead.advanced(frames as f64 * bpm.quarters_per_frame(48_000.0));
            if jump_at.take_if(|at| playhead.position > *at).is_some() {
                playhead = Playhead::at(32.0, bpm, Metre::FOUR_FOUR, true);
            }
            if playhead.position > quarters {
                break;
            }
        }
        // What was heard stays when the music stops.
        playhead.playing = false;
        for _ in 0..50 {
            let output = Output { main: [&mut left, &mut right], stems: None };
            reader.process_offline(&playhead, &Controls::default(), output, &mut |_| ());
        }
        let patience = std::time::Instant::now();
        while engine.bars_heard() != bars {
            assert!(patience.elapsed().as_secs() < 20, "{} bars, not {bars}", engine.bars_heard());
            std::thread::yield_now();
        }
        (heard, engine)
    }

    #[test]
    fn the_last_bars_are_those_that_were_heard() {
        let (live, engine) = listened(17.0, None, 4);
        let heard = engine.heard(2).unwrap();
        let bar = 4.0 * 60.0 / 131.0 * 48_000.0f64;
        let (first, last) = ((2.0 * bar).round() as usize, (4.0 * bar).round() as usize);
        assert_eq!((heard.first_bar, heard.positions.as_slice()), (2, [8.0, 12.0].as_slice()));
        assert!(heard.main[0].len().abs_diff(last - first) <= 1);
        assert!((heard.bpm.get() - 131.0).abs() < 0.01);
        let found = (first - 1..=first + 1)
            .any(|from| live[from..].iter().zip(&heard.main[0]).all(|(live, kept)| live == kept));
        assert!(found, "the mix is not what was heard");
        assert!(heard.main[0].iter().any(|sample| sample.abs() > 0.05));
        let drums = &heard.stems[Role::Drums][0];
        assert!(drums.len() == heard.main[0].len() && drums.iter().any(|sample| sample.abs() > 0.01));
        assert!(heard.notes.iter().any(|note| note.role == Role::Drums && note.start < 2_000));
        assert!(heard.energies[1].get() > heard.energies[0].get());
        assert_eq!(engine.heard(99).unwrap().positions.len(), 4, "all there is");

        let main = heard.main[0].clone();
        let folder = tempfile::tempdir().unwrap();
        let order = HeardOrder {
            heard,
            loops: engine.history(),
            controls: Controls::default(),
            folder: folder.path().into(),
            parts: Parts::All,
        };
        let made = order.write().unwrap();
        assert!(made.ends_with("techno-1-bars-3-to-4"), "{}", made.display());
        let kept = hound::WavReader::open(made.join("mix.wav")).unwrap();
        let left: Vec<f32> = kept.into_samples::<f32>().step_by(2).map(Result::unwrap).collect();
        assert!(left == main, "the file is not what was heard");
        for file in ["mix.wav", "stems/lead.wav", "loop.mid", "roll.png"] {
            assert!(made.join(file).metadata().unwrap().len() > 100, "{file}");
        }
        // It is forgotten when nobody wants it any more.
        engine.keep_heard(false);
        while engine.bars_heard() != 0 {
            std::thread::yield_now();
        }
        assert!(engine.heard(1).is_none());
    }

    #[test]
    fn bars_before_a_jump_are_another_take() {
        let (_, engine) = listened(41.0, Some(10.0), 2);
        assert_eq!(engine.heard(8).unwrap().first_bar, 8);
    }
}
