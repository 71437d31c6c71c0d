"""Spectrograms, loudness curves and the table of confusion as small pictures."""

from pathlib import Path

import librosa
import matplotlib
import numpy as np

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402  (after the choice of what it draws on)

from . import pieces  # noqa: E402


def spectrogram(audio: np.ndarray, rate: int, path: Path) -> None:
    """A thumbnail: mel bands from 30 Hz to 11 kHz, 70 dB deep."""
    power = librosa.feature.melspectrogram(y=audio, sr=rate, n_fft=2048, hop_length=max(512, len(audio) // 480), n_mels=96, fmin=30)
    levels = librosa.power_to_db(power, ref=np.max, top_db=70.0)
    plt.imsave(path, levels[::-1], cmap="magma", vmin=-70.0, vmax=0.0)


def curve(values: list[float], low: float = -50.0, high: float = -5.0, width: int = 480, height: int = 48) -> str:
    """Momentary loudness as a line of SVG, in the colour of the text around it; one line across is -16 LUFS."""
    if len(values) < 2:
        return ""
    at = lambda value: height * (1.0 - (min(max(value, low), high) - low) / (high - low))
    points = " ".join(f"{index * width / (len(values) - 1):.1f},{at(value):.1f}" for index, value in enumerate(values))
    target = at(-16.0)
    return (
        f'<svg viewBox="0 0 {width} {height}" preserveAspectRatio="none" role="img" aria-label="loudness over time">'
        f'<line x1="0" x2="{width}" y1="{target:.1f}" y2="{target:.1f}" class="target"/>'
        f'<polyline points="{points}"/></svg>'
    )


def confusion(table: np.ndarray, names: list[str], path: Path) -> None:
    """Rows are what the pieces are, columns what they were taken for."""
    shares = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    side = 3.0 + 0.24 * len(names)
    figure, axes = plt.subplots(figsize=(side, side))
    axes.imshow(shares, cmap="viridis", vmin=0.0, vmax=1.0)
    axes.set_xticks(range(len(names)), names, rotation=90, fontsize=8)
    axes.set_yticks(range(len(names)), names, fontsize=8)
    axes.set_xlabel("taken for")
    axes.set_ylabel("is")
    for row, column in zip(*np.nonzero(table)):
        axes.text(column, row, table[row, column], ha="center", va="center", fontsize=7, color="white" if shares[row, column] < 0.6 else "black")
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)


def thumbnail(piece: pieces.Piece) -> Path:
    """The spectrogram of a piece beside its sound, made where it is not there for these samples."""
    path = piece.folder / f"{piece.name}.spectrum.png"
    stamp = piece.folder / f"{piece.name}.spectrum.txt"
    if not (path.exists() and stamp.exists() and stamp.read_text() == piece.record["samples"]):
        channels, rate = pieces.stereo(piece.wav)
        spectrogram(pieces.mono(channels, rate), pieces.RATE, path)
        stamp.write_text(piece.record["samples"])
    return path
