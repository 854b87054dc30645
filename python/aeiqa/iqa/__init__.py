#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Image quality as a neural network sees it: target classifiers and scores that predict their error.

torch is imported when a model is loaded, not before.
"""

from .classifiers.targets import TARGETS, Target, load_target
from .classifiers.user_classifier import UserClassifier
from .classifiers.user_network import is_own, no_models_text
from .judge import Judge
from .networks.score_input import Answers, CachedImages
from .scores.base import Estimator, RunningScore, Score
from .scores.loading import SCORES, default_score, load_score, score_title
from .scores.paper import PaperScore

__all__ = [
    "SCORES",
    "TARGETS",
    "Answers",
    "CachedImages",
    "Estimator",
    "Judge",
    "PaperScore",
    "RunningScore",
    "Score",
    "Target",
    "UserClassifier",
    "default_score",
    "is_own",
    "load_score",
    "load_target",
    "no_models_text",
    "score_title",
]  # fmt: skip
