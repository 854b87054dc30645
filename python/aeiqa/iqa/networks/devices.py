#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The device that torch computes on: the one place that chooses it, and moves networks and tensors there.

Everything is kept on the CPU and comes back to it; what computes asks for its networks and tensors by
``to_device`` and returns arrays by ``to_array``.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import Any, TypeVar

import numpy as np

from ...errors import InputError
from ...fields import check_fields, choice, documented
from .torch_support import import_torch

DEVICES = ("cpu", "cuda", "auto")
CPU, CUDA, AUTO = DEVICES

_Movable = TypeVar("_Movable")  # a torch.nn.Module or a torch.Tensor

_in_use = CPU  # of this process


def device_field() -> Any:
    """Return the field of a config class that chooses the device."""
    return choice(CPU, DEVICES, "where torch computes; auto: on a CUDA device if there is one")


@documented
@dataclass(frozen=True)
class DeviceSettings:
    """Settings of what computes on one device for as long as it runs.

    Raises:
        InputError: naming the field, its value and what is allowed.
    """

    device: str = device_field()

    def __post_init__(self) -> None:
        """Check everything."""
        check_fields(self)


def found_device(asked: str) -> str:
    """Return ``cpu`` or ``cuda``, as there is one; what ``auto`` falls back to is told in a line.

    Raises:
        InputError: ``cuda`` was asked for, and torch sees no such device.
    """
    if asked == CPU:
        return CPU
    torch = import_torch()
    if torch.cuda.is_available():
        return CUDA
    built = "this torch was built without CUDA" if torch.version.cuda is None else "torch sees no CUDA device"
    if asked == CUDA:
        raise InputError(f"device: cuda was asked for, but {built}; use auto or cpu")
    print(f"device auto: {built}, so the CPU computes", file=sys.stderr, flush=True)
    return CPU


def use_device(found: str) -> None:
    """Let torch compute on ``found_device``'s answer from here on, in the whole process."""
    global _in_use
    if found == CUDA:
        torch = import_torch()
        # Sums of 10 bits' precision would be off by more than the CPU's results allow.
        torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = False
        torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark = True, False
    _in_use = found


@contextmanager
def computing_on(found: str) -> Iterator[None]:
    """Let torch compute on ``found_device``'s answer inside a ``with``; in the whole process."""
    before = _in_use
    use_device(found)
    try:
        yield
    finally:
        use_device(before)


def device_in_use() -> str:
    """Return ``cpu`` or ``cuda``."""
    return _in_use


def device_facts(found: str) -> dict[str, str]:
    """Return what of the device belongs to the settings that results depend on; nothing for the CPU.

    On the CPU the same seed gives the same bytes on any machine of its kind; a GPU rounds otherwise.
    """
    return {} if found == CPU else {"device": found}


def device_name(found: str) -> str:
    """Return what is written down of the device: ``cpu``, or ``cuda`` with the GPU's name."""
    return CPU if found == CPU else f"{CUDA} ({import_torch().cuda.get_device_name()})"


def to_device(movable: _Movable) -> _Movable:
    """Return a tensor on the device in use, or a module moved there as a whole.

    Not inside ``torch.inference_mode``, in which a module's weights would become fit for nothing else.
    """
    if hasattr(movable, "parameters"):  # looked at for every batch, so that going through all would cost
        first = next(chain(movable.parameters(), movable.buffers()), None)
        if first is not None and first.device.type == _in_use:
            return movable
    return movable.to(_in_use)  # type: ignore[attr-defined]


def to_array(tensor: "torch.Tensor") -> np.ndarray:  # noqa: F821
    """Return a tensor's values as an array, from whatever device it is on; it shares memory if it can."""
    return tensor.detach().cpu().numpy()
