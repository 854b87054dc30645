#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The channel that ./aeiqa transmit puts in front of a socket or a recording."""

import json
import math
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from gnuradio import blocks, gr

from gnuradio.aeiqa.air import AirConfig
from gnuradio.aeiqa.files import read_json
from gnuradio.aeiqa.link.simulated_air import SimulatedAir

APPS = Path(__file__).parents[2] / "apps"
AMPLITUDE = 0.2


def aeiqa(app, *args):
    command = [sys.executable, str(APPS / f"{app}.py"), *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def sent(folder, *options, images=20):
    found = aeiqa("transmit", "--to", f"sigmf:{folder}/sent", "--images", images, *options)
    assert found.returncode == 0, found.stderr
    return np.fromfile(folder / "sent.sigmf-data", np.complex64)


def noise_power(snr_db):
    return AMPLITUDE**2 * 10 ** (-snr_db / 10)


@pytest.mark.parametrize("snr_db", [0.0, 12.0])
def test_noise_has_the_power_of_the_snr(snr_db, tmp_path):
    """In frames and in silence; by nothing else do the samples differ."""
    count = 100_000
    rng = np.random.default_rng(1)
    clean = AMPLITUDE * (rng.normal(size=count) + 1j * rng.normal(size=count)) / math.sqrt(2)
    clean[count // 2 :] = 0
    chain = SimulatedAir(snr_db=snr_db).blocks(AirConfig(), AMPLITUDE)
    graph, source, sink = gr.top_block(), blocks.vector_source_c(clean.tolist()), blocks.vector_sink_c()
    graph.connect(source, *chain, sink)
    graph.run()
    noise = np.array(sink.data()) - clean
    # Gaussian: the mean of n squares has a standard deviation of 1/sqrt(n).
    for part in np.split(noise, 2):
        power = np.mean(np.abs(part) ** 2)
        assert power == pytest.approx(noise_power(snr_db), rel=4.5 / math.sqrt(count / 2))
    tail = sent(tmp_path, "--snr", snr_db)[-1000:]
    assert np.mean(np.abs(tail) ** 2) == pytest.approx(noise_power(snr_db), rel=4.5 / math.sqrt(1000))


def test_fading_goes_on_from_image_to_image(tmp_path):
    """Es/N0 as the receiver finds it rises and falls, by what one fade of 8 taps allows."""
    sent(tmp_path, "--channel", "rayleigh", "--snr", 20, "--doppler", 0.002, images=200)
    log = tmp_path / "rx.jsonl"
    assert aeiqa("receive", "--from", f"sigmf:{tmp_path}/sent", "--log", log).returncode == 0
    rows = [row for row in map(json.loads, log.read_text().splitlines()) if "index" in row]
    assert len(rows) > 150
    snr = np.array([row["snr_db"] for row in rows])
    assert 15 < np.mean(snr) < 22
    assert np.std(snr) > 1
    assert np.mean(np.abs(np.diff(snr))) < np.std(snr)


def test_predicted_and_true_error_stand_side_by_side(tmp_path):
    sent(tmp_path, "--snr", 8, "--modulation", "qam16", images=400)
    arguments = ["--from", f"sigmf:{tmp_path}/sent", "--score", "blind"]
    last = aeiqa("receive", *arguments).stderr.splitlines()[-1]
    predicted, low, high, true = map(
        float,
        re.search(
            r"predicted error ([\d.]+) % \(([\d.]+) to ([\d.]+)\), true error ([\d.]+) %", last
        ).groups(),
    )
    assert low <= predicted <= high
    assert low <= true <= high
    assert (
        aeiqa("receive", *arguments, "--dataset", "mnist")
        .stderr.splitlines()[-1]
        .endswith(f"predicted error {predicted} % ({low} to {high}), true error {true} %")
    )


def test_a_frequency_offset_is_found(tmp_path):
    sent(tmp_path, "--frequency-offset", -0.3)
    log = tmp_path / "rx.jsonl"
    aeiqa("receive", "--from", f"sigmf:{tmp_path}/sent", "--log", log)
    rows = [row for row in map(json.loads, log.read_text().splitlines()) if "index" in row]
    assert len(rows) == 20
    assert {row["frames_damaged"] for row in rows} == {0}
    assert np.mean([row["cfo"] for row in rows]) == pytest.approx(-0.3, abs=1e-3)


def test_annotations_say_where_the_images_are(tmp_path):
    """The channel moves no sample."""
    sent(tmp_path, "--snr", 30, "--channel", "awgn")
    notes = read_json(tmp_path / "sent.sigmf-meta")["annotations"]
    log = tmp_path / "rx.jsonl"
    aeiqa("receive", "--from", f"sigmf:{tmp_path}/sent", "--log", log, "--record", tmp_path / "again")
    again = read_json(tmp_path / "again.sigmf-meta")["annotations"]
    starts = [[note["core:sample_start"] for note in found] for found in (notes, again)]
    assert len(starts[0]) == 20
    np.testing.assert_allclose(*starts, atol=16)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--to", "soapy:driver=null", "--snr", "3"], "--snr: a simulated channel goes with a socket or"),
        (["--snr", "three"], "--snr must be a number, got 'three'"),
        (["--snr", "-200"], "snr_db: must be from -100 to 300 dB, or inf for no noise, got -200.0"),
        (["--snr", "nan"], "snr_db: must be a number from -100 to 300 dB, or inf for no noise, got nan"),
        (["--snr", "3", "--doppler", "0.1"], "--doppler: goes with --channel rayleigh, got 0.1 with awgn"),
        (["--snr", "3", "--amplitude", "0"], "--amplitude: must be more than 0 with a simulated"),
        (["--frequency-offset", "40"], "frequency_offset: must be from -32 to 32 subcarriers, got 40.0"),
        (["--fft-len", "32", "--frequency-offset", "20"], "frequency_offset: must be from -16 to 16 subcar"),
    ],
)  # fmt: skip
def test_what_it_cannot_do_is_refused(options, message, tmp_path):
    found = aeiqa("transmit", "--to", f"sigmf:{tmp_path}/sent", "--images", 1, *options)
    assert found.returncode == 2
    assert message in found.stderr
    assert len(found.stderr.splitlines()) == 1
    assert not list(tmp_path.iterdir())
