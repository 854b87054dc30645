#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Settings that change while a flowgraph runs; the blocks in C++ have lib/runtime_settings.h."""

from collections.abc import Callable

import pmt
from gnuradio import gr

from ..errors import InputError
from .config import LinkConfig

_LOGGER = gr.logger("aeiqa")


def read_cmd(message: object) -> dict[str, object]:
    """Return names and values of the settings that a message on a port ``cmd`` asks for.

    Args:
        message: a PMT, a dict of names and values or one pair of them, as GNU Radio's GUI blocks send it.

    Raises:
        InputError: it is neither.
    """
    if pmt.is_pair(message) and pmt.is_symbol(pmt.car(message)):
        return {pmt.symbol_to_string(pmt.car(message)): pmt.to_python(pmt.cdr(message))}
    values = pmt.to_python(message) if pmt.is_dict(message) else None
    if not isinstance(values, dict) or not all(isinstance(name, str) for name in values):
        wanted = "a dict or a pair of a setting's name and value"
        raise InputError(f"cmd must be {wanted}, got {pmt.write_string(message)}")
    return values


def try_config(setter: Callable[[object], None], *fields: object, config_class: type = LinkConfig) -> None:
    """Make a configuration of its fields, in order, and give it to a setter; as ``try_setting``."""
    try:
        config = config_class(*fields)
    except ValueError as error:
        _LOGGER.error(str(error))
    else:
        try_setting(setter, config)


def try_setting(setter: Callable[[object], None], value: object) -> None:
    """Call a setter; a value that it rejects is logged.

    GNU Radio Companion's flowgraphs change settings so: an exception in a GUI's slot would end the program.
    """
    try:
        setter(value)
    except ValueError as error:
        _LOGGER.error(str(error))
    except TypeError:  # pybind11 rejects a type in many lines
        _LOGGER.error(f"{setter.__name__}: does not take {value!r}")
