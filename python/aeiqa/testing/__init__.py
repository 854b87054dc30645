#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Contracts that can be run: whether a score, a target, a metric or a block keeps what users of one rely on.

Each check runs what it is given on damaged images or streams and raises ``AssertionError``, in one line that
says what does not hold and with which values. They are what the project's own parts are tested with, and for
whoever adds one:

    >>> from gnuradio.aeiqa import iqa, metrics, testing
    >>> testing.check_metric(metrics.psnr, better="high")
    >>> testing.check_target(iqa.load_target("lenet"))
    >>> testing.check_score(lambda: iqa.load_score("blind"), iqa.load_target("paper"))

A score of one's own is a class derived from ``iqa.Estimator``; a target is anything with ``name``,
``predict`` and ``probabilities``; a metric is a function of images sent and received; a block is one of GNU
Radio's.
"""

from .blocks import check_block
from .images import damaged, test_images
from .metrics import check_metric
from .scores import check_score
from .targets import check_target

__all__ = ["check_block", "check_metric", "check_score", "check_target", "damaged", "test_images"]
