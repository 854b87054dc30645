#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Campaign files: the options of a command, written down in YAML and checked by the same table of fields."""

import argparse
import dataclasses
import difflib
import math
import reprlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import InputError
from ..fields import Setting, option, read_options, settings

MAX_BYTES = 1 << 20
_TOO_LARGE = 1e300  # close to where a whole number is no double any more

_NAMES = {str: "text", int: "a whole number", float: "a number", bool: "true or false", Path: "a path"}
_TYPES = {str: "string", int: "integer", float: "number", bool: "boolean", Path: "string"}


class _Key(NamedTuple):
    """A key of the file: the class and the field whose option it is, and the type of a list's items."""

    config: type
    field: str
    setting: Setting
    item: type


class Campaign:
    """The settings of a command: fields of config classes, from a campaign file and from options.

    Args:
        command: its name.
        groups: config classes, and which of their fields the command takes; no two have the same option.
    """

    def __init__(self, command: str, *groups: tuple[type, Sequence[str]]) -> None:
        self.command, self._groups = command, groups
        self._keys: dict[str, _Key] = {}
        for config, names in groups:
            defaults = {field.name: field.default for field in dataclasses.fields(config)}
            for name in names:
                default = defaults[name]
                item = type(default[0]) if isinstance(default, tuple) else str
                key = option(config, name).removeprefix("--")
                self._keys[key] = _Key(config, name, settings(config)[name], item)

    def add_option(self, parser: argparse.ArgumentParser) -> None:
        """Add ``--config``."""
        parser.add_argument(
            "--config", type=Path, metavar="FILE", help="campaign file in YAML: options, without their dashes"
        )

    def read(self, args: argparse.Namespace) -> list[dict[str, Any]]:
        """Return the fields of each group that the file or an option gives; an option wins.

        Raises:
            InputError: naming file and line, the key, its value and what is allowed.
            OSError: the file cannot be read.
        """
        found = {} if args.config is None else self.read_file(args.config)
        given = [read_options(args, config, *names) for config, names in self._groups]
        for one, other in (("workers", "scheduler"), ("scheduler", "workers")):
            if any(one in options for options in given):  # here or there: the option decides
                found.pop(other, None)
        return [
            {name: found[name] for name in names if name in found} | options
            for (_, names), options in zip(self._groups, given, strict=True)
        ]

    def read_file(self, path: Path) -> dict[str, Any]:
        """Return the fields that a campaign file gives, by name. Raises as ``read``."""
        found: dict[str, Any] = {}
        for line, key, value in _entries(path):
            try:
                if key not in self._keys:
                    raise InputError(f"{key}: unknown key; {self._nearest(key)}")
                name = self._keys[key].field
                if name in found:
                    raise InputError(f"{key}: is there twice; leave one out")
                found[name] = _read(key, self._keys[key], value)
            except InputError as error:
                raise InputError(f"{path}:{line}: {error}") from None
        return found

    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema of the command's campaign files."""
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": f"Campaign of ./aeiqa {self.command}",
            "type": "object",
            "additionalProperties": False,
            "properties": {name: _schema(key) for name, key in self._keys.items()},
        }

    def _nearest(self, key: str) -> str:
        near = difflib.get_close_matches(key.lower().replace("_", "-"), self._keys, 1)
        return f"did you mean {near[0]}?" if near else f"known are {', '.join(self._keys)}"


def _schema(key: _Key) -> dict[str, Any]:
    setting = key.setting.as_given()
    about = {"description": f"{setting.help} ({setting.unit})" if setting.unit else setting.help}
    if setting.schema is not None:
        found = dict(setting.schema)
    elif setting.kind is tuple:
        items = {"enum": [*setting.choices]} if setting.choices else {"type": _TYPES[key.item]}
        found = {"type": "array", "items": items, "minItems": 1, "uniqueItems": True}
    elif setting.choices:
        found = {"enum": [*setting.choices]}
    else:
        found = {"type": _TYPES[setting.kind]}
        low = "exclusiveMinimum" if setting.open_low else "minimum"
        high = "exclusiveMaximum" if setting.open_high else "maximum"
        for name, bound in ((low, setting.low), (high, setting.high)):
            if isinstance(bound, (int, float)):
                found[name] = bound
        if setting.multiple > 1:
            found["multipleOf"] = setting.multiple
    word = setting.word or ("inf" if setting.inf else "")
    if word and setting.schema is None and not (setting.kind is str and not setting.choices):
        found = {"anyOf": [found, {"const": word}]}
    return about | found


def _read(key: str, known: _Key, value: Any) -> Any:
    """Return a value of the file as the field holds it."""
    setting = known.setting
    if setting.word and value == setting.word:
        return None
    if setting.inf and value == "inf":
        return math.inf
    if setting.parse is not None and not isinstance(value, list):
        whole = isinstance(value, float) and value.is_integer()
        value = int(value) if whole else value
        found = setting.parse(value if isinstance(value, str) else reprlib.repr(value), key)
    elif setting.kind is tuple:
        if not isinstance(value, list) or not value:
            raise _wrong_type(key, known, value)
        found = tuple(_typed(key, known, known.item, item) for item in value)
        twice = [item for item in found if found.count(item) > 1]
        if twice:
            raise InputError(f"{key}: {twice[0]} is there twice; leave one out")
    else:
        found = _typed(key, known, setting.kind, value)
    # A bound that is another field is for the class to check, which knows both.
    given = setting.as_given()
    low, high = (None if isinstance(bound, str) else bound for bound in (given.low, given.high))
    dataclasses.replace(given, low=low, high=high).check(key, found)
    return found / 100 if setting.percent else found


def _typed(key: str, known: _Key, kind: type, value: Any) -> Any:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < _TOO_LARGE
    if kind is int and is_number and value == int(value):
        return int(value)
    if kind is float and is_number:
        return float(value)
    if kind is bool and isinstance(value, bool):
        return value
    if kind in (str, Path) and isinstance(value, str):
        return kind(value)
    raise _wrong_type(key, known, value)


def _wrong_type(key: str, known: _Key, value: Any) -> InputError:
    setting = known.setting.as_given()
    wanted = f"a list of {', '.join(setting.choices) or _NAMES[known.item]}"
    if setting.kind is not tuple:
        wanted = f"one of {', '.join(setting.choices)}" if setting.choices else _NAMES[setting.kind]
        if text := setting.range_text(unit=setting.unit):
            wanted += f" {text}"
    elif not setting.choices and known.item is float:
        wanted = "a list of numbers"
    if setting.word:
        wanted += f", or {setting.word}"
    remedy = "; put it in quotes" if setting.kind in (str, Path) and not setting.choices else ""
    if setting.kind is tuple and not isinstance(value, (list, Mapping)):
        remedy = "; put it in brackets, as [A, B]"
    return InputError(f"{key}: must be {wanted}, got {reprlib.repr(value)}{remedy}")


def _entries(path: Path) -> Iterator[tuple[int, str, Any]]:
    """Yield (line, key, value) of a YAML file that may come from anybody."""
    try:
        import yaml
    except ImportError as error:
        raise InputError(f"{path}: needs PyYAML (Debian package python3-yaml): {error}") from None
    with open(path, "rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise InputError(f"{path}: must be a campaign file, it is larger than {MAX_BYTES >> 20} MiB")
    loader = None
    try:
        loader = _loader(yaml)(content)
        root = loader.get_single_node()
        if not isinstance(root, yaml.MappingNode):
            raise InputError(f"{path}: must hold lines such as 'images: 200'")
        for key, value in root.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                raise InputError(f"{path}:{line}: a key must be the name of an option, as images")
            yield line, key.value, loader.construct_object(value, deep=True)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{path}:{mark.line + 1}" if mark else path
        raise InputError(f"{where}: cannot be read as YAML ({error.problem or error.context})") from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        text = " ".join(str(error).split())
        raise InputError(f"{path}: cannot be read as YAML ({text})") from None
    finally:
        if loader is not None:
            loader.dispose()


def _loader(yaml: Any) -> type:
    """Return YAML 1.2's core schema: in 1.1, which PyYAML reads, 10:20:5 is 37205, 010 is 8, no is false."""

    class Loader(yaml.SafeLoader):
        yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012

    import re

    for tag, pattern, first in (
        ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
        ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", list("tTfF")),
        ("int", r"^[-+]?[0-9]+$", list("-+0123456789")),
        ("float", r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$", list("-+.0123456789")),
    ):
        Loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(pattern), first)
    Loader.add_constructor("tag:yaml.org,2002:int", lambda loader, node: int(loader.construct_scalar(node)))
    return Loader
