#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""An evaluation from plan to tables."""

import json
from pathlib import Path

from ...errors import InputError
from ...files import atomic_write
from ..layout import EVALUATION_FILE, SUMMARY_FILE, WORST_FILE
from ..local import run_local, worker_count
from ..store import FolderStore
from .config import EvaluationLink
from .plan import Plan
from .summary import SUMMARY_COLUMNS, summarise

EVALUATION_COLUMNS = (
    "dataset", "target", "score", "variant", "seed", "preset", "channel", "modulation", "snr_db", "n_images",
    "true_error_pct", "predicted_error_pct", "predicted_low_pct", "predicted_high_pct", "auroc", "raw",
)  # fmt: skip
WORST_COLUMNS = (
    "dataset", "target", "score", "preset", "channel", "modulation", "snr_db", "kind", "index", "label",
    "answer", "value",
)  # fmt: skip


class EvaluationStore(FolderStore):
    """The folder of one evaluation: a JSON file for each link that is done."""

    what = "evaluation"

    def write(self, link: EvaluationLink, result: dict) -> None:
        """Keep what was found over a link."""
        with atomic_write(self._path(link)) as file:
            file.write(json.dumps(result).encode())

    def read(self, link: EvaluationLink) -> dict | None:
        """Return what was found over a link, or None if that has to be done (again)."""
        try:
            result = json.loads(self._path(link).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return result if isinstance(result, dict) and {"rows", "worst"} <= set(result) else None

    def _path(self, link: EvaluationLink) -> Path:
        return self.units / f"{link.key}.json"


def run_evaluation(plan: Plan, folder: Path | None = None, workers: int | None = None) -> Path:
    """Do what is missing of an evaluation, write its tables, and return its folder.

    Writes evaluation.csv (a row per link and case), summary.csv (over sets of links, with the range over
    training seeds), worst.csv (images each score got most wrong) and run.json. Interrupted at any point, the
    same call goes on from the links that are finished.

    Raises ``InputError`` if ``folder`` holds something else, ``OSError`` if it cannot be written.
    """
    workers = worker_count(workers)
    folder = folder or plan.default_folder
    with EvaluationStore(folder, plan.run_description()) as store:
        missing = [link for link in plan.links if store.read(link) is None]
        if len(missing) < len(plan.links):
            print(f"{folder}: {len(plan.links) - len(missing)} of {len(plan.links)} links are there already")
        store.keep(run_local(plan.work, missing, workers), len(missing), len(plan.links), "link")
        _write(plan, store)
    return folder


def _write(plan: Plan, store: EvaluationStore) -> None:
    results = []
    for link in plan.links:
        result = store.read(link)
        if result is None:
            raise InputError(f"{store.folder}: {link.key} was damaged meanwhile: run the evaluation again")
        results.append(result)
    rows = [{"dataset": plan.dataset.name, **row} for result in results for row in result["rows"]]
    worst = [{"dataset": plan.dataset.name, **row} for result in results for row in result["worst"]]
    store.write_csv(EVALUATION_FILE, EVALUATION_COLUMNS, rows)
    store.write_csv(WORST_FILE, WORST_COLUMNS, worst)
    # Last: where there is a summary, there is everything.
    store.write_csv(SUMMARY_FILE, SUMMARY_COLUMNS, summarise(rows))
