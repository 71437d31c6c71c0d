"""Clicks: samples that do not follow from those before.

A linear predictor of high order, fitted to the surroundings, foresees music; what it does not foresee is its residual. A
drum's attack is not foreseen either, but goes on for some milliseconds; a click is over within one. So an instant is
rated by how far its residual rises above that of its neighbours, and a place where loops meet is held against the
onsets of all notes of the same piece, and against places where nothing begins.
"""

import numpy as np
from scipy.linalg import solve_toeplitz
from scipy.signal import lfilter

ORDER = 32
# All in seconds: what the predictor is fitted to on either side, where a click is looked for on either side of a place, how
# wide a click is, and how far its neighbourhood reaches.
CONTEXT = 0.05
REACH = 0.004
WIDTH = 0.0008
NEAR = 0.010
# A click stands out by at least this much, decibels, by so many deviations, and by so much more than anything elsewhere: a plucked
# string can begin as suddenly as a click, but then does so wherever it is plucked.
LEAST_DB = 12.0
DEVIATIONS = 4.0
ABOVE_DB = 3.0
# Below this a residual is quieter than the last bit of a 16-bit file.
FLOOR = 1.0 / 65_536


def prominence(audio: np.ndarray, rate: int, frame: int) -> float:
    """How far the residual at a frame stands out of its neighbourhood, decibels; 0 where there is none."""
    context, reach = int(CONTEXT * rate), int(REACH * rate)
    width, near = int(WIDTH * rate), int(NEAR * rate)
    start, end = max(frame - context, 0), min(frame + context, len(audio))
    stretch = audio[start:end].astype(np.float64)
    if len(stretch) < 4 * ORDER or not stretch.any():
        return 0.0
    windowed = stretch * np.hanning(len(stretch))
    correlation = np.correlate(windowed, windowed, "full")[len(windowed) - 1 : len(windowed) + ORDER]
    correlation[0] *= 1.0 + 1e-9
    weights = solve_toeplitz(correlation[:ORDER], correlation[1:])
    residual = np.abs(lfilter(np.concatenate([[1.0], -weights]), [1.0], stretch))
    residual[:ORDER] = 0.0
    middle = frame - start
    low, high = max(middle - reach, 0), min(middle + reach + 1, len(residual))
    peak = low + int(residual[low:high].argmax())
    before = residual[max(peak - near, 0) : max(peak - width, 0)]
    after = residual[peak + width : peak + near]
    around = max(before.max(initial=0.0), after.max(initial=0.0), FLOOR)
    return float(20.0 * np.log10(max(residual[peak], FLOOR) / around))


def find(audio: np.ndarray, rate: int, seams: list[int], onsets: list[int], most: int = 240) -> dict:
    """Rates every seam of a piece, and says which of them click. `onsets` are the frames at which notes begin, and other bar lines."""
    length, guard = len(audio), int(0.03 * rate)
    seams = [frame for frame in seams if 0 < frame < length]
    starts = np.unique(np.concatenate([onsets, np.arange(guard, length, int(0.37 * rate))]).astype(int))
    elsewhere = [frame for frame in starts if all(abs(frame - seam) > guard for seam in seams)]
    # An even choice: enough to know the distribution, and not the whole piece.
    step = max(1, -(-len(elsewhere) // most))
    others = np.array([prominence(audio, rate, frame) for frame in elsewhere[::step]] or [0.0])
    middle = float(np.median(others))
    spread = max(1.4826 * float(np.median(np.abs(others - middle))), 1.0)
    highest = float(others.max())
    rated = [(prominence(audio, rate, frame), frame) for frame in seams]
    clicks = [
        {"seconds": round(frame / rate, 4), "db": round(value, 1), "deviations": round((value - middle) / spread, 1)}
        for value, frame in rated
        if value >= LEAST_DB and value > middle + DEVIATIONS * spread and value > highest + ABOVE_DB
    ]
    worst = max((value for value, _ in rated), default=0.0)
    return {
        "clicks": clicks,
        "worst_db": round(worst, 2),
        "elsewhere_db": round(middle, 2),
        "highest_elsewhere_db": round(highest, 2),
        "deviations": round((worst - middle) / spread, 2),
        "seams": len(seams),
    }
