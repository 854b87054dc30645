#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The link behind Table II once more, in NumPy and double precision, written from its description alone."""

import numpy as np

FFT_LEN, CP_LEN = 64, 16
BITS = {"bpsk": 1, "qpsk": 2, "qam16": 4, "qam64": 6}


def points_of(modulation: str) -> np.ndarray:
    """Point of each natural binary label, unit mean energy."""
    if modulation == "bpsk":
        return np.array([1, -1], dtype=complex)
    if modulation == "qpsk":
        return np.exp(-1j * (np.pi / 4 + np.arange(4) * np.pi / 2))
    side = 2 ** (BITS[modulation] // 2)
    high, low = np.divmod(np.arange(side**2), side)
    points = (2 * high - side + 1) + 1j * (2 * low - side + 1)
    return points / np.sqrt(np.mean(np.abs(points) ** 2))


def taps_of_rayleigh_rows() -> np.ndarray:
    """exp(-l), l = 0 ... 7, of unit energy."""
    taps = np.exp(-np.arange(8.0))
    return taps / np.sqrt(np.sum(taps**2))


def carriers_of(image: np.ndarray, modulation: str) -> np.ndarray:
    """OFDM symbols of an image, [symbols, 64]: columns first, MSB first, the last padded with zeros."""
    bits = np.unpackbits(image.ravel(order="F"))
    per_point = BITS[modulation]
    bits = np.concatenate([bits, np.zeros(-bits.size % per_point, np.uint8)]).reshape(-1, per_point)
    points = points_of(modulation)[bits @ (1 << np.arange(per_point)[::-1])]
    return np.concatenate([points, np.zeros(-points.size % FFT_LEN)]).reshape(-1, FFT_LEN)


def receive(
    image: np.ndarray, modulation: str, rayleigh: bool, noise: np.ndarray | float = 0.0
) -> np.ndarray:
    """The image as it arrives; noise is added before the taps, as the paper's link does it."""
    sent = carriers_of(image, modulation)
    body = np.fft.ifft(sent, norm="ortho")
    burst = np.concatenate([body[:, -CP_LEN:], body], axis=1).ravel() + noise
    if rayleigh:
        full = np.convolve(burst, taps_of_rayleigh_rows())
        burst = full[4 : 4 + burst.size]  # y[n] = sum g[l] x[n + 4 - l]
    received = np.fft.fft(burst.reshape(-1, FFT_LEN + CP_LEN)[:, CP_LEN:], norm="ortho")
    if rayleigh:
        # The receiver knows the first data symbol; a silent carrier tells nothing, and stays as it is.
        known = sent[0] != 0
        response = np.where(known, received[0] / np.where(known, sent[0], 1), 1)
        received = received / response
    return decide(received.ravel(), image.shape, modulation)


def decide(received: np.ndarray, shape: tuple[int, int], modulation: str) -> np.ndarray:
    """Nearest point of all, bits back into an image."""
    labels = np.abs(received[:, None] - points_of(modulation)).argmin(axis=1)
    per_point = BITS[modulation]
    bits = (labels[:, None] >> np.arange(per_point)[::-1]) & 1
    count = int(np.prod(shape)) * 8
    return np.packbits(bits.ravel()[:count].astype(np.uint8)).reshape(shape, order="F")
