#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Silence where the transmitter has nothing to send, so that what it has sent does not wait in buffers."""

import bisect
import threading
import time
from collections.abc import Callable, Iterable

import numpy as np
from gnuradio import gr

_IDLE_SECONDS = 0.01
_SILENCE = 4096


class idle_filler(gr.basic_block):
    """Passes frames on; between them, while none come, and behind the last, sends zeros.

    Args:
        frame_len: samples of a frame. Frames are never parted.
        tail: zeros behind the last frame, before the stream ends.
        announce: called with each frame's number before any of it goes out; must not raise.

    ``end_after(frames)`` tells how many there will be; until then the block waits for more.
    """

    def __init__(
        self, frame_len: int, tail: int, announce: Callable[[int], None] = lambda frame: None
    ) -> None:
        gr.basic_block.__init__(self, "idle_filler", [np.complex64], [np.complex64])
        self.set_tag_propagation_policy(gr.TPP_DONT)  # tags would stay where samples move
        self._frame_len, self._tail, self._announce = frame_len, tail, announce
        self._passed = 0
        self._end: int | None = None
        self._last_input = self._last_output = time.monotonic()
        self._lock = threading.Lock()
        # Silence was put in at these input samples, so much in all.
        self._at, self._inserted = [0], [0]

    def forecast(self, noutput_items: int, ninputs: int) -> list[int]:
        """Work without input, too: then there is silence to make."""
        return [0] * ninputs

    def end_after(self, frames: int) -> None:
        """End the stream behind so many frames and the tail."""
        with self._lock:
            self._end = frames * self._frame_len

    def end_at_first(self, frames: Iterable[int]) -> None:
        """End the stream behind the first of these counts of frames, in rising order, not yet exceeded."""
        with self._lock:
            self._end = next(n for n in (n * self._frame_len for n in frames) if n >= self._passed)

    def frames(self) -> int:
        """Return how many frames have passed as a whole."""
        with self._lock:
            return self._passed // self._frame_len

    def in_tail(self) -> bool:
        """True once the last frame has passed."""
        with self._lock:
            return self._end is not None and self._passed >= self._end

    def still_for(self) -> float:
        """Return for how many seconds nothing has been taken of what comes out."""
        with self._lock:
            return time.monotonic() - self._last_output

    def position(self, frame: int) -> int:
        """Return the output sample at which a frame begins that has gone out."""
        start = frame * self._frame_len
        with self._lock:
            return start + self._inserted[bisect.bisect_right(self._at, start) - 1]

    def general_work(self, input_items: list[np.ndarray], output_items: list[np.ndarray]) -> int:
        """Copy; the scheduler calls this."""
        x, out = input_items[0], output_items[0]
        with self._lock:
            count = min(len(x), len(out))
            if self._end is not None:
                count = min(count, max(0, self._end - self._passed))
            if count:
                first, end = self._passed, self._passed + count
                for frame in range(-(-first // self._frame_len), -(-end // self._frame_len)):
                    self._announce(frame)
                out[:count] = x[:count]
                self.consume(0, count)
                self._passed += count
                self._last_input = self._last_output = time.monotonic()
                return count
            ended = self._end is not None and self._passed >= self._end
            if ended and self._tail <= 0:
                return -1
            if ended:
                count = min(self._tail, len(out))
                self._tail -= count
            elif self._passed % self._frame_len == 0 and self._idle():
                count = min(_SILENCE, len(out))
            if count:
                self._insert(count)
                self._last_output = time.monotonic()
        if not count:
            time.sleep(0.001)
        out[:count] = 0
        return count

    def _idle(self) -> bool:
        return time.monotonic() - self._last_input > _IDLE_SECONDS

    def _insert(self, count: int) -> None:
        if self._at[-1] != self._passed:
            self._at.append(self._passed)
            self._inserted.append(self._inserted[-1])
        self._inserted[-1] += count
