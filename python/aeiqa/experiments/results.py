#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""All that a folder of results holds, from files in it alone: nothing that they name is opened or run."""

from pathlib import Path
from typing import NamedTuple, Optional

from .adaptation.results import ADAPTATION_FILE, Adaptation, load_adaptation
from .evaluation.results import EVALUATION_FILE, Evaluation, load_evaluation
from .sweep.results import Results, load_results
from .sweep.table import TABLE_FILE


class Loaded(NamedTuple):
    """The experiments of a folder: a sweep (or None), an evaluation and a comparison (both maybe empty)."""

    sweep: Optional[Results] = None
    evaluation: Evaluation = Evaluation()
    adaptation: Adaptation = Adaptation()


def load(folder: Path) -> Loaded:
    """Read a folder of results. Raises ``InputError`` if it holds none, unfinished or damaged ones."""
    others = any((folder / name).exists() for name in (EVALUATION_FILE, ADAPTATION_FILE))
    sweep = None if others and not (folder / TABLE_FILE).exists() else load_results(folder)
    return Loaded(sweep, load_evaluation(folder), load_adaptation(folder))
