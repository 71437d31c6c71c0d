"""Rendered pieces and their records, as `sceneloop batch` leaves them."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr

# Hz at which pitch, beats and timbre are looked at: what lies above 11 kHz says little of any of them.
RATE = 22_050


@dataclass(frozen=True)
class Piece:
    """One piece: its record, and where its files lie."""

    folder: Path
    record: dict

    @property
    def name(self) -> str:
        return self.record["name"]

    @property
    def scene(self) -> str:
        return self.record["asked"]

    @property
    def energy(self) -> float:
        return self.record["wish"]["energy"]

    @property
    def bpm(self) -> float:
        return self.record["wish"]["bpm"]

    @property
    def wav(self) -> Path:
        return self.folder / f"{self.name}.wav"

    def drum_hits(self) -> int:
        return self.record["roles"].get("drums", {}).get("notes", 0)

    def label(self) -> str:
        return f"{self.scene} at {self.energy:g}"


def load(folder: Path) -> list[Piece]:
    """The pieces of the last batch in a folder; none where there was no batch."""
    index = folder / "batch.json"
    if not index.exists():
        return []
    names = json.loads(index.read_text())
    return [Piece(folder, json.loads((folder / f"{name}.json").read_text())) for name in names]


def stereo(path: Path) -> tuple[np.ndarray, int]:
    """Left and right as two rows of 32-bit floats, and their rate."""
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    return np.ascontiguousarray(samples.T), rate


def mono(channels: np.ndarray, rate: int, wanted: int = RATE) -> np.ndarray:
    """The mean of both sides at another rate."""
    mean = channels.mean(axis=0)
    return mean if rate == wanted else soxr.resample(mean, rate, wanted)
