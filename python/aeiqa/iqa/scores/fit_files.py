#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Files of fitted scores: what each score learned of one target, and of which models it holds."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from ...errors import InputError
from ...files import atomic_write, read_arrays, read_json, write_arrays
from ..networks.score_input import Classifier
from .base import Estimator

AWGN = "awgn"  # suffix of fits to AWGN links instead of random bit flips
FORMAT = 3  # of the files, raised when a score's state changes its meaning
_ANSWERS = ": answers"


def fit_name(target: str, variant: str = "") -> str:
    """Return the name of the file with the fits to ``target``."""
    return f"fit-{target}{variant and '-' + variant}"


def save_fits(path: Path, fits: Iterable[tuple[int, Estimator]], models: dict[str, str]) -> None:
    """Write the state of fitted scores (seed of their encoder, score).

    ``models`` are the digests of the target and the encoders by name; a fit is good for no others.
    """
    arrays = {
        f"{score.name}/{seed}/{key}": array for seed, score in fits for key, array in score.state().items()
    }
    arrays |= {f"model/{name}": np.array(digest) for name, digest in models.items()}
    arrays["format"] = np.array(FORMAT)
    write_arrays(path, arrays)


def write_fit_card(path: Path, facts: dict) -> None:
    """Write the card (.json) beside a file of fits, ``facts`` with the file's digest."""
    card = {"format": FORMAT, **facts, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    with atomic_write(_card_path(path)) as file:
        file.write((json.dumps(card, indent=2) + "\n").encode())


def read_fit_card(path: Path) -> dict:
    """Return the card of a file of fits; {} if there is none, or it describes another file."""
    try:
        card = read_json(_card_path(path))
        return card if card.get("sha256") == hashlib.sha256(path.read_bytes()).hexdigest() else {}
    except OSError:
        return {}


def _card_path(path: Path) -> Path:
    return path.with_name(f"{path.name.removesuffix('.npz')}.json")


def restore_fit(
    score: Estimator,
    arrays: dict[str, np.ndarray],
    path: Path,
    seed: int,
    models: dict[str, str],
    fitted: bool,
) -> None:
    """Give ``score`` the state that ``arrays`` of the file ``path`` hold.

    Raises ``InputError`` if the file lacks this score and seed, or was made for other models.
    """
    for name, digest in models.items():
        fitted_to = str(arrays.get(f"model/{name}"))
        # Answers to pictures of another shape say nothing.
        if name.endswith(_ANSWERS) and fitted_to.partition(":")[0] != digest.partition(":")[0]:
            continue
        if fitted_to != digest:
            raise InputError(f"{path}: fitted to another model {name} than the one here; train again")
    prefix = f"{score.name}/{seed}/"
    found = {key.removeprefix(prefix): array for key, array in arrays.items() if key.startswith(prefix)}
    if not found:
        hint = f"; ./aeiqa train --score {score.name} makes it"
        raise InputError(f"{path}: holds no fit of score {score.name} with seed {seed}{hint}")
    if not all(array.dtype.kind == "f" and np.isfinite(array).all() for array in found.values()):
        raise InputError(f"{path}: the fit of score {score.name} must hold finite floats")
    try:
        score.restore(found, fitted)
    except (IndexError, KeyError, RuntimeError, TypeError, ValueError):  # also from torch
        raise InputError(f"{path}: the fit of score {score.name} is not whole") from None


def digests_of(target: Classifier) -> dict[str, str]:
    """Return the digests that identify a target: of its files, and of its answers to fixed pictures if known.

    Of a target without a card, the digest of its name.
    """
    card = getattr(target, "card", None) or {"sha256": hashlib.sha256(target.name.encode()).hexdigest()}
    answers = {f"{target.name}{_ANSWERS}": card["answers"]} if card.get("answers") else {}
    return {target.name: card["sha256"]} | answers


def read_fits(path: Path) -> dict[str, np.ndarray]:
    """Return the arrays of a file of fits; its absence or age is told with what makes it."""
    if not path.exists():
        raise InputError(f"{path}: missing: no score has been fitted to this target (./aeiqa train does)")
    arrays = read_arrays(path)
    if arrays.pop("format", np.array(0)).tolist() != FORMAT:
        raise InputError(f"{path}: fitted by another version of the scores (./aeiqa train fits them anew)")
    return arrays
