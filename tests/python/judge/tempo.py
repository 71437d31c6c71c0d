"""The tempo of a piece, found from its samples alone.

Three roads. None is told the tempo, the style or the metre, and each has the same settings for every piece.

- librosa as it comes: autocorrelation of the onset strength, then beats by dynamic programming (Ellis 2007), with its usual
  prior, log-normal around 120 BPM with a width of an octave. Its estimate is as coarse as one frame of the
  autocorrelation, so a line through its beats gives the figure.
- "product": the same beats, from a better first estimate under the same prior. The autocorrelation of an onset curve also peaks at multiples
  of the beat, its spectrum at fractions; their product does so at neither (Peeters 2006), which spares it the three
  sixteenths and the five quarters that the autocorrelation alone takes for beats.
- aubio as it comes: comb filters over the onset function (Davies & Plumbley 2005); it shares no code with the others.
"""

import librosa
import numpy as np

# Frames from one value of the onset strength to the next at 22,050 Hz: 12 ms.
HOP = 256
# How far from the host's tempo, its half or its double counts as found.
TOLERANCE = 0.02
# Where the product looks, BPM, how fine, and librosa's prior: its middle, and its width in octaves.
SLOWEST, FASTEST, GRAIN = 40.0, 240.0, 0.002
PRIOR_BPM, PRIOR_OCTAVES = 120.0, 1.0


def by_librosa(audio: np.ndarray, rate: int) -> float:
    """Beats a minute, 0 where no beat is found."""
    strength = onset_strength(audio, rate)
    if not strength.any():
        return 0.0
    rough = float(librosa.feature.tempo(onset_envelope=strength, sr=rate, hop_length=HOP)[0])
    return beats_near(strength, rate, rough)


def by_product(audio: np.ndarray, rate: int) -> float:
    """Beats a minute, 0 where no beat is found."""
    strength = onset_strength(audio, rate)
    return beats_near(strength, rate, product(strength, rate / HOP)) if strength.any() else 0.0


def onset_strength(audio: np.ndarray, rate: int) -> np.ndarray:
    return librosa.onset.onset_strength(y=audio, sr=rate, hop_length=HOP, aggregate=np.median)


def product(strength: np.ndarray, frames_a_second: float) -> float:
    """The tempo at which autocorrelation times spectrum of an onset curve is highest under the prior."""
    bpm = np.exp(np.arange(np.log(SLOWEST), np.log(FASTEST), GRAIN))
    curve = strength - strength.mean()
    count = len(curve)
    again = np.correlate(curve, curve, "full")[count - 1 :] / np.arange(count, 0, -1)
    again = np.interp(60.0 * frames_a_second / bpm, np.arange(count), np.maximum(again, 0.0))
    turns = np.exp(-2j * np.pi * np.outer(bpm / 60.0 / frames_a_second, np.arange(count)))
    spectrum = np.abs(turns @ (curve * np.hanning(count)))
    prior = np.exp(-0.5 * (np.log2(bpm / PRIOR_BPM) / PRIOR_OCTAVES) ** 2)
    return float(bpm[(again * spectrum * prior).argmax()])


def beats_near(strength: np.ndarray, rate: int, rough: float) -> float:
    """The tempo of the beats that librosa finds about a rough one."""
    _, beats = librosa.beat.beat_track(
        onset_envelope=strength, sr=rate, hop_length=HOP, bpm=rough, trim=False, units="frames"
    )
    return line_through(beats * HOP / rate, rough)


def line_through(times: np.ndarray, rough: float) -> float:
    """The tempo of beats whose distance is about that of a rough tempo: the slope over their numbers, strays left out."""
    if len(times) < 8:
        return rough
    steps = np.maximum(np.round(np.diff(times) * rough / 60.0), 1.0)
    numbers = np.concatenate([[0.0], np.cumsum(steps)])
    kept = np.ones(len(times), bool)
    slope = 60.0 / rough
    for _ in range(4):
        slope, start = np.polyfit(numbers[kept], times[kept], 1)
        away = np.abs(times - start - slope * numbers)
        kept = away <= max(2.5 * np.median(away), 0.01)
        if kept.sum() < 8:
            return rough
    return float(60.0 / slope)


def by_aubio(audio: np.ndarray, rate: int) -> float:
    """Beats a minute from the median distance of aubio's beats, 0 where it finds less than four."""
    import aubio

    window, hop = 1024, 256
    tracker = aubio.tempo("default", window, hop, rate)
    samples = np.ascontiguousarray(audio, dtype=np.float32)
    times = []
    for start in range(0, len(samples) - hop + 1, hop):
        if tracker(samples[start : start + hop])[0]:
            times.append(tracker.get_last_s())
    if len(times) < 4:
        return 0.0
    return line_through(np.array(times), 60.0 / float(np.median(np.diff(times))))


def is_found(found: float, bpm: float, is_compound: bool = False) -> bool:
    """Whether a tempo is the host's, its half or its double; in a compound metre that of the felt beat of three eighths counts too."""
    beats = [bpm, bpm * 2.0 / 3.0] if is_compound else [bpm]
    return any(abs(found / (beat * factor) - 1.0) <= TOLERANCE for beat in beats for factor in (0.5, 1.0, 2.0))


def is_compound(metre: str) -> bool:
    """Whether the felt beat of a metre is three eighths: 6/8, 9/8, 12/8."""
    upper, lower = (int(part) for part in metre.split("/"))
    return lower >= 8 and upper % 3 == 0 and upper > 3
