#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""A user's ONNX file, run by onnxruntime and by nothing else."""

import hashlib
from pathlib import Path

import numpy as np

from ...errors import InputError
from .user_network import Network, last_line

INSTALL = (
    "./aeiqa COMMAND brings it when the file is named on the command line; elsewhere install Debian's "
    "python3-onnxruntime, or onnxruntime and 'numpy<2' with pip"
)
_DTYPES = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(double)": np.float64,
    "tensor(uint8)": np.uint8,
}


def load_onnx(path: Path, threads: int, output: str | None = None) -> Network:
    """Load an ONNX file; ``output`` names the output that holds the answers, by default the first.

    Raises ``InputError`` if onnxruntime is not installed or cannot run the file, if it has several inputs or
    one of another type than float16, float32, float64 or uint8, or no output of that name.
    """
    try:
        import onnxruntime
    except ImportError as error:
        raise InputError(f"{path}: ONNX files need onnxruntime ({last_line(error)}): {INSTALL}") from None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = threads
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own types, and what a missing file of weights raises
        raise InputError(f"{path}: onnxruntime cannot load it ({last_line(error)})") from None
    inputs, outputs = session.get_inputs(), [each.name for each in session.get_outputs()]
    if len(inputs) != 1:
        names = ", ".join(each.name for each in inputs) or "none"
        raise InputError(f"{path}: must have one input, has {len(inputs)} ({names})")
    dtype = _DTYPES.get(inputs[0].type)
    if dtype is None:
        allowed = ", ".join(np.dtype(each).name for each in _DTYPES.values())
        raise InputError(f"{path}: its input is {inputs[0].type}, must be of {allowed}")
    if output is not None and output not in outputs:
        raise InputError(f"{path}: has no output {output!r}, but {', '.join(outputs)}")
    wanted, name = output or outputs[0], inputs[0].name

    def run(batch: np.ndarray) -> np.ndarray:
        try:
            return session.run([wanted], {name: batch})[0]
        except Exception as error:  # its reason stands in the first of several lines
            raise RuntimeError(" ".join(str(error).split())) from None

    return Network(
        name=path.name,
        path=path,
        digest=_digest(path),
        runtime=f"onnxruntime {onnxruntime.__version__}",
        run=run,
        # Symbols and -1 stand for a size that is open.
        input_shape=tuple(d if isinstance(d, int) and d > 0 else None for d in inputs[0].shape or ()),
        dtype=dtype,
    )


def _digest(path: Path) -> str:
    """Return the SHA-256 of a file and of the files beside it that hold its weights."""
    digest = hashlib.sha256(path.read_bytes())
    for weights in _weight_files(path):
        digest.update(weights.encode() + b"\0" + (path.parent / weights).read_bytes())
    return digest.hexdigest()


def _weight_files(path: Path) -> list[str]:
    """Return the names of the files of weights that an ONNX file refers to, sorted."""
    try:
        import onnx
        from onnx.external_data_helper import ExternalDataInfo, _get_all_tensors, uses_external_data
    except ImportError as error:
        raise InputError(
            f"{path}: ONNX files need Debian's package python3-onnx ({last_line(error)})"
        ) from None
    model = onnx.load(str(path), load_external_data=False)
    tensors = (tensor for tensor in _get_all_tensors(model) if uses_external_data(tensor))
    return sorted({ExternalDataInfo(tensor).location for tensor in tensors})
