#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Every command works, and gives the same, in whatever environment it is called.

Usually in two: a plain one, and one that has everything odd at once. Each oddity alone takes minutes:
AEIQA_ENVIRONMENTS=1 ./aeiqa test tests/apps/test_environments.py
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from every_command import Environment, results_of_all_commands
from locale_names import LOCALES, has_locale

pytest.importorskip("torch")
if "AEIQA_PYTHON" in os.environ:
    pytest.skip("the distribution's interpreter is what is tried here", allow_module_level=True)

ROOT = Path(__file__).parents[2]
BUILD = Path(os.environ.get("AEIQA_BUILD_DIR", ROOT / "build"))
ODDITIES = ["everything at once"]
if "AEIQA_ENVIRONMENTS" in os.environ:
    ODDITIES += [*LOCALES, "C", "C.UTF-8", "conda", "umask 077", "no HOME", "bad HOME", "path", "read-only"]
PLAIN = {"PATH": "/usr/bin:/bin", "HOME": str(Path.home()), "LC_ALL": "C.UTF-8"}
PLAIN |= {name: os.environ[name] for name in os.environ if name.startswith(("CCACHE_", "AEIQA_BUILD_DIR"))}


def of_conda(folder):
    """Variables as after ``conda activate`` of an environment, which has programs and modules of its own."""
    for path in ("bin", "lib/python3.99/site-packages", "lib/qt/plugins"):
        (folder / path).mkdir(parents=True)
    for name in ("python3", "python", "cmake", "ctest", "ninja", "cc", "c++", "gcc", "grcc", "sphinx-build"):
        program = folder / "bin" / name
        program.write_text("#!/bin/sh\necho impostor >&2\nexit 9\n")
        program.chmod(0o755)
    for name in ("numpy", "gnuradio", "torch", "scipy", "matplotlib", "encodings"):
        module = folder / "lib/python3.99/site-packages" / f"{name}.py"
        module.write_text(f"raise ImportError('impostor: {name}')\n")
    (folder / "lib" / "libzmq.so.5").write_bytes(b"no library")
    other = folder.parent / "other" / "lib/python3.98/site-packages"  # as some shell profile has it
    shutil.copytree(folder / "lib/python3.99/site-packages", other)
    return {
        "PATH": f"{folder}/bin:/usr/bin:/bin",
        "CONDA_PREFIX": str(folder),
        "CONDA_DEFAULT_ENV": "odd",
        "CONDA_SHLVL": "1",
        "PYTHONHOME": str(folder),
        "PYTHONPATH": f"{folder}/lib/python3.99/site-packages:{other}",
        "LD_LIBRARY_PATH": f"{folder}/lib",
        "QT_PLUGIN_PATH": f"{folder}/lib/qt/plugins",
        "CC": f"{folder}/bin/cc",
        "CXX": f"{folder}/bin/c++",
    }


def read_only(checkout):
    """A command that runs another one where the checkout and its build can be read only, there as well."""
    if shutil.which("unshare") is None or subprocess.run(["unshare", "-rm", "true"]).returncode:
        pytest.skip("no user namespaces here")
    script = 'mount --bind "$1" "$2" && for place in "$1" "$2" "$3"; do mount --bind "$place" "$place" && '
    script += 'mount -o remount,bind,ro "$place" || exit 77; done; shift 3; exec "$@"'
    return ["unshare", "-rm", "sh", "-c", script, "read-only", ROOT, checkout, BUILD]


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    """What every command gives in a plain environment."""
    folder = tmp_path_factory.mktemp("plain") / "here"
    return results_of_all_commands(Environment(folder, ROOT / "aeiqa", PLAIN))


def copied_checkout(folder):
    """Copy what git knows of the project, to be built there."""
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    for name in filter(None, names.decode().split("\0")):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, target)


@pytest.mark.parametrize("oddity", ODDITIES)
def test_every_command_gives_the_same(oddity, expected, locales, tmp_path):
    everything = oddity == "everything at once"
    folder, checkout, variables, before, umask = tmp_path / "here", ROOT, dict(PLAIN), (), 0o022
    if oddity in LOCALES or everything:
        name = "tr_TR" if everything else oddity
        assert has_locale(locales, name), "locale definitions are not installed (Debian: locales)"
        variables |= {"LC_ALL": f"{name}.UTF-8", "LOCPATH": str(locales)}
    if oddity in ("C", "C.UTF-8"):
        variables |= {"LC_ALL": oddity}
    if oddity == "conda" or everything:
        variables |= of_conda(tmp_path / "conda")
    if oddity == "umask 077" or everything:
        umask = 0o077
    if oddity == "no HOME" or everything:
        del variables["HOME"]
    if oddity == "bad HOME":
        variables["HOME"] = "/dev/null/home"
    if oddity == "path":
        folder, checkout = tmp_path / "a place für 結果", tmp_path / "a chéckout 画像"
        copied_checkout(checkout)
        variables.pop("AEIQA_BUILD_DIR", None)
    if oddity == "read-only" or everything:
        folder, checkout = tmp_path / "Größe ı", tmp_path / "çheckout 画像 'x"
        checkout.mkdir()
        before = read_only(checkout)
    found = results_of_all_commands(Environment(folder, checkout / "aeiqa", variables, before, umask))
    for command, result in expected.items():
        assert found[command] == result, command


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["docs"], "(docs --out DIR puts the site elsewhere)"),
        (["install", "prefix"], "(AEIQA_BUILD_DIR names another)"),
    ],
)
def test_what_a_read_only_checkout_cannot_do_is_said(arguments, reason, tmp_path):
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    environment = Environment(tmp_path / "here", checkout / "aeiqa", PLAIN, read_only(checkout))
    assert environment.run(*arguments, refusals=[reason]) is None
