#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""GNU Radio Companion's core, which needs no screen, with our blocks and a few of its own."""

from pathlib import Path

import pytest
from gnuradio import gr
from gnuradio.grc.core import platform as grc_platform
from gnuradio.grc.core.cache import Cache
from gnuradio.grc.core.platform import Platform

ROOT = Path(__file__).resolve().parents[2]
CORE_BLOCKS = Path(gr.prefix()) / "share" / "gnuradio" / "grc" / "blocks"
CORE_FILES = (
    "options.block.yml",
    "import.block.yml",
    "variable.block.yml",
    "stream.domain.yml",
    "message.domain.yml",
)


@pytest.fixture(scope="session")
def root():
    """The repository."""
    return ROOT


@pytest.fixture(scope="session", autouse=True)
def application():
    """Qt's application, of which a process has one."""
    from PyQt5.QtWidgets import QApplication

    return QApplication.instance() or QApplication([])


@pytest.fixture(scope="session")
def platform(tmp_path_factory):
    """The Companion's library of blocks."""
    with pytest.MonkeyPatch.context() as patch:
        # Where the Companion keeps it has changed with its version; how it opens it has not.
        file = str(tmp_path_factory.mktemp("grc") / "cache.json")
        patch.setattr(grc_platform, "Cache", lambda _, **options: Cache(file, **options))
        version = (gr.major_version(), gr.api_version(), gr.minor_version())
        platform = Platform(name="tests", prefs=gr.prefs(), version=gr.version(), version_parts=version)
        platform.build_library([str(CORE_BLOCKS / name) for name in CORE_FILES] + [str(ROOT / "grc")])
    return platform


@pytest.fixture
def flow_graph(platform):
    """An empty flowgraph whose expressions may say ``numpy``."""
    flow_graph = platform.make_flow_graph()
    flow_graph.options_block.params["id"].set_value("a_test")
    importer = flow_graph.new_block("import")
    importer.params["id"].set_value("import_0")
    importer.params["imports"].set_value("import numpy")
    return flow_graph


@pytest.fixture
def add(flow_graph):
    """Put the block of a class of gnuradio.aeiqa into the flowgraph, parameters given as expressions."""

    def add(name, **parameters):
        if name == "channel_view" and "equalizer" not in parameters:
            parameters["equalizer"] = "ls_equalizer_0"
            add("ls_equalizer")
        block = flow_graph.new_block(f"aeiqa_{name}")
        block.params["id"].set_value(f"{name}_0")
        for key, expression in parameters.items():
            block.params[key].set_value(expression)
        return block

    return add


@pytest.fixture
def errors_of(flow_graph):
    """Validate and return what the Companion says against a block that is not connected yet."""

    def errors_of(block):
        flow_graph.rewrite()
        flow_graph.validate()
        return [text for text in block.get_error_messages() if "Port is not connected" not in text]

    return errors_of
