//! WAV files, stereo.

use std::path::Path;

/// How samples are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// 24-bit integers, which everything reads. Samples beyond full scale are clipped: for the mix, which has none.
    Int24,
    /// 32-bit floats, which clip nothing: for stems, which may be louder than the mix that they are limited in.
    Float32,
}

/// Writes left and right as a WAV file.
///
/// # Errors
/// What the file system says.
pub fn write(
    path: &Path,
    channels: &[Vec<f32>; 2],
    sample_rate: u32,
    depth: Depth,
) -> Result<(), hound::Error> {
    let (bits_per_sample, sample_format) = match depth {
        Depth::Int24 => (24, hound::SampleFormat::Int),
        Depth::Float32 => (32, hound::SampleFormat::Float),
    };
    let spec = hound::WavSpec { channels: 2, sample_rate, bits_per_sample, sample_format };
    let mut writer = hound::WavWriter::create(path, spec)?;
    const FULL: f32 = 8_388_607.0;
    for (left, right) in channels[0].iter().zip(&channels[1]) {
        for sample in [left, right] {
            match depth {
                Depth::Int24 => writer.write_sample((sample.clamp(-1.0, 1.0) * FULL).round() as i32)?,
                Depth::Float32 => writer.write_sample(*sample)?,
            }
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
        write(&path, &[left.clone(), right.clone()], 44_100, Depth::Float32).unwrap();
        let floats: Vec<f32> = hound::WavReader::open(&path).unwrap().samples().map(Result::unwrap).collect();
        assert!(floats.chunks(2).zip(&left).all(|(frame, left)| frame == [*left, 2.0]));
        write(&path, &[left.clone(), right], 44_100, Depth::Int24).unwrap();
        let mut reader = hound::WavReader::open(&path).unwrap();
        assert_eq!(reader.spec().sample_rate, 44_100);
        let samples: Vec<i32> = reader.samples().map(Result::unwrap).collect();
        for (frame, expected) in samples.chunks(2).zip(&left) {
            assert!((frame[0] as f32 / 8_388_607.0 - expected).abs() < 1.0 / 8_388_607.0);
            assert_eq!(frame[1], 8_388_607);
        }
    }
}
