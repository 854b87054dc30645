#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Checks of the images that a link is given to send, in words that name the argument."""

from collections.abc import Sequence
from typing import Union

import numpy as np

from ..errors import InputError

Images = Union[np.ndarray, Sequence[np.ndarray]]
"""uint8 [N, H, W] or [N, H, W, C], or single images [H, W] or [H, W, C] of any sizes."""

_MAX_SIDE = 1 << 20
_MAX_BYTES = 1 << 30
# What the header of a frame has room for.
_MAX_FRAME_SIDE, _MAX_FRAME_CHANNELS = 1 << 16, 256


def checked_images(images: Images) -> Images:
    """Return the images, which an ``image_source`` takes.

    Raises:
        InputError: they are not uint8 arrays of two or three dimensions, or too large.
    """
    if not isinstance(images, (np.ndarray, list, tuple)):
        raise InputError(f"images: must be an array or a list of arrays, got {type(images).__name__}")
    if len(images) == 0:
        raise InputError("images: there must be at least one, got 0")
    several = "[N, H, W] or [N, H, W, C]"
    if isinstance(images, np.ndarray):
        if images.ndim not in (3, 4) or images.size == 0:
            raise InputError(f"images: an array must be {several} and not empty, got shape {images.shape}")
    else:
        for i, image in enumerate(images):
            if not isinstance(image, np.ndarray) or image.ndim not in (2, 3) or image.size == 0:
                shape = getattr(image, "shape", type(image).__name__)
                raise InputError(f"images: number {i} must be [H, W] or [H, W, C] and not empty, got {shape}")
    for shape in _shapes(images):
        if max(shape) > _MAX_SIDE or np.prod(shape, dtype=np.int64) > _MAX_BYTES:
            raise InputError(f"images: at most 2^20 pixels a side and 2^30 bytes, got shape {shape}")
    for image in (images,) if isinstance(images, np.ndarray) else images:
        if image.dtype != np.uint8:
            raise InputError(f"images: must be uint8, got {image.dtype}")
    return images


def checked_frame_images(images: Images) -> Images:
    """Return the images, whose sizes a frame's header can hold as well; errors as `checked_images`."""
    for shape in _shapes(checked_images(images)):
        if max(shape[:2]) > _MAX_FRAME_SIDE or (len(shape) > 2 and shape[2] > _MAX_FRAME_CHANNELS):
            raise InputError(
                f"images: in frames at most {_MAX_FRAME_SIDE} pixels a side and {_MAX_FRAME_CHANNELS} "
                f"channels, got shape {shape}"
            )
    return images


def shapes_text(images: Images) -> str:
    """Return how many images of which shapes these are, as in ``20 images of 28 x 28``."""
    shapes = {" x ".join(map(str, shape)) for shape in _shapes(images)}
    count = "1 image" if len(images) == 1 else f"{len(images)} images"
    return f"{count} of {shapes.pop()}" if len(shapes) == 1 else f"{count} of {len(shapes)} shapes"


def _shapes(images: Images) -> list[tuple[int, ...]]:
    """Return the shape of each single image; of an array, whose images are alike, once."""
    return [images.shape[1:]] if isinstance(images, np.ndarray) else [image.shape for image in images]
