#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Input of scores: received images and what is known of them, with each network's output computed once."""

from collections.abc import Callable, Hashable, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np

from ...errors import InputError
from ..networks.devices import to_array
from ..networks.inference import Images, as_batch, infer, matmul_by_row, shape_text
from ..networks.resampling import resample


class Classifier(Protocol):
    """Protocol of a target: anything that classifies images. ``name`` is its name in results."""

    name: str

    def predict(self, images: Images) -> np.ndarray:
        """Return the class of each image, int64 [N]."""

    def probabilities(self, images: Images) -> np.ndarray:
        """Return the softmax over the classes, float32 [N, classes]."""


class Answers(NamedTuple):
    """A target's answers: ``classes`` int64 [N], the most probable; ``probabilities`` float [N, classes]."""

    classes: np.ndarray
    probabilities: np.ndarray

    @classmethod
    def of(cls, target: Classifier, images: Images) -> "Answers":
        """Ask a target. Raises ``InputError`` if it does not return finite floats [N, classes]."""
        found = np.asarray(target.probabilities(images))
        if found.dtype.kind != "f" or found.ndim != 2 or len(found) != len(images) or not found.shape[1]:
            raise InputError(
                f"target {target.name}: probabilities must be floats [N, classes], got {found.dtype} "
                f"{shape_text(found.shape)} for {len(images)} images"
            )
        if not np.isfinite(found).all():
            raise InputError(f"target {target.name}: probabilities must be finite, got nan or infinity")
        return cls(found.argmax(axis=1).astype(np.int64), found)


class Network:
    """A model as scores use it: features of images and, if it is a classifier, logits of those.

    Attributes:
        card: the model's.
        extras: arrays that belong to it.
        seen_shape: (height, width, channels) of what the network itself gets.
        input_shape: likewise, of the images that it takes; None: of any, as it sees them resampled.
        key: digest of the weights.
    """

    def __init__(self, model: "Model", threads: int = 1) -> None:  # noqa: F821
        self.card = model.card
        self.extras = model.extras
        self.seen_shape = model.input_shape
        self.input_shape = None if "pictures" in model.card else model.input_shape
        self.key = model.card["sha256"]
        self._module = model.module
        self._threads = threads

    def features(self, images: Images) -> np.ndarray:
        """Return the encoder's features, float32 [N, F], of uint8 images of the trained size."""
        return infer(self._module.encoder, self.seen(images), self._threads)

    def seen(self, images: Images) -> np.ndarray:
        """Return images as the network gets them, uint8 [N, H, W, C]: resampled if it was trained so."""
        if self.input_shape is None:
            return resample(images, self.seen_shape)
        return as_batch(images, self.input_shape)

    @property
    def feature_count(self) -> int:
        """Number of features."""
        return self._module.encoder.dense.out_features

    def log_probabilities(self, features: np.ndarray) -> np.ndarray:
        """Return the log of the head's softmax, float64 [N, classes], of what ``features`` returned."""
        head = self._module.head
        weight, bias = (to_array(tensor).astype(np.float64) for tensor in (head.weight, head.bias))
        logits = matmul_by_row(features.astype(np.float64), weight.T) + bias
        logits -= logits.max(axis=1, keepdims=True)
        return logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))


class CachedImages:
    """Images, or features that stand for them; remembers what was computed from them."""

    def __init__(self, images: Images) -> None:
        self.images = images
        self.are_features = False
        self._known: dict[Hashable, tuple[Any, tuple[object, ...]]] = {}

    @classmethod
    def of_features(cls, features: np.ndarray, networks: Sequence[Network]) -> "CachedImages":
        """Stand for images by the networks' features of them, side by side, float32 [N, sum of F]."""
        seen = cls(features)
        seen.are_features = True
        ends = np.cumsum([network.feature_count for network in networks])[:-1]
        for network, part in zip(networks, np.split(features, ends, axis=1), strict=True):
            seen.once(network.key, lambda part=part: part)
        return seen

    def __len__(self) -> int:
        return len(self.images)

    def once(self, key: Hashable, compute: Callable[[], Any], depends: tuple[object, ...] = ()) -> Any:
        """Return ``compute()`` of the first call with this key and these very objects it ``depends`` on."""
        key = (key, *map(id, depends))
        if key not in self._known:
            self._known[key] = compute(), depends  # kept alive, so that no other object gets an id of theirs
        return self._known[key][0]

    def remember(self, key: Hashable, value: Any, depends: tuple[object, ...] = ()) -> None:
        """Let ``once`` return ``value`` for this key: it was computed elsewhere."""
        self.once(key, lambda: value, depends)

    def answers(self, target: "Classifier") -> "Answers":
        """Return what a target makes of the images.

        Raises ``InputError`` if it does not read them, or does not return finite [N, classes].
        """
        return self.once("answers", lambda: Answers.of(target, self.images), (target,))

    def features(self, network: Network) -> np.ndarray:
        """Return the network's features of the images, float32 [N, F]."""
        return self.once(network.key, lambda: network.features(self.images))

    def log_probabilities(self, network: Network) -> np.ndarray:
        """Return what the network's head makes of them, float64 [N, classes]."""
        return self.once(("head", network.key), lambda: network.log_probabilities(self.features(network)))


class ScoreInput:
    """Received images, those sent if the receiver knows them, and what the target answered.

    Attributes:
        answer: int64 [N], the target's classes, or None.
        probabilities: float [N, classes], the target's softmax, or None.
    """

    def __init__(
        self, received: CachedImages, reference: CachedImages | None = None, answer: np.ndarray | None = None
    ) -> None:
        """``answer``: classes, integer [N], or probabilities, float [N, classes]."""
        self.received, self.reference = received, reference
        self._given = answer
        self.answer, self.probabilities = _answers(answer)
        counts = [len(part) for part in (received, reference, self.answer) if part is not None]
        if min(counts) == 0 or min(counts) != max(counts):
            raise InputError(
                "received, reference and answer must be as many, at least 1; got "
                + " and ".join(map(str, counts))
            )

    def once(self, key: Hashable, compute: Callable[[], np.ndarray]) -> np.ndarray:
        """Return ``compute()`` of the first call with this key: for what depends on the answer too."""
        return self.received.once(key, compute, (self.reference, self._given))

    def metric(self, name: str, compute: Callable[[Images, Images], np.ndarray]) -> np.ndarray:
        """Return ``compute(images sent, images received)``, float64 [N]."""
        if self.reference.are_features:
            raise InputError(f"score {name} compares pixels: reference must be images, not features")
        sent = self.reference
        return self.received.once(name, lambda: compute(sent.images, self.received.images), (sent,))


def _answers(answer: np.ndarray | None) -> tuple[np.ndarray | None, np.ndarray | None]:
    if answer is None:
        return None, None
    answer = np.asarray(answer)
    if answer.ndim == 1 and answer.dtype.kind in "iu":
        return answer.astype(np.int64), None
    if answer.ndim == 2 and answer.dtype.kind == "f":
        if not np.isfinite(answer).all():
            raise InputError("answer must be finite probabilities, got nan or infinity")
        return answer.argmax(axis=1), answer
    raise InputError(
        f"answer must be classes, integers [N], or probabilities, floats [N, classes]; got {answer.dtype} "
        f"{list(answer.shape)}"
    )
