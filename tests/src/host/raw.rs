//! Events as no library would make them: of any kind, as short as one likes, and with null where an address belongs.

use clack_host::prelude::UnknownEvent;

/// An event that says it is `size` bytes long, and holds zeros.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub struct Raw {
    size: u32,
    time: u32,
    space: u16,
    kind: u16,
    flags: u32,
    rest: [u64; Self::REST],
}

impl Raw {
    const REST: usize = 14;
    /// Bytes of a header, which is all that an event must have.
    pub const LEAST: u32 = 16;
    /// Bytes of the longest.
    pub const MOST: u32 = Self::LEAST + 8 * Self::REST as u32;
    /// The kind of system-exclusive bytes; these lie at null.
    pub const EXCLUSIVE: u16 = 11;
    /// The kinds that there are.
    pub const KINDS: u16 = 13;

    /// An event of CLAP's own kinds, of [`Self::LEAST`] to [`Self::MOST`] bytes.
    pub fn new(kind: u16, size: u32, time: u32) -> Self {
        let size = size.clamp(Self::LEAST, Self::MOST);
        Self { size, time, space: 0, kind, flags: 0, rest: [0; Self::REST] }
    }
}

impl AsRef<UnknownEvent> for Raw {
    fn as_ref(&self) -> &UnknownEvent {
        // SAFETY: it begins as an event's header does, and is at least as long as it says.
        #[allow(unsafe_code)]
        unsafe {
            UnknownEvent::from_raw((&raw const *self).cast())
        }
    }
}
