//! What the host's parameters say at the first frame of a block.

use crate::composer::Preference;
use sceneloop_music::{Energy, Mode, PerRole, PitchClass};

/// When the music plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PlayMode {
    /// While the host's transport rolls; silent while it stands.
    #[default]
    FollowHost,
    /// Always: on the host's position while it rolls, on a clock of its own while it stands.
    Always,
}

/// Where another loop may begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SyncPoint {
    /// At the next felt beat.
    Beat,
    /// At the next bar line.
    #[default]
    Bar,
    /// When the loop that plays has ended.
    Loop,
}

/// Whether the loops make up a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Form {
    /// Sections: those that the scene asks for, or those of its style.
    #[default]
    Auto,
    /// The same kind of loop for ever.
    Off,
}

/// One snapshot of all controls. `Copy`, so that the audio thread hands it on without owning anything.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Controls {
    /// Which notes sound, how loud and how bright.
    pub energy: Energy,
    /// Names the music: the same seed gives the same notes.
    pub seed: u32,
    /// Tonic; `None`: the seed chooses.
    pub tonic: Option<PitchClass>,
    /// Mode; `None`: the scene and the seed choose.
    pub mode: Option<Mode>,
    /// When the music plays.
    pub play: PlayMode,
    /// Where another loop may begin.
    pub sync: SyncPoint,
    /// Bars of a loop, 1 to 8.
    pub bars: u8,
    /// Whether the loops make up a form.
    pub form: Form,
    /// Level of each role in decibels, [`Self::LEVEL_OFF_DB`] or below is silence, up to +6.
    pub levels_db: PerRole<f32>,
    /// Roles that are silent.
    pub mutes: PerRole<bool>,
    /// −1 (dark) to 1 (bright).
    pub tone: f32,
    /// 0 (exact) to 1 (as loose as the scene's players are).
    pub humanise: f32,
    /// How much audio is kept ready, 60 to 120 milliseconds.
    pub ring_ms: f32,
    /// Who is to write from the next new loop on, and where; `None`: as the engine was told. The renderer passes it on
    /// when it changes.
    pub preference: Option<Preference>,
}

impl Controls {
    /// At this level and below a role is silent, decibels.
    pub const LEVEL_OFF_DB: f32 = -60.0;

    /// Linear gain of a role from its level and mute, 0 to about 2.
    pub fn role_gain(&self, role: sceneloop_music::Role) -> f32 {
        let level = self.levels_db[role];
        if self.mutes[role] || level.is_nan() || level <= Self::LEVEL_OFF_DB {
            0.0
        } else {
            10f32.powf(level.min(6.0) / 20.0)
        }
    }

    /// Whether both ask for the same notes (and not only for other levels).
    pub(crate) fn same_notes(&self, other: &Self) -> bool {
        self.energy == other.energy
            && self.seed == other.seed
            && self.tonic == other.tonic
            && self.mode == other.mode
            && self.bars == other.bars
            && self.form == other.form
            && self.humanise == other.humanise
    }
}

impl Default for Controls {
    fn default() -> Self {
        Self {
            energy: Energy::default(),
            seed: 1,
            tonic: None,
            mode: None,
            play: PlayMode::default(),
            sync: SyncPoint::default(),
            bars: 4,
            form: Form::default(),
            levels_db: PerRole::default(),
            mutes: PerRole::default(),
            tone: 0.0,
            humanise: 0.3,
            ring_ms: 80.0,
            preference: None,
        }
    }
}
