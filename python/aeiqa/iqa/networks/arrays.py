#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Plain arrays in .npz files: either whole or not there, and never pickles."""

from pathlib import Path

import numpy as np

from ...errors import InputError
from ...files import write_arrays


def save_arrays(path: Path, arrays: dict[str, np.ndarray]) -> None:
    """Write ``arrays`` to an .npz file; the same arrays make the same bytes. Makes its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_arrays(path, arrays)


def load_arrays(path: Path) -> dict[str, np.ndarray]:
    """Return all arrays of an .npz file. Raises ``InputError`` if it cannot be read or is anything else."""
    try:
        # Opened here, since numpy leaves a file that is no archive open.
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from None
    # For damaged archives and headers numpy raises anything from BadZipFile to SyntaxError.
    except Exception as error:
        raise InputError(f"{path}: not an .npz file of plain arrays ({type(error).__name__})") from None
