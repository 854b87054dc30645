#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""``load_dataset``: one call for every kind of source."""

import hashlib
import os
import re
from pathlib import Path

import numpy as np

from ..errors import InputError
from ..files import data_dir
from ._limits import MAX_BYTES, MAX_CLASSES
from .colour import load_colour
from .dataset import PAPER_BACKGROUND, Dataset, Images, check_background, fill_background
from .idx import load_idx
from .pictures import load_folder, readable_name

NAMED_SETS = ("mnist", "fashion-mnist", "colour")
"""Names that ``load_dataset`` knows; each set has training and test images."""

DATASET_HELP = f"{', '.join(NAMED_SETS)}, a folder of pictures with a sub-folder per class, IDX or .npz file"
"""The sources in a line, for command lines."""

FASHION_MNIST_DIR = Path("/usr/share/datasets/fashion-mnist")
FASHION_MNIST_PACKAGE = "dataset-fashion-mnist"
FASHION_MNIST_CLASSES = (
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
)  # fmt: skip

_SPLIT_PREFIX = {"train": "train", "test": "t10k"}


def load_dataset(
    source: str | os.PathLike[str],
    split: str = "test",
    background: str | int | None = "auto",
) -> Dataset:
    """Load a data set by name or from a file or folder.

    Args:
        source: ``"mnist"`` (comes with the project, checked against its SHA256SUMS); ``"fashion-mnist"``
            (Debian's package dataset-fashion-mnist); ``"colour"`` (patches of scikit-image's colour pictures,
            see ``colour.py``); the images file of an IDX pair, named ...images-idx3... with its labels beside
            it as ...labels-idx1..., gzipped or not; an .npz file with ``images`` (uint8 ``[N,H,W]`` or
            ``[N,H,W,3]``) and, if there are any, integer ``labels`` ``[N]``; or a folder of PNG and JPEG
            files with a sub-folder per class (without sub-folders: unlabelled).
        split: ``"test"`` or ``"train"``, of a named set; a file or folder is one set and is read whole.
        background: the value that black pixels get: a number, None to leave them, or ``"auto"``, the paper's
            20 for the two MNISTs and None for everything else.

    Raises:
        InputError: an unknown name, a wrong split or background, or a file or folder that does not hold what
            it should.

    Example:
        >>> from gnuradio import aeiqa
        >>> digits = aeiqa.images.load_dataset("mnist")
        >>> digits
        <Dataset mnist: 10000 images of 28 x 28, 10 classes, background 20>
        >>> digits.take(1000).labels[:5]
        array([7, 0, 9, 3, 1])
    """
    if split not in _SPLIT_PREFIX:
        raise InputError(f"split: must be {' or '.join(_SPLIT_PREFIX)}, got {split!r}")
    fill = background
    if fill == "auto":
        fill = PAPER_BACKGROUND if source in ("mnist", "fashion-mnist") else None
    if fill is not None:
        fill = check_background(fill)

    if source in NAMED_SETS:
        load = {"mnist": _mnist, "fashion-mnist": _fashion_mnist, "colour": load_colour}[source]
        name, (images, labels, class_names) = source, load(split)
    else:
        path = Path(source)
        name, (images, labels, class_names) = readable_name(path.resolve()), _load_path(path)
    if fill is not None:
        images = fill_background(images, fill)
    return Dataset(name, images, labels, class_names, fill)


_Parts = tuple[Images, np.ndarray | None, tuple[str, ...]]


def _mnist(split: str) -> _Parts:
    folder = data_dir() / "mnist"
    images_path = folder / f"{_SPLIT_PREFIX[split]}-images-idx3-ubyte.gz"
    for path in (images_path, _labels_path(images_path)):
        _verify(path, folder / "SHA256SUMS")
    return _load_idx_pair(images_path)


def _verify(path: Path, sums: Path) -> None:
    """Compare a file with its line in ``sums``."""
    try:
        lines = sums.read_text(encoding="ascii").splitlines()
        actual = hashlib.sha256(path.read_bytes()).hexdigest()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be checked against {sums.name} ({error})") from error
    if f"{actual}  {path.name}" not in lines:
        raise InputError(f"{path}: changed or damaged: its SHA-256 is not in {sums.name}; restore it")


def _fashion_mnist(split: str) -> _Parts:
    path = FASHION_MNIST_DIR / f"{_SPLIT_PREFIX[split]}-images-idx3-ubyte.gz"
    if not path.exists():
        raise InputError(f"fashion-mnist: no {path}; install the Debian package {FASHION_MNIST_PACKAGE}")
    images, labels, _ = _load_idx_pair(path)
    return images, labels, FASHION_MNIST_CLASSES


def _load_path(path: Path) -> _Parts:
    try:
        if path.is_dir():
            return load_folder(path)
        if path.is_file():
            return _load_npz(path) if path.suffix == ".npz" else _load_idx_pair(path)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from error
    names = ", ".join(NAMED_SETS)
    raise InputError(f"dataset: must be {names}, an existing file or folder, got {str(path)!r}")


def _load_idx_pair(images_path: Path) -> _Parts:
    images = _check_images(images_path, load_idx(images_path))
    labels_path = _labels_path(images_path)
    return (images, *_check_labels(labels_path, load_idx(labels_path), len(images)))


def _labels_path(images_path: Path) -> Path:
    """Return the labels file of an images file: same name with ``labels-idx1`` for ``images-idx3``."""
    name, found = re.subn(r"images([-.])idx[34]", r"labels\1idx1", images_path.name)
    if not found:
        raise InputError(f"{images_path}: its labels file is found by ...images-idx3... in its name")
    path = images_path.with_name(name)
    other = path.with_name(name[:-3] if name.endswith(".gz") else name + ".gz")
    if not path.exists() and not other.exists():
        raise InputError(f"{path}: labels file of {images_path.name} is missing")
    return path if path.exists() else other


def _load_npz(path: Path) -> _Parts:
    try:
        # Opened here, because np.load leaves a damaged file open.
        with open(path, "rb") as stream, np.load(stream, allow_pickle=False) as archive:
            unpacked = sum(member.file_size for member in archive.zip.infolist())
            if unpacked > MAX_BYTES:
                raise InputError(f"{path}: {unpacked} bytes unpacked, at most {MAX_BYTES} are allowed")
            if "images" not in archive:
                found = ", ".join(archive.files) or "nothing"
                raise InputError(f"{path}: no array is named images (found: {found})")
            images = archive["images"]
            labels = archive.get("labels")
    except InputError:
        raise
    # numpy raises ten types for what is no archive, an array of objects, a header that lies, damaged data.
    except Exception as error:
        raise InputError(f"{path}: not an .npz file of plain arrays ({type(error).__name__})") from error
    images = _check_images(path, images)
    return (images, None, ()) if labels is None else (images, *_check_labels(path, labels, len(images)))


def _check_images(path: Path, images: np.ndarray) -> np.ndarray:
    """Return the images, a single channel as grey."""
    if images.dtype != np.uint8:
        raise InputError(f"{path}: images must be uint8, got {images.dtype}")
    if images.ndim not in (3, 4) or (images.ndim == 4 and images.shape[3] not in (1, 3)):
        raise InputError(f"{path}: images must be [N,H,W] or [N,H,W,3], got {list(images.shape)}")
    if images.size == 0:
        raise InputError(f"{path}: holds no images (shape {list(images.shape)})")
    return images[..., 0] if images.shape[3:] == (1,) else images


def _check_labels(path: Path, labels: np.ndarray, n_images: int) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return the labels as int64 and a name, its number, for each class."""
    if labels.ndim != 1 or labels.dtype.kind not in "iu":
        raise InputError(f"{path}: labels must be integers [N], got {labels.dtype} {list(labels.shape)}")
    if len(labels) != n_images:
        raise InputError(f"{path}: {len(labels)} labels for {n_images} images")
    highest = int(labels.max())
    if labels.min() < 0 or highest >= MAX_CLASSES:
        raise InputError(f"{path}: labels must be 0 to {MAX_CLASSES - 1}, got {labels.min()} to {highest}")
    return labels.astype(np.int64), tuple(map(str, range(highest + 1)))
