//! Where events lead: other scenes and energies from a frame on, which may lie within a block.

use super::Worker;
use crate::arranger::resolve_key;
use crate::controls::{Controls, SyncPoint};
use crate::stinger::director::Lead;
use crate::stinger::tone::Harmony;
use crate::stream::block::Snapshot;
use crate::stream::sequencer::{LoopSource, Span};
use crate::stream::timeline::Back;
use sceneloop_music::{Chord, ChordQuality};
use sceneloop_render::BLOCK_FRAMES;

impl Worker {
    /// Notes that start and end within a span of the present block: in two parts where an event leads elsewhere within it.
    pub(super) fn sequence(&mut self, span: &Span) {
        let Span { frame, part: (from, to), .. } = *span;
        let leads = self.snapshot.leads;
        let Some(at) = leads.within(frame + u64::from(from)..frame + u64::from(to)) else {
            return self.sequence_led(span, leads.at(frame + u64::from(from)));
        };
        let cut = (at - frame) as u32;
        let end = self.bar_line_near(span.position + f64::from(cut) * span.quarters_per_frame, span);
        self.sequence_led(&Span { part: (from, cut), end, ..*span }, leads.at(at - 1));
        self.sequence(&Span { part: (cut, to), ..*span });
    }

    /// The bar line that lies within half a frame of a position, or the position: what begins on the line must not begin before it.
    fn bar_line_near(&self, position: f64, span: &Span) -> f64 {
        let bar = self.snapshot.playhead.metre.quarters_per_bar();
        let line = span.bar_start + ((position - span.bar_start) / bar).round() * bar;
        let is_near = (line - position).abs() <= 0.501 * span.quarters_per_frame;
        if is_near { line } else { position }
    }

    /// The controls where events have led.
    pub(super) fn led_controls(&self, lead: Lead) -> Controls {
        let controls = self.snapshot.controls;
        Controls { energy: lead.energy.unwrap_or(controls.energy), ..controls }
    }

    /// Notes that start and end within a span throughout which the same holds.
    fn sequence_led(&mut self, span: &Span, lead: Lead) {
        let mut controls = self.led_controls(lead);
        let is_change = std::mem::replace(&mut self.lead, lead).scene != lead.scene;
        // Who leads elsewhere, or back, does not wait until a loop has ended.
        if controls.sync == SyncPoint::Loop && (lead.scene.is_some() || is_change) {
            controls.sync = SyncPoint::Bar;
        }
        let snapshot = Snapshot { controls, ..self.snapshot };
        let scene = self.scene.led(lead).clone();
        self.sequencer.block(span, &snapshot, &scene, &mut self.store, &mut self.events);
    }

    /// Key and chord at the first frame of the block that has been written, and those that follow within it.
    pub(super) fn harmony(
        &self,
        before: Option<Harmony>,
        span: &Span,
        back: Option<Back>,
    ) -> (Harmony, Option<(u32, Harmony)>) {
        let start = back.map_or(span.position, |back| back.position);
        let end = start + (BLOCK_FRAMES as f64 - 0.5) * span.quarters_per_frame;
        let Some((after, since)) = self.sequencer.harmony(end) else {
            let scene = self.scene.led(self.lead);
            let key = resolve_key(scene, &self.snapshot.controls);
            return (Harmony { key, chord: Chord::new(0, ChordQuality::Power) }, None);
        };
        let since = self.events.began.as_ref().map_or(since, |(_, _, began)| since.max(*began));
        let at = ((since - start) / span.quarters_per_frame).round();
        match before.filter(|before| *before != after && at >= 1.0) {
            Some(before) => (before, Some((at.min(BLOCK_FRAMES as f64 - 1.0) as u32, after))),
            None => (after, None),
        }
    }

    /// Asks for the loops of the scenes that events are going to lead to, where they are going to begin.
    pub(super) fn ask_for_led(&mut self) {
        let Snapshot { playhead, leads, .. } = self.snapshot;
        for (at, lead) in leads.next.into_iter().flatten() {
            let frames = at.saturating_sub(self.snapshot.frame) as f64;
            let quarters = frames * self.timeline.quarters_per_frame();
            // The bar in which it begins and the next, where it does if it is not on a bar line.
            let there = playhead.advanced(quarters + 0.5 * self.timeline.quarters_per_frame());
            for bar in [there.bar, there.bar + 1] {
                let key = self.snapshot.key_at(self.scene.led(lead), there.metre, bar);
                let seconds = at.saturating_sub(self.frame) as f64 / self.writer.sample_rate;
                self.store.want(key, self.scene.led(lead), seconds);
            }
        }
    }
}
