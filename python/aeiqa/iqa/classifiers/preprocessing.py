#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The description beside a user's own classifier, and the input that it makes of images."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Optional

import numpy as np
from PIL import Image

from ...errors import ImageShapeError, InputError
from ...files import read_json

CHANNELS = {"grey": 1, "rgb": 3, "bgr": 3}
_LAYOUTS = ("NCHW", "NHWC")
_MOST = 1e15  # of a number in a description
_LUMA = np.array([299, 587, 114])  # ITU-R BT.601, in thousandths, as PIL's conversion to grey


@dataclass(frozen=True)
class Preprocessing:
    """Conversion of uint8 images to a network's input: ``(pixel * scale - mean) / std`` of each channel.

    Attributes:
        size: (height, width) that images are resized to; None: as they are.
        colour: grey, rgb or bgr; None: as the images are (grey or RGB).
        scale: what a pixel from 0 to 255 is multiplied by.
        mean, std: one number, or one for each channel.
        layout: NCHW or NHWC.
        classes: names of the outputs, in their order; empty: the data set's, in its order.
        output: name of the ONNX output that holds the answers; None: the first.
        binary: of a model of two classes with one output for the second: whether that is a "logit" or a
            "probability"; None: an output for each class.
    """

    size: Optional[tuple[int, int]] = None
    colour: Optional[str] = None
    scale: float = 1 / 255
    mean: tuple[float, ...] = (0.0,)
    std: tuple[float, ...] = (1.0,)
    layout: str = "NCHW"
    classes: tuple[str, ...] = ()
    output: Optional[str] = None
    binary: Optional[str] = None

    def __call__(self, images: Sequence[np.ndarray], dtype: type[np.generic] = np.float32) -> np.ndarray:
        """Return the network's input, ``dtype`` [N, C, H, W] or [N, H, W, C], of uint8 images.

        A network that takes uint8 gets the pixels as they are.

        Raises ``InputError`` if they come out in different shapes, or mean or std do not fit the channels.
        """
        prepared = [self._prepare(image) for image in images]
        shapes = {image.shape for image in prepared}
        if len(shapes) > 1:
            one, other = sorted(shapes)[:2]
            raise InputError(f"images differ in shape ({one} and {other}): give size and colour")
        if dtype == np.uint8:
            return self._laid_out(np.stack(prepared))
        batch = np.stack(prepared).astype(np.float32) * np.float32(self.scale)
        for name in ("mean", "std"):
            if len(getattr(self, name)) not in (1, batch.shape[-1]):
                count = len(getattr(self, name))
                channels = batch.shape[-1]
                raise ImageShapeError(f"{name} has {count} values, the images have {channels} channels")
        batch = (batch - np.float32(self.mean)) / np.float32(self.std)
        return self._laid_out(batch).astype(dtype, copy=False)

    def _laid_out(self, batch: np.ndarray) -> np.ndarray:
        return np.ascontiguousarray(batch.transpose(0, 3, 1, 2)) if self.layout == "NCHW" else batch

    def fill_in(self, shape: Sequence[Optional[int]]) -> "Preprocessing":
        """Return it with what is left open taken from a network's input shape, None where that is open."""
        if len(shape) != 4:
            return self
        nchw = self.layout == "NCHW"
        channels, height, width = shape[1:] if nchw else (shape[3], *shape[1:3])
        size = (height, width) if self.size is None and height and width else self.size
        colour = self.colour or {1: "grey", 3: "rgb"}.get(channels)
        return replace(self, size=size, colour=colour)

    def _prepare(self, image: np.ndarray) -> np.ndarray:
        """One image as uint8 [H, W, C] of the wanted colour and size."""
        if image.dtype != np.uint8:
            raise InputError(f"images must be uint8, got {image.dtype}")
        if image.ndim == 3 and image.shape[2] == 1:
            image = image[..., 0]
        if self.colour == "grey" and image.ndim == 3:
            image = ((image @ _LUMA + 500) // 1000).astype(np.uint8)
        if self.size is not None and image.shape[:2] != self.size:
            height, width = self.size
            picture = Image.fromarray(image).resize((width, height), Image.Resampling.BILINEAR)
            image = np.asarray(picture)
        if image.ndim == 2:
            return np.repeat(image[..., np.newaxis], CHANNELS.get(self.colour, 1), axis=2)
        return image[..., ::-1] if self.colour == "bgr" else image


def read_preprocessing(model: Path) -> tuple[Preprocessing, set[str]]:
    """Return the description beside a model file (same name, .json) and the names it gives; defaults without.

    Raises ``InputError`` naming file, field, value and what is allowed.
    """
    path = model.with_suffix(".json")
    try:
        given = read_json(path)
    except FileNotFoundError:
        return Preprocessing(), set()
    known = [field.name for field in fields(Preprocessing)]
    for name in given:
        if name not in known:
            raise InputError(f"{path}: {name!r} is none of {', '.join(known)}")
    checked = {name: _CHECKS[name](path, name, value) for name, value in given.items()}
    return Preprocessing(**checked), set(given)


def _wrong(path: Path, name: str, value: object, allowed: str) -> InputError:
    return InputError(f"{path}: {name} must be {allowed}, got {json.dumps(value)}")


def _size(path: Path, name: str, value: object) -> tuple[int, int]:
    if isinstance(value, list) and len(value) == 2 and all(type(v) is int and 1 <= v <= 4096 for v in value):
        return value[0], value[1]
    raise _wrong(path, name, value, "[height, width], from 1 to 4096 pixels each")


def _choice(allowed: Sequence[str]):
    def check(path: Path, name: str, value: object) -> str:
        if value in allowed:
            return value
        raise _wrong(path, name, value, f"one of {', '.join(allowed)}")

    return check


def _is_number(value: object, least: float) -> bool:
    """Return whether it is a number from ``least`` on with which single precision does not overflow."""
    return type(value) in (int, float) and least <= value <= _MOST


def _numbers(path: Path, name: str, value: object) -> tuple[float, ...]:
    values = value if isinstance(value, list) else [value]
    least = -_MOST if name == "mean" else 1 / _MOST
    if len(values) in (1, 3) and all(_is_number(v, least) for v in values):
        return tuple(map(float, values))
    allowed = f"a number from {least:g} to {_MOST:g}, or one for each of 3 channels"
    raise _wrong(path, name, value, allowed)


def _scale(path: Path, name: str, value: object) -> float:
    if _is_number(value, 1 / _MOST):
        return float(value)
    raise _wrong(path, name, value, f"a number from {1 / _MOST:g} to {_MOST:g} (1/255 is 0.00392157)")


def _name(path: Path, name: str, value: object) -> str:
    if isinstance(value, str) and value:
        return value
    raise _wrong(path, name, value, "a name")


def _classes(path: Path, name: str, value: object) -> tuple[str, ...]:
    names = value if isinstance(value, list) else []
    if all(isinstance(v, str) for v in names) and len(set(names)) == len(names) > 1:
        return tuple(names)
    raise _wrong(path, name, value, "a list of at least two different names")


_CHECKS = {
    "size": _size,
    "colour": _choice(tuple(CHANNELS)),
    "scale": _scale,
    "mean": _numbers,
    "std": _numbers,
    "layout": _choice(_LAYOUTS),
    "classes": _classes,
    "output": _name,
    "binary": _choice(("logit", "probability")),
}
