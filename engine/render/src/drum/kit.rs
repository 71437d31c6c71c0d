//! The hits of a kit that sound at once, and which of them silence others.

use super::DrumSpec;
use super::voice::{DrumVoice, Hit};
use crate::kernel::abreast::chains_abreast;
use crate::kernel::oscillator::Wavetables;
use sceneloop_music::DrumLane;

/// Most hits at once.
const HITS: usize = 16;
/// Places in which stolen hits fade.
const FADING: usize = 8;

/// Sounding hits.
pub(crate) struct DrumPool {
    hits: Vec<Option<DrumVoice>>,
    count: u64,
}

impl DrumPool {
    pub fn new() -> Self {
        Self { hits: vec![None; HITS + FADING], count: 0 }
    }

    pub fn reset(&mut self) {
        self.hits.fill(None);
        self.count = 0;
    }

    /// Strikes a lane.
    pub fn strike(&mut self, kit: &[DrumSpec; DrumLane::COUNT], mut hit: Hit, rate: f32) {
        let Some(spec) = kit.get(usize::from(hit.lane)) else { return };
        self.count += 1;
        hit.age = self.count;
        let hats = [DrumLane::ClosedHat as u8, DrumLane::OpenHat as u8];
        for other in self.hits.iter_mut().flatten() {
            // One pair of hats: each stroke ends the one before. A skin struck again has its old swing stopped.
            if hats.contains(&other.lane) && hats.contains(&hit.lane) {
                other.choke(0.012, rate);
            } else if other.lane == hit.lane && hit.lane == DrumLane::Kick as u8 {
                other.choke(0.006, rate);
            }
        }
        while self.hits.iter().flatten().filter(|other| !other.is_choked()).count() >= HITS {
            let quietest = self
                .hits
                .iter_mut()
                .flatten()
                .filter(|other| !other.is_choked())
                .min_by(|a, b| a.loudness().total_cmp(&b.loudness()).then(a.age.cmp(&b.age)));
            match quietest {
                Some(other) => other.choke(0.004, rate),
                None => break,
            }
        }
        if let Some(place) = self.hits.iter_mut().find(|place| place.is_none()) {
            *place = Some(DrumVoice::start(spec, &hit, rate));
        }
    }

    /// Adds the coming frames of all hits; says whether any sounded.
    pub fn render(&mut self, tables: &Wavetables, rate: f32, left: &mut [f32], right: &mut [f32]) -> bool {
        let frames = left.len();
        let mut any = false;
        for hit in self.hits.iter_mut().flatten() {
            hit.sound(tables, frames, rate);
            any = true;
        }
        chains_abreast(self.hits.iter_mut().flatten().filter_map(DrumVoice::air_chain), frames);
        chains_abreast(self.hits.iter_mut().flatten().filter_map(DrumVoice::metal_chain), frames);
        for place in &mut self.hits {
            if let Some(hit) = place
                && !hit.finish(left, right)
            {
                *place = None;
            }
        }
        any
    }
}
