#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The engine of clusters: a real scheduler and workers on loopback, some of which die or do not belong."""

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("distributed", reason="no Dask (Debian package python3-distributed)")
import cluster_work

import gnuradio.aeiqa
from gnuradio.aeiqa.errors import InputError
from gnuradio.aeiqa.experiments.cluster import DaskEngine, Queue, pack, unpack
from gnuradio.aeiqa.experiments.experiment import run

# Dask's own: of asyncio, ports and the clock.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning:distributed")
PATIENCE = 120
SQUARES = [cluster_work.Unit(number) for number in range(40)]
MANY = [cluster_work.Unit(number) for number in range(400)]


class Cluster:
    """A scheduler and workers, each a process."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._running = folder, []
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
        self.start_scheduler()

    def start_scheduler(self):
        port = self.address.rsplit(":", 1)[1]
        self.scheduler = self._start("scheduler", "--host", "127.0.0.1", "--port", port, "--no-show")

    def start_worker(self, **environment):
        options = ("--nthreads", "1", "--no-nanny", "--local-directory", self._folder)
        return self._start("worker", self.address, *options, **environment)

    def end(self):
        for process in self._running:
            process.kill()
            process.wait()

    def _start(self, kind, *arguments, **environment):
        paths = [str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), **environment}
        command = [
            sys.executable,
            "-m",
            f"distributed.cli.dask_{kind}",
            *map(str, arguments),
            "--no-dashboard",
        ]
        with open(self._folder / f"{kind}-{len(self._running)}.log", "wb") as log:
            process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        self._running.append(process)
        return process


@pytest.fixture
def cluster(tmp_path):
    (tmp_path / "cluster").mkdir()
    cluster = Cluster(tmp_path / "cluster")
    yield cluster
    cluster.end()


@pytest.fixture
def engine(cluster):
    engine = connected(cluster.address)
    yield engine
    engine.close()


def connected(address):
    begin = time.monotonic()
    while True:
        try:
            return DaskEngine.at(address)
        except InputError:
            if time.monotonic() - begin > PATIENCE:
                raise


def squares(engine, units=SQUARES, **options):
    return {unit.number: found for unit, found in engine(cluster_work.Squares(**options), units)}


def test_workers_that_die_cost_nothing(cluster, engine):
    workers = [cluster.start_worker() for _ in range(2)]
    draw = random.Random(1)
    found = {}
    for unit, square in engine(cluster_work.Squares(), SQUARES):
        found[unit.number] = square
        if len(found) in (5, 15, 25):
            victim = draw.randrange(len(workers))
            workers[victim].kill()
            workers[victim] = cluster.start_worker()
    assert found == {unit.number: unit.number**2 for unit in SQUARES}


def test_files_travel(cluster, engine, tmp_path):
    cluster.start_worker()
    (tmp_path / "seven.txt").write_text("7")
    found = engine(cluster_work.Squares(tmp_path / "seven.txt"), SQUARES[:3])
    (tmp_path / "seven.txt").unlink() if next(found) else None
    assert [square for _, square in found] in ([8, 11], [7, 11], [7, 8])


def test_what_is_packed_needs_its_files_no_more(tmp_path):
    folder = tmp_path / "models"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "weights.npz").write_bytes(b"weights")
    network = tmp_path / "net.onnx"
    network.write_bytes(b"network")
    (tmp_path / "net.json").write_bytes(b"description")
    bundle = pack({"folder": folder, "file": network, "absent": Path("/nowhere/at/all"), "name": "net.onnx"})
    shutil.rmtree(folder)
    network.unlink()
    found = unpack(bundle, tmp_path / "there")
    assert (found["folder"] / "deep" / "weights.npz").read_bytes() == b"weights"
    assert found["file"].name == "net.onnx"
    assert found["file"].read_bytes() == b"network"
    assert found["file"].with_suffix(".json").read_bytes() == b"description"
    assert (found["absent"], found["name"]) == (Path("/nowhere/at/all"), "net.onnx")


def test_a_worker_of_another_installation_gets_no_work(cluster, engine, tmp_path, capfd):
    package = Path(gnuradio.aeiqa.__file__).parent
    other = tmp_path / "other" / "gnuradio" / "aeiqa"
    shutil.copytree(package, other, ignore=shutil.ignore_patterns("__pycache__"))
    (other / "errors.py").write_text((other / "errors.py").read_text() + "# of another version\n")
    cluster.start_worker(PYTHONPATH=os.pathsep.join([str(other.parents[1]), str(Path(__file__).parent)]))
    cluster.start_worker()
    wait_for_workers(engine, 2)
    assert squares(engine) == {unit.number: unit.number**2 for unit in SQUARES}
    (line,) = [line for line in capfd.readouterr().out.splitlines() if "gets no work" in line]
    assert line.startswith("worker tcp://127.0.0.1:")
    assert "sources" in line


def test_a_cluster_of_strangers_is_rejected(cluster, engine, capfd):
    cluster.start_worker(PYTHONPATH=str(Path(__file__).parent))
    wait_for_workers(engine, 1)
    with pytest.raises(InputError, match="none of its 1 workers has this gr-aeiqa"):
        squares(engine)
    assert "gets no work" in capfd.readouterr().out


@settings(deadline=None, max_examples=50)
@given(
    count=st.integers(1, 300),
    threads=st.integers(1, 9),
    seconds=st.floats(0.0, 100.0),
    bad=st.sets(st.integers(0, 299)),
)
def test_every_unit_is_taken_and_those_that_fail_alone(count, threads, seconds, bad):
    queue = Queue([cluster_work.Unit(number) for number in range(count)])
    queue.took(seconds)
    done = []
    while queue:
        task = queue.take(threads)
        assert len(task) <= max(1, 5.0 / max(seconds, 1e-9))
        if len(task) > 1 and bad.intersection(unit.number for unit in task):
            queue.put_back(task, alone=True)
        else:
            done += [unit.number for unit in task]
    assert sorted(done) == list(range(count))


def test_tasks_are_large_where_units_are_short_and_end_small():
    queue = Queue([cluster_work.Unit(number) for number in range(10_000)])
    assert len(queue.take(4)) == 1  # nothing is known of their time yet
    queue.took(0.1)
    sizes = []
    while queue:
        sizes.append(len(queue.take(4)))
    assert (sizes[0], sizes[-1]) == (50, 1)
    assert sizes == sorted(sizes, reverse=True)


def test_units_before_a_wrong_one_are_not_lost(cluster, engine):
    cluster.start_worker()
    numbers = []
    with pytest.raises(ValueError, match="390 is not to be squared"):
        for unit, _ in engine(cluster_work.Squares(wrong=390), MANY):
            numbers.append(unit.number)
    assert set(range(390)) <= set(numbers)
    assert 390 not in numbers


def test_what_goes_wrong_is_raised_as_it_is(cluster, engine):
    cluster.start_worker()
    with pytest.raises(ValueError, match="7 is not to be squared") as raised:
        squares(engine, wrong=7)
    assert raised.value.__notes__ == ["while computing 7; what was finished is kept"]


def test_a_sweep_goes_on_after_its_scheduler(cluster, small_plan, tmp_path):
    """Killed in the middle, the same call goes on, and ends with the bytes of this machine's processes."""
    cluster.start_worker()
    engine = connected(cluster.address)
    killed = threading.Event()

    def until_killed(compute, units):
        for number, (unit, result) in enumerate(engine(compute, units)):
            if number == 2 and not killed.is_set():
                killed.set()
                cluster.scheduler.send_signal(signal.SIGKILL)
                cluster.scheduler.wait()
            yield unit, result

    with pytest.raises(ChildProcessError, match="has gone; what was finished is kept"):
        run(small_plan(), tmp_path / "out", engine=until_killed)
    engine.close()
    cluster.start_scheduler()
    cluster.start_worker()
    engine = connected(cluster.address)
    run(small_plan(), tmp_path / "out", engine=engine)
    engine.close()
    run(small_plan(), tmp_path / "local", 1)
    for name in ("table.csv", "images.csv.gz"):
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "local" / name).read_bytes()


def test_nobody_at_the_address():
    with pytest.raises(InputError, match=r"scheduler tcp://127\.0\.0\.1:9: cannot be reached"):
        DaskEngine.at("tcp://127.0.0.1:9")


def wait_for_workers(engine, count):
    begin = time.monotonic()
    while len(engine.workers()) < count:
        assert time.monotonic() - begin < PATIENCE
        time.sleep(0.1)
