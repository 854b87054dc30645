#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The table of a sweep: one row a condition, computed from the records of its images."""

from collections.abc import Callable, Sequence
from typing import Optional

import numpy as np

from ... import metrics
from ..csv_tables import Value
from .grid import Condition

# As in the paper's Table II (data/paper/table2.csv), in its units. "wrong" and "correct" are the means over
# the images the classifier got wrong and right; a PSNR mean is infinite as soon as one image arrived without
# error.
PAPER_COLUMNS = (
    "channel", "modulation", "snr_db", "ber", "classifier_error_pct", "psnr_wrong_db", "psnr_correct_db",
    "ssim_wrong_db", "ssim_correct_db", "piqe_wrong", "piqe_correct", "iqa_error_pct",
)  # fmt: skip
# _low and _high are the ends of 95 % intervals; psnr_finite_db is the mean over the images that arrived with
# errors, infinite if there are none.
OWN_COLUMNS = (
    "eb_n0_db", "images", "bits", "bit_errors", "ber_low", "ber_high", "psnr_finite_db", "identical_share",
    "ssim", "piqe", "phi", "iqa_low", "iqa_high",
)  # fmt: skip
COLUMNS = PAPER_COLUMNS + OWN_COLUMNS
# Of each measure, its 5 and 95 % quantiles over the draws, where there are several.
DRAWN = (
    "ber", "classifier_error_pct", "iqa_error_pct", "psnr_wrong_db", "psnr_correct_db", "ssim_wrong_db",
    "ssim_correct_db", "piqe_wrong", "piqe_correct", "psnr_finite_db", "ssim", "piqe",
)  # fmt: skip
QUANTILES = {"q05": 0.05, "q95": 0.95}
QUANTILE_COLUMNS = tuple(f"{name}_{end}" for name in DRAWN for end in QUANTILES)
TOP5_COLUMN = "classifier_top5_error_pct"  # last, where the classifier knows many classes

TABLE_FILE = "table.csv"  # made of the units when all are there
IMAGES_FILE = "images.csv.gz"
DIGITS = 7

Pooled = Callable[[float, float, int], tuple[float, tuple[float, float]]]
"""(mean raw value, mean of the images' scores in per cent, number of images) -> error, interval, per cent."""


def row(
    condition: Condition,
    eb_n0_db: float,
    records: np.ndarray,
    with_target: bool,
    pooled: Optional[Pooled] = None,
) -> dict[str, Value]:
    """Return the table's row for the images of one condition.

    ``pooled`` makes the predicted error and its interval of what was scored; None: there is no score.

    Without a target, what needs a classifier is None; so is the score of a target that has none, and the mean
    of an empty group.
    """
    errors, bits = int(records["bit_errors"].sum()), int(records["bits"].sum())
    low, high = ber_interval(records["bit_errors"], records["bits"])
    finite = np.isfinite(records["psnr_db"])
    values: dict[str, Value] = dict.fromkeys(COLUMNS)
    values |= {
        "channel": condition.channel,
        "modulation": condition.modulation,
        "snr_db": condition.snr_db,
        "ber": errors / bits,
        "eb_n0_db": eb_n0_db,
        "images": len(records),
        "bits": bits,
        "bit_errors": errors,
        "ber_low": low,
        "ber_high": high,
        "psnr_finite_db": _mean(records["psnr_db"][finite]) if finite.any() else np.inf,
        "identical_share": 1 - finite.mean(),
        "ssim": _mean(records["ssim"]),
        "piqe": _mean(records["piqe"]),
    }
    return values | _target_columns(records, pooled) if with_target else values


def row_of_draws(
    condition: Condition,
    eb_n0_db: float,
    records: np.ndarray,
    draws: int,
    with_target: bool,
    pooled: Optional[Pooled] = None,
) -> dict[str, Value]:
    """Return the row of all images of all draws, with the quantiles over draws from two on; as ``row`` else.

    A quantile is None where a draw has no such value, as the PSNR of the images misclassified if none is.
    """
    values = row(condition, eb_n0_db, records, with_target, pooled)
    if draws == 1:
        return values
    rows = [row(condition, eb_n0_db, part, with_target, pooled) for part in np.split(records, draws)]
    for name in DRAWN:
        drawn = [each[name] for each in rows]
        for end, share in QUANTILES.items():
            values[f"{name}_{end}"] = None if None in drawn else quantile(drawn, share)
    return values


def quantile(values: Sequence[float], share: float) -> float:
    """Return a quantile, between two values in proportion; infinite next to an infinite one."""
    ordered = np.sort(np.asarray(values, np.float64))
    position = share * (len(ordered) - 1)
    low, high = ordered[int(np.floor(position))], ordered[int(np.ceil(position))]
    return float(low if low == high else low + (position % 1) * (high - low))


def ber_interval(bit_errors: np.ndarray, bits: np.ndarray, confidence: float = 0.95) -> tuple[float, float]:
    """Return the interval of a bit error rate counted image by image.

    The bits of an image share its fading, so they are worth fewer independent ones: Clopper-Pearson with the
    effective number of bits (Korn and Graubard, Survey Methodology 24(2), 1998), the number of bits over the
    ratio of the rate's variance between images to that of independent bits. On AWGN the ratio is about 1.
    """
    total = bits.sum()
    rate = bit_errors.sum() / total
    design_effect = 1.0
    if len(bits) > 1 and 0 < rate < 1:
        residual = bit_errors - rate * bits
        variance = len(bits) / (len(bits) - 1) * np.sum(residual**2) / total**2
        design_effect = max(1.0, variance / (rate * (1 - rate) / total))
    effective = total / design_effect
    low, high = metrics.binomial_interval(rate * effective, effective, confidence)
    return float(low), float(high)


def _target_columns(records: np.ndarray, pooled: Optional[Pooled]) -> dict[str, Value]:
    wrong = records["prediction"] != records["label"]
    values: dict[str, Value] = {"classifier_error_pct": 100 * wrong.mean()}
    if "top5" in records.dtype.names:
        values[TOP5_COLUMN] = 100 * (1 - records["top5"].mean())
    if pooled is not None and np.isfinite(records["score"]).all():
        values |= _score_columns(records, pooled)
    for name, group in (("wrong", records[wrong]), ("correct", records[~wrong])):
        ssim = _mean(group["ssim"])
        values[f"psnr_{name}_db"] = _mean(group["psnr_db"])
        values[f"ssim_{name}_db"] = None if ssim is None else float(metrics.ssim_db(ssim))
        values[f"piqe_{name}"] = _mean(group["piqe"])
    return values


def _score_columns(records: np.ndarray, pooled: Pooled) -> dict[str, Value]:
    scores = 100 * float(records["score"].mean())
    error, (low, high) = pooled(float(records["raw"].mean()), scores, len(records))
    return {"iqa_error_pct": error, "phi": 1 - error / 100, "iqa_low": low, "iqa_high": high}


def _mean(values: np.ndarray) -> Optional[float]:
    return float(values.mean()) if values.size else None
