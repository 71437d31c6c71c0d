//! Faults made on purpose, to test what they cost: nothing in the product makes one.

use std::time::Duration;

/// A thread of the engine that does not touch the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Victim {
    /// Fills the ring.
    Renderer,
    /// Writes loops, or has them written.
    Composer,
}

/// What it is made to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It stands still for so long.
    Stall(Duration),
    /// It panics.
    Panic,
    /// It panics at the next loop that it is to write.
    PanicWriting,
}

impl Fault {
    /// Makes the calling thread do it.
    pub(crate) fn happen(self) {
        match self {
            Self::Stall(time) => std::thread::sleep(time),
            Self::Panic => panic!("a fault made on purpose"),
            Self::PanicWriting => {} // whoever writes looks for it
        }
    }
}
