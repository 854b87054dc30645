#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The state over HTTP: what Prometheus and people get, and that nobody stops it by asking."""

import http.client
import json
import random
import re
import socket
from types import SimpleNamespace

import numpy as np
import pytest

from gnuradio.aeiqa.edge.metrics_text import metrics_text
from gnuradio.aeiqa.edge.monitor import Monitor
from gnuradio.aeiqa.edge.service import Edge
from gnuradio.aeiqa.edge.settings import EdgeSettings
from gnuradio.aeiqa.errors import InputError
from gnuradio.aeiqa.iqa import Score

COUNTERS = {"samples": 9, "level_db": -20.5, "snr_db": float("nan"), "payloads_ok": 5, "frames_lost": 2}
SAMPLE = re.compile(r'(\w+)(?:\{(\w+="[\w.+-]+"(?:,\w+="[\w.+-]+")*)\})? (-?\d+(?:\.\d+)?(?:e-?\d+)?)')


def edge_with_images():
    score = SimpleNamespace(pooled=lambda raw, error_pct, count: (error_pct, (1.0, 20.0)))
    edge = Edge(SimpleNamespace(score=score), EdgeSettings())
    for stream, index, modulation in ((1, 0, "qpsk"), (1, 3, "qam16"), (1, 2, "qpsk")):
        edge.account.place(stream, index, modulation, index != 3)
    edge._add("qpsk", Score(np.array([0.1]), 10.0, (1.0, 20.0), 0.9, 10.0))
    for seconds in (0.07, 0.1):
        edge.waits.add(seconds)
    edge.look(COUNTERS)
    return edge


@pytest.fixture
def monitor():
    edge, age = edge_with_images(), [0.0]
    made = Monitor("127.0.0.1:0", edge.status, lambda: age[0])
    made.edge, made.age = edge, age
    yield made
    made.close()


def get(monitor, path, method="GET", **headers):
    host, _, port = monitor.address.rpartition(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=60)
    try:
        connection.request(method, path, headers=headers)
        reply = connection.getresponse()
        return reply.status, reply.read().decode(), reply.headers
    finally:
        connection.close()


def samples(text):
    """Parse Prometheus' text format, and check what it demands."""
    found, described, named = {}, [], {}
    for line in text.splitlines():
        if line.startswith("# HELP "):
            described.append(line.split(" ", 3)[2])
        elif line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert described[-1] == name
            assert name not in named
            named[name] = kind
            assert (kind == "counter") == name.endswith("_total")
        else:
            name, labels, value = SAMPLE.fullmatch(line).groups()
            parts = ("_bucket", "_sum", "_count") if list(named.values())[-1] == "histogram" else ("",)
            assert name in {list(named)[-1] + part for part in parts}
            assert (name, labels) not in found
            found[name, labels] = float(value)
    assert text.endswith("\n")
    return found


def test_metrics_are_the_status_in_prometheus_format(monitor):
    code, text, headers = get(monitor, "/metrics")
    found = samples(text)
    assert code == 200
    assert headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert found["aeiqa_images_total", 'modulation="qpsk",outcome="perfect"'] == 2
    assert found["aeiqa_images_total", 'modulation="qam16",outcome="damaged"'] == 1
    assert found["aeiqa_images_missed_total", None] == 2
    assert found["aeiqa_images_late_total", None] == 1
    assert found["aeiqa_predicted_error_ratio", None] == 0.1
    assert found["aeiqa_predicted_error_upper_ratio", None] == 0.2
    assert found["aeiqa_modulation_predicted_error_ratio", 'modulation="qpsk"'] == 0.1
    assert found["aeiqa_frames_total", 'outcome="lost"'] == 2
    assert found["aeiqa_alarm", 'alarm="silence"'] == 0
    assert found["aeiqa_level_db", None] == -20.5
    assert found["aeiqa_answer_seconds_bucket", 'le="0.05"'] == 0
    assert found["aeiqa_answer_seconds_bucket", 'le="0.1"'] == found["aeiqa_answer_seconds_count", None] == 2
    assert found["aeiqa_answer_seconds_sum", None] == pytest.approx(0.17)
    assert ("aeiqa_snr_db", None) not in found  # nan: unknown


def test_metrics_before_any_image():
    edge = Edge(SimpleNamespace(score=None), EdgeSettings())
    edge.look({"samples": 0, "level_db": float("nan")})
    assert ("aeiqa_predicted_error_ratio", None) not in samples(metrics_text(edge.status()))


def test_status_is_the_edges_and_health_says_whether_it_goes_on(monitor):
    assert json.loads(get(monitor, "/status")[1]) == monitor.edge.status()
    assert get(monitor, "/health")[0] == 200
    monitor.age[0] = 31.0
    code, text, _ = get(monitor, "/health")
    assert (code, json.loads(text)) == (503, {"status": "stalled"})


def test_the_page_refers_to_nothing_elsewhere(monitor):
    for path in ("/", "/page.css", "/page.js"):
        code, text, headers = get(monitor, path)
        assert code == 200
        assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", text)
        assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert get(monitor, "/", "HEAD")[:2] == (200, "")


@pytest.mark.parametrize(
    ("path", "method", "headers", "code"),
    [
        ("/nothing", "GET", {}, 404),
        ("/../service.py", "GET", {}, 404),
        ("/page.html", "GET", {}, 404),
        ("/status", "POST", {}, 501),
        ("/status", "DELETE", {}, 501),
        ("/status", "GET", {"Host": "evil.example"}, 403),
        ("/status", "GET", {"Host": "127.0.0.1.evil.example:80"}, 403),
        ("/status", "GET", {"Host": "[::1]:80"}, 200),
        ("/status", "GET", {"X": "x" * 70_000}, 431),
    ],
)
def test_whatever_else_is_asked_for_is_refused(monitor, path, method, headers, code):
    assert get(monitor, path, method, **headers)[0] == code


def test_clients_that_send_anything_or_nothing_do_not_stop_it(monitor):
    rng, clients = random.Random(1), []
    host, _, port = monitor.address.rpartition(":")
    try:
        for number in range(60):
            clients.append(socket.create_connection((host, int(port)), timeout=60))
            if number % 3:
                clients[-1].sendall(rng.randbytes(rng.randrange(1, 300)))
        for _ in range(3):
            assert get(monitor, "/health")[0] == 200
    finally:
        for client in clients:
            client.close()


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("0.0.0.0:8080", "is not this machine's loopback"),
        ("example.org:80", "is not this machine's loopback"),
        (":8080", "must be like"),
        ("127.0.0.1", "must be like"),
        ("127.0.0.1:99999", "must be like"),
        ("127.0.0.1:x", "must be like"),
    ],
)
def test_addresses_that_are_refused(address, message):
    with pytest.raises(InputError, match=message):
        Monitor(address, dict, lambda: 0.0)


def test_an_address_that_is_taken(monitor):
    with pytest.raises(InputError, match="--http"):
        Monitor(monitor.address, dict, lambda: 0.0)
