#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Any PMT as an `img` tag: every block drops that image, counts it, and carries on with the next."""

import numpy as np
import pmt
import pytest
from gnuradio import blocks, gr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from one_block import bytes_of, image_tag, make_tag, run, run_to_end, source_of

from gnuradio.aeiqa import (
    channel,
    frame_mapper,
    image_sink,
    image_tagger,
    ls_equalizer,
    ofdm_demodulator,
    ofdm_modulator,
    qam_demapper,
    qam_mapper,
    quality_sink,
    table2_channel,
)
from gnuradio.aeiqa.errors import InputError

rng = np.random.default_rng(41)
IMAGES = rng.integers(0, 256, (3, 8, 8), dtype=np.uint8)
DATA, TAGS = bytes_of(IMAGES)

FIELDS = [
    *("index", "label", "rows", "cols", "channels", "nbytes", "symbols", "known_symbol", "training", "drift"),
    *(
        "phase_gain",
        "offset",
        "bits",
        "gray",
        "copies",
        "copy",
        "columns",
        "stream",
        "sequence",
        "payload_crc",
    ),
    *("fragment_nbytes", "frame_nbytes", "start", "snr_db", "cfo"),
]
# No size in between: an image that claims so many bytes is sent with so many, and that takes its time.
NUMBERS = st.one_of(
    st.integers(-3, 300),
    st.sampled_from([2**30 + 1, 2**31 - 1, 2**31, 2**32, 2**62, 2**63 - 1, -(2**31), -(2**63)]),
)


def tuple_of(values):
    return pmt.make_tuple(*values[:3]) if values else pmt.PMT_NIL


def nested(value, depth):
    for _ in range(depth):
        value = pmt.cons(value, pmt.PMT_NIL)
    return value


SCALARS = st.one_of(
    NUMBERS.map(pmt.from_long),
    st.integers(0, 2**64 - 1).map(pmt.from_uint64),
    st.floats().map(pmt.from_double),
    st.text(max_size=400).map(lambda text: pmt.intern(text.encode(errors="replace").decode())),
    st.complex_numbers().map(pmt.from_complex),
    st.booleans().map(pmt.from_bool),
    st.just(pmt.PMT_NIL),
    st.just(pmt.PMT_EOF),
    st.integers(0, 100).map(lambda n: pmt.init_u8vector(n, [7] * n)),
    st.integers(0, 100).map(lambda n: pmt.init_c32vector(n, [1j] * n)),
    st.integers(0, 100).map(lambda n: pmt.init_f32vector(n, [float("nan")] * n)),
    st.integers(0, 5).map(lambda n: pmt.make_vector(n, pmt.from_long(784))),
)


def dict_of(items):
    value = pmt.make_dict()
    for name, field in items:
        value = pmt.dict_add(value, pmt.intern(name), field)
    return value


def dicts(values):
    return st.lists(st.tuples(st.sampled_from(FIELDS), values), max_size=30).map(dict_of)


VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda pair: pmt.cons(*pair)),
        st.lists(inner, max_size=5).map(lambda items: pmt.to_pmt(None) if not items else tuple_of(items)),
        st.tuples(inner, st.integers(1, 2000)).map(lambda given: nested(*given)),
        dicts(inner),
    ),
    max_leaves=8,
)
RIGHT = {"index": 1, "label": 3, "rows": 8, "cols": 8, "channels": 1, "nbytes": 64}


def nearly_right(changes):
    return dict_of([(name, pmt.from_long(value)) for name, value in RIGHT.items()] + changes)


# Dicts with a field or two of the wrong kind come furthest.
TAG_VALUES = st.one_of(
    VALUES,
    dicts(SCALARS),
    st.lists(st.tuples(st.sampled_from(FIELDS), VALUES), max_size=2).map(nearly_right),
)


def outcome(block, given, output):
    """What a block makes of its input, items and the offset of each image's tag, whatever the tags are."""
    (dtype, vlen), (items, tags) = output, given
    kind = {"uint8": blocks.vector_sink_b, "float32": blocks.vector_sink_f, "complex64": blocks.vector_sink_c}
    sink, top = kind[dtype](vlen), gr.top_block()
    top.connect(source_of(items, tags), block, sink)
    run_to_end(top)
    images = [tag.offset for tag in sink.tags() if pmt.symbol_to_string(tag.key) == "img"]
    return np.array(sink.data(), dtype).reshape(-1, vlen), sorted(images)


hostile = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def stage(blocks_before, items, tags, output):
    """What the blocks before one make of the images: its input."""
    for block, out in zip(blocks_before, output, strict=True):
        (stream,) = run(block, (items, tags), outputs=(out,))
        items = stream.items
        tags = [make_tag(offset, key, value=pmt.to_pmt(value)) for offset, key, value in stream.tags]
    return items, tags


VECTORS, SAMPLES, BYTES = ("complex64", 64), ("complex64", 1), ("uint8", 1)
TO_VECTORS = ([qam_mapper()], [VECTORS])
TO_SAMPLES = ([qam_mapper(), ofdm_modulator()], [VECTORS, SAMPLES])
TO_POINTS = ([qam_mapper(), ls_equalizer()], [VECTORS, VECTORS])
AIR = {
    "data_carriers": [k for k in range(-26, 27) if k not in (0, -21, -7, 7, 21)],
    "pilot_carriers": [-21, -7, 7, 21],
}
BLOCKS = {
    "qam_mapper": (qam_mapper, ([], []), VECTORS),
    "frame_mapper": (lambda: frame_mapper(64, 16, **AIR, stream=1), ([], []), VECTORS),
    "channel": (lambda: channel("rayleigh", 10.0, tag_csi=True), TO_SAMPLES, SAMPLES),
    "table2_channel": (lambda: table2_channel(snr_db=10.0), TO_SAMPLES, SAMPLES),
    "ls_equalizer": (ls_equalizer, TO_VECTORS, VECTORS),
    "qam_demapper": (qam_demapper, TO_POINTS, BYTES),
    "soft qam_demapper": (lambda: qam_demapper(soft=True), TO_POINTS, ("float32", 1)),
    "image_tagger": (lambda: image_tagger(8, 8), ([], []), BYTES),
}
INPUTS = {name: stage(before, DATA, TAGS, outputs) for name, (_, (before, outputs), _) in BLOCKS.items()}


@pytest.mark.parametrize("name", BLOCKS)
@hostile
@given(value=TAG_VALUES)
def test_a_block_carries_on(name, value):
    make, _, output = BLOCKS[name]
    items, tags = INPUTS[name]
    images = [tag for tag in tags if pmt.symbol_to_string(tag.key) == "img"]
    expected, starts = outcome(make(), (items, tags), output)
    block = make()
    changed = [tag for tag in tags if tag is not images[1]]
    changed.append(make_tag(images[1].offset, value=value))
    got, _ = outcome(block, (items, sorted(changed, key=lambda tag: tag.offset)), output)
    # The images before and after come out as ever; on air there are no tags, and the frames' numbers go on.
    if name == "frame_mapper":
        third = len(expected) // 3
        np.testing.assert_array_equal(got[:third], expected[:third])
        assert len(got) >= 2 * third
    else:
        first, last = starts[1], len(expected) - starts[2]
        np.testing.assert_array_equal(got[:first], expected[:first])
        np.testing.assert_array_equal(got[-last:], expected[-last:])
    if not pmt.is_dict(value) and name != "image_tagger":
        assert block.refused_tags() == 1


@hostile
@given(value=TAG_VALUES)
@pytest.mark.parametrize("order", ["raster", "column"])
def test_sinks_carry_on(order, value):
    tags = [TAGS[0], make_tag(64, value=value), TAGS[2]]
    sink, quality, top = image_sink(order), quality_sink(IMAGES, batch=1, order=order), gr.top_block()
    source = source_of(DATA, tags)
    top.connect(source, sink)
    top.connect(source, quality)
    run_to_end(top)
    images = sink.take()
    whole = [image for image in images if image.index in (0, 2) and image.pixels.shape == (8, 8)]
    assert len(whole) >= 2
    for image in whole:
        if not image.missing and image.label == -1:
            expected = IMAGES[image.index]
            if order == "column":
                expected = expected.reshape(8, 8).T
            np.testing.assert_array_equal(image.pixels, expected)
    if not pmt.is_dict(value):
        assert (sink.refused_tags(), quality.refused_tags()) == (1, 1)
        assert [image.index for image in images] == [0, 2]
        assert quality.results()["index"].tolist() == [0, 2]
        with pytest.raises(InputError, match="img tag must be a dict"):
            quality.check()


LABELS = ["seven", -1, -5, 2**31, 2**62, pmt.from_double(3.0), pmt.PMT_NIL, pmt.make_dict()]


@pytest.mark.parametrize("label", LABELS)
def test_a_label_of_any_kind_is_no_reason_to_drop_an_image(label):
    sink, quality, top = image_sink(), quality_sink(IMAGES, batch=1), gr.top_block()
    source = source_of(DATA, [image_tag(0, IMAGES[0], 0, label), *TAGS[1:]])
    top.connect(source, sink)
    top.connect(source, quality)
    run_to_end(top)
    quality.check()
    assert [image.label for image in sink.take()] == [-1, -1, -1]
    assert quality.results()["label"].tolist() == [-1, -1, -1]
    assert (sink.refused_tags(), quality.refused_tags()) == (0, 0)


@pytest.mark.parametrize("value", [pmt.list1(pmt.from_long(1)), pmt.intern("img"), pmt.PMT_T])
def test_a_mapper_whose_first_tag_is_no_dict(value):
    block = qam_mapper()
    (out,) = run(block, (DATA, [make_tag(0, value=value), *TAGS[1:]]), outputs=(VECTORS,))
    assert [tag["index"] for tag in out.values().values()] == [1, 2]
    assert block.refused_tags() == 1


def test_a_mapper_whose_first_tag_has_no_bytes():
    block = qam_mapper()
    empty = make_tag(0, index=0, label=0, rows=0, cols=8, channels=1, nbytes=0)
    (out,) = run(block, (DATA, [empty, *TAGS[1:]]), outputs=(VECTORS,))
    assert [tag["index"] for tag in out.values().values()] == [1, 2]
    assert block.refused_tags() == 1


def test_a_mapper_of_another_modulation_than_the_tag_says():
    # The receiver would take the tag's word for it.
    block = qam_mapper(modulation="qpsk")
    tags = [
        image_tag(64 * i, image, i, bits=bits)
        for i, (image, bits) in enumerate(zip(IMAGES, (2, 4, 2), strict=True))
    ]
    (out,) = run(block, (DATA, tags), outputs=(VECTORS,))
    assert [tag["index"] for tag in out.values().values()] == [0, 2]
    assert block.refused_tags() == 1


def test_the_first_is_logged_and_the_others_counted(capfd):
    tags = [make_tag(int(i), value=pmt.from_long(i)) for i in range(0, 1000, 10)]
    sink = image_sink()
    run(sink, (np.zeros(1000, np.uint8), tags), outputs=())
    assert sink.refused_tags() == 100
    told = capfd.readouterr()
    assert (told.out + told.err).count("image dropped") <= 1


def test_the_whole_link_loses_the_one_image():
    for value in (pmt.intern("x"), pmt.make_dict(), pmt.list1(pmt.PMT_T), nested(pmt.PMT_NIL, 5000)):
        sink, top = image_sink(), gr.top_block()
        links = [qam_mapper(), ofdm_modulator(), channel(snr_db=np.inf), ofdm_demodulator(), ls_equalizer()]
        top.connect(
            source_of(DATA, [TAGS[0], make_tag(64, value=value), TAGS[2]]), *links, qam_demapper(), sink
        )
        run_to_end(top)
        images = sink.take()
        assert [image.index for image in images] == [0, 2]
        assert sink.missed() == 1
        for image in images:
            np.testing.assert_array_equal(image.pixels, IMAGES[image.index])
