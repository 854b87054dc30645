#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The examples compile with grcc, run to their end, and print what the same link gives as one call."""

import ast
import os
import re
import shutil
import subprocess
import sys
import time

import numpy as np
import pytest
import yaml
from gnuradio import aeiqa

from gnuradio.aeiqa.experiments.sweep.results import load_paper
from gnuradio.aeiqa.images import load_dataset
from gnuradio.aeiqa.link import theory
from gnuradio.aeiqa.metrics import binomial_interval

# As the examples are set up, and the table's other channel.
CONFIGS = {
    "awgn": {"modulation": "qpsk", "snr_db": 7.0, "estimation": "none", "training_symbols": 0},
    "rayleigh": {"modulation": "bpsk", "snr_db": 10.0, "channel": "rayleigh", "estimation": "perfect"},
    "table2_point": {"preset": "table2", "modulation": "qam16", "snr_db": 10.0},
    "table2_rayleigh": {"preset": "table2", "modulation": "qam16", "snr_db": 10.0, "channel": "rayleigh"},
}
# Those with windows run in tests/gui.
WINDOWED = {"dashboard", "first_link"}
# In air frames, of which a Link makes none.
AIR = {"impairments", "gnuradio_channel"}
# Without an end.
LOOPED = {"link_adaptation"}
# With a neural network's scores.
SCORED = {"coded_link", "batch"}
# Those without hardware run in tests/radio.
RADIOS = ("soapy", "uhd", "pluto", "zmq", "sigmf")
RADIO = {f"{way}_{radio}" for way in ("transmit", "receive") for radio in RADIOS}
PRINTED = re.compile(r"BER (0\.\d{6}) \((\d+) of (\d+) bits\); .*?(0\.\d+)\n")


@pytest.fixture(scope="session")
def examples(root):
    return sorted((root / "examples").glob("*/*.grc"))


@pytest.fixture(scope="session")
def environment(root, tmp_path_factory):
    """Our blocks on the Companion's path, and a home where it may leave its cache."""
    return os.environ | {
        "HOME": str(tmp_path_factory.mktemp("home")),
        "GRC_BLOCKS_PATH": str(root / "grc"),
        "PYTHONWARNINGS": "error",
    }


@pytest.fixture(scope="session")
def programs(root, examples, environment, tmp_path_factory):
    """All examples compiled in one go, and one more of Table II's points; folder of programs."""
    folder = tmp_path_factory.mktemp("programs")
    point = (root / "examples" / "simulated" / "table2_point.grc").read_text()
    rayleigh = point.replace("value: '\"awgn\"'", "value: '\"rayleigh\"'").replace(
        "id: table2_point", "id: table2_rayleigh"
    )
    assert rayleigh.count("rayleigh\"'") == point.count("rayleigh\"'") + 1
    (folder / "table2_rayleigh.grc").write_text(rayleigh)
    grcc = shutil.which("grcc")
    assert grcc, "grcc comes with GNU Radio"
    files = [*examples, folder / "table2_rayleigh.grc"]
    run = subprocess.run(
        [sys.executable, grcc, "-o", folder, *files],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stderr == ""
    return folder


@pytest.fixture(scope="session")
def run(programs, environment):
    """Run a program with options, and return what it printed."""

    def run(name, *options):
        program = programs / f"{name}.py"
        done = subprocess.run(
            [sys.executable, program, *options], env=environment, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        return done.stdout

    return run


@pytest.fixture(scope="session")
def outputs(run):
    """Output of each program."""
    return {name: run(name) for name in [*CONFIGS, *AIR]}


def test_every_example_is_tested(examples):
    named = CONFIGS.keys() | WINDOWED | AIR | LOOPED | SCORED | RADIO
    assert {path.stem for path in examples} == named - {"table2_rayleigh"}


def test_the_guide_shows_every_example(root, examples):
    page = (root / "docs" / "examples.md").read_text()
    assert set(re.findall(r"\]\(figures/flowgraphs/(\w+)\.png\)", page)) == {path.stem for path in examples}
    folder = root / "docs" / "figures" / "flowgraphs"
    assert {path.stem for path in folder.glob("*.png")} == {path.stem for path in examples}
    for text in (page, (root / "docs" / "first-link.md").read_text()):
        for target in re.findall(r"\]\((figures/[^)]+)\)", text):
            assert (root / "docs" / target).exists(), target


def test_examples_are_named_and_explained(examples):
    for path in examples:
        data = yaml.safe_load(path.read_text())
        options = data["options"]["parameters"]
        assert options["id"] == path.stem
        assert options["title"]
        assert options["description"]
        assert options["generate_options"] == ("qt_gui" if path.stem in WINDOWED else "no_gui")
        notes = [block["parameters"] for block in data["blocks"] if block["id"] == "note"]
        assert [note["note"] for note in notes] == ["What to look at"]
        assert len(notes[0]["comment"]) > 100


def test_examples_set_no_parameter_that_is_gone(platform, examples):
    """The Companion would drop it silently."""
    for path in examples:
        for block in yaml.safe_load(path.read_text())["blocks"]:
            if block["id"].startswith("aeiqa_"):
                known = {parameter["id"] for parameter in platform.blocks[block["id"]].parameters_data}
                assert block["parameters"].keys() == known - {"id"}, (path.name, block["name"])


@pytest.mark.parametrize("name", CONFIGS)
def test_example_prints_what_the_link_gives(outputs, name):
    match = PRINTED.fullmatch(outputs[name])
    assert match, outputs[name]
    images = load_dataset("mnist").take(1000).images
    sent = aeiqa.transmit(images, aeiqa.LinkConfig(**CONFIGS[name]))
    assert int(match[2]) == sent.bit_errors.sum()
    assert int(match[3]) == sent.bits.sum() == 8 * images.size
    assert float(match[1]) == pytest.approx(sent.bit_errors.sum() / sent.bits.sum(), abs=5e-7)


def test_the_code_mends_the_images(run):
    pytest.importorskip("torch")
    line = r"(\w+): BER (0\.\d{6}) \((\d+) of (\d+) bits\), (?:theory|bound) (0\.\d{6}); "
    line += r"predicted error rate (\d+\.\d) %"
    uncoded, coded = (re.fullmatch(line, text) for text in run("coded_link").splitlines())
    assert (uncoded[1], coded[1]) == ("uncoded", "coded")
    images = load_dataset("mnist").take(300).images
    config = aeiqa.LinkConfig("qpsk", snr_db=4.0, estimation="none", training_symbols=0)
    sent = aeiqa.transmit(images, config)
    assert int(uncoded[3]) == sent.bit_errors.sum()
    assert int(uncoded[4]) == int(coded[4]) == 8 * images.size
    assert float(uncoded[5]) == pytest.approx(theory.awgn_ber("qpsk", "gray", 4.0), abs=5e-7)
    assert float(coded[5]) == pytest.approx(theory.convolutional_ber_bound(4.0), abs=2e-6)
    # tests/link/test_coded.py has the rate itself; here there are too few errors for it.
    assert 0 < float(coded[2]) < float(uncoded[2]) / 1000
    assert float(coded[6]) < 1 < float(uncoded[6])


def test_the_loop_chooses_modes_and_tells_which(programs, environment):
    pytest.importorskip("torch")
    command = [sys.executable, programs / "link_adaptation.py"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, env=environment, **pipes) as process:
        while process.stdout.read(1) != b":":  # it asks for Enter once it runs
            assert process.poll() is None
        time.sleep(8)
        output, errors = process.communicate(b"\n", timeout=60)
    assert process.returncode == 0, errors
    line = r"\s*(\d+) images sent, (\d+) reported, (\d+) lost; modes (.*); "
    line += r"true error rate (\S+) %, predicted (\S+) %\n"
    match = re.fullmatch(line, output.decode())
    assert match, output
    sent, reported, lost, modes, wrong, predicted = match.groups()
    assert 0 < int(reported) + int(lost) <= int(sent)
    assert sum(ast.literal_eval(modes).values()) == int(sent)
    assert 0 <= float(wrong) <= 100
    assert 0 <= float(predicted) <= 100


def test_a_batch_writes_what_the_link_and_the_score_give(run, tmp_path):
    pytest.importorskip("torch")
    file = tmp_path / "scores.csv"
    options = ("--modulation", "qam16", "--channel-model", "rayleigh", "--snr-db", "14", "--count", "120")
    printed = run("batch", *options, "--seed", "5", "--out", file)
    rows = np.genfromtxt(file, delimiter=",", names=True)
    data = load_dataset("mnist").take(120)
    config = aeiqa.LinkConfig("qam16", channel="rayleigh", snr_db=14.0, estimation="ls-dft", seed=5)
    sent = aeiqa.transmit(data.images, config)
    score = aeiqa.iqa.load_score("paper")(sent.images, data.images)
    prediction = aeiqa.iqa.load_target("paper").predict(sent.images)
    expected = {
        "index": np.arange(120),
        "label": data.labels,
        "prediction": prediction,
        "score": score.per_image,
        "ber": sent.bit_errors / sent.bits,
        "psnr_db": aeiqa.metrics.psnr(data.images, sent.images),
        "ssim": aeiqa.metrics.ssim(data.images, sent.images),
    }
    assert rows.dtype.names == tuple(expected)
    for name, values in expected.items():
        np.testing.assert_allclose(rows[name], values, rtol=1e-8, err_msg=name)
    ber, wrong = (sent.bit_errors / sent.bits).mean(), 100 * (prediction != data.labels).mean()
    assert printed == (
        f"Es/N0 14 dB: 120 images in {file}, 0 lost, mean BER {ber:.6f}, "
        f"predicted error rate {score.error_pct:.1f} %, true error rate {wrong:.1f} %\n"
    )


def test_impairments_are_repaired(outputs):
    line = r"(\d+) of 1000 images complete, (\d+) damaged, 0 missed; offset (0\.\d+) carriers "
    match = re.match(line + r"\(set 0\.64\), SNR ", outputs["impairments"])
    assert match, outputs["impairments"]
    assert int(match[1]) + int(match[2]) == 1000
    assert int(match[1]) >= 999  # at about 21 dB there are few errors, of noise alone
    assert float(match[3]) == pytest.approx(0.64, abs=0.02)


def test_frames_pass_gnuradios_own_channels(outputs):
    line = r"(\d+) of 200 images complete, \d+ damaged, \d+ with gaps, 0 missed; offset (0\.\d+) subcarriers "
    match = re.match(line + r"\(set 0\.30\), SNR ", outputs["gnuradio_channel"])
    assert match, outputs["gnuradio_channel"]
    assert int(match[1]) >= 198
    assert float(match[2]) == pytest.approx(0.3, abs=0.02)


def test_awgn_is_as_theory_says(outputs):
    match = PRINTED.fullmatch(outputs["awgn"])
    expected = theory.awgn_ber("qpsk", "gray", 7.0)
    assert float(match[4]) == pytest.approx(expected, abs=5e-7)
    low, high = binomial_interval(int(match[2]), int(match[3]), 0.9999)
    assert low < expected < high


def test_rayleigh_is_near_theory(outputs):
    match = PRINTED.fullmatch(outputs["rayleigh"])
    expected = theory.rayleigh_ber("bpsk", "gray", 10.0)
    assert float(match[4]) == pytest.approx(expected, abs=5e-7)
    # 1000 fades; an image's error rate spreads about as far as its mean: three standard deviations.
    assert float(match[1]) == pytest.approx(expected, rel=3 / 1000**0.5)


@pytest.mark.parametrize(
    ("name", "channel", "ratio"), [("table2_point", "awgn", 1.1), ("table2_rayleigh", "rayleigh", 1.8)]
)
def test_point_is_near_the_papers(outputs, name, channel, ratio):
    match = PRINTED.fullmatch(outputs[name])
    paper = load_paper()[channel, "qam16", 10.0]["ber"]
    assert float(match[4]) == pytest.approx(paper, abs=5e-5)
    assert 1 / ratio < float(match[1]) / paper < ratio


def test_snr_variable_reaches_the_running_channel(programs):
    for name, channel in (("awgn", "channel"), ("table2_point", "table2_channel")):
        assert (
            f"aeiqa.try_setting(self.{channel}.set_snr_db, self.snr_db)"
            in (programs / f"{name}.py").read_text()
        )
