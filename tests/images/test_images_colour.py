#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The colour set: what it holds, that its parts share no pixel, what is said when a picture is missing."""

import shutil

import numpy as np
import pytest

from gnuradio.aeiqa.errors import InputError
from gnuradio.aeiqa.images import colour, load_dataset

# Of every pixel and label; the same whatever versions of scikit-image and of the JPEG decoder there are.
DIGESTS = {
    "test": "28a5e6fe25a8157d5e12110ca6392d75e975776280419687f6fd9912bc8e680e",
    "train": "7cb32a7a5094ffc1be7cd14965d50eeabff4a5513bf372c98ceef051490963cc",
}


@pytest.mark.parametrize(("split", "of_each"), [("test", 250), ("train", 2500)])
def test_patches_of_eight_pictures(split, of_each):
    dataset = load_dataset("colour", split)
    assert (dataset.name, dataset.background) == ("colour", None)
    assert dataset.images.shape == (8 * of_each, 32, 32, 3)
    assert dataset.images.dtype == np.uint8
    assert dataset.labels.dtype == np.int64
    assert np.bincount(dataset.labels).tolist() == [of_each] * 8
    assert dataset.class_names == (
        "astronaut", "chelsea", "coffee", "hubble", "ihc", "motorcycle", "retina", "rocket",
    )  # fmt: skip
    # A patch without structure belongs to no picture.
    assert dataset.images.mean(axis=3).std(axis=(1, 2)).min() >= 8.0
    assert dataset.digest == DIGESTS[split]


def test_parts_share_no_pixel(monkeypatch):
    """Pictures whose pixels count themselves: each is in the test, the held-out or the trained images."""
    number = np.arange(500 * 600).reshape(500, 600)
    picture = np.stack([number >> 16, number >> 8 & 255, number & 255], axis=2).astype(np.uint8)
    monkeypatch.setattr(colour, "_picture", lambda path, digest: picture)
    seen = {}
    for split in ("test", "train"):
        images = load_dataset("colour", split).images[: 2500 if split == "train" else 250].astype(np.int64)
        seen[split] = (images << [16, 8, 0]).sum(axis=3)
    index = np.arange(2500) % 10
    pixels = seen["test"], seen["train"][index < 9], seen["train"][index == 9]
    parts = [set(part.ravel()) for part in pixels]
    assert all(len(part) > 10_000 for part in parts)
    assert sum(map(len, parts)) == len(set.union(*parts))
    # Patches are cut out as they are, upright.
    steps = np.diff(seen["test"], axis=1), np.diff(seen["test"], axis=2)
    assert (steps[0] == 600).all()
    assert (steps[1] == 1).all()


def test_a_picture_that_is_missing_or_another_is_named(monkeypatch, tmp_path):
    for name in colour.PICTURES:
        shutil.copy(colour._folder() / name, tmp_path)
    monkeypatch.setattr(colour, "_folder", lambda: tmp_path)
    picture = tmp_path / "coffee.png"
    picture.write_bytes(picture.read_bytes() + b"more")
    with pytest.raises(InputError, match=r"coffee\.png: not the picture that comes with scikit-image"):
        load_dataset("colour")
    picture.unlink()
    with pytest.raises(InputError, match=r"colour: .*coffee\.png: No such file"):
        load_dataset("colour")


def test_without_scikit_image(monkeypatch):
    monkeypatch.setattr(colour, "find_spec", lambda name: None)
    with pytest.raises(InputError, match="install Debian's python3-skimage"):
        load_dataset("colour")
