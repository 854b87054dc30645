#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Evaluation: every score against the true error of every target, over many links."""

from ..experiment import run as run_evaluation
from .config import EvaluationConfig
from .plan import Plan

__all__ = ["EvaluationConfig", "Plan", "run_evaluation"]
