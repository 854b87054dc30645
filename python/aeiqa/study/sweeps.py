#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""``sweep``: a data set over many links, in one call."""

import os
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Optional

import numpy as np

from ..errors import InputError
from ..experiments.sweep import Plan, SweepConfig, run_sweep
from ..experiments.sweep.per_image import IMAGE_COLUMNS
from ..experiments.sweep.results import Results, Summary, summarise
from ..fields import settings
from ..images import Dataset, load_dataset
from ..link.config import LinkConfig
from ..report import report_text
from .calls import (
    Result,
    ResultsFolder,
    check_options,
    classifier_of,
    engine_for,
    is_named,
    several,
    with_paths,
)
from .tables import as_table, frame

if TYPE_CHECKING:
    import torch
    from matplotlib.figure import Figure

    from ..iqa import UserClassifier

_OF_A_CONDITION = ("channel", "modulation", "snr_db")


def sweep(
    target: "str | os.PathLike[str] | torch.nn.Module | UserClassifier | None" = "paper",
    dataset: str | os.PathLike[str] | Dataset = "mnist",
    *,
    channel: str | Sequence[str] | None = None,
    modulation: str | Sequence[str] | None = None,
    snr_db: float | Sequence[float] | None = None,
    folder: str | os.PathLike[str] | None = None,
    workers: Optional[int] = None,
    prepare: Optional[Callable[[np.ndarray], object]] = None,
    **options: Any,
) -> "SweepResult":
    """Send a data set over many links and measure everything that arrives, as ``./aeiqa sweep`` does.

    Progress goes to the standard output. Called again with the same arguments and the same ``folder``, it
    goes on where it was interrupted.

    Args:
        target: the classifier: a name of the project's own, an ONNX or TorchScript file, "module:callable", a
            live torch module or ``UserClassifier``; None: the link alone, without torch.
        dataset: as ``images.load_dataset`` takes it, or a ``Dataset``.
        channel: "awgn", "rayleigh" or several; None: both.
        modulation: one or several; None: those of the paper's Table II.
        snr_db: one or several (dB); None: those of Table II.
        folder: for the results; None: a temporary one, which goes with the result.
        workers: processes; None: one per processor. A live module is used in this process alone.
        prepare: makes a live module's input, a tensor or array [C, H, W], of one picture, uint8 [H, W] or
            [H, W, C] in RGB; None: pixels from 0 to 1, as they are.
        **options: every further field of ``SweepConfig`` (``preset``, ``images``, ``background``, ``score``,
            ``models``, ``until``, ``min_bit_errors``, ``max_images``) or of ``LinkConfig`` (``seed``,
            ``labels``, ``fft_len`` ...).

    Raises:
        InputError: naming the first thing that would not work, before anything is computed.

    Example:
        >>> from gnuradio import aeiqa
        >>> result = aeiqa.sweep("paper", "mnist", modulation="qpsk", snr_db=[5, 15], channel="awgn",
        ...                      images=100, workers=1)  # doctest: +ELLIPSIS
        awgn ...
        >>> result
        <SweepResult mnist: 2 links, 100 images each, target paper, score paper>
        >>> result.table["classifier_error_pct"][1] < result.table["classifier_error_pct"][0]
        True
    """
    own = {name for name in settings(SweepConfig) if name not in ("channels", "modulations", "snr_db")}
    of_links = {name for name in settings(LinkConfig) if name not in (*_OF_A_CONDITION, "preset")}
    check_options("sweep", options, own | of_links)
    grid: dict[str, Any] = {
        "channels": None if channel is None else several(channel),
        "modulations": None if modulation is None else several(modulation),
        "snr_db": None if snr_db is None else _numbers(snr_db),
    }
    options, given = with_paths(options, dataset)
    engine = engine_for([target], workers)
    classifier: str | UserClassifier | None
    if is_named(target):
        if prepare is not None:
            raise InputError(f"prepare: is for a live torch module, target is {target!r}")
        classifier = None if target is None else os.fspath(target)
    else:
        given = given or load_dataset(options["dataset"], background=options.get("background", "auto"))
        classifier = classifier_of(target, prepare, given.class_names)
    config = SweepConfig(
        target=classifier,
        **{name: value for name, value in grid.items() if value is not None},
        **{name: value for name, value in options.items() if name in own},
        link={name: value for name, value in options.items() if name in of_links},
    )
    plan = Plan(config, given)
    kept = ResultsFolder(folder)
    run_sweep(plan, kept.path, workers, engine)
    return SweepResult(plan, kept)


def _numbers(snr_db: float | Sequence[float]) -> tuple[float, ...]:
    try:
        return tuple(map(float, np.atleast_1d(snr_db)))
    except (TypeError, ValueError):
        raise InputError(f"snr_db must be a number or several, got {snr_db!r}") from None


class SweepResult(Result):
    """A finished sweep.

    Attributes:
        folder: of its files: table.csv, images.csv.gz, run.json.
        results: all that the folder holds, as reports take it.
    """

    def __init__(self, plan: Plan, folder: ResultsFolder) -> None:
        super().__init__(folder)
        self._plan = plan
        assert self._loaded.sweep is not None  # it has just been run
        self.results: Results = self._loaded.sweep

    def __repr__(self) -> str:
        """Return what was sent over how many links, in a line."""
        found = self.results.configuration
        models = "".join(f", {name} {found[name]}" for name in ("target", "score") if found.get(name))
        return (
            f"<SweepResult {found['dataset']}: {len(self.results.rows)} links, "
            f"{'at least ' if self.results.stopping else ''}{found['images']} images each{models}>"
        )

    def __str__(self) -> str:
        """Return the table as ``./aeiqa sweep`` prints it."""
        return report_text(self.results)

    @cached_property
    def table(self) -> Any:
        """One row a link, with the columns of table.csv: a pandas DataFrame, else a structured array."""
        return as_table(self.results.rows, ("images", "bits", "bit_errors"))

    @cached_property
    def images(self) -> Any:
        """One row for each image over each link, with the columns of images.csv.gz: as ``table``.

        What the file leaves empty is -1 or nan.
        """
        found = [(condition, records) for condition, records in self._plan.kept_records(self.folder)]
        counts = [len(records) for _, records in found]
        columns = {
            name: np.repeat([condition._asdict()[name] for condition, _ in found], counts)
            for name in _OF_A_CONDITION
        }
        records = np.concatenate([records for _, records in found])
        return frame(columns | {name: records[name] for name in IMAGE_COLUMNS})

    @property
    def summary(self) -> Optional[Summary]:
        """Agreement of predicted and true error over the links, in points; None without a score."""
        return summarise(self.results.rows)

    def plot(self) -> "Figure":
        """Return the error rate against SNR as a matplotlib figure; without a classifier the bit errors'."""
        from ..report.style import style
        from ..report.sweep.figures import draw_ber, draw_error

        with style():
            has_target = self.results.configuration.get("target") is not None
            return (draw_error if has_target else draw_ber)(self.results)
