#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The block that closes the loop, alone and around a link."""

import threading
import time

import numpy as np
import pmt
import pytest
from gnuradio import gr

from gnuradio.aeiqa import InputError, channel, link_adapter
from gnuradio.aeiqa.air import AirConfig, AirReceiver, AirTransmitter
from gnuradio.aeiqa.images import load_dataset

CONFIG = AirConfig(payload_symbols=22)


class Collector(gr.basic_block):
    """Keeps messages; ``enough`` is set once so many have come."""

    def __init__(self, wanted):
        gr.basic_block.__init__(self, "collector", None, None)
        self.got, self.enough = [], threading.Event()
        self._wanted = wanted
        self.message_port_register_in(pmt.intern("in"))
        self.set_msg_handler(pmt.intern("in"), self._take)

    def _take(self, message):
        self.got.append(message)
        if len(self.got) >= self._wanted:
            self.enough.set()


def pdu(image, **metadata):
    rows, cols = image.shape
    metadata = {"rows": rows, "cols": cols, **metadata}
    return pmt.cons(pmt.to_pmt(metadata), pmt.init_u8vector(image.size, image.ravel().tolist()))


def follow(*messages):
    """Hand (port, message) pairs to an adapter; return it and the metadata of the images that came out.

    Not through its queues, which know no order among ports.
    """
    adapter = link_adapter(CONFIG)
    images = sum(port == "images" for port, _ in messages)
    collector, top = Collector(images), gr.top_block()
    top.msg_connect(adapter, "images", collector, "in")
    top.start()
    for port, message in messages:
        (adapter._take_image if port == "images" else adapter._take_report)(message)
    assert collector.enough.wait(60)
    top.stop()
    top.wait()
    return adapter, [pmt.to_python(pmt.car(message)) for message in collector.got]


IMAGE = np.full((28, 28), 20, np.uint8)


def report(index, error=0.0, snr_db=30.0):
    return "report", pmt.to_pmt({"index": index, "error": error, "snr_db": snr_db})


def test_images_pass_with_their_mode():
    adapter, sent = follow(("images", pdu(IMAGE, label=7)), report(0), ("images", pdu(IMAGE, index=5)))
    assert [(image["index"], image["bits"], image["copies"]) for image in sent] == [(0, 2, 2), (5, 8, 1)]
    assert sent[0]["label"] == 7
    assert (adapter.sent(), adapter.reported(), adapter.lost(), adapter.blind()) == (2, 1, 0, False)
    assert adapter.used() == {"qpskx2": 1, "qam256": 1}


def test_reports_of_a_scoring_sink_and_snr_of_an_image_sink():
    snr = pdu(IMAGE, index=0, snr_db=30.0)
    batch = {"image_index": [0, 2], "image_score": np.array([0.0, 0.0])}  # 1 never came
    images = [("images", pdu(IMAGE))] * 3
    adapter, sent = follow(*images, ("report", snr), ("report", pmt.to_pmt(batch)), ("images", pdu(IMAGE)))
    assert (adapter.reported(), adapter.lost()) == (2, 1)
    assert sent[-1]["index"] == 3
    assert sent[-1]["bits"] == 8


def test_what_is_no_report_is_dropped():
    nonsense = [
        pmt.to_pmt({"index": 0}),
        pmt.intern("x"),
        pmt.PMT_NIL,
        pmt.to_pmt({"index": 0, "error": 2.0}),
    ]
    messages = [("images", pdu(IMAGE)), *(("report", message) for message in nonsense)]
    adapter, _ = follow(*messages, ("images", pdu(IMAGE)))
    assert adapter.reported() == 0


def test_the_loop_turns_fast_over_a_good_channel():
    """Images as they were sent are read right: what comes back says so."""
    images = load_dataset("mnist").images[:40]
    adapter, transmitter, receiver = link_adapter(CONFIG), AirTransmitter(CONFIG), AirReceiver(CONFIG)
    top = gr.top_block()
    top.connect(transmitter, channel(snr_db=35.0), receiver)
    top.msg_connect(adapter, "images", transmitter, "images")
    top.msg_connect(receiver, "images", adapter, "report")
    top.start()
    arrived, told = [], 0
    for index, image in enumerate(images):
        adapter._take_image(pdu(image))
        while len(arrived) < index:  # the last one's frames wait for those behind them
            arrived += receiver.take()
            time.sleep(0.001)
        for got in arrived[told:]:
            adapter._take_report(report(got.index)[1])
        told = len(arrived)
    while transmitter.sent() < len(images):  # the end must not overtake the last image's message
        time.sleep(0.001)
    transmitter.finish()
    top.wait()
    arrived += receiver.take()
    assert [image.index for image in arrived] == list(range(40))
    assert arrived[0].modulation == "qpsk"
    assert arrived[-1].modulation == "qam256"
    assert all(np.array_equal(got.image, sent) for got, sent in zip(arrived, images, strict=True))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"modes": ("qam3",)}, "mode: must be one of"),
        ({"target": "nobody"}, "target must be one of paper"),
        ({"error_pct": 0.0}, "target_error: must be from"),
        ({"patience": 0}, "patience: must be from 1"),
    ],
)
def test_mistakes_are_named(arguments, message):
    with pytest.raises(InputError, match=message):
        link_adapter(CONFIG, **arguments)
