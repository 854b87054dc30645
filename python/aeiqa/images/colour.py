#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The colour set: patches of the colour pictures that scikit-image brings; the class is the picture.

Each picture is cut into cells of 64 x 64 pixels. A cell belongs to the test images, to every tenth training
image (which is what training holds out) or to the other training images, and no patch leaves its cell: what
is tested or held out shares no pixel with what is trained on.
"""

import hashlib
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from ..errors import InputError
from .pictures import read_picture

PATCH = 32  # pixels, high and wide
CELL = 64
STEP = 2  # between the patches that a cell offers
LEAST_DEVIATION = 8  # of a patch's mean over the channels; even skies and black margins are in no picture

# A picture's cells in rows and columns are shared out by (column + 2 row) mod 5, so that none has a neighbour
# of its own kind beside, above or below it, save those trained on.
_TEST, _HELD_OUT, _TRAINED = (0,), (2,), (1, 3, 4)
TEST_IMAGES, HELD_OUT_IMAGES, TRAINED_IMAGES = 250, 250, 2250  # of each picture

# Files of skimage/data, the same in 0.19 (Debian 12) and 0.26, and their SHA-256.
PICTURES = {
    "astronaut.png": "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5",
    "chelsea.png": "596aa1e7cb875eb79f437e310381d26b338a81c2da23439704a73c4651e8c4bb",
    "coffee.png": "cc02f8ca188b167c775a7101b5d767d1e71792cf762c33d6fa15a4599b5a8de7",
    "hubble_deep_field.jpg": "3a19c5dd8a927a9334bb1229a6d63711b1c0c767fb27e2286e7c84a3e2c2f5f4",
    "ihc.png": "f8dd1aa387ddd1f49d8ad13b50921b237df8e9b262606d258770687b0ef93cef",
    "motorcycle_left.png": "db18e9c4157617403c3537a6ba355dfeafe9a7eabb6b9b94cb33f6525dd49179",
    "retina.jpg": "38a07f36f27f095e818aea7b96d34202c05176d30253c66733f2e00379e9e0e6",
    "rocket.jpg": "c2dd0de7c538df8d111e479619b129464d0269d0ae5fd18ca91d33a7fdfea95c",
}


def load_colour(split: str) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """Return images (uint8 [N, 32, 32, 3]), labels (int64 [N]) and the pictures' names.

    2,000 test or 20,000 training images, sorted by picture. Of the training images number 9, 19, 29 ... of
    the set come from cells that no other comes from.

    Raises ``InputError`` if a picture is missing or changed.
    """
    folder = _folder()
    parts = []
    for name, digest in PICTURES.items():
        picture = _picture(folder / name, digest)
        if split == "test":
            parts.append(_patches(picture, _TEST, TEST_IMAGES))
        else:
            trained = _patches(picture, _TRAINED, TRAINED_IMAGES).reshape(-1, 9, PATCH, PATCH, 3)
            held_out = _patches(picture, _HELD_OUT, HELD_OUT_IMAGES)[:, np.newaxis]
            parts.append(np.concatenate([trained, held_out], axis=1).reshape(-1, PATCH, PATCH, 3))
    labels = np.repeat(np.arange(len(parts), dtype=np.int64), [len(part) for part in parts])
    return np.concatenate(parts), labels, tuple(Path(name).stem.split("_")[0] for name in PICTURES)


def _folder() -> Path:
    spec = find_spec("skimage")
    if spec is None or spec.origin is None:
        raise InputError("colour: its pictures come with scikit-image: install Debian's python3-skimage")
    return Path(spec.origin).parent / "data"


def _picture(path: Path, digest: str) -> np.ndarray:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"colour: {path}: {error.strerror or error}") from None
    if hashlib.sha256(content).hexdigest() != digest:
        raise InputError(f"colour: {path}: not the picture that comes with scikit-image (SHA-256 differs)")
    return read_picture(path)


def _patches(picture: np.ndarray, kinds: tuple[int, ...], count: int) -> np.ndarray:
    """Return ``count`` patches spread evenly over what the picture's cells of these kinds offer."""
    rows, columns = (np.arange(0, size - PATCH + 1, STEP) for size in picture.shape[:2])
    row, column = (axis.ravel() for axis in np.meshgrid(rows, columns, indexing="ij"))
    cell_row, cell_column = row // CELL, column // CELL
    inside = (row % CELL <= CELL - PATCH) & (column % CELL <= CELL - PATCH)
    chosen = inside & np.isin((cell_column + 2 * cell_row) % 5, kinds)
    row, column = row[chosen], column[chosen]
    structured = _is_structured(picture, row, column)
    row, column = row[structured], column[structured]
    pick = np.arange(count) * len(row) // count
    view = np.lib.stride_tricks.sliding_window_view
    windows = view(picture, (PATCH, PATCH), axis=(0, 1))  # type: ignore[call-overload]  # NumPy 1.24's types
    return windows[row[pick], column[pick]].transpose(0, 2, 3, 1)


def _is_structured(picture: np.ndarray, row: np.ndarray, column: np.ndarray) -> np.ndarray:
    """Return whether the patch at each place deviates enough, bool; in whole numbers, which none rounds."""
    total = picture.sum(axis=2, dtype=np.int64)

    def over_patch(values: np.ndarray) -> np.ndarray:
        table = np.pad(values.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
        low, right = row + PATCH, column + PATCH
        return table[low, right] - table[row, right] - table[low, column] + table[row, column]

    pixels = PATCH * PATCH
    variance = pixels * over_patch(total**2) - over_patch(total) ** 2  # times the square of 3 pixels
    return variance >= (LEAST_DEVIATION * 3 * pixels) ** 2
