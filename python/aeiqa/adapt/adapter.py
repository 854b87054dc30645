#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The closed loop: how to send the next image, from what the receiver predicts of those before."""

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Optional

import numpy as np

from ..errors import InputError
from ..fields import check_fields, documented, real, whole
from .curves import ErrorCurves
from .modes import Mode


@documented
@dataclass(frozen=True)
class AdapterSettings:
    """Settings of a `LinkAdapter`; every field has a default.

    Raises:
        InputError: naming the field, its value and what is allowed.
    """

    target_error: float = real(
        0.05,
        "share of images that may be misclassified, in the long run",
        1e-6,
        1 - 1e-6,
        option="error",
        percent=True,
    )
    patience: int = whole(
        32, "images without a report after which the most robust mode is taken", 1, 10**6, unit="images"
    )
    drift_std_db: float = real(
        0.3, "standard deviation of the channel's expected drift from image to image", 0.0, 20.0, unit="dB"
    )
    hazard: float = real(
        0.01, "probability that it becomes another channel altogether, from image to image", 1e-6, 1.0
    )
    spread_db: float = real(
        4.0, "standard deviation of what is expected of an unknown channel", 0.1, 40.0, unit="dB"
    )
    safety_factor: float = real(
        1.0,
        "factor by which the receiver's predicted error may be too low; each counts so much more",
        1.0,
        100.0,
    )
    tradeoff_v: float = real(
        0.2,
        "excess errors that weigh as much as one image's air time in the fastest mode; larger values come "
        "nearer to the least air time, and exceed the target by more until they have settled",
        1e-3,
        1e3,
    )

    def __post_init__(self) -> None:
        """Check everything."""
        check_fields(self)


class _Sent(NamedTuple):
    """An image on its way: its mode, the error and the SNR that were expected of it."""

    mode: int
    error: float
    snr_db: float


# Of the offset between what the receiver's SNR says and what images suffer, dB.
_OFFSETS = np.arange(-40.0, 40.5, 1.0)
# Steps a dB in which the error curves are kept, to this SNR and its negative.
_STEPS, _MOST_DB = 4, 200
# Without the receiver's SNR: the offset then is from here, and has all of the fading to follow.
_ASSUMED_SNR_DB = 12.0
_NO_SNR_SPREAD_DB = 10.0
_NO_SNR_WALK_DB = 1.5
# No curve is believed to be nearer to 0 or 1.
_LEAST_ERROR = 2e-3
# Share of the newest in running means of the SNR's changes.
_FORGET = 0.05
_FIRST_CHANGE_DB = 3.0
# Reports later than so many images are waited for no more.
_MEMORY = 1024


class LinkAdapter:
    """Chooses modulation and copies for each image, so that the error rate is at most ``target_error``.

    ``choose(index)`` says how to send an image; ``report(index, error, snr_db)`` takes what the receiver made
    of one, in any order and as late as it comes; ``lost(index)`` says that it never came. Not thread-safe.

    **Which mode.** The aim is the least air time under a bound on the mean error. With a queue Q of excess
    errors, Q <- max(Q + error - target, 0), the mode of least V T_m + Q e_m does that within O(1/V),
    whatever the channel does (M. J. Neely, *Stochastic Network Optimization*, 2010, ch. 4): Q is the price
    of an error. T_m is the mode's air time and e_m the error that is expected in it. Errors of images that
    no report has come of yet are in Q as they were expected; lost images, and those that a report is waited
    for no more, count 1. Predicted errors count ``safety_factor`` times. ``error_bound`` is what follows
    for the images so far.

    **What to expect.** Each mode's error against Es/N0 was measured (`ErrorCurves`). The channel of the next
    image is taken to be as good as white noise at the SNR last reported plus an offset, which stands for all
    that the receiver's SNR does not see: its noise figure, interference, a channel that changes within the
    frame. The offset's distribution is a histogram that each report updates by Bayes' rule, the predicted
    error p being evidence of misclassification to the share p: the likelihood is e^p (1 - e)^(1 - p). From
    image to image it drifts, and may jump to anything with a small probability; that brings back faster modes
    for a try once nothing has been heard of them for long. How much the SNR itself changes until the image is
    sent is measured on the reports. Without reported SNR the offset has to follow the fading as well.

    **When reports fail.** After ``patience`` images without a report the most robust mode is taken, and
    ``blind`` is true, until one comes.

    Args:
        modes: what may be chosen. Those that another, not slower one is never worse than are left out.
        curves: each mode's error.
        settings: target error and the rest.

    Raises:
        InputError: no modes, or no curve for one.
    """

    def __init__(
        self, modes: Sequence[Mode], curves: ErrorCurves, settings: Optional[AdapterSettings] = None
    ) -> None:
        self.settings = settings or AdapterSettings()
        self.modes = useful_modes(modes, curves)
        levels = np.arange(-_MOST_DB * _STEPS, _MOST_DB * _STEPS + 1) / _STEPS
        errors = np.array([curves.error(mode.name, levels) for mode in self.modes])
        self._errors = np.clip(errors, _LEAST_ERROR, 1.0 - _LEAST_ERROR)
        self._times = np.array([mode.air_time for mode in self.modes])
        self._cost = self.settings.tradeoff_v * self._times / self._times.min()
        self._robust = int(self._times.argmax())
        self._sent: dict[int, _Sent] = {}
        self._order: deque[int] = deque()
        # A start at the price of errors that a change of mode is worth leaves no room for a burst of them.
        self._start = self._queue = 10.0 * float(self._cost.max())
        self._counted = 0
        self._snr_db: Optional[float] = None
        self._change = _FIRST_CHANGE_DB**2
        self._heard = 0
        self._silent = self.settings.patience
        self._prior = _prior(self.settings.spread_db)
        self._offset = self._prior.copy()

    @property
    def blind(self) -> bool:
        """True while reports fail to come; then the most robust mode is taken."""
        return self._silent >= self.settings.patience

    @property
    def virtual_queue(self) -> float:
        """Excess errors so far, those included that are expected of images on their way."""
        target = self.settings.target_error
        under_way = sum(float(self._costs(sent.error)) - target for sent in self._sent.values())
        return max(self._queue + under_way, 0.0)

    @property
    def error_bound(self) -> float:
        """The most that the mean error can be of the images reported, lost or given up so far; 1 before any.

        target_error + (Q - Q at the start) / images, exactly, if errors are what the receiver predicts times
        ``safety_factor``, or less. The draw of which images are misclassified comes on top: a standard
        deviation of sqrt(target_error (1 - target_error) / images).
        """
        if self._counted == 0:
            return 1.0
        return min(self.settings.target_error + (self._queue - self._start) / self._counted, 1.0)

    @property
    def reported(self) -> int:
        """Images that were reported on."""
        return self._heard

    def expected(self) -> np.ndarray:
        """Return the error expected of the next image in each of ``modes``, float64 [modes]."""
        snr_db = _ASSUMED_SNR_DB if self._snr_db is None else self._snr_db
        density = self._offset
        if self._snr_db is not None:
            density = _smear(density, math.sqrt(self._change))
        return self._chances(snr_db) @ density

    def expected_of(self, index: int) -> float:
        """Return the error that was expected of an image when its mode was chosen; it must be on its way."""
        return self._sent[index].error

    def choose(self, index: int) -> Mode:
        """Return how to send the image of that number, which must be larger than those before."""
        self._drift()
        errors = self.expected()
        total = self._cost + self.virtual_queue * self._costs(errors)
        best = self._robust if self.blind else int(np.argmin(total))
        snr_db = math.nan if self._snr_db is None else self._snr_db
        self._sent[index] = _Sent(best, float(errors[best]), snr_db)
        self._order.append(index)
        self._silent += 1
        if len(self._order) > _MEMORY:
            forgotten = self._sent.pop(self._order.popleft(), None)
            if forgotten is not None:
                self._count(1.0)  # nobody knows of it: it counts as a lost one does
        return self.modes[best]

    def report(self, index: int, error: float, snr_db: Optional[float] = None) -> bool:
        """Take in what the receiver made of an image; False if it was not sent, or is known already.

        Args:
            index: the image's number.
            error: predicted probability that it is misclassified, 0 to 1.
            snr_db: Es/N0 as the receiver measured it; None or NaN: not known.

        Raises:
            InputError: ``error`` is no probability.
        """
        if not 0.0 <= error <= 1.0:
            raise InputError(f"error: must be from 0 to 1, got {error!r}")
        sent = self._sent.pop(index, None)
        if sent is None:
            return False
        self._silent = 0
        self._heard += 1
        self._count(error)
        if snr_db is not None and math.isfinite(snr_db):
            if self._snr_db is None:
                self._prior = _prior(self.settings.spread_db)
                self._offset = self._prior.copy()
            if math.isfinite(sent.snr_db):
                self._change += _FORGET * ((snr_db - sent.snr_db) ** 2 - self._change)
            self._snr_db = snr_db
        seen = _ASSUMED_SNR_DB if self._snr_db is None else self._snr_db
        chance = self._chances(seen)[sent.mode]
        self._offset = self._offset * chance**error * (1.0 - chance) ** (1.0 - error)
        self._offset /= self._offset.sum()
        return True

    def lost(self, index: int) -> bool:
        """Take in that an image never came: nobody will classify it. Returns as ``report``."""
        return self.report(index, 1.0)

    def give_up(self) -> None:
        """Stop waiting for reports; choose the most robust mode until one comes."""
        self._silent = max(self._silent, self.settings.patience)

    def _count(self, error: float) -> None:
        self._queue = max(self._queue + float(self._costs(error)) - self.settings.target_error, 0.0)
        self._counted += 1

    def _costs(self, errors: "float | np.ndarray") -> np.ndarray:
        """Return how much predicted errors count."""
        return np.minimum(self.settings.safety_factor * np.asarray(errors), 1.0)

    def _chances(self, snr_db: float) -> np.ndarray:
        """Return P(misclassified) for each mode and offset from an SNR, float64 [modes, offsets]."""
        reach = _MOST_DB + _OFFSETS[0]
        first = round((float(np.clip(snr_db, -reach, reach)) + reach) * _STEPS)
        return self._errors[:, first : first + _STEPS * len(_OFFSETS) : _STEPS]

    def _drift(self) -> None:
        settings = self.settings
        walk = settings.drift_std_db if self._snr_db is not None else _NO_SNR_WALK_DB
        drifted = _smear(self._offset, walk)
        self._offset = (1.0 - settings.hazard) * drifted + settings.hazard * self._prior


def useful_modes(modes: Sequence[Mode], curves: ErrorCurves) -> tuple[Mode, ...]:
    """Return the modes from fast to slow, without those that a faster or as fast one is as good as.

    Raises:
        InputError: no modes, or no curve for one.
    """
    if not modes:
        raise InputError("modes: there must be at least one, got none")
    useful: list[Mode] = []
    for mode in sorted(modes, key=lambda mode: (mode.air_time, curves.mean(mode.name))):
        if not useful or curves.mean(mode.name) < curves.mean(useful[-1].name):
            useful.append(mode)
    return tuple(useful)


def _prior(deviation_db: float) -> np.ndarray:
    """Double exponential: channels that surprise a lot are not that rare."""
    density = np.exp(-np.sqrt(2) * np.abs(_OFFSETS) / deviation_db)
    return density / density.sum()


def _smear(density: np.ndarray, deviation_db: float) -> np.ndarray:
    """Add a normally distributed change; what would leave the range stays at its ends."""
    reach = min(int(np.ceil(4 * deviation_db)), len(density) // 2)
    if reach == 0:
        return density
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / deviation_db) ** 2)
    full = np.convolve(density, kernel / kernel.sum())
    inside = full[reach:-reach].copy()
    inside[0] += full[:reach].sum()
    inside[-1] += full[-reach:].sum()
    return inside
