#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Endpoints: opened by name, tuned, and refused in one line."""

import subprocess
import sys

import numpy as np
import pytest
from gnuradio import blocks, gr

from gnuradio.aeiqa import InputError
from gnuradio.aeiqa.radio import RadioSettings, find_radios, open_sink, open_source


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("", "must begin with one of soapy:, uhd:"),
        ("radio", "must begin with"),
        ("fm:1", "must begin with"),
        ("soapy:", "must name a device"),
        ("soapy:driver=nosuchradio", "no match"),
        ("uhd:serial=00000000", "No devices found"),
        ("iio:local:", "context"),
        ("zmq:localhost:5555", "must be like zmq:tcp://HOST:PORT"),
        ("zmq:tcp://*", "Invalid argument"),
        ("sigmf:", "must name a recording"),
        ("sigmf:/nosuchfolder/recording", "no such folder: /nosuchfolder"),
    ],
)
def test_what_cannot_be_opened_is_told_in_one_line(url, message, capfd):
    with pytest.raises(InputError) as caught:
        open_sink(url, RadioSettings())
    assert message in str(caught.value)
    assert str(caught.value).startswith(f"{url}: ")
    assert "\n" not in str(caught.value)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"rate": 0.0}, "rate: must be more than 0"),
        ({"rate": float("nan")}, "rate: must be a number more than 0"),
        ({"frequency": -1.0}, "frequency: must be more than 0"),
        ({"bandwidth": 0.0}, "bandwidth: must be more than 0"),
        ({"gain": float("inf")}, "gain: must be a number"),
    ],
)
def test_impossible_settings(settings, message):
    with pytest.raises(InputError, match=message):
        RadioSettings(**settings)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"rate": 1e9}, "sample rate"),
        ({"rate": 1e6, "gain": 70.0}, "gain: this radio has -60 to 60 dB, got 70"),
        ({"rate": 1e6, "antenna": "TX2"}, "TX2"),
        ({"rate": 1e6, "frequency": 1e12}, "frequency"),
    ],
)
def test_settings_that_the_radio_has_not(settings, message, virtual_link):
    with pytest.raises(InputError, match=message):
        open_source(f"soapy:{virtual_link},end=b", RadioSettings(**settings))


def test_busy_device(virtual_link):
    url = f"soapy:{virtual_link},end=a"
    held = open_sink(url, RadioSettings())
    with pytest.raises(InputError, match="device busy"):
        open_sink(f"{url},seed=2", RadioSettings())
    assert held.get_sample_rate(0) == 1e6


def test_socket_in_use(tmp_path):
    url = f"zmq:ipc://{tmp_path}/socket"
    held = open_sink(url, RadioSettings())
    tcp = open_sink("zmq:tcp://127.0.0.1:*", RadioSettings())
    with pytest.raises(InputError, match="in use"):
        open_sink(f"zmq:{tcp.last_endpoint()}", RadioSettings())
    assert held.last_endpoint() == f"ipc://{tmp_path}/socket"


def test_samples_cross_the_virtual_radio_and_sockets(virtual_link, tmp_path):
    urls = [(f"soapy:{virtual_link},end=a", f"soapy:{virtual_link},end=b"), (f"zmq:ipc://{tmp_path}/s",) * 2]
    sent = np.random.default_rng(1).normal(size=40000).astype("f4").view("c8")
    for to, source in urls:
        receiver = gr.top_block()
        stop = blocks.head(8, 5000)
        got = blocks.vector_sink_c()
        nonzero = _DropZeros()
        receiver.connect(open_source(source, RadioSettings()), nonzero, stop, got)
        receiver.start()
        transmitter = gr.top_block()
        transmitter.connect(blocks.vector_source_c(sent.tolist(), True), open_sink(to, RadioSettings()))
        transmitter.start()
        receiver.wait()
        transmitter.stop()
        transmitter.wait()
        y = np.array(got.data(), np.complex64)
        start = int(np.flatnonzero(sent == y[0])[0])
        np.testing.assert_array_equal(y, np.roll(sent, -start)[:5000])


class _DropZeros(gr.basic_block):
    """The virtual radio is silent until it hears a transmitter."""

    def __init__(self):
        gr.basic_block.__init__(self, "drop_zeros", [np.complex64], [np.complex64])
        self.heard = False

    def general_work(self, input_items, output_items):
        x, out = input_items[0], output_items[0]
        skip = 0 if self.heard else int(np.argmax(x != 0)) if x.any() else len(x)
        self.heard = self.heard or skip < len(x)
        count = min(len(x) - skip, len(out))
        out[:count] = x[skip : skip + count]
        self.consume(0, skip + count)
        return count


def test_radios_are_found(virtual_link, capfd):
    assert any(radio.startswith("soapy:driver=aeiqa_virtual") for radio in find_radios())
    assert capfd.readouterr() == ("", "")


def test_importing_the_package_imports_no_radio_library():
    code = (
        "import sys, gnuradio.aeiqa, gnuradio.aeiqa.radio\n"
        "print([m for m in ('gnuradio.soapy', 'gnuradio.uhd', 'gnuradio.iio', 'gnuradio.zeromq', 'SoapySDR')"
        " if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
