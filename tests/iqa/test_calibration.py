#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The curve and the perceptron that turn measurements into predicted errors."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from gnuradio.aeiqa.iqa.scores.calibrators import Curve, Perceptron, isotonic

pairs = st.lists(
    st.tuples(st.integers(-50, 50), st.floats(0.0, 100.0)), min_size=1, max_size=12, unique_by=lambda p: p[0]
)


@settings(max_examples=60)
@given(pairs=pairs)
def test_the_curve_rises_and_is_the_isotonic_fit(pairs):
    x, y = np.array(pairs, float).T
    curve = Curve.fit(x, y)
    assert (np.diff(curve.x) > 0).all()
    assert (np.diff(curve.y) >= 0).all()
    # min-max formula of isotonic regression (Robertson, Wright and Dykstra 1988), at the data's order.
    order = np.argsort(x)
    y = y[order]
    fit = [
        max(min(y[i : j + 1].mean() for j in range(k, len(y))) for i in range(k + 1)) for k in range(len(y))
    ]
    for value in curve.y:
        assert np.isclose(value, fit, atol=1e-8).any()
    np.testing.assert_allclose(isotonic(y), fit, atol=1e-8)


def test_a_rising_curve_is_kept_and_ends_are_flat():
    curve = Curve.fit(np.array([3.0, 1.0, 2.0]), np.array([30.0, 10.0, 15.0]))
    assert curve(np.array([0.0, 1.0, 1.5, 3.0, 9.0])).tolist() == [10.0, 10.0, 12.5, 30.0, 30.0]
    again = Curve.from_arrays(curve.arrays())
    assert again(2.5) == curve(2.5)


def test_the_perceptron_learns_probabilities():
    """On a logistic model the prediction must come near the truth, and be calibrated."""
    rng = np.random.default_rng(1)
    inputs = rng.normal(size=(20_000, 4))
    truth = 1.0 / (1.0 + np.exp(-(2.0 * inputs[:, 0] - inputs[:, 1] - 1.0)))
    wrong = rng.random(len(truth)) < truth
    fitted = Perceptron.fit(inputs[:16_000], wrong[:16_000], seed=3)
    predicted = fitted(inputs[16_000:])
    assert np.abs(predicted - truth[16_000:]).mean() < 0.03
    deviation = np.sqrt((truth * (1 - truth)).mean() / 4000)
    assert abs(predicted.mean() - truth[16_000:].mean()) < 0.01 + 3 * deviation


def test_a_perceptron_survives_its_arrays_and_equal_seeds_are_equal():
    rng = np.random.default_rng(2)
    inputs, wrong = rng.normal(size=(600, 3)), rng.random(600) < 0.3
    one, two, other = (Perceptron.fit(inputs, wrong, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one(inputs), two(inputs))
    assert not np.array_equal(one(inputs), other(inputs))
    again = Perceptron.from_arrays(one.arrays())
    np.testing.assert_allclose(again(inputs), one(inputs), atol=2e-3)  # weights in half precision


def test_a_constant_input_does_no_harm():
    inputs = np.stack([np.ones(300), np.linspace(-1, 1, 300)], axis=1)
    assert np.isfinite(Perceptron.fit(inputs, inputs[:, 1] > 0, seed=1)(inputs)).all()
