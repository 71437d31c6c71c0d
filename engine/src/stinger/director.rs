//! Decides whether an event begins, when, and where it leads, on the audio thread: fixed size, no allocation.
//!
//! Time is counted at the **feed**: the frames that go into the master, which looks ahead and is that much before the
//! output. What is decided at the feed is heard on its frame.
//!
//! # The rules
//! An event waits for its grid point. One that still lasts (its stinger sounds, or its bars are not over) is not
//! interrupted by one of lower priority; an event does not begin again within its cooldown. An event that leads to a
//! scene, or that stays, replaces what an earlier one led to; one that only passes is laid over it. An energy that
//! stays holds until the user moves theirs. A stop or a jump of the host ends everything.

use super::grid::{frames, to_next, to_next_bar};
use super::plans::Plans;
use super::player::FADE_BLOCKS;
use super::sounds::Palette;
use sceneloop_music::{Energy, EventId, EventPlan, Playhead, Quantise, Stinger};
use sceneloop_render::BLOCK_FRAMES;

/// An energy of the user's that has moved by more than this goes before one that an event left behind.
const MOVED: f32 = 0.5;

/// Least frames from one stinger to the next: a player that was taken over has faded.
const APART: u64 = (FADE_BLOCKS as u64 + 2) * BLOCK_FRAMES as u64;

/// An event for a frame of the coming blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cue {
    /// Frames from the start of the coming block.
    pub frame: u32,
    /// Which.
    pub event: EventId,
    /// The grid that it waits for; `None`: its own.
    pub quantise: Option<Quantise>,
}

/// Why an event did not begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Refusal {
    /// The scene has no such event.
    Unknown,
    /// The music stands.
    Stopped,
    /// It has been a moment ago.
    Cooling,
    /// Another one lasts that matters more.
    Outranked,
}

impl Refusal {
    /// All, in the order of their numbers.
    pub(crate) const ALL: [Self; 4] = [Self::Unknown, Self::Stopped, Self::Cooling, Self::Outranked];

    /// For the window: what comes behind the name of the event.
    pub fn text(self) -> &'static str {
        match self {
            Self::Unknown => "is not an event of this scene",
            Self::Stopped => "waits for the music: nothing plays",
            Self::Cooling => "was a moment ago",
            Self::Outranked => "gives way to what lasts",
        }
    }
}

/// Where events have led: what holds instead of the user's energy and scene.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Lead {
    pub energy: Option<Energy>,
    /// The event whose scene it is.
    pub scene: Option<EventId>,
    /// Of which list of events.
    pub generation: u32,
}

/// Where events lead from now on, for the renderer, which works ahead.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Leads {
    pub now: Lead,
    /// What is known to come: frames of the epoch, in order.
    pub next: [Option<(u64, Lead)>; 2],
}

impl Leads {
    /// What holds at a frame of the epoch.
    pub fn at(&self, frame: u64) -> Lead {
        let mut begun = self.next.iter().flatten().filter(|(at, _)| *at <= frame);
        begun.next_back().map_or(self.now, |(_, lead)| *lead)
    }

    /// The first change within some frames, behind the first of them.
    pub fn within(&self, frames: std::ops::Range<u64>) -> Option<u64> {
        let at = self.next.iter().flatten().map(|(at, _)| *at);
        at.filter(|at| frames.contains(at) && *at > frames.start).min()
    }
}

/// What is to begin now.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Begin {
    pub event: EventId,
    pub priority: u8,
    pub stinger: Stinger,
    pub palette: Palette,
    pub duck_db: f32,
    /// The energy that it has: the user's or that which it leads to, whichever is more.
    pub energy: Energy,
}

#[derive(Clone, Copy)]
struct Pending {
    event: EventId,
    plan: EventPlan,
    /// Quarter notes from the feed to its beginning.
    left: f64,
}

/// What stays.
#[derive(Clone, Copy)]
struct Standing {
    event: EventId,
    lead: Lead,
    /// The user's energy when it began.
    beside: Energy,
}

/// What holds for some bars.
#[derive(Clone, Copy)]
struct Passing {
    event: EventId,
    lead: Lead,
    priority: u8,
    /// Bar lines until it is over.
    lines: u32,
}

/// All that is known of events.
pub(crate) struct Director {
    plans: Plans,
    pending: Option<Pending>,
    standing: Option<Standing>,
    passing: Option<Passing>,
    /// Quarter notes until each event may begin again.
    resting: [f64; EventId::COUNT],
    /// Quarter notes for which the stinger still sounds, its event and its priority.
    sounding: (f64, EventId, u8),
    /// Frames since the last stinger began.
    since: u64,
    /// A bar line was passed.
    crossed: bool,
}

impl Director {
    pub fn new(plans: Plans) -> Self {
        Self {
            plans,
            pending: None,
            standing: None,
            passing: None,
            resting: [0.0; EventId::COUNT],
            sounding: (0.0, Stinger::Victory.into(), 0),
            since: APART,
            crossed: false,
        }
    }

    /// Another scene: what was led to is not of this one. A stinger that sounds sounds on.
    pub fn set_plans(&mut self, plans: Plans) {
        if plans.generation != self.plans.generation {
            (self.standing, self.passing) = (None, None);
            self.pending = self.pending.filter(|pending| pending.event.index() < Stinger::COUNT);
        }
        self.plans = plans;
    }

    /// Ends everything.
    pub fn stop(&mut self) {
        *self = Self::new(self.plans);
    }

    /// The stinger was cut.
    pub fn silence(&mut self) {
        self.sounding.0 = 0.0;
    }

    /// An event is wanted, at the playhead of the output; the feed is `gap` frames ahead of it. Gives the event that waited and gives
    /// way, if one did.
    pub fn accept(
        &mut self,
        event: EventId,
        quantise: Option<Quantise>,
        output: &Playhead,
        gap: u64,
        quarters_per_frame: f64,
    ) -> Result<Option<EventId>, Refusal> {
        let plan = *self.plans.table.plan(event).ok_or(Refusal::Unknown)?;
        let is_pending = self.pending.is_some_and(|pending| pending.event == event);
        if self.resting[event.index()] > 0.0 || is_pending {
            return Err(Refusal::Cooling);
        }
        let lasting = [
            self.pending.map(|pending| pending.plan.priority),
            self.passing.map(|passing| passing.priority),
            (self.sounding.0 > 0.0).then_some(self.sounding.2),
        ];
        if lasting.into_iter().flatten().any(|priority| priority > plan.priority) {
            return Err(Refusal::Outranked);
        }
        let grid = quantise.unwrap_or(plan.quantise);
        let ahead = to_next(output, grid, quarters_per_frame) - gap as f64 * quarters_per_frame;
        let apart = APART.saturating_sub(self.since) as f64 * quarters_per_frame;
        let waited = self.pending.replace(Pending { event, plan, left: ahead.max(apart).max(0.0) });
        Ok(waited.map(|pending| pending.event))
    }

    /// Frames until something begins or ends; none where nothing is known to.
    pub fn due(&self, feed: &Playhead, quarters_per_frame: f64) -> Option<u64> {
        let begins = self.pending.map(|pending| frames(pending.left, quarters_per_frame));
        let line = self.passing.map(|_| frames(to_next_bar(feed, quarters_per_frame), quarters_per_frame));
        begins.into_iter().chain(line).min()
    }

    /// Does what is due at the feed. What begins is to sound from this frame on.
    pub fn turn(&mut self, feed: &Playhead, quarters_per_frame: f64, user: Energy) -> Option<Begin> {
        if std::mem::take(&mut self.crossed)
            && let Some(passing) = &mut self.passing
        {
            passing.lines = passing.lines.saturating_sub(1);
            self.passing = self.passing.filter(|passing| passing.lines > 0);
        }
        if let Some(standing) = &mut self.standing
            && (standing.beside.get() - user.get()).abs() > MOVED
        {
            standing.lead.energy = None;
            self.standing = self.standing.filter(|standing| standing.lead.scene.is_some());
        }
        let is_due = |pending: &Pending| frames(pending.left, quarters_per_frame) == 0;
        let pending = self.pending.take_if(|pending| is_due(pending))?;
        let Pending { event, plan, .. } = pending;
        let on_line = frames(to_next(feed, Quantise::Bar, quarters_per_frame), quarters_per_frame) == 0;
        (self.standing, self.passing) = self.after(&pending, user, on_line);
        self.resting[event.index()] = f64::from(plan.cooldown_bars) * feed.metre.quarters_per_bar();
        self.since = 0;
        let energy = plan.energy.filter(|energy| *energy > user).unwrap_or(user);
        let EventPlan { stinger, priority, duck_db, .. } = plan;
        Some(Begin { event, priority, stinger, palette: self.plans.palette, duck_db, energy })
    }

    /// The stinger of what began lasts so long, quarter notes.
    pub fn sounds_for(&mut self, quarters: f64, begin: &Begin) {
        self.sounding = (quarters, begin.event, begin.priority);
    }

    /// What stays and what passes once an event has begun, on a bar line or between two.
    fn after(&self, pending: &Pending, user: Energy, on_line: bool) -> (Option<Standing>, Option<Passing>) {
        let Pending { event, plan, .. } = *pending;
        let generation = self.plans.generation;
        let scene = plan.has_scene.then_some(event);
        if plan.energy.is_none() && scene.is_none() {
            return (self.standing, self.passing);
        }
        let lead = Lead { energy: plan.energy, scene, generation };
        if plan.bars == 0 {
            return (Some(Standing { event, lead, beside: user }), None);
        }
        let standing = self.standing.filter(|_| scene.is_none());
        let below = standing.map(|standing| standing.lead).unwrap_or_default();
        let lead =
            Lead { energy: lead.energy.or(below.energy), scene: lead.scene.or(below.scene), generation };
        let lines = u32::from(plan.bars) + u32::from(!on_line);
        (standing, Some(Passing { event, lead, priority: plan.priority, lines }))
    }

    /// Time goes on by so many frames at the feed, whose playhead was this.
    pub fn pass(&mut self, passed: u64, feed: &Playhead, quarters_per_frame: f64) {
        let quarters = passed as f64 * quarters_per_frame;
        if self.passing.is_some() {
            self.crossed |= passed >= frames(to_next_bar(feed, quarters_per_frame), quarters_per_frame);
        }
        if let Some(pending) = &mut self.pending {
            pending.left = (pending.left - quarters).max(0.0);
        }
        self.resting.iter_mut().for_each(|left| *left = (*left - quarters).max(0.0));
        self.sounding.0 = (self.sounding.0 - quarters).max(0.0);
        self.since = self.since.saturating_add(passed);
    }

    /// Where events have led.
    pub fn lead(&self) -> Lead {
        lead(self.standing, self.passing)
    }

    /// The same, and what is known to come; the feed is at a frame of the epoch.
    pub fn leads(&self, frame: u64, feed: &Playhead, quarters_per_frame: f64, user: Energy) -> Leads {
        let mut leads = Leads { now: self.lead(), next: [None; 2] };
        let over = self.passing.map(|passing| {
            let bars = f64::from(passing.lines.saturating_sub(1)) * feed.metre.quarters_per_bar();
            let at = frames(to_next_bar(feed, quarters_per_frame) + bars, quarters_per_frame);
            (frame + at, lead(self.standing, None))
        });
        let begins = self.pending.map(|pending| {
            let (standing, passing) = self.after(&pending, user, true);
            (frame + frames(pending.left, quarters_per_frame), lead(standing, passing))
        });
        leads.next = match (over, begins) {
            (Some(over), Some(begins)) if over.0 < begins.0 => [Some(over), Some(begins)],
            (over, begins) => [begins.or(over), None],
        };
        leads
    }

    /// For the window: the event that sounds or holds, and the bars that it still holds, 0 where it stays.
    pub fn shown(&self) -> Option<(EventId, u32)> {
        let passing = self.passing.map(|passing| (passing.event, passing.lines));
        let sounding = (self.sounding.0 > 0.0).then_some((self.sounding.1, 0));
        passing.or(sounding).or(self.standing.map(|standing| (standing.event, 0)))
    }
}

fn lead(standing: Option<Standing>, passing: Option<Passing>) -> Lead {
    let passing = passing.map(|passing| passing.lead);
    passing.or(standing.map(|standing| standing.lead)).unwrap_or_default()
}

#[cfg(test)]
mod tests;
