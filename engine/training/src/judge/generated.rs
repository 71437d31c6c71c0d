//! Loops written from nothing: whether they are valid, do as they are told, and are music rather than noise.

use super::overlap::Known;
use super::table::Table;
use crate::teaching::{Lesson, lesson};
use sceneloop_engine::teacher;
use sceneloop_model::generator::composing_key;
use sceneloop_model::score::repeated_bars;
use sceneloop_model::{Generator, Wish};
use sceneloop_music::{Descriptor, Dice, Dimension, Energy, LoopGrid, Metre, Role};

/// Loops and what was wanted of each.
#[derive(Debug)]
pub struct Written {
    /// What was wanted, and in the case of the teacher, written for the same.
    pub wanted: Vec<(Descriptor, f64)>,
    /// What the network wrote; nothing where it failed.
    pub network: Vec<Option<LoopGrid>>,
    /// What the teacher wrote for the same wish.
    pub teacher: Vec<LoopGrid>,
}

/// Dimensions that the network is told and can act on: not the tonic, which is the host's, nor tempo and swing, which are given to the loop.
pub const STEERED: [Dimension; 17] = [
    Dimension::ModeBrightness,
    Dimension::HarmonicRhythm,
    Dimension::HarmonicComplexity,
    Dimension::Dissonance,
    Dimension::OnsetDensity,
    Dimension::Syncopation,
    Dimension::MetricEvenness,
    Dimension::Subdivision,
    Dimension::Polyphony,
    Dimension::DrumShare,
    Dimension::BassShare,
    Dimension::ChordShare,
    Dimension::LeadShare,
    Dimension::ArpShare,
    Dimension::Register,
    Dimension::PitchRange,
    Dimension::StepwiseMotion,
];

/// Writes loops for lessons that were not learned from: what each lesson's loop measures is what is wanted. Of so many candidates for each
/// the best is kept.
pub fn write(generator: &Generator, count: usize, candidates: usize, seed: u64) -> Written {
    let mut out = Written { wanted: Vec::new(), network: Vec::new(), teacher: Vec::new() };
    let mut dice = Dice::new(seed, "judge");
    let lessons: Vec<Lesson> = (0..count).map(|_| lesson(Metre::FOUR_FOUR, 4, &mut dice)).collect();
    for (batch, lessons) in lessons.chunks(8).enumerate() {
        let wishes: Vec<Wish> = lessons
            .iter()
            .enumerate()
            .map(|(index, lesson)| Wish {
                condition: lesson.now.condition(),
                key: composing_key(lesson.now.grid.key.mode),
                swing: lesson.now.grid.swing,
                seed: seed + ((batch * 8 + index) * candidates.max(1)) as u64,
            })
            .collect();
        let best = |wish: &Wish| generator.best(wish, candidates).ok().map(|written| written.grid);
        if candidates > 1 {
            out.network.extend(wishes.iter().map(best));
        } else if let Ok(written) = generator.generate_all(&wishes, None) {
            out.network.extend(written.into_iter().map(|written| Some(written.grid)));
        } else {
            // One of them failed: which one shows where each is written alone.
            out.network.extend(wishes.iter().map(|wish| generator.generate(wish).ok().map(|w| w.grid)));
        }
        for (lesson, wish) in lessons.iter().zip(&wishes) {
            let tempo = lesson.now.tempo.unwrap_or_default().get();
            out.wanted.push((wish.condition.wanted, tempo));
            let mut scene = lesson.scene.clone();
            scene.wanted = wish.condition.wanted;
            out.teacher.push(teacher::compose(&teacher::Request {
                scene: &scene,
                key: wish.key,
                metre: Metre::FOUR_FOUR,
                bars: 4,
                seed: wish.seed,
                previous: None,
            }));
        }
    }
    out
}

fn measured(grid: &LoopGrid, tempo: f64) -> Descriptor {
    let bpm = sceneloop_music::Bpm::new(tempo).unwrap_or_default();
    Descriptor::measure(grid, bpm, Energy::new(100.0))
}

/// How closely loops measure what was wanted of them.
pub fn control(written: &Written) -> Table {
    let columns =
        ["Spearman: network", "teacher", "mean error: network", "teacher", "wanted: mean", "deviation"];
    let mut table = Table::new("Control: what was wanted against what is measured", &columns);
    let pairs = |grids: &[Option<&LoopGrid>], dimension: Dimension| -> Vec<(f64, f64)> {
        let each = written.wanted.iter().zip(grids);
        each.filter_map(|((wanted, tempo), grid)| {
            Some((f64::from(wanted[dimension]), f64::from(measured((*grid)?, *tempo)[dimension])))
        })
        .collect()
    };
    let network: Vec<Option<&LoopGrid>> = written.network.iter().map(Option::as_ref).collect();
    let teacher: Vec<Option<&LoopGrid>> = written.teacher.iter().map(Some).collect();
    for dimension in STEERED {
        let (ours, theirs) = (pairs(&network, dimension), pairs(&teacher, dimension));
        let error = |pairs: &[(f64, f64)]| {
            pairs.iter().map(|(wanted, found)| (wanted - found).abs()).sum::<f64>()
                / pairs.len().max(1) as f64
        };
        let wanted: Vec<f64> =
            written.wanted.iter().map(|(wanted, _)| f64::from(wanted[dimension])).collect();
        let mean = wanted.iter().sum::<f64>() / wanted.len().max(1) as f64;
        let variance =
            wanted.iter().map(|wanted| (wanted - mean).powi(2)).sum::<f64>() / wanted.len().max(1) as f64;
        table.add(
            dimension.name(),
            vec![
                spearman(&ours),
                spearman(&theirs),
                Some(error(&ours)),
                Some(error(&theirs)),
                Some(mean),
                Some(variance.sqrt()),
            ],
        );
    }
    table
}

/// Spearman's rank correlation. Nothing where one side does not vary.
pub fn spearman(pairs: &[(f64, f64)]) -> Option<f64> {
    let (x, y): (Vec<f64>, Vec<f64>) = pairs.iter().copied().unzip();
    let (x, y) = (ranks(&x), ranks(&y));
    let mean = (x.len() as f64 + 1.0) / 2.0;
    let sum = |f: &dyn Fn(usize) -> f64| (0..x.len()).map(f).sum::<f64>();
    let (xx, yy) = (sum(&|i| (x[i] - mean).powi(2)), sum(&|i| (y[i] - mean).powi(2)));
    (xx > 0.0 && yy > 0.0).then(|| sum(&|i| (x[i] - mean) * (y[i] - mean)) / (xx * yy).sqrt())
}

/// Ranks from 1, equals sharing their mean.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0.0; values.len()];
    let mut start = 0;
    while start < order.len() {
        let end = order[start..].iter().take_while(|i| values[**i] == values[order[start]]).count() + start;
        order[start..end].iter().for_each(|i| ranks[*i] = (start + end + 1) as f64 / 2.0);
        start = end;
    }
    ranks
}

/// What loops are like, and how much of them is known already.
pub fn character(written: &Written, known: Option<&Known>) -> Table {
    let mut table = Table::new("Loops from nothing", &["network", "teacher"]);
    let network: Vec<LoopGrid> = written.network.iter().flatten().cloned().collect();
    let teacher = &written.teacher;
    let mut add = |name: &str, figure: &dyn Fn(&[LoopGrid]) -> Option<f64>| {
        table.add(name, vec![figure(&network), figure(teacher)]);
    };
    let share = |count: usize, of: usize| Some(count as f64 / of.max(1) as f64);
    add("valid", &|loops| {
        share(
            loops.iter().filter(|grid| grid.validate().is_ok()).count(),
            loops.len().max(written.wanted.len()),
        )
    });
    add("notes in key or chord", &|loops| in_key(loops));
    add("ladder nested", &|loops| share(loops.iter().filter(|grid| nested(grid)).count(), loops.len()));
    add("pitch-class entropy, bits", &|loops| mean(loops, pitch_entropy));
    add("groove consistency", &|loops| mean(loops, groove));
    add("bars of lead that repeat another", &|loops| mean(loops, |grid| repetition(grid, Role::Lead)));
    add("bars of bass that repeat another", &|loops| mean(loops, |grid| repetition(grid, Role::Bass)));
    add("diversity of leads", &|loops| diversity(loops));
    for (name, role) in [("lead", Role::Lead), ("bass", Role::Bass)] {
        let overlap = |loops: &[LoopGrid]| known.and_then(|known| known.overlap(loops, role));
        add(&format!("two-bar phrases of {name} known from any piece"), &|loops| Some(overlap(loops)?.0));
        add(&format!("two-bar phrases of {name} known from one piece"), &|loops| Some(overlap(loops)?.1));
    }
    table
}

fn mean(loops: &[LoopGrid], of: impl Fn(&LoopGrid) -> Option<f64>) -> Option<f64> {
    let all: Vec<f64> = loops.iter().filter_map(of).collect();
    (!all.is_empty()).then(|| all.iter().sum::<f64>() / all.len() as f64)
}

/// Share of pitched notes in the scale or in the chord that holds.
fn in_key(loops: &[LoopGrid]) -> Option<f64> {
    let (mut inside, mut all) = (0, 0);
    for grid in loops {
        for (_, clip) in grid.clips.iter().filter(|(role, _)| role.is_pitched()) {
            for note in &clip.notes {
                let pitch = i32::from(note.pitch);
                let chord = grid.chord_at(note.onset).is_some_and(|chord| chord.contains(pitch));
                inside += usize::from(chord || grid.key.mode.contains(pitch));
                all += 1;
            }
        }
    }
    (all > 0).then(|| inside as f64 / all as f64)
}

/// Whether what sounds at each energy sounds at all higher ones.
fn nested(grid: &LoopGrid) -> bool {
    (0..10).all(|step| {
        let sounding = |energy: f32| -> Vec<_> {
            grid.clips
                .iter()
                .flat_map(|(role, clip)| {
                    clip.sounding(Energy::new(energy)).map(move |note| (role, note.onset, note.pitch))
                })
                .collect()
        };
        let (low, high) = (sounding(10.0 * step as f32), sounding(10.0 * (step + 1) as f32));
        low.iter().all(|note| high.contains(note))
    })
}

/// Shannon entropy of the pitch classes of a loop.
fn pitch_entropy(grid: &LoopGrid) -> Option<f64> {
    let mut counts = [0.0f64; 12];
    for (_, clip) in grid.clips.iter().filter(|(role, _)| role.is_pitched()) {
        clip.notes.iter().for_each(|note| counts[i32::from(note.pitch).rem_euclid(12) as usize] += 1.0);
    }
    let sum: f64 = counts.iter().sum();
    (sum > 0.0).then(|| counts.iter().filter(|c| **c > 0.0).map(|c| -c / sum * (c / sum).log2()).sum())
}

/// Groove consistency: one less the mean share of a bar's steps on which it differs from the next bar in having an onset or not (S. Wu
/// and Y. Yang, "The Jazz Transformer on the front line", ISMIR 2020).
fn groove(grid: &LoopGrid) -> Option<f64> {
    let bar = grid.metre.steps_per_bar() as usize;
    let bars = usize::from(grid.bars);
    let mut hit = vec![false; bar * bars];
    for (_, clip) in grid.clips.iter() {
        clip.notes.iter().for_each(|note| hit[usize::from(note.onset)] = true);
    }
    let differ = |k: usize| (0..bar).filter(|step| hit[k * bar + step] != hit[(k + 1) * bar + step]).count();
    (bars > 1).then(|| 1.0 - (0..bars - 1).map(differ).sum::<usize>() as f64 / ((bars - 1) * bar) as f64)
}

/// Share of the bars that have notes whose onsets and pitches are those of another bar.
fn repetition(grid: &LoopGrid, role: Role) -> Option<f64> {
    let (again, all) = repeated_bars(grid, role);
    (all > 0).then(|| again as f64 / all as f64)
}

/// Share of pairs of loops whose leads share less than half of their onsets with pitch.
fn diversity(loops: &[LoopGrid]) -> Option<f64> {
    let leads: Vec<std::collections::BTreeSet<(u16, i8)>> = loops
        .iter()
        .map(|grid| grid.clips[Role::Lead].notes.iter().map(|note| (note.onset, note.pitch)).collect())
        .filter(|notes: &std::collections::BTreeSet<_>| !notes.is_empty())
        .take(200)
        .collect();
    let (mut unlike, mut pairs) = (0, 0);
    for (index, a) in leads.iter().enumerate() {
        for b in &leads[index + 1..] {
            unlike += usize::from(2 * a.intersection(b).count() < a.len().max(b.len()));
            pairs += 1;
        }
    }
    (pairs > 0).then(|| unlike as f64 / pairs as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spearman_sees_order_and_not_size() {
        let pairs = |f: fn(f64) -> f64| (0..20).map(|x| (f64::from(x), f(f64::from(x)))).collect::<Vec<_>>();
        assert!((spearman(&pairs(|x| x * x * x)).unwrap() - 1.0).abs() < 1e-12);
        assert!((spearman(&pairs(|x| -x)).unwrap() + 1.0).abs() < 1e-12);
        assert_eq!(spearman(&pairs(|_| 1.0)), None);
        // With ties: 1 - 6 Σd² / (n (n² - 1)) does not hold, Pearson's of mean ranks does; by hand for (1,1), (2,1), (3,2).
        let ties = [(1.0, 1.0), (2.0, 1.0), (3.0, 2.0)];
        assert!((spearman(&ties).unwrap() - 0.866_025_4).abs() < 1e-6);
    }

    #[test]
    fn the_teachers_loops_are_what_figures_say() {
        let mut dice = Dice::new(2, "test");
        let grids: Vec<LoopGrid> = (0..12).map(|_| lesson(Metre::FOUR_FOUR, 4, &mut dice).now.grid).collect();
        assert_eq!(in_key(&grids), Some(1.0));
        assert!(grids.iter().all(nested));
        let entropy = mean(&grids, pitch_entropy).unwrap();
        assert!((1.0..3.6).contains(&entropy), "{entropy}");
        let groove = mean(&grids, groove).unwrap();
        assert!((0.5..1.0).contains(&groove), "{groove}");
    }
}
