#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Model files: ``NAME.npz`` with plain arrays (never pickles) and its card, ``NAME.json``."""

import hashlib
import json
import os
import platform
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...errors import InputError
from ...files import atomic_write, data_dir, read_arrays, read_json, write_arrays
from ...images import NAMED_SETS
from .architecture import BODIES, Architecture, nn, torch
from .devices import to_array

FORMAT = 1
_MAX_SIDE, _MAX_CLASSES = 4096, 1_000_000  # a card that asks for more would take the memory of the machine


@dataclass(frozen=True)
class Model:
    """A trained network ready for inference, arrays that belong to it (centroids), and its card."""

    module: "nn.Module"
    extras: dict[str, np.ndarray]
    card: dict

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """Height, width and channels of the images it was trained on."""
        return tuple(self.card["architecture"]["input_shape"])


def models_dir(path: str | os.PathLike[str] | None = None, dataset: str = "mnist") -> Path:
    """Return the folder of model files: ``path``, or the one for ``dataset`` that comes with the project.

    Raises ``InputError`` if the project has none for it, with what makes them.
    """
    if path is not None:
        return Path(path)
    if dataset not in NAMED_SETS:
        raise InputError(
            f"dataset {dataset} has no models of its own, as {', '.join(NAMED_SETS)} have: "
            f"./aeiqa train --dataset {dataset} --out DIR makes them, --models DIR takes them"
        )
    return data_dir() / "models" / ("" if dataset == "mnist" else dataset)


def model_name(file: str, seed: int) -> str:
    """Return the name of the model that ``seed`` made: seed 1 has the plain name."""
    return file if seed == 1 else f"{file}-{seed}"


def save_model(
    folder: Path,
    name: str,
    architecture: Architecture,
    module: "nn.Module",
    extras: dict[str, np.ndarray],
    facts: dict,
) -> dict:
    """Write ``folder/name.npz`` and its card, and return the card.

    Weights are kept in half precision. ``extras`` go beside them under ``extra/``. ``facts`` (data set,
    training, results) go into the card with the architecture, the versions and the digest of the .npz file.
    """
    arrays = {
        f"weights/{key}": to_array(tensor.contiguous().half()) for key, tensor in module.state_dict().items()
    }
    arrays |= {f"extra/{key}": array for key, array in extras.items()}
    weights = folder / f"{name}.npz"
    write_arrays(weights, arrays)
    card = {
        "format": FORMAT,
        "name": name,
        "architecture": architecture.as_dict(),
        "preprocessing": "pixels / 255",
        **facts,
        "versions": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "torch": torch.__version__,
        },
        "sha256": _digest(weights),
    }
    with atomic_write(folder / f"{name}.json") as file:
        file.write((json.dumps(card, indent=2) + "\n").encode())
    return card


def load_model(folder: Path, name: str, kind: str) -> Model:
    """Read ``folder/name.npz`` and build its network, which must be a ``kind`` (of ``KINDS``).

    Raises ``InputError``, one line naming the file, if a file is missing or damaged, is not the one its card
    describes, holds another architecture than ``architecture.py`` builds, or values that are not finite.
    """
    weights, card_path = folder / f"{name}.npz", folder / f"{name}.json"
    card = _read_card(card_path)
    architecture = _checked_architecture(card_path, card, kind)
    arrays = _read_arrays(weights, card)
    module = architecture.build()
    state = module.state_dict()
    _check_shapes(weights, arrays, {f"weights/{key}": tuple(tensor.shape) for key, tensor in state.items()})
    module.load_state_dict({key: torch.from_numpy(arrays[f"weights/{key}"]).float() for key in state})
    extras = {key.removeprefix("extra/"): array for key, array in arrays.items() if key.startswith("extra/")}
    return Model(module.to(memory_format=torch.channels_last).eval(), extras, card)


def _read_arrays(path: Path, card: dict) -> dict[str, np.ndarray]:
    """Return the arrays of an .npz file that its card vouches for, all of them finite floats."""
    if _digest(path) != card.get("sha256"):
        raise InputError(f"{path}: damaged, or not the file its card describes (SHA-256 differs)")
    arrays = read_arrays(path)
    for key, array in arrays.items():
        if array.dtype.kind != "f" or not np.isfinite(array).all():
            raise InputError(f"{path}: {key} must hold finite floats")
    return arrays


def _check_shapes(path: Path, arrays: dict[str, np.ndarray], expected: dict[str, tuple[int, ...]]) -> None:
    found = {key: array.shape for key, array in arrays.items() if key.startswith("weights/")}
    for key in sorted(expected.keys() | found.keys()):
        if expected.get(key) != found.get(key):
            wanted, got = expected.get(key, "not part of it"), found.get(key, "missing")
            raise InputError(f"{path}: another architecture: {key} must be {wanted}, is {got}")


def _read_card(path: Path) -> dict:
    try:
        card = read_json(path)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from None
    if card.get("format") != FORMAT:
        raise InputError(f"{path}: not a model card of format {FORMAT}")
    return card


def _checked_architecture(path: Path, card: dict, kind: str) -> Architecture:
    """Return the architecture the card describes, if it is one of ours of the wanted kind."""
    described = card.get("architecture")
    try:
        architecture = Architecture(
            kind, tuple(map(int, described["input_shape"])), int(described["classes"]), described["body"]
        )
        valid = (
            len(architecture.input_shape) == 3
            and min(architecture.input_shape) > 0
            and max(architecture.input_shape) <= _MAX_SIDE
            and 0 <= architecture.classes <= _MAX_CLASSES
            and architecture.body in BODIES
        )
    except (KeyError, TypeError, ValueError):
        valid = False
    if not valid:
        raise InputError(f"{path}: its architecture lacks a valid input_shape, classes or body")
    for field, wanted in architecture.as_dict().items():
        if described.get(field) != wanted:
            raise InputError(
                f"{path}: another architecture: {field} is {described.get(field)!r}, not {wanted!r}"
            )
    return architecture


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from None
