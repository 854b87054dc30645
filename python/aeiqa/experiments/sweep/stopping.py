#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Stopping rules: how many images a link needs until what is measured on it is precise enough."""

import math
from dataclasses import dataclass
from typing import NamedTuple, Optional

import numpy as np

from ...errors import InputError
from ...metrics import binomial_interval

DEFAULT_MOST = 100_000  # images of a link
# What is added to a link at a time, of what it has: so much more than needed is sent at worst.
_GROWTH = 16
_LEAST = 8
# A first guess may be far too high: a link gets so many times what it has before it is looked at again.
_MOST_AT_ONCE = 8


class Counts(NamedTuple):
    """What is known of a link after some images: how many, how many misclassified, how many bits wrong."""

    images: int
    misclassified: int
    bit_errors: int


def parse_until(text: str, option: str = "until") -> float:
    """Return the points of "error:1". Raises ``InputError`` for anything else."""
    name, colon, points = text.partition(":")
    try:
        value = float(points) if name == "error" and colon else math.nan
    except ValueError:
        value = math.nan
    if not 0 < value < 50:
        raise InputError(f"{option} must be error:POINTS with points above 0 and below 50, got {text!r}")
    return value


@dataclass(frozen=True)
class StoppingRule:
    """When a link has had enough images.

    Attributes:
        points: half width of the 95 % interval of the error rate, in points, that is small enough; None: any.
        min_bit_errors: wrong bits that are enough; None: any number.
        most: images of a link, at most.
    """

    points: Optional[float]
    min_bit_errors: Optional[int]
    most: int

    def is_met(self, counts: Counts) -> bool:
        """Return whether the link is as precise as asked, or has had all the images it may have."""
        return counts.images >= self.most or self.is_precise(counts)

    def is_precise(self, counts: Counts) -> bool:
        """Return whether the link is as precise as asked."""
        enough_errors = self.min_bit_errors is None or counts.bit_errors >= self.min_bit_errors
        return enough_errors and (
            self.points is None or half_width(counts.misclassified, counts.images) <= self.points
        )

    def estimate(self, counts: Counts) -> int:
        """Return how many images the link will need, going by those that it has had."""
        needed = counts.images
        if self.min_bit_errors is not None:
            needed = max(needed, math.ceil(self.min_bit_errors * counts.images / max(counts.bit_errors, 0.5)))
        if self.points is not None:
            share = counts.misclassified / counts.images
            low, high = counts.images, max(self.most, counts.images)
            while low < high:  # the half width falls as the number grows
                middle = (low + high) // 2
                if half_width(share * middle, middle) <= self.points:
                    high = middle
                else:
                    low = middle + 1
            needed = max(needed, low)
        return min(needed, self.most, _MOST_AT_ONCE * counts.images)


def half_width(misclassified: float, images: int) -> float:
    """Return half the width of the 95 % interval of an error rate, in points."""
    low, high = binomial_interval(misclassified, images)
    return 50.0 * float(high - low)


def further_spans(images: int, most: int, largest: int) -> list[tuple[int, int]]:
    """Return the (start, stop) of all that may follow the first ``images`` positions of a link, in order.

    Each is a sixteenth of what comes before it, at most ``largest``, so that little is sent in vain.
    """
    spans, start = [], images
    while start < most:
        stop = min(start + min(largest, max(_LEAST, start // _GROWTH)), most)
        spans.append((start, stop))
        start = stop
    return spans


def order_of(images: int, start: int, stop: int) -> np.ndarray:
    """Return which image of a set of ``images`` is sent at each position of a link, int64 [stop - start].

    The first pass goes in the set's order; each further one in an order of its own, always the same, so that
    a part of a pass has every kind of image although the set may be sorted.
    """
    chosen = np.arange(start, stop)
    first, last = start // images, (stop - 1) // images
    for number in range(max(first, 1), last + 1):
        order = np.random.default_rng([3, number]).permutation(images)
        own = chosen[(chosen >= number * images) & (chosen < (number + 1) * images)]
        low = own[0] - start
        chosen[low : low + len(own)] = order[own - number * images]
    return chosen
