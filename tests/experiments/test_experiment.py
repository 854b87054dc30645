#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Experiments that are killed, that fill the disk, that run from anywhere: the same tables, or none."""

import errno
import os
import shutil
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from gnuradio.aeiqa.errors import InputError
from gnuradio.aeiqa.experiments.experiment import Experiment, run
from gnuradio.aeiqa.experiments.sweep import run_sweep

APPS = Path(__file__).parents[2] / "apps"
TABLES = ("table.csv", "images.csv.gz")

SQUARES = """
    import os, signal, sys
    from pathlib import Path
    from typing import NamedTuple
    from gnuradio.aeiqa.experiments.experiment import Experiment, run

    class Number(NamedTuple):
        value: int
        key = property(lambda self: f"number-{self.value}")

    class Squares(Experiment):
        kind = noun = "square"
        units = [Number(value) for value in range(5)]
        compute = staticmethod(lambda unit: {"square": unit.value**2})
        description = lambda self: {"configuration": {"format": 1}}
        def write_tables(self, store):
            rows = [{"square": store[unit]["square"]} for unit in self.units]
            store.write_csv("all.csv", ["square"], rows)

    def serial(compute, units):
        for unit in units:
            yield unit, compute(unit)
"""


def python(text, *args, **options):
    """Run a program that is typed in."""
    command = [sys.executable, "-c", textwrap.dedent(text), *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, **options)


def test_killed_at_every_write_it_ends_with_the_same_table(tmp_path):
    """Every fsync and rename is a moment to die at; what is there then is whole."""
    done = python(
        SQUARES
        + """
    def run_and_die(folder, moment):
        count = 0
        def dying(call):
            def wrapped(*args):
                nonlocal count
                count += 1
                if count == moment:
                    os.kill(os.getpid(), signal.SIGKILL)
                return call(*args)
            return wrapped
        os.fsync, os.replace = dying(os.fsync), dying(os.replace)
        run(Squares(), folder, engine=serial)

    whole = Path(sys.argv[1])
    moment = deaths = 0
    while True:
        moment += 1
        folder = whole / str(moment)
        child = os.fork()
        if child == 0:
            run_and_die(folder, moment)
            os._exit(0)
        if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0:
            break
        deaths += 1
        table = folder / "all.csv"
        assert not table.exists() or table.read_text() == "square\\n0\\n1\\n4\\n9\\n16\\n"
        run(Squares(), folder, engine=serial)
        assert (folder / "all.csv").read_text() == "square\\n0\\n1\\n4\\n9\\n16\\n"
        assert not list(folder.rglob("*.part"))
    print("deaths", deaths)
    """,
        tmp_path,
    )
    assert done.stderr == ""
    # run.json, five units, a table: each a file's fsync, a rename, a folder's fsync.
    assert done.stdout.splitlines()[-1] == "deaths 21"


def test_a_disk_that_is_full_at_any_write_is_named_and_costs_that_write_alone(
    small_plan, serial_engine, tmp_path, monkeypatch
):
    whole = run_sweep(small_plan(snr_db=(5.0,)), tmp_path / "whole", engine=serial_engine())
    usual, folder, refused = os.fsync, tmp_path / "full", 0

    def fills_up(handle):
        nonlocal left
        left -= 1
        if left == 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        usual(handle)

    monkeypatch.setattr(os, "fsync", fills_up)
    for left_before in range(3, 60, 2):
        left = left_before
        try:
            run_sweep(small_plan(), folder, engine=serial_engine())
        except OSError as error:
            assert str(error.filename).startswith(str(folder))
            refused += 1
        else:
            break
    assert refused >= 5
    for name in TABLES:
        assert (folder / name).read_bytes() == (whole / name).read_bytes()


@pytest.mark.parametrize("damage", ["swapped", "copied", "cut", "flipped", "another sweep's", "empty"])
def test_whatever_happens_to_unit_files_the_table_is_the_same(small_plan, serial_engine, tmp_path, damage):
    folder = run_sweep(small_plan(), tmp_path / "out", engine=serial_engine())
    before = {name: (folder / name).read_bytes() for name in TABLES}
    first, second, *_ = units = sorted(path for path in (folder / "units").iterdir() if "dB" in path.name)
    content = first.read_bytes(), second.read_bytes()
    if damage == "swapped":
        first.write_bytes(content[1])
    if damage in ("swapped", "copied"):
        second.write_bytes(content[0])
    elif damage == "cut":
        first.write_bytes(content[0][:-20])
    elif damage == "flipped":
        middle = len(content[0]) // 2
        first.write_bytes(content[0][:middle] + bytes([content[0][middle] ^ 1]) + content[0][middle + 1 :])
    elif damage == "empty":
        first.write_bytes(b"")
    else:
        other = run_sweep(small_plan(link={"seed": 7}), tmp_path / "other", engine=serial_engine())
        for path in units:
            shutil.copy(other / "units" / path.name, path)
    run_sweep(small_plan(), folder, engine=serial_engine())
    assert {name: (folder / name).read_bytes() for name in TABLES} == before


def test_a_unit_that_goes_while_it_runs_is_named(small_plan, serial_engine, tmp_path):
    plan = small_plan()

    def loses_one(compute, units):
        yield from serial_engine()(compute, units[1:])

    with pytest.raises(
        InputError, match=r"units/awgn-bpsk-5dB-.*\.npz is missing .*run the same sweep again"
    ):
        run_sweep(plan, tmp_path / "out", engine=loses_one)
    assert not (tmp_path / "out" / "table.csv").exists()


SWEEP = """
    from gnuradio.aeiqa.experiments.sweep import Plan, SweepConfig, run_sweep
    plan = Plan(SweepConfig(images=4, modulations=("bpsk",), snr_db=(5.0,), target=None))
    print(run_sweep(plan, {folder!r}, workers=2))
"""


@pytest.mark.parametrize("how", ["from a pipe", "without a guard"])
def test_it_runs_whatever_the_main_file_is(tmp_path, how):
    text = "from pathlib import Path\n" + textwrap.dedent(SWEEP.format(folder=str(tmp_path / "out"))).replace(
        "run_sweep(plan, ", "run_sweep(plan, Path() / "
    )
    (tmp_path / "script.py").write_text(text, encoding="utf-8")
    script, typed = (["-"], text) if how == "from a pipe" else ([tmp_path / "script.py"], None)
    command = [sys.executable, *script]
    done = subprocess.run(command, input=typed, capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "out" / "table.csv").exists()


def test_output_that_is_closed_goes_nowhere(tmp_path):
    command = (
        f"exec '{sys.executable}' '{APPS / 'sweep.py'}' --images 4 --modulations bpsk --snr 5 --target none"
    )
    command += f" --no-report --workers 1 --out '{tmp_path / 'out'}' >&- 2>'{tmp_path / 'errors'}'"
    assert subprocess.run(["sh", "-c", command], timeout=300).returncode == 0
    assert (tmp_path / "errors").read_text(encoding="utf-8") == ""
    assert (tmp_path / "out" / "run.json").read_bytes().startswith(b"{")


def test_sigterm_ends_workers_in_order(tmp_path):
    options = ["--images", "10000", "--modulations", "qam64", "--target", "none", "--workers", "1"]
    command = [sys.executable, str(APPS / "sweep.py"), *options, "--out", str(tmp_path / "out")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while process.poll() is None and not list((tmp_path / "out").glob("units/*.npz")):
        signal.sigtimedwait([signal.SIGCHLD], 0.05)
    process.terminate()
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 128 + signal.SIGTERM
    assert "leaked" not in errors
    assert "Traceback" not in errors


def test_an_experiment_needs_no_more_than_its_four_parts(tmp_path):
    class Nothing(Experiment):
        kind = "nothing"
        units = ()
        default_folder = tmp_path / "results"

        def compute(self, unit):
            raise AssertionError

        def description(self):
            return {"configuration": {}}

        def write_tables(self, store):
            store.write_csv("table.csv", ["a"], [])

    assert run(Nothing(), engine=lambda compute, units: (pair for pair in ())) == tmp_path / "results"
    assert (tmp_path / "results" / "table.csv").read_text(encoding="utf-8") == "a\n"
