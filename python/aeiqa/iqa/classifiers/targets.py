#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Target classifiers: whose error the scores predict."""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ...errors import InputError
from ..networks.inference import Images, as_batch, infer
from ..networks.torch_support import checked_threads
from .user_classifier import UserClassifier
from .user_network import is_own

TARGETS = {
    "paper": "paper-classifier",
    "lenet": "lenet-classifier",
    "wide": "wide-classifier",
    "robust": "robust-classifier",
}
"""Name of each target and of its model file."""


class Target:
    """A trained classifier of images.

    Attributes:
        name: as given to ``load_target``.
        card: the model card: architecture, data set, training, results on clean images.
        input_shape: (height, width, channels) of the images it takes.
    """

    def __init__(self, name: str, model: "Model", threads: int = 1) -> None:  # noqa: F821
        self.name = name
        self.card = model.card
        self.input_shape = model.input_shape
        self._model = model
        self._threads = threads

    def predict(self, images: Images) -> np.ndarray:
        """Return the most probable class of each image, int64 [N].

        ``images``: uint8 [N, H, W] or [N, H, W, C] of the trained size, else ``InputError``.
        """
        return self._logits(images).argmax(axis=1)

    def probabilities(self, images: Images) -> np.ndarray:
        """Return the softmax over the classes, float32 [N, classes]; same images as ``predict``."""
        logits = self._logits(images)
        weights = np.exp(logits - logits.max(axis=1, keepdims=True))
        return weights / weights.sum(axis=1, keepdims=True)

    def _logits(self, images: Images) -> np.ndarray:
        return infer(self._model.module, as_batch(images, self.input_shape), self._threads)


def trained_targets(folder: Path) -> list[str]:
    """Return the names of the targets whose models are in ``folder``."""
    return [name for name, file in TARGETS.items() if (folder / f"{file}.json").exists()]


def check_target(name: str) -> None:
    """Raise ``InputError`` listing the known targets unless ``name`` is one of the project's."""
    if name in TARGETS:
        return
    own = ""
    if not is_own(name):  # that is nearly one of the user's; those that are get here where none is taken
        own = " or an .onnx or TorchScript .pt file," if Path(name).suffix else ""
        own = " or MODULE:CALLABLE of Python," if ":" in name else own
    raise InputError(f"target must be one of {', '.join(TARGETS)},{own} got {name!r}")


def load_target(
    name: str = "paper",
    path: str | os.PathLike[str] | None = None,
    threads: int = 1,
    *,
    dataset: str = "mnist",
    class_names: Sequence[str] = (),
) -> "Target | UserClassifier":
    """Load a target classifier by name.

    Args:
        name: "paper": the paper's classifier (its encoder and a dense layer with softmax); "lenet": LeNet-5's
            layers; "wide": one and a half times the paper's filters; "robust": the paper's, trained on images
            with random bit errors. Or the user's own: an ONNX (.onnx) or TorchScript (.pt, .pth, .ts) file,
            or "module:callable", a Python callable that returns a torch module; docs/your-own-model.md.
        path: folder with the model files; None: the trained ones that come with the project.
        threads: how many threads torch may use.
        dataset: which of the project's models, if ``path`` is None: "mnist" has all targets, "fashion-mnist"
            and "colour" have some.
        class_names: of the labels, which an own target has to know; the others do not use it.

    Raises:
        InputError: unknown name, torch missing, no such models (it says which there are), model file
            damaged or of another architecture.

    Example:
        >>> from gnuradio.aeiqa import images, iqa
        >>> target = iqa.load_target("paper")
        >>> digits = images.load_dataset("mnist").images[:5]
        >>> target.predict(digits)
        array([7, 2, 1, 0, 4])
        >>> target.probabilities(digits).shape
        (5, 10)
    """
    threads = checked_threads(threads)
    if is_own(name):
        return UserClassifier(name, class_names, threads)
    check_target(name)
    from ..networks.model_files import load_model, models_dir  # imports torch

    folder = models_dir(path, dataset)
    found = trained_targets(folder)
    if found and name not in found:
        raise InputError(f"target {name}: {folder} has only {', '.join(found)}; ./aeiqa train makes others")
    return Target(name, load_model(folder, TARGETS[name], "classifier"), threads)
