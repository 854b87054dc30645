#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The user's own classifier as a target: a file, or a torch module that a Python callable returns."""

import hashlib
import os
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Optional

import numpy as np

from ...errors import ImageShapeError, InputError
from ..networks.devices import CPU, computing_on
from ..networks.inference import BATCH, Images
from ..networks.torch_support import checked_threads
from .network import Network, last_line, shape_text
from .preprocessing import CHANNELS, Preprocessing, read_preprocessing
from .probe import Shape, digest, is_child_needed, pictures, same_answers, try_in_child
from .user_network import load_network, module_network, network_path


class UserClassifier:
    """A classifier from a file or a Python callable; it gets its images as the description beside it says.

    It is loaded in a child process first, and answers a few fixed pictures there, so that one that crashes
    its interpreter ends with one line. Before its first answer it has to answer such pictures the same way in
    the child, twice here and beside other pictures.

    Attributes:
        name: the file's name, or ``module:callable``.
        card: ``sha256`` of network, description and runtime; ``answers``, what it says to the fixed pictures
            (None before it has been asked about any image); ``runtime``; number of classes; preprocessing.
    """

    def __init__(
        self, source: str | os.PathLike[str], class_names: Sequence[str] = (), threads: int = 1
    ) -> None:
        """Load it; ``class_names`` are the data set's, which the model has to know, in the labels' order.

        It may know more: classes that its description names besides, or outputs beyond the highest label
        where the data set has numbers for names. Images that it takes for one of those are misclassified.

        ``source`` is an ONNX or TorchScript file, or ``module:callable``: what the callable of an importable
        module returns, a torch module. Raises ``InputError`` if that cannot be read or run, crashes, or knows
        other classes.
        """
        threads = checked_threads(threads)
        source_args = source, tuple(class_names), threads
        preprocessing, given = read_preprocessing(network_path(source))
        # Shape and answers of the child process.
        tried = try_in_child(*source_args, None) if is_child_needed() else (None, None)
        network = load_network(source, threads, preprocessing.output)
        self._take(network, preprocessing, given, class_names, source_args, tried)

    @classmethod
    def from_module(
        cls,
        module: "torch.nn.Module",  # noqa: F821
        prepare: Optional[Callable[[np.ndarray], object]] = None,
        class_names: Sequence[str] = (),
        name: str = "module",
        threads: int = 1,
        *,
        classes: Sequence[str] = (),
        binary: Optional[str] = None,
    ) -> "UserClassifier":
        """Return a live torch module as a classifier; it is put into inference mode.

        Args:
            module: maps a batch to its output.
            prepare: makes of one picture, uint8 [H, W] or [H, W, C] in RGB, the module's input of that
                picture, a tensor or array [C, H, W]; None: pixels from 0 to 1, as they are.
            class_names: the data set's.
            name: what tables and fits call it.
            threads: for torch.
            classes: names of the outputs in their order, if they are others than the data set's.
            binary: of a module with one output for the second of two classes: "logit" or "probability".

        Raises:
            InputError: it is no module, or knows other classes.
        """
        preprocessing = Preprocessing(classes=tuple(classes), binary=binary)
        target = cls.__new__(cls)
        network = module_network(name, module, checked_threads(threads), prepare)
        target._take(network, preprocessing, set(), class_names, None, (None, None))
        return target

    def _take(
        self,
        network: Network,
        preprocessing: Preprocessing,
        given: set[str],
        class_names: Sequence[str],
        source: Optional[tuple],
        tried: tuple,
    ) -> None:
        """Set everything up; ``source``: arguments for a child process, None: it cannot have one."""
        self._source, self._tried = source, tried
        self._network, self._preprocessing = network, preprocessing
        self.name = self._network.name
        shape = self._network.input_shape
        if "layout" not in given and len(shape) == 4 and shape[1] not in (1, 3) and shape[3] in (1, 3):
            self._preprocessing = replace(self._preprocessing, layout="NHWC")
        if self._network.dtype == np.uint8 and (unused := sorted(given & {"scale", "mean", "std"})):
            raise InputError(f"{self.name}: takes uint8 pixels as they are: leave out {', '.join(unused)}")
        self._preprocessing = self._preprocessing.fill_in(shape)
        if not self._preprocessing.classes and not _are_numbers(class_names):
            self._preprocessing = replace(self._preprocessing, classes=network.classes)
        if self._preprocessing.binary and len(self._preprocessing.classes or class_names or (0, 1)) != 2:
            raise InputError(f"{self.name}: binary: one output is for two classes, not for others as well")
        self._batch = (shape[0] if shape else None) or BATCH
        self._order = _order(self.name, self._preprocessing.classes, class_names, bool(preprocessing.classes))
        self._names, self._classes = tuple(class_names), len(self._preprocessing.classes) or None
        self._shapes: set[tuple[int, ...]] = set()  # of batches that it has read
        self._is_distribution: Optional[bool] = None  # known once the fixed pictures are answered
        self.card = {
            "sha256": _digest(network, _description(network) if source else repr(preprocessing).encode()),
            "answers": None,
            "runtime": self._network.runtime,
            "architecture": {"classes": self._classes},
            "preprocessing": vars(self._preprocessing),
        }

    @property
    def fixed_shape(self) -> Optional[Shape]:
        """(height, width, channels) of the images it sees, if model and description fix them."""
        if self._network.prepare is not None:
            return None
        channels = CHANNELS.get(self._preprocessing.colour)
        size = self._preprocessing.size
        return (*size, channels) if size and channels else None

    def predict(self, images: Images) -> np.ndarray:
        """Return the most probable class of each image, int64 [N], as the data set numbers it.

        ``images``: uint8 [N, H, W], [N, H, W, C] or a list of such of any sizes. Raises ``InputError`` if the
        model cannot run on them, answers anything but finite [N, classes], or changes its answers.
        """
        self._get_known(images)
        return self._outputs(images).argmax(axis=1)

    def probabilities(self, images: Images) -> np.ndarray:
        """Return the probability of each class, float32 [N, classes]; same images as ``predict``.

        Outputs that are distributions already stay as they are, others go through the softmax.
        """
        self._get_known(images)
        return self._as_probabilities(self._outputs(images))

    def _as_probabilities(self, outputs: np.ndarray) -> np.ndarray:
        if self._is_distribution:
            return outputs
        weights = np.exp(outputs - outputs.max(axis=1, keepdims=True))
        return weights / weights.sum(axis=1, keepdims=True)

    def _get_known(self, images: Images) -> None:
        """Let it answer the fixed pictures, if it has not yet, and reject it if it changes its answers."""
        if self._is_distribution is not None or not len(images):
            return
        with computing_on(CPU):  # as in the child, and so that a model is the same one on any device
            self._answer_fixed(images)

    def _answer_fixed(self, images: Images) -> None:
        height, width, *channels = images[0].shape
        shape = self.fixed_shape or (height, width, channels[0] if channels else 1)
        fixed = pictures(shape)
        has_child = self._source is not None and is_child_needed()
        if has_child and self._tried[0] != shape:
            self._prepare(fixed)  # images that do not fit need no child process to be refused
            self._tried = try_in_child(*self._source, shape)
        outputs = self._outputs(fixed)
        # Decided once, since a single image's outputs may add up to one by chance.
        sums_to_one = bool(outputs.min() >= 0 and np.allclose(outputs.sum(axis=1), 1, atol=1e-3))
        binary = self._preprocessing.binary
        self._is_distribution = sums_to_one if binary is None else binary == "probability"
        answers = self._as_probabilities(outputs)
        again, alone = (self._as_probabilities(self._outputs(part)) for part in (fixed, fixed[:1]))
        if not (same_answers(answers, again) and same_answers(answers[:1], alone)):
            self._is_distribution = None
            raise InputError(
                f"{self.name}: answers the same pictures differently each time, or beside other pictures: "
                "save it in evaluation mode (model.eval() before the export)"
            )
        if has_child and not same_answers(answers, self._tried[1]):
            self._is_distribution = None
            raise InputError(
                f"{self.name}: answers the same pictures differently each time it is loaded: it has to "
                "load trained weights"
            )
        self.card["answers"] = digest(answers, shape)

    def _outputs(self, images: Images) -> np.ndarray:
        if len(images) == 0:
            raise InputError(f"{self.name}: there must be at least one image, got none")
        parts = []
        for start in range(0, len(images), self._batch):
            batch = self._prepare(images[start : start + self._batch])
            # Always as many, as the file may ask for; and so how many come along does not change an image's
            # bits, though its place among them may, where the network's matrix kernels round by the row.
            filled = np.zeros((self._batch, *batch.shape[1:]), batch.dtype)
            filled[: len(batch)] = batch
            parts.append(self._checked(self._run(filled))[: len(batch)])
        outputs = np.concatenate(parts)
        bad = int((~np.isfinite(outputs)).any(axis=1).sum())
        if bad:
            raise InputError(f"{self.name}: its output is not finite for {bad} of {len(outputs)} images")
        return outputs if self._order is None else outputs[:, self._order]

    def _prepare(self, images: Images) -> np.ndarray:
        if self._network.prepare is not None:
            try:
                return np.stack([np.asarray(self._network.prepare(image)) for image in images])
            except Exception as error:  # whatever the user's own code raises
                raise ImageShapeError(
                    f"{self.name}: its preprocessing fails ({type(error).__name__}: {last_line(error)})"
                ) from None
        try:
            batch = self._preprocessing(images, self._network.dtype)
        except InputError as error:
            raise type(error)(f"{self.name}: {error} (in {self._network.path.stem}.json)") from None
        wanted = self._network.input_shape
        sizes = zip(wanted[1:], batch.shape[1:], strict=False)
        if wanted and (len(wanted) != 4 or any(size not in (None, found) for size, found in sizes)):
            text = f"{self.name}: takes {shape_text(wanted)}, the images come as {shape_text(batch.shape)}"
            raise (ImageShapeError if len(wanted) == 4 else InputError)(text)
        return batch

    def _run(self, batch: np.ndarray) -> np.ndarray:
        try:
            outputs = np.asarray(self._network.run(batch))
        except InputError:
            raise  # of a server, which says what is wrong itself
        except Exception as error:  # whatever the file's own code or its interpreter raises
            # A network that has read images of another shape fails for the shape of these.
            kind = ImageShapeError if self._shapes - {batch.shape} else InputError
            raise kind(
                f"{self.name}: cannot read images as {shape_text(batch.shape)} ({last_line(error)})"
            ) from None
        self._shapes.add(batch.shape)
        return outputs

    def _checked(self, outputs: np.ndarray) -> np.ndarray:
        binary = self._preprocessing.binary
        if binary is not None:
            outputs = self._two_columns(outputs, binary)
        elif outputs.shape[1:] == (1,):
            raise InputError(
                f'{self.name}: has a single output: if that is for the second of two classes, "binary": '
                '"logit" (or "probability") in its description says so'
            )
        if outputs.ndim != 2 or len(outputs) != self._batch or outputs.dtype.kind != "f":
            found = f"{outputs.dtype} {shape_text(outputs.shape)} for {self._batch} images"
            raise InputError(f"{self.name}: no classifier, whose output is [N, classes]: it gives {found}")
        if self._classes is None:
            self._check_count(outputs.shape[1])
            self._classes = self.card["architecture"]["classes"] = outputs.shape[1]
        if outputs.shape[1] != self._classes:
            found = f"gives {outputs.shape[1]} outputs, its description names {self._classes} classes"
            raise InputError(f"{self.name}: {found}")
        return outputs.astype(np.float32)

    def _two_columns(self, outputs: np.ndarray, binary: str) -> np.ndarray:
        """Return [N, 2] of the one output for the second class."""
        if outputs.size != len(outputs) or outputs.dtype.kind != "f":
            raise InputError(
                f"{self.name}: binary: must give one number for each image, gives {shape_text(outputs.shape)}"
            )
        second = outputs.reshape(-1)
        if binary == "probability" and not ((second >= 0) & (second <= 1)).all():
            raise InputError(f'{self.name}: binary: gives {second.min():.3g}, no probability: say "logit"')
        return np.stack([1 - second if binary == "probability" else 0 * second, second], axis=1)

    def _check_count(self, outputs: int) -> None:
        """Raise ``InputError`` unless outputs without names can be the data set's classes."""
        wanted = len(self._names)
        numbered = _are_numbers(self._names)
        if wanted and (outputs < wanted or (outputs > wanted and not numbered)):
            hint = "; name its outputs as classes in its description" if outputs > wanted else ""
            raise InputError(f"{self.name}: knows {outputs} classes, the data set has {wanted}{hint}")


def _are_numbers(names: Sequence[str]) -> bool:
    """Return whether a data set's classes are called 0, 1, 2 and so on."""
    return tuple(names) == tuple(map(str, range(len(names))))


def _order(
    name: str, own: Sequence[str], wanted: Sequence[str], described: bool = True
) -> Optional[np.ndarray]:
    """Return the outputs in the order of the data set's classes, any others last; None: as they are."""
    if not own or not wanted:
        return None
    given = [unicodedata.normalize("NFC", c) for c in own]
    missing = [c for c in wanted if c not in given]
    if missing:
        where = "its description lacks" if described else "its metadata lack"
        raise InputError(f"{name}: {where} the data set's class {missing[0]!r} in classes")
    known = [given.index(c) for c in wanted]
    return np.array(known + [i for i in range(len(own)) if i not in set(known)])


def _digest(network: Network, description: bytes) -> str:
    """Return the SHA-256 of the network, what runs it and its description."""
    return hashlib.sha256(f"{network.digest} {network.runtime}\n".encode() + description).hexdigest()


def _description(network: Network) -> bytes:
    """Return the content of the description file beside a network; empty without such a file."""
    path = network.path.with_suffix(".json")
    return path.read_bytes() if path.exists() else b""
