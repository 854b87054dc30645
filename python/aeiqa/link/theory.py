#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Exact bit error rates of the link's constellations.

Nothing here knows the C++ constellation tables: the definitions are written out once more, so that a test
which compares the link with this module compares two independent statements of the same thing.

Conventions
    g = Es/N0 per symbol, unit mean symbol energy, complex noise of variance N0 (N0/2 per axis), labels
    equiprobable, decision for the nearest point.
    bpsk     bit 0 at +1, bit 1 at -1; ``labels`` makes no difference.
    qpsk     natural: label n at exp(-j(pi/4 + n pi/2)), clockwise. gray: a square QAM of one bit an axis.
    qam16..  I carries the high half of the bits, Q the low half; the level rises with their value (natural)
             or with the value whose binary-reflected Gray code they are (gray).

A detector that compares a Gaussian with thresholds errs with a sum of Q functions of the distances between
points and thresholds, so every rate is kept as ``sum_k w_k Q(sqrt(2 e_k g))**n_k`` and only evaluated at the
end: over AWGN directly, over Rayleigh fading term by term with the closed form of its mean.
"""

from typing import NamedTuple

import numpy as np
from scipy import special

from ..errors import InputError

BITS_PER_SYMBOL = {"bpsk": 1, "qpsk": 2, "qam16": 4, "qam64": 6, "qam256": 8, "qam1024": 10}
LABELS = ("natural", "gray")


# Wrong bits on all detours of one Hamming distance through the trellis of the convolutional code.
_K7_SPECTRUM = {10: 36, 12: 211, 14: 1404, 16: 11633, 18: 77433, 20: 502690, 22: 3322763, 24: 21292910}


class _Term(NamedTuple):
    """One summand ``weight * Q(sqrt(2 * energy * g)) ** power`` of a bit error rate."""

    weight: float
    energy: float
    power: int


def awgn_ber(modulation: str, labels: str, es_n0_db):
    """Return the exact bit error rate over an AWGN channel.

    ``es_n0_db`` is a number or an array, in dB; the result has its shape. For Gray 16-QAM this is the formula
    of Cho and Yoon (IEEE Trans. Commun. 50(7), 2002), for BPSK Q(sqrt(2g)).

    Raises ``InputError`` for an unknown modulation or labelling.
    """
    g = _from_db(es_n0_db)
    rate = np.zeros_like(g)
    for weight, energy, power in _terms(modulation, labels):
        rate += weight * special.ndtr(-np.sqrt(2 * energy * g)) ** power
    return _like(rate, es_n0_db)


def rayleigh_ber(modulation: str, labels: str, es_n0_db, estimation: str = "perfect"):
    """Return the exact bit error rate over flat Rayleigh fading of mean power 1, at mean Es/N0 ``es_n0_db``.

    It also holds for every subcarrier of an OFDM link whose channel fits its cyclic prefix. ``estimation`` is
    "perfect" (receiver knows the channel) or "ls" (it divides by one noisy training symbol of the data's
    energy; in closed form for BPSK only: the sign of a product of two correlated Gaussians, 1/(2(1 + g))).

    Raises ``InputError`` for an unknown name, or "ls" with a modulation other than BPSK.
    """
    g = _from_db(es_n0_db)
    terms = _terms(modulation, labels)
    if estimation == "ls":
        if modulation != "bpsk":
            raise InputError(f"estimation ls: no closed form for {modulation}, only for bpsk")
        return _like(0.5 / (1 + g), es_n0_db)
    if estimation != "perfect":
        raise InputError(f"estimation must be perfect or ls, got {estimation!r}")
    rate = np.zeros_like(g)
    for weight, energy, power in terms:
        rate += weight * _mean_q_rayleigh(energy * g, power)
    return _like(rate, es_n0_db)


def convolutional_ber_bound(eb_n0_db):
    """Return the union bound of the bit error rate of the usual convolutional code over AWGN.

    The code of gr-fec's CC blocks: K = 7, rate 1/2, generators 171 and 133 (octal); soft Viterbi decoding,
    one bit a dimension (BPSK, Gray QPSK). ``eb_n0_db`` is that of an image's bit, in dB, a number or an
    array. From 4 dB up the true rate is near; below about 3 dB the bound means little.
    """
    g = _from_db(eb_n0_db)
    bound = np.zeros_like(g)
    for distance, weight in _K7_SPECTRUM.items():
        bound += weight * special.ndtr(-np.sqrt(distance * g))  # 2 d R Eb/N0 under the root, R = 1/2
    return _like(np.minimum(bound, 0.5), eb_n0_db)


def _terms(modulation: str, labels: str) -> list[_Term]:
    if modulation not in BITS_PER_SYMBOL:
        raise InputError(f"modulation must be one of {', '.join(BITS_PER_SYMBOL)}, got {modulation!r}")
    if labels not in LABELS:
        raise InputError(f"labels must be natural or gray, got {labels!r}")
    if modulation == "bpsk":
        return [_Term(1.0, 1.0, 1)]
    if modulation == "qpsk" and labels == "natural":
        # Clockwise labels: the high bit is the sign of Q, the low one the product of both signs, so with
        # q = Q(sqrt(g)) per axis the bits err with q and 2q(1 - q).
        return [_Term(1.5, 0.5, 1), _Term(-1.0, 0.5, 2)]
    return _square_qam_terms(BITS_PER_SYMBOL[modulation], labels)


def _square_qam_terms(bits: int, labels: str) -> list[_Term]:
    """Both axes are the same PAM of bits/2 bits, so the rate is that of one axis."""
    axis_bits = bits // 2
    side = 1 << axis_bits
    level = np.arange(side)
    code = level ^ (level >> 1) if labels == "gray" else level
    distance = _popcount(code[:, None] ^ code[None, :])
    # Sent level i lands at or above m with Q(t_m - x_i). Summed by parts over the decided level, each
    # threshold counts with the change of the Hamming distance there; below i, Q(-x) = 1 - Q(x), and the ones
    # cancel.
    change = np.diff(distance, axis=1)
    sent, threshold = np.meshgrid(level, np.arange(1, side), indexing="ij")
    above = threshold > sent
    steps = np.where(above, 2 * (threshold - sent) - 1, 2 * (sent - threshold) + 1)
    weights = np.bincount(steps.ravel(), np.where(above, change, -change).ravel()) / (side * axis_bits)
    # Levels lie 2 d apart, thresholds at odd multiples of d; unit mean energy of both axes gives d^2.
    d_squared = 1.5 / (side**2 - 1)
    return [_Term(w, d_squared * k * k, 1) for k, w in enumerate(weights) if w != 0]


def _mean_q_rayleigh(c, power: int):
    """E[Q(sqrt(2 c u))**power], u exponential of mean 1.

    Simon and Alouini, Digital Communication over Fading Channels, chapter 5.
    """
    s = np.sqrt(c / (1 + c))
    if power == 1:
        # (1 - s)/2, written so that nothing cancels at high SNR: 1 - s^2 = 1/(1 + c).
        return 0.5 / ((1 + c) * (1 + s))
    return 0.25 - s / np.pi * np.arctan2(1.0, s)


def _popcount(values: np.ndarray) -> np.ndarray:
    return np.unpackbits(values.astype(">u2")[..., None].view(np.uint8), axis=-1).sum(axis=-1, dtype=np.int64)


def _from_db(es_n0_db) -> np.ndarray:
    return 10.0 ** (np.asarray(es_n0_db, dtype=float) / 10)


def _like(rate: np.ndarray, given):
    """A number for a number, an array for an array."""
    return float(rate) if np.ndim(given) == 0 else rate
