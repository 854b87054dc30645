#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""An evaluation that has been checked."""

import dataclasses
import hashlib
from pathlib import Path

from ... import iqa
from ...errors import InputError
from ...images import load_dataset
from ...iqa.classifiers.targets import trained_targets
from ...iqa.scores.loading import Loader
from ..sweep import grid
from ..sweep.plan import source_of, versions
from .config import PHYSICAL_SNR_DB, EvaluationConfig, EvaluationLink
from .work import Work

# Raised when what is computed changes, so that old results are never mixed with new ones.
FORMAT = 1


class Plan:
    """A checked evaluation: test images loaded, every model and every fit there. Nothing computed yet.

    ``folder`` is where the models are.
    """

    def __init__(self, config: EvaluationConfig):
        """Raises ``InputError`` naming the first thing that would not work."""
        for name, given, known in (
            ("--targets", [name for name in config.targets or () if not iqa.is_own(name)], iqa.TARGETS),
            ("--scores", config.scores or (), iqa.SCORES),
        ):
            for value in given:
                if value not in known:
                    raise InputError(f"{name} must be among {', '.join(known)}, got {value!r}")
        self._asked = config
        loader = Loader(_models_folder(config), 1, config.dataset)
        self.folder = loader.folder
        self.config = config = _resolved(config, loader)
        dataset = load_dataset(config.dataset)
        if dataset.labels is None:
            raise InputError(f"dataset {dataset.name} has no labels, which tell what a target misreads")
        self.dataset = dataset if config.images is None else dataset.take(config.images)
        self.links = [
            EvaluationLink(preset, *condition)
            for preset in config.links
            for condition in grid.conditions(grid.CHANNELS, grid.MODULATIONS, PHYSICAL_SNR_DB)
        ]
        self.work = Work(self.dataset, config)
        self.models = self.work.model_digests()
        self.work.check_images()

    def run_description(self) -> dict:
        """Return what run.json holds; ``configuration`` decides whether two evaluations are the same."""
        return {
            "configuration": {
                "format": FORMAT,
                "dataset": self.dataset.name,
                "images": len(self.dataset),
                "dataset_digest": self.dataset.digest,
                "targets": self.work.target_names,
                "scores": self.config.scores,
                "links": self.config.links,
                "seed": self.config.seed,
                "models": self.models,
            },
            "dataset_source": source_of(self.config.dataset),
            "snr_definition": " ".join(
                dict.fromkeys(link.config(self.config.seed).snr_definition for link in self.links)
            ),
            "versions": versions(),
        }

    @property
    def default_folder(self) -> Path:
        """Where results go unless told otherwise."""
        name = f"evaluation-{self.dataset.name}"
        if self._asked != EvaluationConfig(dataset=self.config.dataset):
            digest = hashlib.sha256(repr(self._asked).encode()).hexdigest()
            name += f"-{len(self.dataset)}-{digest[:8]}"
        return Path("results") / name


def _models_folder(config: EvaluationConfig) -> Path | None:
    """Where the models are; None: the project's own, which has none of a user's target."""
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
    for name in scores:
        if not loader.seeds(name):
            raise InputError(f"score {name}: {loader.folder} has no encoder of it; ./aeiqa train makes it")
    return dataclasses.replace(config, targets=targets, scores=scores)
