#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The conditions of a sweep: which channel, which modulation, which SNR."""

import math
from collections.abc import Iterable
from typing import NamedTuple

from ...errors import InputError
from ..csv_tables import snr_text

# The 32 links of the paper's Table II.
CHANNELS = ("awgn", "rayleigh")
MODULATIONS = ("bpsk", "qpsk", "qam16", "qam64")
SNR_DB = (0.0, 5.0, 10.0, 15.0)

MAX_SNR_POINTS = 1000

SNR_SCHEMA = {
    "anyOf": [
        {"type": "array", "items": {"type": "number"}, "minItems": 1, "uniqueItems": True},
        {"type": "number"},
        {"type": "string", "pattern": r"^[-+0-9.eE, ]+$|^[^:]+:[^:]+:[^:]+$"},
    ]
}


class Condition(NamedTuple):
    """One row of the table."""

    channel: str
    modulation: str
    snr_db: float

    @property
    def key(self) -> str:
        """The condition as part of a file name."""
        return f"{self.channel}-{self.modulation}-{snr_text(self.snr_db)}dB"

    def __str__(self) -> str:
        return f"{self.channel} {self.modulation} {snr_text(self.snr_db)} dB"


def conditions(
    channels: Iterable[str], modulations: Iterable[str], snr_db: Iterable[float]
) -> list[Condition]:
    """Return every combination, in the order of Table II. ``InputError`` if one is there twice."""
    values = tuple(channels), tuple(modulations), tuple(float(s) + 0.0 for s in snr_db)
    for name, given in zip(("channels", "modulations", "snr_db"), values, strict=True):
        for value in given:
            if given.count(value) > 1:
                raise InputError(f"{name}: {value} is there twice")
    channels, modulations, snr_db = values
    return [Condition(c, m, s) for c in channels for m in modulations for s in snr_db]


def parse_snr(text: str, option: str = "--snr") -> tuple[float, ...]:
    """Return the SNRs in dB of "0,5,10" or "0:15:5" (first:last:step, both ends included), each once.

    Raises ``InputError`` for what is not a finite number, an empty list or a range that never arrives.
    """
    values = _range(text, option) if ":" in text else [_number(part, option) for part in text.split(",")]
    return tuple(dict.fromkeys(values))


def _range(text: str, option: str) -> list[float]:
    parts = text.split(":")
    if len(parts) != 3:
        raise InputError(
            f"{option} must be a list as 0,5,10 or a range first:last:step as 0:15:5, got {text!r}"
        )
    first, last, step = (_number(part, option) for part in parts)
    if step <= 0 or last < first:
        raise InputError(f"{option} must rise from first to last by a step above 0, got {text!r}")
    # The small excess keeps the last point of ranges such as 0:1:0.1, whose steps are not exact in binary.
    count = int((last - first) / step + 1e-9) + 1
    if count > MAX_SNR_POINTS:
        raise InputError(f"{option} must be at most {MAX_SNR_POINTS} points, got {text!r}")
    return [round(first + i * step, 9) + 0.0 for i in range(count)]


def _number(text: str, option: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise InputError(f"{option} must be numbers in dB, got {text!r}") from None
    if not math.isfinite(value):
        raise InputError(f"{option} must be finite, got {text!r}")
    return value + 0.0  # minus zero is zero
