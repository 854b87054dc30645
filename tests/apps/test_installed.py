#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The command of an installation, in a prefix that no path names."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BUILD = os.environ.get("AEIQA_BUILD_DIR", ROOT / "build")


@pytest.fixture(scope="module")
def aeiqa(tmp_path_factory):
    """Run the command, with nothing of this process's paths, from another folder."""
    folder = tmp_path_factory.mktemp("installed")
    prefix = folder / "a prefix"
    subprocess.run(["cmake", "--install", BUILD, "--prefix", prefix], check=True, stdout=subprocess.DEVNULL)

    def run(*arguments):
        environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "AEIQA_PYTHON": sys.executable}
        command = [prefix / "bin" / "aeiqa", *map(str, arguments)]
        return subprocess.run(
            command, env=environment, cwd=folder, capture_output=True, text=True, timeout=300
        )

    run.prefix, run.folder = prefix, folder
    return run


def test_help_lists_what_there_is(aeiqa):
    listed = [line.split()[0] for line in aeiqa("help").stdout.splitlines() if line.startswith("  ")]
    apps = {path.stem for path in (ROOT / "apps").glob("*.py")} - {"check"}
    assert set(listed) == apps | {"python", "companion", "help"}
    for name in apps:
        found = aeiqa(name, "--help")
        assert found.returncode == 0
        assert found.stdout.startswith(f"usage: aeiqa {name}")


def test_a_sweep_runs_with_the_installed_module_data_and_models(aeiqa):
    where = aeiqa(
        "python",
        "-c",
        "import gnuradio.aeiqa as a, gnuradio.aeiqa.files as f; print(a.__file__, f.data_dir())",
    )
    assert where.stdout.count(str(aeiqa.prefix)) == 2, where.stderr
    grid = ("--channels", "awgn", "--modulations", "qpsk", "--snr", "10")
    found = aeiqa("sweep", "--images", 20, *grid, "--out", "results", "--workers", 1)
    assert found.returncode == 0, found.stderr
    assert (aeiqa.folder / "results" / "table.csv").is_file()


@pytest.mark.parametrize("name", ["nothing", "../check", ""])
def test_no_such_command(aeiqa, name):
    found = aeiqa(name)
    assert found.returncode == 2
    assert found.stderr == f"aeiqa: no command '{name}' (aeiqa help lists them)\n"
