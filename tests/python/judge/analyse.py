"""Measures pieces one by one, several at once, and remembers what it has measured: by the name of the samples and of this code."""

import hashlib
import json
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

from . import clicks, loudness, pieces, pitch, tempo, timbre

# Every so manieth piece is measured by the second road too.
CHECKED = 10


def code_of(*modules) -> str:
    """Names the code that measures: where it has changed, everything is measured again."""
    text = b"".join(Path(module.__file__).read_bytes() for module in modules)
    return hashlib.sha256(text).hexdigest()[:12]


def ears(piece: pieces.Piece) -> dict:
    """Tempo, pitch and clicks of one piece."""
    channels, rate = pieces.stereo(piece.wav)
    audio = pieces.mono(channels, rate)
    shares = {"spectrum": pitch.by_spectrum(audio, pieces.RATE), "network": pitch.by_network(audio)}
    record = piece.record
    measured = {
        "tempo": {
            "product": tempo.by_product(audio, pieces.RATE),
            "librosa": tempo.by_librosa(audio, pieces.RATE),
            "aubio": tempo.by_aubio(audio, pieces.RATE),
        },
        "pitch": {road: [round(float(share), 5) for share in each] for road, each in shares.items()},
        "clicks": clicks_of(record, channels, rate),
    }
    if int(record["samples"], 16) % CHECKED == 0:
        measured["second"] = {
            "lufs": loudness.integrated(channels, rate),
            "true_peak_dbtp": loudness.true_peak(channels),
            "mono_loss_db": loudness.mono_loss(channels, rate),
            "centroid_hz": loudness.centroid(channels, rate),
        }
    return measured


def clicks_of(record: dict, channels: np.ndarray, rate: int) -> dict:
    """Clicks where loops, sections and events begin. Bar lines at which nothing new begins are as good a place as any other."""
    seams = [seam["frame"] for seam in record["seams"] if seam["kind"] != "bar"]
    bars = [seam["frame"] for seam in record["seams"] if seam["kind"] == "bar"]
    onsets = [note[1] for note in record["notes"]] + bars
    return clicks.find(channels.mean(axis=0), rate, seams, onsets)


def shake(piece: pieces.Piece) -> dict:
    """Clicks of one piece."""
    channels, rate = pieces.stereo(piece.wav)
    return {"clicks": clicks_of(piece.record, channels, rate)}


def look(piece: pieces.Piece) -> dict:
    """The plain features of one piece."""
    channels, rate = pieces.stereo(piece.wav)
    return {"features": [float(value) for value in timbre.features(pieces.mono(channels, rate), pieces.RATE)]}


WAYS = {
    "ears": (ears, (clicks, loudness, pieces, pitch, tempo)),
    "shake": (shake, (clicks, pieces)),
    "look": (look, (pieces, timbre)),
}


def measure(task: tuple[str, str, pieces.Piece]) -> dict:
    """One piece by one way, from memory where it is there."""
    way, code, piece = task
    memory = piece.folder / way / f"{piece.name}.json"
    key = f"{code} {piece.record['samples']}"
    if memory.exists():
        known = json.loads(memory.read_text())
        if known["key"] == key:
            return known["measured"]
    measured = WAYS[way][0](piece)
    partial = memory.with_suffix(".part")
    partial.write_text(json.dumps({"key": key, "measured": measured}))
    partial.replace(memory)
    return measured


def measure_all(way: str, some: list[pieces.Piece], jobs: int) -> list[dict]:
    """All pieces by one way, in order."""
    if not some:
        return []
    code = code_of(*WAYS[way][1])
    for folder in {piece.folder for piece in some}:
        (folder / way).mkdir(exist_ok=True)
    tasks = [(way, code, piece) for piece in some]
    # The first of all alone: what numba compiles it keeps in files, and two processes that write them at once break them.
    with ProcessPoolExecutor(1, initializer=alone) as pool:
        results = list(pool.map(measure, tasks[:1]))
    with ProcessPoolExecutor(jobs, initializer=alone) as pool:
        for count, result in enumerate(pool.map(measure, tasks[1:]), 2):
            results.append(result)
            if count % 20 == 0 or count == len(tasks):
                print(f"{way}: {count}/{len(tasks)}", file=sys.stderr, flush=True)
    return results


def alone() -> None:
    """One thread for each process: they are as many as there are cores."""
    from threadpoolctl import threadpool_limits

    os.environ["NUMBA_NUM_THREADS"] = "1"
    threadpool_limits(1)
    np.seterr(all="ignore")
