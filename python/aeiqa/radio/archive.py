#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""SigMF archives: the files of a recording in one tar file, which is played without being unpacked."""

import tarfile
from pathlib import Path
from typing import NamedTuple

from ..errors import InputError
from ..files import MAX_JSON_BYTES
from .sigmf import META

SUFFIX = ".sigmf"


class Part(NamedTuple):
    """A file, or the part of an archive that is one: its path, its first byte there and its length."""

    path: Path
    begin: int
    size: int


class Archive:
    """An archive with one recording in it.

    Attributes:
        path: the archive.
        meta: name of the recording's metadata within it.
        content: the metadata, not parsed.

    Raises:
        InputError: there is no such file, it is no uncompressed tar, or it holds no recording or several.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with tarfile.open(path, "r:") as tar:
                members = [member for member in tar if member.isreg() and not member.issparse()]
                self.meta, self._parts = self._found(members)
            meta = self._parts[self.meta]
            with open(path, "rb") as file:
                file.seek(meta.offset_data)
                self.content = file.read(min(meta.size, MAX_JSON_BYTES + 1))
        except FileNotFoundError:
            raise InputError(f"no such recording: {path}") from None
        except (tarfile.TarError, OSError, EOFError, ValueError, OverflowError) as error:
            raise InputError(f"{path}: is no SigMF archive, an uncompressed tar file ({error})") from None

    def _found(self, members: list[tarfile.TarInfo]) -> tuple[str, dict[str, tarfile.TarInfo]]:
        metas = [member.name for member in members if member.name.endswith(META)]
        if len(metas) != 1:
            names = f": {', '.join(sorted(metas)[:4])}" if metas else ""
            raise InputError(
                f"{self.path}: must hold one recording, and holds {len(metas)}{names}; unpack it with tar "
                "and name one in it"
            )
        return metas[0], {member.name: member for member in members}

    def part(self, name: str) -> Part | None:
        """Return where the archive has the file of that name beside the metadata, or None."""
        folder, slash, _ = self.meta.rpartition("/")
        member = self._parts.get(folder + slash + name)
        return None if member is None else Part(self.path, member.offset_data, member.size)
