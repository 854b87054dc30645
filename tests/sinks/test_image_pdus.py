#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The scoring sinks fed by PDUs: as by a stream, nothing lost at the end, and no PDU can do harm."""

import numpy as np
import pmt
import pytest
from gnuradio import blocks, gr
from one_block import source_of

from gnuradio.aeiqa import aeiqa_sink, image_sink, image_source, image_tagger, metrics, quality_sink
from gnuradio.aeiqa.sinks.image_deframer import ImageFrame
from gnuradio.aeiqa.sinks.image_pairs import ImagePairs


def pdu(pixels, **metadata):
    data = pmt.init_u8vector(pixels.size, pixels.ravel().tolist())
    return pmt.cons(pmt.to_pmt(metadata), data)


def sink_of(kind, **options):
    if kind is aeiqa_sink:
        pytest.importorskip("torch")
    return kind(**options)


def by_stream(sink, images, labels):
    top = gr.top_block()
    top.connect(image_source(images, labels.tolist()), sink)
    top.run()
    sink.check()
    return sink.results()


KINDS = pytest.mark.parametrize("kind", [aeiqa_sink, quality_sink], ids=lambda kind: kind.__name__)


@KINDS
@pytest.mark.parametrize("batch", [1, 64, 1000])
def test_pdus_are_scored_as_a_stream_is_to_the_last(kind, batch, sent, received):
    expected = by_stream(sink_of(kind, reference=sent.images), received, sent.labels)
    sink, to_pdus, top = kind(reference=sent.images, batch=batch), image_sink(), gr.top_block()
    top.connect(image_source(received, sent.labels.tolist()), to_pdus)
    top.msg_connect(to_pdus, "images", sink, "images")
    top.run()
    sink.check()
    np.testing.assert_array_equal(sink.results(), expected)
    assert (sink.scored(), sink.refused(), sink.truncated(), sink.stray_bytes()) == (150, 0, 0, 0)


@KINDS
def test_plain_bytes_are_scored_behind_an_image_tagger(kind, sent, received):
    expected = by_stream(sink_of(kind, reference=sent.images), received, sent.labels)
    sink, top = kind(reference=sent.images), gr.top_block()
    top.connect(source_of(received.ravel()), image_tagger(28, 28), sink)
    top.run()
    sink.check()
    for name in expected.dtype.names:
        if name != "label":
            np.testing.assert_array_equal(sink.results()[name], expected[name])


@KINDS
def test_both_at_once(kind, sent, received):
    sink, to_pdus, top = sink_of(kind, reference=sent.images), image_sink(), gr.top_block()
    top.connect(image_source(received[:30]), to_pdus)
    top.msg_connect(to_pdus, "images", sink, "images")
    top.connect(image_source(received[30:70], first_index=30), blocks.throttle(1, 784 * 400), sink)
    top.run()
    sink.check()
    assert sorted(sink.results()["index"]) == list(range(70))


def test_without_index_they_are_counted_on(sent, received):
    sink = quality_sink(reference=sent.images, batch=1)
    shape = {"rows": 28, "cols": 28}
    for more in ({}, {}, {"index": 149}, {}, {"index": 7, "label": 3}, {"channels": 1}):
        sink._take_pdu(pdu(received[0], **shape, **more))
    assert sink.results()["index"].tolist() == [0, 1, 149, 150, 7, 8]
    assert sink.results()["label"].tolist() == [-1, -1, -1, -1, 3, -1]


SHAPE = {"rows": 28, "cols": 28, "channels": 1}
IMAGE = np.zeros((28, 28), np.uint8)
BAD = [
    (pmt.intern("hello"), "PDU must be a pair of a dict and a u8 vector"),
    (pmt.PMT_NIL, "PDU must be a pair of a dict and a u8 vector"),
    (pmt.cons(pmt.from_long(3), pmt.from_long(4)), "PDU must be a pair of a dict and a u8 vector"),
    (pmt.to_pmt({"rows": 28}), "PDU"),
    (pmt.cons(pmt.to_pmt(SHAPE), pmt.init_f32vector(784, [0.0] * 784)), "pixels must be a u8 vector"),
    (pmt.cons(pmt.to_pmt(SHAPE), pmt.PMT_NIL), "pixels must be a u8 vector"),
    (
        pmt.cons(pmt.PMT_NIL, pmt.init_u8vector(4, [1, 2, 3, 4])),
        "rows must be a whole number from 0 up, got nothing",
    ),
    (pdu(IMAGE, rows=28), "cols must be a whole number from 0 up, got nothing"),
    (pdu(IMAGE, rows=28, cols=28.0), "cols must be a whole number from 0 up, got 28"),
    (pdu(IMAGE, **SHAPE, index=-1), "index must be a whole number from 0 up, got -1"),
    (pdu(IMAGE, **SHAPE, label=-2), "label must be a whole number from -1 up, got -2"),
    (pdu(IMAGE, **SHAPE, label="seven"), "label must be a whole number from -1 up, got seven"),
    (pdu(IMAGE[:27], **SHAPE), "an image of 28x28x1 has not 756 bytes"),
    (pdu(IMAGE, rows=28, cols=28, channels=3), "an image of 28x28x3 has not 784 bytes"),
    (pdu(IMAGE, rows=2**40, cols=2**40), "has not 784 bytes"),
    (pdu(IMAGE[:0], rows=0, cols=28), "an image of 0x28x1 has not 0 bytes"),
    (pdu(IMAGE[:10], rows=10, cols=28), "10x28"),
]


@KINDS
@pytest.mark.parametrize(("message", "says"), BAD)
def test_a_bad_pdu_costs_a_line_in_the_log_and_nothing_else(kind, message, says, sent, capfd):
    sink = sink_of(kind, reference=sent.images, batch=1)
    capfd.readouterr()
    sink._take_pdu(message)
    said = capfd.readouterr()
    (line,) = (said.out + said.err).strip().splitlines()
    assert "PDU dropped: " in line
    assert says in line
    assert len(line) < 200
    sink._take_pdu(pdu(IMAGE, **SHAPE))
    sink.check()
    assert (sink.refused(), sink.scored()) == (1, 1)


def test_bad_pdus_among_good_ones_in_a_flowgraph(sent, received):
    sink, to_pdus, top = quality_sink(reference=sent.images), image_sink(), gr.top_block()
    top.connect(image_source(received), to_pdus)
    top.msg_connect(to_pdus, "images", sink, "images")
    for message, _ in BAD:
        sink.to_basic_block()._post(pmt.intern("images"), message)
    top.run()
    sink.check()
    assert (sink.scored(), sink.refused()) == (150, len(BAD))


@KINDS
def test_images_sent_come_by_port(kind, sent, received):
    """Images sent may still be on their way when all received ones are there."""
    expected = by_stream(sink_of(kind, reference=sent.images), received, sent.labels)
    sink, top = kind(reference="port", batch=40), gr.top_block()
    to_pdus, source = image_sink(keep=0), image_source(sent.images, sent.labels.tolist())
    top.connect(source, to_pdus)
    top.msg_connect(to_pdus, "images", sink, "sent")
    top.connect(image_source(received, sent.labels.tolist()), sink)
    top.run()
    sink.check()
    rows = sink.results()[np.argsort(sink.results()["index"])]
    assert (sink.scored(), sink.unmatched(), sink.refused()) == (150, 0, 0)
    np.testing.assert_array_equal(rows, expected)


def test_they_meet_by_index_whichever_comes_first(sent, received):
    sink, shape = quality_sink("port", batch=1), {"rows": 28, "cols": 28}
    for take, images, index in (
        (sink._take_sent, sent.images, 3),
        (sink._take_pdu, received, 4),
        (sink._take_pdu, received, 3),
        (sink._take_pdu, received, 7),
        (sink._take_sent, sent.images, 4),
        (sink._take_sent, sent.images, 9),
    ):
        take(pdu(images[index], **shape, index=index))
    assert sink.results()["index"].tolist() == [3, 4]
    expected = metrics.ber(sent.images[[3, 4]], received[[3, 4]])
    np.testing.assert_array_equal(sink.results()["ber"], expected)
    assert sink.unmatched() == 1  # number 7


def test_what_does_not_fit_together_is_refused(sent, capfd):
    sink = quality_sink("port", batch=1)
    sink._take_sent(pdu(IMAGE[:20], rows=20, cols=28, index=5))
    sink._take_pdu(pdu(IMAGE, **SHAPE, index=5))
    given = quality_sink(sent.images)
    given._take_sent(pdu(IMAGE, **SHAPE))
    said = "".join(capfd.readouterr())
    assert "image 5 is 28x28x1, but its reference is 20x28x1" in said
    assert "port sent is for reference 'port', and images sent were given" in said
    assert (sink.refused(), sink.scored(), given.refused()) == (1, 0, 1)


def test_memory_is_bounded_when_the_other_half_never_comes():
    pairs = ImagePairs(max_bytes=1000)
    for index in range(50):
        frame = ImageFrame(index, -1, (10, 10, 1), np.zeros(100, np.uint8))
        assert pairs.take_received(frame) is None
        assert pairs.unmatched == index + 1
    sent = [ImageFrame(index, -1, (10, 10, 1), np.ones(100, np.uint8)) for index in (39, 40, 49)]
    assert [pairs.take_sent(frame) is None for frame in sent] == [True, False, False]
    assert pairs.unmatched == 48
