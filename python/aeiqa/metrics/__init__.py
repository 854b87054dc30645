#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Image quality metrics, computed over whole batches of images.

Every metric takes uint8 images as ``[N,H,W]`` (grey), ``[N,H,W,C]`` (colour) or a list of ``[H,W]`` and
``[H,W,C]`` arrays of different sizes, and returns one number per image. Wrong types or shapes raise
``InputError``.
"""

from .ber import ber, bit_errors
from .intervals import binomial_interval
from .piqe import piqe
from .psnr import psnr
from .ssim import ssim, ssim_db

__all__ = ["ber", "binomial_interval", "bit_errors", "piqe", "psnr", "ssim", "ssim_db"]
