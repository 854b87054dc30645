#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Where the data sets and models that come with the project are."""

import os
from pathlib import Path


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
