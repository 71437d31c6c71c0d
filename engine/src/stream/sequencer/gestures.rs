//! The sounds between sections: risers and blows, filters that move, a beat of silence.
//!
//! They belong to the loop that plays. One that has begun before the place to which a host jumps is not played there.

use super::{BlockEvents, Sequencer, Span};
use crate::arranger::{Gesture, PlacedGesture, corners};
use sceneloop_music::{Energy, Role};
use sceneloop_render::{Effect, EventKind, RenderEvent, SweepKind};

impl Sequencer {
    /// Sounds between sections, where the loop that plays has them.
    pub(super) fn start_gestures(&mut self, from: f64, to: f64, span: &Span, events: &mut BlockEvents) {
        let Some(playing) = &self.playing else { return };
        let mut filtered_until = self.filtered_until;
        for placed in &playing.prepared.composed.gestures {
            let time = playing.start + placed.at;
            if (from..to).contains(&time) && placed.rank.sounds_at(self.held_energy()) {
                start_gesture(placed, self.energy, span.frame_of(time), span, events);
                if !roles(placed.gesture).is_empty() {
                    filtered_until = filtered_until.max(time + placed.length);
                }
            }
        }
        self.filtered_until = filtered_until;
    }

    /// Whatever filter moves or silence holds is gone at once: another loop begins than it was made for.
    pub(super) fn end_gestures(&mut self, position: f64, span: &Span, events: &mut BlockEvents) {
        const NEAR: f64 = 1e-6;
        if std::mem::replace(&mut self.filtered_until, f64::NEG_INFINITY) > position + NEAR {
            let frame = span.frame_of(position);
            for role in Role::ALL {
                for kind in [
                    EventKind::Sweep {
                        kind: SweepKind::LowPass,
                        frames: 0,
                        from_hz: 20_000.0,
                        to_hz: 20_000.0,
                    },
                    EventKind::Cut { frames: 0 },
                ] {
                    events.render.push(RenderEvent { frame, role, kind });
                }
            }
        }
    }
}

/// The roles whose stems a gesture takes hold of; none where it is a sound of its own.
fn roles(gesture: Gesture) -> &'static [Role] {
    match gesture {
        Gesture::HighPass | Gesture::LowPass => &[Role::Chords, Role::Pad, Role::Arp],
        Gesture::Cut => &[Role::Drums, Role::Bass, Role::Chords, Role::Pad, Role::Arp, Role::Lead],
        _ => &[],
    }
}

/// Softer at low energies, as the notes are fewer there.
fn start_gesture(placed: &PlacedGesture, energy: Energy, frame: u32, span: &Span, events: &mut BlockEvents) {
    let frames = (placed.length / span.quarters_per_frame).round().clamp(1.0, f64::from(u32::MAX)) as u32;
    let sound = |effect: Effect| {
        let gain = placed.gain * (0.4 + 0.6 * energy.unit());
        RenderEvent { frame, role: Role::Texture, kind: EventKind::Effect { effect, frames, gain } }
    };
    let effect = match placed.gesture {
        Gesture::Riser => Effect::Riser,
        Gesture::Downlifter => Effect::Downlifter,
        Gesture::Reverse => Effect::Reverse,
        Gesture::Impact => Effect::Impact,
        Gesture::SubDrop => Effect::SubDrop,
        Gesture::HighPass | Gesture::LowPass | Gesture::Cut => {
            let kind = match (placed.gesture, corners(placed.gesture)) {
                (Gesture::LowPass, Some((from_hz, to_hz))) => {
                    EventKind::Sweep { kind: SweepKind::LowPass, frames, from_hz, to_hz }
                }
                (_, Some((from_hz, to_hz))) => {
                    EventKind::Sweep { kind: SweepKind::HighPass, frames, from_hz, to_hz }
                }
                (_, None) => EventKind::Cut { frames },
            };
            let held = roles(placed.gesture).iter();
            events.render.extend(held.map(|role| RenderEvent { frame, role: *role, kind }));
            return;
        }
    };
    events.render.push(sound(effect));
}
