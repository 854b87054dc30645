#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The launcher, as users call it: on the project, and on a small stand-in project that it sets up.

Where a test needs a machine without a program or a package, bash functions stand before the real ones.
"""

import os
import shlex
import shutil
import stat
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import pytest
from locale_names import LOCALES, has_locale

ROOT = Path(__file__).parents[2]
COMMANDS = ["sweep", "report", "evaluate", "adapt", "export", "train", "bench", "transmit", "receive", "edge"]
COMMANDS += ["device", "test", "python", "companion", "docs", "install", "uninstall", "check", "help"]

NO_APT = {"command": 'if [ "$2" = apt-get ]; then return 1; fi; builtin command "$@"'}
CMAKE_NOT_INSTALLED = {"dpkg-query": "/usr/bin/dpkg-query \"$@\" | sed '/ cmake$/d'"}
NOT_ROOT = {"id": "echo 1000"}


def launch(*args, launcher=ROOT / "aeiqa", functions=None, cwd=None, **variables):
    """Run the launcher in a bare environment; ``functions`` (name: body) stand before programs in bash."""
    env = {"PATH": "/usr/bin:/bin", "HOME": str(Path.home()), "LANG": "C.UTF-8"}
    if "AEIQA_BUILD_DIR" in os.environ and launcher == ROOT / "aeiqa":
        env["AEIQA_BUILD_DIR"] = os.environ["AEIQA_BUILD_DIR"]
    env |= {f"BASH_FUNC_{name}%%": f"() {{ {body}\n}}" for name, body in (functions or {}).items()}
    env |= {name: str(value) for name, value in variables.items()}
    return subprocess.run([launcher, *args], env=env, cwd=cwd, capture_output=True, text=True, timeout=300)


def assert_one_line_and_status_2(result):
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr.startswith("aeiqa: ")
    assert result.stderr.count("\n") == 1


@pytest.fixture
def project(tmp_path):
    """A copy of the launcher in a project that builds in no time: one target, one test of either kind."""
    return stand_in(tmp_path / "a prøject 画像")


def stand_in(folder):
    (folder / "tests").mkdir(parents=True)
    shutil.copy(ROOT / "aeiqa", folder / "aeiqa")
    (folder / "pytest.ini").write_text("[pytest]\ntestpaths = tests\n")
    (folder / "tests" / "test_one.py").write_text("def test_one():\n    pass\n")
    (folder / "some.so").write_text("")
    (folder / "CMakeLists.txt").write_text(
        """cmake_minimum_required(VERSION 3.18)
        project(stand_in NONE)
        enable_testing()
        add_test(NAME qa_one COMMAND test ! -e "${CMAKE_SOURCE_DIR}/broken")
        add_custom_command(OUTPUT made COMMAND echo made >> "${CMAKE_SOURCE_DIR}/count" COMMAND sleep 0.2
                           COMMAND touch made)
        add_custom_target(all_made ALL DEPENDS made)
        install(FILES some.so DESTINATION lib/python3/gnuradio/aeiqa RENAME aeiqa_python.cpython-311.so)
        install(FILES some.so DESTINATION lib RENAME libgnuradio-aeiqa.so)
        """
    )
    return folder


@pytest.mark.parametrize("args", [(), ("help",), ("--help",), ("-h",)])
def test_usage_names_every_command(args):
    result = launch(*args)
    assert result.returncode == 0
    for command in COMMANDS:
        assert f"\n  {command} " in result.stdout
    for app in (ROOT / "apps").glob("*.py"):
        assert app.stem in COMMANDS


@pytest.mark.parametrize("command", ["swep", "Sweep", "../apps/sweep", "sweep.py", "", "sweep report"])
def test_unknown_command(command):
    result = launch(command)
    assert_one_line_and_status_2(result)
    assert f"'{command}'" in result.stderr


def test_arguments_survive_from_elsewhere_through_a_link(project, tmp_path):
    link = tmp_path / "my aeiqa"
    link.symlink_to(project / "aeiqa")
    script = "import sys, os; print(sys.argv[1:], os.getcwd())"
    args = ["two words", "", "*", "$HOME", "--out=a b"]
    result = launch("python", "-c", script, *args, launcher=link, cwd=tmp_path)
    assert result.stdout == f"{args} {tmp_path}\n"


@pytest.mark.parametrize("name", [*LOCALES, "C", "C.UTF-8", "nowhere"])
def test_every_command_is_known_in_every_locale(project, locales, name):
    (project / "apps").mkdir()
    locale = f"{name}.UTF-8" if name in LOCALES else name
    if name in LOCALES and not has_locale(locales, name):
        pytest.skip("locale definitions are not installed (Debian: locales)")
    variables = {"LC_ALL": locale, "LOCPATH": locales}
    for command in ("sweep", "transmit", "quiz"):  # with i and z, which are ordered differently
        (project / "apps" / f"{command}.py").write_text(f"print('{command}')\n")
        result = launch(command, launcher=project / "aeiqa", **variables)
        assert (result.returncode, result.stdout) == (0, f"{command}\n"), result.stderr
    for command in ("SWEEP", "sweep.py", "swéep"):
        assert launch(command, launcher=project / "aeiqa", **variables).returncode == 2


@pytest.mark.parametrize("name", LOCALES)
def test_numbers_in_messages_are_the_same_in_every_locale(locales, name):
    if not has_locale(locales, name):
        pytest.skip("locale definitions are not installed (Debian: locales)")
    # Qt does this to every process that has a window.
    program = """import locale, sys
locale.setlocale(locale.LC_ALL, "")
from gnuradio import aeiqa
for make in (lambda: aeiqa.impairments(frequency_offset=-0.75), lambda: aeiqa.channel(snr_db=-300.5),
             lambda: aeiqa.qam_demapper(soft=True, noise_variance=-0.5),
             lambda: aeiqa.impairments(clip=-0.25), lambda: aeiqa.ls_equalizer(noise_variance=-0.125),
             lambda: aeiqa.channel(model="rayleigh", fading="jakes", doppler=-0.375)):
    try:
        make()
    except ValueError as error:
        print(error)
"""
    told = [
        launch("python", "-c", program, LC_ALL=locale, LOCPATH=locales).stdout.splitlines()
        for locale in ("C.UTF-8", f"{name}.UTF-8")
    ]
    assert told[0] == told[1]
    assert len(told[0]) == 6
    for line, value in zip(told[0], ("-0.75", "-300.5", "-0.5", "-0.25", "-0.125", "-0.375"), strict=True):
        assert line.endswith(f"got {value}")


def test_exit_status_is_the_commands():
    assert launch("python", "-c", "raise SystemExit(7)").returncode == 7


def test_module_is_found_without_an_installation():
    result = launch("python", "-c", "from gnuradio import aeiqa; print(aeiqa.__path__[0])")
    build = os.environ.get("AEIQA_BUILD_DIR", ROOT / "build")
    assert result.stdout == f"{build}/test_modules/gnuradio/aeiqa\n"


@pytest.mark.parametrize("path", ["", "/nonexistent", "{here}:/usr/bin:/bin"])
def test_interpreter_is_the_distributions_whatever_the_path(project, tmp_path, path):
    for name in ("python3", "cmake", "ninja"):
        (tmp_path / name).write_text("#!/bin/sh\necho impostor; exit 9\n")
        (tmp_path / name).chmod(0o755)
    script = "import sys, gnuradio; print(sys.executable)"
    variables = {"PATH": path.format(here=tmp_path), "PYTHONHOME": "/nonexistent"}
    result = launch("python", "-c", script, launcher=project / "aeiqa", **variables)
    assert result.stdout == "/usr/bin/python3\n"
    assert "impostor" not in result.stderr


def test_another_interpreter_on_request():
    result = launch("python", "-c", "import sys; print(sys.executable)", AEIQA_PYTHON=sys.executable)
    assert result.stdout == f"{sys.executable}\n"


def test_packages_missing_and_no_way_to_install(project):
    hidden = {"command": 'if [ "$2" = sudo ]; then return 1; fi; builtin command "$@"'}
    functions = CMAKE_NOT_INSTALLED | NOT_ROOT | hidden
    result = launch("python", "-c", "pass", launcher=project / "aeiqa", functions=functions)
    assert_one_line_and_status_2(result)
    assert result.stderr.endswith("apt-get update && apt-get install --no-install-recommends cmake\n")


def test_missing_packages_are_installed_through_sudo(project):
    functions = CMAKE_NOT_INSTALLED | NOT_ROOT | {"sudo": f'echo "$@" >> "{project}/asked"'}
    functions |= {"command": 'if [ "$2" = sudo ]; then return 0; fi; builtin command "$@"'}
    result = launch("python", "-c", "print(1)", launcher=project / "aeiqa", functions=functions)
    assert result.stdout == "1\n"
    update, install = (project / "asked").read_text().splitlines()
    assert update.endswith(" update")
    assert install.startswith("env DEBIAN_FRONTEND=noninteractive apt-get ")
    assert install.endswith(" install --no-install-recommends cmake")
    assert "DPkg::Lock::Timeout" in install


def test_docs_installs_what_it_needs_when_first_used(project):
    (project / "docs").mkdir()
    (project / "docs" / "build_site.py").write_text("import sys; print(*sys.argv[1:])\n")
    without_furo = {"dpkg-query": "/usr/bin/dpkg-query \"$@\" | sed '/ furo$/d'"} | NOT_ROOT
    functions = without_furo | {"sudo": f'echo "$@" >> "{project}/asked"'}
    functions |= {"command": 'if [ "$2" = sudo ]; then return 0; fi; builtin command "$@"'}
    assert launch("python", "-c", "", launcher=project / "aeiqa", functions=functions).returncode == 0
    assert not (project / "asked").exists()
    result = launch("docs", "--fresh", launcher=project / "aeiqa", functions=functions)
    assert result.stdout == f"--out {project / 'build' / 'docs'} --fresh\n"
    assert " furo" in (project / "asked").read_text().splitlines()[1]


def test_docs_without_apt_says_what_to_install(project):
    # An interpreter that has GNU Radio's packages and none for the documentation.
    python = project / "python"
    python.write_text("#!/bin/sh\nfor name; do case $name in furo) echo Python module furo ;; esac; done\n")
    python.chmod(0o755)
    result = launch("docs", launcher=project / "aeiqa", functions=NO_APT, AEIQA_PYTHON=python)
    assert_one_line_and_status_2(result)
    assert ": Python module furo (" in result.stderr


def test_failed_installation_shows_why(project):
    functions = CMAKE_NOT_INSTALLED | NOT_ROOT | {"sudo": "echo E: no such mirror >&2; return 100"}
    functions |= {"command": 'if [ "$2" = sudo ]; then return 0; fi; builtin command "$@"'}
    result = launch("python", "-c", "print(1)", launcher=project / "aeiqa", functions=functions)
    assert result.returncode == 1
    assert "E: no such mirror" in result.stderr
    assert "status 100" in result.stderr.splitlines()[-1]


def write_wheel(folder, name, version):
    """Write an empty package of that name, for pip."""
    folder.mkdir(exist_ok=True)
    about = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{name}.py", "")
        wheel.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        wheel.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{about}/RECORD", "")


def test_onnxruntime_goes_into_an_environment_where_its_package_cannot_be_installed(project, tmp_path):
    code = "import importlib.util as u; raise SystemExit(u.find_spec('onnxruntime') is not None)"
    if subprocess.run(["/usr/bin/python3", "-c", code]).returncode:
        pytest.skip("onnxruntime is installed as a package")
    if not Path("/usr/share/doc/python3-venv").exists():
        pytest.skip("no python3-venv")
    functions = NOT_ROOT | {"apt-cache": "return 0", "sudo": "echo E: held broken packages >&2; return 100"}
    functions |= {"command": 'if [ "$2" = sudo ]; then return 0; fi; builtin command "$@"'}
    arguments = ("python", "-c", "import onnxruntime; print(onnxruntime.__file__)", "some model.ONNX")
    pip = {"launcher": project / "aeiqa", "functions": functions, "PIP_NO_INDEX": 1}
    result = launch(*arguments, **pip)
    assert (result.returncode, result.stdout) == (1, "")
    (hint,) = (line for line in result.stderr.splitlines() if line.startswith("without network: "))
    environment = project / "build" / "onnxruntime"
    assert f"{environment};" in shlex.split(hint)
    assert f"{environment}/bin/pip" in shlex.split(hint)

    write_wheel(tmp_path / "wheels", "onnxruntime", "1.0")
    write_wheel(tmp_path / "wheels", "protobuf", "3.20")
    result = launch(*arguments, **pip, PIP_FIND_LINKS=tmp_path / "wheels")
    assert result.returncode == 0, result.stderr
    assert Path(result.stdout.strip()).is_relative_to(environment)
    _, failed, into, *_ = (line for line in result.stderr.splitlines() if "onnxruntime" in line)
    assert "E: held broken packages" in Path(failed.split(" is in ")[1].rstrip(")")).read_text()
    assert f"into {environment} " in into
    assert launch(*arguments, **pip).stderr == ""


def test_without_apt_everything_there_is_enough(project):
    result = launch("python", "-c", "print(1)", launcher=project / "aeiqa", functions=NO_APT)
    assert result.stdout == "1\n"


def test_without_apt_it_says_what_to_install(project):
    hidden = {"command": 'case "$2" in apt-get | ninja) return 1 ;; esac; builtin command "$@"'}
    result = launch("python", "-c", "pass", launcher=project / "aeiqa", functions=hidden)
    assert_one_line_and_status_2(result)
    assert "no apt" in result.stderr
    assert " ninja (" in result.stderr


def test_set_up_once_then_silently(project):
    first = launch("python", "-c", "print(1)", launcher=project / "aeiqa")
    again = launch("python", "-c", "print(1)", launcher=project / "aeiqa")
    assert (first.stdout, again.stdout) == ("1\n", "1\n")
    assert [line.split()[1] for line in first.stderr.splitlines()] == ["configuring", "building"]
    assert again.stderr == ""
    assert (project / "count").read_text() == "made\n"


def test_two_at_once_build_once(project):
    command = [str(project / "aeiqa"), "python", "-c", "print(1)"]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(2)]
    for process in both:
        out, _ = process.communicate(timeout=120)
        assert (process.returncode, out) == (0, b"1\n")
    assert (project / "count").read_text() == "made\n"


def test_nothing_of_an_activated_environment_reaches_the_build(project):
    with (project / "CMakeLists.txt").open("a") as lists:
        lists.write(
            "\nexecute_process(COMMAND env OUTPUT_FILE ${CMAKE_SOURCE_DIR}/configured)"
            '\nadd_custom_target(seen ALL COMMAND env > "${CMAKE_SOURCE_DIR}/built")\n'
        )
    theirs = (
        "CMAKE_PREFIX_PATH CC CXX CPP CFLAGS CXXFLAGS CPPFLAGS LDFLAGS PKG_CONFIG_PATH CPATH LIBRARY_PATH"
    )
    theirs += " LD_LIBRARY_PATH PYTHONPATH NINJA_STATUS CMAKE_ARGS Gnuradio_DIR"
    variables = dict.fromkeys(theirs.split(), "/opt/conda")
    ours = {"CMAKE_CXX_COMPILER_LAUNCHER": "ccache", "CCACHE_DIR": "/a cache"}
    result = launch("python", "-c", "print(1)", launcher=project / "aeiqa", **variables, **ours)
    assert result.stdout == "1\n", result.stderr
    for name in ("configured", "built"):
        seen = (project / name).read_text()
        assert "conda" not in seen
        for key, value in ours.items():
            assert f"\n{key}={value}\n" in f"\n{seen}"


def test_warnings_become_errors_on_request(project):
    launch("python", "-c", "pass", launcher=project / "aeiqa", AEIQA_WERROR="ON")
    assert "AEIQA_WERROR:UNINITIALIZED=ON" in (project / "build" / "CMakeCache.txt").read_text()


def test_without_a_home(project):
    command = ["env", "-i", "PATH=/usr/bin:/bin", project / "aeiqa", "python", "-c", "print(1)"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert result.stdout == "1\n", result.stderr
    command[4:] = ["help"]
    assert subprocess.run([*command[:3], project / "aeiqa", "help"], capture_output=True).returncode == 0


def test_a_home_that_cannot_be_written_to_is_replaced(project, tmp_path):
    place = tmp_path / f"aeiqa-home-{os.geteuid()}"
    arguments = ("python", "-c", "import os; print(os.environ['HOME'])")
    variables = {"HOME": "/dev/null/nobody", "TMPDIR": tmp_path}
    for _ in range(2):
        result = launch(*arguments, launcher=project / "aeiqa", **variables)
        assert (result.returncode, result.stdout) == (0, f"{place}\n"), result.stderr
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    # What another user may have put there is not used.
    place.rmdir()
    place.symlink_to(tmp_path)
    result = launch(*arguments, launcher=project / "aeiqa", **variables)
    assert_one_line_and_status_2(result)
    assert "HOME /dev/null/nobody" in result.stderr


def test_without_the_variable_home_is_the_users(project):
    command = ["env", "-i", "PATH=/usr/bin:/bin", project / "aeiqa", "python", "-c"]
    command.append("import os, pwd; assert os.environ['HOME'] == pwd.getpwuid(os.getuid()).pw_dir")
    assert subprocess.run(command, capture_output=True, timeout=300).returncode == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to become another user")
def test_a_built_checkout_of_somebody_else_runs():
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        project = stand_in(Path(place) / "project")
        with (project / "CMakeLists.txt").open("a") as lists:
            lists.write(
                "\nfile(WRITE ${CMAKE_BINARY_DIR}/lib/libgnuradio-aeiqa.so)"
                "\nfile(WRITE ${CMAKE_BINARY_DIR}/test_modules/gnuradio/aeiqa/aeiqa_python.so)\n"
            )
        other = [
            "setpriv",
            "--reuid=65534",
            "--regid=65534",
            "--clear-groups",
            "env",
            "-i",
            "PATH=/usr/bin:/bin",
        ]
        command = [*other, project / "aeiqa", "python", "-c", "print(1)"]
        before = subprocess.run(command, capture_output=True, text=True, timeout=300)
        assert_one_line_and_status_2(before)
        launch("python", "-c", "pass", launcher=project / "aeiqa")
        after = subprocess.run(command, capture_output=True, text=True, timeout=300)
        assert (after.returncode, after.stdout, after.stderr) == (0, "1\n", "")


def test_tree_may_move(project):
    launch("python", "-c", "pass", launcher=project / "aeiqa")
    moved = project.rename(project.with_name("elsewhere"))
    result = launch("python", "-c", "print(1)", launcher=moved / "aeiqa")
    assert result.stdout == "1\n"


@pytest.mark.parametrize(
    ("line", "log"),
    [
        ('message(FATAL_ERROR "the reason")', "configure.log"),
        ("add_custom_target(bad ALL COMMAND echo the reason COMMAND false)", "build.log"),
    ],
)
def test_broken_build_shows_the_end_of_the_log(project, line, log):
    with (project / "CMakeLists.txt").open("a") as lists:
        lists.write(line)
    result = launch("python", "-c", "print(1)", launcher=project / "aeiqa")
    assert (result.returncode, result.stdout) == (1, "")
    assert "the reason" in result.stderr
    assert str(project / "build" / log) in result.stderr.splitlines()[-1]


@pytest.mark.parametrize("broken", [False, True])
def test_test_runs_both_kinds_and_passes_arguments_on(project, broken):
    if broken:
        (project / "broken").touch()
    result = launch("test", "-q", launcher=project / "aeiqa", cwd="/")
    assert result.returncode == (1 if broken else 0)
    assert f"C++ tests: {'failed' if broken else '1 passed'}" in result.stdout
    assert "1 passed in" in result.stdout.splitlines()[-1]
    assert launch("test", "-k", "nothing", launcher=project / "aeiqa").returncode == 1


def test_install_prints_what_its_prefix_needs(project, tmp_path):
    prefix = tmp_path / "the prefix"
    result = launch("install", str(prefix), launcher=project / "aeiqa")
    assert result.returncode == 0
    assert (prefix / "lib/libgnuradio-aeiqa.so").is_file()
    command = f'{result.stdout}\nprintf "%s\\n" "$PYTHONPATH" "$LD_LIBRARY_PATH" "$GRC_BLOCKS_PATH"'
    shell = subprocess.run(["bash", "-c", command], env={}, capture_output=True, text=True)
    paths = [prefix / "lib/python3", prefix / "lib", prefix / "share/gnuradio/grc/blocks"]
    assert shell.stdout.splitlines() == [str(path) for path in paths]


def test_uninstall_leaves_what_others_put_there(project, tmp_path):
    prefix = tmp_path / "the prefix"
    prefix.mkdir()
    (prefix / "theirs.txt").touch()
    assert launch("install", prefix, launcher=project / "aeiqa").returncode == 0
    (package,) = {path.parent for path in prefix.rglob("aeiqa_python*")}
    (package / "__pycache__").mkdir()
    (package / "__pycache__" / "some.pyc").touch()
    (prefix / "share" / "gr-aeiqa" / "own.txt").touch()
    result = launch("uninstall", prefix, launcher=project / "aeiqa")
    assert (result.returncode, result.stdout) == (0, ""), result.stderr
    assert {path.name for path in prefix.rglob("*") if path.is_file()} == {"theirs.txt", "own.txt"}
    assert not package.exists()
    assert_one_line_and_status_2(launch("uninstall", prefix, launcher=project / "aeiqa"))


@pytest.mark.parametrize("name", ["/nowhere/at/all", "{prefix}/../elsewhere"])
def test_uninstall_removes_nothing_elsewhere(project, tmp_path, name):
    prefix = tmp_path / "prefix"
    assert launch("install", prefix, launcher=project / "aeiqa").returncode == 0
    (tmp_path / "elsewhere").touch()
    files = {path for path in prefix.rglob("*") if path.is_file()}
    with (prefix / "share" / "gr-aeiqa" / "installed-files.txt").open("a") as manifest:
        manifest.write("\n" + name.format(prefix=prefix))
    result = launch("uninstall", prefix, launcher=project / "aeiqa")
    assert_one_line_and_status_2(result)
    assert "which is elsewhere" in result.stderr
    assert {path for path in prefix.rglob("*") if path.is_file()} == files
    assert (tmp_path / "elsewhere").exists()


def test_what_is_installed_is_for_everyone(project, tmp_path):
    prefix = tmp_path / "new" / "prefix"
    tmp_path.chmod(0o755)
    script = 'umask 077; "$0" install "$1"'
    command = ["bash", "-c", script, project / "aeiqa", prefix]
    assert subprocess.run(command, capture_output=True, timeout=300).returncode == 0
    made = [prefix.parent, prefix, *prefix.rglob("*")]
    assert len(made) > 5
    for path in made:
        wanted = 0o755 if path.is_dir() else 0o644
        assert stat.S_IMODE(path.stat().st_mode) & wanted == wanted, path


@pytest.mark.parametrize("name", ["a;b", "a:b", "$HOME", 'a"b', "a\\b", "a\nb"])
def test_a_prefix_that_could_not_be_found_is_refused(project, tmp_path, name):
    result = launch("install", tmp_path / name, launcher=project / "aeiqa")
    assert_one_line_and_status_2(result)
    assert result.stderr.startswith("aeiqa: prefix ")
    assert not (project / "build").exists()
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize(
    "name", ["é 画像", "a'b", "a,b", "a&b", "(a)", "a%b", "a#b", "a*b", "[a]", "@a@", "~a"]
)
def test_a_prefix_of_other_characters_works(project, tmp_path, name):
    prefix = tmp_path / name
    result = launch("install", prefix, launcher=project / "aeiqa")
    assert result.returncode == 0, result.stderr
    assert (prefix / "lib/libgnuradio-aeiqa.so").is_file()
    command = f'{result.stdout}\nprintf "%s\\n" "$LD_LIBRARY_PATH"'
    shell = subprocess.run(["bash", "-c", command], env={}, capture_output=True, text=True)
    assert shell.stdout == f"{prefix / 'lib'}\n"


@pytest.mark.parametrize("name", ["a;b", "a:b"])
def test_a_folder_that_cannot_be_built_in_is_refused(project, name):
    moved = project.rename(project.with_name(name))
    result = launch("python", "-c", "pass", launcher=moved / "aeiqa")
    assert_one_line_and_status_2(result)
    assert "folder" in result.stderr


@pytest.mark.parametrize("command", ["install", "uninstall"])
def test_one_prefix_is_taken(command):
    assert_one_line_and_status_2(launch(command, "/a", "/b"))


def test_companion_without_a_screen():
    result = launch("companion")
    assert_one_line_and_status_2(result)
    assert "DISPLAY" in result.stderr


def test_build_folder_that_cannot_be(tmp_path):
    (tmp_path / "file").touch()
    result = launch("python", "-c", "pass", AEIQA_BUILD_DIR=tmp_path / "file")
    assert_one_line_and_status_2(result)
    assert str(tmp_path / "file") in result.stderr


def test_check_finds_everything():
    result = launch("check")
    assert result.returncode == 0, result.stdout
    assert all(line.startswith("ok ") for line in result.stdout.splitlines())
    assert len(result.stdout.splitlines()) == 12


def test_check_says_what_is_missing(tmp_path):
    nothing = {"AEIQA_BUILD_DIR": tmp_path / "none", "AEIQA_DATA": tmp_path}
    result = launch("check", functions=CMAKE_NOT_INSTALLED, **nothing)
    assert result.returncode == 1
    missing = [line.split()[1] for line in result.stdout.splitlines() if line.startswith("missing ")]
    assert missing[:3] == ["packages:", "build:", "module:"]
    assert not (tmp_path / "none").exists()
