#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""One block between GNU Radio's vector sources and sinks, and the contract that it has to keep."""

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pmt
from gnuradio import blocks, gr

from .images import require, require_equal

HANGS_AFTER_S = 30
CHUNKS = (None, 1, 7, 4096)
"""Items that the scheduler hands over at most at once."""

_SUFFIX = {"uint8": "b", "float32": "f", "complex64": "c"}


class Stream(NamedTuple):
    """Output of one port: items and [(offset, key, value)] of their tags."""

    items: np.ndarray
    tags: list

    def values(self, key: str = "img") -> dict[int, Any]:
        """{offset: value} of the tags of one key."""
        return {offset: value for offset, name, value in self.tags if name == key}


def source_of(items: np.ndarray, tags: Sequence[gr.tag_t] = ()) -> gr.sync_block:
    """Return a source of items [n] or [n, vector length] of uint8, float32 or complex64."""
    vlen = items.shape[1] if items.ndim == 2 else 1
    source = getattr(blocks, f"vector_source_{_SUFFIX[str(items.dtype)]}")
    return source(items.ravel(), False, vlen, list(tags))


def run_block(
    block: gr.basic_block,
    *inputs: np.ndarray | tuple[np.ndarray, Sequence[gr.tag_t]],
    outputs: Sequence[tuple[str, int]] = (("uint8", 1),),
    max_items: int | None = None,
) -> list[Stream]:
    """Return what a block makes of its inputs.

    Args:
        block: not yet connected.
        inputs: of each port, items or (items, tags).
        outputs: (dtype, vector length) of each output port.
        max_items: that the scheduler hands over at most at once; None: as many as it likes.

    Raises:
        TimeoutError: the flowgraph does not end.
    """
    top = gr.top_block()
    if max_items is not None:
        block.set_max_noutput_items(max_items)
    for port, given in enumerate(inputs):
        items, tags = given if isinstance(given, tuple) else (given, ())
        top.connect(source_of(items, tags), (block, port))
    sinks = [getattr(blocks, f"vector_sink_{_SUFFIX[dtype]}")(vlen) for dtype, vlen in outputs]
    for port, sink in enumerate(sinks):
        top.connect((block, port), sink)
    run_to_end(top)
    return [stream_of(sink, *output) for sink, output in zip(sinks, outputs, strict=True)]


def run_to_end(top: gr.top_block) -> None:
    """Run a finite flowgraph; raise ``TimeoutError`` if it does not end."""
    top.start()
    waiter = threading.Thread(target=top.wait, daemon=True)
    waiter.start()
    waiter.join(HANGS_AFTER_S)
    if waiter.is_alive():
        top.stop()
        waiter.join()
        raise TimeoutError("the flowgraph never ended")


def stream_of(sink: gr.sync_block, dtype: str, vlen: int) -> Stream:
    """Return the contents of a vector sink."""
    items = np.array(sink.data(), dtype)
    tags = [(tag.offset, pmt.symbol_to_string(tag.key), pmt.to_python(tag.value)) for tag in sink.tags()]
    return Stream(items.reshape(-1, vlen) if vlen > 1 else items, tags)


def check_block(
    make: Callable[..., gr.basic_block],
    *inputs: np.ndarray | tuple[np.ndarray, Sequence[gr.tag_t]],
    outputs: Sequence[tuple[str, int]] = (("uint8", 1),),
    wrong: Sequence[Mapping[str, object]] = (),
) -> list[Stream]:
    """Check that a block keeps what flowgraphs rely on; return what it made of its inputs.

    With equal inputs it puts out equal bytes and tags, however the scheduler cuts the stream and each time;
    tags lie on items; the flowgraph ends with its input; and invalid arguments are rejected in one line
    by the constructor.

    Args:
        make: returns a new block; called with the arguments of ``wrong``, or with none.
        inputs: of each port, items [n] or [n, vector length] of uint8, float32 or complex64; with tags as
            (items, tags).
        outputs: (dtype, vector length) of each output port.
        wrong: arguments by name, each set of which the constructor has to reject with ``ValueError``.

    Raises:
        AssertionError: something does not hold; in one line.

    Example:
        >>> import numpy as np
        >>> from gnuradio import aeiqa
        >>> from gnuradio.aeiqa import testing
        >>> def awgn(snr_db=5.0):
        ...     return aeiqa.channel("awgn", snr_db, seed=1)
        >>> samples = np.ones(1000, np.complex64)
        >>> (noisy,) = testing.check_block(
        ...     awgn, samples, outputs=[("complex64", 1)], wrong=[{"snr_db": float("nan")}]
        ... )
        >>> len(noisy.items)
        1000
    """
    first: list[Stream] = []
    for max_items in (*CHUNKS, None):
        block = make()
        require(hasattr(block, "to_basic_block"), f"a block must be GNU Radio's, got {type(block).__name__}")
        name = block.name()
        text = f"block {name}: with {max_items or 'any number of'} items at a time"
        try:
            found = run_block(block, *inputs, outputs=outputs, max_items=max_items)
        except TimeoutError:
            raise AssertionError(f"{text} it never ends") from None
        first = first or found
        for port, (one, other) in enumerate(zip(first, found, strict=True)):
            what = f"{text}, output {port}"
            require_equal(other.items, one.items, f"{what} differs")
            require(
                _plain(other.tags) == _plain(one.tags),
                f"{what}: its tags differ: {len(one.tags)} were, {len(other.tags)} are",
            )
            beyond = [offset for offset, _, _ in other.tags if not 0 <= offset < max(len(other.items), 1)]
            require(not beyond, f"{what}: a tag lies at {beyond[:1]}, beyond its {len(other.items)} items")
    for arguments in wrong:
        try:
            make(**arguments)
        except ValueError as error:
            require(str(error) and "\n" not in str(error), f"block: {arguments} must be refused in one line")
        except Exception as error:
            raise AssertionError(f"block: {arguments} must raise ValueError, raised {error!r}") from error
        else:
            raise AssertionError(f"block: {arguments} must raise ValueError, and was taken")
    return first


def _plain(tags: list) -> list[str]:
    """Return tags in an order and a form that can be compared, arrays in their values included."""
    return sorted(f"{offset:020d} {key} {value!r}" for offset, key, value in tags)
