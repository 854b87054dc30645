#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""aeiqa_sink: images by tag, in any chunks, scored as iqa scores them; no error is swallowed."""

import threading

import numpy as np
import pmt
import pytest

pytest.importorskip("torch")

from gnuradio import blocks, gr

from gnuradio.aeiqa import aeiqa_sink, image_source, iqa
from gnuradio.aeiqa.errors import InputError
from gnuradio.aeiqa.sinks import aeiqa_sink as scoring_sink


def img_tag(offset, **fields):
    tag = gr.tag_t()
    tag.offset, tag.key = offset, pmt.intern("img")
    tag.value = pmt.make_dict()
    for name, value in fields.items():
        tag.value = pmt.dict_add(tag.value, pmt.intern(name), pmt.from_long(value))
    return tag


def tag_of(offset, image, **fields):
    rows, cols, channels = (*image.shape, 1)[:3]
    shape = {"rows": rows, "cols": cols, "channels": channels, "nbytes": image.size}
    return img_tag(offset, **{**shape, **fields})


def stream_of(images, labels=None):
    """Bytes and tags as image_source sends them, in raster order."""
    tags, offset = [], 0
    for index, image in enumerate(images):
        extra = {} if labels is None else {"label": int(labels[index])}
        tags.append(tag_of(offset, image, index=index, **extra))
        offset += image.size
    return np.concatenate([image.ravel() for image in images]), tags


def run(sink, data, tags, max_items=None):
    top = gr.top_block()
    source = blocks.vector_source_b(data.tolist(), False, 1, tags)
    top.connect(source, sink)
    top.run(*([] if max_items is None else [max_items]))
    return sink


class Reports(gr.basic_block):
    """Collects what a message port publishes, and tells when ``wanted`` messages are there."""

    def __init__(self, wanted):
        gr.basic_block.__init__(self, "reports", None, None)
        self.got, self.wanted, self.enough = [], wanted, threading.Event()
        self.message_port_register_in(pmt.intern("in"))
        self.set_msg_handler(pmt.intern("in"), self.receive)

    def receive(self, message):
        self.got.append(pmt.to_python(message))
        if len(self.got) >= self.wanted:
            self.enough.set()


@pytest.mark.parametrize(("batch", "max_items"), [(64, None), (1, 4096), (7, 1), (150, 100), (1000, 785)])
def test_scores_are_those_of_iqa_in_any_chunks(sent, received, batch, max_items):
    sink = aeiqa_sink(reference=sent.images, batch=batch)
    images = received if max_items != 1 else received[:20]
    run(sink, *stream_of(images, sent.labels), max_items=max_items).check()
    results = sink.results()
    reference = sent.images[: len(images)]
    expected = iqa.load_score("paper")(images, reference)
    assert results["index"].tolist() == list(range(len(images)))
    np.testing.assert_array_equal(results["label"], sent.labels[: len(images)])
    np.testing.assert_array_equal(results["prediction"], iqa.load_target("paper").predict(images))
    np.testing.assert_array_equal(results["score"], expected.per_image)
    assert sink.error_pct() == pytest.approx(expected.error_pct)
    assert (sink.scored(), sink.truncated(), sink.stray_bytes()) == (len(images), 0, 0)


def test_undamaged_images_score_zero(sent):
    sink = run(aeiqa_sink(reference=sent.images), *stream_of(sent.images))
    sink.check()
    assert sink.error_pct() == 0.0
    assert not sink.results()["score"].any()
    assert (sink.results()["label"] == -1).all()  # the tags had none


@pytest.mark.parametrize("order", ["raster", "column"])
def test_behind_an_image_source_that_repeats(sent, received, order):
    sink = aeiqa_sink(reference=sent.images, order=order, batch=50)
    top = gr.top_block()
    source = image_source(received, labels=sent.labels.tolist(), repeat=True, order=order)
    top.connect(source, blocks.head(1, 400 * 784), sink)
    top.run()
    sink.check()
    assert sink.results()["index"].tolist() == list(range(400))
    turns = np.arange(400) % 150
    np.testing.assert_array_equal(sink.results()["label"], sent.labels[turns])
    expected = iqa.load_score("paper")(received, sent.images)
    np.testing.assert_array_equal(sink.results()["score"], expected.per_image[turns])


def test_images_cut_short_are_counted_and_the_others_scored(sent, received):
    first, second, third, last = (image.ravel() for image in received[:4])
    stray = np.zeros(33, np.uint8)
    parts = [stray, first, second[:500], third, stray, last[:783]]
    starts = np.cumsum([0, *map(len, parts)])
    tags = [tag_of(int(starts[part]), received[0], index=index) for index, part in enumerate((1, 2, 3, 5))]
    for max_items in (None, 1, 784):
        sink = run(aeiqa_sink(reference=sent.images), np.concatenate(parts), tags, max_items)
        sink.check()
        assert sink.results()["index"].tolist() == [0, 2]
        assert (sink.scored(), sink.truncated(), sink.stray_bytes()) == (2, 2, 66)
        expected = iqa.load_score("paper")(received[[0, 2]], sent.images[[0, 2]])
        np.testing.assert_array_equal(sink.results()["score"], expected.per_image)


def test_a_report_per_batch(sent, received):
    sink, reports = aeiqa_sink(reference=sent.images, batch=50), Reports(wanted=3)
    top = gr.top_block()
    data, tags = stream_of(received)
    # Endless, since messages that are on their way when a flowgraph ends get lost.
    top.connect(blocks.vector_source_b(data.tolist(), True, 1, tags), sink)
    top.msg_connect(sink, "report", reports, "in")
    top.start()
    arrived = reports.enough.wait(60)
    top.stop()
    top.wait()
    sink.check()
    assert arrived
    score = iqa.load_score("paper")
    for report, end in zip(reports.got, (50, 100, 150), strict=False):
        so_far, batch = (score(received[start:end], sent.images[start:end]) for start in (0, end - 50))
        assert (report["images"], report["batch_images"], report["truncated"]) == (end, 50, 0)
        assert report["error_pct"] == pytest.approx(so_far.error_pct)
        assert report["batch_error_pct"] == pytest.approx(batch.error_pct)
        assert report["batch_phi"] == pytest.approx(1 - batch.per_image.mean())
        assert (report["batch_error_low_pct"], report["batch_error_high_pct"]) == pytest.approx(
            batch.interval
        )


def test_getters_from_another_thread_see_whole_batches(sent, received):
    sink = aeiqa_sink(reference=sent.images, batch=5)
    done, seen = threading.Event(), []

    def watch():
        while not done.is_set():
            seen.append((len(sink.results()), sink.error_pct()))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        run(sink, *stream_of(received)).check()
    finally:
        done.set()
        watcher.join()
    counts = [count for count, _ in seen]
    assert counts == sorted(counts)
    assert all(count % 5 == 0 for count in counts)
    assert all(np.isnan(error) == (count == 0) for count, error in seen[:1])


@pytest.mark.parametrize(
    ("tags", "message"),
    [
        ([img_tag(0, rows=28, cols=28, channels=1, nbytes=784)], "img tag: index must be"),
        ([img_tag(0, index=-1, rows=28, cols=28, channels=1, nbytes=784)], "index must be .* got -1"),
        (
            [img_tag(0, index=0, rows=28, cols=28, channels=1, nbytes=700)],
            "28x28x1 does not make nbytes = 700",
        ),
        (
            [img_tag(0, index=0, rows=10, cols=10, channels=1, nbytes=100)],
            "images are 10x10x1, but the model",
        ),
    ],
)
def test_what_goes_wrong_while_running_is_raised_by_check(sent, tags, message):
    sink = run(aeiqa_sink(reference=sent.images, batch=1), np.zeros(2000, np.uint8), tags)
    with pytest.raises(InputError, match=message) as raised:
        sink.check()
    assert "\n" not in str(raised.value)


def test_a_tag_that_is_no_dict(sent):
    tag = gr.tag_t()
    tag.offset, tag.key, tag.value = 0, pmt.intern("img"), pmt.from_long(3)
    sink = run(aeiqa_sink(reference=sent.images), np.zeros(784, np.uint8), [tag])
    with pytest.raises(InputError, match="img tag must be a dict, got 3"):
        sink.check()


def test_an_error_in_the_last_batch_is_kept(sent, received):
    images = [*received[:70], np.zeros((10, 10), np.uint8)]
    sink = run(aeiqa_sink(reference=sent.images, batch=64), *stream_of(images))
    with pytest.raises(InputError, match="images are 10x10x1, but the model was trained on 28x28x1"):
        sink.check()
    assert sink.scored() == 64  # what was scored before stays


def test_a_second_run_goes_on_after_the_first(sent, received):
    sink = aeiqa_sink(reference=sent.images)
    with pytest.raises(InputError):
        run(sink, np.zeros(784, np.uint8), [img_tag(0, index=0)]).check()
    for expected in (20, 40):
        run(sink, *stream_of(received[:20])).check()
        assert sink.scored() == expected
    np.testing.assert_array_equal(sink.results()["score"][:20], sink.results()["score"][20:])


@pytest.mark.parametrize("name", [name for name, score in iqa.SCORES.items() if score.pools])
def test_it_runs_every_score(sent, received, name):
    sink = run(aeiqa_sink(reference=sent.images, score=name, batch=50), *stream_of(received[:100]))
    sink.check()
    scores = sink.results()["score"]
    assert len(scores) == 100
    assert ((scores >= 0) & (scores <= 1)).all()
    assert 0 <= sink.interval()[0] <= sink.error_pct() <= sink.interval()[1] <= 100


@pytest.mark.parametrize("score", ["psnr", "paper"])
def test_a_reference_as_a_list_is_that_as_an_array(sent, received, score):
    array, images = (
        run(aeiqa_sink(score=score, reference=reference), *stream_of(received)).results()
        for reference in (sent.images, list(sent.images))
    )
    assert len(images) == len(received)
    np.testing.assert_array_equal(array, images)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"target": "nobody"}, "target must be one of paper"),
        ({"score": "nobody"}, "score must be one of paper"),
        ({"score": "frechet"}, "score frechet: compares whole sets of images, and these come in batches"),
        ({"reference": None}, "reference must be given"),
        ({"reference": np.zeros((0, 28, 28), np.uint8)}, "reference must hold at least one image"),
        ({"reference": np.zeros((3, 5, 5), np.uint8)}, "images are 5x5x1, but the model"),
        ({"batch": 0}, "batch must be a whole number from 1 up, got 0"),
        ({"threads": 0}, "threads must be"),
        ({"order": "spiral"}, "order must be raster or column, got 'spiral'"),
        ({"dataset": "cifar"}, "dataset cifar has no models of its own, as mnist, fashion-mnist, colour"),
        ({"model_dir": "/nowhere"}, r"/nowhere/paper-classifier\.json: No such file"),
    ],
)
def test_wrong_settings_fail_in_the_constructor(sent, options, message):
    with pytest.raises(InputError, match=message) as raised:
        aeiqa_sink(**{"reference": sent.images, **options})
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("by_message", [False, True])
def test_target_and_score_change_at_an_image(sent, received, by_message, monkeypatch):
    class Halved(iqa.PaperScore):
        def measure(self, evidence):
            per_image, raw = super().measure(evidence)
            return per_image / 2, raw / 2

    paper = iqa.load_score("paper")
    halved = Halved(*paper.networks)
    scores = {"halved": halved, "paper": paper}
    monkeypatch.setattr(scoring_sink, "load_score", lambda name, *_, **__: scores[name])
    data, tags = stream_of(received[:100])
    alone = {}
    for name in ("paper", "halved"):
        sink = aeiqa_sink(reference=sent.images, score=name, batch=100)
        alone[name] = run(sink, data, tags).results()["score"]
    sink = aeiqa_sink(reference=sent.images, batch=40)

    def change():
        if by_message:
            sink._follow(pmt.cons(pmt.intern("score"), pmt.intern("halved")))
        else:
            sink.set_score("halved")

    # As the scheduler calls it, so that it is known when the change comes: within image 50.
    got = sink._framer.feed(data, [(tag.offset, tag.value) for tag in tags])
    sink._framer.feed = lambda *_: (change() or frame if i == 50 else frame for i, frame in enumerate(got))
    run(sink, data, tags).check()
    assert (sink.score(), sink.target(), sink.scored()) == ("halved", "paper", 100)
    expected = np.concatenate([alone["paper"][:50], alone["halved"][50:]])
    np.testing.assert_array_equal(sink.results()["score"], expected)
    # The estimate is of what came after the change.
    after = halved(received[50:100], sent.images[50:100])
    assert sink.error_pct() == pytest.approx(after.error_pct)


def test_wrong_changes_change_nothing(sent, received, capfd):
    sink = aeiqa_sink(reference=sent.images)
    for setter, says in (
        (sink.set_target, "target must be one of"),
        (sink.set_score, "score must be one of"),
    ):
        with pytest.raises(InputError, match=says):
            setter("nobody")
    for message, says in (
        (pmt.to_pmt({"target": "nobody"}), "target must be one of"),
        (pmt.to_pmt({"batch": 3}), "setting must be target or score, got 'batch'"),
        (pmt.intern("score"), "cmd must be a dict or a pair"),
    ):
        capfd.readouterr()
        sink._follow(message)
        said = capfd.readouterr()
        (line,) = (said.out + said.err).strip().splitlines()
        assert "message on cmd not followed" in line
        assert says in line
    assert (sink.target(), sink.score()) == ("paper", "paper")
    run(sink, *stream_of(received[:3])).check()
    assert sink.scored() == 3


@pytest.mark.parametrize(("keep", "kept"), [(0, 0), (1, 50), (50, 50), (51, 100), (150, 150), (-1, 150)])
def test_keep_forgets_the_oldest_results_alone(sent, received, keep, kept):
    sink = run(aeiqa_sink(reference=sent.images, batch=50, keep=keep), *stream_of(received))
    everything = run(aeiqa_sink(reference=sent.images, batch=50), *stream_of(received))
    np.testing.assert_array_equal(sink.results(), everything.results()[150 - kept :])
    assert (sink.scored(), sink.error_pct()) == (150, everything.error_pct())
