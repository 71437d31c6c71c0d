//! The bounded set of voices of one role, and who must go when there are too many.

use crate::event::NoteId;
use crate::kernel::abreast::{chains_abreast, glides_abreast};
use crate::patch::VoiceSpec;
use crate::voice::{Context, Start, Voice};

/// Most notes of one role at once.
pub(crate) const VOICES: usize = 8;
/// Voices in which stolen notes fade while new ones already sound: a whole chord may be stolen at once.
const FADING: usize = 8;

/// Voices of one pitched role.
pub(crate) struct Pool {
    voices: Vec<Voice>,
    count: u64,
}

impl Pool {
    /// Voices with so many strings or pipes.
    pub fn new(rate: f32, strings: u8) -> Self {
        Self { voices: (0..VOICES + FADING).map(|_| Voice::new(rate, strings)).collect(), count: 0 }
    }

    /// Silence at once, and note counting from the start.
    pub fn reset(&mut self) {
        self.voices.iter_mut().for_each(Voice::stop);
        self.count = 0;
    }

    /// Begins a note. Where too many sound, the oldest released one goes, else the quietest.
    pub fn note_on(&mut self, spec: &VoiceSpec, mut start: Start, context: &Context) {
        self.count += 1;
        start.age = self.count;
        let allowed = usize::from(spec.voices).min(VOICES);
        if spec.glide_ms > 0.0 {
            let last = self.voices.iter().filter(|v| v.is_held() && !v.is_released()).max_by_key(|v| v.age());
            start.from = last.map(Voice::key_now);
        }
        while self.voices.iter().filter(|voice| voice.is_held()).count() >= allowed {
            let released =
                self.voices.iter_mut().filter(|v| v.is_held() && v.is_released()).min_by_key(|v| v.age());
            let victim = match released {
                Some(voice) => Some(voice),
                None => self
                    .voices
                    .iter_mut()
                    .filter(|v| v.is_held())
                    .min_by(|a, b| a.loudness().total_cmp(&b.loudness()).then(a.age().cmp(&b.age()))),
            };
            match victim {
                Some(voice) => voice.steal(context.rate),
                None => break,
            }
        }
        // More than a poolful of new notes within the few milliseconds of a fade: the last ones are not played.
        if let Some(voice) = self.voices.iter_mut().find(|voice| voice.is_free()) {
            voice.start(spec, &start, context);
        }
    }

    /// Lets a note go.
    pub fn note_off(&mut self, note: NoteId) {
        for voice in self.voices.iter_mut().filter(|voice| !voice.is_free() && voice.note() == note) {
            voice.release();
        }
    }

    /// Adds the coming frames of all voices to a stem; says whether any sounded.
    pub fn render(&mut self, context: &Context, left: &mut [f32], right: &mut [f32]) -> bool {
        let frames = left.len();
        let sounding = |voice: &&mut Voice| !voice.is_free();
        let mut any = false;
        for voice in self.voices.iter_mut().filter(sounding) {
            voice.sound(context, frames);
            any = true;
        }
        chains_abreast(self.voices.iter_mut().filter_map(Voice::source_chain), frames);
        glides_abreast(self.voices.iter_mut().filter_map(|voice| voice.filter_job(frames)), frames);
        for voice in self.voices.iter_mut().filter(sounding) {
            voice.add([&mut *left, &mut *right]);
        }
        any
    }
}
