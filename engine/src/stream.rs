//! From notes to the audio thread: a renderer thread fills a ring, the reader on the audio thread empties it.
//!
//! ```text
//!  main ──scene──▶ renderer ◀──loops── composer          crossbeam-channel; these threads may wait
//!                     │  ▲
//!        StreamBlock, │  │ Snapshot (playhead, controls)  ringbuf and triple_buffer; nobody waits
//!        StreamNote   ▼  │
//!                  StreamReader ──audio, notes──▶ host    the audio thread
//! ```
//!
//! The reader alone knows the host. It counts **epochs**: a jump, a tempo step or a change of what plays while the
//! transport stands begins a new one. Blocks carry their epoch and their place in it, so blocks of an older epoch are
//! dropped by the reader, and nobody ever resets a ring that another thread uses.

mod block;
mod flush;
mod mixer;
mod note_table;
mod prepared;
mod reader;
mod sequencer;
mod store;
mod tail;
mod timeline;
mod worker;

pub(crate) use block::{Snapshot, StreamBlock, StreamNote};
pub use reader::{NoteOut, Output, StreamReader};
pub(crate) use worker::{Message, SceneChange, Worker};

use crate::health::Health;
use crate::stinger::mailbox::Mailbox;
use crate::stinger::plans::Plans;
use crate::stinger::rack::Rack;
use crate::stinger::sounds::Sounds;
use crate::tape::{TapeReader, TapeWriter};
use crossbeam_channel::{Receiver, Sender};
use ringbuf::traits::Split;
use ringbuf::{HeapCons, HeapProd, HeapRb};
use sceneloop_render::{BLOCK_FRAMES, Master, RenderError};
use std::sync::Arc;
use std::sync::atomic::AtomicU32;

/// The longest ring that can be asked for, milliseconds.
pub const MAX_RING_MS: f64 = 120.0;

/// Notes that may wait in the ring; some ten times what the densest loop starts within [`MAX_RING_MS`].
const NOTE_CAPACITY: usize = 4096;

/// The writing ends, for the renderer's thread.
pub(crate) struct StreamWriter {
    pub blocks: HeapProd<StreamBlock>,
    pub notes: HeapProd<StreamNote>,
    pub snapshots: triple_buffer::Output<Snapshot>,
    /// One token for each answered offline request.
    pub answers: Sender<()>,
    /// What was heard, on its way to the window.
    pub tape: TapeReader,
    pub sample_rate: f64,
}

/// Both ends of a stream.
pub(crate) fn stream(
    sample_rate: f64,
    requests: Sender<Message>,
    scene_generation: Arc<AtomicU32>,
    health: Arc<Health>,
    (plans, mailbox): (triple_buffer::Output<Plans>, Arc<Mailbox>),
    sounds: &'static Sounds,
    (tape_in, tape_out): (TapeWriter, TapeReader),
) -> Result<(StreamWriter, StreamReader), RenderError> {
    // Room for the longest ring, for the lookahead, and for a block on its way.
    let capacity = (MAX_RING_MS / 1000.0 * sample_rate / BLOCK_FRAMES as f64).ceil() as usize + 8;
    let (block_in, block_out): (HeapProd<_>, HeapCons<_>) = HeapRb::new(capacity).split();
    let (note_in, note_out): (HeapProd<_>, HeapCons<_>) = HeapRb::new(NOTE_CAPACITY).split();
    let (snapshot_in, snapshot_out) = triple_buffer::triple_buffer(&Snapshot::default());
    let (answer_in, answer_out): (Sender<()>, Receiver<()>) = crossbeam_channel::bounded(1);
    let writer = StreamWriter {
        blocks: block_in,
        notes: note_in,
        snapshots: snapshot_out,
        answers: answer_in,
        tape: tape_out,
        sample_rate,
    };
    let master = Master::new(sample_rate)?;
    let rack = Rack::new(sample_rate, sounds)?;
    let ends = reader::Ends {
        blocks: block_out,
        notes: note_out,
        snapshots: snapshot_in,
        requests,
        answers: answer_out,
        plans,
        mailbox,
        tape: Some(tape_in),
    };
    let reader = StreamReader::new(sample_rate, capacity, master, rack, ends, scene_generation, health);
    Ok((writer, reader))
}
