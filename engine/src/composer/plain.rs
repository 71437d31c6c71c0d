//! What plays where composing failed.

use crate::arranger::LoopKey;
use sceneloop_model::generator::{composing_key, tonic_chord};
use sceneloop_music::{Clip, LoopGrid, Note, Rank, Role};

/// The tonic, and its fifth where the mode has one, held by pad and bass. Valid in every mode.
pub(crate) fn plain(key: &LoopKey) -> LoopGrid {
    let mut grid = LoopGrid::empty(key.metre, key.bars, composing_key(key.mode), tonic_chord(key.mode));
    let bar = key.metre.steps_per_bar() as u16;
    let held = |pitch: i8| {
        let note = move |index: u16| {
            let onset = index * bar;
            Note { onset, duration: bar, pitch, velocity: 80, rank: Rank::ALWAYS }
        };
        (0..u16::from(key.bars)).map(note).collect::<Vec<_>>()
    };
    grid.clips[Role::Bass] = Clip::new(held(-24));
    let pad = if key.mode.contains(7) { [held(-12), held(-5)].concat() } else { held(-12) };
    grid.clips[Role::Pad] = Clip::new(pad);
    grid
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arranger::Part;
    use crate::edits::Edits;
    use sceneloop_music::Mode;

    #[test]
    fn the_plain_loop_is_valid_everywhere() {
        for mode in Mode::ALL {
            for (metre, bars) in [("4/4", 4), ("7/8", 1), ("12/8", 8)] {
                let key = LoopKey {
                    scene: 1,
                    seed: 1,
                    mode,
                    metre: metre.parse().unwrap(),
                    bars,
                    index: 0,
                    part: Part::Plain,
                    edits: Edits::default(),
                };
                assert_eq!(plain(&key).validate(), Ok(()), "{mode} {metre}");
            }
        }
    }
}
