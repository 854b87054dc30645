#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The device's program: images out, answers in, and those that are not sure sent again in a sturdier mode."""

import threading
from typing import Optional

from ..errors import InputError
from ..images import Dataset
from ..link.config import BITS_PER_SYMBOL
from ..radio.image_log import MOST_IMAGES, StatusLine
from ..radio.sockets.partner import Partner
from ..radio.transmitting import Choice, Transmitter, wait_for_end
from .answers import AnswerListener
from .exchange import Exchange


def sturdier(modulation: str) -> str:
    """Return the next sturdier modulation, with fewer bits per symbol; ``InputError`` for the sturdiest."""
    fewer = {bits: name for name, bits in BITS_PER_SYMBOL.items() if bits < BITS_PER_SYMBOL[modulation]}
    if not fewer:
        raise InputError(f"--ask-again: no modulation is sturdier than {modulation}, use another")
    return fewer[max(fewer)]


def converse(
    transmitter: Transmitter,
    dataset: Dataset,
    count: Optional[int],
    first_index: int,
    stop: threading.Event,
    exchange: Exchange,
    listener: AnswerListener,
    choice: Choice,
    again: Optional[Choice] = None,
) -> int:
    """Send images and take answers until all are in or ``stop`` is set; return how many images were sent.

    Args:
        transmitter: not yet started.
        dataset: image of index i is its number i modulo its size.
        count: index at which to stop; None: only where numbers end on the air, at 2^32 - 1.
        first_index: of the first image.
        stop: ends it early.
        exchange: says what waits, and what to send again.
        listener: where answers come in.
        choice: how an image is sent ...
        again: ... and how once more, in another modulation.
    """
    status, partner = StatusLine(), Partner("device", transmitter.radio)
    index, end_index = first_index, MOST_IMAGES if count is None else count
    transmitter.start()
    while not stop.is_set() and transmitter.error is None:
        exchange.take(listener.take())
        repeated = exchange.again() if again is not None else None
        if repeated is not None:
            sent = _send(transmitter, dataset, repeated, again, exchange)
        elif index < end_index and exchange.has_room():
            sent = _send(transmitter, dataset, index, choice, exchange)
            index += sent
        elif index >= end_index and exchange.is_idle():
            break
        else:
            sent = False
        if not sent:
            stop.wait(0.002)
        transmitter.sent()
        partner.look(index)
        status.show(f"sent {index - first_index}, {exchange.text()}")
    transmitter.finish()
    ended = wait_for_end(transmitter, stop)
    exchange.take(listener.take())
    if transmitter.error is not None:
        raise transmitter.error
    end = {"next": index, "interrupted": stop.is_set(), "cut": not ended}
    counts = ("answered", "timeouts", "asked_again", "again_timeouts", "strays", "labelled", "right")
    transmitter.log.write(event="end", **end, **{name: getattr(exchange, name) for name in counts})
    status.end(f"sent {index - first_index}, {exchange.text()}")
    return index - first_index


def _send(transmitter: Transmitter, dataset: Dataset, index: int, choice: Choice, exchange: Exchange) -> bool:
    if transmitter.send_from(dataset, index, choice) is None:
        return False
    exchange.sent(index, dataset.label(index % len(dataset)))
    return True
