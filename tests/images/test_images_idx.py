#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The IDX reader: round trips, and every way a file can be wrong."""

import gzip
import struct
import tracemalloc

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from gnuradio.aeiqa.errors import InputError
from gnuradio.aeiqa.images import load_dataset, load_idx

# The file of the last example is overwritten, so that one folder serves all of them.
PROPERTY = settings(
    derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def idx_bytes(array):
    """Write an array the way the format's description says."""
    return struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.tobytes()


def refusal(path):
    """Return the one line that a file is refused with."""
    with pytest.raises(InputError) as caught:
        load_idx(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    return message


@PROPERTY
@given(array=npst.arrays(np.uint8, npst.array_shapes(max_dims=4, min_side=0)), packed=st.booleans())
def test_round_trip(array, packed, tmp_path):
    path = tmp_path / "data"  # the name says nothing: gzip is told by the content
    path.write_bytes(gzip.compress(idx_bytes(array)) if packed else idx_bytes(array))
    loaded = load_idx(str(path))
    assert loaded.dtype == np.uint8
    assert loaded.flags.writeable
    np.testing.assert_array_equal(loaded, array, strict=True)


@PROPERTY
@given(array=npst.arrays(np.uint8, (3, 4, 5)), cut=st.integers(0, 75), packed=st.booleans())
def test_truncated_anywhere(array, cut, packed, tmp_path):
    content = idx_bytes(array)[:cut]
    path = tmp_path / "data"
    path.write_bytes(gzip.compress(content) if packed else content)
    message = refusal(path)
    assert "truncated" in message if cut >= 4 else "not an IDX file" in message


@PROPERTY
@given(data=st.data())
def test_damaged_gzip_is_refused_or_harmless(data, tmp_path):
    array = np.arange(600, dtype=np.uint16).astype(np.uint8).reshape(6, 10, 10)
    content = bytearray(gzip.compress(idx_bytes(array), mtime=0))
    position = data.draw(st.integers(2, len(content) - 1))
    content[position] ^= data.draw(st.integers(1, 255))
    path = tmp_path / "data"
    path.write_bytes(content)
    try:
        loaded = load_idx(path)  # some bits of gzip's own header mean nothing
    except InputError as error:
        assert str(error).startswith(f"{path}: ")
    else:
        np.testing.assert_array_equal(loaded, array)


@PROPERTY
@given(
    start=st.sampled_from([b"", b"\0\0\x08", b"\0\0\x08\x01", b"\0\0\x08\x03", b"\x1f\x8b\x08"]),
    content=st.binary(max_size=60),
)
def test_any_bytes_are_read_or_refused(start, content, tmp_path):
    path = tmp_path / "data"
    path.write_bytes(start + content)
    try:
        loaded = load_idx(path)
    except InputError as error:
        assert str(error).startswith(f"{path}: ")
        assert "\n" not in str(error)
    else:
        assert loaded.tobytes() == (start + content)[4 * (1 + loaded.ndim) :]


@pytest.mark.parametrize("keep", [3, 12, 40, -1])
def test_cut_gzip(keep, tmp_path):
    path = tmp_path / "data.gz"
    path.write_bytes(gzip.compress(idx_bytes(np.arange(100, dtype=np.uint8)))[:keep])
    assert "damaged gzip" in refusal(path)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_bytes_left_over(pack, tmp_path):
    path = tmp_path / "data"
    path.write_bytes(pack(idx_bytes(np.zeros((2, 3), np.uint8)) + b"x"))
    assert "bytes left over after the 2 x 3 that its header announces" in refusal(path)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "not an IDX file (it starts with nothing)"),
        (b"\x89PNG\r\n\x1a\n", "not an IDX file (it starts with 89 50 4e 47)"),
        (b"\0\0\x07\x01\0\0\0\0", "not an IDX file"),
        (struct.pack(">HBBIf", 0, 0x0D, 1, 1, 0.5), "holds float32 samples, only unsigned bytes are read"),
        (struct.pack(">HBB", 0, 8, 0), "has 0 dimensions, must be 1 to 4"),
        (struct.pack(">HBB5I", 0, 8, 5, 1, 1, 1, 1, 1), "has 5 dimensions, must be 1 to 4"),
        (struct.pack(">HBB3I", 0, 8, 3, *[2**32 - 1] * 3), "more than the 4294967296 allowed"),
    ],
)
def test_wrong_header(content, complaint, tmp_path):
    path = tmp_path / "data"
    path.write_bytes(content)
    assert complaint in refusal(path)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_header_alone_sets_no_memory_aside(pack, tmp_path):
    path = tmp_path / "data"
    path.write_bytes(pack(struct.pack(">HBB3I", 0, 8, 3, 1000, 1000, 1000) + b"few"))
    tracemalloc.start()
    try:
        assert "truncated: 3 bytes follow a header that announces 1000 x 1000 x 1000" in refusal(path)
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


def test_missing_file_and_folder(tmp_path):
    assert "No such file" in refusal(tmp_path / "none")
    assert "Is a directory" in refusal(tmp_path)


@pytest.mark.parametrize(
    ("images_name", "labels_name"),
    [
        ("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"),
        ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte.gz"),
        ("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte"),
        ("my.images.idx3", "my.labels.idx1"),
        ("my-images.idx3-ubyte", "my-labels.idx1-ubyte"),
    ],
)
def test_a_pair_is_found_by_its_name(images_name, labels_name, tmp_path):
    images, labels = np.arange(60, dtype=np.uint8).reshape(5, 3, 4), np.array([2, 0, 1, 2, 2], np.uint8)
    for name, array in ((images_name, images), (labels_name, labels)):
        content = idx_bytes(array)
        (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    dataset = load_dataset(tmp_path / images_name)
    np.testing.assert_array_equal(dataset.images, images, strict=True)
    np.testing.assert_array_equal(dataset.labels, labels.astype(np.int64), strict=True)
    assert dataset.class_names == ("0", "1", "2")
    assert dataset.background is None
    assert dataset.name == images_name


@pytest.mark.parametrize(
    ("images", "labels", "complaint"),
    [
        (np.ones((3, 4, 4)), None, "x-labels-idx1: labels file of x-images-idx3 is missing"),
        (np.ones((3, 4, 4)), np.ones(2), "x-labels-idx1: 2 labels for 3 images"),
        (
            np.ones((3, 4, 4)),
            np.ones((3, 1)),
            r"x-labels-idx1: labels must be integers \[N\], got uint8 \[3, 1\]",
        ),
        (
            np.ones((3, 4)),
            np.ones(3),
            r"x-images-idx3: images must be \[N,H,W\] or \[N,H,W,3\], got \[3, 4\]",
        ),
        (np.ones((3, 4, 4, 2)), np.ones(3), r"x-images-idx3: images must be"),
        (np.ones((0, 4, 4)), np.ones(0), "x-images-idx3: holds no images"),
        (np.ones((3, 0, 4)), np.ones(3), "x-images-idx3: holds no images"),
    ],
)
def test_a_pair_that_does_not_match(images, labels, complaint, tmp_path):
    (tmp_path / "x-images-idx3").write_bytes(idx_bytes(images.astype(np.uint8)))
    if labels is not None:
        (tmp_path / "x-labels-idx1").write_bytes(idx_bytes(labels.astype(np.uint8)))
    with pytest.raises(InputError, match=complaint):
        load_dataset(tmp_path / "x-images-idx3")


def test_a_file_whose_labels_cannot_be_named(tmp_path):
    (tmp_path / "digits").write_bytes(idx_bytes(np.ones((3, 4, 4), np.uint8)))
    with pytest.raises(InputError, match=r"digits: its labels file is found by \.\.\.images-idx3\.\.\."):
        load_dataset(tmp_path / "digits")
