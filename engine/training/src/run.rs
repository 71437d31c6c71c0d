//! A run of training in a folder of its own, which can be cut off and taken up again at any time.
//!
//! The learning rate rises, stays, and only in a last part of its own falls to nothing: the "warm-up, stable, decay" of S. Hu and
//! others, *MiniCPM*, 2024. So a run need not know its length: it goes on from its checkpoint as often as there is time, and
//! the last part makes weights to ship from any checkpoint.

use crate::batch::{Batch, training_batch};
use crate::loss::losses;
use crate::pool::Pool;
use anyhow::{Context, bail};
use burn::grad_clipping::GradientClippingConfig;
use burn::module::Module;
use burn::optim::{AdamWConfig, GradientsAccumulator, GradientsParams, ModuleOptimizer, OptimizerRecord};
use burn::store::ModuleRecord;
use burn::tensor::Device;
use sceneloop_model::weights::CARD_FILE;
use sceneloop_model::{Card, FieldKind, Network, NetworkConfig, Row, Vocabulary};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// What a run is, from its first step to its last.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Sizes of the network.
    pub network: Sizes,
    /// Loops of four bars of common time in a batch, or as many positions of other loops.
    pub batch: usize,
    /// Batches in a step, each learned from by a thread of its own; their gradients are averaged.
    pub parts: usize,
    /// Learning rate after the warm-up.
    pub rate: f64,
    /// Steps of the warm-up.
    pub warm_up: u64,
    /// Names all chance of the run.
    pub seed: u64,
}

/// [`NetworkConfig`] as it stands in files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sizes {
    /// Numbers at each position.
    pub width: usize,
    /// Layers.
    pub layers: usize,
    /// Heads of attention.
    pub heads: usize,
}

impl From<Sizes> for NetworkConfig {
    fn from(sizes: Sizes) -> Self {
        Self::new(sizes.width, sizes.layers, sizes.heads)
    }
}

/// How long to go on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Until {
    /// Steps from now.
    pub steps: u64,
    /// At most so long.
    pub time: Duration,
    /// Whether the learning rate falls to nothing over these steps.
    pub decay: bool,
    /// Steps between two lines of the log.
    pub log_every: u64,
    /// Steps between two checkpoints.
    pub save_every: u64,
}

/// A network that is being trained.
pub struct Run {
    folder: PathBuf,
    plan: Plan,
    step: u64,
    /// Steps behind the numbers that the run began with.
    before: u64,
    network: Network,
    optimizer: ModuleOptimizer,
    device: Device,
}

/// What stands beside the weights of a checkpoint.
#[derive(Serialize, Deserialize)]
struct Mark {
    step: u64,
    #[serde(default)]
    before: u64,
    plan: Plan,
}

const MARK: &str = "run.json";
const WEIGHTS: &str = "network.bpk";
const MOMENTS: &str = "optimizer.bpk";
/// Name of the log in the folder of a run.
pub const LOG: &str = "log.csv";

fn optimizer() -> ModuleOptimizer {
    AdamWConfig::new()
        .with_beta_2(0.98)
        .with_epsilon(1e-8)
        .with_weight_decay(0.01)
        .with_grad_clipping(Some(GradientClippingConfig::Norm(1.0)))
        .init()
}

impl Run {
    /// Takes up the run in a folder, or begins one there.
    ///
    /// # Errors
    /// If the folder holds a run with another plan, or cannot be read.
    pub fn open(folder: &Path, plan: Plan, device: &Device) -> anyhow::Result<Self> {
        Self::open_from(folder, plan, None, device)
    }

    /// As [`Self::open`], but a run that begins does so with the numbers in a file: a checkpoint's, or weights that were shipped.
    /// What the file lacks begins at chance, and what this network lacks is left out.
    ///
    /// # Errors
    /// As [`Self::open`], or if the file's numbers are of other sizes.
    pub fn open_from(
        folder: &Path,
        plan: Plan,
        numbers: Option<&Path>,
        device: &Device,
    ) -> anyhow::Result<Self> {
        let device = device.clone().autodiff();
        std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        let mark = folder.join("checkpoint").join(MARK);
        if mark.exists() {
            let mark: Mark = serde_json::from_slice(&std::fs::read(&mark)?)?;
            if mark.plan != plan {
                bail!("{} holds another run: {:?}", folder.display(), mark.plan);
            }
            return Self::resume(folder, mark, &device);
        }
        device.seed(plan.seed);
        let mut network = NetworkConfig::from(plan.network).init(&device);
        let before = numbers.map(steps_behind).transpose()?.unwrap_or(0);
        if let Some(path) = numbers {
            let record = ModuleRecord::load(path).with_context(|| path.display().to_string())?;
            network = network
                .try_load_record(record.allow_partial(true).allow_unused(true).cast_to_module_dtype())
                .with_context(|| path.display().to_string())?;
        }
        Ok(Self { folder: folder.into(), plan, step: 0, before, network, optimizer: optimizer(), device })
    }

    /// The plan of the run in a folder.
    ///
    /// # Errors
    /// If there is none.
    pub fn plan_of(folder: &Path) -> anyhow::Result<Plan> {
        let path = folder.join("checkpoint").join(MARK);
        let text = std::fs::read(&path).with_context(|| path.display().to_string())?;
        Ok(serde_json::from_slice::<Mark>(&text)?.plan)
    }

    fn resume(folder: &Path, mark: Mark, device: &Device) -> anyhow::Result<Self> {
        let checkpoint = folder.join("checkpoint");
        let network = NetworkConfig::from(mark.plan.network)
            .init(device)
            .load_record(ModuleRecord::load(checkpoint.join(WEIGHTS))?);
        let optimizer = optimizer().load_record(OptimizerRecord::load(checkpoint.join(MOMENTS))?);
        Ok(Self {
            folder: folder.into(),
            step: mark.step,
            before: mark.before,
            plan: mark.plan,
            network,
            optimizer,
            device: device.clone(),
        })
    }

    /// What the run is.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Steps done since the beginning.
    pub fn step(&self) -> u64 {
        self.step
    }

    /// Steps behind the network: those of this run, and those behind the numbers that it began with.
    pub fn steps_in_all(&self) -> u64 {
        self.before + self.step
    }

    /// The network as it is, for inference.
    pub fn network(&self) -> Network {
        self.network.valid()
    }

    /// Trains, with a line of the log every so often and checkpoints that are whole or not there.
    ///
    /// # Errors
    /// If the folder cannot be written, or the loss is no number any more.
    pub fn train(&mut self, pool: &Pool, until: Until, mut say: impl FnMut(&str)) -> anyhow::Result<()> {
        let (first, last) = (self.step, self.step + until.steps);
        let Plan { seed, batch: room, parts, .. } = self.plan;
        let (send, batches) = crossbeam_channel::bounded::<Vec<Batch>>(2);
        let started = Instant::now();
        std::thread::scope(|scope| {
            scope.spawn(move || {
                let vocabulary = Vocabulary::new();
                for step in first..last {
                    let part = |k| training_batch(pool, room, seed, step * parts as u64 + k, &vocabulary);
                    if send.send((0..parts as u64).map(part).collect()).is_err() {
                        return;
                    }
                }
            });
            let mut sums = Sums::default();
            for step in &batches {
                let done = (self.step - first) as f64 / until.steps.max(1) as f64;
                let rate = self.rate() * if until.decay { 1.0 - done } else { 1.0 };
                self.learn(&step, rate, &mut sums)?;
                let out_of_time = started.elapsed() > until.time;
                if self.step.is_multiple_of(until.log_every) {
                    let line = sums.line(self.step, rate, started.elapsed());
                    self.log(&line)?;
                    say(&line);
                    sums = Sums::default();
                }
                if self.step.is_multiple_of(until.save_every) || out_of_time {
                    self.save()?;
                }
                if out_of_time && !until.decay {
                    break;
                }
            }
            drop(batches);
            self.save()
        })
    }

    fn rate(&self) -> f64 {
        self.plan.rate * ((self.step + 1) as f64 / self.plan.warm_up.max(1) as f64).min(1.0)
    }

    /// One step. Each batch has a thread; what they found is added up in their order, so that a step is always the same.
    fn learn(&mut self, batches: &[Batch], rate: f64, sums: &mut Sums) -> anyhow::Result<()> {
        self.step += 1;
        let (network, device) = (&self.network, &self.device);
        let found: Vec<Option<Found>> = std::thread::scope(|scope| {
            let threads: Vec<_> = batches
                .iter()
                .map(|batch| {
                    // A fork has leaves of its own; batches that share them would wait for each other's gradients.
                    let network = network.clone().fork(device);
                    scope.spawn(move || learn_part(&network, batch, batches.len(), device))
                })
                .collect();
            threads.into_iter().map(|thread| thread.join()).collect::<Result<_, _>>()
        })
        .map_err(|_| anyhow::anyhow!("a thread of the training failed at step {}", self.step))?;
        let mut gradients = GradientsAccumulator::new();
        for found in found.into_iter().flatten() {
            if !found.loss.is_finite() {
                bail!("the loss is {} at step {}; a lower learning rate may help", found.loss, self.step);
            }
            gradients.accumulate(&self.network, found.gradients);
            sums.add(found.loss, &found.groups, found.size);
        }
        self.network = self.optimizer.step(rate, self.network.clone(), gradients.grads());
        Ok(())
    }

    fn log(&self, line: &str) -> anyhow::Result<()> {
        let path = self.folder.join(LOG);
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open(&path)?;
        writeln!(file, "{line}").with_context(|| path.display().to_string())
    }

    /// Writes a checkpoint beside the last one and then takes its place.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub fn save(&self) -> anyhow::Result<()> {
        let (fresh, place) = (self.folder.join("checkpoint.new"), self.folder.join("checkpoint"));
        let old = self.folder.join("checkpoint.old");
        let _ = std::fs::remove_dir_all(&fresh);
        std::fs::create_dir_all(&fresh)?;
        self.network.clone().into_record().save(fresh.join(WEIGHTS))?;
        self.optimizer.to_record().save(fresh.join(MOMENTS))?;
        let mark = Mark { step: self.step, before: self.before, plan: self.plan.clone() };
        std::fs::write(fresh.join(MARK), serde_json::to_vec_pretty(&mark)?)?;
        let _ = std::fs::remove_dir_all(&old);
        if place.exists() {
            std::fs::rename(&place, &old)?;
        }
        std::fs::rename(&fresh, &place)?;
        Ok(())
    }
}

/// Steps behind the numbers in a file, as what lies beside it says: the card of shipped weights or the mark of a checkpoint; 0 where neither does.
/// The card may be of a network that was told less: a training is how it learns the rest.
fn steps_behind(numbers: &Path) -> anyhow::Result<u64> {
    let (card, mark) = (numbers.with_file_name(CARD_FILE), numbers.with_file_name(MARK));
    if card.exists() {
        let text = std::fs::read_to_string(&card)?;
        let Card { steps, .. } = serde_json::from_str(&text).with_context(|| card.display().to_string())?;
        return Ok(steps);
    }
    if mark.exists() {
        let Mark { step, before, .. } = serde_json::from_slice(&std::fs::read(&mark)?)?;
        return Ok(before + step);
    }
    Ok(0)
}

/// What one batch of a step says.
struct Found {
    gradients: GradientsParams,
    loss: f32,
    size: usize,
    groups: Vec<(String, f32, f32)>,
}

fn learn_part(network: &Network, batch: &Batch, parts: usize, device: &Device) -> Option<Found> {
    if batch.units == 0 {
        return None;
    }
    let losses = losses(network, batch, device);
    let mean = losses.mean();
    let gradients = (mean.clone() / parts as f64).backward();
    let group = |(row, kind, loss, weight): (Row, FieldKind, burn::tensor::Tensor<1>, f32)| {
        (group_name(row, kind), loss.into_scalar::<f32>(), weight)
    };
    Some(Found {
        gradients: GradientsParams::from_grads(gradients, network),
        loss: mean.into_scalar(),
        size: batch.size,
        groups: losses.groups.into_iter().map(group).collect(),
    })
}

/// The name of a kind of question in the log.
pub(crate) fn group_name(row: Row, kind: FieldKind) -> String {
    format!("{row:?} {kind:?}")
}

/// What the log says of the steps since its last line.
#[derive(Default)]
struct Sums {
    loss: f64,
    batches: u64,
    examples: usize,
    groups: BTreeMap<String, (f64, f64)>,
}

impl Sums {
    fn add(&mut self, loss: f32, groups: &[(String, f32, f32)], examples: usize) {
        for (name, loss, weight) in groups {
            let entry = self.groups.entry(name.clone()).or_default();
            entry.0 += f64::from(*loss);
            entry.1 += f64::from(*weight);
        }
        self.loss += f64::from(loss);
        self.batches += 1;
        self.examples += examples;
    }

    /// `step,rate,seconds,examples,loss,group=mean…`
    fn line(&self, step: u64, rate: f64, elapsed: Duration) -> String {
        let loss = self.loss / self.batches.max(1) as f64;
        let mut line = format!("{step},{rate:.2e},{:.0},{},{loss:.4}", elapsed.as_secs_f64(), self.examples);
        for (name, (sum, weight)) in &self.groups {
            line += &format!(",{name}={:.4}", sum / weight);
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> Plan {
        let network = Sizes { width: 16, layers: 1, heads: 2 };
        Plan { network, batch: 1, parts: 2, rate: 3e-3, warm_up: 2, seed: 3 }
    }

    fn until(steps: u64) -> Until {
        Until { steps, time: Duration::from_secs(600), decay: false, log_every: 1, save_every: 100 }
    }

    /// Two roads: all steps at once, or cut off in the middle and taken up again.
    #[test]
    fn a_run_goes_on_as_if_it_had_not_been_cut_off() {
        let device = Device::flex();
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let pool = Pool::default();
        let losses = |folder: &Path| {
            let log = std::fs::read_to_string(folder.join(LOG)).unwrap();
            log.lines().map(|line| line.split(',').nth(4).unwrap().to_owned()).collect::<Vec<_>>()
        };
        Run::open(one.path(), plan(), &device).unwrap().train(&pool, until(6), |_| ()).unwrap();
        Run::open(two.path(), plan(), &device).unwrap().train(&pool, until(3), |_| ()).unwrap();
        let mut again = Run::open(two.path(), plan(), &device).unwrap();
        assert_eq!(again.step(), 3);
        again.train(&pool, until(3), |_| ()).unwrap();
        assert_eq!(losses(one.path()), losses(two.path()));
        assert_eq!(losses(one.path()).len(), 6);
    }

    #[test]
    fn steps_add_up_over_runs_that_begin_with_each_others_numbers() {
        let device = Device::flex();
        let folders: [_; 3] = std::array::from_fn(|_| tempfile::tempdir().unwrap());
        let mut numbers: Option<PathBuf> = None;
        for (folder, sum) in folders.iter().zip([0, 2, 4]) {
            let mut run = Run::open_from(folder.path(), plan(), numbers.as_deref(), &device).unwrap();
            assert_eq!((run.step(), run.steps_in_all()), (0, sum));
            run.train(&Pool::default(), until(2), |_| ()).unwrap();
            assert_eq!(Run::open(folder.path(), plan(), &device).unwrap().steps_in_all(), sum + 2);
            numbers = Some(folder.path().join("checkpoint").join(WEIGHTS));
        }
        let card = Card::new(&plan().network.into(), 77);
        std::fs::write(folders[0].path().join(CARD_FILE), card.write()).unwrap();
        assert_eq!(steps_behind(&folders[0].path().join("composer.bpk")).unwrap(), 77);
        assert_eq!(steps_behind(Path::new("nowhere/network.bpk")).unwrap(), 0);
    }

    #[test]
    fn a_run_learns_and_refuses_another_plan() {
        let folder = tempfile::tempdir().unwrap();
        let device = Device::flex();
        let mut run = Run::open(folder.path(), plan(), &device).unwrap();
        let vocabulary = Vocabulary::new();
        let batches = [training_batch(&Pool::default(), 1, 1, 1, &vocabulary)];
        let loss =
            |network: &Network| losses(network, &batches[0], &Device::flex()).mean().into_scalar::<f32>();
        let before = loss(&run.network());
        for _ in 0..40 {
            run.learn(&batches, 1e-2, &mut Sums::default()).unwrap();
        }
        assert!(loss(&run.network()) < 0.6 * before, "{before} {}", loss(&run.network()));
        run.save().unwrap();
        let other = Plan { seed: 4, ..plan() };
        assert!(Run::open(folder.path(), other, &device).is_err());
    }
}
