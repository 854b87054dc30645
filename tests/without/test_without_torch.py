#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Without torch links, metrics, sweeps and reports work; what needs it says so in one line."""

import csv
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOT_INSTALLED = "torch is not installed: scores and classifiers need it (Debian package python3-torch)"

SMALL = ("--images", "20", "--modulations", "qpsk", "--channels", "awgn", "--snr", "10", "--workers", "1")

LINK = """
import numpy as np
from gnuradio import aeiqa
from gnuradio.aeiqa import iqa

images = aeiqa.images.load_dataset("mnist").images[:20]
result = aeiqa.transmit(images, aeiqa.LinkConfig(modulation="qpsk", snr_db=30.0))
assert result.bit_errors.sum() == 0
assert np.isinf(aeiqa.metrics.psnr(images, result.images)).all()
for call in (iqa.load_target, iqa.load_score, aeiqa.aeiqa_sink):
    try:
        call("paper", reference=images) if call is aeiqa.aeiqa_sink else call("paper")
    except aeiqa.InputError as error:
        print(error)
"""


@pytest.fixture
def no_torch(lacking):
    return lacking("torch")


def test_importing_the_package_leaves_torch_alone():
    imports = "import sys; from gnuradio import aeiqa; from gnuradio.aeiqa import iqa"
    code = f"{imports}; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_importing_the_package_loads_nothing_that_it_may_not_need():
    heavy = (
        *("torch", "PyQt5", "pyqtgraph", "SoapySDR", "matplotlib", "gnuradio.soapy", "gnuradio.uhd"),
        "scipy.stats",
    )
    code = f"import sys; import gnuradio.aeiqa; print(*(m for m in {heavy} if m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "\n"


def test_a_link_runs_and_networks_say_what_to_install(run, no_torch):
    done = run(no_torch, "-c", LINK)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == 3 * f"{NOT_INSTALLED}\n"


def test_a_sweep_leaves_scores_out_and_reports(run, no_torch, tmp_path):
    done = run(no_torch, "sweep", *SMALL, "--out", "results")
    assert (done.returncode, done.stderr) == (0, f"aeiqa sweep: {NOT_INSTALLED}; they are left out\n")
    with (tmp_path / "results" / "table.csv").open(newline="") as table:
        (row,) = csv.DictReader(table)
    assert 0 < float(row["ber"]) < 0.1
    assert float(row["psnr_finite_db"]) > 10
    assert 0 < float(row["ssim"]) < 1
    assert (tmp_path / "results" / "report.html").stat().st_size > 10_000
    again = run(no_torch, "report", "results")
    assert (again.returncode, again.stderr) == (0, "")
    assert "BER" in again.stdout


@pytest.mark.parametrize(
    "command",
    [
        ("sweep", *SMALL, "--target", "paper"),
        ("sweep", *SMALL, "--score", "blind"),
        ("train",),
        ("evaluate", "--images", "20"),
        ("receive", "--from", "sigmf:nothing", "--score", "blind"),
    ],
    ids=lambda command: " ".join(command[:: len(command) - 1] if len(command) > 1 else command),
)
def test_a_command_that_needs_it_says_so(run, no_torch, tmp_path, command):
    done = run(no_torch, *command)
    hint = "; or use --target none" if command[0] == "sweep" else ""
    assert (done.returncode, done.stderr) == (2, f"aeiqa {command[0]}: {NOT_INSTALLED}{hint}\n")
    assert {path.name for path in tmp_path.iterdir()} == {"sitecustomize"}


def test_images_go_over_the_air(run, no_torch):
    assert run(no_torch, "transmit", "--to", "sigmf:sent", "--images", "5").returncode == 0
    done = run(no_torch, "receive", "--from", "sigmf:sent", "--dataset", "mnist")
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith("received 5 images (5 perfect), missed 0")


def test_check_says_what_is_missing(run, no_torch):
    done = run(no_torch, "check")
    lines = dict(line.split(": ", 1) for line in done.stdout.splitlines())
    assert done.returncode == 1
    assert lines["missing  torch"] == "No module named 'torch'"
    assert lines["missing  models"] == NOT_INSTALLED
    assert "ok       MNIST" in lines


def test_the_launcher_runs_without_it_where_there_is_no_apt(no_torch):
    """With apt it would be installed."""
    no_apt = 'if [ "$2" = apt-get ]; then return 1; fi; builtin command "$@"'
    environment = no_torch | {"BASH_FUNC_command%%": f"() {{ {no_apt}\n}}"}
    code = "import importlib.util; print(importlib.util.find_spec('torch'))"
    done = subprocess.run(
        [ROOT / "aeiqa", "python", "-c", code], env=environment, capture_output=True, text=True, timeout=300
    )
    assert (done.returncode, done.stdout) == (0, "None\n"), done.stderr
