#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The Companion's blocks against the classes that they make."""

import ast
import inspect
import logging
import math
import types

import numpy as np
import pmt
import pytest
import yaml
from block_names import BLOCKS, RENAMED, VARIABLES, VIEWS
from gnuradio import aeiqa, gr
from gnuradio.grc.core import schema_checker

# The classes have no default for these, or one that does not work alone.
IMAGES = 'aeiqa.images.load_dataset("mnist").images[:100]'
NOT_AS_CLASS = {
    ("image_source", "images"): IMAGES,
    ("image_transmitter", "images"): IMAGES,
    ("image_transmitter", "config"): "aeiqa.LinkConfig()",
    ("image_receiver", "config"): "aeiqa.LinkConfig()",
    ("aeiqa_sink", "reference"): IMAGES,
    ("quality_sink", "reference"): IMAGES,
    ("picture_view", "reference"): IMAGES,
    ("channel_view", "equalizer"): "self.ls_equalizer_0",
    ("link_adapter", "config"): "aeiqa.air.AirConfig()",
    ("impairments", "clip"): 'float("inf")',
}

# Written in Python; the others' signatures are in their docstrings alone.
IN_PYTHON = ("aeiqa_sink", "image_receiver", "image_transmitter", "link_adapter", "quality_sink", *VIEWS)

ITEM_BYTES = {"byte": 1, "float": 4, "complex": 8}

# The choice decides nothing unless these are set too.
TOGETHER = {
    ("aeiqa_sink", "dataset"): {"score": '"blind"', "reference": "None"},
    ("channel", "fading"): {"model": '"rayleigh"'},
    ("qam_demapper", "soft"): {"noise_variance": "0.1"},
}

CHOICES = [
    (name, parameter)
    for name, parameters in {
        "aeiqa_sink": ("target", "score", "order", "dataset"),
        "frame_mapper": ("modulation", "labels", "order"),
        "channel": ("model", "fading", "tag_csi"),
        "image_sink": ("order",),
        "image_source": ("repeat", "order"),
        "constellation_view": ("modulation",),
        "image_receiver": ("soft",),
        "image_transmitter": ("repeat",),
        "link_adapter": ("target",),
        "ls_equalizer": ("estimation", "equalizer"),
        "picture_view": ("order",),
        "ofdm_demodulator": ("align",),
        "qam_demapper": ("modulation", "labels", "soft"),
        "qam_mapper": ("modulation", "labels", "reveal_first_symbol"),
        "quality_sink": ("order",),
        "table2_channel": ("model",),
    }.items()
    for parameter in parameters
]


def constructor_defaults(name):
    """Keywords of a class, in order, with their defaults; pybind11 keeps them in the docstring alone."""
    if name in IN_PYTHON:
        parameters = list(inspect.signature(getattr(aeiqa, name).__init__).parameters.values())[1:]
        return {parameter.name: parameter.default for parameter in parameters}
    signature = getattr(aeiqa, name).__init__.__doc__.strip().splitlines()[0]
    arguments = ast.parse(f"def {signature}: ...").body[0].args
    names = [argument.arg for argument in arguments.args]
    values = [eval(ast.unparse(default), {"inf": math.inf}) for default in arguments.defaults]
    without = [inspect.Parameter.empty] * (len(names) - len(values))
    return dict(list(zip(names, without + values, strict=True))[1:])


def made_call(block):
    """The call in the code that the Companion would write: function and keywords, as text."""
    call = ast.parse(block.templates.render("make")).body[0].value  # a widget's layout follows
    assert not call.args
    return ast.unparse(call.func), {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}


def make(block):
    """Run the code that the Companion would write."""
    namespace = {"self": types.SimpleNamespace(ls_equalizer_0=aeiqa.ls_equalizer())}
    exec(block.templates.render("imports"), namespace)
    call = ast.parse(block.templates.render("make")).body[0].value
    return eval(ast.unparse(call), namespace)


def test_every_file_is_a_tested_block(root, platform):
    files = {path.name for path in (root / "grc").glob("*.block.yml")}
    ids = {f"aeiqa_{name}" for name in (*BLOCKS, *VARIABLES, *RENAMED)}
    assert files == {f"{key}.block.yml" for key in ids}
    assert {key for key in platform.blocks if key.startswith("aeiqa")} == ids


@pytest.mark.parametrize("name", BLOCKS)
def test_file_follows_the_schema(root, name):
    data = yaml.safe_load((root / "grc" / f"aeiqa_{name}.block.yml").read_text())
    checker = schema_checker.Validator(schema_checker.BLOCK_SCHEME)
    assert checker.run(data), checker.messages
    assert checker.messages == []
    assert data["id"] == f"aeiqa_{name}"
    assert data["flags"] == (["python", "need_qt_gui"] if name in VIEWS else ["python"])


@pytest.mark.parametrize("name", BLOCKS)
def test_block_is_in_our_category(platform, name):
    assert platform.blocks[f"aeiqa_{name}"].category[0] == "AE-IQA"


@pytest.mark.parametrize("name", BLOCKS)
def test_nothing_is_wrong_with_the_defaults(add, errors_of, caplog, name):
    with caplog.at_level(logging.WARNING):
        assert errors_of(add(name)) == []
    assert caplog.records == []


@pytest.mark.parametrize("name", BLOCKS)
def test_parameters_are_those_of_the_class(add, errors_of, name):
    block = add(name)
    errors_of(block)
    function, keywords = made_call(block)
    assert function == (f"widgets.{name}" if name in VIEWS else f"aeiqa.{name}")
    expected = constructor_defaults(name)
    assert list(keywords) == list(expected)
    for keyword, text in keywords.items():
        if (name, keyword) in NOT_AS_CLASS:
            assert ast.unparse(ast.parse(NOT_AS_CLASS[name, keyword])) == text
        else:
            assert ast.literal_eval(text) == expected[keyword], keyword


@pytest.mark.parametrize("name", BLOCKS)
def test_keywords_and_parameters_have_one_name(root, name):
    data = yaml.safe_load((root / "grc" / f"aeiqa_{name}.block.yml").read_text())
    for parameter in data["parameters"]:
        if parameter["id"] == "gui_hint":
            continue
        value = f"${{{parameter['id']}}}"
        if parameter["dtype"] == "id":  # of another block
            value = f"self.{value}"
        assert f"{parameter['id']}={value}" in data["templates"]["make"]


@pytest.mark.parametrize("name", BLOCKS)
def test_documentation_tells_parameters_and_ports(root, name):
    data = yaml.safe_load((root / "grc" / f"aeiqa_{name}.block.yml").read_text())
    lines = data["documentation"].splitlines()
    parameters, inputs, outputs = (lines.index(title) for title in ("Parameters", "Input", "Output"))
    described = "\n".join(lines[parameters:inputs])
    for parameter in data["parameters"]:
        assert parameter["label"].split(" (")[0].split(",")[0] in described
    for section, text in (("inputs", lines[inputs + 1 : outputs]), ("outputs", lines[outputs + 1 :])):
        assert text[0] != ""
        for port in data.get(section, ()):
            name_on_screen = port.get("label", port.get("id"))
            assert name_on_screen is None or any(line.startswith(f"{name_on_screen}:") for line in text)


def test_choices_are_all_tested(platform):
    found = {
        (name, parameter["id"])
        for name in BLOCKS
        for parameter in platform.blocks[f"aeiqa_{name}"].parameters_data
        if parameter.get("options")
    }
    assert found == set(CHOICES)


@pytest.mark.parametrize(("name", "parameter"), CHOICES)
def test_every_choice_makes_a_block(add, errors_of, name, parameter):
    if name == "aeiqa_sink":
        pytest.importorskip("torch")
    block = add(name, **TOGETHER.get((name, parameter), {}))
    if parameter == "reveal_first_symbol":
        block.params["training_symbols"].set_value("0")
    choice = next(data for data in block.parameters_data if data["id"] == parameter)
    assert len(choice["option_labels"]) == len(choice["options"]) == len(set(choice["options"]))
    assert choice["default"] in choice["options"]
    for option in choice["options"]:
        block.params[parameter].set_value(option)
        assert errors_of(block) == []
        assert make(block).name().endswith(name)


LIVE = {
    ("channel", "snr_db"): "3.5",
    ("channel", "fading"): '"symbol"',
    ("channel", "doppler"): "0.01",
    ("table2_channel", "snr_db"): "3.5",
    ("ls_equalizer", "estimation"): '"ls-dft"',
    ("ls_equalizer", "equalizer"): '"mmse"',
    ("ls_equalizer", "noise_variance"): "0.25",
    ("aeiqa_sink", "target"): '"paper"',
    ("aeiqa_sink", "score"): '"paper"',
    ("image_transmitter", "config"): "aeiqa.LinkConfig(snr_db=3)",
    ("image_receiver", "config"): 'aeiqa.LinkConfig(equalizer="mmse")',
}


@pytest.mark.parametrize(("name", "setting"), LIVE)
def test_what_can_change_while_running(add, errors_of, name, setting):
    if name == "aeiqa_sink":
        pytest.importorskip("torch")
    block, text = add(name, model='"rayleigh"') if name == "channel" else add(name), LIVE[name, setting]
    assert errors_of(block) == []
    made = make(block)
    block.params[setting].set_value(text)
    assert errors_of(block) == []
    (callback,) = (call for call in block.get_callbacks() if f"set_{setting}," in call)
    flow_graph = types.SimpleNamespace(**{block.name: made})
    exec(callback, {"aeiqa": aeiqa, "self": flow_graph})
    now = getattr(made, setting)
    assert (now if setting == "config" else now()) == eval(text)


def test_every_setter_has_its_callback(platform):
    expected = {(name, method[4:]) for name in BLOCKS for method in setters_of(name)}
    assert expected == set(LIVE)
    for name in BLOCKS:
        calls = platform.blocks[f"aeiqa_{name}"].templates["callbacks"]
        assert {call.split(".set_")[1].split(",")[0] for call in calls} == {
            setting for block, setting in expected if block == name
        }


def setters_of(name):
    """Methods set_... of our own."""
    bases = (gr.sync_block, gr.sync_decimator, gr.sync_interpolator, gr.hier_block2)
    inherited = set().union(*map(dir, bases))
    return {key for key in set(dir(getattr(aeiqa, name))) - inherited if key.startswith("set_")}


def test_a_link_with_soft_decisions_connects(add, flow_graph):
    equalizer, demapper = add("ls_equalizer"), add("qam_demapper", soft="True")
    flow_graph.rewrite()
    for output, input_ in zip(equalizer.active_sources, demapper.active_sinks, strict=True):
        flow_graph.connect(output, input_)
    flow_graph.rewrite()
    flow_graph.validate()
    assert [connection.get_error_messages() for connection in flow_graph.connections] == [[], []]
    assert demapper.active_sources[0].dtype == "float"


def test_hard_decisions_have_no_noise_input(add, flow_graph):
    demapper = add("qam_demapper")
    flow_graph.rewrite()
    assert [port.name for port in demapper.active_sinks] == ["points"]
    assert demapper.active_sources[0].dtype == "byte"


VARIANTS = {
    "soft": {"soft": "True"},
    "in frames": {"config": "aeiqa.AirConfig()"},
}
OTHERWISE = [
    "qam_demapper, soft",
    "image_receiver, soft",
    "image_receiver, in frames",
    "image_transmitter, in frames",
]


@pytest.mark.parametrize("name", [*BLOCKS, *OTHERWISE])
def test_ports_are_those_of_the_class(add, errors_of, name):
    if name == "aeiqa_sink":
        pytest.importorskip("torch")
    block = add(*name.split(", ")[:1], **VARIANTS.get(name.partition(", ")[2], {}))
    assert errors_of(block) == []
    made = make(block)
    for ports, signature in (
        (block.active_sinks, made.input_signature()),
        (block.active_sources, made.output_signature()),
    ):
        streams = [port for port in ports if port.domain == "stream"]
        assert signature.max_streams() == len(streams)
        # Hierarchical blocks have a fixed number of ports, which may be left open all the same.
        required = [port for port in streams if isinstance(made, gr.hier_block2) or not port.optional]
        assert signature.min_streams() == len(required)
        for i, port in enumerate(streams):
            assert signature.sizeof_stream_item(i) == ITEM_BYTES[port.dtype] * port.vlen
    for ports, names in (
        (block.active_sinks, made.message_ports_in()),
        (block.active_sources, made.message_ports_out()),
    ):
        keys = [port.key for port in ports if port.domain == "message"]
        assert sorted(keys) == sorted(set(pmt.to_python(names)) - {"system"})


def test_a_transmitter_without_images_takes_them_as_messages(add, errors_of):
    block = add("image_transmitter", config="aeiqa.AirConfig()", images="None")
    assert errors_of(block) == []
    assert [port.key for port in block.active_sinks] == ["images"]
    assert make(block).send(np.zeros((2, 3), np.uint8))
