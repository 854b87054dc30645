#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""A classifier on an inference server: the Open Inference Protocol against a small server of the tests."""

import json
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from gnuradio.aeiqa import iqa
from gnuradio.aeiqa.errors import InputError
from gnuradio.aeiqa.iqa.classifiers import oip_network

sys.path.insert(0, str(Path(__file__).parent))
from own_models import CLASSES, HEIGHT, WIDTH, patches, trained

NAMES = [f"/v2/models/{name}" for name in ("patches", "patches/versions/3")]
DESCRIPTION = {
    "name": "patches",
    "versions": ["3"],
    "platform": "numpy",
    "inputs": [{"name": "pixels", "datatype": "FP32", "shape": [-1, 3, HEIGHT, WIDTH]}],
    "outputs": [
        {"name": "logits", "datatype": "FP32", "shape": [-1, 3]},
        {"name": "label", "datatype": "INT64", "shape": [-1]},
    ],
}


def infer(request):
    """What the model of the tests answers, in the protocol's words."""
    (tensor,) = request["inputs"]
    assert tensor["name"] == "pixels"
    assert tensor["datatype"] == "FP32"
    weights, bias = trained()
    rows = np.array(tensor["data"], np.float32).reshape(tensor["shape"])
    logits = rows.reshape(len(rows), -1) @ weights.T + bias
    found = {
        "name": "logits",
        "datatype": "FP32",
        "shape": list(logits.shape),
        "data": logits.ravel().tolist(),
    }
    return {"model_name": "patches", "outputs": [found]}


@contextmanager
def serving(description=DESCRIPTION, answer=infer, status=200, wait=None):
    """Serve the model on loopback; yield its address and the batches it was asked for."""
    batches = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            known = self.path in NAMES
            self.reply(200 if known else 404, description if known else {"error": "no such model"})

        def do_POST(self):
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            batches.append(request["inputs"][0]["shape"])
            if wait is not None:
                wait.wait(30)
            self.reply(status, answer(request) if status == 200 else {"error": "out of\nmemory"})

        def reply(self, code, body):
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(code)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            """Keep the tests' output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"oip:http://127.0.0.1:{server.server_port}/v2/models/patches", batches
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_model_on_a_server_classifies_in_batches():
    images, labels = patches(70, 9)
    with serving() as (address, batches):
        target = iqa.load_target(address, class_names=CLASSES)
        found = target.predict(images)
        probabilities = target.probabilities(images[:3])
    assert (found == labels).mean() > 0.9
    weights, bias = trained()
    logits = images.transpose(0, 3, 1, 2).reshape(70, -1) / 255 @ weights.T + bias
    np.testing.assert_array_equal(found, logits.argmax(axis=1))
    shares = np.exp(logits[:3]) / np.exp(logits[:3]).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(probabilities, shares, atol=1e-5)
    assert target.name == "patches"
    assert target.card["runtime"] == "Open Inference Protocol, numpy"
    assert all(shape[1:] == [3, HEIGHT, WIDTH] for shape in batches)
    assert len(batches) < 20


def test_a_version_is_asked_for():
    with serving() as (address, _):
        assert iqa.load_target(f"{address}/versions/3", class_names=CLASSES).name == "patches"


def test_a_sweep_asks_the_server():
    from gnuradio import aeiqa

    from gnuradio.aeiqa.images import Dataset

    images, labels = patches(12, 5)
    with serving() as (address, _):
        found = aeiqa.sweep(
            address, Dataset("patches", images, labels, CLASSES), channel="awgn", modulation="qpsk",
            snr_db=40, preset="physical", workers=1,
        )  # fmt: skip
    assert np.asarray(found.table["classifier_error_pct"])[0] < 20
    assert found.results.configuration["target"] == "patches"


def changed(field, **changes):
    return DESCRIPTION | {field: [DESCRIPTION[field][0] | changes]}


@pytest.mark.parametrize(
    ("server", "words"),
    [
        ({"description": b"<html>"}, "answers something other than a JSON object"),
        ({"description": []}, "answers something other than a JSON object"),
        ({"description": {"name": "patches"}}, "does not describe the model's inputs"),
        ({"description": DESCRIPTION | {"inputs": []}}, "must have one input, has 0"),
        (
            {"description": changed("inputs", datatype="BYTES")},
            "input is BYTES, must be of FP32, FP64, UINT8",
        ),
        ({"description": changed("outputs", datatype="BYTES")}, "output logits is BYTES, must be of floats"),
        ({"description": DESCRIPTION | {"outputs": []}}, "the model has no output, but none"),
        ({"status": 500}, r"answers 500 \(out of memory\)"),
        ({"answer": lambda request: {"outputs": []}}, "answers without a tensor logits of its shape"),
        ({"answer": lambda request: {"error": "?"}}, "answers without a tensor logits of its shape"),
        ({"answer": lambda request: b"{"}, "answers something other than a JSON object"),
    ],
)
def test_each_way_to_fail_is_one_line(server, words):
    with serving(**server) as (address, _), pytest.raises(InputError, match=words) as raised:
        iqa.load_target(address, class_names=CLASSES).predict(patches(2)[0])
    assert "\n" not in str(raised.value)
    assert address in str(raised.value)


def test_other_models_and_silent_servers(monkeypatch):
    with serving() as (address, _):
        with pytest.raises(InputError, match=r"answers 404 \(no such model\)"):
            iqa.load_target(address.replace("patches", "others"), class_names=CLASSES)
        target = iqa.load_target(address, class_names=CLASSES)
    with pytest.raises(InputError, match=r"cannot be asked .*refused"):
        iqa.load_target(address, class_names=CLASSES)
    with pytest.raises(InputError, match=r"cannot be asked .*refused"):
        target.predict(patches(2)[0])


def test_a_server_that_is_too_slow():
    done = threading.Event()
    with serving(wait=done) as (address, _):
        server = oip_network._Server.of(address)
        body = {"inputs": [{"shape": [1]}]}
        with pytest.raises(InputError, match=r"does not answer within 0\.2 s"):
            server.request(f"{server.path}/infer", body, 0.2)
        done.set()


@pytest.mark.parametrize(
    "address", ["oip:", "oip:http://localhost", "oip:ftp://a:1/v2/models/m", "oip:http://a:99999/v2/models/m"]
)
def test_addresses(address):
    with pytest.raises(InputError, match="must be oip:http://HOST:PORT/v2/models/NAME"):
        iqa.load_target(address)
