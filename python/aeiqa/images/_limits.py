#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Limits of a data set; sizes that a file claims are checked against them before memory is allocated."""

MAX_BYTES = 1 << 32  # pixels of a whole set, unpacked
MAX_PICTURE_PIXELS = 50_000_000  # one picture; more than any camera's, less than a decompression bomb's
MAX_CLASSES = 1 << 16
