#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The air between two ends that no radio connects: noise, fading and impairments of a stream of frames."""

import math
from dataclasses import dataclass

from gnuradio import gr

from ..aeiqa_python import channel, impairments
from ..errors import InputError
from ..fields import check_fields, choice, documented, real, short_repr, whole
from .air_config import AirConfig
from .config import CHANNELS


@documented
@dataclass(frozen=True)
class SimulatedAir:
    """What happens to samples on their way; every field has a default.

    Fading goes on from frame to frame, by Jakes' spectrum. Pauses are noisy, too.

    Raises:
        InputError: (a ValueError) naming the field, its value and what is allowed.

    Example:
        >>> from gnuradio.aeiqa.link.simulated_air import SimulatedAir
        >>> SimulatedAir(channel="rayleigh", snr_db=12.0)
        SimulatedAir(channel='rayleigh', snr_db=12.0)
    """

    channel: str = choice("awgn", CHANNELS, "noise alone, or Rayleigh fading and noise")
    snr_db: float = real(
        math.inf, "Es/N0 of a subcarrier", -100, 300, unit="dB", inf="no noise", option="snr"
    )
    doppler: float = real(
        0.001,
        "Doppler frequency times the duration of an OFDM symbol with its prefix",
        0,
        0.5,
        open_high=True,
        unit="of the OFDM symbol rate",
    )
    frequency_offset: float = real(0.0, "frequency offset of the receiver", -32, 32, unit="subcarriers")
    phase_noise: float = real(
        0.0, "linewidth of the oscillators, a Wiener process", 0, 0.1, unit="of the sample rate"
    )
    iq_gain_db: float = real(0.0, "gain of Q over I in the receiver's mixer", -20, 20, unit="dB")
    iq_phase_deg: float = real(
        0.0, "deviation of I and Q from a right angle", -45, 45, unit="degrees", option="iq-phase"
    )
    channel_seed: int = whole(1, "seed of noise, fading and phase noise", 0, 2**63 - 1)

    def __post_init__(self) -> None:
        """Check everything."""
        check_fields(self)

    def __repr__(self) -> str:
        """Return the shortest call that makes it."""
        return short_repr(self)

    def blocks(self, frames: AirConfig, amplitude: float = 1.0) -> list[gr.block]:
        """Return the blocks that do it, in order, each with one complex input and output.

        Args:
            frames: the frames' settings.
            amplitude: factor of their samples, which the noise follows; more than 0.

        Raises:
            InputError: the frequency offset is more than half of ``frames.fft_len``.
        """
        most = frames.fft_len / 2
        if abs(self.frequency_offset) > most:
            allowed = f"from {-most:g} to {most:g} subcarriers"
            raise InputError(f"frequency_offset: must be {allowed}, got {self.frequency_offset}")
        air = channel(
            model=self.channel,
            snr_db=self.snr_db - 20 * math.log10(amplitude),
            n_taps=min(8, frames.fft_len),
            fading="jakes" if self.channel == "rayleigh" else "image",
            doppler=self.doppler if self.channel == "rayleigh" else 0.0,
            fft_len=frames.fft_len,
            cp_len=frames.cp_len,
            seed=self.channel_seed,
        )
        radios = impairments(
            frequency_offset=self.frequency_offset / frames.fft_len,
            phase_noise=self.phase_noise,
            iq_gain_db=self.iq_gain_db,
            iq_phase_deg=self.iq_phase_deg,
            seed=self.channel_seed,
        )
        return [air, radios]
