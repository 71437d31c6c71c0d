"""Where the beats of a recording lie, found from its samples alone."""

import numpy as np

# Frames between two values of the onset strength, and over how many each is taken.
HOP = 64
WINDOW = 512


def onset_strength(audio: np.ndarray) -> np.ndarray:
    """How much louder each stretch of HOP frames is than the one before, in the logarithm, never negative."""
    mono = audio.mean(axis=0)
    power = np.concatenate([np.zeros(WINDOW), mono**2])
    total = np.concatenate([[0.0], np.cumsum(power)])
    ends = np.arange(WINDOW, len(total), HOP)
    energy = np.maximum(total[ends] - total[ends - WINDOW], 0.0)
    # The music between the beats has its own small onsets: a floor of a tenth keeps them small in the logarithm.
    floor = 0.1 * energy.max() + 1e-12
    return np.maximum(np.diff(np.log(energy + floor), prepend=np.log(floor)), 0.0)


def tempo(times: np.ndarray, near: float) -> float:
    """The tempo within 6 % of a guess on whose sixteenths the onsets lie best together, in BPM."""
    candidates = np.arange(0.94 * near, 1.06 * near, 0.01)
    turns = np.exp(-2j * np.pi * 4.0 * np.outer(candidates / 60.0, times))
    return float(candidates[np.abs(turns.sum(axis=1)).argmax()])


def onsets(strength: np.ndarray, rate: float, share: float = 0.3) -> np.ndarray:
    """Times of all onsets in seconds: peaks of at least a share of a strong one, the highest within 50 ms.

    Strong is what one in twenty exceeds: the highest of all is often the very first, out of silence."""
    reach = int(0.05 * rate / HOP)
    padded = np.pad(strength, reach)
    highest = np.array([padded[n : n + 2 * reach + 1].max() for n in range(len(strength))])
    peaks = np.flatnonzero((strength == highest) & (strength > 0.0))
    peaks = peaks[strength[peaks] >= share * np.quantile(strength[peaks], 0.95)]
    # A peak is where most of the new energy has come in, within the window before it.
    return peaks * HOP / rate


def on_beats(times: np.ndarray, bpm: float, count: int, tolerance: float) -> tuple[float, float]:
    """The share of the first `count` beats with an onset within a tolerance, and the median distance, in seconds."""
    beats = np.arange(count) * 60.0 / bpm
    distances = times[np.abs(times[None, :] - beats[:, None]).argmin(axis=1)] - beats
    near = np.abs(distances) <= tolerance
    return float(near.mean()), float(np.median(distances[near])) if near.any() else float("inf")
