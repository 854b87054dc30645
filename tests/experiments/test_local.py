#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The engine of local processes: right results, and no way out that leaves processes or hides a cause."""

import multiprocessing
import os
import time
from contextlib import closing

import numpy as np
import pytest

from gnuradio.aeiqa.errors import InputError
from gnuradio.aeiqa.experiments.local import run_local, worker_count
from gnuradio.aeiqa.experiments.sweep.grid import Condition
from gnuradio.aeiqa.experiments.sweep.unit import Unit

UNITS = [Unit(Condition("awgn", "bpsk", 0.0), start, start + 1) for start in range(6)]


def numbers(unit):
    """State of a worker process."""
    return np.array([unit.start, os.getpid(), int(os.environ["OMP_NUM_THREADS"])])


def refuse_third(unit):
    """A user's mistake that only shows in a worker."""
    if unit.start == 2:
        raise InputError("image 2 is not square")
    return np.zeros(1)


def crash_third(unit):
    """A bug."""
    return np.zeros(1) / (1 if unit.start != 2 else None)


def die_third(unit):
    """A worker that is killed."""
    if unit.start == 2:
        os._exit(9)
    return np.zeros(1)


def never_end(unit):
    """Work that would go on for an hour after its first unit."""
    time.sleep(0 if unit.start == 0 else 3600)
    return np.zeros(1)


def test_every_unit_once_in_other_processes_with_one_thread_each(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.delenv("MKL_NUM_THREADS", raising=False)
    results = dict(run_local(numbers, UNITS, workers=2))
    assert [results[unit][0] for unit in UNITS] == list(range(6))
    pids = {int(values[1]) for values in results.values()}
    assert os.getpid() not in pids
    assert len(pids) <= 2
    assert {values[2] for values in results.values()} == {1}
    assert os.environ["OMP_NUM_THREADS"] == "7"
    assert "MKL_NUM_THREADS" not in os.environ


def test_no_units_no_processes():
    assert list(run_local(numbers, [], workers=2)) == []


@pytest.mark.parametrize(
    ("work", "error", "words"),
    [
        (refuse_third, InputError, "^image 2 is not square$"),
        (crash_third, TypeError, "unsupported operand"),
        (die_third, ChildProcessError, "a worker process died"),
    ],
)
def test_failures_come_out_and_leave_no_process(work, error, words):
    before = set(multiprocessing.active_children())
    done = []
    with pytest.raises(error, match=words) as caught, closing(run_local(work, UNITS, 1)) as results:
        done.extend(unit.start for unit, _ in results)
    assert set(done) <= {0, 1}
    if error is TypeError:
        assert "awgn-bpsk-0dB-0000002-0000003" in caught.value.__notes__[0]
    assert set(multiprocessing.active_children()) == before


def test_as_many_processes_as_told_or_one_per_processor():
    assert worker_count(3) == 3
    assert worker_count() == os.cpu_count()
    with pytest.raises(InputError, match="workers: must be 1 or more, got 0"):
        worker_count(0)


def test_closing_early_ends_the_workers_at_once():
    before = set(multiprocessing.active_children())
    results = run_local(never_end, UNITS, 2)
    assert next(results)[0] == UNITS[0]
    results.close()
    assert set(multiprocessing.active_children()) == before


def test_a_compute_of_the_main_file_is_refused_with_the_remedy():
    def compute(unit):
        return unit

    compute.__module__ = "__main__"
    with pytest.raises(InputError, match="main file: define it in a module"):
        next(run_local(compute, UNITS, 1))
