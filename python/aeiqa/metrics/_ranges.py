#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The check of ``data_range``, which PSNR and SSIM share."""

import math
from numbers import Real

from ..errors import InputError


def check_data_range(data_range: float) -> float:
    """Return the span between the darkest and the brightest possible sample as a float, if it is one."""
    if not isinstance(data_range, Real) or not math.isfinite(data_range) or data_range <= 0:
        raise InputError(f"data_range: must be a positive number (255 for bytes), got {data_range!r}")
    return float(data_range)
