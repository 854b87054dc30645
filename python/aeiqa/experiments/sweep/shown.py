#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Which received images of a sweep a report may show: they are kept when they arrive."""

import numpy as np

from ..pictures import SHOWN, thumbnail

# Fields of ``RECORD`` that rank images, and the sign by which they grow with damage.
RANKED = {"score": 1, "psnr_db": -1, "ssim": -1, "piqe": 1}


def most_misjudged(records: np.ndarray, field: str, misclassified: bool) -> list[tuple[float, int]]:
    """Return (how little damage the field sees, position) of the images that it misjudges most, worst first.

    Only images count that were classified right as sent and arrived with an error: no score of the damage can
    know of others. Of those not ``misclassified``, it is how much damage it sees, with the sign turned.
    """
    damage = RANKED[field] * records[field]
    if not misclassified:
        damage = -damage
    wrong = records["prediction"] != records["label"]
    usable = (wrong == misclassified) & (records["sent_prediction"] == records["label"])
    position = np.flatnonzero(usable & (records["bit_errors"] > 0) & np.isfinite(damage))
    order = position[np.argsort(damage[position], kind="stable")][:SHOWN]
    return [(float(damage[p]), int(p)) for p in order]


def kept_images(records: np.ndarray, received: np.ndarray | list, start: int) -> list[tuple[int, np.ndarray]]:
    """Return position and image of what may be shown of a unit that begins at position ``start``.

    The first image of the set whole, the others as thumbnails.
    """
    found = {p for field in RANKED for side in (True, False) for _, p in most_misjudged(records, field, side)}
    first = {0: received[0]} if start == 0 else {}
    images = {p: thumbnail(received[p]) for p in sorted(found)} | first
    return [(start + p, images[p]) for p in sorted(images)]
