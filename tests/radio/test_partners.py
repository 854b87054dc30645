#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The other end of a socket: nobody, somebody else, one too many; and a source that dies."""

import threading
from contextlib import closing

import numpy as np
import pytest
import zmq
from gnuradio import blocks, gr, zeromq
from programs import wait_until

from gnuradio.aeiqa import InputError
from gnuradio.aeiqa.air import AirConfig, AirTransmitter
from gnuradio.aeiqa.radio import RadioSettings, endpoints, open_sink, open_source
from gnuradio.aeiqa.radio.image_log import ImageLog
from gnuradio.aeiqa.radio.receiving import Receiver, ReceiverStats, receive_images
from gnuradio.aeiqa.radio.sockets.partner import PATIENCE, Partner

IMAGES = np.random.default_rng(1).integers(0, 256, (3, 28, 28), np.uint8)


@pytest.fixture
def address(tmp_path):
    return f"ipc://{tmp_path}/socket"


@pytest.fixture
def running():
    """Start flowgraphs; all are stopped."""
    started = []

    def start(*chain):
        graph = gr.top_block()
        graph.connect(*chain)
        graph.start()
        started.append(graph)

    yield start
    for graph in started:
        graph.stop()
        graph.wait()


def socket(kind, address, bind):
    made = zmq.Context.instance().socket(kind)
    (made.bind if bind else made.connect)(address)
    return made


def test_messages_that_are_no_samples_are_dropped_and_counted(address, running):
    sent = np.arange(6).astype(np.float32).view(np.complex64)
    sender = socket(zmq.PUSH, address, bind=True)
    source, sink = open_source(f"zmq:{address}", RadioSettings()), blocks.vector_sink_c()
    running(source, sink)
    for message in (sent[:2].tobytes(), b"odd", b"", b"1234567", sent[2:].tobytes()):
        sender.send(message)
    wait_until(lambda: len(sink.data()) == len(sent))
    np.testing.assert_array_equal(sink.data(), sent)
    assert source.notice() == "3 of 5 messages were no complex64 samples, dropped"
    sender.close(linger=0)


def test_a_receiver_says_who_is_there(address, running):
    source = open_source(f"zmq:{address}", RadioSettings())
    running(source, blocks.null_sink(8))
    assert source.notice() == f"nobody listens at {address}"
    sender = socket(zmq.PUSH, address, bind=True)
    wait_until(lambda: source.notice() == "the transmitter has sent nothing yet")
    sender.send(bytes(80))
    wait_until(lambda: source.notice() is None)
    sender.close(linger=0)
    wait_until(lambda: source.notice() == f"nobody listens at {address}")


@pytest.mark.parametrize("kind", [zmq.PUB, zmq.REP], ids=["PUB", "REP"])
def test_another_pattern_is_called_so(address, running, kind):
    stranger = socket(kind, address, bind=True)
    source = open_source(f"zmq:{address}", RadioSettings())
    running(source, blocks.null_sink(8))
    wait_until(
        lambda: source.notice() == f"{address} is no PUSH socket, and this one is PULL: nothing can come"
    )
    stranger.close(linger=0)


def test_a_transmitter_says_who_is_there(address, running):
    sink = open_sink(f"zmq:{address}", RadioSettings())
    running(blocks.null_source(8), sink)
    assert sink.notice() == "no receiver is connected"
    pulls = [socket(zmq.PULL, address, bind=False)]
    wait_until(lambda: sink.notice() is None)
    pulls.append(socket(zmq.PULL, address, bind=False))
    wait_until(lambda: sink.notice() and sink.notice().startswith("2 receivers at a PUSH socket: each gets"))
    for pull in pulls:
        pull.close(linger=0)


def test_gnu_radios_blocks_understand_ours(address, running):
    sent = np.arange(400).astype(np.float32).view(np.complex64)
    got = blocks.vector_sink_c()
    running(blocks.vector_source_c(sent.tolist(), True), open_sink(f"zmq:{address}", RadioSettings()))
    running(zeromq.pull_source(8, 1, address, 100, False, 16), blocks.head(8, len(sent)), got)
    wait_until(lambda: len(got.data()) == len(sent))
    start = int(np.flatnonzero(sent == got.data()[0])[0])
    np.testing.assert_array_equal(got.data(), np.roll(sent, -start))


class Silent:
    """An endpoint that has something to say."""

    notice_text = None

    def notice(self):
        return self.notice_text


def test_what_stands_in_the_way_is_told_once_after_some_seconds(capsys):
    now, block = [0.0], Silent()
    partner = Partner("receive", block, lambda: now[0])

    def look(progress, after):
        now[0] += after
        partner._checked = now[0]  # there is no thread to look for
        partner.look(progress)
        return capsys.readouterr().err

    assert look(0, 0.0) == ""
    block.notice_text = "nobody is there"
    assert look(0, 0.9 * PATIENCE) == ""
    assert look(0, 0.2 * PATIENCE) == "aeiqa receive: nobody is there\n"
    assert look(0, 2 * PATIENCE) == ""
    block.notice_text = "somebody else"
    assert look(1, PATIENCE) == ""
    assert look(1, 1.1 * PATIENCE) == "aeiqa receive: somebody else\n"


def receive(tmp_path, url, stop=None):
    receiver = Receiver(url, RadioSettings(), AirConfig())
    with closing(ImageLog(tmp_path / "log")) as log:
        return receive_images(receiver, log, stop or threading.Event())


def test_a_source_that_dies_ends_the_receiver_with_a_word(tmp_path, address, monkeypatch):
    # GNU Radio's block throws in its thread at a message of odd size, and its graph waits for ever.
    block = zeromq.pull_source(8, 1, address, 100, False, 16)
    monkeypatch.setitem(endpoints.SCHEMES, "zmq", lambda *_: block)
    sender = socket(zmq.PUSH, address, bind=True)
    sender.send(b"odd")
    with pytest.raises(InputError, match="the source failed: its thread ended"):
        receive(tmp_path, f"zmq:{address}")
    assert '"event": "end"' in (tmp_path / "log").read_text()
    sender.close(linger=0)


class Dying(gr.sync_block):
    """Fails as a driver may, and says why."""

    def __init__(self):
        gr.sync_block.__init__(self, "dying", None, [np.complex64])
        self.error = None

    def work(self, input_items, output_items):
        self.error = "the radio was unplugged"
        return -1


def test_what_a_source_says_of_its_end_is_told(tmp_path, monkeypatch):
    monkeypatch.setitem(endpoints.SCHEMES, "zmq", lambda *_: Dying())
    with pytest.raises(InputError, match="the source failed: the radio was unplugged"):
        receive(tmp_path, "zmq:x")


def test_images_come_through_a_socket_with_rubbish_in_between(tmp_path, address):
    transmitter, samples = AirTransmitter(AirConfig(), IMAGES), blocks.vector_sink_c()
    graph = gr.top_block()
    graph.connect(transmitter, samples)
    graph.run()
    sender, stop = socket(zmq.PUSH, address, bind=True), threading.Event()
    x = np.array(samples.data(), np.complex64)
    log = tmp_path / "log"
    log.touch()

    def send():
        for part in np.array_split(np.concatenate([x, np.zeros(20000)]).astype(np.complex64), 50):
            sender.send(part.tobytes())
            sender.send(b"rubbish")
        wait_until(lambda: log.read_text().count('"index"') == 3)
        stop.set()

    threading.Thread(target=send).start()
    stats, _ = receive(tmp_path, f"zmq:{address}", stop)
    assert (stats.received, stats.perfect, stats.missed) == (3, 3, 0)
    sender.close(linger=0)


def what_is_said_of(samples, tmp_path, capsys):
    samples.astype(np.complex64).tofile(tmp_path / "air.sigmf-data")
    meta = '{"global": {"core:datatype": "cf32_le"}, "captures": [], "annotations": []}'
    (tmp_path / "air.sigmf-meta").write_text(meta)
    receive(tmp_path, f"sigmf:{tmp_path}/air")
    return capsys.readouterr().err.splitlines()[-1]


def test_the_last_line_tells_what_came_instead_of_images(tmp_path, capsys):
    start = "received 0 images (0 perfect), missed 0, "
    assert what_is_said_of(np.zeros(0), tmp_path, capsys) == f"{start}no samples came"
    line = what_is_said_of(np.zeros(20000), tmp_path, capsys)
    assert line.startswith(f"{start}20000 samples, no beginning of a frame")
    transmitter, sink = (
        AirTransmitter(AirConfig(payload_symbols=30, training_symbols=3), IMAGES),
        blocks.vector_sink_c(),
    )
    graph = gr.top_block()
    graph.connect(transmitter, sink)
    graph.run()
    line = what_is_said_of(np.array(sink.data()), tmp_path, capsys)
    assert line.startswith(start)
    assert "no header readable" in line


def test_inverted_and_loud_samples_are_called_so():
    names = ("bad_samples", "headers_ok", "headers_bad", "frames_refused", "frames_inverted", "loud_samples")
    heard = dict.fromkeys(names, 0) | {"samples": 500, "level_db": -12.3, "snr_db": float("nan")}
    inverted = ReceiverStats().text(heard | {"frames_inverted": 7, "headers_bad": 9})
    assert inverted.endswith("500 samples with 7 frames whose spectrum is inverted: swap I and Q")
    large = ReceiverStats(received=2).text(heard | {"headers_ok": 7, "frames_refused": 5})
    assert large == "received 2 images (0 perfect), missed 0, 5 frames of larger images refused"
    loud = ReceiverStats().text(heard | {"loud_samples": 300})
    assert "500 samples (300 of them loud, mean level -12 dB), no beginning of a frame" in loud


def test_every_subscriber_gets_every_sample(address, running):
    """From when it is there; GNU Radio's own block, too."""
    period, count = 30_000, 500_000
    sent = np.arange(period).astype(np.complex64)
    sources = [open_source(f"zmq+pub:{address}", RadioSettings()) for _ in range(2)]
    theirs = zeromq.sub_source(8, 1, address, 100, False)
    taken = [blocks.vector_sink_c() for _ in range(3)]
    for source, into in zip([*sources, theirs], taken, strict=True):
        running(source, blocks.head(8, count), into)
    sink = open_sink(f"zmq+pub:{address}", RadioSettings())
    running(blocks.vector_source_c(sent.tolist(), True), sink)
    wait_until(lambda: all(len(each.data()) == count for each in taken))
    for each in taken:
        got = np.array(each.data())
        np.testing.assert_array_equal(got, (got[0].real + np.arange(count)) % period)
    assert sink.dropped == 0


def test_a_publisher_waits_for_a_first_subscriber_and_goes_on_without_a_stalled_one(address, running):
    sink = open_sink(f"zmq+pub:{address}", RadioSettings())
    running(blocks.null_source(8), sink)
    assert sink.notice() == "no receiver is connected"
    stalled = zmq.Context.instance().socket(zmq.SUB)
    stalled.set_hwm(1)
    stalled.subscribe(b"")
    stalled.connect(address)
    wait_until(lambda: sink._subscribers == 1)
    source, taken = open_source(f"zmq+pub:{address}", RadioSettings()), blocks.probe_signal_c()
    running(source, taken)
    wait_until(lambda: sink.dropped > 0)
    assert "a receiver is too slow" in sink.notice()
    messages = source.messages
    wait_until(lambda: source.messages > messages)
    stalled.close(linger=0)
    wait_until(lambda: sink._subscribers == 1)


@pytest.mark.parametrize(
    ("kind", "bind", "words"),
    [
        (zmq.PUSH, True, "is no PUB socket, and this one is SUB: nothing can come"),
        (zmq.PULL, False, "somebody who is no SUB socket wants samples from this PUB socket"),
    ],
)
def test_a_publishers_pattern_is_told(kind, bind, words, address, running):
    if bind:
        block = open_source(f"zmq+pub:{address}", RadioSettings())
        running(block, blocks.null_sink(8))
    else:
        block = open_sink(f"zmq+pub:{address}", RadioSettings())
        running(blocks.null_source(8), block)
    other = socket(kind, address, bind)
    wait_until(lambda: words in (block.notice() or ""))
    other.close(linger=0)
