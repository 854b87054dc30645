#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""From uint8 pictures to what the networks eat, and through a network in batches of one fixed size."""

from collections.abc import Sequence

import numpy as np

from ...errors import ImageShapeError, InputError
from .devices import CPU, device_in_use, to_array, to_device
from .torch_support import import_torch, use_threads

BATCH = 32
_GPU_BATCH = 512  # which smaller ones would leave idle

Images = np.ndarray | Sequence[np.ndarray]


def shape_text(shape: Sequence[int]) -> str:
    """Write (28, 28, 1) as 28x28x1."""
    return "x".join(str(int(size)) for size in shape)


def image_shape(images: Images) -> tuple[int, int, int]:
    """Return (height, width, channels) of the first image."""
    height, width, *channels = images[0].shape
    return height, width, channels[0] if channels else 1


def as_batch(images: Images, input_shape: tuple[int, int, int]) -> np.ndarray:
    """Return ``images`` as uint8 [N, H, W, C] if each has the network's ``input_shape`` (H, W, C).

    ``images`` is uint8 [N, H, W], [N, H, W, C] or a list of such pictures. Raises ``ImageShapeError`` naming
    both shapes, or ``InputError`` naming the dtype, otherwise.
    """
    if not isinstance(images, np.ndarray):
        pictures = [np.asarray(image) for image in images]
        for image in pictures:
            if image.shape != pictures[0].shape:
                _refuse(image.shape if image.shape != input_shape else pictures[0].shape, input_shape)
        images = np.stack(pictures) if pictures else np.zeros((0, *input_shape), np.uint8)
    if images.dtype != np.uint8:
        raise InputError(f"images must be uint8, got {images.dtype}")
    if images.ndim == 3:
        images = images[..., np.newaxis]
    if images.ndim != 4 or images.shape[1:] != tuple(input_shape):
        _refuse(images.shape[1:], input_shape)
    return images


def _refuse(shape: Sequence[int], input_shape: tuple[int, int, int]) -> None:
    raise ImageShapeError(
        f"images are {shape_text(shape)}, but the model was trained on {shape_text(input_shape)}"
    )


def to_tensor(batch: np.ndarray) -> "torch.Tensor":  # noqa: F821
    """Turn uint8 [N, H, W, C] into float32 [N, C, H, W] in [0, 1], on the device in use.

    Channels stay last in memory, which makes torch's convolutions up to twice as fast on a CPU.
    """
    torch = import_torch()
    pixels = to_device(torch.from_numpy(np.ascontiguousarray(batch)))  # bytes are the fewest to move
    return pixels.permute(0, 3, 1, 2).float().div_(255.0)


def matmul_by_row(rows: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Return ``rows @ weight``, float [N, H] of [N, F] and [F, H], each row a product of its own.

    In one product of matrices a row's rounding depends on where among the others it stands: the kernels of
    OpenBLAS for some processors sum in another order from the seventh row on.
    """
    return (rows[:, np.newaxis] @ weight)[:, 0]


def infer(module: "torch.nn.Module", batch: np.ndarray, threads: int = 1) -> np.ndarray:  # noqa: F821
    """Run uint8 [N, H, W, C] through ``module``, on the device in use; return its float32 rows [N, ...].

    Every pass has exactly ``BATCH`` images (on a GPU more), the last filled up with zeros: memory is bounded,
    and since kernels are chosen by batch size, and dense layers go row by row on the CPU, a picture gets the
    same bits there alone, in a chunk or with all others.
    """
    torch = import_torch()
    use_threads(threads)
    rows, module, size = [], to_device(module), BATCH if device_in_use() == CPU else _GPU_BATCH
    with torch.inference_mode():
        for start in range(0, max(len(batch), 1), size):
            part = batch[start : start + size]
            filled = np.zeros((size, *batch.shape[1:]), np.uint8)
            filled[: len(part)] = part
            rows.append(to_array(module(to_tensor(filled)))[: len(part)].copy())
    return np.concatenate(rows)
