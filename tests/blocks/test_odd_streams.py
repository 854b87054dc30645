#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Misuse of a chain of blocks: tags missing, broken or lying, ports left open, graphs run again.

None of it may hang the flowgraph, crash it, invent an image, or cost more images than the one it is about.
"""

import numpy as np
import pmt
import pytest
from gnuradio import aeiqa, blocks, gr
from one_block import bytes_of, make_tag, run_to_end, source_of

rng = np.random.default_rng(37)
# Enough for any buffer to fill up behind a block that has died.
IMAGES = rng.integers(0, 256, (400, 28, 28), dtype=np.uint8)
DATA, TAGS = bytes_of(IMAGES)
NBYTES = 28 * 28


def fields(i):
    return {"index": i, "label": -1, "rows": 28, "cols": 28, "channels": 1, "nbytes": NBYTES}


def chain(channel=None, reveal=False):
    training = 0 if reveal else 1
    return [
        aeiqa.qam_mapper(training_symbols=training, reveal_first_symbol=reveal),
        aeiqa.ofdm_modulator(),
        channel or aeiqa.channel(snr_db=np.inf),
        aeiqa.ofdm_demodulator(),
        aeiqa.ls_equalizer(training_symbols=training),
        aeiqa.qam_demapper(),
    ]


def arrive(data, tags, **settings):
    sink, top = aeiqa.image_sink(), gr.top_block()
    top.connect(source_of(data, tags), *chain(**settings), sink)
    run_to_end(top)
    return sink


def assert_only_lost(sink, lost):
    """Every image but the lost ones arrives byte for byte, and nothing else does."""
    images = sink.take()
    assert [image.index for image in images] == [i for i in range(len(IMAGES)) if i not in lost]
    for image in images:
        assert image.missing == 0
        np.testing.assert_array_equal(image.pixels, IMAGES[image.index])


BROKEN = {
    "not a dict": "picture",
    "an empty dict": {},
    "without nbytes": {k: v for k, v in fields(5).items() if k != "nbytes"},
    "nbytes of 0": fields(5) | {"nbytes": 0, "rows": 0},
    "nbytes is text": fields(5) | {"nbytes": "many"},
    "negative nbytes": fields(5) | {"nbytes": -784},
    "negative index": fields(5) | {"index": -1},
    "without index": {k: v for k, v in fields(5).items() if k != "index"},
    "without a shape": {"index": 5, "nbytes": NBYTES},
    "a shape of other size": fields(5) | {"rows": 27},
    "negative sides": fields(5) | {"rows": -28, "cols": -28},
}


@pytest.mark.parametrize("model", ["channel", "table2"])
@pytest.mark.parametrize("value", BROKEN.values(), ids=BROKEN)
def test_a_broken_tag_costs_its_own_image(value, model):
    tags = list(TAGS)
    tags[5] = make_tag(5 * NBYTES, **value) if isinstance(value, dict) else make_tag(5 * NBYTES, value=value)
    sink = arrive(DATA, tags, channel=aeiqa.table2_channel(snr_db=np.inf) if model == "table2" else None)
    assert_only_lost(sink, {5})


def test_tags_of_other_kinds_travel_along():
    tags = [*TAGS, make_tag(10, "rx_time", value=5), make_tag(20, "img2", index=3)]
    assert_only_lost(arrive(DATA, tags), set())


def test_no_tags_at_all():
    sink = arrive(DATA, [])
    assert (sink.received(), sink.stray_bytes()) == (0, 0)


def test_the_first_tags_missing():
    assert_only_lost(arrive(DATA, TAGS[3:]), {0, 1, 2})


def test_a_tag_missing_in_between():
    assert_only_lost(arrive(DATA, TAGS[:7] + TAGS[8:]), {7})


def test_the_same_tag_twice():
    sink = arrive(DATA, sorted([*TAGS, TAGS[4]], key=lambda tag: tag.offset))
    assert sink.received() in (400, 401)
    assert all(
        np.array_equal(image.pixels, IMAGES[image.index]) for image in sink.take() if not image.missing
    )


@pytest.mark.parametrize(("rows", "nbytes"), [(28 * 1000, 784_000), (1 << 20, 28 << 20)])
def test_an_image_that_claims_more_bytes_than_it_has(rows, nbytes):
    # It ends where the next begins, or takes the rest with it; but it arrives as one that is cut short.
    tags = list(TAGS)
    tags[300] = make_tag(300 * NBYTES, **(fields(300) | {"rows": rows, "nbytes": nbytes}))
    sink = arrive(DATA, tags)
    images = sink.take()
    assert all(np.array_equal(images[i].pixels, IMAGES[i]) for i in range(300))
    assert sink.truncated() <= 1


def test_an_image_too_large_for_any_memory():
    side = 1 << 20
    huge = make_tag(0, index=0, rows=side, cols=side, channels=side, nbytes=side**3)
    sink = arrive(DATA, [huge])
    assert sink.received() == 0
    assert_only_lost(
        arrive(DATA, [*TAGS[:5], make_tag(5 * NBYTES, **(fields(5) | {"nbytes": 2**62})), *TAGS[6:]]), {5}
    )


def test_known_symbols_of_the_wrong_kind():
    for known in (np.ones(63), "ones", 3):
        tag = make_tag(0, index=0, nbytes=4, known_symbol=known)
        symbols = np.ones((5, 64), np.complex64)
        sink, top = blocks.null_sink(64 * 8), gr.top_block()
        top.connect(source_of(symbols, [tag]), aeiqa.ls_equalizer(training_symbols=0), sink)
        run_to_end(top)


def test_csi_of_the_wrong_kind():
    symbols = np.ones((3000, 64), np.complex64)
    for csi in (np.ones(63), "flat", 3, pmt.PMT_NIL):
        tags = [make_tag(0, index=0), make_tag(1, "csi", value=csi)]
        block, sink, top = aeiqa.ls_equalizer(estimation="perfect"), blocks.vector_sink_c(64), gr.top_block()
        top.connect(source_of(symbols, tags), block, sink)
        run_to_end(top)
        # Training left out; the response stays what it was.
        assert len(sink.data()) == 2999 * 64


def test_two_sinks_of_different_kinds_on_one_link():
    sink, second, probe, top = (
        aeiqa.image_sink(),
        aeiqa.image_sink(keep=1),
        blocks.vector_sink_b(),
        gr.top_block(),
    )
    links = chain()
    top.connect(source_of(DATA, TAGS), *links)
    for end in (sink, second, probe):
        top.connect(links[-1], end)
    run_to_end(top)
    assert_only_lost(sink, set())
    assert [image.index for image in second.take()] == [399]
    np.testing.assert_array_equal(probe.data(), DATA)


def test_the_noise_port_may_stay_open_or_be_used():
    for with_noise in (False, True):
        demapper = aeiqa.qam_demapper(soft=True)
        *links, equalizer, _ = chain(channel=aeiqa.channel("rayleigh", 30.0))
        sink, top = blocks.vector_sink_f(), gr.top_block()
        top.connect(source_of(DATA[: 10 * NBYTES], TAGS[:10]), *links, equalizer, demapper, sink)
        if with_noise:
            top.connect((equalizer, 1), (demapper, 1))
        run_to_end(top)
        assert len(sink.data()) == 10 * NBYTES * 8


def test_required_ports_left_open_are_refused():
    for block in (aeiqa.qam_mapper(), aeiqa.channel(), aeiqa.ls_equalizer(), aeiqa.qam_demapper()):
        top = gr.top_block()
        top.connect(blocks.null_source(block.input_signature().sizeof_stream_item(0)), block)
        with pytest.raises(RuntimeError):
            top.start()


def test_vectors_of_the_wrong_length_are_refused():
    top = gr.top_block()
    with pytest.raises(ValueError):
        top.connect(aeiqa.ofdm_demodulator(128), aeiqa.ls_equalizer(64))


def test_hard_decisions_take_no_noise():
    top = gr.top_block()
    equalizer, demapper = aeiqa.ls_equalizer(), aeiqa.qam_demapper()
    top.connect(equalizer, demapper)
    with pytest.raises((ValueError, RuntimeError)):
        top.connect((equalizer, 1), (demapper, 1))


def test_a_link_run_again_has_nothing_more_to_send():
    link = aeiqa.Link(IMAGES[:5], aeiqa.LinkConfig(snr_db=np.inf))
    link.run()
    np.testing.assert_array_equal(link.sink.take_pixels(), IMAGES[:5].ravel())
    link.run()
    assert link.sink.received() == 5
    assert link.sink.take() == []


def test_blocks_used_again_in_another_graph():
    # The blocks keep nothing of the first graph that would spoil the second.
    links, sink = chain(channel=aeiqa.channel("rayleigh", np.inf)), aeiqa.image_sink()
    for _ in range(2):
        top = gr.top_block()
        top.connect(aeiqa.image_source(IMAGES[:20]), *links, sink)
        run_to_end(top)
        np.testing.assert_array_equal(sink.take_pixels(), IMAGES[:20].ravel())
        top.disconnect_all()


def test_a_graph_cut_off_within_an_image_and_another_with_the_same_blocks():
    links, sink = chain(), aeiqa.image_sink()
    cut = DATA[: 3 * NBYTES + 100]
    for data, tags in ((cut, TAGS[:4]), (DATA, TAGS)):
        top = gr.top_block()
        top.connect(source_of(data, tags), *links, sink)
        run_to_end(top)
        top.disconnect_all()
    images = sink.take()
    whole = [image for image in images if not image.missing]
    assert [image.index for image in whole] == [0, 1, 2, *range(400)]
    assert all(np.array_equal(image.pixels, IMAGES[image.index]) for image in whole)
    assert len(images) - len(whole) <= 1
