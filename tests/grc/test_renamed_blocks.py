#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Old flowgraphs, with blocks under their former names, open and make what they made."""

import ast

import pytest
from block_names import RENAMED
from gnuradio import aeiqa


@pytest.mark.parametrize(("old", "new"), RENAMED.items())
def test_the_alias_is_the_block(add, errors_of, old, new):
    former, present = add(old), add(new)
    assert errors_of(former) == errors_of(present) == []
    assert former.flags.deprecated
    assert not present.flags.deprecated
    assert ast.dump(ast.parse(former.templates.render("make"))) == ast.dump(
        ast.parse(present.templates.render("make"))
    )
    for ports in ("active_sinks", "active_sources"):
        kinds = [
            [(port.key, port.domain, port.dtype, port.vlen) for port in getattr(block, ports)]
            for block in (former, present)
        ]
        assert kinds[0] == kinds[1]


@pytest.mark.parametrize(("old", "new"), RENAMED.items())
def test_the_class_has_its_former_name_too(old, new):
    with pytest.warns(DeprecationWarning, match=f"aeiqa.{old} is now aeiqa.{new}"):
        assert getattr(aeiqa, old) is getattr(aeiqa, new)


def test_a_saved_flowgraph_opens(platform, root, tmp_path):
    """An example as it was saved under the former name."""
    text = (root / "examples" / "simulated" / "impairments.grc").read_text()
    assert text.count("id: aeiqa_frame_mapper") == 1
    saved = tmp_path / "saved.grc"
    saved.write_text(text.replace("id: aeiqa_frame_mapper", "id: aeiqa_air_mapper"))
    graph = platform.make_flow_graph()
    graph.import_data(platform.parse_flow_graph(str(saved)))
    graph.rewrite()
    graph.validate()
    mapper = graph.get_block("frame_mapper")
    assert mapper.key == "aeiqa_air_mapper"
    assert mapper.get_error_messages() == []
    # GNU Radio's own blocks are not loaded here.
    assert not any(block.is_dummy_block for block in graph.blocks if block.key.startswith("aeiqa"))
    assert len(graph.connections) == text.split("connections:")[1].split("metadata:")[0].count("- [")
