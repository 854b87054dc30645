#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""An evaluation that has been checked."""

import hashlib
from pathlib import Path

from .. import iqa
from ..errors import InputError
from ..images import load_dataset
from ..sweep import grid
from ..sweep.plan import versions
from .config import LINK_SETS, PHYSICAL_SNR_DB, EvaluationConfig, EvaluationLink
from .work import Work

# Raised when what is computed changes, so that old results are never mixed with new ones.
FORMAT = 1


class Plan:
    """A checked evaluation: test images loaded, every model and every fit there. Nothing computed yet."""

    def __init__(self, config: EvaluationConfig):
        """Raises ``InputError`` naming the first thing that would not work."""
        for name, given, known in (
            ("--targets", config.targets, iqa.TARGETS),
            ("--scores", config.scores, iqa.SCORES),
            ("--links", config.links, LINK_SETS),
        ):
            for value in given:
                if value not in known:
                    raise InputError(f"{name} must be among {', '.join(known)}, got {value!r}")
        self.config = config
        dataset = load_dataset(config.dataset)
        self.dataset = dataset if config.images is None else dataset.take(config.images)
        self.links = [
            EvaluationLink(preset, *condition)
            for preset in config.links
            for condition in grid.conditions(grid.CHANNELS, grid.MODULATIONS, PHYSICAL_SNR_DB)
        ]
        self.work = Work(self.dataset, config)
        self.models = self.work.model_digests()

    def run_description(self) -> dict:
        """Return what run.json holds; ``configuration`` decides whether two evaluations are the same."""
        return {
            "configuration": {
                "format": FORMAT,
                "dataset": self.dataset.name,
                "images": len(self.dataset),
                "dataset_digest": self.dataset.digest,
                "targets": self.config.targets,
                "scores": self.config.scores,
                "links": self.config.links,
                "seed": self.config.seed,
                "models": self.models,
            },
            "snr_definition": " ".join(
                dict.fromkeys(link.config(self.config.seed).snr_definition for link in self.links)
            ),
            "versions": versions(),
        }

    @property
    def default_folder(self) -> Path:
        """Where results go unless told otherwise."""
        name = f"evaluation-{self.dataset.name}"
        if self.config != EvaluationConfig(dataset=self.config.dataset):
            digest = hashlib.sha256(repr(self.config).encode()).hexdigest()
            name += f"-{len(self.dataset)}-{digest[:8]}"
        return Path("results") / name
