//! One block of a host that has lost its mind: what it says of the song, and what it sends.

use anyhow::Result;
use arbitrary::Arbitrary;
use clack_host::events::event_types::*;
use clack_host::events::{EventFlags, EventHeader};
use clack_host::prelude::*;
use clack_host::utils::{BeatTime, SecondsTime};

use crate::host::{Host, Param, Raw, Transport};

/// The largest block that the host announces, in frames.
pub(super) const MAX_BLOCK: u32 = 512;

/// A number, mostly one that no one would send.
#[derive(Debug, Clone, Copy, Arbitrary)]
pub enum Number {
    Nan,
    Infinite,
    MinusInfinite,
    Whole(i16),
    /// 0 to 1.
    Share(u8),
    Bits(f64),
}

impl Number {
    fn get(self) -> f64 {
        match self {
            Self::Nan => f64::NAN,
            Self::Infinite => f64::INFINITY,
            Self::MinusInfinite => f64::NEG_INFINITY,
            Self::Whole(number) => number.into(),
            Self::Share(share) => f64::from(share) / 255.0,
            Self::Bits(number) => number,
        }
    }
}

/// A time in the fixed point of CLAP: whole beats or seconds, or anything.
#[derive(Debug, Clone, Copy, Arbitrary)]
pub enum Time {
    Whole(i8),
    Thousandths(i32),
    Bits(i64),
}

impl Time {
    fn bits(self) -> i64 {
        match self {
            Self::Whole(whole) => BeatTime::from_int(whole.into()).to_bits(),
            Self::Thousandths(count) => BeatTime::from_float(f64::from(count) / 1e3).to_bits(),
            Self::Bits(bits) => bits,
        }
    }

    fn beats(self) -> BeatTime {
        BeatTime::from_bits(self.bits())
    }

    fn seconds(self) -> SecondsTime {
        SecondsTime::from_bits(self.bits())
    }
}

/// What the host says of the song.
#[derive(Debug, Clone, Copy, Arbitrary)]
pub struct Told {
    flags: u8,
    tempo: Number,
    tempo_inc: Number,
    position: (Time, Time),
    cycle: (Time, Time),
    bar: (Time, i32),
    metre: (u16, u16),
    /// Whether the metre is one that there is, after all.
    is_metre_sane: bool,
}

impl Told {
    fn event(&self, time: u32) -> TransportEvent {
        let (mut beats, mut unit) = self.metre;
        if self.is_metre_sane {
            (beats, unit) = (1 + beats % 12, [2, 4, 8, 16][usize::from(unit % 4)]);
        }
        TransportEvent {
            header: EventHeader::new_core(time, EventFlags::empty()),
            flags: TransportFlags::from_bits_retain(self.flags.into()),
            song_pos_beats: self.position.0.beats(),
            song_pos_seconds: self.position.1.seconds(),
            tempo: self.tempo.get(),
            tempo_inc: self.tempo_inc.get(),
            loop_start_beats: self.cycle.0.beats(),
            loop_end_beats: self.cycle.1.beats(),
            loop_start_seconds: self.cycle.0.seconds(),
            loop_end_seconds: self.cycle.1.seconds(),
            bar_start: self.bar.0.beats(),
            bar_number: self.bar.1,
            time_signature_numerator: beats,
            time_signature_denominator: unit,
        }
    }
}

/// An event.
#[derive(Debug, Clone, Arbitrary)]
pub enum Sent {
    /// A parameter by its place in the list, or by an id that may not exist.
    Param { index: u8, any_id: Option<u32>, value: Number, is_modulated: bool },
    /// On, off or choke, with port, channel, key and note id.
    Note { kind: u8, target: (i16, i16, i16, i32), velocity: Number },
    /// Bytes of MIDI.
    Midi([u8; 3]),
    /// The song, in the middle of a block.
    Told(Told),
    /// Of any kind, as long as it says, all zeros: system-exclusive bytes lie at null.
    Raw { is_exclusive: bool, kind: u8, size: u8 },
}

impl Sent {
    /// Whether a keyboard could send it.
    pub fn is_played(&self) -> bool {
        matches!(self, Self::Note { .. } | Self::Midi(_))
    }
}

/// Where in the block: in it, or anywhere.
#[derive(Debug, Clone, Copy, Arbitrary)]
pub enum Frame {
    Within(u16),
    Anywhere(u32),
}

/// One block.
#[derive(Debug, Arbitrary)]
pub struct Moment {
    frames: u16,
    /// What is said of the song; nothing but the truth without.
    pub(super) told: Option<Told>,
    /// What is sent, in this order.
    pub(super) events: Vec<Sent>,
    frames_of_events: [Frame; 8],
    /// Whether all of it is sent before the block and without one.
    is_flushed: bool,
    /// Whether every parameter is moved, and to where.
    pub(super) moves_all: bool,
    values: [Number; 8],
}

impl Moment {
    pub(super) fn play(&self, host: &mut Host, song: &mut Transport) -> Result<()> {
        let frames = 1 + u32::from(self.frames) % MAX_BLOCK;
        // A bounce by the network would take seconds.
        let movable = |param: &&Param| !["Composer", "Device"].contains(&param.name.as_str());
        let params: Vec<Param> = host.params().iter().filter(movable).cloned().collect();
        let times = self.frames_of_events.iter().map(|frame| match frame {
            Frame::Within(frame) => u32::from(*frame) % frames,
            Frame::Anywhere(frame) => *frame,
        });
        let times: Vec<u32> = times.collect();
        for (event, time) in self.events.iter().take(64).zip(times.iter().cycle()) {
            send(host, event, *time, &params);
        }
        if self.moves_all {
            let places = self.values.iter().cycle().zip(times.iter().cycle());
            for (one, (value, time)) in params.iter().zip(places) {
                let value = match value {
                    Number::Share(share) => one.min + f64::from(*share) / 255.0 * (one.max - one.min),
                    value => value.get(),
                };
                param(host, one.id, value, *time, false);
            }
        }
        if self.is_flushed {
            host.flush()?;
        }
        match self.told {
            Some(told) => host.block_with(frames as usize, &told.event(0)),
            None => host.block(frames as usize, song),
        }
    }
}

fn param(host: &mut Host, id: u32, value: f64, time: u32, is_modulated: bool) {
    let Some(id) = ClapId::from_raw(id) else { return };
    if is_modulated {
        host.send(&ParamModEvent::new(time, id, Pckn::match_all(), value));
    } else {
        host.send(&ParamValueEvent::new(time, id, Pckn::match_all(), value));
    }
}

fn send(host: &mut Host, event: &Sent, time: u32, params: &[Param]) {
    match event {
        Sent::Param { index, any_id, value, is_modulated } => {
            let known = params[usize::from(*index) % params.len()].id;
            // An id that is not ours, and not by chance the composer's.
            let id = any_id.filter(|id| !host.params().iter().any(|param| param.id == *id)).unwrap_or(known);
            param(host, id, value.get(), time, *is_modulated);
        }
        Sent::Note { kind, target: (port, channel, key, id), velocity } => {
            let target = Pckn::from_raw(*port, *channel, *key, *id);
            match kind % 4 {
                0 | 1 => host.send(&NoteOnEvent::new(time, target, velocity.get())),
                2 => host.send(&NoteOffEvent::new(time, target, velocity.get())),
                _ => host.send(&NoteChokeEvent::new(time, target)),
            }
        }
        Sent::Midi(bytes) => host.send(&MidiEvent::new(time, 0, *bytes)),
        Sent::Told(told) => host.send(&told.event(time)),
        Sent::Raw { is_exclusive, kind, size } => {
            let kind = if *is_exclusive { Raw::EXCLUSIVE } else { u16::from(*kind) % Raw::KINDS };
            host.send(&Raw::new(kind, u32::from(*size), time));
        }
    }
}
