#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The results of a sweep, read from its folder, and what there is to compare them with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Optional

import numpy as np
from scipy import stats

from ...errors import InputError
from ...files import data_dir
from ...iqa.classifiers.clean_errors import CleanErrors, clean_errors_of
from ...link import theory
from ...link.config import CHANNELS, MODULATIONS, PRESETS
from ...metrics import binomial_interval
from ..csv_tables import read_rows
from ..store import RUN_FILE, UNITS_FOLDER, Units, load_run
from .pictures import KEY, Pictures
from .stopping import Counts, StoppingRule, parse_until
from .table import PAPER_COLUMNS, TABLE_FILE
from .unit import SSIM_WINDOWS

Row = Mapping[str, Any]

_STOPPING_FIELDS = ("until", "min_bit_errors", "max_images")
_SSIM_FIELD, _DRAWS_FIELD = "ssim_window", "draws"
_LINK_FIELDS = {"labels": str, "estimation": str, "training_symbols": int}


class Summary(NamedTuple):
    """Agreement of the IQA error column with the classifier's, over the rows of a table."""

    mean: float  # of |IQA error - classifier error|, in points
    max: float
    pearson: Optional[float]  # None where a correlation is undefined
    spearman: Optional[float]


@dataclass(frozen=True)
class Results:
    """A finished sweep: run.json, the rows of its table, its pictures (None: they are not there).

    ``clean``: the classifier's error on the images as sent; None: there is no classifier, or it is unknown.
    ``paper``: the rows of the paper's Table II by condition, if they can stand beside these; else empty.
    """

    run: dict
    rows: list[Row]
    pictures: Optional[Pictures]
    paper: dict[tuple, Row]
    clean: Optional[CleanErrors] = None

    @property
    def clean_error_pct(self) -> Optional[float]:
        """Share of the images that the classifier misclassifies without a link, in per cent."""
        return None if self.clean is None else self.clean.here.pct

    def error_interval(self, row: Row) -> tuple[float, float]:
        """Return the 95 % interval of a row's true error rate, in per cent."""
        images = self.images_of(row)
        low, high = binomial_interval(row["classifier_error_pct"] / 100 * images, images)
        return 100 * float(low), 100 * float(high)

    def images_of(self, row: Row) -> int:
        """Return how many images went over a row's link."""
        return int(row.get("images") or self.configuration["images"])

    @property
    def stopping(self) -> Optional[StoppingRule]:
        """The rule by which images were repeated; None: each went over each link once."""
        until, wrong_bits, most = (self.configuration.get(name) for name in _STOPPING_FIELDS)
        if most is None:
            return None
        return StoppingRule(None if until is None else parse_until(until), wrong_bits, most)

    def is_precise(self, row: Row) -> bool:
        """Return whether a row's link became as precise as the stopping rule asks."""
        images = self.images_of(row)
        wrong = round((row["classifier_error_pct"] or 0.0) / 100 * images)
        return self.stopping is None or self.stopping.is_precise(
            Counts(images, wrong, int(row["bit_errors"]))
        )

    @property
    def configuration(self) -> dict:
        """The configuration that was swept."""
        return self.run["configuration"]

    @property
    def draws(self) -> int:
        """How often all images went over each link, each time with fresh noise."""
        return int(self.configuration.get(_DRAWS_FIELD, 1))

    @property
    def ssim_window(self) -> str:
        """The window of SSIM, which sweeps of before did not name."""
        return self.configuration.get(_SSIM_FIELD, "uniform")

    def theory(self, channel: str, modulation: str) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """Return the bit error rates known in closed form, as (SNRs in dB, rates), both float64 [200].

        ``known``: the receiver knows the channel; ``ls``: it estimates it from one training symbol.
        """
        snr = self.configuration["snr_db"]
        grid = np.linspace(min(snr) - 1, max(snr) + 1, 200)
        link = self.configuration["link"][channel]
        if channel == "awgn":
            return {"known": (grid, theory.awgn_ber(modulation, link["labels"], grid))}
        if self.configuration["preset"] != "physical":
            return {}
        curves = {"known": (grid, theory.rayleigh_ber(modulation, link["labels"], grid))}
        if modulation == "bpsk" and link["estimation"] == "ls" and link["training_symbols"] == 1:
            curves["ls"] = grid, theory.rayleigh_ber(modulation, link["labels"], grid, "ls")
        return curves


def load_results(folder: Path) -> Results:
    """Read the folder of a sweep. Raises ``InputError`` if it holds none, an unfinished or a damaged one.

    Nothing but files in the folder is opened, whatever they name.
    """
    if not folder.is_dir():
        raise InputError(f"{folder} is no folder: give the folder of a sweep")
    try:
        run = load_run(folder)
        expected = _check_run(run)
        clean = next(iter(clean_errors_of(run)), None)
    except FileNotFoundError:
        raise InputError(f"{folder} holds no sweep: it has no {RUN_FILE}") from None
    except InputError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{folder / RUN_FILE} is damaged ({type(error).__name__}: {error})") from None
    try:
        rows = read_rows(folder / TABLE_FILE, PAPER_COLUMNS)
    except FileNotFoundError:
        done = len(list((folder / UNITS_FOLDER).glob("*.npz")))
        raise InputError(
            f"{folder} is incomplete, {done} of {run['units']} units are done: run the same sweep again to "
            "finish it"
        ) from None
    except InputError as error:
        raise InputError(f"{error}: run the same sweep again to write it anew") from None
    if [condition(row) for row in rows] != expected:
        raise InputError(
            f"{folder / TABLE_FILE} is damaged ({len(rows)} rows for {len(expected)} conditions, or others): "
            "run the same sweep again"
        )
    named = run["configuration"]
    like_paper = (named["preset"], named["dataset"], named.get("max_images")) == ("table2", "mnist", None)
    paper = load_paper() if like_paper else {}
    return Results(run, rows, _load_pictures(folder, run), paper, clean)


def _load_pictures(folder: Path, run: dict) -> Optional[Pictures]:
    kept = Units(folder, run["configuration"]).read(KEY)
    try:
        return None if kept is None else Pictures.restored(kept)
    except (TypeError, ValueError, AttributeError) as error:
        raise InputError(f"{folder}: its pictures are damaged ({error})") from None


def _check_run(run: dict) -> list[tuple]:
    """Return the conditions of the table; ``ValueError``, ``KeyError``, ``TypeError`` for a wrong content."""
    configuration = run["configuration"]
    names = {"preset": PRESETS, "channels": CHANNELS, "modulations": MODULATIONS}
    if _SSIM_FIELD in configuration:
        names[_SSIM_FIELD] = tuple(SSIM_WINDOWS)
    for name, known in names.items():
        given = configuration[name]
        for value in given if name in ("channels", "modulations") else [given]:
            if value not in known:
                raise ValueError(f"{name} {value!r}")
    numbers = [configuration["images"], run["units"], *configuration["snr_db"]]
    if any(type(number) not in (int, float) for number in numbers):
        raise TypeError("images, units and snr_db must be numbers")
    if not isinstance(configuration["dataset"], str):
        raise TypeError("dataset must be text")
    for channel in configuration["channels"]:
        for name, kind in _LINK_FIELDS.items():
            if not isinstance(configuration["link"][channel][name], kind):
                raise TypeError(f"link.{channel}.{name}")
    configuration["background"], run["snr_definition"]
    until, *numbers = (configuration.get(name) for name in _STOPPING_FIELDS)
    if until is not None:
        parse_until(until)
    draws = configuration.get(_DRAWS_FIELD)
    if any(number is not None and type(number) is not int for number in (*numbers, draws)):
        raise TypeError("min_bit_errors, max_images and draws must be whole numbers")
    return [
        (channel, modulation, snr_db)
        for channel in configuration["channels"]
        for modulation in configuration["modulations"]
        for snr_db in configuration["snr_db"]
    ]


def load_paper() -> dict[tuple, Row]:
    """Return the rows of the paper's Table II by (channel, modulation, SNR in dB)."""
    path = data_dir() / "paper" / "table2.csv"
    try:
        return {condition(row): row for row in read_rows(path, PAPER_COLUMNS)}
    except FileNotFoundError as error:
        raise InputError(f"{path} cannot be read ({error})") from None


def condition(row: Row) -> tuple:
    """The row's link, as a key."""
    return row["channel"], row["modulation"], row["snr_db"]


def summarise(rows: Sequence[Row]) -> Optional[Summary]:
    """Compare the columns iqa_error_pct and classifier_error_pct; None without them."""
    pairs = [(row["iqa_error_pct"], row["classifier_error_pct"]) for row in rows]
    if not pairs or any(value is None for pair in pairs for value in pair):
        return None
    predicted, true = np.array(pairs).T
    difference = np.abs(predicted - true)
    pearson = spearman = None
    if len(pairs) > 2 and np.ptp(predicted) > 0 and np.ptp(true) > 0:
        pearson = float(stats.pearsonr(predicted, true)[0])
        spearman = float(stats.spearmanr(predicted, true)[0])
    return Summary(float(difference.mean()), float(difference.max()), pearson, spearman)
