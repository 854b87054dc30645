#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Image quality as a neural network sees it: target classifiers and scores that predict their error.

torch is imported when a model is loaded, not before.
"""

from .centroid_score import PaperScore
from .loading import SCORES, load_score
from .score import Estimator, Score
from .target import TARGETS, Target, load_target

__all__ = ["SCORES", "TARGETS", "Estimator", "PaperScore", "Score", "Target", "load_score", "load_target"]
