#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Settings of a link: one frozen dataclass, checked when it is made."""

import math
from dataclasses import dataclass
from typing import Any

from ..errors import InputError
from ..fields import check_fields, choice, documented, real, settings, short_repr, whole

BITS_PER_SYMBOL = {"bpsk": 1, "qpsk": 2, "qam16": 4, "qam64": 6, "qam256": 8, "qam1024": 10}

MODULATIONS = tuple(BITS_PER_SYMBOL)
PRESETS = ("physical", "table2")
CHANNELS = ("awgn", "rayleigh")

_PRESET = "the preset's own"

# Fields that may be left out; what they then are depends on the preset. The paper's link has no
# training symbols, knows the first data symbol instead, its taps never change, and all images are one burst.
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
        "images_per_burst": 1,
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
        "images_per_burst": 0,
    },
}

# What table2 fixes; `estimation` is fixed too, by the channel.
_TABLE2_FIXED = ("n_taps", "fading", "doppler", "equalizer", "training_symbols", "training_period")


@documented
@dataclass(frozen=True)
class LinkConfig:
    """Settings of an image link; every field has a default.

    Fields left at None take the preset's own value, so a made config has none. All subcarriers carry data.
    With ``preset="table2"`` the SNR is the mean power of a burst's samples over that of the noise.

    Raises:
        InputError: (a ValueError) naming the field, its value and what is allowed.

    Example:
        >>> from gnuradio import aeiqa
        >>> config = aeiqa.LinkConfig(modulation="qam64", channel="rayleigh", snr_db=20.0, n_taps=8)
        >>> config
        LinkConfig(modulation='qam64', channel='rayleigh', snr_db=20.0)
        >>> config.labels, config.bits_per_symbol, round(config.eb_n0_db, 2)
        ('gray', 6, 12.22)
        >>> aeiqa.LinkConfig(modulation="qam32")
        Traceback (most recent call last):
        gnuradio.aeiqa.errors.InputError: modulation: must be one of bpsk, qpsk, ..., got 'qam32'
    """

    modulation: str = choice("qam16", MODULATIONS, "points that a data subcarrier takes")
    labels: str = choice(
        None, ("natural", "gray"), "bit labels of the points, in the paper natural", none=_PRESET
    )
    channel: str = choice("awgn", CHANNELS, "noise alone, or Rayleigh fading and noise")
    preset: str = choice(
        "physical",
        PRESETS,
        "a link as textbooks have it, or exactly that behind the paper's Table II, which fixes the settings "
        "of the channel and the receiver",
    )
    snr_db: float = real(
        10.0,
        "Es/N0 of a subcarrier",
        -300,
        300,
        unit="dB",
        inf="no noise",
    )
    fft_len: int = whole(64, "subcarriers of an OFDM symbol", 8, 8192, multiple=8)
    cp_len: int = whole(16, "length of the cyclic prefix", 0, "fft_len", unit="samples")
    n_taps: int = whole(
        None,
        "taps of the Rayleigh channel, mean powers proportional to exp(-l), sum 1",
        1,
        "fft_len",
        none=_PRESET,
        option="taps",
    )
    doppler: float = real(
        None,
        "Doppler frequency times the duration of an OFDM symbol with its prefix, for Jakes' spectrum",
        0,
        0.5,
        open_high=True,
        unit="of the OFDM symbol rate",
        none=_PRESET,
    )
    fading: str = choice(
        None,
        ("image", "symbol", "jakes"),
        "when the Rayleigh taps change: for each image, for each OFDM symbol, or by Jakes' spectrum",
        none=_PRESET,
    )
    estimation: str = choice(
        None,
        ("none", "ls", "ls-dft", "perfect"),
        "channel estimate: H = 1, least squares of each subcarrier by itself, least squares with the "
        "impulse response cut to the prefix, or the channel itself",
        none=_PRESET,
    )
    equalizer: str = choice(None, ("zf", "mmse"), "zero forcing or MMSE", none=_PRESET)
    training_symbols: int = whole(
        None, "known symbols in front of each image", 0, 1000, unit="OFDM symbols", none=_PRESET
    )
    training_period: int = whole(
        None,
        "data from one training to the next, 0: there is no other",
        0,
        10**6,
        unit="data symbols",
        none=_PRESET,
    )
    seed: int = whole(1, "seed of noise and fading", 0, 2**64 - 1)
    images_per_burst: int = whole(
        None,
        "images that one burst carries, one after the other: with its fading, its training and its padding; "
        "0: all",
        0,
        2**30,
        none=_PRESET,
    )

    def __post_init__(self) -> None:
        """Fill in the preset's values and check everything."""
        for name in ("preset", "channel"):  # the other fields' defaults follow from these
            settings(self)[name].check(name, getattr(self, name))
        if self.preset == "table2":
            self._refuse_what_table2_fixes()
        for name, value in self._preset_values().items():
            if getattr(self, name) is None:
                object.__setattr__(self, name, value)
        check_fields(self)
        self._check_combinations()

    def __repr__(self) -> str:
        """Return the shortest call that makes it."""
        return short_repr(self)

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

    def _check_combinations(self) -> None:
        if self.doppler > 0 and self.fading != "jakes":
            raise InputError(f"doppler: goes with fading 'jakes', got {self.doppler} with {self.fading!r}")
        if self.training_period > 0 and self.training_symbols == 0:
            raise InputError("training_period: needs training_symbols of 1 or more, got 0")
        if self.preset == "physical" and self.training_symbols == 0 and self.estimation in ("ls", "ls-dft"):
            raise InputError(f"training_symbols: estimation {self.estimation!r} needs 1 or more, got 0")

    @property
    def bits_per_symbol(self) -> int:
        """Bits that one subcarrier of one OFDM symbol carries."""
        return BITS_PER_SYMBOL[self.modulation]

    @property
    def data_len(self) -> int:
        """Data subcarriers of an OFDM symbol: all."""
        return self.fft_len

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
        """N0 that the receiver is told: the true one if it is given the channel, else 0 (estimate it)."""
        return 0.0 if self.estimation in ("ls", "ls-dft") else self.noise_variance

    @property
    def order(self) -> str:
        """Order of the pixels, raster or column; table2's is MATLAB's."""
        return "column" if self.preset == "table2" else "raster"

    @property
    def tag_csi(self) -> bool:
        """True if the channel tells the receiver its response."""
        return self.estimation == "perfect"

    @property
    def reveal_first_symbol(self) -> bool:
        """True if the receiver is told the first data symbol, in place of training."""
        return self.preset == "table2" and self.estimation == "ls"

    @property
    def eb_n0_db(self) -> float:
        """Energy per bit over N0 in dB: Es/N0 less 10 log10(bits per symbol); the prefix is not counted."""
        return self.snr_db - 10.0 * math.log10(self.bits_per_symbol)

    @property
    def snr_definition(self) -> str:
        """Definition of `snr_db` under this preset, one sentence."""
        if self.preset == "table2":
            what = "each image's" if self.images_per_burst == 1 else "the burst's"
            return f"SNR is {what} own measured mean |x|^2 over the noise power, in the time domain."
        return "SNR is Es/N0 per carrier: unit mean symbol energy over the noise variance of a carrier."
