//! A small SoundFont, written from nothing.
#![allow(missing_docs)]

fn chunk(id: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut out = id.to_vec();
    out.extend((data.len() as u32).to_le_bytes());
    out.extend(data);
    out
}

fn list(kind: &[u8; 4], chunks: &[Vec<u8>]) -> Vec<u8> {
    chunk(b"LIST", &[&kind[..], &chunks.concat()].concat())
}

fn name(text: &str) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    bytes.resize(20, 0);
    bytes
}

fn words(words: &[u16]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

fn header(text: &str, places: [u32; 5], pitch: u8) -> Vec<u8> {
    let mut out = name(text);
    out.extend(places.iter().flat_map(|place| place.to_le_bytes()));
    out.extend([pitch, 0]);
    out.extend(words(&[0, 1]));
    out
}

/// A looped tone of 440 Hz in bank 0 and a burst of noise in bank 128.
pub fn file() -> Vec<u8> {
    let mut wave: Vec<i16> =
        (0..4400).map(|n| (12_000.0 * (n as f32 / 100.0 * std::f32::consts::TAU).sin()) as i16).collect();
    wave.resize(4446, 0);
    let mut state = 1_u32;
    for n in 0..9000 {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let fall = (-(n as f32) / 1500.0).exp();
        wave.push((fall * 14_000.0 * (state as i32 as f32 / 2_147_483_648.0)) as i16);
    }
    wave.resize(13_492, 0);
    let samples: Vec<u8> = wave.iter().flat_map(|x| x.to_le_bytes()).collect();
    let preset = |text: &str, bank: u16, bag: u16| [name(text), words(&[0, bank, bag]), vec![0; 12]].concat();
    let instrument = |text: &str, bag: u16| [name(text), words(&[bag])].concat();
    let pdta = [
        chunk(b"phdr", &[preset("Tone", 0, 0), preset("Noise", 128, 1), preset("EOP", 0, 2)].concat()),
        chunk(b"pbag", &words(&[0, 0, 1, 0, 2, 0])),
        chunk(b"pmod", &[0; 10]),
        chunk(b"pgen", &words(&[41, 0, 41, 1, 0, 0])),
        chunk(b"inst", &[instrument("Tone", 0), instrument("Noise", 1), instrument("EOI", 2)].concat()),
        chunk(b"ibag", &words(&[0, 0, 3, 0, 4, 0])),
        chunk(b"imod", &[0; 10]),
        // Looped, with a release of a quarter of a second.
        chunk(b"igen", &words(&[54, 1, 38, (-2400_i16) as u16, 53, 0, 53, 1, 0, 0])),
        chunk(
            b"shdr",
            &[
                header("Tone", [0, 4400, 1000, 2000, 44_000], 69),
                header("Noise", [4446, 13_446, 4446, 13_446, 44_000], 60),
                header("EOS", [0; 5], 0),
            ]
            .concat(),
        ),
    ];
    let info =
        [chunk(b"ifil", &words(&[2, 1])), chunk(b"isng", b"EMU8000\0"), chunk(b"INAM", b"Small one\0")];
    let body = [
        b"sfbk".to_vec(),
        list(b"INFO", &info),
        list(b"sdta", &[chunk(b"smpl", &samples)]),
        list(b"pdta", &pdta),
    ];
    chunk(b"RIFF", &body.concat())
}
