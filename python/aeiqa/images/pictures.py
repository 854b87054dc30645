#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Folders of PNG and JPEG files, one sub-folder per class."""

import warnings
from pathlib import Path

import numpy as np
from PIL import Image
from tqdm import tqdm

from ..errors import InputError
from ._limits import MAX_BYTES, MAX_CLASSES, MAX_PICTURE_PIXELS
from .dataset import Images

_SUFFIXES = (".png", ".jpg", ".jpeg")
_FORMATS = ("PNG", "JPEG")
_GREY_MODES = ("1", "L", "LA")
_DEEP_MODES = ("I", "F")  # "I;16" and its like too: more than eight bits a sample


def load_folder(folder: Path) -> tuple[Images, np.ndarray | None, tuple[str, ...]]:
    """Read every picture of a folder: in its sub-folders, each a class, or in itself, then without labels.

    Classes and, within each, files are in the order of their names. Grey pictures become ``[H,W]``, all
    others RGB ``[H,W,3]``; palettes are resolved, transparency is dropped, orientation tags are not applied.

    Returns:
        images (an array if all have one shape, else a list), labels int64 ``[N]`` or None, class names.

    Raises:
        InputError: no picture in the folder or in one of its sub-folders, pictures both beside and inside
            sub-folders, or a picture that is unreadable, too large or of more than 8 bits a sample.
    """
    classes = sorted(entry for entry in _visible(folder) if entry.is_dir())
    loose = _pictures(folder)
    if not classes:
        return _read_all(folder, loose), None, ()
    if loose:
        raise InputError(f"{loose[0]}: pictures must all be in class sub-folders, or all beside each other")
    if len(classes) > MAX_CLASSES:
        raise InputError(f"{folder}: {len(classes)} classes, at most {MAX_CLASSES} are allowed")
    paths: list[Path] = []
    labels: list[int] = []
    for label, sub_folder in enumerate(classes):
        found = _pictures(sub_folder)
        if not found:
            raise InputError(f"{sub_folder}: no PNG or JPEG file in this class folder")
        paths += found
        labels += [label] * len(found)
    return _read_all(folder, paths), np.array(labels, np.int64), tuple(entry.name for entry in classes)


def _visible(folder: Path) -> list[Path]:
    return [entry for entry in folder.iterdir() if not entry.name.startswith(".")]


def _pictures(folder: Path) -> list[Path]:
    return sorted(path for path in _visible(folder) if path.suffix.lower() in _SUFFIXES and path.is_file())


def _read_all(folder: Path, paths: list[Path]) -> Images:
    if not paths:
        raise InputError(f"{folder}: no PNG or JPEG file in this folder")
    images: list[np.ndarray] = []
    total = 0
    for path in tqdm(paths, desc=f"reading {folder.name}", unit="picture", disable=None, delay=2):
        images.append(read_picture(path))
        total += images[-1].size
        if total > MAX_BYTES:
            raise InputError(f"{folder}: its pictures hold more than the {MAX_BYTES} bytes allowed")
    one_shape = len({image.shape for image in images}) == 1
    return np.stack(images) if one_shape else images


def read_picture(path: Path) -> np.ndarray:
    """Return one picture as uint8 ``[H,W]`` or ``[H,W,3]``."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a size that PIL warns about is refused below
            with Image.open(path, formats=_FORMATS) as picture:
                _check_header(path, picture)
                return np.array(_eight_bit(picture))
    except InputError:
        raise
    # PIL lets through whatever its parsers meet: OSError, SyntaxError, ValueError, struct.error, zlib.error.
    except Exception as error:
        raise InputError(f"{path}: unreadable picture ({type(error).__name__}: {error})") from error


def _check_header(path: Path, picture: Image.Image) -> None:
    """Refuse, before any pixel is decoded, what is too large or would lose precision."""
    if picture.width * picture.height > MAX_PICTURE_PIXELS:
        raise InputError(
            f"{path}: {picture.width} x {picture.height} pixels, at most {MAX_PICTURE_PIXELS} are allowed"
        )
    if picture.mode.startswith(_DEEP_MODES):
        raise InputError(f"{path}: more than 8 bits a sample; convert it to 8 bits first")


def _eight_bit(picture: Image.Image) -> Image.Image:
    if picture.mode in _GREY_MODES:
        return picture.convert("L")
    if picture.mode in ("P", "PA"):
        picture = picture.convert("RGBA")  # directly to RGB, PIL would warn about a transparent palette
    return picture.convert("RGB")
