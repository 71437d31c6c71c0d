//! One block: from the host's transport, notes, controllers and parameters to audio and notes.
//!
//! The audio thread runs [`Processor::process`] and [`Processor::reset`]; nothing in them allocates, locks, waits or
//! logs, except that an offline bounce waits for the composer and the renderer. The main thread runs the rest while
//! the host keeps the audio thread away.

use crate::host_guard::HostLink;
use crate::midi::{self, EnergyLatch, TonicLatch};
use crate::params::SceneloopParams;
use crate::transport::TransportReader;
use nice_plug::prelude::*;
use nice_plug::util::permit_alloc;
use sceneloop_engine::{Controls, Cue, NoteOut, Output, PlayMode, StreamReader};
use sceneloop_music::{EventId, Quantise, Role};
use std::sync::Arc;

/// Left and right of one bus.
type Pair<'a> = [&'a mut [f32]; 2];

/// Everything the audio thread owns.
pub struct Processor {
    params: Arc<SceneloopParams>,
    /// `Some` while active and the engine could open a stream.
    reader: Option<StreamReader>,
    transport: TransportReader,
    tonic: TonicLatch,
    energy: EnergyLatch,
    /// The event parameter and whether the music rolled, in the last block.
    event: (Option<EventId>, bool),
    /// Knows whether the host renders offline.
    link: Arc<HostLink>,
    /// The longest part of a block that is passed on at once. Longer blocks than announced do happen.
    max_frames: usize,
    sample_rate: f64,
}

impl Processor {
    /// A processor without a stream: silent until activated.
    pub fn new(params: Arc<SceneloopParams>, link: Arc<HostLink>) -> Self {
        let transport = TransportReader::new(48_000.0);
        let (tonic, energy, event) = (TonicLatch::default(), EnergyLatch::default(), (None, false));
        Self {
            params,
            reader: None,
            transport,
            tonic,
            energy,
            event,
            link,
            max_frames: 512,
            sample_rate: 48_000.0,
        }
    }

    /// Opens the stream. For the main thread. Without an engine the plugin is silent and the window says why.
    pub fn activate(&mut self, config: &BufferConfig) -> bool {
        self.reader = None; // the old one ends here, off the audio thread
        self.sample_rate = f64::from(config.sample_rate);
        self.transport = TransportReader::new(self.sample_rate);
        self.max_frames = (config.max_buffer_size as usize).max(1);
        let Some(engine) = self.params.engine.engine() else { return true };
        engine.set_preference(self.params.preference()); // before any loop is asked for
        self.reader = engine.open_stream(self.sample_rate).ok();
        self.reader.is_some()
    }

    /// Closes the stream. For the main thread.
    pub fn deactivate(&mut self) {
        self.reader = None;
    }

    /// Back to the start of the song, and to the parameters of key and energy.
    pub fn reset(&mut self) {
        self.transport.reset();
        self.tonic.reset();
        self.energy.reset();
        self.params.controller.say(None);
        self.event.1 = false;
        if let Some(reader) = &mut self.reader {
            reader.reset();
        }
    }

    /// Fills one block.
    pub fn process<P: Plugin>(
        &mut self,
        buffer: &mut Buffer,
        aux: &mut AuxiliaryBuffers,
        context: &mut impl ProcessContext<P>,
    ) -> ProcessStatus {
        let quantise = self.params.quantise();
        let frames = buffer.samples();
        self.energy.follow(&self.params.energy, &self.params.controller);
        let mut waiting = None;
        // Where the controller moves the energy, a block is taken in parts, as nice-plug takes it where a parameter moves.
        let mut until = self.listen(context, &mut waiting, 0, frames, quantise);
        let is_offline = self.link.is_offline();
        // Hosts bounce past the end of a loop that is switched on. What is not foreseen is followed as a jump.
        let mut playhead = self.transport.read(context.transport(), frames, self.link.block(), !is_offline);
        let mut controls = self.controls();
        let rolls = playhead.playing || controls.play == PlayMode::Always;
        if let Some(event) = self.turned(rolls)
            && let Some(reader) = &mut self.reader
        {
            reader.cue(Cue { frame: 0, event, quantise });
        }
        let quarters_per_frame = playhead.bpm.quarters_per_frame(self.sample_rate);
        let mut start = 0;
        while start < frames {
            if start == until {
                until = self.listen(context, &mut waiting, start, frames, quantise);
                controls = self.controls();
            }
            let end = until.min(start + self.max_frames);
            let Some(main) = part(buffer, start, end) else {
                return ProcessStatus::Error("no stereo output");
            };
            match &mut self.reader {
                Some(reader) => {
                    let output = Output { main, stems: stems(aux, start, end) };
                    // A host without room for more notes loses them; there is nothing better to do here.
                    let mut send =
                        |note: NoteOut| drop(context.try_send_event(midi::event(note, start as u32)));
                    if is_offline {
                        // A bounce has no deadline: its requests to the renderer may allocate.
                        permit_alloc(|| reader.process_offline(&playhead, &controls, output, &mut send));
                    } else {
                        reader.process(&playhead, &controls, output, &mut send);
                    }
                }
                None => silence(main, stems(aux, start, end)),
            }
            if playhead.playing {
                playhead = playhead.advanced((end - start) as f64 * quarters_per_frame);
            }
            start = end;
        }
        self.params.controller.say(self.energy.ridden(&self.params.energy));
        ProcessStatus::KeepAlive
    }
}

impl Processor {
    /// Takes the host's events up to the next one behind `start` that moves the energy, which waits: its frame, or that of
    /// the block's end.
    fn listen<P: Plugin>(
        &mut self,
        context: &mut impl ProcessContext<P>,
        waiting: &mut Option<PluginNoteEvent<P>>,
        start: usize,
        frames: usize,
        quantise: Option<Quantise>,
    ) -> usize {
        while let Some(event) = waiting.take().or_else(|| context.next_event()) {
            let frame = event.timing() as usize;
            if self.energy.is_moved_by(&event, &self.params.controller) {
                if frame >= frames {
                    self.energy.take_late(&event);
                    continue;
                }
                if frame > start {
                    *waiting = Some(event);
                    return frame;
                }
                self.energy.take(&event, &self.params.controller);
            }
            self.tonic.take(&event);
            if let Some((frame, event)) = midi::trigger(&event)
                && let Some(reader) = &mut self.reader
            {
                reader.cue(Cue { frame: frame.saturating_sub(start as u32), event, quantise });
            }
        }
        frames
    }

    /// What holds at the first frame of a part.
    fn controls(&self) -> Controls {
        let parameters = self.params.controls(self.tonic.tonic());
        let ridden = self.energy.ridden(&self.params.energy);
        Controls { energy: ridden.unwrap_or(parameters.energy), ..parameters }
    }

    /// The event that the parameter has been turned to while the music rolls. Where it begins to roll a host sets all
    /// parameters to what they were there: that is none.
    fn turned(&mut self, rolls: bool) -> Option<EventId> {
        let chosen = self.params.event.value().0;
        let (before, rolled) = std::mem::replace(&mut self.event, (chosen, rolls));
        chosen.filter(|_| rolls && rolled && chosen != before)
    }
}

/// A range of frames of a stereo bus.
fn part<'a>(buffer: &'a mut Buffer, start: usize, end: usize) -> Option<Pair<'a>> {
    match buffer.as_slice() {
        [left, right] => Some([left.get_mut(start..end)?, right.get_mut(start..end)?]),
        _ => None,
    }
}

/// A range of frames of all role buses, if the class has them.
fn stems<'a>(aux: &'a mut AuxiliaryBuffers, start: usize, end: usize) -> Option<[Pair<'a>; Role::COUNT]> {
    let [drums, bass, chords, pad, arp, lead, texture] = &mut *aux.outputs else { return None };
    Some([
        part(drums, start, end)?,
        part(bass, start, end)?,
        part(chords, start, end)?,
        part(pad, start, end)?,
        part(arp, start, end)?,
        part(lead, start, end)?,
        part(texture, start, end)?,
    ])
}

fn silence(main: Pair<'_>, stems: Option<[Pair<'_>; Role::COUNT]>) {
    for channel in main.into_iter().chain(stems.into_iter().flatten().flatten()) {
        channel.fill(0.0);
    }
}
