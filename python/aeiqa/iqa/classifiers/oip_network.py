#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""A user's classifier on a server that speaks the Open Inference Protocol, version 2, JSON over HTTP.

https://github.com/kserve/open-inference-protocol; Triton, KServe, OpenVINO's server and MLServer speak it.
"""

import hashlib
import http.client
import json
import re
from pathlib import Path
from typing import Any, NamedTuple, Optional

import numpy as np

from ...errors import InputError
from .network import Network

PREFIX = "oip:"
OIP_HELP = "oip:http://HOST:PORT/v2/models/NAME, a model on an inference server"
_ADDRESS = re.compile(
    r"oip:(https?)://([^/:@\s]+|\[[0-9a-fA-F:]+\])(?::(\d{1,5}))?(/[^\s?#]*/models/([^\s/?#]+)\S*)"
)
_INPUT_TYPES = {"FP32": np.float32, "FP64": np.float64, "UINT8": np.uint8}
_OUTPUT_TYPES = {"FP16", "FP32", "FP64"}
ASK_S, INFER_S = 10.0, 60.0
"""Seconds that a server has to describe its model, and to answer a batch."""
_MOST_BYTES = 1 << 28  # of an answer
_REASON_CHARS = 160
_SUFFIX = ".oip"


def is_oip(name: str) -> bool:
    """Return whether a target's name is that of a model on a server."""
    return name.startswith(PREFIX)


class _Server(NamedTuple):
    """A model's address, and the requests to it. Everything that goes wrong is one ``InputError``."""

    source: str
    scheme: str
    host: str
    port: Optional[int]
    path: str

    @classmethod
    def of(cls, source: str) -> "_Server":
        found = _ADDRESS.fullmatch(source)
        if found is None or int(found[3] or 80) > 65535:
            raise InputError(
                f"target {source}: must be oip:http://HOST:PORT/v2/models/NAME, with /versions/V behind it "
                "if it is not the server's choice"
            )
        port = None if found[3] is None else int(found[3])
        return cls(source, found[1], found[2].strip("[]"), port, found[4].rstrip("/"))

    def request(self, path: str, body: Optional[dict] = None, timeout_s: float = ASK_S) -> dict[str, Any]:
        """Return the JSON object that the server answers."""
        kind = http.client.HTTPSConnection if self.scheme == "https" else http.client.HTTPConnection
        connection = kind(self.host, self.port, timeout=timeout_s)
        try:
            content = None if body is None else json.dumps(body)
            headers = {"Content-Type": "application/json", "Accept": "application/json"}
            connection.request("GET" if body is None else "POST", path, content, headers)
            response = connection.getresponse()
            text = response.read(_MOST_BYTES + 1)
        except TimeoutError:
            raise self.failed(f"does not answer within {timeout_s:g} s") from None
        except (OSError, http.client.HTTPException) as error:
            raise self.failed(f"cannot be asked ({error or type(error).__name__})") from None
        finally:
            connection.close()
        if len(text) > _MOST_BYTES:
            raise self.failed(f"answers with more than {_MOST_BYTES >> 20} MiB")
        try:
            found = json.loads(text)
        except ValueError:
            found = None
        if response.status != 200:
            reason = found.get("error") if isinstance(found, dict) else None
            said = " ".join(str(reason or response.reason).split())[:_REASON_CHARS]
            raise self.failed(f"answers {response.status} ({said})")
        if not isinstance(found, dict):
            raise self.failed("answers something other than a JSON object")
        return found

    def failed(self, what: str) -> InputError:
        """Return the error that says so of this server."""
        return InputError(f"target {self.source}: {what}")


def oip_path(source: str) -> Path:
    """Return the path beside which a description lies: NAME.json in the current folder.

    Raises ``InputError`` if ``source`` is no address of a model.
    """
    name = _Server.of(source).path.partition("/models/")[2].partition("/")[0]
    return Path(f"{name}{_SUFFIX}")


class _Tensor(NamedTuple):
    name: str
    datatype: str
    shape: tuple[Optional[int], ...]


def _tensors(server: _Server, found: dict[str, Any], field: str) -> list[_Tensor]:
    try:
        return [
            _Tensor(
                str(each["name"]),
                str(each["datatype"]),
                tuple(int(size) if int(size) > 0 else None for size in each["shape"]),
            )
            for each in found[field]
        ]
    except (KeyError, TypeError, ValueError):
        raise server.failed(f"does not describe the model's {field}") from None


def load_oip(source: str, output: Optional[str] = None) -> Network:
    """Return a model on a server; ``output`` names the output that holds the answers, by default the first.

    Its digest is that of the server's description, name and versions of the model included: together with the
    answers to the fixed pictures it tells one model from another.

    Raises ``InputError`` if the address is none, nobody answers there, there is no such model, or it has
    several inputs, one of another type than FP32, FP64 or UINT8, no output of that name, or one that is no
    tensor of floats.
    """
    server = _Server.of(source)
    found = server.request(server.path)
    inputs, outputs = (_tensors(server, found, field) for field in ("inputs", "outputs"))
    if len(inputs) != 1:
        raise server.failed(f"the model must have one input, has {len(inputs)}")
    given = inputs[0]
    if given.datatype not in _INPUT_TYPES:
        raise server.failed(f"the model's input is {given.datatype}, must be of {', '.join(_INPUT_TYPES)}")
    by_name = {each.name: each for each in outputs}
    if not outputs or (output is not None and output not in by_name):
        names = ", ".join(by_name) or "none"
        raise server.failed(f"the model has no output {output or ''}, but {names}".replace(" ,", ","))
    wanted = outputs[0] if output is None else by_name[output]
    if wanted.datatype not in _OUTPUT_TYPES:
        raise server.failed(f"the model's output {wanted.name} is {wanted.datatype}, must be of floats")

    def run(batch: np.ndarray) -> np.ndarray:
        tensor = {
            "name": given.name,
            "datatype": given.datatype,
            "shape": list(batch.shape),
            "data": batch.ravel().tolist(),
        }
        body = {"inputs": [tensor], "outputs": [{"name": wanted.name}]}
        return _answer(server, server.request(f"{server.path}/infer", body, INFER_S), wanted.name)

    known = json.dumps([found.get(field) for field in ("name", "versions", "platform", "inputs", "outputs")])
    path = oip_path(source)
    return Network(
        name=path.name.removesuffix(_SUFFIX),
        path=path,
        digest=hashlib.sha256(known.encode()).hexdigest(),
        runtime=f"Open Inference Protocol, {found.get('platform') or 'unnamed platform'}",
        run=run,
        input_shape=given.shape,
        dtype=_INPUT_TYPES[given.datatype],
    )


def _answer(server: _Server, found: dict[str, Any], name: str) -> np.ndarray:
    try:
        tensor = next(each for each in found["outputs"] if each["name"] == name)
        values = np.array(tensor["data"], np.float32)
        return values.reshape([int(size) for size in tensor["shape"]])
    except (StopIteration, KeyError, TypeError, ValueError):
        raise server.failed(f"answers without a tensor {name} of its shape") from None
