#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""What both ends of the air must agree on, and what the transmitter chooses."""

from dataclasses import dataclass
from typing import Optional

from ..errors import InputError
from .config import BITS_PER_SYMBOL

# Outermost carrier of the default plans, and their pilots: IEEE 802.11's at 64 carriers.
_DEFAULT_PLANS = {32: (13, (7,)), 64: (26, (7, 21)), 128: (52, (7, 21, 35, 49))}

_HEADER_BITS = 476  # coded

_CHOICES = {
    "modulation": tuple(BITS_PER_SYMBOL),
    "labels": ("gray", "natural"),
    "estimation": ("ls", "ls-dft"),
    "equalizer": ("zf", "mmse"),
}


@dataclass(frozen=True)
class AirConfig:
    """Settings of the air; every field has a default.

    Both ends must agree on ``fft_len, cp_len, data_carriers, pilot_carriers, training_symbols`` and
    ``payload_symbols``; all else the receiver learns from each frame's header.

    Attributes:
        modulation: of the payload: bpsk, qpsk, qam16, qam64, qam256 or qam1024.
        labels: gray or natural bit labels of the points.
        fft_len: carriers of an OFDM symbol, a multiple of 8 from 8 to 8192.
        cp_len: samples of cyclic prefix, 0 to fft_len.
        data_carriers: signed frequencies of the carriers that bear data, a multiple of 8 of them. None:
            -26 ... 26 without 0 and the pilots at 64 carriers (IEEE 802.11's); 32 and 128 carriers have
            plans alike, any other number needs its plan given.
        pilot_carriers: signed frequencies of the pilots, on both sides of 0. None: as in ``data_carriers``.
        training_symbols: in each frame, 1 to 16.
        payload_symbols: in each frame, 1 to 4096; the 66 of the default take an MNIST image at QPSK.
        gap_symbols: of silence behind each frame, 0 to 1000.
        copies: times that each image is sent, 1 to 8. The receiver keeps the best of each fragment.
        stream: the transmitter's number, 0 to 65535; -1: drawn anew at each start.
        estimation: the receiver's channel estimate: ls, or ls-dft (what the prefix can hold only).
        equalizer: the receiver's: zf or mmse.
        fill: value of pixels that never came, 0 to 255.
        max_image_bytes: the receiver keeps nothing of larger images; 1 to 2^30.

    Raises:
        InputError: (a ValueError) naming the field, its value and what is allowed.
    """

    modulation: str = "qpsk"
    labels: str = "gray"
    fft_len: int = 64
    cp_len: int = 16
    data_carriers: Optional[tuple[int, ...]] = None
    pilot_carriers: Optional[tuple[int, ...]] = None
    training_symbols: int = 2
    payload_symbols: int = 66
    gap_symbols: int = 1
    copies: int = 1
    stream: int = -1
    estimation: str = "ls-dft"
    equalizer: str = "zf"
    fill: int = 0
    max_image_bytes: int = 1 << 24

    def __post_init__(self) -> None:
        """Fill in the carrier plan and check everything."""
        for name, allowed in _CHOICES.items():
            if getattr(self, name) not in allowed:
                raise InputError(f"{name}: must be one of {', '.join(allowed)}, got {getattr(self, name)!r}")
        self._check_number("fft_len", 8, 8192)
        if self.fft_len % 8:
            raise InputError(f"fft_len: must be a multiple of 8 from 8 to 8192, got {self.fft_len}")
        for name, low, high in (
            ("cp_len", 0, self.fft_len),
            ("training_symbols", 1, 16),
            ("payload_symbols", 1, 4096),
            ("gap_symbols", 0, 1000),
            ("copies", 1, 8),
            ("stream", -1, 0xFFFF),
            ("fill", 0, 255),
            ("max_image_bytes", 1, 1 << 30),
        ):
            self._check_number(name, low, high)
        self._set_plan()

    def _check_number(self, name: str, low: int, high: int) -> None:
        value = getattr(self, name)
        if isinstance(value, bool) or not hasattr(value, "__index__") or not low <= value <= high:
            raise InputError(f"{name}: must be a whole number from {low} to {high}, got {value!r}")

    def _set_plan(self) -> None:
        given = (self.data_carriers is not None, self.pilot_carriers is not None)
        if any(given) and not all(given):
            raise InputError("data_carriers: must be given together with pilot_carriers")
        if not any(given):
            if self.fft_len not in _DEFAULT_PLANS:
                raise InputError(
                    f"data_carriers: must be given unless fft_len is 32, 64 or 128, got {self.fft_len}"
                )
            outermost, half = _DEFAULT_PLANS[self.fft_len]
            pilots = tuple(sorted((*half, *(-k for k in half))))
            occupied = (k for k in range(-outermost, outermost + 1) if k != 0)
            object.__setattr__(self, "data_carriers", tuple(k for k in occupied if k not in pilots))
            object.__setattr__(self, "pilot_carriers", pilots)
        for name in ("data_carriers", "pilot_carriers"):
            try:
                carriers = tuple(sorted(k.__index__() for k in getattr(self, name)))
            except (TypeError, AttributeError) as error:
                raise InputError(f"{name}: must be whole numbers, got {getattr(self, name)!r}") from error
            object.__setattr__(self, name, carriers)
        self._check_plan()

    def _check_plan(self) -> None:
        occupied = sorted(self.data_carriers + self.pilot_carriers)
        half = self.fft_len // 2
        if not self.data_carriers or len(self.data_carriers) % 8:
            raise InputError(
                f"data_carriers: must be a positive multiple of 8 in number, got {len(self.data_carriers)}"
            )
        if not self.pilot_carriers or not self.pilot_carriers[0] < 0 < self.pilot_carriers[-1]:
            raise InputError(f"pilot_carriers: must lie on both sides of 0, got {self.pilot_carriers}")
        if occupied[0] < -half or occupied[-1] >= half:
            raise InputError(
                f"data_carriers, pilot_carriers: must be from {-half} to {half - 1}, "
                f"got {occupied[0]} to {occupied[-1]}"
            )
        if len(set(occupied)) < len(occupied):
            raise InputError("data_carriers, pilot_carriers: a carrier is given twice")
        if sum(k % 4 == 0 and k != 0 for k in occupied) < 2:
            raise InputError("data_carriers: must hold at least two multiples of 4 besides 0")

    @property
    def bits_per_symbol(self) -> int:
        """Bits that a carrier of a payload symbol bears."""
        return BITS_PER_SYMBOL[self.modulation]

    @property
    def symbol_len(self) -> int:
        """Samples of an OFDM symbol with its prefix."""
        return self.fft_len + self.cp_len

    @property
    def header_symbols(self) -> int:
        """OFDM symbols that a frame's header takes."""
        return -(-_HEADER_BITS // len(self.data_carriers))

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
