#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Every command of the launcher at small work, as a user calls it in some environment, and what it makes."""

import hashlib
import json
import signal
import socket
import subprocess
from pathlib import Path

import numpy as np
from programs import DEADLINE, wait_until

FLOW_GRAPHS = {
    "awgn": [],
    "batch": ["--modulation", "qam16", "--snr-db", "9.5", "--count", "40", "--out", "batch.csv"],
}


class Environment:
    """Where commands are called.

    Args:
        folder: made for it; results go there, and it is the current one.
        launcher: of the checkout.
        variables: the environment's, all of them.
        before: a command that runs another one, if need be.
        umask: of the processes.
    """

    def __init__(self, folder, launcher, variables, before=(), umask=0o022):
        self.folder, self.launcher, self.before = folder, launcher, before
        self.variables, self.umask = variables, umask
        folder.mkdir(parents=True)

    def start(self, *arguments):
        """Begin a command with its output in files."""
        name = f"{len(list(self.folder.glob('*.err')))}-{arguments[0]}"
        output, errors = (self.folder / f"{name}.{kind}" for kind in ("out", "err"))
        with output.open("wb") as output, errors.open("wb") as errors:
            process = subprocess.Popen(
                [*map(str, self.before), self.launcher, *map(str, arguments)],
                env=self.variables,
                cwd=self.folder,
                umask=self.umask,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
            )
        process.name = name
        return process

    def end(self, process, refusals=()):
        """Wait for a command to end; return its output, or None if it says why not in one of ``refusals``."""
        try:
            status = process.wait(DEADLINE)
        finally:
            process.kill()
        output, errors = (
            (self.folder / f"{process.name}.{kind}").read_text(encoding="utf-8") for kind in ("out", "err")
        )
        if status == 2 and errors.count("\n") == 1:
            assert any(reason in errors for reason in refusals), (process.args, errors)
            return None
        assert status == 0, (process.args, status, output[-1000:], errors[-3000:])
        for strange in ("Traceback", "Warning", "WARNING", "impostor"):
            assert strange not in errors, (process.args, errors[-3000:])
        return output

    def run(self, *arguments, refusals=()):
        return self.end(self.start(*arguments), refusals)

    def file(self, name):
        return (self.folder / name).read_bytes()

    def log(self, name):
        """Return of each image's line in a log what does not depend on time and chance."""
        lines = [json.loads(line) for line in self.file(name).splitlines()]
        same = ("index", "label", "modulation", "sha256", "bit_errors", "prediction", "score")
        return [[line.get(field) for field in same] for line in lines if "index" in line]


def results_of_all_commands(environment):
    """Let every command do something in an environment; return what is the same in each, by command."""
    here, results = environment, {}
    here.run("help")
    assert "missing" not in here.run("check")
    here.run("python", "-c", "from gnuradio import aeiqa; aeiqa.transmit")

    links = ["--modulations", "qpsk", "--snr", "4.5,12"]
    here.run("sweep", "--images", 100, *links, "--workers", 2, "--out", "a sweep")
    results["sweep"] = [here.file(f"a sweep/{name}") for name in ("table.csv", "images.csv.gz")]
    results["report"] = here.run("report", "a sweep")
    few = ["--images", 20, "--targets", "paper", "--scores", "paper,psnr", "--links", "table2"]
    here.run("evaluate", *few, "--workers", 2, "--out", "an evaluation")
    results["evaluate"] = here.file("an evaluation/evaluation.csv")
    loop = ["--conditions", "pulses", "--images", 200, "--traces", 1, "--no-report"]
    here.run("adapt", *loop, "--out", "loops")
    results["adapt"] = here.file("loops/adaptation.csv")
    for form in (["parquet", "--out", "parquet"], ["mlflow"]):
        here.run("export", "a sweep", "--to", *form, refusals=["needs pyarrow", "needs mlflow"])
    images = np.arange(60 * 784, dtype=np.uint32).reshape(60, 28, 28) * 2654435761 >> 8
    np.savez(here.folder / "few.npz", images=images.astype(np.uint8), labels=np.arange(60) % 10)
    training = ["--dataset", "few.npz", "--what", "classifier", "--seeds", 1, "--epochs", 1]
    here.run("train", *training, "--threads", 1, "--out", "models")
    with np.load(here.folder / "models" / "paper-classifier.npz") as arrays:
        results["train"] = {name: hashlib.sha256(arrays[name].tobytes()).hexdigest() for name in arrays.files}

    here.run("transmit", "--to", "sigmf:air", "--images", 5, "--log", "tx.jsonl")
    scored = ["--dataset", "mnist", "--score", "paper"]
    kept = ["--log", "rx.jsonl", "--record", "again", "--save", "got.npz"]
    here.run("receive", "--from", "sigmf:air", *scored, *kept)
    results["transmit"], results["receive"] = here.log("tx.jsonl"), here.log("rx.jsonl")
    results["edge"] = edge_and_device(here)

    timing = ["--images", 100, "--repeats", 1, "--no-memory", "--json", "bench.json"]
    here.run("bench", *timing)
    assert json.loads(here.file("bench.json"))
    (here.folder / "test_one.py").write_text("def test_one():\n    import gnuradio.aeiqa\n")
    assert "C++ tests: " in here.run("test", "-q", "-p", "no:cacheprovider", here.folder / "test_one.py")
    assert here.run("companion", refusals=["DISPLAY is not set"]) is None
    for name, options in FLOW_GRAPHS.items():
        flow_graph = Path(here.launcher).parent / "examples" / "simulated" / f"{name}.grc"
        here.run("python", "/usr/bin/grcc", "-o", ".", flow_graph)
        results[name] = here.run("python", f"{name}.py", *options)
    results["batch.csv"] = here.file("batch.csv")
    return results


def edge_and_device(here):
    """Send images to an edge, over TCP and a socket with a file's name; return the answers."""
    (here.folder / "s").mkdir()
    with socket.create_server(("127.0.0.1", 0)) as free:
        air = f"zmq:tcp://127.0.0.1:{free.getsockname()[1]}"
    answers = "zmq:ipc://s/answers"  # such a name may have 107 bytes
    edge = here.start("edge", "--from", air, "--answers", answers, "--log", "edge.jsonl")
    device = None
    try:
        wait_until(lambda: (here.folder / "edge.jsonl").exists() or edge.poll() is not None)
        more = ["--images", 5, "--log", "device.jsonl"]
        device = here.start("device", "--to", air, "--answers", answers, *more)
        here.end(device)
        edge.send_signal(signal.SIGINT)
        here.end(edge)
    finally:
        for process in filter(None, (edge, device)):
            process.kill()
    *_, end = map(json.loads, here.file("device.jsonl").splitlines())
    assert end["answered"] == 5
    return here.log("edge.jsonl")
