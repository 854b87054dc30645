#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""``./aeiqa check`` above packages and build: versions, data and models, one line each.

It runs when something is missing, so every import waits inside the check that needs it.
"""

import importlib
import signal
import sys
from collections.abc import Callable


def main() -> int:
    """Print one line a part; return 1 if any is missing."""
    checks: dict[str, Callable[[], str]] = {
        "GNU Radio": _gnuradio,
        "module": _module,
        "torch": lambda: _version("torch"),
        "scikit-image": lambda: _version("skimage"),
        "MNIST": _mnist,
        "Fashion-MNIST": lambda: _test_images("fashion-mnist"),
        "colour patches": lambda: _test_images("colour"),
        "models": _models,
        "widgets": _widgets,
        "radios": _radios,
    }
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # a reader that has seen enough ends it quietly
    missing = 0
    for name, check in checks.items():
        try:
            print(f"ok       {name}: {check()}", flush=True)
        except Exception as error:  # whatever breaks an import or a file is what this command has to tell
            missing += 1
            reason = str(error).partition("\n")[0] or type(error).__name__
            print(f"missing  {name}: {reason}", flush=True)
    return 1 if missing else 0


def _version(module: str) -> str:
    return importlib.import_module(module).__version__


def _gnuradio() -> str:
    from gnuradio import gr

    return gr.version()


def _module() -> str:
    from gnuradio import aeiqa

    return f"gnuradio.aeiqa in {aeiqa.__path__[0]}"


def _mnist() -> str:
    from gnuradio.aeiqa.images import load_dataset

    # Loading compares the files with their checksums.
    train, test = (len(load_dataset("mnist", split=split)) for split in ("train", "test"))
    return f"{train} training and {test} test images with the right checksums"


def _test_images(name: str) -> str:
    from gnuradio.aeiqa.images import load_dataset

    return f"{len(load_dataset(name))} test images"


def _models() -> str:
    from gnuradio.aeiqa import iqa
    from gnuradio.aeiqa.images import NAMED_SETS
    from gnuradio.aeiqa.iqa.classifiers.targets import trained_targets
    from gnuradio.aeiqa.iqa.scores.loading import Loader

    found = []
    for name in NAMED_SETS:
        loader = Loader(dataset=name)
        targets = trained_targets(loader.folder)
        loader.target("paper")  # the least that there has to be
        scores = [score for score in iqa.SCORES if loader.seeds(score)]
        for target in targets:
            for score in scores:
                loader.score(score, target)
        found.append(f"{name} (targets {', '.join(targets)}; {len(scores)} scores)")
    return ", ".join(found)


def _widgets() -> str:
    from PyQt5.QtCore import PYQT_VERSION_STR  # isort: skip; pyqtgraph takes the Qt that is there

    return f"PyQt5 {PYQT_VERSION_STR}, pyqtgraph {_version('pyqtgraph')}"


def _radios() -> str:
    from gnuradio.aeiqa.radio import find_radios

    return ", ".join(find_radios()) or "none found (recordings and sockets need none)"


if __name__ == "__main__":
    sys.exit(main())
