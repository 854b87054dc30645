#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Runs one command again and again in forks of this process, and lets happen to it what test_kills.py says.

The first run is this process's own: its imports and the results of its units are there in every fork, so that
a run is little more than what it writes, which is what is tried here. AEIQA_KILLS: kills of each command.
"""

import errno
import importlib
import itertools
import os
import random
import resource
import shutil
import signal
import sys
import time
from pathlib import Path

import numpy as np

from gnuradio.aeiqa import cli
from gnuradio.aeiqa.errors import InputError
from gnuradio.aeiqa.experiments import experiment
from gnuradio.aeiqa.files import read_arrays, read_json
from gnuradio.aeiqa.images import load_dataset

sys.path.insert(0, str(Path(__file__).parents[2] / "apps"))
KILLS = int(os.environ.get("AEIQA_KILLS", "2"))
ACCIDENTS = 2 + KILLS // 5  # of each kind
COMMANDS = {
    "sweep": "--images 10 --modulations bpsk,qpsk --snr 0,10 --target none --no-report --workers 1",
    "evaluate": "--images 10 --targets paper --scores paper,psnr --links table2 --workers 1",
    "adapt": "--conditions pulses --images 200 --traces 1 --no-report --workers 1",
    "train": "--what encoder,classifier --seeds 1,2 --epochs 2",
}


computed = {}  # results of units by key


def one_after_the_other(compute, units, workers):
    """Stands for the worker processes, which have tests of their own."""
    for unit in units:
        if unit.key not in computed:
            computed[unit.key] = compute(unit)
        yield unit, computed[unit.key]


class Command:
    """A command with small options.

    Of a run to which nothing happens, ``tables`` are its tables, ``writes`` the times that it waits for the
    disk: for each file it writes, and for each file's name.
    """

    def __init__(self, name, folder):
        self.name, self.folder = name, folder
        self.errors, self.said = os.pipe()  # a full disk must not cut what is said of it
        os.set_blocking(self.errors, False)
        self.options = COMMANDS[name].split()
        if name == "train":
            few = load_dataset("mnist").take(100)
            np.savez(folder / "few.npz", images=few.images, labels=few.labels)
            self.options += ["--dataset", str(folder / "few.npz")]
        self.app = importlib.import_module(name)
        self.out = folder / "whole"
        fsync, self.writes = os.fsync, 0

        def count(handle):
            self.writes += 1
            fsync(handle)

        os.fsync = count
        try:
            self.here()
        except SystemExit as end:
            assert end.code == 0
        os.fsync = fsync
        self.tables = contents(self.out)
        self.out = folder / "again"
        began = time.monotonic()
        self.finish()
        self.seconds = time.monotonic() - began
        self.check_all()
        assert len(self.tables) >= 2

    def here(self):
        """Run it in this process."""
        sys.argv = [self.name, *self.options, "--out", str(self.out)]
        cli.run(f"aeiqa {self.name}", self.app.main)

    def start(self, prepare=lambda: None):
        """Begin a run in a process of its own and return its number."""
        child = os.fork()
        if child:
            return child
        try:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            os.dup2(self.said, 2)
            prepare()
            self.here()
        except SystemExit as end:
            os._exit(end.code)
        except BaseException:
            sys.excepthook(*sys.exc_info())
        finally:
            os._exit(99)

    def run(self, prepare=lambda: None):
        """Run it to its end; return its status and its last words."""
        self.last_words()
        status = os.waitstatus_to_exitcode(os.waitpid(self.start(prepare), 0)[1])
        return status, self.last_words()

    def last_words(self):
        """Return the lines of standard error that are new."""
        try:
            return os.read(self.errors, 1 << 16).decode().splitlines()
        except BlockingIOError:
            return []

    def finish(self):
        """Run it to its end, as after an accident."""
        status, lines = self.run()
        assert status == 0, lines

    def check(self):
        """Every table that is there is right."""
        for name, content in contents(self.out).items():
            assert content == self.tables[name], f"{self.out / name} is another one"

    def check_all(self):
        """Every table is there, and right, and nothing is left over."""
        assert contents(self.out) == self.tables
        assert not list(self.out.rglob("*.part"))

    def begin_anew(self, name):
        self.out = self.folder / name


def contents(folder):
    """Return what counts of a folder's files by name: bytes of tables, values of models and their cards."""
    if not folder.exists():
        return {}
    found = {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix in (".csv", ".gz")}
    for path in folder.glob("paper-*"):
        if path.suffix == ".json":
            found[path.name] = read_json(path)
        elif path.suffix == ".npz" and "checkpoint" not in path.name:
            found[path.name] = {
                name: (array.dtype.str, array.shape, array.tobytes())
                for name, array in read_arrays(path).items()
            }
    return found


def kill_at_random(command, rng):
    """Kill the command KILLS times, let it go on, and sometimes begin anew."""
    kills = fresh = 0
    while kills < KILLS:
        command.begin_anew(f"kill-{fresh}")
        fresh += 1
        for _ in range(rng.randint(1, 4)):
            child = command.start()
            time.sleep(command.seconds * rng.random())
            os.kill(child, signal.SIGKILL)
            kills += os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
            command.check()
        command.finish()
        command.check_all()
        shutil.rmtree(command.out)
    return kills, fresh


def fill_the_disk(command, rng):
    """Let no file become longer than a random limit: writes fail in their middle."""
    sizes = sorted(path.stat().st_size for path in (command.folder / "whole").rglob("*") if path.is_file())
    for _ in range(ACCIDENTS):
        limit = rng.randrange(rng.choice(sizes))

        def full(limit=limit):
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))

        no_room(command, full, "File too large", limit)
    return ACCIDENTS


def fail_each_write(command, rng):
    """Let the disk be full when what was written has to reach it: each time, in small runs at some."""
    numbers = range(command.writes)
    if KILLS < 50:
        numbers = rng.sample(numbers, ACCIDENTS)
    for number in numbers:

        def full(number=number):
            fsync, calls = os.fsync, itertools.count()

            def fail(handle):
                if next(calls) >= number:
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                fsync(handle)

            os.fsync = fail

        no_room(command, full, "No space left", number)
    return len(numbers)


def no_room(command, prepare, reason, where):
    """Run the command in a new folder, in which writing fails after ``prepare``, and once more without."""
    command.begin_anew("full")
    status, lines = command.run(prepare)
    # What training says of its epochs goes before.
    assert status == 2, (where, status, lines)
    assert str(command.out) in lines[-1] and reason in lines[-1], (where, lines)
    command.check()
    command.finish()
    command.check_all()
    shutil.rmtree(command.out)


def damage_files(command, rng):
    """Damage or swap files of units, models and cards in a finished folder, and run again."""
    refused = 0
    for number in range(ACCIDENTS):
        command.begin_anew(f"damaged-{number}")
        shutil.copytree(command.folder / "whole", command.out)
        for name in ("table.csv", "evaluation.csv", "adaptation.csv"):
            (command.out / name).unlink(missing_ok=True)
        paths = sorted(path for path in command.out.rglob("*") if path.suffix in (".npz", ".json"))
        damaged = [damage(rng, [path for path in paths if path.name != "run.json"])]
        if rng.random() < 0.2 and (command.out / "run.json").exists():
            damaged.append(damage(rng, [command.out / "run.json"]))
        status, lines = command.run()
        if status:
            assert status == 2, (damaged, status, lines)
            refused += 1
            assert str(command.out) in lines[-1], (damaged, lines)
        else:
            try:
                command.check_all()
            except (AssertionError, InputError) as error:
                raise AssertionError(damaged) from error
        shutil.rmtree(command.out)
    return refused


def damage(rng, paths):
    """Do something to one or two files; return what."""
    one, other = rng.choice(paths), rng.choice(paths)
    content, kind = one.read_bytes(), rng.choice(("cut", "changed", "swapped", "copied", "empty", "gone"))
    at = rng.randrange(len(content))
    if kind == "cut":
        one.write_bytes(content[:at])
    elif kind == "changed" and one.suffix == ".npz":  # a card's text is as its owner says
        one.write_bytes(content[:at] + bytes([content[at] ^ rng.randint(1, 255)]) + content[at + 1 :])
    elif kind in ("swapped", "copied"):
        one.write_bytes(other.read_bytes())
        if kind == "swapped":
            other.write_bytes(content)
    elif kind == "empty":
        one.write_bytes(b"")
    else:
        one.unlink()
    return kind, one.name, other.name, at


def main():
    name, folder = sys.argv[1], Path(sys.argv[2])
    rng = random.Random(5)
    experiment.run_local = one_after_the_other
    command = Command(name, folder)
    print(f"{name}: {command.seconds:.1f} s a run, {len(command.tables)} files", flush=True)
    print("kills, folders:", *kill_at_random(command, rng), flush=True)
    print("full disks:", fill_the_disk(command, rng), flush=True)
    print("failing writes:", fail_each_write(command, rng), "of", command.writes, flush=True)
    refused = damage_files(command, rng)
    print(f"damaged: {ACCIDENTS}, {refused} refused", flush=True)


if __name__ == "__main__":
    main()
