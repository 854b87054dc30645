#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Fields of the config classes: help, unit and allowed values of each, said once.

A config class is a dataclass whose fields are made by `choice`, `several`, `text`, `path`, `switch`,
`whole` and `real`. Their `Setting` checks the value (`check_fields`), makes the command line's option
(`add_options`, `read_options`) and the class's documentation (`documented`); the tests compare GRC files with
it.
"""

import argparse
import dataclasses
import math
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional, TypeVar

from .errors import InputError

_KEY = "setting"

_Class = TypeVar("_Class")

Bound = int | float | str  # a number, or the name of the field that holds it


@dataclass(frozen=True)
class Setting:
    """One field.

    Attributes:
        help: the value in a few words, without unit, range and default.
        kind: str, int, float, bool, tuple (of several) or Path.
        unit: of the number, as ``dB``.
        choices: the allowed names.
        low, high: the allowed numbers; None: no bound. The name of another field: its value.
        open_low, open_high: whether the bound itself is excluded.
        multiple: of what a whole number must be a multiple.
        inf: what infinity means, if it is allowed.
        none: what None means, if it is allowed.
        option: the command line's option without ``--``; default: the field's name.
        word: the option's value that stands for None, as ``all``.
        metavar: the option's value in the help, instead of the kind's own.
        percent: whether the command line takes the share in per cent.
        parse: (text, option) -> value, instead of the kind's own.
        schema: JSON Schema of the value in a campaign file, instead of the kind's own.
    """

    help: str
    kind: type = str
    unit: str = ""
    choices: tuple[str, ...] = ()
    low: Optional[Bound] = None
    high: Optional[Bound] = None
    open_low: bool = False
    open_high: bool = False
    multiple: int = 1
    inf: str = ""
    none: str = ""
    option: str = ""
    word: str = ""
    metavar: str = ""
    percent: bool = False
    parse: Optional[Callable[[str, str], Any]] = None
    schema: Optional[Mapping[str, Any]] = None

    def check(self, name: str, value: object, config: object = None) -> None:
        """Raise ``InputError`` naming the field, its value and what is allowed, unless it is."""
        if value is None and self.none:
            return
        if self.kind is tuple:
            for item in value if self.choices and isinstance(value, tuple) else ():
                if item not in self.choices:
                    raise InputError(f"{name}: must be among {', '.join(self.choices)}, got {item!r}")
        elif self.choices:
            if value not in self.choices:
                raise InputError(f"{name}: must be one of {', '.join(self.choices)}, got {value!r}")
        elif self.kind in (int, float):
            self._check_number(name, value, config)

    def _check_number(self, name: str, value: Any, config: object) -> None:
        if not (_is_whole(value) if self.kind is int else _is_number(value)):
            kind = "a whole number" if self.kind is int else "a number"
            allowed = f"{kind} {self.range_text(config, self.unit)}".strip()
            raise InputError(f"{name}: must be {allowed}, got {value!r}")
        if self.inf and value == math.inf:
            return
        low, high = _bound(self.low, config), _bound(self.high, config)
        if (
            (low is not None and (value < low or (self.open_low and value == low)))
            or (high is not None and (value > high or (self.open_high and value == high)))
            or (self.kind is float and not math.isfinite(value))
            or (self.multiple > 1 and value % self.multiple)
        ):
            allowed = self.range_text(config, self.unit) or "a number"
            raise InputError(f"{name}: must be {allowed}, got {value!r}")

    def as_given(self) -> "Setting":
        """Return the setting of the value as it is typed in: a share in per cent, if ``percent`` says so."""
        if not self.percent:
            return self
        low, high = (
            100 * bound if isinstance(bound, (int, float)) else bound for bound in (self.low, self.high)
        )
        return dataclasses.replace(self, low=low, high=high, unit="%")

    def range_text(self, config: object = None, unit: str = "") -> str:
        """The allowed numbers, as ``from 0 to 300 dB``; bounds that are fields with their values."""
        low, high = (_bound_text(bound, config) for bound in (self.low, self.high))
        if high:
            over, under = "above " if self.open_low else "", "under " if self.open_high else ""
            text = f"from {over}{low} to {under}{high}"
        elif low:
            text = f"more than {low}" if self.open_low else f"{low} or more"
        else:
            text = ""
        if text and unit:
            text += f" {unit}"
        if self.multiple > 1:
            text += f", a multiple of {self.multiple}"
        return f"{text}, or inf for {self.inf}" if self.inf else text

    def describe(self, *, choices: bool = True) -> str:
        """The help with unit, and the allowed values; choices only if asked for."""
        help = f"{self.help} ({self.unit})" if self.unit else self.help
        allowed = f"one of {', '.join(self.choices)}" if choices and self.choices else self.range_text()
        if self.kind is tuple:
            allowed = allowed.replace("one of", "of")
        return f"{help}; {allowed}" if allowed else help


def choice(default: Any, choices: Sequence[str], help: str, **more: Any) -> Any:
    """Return a field whose value is one of ``choices``."""
    return _field(default, Setting(help, str, choices=tuple(choices), **more))


def several(default: Any, help: str, choices: Sequence[str] = (), **more: Any) -> Any:
    """Return a field for a tuple of values, all of them among ``choices`` if there are any."""
    return _field(default, Setting(help, tuple, choices=tuple(choices), **more))


def text(default: Any, help: str, **more: Any) -> Any:
    """Return a field for a text."""
    return _field(default, Setting(help, str, **more))


def path(help: str, none: str, **more: Any) -> Any:
    """Return a field for a folder's path that may be left out."""
    return _field(None, Setting(help, Path, none=none, **more))


def switch(default: Any, help: str) -> Any:
    """Return a field for True or False."""
    return _field(default, Setting(help, bool))


def whole(
    default: Any, help: str, low: Optional[Bound] = None, high: Optional[Bound] = None, **more: Any
) -> Any:
    """Return a field for a whole number from ``low`` to ``high``."""
    return _field(default, Setting(help, int, low=low, high=high, **more))


def real(
    default: Any, help: str, low: Optional[Bound] = None, high: Optional[Bound] = None, **more: Any
) -> Any:
    """Return a field for a number from ``low`` to ``high``."""
    return _field(default, Setting(help, float, low=low, high=high, **more))


def settings(config: Any) -> dict[str, Setting]:
    """Return the `Setting` of each field of a config or its class, by name, in order."""
    return {
        field.name: field.metadata[_KEY] for field in dataclasses.fields(config) if _KEY in field.metadata
    }


def short_repr(config: Any) -> str:
    """Return the call that makes a config: without the fields that it would fill in alike by itself."""
    given = {field.name: getattr(config, field.name) for field in dataclasses.fields(config)}
    filled_in = {name for name, setting in settings(config).items() if setting.none}
    for names in (filled_in, *({name} for name in given)):
        rest = {name: value for name, value in given.items() if name not in names}
        try:
            if type(config)(**rest) == config:
                given = rest
        except (InputError, TypeError):
            continue
    return f"{type(config).__name__}({', '.join(f'{name}={value!r}' for name, value in given.items())})"


def check_fields(config: Any) -> None:
    """Raise ``InputError`` for the first field that holds what it must not."""
    for name, setting in settings(config).items():
        setting.check(name, getattr(config, name), config)


def documented(config: type[_Class]) -> type[_Class]:
    """Write the fields into a class's docstring, in front of "Raises:"; a decorator above ``@dataclass``."""
    lines = (
        f"{' ' * 8}{name}: {it.describe()}{f'; None: {it.none}' if it.none else ''}."
        for name, it in settings(config).items()
    )
    fields = "\n".join(textwrap.fill(line, 110, subsequent_indent=" " * 12) for line in lines)
    head, raises, tail = (config.__doc__ or "").partition("    Raises:")
    config.__doc__ = f"{head.rstrip()}\n\n    Attributes:\n{fields}\n\n{raises}{tail}"
    return config


def add_options(parser: argparse._ActionsContainer, config: type, *chosen: str, **also: str) -> None:
    """Add a command line's options for fields of a config class; `read_options` takes their values.

    Args:
        parser: a parser, or a group of its options.
        config: the class.
        chosen: names of the fields.
        also: for fields among these, what the help says in addition.
    """
    defaults = {field.name: field.default for field in dataclasses.fields(config)}
    for name in chosen:
        setting = settings(config)[name].as_given()
        if setting.kind is bool:
            parser.add_argument(
                option(config, name), dest=name, action="store_true", default=None, help=setting.help
            )
            continue
        more = f"; {also[name]}" if name in also else ""
        default = _default_text(setting, defaults[name])
        help = f"{setting.describe()}{more}" + (f" (default: {default})" if default else "")
        parser.add_argument(
            option(config, name), dest=name, metavar=_metavar(setting), help=help.replace("%", "%%")
        )


def option(config: type, name: str) -> str:
    """Return a field's option, as ``--fft-len``."""
    return "--" + (settings(config)[name].option or name.replace("_", "-"))


def read_options(args: argparse.Namespace, config: type, *chosen: str) -> dict[str, Any]:
    """Return the fields whose options were given, by name; ``InputError`` for what cannot be read."""
    given = {name: getattr(args, name) for name in chosen if getattr(args, name) is not None}
    return {name: _read(settings(config)[name], value, option(config, name)) for name, value in given.items()}


def parse_names(text: str, option: str) -> tuple[str, ...]:
    """Return the names of a comma-separated list, each once. Raises ``InputError`` if one is missing."""
    found = [name.strip() for name in text.split(",")]
    if not all(found):
        raise InputError(f"{option} must be names separated by commas, got {text!r}")
    return tuple(dict.fromkeys(found))


def _field(default: Any, setting: Setting) -> Any:
    return dataclasses.field(default=default, metadata={_KEY: setting})


def _read(setting: Setting, text: Any, option: str) -> Any:
    if setting.kind is bool:
        return text
    if setting.word and text == setting.word:
        return None
    if setting.parse is not None:
        return setting.parse(text, option)
    if setting.kind is tuple:
        return parse_names(text, option)
    try:
        value = setting.kind(text)
    except ValueError:
        kind = "a whole number" if setting.kind is int else "a number"
        otherwise = f" or {setting.word}" if setting.word else ""
        raise InputError(f"{option} must be {kind}{otherwise}, got {text!r}") from None
    return value / 100 if setting.percent else value


def _default_text(setting: Setting, default: Any) -> str:
    if default is None or default is dataclasses.MISSING:
        return setting.word or setting.none
    if setting.kind is tuple:
        return ",".join(map(_number_text, default))
    return _number_text(default * 100 if setting.percent else default)


def _metavar(setting: Setting) -> str:
    unit = setting.unit.upper() if setting.unit.isalpha() else "X"
    kinds = {int: "N", float: "PCT" if setting.percent else unit, tuple: "NAME,...", Path: "DIR"}
    name = setting.metavar or kinds.get(setting.kind, "NAME")
    return f"{name}|{setting.word}" if setting.word else name


def _is_whole(value: object) -> bool:
    return hasattr(value, "__index__") and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    try:
        return not isinstance(value, (bool, str)) and not math.isnan(value)
    except TypeError:
        return False


def _bound(bound: Optional[Bound], config: object) -> Any:
    return getattr(config, bound) if isinstance(bound, str) else bound


def _bound_text(bound: Optional[Bound], config: object) -> str:
    if isinstance(bound, str) and config is not None:
        return f"{bound} = {getattr(config, bound)}"
    return "" if bound is None else _number_text(bound)


def _number_text(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
