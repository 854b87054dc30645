#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""A user's ONNX file, run by onnxruntime and by nothing else."""

import ast
import hashlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

import numpy as np

from ...errors import InputError
from .network import Network, last_line

INSTALL = (
    "./aeiqa COMMAND brings it when the file is named on the command line; elsewhere install Debian's "
    "python3-onnxruntime, or onnxruntime and 'numpy<2' with pip"
)
_INPUT_TYPES = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(double)": np.float64,
    "tensor(uint8)": np.uint8,
}
_OUTPUT_TYPES = ("tensor(float)", "tensor(float16)", "tensor(double)")
_REASON_CHARS = 160
_MOST_NAMES = 1 << 20  # characters of metadata
_BLOCK = 1 << 20
# What onnxruntime puts before a reason: its codes, the file again, and where in its source the error arose.
_PREAMBLE = re.compile(
    r"\[ONNXRuntimeError\] : \d+ : \w+ : |Load model from .*? failed:|\S*onnxruntime/\S+:\d+ .*?\) "
)


def load_onnx(path: Path, threads: int, output: str | None = None) -> Network:
    """Load an ONNX file; ``output`` names the output that holds the answers, by default the first.

    Raises ``InputError`` if onnxruntime is not installed or cannot run the file, if its weights are in files
    that are missing or outside its folder, if it has several inputs or one of another type than float16,
    float32, float64 or uint8, no output of that name, or one that is no tensor of floats.
    """
    try:
        import onnxruntime
    except ImportError as error:
        raise InputError(f"{path}: ONNX files need onnxruntime ({last_line(error)}): {INSTALL}") from None
    digest = _digest(path)  # first, as it refuses files of weights that onnxruntime must not open
    onnxruntime.set_default_logger_severity(4)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = threads
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own types
        raise InputError(f"{path}: onnxruntime cannot load it ({_reason(error)})") from None
    inputs, outputs = session.get_inputs(), {each.name: each.type for each in session.get_outputs()}
    if len(inputs) != 1:
        names = ", ".join(each.name for each in inputs) or "none"
        raise InputError(f"{path}: must have one input, has {len(inputs)} ({names})")
    dtype = _INPUT_TYPES.get(inputs[0].type)
    if dtype is None:
        allowed = ", ".join(np.dtype(each).name for each in _INPUT_TYPES.values())
        raise InputError(f"{path}: its input is {inputs[0].type}, must be of {allowed}")
    if output is not None and output not in outputs:
        raise InputError(f"{path}: has no output {output!r}, but {', '.join(outputs)}")
    wanted, name = output or next(iter(outputs)), inputs[0].name
    if outputs[wanted] not in _OUTPUT_TYPES:
        others = [each for each, kind in outputs.items() if kind in _OUTPUT_TYPES]
        hint = f"; output in its description can name another: {', '.join(others)}" if others else ""
        raise InputError(
            f"{path}: its output {wanted} is {outputs[wanted]}, must be a tensor of floats{hint}"
        )

    def run(batch: np.ndarray) -> np.ndarray:
        try:
            return session.run([wanted], {name: batch})[0]
        except Exception as error:
            raise RuntimeError(_reason(error)) from None

    return Network(
        name=path.name,
        path=path,
        digest=digest,
        runtime=f"onnxruntime {onnxruntime.__version__}",
        run=run,
        # Symbols and -1 stand for a size that is open.
        input_shape=tuple(d if isinstance(d, int) and d > 0 else None for d in inputs[0].shape or ()),
        dtype=dtype,
        classes=_class_names(session.get_modelmeta().custom_metadata_map),
    )


def _class_names(metadata: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names of a file's outputs from its metadata; nothing if it tells none, or not plainly.

    Known are the keys that exporters use, with a list or a dictionary by number, as JSON or Python's text, or
    one name in each line or between commas.
    """
    for key in ("names", "classes", "class_names", "labels", "id2label"):
        text = metadata.get(key, "").strip()
        if not text or len(text) > _MOST_NAMES:
            continue
        try:
            found = ast.literal_eval(text)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            found = [part.strip() for part in text.split("\n" if "\n" in text else ",")]
        if isinstance(found, dict):
            by_number = {str(number): name for number, name in found.items()}
            found = [by_number.get(str(number)) for number in range(len(by_number))]
        names = tuple(found) if isinstance(found, (list, tuple)) else ()
        if len(set(names)) == len(names) > 1 and all(isinstance(name, str) and name for name in names):
            return names
    return ()


def _reason(error: Exception) -> str:
    """Return onnxruntime's reason on one short line."""
    text = _PREAMBLE.sub("", " ".join(str(error).split()))
    return text[:_REASON_CHARS] or type(error).__name__


def _digest(path: Path) -> str:
    """Return the SHA-256 of a file and of the files beside it that hold its weights.

    Raises ``InputError`` as ``_weight_files``, and if one of those is missing or unreadable.
    """
    content = path.read_bytes()
    digest = hashlib.sha256(content)
    for name in _weight_files(path, content):
        weights = path.parent / name
        if not weights.is_file():
            raise InputError(f"{path}: there is no file {name!r} beside it, which holds weights of it")
        with open(weights, "rb") as file:
            digest.update(name.encode() + b"\0")
            while block := file.read(_BLOCK):
                digest.update(block)
    return digest.hexdigest()


def _weight_files(path: Path, content: bytes) -> list[str]:
    """Return the names, from its folder, of the files of weights that an ONNX file refers to, sorted.

    Raises ``InputError`` if it is no ONNX file, or refers to anything outside its folder.
    """
    try:
        import onnx
    except ImportError as error:
        raise InputError(
            f"{path}: ONNX files need Debian's package python3-onnx ({last_line(error)})"
        ) from None
    try:
        model = onnx.load_model_from_string(content)
    except Exception as error:  # protobuf's own types
        raise InputError(f"{path}: no ONNX file ({last_line(error)})") from None
    found = set()
    for message in _messages(model):
        if isinstance(message, onnx.TensorProto) and message.data_location == onnx.TensorProto.EXTERNAL:
            found.add({entry.key: entry.value for entry in message.external_data}.get("location", ""))
    for name in found:
        # A first part of "*" is onnxruntime's sign for an address in memory.
        if name.startswith("*/") or PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
            raise InputError(f"{path}: refers to weights in {name!r}, must keep them in its own folder")
    return sorted(found)


def _messages(message: "google.protobuf.message.Message") -> Iterator["google.protobuf.message.Message"]:  # noqa: F821
    """Yield a message and all within it."""
    yield message
    for field, value in message.ListFields():
        if field.type == field.TYPE_MESSAGE:
            for inner in [value] if hasattr(value, "ListFields") else value:
                yield from _messages(inner)
