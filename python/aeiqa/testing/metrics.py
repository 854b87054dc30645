#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The contract of a metric: one number an image."""

from collections.abc import Callable
from typing import Literal, Optional

import numpy as np

from .images import damaged, require, require_equal, require_refused

_SHAPES = ((28, 28), (20, 33, 3), (28, 28), (20, 24), (20, 33, 3), (64, 16, 3))
_RTOL = 1e-12


def check_metric(
    metric: Callable[..., np.ndarray],
    better: Optional[Literal["high", "low"]] = None,
    compares: bool = True,
    dtype: type = np.float64,
) -> None:
    """Check that a function may be a metric.

    It returns one number an image, the same each time, in whatever company and order (to 1e-12), for an array
    and a list, and with one channel as without; images are left as they were, what is no set of uint8 images
    is rejected, and so are sets that differ.

    Args:
        metric: of images sent and received, or of received ones alone.
        better: "high" or "low": which way undamaged images are better; it then has to fall, or rise, with the
            share of wrong bits. None: it need not.
        compares: whether it takes the images sent.
        dtype: of the result.

    Raises:
        AssertionError: something does not hold; in one line.

    Example:
        >>> from gnuradio.aeiqa import metrics, testing
        >>> testing.check_metric(metrics.ber, better="low")
        >>> testing.check_metric(metrics.piqe, compares=False)
    """
    name = getattr(metric, "__name__", repr(metric))

    def of(sent, received):
        return metric(sent, received) if compares else metric(received)

    rng = np.random.default_rng(5)
    sent = [_smooth(rng, shape) for shape in _SHAPES]
    received = [damaged(image, 0.05, seed) for seed, image in enumerate(sent)]
    before = [image.copy() for image in (*sent, *received)]
    found = of(sent, received)
    for image, was in zip((*sent, *received), before, strict=True):
        require_equal(image, was, f"metric {name}: images must be left as they were")
    require(
        isinstance(found, np.ndarray) and found.dtype == dtype and found.shape == (len(sent),),
        f"metric {name}: must return {np.dtype(dtype)} [{len(sent)}], got "
        f"{getattr(found, 'dtype', type(found))} {list(np.shape(found))}",
    )
    require(not np.isnan(found).any(), f"metric {name}: must not be nan, got {found.tolist()}")
    require_equal(of(sent, received), found, f"metric {name}: the same images must give the same")
    text = f"metric {name}: must not depend on"
    require_equal(of(sent[::-1], received[::-1])[::-1], found, f"{text} the order of images", _RTOL)
    alone = np.concatenate([of([a], [b]) for a, b in zip(sent, received, strict=True)])
    require_equal(alone, found, f"{text} other images", _RTOL)
    grey = np.stack([sent[0], sent[2]]), np.stack([received[0], received[2]])
    require_equal(of(*grey), found[[0, 2]], f"{text} whether images come as an array", _RTOL)
    with_axis = [images[..., np.newaxis] for images in grey]
    require_equal(of(*with_axis), found[[0, 2]], f"{text} an axis for one channel", _RTOL)
    if better is not None:
        sign = 1.0 if better == "low" else -1.0
        levels = [sign * of(grey[0], damaged(grey[0], rate)).mean() for rate in (0.0, 0.02, 0.1, 0.4)]
        require(
            levels == sorted(levels) and levels[0] < levels[-1],
            f"metric {name}: must get worse with 0, 2, 10 and 40 % of wrong bits, got "
            f"{[sign * level for level in levels]}",
        )
    require_refused(lambda: of(grey[0] / 255.0, grey[1] / 255.0), f"metric {name}: floating-point images")
    require_refused(lambda: of(grey[0][0], grey[1][0]), f"metric {name}: an image that is no set of images")
    require_refused(lambda: of([None], [None]), f"metric {name}: what is no image")
    if compares:
        require_refused(lambda: of(sent, received[1:]), f"metric {name}: sets of different sizes")
        require_refused(lambda: of(grey[0], grey[1][:, 1:]), f"metric {name}: images of different shapes")


def _smooth(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Return a picture that is no noise: a ramp with a bright disc."""
    rows, columns = np.indices(shape[:2])
    centre = rng.uniform(0.3, 0.7, 2) * shape[:2]
    disc = np.hypot(rows - centre[0], columns - centre[1]) < min(shape[:2]) / 4
    grey = np.where(disc, 220, 2 * rows + 3 * columns + rng.integers(0, 30)).astype(np.uint8)
    return (
        np.stack([grey + 10 * channel for channel in range(shape[2])], axis=2).astype(np.uint8)
        if len(shape) == 3
        else grey
    )
