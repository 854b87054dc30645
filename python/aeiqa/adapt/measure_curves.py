#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Measuring the error curves: training images over the real link, with white noise and nothing else."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
from gnuradio import gr

from .. import iqa
from ..aeiqa_python import channel
from ..images import Dataset, load_dataset
from ..iqa.training.loop import split
from ..link.air import AirReceiver, AirTransmitter
from ..link.air_config import AirConfig
from .curves import ErrorCurves
from .modes import read_mode

SNR_DB = tuple(float(level) for level in range(-6, 37))
IMAGES = 400
_SEED = 1


class Point(NamedTuple):
    """A mode at one of the Es/N0, the ``number``-th."""

    mode: str
    number: int
    snr_db: float

    @property
    def key(self) -> str:
        """As a name."""
        return f"{self.mode} at {self.snr_db:g} dB"


@dataclass(frozen=True)
class Work:
    """Measures a point; made anew in each worker process.

    Sent are MNIST images that no network was trained on and no test uses, 400 of them drawn for each point.

    Attributes:
        targets: names of the classifiers.
        config: of the air frames.
    """

    targets: tuple[str, ...]
    config: AirConfig

    @cached_property
    def _train(self) -> Dataset:
        return load_dataset("mnist", split="train")

    @cached_property
    def _judges(self) -> list[iqa.Judge]:
        return [iqa.Judge(iqa.load_target(name)) for name in self.targets]

    def __call__(self, point: Point) -> np.ndarray:
        """Return each target's error rate, float64 [targets]; lost images count as misclassified."""
        held_out = split(len(self._train))[1]
        chosen = np.random.default_rng([_SEED, point.number]).choice(held_out, IMAGES, replace=False)
        labels = self._train.labels[chosen]
        modulation, copies = read_mode(point.mode)
        config = replace(self.config, modulation=modulation, copies=copies, stream=1)
        received, lost = _over_noise(self._train.images[chosen], config, point.snr_db)
        answers = (judge.answers(received).classes for judge in self._judges)
        return np.array([((answer != labels) | lost).mean() for answer in answers])


def calibrate(
    work: Work,
    modes: Sequence[str],
    engine: Callable[[Work, Sequence[Point]], Iterable[tuple[Point, np.ndarray]]],
    snr_db: Sequence[float] = SNR_DB,
) -> dict[str, ErrorCurves]:
    """Measure P(misclassified) of each mode against Es/N0, for all targets at once.

    Args:
        work: measures a point, with the link and the targets.
        modes: names.
        engine: does the work at all points, in any order; as ``experiments.local.run_local``.
        snr_db: rising, dB.

    Returns:
        Each target's curves, made to fall by isotonic regression.
    """
    from ..iqa.scores.calibrators import isotonic

    points = [Point(mode, number, level) for mode in modes for number, level in enumerate(snr_db)]
    measured = dict(engine(work, points))
    levels = np.array(snr_db, np.float64)
    found = {}
    for place, target in enumerate(work.targets):
        curves = {}
        for mode in modes:
            shares = np.array([measured[point][place] for point in points if point.mode == mode])
            curves[mode] = isotonic(shares[::-1])[::-1]
        made = {"images_per_point": IMAGES, "seed": _SEED, "dataset": "mnist", "target": target}
        found[target] = ErrorCurves(levels, curves, made | {"payload_symbols": work.config.payload_symbols})
    return found


def _over_noise(images: np.ndarray, config: AirConfig, snr_db: float) -> tuple[np.ndarray, np.ndarray]:
    """Return what arrives, and bool [N], which images never came."""
    top = gr.top_block("aeiqa calibration", catch_exceptions=False)
    receiver = AirReceiver(config)
    top.connect(AirTransmitter(config, images), channel("awgn", snr_db, seed=_SEED), receiver)
    top.run()
    receiver.release()
    received, lost = np.full_like(images, config.fill), np.ones(len(images), bool)
    for got in receiver.take():
        received[got.index], lost[got.index] = got.image, False
    return received, lost
