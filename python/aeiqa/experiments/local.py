#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The engine that computes units on this machine: one process a worker.

An engine is a function ``engine(work, units)`` that yields ``(unit, work(unit))`` in any order. It keeps
nothing: the caller stores what it yields, so that an engine may put its workers anywhere.
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Any, Optional, TypeVar

import numpy as np

from ..errors import InputError

Unit = TypeVar("Unit")

# Each worker is one process on one core: numerical libraries that start a thread per core in every one of
# them make each other wait. And glibc hands large arrays back to the system one by one unless told to keep
# them; getting the same megabytes again and again cost a sixth of a sweep's processor time.
_WORKER_ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "MALLOC_MMAP_THRESHOLD_": str(32 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(256 << 20),
}

_work: Callable[[Any], np.ndarray]


def worker_count(workers: Optional[int] = None) -> int:
    """Return how many processes to use: as many as told, or one per processor.

    Raises:
        InputError: told less than one.
    """
    if workers is not None and workers < 1:
        raise InputError(f"workers: must be 1 or more, got {workers}")
    return workers or os.cpu_count() or 1


def run_local(
    work: Callable[[Unit], np.ndarray], units: Sequence[Unit], workers: int
) -> Iterator[tuple[Unit, np.ndarray]]:
    """Yield ``(unit, work(unit))`` as they get done by ``workers`` processes. Close it to stop early.

    Raises what ``work`` raises, and ``ChildProcessError`` if a worker dies.
    """
    if not units:
        return
    others = set(multiprocessing.active_children())
    executor = ProcessPoolExecutor(
        min(workers, len(units)), multiprocessing.get_context("spawn"), initializer=_start, initargs=(work,)
    )
    finished = False
    try:
        with _environment(_WORKER_ENVIRONMENT), _interrupt_blocked():
            futures = {executor.submit(_run, unit): unit for unit in units}
        for future in as_completed(futures):
            unit = futures.pop(future)  # and with it the results, which the caller keeps or not
            yield unit, _result(future, unit)
        finished = True
    except BrokenProcessPool:
        raise ChildProcessError(
            "a worker process died (killed, or out of memory: fewer --workers need less); "
            "what was finished is kept, the same command goes on from there"
        ) from None
    finally:
        if not finished:
            for process in set(multiprocessing.active_children()) - others:
                process.terminate()
        executor.shutdown(cancel_futures=True)


def _result(future: Future, unit: Unit) -> np.ndarray:
    try:
        return future.result()
    except Exception as error:
        error.add_note(f"while computing {unit.key}; what was finished is kept")
        raise


def _start(work: Callable[[Unit], np.ndarray]) -> None:
    global _work
    _work = work
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _run(unit: Unit) -> np.ndarray:
    return _work(unit)


def _end_with_parent() -> None:
    """A worker waits for work on a pipe it also holds the other end of: it would outlive a killed parent."""
    multiprocessing.parent_process().join()
    os._exit(1)


@contextmanager
def _interrupt_blocked():
    """Ctrl-C goes to every process of the terminal: processes started in here leave it to the parent.

    A blocked signal is not lost: the parent gets it at the end of the block.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _environment(values: dict[str, str]):
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
