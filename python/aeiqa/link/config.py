#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""What a link is made of: one frozen dataclass, checked when it is made."""

import math
from dataclasses import dataclass
from typing import Any, Optional

from ..errors import InputError

BITS_PER_SYMBOL = {"bpsk": 1, "qpsk": 2, "qam16": 4, "qam64": 6, "qam256": 8, "qam1024": 10}

PRESETS = ("physical", "table2")
CHANNELS = ("awgn", "rayleigh")

_CHOICES = {
    "preset": PRESETS,
    "modulation": tuple(BITS_PER_SYMBOL),
    "labels": ("natural", "gray"),
    "channel": CHANNELS,
    "fading": ("image", "symbol", "jakes"),
    "estimation": ("none", "ls", "ls-dft", "perfect"),
    "equalizer": ("zf", "mmse"),
}

# Fields that may be left out; what they then are depends on the preset. The paper's link has no
# training symbols, knows the first data symbol instead, and its taps never change.
_DEFAULTS = {
    "physical": {
        "labels": "gray",
        "n_taps": 8,
        "fading": "image",
        "doppler": 0.0,
        "estimation": "ls",
        "equalizer": "zf",
        "training_symbols": 1,
        "training_period": 0,
    },
    "table2": {
        "labels": "natural",
        "n_taps": 8,
        "fading": "image",
        "doppler": 0.0,
        "estimation": "ls",
        "equalizer": "zf",
        "training_symbols": 0,
        "training_period": 0,
    },
}

# What table2 fixes; `estimation` is fixed too, by the channel.
_TABLE2_FIXED = ("n_taps", "fading", "doppler", "equalizer", "training_symbols", "training_period")


@dataclass(frozen=True)
class LinkConfig:
    """Settings of an image link; every field has a default.

    Fields left at None take the preset's own value, so a made config has none.

    Attributes:
        modulation: bpsk, qpsk, qam16, qam64, qam256 or qam1024.
        labels: natural or gray bit labels of the points. Default: gray (physical), natural (table2).
        channel: awgn or rayleigh.
        preset: ``physical``, a link as the textbooks have it; or ``table2``, exactly the link behind the
            paper's Table II (see docs/link.md), which fixes the channel's and the receiver's fields.
        snr_db: dB; inf for no noise. physical: Es/N0 of a carrier. table2: mean power over that of the noise.
        fft_len: carriers, all of them data; a multiple of 8 from 8 to 8192.
        cp_len: samples of cyclic prefix, 0 to fft_len.
        n_taps: taps of the Rayleigh channel, mean powers proportional to exp(-l), sum 1; 1 to fft_len.
        doppler: Doppler frequency times the duration of an OFDM symbol, for ``fading="jakes"``.
        fading: when the Rayleigh taps change: per image, per OFDM symbol, or by Jakes' spectrum.
        estimation: none (H = 1), ls (raw, each carrier), ls-dft (truncated to the prefix) or perfect.
        equalizer: zf or mmse.
        training_symbols: known OFDM symbols in front of each image.
        training_period: data symbols after which they come again; 0: never.
        seed: of noise and fading, 0 to 2**64 - 1.

    Raises:
        InputError: (a ValueError) naming the field, its value and what is allowed.
    """

    modulation: str = "qam16"
    labels: Optional[str] = None
    channel: str = "awgn"
    preset: str = "physical"
    snr_db: float = 10.0
    fft_len: int = 64
    cp_len: int = 16
    n_taps: Optional[int] = None
    doppler: Optional[float] = None
    fading: Optional[str] = None
    estimation: Optional[str] = None
    equalizer: Optional[str] = None
    training_symbols: Optional[int] = None
    training_period: Optional[int] = None
    seed: int = 1

    def __post_init__(self) -> None:
        """Fill in the preset's values and check everything."""
        _check_choice("preset", self.preset)
        _check_choice("channel", self.channel)
        if self.preset == "table2":
            self._refuse_what_table2_fixes()
        for name, value in self._preset_values().items():
            if getattr(self, name) is None:
                object.__setattr__(self, name, value)
        for name in _CHOICES:
            _check_choice(name, getattr(self, name))
        self._check_numbers()

    def _preset_values(self) -> dict[str, Any]:
        values = dict(_DEFAULTS[self.preset])
        if self.preset == "table2" and self.channel == "awgn":
            values["estimation"] = "none"
        return values

    def _refuse_what_table2_fixes(self) -> None:
        preset = self._preset_values()
        for name in (*_TABLE2_FIXED, "estimation"):
            value = getattr(self, name)
            if value is not None and value != preset[name]:
                raise InputError(
                    f"{name}: the table2 preset fixes it to {preset[name]!r} on {self.channel}, got {value!r}"
                )

    def _check_numbers(self) -> None:
        _check_integer("fft_len", self.fft_len, 8, 8192)
        if self.fft_len % 8:
            raise InputError(f"fft_len: must be a multiple of 8 from 8 to 8192, got {self.fft_len}")
        _check_integer("cp_len", self.cp_len, 0, self.fft_len, "fft_len")
        _check_integer("n_taps", self.n_taps, 1, self.fft_len, "fft_len")
        _check_integer("training_symbols", self.training_symbols, 0, 1000)
        _check_integer("training_period", self.training_period, 0, 10**6)
        _check_integer("seed", self.seed, 0, 2**64 - 1)
        _check_number("snr_db", self.snr_db)
        if self.snr_db != math.inf and abs(self.snr_db) > 300:
            raise InputError(f"snr_db: must be from -300 to 300 dB, or inf for no noise, got {self.snr_db}")
        _check_number("doppler", self.doppler)
        if not 0.0 <= self.doppler < 0.5:
            raise InputError(f"doppler: must be from 0 to under 0.5 of the symbol rate, got {self.doppler}")
        if self.doppler > 0 and self.fading != "jakes":
            raise InputError(f"doppler: goes with fading 'jakes', got {self.doppler} with {self.fading!r}")
        if self.training_period > 0 and self.training_symbols == 0:
            raise InputError("training_period: needs training_symbols of 1 or more, got 0")
        if self.preset == "physical" and self.training_symbols == 0 and self.estimation in ("ls", "ls-dft"):
            raise InputError(f"training_symbols: estimation {self.estimation!r} needs 1 or more, got 0")

    @property
    def bits_per_symbol(self) -> int:
        """Bits that one carrier of one OFDM symbol bears."""
        return BITS_PER_SYMBOL[self.modulation]

    @property
    def symbol_len(self) -> int:
        """Samples of an OFDM symbol with its prefix."""
        return self.fft_len + self.cp_len

    @property
    def noise_variance(self) -> float:
        """N0 per carrier for unit symbol energy, 10^(-snr_db/10)."""
        return 10.0 ** (-self.snr_db / 10.0)

    @property
    def given_noise_variance(self) -> float:
        """What the receiver is told of N0: all if it is given the channel, else nothing (0: estimate it)."""
        return 0.0 if self.estimation in ("ls", "ls-dft") else self.noise_variance

    @property
    def order(self) -> str:
        """How pixels travel, raster or column; table2's as in MATLAB."""
        return "column" if self.preset == "table2" else "raster"

    @property
    def tag_csi(self) -> bool:
        """Whether the channel tells the receiver its response."""
        return self.estimation == "perfect"

    @property
    def reveal_first_symbol(self) -> bool:
        """Whether the receiver is told the first data symbol, for want of training."""
        return self.preset == "table2" and self.estimation == "ls"

    @property
    def eb_n0_db(self) -> float:
        """Energy per bit over N0 in dB: Es/N0 less 10 log10(bits per symbol); the prefix is not counted."""
        return self.snr_db - 10.0 * math.log10(self.bits_per_symbol)

    @property
    def snr_definition(self) -> str:
        """What `snr_db` means under this preset, one sentence."""
        if self.preset == "table2":
            return "SNR is each image's own measured mean |x|^2 over the noise power, in the time domain."
        return "SNR is Es/N0 per carrier: unit mean symbol energy over the noise variance of a carrier."


def _check_choice(name: str, value: object) -> None:
    allowed = _CHOICES[name]
    if value not in allowed:
        raise InputError(f"{name}: must be one of {', '.join(allowed)}, got {value!r}")


def _check_integer(name: str, value: object, low: int, high: int, high_name: str = "") -> None:
    bound = f"{high_name} = {high}" if high_name else f"{high}"
    if isinstance(value, bool) or not hasattr(value, "__index__") or not low <= value.__index__() <= high:
        raise InputError(f"{name}: must be a whole number from {low} to {bound}, got {value!r}")


def _check_number(name: str, value: object) -> None:
    try:
        is_nan = isinstance(value, (bool, str)) or math.isnan(value)
    except TypeError:
        is_nan = True
    if is_nan:
        raise InputError(f"{name}: must be a number, got {value!r}")
