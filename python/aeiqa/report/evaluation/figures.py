#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""What an evaluation left in its folder, and its figures: every score against the true error."""

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Optional

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ...errors import InputError
from ...experiments.evaluation.verdict import Verdict, verdicts
from ...experiments.layout import EVALUATION_FILE, RUN_FILE, SUMMARY_FILE, WORST_FILE
from ...images import Dataset, load_dataset
from ...link.config import LinkConfig
from ...link.simulated import transmit
from ..drawing import COLUMN
from ..gallery import SHOWN, Mistake
from ..style import GREY, PALETTE, legend_above
from ..sweep.predicted import frame
from ..text import NAMES

_EVALUATION_COLUMNS = (
    "dataset", "target", "score", "variant", "preset", "channel", "modulation", "snr_db",
    "true_error_pct", "predicted_error_pct",
)  # fmt: skip
_SUMMARY_COLUMNS = ("dataset", "target", "score", "variant", "links", "mean_abs_points", "max_abs_points")
_WORST_COLUMNS = (
    "target", "score", "preset", "channel", "modulation", "snr_db", "kind", "index", "label", "answer",
    "value",
)  # fmt: skip
_TEXT = {"dataset", "target", "score", "variant", "preset", "channel", "modulation", "links", "kind"}


@dataclass(frozen=True)
class Evaluation:
    """The tables of an evaluation, and what run.json says of it; empty if the folder holds none."""

    rows: list[dict] = field(default_factory=list)
    summary: list[dict] = field(default_factory=list)
    worst: list[dict] = field(default_factory=list)
    run: dict = field(default_factory=dict)

    @property
    def targets(self) -> list[str]:
        """The classifiers whose error was predicted."""
        return list(dict.fromkeys(row["target"] for row in self.rows))

    @cached_property
    def verdicts(self) -> list[Verdict]:
        """What the scores that have aims are worth."""
        return verdicts(self.rows, self.summary)

    def scores(self, variant: str) -> list[str]:
        """Return the scores that predict an error in that variant, the closest ones first."""
        errors: dict[str, list[float]] = {}
        for row in self.rows:
            if row["variant"] == variant and row["predicted_error_pct"] is not None:
                gap = abs(row["predicted_error_pct"] - row["true_error_pct"])
                errors.setdefault(row["score"], []).append(gap)
        return sorted(errors, key=lambda score: np.mean(errors[score]))


def load_evaluation(folder: Path) -> Evaluation:
    """Read an evaluation's files. Raises ``InputError`` if one that is there cannot be read."""
    if not (folder / EVALUATION_FILE).exists():
        return Evaluation()
    run = {}
    if (folder / RUN_FILE).exists():
        try:
            run = json.loads((folder / RUN_FILE).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise InputError(f"{folder / RUN_FILE} is damaged ({error})") from None
    return Evaluation(
        _read(folder / EVALUATION_FILE, _EVALUATION_COLUMNS),
        _read(folder / SUMMARY_FILE, _SUMMARY_COLUMNS) if (folder / SUMMARY_FILE).exists() else [],
        _read(folder / WORST_FILE, _WORST_COLUMNS) if (folder / WORST_FILE).exists() else [],
        run,
    )


def _read(path: Path, needed: Sequence[str]) -> list[dict]:
    """Return the rows of a CSV file: numbers as float, empty cells as None."""
    try:
        with open(path, encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            missing = [name for name in needed if name not in (reader.fieldnames or ())]
            if missing:
                raise InputError(f"{path} is damaged (column {missing[0]} is missing)")
            return [{name: _value(name, cell) for name, cell in line.items()} for line in reader]
    except InputError:
        raise
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read ({error})") from None


def _value(name: str, cell: Optional[str]) -> str | float | None:
    if name in _TEXT:
        return cell
    return float(cell) if cell else None


def draw_scores(evaluation: Evaluation, variant: str, narrow: bool = False) -> Figure:
    """Draw a panel for each score: each link and target a point, the mean over training seeds."""
    scores = evaluation.scores(variant)
    across = 2 if narrow else 4
    down = -(-len(scores) // across)
    size = (COLUMN, 1.95 * down) if narrow else (10.5, 2.8 * down)
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots(down, across, squeeze=False, sharex=True, sharey=True).flatten()
    channels = list(dict.fromkeys(row["channel"] for row in evaluation.rows))
    for axis, score in zip(axes, scores, strict=False):
        points = _points(evaluation, score, variant)
        gap = np.mean([abs(said - true) for _, _, true, said in points])
        for number, target in enumerate(evaluation.targets):
            for channel in channels:
                true, said = _columns(points, target, channel)
                axis.plot(true, said, **_marker(number, channel))
        frame(axis, f"{score}: {gap:.1f}")
        axis.set(xlabel="", ylabel="")
    for axis in axes[len(scores) :]:
        axis.set_axis_off()
    for axis in axes[: len(scores)][-across:]:  # the last of each column
        axis.tick_params(labelbottom=True)
    figure.supxlabel("true error (%)", fontsize=9.5)
    figure.supylabel("predicted error (%)", fontsize=9.5)
    handles = [
        Line2D([], [], label=target, **_marker(number, "awgn") | {"markersize": 5})
        for number, target in enumerate(evaluation.targets)
    ]
    for channel in channels:
        look = {**_marker(0, channel), "color": GREY, "marker": "o", "markersize": 5}
        handles.append(Line2D([], [], label=NAMES[channel], **look))
    legend_above(figure, handles, columns=3 if narrow else len(handles))
    return figure


def _marker(number: int, channel: str) -> dict:
    colour, marker = PALETTE[number % len(PALETTE)]
    fill = {} if channel == "awgn" else {"markerfacecolor": "none"}
    return {"linestyle": "none", "marker": marker, "color": colour, "markersize": 3.2, "mew": 0.8} | fill


def _points(evaluation: Evaluation, score: str, variant: str) -> list[tuple[str, str, float, float]]:
    """(target, channel, true error, predicted error) of each link, the mean over training seeds."""
    groups: dict[tuple, list[tuple[float, float]]] = {}
    for row in evaluation.rows:
        if (row["score"], row["variant"]) == (score, variant) and row["predicted_error_pct"] is not None:
            names = ("target", "channel", "dataset", "preset", "modulation", "snr_db")
            key = tuple(row[name] for name in names)
            groups.setdefault(key, []).append((row["true_error_pct"], row["predicted_error_pct"]))
    return [(key[0], key[1], *map(float, np.mean(values, axis=0))) for key, values in groups.items()]


def _columns(points: list[tuple], target: str, channel: str) -> tuple[list[float], list[float]]:
    chosen = [point[2:] for point in points if point[:2] == (target, channel)]
    return [true for true, _ in chosen], [said for _, said in chosen]


class EvaluationResender:
    """Sends images of an evaluation again; a link is (preset, channel, modulation, SNR in dB)."""

    def __init__(self, evaluation: Evaluation) -> None:
        self._arrived: dict[tuple, np.ndarray] = {}
        try:
            self._configuration = evaluation.run["configuration"]
            self._seed, self._images = self._configuration["seed"], self._configuration["images"]
            self._source = evaluation.run.get("dataset_source", self._configuration["dataset"])
        except (KeyError, TypeError):
            raise InputError("run.json does not say what was evaluated") from None

    @cached_property
    def dataset(self) -> Dataset:
        """The images that were evaluated. Raises ``InputError`` if they have changed."""
        dataset = load_dataset(self._source)
        if self._images != len(dataset):
            dataset = dataset.take(self._images)
        if dataset.digest != self._configuration.get("dataset_digest"):
            raise InputError(f"{dataset.name} no longer holds the images that were evaluated")
        return dataset

    def received(self, position: int, *link) -> np.ndarray:
        """Return what arrived of the image at ``position`` of the evaluated ones."""
        if (position, link) not in self._arrived:
            self._arrived[position, link] = self._send(position, *link)
        return self._arrived[position, link]

    def _send(self, position: int, *link) -> np.ndarray:
        preset, channel, modulation, snr_db = link
        config = LinkConfig(
            preset=preset, channel=channel, modulation=modulation, snr_db=snr_db, seed=self._seed
        )
        return transmit([self.dataset.images[position]], config, first_index=position).images[0]


def worst_of(
    evaluation: Evaluation, score: str, target: str, dataset: Dataset
) -> tuple[list[Mistake], list[Mistake]]:
    """Return the images that looked best though misread, and worst though read right, one of each link."""
    rows = [row for row in evaluation.worst if (row["score"], row["target"]) == (score, target)]
    found = []
    for kind, sign in (("missed", 1), ("doubted", -1)):
        chosen: dict[int, Mistake] = {}
        links = set()
        for row in sorted((r for r in rows if r["kind"] == kind), key=lambda r: sign * r["value"]):
            position = int(np.searchsorted(dataset.indices, int(row["index"])))
            link = tuple(row[name] for name in ("preset", "channel", "modulation", "snr_db"))
            if position in chosen or link in links or len(chosen) == SHOWN:
                continue
            links.add(link)
            chosen[position] = Mistake(position, link, row["value"], int(row["label"]), int(row["answer"]))
        found.append(list(chosen.values()))
    return found[0], found[1]
