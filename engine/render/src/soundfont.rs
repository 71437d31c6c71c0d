//! SoundFonts: a role played by somebody's recorded instruments.
//!
//! The files are read and played by `rustysynth`. It is made for files that are what they should be: a wrong count makes
//! it panic, a wrong length makes it ask for memory that is not there, a loop that is jumped over makes it read beyond the
//! samples. So every file is walked through before it is read, and what was read is looked over before it is played, see
//! [`guard`]; what panics all the same is caught, and the file refused or the player silent.
//!
//! # Threads
//! [`SoundFont::read`] and [`SoundFontPlayer::new`] allocate and take their time: any thread but those of the sound. A
//! player is then handed to the renderer whole, and the one that it takes the place of is handed back, so that nothing
//! is dropped where sound is made. Playing allocates nothing.

mod guard;
mod player;

pub use player::SoundFontPlayer;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// Why a SoundFont was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SoundFontError {
    /// The bytes are no SoundFont, or a broken one.
    #[error("the SoundFont cannot be read: {0}")]
    File(String),
    /// There is no such preset.
    #[error("the SoundFont has no preset {program} in bank {bank}")]
    Preset {
        /// The bank asked for.
        bank: u16,
        /// The program asked for.
        program: u8,
    },
    /// The preset cannot be played.
    #[error("preset {program} in bank {bank} of the SoundFont cannot be played: {reason}")]
    Unplayable {
        /// Its bank.
        bank: u16,
        /// Its program.
        program: u8,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The sample rate is outside what can be played.
    #[error("a SoundFont is played at 22050 to 192000 Hz; {0} is none of these")]
    SampleRate(String),
}

/// One instrument of a SoundFont.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoundFontPreset {
    /// Its bank; drum kits are in bank 128.
    pub bank: u16,
    /// Its program, 0 to 127.
    pub program: u8,
    /// Its name.
    pub name: String,
}

/// A SoundFont that was read and looked over. Copies share the samples.
#[derive(Debug, Clone)]
pub struct SoundFont {
    font: Arc<rustysynth::SoundFont>,
}

impl SoundFont {
    /// Reads a SoundFont 2 file from its bytes.
    ///
    /// # Errors
    /// [`SoundFontError::File`] with what is wrong, in one sentence.
    pub fn read(bytes: &[u8]) -> Result<Self, SoundFontError> {
        guard::walk(bytes).map_err(|reason| SoundFontError::File(reason.to_owned()))?;
        let font = catch_unwind(AssertUnwindSafe(|| rustysynth::SoundFont::new(&mut &bytes[..])))
            .map_err(|_| SoundFontError::File("its tables point to what is not there".to_owned()))?
            .map_err(|error| SoundFontError::File(error.to_string().to_lowercase()))?;
        guard::look_over(&font).map_err(|reason| SoundFontError::File(reason.to_owned()))?;
        Ok(Self { font: Arc::new(font) })
    }

    /// Its instruments, by bank and program.
    pub fn presets(&self) -> Vec<SoundFontPreset> {
        let presets = self.font.get_presets().iter();
        let known = presets.filter_map(|preset| {
            let bank = u16::try_from(preset.get_bank_number()).ok().filter(|bank| *bank <= 128)?;
            let program = u8::try_from(preset.get_patch_number()).ok().filter(|program| *program < 128)?;
            Some(SoundFontPreset { bank, program, name: preset.get_name().to_owned() })
        });
        let mut known: Vec<_> = known.collect();
        known.sort_by_key(|preset| (preset.bank, preset.program));
        known
    }
}
