"""Loudness, peak and brightness by a second road, to check the figures of the records, which come from the engine's own meter."""

import librosa
import numpy as np
import pyloudnorm
from scipy.signal import resample_poly


def integrated(channels: np.ndarray, rate: int) -> float:
    """LUFS."""
    return float(pyloudnorm.Meter(rate).integrated_loudness(channels.T))


def true_peak(channels: np.ndarray) -> float:
    """dBTP, by fourfold oversampling."""
    peak = max(float(np.abs(resample_poly(side, 4, 1)).max()) for side in channels)
    return 20.0 * np.log10(max(peak, 1e-6))


def mono_loss(channels: np.ndarray, rate: int) -> float:
    """Decibels lost when both sides become their mean."""
    mean = channels.mean(axis=0)
    return integrated(channels, rate) - integrated(np.stack([mean, mean]), rate)


def centroid(channels: np.ndarray, rate: int) -> float:
    """Hz: librosa's centroid of each frame, weighted by the frame's magnitude."""
    moment = total = 0.0
    for side in channels:
        spectrum = np.abs(librosa.stft(side, n_fft=2048, hop_length=1024, center=False))
        each = librosa.feature.spectral_centroid(S=spectrum, sr=rate)[0]
        weight = spectrum.sum(axis=0)
        moment, total = moment + float((each * weight).sum()), total + float(weight.sum())
    return moment / total if total > 0.0 else 0.0
