//! A block in parts: the host's time at the start of each, and its list for what comes out, seen from there.

use super::super::events::Copied;
use clap_sys::events::*;
use clap_sys::fixedpoint::{CLAP_BEATTIME_FACTOR, CLAP_SECTIME_FACTOR};
use std::ffi::c_void;

/// What the host said of time, `frames` later at a sample rate in hertz.
pub fn advanced(mut transport: clap_event_transport, frames: u32, rate: f64) -> clap_event_transport {
    let has = |flag| transport.flags & flag != 0;
    if frames == 0 || !has(CLAP_TRANSPORT_IS_PLAYING) {
        return transport;
    }
    let seconds = f64::from(frames) / rate;
    // Casts of floats to integers end at the integers' ends, and so do the sums: no nonsense overflows.
    if has(CLAP_TRANSPORT_HAS_SECONDS_TIMELINE) {
        let passed = (seconds * CLAP_SECTIME_FACTOR as f64).round() as i64;
        transport.song_pos_seconds = transport.song_pos_seconds.saturating_add(passed);
    }
    if has(CLAP_TRANSPORT_HAS_TEMPO) && has(CLAP_TRANSPORT_HAS_BEATS_TIMELINE) {
        let tempo = transport.tempo + 0.5 * transport.tempo_inc * f64::from(frames);
        let quarters = (seconds * tempo / 60.0 * CLAP_BEATTIME_FACTOR as f64).round() as i64;
        transport.song_pos_beats = transport.song_pos_beats.saturating_add(quarters);
        transport.tempo += transport.tempo_inc * f64::from(frames);
        pass_bars(&mut transport);
    }
    transport
}

/// To the bar line at or before the position, counted from the one before.
fn pass_bars(transport: &mut clap_event_transport) {
    let (beats, unit) = (i64::from(transport.tsig_num), i64::from(transport.tsig_denom));
    if transport.flags & CLAP_TRANSPORT_HAS_TIME_SIGNATURE == 0 || beats == 0 || unit == 0 {
        return;
    }
    // Both have 16 bits, so that this is far from overflowing, and above 0.
    let bar = 4 * beats * CLAP_BEATTIME_FACTOR / unit;
    let bars = transport.song_pos_beats.saturating_sub(transport.bar_start).div_euclid(bar);
    if bars > 0 {
        transport.bar_start = transport.bar_start.saturating_add(bars.saturating_mul(bar));
        transport.bar_number = transport.bar_number.saturating_add(i32::try_from(bars).unwrap_or(i32::MAX));
    }
}

/// The host's list for events that come out, for a part that begins `offset` frames into the block.
pub struct Out {
    host: *const clap_output_events,
    offset: u32,
}

impl Out {
    pub fn new(host: *const clap_output_events, offset: u32) -> Self {
        Self { host, offset }
    }

    /// What nice-plug gets; valid as long as this stays where it is.
    pub fn list(&self) -> clap_output_events {
        clap_output_events { ctx: (&raw const *self).cast_mut().cast::<c_void>(), try_push: Some(push) }
    }
}

unsafe extern "C" fn push(list: *const clap_output_events, event: *const clap_event_header) -> bool {
    // SAFETY: `list` put itself there and stays for the call; the event is nice-plug's, the host's list the host's.
    unsafe {
        let out = &*(*list).ctx.cast_const().cast::<Out>();
        let (Some(host), Some(event)) = (out.host.as_ref(), event.as_ref()) else { return false };
        let mut moved = Copied::of(event);
        moved.set_time(event.time.saturating_add(out.offset));
        host.try_push.is_some_and(|push| push(host, moved.header()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEAT: i64 = CLAP_BEATTIME_FACTOR;

    fn at(position: i64, bar_start: i64) -> clap_event_transport {
        // SAFETY: zero is a transport that says nothing.
        let mut transport: clap_event_transport = unsafe { std::mem::zeroed() };
        transport.flags = CLAP_TRANSPORT_IS_PLAYING
            | CLAP_TRANSPORT_HAS_TEMPO
            | CLAP_TRANSPORT_HAS_BEATS_TIMELINE
            | CLAP_TRANSPORT_HAS_SECONDS_TIMELINE
            | CLAP_TRANSPORT_HAS_TIME_SIGNATURE;
        (transport.song_pos_beats, transport.bar_start, transport.bar_number) = (position, bar_start, 4);
        (transport.tempo, transport.tsig_num, transport.tsig_denom) = (120.0, 3, 4);
        transport
    }

    #[test]
    fn time_goes_on_from_bar_to_bar() {
        let later = advanced(at(10 * BEAT, 9 * BEAT), 72_000, 48_000.0);
        assert_eq!((later.song_pos_beats, later.song_pos_seconds), (13 * BEAT, 3 * CLAP_SECTIME_FACTOR / 2));
        assert_eq!((later.bar_start, later.bar_number), (12 * BEAT, 5));
        let mut standing = at(10 * BEAT, 9 * BEAT);
        standing.flags &= !CLAP_TRANSPORT_IS_PLAYING;
        assert_eq!(advanced(standing, 72_000, 48_000.0).song_pos_beats, 10 * BEAT);
    }

    #[test]
    fn nonsense_stays_nonsense_and_harms_nobody() {
        for (position, bar_start) in [(i64::MAX, i64::MIN), (i64::MIN, i64::MAX), (i64::MAX, 0)] {
            let mut mad = at(position, bar_start);
            (mad.song_pos_seconds, mad.bar_number) = (position, i32::MAX);
            for (tempo, beats, unit) in
                [(f64::NAN, 0, 0), (f64::INFINITY, u16::MAX, 1), (-1e300, 1, u16::MAX), (1e300, 1, u16::MAX)]
            {
                (mad.tempo, mad.tempo_inc, mad.tsig_num, mad.tsig_denom) = (tempo, tempo, beats, unit);
                for rate in [48_000.0, 0.0, f64::MIN_POSITIVE, -1.0, f64::NAN] {
                    advanced(mad, u32::MAX, rate);
                }
            }
        }
    }
}
