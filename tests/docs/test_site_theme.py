#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The theme's files of a built site: whole, whatever the distribution made of them."""

import shutil
from pathlib import Path

import pytest

furo = pytest.importorskip("furo", reason="no furo (Debian package furo)")
import site_theme  # noqa: E402

THEME = Path(furo.__file__).parent / "theme" / "furo" / "static"


@pytest.fixture
def static(tmp_path):
    shutil.copytree(THEME, tmp_path / "_static")
    site_theme.mend_theme(tmp_path / "_static")
    return tmp_path / "_static"


def test_nothing_is_asked_of_a_web_server(static):
    for path in static.rglob("*.css"):
        text = path.read_text()
        assert "url(/" not in text
        assert "@import" not in text


def test_the_dark_is_that_of_the_system_too(static):
    text = (static / "styles" / "furo.css").read_text()
    chosen, by_system = 'body[data-theme="dark"] {', 'body:not([data-theme="light"]) {'
    assert "prefers-color-scheme: dark" in text.split(by_system)[0]
    colours = [text.split(rule, 1)[1].split("}")[0] for rule in (chosen, by_system)]
    assert colours[0].split() == colours[1].split()
    assert "--color-background-primary: #131416" in colours[1]


def test_the_script_runs_from_disk(static):
    """As one that is no module, with what it imports in front."""
    text = (static / "scripts" / "furo.js").read_text()
    assert not [line for line in text.splitlines() if line.startswith(("import ", "export "))]
    assert text.index("root.Gumshoe = factory(root)") < text.index("new Gumshoe(")


def test_files_that_are_whole_stay(static):
    before = {path: path.read_bytes() for path in static.rglob("*.*") if path.is_file()}
    site_theme.mend_theme(static)
    assert {path: path.read_bytes() for path in before} == before
