#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""SigMF recordings, ours and others', played as their metadata say; what cannot be honoured is rejected."""

import hashlib
import math
import re
from pathlib import Path
from typing import Any, NamedTuple, Optional

import numpy as np
from gnuradio import gr

from ..errors import InputError
from ..files import hold, parse_json, read_json
from ..link.air_config import AirConfig
from . import sigmf
from .archive import SUFFIX, Archive, Part

# Extensions that annotate and leave the bytes as the core describes them.
_ANNOTATING = {"aeiqa", "antenna", "capture_details", "signal", "spatial", "traceability"}
_DATATYPE = re.compile(r"c(?:([fiu])(16|32|64)_(le|be)|([iu])8)")
_DATATYPES = "cf32, cf64, ci16, ci32, cu16, cu32, each with _le or _be, ci8 and cu8"


class Segment(NamedTuple):
    """Samples on end in the file: where the first begins, and how many there are."""

    byte: int
    samples: int


class Recording:
    """A recording whose metadata were read and whose samples were checked against them.

    Attributes:
        meta, data: its two files; the archive, if it is one.
        dtype: of the numbers in the file, two to a sample of each channel.
        channels: that it has.
        channel: the one to play.
        segments: the samples, in order.
        radio: the ``rate`` and ``frequency`` in Hz that it was made with, as far as it says.
        frames: the fields of `AirConfig` that it was made with, if it says so in ``aeiqa:ofdm``.

    Args:
        name: the recording's, with or without either file's suffix, or an archive's (``.sigmf``).
        channel: which of its channels to play, from 0; None if it has one.

    Raises:
        InputError: a file is missing, no SigMF, of another datatype than is played, lacks that channel, or
            contradicts itself or its SHA-512.
    """

    def __init__(self, name: str, channel: Optional[int] = None) -> None:
        if name.endswith(".sigmf-collection"):
            raise InputError(f"{name}: is a SigMF collection; name one of the recordings that it lists")
        self._archive = Archive(Path(name)) if name.endswith(SUFFIX) else None
        self.data, self.meta = sigmf.paths(name)
        if self._archive is not None:
            self.data = self.meta = self._archive.path
        self._global, self._captures = self._read()
        self.dtype = self._datatype()
        self.channels, self.channel = self._chosen(channel)
        self._samples = self._dataset()
        self.data = self._samples.path
        self.segments = self._segments()
        self.radio = self._radio()
        self.frames = self._frames()
        self._check_digest()

    @property
    def sample_bytes(self) -> int:
        """Bytes that a sample of all channels takes."""
        return 2 * self.channels * self.dtype.itemsize

    def _refusal(self, what: str) -> InputError:
        return InputError(f"{self.meta}: {what}")

    def _read(self) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        try:
            if self._archive is not None:
                content = parse_json(self._archive.content, f"{self.meta}: {self._archive.meta}")
            else:
                content = read_json(self.meta)
        except FileNotFoundError:
            raise InputError(f"no such recording: {self.meta}") from None
        whole, captures = content.get("global"), content.get("captures")
        if not isinstance(whole, dict) or not isinstance(whole.get("core:datatype"), str):
            raise self._refusal("no SigMF metadata (global with core:datatype)")
        if not isinstance(captures, list) or not all(isinstance(capture, dict) for capture in captures):
            raise self._refusal("no SigMF metadata (captures)")
        if not isinstance(content.get("annotations"), list):
            raise self._refusal("no SigMF metadata (annotations)")
        version = whole.get("core:version", sigmf.VERSION)
        if not isinstance(version, str) or not re.match(r"v?[01]\.", version):
            raise self._refusal(f"core:version: must be 0 or 1 point something, got {version!r}")
        if whole.get("core:metadata_only") not in (None, False):
            raise self._refusal("core:metadata_only: there are no samples to play")
        extensions = whole.get("core:extensions", [])
        for extension in extensions if isinstance(extensions, list) else ():
            if isinstance(extension, dict) and extension.get("optional") is False:
                name = extension.get("name")
                if name not in _ANNOTATING:
                    raise self._refusal(f"core:extensions: needs {name!r}, which is not known here")
        return whole, captures

    def _datatype(self) -> np.dtype:
        name = self._global["core:datatype"]
        match = _DATATYPE.fullmatch(name)
        if match is None:
            raise self._refusal(f"core:datatype: must be one of {_DATATYPES}, got {name!r}")
        kind, bits, order, short = match.groups()
        if short is not None:
            return np.dtype(f"{short}1")
        if (kind, bits) not in {("f", "32"), ("f", "64"), ("i", "16"), ("i", "32"), ("u", "16"), ("u", "32")}:
            raise self._refusal(f"core:datatype: must be one of {_DATATYPES}, got {name!r}")
        return np.dtype(f"{'<' if order == 'le' else '>'}{kind}{int(bits) // 8}")

    def _chosen(self, channel: Optional[int]) -> tuple[int, int]:
        """Return the number of channels and the one to play."""
        channels = self._whole("core:num_channels", self._global, 1)
        if channels < 1:
            raise self._refusal("core:num_channels: must be 1 or more, got 0")
        if channel is None and channels > 1:
            raise self._refusal(f"core:num_channels: {channels}; --channel names the one to play, from 0")
        if channel is not None and not 0 <= channel < channels:
            raise self._refusal(f"core:num_channels: {channels}, so there is no channel {channel}")
        return channels, channel or 0

    def _dataset(self) -> Part:
        """Return where the samples are."""
        name = self._global.get("core:dataset")
        if name is None:
            name = sigmf.paths(self.meta.name if self._archive is None else Path(self._archive.meta).name)[
                0
            ].name
        elif not isinstance(name, str) or not name or name in (".", "..") or re.search(r"[/\\]", name):
            raise self._refusal(f"core:dataset: must name a file in the same folder, got {name!r}")
        part = self._file(name) if self._archive is None else self._archive.part(name)
        if part is None:
            raise self._refusal(f"no such file: {name!r}")
        return part

    def _file(self, name: str) -> Optional[Part]:
        path = self.meta.parent / name
        try:
            return Part(path, 0, path.stat().st_size) if path.is_file() else None
        except OSError:  # a name too long
            return None

    def _whole(self, field: str, holder: dict[str, Any], default: Optional[int] = None) -> int:
        value = holder.get(field, default)
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise self._refusal(f"{field}: must be a whole number, 0 or more, got {value!r}")
        return value

    def _segments(self) -> list[Segment]:
        """Lay out the file: headers that captures have in front, samples, what trails."""
        self._whole("core:offset", self._global, 0)  # counts samples before the file, and moves none in it
        name, size, sample = self._samples.path.name, self._samples.size, self.sample_bytes
        trailing = self._whole("core:trailing_bytes", self._global, 0)
        starts = [self._whole("core:sample_start", capture) for capture in self._captures]
        headers = [self._whole("core:header_bytes", capture, 0) for capture in self._captures]
        left = size - trailing - sum(headers)
        if starts != sorted(starts):
            raise self._refusal(f"core:sample_start: captures must be in rising order, got {starts[:8]}")
        if left < 0 or left % sample:
            raise self._refusal(
                f"core:datatype: {name} holds {size} bytes, which are no whole samples of {sample} "
                f"bytes with headers of {sum(headers)} and {trailing} trailing bytes"
            )
        samples = left // sample
        if starts and starts[-1] > samples:
            raise self._refusal(f"core:sample_start: {starts[-1]} is beyond the {samples} samples")
        bounds = [0, *starts, samples]
        segments, at = [], self._samples.begin
        for i, header in enumerate([0, *headers]):
            at += header
            segments.append(Segment(at, bounds[i + 1] - bounds[i]))
            at += segments[-1].samples * sample
        return [segment for segment in segments if segment.samples]

    def _radio(self) -> dict[str, float]:
        found = {}
        rates = [self._global.get("core:sample_rate")]
        rates += [capture.get("core:sample_rate") for capture in self._captures]
        for name, field, values in (
            ("rate", "core:sample_rate", rates),
            ("frequency", "core:frequency", [capture.get("core:frequency") for capture in self._captures]),
        ):
            given = [value for value in values if value is not None]
            for value in given:
                is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
                if not is_number or not math.isfinite(value):
                    raise self._refusal(f"{field}: must be a number, got {value!r}")
            if len(set(given)) > 1:
                raise self._refusal(
                    f"{field}: differs within the recording ({given[0]:g} and "
                    f"{next(value for value in given if value != given[0]):g} Hz); cut it into one for each"
                )
            if given and (given[0] > 0 or name == "rate"):
                found[name] = float(given[0])  # a frequency of 0 or less says that there was no carrier
        if found.get("rate", 1.0) <= 0:
            raise self._refusal(f"core:sample_rate: must be more than 0 Hz, got {found['rate']:g}")
        return found

    def _frames(self) -> dict[str, Any]:
        fields = self._global.get("aeiqa:ofdm", {})
        if not isinstance(fields, dict):
            raise self._refusal(f"aeiqa:ofdm: must be an object, got {fields!r}")
        unknown = fields.keys() - set(sigmf.OFDM_FIELDS)
        if unknown:
            raise self._refusal(f"aeiqa:ofdm: {min(unknown)!r} is not known here")
        found: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()
        }
        try:
            config = AirConfig(**found)
        except (InputError, TypeError) as error:
            raise self._refusal(f"aeiqa:ofdm: {error}") from error
        return {name: getattr(config, name) for name in found}

    def _check_digest(self) -> None:
        stated = self._global.get("core:sha512")
        if stated is None:
            return
        found = _sha512(self._samples)
        if not isinstance(stated, str) or stated.lower() != found:
            raise self._refusal(
                f"core:sha512: {self.data.name} is not the file that it was made of (its SHA-512 begins "
                f"{found[:12]}, stated is {str(stated)[:12]})"
            )


class recording_source(gr.sync_block):
    """Plays a recording once; output: complex samples, whole numbers scaled to full scale 1.

    Args:
        recording: what to play; it is read as it is played.

    ``error`` is None, or says why it ended early. Raises `InputError` if another process writes it.
    """

    def __init__(self, recording: Recording) -> None:
        gr.sync_block.__init__(self, "recording_source", None, [np.complex64])
        self.recording = recording
        self.error: str | None = None
        sigmf.release(recording.data)
        self._file = open(recording.data, "rb", buffering=0)  # noqa: SIM115 (closed by stop())
        if not hold(self._file, shared=True):
            self._file.close()
            raise InputError(f"{recording.data} is being written by another process: wait until it ends")
        self._left = list(recording.segments)
        self._in_segment = 0

    def work(self, input_items: list[np.ndarray], output_items: list[np.ndarray]) -> int:
        """Read the next samples; the scheduler calls this."""
        out = output_items[0]
        if not self._left:
            return -1
        segment, recording = self._left[0], self.recording
        count = min(len(out), segment.samples - self._in_segment)
        numbers_each = 2 * recording.channels
        try:
            self._file.seek(segment.byte + recording.sample_bytes * self._in_segment)
            numbers = np.fromfile(self._file, recording.dtype, numbers_each * count)
        except OSError as error:
            self.error = f"{self.recording.data}: {error.strerror or error}"
            return -1
        if len(numbers) < numbers_each * count:
            self.error = f"{self.recording.data}: became shorter while it was played"
            return -1
        if recording.channels > 1:
            numbers = numbers.reshape(count, recording.channels, 2)[:, recording.channel].ravel()
        out[:count] = _scaled(numbers).view(np.complex64)
        self._in_segment += count
        if self._in_segment == segment.samples:
            self._left.pop(0)
            self._in_segment = 0
        return count

    def stop(self) -> bool:
        """Close the file; the scheduler calls this."""
        self._file.close()
        return True


def _sha512(part: Part) -> str:
    digest, left = hashlib.sha512(), part.size
    with open(part.path, "rb") as file:
        file.seek(part.begin)
        while left > 0 and (block := file.read(min(left, 1 << 20))):
            digest.update(block)
            left -= len(block)
    return digest.hexdigest()


def _scaled(numbers: np.ndarray) -> np.ndarray:
    """Return numbers of any of the datatypes as float32, whole ones scaled so that full scale is 1."""
    kind = numbers.dtype.kind
    if kind == "f":
        with np.errstate(over="ignore"):  # frame_sync counts what is not finite
            return numbers.astype(np.float32)
    bytes_each, numbers = numbers.dtype.itemsize, numbers.astype(np.float64)
    full_scale = 2.0 ** (8 * bytes_each - 1)
    middle = full_scale if kind == "u" else 0.0
    return ((numbers - middle) / full_scale).astype(np.float32)
