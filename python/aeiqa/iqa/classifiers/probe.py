#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Fixed pictures that a user's classifier has to answer the same way every time, first in a child process.

A file that makes its interpreter crash ends the child process and not the command. The answers to these
pictures are part of what identifies a classifier, since neither its file nor its weights need hold all that
decides.
"""

import hashlib
import json
import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Sequence

import numpy as np

from ...errors import InputError

TIMEOUT_S = 600
TOLERANCE = 1e-3
"""Largest difference of a probability that counts as the same answer."""
_PICTURES = 16
_BYTES = 1 << 24
_SEED = 20

Shape = tuple[int, int, int]


def pictures(shape: Shape) -> np.ndarray:
    """Return up to 16 pictures, uint8 [N, H, W, C], for the shape (H, W, C): coarse patches under noise."""
    height, width, channels = shape
    count = max(2, min(_PICTURES, _BYTES // (height * width * channels)))
    rng = np.random.default_rng(_SEED)
    coarse = rng.integers(0, 256, (count, 6, 6, channels))
    rows, columns = np.arange(height) * 6 // height, np.arange(width) * 6 // width
    patches = coarse[:, rows[:, np.newaxis], columns]
    strength = np.linspace(0, 60, count).reshape(-1, 1, 1, 1)
    noise = rng.standard_normal((count, *shape), np.float32) * strength
    return np.clip(patches + noise, 0, 255).astype(np.uint8)


def digest(probabilities: np.ndarray, shape: Shape) -> str:
    """Return the shape and a SHA-256 of the answers to ``pictures(shape)``, as "28x28x1:e3b0...".

    Probabilities count to two digits, which another processor's rounding rarely changes.
    """
    rounded = np.rint(100.0 * probabilities).astype(np.int16)
    return f"{'x'.join(map(str, shape))}:{hashlib.sha256(rounded.tobytes()).hexdigest()}"


def same_answers(one: np.ndarray, other: np.ndarray) -> bool:
    """Return whether two arrays of probabilities [N, classes] are the same answers."""
    return one.shape == other.shape and bool((np.abs(one - other) <= TOLERANCE).all())


def is_child_needed() -> bool:
    """Return whether a model must be tried in a child process: not in a worker, whose parent did."""
    return multiprocessing.parent_process() is None and not os.environ.get(_IN_CHILD)


_IN_CHILD = "AEIQA_PROBE"


def try_in_child(
    source: str | os.PathLike[str], class_names: Sequence[str], threads: int, shape: Shape | None
) -> tuple[Shape | None, np.ndarray | None]:
    """Load a classifier in a child process, and let it answer ``pictures(shape)``.

    Args:
        source: as for ``UserClassifier``.
        class_names: likewise.
        threads: likewise.
        shape: (H, W, C); None: the shape that the model itself fixes, and no answers if it fixes none.

    Returns:
        The shape and the probabilities, float32 [N, classes], or None and None.

    Raises:
        InputError: what loading it raises in the child; the child crashed, or took over ten minutes.
    """
    request = {"source": str(source), "names": list(class_names), "threads": threads, "shape": shape}
    paths = os.pathsep.join(path or os.getcwd() for path in sys.path)
    # In memory: a full disk or a temporary folder that is not there must not look like the model's fault.
    with open(os.memfd_create("answers"), "w+b") as result:
        program = f"from {__package__} import probe_child; probe_child.main()"
        try:
            child = subprocess.run(
                [sys.executable, "-c", program, str(result.fileno())],
                pass_fds=[result.fileno()],
                input=json.dumps(request),
                env={**os.environ, "PYTHONPATH": paths, _IN_CHILD: "1"},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
                errors="replace",
                timeout=TIMEOUT_S,
            )
        except subprocess.TimeoutExpired:
            raise InputError(f"{source}: {_PICTURES} pictures took it over {TIMEOUT_S} s") from None
        if not os.fstat(result.fileno()).st_size:
            raise InputError(f"{source}: {_end_text(child)}, tried in a process of its own")
        result.seek(0)
        with np.load(result, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    if "error" in arrays:
        raise InputError(str(arrays["error"]))
    if "probabilities" not in arrays:
        return None, None
    height, width, channels = (int(size) for size in arrays["shape"])
    return (height, width, channels), arrays["probabilities"]


def _end_text(child: subprocess.CompletedProcess) -> str:
    if child.returncode < 0:
        return f"its interpreter crashes ({signal.Signals(-child.returncode).name})"
    lines = child.stderr.strip().splitlines()
    return f"it ends the program (status {child.returncode}{': ' + lines[-1][:160] if lines else ''})"
