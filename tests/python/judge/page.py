"""The listening page: every scene at its energies with sound, pictures and figures, in one HTML file that needs no network."""

import html
import os
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from urllib.parse import quote

import numpy as np
import soundfile

from . import analyse, pictures, pitch, tempo
from .demand import Line
from .pieces import Piece

# Frames that are handed to the encoder at once: the Vorbis encoder takes much of the stack for more.
BLOCK = 16_384


def write(path: Path, show: list[Piece], heard: list[dict], lines: list[Line], about: dict, jobs: int, light: bool) -> None:
    """Writes the page. With `light` it plays Ogg Vorbis made beside the WAV files, a tenth of their size."""
    with ProcessPoolExecutor(jobs, initializer=analyse.alone) as pool:
        spectra = list(pool.map(pictures.thumbnail, show, chunksize=4))
        sounds = list(pool.map(compressed, show, chunksize=4)) if light else [piece.wav for piece in show]
    scenes: dict[str, list[str]] = {}
    first: dict[str, Piece] = {}
    for piece, each, spectrum, sound in zip(show, heard, spectra, sounds):
        first.setdefault(piece.scene, piece)
        scenes.setdefault(piece.scene, []).append(figure(path.parent, piece, each, spectrum, sound))
    sections = [section(first[scene], figures) for scene, figures in scenes.items()]
    styles = sorted({piece.record["style"] for piece in show})
    kinds = sorted({piece.record["family"] or "scene" for piece in show})
    text = PAGE.format(
        about=html.escape(", ".join(f"{name} {value}" for name, value in about.items())),
        styles=options(styles),
        kinds=options(kinds),
        lines="\n".join(row(line) for line in lines),
        sections="\n".join(sections),
    )
    path.write_text(text)


def compressed(piece: Piece) -> Path:
    """The sound of a piece as Ogg Vorbis, made where it is not there for these samples."""
    path = piece.folder / f"{piece.name}.ogg"
    if not path.exists() or path.stat().st_mtime < piece.wav.stat().st_mtime:
        with soundfile.SoundFile(piece.wav) as source:
            with soundfile.SoundFile(path, "w", source.samplerate, source.channels, format="OGG", subtype="VORBIS") as target:
                for block in source.blocks(BLOCK, dtype="float32"):
                    target.write(block)
    return path


def options(names: list[str]) -> str:
    return "".join(f"<option>{html.escape(name)}</option>" for name in names)


def row(line: Line) -> str:
    state = "pass" if line.is_met else "short"
    worst = "".join(f"<li>{html.escape(text)}</li>" for text in line.worst)
    more = f"<details><summary>{len(line.worst)}</summary><ul>{worst}</ul></details>" if worst else ""
    return f'<tr class="{state}"><td>{html.escape(line.demand)}</td><td>{html.escape(line.figure)}{more}</td><td>{"pass" if line.is_met else "falls short"}</td></tr>'


def section(piece: Piece, figures: list[str]) -> str:
    record = piece.record
    words = html.escape(" ".join([piece.scene, record["style"], record["family"] or ""]).lower())
    return (
        f'<section data-style="{html.escape(record["style"])}" data-kind="{html.escape(record["family"] or "scene")}" data-words="{words}">'
        f"<h2>{html.escape(piece.scene)} <small>{html.escape(record['style'])}, {piece.bpm:g} BPM, {record['wish']['metre']}, "
        f"{html.escape(record['key'])}, seed {record['wish']['seed']}, by {html.escape(' and '.join(record['composers']))}</small></h2>"
        f"<div>{''.join(figures)}</div></section>"
    )


def figure(folder: Path, piece: Piece, each: dict, spectrum: Path, sound: Path) -> str:
    record, mix = piece.record, piece.record["mix"]
    link = lambda path: quote(os.path.relpath(path, folder))
    compound = tempo.is_compound(record["wish"]["metre"])
    found = each["tempo"]["product"]
    has_tempo = "" if tempo.is_found(found, piece.bpm, compound) or not piece.drum_hits() else ' class="bad"'
    shares = np.array(each["pitch"]["network"])
    chords = [tone for chord in record["chords"] for tone in chord["classes"]]
    inside = pitch.share_of(shares, record["scale"] + chords)
    lost = mix["loudness_lufs"] - mix["mono_lufs"]
    roles = ", ".join(
        f"{html.escape(part['patch'])} {part['notes']}" + (f" ({part['lufs']:.0f})" if part.get("lufs") is not None else "")
        for part in record["roles"].values()
    )
    figures = [
        f"{mix['loudness_lufs']:.1f} LUFS",
        mark(mix["true_peak_dbtp"] > -1.0, f"{mix['true_peak_dbtp']:.1f} dBTP"),
        mark(lost > 3.0, f"mono −{lost:.1f} dB"),
        f"{mix['centroid_hz']:.0f} Hz",
        f"<span{has_tempo}>heard {found:.1f} BPM</span>",
        mark(shares.any() and inside < 0.95, f"in scale {inside:.0%}"),
        mark(bool(each["clicks"]["clicks"]), f"{len(each['clicks']['clicks'])} clicks"),
    ]
    name = html.escape(piece.label())
    roll = piece.folder / f"{piece.name}.png"
    return (
        f"<figure><figcaption><b>energy {piece.energy:g}</b> {' · '.join(figures)}<br><small>{roles}</small></figcaption>"
        f'<audio controls preload="none" src="{link(sound)}" aria-label="{name}"></audio>'
        f'{pictures.curve(mix["momentary_lufs"])}'
        f'<a href="{link(spectrum)}"><img loading="lazy" class="spectrum" alt="spectrogram, {name}" src="{link(spectrum)}"></a>'
        f'<a href="{link(roll)}"><img loading="lazy" alt="piano roll, {name}" src="{link(roll)}"></a></figure>'
    )


def mark(is_bad: bool, text: str) -> str:
    return f'<span class="bad">{text}</span>' if is_bad else f"<span>{text}</span>"


PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Sceneloop: every scene</title>
<style>
:root {{ color-scheme: light dark; --ground: #fbfbf8; --ink: #1e2026; --soft: #6a6e78; --line: #d9dad3; --bad: #b3261e; --good: #1d6b3a; --sound: #2f6f9f; }}
@media (prefers-color-scheme: dark) {{ :root {{ --ground: #16171d; --ink: #d8dae2; --soft: #9498a6; --line: #32353f; --bad: #ff8a7a; --good: #7fd69c; --sound: #7db8e8; }} }}
body {{ background: var(--ground); color: var(--ink); font: 15px/1.45 system-ui, sans-serif; margin: 0 auto; padding: 1.5rem; max-width: 100rem; }}
h1 {{ font-size: 1.5rem; margin: 0; }} h2 {{ font-size: 1.1rem; margin: 2rem 0 .4rem; }}
small {{ color: var(--soft); font-weight: normal; font-size: .8rem; }}
nav {{ position: sticky; top: 0; background: var(--ground); padding: .6rem 0; display: flex; flex-wrap: wrap; gap: .6rem; z-index: 1; border-bottom: 1px solid var(--line); }}
input, select {{ font: inherit; padding: .25rem .5rem; }}
section div {{ display: grid; grid-template-columns: repeat(auto-fit, minmax(22rem, 1fr)); gap: 1rem; }}
section[hidden] {{ display: none; }}
section {{ content-visibility: auto; contain-intrinsic-size: auto 34rem; }}
figure {{ margin: 0; min-width: 0; }}
figcaption {{ font-size: .85rem; font-variant-numeric: tabular-nums; min-height: 4.6em; }}
audio, img, svg {{ display: block; width: 100%; margin-top: .4rem; }}
.spectrum {{ height: 7rem; image-rendering: auto; }}
svg {{ height: 3rem; }} polyline {{ fill: none; stroke: var(--sound); stroke-width: 1.5; vector-effect: non-scaling-stroke; }}
.target {{ stroke: var(--line); stroke-width: 1; vector-effect: non-scaling-stroke; }}
.bad {{ color: var(--bad); font-weight: 600; }}
table {{ border-collapse: collapse; width: 100%; margin: 1rem 0; }}
td, th {{ text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid var(--line); }}
.pass td:last-child {{ color: var(--good); }} .short td:last-child {{ color: var(--bad); font-weight: 600; white-space: nowrap; }}
</style>
<h1>Every scene</h1>
<p><small>{about}</small></p>
<table><tr><th>demand</th><th>figure</th><th></th></tr>
{lines}
</table>
<nav>
<input id="words" type="search" placeholder="scene" aria-label="filter by scene">
<select id="style" aria-label="style"><option value="">every style</option>{styles}</select>
<select id="kind" aria-label="kind of tag"><option value="">every kind</option>{kinds}</select>
<label><input id="bad" type="checkbox"> only what falls short</label>
<small id="count"></small>
</nav>
{sections}
<script>
const all = [...document.querySelectorAll("section")], by = id => document.getElementById(id);
function filter() {{
  const words = by("words").value.toLowerCase(), style = by("style").value, kind = by("kind").value, bad = by("bad").checked;
  let shown = 0;
  for (const one of all) {{
    one.hidden = !(one.dataset.words.includes(words) && (!style || one.dataset.style === style) && (!kind || one.dataset.kind === kind) && (!bad || one.querySelector(".bad")));
    shown += !one.hidden;
  }}
  by("count").textContent = shown + " of " + all.length;
}}
for (const id of ["words", "style", "kind", "bad"]) by(id).addEventListener("input", filter);
document.addEventListener("play", event => {{
  for (const other of document.querySelectorAll("audio")) if (other !== event.target) other.pause();
}}, true);
filter();
</script>
</html>
"""
