#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""What runs a user's own classifier: an ONNX file, a TorchScript file, or what a Python callable returns."""

import hashlib
import importlib
import os
import re
import sys
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import NamedTuple, Optional

import numpy as np

from ...errors import InputError
from ..networks.torch_support import import_torch, use_threads

ONNX_SUFFIX = ".onnx"
TORCHSCRIPT_SUFFIXES = (".pt", ".pth", ".ts")
USER_CLASSIFIER_HELP = (
    "an ONNX or TorchScript file, or MODULE:CALLABLE, a Python callable that returns a torch module"
)
_CALLABLE = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*")


class Network(NamedTuple):
    """A network, and where it comes from.

    Attributes:
        name: what messages, tables and fits call it.
        path: its file, or that of the Python module: the description lies beside it.
        digest: of what decides its answers, but for the description.
        run: maps float32 [batch, ...] to its first output.
        input_shape: None where it is open; empty if the network does not say.
    """

    name: str
    path: Path
    digest: str
    run: Callable[[np.ndarray], np.ndarray]
    input_shape: tuple[Optional[int], ...] = ()


def is_own(name: str) -> bool:
    """Whether a target's name is that of a file, or ``module:callable``."""
    return Path(name).suffix.lower() in (ONNX_SUFFIX, *TORCHSCRIPT_SUFFIXES) or is_callable(name)


def no_models_text(name: str) -> str:
    """What to tell of a user's own target if no folder of models is named."""
    return (
        f"target {name}: --models has to name the folder of its scores; ./aeiqa train --target {name} "
        "--dataset PICTURES --out DIR makes one"
    )


def is_callable(name: str) -> bool:
    """Whether a target's name is ``module:callable``."""
    return _CALLABLE.fullmatch(name) is not None


def load_network(source: str | os.PathLike[str], threads: int) -> Network:
    """Load a file or what ``module:callable`` returns. Raises ``InputError`` if that is no network."""
    if is_callable(str(source)):
        return _load_callable(str(source), threads)
    path = Path(source)
    if not path.is_file():
        raise InputError(f"target: there is no file {path}")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if path.suffix.lower() == ONNX_SUFFIX:
        return Network(path.name, path, digest, *_load_onnx(path, threads))
    return Network(path.name, path, digest, _runner(_load_script(path), threads))


def _load_onnx(path: Path, threads: int) -> tuple[Callable, tuple[Optional[int], ...]]:
    shape = _onnx_input(path)
    try:
        import onnxruntime
    except ImportError:
        return _opencv(path, threads), shape
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = threads
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise InputError(f"{path}: onnxruntime cannot run it ({last_line(error)})") from None
    name = session.get_inputs()[0].name
    return lambda batch: session.run(None, {name: batch})[0], shape


def _onnx_input(path: Path) -> tuple[Optional[int], ...]:
    """The shape of the one input that is not a weight."""
    try:
        import onnx
    except ImportError:
        raise InputError(f"{path}: ONNX files need Debian's package python3-onnx") from None
    try:
        graph = onnx.load(str(path)).graph
    except Exception as error:  # protobuf's own errors, and what a missing file of weights raises
        raise InputError(f"{path}: not an ONNX file ({last_line(error)})") from None
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
            f"{path}: OpenCV cannot run it ({last_line(error)}); onnxruntime, if installed, is used instead"
        ) from None

    def run(batch: np.ndarray) -> np.ndarray:
        network.setInput(batch)
        return network.forward()

    return run


def _load_script(path: Path) -> "torch.nn.Module":  # noqa: F821
    torch = import_torch()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # newer torch recommends torch.export, which Debian's lacks
            return torch.jit.load(str(path), map_location="cpu").eval()
    except Exception as error:
        raise InputError(
            f"{path}: no TorchScript file ({last_line(error)}); save it with torch.jit.save, as a pickled "
            "module could run any code and is not loaded"
        ) from None


def _runner(module: "torch.nn.Module", threads: int) -> Callable[[np.ndarray], np.ndarray]:  # noqa: F821
    torch = import_torch()

    def run(batch: np.ndarray) -> np.ndarray:
        use_threads(threads)
        with torch.inference_mode():
            output = module(torch.from_numpy(batch))
        if not isinstance(output, torch.Tensor):
            raise TypeError(f"its output is a {type(output).__name__}, no tensor")
        return output.numpy()

    return run


def _load_callable(source: str, threads: int) -> Network:
    module_name, _, name = source.partition(":")
    module = _import(source, module_name)
    network, digest = _call(source, module, name)
    if digest != _call(source, module, name)[1]:
        raise InputError(f"target {source}: returns other weights each time: it has to load trained ones")
    path = Path(getattr(module, "__file__", None) or f"{module_name}.py")
    if path.is_file():
        digest = hashlib.sha256(digest.encode() + path.read_bytes()).hexdigest()
    return Network(source, path, digest, _runner(network, threads))


def _import(source: str, name: str) -> ModuleType:
    """Import a module from the current folder or wherever else Python finds it."""
    here = os.getcwd()
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is not None and (name == error.name or name.startswith(f"{error.name}.")):
            raise InputError(f"target {source}: no module {name} in {here} or on Python's path") from None
        raise InputError(f"target {source}: module {name} cannot be imported ({last_line(error)})") from None
    except (Exception, SystemExit) as error:  # whatever the module's own code raises
        raise InputError(
            f"target {source}: module {name} cannot be imported ({type(error).__name__}: {last_line(error)})"
        ) from None


def _call(source: str, module: ModuleType, name: str) -> tuple["torch.nn.Module", str]:  # noqa: F821
    """Return the network, ready to infer, and the digest of its weights."""
    torch = import_torch()
    make = getattr(module, name, None)
    if not callable(make):
        kind = type(make).__name__
        found = f"it is of type {kind}" if hasattr(module, name) else "there is none of that name"
        raise InputError(f"target {source}: no callable in {module.__name__}: {found}{_others(module)}")
    try:
        network = make if isinstance(make, torch.nn.Module) else make()
    except (Exception, SystemExit) as error:
        raise InputError(
            f"target {source}: calling it with no argument fails ({type(error).__name__}: {last_line(error)})"
        ) from None
    if not isinstance(network, torch.nn.Module):
        raise InputError(f"target {source}: returns a {type(network).__name__}, no torch.nn.Module")
    try:
        network = network.to("cpu").eval()
        return network, _digest_of_weights(network)
    except Exception as error:  # weights that are not there yet, or of a kind that has no bytes to show
        raise InputError(
            f"target {source}: its weights cannot be read ({type(error).__name__}: {last_line(error)})"
        ) from None


def _others(module: ModuleType) -> str:
    names = [
        name
        for name, value in vars(module).items()
        if callable(value) and name[0] != "_" and getattr(value, "__module__", "") == module.__name__
    ]
    return f"; it has {', '.join(names)}" if names else ""


def _digest_of_weights(network: "torch.nn.Module") -> str:  # noqa: F821
    torch = import_torch()
    state = hashlib.sha256()
    for name, value in sorted(network.state_dict().items()):
        state.update(name.encode())
        if isinstance(value, torch.Tensor) and not value.is_quantized:
            state.update(f"{value.dtype} {tuple(value.shape)}".encode())
            state.update(value.detach().contiguous().flatten().view(torch.uint8).numpy().tobytes())
    return state.hexdigest()


def last_line(error: BaseException) -> str:
    """What an interpreter's error of many lines says in the end, kept short."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[-1] if lines else type(error).__name__)[:160]


def shape_text(shape: Sequence[Optional[int]]) -> str:
    """Write a shape as messages have it, "any" where it is open."""
    return "[" + ", ".join("any" if size is None else str(size) for size in shape) + "]"
