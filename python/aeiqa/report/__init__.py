#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Reports on finished sweeps and evaluations: as text, and as a page with figures.

matplotlib is imported with ``page``, not before.
"""

from ..experiments.sweep.results import Results, holds_no_sweep, load_results
from .text import Summary, report_text, summarise

__all__ = ["Results", "Summary", "holds_no_sweep", "load_results", "report_text", "summarise"]
