//! Events as CLAP promises them to nice-plug: in order, within the block, each as large as its kind.
//!
//! nice-plug takes that for granted. A parameter beyond the block has it write behind the host's buffers, one before its
//! predecessor is an overflow, and system-exclusive bytes at null end the host. Hosts that keep their word, which is all
//! the time, are passed on as they are; of the others the events are copied, put in order and brought into the block.
//!
//! A block is cut into parts where it is longer than was announced, and where the host says within it that time goes
//! otherwise from there on: nice-plug would count the frames before once more.

use clap_sys::events::*;
use std::mem::{MaybeUninit, size_of};

/// How many events of a block are kept where they must be put in order. The rest is lost: nothing may be allocated here.
const CAPACITY: usize = 1024;

/// Room for any event that nice-plug reads.
#[derive(Clone, Copy)]
#[repr(C, align(8))]
pub struct Copied([MaybeUninit<u8>; Copied::SIZE]);

impl Copied {
    const SIZE: usize = 128;

    /// # Safety
    /// `event` is followed by as many bytes as it says.
    pub unsafe fn of(event: &clap_event_header) -> Self {
        let bytes = (event.size as usize).min(Self::SIZE);
        let mut copied = Self([MaybeUninit::zeroed(); Self::SIZE]);
        // SAFETY: both are at least that long.
        unsafe { std::ptr::copy_nonoverlapping((&raw const *event).cast(), copied.0.as_mut_ptr(), bytes) };
        copied
    }

    pub fn header(&self) -> *const clap_event_header {
        self.0.as_ptr().cast()
    }

    pub fn set_time(&mut self, time: u32) {
        // SAFETY: it lies as an event must, and begins with a header.
        unsafe { (*self.0.as_mut_ptr().cast::<clap_event_header>()).time = time };
    }

    /// Itself, if it says how time goes on.
    fn transport(&self) -> Option<clap_event_transport> {
        // SAFETY: it lies as an event must, and whole ones of this kind are as large as this.
        unsafe { is_transport(&*self.header()).then(|| *self.header().cast()) }
    }
}

const _: () = assert!(size_of::<clap_event_transport>() <= Copied::SIZE, "the largest event has room");

/// The events of one block, or of one flush. Allocated on the main thread, used by the audio thread.
pub struct Events {
    copies: Vec<Copied>,
    /// Time and index of each copy, in the order in which nice-plug sees them.
    order: Vec<(u32, usize)>,
    /// Those of the part that nice-plug looks at: the first, and the one behind the last.
    part: (usize, usize),
    view: clap_input_events,
}

impl Events {
    pub fn new() -> Self {
        let (copies, order) = (Vec::with_capacity(CAPACITY), Vec::with_capacity(CAPACITY));
        let view = clap_input_events { ctx: std::ptr::null_mut(), size: Some(size), get: Some(get) };
        Self { copies, order, part: (0, 0), view }
    }

    /// Looks at the events of a block of `frames`. The host's own list where nice-plug may have it as it is, with the whole
    /// block; else there are [parts](Self::part), of `longest` frames at most.
    ///
    /// # Safety
    /// `host` is null or a list of the host's, valid for the block.
    pub unsafe fn take(
        &mut self,
        host: *const clap_input_events,
        frames: u32,
        longest: u32,
    ) -> Option<*const clap_input_events> {
        self.copies.clear();
        self.order.clear();
        // SAFETY: as the caller vouches; each event has at least a header, and as many bytes as that says.
        unsafe {
            let is_short = frames <= longest;
            let Some(list) = host.as_ref() else { return is_short.then_some(host) };
            let (Some(count), Some(get)) = (list.size, list.get) else {
                return is_short.then_some(std::ptr::null());
            };
            let count = count(host);
            let last = frames.saturating_sub(1);
            let mut time = 0;
            let keeps_word = (0..count).all(|index| {
                let Some(event) = get(host, index).as_ref() else { return false };
                let in_order = (time..=last).contains(&event.time);
                time = event.time;
                in_order && is_whole(event) && !(time > 0 && is_transport(event))
            });
            if keeps_word && is_short {
                return Some(host);
            }
            for event in (0..count).map(|index| get(host, index)) {
                if self.copies.len() == CAPACITY {
                    break;
                }
                if let Some(event) = event.as_ref()
                    && is_whole(event)
                {
                    self.copy(event, last);
                }
            }
        }
        // Of one time in the order of the host.
        self.order.sort_unstable();
        None
    }

    /// The part of a block of `frames` that begins at `start`: where it ends, and its events, which hold until the next call.
    pub fn part(&mut self, start: u32, frames: u32, longest: u32) -> (u32, *const clap_input_events) {
        let first = self.order.partition_point(|(time, _)| *time < start);
        let cut = |(time, copy): &&(u32, usize)| *time > start && self.copies[*copy].transport().is_some();
        let changes = self.order[first..].iter().find(cut).map_or(frames, |(time, _)| *time);
        let end = changes.min(start.saturating_add(longest.max(1))).min(frames);
        // All that is left belongs to the last part.
        let behind = if end == frames {
            self.order.len()
        } else {
            self.order.partition_point(|(time, _)| *time < end)
        };
        for &(time, copy) in &self.order[first..behind] {
            self.copies[copy].set_time(time - start);
        }
        self.part = (first, behind);
        self.view.ctx = (&raw const *self).cast_mut().cast();
        (end, &self.view)
    }

    /// What the host last said of time up to a frame of the block, and at which frame.
    pub fn transport(&self, at: u32) -> Option<(u32, clap_event_transport)> {
        let before = self.order.partition_point(|(time, _)| *time <= at);
        self.order[..before]
            .iter()
            .rev()
            .find_map(|&(time, copy)| Some((time, self.copies[copy].transport()?)))
    }

    /// # Safety
    /// `event` is followed by as many bytes as it says.
    unsafe fn copy(&mut self, event: &clap_event_header, last: u32) {
        self.order.push((event.time.min(last), self.copies.len()));
        // SAFETY: as the caller vouches.
        self.copies.push(unsafe { Copied::of(event) });
    }
}

fn is_transport(event: &clap_event_header) -> bool {
    (event.space_id, event.type_) == (CLAP_CORE_EVENT_SPACE_ID, CLAP_EVENT_TRANSPORT)
}

/// Whether nice-plug may read all of it.
///
/// # Safety
/// `event` is followed by as many bytes as it says.
unsafe fn is_whole(event: &clap_event_header) -> bool {
    let least = match (event.space_id, event.type_) {
        (CLAP_CORE_EVENT_SPACE_ID, kind) => match kind {
            CLAP_EVENT_NOTE_ON..=CLAP_EVENT_NOTE_END => size_of::<clap_event_note>(),
            CLAP_EVENT_NOTE_EXPRESSION => size_of::<clap_event_note_expression>(),
            CLAP_EVENT_PARAM_VALUE => size_of::<clap_event_param_value>(),
            CLAP_EVENT_PARAM_MOD => size_of::<clap_event_param_mod>(),
            CLAP_EVENT_TRANSPORT => size_of::<clap_event_transport>(),
            CLAP_EVENT_MIDI => size_of::<clap_event_midi>(),
            CLAP_EVENT_MIDI_SYSEX => size_of::<clap_event_midi_sysex>(),
            _ => size_of::<clap_event_header>(),
        },
        _ => size_of::<clap_event_header>(),
    };
    let is_sysex = (event.space_id, event.type_) == (CLAP_CORE_EVENT_SPACE_ID, CLAP_EVENT_MIDI_SYSEX);
    event.size as usize >= least
        // SAFETY: of this kind, and as large.
        && (!is_sysex || !unsafe { &*(&raw const *event).cast::<clap_event_midi_sysex>() }.buffer.is_null())
}

unsafe extern "C" fn size(list: *const clap_input_events) -> u32 {
    // SAFETY: `take` put itself there, and nobody else uses it until the block is over.
    let (first, behind) = unsafe { &*(*list).ctx.cast_const().cast::<Events>() }.part;
    (behind - first) as u32
}

unsafe extern "C" fn get(list: *const clap_input_events, index: u32) -> *const clap_event_header {
    // SAFETY: as above.
    let events = unsafe { &*(*list).ctx.cast_const().cast::<Events>() };
    let part = events.order.get(events.part.0..events.part.1).unwrap_or_default();
    let copy = part.get(index as usize).and_then(|&(_, copy)| events.copies.get(copy));
    copy.map_or(std::ptr::null(), Copied::header)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::c_void;

    fn header<T>(kind: u16, time: u32) -> clap_event_header {
        clap_event_header { size: size_of::<T>() as u32, time, space_id: 0, type_: kind, flags: 0 }
    }

    fn midi(time: u32, key: u8) -> clap_event_midi {
        let header = header::<clap_event_midi>(CLAP_EVENT_MIDI, time);
        clap_event_midi { header, port_index: 0, data: [0x90, key, 100] }
    }

    /// A list of the host's.
    struct List(Vec<*const clap_event_header>);

    unsafe extern "C" fn list_size(list: *const clap_input_events) -> u32 {
        // SAFETY: `seen` put it there.
        unsafe { &*(*list).ctx.cast_const().cast::<List>() }.0.len() as u32
    }

    unsafe extern "C" fn list_get(list: *const clap_input_events, index: u32) -> *const clap_event_header {
        // SAFETY: `seen` put it there.
        unsafe { &*(*list).ctx.cast_const().cast::<List>() }.0[index as usize]
    }

    /// Time and key of what nice-plug sees of a block of 64 frames, and whether it sees the host's own list.
    fn seen(events: &mut Events, list: Vec<*const clap_event_header>) -> (Vec<(u32, u8)>, bool) {
        let list = List(list);
        let host = clap_input_events {
            ctx: (&raw const list).cast_mut().cast::<c_void>(),
            size: Some(list_size),
            get: Some(list_get),
        };
        // SAFETY: the list is valid, and all events in it that are left are of MIDI.
        unsafe {
            let given = events.take(&host, 64, 64).unwrap_or_else(|| events.part(0, 64, 64).1);
            let (count, get) = ((*given).size.unwrap(), (*given).get.unwrap());
            let all = (0..count(given)).map(|index| &*get(given, index).cast::<clap_event_midi>());
            (all.map(|event| (event.header.time, event.data[1])).collect(), std::ptr::eq(given, &host))
        }
    }

    fn as_header<T>(event: &T) -> *const clap_event_header {
        (&raw const *event).cast()
    }

    #[test]
    fn a_host_that_keeps_its_word_is_passed_on() {
        let events = [midi(0, 1), midi(0, 2), midi(63, 3)];
        let list = events.iter().map(as_header).collect();
        assert_eq!(seen(&mut Events::new(), list), (vec![(0, 1), (0, 2), (63, 3)], true));
    }

    #[test]
    fn what_is_out_of_order_or_beyond_the_block_is_put_right() {
        let mut events = Events::new();
        for _ in 0..2 {
            let sent = [midi(9, 1), midi(3, 2), midi(u32::MAX, 3), midi(9, 4), midi(64, 5)];
            let list = sent.iter().map(as_header).collect();
            assert_eq!(seen(&mut events, list), (vec![(3, 2), (9, 1), (9, 4), (63, 3), (63, 5)], false));
        }
    }

    #[test]
    fn what_cannot_be_read_is_left_out() {
        let mut short = midi(1, 1);
        short.header.size = 17;
        let sysex = clap_event_midi_sysex {
            header: header::<clap_event_midi_sysex>(CLAP_EVENT_MIDI_SYSEX, 2),
            port_index: 0,
            buffer: std::ptr::null(),
            size: 4,
        };
        let good = midi(3, 3);
        let list = vec![as_header(&short), as_header(&sysex), std::ptr::null(), as_header(&good)];
        assert_eq!(seen(&mut Events::new(), list), (vec![(3, 3)], false));
    }

    #[test]
    fn more_than_there_is_room_for_is_lost() {
        let sent: Vec<_> = (0..3000).map(|index| midi(3000 - index, 7)).collect();
        let (seen, _) = seen(&mut Events::new(), sent.iter().map(as_header).collect());
        assert_eq!(seen.len(), CAPACITY);
    }
}
