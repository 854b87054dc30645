#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Experiments from a program or a notebook: one call runs one, and its result shows itself."""

from .evaluations import EvaluationResult, evaluate
from .sweeps import SweepResult, sweep

__all__ = ["EvaluationResult", "SweepResult", "evaluate", "sweep"]
