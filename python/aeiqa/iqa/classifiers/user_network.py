#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The network of a user's own classifier: an ONNX file, a TorchScript file, or a Python callable's module."""

import hashlib
import importlib
import os
import re
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, Optional

import numpy as np

from ...errors import InputError
from ..networks.devices import to_array, to_device
from ..networks.torch_support import import_torch, use_threads
from .network import Network, last_line
from .oip_network import OIP_HELP, is_oip, load_oip, oip_path
from .onnx_network import load_onnx

ONNX_SUFFIX = ".onnx"
TORCHSCRIPT_SUFFIXES = (".pt", ".pth", ".ts")
USER_CLASSIFIER_HELP = (
    "an ONNX or TorchScript file, MODULE:CALLABLE, a Python callable that returns a torch module, "
    f"or {OIP_HELP}"
)
_CALLABLE = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*")


def is_own(name: object) -> bool:
    """Return whether a target is the user's: a file's name, ``module:callable``, or a live classifier."""
    if not isinstance(name, str):
        return True
    return (
        is_oip(name) or Path(name).suffix.lower() in (ONNX_SUFFIX, *TORCHSCRIPT_SUFFIXES) or is_callable(name)
    )


def target_name(target: Any) -> str:
    """Return what tables and messages call a user's target: its file without folders, or its own name."""
    if not isinstance(target, str):
        return target.name
    # Of oip:http://HOST:PORT/v2/models/NAME/versions/V the name.
    return Path(target.partition("/models/")[2].partition("/")[0] if is_oip(target) else target).name


def no_models_text(target: Any) -> str:
    """Return the message for a user's own target without a folder of models."""
    name = target if isinstance(target, str) else target.name
    return (
        f"target {name}: --models has to name the folder of its scores; ./aeiqa train --target {name} "
        "--dataset PICTURES --out DIR makes one"
    )


def is_callable(name: str) -> bool:
    """Return whether a target's name is ``module:callable``."""
    return _CALLABLE.fullmatch(name) is not None


def network_path(source: str | os.PathLike[str]) -> Path:
    """Return the file of a network, or of the module of ``module:callable``, beside which a description lies.

    Raises ``InputError`` if there is no such file, or the module cannot be imported.
    """
    if is_oip(str(source)):
        return oip_path(str(source))
    if is_callable(str(source)):
        name = str(source).partition(":")[0]
        return Path(getattr(_import(str(source), name), "__file__", None) or f"{name}.py")
    path = Path(source)
    if not path.is_file():
        raise InputError(f"target: there is no file {path}")
    return path


def load_network(source: str | os.PathLike[str], threads: int, output: Optional[str] = None) -> Network:
    """Load a file or what ``module:callable`` returns; ``output``: name of an ONNX file's output.

    Raises ``InputError`` if that is no network.
    """
    if is_oip(str(source)):
        return load_oip(str(source), output)
    path = network_path(source)
    if is_callable(str(source)):
        return _load_callable(str(source), path, threads)
    if path.suffix.lower() == ONNX_SUFFIX:
        return load_onnx(path, threads, output)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Network(path.name, path, digest, _torch_version(), _runner(_load_script(path), threads))


def module_network(
    name: str,
    module: "torch.nn.Module",  # noqa: F821
    threads: int,
    prepare: Optional[Callable[[np.ndarray], object]] = None,
) -> Network:
    """Return a live torch module as a network; ``InputError`` for any other object."""
    torch = import_torch()
    if not isinstance(module, torch.nn.Module):
        raise InputError(f"target {name}: must be a torch.nn.Module, got a {type(module).__name__}")
    if prepare is not None and not callable(prepare):
        raise InputError(f"target {name}: its preprocessing must be callable, got a {type(prepare).__name__}")
    module = module.to("cpu").eval()
    digest, run = _digest_of_weights(module), _runner(module, threads)
    return Network(name, Path(f"{name}.py"), digest, _torch_version(), run, prepare=prepare)


def _torch_version() -> str:
    return f"torch {import_torch().__version__}"


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
        network, inputs = to_device(module), to_device(torch.from_numpy(batch))
        with torch.inference_mode():
            output = network(inputs)
        if not isinstance(output, torch.Tensor):
            raise TypeError(f"its output is a {type(output).__name__}, no tensor")
        return to_array(output)

    return run


def _load_callable(source: str, path: Path, threads: int) -> Network:
    module_name, _, name = source.partition(":")
    network, digest, prepare = _call(source, _import(source, module_name), name)
    if path.is_file():
        digest = hashlib.sha256(digest.encode() + path.read_bytes()).hexdigest()
    return Network(source, path, digest, _torch_version(), _runner(network, threads), prepare=prepare)


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


def _call(source: str, module: ModuleType, name: str) -> tuple["torch.nn.Module", str, Any]:  # noqa: F821
    """Return the network, ready to infer, the digest of its weights, and its preprocessing or None."""
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
    prepare = None
    if isinstance(network, tuple) and len(network) == 2 and callable(network[1]):
        network, prepare = network
    if not isinstance(network, torch.nn.Module):
        raise InputError(f"target {source}: returns a {type(network).__name__}, no torch.nn.Module")
    try:
        network = network.to("cpu").eval()
        return network, _digest_of_weights(network), prepare
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
    """Return the SHA-256 of a module's tensors: parameters, buffers, attributes, packed weights."""
    torch = import_torch()
    state = hashlib.sha256()
    for name, value in sorted(_tensors(network), key=lambda item: item[0]):
        if value.is_quantized:
            value = value.dequantize()
        state.update(f"{name} {value.dtype} {tuple(value.shape)}".encode())
        state.update(to_array(value.contiguous().flatten().view(torch.uint8)).tobytes())
    return state.hexdigest()


def _tensors(network: "torch.nn.Module") -> Iterator[tuple[str, "torch.Tensor"]]:  # noqa: F821
    torch = import_torch()
    for prefix, module in network.named_modules():
        named = dict(vars(module)) if not isinstance(module, torch.jit.ScriptModule) else {}
        named |= dict(module.named_parameters(recurse=False)) | dict(module.named_buffers(recurse=False))
        packed = getattr(module, "_packed_params", None)  # quantised layers keep their weights in it
        if packed is not None and hasattr(packed, "_weight_bias"):
            named |= dict(zip(("packed weight", "packed bias"), packed._weight_bias(), strict=True))
        for name, value in named.items():
            if isinstance(value, torch.Tensor):
                yield f"{prefix}.{name}", value
