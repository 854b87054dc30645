#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Draw flowgraphs as GNU Radio Companion's own Screen Capture does; needs a display, real or virtual.

./aeiqa python docs/draw_flowgraphs.py FOLDER FLOWGRAPH...

Writes FOLDER/NAME.png for each, and prints a line of JSON for each: its name, the rectangles that its blocks
take with their ports as [x, y, width, height], and what the Companion says against it.
"""

import json
import sys
from pathlib import Path

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("PangoCairo", "1.0")

from gnuradio.grc.gui.Platform import Platform  # noqa: E402

# The Companion's modules import each other, and only from that one does it come right.
# isort: split
from gi.repository import GLib  # noqa: E402
from gnuradio import gr  # noqa: E402
from gnuradio.grc.gui.Application import Application  # noqa: E402
from gnuradio.grc.gui.Utils import make_screenshot  # noqa: E402


def main(folder: str, *files: str) -> int:
    """Open all files in one Companion, draw each, and leave it."""
    version = (gr.major_version(), gr.api_version(), gr.minor_version())
    platform = Platform(
        version=gr.version(), version_parts=version, prefs=gr.prefs(), install_prefix=gr.prefix()
    )
    platform.build_library()
    application = Application(files, platform)

    def draw_all() -> bool:
        for page in application.main_window.get_pages():
            path = Path(page.file_path)
            page.flow_graph.update()  # pages that nobody has looked at have no sizes yet
            make_screenshot(page.flow_graph, str(Path(folder) / f"{path.stem}.png"))
            print(json.dumps({"name": path.stem} | described(page.flow_graph)), flush=True)
        application.quit()
        return False

    application.connect("activate", lambda _: GLib.idle_add(draw_all))
    return application.run()


def described(flow_graph: object) -> dict[str, object]:
    """Return where the blocks are, and the errors."""
    rectangles = {}
    for block in flow_graph.blocks:
        parts = [((0, 0), upright(block))]
        parts += [(port.coordinate, upright(port)) for port in block.active_ports() if not port.hidden]
        left, top = (min(at[axis] for at, _ in parts) for axis in (0, 1))
        right, bottom = (max(at[axis] + size[axis] for at, size in parts) for axis in (0, 1))
        x, y = block.coordinate
        rectangles[block.name] = [x + left, y + top, right - left, bottom - top]
    errors = [f"{element}: {text}" for element, text in flow_graph.iter_error_messages()]
    return {"blocks": rectangles, "errors": errors}


def upright(element: object) -> tuple[float, float]:
    """Return a block's or a port's width and height as it is drawn."""
    turned = element.rotation % 180 != 0
    return (element.height, element.width) if turned else (element.width, element.height)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
