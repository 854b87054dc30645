#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Base class of all scores: input, result, and fit to a target."""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from ...errors import InputError
from ..calibration.sets import CalibrationData, Labelled, calibration_data
from ..networks.inference import Images, as_batch, shape_text
from ..networks.score_input import CachedImages, Classifier, Network, ScoreInput
from .calibrators import Curve
from .intervals import conformal_spread, images_spread, share_interval, width_unit

AUTOENCODER = ("paper-encoder", "autoencoder")
NOISE_ENCODER = ("noise-encoder", "classifier")
"""The networks that several scores take: file and kind."""


@dataclass(frozen=True, repr=False)
class Score:
    """Result of a score for a set of received images.

    Attributes:
        per_image: float64 [N] in [0, 1]; 0: as sent, 1: will be misclassified. 1 - Phi of each image.
        error_pct: predicted share of misclassified images, in per cent (the paper's IQA %); nan if the score
            is not fitted and its raw value is no share.
        interval: (low, high) of ``error_pct`` at 95 %, in per cent.
        phi: the paper's Phi of the set, 1 - error_pct / 100.
        raw: what was measured of the set before any fit; grows with damage, in the score's own unit.
    """

    per_image: np.ndarray
    error_pct: float
    interval: tuple[float, float]
    phi: float
    raw: float

    def __repr__(self) -> str:
        """Return the set's figures in a line."""
        low, high = self.interval
        return (
            f"Score({len(self.per_image)} images, error {self.error_pct:.2f} %, 95 % interval {low:.2f} to "
            f"{high:.2f} %, raw {self.raw:.6g})"
        )


class RunningScore:
    """The predicted error of all images so far, of a set that is scored part by part."""

    def __init__(self, score: "Estimator") -> None:
        self._score = score
        self._raw_sum = self._error_sum = 0.0
        self.count = 0

    def add(self, part: Score) -> None:
        """Count a part in: what the score said of some images."""
        images = len(part.per_image)
        self._raw_sum += part.raw * images
        self._error_sum += part.error_pct * images
        self.count += images

    def estimate(self) -> tuple[float, tuple[float, float]]:
        """Return the predicted error and its 95 % interval (low, high), in per cent; nan before any image."""
        if self.count == 0:
            return math.nan, (math.nan, math.nan)
        return self._score.pooled(self._raw_sum / self.count, self._error_sum / self.count, self.count)


class Aim(NamedTuple):
    """Accuracy that a score aims at over the links of Table II, for any target.

    Attributes:
        mean_points: between predicted and true error, on average over the links, at most.
        max_points: over the worst link, at most.
        auroc: inside a link, on average over the links, at least.
    """

    mean_points: float
    max_points: float
    auroc: float


class Estimator(ABC):
    """A score: measures received images, and once fitted to a target predicts the share it misclassifies.

    A class describes itself; no other module asks for a score's name.

    Attributes:
        name: as ``load_score`` takes it.
        title: what tables and figures call it; empty: the score and its name.
        needs: the things it cannot do without: ``reference``, ``answer``, ``probabilities`` (an answer given
            as such).
        encoders: (model file, kind) of each network that its constructor takes, in this order.
        share: whether its raw value is already a predicted share in per cent.
        pools: whether the raw value of a set is the mean over its images, so that it may be scored in parts.
        fits: whether training fits it to the targets.
        loads_fitted: whether it is loaded with its fit unless told otherwise.
        from_clean: whether its raw value starts from what the target does on clean images, and takes a fit.
        default_for: "bundled" or "user": whose targets it is the default for; empty: nobody's.
        aim: how good an evaluation expects it to be; None: it is there for comparison.
    """

    name: ClassVar[str]
    title: ClassVar[str] = ""
    needs: ClassVar[frozenset[str]] = frozenset()
    encoders: ClassVar[tuple[tuple[str, str], ...]] = ()
    share: ClassVar[bool] = True
    pools: ClassVar[bool] = True
    fits: ClassVar[bool] = True
    loads_fitted: ClassVar[bool] = True
    from_clean: ClassVar[bool] = False
    default_for: ClassVar[str] = ""
    aim: ClassVar[Aim | None] = None

    def __init__(self, target: Classifier | None = None) -> None:
        """``target`` classifies the images; only needed by scores that ask it about images sent."""
        self.target = target
        self.clean_stats: dict[str, np.ndarray] = {}  # what was measured once on clean training images
        self.calibrator: Curve | None = None
        self.interval_radius = 0.0  # half width, over ``width_unit``, that damage of another kind takes

    @property
    def networks(self) -> tuple[Network, ...]:
        """The networks that it runs images through."""
        return ()

    @abstractmethod
    def measure(self, evidence: ScoreInput) -> tuple[np.ndarray, float]:
        """Return (per image, float64 [N] in [0, 1]; raw value of the set), both growing with damage."""

    def assigned(self, images: CachedImages) -> np.ndarray | None:
        """Return the label that the score itself gives each image, int64 [N]; None: it gives none."""
        return None

    def score(
        self, received: Images, reference: Images | None = None, answer: np.ndarray | None = None
    ) -> Score:
        """Score received images.

        Args:
            received: uint8 [N, H, W] or [N, H, W, C] of the trained size.
            reference: the images sent, alike; for scores with an encoder also what ``features`` returned for
                them (float32 [N, F]), all that such a receiver has to know.
            answer: what the target made of ``received``: its classes, integer [N], or its probabilities,
                float [N, classes].

        Raises:
            InputError: something it needs is missing, no images, other shapes than trained on, counts that
                differ.
        """
        return self.judge(ScoreInput(CachedImages(received), self.cached_reference(reference), answer))

    __call__ = score

    def cached_reference(self, reference: Images | CachedImages | None) -> CachedImages | None:
        """Return images sent, or features of them, as ``judge`` takes them; errors as ``check_reference``."""
        if isinstance(reference, CachedImages):
            return reference
        reference = self.check_reference(reference)
        if reference is None:
            return None
        features = isinstance(reference, np.ndarray) and reference.dtype == np.float32
        return CachedImages.of_features(reference, self.networks) if features else CachedImages(reference)

    def judge(self, evidence: ScoreInput) -> Score:
        """Score what is wrapped as ``ScoreInput`` already; several scores then share the networks' work."""
        self.check_needs(evidence)
        per_image, raw = self.measure(evidence)
        error_pct, interval = self.pooled(raw, math.nan, len(per_image))
        return Score(per_image, error_pct, interval, 1.0 - error_pct / 100.0, raw)

    def pooled(self, raw: float, error_pct: float, count: int) -> tuple[float, tuple[float, float]]:
        """Return predicted error and its interval, in per cent, of a set scored in parts.

        Args:
            raw: mean of the parts' raw values, weighted by their images.
            error_pct: mean of their predicted errors, weighted alike.
            count: how many images that were.
        """
        if self.calibrator is not None:
            return float(self.calibrator(raw)), self.interval(float(self.calibrator(raw)), count)
        if not self.share:
            return math.nan, (math.nan, math.nan)
        error_pct = min(max(raw, 0.0), 100.0)
        return error_pct, share_interval(error_pct, count)

    def interval(self, error_pct: float, count: int) -> tuple[float, float]:
        """Return the fitted score's interval of a predicted error, in per cent, of ``count`` images."""
        return share_interval(error_pct, count, self.interval_radius * width_unit(error_pct))

    def check_needs(self, evidence: ScoreInput) -> None:
        """Raise ``InputError`` for the first thing that it needs and ``evidence`` lacks."""
        for need in sorted(self.needs):
            if getattr(evidence, need) is None:
                raise InputError(f"score {self.name} {_NEEDS[need]}")

    def fit(self, images: Images, labels: np.ndarray, target: Classifier) -> "Estimator":
        """Fit to ``target`` on labelled images that neither it nor the score's networks were trained on.

        The images are damaged by random bit flips, never by a link. Returns self. Raises ``InputError`` for
        fewer than 200 images, a target that does not read them, or counts that differ.
        """
        self.target = target
        self.fit_prepared(calibration_data(images, labels, target))
        return self

    def fit_prepared(self, data: CalibrationData) -> None:
        """Fit to prepared data; what damage of other kinds does to the prediction makes the interval.

        And how few the images of the fit are: all its sets are of these, so that no set shows it.
        """
        self.fit_model(data)
        other = conformal_spread((self.residuals(part), part.wrong) for part in data.shifted)
        self.interval_radius = math.hypot(other, images_spread(len(data.clean.wrong)))

    def residuals(self, part: Labelled) -> np.ndarray:
        """Return the fitted prediction less the truth, float64 [N]; its mean is how far the set is off."""
        error_pct, _ = self.pooled(self.measure(part.evidence)[1], math.nan, len(part.wrong))
        return error_pct / 100.0 - part.wrong

    def fit_model(self, data: CalibrationData) -> None:
        """Fit what predicts: here a rising curve from the raw value to the error."""
        self.clean_stats = self.measure_clean(data.clean)
        measured = [self.measure(part.evidence)[1] for part in data.calibration]
        self.calibrator = Curve.fit(
            np.array(measured), np.array([100.0 * part.wrong.mean() for part in data.calibration])
        )

    def measure_clean(self, clean: Labelled) -> dict[str, np.ndarray]:
        """Return what the raw value takes from undamaged images; nothing for most."""
        return {}

    def clean(self, name: str) -> np.ndarray:
        """Return what ``measure_clean`` found; ``InputError`` if that has not been done."""
        if name not in self.clean_stats:
            raise InputError(f"score {self.name} has to be fitted to a target before it can be used")
        return self.clean_stats[name]

    def state(self) -> dict[str, np.ndarray]:
        """Return what was fitted, as plain arrays."""
        arrays = {f"base/{key}": array for key, array in self.clean_stats.items()}
        if self.calibrator is not None:
            arrays |= {f"map/{key}": array for key, array in self.calibrator.arrays().items()}
            arrays["spread"] = np.array(self.interval_radius)
        return arrays

    def restore(self, arrays: dict[str, np.ndarray], fitted: bool) -> None:
        """Put back what ``state`` returned; without ``fitted`` only what the raw value needs."""
        self.clean_stats = {k.removeprefix("base/"): a for k, a in arrays.items() if k.startswith("base/")}
        parts = {k.removeprefix("map/"): a for k, a in arrays.items() if k.startswith("map/")}
        self.calibrator = self.calibrator_from(parts) if fitted else None
        if fitted:
            self.interval_radius = float(arrays["spread"])

    calibrator_from = staticmethod(Curve.from_arrays)

    def features(self, images: Images) -> np.ndarray:
        """Return psi = g(x), float32 [N, F], of images as ``score`` takes them; of two encoders in a row."""
        if not self.networks:
            raise InputError(f"score {self.name} has no encoder, so no features")
        return np.concatenate([network.features(images) for network in self.networks], axis=1)

    def check_reference(self, reference: Images | None) -> Images | None:
        """Return what ``score`` takes as reference: uint8 [N, H, W, C] or features float32 [N, F].

        Raises ``InputError`` if it is needed and None, or of another shape or dtype.
        """
        if reference is None:
            if "reference" in self.needs:
                raise InputError(f"score {self.name} {_NEEDS['reference']}")
            return None
        if not (isinstance(reference, np.ndarray) and reference.dtype == np.float32):
            shape = self.networks[0].input_shape if self.networks else None
            return reference if shape is None else as_batch(reference, shape)
        if not self.networks:
            raise InputError(f"score {self.name} compares pixels: reference must be images, not features")
        expected = sum(network.feature_count for network in self.networks)
        if reference.ndim != 2 or reference.shape[1] != expected:
            wanted = f"uint8 images or float32 features [N, {expected}]"
            raise InputError(f"reference must be {wanted}, got float32 {shape_text(reference.shape)}")
        return reference


_NEEDS = {
    "reference": "compares with the images sent: reference must be given",
    "answer": "weighs the target's answer: answer must be given",
    "probabilities": "weighs the target's confidence: answer must be its probabilities, float [N, classes]",
}
