"""Each line of what the sound must show, with its figure."""

import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from scipy.stats import spearmanr

from . import pitch, tempo, timbre
from .pieces import Piece

# Drum notes a minute from which a piece counts as one with drums: at least one in two bars or so.
LEAST_HITS_A_MINUTE = 15
# Drums and texture among a record's roles: their notes name a drum or a drone.
UNPITCHED = (0, 6)


@dataclass
class Line:
    """One line: what is demanded, the figure, whether it is met, and where it is worst."""

    id: str
    demand: str
    figure: str
    is_met: bool
    values: dict = field(default_factory=dict)
    worst: list[str] = field(default_factory=list)


def beats(show: list[Piece], heard: list[dict]) -> list[Line]:
    """Whether the trackers find the host's tempo."""
    with_drums = [
        (piece, each)
        for piece, each in zip(show, heard)
        if piece.drum_hits() >= LEAST_HITS_A_MINUTE * piece.record["frames"] / piece.record["sample_rate"] / 60
    ]
    lines = []
    for tracker in ("product", "librosa", "aubio"):
        missed = []
        for piece, each in with_drums:
            found = each["tempo"][tracker]
            if not tempo.is_found(found, piece.bpm, tempo.is_compound(piece.record["wish"]["metre"])):
                missed.append(f"{piece.label()}: {found:.1f} for {piece.bpm:g} BPM ({piece.record['style']})")
        count = len(with_drums)
        share = 1.0 - len(missed) / count if count else 0.0
        lines.append(
            Line(
                f"tempo-{tracker}",
                f"{tracker} finds the tempo, its half or its double within 2 % in at least 95 % of the pieces with drums",
                f"{share:.1%} of {count} pieces",
                share >= 0.95,
                {"share": share, "pieces": count},
                missed,
            )
        )
    return only_best(lines, "share")


def pitches(show: list[Piece], heard: list[dict]) -> list[Line]:
    """Energy-weighted pitch classes in the scale, by both roads; pieces without a pitched note are left out."""
    lines = [line for line in (pitches_by(road, show, heard) for road in ("network", "spectrum")) if line]
    return only_best(lines, "mean")


def pitches_by(road: str, show: list[Piece], heard: list[dict]) -> Line | None:
    rows = []
    for piece, each in zip(show, heard):
        shares, record = np.array(each["pitch"][road]), piece.record
        if not shares.any() or not any(note[0] not in UNPITCHED for note in record["notes"]):
            continue
        chords = {tone for chord in record["chords"] for tone in chord["classes"]}
        scale = pitch.share_of(shares, record["scale"])
        scene = pitch.share_of(shares, record["scale"] + sorted(chords))
        rows.append((scene, scale, written_share(piece, set(record["scale"]) | chords), piece))
    if not rows:
        return None
    scene, scale, written = (np.array([row[column] for row in rows]) for column in range(3))
    rows.sort(key=lambda row: row[0])
    worst = [
        f"{piece.label()}: {share:.1%} with chords, {plain:.1%} of the scale, written {notes:.1%} ({piece.record['key']}, {piece.record['style']})"
        for share, plain, notes, piece in rows
        if share < 0.95
    ]
    return Line(
        f"pitch-{road}",
        f"at least 95 % of the energy-weighted pitch classes lie in the scale and its chords (by {road})",
        f"{scene.mean():.1%} over {len(rows)} pieces ({scale.mean():.1%} without the chords' own tones, {written.mean():.1%} of the "
        f"written notes); {np.mean(scene >= 0.95):.0%} of the pieces reach it alone, the median is {np.median(scene):.1%}",
        bool(scene.mean() >= 0.95),
        {"mean": scene.mean(), "scale": scale.mean(), "written": written.mean(), "pieces_met": np.mean(scene >= 0.95)},
        worst,
    )


def only_best(lines: list[Line], key: str) -> list[Line]:
    """One independent road is demanded: the others stand beside the best."""
    best = max(lines, key=lambda line: line.values[key], default=None)
    for line in lines:
        if line is not best:
            line.id += "-beside"
            line.demand += " (beside the best; one is asked for)"
    return lines


def written_share(piece: Piece, allowed: set[int]) -> float:
    """The same of the notes that were played, by length and velocity: the truth the ears are held against."""
    pitched = [(note[3] % 12 in allowed, (note[2] - note[1]) * note[4] ** 2) for note in piece.record["notes"] if note[0] not in UNPITCHED]
    total = sum(weight for _, weight in pitched)
    return sum(weight for inside, weight in pitched if inside) / total if total else 1.0


def ladder(steps: list[Piece]) -> list[Line]:
    """Whether loudness and brightness rise with the energy, scene by scene."""
    scenes: dict[str, list[Piece]] = {}
    for piece in steps:
        scenes.setdefault(f"{piece.scene}, seed {piece.record['wish']['seed']}", []).append(piece)
    lines = []
    for name, key, least in (("loudness", "loudness_lufs", 0.9), ("centroid", "centroid_hz", 0.8)):
        rated = []
        for scene, of_scene in scenes.items():
            of_scene.sort(key=lambda piece: piece.energy)
            values = [piece.record["mix"][key] for piece in of_scene]
            rises = spearmanr([piece.energy for piece in of_scene], values).statistic
            rated.append((float(np.nan_to_num(rises)), scene, values, of_scene[0].record["style"]))
        rated.sort(key=lambda each: each[0])
        failed = [
            f"{scene}: {rises:.2f} ({style}: {' '.join(f'{value:.0f}' if key == 'centroid_hz' else f'{value:.1f}' for value in values)})"
            for rises, scene, values, style in rated
            if rises < least
        ]
        if rated:
            lines.append(
                Line(
                    f"rises-{name}",
                    f"{name} rises with energy for every tag (Spearman over {len(next(iter(scenes.values())))} steps at least {least})",
                    f"{len(rated) - len(failed)} of {len(rated)} tags; the lowest is {rated[0][0]:.2f}",
                    not failed,
                    {scene: rises for rises, scene, _, _ in rated},
                    failed,
                )
            )
    return lines


def families(some: list[Piece], seen: list[dict]) -> tuple[list[Line], np.ndarray, list[str]]:
    """Whether families are told apart, with the table of confusion: rows are the truth."""
    rows = np.array([each["features"] for each in seen])
    truth = np.array([piece.record["style"] for piece in some])
    seeds: dict[str, list[int]] = {}
    folds = np.array([order_of(seeds.setdefault(piece.scene, []), piece.record["wish"]["seed"]) for piece in some])
    guessed = timbre.leave_one_out(rows, truth, folds)
    names = sorted(set(truth))
    table = np.zeros((len(names), len(names)), int)
    for true, guess in zip(truth, guessed):
        table[names.index(true), names.index(guess)] += 1
    accuracy = float((truth == guessed).mean())
    worst = []
    for row in np.argsort(np.diag(table) / table.sum(axis=1), kind="stable"):
        right, count = table[row, row], table[row].sum()
        if right < count:
            taken = ", ".join(f"{names[other]} {table[row, other]}" for other in np.argsort(-table[row]) if other != row and table[row, other])
            worst.append(f"{names[row]}: {right} of {count} right; taken for {taken}")
    line = Line(
        "families",
        "a nearest-centroid classifier tells the families apart with at least 70 % accuracy (leave one seed out)",
        f"{accuracy:.1%} of {len(some)} pieces of {len(names)} families (chance {1 / len(names):.0%})",
        accuracy >= 0.7,
        {"accuracy": accuracy},
        worst,
    )
    return [line], table, names


def order_of(known: list[int], seed: int) -> int:
    """The place of a seed among those of its scene."""
    if seed not in known:
        known.append(seed)
    return known.index(seed)


def levels(show: list[Piece]) -> list[Line]:
    """Peaks, loudness, mono and stems, from the records."""

    def line(id: str, demand: str, rated: list[tuple[float, str]], is_met, figure: str) -> Line:
        failed = [(value, text) for value, text in rated if not is_met(value)]
        return Line(id, demand, figure, bool(rated) and not failed, {"failed": len(failed)}, [text for _, text in sorted(failed, reverse=True)])

    mixes = [(piece, piece.record["mix"]) for piece in show]
    at_seventy = [(piece, mix) for piece, mix in mixes if piece.energy == 70.0]
    peaks = [(mix["true_peak_dbtp"], f"{piece.label()}: {mix['true_peak_dbtp']:.2f} dBTP") for piece, mix in mixes]
    loud = [
        (abs(mix["loudness_lufs"] + 16.0), f"{piece.scene}: {mix['loudness_lufs']:.2f} LUFS ({piece.record['style']})")
        for piece, mix in at_seventy
    ]
    lost = [
        (mix["loudness_lufs"] - mix["mono_lufs"], f"{piece.label()}: {mix['loudness_lufs'] - mix['mono_lufs']:.2f} dB lost ({piece.record['style']})")
        for piece, mix in mixes
    ]
    stems = [
        (piece.record["stem_residual_db"], f"{piece.label()}: {piece.record['stem_residual_db']:.1f} dBFS")
        for piece in show
        if piece.record["stem_residual_db"] is not None
    ]
    figures = [
        f"the highest of {len(peaks)} is {max(peaks)[0]:.2f} dBTP" if peaks else "",
        f"{sum(value <= 1.5 for value, _ in loud)} of {len(loud)} tags; the furthest is {max(loud)[0]:.2f} dB away" if loud else "",
        f"the most that is lost is {max(lost)[0]:.2f} dB; {sum(value <= 3 for value, _ in lost)} of {len(lost)} pieces" if lost else "",
        f"the largest difference is {max(stems)[0]:.1f} dBFS over {len(stems)} pieces" if stems else "",
    ]
    lines = [
        line("true-peak", "true peak at most -1 dBTP", peaks, lambda value: value <= -1.0, figures[0]),
        line("loudness", "loudness -16 ± 1.5 LUFS at energy 70 for every tag", loud, lambda value: value <= 1.5, figures[1]),
        line("mono", "mono loses at most 3 dB", lost, lambda value: value <= 3.0, figures[2]),
        line("stems", "stems add up to the mix before the master within -90 dB", stems, lambda value: value <= -90.0, figures[3]),
    ]
    return [each for each, rated in zip(lines, (peaks, loud, lost, stems)) if rated]


def seams(show: list[Piece], heard: list[dict]) -> list[Line]:
    """Clicks where loops, sections and events begin."""
    count = sum(each["clicks"]["seams"] for each in heard)
    found = [
        f"{piece.label()}: at {click['seconds']} s, {click['db']} dB out of its surroundings, {click['deviations']} deviations"
        for piece, each in zip(show, heard)
        for click in each["clicks"]["clicks"]
    ]
    return [
        Line("clicks", "no click at any loop seam, transition or event", f"{len(found)} at {count} seams", not found, {"clicks": len(found)}, found)
    ]


def second_road(show: list[Piece], heard: list[dict]) -> list[Line]:
    """How far the engine's own meter is from the second one."""
    away: dict[str, float] = {}
    count = 0
    for piece, each in zip(show, heard):
        second = each.get("second")
        mix = piece.record["mix"]
        if second is None or mix["loudness_lufs"] < -60.0:
            continue
        count += 1
        own = {
            "lufs": mix["loudness_lufs"],
            "true_peak_dbtp": mix["true_peak_dbtp"],
            "mono_loss_db": mix["loudness_lufs"] - mix["mono_lufs"],
        }
        for name, value in own.items():
            away[name] = max(away.get(name, 0.0), abs(value - second[name]))
        away["centroid"] = max(away.get("centroid", 0.0), abs(mix["centroid_hz"] / second["centroid_hz"] - 1.0))
    if not count:
        return []
    return [
        Line(
            "second-road",
            "the engine's meters agree with pyloudnorm, scipy and librosa (0.3 dB, 1 % of the centroid)",
            f"over {count} pieces within {away['lufs']:.2f} LU, {away['true_peak_dbtp']:.2f} dB of peak, {away['mono_loss_db']:.2f} dB of mono, {away['centroid']:.1%} of centroid",
            max(away["lufs"], away["true_peak_dbtp"], away["mono_loss_db"]) <= 0.3 and away["centroid"] <= 0.01,
            away,
        )
    ]


def cost_by_style(some: list[Piece]) -> list[dict]:
    """How many seconds of music a second makes, composing included, by the style of the scene; all cores are busy with it."""
    speeds: dict[str, list[float]] = {}
    for piece in some:
        speeds.setdefault(piece.record["style"], []).append(piece.record["times_real_time"])
    rows = [
        {"style": style, "pieces": len(values), "median times real time": float(np.median(values)), "slowest": min(values)}
        for style, values in speeds.items()
    ]
    return sorted(rows, key=lambda row: row["median times real time"])


def cost(path: Path) -> list[Line]:
    """Whether every style's seven patches together are rendered fast enough on one core."""
    if not path.exists():
        return []
    rows = json.loads(path.read_text())["Cost by style, all roles, one core"]
    speeds = [(row["times real time"], row["style"]) for row in rows]
    slow = [f"{style}: {speed:.1f}" for speed, style in sorted(speeds) if speed < 30.0]
    return [
        Line(
            "cost",
            "all roles are rendered at least 30 times real time",
            f"{len(speeds) - len(slow)} of {len(speeds)} styles; the slowest is {min(speeds)[1]} with {min(speeds)[0]:.1f}",
            not slow,
            {style: speed for speed, style in speeds},
            slow,
        )
    ]


def sameness(folder: Path) -> list[Line]:
    """Hours of single scenes, as `sceneloop sameness` tells them."""
    told = [json.loads(path.read_text()) for path in sorted(folder.glob("*/sameness.json"))]
    if not told:
        return []
    away = [(hour["nearest_repeat_seconds"] or float("inf"), hour["scene"]) for hour in told]
    soon = [f"{scene}: eight bars come again after {seconds:.0f} s" for seconds, scene in sorted(away) if seconds < 300.0]
    nearest = min(away)[0]
    return [
        Line(
            "sameness",
            "an hour of one scene: no exact eight-bar repeat within five minutes",
            f"{len(told) - len(soon)} of {len(told)} scenes; the soonest repeat comes after {nearest:.0f} s"
            if np.isfinite(nearest)
            else f"none in an hour of {len(told)} scenes",
            not soon,
            {hour["scene"]: hour["mean_likeness"] for hour in told},
            soon,
        )
    ]
