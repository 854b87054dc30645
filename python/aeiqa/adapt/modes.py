#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Modes: modulation and number of copies of an image."""

from collections.abc import Sequence
from typing import NamedTuple

from ..errors import InputError
from ..link.air_config import AirConfig
from ..link.config import BITS_PER_SYMBOL

MODES = ("qpskx2", "qpsk", "qam16", "qam256")
"""Names of the default modes."""


class Mode(NamedTuple):
    """Modulation and number of copies; ``air_time`` of an image in OFDM symbols, or any other unit."""

    modulation: str
    copies: int
    air_time: float

    @property
    def name(self) -> str:
        """As in ``qam16`` or, two copies, ``qam16x2``."""
        return self.modulation if self.copies == 1 else f"{self.modulation}x{self.copies}"


def read_mode(name: str) -> tuple[str, int]:
    """Return modulation and copies of a mode's name; ``InputError`` if it is invalid."""
    modulation, times, copies = name.partition("x")
    count = copies if times else "1"
    if modulation not in BITS_PER_SYMBOL or count not in tuple("12345678"):
        wanted = f"one of {', '.join(BITS_PER_SYMBOL)}, with x2 to x8 behind it for copies"
        raise InputError(f"mode: must be {wanted}, got {name!r}")
    return modulation, int(count)


def air_modes(config: AirConfig, nbytes: int, names: Sequence[str] = MODES) -> tuple[Mode, ...]:
    """Return the modes of these names with the air time, in OFDM symbols, of an image of ``nbytes`` bytes.

    Raises:
        InputError: invalid name.
    """
    return tuple(
        Mode(modulation, copies, copies * config.frames_per_image(nbytes, modulation) * config.frame_symbols)
        for modulation, copies in map(read_mode, names)
    )
