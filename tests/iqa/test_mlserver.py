#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""A classifier on a real server of the Open Inference Protocol: MLServer, in an environment of its own."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import numpy as np
import pytest

from gnuradio.aeiqa import iqa
from gnuradio.aeiqa.errors import InputError
from gnuradio.aeiqa.files import data_dir

sys.path.insert(0, str(Path(__file__).parent))
from own_models import CLASSES, HEIGHT, WIDTH, patches, trained

MLSERVER = data_dir().parent / "build" / "mlserver" / "bin" / "mlserver"
pytestmark = pytest.mark.skipif(
    not MLSERVER.exists(),
    reason="no MLServer (python3 -m venv build/mlserver; build/mlserver/bin/pip install mlserver)",
)
START_S = 120

MODEL = """
import numpy as np
from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceResponse


class Patches(MLModel):
    async def load(self):
        found = np.load(self.settings.parameters.uri)
        self.weights, self.bias = found["weights"], found["bias"]
        return True

    async def predict(self, request):
        pixels = NumpyCodec.decode_input(request.inputs[0])
        logits = pixels.reshape(len(pixels), -1) @ self.weights.T + self.bias
        output = NumpyCodec.encode_output("logits", logits.astype(np.float32))
        return InferenceResponse(model_name=self.name, outputs=[output])
"""


def free_ports(count):
    """Ports of loopback that are free now, all different."""
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The address of a server with the model of the tests."""
    folder = tmp_path_factory.mktemp("mlserver")
    weights, bias = trained()
    np.savez(folder / "weights.npz", weights=weights, bias=bias)
    (folder / "served.py").write_text(MODEL, encoding="utf-8")
    http, grpc, metrics = free_ports(3)
    ports = {"http_port": http, "grpc_port": grpc, "metrics_port": metrics}
    settings = {"host": "127.0.0.1", **ports, "parallel_workers": 0, "debug": False}
    model = {
        "name": "patches",
        "implementation": "served.Patches",
        "parameters": {"uri": str(folder / "weights.npz"), "version": "v1"},
        "inputs": [{"name": "pixels", "datatype": "FP32", "shape": [-1, 3, HEIGHT, WIDTH]}],
        "outputs": [{"name": "logits", "datatype": "FP32", "shape": [-1, len(CLASSES)]}],
    }
    for name, content in (("settings", settings), ("model-settings", model)):
        (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    # Without this process's paths: its packages are not the server's.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    with open(folder / "log", "w+b") as log:
        process = subprocess.Popen(
            [MLSERVER, "start", folder], cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            wait_for(process, f"http://127.0.0.1:{http}/v2/health/ready", folder / "log")
            yield f"oip:http://127.0.0.1:{http}/v2/models"
        finally:
            process.terminate()
            process.wait(30)


def wait_for(process, address, log):
    """Return when the server is ready; fail with what it wrote if it ends or takes two minutes."""
    end = time.monotonic() + START_S
    while process.poll() is None and time.monotonic() < end:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    pytest.fail(f"MLServer did not start: {log.read_text(encoding='utf-8', errors='replace')[-2000:]}")


def test_a_model_on_it_classifies(server):
    images, labels = patches(70, 9)
    target = iqa.load_target(f"{server}/patches", class_names=CLASSES)
    found, probabilities = target.predict(images), target.probabilities(images)
    weights, bias = trained()
    logits = images.transpose(0, 3, 1, 2).reshape(70, -1) / 255 @ weights.T + bias
    np.testing.assert_array_equal(found, logits.argmax(axis=1))
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(probabilities, shares, atol=1e-5)
    assert (found == labels).mean() > 0.9
    assert target.name == "patches"


def test_the_version_it_has_is_found_and_no_other(server):
    images, _ = patches(5, 9)
    known = iqa.load_target(f"{server}/patches/versions/v1", class_names=CLASSES)
    assert len(known.predict(images)) == 5
    for address in (f"{server}/patches/versions/v2", f"{server}/others"):
        with pytest.raises(InputError, match="404") as raised:
            iqa.load_target(address, class_names=CLASSES)
        assert "\n" not in str(raised.value)


def test_a_sweep_asks_it(server):
    from gnuradio import aeiqa

    images, labels = patches(30, 4)
    data = aeiqa.images.Dataset("patches", images, labels, CLASSES)
    link = {"channel": "awgn", "modulation": "qpsk", "preset": "physical", "snr_db": 30}
    found = aeiqa.sweep(f"{server}/patches", data, workers=1, **link)
    wrong = iqa.load_target(f"{server}/patches", class_names=CLASSES).predict(images) != labels
    assert np.asarray(found.table["classifier_error_pct"]).tolist() == [100 * wrong.mean()]
