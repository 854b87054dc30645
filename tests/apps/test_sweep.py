#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""./aeiqa sweep as a user meets it: results, interruptions, mistakes."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gnuradio.aeiqa import cli
from gnuradio.aeiqa.experiments.csv_tables import read_rows

APP = Path(__file__).parents[2] / "apps" / "sweep.py"
SMALL = [
    "--images",
    "20",
    "--target",
    "none",
    "--modulations",
    "bpsk,qam16",
    "--snr",
    "0,20",
    "--workers",
    "2",
]
# Long enough to be interrupted after the first line, short enough to be finished afterwards.
LONGER = ["--images", "150", "--target", "none", "--workers", "2", "--no-report"]
RESULTS = ("table.csv", "images.csv.gz", "run.json")


def sweep(*args, **kwargs):
    return subprocess.run([sys.executable, APP, *args], capture_output=True, text=True, timeout=300, **kwargs)


def start(*args):
    """Start a sweep in its own process group, as a terminal does, and wait for its first finished link."""
    command = [sys.executable, "-u", APP, *args]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    while "BER" not in process.stdout.readline():
        assert process.poll() is None, process.stderr.read()
    return process


def results(folder):
    return {name: (folder / name).read_bytes() for name in RESULTS}


@pytest.fixture(scope="module")
def app_main():
    """The application's main function, in this process."""
    sys.path.insert(0, str(APP.parent))
    try:
        import sweep as module
    finally:
        sys.path.remove(str(APP.parent))
    return module.main


@pytest.fixture(scope="module")
def longer(tmp_path_factory):
    """The results of an uninterrupted sweep."""
    folder = tmp_path_factory.mktemp("longer") / "out"
    done = sweep(*LONGER, "--out", folder)
    assert done.returncode == 0, done.stderr
    return results(folder)


def test_results_and_figures(tmp_path):
    folder = tmp_path / "out"
    done = sweep(*SMALL, "--out", folder)
    assert (done.returncode, done.stderr) == (0, "")
    rows = read_rows(folder / "table.csv")
    assert [(row["channel"], row["modulation"], row["snr_db"]) for row in rows[:3]] == [
        ("awgn", "bpsk", 0), ("awgn", "bpsk", 20), ("awgn", "qam16", 0),
    ]  # fmt: skip
    assert len(rows) == 8
    assert rows[0]["ber"] > 0.05
    assert rows[1]["ber"] == 0
    lines = done.stdout.splitlines()
    for path in [*RESULTS, "report.html", "fig6_quality.png", "fig6_quality.svg", "ber.png", "ber.svg"]:
        assert str(folder / path) in lines
        assert (folder / path).stat().st_size > 0
    assert sum("BER" in line and "dB " in line for line in lines) >= 8
    assert "8 links, 20 images each" in lines[0]
    assert "noise power" in lines[0]


def test_a_campaign_file_gives_what_its_options_give(tmp_path):
    campaign = tmp_path / "campaign.yml"
    text = f"images: 500\ntarget: none\nmodulations: [bpsk, qam16]\nsnr: [0, 20]\nout: {tmp_path / 'one'}\n"
    campaign.write_text(text)
    done = sweep("--config", campaign, "--images", "20", "--no-report", "--workers", "2")
    assert (done.returncode, done.stderr) == (0, "")
    assert sweep(*SMALL, "--no-report", "--out", tmp_path / "two").returncode == 0
    assert results(tmp_path / "one") == results(tmp_path / "two")

    campaign.write_text(text.replace("500", "20").replace("bpsk", "qpsk") + "workers: 1\n")
    done = sweep("--config", campaign)
    assert done.returncode == cli.EXIT_USAGE
    assert "its modulations is bpsk,qam16, asked is qpsk,qam16; choose another folder" in done.stderr
    campaign.write_text("images: many\n")
    done = sweep("--config", campaign)
    expected = f"aeiqa sweep: {campaign}:1: images: must be a whole number, or all, got 'many'\n"
    assert (done.returncode, done.stdout, done.stderr) == (cli.EXIT_USAGE, "", expected)


def test_ctrl_c_is_one_line_and_the_rest_is_done_later(tmp_path, longer):
    folder = tmp_path / "out"
    process = start(*LONGER, "--out", folder)
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (cli.EXIT_INTERRUPTED, "aeiqa sweep: interrupted\n")
    assert not (folder / "table.csv").exists()
    again = sweep(*LONGER, "--out", folder)
    assert again.returncode == 0
    assert "units are there already" in again.stdout
    assert results(folder) == longer


def test_a_killed_sweep_leaves_no_processes_and_the_rest_is_done_later(tmp_path, longer):
    folder = tmp_path / "out"
    process = start(*LONGER, "--out", folder)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="ascii").split()
    assert len(children) >= 2
    process.kill()
    process.communicate(timeout=60)
    deadline = time.monotonic() + 60
    while any(running(child) for child in children):
        assert time.monotonic() < deadline, "workers outlived the sweep"
        time.sleep(0.05)
    assert sweep(*LONGER, "--out", folder).returncode == 0
    assert results(folder) == longer


def running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").split()[2] != "Z"
    except OSError:
        return False


def test_torch_is_not_needed_for_the_link(tmp_path):
    (tmp_path / "torch.py").write_text("raise ImportError('no torch here')\n", encoding="utf-8")
    path = f"{tmp_path}:{os.environ.get('PYTHONPATH', '')}"
    done = sweep(*SMALL, "--out", tmp_path / "out", env={**os.environ, "PYTHONPATH": path})
    assert (done.returncode, done.stderr) == (0, "")
    needing = [word for word in SMALL if word not in ("--target", "none")]
    done = sweep(*needing, "--out", tmp_path / "out1", env={**os.environ, "PYTHONPATH": path})
    assert done.returncode == 0
    assert done.stderr.startswith("aeiqa sweep: torch")
    assert done.stderr.endswith("; they are left out\n")
    assert done.stderr.count("\n") == 1
    assert results(tmp_path / "out1") == results(tmp_path / "out")
    needing += ["--target", "paper"]
    done = sweep(*needing, "--out", tmp_path / "out2", env={**os.environ, "PYTHONPATH": path})
    assert done.returncode == cli.EXIT_USAGE
    assert done.stderr.startswith("aeiqa sweep: torch")
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "out2").exists()


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--snr", "nan"], "--snr"),
        (["--snr", "0,inf"], "--snr"),
        (["--snr", ""], "--snr"),
        (["--snr", "5:0:1"], "--snr"),
        (["--snr", "--out"], "--snr"),
        (["--channels", ""], "--channels"),
        (["--channels", "awgn,cable"], "cable"),
        (["--modulations", "qam32"], "qam32"),
        (["--modulations", ","], "--modulations"),
        (["--preset", "table3"], "table3"),
        (["--labels", "grey"], "grey"),
        (["--images", "0"], "images"),
        (["--images", "-3"], "images"),
        (["--images", "many"], "--images"),
        (["--images", "10001"], "10001"),
        (["--dataset", "no-such-set"], "no-such-set"),
        (["--background", "grey"], "--background"),
        (["--background", "300"], "300"),
        (["--target", "oracle"], "oracle"),
        (["--workers", "0"], "workers"),
        (["--workers", "two"], "--workers"),
        (["--seed", "-1"], "seed"),
        (["--fft-len", "63"], "63"),
        (["--cp-len", "65"], "cp_len"),
        (["--taps", "4"], "table2"),
        (["--preset", "physical", "--fading", "fast"], "fast"),
        (["--preset", "physical", "--doppler", "nan"], "doppler"),
        (["--preset", "physical", "--equalizer", "magic"], "magic"),
        (["--preset", "physical", "--training-symbols", "0"], "training_symbols"),
        (["--colour", "red"], "--colour"),
        (["--out", "/proc/results"], "/proc/results"),
        (["--out", "/dev/null/results"], "/dev/null"),
    ],
)
def test_mistakes_are_one_line_and_nothing_is_done(tmp_path, monkeypatch, capsys, app_main, args, words):
    monkeypatch.chdir(tmp_path)
    base = [] if "--target" in args else ["--target", "none"]
    with pytest.raises(SystemExit) as leaving:
        cli.run("aeiqa sweep", lambda _: app_main([*base, *args]))
    assert leaving.value.code == cli.EXIT_USAGE
    errors = capsys.readouterr().err
    assert errors.startswith("aeiqa sweep: ")
    assert errors.count("\n") == 1
    assert words in errors
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_another_sweep_is_kept(tmp_path, capsys, app_main):
    folder = tmp_path / "out"
    assert sweep(*SMALL, "--out", folder).returncode == 0
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with pytest.raises(SystemExit) as leaving:
        cli.run("aeiqa sweep", lambda _: app_main([*SMALL, "--seed", "7", "--out", str(folder)]))
    assert leaving.value.code == cli.EXIT_USAGE
    errors = capsys.readouterr().err
    assert "link.awgn.seed is 1, asked is 7" in errors
    assert errors.count("\n") == 1
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_negative_snr_and_link_options_reach_the_link(tmp_path):
    folder = tmp_path / "out"
    options = ["--preset", "physical", "--snr", "-10:0:10", "--modulations", "qpsk", "--channels", "rayleigh"]
    options += [
        "--fft-len",
        "128",
        "--taps",
        "3",
        "--estimation",
        "perfect",
        "--seed",
        "9",
        "--labels",
        "natural",
    ]
    done = sweep(*options, "--images", "5", "--target", "none", "--workers", "1", "--out", folder)
    assert done.returncode == 0, done.stderr
    assert [row["snr_db"] for row in read_rows(folder / "table.csv")] == [-10, 0]
    link = json.loads((folder / "run.json").read_text(encoding="utf-8"))["configuration"]["link"]["rayleigh"]
    expected = {"fft_len": 128, "n_taps": 3, "estimation": "perfect", "seed": 9, "labels": "natural"}
    assert {name: link[name] for name in expected} == expected
