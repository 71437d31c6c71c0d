//! The 23 numbers measured from the notes of a loop: the one piece of code that library, training, conditioning
//! and tests all use.
//!
//! Counts without an upper end are brought to 0..1 by `x / (x + half)`, which rises for ever and is 0.5 at `half`.
//! Whatever has nothing to be measured from (no notes, no melody) has a fixed value, given with its function.

use super::{Descriptor, Dimension, tempo_unit};
use crate::chord::Chord;
use crate::energy::Energy;
use crate::grid::{LoopGrid, Note};
use crate::role::{PerRole, Role};
use crate::time::{Bpm, Metre};
use std::f32::consts::TAU;

/// Chord changes a quarter note that count as 0.5: one a bar of 4/4.
const HARMONIC_RHYTHM_HALF: f32 = 0.25;
/// Onsets a quarter note that count as 0.5.
const DENSITY_HALF: f32 = 6.0;
/// Onsets a second that count as 0.5 in the arousal.
const RATE_HALF: f32 = 8.0;
/// Longuet-Higgins and Lee's syncopation an onset that counts as 0.5.
const SYNCOPATION_HALF: f32 = 0.75;
/// Notes at once that count as 0.5.
const POLYPHONY_HALF: f32 = 8.0;
/// Mean roughness of intervals from which on the dissonance is 1; a lone minor second has 1, a major triad 0.19.
const ROUGHEST: f32 = 2.0 / 3.0;
/// Semitones from the tonic nearest to middle C that are the ends of the register, down and up.
const REGISTER_SPAN: f32 = 24.0;
/// Semitones between the lowest and the highest note that count as 1: all that the roles may use.
const WIDEST: f32 = 72.0;
/// Steepness of the curve that spreads valence and arousal, which as weighted means crowd in the middle.
const AFFECT_SLOPE: f32 = 10.0;

/// Roughness of an interval class, 0 to 6 semitones: Huron's index of consonance (D. Huron, "Interval-class content in
/// equally tempered pitch-class sets", Music Perception 11(3), 1994: −1.428, −0.582, 0.594, 0.386, 1.240, −0.453 for
/// classes 1 to 6) turned round and scaled, so that the fourth and fifth are 0 and the minor second is 1.
const ROUGHNESS: [f32; 7] = [0.0, 1.0, 0.683, 0.242, 0.320, 0.0, 0.635];

impl Descriptor {
    /// Measures the notes of a loop that sound at an energy, played at a tempo.
    ///
    /// Tonic: `(1 + cos φ) / 2` and `(1 + sin φ) / 2` with `φ` its angle on the circle of fifths, C at 0. Mode
    /// brightness and swing are those of the key and the loop. Shares are of all sounding onsets, 0 if there are none.
    /// All others are given with the functions of this module.
    pub fn measure(grid: &LoopGrid, bpm: Bpm, energy: Energy) -> Self {
        let notes =
            PerRole(Role::ALL.map(|role| grid.clips[role].sounding(energy).copied().collect::<Vec<Note>>()));
        let pitched: Vec<Note> =
            by_onset(notes.iter().filter(|(role, _)| role.is_pitched()).flat_map(|(_, n)| n));
        let onsets: usize = notes.iter().map(|(_, notes)| notes.len()).sum();
        let share = |roles: &[Role]| ratio(roles.iter().map(|role| notes[*role].len()).sum(), onsets);
        let quarters = grid.quarters().max(f64::EPSILON) as f32;
        let angle = f32::from(grid.key.tonic.fifths()) / 12.0 * TAU;

        let mut d = Self::default();
        d[Dimension::TonicCos] = ((1.0 + angle.cos()) / 2.0).clamp(0.0, 1.0);
        d[Dimension::TonicSin] = ((1.0 + angle.sin()) / 2.0).clamp(0.0, 1.0);
        d[Dimension::ModeBrightness] = grid.key.mode.brightness();
        d[Dimension::HarmonicRhythm] = saturated(chord_changes(grid) as f32 / quarters, HARMONIC_RHYTHM_HALF);
        d[Dimension::HarmonicComplexity] = harmonic_complexity(grid);
        d[Dimension::Dissonance] = dissonance(&pitched);
        d[Dimension::Tempo] = tempo_unit(bpm.get());
        d[Dimension::OnsetDensity] = saturated(onsets as f32 / quarters, DENSITY_HALF);
        d[Dimension::Syncopation] = syncopation(grid, &notes);
        d[Dimension::Swing] =
            if grid.swing.amount.is_nan() { 0.0 } else { grid.swing.amount.clamp(0.0, 1.0) };
        d[Dimension::MetricEvenness] = metric_evenness(grid.metre, notes.iter().flat_map(|(_, notes)| notes));
        d[Dimension::Subdivision] = ratio(
            notes.iter().flat_map(|(_, notes)| notes).filter(|note| note.onset % 2 == 1).count(),
            onsets,
        );
        d[Dimension::Polyphony] = saturated(voices(&pitched), POLYPHONY_HALF);
        d[Dimension::DrumShare] = share(&[Role::Drums]);
        d[Dimension::BassShare] = share(&[Role::Bass]);
        d[Dimension::ChordShare] = share(&[Role::Chords, Role::Pad]);
        d[Dimension::LeadShare] = share(&[Role::Lead]);
        d[Dimension::ArpShare] = share(&[Role::Arp, Role::Texture]);
        d[Dimension::Register] = register(&pitched);
        d[Dimension::PitchRange] = pitch_range(&pitched);
        d[Dimension::StepwiseMotion] = stepwise_motion(&notes);
        let loudness = ratio(
            notes.iter().flat_map(|(_, notes)| notes).map(|note| usize::from(note.velocity.min(127))).sum(),
            onsets * 127,
        );
        d[Dimension::Valence] = valence(&d);
        d[Dimension::Arousal] = arousal(&d, onsets as f32 / quarters * (bpm.get() / 60.0) as f32, loudness);
        d
    }

    /// Onsets a quarter note at which the onset density is what stands here; of the densest no more than 114.
    pub fn onsets_per_quarter(&self) -> f32 {
        unsaturated(self[Dimension::OnsetDensity], DENSITY_HALF)
    }

    /// Notes at once at which the polyphony is what stands here, no more than 152.
    pub fn notes_at_once(&self) -> f32 {
        unsaturated(self[Dimension::Polyphony], POLYPHONY_HALF)
    }

    /// Chord changes a quarter note at which the harmonic rhythm is what stands here, no more than 4.75.
    pub fn chord_changes_per_quarter(&self) -> f32 {
        unsaturated(self[Dimension::HarmonicRhythm], HARMONIC_RHYTHM_HALF)
    }

    /// Mean pitch at which the register is what stands here, semitones from the tonic nearest to middle C.
    pub fn mean_pitch(&self) -> f32 {
        (2.0 * self[Dimension::Register] - 1.0) * REGISTER_SPAN
    }
}

fn saturated(x: f32, half: f32) -> f32 {
    x / (x + half)
}

/// What [`saturated`] was given; nothing is dense enough for the end of the scale, so it stops before.
fn unsaturated(y: f32, half: f32) -> f32 {
    let y = y.clamp(0.0, 0.95);
    half * y / (1.0 - y)
}

fn ratio(part: usize, whole: usize) -> f32 {
    if whole == 0 { 0.0 } else { part as f32 / whole as f32 }
}

fn by_onset<'a>(notes: impl Iterator<Item = &'a Note>) -> Vec<Note> {
    let mut notes: Vec<Note> = notes.copied().collect();
    notes.sort_by_key(|note| (note.onset, note.pitch));
    notes
}

/// Chords that differ from the one before, the loop taken as a circle; a loop on one chord has none.
fn chord_changes(grid: &LoopGrid) -> usize {
    let before = grid.chords.iter().cycle().skip(grid.chords.len().saturating_sub(1));
    grid.chords.iter().zip(before).filter(|(span, before)| span.chord != before.chord).count()
}

/// Mean over the loop of each chord's complexity: `0.7 × (tones − 2) / 3` for its size (two tones 0, five 0.7), 0.15 more
/// if a semitone or a tritone lies between its tones, 0.1 more if a tone lies outside the scale, 0.05 more for a bass
/// that is not the root. 0 without chords.
fn harmonic_complexity(grid: &LoopGrid) -> f32 {
    let steps = grid.steps();
    let ends = grid.chords.iter().skip(1).map(|span| u32::from(span.step)).chain([steps]);
    let (mut sum, mut total) = (0.0, 0.0);
    for (span, end) in grid.chords.iter().zip(ends) {
        let length = end.saturating_sub(u32::from(span.step)) as f32;
        sum += length * chord_complexity(grid, span.chord);
        total += length;
    }
    if total > 0.0 { (sum / total).clamp(0.0, 1.0) } else { 0.0 }
}

fn chord_complexity(grid: &LoopGrid, chord: Chord) -> f32 {
    let tones: Vec<u8> = chord.pitch_classes().collect();
    let sharp = tones.iter().any(|a| tones.iter().any(|b| matches!((12 + a - b) % 12, 1 | 6)));
    let outside = tones.iter().any(|tone| !grid.key.mode.contains(i32::from(*tone)));
    let extras = [(sharp, 0.15), (outside, 0.1), (chord.bass_class() != chord.root, 0.05)];
    0.7 * (tones.len() as f32 - 2.0) / 3.0
        + extras.iter().filter(|(has, _)| *has).map(|(_, more)| more).sum::<f32>()
}

/// Mean [`ROUGHNESS`] of all pairs of pitched notes that sound together, weighted by how long they do, over
/// [`ROUGHEST`]. Intervals above an octave count as their class times `12 / semitones`, because roughness comes from
/// partials within a critical band (R. Plomp and W. Levelt, "Tonal consonance and critical bandwidth", JASA 38, 1965).
/// 0 without pairs.
fn dissonance(pitched: &[Note]) -> f32 {
    let (mut sum, mut total) = (0.0f64, 0.0f64);
    for (index, low) in pitched.iter().enumerate() {
        let end = u32::from(low.onset) + u32::from(low.duration);
        for other in pitched[index + 1..].iter().take_while(|other| u32::from(other.onset) < end) {
            let until = end.min(u32::from(other.onset) + u32::from(other.duration));
            let together = f64::from(until - u32::from(other.onset));
            sum += together * f64::from(roughness(i32::from(other.pitch) - i32::from(low.pitch)));
            total += together;
        }
    }
    if total > 0.0 { ((sum / total) as f32 / ROUGHEST).min(1.0) } else { 0.0 }
}

fn roughness(semitones: i32) -> f32 {
    let distance = semitones.unsigned_abs();
    let class = distance % 12;
    ROUGHNESS[class.min(12 - class) as usize] * (12.0 / distance.max(12) as f32)
}

/// Syncopation after H. C. Longuet-Higgins and C. S. Lee ("The rhythmic interpretation of monophonic music", Music
/// Perception 1(4), 1984): an onset followed by silence, or held, over a position of more metrical weight than its own
/// scores the difference. Weights are those of [`Metre::weight`]. Each drum lane and each pitched role is a line of its
/// own, a circle like the loop; the value is the mean score of an onset, saturated. 0 without onsets.
fn syncopation(grid: &LoopGrid, notes: &PerRole<Vec<Note>>) -> f32 {
    let bar = grid.metre.steps_per_bar();
    let weights: Vec<i32> = (0..bar).map(|step| i32::from(grid.metre.weight(step))).collect();
    let weight = |step: u32| weights[(step % bar) as usize];
    let steps = grid.steps();
    let (mut score, mut count) = (0, 0usize);
    for (role, notes) in notes.iter() {
        let mut onsets: Vec<(i8, u32)> = notes
            .iter()
            .map(|note| (if role.is_pitched() { 0 } else { note.pitch }, u32::from(note.onset)))
            .collect();
        onsets.sort_unstable();
        onsets.dedup();
        for line in onsets.chunk_by(|a, b| a.0 == b.0) {
            let next = line.iter().skip(1).map(|(_, step)| *step).chain([line[0].1 + steps]);
            for (&(_, step), next) in line.iter().zip(next) {
                let strongest = (step + 1..next).map(weight).max().unwrap_or(0);
                score += (strongest - weight(step)).max(0);
            }
            count += line.len();
        }
    }
    if count == 0 { 0.0 } else { saturated(score as f32 / count as f32, SYNCOPATION_HALF) }
}

/// Shannon entropy of the onsets over the felt beats of the bar, by their number for each step of the beat so that
/// beats of unlike length are fairly compared, over its largest value: 1 if all beats are as full, 0 if one beat has all.
/// 0 without onsets; a bar of one beat is even.
fn metric_evenness<'a>(metre: Metre, notes: impl Iterator<Item = &'a Note>) -> f32 {
    let beats = metre.beats();
    let bar = metre.steps_per_bar();
    let mut counts = vec![0u32; bar as usize];
    notes.for_each(|note| counts[(u32::from(note.onset) % bar) as usize] += 1);
    if counts.iter().all(|count| *count == 0) {
        return 0.0;
    }
    if beats.len() < 2 {
        return 1.0;
    }
    let mut start = 0;
    let densities: Vec<f32> = beats
        .iter()
        .map(|&length| {
            let onsets: u32 = counts[start..start + length as usize].iter().sum();
            start += length as usize;
            onsets as f32 / length as f32
        })
        .collect();
    let total: f32 = densities.iter().sum();
    let entropy: f32 = densities.iter().map(|x| x / total).filter(|p| *p > 0.0).map(|p| -p * p.ln()).sum();
    (entropy / (beats.len() as f32).ln()).clamp(0.0, 1.0)
}

/// Mean number of pitched notes at once, over the steps in which there is one at all. 0 without notes.
fn voices(pitched: &[Note]) -> f32 {
    let held: u32 = pitched.iter().map(|note| u32::from(note.duration)).sum();
    let (mut busy, mut until) = (0, 0);
    for note in pitched {
        let (start, end) = (u32::from(note.onset), u32::from(note.onset) + u32::from(note.duration));
        busy += end.saturating_sub(start.max(until));
        until = until.max(end);
    }
    if busy == 0 { 0.0 } else { held as f32 / busy as f32 }
}

/// Mean pitch weighted by duration, from 24 semitones below the tonic nearest to middle C (0) to 24 above (1). 0.5
/// without notes.
fn register(pitched: &[Note]) -> f32 {
    let held: f32 = pitched.iter().map(|note| f32::from(note.duration)).sum();
    if held == 0.0 {
        return 0.5;
    }
    let mean =
        pitched.iter().map(|note| f32::from(note.pitch) * f32::from(note.duration)).sum::<f32>() / held;
    ((mean + REGISTER_SPAN) / (2.0 * REGISTER_SPAN)).clamp(0.0, 1.0)
}

/// Semitones between the lowest and the highest pitched note over [`WIDEST`]. 0 without notes.
fn pitch_range(pitched: &[Note]) -> f32 {
    let lowest = pitched.iter().map(|note| note.pitch).min().unwrap_or(0);
    let highest = pitched.iter().map(|note| note.pitch).max().unwrap_or(0);
    ((f32::from(highest) - f32::from(lowest)) / WIDEST).min(1.0)
}

/// Share of the steps from one onset to the next in the tune's highest line that are at most two semitones, repeated
/// notes among them. The tune is the first of lead, arp, bass and chords that has two onsets. 0.5 without one.
fn stepwise_motion(notes: &PerRole<Vec<Note>>) -> f32 {
    let line = |role: Role| {
        let mut line: Vec<(u16, i8)> = notes[role].iter().map(|note| (note.onset, note.pitch)).collect();
        line.sort_by_key(|(onset, pitch)| (*onset, std::cmp::Reverse(*pitch)));
        line.dedup_by_key(|(onset, _)| *onset);
        line
    };
    let Some(line) =
        [Role::Lead, Role::Arp, Role::Bass, Role::Chords].into_iter().map(line).find(|line| line.len() > 1)
    else {
        return 0.5;
    };
    let steps = line.windows(2).filter(|pair| pair[0].1.abs_diff(pair[1].1) <= 2).count();
    ratio(steps, line.len() - 1)
}

/// Logistic curve through 0.5 at `middle`.
fn spread(x: f32, middle: f32) -> f32 {
    1.0 / (1.0 + (-AFFECT_SLOPE * (x - middle)).exp())
}

/// Valence: `0.45 × mode brightness + 0.2 × tempo + 0.2 × (1 − dissonance) + 0.15 × register`, spread around 0.52. What
/// raises it and in which order of strength follows the reviews in A. Gabrielsson and E. Lindström, "The role of structure
/// in the musical expression of emotions" (Handbook of Music and Emotion, 2010): mode and tempo before all, then
/// consonance, then pitch level. The weights themselves are ours.
fn valence(d: &Descriptor) -> f32 {
    let sum = 0.45 * d[Dimension::ModeBrightness]
        + 0.2 * d[Dimension::Tempo]
        + 0.2 * (1.0 - d[Dimension::Dissonance])
        + 0.15 * d[Dimension::Register];
    spread(sum, 0.52)
}

/// Arousal: `0.3 × tempo + 0.45 × rate + 0.1 × dissonance + 0.15 × loudness`, spread around 0.52; rate is the onsets a
/// second, saturated, loudness the mean velocity over 127. Source as for the valence: tempo, density and loudness
/// are what raises activity most, dissonance a little. The weights themselves are ours.
fn arousal(d: &Descriptor, onsets_a_second: f32, loudness: f32) -> f32 {
    let sum = 0.3 * d[Dimension::Tempo]
        + 0.45 * saturated(onsets_a_second, RATE_HALF)
        + 0.1 * d[Dimension::Dissonance]
        + 0.15 * loudness;
    spread(sum, 0.52)
}

#[cfg(test)]
#[path = "measure_tests.rs"]
mod tests;
