#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Images that the checks use, and the check of rejected input."""

from collections.abc import Callable

import numpy as np

from ..errors import InputError
from ..images import load_dataset


def test_images(count: int = 40) -> np.ndarray:
    """Return MNIST test images, uint8 [count, 28, 28], spread over the set."""
    return load_dataset("mnist").take(count).images


test_images.__test__ = False  # no test, whatever pytest makes of its name


def damaged(images: np.ndarray, rate: float, seed: int = 1) -> np.ndarray:
    """Return a copy of uint8 images with each bit wrong with probability ``rate``, independently."""
    wrong = np.random.default_rng(seed).random((*images.shape, 8)) < rate
    return images ^ np.packbits(wrong, axis=-1)[..., 0]


def require(holds: object, message: str) -> None:
    """Raise ``AssertionError`` with a message of one line unless a condition holds."""
    if not holds:
        raise AssertionError(message)


def require_refused(call: Callable[[], object], what: str) -> None:
    """Raise ``AssertionError`` unless ``call`` raises ``InputError`` in one line."""
    try:
        call()
    except InputError as error:
        require(
            str(error) and "\n" not in str(error), f"{what} must be refused in one line, got {str(error)!r}"
        )
    except Exception as error:
        raise AssertionError(
            f"{what} must raise InputError, raised {type(error).__name__}: {error}"
        ) from error
    else:
        raise AssertionError(f"{what} must raise InputError, and was taken")


def require_equal(found: np.ndarray, expected: np.ndarray, what: str, rtol: float = 0.0) -> None:
    """Raise ``AssertionError`` naming the first entry that differs by more than ``rtol``, relatively."""
    found, expected = np.asarray(found), np.asarray(expected)
    require(
        found.shape == expected.shape,
        f"{what}: shape {list(found.shape)}, expected {list(expected.shape)}",
    )
    alike = np.isclose(found, expected, rtol=rtol, atol=0.0, equal_nan=True)
    if not alike.all():
        at = tuple(int(i) for i in np.argwhere(~alike)[0])
        raise AssertionError(f"{what}: entry {list(at)} is {found[at]!r}, expected {expected[at]!r}")
