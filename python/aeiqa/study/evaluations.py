#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""``evaluate``: every score against the true error of classifiers, in one call."""

import os
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Optional

import numpy as np

from ..errors import InputError
from ..experiments.evaluation import EvaluationConfig, Plan, run_evaluation
from ..experiments.evaluation.results import Evaluation
from ..experiments.evaluation.summary import summary_text
from ..fields import settings
from ..images import Dataset, load_dataset
from ..iqa import UserClassifier
from ..report.evaluation.verdict_text import verdict_text
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
from .tables import as_table

if TYPE_CHECKING:
    import torch
    from matplotlib.figure import Figure

    Target = str | os.PathLike[str] | torch.nn.Module | UserClassifier


def evaluate(
    targets: "Target | Sequence[Target] | None" = None,
    dataset: str | os.PathLike[str] | Dataset = "mnist",
    *,
    scores: str | Sequence[str] | None = None,
    folder: str | os.PathLike[str] | None = None,
    workers: Optional[int] = None,
    prepare: Optional[Callable[[np.ndarray], object]] = None,
    **options: Any,
) -> "EvaluationResult":
    """Predict classifiers' errors over many links by every score, as ``./aeiqa evaluate`` does.

    Args:
        targets: one classifier or several, as ``sweep`` takes them, live ones too; None: all that there are
            models of.
        dataset: as ``images.load_dataset`` takes it, or a ``Dataset``; it needs labels.
        scores: one score or several; None: all that there are models of.
        folder: for the results; None: a temporary one, which goes with the result.
        workers: processes; None: one per processor. Live classifiers are used in this process alone.
        prepare: as ``sweep`` takes it, for the one live module among ``targets``; several live modules come
            as ``iqa.UserClassifier.from_module`` makes them, each with its own.
        **options: every further field of ``EvaluationConfig``: ``images``, ``links``, ``seed``, ``models``.

    Raises:
        InputError: naming the first thing that would not work, before anything is computed.
    """
    known = settings(EvaluationConfig).keys() - {"targets", "scores", "dataset"}
    check_options("evaluate", options, known)
    chosen = list(targets) if isinstance(targets, (list, tuple)) else [targets]
    engine = engine_for(chosen, workers)
    if scores is not None:
        options["scores"] = several(scores)
    if "links" in options:
        options["links"] = several(options["links"])
    options, given = with_paths(options, dataset)
    if targets is not None:
        if engine is not None:
            given = given or load_dataset(options["dataset"])
        options["targets"] = _classifiers(chosen, prepare, () if given is None else given.class_names)
    elif prepare is not None:
        raise InputError("prepare: is for a live torch module, targets is None")
    plan = Plan(EvaluationConfig(**options), given)
    kept = ResultsFolder(folder)
    run_evaluation(plan, kept.path, workers, engine)
    return EvaluationResult(kept)


def _classifiers(
    targets: Sequence[Any], prepare: Optional[Callable], class_names: Sequence[str]
) -> tuple[str | UserClassifier, ...]:
    """Return targets as ``EvaluationConfig`` takes them: names as text, live modules as classifiers."""
    live = sum(not is_named(target) for target in targets)
    if prepare is not None and live != 1:
        raise InputError(
            f"prepare: is for one live torch module, targets has {live}; UserClassifier.from_module gives "
            "each its own"
        )
    found: list[str | UserClassifier] = []
    for target in targets:
        if target is None:
            raise InputError("targets: None stands for all that there are models of, and not beside others")
        named = is_named(target)
        found.append(os.fspath(target) if named else classifier_of(target, prepare, class_names))
    return tuple(found)


class EvaluationResult(Result):
    """A finished evaluation.

    Attributes:
        folder: of its files: evaluation.csv, summary.csv, verdict.csv, worst.csv, run.json.
        evaluation: all that the folder holds, as reports take it.
    """

    def __init__(self, folder: ResultsFolder) -> None:
        super().__init__(folder)
        self.evaluation: Evaluation = self._loaded.evaluation

    def __repr__(self) -> str:
        """Return what was predicted over how many links, in a line."""
        found = self.evaluation.run["configuration"]
        link = ("preset", "channel", "modulation", "snr_db")
        links = len({tuple(row[name] for name in link) for row in self.evaluation.rows})
        return (
            f"<EvaluationResult {found['dataset']}: {links} links, {found['images']} images each, "
            f"targets {', '.join(self.evaluation.targets)}, {len(found['scores'])} scores>"
        )

    def __str__(self) -> str:
        """Return the summary and the verdict as ``./aeiqa evaluate`` prints them."""
        verdict = verdict_text(self.evaluation.verdicts) if self.evaluation.verdicts else ""
        return f"{summary_text(self.evaluation.summary)}\n\n{verdict}".rstrip()

    @cached_property
    def table(self) -> Any:
        """One row for each target, score, variant and link, with the columns of evaluation.csv."""
        return as_table(self.evaluation.rows, ("n_images",))

    @cached_property
    def summary(self) -> Any:
        """One row for each target, score, variant and set of links, with the columns of summary.csv."""
        return as_table(self.evaluation.summary)

    def plot(self) -> "Figure":
        """Return predicted against true error, a panel for each score, as a matplotlib figure."""
        from ..report.evaluation.figures import draw_scores
        from ..report.style import style

        with style():
            return draw_scores(self.evaluation, "fitted")
