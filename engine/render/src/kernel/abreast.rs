//! Filters of many channels side by side in the lanes of a vector.
//!
//! A recursive filter spends its time waiting for its last frame: four in one vector take as long as one, and two
//! vectors little longer.

use super::svf::{Svf, SvfCoefficients, WideCoefficients, chain};
use crate::event::{BLOCK_FRAMES, Channel, Stereo};
use wide::f32x4;

/// Channels in a vector.
const LANES: usize = 4;

/// Four channels, turned: of each frame the four channels.
type Frames = [f32x4; BLOCK_FRAMES];

/// One voice's filter, whose coefficients glide.
pub struct GlideJob<'a> {
    /// The filter.
    pub filter: &'a mut Svf,
    /// Coefficients at the start and at the end of the block.
    pub glide: [SvfCoefficients; 2],
    /// What it filters, in place.
    pub wave: &'a mut Stereo,
}

/// Filters in a row, with still coefficients, and the channel that they filter.
#[derive(Debug, Clone, Copy)]
pub struct Chain<const N: usize> {
    /// The filters in order; of each the first lane is used.
    pub filters: [Svf; N],
    /// Their coefficients.
    pub coefficients: [SvfCoefficients; N],
    /// What they filter, in place.
    pub samples: Channel,
}

impl<const N: usize> Chain<N> {
    /// Silence everywhere.
    pub fn new(coefficients: [SvfCoefficients; N]) -> Self {
        Self { filters: [Svf::default(); N], coefficients, samples: [0.0; BLOCK_FRAMES] }
    }
}

/// Runs gliding filters over the first `frames` of their blocks, four voices at a time. What lies behind those frames is
/// not to be read afterwards.
pub fn glides_abreast<'a>(jobs: impl Iterator<Item = GlideJob<'a>>, frames: usize) {
    let mut jobs = jobs.fuse();
    loop {
        let mut group: [Option<GlideJob<'a>>; LANES] = std::array::from_fn(|_| jobs.next());
        match group.iter().flatten().count() {
            0 => return,
            1 | 2 => glides::<1>(&mut group, frames),
            _ => glides::<2>(&mut group, frames),
        }
    }
}

/// Two voices to a vector.
fn glides<const VECTORS: usize>(jobs: &mut [Option<GlideJob<'_>>; LANES], frames: usize) {
    let frames = frames.min(BLOCK_FRAMES);
    let silent = (Svf::default(), [SvfCoefficients::default(); 2], [[0.0; BLOCK_FRAMES]; 2]);
    let mut waves = [[f32x4::ZERO; BLOCK_FRAMES]; VECTORS];
    let mut filters = [Svf::default(); VECTORS];
    let mut now: [WideCoefficients; VECTORS] = std::array::from_fn(|_| WideCoefficients::default());
    let mut step = now;
    for (k, pair) in jobs.chunks(2).take(VECTORS).enumerate() {
        let [a, b] = [&pair[0], &pair[1]].map(|job| match job {
            Some(job) => (&*job.filter, &job.glide, &*job.wave),
            None => (&silent.0, &silent.1, &silent.2),
        });
        filters[k] = Svf::gathered([(a.0, 0), (a.0, 1), (b.0, 0), (b.0, 1)]);
        now[k] = WideCoefficients::pair(&a.1[0], &b.1[0]);
        step[k] = now[k].step_to(&WideCoefficients::pair(&a.1[1], &b.1[1]), frames);
        gather([&a.2[0], &a.2[1], &b.2[0], &b.2[1]], &mut waves[k]);
    }
    for n in 0..frames {
        for k in 0..VECTORS {
            now[k].advance(&step[k]);
            waves[k][n] = filters[k].tick(&now[k], waves[k][n]);
        }
    }
    for (k, pair) in jobs.chunks_mut(2).take(VECTORS).enumerate() {
        let filter = filters[k].settled();
        let mut spare = [[0.0; BLOCK_FRAMES]; LANES];
        let mut channels = spare.each_mut();
        for (place, job) in pair.iter_mut().enumerate() {
            let Some(GlideJob { filter: own, wave: [left, right], .. }) = job else { continue };
            **own = filter.picked([2 * place, 2 * place + 1]);
            (channels[2 * place], channels[2 * place + 1]) = (left, right);
        }
        scatter(&waves[k], channels);
    }
}

/// Runs rows of filters over the first `frames` of their blocks, four channels at a time. What lies behind those frames
/// is not to be read afterwards.
pub fn chains_abreast<'a, const N: usize>(chains: impl Iterator<Item = &'a mut Chain<N>>, frames: usize) {
    let mut chains = chains.fuse();
    let frames = frames.min(BLOCK_FRAMES);
    loop {
        let group: [Option<&mut Chain<N>>; LANES] = std::array::from_fn(|_| chains.next());
        match group {
            [None, ..] => return,
            [Some(one), None, ..] => {
                chain(&mut one.filters, &one.coefficients, &mut one.samples[..frames]);
            }
            group => chain_four(group, frames),
        }
    }
}

fn chain_four<const N: usize>(mut chains: [Option<&mut Chain<N>>; LANES], frames: usize) {
    let silent = Chain::new([SvfCoefficients::default(); N]);
    let mut wave = [f32x4::ZERO; BLOCK_FRAMES];
    let lanes = chains.each_ref().map(|one| one.as_deref().unwrap_or(&silent));
    let mut filters: [Svf; N] =
        std::array::from_fn(|k| Svf::gathered(lanes.map(|lane| (&lane.filters[k], 0))));
    let wide: [WideCoefficients; N] =
        std::array::from_fn(|k| WideCoefficients::lanes(lanes.map(|lane| &lane.coefficients[k])));
    gather(lanes.map(|lane| &lane.samples), &mut wave);
    for frame in &mut wave[..frames] {
        for (filter, c) in filters.iter_mut().zip(&wide) {
            *frame = filter.tick(c, *frame);
        }
    }
    let filters = filters.map(Svf::settled);
    let mut spare = [[0.0; BLOCK_FRAMES]; LANES];
    let mut channels = spare.each_mut();
    for (lane, (channel, one)) in channels.iter_mut().zip(&mut chains).enumerate() {
        let Some(Chain { filters: own, samples, .. }) = one else { continue };
        for (own, filter) in own.iter_mut().zip(&filters) {
            *own = filter.picked([lane, lane]);
        }
        *channel = samples;
    }
    scatter(&wave, channels);
}

/// Turns four channels into frames.
#[inline(always)]
fn gather(channels: [&Channel; LANES], frames: &mut Frames) {
    let channels = channels.map(|channel| channel.as_chunks::<LANES>().0);
    for (n, four) in frames.as_chunks_mut::<LANES>().0.iter_mut().enumerate() {
        *four = f32x4::transpose(channels.map(|channel| f32x4::new(channel[n])));
    }
}

/// Turns frames into four channels.
#[inline(always)]
fn scatter(frames: &Frames, channels: [&mut Channel; LANES]) {
    let mut channels = channels.map(|channel| channel.as_chunks_mut::<LANES>().0);
    for (n, four) in frames.as_chunks::<LANES>().0.iter().enumerate() {
        let rows = f32x4::transpose(*four);
        for (channel, row) in channels.iter_mut().zip(rows) {
            channel[n] = row.to_array();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::svf::FilterKind;

    fn wave(k: usize) -> Channel {
        std::array::from_fn(|n| ((n * (k + 3)) as f32 * 0.21).sin())
    }

    #[test]
    fn gliding_filters_give_what_each_gives_alone() {
        let glide = |k: usize| {
            let set = |hz| SvfCoefficients::new(FilterKind::Low, hz, 2.0, 48_000.0);
            [set(300.0 * (k + 1) as f32), set(400.0 * (k + 1) as f32)]
        };
        for count in [1, 2, 3, 4, 6] {
            let mut alone: Vec<Stereo> = (0..count).map(|k| [wave(2 * k), wave(2 * k + 1)]).collect();
            let mut abreast = alone.clone();
            let mut filters = vec![Svf::default(); count];
            let mut others = filters.clone();
            for frames in [64, 37, 64] {
                for (k, ([left, right], filter)) in alone.iter_mut().zip(&mut filters).enumerate() {
                    let [from, to] = glide(k);
                    filter.process_glide(&from, &to, &mut left[..frames], &mut right[..frames]);
                }
                let jobs = abreast.iter_mut().zip(&mut others).enumerate();
                let jobs = jobs.map(|(k, (wave, filter))| GlideJob { filter, glide: glide(k), wave });
                glides_abreast(jobs, frames);
                for (a, b) in alone.iter().flatten().zip(abreast.iter().flatten()) {
                    assert!(a[..frames].iter().zip(&b[..frames]).all(|(a, b)| (a - b).abs() < 1e-6));
                }
                abreast.clone_from(&alone);
            }
        }
    }

    #[test]
    fn chains_give_what_each_gives_alone() {
        let set = |kind, hz| SvfCoefficients::new(kind, hz, 2.0, 48_000.0);
        // Six channels: a group of four and one of two; five leave one alone.
        for count in [1, 4, 5, 6] {
            let coefficients: Vec<_> = (1..=count)
                .map(|k| [set(FilterKind::Low, 1200.0 * k as f32), set(FilterKind::High, 300.0 * k as f32)])
                .collect();
            let mut alone: Vec<Channel> = (0..count).map(wave).collect();
            let mut filters = vec![[Svf::default(); 2]; count];
            let mut abreast: Vec<Chain<2>> = coefficients.iter().map(|c| Chain::new(*c)).collect();
            for frames in [64, 37, 64] {
                for (chain, samples) in abreast.iter_mut().zip(&alone) {
                    chain.samples = *samples;
                }
                for ((samples, filters), c) in alone.iter_mut().zip(&mut filters).zip(&coefficients) {
                    chain(filters, c, &mut samples[..frames]);
                }
                chains_abreast(abreast.iter_mut(), frames);
                for (a, b) in alone.iter().zip(&abreast) {
                    assert!(a[..frames].iter().zip(&b.samples[..frames]).all(|(a, b)| (a - b).abs() < 1e-6));
                }
            }
        }
    }
}
