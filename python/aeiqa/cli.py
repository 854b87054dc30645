#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Parts shared by all command lines: the error line, the exit status, option types."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn, Optional

from .errors import InputError

EXIT_USAGE = 2
EXIT_INTERRUPTED = 130


class _Formatter(argparse.HelpFormatter):
    """Fills paragraphs, but leaves examples, which are indented, as they are."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        parts = text.split("\n\n")
        return "\n\n".join(
            part.rstrip() if "\n    " in part else super(_Formatter, self)._fill_text(part, width, indent)
            for part in parts
        )


class ArgumentParser(argparse.ArgumentParser):
    """argparse, but a wrong option is told in one line like every other mistake."""

    @classmethod
    def of(cls, doc: str) -> "ArgumentParser":
        """Return the parser of a command by its module's docstring.

        Args:
            doc: ``./aeiqa NAME: what it does.``, and in further paragraphs what else there is to say, the
                last of them examples.
        """
        first, rest = doc.split("\n\n", 1)
        command, description = first.split(": ", 1)
        name = command.split()[1]
        return cls(prog=f"aeiqa {name}", description=description, epilog=rest, formatter_class=_Formatter)

    def error(self, message: str) -> NoReturn:
        """Print one line and leave with status 2 (argparse would print the whole usage first)."""
        self.exit(EXIT_USAGE, f"{self.prog}: {message} (see {self.prog} --help)\n")


def run(prog: str, main: Callable[[Optional[Sequence[str]]], int]) -> NoReturn:
    """Run ``main(argv)`` and leave with its status; a user's mistake becomes one line on stderr and status 2.

    ``InputError`` and ``OSError`` (a missing file, a full disk, a folder one may not write) are the user's to
    mend and get no traceback; anything else is a bug of ours and keeps it. Ctrl-C leaves with status 130.
    """
    _open_closed_streams()
    # matplotlib refuses to be imported under a backend that it does not know; commands use none.
    os.environ.pop("MPLBACKEND", None)
    try:
        status = main(None)
    except InputError as error:
        print(f"{prog}: {error}", file=sys.stderr)
        status = EXIT_USAGE
    except BrokenPipeError:
        # The reader of our output (head, less) has left; flushing at exit must not complain about it again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = EXIT_USAGE
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        print(f"{prog}: {where}{error.strerror or error}", file=sys.stderr)
        status = EXIT_USAGE
    except KeyboardInterrupt:
        print(f"{prog}: interrupted", file=sys.stderr)
        status = EXIT_INTERRUPTED
    sys.exit(status)


def _open_closed_streams() -> None:
    """Send a closed output (``>&-``) to nowhere; else the next opened file would get its descriptor."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            handle = os.open(os.devnull, os.O_RDWR)
            if handle != number:
                os.dup2(handle, number)
                os.close(handle)
            os.set_inheritable(number, True)
            setattr(sys, name, open(number, "w" if number else "r", encoding="utf-8"))  # noqa: SIM115
