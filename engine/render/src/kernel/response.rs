//! For tests: the gain of a linear kernel at a frequency, measured by the steady state of a sine.

/// Level in dB that `process` gives a sine of `hz`, after a settling time of half a second.
pub fn level_db(hz: f32, rate: f32, process: impl FnOnce(&mut [f32])) -> f32 {
    let frames = rate as usize;
    let step = f64::from(hz) / f64::from(rate) * std::f64::consts::TAU;
    let mut x: Vec<f32> = (0..frames).map(|n| (n as f64 * step).sin() as f32).collect();
    process(&mut x);
    let start = frames / 2;
    let (mut re, mut im, mut re0, mut im0) = (0.0, 0.0, 0.0, 0.0);
    for (n, y) in x.iter().enumerate().skip(start) {
        let (sin, cos) = (n as f64 * step).sin_cos();
        // A Hann window keeps what is not of this frequency out.
        let window = 0.5 - 0.5 * ((n - start) as f64 / (frames - start) as f64 * std::f64::consts::TAU).cos();
        re += f64::from(*y) * cos * window;
        im += f64::from(*y) * sin * window;
        re0 += sin * cos * window;
        im0 += sin * sin * window;
    }
    (10.0 * ((re * re + im * im) / (re0 * re0 + im0 * im0)).max(1e-20).log10()) as f32
}
