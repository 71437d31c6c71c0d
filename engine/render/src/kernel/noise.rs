//! Seeded noise: white, and pink by Paul Kellet's filter.

/// Generators that fill a buffer side by side.
const LANES: usize = 8;
/// Odd factors without pattern (outputs of SplitMix64), which place those generators.
const SPREAD: [u32; LANES] =
    [0x9e37_79b9, 0xbf58_476d, 0x94d0_49bb, 0x1331_11eb, 0xe220_a839, 0x7b1d_cdaf, 0x6e78_9e6b, 0x06c4_5d19];

/// White noise from a xorshift generator (Marsaglia, *Xorshift RNGs*, 2003, the 32-bit triple 13, 17, 5), whose
/// state is spread from the seed by SplitMix64 (Steele, Lea, Flood 2014), so that near seeds are unlike.
#[derive(Debug, Clone, Copy)]
pub struct Noise {
    state: u32,
}

impl Noise {
    /// A generator; equal seeds give equal noise.
    pub fn new(seed: u64) -> Self {
        let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        Self { state: ((z >> 32) as u32 ^ z as u32).max(1) }
    }

    /// The next 32 random bits, never 0.
    #[inline(always)]
    pub fn bits(&mut self) -> u32 {
        let mut x = self.state;
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
        self.state = x;
        x
    }

    /// Uniform in -1..1; its RMS is 0.577.
    #[inline(always)]
    pub fn white(&mut self) -> f32 {
        self.bits() as i32 as f32 * (1.0 / 2_147_483_648.0)
    }

    /// Uniform in 0..1.
    #[inline(always)]
    pub fn unit(&mut self) -> f32 {
        (self.bits() >> 8) as f32 * (1.0 / 16_777_216.0)
    }

    /// Fills a buffer with white noise: several generators in a row, started at places of their own, so that no sample
    /// waits for the one before.
    pub fn fill(&mut self, out: &mut [f32]) {
        let start = self.bits();
        // An odd factor keeps what is not 0 from becoming 0.
        let mut state: [u32; LANES] = std::array::from_fn(|lane| start.wrapping_mul(SPREAD[lane]));
        let mut chunks = out.chunks_exact_mut(LANES);
        for chunk in &mut chunks {
            for x in &mut state {
                *x ^= *x << 13;
                *x ^= *x >> 17;
                *x ^= *x << 5;
            }
            for (sample, x) in chunk.iter_mut().zip(state) {
                *sample = x as i32 as f32 * (1.0 / 2_147_483_648.0);
            }
        }
        for sample in chunks.into_remainder() {
            *sample = self.white();
        }
    }
}

/// White to pink, -3 dB an octave within 0.1 dB above 10 Hz at 44.1 kHz (Paul Kellet's economy filter, musicdsp.org
/// archive 76). At other rates its corners move with the rate, which is still pink over the audible range.
#[derive(Debug, Clone, Copy, Default)]
pub struct Pink {
    state: [f32; 3],
}

impl Pink {
    /// One frame.
    #[inline(always)]
    pub fn process(&mut self, white: f32) -> f32 {
        let [a, b, c] = &mut self.state;
        *a = 0.997_65 * *a + white * 0.099_046;
        *b = 0.963 * *b + white * 0.296_516_4;
        *c = 0.57 * *c + white * 1.052_691_3;
        (*a + *b + *c + white * 0.1848) * 0.25
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_is_flat_and_centred_and_seeded() {
        let mut noise = Noise::new(7);
        let samples: Vec<f32> = (0..100_000).map(|_| noise.white()).collect();
        let mean = samples.iter().sum::<f32>() / 1e5;
        let power = samples.iter().map(|x| x * x).sum::<f32>() / 1e5;
        assert!(mean.abs() < 0.01 && (power - 1.0 / 3.0).abs() < 0.005);
        let lag: f32 = samples.windows(2).map(|pair| pair[0] * pair[1]).sum::<f32>() / 1e5;
        assert!(lag.abs() < 0.01);
        let mut again = Noise::new(7);
        assert!(samples.iter().all(|x| *x == again.white()));
        assert_ne!(Noise::new(8).bits(), Noise::new(7).bits());
    }

    #[test]
    fn filled_noise_is_as_white_block_after_block() {
        let mut noise = Noise::new(7);
        let mut samples = vec![0.0; 64 * 2000];
        samples.chunks_mut(64).for_each(|block| noise.fill(block));
        let count = samples.len() as f32;
        let power = samples.iter().map(|x| x * x).sum::<f32>() / count;
        assert!((power - 1.0 / 3.0).abs() < 0.005);
        // Against itself at every distance up to two blocks: 4 standard deviations of chance.
        for lag in 0..128 {
            let sum: f32 = samples.windows(lag + 1).map(|span| span[0] * span[lag]).sum();
            let wanted = if lag == 0 { 1.0 / 3.0 } else { 0.0 };
            assert!((sum / count - wanted).abs() < 0.004, "{lag}: {}", sum / count);
        }
    }

    #[test]
    fn pink_falls_three_decibels_an_octave() {
        // Power through one-octave differences of running means would be crude; a DFT of the impulse response is exact.
        let mut pink = Pink::default();
        let response: Vec<f32> = (0..20_000).map(|n| pink.process(if n == 0 { 1.0 } else { 0.0 })).collect();
        let level = |hz: f32| {
            let (mut re, mut im) = (0.0_f64, 0.0_f64);
            for (n, x) in response.iter().enumerate() {
                let angle = f64::from(hz) / 44_100.0 * std::f64::consts::TAU * n as f64;
                re += f64::from(*x) * angle.cos();
                im += f64::from(*x) * angle.sin();
            }
            10.0 * (re * re + im * im).log10()
        };
        for hz in [100.0, 200.0, 400.0, 800.0, 1600.0, 3200.0] {
            let fall = level(hz) - level(2.0 * hz);
            assert!((fall - 3.0).abs() < 0.9, "{hz} Hz falls {fall} dB");
        }
    }
}
