#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Fits every score to the bundled targets, the last step of training."""

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tqdm import tqdm

from ...errors import InputError
from ...images import Dataset
from ...link.config import LinkConfig
from ..calibration.sets import (
    SET_IMAGES,
    SETS,
    CalibrationData,
    Damage,
    bit_flips,
    calibration_data,
    with_target,
)
from ..networks.inference import as_batch, image_shape
from ..networks.score_input import Classifier
from ..training.loop import split
from .fit_files import AWGN, fit_name, read_fits, save_fits
from .loading import SCORES, Loader

AWGN_SNR_DB = np.arange(-4.0, 24.0, 3.0)
AWGN_MODULATIONS = ("bpsk", "qpsk", "qam16", "qam64")


def awgn_link(images: np.ndarray, number: int, rng: np.random.Generator) -> np.ndarray:
    """Send images over the AWGN link ``number``, to see how a fit to one channel does on another."""
    from ...link.simulated import transmit

    modulation = AWGN_MODULATIONS[number % len(AWGN_MODULATIONS)]
    snr_db = float(AWGN_SNR_DB[number // len(AWGN_MODULATIONS) % len(AWGN_SNR_DB)])
    config = LinkConfig(
        preset="physical", channel="awgn", modulation=modulation, snr_db=snr_db, seed=int(rng.integers(2**31))
    )
    return transmit(images, config).images


VARIANTS: dict[str, tuple[Damage, int, int]] = {
    "": (bit_flips, SETS, SET_IMAGES),
    AWGN: (awgn_link, len(AWGN_MODULATIONS) * len(AWGN_SNR_DB), SET_IMAGES // 2),
}
"""Training sets of a fit by the suffix of its file: damage, number of sets, images in each."""


def fit_scores(
    data: Dataset,
    targets: Sequence[str | Classifier],
    folder: Path,
    variants: Sequence[str] = tuple(VARIANTS),
    threads: int = 1,
    scores: Sequence[str] = tuple(SCORES),
) -> list[Path]:
    """Fit every score to each target on the held-out images of ``data`` and write a file for each target.

    Scores whose encoder is not in ``folder`` are left out, so are seeds; a file that was made for the same
    models is left as it is. ``data`` are the images the models were trained on, all of them.

    Raises ``InputError`` if a target does not read the images, or there are too few of them.
    """
    loader = Loader(folder, threads)
    found = [(name, seed) for name in scores if SCORES[name].fits for seed in loader.seeds(name)]
    readers = [loader.target(target) if isinstance(target, str) else target for target in targets]
    _, held_out = split(len(data))
    images = as_batch(data.images, image_shape(data.images))[held_out]
    labels = data.labels[held_out]
    written = []
    for variant in variants:
        sets: CalibrationData | None = None
        for reader in readers:
            path = loader.folder / f"{fit_name(reader.name, variant)}.npz"
            models = {}
            for name, seed in found:
                models |= loader.digests(name, reader, max(seed, 1))
            written.append(path)
            if fitted_before(path, found, models):
                print(f"{path.stem}: made before for these models, left as it is", file=sys.stderr)
                continue
            if sets is None:
                damage, count, size = VARIANTS[variant]
                sets = calibration_data(images, labels, reader, damage=damage, sets=count, set_images=size)
            else:
                sets = with_target(sets, labels, reader)
            fits = []
            for name, seed in tqdm(found, desc=path.stem, disable=not sys.stderr.isatty()):
                score = loader.unfitted(name, reader, max(seed, 1))
                score.fit_prepared(sets)
                fits.append((seed, score))
            save_fits(path, fits, models)
            print(f"{path.stem}: {len(fits)} fits", file=sys.stderr, flush=True)
    return written


def fitted_before(path: Path, found: list[tuple[str, int]], models: dict[str, str]) -> bool:
    """Return whether a file holds these fits (score, seed), made for models of these digests."""
    try:
        arrays = read_fits(path)
    except InputError:
        return False
    wanted = {f"{name}/{seed}" for name, seed in found}
    held = {"/".join(key.split("/")[:2]) for key in arrays if not key.startswith("model/")}
    kept = {key.removeprefix("model/"): str(arrays[key]) for key in arrays if key.startswith("model/")}
    return wanted == held and kept == models
