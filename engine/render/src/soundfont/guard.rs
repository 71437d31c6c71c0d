//! What a SoundFont must be like to be read and played without harm.

use rustysynth::{InstrumentRegion, LoopMode, Preset, PresetRegion, SoundFont};

/// Most parts that may sound for one key: more would stop the renderer.
const PARTS: usize = 192;
/// Most parts of a preset, all of which are looked at for every note.
const ALL_PARTS: usize = 65_536;
/// Largest file, bytes: places in it are counted with 31 bits.
const LARGEST: usize = i32::MAX as usize;

/// Goes from chunk to chunk: all lie within the file and within each other, in the order in which they are read, and those
/// whose length is taken for granted have it.
pub(super) fn walk(bytes: &[u8]) -> Result<(), &'static str> {
    if bytes.len() > LARGEST {
        return Err("it is larger than two gigabytes");
    }
    if bytes.len() < 12 || &bytes[..4] != b"RIFF" || &bytes[8..12] != b"sfbk" {
        return Err("it does not begin as a SoundFont 2 file does");
    }
    let mut rest = &bytes[12..];
    for kind in [b"INFO", b"sdta", b"pdta"] {
        let (id, mut list, behind) = chunk(rest)?;
        if id != b"LIST" || list.len() < 4 || &list[..4] != kind {
            return Err("its three lists are not there in their order");
        }
        list = &list[4..];
        while !list.is_empty() {
            let (id, data, next) = chunk(list)?;
            if data.len() % 2 != 0 {
                return Err("one of its chunks has an odd length");
            }
            if matches!(id, b"ifil" | b"iver") && data.len() != 4 {
                return Err("its version has not four bytes");
            }
            list = next;
        }
        rest = behind;
    }
    Ok(())
}

/// A chunk's name, its data, and what follows it.
type Chunk<'a> = (&'a [u8; 4], &'a [u8], &'a [u8]);

/// The first chunk.
fn chunk(bytes: &[u8]) -> Result<Chunk<'_>, &'static str> {
    let broken = "a chunk reaches beyond what it lies in";
    let (id, rest) = bytes.split_first_chunk::<4>().ok_or(broken)?;
    let (size, rest) = rest.split_first_chunk::<4>().ok_or(broken)?;
    let (data, behind) = rest.split_at_checked(u32::from_le_bytes(*size) as usize).ok_or(broken)?;
    Ok((id, data, behind))
}

/// Looks at every sample's place and speed.
pub(super) fn look_over(font: &SoundFont) -> Result<(), &'static str> {
    if font.get_presets().is_empty() {
        return Err("it has no preset");
    }
    let length = font.get_wave_data().len() as i64;
    for region in font.get_instruments().iter().flat_map(|instrument| instrument.get_regions()) {
        let header = font.get_sample_headers().get(region.get_sample_id());
        let Some(header) = header else { return Err("a part of it has no sample") };
        if !(400..=192_000).contains(&header.get_sample_rate()) {
            return Err("a sample has a rate that no recording has");
        }
        // The sums are made again in 64 bits, in which they cannot go round.
        let place = |at: i32, offset: i32| i64::from(at) + i64::from(offset);
        let start = place(header.get_start(), region.get_start_address_offset());
        let end = place(header.get_end(), region.get_end_address_offset());
        let first = place(header.get_start_loop(), region.get_start_loop_address_offset());
        let last = place(header.get_end_loop(), region.get_end_loop_address_offset());
        // A loop that ends before it begins is not played as one.
        let loops = region.get_sample_modes() != LoopMode::NoLoop && first < last;
        let looped = !loops || (0 <= first && last < length);
        if !(0 <= start && start < end && end < length && looped) {
            return Err("a sample lies outside the recorded data");
        }
    }
    Ok(())
}

/// Which keys of a preset can be played: none of their loops is so short, or played so fast, that it is jumped over.
pub(super) fn playable_keys(
    font: &SoundFont,
    preset: &Preset,
    sample_rate: i32,
) -> Result<[bool; 128], &'static str> {
    let mut parts = [0_usize; 128];
    let mut playable = [true; 128];
    let mut all = 0;
    for outer in preset.get_regions() {
        let Some(instrument) = font.get_instruments().get(outer.get_instrument_id()) else {
            return Err("it names an instrument that is not there");
        };
        all += instrument.get_regions().len();
        if all > ALL_PARTS {
            return Err("it has too many parts");
        }
        for inner in instrument.get_regions() {
            let header = font.get_sample_headers().get(inner.get_sample_id());
            let Some(header) = header else { return Err("a part of it has no sample") };
            let from = outer.get_key_range_start().max(inner.get_key_range_start()).max(0);
            let to = outer.get_key_range_end().min(inner.get_key_range_end()).min(127);
            for key in from..=to {
                let speed =
                    fastest(outer, inner, key) * f64::from(header.get_sample_rate()) / f64::from(sample_rate);
                let length =
                    i64::from(inner.get_sample_end_loop()) - i64::from(inner.get_sample_start_loop());
                let loops = inner.get_sample_modes() != LoopMode::NoLoop && length > 0;
                parts[key as usize] += 1;
                playable[key as usize] &=
                    speed.is_finite() && speed < 1024.0 && (!loops || speed < length as f64);
            }
        }
    }
    for (playable, parts) in playable.iter_mut().zip(parts) {
        *playable &= (1..=PARTS).contains(&parts);
    }
    if playable.contains(&true) { Ok(playable) } else { Err("no key of it makes a sound") }
}

/// By how much a sample is at most sped up for a key, with all that moves its pitch.
fn fastest(outer: &PresetRegion, inner: &InstrumentRegion, key: i32) -> f64 {
    let sum = |outer: i32, inner: i32| f64::from(outer) + f64::from(inner);
    let moved = sum(outer.get_vibrato_lfo_to_pitch(), inner.get_vibrato_lfo_to_pitch()).abs()
        + sum(outer.get_modulation_lfo_to_pitch(), inner.get_modulation_lfo_to_pitch()).abs()
        + sum(outer.get_modulation_envelope_to_pitch(), inner.get_modulation_envelope_to_pitch()).abs();
    let scale = 0.01 * sum(outer.get_scale_tuning(), inner.get_scale_tuning());
    let tune = sum(outer.get_coarse_tune(), inner.get_coarse_tune())
        + 0.01 * sum(outer.get_fine_tune(), inner.get_fine_tune());
    let distance = f64::from(key) - f64::from(inner.get_root_key());
    let semitones = scale * distance + (scale * 0.01 * moved).abs() + tune;
    (semitones / 12.0).exp2()
}
