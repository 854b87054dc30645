#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The contract of a target: a classifier of images."""

import numpy as np

from ..iqa.networks.score_input import Classifier
from .images import damaged, require, require_equal, require_refused, test_images


def check_target(target: Classifier, images: np.ndarray | None = None, rtol: float = 0.0) -> None:
    """Check that a classifier may be a target.

    It has a name. ``probabilities`` are float32 [N, classes], between 0 and 1 and in sum 1; ``predict``
    returns their largest, int64 [N]. Both are the same each time, whatever other images come along and in
    whatever order, for an array and a list; images are left as they were; others than uint8 are rejected.

    Args:
        target: the classifier.
        images: uint8 [N, H, W] or [N, H, W, C] that it reads, at least 8; None: MNIST's.
        rtol: relative difference of probabilities allowed for an image in other company; 0 for the project's
            own, while networks in other formats may round by the place in a batch.

    Raises:
        AssertionError: something does not hold; in one line.

    Example:
        >>> from gnuradio.aeiqa import iqa, testing
        >>> testing.check_target(iqa.load_target("paper"))
    """
    images = test_images() if images is None else images
    images = np.concatenate([images, damaged(images, 0.1)])
    name = getattr(target, "name", None)
    require(isinstance(name, str) and name, f"name must be a text, got {name!r}")
    before = images.copy()
    classes, found = target.predict(images), target.probabilities(images)
    require_equal(images, before, f"target {name}: images must be left as they were")
    count = len(images)
    for what, array, dtype, ndim in (
        ("predict", classes, np.int64, 1),
        ("probabilities", found, np.float32, 2),
    ):
        require(isinstance(array, np.ndarray), f"target {name}: {what} must return an array")
        require(
            array.dtype == dtype and array.ndim == ndim and len(array) == count,
            f"target {name}: {what} must return {np.dtype(dtype)} of {ndim} axes for {count} images, got "
            f"{array.dtype} {list(array.shape)}",
        )
    require(
        np.isfinite(found).all() and found.min() >= 0.0 and found.max() <= 1.0,
        f"target {name}: probabilities must be from 0 to 1, got {found.min()} to {found.max()}",
    )
    sums = found.sum(axis=1)
    require(
        np.allclose(sums, 1.0, atol=1e-3),
        f"target {name}: probabilities of an image must sum to 1, got {sums[np.abs(sums - 1).argmax()]}",
    )
    require_equal(
        classes, found.argmax(axis=1), f"target {name}: predict must return the most probable class"
    )
    require_equal(target.probabilities(images), found, f"target {name}: the same images must give the same")
    text = f"target {name}: probabilities must not depend on"
    require_equal(target.probabilities(images[::-1])[::-1], found, f"{text} the order of images", rtol)
    for chosen in (slice(0, 1), slice(count - 1, count), slice(3, 7)):
        require_equal(target.probabilities(images[chosen]), found[chosen], f"{text} other images", rtol)
    require_equal(target.probabilities(list(images)), found, f"{text} whether images come as a list", rtol)
    for call in (target.predict, target.probabilities):
        require_refused(lambda call=call: call(images / 255.0), f"target {name}: floating-point images")
