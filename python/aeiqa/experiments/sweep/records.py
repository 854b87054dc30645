#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""What a sweep measured on every single image, from its folder."""

import zipfile
import zlib

import numpy as np

from ...errors import InputError
from ..layout import UNITS_FOLDER
from .grid import Condition
from .results import Results, condition
from .unit import RECORD


def load_records(results: Results) -> dict[tuple, np.ndarray]:
    """Return one ``RECORD`` an image for each (channel, modulation, SNR in dB) of the sweep's table.

    Raises ``InputError`` if the units are not all there; the table alone is enough for the rest of a report.
    """
    folder = results.folder / UNITS_FOLDER
    records = {}
    for row in results.rows:
        paths = sorted(folder.glob(f"{Condition(*condition(row)).key}-*.npz"))
        try:
            parts = []
            for path in paths:
                with open(path, "rb") as file, np.load(file, allow_pickle=False) as archive:
                    parts.append(archive["records"])
        except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile, zlib.error):
            raise InputError(f"{path} is damaged") from None
        count = sum(map(len, parts))
        if count != results.configuration["images"] or any(part.dtype != RECORD for part in parts):
            raise InputError(f"{folder} does not hold the records of every image any more")
        records[condition(row)] = np.concatenate(parts)
    return records
