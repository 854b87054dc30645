#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The IDX format of the MNIST files: a big-endian header with type and dimensions, then the samples."""

import gzip
import io
import math
import os
import struct
import zlib
from pathlib import Path

import numpy as np

from ..errors import InputError
from ._limits import MAX_BYTES

_GZIP_MAGIC = b"\x1f\x8b"
_UNSIGNED_BYTE = 0x08
_OTHER_TYPES = {0x09: "int8", 0x0B: "int16", 0x0C: "int32", 0x0D: "float32", 0x0E: "float64"}
_MAX_DIMENSIONS = 4
_READ_SIZE = 1 << 20


def load_idx(path: str | os.PathLike[str]) -> np.ndarray:
    """Read an IDX file of unsigned bytes, gzipped or plain (told by its content, not by its name).

    Returns:
        A uint8 array of the one to four dimensions that the header announces.

    Raises:
        InputError: the file is missing or unreadable, is no IDX file, holds another type, is damaged, or has
            fewer or more bytes than its header announces.
    """
    path = Path(path)
    try:
        with open(path, "rb") as raw:
            compressed = raw.peek(len(_GZIP_MAGIC)).startswith(_GZIP_MAGIC)
            return _read(gzip.GzipFile(fileobj=raw) if compressed else raw, path)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise InputError(f"{path}: damaged gzip file ({error})") from error
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from error


def _read(stream: gzip.GzipFile | io.BufferedReader, path: Path) -> np.ndarray:
    shape = _read_shape(stream, path)
    announced = math.prod(shape)
    label = " x ".join(map(str, shape))
    if announced > MAX_BYTES:
        raise InputError(f"{path}: its header announces {label} bytes, more than the {MAX_BYTES} allowed")
    # Piece by piece, so that memory follows what the file really holds; one byte more than announced finds
    # both trailing bytes and (at the end of a gzip stream) a wrong checksum.
    samples = bytearray()
    while len(samples) <= announced:
        piece = stream.read(min(_READ_SIZE, announced + 1 - len(samples)))
        if not piece:
            break
        samples += piece
    if len(samples) < announced:
        raise InputError(f"{path}: truncated: {len(samples)} bytes follow a header that announces {label}")
    if len(samples) > announced:
        raise InputError(f"{path}: bytes left over after the {label} that its header announces")
    return np.frombuffer(samples, np.uint8).reshape(shape)


def _read_shape(stream: gzip.GzipFile | io.BufferedReader, path: Path) -> tuple[int, ...]:
    """Read and check the header: two zero bytes, the type, the number of dimensions, and each as a uint32."""
    magic = stream.read(4)
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in (_UNSIGNED_BYTE, *_OTHER_TYPES):
        raise InputError(f"{path}: not an IDX file (it starts with {magic.hex(' ') or 'nothing'})")
    if magic[2] != _UNSIGNED_BYTE:
        raise InputError(f"{path}: holds {_OTHER_TYPES[magic[2]]} samples, only unsigned bytes are read")
    dimensions = magic[3]
    if not 1 <= dimensions <= _MAX_DIMENSIONS:
        raise InputError(f"{path}: has {dimensions} dimensions, must be 1 to {_MAX_DIMENSIONS}")
    header = stream.read(4 * dimensions)
    if len(header) < 4 * dimensions:
        raise InputError(f"{path}: truncated inside its header")
    return struct.unpack(f">{dimensions}I", header)
