#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""images.csv.gz: every image, readable by any CSV reader, the same bytes for the same records."""

import csv
import gzip
import io

import numpy as np

from gnuradio.aeiqa.experiments.sweep.grid import Condition
from gnuradio.aeiqa.experiments.sweep.per_image import write_images
from gnuradio.aeiqa.experiments.sweep.unit import RECORD

CONDITIONS = [Condition("awgn", "bpsk", 0.0), Condition("rayleigh", "qam64", -2.5)]


def records(seed):
    rng = np.random.default_rng(seed)
    values = np.zeros(5, RECORD)
    for name in RECORD.names:
        values[name] = rng.integers(0, 50, 5) if RECORD[name].kind == "i" else rng.random(5)
    values["psnr_db"][0] = np.inf
    return values


def written(with_labels=True, with_target=True):
    file = io.BytesIO()
    pairs = [(condition, records(seed)) for seed, condition in enumerate(CONDITIONS)]
    write_images(file, pairs, with_labels, with_target, with_score=with_target)
    return file.getvalue()


def test_every_value_can_be_read_back():
    lines = list(csv.DictReader(io.StringIO(gzip.decompress(written()).decode())))
    assert len(lines) == 10
    for number, line in enumerate(lines):
        condition, record = CONDITIONS[number // 5], records(number // 5)[number % 5]
        assert (line.pop("channel"), line.pop("modulation")) == condition[:2]
        assert float(line.pop("snr_db")) == condition.snr_db
        assert line.keys() == set(RECORD.names) - {"raw"}  # it is no image's
        for name, text in line.items():
            assert np.isclose(float(text), record[name], rtol=1e-5)
    assert lines[0]["psnr_db"] == "inf"


def test_absent_cells_are_empty():
    lines = list(csv.DictReader(io.StringIO(gzip.decompress(written(False, False)).decode())))
    empty = {name for name, text in lines[0].items() if text == ""}
    assert empty == {"label", "prediction", "sent_prediction", "score", "assigned", "sent_assigned"}
    assert all({name for name, text in line.items() if text == ""} == empty for line in lines)


def test_same_records_same_bytes_without_time_or_name():
    first = written()
    assert first == written()
    assert first[3] == 0  # gzip flags: no name
    assert first[4:8] == bytes(4)  # no time
