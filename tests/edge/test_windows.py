#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Sliding windows and batches: what is in them, and when."""

from types import SimpleNamespace

import numpy as np

from gnuradio.aeiqa.edge.batches import Batcher
from gnuradio.aeiqa.edge.windows import SlidingScore
from gnuradio.aeiqa.iqa import Score


class Mean:
    """A score that pools to the mean of its parts."""

    def pooled(self, raw, error_pct, count):
        return error_pct, (max(0.0, error_pct - 100.0 / count), error_pct + 100.0 / count)


def part(values):
    values = np.array(values, float)
    return Score(values, 100 * values.mean(), (0.0, 100.0), 0.0, 100 * values.mean())


def test_the_window_holds_the_latest_parts_that_make_up_its_size():
    window = SlidingScore(Mean(), 5)
    assert window.prediction().fields() == {"images": 0, "error": None, "low": None, "high": None}
    window.add(part([1.0, 1.0]))
    window.add(part([0.0, 0.0, 0.0, 0.5]))
    assert window.prediction().images == 6
    np.testing.assert_allclose(window.prediction().error, 2.5 / 6)
    window.add(part([0.0]))
    assert window.prediction().images == 5  # without the first part
    np.testing.assert_allclose(window.prediction(), (5, 0.1, 0.0, 0.3))


def test_the_window_of_parts_in_any_sizes_is_the_mean_of_its_images():
    rng = np.random.default_rng(3)
    window, seen, sizes = SlidingScore(Mean(), 100), [], []
    for _ in range(200):
        values = rng.random(rng.integers(1, 40))
        window.add(part(values))
        seen, sizes = seen + values.tolist(), [*sizes, len(values)]
        found = window.prediction()
        np.testing.assert_allclose(found.error, np.mean(seen[-found.images :]))
        assert len(seen) < 100 or 100 <= found.images < 100 + max(sizes)


def test_a_batch_is_due_by_count_or_by_time():
    now = [0.0]
    batcher = Batcher(3, 1.0, lambda: now[0])
    images = [SimpleNamespace(index=index) for index in range(9)]

    def taken(**options):
        return [image.index for _, image in batcher.take(**options)]

    batcher.add(images[:2])
    assert taken() == []
    now[0] = 0.9
    batcher.add(images[2:7])
    assert taken() == [0, 1, 2]
    assert taken() == [3, 4, 5]
    assert taken() == []
    now[0] = 2.0
    assert taken() == [6]
    batcher.add(images[7:])
    assert taken() == []
    assert taken(flush=True) == [7, 8]
    assert taken(flush=True) == []
