#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Settings of the edge: batches, windows, and what it raises an alarm at."""

from dataclasses import dataclass

from ..fields import check_fields, documented, real, whole


@documented
@dataclass(frozen=True)
class EdgeSettings:
    """Settings of the edge; every field has a default.

    Raises:
        InputError: naming the field, its value and what is allowed.
    """

    limit: float = real(0.05, "predicted error that must not be exceeded", 0.001, 0.5, percent=True)
    false_alarms: float = real(
        0.01,
        "probability of ever raising the error alarm although the error stays within the limit",
        1e-6,
        0.5,
    )
    lost_limit: float = real(
        0.1, "share of images lost or damaged that is still in order", 0, 1, percent=True
    )
    silence: float = real(30.0, "time without an image that is still in order", 0, open_low=True, unit="s")
    level_limit: float = real(-3.0, "mean level beyond which a radio clips", -100, 0, unit="dB of full scale")
    window: int = whole(500, "images in a sliding window", 10, 100_000)
    batch: int = whole(64, "images classified at once, at most", 1, 4096)
    batch_wait: float = real(0.02, "time that an image waits for others, at most", 0, 10, unit="s")

    def __post_init__(self) -> None:
        """Check the numbers."""
        check_fields(self)
