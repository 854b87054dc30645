#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Image quality as a neural network sees it: target classifiers and scores that predict their error.

torch is imported when a model is loaded, not before.
"""

from .score import SCORES, PaperScore, Score, load_score
from .target import TARGETS, Target, load_target

__all__ = ["SCORES", "TARGETS", "PaperScore", "Score", "Target", "load_score", "load_target"]
