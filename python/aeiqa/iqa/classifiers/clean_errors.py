#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Clean error: the share of undamaged pictures that a classifier misclassifies, on two sets compared."""

from collections.abc import Mapping
from typing import Any, NamedTuple, Optional

import numpy as np

from ...errors import InputError
from ...metrics.intervals import binomial_interval, same_share_probability
from ..networks.score_input import Classifier

LEAST_PROBABILITY = 0.01  # of a gap by chance alone, below which it is told


class CleanError(NamedTuple):
    """Number of undamaged pictures that were misclassified, and of all there were."""

    wrong: int
    images: int

    @property
    def pct(self) -> float:
        """Share in per cent."""
        return 100.0 * self.wrong / self.images

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the share, in per cent."""
        low, high = binomial_interval(self.wrong, self.images)
        return 100.0 * float(low), 100.0 * float(high)

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.pct:.2f} % ({self.wrong} of {self.images}; 95 % interval {low:.2f} to {high:.2f} %)"

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON knows it."""
        return {"misclassified": self.wrong, "images": self.images, "error_pct": round(self.pct, 4)}

    @classmethod
    def of_json(cls, found: Any) -> "CleanError":
        """Return it of what ``as_json`` made. Raises ``InputError`` for anything else."""
        wrong, images = (found.get(name) if isinstance(found, dict) else None for name in _COUNTS)
        if type(wrong) is not int or type(images) is not int or not 0 <= wrong <= images or images == 0:
            raise InputError(f"clean_error must hold whole numbers misclassified and images, got {found!r}")
        return cls(wrong, images)

    @classmethod
    def measure(cls, target: Classifier, images: Any, labels: np.ndarray) -> "CleanError":
        """Let ``target`` classify undamaged images with their labels, int64 [N]."""
        return cls(int((target.predict(images) != labels).sum()), len(labels))


_COUNTS = ("misclassified", "images")


class CleanErrors(NamedTuple):
    """A classifier's clean error on the pictures at hand, and on those its scores were fitted to if known."""

    target: str
    here: CleanError
    fitted: Optional[CleanError] = None

    @property
    def probability(self) -> Optional[float]:
        """Probability of such a gap by chance, by Fisher's exact test; None: there is no other set."""
        return None if self.fitted is None else same_share_probability(*self.fitted, *self.here)

    @property
    def explained(self) -> bool:
        """Whether chance may explain the gap."""
        return self.probability is None or self.probability >= LEAST_PROBABILITY

    def lines(self) -> list[str]:
        """Return both errors in words, and a warning if they differ by more than chance."""
        lines = [f"Clean error of {self.target} on these pictures: {self.here}"]
        if self.fitted is not None:
            lines.append(f"Clean error of {self.target} on the pictures of its scores' fit: {self.fitted}")
        return lines if self.explained else [*lines, self.warning]

    @property
    def warning(self) -> str:
        """The meaning of the gap and its remedy; empty if chance may explain the gap."""
        if self.explained:
            return ""
        gap = (
            f"Warning: chance explains the gap between {self.fitted.pct:.2f} % and {self.here.pct:.2f} % "
            f"with a probability of {self.probability:.1g} only"
        )
        if self.fitted.pct < self.here.pct:
            return (
                f"{gap}. Predicted errors are too small: the scores were fitted to pictures that "
                f"{self.target} knows, or that are easier. Train the scores on pictures that it has never "
                "been trained on (./aeiqa train --dataset)."
            )
        return (
            f"{gap}. Predicted errors are too large: {self.target} knows the pictures at hand, or they are "
            "easier. Take pictures that it has never been trained on, of the same kind as those fitted to."
        )

    def as_json(self) -> dict[str, Any]:
        """Return it as run.json holds it."""
        found = {"target": self.target, "here": self.here.as_json()}
        if self.fitted is not None:
            found |= {"fitted": self.fitted.as_json(), "chance_probability": self.probability}
        return found

    @classmethod
    def of_json(cls, found: Any) -> "CleanErrors":
        """Return it of what ``as_json`` made. Raises ``InputError`` for anything else."""
        if not isinstance(found, dict) or not isinstance(found.get("target"), str):
            raise InputError(f"clean_errors must name a target, got {found!r}")
        fitted = CleanError.of_json(found["fitted"]) if "fitted" in found else None
        return cls(found["target"], CleanError.of_json(found.get("here")), fitted)


def clean_errors_of(run: Mapping[str, Any]) -> list[CleanErrors]:
    """Return the clean errors that a run.json tells, one for each of the user's classifiers."""
    found = run.get("clean_errors", [])
    if not isinstance(found, list):
        raise InputError(f"clean_errors must be a list, got {found!r}")
    return [CleanErrors.of_json(each) for each in found]
