#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Settings of all tests: repeatable examples, no screen."""

import os
import signal
import tempfile
import threading

from hypothesis import settings

# Before any test imports matplotlib.
os.environ["MPLBACKEND"] = "Agg"
# Qt draws into memory, and has a folder of its own for what it does not need.
os.environ["QT_QPA_PLATFORM"] = "offscreen"
_runtime_dir = tempfile.TemporaryDirectory(prefix="aeiqa-tests-")
os.environ.setdefault("XDG_RUNTIME_DIR", _runtime_dir.name)
# A shell's background job ignores Ctrl-C, and so would the programs that tests start and interrupt.
if threading.current_thread() is threading.main_thread():  # under xdist it may be another
    signal.signal(signal.SIGINT, signal.default_int_handler)

# The same examples each time, whatever the machine's speed, and nothing left behind in the tree.
settings.register_profile("repeatable", derandomize=True, deadline=None, database=None)
settings.load_profile("repeatable")
