#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Files written whole or not at all, JSON that others wrote, and the folder of the project's own data."""

import fcntl
import io
import json
import math
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO, NoReturn, Optional, Union

import numpy as np

from .errors import InputError

SUFFIX = ".part"

MAX_JSON_BYTES = 64 << 20
_MAX_DEPTH = 64
_MAX_DIGITS = 100


@contextmanager
def atomic_write(path: Path) -> Iterator[BinaryIO]:
    """Open a file for writing that takes the place of ``path`` only when it is complete and on the disk.

    A reader, or a run after this one was killed or the power failed, sees the old file, the new one or none.
    An ``OSError``, as of a full disk, names ``path``.
    """
    part = path.with_name(f"{path.name}.{os.getpid()}{SUFFIX}")
    try:
        with open(part, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except BaseException as error:
        part.unlink(missing_ok=True)
        if isinstance(error, OSError):
            error.filename = str(path)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make renames in ``folder`` outlive a power failure. An ``OSError`` names ``folder``."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        error.filename = str(folder)
        raise
    finally:
        os.close(handle)


def hold(file: Union[int, IO], shared: bool = False) -> bool:
    """Lock an open file or folder until it is closed, or the process ends, however it ends.

    Other openers that hold it, in this process too, may do so together if all of them are ``shared``. Returns
    whether it is held, and False if another one holds it.
    """
    try:
        fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def hold_folder(folder: Path, kind: str) -> int:
    """Hold a folder for one process, and remove the half-written files that a killed one left.

    Returns a handle: closing it, or the end of the process, lets others in. Raises ``InputError`` if another
    process holds the folder, for a ``kind`` of work.
    """
    handle = os.open(folder, os.O_RDONLY)
    if not hold(handle):
        os.close(handle)
        raise InputError(f"{folder} is in use by another {kind}: wait, or choose another --out")
    for leftover in folder.glob(f"*.[0-9]*{SUFFIX}"):
        leftover.unlink()
    return handle


def write_arrays(path: Path, arrays: dict[str, np.ndarray]) -> None:
    """Write arrays to an .npz file, whole or not at all; the same arrays make the same bytes.

    Makes the folder if it is missing.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # Not straight to the file: interrupted, savez leaves its archive open on a file closed beneath it, which
    # Python complains about at exit.
    archive = io.BytesIO()
    np.savez(archive, **arrays)
    with atomic_write(path) as file:
        file.write(archive.getbuffer())


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """Return all arrays of an .npz file. Raises ``InputError`` if it cannot be read or is anything else."""
    try:
        # Opened here, since numpy leaves a file that is no archive open.
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from None
    # For damaged archives and headers numpy raises anything from BadZipFile to SyntaxError.
    except Exception as error:
        raise InputError(f"{path}: not an .npz file of plain arrays ({type(error).__name__})") from None


def read_json(path: Path) -> dict[str, Any]:
    """Return the object in a JSON file that may come from anybody; see ``parse_json``.

    Raises ``InputError`` naming the file, ``OSError`` if it cannot be opened.
    """
    with open(path, "rb") as file:
        return parse_json(file.read(MAX_JSON_BYTES + 1), path)


def parse_json(text: bytes, name: object) -> dict[str, Any]:
    """Return the object in UTF-8 JSON that may come from anybody; errors call it ``name``.

    Raises ``InputError`` for what is no JSON object or no RFC 8259 JSON that every reader understands alike:
    NaN, a key twice, a whole number beyond 64 bits, one beyond a double or of more than 100 digits, half a
    surrogate pair, a NUL, nesting deeper than 64, more than 64 MiB.
    """
    try:
        if len(text) > MAX_JSON_BYTES:
            raise ValueError(f"larger than {MAX_JSON_BYTES >> 20} MiB")
        content = json.loads(
            text.decode("utf-8-sig"),
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_finite,
            parse_constant=_refuse_constant,
        )
        if not isinstance(content, dict):
            raise ValueError(f"it holds a {type(content).__name__}")
        _check_values(content)
    except RecursionError:
        raise InputError(f"{name}: must hold a JSON object (nested deeper than {_MAX_DEPTH})") from None
    except ValueError as error:
        raise InputError(f"{name}: must hold a JSON object ({error})") from None
    return content


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [key for key, _ in pairs]
        raise ValueError(f"key {next(key for key in names if names.count(key) > 1)!r} is there twice")
    return found


def _integer(text: str) -> int:
    value = int(text[:_MAX_DIGITS])
    if not -(2**63) <= value < 2**63:
        raise ValueError(f"number {text[:20]}... is beyond 64 bits")
    return value


def _finite(text: str) -> float:
    value = float(text)
    if len(text) > _MAX_DIGITS or not math.isfinite(value):
        raise ValueError(f"number {text[:20]}... is too long or too large")
    return value


def _refuse_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number of JSON")


def _check_values(content: dict[str, Any]) -> None:
    """Check nesting and strings, by levels: recursion would end where the nesting does not."""
    level: list[Any] = [content]
    for _ in range(_MAX_DEPTH):
        below: list[Any] = []
        for value in level:
            if isinstance(value, str) and ("\0" in value or not value.isascii()):
                if "\0" in value:
                    raise ValueError("a string with a NUL")
                value.encode()  # half a surrogate pair is no text
            elif isinstance(value, dict):
                below += [*value, *value.values()]
            elif isinstance(value, list):
                below += value
        if not below:
            return
        level = below
    raise RecursionError


def check_outputs(
    inputs: Mapping[str, Union[str, Path, None]], outputs: Mapping[str, Optional[Path]]
) -> None:
    """Check, before any output is opened, that none of them is an input or another output, even by a link.

    Both are paths by what a user calls them; None: there is none. Raises ``InputError`` naming the two.
    """
    taken = {name: path for name, path in inputs.items() if path is not None}
    for name, path in outputs.items():
        if path is None:
            continue
        for other, at in taken.items():
            if _is_same_file(path, at):
                raise InputError(f"{name} {path}: would overwrite {other} {at}")
        taken[name] = path


def _is_same_file(one: Union[str, Path], other: Union[str, Path]) -> bool:
    try:
        return os.path.samefile(one, other)
    except FileNotFoundError:
        return os.path.realpath(one) == os.path.realpath(other)


def data_dir() -> Path:
    """Return the folder holding ``mnist/`` and ``models/``.

    ``AEIQA_DATA`` wins; then the source tree this package is run from; then ``share/gr-aeiqa`` of the
    installation prefix.
    """
    override = os.environ.get("AEIQA_DATA")
    if override:
        return Path(override)
    # The build tree's package is links into the source tree, so the real path has data/ beside it.
    package = Path(__file__).resolve().parent
    in_source = package.parents[1] / "data"
    if in_source.is_dir():
        return in_source
    for prefix in package.parents:
        installed = prefix / "share" / "gr-aeiqa"
        if installed.is_dir():
            return installed
    return in_source
