#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Scores for a user's own classifier: encoders trained on the user's pictures, fitted to what it misreads."""

from pathlib import Path

from ...errors import InputError
from ...images import Dataset
from ..classifiers.user_classifier import UserClassifier
from ..networks.recipes import RECIPES, train_models
from ..networks.training import HELD_OUT_STRIDE, TrainingSettings, split
from .fit_scores import fit_scores
from .fitting import MIN_IMAGES

ENCODERS = ("encoder", "noise-encoder")
# Fewer pictures are gone through more often: an encoder takes this many steps to learn anything.
STEPS = 1500


def train_user_scores(
    target: str,
    data: Dataset,
    folder: Path,
    seed: int = 1,
    epochs: int | None = None,
    threads: int = 1,
) -> list[Path]:
    """Train encoders on ``data``, fit the scores to ``target`` on its held-out tenth; return the fits' files.

    All goes to ``folder``; what is there already of the same training is left as it is. Raises ``InputError``
    if the classifier does not read the pictures, or there are too few of them.
    """
    reader = UserClassifier(target, data.class_names, threads)
    if data.labels is None:
        raise InputError(f"{data.name}: training needs labels: a sub-folder for each class")
    if len(data) < MIN_IMAGES * HELD_OUT_STRIDE:
        raise InputError(
            f"{data.name}: {len(data)} pictures, training takes at least {MIN_IMAGES * HELD_OUT_STRIDE}: "
            f"every {HELD_OUT_STRIDE}th is kept to fit the scores"
        )
    reader.predict(data.images[:1])  # what does not fit is told before training rather than after
    for name in ENCODERS:
        train_models([name], data, None, folder, seed, epochs or _epochs(name, data), threads)
    return fit_scores(data, [reader], folder, variants=("",), threads=threads)


def _epochs(name: str, data: Dataset) -> int:
    trained, _ = split(len(data))
    steps = -(-len(trained) // TrainingSettings.batch)
    return max(RECIPES[name].epochs, -(-STEPS // steps))
