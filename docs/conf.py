#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Sphinx's settings for the site; build_site.py prepares its pages and calls Sphinx."""

import re
from typing import Any

from gnuradio.aeiqa import __version__

project = "gr-aeiqa"
copyright = "gr-aeiqa contributors, GPL-3.0-or-later"
author = "gr-aeiqa contributors"
version = release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_copybutton"]
# Pages link to headings as they do on a code host.
myst_heading_anchors = 4
# Blocks without a language are output or commands.
highlight_language = "none"
suppress_warnings = ["myst.header"]  # a page made of a table may skip a level

default_role = "py:obj"
autodoc_typehints = "signature"
autodoc_member_order = "bysource"
autodoc_class_signature = "mixed"
autodoc_preserve_defaults = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True
add_module_names = False
python_use_unqualified_type_names = True

html_theme = "furo"
html_title = f"gr-aeiqa {release}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_js_files = ["accessible.js"]
html_copy_source = False
html_show_sphinx = False
# Both with contrast enough to read.
pygments_style = "xcode"
pygments_dark_style = "github-dark"
copybutton_exclude = ".linenos, .gp, .go"


def setup(app: Any) -> None:
    """Let autodoc take the docstrings' bars, of magnitudes, for no markup."""
    app.connect("autodoc-process-docstring", _escape_bars)


def _escape_bars(
    _app: Any, _what: str, _name: str, _thing: object, _options: object, lines: list[str]
) -> None:
    for number, line in enumerate(lines):
        parts = re.split(r"(``.*?``)", line)
        lines[number] = "".join(part if part.startswith("``") else part.replace("|", "\\|") for part in parts)
