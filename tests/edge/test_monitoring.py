#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The rules and the dashboard in monitoring/, by Prometheus' own tools and a real server beside an edge."""

import json
import re
import shutil
import socket
import subprocess
import urllib.request
from pathlib import Path

import pytest
from programs import wait_until
from test_monitor import edge_with_images

from gnuradio.aeiqa.edge.metrics_text import metrics_text
from gnuradio.aeiqa.files import read_json

ROOT = Path(__file__).parents[2]
MONITORING = ROOT / "monitoring"
METRIC = re.compile(r"\baeiqa_\w+")

needs_prometheus = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="no Prometheus (Debian package prometheus)"
)


def promtool(*arguments, **options):
    return subprocess.run(["promtool", *arguments], capture_output=True, text=True, **options)


@pytest.fixture
def metrics():
    """What an edge tells when it has seen something of everything."""
    edge = edge_with_images()
    edge.look({"samples": 9, "level_db": -20.5, "snr_db": 7.5, "payloads_ok": 5})
    return metrics_text(edge.status())


@needs_prometheus
@pytest.mark.parametrize(
    "arguments", [("check", "config", "prometheus.yml"), ("test", "rules", "alerts_test.yml")]
)
def test_the_rules_do_what_they_say(arguments):
    *verb, name = arguments
    found = promtool(*verb, MONITORING / name)
    assert found.returncode == 0, found.stdout + found.stderr


@needs_prometheus
def test_names_and_units_are_prometheus_own(metrics):
    found = promtool("check", "metrics", input=metrics)
    assert found.returncode == 0, found.stderr
    assert not found.stderr


def test_rules_and_dashboard_ask_for_metrics_that_there_are(metrics):
    there = {line.split("{")[0].split(" ")[0] for line in metrics.splitlines() if not line.startswith("#")}
    rules = (MONITORING / "alerts.yml").read_text()
    dashboard = read_json(MONITORING / "grafana-dashboard.json")
    shown = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    assert set(METRIC.findall(rules)) <= there
    asked = {name for expression in shown for name in METRIC.findall(expression)}
    assert asked <= there | {"aeiqa_lost_ratio"}  # which takes a whole window of images
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])


def test_every_alert_has_its_section_in_the_guide():
    rules, guide = (MONITORING / "alerts.yml").read_text(), (ROOT / "docs" / "edge.md").read_text()
    alerts = re.findall(r"- alert: (\w+)", rules)
    assert alerts
    assert re.findall(r'runbook: "docs/edge.md#(\w+)"', rules) == [alert.lower() for alert in alerts]
    assert re.findall(r"^### (Edge\w+)$", guide, re.MULTILINE) == alerts


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def ask(port, path):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/{path}", timeout=30) as reply:
            return json.load(reply)["data"]
    except OSError:
        return None


@needs_prometheus
def test_an_alert_fires_and_ends(programs, tmp_path):
    """Silence, as Prometheus sees it beside an edge: then images come, and every one of them is counted."""
    edge_port, port = free_port(), free_port()
    medium = f"zmq:ipc://{tmp_path}/socket"
    programs("edge", "--from", medium, "--http", f"127.0.0.1:{edge_port}", "--silence", 3)
    for name in ("prometheus.yml", "alerts.yml"):
        text = (MONITORING / name).read_text().replace(": 5s", ": 1s")
        (tmp_path / name).write_text(text.replace("127.0.0.1:8080", f"127.0.0.1:{edge_port}"))
    command = [
        "prometheus", f"--config.file={tmp_path}/prometheus.yml", f"--storage.tsdb.path={tmp_path}/data",
        f"--web.listen-address=127.0.0.1:{port}",
    ]  # fmt: skip

    def firing():
        alerts = (ask(port, "alerts") or {"alerts": []})["alerts"]
        return {alert["labels"]["alertname"] for alert in alerts if alert["state"] == "firing"}

    def counted():
        found = ask(port, "query?query=sum(aeiqa_images_total)")
        return int(found["result"][0]["value"][1]) if found and found["result"] else 0

    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as server:
        try:
            wait_until(lambda: "EdgeSilent" in firing())
            device, _ = programs("transmit", "--to", medium, "--images", 60)
            wait_until(lambda: "EdgeSilent" not in firing())
            wait_until(lambda: counted() == 60)
            assert device.wait(60) == 0
        finally:
            server.terminate()
