#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Folders of pictures: classes, kinds of pixels, and what is refused."""

import io
import os
import struct
import unicodedata
import zlib

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from gnuradio.aeiqa.errors import InputError
from gnuradio.aeiqa.images import load_dataset, pictures

# The files of the last example are overwritten, so that one folder serves all of them.
PROPERTY = settings(
    derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
NAMES = st.sampled_from(["a.png", "b.jpg", "b.png", "notes"])


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


@PROPERTY
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


def png_bytes(depth, colour_type, width=3, height=2):
    """Return a black PNG of any depth and kind, as its specification says; PIL does not write all of them."""
    samples = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour_type]
    rows = height * (b"\0" + bytes((width * samples * depth + 7) // 8))
    header = struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, 0)
    chunks = [(b"IHDR", header), *([(b"PLTE", bytes(3))] if colour_type == 3 else [])]
    chunks += [(b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    parts = [struct.pack(">I", len(d)) + t + d + struct.pack(">I", zlib.crc32(t + d)) for t, d in chunks]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


@pytest.mark.parametrize(
    ("colour_type", "depth"),
    [*((0, d) for d in (1, 2, 4, 8, 16)), *((3, d) for d in (1, 2, 4, 8))]
    + [(t, d) for t in (2, 4, 6) for d in (8, 16)],
)
def test_depth_is_that_of_the_file(colour_type, depth, tmp_path):
    (tmp_path / "a.png").write_bytes(png_bytes(depth, colour_type))
    if depth == 16:  # PIL would read grey and alpha, RGB and RGBA as of 8
        assert refusal(tmp_path).endswith("a.png: more than 8 bits a sample; convert it to 8 bits first")
    else:
        shape = (2, 3, 3) if colour_type in (2, 3, 6) else (2, 3)
        image = load_dataset(tmp_path).images[0]
        np.testing.assert_array_equal(image, np.zeros(shape, np.uint8), strict=True)


def test_orientation_tags_are_not_applied(tmp_path):
    pixels = noise(6, 9)
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    save(tmp_path / "a.png", pixels, exif=exif)
    np.testing.assert_array_equal(load_dataset(tmp_path).images[0], pixels)


def test_an_animation_is_refused(tmp_path):
    frames = [Image.fromarray(noise(5, 5, seed=n)) for n in range(3)]
    frames[0].save(tmp_path / "a.png", save_all=True, append_images=frames[1:])
    said = "an animation of 3 pictures; save the one that is meant"
    assert refusal(tmp_path) == f"{tmp_path / 'a.png'}: {said}"


@pytest.mark.parametrize("suffix", [".jfif", ".jpe", ".JPG"])
def test_other_names_of_jpeg(suffix, tmp_path):
    save(tmp_path / f"a{suffix}", np.full((8, 8), 77, np.uint8), format="JPEG")
    assert load_dataset(tmp_path).images.tolist() == [np.full((8, 8), 77).tolist()]


@pytest.mark.parametrize("place", ["", "cat"])
@pytest.mark.parametrize("name", ["b.webp", "b.bmp", "b.tif", "b.TIFF", "b.gif", "b.ppm", "b.pgm", "b.heic"])
def test_pictures_of_other_formats_are_refused_by_name(place, name, tmp_path):
    save(tmp_path / place / "a.png", noise(4, 4))
    other = tmp_path / place / name
    other.write_bytes(b"any")
    said = "only PNG and JPEG pictures are read; convert it to PNG, or remove it"
    assert refusal(tmp_path) == f"{other}: {said}"


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "TIFF", "WEBP"])
@pytest.mark.parametrize("name", ["b", "b.png~", "b.1"])
def test_pictures_under_other_names_are_refused_by_name(kind, name, tmp_path):
    save(tmp_path / "cat" / "a.png", noise(4, 4))
    save(tmp_path / "cat" / name, noise(8, 8, 3), format=kind)
    message = refusal(tmp_path)
    assert message.startswith(f"{tmp_path / 'cat' / name}: a picture whose name ends in none of .png .jpg ")
    assert message.endswith("; rename or remove it")


@pytest.mark.parametrize("name", ["sub", "sub.png"])
def test_folders_inside_class_folders_are_refused(name, tmp_path):
    save(tmp_path / "cat" / "a.png", noise(4, 4))
    save(tmp_path / "cat" / name / "b.png", noise(4, 4))
    nested = tmp_path / "cat" / name
    assert refusal(tmp_path) == f"{nested}: folders inside class folders are not read; move its pictures up"


@pytest.mark.parametrize("link", ["cat/b.png", "b.png", "dog", "cat/b"])
@pytest.mark.parametrize("to", ["nowhere", "."])
def test_broken_links_are_refused(link, to, tmp_path):
    save(tmp_path / "cat" / "a.png", noise(4, 4))
    # To "nowhere", or to itself.
    (tmp_path / link).symlink_to(tmp_path / (to if to == "nowhere" else link))
    said = "broken link, what it names is not there; mend or remove it"
    assert refusal(tmp_path) == f"{tmp_path / link}: {said}"


def test_links_to_pictures_and_folders_are_followed(tmp_path):
    save(tmp_path / "elsewhere" / "a.png", noise(4, 4))
    (tmp_path / "set" / "cat").mkdir(parents=True)
    (tmp_path / "set" / "cat" / "b.png").symlink_to(tmp_path / "elsewhere" / "a.png")
    (tmp_path / "set" / "dog").symlink_to(tmp_path / "elsewhere")
    dataset = load_dataset(tmp_path / "set")
    assert (dataset.class_names, dataset.labels.tolist()) == (("cat", "dog"), [0, 1])


def test_a_pipe_in_a_pictures_name_is_refused(tmp_path):
    save(tmp_path / "a.png", noise(4, 4))
    os.mkfifo(tmp_path / "b.png")
    os.mkfifo(tmp_path / "notes")  # never opened
    assert refusal(tmp_path) == f"{tmp_path / 'b.png'}: not a regular file"


def test_class_names_are_composed(tmp_path):
    composed = "\u00c4pfel"
    decomposed = unicodedata.normalize("NFD", composed)
    for name in ("Birnen", decomposed, "Zitronen"):
        save(tmp_path / name / "a.png", noise(4, 4))
    assert load_dataset(tmp_path).class_names == ("Birnen", "Zitronen", composed)
    save(tmp_path / composed / "b.png", noise(4, 4))
    assert refusal(tmp_path) == f"{tmp_path}: two class folders are called {composed!r}; rename one"


def test_names_that_are_no_utf8_are_readable(tmp_path):
    folder = tmp_path / os.fsdecode(b"s\xe9t")
    save(folder / os.fsdecode(b"caf\xe9") / "a.png", noise(4, 4))
    dataset = load_dataset(folder)
    assert (dataset.name, dataset.class_names) == (r"s\xe9t", (r"caf\xe9",))
    assert str(dataset).encode()


@PROPERTY
@given(content=st.binary(max_size=200), start=st.sampled_from([b"", *pictures._BEGINNINGS]), name=NAMES)
def test_any_bytes_under_any_name_are_read_or_refused(content, start, name, tmp_path):
    for entry in tmp_path.iterdir():
        entry.unlink()
    (tmp_path / "a.png").write_bytes(png_bytes(8, 0))
    (tmp_path / name).write_bytes(start + content)
    try:
        dataset = load_dataset(tmp_path)
    except InputError as error:
        assert str(error).startswith(f"{tmp_path / name}: ")
        assert "\n" not in str(error)
    else:
        assert len(dataset) == (1 if name == "notes" or name == "a.png" else 2)


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
