#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The one place that imports torch, so that everything without a neural network works without it."""

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

from ...errors import InputError


def import_torch() -> ModuleType:
    """Return the torch module; a missing or broken torch is an ``InputError`` that says what to install."""
    try:
        import torch
    except ImportError as error:
        missing = isinstance(error, ModuleNotFoundError) and error.name == "torch"
        reason = "torch is not installed" if missing else f"torch cannot be imported ({error})"
        raise InputError(f"{reason}: scores and classifiers need it (Debian package python3-torch)") from None
    return torch


def use_threads(threads: int) -> None:
    """Let torch compute with ``threads`` threads in the calling thread from here on.

    One thread is the default everywhere: a flowgraph has a thread a block and a sweep a process a core, and
    torch waiting for cores that others keep busy is 3 to 100 times slower than torch alone on one.
    Called before each inference, since OpenMP keeps the setting per calling thread.
    """
    torch = import_torch()
    if torch.get_num_threads() != threads:
        torch.set_num_threads(threads)
    _use_openblas_threads(threads)


def _use_openblas_threads(threads: int) -> None:
    """Tell OpenBLAS too, if it is what multiplies matrices here (as under Debian's torch).

    torch does not reach OpenBLAS' own pool, whose waiting threads spin and take a second core for nothing.
    """
    try:
        openblas = ctypes.CDLL("libopenblas.so.0", mode=os.RTLD_NOLOAD | os.RTLD_NOW)
    except (OSError, AttributeError):  # not loaded, or a system without RTLD_NOLOAD
        return
    if openblas.openblas_get_num_threads() != threads:
        openblas.openblas_set_num_threads(threads)


@contextmanager
def denormals_flushed() -> Iterator[None]:
    """Let numbers too small for full precision be zero: those of a converged network take 50 times as long.

    The setting is the whole process's, so it is taken back.
    """
    torch = import_torch()
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)


def checked_threads(threads: int) -> int:
    """Return ``threads`` if it is a whole number from 1 up, else raise ``InputError``."""
    if isinstance(threads, bool) or not isinstance(threads, int) or threads < 1:
        raise InputError(f"threads must be a whole number from 1 up, got {threads!r}")
    return threads
