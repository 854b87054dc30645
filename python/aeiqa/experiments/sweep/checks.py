#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Checks of images, classifier and score before a sweep begins."""

from typing import Optional

import numpy as np

from ... import iqa
from ...errors import InputError
from ...images import Dataset
from ...iqa.classifiers.user_network import target_name
from .config import SweepConfig
from .unit import SSIM_WINDOWS


def check_sizes(dataset: Dataset, window: str) -> None:
    """Raise ``InputError`` for an image that is smaller than SSIM's window."""
    least = SSIM_WINDOWS[window]
    for index, image in enumerate(dataset.images):
        if isinstance(least, int) and min(image.shape[:2]) < least:
            rows, columns = image.shape[:2]
            raise InputError(
                f"dataset {dataset.name}: image {index} is {rows}x{columns} pixels, ssim_window "
                f"{window} takes at least {least}x{least}; --ssim-window gaussian takes any"
            )
        if isinstance(dataset.images, np.ndarray):
            return


def check_models(
    config: SweepConfig, dataset: Dataset
) -> tuple["iqa.Target | iqa.UserClassifier", Optional[iqa.Estimator], dict[str, str]]:
    """Return target, score and the models' digests, having found that all load and read these images."""
    name, score_name = config.target, config.score_name
    assert name is not None
    if dataset.labels is None:
        raise InputError(
            f"dataset {dataset.name} has no labels to check the classifier against: use --target none"
        )
    if iqa.is_own(name) and score_name is not None and config.models is None:
        raise InputError(
            f"score {score_name} has not been fitted to {target_name(name)}: --models names the folder that "
            "./aeiqa train --target made"
        )
    try:
        folder = config.models_folder
    except InputError as error:
        raise InputError(f"{error}; or use --target none") from None
    target = name
    if isinstance(target, str):
        target = iqa.load_target(target, folder, class_names=dataset.class_names)
    samples = list({image.shape: image for image in dataset.images}.values())
    iqa.Judge(target).answers(samples)
    classes = target.card["architecture"]["classes"]
    if dataset.labels.max() >= classes:
        raise InputError(
            f"dataset {dataset.name} has label {dataset.labels.max()}, target {target.name} knows 0 to "
            f"{classes - 1}: use --target none"
        )
    digests = {"target": target.card["sha256"]}
    if target.card.get("answers"):  # of a user's classifier, beside its files
        digests |= {"target_answers": target.card["answers"], "target_runtime": target.card["runtime"]}
    if score_name is None:
        return target, None, digests
    score = iqa.load_score(score_name, target=target, path=folder)
    score.features(samples)
    return target, score, {**digests, "score": score.card["sha256"]}
