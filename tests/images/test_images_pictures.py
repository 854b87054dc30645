#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Folders of pictures: classes, kinds of pixels, and what is refused."""

import io
import zlib

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from gnuradio.aeiqa.errors import InputError
from gnuradio.aeiqa.images import load_dataset, pictures


def save(path, pixels, mode=None, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = Image.fromarray(pixels)
    (picture.convert(mode) if mode else picture).save(path, **options)


def noise(*shape, seed=1):
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


def refusal(folder):
    with pytest.raises(InputError) as caught:
        load_dataset(folder)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_classes_and_files_come_in_the_order_of_their_names(tmp_path):
    for number, name in enumerate(["dog/b.png", "cat/z.PNG", "cat/a.png", "dog/a.png", "Ant/x.png"]):
        save(tmp_path / name, np.full((4, 5), number, np.uint8), format="PNG")
    (tmp_path / "cat" / "notes.txt").write_text("no picture")
    (tmp_path / "README").write_text("no picture")
    (tmp_path / ".thumbnails").mkdir()
    dataset = load_dataset(tmp_path)
    assert dataset.class_names == ("Ant", "cat", "dog")
    np.testing.assert_array_equal(dataset.labels, np.array([0, 1, 1, 2, 2]), strict=True)
    assert isinstance(dataset.images, np.ndarray)
    assert dataset.images.shape == (5, 4, 5)
    assert dataset.images[:, 0, 0].tolist() == [4, 2, 1, 3, 0]
    assert (dataset.name, dataset.background) == (tmp_path.name, None)


def test_a_flat_folder_has_no_labels(tmp_path):
    save(tmp_path / "b.png", noise(6, 7))
    save(tmp_path / "a.png", noise(6, 7, 3))
    dataset = load_dataset(str(tmp_path))
    assert dataset.labels is None
    assert dataset.class_names == ()
    assert [image.shape for image in dataset.images] == [(6, 7, 3), (6, 7)]  # a list: the shapes differ


@pytest.mark.parametrize(
    ("mode", "shape"),
    [("L", (9, 8)), ("LA", (9, 8)), ("1", (9, 8)), ("RGB", (9, 8, 3)), ("RGBA", (9, 8, 3)), ("P", (9, 8, 3))],
)
def test_kinds_of_png(mode, shape, tmp_path):
    pixels = noise(9, 8, 3)
    save(tmp_path / "a.png", pixels, mode)
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.mode == mode
        expected = np.asarray(picture.convert("RGB"))
    image = load_dataset(tmp_path).images[0]
    assert image.shape == shape
    assert image.dtype == np.uint8
    np.testing.assert_array_equal(image, expected if image.ndim == 3 else expected[..., 0])


def test_transparency_is_dropped_not_blended(tmp_path):
    colours = noise(5, 5, 3)
    save(tmp_path / "colour.png", np.dstack([colours, np.zeros((5, 5), np.uint8)]))
    palette = Image.fromarray(np.arange(25, dtype=np.uint8).reshape(5, 5), "L").convert("P")
    palette.save(tmp_path / "palette.png", transparency=bytes(range(25)))
    images = load_dataset(tmp_path).images
    np.testing.assert_array_equal(images[0], colours)
    np.testing.assert_array_equal(images[1][..., 0], np.arange(25).reshape(5, 5))


def test_jpeg_grey_colour_and_cmyk(tmp_path):
    ramp = np.add.outer(np.arange(32), np.arange(48)).astype(np.uint8)
    save(tmp_path / "a.jpg", ramp, quality=95)
    save(tmp_path / "b.jpeg", np.dstack([ramp] * 3), quality=95)
    save(tmp_path / "c.JPG", np.dstack([ramp] * 3), "CMYK", format="JPEG", quality=95)
    images = load_dataset(tmp_path).images
    assert [image.shape for image in images] == [(32, 48), (32, 48, 3), (32, 48, 3)]
    for image in images:
        assert np.abs(image.reshape(32, 48, -1) - ramp[..., None].astype(int)).max() <= 4


def test_empty_folders_are_named(tmp_path):
    assert refusal(tmp_path) == f"{tmp_path}: no PNG or JPEG file in this folder"
    save(tmp_path / "one" / "a.png", noise(4, 4))
    (tmp_path / "two").mkdir()
    assert refusal(tmp_path) == f"{tmp_path / 'two'}: no PNG or JPEG file in this class folder"


def test_pictures_beside_class_folders_are_refused(tmp_path):
    save(tmp_path / "one" / "a.png", noise(4, 4))
    save(tmp_path / "stray.png", noise(4, 4))
    assert refusal(tmp_path).startswith(
        f"{tmp_path / 'stray.png'}: pictures must all be in class sub-folders"
    )


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"\x89PNG\r\n\x1a\n", b"plain text\nof two lines"])
def test_unreadable_picture_is_named(content, tmp_path):
    save(tmp_path / "a.png", noise(4, 4))
    (tmp_path / "b.png").write_bytes(content)
    assert refusal(tmp_path).startswith(f"{tmp_path / 'b.png'}: unreadable picture (")


@settings(derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), kind=st.sampled_from(["PNG", "JPEG"]))
def test_damaged_pictures_are_read_or_refused(data, kind, tmp_path):
    buffer = io.BytesIO()
    Image.fromarray(noise(12, 12, 3)).save(buffer, kind)
    content = bytearray(buffer.getvalue())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "a.png"
    path.write_bytes(content[: data.draw(st.integers(1, len(content)))])
    try:
        images = load_dataset(tmp_path).images
    except InputError as error:
        assert str(error).startswith(f"{path}: ")
    else:
        assert images[0].dtype == np.uint8


def test_sixteen_bits_are_refused(tmp_path):
    save(tmp_path / "a.png", np.arange(20, dtype=np.uint16).reshape(4, 5) * 3000)
    assert refusal(tmp_path) == f"{tmp_path / 'a.png'}: more than 8 bits a sample; convert it to 8 bits first"


def test_sizes_are_bounded(tmp_path, monkeypatch):
    save(tmp_path / "a.png", noise(10, 20))
    save(tmp_path / "b.png", noise(10, 20))
    monkeypatch.setattr(pictures, "MAX_PICTURE_PIXELS", 199)
    assert refusal(tmp_path) == f"{tmp_path / 'a.png'}: 20 x 10 pixels, at most 199 are allowed"
    monkeypatch.setattr(pictures, "MAX_PICTURE_PIXELS", 200)
    assert len(load_dataset(tmp_path)) == 2
    monkeypatch.setattr(pictures, "MAX_BYTES", 399)
    assert refusal(tmp_path) == f"{tmp_path}: its pictures hold more than the 399 bytes allowed"


@pytest.mark.parametrize("side", [8_000, 11_000, 60_000])
def test_decompression_bomb_is_refused_by_its_header(side, tmp_path):
    # The three sizes lie below PIL's warning, between its warning and its error, and above its error.
    save(tmp_path / "a.png", np.zeros((1, 1), np.uint8))
    content = bytearray((tmp_path / "a.png").read_bytes())
    content[16:24] = side.to_bytes(4, "big") * 2
    content[29:33] = zlib.crc32(content[12:29]).to_bytes(4, "big")
    (tmp_path / "a.png").write_bytes(content)
    message = refusal(tmp_path)
    assert message.startswith(f"{tmp_path / 'a.png'}: ")
    assert f"{side} x {side} pixels" in message or "decompression bomb" in message
