#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The report as one HTML page that needs nothing but itself, and its figures as files beside it."""

import base64
import json
import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Optional

import jinja2
from tqdm import tqdm

from ..atomic import atomic_write
from . import predicted
from .drawing import Drawing
from .results import Results, Row, condition, load_paper
from .sections import sections
from .style import on_page, save, style, svg
from .text import COMPARED, MEASURED, NAMES, difference, eb_n0_line, show, summarise, with_values

PAGE_FILE = "report.html"
_SHADES = 3
_SUMMARY = {
    "mean_abs_points": "{:.2f}",
    "max_abs_points": "{:.2f}",
    "bias_points": "{:+.2f}",
    "pearson": "{:.3f}",
    "spearman": "{:.3f}",
    "kendall": "{:.3f}",
    "auroc": "{:.3f}",
}
_SUMMARY_HEADS = (
    "variant",
    "images",
    "target",
    "links",
    "mean, points",
    "max, points",
    "bias, points",
    "Pearson",
    "Spearman",
    "Kendall",
    "AUROC",
)
_VIEW_BOX = re.compile(r'<svg[^>]* viewBox="0 0 ([\d.]+) ([\d.]+)"')


class Shown(NamedTuple):
    """A figure on the page; ``narrow`` is empty if one layout serves phones too."""

    drawing: Drawing
    wide: str
    size: tuple[int, int]
    narrow: str
    narrow_size: tuple[int, int]


class Cell(NamedTuple):
    """A cell of the table; ``shade`` is a class of the style sheet."""

    text: str
    shade: str = ""


def write_report(folder: Path, results: Optional[Results]) -> list[Path]:
    """Write ``folder/report.html`` and each of its figures as PNG and SVG; return the files, the page first.

    ``results`` is the sweep in ``folder``; None if there is only an evaluation. Raises ``InputError`` if the
    evaluation's files are damaged.
    """
    evaluation, summary = predicted.load_evaluation(folder), predicted.load_summary(folder)
    files: list[Path] = []
    with style():
        found = sections(results, evaluation)
        count = sum(len(section.drawings) for section in found)
        with tqdm(total=count, desc="drawing", unit="figure", disable=None, delay=2, leave=False) as bar:
            shown = [(section, [_show(d, folder, files, bar) for d in section.drawings]) for section in found]
    page = (
        _environment()
        .get_template("page.html.j2")
        .render(
            title=_title(results),
            is_table2=results is not None and results.is_table2,
            cards=[] if results is None else _cards(results),
            table=None if results is None else _table(results),
            sections=shown,
            summary=_summary_rows(summary),
            summary_heads=_SUMMARY_HEADS,
            made=[] if results is None else _made(results),
            configuration="" if results is None else json.dumps(results.run, indent=2),
        )
    )
    path = folder / PAGE_FILE
    with atomic_write(path) as file:
        file.write(page.encode())
    return [path, *files]


def _title(results: Optional[Results]) -> str:
    if results is None:
        return "How well each score predicts the error"
    configuration = results.configuration
    images = f"{configuration['images']:,} {configuration['dataset']} images"
    if results.is_table2 and len(results.rows) == len(load_paper()):
        return f"Table II again: {images} over the paper's {len(results.rows)} links"
    return f"{images} over {len(results.rows)} {configuration['preset']} links"


def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _show(drawing: Drawing, folder: Path, files: list[Path], bar: tqdm) -> Shown:
    paths = save(drawing.draw(), folder, drawing.name)
    files += paths
    bar.update()
    wide = paths[1].read_text(encoding="utf-8")
    narrow = svg(drawing.draw(narrow=True)) if drawing.narrow else ""
    if not narrow:
        return Shown(drawing, _data_uri(wide), _size(wide), "", (0, 0))
    return Shown(drawing, _data_uri(wide), _size(wide), _data_uri(narrow), _size(narrow))


def _data_uri(text: str) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(on_page(text).encode()).decode()


def _size(text: str) -> tuple[int, int]:
    """The size of an SVG in CSS pixels."""
    width, height = (round(float(points) * 96 / 72) for points in _VIEW_BOX.search(text).groups())
    return width, height


def _cards(results: Results) -> list[tuple[str, str]]:
    """What it amounts to: (figure, what it is)."""
    rows = results.rows
    cards = [(f"{len(rows)} links", f"{results.configuration['images']:,} images over each")]
    measured = summarise(rows)
    if measured is None:
        return cards
    theirs = summarise(list(load_paper().values())) if results.is_table2 else None
    for name, form, text in (
        ("mean", "{:.2f}", "points between predicted and true error, on average"),
        ("max", "{:.2f}", "points at worst"),
        ("pearson", "{:.3f}", "correlation of predicted and true error (Pearson)"),
    ):
        value = getattr(measured, name)
        if value is None:
            continue
        paper = "" if theirs is None else f"; the paper's: {form.format(getattr(theirs, name))}"
        cards.append((form.format(value), text + paper))
    return cards


def _table(results: Results) -> dict:
    """Heads and rows of the table, beside the paper's where that has the same links."""
    paper = load_paper() if results.is_table2 else {}
    compared = any(condition(row) in paper for row in results.rows)
    columns = with_values(COMPARED if compared else MEASURED, results.rows)
    scales = {column.name: _scale(results.rows, paper, column.name) for column in columns}
    rows = []
    for row in results.rows:
        theirs = paper.get(condition(row), {})
        cells = []
        for column in columns:
            new = row[column.name]
            if not compared:
                cells.append(Cell(show(new, column.form)))
                continue
            old = theirs.get(column.name)
            change = difference(old, new)
            cells += [Cell(show(old, column.form), "paper"), Cell(show(new, column.form))]
            cells.append(_change_cell(change, column.form, scales[column.name]))
        link = f"{NAMES[row['channel']]} {NAMES[row['modulation']]}", f"{row['snr_db']:g}"
        rows.append((link, cells, row["modulation"] + row["channel"]))
    return {"compared": compared, "columns": [column.title for column in columns], "rows": rows}


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


def _summary_rows(rows: Sequence[dict]) -> list[tuple[tuple, str, list[str]]]:
    """The evaluation's summary: what belongs together, score, and the cells under ``_SUMMARY_HEADS``."""
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


def _made(results: Results) -> list[tuple[str, str]]:
    """How the numbers came about: (what, value)."""
    run, configuration = results.run, results.configuration
    links = configuration["link"]
    seeds = sorted({str(link["seed"]) for link in links.values() if "seed" in link})
    rows = [
        ("SNR", run["snr_definition"]),
        ("Eb/N0", eb_n0_line(results.rows)),
        ("Preset", configuration["preset"]),
        *((NAMES[channel], _link_text(link)) for channel, link in links.items()),
    ]
    if seeds:
        rows.append(("Seed", f"{', '.join(seeds)}: equal seeds give equal bytes"))
    if configuration.get("target"):
        rows.append(("Classifier", str(configuration["target"])))
    if configuration.get("score"):
        rows.append(("Score", configuration["score"]))
    digest = configuration.get("dataset_digest")
    if digest:
        rows.append(("Images", f"{configuration['dataset']}, SHA-256 {digest[:16]}…"))
    versions = run.get("versions", {})
    if versions:
        rows.append(("Versions", ", ".join(f"{name} {version}" for name, version in versions.items())))
    return rows


def _link_text(link: Mapping) -> str:
    parts = [f"{link['labels']} labels"]
    if "fft_len" in link:
        parts.append(f"{link['fft_len']} carriers, prefix {link['cp_len']}")
    parts.append(f"channel estimation {link['estimation']}")
    return ", ".join(parts)
