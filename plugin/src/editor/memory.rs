//! Undo, redo, and two versions to compare: what was changed by hand in the window, and nothing that a host automates.

use super::controls::Setter;
use super::soundfonts::SoundFonts;
use crate::params::{SceneloopParams, SyncChoice, Visitor};
use nice_plug::prelude::Param;
use sceneloop_engine::{Edits, Engine, FontChoice};
use sceneloop_music::{PerRole, Role, STEPS_PER_QUARTER};

/// How many drawings a host may take to hand back what was set.
const SETTLING: u8 = 2;
/// How many steps back are remembered.
const MOST: usize = 200;

/// Everything that the window changes.
#[derive(Debug, Clone, PartialEq)]
struct Moment {
    scene: String,
    edits: Edits,
    patches: PerRole<Option<String>>,
    fonts: PerRole<Option<FontChoice>>,
    /// Names and values, 0 to 1.
    params: Vec<(String, f32)>,
}

struct Values(Vec<(String, f32)>);

impl Visitor for Values {
    fn visit<P: Param>(&mut self, param: &P) {
        // An event happens; there is nothing to go back to.
        if param.name() != "Event" {
            self.0.push((param.name().to_owned(), param.unmodulated_normalized_value()));
        }
    }
}

/// Sets what differs.
struct Change<'a> {
    setter: &'a Setter<'a>,
    /// Names and values, 0 to 1.
    wanted: Vec<(String, f32)>,
}

impl Visitor for Change<'_> {
    fn visit<P: Param>(&mut self, param: &P) {
        if let Some((_, unit)) = self.wanted.iter().find(|(name, _)| name == param.name()) {
            self.setter.set_once_normalised(param, *unit);
        }
    }
}

impl Moment {
    fn of(params: &SceneloopParams, engine: &Engine) -> Self {
        let mut values = Values(Vec::new());
        params.visit(&mut values);
        Self {
            scene: engine.scene_text(),
            edits: engine.edits(),
            patches: PerRole::from_fn(|role| engine.patch(role)),
            fonts: PerRole::from_fn(|role| engine.soundfont(role).map(|font| font.choice)),
            params: values.0,
        }
    }

    /// Changes what differs from another moment into what it is here.
    fn apply(&self, from: &Self, desk: &mut Desk<'_>) {
        self.apply_notes(from, desk);
        self.apply_sound(from, desk);
    }

    /// Of that what is heard from a sync point on, as everything that changes notes.
    fn apply_notes(&self, from: &Self, desk: &mut Desk<'_>) {
        let Desk { params, engine, setter, .. } = desk;
        if self.scene != from.scene {
            let _ = engine.set_scene(&self.scene); // it was taken before
        }
        if self.edits != from.edits {
            engine.set_edits(self.edits);
        }
        self.set(from, params, setter, |name| !is_heard_at_once(name));
    }

    /// And what is heard at once.
    fn apply_sound(&self, from: &Self, desk: &mut Desk<'_>) {
        let Desk { params, engine, setter, fonts } = desk;
        for role in Role::ALL {
            if self.patches[role] != from.patches[role] {
                let _ = engine.set_patch(role, self.patches[role].as_deref()); // it was taken before
            }
            if self.fonts[role] != from.fonts[role] {
                fonts.choose(role, engine, self.fonts[role].clone());
            }
        }
        self.set(from, params, setter, is_heard_at_once);
    }

    fn set(&self, from: &Self, params: &SceneloopParams, setter: &Setter<'_>, which: fn(&str) -> bool) {
        let differs = |value: &&(String, f32)| which(&value.0) && !from.params.contains(value);
        let wanted = self.params.iter().filter(differs).cloned().collect();
        params.visit(&mut Change { setter, wanted });
    }
}

/// Whether a parameter acts within the block, and not from a sync point on.
fn is_heard_at_once(name: &str) -> bool {
    ["Energy", "Tone", "Humanise"].contains(&name)
        || [" Level", " Mute", " Solo"].iter().any(|end| name.ends_with(end))
}

/// The rest of a change to the other version: what is heard at once waits for where the notes change.
struct Waiting {
    to: Moment,
    /// What was there when it was asked for.
    left: Moment,
    /// Song positions at which it was asked for and at which it is due, quarter notes.
    from: f64,
    due: f64,
}

/// The version that is not heard.
struct Version {
    moment: Moment,
    past: Vec<Moment>,
    future: Vec<Moment>,
}

/// What a change needs.
pub struct Desk<'a> {
    /// The parameters.
    pub params: &'a SceneloopParams,
    /// The engine.
    pub engine: &'a Engine,
    /// The way to the host.
    pub setter: &'a Setter<'a>,
    /// The files that are being read.
    pub fonts: &'a mut SoundFonts,
}

/// What was, what was taken back, and the two versions. Lives as long as the plugin.
#[derive(Default)]
pub struct Memory {
    past: Vec<Moment>,
    future: Vec<Moment>,
    now: Option<Moment>,
    /// Parameters that were changed in a gesture that goes on.
    changed: Vec<String>,
    is_touched: bool,
    /// Drawings that are left until the host has handed back what was set.
    settling: u8,
    /// The version that is not heard, once it was left, with its own steps.
    other: Option<Version>,
    is_b: bool,
    waiting: Option<Waiting>,
}

impl Memory {
    /// Looks at what the last drawing has changed.
    pub fn follow(&mut self, params: &SceneloopParams, engine: &Engine, setter: &Setter<'_>) {
        if self.waiting.is_some() {
            return;
        }
        self.changed.append(&mut setter.changed());
        self.is_touched |= setter.is_touched();
        let settles = self.settling > 0;
        self.settling = self.settling.saturating_sub(1);
        if self.now.is_some() && (settles || !self.is_touched || setter.is_held()) {
            return;
        }
        let current = Moment::of(params, engine);
        let Some(now) = &mut self.now else {
            self.now = Some(current);
            return;
        };
        // What the host has moved meanwhile is no step of ours.
        let changed = std::mem::take(&mut self.changed);
        let theirs = current.params.iter().filter(|(name, _)| !changed.contains(name)).cloned();
        for (name, unit) in theirs {
            if let Some(known) = now.params.iter_mut().find(|(known, _)| *known == name) {
                known.1 = unit;
            }
        }
        // Hosts take a moment to hand a value back; until then nothing has changed.
        if *now != current {
            self.past.push(std::mem::replace(now, current));
            self.future.clear();
            if self.past.len() > MOST {
                self.past.remove(0);
            }
            self.is_touched = false;
        } else {
            self.is_touched = !changed.is_empty();
            self.changed = changed;
        }
    }

    /// Whether there is a step to take back.
    pub fn can_undo(&self) -> bool {
        !self.past.is_empty()
    }

    /// Whether there is a step to take again.
    pub fn can_redo(&self) -> bool {
        !self.future.is_empty()
    }

    /// Takes the last step back.
    pub fn undo(&mut self, desk: &mut Desk<'_>) {
        self.arrive_now(desk);
        if self.now.is_some()
            && let Some(before) = self.past.pop()
            && let Some(now) = self.now.take()
        {
            self.go(before, now, desk, true);
        }
    }

    /// Takes again what was taken back last.
    pub fn redo(&mut self, desk: &mut Desk<'_>) {
        self.arrive_now(desk);
        if self.now.is_some()
            && let Some(after) = self.future.pop()
            && let Some(now) = self.now.take()
        {
            self.go(after, now, desk, false);
        }
    }

    fn go(&mut self, to: Moment, now: Moment, desk: &mut Desk<'_>, back: bool) {
        to.apply(&now, desk);
        self.forget_touch(desk.setter);
        if back {
            self.future.push(now)
        } else {
            self.past.push(now)
        }
        self.now = Some(to);
    }

    /// Whether the second version is heard.
    pub fn is_b(&self) -> bool {
        self.is_b
    }

    /// Goes over to the other version where changes of notes land, at the next bar line as a rule; the first time it is the same as the
    /// one that is left. Each version has its own steps to take back.
    pub fn swap(&mut self, desk: &mut Desk<'_>) {
        let current = Moment::of(desk.params, desk.engine);
        // A version that has not come yet is left as it would have been; what is heard is that of the other one still.
        let moment = self.waiting.take().map_or_else(|| current.clone(), |waiting| waiting.to);
        let (past, future) = (std::mem::take(&mut self.past), std::mem::take(&mut self.future));
        if let Some(other) = self.other.replace(Version { moment, past, future }) {
            other.moment.apply_notes(&current, desk);
            let (from, due) = next_change(desk);
            self.waiting = Some(Waiting { to: other.moment.clone(), left: current, from, due });
            (self.past, self.future, self.now) = (other.past, other.future, Some(other.moment));
            self.forget_touch(desk.setter);
            self.arrive(desk);
        }
        self.is_b = !self.is_b;
    }

    /// Completes the change to the other version where it is due: the music has come there, stands, or was taken elsewhere. A hand at
    /// something does not wait either.
    pub fn arrive(&mut self, desk: &mut Desk<'_>) {
        let health = desk.engine.health();
        let position = health.position_quarters();
        let is_due = |waiting: &Waiting| {
            !health.playing()
                || position >= waiting.due
                || position < waiting.from
                || desk.setter.is_touched()
        };
        if self.waiting.as_ref().is_some_and(is_due) {
            self.arrive_now(desk);
        }
    }

    /// The same without waiting: also for a window that is closed.
    pub fn arrive_now(&mut self, desk: &mut Desk<'_>) {
        let Some(Waiting { mut to, left, .. }) = self.waiting.take() else { return };
        // What a hand has done since is a step of its own.
        let (is_touched, changed) = (desk.setter.is_touched(), desk.setter.changed());
        let current = Moment::of(desk.params, desk.engine);
        for (known, unit) in &mut to.params {
            let own = current.params.iter().find(|(name, _)| name == known && changed.contains(name));
            if let Some((_, own)) = own {
                *unit = *own;
            }
        }
        for role in Role::ALL {
            if current.patches[role] != left.patches[role] {
                to.patches[role].clone_from(&current.patches[role]);
            }
            if current.fonts[role] != left.fonts[role] {
                to.fonts[role].clone_from(&current.fonts[role]);
            }
        }
        to.apply_sound(&current, desk);
        self.forget_touch(desk.setter);
        if is_touched {
            desk.setter.touch();
            self.is_touched = true;
            self.changed = changed;
        }
    }

    /// What was changed by us is no step of the user's.
    fn forget_touch(&mut self, setter: &Setter<'_>) {
        setter.changed();
        setter.forget();
        self.changed.clear();
        self.is_touched = false;
        self.settling = SETTLING;
    }
}

/// Where the music is, and where changes of notes that are asked for now will be heard, quarter notes.
fn next_change(desk: &Desk<'_>) -> (f64, f64) {
    let position = desk.engine.health().position_quarters();
    let Some(now) = desk.engine.now_playing() else { return (position, position) };
    let metre = now.grid.metre;
    let unit = match desk.params.sync.value() {
        SyncChoice::Loop => now.grid.quarters(),
        SyncChoice::Bar => metre.quarters_per_bar(),
        SyncChoice::Beat => {
            let beat = metre.beats().into_iter().next().unwrap_or(STEPS_PER_QUARTER);
            f64::from(beat) / f64::from(STEPS_PER_QUARTER)
        }
    };
    (position, ((position / unit).floor() + 1.0) * unit)
}
