//! WAV files, stereo.

use std::io::{Seek, SeekFrom, Write};
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

/// Says in a WAV file that it is to be played round and round from its first frame to its last: a sampler chunk at its end, as in
/// Microsoft's and IBM's "Multimedia Programming Interface and Data Specifications" (1991), which samplers and game engines read.
///
/// # Errors
/// What the file system says.
pub fn mark_loop(path: &Path, sample_rate: u32, frames: u32) -> std::io::Result<()> {
    const CHUNK: u32 = 36 + 24;
    let mut file = std::fs::OpenOptions::new().read(true).write(true).open(path)?;
    let mut chunk = Vec::with_capacity(8 + CHUNK as usize);
    chunk.extend_from_slice(b"smpl");
    // Maker, product, nanoseconds of a frame, the key of its pitch and its fraction, SMPTE format and offset, loops, bytes behind
    // them; of the loop its name, kind (0: forward), first and last frame, fraction, and how often (0: for ever).
    let period = 1_000_000_000 / sample_rate.max(1);
    let last = frames.saturating_sub(1);
    for number in [CHUNK, 0, 0, period, 60, 0, 0, 0, 1, 0, 0, 0, 0, last, 0, 0] {
        chunk.extend_from_slice(&number.to_le_bytes());
    }
    // Chunks begin at even places.
    let end = file.seek(SeekFrom::End(0))?;
    if end % 2 == 1 {
        file.write_all(&[0])?;
    }
    file.write_all(&chunk)?;
    let size = (file.stream_position()? - 8) as u32;
    file.seek(SeekFrom::Start(4))?;
    file.write_all(&size.to_le_bytes())
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

    #[test]
    fn a_loop_is_marked_and_the_sound_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.wav");
        for frames in [10, 11] {
            let left: Vec<f32> = (0..frames).map(|i| i as f32 / 20.0).collect();
            write(&path, &[left.clone(), left], 48_000, Depth::Int24).unwrap();
            let before: Vec<i32> =
                hound::WavReader::open(&path).unwrap().samples().map(Result::unwrap).collect();
            mark_loop(&path, 48_000, frames).unwrap();
            let after: Vec<i32> =
                hound::WavReader::open(&path).unwrap().samples().map(Result::unwrap).collect();
            assert_eq!(before, after);
            let bytes = std::fs::read(&path).unwrap();
            let number = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
            assert_eq!(number(4) as usize, bytes.len() - 8);
            let at = bytes.windows(4).position(|four| four == b"smpl").unwrap();
            assert_eq!((at % 2, number(at + 4) as usize), (0, bytes.len() - at - 8));
            assert_eq!((number(at + 8 + 28), number(at + 8 + 44), number(at + 8 + 48)), (1, 0, frames - 1));
        }
    }
}
