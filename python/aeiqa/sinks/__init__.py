#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Blocks at the end of the link: images out of bytes, measured and scored batch by batch."""
