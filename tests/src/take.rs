//! A take: what is set, what is played and for how long, written down once and recorded as often as one likes.

use anyhow::{Context, Result};
use serde_json::Value;

use crate::host::{Class, Host, Mode, Outputs, Recording, Transport};

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
    /// A bounce of the multi class at 48 kHz in blocks of 512 frames. The teacher writes, who is done at once; everything else as the plugin has
    /// it.
    pub fn new(transport: Transport) -> Self {
        Self {
            class: Class::Multi,
            rate: 48_000.0,
            block: 512,
            mode: Mode::Offline,
            outputs: Outputs::All,
            scene: None,
            shares: vec![("Composer".to_owned(), 0.0)],
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

/// Sets the scene as a project file would: in the saved state, and without the loops that were playing.
pub fn set_scene(host: &mut Host, scene: &str) -> Result<()> {
    let mut state = State::read(&host.save()?)?;
    let engine = state.engine()?;
    let mut engine: Value = serde_json::from_str(&engine).context("the engine's state is not JSON")?;
    engine["scene"] = scene.into();
    engine["loops"] = Value::Array(Vec::new());
    state.json["fields"]["engine"] = engine.to_string().into();
    host.load(&state.write())
}

/// The state as nice-plug lays it out: the length in bytes, then JSON, compressed with Zstandard or, as it was once, not.
pub struct State {
    /// Everything that is saved.
    pub json: Value,
}

impl State {
    /// Takes a saved state apart.
    pub fn read(bytes: &[u8]) -> Result<Self> {
        let (length, json) = bytes.split_first_chunk::<8>().context("a state of less than eight bytes")?;
        anyhow::ensure!(u64::from_le_bytes(*length) == json.len() as u64, "a state with a false length");
        let json = zstd::decode_all(json).unwrap_or_else(|_| json.to_vec());
        Ok(Self { json: serde_json::from_slice(&json).context("the state is not JSON")? })
    }

    /// Puts it together again, not compressed.
    pub fn write(&self) -> Vec<u8> {
        let json = self.json.to_string();
        let mut bytes = (json.len() as u64).to_le_bytes().to_vec();
        bytes.extend(json.into_bytes());
        bytes
    }

    /// The engine's part, JSON in a string.
    pub fn engine(&self) -> Result<String> {
        Ok(self.json["fields"]["engine"].as_str().context("no engine in the state")?.to_owned())
    }
}
