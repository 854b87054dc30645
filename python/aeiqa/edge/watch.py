#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Alarms: the predicted error above the limit, images lost, silence, and a radio that clips."""

import math
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple, Optional

from .exceedance import ExceedanceTest
from .settings import EdgeSettings
from .windows import Prediction

# Samples over which the level is measured, at least.
_LEVEL_SAMPLES = 1 << 16


class Change(NamedTuple):
    """A change of an alarm: its name, whether it is on now, and why, in a few words."""

    alarm: str
    active: bool
    text: str


@dataclass
class Alarm:
    """State of an alarm: whether it is on, since when (seconds of the clock), and why."""

    active: bool
    since: float
    text: str


class Watch:
    """Keeps the alarms.

    ``error``: the sequential test says that the predicted error is above the limit; it ends when a whole
    window is predicted to be within it. ``lost``: of the latest images too many were missed or damaged.
    ``silence``: no image for too long. ``level``: the samples are so strong that a radio clips.

    Args:
        settings: what is still in order.
        now: seconds of a clock that goes on, as for every method.
    """

    def __init__(self, settings: EdgeSettings, now: float) -> None:
        self._settings = settings
        self.alarms = {name: Alarm(False, now, "") for name in ("error", "lost", "silence", "level")}
        self._test = ExceedanceTest(settings.limit, settings.false_alarms)
        self._fates: deque[bool] = deque(maxlen=settings.window)  # True: missed or damaged
        self._since_alarm = 0
        self._latest = now
        self._level: Optional[tuple[int, float]] = None  # samples so far, their power in all

    def image(self, now: float, missed: int, damaged: bool) -> None:
        """Take in an image that came, with the number of those missed before it."""
        self._latest = now
        self._fates.extend([True] * min(max(missed, 0), self._settings.window))
        self._fates.append(damaged)

    def judged(self, wrong: Iterable[float]) -> None:
        """Take in P(wrong) of images, in their order."""
        values = [float(value) for value in wrong]
        self._since_alarm += len(values)
        self._test.add(values)

    def look(self, now: float, prediction: Prediction, counters: Mapping[str, float]) -> list[Change]:
        """Return the alarms that have changed.

        Args:
            now: seconds of the clock.
            prediction: of the sliding window.
            counters: of the receiver, as `AirReceiver.stats`.
        """
        limit = self._settings.limit
        changes = []
        error = self.alarms["error"]
        if error.active and prediction.error <= limit and self._since_alarm >= self._settings.window:
            self._test.reset()
        if self._test.exceeded and not error.active:
            self._since_alarm = 0
        changes += self._set("error", self._test.exceeded, now, f"predicted error above {100 * limit:g} %")
        share = self.lost_share()
        lost = len(self._fates) >= self._settings.window and share > self._settings.lost_limit
        changes += self._set("lost", lost, now, f"{100 * share:.1f} % of the images lost or damaged")
        silent = now - self._latest > self._settings.silence
        changes += self._set("silence", silent, now, f"no image for {self._settings.silence:g} s")
        level = self._recent_level(counters)
        if level is not None:
            loud = level > self._settings.level_limit
            changes += self._set("level", loud, now, f"mean level {level:.1f} dB of full scale")
        return changes

    def lost_share(self) -> float:
        """Return the share of the latest images that were missed or damaged; NaN before any."""
        return sum(self._fates) / len(self._fates) if self._fates else math.nan

    def _recent_level(self, counters: Mapping[str, float]) -> Optional[float]:
        """Return the mean level since the latest measurement, in dB; None: too few samples since."""
        samples, level = counters["samples"], counters["level_db"]
        if not math.isfinite(level):
            return None
        known, power = self._level or (0, 0.0)
        if samples - known < _LEVEL_SAMPLES:
            return None
        total = samples * 10.0 ** (level / 10.0)
        self._level = int(samples), total
        recent = (total - power) / (samples - known)
        return 10.0 * math.log10(max(recent, 1e-30))

    def _set(self, name: str, active: bool, now: float, text: str) -> list[Change]:
        alarm = self.alarms[name]
        if alarm.active == active:
            return []
        self.alarms[name] = Alarm(active, now, text if active else "")
        return [Change(name, active, text if active else "in order again")]
