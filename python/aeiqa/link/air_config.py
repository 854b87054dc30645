#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Settings of frames: those that both ends must agree on, and the transmitter's own."""

from array import array
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Optional, SupportsIndex

from ..aeiqa_python import frame_mapper
from ..errors import InputError
from ..fields import check_fields, choice, documented, several, short_repr, whole
from .config import BITS_PER_SYMBOL, MODULATIONS

_PLAN = "IEEE 802.11's plan at 64 subcarriers, similar ones at 32 and 128"


def _checked(function: Callable[..., Any], *values: object) -> Any:
    """Call the C++ core; its error ``name must be ...`` becomes an InputError, ``name: must be ...``."""
    try:
        return function(*values)
    except ValueError as error:
        raise InputError(str(error).replace(" must ", ": must ", 1)) from error


def _whole_numbers(name: str, values: Iterable[SupportsIndex]) -> tuple[int, ...]:
    try:
        return tuple(array("i", (k.__index__() for k in values)))
    except (TypeError, AttributeError, OverflowError) as error:
        raise InputError(f"{name}: must be whole numbers, got {values!r}") from error


@documented
@dataclass(frozen=True)
class AirConfig:
    """Settings of the air; every field has a default.

    Both ends must agree on ``fft_len, cp_len, data_carriers, pilot_carriers, training_symbols`` and
    ``payload_symbols``; all else the receiver learns from each frame's header.

    Raises:
        InputError: (a ValueError) naming the field, its value and what is allowed.

    Example:
        >>> from gnuradio import aeiqa
        >>> config = aeiqa.AirConfig(modulation="qam16", copies=2)
        >>> config
        AirConfig(modulation='qam16', copies=2)
        >>> len(config.data_carriers), config.frame_bytes, config.frames_per_image(28 * 28)
        (48, 1584, 1)
    """

    modulation: str = choice("qpsk", MODULATIONS, "points that a data subcarrier of the payload takes")
    labels: str = choice("gray", ("gray", "natural"), "bit labels of the points")
    fft_len: int = whole(64, "subcarriers of an OFDM symbol", 8, 8192, multiple=8)
    cp_len: int = whole(16, "length of the cyclic prefix", 0, "fft_len", unit="samples")
    data_carriers: tuple[int, ...] = several(
        None, "signed frequencies of the data subcarriers, a multiple of 8 of them", none=_PLAN
    )
    pilot_carriers: tuple[int, ...] = several(
        None, "signed frequencies of the pilots, on both sides of 0", none=_PLAN
    )
    training_symbols: int = whole(2, "known symbols in each frame", 1, 16, unit="OFDM symbols")
    payload_symbols: int = whole(
        66, "symbols of payload in each frame; 66 take an MNIST image at QPSK", 1, 4096, unit="OFDM symbols"
    )
    gap_symbols: int = whole(1, "silence behind each frame", 0, 1000, unit="OFDM symbols")
    copies: int = whole(
        1, "times that each image is sent; the receiver keeps the best of each fragment", 1, 8
    )
    stream: int = whole(-1, "the transmitter's number; -1: drawn anew at each start", -1, 0xFFFF)
    estimation: str = choice(
        "ls-dft", ("ls", "ls-dft"), "channel estimate: least squares, or least squares cut to the prefix"
    )
    equalizer: str = choice("zf", ("zf", "mmse"), "zero forcing or MMSE")
    fill: int = whole(0, "value of pixels that never came", 0, 255)
    max_image_bytes: int = whole(1 << 24, "size of the largest image kept", 1, 1 << 30, unit="bytes")

    def __post_init__(self) -> None:
        """Fill in the carrier plan and check everything."""
        check_fields(self)
        self._set_plan()

    def __repr__(self) -> str:
        """Return the shortest call that makes it."""
        return short_repr(self)

    def _set_plan(self) -> None:
        given = (self.data_carriers is not None, self.pilot_carriers is not None)
        if any(given) and not all(given):
            raise InputError("data_carriers: must be given together with pilot_carriers")
        names = ("data_carriers", "pilot_carriers")
        if all(given):
            plan = tuple(_whole_numbers(name, getattr(self, name)) for name in names)
        else:
            plan = _checked(frame_mapper.default_carriers, self.fft_len)
        for name, carriers in zip(names, plan, strict=True):
            object.__setattr__(self, name, tuple(sorted(carriers)))
        self._count_header_symbols()  # raises if there is no such frame

    def _count_header_symbols(self) -> int:
        return _checked(
            frame_mapper.header_symbols,
            self.fft_len,
            self.cp_len,
            self.data_carriers,
            self.pilot_carriers,
            self.training_symbols,
            self.payload_symbols,
        )

    @property
    def data_len(self) -> int:
        """Data subcarriers of an OFDM symbol."""
        return len(self.data_carriers)

    @property
    def given_noise_variance(self) -> float:
        """N0 as the receiver is told it: 0, since it estimates the noise."""
        return 0.0

    @property
    def bits_per_symbol(self) -> int:
        """Bits that a data subcarrier of a payload symbol carries."""
        return BITS_PER_SYMBOL[self.modulation]

    @property
    def symbol_len(self) -> int:
        """Samples of an OFDM symbol with its prefix."""
        return self.fft_len + self.cp_len

    @property
    def header_symbols(self) -> int:
        """OFDM symbols that a frame's header takes."""
        return self._count_header_symbols()

    @property
    def frame_symbols(self) -> int:
        """OFDM symbols of a frame, its gap included: synchronisation, training, header, payload."""
        return 2 + self.training_symbols + self.header_symbols + self.payload_symbols + self.gap_symbols

    @property
    def frame_bytes(self) -> int:
        """Image bytes that a frame holds."""
        return self._frame_bytes(self.modulation)

    def frames_per_image(self, nbytes: int, modulation: Optional[str] = None) -> int:
        """Frames that one copy of an image of ``nbytes`` bytes takes, in this or another modulation."""
        return -(-nbytes // self._frame_bytes(modulation or self.modulation))

    def _frame_bytes(self, modulation: str) -> int:
        return self.payload_symbols * len(self.data_carriers) * BITS_PER_SYMBOL[modulation] // 8
