#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Reports on finished sweeps and evaluations: as text, and as a page with figures.

matplotlib is imported with ``page``, not before.
"""

from .text import report_text

__all__ = ["report_text"]
