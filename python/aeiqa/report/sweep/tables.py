#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The tables of the page, as text with shades."""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple, Optional

from ...experiments.sweep.results import Results, Row, condition
from ..columns import COMPARED, NAMES, difference, show, with_values
from ..draws import COLUMNS as DRAWN
from ..draws import drawn_cells, draws_line
from ..text import measured_columns

_SHADES = 3
_COMPARED = {"mean_abs_points": ("{:.2f}", min), "max_abs_points": ("{:.1f}", min), "auroc": ("{:.3f}", max)}
CEILING = "disagreement"  # knows what the target reads in both images: none of the scores to choose from
_LINK_SETS = {
    "table2": "the links of Table II",
    "physical": "physical links",
    "awgn-to-rayleigh": "fitted over AWGN links, tested over Rayleigh links",
    "target-transfer": "fitted to one target, used on another",
}
_FOLDED = ("awgn-to-rayleigh", "target-transfer")
_MEANINGS = {
    "images": "images sent over the link, repeated with fresh noise by the stopping rule",
    "ber": "share of the bits that arrived wrong",
    "classifier_error_pct": "share of the images that the classifier misclassifies as they arrive",
    "classifier_top5_error_pct": "share of the images whose class is not one of its five likeliest",
    "iqa_error_pct": "what the score says that share is, without knowing it",
    "psnr_correct_db": "mean over the images that the classifier gets right; ∞ if one arrived without error",
    "ssim_correct_db": "structural similarity in dB, mean over the images that the classifier gets right",
    "piqe_correct": "quality judged without the image sent, mean over the images it gets right",
    "psnr_finite_db": "mean over the images that arrived with errors; ∞ if none did",
    "identical_share": "share of the images that arrived without error",
    "ssim": "structural similarity to the image sent: 1 is the same, mean over all images",
    "piqe": "quality judged without the image sent: 0 is best, 100 worst, mean over all images",
}
_SUMMARY = {
    "mean_abs_points": "{:.2f}",
    "max_abs_points": "{:.2f}",
    "bias_points": "{:+.2f}",
    "pearson": "{:.3f}",
    "spearman": "{:.3f}",
    "kendall": "{:.3f}",
    "auroc": "{:.3f}",
}
SUMMARY_HEADS = (
    "variant", "images", "target", "links", "mean, points", "max, points", "bias, points", "Pearson",
    "Spearman", "Kendall", "AUROC",
)  # fmt: skip


class Cell(NamedTuple):
    """A cell of the table; ``shade`` is a class of the style sheet."""

    text: str
    shade: str = ""


def sweep_table(results: Results) -> dict:
    """Heads and rows of the table, beside the paper's where that has the same links."""
    paper = results.paper
    compared = any(condition(row) in paper for row in results.rows)
    drawn = results.draws > 1
    if drawn:
        columns = with_values(DRAWN, results.rows)
    else:
        columns = with_values(COMPARED, results.rows) if compared else measured_columns(results)
    scales = {column.name: _scale(results.rows, paper, column.name) for column in columns}
    rows = []
    for row in results.rows:
        theirs = paper.get(condition(row), {})
        cells = []
        for column in columns:
            new = row[column.name]
            if drawn:
                cells += [Cell(*cell) for cell in drawn_cells(row, column, theirs)]
                continue
            if not compared:
                cells.append(Cell(_shown(new, column.form)))
                continue
            old = theirs.get(column.name)
            change = difference(old, new)
            cells += [Cell(_shown(old, column.form), "paper"), Cell(_shown(new, column.form))]
            cells.append(_change_cell(change, column.form, scales[column.name]))
        link = (
            f"{NAMES[row['channel']]} {NAMES[row['modulation']]}",
            f"{row['snr_db']:g}".replace("-", "\N{MINUS SIGN}"),
        )
        rows.append((link, cells, row["modulation"] + row["channel"]))
    return {
        "compared": compared and not drawn,
        "drawn": draws_line(results) if drawn else "",
        "columns": [column.title for column in columns],
        "meanings": [(column.title, _MEANINGS[column.name]) for column in columns],
        "rows": rows,
    }


def _shown(value: Optional[float], form: str) -> str:
    return "∞" if value == math.inf else show(value, form)


def _scale(rows: Sequence[Row], paper: Mapping[tuple, Row], name: str) -> float:
    """The largest difference of a column: the darkest shade."""
    changes = [difference(paper.get(condition(row), {}).get(name), row[name]) for row in rows]
    return max((abs(change) for change in changes if change is not None), default=0.0)


def _change_cell(change: Optional[float], form: str, scale: float) -> Cell:
    """A difference, shaded by its share of ``scale``; what rounds to nothing is not shaded."""
    if change is None or float(form.format(change)) == 0:
        return Cell(show(None if change is None else 0.0, form))
    share = min(1.0, abs(change) / scale)
    text = form.replace(":", ":+").format(change).replace("-", "\N{MINUS SIGN}")
    return Cell(text, f"{'up' if change > 0 else 'down'}{math.ceil(_SHADES * share)}")


def summary_rows(rows: Sequence[dict]) -> list[tuple[tuple, str, list[str]]]:
    """The evaluation's summary: what belongs together, score, and the cells under ``SUMMARY_HEADS``."""
    shown = []
    for row in rows:
        group = tuple(row[name] for name in ("dataset", "target", "links"))
        cells = [row["variant"], *group]
        for name, form in _SUMMARY.items():
            value, low, high = (row.get(key) for key in (name, f"{name}_low", f"{name}_high"))
            text = show(value, form)
            if None not in (value, low, high):
                text += f" ({form.format(low)} to {form.format(high)})"
            cells.append(text)
        shown.append((group, row["score"], cells))
    return shown


def comparisons(rows: Sequence[dict]) -> list[dict]:
    """A table for each set of links: scores down, targets across, mean, largest error and AUROC of each."""
    tables = []
    sets = dict.fromkeys((row["dataset"], row["links"]) for row in rows)
    order = list(_LINK_SETS)
    for dataset, links in sorted(sets, key=lambda s: order.index(s[1]) if s[1] in order else len(order)):
        chosen = [row for row in rows if (row["dataset"], row["links"]) == (dataset, links)]
        targets = list(dict.fromkeys(row["target"] for row in chosen))
        found = {(row["score"], row["variant"], row["target"]): row for row in chosen}
        # What names no share of wrong images has no error to compare.
        known: dict[tuple, list] = {}
        for row in chosen:
            known.setdefault((row["score"], row["variant"]), []).append(row["mean_abs_points"])
        ranked = sorted(
            (n for n in known if None not in known[n]), key=lambda n: sum(known[n]) / len(known[n])
        )
        cells: dict[tuple, list[Cell]] = {name: [] for name in ranked}
        for target in targets:
            for measure, (form, pick) in _COMPARED.items():
                values = {name: found.get((*name, target), {}).get(measure) for name in ranked}
                rivals = [v for name, v in values.items() if name[0] != CEILING and v is not None]
                best = pick(rivals, default=None)
                for name, value in values.items():
                    is_best = value is not None and value == best and name[0] != CEILING
                    cells[name].append(Cell(show(value, form), "best" if is_best else ""))
        lines = [(*name, cells[name]) for name in ranked]
        title = f"{dataset}, {_LINK_SETS.get(links, links)}"
        tables.append({"title": title, "folded": links in _FOLDED, "targets": targets, "rows": lines})
    return tables
