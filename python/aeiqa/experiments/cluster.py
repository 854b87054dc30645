#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The engine that computes units on other machines: the workers of a Dask cluster.

What computes travels to each worker once, with the files that it reads; a worker whose installation differs
gets no work. Dask computes lost units again; nothing of a unit is kept but its result.
"""

import glob
import hashlib
import io
import pickle
import tempfile
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence, Set
from concurrent.futures import CancelledError
from functools import cache
from pathlib import Path
from typing import Any

from ..errors import InputError
from ..files import data_dir
from ..iqa.classifiers.network import last_line
from .store import installed

_CONNECT_S = 5
# Tasks under way for each thread of the cluster: one is computed, one waits beside it, so that the scheduler
# holds few whatever the number of units.
_UNDER_WAY = 2
# A task is of as many units as take this long, since each costs the coordinator milliseconds; towards the end
# of fewer, so that all workers end at about the same time.
_TASK_S, _MOST_UNITS = 5.0, 64
_LOOK_S = 1.0  # from one look at the cluster's workers to the next
_PAUSE_S = 0.005
_GO_ON = "what was finished is kept, the same command goes on from there"
# Workers that died with the same unit before the unit is to blame.
_DEATHS = 10
_FINGERPRINT = "__import__('gnuradio.aeiqa.experiments.cluster', fromlist=['']).fingerprint()"


class DaskEngine:
    """Computes units on a Dask cluster.

    Args:
        client: a ``distributed.Client`` of it.

    Raises:
        InputError: (when it runs) no worker of the cluster has this installation.
        ChildProcessError: (when it runs) the scheduler has gone, or every worker of a unit has died.
    """

    def __init__(self, client: Any) -> None:
        self._client = client
        self._known: dict[str, bool] = {}  # address of a worker: whether it may compute
        self._there: dict[str, Any] = {}
        self._looked = 0.0

    @classmethod
    def at(cls, address: str) -> "DaskEngine":
        """Return an engine of the scheduler at an address such as ``tcp://HOST:8786``.

        Raises:
            InputError: Dask is missing, or nobody answers there.
        """
        try:
            from distributed import Client
        except ImportError as error:
            raise InputError(
                f"scheduler {address}: needs Dask (Debian package python3-distributed): {error}"
            ) from None
        try:
            return cls(Client(address, timeout=_CONNECT_S, set_as_default=False))
        except (OSError, ValueError, TimeoutError) as error:
            raise InputError(f"scheduler {address}: cannot be reached ({last_line(error)})") from None

    def workers(self) -> list[str]:
        """Return the addresses of the cluster's workers, whether they may compute or not."""
        return list(self._client.scheduler_info()["workers"])

    def threads(self) -> int:
        """Return how many units the cluster may compute at a time; waits for a first worker."""
        while not (found := self._workers()):
            pass
        return sum(found.values())

    def close(self) -> None:
        """Leave the cluster."""
        self._client.close()

    def __call__(self, compute: Callable[[Any], Any], units: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
        """Yield ``(unit, compute(unit))`` as they get done; close it to cancel the rest."""
        from distributed import as_completed

        bundle = pack(compute)
        digest = hashlib.sha256(bundle).hexdigest()
        held = self._client.submit(_hold, bundle, key=f"aeiqa-{digest}")
        left = Queue(units)
        pending: dict[Any, tuple[Any, ...]] = {}
        workers: Set[str] = set()
        done = as_completed(loop=self._client.loop)
        try:
            while left or pending:
                found = self._workers()
                if workers - found.keys():  # what waits for a worker that has gone would wait for ever
                    for future in [future for future in pending if not future.done()]:
                        left.put_back(pending.pop(future))
                        future.cancel()
                workers = found.keys()
                threads = sum(found.values())
                while left and len(pending) < _UNDER_WAY * threads:
                    task = left.take(threads)
                    try:
                        future = self._client.submit(
                            _compute, held, digest, task, fingerprint(), workers=list(workers), pure=False
                        )
                    except CancelledError:  # what computes went with the scheduler
                        raise self._gone() from None
                    pending[future] = task
                    done.add(future)
                batch = done.next_batch(block=False) if pending else []
                for future in batch:
                    if future not in pending:  # was cancelled
                        continue
                    task = pending.pop(future)
                    yield from zip(task, self._results(future, task, left), strict=False)
                if held.status == "error":
                    held.retry()
                if not batch:
                    self._check_alive()
                    time.sleep(_PAUSE_S)
        finally:
            if self._client.status == "running":
                for future in pending:
                    future.cancel()
                held.release()

    def _results(self, future: Any, task: tuple[Any, ...], left: "Queue") -> Sequence[Any]:
        """Return the results of a finished task's units; none of them if they have to be done again."""
        from distributed.scheduler import KilledWorker

        if future.status == "finished":
            results, seconds = future.result()
            left.took(seconds / len(task))
            return results
        if future.status != "error":  # cancelled or lost: with the scheduler, or with what it held
            self._check_alive()
            left.put_back(task)
            return ()
        error = future.exception()
        if isinstance(error, _OtherInstallation):
            self._looked = 0.0
            left.put_back(task)
            return ()
        if len(task) > 1:
            left.put_back(task, alone=True)  # one of them is to blame
            return ()
        (unit,) = task
        if isinstance(error, KilledWorker):
            self._looked = 0.0
            left.put_back(task, alone=True)
            if left.failures[unit] < _DEATHS:
                return ()
            raise ChildProcessError(
                f"{unit.key}: {_DEATHS} workers died with it (killed, or out of memory); {_GO_ON}"
            )
        error.add_note(f"while computing {unit.key}; what was finished is kept")
        raise error

    def _check_alive(self) -> None:
        if self._client.status != "running":
            raise self._gone()

    def _gone(self) -> ChildProcessError:
        return ChildProcessError(f"the scheduler {self._client.scheduler.address} has gone; {_GO_ON}")

    def _workers(self) -> dict[str, int]:
        """Return the threads of each worker that may compute; tell of those that may not."""
        now = time.monotonic()
        if now - self._looked >= _LOOK_S or not any(self._known.values()):
            self._looked = now
            self._check_alive()
            self._there = self._client.scheduler_info()["workers"]
            new = [address for address in self._there if address not in self._known]
            answers = self._client.run(eval, _FINGERPRINT, workers=new, on_error="return") if new else {}
            for address, found in answers.items():
                self._known[address] = found == fingerprint()
                if not self._known[address]:
                    print(f"worker {address} gets no work: {_difference(found)}", flush=True)
            if not any(self._known.get(address) for address in self._there):
                if self._there:
                    address = self._client.scheduler.address
                    raise InputError(
                        f"scheduler {address}: none of its {len(self._there)} workers has this gr-aeiqa"
                    )
                time.sleep(_LOOK_S)  # until one comes
        return {a: w["nthreads"] for a, w in self._there.items() if self._known.get(a)}


class Queue:
    """The units that are left, taken as tasks of several."""

    def __init__(self, units: Sequence[Any]) -> None:
        self._left = deque(units)
        self._unit_s = _TASK_S  # of one unit, as the latest task took
        self.failures: Counter[Any] = Counter()  # of units that are computed alone since

    def __len__(self) -> int:
        return len(self._left)

    def take(self, threads: int) -> tuple[Any, ...]:
        """Return the next task."""
        share = len(self._left) // (2 * _UNDER_WAY * threads)
        size = max(1, min(_MOST_UNITS, share, int(_TASK_S / max(self._unit_s, 1e-9))))
        task = [self._left.popleft()]
        while len(task) < size and task[0] not in self.failures and self._left[0] not in self.failures:
            task.append(self._left.popleft())
        return tuple(task)

    def put_back(self, task: tuple[Any, ...], alone: bool = False) -> None:
        """Give back what was not computed; ``alone``: after a failure, to be taken one by one."""
        self._left.extendleft(reversed(task))
        if alone:
            self.failures.update(task)

    def took(self, seconds: float) -> None:
        """Say how long a unit took."""
        self._unit_s = seconds


@cache
def fingerprint() -> dict[str, str]:
    """Return what must be alike for results to be: this package, its data, and the libraries that compute."""
    import gnuradio.aeiqa

    root = Path(gnuradio.aeiqa.__file__).parent
    found = {"gr-aeiqa": gnuradio.aeiqa.__version__, "sources": _digest(sorted(root.rglob("*.py")), root)}
    data = data_dir()
    found["data"] = _digest(sorted([*data.rglob("*.json"), *data.rglob("SHA256SUMS")]), data)
    return found | installed(("numpy", "scipy", "scikit-image", "torch"))


def _digest(paths: Sequence[Path], root: Path) -> str:
    state = hashlib.sha256()
    for path in paths:
        state.update(f"{path.relative_to(root)}\n".encode())
        state.update(hashlib.sha256(path.read_bytes()).digest())
    return state.hexdigest()[:16]


def _difference(found: Any) -> str:
    if not isinstance(found, dict):
        return f"it has no gr-aeiqa of this version ({last_line(found)})"
    here = fingerprint()
    names = [name for name in here if found.get(name) != here[name]]
    return ", ".join(f"{name} {found.get(name)} there, {here[name]} here" for name in names)


class _OtherInstallation(RuntimeError):
    """The worker that got the unit is not one of those that may compute: it has just come."""


_Content = tuple[bool, dict[str, bytes]]
"""Whether it is a folder, and the content of each file by its path in it."""


class _Packer(pickle.Pickler):
    """Pickles an object with the content of every file whose path is in it."""

    def __init__(self, file: io.BytesIO, contents: dict[str, _Content]) -> None:
        super().__init__(file, protocol=5)
        self._contents = contents

    def persistent_id(self, obj: Any) -> str | None:
        if not isinstance(obj, Path) or not obj.exists():
            return None
        name = str(obj.resolve())
        if name not in self._contents:
            root = obj if obj.is_dir() else obj.parent
            # Beside a model's file, its description and weights: MODEL.json, MODEL.onnx.data.
            found = obj.rglob("*") if obj.is_dir() else root.glob(f"{glob.escape(obj.stem)}*")
            files = {str(p.relative_to(root)): p.read_bytes() for p in sorted(found) if p.is_file()}
            self._contents[name] = obj.is_dir(), files
        return name


class _Unpacker(pickle.Unpickler):
    """Reads what ``_Packer`` wrote, the files put into a folder."""

    def __init__(self, file: io.BytesIO, folders: dict[str, Path]) -> None:
        super().__init__(file)
        self._folders = folders

    def persistent_load(self, pid: str) -> Path:
        return self._folders[pid]


def pack(compute: Callable[[Any], Any]) -> bytes:
    """Return ``compute`` as bytes, with the files and folders whose ``Path`` it holds."""
    contents: dict[str, _Content] = {}
    file = io.BytesIO()
    _Packer(file, contents).dump(compute)
    return pickle.dumps((contents, file.getvalue()), protocol=5)


def unpack(bundle: bytes, folder: Path) -> Callable[[Any], Any]:
    """Return what was packed; its files are in ``folder`` then."""
    contents, pickled = pickle.loads(bundle)
    places: dict[str, Path] = {}
    for number, (name, (is_folder, files)) in enumerate(contents.items()):
        root = folder / str(number)
        for relative, content in files.items():
            path = root / relative
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        places[name] = root if is_folder else root / Path(name).name
    return _Unpacker(io.BytesIO(pickled), places).load()


_lock = threading.Lock()
_unpacked: dict[str, tuple[Callable[[Any], Any], tempfile.TemporaryDirectory]] = {}


def _hold(bundle: bytes) -> bytes:
    """Let the cluster keep what computes, and make it again if the worker that held it is lost."""
    return bundle


def _compute(
    bundle: bytes, digest: str, task: Sequence[Any], wanted: dict[str, str]
) -> tuple[list[Any], float]:
    """Compute units on a worker; return their results, and the seconds they took.

    Tasks are done one at a time, since what computes is made for one thread.
    """
    if fingerprint() != wanted:
        raise _OtherInstallation(f"{fingerprint()}")
    with _lock:
        if digest not in _unpacked:
            _unpacked.clear()  # of an earlier experiment
            folder = tempfile.TemporaryDirectory(prefix="aeiqa-")
            _unpacked[digest] = unpack(bundle, Path(folder.name)), folder
        began = time.monotonic()
        results = [_unpacked[digest][0](unit) for unit in task]
        return results, time.monotonic() - began
