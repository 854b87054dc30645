#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""images.csv.gz: what was measured on every single image of a sweep."""

import gzip
import io
from collections.abc import Iterable

import numpy as np

from ..csv_tables import snr_text
from .grid import Condition

# Column, which is the record's field, and format. Six digits tell any two images apart that differ by more
# than rounding.
_COLUMNS = {
    "index": "%d", "label": "%d", "prediction": "%d", "sent_prediction": "%d", "bit_errors": "%d",
    "bits": "%d", "psnr_db": "%.6g", "ssim": "%.6g", "piqe": "%.6g", "score": "%.6g", "assigned": "%d",
    "sent_assigned": "%d",
}  # fmt: skip
IMAGE_COLUMNS = tuple(_COLUMNS)  # after those of the condition
_TARGET_FIELDS = {"prediction", "sent_prediction"}
_SCORE_FIELDS = {"score", "assigned", "sent_assigned"}


def write_images(
    file: io.BufferedIOBase,
    conditions: Iterable[tuple[Condition, np.ndarray]],
    with_labels: bool,
    with_target: bool,
    with_score: bool,
) -> None:
    """Write a gzipped CSV, one line an image, from each condition's records; what is absent stays empty.

    The same records give the same bytes: the gzip header holds neither time nor name.
    """
    absent = (set() if with_target else _TARGET_FIELDS) | (set() if with_score else _SCORE_FIELDS)
    absent |= set() if with_labels else {"label"}
    kept = [field for field in _COLUMNS if field not in absent]
    cells = ",".join("" if field in absent else form for field, form in _COLUMNS.items())
    header = ",".join(["channel", "modulation", "snr_db", *_COLUMNS])
    # Level 4 takes a third of the time of the default for a file a tenth larger.
    with gzip.GzipFile(filename="", mode="wb", compresslevel=4, fileobj=file, mtime=0) as packed:
        packed.write(f"{header}\n".encode())
        for condition, records in conditions:
            line = f"{condition.channel},{condition.modulation},{snr_text(condition.snr_db)},{cells}\n"
            # One format per line over plain Python values: ten times as fast as numpy.savetxt.
            columns = (records[field].tolist() for field in kept)
            packed.write("".join(map(line.__mod__, zip(*columns, strict=True))).encode())
