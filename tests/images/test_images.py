#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Data sets by name and from arrays, even subsets, digests, and the paper's background."""

import shutil

import numpy as np
import pytest
from hostile_files import SETTINGS, damaged, read_or_refused
from hypothesis import given, settings
from hypothesis import strategies as st

from gnuradio.aeiqa import files as paths
from gnuradio.aeiqa.errors import InputError
from gnuradio.aeiqa.images import Dataset, fill_background, load, load_dataset

FASHION_INSTALLED = load.FASHION_MNIST_DIR.is_dir()


@pytest.mark.parametrize(("split", "size"), [("test", 10_000), ("train", 60_000)])
@pytest.mark.parametrize(
    "name",
    [
        "mnist",
        pytest.param(
            "fashion-mnist",
            marks=pytest.mark.skipif(not FASHION_INSTALLED, reason="dataset-fashion-mnist is not installed"),
        ),
    ],
)
def test_named_sets(name, split, size):
    dataset = load_dataset(name, split)
    assert (dataset.name, len(dataset), dataset.background) == (name, size, 20)
    assert dataset.images.shape == (size, 28, 28)
    assert dataset.images.dtype == np.uint8
    assert dataset.labels.dtype == np.int64
    assert len(dataset.class_names) == 10
    assert np.unique(dataset.labels).tolist() == list(range(10))
    raw = load_dataset(name, split, background=None)
    assert raw.background is None
    np.testing.assert_array_equal(dataset.images, np.where(raw.images == 0, 20, raw.images))


def test_mnist_begins_with_its_known_digits():
    dataset = load_dataset("mnist")
    assert dataset.labels[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    assert dataset.class_names == tuple("0123456789")


@pytest.fixture
def mnist_copy(tmp_path, monkeypatch):
    shutil.copytree(paths.data_dir() / "mnist", tmp_path / "mnist")
    monkeypatch.setenv("AEIQA_DATA", str(tmp_path))
    return tmp_path / "mnist"


@pytest.mark.parametrize("name", ["t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"])
def test_a_changed_mnist_file_is_named(name, mnist_copy):
    path = mnist_copy / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(InputError, match=f"{name}: changed or damaged: its SHA-256 is not in SHA256SUMS"):
        load_dataset("mnist")
    assert len(load_dataset("mnist", "train")) == 60_000  # its files are as they were
    path.unlink()
    with pytest.raises(InputError, match=f"{name}: .*"):
        load_dataset("mnist")


def test_mnist_without_its_sums(mnist_copy):
    (mnist_copy / "SHA256SUMS").unlink()
    with pytest.raises(InputError, match="cannot be checked against SHA256SUMS"):
        load_dataset("mnist")


def test_fashion_mnist_not_installed(monkeypatch, tmp_path):
    monkeypatch.setattr(load, "FASHION_MNIST_DIR", tmp_path)
    with pytest.raises(InputError, match="install the Debian package dataset-fashion-mnist"):
        load_dataset("fashion-mnist")


@pytest.mark.parametrize("source", ["mnits", "/no/such/place"])
def test_unknown_source(source, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(
        InputError, match=f"must be mnist, fashion-mnist, colour, an existing file or folder, got '{source}'"
    ):
        load_dataset(source)


@pytest.mark.parametrize("split", ["validation", "", None])
def test_unknown_split(split):
    with pytest.raises(InputError, match="split: must be train or test, got"):
        load_dataset("mnist", split)


@pytest.mark.parametrize("background", [-1, 256, 20.0, "dark"])
def test_wrong_background(background):
    with pytest.raises(InputError, match="background: must be a whole number from 0 to 255, got"):
        load_dataset("mnist", background=background)
    with pytest.raises(InputError, match="background"):
        fill_background(np.zeros((1, 2, 2), np.uint8), background)


def test_background_fills_black_pixels_only():
    grey = np.array([[[0, 1], [255, 0]]], np.uint8)
    np.testing.assert_array_equal(fill_background(grey), [[[20, 1], [255, 20]]])
    assert grey[0, 0, 0] == 0  # the input is left alone
    colour = np.array([[[[0, 0, 0], [0, 9, 0]]]], np.uint8)
    expected = np.array([[[[7, 7, 7], [0, 9, 0]]]], np.uint8)
    np.testing.assert_array_equal(fill_background(colour, 7), expected, strict=True)
    mixed = fill_background([grey[0], colour[0]], 7)
    np.testing.assert_array_equal(mixed[0], [[7, 1], [255, 7]])
    np.testing.assert_array_equal(mixed[1], expected[0])
    with pytest.raises(InputError, match="images: must be uint8, got float64"):
        fill_background(np.zeros((1, 2, 2)))


@pytest.mark.parametrize("shape", [(6, 4, 5), (6, 4, 5, 3)])
@pytest.mark.parametrize("label_type", [np.uint8, np.int32, None])
def test_npz(shape, label_type, tmp_path):
    images = np.random.default_rng(1).integers(1, 256, shape, np.uint8)
    images[2, 1, 1] = 0
    labels = {} if label_type is None else {"labels": np.array([3, 0, 0, 1, 3, 2], label_type)}
    np.savez_compressed(tmp_path / "set.npz", images=images, **labels)
    dataset = load_dataset(tmp_path / "set.npz")
    np.testing.assert_array_equal(dataset.images, images, strict=True)
    assert dataset.name == "set.npz"
    if label_type is None:
        assert (dataset.labels, dataset.class_names) == (None, ())
    else:
        np.testing.assert_array_equal(dataset.labels, np.array([3, 0, 0, 1, 3, 2]), strict=True)
        assert dataset.class_names == ("0", "1", "2", "3")
    filled = load_dataset(tmp_path / "set.npz", background=20)
    assert filled.background == 20
    assert np.argwhere(filled.images != images)[:, :3].tolist() == [[2, 1, 1]] * (images[0, 0, 0].size)
    assert (filled.images[2, 1, 1] == 20).all()


def test_npz_of_one_channel_is_grey(tmp_path):
    np.savez(tmp_path / "set.npz", images=np.ones((3, 4, 5, 1), np.uint8))
    assert load_dataset(tmp_path / "set.npz").images.shape == (3, 4, 5)


IMAGES = np.ones((3, 4, 5), np.uint8)


@pytest.mark.parametrize(
    ("arrays", "complaint"),
    [
        ({}, r"no array is named images \(found: nothing\)"),
        ({"pictures": IMAGES}, r"no array is named images \(found: pictures\)"),
        ({"images": IMAGES.astype(float)}, "images must be uint8, got float64"),
        ({"images": IMAGES[0]}, r"images must be \[N,H,W\] or \[N,H,W,3\], got \[4, 5\]"),
        ({"images": IMAGES[:0]}, "holds no images"),
        ({"images": np.array([None, IMAGES], object)}, "not an .npz file of plain arrays"),
        ({"images": IMAGES, "labels": np.ones(2, int)}, "2 labels for 3 images"),
        ({"images": IMAGES, "labels": np.ones(3)}, r"labels must be integers \[N\], got float64 \[3\]"),
        ({"images": IMAGES, "labels": np.array([0, -1, 2])}, "labels must be 0 to 65535, got -1 to 2"),
        ({"images": IMAGES, "labels": np.array([0, 1, 10**12])}, "labels must be 0 to 65535, got 0 to 10000"),
    ],
)
def test_wrong_npz(arrays, complaint, tmp_path):
    np.savez(tmp_path / "set.npz", **arrays)
    with pytest.raises(InputError, match=complaint) as caught:
        load_dataset(tmp_path / "set.npz")
    assert str(caught.value).startswith(f"{tmp_path / 'set.npz'}: ")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not really", b"\x93NUMPY\x01\x00", b"text"])
def test_npz_that_is_no_archive(content, tmp_path):
    (tmp_path / "set.npz").write_bytes(content)
    with pytest.raises(InputError, match=r"set\.npz: not an .npz file of plain arrays"):
        load_dataset(tmp_path / "set.npz")


def test_npz_whose_header_lies(tmp_path):
    np.savez(tmp_path / "set.npz", images=IMAGES)
    content = (tmp_path / "set.npz").read_bytes().replace(b"(3, 4, 5)", b"(9999, 9)")
    (tmp_path / "set.npz").write_bytes(content)
    with pytest.raises(InputError, match=r"set\.npz: not an .npz file of plain arrays"):
        load_dataset(tmp_path / "set.npz")


def test_npz_that_was_damaged(tmp_path):
    path = tmp_path / "set.npz"
    np.savez(path, images=IMAGES, labels=np.arange(len(IMAGES)))

    @SETTINGS
    @given(damaged(path.read_bytes()) | st.binary(max_size=100))
    def check(content):
        path.write_bytes(content)
        found = read_or_refused(lambda: load_dataset(path), path)
        if found is not None:
            assert found.images.dtype == np.uint8
            assert found.labels is None or len(found.labels) == len(found.images)

    check()


def test_npz_too_large(tmp_path, monkeypatch):
    np.savez(tmp_path / "set.npz", images=IMAGES)
    monkeypatch.setattr(load, "MAX_BYTES", 100)
    with pytest.raises(InputError, match="bytes unpacked, at most 100 are allowed"):
        load_dataset(tmp_path / "set.npz")


def numbered(n, as_list=False):
    images = np.arange(n, dtype=np.uint16).view(np.uint8).reshape(n, 1, 2)
    return Dataset("numbered", list(images) if as_list else images, np.arange(n) % 7, tuple("abcdefg"))


@settings(derandomize=True, deadline=None)
@given(size=st.integers(1, 500), data=st.data(), as_list=st.booleans())
def test_take_is_spread_evenly(size, data, as_list):
    n = data.draw(st.integers(1, size))
    dataset = numbered(size, as_list)
    taken = dataset.take(n)
    assert len(taken) == len(taken.indices) == n
    assert taken.indices[0] == 0
    gaps = np.diff([*taken.indices, size])
    assert set(gaps) <= {size // n, -(-size // n)}
    for image, label, index in zip(taken.images, taken.labels, taken.indices, strict=True):
        np.testing.assert_array_equal(image, dataset.images[index])
        assert label == index % 7
    assert taken.class_names == dataset.class_names
    again = taken.take(data.draw(st.integers(1, n)))
    np.testing.assert_array_equal(np.array(again.images).view(np.uint16).ravel(), again.indices)


@pytest.mark.parametrize("n", [0, -1, 11, 2.0, "3", None])
def test_take_of_a_wrong_number(n):
    with pytest.raises(InputError, match=r"images: must be a whole number from 1 to 10 \(numbered\), got"):
        numbered(10).take(n)


def test_take_keeps_unlabelled_sets_so():
    assert Dataset("plain", np.ones((4, 2, 2), np.uint8)).take(2).labels is None


def test_digest_depends_on_pixels_shapes_and_labels():
    images = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    labels = np.array([0, 1])
    changed = images.copy()
    changed[1, 2, 3] ^= 1
    digests = [
        Dataset("a", images, labels).digest,
        Dataset("a", changed, labels).digest,
        Dataset("a", images.reshape(2, 4, 3), labels).digest,
        Dataset("a", images.reshape(1, 6, 4), labels).digest,
        Dataset("a", images, labels[::-1]).digest,
        Dataset("a", images).digest,
    ]
    assert len(set(digests)) == len(digests)
    assert Dataset("b", list(images), labels.astype(np.int32), ("x", "y")).digest == digests[0]
    assert len(digests[0]) == 64
