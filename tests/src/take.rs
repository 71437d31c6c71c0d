//! A take: what is set, what is played and for how long, written down once and recorded as often as one likes.

use anyhow::{Context, Result};
use serde_json::Value;

use crate::host::{Class, Host, Mode, Outputs, Recording, Transport};
use crate::vst3_host::Vst3Host;

/// Everything that decides what a take sounds like.
#[derive(Debug, Clone)]
pub struct Take {
    /// The class of the plugin.
    pub class: Class,
    /// Sample rate in hertz.
    pub rate: f64,
    /// Frames in a block.
    pub block: usize,
    /// Bounce or live.
    pub mode: Mode,
    /// What the host offers to write to.
    pub outputs: Outputs,
    /// Scene text; `None` leaves the plugin's own.
    pub scene: Option<String>,
    /// Parameters by name, with a share of their range from 0 to 1.
    pub shares: Vec<(String, f64)>,
    /// Where and how fast the song starts.
    pub transport: Transport,
}

impl Take {
    /// A bounce of the multi class at 48 kHz in blocks of 512 frames. The teacher writes, who is done at once, and the
    /// song has no form; everything else as the plugin has it.
    pub fn new(transport: Transport) -> Self {
        Self {
            class: Class::Multi,
            rate: 48_000.0,
            block: 512,
            mode: Mode::Offline,
            outputs: Outputs::All,
            scene: None,
            shares: vec![("Composer".to_owned(), 0.0), ("Form".to_owned(), 1.0)],
            transport,
        }
    }

    /// A techno scene without swing, played by a machine: every drum lies exactly on a sixteenth.
    pub fn straight(bpm: f64) -> Self {
        Self::new(Transport::rolling(bpm)).scene("techno").set("Humanise", 0.0)
    }

    /// The same with another scene.
    pub fn scene(mut self, scene: &str) -> Self {
        self.scene = Some(scene.to_owned());
        self
    }

    /// The same with a parameter at a share of its range, 0 its lowest value, 1 its highest.
    pub fn set(mut self, param: &str, share: f64) -> Self {
        self.shares.push((param.to_owned(), share));
        self
    }

    /// An instance set up and active, nothing played yet.
    pub fn host(&self) -> Result<Host> {
        let mut host = Host::open(self.class)?;
        if let Some(scene) = &self.scene {
            set_scene(&mut host, scene)?;
        }
        host.activate(self.rate, u32::try_from(self.block)?, self.mode, self.outputs)?;
        for (param, share) in &self.shares {
            host.set_share(param, *share)?;
        }
        Ok(host)
    }

    /// A VST3 instance with the scene, not set up yet; the parameters are set with its first block.
    pub fn vst3(&self) -> Result<Vst3Host> {
        let mut host = Vst3Host::open(self.class)?;
        if let Some(scene) = &self.scene {
            let state = with_scene(&host.save()?, scene)?;
            host.load(&state)?;
        }
        for (param, share) in &self.shares {
            host.set_share_at(param, *share, 0)?;
        }
        Ok(host)
    }

    /// Frames that so many quarter notes last at the starting tempo, rounded up.
    pub fn frames(&self, quarters: f64) -> usize {
        (quarters * 60.0 * self.rate / self.transport.bpm()).ceil() as usize
    }

    /// Plays so many quarter notes at the starting tempo.
    pub fn record(&self, quarters: f64) -> Result<Recording> {
        let mut host = self.host()?;
        let mut transport = self.transport.clone();
        host.play(self.frames(quarters), &mut transport)?;
        Ok(host.take())
    }
}

/// Sets the scene as a project file would.
pub fn set_scene(host: &mut Host, scene: &str) -> Result<()> {
    let state = with_scene(&host.save()?, scene)?;
    host.load(&state)
}

/// A saved state with another scene, and without the loops that were playing.
pub fn with_scene(state: &[u8], scene: &str) -> Result<Vec<u8>> {
    let mut state = State::read(state)?;
    let engine = state.engine()?;
    let mut engine: Value = serde_json::from_str(&engine).context("the engine's state is not JSON")?;
    engine["scene"] = scene.into();
    engine["loops"] = Value::Array(Vec::new());
    state.json["fields"]["engine"] = engine.to_string().into();
    Ok(state.write())
}

/// A saved state in which a controller has been learned.
pub fn with_controller(state: &[u8], number: u8) -> Result<Vec<u8>> {
    let mut state = State::read(state)?;
    state.json["fields"]["energy_cc"] = number.to_string().into();
    Ok(state.write())
}

/// What a moved take needs of a host, CLAP or VST3.
pub trait Player {
    /// Sets a parameter to a share of its range at a frame of the next block; ask in the order of frames.
    fn set_share_at(&mut self, name: &str, share: f64, frame: usize) -> Result<()>;
    /// Moves a MIDI controller at a frame of the next block; ask in the order of frames.
    fn control_at(&mut self, channel: u8, number: u8, value: u8, frame: usize) -> Result<()>;
    /// Plays one block, and moves the transport behind it.
    fn block(&mut self, frames: usize, transport: &mut Transport) -> Result<()>;
    /// What came out since the last call of this method.
    fn take(&mut self) -> Recording;
}

impl Player for Host {
    fn set_share_at(&mut self, name: &str, share: f64, frame: usize) -> Result<()> {
        let param = self.param(name)?;
        let value = param.min + share * (param.max - param.min);
        self.set_at(name, value, u32::try_from(frame)?)
    }
    fn control_at(&mut self, channel: u8, number: u8, value: u8, frame: usize) -> Result<()> {
        Self::control_at(self, channel, number, value, u32::try_from(frame)?);
        Ok(())
    }
    fn block(&mut self, frames: usize, transport: &mut Transport) -> Result<()> {
        Self::block(self, frames, transport)
    }
    fn take(&mut self) -> Recording {
        Self::take(self)
    }
}

impl Player for Vst3Host {
    fn set_share_at(&mut self, name: &str, share: f64, frame: usize) -> Result<()> {
        Self::set_share_at(self, name, share, frame)
    }
    fn control_at(&mut self, channel: u8, number: u8, value: u8, frame: usize) -> Result<()> {
        Self::control_at(self, channel, number, value, frame)
    }
    fn block(&mut self, frames: usize, transport: &mut Transport) -> Result<()> {
        Self::block(self, frames, transport)
    }
    fn take(&mut self) -> Recording {
        Self::take(self)
    }
}

/// A parameter that goes to a share of its range at a frame of a take.
#[derive(Debug, Clone, Copy)]
pub struct Move {
    /// Frame since the take's start.
    pub frame: usize,
    /// Name of the parameter.
    pub param: &'static str,
    /// Share of its range.
    pub share: f64,
}

/// Plays so many frames in blocks of these sizes, over and over, while parameters move at frames that may lie anywhere in the blocks.
pub fn play_moved(
    host: &mut impl Player,
    frames: usize,
    sizes: &[usize],
    moves: &[Move],
    transport: &mut Transport,
) -> Result<Recording> {
    let (mut done, mut sizes) = (0, sizes.iter().cycle());
    while done < frames {
        let count = (*sizes.next().context("no sizes of blocks")?).min(frames - done);
        for Move { frame, param, share } in
            moves.iter().filter(|one| (done..done + count).contains(&one.frame))
        {
            host.set_share_at(param, *share, frame - done)?;
        }
        host.block(count, transport)?;
        done += count;
    }
    Ok(host.take())
}

/// The state as nice-plug lays it out: in a CLAP the length in bytes, then, and in a VST3 alone, JSON, compressed with Zstandard or, as it was
/// once, not.
pub struct State {
    /// Everything that is saved.
    pub json: Value,
    /// Whether the length comes first.
    has_length: bool,
}

impl State {
    /// Takes a saved state apart.
    pub fn read(bytes: &[u8]) -> Result<Self> {
        let (length, rest) = bytes.split_first_chunk::<8>().context("a state of less than eight bytes")?;
        let has_length = u64::from_le_bytes(*length) == rest.len() as u64;
        let json = if has_length { rest } else { bytes };
        let json = zstd::decode_all(json).unwrap_or_else(|_| json.to_vec());
        Ok(Self { json: serde_json::from_slice(&json).context("the state is not JSON")?, has_length })
    }

    /// Puts it together again, not compressed.
    pub fn write(&self) -> Vec<u8> {
        let json = self.json.to_string();
        let length = (json.len() as u64).to_le_bytes();
        let length = length.iter().copied().filter(|_| self.has_length);
        length.chain(json.into_bytes()).collect()
    }

    /// The engine's part, JSON in a string.
    pub fn engine(&self) -> Result<String> {
        Ok(self.json["fields"]["engine"].as_str().context("no engine in the state")?.to_owned())
    }
}
