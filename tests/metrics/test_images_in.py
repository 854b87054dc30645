#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Input of every metric: kinds of image sets, order, bounded memory, and wrong input."""

import tracemalloc

import numpy as np
import pytest

from gnuradio.aeiqa import metrics
from gnuradio.aeiqa.errors import InputError
from gnuradio.aeiqa.metrics import _batches

METRICS = {
    "ber": metrics.ber,
    "bit_errors": metrics.bit_errors,
    "psnr": metrics.psnr,
    "ssim": metrics.ssim,
    "piqe": lambda reference, received: metrics.piqe(received),
}
PAIRWISE = [name for name in METRICS if name != "piqe"]


def pair(shapes, seed=5):
    """Images of the given shapes, and the same with noise."""
    rng = np.random.default_rng(seed)
    sent = [rng.integers(0, 256, shape, np.uint8) for shape in shapes]
    return sent, [np.clip(a + rng.integers(-40, 41, a.shape), 0, 255).astype(np.uint8) for a in sent]


@pytest.mark.parametrize("name", METRICS)
@pytest.mark.parametrize("shape", [(28, 28), (28, 28, 3)])
def test_array_equals_list_whatever_the_stack(name, shape, monkeypatch):
    sent, received = pair([shape] * 11)
    from_list = METRICS[name](sent, received)
    for samples in (1, 3 * 28 * 28, 1 << 20):
        monkeypatch.setattr(_batches, "SAMPLES_PER_STACK", samples)
        from_array = METRICS[name](np.stack(sent), np.stack(received))
        np.testing.assert_allclose(from_array, from_list, rtol=1e-12)
    np.testing.assert_allclose(METRICS[name](np.stack(sent), received), from_list, rtol=1e-12)


@pytest.mark.parametrize("name", METRICS)
def test_memory_does_not_grow_with_the_number_of_images(name):
    def peak(n):
        sent, received = (np.stack(images) for images in pair([(28, 28)] * n))
        tracemalloc.start()
        try:
            METRICS[name](sent, received)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    # 64 bytes an image: the result and its index, against 6,272 for one float64 copy of the image.
    assert peak(1500) - peak(500) < 1000 * 64


@pytest.mark.parametrize("name", METRICS)
@pytest.mark.parametrize("empty", [np.empty((0, 28, 28), np.uint8), []])
def test_no_images_give_no_values(name, empty):
    assert METRICS[name](empty, empty).shape == (0,)


@pytest.mark.parametrize("name", METRICS)
@pytest.mark.parametrize(
    ("images", "complaint"),
    [
        (np.zeros((4, 8, 8)), "must be uint8, got float64"),
        (np.zeros((8, 8), np.uint8), r"got shape \(8, 8\)"),
        (np.zeros((4, 0, 8), np.uint8), "has no pixels"),
        (
            [np.zeros((8, 8), np.uint8), np.zeros((8, 8), np.int64)],
            "image 1: images must be uint8, got int64",
        ),
        ([np.zeros(8, np.uint8)], r"image 0 must be an array \[H,W\] or \[H,W,C\], got \(8,\)"),
        (["picture.png"], "image 0 must be an array"),
        ("picture.png", "must be an array or a list of arrays, got str"),
    ],
)
def test_what_is_not_a_set_of_images_is_refused(name, images, complaint):
    with pytest.raises(InputError, match=complaint):
        METRICS[name](images, images)


@pytest.mark.parametrize("name", PAIRWISE)
@pytest.mark.parametrize("kind", [list, np.stack])
def test_sets_that_do_not_match_are_refused(name, kind):
    sent, _ = pair([(8, 8)] * 3)
    with pytest.raises(InputError, match=r"received|sent") as caught:
        METRICS[name](kind(sent), kind(sent[:2]))
    assert "2 images" in str(caught.value)
    narrow, _ = pair([(8, 7)] * 3)
    with pytest.raises(InputError, match=r"image 0 is \(8, 7\), but in \w+ it is \(8, 8\)"):
        METRICS[name](kind(sent), kind(narrow))
