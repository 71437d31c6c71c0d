//! Complete audio buffers for one block: every bus and every channel of the plugin has memory, whatever the host
//! left out.

use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// A value used by one thread at a time. The audio thread only ever tries; it never waits.
pub struct Exclusive<T> {
    busy: AtomicBool,
    value: UnsafeCell<T>,
}

// SAFETY: `busy` admits one thread at a time to `value`.
unsafe impl<T: Send> Sync for Exclusive<T> {}

impl<T> Exclusive<T> {
    pub fn new(value: T) -> Self {
        Self { busy: AtomicBool::new(false), value: UnsafeCell::new(value) }
    }

    /// `None` if another thread is inside.
    pub fn try_with<R>(&self, f: impl FnOnce(&mut T) -> R) -> Option<R> {
        struct Leave<'a>(&'a AtomicBool);
        impl Drop for Leave<'_> {
            fn drop(&mut self) {
                self.0.store(false, Ordering::Release);
            }
        }
        if self.busy.swap(true, Ordering::Acquire) {
            return None;
        }
        let _leave = Leave(&self.busy);
        // SAFETY: we are alone until `_leave` is dropped.
        Some(f(unsafe { &mut *self.value.get() }))
    }

    /// Puts a new value in and returns the old one, or gives the new one back after waiting a second for the audio
    /// thread.
    pub fn replace(&self, mut value: T) -> Result<T, T> {
        for _ in 0..1000 {
            if self.try_with(|held| std::mem::swap(held, &mut value)).is_some() {
                return Ok(value);
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        Err(value)
    }
}

/// What the host gave for one bus. `channels` may be null, and so may the pointers behind it.
#[derive(Clone, Copy)]
pub struct HostBus {
    pub channels: *const *mut f32,
    pub count: usize,
}

impl HostBus {
    pub const ABSENT: Self = Self { channels: std::ptr::null(), count: 0 };

    /// The memory of a channel, or null.
    ///
    /// # Safety
    /// `channels` is null or points to `count` pointers.
    pub unsafe fn channel(&self, index: usize) -> *mut f32 {
        if self.channels.is_null() || index >= self.count {
            return std::ptr::null_mut();
        }
        // SAFETY: `index` is below `count`, for which the caller vouches.
        unsafe { *self.channels.add(index) }
    }
}

/// All buses of one direction.
pub struct Buses {
    frames: usize,
    /// Channel pointers that nice-plug gets, per bus.
    pointers: Vec<Vec<*mut f32>>,
    /// Buses of two channels for which the host gave the first only; it gets half the sum of both.
    mono: Vec<bool>,
    /// One spare channel of `frames` samples for each of them. Those of inputs stay silent, since nice-plug copies
    /// inputs and never writes to them.
    spare: Vec<f32>,
}

// SAFETY: the pointers are only meaningful inside the `process` call that set them.
unsafe impl Send for Buses {}

impl Buses {
    pub fn new(channels: &[usize], frames: usize) -> Self {
        let frames = frames.max(1);
        Self {
            frames,
            pointers: channels.iter().map(|&count| vec![std::ptr::null_mut(); count]).collect(),
            mono: vec![false; channels.len()],
            spare: vec![0.0; frames * channels.iter().sum::<usize>()],
        }
    }

    pub fn len(&self) -> usize {
        self.pointers.len()
    }

    pub fn channels(&self, bus: usize) -> usize {
        self.pointers[bus].len()
    }

    pub fn pointers(&mut self, bus: usize) -> *mut *mut f32 {
        self.pointers[bus].as_mut_ptr()
    }

    /// Points every channel at the host's memory, `offset` samples in, or at spare memory. With `distinct`, memory
    /// given twice is used once: nice-plug makes a `&mut` slice of every output channel. Returns whether the host
    /// gave any channel at all.
    ///
    /// # Safety
    /// What `host` gives is valid for the block; at most `frames` samples from `offset` on are used.
    pub unsafe fn point(&mut self, offset: usize, distinct: bool, host: impl Fn(usize) -> HostBus) -> bool {
        let mut any = false;
        let mut spare = self.spare.chunks_exact_mut(self.frames);
        for bus in 0..self.pointers.len() {
            let given = host(bus);
            self.mono[bus] = false;
            for channel in 0..self.pointers[bus].len() {
                let spare = spare.next().map_or(std::ptr::null_mut(), <[f32]>::as_mut_ptr);
                // SAFETY: the caller vouches for what the host gave.
                let mut pointer = unsafe { given.channel(channel) };
                if pointer.is_null() {
                    pointer = spare;
                } else {
                    any = true;
                    // SAFETY: `offset` lies within the block.
                    pointer = unsafe { pointer.add(offset) };
                    let mut earlier =
                        self.pointers[..bus].iter().flatten().chain(&self.pointers[bus][..channel]);
                    if distinct && earlier.any(|&other| other == pointer) {
                        pointer = spare;
                    } else if channel == 0 && self.pointers[bus].len() == 2 {
                        // Hosts say so by the count, or by a second channel at null. Memory that is given twice is no
                        // mono: there are two, and they are the host's affair.
                        // SAFETY: as above.
                        self.mono[bus] = unsafe { given.channel(1) }.is_null();
                    }
                }
                self.pointers[bus][channel] = pointer;
            }
        }
        any
    }

    /// Makes one channel of two where the host gave memory for one, after the plugin has written both.
    ///
    /// # Safety
    /// [`Self::point`] was called for this block; at most as many samples as it was good for.
    pub unsafe fn fold(&mut self, frames: usize) {
        for (pointers, _) in self.pointers.iter().zip(&self.mono).filter(|(_, mono)| **mono) {
            let &[left, right] = &pointers[..] else { continue };
            for frame in 0..frames.min(self.frames) {
                // SAFETY: `left` is the host's memory, `right` spare memory of `self.frames` samples.
                unsafe { *left.add(frame) = 0.5 * (*left.add(frame) + *right.add(frame)) };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_and_repeated_channels_get_their_own_memory() {
        let mut memory = [1.0f32; 8];
        let first = memory.as_mut_ptr();
        // SAFETY: within `memory`.
        let second = unsafe { first.add(4) };
        let (half, same) = ([first, std::ptr::null_mut()], [first, second]);
        let mut buses = Buses::new(&[2, 2, 2], 4);
        let given = |bus| match bus {
            0 => HostBus { channels: half.as_ptr(), count: 2 },
            1 => HostBus { channels: same.as_ptr(), count: 2 },
            _ => HostBus::ABSENT,
        };
        // SAFETY: every pointer leads to four samples of `memory`.
        assert!(unsafe { buses.point(0, true, given) });
        let mut all: Vec<_> = buses.pointers.iter().flatten().copied().collect();
        assert_eq!((all[0], all[3]), (first, second));
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 6);
        for pointer in all {
            // SAFETY: four samples of `memory` or of the spare channels.
            unsafe { std::slice::from_raw_parts_mut(pointer, 4).fill(0.5) };
        }
        // SAFETY: nothing is given.
        assert!(!unsafe { buses.point(0, true, |_| HostBus::ABSENT) });
    }

    #[test]
    fn channels_beyond_the_hosts_are_spare_and_those_beyond_ours_unused() {
        let mut memory = [[0.0f32; 4]; 3];
        let pointers = memory.each_mut().map(|channel| channel.as_mut_ptr());
        let mut buses = Buses::new(&[2, 2], 4);
        let given = |bus| HostBus { channels: pointers.as_ptr(), count: if bus == 0 { 3 } else { 1 } };
        // SAFETY: every pointer leads to four samples.
        assert!(unsafe { buses.point(1, false, given) });
        assert_eq!(buses.pointers[0], [pointers[0].wrapping_add(1), pointers[1].wrapping_add(1)]);
        assert_eq!(buses.pointers[1][0], pointers[0].wrapping_add(1));
        assert_eq!(buses.pointers[1][1], buses.spare[12..].as_mut_ptr());
    }

    #[test]
    fn where_the_host_has_one_channel_it_gets_half_the_sum_of_two() {
        let (mut mono, mut half, mut stereo) = ([9.0f32; 4], [9.0f32; 4], [[9.0f32; 4]; 2]);
        let (one, first) = ([mono.as_mut_ptr()], [half.as_mut_ptr(), std::ptr::null_mut()]);
        let two = stereo.each_mut().map(|channel| channel.as_mut_ptr());
        let mut buses = Buses::new(&[2, 2, 2, 2], 4);
        let given = |bus| match bus {
            0 => HostBus { channels: one.as_ptr(), count: 1 },
            1 => HostBus { channels: two.as_ptr(), count: 2 },
            2 => HostBus { channels: first.as_ptr(), count: 2 },
            _ => HostBus::ABSENT,
        };
        // SAFETY: every pointer leads to four samples, of which the last three are used.
        unsafe {
            buses.point(1, true, given);
            for (channel, pointer) in buses.pointers.iter().flatten().enumerate() {
                std::slice::from_raw_parts_mut(*pointer, 3).fill(channel as f32);
            }
            buses.fold(3);
        }
        assert_eq!(mono, [9.0, 0.5, 0.5, 0.5]);
        assert_eq!(half, [9.0, 4.5, 4.5, 4.5]);
        assert_eq!(stereo, [[9.0, 2.0, 2.0, 2.0], [9.0, 3.0, 3.0, 3.0]]);
        // The next block is a stereo one.
        // SAFETY: as above.
        unsafe {
            buses.point(0, true, |_| HostBus { channels: two.as_ptr(), count: 2 });
            buses.fold(4);
        }
        assert_eq!(stereo, [[9.0, 2.0, 2.0, 2.0], [9.0, 3.0, 3.0, 3.0]]);
    }

    #[test]
    fn exclusive_refuses_a_second_user() {
        let cell = Exclusive::new(1);
        assert_eq!(cell.try_with(|_| cell.try_with(|_| ())), Some(None));
        assert_eq!(cell.replace(2), Ok(1));
        assert_eq!(cell.try_with(|value| *value), Some(2));
    }
}
