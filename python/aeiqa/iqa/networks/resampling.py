#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Pictures of any size and colour, made into the small ones that the networks of a user's scores see."""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from ...errors import InputError
from .inference import Images

LONGEST_SIDE = 64  # pixels
MOST_PIXELS = 1600  # of a picture that was larger: a network's time goes by its area
_LUMA = np.array([299, 587, 114])  # ITU-R BT.601, in thousandths


def bounded_shape(images: Images) -> tuple[int, int, int]:
    """Return the (height, width, channels) at which networks see these pictures.

    Their own shape if all have the same and no side is over 32 pixels; else the mean height and width, scaled
    down together to at most 64 pixels a side and 1,600 in all. Three channels if any picture is in colour.
    """
    shapes = {image.shape for image in images}
    channels = max(shape[2] if len(shape) > 2 else 1 for shape in shapes)
    if len(shapes) == 1 and max(next(iter(shapes))[:2]) <= 32:
        return (*next(iter(shapes))[:2], channels)
    height, width = np.mean([image.shape[:2] for image in images], axis=0)
    scale = min(1.0, LONGEST_SIDE / max(height, width), (MOST_PIXELS / (height * width)) ** 0.5)
    return max(8, round(height * scale)), max(8, round(width * scale)), channels


def resample(images: Images, shape: tuple[int, int, int]) -> np.ndarray:
    """Return pictures as uint8 [N, *shape], each pixel the mean of the area that it covers.

    ``images``: uint8 [N, H, W], [N, H, W, C] or a list of such pictures of any sizes. Grey ones become three
    equal channels, or coloured ones grey, as ``shape`` (height, width, channels) asks. Raises ``InputError``
    for another dtype or number of channels.
    """
    if isinstance(images, np.ndarray) and images.dtype == np.uint8 and images.shape[1:] == tuple(shape):
        return images
    small = np.empty((len(images), *shape), np.uint8)
    for row, image in zip(small, images, strict=True):
        row[:] = _resampled(np.asarray(image), shape)
    return small


def _resampled(image: np.ndarray, shape: Sequence[int]) -> np.ndarray:
    if image.dtype != np.uint8:
        raise InputError(f"images must be uint8, got {image.dtype}")
    if image.ndim == 3 and image.shape[2] == 1:
        image = image[..., 0]
    if not (image.ndim == 2 or (image.ndim == 3 and image.shape[2] == 3)):
        raise InputError(f"images must be grey or of 3 channels, got shape {list(image.shape)}")
    height, width, channels = shape
    if channels == 1 and image.ndim == 3:
        image = ((image @ _LUMA + 500) // 1000).astype(np.uint8)
    if image.shape[:2] != (height, width):
        picture = Image.fromarray(np.ascontiguousarray(image))
        image = np.asarray(picture.resize((width, height), Image.Resampling.BOX))
    return image if image.ndim == 3 else image[..., np.newaxis]
