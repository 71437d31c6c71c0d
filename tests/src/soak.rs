//! Everything that a host and a user may do to the plugin, one thing after another.

use std::path::Path;

use crate::host::{Class, Host, Mode, Outputs, Transport};
use crate::listen;
use crate::take::set_scene;
use anyhow::{Result, ensure};
use sceneloop_music::Dice;

const SCENES: [&str; 10] = [
    "techno",
    "cyberpunk city, rain",
    "jazz",
    "orchestral",
    "lo-fi",
    "forest:1, rain:0.5",
    "ambient",
    "metal",
    "武侠",
    "drum and bass",
];
const METRES: [(u16, u16); 5] = [(4, 4), (3, 4), (7, 8), (5, 4), (12, 8)];
const RATES: [f64; 4] = [44_100.0, 48_000.0, 96_000.0, 22_050.0];
/// Blocks that hosts use, and some that they should not.
const BLOCKS: [usize; 7] = [64, 256, 441, 512, 1_024, 4_096, 17];
/// Longer than the music is ever silent while it plays at the energies used here, seconds.
const SILENCE: f64 = 6.0;
/// Below this level a second counts as silent: -66 dB.
const FLOOR: f64 = 5e-4;
/// Energies, in shares of the whole: low enough for few notes, never none.
const ENERGY: (f64, f64) = (0.4, 1.0);

/// One instance, its host, and what has been done to it.
pub struct Storm {
    host: Host,
    transport: Transport,
    dice: Dice,
    names: Vec<String>,
    block: usize,
    seconds: f64,
    /// Since when nothing was heard though the transport rolled, seconds.
    silent: f64,
    longest_silence: f64,
    notes: usize,
    jumps: usize,
    scenes: usize,
    activations: usize,
    reloads: usize,
}

impl Storm {
    /// A new instance of a plugin file, and what a seed will do to it.
    pub fn new(plugin: &Path, seed: u64) -> Result<Self> {
        let mut host = Host::open_file(plugin, Class::Multi)?;
        host.activate(48_000.0, 8_192, Mode::Offline, Outputs::All)?;
        // Mutes, levels and the stop of the music would make silence that nobody is to blame for.
        let is_music = |name: &str| !name.ends_with("Mute") && !name.ends_with("Level");
        let names = host.params().iter().filter(|param| param.is_automatable && is_music(&param.name));
        let names = names.map(|param| param.name.clone()).collect();
        Ok(Self {
            host,
            transport: Transport::rolling(120.0),
            dice: Dice::new(seed, "soak"),
            names,
            block: 512,
            seconds: 0.0,
            silent: 0.0,
            longest_silence: 0.0,
            notes: 0,
            jumps: 0,
            scenes: 0,
            activations: 1,
            reloads: 0,
        })
    }

    /// The host's time so far.
    pub fn seconds(&self) -> f64 {
        self.seconds
    }

    /// Does one thing, then plays for up to four seconds.
    pub fn step(&mut self) -> Result<()> {
        self.disturb()?;
        let mut left = f64::from(self.dice.unit()) * 4.0;
        while left > 0.0 {
            let energy = ENERGY.0 + (ENERGY.1 - ENERGY.0) * f64::from(self.dice.unit());
            self.host.set_share("Energy", energy)?;
            self.host.block(self.block, &mut self.transport)?;
            left -= self.block as f64 / self.host.rate();
        }
        self.listen()
    }

    fn disturb(&mut self) -> Result<()> {
        match self.dice.below(16) {
            0 | 1 => {
                self.transport.locate(f64::from(self.dice.between(-16, 4_000)) * 0.37);
                self.jumps += 1;
            }
            2 | 3 => self.transport.set_bpm(40.0 + 200.0 * f64::from(self.dice.unit())),
            4 => {
                let (beats, unit) = *self.dice.pick::<(u16, u16)>(&METRES);
                self.transport.set_metre(beats, unit);
            }
            5 => {
                let from = self.transport.position();
                self.transport.set_cycle(from, from + 1.0 + 16.0 * f64::from(self.dice.unit()));
            }
            6 => self.transport.clear_cycle(),
            7 => self.transport.set_playing(false),
            8 | 9 => self.transport.set_playing(true),
            10 => {
                let scene = *self.dice.pick::<&str>(&SCENES);
                set_scene(&mut self.host, scene)?;
                self.scenes += 1;
            }
            11 => {
                let state = self.host.save()?;
                self.host.load(&state)?;
                self.reloads += 1;
            }
            12 => {
                let rate = *self.dice.pick::<f64>(&RATES);
                self.host.activate(rate, 8_192, Mode::Offline, Outputs::All)?;
                self.activations += 1;
            }
            13 => self.block = *self.dice.pick::<usize>(&BLOCKS),
            _ => {
                for name in &self.names {
                    self.host.set_share(name, f64::from(self.dice.unit()))?;
                }
            }
        }
        Ok(())
    }

    /// What came out since the last time: numbers, and sound where there should be some.
    fn listen(&mut self) -> Result<()> {
        let heard = self.host.take();
        let played = heard.frames() as f64 / self.host.rate();
        self.seconds += played;
        self.notes += heard.starts(None).count();
        for port in 0..self.host.ports().len() {
            ensure!(listen::is_finite(heard.stereo(port)), "output {port} holds what is no number");
        }
        let mix = heard.stereo(0);
        ensure!(listen::peak(mix) <= 1.0, "the mix reaches {}", listen::peak(mix));
        for from in (0..heard.frames()).step_by(self.host.rate() as usize) {
            let part = mix[0].len().min(from + self.host.rate() as usize);
            if !self.transport.is_playing() || listen::rms([&mix[0][from..part], &mix[1][from..part]]) > FLOOR
            {
                self.silent = 0.0;
            } else {
                self.silent += (part - from) as f64 / self.host.rate();
            }
            self.longest_silence = self.longest_silence.max(self.silent);
            ensure!(self.silent < SILENCE, "silent for {:.1} s", self.silent);
        }
        Ok(())
    }

    /// What was done, in one line.
    pub fn summary(&self) -> String {
        format!(
            "{} notes, {} jumps, {} scenes, {} states loaded, {} activations; the longest stretch without sound {:.1} s",
            self.notes, self.jumps, self.scenes, self.reloads, self.activations, self.longest_silence
        )
    }
}
