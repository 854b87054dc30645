#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Error curves measured over the real link: each target's, from images that are sent once for all."""

import numpy as np
import pytest

from gnuradio.aeiqa import iqa
from gnuradio.aeiqa.adapt.measure_curves import Point, Work, calibrate
from gnuradio.aeiqa.experiments.adaptation.comparison import FRAMES
from gnuradio.aeiqa.images import load_dataset
from gnuradio.aeiqa.iqa.training.loop import split

TARGETS = ("paper", "lenet")


@pytest.fixture(scope="module")
def work():
    pytest.importorskip("torch")
    return Work(TARGETS, FRAMES)


def test_without_noise_it_is_the_error_on_clean_images(work):
    train = load_dataset("mnist", split="train")
    held_out = split(len(train))[1]
    for name, share in zip(TARGETS, work(Point("qpsk", 0, 36.0)), strict=True):
        wrong = iqa.load_target(name).predict(train.images[held_out]) != train.labels[held_out]
        # 400 of 6000: four standard deviations.
        assert abs(share - wrong.mean()) < 4 * (wrong.mean() * (1 - wrong.mean()) / 400) ** 0.5


def test_noise_costs_dense_modulations_more_and_each_target_differently(work):
    sparse, dense, lost = (
        work(Point(*point)) for point in (("qpsk", 0, 6.0), ("qam256", 0, 6.0), ("qpsk", 0, -9.0))
    )
    assert (sparse < 0.1).all()
    assert (dense > 2 * sparse).all()
    assert dense[0] != dense[1]
    assert (lost == 1.0).all()


def test_every_point_goes_to_its_curve_in_whatever_order_it_comes():
    levels = np.arange(-2.0, 9.0)

    def share(place, point):
        return {"qpsk": 0.5, "qam256": 0.9}[point.mode] / (1 + place) / (3 + point.snr_db)

    def backwards(work, points):
        return [(point, np.array([share(place, point) for place in range(2)])) for point in points[::-1]]

    curves = calibrate(Work(TARGETS, FRAMES), ("qpsk", "qam256"), backwards, levels)
    assert list(curves) == list(TARGETS)
    for place, (name, found) in enumerate(curves.items()):
        assert found.made["target"] == name
        for mode in ("qpsk", "qam256"):
            expected = [share(place, Point(mode, 0, level)) for level in levels]
            np.testing.assert_allclose(found.error(mode, levels), expected)


def test_equal_shares_draw_nothing_of_their_neighbours_to_them():
    measured = [0.9, 0.2, 0.02, 0.02, 0.01, 0.03]
    curves = calibrate(
        Work(("paper",), FRAMES),
        ("qpsk",),
        lambda work, points: [(point, np.array([measured[point.number]])) for point in points],
        np.arange(6.0),
    )
    np.testing.assert_allclose(curves["paper"].curves["qpsk"], [0.9, 0.2, 0.02, 0.02, 0.02, 0.02])
