#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The engine that computes units on this machine: one process a worker."""

import itertools
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from types import ModuleType
from typing import Any, NoReturn, Optional, TypeVar

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

# Units under way for each worker: enough that none waits while the caller keeps a result, and few whatever
# the number of units, since each takes memory.
_AHEAD = 4

Result = TypeVar("Result")

_compute: Callable[[Any], Any]


def worker_count(workers: Optional[int] = None) -> int:
    """Return how many processes to use: as many as told, or one per processor.

    Raises:
        InputError: told less than one.
    """
    if workers is not None and workers < 1:
        raise InputError(f"workers: must be 1 or more, got {workers}")
    return workers or os.cpu_count() or 1


def run_here(compute: Callable[[Unit], Result], units: Sequence[Unit]) -> Iterator[tuple[Unit, Result]]:
    """Yield ``(unit, compute(unit))``, all of it in this process: for what cannot go to another."""
    for unit in units:
        try:
            result = compute(unit)
        except Exception as error:
            _add_note(error, unit)
            raise
        yield unit, result


def run_local(
    compute: Callable[[Unit], Result], units: Sequence[Unit], workers: int
) -> Iterator[tuple[Unit, Result]]:
    """Yield ``(unit, compute(unit))`` as they get done by ``workers`` processes. Close it to stop early.

    Workers import the modules of ``compute`` and never the program's main file: that may be typed in, read
    from a pipe, or run the experiment without an ``if __name__ == "__main__"``.

    Raises what ``compute`` raises, ``ChildProcessError`` if a worker dies, ``InputError`` for a ``compute``
    that is defined in the main file.
    """
    if not units:
        return
    if "__main__" in (getattr(compute, "__module__", ""), type(compute).__module__):
        raise InputError(
            "compute: workers cannot import the program's main file: define it in a module, got "
            f"{getattr(compute, '__qualname__', type(compute).__qualname__)}"
        )
    others = set(multiprocessing.active_children())
    executor = ProcessPoolExecutor(
        min(workers, len(units)),
        multiprocessing.get_context("spawn"),
        initializer=_start,
        initargs=(compute,),
    )
    finished = False
    with _terminated_as_interrupted():
        try:
            left, pending = iter(units), dict[Future, Unit]()
            done: Collection[Future] = ()
            while True:
                # In their order; with them go the results, which the caller keeps or not.
                ready = [(future, pending.pop(future)) for future in [*pending] if future in done]
                # The executor may start a process whenever it gets work.
                with _environment(_WORKER_ENVIRONMENT), _interrupt_blocked(), _main_hidden():
                    for unit in itertools.islice(left, _AHEAD * workers - len(pending)):
                        pending[executor.submit(_run, unit)] = unit
                while ready:
                    future, unit = ready.pop(0)
                    yield unit, _result(future, unit)
                if not pending:
                    break
                done, _ = wait(pending, return_when=FIRST_COMPLETED)
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


def _result(future: Future, unit: Any) -> Any:
    try:
        return future.result()
    except Exception as error:
        if not isinstance(error, BrokenProcessPool):
            _add_note(error, unit)
        raise


def _add_note(error: Exception, unit: Any) -> None:
    error.add_note(f"while computing {unit.key}; what was finished is kept")


def _start(compute: Callable[[Any], Any]) -> None:
    global _compute
    _compute = compute
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _run(unit: Any) -> Any:
    return _compute(unit)


def _end_with_parent() -> None:
    """A worker waits for work on a pipe it also holds the other end of: it would outlive a killed parent."""
    multiprocessing.parent_process().join()
    os._exit(1)


@contextmanager
def _main_hidden():
    """Processes started in here do not run the main file again."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


@contextmanager
def _terminated_as_interrupted():
    """SIGTERM ends the program by an exception, so that workers and their semaphores are cleared away."""
    usual = threading.current_thread() is threading.main_thread()
    usual = usual and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL

    def leave(number: int, frame: Any) -> NoReturn:
        raise SystemExit(128 + number)

    if usual:
        signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        if usual:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)


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
