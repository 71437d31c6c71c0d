//! The parameters a host sees and remembers.
//!
//! Ids, order, ranges and the meaning of every value are frozen: projects and automation lanes of our users hold
//! them. A new parameter goes to the end of its struct with a new id; the test below says what must not move.
//!
//! Written by the host and the window, read by the audio thread once a block: every value is an atomic.

mod choices;

pub use choices::{
    AuthorChoice, DeviceChoice, EventChoice, FormChoice, GridChoice, LoopLength, ModeChoice, PlayChoice,
    SyncChoice, TonicChoice,
};

use crate::state::{EnergyController, EngineSlot, Favourites, IsLight, Kept, WindowSize};
use nice_plug::plugin::ParamValue;
use nice_plug::prelude::*;
use sceneloop_engine::{Controls, Preference};
use sceneloop_music::{Energy, PerRole, PitchClass, Quantise, Role};
use std::sync::Arc;

/// The level at which a role is off, dB.
pub const LEVEL_OFF_DB: f32 = -60.0;
/// The highest level of a role, dB.
pub const LEVEL_MAX_DB: f32 = 6.0;
/// The highest seed.
pub const SEED_MAX: i32 = 9999;

/// Level and mute of one role.
#[derive(Params)]
pub struct RoleParams {
    /// Gain in dB; [`LEVEL_OFF_DB`] is silence.
    #[id = "lvl"]
    pub level: FloatParam,
    /// Whether the role is silent.
    #[id = "mut"]
    pub mute: BoolParam,
}

/// Everything the host saves: parameters, the engine's state, the window, and the controller that rides the energy.
#[derive(Params)]
pub struct SceneloopParams {
    /// Scene text, seed and the loops now playing.
    #[persist = "engine"]
    pub engine: EngineSlot,
    /// Size of the window.
    #[persist = "window"]
    pub window: WindowSize,
    /// Whether the window is light.
    #[persist = "light"]
    pub is_light: IsLight,
    /// Loops that were starred.
    #[persist = "favourites"]
    pub favourites: Favourites,
    /// Which MIDI controller rides the energy.
    #[persist = "energy_cc"]
    pub controller: EnergyController,
    /// What a newer version saved and this one does not know.
    #[persist = "kept"]
    pub kept: Kept,

    /// 0 to 100.
    #[id = "energy"]
    pub energy: FloatParam,
    /// Whether the music needs a rolling transport.
    #[id = "play"]
    pub play: EnumParam<PlayChoice>,
    /// Tonic of the key.
    #[id = "tonic"]
    pub tonic: EnumParam<TonicChoice>,
    /// Mode of the key.
    #[id = "mode"]
    pub mode: EnumParam<ModeChoice>,
    /// What names the music: one seed, one piece.
    #[id = "seed"]
    pub seed: IntParam,
    /// Where a change may land.
    #[id = "sync"]
    pub sync: EnumParam<SyncChoice>,
    /// Bars in a loop.
    #[id = "bars"]
    pub bars: EnumParam<LoopLength>,
    /// −100 (dark) to 100 (bright), percent.
    #[id = "tone"]
    pub tone: FloatParam,
    /// 0 (machine) to 100 (loose hands), percent.
    #[id = "human"]
    pub humanise: FloatParam,
    /// Audio rendered ahead, milliseconds.
    #[id = "buffer"]
    pub buffer: FloatParam,

    /// Level and mute of the drums.
    #[nested(id_prefix = "dr", group = "Drums")]
    pub drums: RoleParams,
    /// Level and mute of the bass.
    #[nested(id_prefix = "ba", group = "Bass")]
    pub bass: RoleParams,
    /// Level and mute of the chords.
    #[nested(id_prefix = "ch", group = "Chords")]
    pub chords: RoleParams,
    /// Level and mute of the pad.
    #[nested(id_prefix = "pa", group = "Pad")]
    pub pad: RoleParams,
    /// Level and mute of the arp.
    #[nested(id_prefix = "ar", group = "Arp")]
    pub arp: RoleParams,
    /// Level and mute of the lead.
    #[nested(id_prefix = "le", group = "Lead")]
    pub lead: RoleParams,
    /// Level and mute of the texture.
    #[nested(id_prefix = "te", group = "Texture")]
    pub texture: RoleParams,

    /// Who writes the notes, from the next new loop on.
    #[id = "author"]
    pub author: EnumParam<AuthorChoice>,
    /// Where the network runs.
    #[id = "device"]
    pub device: EnumParam<DeviceChoice>,

    /// An event happens where this changes to it; it is to go back to none before the same one again.
    #[id = "event"]
    pub event: EnumParam<EventChoice>,
    /// The grid that events wait for.
    #[id = "evq"]
    pub event_grid: EnumParam<GridChoice>,
    /// Whether the loops make up a form.
    #[id = "form"]
    pub form: EnumParam<FormChoice>,

    /// Which roles are heard alone.
    #[nested(id_prefix = "so", group = "Solo")]
    pub solo: SoloParams,
}

/// A switch for each role: while one of them is on, the others are silent.
#[derive(Params)]
pub struct SoloParams {
    /// Solo of the drums.
    #[id = "dr"]
    pub drums: BoolParam,
    /// Solo of the bass.
    #[id = "ba"]
    pub bass: BoolParam,
    /// Solo of the chords.
    #[id = "ch"]
    pub chords: BoolParam,
    /// Solo of the pad.
    #[id = "pa"]
    pub pad: BoolParam,
    /// Solo of the arp.
    #[id = "ar"]
    pub arp: BoolParam,
    /// Solo of the lead.
    #[id = "le"]
    pub lead: BoolParam,
    /// Solo of the texture.
    #[id = "te"]
    pub texture: BoolParam,
}

impl SoloParams {
    fn new() -> Self {
        let one = |name: &str| BoolParam::new(format!("{name} Solo"), false);
        Self {
            drums: one("Drums"),
            bass: one("Bass"),
            chords: one("Chords"),
            pad: one("Pad"),
            arp: one("Arp"),
            lead: one("Lead"),
            texture: one("Texture"),
        }
    }

    /// The switch of a role.
    pub fn role(&self, role: Role) -> &BoolParam {
        PerRole([&self.drums, &self.bass, &self.chords, &self.pad, &self.arp, &self.lead, &self.texture])
            [role]
    }
}

/// Looks at every parameter, whatever its type.
pub trait Visitor {
    /// One of them.
    fn visit<P: Param>(&mut self, param: &P);
}

impl SceneloopParams {
    /// All parameters at their defaults, around the engine's state.
    pub fn new(engine: EngineSlot) -> Self {
        Self {
            engine,
            window: WindowSize::default(),
            is_light: IsLight::default(),
            favourites: Favourites::default(),
            controller: EnergyController::default(),
            kept: Kept::default(),
            energy: number("Energy", 70.0, 0.0, 100.0, 0.1)
                .with_value_to_string(formatters::v2s_f32_rounded(0)),
            play: EnumParam::new("Play", PlayChoice::FollowHost),
            tonic: EnumParam::new("Key", TonicChoice::default()),
            mode: EnumParam::new("Mode", ModeChoice::default()),
            seed: IntParam::new("Seed", 1, IntRange::Linear { min: 0, max: SEED_MAX }),
            sync: EnumParam::new("Change At", SyncChoice::Bar),
            bars: EnumParam::new("Loop Length", LoopLength::Four),
            tone: number("Tone", 0.0, -100.0, 100.0, 1.0).with_unit(" %"),
            humanise: number("Humanise", 30.0, 0.0, 100.0, 1.0).with_unit(" %"),
            buffer: number("Buffer", 80.0, 60.0, 120.0, 1.0).with_unit(" ms").non_automatable(),
            drums: RoleParams::new("Drums"),
            bass: RoleParams::new("Bass"),
            chords: RoleParams::new("Chords"),
            pad: RoleParams::new("Pad"),
            arp: RoleParams::new("Arp"),
            lead: RoleParams::new("Lead"),
            texture: RoleParams::new("Texture"),
            author: EnumParam::new("Composer", AuthorChoice::Auto).non_automatable(),
            device: EnumParam::new("Device", DeviceChoice::Auto).non_automatable(),
            event: EnumParam::new("Event", EventChoice::default()),
            event_grid: EnumParam::new("Event At", GridChoice::Auto),
            form: EnumParam::new("Form", FormChoice::Auto),
            solo: SoloParams::new(),
        }
    }

    /// Shows a visitor every parameter, always in the same order.
    pub fn visit(&self, visitor: &mut impl Visitor) {
        visitor.visit(&self.energy);
        visitor.visit(&self.play);
        visitor.visit(&self.tonic);
        visitor.visit(&self.mode);
        visitor.visit(&self.seed);
        visitor.visit(&self.sync);
        visitor.visit(&self.bars);
        visitor.visit(&self.tone);
        visitor.visit(&self.humanise);
        visitor.visit(&self.buffer);
        for role in Role::ALL {
            visitor.visit(&self.role(role).level);
            visitor.visit(&self.role(role).mute);
            visitor.visit(self.solo.role(role));
        }
        visitor.visit(&self.author);
        visitor.visit(&self.device);
        visitor.visit(&self.event);
        visitor.visit(&self.event_grid);
        visitor.visit(&self.form);
    }

    /// Which roles are silent: those that are muted, and all others where some are heard alone.
    pub fn silent(&self) -> PerRole<bool> {
        let solo = PerRole::from_fn(|role| self.solo.role(role).value());
        let any_solo = solo.0.contains(&true);
        PerRole::from_fn(|role| self.role(role).mute.value() || any_solo && !solo[role])
    }

    /// Level and mute of a role.
    pub fn role(&self, role: Role) -> &RoleParams {
        PerRole([&self.drums, &self.bass, &self.chords, &self.pad, &self.arp, &self.lead, &self.texture])
            [role]
    }

    /// What the engine is told at the first frame of a block; a note held by MIDI goes before the key parameter.
    /// A controller that rides the energy is not looked at. For the audio thread: reads atomics and does nothing else.
    pub fn controls(&self, played_tonic: Option<PitchClass>) -> Controls {
        Controls {
            energy: Energy::new(self.energy.value()),
            seed: self.seed.value().clamp(0, SEED_MAX) as u32,
            tonic: played_tonic.or(self.tonic.value().0),
            mode: self.mode.value().0,
            play: self.play.value().into(),
            sync: self.sync.value().into(),
            bars: self.bars.value().bars(),
            form: self.form.value().into(),
            levels_db: PerRole::from_fn(|role| self.role(role).level.value()),
            mutes: self.silent(),
            tone: self.tone.value() / 100.0,
            humanise: self.humanise.value() / 100.0,
            ring_ms: self.buffer.value(),
            preference: Some(self.preference()),
        }
    }

    /// The energy that sounds: the one that a controller has led to, or else the parameter's. For the window.
    pub fn sounding_energy(&self) -> Energy {
        self.controller.ridden().unwrap_or_else(|| Energy::new(self.energy.value()))
    }

    /// The grid that events wait for; `None`: each its own.
    pub fn quantise(&self) -> Option<Quantise> {
        self.event_grid.value().into()
    }

    /// Who is to write, and where.
    pub fn preference(&self) -> Preference {
        Preference { author: self.author.value().into(), device: self.device.value().into() }
    }
}

impl RoleParams {
    fn new(name: &str) -> Self {
        let level = number(&format!("{name} Level"), 0.0, LEVEL_OFF_DB, LEVEL_MAX_DB, 0.1)
            .with_value_to_string(Arc::new(level_text))
            .with_string_to_value(Arc::new(level_from_text));
        Self { level, mute: BoolParam::new(format!("{name} Mute"), false) }
    }
}

fn number(name: &str, default: f32, min: f32, max: f32, step: f32) -> FloatParam {
    FloatParam::new(name, default, FloatRange::Linear { min, max }).with_step_size(step)
}

fn level_text(db: f32) -> String {
    if db <= LEVEL_OFF_DB { "off".into() } else { format!("{db:.1} dB") }
}

fn level_from_text(text: &str) -> Option<f32> {
    let text = text.trim().to_lowercase();
    if text == "off" || text == "-inf" {
        return Some(LEVEL_OFF_DB);
    }
    text.trim_end_matches("db").trim().parse().ok().filter(|db: &f32| db.is_finite())
}

/// Gives a project that was saved before there was a choice of composer the one that wrote it, one that was saved before songs had a
/// form the plain loops that it had, and one that was saved before a controller could be learned or loops starred none of these.
pub fn complete(state: &mut PluginState) {
    for (id, value) in [("author", "teacher"), ("device", "auto"), ("form", "off")] {
        state.params.entry(id.into()).or_insert_with(|| ParamValue::String(value.into()));
    }
    for (name, value) in [("energy_cc", "null"), ("favourites", "[]")] {
        state.fields.entry(name.into()).or_insert_with(|| value.into());
    }
}

#[cfg(test)]
mod tests;
