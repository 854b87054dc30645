#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The theme's files as Debian packages them, made to work from disk.

Debian builds furo from its sources without their bundler: its style sheet asks a web server for another one
and has lost the rule for people whose system is dark, and its script is a module, which browsers do not load
from disk. Files that are whole stay as they are.
"""

import re
from pathlib import Path

_NORMALIZE = Path("/usr/share/javascript/normalize.css/normalize.css")
_IMPORT = re.compile(r"@import url\(/javascript/normalize\.css/[^)]*\);\n")
_DARK = re.compile(r'^  body\[data-theme="dark"\] \{(?P<colours>[^}]*)\}', re.MULTILINE)
_MODULE = re.compile(r'^import Gumshoe from "\./(?P<file>[\w.-]+)";\n', re.MULTILINE)


def mend_theme(static: Path) -> None:
    """Mend the theme's files in a built site's ``_static`` folder."""
    style, script = static / "styles" / "furo.css", static / "scripts" / "furo.js"
    if style.is_file():
        style.write_text(_whole_style(style.read_text()))
    if script.is_file():
        script.write_text(_whole_script(script.read_text(), script.parent))


def _whole_style(text: str) -> str:
    if _NORMALIZE.is_file():
        text = _IMPORT.sub(lambda found: _NORMALIZE.read_text(), text)
    dark = _DARK.search(text)
    if dark is None or "prefers-color-scheme" in text:
        return text
    rules = f"""
@media not print {{
  @media (prefers-color-scheme: dark) {{
    body:not([data-theme="light"]) {{{dark["colours"]}}}
    html body:not([data-theme="light"]) .only-light {{ display: none !important; }}
    body:not([data-theme="light"]) .only-dark {{ display: block !important; }}
  }}
}}
"""
    return text + rules


def _whole_script(text: str, folder: Path) -> str:
    found = _MODULE.search(text)
    if found is None:
        return text
    # What is imported is written for any loader, and makes a global name without one.
    return (folder / found["file"]).read_text() + "\n" + _MODULE.sub("", text)
