#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""An evaluation that has been checked."""

import dataclasses
import hashlib
from pathlib import Path
from typing import Optional

import numpy as np

from ... import iqa
from ...errors import InputError
from ...images import Dataset, load_dataset
from ...iqa.classifiers.targets import trained_targets
from ...iqa.networks.devices import computing_on, device_facts, device_name, found_device
from ...iqa.scores.loading import Loader
from ...link.simulated import transmit
from ..csv_tables import rounded
from ..experiment import Experiment
from ..pictures import Candidate, Mistakes, mistakes, thumbnail
from ..store import Store, versions
from ..sweep import grid
from ..sweep.config import source_of
from .config import PHYSICAL_SNR_DB, EvaluationConfig, EvaluationLink
from .results import (
    EVALUATION_COLUMNS,
    EVALUATION_FILE,
    PICTURES,
    SUMMARY_FILE,
    VERDICT_FILE,
    WORST_COLUMNS,
    WORST_FILE,
    worst_of,
)
from .summary import SUMMARY_COLUMNS, summarise, with_top5
from .verdict import VERDICT_COLUMNS, verdicts
from .worker import Worker

# Raised when what is computed changes, so that old results are never mixed with new ones.
FORMAT = 4


class Plan(Experiment):
    """An evaluation: test images loaded, every model and every fit there.

    ``folder`` is where the models are.
    """

    kind, noun = "evaluation", "link"

    def __init__(self, config: EvaluationConfig, dataset: Optional[Dataset] = None):
        """Check that everything is there; ``dataset``: the one to send, in place of loading ``config``'s.

        Raises:
            InputError: naming the first thing that would not work.
        """
        for name, given, known in (
            ("--targets", [name for name in config.targets or () if not iqa.is_own(name)], iqa.TARGETS),
            ("--scores", config.scores or (), iqa.SCORES),
        ):
            for value in given:
                if value not in known:
                    raise InputError(f"{name} must be among {', '.join(known)}, got {value!r}")
        self._asked = config
        if dataset is None:
            dataset = load_dataset(config.dataset)
        loader = Loader(_models_folder(config), 1, config.dataset, dataset.class_names)
        self.folder = loader.folder
        self.config = config = _resolved(config, loader)
        if dataset.labels is None:
            raise InputError(f"dataset {dataset.name} has no labels, which tell what a target misclassifies")
        self.dataset = dataset if config.images is None else dataset.take(config.images)
        self.units = [
            EvaluationLink(preset, *condition)
            for preset in config.links
            for condition in grid.conditions(grid.CHANNELS, grid.MODULATIONS, PHYSICAL_SNR_DB)
        ]
        self.device = found_device(config.device)
        self.compute = Worker(self.dataset, config, self.device)
        with computing_on(self.device):
            self.models = self.compute.model_digests()
            self.compute.check_images()
            self.clean_errors = [
                loader.clean_errors(loader.target(name), *self.dataset.labelled)
                for name in config.targets
                if iqa.is_own(name)
            ]

    def description(self) -> dict:
        """Return the content of run.json."""
        return {
            "configuration": {
                "format": FORMAT,
                "dataset": self.dataset.name,
                "images": len(self.dataset),
                "dataset_digest": self.dataset.digest,
                "targets": self.compute.target_names,
                "scores": self.config.scores,
                "links": self.config.links,
                "seed": self.config.seed,
                "models": self.models,
                **device_facts(self.device),
            },
            "device": device_name(self.device),
            "dataset_source": source_of(self.config.dataset),
            **({"clean_errors": [each.as_json() for each in self.clean_errors]} if self.clean_errors else {}),
            "snr_definition": " ".join(
                dict.fromkeys(self.compute.link_config(link).snr_definition for link in self.units)
            ),
            "versions": versions(),
        }

    @property
    def default_folder(self) -> Path:
        """Default folder of the results."""
        name = f"evaluation-{self.dataset.name}"
        if self._asked != EvaluationConfig(dataset=self.config.dataset):
            digest = hashlib.sha256(repr(self._asked).encode()).hexdigest()
            name += f"-{len(self.dataset)}-{digest[:8]}"
        return Path("results") / name

    def write_tables(self, store: Store) -> None:
        """Write evaluation.csv, worst.csv, the verdict and the pictures of a report, then summary.csv.

        evaluation.csv has a row per link and case, summary.csv one over sets of links, with the range over
        training seeds; worst.csv the images each score got most wrong.
        """
        name, results = self.dataset.name, [store[link] for link in self.units]
        rows, worst = (
            [{"dataset": name, **row} for result in results for row in result[part]]
            for part in ("rows", "worst")
        )
        summary = summarise(rows)
        store.write_csv(EVALUATION_FILE, with_top5(EVALUATION_COLUMNS, rows), rows)
        store.write_csv(WORST_FILE, WORST_COLUMNS, worst)
        if store.read(PICTURES) is None:
            store.write(PICTURES, self._mistakes(worst))
        # Of the same digits as the tables, or a bound met here might be missed there.
        found = verdicts(rounded(rows, EVALUATION_COLUMNS), rounded(summary, SUMMARY_COLUMNS))
        store.write_csv(VERDICT_FILE, VERDICT_COLUMNS, [verdict.as_row() for verdict in found])
        # Last: where there is a summary, there is everything.
        store.write_csv(SUMMARY_FILE, with_top5(SUMMARY_COLUMNS, summary), summary)

    def _mistakes(self, worst: list[dict]) -> dict[str, dict[str, Mistakes]]:
        """Return the images most misjudged, by target and score, sent once more as they were."""
        chosen = {
            (row["target"], row["score"]): worst_of(worst, row["score"], row["target"], self.dataset.indices)
            for row in worst
        }
        arrived = self._arrived([each for rows in chosen.values() for row in rows for each in row])
        images, names = self.dataset.images, self.dataset.class_names
        found: dict[str, dict[str, Mistakes]] = {}
        for (target, score), rows in chosen.items():
            pictures = (mistakes(row, images, names, lambda *key: arrived[key]) for row in rows)
            found.setdefault(target, {})[score] = Mistakes(*pictures)
        return found

    def _arrived(self, chosen: list[Candidate]) -> dict[tuple, np.ndarray]:
        """Return the images of candidates as they arrived, thumbnails by (position, link): link by link."""
        found = {}
        for link in dict.fromkeys(candidate.link for candidate in chosen):
            config = self.compute.link_config(EvaluationLink(*link))
            size, bursts = config.images_per_burst, {}
            for position in (each.position for each in chosen if each.link == link):
                first = position // size * size
                if first not in bursts:
                    sent = list(self.dataset.images[first : first + size])
                    bursts[first] = transmit(sent, config, first_index=first).images
                found[position, link] = thumbnail(bursts[first][position - first])
        return found


def _models_folder(config: EvaluationConfig) -> Path | None:
    """Folder of the models; None: the project's own, which has no models of a user's target."""
    own = [name for name in config.targets or () if iqa.is_own(name)]
    if own and config.models is None:
        raise InputError(iqa.no_models_text(own[0]))
    return config.models


def _resolved(config: EvaluationConfig, loader: Loader) -> EvaluationConfig:
    """Fill in the targets and scores that there are models of; a score asked for has to have one."""
    targets, scores = config.targets, config.scores
    if targets is None:
        targets = tuple(trained_targets(loader.folder))
    if not targets:
        raise InputError(
            f"{loader.folder}: holds no target; ./aeiqa train makes them, --target names your own"
        )
    if scores is None:
        scores = tuple(name for name in iqa.SCORES if loader.seeds(name))
        for target in (name for name in targets if iqa.is_own(name)):
            fitted = loader.fitted(loader.target(target).name)
            scores = tuple(name for name in scores if name in fitted)
    for name in scores:
        if not loader.seeds(name):
            raise InputError(f"score {name}: {loader.folder} has no encoder of it; ./aeiqa train makes it")
    return dataclasses.replace(config, targets=targets, scores=scores)
