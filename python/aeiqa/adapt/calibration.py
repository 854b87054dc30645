#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Measuring the error curves: training images over the real link, with white noise and nothing else."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from gnuradio import gr

from ..aeiqa_python import channel
from ..air import AirConfig, AirReceiver, AirTransmitter
from .curves import ErrorCurves
from .modes import MODES, read_mode

SNR_DB = tuple(range(-6, 37))
IMAGES = 400
# Every tenth training image was kept from all networks; these are for the curves.
_STRIDE = 10


def calibrate(
    images: np.ndarray,
    labels: np.ndarray,
    predict: Callable[[np.ndarray], np.ndarray],
    config: AirConfig,
    modes: Sequence[str] = MODES,
    snr_db: Sequence[float] = SNR_DB,
    seed: int = 1,
    progress: Callable[[list], Iterable] = iter,
    made: dict[str, Any] | None = None,
) -> ErrorCurves:
    """Measure P(misread) of each mode against Es/N0; images that never come are misread.

    Args:
        images: uint8 [N, H, W] that no network was trained on and no test uses; 400 of them drawn for each
            point.
        labels: their classes, integer [N].
        predict: the classifier, images to int64 [N].
        config: of the air frames.
        modes: names.
        snr_db: rising, dB.
        seed: of noise and of the choice of images.
        progress: wraps the list of points to show progress.
        made: what else the file is to say of how they were measured.

    Returns:
        The curves, made to fall by isotonic regression.
    """
    from ..iqa.calibration import Curve

    points = [(mode, level) for mode in modes for level in snr_db]
    measured: dict[str, list[float]] = {mode: [] for mode in modes}
    for mode, level in progress(points):
        rng = np.random.default_rng([seed, len(measured[mode])])
        chosen = rng.choice(len(images), min(IMAGES, len(images)), replace=False)
        modulation, copies = read_mode(mode)
        received, lost = _over_noise(
            images[chosen], replace(config, modulation=modulation, copies=copies, stream=1), level, seed
        )
        wrong = (predict(received) != labels[chosen]) | lost
        measured[mode].append(float(wrong.mean()))
    levels = np.array(snr_db, np.float64)
    curves = {mode: Curve.fit(-levels, np.array(shares))(-levels) for mode, shares in measured.items()}
    return ErrorCurves(
        levels, curves, {"images_per_point": min(IMAGES, len(images)), "seed": seed} | (made or {})
    )


def _over_noise(
    images: np.ndarray, config: AirConfig, snr_db: float, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return what arrives, and bool [N], which images never came."""
    top = gr.top_block("aeiqa calibration", catch_exceptions=False)
    receiver = AirReceiver(config)
    top.connect(AirTransmitter(config, images), channel("awgn", snr_db, seed=seed), receiver)
    top.run()
    received, lost = np.full_like(images, config.fill), np.ones(len(images), bool)
    for got in receiver.take():
        received[got.index], lost[got.index] = got.image, False
    return received, lost
