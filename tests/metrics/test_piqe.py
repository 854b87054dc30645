#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""PIQE against a block-by-block implementation, closed forms, MNIST's known mean, and the pypiqe package."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from piqe_reference import has_flat_edge, is_noisy, reference_mscn, reference_piqe
from skimage import data

from gnuradio.aeiqa import metrics
from gnuradio.aeiqa.errors import InputError
from gnuradio.aeiqa.images import load_dataset


def checkerboard(rows, columns, amplitude=1):
    """Grey 128 with single pixels alternately above and below."""
    return (128 + amplitude * (-1) ** np.add.outer(np.arange(rows), np.arange(columns))).astype(np.uint8)


def scene(shape, seed):
    """Smooth ground, a flat part, an edge and some noise: blocks of every kind in one image."""
    rng = np.random.default_rng(seed)
    height, width = shape[:2]
    y, x = np.mgrid[:height, :width]
    image = 120 + 60 * np.sin(x / rng.uniform(2, 20)) + 40 * np.cos(y / rng.uniform(2, 20))
    image += (x > rng.uniform(0, width)) * rng.uniform(-60, 60)
    image += rng.normal(0, 1, (height, width)) * np.where(y > rng.uniform(0, height), rng.uniform(0, 30), 0)
    image[: height // 3, : width // 3] = 77
    if len(shape) == 3:
        image = image[..., None] * rng.uniform(0.5, 1, 3)
    return np.clip(np.round(image), 0, 255).astype(np.uint8)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(
    shape=st.tuples(st.integers(1, 70), st.integers(1, 70)),
    channels=st.sampled_from([(), (3,)]),
    seed=st.integers(0, 1 << 16),
)
def test_equals_the_definition_on_any_size(shape, channels, seed):
    image = scene(shape + channels, seed)
    assert metrics.piqe([image])[0] == pytest.approx(reference_piqe(image), abs=1e-9)


def test_the_scenes_hold_blocks_of_every_kind():
    kinds = set()
    for seed in range(10):
        mscn = reference_mscn(scene((64, 64), seed))
        blocks = mscn.reshape(4, 16, 4, 16).swapaxes(1, 2).reshape(-1, 16, 16)
        kinds |= {(has_flat_edge(b), is_noisy(b)) if b.var(ddof=1) > 0.1 else "inactive" for b in blocks}
    assert kinds == {"inactive", (False, False), (False, True), (True, False), (True, True)}


def test_equals_the_definition_on_noisy_digits_and_pictures():
    digits = load_dataset("mnist").take(60).images
    rng = np.random.default_rng(4)
    noisy = digits ^ np.packbits(rng.random((*digits.shape, 8)) < 0.02, axis=-1)[..., 0]
    images = [*digits, *noisy, data.camera(), data.coffee()]
    np.testing.assert_allclose(metrics.piqe(images), [reference_piqe(image) for image in images], atol=1e-9)


@pytest.mark.parametrize("value", [0, 20, 255])
@pytest.mark.parametrize("shape", [(1, 1), (16, 16), (28, 28), (50, 70, 3)])
def test_uniform_image_scores_100(value, shape):
    assert metrics.piqe([np.full(shape, value, np.uint8)]) == [100.0]


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (1, 2), (2, 3), (8, 8)])
def test_clean_active_blocks_score_100_over_one_more_than_their_number(rows, columns):
    # A checkerboard of one grey level: I - mu = 1, sigma = 1, so the values are +-1/2. Variance 1/4 is
    # active, no segment is flat, and sigma = 1/2 is below 2 beta = 2 (1 - 1/2): neither artefact nor noise.
    image = checkerboard(16 * rows, 16 * columns)
    assert metrics.piqe([image])[0] == pytest.approx(100 / (1 + rows * columns), rel=1e-12)


def test_inactive_blocks_do_not_count():
    image = np.full((64, 64), 128, np.uint8)
    image[16:48, 16:32] = checkerboard(32, 16)  # two clean active blocks of sixteen
    assert metrics.piqe([image])[0] == pytest.approx(100 / 3, rel=1e-12)


def test_noisy_blocks_add_their_variance():
    # The same of 100 grey levels: values of +-100/101 (to the kernel's ripple), sample variance 256/255 times
    # their square.
    score = metrics.piqe([checkerboard(64, 64, 100)])[0]
    assert score == pytest.approx(100 * (16 * (256 / 255) * (100 / 101) ** 2 + 1) / 17, rel=0.01)


def test_padding_repeats_the_border():
    image = scene((40, 55), 9)
    padded = np.pad(image, ((0, 8), (0, 9)), mode="edge")
    assert metrics.piqe([image]) == metrics.piqe([padded])


def test_grey_picture_in_three_channels_scores_alike():
    image = scene((48, 48), 2)
    assert metrics.piqe([image]) == metrics.piqe([np.stack([image] * 3, axis=-1)])


def test_mnist_test_set_has_the_papers_mean():
    # 92.76 for correctly classified images in the paper's error-free rows, where 99.3 % are.
    assert metrics.piqe(load_dataset("mnist").images).mean() == pytest.approx(92.76, abs=0.01)


@pytest.mark.parametrize("channels", [2, 4])
def test_other_channels_are_refused(channels):
    with pytest.raises(InputError, match=f"grey or RGB images, got {channels} channels"):
        metrics.piqe(np.zeros((1, 16, 16, channels), np.uint8))


@pytest.mark.parametrize("name", ["camera", "astronaut", "brick", "grass", "gravel", "moon"])
def test_equals_pypiqe(name):
    # Where both mean the same: no padding (512 = 32 blocks) and a maximum of 255, which pypiqe scales by.
    package = pytest.importorskip("pypiqe", reason="no pypiqe (pip install pypiqe)")
    image = getattr(data, name)()
    grey = image if image.ndim == 2 else image[..., 1]
    grey = np.round(grey * (255 / grey.max())).astype(np.uint8)
    assert grey.shape == (512, 512)
    assert metrics.piqe([grey])[0] == pytest.approx(package.piqe(grey)[0], abs=1e-3)
