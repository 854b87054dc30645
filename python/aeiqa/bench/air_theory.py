#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Error rates of frames' QPSK payloads by theory, from the channel alone.

Conventions
    taps [frames, n] of the channel; |H_k|^2 its power gain at data carrier k; g = Es/N0 at unit gain. The
    prefix holds the channel, so each carrier is an AWGN channel of its own, and a bit of Gray QPSK, one sign
    of one axis, errs with p_k = Q(sqrt(g |H_k|^2)) (Proakis and Salehi, Digital Communications, 4.3) for a
    receiver that knows time, frequency and channel: taking each carrier by itself, none does better.

    A receiver that divides by an estimate H + e of the channel decides on y/(H + e) = x + (n - e x)/(H + e):
    as if the noise were 1 + v_k times as strong, v_k = E|e_k|^2/N0. The mean over M known symbols, projected
    onto what so many taps make (the matrix P), leaves v_k = P_kk/M (Edfors et al., "OFDM channel estimation
    by singular value decomposition", 1998).
"""

from typing import NamedTuple

import numpy as np
from scipy.optimize import brentq
from scipy.special import log_ndtr, ndtr

from ..link.air_config import AirConfig

_CONFIDENCE_95 = 1.96
_LOSSES_DB = (-3.0, 20.0)  # that are looked at


def data_gains(taps: np.ndarray, config: AirConfig) -> np.ndarray:
    """Return |H_k|^2, float64 [frames, data carriers], of channels ``taps``, complex [frames, n]."""
    return np.abs(np.fft.fft(taps, config.fft_len)[:, list(config.data_carriers)]) ** 2


def estimate_variance(config: AirConfig) -> np.ndarray:
    """Return v, float64 [data carriers]: the estimate's variance over N0, behind ``frame_sync``."""
    occupied = np.array(sorted(config.data_carriers + config.pilot_carriers))
    taps = np.arange(-(config.cp_len // 8), config.cp_len + 1)
    transform = np.exp(-2j * np.pi * np.outer(occupied, taps) / config.fft_len)
    left, sizes, _ = np.linalg.svd(transform, full_matrices=False)
    kept = np.sum(np.abs(left[:, sizes > 1e-4 * sizes[0]]) ** 2, axis=1)
    return kept[np.isin(occupied, config.data_carriers)] / (config.training_symbols + config.header_symbols)


def wrong_bits(gains: np.ndarray, snr_db: float, config: AirConfig) -> np.ndarray:
    """Return the number of wrong bits expected in each payload, [frames], of a receiver that estimates."""
    distance = np.sqrt(10 ** (snr_db / 10) * gains / (1 + estimate_variance(config)))
    return 2 * config.payload_symbols * ndtr(-distance).sum(axis=1)


def right_probability(gains: np.ndarray, snr_db: float, config: AirConfig) -> np.ndarray:
    """Return the probability that not one bit is wrong, [frames], of a receiver told everything."""
    distance = np.sqrt(10 ** (snr_db / 10) * gains)
    return np.exp(2 * config.payload_symbols * log_ndtr(distance).sum(axis=1))


class Count(NamedTuple):
    """Payloads that should come right: mean and standard deviation, of independent frames."""

    mean: float
    deviation: float


def right_count(gains: np.ndarray, snr_db: float, config: AirConfig) -> Count:
    """Return how many payloads should come right of a receiver told everything."""
    p = right_probability(gains, snr_db, config)
    return Count(float(p.sum()), float(np.sqrt(np.sum(p * (1 - p)))))


class Loss(NamedTuple):
    """Of a receiver, in dB of Es/N0: the likeliest, and the 95 % interval."""

    db: float
    low: float
    high: float


def loss(right: int, gains: np.ndarray, snr_db: float, config: AirConfig) -> Loss:
    """Return by how much less Es/N0 a receiver told everything would read ``right`` of the payloads.

    An end of the interval is the loss at which the count, with its deviation then, would only just be as far
    off. NaN where no loss within -3 to 20 dB fits.
    """

    def fitting(sigmas: float) -> float:
        def excess(loss_db: float) -> float:
            count = right_count(gains, snr_db - loss_db, config)
            return count.mean + sigmas * count.deviation - right

        low, high = _LOSSES_DB
        return brentq(excess, low, high, xtol=1e-4) if excess(low) > 0 > excess(high) else float("nan")

    return Loss(fitting(0.0), fitting(-_CONFIDENCE_95), fitting(_CONFIDENCE_95))
