#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Reports on finished sweeps: the paper and the measurement side by side, and figures."""

from .results import Results, load_results
from .text import Summary, report_text, summarise

__all__ = ["Results", "Summary", "load_results", "report_text", "summarise"]
