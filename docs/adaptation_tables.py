#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Put tables and figure of a comparison's folder into adaptation.md, and print what its text says of them.

After ./aeiqa adapt --out DIR: ./aeiqa python docs/adaptation_tables.py DIR
"""

import shutil
import sys
from pathlib import Path

from page_tables import with_table

from gnuradio.aeiqa.experiments.adaptation.results import (
    BLIND_OURS,
    FITTED,
    FIXED,
    GENIE,
    NOISE,
    OURS,
    STILL,
    Adaptation,
    load_adaptation,
)
from gnuradio.aeiqa.report.text import NAMES

PAGE = Path(__file__).with_name("adaptation.md")
FIGURE = "adaptation.png"
LABELS = {
    OURS: "predicted error and SNR",
    BLIND_OURS: "predicted error alone",
    FITTED: "SNR table, fitted to other traces of the same condition",
    STILL: "SNR table, fitted to `still`",
    NOISE: "SNR table for white noise",
    GENIE: "genie, who knows every outcome",
}
WITH_INTERVALS = (OURS, FITTED)
AT_TARGET = {OURS: LABELS[OURS], BLIND_OURS: LABELS[BLIND_OURS], FITTED: "SNR table, same condition"}


def main(folder: str, page: str = str(PAGE)) -> int:
    """Write what the page shows and print what to check its text against."""
    found = load_adaptation(Path(folder))
    if not found.rows:
        print(f"adaptation_tables: {folder} holds no comparison of link adaptation", file=sys.stderr)
        return 2
    limit = f"{found.limit_pct:g} %"
    path = Path(page)
    text = path.read_text(encoding="utf-8")
    text = with_table(text, "way to choose", found.conditions, ways(found))
    exact = [(label, at_target(found, name)) for name, label in AT_TARGET.items()]
    text = with_table(text, f"images a second at {limit}", found.conditions, exact)
    path.write_text(text, encoding="utf-8")
    drawn = Path(folder) / FIGURE
    if drawn.exists():
        shutil.copyfile(drawn, path.parent / "figures" / FIGURE)
    print(f"{path}: written. What its text says of them:\n")
    for condition in found.conditions:
        print(f"{condition}: {'; '.join(remarks(found, condition))}")
    return 0


def ways(found: Adaptation) -> list[tuple[str, list[str]]]:
    """Return the rows of the main table; slanted where too many are misclassified, ours bold."""
    best = [best_fixed(found, condition) for condition in found.conditions]
    cells = [f"{figures(row)} ({NAMES[row['policy'].removeprefix(FIXED)]})" if row else "" for row in best]
    rows = [(f"best fixed mode within {found.limit_pct:g} %", cells)]
    for name, label in LABELS.items():
        bold = "**" if name == OURS else ""
        cells = []
        for row in (row_of(found, condition, name) for condition in found.conditions):
            mark = bold + ("*" if row and row["error_pct"] > found.limit_pct else "")
            cells.append(f"{mark}{figures(row, name in WITH_INTERVALS)}{mark[::-1]}" if row else "")
        rows.append((f"{bold}{label}{bold}", cells))
    return rows


def figures(row: dict, with_intervals: bool = False) -> str:
    """Return per cent misclassified and images a second."""
    error, speed = f"{row['error_pct']:.1f}", f"{row['images_per_s']:.0f}"
    if with_intervals:
        error += bounds(row, "error_low_pct", "error_high_pct", ".1f")
        speed += bounds(row, "images_per_s_low", "images_per_s_high", ".0f")
    return f"{error} / {speed}"


def bounds(row: dict, low: str, high: str, form: str) -> str:
    """Return an interval in brackets, which one trace does not give."""
    if row[low] is None:
        return " (interval unknown)"
    return f" ({row[low]:{form}} to {row[high]:{form}})"


def at_target(found: Adaptation, name: str) -> list[str]:
    """Return images a second at the error asked for, in each condition."""
    rows = [row_of(found, condition, name) for condition in found.conditions]
    column = "images_per_s_at_target"
    return [
        ""
        if row[column] is None
        else f"{row[column]:.0f}{bounds(row, f'{column}_low', f'{column}_high', '.0f')}"
        for row in rows
    ]


def remarks(found: Adaptation, condition: str) -> list[str]:
    """Return what the text compares."""
    ours, alone, fitted = (row_of(found, condition, name) for name in (OURS, BLIND_OURS, FITTED))
    best = best_fixed(found, condition)
    said = [f"misclassified {ours['error_pct']:.2f} %, predicted {ours['predicted_error_pct']:.2f} %"]
    said.append(f"at most {ours['error_most_pct']:.1f} % in one of {ours['traces']:g} traces")
    if best:
        edges = (ours[f"images_per_s_{end}"] for end in ("low", "high"))
        factors = [f"{edge / best['images_per_s']:.2f}" for edge in edges if edge is not None]
        text = f"{gain(ours, best, 'images_per_s')} over the best fixed mode"
        said.append(f"{text}, {' to '.join(factors) or 'interval unknown'} times")
    said.append(f"at the error asked for {gain(fitted, ours, 'images_per_s_at_target')} for the fitted table")
    said.append(f"{gain(alone, ours, 'images_per_s')} without the SNR")
    others = [row_of(found, condition, name) for name in (STILL, NOISE)]
    worst = max(row["error_pct"] for row in others if row)
    return [*said, f"tables made elsewhere misclassify up to {worst:.1f} %"]


def gain(row: dict, reference: dict, name: str) -> str:
    """Return by how much a column exceeds another row's; a dash where one of them is not known."""
    if None in (row[name], reference[name]):
        return "-"
    return f"{100 * (row[name] / reference[name] - 1):+.0f} %"


def best_fixed(found: Adaptation, condition: str) -> dict | None:
    """Return the fastest fixed mode within the error; among equals the one that is misclassified least."""
    rows = [
        row
        for row in found.rows
        if row["condition"] == condition
        and row["policy"].startswith(FIXED)
        and row["error_pct"] <= found.limit_pct
    ]
    return max(rows, key=lambda row: (row["images_per_s"], -row["error_pct"]), default=None)


def row_of(found: Adaptation, condition: str, name: str) -> dict | None:
    """Return the row of a way to choose, or None if it was not tried."""
    rows = [row for row in found.rows if (row["condition"], row["policy"]) == (condition, name)]
    return rows[0] if rows else None


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        print("usage: adaptation_tables.py DIR [PAGE]", file=sys.stderr)
        sys.exit(2)
    sys.exit(main(*sys.argv[1:]))
