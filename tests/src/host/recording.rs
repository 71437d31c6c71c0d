//! What came out of the plugin.

use anyhow::{Result, bail};
use clack_host::events::spaces::CoreEventSpace;
use clack_host::prelude::*;

use super::Port;
use crate::listen::difference;

/// The start or the end of a note that the plugin played.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Note {
    /// Frame since the recording's start.
    pub frame: u64,
    /// MIDI channel, counted from 0.
    pub channel: u8,
    /// MIDI key.
    pub key: u8,
    /// 0 to 1; `None` at the end of a note.
    pub velocity: Option<f64>,
}

/// What the host told the plugin at the first frame of a block.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mark {
    /// Frame since the recording's start.
    pub frame: u64,
    /// Song position in quarter notes.
    pub position: f64,
    /// Quarter notes that pass in a frame; 0 while the transport stands.
    pub quarters_per_frame: f64,
}

/// Audio of every output and all notes, from one point of time on.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Recording {
    /// Samples by output and channel.
    pub audio: Vec<Vec<Vec<f32>>>,
    /// In the order in which they came.
    pub notes: Vec<Note>,
    /// One for each block.
    pub marks: Vec<Mark>,
    /// Numbers of system calls within `process`, the first of each block, where they were looked for.
    pub system_calls: Vec<i64>,
}

impl Recording {
    /// Left and right of an output, counted from 0 (the mix).
    pub fn stereo(&self, port: usize) -> [&[f32]; 2] {
        [&self.audio[port][0], &self.audio[port][1]]
    }

    /// Length in frames.
    pub fn frames(&self) -> usize {
        self.audio.first().and_then(|port| port.first()).map_or(0, Vec::len)
    }

    /// Song position in quarter notes at a frame, as the host told it.
    pub fn position(&self, frame: u64) -> f64 {
        let next = self.marks.partition_point(|mark| mark.frame <= frame);
        match next.checked_sub(1).and_then(|index| self.marks.get(index)) {
            Some(mark) => mark.position + (frame - mark.frame) as f64 * mark.quarters_per_frame,
            None => 0.0,
        }
    }

    /// Whether the song starts at a frame, or goes on elsewhere than where it was.
    pub fn jumps_at(&self, frame: u64) -> bool {
        let Ok(index) = self.marks.binary_search_by_key(&frame, |mark| mark.frame) else { return false };
        let Some(before) = index.checked_sub(1).map(|before| self.marks[before]) else { return true };
        let expected = before.position + (frame - before.frame) as f64 * before.quarters_per_frame;
        before.quarters_per_frame == 0.0 || (self.marks[index].position - expected).abs() > 1e-6
    }

    /// How far a frame lies behind the nearest multiple of `grid` quarter notes, in frames; negative if before it.
    pub fn off_grid(&self, frame: u64, grid: f64) -> f64 {
        let next = self.marks.partition_point(|mark| mark.frame <= frame);
        let speed = self.marks[next.saturating_sub(1)].quarters_per_frame;
        let position = self.position(frame);
        (position - (position / grid).round() * grid) / speed
    }

    /// What is different in another recording, in words: the first frame of the first output, or the first note.
    pub fn difference(&self, other: &Self) -> Option<String> {
        for (port, (mine, theirs)) in self.audio.iter().zip(&other.audio).enumerate() {
            if let Some(frame) = mine.iter().zip(theirs).filter_map(|(a, b)| difference(a, b)).min() {
                return Some(format!("output {port} differs from frame {frame} of {} on", self.frames()));
            }
        }
        if self.notes != other.notes {
            let common = self.notes.iter().zip(&other.notes).take_while(|(a, b)| a == b).count();
            let (mine, theirs) = (self.notes.get(common), other.notes.get(common));
            return Some(format!("note event {common} differs: {mine:?}, {theirs:?}"));
        }
        None
    }

    /// Starts of notes on a channel, or on all.
    pub fn starts(&self, channel: Option<u8>) -> impl Iterator<Item = &Note> {
        self.notes.iter().filter(move |note| {
            note.velocity.is_some() && channel.is_none_or(|wanted| wanted == note.channel)
        })
    }

    /// Adds `frames` to every channel and returns the first new one. The new ones hold garbage: a plugin must write
    /// every sample, not add to what it finds.
    pub(crate) fn grow(&mut self, ports: &[Port], frames: usize) -> usize {
        if self.audio.is_empty() {
            self.audio = ports.iter().map(|port| vec![Vec::new(); port.channels as usize]).collect();
        }
        let start = self.frames();
        for channel in self.audio.iter_mut().flatten() {
            channel.resize(start + frames, GARBAGE);
        }
        start
    }

    /// The frames from `start` on, of every channel of every output.
    pub(crate) fn window(&mut self, start: usize) -> Vec<Vec<&mut [f32]>> {
        self.audio
            .iter_mut()
            .map(|port| port.iter_mut().map(|channel| &mut channel[start..]).collect())
            .collect()
    }

    /// Takes the notes of a block that began at frame `start`.
    pub(super) fn listen(&mut self, events: &EventBuffer, start: usize) -> Result<()> {
        let mut last = 0;
        for event in events.iter() {
            let time = event.header().time();
            if time < last {
                bail!("events out of order: frame {time} after {last}");
            }
            last = time;
            let frame = start as u64 + u64::from(time);
            match event.as_core_event() {
                Some(CoreEventSpace::NoteOn(note)) => {
                    self.push(frame, note.pckn(), Some(note.velocity()))?;
                }
                Some(CoreEventSpace::NoteOff(note)) => self.push(frame, note.pckn(), None)?,
                Some(CoreEventSpace::Midi(midi)) => self.push_midi(frame, midi.data()),
                _ => {}
            }
        }
        Ok(())
    }

    fn push(&mut self, frame: u64, target: Pckn, velocity: Option<f64>) -> Result<()> {
        let (channel, key) = (target.raw_channel(), target.raw_key());
        let (Ok(channel), Ok(key)) = (u8::try_from(channel), u8::try_from(key)) else {
            bail!("a note on channel {channel}, key {key}");
        };
        self.notes.push(Note { frame, channel, key, velocity });
        Ok(())
    }

    fn push_midi(&mut self, frame: u64, [status, key, velocity]: [u8; 3]) {
        let channel = status & 0x0f;
        match status & 0xf0 {
            0x90 if velocity > 0 => {
                self.notes.push(Note { frame, channel, key, velocity: Some(f64::from(velocity) / 127.0) });
            }
            0x80 | 0x90 => self.notes.push(Note { frame, channel, key, velocity: None }),
            _ => {}
        }
    }
}

/// Loud enough to fail every test of level, and finite, so that it is not taken for a broken plugin.
pub const GARBAGE: f32 = 1.0e6;
