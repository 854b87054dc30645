#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# %% [markdown]
# # Two programs, one link, a recording
#
# At the end you will have sent 60 images from one program to another over a socket, recorded the samples, and played the
# recording with the same result. With radios only the end points change.

# %%
import json
import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

# %% [markdown]
# In two terminals this would be
#
#     ./aeiqa receive --from zmq:tcp://localhost:5555 --dataset mnist --score blind --images 60 --log rx.jsonl --record walk
#     ./aeiqa transmit --to zmq:tcp://127.0.0.1:5555 --images 60 --modulation qpsk
#
# Here both are started from Python, in a temporary folder and at a free port:

# %%
ROOT = Path(os.environ.get("AEIQA_ROOT", "."))
folder = tempfile.mkdtemp()
with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]


def program(name, *options):
    command = [sys.executable, str(ROOT / "apps" / f"{name}.py"), *options]
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


scoring = ["--dataset", "mnist", "--score", "blind"]
receiver = program(
    *("receive", "--from", f"zmq:tcp://127.0.0.1:{port}", *scoring),
    *("--images", "60", "--log", "rx.jsonl", "--record", "walk"),
)
sender = program("transmit", "--to", f"zmq:tcp://127.0.0.1:{port}", "--images", "60", "--modulation", "qpsk")
sender.communicate(timeout=120)
said, _ = receiver.communicate(timeout=120)
print(said.strip().splitlines()[-1])

# %% [markdown]
# The receiver's log has a line for each image:

# %%
lines = [json.loads(line) for line in (Path(folder) / "rx.jsonl").read_text().splitlines()]
first = lines[0]
print({key: first[key] for key in ("index", "label", "modulation", "frames", "bit_errors", "prediction")})
print(len([line for line in lines if "index" in line]), "images in the log")

# %% [markdown]
# The recording is SigMF: samples, and a JSON file that says what they are. Each image is an annotation:

# %%
about = json.loads((Path(folder) / "walk.sigmf-meta").read_text())
print(about["global"]["core:datatype"], len(about["annotations"]), "annotations")

# %% [markdown]
# Played, it gives the same images and the same scores:

# %%
player = program("receive", "--from", "sigmf:walk", *scoring, "--log", "again.jsonl")
said, _ = player.communicate(timeout=120)
print(said.strip().splitlines()[-1])
again = [json.loads(line) for line in (Path(folder) / "again.jsonl").read_text().splitlines()]
same = [
    (a["sha256"], a["score"]) == (b["sha256"], b["score"])
    for a, b in zip(lines, again, strict=True)
    if "sha256" in a
]
print(sum(same), "images are the same")

# %% [markdown]
# Over radios: `zmq:...` becomes `soapy:driver=...`, `uhd:` or `iio:...`, with a rate, a frequency and a gain
# ([step by step](../radio.md#on-two-radios)).
