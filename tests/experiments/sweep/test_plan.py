#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Checks of a sweep before anything of it is computed."""

import json

import numpy as np
import pytest

from gnuradio.aeiqa.errors import InputError
from gnuradio.aeiqa.experiments.sweep import Plan, SweepConfig
from gnuradio.aeiqa.experiments.sweep.unit import burst_size, slices
from gnuradio.aeiqa.files import data_dir


def npz(folder, images, labels=None):
    path = folder / "set.npz"
    np.savez(path, images=images, **({} if labels is None else {"labels": labels}))
    return str(path)


@pytest.fixture(scope="module")
def table2():
    """The default sweep."""
    return Plan(SweepConfig(target=None))


def test_the_default_is_table_2(table2, paper_folder):
    rows = (paper_folder / "table2.csv").read_text(encoding="utf-8").splitlines()[1:]
    expected = [(c, m, float(s)) for c, m, s in (row.split(",")[:3] for row in rows)]
    assert [tuple(condition) for condition in table2.conditions] == expected
    assert len(table2.dataset) == 10_000
    assert table2.dataset.background == 20
    assert {link.preset for link in table2.links.values()} == {"table2"}


def test_units_cover_every_image_of_every_condition_once():
    plan = Plan(SweepConfig(preset="physical", target=None))
    for condition in plan.conditions:
        spans = [unit[1:] for unit in plan.units if unit.condition == condition]
        assert [index for span in spans for index in range(*span)] == list(range(10_000))
    assert len({unit.key for unit in plan.units}) == len(plan.units) == 160


def test_a_unit_of_the_papers_table_is_one_burst(table2):
    assert [unit[1:] for unit in table2.units] == [(0, 10_000)] * 32


@pytest.mark.parametrize(("per_burst", "expected"), [(1, 2000), (7, 1995), (1500, 1500), (5000, 5000)])
def test_units_hold_whole_bursts(table2, per_burst, expected):
    spans = slices(table2.dataset, per_burst)
    assert spans[0] == (0, expected)
    assert [start for start, _ in spans[1:]] == [stop for _, stop in spans[:-1]]
    assert spans[-1][1] == 10_000


def test_bursts_of_all_are_as_many_as_memory_asks_for(tmp_path):
    """60 images of 1 MiB: of 8 MiB at most, and alike in size."""
    plan = Plan(SweepConfig(dataset=npz(tmp_path, np.zeros((60, 1024, 1024), np.uint8)), target=None))
    assert burst_size(plan.dataset) == 8
    assert slices(plan.dataset, 0) == [(k, min(k + 8, 60)) for k in range(0, 60, 8)]


def test_draws_follow_each_other(small_plan):
    plan = small_plan(draws=3)
    spans = [unit[1:] for unit in plan.units if unit.condition == plan.conditions[0]]
    assert spans == [(k, k + 4) for k in range(0, 36, 4)]
    with pytest.raises(InputError, match="draws: 3 repeat all images, until and min_bit_errors some"):
        small_plan(draws=3, min_bit_errors=5)


def test_units_of_large_pictures_are_small(tmp_path):
    plan = Plan(SweepConfig(dataset=npz(tmp_path, np.zeros((20, 1024, 1024), np.uint8)), target=None))
    assert slices(plan.dataset)[:2] == [(0, 4), (4, 8)]


def test_description_is_json_and_says_what_matters(table2):
    run = json.loads(json.dumps(table2.description()))
    assert run["configuration"]["dataset_digest"] == table2.dataset.digest
    assert run["configuration"]["link"]["rayleigh"]["labels"] == "natural"
    assert "snr_db" not in run["configuration"]["link"]["awgn"]
    assert run["snr_definition"]
    assert run["versions"]["numpy"] == np.__version__


def test_every_configuration_has_a_folder_of_its_own(small_plan):
    pytest.importorskip("torch")
    changes = [{}, {"images": 13}, {"link": {"seed": 2}}, {"preset": "physical"}, {"background": None}]
    folders = [small_plan(**change).default_folder for change in changes]
    assert len(set(folders)) == len(changes)
    assert small_plan().default_folder == folders[0]
    assert Plan(SweepConfig()).default_folder.parts == ("results", "table2")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"channels": ("awgn", "sound")}, "sound"),
        ({"modulations": ("bpsk", "qam32")}, "qam32"),
        ({"preset": "table3"}, "table3"),
        ({"channels": ()}, "at least one"),
        ({"link": {"labels": "grey"}}, "grey"),
        ({"link": {"fft_len": 63}}, "63"),
        ({"link": {"cp_len": 4096}}, "4096"),
        ({"images": 0}, "images"),
        ({"images": 10_001}, "10001"),
        ({"dataset": "no-such-set"}, "no-such-set"),
        ({"background": 256}, "256"),
        ({"target": "oracle"}, "oracle"),
    ],
)
def test_wrong_values_are_named(small_plan, changes, words):
    with pytest.raises(InputError, match=words) as refusal:
        small_plan(**changes)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("images", "labels", "target", "words"),
    [
        (np.zeros((3, 28, 28), np.uint8), None, "paper", "no labels.*--target none"),
        (np.zeros((3, 32, 32), np.uint8), np.arange(3), "paper", "32x32"),
        (np.zeros((3, 28, 28), np.uint8), np.array([1, 2, 11]), "paper", "label 11"),
    ],
)
def test_data_that_cannot_be_measured(tmp_path, images, labels, target, words):
    if target is not None and labels is not None:
        pytest.importorskip("torch")
    models = data_dir() / "models"
    with pytest.raises(InputError, match=words):
        Plan(SweepConfig(dataset=npz(tmp_path, images, labels), target=target, models=models))


def test_images_below_the_uniform_window_are_refused(tmp_path):
    small = {"dataset": npz(tmp_path, np.zeros((3, 4, 28), np.uint8), None), "target": None}
    with pytest.raises(InputError, match="4x28 pixels, ssim_window uniform takes at least 5x5"):
        Plan(SweepConfig(**small, ssim_window="uniform"))
    assert len(Plan(SweepConfig(**small)).dataset) == 3


def test_each_data_set_is_read_by_models_of_its_own(tmp_path):
    """Never by MNIST's, which would read pictures of the same shape and make nothing of them."""
    pytest.importorskip("torch")
    assert SweepConfig().models_folder == data_dir() / "models"
    for name in ("fashion-mnist", "colour"):
        assert SweepConfig(dataset=name).models_folder == data_dir() / "models" / name
    own = npz(tmp_path, np.zeros((3, 28, 28), np.uint8), np.arange(3))
    with pytest.raises(InputError, match=r"has no models of its own.*aeiqa train --dataset.*--target none"):
        Plan(SweepConfig(dataset=own))
    plan = Plan(SweepConfig(dataset=own, models=data_dir() / "models"))
    assert plan.models_text == f"Models: {data_dir() / 'models'}."
    assert Plan(SweepConfig(dataset=own, target=None)).models_text == ""


def test_unlabelled_colour_pictures_go_without_a_target(tmp_path):
    plan = Plan(SweepConfig(dataset=npz(tmp_path, np.zeros((3, 8, 9, 3), np.uint8)), target=None))
    assert plan.description()["labelled"] is False
