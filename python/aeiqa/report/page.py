#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The report as one HTML page that needs nothing but itself, and its figures as files beside it."""

import base64
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Optional

import jinja2
from tqdm import tqdm

from ..experiments.evaluation.results import Evaluation
from ..experiments.results import Loaded
from ..experiments.sweep.results import Results, summarise
from ..files import atomic_write
from .adaptation import figures as adapted
from .evaluation import verdict_text
from .section import Drawing
from .sections import sections
from .style import on_page, save, style, svg
from .sweep.tables import SUMMARY_HEADS, comparisons, summary_rows, sweep_table
from .text import NAMES, eb_n0_line, ssim_line, stopping_line

PAGE_FILE = "report.html"
_VIEW_BOX = re.compile(r'<svg[^>]* viewBox="0 0 ([\d.]+) ([\d.]+)"')


class Shown(NamedTuple):
    """A figure on the page; ``narrow`` is empty if one layout serves phones too.

    ``tiles``, if there are any, are shown instead.
    """

    drawing: Drawing
    wide: str = ""
    size: tuple[int, int] = (0, 0)
    narrow: str = ""
    narrow_size: tuple[int, int] = (0, 0)
    tiles: Sequence = ()


def write_report(folder: Path, loaded: Loaded) -> list[Path]:
    """Write ``folder/report.html`` and each of its figures as PNG and SVG; return the files, the page first.

    ``loaded``: the experiments in ``folder``, as ``experiments.results.load`` returns them.
    """
    results, evaluation, adaptation = loaded
    files: list[Path] = []
    with style():
        found = sections(loaded)
        count = sum(len(section.drawings) for section in found)
        with tqdm(total=count, desc="drawing", unit="figure", disable=None, delay=2, leave=False) as bar:
            shown = [(section, [_show(d, folder, files, bar) for d in section.drawings]) for section in found]
    contents = {
        "title": _title(results, evaluation),
        "is_table2": results is not None and bool(results.paper),
        "cards": _evaluation_cards(evaluation) if results is None else _cards(results),
        "table": None if results is None else sweep_table(results),
        "sections": shown,
        "comparisons": comparisons(evaluation.summary),
        "summary": summary_rows(evaluation.summary),
        "summary_heads": SUMMARY_HEADS,
        "verdict_heads": verdict_text.HEADS,
        "made": _evaluation_made(evaluation) if results is None else _made(results),
        "configuration": json.dumps(evaluation.run if results is None else results.run, indent=2),
    }
    if adaptation.rows:
        limit = f"{adaptation.limit_pct:g} %"
        contents |= {
            "title": f"Images a second while a classifier misclassifies at most {limit}",
            "cards": adapted.cards(adaptation),
            "made": [("SNR", adaptation.run["snr_definition"]), *_versions(adaptation.run)],
            "configuration": json.dumps(adaptation.run, indent=2),
        }
    page = _environment().get_template("page.html.j2").render(contents)
    path = folder / PAGE_FILE
    with atomic_write(path) as file:
        file.write(page.encode())
    return [path, *files]


def _title(results: Optional[Results], evaluation: Evaluation) -> str:
    if results is None:
        names = dict.fromkeys(row["dataset"] for row in evaluation.rows)
        return f"How well each score predicts what a link costs a classifier: {', '.join(names)}"
    configuration = results.configuration
    images = f"{configuration['images']:,} images of {configuration['dataset']}"
    if len(results.rows) == len(results.paper):
        return f"Table II again: {images} over the paper's {len(results.rows)} links"
    return f"{images} over {len(results.rows)} {configuration['preset']} links"


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["grouped"] = _grouped
    return environment


def _grouped(figures: Sequence[Shown]) -> list[tuple[str, list[Shown]]]:
    """Figures of a section by the group they are folded away in; "" if they are in none."""
    groups: dict[str, list[Shown]] = {}
    for shown in figures:
        groups.setdefault(shown.drawing.group, []).append(shown)
    return list(groups.items())


def _show(drawing: Drawing, folder: Path, files: list[Path], bar: tqdm) -> Shown:
    paths = save(drawing.draw(), folder, drawing.name)
    files += paths
    bar.update()
    if drawing.tiles is not None:
        return Shown(drawing, tiles=drawing.tiles())
    wide = paths[1].read_text(encoding="utf-8")
    narrow = svg(drawing.draw(narrow=True)) if drawing.narrow else ""
    if not narrow:
        return Shown(drawing, _data_uri(wide), _size(wide))
    return Shown(drawing, _data_uri(wide), _size(wide), _data_uri(narrow), _size(narrow))


def _data_uri(text: str) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(on_page(text).encode()).decode()


def _size(text: str) -> tuple[int, int]:
    """The size of an SVG in CSS pixels."""
    width, height = (round(float(points) * 96 / 72) for points in _VIEW_BOX.search(text).groups())
    return width, height


def _cards(results: Results) -> list[tuple[str, str]]:
    """Key figures of a sweep: (figure, meaning)."""
    rows = results.rows
    least = "at least " if results.stopping else ""
    cards = [(f"{len(rows)} links", f"{least}{results.configuration['images']:,} images over each")]
    measured = summarise(rows)
    if measured is None:
        return cards
    theirs = summarise(list(results.paper.values()))
    for name, form, text in (
        ("mean", "{:.2f} points", "between predicted and true error, on average"),
        ("max", "{:.2f} points", "between them at worst"),
        ("pearson", "{:.3f}", "correlation of predicted and true error (Pearson)"),
    ):
        value = getattr(measured, name)
        if value is None:
            continue
        paper = "" if theirs is None else f"; the paper's: {form.format(getattr(theirs, name))}"
        cards.append((form.format(value), text + paper))
    return cards


def _evaluation_cards(evaluation: Evaluation) -> list[tuple[str, str]]:
    """Key figures of an evaluation: (figure, meaning)."""
    links = {tuple(row[n] for n in ("preset", "channel", "modulation", "snr_db")) for row in evaluation.rows}
    images = evaluation.run.get("configuration", {}).get("images")
    text = "targets' errors predicted over each" if images is None else f"{images:,} images over each"
    return [(f"{len(links)} links", text), *verdict_text.cards(evaluation.verdicts)]


def _evaluation_made(evaluation: Evaluation) -> list[tuple[str, str]]:
    """Origin of an evaluation's numbers: (name, value)."""
    run = evaluation.run
    configuration = run.get("configuration", {})
    rows = [("SNR", run["snr_definition"])] if "snr_definition" in run else []
    if rows:
        rows.append(("Eb/N0", eb_n0_line(evaluation.rows)))
    for what, name in (("Images", "images"), ("Seed", "seed")):
        if name in configuration:
            rows.append((what, f"{configuration[name]:,}"))
    seeds = sorted({int(row["seed"]) for row in evaluation.rows if row.get("seed")})
    if seeds:
        rows.append(("Training seeds", ", ".join(map(str, seeds))))
    return rows + _versions(run)


def _versions(run: Mapping) -> list[tuple[str, str]]:
    versions = run.get("versions", {})
    text = ", ".join(f"{name} {version}" for name, version in versions.items())
    return [("Versions", text)] if versions else []


def _made(results: Results) -> list[tuple[str, str]]:
    """Origin of the numbers: (name, value)."""
    run, configuration = results.run, results.configuration
    links = configuration["link"]
    seeds = sorted({str(link["seed"]) for link in links.values() if "seed" in link})
    rows = [
        ("SNR", run["snr_definition"]),
        ("Eb/N0", eb_n0_line(results.rows)),
        ("SSIM", ssim_line(results)),
        *([("Images", stopping_line(results))] if results.stopping else []),
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
    return rows + _versions(run)


def _link_text(link: Mapping) -> str:
    parts = [f"{link['labels']} labels"]
    if "fft_len" in link:
        parts.append(f"{link['fft_len']} carriers, prefix {link['cp_len']}")
    parts.append(f"channel estimation {link['estimation']}")
    return ", ".join(parts)
