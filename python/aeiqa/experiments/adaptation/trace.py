#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""A channel that changes, and what becomes of images that cross it in one mode: the real link, no formula."""

from dataclasses import dataclass, replace

import numpy as np
from gnuradio import blocks, gr

from ...adapt.modes import read_mode
from ...aeiqa_python import channel
from ...errors import InputError
from ...link.air import AirReceiver, AirTransmitter, FragmentStatus
from ...link.air_config import AirConfig

CONDITIONS = ("still", "moving", "pulses", "mixed")
"""Conditions of a trace; see `Trace`."""

# Doppler frequency times the duration of an OFDM symbol.
_STILL, _MOVING = 5e-5, 1.5e-3
_TAPS = 4
_SHADOWING_DB, _SHADOWING_IMAGES = 3.0, 25
_PULSE_DB, _PULSE_SHARE, _PULSE_SYMBOLS = -8.0, 0.15, 3
_CONDITION_IMAGES = 120


@dataclass(frozen=True)
class Trace:
    """A channel over time, the same whatever is sent over it.

    Every ``slot`` OFDM symbols an image is sent. The channel has four Rayleigh taps with Jakes' spectrum,
    log-normal shadowing (standard deviation 3 dB, correlated over 25 images) and white noise. ``still``: the
    taps change over some 40 images. ``moving``: they change within a frame, and the estimate from its
    training grows old. ``pulses``: still, and 15 % of the time there are bursts of interference, three
    symbols long, 8 dB below the signal's mean power. ``mixed``: each of the three in turn by chance, 120
    images long on average.

    Attributes:
        condition: which.
        images: how many are sent.
        slot: OFDM symbols from one image to the next.
        snr_db: Es/N0 of an occupied carrier at the mean over fading and shadowing.
        seed: of everything random.
    """

    condition: str
    images: int
    slot: int
    snr_db: float
    seed: int

    def __post_init__(self) -> None:
        """Check the condition."""
        if self.condition not in CONDITIONS:
            raise InputError(f"condition: must be one of {', '.join(CONDITIONS)}, got {self.condition!r}")

    def conditions(self) -> np.ndarray:
        """Return 0 (still), 1 (moving) or 2 (pulses) for each image, int64 [images]."""
        if self.condition != "mixed":
            return np.full(self.images, CONDITIONS.index(self.condition))
        rng = np.random.default_rng([self.seed, 1])
        changes = rng.random(self.images) < 1 / _CONDITION_IMAGES
        steps = np.where(changes, rng.integers(1, 3, self.images), 0)
        return (rng.integers(3) + np.cumsum(steps)) % 3

    def shadowing_db(self) -> np.ndarray:
        """Return the gain of each image's slot, float64 [images], dB; a first-order autoregression."""
        rng = np.random.default_rng([self.seed, 2])
        memory = np.exp(-1 / _SHADOWING_IMAGES)
        steps = rng.standard_normal(self.images) * _SHADOWING_DB
        steps[1:] *= np.sqrt(1 - memory**2)
        gains = np.empty(self.images)
        level = 0.0
        for i, step in enumerate(steps):
            level = gains[i] = memory * level + step
        return gains

    def pulse_amplitudes(self) -> np.ndarray:
        """Return the interference's amplitude in each OFDM symbol, float64 [images slot]."""
        rng = np.random.default_rng([self.seed, 3])
        count = self.images * self.slot
        on = np.zeros(count, bool)
        starts = np.flatnonzero(rng.random(count) < _PULSE_SHARE / _PULSE_SYMBOLS)
        for k in range(_PULSE_SYMBOLS):
            on[np.minimum(starts + k, count - 1)] = True
        pulsed = np.repeat(self.conditions() == 2, self.slot)
        return np.where(on & pulsed, 10 ** (_PULSE_DB / 20), 0.0)


@dataclass(frozen=True)
class Arrivals:
    """Received images of a trace.

    Attributes:
        images: uint8 [N, H, W]; what never came is the configuration's ``fill``.
        lost: bool [N], nothing came.
        snr_db: float64 [N], as the receiver measured it; NaN where lost.
        perfect: bool [N], every checksum is right.
    """

    images: np.ndarray
    lost: np.ndarray
    snr_db: np.ndarray
    perfect: np.ndarray


def send_over(trace: Trace, images: np.ndarray, config: AirConfig, mode: str) -> Arrivals:
    """Send uint8 images [N, H, W] over a trace in one mode, one a slot.

    Raises:
        InputError: there are not as many images as slots, or an image takes longer than its slot.
    """
    if len(images) != trace.images:
        raise InputError(f"images: the trace is for {trace.images}, got {len(images)}")
    modulation, copies = read_mode(mode)
    config = replace(config, modulation=modulation, copies=copies, stream=1)
    receiver = AirReceiver(config)
    _Path(trace, images, config, receiver).run()
    receiver.release()
    count = len(images)
    arrived = Arrivals(
        np.full_like(images, config.fill), np.ones(count, bool), np.full(count, np.nan), np.zeros(count, bool)
    )
    for got in receiver.take():
        arrived.images[got.index] = got.image
        arrived.lost[got.index] = False
        arrived.snr_db[got.index] = got.snr_db
        arrived.perfect[got.index] = (got.fragments == FragmentStatus.OK).all()
    return arrived


class _Path(gr.top_block):
    """Transmitter, silence up to the end of each slot, fading, interference, noise, receiver."""

    def __init__(self, trace: Trace, images: np.ndarray, config: AirConfig, receiver: AirReceiver) -> None:
        gr.top_block.__init__(self, "aeiqa trace")
        symbol_len = config.symbol_len
        symbols = config.copies * config.frames_per_image(images[0].nbytes) * config.frame_symbols
        if symbols > trace.slot:
            raise InputError(f"slot: {config.modulation} takes {symbols} symbols, got {trace.slot}")
        slots = AirTransmitter(config, images)
        if symbols < trace.slot:
            silence = blocks.null_source(gr.sizeof_gr_complex)
            slots = self._join(
                blocks.stream_mux(
                    gr.sizeof_gr_complex, [symbols * symbol_len, (trace.slot - symbols) * symbol_len]
                ),
                slots,
                silence,
            )
        gains = 10 ** (trace.shadowing_db() / 20)
        moving = trace.conditions() == 1
        ofdm = (config.fft_len, config.cp_len)
        parts = []
        for number, (doppler, active) in enumerate(((_STILL, ~moving), (_MOVING, moving))):
            if active.any():
                fading = channel("rayleigh", np.inf, _TAPS, "jakes", doppler, *ofdm, _key(trace, number))
                scaled = self._scaled(slots, np.where(active, gains, 0.0), trace.slot * symbol_len)
                parts.append(self._join(fading, scaled))
        amplitudes = trace.pulse_amplitudes()
        if amplitudes.any():
            source = blocks.null_source(gr.sizeof_gr_complex)
            pulses = self._join(channel("awgn", 0.0, seed=_key(trace, 2)), source)
            parts.append(self._scaled(pulses, amplitudes, symbol_len))
        total = parts[0] if len(parts) == 1 else self._join(blocks.add_cc(), *parts)
        self.connect(total, channel("awgn", trace.snr_db, seed=_key(trace, 3)), receiver)

    def _join(self, block: gr.basic_block, *inputs: gr.basic_block) -> gr.basic_block:
        for port, source in enumerate(inputs):
            self.connect(source, (block, port))
        return block

    def _scaled(self, samples: gr.basic_block, values: np.ndarray, hold: int) -> gr.basic_block:
        """Multiply by values, each for ``hold`` samples; the stream ends with them."""
        source = blocks.vector_source_f(values.tolist())
        held = self._join(blocks.repeat(gr.sizeof_float, hold), source)
        return self._join(blocks.multiply_cc(), samples, self._join(blocks.float_to_complex(), held))


def _key(trace: Trace, number: int) -> int:
    return int(np.random.SeedSequence([trace.seed, 4, number]).generate_state(1, np.uint64)[0])
