//! What a stem is made with. Most of a stem's memory is lines that few patches use; who knows all patches that will ever be
//! played need not carry the others'.

use crate::patch::{Patch, Sound};
use crate::source::SourceSpec;

/// The lines of one stem that are long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Fittings {
    /// That of the delay: 1.2 s.
    pub delay: bool,
    /// Strings or pipes of each of the 16 voices, 0 to 2: a lowest period each.
    pub strings: u8,
}

impl Fittings {
    /// All that any patch can need.
    pub const ALL: Self = Self { delay: true, strings: 2 };

    /// What a patch needs.
    #[must_use]
    pub fn of(patch: &Patch) -> Self {
        let strings = match &patch.sound {
            Sound::Pitched(spec) => match &spec.source {
                SourceSpec::Pluck(spec) => spec.strings(),
                SourceSpec::Sustained(spec) => u8::from(spec.is_noisy()),
                _ => 0,
            },
            Sound::Kit(_) | Sound::Texture(_) => 0,
        };
        Self { delay: patch.stem.delay > 0.0, strings }
    }

    /// What either needs.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self { delay: self.delay | other.delay, strings: self.strings.max(other.strings) }
    }

    /// Whether nothing that `other` needs is missing.
    #[must_use]
    pub fn suffice_for(self, other: Self) -> bool {
        self.and(other) == self
    }
}
