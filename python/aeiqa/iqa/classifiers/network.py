#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""A user's network, whatever runs it, and the words that messages use for it."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple, Optional

import numpy as np


class Network(NamedTuple):
    """A network, and where it comes from.

    Attributes:
        name: the name that messages, tables and fits use.
        path: its file, or that of the Python module: the description lies beside it.
        digest: SHA-256 of its files or weights, without the description.
        runtime: name and version of what runs it.
        run: maps ``dtype`` [batch, ...] to its output.
        input_shape: None where a size is open; empty if the network does not say.
        dtype: of its input.
        classes: names of its outputs, in their order, if its file tells them.
        prepare: makes its input of one uint8 picture [H, W] or [H, W, C]; None: the description does.
    """

    name: str
    path: Path
    digest: str
    runtime: str
    run: Callable[[np.ndarray], np.ndarray]
    input_shape: tuple[Optional[int], ...] = ()
    dtype: type[np.generic] = np.float32
    classes: tuple[str, ...] = ()
    prepare: Optional[Callable[[np.ndarray], object]] = None


def last_line(error: BaseException) -> str:
    """Return the last line of an interpreter's error, kept short."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[-1] if lines else type(error).__name__)[:160]


def shape_text(shape: Sequence[Optional[int]]) -> str:
    """Write a shape as messages have it, "any" where it is open."""
    return "[" + ", ".join("any" if size is None else str(size) for size in shape) + "]"
