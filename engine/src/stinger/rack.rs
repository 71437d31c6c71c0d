//! Two players of stingers, so that one that takes over begins on its frame while the other fades.

use super::player::Player;
use super::score::Score;
use super::sounds::{Palette, Sounds};
use crate::stream::{StreamBlock, StreamNote};
use sceneloop_music::Stinger;
use sceneloop_render::{RenderError, StemBlock};

/// Notes that have been struck and are not yet due at the output; more are never inside the master's lookahead.
const WAITING: usize = 192;

/// Lives on the audio thread. While no stinger sounds it does nothing.
pub(crate) struct Rack {
    players: [Player; 2],
    /// The one that played last.
    newest: usize,
    sounds: &'static Sounds,
    /// Starts and ends on their way to the output.
    notes: [Option<StreamNote>; WAITING],
}

impl Rack {
    /// # Errors
    /// As [`sceneloop_render::Renderer::fitted`].
    pub fn new(sample_rate: f64, sounds: &'static Sounds) -> Result<Self, RenderError> {
        let (patches, fittings) = (sounds.any(), sounds.fittings());
        let player = || Player::new(sample_rate, &patches, &fittings);
        let players = [player()?, player()?];
        Ok(Self { players, newest: 0, sounds, notes: [None; WAITING] })
    }

    /// Whether anything sounds.
    pub fn is_on(&self) -> bool {
        self.players.iter().any(Player::is_on)
    }

    /// Begins a stinger on a frame of a block; what plays already ends.
    pub fn begin(
        &mut self,
        stinger: Stinger,
        palette: Palette,
        score: &Score,
        gain: f32,
        block: &StreamBlock,
        at: usize,
    ) {
        if self.players[self.newest].is_on() {
            self.players[self.newest].retire();
            self.newest = 1 - self.newest;
        }
        let patches = self.sounds.get(palette, stinger);
        self.players[self.newest].begin(score, patches, gain, block, at);
    }

    /// Makes what belongs to a block of the stream, if that has not been done.
    pub fn render(&mut self, block: &StreamBlock) {
        let notes = &mut self.notes;
        for player in &mut self.players {
            player.render(block, &mut |note| {
                // Without room it is lost: neither its start nor its end would be due in order any more.
                if let Some(place) = notes.iter_mut().find(|place| place.is_none()) {
                    *place = Some(note);
                }
            });
        }
    }

    /// The stems of those who play, of the block that was rendered last.
    pub fn sounding(&self) -> impl Iterator<Item = &StemBlock> {
        self.players.iter().filter(|player| player.is_on()).map(Player::stems)
    }

    /// The next start or end before frame `end` of the epoch, the earliest first, ends before starts.
    pub fn due(&self, end: u64) -> Option<StreamNote> {
        let waiting = self.notes.iter().flatten().filter(|note| note.frame < end);
        waiting.min_by_key(|note| (note.frame, note.velocity > 0.0)).copied()
    }

    /// Takes away what [`Self::due`] gave.
    pub fn take(&mut self, note: StreamNote) {
        if let Some(place) = self.notes.iter_mut().find(|place| **place == Some(note)) {
            *place = None;
        }
    }

    /// Silence at once, and no notes on their way.
    pub fn cut(&mut self) {
        self.players.iter_mut().for_each(Player::cut);
        self.notes = [None; WAITING];
    }
}
