#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The user's own classifier as a target: an ONNX file or a TorchScript module."""

import hashlib
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple, Optional

import numpy as np

from ..errors import InputError
from .inference import BATCH, Images
from .preprocessing import Preprocessing, read_preprocessing
from .torch_support import checked_threads, import_torch, use_threads

ONNX_SUFFIX = ".onnx"
TORCHSCRIPT_SUFFIXES = (".pt", ".pth", ".ts")


class _Network(NamedTuple):
    """What runs a file: ``run`` maps float32 [batch, ...] to its first output."""

    run: Callable[[np.ndarray], np.ndarray]
    input_shape: tuple[Optional[int], ...] = ()  # None where it is open; empty if the file does not say


class OwnTarget:
    """A classifier from a file, reading images as the description beside it says.

    Attributes:
        name: the file's name.
        card: digest of file and description, number of classes, preprocessing.
    """

    def __init__(self, path: Path, class_names: Sequence[str] = (), threads: int = 1) -> None:
        """Load it; ``class_names`` are the data set's, which the model has to know, in the labels' order.

        Raises ``InputError`` if the file cannot be read or run, or knows other classes.
        """
        self.name = path.name
        self._preprocessing, given = read_preprocessing(path)
        self._network = _load(path, checked_threads(threads))
        shape = self._network.input_shape
        if "layout" not in given and len(shape) == 4 and shape[1] not in (1, 3) and shape[3] in (1, 3):
            self._preprocessing = Preprocessing(**{**vars(self._preprocessing), "layout": "NHWC"})
        self._preprocessing = self._preprocessing.fill_in(shape)
        self._batch = (shape[0] if shape else None) or BATCH
        self._order = _order(self.name, self._preprocessing.classes, class_names)
        self._classes = len(class_names) or None
        self.card = {
            "sha256": _digest(path),
            "architecture": {"classes": self._classes},
            "preprocessing": vars(self._preprocessing),
        }

    def predict(self, images: Images) -> np.ndarray:
        """Return the most probable class of each image, int64 [N], as the data set numbers it.

        ``images``: uint8 [N, H, W], [N, H, W, C] or a list of such of any sizes. Raises ``InputError`` if the
        model cannot read them or answers anything but finite [N, classes].
        """
        return self._outputs(images).argmax(axis=1)

    def probabilities(self, images: Images) -> np.ndarray:
        """Return the probability of each class, float32 [N, classes]; same images as ``predict``.

        Outputs that are a distribution already stay as they are, others go through the softmax.
        """
        outputs = self._outputs(images)
        if outputs.min() >= 0 and np.allclose(outputs.sum(axis=1), 1, atol=1e-3):
            return outputs
        weights = np.exp(outputs - outputs.max(axis=1, keepdims=True))
        return weights / weights.sum(axis=1, keepdims=True)

    def _outputs(self, images: Images) -> np.ndarray:
        parts = []
        for start in range(0, len(images), self._batch):
            batch = self._prepare(images[start : start + self._batch])
            # Always as many, as the file may ask for; and so an image gets the same bits in any company.
            filled = np.zeros((self._batch, *batch.shape[1:]), np.float32)
            filled[: len(batch)] = batch
            parts.append(self._checked(self._run(filled))[: len(batch)])
        outputs = np.concatenate(parts)
        bad = int((~np.isfinite(outputs)).any(axis=1).sum())
        if bad:
            raise InputError(f"{self.name}: its output is not finite for {bad} of {len(outputs)} images")
        return outputs if self._order is None else outputs[:, self._order]

    def _prepare(self, images: Images) -> np.ndarray:
        try:
            batch = self._preprocessing(images)
        except InputError as error:
            raise InputError(f"{self.name}: {error} (in {Path(self.name).stem}.json)") from None
        wanted = self._network.input_shape
        sizes = zip(wanted[1:], batch.shape[1:], strict=False)
        if wanted and (len(wanted) != 4 or any(size not in (None, found) for size, found in sizes)):
            shape = _shape_text(wanted)
            raise InputError(f"{self.name}: takes {shape}, the images come as {_shape_text(batch.shape)}")
        return batch

    def _run(self, batch: np.ndarray) -> np.ndarray:
        try:
            return np.asarray(self._network.run(batch))
        except Exception as error:  # whatever the file's own code or its interpreter raises
            raise InputError(
                f"{self.name}: cannot read images as {_shape_text(batch.shape)} ({_last_line(error)})"
            ) from None

    def _checked(self, outputs: np.ndarray) -> np.ndarray:
        if outputs.ndim != 2 or len(outputs) != self._batch or outputs.dtype.kind != "f":
            found = f"{outputs.dtype} {_shape_text(outputs.shape)} for {self._batch} images"
            raise InputError(f"{self.name}: no classifier, whose output is [N, classes]: it gives {found}")
        if self._classes is None:
            self._classes = self.card["architecture"]["classes"] = outputs.shape[1]
        if outputs.shape[1] != self._classes:
            raise InputError(
                f"{self.name}: knows {outputs.shape[1]} classes, the data set has {self._classes}"
            )
        return outputs.astype(np.float32)


def is_own(name: str) -> bool:
    """Whether a target's name is that of a file."""
    return Path(name).suffix.lower() in (ONNX_SUFFIX, *TORCHSCRIPT_SUFFIXES)


def _order(name: str, own: Sequence[str], wanted: Sequence[str]) -> Optional[np.ndarray]:
    """Return for each of the data set's classes which output it is; None if that is the same."""
    if not own or not wanted:
        return None
    missing, unknown = ([c for c in a if c not in b] for a, b in ((wanted, own), (own, wanted)))
    if missing:
        raise InputError(f"{name}: its description lacks the data set's class {missing[0]!r} in classes")
    if unknown:
        raise InputError(f"{name}: its class {unknown[0]!r} is none of the data set's {', '.join(wanted)}")
    return np.array([own.index(c) for c in wanted])


def _load(path: Path, threads: int) -> _Network:
    if not path.is_file():
        raise InputError(f"target: there is no file {path}")
    return _load_onnx(path, threads) if path.suffix.lower() == ONNX_SUFFIX else _load_script(path, threads)


def _load_onnx(path: Path, threads: int) -> _Network:
    shape = _onnx_input(path)
    try:
        import onnxruntime
    except ImportError:
        return _Network(_opencv(path, threads), shape)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = threads
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise InputError(f"{path}: onnxruntime cannot run it ({_last_line(error)})") from None
    name = session.get_inputs()[0].name
    return _Network(lambda batch: session.run(None, {name: batch})[0], shape)


def _onnx_input(path: Path) -> tuple[Optional[int], ...]:
    """The shape of the one input that is not a weight."""
    try:
        import onnx
    except ImportError:
        raise InputError(f"{path}: ONNX files need Debian's package python3-onnx") from None
    try:
        graph = onnx.load(str(path)).graph
    except Exception as error:  # protobuf's own errors, and what a missing file of weights raises
        raise InputError(f"{path}: not an ONNX file ({_last_line(error)})") from None
    weights = {tensor.name for tensor in graph.initializer}
    inputs = [value for value in graph.input if value.name not in weights]
    if len(inputs) != 1 or not graph.output:
        raise InputError(f"{path}: must have one input and an output, has {len(inputs)}, {len(graph.output)}")
    return tuple(dim.dim_value or None for dim in inputs[0].type.tensor_type.shape.dim)


def _opencv(path: Path, threads: int) -> Callable[[np.ndarray], np.ndarray]:
    try:
        import cv2
    except ImportError:
        raise InputError(f"{path}: ONNX files need Debian's package python3-opencv, or onnxruntime") from None
    cv2.setNumThreads(threads)
    cv2.setLogLevel(0)  # silent: the error itself says it all
    try:
        network = cv2.dnn.readNetFromONNX(str(path))
    except cv2.error as error:
        raise InputError(
            f"{path}: OpenCV cannot run it ({_last_line(error)}); onnxruntime, if installed, is used instead"
        ) from None

    def run(batch: np.ndarray) -> np.ndarray:
        network.setInput(batch)
        return network.forward()

    return run


def _load_script(path: Path, threads: int) -> _Network:
    torch = import_torch()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # newer torch recommends torch.export, which Debian's lacks
            module = torch.jit.load(str(path), map_location="cpu").eval()
    except Exception as error:
        raise InputError(
            f"{path}: no TorchScript file ({_last_line(error)}); save it with torch.jit.save, as a pickled "
            "module could run any code and is not loaded"
        ) from None

    def run(batch: np.ndarray) -> np.ndarray:
        use_threads(threads)
        with torch.inference_mode():
            output = module(torch.from_numpy(batch))
        if not isinstance(output, torch.Tensor):
            raise TypeError(f"its output is a {type(output).__name__}, no tensor")
        return output.numpy()

    return _Network(run)


def _digest(path: Path) -> str:
    state = hashlib.sha256(path.read_bytes())
    description = path.with_suffix(".json")
    if description.exists():
        state.update(description.read_bytes())
    return state.hexdigest()


def _shape_text(shape: Sequence[Optional[int]]) -> str:
    return "[" + ", ".join("any" if size is None else str(size) for size in shape) + "]"


def _last_line(error: Exception) -> str:
    """What an interpreter's error of many lines says in the end, kept short."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[-1] if lines else type(error).__name__)[:160]
