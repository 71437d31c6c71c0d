//! WAV files: 24 bit, stereo.

use std::path::Path;

/// Writes left and right as a 24-bit WAV file. Samples beyond full scale are clipped; the mix never is, single stems
/// may be.
///
/// # Errors
/// What the file system says.
pub fn write(path: &Path, channels: &[Vec<f32>; 2], sample_rate: u32) -> Result<(), hound::Error> {
    let spec = hound::WavSpec {
        channels: 2,
        sample_rate,
        bits_per_sample: 24,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(path, spec)?;
    const FULL: f32 = 8_388_607.0;
    for (left, right) in channels[0].iter().zip(&channels[1]) {
        for sample in [left, right] {
            writer.write_sample((sample.clamp(-1.0, 1.0) * FULL).round() as i32)?;
        }
    }
    writer.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back_within_a_step() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.wav");
        let left: Vec<f32> = (0..1000).map(|i| (i as f32 * 0.1).sin()).collect();
        let right = vec![2.0; 1000];
        write(&path, &[left.clone(), right], 44_100).unwrap();
        let mut reader = hound::WavReader::open(&path).unwrap();
        assert_eq!(reader.spec().sample_rate, 44_100);
        let samples: Vec<i32> = reader.samples().map(Result::unwrap).collect();
        for (frame, expected) in samples.chunks(2).zip(&left) {
            assert!((frame[0] as f32 / 8_388_607.0 - expected).abs() < 1.0 / 8_388_607.0);
            assert_eq!(frame[1], 8_388_607);
        }
    }
}
