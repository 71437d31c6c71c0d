//! The lead: one or two motifs in a form (statement, repetition, sequence, inversion, fragment, cadence), sung in
//! the scale, on chord tones where it counts, with one height a phrase and breath at the ends of phrases.

mod ornament;

use super::motif::Motif;
use super::part::Part;
use super::sketch::Sketch;
use super::style::{Idiom, Plan};
use sceneloop_music::{Chord, Dice, Role};

/// What the bars of a tune do, by the number of bars: `A` statement, `a` repetition on the new chord, `s` and `d`
/// sequence up and down, `i` inversion, `B` second motif, `f` fragment, `h` open end, `c` close, `t` tihai, `-` rest.
const FORMS: [&[&str]; 8] = [
    &["A"],
    &["Ac", "AB", "As"],
    &["Asc", "ABc", "Aac"],
    &["ABAc", "AaBc", "Asdc", "AiBc", "Asfc", "AhAc", "AdBc"],
    &["ABAhc", "AsAsc", "AaBhc"],
    &["ABhABc", "AsBAsc", "AahAdc"],
    &["ABAhABc", "AsBhAsc"],
    &["ABAhABfc", "AaBhAaBc", "AsBhAsic", "AhAdBsfc", "AsdhAsic"],
];

/// The same for tunes that are mostly silent.
const SPARSE: [&[&str]; 8] = [
    &["A"],
    &["A-", "Ah"],
    &["A-c", "Ah-"],
    &["A-a-", "A-Ac", "Ah-c", "A-s-"],
    &["A-a-c", "Ah-Ac"],
    &["A-a-Bc", "Ah-As-"],
    &["A-a-B-c", "Ah-A-s-"],
    &["A-a-A-B-", "Ah-cA-s-", "A-AhA-Bc", "A-s-a-d-"],
];

/// Semitones above the middle of a tune up to which it may be doubled.
const DOUBLED_ABOVE: i32 = 14;

/// The lead of a loop.
pub fn write(sketch: &Sketch<'_>) -> Part {
    let idiom = sketch.idioms[Role::Lead];
    let tune = &idiom.tune;
    let mut dice = sketch.dice("lead");
    let recalled = sketch.previous.and_then(|before| Motif::recall(before, &sketch.frame));
    let fresh = fresh(sketch, idiom, &mut dice);
    let second = Motif::throw(&sketch.frame, tune, sketch.taste, &mut dice);
    // A variation tells the known motif in another way, or answers it with a new one and comes back to it.
    let first = match recalled {
        Some(motif) => match dice.below(4) {
            0 => motif.inverted(),
            1 | 2 => motif.varied(&mut dice),
            _ => motif,
        },
        None => fresh,
    };
    let quiet = tune.rest + (0.5 - sketch.taste.density) * 0.2;
    let forms = if dice.chance((quiet - 0.2) * 1.6) { SPARSE } else { FORMS };
    let general = *dice.pick(forms[sketch.frame.bars - 1]);
    let own: Vec<&str> = idiom.forms.iter().copied().filter(|form| form.len() == sketch.frame.bars).collect();
    let form = if !own.is_empty() && dice.chance(0.75) { *dice.pick(&own) } else { general };
    let peak = peak(form);
    let mut singer = Singer::new(sketch, &mut dice);
    let mut part = Part::default();
    for (bar, action) in form.bytes().enumerate() {
        let (motif, shift) = develop(sketch, action, &first, &second, &mut dice);
        if let Some(motif) = motif {
            let high = bar == peak;
            singer.sing(&motif, bar, shift + i32::from(high), (action, high), &mut part, &mut dice);
        }
    }
    part.single_voice();
    ornament::decorate(sketch, idiom, &mut part, &mut dice);
    double(sketch, idiom.second_voice, &mut part);
    part
}

/// The motif a tune begins from: one of the style's figures, perhaps bent, or one thrown from its rhythms.
fn fresh(sketch: &Sketch<'_>, idiom: &Idiom, dice: &mut Dice) -> Motif {
    let thrown = Motif::throw(&sketch.frame, &idiom.tune, sketch.taste, dice);
    // Where steps or leaps are asked for a thrown motif answers better than a figure that is as it is.
    let asked = (sketch.taste.stepwise - 0.5).abs();
    if idiom.hooks.is_empty() || !dice.chance(0.55 - asked) {
        return thrown;
    }
    let hook = Motif::of_figure(&sketch.frame, *dice.pick(idiom.hooks));
    match dice.below(8) {
        _ if hook.0.len() < 2 => thrown,
        0..4 => hook.varied(dice),
        4 => hook.inverted(),
        _ => hook,
    }
}

/// The bar in which the tune is highest: of the bars after the middle of the form the first that does not close.
fn peak(form: &str) -> usize {
    let from = if form.len() < 3 { 1 } else { form.len() / 2 };
    form.bytes()
        .enumerate()
        .skip(from)
        .find(|(_, action)| b"ABsaf".contains(action))
        .map_or(form.len(), |bar| bar.0)
}

/// The motif a bar sings, and how many steps of the scale it is moved.
fn develop(
    sketch: &Sketch<'_>,
    action: u8,
    first: &Motif,
    second: &Motif,
    dice: &mut Dice,
) -> (Option<Motif>, i32) {
    let frame = &sketch.frame;
    let starts = frame.beat_starts();
    let middle = starts[(starts.len() / 2).min(starts.len() - 1)].max(1).min(frame.bar_steps - 1);
    let breath = frame.bar_steps - frame.last_beat().min(frame.bar_steps / 4);
    match action {
        b'-' => (None, 0),
        b's' => (Some(first.clone()), dice.between(1, 2)),
        b'd' => (Some(first.clone()), -dice.between(1, 2)),
        b'i' => (Some(first.inverted()), 0),
        b'B' => (Some(second.clone()), dice.between(-1, 2)),
        b'f' => (Some(first.fragmented(middle, frame.bar_steps, *dice.pick(&[1, -1]))), 1),
        b't' => (Some(first.tihai(frame.bar_steps)), 0),
        b'h' => (Some(first.closed(middle, breath)), 1),
        b'c' => (Some(first.closed(middle, breath)), 0),
        _ => (Some(first.clone()), 0),
    }
}

/// Turns motifs into pitches and remembers where the voice is.
struct Singer<'s, 'a> {
    sketch: &'s Sketch<'a>,
    /// Lowest and highest MIDI key.
    range: (i32, i32),
    /// The degree on which the first statement began.
    anchor: i32,
    before: Option<i32>,
}

impl<'s, 'a> Singer<'s, 'a> {
    fn new(sketch: &'s Sketch<'a>, dice: &mut Dice) -> Self {
        let centre = sketch.idioms[Role::Lead].tune.centre + sketch.lift(5.0);
        let mode = sketch.grid.key.mode;
        let around = centre - sketch.tonic_key() + dice.between(-3, 3);
        let start = nearest_tone(sketch, sketch.span(0).2, around);
        Self { sketch, range: (centre - 10, centre + 12), anchor: mode.nearest_degree(start), before: None }
    }

    /// Sings a bar; `action` is what the form wants of it, and whether it is the height of the tune.
    fn sing(
        &mut self,
        motif: &Motif,
        bar: usize,
        shift: i32,
        action: (u8, bool),
        part: &mut Part,
        dice: &mut Dice,
    ) {
        let (action, high_point) = action;
        let (frame, mode) = (&self.sketch.frame, self.sketch.grid.key.mode);
        let tonic = self.sketch.tonic_key();
        let begin = bar as u16 * frame.bar_steps;
        let degrees = || motif.0.iter().map(|tone| tone.degree);
        let size = mode.scale().len() as i32;
        let mut base = self.anchor + shift;
        // The whole bar moves by octaves rather than one note of it leaving the range.
        let (high, low) = (degrees().max().unwrap_or(0), degrees().min().unwrap_or(0));
        while tonic + mode.degree(base + high) > self.range.1
            && tonic + mode.degree(base + low - size) >= self.range.0 - 2
        {
            base -= size;
        }
        while tonic + mode.degree(base + low) < self.range.0
            && tonic + mode.degree(base + high + size) <= self.range.1 + 2
        {
            base += size;
        }
        let last = motif.0.len().saturating_sub(1);
        for (index, tone) in motif.0.iter().enumerate() {
            let step = begin + tone.step;
            let weight = frame.weight(step);
            let chord = self.sketch.span(step).2;
            let mut pitch = mode.degree(base + tone.degree);
            let ending = index == last && matches!(action, b'c' | b'h');
            // Over a drone the tune has its scale and comes home; elsewhere the chord has its say where it counts.
            let idiom = self.sketch.idioms[Role::Lead];
            let free = idiom.drone && idiom.plan == Plan::Drone;
            let bound = weight >= 3 || (weight == 2 && tone.length >= 2) || tone.length >= 4;
            if ending || (bound && (!free || weight == 4)) {
                pitch = nearest_tone(self.sketch, chord, pitch);
            }
            if ending && action == b'c' {
                pitch = stable(chord, pitch);
            }
            pitch = self.near_before(pitch, chord);
            self.before = Some(pitch);
            // Phrases breathe before their last beat ends.
            let limit = frame.bar_steps - tone.step;
            let length = if index == last {
                tone.length.min(limit.saturating_sub(1).max(1))
            } else {
                tone.length.min(limit)
            };
            // A phrase swells to its height and leaves off at its end.
            let swell = if high_point { 5 } else { 0 } - if ending { 4 } else { 0 };
            let velocity =
                82 + i32::from(weight) * 4 + i32::from(tone.length.min(8)) + swell + dice.between(-3, 3);
            part.add(step, length, pitch, velocity, self.rank(weight, tone.length, index == 0));
        }
    }

    /// Leaps of more than an octave's larger half are taken back to a nearer tone.
    fn near_before(&self, pitch: i32, chord: Chord) -> i32 {
        let Some(before) = self.before else { return pitch };
        let mut near = pitch;
        while near - before > 9 {
            near -= 12;
        }
        while before - near > 9 {
            near += 12;
        }
        let key = near + self.sketch.tonic_key();
        let inside = key >= self.range.0 - 2 && key <= self.range.1;
        match (near == pitch, inside) {
            (true, _) => pitch,
            (false, true) => near,
            (false, false) => nearest_tone(self.sketch, chord, before),
        }
    }

    fn rank(&self, weight: u8, length: u16, first: bool) -> i32 {
        let place = [34, 24, 12, 3, 0][usize::from(weight.min(4))];
        let long = if length >= 4 { 8 } else { 0 };
        i32::from(self.sketch.idioms[Role::Lead].tune_rank)
            + (place - long - if first { 6 } else { 0 }).max(0)
    }
}

/// The pitch of a chord nearest to the one wanted that the tune may sing: chord tones of the scale if there are any.
fn nearest_tone(sketch: &Sketch<'_>, chord: Chord, pitch: i32) -> i32 {
    let mode = sketch.grid.key.mode;
    let nearest = |wanted: &dyn Fn(i32) -> bool| {
        (0..7).flat_map(|distance| [pitch - distance, pitch + distance]).find(|pitch| wanted(*pitch))
    };
    nearest(&|pitch| chord.contains(pitch) && mode.contains(pitch))
        .or_else(|| nearest(&|pitch| chord.contains(pitch)))
        .unwrap_or(pitch)
}

/// Where a phrase may rest: root, third or fifth of its last chord, whichever is nearest.
fn stable(chord: Chord, pitch: i32) -> i32 {
    let rests =
        |pitch: &i32| chord.pitch_classes().take(3).any(|class| i32::from(class) == pitch.rem_euclid(12));
    (0..7).flat_map(|distance| [pitch - distance, pitch + distance]).find(rests).unwrap_or(pitch)
}

/// The highest energies double the tune at the octave, or so many steps of the scale away. The octave is the upper one where the tune lies
/// low enough for its player to have it.
fn double(sketch: &Sketch<'_>, second: i32, part: &mut Part) {
    let mode = sketch.grid.key.mode;
    let highest = sketch.idioms[Role::Lead].tune.centre + DOUBLED_ABOVE - sketch.tonic_key();
    let highest = highest.min(33);
    let notes: Vec<_> = part.0.clone();
    for note in notes {
        let weight = sketch.frame.weight(note.onset);
        let octave = if note.pitch + 12 <= highest { note.pitch + 12 } else { note.pitch - 12 };
        let pitch = if second == 0 { octave } else { mode.degree(mode.nearest_degree(note.pitch) + second) };
        let rank = match weight {
            3..=4 => 83,
            2 => 88,
            _ => 96,
        };
        part.add(note.onset, note.duration, pitch, note.velocity - 18, rank.max(note.rank));
    }
}
