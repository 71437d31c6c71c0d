//! A short text without a heap.

use std::fmt;

/// Bytes a label can hold.
const CAPACITY: usize = 31;

/// The id or name of a patch: at most 31 bytes of UTF-8, copied with the patch.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Label {
    bytes: [u8; CAPACITY],
    length: u8,
}

impl Label {
    /// `None` where the text is empty or too long.
    pub fn new(text: &str) -> Option<Self> {
        let length = u8::try_from(text.len()).ok().filter(|length| (1..=CAPACITY as u8).contains(length))?;
        let mut bytes = [0; CAPACITY];
        bytes[..text.len()].copy_from_slice(text.as_bytes());
        Some(Self { bytes, length })
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        // The bytes were a whole text when they came in, so this never falls back.
        std::str::from_utf8(&self.bytes[..usize::from(self.length)]).unwrap_or_default()
    }
}

impl fmt::Debug for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_texts_come_back_and_long_ones_are_refused() {
        for text in ["a", "bass-sub", "古筝", &"x".repeat(31)] {
            assert_eq!(Label::new(text).unwrap().as_str(), text);
        }
        assert!(Label::new("").is_none() && Label::new(&"x".repeat(32)).is_none());
    }
}
