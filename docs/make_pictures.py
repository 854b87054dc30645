#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Make the guide's pictures: every flowgraph, the Companion, the dashboard at two SNRs, the first link.

    ./aeiqa python docs/make_pictures.py

Needs no screen, but a virtual one: Debian packages xvfb, openbox, xdotool, wmctrl and imagemagick. Writes
docs/figures/flowgraphs/NAME.png for each flowgraph of examples/, and docs/figures/window-NAME.png.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image

DOCS = Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS.parent / "tests" / "gui"))

from virtual_screen import ROOT, Screen, missing_packages, program_of, virtual_screen, wait_for  # noqa: E402

FIGURES = DOCS / "figures"
FLOWGRAPHS = FIGURES / "flowgraphs"
EXAMPLES = ROOT / "examples" / "simulated"
# Seconds until a curve has something to show; the score's axis is a minute long.
SETTLED = 20
# Pixels of the Companion's window: our category from the right and from above; the console's height.
BLOCK_LIST, BUTTONS, CONSOLE = 200, 64, 256


def main() -> int:
    """Make them all."""
    missing = missing_packages()
    if missing:
        print(f"make_pictures: install {' '.join(missing)}", file=sys.stderr)
        return 2
    FLOWGRAPHS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as home, virtual_screen(home, "1480x1330") as screen:
        flow_graphs(screen)
        companion(screen)
        dashboard(screen, Path(home))
        first_link(screen, Path(home))
    for path in (*FLOWGRAPHS.glob("*.png"), *FIGURES.glob("window-*.png")):
        shrink(path)
    return 0


def flow_graphs(screen: Screen) -> None:
    """Draw those of examples/, and drop the pictures of those that are gone."""
    for path in FLOWGRAPHS.glob("*.png"):
        path.unlink()
    files = sorted((ROOT / "examples").glob("*/*.grc"))
    drawing = screen.start(
        sys.executable, DOCS / "draw_flowgraphs.py", FLOWGRAPHS, *files, stdout=subprocess.DEVNULL
    )
    assert drawing.wait() == 0
    print(f"{len(files)} flowgraphs", flush=True)


def companion(screen: Screen) -> None:
    """The Companion with the dashboard's flowgraph, as large as the screen."""
    file = EXAMPLES / "dashboard.grc"
    screen.start(ROOT / "aeiqa", "companion", file, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    small = screen.window(file.name)
    screen.do("wmctrl", "-r", file.name, "-b", "add,maximized_vert,maximized_horz")
    wait_for(lambda: screen.window(file.name)[2] > small[2])
    time.sleep(SETTLED / 4)
    x, y, width, _ = screen.window(file.name)
    screen.do("xdotool", "mousemove", x + width - BLOCK_LIST, y + BUTTONS, "click", 1)  # open our category
    time.sleep(SETTLED / 4)
    save(screen, file.name, "companion")
    screen.close(file.name)
    # Without the console, which tells of this machine's folders.
    path = FIGURES / "window-companion.png"
    with Image.open(path) as picture:
        part = picture.crop((0, 0, picture.width, picture.height - CONSOLE))
    part.save(path)


def dashboard(screen: Screen, folder: Path) -> None:
    """The running dashboard as it starts, and with the SNR pulled down."""
    title, program = "Images over a fading link", program_of(EXAMPLES / "dashboard.grc", folder)
    screen.start(sys.executable, program, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    box = screen.window(title)
    time.sleep(SETTLED)
    save(screen, title, "dashboard")
    pull_down(screen, box, 0.45)
    time.sleep(SETTLED)
    save(screen, title, "dashboard-noisy")
    screen.close(title)


def first_link(screen: Screen, folder: Path) -> None:
    """The flowgraph that the guide builds, with some noise."""
    title, program = "Your first link", program_of(EXAMPLES / "first_link.grc", folder)
    screen.start(sys.executable, program, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    box = screen.window(title)
    time.sleep(SETTLED / 4)
    pull_down(screen, box, 0.6)
    time.sleep(SETTLED / 4)
    save(screen, title, "first-link")
    screen.close(title)


def pull_down(screen: Screen, box: list[int], share: float) -> None:
    """Click at this share of where the slider stands."""
    row, first, last = screen.slider(box)
    screen.do("xdotool", "mousemove", int(first + share * (last - first)), row, "click", 1)
    screen.do("xdotool", "mousemove", 1, 1)


def save(screen: Screen, title: str, name: str) -> None:
    """Save what a window shows."""
    (line,) = [line for line in screen.do("wmctrl", "-l").splitlines() if title in line]
    screen.do("import", "-window", line.split()[0], FIGURES / f"window-{name}.png")
    print(name, flush=True)


def shrink(path: Path) -> None:
    """Write a picture with 128 colours instead of all: a third of the bytes, and no eye sees it."""
    with Image.open(path) as picture:
        few = picture.convert("RGB").quantize(128, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    few.save(path, optimize=True)


if __name__ == "__main__":
    sys.exit(main())
