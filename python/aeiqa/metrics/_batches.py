#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Run a metric over many images in stacks of one shape that are small enough for the processor's cache."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from ..errors import InputError

Images = np.ndarray | Sequence[np.ndarray]
"""uint8 ``[N,H,W]``, ``[N,H,W,C]``, or a sequence of ``[H,W]`` and ``[H,W,C]`` arrays."""

# One float64 temporary of this many samples is 512 KiB: a metric's working set stays in the second-level
# cache (on MNIST, SSIM runs at half the speed with eight times as many), and memory does not grow with N.
SAMPLES_PER_STACK = 1 << 16


def map_images(
    kernel: Callable[..., np.ndarray], dtype: type = np.float64, **image_sets: Images
) -> np.ndarray:
    """Return ``kernel(stack, ...)`` of every image, one value per image.

    Args:
        kernel: takes one uint8 stack ``[n,H,W,C]`` per image set (C = 1 for grey) and returns ``[n]`` values.
        dtype: of the result.
        image_sets: the sets by the name their errors use; all must agree in number, shape and order.

    Raises:
        InputError: an argument is not a set of uint8 images, or two sets differ in number or shape.
    """
    shapes = _common_shapes(image_sets)
    values: np.ndarray = np.empty(len(shapes), dtype)
    for shape, members in _groups(shapes, image_sets).items():
        step = max(1, SAMPLES_PER_STACK // int(np.prod(shape)))
        for start in range(0, len(members), step):
            part = members[start : start + step]
            stacks = [_stack(images, part, shape) for images in image_sets.values()]
            values[np.asarray(part)] = kernel(*stacks)
    return values


def _common_shapes(image_sets: dict[str, Images]) -> list[tuple[int, ...]]:
    """Check every set, and that all have the same shapes; return the shape of each image."""
    (first_name, first), *others = [(name, _shapes(name, images)) for name, images in image_sets.items()]
    for name, shapes in others:
        if len(shapes) != len(first):
            raise InputError(f"{name}: {len(shapes)} images, but {first_name} has {len(first)}")
        if shapes == first:
            continue
        for index, (shape, expected) in enumerate(zip(shapes, first, strict=True)):
            if shape != expected:
                raise InputError(f"{name}: image {index} is {shape}, but in {first_name} it is {expected}")
    return first


def _shapes(name: str, images: Images) -> list[tuple[int, ...]]:
    """Check that ``images`` is a set of uint8 images; return the shape of each."""
    if isinstance(images, np.ndarray):
        if images.ndim not in (3, 4):
            raise InputError(f"{name}: an array of images is [N,H,W] or [N,H,W,C], got shape {images.shape}")
        _check_image(name, images[:1], images.shape[1:])
        return [_plain(images.shape[1:])] * len(images)
    if not isinstance(images, (list, tuple)):
        raise InputError(f"{name}: must be an array or a list of arrays, got {type(images).__name__}")
    for index, image in enumerate(images):
        where = f"{name}: image {index}"
        if not isinstance(image, np.ndarray) or image.ndim not in (2, 3):
            raise InputError(f"{where} must be an array [H,W] or [H,W,C], got {np.shape(image)}")
        _check_image(where, image, image.shape)
    return [_plain(image.shape) for image in images]


def _plain(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape of an image, one channel written as none: both are grey."""
    return shape[:2] if shape[2:] == (1,) else shape


def _check_image(where: str, image: np.ndarray, shape: tuple[int, ...]) -> None:
    if image.dtype != np.uint8:
        raise InputError(f"{where}: images must be uint8, got {image.dtype}")
    if 0 in shape:
        raise InputError(f"{where}: an image of shape {shape} has no pixels")


def _groups(
    shapes: list[tuple[int, ...]], image_sets: dict[str, Images]
) -> Mapping[tuple[int, ...], Sequence[int]]:
    """Return the indices of the images of each shape."""
    if shapes and all(isinstance(images, np.ndarray) for images in image_sets.values()):
        return {shapes[0]: range(len(shapes))}
    groups: dict[tuple[int, ...], list[int]] = {}
    for index, shape in enumerate(shapes):
        groups.setdefault(shape, []).append(index)
    return groups


def _stack(images: Images, members: Sequence[int], shape: tuple[int, ...]) -> np.ndarray:
    """Return the chosen images as one array ``[n,H,W,C]``; a view where that is possible."""
    if isinstance(images, np.ndarray) and isinstance(members, range):
        chosen = images[members.start : members.stop]
    else:
        chosen = np.stack([images[index].reshape(shape) for index in members])
    return chosen.reshape(len(chosen), *shape, 1) if len(shape) == 2 else chosen
