#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The runnable contracts: what the project has keeps them, and what breaks one is caught."""

import numpy as np
import pytest

from gnuradio.aeiqa import metrics, testing

METRICS = {
    "psnr": (metrics.psnr, {"better": "high"}),
    "ssim": (metrics.ssim, {"better": "high"}),
    "ber": (metrics.ber, {"better": "low"}),
    "bit_errors": (metrics.bit_errors, {"better": "low", "dtype": np.int64}),
    "piqe": (metrics.piqe, {"compares": False}),
}


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_keeps_the_contract(name):
    metric, options = METRICS[name]
    testing.check_metric(metric, **options)


def mean_of_set(sent, received):
    found = metrics.ber(sent, received)
    return np.full_like(found, found.mean())


def remembers(sent, received, calls=[]):  # noqa: B006
    calls.append(1)
    return metrics.ber(sent, received) + len(calls)


def damages(sent, received):
    found = metrics.ber(sent, received)
    received[0][:] = 0
    return found


def takes_floats(sent, received):
    bytes_ = [[np.asarray(image, np.uint8) for image in images] for images in (sent, received)]
    return metrics.ber(*bytes_)


def sorts(sent, received):
    return np.sort(metrics.ber(sent, received))


@pytest.mark.parametrize(
    ("metric", "options", "message"),
    [
        (mean_of_set, {}, "must not depend on other images: entry"),
        (remembers, {}, "the same images must give the same"),
        (damages, {}, "images must be left as they were"),
        (takes_floats, {}, "floating-point images must raise InputError, and was taken"),
        (sorts, {}, "must not depend on the order of images"),
        (lambda a, b: metrics.ber(a, b).astype(np.float32), {}, "must return float64"),
        (lambda a, b: metrics.ber(a, b) * np.nan, {}, "must not be nan"),
        (metrics.psnr, {"better": "low"}, "must get worse"),
    ],
)
def test_a_broken_metric_is_caught(metric, options, message):
    with pytest.raises(AssertionError, match=message) as raised:
        testing.check_metric(metric, **options)
    assert "\n" not in str(raised.value)
