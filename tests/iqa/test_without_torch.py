#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Without torch everything else works, and what needs it says so in one line."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

NO_TORCH = """
import sys

class NoTorch:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "torch":
            raise ModuleNotFoundError("No module named 'torch'", name="torch")

sys.meta_path.insert(0, NoTorch())
"""


def run(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_importing_the_package_leaves_torch_alone():
    imports = "import sys; from gnuradio import aeiqa; from gnuradio.aeiqa import iqa"
    assert run(f"{imports}; print('torch' in sys.modules)").stdout == "False\n"


@pytest.mark.parametrize("call", ["load_target('paper')", "load_score('paper')"])
def test_loading_says_what_to_install(call):
    code = f"""{NO_TORCH}
from gnuradio.aeiqa import iqa
from gnuradio.aeiqa.errors import InputError
try:
    iqa.{call}
except InputError as error:
    print(error)
"""
    result = run(code)
    assert result.stderr == ""
    assert result.stdout.count("\n") == 1
    assert result.stdout.startswith("torch is not installed:")
    assert "python3-torch" in result.stdout


def test_the_train_command_says_what_to_install():
    app = ROOT / "apps" / "train.py"
    call = f"sys.argv = ['train']; runpy.run_path({str(app)!r}, run_name='__main__')"
    result = run(f"{NO_TORCH}\nimport runpy; {call}")
    assert result.returncode == 2
    assert result.stderr.startswith("aeiqa train: torch is not installed:")
    assert result.stderr.count("\n") == 1
