#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The transmitter's program: images of a data set over a radio, one after the other."""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Optional

import numpy as np
from gnuradio import gr

from ..images import Dataset
from ..link.air import AirTransmitter
from ..link.air_config import AirConfig
from ..link.config import BITS_PER_SYMBOL
from ..link.simulated_air import SimulatedAir
from . import sigmf
from .endpoints import RadioSettings, open_sink
from .idle_filler import idle_filler
from .image_log import MOST_IMAGES, ImageLog, StatusLine
from .sockets.partner import Partner

# Few, so that little is lost with the process, and feedback takes hold soon.
_MAX_WAITING = 8
# More than sockets and buffers hold between here and the receiver.
_TAIL_SAMPLES = 1 << 19
# A receiver that has what it wants may leave before the tail is through; seconds until that is taken as so.
# No longer does an end last that is asked for, nor a second when nobody takes anything.
_PATIENCE, _GRACE = 3.0, 1.0


@dataclass(frozen=True)
class Choice:
    """Choice for one image: name of the modulation, number of copies."""

    modulation: str
    copies: int


class Transmitter(gr.top_block):
    """The flowgraph from images to a radio.

    Args:
        url: the radio, socket or recording; see `open_sink`.
        settings: how it is tuned.
        config: of the air frames.
        amplitude: of the samples.
        log: gets a line for each image before any of it goes out, so that a killed process sends none twice.
        simulated: a channel in front of the sink; None: there is none.

    Raises:
        InputError: as `open_sink`.
    """

    def __init__(
        self,
        url: str,
        settings: RadioSettings,
        config: AirConfig,
        amplitude: float = 0.2,
        log: Optional[ImageLog] = None,
        simulated: Optional[SimulatedAir] = None,
    ) -> None:
        gr.top_block.__init__(self, "aeiqa transmitter")
        self.config = config
        self.air = AirTransmitter(config, amplitude=amplitude, max_waiting=_MAX_WAITING)
        self.frame_len = self.air.mapper.frame_symbols() * config.symbol_len
        # A recording has no buffers to push through.
        tail = 2 * self.frame_len if url.startswith("sigmf:") else _TAIL_SAMPLES
        self.filler = idle_filler(self.frame_len, tail, self._write_lines)
        self.log, self.error = log or ImageLog(None), None
        self._lines: deque[tuple[int, dict[str, object]]] = deque()  # of images handed over, by first frame
        self.channel = [] if simulated is None else simulated.blocks(config, amplitude)
        self.radio = open_sink(url, settings)
        self.frames = 0
        self._image_ends: list[int] = []  # frames in all behind each image
        self._sent = 0  # images that have gone out, all of their frames ...
        self._ends = deque([0])  # ... these being the frames in all behind the last such, and each after it
        self.connect(self.air, self.filler, *self.channel, self.radio)

    def send(self, image: np.ndarray, label: int, index: int, choice: Choice) -> Optional[range]:
        """Hand over an image; return its frames' numbers, or None if too many wait already."""
        fields = {"index": index, "label": label} | {"modulation": choice.modulation, "copies": choice.copies}
        self._lines.append((self.frames, fields))  # first: its frames may be under way at once
        if not self.air.send(image, label, index, choice.modulation, choice.copies):
            self._lines.pop()
            return None
        one = replace(self.config, modulation=choice.modulation).frames_per_image(image.nbytes)
        first, self.frames = self.frames, self.frames + choice.copies * one
        self._ends.append(self.frames)
        self._image_ends.append(self.frames)
        self.sent()
        return range(first, self.frames)

    def send_from(self, dataset: Dataset, index: int, choice: Choice) -> Optional[range]:
        """Hand over image ``index`` of a data set that begins again behind its last; returns as `send`."""
        number = index % len(dataset)
        return self.send(dataset.images[number], dataset.label(number), index, choice)

    def sent(self) -> int:
        """Return how many images have gone out as a whole."""
        frames = self.filler.frames()
        while len(self._ends) > 1 and self._ends[1] <= frames:
            self._ends.popleft()
            self._sent += 1
        return self._sent

    def taken(self) -> int:
        """Return how many images the radio's block has taken as a whole, as far as it tells."""
        count = self.sent()
        if hasattr(self.radio, "nitems_read"):  # not of a block made of blocks
            taken = self.radio.nitems_read(0)
            while count and self.filler.position(self._image_ends[count - 1] - 1) + self.frame_len > taken:
                count -= 1
        return count

    def _write_lines(self, frame: int) -> None:
        try:
            while self._lines and self._lines[0][0] <= frame:
                self.log.write(**self._lines.popleft()[1])
        except OSError as error:
            self.error = error

    def finish(self) -> None:
        """No more images come."""
        self.air.finish()
        self.filler.end_after(self.frames)

    def finish_early(self) -> None:
        """Nothing comes behind the image that is going out."""
        self.air.finish()
        self.filler.end_at_first(self._ends)


def send_images(
    transmitter: Transmitter,
    dataset: Dataset,
    count: Optional[int],
    first_index: int,
    stop: threading.Event,
    choose: Callable[[int], Optional[Choice]],
    record: Optional[tuple[str, RadioSettings]] = None,
) -> int:
    """Send images until all are out or ``stop`` is set; return how many went out as a whole.

    Args:
        transmitter: not yet started.
        dataset: image of index i is its number i modulo its size.
        count: index at which to stop; None: only where numbers end on the air, at 2^32 - 1.
        first_index: of the first image.
        stop: ends it early.
        choose: says how to send the image of a number, or None if it has to wait; asked until it says.
        record: name and settings of the recording that the samples go into, if they do.
    """
    status, notes, partner = StatusLine(), [], Partner("transmit", transmitter.radio)
    began = time.monotonic()
    index, latest = first_index, None
    choice: Optional[Choice] = None
    end_index = MOST_IMAGES if count is None else count
    transmitter.start()
    while not stop.is_set() and transmitter.error is None and index < end_index:
        choice = choice or choose(index)
        frames = None if choice is None else transmitter.send_from(dataset, index, choice)
        if frames is None:
            stop.wait(0.002)
        else:
            if record:
                notes.append((frames, index, choice))
            index, latest, choice = index + 1, choice, None
        partner.look(index)
        status.show(_text(index - first_index, count, first_index, began, latest))
    transmitter.finish()
    ended = wait_for_end(transmitter, stop)
    sent = transmitter.taken()
    if transmitter.error is not None:
        raise transmitter.error
    if record:
        name, settings = record
        sigmf.write_meta(
            name,
            settings.rate,
            settings.frequency,
            sigmf.ofdm_fields(transmitter.config),
            [_note(transmitter, dataset, *note).annotation() for note in notes[:sent]],
        )
    end = {"next": first_index + sent, "interrupted": stop.is_set(), "cut": not ended}
    transmitter.log.write(event="end", sent=sent, **end)
    status.end(_text(sent, count, first_index, began, latest))
    return sent


def _note(
    transmitter: Transmitter, dataset: Dataset, frames: range, index: int, choice: Choice
) -> sigmf.ImageNote:
    number = index % len(dataset)
    start = transmitter.filler.position(frames.start)
    bits = BITS_PER_SYMBOL[choice.modulation]
    samples = len(frames) * transmitter.frame_len
    return sigmf.ImageNote(
        start, samples, dataset.images[number], index, dataset.label(number), bits, {"copies": choice.copies}
    )


def wait_for_end(transmitter: Transmitter, stop: threading.Event) -> bool:
    """Wait for the end; whether it came by itself. A receiver may be gone, a driver not come back."""
    done = threading.Thread(target=transmitter.wait, daemon=True)
    done.start()
    stopped = None
    while done.is_alive():
        done.join(0.05)
        still = transmitter.filler.still_for()
        if stopped is None and stop.is_set():
            stopped = time.monotonic()
            transmitter.finish_early()
        if stopped is not None and (still > _GRACE or time.monotonic() - stopped > _PATIENCE):
            break
        if transmitter.filler.in_tail() and still > _PATIENCE:
            break
    ended = not done.is_alive()
    if not ended:
        transmitter.stop()
        done.join(1.0)
    return ended


def _text(sent: int, count: Optional[int], first: int, began: float, choice: Optional[Choice]) -> str:
    of = "" if count is None else f" of {count - first}"
    rate = sent / max(time.monotonic() - began, 1e-3)
    text = f"sent {sent}{of} images, {rate:.1f} a second"
    if choice is None:
        return text
    return f"{text}, {choice.modulation}" + (f" x {choice.copies}" if choice.copies > 1 else "")
