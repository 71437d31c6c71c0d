"""Which pitch classes sound, and how strongly, found from the samples alone, by two roads. Neither key nor chords are known here.

By spectrum: the harmonic part of the piece (median filters: Fitzgerald 2010; with a margin: Driedger, Müller and Disch 2014), its
constant-Q spectrum on its own tuning, the peaks of that, and of those what is not a partial of something below: a fifth
harmonic is a major third, which no minor scale holds, and yet nobody plays it.

By network: the notes that Basic Pitch hears (Bittner and others 2022), a small network trained on recordings of real
instruments, each weighted by the square of how sure it is, which stands for energy: what it is not sure of by half is left out.
"""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

import librosa
import numpy as np
from scipy.ndimage import median_filter

HOP = 1024
BINS = 36
# C2 to the end of the sixth octave above it is where melody and harmony lie; lower fundamentals are heard by their octaves.
LOWEST = 65.406
OCTAVES = 6
# Harmonics that are told from played notes.
HARMONICS = range(2, 13)
# Peaks so far below the loudest of their frame, and frames so far below the loudest frame, are left out, decibels.
PEAK_FLOOR_DB = 40.0
FRAME_FLOOR_DB = 50.0
# How much more a bin must be tone than blow to be kept.
MARGIN = 3.0

# The network's window and the part of it at its edges that is not trusted, samples at 22,050 Hz; one row of its answer is so many
# samples, and its first key is A0.
WINDOW, EDGE, STEP, FIRST_KEY = 43_844, 3_840, 256, 21
SURE = 0.5


def by_spectrum(audio: np.ndarray, rate: int) -> np.ndarray:
    """Share of energy of the twelve pitch classes from C; all 0 where nothing has a pitch."""
    audio = librosa.effects.harmonic(audio, margin=MARGIN)
    if not audio.any():
        return np.zeros(12)
    tuning = librosa.estimate_tuning(y=audio, sr=rate, bins_per_octave=12)
    spectrum = np.abs(
        librosa.cqt(
            audio, sr=rate, hop_length=HOP, fmin=LOWEST * 2 ** (tuning / 12), n_bins=BINS * OCTAVES,
            bins_per_octave=BINS, filter_scale=1.0,
        )
    )
    power = without_partials(peaks((spectrum * harmonic_mask(spectrum)) ** 2))
    # Bins 3n - 1, 3n and 3n + 1 are the three thirds of a semitone.
    semitones = np.roll(power, 1, axis=0).reshape(OCTAVES, 12, BINS // 12, -1)
    shares = semitones.sum(axis=(0, 2, 3))
    total = shares.sum()
    return shares / total if total > 0.0 else shares


def harmonic_mask(spectrum: np.ndarray) -> np.ndarray:
    """Between 0 and 1: how much more a bin is part of a tone than of a blow."""
    tone = median_filter(spectrum, size=(1, 13), mode="nearest")
    blow = median_filter(spectrum, size=(25, 1), mode="nearest")
    return tone**2 / (tone**2 + blow**2 + 1e-20)


def peaks(power: np.ndarray) -> np.ndarray:
    """The power of bins that are the highest of their neighbours, with the neighbours' share of the same tone; 0 elsewhere."""
    padded = np.pad(power, ((2, 2), (0, 0)))
    around = np.stack([padded[n : n + len(power)] for n in range(5)])
    is_peak = (power > 0.0) & (power == around.max(axis=0))
    loudest = power.max(axis=0, initial=0.0)
    is_loud = power > loudest * 10 ** (-PEAK_FLOOR_DB / 10)
    frames = loudest > loudest.max(initial=0.0) * 10 ** (-FRAME_FLOOR_DB / 10)
    return np.where(is_peak & is_loud & frames, power, 0.0)


def without_partials(power: np.ndarray) -> np.ndarray:
    """Takes from each peak, upwards from the lowest, what a tone below explains: a partial as strong as its fundamental."""
    left = power.copy()
    for low in range(len(left)):
        fundamental = left[low]
        if not fundamental.any():
            continue
        for harmonic in HARMONICS:
            at = low + round(BINS * np.log2(harmonic))
            for near in (at - 1, at, at + 1):
                if near < len(left):
                    left[near] = np.maximum(left[near] - fundamental, 0.0)
    return left


@cache
def network():
    """The weights that come with Basic Pitch, in ONNX Runtime."""
    import onnxruntime

    folder = Path(find_spec("basic_pitch").submodule_search_locations[0])
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    weights = folder / "saved_models/icassp_2022/nmp.onnx"
    return onnxruntime.InferenceSession(str(weights), options, providers=["CPUExecutionProvider"])


def by_network(audio: np.ndarray) -> np.ndarray:
    """Share of the twelve pitch classes from C at 22,050 Hz; all 0 where no note is heard."""
    padded = np.concatenate([np.zeros(EDGE, np.float32), audio])
    edge = EDGE // STEP
    shares = np.zeros(12)
    for start in range(0, len(padded), WINDOW - 2 * EDGE):
        window = padded[start : start + WINDOW]
        window = np.pad(window, (0, WINDOW - len(window))).astype(np.float32)
        notes = network().run(["StatefulPartitionedCall:1"], {"serving_default_input_2:0": window[None, :, None]})[0][0]
        sure = np.where(notes > SURE, notes**2, 0.0)[edge:-edge].sum(axis=0)
        np.add.at(shares, (np.arange(len(sure)) + FIRST_KEY) % 12, sure)
    total = shares.sum()
    return shares / total if total > 0.0 else shares


def share_of(shares: np.ndarray, wanted: list[int]) -> float:
    """How much of the energy lies in some pitch classes, 0 to 1."""
    return float(shares[sorted(set(wanted))].sum())
