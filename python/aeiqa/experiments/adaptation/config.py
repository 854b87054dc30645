#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Settings of the comparison of ways to adapt the link."""

from dataclasses import dataclass
from pathlib import Path
from typing import Optional

from ...errors import InputError
from ...fields import check_fields, documented, path, real, several, text, whole
from .trace import CONDITIONS


@documented
@dataclass(frozen=True)
class ComparisonConfig:
    """Settings of a comparison; every field has a default.

    Raises:
        InputError: naming the field, its value and what is allowed.
    """

    conditions: tuple[str, ...] = several(CONDITIONS, "conditions of the traces", CONDITIONS)
    snr_db: float = real(14.0, "mean Es/N0 of the traces", -10, 60, unit="dB", option="snr")
    images: int = whole(1000, "images of each trace", 200, 10_000)
    seeds: tuple[int, ...] = several(
        tuple(range(1, 11)), "for each of them a trace and a choice of test images"
    )
    calibration_seeds: tuple[int, ...] = several(
        (101, 102), "traces for fitting the SNR tables, with training images"
    )
    target: str = text("paper", "the classifier")
    error: float = real(0.05, "share of images that may be misclassified", 0.001, 0.5, percent=True)
    delay: int = whole(2, "delay of the reports", 0, 1000, unit="images")
    rate: float = real(1e6, "samples a second, for images a second", 1, 1e12, unit="Hz")

    def __post_init__(self) -> None:
        """Check everything."""
        check_fields(self)
        if not self.seeds or set(self.seeds) & set(self.calibration_seeds):
            raise InputError("seeds: there must be one or more, none of which calibrates")


@documented
@dataclass(frozen=True)
class TraceSettings:
    """The traces of a comparison as its command asks for them.

    Raises:
        InputError: naming the field, its value and what is allowed.
    """

    traces: int = whole(10, "traces of each condition, 1 leaves the intervals unknown", 1, 1000)
    seed: int = whole(1, "seed of the first trace", 0, 2**32)
    curves: Optional[Path] = path("the target's error curves", none="the project's", metavar="FILE")

    def __post_init__(self) -> None:
        """Check everything."""
        check_fields(self)

    def seeds(self) -> dict[str, tuple[int, ...]]:
        """Return the seeds of traces and of calibration as fields of `ComparisonConfig`."""
        # Far enough apart that no trace is one of those that calibrate.
        first = self.seed + max(100, self.traces)
        return {
            "seeds": tuple(range(self.seed, self.seed + self.traces)),
            "calibration_seeds": (first, first + 1),
        }
