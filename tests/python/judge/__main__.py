"""`python -m judge OUT`: measures what lies in OUT and writes `report.json`, `report.md` and `index.html`.

OUT holds a folder for each batch: `show` (every scene at three energies), `events` (with an event on every other bar), `seventy` (at energy 70, without sound), `ladder` (eleven
energies, without sound), `families` (the families' own scenes with several seeds); and `cost.json`, `sameness` where they were
made. What is not there is left out of the report.
"""

import argparse
import json
import sys
from pathlib import Path

from . import analyse, demand, page, pictures, pieces, report


def main() -> int:
    parser = argparse.ArgumentParser(prog="judge", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--light", action="store_true", help="the page plays Ogg Vorbis instead of WAV")
    parser.add_argument("--no-page", action="store_true")
    options = parser.parse_args()
    out, jobs = options.out, options.jobs

    parts = ("show", "events", "seventy", "ladder", "families")
    show, struck, seventy, steps, some = (pieces.load(out / part) for part in parts)
    if not (show or struck or seventy or steps or some):
        print(f"there is nothing to judge in {out}", file=sys.stderr)
        return 2
    heard = analyse.measure_all("ears", show, jobs)
    shaken = analyse.measure_all("shake", struck, jobs)
    seen = analyse.measure_all("look", some, jobs)

    lines = []
    if show:
        lines += demand.beats(show, heard) + demand.pitches(show, heard)
    lines += demand.ladder(steps)
    if some:
        more, table, names = demand.families(some, seen)
        lines += more
        pictures.confusion(table, names, out / "confusion.png")
    lines += demand.levels(show + struck + seventy)
    if show or struck:
        lines += demand.seams(show + struck, heard + shaken)
    if show:
        lines += demand.second_road(show, heard)
    lines += demand.sameness(out / "sameness") + demand.cost(out / "cost.json")

    everything = show + struck + seventy + steps + some
    about = {
        "pieces": len(everything),
        "build": everything[0].record["wish"]["build"],
        "composers": " and ".join(sorted({name for piece in everything for name in piece.record["composers"]})),
    }
    tables = {"Cost by scene style": demand.cost_by_style(everything)}
    if (out / "cost.json").exists():
        tables |= json.loads((out / "cost.json").read_text())
    report.write(out, lines, tables, about)
    if show and not options.no_page:
        page.write(out / "index.html", show, heard, lines, about, jobs, options.light)
        print(f"listen: {out / 'index.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
