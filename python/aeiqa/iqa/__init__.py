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
from .own_network import is_own, no_models_text
from .own_target import OwnTarget
from .score import Estimator, Score
from .target import TARGETS, Target, load_target

__all__ = [
    "SCORES", "TARGETS", "Estimator", "OwnTarget", "PaperScore", "Score", "Target", "is_own", "load_score",
    "load_target", "no_models_text",
]  # fmt: skip
