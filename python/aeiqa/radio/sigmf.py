#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""SigMF recordings: samples in one file, what they are in another (https://sigmf.org).

Each image is an annotation: where it lies among the samples, and in the ``aeiqa`` extension its digest, label
and how it was sent; docs/radio.md lists the fields.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Optional

import numpy as np
from gnuradio import blocks, gr

from ..errors import InputError
from ..files import atomic_write, hold
from ..link.air_config import AirConfig

DATA, META = ".sigmf-data", ".sigmf-meta"
EXTENSION_VERSION = "1.0.0"
VERSION = "1.0.0"  # of SigMF

# What a receiver has to know of the frames: fields of an `AirConfig`, kept in ``aeiqa:ofdm``.
OFDM_FIELDS = ("fft_len", "cp_len", "data_carriers", "pilot_carriers", "training_symbols", "payload_symbols")

# The data files that sinks write, held against other processes until their recording is complete.
_held: dict[Path, IO] = {}


@dataclass(frozen=True)
class ImageNote:
    """An image among the samples.

    Attributes:
        start: sample at which its first frame begins.
        samples: that it takes, 0 if unknown.
        pixels: uint8, for its digest.
        index: of the image in its transmitter's stream.
        label: class, -1 if unknown.
        bits: of a point of its payload.
        fields: more of the extension, without the ``aeiqa:`` in front.
    """

    start: int
    samples: int
    pixels: np.ndarray
    index: int
    label: int
    bits: int
    fields: dict[str, Any] = field(default_factory=dict)

    def annotation(self) -> dict[str, Any]:
        """Return it as SigMF has it."""
        note: dict[str, Any] = {"core:sample_start": self.start}
        if self.samples:
            note["core:sample_count"] = self.samples
        note["core:label"] = f"image {self.index}"
        note["signal:detail"] = {
            "type": "digital",
            "mod_class": "psk" if self.bits <= 2 else "qam",
            "order": 1 << self.bits,
            "carrier_variant": "multi_carrier",
            "multiplexing": "ofdm",
        }
        note["aeiqa:index"] = self.index
        note["aeiqa:sha256"] = image_digest(self.pixels)
        note["aeiqa:shape"] = list(self.pixels.shape)
        if self.label >= 0:
            note["aeiqa:label"] = self.label
        return note | {f"aeiqa:{name}": value for name, value in self.fields.items()}


def image_digest(pixels: np.ndarray) -> str:
    """Return the SHA-256 of an image's bytes in C order, in hex."""
    return hashlib.sha256(np.ascontiguousarray(pixels).tobytes()).hexdigest()


def paths(name: str) -> tuple[Path, Path]:
    """Return a recording's data and metadata file, whether or not its name has either's suffix."""
    if not name:
        raise InputError("must name a recording, as in sigmf:FILE")
    base = name
    for suffix in (DATA, META):
        base = base.removesuffix(suffix)
    return Path(base + DATA), Path(base + META)


def sink(name: str) -> gr.basic_block:
    """Return a block that writes a recording's samples; its metadata are for `write_meta`.

    Raises `InputError` if there is no such folder, or another process reads or writes the recording.
    """
    data, meta = paths(name)
    if not data.absolute().parent.is_dir():
        raise InputError(f"no such folder: {data.parent}")
    release(data)
    file = open(data, "ab")  # noqa: SIM115 (closed by release(); not emptied before it is held)
    if not hold(file):
        file.close()
        raise InputError(f"{data} is in use by another process: wait, or choose another name")
    _held[data.resolve()] = file
    meta.unlink(missing_ok=True)  # of a former recording
    return blocks.file_sink(gr.sizeof_gr_complex, str(data))


def release(data: Path) -> None:
    """Let others open a data file that a sink of this process holds."""
    file = _held.pop(data.resolve(), None)
    if file is not None:
        file.close()


def ofdm_fields(config: AirConfig) -> dict[str, Any]:
    """Return what a receiver has to know of the frames, for a recording's metadata."""
    return {name: getattr(config, name) for name in OFDM_FIELDS}


def write_meta(
    name: str,
    rate: float,
    frequency: Optional[float],
    ofdm: dict[str, Any],
    annotations: Iterable[dict[str, Any]],
) -> None:
    """Write the metadata of a recording whose samples are complete.

    Args:
        name: the recording's.
        rate: samples a second.
        frequency: of the carrier, Hz, or None.
        ofdm: parameters of the air frames, for the extension's ``aeiqa:ofdm``.
        annotations: of the images, as `ImageNote.annotation` makes them.
    """
    data, meta = paths(name)
    with open(data, "rb") as file:
        digest = hashlib.file_digest(file, "sha512").hexdigest()
    capture: dict[str, Any] = {"core:sample_start": 0}
    if frequency is not None:
        capture["core:frequency"] = frequency
    content = {
        "global": {
            "core:datatype": "cf32_le",
            "core:version": VERSION,
            "core:sample_rate": rate,
            "core:sha512": digest,
            "core:recorder": "gr-aeiqa",
            "core:description": "Images in OFDM air frames",
            "core:extensions": [
                {"name": "aeiqa", "version": EXTENSION_VERSION, "optional": True},
                {"name": "signal", "version": "1.0.0", "optional": True},
            ],
            "aeiqa:ofdm": ofdm,
        },
        "captures": [capture],
        "annotations": sorted(annotations, key=lambda note: note["core:sample_start"]),
    }
    with atomic_write(meta) as file:
        file.write((json.dumps(content, indent=2) + "\n").encode())
    release(data)
