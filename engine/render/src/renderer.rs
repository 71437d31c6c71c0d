//! The instrument rack: events in, seven stems out.

use crate::drum::DrumPool;
use crate::effect::duck::Duck;
use crate::error::{RenderError, checked_rate};
use crate::event::{BLOCK_FRAMES, EventKind, RenderEvent, StemBlock};
use crate::fittings::Fittings;
use crate::kernel::oscillator::Wavetables;
use crate::math::{db_to_gain, one_pole};
use crate::patch::{Patch, Sound};
use crate::soundfont::SoundFontPlayer;
use crate::stem::{Machine, Stem};
use crate::transition::Transitions;
use crate::voice::{Context, Start};
use sceneloop_music::{Bpm, DrumLane, Energy, PerRole, Role};

/// Time in which the energy's brightness follows, seconds.
const ENERGY_S: f32 = 0.15;

/// Octaves that filters of voices open from energy 0 to 100.
const OPEN_OCTAVES: f32 = 1.2;
/// Decibels of the highs from energy 0 to the default of 70, and on to 100, if either went on over the whole range.
const DARKEN_DB: f32 = 13.0;
const DARKEN_TEXTURE_DB: f32 = 24.0;
const BRIGHTEN_DB: f32 = 7.0;
/// Energy below which a player may be left alone, and what that takes off the highs at nothing beside the rest, decibels.
const ALONE: f32 = 0.25;
const DARKEN_ALONE_DB: f32 = 7.0;

/// One rack of seven roles. Owned by one thread; allocates where it is made alone.
pub struct Renderer {
    rate: f32,
    seed: u64,
    tables: &'static Wavetables,
    stems: Vec<Stem>,
    duck: Duck,
    transitions: Transitions,
    energy: f32,
    energy_goal: f32,
    /// Quarter notes a second.
    beats_hz: f32,
}

impl Renderer {
    /// Makes a rack that can play any patch. `sample_rate` in Hz, 22,050 to 192,000; `seed` is that of all chance in the sound.
    ///
    /// # Errors
    /// [`RenderError::SampleRate`] for a rate out of range, [`RenderError::Role`] for a patch in a role it does not play.
    pub fn new(sample_rate: f64, patches: &PerRole<Patch>, seed: u64) -> Result<Self, RenderError> {
        Self::fitted(sample_rate, patches, &PerRole::from_fn(|_| Fittings::ALL), seed)
    }

    /// As [`Renderer::new`], but with no more than what these patches and `fittings` need: it cannot play others.
    ///
    /// # Errors
    /// As [`Renderer::new`].
    pub fn fitted(
        sample_rate: f64,
        patches: &PerRole<Patch>,
        fittings: &PerRole<Fittings>,
        seed: u64,
    ) -> Result<Self, RenderError> {
        let rate = checked_rate(sample_rate)?;
        for (role, patch) in patches.iter() {
            if patch.role() != role {
                let patch_id = patch.id().to_owned();
                return Err(RenderError::Role { patch: patch_id, wanted: role, found: patch.role() });
            }
        }
        let energy = Energy::default().unit();
        Ok(Self {
            rate,
            seed,
            tables: Wavetables::shared(),
            stems: patches.iter().map(|(role, patch)| Stem::new(*patch, fittings[role], rate)).collect(),
            duck: Duck::default(),
            transitions: Transitions::new(),
            energy,
            energy_goal: energy,
            beats_hz: (Bpm::default().get() / 60.0) as f32,
        })
    }

    /// Gives a role another patch, between blocks. Sounding voices keep theirs, effects glide. A patch of another role,
    /// or one that needs what the rack was not fitted with, is ignored.
    pub fn set_patch(&mut self, role: Role, patch: &Patch) {
        if patch.role() == role {
            self.stems[role.index()].set_patch(patch, self.rate);
        }
    }

    /// Lets a SoundFont play a role, between blocks, through the effects of its patch; `None` gives the role back to its
    /// patch. Returns the player before, to be dropped elsewhere; one made for another role or rate is not taken but
    /// returned itself.
    pub fn set_soundfont(
        &mut self,
        role: Role,
        player: Option<Box<SoundFontPlayer>>,
    ) -> Option<Box<SoundFontPlayer>> {
        let fits = |player: &SoundFontPlayer| {
            player.role() == role && (player.sample_rate() - f64::from(self.rate)).abs() < 1.0
        };
        if player.as_deref().is_none_or(fits) { self.stems[role.index()].set_player(player) } else { player }
    }

    /// Sets the tempo that delays keep.
    pub fn set_tempo(&mut self, bpm: Bpm) {
        self.beats_hz = (bpm.get() / 60.0) as f32;
        for stem in &mut self.stems {
            stem.set_tempo(bpm.get(), self.rate);
        }
    }

    /// Sets the energy, which brightens all voices a little; smooth.
    pub fn set_energy(&mut self, energy: Energy) {
        self.energy_goal = energy.unit();
    }

    /// Silence, without tails; noise and movements at their start. Afterwards the same events give the same bits.
    pub fn reset(&mut self) {
        self.energy = self.energy_goal;
        for (role, stem) in Role::ALL.into_iter().zip(&mut self.stems) {
            stem.reset(bright_db(role, self.energy), self.rate);
        }
        self.duck.reset();
        self.transitions.reset();
    }

    /// Renders the next [`BLOCK_FRAMES`] frames of all stems. `events` are in the order of their frames; one that is
    /// not counts as at the frame of the one before.
    pub fn render(&mut self, events: &[RenderEvent], out: &mut StemBlock) {
        let frames = BLOCK_FRAMES as f32;
        self.energy += one_pole(ENERGY_S, self.rate / frames) * (self.energy_goal - self.energy);
        let open = OPEN_OCTAVES * bright(self.energy);
        let context = Context { rate: self.rate, tables: self.tables, open, beats_hz: self.beats_hz };
        let mut shape = [0.0; BLOCK_FRAMES];
        let ducking = self.fill_duck(events, &mut shape);
        for (role, stem) in Role::ALL.into_iter().zip(&mut self.stems) {
            let io = &mut out.0[role.index()];
            *io = [[0.0; BLOCK_FRAMES]; 2];
            let mut sounding = stem.take_leave(io);
            let mut at = 0;
            // Events that are not for the voices do not cut their blocks: what they play is then the same bits without them.
            for event in events.iter().filter(|event| event.role == role && is_note(event)) {
                let frame = (event.frame as usize).min(BLOCK_FRAMES - 1);
                if frame > at {
                    sounding |= run(stem, &context, io, at..frame);
                    at = frame;
                }
                apply(stem, event, self.seed, &context);
            }
            sounding |= run(stem, &context, io, at..BLOCK_FRAMES);
            let shape = if ducking && role != Role::Drums { Some(&shape) } else { None };
            stem.finish(sounding, shape, bright_db(role, self.energy), self.rate, io);
            if role == Role::Texture {
                self.transitions.render(events, self.seed, &context, io);
            }
            stem.shape(events.iter().filter(|event| event.role == role), self.rate, io);
        }
    }

    /// Whether no voice sounds and all tails are below -100 dB.
    pub fn is_silent(&self) -> bool {
        self.transitions.is_silent() && self.stems.iter().all(Stem::is_silent)
    }

    fn fill_duck(&mut self, events: &[RenderEvent], shape: &mut [f32; BLOCK_FRAMES]) -> bool {
        let mut at = 0;
        let mut any = false;
        for event in events.iter().filter(|event| event.role == Role::Drums) {
            if let EventKind::NoteOn { pitch, velocity, .. } = event.kind
                && usize::from(pitch) == DrumLane::Kick.index()
            {
                let frame = (event.frame as usize).min(BLOCK_FRAMES - 1).max(at);
                any |= self.duck.fill(self.rate, &mut shape[at..frame]);
                at = frame;
                self.duck.strike(velocity, self.rate);
            }
        }
        any | self.duck.fill(self.rate, &mut shape[at..])
    }
}

/// Adds the voices of some frames of a block; says whether any sounded.
fn run(
    stem: &mut Stem,
    context: &Context,
    io: &mut [[f32; BLOCK_FRAMES]; 2],
    range: std::ops::Range<usize>,
) -> bool {
    let [left, right] = io;
    let (left, right) = (&mut left[range.clone()], &mut right[range]);
    let level = db_to_gain(stem.patch.mix_db);
    let played = stem.player.as_mut().is_some_and(|player| player.render(level, left, right));
    let sounded = match &mut stem.machine {
        Machine::Drums(pool) => pool.render(context.tables, context.rate, left, right),
        Machine::Pitched(pool) => pool.render(context, left, right),
        Machine::Texture(pool) => pool.render(context.rate, left, right),
    };
    played | sounded
}

fn is_note(event: &RenderEvent) -> bool {
    matches!(event.kind, EventKind::NoteOn { .. } | EventKind::NoteOff { .. })
}

/// Lets a note begin or end.
fn apply(stem: &mut Stem, event: &RenderEvent, seed: u64, context: &Context) {
    let gain = db_to_gain(stem.patch.gain_db);
    match event.kind {
        EventKind::NoteOn { note, pitch, velocity } => {
            let velocity = if velocity.is_finite() { velocity.clamp(0.0, 1.0) } else { 0.0 };
            if let Some(player) = &mut stem.player {
                player.note_on(note, pitch, velocity);
                return;
            }
            // Odd multipliers spread note and role over the seed (those of SplitMix64 and of PCG).
            let seed = seed
                ^ note.0.wrapping_mul(0x9e37_79b9_7f4a_7c15)
                ^ (event.role.index() as u64 + 1).wrapping_mul(0x5851_f42d_4c95_7f2d);
            match (&mut stem.machine, &stem.patch.sound) {
                (Machine::Drums(pool), Sound::Kit(kit)) => {
                    let hit = crate::drum::Hit { lane: pitch, velocity, gain, age: 0, seed };
                    DrumPool::strike(pool, kit, hit, context.rate);
                }
                (Machine::Pitched(pool), Sound::Pitched(spec)) => {
                    let start = Start { note, pitch, velocity, gain, age: 0, seed, from: None };
                    pool.note_on(spec, start, context);
                }
                (Machine::Texture(pool), Sound::Texture(spec)) => {
                    pool.note_on(spec, note, pitch, (gain, velocity), seed, context.rate);
                }
                // A patch of this role always has the sound of this machine.
                _ => {}
            }
        }
        EventKind::NoteOff { note } => {
            if let Some(player) = &mut stem.player {
                player.note_off(note);
            }
            match &mut stem.machine {
                Machine::Drums(_) => {}
                Machine::Pitched(pool) => pool.note_off(note),
                Machine::Texture(pool) => pool.note_off(note),
            }
        }
        // These are not for the voices, see `Transitions::render` and `Stem::shape`.
        EventKind::Effect { .. } | EventKind::Sweep { .. } | EventKind::Cut { .. } => {}
    }
}

/// How much brighter than at the default energy of 70, where nothing is changed.
fn bright(energy: f32) -> f32 {
    energy - 0.7
}

/// What that is for the highs of a role's stem, decibels. What low energies leave sounding is often the highest of a scene, bells and air,
/// so that they are darkened by more than high energies are brightened, and textures, noise that may be all that is left, by most. Near
/// nothing, where one player may be left alone without the darker ones that join from there on, the touch grows softer still.
fn bright_db(role: Role, energy: f32) -> f32 {
    let bright = bright(energy);
    let darken = if role == Role::Texture { DARKEN_TEXTURE_DB } else { DARKEN_DB };
    let alone = (1.0 - energy / ALONE).max(0.0);
    bright * if bright < 0.0 { darken } else { BRIGHTEN_DB } - DARKEN_ALONE_DB * alone * alone
}
