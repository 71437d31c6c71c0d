//! What a stinger plays: from its kind and what surrounds it to a bounded list of notes. Pure, and without allocation.
//!
//! Notes are [`Tone`]s, steps of chord and scale: keys are made of them when they are struck, so that a stinger that
//! outlasts a chord goes on in the next one. All times are whole and half pulses; a pulse is a sixteenth at a moderate
//! tempo, so that a figure is as quick at 60 BPM as at 174.

use super::grid;
use super::tone::Tone;
use sceneloop_music::{Bpm, DrumLane, Energy, Metre, Role, Stinger};

/// Most notes of one stinger.
pub(crate) const MAX_NOTES: usize = 64;

/// From this tempo down a pulse is a thirty-second, BPM.
const SLOW: f64 = 75.0;
/// From this tempo up a pulse is an eighth, BPM.
const FAST: f64 = 150.0;

/// One note.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Struck {
    /// Quarter notes from the beginning.
    pub at: f64,
    /// Quarter notes.
    pub length: f64,
    pub role: Role,
    pub tone: Tone,
    /// 0 to 1.
    pub velocity: f32,
}

/// What surrounds a stinger.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Setting {
    pub metre: Metre,
    pub bpm: Bpm,
    /// Quarter notes from the last bar line to the beginning.
    pub into_bar: f64,
    pub energy: Energy,
    /// Chooses between figures that do the same.
    pub seed: u64,
}

/// All notes of one stinger, by time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Score {
    notes: [Struck; MAX_NOTES],
    count: usize,
}

impl Score {
    /// Nothing.
    pub const EMPTY: Self = Self {
        notes: [Struck {
            at: 0.0,
            length: 0.0,
            role: Role::Drums,
            tone: Tone::Drum(DrumLane::Kick),
            velocity: 0.0,
        }; MAX_NOTES],
        count: 0,
    };

    /// The notes of a stinger.
    pub fn of(stinger: Stinger, setting: &Setting) -> Self {
        let pulse = match setting.bpm.get() {
            bpm if bpm <= SLOW => 0.125,
            bpm if bpm >= FAST => 0.5,
            _ => 0.25,
        };
        let force = 0.75 + 0.25 * setting.energy.unit();
        let mut pen = Pen { score: Self::EMPTY, pulse, force, seed: setting.seed };
        match stinger {
            Stinger::Victory => pen.victory(),
            Stinger::Defeat => pen.defeat(),
            Stinger::Death => pen.death(),
            Stinger::Boss => pen.boss(),
            Stinger::Danger => pen.danger(),
            Stinger::Calm => pen.calm(),
            Stinger::Discovery => pen.discovery(),
            Stinger::Countdown => pen.countdown(setting),
            Stinger::Cheer => pen.cheer(),
        }
        let mut score = pen.score;
        score.notes[..score.count].sort_unstable_by(|a, b| {
            (a.at.total_cmp(&b.at)).then(a.role.cmp(&b.role)).then(b.velocity.total_cmp(&a.velocity))
        });
        score
    }

    /// By time.
    pub fn notes(&self) -> &[Struck] {
        &self.notes[..self.count]
    }

    /// Quarter notes from the beginning to the end of the last note.
    pub fn quarters(&self) -> f64 {
        self.notes().iter().map(|note| note.at + note.length).fold(0.0, f64::max)
    }
}

/// Writes in pulses.
struct Pen {
    score: Score,
    /// Quarter notes.
    pulse: f64,
    force: f32,
    seed: u64,
}

impl Pen {
    fn note(&mut self, role: Role, at: f64, length: f64, velocity: f32, tone: Tone) {
        let Some(place) = self.score.notes.get_mut(self.score.count) else { return };
        let velocity = (velocity * self.force).clamp(0.0, 1.0);
        *place = Struck { at: at * self.pulse, length: length * self.pulse, role, tone, velocity };
        self.score.count += 1;
    }

    fn drum(&mut self, at: f64, velocity: f32, lane: DrumLane) {
        self.note(Role::Drums, at, 0.5, velocity, Tone::Drum(lane));
    }

    /// Some tones of the chord at once.
    fn chord(
        &mut self,
        role: Role,
        at: f64,
        length: f64,
        velocity: f32,
        floor: u8,
        steps: std::ops::Range<i8>,
    ) {
        for step in steps {
            self.note(role, at, length, velocity, Tone::Chord { floor, step });
        }
    }

    /// One of some figures.
    fn pick<'a, T: ?Sized>(&self, figures: &[&'a T]) -> &'a T {
        figures[(self.seed % figures.len() as u64) as usize]
    }

    fn victory(&mut self) {
        // When, which tone of the chord, how long.
        let figure: &[(f64, i8, f64)] = self.pick(&[
            &[(0.0, 0, 1.0), (1.0, 0, 1.0), (2.0, 0, 1.0), (3.0, 1, 2.0), (5.0, 2, 1.0)][..],
            &[(0.0, 0, 1.5), (1.5, 0, 0.5), (2.0, 1, 1.5), (3.5, 1, 0.5), (4.0, 2, 2.0)],
            &[(0.0, 0, 2.0), (2.0, 1, 1.0), (3.0, 1, 1.0), (4.0, 2, 1.0), (5.0, 2, 1.0)],
        ]);
        for &(at, step, length) in figure {
            self.note(Role::Lead, at, 0.9 * length, 0.85, Tone::Chord { floor: 60, step });
            self.drum(at, 0.6, DrumLane::Snare);
        }
        self.chord(Role::Chords, 0.0, 2.0, 0.7, 52, 0..2);
        self.note(Role::Bass, 0.0, 5.5, 0.8, Tone::Root { floor: 36 });
        self.drum(0.0, 0.9, DrumLane::TomLow);
        self.note(Role::Lead, 6.0, 6.0, 1.0, Tone::Home { floor: 74 });
        self.chord(Role::Chords, 6.0, 6.0, 0.85, 55, 0..4);
        self.note(Role::Bass, 6.0, 6.0, 0.95, Tone::Home { floor: 33 });
        self.drum(6.0, 1.0, DrumLane::Crash);
        self.drum(6.0, 1.0, DrumLane::Kick);
    }

    fn defeat(&mut self) {
        let times: &[f64] =
            self.pick(&[&[0.0, 2.0, 4.0, 6.0][..], &[0.0, 3.0, 4.0, 7.0], &[0.0, 1.0, 4.0, 6.0]]);
        for (index, &at) in times.iter().enumerate() {
            let length = times.get(index + 1).unwrap_or(&8.0) - at;
            let tone = Tone::Scale { floor: 67, step: 3 - index as i8 };
            self.note(Role::Lead, at, length, 0.8 - 0.08 * index as f32, tone);
        }
        self.note(Role::Lead, 8.0, 7.0, 0.6, Tone::Home { floor: 54 });
        self.chord(Role::Pad, 0.0, 15.0, 0.7, 50, 0..3);
        self.note(Role::Bass, 0.0, 8.0, 0.85, Tone::Root { floor: 36 });
        self.note(Role::Bass, 8.0, 7.0, 0.8, Tone::Home { floor: 28 });
        self.drum(0.0, 0.9, DrumLane::TomLow);
        self.drum(8.0, 0.8, DrumLane::TomLow);
        self.drum(8.0, 0.7, DrumLane::Kick);
    }

    fn death(&mut self) {
        for (at, velocity) in [(0.0, 1.0), (12.0, 0.8)] {
            self.note(Role::Arp, at, 8.0, velocity, Tone::Root { floor: 48 });
            self.note(Role::Arp, at, 8.0, 0.8 * velocity, Tone::Root { floor: 60 });
            self.drum(at, 0.9 * velocity, DrumLane::TomLow);
            self.drum(at, 0.9 * velocity, DrumLane::Kick);
        }
        self.drum(0.0, 0.7, DrumLane::Crash);
        for step in 0..4 {
            let tone = Tone::Scale { floor: 43, step: 3 - step };
            self.note(Role::Bass, 4.0 + 2.0 * f64::from(step), 2.0, 0.8, tone);
        }
        self.note(Role::Bass, 12.0, 8.0, 0.9, Tone::Home { floor: 29 });
        self.note(Role::Pad, 4.0, 8.0, 0.6, Tone::Root { floor: 48 });
        self.note(Role::Pad, 12.0, 8.0, 0.8, Tone::Root { floor: 40 });
        self.note(Role::Pad, 12.0, 8.0, 0.8, Tone::Bare { floor: 40 });
    }

    fn boss(&mut self) {
        let hits: &[f64] = self.pick(&[&[0.0, 3.0, 6.0][..], &[0.0, 2.0, 3.0, 6.0], &[0.0, 4.0, 6.0]]);
        for &at in hits.iter().chain(&[8.0]) {
            let length = if at == 8.0 { 7.0 } else { 1.5 };
            for (floor, velocity) in [(40, 1.0), (52, 0.85)] {
                self.note(Role::Chords, at, length, velocity, Tone::Root { floor });
            }
            self.note(Role::Chords, at, length, 0.9, Tone::Rub { floor: 40 });
            self.note(Role::Bass, at, length, 1.0, Tone::Root { floor: 28 });
            self.drum(at, 1.0, DrumLane::Kick);
            self.drum(at, 0.95, DrumLane::TomLow);
        }
        for (at, lane) in [(5.0, DrumLane::TomMid), (7.0, DrumLane::TomHigh), (7.5, DrumLane::TomMid)] {
            self.drum(at, 0.75, lane);
        }
        self.drum(8.0, 1.0, DrumLane::Crash);
        for pulse in 0..6 {
            self.drum(9.0 + f64::from(pulse), 0.45 + 0.08 * pulse as f32, DrumLane::TomLow);
        }
    }

    fn danger(&mut self) {
        for pulse in 0..16_u8 {
            let swell = 0.5 + 0.03 * f32::from(pulse);
            let tone = if pulse % 2 == 0 { Tone::Root { floor: 64 } } else { Tone::Rub { floor: 64 } };
            self.note(Role::Lead, f64::from(pulse), 1.0, swell, tone);
            if pulse >= 8 {
                self.drum(f64::from(pulse), 0.7 * swell, DrumLane::TomLow);
            }
        }
        self.note(Role::Bass, 0.0, 16.0, 0.9, Tone::Root { floor: 28 });
        self.note(Role::Pad, 0.0, 16.0, 0.7, Tone::Root { floor: 52 });
        self.note(Role::Pad, 0.0, 16.0, 0.7, Tone::Rub { floor: 52 });
        self.drum(0.0, 1.0, DrumLane::TomLow);
    }

    fn calm(&mut self) {
        let times: &[f64] =
            self.pick(&[&[0.0, 2.0, 4.0, 6.0][..], &[0.0, 3.0, 6.0, 9.0], &[0.0, 1.0, 4.0, 6.0]]);
        for (index, &at) in times.iter().enumerate() {
            let tone = Tone::Chord { floor: 72, step: 3 - index as i8 };
            self.note(Role::Arp, at, 6.0, 0.6 - 0.06 * index as f32, tone);
        }
        self.note(Role::Arp, 12.0, 8.0, 0.45, Tone::Home { floor: 60 });
        self.chord(Role::Pad, 0.0, 18.0, 0.5, 55, 0..3);
    }

    fn discovery(&mut self) {
        let steps: &[i8] = self.pick(&[&[0, 1, 2, 3, 4, 5][..], &[0, 2, 1, 3, 2, 4], &[0, 1, 3, 2, 4, 5]]);
        for (index, &step) in steps.iter().enumerate() {
            let velocity = 0.6 + 0.05 * index as f32;
            self.note(Role::Arp, index as f64, 3.0, velocity, Tone::Chord { floor: 60, step });
        }
        self.note(Role::Arp, 6.0, 8.0, 0.9, Tone::Bright { floor: 80 });
        self.note(Role::Lead, 6.0, 8.0, 0.6, Tone::Chord { floor: 72, step: 2 });
        self.chord(Role::Pad, 0.0, 14.0, 0.6, 60, 0..3);
        self.drum(6.0, 0.5, DrumLane::Ride);
        self.note(Role::Bass, 6.0, 8.0, 0.6, Tone::Root { floor: 36 });
    }

    /// Three ticks on the last beats before the first bar line that has three before it, and there it goes.
    fn countdown(&mut self, setting: &Setting) {
        let bar = setting.metre.quarters_per_bar();
        let (mut last, mut seen) = ([0.0; 3], 0);
        let mut line = -setting.into_bar;
        // Three beats are in three bars at the most.
        for _ in 0..5 {
            if line > -1e-6 && seen >= 3 {
                break;
            }
            for beat in grid::beats(setting.metre).map(|beat| line + beat).filter(|beat| *beat > -1e-6) {
                last = [last[1], last[2], beat.max(0.0)];
                seen += 1;
            }
            line += bar;
        }
        let at = |quarters: f64| quarters / self.pulse;
        let (ticks, go) = (last.map(at), at(line));
        if ticks[0] > 0.0 {
            self.drum(0.0, 0.7, DrumLane::Rim);
            self.note(Role::Arp, 0.0, 1.0, 0.6, Tone::Root { floor: 48 });
        }
        for (index, tick) in ticks.into_iter().enumerate() {
            let velocity = 0.75 + 0.08 * index as f32;
            self.drum(tick, velocity, DrumLane::Rim);
            self.note(Role::Arp, tick, 1.0, velocity, Tone::Home { floor: 60 });
        }
        self.note(Role::Arp, go, 4.0, 1.0, Tone::Home { floor: 72 });
        self.chord(Role::Chords, go, 4.0, 0.9, 55, 0..4);
        self.note(Role::Bass, go, 4.0, 0.9, Tone::Root { floor: 36 });
        self.drum(go, 1.0, DrumLane::Crash);
        self.drum(go, 1.0, DrumLane::Kick);
    }

    fn cheer(&mut self) {
        self.note(Role::Texture, 0.0, 16.0, 1.0, Tone::Root { floor: 60 });
        let stabs: &[(f64, f64)] = self.pick(&[
            &[(0.0, 1.0), (3.0, 1.0), (6.0, 4.0)][..],
            &[(0.0, 2.0), (4.0, 1.0), (6.0, 4.0)],
            &[(0.0, 1.0), (2.0, 1.0), (4.0, 4.0)],
        ]);
        for &(at, length) in stabs {
            self.chord(Role::Chords, at, length, 0.9, 60, 0..4);
            self.note(Role::Bass, at, length, 0.8, Tone::Root { floor: 36 });
            self.drum(at, 0.9, DrumLane::Kick);
            self.drum(at, 0.9, DrumLane::Clap);
        }
        self.drum(0.0, 0.8, DrumLane::Crash);
        for clap in 0..4 {
            self.drum(8.0 + 2.0 * f64::from(clap), 0.6, DrumLane::Clap);
        }
    }
}

#[cfg(test)]
mod tests;
