#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The public names: what a type checker, ``dir()``, tab completion and the built module say must agree."""

import ast
import importlib
import inspect
import re
import rlcompleter
import subprocess
import sys
from pathlib import Path

import pytest
from gnuradio import aeiqa

PACKAGE = Path(__file__).parents[1] / "python" / "aeiqa"
ROOMS = sorted(
    ".".join(("gnuradio.aeiqa", *init.parent.relative_to(PACKAGE).parts))
    for init in PACKAGE.rglob("__init__.py")
)
STUB = ast.parse((PACKAGE / "aeiqa_python.pyi").read_text())


def source_of(room):
    return ast.parse((PACKAGE.joinpath(*room.split(".")[2:]) / "__init__.py").read_text())


def bound_names(tree):
    """Return the names that a type checker sees at the top of a module, those under TYPE_CHECKING too."""
    names = set()
    for node in tree.body:
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            names |= bound_names(ast.Module(node.body, []))
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            names |= {(name.asname or name.name).split(".")[0] for name in node.names}
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {target.id for target in targets if isinstance(target, ast.Name)}
    return names


@pytest.mark.parametrize("room", ROOMS)
def test_every_name_of_all_is_there_and_seen_by_type_checkers(room):
    module = importlib.import_module(room)
    names = getattr(module, "__all__", [])
    assert len(set(names)) == len(names)
    assert set(names) <= bound_names(source_of(room))
    for name in names:
        assert getattr(module, name) is not None


@pytest.mark.parametrize("room", ROOMS)
def test_what_a_room_imports_for_others_is_in_all(room):
    tree = source_of(room)
    handed_on = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.level
        for alias in node.names
    }
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert handed_on - used <= set(getattr(importlib.import_module(room), "__all__", []))


def test_dir_shows_the_public_names_and_nothing_private():
    fresh = "from gnuradio import aeiqa; print(*dir(aeiqa))"
    names = subprocess.run(
        [sys.executable, "-c", fresh], capture_output=True, text=True, check=True
    ).stdout.split()
    assert {name for name in names if not name.startswith("__")} == set(aeiqa.__all__)
    assert "__version__" in names


def test_tab_completion_offers_every_public_name():
    completer = rlcompleter.Completer({"aeiqa": aeiqa})
    offered = {match.removeprefix("aeiqa.").rstrip("()") for match in completer.attr_matches("aeiqa.")}
    assert offered == set(aeiqa.__all__)


def test_a_name_loaded_when_asked_for_is_the_one_type_checkers_see():
    tree = source_of("gnuradio.aeiqa")
    (block,) = (
        node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    )
    seen = {name.name: node.module or "" for node in block.body for name in node.names}
    assert seen == aeiqa._LAZY


def test_unknown_and_renamed_names():
    with pytest.raises(AttributeError, match=r"module 'gnuradio\.aeiqa' has no attribute 'qam_maper'"):
        _ = aeiqa.qam_maper
    with pytest.warns(DeprecationWarning, match=r"aeiqa\.air_mapper is now aeiqa\.frame_mapper"):
        assert aeiqa.air_mapper is aeiqa.frame_mapper
    with pytest.warns(DeprecationWarning, match=r"aeiqa\.image_feed is now aeiqa\.image_queue_source"):
        assert aeiqa.image_feed is aeiqa.image_queue_source


# What pybind11 writes of C++ types, and what the stub says.
PYBIND_TYPES = {
    "numpy.ndarray[numpy.uint8]": "NDArray[np.uint8]",
    "numpy.ndarray[numpy.int64]": "NDArray[np.int64]",
    "List[int]": "Sequence[int]",
    "Optional[List[int]]": "Sequence[int] | None",
    "object": "NDArray[np.uint8] | Sequence[NDArray[np.uint8]]",
    "gnuradio.aeiqa.aeiqa_python.receiver_counters": "receiver_counters",
}
# pybind11 knows no more of these than that they are arrays, dicts or lists.
RESULTS = {
    "take_pixels": ("numpy.ndarray", "NDArray[np.uint8]"),
    "pixels": ("numpy.ndarray", "NDArray[np.uint8]"),
    "as_dict": ("dict", "dict[str, int]"),
    "take": ("list[gnuradio.aeiqa.aeiqa_python.received_image]", "list[received_image]"),
}


def signature_of(function):
    """Return parameters as (name, type, default) and the type returned, from a pybind11 docstring."""
    line = function.__doc__.splitlines()[0]
    parameters, result = re.fullmatch(r"\w+\((.*)\) -> (.+)", line).groups()
    # Defaults of the carriers are lists: commas within brackets separate nothing.
    parts = re.split(r", (?=\w+: )", parameters) if parameters else []
    found = []
    for part in parts:
        name, _, rest = part.partition(": ")
        kind, _, default = rest.partition(" = ")
        if name != "self":
            found.append((name, PYBIND_TYPES.get(kind, kind), default or None))
    return found, PYBIND_TYPES.get(result, result).replace("List[", "list[").replace("Tuple[", "tuple[")


def stub_signature(node):
    arguments = [argument for argument in node.args.args if argument.arg != "self"]
    defaults = [None] * (len(arguments) - len(node.args.defaults)) + node.args.defaults
    found = [
        (argument.arg, ast.unparse(argument.annotation), default and ast.unparse(default))
        for argument, default in zip(arguments, defaults, strict=True)
    ]
    return found, ast.unparse(node.returns)


def stub_classes():
    return {node.name: node for node in STUB.body if isinstance(node, ast.ClassDef)}


def test_the_stub_has_the_classes_and_functions_of_the_module():
    module = aeiqa.aeiqa_python
    public = {name for name in vars(module) if not name.startswith("_")}
    functions = {node.name for node in STUB.body if isinstance(node, ast.FunctionDef)}
    assert functions | set(stub_classes()) == public
    (node,) = (node for node in STUB.body if isinstance(node, ast.FunctionDef))
    assert signature_of(module.hamming_distance) == stub_signature(node)


@pytest.mark.parametrize("name", stub_classes())
def test_the_stub_has_the_members_of_the_class(name):
    kind, node = getattr(aeiqa.aeiqa_python, name), stub_classes()[name]
    stub = {member.name: member for member in node.body}
    members = {member for member in vars(kind) if not member.startswith("_")}
    members |= {"__add__"} & set(vars(kind))
    if node.bases:
        base = ast.unparse(node.bases[0]).removeprefix("gr.")
        assert kind.__mro__[1].__name__ == base
        members.add("__init__")
    assert set(stub) == members
    for member in members:
        parameters, result = stub_signature(stub[member])
        built = vars(kind)[member]
        decorators = [ast.unparse(decorator) for decorator in stub[member].decorator_list]
        if isinstance(built, property):
            assert decorators == ["property"]
            continue
        assert decorators == (["staticmethod"] if isinstance(built, staticmethod) else [])
        built_parameters, built_result = signature_of(getattr(kind, member))
        assert [part[:2] for part in parameters] == [part[:2] for part in built_parameters]
        for (_, _, default), (_, _, built_default) in zip(parameters, built_parameters, strict=True):
            if default != "...":
                assert default == built_default
        if member in RESULTS:
            assert (built_result, result) == RESULTS[member]
        else:
            assert result == built_result


def test_types_of_a_received_image_are_those_of_the_stub():
    link = aeiqa.Link(aeiqa.images.load_dataset("mnist").images[:1], aeiqa.LinkConfig(snr_db=30.0))
    link.run()
    (image,) = link.sink.take()
    for node in stub_classes()["received_image"].body:
        value = getattr(image, node.name)
        kind = ast.unparse(node.returns).split("[")[0]
        assert type(value).__name__ == {"NDArray": "ndarray"}.get(kind, kind)
    assert inspect.getdoc(aeiqa.received_image)
