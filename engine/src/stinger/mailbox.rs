//! Events from any thread to the audio thread, without a lock: one bit each.

use sceneloop_music::{EventId, Quantise};
use std::sync::atomic::{AtomicU32, Ordering};

/// A set of events for each grid that was asked for, and one for those that wait as they usually do. Written by any
/// thread, emptied by the audio thread at the start of a block. An event that is asked for twice within a block happens once.
#[derive(Debug, Default)]
pub(crate) struct Mailbox([AtomicU32; 1 + Quantise::ALL.len()]);

impl Mailbox {
    pub fn put(&self, event: EventId, quantise: Option<Quantise>) {
        let place = quantise.map_or(0, |grid| 1 + grid as usize);
        self.0[place].fetch_or(1 << event.index(), Ordering::Relaxed);
    }

    /// Gives out and forgets what was put in.
    pub fn take(&self, mut each: impl FnMut(EventId, Option<Quantise>)) {
        for (place, set) in self.0.iter().enumerate() {
            if set.load(Ordering::Relaxed) == 0 {
                continue; // almost always; reading alone leaves the line to all processors
            }
            let mut events = set.swap(0, Ordering::Relaxed);
            let quantise = place.checked_sub(1).map(|grid| Quantise::ALL[grid]);
            while events != 0 {
                if let Some(event) = EventId::new(events.trailing_zeros() as usize) {
                    each(event, quantise);
                }
                events &= events - 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sceneloop_music::Stinger;

    #[test]
    fn what_is_put_in_comes_out_once() {
        let mailbox = Mailbox::default();
        let last = EventId::new(EventId::COUNT - 1).unwrap();
        mailbox.put(Stinger::Boss.into(), None);
        mailbox.put(Stinger::Boss.into(), None);
        mailbox.put(last, Some(Quantise::Bar));
        mailbox.put(Stinger::Victory.into(), Some(Quantise::Now));
        let mut out = Vec::new();
        mailbox.take(|event, quantise| out.push((event, quantise)));
        let expected = [
            (Stinger::Boss.into(), None),
            (Stinger::Victory.into(), Some(Quantise::Now)),
            (last, Some(Quantise::Bar)),
        ];
        assert_eq!(out, expected);
        mailbox.take(|_, _| panic!("it is empty"));
    }
}
