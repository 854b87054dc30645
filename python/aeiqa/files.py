#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Files that are either whole or not there, and the folder of those that come with the project."""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np

SUFFIX = ".part"


@contextmanager
def atomic_write(path: Path) -> Iterator[BinaryIO]:
    """Open a file for writing that takes the place of ``path`` only when it is complete and on the disk.

    A reader, or a run after this one was killed or the power failed, sees the old file, the new one or none.
    """
    part = path.with_name(f"{path.name}.{os.getpid()}{SUFFIX}")
    try:
        with open(part, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make renames in ``folder`` outlive a power failure."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_arrays(path: Path, arrays: dict[str, np.ndarray]) -> None:
    """Write arrays to an .npz file, whole or not at all; the same arrays make the same bytes."""
    # Not straight to the file: interrupted, savez leaves its archive open on a file closed beneath it, which
    # Python complains about at exit.
    archive = io.BytesIO()
    np.savez(archive, **arrays)
    with atomic_write(path) as file:
        file.write(archive.getbuffer())


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
