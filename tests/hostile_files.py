#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Hypothesis strategies of files that anybody may have written, and of good ones that were damaged."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gnuradio.aeiqa.errors import InputError

SETTINGS = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])

JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text("abc"), inner),
    max_leaves=30,
)


CELLS = st.sampled_from(
    ["", "0", "-1", "1e999", "-inf", "nan", "awgn", "bpsk", "5", "0.5", "1_0", '"a\nb"', "é"]
)


@st.composite
def damaged(draw: st.DrawFn, content: bytes) -> bytes:
    """Draw ``content`` cut, with a byte changed, or with bytes put in."""
    at = draw(st.integers(0, len(content) - 1))
    how = draw(st.sampled_from(["cut", "changed", "put in"]))
    if how == "cut":
        return content[:at]
    if how == "changed":
        return content[:at] + bytes([content[at] ^ draw(st.integers(1, 255))]) + content[at + 1 :]
    return content[:at] + draw(st.binary(min_size=1, max_size=20)) + content[at:]


@st.composite
def altered(draw: st.DrawFn, content: dict[str, Any]) -> dict[str, Any]:
    """Draw a copy of a JSON object in which one value, at any depth, is gone or any other one."""
    changed = copy.deepcopy(content)
    holder: Any = changed
    while True:
        keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
        key = draw(st.sampled_from(keys))
        inner = holder[key]
        if not isinstance(inner, (dict, list)) or not inner or draw(st.booleans()):
            break
        holder = inner
    if draw(st.integers(0, 4)) == 0:
        del holder[key]
    else:
        holder[key] = draw(JSON_VALUES | st.integers(-2, 2) | st.sampled_from([1e300, 1e-300, 2**31, 2**62]))
    return changed


def read_or_refused(read: Callable[[], Any], *names: object) -> Any:
    """Return what ``read`` does; None if it raises ``InputError``: in one line, naming one of ``names``."""
    try:
        return read()
    except InputError as error:
        message = str(error)
        if "\n" in message or not any(str(name) in message for name in names):
            pytest.fail(f"{message!r} is not one line that names {names}")
        return None


@st.composite
def edited(draw: st.DrawFn, text: str) -> bytes:
    """Draw a table in which one cell is another, or one line is gone or there twice."""
    lines = text.splitlines()
    at = draw(st.integers(0, len(lines) - 1))
    how = draw(st.sampled_from(["cell", "cell", "gone", "twice"]))
    if how == "cell":
        cells = lines[at].split(",")
        cells[draw(st.integers(0, len(cells) - 1))] = draw(CELLS)
        lines[at] = ",".join(cells)
    else:
        lines[at : at + 1] = [] if how == "gone" else [lines[at]] * 2
    return ("\n".join(lines) + "\n").encode()


def check_edits(folder: Path, load: Callable[[Path], Any]) -> None:
    """Read a folder of results with each of its JSON files and tables edited in many ways."""
    whole = {path: path.read_bytes() for path in sorted(folder.iterdir()) if path.suffix in (".csv", ".json")}
    for path, content in whole.items():
        changes = damaged(content)
        if path.suffix == ".json":
            changes |= altered(json.loads(content)).map(lambda run: json.dumps(run).encode())
        else:
            changes |= edited(content.decode())

        check_content(path, changes, lambda: load(folder), folder)
        path.write_bytes(content)
    load(folder)


def check_content(
    path: Path, contents: st.SearchStrategy[bytes], read: Callable[[], Any], *names: object
) -> None:
    """Read after each of ``contents`` was written to a file; a refusal names one of ``names``."""

    @SETTINGS
    @given(contents)
    def check(content: bytes) -> None:
        path.write_bytes(content)
        read_or_refused(read, *names)

    check()
