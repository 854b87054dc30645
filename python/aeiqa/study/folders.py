#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Where the results of a call live."""

import os
import shutil
import tempfile
import weakref
from pathlib import Path


class ResultsFolder:
    """A folder of results: the user's, or a temporary one that is deleted with this object."""

    def __init__(self, path: str | os.PathLike[str] | None) -> None:
        """``path``: the user's folder; None: a temporary one."""
        if path is not None:
            self.path = Path(path)
            return
        parent = tempfile.mkdtemp(prefix="aeiqa-")
        self.path = Path(parent) / "results"
        weakref.finalize(self, shutil.rmtree, parent, ignore_errors=True)
