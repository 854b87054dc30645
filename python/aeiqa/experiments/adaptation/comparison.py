#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Images over traces in every mode, scored: the part of `./aeiqa adapt` that takes time."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, Optional

import numpy as np

from ... import iqa
from ...adapt.curves import ErrorCurves, load_curves
from ...adapt.modes import MODES, Mode, air_modes
from ...images import Dataset, load_dataset
from ...iqa.classifiers.targets import check_target
from ...iqa.training.loop import split
from ...link.air_config import AirConfig
from ..experiment import Experiment
from ..store import Store, versions
from .analysis import analyse
from .config import ComparisonConfig
from .policies import Outcomes
from .trace import Trace, send_over

# Raised when what is computed changes, so that old results are never mixed with new ones.
FORMAT = 3
# 22 payload symbols: an MNIST image takes 1 frame at 256-QAM, 2, 3 and 6 at 16-QAM, QPSK and BPSK.
FRAMES = AirConfig(payload_symbols=22)
SCORE = "blind"  # what the receiver reports: the score that takes nothing but what arrived
SENT_MODES = ("bpsk", *MODES, "qam64")
RECORD = np.dtype([("wrong", "?"), ("lost", "?"), ("error", "<f8"), ("snr_db", "<f8")])


class Unit(NamedTuple):
    """All images of one trace in one mode."""

    condition: str
    seed: int
    mode: str

    @property
    def key(self) -> str:
        """As a file name."""
        return f"{self.condition}-{self.seed}-{self.mode}"


class Worker:
    """Sends and scores a unit; made anew in each worker process."""

    def __init__(self, config: ComparisonConfig, slot: int) -> None:
        self._config, self._slot = config, slot

    @cached_property
    def _sets(self) -> tuple[Dataset, Dataset]:
        return load_dataset("mnist"), load_dataset("mnist", split="train")

    @cached_property
    def _judge(self) -> iqa.Judge:
        target = iqa.load_target(self._config.target)
        return iqa.Judge(target, iqa.load_score(SCORE, target))

    def __call__(self, unit: Unit) -> np.ndarray:
        """Return a ``RECORD`` for each image."""
        images, labels = self._images(unit.seed)
        trace = self.trace(unit.condition, unit.seed)
        arrived = send_over(trace, images, FRAMES, unit.mode)
        answers, score = self._judge(arrived.images)
        records = np.empty(len(images), RECORD)
        records["lost"] = arrived.lost
        records["wrong"] = (answers.classes != labels) | arrived.lost
        # What never came the receiver knows to be of no use.
        records["error"] = np.where(arrived.lost, 1.0, score.per_image)
        records["snr_db"] = arrived.snr_db
        return records

    def trace(self, condition: str, seed: int) -> Trace:
        """Return the trace of a seed."""
        return Trace(condition, self._config.images, self._slot, self._config.snr_db, seed)

    def _images(self, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """Draw test images, or, to calibrate, training images that no network has seen."""
        test, train = self._sets
        rng = np.random.default_rng([seed, 5])
        if seed in self._config.calibration_seeds:
            held_out = split(len(train))[1]
            chosen = rng.choice(held_out, self._config.images, replace=self._config.images > len(held_out))
            return train.images[chosen], train.labels[chosen]
        chosen = rng.choice(len(test), self._config.images, replace=False)
        return test.images[chosen], test.labels[chosen]


class Comparison(Experiment):
    """A comparison whose models, data and error curves are there.

    ``rows`` are those of adaptation.csv, unrounded, once they are made.

    Args:
        config: what to compare.
        curves: file with the target's error curves; None: the project's.

    Raises:
        InputError: a model or the error curves are missing.
    """

    kind, noun = "comparison of link adaptation", "trace"
    default_folder = Path("results") / "adaptation"

    def __init__(self, config: ComparisonConfig, curves: Optional[Path] = None) -> None:
        check_target(config.target)
        self.config = config
        self.curves: ErrorCurves = load_curves(config.target, curves)
        target, score = iqa.load_target(config.target), iqa.load_score(SCORE, config.target)
        dataset = load_dataset("mnist")
        # The content that decides results: of files of the same names it may change.
        self._digests = {
            "dataset_digest": dataset.digest,
            "models": {"target": target.card["sha256"], "score": score.card["sha256"]},
            "curves_digest": _digest(self.curves),
        }
        nbytes = dataset.images[0].nbytes
        self.modes: tuple[Mode, ...] = air_modes(FRAMES, nbytes, SENT_MODES)
        self.compute = Worker(config, int(max(mode.air_time for mode in self.modes)))
        self.units = [
            Unit(condition, seed, mode.name)
            for condition in config.conditions
            for seed in (*config.seeds, *config.calibration_seeds)
            for mode in self.modes
        ]
        self.rows: list[dict[str, Any]] = []

    @property
    def adapted(self) -> tuple[Mode, ...]:
        """The modes that policies choose from."""
        return tuple(mode for mode in self.modes if mode.name in MODES)

    def images_per_second(self, air_time: float) -> float:
        """Return images a second of air time, for a mean air time of an image in OFDM symbols."""
        return self.config.rate / (air_time * FRAMES.symbol_len)

    def description(self) -> dict:
        """Return the content of run.json."""
        return {
            "configuration": {
                "format": FORMAT,
                **asdict(self.config),
                "modes": SENT_MODES,
                **self._digests,
            },
            "snr_definition": "SNR is Es/N0 of an occupied carrier, mean over fading and shadowing.",
            "curves": dict(self.curves.made),
            "air_times": {mode.name: mode.air_time for mode in self.modes},
            "images_per_s_of_a_symbol": self.images_per_second(1.0),
            "versions": versions(),
        }

    def write_tables(self, store: Store) -> None:
        """Write trace.csv, frontier.csv and adaptation.csv."""
        self.rows = analyse(self, store)

    def outcomes(self, store: Store, condition: str, seeds: Sequence[int]) -> list[Outcomes]:
        """Return what became of each seed's trace.

        Raises:
            InputError: a unit is not there.
        """
        found = []
        for seed in seeds:
            columns = [store[Unit(condition, seed, mode.name)] for mode in self.modes]
            wrong, error, snr_db = (
                np.stack([c[name] for c in columns], axis=1) for name in ("wrong", "error", "snr_db")
            )
            found.append(Outcomes(self.modes, wrong, error, snr_db))
        return found


def _digest(curves: ErrorCurves) -> str:
    content = {name: curve.tolist() for name, curve in curves.curves.items()}
    return hashlib.sha256(json.dumps([curves.snr_db.tolist(), content], sort_keys=True).encode()).hexdigest()
