#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Random bit errors for training and calibration: generic damage that knows nothing of any link.

Each image draws its own bit error rate and how the errors are shared out: among the eight bit planes; for
half of the images among places that come back with some period; for half by the value sent, as happens
wherever some symbols are safer than others; and for half not at random but the same for the same value (and
its predecessor), as interference makes them. No modulation, channel or equaliser is in it, so a score
calibrated with it has never seen the links that it is tested on.
"""

from functools import lru_cache

import numpy as np

# Where every bit errs with probability one half nothing is left, and none errs more often: rates above that
# only spread the damage more evenly.
LOWEST_RATE = 2e-3
HIGHEST_RATE = 0.8
CLEAN_SHARE = 0.05
LONGEST_PERIOD = 64
LARGE = 1 << 14  # bytes of an image from which its errors come from tables, several times as fast
_LEVELS = 8  # to which the weights of places are rounded then


def random_bit_flips(
    images: np.ndarray,
    rng: np.random.Generator,
    rates: np.ndarray | None = None,
    alike: bool = False,
) -> np.ndarray:
    """Return a damaged copy of uint8 images [N, H, W, C].

    Args:
        images: what is damaged.
        rng: where the randomness comes from.
        rates: nominal bit error rate of each image, float [N], before no bit errs more often than every
            second time; None: log-uniform from 0.002 to 0.8, and none at all for one image in twenty.
        alike: whether all images share one way in which errors are dealt out, as over a link.
    """
    count = len(images)
    if rates is None:
        rates = np.exp(rng.uniform(np.log(LOWEST_RATE), np.log(HIGHEST_RATE), count))
        rates[rng.random(count) < CLEAN_SHARE] = 0.0
    pixels = images.reshape(count, -1)
    out = np.empty_like(pixels)
    step = max(1, (1 << 21) // max(pixels.shape[1] * 8, 1))  # bounds the memory of the random numbers
    way_seed = int(rng.integers(1 << 62)) if alike else None
    if pixels.shape[1] >= LARGE:
        for row, rate in enumerate(rates):
            out[row] = pixels[row] ^ _large_error_bytes(pixels[row], images.shape[1:], rate, rng, way_seed)
        return out.reshape(images.shape)
    for start in range(0, count, step):
        part = slice(start, start + step)
        out[part] = pixels[part] ^ _error_bytes(pixels[part], images.shape[1:], rates[part], rng, way_seed)
    return out.reshape(images.shape)


def _error_bytes(
    values: np.ndarray,
    shape: tuple[int, ...],
    rates: np.ndarray,
    rng: np.random.Generator,
    way_seed: int | None,
) -> np.ndarray:
    """Return uint8 [N, pixels] whose set bits are the errors in ``values``.

    ``way_seed``: seed of the one way in which errors are dealt out in all images; None: each has its own.
    """
    count, pixels = values.shape
    ways, way = (count, rng) if way_seed is None else (1, np.random.default_rng(way_seed))
    order, previous = _order(ways, shape, way)
    rows, way_of = np.arange(count)[:, np.newaxis], np.arange(ways)[:, np.newaxis]
    places = _place_weights(order, way) * np.asarray(rates, np.float32)[:, np.newaxis]
    weights = _plane_weights(ways, way)[:, np.newaxis] * _value_weights(ways, way)
    probability = weights[way_of, values]  # [N, pixels, 8]
    probability *= places[..., np.newaxis]
    threshold = (np.minimum(probability, 0.5) * 65536.0).astype(np.uint16)
    draws = np.frombuffer(rng.bytes(2 * threshold.size), np.uint16).reshape(threshold.shape)
    # Errors that are no accident: all pixels of one value (for some images, after one and the same value)
    # share their draw.
    systematic = _for_half(ways, way) * way.random((ways, 1), np.float32)
    shared = way.integers(0, 1 << 16, (ways, 256, 8), np.uint16)
    before = np.where(way.random((ways, 1)) < 0.5, values[rows, previous] & 0xF0, 0)
    table_draws = shared[way_of, values ^ before]
    chosen = rng.random((count, pixels), np.float32) < systematic
    draws = np.where(chosen[..., np.newaxis], table_draws, draws)
    return np.packbits(draws < threshold, axis=-1)[..., 0]


def _large_error_bytes(
    values: np.ndarray, shape: tuple[int, ...], rate: float, rng: np.random.Generator, way_seed: int | None
) -> np.ndarray:
    """Return uint8 [pixels] for a single image as ``_error_bytes`` does, with places' weights rounded."""
    way = rng if way_seed is None else np.random.default_rng(way_seed)
    (row_wise, column_wise), (left, above) = _both_orders(shape)
    order, previous = (row_wise, left) if way.random() < 0.5 else (column_wise, above)
    uneven = float(_for_half(1, way)[0, 0]) * way.uniform(0.0, 2.0)
    levels = np.sort(np.exp(uneven * way.standard_normal(_LEVELS)))
    levels /= levels.mean()
    weights = _plane_weights(1, way)[0] * _value_weights(1, way)[0]  # [256, 8]
    period_level = way.integers(0, _LEVELS, int(way.integers(2, LONGEST_PERIOD + 1)), np.uint16)
    tables = np.minimum(weights * (rate * levels)[:, np.newaxis, np.newaxis], 0.5) * 65536.0
    row = values.astype(np.uint16)
    if uneven > 0.0:
        sent = np.resize(period_level << 8, len(values))  # in the order of sending
        row = row | (sent if order is row_wise else sent[order])
    # A row of eight 16-bit thresholds is moved as two 64-bit words.
    words = tables.astype(np.uint16).reshape(-1, 8).view(np.uint64)
    threshold = words.take(row, axis=0).view(np.uint16)
    draws = rng.integers(0, 1 << 64, 2 * len(values), np.uint64).view(np.uint16).reshape(-1, 8)
    threshold = threshold.reshape(-1, 8)
    systematic = float(_for_half(1, way)[0, 0]) * way.random(dtype=np.float32)
    shared = way.integers(0, 1 << 16, (256, 8), np.uint16)
    follows = way.random() < 0.5
    errors = np.packbits(draws < threshold, axis=-1)[..., 0]
    if systematic > 0.0:
        chosen = np.flatnonzero(rng.random(len(values), np.float32) < systematic)
        before = values[previous[chosen]] & 0xF0 if follows else 0
        errors[chosen] = np.packbits(shared[values[chosen] ^ before] < threshold[chosen], axis=-1)[..., 0]
    return errors


@lru_cache(maxsize=4)
def _both_orders(shape: tuple[int, ...]) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
    """Return when each pixel is sent, row by row and column by column, and which one before it: [pixels]."""
    height, width, channels = shape
    row_wise = np.arange(height * width * channels)
    column_wise = row_wise.reshape(width, height, channels).transpose(1, 0, 2).ravel()
    return (row_wise, column_wise), (row_wise - 1, np.argsort(column_wise)[column_wise - 1])


def _for_half(count: int, rng: np.random.Generator) -> np.ndarray:
    """Return float32 [N, 1], 1 for every other image and 0 for the rest, at random."""
    return (rng.random((count, 1)) < 0.5).astype(np.float32)


def _plane_weights(count: int, rng: np.random.Generator) -> np.ndarray:
    """Return float32 [N, 8] of mean 1: a random tilt from high to low bits and an offset of each plane."""
    tilt = rng.normal(0.0, 0.25, (count, 1)) * (np.arange(8) - 3.5)
    weights = np.exp(tilt + rng.normal(0.0, 0.4, (count, 8)))
    return (weights / weights.mean(axis=1, keepdims=True)).astype(np.float32)


def _value_weights(count: int, rng: np.random.Generator) -> np.ndarray:
    """Return float32 [N, 256, 8] of mean 1 for each image: how likely each bit of each value errs.

    What the high and the low four bits of a value are decides alike.
    """
    high, low = (rng.standard_normal((count, 16, 8), np.float32) for _ in range(2))
    strength = _for_half(count, rng) * rng.uniform(0.0, 1.5, (count, 1)).astype(np.float32)
    exponent = (high[:, :, np.newaxis] + low[:, np.newaxis]).reshape(count, 256, 8)
    weights = np.exp(strength[..., np.newaxis] * exponent)
    return weights / weights.mean(axis=(1, 2), keepdims=True)


def _order(count: int, shape: tuple[int, ...], rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return two int64 [N, pixels]: when each pixel is sent, and which one is sent before it (first: last).

    Pixels go row by row or column by column, whichever the image drew.
    """
    height, width, channels = shape
    row_wise = np.arange(height * width * channels)
    column_wise = row_wise.reshape(width, height, channels).transpose(1, 0, 2).ravel()
    before = np.argsort(column_wise)[column_wise - 1]
    by_row = rng.random((count, 1)) < 0.5
    return np.where(by_row, row_wise, column_wise), np.where(by_row, row_wise - 1, before)


def _place_weights(order: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return float32 [N, pixels] of mean 1; for half of the images uneven, with a period of 2 to 64 bytes."""
    count = len(order)
    period = rng.integers(2, LONGEST_PERIOD + 1, (count, 1))
    strength = _for_half(count, rng) * rng.uniform(0.0, 2.0, (count, 1))
    levels = np.exp(strength * rng.standard_normal((count, LONGEST_PERIOD))).astype(np.float32)
    weights = np.take_along_axis(levels, order % period, axis=1)
    return weights / weights.mean(axis=1, keepdims=True)
