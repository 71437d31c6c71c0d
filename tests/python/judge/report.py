"""The lines of the demand as JSON, as Markdown, and on the terminal."""

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np

from .demand import Line

# So many of the worst are shown; all stand in report.json.
SHOWN = 12


def write(folder: Path, lines: list[Line], tables: dict[str, list[dict]], about: dict) -> None:
    """Writes `report.json` and `report.md`, and prints the lines."""
    whole = {"about": about, "lines": [asdict(line) for line in lines], "tables": tables}
    (folder / "report.json").write_text(json.dumps(whole, indent=1, default=plain, ensure_ascii=False) + "\n")
    (folder / "report.md").write_text(markdown(lines, tables, about))
    width = max((len(line.id) for line in lines), default=0)
    for line in lines:
        print(f"{'pass' if line.is_met else 'SHORT':<6}{line.id:<{width}}  {line.figure}")
        for text in [] if line.is_met else line.worst[:SHOWN]:
            print(f"      {'':<{width}}  - {text}")


def markdown(lines: list[Line], tables: dict[str, list[dict]], about: dict) -> str:
    text = ["# What the sound shows", "", ", ".join(f"{name}: {value}" for name, value in about.items()), ""]
    text += ["| demand | figure | |", "| --- | --- | --- |"]
    text += [f"| {line.demand} | {line.figure} | {'pass' if line.is_met else '**falls short**'} |" for line in lines]
    for line in lines:
        if line.worst:
            text += ["", f"## {line.id}: {len(line.worst)}", ""]
            text += [f"- {each}" for each in line.worst[: 5 * SHOWN]]
    for name, rows in tables.items():
        if rows:
            heads = list(rows[0])
            text += ["", f"## {name}", "", "| " + " | ".join(heads) + " |", "|" + " --- |" * len(heads)]
            text += ["| " + " | ".join(cell(row[head]) for head in heads) + " |" for row in rows]
    return "\n".join(text) + "\n"


def cell(value) -> str:
    return f"{value:.1f}" if isinstance(value, float) else str(value)


def plain(value):
    """NumPy's numbers as Python's."""
    if isinstance(value, (np.floating, np.integer, np.bool_)):
        return value.item()
    raise TypeError(type(value))
