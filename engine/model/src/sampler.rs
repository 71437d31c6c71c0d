//! Finds what is masked, a part at a time: iterative unmasking.
//!
//! Rows are written in the order in which players would come in: harmony, then drums and bass, then chords and tune, then
//! what goes around them. Within a stage the share that is still masked falls as a cosine (H. Chang and others, *MaskGIT*,
//! 2022), and what the network is surest of comes first (H. Ben-Hamu and others, *Accelerated sampling from masked diffusion models
//! via entropy bounded unmasking*, 2025): by its entropy, not by the answer drawn, so that rests are not favoured.
//!
//! All chance comes from the task's seed; the backend draws nothing. Every question has a throw of its own, which bars of one letter of the
//! [`Form`] share.

use crate::condition::Condition;
use crate::draw::{Freedom, draw, entropy, probabilities};
use crate::features::{RowValues, offsets};
use crate::form::Form;
use crate::hints::{LoopHints, Seen};
use crate::network::{LoopInput, Network, RowInput};
use crate::rules::{Rules, chords};
use crate::steer::{Goals, Odds, Steering};
use crate::tokenizer::Tokens;
use crate::vocabulary::{FIRST_PITCH, FieldKind, HOLD, MASK, NOTHING, PATCH, Row, Vocabulary, pitch_of};
use burn::tensor::{Device, Tensor, TensorData};
use sceneloop_music::{Chord, Dice, Mode, Role};
use std::ops::Range;

/// What is to be found.
#[derive(Debug, Clone)]
pub struct Task {
    /// [`MASK`] where an answer is to be found; what is known stays as it is.
    pub tokens: Tokens,
    /// The loop before, of the same shape.
    pub before: Option<Tokens>,
    /// What is wanted.
    pub condition: Condition,
    /// The mode in which the loop stands; none lets every note and chord in.
    pub mode: Option<Mode>,
    /// Names the result.
    pub seed: u64,
}

/// How to look for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// How freely notes are drawn.
    pub notes: Freedom,
    /// How freely velocities and ranks are drawn.
    pub touch: Freedom,
    /// How far logits are led away from those of a network that was told nothing (J. Ho and T. Salimans, *Classifier-free
    /// diffusion guidance*, 2022). 0 asks once instead of twice.
    pub guidance: f32,
    /// Forwards of each stage of [`STAGES`].
    pub forwards: [usize; STAGES.len()],
    /// How far the odds of a note, a hit or a chord change are moved at most, in nats, where as many onsets as are wanted would not come by
    /// themselves. 0 leaves them to the network.
    pub steering: f32,
    /// Whether velocities and ranks are found again at the end, when all notes are known.
    pub retouch: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            notes: Freedom { temperature: 0.9, top_p: 0.92 },
            touch: Freedom { temperature: 0.5, top_p: 0.9 },
            guidance: 0.0,
            steering: 2.0,
            forwards: [2, 4, 4, 3],
            retouch: true,
        }
    }
}

/// Rows in the order in which they are found.
pub const STAGES: [&[Row]; 4] = [
    &[Row::Harmony],
    &[Row::Role(Role::Drums), Row::Role(Role::Bass)],
    &[Row::Role(Role::Chords), Row::Role(Role::Lead)],
    &[Row::Role(Role::Pad), Row::Role(Role::Arp), Row::Role(Role::Texture)],
];

/// Temperature of a bar that returns, as a share of the others'.
const RETURN: f32 = 0.6;

/// Rows from which on the mean pitch of the loop is led.
const HEARD: [Row; 2] = [Row::Role(Role::Chords), Row::Role(Role::Lead)];

/// The widest step of a tune, semitones.
const STEP: f32 = 2.0;

/// What was found.
#[derive(Debug, Clone)]
pub struct Found {
    /// Nothing is masked any more.
    pub tokens: Tokens,
    /// Mean log-probability, in nats, of the hits, pitches and chords that were drawn, at the moment they were.
    pub log_likelihood: f32,
}

/// Finds what is masked in some tasks of one shape at once.
///
/// # Panics
/// If tasks differ in metre or bars.
pub fn sample(network: &Network, device: &Device, tasks: &[Task], settings: &Settings) -> Vec<Found> {
    if tasks.is_empty() {
        return Vec::new();
    }
    let vocabulary = Vocabulary::new();
    let offsets = offsets(&vocabulary);
    let mut asker = Asker::new(network, device, tasks, settings.guidance, &vocabulary);
    let mut writers: Vec<Writer> =
        tasks.iter().map(|task| Writer::new(task, &vocabulary, &offsets, settings)).collect();
    for (rows, forwards) in STAGES.into_iter().zip(settings.forwards) {
        let open: Vec<Row> =
            rows.iter().copied().filter(|row| writers.iter().any(|writer| writer.is_open(*row))).collect();
        if open.is_empty() {
            continue;
        }
        // What is counted or heard together with these, and is found later.
        let later: Vec<Row> = Row::all()
            .into_iter()
            .filter(|row| {
                !rows.contains(row) && writers.iter().any(|writer| writer.is_counted_with(*row, &open))
            })
            .collect();
        let asked = [&open[..], &later].concat();
        let totals: Vec<usize> = writers.iter().map(|writer| writer.units(&open).len()).collect();
        let forwards = forwards.max(1);
        for forward in 1..=forwards {
            let logits = asker.ask(&writers, &asked);
            let left = (std::f32::consts::FRAC_PI_2 * forward as f32 / forwards as f32).cos();
            for (index, writer) in writers.iter_mut().enumerate() {
                let keep = if forward == forwards { 0 } else { (totals[index] as f32 * left) as usize };
                writer.reveal(&open, &later, keep, &logits, index, settings);
            }
        }
    }
    if settings.retouch {
        writers.iter_mut().for_each(Writer::forget_touch);
        let rows: Vec<Row> =
            Row::all().into_iter().filter(|row| writers.iter().any(|w| w.is_open(*row))).collect();
        if !rows.is_empty() {
            let logits = asker.ask(&writers, &rows);
            for (index, writer) in writers.iter_mut().enumerate() {
                writer.touch(&rows, &logits, index, settings);
            }
        }
    }
    writers.into_iter().map(Writer::finish).collect()
}

/// Logits of some rows for all tasks.
struct Logits {
    /// For each asked row `[task][step of the patches][Vocabulary::row_size]`.
    rows: Vec<(Row, Vec<f32>)>,
}

impl Logits {
    fn of(&self, row: Row) -> &[f32] {
        self.rows.iter().find(|(asked, _)| *asked == row).map_or(&[], |(_, values)| values)
    }
}

/// Asks the network, and remembers what did not change since it last did.
struct Asker<'a> {
    network: &'a Network,
    device: &'a Device,
    vocabulary: &'a Vocabulary,
    /// What each row looked like when it was embedded.
    seen: Vec<Vec<u8>>,
    inputs: Vec<Option<(RowInput, Tensor<3>)>>,
    /// The loops before, of all tasks or of none.
    before: Option<Vec<Tokens>>,
    before_embedded: Option<Tensor<3>>,
    condition: Tensor<2>,
    guidance: f32,
    patches: usize,
    patches_per_bar: usize,
}

impl<'a> Asker<'a> {
    fn new(
        network: &'a Network,
        device: &'a Device,
        tasks: &[Task],
        guidance: f32,
        vocabulary: &'a Vocabulary,
    ) -> Self {
        let first = &tasks[0].tokens;
        assert!(
            tasks.iter().all(|task| (task.tokens.metre, task.tokens.bars) == (first.metre, first.bars)),
            "tasks of one call have one shape"
        );
        let mut told: Vec<f32> = tasks.iter().flat_map(|task| task.condition.vector()).collect();
        if guidance > 0.0 {
            told.extend(tasks.iter().flat_map(|task| task.condition.unguided().vector()));
        }
        let shape = [told.len() / Condition::LEN, Condition::LEN];
        let mut asker = Self {
            network,
            device,
            vocabulary,
            seen: vec![Vec::new(); Row::COUNT],
            inputs: vec![None; Row::COUNT],
            before: None,
            before_embedded: None,
            condition: Tensor::from_data(TensorData::new(told, shape), device),
            guidance,
            patches: first.patches(),
            patches_per_bar: first.patches() / usize::from(first.bars),
        };
        if tasks.iter().any(|task| task.before.is_some()) {
            let silence = Tokens { cells: vec![NOTHING; first.cells.len()], ..first.clone() };
            let before: Vec<Tokens> =
                tasks.iter().map(|task| task.before.clone().unwrap_or_else(|| silence.clone())).collect();
            let loops = asker.asked(before.iter().map(|tokens| (tokens, None)).collect());
            let rows = Row::all().map(|row| asker.input(row, &loops));
            asker.before_embedded = Some(asker.network.embed(&rows));
            asker.before = Some(before);
        }
        asker
    }

    /// The loops of one forward: with guidance each once more, for the half of the batch that is told nothing.
    fn asked<'t>(&self, mut loops: Vec<Seen<'t>>) -> Vec<Seen<'t>> {
        if self.guidance > 0.0 {
            loops.extend_from_within(..);
        }
        loops
    }

    fn input(&self, row: Row, loops: &[Seen]) -> RowInput {
        let values = RowValues::of(loops, row, self.vocabulary);
        RowInput::new(row, values, self.patches, self.vocabulary, self.device)
    }

    fn ask(&mut self, writers: &[Writer], rows: &[Row]) -> Logits {
        let before = |index: usize| self.before.as_ref().map(|before| &before[index]);
        let loops = writers.iter().enumerate().map(|(index, writer)| (&writer.tokens, before(index)));
        let loops = self.asked(loops.collect());
        for row in Row::all() {
            let now: Vec<u8> =
                loops.iter().flat_map(|(tokens, _)| tokens.row(row, self.vocabulary)).collect();
            if self.inputs[row.index()].is_none() || self.seen[row.index()] != now {
                let input = self.input(row, &loops);
                let embedded = self.network.embed_row(&input);
                self.inputs[row.index()] = Some((input, embedded));
                self.seen[row.index()] = now;
            }
        }
        let whole = LoopInput::new(LoopHints::of(&loops, self.vocabulary), loops.len(), self.device);
        let there = || self.inputs.iter().flatten();
        let now = Tensor::cat(there().map(|(_, embedded)| embedded.clone()).collect(), 1);
        let inputs: Vec<&RowInput> =
            rows.iter().filter_map(|row| Some(&self.inputs[row.index()].as_ref()?.0)).collect();
        let out = self.network.forward(
            now,
            self.before_embedded.clone(),
            self.condition.clone(),
            self.patches_per_bar,
            &inputs,
            &whole,
        );
        let rows =
            rows.iter().zip(out).map(|(row, logits)| (*row, self.guided(logits, writers.len()))).collect();
        Logits { rows }
    }

    fn guided(&self, logits: Tensor<3>, count: usize) -> Vec<f32> {
        let values: Vec<f32> = logits.into_data().try_to_vec().unwrap_or_default();
        if self.guidance <= 0.0 {
            return values;
        }
        let (told, untold) = values.split_at(values.len() / 2);
        debug_assert_eq!(told.len() % count.max(1), 0);
        told.iter().zip(untold).map(|(told, untold)| told + self.guidance * (told - untold)).collect()
    }
}

/// The pitch that an answer begins, semitones from the tonic; 0 in rows without.
fn pitch(row: Row, answer: u8) -> f32 {
    match row {
        Row::Role(role) if role.is_pitched() => f32::from(pitch_of(role, answer)),
        _ => 0.0,
    }
}

/// A hit, pitch or chord to be found.
#[derive(Debug, Clone, Copy)]
struct Unit {
    row: Row,
    step: usize,
    field: usize,
}

/// One task while it is being written.
struct Writer<'a> {
    vocabulary: &'a Vocabulary,
    /// Where the logits of each field begin in a step of its row.
    offsets: &'a [usize],
    tokens: Tokens,
    /// Which cells were known from the start.
    fixed: Vec<bool>,
    rules: Rules,
    chords: Vec<Option<Chord>>,
    form: Form,
    goals: Goals,
    steering: Steering,
    seed: u64,
    log_sum: f32,
    drawn: usize,
    allowed: Vec<bool>,
    chances: Vec<f32>,
}

impl<'a> Writer<'a> {
    fn new(task: &Task, vocabulary: &'a Vocabulary, offsets: &'a [usize], settings: &Settings) -> Self {
        let fixed = task.tokens.cells.iter().map(|answer| *answer != MASK).collect();
        Self {
            vocabulary,
            offsets,
            chords: chords(&task.tokens, vocabulary),
            tokens: task.tokens.clone(),
            fixed,
            rules: Rules::new(task.mode),
            form: Form::new(task.seed, task.tokens.bars),
            goals: Goals::new(&task.condition, settings.steering),
            steering: Steering::default(),
            seed: task.seed,
            log_sum: 0.0,
            drawn: 0,
            allowed: Vec::new(),
            chances: Vec::new(),
        }
    }

    fn cell(&self, step: usize, field: usize) -> usize {
        step * self.vocabulary.len() + field
    }

    /// The dice of a question.
    fn dice(&self, row: Row, step: usize, field: usize) -> Dice {
        let bar = self.tokens.bar_steps();
        let letter = usize::from(self.form.letter(row, step / bar));
        let place = (letter * bar + step % bar) * self.vocabulary.len() + field;
        // Far apart, so that the questions of one seed are not those of the next.
        Dice::new(self.seed.wrapping_add((place as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)), "answer")
    }

    /// How freely a unit is drawn.
    fn temperature(&self, unit: &Unit, settings: &Settings) -> f32 {
        let close = if self.returns(unit.row, unit.step) { RETURN } else { 1.0 };
        settings.notes.temperature * close
    }

    fn returns(&self, row: Row, step: usize) -> bool {
        self.form.returns(row, step / self.tokens.bar_steps())
    }

    fn is_open(&self, row: Row) -> bool {
        let fields = self.vocabulary.row(row);
        self.tokens.cells.chunks_exact(self.vocabulary.len()).any(|step| step[fields.clone()].contains(&MASK))
    }

    /// Whether a row is open, and wanted together with others that are: counted with them or, once tune and chords are, heard with them.
    fn is_counted_with(&self, row: Row, others: &[Row]) -> bool {
        let counted = self.goals.counted_with(row);
        let is_counted = others.iter().any(|other| counted.contains(other) && self.is_open(*other));
        let is_heard =
            row.is_pitched() && self.goals.lead_sound() && others.iter().any(|other| HEARD.contains(other));
        self.is_open(row) && (is_counted || is_heard)
    }

    fn units(&self, rows: &[Row]) -> Vec<Unit> {
        let mut units = Vec::new();
        for row in rows {
            for step in 0..self.tokens.steps() {
                for field in self.vocabulary.leading(*row) {
                    if self.tokens.cells[self.cell(step, field)] == MASK {
                        units.push(Unit { row: *row, step, field });
                    }
                }
            }
        }
        units
    }

    /// Allowed answers of a field with their chances, into `self.chances`.
    fn weigh(
        &mut self,
        row: Row,
        step: usize,
        field: usize,
        logits: &Logits,
        index: usize,
        temperature: f32,
    ) {
        let width = self.vocabulary.row_size(row);
        let size = usize::from(self.vocabulary.fields()[field].size);
        let place = index * self.tokens.patches() * PATCH + self.tokens.place(step);
        let at = place * width + self.offsets[field];
        let values = &logits.of(row)[at..at + size];
        let chord = self.chords[step];
        self.rules.allowed(&self.tokens, step, field, chord, self.vocabulary, &mut self.allowed);
        probabilities(values, &self.allowed, temperature, &mut self.chances);
    }

    fn put(&mut self, step: usize, field: usize, answer: usize) {
        let cell = self.cell(step, field);
        self.tokens.cells[cell] = answer as u8;
    }

    /// Answers in `self.chances` that begin something, with what they begin: the pitch in semitones, or 0.
    fn beginnings(&self, row: Row) -> impl Iterator<Item = (usize, f32)> + use<> {
        let begins = move |answer: &usize| row.begins(*answer as u8);
        (0..self.chances.len()).filter(begins).map(move |answer| (answer, pitch(row, answer as u8)))
    }

    /// What `self.chances` say of an open place.
    fn odds(&self, unit: &Unit) -> Odds {
        let mut odds = Odds {
            step: unit.step,
            begins: 0.0,
            sounds: 1.0 - self.chances[usize::from(NOTHING)],
            mean: 0.0,
            variance: 0.0,
        };
        let (mut sum, mut squares) = (0.0, 0.0);
        for (answer, pitch) in self.beginnings(unit.row) {
            let chance = self.chances[answer];
            odds.begins += chance;
            sum += chance * pitch;
            squares += chance * pitch * pitch;
        }
        if odds.begins > 0.0 {
            odds.mean = sum / odds.begins;
            odds.variance = (squares / odds.begins - odds.mean * odds.mean).max(0.0);
        }
        odds
    }

    /// Moves `self.chances` of a unit to where the loop is led.
    fn lean(&mut self, unit: &Unit) {
        let Steering { high, long, .. } = self.steering;
        let row = unit.row;
        if row.is_pitched() {
            // Whether what does not begin is a rest.
            let rests = |chances: &[f32]| chances[usize::from(NOTHING)] + chances[usize::from(HOLD)];
            let before = rests(&self.chances);
            self.chances[usize::from(HOLD)] *= long.exp();
            let scale = before / rests(&self.chances).max(1e-9);
            for answer in [NOTHING, HOLD] {
                self.chances[usize::from(answer)] *= scale;
            }
        }
        let beginnings: Vec<(usize, f32)> = self.beginnings(row).collect();
        let sum = |chances: &[f32]| beginnings.iter().map(|(answer, _)| chances[*answer]).sum::<f32>();
        let begins = sum(&self.chances);
        if begins <= 0.0 {
            return;
        }
        // First which begins, then whether one does.
        if high != 0.0 {
            beginnings.iter().for_each(|(answer, pitch)| self.chances[*answer] *= (high * pitch).exp());
        }
        if let (Row::Role(Role::Lead), Some(wanted)) = (row, self.goals.stepwise) {
            for neighbour in self.neighbours(unit).into_iter().flatten() {
                let is_near = |pitch: f32| (pitch - neighbour).abs() <= STEP;
                let near = beginnings.iter().filter(|(_, pitch)| is_near(*pitch));
                let near =
                    near.map(|(answer, _)| self.chances[*answer]).sum::<f32>() / sum(&self.chances).max(1e-9);
                let odds = |chance: f32| (chance.clamp(0.02, 0.98) / (1.0 - chance.clamp(0.02, 0.98))).ln();
                let factor = (0.5 * (odds(wanted) - odds(near))).exp();
                for (answer, _) in beginnings.iter().filter(|(_, pitch)| is_near(*pitch)) {
                    self.chances[*answer] *= factor;
                }
            }
        }
        let factor = self.steering.begins(row, unit.step).exp();
        let scale = factor * begins / sum(&self.chances).max(1e-9);
        beginnings.iter().for_each(|(answer, _)| self.chances[*answer] *= scale);
        let all: f32 = self.chances.iter().sum();
        self.chances.iter_mut().for_each(|chance| *chance /= all);
    }

    /// The pitches that a voice is known to begin last before a unit and first after it.
    fn neighbours(&self, unit: &Unit) -> [Option<f32>; 2] {
        let begun = |step: usize| {
            let answer = self.tokens.at(step, unit.field, self.vocabulary);
            unit.row.begins(answer).then(|| pitch(unit.row, answer))
        };
        [(0..unit.step).rev().find_map(begun), (unit.step + 1..self.tokens.steps()).find_map(begun)]
    }

    /// Draws all units of some rows but the `keep` that the network is least sure of. Rows that come `later` are only counted with these.
    fn reveal(
        &mut self,
        rows: &[Row],
        later: &[Row],
        keep: usize,
        logits: &Logits,
        index: usize,
        settings: &Settings,
    ) {
        let mut sure: Vec<(bool, f32, Unit)> = Vec::new();
        let mut odds: [Vec<Odds>; Row::COUNT] = Default::default();
        for unit in self.units(&[rows, later].concat()) {
            self.weigh(unit.row, unit.step, unit.field, logits, index, self.temperature(&unit, settings));
            odds[unit.row.index()].push(self.odds(&unit));
            if later.contains(&unit.row) {
                continue;
            }
            // A little chance, so that equals do not always come in the order of time.
            let mut dice = self.dice(unit.row, unit.step, unit.field);
            let doubt = entropy(&self.chances) * (0.8 + 0.4 * dice.unit());
            sure.push((self.returns(unit.row, unit.step), doubt, unit));
        }
        self.steering = self.goals.steer(&self.tokens, &odds, self.vocabulary);
        // A bar that returns waits for the one that it returns to.
        sure.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        sure.truncate(sure.len().saturating_sub(keep));
        let mut chosen: Vec<Unit> = sure.into_iter().map(|(_, _, unit)| unit).collect();
        // In the order of time, so that what is drawn together knows what came before it.
        chosen.sort_by_key(|unit| (unit.step, unit.field));
        for unit in chosen {
            self.draw_unit(unit, logits, index, settings);
        }
        if rows.contains(&Row::Harmony) {
            self.chords = chords(&self.tokens, self.vocabulary);
        }
    }

    fn draw_unit(&mut self, unit: Unit, logits: &Logits, index: usize, settings: &Settings) {
        let Unit { row, step, field } = unit;
        self.weigh(row, step, field, logits, index, self.temperature(&unit, settings));
        // What is drawn is judged by the network's own chances.
        let own = self.chances.clone();
        self.lean(&unit);
        let mut dice = self.dice(row, step, field);
        let answer = draw(&self.chances, settings.notes, &mut dice);
        self.log_sum += own[answer].max(1e-9).ln();
        self.drawn += 1;
        self.put(step, field, answer);
        self.draw_touch(row, step, field + 1..field + row.fields_per_voice(), logits, index, settings);
    }

    /// Draws what is still masked of some fields of a step that say how a note is played or a chord is built.
    fn draw_touch(
        &mut self,
        row: Row,
        step: usize,
        fields: Range<usize>,
        logits: &Logits,
        index: usize,
        settings: &Settings,
    ) {
        for field in fields {
            if self.tokens.cells[self.cell(step, field)] == MASK {
                self.weigh(row, step, field, logits, index, settings.touch.temperature);
                let mut dice = self.dice(row, step, field);
                let answer = draw(&self.chances, settings.touch, &mut dice);
                self.put(step, field, answer);
            }
        }
    }

    /// Masks velocities and ranks of the notes that were drawn.
    fn forget_touch(&mut self) {
        let fields = self.vocabulary.len();
        for (cell, answer) in self.tokens.cells.iter_mut().enumerate() {
            let kind = self.vocabulary.fields()[cell % fields].kind;
            let touch = matches!(kind, FieldKind::Velocity | FieldKind::Rank);
            if touch && !self.fixed[cell] && *answer != NOTHING {
                *answer = MASK;
            }
        }
    }

    fn touch(&mut self, rows: &[Row], logits: &Logits, index: usize, settings: &Settings) {
        for row in rows {
            for step in 0..self.tokens.steps() {
                self.draw_touch(*row, step, self.vocabulary.row(*row), logits, index, settings);
            }
        }
    }

    fn finish(mut self) -> Found {
        self.mend();
        Found { tokens: self.tokens, log_likelihood: self.log_sum / self.drawn.max(1) as f32 }
    }

    /// Two voices of a role that sound one pitch: the earlier ends where the later begins; of two that begin together, or where
    /// the earlier was known, the later goes.
    fn mend(&mut self) {
        for role in Role::ALL.into_iter().filter(|role| role.is_pitched()) {
            let fields: Vec<usize> = self.vocabulary.leading(Row::Role(role)).collect();
            let count = fields.len();
            // Of each voice what sounds, and since when.
            let mut sounds: Vec<Option<(u8, usize)>> = vec![None; count];
            for step in 0..self.tokens.steps() {
                for voice in 0..count {
                    match self.tokens.at(step, fields[voice], self.vocabulary) {
                        HOLD if sounds[voice].is_some() => {}
                        FIRST_PITCH.. => sounds[voice] = None,
                        _ => {
                            self.put(step, fields[voice], NOTHING.into());
                            sounds[voice] = None;
                        }
                    }
                }
                for voice in 0..count {
                    let pitch = self.tokens.at(step, fields[voice], self.vocabulary);
                    if pitch < FIRST_PITCH {
                        continue;
                    }
                    let other = (0..count)
                        .find(|other| sounds[*other].is_some_and(|(sounding, _)| sounding == pitch));
                    match other {
                        Some(other)
                            if sounds[other].is_some_and(|(_, since)| since < step)
                                && !self.fixed[self.cell(step, fields[other])] =>
                        {
                            self.silence(step, fields[other]);
                            sounds[other] = None;
                            sounds[voice] = Some((pitch, step));
                        }
                        Some(_) => {
                            self.silence(step, fields[voice]);
                            self.put(step, fields[voice] + 1, NOTHING.into());
                            self.put(step, fields[voice] + 2, NOTHING.into());
                        }
                        None => sounds[voice] = Some((pitch, step)),
                    }
                }
            }
        }
    }

    /// Silences a voice from a step on, until it begins another note.
    fn silence(&mut self, step: usize, field: usize) {
        self.put(step, field, NOTHING.into());
        for step in step + 1..self.tokens.steps() {
            if self.tokens.at(step, field, self.vocabulary) != HOLD {
                break;
            }
            self.put(step, field, NOTHING.into());
        }
    }
}
