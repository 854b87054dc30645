#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Folders of PNG and JPEG pictures, one sub-folder per class."""

import os
import unicodedata
import warnings
from pathlib import Path

import numpy as np
from PIL import Image
from tqdm import tqdm

from ..errors import InputError
from ._limits import MAX_BYTES, MAX_CLASSES, MAX_PICTURE_PIXELS
from .dataset import Images

_SUFFIXES = (".png", ".jpg", ".jpeg", ".jpe", ".jfif")
_FORMATS = ("PNG", "JPEG")
_GREY_MODES = ("1", "L", "LA")
_DEEP_MODES = ("I", "F")  # "I;16" and its like too: more than eight bits a sample

# Pictures that are not read: known by their suffix, or by how they begin whatever their name.
_OTHER_SUFFIXES = (
    ".apng", ".avif", ".bmp", ".dib", ".exr", ".gif", ".heic", ".heif", ".hdr", ".ico", ".j2k", ".jp2",
    ".jpx", ".jxl", ".pbm", ".pcx", ".pgm", ".pnm", ".ppm", ".psd", ".ras", ".sgi", ".svg", ".tga",
    ".tif", ".tiff", ".webp", ".xbm", ".xpm",
)  # fmt: skip
_BEGINNINGS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"II*\0", b"MM\0*")


def load_folder(folder: Path) -> tuple[Images, np.ndarray | None, tuple[str, ...]]:
    """Read every picture of a folder: in its sub-folders, each a class, or in itself, then without labels.

    Classes and, within each, files are in the order of their names. Grey pictures become ``[H,W]``, all
    others RGB ``[H,W,3]``; palettes are resolved, transparency is dropped, orientation tags and colour
    profiles are not applied. Hidden entries and files that are no pictures are skipped.

    Returns:
        images (an array if all have one shape, else a list), labels int64 ``[N]`` or None, class names as
        ``readable_name`` makes them.

    Raises:
        InputError: no picture in the folder or in one of its sub-folders, pictures both beside and inside
            sub-folders, a folder inside a class folder, a picture of another format than PNG and JPEG, a
            broken link, two classes of one name, or a picture that is unreadable, animated, too large or of
            more than 8 bits a sample.
    """
    folders = [entry for entry in _visible(folder) if entry.is_dir()]
    loose = _pictures(folder)
    if not folders:
        return _read_all(folder, loose), None, ()
    if loose:
        raise InputError(f"{loose[0]}: pictures must all be in class sub-folders, or all beside each other")
    if len(folders) > MAX_CLASSES:
        raise InputError(f"{folder}: {len(folders)} classes, at most {MAX_CLASSES} are allowed")
    classes: dict[str, Path] = {}
    for sub_folder in folders:
        if (name := readable_name(sub_folder)) in classes:
            raise InputError(f"{folder}: two class folders are called {name!r}; rename one")
        classes[name] = sub_folder
    paths: list[Path] = []
    labels: list[int] = []
    for label, name in enumerate(sorted(classes)):
        nested = [entry for entry in _visible(classes[name]) if entry.is_dir()]
        if nested:
            raise InputError(f"{nested[0]}: folders inside class folders are not read; move its pictures up")
        found = _pictures(classes[name])
        if not found:
            raise InputError(f"{classes[name]}: no PNG or JPEG file in this class folder")
        paths += found
        labels += [label] * len(found)
    return _read_all(folder, paths), np.array(labels, np.int64), tuple(sorted(classes))


def readable_name(path: Path) -> str:
    """Return a file's name as text: composed (NFC), as people type it; stray bytes in hexadecimal."""
    return unicodedata.normalize("NFC", os.fsencode(path.name).decode("utf-8", "backslashreplace"))


def _visible(folder: Path) -> list[Path]:
    entries = sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))
    for entry in entries:
        if entry.is_symlink() and not entry.exists():
            raise InputError(f"{entry}: broken link, what it names is not there; mend or remove it")
    return entries


def _pictures(folder: Path) -> list[Path]:
    """Return the pictures of a folder, sorted; reject those that their format or name would leave out."""
    pictures = []
    for entry in _visible(folder):
        suffix = entry.suffix.lower()
        if entry.is_dir():
            continue
        if suffix in _SUFFIXES:
            if not entry.is_file():
                raise InputError(f"{entry}: not a regular file")
            pictures.append(entry)
        elif suffix in _OTHER_SUFFIXES:
            raise InputError(f"{entry}: only PNG and JPEG pictures are read; convert it to PNG, or remove it")
        elif entry.is_file() and _begins_like_a_picture(entry):
            endings = " ".join(_SUFFIXES)
            raise InputError(f"{entry}: a picture whose name ends in none of {endings}; rename or remove it")
    return pictures


def _begins_like_a_picture(path: Path) -> bool:
    with open(path, "rb") as file:
        beginning = file.read(12)
    return beginning.startswith(_BEGINNINGS) or (beginning[:4], beginning[8:]) == (b"RIFF", b"WEBP")


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
            warnings.simplefilter("ignore")  # a size that PIL warns about is rejected below
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
    if picture.mode.startswith(_DEEP_MODES) or _is_deep_png(picture):
        raise InputError(f"{path}: more than 8 bits a sample; convert it to 8 bits first")
    # A JPEG file of several pictures is one from a camera, with smaller or later versions behind the first.
    if picture.format == "PNG" and picture.is_animated:
        raise InputError(f"{path}: an animation of {picture.n_frames} pictures; save the one that is meant")


def _is_deep_png(picture: Image.Image) -> bool:
    """Return whether samples have 16 bits; the mode does not tell, since PIL reads colour as of 8."""
    return picture.format == "PNG" and any(";16" in str(tile[3]) for tile in picture.tile)


def _eight_bit(picture: Image.Image) -> Image.Image:
    if picture.mode in _GREY_MODES:
        return picture.convert("L")
    if picture.mode in ("P", "PA"):
        picture = picture.convert("RGBA")  # directly to RGB, PIL would warn about a transparent palette
    return picture.convert("RGB")
