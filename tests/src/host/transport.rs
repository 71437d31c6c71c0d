//! The song as the host tells it to the plugin.

use clack_host::events::event_types::{TransportEvent, TransportFlags};
use clack_host::events::{EventFlags, EventHeader};
use clack_host::utils::{BeatTime, SecondsTime};
use vst3::Steinberg::Vst::ProcessContext;
use vst3::Steinberg::Vst::ProcessContext_::StatesAndFlags_ as Known;

use super::Mark;

/// Position, tempo and metre. Positions count quarter notes.
///
/// A position is always computed from where the tempo last changed, never summed up block by block: what the tests call
/// drift must not be the host's own.
#[derive(Debug, Clone, PartialEq)]
pub struct Transport {
    playing: bool,
    bpm: f64,
    metre: (u16, u16),
    /// Position at which the present tempo began, and frames since.
    origin: f64,
    frames: u64,
    /// Frames per quarter note are known only when the first block was played.
    position: f64,
    /// Start and number of a bar from which the others are counted in the present metre.
    metre_origin: (f64, i32),
    /// Quarter notes.
    cycle: Option<(f64, f64)>,
}

impl Transport {
    /// A rolling transport at the start of a song in 4/4, tempo in quarter notes a minute.
    pub fn rolling(bpm: f64) -> Self {
        Self {
            playing: true,
            bpm,
            metre: (4, 4),
            origin: 0.0,
            frames: 0,
            position: 0.0,
            metre_origin: (0.0, 0),
            cycle: None,
        }
    }

    /// The same, standing still.
    pub fn stopped(bpm: f64) -> Self {
        Self { playing: false, ..Self::rolling(bpm) }
    }

    /// The same in another metre, from the song's start on.
    pub fn in_metre(mut self, beats: u16, unit: u16) -> Self {
        self.metre = (beats, unit);
        self
    }

    /// Present position in quarter notes.
    pub fn position(&self) -> f64 {
        self.position
    }

    /// Present tempo in quarter notes a minute.
    pub fn bpm(&self) -> f64 {
        self.bpm
    }

    /// Jumps to a position in quarter notes.
    pub fn locate(&mut self, position: f64) {
        (self.origin, self.position, self.frames) = (position, position, 0);
    }

    /// Starts or stops.
    pub fn set_playing(&mut self, playing: bool) {
        self.playing = playing;
        self.locate(self.position);
    }

    /// Changes the tempo from here on, in quarter notes a minute.
    pub fn set_bpm(&mut self, bpm: f64) {
        if bpm != self.bpm {
            self.bpm = bpm;
            self.locate(self.position);
        }
    }

    /// Changes the metre from the present position on, which begins a bar.
    pub fn set_metre(&mut self, beats: u16, unit: u16) {
        let (_, bar) = self.bar();
        self.metre_origin = (self.position, bar + 1);
        self.metre = (beats, unit);
    }

    /// Switches the host's loop on, from and to in quarter notes. The host wraps between blocks.
    pub fn set_cycle(&mut self, from: f64, to: f64) {
        self.cycle = Some((from, to));
    }

    /// Switches the host's loop off.
    pub fn clear_cycle(&mut self) {
        self.cycle = None;
    }

    /// Whether it rolls.
    pub fn is_playing(&self) -> bool {
        self.playing
    }

    fn quarters_per_bar(&self) -> f64 {
        4.0 * f64::from(self.metre.0) / f64::from(self.metre.1)
    }

    /// Start in quarter notes and number of the present bar.
    fn bar(&self) -> (f64, i32) {
        let (start, number) = self.metre_origin;
        let bars = ((self.position - start) / self.quarters_per_bar() + 1e-9).floor();
        (start + bars * self.quarters_per_bar(), number + bars as i32)
    }

    /// What holds at the first frame of a block.
    pub(crate) fn mark(&self, frame: u64, rate: f64) -> Mark {
        let quarters_per_frame = if self.playing { self.bpm / (60.0 * rate) } else { 0.0 };
        Mark { frame, position: self.position, quarters_per_frame }
    }

    /// Moves on behind a block.
    pub fn advance(&mut self, frames: usize, rate: f64) {
        if !self.playing {
            return;
        }
        self.frames += frames as u64;
        self.position = self.origin + self.frames as f64 * self.bpm / (60.0 * rate);
        if let Some((from, to)) = self.cycle
            && self.position >= to
        {
            self.locate(from + (self.position - to));
        }
    }

    /// What a CLAP plugin is told in the middle of a block.
    pub fn event_at(&self, frame: u32) -> TransportEvent {
        TransportEvent { header: EventHeader::new_core(frame, EventFlags::empty()), ..self.event() }
    }

    /// What a CLAP plugin is told at the first frame of a block.
    pub fn event(&self) -> TransportEvent {
        let (bar_start, bar_number) = self.bar();
        let seconds = |quarters: f64| SecondsTime::from_float(quarters * 60.0 / self.bpm);
        let (from, to) = self.cycle.unwrap_or_default();
        let mut flags = TransportFlags::HAS_TEMPO
            | TransportFlags::HAS_BEATS_TIMELINE
            | TransportFlags::HAS_SECONDS_TIMELINE
            | TransportFlags::HAS_TIME_SIGNATURE;
        flags.set(TransportFlags::IS_PLAYING, self.playing);
        flags.set(TransportFlags::IS_LOOP_ACTIVE, self.cycle.is_some());
        TransportEvent {
            header: EventHeader::new_core(0, EventFlags::empty()),
            flags,
            song_pos_beats: BeatTime::from_float(self.position),
            song_pos_seconds: seconds(self.position),
            tempo: self.bpm,
            tempo_inc: 0.0,
            loop_start_beats: BeatTime::from_float(from),
            loop_end_beats: BeatTime::from_float(to),
            loop_start_seconds: seconds(from),
            loop_end_seconds: seconds(to),
            bar_start: BeatTime::from_float(bar_start),
            bar_number,
            time_signature_numerator: self.metre.0,
            time_signature_denominator: self.metre.1,
        }
    }

    /// What a VST3 plugin is told at the first frame of a block, `steady` frames after the host's first.
    pub(crate) fn context(&self, rate: f64, steady: i64) -> ProcessContext {
        let (from, to) = self.cycle.unwrap_or_default();
        let known = [
            Known::kTempoValid,
            Known::kTimeSigValid,
            Known::kProjectTimeMusicValid,
            Known::kBarPositionValid,
            Known::kContTimeValid,
        ];
        let playing = if self.playing { Known::kPlaying } else { 0 };
        let cycle = if self.cycle.is_some() { Known::kCycleValid | Known::kCycleActive } else { 0 };
        // SAFETY: numbers only, for which zero is nothing.
        #[allow(unsafe_code)]
        let nothing: ProcessContext = unsafe { std::mem::zeroed() };
        ProcessContext {
            state: known.into_iter().fold(playing | cycle, |all, one| all | one),
            sampleRate: rate,
            projectTimeSamples: (self.position * 60.0 / self.bpm * rate).round() as i64,
            continousTimeSamples: steady,
            projectTimeMusic: self.position,
            barPositionMusic: self.bar().0,
            cycleStartMusic: from,
            cycleEndMusic: to,
            tempo: self.bpm,
            timeSigNumerator: i32::from(self.metre.0),
            timeSigDenominator: i32::from(self.metre.1),
            ..nothing
        }
    }
}
