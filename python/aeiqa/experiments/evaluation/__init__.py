#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Evaluation: every score against the true error of every target, over many links."""

from .config import EvaluationConfig
from .plan import Plan
from .run import run_evaluation

__all__ = ["EvaluationConfig", "Plan", "run_evaluation"]
