#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""``aeiqa.sweep`` and ``aeiqa.evaluate``: what they return is what the commands write."""

import gc
import gzip
import io

import numpy as np
import pytest
from gnuradio import aeiqa

from gnuradio.aeiqa.errors import InputError
from gnuradio.aeiqa.experiments.sweep import Plan, SweepConfig, run_sweep
from gnuradio.aeiqa.images import Dataset, load_dataset
from gnuradio.aeiqa.iqa.classifiers.clean_errors import CleanError, CleanErrors
from gnuradio.aeiqa.metrics import binomial_interval
from gnuradio.aeiqa.study import SweepResult, tables

LINKS = {"channel": "awgn", "modulation": ["qpsk", "qam64"], "snr_db": [0, 10], "images": 30, "workers": 1}


@pytest.fixture(scope="module")
def without_torch(tmp_path_factory):
    return aeiqa.sweep(None, "mnist", folder=tmp_path_factory.mktemp("study") / "links", **LINKS)


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    pytest.importorskip("torch")
    return aeiqa.sweep("paper", "mnist", folder=tmp_path_factory.mktemp("study") / "paper", **LINKS)


def test_it_writes_the_same_bytes_as_the_experiment(without_torch, tmp_path):
    config = SweepConfig(
        channels=("awgn",), modulations=("qpsk", "qam64"), snr_db=(0.0, 10.0), images=30, target=None
    )
    run_sweep(Plan(config), tmp_path / "same", 1)
    for name in ("table.csv", "images.csv.gz"):
        assert (without_torch.folder / name).read_bytes() == (tmp_path / "same" / name).read_bytes()


def test_a_data_set_in_memory_is_the_one_by_name(without_torch):
    found = aeiqa.sweep(None, load_dataset("mnist"), **LINKS)
    for name in ("table.csv", "images.csv.gz"):
        assert (found.folder / name).read_bytes() == (without_torch.folder / name).read_bytes()


def test_images_of_ones_own_need_no_file():
    rng = np.random.default_rng(1)
    pixels = rng.integers(0, 256, (4, 16, 12, 3), np.uint8)
    found = aeiqa.sweep(
        None, Dataset("mine", pixels), channel="awgn", modulation="bpsk", snr_db=40, workers=1
    )
    assert repr(found) == "<SweepResult mine: 1 links, 4 images each>"
    assert np.asarray(found.table["bit_errors"]).tolist() == [0]
    assert np.asarray(found.table["bits"]).tolist() == [4 * 16 * 12 * 3 * 8]


def test_the_table_has_the_values_of_the_file(swept):
    text = (swept.folder / "table.csv").read_text()
    assert list(names_of(swept.table)) == text.splitlines()[0].split(",")
    assert np.asarray(swept.table["modulation"]).tolist() == ["qpsk", "qpsk", "qam64", "qam64"]
    for name in ("classifier_error_pct", "iqa_error_pct", "ber"):
        assert np.asarray(swept.table[name]).tolist() == [row[name] for row in swept.results.rows]
    assert np.asarray(swept.table["images"]).dtype == np.int64


def test_images_are_those_of_the_file(swept):
    text = gzip.decompress((swept.folder / "images.csv.gz").read_bytes()).decode()
    file = np.genfromtxt(io.StringIO(text), delimiter=",", names=True, dtype=None, encoding="utf-8")
    assert names_of(swept.images) == file.dtype.names
    assert len(swept.images) == len(file) == 4 * 30
    for name in file.dtype.names:
        found = np.asarray(swept.images[name])
        if found.dtype.kind == "f":
            np.testing.assert_allclose(found, file[name], rtol=1e-5)
        else:
            assert found.tolist() == file[name].tolist()


def test_errors_without_a_link_are_the_classifiers(swept):
    found = load_dataset("mnist").take(30)
    wrong = aeiqa.iqa.load_target("paper").predict(found.images) != found.labels
    assert swept.results.clean == CleanErrors("paper", CleanError(int(wrong.sum()), 30))
    assert swept.results.clean_error_pct == 100 * wrong.mean()


def test_error_intervals_count_images(swept):
    row = swept.results.rows[2]
    errors = round(row["classifier_error_pct"] * 0.3)
    assert swept.results.error_interval(row) == pytest.approx(
        [100 * end for end in binomial_interval(errors, 30)]
    )


def test_the_plot_shows_the_table(swept):
    (axis,) = swept.plot().axes
    drawn = [list(line.get_ydata()) for line in axis.get_lines()]
    for modulation in ("qpsk", "qam64"):
        rows = [row for row in swept.results.rows if row["modulation"] == modulation]
        for name in ("classifier_error_pct", "iqa_error_pct"):
            assert [row[name] for row in rows] in drawn
    assert axis.get_ylim()[0] == 0


def test_text_and_report(swept, tmp_path):
    clean = swept.results.clean_error_pct
    assert f"Without a link {clean:.1f} % of the images are misclassified" in str(swept)
    page = swept.report(tmp_path / "report")
    assert page.parent == tmp_path / "report"
    assert 'id="error"' in page.read_text(encoding="utf-8")
    assert (page.parent / "error.png").exists()


def test_a_temporary_folder_goes_with_its_result():
    found = aeiqa.sweep(None, "mnist", channel="awgn", modulation="bpsk", snr_db=10, images=5, workers=1)
    folder = found.folder
    assert (folder / "table.csv").exists()
    del found
    gc.collect()
    assert not folder.exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"modulations": "qpsk"}, "modulations is not a setting"),
        ({"snr_db": "ten"}, "snr_db"),
        ({"channel": "fog"}, "channels"),
        ({"images": 0}, "images"),
        ({"fft_len": 60, "preset": "physical"}, "fft_len"),
    ],
)
def test_wrong_settings_are_named(options, message):
    with pytest.raises(InputError, match=message) as raised:
        aeiqa.sweep(None, "mnist", **options)
    assert "\n" not in str(raised.value)


def test_a_table_is_a_data_frame_where_pandas_is():
    pandas = pytest.importorskip("pandas", reason="no pandas (Debian package python3-pandas)")
    rows = [{"name": "a", "count": 3, "share": None}, {"name": "b", "count": 4, "share": 0.5}]
    found = tables.as_table(rows, ("count",))
    assert isinstance(found, pandas.DataFrame)
    assert found["count"].tolist() == [3, 4]
    assert np.isnan(found["share"][0])


def test_an_evaluation_in_one_call():
    pytest.importorskip("torch")
    scores = ["psnr", "paper"]
    found = aeiqa.evaluate("paper", "mnist", scores=scores, images=20, links="physical", workers=1)
    assert repr(found) == "<EvaluationResult mnist: 32 links, 20 images each, targets paper, 2 scores>"
    assert {"psnr", "paper"} == set(np.asarray(found.table["score"]).tolist())
    assert len(found.table) == len(found.evaluation.rows) > 0
    assert not any("top5" in name for name in names_of(found.table))  # there are but ten classes
    assert found.plot().axes
    with pytest.raises(InputError, match="image is not a setting"):
        aeiqa.evaluate("paper", image=3)


def names_of(table):
    """The names of a table's columns, of a structured array or of a data frame."""
    return table.dtype.names if isinstance(table, np.ndarray) else tuple(table.columns)


def test_the_result_is_public():
    assert aeiqa.study.SweepResult is SweepResult


def bright_module():
    """A module, made in no importable module, that tells patches' classes by their channels' means."""
    torch = pytest.importorskip("torch")

    class Bright(torch.nn.Module):
        def forward(self, inputs):
            return 8.0 * inputs.mean(dim=(2, 3)).flip(1)

    return Bright()


def patches_of(count):
    """Noisy pictures whose class, blue, green or red, is the brightest channel."""
    rng = np.random.default_rng(3)
    labels = np.arange(count) % 3
    levels = rng.normal(110, 25, (count, 12, 16, 3))
    levels[np.arange(count), :, :, 2 - labels] += 60
    pixels = np.clip(levels, 0, 255).astype(np.uint8)
    return Dataset("patches", pixels, labels, ("blue", "green", "red"))


def test_a_live_module_with_its_preprocessing_is_swept_in_this_process():
    seen = []

    def prepare(picture):
        seen.append(picture.dtype)
        return (picture.astype(np.float32) / 255).transpose(2, 0, 1)

    links = {"channel": "awgn", "modulation": "qam16", "snr_db": [-5, 30], "preset": "physical"}
    found = aeiqa.sweep(bright_module(), patches_of(30), prepare=prepare, **links)
    assert repr(found) == "<SweepResult patches: 2 links, 30 images each, target Bright>"
    assert set(seen) == {np.dtype(np.uint8)}
    bad, good = np.asarray(found.table["classifier_error_pct"])
    assert good == 0 < bad
    assert found.results.clean == CleanErrors("Bright", CleanError(0, 30))
    as_file = aeiqa.iqa.UserClassifier.from_module(
        bright_module(), prepare, patches_of(3).class_names, "mine"
    )
    again = aeiqa.sweep(as_file, patches_of(30), **links)
    np.testing.assert_array_equal(
        np.asarray(again.table["classifier_error_pct"]), np.asarray(found.table["classifier_error_pct"])
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"workers": 2}, "workers: a live module stays in this process, got 2"),
        ({"prepare": 3}, "preprocessing must be callable, got a int"),
        ({"prepare": lambda picture: None}, "Bright: its preprocessing fails|Bright: cannot read"),
        ({"score": "blind"}, "score blind has not been fitted to Bright"),
    ],
)
def test_what_a_live_module_cannot_have_is_refused(options, message):
    with pytest.raises(InputError, match=message) as raised:
        aeiqa.sweep(bright_module(), patches_of(6), channel="awgn", snr_db=10, modulation="qpsk", **options)
    assert "\n" not in str(raised.value)


def test_preprocessing_without_a_module_is_refused():
    with pytest.raises(InputError, match="prepare: is for a live torch module, target is None"):
        aeiqa.sweep(None, patches_of(6), prepare=np.asarray)
    pytest.importorskip("torch")
    with pytest.raises(InputError, match=r"must be a torch.nn.Module, got a list"):
        aeiqa.sweep([1], patches_of(6))


SHADES = tuple(f"shade{number:02}" for number in range(24))


def shade_module(sharpness):
    """A module that tells a picture's shade, of 24, by how near its mean is to each of them."""
    torch = pytest.importorskip("torch")

    class Shade(torch.nn.Module):
        def forward(self, inputs):
            levels = torch.linspace(0.1, 0.9, len(SHADES))
            return -1000 * sharpness * (inputs.mean(dim=(1, 2, 3))[:, None] - levels) ** 2

    return Shade()


def shades_of(count, seed):
    """Noisy pictures of one grey each, whose class is how bright that is."""
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % len(SHADES)
    levels = 255 * np.linspace(0.1, 0.9, len(SHADES))[labels] + rng.normal(0, 3, count)
    pixels = rng.normal(levels[:, None, None, None], 20, (count, 10, 14, 3))
    return Dataset("shades", np.clip(pixels, 0, 255).astype(np.uint8), labels, SHADES)


def as_unit(picture):
    """The modules' preprocessing: channels first, from 0 to 1."""
    return (picture.astype(np.float32) / 255).transpose(2, 0, 1)


def classifier_of_shades(sharpness, name):
    return aeiqa.iqa.UserClassifier.from_module(shade_module(sharpness), as_unit, SHADES, name)


@pytest.fixture(scope="module")
def models_of_shades(tmp_path_factory):
    pytest.importorskip("torch")
    from gnuradio.aeiqa.iqa.scores.user_scores import train_user_scores

    folder = tmp_path_factory.mktemp("models")
    for sharpness, name in ((6.0, "Shade"), (1.0, "dull")):
        target = classifier_of_shades(sharpness, name)
        train_user_scores(target, shades_of(504, seed=5), folder, scores=("confidence",))
    return folder


def test_live_modules_are_evaluated_with_their_top_5_errors(models_of_shades):
    data = shades_of(48, seed=6)
    found = aeiqa.evaluate(
        [classifier_of_shades(6.0, "Shade"), classifier_of_shades(1.0, "dull")],
        data, scores=["confidence", "atc"], models=models_of_shades, links="physical",
    )  # fmt: skip
    assert found.evaluation.targets == ["Shade", "dull"]
    alone = aeiqa.evaluate(
        shade_module(6.0), data, prepare=as_unit, scores="atc", models=models_of_shades, links="physical"
    )
    links = {"channel": "awgn", "modulation": "qam16", "snr_db": [0, 15], "preset": "physical"}
    swept = aeiqa.sweep(shade_module(6.0), data, prepare=as_unit, **links)
    for row in swept.results.rows:
        for result in (found, alone):
            for other in result.evaluation.rows:
                if all(other[name] == row[name] for name in ("channel", "modulation", "snr_db")):
                    assert other["true_error_pct"] == pytest.approx(row["classifier_error_pct"], rel=1e-5)
                    top5 = row["classifier_top5_error_pct"]
                    assert other["true_top5_error_pct"] == pytest.approx(top5, rel=1e-5)
                    assert top5 < row["classifier_error_pct"]
    of_rows = [row["true_top5_error_pct"] for row in alone.evaluation.rows if row["variant"] == "fitted"]
    mean = np.mean(of_rows)
    summary = next(row for row in alone.evaluation.summary if row["variant"] == "fitted")
    assert summary["true_top5_error_pct"] == pytest.approx(mean, rel=1e-5)
    assert f"32 links, mean top-5 error {mean:.2f} %" in str(alone)
    assert f"{mean:.1f} % (Shade, physical)" in alone.report().read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("targets", "options", "message"),
    [
        (lambda: shade_module(6.0), {"workers": 2}, "workers: a live module stays in this process, got 2"),
        (lambda: [shade_module(1.0)] * 2, {"prepare": as_unit}, "prepare: is for one live torch module"),
        (lambda: "paper", {"prepare": as_unit}, "prepare: is for one live torch module, targets has 0"),
        (lambda: None, {"prepare": as_unit}, "prepare: is for a live torch module, targets is None"),
        (lambda: [None, "paper"], {}, "targets: None stands for all"),
        (lambda: [shade_module(1.0)] * 2, {}, "Shade is there twice"),
        (lambda: 3, {}, "must be a torch.nn.Module, got a int"),
    ],
)
def test_live_modules_that_cannot_be_evaluated_are_refused(targets, options, message, models_of_shades):
    options = {"models": models_of_shades, "prepare": None, **options}
    with pytest.raises(InputError, match=message) as raised:
        aeiqa.evaluate(targets(), shades_of(24, seed=6), links="physical", **options)
    assert "\n" not in str(raised.value)
