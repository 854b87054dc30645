#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""A classifier answers and a score predicts its error, in one call."""

import numpy as np

from ..errors import InputError
from .networks.inference import Images, as_batch
from .networks.score_input import Answers, CachedImages, Classifier, ScoreInput
from .scores.base import Estimator, Score


class Judge:
    """A target and a score that predicts its error.

    The target is always asked for its probabilities, and the score is handed those: one that needs classes
    alone takes them from there.

    Example:
        >>> from gnuradio.aeiqa import LinkConfig, images, iqa, transmit
        >>> sent = images.load_dataset("mnist").images[:100]
        >>> received = transmit(sent, LinkConfig(modulation="qam16", snr_db=12, seed=1)).images
        >>> judge = iqa.Judge(iqa.load_target("paper"), iqa.load_score("blind"))
        >>> answers, score = judge(received)
        >>> answers.classes.shape, answers.probabilities.shape, score.per_image.shape
        ((100,), (100, 10), (100,))
        >>> score.interval[0] < score.error_pct < score.interval[1]
        True
    """

    def __init__(self, target: Classifier, score: Estimator | None = None) -> None:
        """``score``: None for a judge that is only asked for ``answers``."""
        self.target, self.score = target, score

    def __call__(
        self, received: Images | CachedImages, sent: Images | CachedImages | None = None
    ) -> tuple[Answers, Score]:
        """Let the target read received images, and score them.

        Args:
            received: uint8 [N, H, W] or [N, H, W, C], or a list of such images.
            sent: the same images before the link, or their features by the score (``score.features``, float32
                [N, F]); None: unknown.
            Either as ``CachedImages`` too, which several judges may share: each network and each target then
            sees the images once.

        Returns:
            The target's answers (``classes``, int64 [N], and ``probabilities``, float32 [N, classes]), and
            what the score says of the images.

        Raises:
            InputError: no images, images that target or score does not read, a target that does not return
                finite probabilities [N, classes], counts that differ, something missing that the score needs.
        """
        if self.score is None:
            raise InputError("score: this judge has none, and can only be asked for answers")
        seen = received if isinstance(received, CachedImages) else CachedImages(received)
        answers = seen.answers(self.target)
        reference = self.score.cached_reference(sent)
        return answers, self.score.judge(ScoreInput(seen, reference, answers.probabilities))

    def check_image(self, image: np.ndarray) -> None:
        """Raise ``ImageShapeError`` if an image is not of the one shape that target or score take.

        What they say only when they run, as a network of one's own may, is not found.
        """
        for part in (self.target, *(self.score.networks if self.score is not None else ())):
            shape = getattr(part, "input_shape", None)
            if shape is not None:
                as_batch([image], shape)

    def answers(self, images: Images | CachedImages) -> Answers:
        """Return what the target makes of images, without a score; arguments and errors as for a call."""
        seen = images if isinstance(images, CachedImages) else CachedImages(images)
        return seen.answers(self.target)
